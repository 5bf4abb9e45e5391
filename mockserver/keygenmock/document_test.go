package keygenmock

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

const policyID = "95981290-518b-4109-a611-c0001214b3c5"

// read parses and checks a document.
func read(s schema, body string) (value, *badRequest, *core.Turn) {
	turn := &core.Turn{}
	v, bad := parseBody(turn, []byte(body))
	if bad == nil {
		v, bad = readDocument(turn, v, s)
	}
	return v, bad, turn
}

const (
	keyType     = `"type": "keys"`
	keyText     = `"attributes": {"key": "AAAA-BBBB"}`
	keyPolicy   = `"relationships": {"policy": {"data": {"type": "policies", "id": "` + policyID + `"}}}`
	goodKey     = `{"data": {` + keyType + `, ` + keyText + `, ` + keyPolicy + `}}`
	goodUpdate  = `{"data": {` + keyType + `, ` + keyText + `}}`
	goodLicense = `{"data": {"type": "licenses", ` + keyPolicy + `}}`
)

func TestDocumentsTaken(t *testing.T) {
	t.Parallel()
	for body, s := range map[string]schema{
		goodKey:                                 createKeySchema,
		strings.ReplaceAll(goodKey, "ies", "y"): createKeySchema,
		strings.Replace(goodKey, "keys", "key", 1):                                createKeySchema,
		strings.Replace(goodKey, policyID, "95981290518B4109A611C0001214B3C5", 1): createKeySchema,
		`{"Data": {"Type": "keys", "ATTRIBUTES": {"Key": "AAAA"}, "Relationships": {"Policy": ` + `{"data": {"Type": "policy", "ID": "` + policyID + `"}}}}}`: createKeySchema,
		goodUpdate: updateKeySchema,
		`{"data": {"type": "key", "id": "anything", "attributes": {}}}`:      updateKeySchema,
		`{"data": {"type": "key", "id": null, "attributes": {"key": null}}}`: updateKeySchema,
		goodLicense: createLicenseSchema,
		`{"data": {"type": "license", "attributes": {}, ` + keyPolicy + `}}`:                                     createLicenseSchema,
		`{"data": {"type": "license", "attributes": null, ` + keyPolicy + `}}`:                                   createLicenseSchema,
		strings.Replace(goodLicense, `}}}`, `}}, "owner": null, "group": {"data": null}}`, 1):                    createLicenseSchema,
		strings.Replace(goodLicense, `}}}`, `}}, "user": {"data": {"type": "users", "id": "`+policyID+`"}}}`, 1): createLicenseSchema,
		`{}`: createTokenSchema,
	} {
		_, bad, _ := read(s, body)
		assert.Nil(t, bad, body)
	}
}

