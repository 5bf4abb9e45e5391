package luaprot

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/luaprotwire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// callCase is one call of a method: what it puts on the wire, what it makes of
// the vendor's documented answer, and what becomes of odd ones.
type callCase struct {
	name  string
	op    string
	class transport.Class
	call  func(context.Context, *Client) (any, error)

	method, url string // below the base URL
	body        string // JSON; "" = none

	answer string
	want   any

	// Answers that must be read as want too, ones that cannot be read, and ones
	// that can but lack what they are about.
	alike, unreadable, lacking []string
}

const hubPath = "/hubs/" + testHub

func callCases() []callCase {
	const (
		fetched   = `{"success": true, "message": "Successfully fetched keys.", "keys": [` + fetchKey + `], "limitPerPage": 25, "totalPages": 3, "totalKeys": 51}`
		added     = `{"success": true, "message": "Key has been created successfully.", "key": ` + shortKey + `}`
		generated = `{"success": true, "message": "Keys have been generated successfully.", "keys": ["k1", "k2", "k3", "k4", "k5"]}`
		info      = `{"success": true, "message": "Successfully fetched key info.", "key": ` + infoKey + `}`
		updated   = `{"success": true, "message": "Key has been updated successfully.", "key": ` + shortKey + `}`
		deleted   = `{"success": true, "message": "Key has been deleted."}`
		reset     = `{"succcess": true, "message": "HWID(s) have been reset successfully.", "resets": ["` + testValue + `"]}`
	)
	noKey := []string{`{}`, `{"success": true}`, `{"key": null}`, `{"key": {}}`, `{"key": {"key": ""}}`}
	broken := []string{`null`, ``, `[]`, `OK`, `{"key": []}`, `{"key": {"key": "k"}`, `{"key": {"key": 7}}`}
	five := []string{"k1", "k2", "k3", "k4", "k5"}
	hub := func(c *Client) *Hub { return c.Hub(testHub) }
	return []callCase{
		{
			name: "list", op: "fetchKeys", class: transport.Read,
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Keys.List(ctx, ListKeysParams{}) },
			method: "GET", url: "/api/v1/keys/fetch",
			answer: fetched, want: &KeyPage{Keys: []*Key{fetchKeyWant()}, Limit: 25, Total: 51, TotalPages: 3},
			alike:      []string{`{"x": 1, "keys": [` + fetchKey + `], "limitPerPage": 25, "totalPages": 3, "totalKeys": 51}`},
			unreadable: []string{`null`, ``, `[]`, `OK`, `{"keys": {}}`, `{"keys": [`, `{"keys": [{"expire": "soon"}]}`},
			lacking:    []string{`{}`, `{"success": true}`, `{"keys": null}`, `{"limitPerPage": 25}`},
		},
		{
			name: "list of nothing", op: "fetchKeys", class: transport.Read,
			call:   func(ctx context.Context, c *Client) (any, error) { return c.Keys.List(ctx, ListKeysParams{}) },
			method: "GET", url: "/api/v1/keys/fetch",
			answer: `{"success": true, "keys": []}`, want: &KeyPage{Keys: []*Key{}},
			alike: []string{`{"keys": [], "totalPages": 0, "totalKeys": 0}`, `{"keys": null, "totalKeys": 0}`, `{"totalPages": 0}`},
		},
		{
			name: "list with every condition", op: "fetchKeys", class: transport.Read,
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Keys.List(ctx, ListKeysParams{Page: 2, HubID: testHub, DiscordID: testUser, Value: "a b&c=d/é", HWID: "h+1",
					Blacklisted: Set(true), Expired: Set(false), Unassigned: Set(false), Active: Set(true)})
			},
			method: "GET",
			url: "/api/v1/keys/fetch?hub=90000000000000000001&discordId=100000000000000001&key=a+b%26c%3Dd%2F%C3%A9&hwid=h%2B1" +
				"&blacklisted=true&expired=false&unassigned=false&active=true&page=2",
			answer: fetched, want: &KeyPage{Keys: []*Key{fetchKeyWant()}, Limit: 25, Total: 51, TotalPages: 3},
		},
		{
			name: "bulk delete", op: "deleteKeys", class: transport.Idempotent,
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, c.Keys.BulkDelete(ctx, []string{testValue, `<"&>`, testValue})
			},
			method: "POST", url: "/api/v1/keys/bulk-delete", body: `["0123456789abcdef00000001", "<\"&>", "0123456789abcdef00000001"]`,
			answer: `{"success": true, "message": "Key(s) have been deleted."}`, alike: []string{`{}`, `{"message": null, "deleted": 3}`},
			unreadable: []string{`null`, ``, `[]`, `OK`, `{"message": 7}`, `{`},
		},
		{
			name: "add", op: "addKey", class: transport.Once,
			call:   func(ctx context.Context, c *Client) (any, error) { return hub(c).Add(ctx, AddKeyParams{}) },
			method: "POST", url: "/api/v2" + hubPath + "/keys/add", body: `{}`,
			answer: added, want: shortKeyWant(),
			alike: []string{`{"warning": "soon", "key": ` + shortKey + `}`}, unreadable: broken, lacking: noKey,
		},
		{
			name: "add with everything", op: "addKey", class: transport.Once,
			call: func(ctx context.Context, c *Client) (any, error) {
				return c.Hub("a/b c").Add(ctx, AddKeyParams{DiscordID: testUser, ExpiresIn: 24 * time.Hour, Note: "order <1042> & more", LimitedScripts: []string{testScript}})
			},
			method: "POST", url: "/api/v2/hubs/a%2Fb%20c/keys/add",
			body:   `{"discordId": "100000000000000001", "expire": 86400, "note": "order <1042> & more", "limitedScripts": ["90000000000000000101"]}`,
			answer: added, want: shortKeyWant(),
		},
		{
			name: "add with an empty list", op: "addKey", class: transport.Once,
			call: func(ctx context.Context, c *Client) (any, error) {
				return hub(c).Add(ctx, AddKeyParams{LimitedScripts: []string{}})
			},
			method: "POST", url: "/api/v2" + hubPath + "/keys/add", body: `{}`,
			answer: added, want: shortKeyWant(),
		},
		{
			name: "generate", op: "generateKeys", class: transport.Once,
			call: func(ctx context.Context, c *Client) (any, error) {
				return hub(c).Generate(ctx, GenerateKeysParams{Amount: 5, LimitedScripts: []string{}})
			},
			method: "POST", url: "/api/v2" + hubPath + "/keys/generate", body: `{"amount": 5}`,
			answer: generated, want: five,
			alike:      []string{`{"count": 5, "keys": ["k1", "k2", "k3", "k4", "k5"]}`},
			unreadable: []string{`null`, ``, `OK`, `{"keys": [1]}`, `{"keys": ["k1"`},
			lacking:    []string{`{}`, `{"keys": []}`, `{"keys": null}`, `{"keys": ["k1", ""]}`},
		},
		{
			name: "generate with everything", op: "generateKeys", class: transport.Once,
			call: func(ctx context.Context, c *Client) (any, error) {
				return hub(c).Generate(ctx, GenerateKeysParams{Amount: 300, ExpiresIn: time.Hour, Note: "spring", LimitedScripts: []string{testScript, "2"}})
			},
			method: "POST", url: "/api/v2" + hubPath + "/keys/generate",
			body:   `{"amount": 300, "expire": 3600, "note": "spring", "limitedScripts": ["90000000000000000101", "2"]}`,
			answer: generated, want: five,
		},
		{
			name: "get by key", op: "getKeyInfo", class: transport.Read,
			call:   func(ctx context.Context, c *Client) (any, error) { return hub(c).Get(ctx, ByKey("a b&c=d/é")) },
			method: "GET", url: "/api/v1" + hubPath + "/keys/info?key=a+b%26c%3Dd%2F%C3%A9",
			answer: info, want: infoKeyWant(), unreadable: broken, lacking: noKey,
		},
		{
			name: "get by user", op: "getKeyInfo", class: transport.Read,
			call:   func(ctx context.Context, c *Client) (any, error) { return hub(c).Get(ctx, ByDiscordID(testUser)) },
			method: "GET", url: "/api/v1" + hubPath + "/keys/info?discordId=100000000000000001",
			answer: info, want: infoKeyWant(),
		},
		{
			name: "update nothing", op: "updateKey", class: transport.Idempotent,
			call: func(ctx context.Context, c *Client) (any, error) {
				return hub(c).Update(ctx, ByKey(testValue), UpdateKeyParams{})
			},
			method: "PATCH", url: "/api/v2" + hubPath + "/keys/update?key=" + testValue, body: `{}`,
			answer: updated, want: shortKeyWant(), unreadable: broken, lacking: noKey,
		},
		{
			name: "update everything", op: "updateKey", class: transport.Once,
			call: func(ctx context.Context, c *Client) (any, error) {
				return hub(c).Update(ctx, ByDiscordID(testUser), UpdateKeyParams{DiscordID: Set("100000000000000002"), ExpiresIn: Set(2 * time.Hour), Note: Set("n"),
					Blacklisted: Set(true), BlacklistReason: Set("r"), LimitedScripts: Set([]string{testScript})})
			},
			method: "PATCH", url: "/api/v2" + hubPath + "/keys/update?discordId=100000000000000001",
			body: `{"discordId": "100000000000000002", "expire": 7200, "note": "n", "blacklisted": true, "blacklistReason": "r",
				"limitedScripts": ["90000000000000000101"]}`,
			answer: updated, want: shortKeyWant(),
		},
		{
			name: "update to zero values", op: "updateKey", class: transport.Idempotent,
			call: func(ctx context.Context, c *Client) (any, error) {
				return hub(c).Update(ctx, ByKey(testValue), UpdateKeyParams{Note: Set(""), Blacklisted: Set(false), BlacklistReason: Set(""), LimitedScripts: Set([]string{})})
			},
			method: "PATCH", url: "/api/v2" + hubPath + "/keys/update?key=" + testValue,
			body:   `{"note": "", "blacklisted": false, "blacklistReason": "", "limitedScripts": []}`,
			answer: updated, want: shortKeyWant(),
		},
		{
			name: "update to nulls", op: "updateKey", class: transport.Idempotent,
			call: func(ctx context.Context, c *Client) (any, error) {
				return hub(c).Update(ctx, ByKey(testValue), UpdateKeyParams{DiscordID: Null[string](), ExpiresIn: Null[time.Duration](), Note: Null[string](),
					BlacklistReason: Null[string]()})
			},
			method: "PATCH", url: "/api/v2" + hubPath + "/keys/update?key=" + testValue,
			body:   `{"discordId": null, "expire": null, "note": null, "blacklistReason": null}`,
			answer: updated, want: shortKeyWant(),
		},
		{
			name: "blacklist", op: "updateKey", class: transport.Idempotent,
			call: func(ctx context.Context, c *Client) (any, error) {
				return hub(c).Blacklist(ctx, ByDiscordID(testUser), "charged back")
			},
			method: "PATCH", url: "/api/v2" + hubPath + "/keys/update?discordId=100000000000000001",
			body:   `{"blacklisted": true, "blacklistReason": "charged back"}`,
			answer: updated, want: shortKeyWant(),
		},
		{
			name: "blacklist without a reason", op: "updateKey", class: transport.Idempotent,
			call: func(ctx context.Context, c *Client) (any, error) {
				return hub(c).Blacklist(ctx, ByKey(testValue), "")
			},
			method: "PATCH", url: "/api/v2" + hubPath + "/keys/update?key=" + testValue, body: `{"blacklisted": true}`,
			answer: updated, want: shortKeyWant(),
		},
		{
			name: "unblacklist", op: "updateKey", class: transport.Idempotent,
			call:   func(ctx context.Context, c *Client) (any, error) { return hub(c).Unblacklist(ctx, ByKey(testValue)) },
			method: "PATCH", url: "/api/v2" + hubPath + "/keys/update?key=" + testValue, body: `{"blacklisted": false}`,
			answer: updated, want: shortKeyWant(),
		},
		{
			name: "delete", op: "deleteKey", class: transport.Idempotent,
			call:   func(ctx context.Context, c *Client) (any, error) { return nil, hub(c).Delete(ctx, ByKey(testValue)) },
			method: "DELETE", url: "/api/v1" + hubPath + "/keys/delete?key=" + testValue,
			answer: deleted, alike: []string{`{}`, `{"success": null, "message": null, "x": 1}`},
			unreadable: []string{`null`, ``, `[]`, `OK`, `{`},
		},
		{
			name: "delete by user", op: "deleteKey", class: transport.Idempotent,
			call: func(ctx context.Context, c *Client) (any, error) {
				return nil, hub(c).Delete(ctx, ByDiscordID(testUser))
			},
			method: "DELETE", url: "/api/v1" + hubPath + "/keys/delete?discordId=100000000000000001",
			answer: deleted,
		},
		{
			name: "reset", op: "resetHWID", class: transport.Once,
			call:   func(ctx context.Context, c *Client) (any, error) { return hub(c).ResetHWID(ctx, ByKey(testValue)) },
			method: "PATCH", url: "/api/v1" + hubPath + "/hwid/reset?key=" + testValue,
			answer: reset, want: []string{testValue},
			alike:      []string{strings.Replace(reset, "succcess", "success", 1), `{"resets": ["` + testValue + `"]}`},
			unreadable: []string{`null`, ``, `[]`, `OK`, `{"resets": "k"}`},
		},
		{
			name: "reset by user", op: "resetHWID", class: transport.Once,
			call:   func(ctx context.Context, c *Client) (any, error) { return hub(c).ResetHWID(ctx, ByDiscordID(testUser)) },
			method: "PATCH", url: "/api/v1" + hubPath + "/hwid/reset?discordId=100000000000000001",
			answer: `{"succcess": true, "resets": ["a", "b"]}`, want: []string{"a", "b"},
		},
		{
			name: "reset that names no key", op: "resetHWID", class: transport.Once,
			call:   func(ctx context.Context, c *Client) (any, error) { return hub(c).ResetHWID(ctx, ByKey(testValue)) },
			method: "PATCH", url: "/api/v1" + hubPath + "/hwid/reset?key=" + testValue,
			answer: `{"succcess": true}`, want: []string(nil),
			alike: []string{`{}`, `{"resets": null}`},
		},
	}
}

