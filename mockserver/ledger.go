package mockserver

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Effect is one lasting change of a vendor's state. The ledger of effects is
// what really happened, whatever the callers were told.
type Effect struct {
	Vendor string
	Op     string    // the operation or action that caused it
	Kind   string    // such as "key.created"
	ID     string    // the object, as the vendor identifies it: for some vendors by a license key
	Detail string    // what changed, where the kind alone does not say it
	At     time.Time // virtual time
}

// String describes the effect in a line, such as a test prints. An id that is a
// license key is masked in it.
func (e Effect) String() string {
	if e.keyed() {
		return e.line(masked)
	}
	return e.line(e.ID)
}

func (e Effect) line(id string) string {
	text := fmt.Sprintf("%s %s by %s", e.Kind, id, e.Op)
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// keyed reports whether the id is a license key.
func (e Effect) keyed() bool { return keyedKinds()[e.Vendor+"."+e.Kind] }

// keyedKinds are the kinds of effects, with the vendors' names, whose ids are license
// keys. An effect is a plain value, which does not know of whose server it is.
var keyedKinds = sync.OnceValue(func() map[string]bool {
	keyed := map[string]bool{}
	for _, v := range core.Vendors() {
		world, _ := v.New(env{})
		if discreet, ok := world.(core.Discreet); ok {
			for _, kind := range discreet.Secrets().KeyedEffects {
				keyed[v.Name+"."+kind] = true
			}
		}
	}
	return keyed
})

// enter adds a turn's effects to the ledger. The lock is held.
func (s *Server) enter(v *vendor, effects []core.Effect) []Effect {
	if len(effects) == 0 {
		return nil
	}
	entered := make([]Effect, 0, len(effects))
	for _, e := range effects {
		if !v.tables.HasEffect(e.Kind) {
			panic(fmt.Sprintf("mockserver: %s had an effect of the kind %q, which %s does not list", e.Op, e.Kind, v.name))
		}
		entered = append(entered, Effect{Vendor: v.name, Op: e.Op, Kind: e.Kind, ID: e.ID, Detail: e.Detail, At: e.At})
	}
	s.ledger = append(s.ledger, entered...)
	return entered
}

// Effects returns the ledger, oldest first: the effects of the kinds named, or
// all. A kind is "key.created", or "junkie.key.created" for that of one vendor.
// The ledger is complete: nothing is ever dropped from it. It includes what a
// test did through a vendor's Go API; [Effect.Op] tells these apart. A kind that
// no vendor has is misuse, so that no assertion passes for a slip of the pen.
func (s *Server) Effects(kinds ...string) []Effect {
	s.helper()
	s.checkKinds(kinds)
	s.mu.Lock()
	defer s.mu.Unlock()
	var picked []Effect
	for _, e := range s.ledger {
		if len(kinds) == 0 || slices.Contains(kinds, e.Kind) || slices.Contains(kinds, e.Vendor+"."+e.Kind) {
			picked = append(picked, e)
		}
	}
	return picked
}

// checkKinds refuses kinds of effects that cannot occur.
func (s *Server) checkKinds(kinds []string) {
	var known []string
	for _, v := range s.vendors {
		for _, kind := range v.world.EffectKinds() {
			known = append(known, kind, v.name+"."+kind)
		}
	}
	for _, kind := range kinds {
		if !slices.Contains(known, kind) {
			s.helper()
			s.misuse("Effects: no effect is of the kind %q%s", kind, core.DidYouMean(kind, known))
		}
	}
}

// AssertEffects fails the test unless the ledger holds exactly n effects of the
// kinds named, or of all; see [Server.Effects]. The failure lists them without license
// keys, unless [WithJournalSecrets] shows all.
func (s *Server) AssertEffects(t TB, n int, kinds ...string) bool {
	t.Helper()
	effects := s.Effects(kinds...)
	if len(effects) == n {
		return true
	}
	what, found := strings.Join(kinds, ", "), len(effects)
	if what == "" {
		what = "any kind"
	}
	var list strings.Builder
	if found == 0 {
		effects = s.Effects()
		list.WriteString("; the whole ledger:")
	}
	for _, e := range effects[:min(len(effects), maxListed)] {
		text := e.String()
		if s.made.candid {
			text = e.line(e.ID)
		}
		list.WriteString("\n  " + text)
	}
	t.Errorf("mockserver: effects of %s: %d wanted, %d found%s", what, n, found, list.String())
	return false
}
