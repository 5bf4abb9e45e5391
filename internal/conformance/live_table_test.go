package conformance

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLiveVariablesAreDocumented checks that contributors are told of every
// variable.
func TestLiveVariablesAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	require.NoError(t, err)
	for _, v := range liveVendors() {
		for _, variable := range v.variables {
			assert.Contains(t, string(text), "`"+v.variable(variable.name)+"`")
		}
	}
}

const (
	liveDocument = "LIVE.md"
	liveIntro    = `# What a live vendor can be asked

Written by ` + "`go test ./internal/conformance -run TestLiveTable -update`" + `. How to ask, and
what that does to an account, is told in [CONTRIBUTING.md](../../CONTRIBUTING.md).

Each rule of the mock's table is either asked by a probe or listed with the reason
why it is not. A rule that is asked in part is confirmed only so far, and stays
assumed; it is refuted like any other.
`
)

// TestLiveTable puts every probe to the mock, and compares what the probes ask
// with the table of rules and with the public list of what is asked.
func TestLiveTable(t *testing.T) {
	t.Parallel()
	var doc strings.Builder
	doc.WriteString(liveIntro)
	for _, v := range liveVendors() {
		r := newLiveRun(v, v.visit(liveSettings{}, newMark(), nil))
		claims, calls := map[string][]string{}, 0 // rules by probe
		for _, p := range v.probes {
			assert.NotContains(t, claims, p.name, "%s: two probes have one name", v.name)
			rehearsed := v.rehearse(p)
			assert.Empty(t, rehearsed.mishaps, v.name)
			calls += rehearsed.calls
			claims[p.name] = rulesOf(rehearsed.notes)
			require.NotEmpty(t, claims[p.name], "%s: %q asks nothing", v.name, p.name)
		}
		assert.Empty(t, r.real.mishaps, v.name)
		assertAccounted(t, r, claims)
		r.writeTable(&doc, claims, calls)
	}
	if *update {
		require.NoError(t, os.WriteFile(liveDocument, []byte(doc.String()), 0o644))
	}
	written, err := os.ReadFile(liveDocument)
	require.NoError(t, err)
	if doc.String() != string(written) {
		t.Errorf("%s is not up to date: run this test with -update. %s", liveDocument, firstDifference(string(written), doc.String()))
	}
}

// rulesOf are the rules that some notes are about, each once.
func rulesOf(notes []sighting) []string {
	var rules []string
	for _, n := range notes {
		for _, rule := range n.rules {
			if !slices.Contains(rules, rule) {
				rules = append(rules, rule)
			}
		}
	}
	return rules
}

// assertAccounted checks that every rule is either asked or has a reason why not,
// and that only what is asked is asked in part.
func assertAccounted(t *testing.T, r *liveRun, claims map[string][]string) {
	t.Helper()
	asked := map[string]bool{}
	for _, rules := range claims {
		for _, rule := range rules {
			asked[rule] = true
		}
	}
	for _, f := range r.findings {
		assert.NotEqual(t, asked[f.rule.ID], f.why != "", "%s is asked (%v), or there is a reason why not (%q)", f.rule.ID, asked[f.rule.ID], f.why)
		assert.False(t, !asked[f.rule.ID] && f.partly != "", "%s is asked in part, but no probe asks", f.rule.ID)
		delete(asked, f.rule.ID)
	}
	assert.Empty(t, asked, "rules that there are not")
}

func (r *liveRun) writeTable(doc *strings.Builder, claims map[string][]string, calls int) {
	asked := 0
	for _, f := range r.findings {
		if f.why == "" {
			asked++
		}
	}
	fmt.Fprintf(doc, "\n## %s\n\n%d of %d rules are asked, with %d calls.\n", r.vendor.title, asked, len(r.findings), calls)
	doc.WriteString("\n| not asked | because |\n|---|---|\n")
	for _, group := range r.vendor.unasked {
		fmt.Fprintf(doc, "| %s | %s |\n", asCode(strings.Fields(group.rules)), group.why)
	}
	doc.WriteString("\n| asked in part | what is left out |\n|---|---|\n")
	for _, group := range r.vendor.partly {
		fmt.Fprintf(doc, "| %s | %s |\n", asCode(strings.Fields(group.rules)), group.why)
	}
	doc.WriteString("\n| probe | rules that it asks about |\n|---|---|\n")
	for _, p := range r.vendor.probes {
		var rules []string
		for _, rule := range claims[p.name] {
			rules = append(rules, strings.TrimPrefix(rule, r.vendor.name+"."))
		}
		fmt.Fprintf(doc, "| %s%s | %s |\n", p.name, r.needs(p), asCode(rules))
	}
}

// needs tells which optional variables a probe takes.
func (r *liveRun) needs(p probe) string {
	if why := r.vendor.lacks(p, liveSettings{}); why != "" {
		return " (" + why + ")"
	}
	return ""
}

func asCode(rules []string) string { return "`" + strings.Join(rules, "` `") + "`" }
