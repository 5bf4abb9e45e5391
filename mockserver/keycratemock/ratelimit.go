package keycratemock

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

func (l rateLimit) check() error {
	if l.Calls < 0 || l.Calls > 0 && l.Per <= 0 {
		return fmt.Errorf("%d calls per %v is no limit: pass a positive number and a positive length, or 0 for none", l.Calls, l.Per)
	}
	return nil
}

// rateWindow counts the calls of one caller.
type rateWindow struct {
	Start time.Time
	Calls int
}

// RateLimits tells of the limit that is on; the vendor publishes no figures.
func (v *vendor) RateLimits() (on, documented []core.RateLimit) {
	if limit := v.state.Limit; limit.Calls > 0 {
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

func (s *state) setLimit(n int, per time.Duration) {
	s.Limit, s.endUsers = rateLimit{Calls: n, Per: per}, rateWindow{}
	for k := range s.apiKeys.All() {
		k.Window = rateWindow{}
	}
}

// throttle counts the call, or refuses it when the caller's window is full. It
// uses the exact time of the turn: windows may be shorter than a millisecond.
func (c *call) throttle() *failure {
	limit, w := c.state.Limit, c.window()
	if limit.Calls == 0 || w == nil {
		return nil
	}
	c.Decided(ruleRateWindow)
	if age := c.Now.Sub(w.Start); w.Calls == 0 || age < 0 || age >= limit.Per {
		*w = rateWindow{Start: c.Now}
	}
	if w.Calls < limit.Calls {
		w.Calls++
		return nil
	}
	c.Decided(ruleRateLimited, ruleRateRetryAfter)
	if c.state.NoRetryAfter {
		return errRateLimited
	}
	return errRateLimited.after(core.RetryAfter(w.Start.Add(limit.Per).Sub(c.Now)))
}

// window is that of the API key, or the one that all end users share.
func (c *call) window() *rateWindow {
	switch c.op.side {
	case management:
		return &c.apiKey.Window
	case endUser:
		return &c.state.endUsers
	default:
		return nil
	}
}
