package keygenmock

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// wrong is an error of a key's text, onPolicy one of its policy.
func wrong(code, detail string) problem {
	return problem{
		Title: "Unprocessable resource", Detail: detail, Code: code, Source: &source{Pointer: "/data/attributes/key"},
		Links: &about{"https://keygen.sh/docs/api/keys/#keys-object-attrs-key"},
	}
}

func onPolicy(code, detail string) problem {
	return problem{
		Title: "Unprocessable resource", Detail: detail, Code: code, Source: &source{Pointer: "/data/relationships/policy"},
		Links: &about{"https://keygen.sh/docs/api/keys/#keys-object-relationships-policy"},
	}
}

var (
	keyTaken       = wrong("KEY_TAKEN", "has already been taken")
	keyReserved    = wrong("KEY_NOT_ALLOWED", "is reserved")
	keyShort       = wrong("KEY_TOO_SHORT", "is too short (minimum is 8 characters)")
	keyLong        = wrong("KEY_TOO_LONG", "is too long (maximum is 1024 characters)")
	keyIsID        = wrong("KEY_CONFLICT", "must not conflict with another license's identifier (UUID)")
	keyIsLicense   = wrong("KEY_CONFLICT", "is already being used as a license's key")
	policyMissing  = onPolicy("POLICY_NOT_FOUND", "must exist")
	policyUnpooled = onPolicy("POLICY_NOT_SUPPORTED", "cannot be added to an unpooled policy")
)

