package keygenmock

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var productProofs = proofs{
	ruleProductCreated: func(s *stage) {
		r := s.createProduct(`"name": "App", "code": "app", "url": "https://app.example", "platforms": ["mac"], "metadata": {"a": null}`).is(201)
		id := r.Text("data.id")
		r.says("Location", "https://"+host+"/v1/accounts/"+defaultAccountID+"/products/"+id)
		for name, want := range map[string]string{
			"name": `"App"`, "code": `"app"`, "url": `"https://app.example"`, "platforms": `["mac"]`, "metadata": `{"a":null}`,
			"distributionStrategy": `"LICENSED"`, "created": `"2026-01-02T20:26:53.464Z"`, "updated": `"2026-01-02T20:26:53.464Z"`,
		} {
			assert.Equal(s, want, r.member(name), name)
		}
		assert.Equal(s, []string{"product.created " + id}, s.Kinds())

		bearers := s.bearers()
		s.post("/products", productDocument(`"name": "a"`), bearers[roleDeveloper]).is(201)
		for _, r := range []role{roleSales, roleSupport} {
			s.post("/products", productDocument(`"name": "a"`), bearers[r]).forbidden()
		}
		for _, r := range []role{roleReadOnly, roleProduct, roleUser, roleLicense} {
			s.post("/products", productDocument(`"name": "a"`), bearers[r]).lacks(string(r))
		}
	},
	ruleProductObject: func(s *stage) {
		p := s.AddProduct(Product{Name: "App"})
		r := s.get("/products/"+p.ID).is(200).has("data.type", `"products"`)
		at := "/v1/accounts/" + defaultAccountID
		links := map[string]any{"account": map[string]any{
			"links": map[string]any{"related": at}, "data": map[string]any{"type": "accounts", "id": defaultAccountID}}}
		for _, name := range strings.Fields("policies licenses machines users tokens platforms channels releases artifacts") {
			links[name] = map[string]any{"links": map[string]any{"related": at + "/products/" + p.ID + "/" + name}}
		}
		want, err := json.Marshal(links)
		require.NoError(s, err)
		assert.JSONEq(s, string(want), r.Raw("data.relationships"))
		r.has("data.links.self", `"`+at+"/products/"+p.ID+`"`)
	},
	ruleProductDefaults: func(s *stage) {
		assert.JSONEq(s, `{"name": "App", "code": null, "distributionStrategy": "LICENSED", "url": null, "platforms": null, "metadata": {},
			"created": "2026-01-02T20:26:53.464Z", "updated": "2026-01-02T20:26:53.464Z"}`, s.createProduct(`"name": "App"`).Raw("data.attributes"))
		assert.Equal(s, `"OPEN"`, s.createProduct(`"name": "App", "distributionStrategy": "OPEN"`).member("distributionStrategy"))
	},
	ruleProductName: func(s *stage) {
		s.createProduct(``).misses("/data/attributes/name", "is missing")
		s.createProduct(`"name": null`).misses("/data/attributes/name", "cannot be null")
		s.createProduct(`"name": " "`).misses("/data/attributes/name", "cannot be blank")
	},
	ruleProductCode: func(s *stage) {
		p := s.AddProduct(Product{Code: "app"})
		s.AddProduct(Product{})
		for _, name := range []string{p.ID, strings.ToUpper(p.ID), "app"} {
			s.get("/products/"+name).is(200).has("data.id", quote(p.ID))
		}
		s.get("/products/App").hidden("product", "App")
		s.get("/products/"+policyID).hidden("product", policyID)
	},
	ruleProductTaken: func(s *stage) {
		s.AddProduct(Product{Code: "app"})
		s.other.AddProduct(Product{Code: "free"})
		s.createProduct(`"name": "a", "code": "app"`).invalid(unprocessable("products", "code", "CODE_TAKEN", "has already been taken"))
		s.createProduct(`"name": "a", "code": "free"`).is(201)
	},
	ruleProductSelf: func(s *stage) {
		own, foreign := s.AddProduct(Product{}), s.AddProduct(Product{Code: "foreign"})
		token := s.tokenOf(own.ID)
		s.get("/products/"+own.ID, as(token)).is(200)
		s.get("/products/"+foreign.ID, as(token)).hidden("product", foreign.ID)
		s.get("/products/foreign", as(token)).hidden("product", "foreign")
	},
	ruleProductScope: func(s *stage) {
		bearers := s.bearers()
		p := s.policy(false)
		for _, r := range employees {
			s.get("/products/"+p.ProductID, as(bearers[r])).is(200)
		}
		for _, r := range []role{roleUser, roleLicense} {
			s.get("/products/"+p.ProductID, as(bearers[r])).hidden("product", p.ProductID)
		}
		u := s.AddUser(User{})
		l := s.AddLicense(License{PolicyID: p.ID, OwnerID: u.ID})
		s.get("/products/"+p.ProductID, as(s.tokenOf(u.ID))).lacks("user")
		s.get("/products/"+p.ProductID, as(s.tokenOf(l.ID))).lacks("license")
	},
	ruleProductEvent: func(s *stage) {
		id := s.createProduct(`"name": "a"`).is(201).Text("data.id")
		assert.Equal(s, []Event{{Name: "product.created", ObjectID: id, Webhooks: 1, At: t0}}, s.Events())
	},
}

