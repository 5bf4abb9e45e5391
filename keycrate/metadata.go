package keycrate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/internal/wire"
)

// maxMetadata is the documented size of all metadata of a license, in
// characters.
const maxMetadata = 2000

// Metadata is what you keep with a license: any object of JSON, such as
//
//	keycrate.Metadata{"discord_id": "100000000000000001", "order": 1042}
//
// It holds up to 2,000 characters, counted on its JSON without blanks. A value
// is anything that package encoding/json can encode.
//
// In an answer, numbers are json.Numbers, so that an id of many digits survives.
type Metadata map[string]any

// UnmarshalJSON reads an object and keeps the digits of its numbers.
func (m *Metadata) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil {
		return err
	}
	*m = object
	return nil
}

// encode returns the metadata as they are sent, or what is wrong with them.
// Texts quote nothing: metadata are about people.
func (m Metadata) encode() (json.RawMessage, error) {
	if m == nil {
		m = Metadata{} // not null, which the vendor need not know
	}
	encoded, err := wire.JSON(map[string]any(m))
	if err != nil {
		return nil, errors.New("not encodable as JSON: " + why(err))
	}
	if strings.Contains(strings.ReplaceAll(string(encoded), `\\`, ""), `\ufffd`) {
		return nil, errors.New("not valid UTF-8") // the encoder has replaced something
	}
	if n := utf8.RuneCount(encoded); n > maxMetadata {
		return nil, fmt.Errorf("%d characters of JSON are more than the %d that the vendor stores", n, maxMetadata)
	}
	return encoded, nil
}

// why says what the encoder objects to, without the value.
func why(err error) string {
	var kind *json.UnsupportedTypeError
	if errors.As(err, &kind) {
		return "JSON has nothing for a " + kind.Type.String()
	}
	return "a value has no form in JSON"
}
