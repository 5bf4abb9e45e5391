package keycrate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
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
	cfg := Config{
		APIKey:           "0123456789",
		BaseURL:          "http://example.com",
		UserAgent:        "shop\n",
		Retry:            RetryPolicy{MaxAttempts: -1, BaseDelay: -2, MaxDelay: -3, MaxRetryAfter: -4},
		AttemptTimeout:   -5,
		MaxResponseBytes: -6,
		Pacing:           []Window{{Calls: 0, Per: time.Minute}},
	}
	_, err := New(cfg)
	_, appErr := NewApp(AppConfig{"my app", cfg.BaseURL, nil, cfg.UserAgent, nil, cfg.Retry, cfg.AttemptTimeout, cfg.MaxResponseBytes, false, nil, cfg.Pacing})
	for _, err := range []error{err, appErr} {
		require.Error(t, err)
		for _, fault := range []string{
			"BaseURL", "UserAgent", "Retry.MaxAttempts is -1", "Retry.BaseDelay is -2ns", "Retry.MaxDelay is -3ns",
			"Retry.MaxRetryAfter is -4ns", "AttemptTimeout is -5ns", "MaxResponseBytes is -6", "keycrate: Pacing: ", "window 1 allows 0 calls",
		} {
			assert.ErrorContains(t, err, fault)
		}
		for _, line := range strings.Split(err.Error(), "\n") {
			assert.NotEmpty(t, strings.TrimSpace(line))
		}
	}
	assert.ErrorContains(t, err, "keycrate: APIKey does not begin with kc_")
	assert.ErrorContains(t, appErr, "keycrate: AppID: not a UUID")
	assert.NotContains(t, appErr.Error(), "APIKey")
}

func TestNewRefusesASlipOfCopying(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", testAPIKey + "\n", " " + testAPIKey, testAPIKey + "\u200b", "Bearer " + testAPIKey, testAPIKey[3:], "KC_" + testAPIKey[3:]} {
		client, err := New(Config{APIKey: key})
		assert.Nil(t, client)
		require.ErrorContains(t, err, "APIKey")
		assert.NotContains(t, err.Error(), testAPIKey[3:])
	}
	_, err := New(Config{})
	assert.EqualError(t, err, "keycrate: APIKey is empty", "and nothing about its beginning")
	app, err := NewApp(AppConfig{})
	assert.Nil(t, app)
	assert.EqualError(t, err, "keycrate: AppID: an id is required: the vendor's dashboard shows it")
}

func TestNewNeedsNothingButAKey(t *testing.T) {
	t.Parallel()
	client, err := New(Config{APIKey: testAPIKey})
	require.NoError(t, err)
	assert.NotNil(t, client.Licenses)
	assert.NotNil(t, client.HWIDs)
	assert.NotNil(t, client.Subscriptions)
	_, err = NewApp(AppConfig{AppID: testApp})
	require.NoError(t, err)
}

func TestNewLeavesTheCallersHTTPClientAlone(t *testing.T) {
	t.Parallel()
	own := &http.Client{Transport: &vendor{Answers: []answer{says(200, `{"data": []}`)}}, Timeout: time.Minute}
	before := *own
	client, err := New(Config{APIKey: testAPIKey, HTTPClient: own})
	require.NoError(t, err)
	_, err = client.Subscriptions.List(t.Context(), testApp)
	require.NoError(t, err)
	assert.Equal(t, before, *own)
}

type ctxKey struct{}

