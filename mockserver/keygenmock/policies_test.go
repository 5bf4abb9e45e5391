package keygenmock

import (
	"fmt"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// policyDocument creates a policy of a product with attributes as JSON members.
func policyDocument(productID, attributes string) string {
	return fmt.Sprintf(`{"data":{"type":"policies","attributes":{%s},"relationships":{"product":{"data":{"type":"products","id":%q}}}}}`,
		attributes, productID)
}

func (s *stage) post(path, body string, token ...string) response {
	s.Helper()
	if len(token) > 0 {
		return s.call("POST", path, body, as(token[0]))
	}
	return s.call("POST", path, body)
}

// createPolicy creates a policy of a new product.
func (s *stage) createPolicy(attributes string) response {
	s.Helper()
	return s.post("/policies", policyDocument(s.AddProduct(Product{}).ID, attributes))
}

// unprocessable is an error of the model, about an attribute of some type.
func unprocessable(plural, attribute, code, detail string) problem {
	return problem{
		Title: "Unprocessable resource", Detail: detail, Code: code, Source: at("/data/attributes/" + attribute),
		Links: &about{"https://keygen.sh/docs/api/" + plural + "/#" + plural + "-object-attrs-" + attribute},
	}
}

// unrelated is an error of the model about a relationship.
func unrelated(plural, relationship, code string) problem {
	return problem{
		Title: "Unprocessable resource", Detail: "must exist", Code: code, Source: at("/data/relationships/" + relationship),
		Links: &about{"https://keygen.sh/docs/api/" + plural + "/#" + plural + "-object-relationships-" + relationship},
	}
}

// invalid asserts a refusal by the model, with these errors.
func (r response) invalid(want ...problem) response {
	r.Helper()
	r.is(422)
	require.Equal(r, want, r.errors(), "%s", r.Body)
	require.Empty(r, r.Turn.Effects)
	return r
}

// misses asserts the refusal of a document.
func (r response) misses(pointer, detail string) response {
	r.Helper()
	return r.refused(400, problem{Title: "Bad request", Detail: detail, Source: at(pointer)})
}

// member returns the JSON text of an attribute.
func (r response) member(name string) string {
	r.Helper()
	return r.Raw("data.attributes." + name)
}

var allDefaults = `{
	"name": "Trial", "duration": null, "strict": false, "floating": false, "scheme": null, "encrypted": false, "usePool": false,
	"protected": false, "requireProductScope": false, "requirePolicyScope": false, "requireMachineScope": false,
	"requireFingerprintScope": false, "requireComponentsScope": false, "requireUserScope": false, "requireChecksumScope": false,
	"requireVersionScope": false, "requireCheckIn": false, "checkInInterval": null, "checkInIntervalCount": null,
	"requireHeartbeat": false, "heartbeatDuration": null, "heartbeatCullStrategy": "DEACTIVATE_DEAD",
	"heartbeatResurrectionStrategy": "NO_REVIVE", "heartbeatBasis": "FROM_FIRST_PING", "machineUniquenessStrategy": "UNIQUE_PER_LICENSE",
	"machineMatchingStrategy": "MATCH_ANY", "componentUniquenessStrategy": "UNIQUE_PER_MACHINE", "componentMatchingStrategy": "MATCH_ANY",
	"expirationStrategy": "RESTRICT_ACCESS", "expirationBasis": "FROM_CREATION", "renewalBasis": "FROM_EXPIRY",
	"transferStrategy": "KEEP_EXPIRY", "authenticationStrategy": "TOKEN", "machineLeasingStrategy": "PER_LICENSE",
	"processLeasingStrategy": "PER_MACHINE", "overageStrategy": "NO_OVERAGE", "maxMachines": 1, "maxProcesses": null, "maxUsers": null,
	"maxCores": null, "maxMemory": null, "maxDisk": null, "maxUses": null, "metadata": {},
	"created": "2026-01-02T20:26:53.464Z", "updated": "2026-01-02T20:26:53.464Z"}`

var policyProofs = proofs{
	rulePolicyCreated: func(s *stage) {
		r := s.createPolicy(`"name": "Trial", "usePool": true`).is(201).has("data.type", `"policies"`).has("data.attributes.usePool", "true")
		id := r.Text("data.id")
		r.says("Location", "https://"+host+"/v1/accounts/"+defaultAccountID+"/policies/"+id)
		s.get("/policies/"+id).is(200).has("data", r.Raw("data"))
		assert.Equal(s, "policy.created "+id, s.Kinds()[len(s.Kinds())-1])
		assert.Equal(s, "policy.created", s.Events()[0].Name)
		s.noted(1, 1, 2)
	},
	rulePolicyObject: func(s *stage) {
		p := s.AddPolicy(Policy{Name: "Trial"})
		r := s.get("/policies/" + p.ID).is(200)
		at := "/v1/accounts/" + defaultAccountID
		assert.JSONEq(s, fmt.Sprintf(`{
			"account": {"links": {"related": %q}, "data": {"type": "accounts", "id": %q}},
			"product": {"links": {"related": %q}, "data": {"type": "products", "id": %q}},
			"pool": {"links": {"related": %q}},
			"licenses": {"links": {"related": %q}},
			"entitlements": {"links": {"related": %q}}}`,
			at, defaultAccountID, at+"/policies/"+p.ID+"/product", p.ProductID,
			at+"/policies/"+p.ID+"/pool", at+"/policies/"+p.ID+"/licenses", at+"/policies/"+p.ID+"/entitlements"), r.Raw("data.relationships"))
		r.has("data.links.self", `"`+at+"/policies/"+p.ID+`"`)
		assert.JSONEq(s, allDefaults, r.Raw("data.attributes"))
	},
	rulePolicyDefaults: func(s *stage) {
		assert.JSONEq(s, allDefaults, s.createPolicy(`"name": "Trial"`).is(201).Raw("data.attributes"))
		assert.JSONEq(s, allDefaults, s.createPolicy(`"name": "Trial", "maxMachines": null, "floating": null`).is(201).Raw("data.attributes"))
		assert.Equal(s, "null", s.createPolicy(`"name": "a", "floating": true`).member("maxMachines"))
		assert.Equal(s, "5", s.createPolicy(`"name": "a", "floating": true, "maxMachines": 5`).member("maxMachines"))
		assert.Equal(s, `"FROM_CREATION"`, s.createPolicy(`"name": "a", "requireHeartbeat": true`).member("heartbeatBasis"))
		r := s.createPolicy(`"name": "a", "requireHeartbeat": true, "heartbeatBasis": "FROM_FIRST_PING", "duration": 3600, "protected": true,
			"authentication_strategy": "LICENSE", "expiration-strategy": "REVOKE_ACCESS", "metadata": {"b_c": 1}`).is(201)
		for name, want := range map[string]string{
			"heartbeatBasis": `"FROM_FIRST_PING"`, "duration": "3600", "protected": "true", "authenticationStrategy": `"LICENSE"`,
			"expirationStrategy": `"REVOKE_ACCESS"`, "metadata": `{"bC":1}`,
		} {
			assert.Equal(s, want, r.member(name), name)
		}
	},
	rulePolicyName: func(s *stage) {
		s.createPolicy(``).invalid(unprocessable("policies", "name", "NAME_MISSING", "can't be blank"))
		s.createPolicy(`"name": null`).invalid(unprocessable("policies", "name", "NAME_MISSING", "can't be blank"))
		s.createPolicy(`"name": ""`).misses("/data/attributes/name", "cannot be blank")
		assert.Empty(s, s.Policies())
	},
	rulePolicyNameLong: func(s *stage) {
		long := func(n int) string { return strings.Repeat("é", n) }
		const detail = "is too long (maximum is 255 characters)"
		s.createPolicy(`"name": "` + long(255) + `"`).is(201)
		s.createPolicy(`"name": "` + long(256) + `"`).invalid(unprocessable("policies", "name", "NAME_TOO_LONG", detail))
		s.createProduct(`"name": "` + long(256) + `"`).invalid(unprocessable("products", "name", "NAME_TOO_LONG", detail))
		s.createLicense(s.policy(false), `"name": "`+long(256)+`"`).invalid(unprocessable("licenses", "name", "NAME_TOO_LONG", detail))
	},
	rulePolicyProduct: func(s *stage) {
		s.post("/policies", policyDocument(policyID, `"name": "a"`)).invalid(unrelated("policies", "product", "PRODUCT_NOT_FOUND"))
		foreign := s.other.AddProduct(Product{})
		s.post("/policies", policyDocument(foreign.ID, ``)).invalid(
			unrelated("policies", "product", "PRODUCT_NOT_FOUND"),
			unprocessable("policies", "name", "NAME_MISSING", "can't be blank"),
		)
	},
	rulePolicyForeign: func(s *stage) {
		own, foreign := s.AddProduct(Product{}), s.AddProduct(Product{})
		token := s.tokenOf(own.ID)
		s.post("/policies", policyDocument(foreign.ID, `"name": "a"`), token).forbidden()
		s.post("/policies", policyDocument(policyID, `"name": "a"`), token).forbidden()
		s.post("/policies", policyDocument(foreign.ID, `"name": 7`), token).is(400)
		s.post("/policies", policyDocument(own.ID, `"name": "a"`), token).is(201)
		s.post("/policies", policyDocument(own.ID, ``), token).is(422)
	},
	rulePolicyPool: func(s *stage) {
		encrypted := unprocessable("policies", "encrypted", "ENCRYPTED_NOT_SUPPORTED", "cannot be encrypted and use a pool")
		scheme := unprocessable("policies", "scheme", "SCHEME_NOT_SUPPORTED", "cannot use a scheme and use a pool")
		s.createPolicy(`"name": "a", "usePool": true, "encrypted": true`).invalid(encrypted, scheme)
		s.createPolicy(`"name": "a", "usePool": true, "scheme": "ED25519_SIGN"`).invalid(scheme)
		s.createPolicy(`"name": "a", "usePool": true, "encrypted": true, "scheme": "ED25519_SIGN"`).invalid(encrypted, scheme)
		s.createPolicy(`"name": "a", "usePool": true, "encrypted": false, "scheme": null`).is(201)
		s.createPolicy(`"name": "a", "usePool": false, "scheme": "ED25519_SIGN"`).is(201)
	},
	rulePolicyEncrypted: func(s *stage) {
		r := s.createPolicy(`"name": "a", "encrypted": true`).is(201)
		assert.Equal(s, `"LEGACY_ENCRYPT"`, r.member("scheme"))
		assert.Equal(s, "true", r.member("encrypted"))
	},
	rulePolicyDuration: func(s *stage) {
		wrong := func(detail string) problem { return unprocessable("policies", "duration", "DURATION_INVALID", detail) }
		s.createPolicy(`"name": "a", "duration": 0`).invalid(wrong("must be greater than 0"))
		s.createPolicy(`"name": "a", "duration": -7`).invalid(wrong("must be greater than 0"))
		s.createPolicy(`"name": "a", "duration": 2147483648`).invalid(wrong("must be less than or equal to 2147483647"))
		s.createPolicy(`"name": "a", "duration": 99999999999999999999`).invalid(wrong("must be less than or equal to 2147483647"))
		assert.Equal(s, "2147483647", s.createPolicy(`"name": "a", "duration": 2147483647`).is(201).member("duration"))
		assert.Equal(s, "1", s.createPolicy(`"name": "a", "duration": 1`).is(201).member("duration"))
	},
	rulePolicyFree: func(s *stage) {
		r := s.createPolicy(`"name": "a", "overageStrategy": "WHATEVER", "maxUses": -7, "checkInInterval": "fortnight"`).is(201)
		assert.Equal(s, `"WHATEVER"`, r.member("overageStrategy"))
		assert.Equal(s, "-7", r.member("maxUses"))
		assert.Equal(s, `"fortnight"`, r.member("checkInInterval"))
	},
	rulePolicyLinks: func(s *stage) {
		r := s.post("/policies", policyDocument(policyID, ``)).is(422)
		r.has("errors.0.links.about", `"https://keygen.sh/docs/api/policies/#policies-object-relationships-product"`)
		r.has("errors.1.links.about", `"https://keygen.sh/docs/api/policies/#policies-object-attrs-name"`)
	},
	rulePolicyFilter: func(s *stage) {
		a, b := s.policy(true), s.policy(false)
		c := s.AddPolicy(Policy{ProductID: a.ProductID})
		s.lists("/policies", c.ID, b.ID, a.ID)
		s.lists("/policies?product="+a.ProductID, c.ID, a.ID)
		s.lists("/policies?product="+strings.ToUpper(strings.ReplaceAll(b.ProductID, "-", "")), b.ID)
		s.lists("/policies?product=" + policyID)
		s.lists("/policies?product=nothing")
		s.lists("/policies?product=&page[number]=2&page[size]=2", a.ID)
	},
	rulePolicyScope: func(s *stage) {
		bearers := s.bearers()
		own := s.AddPolicy(Policy{})
		foreign := s.AddPolicy(Policy{})
		bearers[roleProduct] = s.tokenOf(own.ProductID)
		for _, r := range employees {
			s.get("/policies", as(bearers[r])).is(200).has("data.0.id", quote(foreign.ID))
			s.get("/policies/"+own.ID, as(bearers[r])).is(200)
		}
		require.Equal(s, []string{own.ID}, s.get("/policies", as(bearers[roleProduct])).is(200).ids())
		s.get("/policies/"+own.ID, as(bearers[roleProduct])).is(200).has("data.id", quote(own.ID))
		s.get("/policies/"+foreign.ID, as(bearers[roleProduct])).hidden("policy", foreign.ID)
		s.delete("/policies/"+foreign.ID, as(bearers[roleProduct])).hidden("policy", foreign.ID)
		for _, r := range []role{roleUser, roleLicense} {
			s.get("/policies", as(bearers[r])).lacks(string(r))
			s.get("/policies?limit=900", as(bearers[r])).is(400)
			s.get("/policies/"+own.ID, as(bearers[r])).hidden("policy", own.ID)
		}
		u := s.AddUser(User{})
		l := s.AddLicense(License{PolicyID: own.ID, OwnerID: u.ID})
		s.get("/policies/"+own.ID, as(s.tokenOf(u.ID))).lacks("user")
		s.get("/policies/"+own.ID, as(s.tokenOf(l.ID))).lacks("license")
		s.get("/policies/"+foreign.ID, as(s.tokenOf(l.ID))).hidden("policy", foreign.ID)
		s.get("/policies", anonymous).is(401)
		s.get("/policies", as(s.other.Token())).is(401)

		for r, want := range map[role]int{roleAdmin: 201, roleDeveloper: 201, roleSales: 201} {
			s.post("/policies", policyDocument(own.ProductID, `"name": "a"`), bearers[r]).is(want)
		}
		s.post("/policies", policyDocument(own.ProductID, `"name": "a"`), bearers[roleSupport]).forbidden()
		for _, r := range []role{roleReadOnly, roleUser, roleLicense} {
			s.post("/policies", policyDocument(own.ProductID, `"name": "a"`), bearers[r]).lacks(string(r))
			s.post("/policies", `{}`, bearers[r]).misses("/data", "is missing")
		}
	},
	rulePolicyDeleted: func(s *stage) {
		p, kept := s.policy(true), s.AddKey(Key{})
		keys := s.keysOf(p, 3)
		l := s.AddLicense(License{PolicyID: p.ID})
		token := s.tokenOf(l.ID)
		r := s.delete("/policies/" + p.ID).is(204)
		assert.Empty(s, r.Body)
		s.get("/policies/"+p.ID).hidden("policy", p.ID)
		s.delete("/policies/"+p.ID).hidden("policy", p.ID)
		s.get("/keys/"+keys[0].ID).hidden("key", keys[0].ID)
		s.get("/licenses/"+l.ID).hidden("license", l.ID)
		s.get("/licenses/"+l.ID, as(token)).is(401)
		assert.Equal(s, []Key{kept}, s.Keys())
		s.create(keys[0].Key, kept.PolicyID).is(201)
	},
	rulePolicyAtOnce: func(s *stage) {
		p := s.policy(true)
		k := s.keysOf(p, 1)[0]
		l := s.AddLicense(License{PolicyID: p.ID})
		s.Effects = nil
		s.delete("/policies/" + p.ID).is(204)
		assert.Equal(s, []string{"key.deleted " + k.ID, "license.deleted " + l.ID, "policy.deleted " + p.ID}, s.Kinds())
		assert.Len(s, s.Events(), 1)
		assert.Equal(s, Event{Name: "policy.deleted", ObjectID: p.ID, Webhooks: 1, At: t0}, s.Events()[0])
	},
	rulePolicyDeleters: func(s *stage) {
		bearers := s.bearers()
		for _, r := range sellers {
			p := s.policy(true)
			if r == roleProduct {
				bearers[r] = s.tokenOf(p.ProductID)
			}
			s.delete("/policies/"+p.ID, as(bearers[r])).is(204)
		}
		p := s.policy(true)
		s.delete("/policies/"+p.ID, as(bearers[roleSupport])).forbidden()
		s.delete("/policies/"+p.ID, as(bearers[roleReadOnly])).lacks("read only")
		s.delete("/policies/"+p.ID, as(bearers[roleUser])).hidden("policy", p.ID)
	},
	ruleVersionPolicy: func(s *stage) {
		p := s.policy(true)
		k := s.keysOf(p, 1)[0]
		for _, path := range []string{"/policies/" + p.ID, "/keys/" + k.ID + "/policy"} {
			r := s.get(path, with("Keygen-Version", "1.6")).is(200).has("data.attributes.leasingStrategy", `"PER_MACHINE"`)
			r.has("data.attributes.processLeasingStrategy", "absent").has("data.attributes.machineUniquenessStrategy", `"UNIQUE_PER_LICENSE"`)
			r = s.get(path, with("Keygen-Version", "1.3")).has("data.attributes.fingerprintUniquenessStrategy", `"UNIQUE_PER_LICENSE"`)
			r.has("data.attributes.fingerprintMatchingStrategy", `"MATCH_ANY"`).has("data.attributes.concurrent", "absent")
		}
	},
	ruleVersionConcurrent: func(s *stage) {
		p := s.policy(true)
		s.get("/policies/"+p.ID, with("Keygen-Version", "1.1")).has("data.attributes.concurrent", "false")
		r := s.createPolicy(`"name": "a", "overageStrategy": "ALWAYS_ALLOW_OVERAGE"`).has("data.attributes.concurrent", "absent")
		s.get("/policies/"+r.Text("data.id"), with("Keygen-Version", "v1.0")).has("data.attributes.concurrent", "true")
	},
}

// lists asserts the ids of a list.
func (s *stage) lists(path string, want ...string) {
	s.Helper()
	require.Equal(s, append([]string{}, want...), s.get(path).is(200).ids(), path)
}
