package transport

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answering returns a client that gets the same answer every time.
func answering(t testing.TB, resp func() *http.Response, change ...func(*Config)) *Client {
	cfg := testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
		connected(req)
		return resp(), nil
	}))
	cfg.Retry.MaxAttempts = 1
	for _, f := range change {
		f(&cfg)
	}
	return newClient(t, cfg)
}

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		label string // Content-Type; "": none
		body  string
		ok    bool
		want  Outcome
	}{
		{"application/json", keyJSON, true, 0},
		{"application/json; charset=utf-8", keyJSON, true, 0},
		{"Application/JSON;charset=UTF-8", keyJSON, true, 0},
		{"application/json; charset", keyJSON, true, 0}, // a parameter without value
		{"application/json ", "  " + keyJSON + "\r\n", true, 0},
		// Mislabelled, but undamaged: better than losing what was created.
		{"", keyJSON, true, 0},
		{"text/plain; charset=utf-8", keyJSON, true, 0},
		{"application/vnd.api+json", keyJSON, true, 0},
		{"text/html", keyJSON, false, Unknown},
		{"application/octet-stream", keyJSON, false, Unknown},
		{"text/plain", "Service is busy", false, Unknown},
		{"application/vnd.api+json", "{", false, Unknown},
		{"application/json", "{", false, Applied},
		{"application/json", `{"id":7} trailing`, false, Applied},
		{";;", "<html>", false, Unknown},
	}
	for _, tc := range cases {
		t.Run(tc.label+" "+tc.body, func(t *testing.T) {
			t.Parallel()
			client := answering(t, func() *http.Response { return reply(201, tc.body, "Content-Type", tc.label) })
			got, err := callKeyOp(t.Context(), client, Once)
			if tc.ok {
				require.NoError(t, err)
				assert.Equal(t, key{7, "ABC"}, got)
				return
			}
			assert.Equal(t, tc.want, failed(t, err).Outcome)
			assert.ErrorIs(t, err, ErrBadResponse)
		})
	}
}

func TestDocumentedVariant(t *testing.T) {
	t.Parallel()
	req := request(Once)
	req.Op.Success = []Success{{Status: 200, MediaType: "application/vnd.api+json"}}
	var accept string
	client := newClient(t, testConfig(roundTripper(func(r *http.Request) (*http.Response, error) {
		accept = r.Header.Get("Accept")
		return reply(200, keyJSON, "Content-Type", "application/vnd.api+json; charset=utf-8"), nil
	})))
	got, err := Call[key](t.Context(), client, req)
	require.NoError(t, err)
	assert.Equal(t, key{7, "ABC"}, got)
	assert.Equal(t, "application/vnd.api+json", accept)
}

func TestAnswersWithoutContent(t *testing.T) {
	t.Parallel()
	contentless := []Success{{Status: 200}, {Status: 204}}
	emptyOK := []Success{{Status: 200, MediaType: "application/json", EmptyOK: true}}
	cases := []struct {
		name    string
		success []Success
		resp    func() *http.Response
		ok      bool
		want    key
	}{
		{"204", contentless, func() *http.Response { return reply(204, "", "Content-Type", "") }, true, key{}},
		{"204 labelled JSON", contentless, func() *http.Response { return reply(204, "") }, true, key{}},
		{"200 with ignored JSON", contentless, func() *http.Response { return reply(200, `{"success":true}`) }, true, key{}},
		{"200 with ignored text", contentless, func() *http.Response { return reply(200, "OK", "Content-Type", "text/plain") }, true, key{}},
		{"200 labelled HTML but empty", contentless, func() *http.Response { return reply(200, "", "Content-Type", "text/html") }, true, key{}},
		{"200 with a page", contentless, func() *http.Response { return reply(200, "<html>", "Content-Type", "text/html") }, false, key{}},
		{"content allowed to be empty", emptyOK, func() *http.Response { return reply(200, "", "Content-Type", "") }, true, key{}},
		{"content allowed to be blank", emptyOK, func() *http.Response { return reply(200, " \n") }, true, key{}},
		{"content allowed to be null", emptyOK, func() *http.Response { return reply(200, "null") }, true, key{}},
		{"content allowed to be empty, but there", emptyOK, func() *http.Response { return reply(200, keyJSON) }, true, key{7, "ABC"}},
		{"content allowed to be empty, but a page", emptyOK, func() *http.Response { return reply(200, "<html>", "Content-Type", "text/html") }, false, key{}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			client := answering(t, tc.resp)
			req := request(Once)
			req.Op.Success = tc.success
			got, err := Call[key](t.Context(), client, req)
			assert.Equal(t, tc.ok, err == nil, "%v", err)
			assert.Equal(t, tc.want, got)

			if tc.success[0].MediaType == "" {
				_, err = Call[None](t.Context(), client, req)
				assert.Equal(t, tc.ok, err == nil, "%v", err)
			}
		})
	}
}

