package keycratemock

import (
	"strings"
	"unicode/utf8"
)

const (
	defaultFormat = "****-****-****-****"
	maxFormat     = 128

	upperCase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lowerCase = "abcdefghijklmnopqrstuvwxyz"
	numbers   = "0123456789"
)

// keyFormat says what new keys look like: each star of the pattern stands for
// one character of the alphabet.
type keyFormat struct{ pattern, alphabet string }

var defaultKeys = keyFormat{defaultFormat, upperCase + numbers}

// readFormat reads how the caller wants new keys to look.
func (b *body) readFormat() keyFormat {
	f := keyFormat{pattern: defaultFormat}
	if in := b.text("key_format", maxFormat, ruleBoundFormat); in.Given {
		f.pattern = in.Value
		b.Turn.Decided(ruleFormatStars)
	} else {
		b.Turn.Decided(ruleFormatDefault)
	}
	for _, set := range []struct {
		field      string
		otherwise  bool
		characters string
	}{
		{"key_uppercase", true, upperCase},
		{"key_lowercase", false, lowerCase},
		{"key_numbers", true, numbers},
	} {
		if b.flag(set.field, set.otherwise) {
			f.alphabet += set.characters
		}
	}
	b.Turn.Decided(ruleFormatAlphabet)
	if f.alphabet == "" {
		b.Wrong("key_uppercase", ruleFormatNoAlphabet, "key_lowercase and key_numbers must not all be false")
	}
	return f
}

// hasRoom reports whether so many new keys of the format can still be made.
func (t *turn) hasRoom(f keyFormat, wanted int) bool {
	taken := t.state.licenses.byKey
	most := len(taken) + wanted
	room := 1
	for range strings.Count(f.pattern, "*") {
		if room *= len(f.alphabet); room >= most {
			return true
		}
	}
	for key := range taken {
		if f.fits(key) {
			room--
		}
	}
	return room >= wanted
}

// fits reports whether a key could come from the format.
func (f keyFormat) fits(key string) bool {
	for _, want := range f.pattern {
		got, size := utf8.DecodeRuneInString(key)
		if size == 0 || want == '*' && !strings.ContainsRune(f.alphabet, got) || want != '*' && want != got {
			return false
		}
		key = key[size:]
	}
	return key == ""
}

// newKey draws a key that does not exist. There must be room for one: from a
// random place on it takes the first that is free.
func (t *turn) newKey(f keyFormat) string {
	digits := make([]int, strings.Count(f.pattern, "*"))
	for i := range digits {
		digits[i] = t.Rand.IntN(len(f.alphabet))
	}
	for t.state.licenses.byKey[f.write(digits)] != nil {
		f.count(digits)
	}
	return f.write(digits)
}

// write puts digits, which are places in the alphabet, for the stars.
func (f keyFormat) write(digits []int) string {
	var key strings.Builder
	for _, char := range f.pattern {
		if char == '*' {
			key.WriteByte(f.alphabet[digits[0]])
			digits = digits[1:]
		} else {
			key.WriteRune(char)
		}
	}
	return key.String()
}

// count goes on to the next combination; the last is followed by the first.
func (f keyFormat) count(digits []int) {
	for i := range digits {
		digits[i] = (digits[i] + 1) % len(f.alphabet)
		if digits[i] != 0 {
			return
		}
	}
}
