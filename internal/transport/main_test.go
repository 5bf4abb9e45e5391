package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testKey = "kc_canary-7f3a9b1c"

// key is what the operations of these tests answer.
type key struct {
	ID    int64  `json:"id"`
	Value string `json:"value"`
}

const keyJSON = `{"id":7,"value":"ABC"}`

// op is a documented operation: 201 with a key, or 204 with nothing.
func op(class Class) Op {
	o := Op{
		ID: "createKey", Method: http.MethodPost, Path: "/keys", Class: class,
		Success:  []Success{{Status: 201, MediaType: "application/json"}, {Status: 204}},
		Recovery: "list the keys and look for the new one",
	}
	if class == Read {
		o.ID, o.Method, o.Recovery = "listKeys", http.MethodGet, ""
	}
	return o
}

func request(class Class) Request {
	req := Request{Op: op(class), Path: "/keys"}
	if class != Read {
		req.Body, req.ContentType = []byte(`{"name":"order-66"}`), "application/json"
	}
	return req
}

// roundTripper answers in process.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// connected reports to httptrace what net/http reports when it has a connection.
func connected(req *http.Request) {
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil {
		trace.GetConn(req.URL.Host)
		trace.GotConn(httptrace.GotConnInfo{})
	}
}

// refused is what net/http does when nobody listens.
func refused(req *http.Request, err error) (*http.Response, error) {
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil {
		trace.GetConn(req.URL.Host)
	}
	return nil, err
}

// reply is an answer as net/http would hand it on.
func reply(status int, body string, headers ...string) *http.Response {
	header := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i < len(headers); i += 2 {
		header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			header.Del(headers[i])
		}
	}
	return &http.Response{
		StatusCode: status, Header: header, ContentLength: int64(len(body)),
		Body: io.NopCloser(strings.NewReader(body)),
	}
}

// cut is a body that breaks off after its text.
func cut(text string) io.ReadCloser {
	return io.NopCloser(io.MultiReader(strings.NewReader(text), brokenReader{}))
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// testConfig is complete but for what a test is about.
func testConfig(transport http.RoundTripper) Config {
	return Config{
		Vendor:     "acme",
		BaseURL:    "https://api.example.com/v2",
		HTTPClient: &http.Client{Transport: transport},
		Credential: Bearer(testKey),
	}
}

// newClient returns a client whose waits have no jitter: each is the upper
// bound of what the policy allows.
func newClient(t testing.TB, cfg Config) *Client {
	t.Helper()
	client, err := New(cfg)
	require.NoError(t, err)
	client.random = func() float64 { return 1 }
	return client
}

// failed returns the error of a call, which must be an *Error.
func failed(t testing.TB, err error) *Error {
	t.Helper()
	require.Error(t, err)
	var e *Error
	require.ErrorAs(t, err, &e)
	return e
}

// call is Call for these tests.
func callKeyOp(ctx context.Context, c *Client, class Class) (key, error) {
	return Call[key](ctx, c, request(class))
}

var errReset = errors.New("read tcp 10.0.0.1:5: connection reset by peer")
