package keycrate

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// App asks the vendor, on behalf of an end user, whether a license is good. It
// needs the id of the app and no API key, so it may be part of a program that
// your customers have. Make one with [NewApp] and share it: it is safe for
// concurrent use, and there is nothing to close.
//
// An answer proves nothing to a program that its user can change, or whose
// connections lead to another server than the vendor's: the vendor does not
// sign its answers.
//
// Each method names its endpoint and the class of its operation, which decides
// how often it may be sent; the package documentation explains the three
// classes. Every error is an [*Error]. If it is the vendor who refuses the end
// user, errors.As finds a [*Denial] in it; if not, nothing is known of the
// license, say because there is no network:
//
//	var denial *keycrate.Denial
//	switch auth, err := app.Authenticate(ctx, params); {
//	case err == nil:
//		// welcome, until auth.ExpiresAt
//	case errors.As(err, &denial):
//		// no: errors.Is(err, keycrate.ErrLicenseExpired) and so on
//	default:
//		// not known: try again, or let them in as you think fit
//	}
type App struct {
	id        string
	transport *transport.Client
}

// AppConfig holds the settings of an [App]. Only AppID is required: the zero
// value of every other field is the default. Fields that [Config] has too mean
// the same.
type AppConfig struct {
	// AppID is the id of the app, a UUID that the vendor's dashboard shows. It
	// is no secret.
	AppID string

	BaseURL          string                         // "" = DefaultBaseURL
	HTTPClient       *http.Client                   // copied, never changed; nil = own connections
	UserAgent        string                         // put in front of this module's own
	Logger           *slog.Logger                   // one record for each attempt; nil = no logging
	Retry            RetryPolicy                    // its default waits take 15 s and more: give calls that a user waits for a deadline
	AttemptTimeout   time.Duration                  // of each attempt; 0 = 30 s
	MaxResponseBytes int64                          // 0 = 8 MiB
	AllowPlainHTTP   bool                           // license keys and passwords cross the network in the clear then
	OnAttempt        func(context.Context, Attempt) // called after each attempt
	Pacing           []Window                       // nil = none
}

// String returns the settings.
func (c AppConfig) String() string { return transport.Describe(c, "AppID") }

// Format prints [AppConfig.String] for every verb but %p, which fmt keeps for
// itself and vet refuses.
func (c AppConfig) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue makes slog print [AppConfig.String].
func (c AppConfig) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText encodes [AppConfig.String]. An AppConfig is not for storing.
func (c AppConfig) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// NewApp returns an App with the given settings. It sends nothing; whether
// there is such an app shows with the first call. If cfg has faults, the error
// reports all of them at once.
func NewApp(cfg AppConfig) (*App, error) {
	var found faults
	var idErr error
	if found.uuid("AppID", cfg.AppID); len(found.Faults) > 0 {
		idErr = fmt.Errorf("keycrate: %w", found.Err())
	}
	t, err := connect(Config{
		BaseURL:          cfg.BaseURL,
		HTTPClient:       cfg.HTTPClient,
		UserAgent:        cfg.UserAgent,
		Logger:           cfg.Logger,
		Retry:            cfg.Retry,
		AttemptTimeout:   cfg.AttemptTimeout,
		MaxResponseBytes: cfg.MaxResponseBytes,
		AllowPlainHTTP:   cfg.AllowPlainHTTP,
		OnAttempt:        cfg.OnAttempt,
		Pacing:           cfg.Pacing,
	}, transport.Credential{})
	if t, err = either(t, err, idErr); err != nil {
		return nil, err
	}
	return &App{id: cfg.AppID, transport: t}, nil
}

// AuthParams says who wants to use the app: either License, or both fields of
// Credentials.
type AuthParams struct {
	License     string // the key, as the end user has it
	Credentials Credentials
	// HWID names the device, in whatever form your program chooses; it must
	// always be the same for one device. Licenses with a HWIDLock need it.
	// "" = not sent.
	HWID string
}

func (p *AuthParams) check() faults {
	var f faults
	c := p.Credentials
	switch {
	case p.License == "" && c == Credentials{}:
		f.Add("License", "a license key is required, or Credentials")
	case p.License != "" && c != Credentials{}:
		f.Add("License", "the vendor takes either a license key or Credentials: leave one out")
	case p.License == "":
		f.required("Credentials.Username", c.Username)
		f.required("Credentials.Password", c.Password)
	}
	f.UTF8("License", p.License)
	f.UTF8("HWID", p.HWID)
	return f
}

// Authentication is the vendor's yes to an end user. Fields but Code may be
// missing from the answer and are zero then; [License] explains them.
//
// It has what the vendor shows to end users: no Metadata, no Tags.
type Authentication struct {
	// Code is CodeLicenseVerified as a rule, or
	// CodeLicenseVerifiedUnusedAndLocked for the first use of a license with a
	// HWIDLock. Others may exist.
	Code Code

	Key               string
	Status            Status
	Username          string
	HWIDLock          bool
	HWID              string
	HWIDResetAllowed  bool
	HWIDResetCooldown time.Duration
	LastHWIDResetAt   time.Time
	ActivatedAt       time.Time
	ExpiresAt         time.Time // zero = never, unless Unread has expires_at
	Subscription      Tier

	// Unread is as License.Unread. It has expires_at, too, if the answer shows no
	// license.
	Unread []string        `json:",omitempty"`
	Raw    json.RawMessage `json:",omitempty"` // what the answer has under data; nil = nothing
}

// Tier is the subscription of an [Authentication].
type Tier struct {
	ID    string
	Name  string
	Level int // your own number, to decide what the end user may do
}

// Registration is the vendor's yes to new credentials.
type Registration struct {
	Code Code            // not documented; expect any
	Raw  json.RawMessage `json:",omitempty"` // what the answer has under data; nil = nothing
}

// Denial is the vendor's no to an end user. It is found with errors.As in an
// error of [App], which has its kind: see [ErrLicenseExpired] and the others.
// Which fields are set depends on the Code.
type Denial struct {
	Code Code // "" if the vendor gave its reason in words: see Error.Message

	ExpiresAt time.Time // with CodeLicenseExpired: since when

	// With CodeHWIDMismatch: whether and when the end user can unbind the
	// other device in the vendor's portal. HWIDResetAt sums it up.
	HWIDResetAllowed  bool
	HWIDResetCooldown time.Duration
	LastHWIDResetAt   time.Time // zero = never

	Unread []string        `json:",omitempty"` // as License.Unread
	Raw    json.RawMessage `json:",omitempty"` // as the vendor sent it; nil = nothing
}

// Error says that the end user was refused, and why.
func (d *Denial) Error() string {
	if d.Code == "" {
		return "keycrate: refused"
	}
	return "keycrate: refused: " + string(d.Code)
}

// HWIDResetAt returns the moment from which the end user can have the device
// reset, which may have passed; the zero time if it was never reset. It is
// false if a reset is not allowed, or not known to be.
func (d *Denial) HWIDResetAt() (time.Time, bool) {
	known := !slices.Contains(d.Unread, "hwid_reset_cooldown") && !slices.Contains(d.Unread, "last_hwid_reset_at")
	switch {
	case !d.HWIDResetAllowed || !known:
		return time.Time{}, false
	case d.LastHWIDResetAt.IsZero():
		return time.Time{}, true
	default:
		return d.LastHWIDResetAt.Add(d.HWIDResetCooldown), true
	}
}

// Authenticate asks whether an end user may use the app. The first time that a
// license is accepted starts its clock and, if it has a HWIDLock, binds it to
// the device.
//
//	POST /auth · Idempotent
//
// After [ErrUnknownOutcome] call Authenticate again with the same device: what
// a first use starts and binds happens once. Nothing but the vendor's own word
// of success counts as one; any other answer is [ErrBadResponse].
//
// Errors with a [*Denial]: [ErrBlacklisted], [ErrAppNotFound],
// [ErrAppNotActive], [ErrTeam], [ErrLicenseNotFound], [ErrInvalidCredentials],
// [ErrSubscription], [ErrSubscriptionNotActive], [ErrHWIDNotProvided],
// [ErrHWIDMismatch], [ErrDeviceAlreadyRegistered], [ErrLicenseNotActive],
// [ErrLicenseExpired], or [ErrInvalid]. Without: [ErrInvalid] for parameters
// that were not sent, [ErrRateLimited], [ErrServer], [ErrBadResponse],
// [ErrUnknownOutcome].
func (a *App) Authenticate(ctx context.Context, params AuthParams) (*Authentication, error) {
	req, err := request(params.check(), keycratewire.NewAuthenticateRequest, params.toWire(a.id),
		params.License, params.Credentials.Username, params.Credentials.Password, params.HWID)
	answer, err := call[authenticateAnswer](ctx, a.transport, keycratewire.AuthenticateOp, req, err)
	if err != nil {
		return nil, err
	}
	return authenticationFromWire(&answer.AuthenticateResponse), nil
}

// Register gives a license credentials, so that its end user can sign in with
// username and password in place of the key. It neither starts the clock of the
// license nor binds a device.
//
//	POST /register · Once
//
// After [ErrUnknownOutcome] call Authenticate with these credentials and the
// device: [ErrInvalidCredentials] means that they are not registered, and
// Register may be called again. Success, or a refusal for the license itself
// such as [ErrLicenseExpired] or [ErrHWIDMismatch], means that they are. Mind
// that a first success starts the clock of the license. A refusal for what is
// looked at before the license, such as [ErrBlacklisted], says nothing. On your
// side of the wire, [LicensesService.Get] and the Username of the license tell
// without an effect.
//
// The vendor documents no answer of this call. Errors with a [*Denial]:
// [ErrAppNotFound], [ErrLicenseNotFound], [ErrLicenseNotActive],
// [ErrLicenseExpired], [ErrLicenseAlreadyRegistered], [ErrUsernameTaken], or
// [ErrInvalid]. Without: [ErrInvalid] for arguments that were not sent,
// [ErrRateLimited], [ErrServer], [ErrBadResponse], [ErrUnknownOutcome].
func (a *App) Register(ctx context.Context, license string, credentials Credentials) (*Registration, error) {
	found := checkKey(license)
	found.required("Username", credentials.Username)
	found.required("Password", credentials.Password)
	req, err := request(found, keycratewire.NewRegisterRequest, keycratewire.RegisterRequest{
		AppID:    a.id,
		License:  license,
		Username: credentials.Username,
		Password: credentials.Password,
	}, license, credentials.Username, credentials.Password)
	answer, err := call[registerAnswer](ctx, a.transport, keycratewire.RegisterOp, req, err)
	if err != nil {
		return nil, err
	}
	return registrationFromWire(&answer.RegisterResponse), nil
}

// denied is an error together with its Denial.
type denied struct {
	error
	denial *Denial
}

func (d *denied) Unwrap() []error { return []error{d.error, d.denial} }
