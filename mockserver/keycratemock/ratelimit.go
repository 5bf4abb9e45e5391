package keycratemock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// RateLimits tells of the limit that is on; the vendor publishes no figures.
func (v *vendor) RateLimits() (on, documented []core.RateLimit) {
	if limit := v.state.Limit; limit.Calls > 0 {
		on = []core.RateLimit{limit}
	}
	return on, nil
}

// Counts reports whether a limit is on.
func (v *vendor) Counts() bool { return v.state.Limit.Calls > 0 }

// SetRateLimits sets one limit, or none.
func (v *vendor) SetRateLimits(t *core.Turn, limits []core.RateLimit) error {
	limit, err := core.OneLimit(limits)
	if err != nil {
		return err
	}
	return v.turn(t).setRateLimit(limit)
}

func (t *turn) setRateLimit(limit core.RateLimit) error {
	if err := limit.Check(); err != nil {
		return err
	}
	if limit.Calls > 0 {
		if err := t.CheckClock(); err != nil {
			return err
		}
	}
	t.state.setLimit(limit)
	return nil
}

func (s *state) setLimit(limit core.RateLimit) {
	s.Limit, s.endUsers = limit, core.Window{}
	for k := range s.apiKeys.All() {
		k.Window = core.Window{}
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
	wait := w.Admit(limit, c.Now)
	if wait == 0 {
		return nil
	}
	c.Decided(ruleRateLimited, ruleRateRetryAfter)
	if c.state.NoRetryAfter {
		return errRateLimited
	}
	return errRateLimited.after(core.RetryAfter(wait))
}

// window is that of the API key, or the one that all end users share.
func (c *call) window() *core.Window {
	switch c.op.side {
	case management:
		return &c.apiKey.Window
	case endUser:
		return &c.state.endUsers
	default:
		return nil
	}
}
