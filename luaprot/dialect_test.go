package luaprot

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/luaprotwire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// kinds are all kinds of errors, so that a test can tell which an error is not.
var kinds = map[string]error{
	"unauthorized": ErrUnauthorized, "forbidden": ErrForbidden, "not found": ErrNotFound, "conflict": ErrConflict, "invalid": ErrInvalid,
	"rate limited": ErrRateLimited, "server": ErrServer, "bad response": ErrBadResponse, "unknown outcome": ErrUnknownOutcome,
	"already whitelisted": ErrAlreadyWhitelisted, "unassigned limit": ErrUnassignedLimit, "globally blacklisted": ErrGloballyBlacklisted,
	"no hub": ErrNoHub, "IP": ErrIPNotWhitelisted,
}

// refusalCases are the vendor's refusals: those it documents, and our reading
// of those that it does not.
var refusalCases = []struct {
	ops     string // ids; "" = every operation
	status  int
	message string
	kinds   []string
	advice  string // the end of the error's text
}{
	{"getKeyInfo deleteKey", 400, "Key could not be found.", []string{"not found"}, "does not exist or belongs to another account"},
	{"updateKey", 404, "Key has not been found.", []string{"not found"}, "does not exist or belongs to another account"},
	{"resetHWID", 400, "No key(s) found.", []string{"not found"}, "does not exist or belongs to another account"},
	{"deleteKeys", 404, "No hub(s) linked to your account.", []string{"not found", "no hub"}, "link a hub to the account in the vendor's dashboard"},
	{"addKey updateKey", 400, "Discord ID is already whitelisted to the hub.", []string{"conflict", "already whitelisted"}, "get it by the Discord id"},
	{"generateKeys addKey", 400, "You can only have a maximum of 300 unassigned keys per hub.", []string{"conflict", "unassigned limit"}, "then try again"},
	{"updateKey", 403, "This key is globally blacklisted and can only be unblacklisted by LuaProt.", []string{"forbidden", "globally blacklisted"},
		"only the vendor's support can lift this"},
	{"addKey generateKeys getKeyInfo updateKey deleteKey resetHWID", 404, "Hub not found or linked to your account.", []string{"not found", "no hub"},
		"check the hub's id against the vendor's dashboard"},
	{"", 400, "expire must be at least 3600.", []string{"invalid"}, ""},
	{"", 401, "Invalid API key.", []string{"unauthorized"}, "check the credentials"},
	{"", 403, "IP address is not whitelisted.", []string{"forbidden", "IP"}, "enter the IP address of this machine in the vendor's dashboard"},
	{"", 404, "Route not found.", []string{"not found"}, ""},
	{"", 429, "Too many requests.", []string{"rate limited"}, "try again in 1m0s"},
	{"", 500, "Internal server error.", []string{"server"}, ""},
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, test := range refusalCases {
		for _, c := range callCases() {
			if test.ops != "" && !strings.Contains(test.ops, c.op) {
				continue
			}
			t.Run(c.name+": "+test.message, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					client, _ := newClient(t, says(test.status, `{"success": false, "message": "`+test.message+`"}`))
					e := errorOf(t, c.dry(t.Context(), client))
					assert.Equal(t, c.op, e.Op)
					assert.Equal(t, test.status, e.StatusCode, "as it came")
					assert.Equal(t, test.message, e.Message)
					assert.Empty(t, e.Code)
					want := test.kinds
					if test.status == 500 && c.class != transport.Read {
						want = append(want, "unknown outcome")
						assert.Equal(t, OutcomeUnknown, e.Outcome)
					} else {
						assert.Equal(t, OutcomeNotApplied, e.Outcome)
						assert.Regexp(t, regexpEnd(test.advice), e.Error())
					}
					assert.ElementsMatch(t, want, kindsOf(e))
				})
			})
		}
	}
}

func regexpEnd(text string) string {
	return strings.NewReplacer("(", `\(`, ")", `\)`).Replace(text) + "$"
}

