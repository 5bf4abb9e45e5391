package mockserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Phase is the side of the commit on which a [Fault] strikes.
type Phase uint8

const (
	// BeforeCommit strikes once the request has arrived whole, before the vendor
	// looks at it: nothing changes there, and not even the API key is checked.
	BeforeCommit Phase = iota
	// AfterCommit strikes when the vendor has carried the operation out and is
	// about to say so with a 2xx. A call that the vendor refuses is passed over
	// and counts neither for Skip nor for Times.
	AfterCommit
)

// String returns "before commit" or "after commit".
func (p Phase) String() string {
	switch p {
	case BeforeCommit:
		return "before commit"
	case AfterCommit:
		return "after commit"
	default:
		return fmt.Sprintf("Phase(%d)", uint8(p))
	}
}

// Wherever an operation is named, AnyOp stands for all of them, including
// requests that match none, and "junkie.*" for all of one vendor.
const (
	AnyOp  = "*"
	allOps = ".*"
)

// Fault is something that goes wrong for calls of an operation.
//
// Of several faults that fit a call the first injected one decides; those after
// it have not seen the call. Latency decides nothing: every one that fits adds
// its delay.
type Fault struct {
	Op    string // an operation's id, such as junkiemock.OpCreateKey, or a pattern; see [AnyOp]
	Phase Phase  // BeforeCommit unless set
	Do    Action
	Skip  int // so many calls pass unharmed first
	Times int // how many calls are hit; 0: all of them
}

// String describes the fault in a line.
func (f Fault) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %v on %s", f.Do, f.Phase, f.Op)
	if f.Skip > 0 {
		fmt.Fprintf(&b, ", skip %d", f.Skip)
	}
	if f.Times > 0 {
		fmt.Fprintf(&b, ", times %d", f.Times)
	}
	return b.String()
}

// Injection is a [Fault] in place.
type Injection struct {
	s     *Server
	fault Fault
	id    int
	told  *faultDocument // as the control plane was told; nil: by Inject
	seen  int
	hits  int
}

// maxSpent bounds how many faults are remembered that have hit all the calls
// they were to hit.
const maxSpent = 1000

// Inject puts a fault in place. A fault that could never strike as meant (an
// unknown operation, damage to an answer before there is one, a bad argument)
// is misuse: it ends the test of [RunT] at once, and panics elsewhere.
func (s *Server) Inject(f Fault) *Injection {
	i, mistakes := s.inject(f, nil)
	if len(mistakes) > 0 {
		texts := make([]string, 0, len(mistakes))
		for _, m := range mistakes {
			texts = append(texts, m.text)
		}
		s.helper()
		s.misuse("Inject: %s", strings.Join(texts, "\n"))
	}
	return i
}

func (s *Server) inject(f Fault, told *faultDocument) (*Injection, []mistake) {
	if mistakes := s.check(f); len(mistakes) > 0 {
		return nil, mistakes
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastFault++
	i := &Injection{s: s, fault: f, id: s.lastFault, told: told}
	s.faults = append(s.faults, i)
	return i, nil
}

// replace makes a fault, spent or not, another one in its place, which has seen
// no calls yet. The lock is held.
func (s *Server) replace(i *Injection, f Fault, told *faultDocument) {
	s.removeFault(func(other *Injection) bool { return other == i })
	i.fault, i.told, i.seen, i.hits = f, told, 0, 0
	at, _ := slices.BinarySearchFunc(s.faults, i.id, func(other *Injection, id int) int { return cmp.Compare(other.id, id) })
	s.faults = slices.Insert(s.faults, at, i)
}

// mistake is why a fault could never strike as meant.
type mistake struct {
	member string // that is wrong, as the control plane names it
	text   string
}

func (s *Server) check(f Fault) []mistake {
	var mistakes []mistake
	wrong := func(member, format string, args ...any) {
		mistakes = append(mistakes, mistake{member, fmt.Sprintf(format, args...)})
	}
	if known, ok := s.knows(f.Op); !ok {
		wrong("op", "no operation %q%s", core.Clip(f.Op, core.MaxName), core.DidYouMean(f.Op, known))
	}
	if f.Do.name == "" {
		wrong("action", "Do is empty; give it an action such as Status(503)")
	}
	if f.Do.err != nil {
		wrong("action", "%v: %v", f.Do, f.Do.err)
	}
	switch {
	case f.Phase > AfterCommit:
		wrong("phase", "%v is neither BeforeCommit nor AfterCommit", f.Phase)
	case f.Do.damages && f.Phase == BeforeCommit:
		wrong("phase", "%v makes something of a successful answer, and before the commit there is none; let it strike AfterCommit", f.Do)
	}
	if f.Skip < 0 {
		wrong("skip", "Skip %d must not be negative", f.Skip)
	}
	if f.Times < 0 {
		wrong("times", "Times %d must not be negative", f.Times)
	}
	return mistakes
}

// Hits returns how many calls the fault has hit.
func (i *Injection) Hits() int {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	return i.hits
}

// Remove takes the fault out of the way. A removed fault may have hit nothing.
func (i *Injection) Remove() {
	i.s.mu.Lock()
	defer i.s.mu.Unlock()
	i.s.removeFault(func(other *Injection) bool { return other == i })
}

// removeFault reports whether there was such a fault, spent or not. The lock is
// held.
func (s *Server) removeFault(it func(*Injection) bool) bool {
	before := len(s.faults) + len(s.spent)
	s.faults, s.spent = slices.DeleteFunc(s.faults, it), slices.DeleteFunc(s.spent, it)
	return len(s.faults)+len(s.spent) < before
}

// RemoveFaults takes every fault out of the way.
func (s *Server) RemoveFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults, s.spent = nil, nil
}

