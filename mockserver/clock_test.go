package mockserver

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClockRunsWithTheProcess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := open(t)
		began := time.Now()
		assert.Equal(t, began.UTC(), s.Now(), "it starts at the process's time")
		time.Sleep(90 * time.Second)
		assert.Equal(t, began.Add(90*time.Second).UTC(), s.Now())

		s.Advance(25 * time.Hour)
		assert.Equal(t, began.Add(25*time.Hour+90*time.Second).UTC(), s.Now())
		s.SetTime(t0.In(time.FixedZone("", 3600)))
		assert.Equal(t, t0, s.Now(), "always UTC, also when it goes back")
		time.Sleep(time.Second)
		assert.Equal(t, t0.Add(time.Second), s.Now())
	})
}

func TestFrozenClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := open(t, WithStart(t0), WithFrozenClock())
		time.Sleep(time.Hour)
		assert.Equal(t, t0, s.Now())
		s.Advance(time.Minute)
		assert.Equal(t, t0.Add(time.Minute), s.Now())
		s.SetTime(t0)
		s.Resume()
		assert.Equal(t, t0, s.Now(), "it runs on from where it stood")
		time.Sleep(time.Second)
		s.Freeze()
		time.Sleep(time.Hour)
		assert.Equal(t, t0.Add(time.Second), s.Now())
	})
}

func TestAdvanceTwiceIsAdvanceOnce(t *testing.T) {
	t.Parallel()
	a, _ := open(t, WithStart(t0), WithFrozenClock())
	b, _ := open(t, WithStart(t0), WithFrozenClock())
	for _, d := range []time.Duration{0, 1, time.Millisecond, 36 * time.Hour, 100 * 365 * 24 * time.Hour} {
		a.Advance(d)
		a.Advance(d)
		b.Advance(2 * d)
		assert.Equal(t, b.Now(), a.Now())
	}
	far := time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)
	a.SetTime(far)
	assert.Equal(t, far, a.Now(), "further than a duration reaches")
}

// whileItIsSet lets somebody look at a clock, for as long as all is well, while it is
// set many times.
func whileItIsSet(look func() (well bool), set func()) {
	var over atomic.Bool
	var looking sync.WaitGroup
	looking.Go(func() {
		for !over.Load() && look() {
		}
	})
	for range 100_000 {
		set()
	}
	over.Store(true)
	looking.Wait()
}

// TestNobodySeesTheClockGoBack: who looks while the clock is stopped, or runs on, sees
// no time later than that which it has afterwards.
func TestNobodySeesTheClockGoBack(t *testing.T) {
	t.Parallel()
	var c clock
	c.start(t0, false)
	last := c.now()
	whileItIsSet(func() bool {
		was := last
		last = c.now()
		return assert.False(t, last.Before(was), "%v after %v", last, was)
	}, func() {
		c.freeze(true)
		c.freeze(false)
	})
}

// TestNobodySeesLessThanTheClockIsSetTo: an answer that goes out while the clock is set
// has the time of before or of after, and none in between.
func TestNobodySeesLessThanTheClockIsSetTo(t *testing.T) {
	t.Parallel()
	var c clock
	c.start(t0, false)
	watch := startWatch()
	whileItIsSet(func() bool {
		_, now := c.lap(watch)
		return assert.False(t, now.Before(t0), "%v", now)
	}, func() {
		_, err := c.set(func(time.Time) time.Time { return t0 })
		require.NoError(t, err)
	})
}

func TestClockMisuse(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	s, shop := open(r)
	before := s.Now()
	assert.Contains(t, fatality(t, r, func() { s.Advance(-time.Second) }), "Advance: -1s is negative")
	assert.Contains(t, fatality(t, r, func() { s.SetTime(time.Time{}) }), "time is zero")
	assert.WithinDuration(t, before, s.Now(), time.Minute)

	shop.Limit(true)
	assert.Contains(t, fatality(t, r, s.Freeze), "the rate limit of shop is on")
	shop.Limit(false)
	s.Freeze()
	assert.Contains(t, fatality(t, r, func() { shop.Limit(true) }), "clock is frozen")
	s.Resume()
	shop.Limit(true)
}

func TestATurnSeesTheTimeOfItsCommit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := open(t, WithStart(t0))
		s.Inject(Fault{Op: opCreate, Do: Latency(3 * time.Second)})
		s.Inject(Fault{Op: opCreate, Phase: AfterCommit, Do: Latency(4 * time.Second)})
		_, body := post(t, s, "book")
		assert.Contains(t, body, t0.Add(3*time.Second).Format(time.RFC3339))
		call := s.Calls()[0]
		assert.Equal(t, t0, call.At)
		assert.Equal(t, 7*time.Second, call.Duration)
		assert.Equal(t, t0.Add(3*time.Second), call.Effects[0].At)
	})
}

// An answer is dated by the clock as it is when it goes out, however often it was set
// since the call came in.
func TestTheDateIsThatOfTheClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := open(t, WithStart(t0))
		s.Inject(Fault{Op: opList, Do: Latency(7 * time.Second)})
		date := func() string { return exchanged(t, s, "GET", "/api/v1/items", "").Answer.Header["Date"][0] }
		time.Sleep(time.Minute)
		assert.Equal(t, "Sun, 01 Mar 2026 12:01:07 GMT", date())
		time.AfterFunc(5*time.Second, func() { s.SetTime(t0) })
		assert.Equal(t, "Sun, 01 Mar 2026 12:00:02 GMT", date())
		time.AfterFunc(5*time.Second, s.Freeze)
		assert.Equal(t, "Sun, 01 Mar 2026 12:00:07 GMT", date())
	})
}

func TestWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		watch := startWatch()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.NoError(t, wait(ctx, 0, nil))
		require.NoError(t, wait(ctx, time.Second, nil))
		quit := make(chan struct{})
		close(quit)
		require.NoError(t, wait(ctx, time.Hour, quit), "cut short")
		assert.Equal(t, time.Second, watch.elapsed())
		require.ErrorIs(t, wait(ctx, time.Hour, nil), context.DeadlineExceeded)
		assert.Equal(t, time.Minute, watch.elapsed())
	})
}
