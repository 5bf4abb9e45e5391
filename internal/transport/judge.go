package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// verdict is what one attempt came to.
type verdict struct {
	situation  situation
	documented bool        // status and media type are those of a documented success
	status     int         // as received; 0: no answer
	header     http.Header // of the answer
	said       Failure     // the vendor's words
	why        string      // ours; safe to show
	advice     string      // what to do, where the kinds do not tell
	final      bool        // the caller's context ended the attempt
	kinds      []error
	causes     []error

	retryAfter    time.Duration
	hasRetryAfter bool
}

// judge finds out what an attempt came to. It reads and closes the body.
func (c *call) judge(a *attempt, resp *http.Response, err error) verdict {
	if err != nil {
		return c.judgeError(a, bare(err))
	}
	defer func() { resp.Body = http.NoBody }() // the loop would read on
	defer resp.Body.Close()
	buffer := buffers.Get().(*buffer)
	body, tooLong, readErr := readBody(resp, c.client.limit, buffer.bytes)
	buffer.bytes = body
	answer := &a.answer
	*answer = Answer{
		Op:         c.req.Op,
		Attempt:    c.number,
		StatusCode: resp.StatusCode,
		Header:     resp.Header,
		Body:       body,
		Truncated:  tooLong || readErr != nil,
		tooLong:    tooLong,
		call:       c,
	}
	v := c.judgeAnswer(answer)
	if v.situation == succeeded {
		answer.Body = nil
		buffer.giveBack()
	}
	if v.situation != succeeded && readErr != nil {
		readErr = bare(readErr)
		v.causes = append(v.causes, readErr)
		v.why = join(v.why, "the answer was cut short: "+c.explain(&v, a, readErr))
	}
	v.status, v.header = resp.StatusCode, resp.Header
	return v
}

// judgeError sorts an attempt without an answer by what is proven about it.
func (c *call) judgeError(a *attempt, err error) verdict {
	v := verdict{causes: []error{err}}
	var went string
	switch {
	case a.connected.Load():
		v.situation, went = uncertain, "no answer"
	case isCertificateError(err):
		v.situation, went = refusedLocally, "no connection was made"
		v.advice = "check BaseURL, the clock of this machine and the certificates it trusts"
	case isRefusedByNetHTTP(err):
		v.situation, went = refusedLocally, "nothing could be sent"
	case a.asked.Load():
		v.situation, went = neverConnected, "no connection was made"
		v.advice = "check BaseURL, the network and the proxy settings"
	case c.client.own: // not even asked for a connection, such as with a bad proxy address
		v.situation, went = refusedLocally, "nothing could be sent"
		v.advice = "check the proxy settings"
	default: // no proof of anything: not every http.RoundTripper reports to httptrace
		v.situation, went = uncertain, "no answer"
	}
	v.why = went + ": " + c.explain(&v, a, err)
	if v.final {
		v.advice = ""
		if v.situation == uncertain {
			v.situation = abandoned
		}
	}
	return v
}

// explain returns in words why an attempt broke off: err, and the limit of time
// that was behind it, if one was.
func (c *call) explain(v *verdict, a *attempt, err error) string {
	text := c.hide().cause(err)
	why, limit := c.ended(a)
	if limit == nil {
		return text
	}
	v.final = c.ctx.Err() != nil
	v.causes = append(v.causes, limit)
	if errors.Is(limit, err) { // then err has nothing to add
		return why
	}
	return why + ": " + text
}

// ended returns which limit of time ended an attempt, in words and as an
// error; nil if none did.
func (c *call) ended(a *attempt) (why string, cause error) {
	timeout := c.client.timeout
	switch {
	case c.ctx.Err() != nil:
		err := c.contextError(nil)
		return "the caller's context ended first: " + c.hide().cause(err), err
	case errors.Is(context.Cause(a.ctx), timeout):
		return timeout.Error(), timeout
	default:
		return "", nil
	}
}

// join puts two remarks behind one another.
func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// isCertificateError reports whether a handshake failed for a reason that a
// repetition meets again.
func isCertificateError(err error) bool {
	return is[*tls.CertificateVerificationError](err) || is[x509.UnknownAuthorityError](err) ||
		is[x509.HostnameError](err) || is[x509.CertificateInvalidError](err) || is[x509.SystemRootsError](err)
}

