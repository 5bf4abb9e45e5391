package keygen

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// Credential is what a client identifies itself with. Make one with [Token],
// [LicenseKey], [BasicToken] or [BasicLicenseKey]; the zero Credential is
// refused by [New]. It holds a secret, which it does not show however it is
// printed, logged or encoded.
type Credential struct {
	secret transport.Credential
	kind   string // what String shows
	// noIDs says that the vendor may let the bearer choose no id for a license.
	noIDs bool
}

// Token authenticates with a token of the account, a product, an environment
// or a user, as the vendor shows it when it is made, such as "admin-…v3". Which
// calls it may make depends on whose it is: those of an admin and a developer
// may make all, that of a product those on its own policies and keys.
func Token(token string) Credential {
	return Credential{secret: transport.Bearer(token), kind: "Token", noIDs: isUserToken(token)}
}

// LicenseKey authenticates with the key of a license whose policy allows that
// ([AuthenticateByLicense] or [AuthenticateByAny]). Such a client can read the
// license and little else; no operation on keys and pools is open to it. The
// key must consist of visible ASCII characters: for others there is
// [BasicLicenseKey].
func LicenseKey(key string) Credential {
	return Credential{secret: transport.Scheme("License", key), kind: "LicenseKey", noIDs: true}
}

// BasicToken is [Token] in the form of HTTP basic authentication, for networks
// whose proxies know no other.
func BasicToken(token string) Credential {
	return Credential{secret: transport.Basic("token", token), kind: "BasicToken", noIDs: isUserToken(token)}
}

// BasicLicenseKey is [LicenseKey] in the form of HTTP basic authentication. It
// carries keys with any characters.
func BasicLicenseKey(key string) Credential {
	return Credential{secret: transport.Basic("license", key), kind: "BasicLicenseKey", noIDs: true}
}

// isUserToken knows the tokens of plain users by their prefix.
func isUserToken(token string) bool { return strings.HasPrefix(token, "user-") }

// String returns the name of the function that made the credential, without
// the secret.
func (c Credential) String() string {
	if c.kind == "" {
		return "Credential(none)"
	}
	return c.kind + "(…)"
}

// Format prints [Credential.String] for every verb but %p.
func (c Credential) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue makes slog print [Credential.String].
func (c Credential) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText encodes [Credential.String], so that neither JSON nor YAML shows
// the secret.
func (c Credential) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
