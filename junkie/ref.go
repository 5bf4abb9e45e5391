package junkie

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"unicode/utf8"
	"unique"

	"github.com/keysmith-go/keysmith/internal/wire"
)

// KeyRef names one key, either by its numeric id or by its value. Make one
// with [ID] or [Value], or take [Key.Ref]; the zero KeyRef names no key and
// is refused by every method. KeyRefs can be compared with == and serve as
// map keys; two refs of different kinds are never equal, even if they lead to
// the same key.
//
// A key's value is what an end user unlocks the product with. Therefore a
// KeyRef does not show it: printed, logged or encoded, a ref made by Value
// says only that it is one.
type KeyRef struct {
	id int64
	// A handle compares like the string it stands for, but no fmt verb can
	// look through it, not even from inside another struct.
	value unique.Handle[string]
}

// ID refers to a key by its numeric id, which is at least 1. It is the
// reference to prefer: always accepted, and no secret.
func ID(id int64) KeyRef { return KeyRef{id: id} }

// Value refers to a key by its exact value, upper and lower case being
// different.
//
// A value is never sent as an id, even if it consists of digits only. The
// vendor would take such a value for an id in the path of a call, so Get,
// Update, Delete and ResetHWIDs refuse it, just as the values "folders",
// "batch", "bulk-delete", "." and "..", which address something else there.
// BulkDelete sends all of them, as JSON strings; that the vendor does not read
// a string of digits as an id there is an assumption. The sure way to work on
// such a key is to find its id with List.
func Value(value string) KeyRef { return KeyRef{value: unique.Make(value)} }

// String returns "ID(42)", "Value(…)" without the value, or "KeyRef(none)"
// for the zero KeyRef.
func (r KeyRef) String() string {
	switch {
	case r.isValue():
		return "Value(…)"
	case r.id != 0:
		return "ID(" + strconv.FormatInt(r.id, 10) + ")"
	default:
		return "KeyRef(none)"
	}
}

// GoString is [KeyRef.String]; it keeps %#v as discreet as %v.
func (r KeyRef) GoString() string { return "junkie." + r.String() }

// LogValue makes slog print [KeyRef.String].
func (r KeyRef) LogValue() slog.Value { return slog.StringValue(r.String()) }

func (r KeyRef) isValue() bool { return r.value != unique.Handle[string]{} }

// check tells what is wrong with the reference wherever it is sent.
func (r KeyRef) check() error {
	switch {
	case r == KeyRef{}:
		return errors.New("the zero KeyRef names no key: make one with junkie.ID or junkie.Value")
	case r.isValue() && r.value.Value() == "":
		return errors.New("an empty key value names no key")
	case r.isValue() && !utf8.ValidString(r.value.Value()):
		return errors.New("the key value is not valid UTF-8")
	case !r.isValue() && r.id < 1:
		return fmt.Errorf("%d is no id: ids start at 1", r.id)
	}
	return nil
}

// segment returns the reference as a path segment, not yet escaped, or tells
// why it cannot be one.
func (r KeyRef) segment() (string, error) {
	if err := r.check(); err != nil {
		return "", err
	}
	if !r.isValue() {
		return strconv.FormatInt(r.id, 10), nil
	}
	value := r.value.Value()
	switch {
	case isDigits(value):
		return "", errors.New("the vendor would read a key value of digits only as an id: " +
			"use junkie.ID if it is one, else find the key's id with List")
	case isReserved(value):
		return "", errors.New("the vendor's paths use this key value for something else: " +
			"find the key's id with List and use junkie.ID")
	}
	return value, nil
}

// json returns the reference as bulk deletes want it: ids as numbers, values
// as strings.
func (r KeyRef) json() json.RawMessage {
	if !r.isValue() {
		return strconv.AppendInt(nil, r.id, 10)
	}
	data, _ := wire.JSON(r.value.Value()) // a string cannot fail
	return data
}

func isDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// isReserved reports whether a value would address another route. Routers
// often ignore case, so does this.
func isReserved(s string) bool {
	for _, name := range []string{"folders", "batch", "bulk-delete", ".", ".."} {
		if strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}