func is[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

// isRefusedByNetHTTP reports whether net/http found the request itself wrong.
// These errors have no type. Most are caught by New; what is left comes from
// the caller's own http.RoundTripper.
func isRefusedByNetHTTP(err error) bool {
	text := err.Error()
	return strings.Contains(text, "unsupported protocol scheme") || strings.Contains(text, "net/http: invalid ")
}

// judgeAnswer sorts an answer: the vendor's dialect first, then the status.
func (c *call) judgeAnswer(answer *Answer) verdict {
	ok := answer.StatusCode/100 == 2
	var said *Failure
	if c.client.failure != nil && (!ok || !answer.Truncated) {
		said = c.client.failure(answer)
	}
	if said == nil && ok {
		return c.judgeSuccess(answer)
	}
	v := verdict{}
	if said != nil {
		v.said, v.advice = *said, said.Advice
	}
	status := or(v.said.StatusCode, answer.StatusCode)
	v.situation = situationOf(status)
	if v.situation == rejected { // a forged refusal proves as little as a forged success
		if err := c.verify(answer); err != nil {
			v.doubt(err, c.hide())
			return v
		}
	}
	page := !v.said.Understood && answer.isPage()
	switch kind := kindOf(status); {
	case page && v.situation == rejected:
		// A proxy, or a wrong BaseURL: it knows nothing of keys or permissions.
		v.kinds = append(v.kinds, ErrBadResponse)
	case kind != nil:
		v.kinds = append(v.kinds, kind)
	}
	v.kinds = append(v.kinds, v.said.Kinds...)
	switch {
	case status/100 == 3:
		v.why = "redirects are not followed"
	case v.situation == redirected:
		v.why = "no operation is documented to end so"
	case v.said.Message == "" && page:
		v.why = "an HTML page, not the vendor's own answer"
	}
	v.retryAfter, v.hasRetryAfter = v.said.RetryAfter, v.said.RetryAfter > 0
	if !v.hasRetryAfter {
		v.retryAfter, _ = retryAfter(answer.Header, time.Now())
		v.hasRetryAfter = v.retryAfter > 0 // "at once" is no wait to prefer to ours
	}
	return v
}

// badResponse is full, so whoever adds to it gets another list.
var badResponse = []error{ErrBadResponse}

// judgeSuccess checks a 2xx that the dialect did not object to, and decodes it.
func (c *call) judgeSuccess(answer *Answer) verdict {
	media := mediaType(answer.Header)
	doc, match := c.req.Op.success(answer.StatusCode, media, answer.Body)
	if match == not && c.result.complete() {
		doc, match = c.req.Op.otherwise(media)
	}
	bad := verdict{situation: unreadable, documented: match == exactly, kinds: badResponse}
	forged := c.verify(answer)
	bad.documented = bad.documented && forged == nil
	switch {
	case answer.tooLong:
		bad.situation = oversized
		bad.why = fmt.Sprintf("the answer is larger than MaxResponseBytes (%d)", c.client.limit)
		bad.advice = "raise MaxResponseBytes, or ask for less at once"
		return bad
	case answer.Truncated:
		return bad // judge says why
	case forged != nil:
		bad.doubt(forged, c.hide())
		return bad
	case match == not:
		bad.why = c.hide().text(c.req.Op.undocumented(answer.StatusCode, media), maxMessage)
		return bad
	}
	if doc.MediaType == "" || doc.EmptyOK && isEmpty(answer.Body) {
		return verdict{situation: succeeded}
	}
	if isEmpty(answer.Body) {
		bad.why = "the answer is empty"
		return bad
	}
	if err := c.result.decode(answer.Body); err != nil {
		if is[*incomplete](err) {
			bad.situation, bad.documented = incompleteAnswer, false
		}
		bad.why, bad.causes = c.hide().text(damage(err), maxMessage), []error{err}
		bad.advice = "if this stays, the vendor has changed its API: look for a newer version of this module"
		return bad
	}
	return verdict{situation: succeeded}
}

// verify asks Config.Verify, if there is one.
func (c *call) verify(answer *Answer) error {
	if c.client.verify == nil {
		return nil
	}
	return c.client.verify(answer)
}

// doubt makes the verdict on an answer that Config.Verify refused.
func (v *verdict) doubt(err error, hide redactor) {
	err = bare(err)
	v.said.Understood, v.situation, v.documented = false, unverified, false
	v.kinds, v.causes = []error{ErrBadResponse}, []error{err}
	v.why, v.advice = "the answer was not accepted: "+hide.cause(err), "do not trust the answer"
}

// newError returns the error that the call ends with if nothing else follows.
func (c *call) newError(v *verdict) *Error {
	hide := c.hide()
	advice := v.advice
	if v.situation == uncertain && v.retryAfter == 0 { // heard by reads: others are told how to find out
		advice = or(advice, "try again later")
	}
	return &Error{
		Vendor:     c.client.vendor,
		Op:         c.req.Op,
		StatusCode: v.status,
		Code:       hide.text(v.said.Code, maxCode),
		Message:    hide.text(v.said.Message, maxMessage),
		RequestID:  hide.text(v.said.RequestID, maxCode),
		Fields:     hide.faults(v.said.Fields),
		RetryAfter: v.retryAfter,
		Attempts:   c.number,
		Outcome:    c.outcome,
		Detail:     v.said.Detail,
		inner: &inner{
			kinds:      v.kinds,
			causes:     v.causes,
			why:        v.why,
			advice:     advice,
			understood: v.said.Understood,
			passing:    v.situation.again(c.req.Op.Class),
		},
	}
}
