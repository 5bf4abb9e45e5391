package keygen

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
	"github.com/keysmith-go/keysmith/internal/keygenwire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// callCase is one call of a method: what it puts on the wire, what it makes of
// the vendor's answer, and what becomes of odd ones.
type callCase struct {
	name  string
	op    string
	class transport.Class
	call  func(context.Context, *Client) (any, error)

	method, url string // below the base URL and the account
	body        string // JSON; "" = none

	status int
	answer string
	want   any

	unreadable, lacking []string // answers that cannot be read, or lack what they are about
}

const (
	keysURL     = "/keys"
	keyURL      = "/keys/" + keyID
	policyURL   = "/policies/" + policyID
	poolURL     = policyURL + "/pool"
	productURL  = "/products/" + productID
	licenseURL  = "/licenses/" + licenseID
	document    = `{"data": `
	newKeyBody  = `{"data": {"type": "keys", "attributes": {"key": "` + testKey + `"}, "relationships": {"policy": {"data": {"type": "policies", "id": "` + policyID + `"}}}}}`
	cursorFirst = "page%5Bcursor%5D=&page%5Bsize%5D=2"
)

func keyDocument(links string) string { return `{"data": [` + keyJSON + `]` + links + `}` }

func callCases() []callCase {
	var (
		broken    = []string{``, `null`, `[]`, `OK`, `{"data": []}`, `{"data": {"id": "x"`, `{"data": {"id": 7}}`}
		noKey     = []string{`{}`, `{"data": null}`, `{"data": {}}`, `{"data": {"id": "` + keyID + `"}}`, `{"data": {"attributes": {"key": "` + testKey + `"}}}`, `{"data": {"id": "", "attributes": {"key": "k"}}}`, `{"data": {"id": "x", "attributes": {"key": ""}}}`}
		noID      = []string{`{}`, `{"data": null}`, `{"data": {}}`, `{"data": {"attributes": {"name": "x"}}}`}
		noList    = []string{`{}`, `{"data": null}`, `{"links": {"next": null}}`, `{"data": [{}]}`}
		brokenOne = []string{``, `null`, `[]`, `OK`, `{"data": {}}`, `{"data": [`}
	)
	return []callCase{
		{
			name: "list keys", op: "listKeys", class: transport.Read, method: "GET", url: keysURL,
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Keys.List(ctx, ListKeysParams{}) },
			answer: keyDocument(""), want: &Page[Key]{Items: []*Key{keyWant()}}, unreadable: brokenOne, lacking: append(noList, `{"data": [{"id": "x"}]}`),
		},
		{
			name: "list no keys", op: "listKeys", class: transport.Read, method: "GET", url: keysURL,
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Keys.List(ctx, ListKeysParams{}) },
			answer: `{"data": []}`, want: &Page[Key]{Items: []*Key{}},
		},
		{
			name: "list keys by limit", op: "listKeys", class: transport.Read, method: "GET",
			url: keysURL + "?limit=100&order=asc&product=" + productID + "&policy=" + policyID,
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Keys.List(ctx, ListKeysParams{Limit: 100, Order: OldestFirst, PolicyID: strings.ToUpper(policyID), ProductID: strings.ReplaceAll(productID, "-", "")})
			},
			answer: keyDocument(""), want: &Page[Key]{Items: []*Key{keyWant()}},
		},
		{
			name: "list keys by number", op: "listKeys", class: transport.Read, method: "GET", url: keysURL + "?page%5Bsize%5D=5&page%5Bnumber%5D=2&order=desc",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Keys.List(ctx, ListKeysParams{Page: 2, PageSize: 5, Order: NewestFirst})
			},
			answer: keyDocument(`, "links": {"self": "/x", "prev": null, "next": "/v1/accounts/acme/keys?page%5Bnumber%5D=3&page%5Bsize%5D=5", "meta": {"pages": 3, "count": 11}}`),
			want:   &Page[Key]{Items: []*Key{keyWant()}, Pages: 3, Count: 11},
		},
		{
			name: "list keys by cursor", op: "listKeys", class: transport.Read, method: "GET", url: keysURL + "?page%5Bcursor%5D=" + keyID,
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Keys.List(ctx, ListKeysParams{Cursor: Set(keyID)})
			},
			answer: keyDocument(`, "links": {"self": "/x", "next": "/v1/accounts/acme/keys?page%5Bcursor%5D=` + licenseID + `&page%5Bsize%5D=5"}`),
			want:   &Page[Key]{Items: []*Key{keyWant()}, Next: licenseID}, unreadable: brokenOne,
			lacking: append(noList, keyDocument(""), keyDocument(`, "links": null`), keyDocument(`, "links": {"next": "/v1/accounts/acme/keys?page%5Bcursor%5D="}`), keyDocument(`, "links": {"next": "/keys?page[cursor]=2"}`),
				keyDocument(`, "links": {"next": "/v1/accounts/acme/keys"}`), keyDocument(`, "links": {"next": "%zz"}`)),
		},
		{
			name: "list the first keys by cursor", op: "listKeys", class: transport.Read, method: "GET", url: keysURL + "?page%5Bsize%5D=2&page%5Bcursor%5D=",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Keys.List(ctx, ListKeysParams{Cursor: Set(""), PageSize: 2})
			},
			answer: keyDocument(`, "links": {"self": "/x", "next": null}`), want: &Page[Key]{Items: []*Key{keyWant()}},
		},
		{
			name: "create a key", op: "createKey", class: transport.Idempotent, method: "POST", url: keysURL, body: newKeyBody,
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Keys.Create(ctx, CreateKeyParams{Key: testKey, PolicyID: strings.ToUpper(policyID)})
			},
			status: 201, answer: document + keyJSON + `}`, want: keyWant(), unreadable: broken, lacking: noKey,
		},
		{
			name: "create an odd key", op: "createKey", class: transport.Idempotent, method: "POST", url: keysURL,
			body: `{"data": {"type": "keys", "attributes": {"key": " <\"&>\u2028\\ é日本 "}, "relationships": {"policy": {"data": {"type": "policies", "id": "` + policyID + `"}}}}}`,
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Keys.Create(ctx, CreateKeyParams{Key: " <\"&>\u2028\\ é日本 ", PolicyID: policyID})
			},
			status: 201, answer: document + keyJSON + `}`, want: keyWant(),
		},
		{
			name: "get a key", op: "getKey", class: transport.Read, method: "GET", url: keyURL,
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Keys.Get(ctx, strings.ToUpper(strings.ReplaceAll(keyID, "-", "")))
			},
			answer: document + keyJSON + `}`, want: keyWant(), unreadable: broken, lacking: noKey,
		},
		{
			name: "update a key", op: "updateKey", class: transport.Idempotent, method: "PATCH", url: keyURL,
			body: `{"data": {"type": "keys", "attributes": {"key": "9adce-26df1-9c487-nb293-d0279"}}}`,
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Keys.Update(ctx, keyID, UpdateKeyParams{Key: "9adce-26df1-9c487-nb293-d0279"})
			},
			answer: document + keyJSON + `}`, want: keyWant(), unreadable: broken, lacking: noKey,
		},
		{
			name: "delete a key", op: "deleteKey", class: transport.Idempotent, method: "DELETE", url: keyURL, status: 204,
			call: func(ctx context.Context, c *Client) (any, error) { return nil, c.Keys.Delete(ctx, keyID) },
		},
		{
			name: "get a key's policy", op: "getKeyPolicy", class: transport.Read, method: "GET", url: keyURL + "/policy",
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Keys.Policy(ctx, keyID) },
			answer: document + policyJSON + `}`, want: policyWant(), unreadable: broken, lacking: noID,
		},
		{
			name: "get a key's product", op: "getKeyProduct", class: transport.Read, method: "GET", url: keyURL + "/product",
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Keys.Product(ctx, keyID) },
			answer: document + productJSON + `}`, want: productWant(), unreadable: broken, lacking: noID,
		},
		{
			name: "list a pool", op: "listPool", class: transport.Read, method: "GET", url: poolURL + "?limit=3&order=asc",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Pool(strings.ToUpper(policyID)).List(ctx, ListPoolParams{Limit: 3, Order: OldestFirst})
			},
			answer: keyDocument(""), want: &Page[Key]{Items: []*Key{keyWant()}}, unreadable: brokenOne, lacking: noList,
		},
		{
			name: "get a pool's key", op: "getPoolKey", class: transport.Read, method: "GET", url: poolURL + "/" + keyID,
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Pool(policyID).Get(ctx, keyID) },
			answer: document + keyJSON + `}`, want: keyWant(), unreadable: broken, lacking: noKey,
		},
		{
			name: "pop", op: "popPool", class: transport.Once, method: "DELETE", url: poolURL,
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Pool(policyID).Pop(ctx) },
			answer: document + keyJSON + `}`, want: keyWant(), unreadable: broken, lacking: noKey,
		},
		{
			name: "list policies", op: "listPolicies", class: transport.Read, method: "GET", url: "/policies?limit=1&product=" + productID,
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Policies.List(ctx, ListPoliciesParams{Limit: 1, ProductID: productID})
			},
			answer: `{"data": [` + policyJSON + `]}`, want: &Page[Policy]{Items: []*Policy{policyWant()}}, unreadable: brokenOne, lacking: noList,
		},
		{
			name: "create a policy", op: "createPolicy", class: transport.Once, method: "POST", url: "/policies",
			body: `{"data": {"type": "policies", "attributes": {"name": "Beta", "usePool": true, "duration": 1209600, "protected": false, "maxMachines": 1, "metadata": {"tier": "<beta>"}},
				"relationships": {"product": {"data": {"type": "products", "id": "` + productID + `"}}}}}`,
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Policies.Create(ctx, CreatePolicyParams{Name: "Beta", ProductID: strings.ToUpper(productID), UsePool: true, Duration: 14 * 24 * time.Hour,
					Protected: Set(false), MaxMachines: 1, Metadata: map[string]any{"tier": "<beta>"}})
			},
			status: 201, answer: document + policyJSON + `}`, want: policyWant(), unreadable: broken, lacking: noID,
		},
		{
			name: "get a policy", op: "getPolicy", class: transport.Read, method: "GET", url: policyURL,
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Policies.Get(ctx, policyID) },
			answer: document + policyJSON + `}`, want: policyWant(), unreadable: broken, lacking: noID,
		},
		{
			name: "delete a policy", op: "deletePolicy", class: transport.Idempotent, method: "DELETE", url: policyURL, status: 204,
			call: func(ctx context.Context, c *Client) (any, error) { return nil, c.Policies.Delete(ctx, policyID) },
		},
		{
			name: "create a product", op: "createProduct", class: transport.Once, method: "POST", url: "/products",
			body: `{"data": {"type": "products", "attributes": {"name": "App", "code": "app", "url": "https://app.example", "distributionStrategy": "OPEN",
				"platforms": ["linux"], "metadata": {}}}}`,
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Products.Create(ctx, CreateProductParams{Name: "App", Code: "app", URL: "https://app.example", DistributionStrategy: DistributionOpen,
					Platforms: []string{"linux"}, Metadata: map[string]any{}})
			},
			status: 201, answer: document + productJSON + `}`, want: productWant(), unreadable: broken, lacking: noID,
		},
		{
			name: "create a product with a name", op: "createProduct", class: transport.Once, method: "POST", url: "/products",
			body: `{"data": {"type": "products", "attributes": {"name": "App"}}}`,
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Products.Create(ctx, CreateProductParams{Name: "App", Platforms: []string{}})
			},
			status: 201, answer: document + productJSON + `}`, want: productWant(),
		},
		{
			name: "get a product", op: "getProduct", class: transport.Read, method: "GET", url: productURL,
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Products.Get(ctx, productID) },
			answer: document + productJSON + `}`, want: productWant(), unreadable: broken, lacking: noID,
		},
		{
			name: "get a product by its code", op: "getProduct", class: transport.Read, method: "GET", url: "/products/my%2Fapp%20%3F",
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Products.Get(ctx, "my/app ?") },
			answer: document + productJSON + `}`, want: productWant(),
		},
		{
			name: "get a product by a code that looks like an id", op: "getProduct", class: transport.Read, method: "GET", url: "/products/" + strings.ToUpper(productID),
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Products.Get(ctx, strings.ToUpper(productID))
			},
			answer: document + productJSON + `}`, want: productWant(),
		},
		{
			name: "create a product token", op: "createProductToken", class: transport.Once, method: "POST", url: productURL + "/tokens",
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Products.CreateToken(ctx, productID) },
			answer: document + tokenJSON + `}`, want: tokenWant(), unreadable: broken,
			lacking: append(noID, `{"data": {"id": "x"}}`, `{"data": {"id": "x", "attributes": {"token": ""}}}`),
		},
		{
			name: "list licenses", op: "listLicenses", class: transport.Read, method: "GET", url: "/licenses?page%5Bsize%5D=9&page%5Bnumber%5D=1&product=" + productID + "&policy=" + policyID,
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Licenses.List(ctx, ListLicensesParams{Page: 1, PageSize: 9, PolicyID: policyID, ProductID: productID})
			},
			answer: `{"data": [` + licenseJSON + `]}`, want: &Page[License]{Items: []*License{licenseWant()}}, unreadable: brokenOne, lacking: noList,
		},
		{
			name: "create a license", op: "createLicense", class: transport.Once, method: "POST", url: "/licenses",
			body: `{"data": {"type": "licenses", "id": "` + licenseID + `", "attributes": {}, "relationships": {"policy": {"data": {"type": "policies", "id": "` + policyID + `"}}}}}`,
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Licenses.Create(ctx, CreateLicenseParams{ID: strings.ToUpper(licenseID), PolicyID: policyID})
			},
			status: 201, answer: document + licenseJSON + `}`, want: licenseWant(), unreadable: broken, lacking: noID,
		},
		{
			name: "create a license with everything", op: "createLicense", class: transport.Once, method: "POST", url: "/licenses",
			body: `{"data": {"type": "licenses", "id": "` + licenseID + `", "attributes": {"key": "my-own-key", "name": "order 1042", "expiry": "2017-01-02T20:26:53.464Z",
				"suspended": true, "protected": true, "maxMachines": 5, "metadata": {"order": 1042, "nested": [{"a": null}]}},
				"relationships": {"policy": {"data": {"type": "policies", "id": "` + policyID + `"}}, "owner": {"data": {"type": "users", "id": "` + userID + `"}},
				"group": {"data": {"type": "groups", "id": "` + groupID + `"}}}}}`,
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Licenses.Create(ctx, CreateLicenseParams{ID: licenseID, PolicyID: policyID, Key: "my-own-key", Name: "order 1042", OwnerID: userID, GroupID: groupID,
					ExpiresAt: t0.In(time.FixedZone("east", 3600)), Suspended: true, Protected: Set(true), MaxMachines: 5,
					Metadata: map[string]any{"order": 1042, "nested": []any{map[string]any{"a": nil}}}})
			},
			status: 201, answer: document + licenseJSON + `}`, want: licenseWant(),
		},
		{
			name: "get a license", op: "getLicense", class: transport.Read, method: "GET", url: licenseURL,
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Licenses.Get(ctx, licenseID) },
			answer: document + licenseJSON + `}`, want: licenseWant(), unreadable: broken, lacking: noID,
		},
		{
			name: "get a license by its key", op: "getLicense", class: transport.Read, method: "GET", url: "/licenses/key%2Fabc=.%3F%20d",
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Licenses.Get(ctx, "key/abc=.? d") },
			answer: document + licenseJSON + `}`, want: licenseWant(),
		},
		{
			name: "get a license by a key that looks like an id", op: "getLicense", class: transport.Read, method: "GET", url: "/licenses/0A1B2C3D4E5F60718293A4B5C6D7E8F9",
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Licenses.Get(ctx, "0A1B2C3D4E5F60718293A4B5C6D7E8F9")
			},
			answer: document + licenseJSON + `}`, want: licenseWant(),
		},
		{
			name: "delete a license", op: "deleteLicense", class: transport.Idempotent, method: "DELETE", url: licenseURL, status: 204,
			call: func(ctx context.Context, c *Client) (any, error) { return nil, c.Licenses.Delete(ctx, licenseID) },
		},
	}
}