// All settings of an App are those of a Client, and both reach the transport.
func TestSettingsReachTheTransport(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(context.Context, Config) error{
		"listSubscriptions": func(ctx context.Context, cfg Config) error {
			client, err := New(cfg)
			require.NoError(t, err)
			_, err = client.Subscriptions.List(ctx, testApp)
			return err
		},
		"authenticate": func(ctx context.Context, cfg Config) error {
			app, err := NewApp(AppConfig{AppID: testApp, BaseURL: cfg.BaseURL, HTTPClient: cfg.HTTPClient, UserAgent: cfg.UserAgent, Logger: cfg.Logger,
				Retry: cfg.Retry, AttemptTimeout: cfg.AttemptTimeout, MaxResponseBytes: cfg.MaxResponseBytes, AllowPlainHTTP: cfg.AllowPlainHTTP,
				OnAttempt: cfg.OnAttempt, Pacing: cfg.Pacing})
			require.NoError(t, err)
			_, err = app.Authenticate(ctx, AuthParams{License: testKey})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				v := &vendor{Answers: []answer{says(503, `{"error": "busy"}`), says(200, `{"success": true, "data": []}`)}}
				var attempts []Attempt
				var log clienttest.Printer
				began := time.Now()
				err := ask(context.WithValue(t.Context(), ctxKey{}, "here"), Config{
					APIKey: testAPIKey, BaseURL: "http://vendor.example/mock/", AllowPlainHTTP: true, HTTPClient: &http.Client{Transport: v}, UserAgent: "shop/1.2",
					Logger: log.Logger(), Retry: RetryPolicy{MaxAttempts: 2, BaseDelay: 1, MaxDelay: 2},
					OnAttempt: func(ctx context.Context, a Attempt) {
						assert.Equal(t, "here", ctx.Value(ctxKey{}))
						attempts = append(attempts, a)
					},
					Pacing: []Window{{Calls: 1, Per: time.Minute}},
				})
				require.NoError(t, err)
				assert.GreaterOrEqual(t, time.Since(began), time.Minute, "the pacer holds the second attempt back")
				require.Len(t, v.Calls, 2)
				assert.True(t, strings.HasPrefix(v.Calls[0].URL, "http://vendor.example/mock/"))
				assert.True(t, strings.HasPrefix(v.Calls[0].Header.Get("User-Agent"), "shop/1.2 keysmith-go/"))
				require.Len(t, attempts, 2)
				assert.Equal(t, Attempt{Op: name, Number: 2, StatusCode: 200, Header: attempts[1].Header, Duration: attempts[1].Duration}, attempts[1])
				assert.Equal(t, 503, attempts[0].StatusCode)
				e := errorOf(t, attempts[0].Err)
				assert.ErrorIs(t, e, ErrServer)
				assert.Equal(t, "busy", e.Message)
				assert.Contains(t, log.String(), name)

				began = time.Now()
				err = ask(t.Context(), Config{APIKey: testAPIKey, Retry: RetryPolicy{MaxAttempts: 1}, AttemptTimeout: time.Second,
					HTTPClient: &http.Client{Transport: clienttest.Hangs{}}})
				assert.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Equal(t, time.Second, time.Since(began))

				err = ask(t.Context(), Config{APIKey: testAPIKey, MaxResponseBytes: 10,
					HTTPClient: &http.Client{Transport: &vendor{Answers: []answer{says(200, `{"success": true, "data": []}`)}}}})
				assert.ErrorIs(t, err, ErrBadResponse)
				assert.ErrorContains(t, err, "MaxResponseBytes")

				err = ask(t.Context(), Config{APIKey: testAPIKey, Retry: RetryPolicy{MaxRetryAfter: 9 * time.Second},
					HTTPClient: &http.Client{Transport: &vendor{Answers: []answer{saysAs(429, ``, "Retry-After", "10")}}}})
				assert.Equal(t, 10*time.Second, errorOf(t, err).RetryAfter)
				assert.Equal(t, 1, errorOf(t, err).Attempts)
			})
		})
	}
}

// The two kinds of configuration differ in what identifies the caller only.
func TestAnAppHasTheSettingsOfAClient(t *testing.T) {
	t.Parallel()
	client, app := reflect.TypeFor[Config](), reflect.TypeFor[AppConfig]()
	require.Equal(t, client.NumField(), app.NumField())
	for i := 1; i < client.NumField(); i++ {
		assert.Equal(t, client.Field(i).Name, app.Field(i).Name)
		assert.Equal(t, client.Field(i).Type, app.Field(i).Type)
	}
}

