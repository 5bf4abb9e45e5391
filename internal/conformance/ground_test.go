package conformance

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ground is what the stages of all vendors stand on.
type ground struct {
	*testing.T
	*rig
}

// at moves the clock to a time after the beginning.
func (s ground) at(d time.Duration) { s.Server.SetTime(epoch.Add(d)) }

// effects lists what changed for good while something was done, as "kind id".
func (s ground) effects(do func()) []string {
	before := len(s.Server.Effects())
	do()
	list := []string{}
	for _, effect := range s.Server.Effects()[before:] {
		list = append(list, effect.Kind+" "+effect.ID)
	}
	return list
}

// assertExchange compares the last request and answer with raw JSON.
func (s ground) assertExchange(request, answer string) {
	s.Helper()
	s.assertBody(request, s.seen.request())
	s.assertBody(answer, s.seen.answer())
}

// assertBody compares a body with raw JSON, "" being no body at all.
func (s ground) assertBody(want, got string) {
	s.Helper()
	if want == "" {
		assert.Empty(s, got)
	} else {
		assert.JSONEq(s, want, got)
	}
}

// assertPopulated checks that nothing in the last answer is null or empty, so
// that the contract has seen a value of every field.
func (s ground) assertPopulated() {
	s.Helper()
	var body any
	require.NoError(s, json.Unmarshal([]byte(s.seen.answer()), &body))
	var visit func(path string, node any)
	visit = func(path string, node any) {
		switch node := node.(type) {
		case map[string]any:
			assert.NotEmpty(s, node, path)
			for name, value := range node {
				visit(path+"."+name, value)
			}
		case []any:
			assert.NotEmpty(s, node, path)
			for _, item := range node {
				visit(path+"[]", item)
			}
		default:
			assert.NotEmpty(s, node, path)
		}
	}
	visit("", body)
}

// whole is an answer as JSON has it.
func (a answer) whole(t testing.TB) (value any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.Body), &value), a.Body)
	return value
}

// at returns a value of a JSON answer by its path: "key.hwids.0.bound_by".
func (a answer) at(t testing.TB, path string) any {
	t.Helper()
	value, found := a.dig(path)
	require.True(t, found, "there is no %s in %s", path, a.Body)
	return value
}

// dig is at for answers that may be anything.
func (a answer) dig(path string) (value any, found bool) {
	if json.Unmarshal([]byte(a.Body), &value) != nil {
		return nil, false
	}
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' }) {
		switch node := value.(type) {
		case map[string]any:
			value, found = node[step]
		case []any:
			i, err := strconv.Atoi(step)
			if found = err == nil && i >= 0 && i < len(node); found {
				value = node[i]
			}
		default:
			found = false
		}
		if !found {
			return nil, false
		}
	}
	return value, true
}