// oneOfEachOperation are the first cases of the operations.
func oneOfEachOperation() (cases []callCase) {
	seen := map[string]bool{}
	for _, c := range callCases() {
		if !seen[c.op] {
			seen[c.op] = true
			cases = append(cases, c)
		}
	}
	return cases
}

// dry calls the method and drops its result, as most tests do.
func (c callCase) dry(ctx context.Context, client *Client) error {
	_, err := c.call(ctx, client)
	return err
}

// fine is the vendor's answer to the call.
func (c callCase) fine() answer { return says(max(c.status, 200), c.answer) }

// attempts is how often the call is sent when the answer is lost each time.
func (c callCase) attempts() int {
	if c.class == transport.Once {
		return 1
	}
	return 3
}

// questions is how often it then asks besides what became of it.
func (c callCase) questions() int {
	if c.op == "createLicense" {
		return 3 // a Read, whose answers are lost as well
	}
	return 0
}

func TestEveryOperationIsCovered(t *testing.T) {
	t.Parallel()
	covered := map[string]transport.Class{}
	for _, c := range callCases() {
		covered[c.op] = c.class
	}
	for _, op := range keygenwire.Operations() {
		assert.Equal(t, op.Class, covered[op.ID], op.ID)
		delete(covered, op.ID)
	}
	assert.Empty(t, covered, "not in the document")
}

