package worldtest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Response is an answer with what its turn left behind.
type Response struct {
	*Stage
	core.Answer
	Turn *core.Turn
}

// Is asserts the status.
func (r Response) Is(status int) Response {
	r.Helper()
	require.Equal(r, status, r.Status, "%s", r.Body)
	return r
}

// Raw returns the JSON text at a path such as "key.hwids.0.hwid", or "absent".
func (r Response) Raw(path string) string {
	r.Helper()
	at := json.RawMessage(r.Body)
	for name := range strings.SplitSeq(path, ".") {
		if i, err := strconv.Atoi(name); err == nil {
			var list []json.RawMessage
			require.NoError(r, json.Unmarshal(at, &list), "%s of %s", path, r.Body)
			require.Less(r, i, len(list), "%s of %s", path, r.Body)
			at = list[i]
			continue
		}
		var object map[string]json.RawMessage
		require.NoError(r, json.Unmarshal(at, &object), "%s of %s", path, r.Body)
		next, found := object[name]
		if !found {
			return "absent"
		}
		at = next
	}
	return string(at)
}

// Has asserts the JSON text at a path.
func (r Response) Has(path, want string) Response {
	r.Helper()
	require.Equal(r, want, r.Raw(path), "%s of %s", path, r.Body)
	return r
}

// Text returns a JSON string at a path.
func (r Response) Text(path string) (s string) {
	r.Helper()
	require.NoError(r, json.Unmarshal([]byte(r.Raw(path)), &s))
	return s
}

// Finds asserts the findings, each by a part of its text.
func (r Response) Finds(texts ...string) Response {
	r.Helper()
	require.Len(r, r.Turn.Findings, len(texts), "%q", r.Turn.Findings)
	for i, text := range texts {
		require.Contains(r, r.Turn.Findings[i], text)
	}
	return r
}

// Sane asserts one of the statuses, JSON wherever there is a body, and few
// findings: what holds for every answer, whatever was sent.
func (r Response) Sane(statuses ...int) Response {
	r.Helper()
	require.True(r, slices.Contains(statuses, r.Status), "status %d: %s", r.Status, r.Body)
	if len(r.Body) > 0 {
		require.True(r, json.Valid(r.Body), "%s", r.Body)
		require.Equal(r, "application/json", r.Header.Get("Content-Type"))
	}
	require.LessOrEqual(r, len(r.Turn.Findings), 2*core.MaxNotes+4)
	return r
}
