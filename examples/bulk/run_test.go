package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

const (
	created = "keygen." + keygenmock.EffectLicenseCreated
	before  = mockserver.BeforeCommit
	after   = mockserver.AfterCommit
)

// stage is a seller, and all that happens to it.
type stage struct {
	*testing.T
	server    *mockserver.Server
	client    *keygen.Client
	transport http.RoundTripper // in place of the mock's; nil = that
	pacer     *Pacer
	workers   int
	path      string
	orders    []Order
	failures  map[string]error // of the last run, by order
	said      []string
	wrap      func(save func(...Issued) error) func(...Issued) error // what befalls the disk; nil = nothing
}

// inVirtualTime runs a test with a seller who has so many orders.
func inVirtualTime(t *testing.T, orders int, test func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{T: t, server: mockserver.RunT(t), workers: 1, path: filepath.Join(folder(t), "licenses.csv")}
		s.server.Keygen().AddPolicy(keygenmock.Policy{ID: policyA, Duration: 30 * day})
		for n := range orders {
			s.orders = append(s.orders, Order{Line: n + 2, ID: strconv.Itoa(1001 + n), PolicyID: policyA})
		}
		test(s)
	})
}

// run is a new program, of which nothing is left but its file of licenses.
func (s *stage) run(ctx, stop context.Context) (Tally, error) {
	s.Helper()
	output := openOutput(s.T, s.path)
	defer output.Close()
	s.pacer = &Pacer{Reserve: s.workers}
	http := s.server.Client()
	if s.transport != nil {
		http.Transport = s.transport
	}
	var err error
	s.client, err = keygen.New(keygen.Config{
		Account: s.server.Keygen().Account(), Credential: keygen.Token(s.server.Keygen().Token()),
		HTTPClient: http, OnAttempt: s.pacer.Seen,
	})
	require.NoError(s, err)
	wanted, err := undone(s.orders, output, s.server.Keygen().AccountID())
	require.NoError(s, err)
	s.failures, s.said = map[string]error{}, nil
	save := output.Append
	if s.wrap != nil {
		save = s.wrap(save)
	}
	done := 0
	run := &Run{
		Licenses: s.client.Licenses, AccountID: s.server.Keygen().AccountID(), Workers: s.workers, Pacer: s.pacer,
		Save:     save,
		Fail:     func(order Order, err error) error { s.failures[order.ID] = err; return nil },
		Progress: func(more int) { done += more },
		Say:      func(format string, args ...any) { s.said = append(s.said, fmt.Sprintf(format, args...)) },
	}
	tally, err := run.Do(ctx, stop, wanted)
	assert.Equal(s, len(wanted), tally.Issued+tally.Found+tally.Failed+tally.Left)
	assert.Equal(s, tally.Issued+tally.Found+tally.Failed, done)
	assert.Len(s, s.failures, tally.Failed)
	return tally, err
}

// toTheEnd is a run that is not stopped and has nothing left to do.
func (s *stage) toTheEnd() Tally {
	s.Helper()
	s.wrap = nil
	tally, err := s.run(s.Context(), s.Context())
	require.NoError(s, err)
	require.Zero(s, tally.Left)
	return tally
}

func (s *stage) inject(op string, phase mockserver.Phase, do mockserver.Action, skip int) {
	s.Helper()
	s.server.Inject(mockserver.Fault{Op: op, Phase: phase, Do: do, Skip: skip, Times: 1})
}

