package conformance

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
)

// keygenReads has, for each operation, what a caller gets to see of its answer.
var keygenReads = map[string]func(context.Context, *keygen.Client) (any, error){
	"listKeys": func(ctx context.Context, c *keygen.Client) (any, error) {
		return c.Keys.List(ctx, keygen.ListKeysParams{})
	},
	"createKey": func(ctx context.Context, c *keygen.Client) (any, error) {
		return c.Keys.Create(ctx, keygen.CreateKeyParams{Key: "AAAA-BBBB", PolicyID: sampleID})
	},
	"getKey": func(ctx context.Context, c *keygen.Client) (any, error) { return c.Keys.Get(ctx, sampleID) },
	"updateKey": func(ctx context.Context, c *keygen.Client) (any, error) {
		return c.Keys.Update(ctx, sampleID, keygen.UpdateKeyParams{Key: "AAAA-BBBB"})
	},
	"getKeyPolicy":  func(ctx context.Context, c *keygen.Client) (any, error) { return c.Keys.Policy(ctx, sampleID) },
	"getKeyProduct": func(ctx context.Context, c *keygen.Client) (any, error) { return c.Keys.Product(ctx, sampleID) },
	"listPool": func(ctx context.Context, c *keygen.Client) (any, error) {
		return c.Pool(sampleID).List(ctx, keygen.ListPoolParams{})
	},
	"getPoolKey": func(ctx context.Context, c *keygen.Client) (any, error) { return c.Pool(sampleID).Get(ctx, sampleID) },
	"popPool":    func(ctx context.Context, c *keygen.Client) (any, error) { return c.Pool(sampleID).Pop(ctx) },
	"listPolicies": func(ctx context.Context, c *keygen.Client) (any, error) {
		return c.Policies.List(ctx, keygen.ListPoliciesParams{})
	},
	"createPolicy": func(ctx context.Context, c *keygen.Client) (any, error) {
		return c.Policies.Create(ctx, keygen.CreatePolicyParams{Name: "a", ProductID: sampleID})
	},
	"getPolicy": func(ctx context.Context, c *keygen.Client) (any, error) { return c.Policies.Get(ctx, sampleID) },
	"createProduct": func(ctx context.Context, c *keygen.Client) (any, error) {
		return c.Products.Create(ctx, keygen.CreateProductParams{Name: "a"})
	},
	"getProduct": func(ctx context.Context, c *keygen.Client) (any, error) { return c.Products.Get(ctx, sampleID) },
	"createProductToken": func(ctx context.Context, c *keygen.Client) (any, error) {
		return c.Products.CreateToken(ctx, sampleID)
	},
	"listLicenses": func(ctx context.Context, c *keygen.Client) (any, error) {
		return c.Licenses.List(ctx, keygen.ListLicensesParams{})
	},
	"createLicense": func(ctx context.Context, c *keygen.Client) (any, error) {
		return c.Licenses.Create(ctx, keygen.CreateLicenseParams{PolicyID: sampleID})
	},
	"getLicense": func(ctx context.Context, c *keygen.Client) (any, error) { return c.Licenses.Get(ctx, sampleID) },
}

// keygenUnread are the fields that a caller does not get to see, and why.
func keygenUnread() map[string]string {
	unread := map[string]string{}
	for op := range keygenReads {
		for _, data := range []string{"data", "data[]"} {
			at := op + " " + data
			unread[at+".type"], unread[at+".links.self"] = typeUnread, linkUnread
			for _, relation := range strings.Fields("account policy product bearer owner group") {
				unread[at+".relationships."+relation+".data.type"] = typeUnread
			}
			for _, relation := range strings.Fields("account policy product bearer owner group pool users machines tokens entitlements " +
				"policies licenses platforms channels releases artifacts") {
				unread[at+".relationships."+relation+".links.related"] = linkUnread
			}
		}
		unread[op+" links.self"], unread[op+" links.next"] = linkUnread, cursorUnread
	}
	return unread
}

const (
	typeUnread   = "says what the field is called where the caller finds it"
	linkUnread   = "is an address that the client makes of the ids by itself"
	cursorUnread = "is read as far as there is a cursor in it, which is none in what the test changes it to"
)

func TestKeygenReadsEveryField(t *testing.T) {
	t.Parallel()
	assertReadsEveryField(t, "keygen", keygenUnread(), func(t *testing.T, op string, http *http.Client) (any, error) {
		client, err := keygen.New(keygen.Config{
			Account: "example", Credential: keygen.Token("admin-0v3"), HTTPClient: http, Retry: keygen.RetryPolicy{MaxAttempts: 1},
		})
		require.NoError(t, err)
		require.Contains(t, keygenReads, op)
		return keygenReads[op](t.Context(), client)
	})
}
