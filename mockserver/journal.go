package mockserver

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Call is one entry of the journal: a request that reached a vendor, or an
// action of a vendor's Go API. Secrets in it are masked, however it is printed;
// see [Message].
type Call struct {
	Number    int           // counts requests and actions from 1, in order of arrival
	Vendor    string        // such as "junkie"
	Op        string        // operation or action; empty when the request matched no operation
	Method    string        // empty for an action
	Path      string        // the operation's path template; when there is none, what of the path as sent cannot be a secret
	At        time.Time     // virtual time of arrival
	Arrived   time.Time     // the process's time of arrival
	Duration  time.Duration // process time until the answer was handed over
	Status    int           // as sent to the caller; 0 when nothing was
	Committed bool          // the vendor carried it out, and if nothing interfered said so with a 2xx
	Delivery  Delivery
	Faults    []FaultHit // those that hit it, in order
	Rows      []string   // ids of the behaviours that decided the answer; see Server.Behaviours
	Effects   []Effect   // what it changed for good; an id that is a license key is masked, here but not in Server.Effects
	Findings  []string   // what was sent in vain or plainly wrong
	Request   Message    // empty for an action
	Answer    Message    // as sent to the caller; empty when nothing was
	Dropped   bool       // Request and Answer are no longer kept; see WithJournal
}

// FaultHit is a fault as it hit one call.
type FaultHit struct {
	Phase  Phase
	Action string // such as "ConnReset()"
}

// Delivery is what became of a vendor's answer.
type Delivery string

const (
	// Pending is a call without an answer yet.
	Pending Delivery = "pending"
	// Delivered is an answer that went out as the vendor gave it, though maybe late.
	Delivered Delivery = "delivered"
	// Damaged is an answer that a fault replaced or spoilt.
	Damaged Delivery = "damaged"
	// Lost is an answer that never went out: the connection ended first.
	Lost Delivery = "lost"
)

// String describes the call in a line.
func (c Call) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "#%d", c.Number)
	for _, part := range []string{c.Method, c.Path, c.Op} {
		if part != "" {
			b.WriteString(" " + part)
		}
	}
	b.WriteString(":")
	if c.Status != 0 {
		fmt.Fprintf(&b, " %d", c.Status)
	}
	if c.Committed {
		b.WriteString(" committed")
	}
	if c.Method != "" {
		b.WriteString(" " + string(c.Delivery))
	}
	for _, f := range c.Faults {
		fmt.Fprintf(&b, ", %v %s", f.Phase, f.Action)
	}
	return b.String()
}

// Journal returns what the journal holds, oldest first: requests that reached a
// vendor and actions of the vendors' Go APIs.
func (s *Server) Journal() []Call {
	return s.shown(s.pick(func(*entry) bool { return true }))
}

// Calls returns the requests in the journal, oldest first, of the operations
// named or of all. Every attempt of a client that retries is a call of its own.
// To mask what was said takes some microseconds for each; [Server.AssertCalls]
// and [Server.AwaitCalls] count without. An operation that does not exist is misuse.
func (s *Server) Calls(ops ...string) []Call {
	s.checkOps("Calls", ops)
	return s.shown(s.pick(wanted{ops: ops}.fits))
}

// ResetJournal empties the journal, so that a test can count from here on.
// Ledger and findings stay.
func (s *Server) ResetJournal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal = newJournal(s.journal.capacity, s.journal.last)
}

// maxListed bounds what a failed assertion shows.
const maxListed = 50

// AssertCalls fails the test unless exactly n requests of the operations named,
// or of all, have arrived. It also fails when some of them are no longer in the
// journal, since it could not show them; see [WithJournal].
func (s *Server) AssertCalls(t TB, n int, ops ...string) bool {
	t.Helper()
	s.checkOps("AssertCalls", ops)
	calls, evicted := s.look(wanted{ops: ops})
	what := oneOf(ops)
	if evicted > 0 {
		t.Errorf("mockserver: calls of %s: %d wanted, but the journal has dropped %d and kept %d; make room with WithJournal", what, n, evicted, len(calls))
		return false
	}
	if len(calls) == n {
		return true
	}
	var list strings.Builder
	for _, e := range calls[:min(len(calls), maxListed)] {
		fmt.Fprintf(&list, "\n  %v", s.outline(e))
	}
	t.Errorf("mockserver: calls of %s: %d wanted, %d arrived%s", what, n, len(calls), list.String())
	return false
}

// oneOf names operations in a sentence.
func oneOf(ops []string) string {
	if len(ops) == 0 {
		return "any operation"
	}
	return strings.Join(ops, ", ")
}

func (s *Server) checkOps(caller string, ops []string) {
	for _, op := range ops {
		if known, ok := s.knows(op); !ok {
			s.helper()
			s.misuse("%s: no operation %q%s", caller, op, core.DidYouMean(op, known))
		}
	}
}

// fitsAny reports whether one of the patterns fits; none at all fit everything.
func fitsAny(patterns []string, vendor, op string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return matches(p, vendor, op) })
}
