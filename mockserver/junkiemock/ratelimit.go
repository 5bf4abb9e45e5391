package junkiemock

import (
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
