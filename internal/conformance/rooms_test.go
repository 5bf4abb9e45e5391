package conformance_test

import (
	"bytes"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	repository = "../.."
	modulePath = "github.com/keysmith-go/keysmith"
	vendors    = `(junkie|luaprot|keycrate|keygen)`
)

// room is one row of the architecture's table: which folders it covers and
// what their non-test files may import besides the standard library. The
// patterns match whole paths; ~ stands for this module, $1 for the vendor (or
// other first group) of the folder at hand.
type room struct {
	folder string
	may    []string
}

var rooms = []room{
	{folder: `openapi`},
	{folder: `internal/wire`, may: []string{`github.com/oapi-codegen/runtime`}},
	{folder: `internal/transport`, may: []string{`github.com/hashicorp/go-retryablehttp`}},
	{folder: `internal/` + vendors + `wire`, may: []string{`~/internal/transport`, `~/internal/wire`, `github.com/oapi-codegen/runtime(/types)?`}},
	{folder: vendors, may: []string{`~/internal/transport`, `~/internal/wire`, `~/internal/$1wire`}},
	{folder: `internal/clienttest`, may: []string{`~/internal/wire`, `github.com/stretchr/testify/(assert|require)`}},
	{folder: `mockserver/internal/core`},
	{folder: `mockserver/internal/worldtest`, may: []string{`~/mockserver/internal/core`, `github.com/stretchr/testify/(assert|require)`}},
	{folder: `mockserver/` + vendors + `mock`, may: []string{`~/mockserver/internal/core`}},
	{folder: `mockserver`, may: []string{`~/mockserver/internal/core`, `~/mockserver/` + vendors + `mock`}},
	{folder: `mockserver/cmd/mockserver`, may: []string{`~/mockserver`, `github.com/alecthomas/kong`, `go\.yaml\.in/yaml/v\d+`}},
	{folder: `internal/conformance`}, // tests only, see below
	{folder: `examples/[^/]+`, may: []string{`~/` + vendors, `~/mockserver`, `~/mockserver/` + vendors + `mock`}},
}

// asides are nested modules: no user builds them, so they import what they
// like, but nothing imports them.
var asides = regexp.MustCompile(`^internal/(tools|lint|bench)(/|$)`)

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	visited := map[string]bool{}
	for _, file := range goFiles(t) {
		folder := path.Dir(file)
		if asides.MatchString(folder) {
			continue
		}
		imports := importsOf(t, file)
		for _, imported := range imports {
			ours, inside := strings.CutPrefix(imported, modulePath+"/")
			if inside && (asides.MatchString(ours) || ours == "internal/conformance") {
				t.Errorf("%s imports %s, which nothing may import", file, imported)
			}
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		visited[folder] = true
		assert.NotEqual(t, "internal/conformance", folder, "%s: that folder holds tests only", file)
		may, known := allowed(folder)
		if !known {
			t.Errorf("%s lies in a folder that is no room: give %q a row in the table of this test", file, folder)
			continue
		}
		for _, imported := range imports {
			thirdPartyOfExample := strings.HasPrefix(folder, "examples/") && isModule(folder) && !strings.HasPrefix(imported, modulePath)
			if !isStandard(imported) && !may(imported) && !thirdPartyOfExample {
				t.Errorf("%s imports %s, which %s may not", file, imported, folder)
			}
		}
	}
	for _, folder := range []string{
		"internal/transport", "internal/junkiewire", "internal/luaprotwire", "internal/keycratewire", "internal/keygenwire",
		"junkie", "luaprot", "keycrate", "keygen", "mockserver/cmd/mockserver",
		"mockserver", "mockserver/junkiemock", "mockserver/luaprotmock", "mockserver/keycratemock", "mockserver/keygenmock",
	} {
		assert.True(t, visited[folder], "the walk has not seen %s", folder)
	}
}

