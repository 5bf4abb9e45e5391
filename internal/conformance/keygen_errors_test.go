package conformance

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// keygenRefusal is one way in which the vendor says no: what was asked for, what
// it answers to the letter, and what the client makes of it. Those about
// credentials are with the scenarios of access.
type keygenRefusal struct {
	name     string
	call     func(s *keygenStage, c *keygen.Client, pool keygenmock.Policy, key keygenmock.Key) error // in a pool with one key
	status   int
	problems []string // {KEY} and {POOL} stand for their ids
	kinds    []error
	fields   []string // the parameters that the vendor names
}

func createKey(text, policyID string) func(context.Context, *keygen.Client) error {
	return func(ctx context.Context, c *keygen.Client) error {
		_, err := c.Keys.Create(ctx, keygen.CreateKeyParams{Key: text, PolicyID: policyID})
		return err
	}
}

var keygenRefusals = []keygenRefusal{
	{
		"a key that is taken", func(s *keygenStage, c *keygen.Client, p keygenmock.Policy, k keygenmock.Key) error {
			return createKey(k.Key, p.ID)(s.Context(), c)
		},
		422, []string{rowBadKey("KEY_TAKEN", "has already been taken")}, []error{keygen.ErrConflict, keygen.ErrKeyTaken}, []string{"Key"},
	},
	{
		"a key that a license has", func(s *keygenStage, c *keygen.Client, p keygenmock.Policy, _ keygenmock.Key) error {
			return createKey(s.Keygen.AddLicense(keygenmock.License{}).Key, p.ID)(s.Context(), c)
		},
		422, []string{rowBadKey("KEY_CONFLICT", "is already being used as a license's key")}, []error{keygen.ErrConflict, keygen.ErrKeyConflict}, []string{"Key"},
	},
	{
		"a key that is the id of a license", func(s *keygenStage, c *keygen.Client, p keygenmock.Policy, _ keygenmock.Key) error {
			return createKey(s.Keygen.AddLicense(keygenmock.License{}).ID, p.ID)(s.Context(), c)
		},
		422, []string{rowBadKey("KEY_CONFLICT", "must not conflict with another license's identifier (UUID)")},
		[]error{keygen.ErrConflict, keygen.ErrKeyConflict}, []string{"Key"},
	},
	{
		"a key that is taken, and a license's besides", func(s *keygenStage, c *keygen.Client, p keygenmock.Policy, k keygenmock.Key) error {
			s.Keygen.AddLicense(keygenmock.License{Key: k.Key})
			return createKey(k.Key, p.ID)(s.Context(), c)
		},
		422, []string{rowBadKey("KEY_TAKEN", "has already been taken"), rowBadKey("KEY_CONFLICT", "is already being used as a license's key")},
		[]error{keygen.ErrConflict, keygen.ErrKeyTaken, keygen.ErrKeyConflict}, []string{"Key", "Key"},
	},
	{
		"a policy that is not there", func(s *keygenStage, c *keygen.Client, _ keygenmock.Policy, _ keygenmock.Key) error {
			return createKey("AAAA-BBBB", sampleID)(s.Context(), c)
		},
		422, []string{rowBadPolicy("POLICY_NOT_FOUND", "must exist")}, []error{keygen.ErrInvalid}, []string{"PolicyID"},
	},
	{
		"a policy without a pool, and a key that is taken", func(s *keygenStage, c *keygen.Client, _ keygenmock.Policy, k keygenmock.Key) error {
			return createKey(k.Key, s.Keygen.AddPolicy(keygenmock.Policy{}).ID)(s.Context(), c)
		},
		422, []string{rowBadKey("KEY_TAKEN", "has already been taken"), rowBadPolicy("POLICY_NOT_SUPPORTED", "cannot be added to an unpooled policy")},
		[]error{keygen.ErrConflict, keygen.ErrKeyTaken, keygen.ErrInvalid, keygen.ErrPoolNotSupported}, []string{"Key", "PolicyID"},
	},
	{
		"a pop from an empty pool", func(s *keygenStage, c *keygen.Client, p keygenmock.Policy, k keygenmock.Key) error {
			s.Keygen.RemoveKey(k.ID)
			_, err := c.Pool(p.ID).Pop(s.Context())
			return err
		},
		422, []string{rowNoPop("pool is empty")}, []error{keygen.ErrConflict, keygen.ErrPoolEmpty}, nil,
	},
	{
		"a pop where there is no pool", func(s *keygenStage, c *keygen.Client, _ keygenmock.Policy, _ keygenmock.Key) error {
			_, err := c.Pool(s.Keygen.AddPolicy(keygenmock.Policy{}).ID).Pop(s.Context())
			return err
		},
		422, []string{rowNoPop("pool is not supported")}, []error{keygen.ErrInvalid, keygen.ErrPoolNotSupported}, nil,
	},
	{
		"a license from an empty pool", func(s *keygenStage, _ *keygen.Client, p keygenmock.Policy, k keygenmock.Key) error {
			s.Keygen.RemoveKey(k.ID)
			return s.tryDraw(keygen.CreateLicenseParams{PolicyID: p.ID})
		},
		422, []string{rowPoolEmpty}, []error{keygen.ErrConflict, keygen.ErrPoolEmpty}, []string{"PolicyID"},
	},
	{
		"a license from a wedged pool", func(s *keygenStage, _ *keygen.Client, p keygenmock.Policy, k keygenmock.Key) error {
			s.Keygen.AddLicense(keygenmock.License{Key: k.Key})
			return s.tryDraw(keygen.CreateLicenseParams{PolicyID: p.ID, ID: sampleID}) // of an id of its own making it asks
		},
		409, []string{conflictJSON}, []error{keygen.ErrConflict}, nil,
	},
	{
		"a license whose key is taken", func(s *keygenStage, _ *keygen.Client, p keygenmock.Policy, _ keygenmock.Key) error {
			return s.tryDraw(keygen.CreateLicenseParams{PolicyID: p.ID, Key: s.Keygen.AddLicense(keygenmock.License{}).Key})
		},
		422, []string{wrongLicenseKey("KEY_TAKEN", "has already been taken")}, []error{keygen.ErrConflict, keygen.ErrKeyTaken}, []string{"Key"},
	},
	{
		"a key that is not there", func(s *keygenStage, c *keygen.Client, p keygenmock.Policy, _ keygenmock.Key) error {
			_, err := c.Pool(p.ID).Get(s.Context(), sampleID)
			return err
		},
		404, []string{rowNotFound("key", sampleID)}, []error{keygen.ErrNotFound}, nil,
	},
	{
		"the pool of no policy", func(s *keygenStage, c *keygen.Client, _ keygenmock.Policy, _ keygenmock.Key) error {
			_, err := c.Pool(sampleID).Pop(s.Context())
			return err
		},
		404, []string{rowNotFound("policy", sampleID)}, []error{keygen.ErrNotFound}, nil,
	},
	{
		"a product that is not there", func(s *keygenStage, c *keygen.Client, _ keygenmock.Policy, _ keygenmock.Key) error {
			_, err := c.Products.Get(s.Context(), sampleID)
			return err
		},
		404, []string{rowNotFound("product", sampleID)}, []error{keygen.ErrNotFound}, nil,
	},
	{
		"a license that is not there", func(s *keygenStage, c *keygen.Client, _ keygenmock.Policy, _ keygenmock.Key) error {
			return c.Licenses.Delete(s.Context(), sampleID)
		},
		404, []string{rowNotFound("license", sampleID)}, []error{keygen.ErrNotFound}, nil,
	},
	{
		"an account that is not there", func(s *keygenStage, _ *keygen.Client, _ keygenmock.Policy, _ keygenmock.Key) error {
			return tryList(s, s.clientWith(func(c *keygen.Config) { c.Account = "nobody" }))
		},
		404, []string{rowNotFound("account", "nobody")}, []error{keygen.ErrNotFound, keygen.ErrAccountNotFound}, nil,
	},
	{
		"an account that a server with one account does not have", func(s *keygenStage, _ *keygen.Client, _ keygenmock.Policy, _ keygenmock.Key) error {
			s.Keygen.SetSingleplayer(true)
			return tryList(s, s.clientWith(func(c *keygen.Config) { c.Account = test1 }))
		},
		404, []string{`{"title": "Not found", "detail": "account is invalid (expected 00000000-0000-4000-8000-000000000001)", "code": "NOT_FOUND"}`},
		[]error{keygen.ErrNotFound, keygen.ErrAccountNotFound}, nil,
	},
	{
		"a proxy that takes the credential away", func(s *keygenStage, _ *keygen.Client, _ keygenmock.Policy, _ keygenmock.Key) error {
			return tryList(s, s.clientWith(func(c *keygen.Config) { c.HTTPClient = &http.Client{Transport: silencing{s.rig.raw.Transport}} }))
		},
		401, []string{rowTokenMissing}, []error{keygen.ErrUnauthorized, keygen.ErrTokenMissing}, nil,
	},
	{
		"an owner and a group that are not there", func(s *keygenStage, _ *keygen.Client, p keygenmock.Policy, _ keygenmock.Key) error {
			return s.tryDraw(keygen.CreateLicenseParams{PolicyID: p.ID, OwnerID: sampleID, GroupID: sampleID})
		},
		422, []string{wrongRelationJSON("licenses", "owner", "OWNER_NOT_FOUND"), wrongRelationJSON("licenses", "group", "GROUP_NOT_FOUND")},
		[]error{keygen.ErrInvalid}, []string{"OwnerID", "GroupID"},
	},
	{
		"a product that a policy is to have and that is not there", func(s *keygenStage, c *keygen.Client, _ keygenmock.Policy, _ keygenmock.Key) error {
			_, err := c.Policies.Create(s.Context(), keygen.CreatePolicyParams{Name: "a", ProductID: sampleID})
			return err
		},
		422, []string{wrongRelationJSON("policies", "product", "PRODUCT_NOT_FOUND")}, []error{keygen.ErrInvalid}, []string{"ProductID"},
	},
	{
		"a duration that the vendor does not count", func(s *keygenStage, c *keygen.Client, p keygenmock.Policy, _ keygenmock.Key) error {
			_, err := c.Policies.Create(s.Context(), keygen.CreatePolicyParams{Name: "a", ProductID: p.ProductID, Duration: 1 << 31 * time.Second})
			return err
		},
		422, []string{wrongPolicy("duration", "DURATION_INVALID", "must be less than or equal to 2147483647")}, []error{keygen.ErrInvalid}, []string{"Duration"},
	},
	{
		"an account that nobody pays for", func(s *keygenStage, c *keygen.Client, _ keygenmock.Policy, _ keygenmock.Key) error {
			s.Keygen.SetStatus(keygenmock.StatusPaused)
			return tryList(s, c)
		},
		403, []string{rowInactive}, []error{keygen.ErrForbidden, keygen.ErrAccountInactive}, nil,
	},
	{
		"a role that never may", func(s *keygenStage, _ *keygen.Client, p keygenmock.Policy, _ keygenmock.Key) error {
			return createKey("AAAA-BBBB", p.ID)(s.Context(), s.clientAs(keygen.Token(s.tokens()["user"])))
		},
		403, []string{rowLacks("user")}, []error{keygen.ErrForbidden}, nil,
	},
	{
		"a role that may not here", func(s *keygenStage, _ *keygen.Client, p keygenmock.Policy, _ keygenmock.Key) error {
			return createKey("AAAA-BBBB", p.ID)(s.Context(), s.clientAs(keygen.Token(s.tokens()["product"])))
		},
		403, []string{forbiddenJSON}, []error{keygen.ErrForbidden}, nil,
	},
	{
		"a version that there is not", func(s *keygenStage, _ *keygen.Client, _ keygenmock.Policy, _ keygenmock.Key) error {
			return tryList(s, s.clientWith(func(c *keygen.Config) { c.Version = "7.0" }))
		},
		400, []string{versionJSON}, []error{keygen.ErrInvalid}, nil,
	},
}