func kindsOf(err error) (names []string) {
	for name, kind := range kinds {
		if errors.Is(err, kind) {
			names = append(names, name)
		}
	}
	return names
}

// Spelling, case and the final dot are the vendor's to change; a status of its
// own failure is stronger than any text.
func TestRefusalsInOtherForms(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		kinds  []string
	}{
		"other case":             {400, `{"message": "KEY COULD NOT BE FOUND"}`, []string{"not found"}},
		"no dot":                 {404, `{"success": false, "message": "hub not found or linked to your account"}`, []string{"not found", "no hub"}},
		"blanks":                 {400, `{"message": " No key(s) found. \n"}`, []string{"not found"}},
		"another 4xx":            {422, `{"message": "Key could not be found."}`, []string{"not found"}},
		"within a success":       {200, `{"success": false, "message": "Key could not be found."}`, []string{"not found"}},
		"a longer text":          {400, `{"message": "Key could not be found. Really."}`, []string{"invalid"}},
		"within a longer text":   {400, `{"message": "Sorry: Key could not be found."}`, []string{"invalid"}},
		"a failing vendor":       {500, `{"message": "Key could not be found."}`, []string{"server"}},
		"a slow vendor":          {408, `{"message": "Key could not be found."}`, nil},
		"a limit":                {429, `{"message": "Key could not be found."}`, []string{"rate limited"}},
		"a redirect":             {307, `{"message": "Key could not be found."}`, []string{"bad response"}},
		"not in an object":       {400, `Key could not be found.`, []string{"invalid"}},
		"not as a message":       {400, `{"error": "Key could not be found."}`, []string{"invalid"}},
		"message is an object":   {400, `{"message": {"text": "Key could not be found."}}`, []string{"invalid"}},
		"an address, other word": {403, `{"message": "Your IP (192.0.2.1) isn't whitelisted"}`, []string{"forbidden", "IP"}},
		"an address under 401":   {401, `{"message": "IP not in whitelist"}`, []string{"forbidden", "IP"}},
		"a zip under 403":        {403, `{"message": "zip files are not whitelisted"}`, []string{"forbidden"}},
		"an address under 400":   {400, `{"message": "ip must be on the whitelist"}`, []string{"invalid"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, _ := newClient(t, says(test.status, test.body))
				_, err := client.Hub(testHub).Get(t.Context(), ByKey(testValue))
				e := errorOf(t, err)
				assert.Equal(t, test.status, e.StatusCode)
				assert.ElementsMatch(t, test.kinds, kindsOf(e))
			})
		})
	}
}

func TestSentinelsAreOfTheirKind(t *testing.T) {
	t.Parallel()
	for sentinel, kind := range map[error]error{
		ErrAlreadyWhitelisted: ErrConflict, ErrUnassignedLimit: ErrConflict, ErrGloballyBlacklisted: ErrForbidden, ErrNoHub: ErrNotFound,
		ErrIPNotWhitelisted: ErrForbidden,
	} {
		assert.ErrorIs(t, sentinel, kind)
		assert.NotErrorIs(t, kind, sentinel)
	}
}

// Bodies of all kinds; only the vendor's own object counts as its word.
func TestErrorBodies(t *testing.T) {
	t.Parallel()
	const html = "an HTML page instead of an API answer, perhaps from a proxy"
	for name, test := range map[string]struct {
		body, message string
		understood    bool
	}{
		"documented":       {`{"success": false, "message": "Key could not be found."}`, "Key could not be found.", true},
		"message alone":    {`{"message": "no"}`, "no", true},
		"more than that":   {`{"message": "no", "code": 7, "errors": [{}]}`, "no", true},
		"empty message":    {`{"message": " "}`, `{"message": " "}`, false},
		"other object":     {`{"status": "fail"}`, `{"status": "fail"}`, false},
		"list":             {`["no"]`, `["no"]`, false},
		"null":             {`null`, `null`, false},
		"empty":            {``, ``, false},
		"plain text":       {`upstream connect error`, `upstream connect error`, false},
		"cut":              {`{"message": "Key could`, `{"message": "Key could`, false},
		"page":             {"<!DOCTYPE html><html>Attention required</html>", html, false},
		"page, other case": {"\n <HTML><body>", html, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := failure(&transport.Answer{StatusCode: 400, Attempt: 1, Body: []byte(test.body)})
			require.NotNil(t, f)
			assert.Equal(t, test.message, f.Message)
			assert.Equal(t, test.understood, f.Understood)
			assert.Nil(t, f.Fields)
		})
	}
}