func TestCallsOnTheWire(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client, v := newClient(t, c.fine())
			got, err := c.call(t.Context(), client)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)

			require.Len(t, v.Calls, 1)
			call := v.Calls[0]
			assert.Equal(t, c.method, call.Method)
			assert.Equal(t, DefaultBaseURL+"/accounts/acme"+c.url, call.URL)
			assert.Equal(t, []string{"Bearer " + testToken}, call.Header["Authorization"])
			assert.Equal(t, []string{mediaType}, call.Header["Accept"])
			assert.Regexp(t, `^keysmith-go/\S+ \(keygen\)$`, call.Header.Get("User-Agent"))
			if c.body == "" {
				assert.False(t, call.HasBody)
				assert.Len(t, call.Header, 3)
			} else {
				assert.Equal(t, []string{mediaType}, call.Header["Content-Type"])
				assert.Len(t, call.Header, 4)
				assert.JSONEq(t, c.body, call.Body)
				assert.NotContains(t, call.Body, `"meta"`)
				assert.NotContains(t, call.Body, `\u003c`, "needless escapes")
			}
		})
	}
}

// A successful answer that cannot be read is no success, but proves that the
// call took effect if it was to change something.
func TestAnswersThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		for _, body := range c.unreadable {
			c.isNoAnswer(t, body, OutcomeApplied)
		}
	}
}

