package conformance_test

import (
	"flag"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestExportedAPI compares what each public package exports with the file that
// tells it, so that a change of the API is a decision that somebody sees: -update
// rewrites the files, and CHANGELOG.md says what has become of what.
func TestExportedAPI(t *testing.T) {
	t.Parallel()
	rewrite := flag.Lookup("update").Value.String() == "true"
	var known []string
	for _, pkg := range publicPackages(t) {
		lines := exported(pkg)
		if len(lines) == 0 {
			continue
		}
		name := strings.TrimPrefix(pkg.Path(), modulePath+"/")
		file := filepath.Join("api", strings.ReplaceAll(name, "/", "_")+".txt")
		known = append(known, file)
		text := strings.Join(lines, "\n") + "\n"
		if rewrite {
			require.NoError(t, os.MkdirAll("api", 0o755))
			require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		}
		written, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(written), text, "what %s exports has changed; if that is meant, run this test with -update and tell it in CHANGELOG.md", name)
	}
	found, err := filepath.Glob("api/*.txt")
	require.NoError(t, err)
	require.ElementsMatch(t, known, found, "a file for each public package, and no other")
}

// exported lists what a package exports, a line each: constants with their
// values, the fields of structs and the methods of types.
func exported(pkg *types.Package) (lines []string) {
	foreign := func(other *types.Package) string {
		if other == pkg {
			return ""
		}
		return other.Path()
	}
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, name := range pkg.Scope().Names() {
		object := pkg.Scope().Lookup(name)
		if !object.Exported() {
			continue
		}
		switch object := object.(type) {
		case *types.Const:
			add("%s = %s", types.ObjectString(object, foreign), object.Val().ExactString())
		case *types.TypeName:
			structure, isStruct := object.Type().Underlying().(*types.Struct)
			if !isStruct {
				add("%s", types.ObjectString(object, foreign))
			} else {
				add("type %s struct", types.TypeString(object.Type(), foreign))
				for field := range structure.Fields() {
					if field.Exported() {
						add("type %s struct, %s %s `%s`", name, field.Name(), types.TypeString(field.Type(), foreign), tag(structure, field))
					}
				}
			}
			for _, method := range methods(object.Type()) {
				add("%s", types.ObjectString(method, foreign))
			}
		default:
			add("%s", types.ObjectString(object, foreign))
		}
	}
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, " ``")
	}
	return lines
}

func tag(structure *types.Struct, field *types.Var) string {
	for i := range structure.NumFields() {
		if structure.Field(i) == field {
			return structure.Tag(i)
		}
	}
	return ""
}

// methods are the exported methods of a type and of a pointer to it, by name.
func methods(of types.Type) (list []*types.Func) {
	named, ok := of.(*types.Named)
	if !ok {
		return nil
	}
	for method := range named.Methods() {
		if method.Exported() {
			list = append(list, method)
		}
	}
	slices.SortFunc(list, func(a, b *types.Func) int { return strings.Compare(a.Name(), b.Name()) })
	return list
}

// A moment has the same kind of name in every client: a program that goes from
// one vendor to another finds CreatedAt and ExpiresAt there, too.
func TestMomentsAreNamedAlike(t *testing.T) {
	t.Parallel()
	moment := regexp.MustCompile(`^(time\.Time|.*\.Opt\[time\.Time\])$`)
	named := regexp.MustCompile(`(At|Before|After)$`)
	for _, pkg := range publicPackages(t) {
		if !regexp.MustCompile(`/` + vendors + `$`).MatchString(pkg.Path()) {
			continue
		}
		for _, name := range pkg.Scope().Names() {
			structure, isStruct := pkg.Scope().Lookup(name).Type().Underlying().(*types.Struct)
			if !isStruct {
				continue
			}
			for field := range structure.Fields() {
				if field.Exported() && moment.MatchString(field.Type().String()) {
					assert.Regexp(t, named, field.Name(), "%s.%s is a moment: call it after what happens then, with At behind", name, field.Name())
				}
			}
		}
	}
}
