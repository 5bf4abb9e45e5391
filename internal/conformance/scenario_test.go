package conformance

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/mockserver"
)

// scenario is one case of a vendor's suite. It plays on a stage, which is
// whatever the vendor's scenarios have in common.
type scenario[Stage any] struct {
	name string
	// proves names the rows of the vendor's behaviour table that the scenario
	// asserts on, without the vendor's name, separated by blanks.
	proves string
	// finds has a part of each finding that the scenario causes. Others fail it.
	finds []string
	play  func(Stage)
}

// suite is everything that client, mock and document must agree on about one
// vendor.
type suite[Stage any] struct {
	vendor    string
	open      func(*testing.T, *rig) Stage
	scenarios []scenario[Stage]
}

// run plays every scenario in every way, holds every request and answer against
// the vendor's document, and closes with the rows that nothing has proved.
func (s suite[Stage]) run(t *testing.T) {
	contract := loadContract(t, s.vendor)
	var done record
	t.Run("scenario", func(t *testing.T) {
		for _, sc := range s.scenarios {
			t.Run(sc.name, func(t *testing.T) {
				t.Parallel()
				t.Cleanup(func() { done.end(sc.name, !t.Failed()) })
				each(t, func(t *testing.T, r *rig) {
					done.begin(sc.name)
					contract.inspect(t, r)
					sc.play(s.open(t, r))
					s.assertDecided(t, r.Server, sc)
					s.assertFound(t, r.Server, sc)
					done.finish(sc.name)
				}, sc.options()...)
			})
		}
	})
	t.Run("rows", func(t *testing.T) { s.close(t, contract, &done) })
}

func (sc scenario[Stage]) options() []mockserver.Option {
	if len(sc.finds) == 0 {
		return nil
	}
	return []mockserver.Option{mockserver.AllowFindings(sc.finds...)}
}

// rows are the full ids of the rows that a scenario proves.
func (s suite[Stage]) rows(sc scenario[Stage]) []string {
	rows := strings.Fields(sc.proves)
	for i := range rows {
		rows[i] = s.vendor + "." + rows[i]
	}
	return rows
}

// assertDecided checks that the rows a scenario names had a say in it.
func (s suite[Stage]) assertDecided(t *testing.T, server *mockserver.Server, sc scenario[Stage]) {
	t.Helper()
	decided := map[string]bool{}
	for _, call := range server.Journal() {
		for _, row := range call.Rows {
			decided[row] = true
		}
	}
	for _, row := range s.rows(sc) {
		assert.True(t, decided[row], "the row %s decided no answer, so this scenario does not prove it", row)
	}
}

// assertFound checks that a scenario caused the findings it allows.
func (s suite[Stage]) assertFound(t *testing.T, server *mockserver.Server, sc scenario[Stage]) {
	t.Helper()
	findings := server.Findings()
	for _, part := range sc.finds {
		assert.True(t, slices.ContainsFunc(findings, func(f mockserver.Finding) bool {
			return strings.Contains(f.String(), part)
		}), "no finding says %q: %v", part, findings)
	}
}

// record remembers how far each scenario has come, so that a run of some of them
// is not taken for a run that failed to prove the rest.
type record struct {
	mu       sync.Mutex
	begun    map[string]int // in how many ways
	finished map[string]int // without an end before its time
	held     map[string]bool
}

func (r *record) begin(scenario string)  { r.count(&r.begun, scenario) }
func (r *record) finish(scenario string) { r.count(&r.finished, scenario) }

func (r *record) count(in *map[string]int, scenario string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if *in == nil {
		*in = map[string]int{}
	}
	(*in)[scenario]++
}

// end is called when all is over, what a server complains about at the end of a
// test included.
func (r *record) end(scenario string, passed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held == nil {
		r.held = map[string]bool{}
	}
	r.held[scenario] = passed && r.finished[scenario] == len(ways)
}

// close compares the scenarios with the table of rows: first what they claim,
// then, if all of them ran, what they have shown, and whether they have called
// every operation of the document by the client.
func (s suite[Stage]) close(t *testing.T, contract *contract, done *record) {
	s.assertNames(t)
	claims := s.claims()
	table := mockserver.New().Behaviours(s.vendor)
	known := map[string]bool{}
	for _, row := range table {
		known[row.ID] = true
		assert.NotEmpty(t, claims[row.ID], "no scenario proves %s: %s", row.ID, row.Statement)
	}
	for row, names := range claims {
		assert.True(t, known[row], "there is no row %s, which %q names", row, names)
	}
	for _, sc := range s.scenarios {
		if done.begun[sc.name] < len(ways) {
			t.Logf("%q and maybe others did not run: what the scenarios have shown is left out", sc.name)
			return
		}
	}
	for _, row := range table {
		held := slices.ContainsFunc(claims[row.ID], func(name string) bool { return done.held[name] })
		assert.True(t, held, "no scenario has shown %s: %s", row.ID, row.Statement)
	}
	for _, item := range contract.doc.Paths.Map() {
		for _, op := range item.Operations() {
			_, called := contract.called.Load(op.OperationID)
			assert.True(t, called, "no scenario calls %s.%s by the client", s.vendor, op.OperationID)
		}
	}
}

// claims has the names of the scenarios by the rows that they prove, in the
// order of the suite.
func (s suite[Stage]) claims() map[string][]string {
	claims := map[string][]string{}
	for _, sc := range s.scenarios {
		for _, row := range s.rows(sc) {
			claims[row] = append(claims[row], sc.name)
		}
	}
	return claims
}

// assertNames checks the names, by which the table of proofs tells scenarios
// apart.
func (s suite[Stage]) assertNames(t *testing.T) {
	t.Helper()
	seen := map[string]bool{}
	for _, sc := range s.scenarios {
		assert.False(t, seen[sc.name], "two scenarios are named %q", sc.name)
		seen[sc.name] = true
		rows := s.rows(sc)
		assert.Len(t, slices.Compact(slices.Sorted(slices.Values(rows))), len(rows), "%q names a row twice", sc.name)
	}
}
