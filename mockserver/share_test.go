package mockserver

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// meeting is where reads wait for each other while they are answered.
type meeting struct {
	wanted, here atomic.Int32
	all          chan struct{}
	late         atomic.Bool
}

func newMeeting(n int32) *meeting {
	m := &meeting{all: make(chan struct{})}
	m.wanted.Store(n)
	return m
}

// join waits until all are there, for so long that nobody comes any more.
func (m *meeting) join() {
	if m.here.Add(1) == m.wanted.Load() {
		close(m.all)
	}
	select {
	case <-m.all:
	case <-time.After(10 * time.Second):
		m.late.Store(true)
	}
}

// TestReadsAreAnsweredSideBySide has four of them meet within the world, over
// either transport.
func TestReadsAreAnsweredSideBySide(t *testing.T) {
	t.Parallel()
	s, shop := open(t)
	shop.Stock("pen")
	e, err := s.Listen("")
	require.NoError(t, err)
	m := newMeeting(4)
	shop.inside = m.join
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { assert.Equal(t, http.StatusOK, statusOf(s.Client(), shopHost+"/api/v1/items")) })
		all.Go(func() { assert.Equal(t, http.StatusOK, statusOf(http.DefaultClient, e.base("shop")+"/items")) })
	}
	all.Wait()
	assert.False(t, m.late.Load(), "one waits for the other")
	s.AssertCalls(t, 4, opList)
	for _, c := range s.Calls(opList) {
		assert.Equal(t, Delivered, c.Delivery)
		assert.Equal(t, http.StatusOK, c.Status)
	}
}

func statusOf(client *http.Client, url string) int {
	resp, err := client.Get(url)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// crowd counts those who read at the same time.
type crowd struct{ here, most atomic.Int32 }

func (c *crowd) visit() {
	here := c.here.Add(1)
	for most := c.most.Load(); here > most && !c.most.CompareAndSwap(most, here); {
		most = c.most.Load()
	}
	for range 20 { // others have every chance to come
		runtime.Gosched()
	}
	c.here.Add(-1)
}

// TestReadsAreAloneWithWhatCountsThem: a fault or a rate limit has to see one call
// after the other.
func TestReadsAreAloneWithWhatCountsThem(t *testing.T) {
	t.Parallel()
	for name, arrange := range map[string]func(*Server, *shop) (refused int32){
		"fault": func(s *Server, _ *shop) int32 {
			s.Inject(Fault{Op: opList, Do: Status(503), Skip: 1, Times: 1})
			s.Inject(Fault{Op: opDelete, Do: Status(503)}) // which stays in place
			return 1
		},
		"rate limit": func(_ *Server, shop *shop) int32 {
			shop.Limit(true)
			return 0
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, shop := open(t, AllowFindings())
			want := arrange(s, shop)
			var c crowd
			shop.inside = c.visit
			var all sync.WaitGroup
			var refused atomic.Int32
			for range 8 {
				all.Go(func() {
					for range 50 {
						if statusOf(s.Client(), shopHost+"/api/v1/items") == http.StatusServiceUnavailable {
							refused.Add(1)
						}
					}
				})
			}
			all.Wait()
			s.RemoveFaults() // or the test would fail for the one that nobody met
			assert.Equal(t, int32(1), c.most.Load())
			assert.Equal(t, want, refused.Load())
		})
	}
}

// impatient is the context of a caller who gives up while others have their turn: as
// soon as the server looks with its lock.
type impatient struct {
	context.Context
	s       *Server
	givenUp *bool
}

func (c impatient) Err() error {
	if c.s.mu.TryLock() {
		c.s.mu.Unlock()
	} else {
		*c.givenUp = true
	}
	if *c.givenUp {
		return context.Canceled
	}
	return nil
}

