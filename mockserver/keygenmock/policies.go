package keygenmock

import (
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Rules of policies.
var (
	rulePolicyCreated   = rule(obs, "policy.created", "A new policy is answered 201 with its place in Location, and is an event.")
	rulePolicyObject    = rule(obs, "policy.object", "A policy shows all of its attributes, its account and product, and links to its pool, licenses and entitlements.")
	rulePolicyDefaults  = rule(obs, "policy.defaults", "What a new policy leaves open has the vendor's defaults; maxMachines is 1 unless it is floating, and heartbeatBasis FROM_CREATION if it requires a heartbeat.")
	rulePolicyName      = rule(obs, "policy.name", "A policy without name is answered 422 NAME_MISSING, though the schema lets the name be absent.")
	rulePolicyNameLong  = rule(asm, "policy.name-length", "A name of more than 255 characters is answered 422 NAME_TOO_LONG, that of products and licenses too.")
	rulePolicyProduct   = rule(obs, "policy.product-not-found", "A product that does not exist is answered 422 PRODUCT_NOT_FOUND.")
	rulePolicyForeign   = rule(obs, "policy.foreign-product", "A product that creates a policy for another product is answered 403.")
	rulePolicyPool      = rule(obs, "policy.pool-exclusions", "A pooled policy can neither be encrypted nor have a scheme: 422 ENCRYPTED_NOT_SUPPORTED and SCHEME_NOT_SUPPORTED, in this order.")
	rulePolicyEncrypted = rule(obs, "policy.encrypted", "A policy that is encrypted has the scheme LEGACY_ENCRYPT.")
	rulePolicyDuration  = rule(asm, "policy.duration", "A duration is 1 to 2147483647 seconds, else 422 DURATION_INVALID.")
	rulePolicyFree      = rule(asm, "policy.values", "Strategies, schemes and limits are kept as they are sent: what they may be is not checked.")
	rulePolicyLinks     = rule(asm, "error.links", "A 422 links to the place in the vendor's manual that explains the attribute or relationship of the object.")
	rulePolicyFilter    = rule(obs, "policy.filter", "Policies are filtered by product.")
	rulePolicyScope     = rule(obs, "policy.scope", "Employees see all policies and products their own. Who has a license of a policy sees it, and gets 403.")
	rulePolicyDeleted   = rule(obs, "policy.deleted", "A deleted policy is answered 204 and takes its keys and licenses along.")
	rulePolicyAtOnce    = rule(asm, "policy.deleted-at-once", "Keys and licenses of a deleted policy are gone at once, and only the policy's deletion is an event.")
	rulePolicyDeleters  = rule(asm, "policy.deleters", "Who may create a policy may delete it.")
)

var policyOperations = []operation{
	op(OpListPolicies, "GET", "/policies", (*call).listPolicies),
	op(OpCreatePolicy, "POST", "/policies", (*call).createPolicy),
	op(OpGetPolicy, "GET", "/policies/{policyId}", (*call).getPolicy),
	op(OpDeletePolicy, "DELETE", "/policies/{policyId}", (*call).deletePolicy),
}

var (
	readers = slices.Concat(employees, []role{roleProduct})
	sellers = slices.Concat(makers, []role{roleSales})

	toReadPolicies = access{"policy.read", readers}
	toCreatePolicy = access{"policy.create", sellers}
	toDeletePolicy = access{"policy.delete", sellers}
)

func (c *call) listPolicies() (core.Answer, *failure) {
	p, bad := readPaging(c.Turn, c.query)
	if bad != nil {
		return core.Answer{}, bad.failure()
	}
	if fail := c.authorize(toReadPolicies); fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(rulePolicyFilter, rulePolicyScope)
	match := core.Filter[*row[Policy]]{core.If(func(r *row[Policy]) bool { return c.seesPolicy(r.object) })}
	if product, given := c.filter("product"); given {
		match = append(match, policyOfProduct.Is(product))
	}
	return listOf(c, p, c.account.policies, policyOrders, match, c.encodePolicy)
}

func (c *call) getPolicy() (core.Answer, *failure) {
	p, fail := c.findPolicyTo(toReadPolicies)
	if fail != nil {
		return core.Answer{}, fail
	}
	return c.respond(http.StatusOK, c.encodePolicy(p).JSON)
}

// findPolicyTo finds the policy that the path names for somebody who is to read
// or change it.
func (c *call) findPolicyTo(do access) (*Policy, *failure) {
	c.Decided(rulePolicyScope)
	p, fail := c.findPolicy()
	if fail == nil {
		fail = c.authorize(do)
	}
	return p, fail
}

func (c *call) createPolicy() (core.Answer, *failure) {
	document, bad := readDocument(c.Turn, c.body, createPolicySchema)
	if bad != nil {
		return core.Answer{}, bad.failure()
	}
	product := c.account.products.get(document.linkedID("product"))
	if fail := c.authorizePolicyOf(product); fail != nil {
		return core.Answer{}, fail
	}
	attributes, _ := document.at("data", "attributes")
	if fail := c.checkPolicy(attributes, product); fail != nil {
		return core.Answer{}, fail
	}
	p := newPolicy(attributes)
	p.ID, p.ProductID, p.Created = c.Rand.UUID(), product.ID, c.moment()
	p.Updated = p.Created
	c.account.policies.add(p)
	c.Effect(EffectPolicyCreated, p.ID, "")
	c.emit("policy.created", p.ID)
	c.Decided(rulePolicyCreated, rulePolicyFree)
	return c.created("policies", p.ID, c.encodePolicy(p).JSON)
}

// linkedID returns the id in a relationship to one object, or "".
func (v value) linkedID(relationship string) string {
	typed, _ := v.at("data", "relationships", relationship, "data", "id")
	id, _ := canonicalUUID(typed.text)
	return id
}

// authorizePolicyOf asks whether the bearer may make policies for a product,
// which need not exist.
func (c *call) authorizePolicyOf(p *Product) *failure {
	if fail := c.authorize(toCreatePolicy); fail != nil {
		return fail
	}
	if c.bearer.product != nil {
		c.Decided(rulePolicyForeign)
		if p == nil || p.ID != c.bearer.id {
			return c.forbid()
		}
	}
	return nil
}

const (
	maxName         = 255
	longestDuration = 1<<31 - 1
)

// checkPolicy checks a policy that is to be made.
func (c *call) checkPolicy(attributes value, product *Product) *failure {
	v := &violations{call: c}
	if product == nil {
		v.related(rulePolicyProduct, "policies", "product", "PRODUCT_NOT_FOUND", "must exist")
	}
	name, named := attributes.get("name")
	if !named {
		v.attribute(rulePolicyName, "policies", "name", "NAME_MISSING", "can't be blank")
	}
	v.checkName("policies", name)
	if seconds, given := attributes.get("duration"); given {
		v.checkDuration(seconds.integer())
	}
	if pooled, _ := attributes.get("usePool"); pooled.flag {
		v.checkPooled(attributes)
	}
	return v.failure()
}

// checkName checks the length of a name of an object of some type.
func (v *violations) checkName(plural string, name value) {
	if utf8.RuneCountInString(name.text) > maxName {
		v.attribute(rulePolicyNameLong, plural, "name", "NAME_TOO_LONG", "is too long (maximum is 255 characters)")
	}
}

func (v *violations) checkDuration(seconds int64) {
	switch {
	case seconds <= 0:
		v.attribute(rulePolicyDuration, "policies", "duration", "DURATION_INVALID", "must be greater than 0")
	case seconds > longestDuration:
		v.attribute(rulePolicyDuration, "policies", "duration", "DURATION_INVALID", "must be less than or equal to 2147483647")
	}
}

// checkPooled checks what goes with a pool.
func (v *violations) checkPooled(attributes value) {
	encrypted, _ := attributes.get("encrypted")
	if encrypted.flag {
		v.attribute(rulePolicyPool, "policies", "encrypted", "ENCRYPTED_NOT_SUPPORTED", "cannot be encrypted and use a pool")
	}
	if _, schemed := attributes.get("scheme"); schemed || encrypted.flag {
		v.attribute(rulePolicyPool, "policies", "scheme", "SCHEME_NOT_SUPPORTED", "cannot use a scheme and use a pool")
	}
}

// attribute adds what is wrong with an attribute of an object of some type.
func (v *violations) attribute(rule, plural, name, code, detail string) {
	v.Decided(rulePolicyLinks)
	v.add(rule, "/data/attributes/"+name, code, detail, plural+"/#"+plural+"-object-attrs-"+name)
}

// related adds what is wrong with a relationship of an object of some type.
func (v *violations) related(rule, plural, name, code, detail string) {
	v.Decided(rulePolicyLinks)
	v.add(rule, "/data/relationships/"+name, code, detail, plural+"/#"+plural+"-object-relationships-"+name)
}

// newPolicy makes a policy of the attributes that were sent.
func newPolicy(attributes value) *Policy {
	sent := attributes.object()
	p := &Policy{AuthenticationStrategy: AuthToken, ExpirationStrategy: restrictAccess, Attributes: sent}
	move(sent, "name", &p.Name)
	move(sent, "usePool", &p.Pooled)
	move(sent, "protected", &p.Protected)
	move(sent, "authenticationStrategy", &p.AuthenticationStrategy)
	move(sent, "expirationStrategy", &p.ExpirationStrategy)
	move(sent, "metadata", &p.Metadata)
	if seconds, given := attributes.get("duration"); given {
		p.Duration = time.Duration(seconds.integer()) * time.Second
		delete(sent, "duration")
	}
	if sent["encrypted"] == true && sent["scheme"] == nil {
		sent["scheme"] = "LEGACY_ENCRYPT"
	}
	return p
}

const restrictAccess = "RESTRICT_ACCESS"

// move brings a member to a field of its own, if it is there.
func move[T any](sent map[string]any, name string, to *T) {
	if value, given := sent[name].(T); given {
		*to = value
		delete(sent, name)
	}
}

func (c *call) deletePolicy() (core.Answer, *failure) {
	p, fail := c.findPolicyTo(toDeletePolicy)
	c.Decided(rulePolicyDeleters)
	if fail != nil {
		return core.Answer{}, fail
	}
	c.removePolicy(c.account, p)
	c.emit("policy.deleted", p.ID)
	c.Decided(rulePolicyDeleted, rulePolicyAtOnce)
	return c.gone()
}

// policyDefaults are the attributes of a policy, in the order in which they are
// shown, and what they are if nothing else is said. Those that are a member of
// [Policy] are filled in from there.
var policyDefaults = fields{
	{"name", nil},
	{"duration", nil},
	{"strict", false},
	{"floating", false},
	{"scheme", nil},
	{"encrypted", false},
	{"usePool", nil},
	{"protected", nil},
	{"requireProductScope", false},
	{"requirePolicyScope", false},
	{"requireMachineScope", false},
	{"requireFingerprintScope", false},
	{"requireComponentsScope", false},
	{"requireUserScope", false},
	{"requireChecksumScope", false},
	{"requireVersionScope", false},
	{"requireCheckIn", false},
	{"checkInInterval", nil},
	{"checkInIntervalCount", nil},
	{"requireHeartbeat", false},
	{"heartbeatDuration", nil},
	{"heartbeatCullStrategy", "DEACTIVATE_DEAD"},
	{"heartbeatResurrectionStrategy", "NO_REVIVE"},
	{"heartbeatBasis", "FROM_FIRST_PING"},
	{"machineUniquenessStrategy", "UNIQUE_PER_LICENSE"},
	{"machineMatchingStrategy", "MATCH_ANY"},
	{"componentUniquenessStrategy", "UNIQUE_PER_MACHINE"},
	{"componentMatchingStrategy", "MATCH_ANY"},
	{"expirationStrategy", nil},
	{"expirationBasis", fromCreation},
	{"renewalBasis", "FROM_EXPIRY"},
	{"transferStrategy", "KEEP_EXPIRY"},
	{"authenticationStrategy", nil},
	{"machineLeasingStrategy", "PER_LICENSE"},
	{"processLeasingStrategy", "PER_MACHINE"},
	{"overageStrategy", "NO_OVERAGE"},
	{"maxMachines", nil},
	{"maxProcesses", nil},
	{"maxUsers", nil},
	{"maxCores", nil},
	{"maxMemory", nil},
	{"maxDisk", nil},
	{"maxUses", nil},
	{"metadata", nil},
	{"created", nil},
	{"updated", nil},
}

const fromCreation = "FROM_CREATION"

// attribute returns an attribute of a policy by its name on the wire.
func (p *Policy) attribute(name string) any {
	switch name {
	case "name":
		return p.Name
	case "duration":
		return core.Nullable(int64(p.Duration/time.Second), p.Duration != 0)
	case "usePool":
		return p.Pooled
	case "protected":
		return p.Protected
	case "expirationStrategy":
		return p.ExpirationStrategy
	case "authenticationStrategy":
		return p.AuthenticationStrategy
	case "metadata":
		return orEmpty(p.Metadata)
	case "created":
		return timestamp(p.Created)
	case "updated":
		return timestamp(p.Updated)
	}
	if value, given := p.Attributes[name]; given {
		return value
	}
	return p.defaultOf(name)
}

func (p *Policy) defaultOf(name string) any {
	switch {
	case name == "maxMachines" && p.Attributes["floating"] != true:
		return 1
	case name == "heartbeatBasis" && p.Attributes["requireHeartbeat"] == true:
		return fromCreation
	}
	i := slices.IndexFunc(policyDefaults, func(f field) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return policyDefaults[i].value
}

// orEmpty is metadata as it is shown: an object in any case.
func orEmpty(metadata map[string]any) map[string]any {
	if metadata == nil {
		return map[string]any{}
	}
	return metadata
}

// encodePolicy shows a policy as the data of a document.
func (c *call) encodePolicy(p *Policy) *core.Written {
	h := c.home()
	c.Decided(rulePolicyObject, rulePolicyDefaults, ruleLinksAccount)
	attributes := make(fields, len(policyDefaults))
	for i, f := range policyDefaults {
		attributes[i] = field{f.name, p.attribute(f.name)}
	}
	if p.Attributes["encrypted"] == true {
		c.Decided(rulePolicyEncrypted)
	}
	return &core.Written{JSON: h.resource("policies", p.ID, c.version.policyAttributes(c.Turn, attributes), fields{
		h.relationship(),
		{"product", linked(h.path("policies", p.ID, "product"), "products", p.ProductID)},
		{"pool", linkOnly(h.path("policies", p.ID, "pool"))},
		{"licenses", linkOnly(h.path("policies", p.ID, "licenses"))},
		{"entitlements", linkOnly(h.path("policies", p.ID, "entitlements"))},
	})}
}
