package luaprot

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// strict is a vendor that keeps the documented limits to the letter: it counts
// calls when they arrive, for the whole account, and refuses what is too much.
// It must live in a synctest bubble.
type strict struct {
	there, back time.Duration // how long a request and its answer travel
	serve       func(*http.Request) (*http.Response, error)

	mu       sync.Mutex
	arrivals []time.Time // of calls that were not refused
	callers  []string    // who made them, see ask
	refused  int
}

func (s *strict) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(s.there)
	if !s.arrive(req.URL.Query().Get("hwid")) {
		return saysAs(429, `{"success": false, "message": "Too many requests."}`)(sent{})
	}
	resp, err := s.serve(req)
	time.Sleep(s.back)
	return resp, err
}

// arrive counts a call, unless it is too much.
func (s *strict) arrive(caller string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for _, window := range []struct {
		calls int
		per   time.Duration
	}{{20, 10 * time.Second}, {60, 60 * time.Second}} {
		if n := len(s.arrivals); n >= window.calls && now.Sub(s.arrivals[n-window.calls]) < window.per {
			s.refused++
			return false
		}
	}
	s.arrivals, s.callers = append(s.arrivals, now), append(s.callers, caller)
	return true
}

// since returns when calls arrived, and how many at each time.
func (s *strict) since(began time.Time) map[time.Duration]int {
	at := map[time.Duration]int{}
	for _, arrival := range s.arrivals {
		at[arrival.Sub(began)]++
	}
	return at
}

// assertFair asserts that n callers came in the order of their numbers. Those
// that arrived at the same time have no order among them.
func (s *strict) assertFair(t *testing.T, n int) {
	t.Helper()
	at := map[string]time.Time{}
	for i, caller := range s.callers {
		at[caller] = s.arrivals[i]
	}
	if !assert.Len(t, at, n) {
		return
	}
	for i := 1; i < n; i++ {
		before, after := at[strconv.Itoa(i-1)], at[strconv.Itoa(i)]
		assert.False(t, after.Before(before), "caller %d came %v before the one that had come first", i, before.Sub(after))
	}
}

func noKeys(*http.Request) (*http.Response, error) {
	return says(200, `{"success": true, "keys": [], "totalKeys": 0}`)(sent{})
}

func clientOf(t *testing.T, vendor http.RoundTripper, pacing *Pacing) *Client {
	t.Helper()
	client, err := New(Config{APIKey: testAPIKey, HTTPClient: &http.Client{Transport: vendor}, Pacing: pacing})
	require.NoError(t, err)
	return client
}

// ask makes a call that carries a number.
func ask(ctx context.Context, client *Client, n int) error {
	_, err := client.Keys.List(ctx, ListKeysParams{HWID: strconv.Itoa(n)})
	return err
}

// release makes n calls at one moment, but one after the other, so that their
// order of arrival at the pacer is known. It returns when all have ended.
func release(t *testing.T, n int, client func(i int) *Client) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { assert.NoError(t, ask(t.Context(), client(i), i)) })
		synctest.Wait() // it is on its way, or in the queue
	}
	wg.Wait()
}

// Answers that take no time:
//
//	0 s, 10 s, 20 s: 20 each, which makes 60 in the minute
//	60 s, 70 s, 80 s: 20 each, when those of 0 s, 10 s and 20 s are a minute old
//	120 s: the last one
func Test121ConcurrentCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &strict{serve: noKeys}
		client := clientOf(t, v, nil)
		began := time.Now()
		release(t, 121, func(int) *Client { return client })

		assert.Equal(t, 120*time.Second, time.Since(began))
		assert.Zero(t, v.refused)
		v.assertFair(t, 121)
		assert.Equal(t, map[time.Duration]int{
			0: 20, 10 * time.Second: 20, 20 * time.Second: 20,
			60 * time.Second: 20, 70 * time.Second: 20, 80 * time.Second: 20,
			120 * time.Second: 1,
		}, v.since(began))
	})
}

// Requests that travel for 300 ms and answers for 200 ms. A slot is free again
// when its window has passed since the answer, half a second after sending:
//
//	sent at 0 s, 10.5 s, 21 s: 20 each, answered half a second later
//	sent at 60.5 s, 71 s, 81.5 s: 20 each, a minute after those answers
//	sent at 121 s: the last one, answered at 121.5 s
func Test121ConcurrentCallsOverASlowNetwork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &strict{there: 300 * time.Millisecond, back: 200 * time.Millisecond, serve: noKeys}
		client := clientOf(t, v, nil)
		began := time.Now()
		release(t, 121, func(int) *Client { return client })

		assert.Equal(t, 121500*time.Millisecond, time.Since(began))
		assert.Zero(t, v.refused)
		v.assertFair(t, 121)
		assert.Equal(t, map[time.Duration]int{
			300 * time.Millisecond: 20, 10800 * time.Millisecond: 20, 21300 * time.Millisecond: 20,
			60800 * time.Millisecond: 20, 71300 * time.Millisecond: 20, 81800 * time.Millisecond: 20,
			121300 * time.Millisecond: 1,
		}, v.since(began))
	})
}

