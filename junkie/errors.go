package junkie

import (
	"errors"
	"time"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// The kinds of failure, to be asked for with errors.Is. An [*Error] can be of
// several kinds at once, say ErrServer and ErrUnknownOutcome.
var (
	// ErrUnauthorized: the vendor does not accept the API key (status 401).
	// Check Config.APIKey against the vendor's dashboard; it may have been
	// revoked.
	ErrUnauthorized = transport.ErrUnauthorized

	// ErrForbidden: the API key is genuine, but the call is not allowed
	// (status 403). Give it the scope rest-api:* in the vendor's dashboard.
	ErrForbidden = transport.ErrForbidden

	// ErrNotFound: the key does not exist or belongs to another account, or a
	// provider, service or folder named in the call does not exist (status
	// 404). Error.Message tells which. A proxy's page under that status is no
	// such thing, but ErrBadResponse.
	ErrNotFound = transport.ErrNotFound

	// ErrConflict: the call contradicts the state of what it addresses
	// (status 409). The vendor documents no such case. Read the key again and
	// decide anew.
	ErrConflict = transport.ErrConflict

	// ErrInvalid: an argument is outside its bounds. Either this package
	// refused it and sent nothing (Error.Attempts is 0), or the vendor did
	// (status 400 or 422). Error.Fields names the arguments. Repeating the
	// same call is useless.
	ErrInvalid = transport.ErrInvalid

	// ErrRateLimited: too many calls (status 429), still so after the repeats
	// that Config.Retry allows. Nothing was changed, unless the error is
	// ErrUnknownOutcome too, by an attempt before. Wait for Error.RetryAfter,
	// or for some minutes if it is zero, before the next call; Config.Pacing
	// keeps a client under a known limit.
	ErrRateLimited = transport.ErrRateLimited

	// ErrServer: the vendor failed (status 500 and above), in spite of the
	// repeats that the call allows. Try again later, unless the error is
	// ErrUnknownOutcome too.
	ErrServer = transport.ErrServer

	// ErrBadResponse: the answer is not what the vendor documents: cut off,
	// not JSON, too large, a proxy's page, or without the part that matters.
	// Check Config.BaseURL and what is between you and it. Error.Outcome
	// tells whether the call took effect nevertheless. If it lasts, a proxy
	// may be answering in the vendor's place, or the vendor's API has moved
	// on and this package must follow.
	ErrBadResponse = transport.ErrBadResponse

	// ErrUnknownOutcome: the call may have taken effect, but no answer says
	// so: the connection broke, time ran out or the vendor failed midway.
	// Never just repeat a call that is Once. How to find out is told at each
	// method and in the text of the error. If time ran out, the vendor may
	// still be at work: give it a minute before you look.
	ErrUnknownOutcome = transport.ErrUnknownOutcome
)

// Outcome says whether a failed call took effect at the vendor.
type Outcome uint8

// Whether a failed call took effect.
const (
	// OutcomeNotApplied: nothing was changed. Calls that only read always
	// have this outcome.
	OutcomeNotApplied Outcome = iota
	// OutcomeApplied: the call took effect, but its answer could not be read.
	OutcomeApplied
	// OutcomeUnknown: the call took effect or did not. Such errors match
	// [ErrUnknownOutcome].
	OutcomeUnknown
)

// String returns "not applied", "applied" or "unknown".
func (o Outcome) String() string { return transport.Outcome(o).String() }

// Error is the error of every method of this package; errors.As finds it.
// What kind of failure it is, errors.Is tells with the Err variables. The
// cause, such as a context.DeadlineExceeded or a net.Error, is found by
// errors.Is and errors.As as well.
//
// An Error shows neither the API key nor the URL of the call nor a key value
// out of it. Message and Fields are the vendor's words, though, and may quote
// other things that the call sent.
type Error struct {
	Op         string // the operation, such as "createKey", as Attempt.Op has it
	StatusCode int    // HTTP status of the last answer, as it came; 0 = there was none
	// Code is the vendor's code for the failure. It documents none, so expect
	// "".
	Code      string
	Message   string // the vendor's words, cut to 512 bytes; "" if it sent none
	RequestID string // the vendor's name for the request; "" if it sent none
	// RetryAfter is how long the vendor asks callers to wait; 0 = it did not
	// say.
	RetryAfter time.Duration
	Attempts   int // how often the call was tried; 0 = nothing was sent
	Outcome    Outcome
	// Fields names the arguments that were refused. If this package refused
	// them they bear the names of the parameters here (HWIDLimit), else those
	// of the vendor's API (hwid_limit). Nil = nothing is known about fields.
	Fields []FieldError

	err error // with the kinds and causes; it makes the text, too
}

// FieldError tells what is wrong with one argument.
type FieldError struct {
	Field   string // which argument, such as "Amount" or "refs[3]"
	Message string // what is wrong with it, and what would be right
}

// String returns field and message on one line.
func (f FieldError) String() string { return transport.Fault(f).String() }

// Error says on one line what was asked, what went wrong, and what to do; after
// an unknown outcome that is how to find out.
func (e *Error) Error() string {
	if e.err == nil { // made by a literal
		return "junkie: " + e.Op + ": " + e.Message
	}
	return e.err.Error()
}

// Temporary reports whether the same call may well succeed later: nothing was
// changed, and what stood in its way passes, such as a rate limit, a vendor that
// is down or a connection that was never made. After an unknown outcome it is
// false: find out first. How long to wait, RetryAfter tells if it is known.
func (e *Error) Temporary() bool {
	var inner *transport.Error
	return errors.As(e.err, &inner) && inner.Temporary()
}

// Unwrap lets errors.Is find the kind of the failure and its cause.
func (e *Error) Unwrap() error { return e.err }

// publicError turns the transport's error into this package's own.
func publicError(err error) error {
	if err == nil {
		return nil
	}
	var e *transport.Error
	if !errors.As(err, &e) {
		return err
	}
	return &Error{
		Op:         e.Op.ID,
		StatusCode: e.StatusCode,
		Code:       e.Code,
		Message:    e.Message,
		RequestID:  e.RequestID,
		RetryAfter: e.RetryAfter,
		Attempts:   e.Attempts,
		Outcome:    Outcome(e.Outcome),
		Fields:     fieldErrors(e.Fields),
		err:        e,
	}
}

func fieldErrors(faults transport.Faults) []FieldError {
	var fields []FieldError
	for _, fault := range faults {
		fields = append(fields, FieldError(fault))
	}
	return fields
}