func TestDocumentsRefused(t *testing.T) {
	t.Parallel()
	const unknown, missing, null, blank, invalid = "unpermitted parameter", "is missing", "cannot be null", "cannot be blank", "is invalid"
	mismatch := func(got, want string) string { return "type mismatch (received " + got + " expected " + want + ")" }
	for _, c := range []struct {
		schema                schema
		body, detail, pointer string
	}{
		// Nothing, and no object.
		{createKeySchema, ``, missing, "/data"},
		{createKeySchema, `{}`, missing, "/data"},
		{createKeySchema, `null`, null, "/data"},
		{createKeySchema, `[]`, mismatch("array", "object"), "/data"},
		{createKeySchema, `[{"data": 1}]`, mismatch("array", "object"), "/data"},
		{createKeySchema, `"text"`, mismatch("string", "object"), "/data"},
		{createKeySchema, `7`, mismatch("integer", "object"), "/data"},
		{createKeySchema, `7.0`, mismatch("float", "object"), "/data"},
		{createKeySchema, `1e3`, mismatch("float", "object"), "/data"},
		{createKeySchema, `true`, mismatch("boolean", "object"), "/data"},
		{createKeySchema, `{"data": null}`, null, "/data"},

		// Unknown members: anywhere, first, in the document's order.
		{createKeySchema, `{"meta": {}}`, unknown, "/meta"},
		{createKeySchema, `{"jsonapi": {"version": "1.0"}, "data": null}`, unknown, "/jsonapi"},
		{createKeySchema, `{"data": null, "included": []}`, unknown, "/included"},
		{createKeySchema, `{"data": {"id": "` + policyID + `", ` + keyType + `, ` + keyText + `, ` + keyPolicy + `}}`, unknown, "/data/id"},
		{createKeySchema, `{"data": {"links": {}}}`, unknown, "/data/links"},
		{createKeySchema, `{"data": {"meta": {}}}`, unknown, "/data/meta"},
		{createKeySchema, `{"data": {"relationships": {"policy": {"links": {}}}}}`, unknown, "/data/relationships/policy/links"},
		{createKeySchema, `{"data": {"relationships": {"policy": {"meta": {}}}}}`, unknown, "/data/relationships/policy/meta"},
		{createKeySchema, `{"data": {"relationships": {"policy": {"data": {"meta": 1}}}}}`, unknown, "/data/relationships/policy/data/meta"},
		{createKeySchema, `{"data": {"relationships": {"environment": {}}}}`, unknown, "/data/relationships/environment"},
		{createKeySchema, `{"data": {"attributes": {"key": 7, "max_uses": 1}, "first": 1}}`, unknown, "/data/attributes/maxUses"},
		{createKeySchema, `{"data": {"first": 1, "attributes": {"max-uses": 1}}}`, unknown, "/data/first"},
		{createKeySchema, `{"zeta": 1, "alpha": 1}`, unknown, "/zeta"},
		{createKeySchema, `{"data": {"type": 7, "attributes": {"KeyName": 1}}}`, unknown, "/data/attributes/keyName"},
		{createKeySchema, `{"data": {"attributes": {"HTTPStatus-code_x2y": 1}}}`, unknown, "/data/attributes/httpStatusCodeX2y"},
		{updateKeySchema, `{"data": {"type": "keys", ` + keyPolicy + `}}`, unknown, "/data/relationships"},
		{createPolicySchema, `{"data": {"id": "` + policyID + `"}}`, unknown, "/data/id"},

		// What is required, in the order of the schema.
		{createKeySchema, `{"data": {}}`, missing, "/data/type"},
		{createKeySchema, `{"data": {` + keyPolicy + `, "attributes": {}}}`, missing, "/data/type"},
		{createKeySchema, `{"data": {` + keyType + `}}`, missing, "/data/attributes"},
		{createKeySchema, `{"data": {` + keyType + `, "attributes": {}}}`, missing, "/data/attributes/key"},
		{createKeySchema, `{"data": {` + keyType + `, ` + keyPolicy + `}}`, missing, "/data/attributes"},
		{createKeySchema, `{"data": {` + keyType + `, ` + keyText + `}}`, missing, "/data/relationships"},
		{createKeySchema, `{"data": {` + keyType + `, ` + keyText + `, "relationships": {}}}`, missing, "/data/relationships/policy"},
		{createKeySchema, `{"data": {` + keyType + `, ` + keyText + `, "relationships": {"policy": {}}}}`, missing, "/data/relationships/policy/data"},
		{createKeySchema, `{"data": {` + keyType + `, ` + keyText + `, "relationships": {"policy": {"data": {}}}}}`, missing, "/data/relationships/policy/data/type"},
		{createKeySchema, `{"data": {` + keyType + `, ` + keyText + `, "relationships": {"policy": {"data": {"type": "policy"}}}}}`, missing, "/data/relationships/policy/data/id"},
		{updateKeySchema, `{"data": {"type": "keys"}}`, missing, "/data/attributes"},
		{updateKeySchema, `{"data": {"attributes": {}}}`, missing, "/data/type"},

		// Types and nulls; of what is right up there, the first wrong one counts.
		{createKeySchema, `{"data": {"relationships": 1, "attributes": 2, "type": 3}}`, mismatch("integer", "string"), "/data/type"},
		{createKeySchema, `{"data": {"relationships": 1, "attributes": 2, "type": "keys"}}`, mismatch("integer", "object"), "/data/attributes"},
		{createKeySchema, `{"data": {"relationships": 1, ` + keyText + `, "type": "keys"}}`, mismatch("integer", "object"), "/data/relationships"},
		{createKeySchema, `{"data": {` + keyType + `, "attributes": null}}`, null, "/data/attributes"},
		{createKeySchema, `{"data": {` + keyType + `, "attributes": {"key": null}}}`, null, "/data/attributes/key"},
		{createKeySchema, `{"data": {"type": null}}`, null, "/data/type"},
		{createKeySchema, `{"data": {` + keyType + `, "attributes": {"key": 12345678}}}`, mismatch("integer", "string"), "/data/attributes/key"},
		{createKeySchema, `{"data": {` + keyType + `, "attributes": {"key": false}}}`, mismatch("boolean", "string"), "/data/attributes/key"},
		{createKeySchema, `{"data": {` + keyType + `, "attributes": {"key": {}}}}`, mismatch("object", "string"), "/data/attributes/key"},
		{createKeySchema, `{"data": {` + keyType + `, "attributes": {"key": []}}}`, mismatch("array", "string"), "/data/attributes/key"},
		{createKeySchema, `{"data": {` + keyType + `, "attributes": {"key": -0.5}}}`, mismatch("float", "string"), "/data/attributes/key"},
		{updateKeySchema, `{"data": {"type": "keys", "id": 7}}`, mismatch("integer", "string"), "/data/id"},
		{createPolicySchema, `{"data": {"type": "policy", "attributes": {"usePool": "true"}}}`, mismatch("string", "boolean"), "/data/attributes/usePool"},
		{createPolicySchema, `{"data": {"type": "policy", "attributes": {"use_pool": 1}}}`, mismatch("integer", "boolean"), "/data/attributes/usePool"},
		{createPolicySchema, `{"data": {"type": "policy", "attributes": {"duration": 1.5}}}`, mismatch("float", "integer"), "/data/attributes/duration"},
		{createPolicySchema, `{"data": {"type": "policy", "attributes": {"metadata": []}}}`, mismatch("array", "object"), "/data/attributes/metadata"},
		{createProductSchema, `{"data": {"type": "product", "attributes": {"name": "a", "platforms": "mac"}}}`, mismatch("string", "array"), "/data/attributes/platforms"},
		{createProductSchema, `{"data": {"type": "product", "attributes": {"name": "a", "platforms": ["mac", 7]}}}`, mismatch("integer", "string"), "/data/attributes/platforms/1"},
		{createLicenseSchema, `{"data": {"type": "license", "attributes": {"expiry": "soon"}}}`, mismatch("string", "time"), "/data/attributes/expiry"},

		// Content.
		{createKeySchema, `{"data": {"type": "key's"}}`, invalid, "/data/type"},
		{createKeySchema, `{"data": {"type": "KEYS"}}`, invalid, "/data/type"},
		{createKeySchema, `{"data": {"type": "policies"}}`, invalid, "/data/type"},
		{createKeySchema, `{"data": {"type": ""}}`, blank, "/data/type"},
		{createKeySchema, `{"data": {` + keyType + `, "attributes": {"key": ""}}}`, blank, "/data/attributes/key"},
		{createKeySchema, `{"data": {` + keyType + `, "attributes": {"key": " \t\n\u00a0"}}}`, blank, "/data/attributes/key"},
		{updateKeySchema, `{"data": {"type": "keys", "attributes": {"key": ""}}}`, blank, "/data/attributes/key"},
		{createKeySchema, strings.Replace(goodKey, "policies", "products", 1), invalid, "/data/relationships/policy/data/type"},
		{createKeySchema, strings.Replace(goodKey, policyID, "x", 1), mismatch("string", "UUID string"), "/data/relationships/policy/data/id"},
		{createKeySchema, strings.Replace(goodKey, policyID, "", 1), mismatch("string", "UUID string"), "/data/relationships/policy/data/id"},
		{createKeySchema, strings.Replace(goodKey, `"`+policyID+`"`, "7", 1), mismatch("integer", "UUID string"), "/data/relationships/policy/data/id"},
		{createKeySchema, strings.Replace(goodKey, `"`+policyID+`"`, "null", 1), null, "/data/relationships/policy/data/id"},
		{createLicenseSchema, `{"data": {"type": "license", "id": "x", ` + keyPolicy + `}}`, mismatch("string", "UUID string"), "/data/id"},
		{createLicenseSchema, strings.Replace(goodLicense, `}}}`, `}}, "user": {"data": {"type": "users"}}}`, 1), missing, "/data/relationships/owner/data/id"},
		{createOwnLicenseSchema, `{"data": {"type": "license", "attributes": {"suspended": true}}}`, unknown, "/data/attributes/suspended"},

		// Of two members of the same name the later counts, in the place of the former.
		{createKeySchema, `{"data": {}, "a": 1, "Data": null, "a": 2}`, unknown, "/a"},
		{createKeySchema, `{"data": {"bad": 1}, "Data": null}`, null, "/data"},
	} {
		_, bad, turn := read(c.schema, c.body)
		if assert.NotNil(t, bad, c.body) {
			assert.Equal(t, badRequest{detail: c.detail, pointer: c.pointer}, *bad, c.body)
			assert.Contains(t, turn.Rows, ruleDocumentOne)
		}
	}
}

