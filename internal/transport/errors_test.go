package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestErrorText(t *testing.T) {
	t.Parallel()
	o := op(Once)
	silent := o
	silent.Recovery = ""
	for want, e := range map[string]*Error{
		"acme: createKey (POST /keys): 503 Service Unavailable: down (code X); tried once; outcome unknown: list the keys and look for the new one": {
			Op: o, StatusCode: 503, Message: "down", Code: "X", Attempts: 1, Outcome: Unknown, inner: &inner{kinds: []error{ErrServer}}},
		"acme: createKey (POST /keys): 503 Service Unavailable; tried once; outcome unknown: read the state back before repeating the call": {
			Op: silent, StatusCode: 503, Attempts: 1, Outcome: Unknown, inner: &inner{}},
		"acme: createKey (POST /keys): 201 Created: the answer is empty; tried once; the change was made, only its answer is lost: list the keys and look for the new one": {
			Op: o, StatusCode: 201, Attempts: 1, Outcome: Applied, inner: &inner{why: "the answer is empty"}},
		"acme: createKey (POST /keys): 429 Too Many Requests; tried 3 times; try again in 2s": {
			Op: o, StatusCode: 429, Attempts: 3, RetryAfter: 2 * time.Second, inner: &inner{kinds: []error{ErrRateLimited}}},
		"acme: createKey (POST /keys): 429 Too Many Requests; tried 3 times; try again later": {
			Op: o, StatusCode: 429, Attempts: 3, inner: &inner{kinds: []error{ErrRateLimited}}},
		"acme: createKey (POST /keys): 401 Unauthorized: no (request r1); tried once; check the credentials": {
			Op: o, StatusCode: 401, Message: "no", RequestID: "r1", Attempts: 1, inner: &inner{kinds: []error{ErrUnauthorized}}},
		"acme: createKey (POST /keys): 404 Not Found; tried once; check what the call refers to: it does not exist or belongs to another account": {
			Op: o, StatusCode: 404, Attempts: 1, inner: &inner{kinds: []error{ErrNotFound}}},
		"acme: createKey (POST /keys): 799; tried once": {
			Op: o, StatusCode: 799, Attempts: 1, inner: &inner{}},
		"acme: createKey (POST /keys): 200 OK: odd; tried once; check BaseURL and any proxy on the way": {
			Op: o, StatusCode: 200, Attempts: 1, inner: &inner{kinds: []error{ErrBadResponse}, why: "odd"}},
	} {
		e.Vendor = "acme"
		assert.Equal(t, want, e.Error())
	}
	assert.NotPanics(t, func() { _ = (&Error{}).Error(); _ = (&Error{}).Unwrap() }, "made by a literal")
}

func TestHTMLErrorPageIsNamed(t *testing.T) {
	t.Parallel()
	client := answering(t, func() *http.Response { return reply(502, "<html>"+testKey, "Content-Type", "text/html") })
	_, err := callKeyOp(t.Context(), client, Read)
	assert.EqualError(t, err, "acme: listKeys (GET /keys): 502 Bad Gateway: an HTML page, not the vendor's own answer; tried once; try again later")
}

func TestNewKind(t *testing.T) {
	t.Parallel()
	errPool := NewKind("pool is empty", ErrConflict)
	assert.ErrorIs(t, errPool, ErrConflict)
	assert.ErrorIs(t, errPool, errPool)
	assert.NotErrorIs(t, errPool, ErrNotFound)
	assert.NotErrorIs(t, ErrConflict, errPool)
	assert.NotErrorIs(t, errPool, NewKind("pool is empty", ErrConflict), "each is one of its own")
	assert.EqualError(t, errPool, "pool is empty")
}

func TestNames(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"not applied", "applied", "unknown", "Outcome(9)"}, []string{NotApplied.String(), Applied.String(), Unknown.String(), Outcome(9).String()})
	for s := range rules {
		assert.NotEmpty(t, situation(s).String())
	}
	assert.Equal(t, []string{"none", redacted}, []string{Credential{}.String(), Bearer("x").String()})
}

