package keygenmock

import (
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Rules of licenses.
var (
	ruleLicenseCreated   = rule(obs, "license.created", "A new license is answered 201 with its place in Location, and is the only event, also if a key was drawn.")
	ruleLicenseClientID  = rule(obs, "license.client-id", "A new license may bring its own id.")
	ruleLicenseIDTaken   = rule(asm, "license.id-taken", "An id that a license has already is answered 409.")
	ruleLicenseDrawn     = rule(doc, "license.drawn", "A license of a pooled policy that brings no key gets the next key of the pool, which is gone from there.")
	ruleLicenseAtomic    = rule(obs, "license.atomic", "If the license cannot be saved, the key stays in the pool.")
	ruleLicenseEmpty     = rule(obs, "license.pool-empty", "If the pool is empty the only error is 422 POLICY_POOL_EMPTY, and there is no license.")
	ruleLicenseExplicit  = rule(obs, "license.explicit-key", "A license that brings a key leaves the pool of its policy alone.")
	ruleLicenseOneWay    = rule(obs, "license.one-way", "A license may bring a key that is in a pool: only other licenses are looked at.")
	ruleLicenseWedged    = rule(asm, "license.wedged", "If the next key of a pool is a license's key already, the answer is 409 and the key stays: every further license without a key fails until that key is gone or a newer one is there.")
	ruleLicenseGenerated = rule(asm, "license.generated-key", "A license of a policy that is not pooled gets a random key if it brings none, whatever the scheme of the policy.")
	ruleLicenseKeyLength = rule(obs, "license.key-length", "The key of a license has 6 to 16384 characters, else 422 KEY_TOO_SHORT or KEY_TOO_LONG.")
	ruleLicenseKeyTaken  = rule(obs, "license.key-taken", "No two licenses of an account have the same key: 422 KEY_TAKEN.")
	ruleLicenseReserved  = rule(obs, "license.key-reserved", "The keys action and actions are reserved: 422 KEY_NOT_ALLOWED.")
	ruleLicenseConflict  = rule(obs, "license.key-conflict", "The key of a license is not the id of another: 422 KEY_CONFLICT.")
	ruleLicenseNoPolicy  = rule(obs, "license.policy-not-found", "A policy that does not exist is answered 422 POLICY_NOT_FOUND to employees, and 403 to all others.")
	ruleLicenseForeign   = rule(obs, "license.foreign-policy", "A product creates licenses of its own policies only: 403.")
	ruleLicenseCustomer  = rule(obs, "license.customer", "A user creates licenses with itself as the owner, of policies that are not protected, and sets fewer attributes.")
	ruleLicenseOwner     = rule(asm, "license.owner-not-found", "An owner or a group that does not exist is answered 422; there are no groups here.")
	ruleLicenseExpiry    = rule(obs, "license.expiry", "A license expires the policy's duration after its creation, unless it brings an expiry.")
	ruleLicenseBasis     = rule(asm, "license.expiration-basis", "If the policy counts from something else than the creation, a new license has no expiry.")
	ruleLicenseInherits  = rule(obs, "license.inherits", "Limits that a license does not bring are those of its policy.")
	ruleLicenseProtected = rule(asm, "license.protected", "A license is protected if its policy is, unless it says otherwise; floating, strict, scheme and encrypted are the policy's.")
	ruleLicenseStatus    = rule(asm, "license.status", "The status of a license is BANNED with its owner, SUSPENDED, EXPIRED, EXPIRING in its last three days, INACTIVE when it was made more than 90 days ago, or else ACTIVE.")
	ruleLicenseObject    = rule(obs, "license.object", "A license shows its attributes, its account, product, policy, owner and group, counts of users and machines, and links to tokens and entitlements.")
	ruleLicenseByKey     = rule(obs, "license.by-key", "A license is found by its id or its exact key.")
	ruleLicenseScope     = rule(asm, "license.scope", "Employees see all licenses, products and owners their own, and a license sees itself.")
	ruleLicenseFilter    = rule(obs, "license.filter", "Licenses are filtered by product and policy.")
	ruleLicenseOwned     = rule(asm, "license.filter-owner", "Licenses are filtered by owner, which may be called user.")
	ruleLicenseDeleted   = rule(obs, "license.deleted", "A deleted license is answered 204, and does not go back to the pool.")
	ruleLicenseDeleters  = rule(asm, "license.deleters", "Who may create licenses may delete those it sees, a user only unprotected ones.")
)

var licenseOperations = []operation{
	op(OpListLicenses, "GET", "/licenses", (*call).listLicenses),
	op(OpCreateLicense, "POST", "/licenses", (*call).createLicense),
	op(OpGetLicense, "GET", "/licenses/{licenseId}", (*call).getLicense),
	op(OpDeleteLicense, "DELETE", "/licenses/{licenseId}", (*call).deleteLicense),
}

var (
	toReadLicense   = access{"license.read", slices.Concat(readers, []role{roleUser, roleLicense})}
	toCreateLicense = access{"license.create", slices.Concat(sellers, []role{roleUser})}
	toDeleteLicense = access{"license.delete", slices.Concat(sellers, []role{roleUser})}
)

const (
	minLicenseKey = 6
	maxLicenseKey = 16384
)

func (c *call) listLicenses() (core.Answer, *failure) {
	p, bad := readPaging(c.Turn, c.query)
	if bad != nil {
		return core.Answer{}, bad.failure()
	}
	if fail := c.authorize(toReadLicense); fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleLicenseFilter, ruleLicenseScope)
	match := c.visibleLicenses()
	if product, given := c.filter("product"); given {
		match = append(match, ofProduct(c.account, licenseOfPolicy, product))
	}
	if policy, given := c.filter("policy"); given {
		match = append(match, licenseOfPolicy.Is(policy))
	}
	owner, byOwner := c.filter("owner")
	if !byOwner {
		owner, byOwner = c.filter("user")
	}
	if byOwner {
		c.Decided(ruleLicenseOwned)
		match = append(match, licenseOfOwner.Is(owner))
	}
	return listOf(c, p, c.account.licenses, licenseOrders, match, c.encodeLicense)
}

