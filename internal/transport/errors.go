package transport

import (
	"errors"
	"time"
)

// The kinds of error. Vendor packages give them their own names and
// documentation; errors.Is works across all of them.
var (
	ErrUnauthorized   = errors.New("credentials refused")
	ErrForbidden      = errors.New("permission missing")
	ErrNotFound       = errors.New("not found")
	ErrConflict       = errors.New("conflict")
	ErrInvalid        = errors.New("invalid request")
	ErrRateLimited    = errors.New("rate limited")
	ErrServer         = errors.New("server error")
	ErrBadResponse    = errors.New("answer not understood")
	ErrUnknownOutcome = errors.New("outcome unknown")
)

// NewKind returns a sentinel that is a special case of parent: errors.Is
// matches it with itself and with parent.
func NewKind(text string, parent error) error { return &kind{text, parent} }

type kind struct {
	text   string
	parent error
}

func (k *kind) Error() string { return k.text }
func (k *kind) Unwrap() error { return k.parent }

// Error is the failure of one call. Its fields and its text hold no URL, no
// credential, no body and no value from the request's path.
type Error struct {
	Vendor     string
	Op         Op
	StatusCode int           // of the last answer as received; 0 when there was none
	Code       string        // the vendor's own code, if it sent one
	Message    string        // the vendor's own words, bounded
	RequestID  string        // the vendor's name for the request, if it sent one
	RetryAfter time.Duration // the wait the vendor asked for; 0 when it did not
	Attempts   int           // attempts made; 0 when nothing was sent
	Outcome    Outcome
	Detail     any `json:"-"` // what the vendor's dialect added

	inner *inner
}

// inner is behind a pointer so that no fmt verb descends into the causes.
type inner struct {
	kinds  []error
	causes []error
	why    string // what went wrong besides the vendor's words, redacted
	max    int    // attempts allowed
}

// Error returns the failure as one line for people.
func (e *Error) Error() string {
	return e.Vendor + ": " + e.Op.ID
}

// Unwrap returns the kinds of the error and its causes.
func (e *Error) Unwrap() []error {
	if e.inner == nil {
		return nil
	}
	return append(e.inner.kinds[:len(e.inner.kinds):len(e.inner.kinds)], e.inner.causes...)
}
