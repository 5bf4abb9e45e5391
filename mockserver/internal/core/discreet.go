package core

// Discreet is implemented by a world that says what of its requests and answers
// may be shown to whoever reads the journal. Of any other world the journal
// shows no texts but those of headers that are harmless anywhere.
type Discreet interface {
	// Secrets returns what the world says. The server asks once.
	Secrets() Secrets
}

// Secrets says by name what is secret and what is not, whether it is a header, a
// query parameter, a {name} of a path or a member of JSON at any depth. A list
// has the name of its member, and a document that is a bare list, or a bare
// text, has the empty name. Of a query parameter such as page[size] the part
// before the bracket counts. Names are compared exactly, those of headers in
// their canonical form.
//
// What has neither name is hidden as well, since nobody knows what it is: a
// client may send its key under a name that the vendor has never heard of.
type Secrets struct {
	// Secret are the names of what holds API keys, tokens, passwords or license
	// keys. It is hidden, and so is its text wherever else it turns up.
	Secret []string
	// Plain are the names of what may be shown.
	Plain []string
	// IsID reports whether the text under a secret name is no secret, because it
	// is the id that may stand there instead; nil: no id may.
	IsID func(name, text string) bool
	// KeyedEffects are the kinds of effects whose id is a license key.
	KeyedEffects []string
}