func TestDocumentValues(t *testing.T) {
	t.Parallel()
	v, bad, _ := read(createPolicySchema, `{"data": {"type": "policies", "attributes": {"name": " A <b> ", "duration": 86400, "use-pool": false, "strict": true,
		"max_machines": null, "metadata": {"first_name": [1.50, {"Last-Name": null}], "n": 12345678901234567890}},
		"relationships": {"product": {"data": {"type": "product", "id": "`+policyID+`"}}}}}`)
	require.Nil(t, bad)
	name, sent := v.at("data", "attributes", "name")
	assert.True(t, sent)
	assert.Equal(t, " A <b> ", name.text)
	duration, _ := v.at("data", "attributes", "duration")
	assert.Equal(t, int64(86400), duration.integer())
	pooled, sent := v.at("data", "attributes", "usePool")
	assert.True(t, sent)
	assert.False(t, pooled.flag)
	_, sent = v.at("data", "attributes", "maxMachines")
	assert.False(t, sent, "null counts as not sent")
	_, sent = v.at("data", "attributes", "maxUsers", "x")
	assert.False(t, sent)
	metadata, _ := v.at("data", "attributes", "metadata")
	text, err := json.Marshal(metadata.object())
	require.NoError(t, err)
	assert.JSONEq(t, `{"firstName": [1.50, {"lastName": null}], "n": 12345678901234567890}`, string(text))
	assert.Contains(t, string(text), "12345678901234567890", "numbers stay as they were written")

	v, bad, _ = read(createLicenseSchema, strings.Replace(goodLicense, `}}}`, `}}, "user": {"data": {"type": "users", "id": "`+policyID+`"}}}`, 1))
	require.Nil(t, bad)
	owner, sent := v.at("data", "relationships", "owner", "data", "id")
	assert.True(t, sent, "user is another name for owner")
	assert.Equal(t, policyID, owner.text)
}

