package keycratemock

import (
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// rateLimit is the switch: so many calls per window, none when calls is 0.
type rateLimit struct {
	calls int
	per   time.Duration
}

// rateWindow counts the calls of one caller.
type rateWindow struct {
	start time.Time
	calls int
}

func (s *state) setLimit(n int, per time.Duration) {
	s.limit, s.endUsers = rateLimit{calls: n, per: per}, rateWindow{}
	for _, k := range s.apiKeys {
		k.window = rateWindow{}
	}
}

// throttle counts the call, or refuses it when the caller's window is full. It
// uses the exact time of the turn: windows may be shorter than a millisecond.
func (c *call) throttle() *failure {
	limit, w := c.state.limit, c.window()
	if limit.calls == 0 || w == nil {
		return nil
	}
	c.Decided(ruleRateWindow)
	if age := c.Now.Sub(w.start); w.calls == 0 || age < 0 || age >= limit.per {
		*w = rateWindow{start: c.Now}
	}
	if w.calls < limit.calls {
		w.calls++
		return nil
	}
	c.Decided(ruleRateLimited, ruleRateRetryAfter)
	if c.state.noRetryAfter {
		return errRateLimited
	}
	return errRateLimited.after(core.RetryAfter(w.start.Add(limit.per).Sub(c.Now)))
}

// window is that of the API key, or the one that all end users share.
func (c *call) window() *rateWindow {
	switch c.op.side {
	case management:
		return &c.apiKey.window
	case endUser:
		return &c.state.endUsers
	default:
		return nil
	}
}
