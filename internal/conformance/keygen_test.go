package conformance

import (
	"slices"
	"testing"
	"time"
)

var keygenSuite = suite[*keygenStage]{
	vendor: "keygen",
	open:   openKeygen,
	scenarios: slices.Concat(
		keygenRows,
		keygenAccess,
		keygenRequests,
		keygenDocuments,
		keygenKeys,
		keygenLists,
		keygenLicenses,
		keygenPolicies,
		keygenProducts,
		keygenRates,
		keygenCrowds,
		keygenErrors(),
	),
}

func TestKeygen(t *testing.T) {
	t.Parallel()
	keygenSuite.run(t)
}

// The accounts of Keygen's scenarios.
const (
	test1 = "test1"
	test2 = "test2"
)

// keygenStage is the stage of Keygen's scenarios: the accounts test1 and test2,
// each with one user, an admin, and nothing else; and the mock's default account
// with its admin, which the client acts for.
type keygenStage struct {
	ground
	behind keygenBackstage
	ids    map[string]string // of the accounts, by their slugs
}

func openKeygen(t *testing.T, r *rig) *keygenStage {
	s := &keygenStage{ground: ground{t, r}, ids: map[string]string{}}
	s.behind = keygenBehind(s)
	for _, slug := range []string{test1, test2} {
		s.ids[slug] = s.behind.open(slug)
	}
	return s
}

// keygenTime is a time as the vendor writes it.
func keygenTime(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }
