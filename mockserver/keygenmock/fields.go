package keygenmock

import (
	"bytes"
	"encoding/json"
)

// fields is a JSON object whose members are written in this order.
type fields []field

type field struct {
	name  string
	value any
}

// MarshalJSON writes the object.
func (f fields) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	err := f.write(&text)
	return text.Bytes(), err
}

func (f fields) write(to *bytes.Buffer) error {
	to.WriteByte('{')
	for i, member := range f {
		if i > 0 {
			to.WriteByte(',')
		}
		if err := writeJSON(to, member.name); err != nil {
			return err
		}
		to.WriteByte(':')
		if err := writeJSON(to, member.value); err != nil {
			return err
		}
	}
	to.WriteByte('}')
	return nil
}

// writeJSON writes a value without the escapes for HTML that only Go's encoder
// adds. An object in an object is written straight away, not encoded and then
// read again at each level.
func writeJSON(to *bytes.Buffer, value any) error {
	if inner, ok := value.(fields); ok {
		return inner.write(to)
	}
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return err
	}
	to.Truncate(to.Len() - 1) // the encoder ends with a line break
	return nil
}
