package conformance

import (
	"context"
	"flag"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
)

// The soak is for those who do not believe the matrix. Many callers at once work
// through the real clients, half of them in process and half over the wire, on
// all four vendors of one server, while more than a third of the requests fail. Each
// caller writes down what it was told, and finds out about what it was not told
// as the manual says, under failures as well. Then notes, journal, ledger and
// state must agree exactly: what succeeded, was applied or was found to be has
// its effect exactly once, what was not applied has none, and no call that must not
// be delivered twice is sent again while it may have been done.
//
//	go test ./internal/conformance -run '^TestSoak$' -v -timeout 0 -soak.calls 1000000 -soak.seed 7
//
// What can be repeated: with one seed, number of callers and number of calls,
// every caller asks for the same things in the same order, meets the same failures
// at the same attempts, and is told the same, whichever way it goes. That holds
// because failures are drawn by caller, call and attempt (see soakWeather), because
// a failure hits the request it was drawn for (see soakGate), and because every
// caller has things of its own; TestSoakIsRepeatable compares two runs. What
// cannot: how callers interleave, and with it ids, keys, the numbers in the
// journal, the lengths of random waits and which key a license is drawn with.
//
// What is taken for granted: a vendor that refuses a request in its own words, its
// rate limit included, has not carried it out, and one that says in its own words
// that something is not there is right. Nobody could recover from a vendor that
// lies about that.
var (
	soakCalls   = flag.Int("soak.calls", 2400, "calls of the soak, those that find out about others apart")
	soakSeed    = flag.Uint64("soak.seed", 1, "what everything that is random in the soak is drawn from")
	soakRate    = flag.Float64("soak.rate", 0.3, "largest share of requests that fail in each phase of the soak: before they arrive, before the commit, after it")
	soakCallers = flag.Int("soak.callers", 24, "how many call at once in the soak")
)

// soakSize says how much a soak does.
type soakSize struct {
	calls, callers int
	seed           uint64
	rate           float64
}

const (
	soakRound    = 40               // calls of a caller until all is compared and begins anew, so that memory is bounded
	soakJournal  = 1 << 20          // entries; a round never has so many
	soakBeat     = 10 * time.Second // at every beat, all callers that are not busy call at once
	soakTries    = 100              // how often a caller tries to find out
	soakComplete = 2000             // calls among which every operation occurs
)

func TestSoak(t *testing.T) {
	t.Parallel()
	size := soakSize{*soakCalls, *soakCallers, *soakSeed, *soakRate}
	require.Positive(t, size.calls, "-soak.calls")
	require.Positive(t, size.callers, "-soak.callers")
	require.GreaterOrEqual(t, size.rate, 0.0, "-soak.rate")
	require.LessOrEqual(t, size.rate, 0.5, "-soak.rate: beyond that nobody finds out anything")
	began := time.Now()
	var s *soak
	synctest.Test(t, func(t *testing.T) {
		s = newSoak(t, size)
		s.run()
	})
	t.Logf("%s\nwall time                 %v", s.tally.String(), time.Since(began).Round(time.Millisecond))
	if t.Failed() {
		t.Logf("to repeat it: go test ./internal/conformance -run '^TestSoak$' -v -timeout 0 -soak.calls %d -soak.callers %d -soak.seed %d -soak.rate %v",
			size.calls, size.callers, size.seed, size.rate)
	}
	if size.calls >= soakComplete {
		for _, v := range matrices() {
			for _, op := range v.operations {
				assert.NotZero(t, s.tally.ops[v.name+"."+op.ID], "%s.%s is missing from the soak", v.name, op.ID)
			}
		}
	}
}