var keyProofs = proofs{
	ruleKeyObject: func(s *stage) {
		k := s.AddKey(Key{Key: thirtyChars, Created: time.Date(2017, 1, 2, 20, 26, 53, 464e6, time.UTC)})
		base := "/v1/accounts/" + defaultAccountID
		require.JSONEq(s, fmt.Sprintf(`{"data":{"id":%[1]q,"type":"keys",
			"attributes":{"key":%[2]q,"created":"2017-01-02T20:26:53.464Z","updated":"2017-01-02T20:26:53.464Z"},
			"relationships":{
				"account":{"links":{"related":%[3]q},"data":{"type":"accounts","id":%[4]q}},
				"product":{"links":{"related":"%[3]s/keys/%[1]s/product"},"data":{"type":"products","id":%[5]q}},
				"policy":{"links":{"related":"%[3]s/keys/%[1]s/policy"},"data":{"type":"policies","id":%[6]q}}},
			"links":{"self":"%[3]s/keys/%[1]s"}}}`, k.ID, thirtyChars, base, defaultAccountID, s.productOf(k.PolicyID), k.PolicyID),
			string(s.get("/keys/"+k.ID).is(200).Body))
	},
	ruleKeyByID: func(s *stage) {
		k := s.AddKey(Key{})
		for _, id := range []string{k.ID, strings.ToUpper(k.ID), strings.ReplaceAll(k.ID, "-", "")} {
			s.get("/keys/"+id).is(200).has("data.id", quote(k.ID))
		}
		for _, id := range []string{k.Key, "invalid", k.ID + "0"} {
			s.get("/keys/"+id).hidden("key", id)
		}
		other := s.other.AddKey(Key{})
		s.get("/keys/"+other.ID).hidden("key", other.ID)
	},
	ruleKeyPolicy: func(s *stage) {
		k := s.AddKey(Key{})
		s.get("/keys/"+k.ID+"/policy").is(200).has("data.id", quote(k.PolicyID)).has("data.type", `"policies"`)
		s.get("/keys/"+k.ID+"/product").is(200).has("data.id", quote(s.productOf(k.PolicyID))).has("data.type", `"products"`)
		for _, path := range []string{"policy", "product"} {
			s.get("/keys/none/"+path).hidden("key", "none")
		}
	},
	ruleKeyCreated: func(s *stage) {
		p := s.policy(true)
		r := s.create("  Case & <space>  ", p.ID).is(201)
		r.has("data.attributes.created", `"2026-01-02T20:26:53.464Z"`).has("data.attributes.updated", r.Raw("data.attributes.created"))
		require.Equal(s, []Key{{ID: r.Text("data.id"), Key: "  Case & <space>  ", PolicyID: p.ID, Created: s.Keys()[0].Created, Updated: s.Keys()[0].Created}}, s.Keys())
		require.Equal(s, []string{"key.created " + r.Text("data.id")}, s.Kinds()[2:])
	},
	ruleKeyUpdated: func(s *stage) {
		k := s.AddKey(Key{})
		s.Effects = nil
		s.Advance(time.Minute)
		s.update(k, k.Key).is(200).has("data.attributes.updated", `"2026-01-02T20:26:53.464Z"`)
		s.call("PATCH", "/keys/"+k.ID, `{"data":{"type":"key","attributes":{}}}`).is(200)
		require.Empty(s, s.Effects)
		s.noted(2, 2, 2)
		s.update(k, thirtyChars).is(200).has("data.attributes.updated", `"2026-01-02T20:27:53.464Z"`).
			has("data.attributes.created", `"2026-01-02T20:26:53.464Z"`).has("data.attributes.key", quote(thirtyChars))
		require.Equal(s, []string{"key.updated " + k.ID}, s.Kinds())
		s.create(k.Key, k.PolicyID).is(201) // the old text is free
	},
	ruleKeyDeleted: func(s *stage) {
		k := s.AddKey(Key{})
		require.Empty(s, s.delete("/keys/"+k.ID).is(204).Body)
		s.delete("/keys/"+k.ID).hidden("key", k.ID)
		_, found := s.Key(k.ID)
		require.False(s, found)
		s.create(k.Key, k.PolicyID).is(201)
	},
	ruleKeyForeign: func(s *stage) {
		p := s.policy(true)
		product := as(s.tokenOf(s.AddProduct(Product{}).ID))
		s.create(thirtyChars, p.ID, product).forbidden()
		s.create(thirtyChars, defaultAdminID, product).forbidden()
		s.create("short", defaultAdminID).invalid(policyMissing, keyShort)
	},
	ruleKeyFilters: func(s *stage) {
		p := s.policy(true)
		keys := s.keysOf(p, 3)
		q := s.AddPolicy(Policy{Pooled: true, ProductID: p.ProductID})
		more := s.keysOf(q, 2)
		s.keys(2)
		s.get("/keys?policy=" + p.ID).shows(keys)
		s.get("/keys?policy=" + strings.ToUpper(strings.ReplaceAll(p.ID, "-", ""))).shows(keys)
		s.get("/keys?product=" + p.ProductID).shows(append(more, keys...))
		s.get("/keys?product=" + p.ProductID + "&policy=" + q.ID).shows(more)
		s.get("/keys?product=" + s.AddProduct(Product{}).ID + "&policy=" + q.ID).shows(nil)
		s.get("/keys?unknown=1&include=policy&fields[keys]=key&sort=key&limit=3&policy=" + p.ID).shows(keys)
	},
	ruleKeyNoFilter: func(s *stage) {
		keys := s.keys(2)
		s.get("/keys?policy=nonsense").shows(nil)
		s.get("/keys?product=" + defaultAdminID).shows(nil)
		for _, query := range []string{"policy=", "policy[]=x", "product[a]=x"} {
			s.get("/keys?" + query).shows(keys)
		}
	},
	ruleEvent: func(s *stage) {
		s.AddWebhookEndpoint(WebhookEndpoint{Subscriptions: []string{"key.created", "key.deleted"}})
		s.AddWebhookEndpoint(WebhookEndpoint{Subscriptions: []string{"*"}})
		p := s.policy(true)
		id := s.create(thirtyChars, p.ID).is(201).Text("data.id")
		k, _ := s.Key(id)
		s.update(k, k.Key).is(200)
		s.delete("/keys/" + id).is(204)
		last := s.AddKey(Key{PolicyID: p.ID})
		s.delete(poolOf(p)).is(200)
		s.delete(poolOf(p)).is(422)
		want := []Event{
			{"key.created", id, 3, t0}, {"key.updated", id, 2, t0}, {"key.deleted", id, 3, t0}, {"policy.pool.popped", last.ID, 2, t0},
		}
		require.Equal(s, want, s.Events())
		require.Empty(s, s.other.Events())
		s.noted(10, 4, 5)
	},
	ruleKeyNoPolicy: func(s *stage) {
		for _, id := range []string{defaultAdminID, s.other.AddPolicy(Policy{Pooled: true}).ID} {
			s.create(thirtyChars, id).invalid(policyMissing)
		}
	},
	ruleKeyUnpooled: func(s *stage) { s.create(thirtyChars, s.policy(false).ID).invalid(policyUnpooled) },
	ruleKeyTaken: func(s *stage) {
		k := s.AddKey(Key{Key: thirtyChars})
		s.create(thirtyChars, k.PolicyID).invalid(keyTaken)
		s.create(thirtyChars, s.policy(true).ID).invalid(keyTaken)
		s.create(strings.ToLower(thirtyChars), k.PolicyID).is(201)
		s.update(s.AddKey(Key{}), thirtyChars).invalid(keyTaken)
	},
	ruleKeyReserved: func(s *stage) {
		p := s.policy(true)
		for _, text := range []string{"action", "actions"} {
			s.create(text, p.ID).invalid(keyReserved, keyShort)
			s.update(s.AddKey(Key{}), text).invalid(keyReserved, keyShort)
		}
		s.create("Actions!", p.ID).is(201)
	},
	ruleKeyLength: func(s *stage) {
		p := s.policy(true)
		s.create("1234567", p.ID).invalid(keyShort)
		s.create("äöüß567", p.ID).invalid(keyShort)
		s.create("äöüß5678", p.ID).is(201)
		s.create(strings.Repeat("ä", 1024), p.ID).is(201)
		s.create(strings.Repeat("a", 1025), p.ID).invalid(keyLong)
		s.update(s.Keys()[0], strings.Repeat("a", 1025)).invalid(keyLong)
	},
	ruleKeyConflict: func(s *stage) {
		p, l := s.policy(true), s.AddLicense(License{})
		for _, id := range []string{l.ID, strings.ToUpper(l.ID), strings.ReplaceAll(l.ID, "-", "")} {
			s.create(id, p.ID).invalid(keyIsID)
		}
		s.create(l.Key, p.ID).invalid(keyIsLicense)
		s.create(strings.ToLower(l.Key), p.ID).is(201)
		s.create(s.Keys()[0].ID, p.ID).is(201) // the id of a key is no license's
		s.AddLicense(License{Key: l.ID})
		s.create(l.ID, p.ID).invalid(keyIsID) // of both conflicts the first
	},
	ruleKeyElsewhere: func(s *stage) {
		p := s.policy(true)
		s.create(s.other.AddLicense(License{}).Key, p.ID).is(201)
		s.create(s.other.AddKey(Key{}).Key, p.ID).is(201)
		s.create(s.other.Licenses()[0].ID, p.ID).is(201)
	},
	ruleKeyRecheck: func(s *stage) {
		k := s.AddKey(Key{Key: "short"})
		s.call("PATCH", "/keys/"+k.ID, `{"data":{"type":"keys","attributes":{}}}`).invalid(keyShort)
		unpooled := s.AddKey(Key{PolicyID: s.policy(false).ID})
		s.update(unpooled, thirtyChars).is(200)
		s.AddLicense(License{Key: thirtyChars})
		s.update(unpooled, thirtyChars).invalid(keyIsLicense)
	},
	ruleKeyErrorOrder: func(s *stage) {
		unpooled, taken := s.policy(false), s.AddKey(Key{Key: "taken"})
		s.AddLicense(License{Key: "taken"})
		s.AddLicense(License{Key: thirtyChars})
		s.create(taken.Key, unpooled.ID).invalid(keyTaken, keyShort, keyIsLicense, policyUnpooled)
		s.create(thirtyChars, unpooled.ID).invalid(policyUnpooled, keyIsLicense)
		s.create("actions", defaultAdminID).invalid(policyMissing, keyReserved, keyShort)
	},
}

