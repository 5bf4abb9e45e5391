package keygenmock

import (
	"net/http"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// respond answers with one object as the data of a document.
func (c *call) respond(status int, data any) (core.Answer, *failure) {
	return core.JSON(status, fields{{"data", data}}), nil
}

// created answers with a new object, which is to be found at its own place.
func (c *call) created(plural, id string, data any) (core.Answer, *failure) {
	answer, fail := c.respond(http.StatusCreated, data)
	return c.locate(answer, plural, id), fail
}

// gone answers that an object is no more.
func (c *call) gone() (core.Answer, *failure) {
	return core.Answer{Status: http.StatusNoContent, Header: http.Header{}}, nil
}

// resource writes one object: its links and those of its relationships lead to
// places below the account.
func (c *call) resource(plural, id string, attributes, relationships fields) fields {
	return fields{
		{"id", id},
		{"type", plural},
		{"attributes", attributes},
		{"relationships", relationships},
		{"links", fields{{"self", c.path(plural, id)}}},
	}
}

// belongsToAccount is the relationship of everything.
func (c *call) belongsToAccount() field {
	return field{"account", fields{{"links", fields{{"related", root + "/accounts/" + c.account.id}}}, {"data", identify("accounts", c.account.id)}}}
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

func (c *call) encodeKey(k *Key) fields {
	c.Decided(ruleKeyObject, ruleLinksAccount)
	p := c.account.policies.get(k.PolicyID)
	return c.resource("keys", k.ID,
		fields{{"key", k.Key}, {"created", timestamp(k.Created)}, {"updated", timestamp(k.Updated)}},
		fields{
			c.belongsToAccount(),
			{"product", linked(c.path("keys", k.ID, "product"), "products", p.ProductID)},
			{"policy", linked(c.path("keys", k.ID, "policy"), "policies", p.ID)},
		},
	)
}
