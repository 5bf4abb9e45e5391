package conformance

import (
	"strings"
	"testing"
)

// assertShowsNone fails if a text shows one of the secrets, or an address, which
// may hold one.
func assertShowsNone(t *testing.T, secrets []string, text string) {
	t.Helper()
	for _, secret := range append([]string{"http://", "https://"}, secrets...) {
		if strings.Contains(text, secret) {
			t.Errorf("%q shows %q", text, secret)
		}
	}
}