// silencing removes the credential.
type silencing struct{ next http.RoundTripper }

func (p silencing) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Del("Authorization")
	return p.next.RoundTrip(req)
}

// keygenErrors has a scenario for each refusal.
func keygenErrors() (list []scenario[*keygenStage]) {
	for _, r := range keygenRefusals {
		list = append(list, scenario[*keygenStage]{name: "refusal: " + r.name, play: func(s *keygenStage) {
			pool, keys := s.pool(1)
			err := r.call(s, s.client(), pool, keys[0])
			s.assertBody(fmt.Sprintf(`{"meta": {"id": %q}, "errors": [%s]}`, s.seen.read().resp.Header.Get("X-Request-Id"), strings.Join(r.problems, ", ")),
				s.seen.answer())
			e := s.assertRefused(err, r.status, r.kinds...)
			var fields []string
			for _, field := range e.Fields {
				fields = append(fields, field.Field)
			}
			assert.Equal(s, r.fields, fields)
			for _, secret := range []string{s.Keygen.Token(), keys[0].Key, keys[0].ID, pool.ID, sampleID} {
				assert.NotContains(s, e.Error(), secret)
			}
		}})
	}
	return list
}

// What the vendor says when it is not itself: the mock says it where a fault
// makes it, and a proxy or the vendor's cloud says the rest.
func TestKeygenFailuresOfTheVendor(t *testing.T) {
	t.Parallel()
	problem := func(title, detail, code string) string {
		return `{"errors": [{"title": ` + quoted(title) + `, "detail": ` + quoted(detail) + code + `}]}`
	}
	for _, c := range []struct {
		name   string
		do     mockserver.Action
		status int
		kinds  []error
		detail string
	}{
		{"a bug", mockserver.Status(500), 500, []error{keygen.ErrServer}, "Looks like something went wrong!"},
		{"too slow", mockserver.Status(503), 503, []error{keygen.ErrServer}, "The request timed out because the server took too long to respond"},
		{"a throttle", mockserver.RateLimited(2 * time.Minute), 429, []error{keygen.ErrRateLimited}, "Throttle limit has been reached"},
		{"the limit of the day", mockserver.Status(402).WithBody(jsonAPI, problem("Daily API request limit reached",
			"Daily API request limit of 1000 has been reached for your account.", "")), 402,
			[]error{keygen.ErrRateLimited, keygen.ErrDailyLimit}, "Daily API request limit of 1000"},
		{"a blocked address", mockserver.Status(403).WithBody(jsonAPI, problem("Forbidden",
			"Your IP address has been temporarily blacklisted due to abusive behavior.", "")), 403, []error{keygen.ErrForbidden}, "temporarily blacklisted"},
		{"no such route", mockserver.Status(404).WithBody(jsonAPI, problem("Not found",
			"The requested endpoint was not found (check your HTTP method, Accept header, and URL path)", `, "code": "NOT_FOUND"`)), 404,
			[]error{keygen.ErrNotFound}, "The requested endpoint was not found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			eachKeygen(t, 1, func(t *testing.T, r *rig, _ *keygen.Client, policy keygenmock.Policy) {
				s := &keygenStage{ground: ground{t, r}}
				r.Server.Inject(mockserver.Fault{Op: keygenmock.OpPopPool, Do: c.do})
				var attempts []keygen.Attempt
				client := s.clientWith(func(cfg *keygen.Config) {
					cfg.OnAttempt = func(_ context.Context, a keygen.Attempt) { attempts = append(attempts, a) }
				})
				_, err := client.Pool(policy.ID).Pop(t.Context())
				e := s.assertIs(err, c.kinds...)
				assert.Equal(t, c.status, e.StatusCode)
				require.Len(t, e.Errors, 1)
				assert.Contains(t, e.Errors[0].Detail, c.detail)
				assert.Equal(t, c.status >= 500, e.Outcome == keygen.OutcomeUnknown)
				assert.Len(t, r.Keygen.Pool(policy.ID), 1)
				require.Len(t, attempts, 1, "neither repeated at once nor after a wait that is too long")
				assert.Equal(t, c.status, attempts[0].StatusCode)
			})
		})
	}
}