// The waits are the vendor's advice; jitter only makes them longer.
func TestWaitsBetweenAttempts(t *testing.T) {
	t.Parallel()
	s := time.Second
	for name, test := range map[string]struct {
		policy      RetryPolicy
		least, most []time.Duration
	}{
		"by default":          {RetryPolicy{}, []time.Duration{s, 4 * s, 10 * s}, []time.Duration{s * 5 / 4, 5 * s, 10 * s * 5 / 4}},
		"fewer":               {RetryPolicy{MaxAttempts: 2}, []time.Duration{s}, []time.Duration{s * 5 / 4}},
		"more":                {RetryPolicy{MaxAttempts: 5}, []time.Duration{s, 4 * s, 10 * s, 10 * s}, []time.Duration{s * 5 / 4, 5 * s, 10 * s * 5 / 4, 10 * s * 5 / 4}},
		"none":                {RetryPolicy{MaxAttempts: 1}, nil, nil},
		"from a base":         {RetryPolicy{BaseDelay: s}, make([]time.Duration, 3), []time.Duration{s, 2 * s, 4 * s}},
		"up to a bound":       {RetryPolicy{MaxDelay: s / 2}, make([]time.Duration, 3), []time.Duration{s / 4, s / 2, s / 2}},
		"with another wish":   {RetryPolicy{MaxRetryAfter: s}, []time.Duration{s, 4 * s, 10 * s}, []time.Duration{s * 5 / 4, 5 * s, 10 * s * 5 / 4}},
		"base, bound, number": {RetryPolicy{2, s, s, s}, make([]time.Duration, 1), []time.Duration{s}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var waits []time.Duration
				v := &vendor{Answers: []answer{says(500, `{"error": "Oops.", "error_code": "SERVER_ERROR"}`)}}
				client, err := New(Config{APIKey: testAPIKey, HTTPClient: &http.Client{Transport: v}, Retry: test.policy,
					OnAttempt: func(_ context.Context, a Attempt) { waits = append(waits, a.Wait) }})
				require.NoError(t, err)
				_, err = client.Licenses.Get(t.Context(), testKey)
				assert.ErrorIs(t, err, ErrServer)
				require.Len(t, waits, len(test.least)+1)
				for i, least := range test.least {
					assert.GreaterOrEqual(t, waits[i], least)
					assert.LessOrEqual(t, waits[i], test.most[i])
				}
			})
		})
	}
}

