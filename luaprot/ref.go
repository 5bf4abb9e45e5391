package luaprot

import (
	"errors"
	"log/slog"
	"strings"
	"unicode/utf8"
	"unique"
)

// KeyRef names one key of a hub, either by its value or by the Discord user it
// belongs to. Make one with [ByKey] or [ByDiscordID], or take [Key.Ref]; the
// zero KeyRef names no key and is refused by every method. KeyRefs can be
// compared with == and serve as map keys; two refs of different kinds are
// never equal, even if they lead to the same key.
//
// A key's value is what an end user unlocks the product with. Therefore a
// KeyRef does not show it: printed, logged or encoded, a ref made by ByKey
// says only that it is one.
type KeyRef struct {
	by by
	// A handle compares like the string it stands for, but no fmt verb can
	// look through it, not even from inside another struct.
	value unique.Handle[string]
}

// by says what a KeyRef looks a key up by.
type by uint8

const (
	byNothing by = iota
	byKey
	byDiscordID
)

// reservedKey is what the vendor's loaders send when there is no key.
const reservedKey = "x"

// ByKey refers to a key by its exact value, upper and lower case being
// different. The value "x" is refused: it stands for "no key" at the vendor.
func ByKey(value string) KeyRef { return KeyRef{byKey, unique.Make(value)} }

// ByDiscordID refers to the key that a Discord user has in the hub; there is
// at most one. The id has 17 to 20 digits.
//
// It leads to whichever key the user has when the call arrives. Where it
// matters that a repeated call meets the same key, use [ByKey].
func ByDiscordID(id string) KeyRef { return KeyRef{byDiscordID, unique.Make(id)} }

// String returns "ByKey(…)" without the value, "ByDiscordID(" with the id and
// ")", or "KeyRef(none)" for the zero KeyRef.
func (r KeyRef) String() string {
	switch {
	case r.by == byKey:
		return "ByKey(…)"
	case r.by == byDiscordID && r.check() == nil:
		return "ByDiscordID(" + r.value.Value() + ")"
	case r.by == byDiscordID: // it may be a key, by mistake
		return "ByDiscordID(…)"
	default:
		return "KeyRef(none)"
	}
}

// GoString is [KeyRef.String]; it keeps %#v as discreet as %v.
func (r KeyRef) GoString() string { return "luaprot." + r.String() }

// LogValue makes slog print [KeyRef.String].
func (r KeyRef) LogValue() slog.Value { return slog.StringValue(r.String()) }

// check tells what is wrong with the reference.
func (r KeyRef) check() error {
	switch r.by {
	case byKey:
		return checkKey(r.value.Value())
	case byDiscordID:
		return checkDiscordID(r.value.Value())
	default:
		return errors.New("the zero KeyRef names no key: make one with luaprot.ByKey or luaprot.ByDiscordID")
	}
}

// checkKey tells what keeps a text from being the value of a key. It shows
// nothing of it.
func checkKey(value string) error {
	switch {
	case value == "":
		return errors.New("an empty key value names no key")
	case value == reservedKey:
		return errors.New(`the key value "x" is reserved: it stands for "no key" at the vendor`)
	case !utf8.ValidString(value):
		return errors.New("the key value is not valid UTF-8")
	default:
		return nil
	}
}

// lookup is a reference as the query parameters of the wire types have it.
type lookup struct{ DiscordID, Key *string }

func (r KeyRef) lookup() lookup {
	value := r.value.Value()
	if r.by == byDiscordID {
		return lookup{DiscordID: &value}
	}
	return lookup{Key: &value}
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }
