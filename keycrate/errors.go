package keycrate

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// The kinds of failure, to be asked for with errors.Is. An [*Error] can be of
// several kinds at once, say ErrServer and ErrUnknownOutcome.
//
// The vendor's code decides before the HTTP status, whichever it comes with:
// RATE_LIMITED is ErrRateLimited and SERVER_ERROR is ErrServer even under status
// 200 or 400. A status counts where there is no code that is known.
var (
	// ErrUnauthorized: the vendor does not accept the API key (status 401),
	// or an end user's password. [ErrInvalidAPIKey], [ErrMissingAuth] and
	// [ErrInvalidCredentials] say which.
	ErrUnauthorized = transport.ErrUnauthorized

	// ErrForbidden: who calls is known, but not allowed to (status 403).
	// [ErrAccessDenied] says so of an API key; of an end user's license many
	// sentinels below tell why.
	ErrForbidden = transport.ErrForbidden

	// ErrNotFound: there is no such thing (status 404). [ErrLicenseNotFound],
	// [ErrSubscriptionNotFound] and [ErrAppNotFound] say what is missing; none
	// of them, that the vendor does not know the route. A proxy's page under
	// status 404 is no such thing, but ErrBadResponse.
	ErrNotFound = transport.ErrNotFound

	// ErrConflict: the call contradicts what is there already (status 409).
	// [ErrUsernameTaken], [ErrHWIDInUse] and [ErrLicenseAlreadyRegistered] say
	// how.
	ErrConflict = transport.ErrConflict

	// ErrInvalid: an argument is outside its bounds. Either this package
	// refused it and sent nothing (Error.Attempts is 0, and Error.Fields names
	// the arguments), or the vendor did (INVALID_INPUT, or status 400).
	// Repeating the same call is useless.
	ErrInvalid = transport.ErrInvalid

	// ErrRateLimited: too many calls (RATE_LIMITED, or status 429), still so
	// after the repeats that Config.Retry allows. Nothing was changed, unless
	// the error is ErrUnknownOutcome too, by an attempt before. Wait for
	// Error.RetryAfter before the next call, if it is known.
	ErrRateLimited = transport.ErrRateLimited

	// ErrServer: the vendor failed (SERVER_ERROR, or status 500 and above), in
	// spite of the repeats that the call allows. The vendor advises to try
	// again after a delay; but do so only unless the error is
	// ErrUnknownOutcome too.
	ErrServer = transport.ErrServer

	// ErrBadResponse: the answer is none that this package understands: cut
	// off, not JSON, too large, a proxy's page, or without the part that
	// matters. Check Config.BaseURL and what is between you and it.
	// Error.Outcome tells whether the call took effect nevertheless. If it
	// lasts, a proxy may be answering in the vendor's place, or the vendor's
	// answers differ from what is known of them and this package must follow.
	ErrBadResponse = transport.ErrBadResponse

	// ErrUnknownOutcome: the call may have taken effect, but no answer says
	// so: the connection broke, time ran out or the vendor failed midway.
	// Never just repeat a call that is Once. How to find out is told at each
	// method and in the text of the error. If time ran out, the vendor may
	// still be at work: give it a minute before you look.
	ErrUnknownOutcome = transport.ErrUnknownOutcome
)

// What the vendor has codes for. Each of these errors is of the kind named with
// it as well.
var (
	// ErrMissingAuth, an [ErrUnauthorized]: the call arrived without an API
	// key. This package always sends one, so something on the way drops the
	// header x-api-key.
	ErrMissingAuth = transport.NewKind("API key missing", ErrUnauthorized)

	// ErrInvalidAPIKey, an [ErrUnauthorized]: the API key is unknown or not
	// active.
	ErrInvalidAPIKey = transport.NewKind("API key unknown or not active", ErrUnauthorized)

	// ErrAccessDenied, an [ErrForbidden]: the API key may not use this app, or
	// the app of this license or subscription.
	ErrAccessDenied = transport.NewKind("no access to the app", ErrForbidden)

	// ErrAppNotFound, an [ErrNotFound]: there is no such app. The vendor has
	// one code for management, APP_NOT_FOUND, and one for end users,
	// APPLICATION_NOT_FOUND.
	ErrAppNotFound = transport.NewKind("no such app", ErrNotFound)

	// ErrLicenseNotFound, an [ErrNotFound]: there is no license with this key,
	// or not any more. In a bulk call it is at least one of them.
	ErrLicenseNotFound = transport.NewKind("no such license", ErrNotFound)

	// ErrSubscriptionNotFound, an [ErrNotFound]: there is no such
	// subscription, or not any more.
	ErrSubscriptionNotFound = transport.NewKind("no such subscription", ErrNotFound)

	// ErrUsernameTaken, an [ErrConflict]: another license of the app has this
	// username.
	ErrUsernameTaken = transport.NewKind("username taken", ErrConflict)

	// ErrHWIDInUse, an [ErrConflict]: another license has this device, and the
	// subscription allows one license for each.
	ErrHWIDInUse = transport.NewKind("device in use", ErrConflict)
)

