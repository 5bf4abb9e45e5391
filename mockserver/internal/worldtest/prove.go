package worldtest

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Prove proves every row of a table, each in a subtest of its name: there is
// one scenario for it, which passes on a new stage and in which the rule decides
// something.
func Prove[S interface{ HasDecided(row string) bool }](t *testing.T, table []core.Behaviour, open func(testing.TB) S, groups ...map[string]func(S)) {
	scenarios := map[string]func(S){}
	for _, group := range groups {
		for rule, scenario := range group {
			require.NotContains(t, scenarios, rule, "proven twice")
			scenarios[rule] = scenario
		}
	}
	for _, b := range table {
		scenario := scenarios[b.ID]
		delete(scenarios, b.ID)
		t.Run(b.ID, func(t *testing.T) {
			t.Parallel()
			require.NotNil(t, scenario, "no scenario proves: %s", b.Statement)
			s := open(t)
			scenario(s)
			assert.True(t, s.HasDecided(b.ID), "the scenario passed, but the rule did not decide it: %s", b.Statement)
		})
	}
	assert.Empty(t, slices.Collect(maps.Keys(scenarios)), "scenarios of rules that are not in the table")
}

// CheckTable asserts that a table is well formed.
func CheckTable(t *testing.T, vendor string, table []core.Behaviour) {
	form := regexp.MustCompile(`^` + vendor + `(\.[a-z0-9]+(-[a-z0-9]+)*)+$`)
	ids, statements := map[string]bool{}, map[string]bool{}
	for _, b := range table {
		assert.Regexp(t, form, b.ID)
		assert.False(t, ids[b.ID], "%s is there twice", b.ID)
		assert.False(t, statements[b.Statement], "%s says what another row says", b.ID)
		assert.True(t, strings.HasSuffix(b.Statement, "."), "%s: a statement is a sentence", b.ID)
		assert.Contains(t, []core.Source{core.Documented, core.Observed, core.Assumed}, b.Source, b.ID)
		ids[b.ID], statements[b.Statement] = true, true
	}
}

// CheckPublic asserts that methods and fields of a vendor's public types show
// no type of the mock's inner seam.
func CheckPublic(t *testing.T, types ...reflect.Type) {
	for _, typ := range types {
		for i := range typ.NumMethod() {
			m := typ.Method(i)
			assert.NotContains(t, m.Type.String(), "core.", "%v.%s", typ, m.Name)
		}
		if typ.Kind() != reflect.Struct {
			continue
		}
		for i := range typ.NumField() {
			assert.NotContains(t, typ.Field(i).Type.String(), "core.", "%v.%s", typ, typ.Field(i).Name)
		}
	}
}