// dry calls the method and drops its result, as most tests do.
func (c callCase) dry(ctx context.Context, client *Client) error {
	_, err := c.call(ctx, client)
	return err
}

// attempts is how often the call is sent when the answer is lost each time.
func (c callCase) attempts() int {
	if c.class == transport.Once {
		return 1
	}
	return 3
}

func TestEveryOperationIsCovered(t *testing.T) {
	t.Parallel()
	covered := map[string]bool{}
	for _, c := range callCases() {
		covered[c.op] = true
	}
	for _, op := range luaprotwire.Operations() {
		assert.True(t, covered[op.ID], op.ID)
		delete(covered, op.ID)
	}
	assert.Empty(t, covered, "not in the document")
}

func TestCallsOnTheWire(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client, v := newClient(t, says(200, c.answer))
			got, err := c.call(t.Context(), client)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)

			require.Len(t, v.Calls, 1)
			call := v.Calls[0]
			assert.Equal(t, c.method, call.Method)
			assert.Equal(t, DefaultBaseURL+c.url, call.URL)
			assert.Equal(t, []string{testAPIKey}, call.Header["Authorization"], "the bare key")
			assert.Equal(t, []string{"application/json"}, call.Header["Content-Type"], "also without a body")
			assert.Equal(t, []string{"application/json"}, call.Header["Accept"])
			assert.Regexp(t, `^keysmith-go/\S+ \(luaprot\)$`, call.Header.Get("User-Agent"))
			assert.Len(t, call.Header, 4)
			if c.body == "" {
				assert.False(t, call.HasBody)
			} else {
				assert.JSONEq(t, c.body, call.Body)
				assert.NotContains(t, call.Body, `\u00`, "needless escapes")
			}
		})
	}
}

