package keycratemock

import (
	"testing"

	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

// proofs are the scenarios of the behaviour table: for each rule one that shows
// it and in which it decides an answer. They stand in the test file of their
// subject.
type proofs = map[string]func(*stage)

// TestBehaviours proves every row of the table, each in a subtest of its name.
func TestBehaviours(t *testing.T) {
	t.Parallel()
	worldtest.Prove(t, behaviours.Behaviours(), newStage,
		accessProofs, errorProofs, rateProofs, requestProofs, shapeProofs, createProofs, formatProofs, changeProofs, bulkProofs,
		listProofs, hwidProofs, subscriptionProofs, authProofs, authDataProofs, registerProofs, portalProofs)
}

func TestBehaviourTableIsWellFormed(t *testing.T) {
	t.Parallel()
	worldtest.CheckTable(t, "keycrate", behaviours.Behaviours())
}
