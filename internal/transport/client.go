package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Config is what a vendor package tells the transport.
type Config struct {
	Vendor           string                         // prefix of error texts
	BaseURL          string                         // absolute; its path is kept as a prefix
	HTTPClient       *http.Client                   // copied; nil or without Transport: own connections, see New
	UserAgent        string                         // put in front of keysmith-go/<version> (<vendor>)
	Logger           *slog.Logger                   // one record per attempt; nil: off
	Retry            Retry                          // zero: 3 attempts with full jitter
	AttemptTimeout   time.Duration                  // for one attempt with its whole answer; 0: 30 s; a shorter HTTPClient.Timeout wins
	MaxResponseBytes int64                          // 0: 8 MiB
	AllowPlainHTTP   bool                           // allow http to other hosts than loopback
	OnAttempt        func(context.Context, Attempt) // called after every attempt, before the wait that follows
	Pacer            *Pacer                         // takes a slot for every attempt; nil: none
	Credential       Credential                     // zero: none
	Header           http.Header                    // further fixed headers, no secrets; Accept and Content-Type count where a request has none of its own
	Failure          func(*Answer) *Failure         // the vendor's error dialect, asked for every answer; nil, or nil from it: the status decides
	Verify           func(*Answer) error            // optional check of an answer that decides a call: a success, or a refusal other than for a rate limit; an error is never repeated
}

// Attempt describes one attempt of a call to Config.OnAttempt.
type Attempt struct {
	Op         Op
	Number     int           // 1 for the first
	StatusCode int           // as received; 0 when no answer came
	Header     http.Header   // of the answer, a copy without what must not be shown; nil when no answer came
	Wait       time.Duration // pause before the next attempt; 0 when there is none
	Duration   time.Duration // from sending to the end of the answer, pacing excluded
	Err        error         // an *Error, as if the call ended here; nil when the attempt succeeded
}

const (
	defaultAttemptTimeout   = 30 * time.Second
	defaultMaxResponseBytes = 8 << 20

	// A vendor closes idle connections after some time, and a request that is
	// sent at that very moment is lost with an unknown outcome. Being the first
	// to close keeps that rare.
	ownIdleTimeout = 15 * time.Second
	ownIdlePerHost = 16
)

// Client holds what all calls of one vendor client share. It is safe for
// concurrent use, and there is nothing to close.
type Client struct {
	vendor      string
	base        string       // without a slash at its end
	http        *http.Client // with a sender for a transport
	own         bool         // the connections are ours: a request that asked for none was not sent
	http1       bool         // no request goes over HTTP/2
	header      http.Header  // without the credential
	credential  Credential
	retry       Retry
	timeout     *attemptTimeout
	limit       int64
	pacer       *Pacer
	logger      *slog.Logger
	onAttempt   func(context.Context, Attempt)
	failure     func(*Answer) *Failure
	verify      func(*Answer) error
	random      func() float64 // in [0,1)
	description string         // what printing shows
}

// New checks the whole configuration and returns all objections as one joined
// error.
//
// The caller's http.Client is copied, never changed: the copy follows no
// redirect, and its connections are left alone when a call fails. Without a
// Transport of the caller's, the client uses a copy of http.DefaultTransport
// that closes idle connections after 15 s.
func New(cfg Config) (*Client, error) {
	base, baseErr := parseBase(cfg.BaseURL, cfg.AllowPlainHTTP)
	retry, retryErr := cfg.Retry.withDefaults()
	header, headerErr := fixedHeader(cfg)
	problems := errors.Join(baseErr, cfg.Credential.check(), retryErr, headerErr, checkBounds(cfg))
	if problems != nil {
		return nil, fmt.Errorf("%s: %w", or(cfg.Vendor, "transport"), problems)
	}
	timeout := attemptTimeout{or(cfg.AttemptTimeout, defaultAttemptTimeout), "AttemptTimeout"}
	var client http.Client
	if cfg.HTTPClient != nil {
		client = *cfg.HTTPClient
		if client.Timeout > 0 && client.Timeout < timeout.after {
			timeout = attemptTimeout{client.Timeout, "HTTPClient.Timeout"}
		}
	}
	// net/http would keep Timeout with a goroutine per request, and would not
	// say whose limit it was; sender does it with the request's context.
	client.Timeout = 0
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	own := client.Transport == nil
	if own {
		client.Transport, own = ownTransport()
	}
	http1 := isHTTP1(base, client.Transport)
	client.Transport = sender{client.Transport}
	return &Client{
		vendor:      cfg.Vendor,
		base:        base,
		http:        &client,
		own:         own,
		http1:       http1,
		header:      header,
		credential:  cfg.Credential,
		retry:       retry,
		timeout:     &timeout,
		limit:       min(or(cfg.MaxResponseBytes, defaultMaxResponseBytes), math.MaxInt64-1),
		pacer:       cfg.Pacer,
		logger:      cfg.Logger,
		onAttempt:   cfg.OnAttempt,
		failure:     cfg.Failure,
		verify:      cfg.Verify,
		random:      rand.Float64,
		description: Describe(cfg),
	}, nil
}

