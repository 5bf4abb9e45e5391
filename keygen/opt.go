package keygen

import (
	"encoding/json"
	"fmt"
)

// Opt is a value or none. What none means is said at each field: in parameters,
// that the vendor decides; in what the vendor returns, that there is no such
// thing.
//
//	if limit, ok := policy.MaxMachines.Get(); ok {
//		// at most limit machines
//	} else {
//		// any number of machines
//	}
//
// The zero Opt is none. Opts of comparable types can be compared with ==.
type Opt[T any] struct {
	value T
	set   bool
}

// Set returns an Opt that holds v. Zero values count: Set(false) is sent.
func Set[T any](v T) Opt[T] { return Opt[T]{v, true} }

// Get returns the value and true, or the zero value and false if there is none.
func (o Opt[T]) Get() (T, bool) { return o.value, o.set }

// IsZero reports whether o holds no value.
func (o Opt[T]) IsZero() bool { return !o.set }

// String returns the value as fmt prints it, or "unset".
func (o Opt[T]) String() string {
	if !o.set {
		return "unset"
	}
	return fmt.Sprint(o.value)
}

// MarshalJSON encodes the value, or null if there is none.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if !o.set {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON decodes a value, or null for none.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	var value *T
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	*o = Opt[T]{}
	if value != nil {
		*o = Set(*value)
	}
	return nil
}

// pointer returns the address of the value, or nil if there is none.
func (o Opt[T]) pointer() *T {
	if !o.set {
		return nil
	}
	return &o.value
}
