package mockserver

import (
	"net/http"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Message is a request or an answer as the journal shows it: with "***" in place
// of every API key, token, password and license key, and of any other text of
// which nobody has said that it is harmless. It holds nothing else, so that it
// can be printed, logged and stored. [WithJournalSecrets] shows all.
type Message struct {
	Header http.Header
	Query  string            // of a request: as it was sent
	Params map[string]string // of a request: what stands for the {names} of the path
	Body   string            // a JSON document; empty, whatever the Size, if it was no well-formed one
	Size   int64             // of the body as it was sent, in bytes; of one that was too large, as far as it was read
}

// WithJournalSecrets makes the journal show requests and answers as they were
// sent, bodies that are no JSON included, findings the paths that lead nowhere,
// and failed assertions on the ledger the keys that it names. It helps to find out why a vendor refuses a credential. The price:
// whatever the callers' real API keys, passwords and license keys are, they are
// then in the output of failed tests and in the answers of the control plane, to
// whoever reads these.
func WithJournalSecrets() Option {
	return func(c *config) { c.candid = true }
}

// shown makes calls of entries. The lock must not be held: this takes time.
func (s *Server) shown(entries []entry) []Call {
	var calls []Call
	for _, e := range entries {
		calls = append(calls, s.show(e))
	}
	return calls
}

// show makes a call of an entry, with all that was said.
func (s *Server) show(e entry) Call {
	c := s.outline(e)
	if !e.asked.kept() {
		return c
	}
	answer := e.answer()
	body, pad := answer.sent(e.method, nil)
	veil := s.veil(&e, e.asked.body, body)
	c.Request = Message{
		Header: veil.header(e.asked.header()),
		Query:  veil.query(e.asked.query()),
		Params: veil.params(e.params()),
		Body:   veil.body(e.asked.body),
		Size:   int64(len(e.asked.body)),
	}
	if e.unread {
		c.Request.Size = core.MaxBody + 1
	}
	if e.answered.kept {
		c.Answer = Message{Header: veil.header(answer.head()), Body: veil.body(body), Size: int64(len(body)) + pad}
	}
	return c
}

// outline makes a call of an entry, without anything that was said. It shares nothing
// with the entry, nor with others.
func (s *Server) outline(e entry) Call {
	c := Call{
		Number: e.number, Vendor: e.v.name, Op: e.op.ID, Method: e.method, Path: e.op.Path, At: e.at, Arrived: time.Unix(0, e.arrived).UTC(),
		Duration: e.duration, Status: e.status, Committed: e.committed, Delivery: deliveries[e.fate], Effects: slices.Clone(e.effects), Dropped: e.dropped(),
	}
	if e.decided != nil {
		c.Rows = slices.Clone(e.decided.rows)
	}
	if e.remarks != nil {
		c.Faults, c.Findings = slices.Clone(e.remarks.faults), slices.Clone(e.remarks.findings)
	}
	if s.made.candid {
		return c
	}
	for i, effect := range c.Effects {
		if effect.keyed() {
			c.Effects[i].ID = masked
		}
	}
	return c
}

// veil returns a veil over what was said in a call, as far as it is in its head
// and in these bodies. It is nil if there is nothing to hide.
func (s *Server) veil(e *entry, bodies ...[]byte) *veil {
	if s.made.candid || !e.asked.kept() {
		return nil
	}
	return e.v.discretion().veilOf(e, bodies...)
}

// discreet returns findings about a call without its secrets: there are programs
// that send a key as the name of a parameter. It looks at the request itself, of which
// the journal may have dropped what was said.
func (x *exchange) discreet(findings []string) []string {
	if len(findings) == 0 {
		return nil
	}
	said := *x.call
	said.asked = keep(&x.req)
	veil := x.s.veil(&said)
	if veil == nil {
		return findings
	}
	shown := make([]string, len(findings))
	for i, text := range findings {
		shown[i] = veil.clear(text)
	}
	return shown
}