// What the strict vendor does to a client that does not pace itself; were it
// lenient, the tests above would prove nothing.
func TestWithoutPacingTheVendorRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &strict{serve: noKeys}
		client, err := New(Config{APIKey: testAPIKey, HTTPClient: &http.Client{Transport: v}, Pacing: NoPacing(), Retry: RetryPolicy{MaxAttempts: 1}})
		require.NoError(t, err)
		for i := range 21 {
			err = ask(t.Context(), client, i)
		}
		assert.ErrorIs(t, err, ErrRateLimited)
		assert.Equal(t, 1, v.refused)

		waiting := clientOf(t, v, NoPacing())
		began := time.Now()
		assert.NoError(t, ask(t.Context(), waiting, 21), "waits for the vendor's window instead")
		assert.Equal(t, 10*time.Second, time.Since(began))
	})
}

func TestPacingWithOtherWindows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &strict{serve: noKeys}
		client := clientOf(t, v, NewPacing(Window{Calls: 5, Per: 10 * time.Second}))
		began := time.Now()
		release(t, 11, func(int) *Client { return client })
		v.assertFair(t, 11)
		assert.Equal(t, map[time.Duration]int{0: 5, 10 * time.Second: 5, 20 * time.Second: 1}, v.since(began))
	})
}

// One at a time, so that each has an order before the next.
func TestPacingIsFairToEachCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &strict{serve: noKeys}
		pacing := NewPacing(Window{Calls: 1, Per: time.Second})
		clients := []*Client{clientOf(t, v, pacing), clientOf(t, v, pacing), clientOf(t, v, pacing)}
		began := time.Now()
		release(t, 50, func(i int) *Client { return clients[i%3] })
		assert.Equal(t, 49*time.Second, time.Since(began))
		v.assertFair(t, 50)
	})
}

// Two clients with one Pacing are one to the vendor; with one each they are too
// much for it.
func TestTwoClientsShareAPacing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &strict{serve: noKeys}
		pacing := NewPacing()
		clients := []*Client{clientOf(t, v, pacing), clientOf(t, v, pacing)}
		began := time.Now()
		release(t, 121, func(i int) *Client { return clients[i%2] })
		assert.Equal(t, 120*time.Second, time.Since(began))
		assert.Zero(t, v.refused)
		v.assertFair(t, 121)
	})
	synctest.Test(t, func(t *testing.T) {
		v := &strict{serve: noKeys}
		clients := []*Client{clientOf(t, v, nil), clientOf(t, v, nil)}
		release(t, 22, func(i int) *Client { return clients[i%2] })
		assert.Equal(t, 2, v.refused)
	})
}

// A call that comes too late for its context is not sent, and keeps nobody
// back.
func TestPacingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &strict{serve: noKeys}
		client := clientOf(t, v, nil)
		release(t, 20, func(int) *Client { return client })
		ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
		defer cancel()
		began := time.Now()
		e := errorOf(t, ask(ctx, client, 20))
		assert.ErrorIs(t, e, context.DeadlineExceeded)
		assert.Zero(t, e.Attempts)
		assert.Zero(t, time.Since(began), "known at once")
		assert.NoError(t, ask(t.Context(), client, 21))
		assert.Equal(t, 10*time.Second, time.Since(began))
	})
}

// 3,000 keys are 120 pages of 25, and 120 calls one after the other take, by
// the same account as above, 80 s: the 120th is the last of those that go at
// 80 s. No client can be faster.
func TestExportInTheShortestTimeThereIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const keys, perPage = 3000, 25
		v := &strict{serve: func(req *http.Request) (*http.Response, error) {
			page, err := strconv.Atoi(req.URL.Query().Get("page"))
			require.NoError(t, err)
			var texts []string
			for i := (page - 1) * perPage; i < min(page*perPage, keys); i++ {
				texts = append(texts, fmt.Sprintf(`{"key": "%024x"}`, i))
			}
			return says(200, fmt.Sprintf(`{"success": true, "keys": [%s], "limitPerPage": %d, "totalPages": %d, "totalKeys": %d}`,
				strings.Join(texts, ","), perPage, keys/perPage, keys))(sent{})
		}}
		client := clientOf(t, v, nil)
		began := time.Now()
		seen := map[string]bool{}
		for key, err := range client.Keys.All(t.Context(), ListKeysParams{}) {
			require.NoError(t, err)
			seen[key.Value] = true
		}
		assert.Len(t, seen, keys)
		assert.Len(t, v.arrivals, 120)
		assert.Zero(t, v.refused)
		assert.Equal(t, 80*time.Second, time.Since(began))
	})
}
