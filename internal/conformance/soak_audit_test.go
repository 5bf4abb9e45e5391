package conformance

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver"
)

// audit compares what the callers of a round were told and have found out with what
// the server has done, and ends the round.
func (s *soak) audit() {
	story := s.stories()
	for _, c := range s.callers {
		for _, n := range c.notes {
			s.tally.add(n, story[n])
			if wrong := s.compare(n, story[n]); len(wrong) > 0 {
				s.complain("%s", n.report(s, wrong, story[n]))
			}
		}
	}
	s.auditLedger()
	s.auditStocks()
	for _, finding := range s.server.Findings() {
		s.complain("%v", finding)
	}
}

// soakEntry is a request in the journal, and which of a caller's attempts it was.
type soakEntry struct {
	mockserver.Call
	arrival soakArrival
}

// stories tells the journal note by note.
func (s *soak) stories() map[*soakNote][]soakEntry {
	story := map[*soakNote][]soakEntry{}
	for name, gate := range s.gates {
		calls := s.server.Calls(name + ".*")
		if !s.server.AssertCalls(s.t, len(gate.arrivals), name+".*") {
			s.complain("%s: %d requests were sent, and %d are in the journal", name, len(gate.arrivals), len(calls))
			return story
		}
		for i, call := range calls {
			arrival := gate.arrivals[i]
			if call.Method != arrival.method {
				s.complain("%v is not the request that was sent: a %s", call, arrival.method)
				return story
			}
			n := arrival.trip.note
			story[n] = append(story[n], soakEntry{call, arrival})
		}
	}
	for _, entries := range story {
		slices.SortFunc(entries, func(a, b soakEntry) int { return a.Number - b.Number })
	}
	return story
}

// compare returns what is wrong about a call.
func (s *soak) compare(n *soakNote, story []soakEntry) []string {
	wrong := slices.Clone(n.open)
	effects, executed, about := map[string]int{}, 0, map[string]bool{}
	for _, entry := range story {
		if entry.Op == n.deed.op && entry.Committed {
			executed++
		}
		for _, e := range entry.Effects {
			if e.Op != n.deed.op && n.deed.aside[e.Kind] {
				continue
			}
			if about[e.ID] && n.deed.moves != "" && e.Detail == n.deed.moves {
				s.tally.moved++ // auditStocks sees that the state is the one that was wanted
				continue
			}
			effects[e.Kind]++
			about[e.ID] = true
		}
	}
	if n.deed.once && soakSentAgain(n.deed.op, story) {
		s.tally.repeated++
		wrong = append(wrong, "sent again, though it may have been done")
	}
	if n.deed.absent && n.verdict == soakSucceeded && len(story) == 1 {
		wrong = append(wrong, "what is not there cannot be deleted")
	}
	none, whole := len(effects) == 0, maps.Equal(effects, n.deed.effects)
	done, sure := n.done()
	if n.deed.refused && (done || !none) {
		wrong = append(wrong, "the vendor has to refuse it")
	}
	switch {
	case n.deed.effects == nil && !none:
		wrong = append(wrong, "something that only reads has had an effect")
	case n.deed.effects == nil:
	case sure && !done && !none:
		s.tally.phantoms++
		wrong = append(wrong, "the caller believes that it was not done, and it was")
	case sure && done && !whole && !soakMore(effects, n.deed.effects):
		s.tally.lost++
		wrong = append(wrong, "the caller believes that it was done, and it was not, or not all of it")
	case soakMore(effects, n.deed.effects) || n.deed.once && executed > 1:
		s.tally.duplicates++
		wrong = append(wrong, fmt.Sprintf("done more than once: executed %d times", executed))
	case !none && !whole:
		wrong = append(wrong, "done in part")
	case sure && done && n.deed.about != nil:
		for _, id := range n.deed.about() {
			if !about[id] {
				wrong = append(wrong, fmt.Sprintf("nothing was done to %q", id))
			}
		}
	}
	return wrong
}

// soakSentAgain reports whether one call sent an operation again after an attempt
// that the vendor had not refused for its rate limit, whatever came of it.
func soakSentAgain(op string, story []soakEntry) bool {
	open := map[*soakTrip]bool{}
	for _, entry := range story {
		if entry.Op != op {
			continue
		}
		if open[entry.arrival.trip] {
			return true
		}
		open[entry.arrival.trip] = entry.Status != http.StatusTooManyRequests
	}
	return false
}

// soakMore reports whether there is more of some effect than one execution has.
func soakMore(effects, want map[string]int) bool {
	for kind, n := range effects {
		if n > want[kind] {
			return true
		}
	}
	return false
}

