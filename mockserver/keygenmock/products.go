package keygenmock

import (
	"net/http"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Rules of products.
var (
	ruleProductCreated  = rule(obs, "product.created", "A new product is answered 201 with its place in Location; only admins and developers may create one.")
	ruleProductObject   = rule(obs, "product.object", "A product shows its attributes and its account, and links to all that belongs to it.")
	ruleProductDefaults = rule(asm, "product.defaults", "Without further words a product has the distributionStrategy LICENSED, no code, url and platforms, and empty metadata.")
	ruleProductName     = rule(asm, "product.name", "A product without name is a wrong document, answered 400.")
	ruleProductCode     = rule(obs, "product.by-code", "A product is found by its id or its code.")
	ruleProductTaken    = rule(asm, "product.code-taken", "No two products of an account have the same code: 422 CODE_TAKEN.")
	ruleProductSelf     = rule(obs, "product.self", "Of all products, a product sees itself only.")
	ruleProductScope    = rule(asm, "product.scope", "Who has a license of a product sees it, and gets 403.")
	ruleProductEvent    = rule(asm, "product.event", "A new product is the event product.created.")
)

var productOperations = []operation{
	op(OpCreateProduct, "POST", "/products", (*call).createProduct),
	op(OpGetProduct, "GET", "/products/{productId}", (*call).getProduct),
	op(OpCreateProductToken, "POST", "/products/{productId}/tokens", (*call).createProductToken),
}

var (
	staff = []role{roleAdmin, roleDeveloper}

	toCreateProduct = access{"product.create", staff}
	toReadProduct   = access{"product.read", readers}
)

func (c *call) createProduct() (core.Answer, *failure) {
	document, bad := readDocument(c.Turn, c.body, createProductSchema)
	if bad != nil {
		if bad.pointer == "/data/attributes/name" {
			c.Decided(ruleProductName)
		}
		return core.Answer{}, bad.failure()
	}
	if fail := c.authorize(toCreateProduct); fail != nil {
		return core.Answer{}, fail
	}
	attributes, _ := document.at("data", "attributes")
	if fail := c.checkProduct(attributes); fail != nil {
		return core.Answer{}, fail
	}
	p := newProduct(attributes)
	p.ID, p.Created = c.Rand.UUID(), c.moment()
	p.Updated = p.Created
	c.account.products.add(p)
	c.Effect(EffectProductCreated, p.ID, "")
	c.emit("product.created", p.ID)
	c.Decided(ruleProductCreated, ruleProductEvent)
	return c.created("products", p.ID, c.encodeProduct(p))
}

// checkProduct checks a product that is to be made.
func (c *call) checkProduct(attributes value) *failure {
	v := &violations{call: c}
	name, _ := attributes.get("name")
	v.checkName("products", name)
	if code, given := attributes.get("code"); given && c.account.products.byText[code.text] != nil {
		v.attribute(ruleProductTaken, "products", "code", "CODE_TAKEN", "has already been taken")
	}
	return v.failure()
}

// newProduct makes a product of the attributes that were sent.
func newProduct(attributes value) *Product {
	sent := attributes.object()
	p := &Product{Attributes: sent}
	move(sent, "name", &p.Name)
	move(sent, "code", &p.Code)
	move(sent, "url", &p.URL)
	move(sent, "metadata", &p.Metadata)
	return p
}

func (c *call) getProduct() (core.Answer, *failure) {
	p, fail := c.findProductTo(toReadProduct)
	if fail != nil {
		return core.Answer{}, fail
	}
	return c.respond(http.StatusOK, c.encodeProduct(p))
}

// findProductTo finds the product that the path names, as far as the bearer sees
// it and may do this with it.
func (c *call) findProductTo(do access) (*Product, *failure) {
	c.Decided(ruleProductCode)
	typed := c.req.Params.Get("productId")
	id, _ := canonicalUUID(typed)
	p := c.account.products.get(id)
	if p == nil {
		p = c.account.products.byText[typed]
	}
	if p != nil && !c.seesProduct(p) {
		c.Decided(ruleScopeHidden)
		p = nil
	}
	if p == nil {
		c.Decided(ruleNotFound)
		return nil, notFound("product", typed)
	}
	return p, c.authorize(do)
}

// seesProduct reports whether a product is there for the bearer.
func (c *call) seesProduct(p *Product) bool {
	switch {
	case c.bearer.product != nil:
		c.Decided(ruleProductSelf)
		return c.bearer.id == p.ID
	case c.isEmployee():
		return true
	}
	c.Decided(ruleProductScope)
	return c.account.policies.find(func(policy *Policy) bool { return policy.ProductID == p.ID && c.seesPolicy(policy) }) != nil
}

// encodeProduct shows a product as the data of a document.
func (c *call) encodeProduct(p *Product) []byte {
	h := c.home()
	c.Decided(ruleProductObject, ruleProductDefaults, ruleLinksAccount)
	relationships := fields{h.relationship()}
	for _, name := range []string{"policies", "licenses", "machines", "users", "tokens", "platforms", "channels", "releases", "artifacts"} {
		relationships = append(relationships, field{name, linkOnly(h.path("products", p.ID, name))})
	}
	strategy, given := p.Attributes["distributionStrategy"]
	if !given {
		strategy = "LICENSED"
	}
	return h.resource("products", p.ID, fields{
		{"name", p.Name},
		{"code", core.Nullable(p.Code, p.Code != "")},
		{"distributionStrategy", strategy},
		{"url", core.Nullable(p.URL, p.URL != "")},
		{"platforms", p.Attributes["platforms"]},
		{"metadata", orEmpty(p.Metadata)},
		{"created", timestamp(p.Created)},
		{"updated", timestamp(p.Updated)},
	}, relationships)
}
