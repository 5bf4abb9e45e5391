package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The waits between three attempts whose jitter is at its upper bound.
var threeAttempts = []time.Duration{250 * time.Millisecond, 500 * time.Millisecond}

// expectation says what one class makes of a situation that does not pass.
type expectation struct {
	attempts int
	outcome  Outcome
}

// stop and again, with the outcome, in the words of the policy's table.
func stop(o Outcome) expectation  { return expectation{1, o} }
func again(o Outcome) expectation { return expectation{3, o} }

// TestPolicy walks the whole table: what happens to one attempt, for every
// class. The situation stays the same on every attempt.
func TestPolicy(t *testing.T) {
	t.Parallel()
	refusedErr := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	status := func(code int) func(*http.Request) (*http.Response, error) {
		return func(req *http.Request) (*http.Response, error) {
			connected(req)
			return reply(code, `{"error":"no"}`), nil
		}
	}
	answer := func(resp func() *http.Response) func(*http.Request) (*http.Response, error) {
		return func(req *http.Request) (*http.Response, error) {
			connected(req)
			return resp(), nil
		}
	}
	broken := func(err error) func(*http.Request) (*http.Response, error) {
		return func(req *http.Request) (*http.Response, error) {
			connected(req)
			return nil, err
		}
	}
	never := func(err error) func(*http.Request) (*http.Response, error) {
		return func(req *http.Request) (*http.Response, error) { return refused(req, err) }
	}
	cutReply := func(code int, contentType string) func(*http.Request) (*http.Response, error) {
		return answer(func() *http.Response {
			resp := reply(code, "", "Content-Type", contentType)
			resp.Body, resp.ContentLength = cut(keyJSON[:10]), int64(len(keyJSON))
			return resp
		})
	}
	large := func(code int, contentType string) func(*http.Request) (*http.Response, error) {
		return answer(func() *http.Response {
			return reply(code, `{"value":"`+strings.Repeat("x", 2000)+`"}`, "Content-Type", contentType)
		})
	}

	cases := []struct {
		name     string
		do       func(*http.Request) (*http.Response, error)
		read     expectation
		idem     expectation
		once     expectation
		kind     error // that the error matches; nil: none of the kinds of answers
		isCause  error // that errors.Is reaches
		contains string
	}{
		{"connection refused", never(refusedErr), again(NotApplied), again(NotApplied), again(NotApplied), nil, syscall.ECONNREFUSED, "no connection was made: dial tcp: connection refused"},
		{"name not found", never(&net.DNSError{Err: "no such host", Name: "api.example.com", IsNotFound: true}), again(NotApplied), again(NotApplied), again(NotApplied), nil, nil, "no such host"},
		{"handshake broken", never(io.EOF), again(NotApplied), again(NotApplied), again(NotApplied), nil, io.EOF, "no connection was made: EOF"},
		{"certificate refused", never(&tls.CertificateVerificationError{Err: x509.HostnameError{Host: "x", Certificate: &x509.Certificate{}}}), stop(NotApplied), stop(NotApplied), stop(NotApplied), nil, nil, "certificates it trusts"},
		{"certificate unknown, bare", never(x509.UnknownAuthorityError{}), stop(NotApplied), stop(NotApplied), stop(NotApplied), nil, nil, "unknown authority"},
		{"scheme refused", never(errors.New(`unsupported protocol scheme "ftp"`)), stop(NotApplied), stop(NotApplied), stop(NotApplied), nil, nil, "nothing could be sent"},
		{"header refused", never(errors.New(`net/http: invalid header field name`)), stop(NotApplied), stop(NotApplied), stop(NotApplied), nil, nil, "nothing could be sent"},

		{"reset", broken(errReset), again(NotApplied), again(Unknown), stop(Unknown), nil, errReset, "no answer: read tcp"},
		{"EOF", broken(io.EOF), again(NotApplied), again(Unknown), stop(Unknown), nil, io.EOF, "no answer: EOF"},
		{"refused, but no report of it", func(*http.Request) (*http.Response, error) { return nil, refusedErr }, again(NotApplied), again(Unknown), stop(Unknown), nil, syscall.ECONNREFUSED, "no answer"},
		{"dialled again by the transport itself", func(req *http.Request) (*http.Response, error) {
			connected(req) // the first was sent
			return refused(req, refusedErr)
		}, again(NotApplied), again(Unknown), stop(Unknown), nil, syscall.ECONNREFUSED, "no answer"},
		{"certificate refused after a first sending", func(req *http.Request) (*http.Response, error) {
			connected(req)
			return refused(req, x509.UnknownAuthorityError{})
		}, again(NotApplied), again(Unknown), stop(Unknown), nil, nil, "no answer"},

		{"408", status(408), again(NotApplied), again(Unknown), stop(Unknown), nil, nil, "408 Request Timeout"},
		{"429", status(429), again(NotApplied), again(NotApplied), again(NotApplied), ErrRateLimited, nil, "429 Too Many Requests"},
		{"500", status(500), again(NotApplied), again(Unknown), stop(Unknown), ErrServer, nil, "500 Internal Server Error"},
		{"501", status(501), stop(NotApplied), stop(NotApplied), stop(NotApplied), ErrServer, nil, "501 Not Implemented"},
		{"502", status(502), again(NotApplied), again(Unknown), stop(Unknown), ErrServer, nil, "502"},
		{"503", status(503), again(NotApplied), again(Unknown), stop(Unknown), ErrServer, nil, "503"},
		{"504", status(504), again(NotApplied), again(Unknown), stop(Unknown), ErrServer, nil, "504"},
		{"599", status(599), again(NotApplied), again(Unknown), stop(Unknown), ErrServer, nil, "599"},
		{"999", status(999), again(NotApplied), again(Unknown), stop(Unknown), ErrServer, nil, "999"},
		{"400", status(400), stop(NotApplied), stop(NotApplied), stop(NotApplied), ErrInvalid, nil, "400 Bad Request"},
		{"401", status(401), stop(NotApplied), stop(NotApplied), stop(NotApplied), ErrUnauthorized, nil, "check the credentials"},
		{"403", status(403), stop(NotApplied), stop(NotApplied), stop(NotApplied), ErrForbidden, nil, "permission"},
		{"404", status(404), stop(NotApplied), stop(NotApplied), stop(NotApplied), ErrNotFound, nil, "404 Not Found"},
		{"405", status(405), stop(NotApplied), stop(NotApplied), stop(NotApplied), nil, nil, "405"},
		{"409", status(409), stop(NotApplied), stop(NotApplied), stop(NotApplied), ErrConflict, nil, "409"},
		{"422", status(422), stop(NotApplied), stop(NotApplied), stop(NotApplied), ErrInvalid, nil, "422"},
		{"301", status(301), stop(NotApplied), stop(Unknown), stop(Unknown), ErrBadResponse, nil, "redirects are not followed"},
		{"304", status(304), stop(NotApplied), stop(Unknown), stop(Unknown), ErrBadResponse, nil, "304"},
		{"307 to nowhere readable", answer(func() *http.Response { return reply(307, "", "Location", "http://[::1") }), stop(NotApplied), stop(Unknown), stop(Unknown), ErrBadResponse, nil, "redirects are not followed"},

		{"2xx cut", cutReply(201, "application/json"), again(NotApplied), stop(Applied), stop(Applied), ErrBadResponse, io.ErrUnexpectedEOF, "cut short"},
		{"2xx cut, undocumented media type", cutReply(201, "text/html"), again(NotApplied), stop(Unknown), stop(Unknown), ErrBadResponse, io.ErrUnexpectedEOF, "cut short"},
		{"2xx cut, undocumented status", cutReply(202, "application/json"), again(NotApplied), stop(Unknown), stop(Unknown), ErrBadResponse, io.ErrUnexpectedEOF, "cut short"},
		{"2xx damaged", answer(func() *http.Response { return reply(201, `{"id":7,`) }), again(NotApplied), stop(Applied), stop(Applied), ErrBadResponse, nil, "no valid JSON after 8 bytes"},
		{"2xx of another shape", answer(func() *http.Response { return reply(201, `{"id":"seven"}`) }), again(NotApplied), stop(Applied), stop(Applied), ErrBadResponse, nil, "a JSON string where id should be a number"},
		{"2xx empty", answer(func() *http.Response { return reply(201, "") }), again(NotApplied), stop(Applied), stop(Applied), ErrBadResponse, nil, "the answer is empty"},
		{"2xx null", answer(func() *http.Response { return reply(201, "null") }), again(NotApplied), stop(Applied), stop(Applied), ErrBadResponse, nil, "the answer is empty"},
		{"2xx HTML", answer(func() *http.Response { return reply(201, "<html>", "Content-Type", "text/html; charset=utf-8") }), again(NotApplied), stop(Unknown), stop(Unknown), ErrBadResponse, nil, "the answer is text/html, documented is application/json"},
		{"204 HTML", answer(func() *http.Response { return reply(204, "<html>", "Content-Type", "text/html") }), again(NotApplied), stop(Unknown), stop(Unknown), ErrBadResponse, nil, "documented is no content"},
		{"2xx undocumented", answer(func() *http.Response { return reply(202, keyJSON) }), again(NotApplied), stop(Unknown), stop(Unknown), ErrBadResponse, nil, "documented to succeed with 201 or 204"},
		{"2xx damaged, not labelled", answer(func() *http.Response { return reply(201, "hello", "Content-Type", "") }), again(NotApplied), stop(Unknown), stop(Unknown), ErrBadResponse, nil, "no valid JSON"},
		{"2xx too large", large(201, "application/json"), stop(NotApplied), stop(Applied), stop(Applied), ErrBadResponse, nil, "larger than MaxResponseBytes (1000)"},
		{"2xx too large, undocumented", large(201, "text/html"), stop(NotApplied), stop(Unknown), stop(Unknown), ErrBadResponse, nil, "larger than MaxResponseBytes (1000)"},

		{"failure told in a 200", answer(func() *http.Response { return reply(200, `{"error_code":"KEY_LOCKED"}`) }), stop(NotApplied), stop(NotApplied), stop(NotApplied), nil, nil, "200 OK (code KEY_LOCKED)"},
		{"rate limit told in a 200", answer(func() *http.Response { return reply(200, `{"error_code":"RATE_LIMITED"}`) }), again(NotApplied), again(NotApplied), again(NotApplied), ErrRateLimited, nil, "code RATE_LIMITED"},
		{"server error told in a 400", answer(func() *http.Response { return reply(400, `{"error_code":"SERVER_ERROR"}`) }), again(NotApplied), again(Unknown), stop(Unknown), ErrServer, nil, "400 Bad Request (code SERVER_ERROR)"},
		{"not found told in a 400", answer(func() *http.Response { return reply(400, `{"error_code":"NO_SUCH_KEY"}`) }), stop(NotApplied), stop(NotApplied), stop(NotApplied), ErrNotFound, nil, "code NO_SUCH_KEY"},
		{"signature forged", answer(func() *http.Response { return reply(201, keyJSON, "X-Signature", "forged") }), stop(NotApplied), stop(Unknown), stop(Unknown), errForged, nil, "signature does not match"},
		{"signature of a refusal forged", answer(func() *http.Response { return reply(404, `{"error_code":"GONE"}`, "X-Signature", "forged") }), stop(NotApplied), stop(Unknown), stop(Unknown), errForged, nil, "signature does not match"},
		{"signature of a refusal in a 2xx forged", answer(func() *http.Response { return reply(200, `{"error_code":"NO_SUCH_KEY"}`, "X-Signature", "forged") }), stop(NotApplied), stop(Unknown), stop(Unknown), errForged, nil, "signature does not match"},
		{"signature of a limit not asked for", answer(func() *http.Response { return reply(429, `{}`, "X-Signature", "forged") }), again(NotApplied), again(NotApplied), again(NotApplied), ErrRateLimited, nil, "429"},
		{"signature of a cut answer forged", answer(func() *http.Response {
			r := reply(201, "", "X-Signature", "forged")
			r.Body = cut(`{"id":"k1`)
			return r
		}), again(NotApplied), stop(Unknown), stop(Unknown), ErrBadResponse, io.ErrUnexpectedEOF, "cut short"},

		{"404 cut", func(req *http.Request) (*http.Response, error) {
			connected(req)
			resp := reply(404, "")
			resp.Body = cut(`{"error_code":"GO`)
			return resp, nil
		}, stop(NotApplied), stop(NotApplied), stop(NotApplied), ErrNotFound, io.ErrUnexpectedEOF, "cut short"},
		{"503 too large", large(503, "application/json"), again(NotApplied), again(Unknown), stop(Unknown), ErrServer, nil, "503"},
	}
	for _, tc := range cases {
		for class, want := range map[Class]expectation{Read: tc.read, Idempotent: tc.idem, Once: tc.once} {
			t.Run(tc.name+"/"+class.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var waits []time.Duration
					sent := 0
					cfg := testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
						sent++
						if class != Read {
							body, err := io.ReadAll(req.Body)
							require.NoError(t, err)
							assert.Equal(t, `{"name":"order-66"}`, string(body), "every attempt sends the whole body")
						}
						return tc.do(req)
					}))
					cfg.MaxResponseBytes = 1000
					cfg.Failure = dialect
					cfg.Verify = verify
					cfg.OnAttempt = func(_ context.Context, a Attempt) {
						assert.Error(t, a.Err)
						waits = append(waits, a.Wait)
					}
					begin := time.Now()
					_, err := callKeyOp(t.Context(), newClient(t, cfg), class)
					e := failed(t, err)

					assert.Equal(t, want.attempts, sent, "attempts sent")
					assert.Equal(t, want.attempts, e.Attempts, "attempts told")
					assert.Equal(t, want.outcome, e.Outcome, "outcome")
					assert.Equal(t, want.outcome == Unknown, errors.Is(err, ErrUnknownOutcome), "ErrUnknownOutcome")
					for _, kind := range kinds {
						assert.Equal(t, errors.Is(tc.kind, kind), errors.Is(err, kind), "%v", kind)
					}
					if tc.kind != nil {
						assert.ErrorIs(t, err, tc.kind)
					}
					if tc.isCause != nil {
						assert.ErrorIs(t, err, tc.isCause)
					}
					assert.Contains(t, err.Error(), tc.contains)
					slept := threeAttempts[:want.attempts-1]
					assert.Equal(t, append(slept[:len(slept):len(slept)], 0), waits, "waits")
					total := time.Duration(0)
					for _, d := range slept {
						total += d
					}
					assert.Equal(t, total, time.Since(begin), "time spent")
				})
			})
		}
	}
}