// report tells everything about a call that went wrong.
func (n *soakNote) report(s *soak, wrong []string, story []soakEntry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "caller %d (%s), call %d, the %dth of %d of all: %s\n  wrong: %s\n  told: %s\n  found out: %s, by %d calls\n",
		n.caller.id, n.caller.rig.Way, n.number, n.begun, s.size.calls, n.deed.op, strings.Join(wrong, "; "), soakVerdicts[n.verdict], soakFates[n.fate], n.looks)
	if n.err != nil {
		fmt.Fprintf(&b, "  error: %v\n", n.err)
	}
	fmt.Fprintf(&b, "  expected in the ledger: %v, or nothing\n  attempts that did not arrive: %d\n  the journal's story:", n.deed.effects, n.unsent)
	for _, entry := range story {
		fmt.Fprintf(&b, "\n    %s, attempt %d: %v", entry.arrival.trip, entry.arrival.attempt, entry.Call)
		for _, e := range entry.Effects {
			fmt.Fprintf(&b, "\n      %v", e)
		}
	}
	return b.String()
}

// onceInALife are the kinds of effects that one thing has once at most.
var onceInALife = []string{".created", ".deleted", ".popped", ".drawn", ".registered", ".activated", ".used"}

// auditLedger checks that the ledger is what the journal tells, no more and no
// less, and that nothing in it is twice what can be only once.
func (s *soak) auditLedger() {
	open := map[mockserver.Effect]int{}
	for _, call := range s.server.Journal() {
		for _, e := range call.Effects {
			open[e]++
		}
	}
	seen := map[string]bool{}
	for _, e := range s.server.Effects() {
		open[e]--
		once := slices.ContainsFunc(onceInALife, func(end string) bool { return strings.HasSuffix(e.Kind, end) })
		what := e.Vendor + " " + e.Kind + " " + e.ID
		if once && seen[what] {
			s.tally.duplicates++
			s.complain("twice in the ledger: %v", e)
		}
		seen[what] = true
	}
	for e, n := range open {
		if n != 0 {
			s.complain("%v: %d times more in the journal than in the ledger", e, n)
		}
	}
}

// auditStocks checks that what there is at the end of a round is what the callers
// believe to have, and nothing besides.
func (s *soak) auditStocks() {
	there, owned := map[string]int{}, map[string]int{}
	for _, c := range s.callers {
		for _, stock := range c.stocks {
			for _, thing := range stock.owned() {
				owned[thing]++
			}
		}
	}
	for _, thing := range s.there() {
		there[thing]++
	}
	for thing, n := range owned {
		if there[thing] != n {
			s.tally.lost++
			s.complain("%s: a caller has it, and there are %d", thing, there[thing])
		}
	}
	for thing := range there {
		if owned[thing] == 0 {
			s.tally.duplicates++
			s.complain("%s: it is there, and no caller has it", thing)
		}
	}
}

// there lists what the callers have made, at all vendors.
func (s *soak) there() (things []string) {
	r := s.rigs[0]
	for _, key := range r.Junkie.Keys() {
		var devices []string
		for _, d := range key.Devices {
			devices = append(devices, d.HWID)
		}
		things = append(things, fmt.Sprint("key of Junkie ", key.Value, key.Name, key.DiscordID, devices))
	}
	for _, key := range r.LuaProt.Keys() {
		things = append(things, fmt.Sprint("key of LuaProt ", key.Value, key.Note, key.DiscordID, key.Blacklisted, key.HWIDResets))
	}
	account := r.Keygen.Default()
	for _, key := range account.Keys() {
		if key.PolicyID != s.pool {
			things = append(things, fmt.Sprint("key of Keygen ", key.ID, key.Key))
		}
	}
	for _, license := range account.Licenses() {
		things = append(things, fmt.Sprint("license of Keygen ", license.ID, license.Name, license.Key))
	}
	for _, policy := range account.Policies() {
		if !policy.Pooled {
			things = append(things, fmt.Sprint("policy of Keygen ", policy.ID, policy.Name))
		}
	}
	for _, product := range account.Products() {
		if product.Code != "" {
			things = append(things, fmt.Sprint("product of Keygen ", product.ID, product.Code))
		}
	}
	for _, c := range s.callers {
		for _, l := range r.Keycrate.Licenses(c.app) {
			things = append(things, fmt.Sprint("license of Keycrate ", l.Key, l.SubscriptionID, l.Username, l.HWID, l.HWIDLock, l.DurationSeconds))
		}
		for _, tier := range r.Keycrate.Subscriptions(c.app) {
			things = append(things, fmt.Sprint("subscription of Keycrate ", tier.ID, tier.Name, tier.Level))
		}
	}
	return things
}