func TestOddAnswersThatAreFine(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		for _, body := range c.alike {
			t.Run(c.name+": "+body, func(t *testing.T) {
				t.Parallel()
				client, _ := newClient(t, says(200, body))
				got, err := c.call(t.Context(), client)
				require.NoError(t, err)
				assert.Equal(t, c.want, got)
			})
		}
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
			client, v := newClient(t, says(200, body))
			e := errorOf(t, c.dry(t.Context(), client))
			assert.ErrorIs(t, e, ErrBadResponse)
			assert.Equal(t, outcome, e.Outcome)
			assert.Equal(t, outcome == OutcomeUnknown, errors.Is(e, ErrUnknownOutcome))
			v.AssertCalls(t, attempts)
		})
	})
}

func TestFailureInsideASuccess(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		for _, spelling := range []string{"success", "succcess"} {
			t.Run(c.name+": "+spelling, func(t *testing.T) {
				t.Parallel()
				client, v := newClient(t, says(200, `{"`+spelling+`": false, "message": "Key is locked."}`))
				e := errorOf(t, c.dry(t.Context(), client))
				assert.Equal(t, c.op, e.Op)
				assert.Equal(t, 200, e.StatusCode)
				assert.Equal(t, "Key is locked.", e.Message)
				assert.Equal(t, OutcomeNotApplied, e.Outcome)
				assert.Empty(t, kindsOf(e))
				v.AssertCalls(t, 1)
			})
		}
	}
}