func TestTransportKnowsNoVendor(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`(?i)` + vendors)
	for _, file := range goFiles(t) {
		if path.Dir(file) != "internal/transport" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		for i, line := range strings.Split(string(read(t, file)), "\n") {
			assert.False(t, name.MatchString(line), "%s:%d names a vendor: %s", file, i+1, line)
		}
	}
}

// A user must be able to write down the type of everything we export.
func TestExportedAPIShowsNoInternalType(t *testing.T) {
	t.Parallel()
	for _, pkg := range publicPackages(t) {
		e := exposure{t: t, home: pkg, seen: map[types.Type]bool{}}
		for _, name := range pkg.Scope().Names() {
			if object := pkg.Scope().Lookup(name); object.Exported() {
				e.object(object)
			}
		}
	}
}

// What stands in the repository must make sense to whoever cloned it.
func TestNoTraceOfAMachine(t *testing.T) {
	t.Parallel()
	folders := []string{"/work/", "/root/", "/home/", "/Users/"}
	hosts := []string{"../shared", "proxy.golang.", "sum.golang.", "deb.debian.", "registry.npmjs."}
	beginsAPath := regexp.MustCompile(`(^|[^\w.:/-])(` + strings.Join(folders, "|") + `)\w`)
	among := func(words []string, text string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
	}
	for _, file := range files(t) {
		content := read(t, file)
		if file == "internal/conformance/rooms_test.go" || bytes.IndexByte(content, 0) >= 0 {
			continue
		}
		for i, line := range strings.Split(string(content), "\n") {
			found := among(hosts, line) || among(folders, line) && beginsAPath.MatchString(line)
			assert.False(t, found, "%s:%d: %s", file, i+1, line)
		}
	}
}

// allowed returns whether the room of a folder may import a path; false if the
// folder is no room.
func allowed(folder string) (may func(imported string) bool, known bool) {
	for _, r := range rooms {
		match := regexp.MustCompile(`^` + r.folder + `$`).FindStringSubmatch(folder)
		if match == nil {
			continue
		}
		return func(imported string) bool {
			return slices.ContainsFunc(r.may, func(pattern string) bool {
				pattern = strings.ReplaceAll(pattern, "~", regexp.QuoteMeta(modulePath))
				if len(match) > 1 {
					pattern = strings.ReplaceAll(pattern, "$1", match[1])
				}
				return regexp.MustCompile(`^` + pattern + `$`).MatchString(imported)
			})
		}, true
	}
	return nil, false
}

func isStandard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".") && imported != "C"
}

func isModule(folder string) bool {
	_, err := os.Stat(filepath.Join(repository, folder, "go.mod"))
	return err == nil
}

func importsOf(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, read(t, file), parser.ImportsOnly)
	require.NoError(t, err)
	var paths []string
	for _, spec := range parsed.Imports {
		paths = append(paths, strings.Trim(spec.Path.Value, "`\""))
	}
	return paths
}

func goFiles(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(files(t), func(file string) bool { return path.Ext(file) != ".go" })
}

// files lists the files of the repository, from its root.
func files(t *testing.T) []string {
	t.Helper()
	var found []string
	err := fs.WalkDir(os.DirFS(repository), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == ".git" || name == ".cache"):
			return fs.SkipDir
		case name == ".git": // of a second work tree, which is git's own as well
		case entry.Type().IsRegular():
			found = append(found, name)
		}
		return nil
	})
	require.NoError(t, err)
	return found
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(repository, file))
	require.NoError(t, err)
	return content
}

