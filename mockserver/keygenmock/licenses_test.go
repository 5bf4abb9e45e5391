package keygenmock

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// licenseDocument creates a license of a policy with attributes as JSON members,
// and further relationships.
func licenseDocument(policyID, attributes string, relationships ...string) string {
	policy := fmt.Sprintf(`"policy":{"data":{"type":"policies","id":%q}}`, policyID)
	return fmt.Sprintf(`{"data":{"type":"licenses","attributes":{%s},"relationships":{%s}}}`,
		attributes, strings.Join(append([]string{policy}, relationships...), ","))
}

func ownedBy(u User) string {
	return fmt.Sprintf(`"owner":{"data":{"type":"users","id":%q}}`, u.ID)
}

func (s *stage) createLicense(p Policy, attributes string, token ...string) response {
	s.Helper()
	return s.post("/licenses", licenseDocument(p.ID, attributes), token...)
}

// drawn asserts that a license of a policy gets a key.
func (s *stage) drawn(p Policy, want Key) {
	s.Helper()
	s.createLicense(p, ``).is(201).has("data.attributes.key", quote(want.Key))
}

var empty = problem{
	Title: "Unprocessable resource", Detail: "pool is empty", Code: "POLICY_POOL_EMPTY", Source: at("/data/relationships/policy"),
	Links: &about{"https://keygen.sh/docs/api/licenses/#licenses-object-relationships-policy"},
}

var conflicting = problem{Title: "Conflict", Detail: "The request could not be completed because of a conflict"}

func wrongKey(code, detail string) problem { return unprocessable("licenses", "key", code, detail) }

