package conformance

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/transport"
)

const operationsIntro = `# The operations

What each package can ask its vendor for. The class says whether a call may be
repeated after a failure: **Read** always, **Idempotent** unless an answer says
success and cannot be read, **Once** only if the attempt before provably had no
effect. Which failure does what is in
[MATRIX.md](../internal/conformance/MATRIX.md); what to do when the outcome is
unknown, in the comment of each method.

The last column is what the document says of how an operation is known. Its words
cover what they name, and the vendor's own page the rest: see
[README.md](README.md). [FIDELITY.md](../mockserver/FIDELITY.md) goes on from the
operations to every rule of theirs.

Written by ` + "`go test ./internal/conformance -run TestOperations -update`" + ` from the
documents and from the source of the clients.
`

// TestOperations compares the public table of operations with the documents and
// the clients.
func TestOperations(t *testing.T) {
	t.Parallel()
	titles := map[string]string{"junkie": "Junkie", "luaprot": "LuaProt", "keygen": "Keygen", "keycrate": "Keycrate"}
	var doc strings.Builder
	doc.WriteString(operationsIntro)
	for _, v := range matrices() {
		document, err := openapi3.NewLoader().LoadFromFile(filepath.Join("..", "..", "openapi", v.name+".yaml"))
		require.NoError(t, err)
		fmt.Fprintf(&doc, "\n## %s\n\n%d operations at `%s`, in package [`%s`](../%s/doc.go):\n\n",
			titles[v.name], len(v.operations), document.Servers[0].URL, v.name, v.name)
		writeTable(&doc, operationRows(parseClient(t, v.name), document, v.operations))
	}

	file := filepath.Join("..", "..", "openapi", "OPERATIONS.md")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(doc.String()), 0o644))
	}
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	if doc.String() != string(written) { // too long to be shown whole
		t.Errorf("openapi/OPERATIONS.md is not up to date: run this test with -update. %s", firstDifference(string(written), doc.String()))
	}
}

// operationRows are the rows of a vendor's table, in the order of the examples.
func operationRows(c *client, document *openapi3.T, operations []transport.Op) [][]string {
	operations = slices.Clone(operations)
	slices.SortStableFunc(operations, func(a, b transport.Op) int { return c.place(a) - c.place(b) })
	rows := [][]string{{"in Go", "operation", "request", "class", "how it is known"}}
	for _, op := range operations {
		item := document.Paths.Value(op.Path)
		mark := "documented"
		for _, extensions := range []map[string]any{item.Extensions, item.GetOperation(op.Method).Extensions} {
			if words, marked := extensions["x-provenance"].(string); marked {
				mark = words
			}
		}
		rows = append(rows, []string{c.inGo(op), op.ID, fmt.Sprintf("`%s %s`", op.Method, op.Path), c.class(op), mark})
	}
	return rows
}

// inGo names all methods that make the calls of an operation.
func (c *client) inGo(op transport.Op) string {
	var names []string
	add := func(m method) { names = append(names, "`"+m.inGo()+"`") }
	for _, m := range c.methods(op) {
		add(m)
		if all, walks := c.walk(m); walks {
			add(all)
		}
		for _, short := range c.shorthands(m) {
			add(short)
		}
	}
	return strings.Join(names, ", ")
}

// class is that of an operation, as the comment of its method has it: with
// exceptions, if some arguments lower it.
func (c *client) class(op transport.Op) string {
	class := op.Class.String()
	for _, m := range c.methods(op) {
		if strings.Contains(m.doc(), endpoint(op)+", with exceptions\n") {
			class += ", with exceptions"
		}
	}
	return class
}

// place is that of the first example of an operation.
func (c *client) place(op transport.Op) int {
	for _, m := range c.methods(op) {
		for _, name := range c.examples(m) {
			return slices.IndexFunc(c.shown, func(f *ast.FuncDecl) bool { return f.Name.Name == name })
		}
	}
	return len(c.shown)
}
