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
	value := a.whole(t)
	for _, step := range strings.Split(path, ".") {
		switch node := value.(type) {
		case map[string]any:
			require.Contains(t, node, step, "%s in %s", path, a.Body)
			value = node[step]
		case []any:
			i, err := strconv.Atoi(step)
			require.NoError(t, err, path)
			require.Less(t, i, len(node), "%s in %s", path, a.Body)
			value = node[i]
		default:
			require.Fail(t, "no such path", "%s in %s", path, a.Body)
		}
	}
	return value
}
