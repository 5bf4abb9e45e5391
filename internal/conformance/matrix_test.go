package conformance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/mockserver"
)

// The matrix calls every operation of every vendor under every hazard, once
// with the hazard on every attempt and once on the first alone, in process and
// over the wire. The number of attempts that the server saw, the ledger, and
// all that the caller is told must be what the policy's table says.

// matrices has one entry per vendor.
func matrices() []vendorMatrix {
	return []vendorMatrix{junkieMatrix(), luaprotMatrix(), keygenMatrix(), keycrateMatrix()}
}

// vendorMatrix is what the matrix has to know of a vendor.
type vendorMatrix struct {
	name       string
	operations []transport.Op
	kinds      []error // the vendor package's own names for the kinds of error
	// settles are the statuses of refusals that prove that an earlier attempt
	// took effect: the object is not there any more, or is there already.
	settles []int
	manual  string // address of the vendor's manual, which its words may name; "": they name none
	// windows are waited out, one after each attempt, if the vendor refuses for
	// its rate limit and does not say for how long; nil: the waits of any failure.
	windows []time.Duration
	// advised are the vendor's own waits between attempts, one more of which are
	// made than there are waits; nil: the policy that is usual here.
	advised []time.Duration

	// stage seeds the vendor's world and makes a client with these settings.
	stage func(t *testing.T, r *rig, s settings) stage
	// exhibits returns everything that knows a secret and may be printed all
	// the same: a configuration, a client, references to objects.
	exhibits func(t *testing.T, r *rig) (shown []any, secrets []string)
	// explain returns what the vendor's own error type says.
	explain func(error) (account, bool)
}

// attempts is how often a call is tried at most.
func (v vendorMatrix) attempts() int {
	if v.advised == nil {
		return maxAttempts
	}
	return len(v.advised) + 1
}

// stage is a world in which every operation can be called once.
type stage struct {
	drives  map[string]drive // how to call each operation, by its id
	secrets func() []string  // what no text may show, what the calls have made included
	named   []string         // ids that the paths of calls name, which no error may show
}

// settings are those of a client in the matrix.
type settings struct {
	maxResponseBytes int64
	noWaits          bool // waits of no length, where time is real
	logger           *slog.Logger
	onAttempt        func(step)
	witness          func(attempt any) // gets the vendor package's own Attempt
}

// step is what Config.OnAttempt tells.
type step struct {
	Op             string
	Number         int
	StatusCode     int
	Wait, Duration time.Duration
	Err            error
}

// account is what an error of a vendor package says in its fields.
type account struct {
	Op         string
	StatusCode int
	Attempts   int
	RetryAfter time.Duration
	Outcome    string
}

// drive is one operation and how to call it. Class, effects and answer come
// from what is known of the vendor, not from its OpenAPI document.
type drive struct {
	call    func(ctx context.Context) error // an error, or else it has checked the answer
	class   transport.Class
	status  int    // of success
	effect  string // the kinds of effects that one execution has, separated by blanks; "" for reads
	effects int    // how many of them
	answer  answerBody
	gone    bool   // the object is gone afterwards, and a second try that does not find it succeeds
	doubt   bool   // the objects are gone afterwards, and a second try that does not find all of them proves nothing
	recover string // what the caller is told to do after an unknown outcome

	// looks is the read with which the client finds out by itself what became of
	// a call: whether the object is there that has the id of the call, or, if
	// taken is set, whose the object is because of which a second try was refused.
	// "": that is left to the caller.
	looks string
	taken bool
}

// answerBody says what the body of a successful answer is good for.
type answerBody uint8

const (
	bodyNeeded answerBody = iota // though nothing in it is
	partNeeded                   // it must hold what the call is about
	bodyOptional
	bodyIgnored
	bodyless // success is 204, which has none
)

func (d drive) mayBeEmpty() bool  { return d.answer >= bodyOptional }
func (d drive) ignoresBody() bool { return d.answer == bodyIgnored }
func (d drive) needsNoPart() bool { return d.answer != partNeeded }

func TestMatrix(t *testing.T) {
	t.Parallel()
	seen := newMatrixRecord()
	t.Run("cells", func(t *testing.T) {
		for _, v := range matrices() {
			for _, op := range v.operations {
				for _, h := range hazards() {
					for _, once := range []bool{false, true} {
						virtual(t, cell{v, op, h, once}, seen)
					}
				}
			}
		}
	})
	seen.compare(t)
}

// TestMatrixOnLoopback goes over real connections, so that nothing hinges on a
// property of the imitations. Time is real here: no waits, and none asserted.
func TestMatrixOnLoopback(t *testing.T) {
	t.Parallel()
	for _, v := range matrices() {
		for _, op := range v.operations {
			for _, h := range hazards() {
				for _, once := range []bool{false, true} {
					if c := (cell{v, op, h, once}); c.anywhere() {
						onLoopback(t, c)
					}
				}
			}
		}
	}
}

// An operation without a drive would be missing from the matrix unnoticed, and
// one with another class than its drive has been forgotten in one place.
func TestMatrixKnowsEveryOperation(t *testing.T) {
	t.Parallel()
	for _, v := range matrices() {
		s := mockserver.RunT(t)
		r := inProcess(t, s)
		r.serve(s)
		drives := v.stage(t, r, settings{}).drives
		assert.Len(t, v.operations, len(drives), "%s: as many operations as drives", v.name)
		assert.Len(t, v.kinds, 9, "%s: kinds of error", v.name)
		for _, op := range v.operations {
			d, known := drives[op.ID]
			if !assert.True(t, known, "%s: %s has no drive in the matrix: give it one", v.name, op.ID) {
				continue
			}
			assert.Equal(t, d.class, op.Class, "%s: class of %s", v.name, op.ID)
			assert.Equal(t, d.class == transport.Read, d.effect == "", "%s: %s has an effect unless it is a read", v.name, op.ID)
			assert.Equal(t, d.class == transport.Read, d.recover == "", "%s: %s has a way out of an unknown outcome unless it is a read", v.name, op.ID)
			require.NoError(t, d.call(t.Context()), "%s: %s without any hazard", v.name, op.ID)
			s.AssertCalls(t, 1, v.name+"."+op.ID)
			if d.effect != "" {
				assert.Len(t, effectsOf(s, v.name+"."+op.ID), d.effects, "%s: effects of %s", v.name, op.ID)
			}
		}
	}
}

// cell is one operation under one hazard.
type cell struct {
	vendor vendorMatrix
	op     transport.Op
	hazard hazard
	once   bool // the hazard strikes the first attempt only
}

func (c cell) String() string {
	times := "every attempt"
	if c.once {
		times = "once"
	}
	return fmt.Sprintf("%s.%s/%s/%s", c.vendor.name, c.op.ID, c.hazard.name, times)
}

func (c cell) times() int {
	if c.once {
		return 1
	}
	return 0
}

// wait is how long the vendor makes a call wait after an attempt; 0: it does not
// say, and the client chooses.
func (c cell) wait(attempt int) time.Duration {
	unsaid := c.hazard.status == http.StatusTooManyRequests && c.hazard.retryAfter == 0
	if unsaid && len(c.vendor.windows) > 0 {
		return c.vendor.windows[min(attempt, len(c.vendor.windows))-1]
	}
	return c.hazard.retryAfter
}

// anywhere reports whether the cell can be tried where time is real.
func (c cell) anywhere() bool { return c.hazard.anywhere && c.wait(1) == 0 }

func virtual(t *testing.T, c cell, seen *matrixRecord) {
	n := func() *network { return &network{outage: c.hazard.outage, times: c.times()} }
	for i := range n().ways() {
		network := n()
		w := network.ways()[i]
		t.Run(c.String()+"/"+w.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mockserver.RunT(t, mockserver.WithStart(epoch))
				seen.add(t, c, w.name, c.run(t, s, w.make, network, settings{maxResponseBytes: maxAnswer}))
				network.closeIdle()
				synctest.Wait()
				assert.Zero(t, network.conns.open.Load(), "connections left of %d", network.conns.opened.Load())
			})
		})
	}
}

func onLoopback(t *testing.T, c cell) {
	t.Run(c.String(), func(t *testing.T) {
		t.Parallel()
		network := &network{outage: c.hazard.outage, times: c.times()}
		s := mockserver.RunT(t)
		c.run(t, s, network.loopback, network, settings{maxResponseBytes: maxAnswer, noWaits: true})
		network.assertNoneLeft(t)
	})
}

