package transport

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNewRequestFillsThePath(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		template string
		values   []string
		want     string
	}{
		{"/keys", nil, "/keys"},
		{"/keys/{keyId}", []string{"7"}, "/keys/7"},
		{"/keys/{keyId}/reset-hwid", []string{"a%2Fb%3F%23"}, "/keys/a%2Fb%3F%23/reset-hwid"},
		{"/hubs/{hub}/keys/{key}", []string{"h", "..."}, "/hubs/h/keys/..."},
		{"/hubs/{hub}/keys/{key}", []string{"{key}", "x"}, "/hubs/{key}/keys/x"},
	} {
		req, err := NewRequest(Op{ID: "getKey", Path: tc.template, Class: Read}, tc.values...)
		require.NoError(t, err, tc.template)
		assert.Equal(t, tc.want, req.Path)
		assert.Equal(t, Read, req.Op.Class)
	}
}

// A value that is no single segment would address another resource: a delete
// of "" or ".." would hit the collection.
func TestNewRequestRefusesValues(t *testing.T) {
	t.Parallel()
	for value, problem := range map[string]string{
		"": "keyId is empty", ".": `keyId is "."`, "..": `keyId is ".."`,
		"SECRET/1": "keyId holds", "SECRET?1": "keyId holds", "SECRET#1": "keyId holds",
	} {
		_, err := NewRequest(Op{ID: "getKey", Path: "/keys/{keyId}"}, value)
		require.ErrorContains(t, err, problem)
		assert.NotContains(t, err.Error(), "SECRET")
	}
	_, err := NewRequest(Op{ID: "getKey", Path: "/keys/{keyId}"})
	assert.ErrorContains(t, err, "fewer path values")
	_, err = NewRequest(Op{ID: "getKey", Path: "/keys/{keyId}"}, "1", "2")
	assert.ErrorContains(t, err, "more path values")
}

func TestClasses(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"Read", "Idempotent", "Once", "Class(0)"}, []string{Read.String(), Idempotent.String(), Once.String(), Class(0).String()})
	for s := range rules {
		assert.False(t, situation(s).again(0), "an operation without a class is never repeated")
	}
	req := Request{Op: Op{Class: Read}}
	assert.Equal(t, Once, req.Lower().Op.Class)
	assert.Equal(t, Read, req.Op.Class, "the original stays as it is")
}
