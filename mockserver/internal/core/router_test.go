package core_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var table = []core.Op{
	{ID: "getKey", Method: "GET", Path: "/v2/keys/{keyId}"},
	{ID: "deleteKey", Method: "DELETE", Path: "/v2/keys/{keyId}"},
	{ID: "resetKey", Method: "POST", Path: "/v2/keys/{keyId}/reset"},
	{ID: "listFolders", Method: "GET", Path: "/v2/keys/folders"},
	{ID: "listKeys", Method: "GET", Path: "/v2/keys"},
	{ID: "getChild", Method: "GET", Path: "/v2/{parent}/deep/{child}"},
}

func TestRouter(t *testing.T) {
	t.Parallel()
	router := core.NewRouter(table)
	type values = map[string]string
	for _, c := range []struct {
		name, method, path string
		op                 string
		params             values
		allow              []string
	}{
		{name: "literal", method: "GET", path: "/v2/keys", op: "listKeys"},
		{name: "template", method: "GET", path: "/v2/keys/7", op: "getKey", params: values{"keyId": "7"}},
		{name: "literal wins over template", method: "GET", path: "/v2/keys/folders", op: "listFolders"},
		{name: "literal without the method gives way", method: "DELETE", path: "/v2/keys/folders", op: "deleteKey", params: values{"keyId": "folders"}},
		{name: "literal without the rest gives way", method: "POST", path: "/v2/keys/folders/reset", op: "resetKey", params: values{"keyId": "folders"}},
		{name: "template at the start", method: "GET", path: "/v2/keys/deep/x", op: "getChild", params: values{"parent": "keys", "child": "x"}},
		{name: "value is unescaped as one segment", method: "GET", path: "/v2/keys/a%2Fb%20c%25", op: "getKey", params: values{"keyId": "a/b c%"}},
		{name: "literal may come escaped", method: "GET", path: "/v2/%6Beys", op: "listKeys"},
		{name: "known path, other method", method: "PATCH", path: "/v2/keys/7", allow: []string{"DELETE", "GET"}},
		{name: "known by literal and template", method: "PATCH", path: "/v2/keys/folders", allow: []string{"DELETE", "GET"}},
		{name: "unknown path", method: "GET", path: "/v2/key"},
		{name: "longer path", method: "GET", path: "/v2/keys/7/reset/x"},
		{name: "empty segment", method: "DELETE", path: "/v2/keys/"},
		{name: "dot", method: "DELETE", path: "/v2/keys/."},
		{name: "escaped dots", method: "DELETE", path: "/v2/keys/%2e%2e"},
		{name: "bad escape", method: "GET", path: "/v2/keys/%zz"},
		{name: "nothing", method: "GET", path: ""},
		{name: "root", method: "GET", path: "/"},
		{name: "endless", method: "GET", path: strings.Repeat("/v2", 10000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			match := router.Match(c.method, c.path)
			if c.op == "" {
				assert.Nil(t, match.Op)
			} else {
				require.NotNil(t, match.Op)
				assert.Equal(t, c.op, match.Op.ID)
			}
			assert.Equal(t, c.params, match.Params.Map())
			assert.Equal(t, c.allow, match.Allow)
		})
	}
}

func TestRouterFollows(t *testing.T) {
	t.Parallel()
	router := core.NewRouter(table)
	for path, far := range map[string]int{
		"/v2/keys":                   2,
		"/v2/keys/7/reset":           4,
		"/v2/keys/7/reset/more":      4,
		"/v2/keys/7/other":           3,
		"/v2/keys/deep/x":            4, // by the template, though the literal ends earlier
		"/v2":                        1,
		"/v2/":                       1,
		"/v2/anything":               2,
		"/v3/keys":                   0,
		"/":                          0,
		"":                           0,
		"/%762/keys/%zz/reset":       2,
		"/%zz":                       0,
		"/v2/%2e%2e":                 1,
		strings.Repeat("/v2", 10000): 2,
		"/v2/x/deep" + "/y/z":        4,
	} {
		assert.Equal(t, far, router.Follow(path), path)
	}
}

func TestRouterRefusesOneRouteTwice(t *testing.T) {
	t.Parallel()
	assert.PanicsWithValue(t, "core: getA and getB are the same route GET /a/{y}", func() {
		core.NewRouter([]core.Op{{ID: "getA", Method: "GET", Path: "/a/{x}"}, {ID: "getB", Method: "GET", Path: "/a/{y}"}})
	})
}

func TestByID(t *testing.T) {
	t.Parallel()
	ops := []core.Op{{ID: "get", Path: "/a"}, {ID: "list"}, {ID: "get", Path: "/b"}}
	byID := core.ByID(ops, func(op *core.Op) string { return op.ID })
	assert.Len(t, byID, 2)
	assert.Same(t, &ops[0], byID["get"], "the first, and no copy")
	assert.Same(t, &ops[1], byID["list"])
	assert.Nil(t, byID[""])
}

func FuzzRouter(f *testing.F) {
	f.Add("GET", "/v2/keys/a%2Fb")
	f.Add("DELETE", "/v2/keys/%2e%2e")
	f.Add("", "//")
	router := core.NewRouter(table)
	f.Fuzz(func(t *testing.T, method, path string) {
		match := router.Match(method, path)
		if match.Op == nil {
			assert.Nil(t, match.Params.Map())
			return
		}
		assert.Empty(t, match.Allow)
		assert.Equal(t, method, match.Op.Method)
		for name, value := range match.Params.Map() {
			assert.NotContains(t, []string{"", ".", ".."}, value, name)
		}
	})
}

func TestReadBody(t *testing.T) {
	t.Parallel()
	read, err := core.ReadBody(nil)
	require.NoError(t, err)
	assert.Empty(t, read)

	read, err = core.ReadBody(strings.NewReader("abc"))
	require.NoError(t, err)
	assert.Equal(t, "abc", string(read))

	read, err = core.ReadBody(strings.NewReader(strings.Repeat("x", core.MaxBody)))
	require.NoError(t, err)
	assert.Len(t, read, core.MaxBody)

	read, err = core.ReadBody(endless{})
	require.ErrorIs(t, err, core.ErrBodyTooLarge)
	assert.Empty(t, read)

	broken := errors.New("broken")
	_, err = core.ReadBody(io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