// Whether a call is repeated after a lost answer depends on its class, not on
// its HTTP method: one of three POSTs is repeated, and some PATCHes are.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, v := newClient(t, breaks(syscall.ECONNRESET))
				e := errorOf(t, c.dry(t.Context(), client))
				v.AssertCalls(t, c.attempts())
				assert.Equal(t, c.attempts(), e.Attempts)
				assert.ErrorIs(t, e, syscall.ECONNRESET)
				assert.Equal(t, c.class != transport.Read, errors.Is(e, ErrUnknownOutcome))
				assert.Equal(t, c.class != transport.Read, strings.Contains(e.Error(), "outcome unknown: "), "with the way to find out")
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
				client, v := newClient(t, saysAs(429, `{"success": false, "message": "Too many requests."}`, "Retry-After", "2"), says(200, c.answer))
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

// An update is repeated only if its second delivery would change nothing that
// its first has not changed already.
func TestUpdatesThatAreSentOnce(t *testing.T) {
	t.Parallel()
	const other = "100000000000000002"
	for name, test := range map[string]struct {
		ref    KeyRef
		params UpdateKeyParams
		once   bool
	}{
		"a note":                        {ByDiscordID(testUser), UpdateKeyParams{Note: Set("n")}, false},
		"a blacklisting":                {ByDiscordID(testUser), UpdateKeyParams{Blacklisted: Set(true)}, false},
		"a deadline":                    {ByKey(testValue), UpdateKeyParams{ExpiresIn: Set(time.Hour)}, true},
		"a deadline among others":       {ByDiscordID(testUser), UpdateKeyParams{ExpiresIn: Set(time.Hour), Note: Set("n")}, true},
		"no deadline any more":          {ByKey(testValue), UpdateKeyParams{ExpiresIn: Null[time.Duration]()}, false},
		"a user, by key":                {ByKey(testValue), UpdateKeyParams{DiscordID: Set(other)}, false},
		"no user, by key":               {ByKey(testValue), UpdateKeyParams{DiscordID: Null[string]()}, false},
		"another user, by user":         {ByDiscordID(testUser), UpdateKeyParams{DiscordID: Set(other)}, true},
		"no user, by user":              {ByDiscordID(testUser), UpdateKeyParams{DiscordID: Null[string]()}, true},
		"the same user, by user":        {ByDiscordID(testUser), UpdateKeyParams{DiscordID: Set(testUser)}, false},
		"a user like the key, by key":   {ByKey(testUser), UpdateKeyParams{DiscordID: Set(testUser)}, false},
		"another user like key, by key": {ByKey(testUser), UpdateKeyParams{DiscordID: Set(other)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, v := newClient(t, breaks(io.ErrUnexpectedEOF), says(200, `{"key": `+shortKey+`}`))
				_, err := client.Hub(testHub).Update(t.Context(), test.ref, test.params)
				if !test.once {
					assert.NoError(t, err)
					v.AssertCalls(t, 2)
					return
				}
				assert.ErrorIs(t, err, ErrUnknownOutcome)
				assert.ErrorContains(t, err, "Get the key's info")
				v.AssertCalls(t, 1)
			})
		})
	}
}

