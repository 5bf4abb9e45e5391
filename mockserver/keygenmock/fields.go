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
	text.WriteByte('{')
	for i, member := range f {
		if i > 0 {
			text.WriteByte(',')
		}
		if err := writeMember(&text, member.name, member.value); err != nil {
			return nil, err
		}
	}
	text.WriteByte('}')
	return text.Bytes(), nil
}

func writeMember(to *bytes.Buffer, name string, value any) error {
	if err := writeJSON(to, name); err != nil {
		return err
	}
	to.WriteByte(':')
	return writeJSON(to, value)
}

// writeJSON writes a value without the escapes for HTML that only Go's encoder
// adds.
func writeJSON(to *bytes.Buffer, value any) error {
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return err
	}
	to.Truncate(to.Len() - 1) // the encoder ends with a line break
	return nil
}
