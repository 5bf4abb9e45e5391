// Package wire holds the few field types that generated wire models share.
package wire

import "encoding/json"

// Opt is a three-state field: the zero value is absent from the document (use
// it with the omitzero tag), null is an explicit JSON null, anything else is a
// value. Unlike a map or a pointer it can be copied and compared.
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

// Set returns a field that carries v.
func Set[T any](v T) Opt[T] { return Opt[T]{value: v, state: set} }

// Null returns a field that carries an explicit null.
func Null[T any]() Opt[T] { return Opt[T]{state: null} }

// Get returns the value and whether there is one.
func (o Opt[T]) Get() (T, bool) { return o.value, o.state == set }

// IsNull reports whether the field was an explicit null.
func (o Opt[T]) IsNull() bool { return o.state == null }

// IsZero reports whether the field is absent; the omitzero tag asks it.
func (o Opt[T]) IsZero() bool { return o.state == absent }

// MarshalJSON writes the value, or null.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if o.state != set {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads a value or null. An absent field leaves the zero Opt.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*o = Null[T]()
		return nil
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*o = Set(v)
	return nil
}