// The API key must not appear in anything that can be printed, and neither must
// the license keys, devices and passwords that calls send.
func TestCanary(t *testing.T) {
	t.Parallel()
	const license, device, password = `hidden-key-"1"`, "hidden-device-id", "hidden-password"
	var printed clienttest.Printer
	echo := func(call sent) (*http.Response, error) { // a vendor that repeats everything it is told
		said, _ := json.Marshal(call.Header.Get("X-Api-Key") + " " + call.URL + " " + call.Body)
		return saysAs(400, `{"error": `+string(said)+`}`, "Content-Type", "application/json", "X-Request-Id", call.Header.Get("X-Api-Key"))(call)
	}
	mirror := func(call sent) (*http.Response, error) { return says(400, call.Body)(call) }
	broken := func(call sent) (*http.Response, error) {
		return nil, errors.New("cannot reach " + call.URL + " with " + call.Header.Get("X-Api-Key") + call.Body)
	}
	v := &vendor{}
	cfg := Config{
		APIKey: testAPIKey, HTTPClient: &http.Client{Transport: v}, Logger: printed.Logger(), Retry: RetryPolicy{MaxAttempts: 1},
		OnAttempt: func(_ context.Context, a Attempt) {
			a.Header = nil // as it came, so it is the one thing that a vendor can spoil
			fmt.Fprintf(&printed, "%v %+v %#v %s\n", a, a, a, a.Err)
		},
	}
	client, err := New(cfg)
	require.NoError(t, err)
	appCfg := AppConfig{AppID: testApp, HTTPClient: cfg.HTTPClient, Logger: cfg.Logger, Retry: cfg.Retry, OnAttempt: cfg.OnAttempt}
	app, err := NewApp(appCfg)
	require.NoError(t, err)
	secret := Credentials{Username: "example", Password: password}
	for _, answers := range [][]answer{{echo}, {mirror}, {broken}, {says(200, `{"success": "`+license)}, {saysAs(302, ``, "Location", "https://other.example/?k="+testAPIKey)}} {
		v.Answers, v.Calls = answers, nil
		for _, c := range callCases() {
			printed.Show(c.dry(t.Context(), both{client, app}))
		}
		keys := []string{license, "b"}
		for _, call := range []func() (any, error){
			func() (any, error) { return client.Licenses.Get(t.Context(), license) },
			func() (any, error) { return client.Licenses.Extend(t.Context(), license, time.Hour) },
			func() (any, error) { return client.Licenses.ExtendBulk(t.Context(), keys, time.Hour) },
			func() (any, error) { return nil, client.Licenses.Delete(t.Context(), license) },
			func() (any, error) { return client.Licenses.DeleteBulk(t.Context(), keys) },
			func() (any, error) {
				return client.Licenses.List(t.Context(), ListLicensesParams{AppID: testApp, Search: license})
			},
			func() (any, error) { return client.Licenses.Pause(t.Context(), license) },
			func() (any, error) { return client.Licenses.SetStatusBulk(t.Context(), keys, StatusPaused) },
			func() (any, error) { return client.Licenses.SetSubscription(t.Context(), license, testTier) },
			func() (any, error) { return client.Licenses.SetCredentials(t.Context(), license, secret) },
			func() (any, error) { return client.Licenses.SetMetadata(t.Context(), license, nil) },
			func() (any, error) { return client.HWIDs.Set(t.Context(), license, device) },
			func() (any, error) { return client.HWIDs.Clear(t.Context(), license) },
			func() (any, error) { return client.HWIDs.SetLock(t.Context(), license, true) },
			func() (any, error) { return client.HWIDs.SetLockBulk(t.Context(), keys, true) },
			func() (any, error) { return client.HWIDs.SetResetAllowed(t.Context(), license, true) },
			func() (any, error) { return client.HWIDs.SetResetInterval(t.Context(), license, 0) },
			func() (any, error) { return app.Authenticate(t.Context(), AuthParams{License: license, HWID: device}) },
			func() (any, error) {
				return app.Authenticate(t.Context(), AuthParams{Credentials: secret, HWID: device})
			},
			func() (any, error) { return app.Register(t.Context(), license, secret) },
		} {
			_, err := call()
			require.Error(t, err)
			printed.Show(err)
		}
	}
	for _, v := range []any{cfg, &cfg, struct{ C Config }{cfg}, []Config{cfg}, map[string]any{"c": &cfg}, client, *client, client.Licenses,
		*client.Licenses, client.HWIDs, *client.Subscriptions, appCfg, &appCfg, app, *app, secret, &secret, []Credentials{secret},
		AuthParams{Credentials: secret}, &AuthParams{Credentials: secret}} {
		printed.Show(v)
	}
	_, err = New(Config{APIKey: testAPIKey + "\x00", BaseURL: "https://user:" + testAPIKey + "@h/?" + testAPIKey})
	printed.Show(err)
	fmt.Fprintf(&printed, "%p %p %p\n", &cfg, client, client.Licenses)
	printed.Dump(client)
	printed.Dump(app)
	printed.AssertHides(t, testAPIKey, license, `hidden-key-\"1\"`, "hidden-key-", device, password)
	text := printed.String()
	assert.Contains(t, text, "keycrate.Config{APIKey: [redacted]")
	assert.Contains(t, text, `keycrate.AppConfig{AppID: "`+testApp+`"`)
	assert.Contains(t, text, `keycrate.Credentials{Username: "example", Password: [redacted]}`)
	assert.Contains(t, text, `"op":"setHWIDLockBulk"`, "the log of the client is in it")
	assert.Contains(t, text, "[redacted]", "what the vendor repeats is in it")
}
