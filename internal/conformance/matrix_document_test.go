package conformance

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const matrixDocument = "MATRIX.md"

const matrixIntro = `# What happens when a call goes wrong

Written by ` + "`go test ./internal/conformance -update`" + ` from what client and mock did, in process
and over the wire alike; every cell is also checked against the policy's table
in ` + "`matrix_policy_test.go`" + `.

A cell tells two stories. Before the arrow the failure meets every attempt of the
call, after it only the first one:

- a number is how many attempts were made; one after a slash, how many calls the
  client made by itself thereafter to find out what had become of them;
- **ok** is success, **–** an error with nothing changed, **done** an error
  although the change was made (its answer is lost), **?** an error with an
  unknown outcome, about which the caller is told how to find out;
- **+n** is how many effects the vendor's ledger holds afterwards. No cell ever
  has more than one execution of the call would have.

Without an arrow there was one attempt, and no second one to tell about.
`

// matrixRecord collects what became of every cell.
type matrixRecord struct {
	mu    sync.Mutex
	cells map[matrixKey]string
}

type matrixKey struct {
	vendor, op, hazard string
	once               bool
	way                string
}

func newMatrixRecord() *matrixRecord { return &matrixRecord{cells: map[matrixKey]string{}} }

func (m *matrixRecord) add(_ *testing.T, c cell, way string, r result) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cells[matrixKey{c.vendor.name, c.op.ID, c.hazard.name, c.once, way}] = r.String()
}

func (r result) String() string {
	text := fmt.Sprint(r.attempts)
	if r.lookups > 0 {
		text += fmt.Sprintf("/%d", r.lookups)
	}
	switch {
	case r.err == nil:
		text += " ok"
	default:
		text += " " + map[string]string{"not applied": "–", "applied": "done", "unknown": "?"}[r.outcome]
	}
	if r.effects > 0 {
		text += fmt.Sprintf(" +%d", r.effects)
	}
	return text
}

// compare prints the matrix and compares it with the committed document.
func (m *matrixRecord) compare(t *testing.T) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var doc strings.Builder
	doc.WriteString(matrixIntro)
	for _, v := range matrices() {
		if !m.table(t, &doc, v) {
			return
		}
	}
	t.Logf("\n%s", doc.String())
	if *update {
		require.NoError(t, os.WriteFile(matrixDocument, []byte(doc.String()), 0o644))
		return
	}
	committed, err := os.ReadFile(matrixDocument)
	require.NoError(t, err, "write it with: go test ./internal/conformance -update")
	if string(committed) != doc.String() {
		t.Errorf("%s is out of date: go test ./internal/conformance -update. %s", matrixDocument, firstDifference(string(committed), doc.String()))
	}
}

// table writes one vendor's part: a line per hazard, a column per operation. It
// reports false if cells are missing, as they are when -run has picked some.
func (m *matrixRecord) table(t *testing.T, doc *strings.Builder, v vendorMatrix) bool {
	fmt.Fprintf(doc, "\n## %s\n\n", v.name)
	head := []string{"failure"}
	for _, op := range v.operations {
		head = append(head, fmt.Sprintf("%s (%s)", op.ID, op.Class))
	}
	rows := [][]string{head}
	for _, h := range hazards() {
		row := []string{h.name}
		for _, op := range v.operations {
			text, complete := m.cell(t, v.name, op.ID, h.name)
			if !complete {
				return false
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	writeTable(doc, rows)
	return true
}

// cell puts both stories of a cell into one text, which must be the same in
// every way to reach the mock.
func (m *matrixRecord) cell(t *testing.T, vendor, op, hazard string) (text string, complete bool) {
	var stories [2]string
	for i, once := range []bool{false, true} {
		for _, w := range new(network).ways() {
			story, ran := m.cells[matrixKey{vendor, op, hazard, once, w.name}]
			if !ran {
				picked := flag.Lookup("test.run").Value.String() + flag.Lookup("test.skip").Value.String()
				assert.NotEmpty(t, picked, "%s under %q has not run", op, hazard)
				return "", false
			}
			if stories[i] == "" {
				stories[i] = story
			}
			assert.Equal(t, stories[i], story, "%s under %q, %s", op, hazard, w.name)
		}
	}
	if stories[0] == stories[1] {
		return stories[0], true
	}
	return stories[0] + " → " + stories[1], true
}

// writeTable writes a Markdown table that is also readable as it stands.
func writeTable(doc *strings.Builder, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, text := range row {
			widths[i] = max(widths[i], len([]rune(text)))
		}
	}
	for n, row := range rows {
		for i, text := range row {
			fmt.Fprintf(doc, "| %-*s ", widths[i], text)
		}
		doc.WriteString("|\n")
		if n == 0 {
			for _, width := range widths {
				doc.WriteString("|" + strings.Repeat("-", width+2))
			}
			doc.WriteString("|\n")
		}
	}
}
