// Package wire holds what generated wire code shares: field types that JSON
// alone cannot express, and the writing of bodies, queries and path segments.
package wire

import (
	"errors"
	"fmt"
)

// Opt is a three-state field: the zero value is absent from the document (its
// tag must say omitzero), null is an explicit JSON null, anything else is a
// value. Unlike a map or a pointer it can be copied, and compared whenever T can.
type Opt[T any] struct {
	value T
	state state
}

type state uint8

const (
	absent state = iota
	null
	set
)

// errNoOmitZero reports a mistake in a struct's tags. Writing null instead
// would tell the vendor to clear a field that the caller never mentioned.
var errNoOmitZero = errors.New("wire: an absent field was about to be written: its tag lacks omitzero")

// Set returns a field that carries v.
func Set[T any](v T) Opt[T] { return Opt[T]{value: v, state: set} }

// Null returns a field that carries an explicit null.
func Null[T any]() Opt[T] { return Opt[T]{state: null} }

// Get returns the value and whether there is one; absent and null have none.
func (o Opt[T]) Get() (T, bool) { return o.value, o.state == set }

// IsNull reports whether the field is an explicit null.
func (o Opt[T]) IsNull() bool { return o.state == null }

// IsZero reports whether the field is absent; the omitzero tag asks it. Its
// receiver spares encoding/json a copy of each field.
func (o *Opt[T]) IsZero() bool { return o.state == absent }

// Pointer returns the value's address, and nil if there is none.
func (o Opt[T]) Pointer() *T {
	if o.state != set {
		return nil
	}
	return &o.value
}

// Map returns the field with its value, if it has one, converted.
func Map[T, W any](o Opt[T], convert func(T) W) Opt[W] {
	if o.state != set {
		return Opt[W]{state: o.state}
	}
	return Set(convert(o.value))
}

// String returns the value as fmt prints it, "null" or "unset".
func (o Opt[T]) String() string {
	switch o.state {
	case set:
		return fmt.Sprint(o.value)
	case null:
		return "null"
	default:
		return "unset"
	}
}

// MarshalJSON writes the value or null. An absent field cannot be written.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	switch o.state {
	case set:
		if plain := encodePlain(&o.value); plain != nil {
			return plain, nil
		}
		return JSON(o.value)
	case null:
		return []byte("null"), nil
	default:
		return nil, errNoOmitZero
	}
}

// UnmarshalJSON reads a value or null. A field that the document lacks keeps
// the zero Opt, since nothing calls this method then.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*o = Null[T]()
		return nil
	}
	before := *o
	*o = Opt[T]{state: set}
	err := decode(data, &o.value)
	if err != nil { // perhaps half-way
		*o = before
	}
	return err
}
