package core

import "strings"

// OrNil is a value that may be none at all: of its zero value it is nil.
func OrNil[T comparable](value T) *T {
	var none T
	return Nullable(value, value != none)
}

// OrZero is a value, or the zero one of none at all.
func OrZero[T any](value *T) T {
	if value == nil {
		var none T
		return none
	}
	return *value
}

// Changes are the names of what has changed about an object, as the detail of an
// effect has them.
type Changes []string

// If adds a name, if what has it is no longer what it was.
func (c Changes) If(name string, changed bool) Changes {
	if changed {
		return append(c, name)
	}
	return c
}

// String is the detail.
func (c Changes) String() string { return strings.Join(c, " ") }
