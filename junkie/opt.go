package junkie

import "github.com/keysmith-go/keysmith/internal/wire"

// Opt is a field of an update that knows three states: the zero Opt is not
// sent and leaves the vendor's value unchanged, [Null] empties it, and [Set]
// replaces it. Opts of comparable types can be compared with ==.
type Opt[T any] struct{ field wire.Opt[T] }

// Set returns an Opt that sends v. Zero values count: Set(false) and Set(0)
// are sent.
func Set[T any](v T) Opt[T] { return Opt[T]{wire.Set(v)} }

// Null returns an Opt that sends an explicit null. What it empties is said at
// each field; fields that cannot be empty refuse it.
func Null[T any]() Opt[T] { return Opt[T]{wire.Null[T]()} }

// Get returns the value and true after [Set], else the zero value and false.
func (o Opt[T]) Get() (T, bool) { return o.field.Get() }

// IsNull reports whether o was made by [Null].
func (o Opt[T]) IsNull() bool { return o.field.IsNull() }

// IsZero reports whether o is the zero Opt, which is not sent.
func (o Opt[T]) IsZero() bool { return o.field.IsZero() }

// String returns the value as fmt prints it, "null" or "unset".
func (o Opt[T]) String() string { return o.field.String() }
