package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptrace"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCallSendsOneWholeRequest(t *testing.T) {
	t.Parallel()
	mock := httpmock.NewMockTransport()
	var sent *http.Request
	var body []byte
	mock.RegisterResponder("POST", "https://api.example.com/v2/keys/a%2Fb", func(req *http.Request) (*http.Response, error) {
		sent = req
		body, _ = io.ReadAll(req.Body)
		return httpmock.NewStringResponder(201, keyJSON).HeaderSet(http.Header{"Content-Type": {"application/json"}})(req)
	})
	cfg := testConfig(mock)
	cfg.BaseURL += "/"
	cfg.UserAgent = "shop/1.0"
	cfg.Header = http.Header{"x-version": {"1.8"}}
	req := request(Once)
	req.Op.Path, req.Path, req.Query = "/keys/{id}", "/keys/a%2Fb", "x=1"
	got, err := Call[key](t.Context(), newClient(t, cfg), req)
	require.NoError(t, err)
	assert.Equal(t, key{7, "ABC"}, got)
	assert.Equal(t, "https://api.example.com/v2/keys/a%2Fb?x=1", sent.URL.String())
	assert.JSONEq(t, `{"name":"order-66"}`, string(body))
	assert.Equal(t, int64(len(body)), sent.ContentLength)
	assert.NotNil(t, sent.GetBody, "net/http may start over on a connection that was dead already")
	assert.Equal(t, http.Header{
		"Accept":        {"application/json"},
		"Authorization": {"Bearer " + testKey},
		"Content-Type":  {"application/json"},
		"User-Agent":    {"shop/1.0 keysmith-go/" + moduleVersion() + " (acme)"},
		"X-Version":     {"1.8"},
	}, sent.Header)
}

func TestRequestWithoutBody(t *testing.T) {
	t.Parallel()
	var sent *http.Request
	cfg := testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
		sent = req
		return reply(201, keyJSON), nil
	}))
	_, err := callKeyOp(t.Context(), newClient(t, cfg), Read)
	require.NoError(t, err)
	assert.Nil(t, sent.Body)
	assert.NotContains(t, sent.Header, "Content-Type")

	cfg.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"application/vnd.api+json"}}
	_, err = callKeyOp(t.Context(), newClient(t, cfg), Read)
	require.NoError(t, err)
	assert.Equal(t, "application/json", sent.Header.Get("Content-Type"), "a vendor may want it on every request")
	assert.Equal(t, "application/vnd.api+json", sent.Header.Get("Accept"))
}

func TestHeadersOfCallsAreIndependent(t *testing.T) {
	t.Parallel()
	cfg := testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
		assert.Empty(t, req.Header.Get("X-Trace"))
		req.Header.Set("X-Trace", "1") // forbidden, but seen
		return reply(201, keyJSON), nil
	}))
	client := newClient(t, cfg)
	for range 2 {
		_, err := callKeyOp(t.Context(), client, Once)
		require.NoError(t, err)
	}
}

// net/http adds the cookies of the caller's jar to the request it is given.
func TestEveryAttemptHasTheSameHeaders(t *testing.T) {
	t.Parallel()
	var sent []http.Header
	cfg := testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
		connected(req)
		sent = append(sent, req.Header.Clone())
		req.Header.Add("X-Trace", "1") // forbidden, but seen
		return reply(503, "{}"), nil
	}))
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	jar.SetCookies(&url.URL{Scheme: "https", Host: "api.example.com"}, []*http.Cookie{{Name: "session", Value: "7"}})
	cfg.HTTPClient.Jar = jar
	cfg.Retry.MaxDelay = time.Nanosecond
	_, err = callKeyOp(t.Context(), newClient(t, cfg), Idempotent)
	require.ErrorIs(t, err, ErrServer)
	require.Len(t, sent, 3)
	assert.Equal(t, []string{"session=7"}, sent[0]["Cookie"])
	assert.Equal(t, sent[0], sent[1])
	assert.Equal(t, sent[0], sent[2])
}