// visibleLicenses asks what seesLicense tells.
func (c *call) visibleLicenses() core.Filter[*row[License]] {
	switch {
	case c.isEmployee():
		return nil
	case c.bearer.product != nil:
		return core.Filter[*row[License]]{ofProduct(c.account, licenseOfPolicy, c.bearer.id)}
	default:
		return core.Filter[*row[License]]{core.Either(licenseOfOwner.Is(c.bearer.id), core.Only(c.account.licenses.byID[c.bearer.id]))}
	}
}

// seesLicense reports whether a license is there for the bearer.
func (c *call) seesLicense(l *License) bool {
	switch {
	case c.isEmployee():
		return true
	case c.bearer.product != nil:
		return c.account.policies.get(l.PolicyID).ProductID == c.bearer.id
	default:
		return l.OwnerID == c.bearer.id || l.ID == c.bearer.id
	}
}

func (c *call) getLicense() (core.Answer, *failure) {
	l, fail := c.findLicenseTo(toReadLicense)
	if fail != nil {
		return core.Answer{}, fail
	}
	return c.respond(http.StatusOK, c.encodeLicense(l).JSON)
}

// findLicenseTo finds the license that the path names, as far as the bearer sees
// it and may do this with it.
func (c *call) findLicenseTo(do access) (*License, *failure) {
	c.Decided(ruleLicenseByKey, ruleLicenseScope)
	typed := c.req.Params.Get("licenseId")
	id, _ := canonicalUUID(typed)
	l := c.account.licenses.get(id)
	if l == nil {
		l = c.account.licenses.byText[typed]
	}
	if l != nil && !c.seesLicense(l) {
		c.Decided(ruleScopeHidden)
		l = nil
	}
	if l == nil {
		c.Decided(ruleNotFound)
		return nil, notFound("license", typed)
	}
	return l, c.authorize(do)
}