// publicPackages loads the types of what users can import, as the compiler
// wrote them down.
func publicPackages(t *testing.T) []*types.Package {
	t.Helper()
	list := exec.Command("go", "list", "-e", "-export", "-deps", "-f", "{{.ImportPath}} {{.Name}} {{.Export}}", "./...")
	list.Dir = repository
	var complaints bytes.Buffer
	list.Stderr = &complaints
	output, err := list.Output()
	require.NoError(t, err, complaints.String())

	exports := map[string]string{}
	var public []string
	for line := range strings.Lines(string(output)) {
		importPath, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, export, _ := strings.Cut(rest, " ")
		exports[importPath] = export
		if isPublic(importPath) && name != "main" && strings.HasPrefix(importPath, modulePath+"/") {
			public = append(public, importPath)
		}
	}
	require.Contains(t, public, modulePath+"/junkie")

	compiled := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	var loaded []*types.Package
	for _, importPath := range public {
		require.NotEmpty(t, exports[importPath], "%s does not compile", importPath)
		pkg, err := compiled.Import(importPath)
		require.NoError(t, err)
		loaded = append(loaded, pkg)
	}
	return loaded
}

func isPublic(importPath string) bool {
	return isStandard(importPath) || strings.HasPrefix(importPath, modulePath+"/") && !strings.Contains(importPath, "/internal/")
}

// exposure follows everything a user sees of one package.
type exposure struct {
	t    *testing.T
	home *types.Package
	seen map[types.Type]bool
}

func (e exposure) object(object types.Object) {
	where := e.home.Path() + "." + object.Name()
	declared, isType := object.(*types.TypeName)
	if !isType {
		e.visit(where, object.Type())
		return
	}
	e.declaration(where, declared)
}

// declaration visits what a declared type shows besides its name.
func (e exposure) declaration(where string, name *types.TypeName) {
	declared := name.Type()
	if e.seen[declared] {
		return
	}
	e.seen[declared] = true
	if name.IsAlias() {
		e.visit(where, types.Unalias(declared))
		return
	}
	e.visit(where, declared.Underlying())
	methods := types.NewMethodSet(types.NewPointer(declared))
	for i := range methods.Len() {
		if method := methods.At(i).Obj(); method.Exported() {
			e.visit(where+"."+method.Name(), method.Type())
		}
	}
}

func (e exposure) visit(where string, shown types.Type) {
	switch shown := shown.(type) {
	case *types.Alias:
		e.named(where, shown.Obj())
		e.visit(where, types.Unalias(shown))
	case *types.Named:
		for i := range shown.TypeArgs().Len() {
			e.visit(where, shown.TypeArgs().At(i))
		}
		e.named(where, shown.Origin().Obj())
	case *types.TypeParam:
		e.visit(where, shown.Constraint())
	case *types.Pointer:
		e.visit(where, shown.Elem())
	case *types.Slice:
		e.visit(where, shown.Elem())
	case *types.Array:
		e.visit(where, shown.Elem())
	case *types.Chan:
		e.visit(where, shown.Elem())
	case *types.Map:
		e.visit(where, shown.Key())
		e.visit(where, shown.Elem())
	case *types.Signature:
		e.visit(where, shown.Params())
		e.visit(where, shown.Results())
	case *types.Tuple:
		for i := range shown.Len() {
			e.visit(where, shown.At(i).Type())
		}
	case *types.Struct:
		for i := range shown.NumFields() {
			if field := shown.Field(i); field.Exported() {
				e.visit(where+"."+field.Name(), field.Type())
			}
		}
	case *types.Interface:
		for i := range shown.NumMethods() {
			if method := shown.Method(i); method.Exported() {
				e.visit(where+"."+method.Name(), method.Type())
			}
		}
	}
}

// named judges a type by its name, and looks behind the unexported ones, whose
// methods and fields a user can reach all the same.
func (e exposure) named(where string, name *types.TypeName) {
	switch {
	case name.Pkg() == nil: // error, any, comparable
	case !isPublic(name.Pkg().Path()):
		e.t.Errorf("%s shows %s.%s, which a user cannot name", where, name.Pkg().Path(), name.Name())
	case name.Pkg() == e.home && !name.Exported():
		e.declaration(where, name)
	}
}
