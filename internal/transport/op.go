package transport

import (
	"fmt"
	"strings"
)

// Class says whether a call of an operation may be sent again. It belongs to
// the operation, never to its HTTP method.
type Class uint8

// The zero Class is invalid on purpose: an operation without a class must not
// pass for a harmless one.
const (
	// Read has no effect: it may always be repeated.
	Read Class = iota + 1
	// Idempotent reaches the same end state however often it is applied; the
	// answer of a repetition may differ.
	Idempotent
	// Once creates, extends, resets or counts: it is repeated only after proof
	// that the attempt before had no effect.
	Once
)

// String returns the class as the OpenAPI documents spell it.
func (c Class) String() string {
	switch c {
	case Read:
		return "Read"
	case Idempotent:
		return "Idempotent"
	case Once:
		return "Once"
	default:
		return fmt.Sprintf("Class(%d)", uint8(c))
	}
}

// Op is one operation of a vendor's API. Values are generated from the
// vendor's OpenAPI document.
type Op struct {
	ID       string    // operationId, such as "createKey"
	Method   string    // HTTP method
	Path     string    // path template below the base URL, such as "/keys/{keyId}"
	Class    Class     // may it be repeated?
	Success  []Success // the documented successful answers
	Recovery string    // how to find out after an unknown outcome; empty for Read
}

// Success is one documented successful answer of an operation.
type Success struct {
	Status    int
	MediaType string // "" when the document declares no content
	EmptyOK   bool   // an empty body is accepted although content is declared
}

// Request is one call of an operation, complete but for the base URL and the
// credentials. Generated builders make it.
type Request struct {
	Op          Op
	Path        string // escaped path below the base URL
	Query       string // encoded query without "?"
	Body        []byte // nil when the operation takes none
	ContentType string // of Body

	// Secrets are values of Body that no text may show, such as a password.
	// Those of less than six bytes are shown: texts need their small words.
	Secrets []string
}

// NewRequest fills the path template of op with values, one for each {name}
// and in that order. Each value must be one escaped path segment; an empty
// value, "." and ".." are refused, since they would address another resource.
func NewRequest(op Op, values ...string) (Request, error) {
	req := Request{Op: op}
	var path strings.Builder
	rest := op.Path
	for _, value := range values {
		before, after, found := strings.Cut(rest, "{")
		name, tail, closed := strings.Cut(after, "}")
		if !found || !closed {
			return Request{}, fmt.Errorf("%s: more path values than places in %s", op.ID, op.Path)
		}
		if err := checkSegment(name, value); err != nil {
			return Request{}, err
		}
		path.WriteString(before)
		path.WriteString(value)
		rest = tail
	}
	if strings.Contains(rest, "{") {
		return Request{}, fmt.Errorf("%s: fewer path values than places in %s", op.ID, op.Path)
	}
	req.Path = path.String() + rest
	return req, nil
}

// checkSegment refuses what does not stay one segment of a path.
func checkSegment(name, segment string) error {
	switch {
	case segment == "":
		return fmt.Errorf("%s is empty: the path would address another resource", name)
	case segment == "." || segment == "..":
		return fmt.Errorf("%s is %q: a path cannot carry it as a value", name, segment)
	case strings.ContainsAny(segment, "/?#"):
		return fmt.Errorf("%s holds an unescaped path separator", name)
	}
	return nil
}

// Lower returns the request with its class lowered to Once, for arguments that
// make a repetition unsafe. There is no way to raise a class.
func (r Request) Lower() Request {
	r.Op.Class = Once
	return r
}