func (c *call) deleteLicense() (core.Answer, *failure) {
	l, fail := c.findLicenseTo(toDeleteLicense)
	c.Decided(ruleLicenseDeleters)
	if fail == nil && c.bearer.role == roleUser && l.Protected {
		fail = c.forbid()
	}
	if fail != nil {
		return core.Answer{}, fail
	}
	c.removeLicense(c.account, l)
	c.emit("license.deleted", l.ID)
	c.Decided(ruleLicenseDeleted)
	return c.gone()
}

func (c *call) createLicense() (core.Answer, *failure) {
	schema := createLicenseSchema
	if c.bearer.role == roleUser {
		c.Decided(ruleLicenseCustomer)
		schema = createOwnLicenseSchema
	}
	document, bad := readDocument(c.Turn, c.body, schema)
	if bad != nil {
		return core.Answer{}, bad.failure()
	}
	p := c.account.policies.get(document.linkedID("policy"))
	owner := document.linkedID("owner")
	if fail := c.authorizeLicenseOf(p, owner); fail != nil {
		return core.Answer{}, fail
	}
	if fail := c.checkLicense(document, p); fail != nil {
		return core.Answer{}, fail
	}
	l := c.newLicense(document, p)
	l.OwnerID = owner
	if fail := c.save(l, p); fail != nil {
		return core.Answer{}, fail
	}
	c.Effect(EffectLicenseCreated, l.ID, "")
	c.emit("license.created", l.ID)
	c.Decided(ruleLicenseCreated)
	return c.created("licenses", l.ID, c.encodeLicense(l).JSON)
}

// authorizeLicenseOf asks whether the bearer may make licenses of a policy, which
// need not exist, for an owner.
func (c *call) authorizeLicenseOf(p *Policy, owner string) *failure {
	if fail := c.authorize(toCreateLicense); fail != nil {
		return fail
	}
	switch {
	case c.bearer.product != nil:
		c.Decided(ruleLicenseForeign)
		if p == nil || p.ProductID != c.bearer.id {
			return c.forbid()
		}
	case c.bearer.role == roleUser:
		if p == nil || p.Protected || owner != c.bearer.id {
			return c.forbid()
		}
	}
	return nil
}

// checkLicense checks a license that is to be made, but for what only saving it
// can tell.
func (c *call) checkLicense(document value, p *Policy) *failure {
	v := &violations{call: c}
	related := func(rule, name, code string) { v.related(rule, "licenses", name, code, "must exist") }
	if p == nil {
		related(ruleLicenseNoPolicy, "policy", "POLICY_NOT_FOUND")
	}
	if owner := document.linkedID("owner"); owner != "" && c.account.users.get(owner) == nil {
		related(ruleLicenseOwner, "owner", "OWNER_NOT_FOUND")
	}
	if document.linkedID("group") != "" {
		related(ruleLicenseOwner, "group", "GROUP_NOT_FOUND")
	}
	name, _ := document.at("data", "attributes", "name")
	v.checkName("licenses", name)
	if key, given := document.at("data", "attributes", "key"); given {
		v.checkLicenseKey(key.text)
	}
	return v.failure()
}