func TestCutAnswer(t *testing.T) {
	t.Parallel()
	client, v := newClient(t, cuts(200, `{"success": true, "keys": ["k1"`))
	_, err := client.Hub(testHub).Generate(t.Context(), GenerateKeysParams{Amount: 5})
	e := errorOf(t, err)
	assert.ErrorIs(t, e, ErrBadResponse)
	assert.ErrorIs(t, e, io.ErrUnexpectedEOF)
	assert.Equal(t, OutcomeApplied, e.Outcome)
	v.AssertCalls(t, 1)
}

// After an attempt that may have deleted the key, the vendor's not-found says
// that it has. Nothing else does, least of all a hub that is not found.
func TestDeleteThatFindsNothing(t *testing.T) {
	t.Parallel()
	notFound := says(400, `{"success": false, "message": "Key could not be found."}`)
	noHub := says(404, `{"success": false, "message": "Hub not found or linked to your account."}`)
	invalid := says(400, `{"success": false, "message": "discordId or key must be given."}`)
	page := saysAs(404, `<html>not here</html>`, "Content-Type", "text/html")
	lost := breaks(io.ErrUnexpectedEOF)
	for name, test := range map[string]struct {
		answers []answer
		done    bool
		kind    error
		outcome Outcome
	}{
		"at once":                     {[]answer{notFound}, false, ErrNotFound, OutcomeNotApplied},
		"after a lost answer":         {[]answer{lost, notFound}, true, nil, 0},
		"after a failing vendor":      {[]answer{says(500, ``), notFound}, true, nil, 0},
		"after a rate limit":          {[]answer{says(429, ``), notFound}, false, ErrNotFound, OutcomeNotApplied},
		"after both":                  {[]answer{lost, says(429, ``), notFound}, true, nil, 0},
		"but it is the hub":           {[]answer{lost, noHub}, false, ErrNoHub, OutcomeUnknown},
		"but it is another refusal":   {[]answer{lost, invalid}, false, ErrInvalid, OutcomeUnknown},
		"but it is a proxy's":         {[]answer{lost, page}, false, ErrBadResponse, OutcomeUnknown},
		"but it is the route":         {[]answer{lost, says(404, `{"success": false, "message": "Route not found."}`)}, false, ErrNotFound, OutcomeUnknown},
		"but it is a plain 400":       {[]answer{lost, says(400, `Key could not be found.`)}, false, ErrInvalid, OutcomeUnknown},
		"but it comes with a success": {[]answer{lost, says(200, `{"success": true, "message": "Key could not be found."}`)}, true, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, v := newClient(t, test.answers...)
				err := client.Hub(testHub).Delete(t.Context(), ByKey(testValue))
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

func TestNotFoundAfterALostAnswerStaysAnErrorElsewhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, _ := newClient(t, breaks(io.ErrUnexpectedEOF), says(404, `{"success": false, "message": "Key has not been found."}`))
		_, err := client.Hub(testHub).Blacklist(t.Context(), ByKey(testValue), "")
		assert.ErrorIs(t, err, ErrNotFound)
		assert.ErrorIs(t, err, ErrUnknownOutcome)
	})
}

