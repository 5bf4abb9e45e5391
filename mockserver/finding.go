package mockserver

import (
	"fmt"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Finding is something that was sent in vain or plainly wrong: an unknown route,
// parameter or field, another host. It never changes an answer, since the vendor
// would not have told either.
type Finding struct {
	Vendor string    // empty when the request was for no vendor
	Op     string    // empty when the request matched no operation
	Text   string    // what was wrong
	At     time.Time // virtual time of the first occurrence
	Count  int       // how often it occurred
}

// String describes the finding in a line.
func (f Finding) String() string {
	text := f.Text
	for _, where := range []string{f.Op, f.Vendor} {
		if where != "" {
			text = where + ": " + text
			break
		}
	}
	if f.Count > 1 {
		text += fmt.Sprintf(" (%d times)", f.Count)
	}
	return text
}

// Bounds of what is kept of findings: a caller that makes up routes must not
// fill the memory.
const (
	maxFindings = 1000 // different ones
	maxText     = 1000 // bytes of each
)

type findings struct {
	list  []*Finding
	known map[Finding]*Finding

	untold []Finding // that the logger has yet to be told of
}

// find records a finding. The lock is held.
func (s *Server) find(vendor, op, text string) {
	what := Finding{Vendor: vendor, Op: op, Text: core.Clip(text, maxText)}
	if len(s.findings.list) >= maxFindings-1 && s.findings.known[what] == nil {
		what = Finding{Text: "further findings are not listed"}
	}
	f := s.findings.known[what]
	if f == nil {
		f = &Finding{Vendor: what.Vendor, Op: what.Op, Text: what.Text, At: s.clock.now()}
		if s.findings.known == nil {
			s.findings.known = map[Finding]*Finding{}
		}
		s.findings.known[what] = f
		s.findings.list = append(s.findings.list, f)
	}
	f.Count++
	if s.made.logger != nil {
		s.findings.untold = append(s.findings.untold, what)
	}
}

// Findings returns what was sent in vain so far, each finding once, in the order
// of their first occurrence. [RunT] fails the test for them.
func (s *Server) Findings() []Finding {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Finding, 0, len(s.findings.list))
	for _, f := range s.findings.list {
		list = append(list, *f)
	}
	return slices.Clip(list)
}
