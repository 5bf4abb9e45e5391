package keygenmock

import (
	"strconv"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// fields is a JSON object whose members are written in this order.
type fields []field

type field struct {
	name  string
	value any
}

// MarshalJSON writes the object.
func (f fields) MarshalJSON() ([]byte, error) { return f.appendTo(nil) }

// text is the object as it is written.
func (f fields) text() []byte {
	text, err := f.appendTo(nil)
	if err != nil {
		panic("keygenmock: an object cannot be written: " + err.Error()) // the world writes plain values: cannot be
	}
	return text
}

func (f fields) appendTo(text []byte) (_ []byte, err error) {
	text = append(text, '{')
	for i, member := range f {
		if i > 0 {
			text = append(text, ',')
		}
		if text, err = appendJSON(text, member.name); err != nil {
			return nil, err
		}
		if text, err = appendJSON(append(text, ':'), member.value); err != nil {
			return nil, err
		}
	}
	return append(text, '}'), nil
}

// appendJSON writes a value without the escapes for HTML that only Go's encoder
// adds. What most values are is written straight away.
func appendJSON(text []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(text, "null"...), nil
	case bool:
		return strconv.AppendBool(text, v), nil
	case int:
		return strconv.AppendInt(text, int64(v), 10), nil
	case fields:
		return v.appendTo(text)
	case string:
		if isPlain(v) {
			return append(append(append(text, '"'), v...), '"'), nil
		}
	}
	written, err := core.Marshal(value)
	return append(text, written...), err
}

// isPlain reports whether a text stands in JSON as it is.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= utf8.RuneSelf || s[i] == '"' || s[i] == '\\' {
			return false
		}
	}
	return true
}