// A refused change changes nothing, and the form is checked before the bearer's
// rights only where the vendor does so.
func TestOrderOfChecks(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.AddKey(Key{})
	user := as(s.bearers()[roleUser])
	product := as(s.tokenOf(s.productOf(k.PolicyID)))
	readOnly := as(s.bearers()[roleReadOnly])

	s.call("BREW", "/nothing", "{", with("Accept", "text/html")).is(400).has("errors.0.code", `"HTTP_METHOD_INVALID"`)
	s.call("POST", "/nothing", "{", with("Accept", "text/html")).is(404)
	s.call("POST", "/v1/accounts/none/keys", "{", with("Accept", "text/html"), anonymous).is(400).has("errors.0.code", `"MIME_TYPE_INVALID"`)
	s.call("POST", "/v1/accounts/none/keys", "{", with("Keygen-Version", "9"), anonymous).is(400).has("errors.0.code", `"JSON_INVALID"`)
	s.call("POST", "/v1/accounts/none/keys", "[]", with("Keygen-Version", "9"), anonymous).is(400).has("errors.0.code", `"INVALID_API_VERSION"`).
		says("Keygen-Account", "").says("Keygen-Signature", "")
	s.call("POST", "/v1/accounts/none/keys", "[]", with("Keygen-Environment", "x"), anonymous).is(404)

	s.SetStatus(StatusCanceled)
	s.get("/keys", with("Keygen-Environment", "x"), with("Keygen-Accept-Signature", "x"), anonymous).is(400).has("errors.0.code", `"ENVIRONMENT_NOT_SUPPORTED"`)
	s.get("/keys", with("Keygen-Accept-Signature", "x"), anonymous).refused(400, malformedSignature("malformed"))
	s.call("POST", "/keys", "[]", anonymous).is(403)
	s.SetStatus(StatusActive)
	s.call("POST", "/keys", "[]", anonymous).is(401)

	s.call("POST", "/keys", "[]", user).is(400)
	s.create("x", k.PolicyID, user).lacks("user")
	s.create("x", defaultAdminID, product).forbidden()
	s.create("x", k.PolicyID, product).is(422)

	s.get("/keys?limit=900", user).is(400)
	s.get("/keys", user).lacks("user")
	s.get("/policies/none/pool?limit=900").hidden("policy", "none")
	s.get(pool(k.PolicyID)+"?limit=900", user).hidden("policy", k.PolicyID)
	licensed := as(s.tokenOf(s.AddLicense(License{PolicyID: k.PolicyID}).ID))
	s.get(pool(k.PolicyID)+"?limit=900", licensed).is(400)
	s.get(pool(k.PolicyID), licensed).lacks("license")

	s.call("PATCH", "/keys/none", "[]", readOnly).hidden("key", "none")
	s.call("PATCH", "/keys/"+k.ID, "[]", readOnly).lacks("read only")
	s.call("PATCH", "/keys/"+k.ID, "[]").is(400)
	s.update(k, "x").is(422)

	p := s.policy(false)
	s.delete(poolOf(p), readOnly).lacks("read only")
	s.delete(poolOf(p)).is(422)
	require.Equal(t, []Key{k}, s.Keys())
	require.Empty(t, s.Events())
}