// oneEach asserts that each order has one license, which is the one in the file.
func (s *stage) oneEach() {
	s.Helper()
	s.server.AssertEffects(s, len(s.orders), created)
	licenses := s.server.Keygen().Licenses()
	require.Len(s, licenses, len(s.orders))
	output := openOutput(s.T, s.path)
	defer output.Close()
	require.Equal(s, len(s.orders)+1, bytes.Count([]byte(contentOf(s.T, s.path)), []byte("\n")), "one line for each")
	byName := map[string]keygenmock.License{}
	for _, license := range licenses {
		byName[license.Name] = license
	}
	for _, order := range s.orders {
		row, done := output.Row(order.ID)
		require.True(s, done, order.ID)
		license, there := byName["order "+order.ID]
		require.True(s, there, order.ID)
		require.Equal(s, license.ID, row.LicenseID)
		require.Equal(s, license.Key, row.Key)
		require.True(s, license.Expiry.Truncate(time.Second).Equal(row.Expires.Truncate(time.Second)), "%v %v", license.Expiry, row.Expires)
	}
}

func TestFiveThousand(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, 5000, func(s *stage) {
		s.workers = 8
		assert.Equal(s, Tally{Issued: 5000}, s.toTheEnd())
		s.oneEach()
		s.server.AssertCalls(s, 5000, keygenmock.OpCreateLicense)
		s.server.AssertCalls(s, 1, keygenmock.OpListLicenses)
		assert.Equal(s, Tally{}, s.toTheEnd())
		s.server.AssertCalls(s, 5000, keygenmock.OpCreateLicense)
	})
}

func TestWhatOrdersAskFor(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, 0, func(s *stage) {
		s.server.Keygen().AddPolicy(keygenmock.Policy{ID: policyB, Pooled: true})
		s.server.Keygen().AddKey(keygenmock.Key{PolicyID: policyB, Key: "POOL-0001"})
		s.orders = []Order{
			{ID: "1041", PolicyID: policyA},
			{ID: "1042", PolicyID: policyA, Validity: 365 * day, Key: "OLD-KEY-1"},
			{ID: "1043", PolicyID: policyB},
		}
		start := time.Now()
		assert.Equal(s, Tally{Issued: 3}, s.toTheEnd())
		s.oneEach()
		output := openOutput(s.T, s.path)
		for id, want := range map[string]Issued{
			"1041": {Expires: start.Add(30 * day)},
			"1042": {Expires: start.Add(365 * day), Key: "OLD-KEY-1"},
			"1043": {Key: "POOL-0001"},
		} {
			row, _ := output.Row(id)
			assert.WithinDuration(s, want.Expires, row.Expires, time.Second)
			if want.Key != "" {
				assert.Equal(s, want.Key, row.Key)
			}
		}
	})
}

// Whatever becomes of an answer, the run comes to its end by itself, and there is
// one license for each order.
func TestALostAnswerCostsNoSecondLicense(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		phase mockserver.Phase
		do    mockserver.Action
	}{
		"reset before the commit":     {before, mockserver.ConnReset()},
		"reset after it":              {after, mockserver.ConnReset()},
		"closed before it":            {before, mockserver.ConnClose()},
		"closed after it":             {after, mockserver.ConnClose()},
		"never answered":              {before, mockserver.Hang()},
		"never answered, but done":    {after, mockserver.Hang()},
		"failed":                      {before, mockserver.Status(http.StatusInternalServerError)},
		"failed, but done":            {after, mockserver.Status(http.StatusBadGateway)},
		"cut off":                     {after, mockserver.CutBody()},
		"no JSON":                     {after, mockserver.GarbageBody()},
		"a page of a proxy":           {before, mockserver.HTMLPage(http.StatusGatewayTimeout)},
		"a page of a proxy, but done": {after, mockserver.HTMLPage(http.StatusOK)},
		"refused for a moment":        {before, mockserver.RateLimited(30 * time.Second)},
		"in conflict with others":     {before, mockserver.Status(http.StatusConflict)},
	} {
		for skip := range 4 {
			t.Run(fmt.Sprint(name, ", order ", skip), func(t *testing.T) {
				t.Parallel()
				inVirtualTime(t, 4, func(s *stage) {
					s.workers = 1 + skip%2
					s.inject(keygenmock.OpCreateLicense, c.phase, c.do, skip)
					tally := s.toTheEnd()
					assert.Equal(s, 4, tally.Issued+tally.Found)
					s.oneEach()
				})
			})
		}
	}
}