var licenseProofs = proofs{
	ruleLicenseCreated: func(s *stage) {
		p := s.policy(true)
		k := s.keysOf(p, 1)[0]
		s.Effects = nil
		r := s.createLicense(p, `"name": "A", "metadata": {"order_id": "7"}, "suspended": true`).is(201)
		id := r.Text("data.id")
		r.says("Location", "https://"+host+"/v1/accounts/"+defaultAccountID+"/licenses/"+id)
		r.has("data.attributes.name", `"A"`).has("data.attributes.metadata", `{"orderId":"7"}`).has("data.attributes.suspended", "true")
		assert.Equal(s, []string{"key.drawn " + k.ID, "license.created " + id}, s.Kinds())
		assert.Equal(s, id, s.Effects[0].Detail)
		assert.Equal(s, []Event{{Name: "license.created", ObjectID: id, Webhooks: 1, At: t0}}, s.Events())
		s.noted(1, 1, 1)
		s.get("/licenses/"+id).has("data", r.Raw("data"))
	},
	ruleLicenseClientID: func(s *stage) {
		p := s.policy(false)
		document := func(id string) string {
			return fmt.Sprintf(`{"data":{"type":"license","id":%q,"relationships":{"policy":{"data":{"type":"policy","id":%q}}}}}`, id, p.ID)
		}
		s.post("/licenses", document("6E936A6194AD44D188AC88DA9F10ECA7")).is(201).has("data.id", `"6e936a61-94ad-44d1-88ac-88da9f10eca7"`)
		s.get("/licenses/6e936a61-94ad-44d1-88ac-88da9f10eca7").is(200)
		s.post("/licenses", document("mine")).misses("/data/id", "type mismatch (received string expected UUID string)")
	},
	ruleLicenseIDTaken: func(s *stage) {
		p := s.policy(true)
		keys := s.keysOf(p, 1)
		for _, l := range []License{s.AddLicense(License{}), s.other.AddLicense(License{})} {
			s.post("/licenses", strings.Replace(newLicense(p.ID), `"type":"licenses"`, `"type":"licenses","id":`+quote(l.ID), 1)).refused(409, conflicting)
		}
		assert.Equal(s, keys, s.Keys(), "the key stays in the pool")
	},
	ruleLicenseDrawn: func(s *stage) {
		p := s.policy(true)
		keys := s.keysOf(p, 4)
		s.keysOf(s.AddPolicy(Policy{Pooled: true, ProductID: p.ProductID}), 2)
		s.drawn(p, keys[0])
		assert.Equal(s, []Key{keys[3], keys[2], keys[1]}, s.Pool(p.ID))
		s.get("/keys/"+keys[0].ID).hidden("key", keys[0].ID)
		s.createLicense(p, `"key": null`).is(201).has("data.attributes.key", quote(keys[1].Key))
		s.world.SetPoolOrder(true)
		s.drawn(p, keys[3])
		s.create(keys[0].Key, p.ID).is(422).has("errors.0.code", `"KEY_CONFLICT"`)
	},
	ruleLicenseAtomic: func(s *stage) {
		p := s.policy(true)
		taken := s.AddLicense(License{Key: "AAAA-BBBB"})
		k := s.AddKey(Key{PolicyID: p.ID, Key: taken.Key})
		s.createLicense(p, ``).refused(409, conflicting)
		s.createLicense(p, `"name": "`+strings.Repeat("x", 256)+`"`).is(422)
		assert.Equal(s, []Key{k}, s.Keys())
		assert.Equal(s, []License{taken}, s.Licenses())
		assert.Empty(s, s.Events())
	},
	ruleLicenseEmpty: func(s *stage) {
		p := s.policy(true)
		s.AddKey(Key{}) // of another pool
		s.createLicense(p, ``).refused(422, empty)
		assert.Empty(s, s.Licenses())
		k := s.keysOf(p, 1)[0]
		s.drawn(p, k)
		s.createLicense(p, ``).refused(422, empty)
		s.post("/licenses", licenseDocument(p.ID, ``, ownedBy(User{ID: policyID}))).invalid(unrelated("licenses", "owner", "OWNER_NOT_FOUND"))
	},
	ruleLicenseExplicit: func(s *stage) {
		p := s.policy(true)
		s.createLicense(p, `"key": "MY-OWN-KEY"`).is(201).has("data.attributes.key", `"MY-OWN-KEY"`)
		keys := s.keysOf(p, 2)
		s.createLicense(p, `"key": " spaced "`).is(201).has("data.attributes.key", `" spaced "`)
		assert.Len(s, s.Pool(p.ID), 2)
		s.drawn(p, keys[0])
	},
	ruleLicenseOneWay: func(s *stage) {
		p := s.policy(true)
		k := s.keysOf(p, 1)[0]
		s.createLicense(s.policy(false), `"key": `+quote(k.Key)).is(201)
		assert.Equal(s, []Key{k}, s.Keys())
		s.update(k, k.Key).is(422).has("errors.0.code", `"KEY_CONFLICT"`)
	},
	ruleLicenseWedged: func(s *stage) {
		p := s.policy(true)
		keys := s.keysOf(p, 3)
		s.createLicense(p, `"key": `+quote(keys[0].Key)).is(201)
		for range 3 {
			s.createLicense(p, ``).refused(409, conflicting)
		}
		assert.Len(s, s.Pool(p.ID), 3)
		newer := s.keysOf(p, 1)[0]
		s.drawn(p, newer)
		s.createLicense(p, ``).refused(409, conflicting)
		s.delete(poolOf(p)).is(200).has("data.id", quote(keys[0].ID))
		s.drawn(p, keys[1])

		s.createLicense(p, `"key": `+quote(keys[2].Key)).is(201)
		s.createLicense(p, ``).refused(409, conflicting)
		s.delete("/keys/" + keys[2].ID).is(204)
		s.createLicense(p, ``).refused(422, empty)
	},
	ruleLicenseGenerated: func(s *stage) {
		p := s.policy(false)
		first := s.createLicense(p, ``).is(201).Text("data.attributes.key")
		assert.Regexp(s, `^([0-9A-F]{6}-){5}V3$`, first)
		assert.NotEqual(s, first, s.createLicense(p, ``).Text("data.attributes.key"))
		s.keysOf(p, 1) // a pool it is not
		s.createLicense(p, ``).is(201)
		assert.Len(s, s.Keys(), 1)
	},
	ruleLicenseKeyLength: func(s *stage) {
		p := s.policy(false)
		key := func(n int) string { return `"key": "` + strings.Repeat("é", n) + `"` }
		s.createLicense(p, key(5)).invalid(wrongKey("KEY_TOO_SHORT", "is too short (minimum is 6 characters)"))
		s.createLicense(p, key(6)).is(201)
		s.createLicense(p, key(16384)).is(201)
		s.createLicense(p, key(16385)).invalid(wrongKey("KEY_TOO_LONG", "is too long (maximum is 16384 characters)"))
		s.createLicense(p, `"key": ""`).misses("/data/attributes/key", "cannot be blank")
	},
	ruleLicenseKeyTaken: func(s *stage) {
		p := s.policy(true)
		s.AddLicense(License{Key: "AAAA-BBBB"})
		s.other.AddLicense(License{Key: "CCCC-DDDD"})
		s.createLicense(p, `"key": "AAAA-BBBB"`).invalid(wrongKey("KEY_TAKEN", "has already been taken"))
		s.createLicense(p, `"key": "aaaa-bbbb"`).is(201)
		s.createLicense(p, `"key": "CCCC-DDDD"`).is(201)
	},
	ruleLicenseReserved: func(s *stage) {
		p := s.policy(false)
		for _, key := range []string{"actions", "action"} {
			s.createLicense(p, `"key": `+quote(key)).invalid(wrongKey("KEY_NOT_ALLOWED", "is reserved"))
		}
		s.createLicense(p, `"key": "Actions"`).is(201)
	},
	ruleLicenseConflict: func(s *stage) {
		p, l := s.policy(false), s.AddLicense(License{})
		conflict := wrongKey("KEY_CONFLICT", "must not conflict with another license's identifier (UUID)")
		s.createLicense(p, `"key": `+quote(l.ID)).invalid(conflict)
		s.createLicense(p, `"key": `+quote(strings.ReplaceAll(strings.ToUpper(l.ID), "-", ""))).invalid(conflict)
		s.createLicense(p, `"key": `+quote(s.other.AddLicense(License{}).ID)).is(201)
	},
	ruleLicenseNoPolicy: func(s *stage) {
		foreign := s.other.AddPolicy(Policy{})
		bearers := s.bearers()
		for _, p := range []Policy{{ID: policyID}, foreign} {
			for _, r := range []role{roleAdmin, roleDeveloper, roleSales} {
				s.createLicense(p, ``, bearers[r]).invalid(unrelated("licenses", "policy", "POLICY_NOT_FOUND"))
			}
			s.createLicense(p, ``, bearers[roleProduct]).forbidden()
			s.createLicense(p, ``, bearers[roleUser]).forbidden()
		}
		s.createLicense(Policy{ID: policyID}, `"key": "short"`).invalid(
			unrelated("licenses", "policy", "POLICY_NOT_FOUND"), wrongKey("KEY_TOO_SHORT", "is too short (minimum is 6 characters)"))
	},
	ruleLicenseForeign: func(s *stage) {
		own, foreign, bearers := s.policy(false), s.policy(false), s.bearers()
		token := s.tokenOf(own.ProductID)
		s.createLicense(own, ``, token).is(201)
		s.createLicense(foreign, ``, token).forbidden()
		for _, r := range []role{roleAdmin, roleDeveloper, roleSales} {
			s.createLicense(own, ``, bearers[r]).is(201)
		}
		s.createLicense(own, ``, bearers[roleSupport]).forbidden()
		s.createLicense(own, ``, bearers[roleReadOnly]).lacks("read only")
		s.createLicense(own, ``, bearers[roleLicense]).lacks("license")
		s.post("/licenses", `{}`, bearers[roleLicense]).misses("/data", "is missing")
	},
	ruleLicenseCustomer: func(s *stage) {
		u, other, p := s.AddUser(User{}), s.AddUser(User{}), s.policy(false)
		token := s.tokenOf(u.ID)
		s.post("/licenses", licenseDocument(p.ID, ``, ownedBy(u)), token).is(201).has("data.relationships.owner.data.id", quote(u.ID))
		s.post("/licenses", strings.Replace(licenseDocument(p.ID, `"name": "A"`, ownedBy(u)), "owner", "user", 1), token).is(201)
		s.post("/licenses", licenseDocument(p.ID, ``, ownedBy(other)), token).forbidden()
		s.post("/licenses", licenseDocument(p.ID, ``), token).forbidden()
		s.post("/licenses", licenseDocument(s.AddPolicy(Policy{Protected: true}).ID, ``, ownedBy(u)), token).forbidden()
		for _, attribute := range []string{"expiry", "suspended", "protected", "maxMachines"} {
			s.post("/licenses", licenseDocument(p.ID, `"`+attribute+`": null`, ownedBy(u)), token).
				misses("/data/attributes/"+attribute, "unpermitted parameter")
		}
		pooled := s.policy(true)
		k := s.keysOf(pooled, 1)[0]
		s.post("/licenses", licenseDocument(pooled.ID, ``, ownedBy(u)), token).is(201).has("data.attributes.key", quote(k.Key))
	},
	ruleLicenseOwner: func(s *stage) {
		p, u := s.policy(false), s.AddUser(User{})
		s.post("/licenses", licenseDocument(p.ID, ``, ownedBy(u))).is(201).has("data.relationships.owner.data", `{"type":"users","id":"`+u.ID+`"}`)
		s.post("/licenses", licenseDocument(p.ID, ``, `"owner":{"data":null}`)).is(201).has("data.relationships.owner.data", "null")
		s.post("/licenses", licenseDocument(p.ID, ``, ownedBy(s.other.Users()[0]), `"group":{"data":{"type":"groups","id":"`+policyID+`"}}`)).invalid(
			unrelated("licenses", "owner", "OWNER_NOT_FOUND"), unrelated("licenses", "group", "GROUP_NOT_FOUND"))
		s.post("/licenses", licenseDocument(p.ID, ``, `"product":{}`)).misses("/data/relationships/product", "unpermitted parameter")
	},
	ruleLicenseExpiry: func(s *stage) {
		p := s.AddPolicy(Policy{Duration: time.Hour, Pooled: true})
		s.keysOf(p, 1)
		s.Advance(time.Minute)
		s.createLicense(p, ``).is(201).has("data.attributes.expiry", `"2026-01-02T21:27:53.464Z"`)
		s.createLicense(p, `"key": "AAAA-BBBB"`).has("data.attributes.expiry", `"2026-01-02T21:27:53.464Z"`)
		s.createLicense(p, `"key": "AAAA-CCCC", "expiry": null`).has("data.attributes.expiry", `"2026-01-02T21:27:53.464Z"`)
		s.createLicense(p, `"key": "AAAA-DDDD", "expiry": "2030-01-01T00:00:00+01:00"`).has("data.attributes.expiry", `"2029-12-31T23:00:00.000Z"`)
		s.createLicense(s.policy(false), ``).has("data.attributes.expiry", "null")
	},
	ruleLicenseBasis: func(s *stage) {
		p := s.AddPolicy(Policy{Duration: time.Hour, Attributes: map[string]any{"expirationBasis": "FROM_FIRST_VALIDATION"}})
		s.createLicense(p, ``).is(201).has("data.attributes.expiry", "null")
	},
	ruleLicenseInherits: func(s *stage) {
		p := s.AddPolicy(Policy{Attributes: map[string]any{"maxMachines": 3, "maxUses": 7}})
		s.createLicense(p, ``).has("data.attributes.maxMachines", "3").has("data.attributes.maxUses", "7").has("data.attributes.maxCores", "null")
		s.createLicense(p, `"maxMachines": 9, "maxCores": 2, "maxUses": null`).has("data.attributes.maxMachines", "9").
			has("data.attributes.maxUses", "7").has("data.attributes.maxCores", "2")
		s.createLicense(s.policy(false), ``).has("data.attributes.maxMachines", "1")
	},
	ruleLicenseProtected: func(s *stage) {
		p := s.AddPolicy(Policy{Protected: true, Attributes: map[string]any{"floating": true, "strict": true, "scheme": "ED25519_SIGN", "requireCheckIn": true}})
		s.createLicense(p, ``).has("data.attributes.protected", "true").has("data.attributes.floating", "true").
			has("data.attributes.strict", "true").has("data.attributes.scheme", `"ED25519_SIGN"`).has("data.attributes.requireCheckIn", "true")
		s.createLicense(p, `"protected": false`).has("data.attributes.protected", "false")
		s.createLicense(s.policy(false), `"protected": true`).has("data.attributes.protected", "true")
	},
	ruleLicenseStatus: func(s *stage) {
		const day = 24 * time.Hour
		banned := s.AddUser(User{Banned: true})
		for _, c := range []struct {
			license License
			want    string
		}{
			{License{}, "ACTIVE"},
			{License{Expiry: t0.Add(3*day + 1)}, "ACTIVE"},
			{License{Expiry: t0.Add(3 * day)}, "EXPIRING"},
			{License{Expiry: t0.Add(1)}, "EXPIRING"},
			{License{Expiry: t0}, "EXPIRED"},
			{License{Created: t0.Add(-90 * day)}, "ACTIVE"},
			{License{Created: t0.Add(-90*day - 1)}, "INACTIVE"},
			{License{Expiry: t0, Suspended: true}, "SUSPENDED"},
			{License{Suspended: true, OwnerID: banned.ID}, "BANNED"},
		} {
			s.get("/licenses/"+s.AddLicense(c.license).ID).has("data.attributes.status", quote(c.want))
		}
	},
	ruleLicenseObject: func(s *stage) {
		p, u := s.policy(true), s.AddUser(User{})
		k := s.keysOf(p, 1)[0]
		r := s.post("/licenses", licenseDocument(p.ID, ``, ownedBy(u))).is(201).has("data.type", `"licenses"`)
		account, self := "/v1/accounts/"+defaultAccountID, "/v1/accounts/"+defaultAccountID+"/licenses/"+r.Text("data.id")
		assert.JSONEq(s, fmt.Sprintf(`{"name": null, "key": %q, "expiry": null, "status": "ACTIVE", "uses": 0, "suspended": false, "scheme": null,
			"encrypted": false, "strict": false, "floating": false, "protected": false, "version": null, "maxMachines": 1, "maxProcesses": null,
			"maxUsers": null, "maxCores": null, "maxMemory": null, "maxDisk": null, "maxUses": null, "requireHeartbeat": false,
			"requireCheckIn": false, "lastValidated": null, "lastCheckIn": null, "nextCheckIn": null, "lastCheckOut": null, "metadata": {},
			"created": "2026-01-02T20:26:53.464Z", "updated": "2026-01-02T20:26:53.464Z"}`, k.Key), r.Raw("data.attributes"))
		assert.JSONEq(s, strings.NewReplacer("SELF", self, "ACCOUNT", account).Replace(fmt.Sprintf(`{
			"account": {"links": {"related": "ACCOUNT"}, "data": {"type": "accounts", "id": %q}},
			"product": {"links": {"related": "SELF/product"}, "data": {"type": "products", "id": %q}},
			"policy": {"links": {"related": "SELF/policy"}, "data": {"type": "policies", "id": %q}},
			"group": {"links": {"related": "SELF/group"}, "data": null},
			"owner": {"links": {"related": "SELF/owner"}, "data": {"type": "users", "id": %q}},
			"users": {"links": {"related": "SELF/users"}, "meta": {"count": 1}},
			"machines": {"links": {"related": "SELF/machines"}, "meta": {"cores": 0, "memory": 0, "disk": 0, "count": 0}},
			"tokens": {"links": {"related": "SELF/tokens"}},
			"entitlements": {"links": {"related": "SELF/entitlements"}}}`, defaultAccountID, p.ProductID, p.ID, u.ID)), r.Raw("data.relationships"))
		r.has("data.links.self", quote(self))
	},
	ruleLicenseByKey: func(s *stage) {
		l := s.AddLicense(License{Key: "AA.BB-é x"})
		s.other.AddLicense(License{Key: "FOREIGN"})
		for _, name := range []string{l.ID, strings.ToUpper(l.ID), "AA.BB-%C3%A9%20x"} {
			s.get("/licenses/"+name).is(200).has("data.id", quote(l.ID))
		}
		s.get("/licenses/aa.bb-%C3%A9%20x").hidden("license", "aa.bb-é x")
		s.get("/licenses/FOREIGN").hidden("license", "FOREIGN")
		s.delete("/licenses/AA.BB-%C3%A9%20x").is(204)
	},
	ruleLicenseScope: func(s *stage) {
		bearers, u := s.bearers(), s.AddUser(User{})
		own := s.AddLicense(License{OwnerID: u.ID})
		foreign := s.AddLicense(License{})
		product := s.tokenOf(s.productOf(own.PolicyID))
		for _, r := range employees {
			require.Len(s, s.get("/licenses", as(bearers[r])).is(200).ids(), 3)
			s.get("/licenses/"+own.ID, as(bearers[r])).is(200)
		}
		for _, token := range []string{product, s.tokenOf(u.ID), s.tokenOf(own.ID)} {
			require.Equal(s, []string{own.ID}, s.get("/licenses", as(token)).is(200).ids())
			s.get("/licenses/"+own.Key, as(token)).is(200).has("data.id", quote(own.ID))
			s.get("/licenses/"+foreign.ID, as(token)).hidden("license", foreign.ID)
			s.delete("/licenses/"+foreign.ID, as(token)).hidden("license", foreign.ID)
		}
		s.get("/licenses", anonymous).is(401)
	},
	ruleLicenseFilter: func(s *stage) {
		a, b := s.AddLicense(License{}), s.AddLicense(License{})
		c := s.AddLicense(License{PolicyID: a.PolicyID})
		s.lists("/licenses", c.ID, b.ID, a.ID)
		s.lists("/licenses?policy="+a.PolicyID, c.ID, a.ID)
		s.lists("/licenses?product="+s.productOf(b.PolicyID), b.ID)
		s.lists("/licenses?policy=" + a.PolicyID + "&product=" + s.productOf(b.PolicyID))
		s.lists("/licenses?policy=nothing")
		s.lists("/licenses?limit=1&order=asc", a.ID)
		s.get("/licenses?limit=900").is(400)
	},
	ruleLicenseOwned: func(s *stage) {
		u := s.AddUser(User{})
		l := s.AddLicense(License{OwnerID: u.ID})
		s.AddLicense(License{})
		s.lists("/licenses?owner="+u.ID, l.ID)
		s.lists("/licenses?user="+u.ID, l.ID)
		s.lists("/licenses?user=" + policyID)
	},
	ruleLicenseDeleted: func(s *stage) {
		p := s.policy(true)
		k := s.keysOf(p, 1)[0]
		id := s.createLicense(p, ``).is(201).Text("data.id")
		token := s.tokenOf(id)
		s.Effects = nil
		assert.Empty(s, s.delete("/licenses/"+id).is(204).Body)
		s.delete("/licenses/"+id).hidden("license", id)
		s.get("/licenses", as(token)).is(401)
		assert.Empty(s, s.Keys(), "the key does not go back")
		assert.Equal(s, []string{"license.deleted " + id}, s.Kinds())
		assert.Equal(s, "license.deleted", s.Events()[1].Name)
		s.createLicense(p, ``).refused(422, empty)
		s.create(k.Key, p.ID).is(201)
	},
	ruleLicenseDeleters: func(s *stage) {
		bearers, u := s.bearers(), s.AddUser(User{})
		for _, r := range slices.Concat(staff, []role{roleSales}) {
			s.delete("/licenses/"+s.AddLicense(License{}).ID, as(bearers[r])).is(204)
		}
		l := s.AddLicense(License{OwnerID: u.ID})
		s.delete("/licenses/"+l.ID, as(bearers[roleSupport])).forbidden()
		s.delete("/licenses/"+l.ID, as(bearers[roleReadOnly])).lacks("read only")
		s.delete("/licenses/"+l.ID, as(s.tokenOf(l.ID))).lacks("license")
		s.delete("/licenses/"+l.ID, as(s.tokenOf(u.ID))).is(204)
		kept := s.AddLicense(License{OwnerID: u.ID, Protected: true})
		s.delete("/licenses/"+kept.ID, as(s.tokenOf(u.ID))).forbidden()
		s.delete("/licenses/"+kept.ID, as(s.tokenOf(s.productOf(kept.PolicyID)))).is(204)
	},
}

// TestLicensesOfOneMomentExpireTogether makes licenses while the clock stands
// still, which puts off their creation by a microsecond each, but not the end of
// an hour.
func TestLicensesOfOneMomentExpireTogether(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.AddPolicy(Policy{Duration: time.Hour})
	s.createLicense(p, ``).is(201)
	s.createLicense(p, `"key": "AAAA-BBBB"`).is(201).has("data.attributes.expiry", `"2026-01-02T21:26:53.464Z"`)
	s.Advance(time.Hour - time.Millisecond)
	s.get("/licenses/AAAA-BBBB").has("data.attributes.status", `"EXPIRING"`)
	s.Advance(time.Millisecond)
	s.get("/licenses/AAAA-BBBB").has("data.attributes.status", `"EXPIRED"`)
}
