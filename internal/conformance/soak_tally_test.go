package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

var soakVerdicts = []string{"success", "not applied", "applied, but unreadable", "unknown"}

var soakFates = []string{"nothing to find out", "applied", "not applied", "made sure by the same call", "no way to find out", "given up"}

// soakTally counts what a soak has come to.
type soakTally struct {
	calls    int // those that find out apart
	looks    int // calls that find out
	arrived  int // attempts that reached the vendor
	unsent   int // attempts that did not
	faults   map[string]int
	ops      map[string]*soakCount
	requests map[string]int // in the journal, by operation
	virtual  time.Duration

	duplicates int // done more than once
	repeated   int // sent again though it may have been done
	lost       int // believed to be done, and not done
	phantoms   int // believed not to be done, and done
	moved      int // done again, to the same end
}

// soakCount counts the calls of one operation by what the callers were told, and
// those whose outcome was in doubt by what they found out.
type soakCount struct {
	verdicts [4]int
	fates    [4][6]int // by verdict
}

func newSoakTally() *soakTally {
	return &soakTally{faults: map[string]int{}, ops: map[string]*soakCount{}, requests: map[string]int{}}
}

// add counts a note and its attempts.
func (t *soakTally) add(n *soakNote, story []soakEntry) {
	t.calls++
	t.looks += n.looks
	t.arrived += len(story)
	t.unsent += n.unsent
	for _, fault := range n.met {
		t.faults[fault]++
	}
	for _, entry := range story {
		t.requests[entry.Op]++
		for _, f := range entry.Faults {
			action := f.Action
			if strings.HasPrefix(action, "Latency") {
				action = "Latency(up to 45s)"
			}
			t.faults[f.Phase.String()+": "+action]++
		}
	}
	if t.ops[n.deed.op] == nil {
		t.ops[n.deed.op] = &soakCount{}
	}
	count := t.ops[n.deed.op]
	count.verdicts[n.verdict]++
	count.fates[n.verdict][n.fate]++
}

// String is the table that the soak ends with.
func (t *soakTally) String() string {
	var b strings.Builder
	var all soakCount
	row := func(name string, c *soakCount) {
		doubt, left := c.fates[soakUnknown], c.fates[soakApplied]
		fmt.Fprintf(&b, "  %-36s %8d %8d %8d %8d %8d %8d %8d %8d %8d\n", name, c.verdicts[soakSucceeded], c.verdicts[soakNotApplied], c.verdicts[soakApplied], c.verdicts[soakUnknown],
			doubt[soakFound], doubt[soakFoundNot], doubt[soakMadeSure], doubt[soakUnsolvable], doubt[soakGivenUp]+left[soakFoundNot]+left[soakGivenUp])
	}
	fmt.Fprintf(&b, "\n  %-36s %8s %8s %8s %8s   of these: %24s\n", "", "success", "not", "applied,", "unknown", "")
	fmt.Fprintf(&b, "  %-36s %8s %8s %8s %8s %8s %8s %8s %8s %8s\n", "", "", "applied", "unread", "", "applied", "not", "repeated", "no way", "failed")
	for _, op := range slices.Sorted(maps.Keys(t.ops)) {
		count := t.ops[op]
		for v := range count.verdicts {
			all.verdicts[v] += count.verdicts[v]
			for f := range count.fates[v] {
				all.fates[v][f] += count.fates[v][f]
			}
		}
		row(op, count)
	}
	row("all", &all)
	struck := 0
	fmt.Fprintf(&b, "\n  failures\n")
	for _, kind := range slices.Sorted(maps.Keys(t.faults)) {
		fmt.Fprintf(&b, "  %-60s %8d\n", kind, t.faults[kind])
		struck += t.faults[kind]
	}
	fmt.Fprintf(&b, "\n  of which nobody can find out what became of them\n")
	for _, op := range slices.Sorted(maps.Keys(soakInTheDark)) {
		fmt.Fprintf(&b, "  %-36s %s\n", op, soakInTheDark[op])
	}
	for _, line := range []struct {
		what string
		n    any
	}{
		{"calls", t.calls}, {"calls that found out", t.looks}, {"attempts", t.arrived + t.unsent}, {"attempts that failed by fault", struck},
		{"done more than once", t.duplicates}, {"sent again in doubt", t.repeated}, {"lost", t.lost}, {"done though not applied", t.phantoms}, {"done again to the same end", t.moved}, {"virtual time", t.virtual},
	} {
		fmt.Fprintf(&b, "\n%-31s %v", line.what, line.n)
	}
	return b.String()
}