var kinds = []error{ErrUnauthorized, ErrForbidden, ErrNotFound, ErrConflict, ErrInvalid, ErrRateLimited, ErrServer, ErrBadResponse}

var errForged = NewKind("signature does not match", ErrBadResponse)

func verify(a *Answer) error {
	if a.Header.Get("X-Signature") == "forged" {
		return errForged
	}
	return nil
}

// dialect is a vendor whose codes decide, whatever the status.
func dialect(a *Answer) *Failure {
	before, _, found := bytes.Cut(a.Body, []byte(`"}`))
	_, code, _ := bytes.Cut(before, []byte(`{"error_code":"`))
	if !found || len(code) == 0 {
		return nil
	}
	f := &Failure{Code: string(code)}
	switch f.Code {
	case "RATE_LIMITED":
		f.StatusCode = 429
	case "SERVER_ERROR":
		f.StatusCode = 500
	case "NO_SUCH_KEY":
		f.StatusCode = 404
	}
	return f
}

func TestOutcomeBelongsToTheCall(t *testing.T) {
	t.Parallel()
	reset := func(req *http.Request) (*http.Response, error) { connected(req); return nil, errReset }
	unsent := func(req *http.Request) (*http.Response, error) { return refused(req, errReset) }
	status := func(code int, body string) func(*http.Request) (*http.Response, error) {
		return func(req *http.Request) (*http.Response, error) { connected(req); return reply(code, body), nil }
	}
	type step = func(*http.Request) (*http.Response, error)
	cases := []struct {
		name     string
		class    Class
		steps    []step
		attempts int
		outcome  Outcome
		kind     error // nil: the call succeeds
	}{
		{"unknown, then success", Idempotent, []step{reset, status(201, keyJSON)}, 2, NotApplied, nil},
		{"unknown, then not found", Idempotent, []step{reset, status(404, "")}, 2, Unknown, ErrNotFound},
		{"unknown, then never connected", Idempotent, []step{reset, unsent, unsent}, 3, Unknown, ErrUnknownOutcome},
		{"unknown, then rate limited", Idempotent, []step{status(503, ""), status(429, ""), status(429, "")}, 3, Unknown, ErrRateLimited},
		{"unknown, then applied", Idempotent, []step{status(503, ""), status(201, "{")}, 2, Applied, ErrBadResponse},
		{"rate limited, then not found", Idempotent, []step{status(429, ""), status(404, "")}, 2, NotApplied, ErrNotFound},
		{"once: unsent, limited, then success", Once, []step{unsent, status(429, ""), status(201, keyJSON)}, 3, NotApplied, nil},
		{"once: limited, then lost", Once, []step{status(429, ""), reset}, 2, Unknown, ErrUnknownOutcome},
		{"once: limited, then refused", Once, []step{status(429, ""), status(409, "")}, 2, NotApplied, ErrConflict},
		{"read: lost, then not found", Read, []step{reset, status(404, "")}, 2, NotApplied, ErrNotFound},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sent := 0
				client := newClient(t, testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
					sent++
					return tc.steps[sent-1](req)
				})))
				got, err := callKeyOp(t.Context(), client, tc.class)
				assert.Equal(t, tc.attempts, sent)
				if tc.kind == nil {
					require.NoError(t, err)
					assert.Equal(t, key{7, "ABC"}, got)
					return
				}
				e := failed(t, err)
				assert.ErrorIs(t, err, tc.kind)
				assert.Equal(t, tc.outcome, e.Outcome)
				assert.Equal(t, tc.outcome == Unknown, errors.Is(err, ErrUnknownOutcome))
				assert.Zero(t, got, "a failed call returns nothing")
			})
		})
	}
}

func TestLoweredClassIsNotRepeated(t *testing.T) {
	t.Parallel()
	sent := 0
	client := newClient(t, testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
		sent++
		connected(req)
		return reply(503, ""), nil
	})))
	_, err := Call[key](t.Context(), client, request(Idempotent).Lower())
	assert.Equal(t, Unknown, failed(t, err).Outcome)
	assert.Equal(t, 1, sent)
}

func TestRefuseOperationWithoutClass(t *testing.T) {
	t.Parallel()
	client := newClient(t, testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
		panic("nothing may be sent")
	})))
	req := request(Once)
	req.Op.Class = 0
	_, err := Call[key](t.Context(), client, req)
	e := failed(t, err)
	assert.ErrorIs(t, err, ErrInvalid)
	assert.Zero(t, e.Attempts)
	assert.Contains(t, err.Error(), "nothing was sent")
}