// The cause stays reachable, but never through a *url.Error.
func TestCauseIsReachable(t *testing.T) {
	t.Parallel()
	dial := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	secretURL := "https://api.example.com/v2/keys?key=" + testKey
	for name, err := range map[string]error{
		"as it is":    dial,
		"wrapped":     fmt.Errorf("proxy: %w", dial),
		"url.Error":   &url.Error{Op: "Get", URL: secretURL, Err: dial},
		"two of them": &url.Error{Op: "Get", URL: secretURL, Err: fmt.Errorf("x: %w", &url.Error{Op: "Get", URL: secretURL, Err: dial})},
		"joined":      errors.Join(errors.New("x"), &url.Error{Op: "Get", URL: secretURL, Err: dial}),
		"quoted":      fmt.Errorf("cannot GET %s: %w", secretURL, dial),
	} {
		client := newClient(t, testConfig(roundTripper(func(req *http.Request) (*http.Response, error) { connected(req); return nil, err })))
		_, got := callKeyOp(t.Context(), client, Once)
		var op *net.OpError
		var bad *url.Error
		assert.ErrorAs(t, got, &op, name)
		assert.ErrorIs(t, got, syscall.ECONNREFUSED, name)
		assert.NotErrorAs(t, got, &bad, name)
		assert.NotContains(t, got.Error(), "https://", name)
		assert.NotContains(t, got.Error(), testKey, name)
	}
}

func TestEmptyURLError(t *testing.T) {
	t.Parallel()
	client := newClient(t, testConfig(roundTripper(func(req *http.Request) (*http.Response, error) { return nil, &url.Error{} })))
	_, err := callKeyOp(t.Context(), client, Once)
	assert.Equal(t, Unknown, failed(t, err).Outcome)
}

func TestPathValuesAreRedacted(t *testing.T) {
	t.Parallel()
	req := request(Once)
	req.Op.Path, req.Path = "/keys/{key}/devices/{device}/{short}/{number}", "/keys/ABC%2FDEF-123/devices/my%20phone/abcde/1234567890"
	req.Query = "license=XYZW-1234-5678-9999&status=invalidated"
	client := answering(t, func() *http.Response { return reply(404, "{}") }, func(c *Config) {
		c.Failure = func(*Answer) *Failure {
			return &Failure{
				Message:   "no key ABC/DEF-123 (ABC%2FDEF-123) on my phone (my+phone, my%20phone), abcde, 1234567890, XYZW-1234-5678-9999, invalidated",
				Code:      "NO_ABC/DEF-123",
				RequestID: "ABC/DEF-123",
			}
		}
	})
	_, err := Call[key](t.Context(), client, req)
	e := failed(t, err)
	assert.Equal(t, "no key [redacted] ([redacted]) on [redacted] ([redacted], [redacted]), abcde, 1234567890, [redacted], invalidated", e.Message)
	assert.Equal(t, "NO_[redacted]", e.Code)
	assert.Equal(t, "[redacted]", e.RequestID)
}

func TestSecretsOfTheBodyAreRedacted(t *testing.T) {
	t.Parallel()
	req := request(Once)
	req.Body = []byte(`{"license": "ABC-\"1\"-DEF", "password": "12345678", "username": "user"}`)
	req.Secrets = []string{`ABC-"1"-DEF`, "12345678", "user", ""}
	client := answering(t, func() *http.Response { return reply(200, string(req.Body)) }, func(c *Config) {
		c.Failure = func(a *Answer) *Failure {
			return &Failure{Message: a.Words(), Detail: a.Redact("12345678")}
		}
	})
	_, err := Call[key](t.Context(), client, req)
	e := failed(t, err)
	assert.Equal(t, `{"license": "[redacted]", "password": "[redacted]", "username": "user"}`, e.Message)
	assert.Equal(t, "[redacted]", e.Detail)
}

// Python and C# write JSON without any letter that is not ASCII.
func TestSecretBeyondASCIIIsRedactedInItsEscapes(t *testing.T) {
	t.Parallel()
	r := redactor{replacerOf([]string{`"pässwört" 😀`})}
	for _, text := range []string{
		`"pässwört" 😀`, `\"pässwört\" 😀`, `\"p\u00e4ssw\u00f6rt\" \ud83d\ude00`, `\"p\u00E4ssw\u00F6rt\" \uD83D\uDE00`,
	} {
		assert.Equal(t, "a [redacted] b", r.text("a "+text+" b", 100), text)
	}
}

func TestSecretWithinASecretIsRedacted(t *testing.T) {
	t.Parallel()
	for _, values := range [][]string{{"ABCDEF", "ABCDEF-123"}, {"ABCDEF-123", "ABCDEF"}} {
		r := redactor{replacerOf(values)}
		assert.Equal(t, "[redacted] and [redacted]", r.text("ABCDEF-123 and ABCDEF", 100))
	}
	assert.Equal(t, "as it is", redactor{replacerOf([]string{""})}.text("as it is", 100))
}