func TestHalfDecodedAnswerLeavesNothing(t *testing.T) {
	t.Parallel()
	sent := 0
	cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
		sent++
		if sent == 1 {
			return reply(201, `{"value":"half","id":"x"}`), nil
		}
		return reply(201, `{"id":8}`), nil
	}))
	cfg.Retry.BaseDelay = 1
	got, err := callKeyOp(t.Context(), newClient(t, cfg), Read)
	require.NoError(t, err)
	assert.Equal(t, key{8, ""}, got)
}

func TestSizeLimit(t *testing.T) {
	t.Parallel()
	body := func(n int) string { return `{"id":7,"value":"` + strings.Repeat("x", n-19) + `"}` }
	require.Len(t, body(100), 100)
	limit := func(c *Config) { c.MaxResponseBytes = 100 }
	for _, length := range []bool{true, false} { // with and without Content-Length
		resp := func(status, n int) func() *http.Response {
			return func() *http.Response {
				r := reply(status, body(n))
				if !length {
					r.ContentLength = -1
				}
				return r
			}
		}
		_, err := callKeyOp(t.Context(), answering(t, resp(201, 100), limit), Once)
		require.NoError(t, err, "exactly the limit")

		_, err = callKeyOp(t.Context(), answering(t, resp(201, 101), limit), Once)
		require.ErrorIs(t, err, ErrBadResponse)
		assert.Contains(t, err.Error(), "MaxResponseBytes (100)")

		var seen Answer
		dialect := func(c *Config) {
			limit(c)
			c.Failure = func(a *Answer) *Failure {
				seen = *a
				return &Failure{Message: string(a.Body)}
			}
		}
		_, err = callKeyOp(t.Context(), answering(t, resp(422, 101), dialect), Once)
		require.ErrorIs(t, err, ErrInvalid)
		assert.True(t, seen.Truncated)
		assert.Equal(t, body(101)[:100], string(seen.Body), "the beginning is decoded all the same")
	}
}

func TestBodyIsReadNoFurtherThanTheLimit(t *testing.T) {
	t.Parallel()
	endless := &endlessBody{}
	client := answering(t, func() *http.Response {
		r := reply(500, "")
		r.Body, r.ContentLength = endless, -1
		return r
	}, func(c *Config) { c.MaxResponseBytes = 10_000 })
	_, err := callKeyOp(t.Context(), client, Once)
	require.ErrorIs(t, err, ErrServer)
	assert.LessOrEqual(t, endless.read, 10_001)
	assert.True(t, endless.closed)
}

type endlessBody struct {
	read   int
	closed bool
}

func (b *endlessBody) Read(p []byte) (int, error) {
	if b.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	for i := range p {
		p[i] = 'x'
	}
	b.read += len(p)
	return len(p), nil
}
func (b *endlessBody) Close() error { b.closed = true; return nil }

// closeCounter counts how often bodies are closed.
type closeCounter struct {
	io.Reader
	closed *int
}

func (c closeCounter) Close() error { *c.closed++; return nil }

func TestEveryBodyIsClosed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201, 301, 404, 500} {
		opened, closed := 0, 0
		cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
			opened++
			r := reply(status, keyJSON)
			r.Body = closeCounter{r.Body, &closed}
			return r, nil
		}))
		cfg.Retry.BaseDelay = 1
		_, _ = callKeyOp(t.Context(), newClient(t, cfg), Read)
		assert.Positive(t, opened)
		assert.Equal(t, opened, closed, "status %d", status)
	}
	// A round tripper that returns both an answer and an error.
	closed := 0
	cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
		r := reply(201, keyJSON)
		r.Body = closeCounter{r.Body, &closed}
		return r, io.ErrClosedPipe
	}))
	_, err := callKeyOp(t.Context(), newClient(t, cfg), Once)
	require.ErrorIs(t, err, io.ErrClosedPipe)
	assert.Equal(t, 1, closed)
}

func TestWhatTheDialectSees(t *testing.T) {
	t.Parallel()
	var seen []Answer
	see := func(a *Answer) {
		kept := *a
		kept.Body = bytes.Clone(a.Body)
		seen = append(seen, kept)
	}
	cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
		return reply(201, keyJSON, "X-Digest", "abc"), nil
	}))
	cfg.Failure = func(a *Answer) *Failure { see(a); return nil }
	cfg.Verify = func(a *Answer) error { see(a); return nil }
	req := request(Once)
	req.Op.Path, req.Path, req.Query = "/keys/{keyId}", "/keys/a%2Fb%3F", "page=2&q=a+b"
	_, err := Call[key](t.Context(), newClient(t, cfg), req)
	require.NoError(t, err)
	require.Len(t, seen, 2, "the dialect is asked for successes too, then the check")
	for _, a := range seen {
		assert.Equal(t, 201, a.StatusCode)
		assert.Equal(t, "createKey", a.Op.ID)
		assert.Equal(t, keyJSON, string(a.Body))
		assert.Equal(t, "abc", a.Header.Get("X-Digest"))
		assert.Equal(t, "api.example.com", a.Host())
		assert.Equal(t, "/v2/keys/a%2Fb%3F?page=2&q=a+b", a.Target())
		assert.False(t, a.Truncated)
		assert.Equal(t, "no [redacted] here", a.Redact("no "+testKey+" here"))
	}
	assert.Equal(t, "plain text", (&Answer{}).Redact("plain\ntext"), "an Answer made by a test")
}