// One that can be read but lacks what it is about proves nothing.
func TestAnswersThatLackWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		for _, body := range c.lacking {
			c.isNoAnswer(t, body, OutcomeUnknown)
		}
	}
}

func (c callCase) isNoAnswer(t *testing.T, body string, outcome Outcome) {
	attempts := 1
	if c.class == transport.Read {
		outcome, attempts = OutcomeNotApplied, 3
	}
	t.Run(c.name+": "+body, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			client, v := newClient(t, says(max(c.status, 200), body))
			e := errorOf(t, c.dry(t.Context(), client))
			assert.ErrorIs(t, e, ErrBadResponse)
			assert.Equal(t, c.op, e.Op)
			assert.Equal(t, outcome, e.Outcome)
			assert.Equal(t, outcome == OutcomeUnknown, errors.Is(e, ErrUnknownOutcome))
			v.AssertCalls(t, attempts+c.questions())
		})
	})
}

// Whether a call is repeated after a lost answer depends on its class, not on
// its HTTP method: of two kinds of DELETE one is repeated.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, v := newClient(t, lost)
				e := errorOf(t, c.dry(t.Context(), client))
				v.AssertCalls(t, c.attempts()+c.questions())
				assert.Equal(t, c.attempts(), e.Attempts)
				assert.Equal(t, c.op, e.Op)
				assert.ErrorIs(t, e, errLost)
				assert.Equal(t, c.class != transport.Read, errors.Is(e, ErrUnknownOutcome))
				assert.Equal(t, c.class != transport.Read, strings.Contains(e.Error(), "outcome unknown: "), "with the way to find out")
				assert.False(t, c.class != transport.Read && e.Temporary())
			})
		})
	}
}

