package conformance

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// An operation is whole when it has a method of the client whose comment says
// what it does to repeat it, an example of that method, a column in MATRIX.md,
// and a scenario that calls it by the client. The last is for the suites to say,
// which see the calls.
func TestEveryOperationIsWhole(t *testing.T) {
	t.Parallel()
	matrix, err := os.ReadFile(matrixDocument)
	require.NoError(t, err)
	for _, v := range matrices() {
		_, columns, _ := strings.Cut(string(matrix), "\n## "+v.name+"\n")
		columns, _, _ = strings.Cut(strings.TrimSpace(columns), "\n")
		client := parseClient(t, v.name)
		for _, op := range v.operations {
			name := v.name + "." + op.ID
			assert.Regexp(t, `\| `+regexp.QuoteMeta(fmt.Sprintf("%s (%s)", op.ID, op.Class))+` +\|`, columns, "%s has no column in %s", name, matrixDocument)
			methods := client.methods(op)
			assert.NotEmpty(t, methods, "%s has no method in package %s", name, v.name)
			for _, m := range methods {
				assertSaysHowItIsRepeated(t, op, m)
				assertShown(t, client, m)
				if op.Class == transport.Once {
					assert.Contains(t, client.examples(m), m.example()+"_unknownOutcome", "%s is Once: show the way out of an unknown outcome", m)
				}
				if all, walks := client.walk(m); walks {
					assert.Contains(t, all.doc(), endpoint(op)+", once per page\n", "the comment of %s does not name its endpoint and class", all)
					assertShown(t, client, all)
				}
			}
		}
		client.assertExamplesInOrder(t)
	}
}

// assertSaysHowItIsRepeated holds the comment of a method against the table that
// was generated from the document: endpoint and class, what it may return, and
// the way out of an unknown outcome.
func assertSaysHowItIsRepeated(t *testing.T, op transport.Op, m method) {
	t.Helper()
	assert.Regexp(t, regexp.QuoteMeta(endpoint(op))+`(, with exceptions)?\n`, m.doc(), "the comment of %s does not name its endpoint and class", m)
	_, refusals, found := strings.Cut(m.doc(), "Errors")
	assert.True(t, found, "the comment of %s does not say which errors it may return", m)
	if op.Class == transport.Read {
		assert.NotContains(t, m.doc(), "[ErrUnknownOutcome]", "%s is a read, whose outcome is never unknown", m)
		return
	}
	assert.True(t, m.inherits() || strings.Contains(refusals, "[ErrUnknownOutcome]"), "the comment of %s does not say that it may return ErrUnknownOutcome", m)
	way := regexp.MustCompile(`(?i)After\s+\[ErrUnknownOutcome\]`)
	assert.Regexp(t, way, m.doc(), "the comment of %s does not say what to do after ErrUnknownOutcome", m)
}

// endpoint is the line that names the endpoint and the class of an operation.
func endpoint(op transport.Op) string {
	return fmt.Sprintf("\n\t%s %s · %s", op.Method, op.Path, op.Class)
}

func assertShown(t *testing.T, c *client, m method) {
	t.Helper()
	assert.NotEmpty(t, c.examples(m), "%s has no example with output: write %s into %s/example_test.go", m, m.example(), c.vendor)
}

// client is the source of a client package, examples included.
type client struct {
	vendor    string
	functions []*ast.FuncDecl // in the order of the files' names
	shown     []*ast.FuncDecl // the examples whose output is checked
}

func parseClient(t *testing.T, vendor string) *client {
	t.Helper()
	c := &client{vendor: vendor}
	files, err := filepath.Glob(filepath.Join("..", "..", vendor, "*.go"))
	require.NoError(t, err)
	for _, name := range files {
		test := strings.HasSuffix(name, "_test.go")
		if test && !strings.HasPrefix(filepath.Base(name), "example") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			switch {
			case !ok:
			case !test:
				c.functions = append(c.functions, function)
			case checksOutput(file, function):
				c.shown = append(c.shown, function)
			}
		}
	}
	return c
}

// checksOutput reports whether a function is an example that go test runs.
func checksOutput(file *ast.File, function *ast.FuncDecl) bool {
	return strings.HasPrefix(function.Name.Name, "Example") && slices.ContainsFunc(file.Comments, func(group *ast.CommentGroup) bool {
		return group.Pos() > function.Body.Pos() && group.End() < function.Body.End() && strings.HasPrefix(group.Text(), "Output:")
	})
}

