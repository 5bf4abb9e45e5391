package keygen

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
)

// canonicalID returns an id as the vendor writes it, in lower case and with
// dashes. Like the vendor it takes either case, and dashes that are missing.
func canonicalID(id string) (string, bool) {
	var digits [16]byte
	rest := id
	var groups []string
	for i, n := range [...]int{8, 4, 4, 4, 12} {
		if i > 0 {
			rest = strings.TrimPrefix(rest, "-")
		}
		if len(rest) < n {
			return "", false
		}
		groups = append(groups, rest[:n])
		rest = rest[n:]
	}
	if _, err := hex.Decode(digits[:], []byte(strings.Join(groups, ""))); err != nil || rest != "" {
		return "", false
	}
	return strings.ToLower(strings.Join(groups, "-")), true
}

// newID makes a random id (a UUID of version 4).
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // cannot fail
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	id, _ := canonicalID(hex.EncodeToString(b[:]))
	return id
}