// unfired describes the faults that are still waiting for their first call.
func (s *Server) unfired() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var texts []string
	for _, i := range s.waiting() {
		texts = append(texts, fmt.Sprintf("fault never fired: %v (it saw %d calls)", i.fault, i.seen))
	}
	return texts
}

// waiting are the faults that have hit no call yet. The lock is held.
func (s *Server) waiting() (list []*Injection) {
	for _, i := range s.faults {
		if i.hits == 0 {
			list = append(list, i)
		}
	}
	return list
}

// strike is what the faults of one phase do to one call.
type strike struct {
	delay time.Duration
	act   Action // zero: nothing
	hits  []FaultHit
}

// errClosing says that an endpoint closed while a call hung.
var errClosing = errors.New("mockserver: the endpoint is closing")

// wait lets the delay pass, and a call that hangs to its end.
func (h strike) wait(ctx context.Context, quit <-chan struct{}) error {
	if err := wait(ctx, h.delay, quit); err != nil || !h.act.hang {
		return err
	}
	if ctx.Done() == nil && quit == nil {
		return errors.New("mockserver: Hang() on a request without an end: give its context a deadline or a cancel function, or the client a timeout")
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-quit:
		return errClosing
	}
}

// strike lets the faults of a phase see a call. The lock is held.
func (s *Server) strike(v *vendor, op string, phase Phase) strike {
	var hit strike
	if len(s.faults) == 0 {
		return hit
	}
	var spent []*Injection
	decided := false
	for _, i := range s.faults {
		if i.fault.Phase != phase || !matches(i.fault.Op, v.name, op) || decided && i.fault.Do.delay == 0 {
			continue
		}
		i.seen++
		if i.seen <= i.fault.Skip {
			continue
		}
		i.hits++
		if i.hits == i.fault.Times {
			spent = append(spent, i)
		}
		hit.hits = append(hit.hits, FaultHit{Phase: phase, Action: i.fault.Do.name})
		hit.delay += i.fault.Do.delay
		if i.fault.Do.delay == 0 {
			hit.act, decided = i.fault.Do, true
		}
	}
	if len(spent) > 0 {
		s.faults = slices.DeleteFunc(s.faults, func(i *Injection) bool { return slices.Contains(spent, i) })
		s.spent = append(s.spent, spent...)
		s.spent = slices.Delete(s.spent, 0, max(0, len(s.spent)-maxSpent))
	}
	return hit
}

// matches reports whether a pattern fits an operation of a vendor; op is empty
// for a request that matched none.
func matches(pattern, vendor, op string) bool {
	if prefix, ok := strings.CutSuffix(pattern, allOps); ok && prefix == vendor {
		return true
	}
	return pattern == AnyOp || pattern == op && op != ""
}
