package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// FuzzYAML: a file is refused with the line that is wrong, or becomes a JSON
// document, of which every part lies on a line of the file. What was JSON says what
// it said.
func FuzzYAML(f *testing.F) {
	for _, text := range []string{
		"junkie:\n  keys:\n  - value: A\n    validity: 30d\n    createdAt: 2026-03-01T12:00:00Z\n", "a: &x [1, 2]\nb: *x\n", "a: &x\n  b: *x\n", "a: 1\n---\nb: 2\n", "---\n", "# nothing\n", "", "%YAML 1.2\n---\na\n",
		"a: !!bool yes\n", "a: !!bool x\n", "a: !!null x\n", "a: !!str 7\nb: !!float 1\n", "a: !!int 0x1F\n", "a: .inf\n", "a: yes\nb: ~\nc: True\n", "a: 010\n", "a: 1_000\n", "a: 1e400\n", "<<: {a: 1}\n", "? [a]\n: b\n", "a: 1\na: 2\n", "\"a/b~\": {\"\\u0000\": \"\\ud800\"}", "\t", "\xff", "- - - - x\n", "a: |\n  b\n",
		`8E888`, `{"junkie": {"keys": [{"value": "A", "hwidLimit": 1}, null, true, 1.5e3]}}`, "a: !x 1\n", "a: !!binary AAAA\n", "a: !!timestamp x\n", "!!map [a]\n", "!!seq {a: b}\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		root, err := readYAML(text)
		var document []byte
		if err == nil {
			document, err = toJSON(root, len(text))
		}
		lines := 1 + bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r")) + strings.Count(string(text), "\u0085") + strings.Count(string(text), "\u2028") + strings.Count(string(text), "\u2029")
		if err != nil {
			var bad *lineError
			require.ErrorAs(t, err, &bad)
			require.NotEmpty(t, bad.text)
			require.GreaterOrEqual(t, bad.line, 0)
			require.LessOrEqual(t, bad.line, 1+lines)
			return
		}
		require.True(t, json.Valid(document), "%q", document)
		if json.Valid(text) {
			require.Equal(t, asJSON(t, text), asJSON(t, document))
		}
		if root != nil {
			placed(t, root, root, "", 1+lines)
		}
	})
}

// asJSON reads a JSON document, with numbers as they are written.
func asJSON(t *testing.T, text []byte) (value any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&value))
	return value
}

// placed asserts that a part of a file, and all below it, is found where it stands.
func placed(t *testing.T, root, n *yaml.Node, pointer string, lines int) {
	t.Helper()
	line := lineAt(root, pointer)
	require.Greater(t, line, 0, pointer)
	require.LessOrEqual(t, line, lines, pointer)
	if n.Kind != yaml.MappingNode {
		return
	}
	members, err := membersOf(n)
	require.NoError(t, err)
	for _, m := range members {
		placed(t, root, m.value, pointer+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(m.key.Value), lines)
	}
}
