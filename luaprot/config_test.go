package luaprot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
)

func TestNewReportsEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	_, err := New(Config{
		BaseURL:          "http://example.com",
		UserAgent:        "shop\n",
		Retry:            RetryPolicy{MaxAttempts: -1, BaseDelay: -2, MaxDelay: -3, MaxRetryAfter: -4},
		AttemptTimeout:   -5,
		MaxResponseBytes: -6,
		Pacing:           NewPacing(Window{Calls: 0, Per: time.Minute}, Window{Calls: 1}),
	})
	require.Error(t, err)
	for _, fault := range []string{
		"APIKey is empty", "BaseURL", "UserAgent", "Retry.MaxAttempts is -1", "Retry.BaseDelay is -2ns", "Retry.MaxDelay is -3ns",
		"Retry.MaxRetryAfter is -4ns", "AttemptTimeout is -5ns", "MaxResponseBytes is -6", "Pacing", "window 1 allows 0 calls", "window 2 is 0s long",
	} {
		assert.ErrorContains(t, err, fault)
	}
	for _, line := range strings.Split(err.Error(), "\n") {
		assert.NotEmpty(t, strings.TrimSpace(line))
	}
	client, err := New(Config{APIKey: testAPIKey, Pacing: NewPacing(Window{})})
	assert.Nil(t, client)
	assert.ErrorContains(t, err, "luaprot: Pacing: ")
}

func TestNewRefusesASlipOfCopying(t *testing.T) {
	t.Parallel()
	for _, key := range []string{testAPIKey + "\n", " " + testAPIKey, testAPIKey + "\u200b", "Bearer " + testAPIKey} {
		_, err := New(Config{APIKey: key})
		require.ErrorContains(t, err, "APIKey")
		assert.NotContains(t, err.Error(), testAPIKey)
	}
}

func TestNewNeedsNothingButAKey(t *testing.T) {
	t.Parallel()
	client, err := New(Config{APIKey: testAPIKey})
	require.NoError(t, err)
	assert.NotNil(t, client.Keys)
	assert.NotNil(t, client.Hub(testHub))
}

func TestNewLeavesTheCallersHTTPClientAlone(t *testing.T) {
	t.Parallel()
	own := &http.Client{Transport: &vendor{Answers: []answer{says(200, `{"keys": []}`)}}, Timeout: time.Minute}
	before := *own
	client, err := New(Config{APIKey: testAPIKey, HTTPClient: own})
	require.NoError(t, err)
	_, err = client.Keys.List(t.Context(), ListKeysParams{})
	require.NoError(t, err)
	assert.Equal(t, before, *own)
}

func TestSettingsReachTheTransport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &vendor{Answers: []answer{says(503, `{"success": false, "message": "busy"}`), says(200, `{"keys": []}`)}}
		var attempts []Attempt
		client, err := New(Config{
			APIKey: testAPIKey, BaseURL: "http://vendor.example/mock/", AllowPlainHTTP: true, HTTPClient: &http.Client{Transport: v}, UserAgent: "shop/1.2",
			Retry: RetryPolicy{MaxAttempts: 2, BaseDelay: 1, MaxDelay: 2},
			OnAttempt: func(ctx context.Context, a Attempt) {
				assert.Equal(t, "here", ctx.Value(ctxKey{}))
				attempts = append(attempts, a)
			},
			Pacing: NewPacing(Window{Calls: 1, Per: time.Minute}),
		})
		require.NoError(t, err)
		began := time.Now()
		_, err = client.Keys.List(context.WithValue(t.Context(), ctxKey{}, "here"), ListKeysParams{})
		require.NoError(t, err)

		assert.GreaterOrEqual(t, time.Since(began), time.Minute, "the pacer holds the second attempt back")
		require.Len(t, v.Calls, 2)
		assert.Equal(t, "http://vendor.example/mock/api/v1/keys/fetch", v.Calls[0].URL)
		assert.True(t, strings.HasPrefix(v.Calls[0].Header.Get("User-Agent"), "shop/1.2 keysmith-go/"))
		require.Len(t, attempts, 2)
		assert.Equal(t, Attempt{Op: "fetchKeys", Number: 2, StatusCode: 200, Header: attempts[1].Header, Duration: attempts[1].Duration}, attempts[1])
		assert.Equal(t, "fetchKeys", attempts[0].Op)
		assert.Equal(t, 503, attempts[0].StatusCode)
		assert.NotNil(t, attempts[0].Header)
		e := errorOf(t, attempts[0].Err)
		assert.ErrorIs(t, e, ErrServer)
		assert.Equal(t, "busy", e.Message)
	})
}