// Half a success is no failure, however it reads.
func TestDialectIsNotAskedAboutCutSuccesses(t *testing.T) {
	t.Parallel()
	client := answering(t, func() *http.Response {
		r := reply(201, "")
		r.Body = cut(`{"error_code":"KEY_LOCKED"}`)
		return r
	}, func(c *Config) { c.Failure = dialect })
	_, err := callKeyOp(t.Context(), client, Once)
	assert.Equal(t, Applied, failed(t, err).Outcome)
}

func TestFailureFieldsReachTheError(t *testing.T) {
	t.Parallel()
	errPool := NewKind("pool is empty", ErrConflict)
	client := answering(t, func() *http.Response { return reply(422, "{}") }, func(c *Config) {
		c.Failure = func(*Answer) *Failure {
			return &Failure{Code: "POOL_EMPTY", Message: "the pool\x00\nis empty", RequestID: "req-1", Kinds: []error{errPool}, Detail: 42}
		}
	})
	_, err := callKeyOp(t.Context(), client, Once)
	e := failed(t, err)
	assert.Equal(t, "POOL_EMPTY", e.Code)
	assert.Equal(t, "the pool  is empty", e.Message)
	assert.Equal(t, "req-1", e.RequestID)
	assert.Equal(t, 42, e.Detail)
	assert.Equal(t, 422, e.StatusCode)
	for _, kind := range []error{errPool, ErrConflict, ErrInvalid} {
		assert.ErrorIs(t, err, kind)
	}
	assert.NotErrorIs(t, err, ErrNotFound)
	assert.Equal(t, "acme: createKey (POST /keys): 422 Unprocessable Entity: the pool  is empty (code POOL_EMPTY, request req-1); tried once", err.Error())
}

// damage never quotes what it could not read.
func TestDamageQuotesNothing(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"id":12345678901234567890}`, `{"id":"SECRET-VALUE"}`, `SECRET-VALUE`, `{"at":"SECRET-VALUE"}`} {
		var v struct {
			ID int64  `json:"id"`
			At picky  `json:"at"`
			X  []bool `json:"x"`
		}
		err := json.Unmarshal([]byte(body), &v)
		require.Error(t, err)
		text := damage(err)
		assert.NotContains(t, text, "SECRET")
		assert.NotContains(t, text, "1234567")
		assert.NotEmpty(t, text)
	}
}

type picky struct{}

func (*picky) UnmarshalJSON(data []byte) error { return fmt.Errorf("cannot read %s", data) }

// The short way to a media type leads where the long one does.
func TestTheShortWayToAMediaType(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]string{
		"application/json":                "application/json",
		"application/vnd.api+json":        "application/vnd.api+json",
		"Application/JSON":                "application/json",
		"application/json; charset=utf-8": "application/json",
		"application/json; charset":       "application/json",
		"text/html":                       "text/html",
		" text/html":                      "text/html",
		"":                                "",
		"/json":                           "",
		"application/":                    "",
		"a/b/c":                           "",
		"text/html, text/plain":           "",
	} {
		assert.Equal(t, want, mediaType(http.Header{"Content-Type": {label}}), label)
	}
	assert.Empty(t, mediaType(nil))
}

// Requests of one client have the same fixed headers, and none can change those
// of another.
func TestARequestsHeadersAreItsOwn(t *testing.T) {
	t.Parallel()
	var seen []http.Header
	cfg := testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
		seen = append(seen, req.Header.Clone())
		req.Header.Add("User-Agent", "stranger")
		req.Header.Add("X-Fixed", "stranger")
		req.Header.Set("Accept", "stranger")
		return answerer().RoundTrip(req)
	}))
	cfg.Header = http.Header{"X-Fixed": {"one", "two"}}
	client := newClient(t, cfg)
	for range 2 {
		_, err := callKeyOp(t.Context(), client, Once)
		require.NoError(t, err)
	}
	assert.Equal(t, seen[0], seen[1])
	assert.Equal(t, []string{"one", "two"}, seen[1]["X-Fixed"])
}
