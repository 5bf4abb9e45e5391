package luaprotmock

import (
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// RateWindow is one rate limit: at most so many calls with one API key in any
// span of this length.
type RateWindow struct {
	Calls int
	Per   time.Duration
}

// DocumentedLimits returns the two limits that the vendor states, which hold at
// the same time: 20 calls in 10 seconds, and 60 in a minute. A long job thus
// makes one call a second.
func DocumentedLimits() []RateWindow {
	return []RateWindow{{Calls: 20, Per: 10 * time.Second}, {Calls: 60, Per: time.Minute}}
}

// RateLimits tells of the limits that are on, and of those that the vendor
// documents.
func (v *vendor) RateLimits() (on, documented []core.RateLimit) {
	return limitsOf(v.state.limits), limitsOf(DocumentedLimits())
}

func limitsOf(windows []RateWindow) (limits []core.RateLimit) {
	for _, w := range windows {
		limits = append(limits, core.RateLimit(w))
	}
	return limits
}

// Counts reports whether a limit is on.
func (v *vendor) Counts() bool { return len(v.state.limits) > 0 }

// SetRateLimits does what SetRateLimit of the World does.
func (v *vendor) SetRateLimits(t *core.Turn, limits []core.RateLimit) error {
	var windows []RateWindow
	for _, limit := range limits {
		windows = append(windows, RateWindow(limit))
	}
	changed := newTurn(t, v.state)
	return changed.setRateLimit(windows)
}

func (t *turn) setRateLimit(windows []RateWindow) error {
	if err := checkLimits(windows); err != nil {
		return err
	}
	if len(windows) > 0 {
		if err := t.CheckClock(); err != nil {
			return err
		}
	}
	t.state.setLimits(windows)
	return nil
}

func (s *state) setLimits(windows []RateWindow) {
	s.limits = slices.Clone(windows)
	for k := range s.apiKeys.All() {
		k.Calls = nil
	}
}

// throttle counts the call, or refuses it while any window is full. It uses the
// exact time of the turn: windows may be shorter than a second.
func (c *call) throttle() *failure {
	limits := c.state.limits
	if len(limits) == 0 {
		return nil
	}
	c.Decided(ruleRateWindow, ruleRateRoutes)
	c.forgetCalls()
	if wait := c.untilFree(); wait > 0 {
		return c.tooMany(wait)
	}
	c.apiKey.Calls = append(c.apiKey.Calls, c.Now.UTC())
	return nil
}

// forgetCalls drops the calls that are in no window any more, and those that a
// clock which was set back has put into the future.
func (c *call) forgetCalls() {
	var longest time.Duration
	for _, w := range c.state.limits {
		longest = max(longest, w.Per)
	}
	c.apiKey.Calls = slices.DeleteFunc(c.apiKey.Calls, func(at time.Time) bool {
		age := c.Now.Sub(at)
		return age < 0 || age >= longest
	})
}

// untilFree is the time until every window has a place: until the call that
// fills it leaves.
func (c *call) untilFree() (wait time.Duration) {
	calls := c.apiKey.Calls
	for _, w := range c.state.limits {
		if n := len(calls); n >= w.Calls {
			wait = max(wait, calls[n-w.Calls].Add(w.Per).Sub(c.Now))
		}
	}
	return wait
}

func (c *call) tooMany(wait time.Duration) *failure {
	c.Decided(ruleRateText, ruleRateUncounted, ruleRateRetryAfter)
	if slices.Equal(c.state.limits, DocumentedLimits()) {
		c.Decided(ruleRateDocumented)
	}
	f := refusal(errRateLimited.status, errRateLimited.message)
	if !c.state.noRetryAfter {
		f.header = core.RetryAfter(wait)
	}
	return f
}
