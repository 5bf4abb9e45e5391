package transport

import "net/http"

// situation is what one attempt came to, as far as repeating it and its effect
// are concerned.
type situation uint8

const (
	succeeded        situation = iota
	neverConnected             // dial, name lookup or handshake broke: nothing was sent
	refusedLocally             // certificate, scheme, header: nothing was sent, and nothing will change that
	limited                    // 429
	uncertain                  // reset, EOF, timeout, 408, 5xx except 501
	abandoned                  // the caller gave up after sending
	redirected                 // 3xx
	unreadable                 // 2xx, but cut, damaged or not documented
	incompleteAnswer           // 2xx that can be read but lacks what it is about
	unverified                 // 2xx or refusal that Config.Verify did not accept
	oversized                  // 2xx over the size limit
	rejected                   // other 4xx, 501, failure told in a 2xx
)

// rule says, for one situation, which classes repeat the attempt and what it
// did to the vendor's state.
type rule struct {
	read, idempotent, once bool
	outcome                Outcome
}

// rules is the whole policy of repetition. Limits, waits and the context can
// only end a call earlier.
var rules = [...]rule{
	succeeded:        {false, false, false, Applied},
	neverConnected:   {true, true, true, NotApplied},
	refusedLocally:   {false, false, false, NotApplied},
	limited:          {true, true, true, NotApplied},
	uncertain:        {true, true, false, Unknown},
	abandoned:        {false, false, false, Unknown},
	redirected:       {false, false, false, Unknown},
	unreadable:       {true, false, false, Unknown},
	incompleteAnswer: {true, false, false, Unknown},
	unverified:       {false, false, false, Unknown},
	oversized:        {false, false, false, Unknown},
	rejected:         {false, false, false, NotApplied},
}

// String names the situation for the log.
func (s situation) String() string {
	return [...]string{
		succeeded:        "success",
		neverConnected:   "no connection",
		refusedLocally:   "not sendable",
		limited:          "rate limited",
		uncertain:        "no definite answer",
		abandoned:        "abandoned by the caller",
		redirected:       "redirect",
		unreadable:       "unreadable answer",
		incompleteAnswer: "incomplete answer",
		unverified:       "unverified answer",
		oversized:        "oversized answer",
		rejected:         "rejected",
	}[s]
}

// again reports whether a call of the class may be repeated.
func (s situation) again(class Class) bool {
	switch r := rules[s]; class {
	case Read:
		return r.read
	case Idempotent:
		return r.idempotent
	case Once:
		return r.once
	default:
		return false
	}
}

// outcome returns what the attempt did. documented says that status and media
// type of the answer were those of a success: an unreadable one then still
// proves that the call was carried out.
func (s situation) outcome(class Class, documented bool) Outcome {
	switch {
	case class == Read:
		return NotApplied
	case documented && (s == unreadable || s == oversized):
		return Applied
	default:
		return rules[s].outcome
	}
}

// situationOf sorts an answer that is not a success by what its status means.
func situationOf(status int) situation {
	switch {
	case status == http.StatusTooManyRequests:
		return limited
	case status == http.StatusRequestTimeout,
		status >= 500 && status != http.StatusNotImplemented:
		return uncertain
	case status >= 400, status/100 == 2:
		return rejected
	default:
		return redirected
	}
}

// kindOf returns the kind of error that a status stands for, nil if none.
func kindOf(status int) error {
	switch {
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return ErrInvalid
	case status == http.StatusUnauthorized:
		return ErrUnauthorized
	case status == http.StatusForbidden:
		return ErrForbidden
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusConflict:
		return ErrConflict
	case status == http.StatusTooManyRequests:
		return ErrRateLimited
	case status >= 500:
		return ErrServer
	case status < 400 && status/100 != 2:
		return ErrBadResponse
	default:
		return nil
	}
}
