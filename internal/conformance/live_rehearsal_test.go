package conformance

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/keysmith-go/keysmith/mockserver"
)

// rehearsal is how a probe goes with the mock in process.
type rehearsal struct {
	notes   []sighting
	calls   int
	mishaps []string
}

// rehearsals are those of this process by vendor and probe: the mock sees to it
// that they are the same each time.
var rehearsals sync.Map

// rehearse puts a probe to a mock of its own, and makes sure that the rules had a
// say that it names.
func (v *liveVendor) rehearse(p probe) rehearsal {
	key := [2]string{v.name, p.name}
	if done, found := rehearsals.Load(key); found {
		return done.(rehearsal)
	}
	s, twin := v.twin()
	notes, stopped := twin.put(p)
	if stopped != "" {
		twin.mishaps = append(twin.mishaps, fmt.Sprintf("%s: cannot be put to the mock: %s", p.name, stopped))
	}
	decided := decidedBy(s)
	for _, n := range notes {
		for _, rule := range n.rules {
			if !decided[rule] {
				twin.mishaps = append(twin.mishaps, fmt.Sprintf("%s: %s decided nothing of what it sees", p.name, rule))
			}
		}
	}
	twin.clear(context.Background())
	for _, left := range describe(twin.estate.standing()) {
		twin.mishaps = append(twin.mishaps, fmt.Sprintf("%s: leaves something behind: %s", p.name, left))
	}
	done := rehearsal{notes, twin.calls, twin.mishaps}
	rehearsals.Store(key, done)
	return done
}

// decidedBy has the rules that had a say in an answer of a server.
func decidedBy(s *mockserver.Server) map[string]bool {
	decided := map[string]bool{}
	for _, call := range s.Journal() {
		for _, row := range call.Rows {
			decided[row] = true
		}
	}
	return decided
}

// twin is the mock in process, in the vendor's place and with nothing but what
// the vendor's dashboard would have.
func (v *liveVendor) twin() (*mockserver.Server, *visit) {
	s := mockserver.New(mockserver.WithSeedJSON([]byte(liveSeed)))
	set := v.pretend(standIn(s))
	set[baseURL.name] = v.base
	twin := v.visit(set, "ks-00000000", s.Client().Transport)
	twin.model, twin.pause, twin.ctx = true, 0, context.Background()
	twin.wait = advance(s)
	return s, twin
}

// advance lets time pass for a mock, without waiting for it.
func advance(s *mockserver.Server) func(context.Context, time.Duration) error {
	return func(ctx context.Context, d time.Duration) error {
		s.Advance(d)
		return ctx.Err()
	}
}