// The vendor's own examples, with the names of members in any spelling.
func TestDocumentsOfKeys(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.policy(true)
	for body, pointer := range map[string]string{
		`{"data":{"type":"keys","id":"x","attributes":{"key":"12345678"},"relationships":{"policy":{"data":{"type":"policies","id":"` + p.ID + `"}}}}}`: "/data/id",
		`{"meta":{},"data":{"type":"keys"}}`: "/meta",
		`{"data":{"type":"licenses","attributes":{"key":"12345678"},"relationships":{"policy":{"data":{"type":"policies","id":"` + p.ID + `"}}}}}`: "/data/type",
		`{"data":{"type":"keys","attributes":{"key":7},"relationships":{"policy":{"data":{"type":"policies","id":"` + p.ID + `"}}}}}`:              "/data/attributes/key",
		`{"data":{"type":"keys","attributes":{"key":" "},"relationships":{"policy":{"data":{"type":"policies","id":"` + p.ID + `"}}}}}`:            "/data/attributes/key",
		`{"data":{"type":"keys","attributes":{"key":"12345678"},"relationships":{"policy":{"data":{"type":"policies","id":"7"}}}}}`:                "/data/relationships/policy/data/id",
		`[]`: "/data",
		``:   "/data",
	} {
		errors := s.call("POST", "/keys", body).is(400).errors()
		require.Len(t, errors, 1)
		require.Equal(t, pointer, errors[0].Source.Pointer, body)
		require.Empty(t, errors[0].Code)
	}
	s.call("POST", "/keys", `{"Data":{"TYPE":"key","attributes":{"KEY":"12345678"},"relationships":{"policy":{"data":{"type":"policy","id":"`+strings.ToUpper(p.ID)+`"}}}}}`).is(201)
	k := s.Keys()[0]
	s.call("PATCH", "/keys/"+k.ID, `{"data":{"type":"keys","id":"another","attributes":{"key":"87654321"}}}`).is(200).has("data.id", quote(k.ID))
	require.Equal(t, at("/data/relationships"), s.call("PATCH", "/keys/"+k.ID, `{"data":{"type":"keys","relationships":{}}}`).is(400).errors()[0].Source)
}