// The success of a reset is spelt with three c, and may be mended one day.
func TestBothSpellingsOfSuccess(t *testing.T) {
	t.Parallel()
	for body, fails := range map[string]bool{
		`{"succcess": true, "message": "HWID(s) have been reset successfully.", "resets": ["k"]}`: false,
		`{"success": true, "message": "HWID(s) have been reset successfully.", "resets": ["k"]}`:  false,
		`{"resets": ["k"]}`:                      false,
		`{"succcess": null}`:                     false,
		`{"succcess": false, "message": "no"}`:   true,
		`{"success": false, "message": "no"}`:    true,
		`{"success": false, "succcess": true}`:   true,
		`{"success": true, "succcess": false}`:   true,
		`{"success": "false"}`:                   true,
		`{"key": {"note": "\"success\":false"}}`: false,
	} {
		f := failure(&transport.Answer{Op: luaprotwire.ResetHWIDOp, StatusCode: 200, Attempt: 1, Body: []byte(body)})
		assert.Equal(t, fails, f != nil, body)
	}
}

func TestRequestIDOfAFailure(t *testing.T) {
	t.Parallel()
	client, _ := newClient(t, saysAs(400, `{"message": "no"}`, "X-Request-Id", "r-1"))
	assert.Equal(t, "r-1", errorOf(t, client.Keys.BulkDelete(t.Context(), []string{testValue})).RequestID)
}

// Without a Retry-After the lengths of the two windows are waited out.
func TestWaitsAfterARateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limited := says(429, `{"success": false, "message": "Too many requests."}`)
		client, v := newClient(t, limited)
		began := time.Now()
		_, err := client.Keys.List(t.Context(), ListKeysParams{})
		assert.Equal(t, 70*time.Second, time.Since(began))
		assert.Equal(t, time.Minute, errorOf(t, err).RetryAfter)
		v.AssertCalls(t, 3)

		client, v = newClient(t, saysAs(429, ``, "Retry-After", "3"), saysAs(429, ``, "Retry-After", "4"), says(200, `{"keys": []}`))
		began = time.Now()
		_, err = client.Keys.List(t.Context(), ListKeysParams{})
		require.NoError(t, err)
		assert.Equal(t, 7*time.Second, time.Since(began), "the vendor's wish is kept")
		v.AssertCalls(t, 3)
	})
}

func FuzzErrorDialect(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `{}`, `[]`, `"x"`, `{"success":false,"message":"Key could not be found."}`, `{"succcess":false}`,
		"<!DOCTYPE html><p>", "\xff\xfe{", `{"message":"\ud800\u0000\u2028"}`, `{"message":` + strings.Repeat("[", 20000),
		`{"message":"No hub(s) linked to your account."}`, `{"message":"IP address is not whitelisted."}`,
	} {
		f.Add(200, []byte(seed))
		f.Add(400, []byte(seed))
		f.Add(403, []byte(seed))
		f.Add(503, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		said := failure(&transport.Answer{StatusCode: status, Attempt: 1, Body: body})
		if status/100 != 2 {
			require.NotNil(t, said, "a bad status is a failure, whatever the body")
		}
		if said == nil {
			return
		}
		require.False(t, said.Understood && said.Message == "")
		if said.StatusCode != 0 {
			require.True(t, said.Understood, "only the vendor's own words change what a status means")
			require.NotEqual(t, 5, status/100)
		}
	})
}