func productDocument(attributes string) string {
	return `{"data":{"type":"products","attributes":{` + attributes + `}}}`
}

func (s *stage) createProduct(attributes string) response {
	s.Helper()
	return s.post("/products", productDocument(attributes))
}

var tokenProofs = proofs{
	ruleTokenCreated: func(s *stage) {
		p := s.AddProduct(Product{Code: "app"})
		bearers := s.bearers()
		own := s.tokenOf(p.ID)
		for _, r := range staff {
			s.post("/products/"+p.ID+"/tokens", "", bearers[r]).is(200).says("Location", "")
		}
		s.post("/products/app/tokens", "").is(200)
		for _, r := range []role{roleSales, roleSupport} {
			s.post("/products/"+p.ID+"/tokens", "", bearers[r]).forbidden()
		}
		s.post("/products/"+p.ID+"/tokens", "", bearers[roleReadOnly]).lacks("read only")
		s.post("/products/"+p.ID+"/tokens", "", own).lacks("product")
		s.post("/products/"+p.ID+"/tokens", "", bearers[roleProduct]).hidden("product", p.ID)
		s.post("/products/"+p.ID+"/tokens", "", bearers[roleUser]).hidden("product", p.ID)
		s.call("POST", "/products/"+p.ID+"/tokens", "", anonymous).is(401)
	},
	ruleTokenObject: func(s *stage) {
		p := s.AddProduct(Product{})
		r := s.post("/products/"+p.ID+"/tokens", "").is(200).has("data.type", `"tokens"`)
		at := "/v1/accounts/" + defaultAccountID
		id, secret := r.Text("data.id"), r.Text("data.attributes.token")
		assert.JSONEq(s, fmt.Sprintf(`{"kind": "product-token", "token": %q, "expiry": null, "name": null,
			"created": "2026-01-02T20:26:53.464Z", "updated": "2026-01-02T20:26:53.464Z"}`, secret), r.Raw("data.attributes"))
		assert.JSONEq(s, fmt.Sprintf(`{"account": {"links": {"related": %q}, "data": {"type": "accounts", "id": %q}},
			"bearer": {"links": {"related": %q}, "data": {"type": "products", "id": %q}}}`,
			at, defaultAccountID, at+"/products/"+p.ID, p.ID), r.Raw("data.relationships"))
		r.has("data.links.self", `"`+at+"/tokens/"+id+`"`)
		s.get("/products/"+p.ID, as(secret)).is(200).says("Keygen-Bearer", p.ID).says("Keygen-Token", id)
		assert.Equal(s, "token.created "+id, s.Kinds()[1])
	},
	ruleTokenSecret: func(s *stage) {
		p := s.AddProduct(Product{})
		first := s.post("/products/"+p.ID+"/tokens", "").Text("data.attributes.token")
		assert.Regexp(s, `^prod-[0-9a-f]{64}v3$`, first)
		assert.NotEqual(s, first, s.post("/products/"+p.ID+"/tokens", "").Text("data.attributes.token"))
	},
	ruleTokenEndless: func(s *stage) {
		p := s.AddProduct(Product{})
		secret := s.post("/products/"+p.ID+"/tokens", "").Text("data.attributes.token")
		s.Advance(100 * 365 * 24 * time.Hour)
		s.get("/products/"+p.ID, as(secret)).is(200)
	},
	ruleTokenDocument: func(s *stage) {
		path := "/products/" + s.AddProduct(Product{}).ID + "/tokens"
		s.post(path, `{}`).is(200)
		s.post(path, `{"data": {"type": "tokens"}}`).is(200)
		r := s.post(path, `{"data": {"type": "token", "attributes": {"name": "CI", "expiry": "2026-01-02T21:26:53.464Z"}}}`).is(200)
		r.has("data.attributes.name", `"CI"`).has("data.attributes.expiry", `"2026-01-02T21:26:53.464Z"`)
		s.get("/keys", as(r.Text("data.attributes.token"))).is(200)
		s.Advance(time.Hour)
		s.get("/keys", as(r.Text("data.attributes.token"))).is(401).has("errors.0.code", `"TOKEN_EXPIRED"`)
		s.post(path, `{"data": {"attributes": {}}}`).misses("/data/type", "is missing")
		s.post(path, `{"data": {"type": "tokens", "attributes": {"permissions": []}}}`).misses("/data/attributes/permissions", "unpermitted parameter")
		s.post(path, `{"data": {"type": "tokens", "attributes": {"expiry": 7}}}`).misses("/data/attributes/expiry", "type mismatch (received integer expected time)")
	},
	ruleTokenOrder: func(s *stage) {
		p := s.AddProduct(Product{})
		s.post("/products/nothing/tokens", `{"meta": {}}`).hidden("product", "nothing")
		s.post("/products/"+p.ID+"/tokens", `{"meta": {}}`, s.bearers()[roleReadOnly]).lacks("read only")
		s.post("/products/"+p.ID+"/tokens", `{"meta": {}}`).misses("/meta", "unpermitted parameter")
	},
	ruleTokenEvent: func(s *stage) {
		id := s.post("/products/"+s.AddProduct(Product{}).ID+"/tokens", "").Text("data.id")
		assert.Equal(s, []Event{{Name: "token.generated", ObjectID: id, Webhooks: 1, At: t0}}, s.Events())
	},
}
