package mockserver

import (
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
	seen  int
	hits  int
}

// Inject puts a fault in place. A fault that could never strike as meant (an
// unknown operation, damage to an answer before there is one, a bad argument)
// is misuse: it ends the test of [RunT] at once, and panics elsewhere.
func (s *Server) Inject(f Fault) *Injection {
	if err := s.check(f); err != nil {
		s.helper()
		s.misuse("Inject: %v", err)
	}
	i := &Injection{s: s, fault: f}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, i)
	return i
}

func (s *Server) check(f Fault) error {
	var errs []error
	if known, ok := s.knows(f.Op); !ok {
		errs = append(errs, fmt.Errorf("no operation %q%s", f.Op, core.DidYouMean(f.Op, known)))
	}
	if f.Do.name == "" {
		errs = append(errs, errors.New("Do is empty; give it an action such as Status(503)"))
	}
	if f.Do.err != nil {
		errs = append(errs, fmt.Errorf("%v: %w", f.Do, f.Do.err))
	}
	switch {
	case f.Phase > AfterCommit:
		errs = append(errs, fmt.Errorf("%v is neither BeforeCommit nor AfterCommit", f.Phase))
	case f.Do.damages && f.Phase == BeforeCommit:
		errs = append(errs, fmt.Errorf("%v makes something of a successful answer, and before the commit there is none; use Phase: AfterCommit", f.Do))
	}
	if f.Skip < 0 || f.Times < 0 {
		errs = append(errs, fmt.Errorf("Skip %d and Times %d must not be negative", f.Skip, f.Times))
	}
	return errors.Join(errs...)
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
	i.s.faults = slices.DeleteFunc(i.s.faults, func(other *Injection) bool { return other == i })
}

// RemoveFaults takes every fault out of the way.
func (s *Server) RemoveFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// unfired describes the faults that are still waiting for their first call.
func (s *Server) unfired() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var texts []string
	for _, i := range s.faults {
		if i.hits == 0 {
			texts = append(texts, fmt.Sprintf("fault never fired: %v (it saw %d calls)", i.fault, i.seen))
		}
	}
	return texts
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
	decided, spent := false, false
	for _, i := range s.faults {
		if i.fault.Phase != phase || !matches(i.fault.Op, v.name, op) || decided && i.fault.Do.delay == 0 {
			continue
		}
		i.seen++
		if i.seen <= i.fault.Skip {
			continue
		}
		i.hits++
		spent = spent || i.hits == i.fault.Times
		hit.hits = append(hit.hits, FaultHit{Phase: phase, Action: i.fault.Do.name})
		hit.delay += i.fault.Do.delay
		if i.fault.Do.delay == 0 {
			hit.act, decided = i.fault.Do, true
		}
	}
	if spent {
		s.faults = slices.DeleteFunc(s.faults, func(i *Injection) bool { return i.fault.Times > 0 && i.hits == i.fault.Times })
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
