package keycratemock

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// password is an end user's password as the world keeps it: the hash, never the
// text. The vendor uses bcrypt, which nobody outside can tell.
type password struct{ Salt, Hash []byte }

// rounds is far too low for real passwords, and meant to be: nothing here is
// worth a thief's time, hashes never leave the process, and tests that log in
// thousands of times should not wait for them.
const rounds = 16

func newPassword(r *core.Rand, text string) *password {
	salt := []byte(r.Hex(8))
	return &password{Salt: salt, Hash: derive(text, salt)}
}

// is reports whether a text is the password. A license without one has none that
// fits.
func (p *password) is(text string) bool {
	return p != nil && subtle.ConstantTimeCompare(p.Hash, derive(text, p.Salt)) == 1
}

func derive(text string, salt []byte) []byte {
	hash, err := pbkdf2.Key(sha256.New, text, salt, rounds, sha256.Size)
	if err != nil {
		panic("keycratemock: a password cannot be hashed: " + err.Error()) // only a bad length or a FIPS mode says so
	}
	return hash
}
