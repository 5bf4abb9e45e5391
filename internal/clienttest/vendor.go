// Package clienttest is what the tests of the client packages have in common:
// a vendor that answers as told and remembers what it was asked, the hunt for
// secrets in whatever can be printed, and the proof that converters leave no
// field out. Only tests import it.
package clienttest

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Vendor is an http.RoundTripper that records what it is asked, and answers
// with one answer after the other, the last one over and over.
type Vendor struct {
	Answers []Answer
	Calls   []Sent

	mu sync.Mutex
}

// Answer is what the vendor says to one request.
type Answer func(Sent) (*http.Response, error)

// Sent is one request as it left the client.
type Sent struct {
	Method, URL string
	Header      http.Header
	Body        string
	HasBody     bool
}

// RoundTrip implements http.RoundTripper.
func (v *Vendor) RoundTrip(req *http.Request) (*http.Response, error) {
	s := Sent{Method: req.Method, URL: req.URL.String(), Header: req.Header.Clone(), HasBody: req.Body != nil}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		s.Body = string(body)
		req.Body.Close()
	}
	v.mu.Lock()
	v.Calls = append(v.Calls, s)
	next := v.Answers[min(len(v.Calls), len(v.Answers))-1]
	v.mu.Unlock()
	resp, err := next(s)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

// AssertCalls asserts how many requests there were.
func (v *Vendor) AssertCalls(t testing.TB, want int) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	assert.Len(t, v.Calls, want, "calls sent")
}

// Says answers with a status and a JSON body, which may be empty.
func Says(status int, body string) Answer {
	return SaysAs(status, body, "Content-Type", "application/json; charset=utf-8")
}

// SaysAs answers with a status, a body and headers.
func SaysAs(status int, body string, headers ...string) Answer {
	return func(Sent) (*http.Response, error) {
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

// Breaks loses the answer.
func Breaks(err error) Answer {
	return func(Sent) (*http.Response, error) { return nil, err }
}

// Cuts sends the beginning of an answer only.
func Cuts(status int, body string) Answer {
	return func(s Sent) (*http.Response, error) {
		resp, err := Says(status, body)(s)
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(body), brokenReader{}))
		resp.ContentLength = int64(2 * len(body))
		return resp, err
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Hangs is an http.RoundTripper that answers when the request is given up.
type Hangs struct{}

// RoundTrip implements http.RoundTripper.
func (Hangs) RoundTrip(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// Book answers with one page of a list after the other, and then with the last one
// over and over, until it is asked so often that a walk gets nowhere. A name is one
// byte; size of them are on a page.
func Book(names []byte, size uint8, page func(names []byte) Answer, giveUp func()) (answers []Answer) {
	const most = 300 // calls for the last page
	for part := range slices.Chunk(names, 1+int(size%8)) {
		answers = append(answers, page(part))
	}
	if len(answers) == 0 {
		answers = append(answers, page(nil))
	}
	last, calls := answers[len(answers)-1], 0
	answers[len(answers)-1] = func(s Sent) (*http.Response, error) {
		if calls++; calls > most {
			giveUp()
		}
		return last(s)
	}
	return answers
}
