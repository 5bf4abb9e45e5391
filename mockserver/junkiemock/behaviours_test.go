package junkiemock

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// proofs are the scenarios of the behaviour table: for each rule one that shows
// it and in which it decides an answer. They stand in the test file of their
// subject.
type proofs map[string]func(*stage)

var allProofs = []proofs{
	accessProofs, requestProofs, boundProofs, keyProofs, createProofs, bulkProofs, oneKeyProofs,
	expiryProofs, listProofs, endUserProofs,
}

// TestBehaviours proves every row of the table, each in a subtest of its name.
func TestBehaviours(t *testing.T) {
	t.Parallel()
	scenarios := proofs{}
	for _, group := range allProofs {
		for rule, scenario := range group {
			require.NotContains(t, scenarios, rule, "proven twice")
			scenarios[rule] = scenario
		}
	}
	for _, b := range behaviours.Behaviours() {
		scenario := scenarios[b.ID]
		delete(scenarios, b.ID)
		t.Run(b.ID, func(t *testing.T) {
			t.Parallel()
			require.NotNil(t, scenario, "no scenario proves: %s", b.Statement)
			s := newStage(t)
			scenario(s)
			assert.True(t, s.decided[b.ID], "the scenario passed, but the rule did not decide it: %s", b.Statement)
		})
	}
	assert.Empty(t, slices.Collect(maps.Keys(scenarios)), "scenarios of rules that are not in the table")
}

func TestBehaviourTableIsWellFormed(t *testing.T) {
	t.Parallel()
	ids, statements := map[string]bool{}, map[string]bool{}
	for _, b := range behaviours.Behaviours() {
		assert.Regexp(t, regexp.MustCompile(`^junkie(\.[a-z0-9]+(-[a-z0-9]+)*)+$`), b.ID)
		assert.False(t, ids[b.ID], "%s is there twice", b.ID)
		assert.False(t, statements[b.Statement], "%s says what another row says", b.ID)
		assert.True(t, strings.HasSuffix(b.Statement, "."), "%s: a statement is a sentence", b.ID)
		assert.Contains(t, []any{doc, obs, asm}, b.Source, b.ID)
		ids[b.ID], statements[b.Statement] = true, true
	}
}