// result is what became of a cell.
type result struct {
	class    transport.Class
	attempts int
	lookups  int // calls that the client made by itself, to find out what became of this one
	err      error
	outcome  string
	effects  int
	secrets  []string
}

// run makes one call and checks everything about it.
func (c cell) run(t *testing.T, s *mockserver.Server, make func(*testing.T, *mockserver.Server) *rig, n *network, set settings) result {
	var steps []step
	set.onAttempt = func(a step) { steps = append(steps, a) }
	r := make(t, s)
	r.serve(s)
	scene := c.vendor.stage(t, r, set)
	d, known := scene.drives[c.op.ID]
	require.True(t, known, "%s has no drive in the matrix", c.op.ID)
	name := c.vendor.name + "." + c.op.ID
	c.hazard = c.hazard.against(d)
	if c.hazard.outage == noOutage {
		s.Inject(mockserver.Fault{Op: name, Phase: c.hazard.phase, Do: c.hazard.action(d), Times: c.times()})
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if c.hazard.cancel {
		defer time.AfterFunc(patience, cancel).Stop()
	}
	started := time.Now()
	err := d.call(ctx)
	took := time.Since(started)

	want := c.hazard.expect(d, c.once, c.vendor.attempts())
	c.checkServer(t, s, n, name, d, want)
	tries, looks := c.checkSteps(t, d, steps, want)
	if !set.noWaits {
		c.checkTime(t, tries, took)
	}
	if want.succeeds {
		assert.NoError(t, err)
	} else {
		c.checkError(t, d, err, want)
		text := err.Error()
		if c.vendor.manual != "" {
			text = strings.ReplaceAll(text, c.vendor.manual, "")
		}
		assertShowsNone(t, append(scene.secrets(), scene.named...), text)
	}
	told, _ := c.vendor.explain(err)
	return result{d.class, len(tries), len(looks), err, told.Outcome, len(effectsOf(s, name)), scene.secrets()}
}

// effectsOf returns the entries of the ledger that an operation has made,
// whatever their kind.
func effectsOf(s *mockserver.Server, op string) []mockserver.Effect {
	return slices.DeleteFunc(s.Effects(), func(e mockserver.Effect) bool { return e.Op != op })
}

// checkServer asserts on what arrived and what it changed.
func (c cell) checkServer(t *testing.T, s *mockserver.Server, n *network, name string, d drive, want expectation) {
	arrivals := want.attempts
	if c.hazard.outage != noOutage {
		assert.EqualValues(t, want.attempts, n.tries.Load(), "connections asked for")
		arrivals = 0
		if want.succeeds {
			arrivals = 1
		}
	}
	s.AssertCalls(t, arrivals, name)
	if d.looks != "" {
		s.AssertCalls(t, want.lookups, c.vendor.name+"."+d.looks)
	}
	s.AssertCalls(t, arrivals+want.lookups) // and nothing else
	effects := effectsOf(s, name)
	assert.Len(t, effects, want.effects, "effects of %s", name)
	kinds, of, ids := strings.Fields(d.effect), map[string]int{}, map[string]bool{}
	for _, e := range effects {
		assert.Contains(t, kinds, e.Kind)
		assert.False(t, ids[e.Kind+e.ID], "%s twice on %s", e.Kind, e.ID)
		ids[e.Kind+e.ID] = true
		of[e.Kind]++
	}
	for _, kind := range kinds {
		assert.Equal(t, want.effects/len(kinds), of[kind], kind)
	}
}

// checkSteps asserts that the hook was told of every attempt, and then of what
// the client did to find out about the call.
func (c cell) checkSteps(t *testing.T, d drive, steps []step, want expectation) (tries, looks []step) {
	require.Len(t, steps, want.attempts+want.lookups, "attempts")
	tries, looks = steps[:want.attempts], steps[want.attempts:]
	for i, a := range tries {
		last := i == len(tries)-1
		assert.Equal(t, c.op.ID, a.Op)
		assert.Equal(t, i+1, a.Number)
		answered := last && want.succeeds && want.lookups == 0 && !c.settled(a)
		assert.Equal(t, answered, a.Err == nil, "attempt %d: %v", i+1, a.Err)
		if last {
			assert.Zero(t, a.Wait, "there is no next attempt to wait for")
		}
	}
	for _, a := range looks {
		assert.Equal(t, d.looks, a.Op)
		assert.Equal(t, want.succeeds, a.Err == nil, "%s: %v", a.Op, a.Err)
		assert.Equal(t, 1, a.Number)
	}
	return tries, looks
}

// settled reports whether an attempt was refused because of what an earlier one
// had done: a failure of its own, though the call succeeds.
func (c cell) settled(a step) bool {
	return a.Number > 1 && slices.Contains(c.vendor.settles, a.StatusCode)
}

// checkTime asserts that a call takes its attempts and the waits between them
// and no longer, that finding out takes no time where all goes well, and that the waits are those of the policy.
func (c cell) checkTime(t *testing.T, steps []step, took time.Duration) {
	var total time.Duration
	for i, a := range steps {
		total += a.Duration + a.Wait
		lasts := c.hazard.lasts
		if a.Err == nil || c.settled(a) {
			lasts = 0
		}
		assert.Equal(t, lasts, a.Duration, "duration of attempt %d", a.Number)
		switch bound := 250 * time.Millisecond << i; {
		case i == len(steps)-1:
		case c.wait(a.Number) > 0:
			assert.Equal(t, c.wait(a.Number), a.Wait, "the vendor's own wait")
		case c.vendor.advised != nil:
			advised := c.vendor.advised[i]
			assert.GreaterOrEqual(t, a.Wait, advised, "wait after attempt %d", a.Number)
			assert.LessOrEqual(t, a.Wait, advised+advised/4, "wait after attempt %d", a.Number)
		default:
			assert.Less(t, a.Wait, bound, "wait after attempt %d", a.Number)
			assert.GreaterOrEqual(t, a.Wait, time.Duration(0))
		}
	}
	assert.Equal(t, total, took, "the call takes as long as its attempts and waits")
}

// checkError asserts on what the caller is told.
func (c cell) checkError(t *testing.T, d drive, err error, want expectation) {
	require.Error(t, err)
	told, own := c.vendor.explain(err)
	require.True(t, own, "%T is not the vendor package's error", err)
	status, kinds, ends, cause := c.hazard.status, c.hazard.kinds, c.hazard.ends, c.hazard.cause
	switch {
	case want.missing: // what the last attempt was refused for is all that counts
		status, kinds, ends, cause = http.StatusNotFound, []error{transport.ErrNotFound}, nil, nil
	case status == success:
		status = d.status
	}
	assert.Equal(t, account{
		Op:         c.op.ID,
		StatusCode: status,
		Attempts:   want.attempts,
		RetryAfter: c.wait(want.attempts),
		Outcome:    want.outcome.String(),
	}, told)

	for _, kind := range c.vendor.kinds {
		matches := slices.Contains(kinds, kind)
		if kind == transport.ErrUnknownOutcome {
			matches = want.outcome == transport.Unknown
		}
		assert.Equal(t, matches, errors.Is(err, kind), "errors.Is(err, %q)", kind)
	}
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		assert.Equal(t, end == ends, errors.Is(err, end), "errors.Is(err, %q)", end)
	}
	if cause != nil {
		assert.True(t, cause(err), "the cause is not within reach")
	}
	assert.False(t, as[*url.Error](err), "an url.Error holds the URL, and the URL may hold a key")

	text := err.Error()
	assert.Contains(t, text, c.op.ID)
	assert.Contains(t, text, c.op.Path)
	assert.NotContains(t, text, "\n")
	switch want.outcome {
	case transport.NotApplied:
		remedy := c.hazard.remedy
		if wait := c.wait(want.attempts); wait > 0 {
			remedy = "try again in " + wait.String()
		}
		require.NotEmpty(t, remedy, "the matrix asks for no remedy")
		assert.Contains(t, text, remedy, "what to do")
	default:
		require.NotEmpty(t, d.recover, "the matrix asks for no way out")
		assert.Contains(t, text, d.recover, "how to find out")
	}
}