// An answer that is lost, and a vendor that cannot be asked: what is not known is
// looked up before anything is issued again.
func TestLostAnswersAreLookedUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		phase mockserver.Phase
		want  Tally
		calls int
	}{
		"before the commit": {before, Tally{Issued: 3}, 4},
		"after it":          {after, Tally{Issued: 2, Found: 1}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, 3, func(s *stage) {
				start := time.Now()
				s.inject(keygenmock.OpCreateLicense, c.phase, mockserver.ConnReset(), 1)
				s.server.Inject(mockserver.Fault{Op: keygenmock.OpGetLicense, Do: mockserver.ConnReset(), Times: 3})
				assert.Equal(s, c.want, s.toTheEnd())
				assert.Len(s, s.said, 1)
				assert.GreaterOrEqual(s, time.Since(start), time.Minute, "the vendor has had its time")
				s.server.AssertCalls(s, c.calls, keygenmock.OpCreateLicense)
				s.oneEach()
			})
		})
	}
}

func TestAnAnswerThatIsLostAgain(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, 3, func(s *stage) {
		down := s.server.Inject(mockserver.Fault{Op: keygenmock.OpCreateLicense, Phase: before, Do: mockserver.ConnReset(), Skip: 2})
		tally, err := s.run(s.Context(), s.Context())
		require.NoError(s, err)
		assert.Equal(s, Tally{Issued: 2, Failed: 1}, tally)
		require.ErrorIs(s, s.failures["1003"], errMidway)
		down.Remove()
		assert.Equal(s, Tally{Issued: 1}, s.toTheEnd())
		s.oneEach()
	})
}

var errCrash = errors.New("crash")

// dying is a disk that takes so many more writes, and one more of which the program
// does not learn if it dies late.
func dying(writes int, late bool) func(func(...Issued) error) func(...Issued) error {
	return func(save func(...Issued) error) func(...Issued) error {
		return func(rows ...Issued) error {
			if writes--; writes >= 0 {
				return save(rows...)
			}
			if late && writes == -1 {
				if err := save(rows...); err != nil {
					return err
				}
			}
			return errCrash
		}
	}
}

// The program dies between a call and the disk, or right after it, again and again.
func TestCrashes(t *testing.T) {
	t.Parallel()
	for _, late := range []bool{false, true} {
		for writes := range 6 {
			for workers := 1; workers <= 3; workers += 2 {
				t.Run(fmt.Sprintf("late: %v, writes: %d, workers: %d", late, writes, workers), func(t *testing.T) {
					t.Parallel()
					inVirtualTime(t, 12, func(s *stage) {
						s.workers = workers
						for range 2 {
							s.wrap = dying(writes, late)
							tally, err := s.run(s.Context(), s.Context())
							if tally.Left > 0 {
								require.ErrorIs(s, err, errCrash)
							}
						}
						s.toTheEnd()
						s.oneEach()
					})
				})
			}
		}
	}
}

// The program dies when an answer has got lost as well.
func TestCrashesInTheMiddleOfACall(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		phase mockserver.Phase
		do    mockserver.Action
		found int
	}{
		"never answered":                      {before, mockserver.Hang(), 0},
		"never answered, but done":            {after, mockserver.Hang(), 1},
		"slow":                                {before, mockserver.Latency(time.Minute), 0},
		"slow, but done":                      {after, mockserver.Latency(time.Minute), 1},
		"reset, and waiting for another look": {before, mockserver.ConnReset(), 0},
	} {
		for skip := range 3 {
			t.Run(fmt.Sprint(name, ", order ", skip), func(t *testing.T) {
				t.Parallel()
				inVirtualTime(t, 3, func(s *stage) {
					s.inject(keygenmock.OpCreateLicense, c.phase, c.do, skip)
					ctx, kill := context.WithTimeout(s.Context(), time.Second)
					defer kill()
					tally, err := s.run(ctx, ctx)
					require.ErrorIs(s, err, errStopped)
					assert.Positive(s, tally.Left)
					tally = s.toTheEnd()
					assert.Equal(s, c.found, tally.Found)
					s.oneEach()
				})
			})
		}
	}
}

