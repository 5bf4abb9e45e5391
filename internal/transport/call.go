package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
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
	var got result[T]
	if err := c.do(ctx, req, &got); err != nil {
		var none T
		return none, err
	}
	return got.value, nil
}

// result is what a call is to bring: the zero value of an answer without
// content.
type result[T any] struct{ value T }

// decode reads the body of a successful answer. One that fails half-way leaves
// nothing to the next.
func (r *result[T]) decode(body []byte) error {
	r.value = *new(T)
	if err := Unmarshal(body, &r.value); err != nil {
		return err
	}
	return checkComplete(&r.value)
}

// complete reports whether decode refuses an answer that lacks its main part.
func (*result[T]) complete() bool {
	_, tells := any((*T)(nil)).(checked)
	return tells
}

// decoder is a result of whatever type.
type decoder interface {
	decode(body []byte) error
	complete() bool
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
	inner  callContext     // of the first request
	first  attempt
	req    Request
	result decoder
	media  [2]string    // of the request's body and of the answer to ask for
	body   bytes.Reader // of the first request
	sent   retryablehttp.Request
	loop   retryablehttp.Client

	number    int           // attempts begun
	current   *attempt      // under way; nil: none
	wait      time.Duration // before the next attempt
	waiting   bool          // the loop is waiting, or was when it ended
	outcome   Outcome       // of all attempts together
	failure   *Error        // the last failure
	succeeded bool
	redactor  *redactor // made when first needed
}

// callContext is the context of one request, in which its call is found: the
// caller's until the attempt begins, and then the attempt's. So the request
// need not be copied in between.
type callContext struct {
	context.Context
	call *call
}

// do runs one call, of which the result reads the successful answer.
func (c *Client) do(ctx context.Context, req Request, result decoder) *Error {
	k := &call{client: c, ctx: ctx, req: req, result: result}
	k.inner = callContext{ctx, k}
	wire, err := k.build() //nolint:contextcheck // it is the caller's
	if err != nil {
		return c.Refuse(req.Op, err)
	}
	k.sent.Request = wire
	k.loop.HTTPClient = c.http
	k.loop.RetryMax = c.retry.MaxAttempts - 1
	k.loop.CheckRetry = check
	k.loop.ErrorHandler = forget
	k.loop.PrepareRetry = rewind
	if c.http.Jar != nil {
		header := wire.Header.Clone()
		k.loop.PrepareRetry = func(req *http.Request) error {
			req.Header = header.Clone() // without the cookies that net/http has added
			return rewind(req)
		}
	}
	_, err = k.loop.Do(&k.sent) //nolint:bodyclose // check closes every body
	switch {
	case k.succeeded:
		return nil
	case k.waiting || k.failure == nil:
		k.giveUp("the call ended while waiting to try again", err)
	}
	return k.failure
}

// rewind gives a request that is sent again its body from the beginning.
func rewind(req *http.Request) error {
	if req.GetBody == nil {
		return nil
	}
	body, err := req.GetBody()
	req.Body = body
	return err
}

// again returns the body of the call from the beginning. Of this type net/http
// knows that it is at hand, and sends it together with the header.
func (c *call) again() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(c.req.Body)), nil
}

// build makes the request as it is sent, again and again if need be.
func (c *call) build() (*http.Request, error) {
	op := c.req.Op
	if op.Class != Read && op.Class != Idempotent && op.Class != Once {
		return nil, errors.New("the operation has no class that says whether it may be repeated")
	}
	if m := op.Method; op.Class == Once && (m == http.MethodGet || m == http.MethodHead || m == http.MethodOptions) {
		return nil, fmt.Errorf("net/http sends a %s again on its own: the operation cannot be of class Once", m)
	}
	if !strings.HasPrefix(c.req.Path, "/") { // it could change the host
		return nil, errors.New("the path of the request does not begin with a slash")
	}
	address := c.client.base + c.req.Path
	if c.req.Query != "" {
		address = c.client.base + c.req.Path + "?" + c.req.Query
	}
	wire, err := http.NewRequestWithContext(&c.inner, op.Method, address, nil)
	if err != nil {
		return nil, err
	}
	if len(c.req.Body) > 0 {
		c.body.Reset(c.req.Body)
		wire.Body, wire.GetBody, wire.ContentLength = io.NopCloser(&c.body), c.again, c.body.Size()
	}
	c.dress(wire.Header)
	return wire, nil
}

// dress fills in the header of the request. The values of the fixed ones are
// shared: whoever adds one gets a list of its own.
func (c *call) dress(header http.Header) {
	maps.Copy(header, c.client.header)
	c.media = [2]string{c.req.ContentType, c.req.Op.accept()}
	if c.req.ContentType != "" {
		header["Content-Type"] = c.media[:1:1]
	}
	if header["Accept"] == nil {
		header["Accept"] = c.media[1:]
	}
	c.client.credential.apply(header)
}

// check is called by the loop after each attempt. It decides whether another
// one follows, and only then prepares for one.
func check(ctx context.Context, resp *http.Response, err error) (bool, error) {
	c := ctx.(*callContext).call
	again := c.check(resp, err)
	if again {
		// The context of the attempt has ended.
		c.sent.Request = c.sent.Request.WithContext(&callContext{c.ctx, c}) //nolint:contextcheck // it is the caller's
		c.loop.Backoff = c.backoff
	}
	return again, nil
}

// check finds out what an attempt came to, and whether another one follows.
func (c *call) check(resp *http.Response, err error) (again bool) {
	a := c.current
	c.current, c.waiting = nil, false
	if a == nil { // the context or the pacer let nothing through
		c.giveUp(c.notBegun(), err)
		return false
	}
	defer a.cancel()
	v := c.judge(a, resp, err)
	took := time.Since(a.started)
	again = c.settle(&v)
	c.report(v, took)
	return again
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
