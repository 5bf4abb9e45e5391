package keygenmock

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Rules of throttling.
var (
	ruleRateOff     = rule(obs, "rate.off", "There is no throttle unless one is set up, and then nothing tells of any.")
	ruleRateHeaders = rule(doc, "rate.headers", "While there are throttles, every answer tells window, count, limit, remaining requests and the time of the reset, of the window nearest its limit.")
	ruleRateLimited = rule(doc, "rate.limited", "A request over a limit is answered 429 TOO_MANY_REQUESTS before anything else is looked at, with no request remaining.")
	ruleRateRetry   = rule(obs, "rate.retry-after", "A 429 carries the time until the window ends in Retry-After, in whole seconds.")
	ruleRateWindow  = rule(asm, "rate.window", "Windows begin at whole multiples of their length, and every request counts, also a refused one.")
	ruleRateBucket  = rule(obs, "rate.bucket", "Requests are counted for each account as it is named in the path and each token; the address they come from is always the same here.")
)

// RateWindow is one throttle: at most so many requests in each second, minute
// or other whole number of seconds.
type RateWindow struct {
	Limit int
	Per   time.Duration
}

func (w RateWindow) check() error {
	if w.Limit <= 0 || w.Per <= 0 || w.Per%time.Second != 0 {
		return fmt.Errorf("%d requests per %v is no throttle: pass a positive number and whole seconds, or no window for no throttle", w.Limit, w.Per)
	}
	return nil
}

// label names the window as the vendor does.
func (w RateWindow) label() string {
	if w.Per%time.Minute == 0 {
		return strconv.FormatInt(int64(w.Per/time.Minute), 10) + "m"
	}
	return strconv.FormatInt(int64(w.Per/time.Second), 10) + "s"
}

// limits are the throttles that are on, and what they counted.
type limits struct {
	windows []RateWindow
	counts  map[bucket]tally
}

// bucket is one window for one caller.
type bucket struct {
	caller string
	window int
}

// tally counts the requests since the window began.
type tally struct {
	start time.Time
	count int
}

// RateLimits tells of the throttles that are on. The vendor publishes none for a
// server that people host themselves, and does not say which hold in production.
func (v *vendor) RateLimits() (on, documented []core.RateLimit) {
	for _, w := range v.state.limits.windows {
		on = append(on, core.RateLimit{Calls: w.Limit, Per: w.Per})
	}
	return on, nil
}

// Counts reports whether a limit is on.
func (v *vendor) Counts() bool { return len(v.state.limits.windows) > 0 }

// SetRateLimits does what SetRateLimit of the World does.
func (v *vendor) SetRateLimits(t *core.Turn, limits []core.RateLimit) error {
	var windows []RateWindow
	for _, limit := range limits {
		windows = append(windows, RateWindow{Limit: limit.Calls, Per: limit.Per})
	}
	return (&turn{t, v.state}).setRateLimit(windows)
}

func (t *turn) setRateLimit(windows []RateWindow) error {
	for _, window := range windows {
		if err := window.check(); err != nil {
			return err
		}
	}
	if len(windows) > 0 {
		if err := t.CheckClock(); err != nil {
			return err
		}
	}
	t.state.limits = newLimits(windows)
	return nil
}

func newLimits(windows []RateWindow) limits {
	return limits{windows: slices.Clone(windows), counts: map[bucket]tally{}}
}

// usage is how far a request has filled the window that is nearest its limit.
type usage struct {
	RateWindow
	tally
}

func (u usage) remaining() int   { return max(0, u.Limit-u.count) }
func (u usage) reset() time.Time { return u.start.Add(u.Per) }
func (u usage) exceeded() bool   { return u.count > u.Limit }

// throttle counts the request, or refuses it if that is one too many.
func (c *call) throttle() *failure {
	if len(c.state.limits.windows) == 0 {
		c.Decided(ruleRateOff)
		return nil
	}
	c.Decided(ruleRateWindow, ruleRateBucket)
	for i, w := range c.state.limits.windows {
		u := c.count(i, w)
		if c.usage == nil || u.remaining() < c.usage.remaining() || u.exceeded() && !c.usage.exceeded() {
			c.usage = &u
		}
	}
	if !c.usage.exceeded() {
		return nil
	}
	c.Decided(ruleRateLimited, ruleRateRetry)
	f := *errThrottled
	f.header = core.RetryAfter(c.usage.reset().Sub(c.Now))
	return &f
}

func (c *call) count(window int, w RateWindow) usage {
	key := bucket{c.caller(), window}
	t, start := c.state.limits.counts[key], windowStart(c.Now, w.Per)
	if !t.start.Equal(start) {
		t = tally{start: start}
	}
	t.count++
	c.state.limits.counts[key] = t
	return usage{w, t}
}

// windowStart is when the window that a time lies in began.
func windowStart(at time.Time, per time.Duration) time.Time {
	length := int64(per / time.Second)
	past := at.Unix() % length
	if past < 0 {
		past += length
	}
	return time.Unix(at.Unix()-past, 0).UTC()
}

// tellLimits adds what the request has left of the window nearest its limit.
func (c *call) tellLimits(h http.Header) {
	if c.usage == nil {
		return
	}
	c.Decided(ruleRateHeaders)
	for name, value := range map[string]string{
		"Window":    c.usage.label(),
		"Count":     strconv.Itoa(c.usage.count),
		"Limit":     strconv.Itoa(c.usage.Limit),
		"Remaining": strconv.Itoa(c.usage.remaining()),
		"Reset":     strconv.FormatInt(c.usage.reset().Unix(), 10),
	} {
		h["X-Ratelimit-"+name] = []string{value}
	}
}
