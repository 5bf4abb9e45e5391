package wire

import (
	"bytes"
	"encoding/json"
)

// JSON writes a request body. Unlike json.Marshal it leaves <, > and & as they
// are, so that what a vendor logs or signs is what the caller wrote.
func JSON(v any) ([]byte, error) {
	if body, err := json.Marshal(v); err != nil || !bytes.Contains(body, []byte(`\u00`)) { // nothing to leave
		return body, err
	}
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(body.Bytes(), []byte("\n")), nil
}