// late is a network that tells the program that a call failed, and delivers it later.
type late struct {
	http.RoundTripper
	wanted func(*http.Request) bool
	kept   *http.Request
}

func (l *late) RoundTrip(req *http.Request) (*http.Response, error) {
	if l.kept == nil && l.wanted(req) {
		l.kept = req.Clone(context.WithoutCancel(req.Context()))
		l.kept.Body, _ = req.GetBody()
		return nil, syscall.ECONNRESET
	}
	return l.RoundTripper.RoundTrip(req)
}

// deliver lets the vendor have the call after all, and returns its status.
func (l *late) deliver(t *testing.T) int {
	t.Helper()
	resp, err := l.RoundTripper.RoundTrip(l.kept)
	require.NoError(t, err)
	defer resp.Body.Close()
	return resp.StatusCode
}

func isCreate(req *http.Request) bool { return req.Method == http.MethodPost }

// A vendor that is still at work on a call of a program that has died: whichever of
// the two calls comes first, the other makes no second license.
func TestAVendorThatIsStillAtWork(t *testing.T) {
	t.Parallel()
	for name, afterTheList := range map[string]bool{"the old call is last": false, "the old call comes between list and call": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, 1, func(s *stage) {
				s.orders[0].Key = "OLD-KEY-1" // which the vendor refuses for the key already
				network := &late{RoundTripper: s.server.Transport(), wanted: isCreate}
				s.transport = network
				ctx, kill := context.WithTimeout(s.Context(), time.Second)
				defer kill()
				_, err := s.run(ctx, ctx)
				require.ErrorIs(s, err, errStopped)
				s.server.AssertEffects(s, 0, created)

				want := Tally{Issued: 1}
				if afterTheList {
					want = Tally{Found: 1}
					s.transport = meddler{network, func(req *http.Request) {
						if isCreate(req) {
							assert.Equal(s, http.StatusCreated, network.deliver(s.T))
						}
					}}
				}
				assert.Equal(s, want, s.toTheEnd())
				if !afterTheList {
					assert.Equal(s, http.StatusUnprocessableEntity, network.deliver(s.T))
				}
				s.oneEach()
			})
		})
	}
}

// meddler does something before each call.
type meddler struct {
	http.RoundTripper
	meddle func(*http.Request)
}

func (m meddler) RoundTrip(req *http.Request) (*http.Response, error) {
	m.meddle(req)
	return m.RoundTripper.RoundTrip(req)
}

// A file of licenses that is lost is written again, and nothing is issued.
func TestAFileThatIsLost(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, 250, func(s *stage) {
		s.toTheEnd()
		s.path += ".new.csv"
		assert.Equal(s, Tally{Found: 250}, s.toTheEnd())
		s.oneEach()
		s.server.AssertCalls(s, 250, keygenmock.OpCreateLicense)
	})
}

// Ctrl-C, once: the calls under way are brought to their end and written down, and
// no others begin.
func TestInterruptedOnce(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, 10, func(s *stage) {
		s.workers = 2
		slow := s.server.Inject(mockserver.Fault{Op: keygenmock.OpCreateLicense, Do: mockserver.Latency(10 * time.Second)})
		start := time.Now()
		stop, cancel := context.WithTimeout(s.Context(), time.Second)
		defer cancel()
		tally, err := s.run(s.Context(), stop)
		require.ErrorIs(s, err, errStopped)
		assert.Equal(s, Tally{Issued: 2, Left: 8}, tally)
		assert.Equal(s, 10*time.Second, time.Since(start))
		s.server.AssertCalls(s, 2, keygenmock.OpCreateLicense)
		assert.Equal(s, 3, bytes.Count([]byte(contentOf(s.T, s.path)), []byte("\n")))
		slow.Remove()
		assert.Equal(s, Tally{Issued: 8}, s.toTheEnd())
		s.oneEach()
	})
}

