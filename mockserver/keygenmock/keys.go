package keygenmock

import (
	"net/http"
	"slices"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Rules of keys.
var (
	ruleKeyObject   = rule(doc, "key.object", "A key shows its text, when it was created and updated, and its account, product and policy.")
	ruleKeyByID     = rule(obs, "key.by-id", "A key is found by its id only, in any spelling of a UUID; its text finds nothing.")
	ruleKeyPolicy   = rule(obs, "key.policy", "The policy and the product of a key are found through it; what hides the key hides them, and a 404 names the key.")
	ruleKeyCreated  = rule(doc, "key.created", "A new key is answered 201; created and updated are the same.")
	ruleKeyUpdated  = rule(obs, "key.updated", "An update that changes nothing leaves updated as it was, and still is an event.")
	ruleKeyDeleted  = rule(obs, "key.deleted", "A deleted key is answered 204 without a body, and is gone: a second delete is 404.")
	ruleKeyForeign  = rule(obs, "key.foreign-policy", "A product that creates a key in a policy of another product, or in none that exists, is answered 403; staff gets 422 for the latter.")
	ruleKeyFilters  = rule(obs, "key.filters", "Keys are filtered by product and policy, which both must hold, in what the bearer sees.")
	ruleKeyNoFilter = rule(asm, "key.filter-value", "A filter that is no UUID or names nothing finds nothing; one that is empty or no text is ignored.")
	ruleEvent       = rule(obs, "event.recorded", "A change through the API is one event, and one webhook for each endpoint subscribed to it; it never alters the answer.")
)

var keyOperations = []operation{
	op(OpListKeys, "GET", "/keys", (*call).listKeys),
	op(OpCreateKey, "POST", "/keys", (*call).createKey),
	op(OpGetKey, "GET", "/keys/{keyId}", (*call).getKey),
	op(OpUpdateKey, "PATCH", "/keys/{keyId}", (*call).updateKey),
	op(OpDeleteKey, "DELETE", "/keys/{keyId}", (*call).deleteKey),
	op(OpGetKeyPolicy, "GET", "/keys/{keyId}/policy", (*call).getKeyPolicy),
	op(OpGetKeyProduct, "GET", "/keys/{keyId}/product", (*call).getKeyProduct),
}

var (
	toListKeys  = access{"key.read", slices.Concat(employees, []role{roleProduct})}
	toCreateKey = access{"key.create", makers}
	toUpdateKey = access{"key.update", makers}
	toDeleteKey = access{"key.delete", makers}

	// makers are those who change what there is.
	makers = []role{roleAdmin, roleDeveloper, roleProduct}
)

func (c *call) listKeys() (core.Answer, *failure) {
	p, bad := readPaging(c.Turn, c.query)
	if bad != nil {
		return core.Answer{}, bad.failure()
	}
	if fail := c.authorize(toListKeys); fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleKeyFilters)
	var match core.Filter[*row[Key]]
	if !c.isEmployee() {
		match = append(match, ofProduct(c.account, keyOfPolicy, c.bearer.id))
	}
	if product, given := c.filter("product"); given {
		match = append(match, ofProduct(c.account, keyOfPolicy, product))
	}
	if policy, given := c.filter("policy"); given {
		match = append(match, keyOfPolicy.Is(policy))
	}
	return listOf(c, p, c.account.keys, keyOrders, match, c.encodeKey)
}

// filter returns the id that a list is narrowed to, if it is. It is empty where
// the request says something that is no id.
func (c *call) filter(name string) (id string, given bool) {
	typed, isText := c.query.text(name)
	if !isText || typed == "" {
		if _, sent := c.query[name]; sent {
			c.Decided(ruleKeyNoFilter)
		}
		return "", false
	}
	id, ok := canonicalUUID(typed)
	if !ok {
		c.Decided(ruleKeyNoFilter)
	}
	return id, true
}