func TestRateLimitIsWaitedOut(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, v := newClient(t, refuses(429, "Too many requests", "Throttle limit has been reached for your IP address.", "TOO_MANY_REQUESTS", "", "Retry-After", "2"), c.fine())
				began := time.Now()
				got, err := c.call(t.Context(), client)
				require.NoError(t, err)
				assert.Equal(t, c.want, got)
				assert.Equal(t, 2*time.Second, time.Since(began))
				v.AssertCalls(t, 2)
				assert.Equal(t, v.Calls[0], v.Calls[1], "the same request again")
			})
		})
	}
}

// After an attempt that may have deleted the thing, the vendor's not-found says
// that it has. Nothing else does.
func TestDeleteThatFindsNothing(t *testing.T) {
	t.Parallel()
	notFound := func(what string) answer {
		return refuses(404, "Not found", "The requested "+what+" 'x' was not found", "NOT_FOUND", "")
	}
	deletions := map[string]func(context.Context, *Client) error{
		"key":     func(ctx context.Context, c *Client) error { return c.Keys.Delete(ctx, keyID) },
		"policy":  func(ctx context.Context, c *Client) error { return c.Policies.Delete(ctx, policyID) },
		"license": func(ctx context.Context, c *Client) error { return c.Licenses.Delete(ctx, licenseID) },
	}
	for what, remove := range deletions {
		for name, test := range map[string]struct {
			answers []answer
			done    bool
			kind    error
			outcome Outcome
		}{
			"at once":                {[]answer{notFound(what)}, false, ErrNotFound, OutcomeNotApplied},
			"after a lost answer":    {[]answer{lost, notFound(what)}, true, nil, 0},
			"after a failing vendor": {[]answer{says(500, ``), notFound(what)}, true, nil, 0},
			"after a rate limit":     {[]answer{says(429, ``), notFound(what)}, false, ErrNotFound, OutcomeNotApplied},
			"after both":             {[]answer{lost, says(429, ``), notFound(what)}, true, nil, 0},
			"but it is the account":  {[]answer{lost, notFound("account")}, false, ErrAccountNotFound, OutcomeUnknown},
			"but it is the route": {[]answer{lost, refuses(404, "Not found", "The requested endpoint was not found (check your HTTP method, Accept header, and URL path)", "NOT_FOUND", "")},
				false, ErrNotFound, OutcomeUnknown},
			"but it is a proxy's":   {[]answer{lost, saysAs(404, `<html>not here</html>`, "Content-Type", "text/html")}, false, ErrBadResponse, OutcomeUnknown},
			"but it says nothing":   {[]answer{lost, says(404, ``)}, false, ErrNotFound, OutcomeUnknown},
			"but it is forbidden":   {[]answer{lost, refuses(403, "Access denied", "You do not have permission", "", "")}, false, ErrForbidden, OutcomeUnknown},
			"but there are several": {[]answer{lost, says(404, `{"errors": [{"detail": "The requested key 'x' was not found"}, {"detail": "no"}]}`)}, false, ErrNotFound, OutcomeUnknown},
		} {
			t.Run(what+": "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					client, v := newClient(t, test.answers...)
					err := remove(t.Context(), client)
					v.AssertCalls(t, len(test.answers))
					if test.done {
						assert.NoError(t, err)
						return
					}
					e := errorOf(t, err)
					assert.ErrorIs(t, e, test.kind)
					assert.Equal(t, test.outcome, e.Outcome)
				})
			})
		}
	}
}

func TestCutAnswer(t *testing.T) {
	t.Parallel()
	client, v := newClient(t, func(s sent) (*http.Response, error) {
		resp, err := clienttest.Cuts(200, `{"data": {"id": "`)(s)
		resp.Header.Set("Content-Type", mediaType)
		return resp, err
	})
	_, err := client.Pool(policyID).Pop(t.Context())
	e := errorOf(t, err)
	assert.ErrorIs(t, e, ErrBadResponse)
	assert.ErrorIs(t, e, io.ErrUnexpectedEOF)
	assert.Equal(t, OutcomeApplied, e.Outcome)
	v.AssertCalls(t, 1)
}

func TestCancelledCallSendsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range callCases() {
		client, v := newClient(t, c.fine())
		e := errorOf(t, c.dry(ctx, client))
		assert.ErrorIs(t, e, context.Canceled)
		assert.Equal(t, OutcomeNotApplied, e.Outcome)
		v.AssertCalls(t, 0)
	}
}

func TestPoolKnowsItsPolicy(t *testing.T) {
	t.Parallel()
	client, v := newClient(t, lost)
	assert.Equal(t, policyID, client.Pool(policyID).PolicyID())
	v.AssertCalls(t, 0)
}
