package openapi_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/keygenwire"
	"github.com/keysmith-go/keysmith/internal/wire"
)

// keygenDocument returns the schema of a request document and a copy of one
// example, to be spoiled.
func keygenDocument(t *testing.T, doc *openapi3.T, operationID, example string) (*openapi3.Schema, map[string]any) {
	t.Helper()
	for _, op := range operations(doc) {
		if op.OperationID == operationID {
			content := only(op.RequestBody.Value.Content)
			var body map[string]any
			require.NoError(t, json.Unmarshal(marshal(t, content.Examples[example].Value.Value), &body))
			return content.Schema.Value, body
		}
	}
	require.Fail(t, "no such operation", operationID)
	return nil, nil
}

// The vendor refuses members that it does not know, so no request schema
// allows any; free-form values excepted.
func TestKeygenRequestsAreStrict(t *testing.T) {
	t.Parallel()
	doc := load(t, "keygen.yaml")
	requests, checked := requestSchemas(doc), 0
	for place, schema := range schemas(doc) {
		if !requests[component(place)] || !schema.Type.Is("object") || strings.HasSuffix(place, ".metadata") {
			continue
		}
		checked++
		allowed := schema.AdditionalProperties.Has
		assert.True(t, allowed != nil && !*allowed, place)
	}
	assert.Greater(t, checked, 20)

	const license, key = "createLicense", "createKey"
	for name, tt := range map[string]struct {
		operation, example string
		ok                 bool
		spoil              func(body, data map[string]any)
	}{
		"as it is":          {key, "key", true, func(_, _ map[string]any) {}},
		"meta":              {key, "key", false, func(body, _ map[string]any) { body["meta"] = map[string]any{} }},
		"included":          {key, "key", false, func(body, _ map[string]any) { body["included"] = []any{} }},
		"version":           {key, "key", false, func(body, _ map[string]any) { body["jsonapi"] = map[string]any{"version": "1.1"} }},
		"links":             {key, "key", false, func(_, data map[string]any) { data["links"] = map[string]any{} }},
		"id of a key":       {key, "key", false, func(_, data map[string]any) { data["id"] = keygenKey }},
		"another type":      {key, "key", false, func(_, data map[string]any) { data["type"] = "licenses" }},
		"no attributes":     {key, "key", false, func(_, data map[string]any) { delete(data, "attributes") }},
		"no relationships":  {key, "key", false, func(_, data map[string]any) { delete(data, "relationships") }},
		"short key":         {key, "key", false, func(_, data map[string]any) { data["attributes"] = map[string]any{"key": "1234567"} }},
		"shortest key":      {key, "key", true, func(_, data map[string]any) { data["attributes"] = map[string]any{"key": "12345678"} }},
		"longest key":       {key, "key", true, func(_, data map[string]any) { data["attributes"] = map[string]any{"key": strings.Repeat("ü", 1024)} }},
		"long key":          {key, "key", false, func(_, data map[string]any) { data["attributes"] = map[string]any{"key": strings.Repeat("ü", 1025)} }},
		"moved key":         {"updateKey", "key", false, func(_, data map[string]any) { data["relationships"] = map[string]any{} }},
		"id of an update":   {"updateKey", "key", true, func(_, data map[string]any) { data["id"] = keygenKey }},
		"nothing to update": {"updateKey", "key", true, func(_, data map[string]any) { data["attributes"] = map[string]any{} }},
		"id of a license":   {license, "bare", true, func(_, data map[string]any) { data["id"] = keygenKey }},
		"no policy":         {license, "everything", false, func(_, data map[string]any) { delete(data["relationships"].(map[string]any), "policy") }},
	} {
		schema, body := keygenDocument(t, doc, tt.operation, tt.example)
		data, _ := body["data"].(map[string]any)
		tt.spoil(body, data)
		err := schema.VisitJSON(body)
		assert.Equal(t, tt.ok, err == nil, "%s: %v", name, err)
	}
}

// The account is the first argument of every builder.
func TestKeygenOperationsAreOfAnAccount(t *testing.T) {
	t.Parallel()
	doc := load(t, "keygen.yaml")
	accounts := map[string]bool{}
	for _, op := range operations(doc) {
		assert.True(t, strings.HasPrefix(op.path, "/accounts/{account}/"), op.path)
		accounts[string(marshal(t, doc.Paths.Value(op.path).Parameters[0]))] = true
	}
	assert.Len(t, accounts, 1, "it is named in one way")
}

