// Package worldtest is what the tests of the vendors' worlds have in common: a
// stage on which one world plays alone, assertions on its answers, and the
// proof of its table of behaviours. Only tests import it.
package worldtest

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Stage is the smallest server that a world can live in: a clock that the test
// moves, one seed, and the record of what the turns left behind.
type Stage struct {
	testing.TB
	Now     time.Time
	Frozen  bool
	Vendor  core.World
	Effects []core.Effect
	Counted []*regexp.Regexp // what a call that reads changes in the state all the same, as it is written

	rand    *core.Rand
	router  *core.Router
	known   map[string]bool
	decided map[string]bool
	usual   map[string][]string // behaviours that decided last, by operations
	crowded bool                // the world has grown large
}

// New returns a stage with the world of a vendor on it, and the public side of
// that world.
func New(t testing.TB, vendor string, now time.Time) (*Stage, any) {
	s := &Stage{TB: t, Now: now, rand: core.NewRand(1, vendor), known: map[string]bool{}, decided: map[string]bool{}, usual: map[string][]string{}}
	v, ok := core.Lookup(vendor)
	require.True(t, ok, "no vendor %q is registered", vendor)
	world, public := v.New(s)
	s.Vendor, s.router = world, core.NewRouter(world.Ops())
	for _, b := range world.Behaviours() {
		s.known[b.ID] = true
	}
	return s, public
}

// Advance moves the clock.
func (s *Stage) Advance(d time.Duration) { s.Now = s.Now.Add(d) }

func (s *Stage) turn(op string) *core.Turn {
	return &core.Turn{Op: op, Now: s.Now, Frozen: s.Frozen, Rand: s.rand, Usual: s.usual[op]}
}

// Act makes the stage the world's environment. A refused action panics, for
// Refuses to catch.
func (s *Stage) Act(action string, do func(*core.Turn)) {
	t := s.turn(action)
	do(t)
	if t.Refusal != "" {
		require.Empty(s, t.Effects, "a refused action has no effect")
		panic(t.Refusal)
	}
	s.keep(t)
}

// Refuses asserts that an action is refused, for this reason.
func (s *Stage) Refuses(text string, do func()) {
	s.Helper()
	defer func() {
		s.Helper()
		refusal, _ := recover().(string)
		require.Contains(s, refusal, text)
	}()
	do()
}

func (s *Stage) keep(t *core.Turn) {
	s.usual[t.Op] = t.Rows
	for _, row := range t.Rows {
		require.True(s, s.known[row], "%s was decided by %q, which is not in the table", t.Op, row)
		s.decided[row] = true
	}
	for _, e := range t.Effects {
		require.Equal(s, t.Op, e.Op)
		require.Contains(s, s.Vendor.EffectKinds(), e.Kind)
		require.True(s, e.At.Equal(s.Now))
	}
	s.Effects = append(s.Effects, t.Effects...)
}

// HasDecided reports whether a behaviour has decided an answer or action.
func (s *Stage) HasDecided(row string) bool { return s.decided[row] }

// Kinds lists the effects so far, as "kind id".
func (s *Stage) Kinds() (list []string) {
	for _, e := range s.Effects {
		list = append(list, e.Kind+" "+e.ID)
	}
	return list
}

// Change alters a request before it is sent.
type Change func(*core.Request)

// With sets a header, or drops it if the value is empty.
func With(header, value string) Change {
	return func(r *core.Request) {
		r.Header.Del(header)
		if value != "" {
			r.Header.Set(header, value)
		}
	}
}

// Call sends one request. The path may have a query.
func (s *Stage) Call(method, path, body string, changes ...Change) Response {
	path, rawQuery, _ := strings.Cut(path, "?")
	query, err := url.ParseQuery(rawQuery)
	require.NoError(s, err)
	req := &core.Request{Method: method, Host: s.Vendor.Hosts()[0], Path: path, Query: query, RawQuery: rawQuery, Body: []byte(body), Header: http.Header{}}
	for _, change := range changes {
		change(req)
	}
	match := s.match(req)
	req.Params, req.Allow = match.Params, match.Allow
	if match.Op != nil {
		req.Op = match.Op.ID
	}
	t := s.turn(req.Op)
	answer := s.serve(t, req, match.Op != nil && match.Op.Reads).Finished()
	answer.Body, answer.List = answer.Text(), nil
	r := Response{Stage: s, Answer: answer, Turn: t}
	require.NotEmpty(s, t.Rows, "every answer names the rules that decided it")
	if r.Status > 299 {
		require.Empty(s, t.Effects, "a refused call has no effect")
	}
	s.keep(t)
	return r
}

// serve has the world answer, and asserts that an operation which reads leaves the
// world as it was: others are served at the same time.
func (s *Stage) serve(t *core.Turn, req *core.Request, reads bool) core.Answer {
	world, limited := s.Vendor.(core.Limited)
	if !reads || s.crowded || limited && world.Counts() {
		return s.Vendor.Serve(t, req)
	}
	before := s.state()
	s.crowded = len(before) > 64<<10 // it is to take no time to speak of
	answer := s.Vendor.Serve(t, req)
	require.Equal(s, before, s.state(), "%s only reads", t.Op)
	require.Empty(s, t.Effects, "%s only reads", t.Op)
	return answer
}

// state is that of the world, but for what every call may count or draw.
func (s *Stage) state() string {
	text := string(s.encode(s.Vendor.Snapshot()()))
	for _, counted := range s.Counted {
		text = counted.ReplaceAllString(text, "")
	}
	return text
}

func (s *Stage) match(req *core.Request) core.Match {
	method, path := req.Method, req.Path
	if aliased, ok := s.Vendor.(core.Aliased); ok {
		method, path = aliased.Canonical(method, path)
	}
	return s.router.Match(method, path)
}
