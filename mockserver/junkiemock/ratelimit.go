package junkiemock

import (
	"fmt"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// rateLimit is the switch: so many calls per window, none when calls is 0.
type rateLimit struct {
	calls int
	per   time.Duration
}

// rateWindow counts the calls of one API key.
type rateWindow struct {
	start time.Time
	calls int
}

// RateLimits tells of the limit that is on; the vendor publishes no figures.
func (v *vendor) RateLimits() (on, documented []core.RateLimit) {
	if limit := v.state.limit; limit.calls > 0 {
		on = []core.RateLimit{{Calls: limit.calls, Per: limit.per}}
	}
	return on, nil
}

// SetRateLimits sets one limit, or none.
func (v *vendor) SetRateLimits(t *core.Turn, limits []core.RateLimit) error {
	if len(limits) > 1 {
		return fmt.Errorf("the vendor has one limit, not %d", len(limits))
	}
	var limit core.RateLimit
	if len(limits) > 0 {
		limit = limits[0]
	}
	changed := newTurn(t, v.state)
	return changed.setRateLimit(limit.Calls, limit.Per)
}

func (t *turn) setRateLimit(n int, per time.Duration) error {
	if n < 0 || n > 0 && per <= 0 {
		return fmt.Errorf("%d calls per %v is no limit: pass a positive number and a positive length, or 0 for none", n, per)
	}
	if n > 0 && t.Frozen {
		return fmt.Errorf("the clock is frozen and no window would ever end: resume it first, or use Advance on the running clock")
	}
	t.state.setLimit(n, per)
	return nil
}

func (s *state) setLimit(n int, per time.Duration) {
	s.limit = rateLimit{calls: n, per: per}
	for _, k := range s.apiKeys {
		k.window = rateWindow{}
	}
}

// throttle counts the call, or refuses it when the window is full. It uses the
// exact time of the turn: windows may be shorter than a millisecond.
func (c *call) throttle() *failure {
	limit, w := c.state.limit, &c.apiKey.window
	if limit.calls == 0 {
		return nil
	}
	c.Decided(ruleRateWindow)
	if age := c.Now.Sub(w.start); w.calls == 0 || age < 0 || age >= limit.per {
		*w = rateWindow{start: c.Now}
	}
	if w.calls == limit.calls {
		c.Decided(ruleRateLimited, ruleRateRetryAfter)
		return tooMany(w.start.Add(limit.per).Sub(c.Now))
	}
	w.calls++
	return nil
}

func tooMany(wait time.Duration) *failure {
	f := refusal(errRateLimited.status, errRateLimited.text)
	f.header = core.RetryAfter(wait)
	return f
}
