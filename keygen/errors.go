package keygen

import (
	"errors"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// The kinds of failure, to be asked for with errors.Is. An [*Error] can be of
// several kinds at once, say ErrServer and ErrUnknownOutcome.
var (
	// ErrUnauthorized: the vendor does not accept the credential (status 401).
	// [ErrTokenMissing], [ErrTokenInvalid], [ErrTokenFormat],
	// [ErrTokenExpired] and [ErrLicenseInvalid] say why.
	ErrUnauthorized = transport.ErrUnauthorized

	// ErrForbidden: the credential is genuine, but the call is not allowed
	// (status 403), because of the role behind it or for one of the reasons
	// that have an error of their own: [ErrAccountInactive],
	// [ErrTokenNotAllowed], [ErrLicenseNotAllowed], [ErrLicenseSuspended],
	// [ErrLicenseExpired], [ErrBanned]. A product's token gets it too when it
	// creates something under another product or under a policy that does not
	// exist.
	ErrForbidden = transport.ErrForbidden

	// ErrNotFound: there is no such thing, or the credential may not see it:
	// what belongs to another product is not found, rather than forbidden. If
	// it is the account that is missing, the error is [ErrAccountNotFound]
	// too. A proxy's page under status 404 is no such thing, but
	// ErrBadResponse.
	ErrNotFound = transport.ErrNotFound

	// ErrConflict: the call contradicts what is there already. [ErrKeyTaken],
	// [ErrKeyConflict], [ErrPoolEmpty] and [ErrListBroken] say how. Without
	// one of these the vendor lost a race with another call (status 409); if
	// that lasts when licenses are drawn from a pool, see [ErrKeyConflict].
	ErrConflict = transport.ErrConflict

	// ErrInvalid: an argument is outside its bounds, or does not fit the
	// others. Either this package refused it and sent nothing (Error.Attempts
	// is 0, and Error.Fields names the arguments), or the vendor did (status
	// 400 or 422), for a reason that is none of the other kinds. Repeating the
	// same call is useless.
	ErrInvalid = transport.ErrInvalid

	// ErrRateLimited: too many calls (status 429), still so after the repeats
	// that Config.Retry allows; or [ErrDailyLimit]. Nothing was changed,
	// unless the error is ErrUnknownOutcome too, by an attempt before. Wait
	// for Error.RetryAfter before the next call.
	ErrRateLimited = transport.ErrRateLimited

	// ErrServer: the vendor failed (status 500 and above), in spite of the
	// repeats that the call allows. Try again later, unless the error is
	// ErrUnknownOutcome too.
	ErrServer = transport.ErrServer

	// ErrBadResponse: the answer is not what the vendor documents: cut off,
	// not JSON, too large, a proxy's page, without the part that matters, or
	// without the signature that was asked for ([ErrSignature]). Check
	// Config.BaseURL and what is between you and it. Error.Outcome tells
	// whether the call took effect nevertheless. If it lasts, a proxy may be
	// answering in the vendor's place, or the vendor's API has moved on and
	// this package must follow.
	ErrBadResponse = transport.ErrBadResponse

	// ErrUnknownOutcome: the call may have taken effect, but no answer says
	// so: the connection broke, time ran out or the vendor failed midway.
	// Never just repeat a call that is Once. How to find out is told at each
	// method and in the text of the error. If time ran out, the vendor may
	// still be at work: give it a minute before you look.
	ErrUnknownOutcome = transport.ErrUnknownOutcome
)

// What this vendor refuses with codes or words of its own. Each of these errors
// is of the kind named with it as well.
var (
	// ErrKeyTaken, an [ErrConflict] (code KEY_TAKEN): another key of the
	// account has the same string, in this pool or any other; of a license,
	// another license has it. The vendor's status is 422, but the string is
	// fine in itself, so that the error is no [ErrInvalid] on this account.
	ErrKeyTaken = transport.NewKind("key already taken", ErrConflict)

	// ErrKeyConflict, an [ErrConflict] (code KEY_CONFLICT): a license of the
	// account has the string for its key or its id. It is no [ErrInvalid]
	// either.
	//
	// The vendor checks this when keys are created or changed, but not when a
	// license is created with an explicit key. A pool key that such a license
	// has taken the string of makes every license that would be drawn from the
	// pool fail with a plain ErrConflict, until the key is deleted.
	ErrKeyConflict = transport.NewKind("key conflicts with a license", ErrConflict)

	// ErrPoolEmpty, an [ErrConflict]: the pool of the policy has no key left,
	// neither to pop nor to draw a license with (code POLICY_POOL_EMPTY there,
	// none here). Nothing was changed. Fill the pool with [KeysService.Create].
	ErrPoolEmpty = transport.NewKind("pool is empty", ErrConflict)

	// ErrPoolNotSupported, an [ErrInvalid]: the policy does not use a pool, so
	// that no key can be popped from it or added to it (code
	// POLICY_NOT_SUPPORTED). Whether it does is settled when it is created.
	ErrPoolNotSupported = transport.NewKind("policy without a pool", ErrInvalid)

	// ErrAccountNotFound, an [ErrNotFound]: there is no account as in
	// Config.Account.
	ErrAccountNotFound = transport.NewKind("no such account", ErrNotFound)

	// ErrAccountInactive, an [ErrForbidden]: the account's subscription is
	// paused or cancelled, and every call is refused until its owner has
	// settled that with the vendor.
	ErrAccountInactive = transport.NewKind("account without an active subscription", ErrForbidden)

	// ErrDailyLimit, an [ErrRateLimited]: a free account has used up its calls
	// for the day (status 402). Such a call is not repeated.
	ErrDailyLimit = transport.NewKind("daily limit of calls reached", ErrRateLimited)

	// ErrTokenMissing, an [ErrUnauthorized]: the vendor saw no credential. As
	// this package always sends one, a proxy has probably removed it.
	ErrTokenMissing = transport.NewKind("token missing", ErrUnauthorized)

	// ErrTokenInvalid, an [ErrUnauthorized]: the account has no such token. It
	// was revoked, or belongs to another account.
	ErrTokenInvalid = transport.NewKind("token invalid", ErrUnauthorized)

	// ErrTokenFormat, an [ErrUnauthorized]: what was sent is a token's id and
	// not the token, which the vendor shows only when it is made.
	ErrTokenFormat = transport.NewKind("token is an id", ErrUnauthorized)

	// ErrTokenExpired, an [ErrUnauthorized]: the token's time is over.
	ErrTokenExpired = transport.NewKind("token expired", ErrUnauthorized)

	// ErrTokenNotAllowed, an [ErrForbidden]: the license's policy does not
	// allow tokens, see [AuthenticationStrategy].
	ErrTokenNotAllowed = transport.NewKind("tokens not allowed by policy", ErrForbidden)

	// ErrLicenseInvalid, an [ErrUnauthorized]: the account has no license with
	// the key of the credential. The unused keys of a pool are no licenses.
	ErrLicenseInvalid = transport.NewKind("license key invalid", ErrUnauthorized)

	// ErrLicenseNotAllowed, an [ErrForbidden]: the license's policy does not
	// allow its key as a credential, see [AuthenticationStrategy].
	ErrLicenseNotAllowed = transport.NewKind("license keys not allowed by policy", ErrForbidden)

	// ErrLicenseSuspended, an [ErrForbidden]: the license of the credential is
	// suspended.
	ErrLicenseSuspended = transport.NewKind("license suspended", ErrForbidden)

	// ErrLicenseExpired, an [ErrForbidden]: the license of the credential has
	// expired, and its policy revokes access then.
	ErrLicenseExpired = transport.NewKind("license expired", ErrForbidden)

	// ErrBanned, an [ErrForbidden]: the user of the credential is banned, or
	// the user of its license.
	ErrBanned = transport.NewKind("banned", ErrForbidden)

	// ErrSignature, an [ErrBadResponse]: Config.PublicKey is set, and the
	// answer is not signed, or its signature is not the account's, not for this
	// request or not fresh. Nothing in such an answer was believed, and the
	// call was not repeated. The outcome of a call that changes something is
	// unknown then.
	ErrSignature = transport.NewKind("signature not accepted", ErrBadResponse)

	// ErrListBroken, an [ErrConflict]: while All walked over a list, everything
	// from which it could have gone on was deleted. What it has handed out is
	// right but not all there is: start again.
	ErrListBroken = transport.NewKind("list changed too much", ErrConflict)
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
// An Error shows neither the credential nor the URL of the call nor an id or a
// key out of it, but for LicenseID and keys that are short or a mere number.
// Message and Errors are in the vendor's words, though, and may quote other
// things that the call sent.
type Error struct {
	Op         string // the operation, such as "createKey", as Attempt.Op has it
	StatusCode int    // HTTP status of the last answer, as it came; 0 = there was none
	Code       string // the vendor's code, the first of several; "" = it has none for this
	// Message joins the details of all Errors, each with the place that it is
	// about, and is cut to 512 bytes. Of an answer that is not the vendor's, it
	// is the beginning.
	Message   string
	RequestID string // the vendor's name for the request, for its support
	// RetryAfter is how long the vendor asks callers to wait; 0 = it did not
	// say.
	RetryAfter time.Duration
	Attempts   int // how often the call was tried; 0 = nothing was sent
	Outcome    Outcome
	// Fields names the arguments that this package refused, or the vendor, as
	// far as it says which.
	Fields []FieldError

	// Errors are all error objects of the vendor's answer, in its order.
	Errors []ErrorObject

	// LicenseID is set by [LicensesService.Create] if a license with this id may
	// have been created, or was: look for it later with [LicensesService.Get].
	LicenseID string

	err  error     // with the kinds and causes; it makes the text, too
	date time.Time // the vendor's clock when it answered; zero = it did not tell
}

// ErrorObject is one of the things that the vendor found wrong with a call. It
// leaves out what does not apply.
type ErrorObject struct {
	Title     string // what kind of error, such as "Unprocessable resource"
	Detail    string // what is wrong, such as "has already been taken"
	Code      string // for programs, such as "KEY_TAKEN"; "" = there is none
	Pointer   string // the member of the request's document, such as "/data/attributes/key"
	Parameter string // the query parameter, such as "page[size]"
	Header    string // the request's header
	About     string // the address of a manual page
}

// FieldError tells what is wrong with one argument.
type FieldError struct {
	Field   string // the field of the parameters, such as "PolicyID", or the argument, such as "keyID"
	Message string // what is wrong with it and what would be right
}

// String returns field and message on one line.
func (f FieldError) String() string { return transport.Fault(f).String() }

// Error says on one line what was asked, what went wrong, and what to do; after
// an unknown outcome that is how to find out.
func (e *Error) Error() string {
	if e.err == nil { // made by a literal
		return "keygen: " + e.Op + ": " + e.Message
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
	public := &Error{
		Op:         e.Op.ID,
		StatusCode: e.StatusCode,
		Code:       e.Code,
		Message:    e.Message,
		RequestID:  e.RequestID,
		RetryAfter: e.RetryAfter,
		Attempts:   e.Attempts,
		Outcome:    Outcome(e.Outcome),
		err:        e,
	}
	faults := slices.Clone(e.Fields)
	if said, ok := e.Detail.(refusal); ok {
		public.Errors, public.date = said.errors, said.date
		faults = append(faults, said.fields...)
	}
	for _, fault := range faults {
		public.Fields = append(public.Fields, FieldError(fault))
	}
	return public
}

// settled returns err as one whose outcome was found out.
func settled(err *Error, outcome transport.Outcome) *Error {
	var inner *transport.Error
	if !errors.As(err.err, &inner) {
		return err
	}
	known := *inner
	known.Outcome = outcome
	public := *err
	public.Outcome, public.err = Outcome(outcome), &known
	return &public
}
