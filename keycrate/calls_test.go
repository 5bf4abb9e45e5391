package keycrate

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

func TestEveryOperationIsCovered(t *testing.T) {
	t.Parallel()
	covered := map[string]transport.Class{}
	for _, c := range callCases() {
		covered[c.op] = c.class
	}
	for _, op := range keycratewire.Operations() {
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
			client, v := newBoth(t, says(200, c.answer))
			got, err := c.call(t.Context(), client)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)

			require.Len(t, v.Calls, 1)
			call := v.Calls[0]
			assert.Equal(t, "POST", call.Method)
			assert.Equal(t, DefaultBaseURL+c.path, call.URL)
			assert.JSONEq(t, c.body, call.Body)
			assert.NotContains(t, call.Body, `\u00`, "needless escapes")
			assert.Equal(t, []string{"application/json"}, call.Header["Content-Type"])
			assert.Equal(t, []string{"application/json"}, call.Header["Accept"])
			assert.Regexp(t, `^keysmith-go/\S+ \(keycrate\)$`, call.Header.Get("User-Agent"))
			if c.op == "authenticate" || c.op == "register" {
				assert.Len(t, call.Header, 3, "no API key")
			} else {
				assert.Equal(t, []string{testAPIKey}, call.Header["X-Api-Key"], "alone")
				assert.Len(t, call.Header, 4)
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
				client, _ := newBoth(t, says(201, body))
				got, err := c.call(t.Context(), client)
				require.NoError(t, err)
				assert.Equal(t, c.want, got)
			})
		}
	}
}

// An update that is answered by a word of success has been made, whether the
// answer shows its result or not.
func TestUpdatesAnsweredByAWord(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		var want any
		switch c.want.(type) {
		case *License:
			want = bare()
		case []*License:
			want = []*License(nil)
		}
		if want == nil || strings.HasPrefix(c.op, "create") || c.class == transport.Read {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, body := range []string{ok, `{"success": true}`, `{"message": "Extended."}`, `{"success": true, "data": null}`, `{"success": true, "data": []}`} {
				client, _ := newBoth(t, says(200, body))
				got, err := c.call(t.Context(), client)
				require.NoError(t, err, body)
				if one, isOne := got.(*License); isOne {
					one.Raw = nil
				}
				assert.Equal(t, want, got, body)
			}
		})
	}
	client, _ := newClient(t, says(200, `{"success": true, "data": {"new_expiry": "2026-02-01"}}`))
	license, err := client.Licenses.Extend(t.Context(), testKey, time.Hour)
	require.NoError(t, err)
	assert.Equal(t, &License{Key: testKey, Raw: json.RawMessage(`{"new_expiry": "2026-02-01"}`)}, license, "what came can be looked at")
}

// The caller knows which license was asked about, so an answer need not say so.
func TestAnswersWithoutTheKey(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		if _, one := c.want.(*License); !one || c.op == "createLicense" || c.op == "getLicense" {
			continue
		}
		for _, body := range []string{`{"data": {"status":"paused"}}`, `{"data": {"subscription_id":"s"}}`, `{"license": {"duration_unit":"days"}}`,
			`{"data": [{"status":"paused"}]}`} {
			client, _ := newBoth(t, says(200, body))
			got, err := c.call(t.Context(), client)
			require.NoError(t, err, body)
			assert.Equal(t, testKey, got.(*License).Key, body)
			assert.Contains(t, body, string(got.(*License).Raw))
		}
	}
	client, _ := newClient(t, says(200, `{"success": true, "data": {"status":"paused"}}`))
	license, err := client.Licenses.Get(t.Context(), testKey)
	require.NoError(t, err)
	assert.Equal(t, &License{Key: testKey, Status: StatusPaused, Raw: json.RawMessage(`{"status":"paused"}`)}, license)
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
		outcome, attempts = OutcomeNotApplied, 4
	}
	t.Run(c.name+": "+body, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			client, v := newBoth(t, says(200, body))
			e := errorOf(t, c.dry(t.Context(), client))
			assert.ErrorIs(t, e, ErrBadResponse)
			assert.Equal(t, outcome, e.Outcome)
			assert.Equal(t, outcome == OutcomeUnknown, errors.Is(e, ErrUnknownOutcome))
			var denial *Denial
			assert.False(t, errors.As(e, &denial), "nobody was refused")
			v.AssertCalls(t, attempts)
		})
	})
}

// Whether a call is repeated after a lost answer depends on its class, not on
// its HTTP method: they are all POSTs.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range callCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, v := newBoth(t, breaks(syscall.ECONNRESET))
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
				client, v := newBoth(t, saysAs(400, `{"error": "Slow down.", "error_code": "RATE_LIMITED"}`, "Retry-After", "2"), says(200, c.answer))
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

func TestCutAnswer(t *testing.T) {
	t.Parallel()
	client, v := newClient(t, cuts(200, `{"success": true, "data": {"key": "TEST`))
	_, err := client.Licenses.Create(t.Context(), CreateLicenseParams{AppID: testApp, SubscriptionID: testTier, Duration: Lifetime})
	e := errorOf(t, err)
	assert.ErrorIs(t, e, ErrBadResponse)
	assert.ErrorIs(t, e, io.ErrUnexpectedEOF)
	assert.Equal(t, OutcomeApplied, e.Outcome)
	v.AssertCalls(t, 1)
}