func TestContextDoneBeforeSending(t *testing.T) {
	t.Parallel()
	errQuit := errors.New("shutting down")
	cancelled, cancel := context.WithCancelCause(t.Context())
	cancel(errQuit)
	expired, stop := context.WithDeadline(t.Context(), time.Now().Add(-time.Hour))
	defer stop()
	for _, tc := range []struct {
		ctx    context.Context
		causes []error
	}{{cancelled, []error{context.Canceled, errQuit}}, {expired, []error{context.DeadlineExceeded}}} {
		for _, class := range []Class{Read, Idempotent, Once} {
			cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
				panic("nothing may be sent")
			}))
			cfg.OnAttempt = func(context.Context, Attempt) { panic("there was no attempt") }
			_, err := callKeyOp(tc.ctx, newClient(t, cfg), class)
			e := failed(t, err)
			for _, cause := range tc.causes {
				assert.ErrorIs(t, err, cause)
			}
			assert.Zero(t, e.Attempts)
			assert.Equal(t, NotApplied, e.Outcome)
			assert.Contains(t, err.Error(), "nothing was sent")
			assert.Contains(t, err.Error(), tc.causes[len(tc.causes)-1].Error())
		}
	}
}

// hangs until the context of its request is done, as net/http does.
func hangs(req *http.Request) (*http.Response, error) {
	connected(req)
	<-req.Context().Done()
	return nil, context.Cause(req.Context())
}

func TestCancelWhileAnswerIsAwaited(t *testing.T) {
	t.Parallel()
	for class, want := range map[Class]Outcome{Read: NotApplied, Idempotent: Unknown, Once: Unknown} {
		synctest.Test(t, func(t *testing.T) {
			begin, sent := time.Now(), 0
			client := newClient(t, testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
				sent++
				return hangs(req)
			})))
			errQuit := errors.New("shutting down")
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(3*time.Second, func() { cancel(errQuit) })
			_, err := callKeyOp(ctx, client, class)
			assert.Equal(t, 3*time.Second, time.Since(begin))
			assert.Equal(t, 1, sent)
			assert.Equal(t, want, failed(t, err).Outcome)
			assert.Equal(t, want == Unknown, errors.Is(err, ErrUnknownOutcome))
			assert.ErrorIs(t, err, context.Canceled)
			assert.ErrorIs(t, err, errQuit)
			assert.Contains(t, err.Error(), "no answer: the caller's context ended first: context canceled: shutting down; tried once")
		})
	}
}

func TestCancelWhileConnecting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
			httptrace.ContextClientTrace(req.Context()).GetConn("")
			<-req.Context().Done()
			return nil, req.Context().Err()
		})))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := callKeyOp(ctx, client, Once)
		e := failed(t, err)
		assert.Equal(t, NotApplied, e.Outcome, "it never left the machine")
		assert.Equal(t, 1, e.Attempts)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.EqualError(t, err, "acme: createKey (POST /keys): no connection was made: the caller's context ended first: context deadline exceeded; tried once")
	})
}

// The caller's deadline and AttemptTimeout look alike to net/http, but only
// one of them ends the call.
func TestAttemptTimeout(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		class    Class
		attempts int
		outcome  Outcome
	}{{Read, 3, NotApplied}, {Idempotent, 3, Unknown}, {Once, 1, Unknown}} {
		synctest.Test(t, func(t *testing.T) {
			begin, sent := time.Now(), 0
			cfg := testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
				sent++
				return hangs(req)
			}))
			cfg.AttemptTimeout = 5 * time.Second
			cfg.Retry.BaseDelay = time.Nanosecond
			cfg.Retry.MaxDelay = time.Nanosecond
			_, err := callKeyOp(t.Context(), newClient(t, cfg), tc.class)
			e := failed(t, err)
			assert.Equal(t, tc.attempts, sent)
			assert.Equal(t, tc.outcome, e.Outcome)
			assert.Equal(t, time.Duration(tc.attempts)*5*time.Second, time.Since(begin).Truncate(time.Second))
			assert.ErrorIs(t, err, context.DeadlineExceeded, "as with http.Client.Timeout")
			var timeout net.Error
			require.ErrorAs(t, err, &timeout)
			assert.True(t, timeout.Timeout())
			assert.Contains(t, err.Error(), "no complete answer within AttemptTimeout (5s)")
			assert.NotContains(t, err.Error(), "caller")
		})
	}
}

