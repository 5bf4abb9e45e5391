package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"
)

// sender is the http.RoundTripper of every client: it begins the attempts of a
// call. It is a type without CloseIdleConnections on purpose, since
// go-retryablehttp calls that after each failed call, and the connections may
// be shared with others.
type sender struct{ base http.RoundTripper }

// RoundTrip waits for the pacer and makes one attempt with its own time limit.
func (s sender) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context().(*callContext)
	c := ctx.call
	if err := c.pace(); err != nil {
		closeBody(req)
		return nil, err
	}
	if c.client.pacer != nil {
		defer c.client.pacer.release()
	}
	ctx.Context = c.begin() // nobody else has seen it yet
	resp, err := s.base.RoundTrip(req)
	switch {
	case resp == nil && c.current.dropped.Load():
		err = errDropped
	case resp == nil:
	case err != nil: // both is forbidden, but seen; net/http would leak the body
		resp.Body.Close()
		resp = nil
	case resp.StatusCode == http.StatusSwitchingProtocols:
		// Nobody asked for it, and its body is the connection itself, which no
		// context ends any more.
		resp.Body.Close()
		resp.Body = http.NoBody
	case resp.StatusCode/100 == 3:
		dropBadLocation(resp)
	}
	return resp, err
}

// closeBody does what every RoundTripper owes, also when it sends nothing.
func closeBody(req *http.Request) {
	if req.Body != nil {
		req.Body.Close()
	}
}

// dropBadLocation keeps net/http from turning an answer with a Location that
// it cannot read into an error that quotes it.
func dropBadLocation(resp *http.Response) {
	if _, err := resp.Location(); err != nil {
		resp.Header.Del("Location")
	}
}

// attempt is one attempt that has begun.
type attempt struct {
	ctx     context.Context // ends with the call's context or the attempt's time
	cancel  context.CancelFunc
	started time.Time
	trace   httptrace.ClientTrace
	answer  Answer // once there is one

	// What the connections did. Without asked there is no proof of anything:
	// not every http.RoundTripper reports to httptrace.
	asked, connected atomic.Bool

	// Over HTTP/2, net/http sends a request again on its own, whatever its
	// method, when the server drops it: with GOAWAY or REFUSED_STREAM, which
	// promise that it was not looked at, but also with PROTOCOL_ERROR, which
	// does not, and then without end or pause. Which of them it was cannot be
	// told. So an attempt ends there: it is written once, and all else is for
	// the class of the operation to decide.
	written, dropped atomic.Bool
}

// errDropped ends an attempt that net/http was about to write again.
var errDropped = errors.New("the server dropped the request after it was sent (HTTP/2)")

// pace returns when an attempt may be sent. An error means that none may.
func (c *call) pace() error {
	if c.client.pacer != nil {
		return c.client.pacer.acquire(c.ctx)
	}
	return c.ctx.Err()
}

// begin counts and starts an attempt and returns its context.
func (c *call) begin() context.Context {
	a := &c.first
	if c.number++; c.number > 1 { // what has begun before may still be looked at by its connection
		a = new(attempt)
	}
	timeout := c.client.timeout
	ctx, cancel := context.WithTimeoutCause(c.ctx, timeout.after, timeout)
	a.cancel, a.started = cancel, time.Now()
	a.trace = httptrace.ClientTrace{
		GetConn: func(string) { a.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) {
			a.connected.Store(true)
			if a.written.Load() { // the second connection: nothing is written to it once the context is done
				a.dropped.Store(true)
				cancel()
			}
		},
	}
	if !c.client.http1 { // it costs net/http a list per field
		a.trace.WroteHeaderField = func(name string, _ []string) {
			if strings.HasPrefix(name, ":") { // HTTP/2; HTTP/1 repeats no POST that it has written
				a.written.Store(true)
			}
		}
	}
	a.ctx = httptrace.WithClientTrace(ctx, &a.trace)
	c.current = a
	return a.ctx
}

// attemptTimeout is the cause of an attempt that took too long. It matches
// context.DeadlineExceeded, as the timeout of an http.Client does.
type attemptTimeout struct {
	after   time.Duration
	setting string // that it comes from
}

func (t *attemptTimeout) Error() string {
	return fmt.Sprintf("no complete answer within %s (%v)", t.setting, t.after)
}

// Timeout and Temporary make it a net.Error.
func (t *attemptTimeout) Timeout() bool   { return true }
func (t *attemptTimeout) Temporary() bool { return false }

// Is makes it match context.DeadlineExceeded.
func (t *attemptTimeout) Is(target error) bool { return target == context.DeadlineExceeded }
