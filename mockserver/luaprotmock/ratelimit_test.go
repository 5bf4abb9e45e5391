package luaprotmock

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// pass sends calls that must all pass.
func (s *stage) pass(n int) {
	s.Helper()
	for range n {
		s.fetch("").is(200)
	}
}

// full asserts that a call is refused, and how long it is to wait.
func (s *stage) full(retryAfter string) {
	s.Helper()
	assert.Equal(s, retryAfter, s.fetch("").refused(429, tooMany).Header.Get("Retry-After"))
}

var rateProofs = proofs{
	ruleRateDocumented: func(s *stage) {
		s.world.SetRateLimit(DocumentedLimits()...)
		for range 2 {
			s.pass(20)
			s.full("10")
			s.Advance(10 * time.Second)
		}
		s.pass(20)
		s.full("40") // 60 in the last minute, the first of them 20 s ago
		s.Advance(40 * time.Second)
		s.pass(20)
		s.full("10")
	},
	ruleRateText: func(s *stage) {
		s.world.SetRateLimit(RateWindow{Calls: 1, Per: time.Minute})
		s.pass(1)
		s.add(`{}`).refused(429, "Too many requests.")
		assert.Empty(s, s.world.Keys())
	},
	ruleRateWindow: func(s *stage) {
		s.world.SetRateLimit(RateWindow{Calls: 2, Per: 10 * time.Second})
		second := as(s.world.AddAPIKey())
		s.pass(1)
		s.Advance(4 * time.Second)
		s.pass(1)
		s.Advance(6*time.Second - 1)
		s.full("1")
		s.fetch("", second).is(200) // each API key has windows of its own
		s.Advance(1)
		s.pass(1) // in the place of the first
		s.full("4")
		s.Advance(4 * time.Second)
		s.pass(1)
		s.full("6")
		s.world.SetRateLimit()
		s.pass(3)
		s.world.SetRateLimit(RateWindow{Calls: 1, Per: time.Minute})
		s.pass(1) // a new limit forgets the calls so far
		s.Now = t0.Add(-time.Hour)
		s.pass(1) // a clock that was set back does not lock anyone out
		s.full("60")
	},
	ruleRateUncounted: func(s *stage) {
		s.world.SetRateLimit(RateWindow{Calls: 1, Per: time.Second}, RateWindow{Calls: 2, Per: time.Minute})
		s.pass(1)
		for range 10 {
			s.full("1")
		}
		s.Advance(time.Second)
		s.pass(1)
		s.full("59")
	},
	ruleRateRoutes: func(s *stage) {
		s.world.SetRateLimit(RateWindow{Calls: 8, Per: time.Minute})
		for op, call := range everyCall(s) {
			assert.NotEqual(s, 429, call().Status, op)
		}
		s.full("60")
		s.world.SetRateLimit(RateWindow{Calls: 2, Per: time.Minute})
		s.call("GET", "/nowhere", "").is(404) // no key route
		s.fetch("", as("nobody")).is(401)     // nobody's windows
		s.info("key=none").is(400)
		s.call("GET", "/api/v1/hubs/1/keys/info", "").is(404)
		s.full("60")
	},
	ruleRateRetryAfter: func(s *stage) {
		s.world.SetRateLimit(RateWindow{Calls: 1, Per: time.Minute})
		s.pass(1)
		s.full("60")
		s.Advance(30*time.Second + time.Millisecond)
		s.full("30")
		s.Advance(29*time.Second + 998*time.Millisecond)
		s.full("1")
		s.world.SetRetryAfter(false)
		s.full("")
		s.world.SetRetryAfter(true)
		s.full("1")
	},
}

func TestRateLimitAndFrozenClockExcludeEachOther(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	limited := s.Vendor.(core.Limited)
	s.Frozen = true
	s.Refuses("the clock is frozen", func() { s.world.SetRateLimit(DocumentedLimits()...) })
	assert.Empty(t, limitsOn(limited))
	s.world.SetRateLimit() // off is always possible
	s.Frozen = false
	s.world.SetRateLimit(DocumentedLimits()...)
	assert.Len(t, limitsOn(limited), 2)
	s.Refuses("no limit", func() { s.world.SetRateLimit(RateWindow{Calls: -1, Per: time.Second}) })
	s.Refuses("no limit", func() { s.world.SetRateLimit(RateWindow{Calls: 1}) })
	s.world.SetRateLimit()
	assert.Empty(t, limitsOn(limited))
}

// TestRateLimitsAsTheServerSeesThem: what it tells and sets is what the Go API
// does.
func TestRateLimitsAsTheServerSeesThem(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	limited := s.Vendor.(core.Limited)
	set := func(limits ...core.RateLimit) (err error) {
		s.Act("set", func(turn *core.Turn) { err = limited.SetRateLimits(turn, limits) })
		return err
	}
	on, documented := limited.RateLimits()
	assert.Empty(t, on)
	assert.Equal(t, []core.RateLimit{{Calls: 20, Per: 10 * time.Second}, {Calls: 60, Per: time.Minute}}, documented)
	require.NoError(t, set(core.RateLimit{Calls: 1, Per: time.Minute}, core.RateLimit{Calls: 9, Per: time.Hour}))
	assert.Equal(t, []core.RateLimit{{Calls: 1, Per: time.Minute}, {Calls: 9, Per: time.Hour}}, limitsOn(limited))
	s.pass(1)
	s.full("60")
	require.ErrorContains(t, set(core.RateLimit{Calls: 1, Per: -1}), "is no limit")
	s.full("60")
	require.NoError(t, set(core.RateLimit{Calls: 1, Per: time.Minute}))
	s.pass(1) // the calls so far are forgotten
	require.NoError(t, set())
	assert.Empty(t, limitsOn(limited))
	s.pass(2)
	s.Frozen = true
	require.ErrorContains(t, set(documented...), "the clock is frozen")
	require.NoError(t, set())
}

func limitsOn(w core.Limited) []core.RateLimit {
	on, _ := w.RateLimits()
	return on
}

// TestOneCallASecond is what the documented limits come to: a caller who spaces
// its calls so is never refused.
func TestOneCallASecond(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.world.SetRateLimit(DocumentedLimits()...)
	for range 500 {
		s.pass(1)
		s.Advance(time.Second)
	}
	assert.LessOrEqual(t, len(s.world.state.apiKeys.Get(s.world.APIKey()).Calls), 60, "only what may still count is kept")
}
