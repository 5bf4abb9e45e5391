package keygenmock

import (
	"net/http"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Rules of tokens.
var (
	ruleTokenCreated  = rule(obs, "token.created", "A new token of a product is answered 200, not 201, and only to admins and developers.")
	ruleTokenObject   = rule(obs, "token.object", "A token shows its kind, expiry, name, account and bearer; its secret is shown in this answer only.")
	ruleTokenSecret   = rule(obs, "token.secret", "The secret of a product's token is prod-, 64 hexadecimal digits and v3.")
	ruleTokenEndless  = rule(obs, "token.expiry", "The token of a product does not expire by default.")
	ruleTokenDocument = rule(asm, "token.document", "A token can be asked for without a document; one may give a name and an expiry.")
	ruleTokenOrder    = rule(asm, "token.order", "The product is looked up first, then the bearer's role counts, then the document.")
	ruleTokenEvent    = rule(asm, "token.event", "A new token is the event token.generated.")
)

var toCreateToken = access{"product.tokens.generate", staff}

func (c *call) createProductToken() (core.Answer, *failure) {
	c.Decided(ruleTokenOrder)
	product, fail := c.findProductTo(toCreateToken)
	if fail != nil {
		return core.Answer{}, fail
	}
	document, bad := readDocument(c.Turn, c.body, createTokenSchema)
	if bad != nil {
		return core.Answer{}, bad.failure()
	}
	name, _ := document.at("data", "attributes", "name")
	expiry, _ := document.at("data", "attributes", "expiry")
	t := &Token{ID: c.Rand.UUID(), Value: c.newSecret(roleProduct), Name: name.text, BearerID: product.ID, Created: c.moment()}
	t.Expiry, _ = parseTime(expiry.text)
	t.Updated = t.Created
	c.account.tokens.add(t)
	c.Effect(EffectTokenCreated, t.ID, kindOf[roleProduct].kind)
	c.emit("token.generated", t.ID)
	c.Decided(ruleTokenCreated, ruleTokenDocument, ruleTokenEvent)
	return c.respond(http.StatusOK, c.encodeToken(t, "products", roleProduct))
}

// encodeToken shows a new token, secret and all.
func (c *call) encodeToken(t *Token, bearers string, of role) []byte {
	h := c.home()
	c.Decided(ruleTokenObject, ruleTokenSecret, ruleTokenEndless, ruleLinksAccount)
	return h.resource("tokens", t.ID, fields{
		{"kind", kindOf[of].kind},
		{"token", t.Value},
		{"expiry", core.Nullable(timestamp(t.Expiry), !t.Expiry.IsZero())},
		{"name", core.Nullable(t.Name, t.Name != "")},
		{"created", timestamp(t.Created)},
		{"updated", timestamp(t.Updated)},
	}, fields{
		h.relationship(),
		{"bearer", linked(h.path(bearers, t.BearerID), bearers, t.BearerID)},
	})
}