// After an attempt that may have deleted it, the vendor's not-found says that it
// has. Nothing else does, least of all an app that is not found.
func TestDeleteThatFindsNothing(t *testing.T) {
	t.Parallel()
	says := func(status int, code string) answer {
		return says(status, `{"error": "No.", "error_code": "`+code+`"}`)
	}
	lost := breaks(io.ErrUnexpectedEOF)
	for name, remove := range map[string]struct {
		gone string
		call func(context.Context, *Client) error
	}{
		"license": {"LICENSE_NOT_FOUND", func(ctx context.Context, c *Client) error { return c.Licenses.Delete(ctx, testKey) }},
		"subscription": {"SUBSCRIPTION_NOT_FOUND", func(ctx context.Context, c *Client) error {
			deletion, err := c.Subscriptions.Delete(ctx, testTier)
			assert.Equal(t, err == nil, deletion != nil)
			return err
		}},
	} {
		notFound := says(404, remove.gone)
		for when, test := range map[string]struct {
			answers []answer
			done    bool
			kind    error
			outcome Outcome
		}{
			"at once":                    {[]answer{notFound}, false, ErrNotFound, OutcomeNotApplied},
			"after a lost answer":        {[]answer{lost, notFound}, true, nil, 0},
			"after a failing vendor":     {[]answer{says(200, "SERVER_ERROR"), notFound}, true, nil, 0},
			"under another status":       {[]answer{lost, says(400, remove.gone)}, true, nil, 0},
			"after a rate limit":         {[]answer{says(429, ""), notFound}, false, ErrNotFound, OutcomeNotApplied},
			"after both":                 {[]answer{lost, says(429, ""), notFound}, true, nil, 0},
			"but it is the app":          {[]answer{lost, says(404, "APP_NOT_FOUND")}, false, ErrAppNotFound, OutcomeUnknown},
			"but it is the route":        {[]answer{lost, says(404, "NOT_FOUND")}, false, ErrNotFound, OutcomeUnknown},
			"but it is another refusal":  {[]answer{lost, says(403, "ACCESS_DENIED")}, false, ErrAccessDenied, OutcomeUnknown},
			"but it has no code":         {[]answer{lost, saysAs(404, `{"error": "Not found."}`, "Content-Type", "application/json")}, false, ErrNotFound, OutcomeUnknown},
			"but it is a proxy's":        {[]answer{lost, saysAs(404, `<html>not here</html>`, "Content-Type", "text/html")}, false, ErrBadResponse, OutcomeUnknown},
			"but it says so in a remark": {[]answer{lost, saysAs(404, remove.gone, "Content-Type", "text/plain")}, false, ErrNotFound, OutcomeUnknown},
		} {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					client, v := newClient(t, test.answers...)
					err := remove.call(t.Context(), client)
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

// Of several licenses, not-found may mean that one never existed and that
// nothing was deleted.
func TestNotFoundAfterALostAnswerStaysAnErrorElsewhere(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(context.Context, *Client) error{
		"delete bulk": func(ctx context.Context, c *Client) error {
			_, err := c.Licenses.DeleteBulk(ctx, []string{"a", "b"})
			return err
		},
		"pause": func(ctx context.Context, c *Client) error {
			_, err := c.Licenses.Pause(ctx, testKey)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, _ := newClient(t, breaks(io.ErrUnexpectedEOF), says(404, `{"error": "No.", "error_code": "LICENSE_NOT_FOUND"}`))
				err := call(t.Context(), client)
				assert.ErrorIs(t, err, ErrLicenseNotFound)
				assert.ErrorIs(t, err, ErrUnknownOutcome)
			})
		})
	}
}

func TestCancelledCallSendsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range callCases() {
		client, v := newBoth(t, says(200, c.answer))
		e := errorOf(t, c.dry(ctx, client))
		assert.ErrorIs(t, e, context.Canceled)
		assert.Equal(t, OutcomeNotApplied, e.Outcome)
		v.AssertCalls(t, 0)
	}
}

func TestTemporary(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer    answer
		temporary bool
	}{
		"rate limit":        {saysAs(429, ``, "Retry-After", "3600"), true},
		"rate limit, coded": {saysAs(200, `{"error_code": "RATE_LIMITED"}`, "Retry-After", "3600"), true},
		"no access":         {says(403, `{"error": "No.", "error_code": "ACCESS_DENIED"}`), false},
		"not found":         {says(404, `{"error": "No.", "error_code": "APP_NOT_FOUND"}`), false},
		"lost answer":       {breaks(io.ErrUnexpectedEOF), false},
		"failing vendor":    {says(500, `{"error": "Oops.", "error_code": "SERVER_ERROR"}`), false},
		"unreadable answer": {says(200, `OK`), false},
	} {
		client, _ := newClient(t, test.answer)
		_, err := client.Licenses.Create(t.Context(), CreateLicenseParams{AppID: testApp, SubscriptionID: testTier, Duration: Days(1)})
		assert.Equal(t, test.temporary, errorOf(t, err).Temporary(), name)
	}
	assert.False(t, (&Error{}).Temporary(), "made by a literal")
	assert.Equal(t, "keycrate: getLicense: no", (&Error{Op: "getLicense", Message: "no"}).Error())
}