// Two runs with one seed tell every caller the same.
func TestSoakIsRepeatable(t *testing.T) {
	t.Parallel()
	size := soakSize{calls: 240, callers: 4, seed: *soakSeed, rate: 0.3}
	var diaries [2][]string
	for i := range diaries {
		synctest.Test(t, func(t *testing.T) {
			s := newSoak(t, size)
			s.keepDiaries()
			s.run()
			for _, c := range s.callers {
				diaries[i] = append(diaries[i], c.diary.String())
			}
		})
	}
	for i := range diaries[0] {
		assert.Equal(t, diaries[0][i], diaries[1][i], "caller %d", i)
	}
	size.seed++
	synctest.Test(t, func(t *testing.T) {
		s := newSoak(t, size)
		s.keepDiaries()
		s.run()
		assert.NotEqual(t, diaries[0][0], s.callers[0].diary.String(), "another seed")
	})
}

// soak is one run. It lives in a synctest bubble, so that nobody ever waits.
type soak struct {
	t       *testing.T
	size    soakSize
	server  *mockserver.Server
	rigs    []*rig // the ways to the server; callers take turns
	gates   map[string]*soakGate
	callers []*soakCaller
	begun   atomic.Int64 // calls, those that find out apart
	pool    string       // the policy of Keygen that all callers draw licenses from
	tally   *soakTally

	mu         sync.Mutex
	complaints int
}

func newSoak(t *testing.T, size soakSize) *soak {
	s := &soak{t: t, size: size, gates: map[string]*soakGate{}, tally: newSoakTally()}
	// Effects are compared by the names of their objects, which the journal would mask.
	s.server = mockserver.RunT(t, mockserver.WithStart(epoch), mockserver.WithJournal(soakJournal), mockserver.WithJournalSecrets())
	for _, w := range ways {
		r := w.make(t, s.server)
		r.Way = w.name
		r.serve(s.server)
		s.rigs = append(s.rigs, r)
	}
	for _, v := range matrices() {
		s.gates[v.name] = newSoakGate(s.server, v)
	}
	for id := range size.callers {
		s.callers = append(s.callers, newSoakCaller(s, id))
	}
	return s
}

// run makes all calls, round by round.
func (s *soak) run() {
	began := time.Now()
	for left := s.size.calls; left > 0 && !s.hopeless(); left -= soakRound * len(s.callers) {
		s.round(min(left, soakRound*len(s.callers)))
	}
	s.tally.virtual = time.Since(began)
}

// round lets the callers make so many calls, and compares what they were told with
// what has happened. Half-way, while nobody is calling, the clock jumps.
func (s *soak) round(calls int) {
	s.server.Reset()
	for _, gate := range s.gates {
		gate.arrivals = nil
	}
	for _, c := range s.callers {
		c.settleIn()
	}
	n := len(s.callers)
	for leg := range 2 {
		var all sync.WaitGroup
		for i, c := range s.callers {
			share := calls/n + one(i < calls%n)
			all.Go(func() { c.work((share + leg) / 2) })
		}
		all.Wait()
		s.server.Advance(25 * time.Hour)
	}
	synctest.Wait() // for the server's side of connections
	s.audit()
}

// maxComplaints bounds the report of a soak that fails.
const maxComplaints = 10

// complain fails the test.
func (s *soak) complain(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.complaints++; s.complaints <= maxComplaints {
		s.t.Errorf(format, args...)
	}
}

// hopeless reports whether enough has been complained about.
func (s *soak) hopeless() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.complaints > maxComplaints {
		s.t.Errorf("and %d complaints more", s.complaints-maxComplaints)
	}
	return s.complaints > 0
}

func (s *soak) keepDiaries() {
	for _, c := range s.callers {
		c.keepsDiary = true
	}
}

// soakTrip is one call on its way: what its context carries.
type soakTrip struct {
	note     *soakNote
	number   int  // of the call among those of its caller
	looking  bool // it finds out about another
	attempts int  // so far
	cancel   context.CancelFunc
}

type soakTripKey struct{}

func soakTripOf(ctx context.Context) *soakTrip { return ctx.Value(soakTripKey{}).(*soakTrip) }

func (t *soakTrip) String() string {
	what := ""
	if t.looking {
		what = ", finding out"
	}
	return fmt.Sprintf("call %d%s", t.number, what)
}
