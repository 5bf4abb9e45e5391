package transport

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for address, problem := range map[string]string{
		"https://api.example.com":            "",
		"https://api.example.com/":           "",
		"https://api.example.com/api/v2/":    "",
		"HTTPS://api.example.com:8443":       "",
		"http://localhost:8080":              "",
		"http://LOCALHOST":                   "",
		"http://127.0.0.1:1":                 "",
		"http://127.8.9.1":                   "",
		"http://[::1]:80/x":                  "",
		"http://[::ffff:127.0.0.1]":          "",
		"":                                   "is empty",
		"api.example.com":                    "must begin with https://",
		"//api.example.com":                  "must begin with https://",
		"ftp://api.example.com":              "must begin with https://",
		"https://":                           "must begin with https://",
		"https://:443":                       "must begin with https://",
		"https:///keys":                      "must begin with https://",
		"https://user:s3cret@example.com":    "must not hold a user",
		"https://s3cret@example.com":         "must not hold a user",
		"https://user:s3/cret@example.com":   "is not an address",
		"https://api.example.com?x=s3cret":   "must not have a query",
		"https://api.example.com?":           "must not have a query",
		"https://api.example.com/#s3cret":    "must not have a fragment",
		"https://api.example.com/#":          "must not have a fragment",
		"http://api.example.com":             "AllowPlainHTTP",
		"http://127.0.0.1.example.com":       "AllowPlainHTTP",
		"http://localhost.example.com":       "AllowPlainHTTP",
		"http://10.0.0.1":                    "AllowPlainHTTP",
		"http://0.0.0.0":                     "AllowPlainHTTP",
		"http://[::ffff:10.0.0.1]":           "AllowPlainHTTP",
		"https://api.example.com/%zz":        "is not an address",
		"https://api.example.com\n/":         "is not an address",
		"http://user:s3cret@api.example.com": "must not hold a user",
	} {
		cfg := testConfig(nil)
		cfg.BaseURL = address
		_, err := New(cfg)
		if problem == "" {
			assert.NoError(t, err, address)
			continue
		}
		if assert.ErrorContains(t, err, problem, address) {
			assert.ErrorContains(t, err, "acme: BaseURL ")
			assert.NotContains(t, err.Error(), "s3")
		}
	}
	cfg := testConfig(nil)
	cfg.BaseURL, cfg.AllowPlainHTTP = "http://10.0.0.1", true
	_, err := New(cfg)
	assert.NoError(t, err)
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	const good = "kc_0123-ABC~._/+="
	for name, tc := range map[string]struct {
		credential    Credential
		header, value string
	}{
		"none":   {Credential{}, "Authorization", ""},
		"bearer": {Bearer(good), "Authorization", "Bearer " + good},
		"bare":   {BareKey(good), "Authorization", good},
		"header": {HeaderKey("x-api-key", good), "X-Api-Key", good},
		"scheme": {Scheme("License", good), "Authorization", "License " + good},
		"basic":  {Basic("me@example.com", "p w:d"), "Authorization", "Basic bWVAZXhhbXBsZS5jb206cCB3OmQ="},
	} {
		var got http.Header
		cfg := testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
			got = req.Header
			return reply(201, keyJSON), nil
		}))
		cfg.Credential = tc.credential
		_, err := callKeyOp(t.Context(), newClient(t, cfg), Once)
		require.NoError(t, err, name)
		assert.Equal(t, tc.value, got.Get(tc.header), name)
	}

	for _, bad := range []string{"", " ", "s3cret ", " s3cret", "s3c\tret", "s3cret\n", "s3cret\r\nX-Admin: 1", "s3c\x00ret", "s3cr\u00e9t", "s3cret\u200b", "Bearer s3cret"} {
		for _, credential := range []Credential{Bearer(bad), BareKey(bad), HeaderKey("x-api-key", bad), Scheme("License", bad)} {
			cfg := testConfig(nil)
			cfg.Credential = credential
			_, err := New(cfg)
			assert.ErrorContains(t, err, "acme: APIKey ", "%q", bad)
			assert.NotContains(t, err.Error(), "s3c")
		}
	}
	for problem, credential := range map[string]Credential{
		"Password needs both":       Basic("", "x").Named("Password"),
		"APIKey needs both":         Basic("x", ""),
		"a colon":                   Basic("a:b", "x"),
		"LicenseKey is empty":       Scheme("License", "").Named("LicenseKey"),
		"is not the name of a head": HeaderKey("x api key", "x"),
	} {
		cfg := testConfig(nil)
		cfg.Credential = credential
		_, err := New(cfg)
		assert.ErrorContains(t, err, problem)
	}
}

func TestNewReportsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	_, err := New(Config{
		Vendor:           "acme",
		BaseURL:          "ftp://x",
		UserAgent:        "a\nb",
		Retry:            Retry{MaxAttempts: -1},
		AttemptTimeout:   -1,
		MaxResponseBytes: -1,
		Credential:       Bearer(""),
		Header:           http.Header{"Idempotency-Key": {"1"}, "x-idempotency-key": {"1"}, "A b": {"x"}, "C": {"1\n2"}},
	})
	require.Error(t, err)
	for _, name := range []string{"acme:", "BaseURL", "UserAgent", "Retry.MaxAttempts", "AttemptTimeout", "MaxResponseBytes", "APIKey", "Idempotency-Key", "X-Idempotency-Key", `"A b"`, "header C"} {
		assert.ErrorContains(t, err, name)
	}
}

