package keycrate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// DefaultBaseURL is the vendor's production API, for management and for end
// users alike.
const DefaultBaseURL = "https://api.keycrate.dev"

// Config holds the settings of a [Client]. Only APIKey is required: the zero
// value of every other field is the default.
//
// A Config does not show its API key when it is printed, logged with slog or
// encoded as JSON. As an unexported field of another struct, though, fmt
// prints it like any other value.
type Config struct {
	// APIKey authenticates every call. It begins with "kc_"; make one in the
	// vendor's dashboard, under API in the sidebar. It can do whatever its
	// owner can in all of the owner's apps, so keep it out of the source and
	// on your side of the wire. What ships to end users needs none: see
	// [NewApp].
	APIKey string

	// BaseURL replaces [DefaultBaseURL], say by the address of a mock server.
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

	// AttemptTimeout bounds each attempt of a call, 0 meaning 30 s. What
	// bounds a call as a whole is its context.
	AttemptTimeout time.Duration

	// MaxResponseBytes bounds the size of an answer, 0 meaning 8 MiB. A
	// larger one is read no further, which costs its connection, and ends in
	// [ErrBadResponse].
	MaxResponseBytes int64

	// AllowPlainHTTP allows a BaseURL that starts with http:// and does not
	// lead to this very machine. The API key then crosses the network in the
	// clear.
	AllowPlainHTTP bool

	// OnAttempt, if not nil, is called after each attempt with the context of
	// the call: the place for metrics, tracing and response headers. It must
	// be safe for concurrent use, and the call waits for it.
	OnAttempt func(context.Context, Attempt)

	// Pacing keeps the client under rate limits: all windows hold at once for
	// all calls of the client, repeats included, and calls wait for their
	// turn in order of arrival. Nil means no pacing: the vendor calls its
	// limits generous and does not say what they are.
	Pacing []Window
}

// RetryPolicy says how calls are repeated. Which calls may be repeated, and
// after which failures, is not a setting: see the package documentation.
//
// As long as BaseDelay and MaxDelay are both zero, the waits are those that the
// vendor advises: 1 s, 4 s and 10 s, each made longer by a random part of up to
// a quarter, so that many clients do not come back at the same moment. If
// either is set, waits are random between zero and a bound that starts at
// BaseDelay and doubles up to MaxDelay. If the vendor names a wait in
// Retry-After, that one is kept instead.
type RetryPolicy struct {
	// MaxAttempts counts the first attempt too: 0 means 4, 1 no repeat. After
	// the advised waits have been used up, the last one is kept again.
	MaxAttempts int
	// BaseDelay bounds the first wait; 0 means 250 ms if MaxDelay is set, and
	// else the vendor's advice.
	BaseDelay time.Duration
	// MaxDelay bounds every wait that the vendor does not name; 0 means 8 s if
	// BaseDelay is set, and else the vendor's advice.
	MaxDelay time.Duration
	// MaxRetryAfter is the longest wait named by the vendor that is kept; 0
	// means 60 s. If the vendor asks for more, or for more than the context
	// leaves, the call returns its error at once, with Error.RetryAfter set.
	MaxRetryAfter time.Duration
}

// advised are the waits that the vendor asks for between attempts.
var advised = []time.Duration{time.Second, 4 * time.Second, 10 * time.Second}

func (p RetryPolicy) toTransport() transport.Retry {
	retry := transport.Retry{
		MaxAttempts:   p.MaxAttempts,
		BaseDelay:     p.BaseDelay,
		MaxDelay:      p.MaxDelay,
		MaxRetryAfter: p.MaxRetryAfter,
	}
	if p.BaseDelay == 0 && p.MaxDelay == 0 {
		retry.Schedule = advised
	}
	if p.MaxAttempts == 0 {
		retry.MaxAttempts = len(advised) + 1
	}
	return retry
}

// Window is one limit on the rate of calls: at most Calls in any span of
// length Per, such as Window{Calls: 60, Per: time.Minute}.
type Window struct {
	Calls int           // at least 1
	Per   time.Duration // at least 1 ms
}

// Attempt describes one attempt of a call to Config.OnAttempt.
type Attempt struct {
	Op         string        // the operation, such as "createLicense"
	Number     int           // 1 for the first attempt of the call
	StatusCode int           // HTTP status; 0 = no answer
	Header     http.Header   // of the answer, a copy without secrets of the call; nil = no answer
	Wait       time.Duration // pause until the next attempt; 0 = this is the last, or there is no pause
	Duration   time.Duration // from sending to the end of the answer, pacing excluded
	Err        error         // an *Error; nil = the attempt succeeded
}

// String returns the settings without the API key.
func (c Config) String() string { return transport.Describe(c) }

// Format prints [Config.String] for every verb but %p, which fmt keeps for
// itself and vet refuses.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue makes slog print [Config.String].
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText encodes [Config.String], so that neither JSON nor YAML shows the
// API key. A Config is not for storing.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// keyPrefix begins every API key of the vendor.
const keyPrefix = "kc_"

// newTransport checks the whole configuration and reports every fault of it
// in one error.
func newTransport(cfg Config) (*transport.Client, error) {
	var prefixErr error
	if cfg.APIKey != "" && !strings.HasPrefix(cfg.APIKey, keyPrefix) {
		prefixErr = fmt.Errorf("keycrate: APIKey does not begin with %s as the vendor's keys do: pass the key alone, as the dashboard shows it", keyPrefix)
	}
	client, err := connect(cfg, transport.HeaderKey("x-api-key", cfg.APIKey))
	return either(client, err, prefixErr)
}

// connect makes the transport that clients of both kinds have in common.
func connect(cfg Config, credential transport.Credential) (*transport.Client, error) {
	tc := transport.Config{
		Vendor:           "keycrate",
		BaseURL:          cfg.BaseURL,
		HTTPClient:       cfg.HTTPClient,
		UserAgent:        cfg.UserAgent,
		Logger:           cfg.Logger,
		Retry:            cfg.Retry.toTransport(),
		AttemptTimeout:   cfg.AttemptTimeout,
		MaxResponseBytes: cfg.MaxResponseBytes,
		AllowPlainHTTP:   cfg.AllowPlainHTTP,
		Credential:       credential,
		Failure:          failure,
	}
	if tc.BaseURL == "" {
		tc.BaseURL = DefaultBaseURL
	}
	if hook := cfg.OnAttempt; hook != nil {
		tc.OnAttempt = func(ctx context.Context, a transport.Attempt) { hook(ctx, publicAttempt(a)) }
	}
	pacer, pacingErr := newPacer(cfg.Pacing)
	tc.Pacer = pacer
	client, err := transport.New(tc)
	return either(client, err, pacingErr)
}

// either returns the client, or everything that is wrong.
func either(client *transport.Client, errs ...error) (*transport.Client, error) {
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return client, nil
}

func newPacer(windows []Window) (*transport.Pacer, error) {
	if len(windows) == 0 {
		return nil, nil
	}
	converted := make([]transport.Window, len(windows))
	for i, w := range windows {
		converted[i] = transport.Window(w)
	}
	pacer, err := transport.NewPacer(converted...)
	if err != nil {
		return nil, fmt.Errorf("keycrate: Pacing: %w", err)
	}
	return pacer, nil
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