// What the vendor tells an end user, by [App.Authenticate] and [App.Register].
// Each of these errors is of the kind named with it as well, and comes with a
// [*Denial]. Beside them, ErrAppNotFound, ErrLicenseNotFound and
// ErrUsernameTaken occur here too.
var (
	// ErrBlacklisted, an [ErrForbidden]: the app's blacklist has the country,
	// the network, the address or the device of the end user. The four errors
	// that follow say which; each is an ErrBlacklisted.
	ErrBlacklisted        = transport.NewKind("blacklisted", ErrForbidden)
	ErrCountryBlacklisted = transport.NewKind("country blacklisted", ErrBlacklisted)
	ErrASNBlacklisted     = transport.NewKind("network blacklisted", ErrBlacklisted) // autonomous system, such as that of a hosting company
	ErrIPBlacklisted      = transport.NewKind("IP address blacklisted", ErrBlacklisted)
	ErrHWIDBlacklisted    = transport.NewKind("device blacklisted", ErrBlacklisted)

	// ErrAppNotActive, an [ErrForbidden]: the app is switched off.
	ErrAppNotActive = transport.NewKind("app not active", ErrForbidden)

	// ErrTeam, an [ErrForbidden]: something is wrong with the team that owns
	// the app, such as a plan that was not paid.
	ErrTeam = transport.NewKind("team not in order", ErrForbidden)

	// ErrInvalidCredentials, an [ErrUnauthorized]: there is no license with
	// this username and this password.
	ErrInvalidCredentials = transport.NewKind("username or password wrong", ErrUnauthorized)

	// ErrSubscription, an [ErrForbidden]: something is wrong with the
	// subscription of the license.
	ErrSubscription = transport.NewKind("subscription not in order", ErrForbidden)

	// ErrSubscriptionNotActive, an [ErrForbidden]: the subscription of the
	// license is paused.
	ErrSubscriptionNotActive = transport.NewKind("subscription not active", ErrForbidden)

	// ErrHWIDNotProvided, an [ErrInvalid]: the license is locked to a device,
	// and the call did not name one.
	ErrHWIDNotProvided = transport.NewKind("device not named", ErrInvalid)

	// ErrHWIDMismatch, an [ErrForbidden]: the license is bound to another
	// device. [Denial.HWIDResetAt] tells when the end user can have it reset.
	// The vendor has two spellings of this code; both are this error.
	ErrHWIDMismatch = transport.NewKind("another device", ErrForbidden)

	// ErrDeviceAlreadyRegistered, an [ErrForbidden]: another license of the
	// subscription has this device, and one is all it may have.
	ErrDeviceAlreadyRegistered = transport.NewKind("device has another license", ErrForbidden)

	// ErrLicenseNotActive, an [ErrForbidden]: the license is paused.
	ErrLicenseNotActive = transport.NewKind("license not active", ErrForbidden)

	// ErrLicenseExpired, an [ErrForbidden]: the license's time is over, since
	// [Denial].ExpiresAt.
	ErrLicenseExpired = transport.NewKind("license expired", ErrForbidden)

	// ErrLicenseAlreadyRegistered, an [ErrConflict]: the license has
	// credentials already.
	ErrLicenseAlreadyRegistered = transport.NewKind("license already registered", ErrConflict)
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
// errors.Is and errors.As as well, and so is the [*Denial] of an end user.
//
// An Error shows neither the API key nor the URL of the call, and of what the
// call sent neither license keys nor devices, usernames and passwords, unless
// they are shorter than six bytes. Message is in the vendor's words, though, and
// may quote other things.
type Error struct {
	Op         string // the operation, such as "createLicense", as Attempt.Op has it
	StatusCode int    // HTTP status of the last answer, as it came; 0 = there was none
	// Code is the vendor's code for the failure, such as "LICENSE_NOT_FOUND";
	// "" if it sent none. Compare it with the constants of type [Code]. The
	// second spelling of CodeHWIDMismatch is changed to the first.
	Code    string
	Message string // the vendor's words, cut to 512 bytes; "" if it sent none
	// RequestID is the vendor's name for the request. It documents none, so
	// expect "".
	RequestID string
	// RetryAfter is how long the vendor asks callers to wait; 0 = it did not
	// say.
	RetryAfter time.Duration
	Attempts   int // how often the call was tried; 0 = nothing was sent
	Outcome    Outcome
	// Fields names the arguments that this package refused. The vendor names
	// none.
	Fields []FieldError

	err error // with the kinds and causes; it makes the text, too
}

// FieldError tells what is wrong with one argument.
type FieldError struct {
	Field   string // which argument, such as "AppID" or "keys[3]"
	Message string // what is wrong with it, and what would be right
}

// String returns field and message on one line.
func (f FieldError) String() string { return transport.Fault(f).String() }

// Error says on one line what was asked, what went wrong, and what to do; after
// an unknown outcome that is how to find out.
func (e *Error) Error() string {
	if e.err == nil { // made by a literal
		return "keycrate: " + e.Op + ": " + e.Message
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

// FailureData returns what the vendor has sent along with a failure, under
// data, or nil if err is none of this package's errors or has none. It is as it
// came, so do not log it. Of an end user's license a [*Denial] has it in parts.
func FailureData(err error) json.RawMessage {
	return detailOf(err).data
}

// detailOf returns what the dialect has read from a failure besides its words.
func detailOf(err error) detail {
	var inner *transport.Error
	if !errors.As(err, &inner) {
		return detail{}
	}
	found, _ := inner.Detail.(detail)
	return found
}

// publicError turns the transport's error into this package's own.
func publicError(err error) error {
	if err == nil {
		return nil
	}
	var e *transport.Error
	if !errors.As(err, &e) {
		return err
	}
	public := &Error{
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
	found := detailOf(e)
	if found.code != "" {
		public.Code = string(found.code)
	}
	if found.denied {
		public.err = &denied{e, denialFromRaw(Code(public.Code), found.data)}
	}
	return public
}

func fieldErrors(faults transport.Faults) []FieldError {
	var fields []FieldError
	for _, fault := range faults {
		fields = append(fields, FieldError(fault))
	}
	return fields
}
