package transport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// None is the result of operations whose answer has no content.
type None struct{}

// Call performs one operation: it sends the request, repeats it as its class
// allows, and returns the decoded answer. The error is always an *Error.
//
// The context is the budget of the whole call with all its waits; each attempt
// is also limited by Config.AttemptTimeout.
func Call[T any](ctx context.Context, c *Client, req Request) (T, error) {
	var value, none T
	_, complete := any(&value).(checked)
	err := c.do(ctx, req, complete, func(body []byte) error {
		var fresh T // an attempt that fails half-way leaves nothing behind
		if err := json.Unmarshal(body, &fresh); err != nil {
			return err
		}
		if err := checkComplete(&fresh); err != nil {
			return err
		}
		value = fresh
		return nil
	})
	if err != nil {
		return none, err
	}
	return value, nil
}

// Try is Call for a request that may not have been built: then err says why,
// and nothing is sent.
func Try[T any](ctx context.Context, c *Client, op Op, req Request, err error) (T, error) {
	if err != nil {
		var none T
		return none, c.Refuse(op, err)
	}
	return Call[T](ctx, c, req)
}

// call is the state of one call. go-retryablehttp runs the loop, and check and
// backoff are its hooks: one reads and judges what each attempt came to, the
// other hands out the wait that was decided with it.
type call struct {
	client *Client
	ctx    context.Context // the caller's
	req    Request
	url    *url.URL
	decode func(body []byte) error

	complete bool // decode also finds out whether the answer is complete

	number    int           // attempts begun
	current   *attempt      // under way; nil: none
	wait      time.Duration // before the next attempt
	waiting   bool          // the loop is waiting, or was when it ended
	outcome   Outcome       // of all attempts together
	failure   *Error        // the last failure
	succeeded bool
	redactor  *redactor // made when first needed
}

// do runs one call. decode is given the body of a successful answer; complete
// says that it refuses one that lacks its main part.
func (c *Client) do(ctx context.Context, req Request, complete bool, decode func([]byte) error) *Error {
	k := &call{client: c, ctx: ctx, req: req, complete: complete, decode: decode}
	wire, err := c.build(context.WithValue(ctx, callKey{}, k), req)
	if err != nil {
		return c.Refuse(req.Op, err)
	}
	k.url = wire.URL
	header := wire.Header.Clone() // as it is before net/http adds cookies
	loop := retryablehttp.Client{
		HTTPClient:   c.http,
		RetryMax:     c.retry.MaxAttempts - 1,
		CheckRetry:   k.check,
		Backoff:      k.backoff,
		ErrorHandler: forget,
		PrepareRetry: func(req *http.Request) error {
			req.Header = header.Clone()
			return nil
		},
	}
	_, err = loop.Do(wire) //nolint:bodyclose // check closes every body
	switch {
	case k.succeeded:
		return nil
	case k.waiting || k.failure == nil:
		k.giveUp("the call ended while waiting to try again", err)
	}
	return k.failure
}

// build makes the request as it is sent, again and again if need be.
func (c *Client) build(ctx context.Context, req Request) (*retryablehttp.Request, error) {
	if class := req.Op.Class; class != Read && class != Idempotent && class != Once {
		return nil, errors.New("the operation has no class that says whether it may be repeated")
	}
	if m := req.Op.Method; req.Op.Class == Once && (m == http.MethodGet || m == http.MethodHead || m == http.MethodOptions) {
		return nil, fmt.Errorf("net/http sends a %s again on its own: the operation cannot be of class Once", m)
	}
	if !strings.HasPrefix(req.Path, "/") { // it could change the host
		return nil, errors.New("the path of the request does not begin with a slash")
	}
	address := c.base + req.Path
	if req.Query != "" {
		address += "?" + req.Query
	}
	var body any // nil, not an empty []byte: net/http takes that for a body of unknown length
	if req.Body != nil {
		body = req.Body
	}
	wire, err := retryablehttp.NewRequestWithContext(ctx, req.Op.Method, address, body)
	if err != nil {
		return nil, err
	}
	wire.Header = c.header.Clone()
	if req.ContentType != "" {
		wire.Header.Set("Content-Type", req.ContentType)
	}
	if wire.Header.Get("Accept") == "" {
		wire.Header.Set("Accept", req.Op.accept())
	}
	c.credential.apply(wire.Header)
	return wire, nil
}