// Twice: the calls are broken off. What became of them, the next run finds out.
func TestInterruptedTwice(t *testing.T) {
	t.Parallel()
	for phase, next := range map[mockserver.Phase]Tally{before: {Issued: 10}, after: {Issued: 8, Found: 2}} {
		t.Run(phase.String(), func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, 10, func(s *stage) {
				s.workers = 2
				slow := s.server.Inject(mockserver.Fault{Op: keygenmock.OpCreateLicense, Phase: phase, Do: mockserver.Latency(10 * time.Second)})
				start := time.Now()
				ctx, breakOff := context.WithTimeout(s.Context(), 2*time.Second)
				defer breakOff()
				stop, cancel := context.WithTimeout(ctx, time.Second)
				defer cancel()
				tally, err := s.run(ctx, stop)
				require.ErrorIs(s, err, errStopped)
				assert.Equal(s, Tally{Left: 10}, tally)
				assert.Equal(s, 2*time.Second, time.Since(start))
				slow.Remove()
				assert.Equal(s, next, s.toTheEnd())
				s.oneEach()
			})
		})
	}
}

// Whatever the run waits for, Ctrl-C ends it.
func TestInterruptedWhileItWaits(t *testing.T) {
	t.Parallel()
	interrupted := func(s *stage) Tally {
		start := time.Now()
		stop, cancel := context.WithTimeout(s.Context(), 10*time.Second)
		defer cancel()
		tally, err := s.run(s.Context(), stop)
		require.ErrorIs(s, err, errStopped)
		assert.Equal(s, 10*time.Second, time.Since(start))
		s.toTheEnd()
		s.oneEach()
		return tally
	}
	t.Run("for another look", func(t *testing.T) {
		t.Parallel()
		inVirtualTime(t, 3, func(s *stage) {
			s.inject(keygenmock.OpCreateLicense, before, mockserver.ConnReset(), 0)
			assert.Equal(s, Tally{Issued: 2, Left: 1}, interrupted(s))
		})
	})
	t.Run("for the rate limit", func(t *testing.T) {
		t.Parallel()
		inVirtualTime(t, 10, func(s *stage) {
			s.server.Keygen().SetRateLimit(keygenmock.RateWindow{Limit: 5, Per: time.Minute})
			assert.Equal(s, Tally{Issued: 4, Left: 6}, interrupted(s))
		})
	})
	t.Run("before it has begun", func(t *testing.T) {
		t.Parallel()
		inVirtualTime(t, 3, func(s *stage) {
			stop, cancel := context.WithCancel(s.Context())
			cancel()
			tally, err := s.run(s.Context(), stop)
			require.ErrorIs(s, err, errStopped)
			assert.Equal(s, Tally{Left: 3}, tally)
			s.server.AssertEffects(s, 0, created)
		})
	})
}

// Under a rate limit the workers wait instead of being refused, and waste little.
func TestARateLimit(t *testing.T) {
	t.Parallel()
	minute, second := keygenmock.RateWindow{Limit: 60, Per: time.Minute}, keygenmock.RateWindow{Limit: 20, Per: time.Second}
	for name, c := range map[string]struct {
		limits  []keygenmock.RateWindow
		refused int // of each worker in a minute; of two limits, the vendor tells one
	}{
		"one limit": {[]keygenmock.RateWindow{minute}, 0}, "two limits": {[]keygenmock.RateWindow{minute, second}, 1},
	} {
		for workers := 1; workers <= 5; workers++ {
			t.Run(fmt.Sprintf("%s, %d workers", name, workers), func(t *testing.T) {
				t.Parallel()
				inVirtualTime(t, 240, func(s *stage) {
					s.workers = workers
					s.server.Keygen().SetRateLimit(c.limits...)
					start := time.Now()
					assert.Equal(s, Tally{Issued: 240}, s.toTheEnd())
					s.oneEach()
					refused, minutes := 0, int(time.Since(start)/time.Minute)
					for _, call := range s.server.Calls() {
						if call.Status == http.StatusTooManyRequests {
							refused++
						}
					}
					assert.LessOrEqual(s, refused, c.refused*workers*minutes)
					assert.LessOrEqual(s, minutes, 5, "240 calls take 4 minutes at best")
				})
			})
		}
	}
}

