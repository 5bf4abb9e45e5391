package keygenmock

import (
	"encoding/hex"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// canonicalUUID returns a UUID as the vendor shows it, in lower case with all
// its dashes, and whether the text is one. A caller may leave out dashes and
// write any case.
func canonicalUUID(s string) (string, bool) {
	canonical := make([]byte, 0, len(defaultAccountID))
	for i := range len(s) {
		due := slices.Contains(dashes, len(canonical))
		if due {
			canonical = append(canonical, '-')
		}
		switch c := s[i] | 0x20; {
		case due && s[i] == '-':
		case !isDigit(s[i]) && (c < 'a' || c > 'f'), len(canonical) == cap(canonical):
			return "", false
		default:
			canonical = append(canonical, c)
		}
	}
	switch {
	case len(canonical) < cap(canonical):
		return "", false
	case string(canonical) == s:
		return s, true
	default:
		return string(canonical), true
	}
}

// dashes are where a UUID has some.
var dashes = []int{8, 13, 18, 23}

// requestUUID makes the id of a request: a UUID of version 7, which begins with
// the time in milliseconds.
func requestUUID(now time.Time, r *core.Rand) string {
	b := []byte(r.Hex(16))
	hex.Encode(b, milliseconds(now))
	b[12] = '7'
	b[16] = "89ab"[r.IntN(4)]
	return dashed(string(b))
}

func milliseconds(at time.Time) []byte {
	ms := uint64(max(0, at.UnixMilli()))
	return []byte{byte(ms >> 40), byte(ms >> 32), byte(ms >> 24), byte(ms >> 16), byte(ms >> 8), byte(ms)}
}

func dashed(digits string) string {
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
}

// timestamp writes a time as the vendor does: in UTC, with three digits for the
// milliseconds.
func timestamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }
