package keygen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"time"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// DefaultBaseURL is the vendor's production API.
const DefaultBaseURL = "https://api.keygen.sh/v1"

// defaultSignatureAge is our own choice: wide enough for clocks that are a
// little off, narrow enough that what is replayed is still about true.
const defaultSignatureAge = 5 * time.Minute

// mediaType is what the vendor speaks.
const mediaType = "application/vnd.api+json"

// Config holds the settings of a [Client]. Account and Credential are required:
// the zero value of every other field is the default.
//
// A Config does not show its credential when it is printed, logged with slog or
// encoded as JSON.
type Config struct {
	// Account is the id of the account, a UUID, or its slug, which is in lower
	// case. Both are on the dashboard's settings page, and neither is a secret.
	Account string

	// Credential authenticates every call. An admin's or a product's token
	// opens a lot, so keep it out of the source and on your side of the wire.
	Credential Credential

	// BaseURL replaces [DefaultBaseURL], say by the address of a mock server or
	// of a server of your own. It ends in "/v1".
	BaseURL string

	// HTTPClient makes the HTTP requests. It is copied, never changed.
	// Redirects are not followed whatever it says, and its Timeout, if it is
	// shorter, takes the place of AttemptTimeout. Nil, or a client without a
	// Transport, means connections of this package's own, which honour the
	// proxy settings of the environment and are closed after 15 s without
	// use.
	//
	// If your own transport keeps idle connections longer than the server
	// does, a call that changes something may be written to a connection that
	// is closing, and ends in a needless [ErrUnknownOutcome]. Set
	// http.Transport.IdleConnTimeout to some seconds to avoid that.
	HTTPClient *http.Client

	// UserAgent names your program, such as "shop/1.2". It is put in front of
	// this module's own name and version in the header User-Agent.
	UserAgent string

	// Logger receives a record for each attempt: the operation, the status,
	// how long it took, but no URL, body or credential. Nil means no logging.
	Logger *slog.Logger

	// Retry says how often and how patiently calls are repeated that may be.
	Retry RetryPolicy

	// AttemptTimeout bounds each attempt of a call, 0 meaning 30 s. What bounds
	// a call as a whole is its context.
	AttemptTimeout time.Duration

	// MaxResponseBytes bounds the size of an answer, 0 meaning 8 MiB. A
	// larger one is read no further, which costs its connection, and ends in
	// [ErrBadResponse].
	MaxResponseBytes int64

	// AllowPlainHTTP allows a BaseURL that starts with http:// and does not
	// lead to this very machine. The credential then crosses the network in
	// the clear.
	AllowPlainHTTP bool

	// OnAttempt, if not nil, is called after each attempt with the context of
	// the call: the place for metrics, tracing, response headers and, with
	// [RateLimitOf], the state of the rate limit. It must be safe for
	// concurrent use, and the call waits for it.
	OnAttempt func(context.Context, Attempt)

	// Version is the version of the vendor's API that calls ask for, such as
	// "1.8" or "v1.8", in the header Keygen-Version. "" means the one that the
	// account is set to. This package is written for 1.8; older versions name
	// some fields of policies differently, which then are empty.
	Version string

	// PublicKey is the account's Ed25519 verify key, 64 hexadecimal digits as
	// the dashboard shows it. With it, every answer that decides a call must
	// carry the vendor's signature, made for this very request and not long
	// ago; the package documentation says what exactly is verified. "" means
	// that nothing is.
	PublicKey string

	// SignatureMaxAge is how far the signed date of an answer may be away from
	// Now, in either direction, 0 meaning 5 minutes (this package's choice; the
	// vendor names no limit). It counts only with a PublicKey.
	SignatureMaxAge time.Duration

	// Now tells the time that signed dates are compared with; nil means
	// time.Now. It serves tests with a clock of their own, nothing else
	// depends on it, and it must be safe for concurrent use.
	Now func() time.Time
}

// RetryPolicy says how calls are repeated. Which calls may be repeated, and
// after which failures, is not a setting: see the package documentation.
// Waits are random between zero and a bound that starts at BaseDelay and
// doubles up to MaxDelay, unless the vendor says how long to wait.
type RetryPolicy struct {
	// MaxAttempts counts the first attempt too: 0 means 3, 1 no repeat.
	MaxAttempts int
	// BaseDelay bounds the first wait; 0 means 250 ms.
	BaseDelay time.Duration
	// MaxDelay bounds every wait that the vendor does not name; 0 means 8 s.
	MaxDelay time.Duration
	// MaxRetryAfter is the longest wait named by the vendor that is kept; 0
	// means 60 s. If the vendor asks for more, or for more than the context
	// leaves, the call returns its error at once, with Error.RetryAfter set.
	MaxRetryAfter time.Duration
}

