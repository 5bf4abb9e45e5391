package core

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// JSON writes a document as an answer, without the escapes for HTML that only
// Go's encoder adds.
func JSON(status int, document any) Answer {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(document); err != nil {
		panic("core: an answer cannot be written: " + err.Error()) // worlds write plain structs: cannot be
	}
	return Answer{
		Status: status,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   bytes.TrimSuffix(text.Bytes(), []byte("\n")),
	}
}

// Nullable returns a value for the wire, or null.
func Nullable[T any](value T, given bool) *T {
	if !given {
		return nil
	}
	return &value
}

// RetryAfter is the header that asks for a wait, in whole seconds rounded up.
func RetryAfter(wait time.Duration) http.Header {
	seconds := int64((wait + time.Second - 1) / time.Second)
	return http.Header{"Retry-After": {strconv.FormatInt(seconds, 10)}}
}
