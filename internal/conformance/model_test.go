package conformance

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/keysmith-go/keysmith/mockserver"
)

// The tests in model_*_test.go invent stories: random calls of a client, random
// deeds of end users and random moves of the clock, as many as a short run has
// time for. Beside each story runs a model, which is the vendor's rules once
// more, in plain maps and a few lines each, and written from what is known of the
// vendor rather than from the mock. After every step client, mock and model must
// agree. A story in which they do not is cut down to the steps that matter, and
// told.
//
//	go test ./internal/conformance -run TestModel -rapid.checks=2000 -rapid.steps=60
//	go test ./internal/conformance -run TestModel -rapid.seed=42

// init sets how long the stories are, and keeps those that fail out of the
// folder. The command line is read later and wins.
func init() {
	for name, value := range map[string]string{"checks": "25", "steps": "30", "nofailfile": "true"} {
		if err := flag.Set("rapid."+name, value); err != nil {
			panic(err)
		}
	}
}

// moment is a time as stories tell it: since the epoch of the clock.
type moment time.Duration

// never is the moment that does not come.
const never = moment(-1 << 63)

// momentOf is the moment of a time, of which the zero one never comes.
func momentOf(t time.Time) moment {
	if t.IsZero() {
		return never
	}
	return moment(t.Sub(epoch))
}

// plus is a moment so much later, unless it never comes.
func (m moment) plus(d time.Duration) moment {
	if m == never {
		return never
	}
	return m + moment(d)
}

// reached reports whether a moment has come by now.
func (m moment) reached(now moment) bool { return m != never && now >= m }

// time is a moment as the clock shows it.
func (m moment) time() time.Time {
	if m == never {
		return time.Time{}
	}
	return epoch.Add(time.Duration(m))
}

// down is a moment rounded down, as vendors keep it.
func (m moment) down(unit time.Duration) moment {
	if m == never {
		return never
	}
	return moment(m.time().Truncate(unit).Sub(epoch))
}

func (m moment) String() string {
	if m == never {
		return "never"
	}
	return "T+" + time.Duration(m).String()
}

// GoString makes draws as readable as the story.
func (m moment) GoString() string { return m.String() }

// code is what an end user is told, where that is bad news.
type code string

func (c code) Error() string { return string(c) }

// names has the names that a story gives to things, since their ids say nothing
// to who reads it and may be others when it is played again.
type names[ID comparable] struct {
	ids   map[string]ID
	names map[ID]string
}

func newNames[ID comparable]() names[ID] { return names[ID]{map[string]ID{}, map[ID]string{}} }

// give names a thing and returns its name. Nothing has no id.
func (n names[ID]) give(name string, id ID) string {
	n.ids[name], n.names[id] = id, name
	return name
}

// of is the name of the thing with an id, and empty for the zero id.
func (n names[ID]) of(id ID) string {
	var none ID
	if name, known := n.names[id]; known || id == none {
		return name
	}
	return "a stranger"
}

// every are errors of which one must be all.
type every []error

func (e every) Error() string { return strings.ReplaceAll(errors.Join(e...).Error(), "\n", " and ") }

// matches reports whether an error, or none, is of the kind expected.
func matches(err, want error) bool {
	var all every
	if errors.As(want, &all) {
		return !slices.ContainsFunc(all, func(want error) bool { return !errors.Is(err, want) })
	}
	return errors.Is(err, want)
}

// cast is who plays a story on a server: the clients and the world of a vendor.
type cast[C any] interface {
	// on is the same cast on another server, which has the same state.
	on(r *rig) C
	// state is all that the mock's world has, by the names of the story.
	state() []any
}

// story is one course of events.
type story[C cast[C]] struct {
	*rapid.T
	open   func(r *rig) C
	server *mockserver.Server
	cast   C
	now    moment // as the model counts it
	deeds  []deed[C]
	told   []string
	count  map[string]int // of things named so far, by their kind
	tally  map[string]int // of the outcomes of turns in all stories
	turn   string         // that is being taken
}

// deed is a step of a story that may have changed something, or else a move of
// the clock.
type deed[C any] struct {
	wait time.Duration
	do   func(C) error
	want error
}

// turn is something that may happen at any time.
type turn struct {
	times int // in how many of many
	name  string
	do    func()
}