func TestValueIntegers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "-0": 0, "-7": -7, "9223372036854775807": 9223372036854775807, "9223372036854775808": 9223372036854775807,
		"-9223372036854775809": -9223372036854775808,
	} {
		assert.Equal(t, want, value{kind: jsonInteger, text: text}.integer())
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]time.Time{
		"2030-01-02T03:04:05.678Z":    time.Date(2030, 1, 2, 3, 4, 5, 678e6, time.UTC),
		"2030-01-02T03:04:05.678999Z": time.Date(2030, 1, 2, 3, 4, 5, 678e6, time.UTC),
		"2030-01-02T03:04:05+02:00":   time.Date(2030, 1, 2, 1, 4, 5, 0, time.UTC),
	} {
		got, ok := parseTime(s)
		assert.True(t, ok, s)
		assert.Equal(t, want, got)
	}
	for _, s := range []string{"", "2030-01-02", "1893553445", "2030-13-02T03:04:05Z"} {
		_, ok := parseTime(s)
		assert.False(t, ok, s)
	}
}

func TestBodiesThatAreNoJSON(t *testing.T) {
	t.Parallel()
	const (
		broken = "The request could not be completed because it contains invalid JSON (check formatting/encoding)"
		bytes  = "The request could not be completed because it contains an invalid byte sequence (check encoding)"
	)
	for body, want := range map[string]badRequest{
		"{":                 {detail: broken, code: "JSON_INVALID", early: true},
		" ":                 {detail: broken, code: "JSON_INVALID", early: true},
		"{} {}":             {detail: broken, code: "JSON_INVALID", early: true},
		"{'data': 1}":       {detail: broken, code: "JSON_INVALID", early: true},
		"{\"a\": \"\x00\"}": {detail: broken, code: "JSON_INVALID", early: true},
		`{"a": NaN}`:        {detail: broken, code: "JSON_INVALID", early: true},
		strings.Repeat("[", 101) + strings.Repeat("]", 101): {detail: broken, code: "JSON_INVALID", early: true},
		"{\"a\": \"\xff\"}": {detail: bytes, code: "ENCODING_INVALID", early: true},
		"\xff":              {detail: bytes, code: "ENCODING_INVALID", early: true},
	} {
		turn := &core.Turn{}
		_, bad := parseBody(turn, []byte(body))
		if assert.NotNil(t, bad, body) {
			assert.Equal(t, want, *bad, body)
		}
		assert.NotEmpty(t, turn.Rows)
	}
	_, bad := parseBody(&core.Turn{}, []byte(strings.Repeat("[", 100)+strings.Repeat("]", 100)))
	assert.Nil(t, bad)
	_, bad = parseBody(&core.Turn{}, []byte(`{"a": "\ud800"}`))
	assert.Nil(t, bad)
	for _, body := range []string{`{"a": "\u0000"}`, `{"a": [{"\u0000b": 1}]}`} {
		v, bad := parseBody(&core.Turn{}, []byte(body))
		assert.Nil(t, bad, "it is JSON all the same: %s", body)
		assert.True(t, v.hasNullByte(), body)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for written, want := range map[string][2]string{
		"usePool": {"use_pool", "usePool"}, "use_pool": {"use_pool", "usePool"}, "use-pool": {"use_pool", "usePool"},
		"UsePool": {"use_pool", "usePool"}, "USE_POOL": {"use_pool", "usePool"}, "HTTPServer": {"http_server", "httpServer"},
		"a1B": {"a1_b", "a1B"}, "": {"", ""}, "_": {"_", ""}, "a__b": {"a__b", "aB"}, "Übung": {"übung", "übung"}, "ID": {"id", "id"},
	} {
		assert.Equal(t, want[0], underscore(written), written)
		assert.Equal(t, want[1], lowerCamel(underscore(written)), written)
	}
}

// FuzzDocuments: whatever is sent, there is a value or one error, never a panic.
func FuzzDocuments(f *testing.F) {
	for _, body := range []string{goodKey, goodUpdate, goodLicense, ``, `null`, `[[[]]]`, `{"data":{"Data":{}}}`, "{\"a\":\"\xff\"}", `{"data": {"type": "keys", "attributes": {"key": 1e400}}}`} {
		f.Add([]byte(body))
	}
	schemas := []schema{createKeySchema, updateKeySchema, createPolicySchema, createProductSchema, createLicenseSchema, createTokenSchema}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, s := range schemas {
			v, bad, turn := read(s, string(body))
			require.NotNil(t, turn)
			if bad == nil {
				_, err := json.Marshal(v.plain())
				require.NoError(t, err)
				continue
			}
			require.NotEmpty(t, bad.detail)
			require.True(t, bad.code != "" || strings.HasPrefix(bad.pointer, "/"), "%+v", bad)
		}
	})
}