// TestWhoGivesUpIsNotServed: what nobody waits for any longer is not carried out, be it
// a read or not.
func TestWhoGivesUpIsNotServed(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "POST"} {
		s, shop := open(t)
		shop.inside = func() { assert.Fail(t, "it is carried out") }
		req, err := http.NewRequestWithContext(impatient{t.Context(), s, new(bool)}, method, shopHost+"/api/v1/items", nil)
		require.NoError(t, err)
		_, err = s.Transport().RoundTrip(req)
		require.ErrorIs(t, err, context.Canceled)
		call := s.Calls()[0]
		assert.Equal(t, Lost, call.Delivery, method)
		assert.False(t, call.Committed, method)
	}
}

// TestAReadThatCrashesHoldsNobodyUp: whoever comes after it reads and writes as if it
// had never been.
func TestAReadThatCrashesHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	s, shop := open(t)
	shop.inside = func() { panic("the shop is on fire") }
	assert.PanicsWithValue(t, "the shop is on fire", func() { statusOf(s.Client(), shopHost+"/api/v1/items") })
	shop.inside = nil
	shop.Stock("pen")
	assert.Equal(t, http.StatusOK, statusOf(s.Client(), shopHost+"/api/v1/items"))
	calls := s.Calls(opList)
	assert.Equal(t, Pending, calls[0].Delivery)
	assert.Equal(t, Delivered, calls[1].Delivery)
}

// TestReadsAndWritesInTheJournal: writes are alone, whoever reads meanwhile, and the
// journal has every call whole and in order.
func TestReadsAndWritesInTheJournal(t *testing.T) {
	t.Parallel()
	s, shop := open(t)
	shop.inside = runtime.Gosched
	const callers, calls = 6, 60
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for i := range calls {
				switch i % 6 {
				case 0:
					shop.Stock(fmt.Sprint("item ", i))
				case 3:
					resp, err := s.Client().Post(shopHost+"/api/v1/items", "text/plain", strings.NewReader("item"))
					if assert.NoError(t, err) {
						assert.NoError(t, resp.Body.Close())
					}
				default:
					assert.Equal(t, http.StatusOK, statusOf(s.Client(), shopHost+"/api/v1/items"))
				}
			}
		})
	}
	all.Wait()
	journal := s.Journal()
	require.Len(t, journal, callers*calls)
	for i, call := range journal {
		assert.Equal(t, i+1, call.Number)
		assert.Equal(t, Delivered, call.Delivery)
		assert.Equal(t, call.Method != "", call.Answer.Body != "")
		if i > 0 {
			assert.False(t, call.At.Before(journal[i-1].At), "%v", call)
		}
	}
	s.AssertEffects(t, callers*calls/3, "item.created")
	assert.Equal(t, callers*calls/3, s.Decided("shop.create"))
}

// TestTheJournalIsReadMeanwhile: whoever looks sees calls as they were at one moment,
// although faults still hit them. The race detector sees whether that is so.
func TestTheJournalIsReadMeanwhile(t *testing.T) {
	t.Parallel()
	s, _ := open(t, AllowFindings(), WithJournal(20), WithLogger(slog.New(slog.NewTextHandler(io.Discard, nil))))
	var callers, all sync.WaitGroup
	for range 3 {
		callers.Go(func() {
			for i := range 50 {
				s.Inject(Fault{Op: opList, Do: Latency(time.Microsecond), Times: 1})
				s.Inject(Fault{Op: opList, Phase: AfterCommit, Do: CutBody(), Times: 1})
				statusOf(s.Client(), shopHost+"/api/v1/items?%zz")
				s.RemoveFaults()
				statusOf(s.Client(), fmt.Sprint(shopHost, "/api/v1/goods/", i))
			}
		})
	}
	var over atomic.Bool
	all.Go(func() {
		for !over.Load() {
			for _, c := range s.Journal() {
				assert.Equal(t, c.Status != 0, c.Delivery != Pending, "%v", c)
			}
		}
	})
	callers.Wait()
	over.Store(true)
	all.Wait()
}
