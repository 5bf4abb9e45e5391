package wire

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
)

// Value returns what a field of an answer holds, or the zero value for one that
// is missing or null.
func Value[T any](field *T) T {
	if field == nil {
		var zero T
		return zero
	}
	return *field
}

// Int returns the number that a field of an answer holds, see Whole.
func Int(field *int64) int { return Whole(Value(field)) }

// Whole returns n, or the nearest number that an int of the platform can hold: a
// limit must not turn into 0 there, which means none.
func Whole(n int64) int { return int(min(max(n, math.MinInt), math.MaxInt)) }

// Present returns a field of a request that is not sent if v is zero.
func Present[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// Text returns a JSON string without the blanks around it, and "" for anything
// else: vendors put objects, numbers and flags where a text is expected.
func Text(data json.RawMessage) string {
	if text, ok := plainText(data); ok {
		return strings.TrimSpace(string(text))
	}
	if data = bytes.Trim(data, blanks); len(data) == 0 || data[0] != '"' {
		return ""
	}
	var s string
	if json.Unmarshal(data, &s) != nil {
		return ""
	}
	return strings.TrimSpace(s)
}
