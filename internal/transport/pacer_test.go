package transport

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func newPacer(t testing.TB, windows ...Window) *Pacer {
	t.Helper()
	p, err := NewPacer(windows...)
	require.NoError(t, err)
	return p
}

func TestNewPacerChecksItsWindows(t *testing.T) {
	t.Parallel()
	for _, windows := range [][]Window{nil, {{0, time.Second}}, {{-1, time.Second}}, {{1, 0}}, {{1, time.Microsecond}}, {{5, time.Second}, {0, -1}}} {
		p, err := NewPacer(windows...)
		assert.Error(t, err, "%v", windows)
		assert.Nil(t, p)
	}
	_, err := NewPacer(Window{5, time.Second}, Window{0, -1})
	assert.ErrorContains(t, err, "window 2 allows 0 calls")
	assert.ErrorContains(t, err, "window 2 is -1ns long")
}

// 121 callers at once, under 20 per 10 s and 60 per minute, with answers that
// take no time:
//
//	0 s, 10 s, 20 s: 20 each, which makes 60 in the minute
//	60 s, 70 s, 80 s: 20 each, when those of 0 s, 10 s and 20 s are a minute old
//	120 s: the last one
func TestPacerTwoWindows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var mu sync.Mutex
		at := map[time.Duration]int{}
		cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			at[time.Since(begin)]++
			return reply(201, keyJSON), nil
		}))
		cfg.Pacer = newPacer(t, Window{20, 10 * time.Second}, Window{60, time.Minute})
		client := newClient(t, cfg)
		var wg sync.WaitGroup
		for range 121 {
			wg.Go(func() {
				_, err := callKeyOp(t.Context(), client, Once)
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		assert.Equal(t, map[time.Duration]int{
			0: 20, 10 * time.Second: 20, 20 * time.Second: 20,
			60 * time.Second: 20, 70 * time.Second: 20, 80 * time.Second: 20,
			120 * time.Second: 1,
		}, at)
	})
}

// The vendor's own count, taken at any moment within the call, never exceeds
// a window, whatever the latencies.
func TestPacerKeepsTheVendorsCount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		windows := []Window{{3, time.Second}, {5, 4 * time.Second}}
		p := newPacer(t, windows...)
		var mu sync.Mutex
		var arrivals []time.Time
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				if !assert.NoError(t, p.acquire(t.Context())) {
					return
				}
				defer p.release()
				time.Sleep(time.Duration(i*37%400) * time.Millisecond) // on the way
				mu.Lock()
				arrivals = append(arrivals, time.Now())
				mu.Unlock()
				time.Sleep(time.Duration(i*53%900) * time.Millisecond) // on the way back
			})
		}
		wg.Wait()
		require.Len(t, arrivals, 40)
		for _, w := range windows {
			for i := w.Calls; i < len(arrivals); i++ {
				assert.GreaterOrEqual(t, arrivals[i].Sub(arrivals[i-w.Calls]), w.Per, "call %d under %v", i, w)
			}
		}
	})
}

func TestPacerOrderOfArrival(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, Window{2, time.Second})
		var mu sync.Mutex
		var order []int
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() {
				if assert.NoError(t, p.acquire(t.Context())) {
					mu.Lock()
					order = append(order, i)
					mu.Unlock()
					p.release()
				}
			})
			synctest.Wait() // it has joined the queue
		}
		wg.Wait()
		for i, got := range order {
			assert.Equal(t, i, got)
		}
		assert.Len(t, order, 30)
	})
}

func TestPacerFreesASlotWhenItsAnswerIsOld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, Window{1, 10 * time.Second})
		begin := time.Now()
		require.NoError(t, p.acquire(t.Context()))
		time.AfterFunc(25*time.Second, p.release) // a slow answer

		require.NoError(t, p.acquire(t.Context()))
		assert.Equal(t, 35*time.Second, time.Since(begin))
		p.release()
	})
}

func TestPacerGiveUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, Window{1, 10 * time.Second})
		require.NoError(t, p.acquire(t.Context()))
		p.release()
		begin := time.Now()

		var wg sync.WaitGroup
		wait := func(ctx context.Context, want error, at time.Duration) {
			wg.Go(func() {
				err := p.acquire(ctx)
				assert.ErrorIs(t, err, want)
				assert.Equal(t, at, time.Since(begin))
				if err == nil {
					p.release()
				}
			})
			synctest.Wait()
		}
		first, giveUpFirst := context.WithCancel(t.Context())
		third, giveUpThird := context.WithCancel(t.Context())
		wait(first, context.Canceled, 3*time.Second) // the first in the queue leaves
		wait(t.Context(), nil, 10*time.Second)       // and this one moves up
		wait(third, context.Canceled, 4*time.Second) // one in the middle leaves
		wait(t.Context(), nil, 20*time.Second)       // nobody else's place is lost
		soon, cancel := context.WithTimeout(t.Context(), 25*time.Second)
		defer cancel()
		wait(soon, context.DeadlineExceeded, 0) // 5th in the queue: not before 50 s, so not at all
		time.Sleep(3 * time.Second)
		giveUpFirst()
		time.Sleep(time.Second)
		giveUpThird()
		wg.Wait()
		assert.Empty(t, p.queue)
		assert.Zero(t, p.inFlight)
	})
}