// check is called by the loop after each attempt. It decides whether another
// one follows.
func (c *call) check(_ context.Context, resp *http.Response, err error) (bool, error) {
	a := c.current
	c.current, c.waiting = nil, false
	if a == nil { // the context or the pacer let nothing through
		c.giveUp(c.notBegun(), err)
		return false, nil
	}
	defer a.cancel()
	v := c.judge(a, resp, err)
	took := time.Since(a.started)
	again := c.settle(&v)
	c.report(v, took)
	return again, nil
}

// backoff is called by the loop before it waits.
func (c *call) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
	c.waiting = true
	return c.wait
}

// forget replaces the loop's own closing words, which would hold the URL:
// everything worth telling is in call.failure.
func forget(*http.Response, error, int) (*http.Response, error) { return nil, nil }

// settle draws the consequences of one attempt: the outcome so far, the error
// if the call ended here, and whether it goes on.
func (c *call) settle(v *verdict) (again bool) {
	c.wait = 0
	if v.situation == succeeded {
		c.succeeded, c.failure = true, nil
		return false
	}
	// A later attempt may settle what an earlier one left open only by being
	// carried out, never by being refused.
	if o := v.situation.outcome(c.req.Op.Class, v.documented); o != NotApplied {
		c.outcome = o
	}
	c.failure = c.failureAfter(v)
	again, late := c.plan(v)
	if late != nil {
		c.giveUp("not tried again, since the context ends first", late)
	}
	return again
}

// failureAfter is the error of the call after a failed attempt. If the caller
// ended that one before it had an answer, what the vendor said last stays what
// the error is about.
func (c *call) failureAfter(v *verdict) *Error {
	last := c.failure
	if last == nil || last.StatusCode == 0 || !v.final || v.status != 0 {
		return c.newError(v)
	}
	e := last.and(v.why, v.causes...)
	e.Attempts, e.Outcome = c.number, c.outcome
	return e
}

// plan decides whether another attempt follows and sets the wait before it.
// late is set when only the context stands against it.
func (c *call) plan(v *verdict) (again bool, late error) {
	retry := c.client.retry
	if v.final || !v.situation.again(c.req.Op.Class) || c.number >= retry.MaxAttempts {
		return false, nil
	}
	if c.ctx.Err() != nil {
		return false, c.ctx.Err()
	}
	wait := v.retryAfter
	if !v.hasRetryAfter {
		wait = retry.wait(c.number, c.client.random())
	} else if wait > retry.MaxRetryAfter {
		return false, nil
	}
	if deadline, ok := c.ctx.Deadline(); ok && wait >= time.Until(deadline) {
		return false, context.DeadlineExceeded
	}
	c.wait = wait
	return true, nil
}

// giveUp ends the call because of its context, in a wait or before sending.
// The last failure stays what the error is about.
func (c *call) giveUp(when string, err error) {
	err = c.contextError(err)
	if c.failure == nil {
		c.failure = c.newError(&verdict{})
	}
	c.failure = c.failure.and(when+": "+c.hide().cause(err), err)
}

// notBegun says what kept an attempt from being sent.
func (c *call) notBegun() string {
	if c.client.pacer != nil {
		return "no slot of the pacer came in time"
	}
	return "the call ended before it was sent"
}

// contextError returns the error of the caller's context together with the
// cause that the caller gave it; or else err, where the context is not done.
func (c *call) contextError(err error) error {
	done, cause := c.ctx.Err(), context.Cause(c.ctx)
	switch {
	case done == nil && err == nil:
		return errors.New("the call ended without an answer")
	case done == nil:
		return bare(err)
	case errors.Is(cause, done):
		return cause
	default:
		return &causedError{done, bare(cause)}
	}
}

// causedError is the end of a context together with its cause.
type causedError struct{ done, cause error }

func (e *causedError) Error() string   { return e.done.Error() + ": " + e.cause.Error() }
func (e *causedError) Unwrap() []error { return []error{e.done, e.cause} }

// hide returns what keeps secrets out of texts.
func (c *call) hide() redactor {
	if c.redactor == nil {
		r := newRedactor(c.client.secrets(), c.req)
		c.redactor = &r
	}
	return *c.redactor
}
