package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
)

// seeded writes a seed and reads it.
func seeded(t *testing.T, name, text string) (*seedFile, error) {
	t.Helper()
	path := filepath.Join(folder(t), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return readSeed(path)
}

func TestSeedFiles(t *testing.T) {
	t.Parallel()
	yaml := "junkie:\n  keys:\n  - value: A\n\n  - value: B\n"
	s, err := seeded(t, "seed.yaml", yaml)
	require.NoError(t, err)
	assert.JSONEq(t, `{"junkie":{"keys":[{"value":"A"},{"value":"B"}]}}`, string(s.document))
	refused := &mockserver.SeedError{Pointer: "/junkie/keys/1/value", Line: 1, Detail: "value is no good"}
	require.EqualError(t, s.place(refused), s.path+":5: value is no good")
	refused.Pointer = ""
	require.EqualError(t, s.place(refused), s.path+":1: value is no good")

	json := "{\"junkie\":\n\t{}}"
	s, err = seeded(t, "SEED.JSON", json)
	require.NoError(t, err)
	assert.Equal(t, json, string(s.document), "as it is")
	refused.Line = 2
	require.EqualError(t, s.place(refused), s.path+":2: value is no good")
	refused.Line = 0
	require.EqualError(t, s.place(refused), s.path+": value is no good")

	_, err = seeded(t, "seed.yml", json)
	require.NoError(t, err, "YAML, where a tab is nothing but a blank in braces")
}

func TestSeedFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"seed.json": {"{\n\"junkie\": {},\n}", `seed.json:3: invalid character '}' looking for beginning of object key string`},
		"two.json":  {"{}\n{}", `two.json:2: invalid character '{' after top-level value`},
		"cut.json":  {"{\n", `cut.json:2: unexpected end of JSON input`},
		"seed.yaml": {"a: 1\nb: c: d\n", `seed.yaml:2: mapping values are not allowed in this context`},
		"seed":      {"a: 1\nb: 0777\n", `seed:2: 0777 is no number as JSON writes it`},
		"odd.yaml":  {"a: \xff\n", `odd.yaml: `},
	} {
		_, err := seeded(t, name, c.text)
		require.ErrorContains(t, err, c.want, name)
	}
	_, err := readSeed(filepath.Join(folder(t), "nothing.yaml"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
