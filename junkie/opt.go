package junkie

import (
	"encoding/json"

	"github.com/keysmith-go/keysmith/internal/wire"
)

// Opt is a field of an update that knows three states: the zero Opt is not
// sent and leaves the vendor's value unchanged, [Null] empties it, and [Set]
// replaces it. Opts of comparable types can be compared with ==.
type Opt[T any] struct{ field wire.Opt[T] }

// Set returns an Opt that holds v. Zero values count: Set(false) is sent.
func Set[T any](v T) Opt[T] { return Opt[T]{wire.Set(v)} }

// Null returns an Opt that is an explicit null. What it empties is said at each
// field; fields that cannot be empty refuse it.
func Null[T any]() Opt[T] { return Opt[T]{wire.Null[T]()} }

// Get returns the value and true after [Set], else the zero value and false.
func (o Opt[T]) Get() (T, bool) { return o.field.Get() }

// IsNull reports whether o is an explicit null.
func (o Opt[T]) IsNull() bool { return o.field.IsNull() }

// IsZero reports whether o is the zero Opt, which is not sent.
func (o Opt[T]) IsZero() bool { return o.field.IsZero() }

// String returns the value as fmt prints it, "null" or "unset".
func (o Opt[T]) String() string { return o.field.String() }

// MarshalJSON encodes the value or null. The zero Opt is null too, unless its
// field has the tag omitzero, as those of this package have.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if o.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(o.field)
}

// UnmarshalJSON decodes a value or null.
func (o *Opt[T]) UnmarshalJSON(data []byte) error { return o.field.UnmarshalJSON(data) }
