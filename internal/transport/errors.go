package transport

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
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

// Bounds of the texts that a vendor's answer contributes to an error, in bytes.
const (
	maxMessage = 512
	maxCode    = 128
	maxFields  = 2048 // all refused arguments together
)

// Error is the failure of one call. Its fields and its text hold no URL, no
// credential, no body and no value from the request's path.
//
// errors.Is matches the kinds of the failure, and ErrUnknownOutcome exactly
// when Outcome is Unknown. errors.Is and errors.As also reach the cause where
// there is one, such as a *net.OpError or context.Canceled, but never a
// *url.Error.
type Error struct {
	Vendor     string
	Op         Op
	StatusCode int           // of the last answer, as received; 0 when there was none
	Code       string        // the vendor's own code, if it sent one
	Message    string        // the vendor's own words, on one line of at most 512 bytes
	RequestID  string        // the vendor's name for the request, if it sent one
	Fields     Faults        // the arguments that were refused, by us or by the vendor
	RetryAfter time.Duration // the wait the vendor asked for; 0 when it asked for none
	Attempts   int           // attempts made; 0 when nothing was sent
	Outcome    Outcome       // of the call, all attempts together
	Detail     any           `json:"-"` // what the vendor's dialect added

	inner *inner
}

// inner is what an Error holds besides its fields. It sits behind a pointer so
// that no fmt verb descends into the causes.
type inner struct {
	kinds  []error
	causes []error
	why    string // what went wrong besides the vendor's words, redacted
	advice string // what to do, where the kinds do not tell

	understood bool // the vendor itself said so, see Failure
	passing    bool // the last attempt failed for a reason that passes
}

// Unwrap returns the kinds of the error, then its causes.
func (e *Error) Unwrap() []error {
	in := e.inside()
	errs := make([]error, 0, len(in.kinds)+len(in.causes)+1)
	errs = append(errs, in.kinds...)
	if e.Outcome == Unknown {
		errs = append(errs, ErrUnknownOutcome)
	}
	return append(errs, in.causes...)
}

// inside returns what New and Call put into the error; literals have none.
func (e *Error) inside() *inner {
	if e.inner == nil {
		return &inner{}
	}
	return e.inner
}

// Error returns the failure on one line: what was asked, what went wrong, how
// often it was tried, what became of it, and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s (%s %s): %s", e.Vendor, e.Op.ID, e.Op.Method, e.Op.Path, e.what())
	b.WriteString("; " + e.tried())
	if next := e.next(); next != "" {
		b.WriteString("; " + next)
	}
	return b.String()
}

// tried says how often the call was tried.
func (e *Error) tried() string {
	switch e.Attempts {
	case 0:
		return "nothing was sent"
	case 1:
		return "tried once"
	default:
		return fmt.Sprintf("tried %d times", e.Attempts)
	}
}

// Temporary reports whether the same call may well succeed later: it changed
// nothing, and what stood in its way is of the kind that passes, such as a rate
// limit, a vendor that is down or a connection that was never made. After an
// unknown outcome it is false, since repeating is not what to do then.
func (e *Error) Temporary() bool { return e.Outcome == NotApplied && e.inside().passing }

// what says what went wrong: the status, the vendor's words, then our own.
func (e *Error) what() string {
	var parts []string
	if e.StatusCode != 0 {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%d %s", e.StatusCode, http.StatusText(e.StatusCode))))
	}
	for _, part := range []string{e.Message, oneLine(e.Fields.Error(), maxFields), e.inside().why} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	text := strings.Join(parts, ": ")
	var names []string
	if e.Code != "" {
		names = append(names, "code "+e.Code)
	}
	if e.RequestID != "" {
		names = append(names, "request "+e.RequestID)
	}
	if len(names) > 0 {
		text += " (" + strings.Join(names, ", ") + ")"
	}
	return text
}

// next says what became of the call where that is not plain, or what to do.
func (e *Error) next() string {
	recovery := e.Op.Recovery
	if recovery == "" {
		recovery = "read the state back before repeating the call"
	}
	switch {
	case e.Outcome == Unknown:
		return "outcome unknown: " + recovery
	case e.Outcome == Applied:
		return "the change was made, only its answer is lost: " + recovery
	case e.inside().advice != "":
		return e.inside().advice
	case errors.Is(e, ErrUnauthorized):
		return "check the credentials"
	case errors.Is(e, ErrForbidden):
		return "the credentials are valid but lack the permission for this"
	case errors.Is(e, ErrNotFound):
		return "check what the call refers to: it does not exist or belongs to another account"
	case e.RetryAfter > 0:
		return fmt.Sprintf("try again in %v", e.RetryAfter)
	case errors.Is(e, ErrRateLimited), errors.Is(e, ErrServer):
		return "try again later"
	case errors.Is(e, ErrBadResponse):
		return "check BaseURL and any proxy on the way"
	default:
		return ""
	}
}

// and returns a copy of the error with further causes and an explanation.
func (e *Error) and(why string, causes ...error) *Error {
	out, in := *e, *e.inside()
	in.why = join(in.why, why)
	in.causes = append(append([]error(nil), in.causes...), causes...)
	out.inner = &in
	return &out
}

// Refuse returns the error of a call that is not made because an argument is
// bad: it matches ErrInvalid and err, names the Faults that err may be, and
// says that nothing was sent.
func (c *Client) Refuse(op Op, err error) *Error {
	err = bare(err)
	hide := redactor{replacerOf(c.secrets())}
	e := &Error{Vendor: c.vendor, Op: op, inner: &inner{kinds: []error{ErrInvalid}, causes: []error{err}}}
	var found Faults
	if errors.As(err, &found) {
		e.Fields = hide.faults(found)
	} else {
		e.inner.why = hide.cause(err)
	}
	return e
}

// Gone reports whether err, the error of a call that deletes one thing, says
// that it is deleted: an attempt may have done so, and now the vendor itself,
// not some proxy on the way, does not find it.
func Gone(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Outcome == Unknown && e.inside().understood && errors.Is(e, ErrNotFound)
}

// asURLError returns the outermost *url.Error in err's tree.
func asURLError(err error) (*url.Error, bool) {
	var wrapped *url.Error
	return wrapped, errors.As(err, &wrapped)
}