func TestAttemptTimeoutWhileConnecting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		cfg := testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
			sent++
			httptrace.ContextClientTrace(req.Context()).GetConn("")
			<-req.Context().Done()
			return nil, &net.OpError{Op: "dial", Err: req.Context().Err()}
		}))
		cfg.AttemptTimeout = time.Second
		_, err := callKeyOp(t.Context(), newClient(t, cfg), Once)
		assert.Equal(t, 3, sent, "what never left may be repeated in every class")
		assert.Equal(t, NotApplied, failed(t, err).Outcome)
		assert.Contains(t, err.Error(), "within AttemptTimeout (1s)")
	})
}

func TestShorterTimeoutOfTheCallersClientWins(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ client, config, want time.Duration }{
		{0, 0, 30 * time.Second},
		{5 * time.Second, 0, 5 * time.Second},
		{5 * time.Second, 2 * time.Second, 2 * time.Second},
		{time.Minute, 0, 30 * time.Second},
		{0, time.Minute, time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			cfg := testConfig(roundTripper(hangs))
			cfg.HTTPClient.Timeout = tc.client
			cfg.AttemptTimeout = tc.config
			_, err := callKeyOp(t.Context(), newClient(t, cfg), Once)
			failed(t, err)
			assert.Equal(t, tc.want, time.Since(begin))
			setting := "AttemptTimeout"
			if tc.want == 5*time.Second {
				setting = "HTTPClient.Timeout"
			}
			assert.Contains(t, err.Error(), fmt.Sprintf("within %s (%v)", setting, tc.want))
			assert.Equal(t, tc.client, cfg.HTTPClient.Timeout, "the caller's client is left alone")
		})
	}
}

// slowBody gives a few bytes, then waits for the end of its request's context.
type slowBody struct {
	ctx  context.Context
	text string
}

func (b *slowBody) Read(p []byte) (int, error) {
	if b.text != "" {
		n := copy(p, b.text)
		b.text = b.text[n:]
		return n, nil
	}
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}
func (b *slowBody) Close() error { return nil }

func TestTimeLimitsHoldForTheBody(t *testing.T) {
	t.Parallel()
	slow := func(status int) roundTripper {
		return func(req *http.Request) (*http.Response, error) {
			connected(req)
			r := reply(status, "")
			r.Body, r.ContentLength = &slowBody{req.Context(), `{"id":`}, -1
			return r, nil
		}
	}
	for _, tc := range []struct {
		status   int
		class    Class
		attempts int
		outcome  Outcome
		kind     error
	}{
		{201, Once, 1, Applied, ErrBadResponse},
		{201, Idempotent, 1, Applied, ErrBadResponse},
		{201, Read, 3, NotApplied, ErrBadResponse},
		{503, Once, 1, Unknown, ErrServer},
		{429, Once, 3, NotApplied, ErrRateLimited},
		{404, Once, 1, NotApplied, ErrNotFound},
	} {
		synctest.Test(t, func(t *testing.T) {
			cfg := testConfig(slow(tc.status))
			cfg.AttemptTimeout = time.Second
			_, err := callKeyOp(t.Context(), newClient(t, cfg), tc.class)
			e := failed(t, err)
			assert.Equal(t, tc.attempts, e.Attempts)
			assert.Equal(t, tc.outcome, e.Outcome)
			assert.ErrorIs(t, err, tc.kind)
			assert.Contains(t, err.Error(), "cut short")
			assert.Contains(t, err.Error(), "AttemptTimeout (1s)")
		})
		synctest.Test(t, func(t *testing.T) { // the same, with the caller giving up
			begin := time.Now()
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			_, err := callKeyOp(ctx, newClient(t, testConfig(slow(tc.status))), tc.class)
			e := failed(t, err)
			assert.Equal(t, 1, e.Attempts)
			assert.Equal(t, tc.outcome, e.Outcome)
			assert.ErrorIs(t, err, tc.kind)
			assert.ErrorIs(t, err, context.Canceled)
			assert.Equal(t, time.Second, time.Since(begin))
			assert.Contains(t, err.Error(), "the answer was cut short: the caller's context ended first: context canceled; tried once")
		})
	}
}

func TestCancelDuringWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin, sent := time.Now(), 0
		cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
			sent++
			return reply(429, "", "Retry-After", "30"), nil
		}))
		cfg.Failure = func(*Answer) *Failure { return &Failure{Code: "SLOW", Message: "slow down"} }
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(2*time.Second, cancel)
		_, err := callKeyOp(ctx, newClient(t, cfg), Once)
		e := failed(t, err)
		assert.Equal(t, 2*time.Second, time.Since(begin))
		assert.Equal(t, 1, sent)
		assert.ErrorIs(t, err, ErrRateLimited)
		assert.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, "SLOW", e.Code)
		assert.Equal(t, 429, e.StatusCode)
		assert.Equal(t, 30*time.Second, e.RetryAfter)
		assert.Equal(t, NotApplied, e.Outcome)
		assert.Contains(t, err.Error(), "429 Too Many Requests: slow down")
		assert.Contains(t, err.Error(), "context canceled")
	})
}

// A wait that the deadline would cut short is not begun.
func TestDeadlineBeforeEndOfWait(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]string{"Retry-After": "3", "backoff": ""} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin, sent := time.Now(), 0
				var told Attempt
				cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
					sent++
					return reply(503, "", "Retry-After", header), nil
				}))
				cfg.Retry.BaseDelay = 3 * time.Second
				cfg.OnAttempt = func(_ context.Context, a Attempt) { told = a }
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				_, err := callKeyOp(ctx, newClient(t, cfg), Read)
				assert.Zero(t, time.Since(begin))
				assert.Equal(t, 1, sent)
				assert.ErrorIs(t, err, ErrServer)
				assert.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Equal(t, 503, failed(t, err).StatusCode)
				assert.Zero(t, told.Wait)
				assert.Equal(t, err, told.Err)
			})
		})
	}
}

func TestCancelledAfterTheAnswer(t *testing.T) {
	t.Parallel()
	for status, outcome := range map[int]Outcome{201: NotApplied, 429: NotApplied, 503: Unknown} {
		ctx, cancel := context.WithCancel(t.Context())
		sent := 0
		cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
			sent++
			cancel()
			return reply(status, keyJSON), nil
		}))
		cfg.OnAttempt = func(_ context.Context, a Attempt) { assert.Zero(t, a.Wait, "no wait follows") }
		got, err := callKeyOp(ctx, newClient(t, cfg), Idempotent)
		assert.Equal(t, 1, sent)
		if status == 201 {
			require.NoError(t, err, "an answer in hand is not thrown away")
			assert.Equal(t, key{7, "ABC"}, got)
			continue
		}
		assert.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, status, failed(t, err).StatusCode)
		assert.Equal(t, outcome, failed(t, err).Outcome)
	}
}

func TestOnAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		var told []Attempt
		type ctxKey struct{}
		cfg := testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
			sent++
			time.Sleep(time.Duration(sent) * time.Second)
			switch sent {
			case 1:
				return refused(req, &net.OpError{Op: "dial", Err: errors.New("refused")})
			case 2:
				return reply(429, "", "Retry-After", "5", "X-Ratelimit-Remaining", "0"), nil
			default:
				return reply(201, keyJSON, "X-Ratelimit-Remaining", "9"), nil
			}
		}))
		cfg.OnAttempt = func(ctx context.Context, a Attempt) {
			assert.Equal(t, "mine", ctx.Value(ctxKey{}))
			assert.Equal(t, "createKey", a.Op.ID)
			told = append(told, a)
		}
		_, err := callKeyOp(context.WithValue(t.Context(), ctxKey{}, "mine"), newClient(t, cfg), Once)
		require.NoError(t, err)
		require.Len(t, told, 3)

		first, second, third := told[0], told[1], told[2]
		assert.Equal(t, []any{1, 0, 250 * time.Millisecond, time.Second}, []any{first.Number, first.StatusCode, first.Wait, first.Duration})
		assert.Nil(t, first.Header)
		var dial *net.OpError
		assert.ErrorAs(t, first.Err, &dial)

		assert.Equal(t, []any{2, 429, 5 * time.Second, 2 * time.Second}, []any{second.Number, second.StatusCode, second.Wait, second.Duration})
		assert.Equal(t, "0", second.Header.Get("X-Ratelimit-Remaining"))
		assert.ErrorIs(t, second.Err, ErrRateLimited)
		assert.Equal(t, 2, failed(t, second.Err).Attempts)

		assert.Equal(t, []any{3, 201, time.Duration(0), 3 * time.Second}, []any{third.Number, third.StatusCode, third.Wait, third.Duration})
		assert.NoError(t, third.Err)
	})
}

