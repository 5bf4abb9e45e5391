package core

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// ReadKept reads what a Snapshot wrote. A member that is not known is refused, and
// where any value is allowed numbers stay as they are written.
func ReadKept(document json.RawMessage, kept any) error {
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.DisallowUnknownFields()
	dec.UseNumber()
	return dec.Decode(kept)
}

// SeedOf returns a seed as the type that the vendor's package has for it.
func SeedOf[S any](seed any) (S, error) {
	typed, ok := seed.(S)
	if !ok {
		return typed, fmt.Errorf("a seed of this vendor is a %T, not a %T", typed, seed)
	}
	return typed, nil
}