// A body that is no error object is shown as it came, with the secret as the
// vendor or a proxy wrote it.
func TestSecretIsRedactedHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	r := redactor{replacerOf([]string{`sk/a+b=<"&'canary`})}
	for _, text := range []string{
		`sk/a+b=<"&'canary`,
		`sk/a+b=\u003c\"\u0026'canary`,
		`sk/a+b=<\"&'canary`,
		`sk\/a+b=<\"&'canary`,
		`sk\/a+b=\u003c\"\u0026'canary`,
		`sk/a+b=&lt;&#34;&amp;&#39;canary`,
		`sk%2Fa+b=%3C%22&%27canary`,
		`sk%2Fa%2Bb%3D%3C%22%26%27canary`,
		`sk%2fa%2bb%3d%3c%22%26%27canary`,
	} {
		assert.NotContains(t, r.text("token "+text+" refused", 100), "canary", text)
	}
}

func TestCausesQuoteNoAddresses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`parse "https://u:canary@proxy/x": bad`:     `parse "[address]": bad`,
		`proxy socks5://u:canary@proxy:1080 failed`: `proxy [address] failed`,
		`invalid proxy address "u:can%zz@proxy:80"`: `invalid proxy address "[address]"`,
		"dial tcp [::1]:443: connection refused":    "dial tcp [::1]:443: connection refused",
		"lookup api.example.com on 10.0.0.1:53: no": "lookup api.example.com on 10.0.0.1:53: no",
	} {
		assert.Equal(t, want, redactor{}.cause(errors.New(text)))
	}
}

func TestMessageIsBounded(t *testing.T) {
	t.Parallel()
	for name, message := range map[string]string{
		"long":           strings.Repeat("x", 5000),
		"umlauts":        strings.Repeat("ü", 5000),
		"not UTF-8":      strings.Repeat("x\xff", 2500),
		"controls":       strings.Repeat("a\x1b[31m\u0085\u2028", 500),
		"secret at edge": strings.Repeat("x", 512-len(testKey)/2) + testKey,
	} {
		client := answering(t, func() *http.Response { return reply(400, "") }, func(c *Config) {
			c.Failure = func(*Answer) *Failure { return &Failure{Message: message, Code: message, RequestID: message} }
		})
		_, err := callKeyOp(t.Context(), client, Once)
		e := failed(t, err)
		assert.LessOrEqual(t, len(e.Message), 512, name)
		assert.Greater(t, len(e.Message), 100, name)
		assert.LessOrEqual(t, len(e.Code), 128, name)
		assert.LessOrEqual(t, len(e.RequestID), 128, name)
		assert.True(t, utf8.ValidString(err.Error()), name)
		assert.NotContains(t, err.Error(), testKey[:len(testKey)/2], name)
		for _, r := range err.Error() {
			assert.False(t, r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028', "%s: %q", name, r)
		}
	}
}

// canaries must show nowhere: the credential, a key in the path, one in the
// query, one in the body, and one in the answer's headers.
var canaries = []string{testKey, "PATH-canary-1", "QUERY-canary-0123456", "BODY-canary-1", "HEADER-canary-1", "ANSWER-canary-1"}

func assertNoCanary(t *testing.T, where, text string) {
	t.Helper()
	for _, canary := range canaries {
		assert.NotContains(t, text, canary, where)
		assert.NotContains(t, text, url.QueryEscape(canary), where)
	}
	assert.NotContains(t, text, fmt.Sprintf("%x", testKey), where)
	assert.NotContains(t, text, strings.Trim(fmt.Sprint([]byte(testKey)), "[]"), where)
	assert.NotContains(t, text, "https://api.example.com/v2/keys", where)
}

// renderings prints v in every way a program may print it.
func renderings(t *testing.T, v any) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p"} {
		out[verb] = fmt.Sprintf(verb, v)
	}
	type outer struct{ V any }
	out["inside %+v"] = fmt.Sprintf("%+v", outer{v})
	out["inside %#v"] = fmt.Sprintf("%#v", outer{v})
	encoded, err := json.Marshal(v)
	out["json"] = string(encoded) + fmt.Sprint(err)
	encoded, err = json.Marshal(map[string]any{"v": v})
	out["json inside"] = string(encoded) + fmt.Sprint(err)
	var text, structured bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&structured, nil)).Info("x", "v", v)
	out["slog text"], out["slog json"] = text.String(), structured.String()
	return out
}

