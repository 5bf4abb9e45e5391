package core

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ReadKept reads what a Snapshot wrote. A member that is not known is refused, and
// where any value is allowed numbers stay as they are written.
func ReadKept(document json.RawMessage, kept any) error {
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.DisallowUnknownFields()
	dec.UseNumber()
	return Unreadable(dec.Decode(kept))
}

// Unreadable words why encoding/json could not read a document, without what is in
// it: where a time or a number should be, there may be a key.
func Unreadable(err error) error {
	var noTime *time.ParseError
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &noTime):
		return errors.New("a time in it is none such as 2026-03-01T12:00:00Z")
	case errors.As(err, &wrongType):
		shown := *wrongType
		shown.Value, _, _ = strings.Cut(shown.Value, " ") // "number 12"
		return &shown
	default:
		return err
	}
}

// SeedOf returns a seed as the type that the vendor's package has for it.
func SeedOf[S any](seed any) (S, error) {
	typed, ok := seed.(S)
	if !ok {
		return typed, fmt.Errorf("a seed of this vendor is a %T, not a %T", typed, seed)
	}
	return typed, nil
}
