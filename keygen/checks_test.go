package keygen

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCanonicalIDs(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		keyID: keyID, strings.ToUpper(keyID): keyID, strings.ReplaceAll(keyID, "-", ""): keyID, "6e936a61-94ad44d188ac-88da9f10eca7": keyID,
		"": "", "6e936a61": "", keyID + "0": "", keyID[1:]: "", keyID + " ": "", "-" + keyID: "", "{" + keyID + "}": "", strings.Replace(keyID, "6", "g", 1): "",
		"6e936a6-194ad-44d1-88ac-88da9f10eca7": "", "6e936a61--94ad-44d1-88ac-88da9f10eca7": "", strings.ReplaceAll(keyID, "-", "_"): "", testToken: "",
		"6e936a61-94ad-44d1-88ac-88da9f10eca": "", strings.Repeat("é", 18): "",
	} {
		got, ok := canonicalID(id)
		assert.Equal(t, want, got, id)
		assert.Equal(t, want != "", ok, id)
	}
}

// Whatever is wrong with the arguments, nothing is sent.
func TestRefusedArgumentsAreNotSent(t *testing.T) {
	t.Parallel()
	const secret = "hidden-value"
	type test struct {
		op     string
		call   func(context.Context, *Client) error
		fields []string
	}
	tests := map[string]test{
		"list by everything": {"listKeys", func(ctx context.Context, c *Client) error {
			_, err := c.Keys.List(ctx, ListKeysParams{Limit: 101, Page: 101, PageSize: -1, Cursor: Set(secret), Order: "up", PolicyID: secret, ProductID: "x"})
			return err
		}, []string{"Limit", "PageSize", "Page", "Cursor", "Page", "Limit", "Order", "PolicyID", "ProductID"}},
		"list negative": {"listKeys", func(ctx context.Context, c *Client) error {
			_, err := c.Keys.List(ctx, ListKeysParams{Limit: -900, Page: -1})
			return err
		}, []string{"Limit", "Page", "Limit"}},
		"list by size alone": {"listKeys", func(ctx context.Context, c *Client) error {
			_, err := c.Keys.List(ctx, ListKeysParams{PageSize: 10})
			return err
		}, []string{"PageSize"}},
		"list by limit and page": {"listPolicies", func(ctx context.Context, c *Client) error {
			_, err := c.Policies.List(ctx, ListPoliciesParams{Limit: 10, Page: 1, ProductID: secret})
			return err
		}, []string{"Limit", "ProductID"}},
		"list by limit and cursor": {"listLicenses", func(ctx context.Context, c *Client) error {
			_, err := c.Licenses.List(ctx, ListLicensesParams{Limit: 10, Cursor: Set(""), PolicyID: secret, ProductID: secret})
			return err
		}, []string{"Limit", "PolicyID", "ProductID"}},
		"list a pool": {"listPool", func(ctx context.Context, c *Client) error {
			_, err := c.Pool(secret).List(ctx, ListPoolParams{Page: 1, Cursor: Set("")})
			return err
		}, []string{"policyID", "Page"}},
		"all keys": {"listKeys", func(ctx context.Context, c *Client) error {
			for key, err := range c.Keys.All(ctx, ListKeysParams{Limit: 5, Page: 3}) {
				assert.Nil(t, key)
				return err
			}
			return nil
		}, []string{"Page", "Limit"}},
		"all of a pool": {"listPool", func(ctx context.Context, c *Client) error {
			for _, err := range c.Pool("").All(ctx, ListPoolParams{PageSize: 101}) {
				return err
			}
			return nil
		}, []string{"policyID", "PageSize"}},
		"create key": {"createKey", func(ctx context.Context, c *Client) error {
			_, err := c.Keys.Create(ctx, CreateKeyParams{})
			return err
		}, []string{"Key", "PolicyID"}},
		"get key": {"getKey", func(ctx context.Context, c *Client) error {
			_, err := c.Keys.Get(ctx, secret)
			return err
		}, []string{"keyID"}},
		"update key": {"updateKey", func(ctx context.Context, c *Client) error {
			_, err := c.Keys.Update(ctx, "..", UpdateKeyParams{Key: "hidden"})
			return err
		}, []string{"keyID", "Key"}},
		"delete key": {"deleteKey", func(ctx context.Context, c *Client) error { return c.Keys.Delete(ctx, "") }, []string{"keyID"}},
		"policy of a key": {"getKeyPolicy", func(ctx context.Context, c *Client) error {
			_, err := c.Keys.Policy(ctx, ".")
			return err
		}, []string{"keyID"}},
		"product of a key": {"getKeyProduct", func(ctx context.Context, c *Client) error {
			_, err := c.Keys.Product(ctx, secret)
			return err
		}, []string{"keyID"}},
		"get pool key": {"getPoolKey", func(ctx context.Context, c *Client) error {
			_, err := c.Pool("").Get(ctx, secret)
			return err
		}, []string{"policyID", "keyID"}},
		"pop": {"popPool", func(ctx context.Context, c *Client) error {
			_, err := c.Pool("").Pop(ctx)
			return err
		}, []string{"policyID"}},
		"create policy": {"createPolicy", func(ctx context.Context, c *Client) error {
			_, err := c.Policies.Create(ctx, CreatePolicyParams{UsePool: true, Encrypted: true, Scheme: SchemeEd25519, Duration: 1500 * time.Millisecond, HeartbeatDuration: -time.Second,
				MaxMachines: -1, CheckInIntervalCount: -1, RenewalBasis: " ", CheckInInterval: "\x00", Metadata: map[string]any{"f": func() {}}})
			return err
		}, []string{"Name", "ProductID", "Encrypted", "Scheme", "Duration", "HeartbeatDuration", "MaxMachines", "CheckInIntervalCount", "RenewalBasis", "CheckInInterval", "Metadata"}},
		"get policy": {"getPolicy", func(ctx context.Context, c *Client) error {
			_, err := c.Policies.Get(ctx, secret)
			return err
		}, []string{"policyID"}},
		"delete policy": {"deletePolicy", func(ctx context.Context, c *Client) error { return c.Policies.Delete(ctx, "") }, []string{"policyID"}},
		"create product": {"createProduct", func(ctx context.Context, c *Client) error {
			_, err := c.Products.Create(ctx, CreateProductParams{Name: strings.Repeat("é", 256), Code: "\xff", URL: " ", DistributionStrategy: "\x00", Platforms: []string{"linux", ""},
				Metadata: map[string]any{"a": []any{"\x00"}}})
			return err
		}, []string{"Name", "Code", "URL", "DistributionStrategy", "Platforms[1]", "Metadata"}},
		"get product": {"getProduct", func(ctx context.Context, c *Client) error {
			_, err := c.Products.Get(ctx, "..")
			return err
		}, []string{"idOrCode"}},
		"create token": {"createProductToken", func(ctx context.Context, c *Client) error {
			_, err := c.Products.CreateToken(ctx, "my-code")
			return err
		}, []string{"productID"}},
		"create license": {"createLicense", func(ctx context.Context, c *Client) error {
			_, err := c.Licenses.Create(ctx, CreateLicenseParams{ID: secret, Key: "short", Name: " ", OwnerID: "x", GroupID: "y", ExpiresAt: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
				MaxMachines: -1, Metadata: map[string]any{"\xff": 1}})
			return err
		}, []string{"PolicyID", "ID", "OwnerID", "GroupID", "Key", "Name", "MaxMachines", "ExpiresAt", "Metadata"}},
		"get license": {"getLicense", func(ctx context.Context, c *Client) error {
			_, err := c.Licenses.Get(ctx, "")
			return err
		}, []string{"idOrKey"}},
		"delete license": {"deleteLicense", func(ctx context.Context, c *Client) error { return c.Licenses.Delete(ctx, secret) }, []string{"licenseID"}},
	}
	for name, key := range map[string]string{
		"blank": strings.Repeat(" ", 9), "short": "hidden7", "long": strings.Repeat("é", 1025), "null": secret + "\x00", "no text": secret + "\xff", "reserved": "actions", "reserved too": "action",
	} {
		tests["create key, "+name] = test{"createKey", func(ctx context.Context, c *Client) error {
			_, err := c.Keys.Create(ctx, CreateKeyParams{Key: key, PolicyID: policyID})
			return err
		}, []string{"Key"}}
		tests["update key, "+name] = test{"updateKey", func(ctx context.Context, c *Client) error {
			_, err := c.Keys.Update(ctx, keyID, UpdateKeyParams{Key: key})
			return err
		}, []string{"Key"}}
	}
	for name, metadata := range map[string]map[string]any{
		"infinity": {"a": math.Inf(1)}, "no text": {"a": "\xff"}, "a name that is no text": {"a": map[string]any{"\xff": 1}}, "null character": {"a": []any{"x", "\x00"}},
	} {
		tests["metadata, "+name] = test{"createLicense", func(ctx context.Context, c *Client) error {
			_, err := c.Licenses.Create(ctx, CreateLicenseParams{PolicyID: policyID, Metadata: metadata})
			return err
		}, []string{"Metadata"}}
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, v := newClient(t, says(200, `{}`))
			e := errorOf(t, test.call(t.Context(), client))
			v.AssertCalls(t, 0)
			assert.ErrorIs(t, e, ErrInvalid)
			assert.Equal(t, test.op, e.Op)
			assert.Zero(t, e.Attempts)
			assert.Equal(t, OutcomeNotApplied, e.Outcome)
			assert.Empty(t, e.LicenseID)
			var fields []string
			for i, f := range e.Fields {
				fields = append(fields, f.Field)
				if i < 10 { // then the text says how many more there are
					assert.ErrorContains(t, e, f.String())
				}
			}
			assert.Equal(t, test.fields, fields)
			assert.NotContains(t, e.Error(), "hidden")
			assert.ErrorContains(t, e, "nothing was sent")
		})
	}
}