func TestNothingShowsSecrets(t *testing.T) {
	t.Parallel()
	echo := "echo " + strings.Join(canaries[:3], " ") // what a vendor may quote of a request
	replies := map[string]roundTripper{
		"success": func(*http.Request) (*http.Response, error) {
			return reply(201, keyJSON, "X-Token", "HEADER-canary-1"), nil
		},
		"refused": func(*http.Request) (*http.Response, error) {
			return reply(403, echo, "X-Token", "HEADER-canary-1", "X-Request-Id", testKey), nil
		},
		"damaged": func(*http.Request) (*http.Response, error) {
			return reply(201, `{"value":"ANSWER-canary-1","id":"ANSWER-canary-1"}`), nil
		},
		"page": func(*http.Request) (*http.Response, error) {
			return reply(201, "ANSWER-canary-1", "Content-Type", "text/html; x=HEADER-canary-1"), nil
		},
		"key as type": func(*http.Request) (*http.Response, error) {
			return reply(201, "ANSWER-canary-1", "Content-Type", testKey), nil
		},
		"odd type": func(*http.Request) (*http.Response, error) {
			return reply(201, "ANSWER-canary-1", "Content-Type", "HEADER-canary-1; ;;"), nil
		},
		"redirect": func(*http.Request) (*http.Response, error) {
			return reply(307, "", "Location", "https://evil.example/HEADER-canary-1"), nil
		},
		"bad redirect": func(*http.Request) (*http.Response, error) {
			return reply(302, "", "Location", "http://[::1/HEADER-canary-1"), nil
		},
		"wait": func(*http.Request) (*http.Response, error) {
			return reply(429, "", "Retry-After", "HEADER-canary-1"), nil
		},
		"broken": func(req *http.Request) (*http.Response, error) {
			connected(req)
			return nil, fmt.Errorf("sending %s with %s: %w", req.URL, req.Header, io.EOF)
		},
		"cut": func(*http.Request) (*http.Response, error) {
			r := reply(500, "")
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader(echo), brokenReader{}))
			return r, nil
		},
	}
	for name, do := range replies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var logs bytes.Buffer
			var attempts []Attempt
			cfg := testConfig(do)
			cfg.Logger = slog.New(slog.NewJSONHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
			cfg.Retry = Retry{BaseDelay: 1, MaxDelay: 1, MaxAttempts: 2}
			cfg.OnAttempt = func(_ context.Context, a Attempt) { a.Header = nil; attempts = append(attempts, a) }
			cfg.Failure = func(a *Answer) *Failure {
				if a.StatusCode < 300 {
					return nil
				}
				return &Failure{Message: string(a.Body), Code: string(a.Body), RequestID: a.Header.Get("X-Request-Id"), Detail: a.Redact(string(a.Body))}
			}
			client := newClient(t, cfg)
			req := request(Once)
			req.Op.Path, req.Path, req.Query = "/keys/{id}", "/keys/"+canaries[1], "license="+canaries[2]
			req.Body = []byte(canaries[3])
			_, err := Call[key](t.Context(), client, req)

			printed := map[string]any{"config": cfg, "*config": &cfg, "client": client, "credential": cfg.Credential, "attempts": attempts}
			if name != "success" {
				e := failed(t, err)
				printed["error"], printed["*error"] = err, *e
			}
			for what, v := range printed {
				for how, text := range renderings(t, v) {
					assertNoCanary(t, what+" "+how, text)
				}
			}
			assert.NotEmpty(t, logs.String())
			assertNoCanary(t, "logs", logs.String())
		})
	}
}

func TestNewErrorShowsNoSecret(t *testing.T) {
	t.Parallel()
	cfg := testConfig(nil)
	cfg.Credential = Bearer(testKey + "\n")
	cfg.BaseURL = "https://" + testKey + "@h"
	cfg.Header = http.Header{"A": {testKey + "\n"}}
	_, err := New(cfg)
	require.Error(t, err)
	assertNoCanary(t, "New", err.Error())
}

func TestLogRecords(t *testing.T) {
	t.Parallel()
	var logs bytes.Buffer
	sent := 0
	cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
		sent++
		if sent == 1 {
			return reply(429, "", "Retry-After", "0.001"), nil
		}
		return reply(201, keyJSON), nil
	}))
	cfg.Logger = slog.New(slog.NewJSONHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	_, err := callKeyOp(t.Context(), newClient(t, cfg), Once)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(logs.String()), "\n")
	require.Len(t, lines, 2, "one record per attempt")
	want := []map[string]any{
		{"level": "WARN", "msg": "attempt failed", "vendor": "acme", "op": "createKey", "method": "POST", "path": "/keys", "attempt": 1.0, "status": 429.0, "wait": 1e6, "outcome": "not applied", "kind": "rate limited"},
		{"level": "DEBUG", "msg": "attempt succeeded", "vendor": "acme", "op": "createKey", "method": "POST", "path": "/keys", "attempt": 2.0, "status": 201.0},
	}
	for i, line := range lines {
		var got map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &got))
		delete(got, "time")
		assert.Contains(t, got, "duration")
		delete(got, "duration")
		assert.Equal(t, want[i], got)
	}
}
