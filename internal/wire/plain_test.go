package wire

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var textSeeds = []string{
	"", "plain", "<a>&b", `"quoted" \u003c`, "tab\tand\x00\x7f", "ü \u2028 😀", "\xff", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.1234567891+02:00",
	"2026-01-02 03:04:05", "2026-01-02T03:04:05", "2026-01-02T24:00:00Z", "2026-01-02T03:04:60Z", "2026-01-02T3:04:05Z", "2026-01-02T03:04:05,5Z",
	"2026-01-02T03:04:05+0200", "2026-01-02T03:04:05+25:00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999-12:00",
}

var valueSeeds = []string{`true`, `false`, `null`, `7`, `"`, `""`, `"a"b"`, `"\n"`, ` "a"`, `"a" `, `tru`, `{}`, `[]`, `["a"]`, ` [ "a" , "" ] `, `["a,b"]`, `["a",null]`, `["a",1]`, `[null]`, "\"\xff\"", "\"\t\"", "\f\"0\"", "[\f\"a\"]"}

// unescaped writes JSON as JSON does, without the short way.
func unescaped(t *testing.T, v any) string {
	t.Helper()
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	require.NoError(t, enc.Encode(v))
	return string(bytes.TrimSuffix(text.Bytes(), []byte("\n")))
}

// agree holds every short way against the long one.
func agree(t *testing.T, text string) {
	t.Helper()
	for _, v := range []any{text, []string{text}, map[string]string{text: text}, json.RawMessage(unescaped(t, text))} {
		got, err := JSON(v)
		require.NoError(t, err)
		require.Equal(t, unescaped(t, v), string(got))
	}
	got, err := Set(text).MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, unescaped(t, text), string(got))

	var quick Time
	slow, wrong := ParseTime(text)
	if err := quick.UnmarshalText([]byte(text)); text != "" {
		require.Equal(t, wrong, err)
	}
	require.Equal(t, slow, quick.Time)

	for _, data := range []string{text, unescaped(t, text)} {
		agreeOn[string](t, data)
		agreeOn[bool](t, data)
		agreeOn[int64](t, data)
		agreeOn[[]string](t, data)
		require.Equal(t, slowText(data), Text([]byte(data)))
	}
}

func agreeOn[T any](t *testing.T, data string) {
	t.Helper()
	if !json.Valid([]byte(data)) { // encoding/json asks no field for such a value
		return
	}
	var quick, slow T
	require.Equal(t, json.Unmarshal([]byte(data), &slow), decode([]byte(data), &quick), "%q", data)
	require.Equal(t, slow, quick, "%q", data)
}

// slowText is Text by way of encoding/json.
func slowText(data string) string {
	var s string
	if json.Unmarshal([]byte(data), &s) != nil {
		return ""
	}
	return string(bytes.TrimSpace([]byte(s)))
}

func TestShortWaysLeadToTheSame(t *testing.T) {
	t.Parallel()
	for _, text := range append(textSeeds, valueSeeds...) {
		agree(t, text)
	}
	for _, value := range []int64{0, 7, -1 << 63, 1<<63 - 1} {
		got, err := Set(value).MarshalJSON()
		require.NoError(t, err)
		assert.Equal(t, unescaped(t, value), string(got))
	}
	for _, value := range []bool{true, false} {
		got, err := Set(value).MarshalJSON()
		require.NoError(t, err)
		assert.Equal(t, unescaped(t, value), string(got))
	}
}

// FuzzShortWays holds what is quick against what is slow.
func FuzzShortWays(f *testing.F) {
	for _, text := range append(textSeeds, valueSeeds...) {
		f.Add(text)
	}
	f.Fuzz(agree)
}