// play invents stories out of turns. After each of them check must hold.
func play[C cast[C]](t *testing.T, open func(r *rig) C, plot func(*story[C]) (turns []turn, check func())) {
	t.Parallel()
	tally := map[string]int{}
	defer func() {
		for _, outcome := range sorted(tally) {
			if t.Failed() {
				return // by then it counts what was tried to cut a story down
			}
			t.Logf("%6d %s", tally[outcome], outcome)
		}
	}()
	rapid.Check(t, func(rt *rapid.T) {
		s := &story[C]{T: rt, open: open, count: map[string]int{}, tally: tally}
		over := false
		defer func() {
			if !over {
				rt.Logf("The story:\n%s", strings.Join(s.told, "\n"))
			}
		}()
		s.server, s.cast = s.stage()
		turns, check := plot(s)
		var lots []turn
		for _, t := range append(turns, turn{1, "restart", s.restart}) {
			lots = append(lots, slices.Repeat([]turn{t}, t.times)...)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"": func(*rapid.T) { check() },
			"turn": func(*rapid.T) {
				next := pick(s, "turn", lots...)
				s.turn = next.name
				tally["turns"]++
				next.do()
			},
		})
		s.again()
		over = true
	})
}

// GoString is the name of a turn, for the list of what was drawn.
func (t turn) GoString() string { return t.name }

// stage is a new server with the cast on it. Its clock stands still until the
// story moves it.
func (s *story[C]) stage() (*mockserver.Server, C) {
	server := mockserver.RunT(s, mockserver.WithStart(epoch), mockserver.WithFrozenClock())
	return server, s.open(reachInProcess(server))
}

// reachInProcess is a rig around a server.
func reachInProcess(server *mockserver.Server) *rig {
	r := inProcess(nil, server)
	r.serve(server)
	return r
}

// note adds a line to what is told if the story fails.
func (s *story[C]) note(format string, args ...any) {
	s.told = append(s.told, fmt.Sprintf("%4d. %-12s %s", len(s.told)+1, s.now, fmt.Sprintf(format, args...)))
}

// name invents the name of a new thing.
func (s *story[C]) name(kind string) string {
	s.count[kind]++
	return fmt.Sprintf("%s-%d", kind, s.count[kind])
}

// act does something, of which the model expects success (nil) or a kind of
// error, and reports whether it succeeded. What is refused must change nothing,
// and what changes something must be in the ledger and the reverse.
func (s *story[C]) act(want error, do func(C) error, format string, args ...any) bool {
	before, ledger := s.cast.state(), len(s.server.Effects())
	done := s.actInSecret(want, do, format, args...)
	if effects := s.server.Effects()[ledger:]; len(effects) > 0 && !different(before, s.cast.state()) {
		s.fail("what has changed nothing is in the ledger", "%v", effects)
	}
	return done
}

// actInSecret is act for what may change something that nobody can see.
func (s *story[C]) actInSecret(want error, do func(C) error, format string, args ...any) bool {
	before, ledger, kept := s.cast.state(), len(s.server.Effects()), s.kept()
	s.note(format, args...)
	err := do(s.cast)
	s.told[len(s.told)-1] += ": " + outcome(err)
	s.tally[s.turn+": "+outcome(want)]++
	s.deeds = append(s.deeds, deed[C]{do: do, want: want})
	s.expect(want, err)
	after, effects := s.cast.state(), s.server.Effects()[ledger:]
	changes := different(before, after)
	switch {
	case err != nil && changes:
		s.fail("what was refused has changed something", "%s", differences("before", before, "afterwards", after))
	case err != nil && !bytes.Equal(kept, s.kept()):
		s.fail("what was refused has left a trace", "before:     %s\nafterwards: %s", beside(kept, s.kept()), beside(s.kept(), kept))
	case err != nil && len(effects) > 0:
		s.fail("what was refused is in the ledger", "%v", effects)
	case changes && len(effects) == 0:
		s.fail("what has changed something is not in the ledger", "%s", differences("before", before, "afterwards", after))
	}
	return err == nil
}

// kept is all that the server has, also what nobody sees and what will be drawn at
// random. Keygen draws an id for every answer and counts it, refusals included.
func (s *story[C]) kept() []byte {
	return ofEveryAnswer.ReplaceAll(s.server.Snapshot(), []byte("$1"))
}

var ofEveryAnswer = regexp.MustCompile(`("keygen":\{"random":|"RequestLogs":)("[^"]*"|\d+)`)

// direct does what belongs to the stage and is seen only in what follows from it.
func (s *story[C]) direct(do func(C) error, format string, args ...any) {
	s.note(format, args...)
	s.deeds = append(s.deeds, deed[C]{do: do})
	s.expect(nil, do(s.cast))
}

