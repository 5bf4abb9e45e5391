package core

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// JSON writes a document as an answer, without the escapes for HTML that only
// Go's encoder adds.
func JSON(status int, document any) Answer { return Encoded(status, Encode(document)) }

// Encoded answers with a document that is written already.
func Encoded(status int, document []byte) Answer {
	return Answer{Status: status, Header: jsonHeader, Body: document}
}

// jsonHeader is that of all answers that say no more, which share it: see
// [Answer.With].
var jsonHeader = http.Header{"Content-Type": {"application/json"}}

// With returns the answer with one more header. Headers are never changed where
// they are, since other answers may have the same.
func (a Answer) With(name string, values ...string) Answer {
	header := make(http.Header, len(a.Header)+1)
	maps.Copy(header, a.Header)
	header[name] = values
	a.Header = header
	return a
}

// Encode writes a document as answers have it.
func Encode(document any) []byte {
	text, err := Marshal(document)
	if err != nil {
		panic("core: an answer cannot be written: " + err.Error()) // worlds write plain structs: cannot be
	}
	return text
}

// Marshal writes a value as answers have it, if that can be.
func Marshal(value any) ([]byte, error) {
	w := writers.Get().(*writer)
	if err := w.json.Encode(value); err != nil {
		return nil, err
	}
	text := bytes.Clone(bytes.TrimSuffix(w.text.Bytes(), []byte("\n")))
	if w.text.Cap() <= maxRoom {
		w.text.Reset()
		writers.Put(w)
	}
	return text, nil
}

// maxRoom bounds what a writer keeps for the next document.
const maxRoom = 1 << 20

// writer is an encoder with the room that it writes into.
type writer struct {
	text bytes.Buffer
	json *json.Encoder
}

var writers = sync.Pool{New: func() any {
	w := &writer{}
	w.json = json.NewEncoder(&w.text)
	w.json.SetEscapeHTML(false)
	return w
}}

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
