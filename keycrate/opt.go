package keycrate

import (
	"encoding/json"

	"github.com/keysmith-go/keysmith/internal/wire"
)

// Opt is a field that may be unset, where that differs from the zero value. In
// parameters, the zero Opt is not sent and leaves the vendor's value or default
// alone, and [Set] sends a value. In answers, the zero Opt means that the vendor
// said nothing about it.
//
// Opts of comparable types can be compared with ==.
type Opt[T any] struct{ field wire.Opt[T] }

// Set returns an Opt that holds v. Zero values count: Set(false) is sent.
func Set[T any](v T) Opt[T] { return Opt[T]{wire.Set(v)} }

// Get returns the value and true after [Set], else the zero value and false.
func (o Opt[T]) Get() (T, bool) { return o.field.Get() }

// IsZero reports whether o is unset.
func (o Opt[T]) IsZero() bool { return o.field.IsZero() }

// String returns the value as fmt prints it, or "unset".
func (o Opt[T]) String() string { return o.field.String() }

// MarshalJSON encodes the value. The zero Opt is null, unless its field has the
// tag omitzero, as those of this package have.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if o.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(o.field)
}

// UnmarshalJSON decodes a value; null makes the zero Opt.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*o = Opt[T]{}
		return nil
	}
	return o.field.UnmarshalJSON(data)
}