// fail ends a story. What went wrong is said in words that are the same whenever
// the story is played: rapid cuts down nothing else. The details may have ids in
// them that are not.
func (s *story[C]) fail(what, details string, args ...any) {
	s.Logf(details, args...)
	s.Fatal(what)
}

// expect compares what was told with what the model expects.
func (s *story[C]) expect(want, err error) {
	if !matches(err, want) {
		s.fail("the outcome is not what the model expects", "expected: %s\nreally:   %s", outcome(want), outcome(err))
	}
}

// outcome is an error in words.
func outcome(err error) string {
	if err == nil {
		return "done"
	}
	return "refused: " + err.Error()
}

// look looks at things, which must leave no trace.
func (s *story[C]) look(at func(C), format string, args ...any) {
	s.note(format, args...)
	s.unseen(at)
}

// unseen is look without a word.
func (s *story[C]) unseen(at func(C)) {
	before, ledger := s.cast.state(), len(s.server.Effects())
	at(s.cast)
	agree(s, "looking has changed", before, s.cast.state())
	if len(s.server.Effects()) != ledger {
		s.fail("looking is in the ledger", "%v", s.server.Effects()[ledger:])
	}
}

// agree compares what the model expects with what there is.
func agree[T any, C cast[C]](s *story[C], what string, want, got []T) {
	if different(want, got) {
		s.fail(what, "%s", differences("expected", want, "really", got))
	}
}

// different compares two lists. Nil and empty lists are the same, also within.
func different[T any](a, b []T) bool {
	return !reflect.DeepEqual(a, b) && !slices.Equal(lines(a), lines(b))
}

// agreeOn is agree for one value.
func agreeOn[T any, C cast[C]](s *story[C], what string, want, got T) {
	agree(s, what, []T{want}, []T{got})
}

// lines has each item of a list in a line.
func lines[T any](list []T) []string {
	text := []string{}
	for _, item := range list {
		text = append(text, brief(item))
	}
	return text
}