// Whatever is wrong with the arguments, nothing is sent.
func TestRefusedArgumentsAreNotSent(t *testing.T) {
	t.Parallel()
	const secret = "hidden-value"
	for name, test := range map[string]struct {
		op     string
		call   func(context.Context, *Client) error
		fields []string
	}{
		"list": {"fetchKeys", func(ctx context.Context, c *Client) error {
			_, err := c.Keys.List(ctx, ListKeysParams{Page: -1, DiscordID: secret, Active: Null[bool]()})
			return err
		}, []string{"Page", "DiscordID", "Active"}},
		"all": {"fetchKeys", func(ctx context.Context, c *Client) error {
			for key, err := range c.Keys.All(ctx, ListKeysParams{Page: -1}) {
				assert.Nil(t, key)
				return err
			}
			return nil
		}, []string{"Page"}},
		"bulk delete": {"deleteKeys", func(ctx context.Context, c *Client) error {
			return c.Keys.BulkDelete(ctx, nil)
		}, []string{"keys"}},
		"bulk delete of nothing": {"deleteKeys", func(ctx context.Context, c *Client) error {
			return c.Keys.BulkDelete(ctx, []string{"", secret, "x"})
		}, []string{"keys[0]", "keys[2]"}},
		"add": {"addKey", func(ctx context.Context, c *Client) error {
			_, err := c.Hub("").Add(ctx, AddKeyParams{DiscordID: secret, ExpiresIn: time.Minute})
			return err
		}, []string{"DiscordID", "ExpiresIn", "hub"}},
		"generate": {"generateKeys", func(ctx context.Context, c *Client) error {
			_, err := c.Hub("..").Generate(ctx, GenerateKeysParams{})
			return err
		}, []string{"Amount", "hub"}},
		"get": {"getKeyInfo", func(ctx context.Context, c *Client) error {
			_, err := c.Hub(".").Get(ctx, ByKey("x"))
			return err
		}, []string{"hub", "ref"}},
		"get nothing": {"getKeyInfo", func(ctx context.Context, c *Client) error {
			_, err := c.Hub(testHub).Get(ctx, KeyRef{})
			return err
		}, []string{"ref"}},
		"update": {"updateKey", func(ctx context.Context, c *Client) error {
			_, err := c.Hub("").Update(ctx, ByDiscordID(secret), UpdateKeyParams{ExpiresIn: Set(time.Minute), Blacklisted: Null[bool]()})
			return err
		}, []string{"ExpiresIn", "Blacklisted", "hub", "ref"}},
		"blacklist": {"updateKey", func(ctx context.Context, c *Client) error {
			_, err := c.Hub(testHub).Blacklist(ctx, ByKey(""), "\xff")
			return err
		}, []string{"BlacklistReason", "ref"}},
		"unblacklist": {"updateKey", func(ctx context.Context, c *Client) error {
			_, err := c.Hub("").Unblacklist(ctx, KeyRef{})
			return err
		}, []string{"hub", "ref"}},
		"delete": {"deleteKey", func(ctx context.Context, c *Client) error {
			return c.Hub("").Delete(ctx, ByKey(secret+"\xff"))
		}, []string{"hub", "ref"}},
		"reset": {"resetHWID", func(ctx context.Context, c *Client) error {
			_, err := c.Hub("").ResetHWID(ctx, ByDiscordID(""))
			return err
		}, []string{"hub", "ref"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, v := newClient(t, says(200, `{}`))
			e := errorOf(t, test.call(t.Context(), client))
			v.AssertCalls(t, 0)
			assert.ErrorIs(t, e, ErrInvalid)
			assert.Equal(t, test.op, e.Op)
			assert.Zero(t, e.Attempts)
			assert.Equal(t, OutcomeNotApplied, e.Outcome)
			var fields []string
			for _, f := range e.Fields {
				fields = append(fields, f.Field)
				assert.ErrorContains(t, e, f.String())
			}
			assert.Equal(t, test.fields, fields)
			assert.NotContains(t, e.Error(), secret)
			assert.ErrorContains(t, e, "nothing was sent")
		})
	}
}

func TestCancelledCallSendsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range callCases() {
		client, v := newClient(t, says(200, c.answer))
		e := errorOf(t, c.dry(ctx, client))
		assert.ErrorIs(t, e, context.Canceled)
		assert.Equal(t, OutcomeNotApplied, e.Outcome)
		v.AssertCalls(t, 0)
	}
}

func TestHubKnowsItsID(t *testing.T) {
	t.Parallel()
	client, v := newClient(t, saysAs(http.StatusTeapot, ``))
	assert.Equal(t, testHub, client.Hub(testHub).ID())
	v.AssertCalls(t, 0)
}

func TestEmptyListsOfAnUpdateAreSent(t *testing.T) {
	t.Parallel()
	for name, scripts := range map[string][]string{"empty": {}, "nil": nil} {
		client, v := newClient(t, says(200, `{"key": `+shortKey+`}`))
		_, err := client.Hub(testHub).Update(t.Context(), ByKey(testValue), UpdateKeyParams{LimitedScripts: Set(scripts)})
		require.NoError(t, err, name)
		assert.JSONEq(t, `{"limitedScripts": []}`, v.Calls[0].Body, name)
	}
}

func TestTemporary(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer    answer
		temporary bool
	}{
		"rate limit":        {saysAs(429, ``, "Retry-After", "3600"), true},
		"no address":        {says(403, `{"message": "IP address is not whitelisted."}`), false},
		"not found":         {says(400, `{"message": "Key could not be found."}`), false},
		"unassigned limit":  {says(400, `{"message": "You can only have a maximum of 300 unassigned keys per hub."}`), false},
		"lost answer":       {breaks(io.ErrUnexpectedEOF), false},
		"failing vendor":    {says(503, ``), false},
		"unreadable answer": {says(200, `OK`), false},
	} {
		client, _ := newClient(t, test.answer)
		_, err := client.Hub(testHub).Generate(t.Context(), GenerateKeysParams{Amount: 5})
		assert.Equal(t, test.temporary, errorOf(t, err).Temporary(), name)
	}
	assert.False(t, (&Error{}).Temporary(), "made by a literal")
}
