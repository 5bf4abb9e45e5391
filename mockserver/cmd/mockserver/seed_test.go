package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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

const shop = `# what the shop has
junkie:
  providers:
  - name: shop
  keys:
  - provider: shop
    value: SHOP-FRESH
    validity: 30d
  - {provider: shop, value: SHOP-EXPIRED, validity: 1h, createdAt: -2h}
keygen:
  policies:
  - {name: pool, usePool: true}
  keys:
  - key: EDITOR-1
`

// The server begins with what the file describes, and comes back to it.
func TestTheProgramBeginsWithItsSeed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(folder(t), "shop.yaml")
	require.NoError(t, os.WriteFile(path, []byte(shop), 0o600))
	p := start(t, 1, "--listen=127.0.0.1:0", "--seed", path, "--time=2031-02-03T04:05:06Z", "--frozen")
	for range 2 {
		keys := answerTo(t, http.MethodGet, p.url(t)+"/__admin/junkie/keys")
		assert.Contains(t, keys, `"SHOP-FRESH"`)
		assert.Contains(t, keys, `"2031-02-03T02:05:06Z"`, "two hours before the time")
		assert.Contains(t, answerTo(t, http.MethodGet, p.url(t)+"/__admin/keygen/keys"), `"EDITOR-1"`)
		answerTo(t, http.MethodDelete, p.url(t)+"/__admin/junkie/keys/1")
		assert.NotContains(t, answerTo(t, http.MethodGet, p.url(t)+"/__admin/junkie/keys"), `"SHOP-FRESH"`)
		answerTo(t, http.MethodPost, p.url(t)+"/__admin/reset")
	}
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	code, _ := p.end(t)
	assert.Equal(t, 0, code)
}

// answerTo sends a request, and returns what is answered.
func answerTo(t *testing.T, method, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	assert.Equal(t, 2, resp.StatusCode/100, "%s %s", method, url)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}

func TestBadSeedsAreRefusedByTheProgram(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	for name, c := range map[string]struct{ old, new, want string }{
		"member.yaml":   {"validity: 30d", "valid: 30d", ":8: junkie/keys/0/valid is not known here"},
		"vendor.yaml":   {"keygen:", "keygone:", ":10: keygone is not known here; did you mean \"keygen\"?"},
		"kind.yaml":     {"  keys:\n  - key", "  keyz:\n  - key", ":13: keygen/keyz is not known here"},
		"value.yaml":    {"usePool: true", "usePool: 1", ":12: keygen/policies/0/usePool must be true or false"},
		"provider.yaml": {"{provider: shop", "{provider: shap", ":9: junkie/keys/1/provider names no provider"},
		"syntax.yaml":   {"name: shop", "name: shop: x", ":4: mapping values are not allowed in this context"},
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(strings.Replace(shop, c.old, c.new, 1)), 0o600))
		r := play(nil, []string{"--listen=127.0.0.1:0", "--seed", path})
		assert.Equal(t, exitUsage, r.code, name)
		assert.Contains(t, r.stderr, "mockserver: --seed: "+path+c.want)
		assert.Empty(t, r.stdout)
	}
	path := filepath.Join(dir, "seed.json")
	require.NoError(t, os.WriteFile(path, []byte("{\"junkie\": {\n  \"keys\": [\n    {\"valid\": \"1h\"}]}}"), 0o600))
	r := play([]string{"MOCKSERVER_SEED=" + path}, []string{"exec", "--", "sh"})
	assert.Equal(t, exitUsage, r.code)
	assert.Contains(t, r.stderr, "mockserver: MOCKSERVER_SEED: "+path+":3: junkie/keys/0/valid is not known here")
}
