package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
)

const fidelityIntro = `# How faithful the mock is

A vendor's public pages tell only a part of how its API behaves. The mock has to
decide the rest, so it is built from rules, and this file lists them with how
each is known and what proves that the mock keeps it.

| source | meaning | how far to trust it |
|---|---|---|
| documented | a public page of the vendor says so | as far as the page |
| observed | not published, but other programs send it or expect it | it shows what callers do, and only thereby what the vendor does |
| assumed | nothing is known; a decision of ours | do not let your program depend on it |

A proof is a scenario in ` + "`internal/conformance`" + ` that the client and the mock play
together, in process and over HTTP. It counts for a rule only if it asserts on
the rule and the rule decided an answer in it, which the mock's journal tells.

What a proof does not show is that the vendor keeps the rule: nothing here has
been compared with a vendor's servers. Whoever has an account can have that done:
` + "`CONTRIBUTING.md`" + ` says how. There is no total either, because rules
do not weigh the same: a wrong one about expiry does more harm than many right
ones about bounds.

Where a rule is wrong, a correction is welcome; ` + "`CONTRIBUTING.md`" + ` says how.
This file is written by ` + "`go test ./internal/conformance -run TestFidelity -update`" + `.
`

// proven is a suite as the table shows it.
type proven interface {
	name() string
	claims() map[string][]string
}

func (s suite[Stage]) name() string { return s.vendor }

// TestFidelity compares the public table of rules with the rules of the mock and
// the scenarios that prove them. That these do is for the suites to check.
func TestFidelity(t *testing.T) {
	t.Parallel()
	var doc strings.Builder
	doc.WriteString(fidelityIntro)
	for _, v := range []struct {
		title string
		proven
	}{
		{"Junkie", junkieSuite},
		{"LuaProt", luaprotSuite},
		{"Keygen", keygenSuite},
		{"Keycrate", keycrateSuite},
	} {
		fmt.Fprintf(&doc, "\n## %s\n\n", v.title)
		writeFidelity(&doc, v)
	}

	file := filepath.Join("..", "..", "mockserver", "FIDELITY.md")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(doc.String()), 0o644))
	}
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	if doc.String() != string(written) { // too long to be shown whole
		t.Errorf("mockserver/FIDELITY.md is not up to date: run this test with -update. %s", firstDifference(string(written), doc.String()))
	}
}

func firstDifference(got, want string) string {
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i, line := range wantLines {
		if i == len(gotLines) || gotLines[i] != line {
			return fmt.Sprintf("Line %d should be:\n%s", i+1, line)
		}
	}
	return fmt.Sprintf("It should have %d lines and has %d.", len(wantLines), len(gotLines))
}

func writeFidelity(doc *strings.Builder, v proven) {
	doc.WriteString("| rule | what the mock does | source | proven by |\n|---|---|---|---|\n")
	claims := v.claims()
	for _, row := range mockserver.New().Behaviours(v.name()) {
		id := strings.TrimPrefix(row.ID, v.name()+".")
		proof := strings.Join(claims[row.ID], "; ")
		if proof == "" {
			proof = "**nothing**"
		}
		fmt.Fprintf(doc, "| `%s` | %s | %s | %s |\n", id, escapeCell(row.Statement), row.Source, escapeCell(proof))
	}
}

func escapeCell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(text)
}