// What is at the bounds is sent.
func TestArgumentsAtTheBounds(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(context.Context, *Client) error{
		"shortest key": func(ctx context.Context, c *Client) error {
			_, err := c.Keys.Create(ctx, CreateKeyParams{Key: "éééééééé", PolicyID: policyID})
			return err
		},
		"longest key": func(ctx context.Context, c *Client) error {
			_, err := c.Keys.Update(ctx, keyID, UpdateKeyParams{Key: strings.Repeat("é", 1024)})
			return err
		},
		"shortest license key": func(ctx context.Context, c *Client) error {
			_, err := c.Licenses.Create(ctx, CreateLicenseParams{Key: "123456", PolicyID: policyID, Name: strings.Repeat("n", 300)})
			return err
		},
		"longest license key": func(ctx context.Context, c *Client) error {
			_, err := c.Licenses.Create(ctx, CreateLicenseParams{Key: strings.Repeat("é", 16384), PolicyID: policyID, ExpiresAt: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)})
			return err
		},
		"like a reserved word": func(ctx context.Context, c *Client) error {
			_, err := c.Licenses.Create(ctx, CreateLicenseParams{Key: "Action", PolicyID: policyID})
			return err
		},
		"longest name": func(ctx context.Context, c *Client) error {
			_, err := c.Policies.Create(ctx, CreatePolicyParams{Name: strings.Repeat("é", 255), ProductID: productID, Encrypted: true, Scheme: SchemeLegacyEncrypt})
			return err
		},
		"page 100": func(ctx context.Context, c *Client) error {
			_, err := c.Keys.List(ctx, ListKeysParams{Page: 100, PageSize: 100})
			return err
		},
		"limit 1": func(ctx context.Context, c *Client) error {
			_, err := c.Keys.List(ctx, ListKeysParams{Limit: 1})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, v := newClient(t, refuses(401, "Unauthorized", "no", "TOKEN_INVALID", ""))
			require.ErrorIs(t, call(t.Context(), client), ErrTokenInvalid)
			v.AssertCalls(t, 1)
		})
	}
}

func TestWhatToDoBeyondPage100(t *testing.T) {
	t.Parallel()
	client, _ := newClient(t, lost)
	_, err := client.Keys.List(t.Context(), ListKeysParams{Page: 101})
	assert.ErrorContains(t, err, "101 is beyond page 100, the last that the vendor numbers: use Cursor or All")
}

// Calls leave the parameters of their callers alone.
func TestParametersStayAsTheyAre(t *testing.T) {
	t.Parallel()
	client, _ := newClient(t, says(201, document+licenseJSON+`}`))
	params := CreateLicenseParams{PolicyID: strings.ToUpper(policyID), Metadata: map[string]any{"a": 1}}
	for range 2 {
		_, err := client.Licenses.Create(t.Context(), params)
		require.NoError(t, err)
	}
	assert.Equal(t, CreateLicenseParams{PolicyID: strings.ToUpper(policyID), Metadata: map[string]any{"a": 1}}, params)
}

func TestLicenseExpires(t *testing.T) {
	t.Parallel()
	license := licenseWant()
	assert.False(t, license.Expired(license.ExpiresAt.Add(-1)))
	assert.True(t, license.Expired(license.ExpiresAt))
	assert.False(t, (&License{}).Expired(time.Now()))
}
