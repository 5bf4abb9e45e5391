package transport

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Credential is what a client identifies itself with. The zero Credential
// sends nothing. The key is held in a closure, of which every fmt verb,
// encoding/json and slog show an address at most.
type Credential struct {
	reveal  func() secret // nil: none
	setting string        // what the caller calls it
}

// secret is a credential laid open.
type secret struct {
	header  string   // in its canonical form
	values  []string // of the header: one
	hide    []string // what must never be printed
	problem string   // why it is refused; never quotes it
}

// Bearer sends "Authorization: Bearer <key>".
func Bearer(key string) Credential { return Scheme("Bearer", key) }

// Scheme sends "Authorization: <scheme> <key>".
func Scheme(scheme, key string) Credential {
	return keyCredential("Authorization", scheme+" ", key)
}

// BareKey sends "Authorization: <key>".
func BareKey(key string) Credential { return keyCredential("Authorization", "", key) }

// HeaderKey sends the key alone in the header called name.
func HeaderKey(name, key string) Credential { return keyCredential(name, "", key) }

// Basic sends user and password as HTTP basic authentication.
func Basic(user, password string) Credential {
	pair := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	s := newSecret("Authorization", "Basic "+pair, pair, password)
	switch {
	case user == "" || password == "":
		s.problem = "needs both a user and a password"
	case strings.Contains(user, ":"):
		s.problem = "has a user with a colon, which basic authentication cannot carry"
	}
	return s.credential()
}

// Named sets what the errors of New call the credential; by default APIKey.
func (c Credential) Named(setting string) Credential {
	c.setting = setting
	return c
}

// String says whether there is a credential.
func (c Credential) String() string {
	if c.reveal == nil {
		return "none"
	}
	return redacted
}

func keyCredential(header, prefix, key string) Credential {
	s := newSecret(header, prefix+key, key)
	s.problem = keyProblem(key)
	return s.credential()
}

func newSecret(header, value string, hide ...string) secret {
	return secret{header: http.CanonicalHeaderKey(header), values: []string{value}, hide: hide}
}

// credential locks a secret away.
func (s secret) credential() Credential {
	return Credential{setting: "APIKey", reveal: func() secret { return s }}
}

// keyProblem says why a key cannot be right. Everything but visible ASCII is a
// slip of copying: a line break, a blank, a zero-width space.
func keyProblem(key string) string {
	if key == "" {
		return "is empty"
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] >= 0x7f {
			return fmt.Sprintf("holds a blank, a control or a non-ASCII character at byte %d: pass the key alone, as the vendor shows it", i+1)
		}
	}
	return ""
}

// check refuses a credential that cannot be right or cannot be sent.
func (c Credential) check() error {
	if c.reveal == nil {
		return nil
	}
	s := c.reveal()
	if s.problem != "" {
		return errors.New(c.setting + " " + s.problem)
	}
	return checkHeader(s.header, s.values[0])
}

// apply adds the credential to the headers of a request. All share one list of
// values: it is full, so whoever adds to it gets another one.
func (c Credential) apply(header http.Header) {
	if c.reveal != nil {
		s := c.reveal()
		header[s.header] = s.values
	}
}

// secrets returns what must never be printed.
func (c Credential) secrets() []string {
	if c.reveal == nil {
		return nil
	}
	return c.reveal().hide
}

// checkHeader refuses what HTTP cannot carry, without quoting the value.
func checkHeader(name, value string) error {
	const tokens = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if name == "" || strings.Trim(name, tokens) != "" {
		return fmt.Errorf("%q is not the name of a header", name)
	}
	for i := range len(value) {
		if b := value[i]; b < ' ' && b != '\t' || b == 0x7f {
			return fmt.Errorf("the header %s has a control character at byte %d", name, i+1)
		}
	}
	return nil
}