func TestHookGetsACopyOfTheHeader(t *testing.T) {
	t.Parallel()
	answer := reply(201, keyJSON)
	client := answering(t, func() *http.Response { return answer }, func(c *Config) {
		c.OnAttempt = func(_ context.Context, a Attempt) { a.Header.Set("Content-Type", "text/html") }
	})
	_, err := callKeyOp(t.Context(), client, Once)
	require.NoError(t, err)
	assert.Equal(t, "application/json", answer.Header.Get("Content-Type"))
}

func TestPanicOfTheHookIsNotSwallowed(t *testing.T) {
	t.Parallel()
	client := answering(t, func() *http.Response { return reply(201, keyJSON) }, func(c *Config) {
		c.OnAttempt = func(context.Context, Attempt) { panic("mine") }
	})
	assert.PanicsWithValue(t, "mine", func() { _, _ = callKeyOp(t.Context(), client, Once) })
}

func TestCallersTraceStillWorks(t *testing.T) {
	t.Parallel()
	got := 0
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { got++ }})
	client := answering(t, func() *http.Response { return reply(201, keyJSON) })
	_, err := callKeyOp(ctx, client, Once)
	require.NoError(t, err)
	assert.Equal(t, 1, got)
}

func TestRequestsThatCannotBeSent(t *testing.T) {
	t.Parallel()
	client := newClient(t, testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
		panic("nothing may be sent")
	})))
	for name, change := range map[string]func(*Request){
		"another host":   func(r *Request) { r.Path = "@evil.example/keys" },
		"broken escape":  func(r *Request) { r.Path = "/keys/%zz" },
		"broken method":  func(r *Request) { r.Op.Method = "PO ST" },
		"unknown class":  func(r *Request) { r.Op.Class = 9 },
		"a GET as Once":  func(r *Request) { r.Op.Method = http.MethodGet }, // net/http repeats it
		"control in URL": func(r *Request) { r.Path = "/keys/\n" },
	} {
		req := request(Once)
		change(&req)
		_, err := Call[key](t.Context(), client, req)
		e := failed(t, err)
		assert.ErrorIs(t, err, ErrInvalid, name)
		assert.Zero(t, e.Attempts, name)
		assert.Equal(t, NotApplied, e.Outcome, name)
		assert.NotContains(t, err.Error(), "https://", name)
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	client := newClient(t, testConfig(nil))
	errBound := errors.New("HWIDLimit is 101: it must be 0 to 100")
	e := client.Refuse(op(Once), errBound)
	assert.ErrorIs(t, e, ErrInvalid)
	assert.ErrorIs(t, e, errBound)
	assert.Equal(t, "acme: createKey (POST /keys): HWIDLimit is 101: it must be 0 to 100; nothing was sent", e.Error())
	assert.Zero(t, e.Attempts)
	assert.Equal(t, NotApplied, e.Outcome)
}

func TestConcurrentCallsShareNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, testConfig(roundTripper(func(req *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			if req.Header.Get("Accept") == "" {
				return nil, errReset
			}
			return reply(201, keyJSON), nil
		})))
		results := make(chan error)
		for range 50 {
			go func() {
				_, err := callKeyOp(t.Context(), client, Once)
				results <- err
			}()
		}
		for range 50 {
			assert.NoError(t, <-results)
		}
	})
}