// checkLicenseKey checks the key that a license brings.
func (v *violations) checkLicenseKey(text string) {
	wrong := func(rule, code, detail string) { v.attribute(rule, "licenses", "key", code, detail) }
	if v.account.licenses.byText[text] != nil {
		wrong(ruleLicenseKeyTaken, "KEY_TAKEN", "has already been taken")
	}
	if text == "actions" || text == "action" {
		wrong(ruleLicenseReserved, "KEY_NOT_ALLOWED", "is reserved")
	}
	switch n := utf8.RuneCountInString(text); {
	case n < minLicenseKey:
		wrong(ruleLicenseKeyLength, "KEY_TOO_SHORT", "is too short (minimum is 6 characters)")
	case n > maxLicenseKey:
		wrong(ruleLicenseKeyLength, "KEY_TOO_LONG", "is too long (maximum is 16384 characters)")
	}
	if id, isID := canonicalUUID(text); isID && v.account.licenses.get(id) != nil {
		wrong(ruleLicenseConflict, "KEY_CONFLICT", "must not conflict with another license's identifier (UUID)")
	}
	if v.account.keys.byText[text] != nil {
		v.Decided(ruleLicenseOneWay)
	}
}

// newLicense makes a license of what was sent; it has no key yet unless one was
// sent.
func (c *call) newLicense(document value, p *Policy) *License {
	attributes, _ := document.at("data", "attributes")
	sent := attributes.object()
	l := &License{PolicyID: p.ID, Protected: p.Protected, Attributes: sent, Expiry: c.expiryOf(p)}
	move(sent, "name", &l.Name)
	move(sent, "key", &l.Key)
	move(sent, "suspended", &l.Suspended)
	move(sent, "protected", &l.Protected)
	move(sent, "metadata", &l.Metadata)
	if expiry, given := attributes.get("expiry"); given {
		l.Expiry, _ = parseTime(expiry.text)
		delete(sent, "expiry")
	}
	if typed, given := document.at("data", "id"); given {
		c.Decided(ruleLicenseClientID)
		l.ID, _ = canonicalUUID(typed.text)
	} else {
		l.ID = c.Rand.UUID()
	}
	return l
}

// expiryOf is when a new license of a policy expires by itself. It counts from the
// clock and not from the moment, so that a license whose creation was put off by
// some microseconds has still expired when the clock reads what its expiry shows.
func (c *call) expiryOf(p *Policy) time.Time {
	switch {
	case p.Duration == 0:
		return time.Time{}
	case p.attribute("expirationBasis") != fromCreation:
		c.Decided(ruleLicenseBasis)
		return time.Time{}
	}
	c.Decided(ruleLicenseExpiry)
	return c.now().Add(p.Duration)
}

// save gives a license its key and stores it. It draws a key from the pool only
// when nothing else can fail.
func (c *call) save(l *License, p *Policy) *failure {
	if slices.ContainsFunc(c.state.accounts, func(a *account) bool { return a.licenses.get(l.ID) != nil }) {
		c.Decided(ruleLicenseIDTaken)
		return conflict()
	}
	switch {
	case l.Key == "" && p.Pooled:
		if fail := c.drawFor(l, p); fail != nil {
			return fail
		}
	case l.Key == "":
		c.Decided(ruleLicenseGenerated)
		l.Key = c.newText()
	case p.Pooled:
		c.Decided(ruleLicenseExplicit)
	}
	l.Created = c.moment()
	l.Updated = l.Created
	c.account.licenses.add(l)
	return nil
}

// drawFor gives a license the next key of a pool.
func (c *call) drawFor(l *License, p *Policy) *failure {
	k := c.nextKey(p.ID)
	if k == nil {
		c.Decided(ruleLicenseEmpty)
		return poolIsEmpty()
	}
	if c.account.licenses.byText[k.Key] != nil {
		c.Decided(ruleLicenseWedged, ruleLicenseAtomic)
		return conflict()
	}
	c.Decided(ruleLicenseDrawn)
	l.Key = k.Key
	c.draw(k, l.ID)
	return nil
}

func poolIsEmpty() *failure {
	return refusal(http.StatusUnprocessableEntity, problem{
		Title:  titleUnprocessable,
		Detail: "pool is empty",
		Code:   "POLICY_POOL_EMPTY",
		Source: at("/data/relationships/policy"),
		Links:  linkTo("licenses/#licenses-object-relationships-policy"),
	})
}

// expired reports whether a license has run out.
func (l *License) expired(now time.Time) bool { return !l.Expiry.IsZero() && !now.Before(l.Expiry) }