func TestCallersClientIsCopied(t *testing.T) {
	t.Parallel()
	cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) { return reply(201, keyJSON), nil }))
	before := *cfg.HTTPClient
	header := http.Header{"X-A": {"1"}}
	cfg.Header = header
	client := newClient(t, cfg)
	header.Set("X-A", "2")
	assert.Equal(t, "1", client.header.Get("X-A"))
	assert.Nil(t, before.CheckRedirect)
	assert.Nil(t, cfg.HTTPClient.CheckRedirect)
	assert.IsType(t, roundTripper(nil), cfg.HTTPClient.Transport)
	_, closes := client.http.Transport.(interface{ CloseIdleConnections() })
	assert.False(t, closes, "go-retryablehttp would close the connections of others")
}

func TestOwnConnections(t *testing.T) {
	t.Parallel()
	for _, given := range []*http.Client{nil, {Timeout: time.Second}} {
		cfg := testConfig(nil)
		cfg.HTTPClient = given
		client := newClient(t, cfg)
		own := client.http.Transport.(sender).base.(*http.Transport)
		assert.NotSame(t, http.DefaultTransport, own)
		assert.Equal(t, 15*time.Second, own.IdleConnTimeout)
		assert.NotNil(t, own.Proxy)
		assert.True(t, client.own)
	}
	shared := &http.Transport{}
	client := newClient(t, testConfig(shared))
	assert.Same(t, shared, client.http.Transport.(sender).base)
	assert.False(t, client.own)
}

func TestVersionOf(t *testing.T) {
	t.Parallel()
	mine := func(version string, replace *debug.Module) *debug.Module {
		return &debug.Module{Path: module, Version: version, Replace: replace}
	}
	other := &debug.Module{Path: "example.com/shop", Version: "v9.9.9"}
	for _, tc := range []struct {
		info *debug.BuildInfo
		want string
	}{
		{&debug.BuildInfo{Main: *other, Deps: []*debug.Module{other, mine("v0.3.1", nil)}}, "0.3.1"},
		{&debug.BuildInfo{Main: *other, Deps: []*debug.Module{mine("v0.3.1", other)}}, "devel"},
		{&debug.BuildInfo{Main: *mine("(devel)", nil)}, "devel"},
		{&debug.BuildInfo{Main: *mine("", nil)}, "devel"},
		{&debug.BuildInfo{Main: *other}, "devel"},
	} {
		assert.Equal(t, tc.want, versionOf(tc.info))
	}
}

type person struct{ name string }

func (person) String() string { return "somebody" }

type described struct{ Who person }

func TestDescribe(t *testing.T) {
	t.Parallel()
	type window struct {
		Calls int
		Per   time.Duration
	}
	type config struct {
		APIKey   string
		Token    string
		Account  string
		BaseURL  string
		Client   *http.Client
		Logger   *slog.Logger
		Retry    Retry
		Timeout  time.Duration
		Limit    int64
		Allow    bool
		Hook     func()
		Header   http.Header
		Keys     []string
		Bytes    []byte
		Any      any
		Pacing   []window
		internal string
	}
	cfg := config{
		APIKey: testKey, Token: testKey, Account: "acc-1", BaseURL: "https://u:" + testKey + "@h/p",
		Client: &http.Client{}, Logger: slog.Default(), Retry: Retry{MaxAttempts: 2, Schedule: []time.Duration{time.Second}},
		Timeout: 5 * time.Second, Limit: 9, Allow: true, Hook: func() {}, Header: http.Header{"A": {testKey}},
		Keys: []string{testKey}, Bytes: []byte(testKey), Any: testKey, Pacing: []window{{1, 2}}, internal: testKey,
	}
	want := `transport.config{APIKey: [redacted], Token: [redacted], Account: "acc-1", BaseURL: "https://h/p", Client: set, ` +
		`Logger: set, Retry: transport.Retry{MaxAttempts: 2, Schedule: [1s]}, Timeout: 5s, Limit: 9, Allow: true, Hook: set, ` +
		`Header: set, Keys: set, Bytes: set, Any: set, Pacing: set}`
	assert.Equal(t, want, Describe(cfg, "Account"))
	assert.Equal(t, want, Describe(&cfg, "Account"))
	assert.Equal(t, "transport.config{}", Describe(config{internal: "x"}))
	assert.Equal(t, redacted, Describe(testKey))
	assert.Equal(t, redacted, Describe((*config)(nil)))
	assert.Equal(t, `transport.described{Who: somebody}`, Describe(described{Who: person{testKey}}), "what can describe itself does")
	assert.Equal(t, `transport.config{BaseURL: "[redacted]"}`, Describe(config{BaseURL: "u:" + testKey + "@h"}))
}

func TestWhatSurelyGoesOverHTTP1(t *testing.T) {
	t.Parallel()
	without := &http.Transport{Protocols: new(http.Protocols)}
	without.Protocols.SetUnencryptedHTTP2(true)
	for _, test := range []struct {
		base      string
		transport http.RoundTripper
		want      bool
	}{
		{"http://localhost", &http.Transport{}, true},
		{"https://localhost", &http.Transport{}, false},
		{"http://localhost", without, false},
		{"http://localhost", constantBody(""), false}, // may be anything
	} {
		assert.Equal(t, test.want, isHTTP1(test.base, test.transport), "%s %T", test.base, test.transport)
	}
}
