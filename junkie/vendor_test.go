package junkie

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// testAPIKey looks like the vendor's keys.
const testAPIKey = "00000000-aaaa-4bbb-8ccc-0123456789ab"

// vendor is an http.RoundTripper that records what it is asked, and answers
// with one answer after the other, the last one over and over.
type vendor struct {
	answers []answer

	mu    sync.Mutex
	calls []sent
}

// answer is what the vendor says to one request.
type answer func(sent) (*http.Response, error)

// sent is one request as it left the client.
type sent struct {
	Method, URL string
	Header      http.Header
	Body        string
	HasBody     bool
}

// newClient returns a client of a vendor with the given answers.
func newClient(t *testing.T, answers ...answer) (*Client, *vendor) {
	t.Helper()
	v := &vendor{answers: answers}
	client, err := New(Config{APIKey: testAPIKey, HTTPClient: &http.Client{Transport: v}})
	require.NoError(t, err)
	return client, v
}

func (v *vendor) RoundTrip(req *http.Request) (*http.Response, error) {
	s := sent{Method: req.Method, URL: req.URL.String(), Header: req.Header.Clone(), HasBody: req.Body != nil}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		s.Body = string(body)
		req.Body.Close()
	}
	v.mu.Lock()
	v.calls = append(v.calls, s)
	next := v.answers[min(len(v.calls), len(v.answers))-1]
	v.mu.Unlock()
	resp, err := next(s)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

func (v *vendor) assertCalls(t *testing.T, want int) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	assert.Len(t, v.calls, want, "calls sent")
}

// says answers with a status and a JSON body, which may be empty.
func says(status int, body string) answer {
	return saysAs(status, body, "Content-Type", "application/json; charset=utf-8")
}

// saysAs answers with a status, a body and headers.
func saysAs(status int, body string, headers ...string) answer {
	return func(sent) (*http.Response, error) {
		header := http.Header{}
		for i := 0; i < len(headers); i += 2 {
			header.Add(headers[i], headers[i+1])
		}
		return &http.Response{
			StatusCode:    status,
			Header:        header,
			Body:          io.NopCloser(strings.NewReader(body)),
			ContentLength: int64(len(body)),
		}, nil
	}
}

// breaks loses the answer.
func breaks(err error) answer {
	return func(sent) (*http.Response, error) { return nil, err }
}

// cuts sends the beginning of a successful answer only.
func cuts(status int, body string) answer {
	return func(s sent) (*http.Response, error) {
		resp, err := says(status, body)(s)
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader([]byte(body)), brokenReader{}))
		resp.ContentLength = int64(2 * len(body))
		return resp, err
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
