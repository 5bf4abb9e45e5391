package conformance

import (
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

const unpermitted = "unpermitted parameter"

func mismatch(got, want string) string {
	return "type mismatch (received " + got + " expected " + want + ")"
}

// goodKey is a document that creates a key in the oldest policy.
func (s *keygenStage) goodKey() string { return s.goodKeyOf("AAAA-BBBB") }

func (s *keygenStage) goodKeyOf(text string) string {
	return newKeyDocument(text, s.Keygen.Default().Policies()[0].ID)
}

// assertSpoilt checks what is said of a good document in which one text was
// replaced by another.
func (s *keygenStage) assertSpoilt(old, replacement, pointer, detail string) {
	s.Helper()
	good := s.goodKey()
	require.Contains(s, good, old)
	s.assertMalformed(s.post("/keys", strings.Replace(good, old, replacement, 1)), pointer, detail)
}

var keygenDocuments = []scenario[*keygenStage]{
	{
		name:   "document: members that are not known",
		proves: "document.unpermitted document.unpermitted-first document.one-error document.pointer",
		play: func(s *keygenStage) {
			_, keys := s.pool(1)
			for _, name := range []string{"meta", "included", "jsonapi", "links", "errors"} {
				s.assertSpoilt(`{"data"`, `{"`+name+`": {}, "data"`, "/"+name, unpermitted)
			}
			for _, name := range []string{"id", "meta", "links", "x"} {
				s.assertSpoilt(`"type": "keys"`, `"type": "keys", "`+name+`": "`+sampleID+`"`, "/data/"+name, unpermitted)
			}
			for pointer, spoilt := range map[string][2]string{
				"/data/attributes/name":                     {`{"key"`, `{"name": "n", "key"`},
				"/data/relationships/environment":           {`{"policy"`, `{"environment": {}, "policy"`},
				"/data/relationships/policy/links":          {`"policy": {`, `"policy": {"links": {}, `},
				"/data/relationships/policy/meta":           {`"policy": {`, `"policy": {"meta": {}, `},
				"/data/relationships/policy/data/extraWord": {`"policies",`, `"policies", "Extra_word": 1,`},
			} {
				s.assertSpoilt(spoilt[0], spoilt[1], pointer, unpermitted)
			}
			for _, name := range []string{"meta", "links"} {
				document := strings.Replace(updateDocument(""), `"type"`, `"`+name+`": {}, "type"`, 1)
				s.assertMalformed(s.raw("PATCH", "/keys/"+keys[0].ID, document), "/data/"+name, unpermitted)
			}
			s.assertMalformed(s.post("/keys", `{"data": {"attributes": {"key": 7, "b": 1}, "a": 1}}`), "/data/attributes/b", unpermitted)
			s.assertMalformed(s.post("/keys", `{"data": {"a": 1, "attributes": {"key": 7, "b": 1}}, "c": 1}`), "/data/a", unpermitted)
			for _, name := range []string{"max_uses", "maxUses", "max-uses", "MaxUses"} {
				s.assertMalformed(s.post("/keys", `{"Data": {"`+name+`": 1}}`), "/data/maxUses", unpermitted)
			}
			s.assertStatus(s.post("/keys", s.goodKey()), 201)
		},
	},
	{
		name:   "document: the client sends no member that need not be sent",
		proves: "key.created license.client-id",
		play:   playSentDocuments,
	},
	{
		name:   "document: the order of the checks",
		proves: "document.order document.missing document.one-error",
		play: func(s *keygenStage) {
			for body, pointer := range map[string]string{
				`{"data": {}}`: "/data/type",
				`{"data": {"relationships": {}, "attributes": {}}}`:                                                                 "/data/type",
				`{"data": {"relationships": {}, "attributes": {}, "type": "keys"}}`:                                                 "/data/attributes/key",
				`{"data": {"type": "keys", "relationships": {}}}`:                                                                   "/data/attributes",
				`{"data": {"type": "keys", "attributes": {"key": "AAAA-BBBB"}}}`:                                                    "/data/relationships",
				`{"data": {"type": "keys", "attributes": {"key": "A"}, "relationships": {}}}`:                                       "/data/relationships/policy",
				`{"data": {"type": "keys", "attributes": {"key": "A"}, "relationships": {"policy": {}}}}`:                           "/data/relationships/policy/data",
				`{"data": {"type": "keys", "attributes": {"key": "A"}, "relationships": {"policy": {"data": {}}}}}`:                 "/data/relationships/policy/data/type",
				`{"data": {"type": "keys", "attributes": {"key": "A"}, "relationships": {"policy": {"data": {"type": "policy"}}}}}`: "/data/relationships/policy/data/id",
			} {
				s.assertMalformed(s.post("/keys", body), pointer, "is missing")
			}
			_, keys := s.pool(1)
			s.assertMalformed(s.raw("PATCH", "/keys/"+keys[0].ID, `{"data": {"type": "keys"}}`), "/data/attributes", "is missing")
			s.assertMalformed(s.raw("PATCH", "/keys/"+keys[0].ID, `{"data": {"attributes": {}}}`), "/data/type", "is missing")
		},
	},
	{
		name:   "document: members of other types and contents",
		proves: "document.null document.type document.blank document.uuid document.invalid",
		play: func(s *keygenStage) {
			policy, _ := s.pool(0)
			const id = "/data/relationships/policy/data/id"
			s.assertSpoilt(`"AAAA-BBBB"`, `null`, "/data/attributes/key", "cannot be null")
			s.assertSpoilt(`"keys"`, `null`, "/data/type", "cannot be null")
			s.assertSpoilt(`{"key": "AAAA-BBBB"}`, `null`, "/data/attributes", "cannot be null")
			s.assertSpoilt(`"`+policy.ID+`"`, `null`, id, "cannot be null")
			for sent, got := range map[string]string{"7": "integer", "7.5": "float", "1e3": "float", "true": "boolean", "[]": "array", "{}": "object"} {
				s.assertSpoilt(`"AAAA-BBBB"`, sent, "/data/attributes/key", mismatch(got, "string"))
			}
			s.assertSpoilt(`{"key": "AAAA-BBBB"}`, `"x"`, "/data/attributes", mismatch("string", "object"))
			s.assertSpoilt(policy.ID, "x", id, mismatch("string", "UUID string"))
			s.assertSpoilt(policy.ID, "", id, mismatch("string", "UUID string"))
			for _, blank := range []string{``, ` `, `\t\n`} {
				s.assertSpoilt(`AAAA-BBBB`, blank, "/data/attributes/key", "cannot be blank")
				s.assertSpoilt(`"keys"`, `"`+blank+`"`, "/data/type", "cannot be blank")
			}
			for _, wrong := range []string{"Keys", "policies", "licenses"} {
				s.assertSpoilt(`"keys"`, `"`+wrong+`"`, "/data/type", "is invalid")
			}
			s.assertSpoilt(`"policies"`, `"keys"`, "/data/relationships/policy/data/type", "is invalid")
			s.assertMalformed(s.createPolicy(`"usePool": "yes"`), "/data/attributes/usePool", mismatch("string", "boolean"))
			s.assertMalformed(s.createPolicy(`"duration": 1.5`), "/data/attributes/duration", mismatch("float", "integer"))

			singular := strings.NewReplacer(`"keys"`, `"key"`, `"policies"`, `"policy"`, policy.ID, strings.ToUpper(strings.ReplaceAll(policy.ID, "-", "")))
			s.assertHas(s.post("/keys", singular.Replace(s.goodKey())), 201, map[string]any{
				"data.type": "keys", "data.relationships.policy.data.type": "policies", "data.relationships.policy.data.id": policy.ID,
			})
		},
	},
	{
		name:   "document: what is optional, empty or kept as it is",
		proves: "document.null-optional document.empty-object document.verbatim",
		play: func(s *keygenStage) {
			policy, keys := s.pool(1)
			path := "/keys/" + keys[0].ID
			for _, body := range []string{
				`{"data": {"type": "keys", "id": null, "attributes": {"key": null}}}`,
				`{"data": {"type": "keys", "attributes": {}}}`,
				`{"data": {"type": "keys", "id": "of no matter", "attributes": {}}}`,
			} {
				s.assertAttributes(s.raw("PATCH", path, body), 200, map[string]any{"key": keys[0].Key})
			}
			for _, text := range []string{"  <Key> & ünï  ", "  <key> & ünï  ", `"\/` + "\u2028\U0001f511....", "\ttabs\nand lines"} {
				s.assertAttributes(s.post("/keys", newKeyDocument(text, policy.ID)), 201, map[string]any{"key": text})
				changed := text + " again"
				key, err := s.client().Keys.Create(s.Context(), keygen.CreateKeyParams{Key: changed, PolicyID: policy.ID})
				require.NoError(s, err)
				assert.Equal(s, changed, key.Key)
				stored, _ := s.Keygen.Key(key.ID)
				assert.Equal(s, changed, stored.Key)
			}
		},
	},
	{
		name:   "document: metadata, lists and times",
		proves: "document.metadata-names document.items document.time document.empty-object",
		play: func(s *keygenStage) {
			policy := s.Keygen.AddPolicy(keygenmock.Policy{})
			a := s.createPolicy(`"name": "a", "metadata": {"first_name": {"Last-Name": [{"a_b": 1.50}]}}`)
			assert.Contains(s, a.Body, `"metadata":{"firstName":{"lastName":[{"aB":1.50}]}}`)
			s.assertStatus(s.createPolicy(`"name": "a", "metadata": {}`), 201)
			for item, detail := range map[string]string{"7": mismatch("integer", "string"), "null": "cannot be null", `""`: "cannot be blank"} {
				s.assertMalformed(s.post("/products", productDocument(`"name": "a", "platforms": ["mac", `+item+`]`)), "/data/attributes/platforms/1", detail)
			}
			for _, sent := range []string{`"soon"`, `"2030-01-01"`, `""`} {
				s.assertMalformed(s.createLicense(policy.ID, `"expiry": `+sent), "/data/attributes/expiry", mismatch("string", "time"))
			}
			s.assertAttributes(s.createLicense(policy.ID, `"expiry": "2030-01-01T00:00:00.1239+01:00"`), 201,
				map[string]any{"expiry": "2029-12-31T23:00:00.123Z"})
		},
	},
}

// playSentDocuments looks at the very documents that the client sends.
func playSentDocuments(s *keygenStage) {
	policy, keys := s.pool(1)
	product := s.Keygen.AddProduct(keygenmock.Product{})
	client := s.client()

	_, err := client.Keys.Create(s.Context(), keygen.CreateKeyParams{Key: "AAAA-BBBB", PolicyID: strings.ToUpper(policy.ID)})
	require.NoError(s, err)
	s.assertBody(newKeyDocument("AAAA-BBBB", policy.ID), s.seen.request())

	_, err = client.Keys.Update(s.Context(), keys[0].ID, keygen.UpdateKeyParams{Key: "CCCC-DDDD"})
	require.NoError(s, err)
	s.assertBody(updateDocument(`"key": "CCCC-DDDD"`), s.seen.request())

	_, err = client.Policies.Create(s.Context(), keygen.CreatePolicyParams{Name: "Pool", ProductID: product.ID, UsePool: true})
	require.NoError(s, err)
	s.assertBody(policyDocument(product.ID, `"name": "Pool", "usePool": true`), s.seen.request())

	_, err = client.Products.Create(s.Context(), keygen.CreateProductParams{Name: "App"})
	require.NoError(s, err)
	s.assertBody(productDocument(`"name": "App"`), s.seen.request())

	_, err = client.Products.CreateToken(s.Context(), product.ID)
	require.NoError(s, err)
	s.assertBody("", s.seen.request())

	const mine = "6e936a61-94ad-44d1-88ac-88da9f10eca7"
	_, err = client.Licenses.Create(s.Context(), keygen.CreateLicenseParams{PolicyID: policy.ID, ID: mine})
	require.NoError(s, err)
	s.assertBody(strings.Replace(licenseDocument(policy.ID, ""), `"type"`, `"id": "`+mine+`", "type"`, 1), s.seen.request())

	_, err = client.Pool(policy.ID).Pop(s.Context())
	require.NoError(s, err)
	s.assertBody("", s.seen.request())
	for _, header := range []string{"Content-Type", "Keygen-Version", "Keygen-Environment"} {
		assert.Empty(s, s.seen.read().req.Header.Get(header))
	}
	assert.Equal(s, jsonAPI, s.seen.read().req.Header.Get("Accept"))
}
