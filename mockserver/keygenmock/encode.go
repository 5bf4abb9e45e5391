package keygenmock

import (
	"net/http"
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// respond answers with one object, which is written already, as the data of a
// document.
func (c *call) respond(status int, data []byte) (core.Answer, *failure) {
	return core.Encoded(status, slices.Concat([]byte(`{"data":`), data, []byte("}"))), nil
}

// created answers with a new object, which is to be found at its own place.
func (c *call) created(plural, id string, data []byte) (core.Answer, *failure) {
	answer, fail := c.respond(http.StatusCreated, data)
	return c.locate(answer, plural, id), fail
}

// gone answers that an object is no more.
func (c *call) gone() (core.Answer, *failure) {
	return core.Answer{Status: http.StatusNoContent, Header: http.Header{}}, nil
}

// home is the id of the account that an object belongs to.
type home string

// path is where something of the account is to be found.
func (h home) path(segments ...string) string {
	return root + "/accounts/" + string(h) + "/" + strings.Join(segments, "/")
}

// resource writes one object: its links and those of its relationships lead to
// places below the account.
func (h home) resource(plural, id string, attributes, relationships fields) []byte {
	return fields{
		{"id", id},
		{"type", plural},
		{"attributes", attributes},
		{"relationships", relationships},
		{"links", fields{{"self", h.path(plural, id)}}},
	}.text()
}

// relationship is that to the account, which everything has.
func (h home) relationship() field {
	return field{"account", fields{{"links", fields{{"related", root + "/accounts/" + string(h)}}}, {"data", identify("accounts", string(h))}}}
}

// linked is a relationship to one object, or to none if it has no id.
func linked(related, plural, id string) fields {
	return fields{{"links", fields{{"related", related}}}, {"data", identify(plural, id)}}
}

// linkOnly is a relationship that says only where its objects are to be found.
func linkOnly(related string) fields {
	return fields{{"links", fields{{"related", related}}}}
}

// identify names one object; without an id it is null.
func identify(plural, id string) any {
	if id == "" {
		return nil
	}
	return fields{{"type", plural}, {"id", id}}
}

// look is everything that a key or a license on the wire is made of.
type look struct {
	home
	object any // *Key or *License
	policy *Policy
	status string // of a license
}

func (l look) write() []byte {
	if license, is := l.object.(*License); is {
		return l.writeLicense(license)
	}
	return l.writeKey(l.object.(*Key))
}

func (c *call) encodeKey(k *Key) *core.Written {
	c.Decided(ruleKeyObject, ruleLinksAccount)
	return c.shown.Text(look{home: c.home(), object: k, policy: c.account.policies.get(k.PolicyID)}, look.write)
}

func (l look) writeKey(k *Key) []byte {
	at := func(name string) string { return l.path("keys", k.ID, name) }
	return l.resource("keys", k.ID,
		fields{{"key", k.Key}, {"created", timestamp(k.Created)}, {"updated", timestamp(k.Updated)}},
		fields{
			l.relationship(),
			{"product", linked(at("product"), "products", l.policy.ProductID)},
			{"policy", linked(at("policy"), "policies", l.policy.ID)},
		},
	)
}
