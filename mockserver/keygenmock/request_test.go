package keygenmock

import (
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// newDocument sends a document to where keys are made.
func (s *stage) newDocument(body string) response {
	s.Helper()
	return s.call("POST", "/keys", body)
}

// taken asserts that a document gets past its schema, to a policy that is not
// there.
func (r response) taken() response {
	r.Helper()
	return r.is(422).has("errors.0.code", `"POLICY_NOT_FOUND"`)
}

func badRequestOf(code, detail string) problem {
	return problem{Title: "Bad request", Detail: "The request could not be completed because it contains " + detail, Code: code}
}

var (
	jsonInvalid = badRequestOf("JSON_INVALID", "invalid JSON (check formatting/encoding)")
	badBytes    = badRequestOf("ENCODING_INVALID", "an invalid byte sequence (check encoding)")
	nullBytes   = badRequestOf("ENCODING_INVALID", "an unexpected null byte (check encoding)")
)

// requestProofs are those of what comes before the operation: media types,
// versions, and documents.
var requestProofs = proofs{
	ruleTypeRead: func(s *stage) {
		for _, contentType := range []string{typeJSONAPI, typeKeygen, typeJSON, typeJSON + "; charset=utf-8"} {
			s.call("POST", "/keys", goodKey, with("Content-Type", contentType)).taken()
			s.call("POST", "/keys", "{", with("Content-Type", contentType)).early(400, jsonInvalid)
		}
	},
	ruleTypeDefault: func(s *stage) {
		for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"} {
			s.call("POST", "/keys", goodKey, with("Content-Type", contentType)).taken()
			s.call("POST", "/keys", goodKey, with("Content-Type", contentType), with("Accept", "")).taken()
		}
	},
	ruleTypeMalformed: func(s *stage) {
		s.call("POST", "/keys", goodKey, with("Content-Type", "vnd.api+xml")).early(400, mimeInvalid)
		s.get("/keys", with("Content-Type", "json")).early(400, mimeInvalid)
	},
	ruleTypeIgnored: func(s *stage) {
		s.call("POST", "/keys", goodKey, with("Content-Type", "application/xml")).misses("/data", "is missing")
		s.call("POST", "/keys", "{", with("Content-Type", "application/xml")).misses("/data", "is missing")
	},
	ruleTypeAsAccept: func(s *stage) {
		s.call("POST", "/keys", goodKey, with("Content-Type", "application/xml"), with("Accept", "")).early(400, mimeInvalid)
	},
	ruleAccept: func(s *stage) {
		for _, accept := range []string{"", "*", "*/*", "application/*", typeJSON, typeJSONAPI, "text/html, " + typeJSON} {
			s.get("/keys", with("Accept", accept)).is(200)
		}
	},
	ruleAcceptAny: func(s *stage) {
		s.get("/keys", with("Accept", "text/html, */*;q=0.8")).is(200)
		s.get("/keys", with("Accept", "text/html, application/*")).is(200)
	},
	ruleAcceptNone: func(s *stage) {
		for _, accept := range []string{"text/html", "text/plain", "application/xml", "text/html, application/xml"} {
			s.get("/keys", with("Accept", accept)).early(400, mimeInvalid)
		}
	},
	ruleAnswerType: func(s *stage) {
		for accept, want := range map[string]string{
			"": answersJSONAPI, "*/*": answersJSONAPI, typeJSONAPI: answersJSONAPI, typeJSON: answersJSON,
			typeJSONAPI + ", " + typeJSON: answersJSONAPI, typeJSON + ", " + typeJSONAPI: answersJSON,
		} {
			s.get("/keys", with("Accept", accept)).is(200).says("Content-Type", want)
			s.get("/keys/x", with("Accept", accept)).is(404).says("Content-Type", want)
			s.get("/keys", anonymous, with("Accept", accept)).is(401).says("Content-Type", want)
			s.call("POST", "/keys", "{", with("Accept", accept)).is(400).says("Content-Type", answersJSONAPI)
		}
	},
	ruleAnswerSub: func(s *stage) {
		s.get("/keys", with("Accept", "application/*")).is(200).says("Content-Type", answersJSON)
	},
	ruleAnswerEarly: func(s *stage) {
		s.call("POST", "/keys", "{", anonymous, with("Accept", typeJSON)).early(400, jsonInvalid)
		s.noted(0, 0, 0)
	},

	ruleVersionHeader: func(s *stage) {
		for sent, want := range map[string]string{"1.0": "1.0", "1.7": "1.7", "v1.8": "1.8"} {
			s.get("/keys", with("Keygen-Version", sent)).is(200).says("Keygen-Version", want)
		}
		s.get("/keys").says("Keygen-Version", "1.8")
	},
	ruleVersionUnsupported: func(s *stage) {
		want := problem{
			Title: "Bad request", Detail: "unsupported API version requested", Code: "INVALID_API_VERSION",
			Links: &about{"https://keygen.sh/docs/api/versioning/"},
		}
		s.get("/keys", with("Keygen-Version", "1.9")).refused(400, want)
		s.get("/v1/accounts/none/keys", with("Keygen-Version", "2.0"), anonymous).refused(400, want)
	},
	ruleVersionEmpty: func(s *stage) {
		s.get("/keys", func(r *core.Request) { r.Header["Keygen-Version"] = []string{""} }).is(200).says("Keygen-Version", "1.8")
	},
	ruleVersionHeaders: func(s *stage) {
		old := s.get("/keys", with("Keygen-Version", "1.3")).is(200).says("Keygen-Account-Id", defaultAccountID)
		old.says("Keygen-Bearer-Id", defaultAdminID).says("Keygen-Token-Id", defaultTokenID).says("Keygen-Account", "").says("Keygen-Token", "")
		s.get("/keys", with("Keygen-Version", "1.4")).says("Keygen-Account", defaultAccountID).says("Keygen-Account-Id", "")
	},

	ruleJSONInvalid: func(s *stage) {
		for _, body := range []string{"{", " ", "{} {}", `{'a': 1}`, `{"a": NaN}`, `{"data":}`} {
			s.newDocument(body).early(400, jsonInvalid)
		}
		s.SetStatus(StatusCanceled)
		s.call("POST", "/keys", "{", anonymous).early(400, jsonInvalid)
		s.call("DELETE", "/keys/x", "{").early(400, jsonInvalid)
	},
	ruleJSONDepth: func(s *stage) {
		nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
		s.newDocument(nested(101)).early(400, jsonInvalid)
		s.newDocument(nested(100)).misses("/data", "type mismatch (received array expected object)")
	},
	ruleJSONEncoding: func(s *stage) {
		s.newDocument("{\"a\": \"\xff\"}").early(400, badBytes)
		s.newDocument("\xc3").early(400, badBytes)
	},
	ruleJSONNull: func(s *stage) {
		s.newDocument(strings.Replace(goodKey, "AAAA", `\u0000`, 1)).refused(400, nullBytes)
		s.newDocument(`{"a\u0000": 1}`).refused(400, nullBytes).signed()
		for _, path := range []string{"/keys?policy=%00", "/licenses/a%00b", "/products/%00", "/v1/accounts/a%00b/keys"} {
			s.get(path).refused(400, nullBytes)
		}
		s.get("/keys/%00").hidden("key", "\x00") // which is looked up by id only
		s.call("POST", "/keys", `{"a\u0000": 1}`, anonymous).is(401)
		s.SetStatus(StatusCanceled)
		s.newDocument(`{"a\u0000": 1}`).is(403)
	},
	ruleJSONNames: func(s *stage) {
		for _, name := range []string{"usePool", "use_pool", "use-pool", "UsePool", "USE_POOL"} {
			s.createPolicy(`"Name": "a", "`+name+`": true`).is(201).has("data.attributes.usePool", "true")
		}
		s.createPolicy(`"name": "a", "usepool": true`).misses("/data/attributes/usepool", "unpermitted parameter")
	},
	ruleJSONDuplicate: func(s *stage) {
		s.newDocument(`{"data": {"bad": 1}, "Data": null}`).misses("/data", "cannot be null")
		s.newDocument(`{"a": 1, "b": 1, "a": 1}`).misses("/a", "unpermitted parameter")
		s.createPolicy(`"name": "a", "name": "b"`).is(201).has("data.attributes.name", `"b"`)
	},
	ruleJSONWrapped: func(s *stage) {
		s.newDocument(`[]`).misses("/data", "type mismatch (received array expected object)")
		s.newDocument(`"x"`).misses("/data", "type mismatch (received string expected object)")
		s.newDocument(`null`).misses("/data", "cannot be null")
	},
	ruleJSONEmpty: func(s *stage) {
		s.newDocument(``).misses("/data", "is missing")
		s.newDocument(`{}`).misses("/data", "is missing")
	},

	ruleDocumentUnknown: func(s *stage) {
		s.newDocument(strings.Replace(goodKey, `{"data"`, `{"meta": {}, "data"`, 1)).misses("/meta", "unpermitted parameter")
		for place, extra := range map[string]string{
			"/data/id":                         strings.Replace(goodKey, `"type"`, `"id": "`+policyID+`", "type"`, 1),
			"/data/links":                      strings.Replace(goodKey, `"type"`, `"links": {}, "type"`, 1),
			"/data/relationships/policy/links": strings.Replace(goodKey, `"policy": {`, `"policy": {"links": {}, `, 1),
			"/data/relationships/environment":  strings.Replace(goodKey, `"policy": {`, `"environment": {}, "policy": {`, 1),
		} {
			s.newDocument(extra).misses(place, "unpermitted parameter")
		}
		k := s.AddKey(Key{})
		s.call("PATCH", "/keys/"+k.ID, goodKey).misses("/data/relationships", "unpermitted parameter")
		s.newDocument(goodKey).taken()
	},
	ruleDocumentFirst: func(s *stage) {
		s.newDocument(`{"data": {"attributes": {"key": 7, "b": 1}, "a": 1}}`).misses("/data/attributes/b", "unpermitted parameter")
		s.newDocument(`{"data": {"a": 1, "attributes": {"key": 7, "b": 1}}}`).misses("/data/a", "unpermitted parameter")
	},
	ruleDocumentOne: func(s *stage) {
		r := s.newDocument(`{"data": {"a": 1, "b": 1}, "c": 1}`).misses("/data/a", "unpermitted parameter")
		r.has("errors.0.code", "absent").has("errors.0.links", "absent").has("errors.0.source", `{"pointer":"/data/a"}`)
		require.Len(s, r.errors(), 1)
	},
	ruleDocumentOrder: func(s *stage) {
		s.newDocument(`{"data": {"relationships": {}, "attributes": {}}}`).misses("/data/type", "is missing")
		s.newDocument(`{"data": {"relationships": {}, "attributes": {}, "type": "keys"}}`).misses("/data/attributes/key", "is missing")
		s.newDocument(`{"data": {"type": "keys", "relationships": {}}}`).misses("/data/attributes", "is missing")
		s.newDocument(`{"data": {"type": "keys", "attributes": {"key": "AAAA"}, "relationships": {"policy": {"data": {}}}}}`).
			misses("/data/relationships/policy/data/type", "is missing")
	},
	ruleDocumentPointer: func(s *stage) {
		for _, name := range []string{"max_uses", "maxUses", "max-uses", "MaxUses"} {
			s.newDocument(`{"Data": {"`+name+`": 1}}`).misses("/data/maxUses", "unpermitted parameter")
		}
	},
	ruleDocumentMissing: func(s *stage) {
		s.newDocument(`{"data": {}}`).misses("/data/type", "is missing")
		s.newDocument(strings.Replace(goodKey, `"key": "AAAA-BBBB"`, ``, 1)).misses("/data/attributes/key", "is missing")
	},
	ruleDocumentNull: func(s *stage) {
		s.newDocument(strings.Replace(goodKey, `"AAAA-BBBB"`, `null`, 1)).misses("/data/attributes/key", "cannot be null")
		s.newDocument(strings.Replace(goodKey, `"keys"`, `null`, 1)).misses("/data/type", "cannot be null")
	},
	ruleDocumentDropped: func(s *stage) {
		k := s.AddKey(Key{})
		s.call("PATCH", "/keys/"+k.ID, `{"data": {"type": "keys", "id": null, "attributes": {"key": null}}}`).is(200).
			has("data.attributes.key", quote(k.Key))
	},
	ruleDocumentType: func(s *stage) {
		for sent, got := range map[string]string{"7": "integer", "7.5": "float", "true": "boolean", "[]": "array", "{}": "object"} {
			s.newDocument(strings.Replace(goodKey, `"AAAA-BBBB"`, sent, 1)).
				misses("/data/attributes/key", "type mismatch (received "+got+" expected string)")
		}
		s.createPolicy(`"usePool": "yes"`).misses("/data/attributes/usePool", "type mismatch (received string expected boolean)")
		s.createPolicy(`"duration": 1.5`).misses("/data/attributes/duration", "type mismatch (received float expected integer)")
	},
	ruleDocumentUUID: func(s *stage) {
		const at = "/data/relationships/policy/data/id"
		s.newDocument(strings.Replace(goodKey, policyID, "x", 1)).misses(at, "type mismatch (received string expected UUID string)")
		s.newDocument(strings.Replace(goodKey, policyID, "", 1)).misses(at, "type mismatch (received string expected UUID string)")
		p := s.policy(true)
		s.create("AAAA-BBBB", strings.ToUpper(strings.ReplaceAll(p.ID, "-", ""))).is(201).has("data.relationships.policy.data.id", quote(p.ID))
	},
	ruleDocumentBlank: func(s *stage) {
		for _, blank := range []string{``, ` `, `\t\n`} {
			s.newDocument(strings.Replace(goodKey, `AAAA-BBBB`, blank, 1)).misses("/data/attributes/key", "cannot be blank")
			s.newDocument(strings.Replace(goodKey, `keys`, blank, 1)).misses("/data/type", "cannot be blank")
		}
	},
	ruleDocumentInvalid: func(s *stage) {
		for _, wrong := range []string{"Keys", "policies", "licenses"} {
			s.newDocument(strings.Replace(goodKey, "keys", wrong, 1)).misses("/data/type", "is invalid")
		}
		s.newDocument(strings.Replace(goodKey, `"policies"`, `"keys"`, 1)).misses("/data/relationships/policy/data/type", "is invalid")
		s.newDocument(strings.Replace(goodKey, `"keys"`, `"key"`, 1)).taken()
		s.newDocument(strings.Replace(goodKey, `"policies"`, `"policy"`, 1)).taken()
	},
	ruleDocumentEmptyOK: func(s *stage) {
		k := s.AddKey(Key{})
		s.call("PATCH", "/keys/"+k.ID, `{"data": {"type": "keys", "attributes": {}}}`).is(200)
		s.createPolicy(`"name": "a", "metadata": {}`).is(201)
	},
	ruleDocumentVerbatim: func(s *stage) {
		p := s.policy(true)
		for _, text := range []string{"  <Key> & ünï  ", "  <key> & ünï  ", `"\/` + "\u2028\U0001f511"} {
			text += strings.Repeat(".", 4)
			r := s.create(text, p.ID).is(201)
			assert.Equal(s, text, r.Text("data.attributes.key"))
		}
	},
	ruleDocumentFreeNames: func(s *stage) {
		s.createPolicy(`"name": "a", "metadata": {"first_name": {"Last-Name": [{"a_b": 1.50}]}}`).is(201).
			has("data.attributes.metadata", `{"firstName":{"lastName":[{"aB":1.50}]}}`)
	},
	ruleDocumentItems: func(s *stage) {
		for item, want := range map[string]string{"7": "type mismatch (received integer expected string)", "null": "cannot be null", `""`: "cannot be blank"} {
			s.createProduct(`"name": "a", "platforms": ["mac", `+item+`]`).misses("/data/attributes/platforms/1", want)
		}
	},
	ruleDocumentTime: func(s *stage) {
		for _, sent := range []string{`"soon"`, `"2030-01-01"`, `""`} {
			s.createLicense(s.policy(false), `"expiry": `+sent).misses("/data/attributes/expiry", "type mismatch (received string expected time)")
		}
		s.createLicense(s.policy(false), `"expiry": "2030-01-01T00:00:00Z"`).is(201)
	},
}