// brief is a value as stories tell it: of structs, what is not empty.
func brief(value any) string {
	v := reflect.ValueOf(value)
	if _, tells := value.(fmt.Stringer); tells || v.Kind() != reflect.Struct && v.Kind() != reflect.Slice {
		return fmt.Sprint(value)
	}
	parts := []string{}
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			parts = append(parts, brief(v.Index(i).Interface()))
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	for i := range v.NumField() {
		field := v.Field(i)
		at, isMoment := field.Interface().(moment)
		if isMoment && at == never || !isMoment && field.IsZero() || field.Kind() == reflect.Slice && field.Len() == 0 {
			continue
		}
		parts = append(parts, v.Type().Field(i).Name+": "+brief(field.Interface()))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// differences shows what only one of two lists has or, if they differ in their
// order only, all of it.
func differences[T any](one string, list []T, other string, otherList []T) string {
	a, b := lines(list), lines(otherList)
	onlyA, onlyB := without(a, b), without(b, a)
	if len(onlyA)+len(onlyB) == 0 {
		onlyA, onlyB = a, b
	}
	var text strings.Builder
	for _, line := range onlyA {
		fmt.Fprintf(&text, "  %-10s %s\n", one, line)
	}
	for _, line := range onlyB {
		fmt.Fprintf(&text, "  %-10s %s\n", other, line)
	}
	return text.String()
}

func without(list, others []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(line string) bool { return slices.Contains(others, line) })
}

// items are a list of anything.
func items[T any](list []T) []any {
	all := make([]any, 0, len(list))
	for _, item := range list {
		all = append(all, item)
	}
	return all
}

// byName puts things into the order of their names, which depends on nothing else.
func byName(things []any) []any {
	name := func(thing any) string { return reflect.ValueOf(thing).FieldByName("Name").String() }
	slices.SortFunc(things, func(a, b any) int { return strings.Compare(name(a), name(b)) })
	return things
}

// wait moves the clock, in one step or two with a look in between: that makes no
// difference. Time alone changes nothing either.
func (s *story[C]) wait(unit time.Duration, deadlines []moment) {
	d := s.until(unit, deadlines)
	first := d / time.Duration(pick(s, "parts", 1, 1, 2, 3))
	before, ledger := s.cast.state(), len(s.server.Effects())
	s.note("the clock moves by %v", d)
	s.server.Advance(first)
	agree(s, "time alone has changed", before, s.cast.state())
	s.server.Advance(d - first)
	s.now = s.now.plus(d)
	s.deeds = append(s.deeds, deed[C]{wait: d})
	agree(s, "time alone has changed", before, s.cast.state())
	agreeOn(s, "effects of time", 0, len(s.server.Effects())-ledger)
	agreeOn(s, "the clock", s.now, momentOf(s.server.Now()))
}

// sometimesWait waits for what is about to happen to the thing in hand, so that much
// is done just before a deadline, at it, and just after.
func (s *story[C]) sometimesWait(unit time.Duration, deadline moment) {
	if deadline != never && deadline > s.now && !often(s, "at once") {
		s.wait(unit, []moment{deadline})
	}
}

// until draws how far the clock moves: often to a deadline, or to one unit before
// or after it.
func (s *story[C]) until(unit time.Duration, deadlines []moment) time.Duration {
	var ahead []time.Duration
	for _, m := range deadlines {
		for _, d := range []time.Duration{0, -unit, unit} {
			if left := time.Duration(m) + d - time.Duration(s.now); m != never && left > 0 {
				ahead = append(ahead, left)
			}
		}
	}
	if len(ahead) > 0 && pick(s, "to a deadline", true, true, false) {
		return pick(s, "until", ahead...)
	}
	return pick(s, "wait", unit, time.Second, time.Minute, time.Hour, 25*time.Hour, 31*24*time.Hour, 1500*time.Millisecond)
}

// restart takes the server down and goes on with another one that is built up
// from what was kept, after having made sure that it makes no difference where it
// was.
func (s *story[C]) restart() {
	s.note("the server is restarted")
	before, kept := s.cast.state(), s.server.Snapshot()
	for _, server := range []*mockserver.Server{s.server, mockserver.RunT(s, mockserver.WithRandomSeed(7))} {
		if err := server.Restore(kept); err != nil {
			s.fail("the server cannot be restored", "%v", err)
		}
		if again := server.Snapshot(); !bytes.Equal(kept, again) {
			s.fail("restoring has changed the snapshot", "expected: %s\nreally:   %s", beside(kept, again), beside(again, kept))
		}
		s.server, s.cast = server, s.cast.on(reachInProcess(server))
		agree(s, "restoring has changed", before, s.cast.state())
	}
	agreeOn(s, "the clock", s.now, momentOf(s.server.Now()))
}

// beside is the part of a document in which another one begins to differ.
func beside(document, other []byte) []byte {
	at := 0
	for at < min(len(document), len(other)) && document[at] == other[at] {
		at++
	}
	return document[max(0, at-100):min(at+100, len(document))]
}

// again plays all deeds on a new server, without any of the looks and with the
// moves of the clock put together where they follow each other. It must end in
// the same way.
func (s *story[C]) again() {
	server, cast := s.stage()
	var wait time.Duration
	for i, d := range s.deeds {
		if wait += d.wait; d.do == nil {
			continue
		}
		server.Advance(wait)
		wait = 0
		if err := d.do(cast); !matches(err, d.want) {
			s.fail("played again without looks, a deed comes to another end", "deed %d: %s", i+1, outcome(err))
		}
	}
	server.Advance(wait)
	agree(s, "played again without looks, the story ends in another way", s.cast.state(), cast.state())
}

// quiet fails the story for what the server has found wrong with it.
func (s *story[C]) quiet() {
	for _, f := range s.server.Findings() {
		s.fail("the mock found something wrong", "%v", f)
	}
}

// pick draws one of several values, each with about the same chance (by itself
// rapid prefers the first and the last). What comes first is what a story that is
// cut down keeps.
func pick[T any, C cast[C]](s *story[C], label string, values ...T) T {
	return rapid.Map(rapid.Uint64(), func(n uint64) T { return values[n%uint64(len(values))] }).Draw(s.T, label)
}

// several draws up to so many of several things, in any order and without
// repetitions.
func several[T comparable, C cast[C]](s *story[C], label string, most int, values ...T) (drawn []T) {
	values = slices.Clone(values)
	for len(values) > 0 && len(drawn) < most && pick(s, "another", false, true, true) {
		next := pick(s, label, values...)
		drawn = append(drawn, next)
		values = slices.DeleteFunc(values, func(value T) bool { return value == next })
	}
	return drawn
}

// last is the last of a list, if it has any.
func last[T any](list []T) []T { return list[max(0, len(list)-1):] }

// often draws yes most of the time; a story that is cut down has yes.
func often[C cast[C]](s *story[C], label string) bool {
	return pick(s, label, true, true, true, true, true, true, false)
}

// sortedList is a list in order.
func sortedList(list []string) []string { return slices.Sorted(slices.Values(list)) }

// sorted has the keys of a map in order, since stories must not depend on chance.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