const (
	expiringFor   = 3 * 24 * time.Hour
	inactiveAfter = 90 * 24 * time.Hour
)

// statusOf is what a license is good for now.
func (c *call) statusOf(l *License) string {
	c.Decided(ruleLicenseStatus)
	owner := c.account.users.get(l.OwnerID)
	switch now := c.now(); {
	case owner != nil && owner.Banned:
		return "BANNED"
	case l.Suspended:
		return "SUSPENDED"
	case l.expired(now):
		return "EXPIRED"
	case l.expired(now.Add(expiringFor)):
		return "EXPIRING"
	case now.Sub(l.Created) > inactiveAfter:
		return "INACTIVE"
	default:
		return "ACTIVE"
	}
}

// encodeLicense shows a license as the data of a document.
func (c *call) encodeLicense(l *License) *core.Written {
	c.Decided(ruleLicenseObject, ruleLicenseInherits, ruleLicenseProtected, ruleLinksAccount)
	return c.shown.Text(look{c.home(), l, c.account.policies.get(l.PolicyID), c.statusOf(l)}, look.write)
}

func (look look) writeLicense(l *License) []byte {
	p := look.policy
	attributes := fields{
		{"name", core.Nullable(l.Name, l.Name != "")},
		{"key", l.Key},
		{"expiry", core.Nullable(timestamp(l.Expiry), !l.Expiry.IsZero())},
		{"status", look.status},
		{"uses", 0},
		{"suspended", l.Suspended},
		{"scheme", p.attribute("scheme")},
		{"encrypted", p.attribute("encrypted")},
		{"strict", p.attribute("strict")},
		{"floating", p.attribute("floating")},
		{"protected", l.Protected},
		{"version", nil},
		{"maxMachines", nil},
		{"maxProcesses", nil},
		{"maxUsers", nil},
		{"maxCores", nil},
		{"maxMemory", nil},
		{"maxDisk", nil},
		{"maxUses", nil},
		{"requireHeartbeat", p.attribute("requireHeartbeat")},
		{"requireCheckIn", p.attribute("requireCheckIn")},
		{"lastValidated", nil},
		{"lastCheckIn", nil},
		{"nextCheckIn", nil},
		{"lastCheckOut", nil},
		{"metadata", orEmpty(l.Metadata)},
		{"created", timestamp(l.Created)},
		{"updated", timestamp(l.Updated)},
	}
	for i, f := range attributes {
		if own, given := l.Attributes[f.name]; given {
			attributes[i].value = own
		} else if slices.Contains(policyLimits, f.name) {
			attributes[i].value = p.attribute(f.name)
		}
	}
	return look.resource("licenses", l.ID, attributes, look.licenseRelationships(l, p))
}

// policyLimits are the attributes that a license has from its policy unless it
// brings its own.
var policyLimits = []string{"maxMachines", "maxProcesses", "maxUsers", "maxCores", "maxMemory", "maxDisk", "maxUses"}

func (h home) licenseRelationships(l *License, p *Policy) fields {
	at := func(name string) string { return h.path("licenses", l.ID, name) }
	users := 0
	if l.OwnerID != "" {
		users = 1
	}
	counted := func(name string, meta fields) field {
		return field{name, append(linkOnly(at(name)), field{"meta", meta})}
	}
	return fields{
		h.relationship(),
		{"product", linked(at("product"), "products", p.ProductID)},
		{"policy", linked(at("policy"), "policies", p.ID)},
		{"group", linked(at("group"), "groups", "")},
		{"owner", linked(at("owner"), "users", l.OwnerID)},
		counted("users", fields{{"count", users}}),
		counted("machines", fields{{"cores", 0}, {"memory", 0}, {"disk", 0}, {"count", 0}}),
		{"tokens", linkOnly(at("tokens"))},
		{"entitlements", linkOnly(at("entitlements"))},
	}
}
