package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A test that passes whatever the code does proves nothing. TestMutations breaks the
// code in the ways that this module is about, one after the other, and asks which
// tests notice:
//
//	go test -count=1 -v -timeout 60m ./internal/conformance -run '^TestMutations$' -mutate
//
// It takes ten minutes to half an hour, and so does nothing without its flag. No file
// of the repository is touched: the compiler is given a broken copy in its place.

var mutate = flag.Bool("mutate", false, "break the code in many ways, and see that tests fail")

const root = "../.." // of the repository

// mutation is one way to break the code.
type mutation struct {
	name string
	file string // from the root of the repository
	find string // a regular expression that fits once; its group is what is replaced
	with string
}

func mutations() []mutation {
	const policy, client, call = "internal/transport/decide.go", "internal/transport/client.go", "internal/transport/call.go"
	return []mutation{
		again("junkie", "createKey"),
		again("luaprot", "generateKeys"),
		again("keycrate", "extendLicense"),
		again("keygen", "popPool"),
		{"whatever gets no answer is sent again", policy, `uncertain: +\{true, true, (false), Unknown\}`, "true"},
		{"a lost answer is told as not applied", policy, `uncertain: +\{true, true, false, (Unknown)\}`, "NotApplied"},
		{"a success that cannot be read is told as not applied", policy, `s == oversized\):\s+return (Applied)`, "NotApplied"},
		{"a refusal settles what an earlier attempt left open", call, `v\.documented\); (o != NotApplied) \{`, "true"},
		{"redirects are followed", client, `client\.CheckRedirect = (func\(.*)`, "nil"},
		{"cookies of one attempt go into the next", call, `if (c\.http\.Jar != nil) \{`, "false"},
		{"net/http is told that any request may be sent again", client, `if (name == "Idempotency-Key" \|\| name == "X-Idempotency-Key") \{`, "false"},
		{"net/http sends again what HTTP/2 has dropped", "internal/transport/attempt.go", `(strings\.HasPrefix\(name, ":"\))`, `false && strings.HasPrefix(name, ":")`},
		{"nothing is redacted", "internal/transport/redact.go", `return redactor\{(replacerOf\(hidden\))\}`, "nil"},
	}
}

// again lets an operation be repeated that may not be.
func again(vendor, op string) mutation {
	return mutation{
		vendor + "." + op + " is sent again", "internal/" + vendor + "wire/wire.gen.go",
		`ID: +"` + op + `",\s+Method: +\S+\s+Path: +"[^"]*",\s+Class: +transport\.(Once),`, "Idempotent",
	}
}

// Packages and tests that are to notice. Those that fail have seen the effect, not
// the text of the code.
var (
	sceptics = []string{"./internal/conformance", "./internal/transport", "./junkie", "./luaprot", "./keycrate", "./keygen"}
	looks    = `^Test(Matrix|Redirects|Canary|Soak$|.*(Lost|Ledger|Refus|Repeat|Resolve|Settle|Redact|Header|HTTP2|Cookie|Once|Outcome|Unknown|Again|Retr|Hid))`
)

func TestMutations(t *testing.T) {
	if !*mutate {
		t.Log("nothing is broken without -mutate")
		return
	}
	red, output := failing(t, "{}")
	require.Empty(t, red, "tests fail as it is: %s", output)
	for _, m := range mutations() {
		t.Run(m.name, func(t *testing.T) {
			red, output := failing(t, m.overlay(t))
			require.NotEmpty(t, red, "no test fails: %s", output)
			t.Logf("%d tests fail:\n%s", len(red), strings.Join(red, "\n"))
		})
	}
}

// Every mutation fits the code as it is, so that none has to be mended when it is
// asked for.
func TestMutationsFit(t *testing.T) {
	t.Parallel()
	for _, m := range mutations() {
		assert.NotEmpty(t, m.apply(t))
	}
}

// apply returns the broken file.
func (m mutation) apply(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, m.file))
	require.NoError(t, err)
	found := regexp.MustCompile(m.find).FindAllSubmatchIndex(text, -1)
	require.Len(t, found, 1, "%s: what is to be broken is no longer in %s, or more than once", m.name, m.file)
	return slices.Concat(text[:found[0][2]], []byte(m.with), text[found[0][3]:])
}

// overlay is what makes the compiler take the broken file; see go help build.
func (m mutation) overlay(t *testing.T) string {
	t.Helper()
	broken := filepath.Join(scratch(t), filepath.Base(m.file))
	require.NoError(t, os.WriteFile(broken, m.apply(t), 0o644))
	whole, err := filepath.Abs(filepath.Join(root, m.file))
	require.NoError(t, err)
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{whole: broken}})
	require.NoError(t, err)
	return string(text)
}

// scratch is a folder for the files of a test, where git overlooks it.
func scratch(t *testing.T) string {
	t.Helper()
	cache, err := filepath.Abs(filepath.Join(root, ".cache"))
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(cache, 0o755))
	dir, err := os.MkdirTemp(cache, "mutation-*")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// failing runs the tests, and returns the names of those that fail, with the number
// of their cases, and what was printed in the end.
func failing(t *testing.T, overlay string) (red []string, output string) {
	t.Helper()
	file := filepath.Join(scratch(t), "overlay.json")
	require.NoError(t, os.WriteFile(file, []byte(overlay), 0o644))
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"test", "-json", "-count=1", "-overlay", file, "-run", looks}, sceptics...)...)
	cmd.Dir = root
	printed, err := cmd.CombinedOutput()
	cases := map[string]int{}
	for lines := bufio.NewScanner(bytes.NewReader(printed)); lines.Scan(); {
		var event struct{ Action, Package, Test string }
		if json.Unmarshal(lines.Bytes(), &event) == nil && event.Action == "fail" && event.Test != "" {
			test, one, _ := strings.Cut(event.Test, "/")
			name := filepath.Base(event.Package) + " " + test
			cases[name] += min(len(one), 1)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		red = append(red, fmt.Sprintf("%s (%d cases)", name, cases[name]))
	}
	require.Equal(t, err != nil, len(red) > 0, "%v: %s", err, tail(printed))
	return red, tail(printed)
}

// tail is the end of a long text.
func tail(text []byte) string { return string(text[max(0, len(text)-4000):]) }