// ownTransport returns the default connections with a shorter idle time, and
// whether they are ours alone: a program may have put something else there.
func ownTransport() (http.RoundTripper, bool) {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport, false
	}
	own := standard.Clone()
	own.IdleConnTimeout = ownIdleTimeout
	own.MaxIdleConnsPerHost = max(own.MaxIdleConnsPerHost, ownIdlePerHost)
	return own, true
}

// isHTTP1 reports whether what goes to base surely goes over HTTP/1: net/http
// speaks HTTP/2 over TLS only, unless it is told to without.
func isHTTP1(base string, transport http.RoundTripper) bool {
	standard, ok := transport.(*http.Transport)
	return ok && strings.HasPrefix(base, "http://") && (standard.Protocols == nil || !standard.Protocols.UnencryptedHTTP2())
}

// parseBase checks BaseURL. It quotes nothing of an address that may hold a
// password.
func parseBase(address string, allowPlain bool) (string, error) {
	if address == "" {
		return "", errors.New("BaseURL is empty: want an address such as https://api.example.com/v2")
	}
	base, err := url.Parse(address)
	if err != nil {
		return "", errors.New("BaseURL is not an address such as https://api.example.com/v2")
	}
	switch {
	case base.Scheme != "https" && base.Scheme != "http", base.Hostname() == "":
		return "", errors.New("BaseURL must begin with https:// and a host")
	case base.User != nil:
		return "", errors.New("BaseURL must not hold a user or a password")
	case base.RawQuery != "" || base.ForceQuery:
		return "", errors.New("BaseURL must not have a query")
	case base.Fragment != "" || strings.Contains(address, "#"):
		return "", errors.New("BaseURL must not have a fragment")
	case base.Scheme == "http" && !allowPlain && !isLoopback(base.Hostname()):
		return "", fmt.Errorf("BaseURL sends keys readable to everyone on the way to %s: use https, or set AllowPlainHTTP if you know better", base.Hostname())
	}
	return strings.TrimRight(address, "/"), nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// checkBounds refuses numbers that make no sense.
func checkBounds(cfg Config) error {
	var timeout, limit error
	if cfg.AttemptTimeout < 0 {
		timeout = fmt.Errorf("AttemptTimeout is %v: it cannot be negative; 0 means %v", cfg.AttemptTimeout, defaultAttemptTimeout)
	}
	if cfg.MaxResponseBytes < 0 {
		limit = fmt.Errorf("MaxResponseBytes is %d: it cannot be negative; 0 means %d", cfg.MaxResponseBytes, defaultMaxResponseBytes)
	}
	return errors.Join(timeout, limit)
}

// fixedHeader returns the headers of every request but for the credential.
func fixedHeader(cfg Config) (http.Header, error) {
	header := make(http.Header, len(cfg.Header)+4)
	var problems []error
	for name, values := range cfg.Header {
		for _, value := range values {
			problems = append(problems, checkHeader(name, value))
		}
		name = http.CanonicalHeaderKey(name)
		if name == "Idempotency-Key" || name == "X-Idempotency-Key" {
			problems = append(problems, fmt.Errorf("the header %s must not be set: it makes net/http resend any request on its own", name))
		}
		header[name] = slices.Clip(append(header[name], values...)) // shared by all requests
	}
	agent := strings.TrimSpace(cfg.UserAgent + " " + ownUserAgent(cfg.Vendor))
	if checkHeader("User-Agent", agent) != nil {
		problems = append(problems, errors.New("UserAgent holds a control character"))
	}
	header.Set("User-Agent", agent)
	return header, errors.Join(problems...)
}

// Format prints the configuration without its secrets, whatever the verb.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Describe(c)) }

// MarshalText returns the configuration without its secrets.
func (c Config) MarshalText() ([]byte, error) { return []byte(Describe(c)), nil }

// LogValue returns the configuration without its secrets.
func (c Config) LogValue() slog.Value { return slog.StringValue(Describe(c)) }

// Format prints the client without its secrets, whatever the verb.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.describe()) }

// MarshalText returns the client without its secrets.
func (c *Client) MarshalText() ([]byte, error) { return []byte(c.describe()), nil }

// LogValue returns the client without its secrets.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.describe()) }

func (c *Client) describe() string {
	if c == nil {
		return "<nil>"
	}
	return "Client of " + c.description
}

// secrets returns what no text may show.
func (c *Client) secrets() []string { return c.credential.secrets() }
