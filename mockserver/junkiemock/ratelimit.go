package junkiemock

import (
	"fmt"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// rateLimit is the switch: so many calls per window, none when calls is 0.
type rateLimit struct {
	Calls int
	Per   time.Duration
}

// rateWindow counts the calls of one API key.
type rateWindow struct {
	Start time.Time
	Calls int
}

// RateLimits tells of the limit that is on; the vendor publishes no figures.
func (v *vendor) RateLimits() (on, documented []core.RateLimit) {
	if limit := v.state.limit; limit.Calls > 0 {
		on = []core.RateLimit{{Calls: limit.Calls, Per: limit.Per}}
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
	if err := (rateLimit{n, per}).check(); err != nil {
		return err
	}
	if n > 0 && t.Frozen {
		return fmt.Errorf("the clock is frozen and no window would ever end: resume it first, or use Advance on the running clock")
	}
	t.state.setLimit(n, per)
	return nil
}

func (l rateLimit) check() error {
	if l.Calls < 0 || l.Calls > 0 && l.Per <= 0 {
		return fmt.Errorf("%d calls per %v is no limit: pass a positive number and a positive length, or 0 for none", l.Calls, l.Per)
	}
	return nil
}

func (s *state) setLimit(n int, per time.Duration) {
	s.limit = rateLimit{n, per}
	for k := range s.apiKeys.All() {
		k.Window = rateWindow{}
	}
}

// throttle counts the call, or refuses it when the window is full. It uses the
// exact time of the turn: windows may be shorter than a millisecond.
func (c *call) throttle() *failure {
	limit, w := c.state.limit, &c.apiKey.Window
	if limit.Calls == 0 {
		return nil
	}
	c.Decided(ruleRateWindow)
	if age := c.Now.Sub(w.Start); w.Calls == 0 || age < 0 || age >= limit.Per {
		*w = rateWindow{Start: c.Now}
	}
	if w.Calls == limit.Calls {
		c.Decided(ruleRateLimited, ruleRateRetryAfter)
		return tooMany(w.Start.Add(limit.Per).Sub(c.Now))
	}
	w.Calls++
	return nil
}

func tooMany(wait time.Duration) *failure {
	f := refusal(errRateLimited.status, errRateLimited.text)
	f.header = core.RetryAfter(wait)
	return f
}