// Whatever is listed is listed in the same three ways.
func TestKeygenListsArePagedAlike(t *testing.T) {
	t.Parallel()
	paging := []string{"limit", "page[size]", "page[number]", "page[cursor]", "order"}
	filters := map[string][]string{
		"listKeys": {"product", "policy"}, "listLicenses": {"product", "policy"}, "listPolicies": {"product"}, "listPool": nil,
	}
	for _, op := range operations(load(t, "keygen.yaml")) {
		var names []string
		for _, param := range op.Parameters {
			names = append(names, param.Value.Name)
			assert.False(t, param.Value.Required, "%s %s", op.OperationID, param.Value.Name)
			if param.Value.Schema.Value.Type.Is("integer") {
				for number, ok := range map[float64]bool{0: false, 1: true, 100: true, 101: false} {
					assert.Equal(t, ok, param.Value.Schema.Value.VisitJSON(number) == nil, "%s %s", op.OperationID, param.Value.Name)
				}
			}
		}
		want, lists := filters[op.OperationID]
		if !lists {
			assert.Empty(t, names, op.OperationID)
			continue
		}
		assert.Equal(t, slices.Concat(paging, want), names, op.OperationID)
		for _, example := range []string{"limited", "page", "cursor"} {
			assert.Contains(t, contentExamples(op.Responses.Value("200")), example, op.OperationID)
		}
	}
}

// With a limit alone there are no links, with a number all, from a cursor two.
func TestKeygenLinksTellTheWayOfListing(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"limited": nil, "page": {"first", "last", "meta", "next", "prev", "self"}, "cursor": {"next", "self"},
	}
	for _, op := range operations(load(t, "keygen.yaml")) {
		if len(op.Parameters) == 0 {
			continue
		}
		for name, example := range contentExamples(op.Responses.Value("200")) {
			var answer struct {
				Data  []any
				Links map[string]any
			}
			require.NoError(t, json.Unmarshal(marshal(t, example.Value.Value), &answer))
			assert.NotNil(t, answer.Data, "%s %s", op.OperationID, name)
			assert.Equal(t, want[name], slices.Sorted(maps.Keys(answer.Links)), "%s %s", op.OperationID, name)
		}
	}
}

var (
	keygenID   = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	keygenTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
)

// The examples have ids, moments and addresses in the vendor's form, each
// resource its own address.
func TestKeygenResourcesAreWellFormed(t *testing.T) {
	t.Parallel()
	moments := []string{"created", "updated", "expiry"}
	checked := map[string]bool{}
	check := func(resource map[string]any) {
		kind, _ := resource["type"].(string)
		id, _ := resource["id"].(string)
		checked[kind] = true
		assert.Regexp(t, keygenID, id, kind)
		links, _ := resource["links"].(map[string]any)
		self, _ := links["self"].(string)
		assert.Regexp(t, `^/v1/accounts/11111111-1111-4111-8111-111111111111/`+kind+"/"+id+"$", self)

		attributes, _ := resource["attributes"].(map[string]any)
		for _, name := range moments {
			if moment, _ := attributes[name].(string); moment != "" {
				assert.Regexp(t, keygenTime, moment, "%s %s", kind, name)
			}
		}
		relationships, _ := resource["relationships"].(map[string]any)
		require.NotEmpty(t, relationships, kind)
		for name, related := range relationships {
			links, _ := related.(map[string]any)["links"].(map[string]any)
			address, _ := links["related"].(string)
			assert.True(t, strings.HasPrefix(address, "/v1/accounts/11111111-1111-4111-8111-111111111111"), "%s %s", kind, name)
			if data, _ := related.(map[string]any)["data"].(map[string]any); data != nil {
				assert.Regexp(t, keygenID, data["id"], "%s %s", kind, name)
			}
		}
	}
	for _, op := range operations(load(t, "keygen.yaml")) {
		for _, status := range []string{"200", "201"} {
			response := op.Responses.Value(status)
			if response == nil {
				continue
			}
			for _, example := range contentExamples(response) {
				switch data := example.Value.Value.(map[string]any)["data"].(type) {
				case map[string]any:
					check(data)
				case []any:
					for _, resource := range data {
						check(resource.(map[string]any))
					}
				}
			}
		}
	}
	assert.Equal(t, []string{"keys", "licenses", "policies", "products", "tokens"}, slices.Sorted(maps.Keys(checked)))
}