// Attempt describes one attempt of a call to Config.OnAttempt.
type Attempt struct {
	Op         string        // the operation, such as "createKey"
	Number     int           // 1 for the first attempt of the call
	StatusCode int           // HTTP status; 0 = no answer
	Header     http.Header   // of the answer, a copy without secrets of the call; nil = no answer
	Wait       time.Duration // pause until the next attempt; 0 = this is the last, or there is no pause
	Duration   time.Duration // from sending to the end of the answer
	Err        error         // an *Error; nil = the attempt succeeded
}

// String returns the settings without the credential.
func (c Config) String() string {
	return transport.Describe(c, "Account", "Version", "PublicKey")
}

// Format prints [Config.String] for every verb but %p, which fmt keeps for
// itself and vet refuses.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue makes slog print [Config.String].
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText encodes [Config.String], so that neither JSON nor YAML shows the
// credential. A Config is not for storing.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// newTransport checks the whole configuration and reports every fault of it
// in one error.
func newTransport(cfg Config) (*transport.Client, error) {
	verifier, verifierErr := newVerifier(cfg)
	tc := transport.Config{
		Vendor:     "keygen",
		BaseURL:    cfg.BaseURL,
		HTTPClient: cfg.HTTPClient,
		UserAgent:  cfg.UserAgent,
		Logger:     cfg.Logger,
		Retry: transport.Retry{
			MaxAttempts:   cfg.Retry.MaxAttempts,
			BaseDelay:     cfg.Retry.BaseDelay,
			MaxDelay:      cfg.Retry.MaxDelay,
			MaxRetryAfter: cfg.Retry.MaxRetryAfter,
		},
		AttemptTimeout:   cfg.AttemptTimeout,
		MaxResponseBytes: cfg.MaxResponseBytes,
		AllowPlainHTTP:   cfg.AllowPlainHTTP,
		Credential:       cfg.Credential.secret.Named("Credential"),
		Header:           http.Header{"Accept": {mediaType}}, // also where success has no content
		Failure:          failure,
	}
	if tc.BaseURL == "" {
		tc.BaseURL = DefaultBaseURL
	}
	if cfg.Version != "" {
		tc.Header.Set("Keygen-Version", cfg.Version)
	}
	if verifier != nil {
		tc.Verify = verifier.verify
	}
	if hook := cfg.OnAttempt; hook != nil {
		tc.OnAttempt = func(ctx context.Context, a transport.Attempt) { hook(ctx, publicAttempt(a)) }
	}
	client, err := transport.New(tc)
	if own := errors.Join(checkAccount(cfg.Account), checkCredential(cfg.Credential), checkVersion(cfg.Version), verifierErr); own != nil {
		if err == nil {
			return nil, fmt.Errorf("keygen: %w", own)
		}
		return nil, errors.Join(err, own)
	}
	if err != nil {
		return nil, err
	}
	return client, nil
}

// tokens is the form of the vendor's tokens.
var tokens = regexp.MustCompile(`^[a-z]+-[0-9a-f]{32,}v[0-9]$`)

// checkAccount wants what stays one segment of a path and can be an account.
func checkAccount(account string) error {
	if account == "" {
		return errors.New("Account is empty: want the id or the slug of the account, as the dashboard shows it")
	}
	if _, isID := canonicalID(account); isID {
		return nil
	}
	if tokens.MatchString(account) {
		return errors.New("Account looks like a token: that goes into Credential")
	}
	for _, r := range account {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_') {
			return fmt.Errorf("Account is neither an id (a UUID) nor a slug, which has lower-case letters, digits and dashes: found %q", r)
		}
	}
	return nil
}

func checkCredential(c Credential) error {
	if c.kind == "" {
		return errors.New("Credential is missing: make one with keygen.Token or keygen.LicenseKey")
	}
	return nil
}

// checkVersion wants the form of a version; which ones there are is for the
// vendor to say.
func checkVersion(version string) error {
	if version != "" && !versions.MatchString(version) {
		return fmt.Errorf("Version is %s: want one such as \"1.8\"", transport.Quote(version))
	}
	return nil
}

func publicAttempt(a transport.Attempt) Attempt {
	return Attempt{
		Op:         a.Op.ID,
		Number:     a.Number,
		StatusCode: a.StatusCode,
		Header:     a.Header,
		Wait:       a.Wait,
		Duration:   a.Duration,
		Err:        publicError(a.Err),
	}
}