// Others use the account as well: one call is refused, and all workers wait.
func TestARateLimitThatOthersUseUp(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, 20, func(s *stage) {
		s.workers = 4
		s.server.Inject(mockserver.Fault{Op: keygenmock.OpCreateLicense, Do: mockserver.Latency(time.Second)})
		s.inject(keygenmock.OpCreateLicense, before, mockserver.RateLimited(40*time.Second), 4)
		start := time.Now()
		assert.Equal(s, Tally{Issued: 20}, s.toTheEnd())
		assert.GreaterOrEqual(s, time.Since(start), 40*time.Second)
		s.server.AssertCalls(s, 21, keygenmock.OpCreateLicense)
		s.oneEach()
		early := 0
		for _, call := range s.server.Calls(keygenmock.OpCreateLicense) {
			if call.At.Before(start.Add(40 * time.Second)) {
				early++
			}
		}
		assert.LessOrEqual(s, early, 4+4+3, "those that were answered when it was, and no more")
	})
}

// What would meet every order stops the run, and is no failure of an order.
func TestWhatStopsTheRun(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   mockserver.Action
		kind error
	}{
		"a token that is revoked":        {mockserver.Status(http.StatusUnauthorized), keygen.ErrUnauthorized},
		"a token that may not":           {mockserver.Status(http.StatusForbidden), keygen.ErrForbidden},
		"a limit for the day":            {mockserver.Status(http.StatusPaymentRequired), keygen.ErrRateLimited},
		"a limit that would take an age": {mockserver.RateLimited(time.Hour), keygen.ErrRateLimited},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, 100, func(s *stage) {
				s.workers = 3
				slow := s.server.Inject(mockserver.Fault{Op: keygenmock.OpCreateLicense, Phase: after, Do: mockserver.Latency(time.Second)})
				fault := s.server.Inject(mockserver.Fault{Op: keygenmock.OpCreateLicense, Do: c.do, Skip: 10})
				tally, err := s.run(s.Context(), s.Context())
				require.ErrorIs(s, err, c.kind)
				assert.Equal(s, Tally{Issued: 10, Left: 90}, tally, "also those that were under way")
				slow.Remove()
				assert.LessOrEqual(s, fault.Hits(), 2*s.workers+1, "those that were under way")
				fault.Remove()
				assert.Equal(s, Tally{Issued: 90}, s.toTheEnd())
				s.oneEach()
			})
		})
	}
}

func TestAPoolThatIsEmpty(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, 5, func(s *stage) {
		s.server.Keygen().AddPolicy(keygenmock.Policy{ID: policyB, Pooled: true})
		for n := range s.orders {
			s.orders[n].PolicyID = policyB
		}
		fill := func(n int) {
			for range n {
				s.server.Keygen().AddKey(keygenmock.Key{PolicyID: policyB})
			}
		}
		fill(2)
		tally, err := s.run(s.Context(), s.Context())
		require.ErrorIs(s, err, keygen.ErrPoolEmpty)
		assert.Equal(s, Tally{Issued: 2, Left: 3}, tally)
		fill(3)
		assert.Equal(s, Tally{Issued: 3}, s.toTheEnd())
		s.oneEach()
	})
}