type ctxKey struct{}

func TestLimitsReachTheTransport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, err := New(Config{
			APIKey: testAPIKey, Retry: RetryPolicy{MaxAttempts: 1}, AttemptTimeout: time.Second,
			HTTPClient: &http.Client{Transport: clienttest.Hangs{}},
		})
		require.NoError(t, err)
		began := time.Now()
		_, err = client.Keys.List(t.Context(), ListKeysParams{})
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(began))

		client, err = New(Config{APIKey: testAPIKey, MaxResponseBytes: 10,
			HTTPClient: &http.Client{Transport: &vendor{Answers: []answer{says(200, `{"keys": []}`)}}}})
		require.NoError(t, err)
		_, err = client.Keys.List(t.Context(), ListKeysParams{})
		assert.ErrorIs(t, err, ErrBadResponse)
		assert.ErrorContains(t, err, "MaxResponseBytes")

		client, err = New(Config{APIKey: testAPIKey, Retry: RetryPolicy{MaxRetryAfter: 9 * time.Second},
			HTTPClient: &http.Client{Transport: &vendor{Answers: []answer{says(429, ``)}}}})
		require.NoError(t, err)
		_, err = client.Keys.List(t.Context(), ListKeysParams{})
		assert.Equal(t, 10*time.Second, errorOf(t, err).RetryAfter)
		assert.Equal(t, 1, errorOf(t, err).Attempts)
	})
}

// The API key must not appear in anything that can be printed, and neither must
// the keys that calls name in their query.
func TestCanary(t *testing.T) {
	t.Parallel()
	const value, device = "hidden-key-value", "hidden-device-id"
	var printed clienttest.Printer
	echo := func(call sent) (*http.Response, error) { // a vendor that repeats everything it is told
		return saysAs(400, fmt.Sprintf(`{"success": false, "message": %q}`, call.Header.Get("Authorization")+" "+call.URL),
			"Content-Type", "application/json", "X-Request-Id", testAPIKey, "X-Echo", "nothing")(call)
	}
	broken := func(call sent) (*http.Response, error) {
		return nil, errors.New("cannot reach " + call.URL + " with " + testAPIKey)
	}
	v := &vendor{}
	cfg := Config{
		APIKey: testAPIKey, HTTPClient: &http.Client{Transport: v}, Logger: printed.Logger(), Retry: RetryPolicy{MaxAttempts: 1}, Pacing: NoPacing(),
		OnAttempt: func(_ context.Context, a Attempt) {
			a.Header = nil // as it came, so it is the one thing that a vendor can spoil
			fmt.Fprintf(&printed, "%v %+v %#v %s\n", a, a, a, a.Err)
		},
	}
	client, err := New(cfg)
	require.NoError(t, err)
	hub := client.Hub(testHub)
	for _, answers := range [][]answer{{echo}, {broken}, {says(200, testAPIKey)}, {saysAs(302, ``, "Location", "https://other.example/?k="+testAPIKey)}} {
		for _, c := range callCases() {
			v.Answers, v.Calls = answers, nil
			printed.Show(c.dry(t.Context(), client))
		}
		_, err := hub.Get(t.Context(), ByKey(value))
		printed.Show(err)
		_, err = hub.Update(t.Context(), ByKey(value), UpdateKeyParams{Note: Set("n")})
		printed.Show(err)
		_, err = hub.ResetHWID(t.Context(), ByKey(value))
		printed.Show(err)
		_, err = client.Keys.List(t.Context(), ListKeysParams{Value: value, HWID: device})
		printed.Show(err)
		printed.Show(hub.Delete(t.Context(), ByKey(value)))
		_, err = hub.Get(t.Context(), ByDiscordID(value))
		printed.Show(err)
	}
	for _, v := range []any{cfg, &cfg, struct{ C Config }{cfg}, []Config{cfg}, map[string]any{"c": &cfg},
		client, *client, client.Keys, *client.Keys, hub, *hub, cfg.Pacing, NewPacing()} {
		printed.Show(v)
	}
	_, err = New(Config{APIKey: testAPIKey + "\x00", BaseURL: "https://user:" + testAPIKey + "@h/?" + testAPIKey})
	printed.Show(err)
	fmt.Fprintf(&printed, "%p %p %p\n", &cfg, client, client.Keys)
	printed.Dump(client)
	printed.Dump(hub)
	printed.AssertHides(t, testAPIKey, value, device)
	assert.Contains(t, printed.String(), "luaprot.Config{APIKey: [redacted]")
	assert.Contains(t, printed.String(), `"op":"resetHWID"`, "the log of the client is in it")
}