// Creating answers 201 with the address of what was created; a token's
// creation and a pop are odd.
func TestKeygenSuccesses(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"POST": "201", "GET": "200", "PATCH": "200", "DELETE": "204",
		"createProductToken": "200", "popPool": "200",
	}
	for _, op := range operations(load(t, "keygen.yaml")) {
		status, odd := want[op.OperationID]
		if !odd {
			status = want[op.method]
		}
		response := op.Responses.Value(status)
		require.NotNil(t, response, "%s %s", op.OperationID, status)
		assert.Equal(t, status == "201", response.Value.Headers["Location"] != nil, op.OperationID)
		assert.Equal(t, status == "204", len(response.Value.Content) == 0, op.OperationID)
	}
}

// Whatever breaks a rule of the vendor is told in a 422, with a pointer.
func TestKeygenRulesArePointedAt(t *testing.T) {
	t.Parallel()
	var ruled []string
	for _, op := range operations(load(t, "keygen.yaml")) {
		response := op.Responses.Value("422")
		if response == nil {
			continue
		}
		ruled = append(ruled, op.OperationID)
		for name, example := range contentExamples(response) {
			var refusal keygenwire.ErrorDocument
			require.NoError(t, decodeStrictly(marshal(t, example.Value.Value), &refusal))
			require.NotEmpty(t, refusal.Errors, name)
			for _, reason := range refusal.Errors {
				require.NotNil(t, reason.Source, name)
				assert.Regexp(t, "^/data/(attributes|relationships)/", wire.Value(reason.Source.Pointer), name)
				assert.Equal(t, op.OperationID == "popPool", reason.Code == nil, "%s %s: only a pop's refusals have no code", op.OperationID, name)
				assert.Equal(t, reason.Code == nil, reason.Links == nil, "%s %s: links come with codes", op.OperationID, name)
			}
		}
	}
	slices.Sort(ruled)
	assert.Equal(t, []string{"createKey", "createLicense", "createPolicy", "createProduct", "popPool", "updateKey"}, ruled)
}

// A refusal keeps every member that the vendor may put into it.
func TestKeygenErrorsAreReadWhole(t *testing.T) {
	t.Parallel()
	const raw = `{"errors":[{"code":"KEY_TAKEN","detail":"d","links":{"about":"https://example.com"},` +
		`"source":{"header":"Keygen-Environment","parameter":"page[size]","pointer":"/data/attributes/key"},"title":"t"},` +
		`{"title":"u"}],"meta":{"id":"77777777-7777-7777-8777-777777777777"}}`
	var refusal keygenwire.ErrorDocument
	require.NoError(t, decodeStrictly([]byte(raw), &refusal))
	again, err := wire.JSON(refusal)
	require.NoError(t, err)
	assert.Equal(t, raw, string(again))
}

// What a policy shows can be set when it is created, but for its times.
func TestKeygenPolicyIsCreatedWithWhatItShows(t *testing.T) {
	t.Parallel()
	doc := load(t, "keygen.yaml")
	shown := slices.Collect(maps.Keys(doc.Components.Schemas["PolicyAttributes"].Value.Properties))
	set := slices.Collect(maps.Keys(doc.Components.Schemas["CreatePolicyAttributes"].Value.Properties))
	assert.Len(t, shown, 46)
	assert.ElementsMatch(t, shown, append(set, "created", "updated"))
}

// Free-form values survive to the digit.
func TestKeygenMetadataIsKeptAsSent(t *testing.T) {
	t.Parallel()
	const raw = `{"metadata":{"a":[1,null],"n":9007199254740993}}`
	for _, attributes := range []any{
		new(keygenwire.PolicyAttributes), new(keygenwire.ProductAttributes), new(keygenwire.LicenseAttributes),
	} {
		require.NoError(t, decodeStrictly([]byte(raw), attributes))
		again, err := wire.JSON(attributes)
		require.NoError(t, err)
		assert.Equal(t, raw, string(again))
	}
}