// A deadline that seemed far enough turns out too short once the calls ahead
// took their time: the first in the queue gives up when that is certain.
func TestPacerGivesUpAsSoonAsItIsCertain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, Window{1, 10 * time.Second})
		require.NoError(t, p.acquire(t.Context()))
		time.AfterFunc(8*time.Second, p.release)
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		assert.ErrorIs(t, p.acquire(ctx), context.DeadlineExceeded)
		assert.Equal(t, 10*time.Second, time.Since(begin), "when it looked again, 18 s was the earliest")
	})
}

func TestPacerNeverSendsAfterTheEndOfTheContext(t *testing.T) {
	t.Parallel()
	p := newPacer(t, Window{1, time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, p.acquire(ctx), context.Canceled, "although a slot is free")
	assert.Zero(t, p.inFlight)
	assert.NoError(t, p.acquire(t.Context()))
}

func TestEveryAttemptTakesASlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var at, lasted []time.Duration
		cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
			at = append(at, time.Since(begin))
			return reply(503, ""), nil
		}))
		cfg.AttemptTimeout = time.Second // shorter than the queue, which does not count
		cfg.OnAttempt = func(_ context.Context, a Attempt) { lasted = append(lasted, a.Duration) }
		cfg.Pacer = newPacer(t, Window{1, 10 * time.Second})
		_, err := callKeyOp(t.Context(), newClient(t, cfg), Read)
		assert.Equal(t, 3, failed(t, err).Attempts)
		assert.Equal(t, []time.Duration{0, 10 * time.Second, 20 * time.Second}, at)
		assert.Equal(t, []time.Duration{0, 0, 0}, lasted)
	})
}

func TestPacerRemembersNoMoreThanMatters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(t, Window{1_000_000, 10 * time.Second}, Window{2_000_000, time.Second})
		for range 100 {
			require.NoError(t, p.acquire(t.Context()))
			p.release()
			time.Sleep(time.Second)
		}
		assert.Len(t, p.ended, 10)
	})
}

func TestSlotIsHeldUntilTheAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var at []time.Duration
		cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) {
			at = append(at, time.Since(begin))
			time.Sleep(3 * time.Second)
			return reply(429, ""), nil
		}))
		cfg.Pacer = newPacer(t, Window{1, 10 * time.Second})
		_, err := callKeyOp(t.Context(), newClient(t, cfg), Once)
		require.ErrorIs(t, err, ErrRateLimited)
		assert.Equal(t, []time.Duration{0, 13 * time.Second, 26 * time.Second}, at)
	})
}

func TestSlotIsGivenBackWhateverHappens(t *testing.T) {
	t.Parallel()
	cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) { panic("mine") }))
	cfg.Pacer = newPacer(t, Window{1, time.Hour})
	assert.Panics(t, func() { _, _ = callKeyOp(t.Context(), newClient(t, cfg), Once) })
	assert.Zero(t, cfg.Pacer.inFlight)
}

func TestPacerKeepsTheLastError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) { return reply(503, ""), nil }))
		cfg.Pacer = newPacer(t, Window{1, 10 * time.Second})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(4*time.Second, cancel)
		begin := time.Now()
		_, err := callKeyOp(ctx, newClient(t, cfg), Idempotent)
		e := failed(t, err)
		assert.Equal(t, 4*time.Second, time.Since(begin))
		assert.ErrorIs(t, err, ErrServer)
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, err, ErrUnknownOutcome)
		assert.Equal(t, 1, e.Attempts)
		assert.Contains(t, err.Error(), "no slot of the pacer came in time: context canceled")
	})
}

func TestPacerDeadlineBeforeTheFirstAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) { return reply(201, keyJSON), nil }))
		cfg.Pacer = newPacer(t, Window{1, 10 * time.Second})
		client := newClient(t, cfg)
		_, err := callKeyOp(t.Context(), client, Once)
		require.NoError(t, err)
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
		defer cancel()
		_, err = callKeyOp(ctx, client, Once)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, failed(t, err).Attempts)
		assert.Equal(t, NotApplied, failed(t, err).Outcome)
		assert.Zero(t, time.Since(begin), "decided before waiting")
	})
}

func TestPacerIsSharedBetweenClients(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		cfg := testConfig(roundTripper(func(*http.Request) (*http.Response, error) { return reply(201, keyJSON), nil }))
		cfg.Pacer = newPacer(t, Window{2, time.Second})
		one, two := newClient(t, cfg), newClient(t, cfg)
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() { _, err := callKeyOp(t.Context(), one, Once); assert.NoError(t, err) })
			wg.Go(func() { _, err := callKeyOp(t.Context(), two, Once); assert.NoError(t, err) })
		}
		wg.Wait()
		assert.Equal(t, 4*time.Second, time.Since(begin))
	})
}