// method is one that makes calls of an operation.
type method struct {
	vendor   string
	receiver string // name of its type
	name     string
	function *ast.FuncDecl
}

func (c *client) method(f *ast.FuncDecl) method {
	return method{c.vendor, receiverOf(f), f.Name.Name, f}
}

func (m method) String() string  { return m.vendor + "." + m.receiver + "." + m.name }
func (m method) example() string { return "Example" + m.receiver + "_" + m.name }
func (m method) doc() string     { return m.function.Doc.Text() }
func (m method) isWalk() bool    { return m.name == "All" }

// inGo is what a caller writes behind the client.
func (m method) inGo() string { return strings.TrimSuffix(m.receiver, "Service") + "." + m.name }

// inherits reports whether the comment refers to that of another method for
// the errors.
func (m method) inherits() bool { return strings.Contains(m.doc(), "\nErrors are those of [") }

// methods returns the exported methods that make the calls of an operation,
// themselves or by an unexported one, in the order of the source.
func (c *client) methods(op transport.Op) (found []method) {
	variable := strings.ToUpper(op.ID[:1]) + op.ID[1:] + "Op"
	for _, f := range c.functions {
		m := c.method(f)
		switch {
		case m.receiver == "" || m.isWalk() || !mentions(f, c.vendor+"wire", variable):
		case f.Name.IsExported():
			found = append(found, m)
		default:
			for _, g := range c.functions {
				if g.Name.IsExported() && receiverOf(g) == m.receiver && mentions(g, "", m.name) {
					found = append(found, c.method(g))
				}
			}
		}
	}
	return found
}

// walk returns the method that makes the calls of another over and over.
func (c *client) walk(list method) (method, bool) {
	for _, f := range c.functions {
		if m := c.method(f); m.isWalk() && m.receiver == list.receiver && list.name == "List" {
			return m, true
		}
	}
	return method{}, false
}

// shorthands returns the methods that do what another one can do, with fewer
// words.
func (c *client) shorthands(m method) (found []method) {
	for _, f := range c.functions {
		short := c.method(f)
		if f.Name.IsExported() && short.receiver == m.receiver && !short.isWalk() && mentions(f, f.Recv.List[0].Names[0].Name, m.name) {
			found = append(found, short)
		}
	}
	return found
}

// examples are those of a method that call it.
func (c *client) examples(m method) (names []string) {
	for _, f := range c.shown {
		if name := f.Name.Name; (name == m.example() || strings.HasPrefix(name, m.example()+"_")) && mentions(f, "", m.name) {
			names = append(names, name)
		}
	}
	return names
}

// assertExamplesInOrder wants the examples in the order of the methods, and a
// word with each.
func (c *client) assertExamplesInOrder(t *testing.T) {
	t.Helper()
	last := map[string]int{}
	for _, f := range c.shown {
		assert.NotEmpty(t, f.Doc.Text(), "%s.%s: say in a sentence what for", c.vendor, f.Name.Name)
		receiver, rest, _ := strings.Cut(strings.TrimPrefix(f.Name.Name, "Example"), "_")
		name, _, _ := strings.Cut(rest, "_")
		if name == "All" { // stands behind List, in whatever file it is
			name = "List"
		}
		place := slices.IndexFunc(c.functions, func(f *ast.FuncDecl) bool { return receiverOf(f) == receiver && f.Name.Name == name })
		if place >= 0 {
			assert.GreaterOrEqual(t, place, last[receiver], "%s.%s stands below the example of a later method", c.vendor, f.Name.Name)
			last[receiver] = place
		}
	}
}

// receiverOf is the name of the type whose method a function is; empty if it is
// none.
func receiverOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	of := f.Recv.List[0].Type
	if pointer, ok := of.(*ast.StarExpr); ok {
		of = pointer.X
	}
	if name, ok := of.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

// mentions reports whether a function names something of a package, or of
// anything at all if that is empty.
func mentions(f *ast.FuncDecl, of, name string) (found bool) {
	ast.Inspect(f, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok && selector.Sel.Name == name {
			left, plain := selector.X.(*ast.Ident)
			found = found || of == "" || plain && left.Name == of
		}
		return !found
	})
	return found
}
