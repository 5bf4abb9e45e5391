package transport

// Credential is what a client identifies itself with. The zero Credential
// sends none. The key is held in a closure, which every fmt verb, encoding/json
// and slog print as an address at most.
type Credential struct {
	header  string
	value   func() string
	secrets func() []string
	setting string // what the caller calls it
	problem string // why it is refused
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
func Basic(user, password string) Credential { return Credential{} }

// Named sets what error messages of New call the credential; the default is
// APIKey.
func (c Credential) Named(setting string) Credential {
	c.setting = setting
	return c
}

func keyCredential(header, prefix, key string) Credential {
	return Credential{
		header:  header,
		value:   func() string { return prefix + key },
		secrets: func() []string { return []string{key} },
		setting: "APIKey",
	}
}