// A vendor that is down is not called for every order.
func TestAVendorThatIsDown(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]mockserver.Action{
		"failing": mockserver.Status(http.StatusServiceUnavailable), "resetting": mockserver.ConnReset(), "a proxy": mockserver.HTMLPage(http.StatusNotFound),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, 100, func(s *stage) {
				down := s.server.Inject(mockserver.Fault{Op: keygenmock.OpCreateLicense, Do: do, Skip: 5})
				tally, err := s.run(s.Context(), s.Context())
				require.ErrorContains(s, err, "calls have failed one after the other")
				assert.Equal(s, 5, tally.Issued)
				assert.LessOrEqual(s, len(s.server.Calls(keygenmock.OpCreateLicense)), 5+10+2, "and what was under way")
				down.Remove()
				assert.Equal(s, Tally{Issued: 95}, s.toTheEnd())
				s.oneEach()
			})
		})
	}
	t.Run("before anything is issued", func(t *testing.T) {
		t.Parallel()
		inVirtualTime(t, 3, func(s *stage) {
			s.server.Inject(mockserver.Fault{Op: keygenmock.OpListLicenses, Do: mockserver.Status(http.StatusServiceUnavailable)})
			tally, err := s.run(s.Context(), s.Context())
			require.ErrorContains(s, err, "no license was issued")
			assert.Equal(s, Tally{Left: 3}, tally)
			s.server.AssertCalls(s, 0, keygenmock.OpCreateLicense)
		})
	})
}

// What is wrong with one order is no reason to leave the others.
func TestOrdersThatFail(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, 6, func(s *stage) {
		s.server.Keygen().AddLicense(keygenmock.License{Key: "TAKEN-KEY"})
		s.orders[1].Key = "TAKEN-KEY"
		tally, err := s.run(s.Context(), s.Context())
		require.NoError(s, err)
		assert.Equal(s, Tally{Issued: 5, Failed: 1}, tally)
		require.ErrorIs(s, s.failures["1002"], keygen.ErrKeyTaken)

		s.orders[1].Key = "OWN-KEY"
		assert.Equal(s, Tally{Issued: 1}, s.toTheEnd(), "the row was mended")
		s.server.AssertEffects(s, 6+1, created)
	})
}

// An order that was changed after it had its license does not get another.
func TestOrdersThatWereChanged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Order)
		listed bool // among the licenses of the policy
		why    string
	}{
		"another policy": {func(o *Order) { o.PolicyID = policyB }, false, "it follows another policy"},
		"another key":    {func(o *Order) { o.Key = "OWN-KEY" }, true, "it has another key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, 2, func(s *stage) {
				s.server.Keygen().AddPolicy(keygenmock.Policy{ID: policyB})
				s.toTheEnd()
				s.path += ".new.csv" // else nobody would ask
				c.change(&s.orders[1])
				tally, err := s.run(s.Context(), s.Context())
				require.NoError(s, err)
				assert.Equal(s, Tally{Found: 1, Failed: 1}, tally)
				require.ErrorIs(s, s.failures["1002"], errForeign)
				require.ErrorContains(s, s.failures["1002"], c.why)
				s.server.AssertEffects(s, 2, created)
			})
		})
	}
}

// A disk that is full stops the run before it has issued much.
func TestADiskThatIsFull(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, 100, func(s *stage) {
		s.workers = 3
		var writes atomic.Int64
		s.wrap = func(save func(...Issued) error) func(...Issued) error {
			return func(rows ...Issued) error {
				if writes.Add(1) > 5 {
					return syscall.ENOSPC
				}
				return save(rows...)
			}
		}
		tally, err := s.run(s.Context(), s.Context())
		require.ErrorIs(s, err, syscall.ENOSPC)
		assert.Positive(s, tally.Left)
		found := len(s.server.Effects(created)) - tally.Issued
		assert.LessOrEqual(s, found, 2*s.workers+1, "those that were under way")
		assert.Equal(s, Tally{Found: found, Issued: tally.Left - found}, s.toTheEnd())
		s.oneEach()
	})
}