func (c *call) createKey() (core.Answer, *failure) {
	document, bad := readDocument(c.Turn, c.body, createKeySchema)
	if bad != nil {
		return core.Answer{}, bad.failure()
	}
	text, _ := document.at("data", "attributes", "key")
	p := c.account.policies.get(document.linkedID("policy"))
	if fail := c.authorizeKeyIn(p); fail != nil {
		return core.Answer{}, fail
	}
	if fail := c.checkNewKey(text.text, p); fail != nil {
		return core.Answer{}, fail
	}
	created := c.moment()
	k := &Key{ID: c.Rand.UUID(), Key: text.text, PolicyID: p.ID, Created: created, Updated: created}
	c.account.keys.add(k)
	c.Effect(EffectKeyCreated, k.ID, "")
	c.emit("key.created", k.ID)
	c.Decided(ruleKeyCreated)
	return c.created("keys", k.ID, c.encodeKey(k).JSON)
}

// authorizeKeyIn asks whether the bearer may put keys into a policy, which need
// not exist.
func (c *call) authorizeKeyIn(p *Policy) *failure {
	if fail := c.authorize(toCreateKey); fail != nil {
		return fail
	}
	if c.bearer.product != nil {
		c.Decided(ruleKeyForeign)
		if p == nil || p.ProductID != c.bearer.id {
			return c.forbid()
		}
	}
	return nil
}

func (c *call) getKey() (core.Answer, *failure) {
	k, fail := c.findKey()
	if fail != nil {
		return core.Answer{}, fail
	}
	return c.respond(http.StatusOK, c.encodeKey(k).JSON)
}

// findKey finds the key that the path names, as far as the bearer sees it.
func (c *call) findKey() (*Key, *failure) {
	c.Decided(ruleKeyByID)
	typed := c.req.Params.Get("keyId")
	id, _ := canonicalUUID(typed)
	k := c.account.keys.get(id)
	if k != nil && !c.seesKeysOf(c.account.policies.get(k.PolicyID)) {
		c.Decided(ruleScopeHidden)
		k = nil
	}
	if k == nil {
		c.Decided(ruleNotFound)
		return nil, notFound("key", typed)
	}
	return k, nil
}

// findKeyTo finds the key that the path names for somebody who is to change it.
func (c *call) findKeyTo(do access) (*Key, *failure) {
	k, fail := c.findKey()
	if fail == nil {
		fail = c.authorize(do)
	}
	return k, fail
}

func (c *call) updateKey() (core.Answer, *failure) {
	k, fail := c.findKeyTo(toUpdateKey)
	if fail != nil {
		return core.Answer{}, fail
	}
	document, bad := readDocument(c.Turn, c.body, updateKeySchema)
	if bad != nil {
		return core.Answer{}, bad.failure()
	}
	text := k.Key
	if sent, given := document.at("data", "attributes", "key"); given {
		text = sent.text
	}
	if fail := c.checkKey(text, k); fail != nil {
		return core.Answer{}, fail
	}
	if text != k.Key {
		by := *k
		by.Key, by.Updated = text, c.now()
		k = c.account.keys.change(k, by)
		c.Effect(EffectKeyUpdated, k.ID, "key")
	}
	c.emit("key.updated", k.ID)
	c.Decided(ruleKeyUpdated)
	return c.respond(http.StatusOK, c.encodeKey(k).JSON)
}

func (c *call) deleteKey() (core.Answer, *failure) {
	k, fail := c.findKeyTo(toDeleteKey)
	if fail != nil {
		return core.Answer{}, fail
	}
	c.removeKey(c.account, k)
	c.emit("key.deleted", k.ID)
	c.Decided(ruleKeyDeleted)
	return c.gone()
}

func (c *call) getKeyPolicy() (core.Answer, *failure) {
	p, fail := c.policyOfKey()
	if fail != nil {
		return core.Answer{}, fail
	}
	return c.respond(http.StatusOK, c.encodePolicy(p).JSON)
}

func (c *call) getKeyProduct() (core.Answer, *failure) {
	p, fail := c.policyOfKey()
	if fail != nil {
		return core.Answer{}, fail
	}
	return c.respond(http.StatusOK, c.encodeProduct(c.account.products.get(p.ProductID)))
}

func (c *call) policyOfKey() (*Policy, *failure) {
	c.Decided(ruleKeyPolicy)
	k, fail := c.findKey()
	if fail != nil {
		return nil, fail
	}
	return c.account.policies.get(k.PolicyID), nil
}
