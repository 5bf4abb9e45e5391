package openapi_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/junkiewire"
	"github.com/keysmith-go/keysmith/internal/luaprotwire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// vendor is one document with what the vendor's page offers and what was
// generated from the document.
type vendor struct {
	file       string
	page       []string // "METHOD path" of every operation on the vendor's page
	operations []transport.Op
}

var vendors = map[string]vendor{
	"junkie": {
		file: "junkie.yaml",
		page: []string{
			"GET /keys",
			"POST /keys",
			"POST /keys/batch",
			"POST /keys/bulk-delete",
			"GET /keys/folders",
			"GET /keys/{keyId}",
			"PUT /keys/{keyId}",
			"DELETE /keys/{keyId}",
			"POST /keys/{keyId}/reset-hwid",
		},
		operations: junkiewire.Operations(),
	},
	"luaprot": {
		file: "luaprot.yaml",
		page: []string{
			"GET /api/v1/keys/fetch",
			"POST /api/v1/keys/bulk-delete",
			"POST /api/v2/hubs/{hubId}/keys/add",
			"POST /api/v2/hubs/{hubId}/keys/generate",
			"GET /api/v1/hubs/{hubId}/keys/info",
			"PATCH /api/v2/hubs/{hubId}/keys/update",
			"DELETE /api/v1/hubs/{hubId}/keys/delete",
			"PATCH /api/v1/hubs/{hubId}/hwid/reset",
		},
		operations: luaprotwire.Operations(),
	},
}

// eachVendor runs a test for every document.
func eachVendor(t *testing.T, test func(*testing.T, vendor, *openapi3.T)) {
	t.Parallel()
	for name, v := range vendors {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, v, load(t, v.file))
		})
	}
}

func load(t *testing.T, file string) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile(file)
	require.NoError(t, err)
	return doc
}

// operation is one operation of a document with its place.
type operation struct {
	*openapi3.Operation
	method, path string
}

// operations returns all operations by path and method, as they are generated.
func operations(doc *openapi3.T) []operation {
	var ops []operation
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		methods := doc.Paths.Value(path).Operations()
		for _, method := range slices.Sorted(maps.Keys(methods)) {
			ops = append(ops, operation{methods[method], method, path})
		}
	}
	return ops
}

// schemas returns every schema of a document with the place where it stands:
// named ones, properties, items, parameters.
func schemas(doc *openapi3.T) map[string]*openapi3.Schema {
	found := map[string]*openapi3.Schema{}
	var add func(place string, ref *openapi3.SchemaRef)
	add = func(place string, ref *openapi3.SchemaRef) {
		if ref == nil || ref.Ref != "" {
			return
		}
		found[place] = ref.Value
		for name, property := range ref.Value.Properties {
			add(place+"."+name, property)
		}
		add(place+"[]", ref.Value.Items)
		for i, member := range slices.Concat(ref.Value.OneOf, ref.Value.AnyOf, ref.Value.AllOf) {
			add(place+"("+strconv.Itoa(i)+")", member)
		}
	}
	for name, ref := range doc.Components.Schemas {
		add(name, ref)
	}
	for _, op := range operations(doc) {
		for _, param := range op.Parameters {
			add(op.OperationID+" "+param.Value.Name, param.Value.Schema)
		}
	}
	return found
}

func TestDocumentsAreValid(t *testing.T) {
	eachVendor(t, func(t *testing.T, _ vendor, doc *openapi3.T) {
		assert.Equal(t, "3.0.3", doc.OpenAPI)
		require.NoError(t, doc.Validate(context.Background(),
			openapi3.EnableExamplesValidation(), openapi3.EnableSchemaDefaultsValidation(),
			openapi3.EnableSchemaFormatValidation(), openapi3.EnableSchemaPatternValidation()))
	})
}

// A validator that no longer looked at examples would let every one pass.
func TestAWrongExampleIsNoticed(t *testing.T) {
	t.Parallel()
	doc := load(t, "junkie.yaml")
	body := doc.Paths.Value("/keys").Post.RequestBody.Value.Content["application/json"]
	body.Examples["monthly"].Value.Value = map[string]any{"provider_id": "seven"}
	require.Error(t, doc.Validate(context.Background(), openapi3.EnableExamplesValidation()))
}

func TestEveryBodyAndSuccessHasAnExample(t *testing.T) {
	eachVendor(t, func(t *testing.T, _ vendor, doc *openapi3.T) {
		for _, op := range operations(doc) {
			if op.RequestBody != nil {
				for mediaType, content := range op.RequestBody.Value.Content {
					assert.NotEmpty(t, content.Examples, "%s request %s", op.OperationID, mediaType)
				}
			}
			for status, response := range op.Responses.Map() {
				for mediaType, content := range response.Value.Content {
					assert.NotEmpty(t, content.Examples, "%s answer %s %s", op.OperationID, status, mediaType)
				}
			}
		}
	})
}

func TestEveryOperationOfThePageIsThere(t *testing.T) {
	eachVendor(t, func(t *testing.T, v vendor, doc *openapi3.T) {
		var places, ids []string
		for _, op := range operations(doc) {
			places = append(places, op.method+" "+op.path)
			ids = append(ids, op.OperationID)
		}
		assert.ElementsMatch(t, v.page, places)
		assert.Len(t, slices.Compact(slices.Sorted(slices.Values(ids))), len(ids), "operation ids are unique")
	})
}

func TestEveryOperationSaysWhetherItMayBeRepeated(t *testing.T) {
	eachVendor(t, func(t *testing.T, _ vendor, doc *openapi3.T) {
		for _, op := range operations(doc) {
			class, recovery := op.Extensions["x-retry"], op.Extensions["x-recovery"]
			assert.Contains(t, []any{"Read", "Idempotent", "Once"}, class, op.OperationID)
			if class == "Read" {
				assert.Equal(t, http.MethodGet, op.method, "%s: nothing but a GET is known to have no effect", op.OperationID)
				assert.Nil(t, recovery, "%s: a read leaves nothing to find out", op.OperationID)
				continue
			}
			text, _ := recovery.(string)
			assert.Regexp(t, `^[A-Z][^\n]*\.$`, text, "%s: x-recovery is one line of whole sentences", op.OperationID)
		}
	})
}

func TestGeneratedTableAgreesWithTheDocument(t *testing.T) {
	eachVendor(t, func(t *testing.T, v vendor, doc *openapi3.T) {
		var want []transport.Op
		for _, op := range operations(doc) {
			class := map[any]transport.Class{
				"Read": transport.Read, "Idempotent": transport.Idempotent, "Once": transport.Once,
			}[op.Extensions["x-retry"]]
			recovery, _ := op.Extensions["x-recovery"].(string)
			want = append(want, transport.Op{
				ID: op.OperationID, Method: op.method, Path: op.path,
				Class: class, Success: successes(t, op), Recovery: recovery,
			})
		}
		assert.Equal(t, want, v.operations)
	})
}

// successes reads the documented successful answers of an operation.
func successes(t *testing.T, op operation) []transport.Success {
	t.Helper()
	var found []transport.Success
	for _, status := range slices.Sorted(maps.Keys(op.Responses.Map())) {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		code, err := strconv.Atoi(status)
		require.NoError(t, err, op.OperationID)
		response := op.Responses.Value(status).Value
		emptyOK, _ := response.Extensions["x-empty-ok"].(bool)
		if len(response.Content) == 0 {
			found = append(found, transport.Success{Status: code})
		}
		for _, mediaType := range slices.Sorted(maps.Keys(response.Content)) {
			found = append(found, transport.Success{Status: code, MediaType: mediaType, EmptyOK: emptyOK})
		}
	}
	require.NotEmpty(t, found, "%s documents no success", op.OperationID)
	return found
}

// extensions are the ones that README.md explains.
var extensions = []string{
	"x-retry", "x-recovery", "x-empty-ok", "x-optional", "x-provenance",
	"x-go-type", "x-go-type-skip-optional-pointer", "x-omitempty", "x-omitzero", "x-go-embed",
}

var provenance = regexp.MustCompile(`^(documented|observed|assumed): \S.{9,}$`)

func TestExtensionsAndMarksAreKnown(t *testing.T) {
	eachVendor(t, func(t *testing.T, _ vendor, doc *openapi3.T) {
		raw, err := doc.MarshalJSON()
		require.NoError(t, err)
		var tree any
		require.NoError(t, json.Unmarshal(raw, &tree))

		marks := 0
		walk(tree, func(key string, value any) {
			if !strings.HasPrefix(key, "x-") {
				return
			}
			assert.Contains(t, extensions, key)
			if key == "x-provenance" {
				marks++
				assert.Regexp(t, provenance, value)
			}
		})
		assert.Positive(t, marks)
	})
}

// walk calls visit for every key of every object in a JSON tree, but for the
// values of examples, whose keys are the vendor's.
func walk(tree any, visit func(key string, value any)) {
	switch node := tree.(type) {
	case map[string]any:
		for key, value := range node {
			visit(key, value)
			if key != "value" {
				walk(value, visit)
			}
		}
	case []any:
		for _, value := range node {
			walk(value, visit)
		}
	}
}

// The page documents no refusal at all, so every one is marked.
func TestJunkieErrorAnswersAreMarked(t *testing.T) {
	t.Parallel()
	for _, op := range operations(load(t, "junkie.yaml")) {
		for _, status := range []string{"401", "403", "429", "500"} {
			assert.NotNil(t, op.Responses.Value(status), "%s lacks %s", op.OperationID, status)
		}
		if op.RequestBody != nil || len(op.Parameters) > 0 {
			assert.NotNil(t, op.Responses.Value("400"), "%s takes what can be malformed", op.OperationID)
		}
		if strings.Contains(op.path, "{") {
			assert.NotNil(t, op.Responses.Value("404"), "%s names one key", op.OperationID)
		}
		for status, response := range op.Responses.Map() {
			if status >= "400" {
				assert.NotNil(t, response.Value.Extensions["x-provenance"], "%s %s", op.OperationID, status)
			}
		}
	}
}

func TestIntegersAre64BitsWide(t *testing.T) {
	eachVendor(t, func(t *testing.T, _ vendor, doc *openapi3.T) {
		for place, schema := range schemas(doc) {
			if schema.Type.Is("integer") {
				assert.Equal(t, "int64", schema.Format, place)
			}
		}
	})
}

// A field that is missing from an answer must never make it unreadable.
func TestAnswersRequireNoField(t *testing.T) {
	eachVendor(t, func(t *testing.T, _ vendor, doc *openapi3.T) {
		for place, schema := range schemas(doc) {
			if !strings.Contains(strings.SplitN(place, ".", 2)[0], "Request") {
				assert.Empty(t, schema.Required, place)
			}
		}
	})
}

// Absent and null are different things to say, so a request field that may be
// null is never a pointer.
func TestNullableRequestFieldsHaveThreeStates(t *testing.T) {
	eachVendor(t, func(t *testing.T, _ vendor, doc *openapi3.T) {
		checked := 0
		for place, schema := range schemas(doc) {
			if !schema.Nullable || !strings.Contains(place, "Request.") {
				continue
			}
			checked++
			assert.Regexp(t, `^wire\.Opt\[`, schema.Extensions["x-go-type"], place)
			assert.Equal(t, true, schema.Extensions["x-go-type-skip-optional-pointer"], place)
			assert.Equal(t, true, schema.Extensions["x-omitzero"], place)
		}
		assert.Positive(t, checked)
	})
}

func TestJunkieDiscordIDPattern(t *testing.T) {
	t.Parallel()
	all := schemas(load(t, "junkie.yaml"))
	for _, place := range []string{
		"CreateKeyRequest.discord_id", "CreateKeysRequest.discord_id", "UpdateKeyRequest.discord_id",
	} {
		schema := all[place]
		require.NotNil(t, schema, place)
		for value, ok := range map[string]bool{
			strings.Repeat("1", 16):        false,
			strings.Repeat("1", 17):        true,
			strings.Repeat("9", 18):        true,
			strings.Repeat("1", 19):        true,
			strings.Repeat("1", 20):        false,
			strings.Repeat("d", 18):        false,
			`\` + strings.Repeat("d", 18):  false, // what the published pattern asks for
			"1" + strings.Repeat("a", 17):  false,
			strings.Repeat("1", 18) + "\n": false,
			" " + strings.Repeat("1", 18):  false,
			strings.Repeat("\u0661", 18):   false, // digits, but not ASCII
			"":                             false,
			strings.Repeat("1", 9) + "-" + strings.Repeat("1", 9): false,
		} {
			err := schema.VisitJSON(value)
			assert.Equal(t, ok, err == nil, "%s %q: %v", place, value, err)
		}
		assert.NoError(t, schema.VisitJSON(nil), "%s may be null", place)
		assert.Error(t, schema.VisitJSON(100000000000000001.0), "%s is no number", place)
	}
}

func TestJunkieBulkDeleteTakesNumbersAndStrings(t *testing.T) {
	t.Parallel()
	schema := load(t, "junkie.yaml").Components.Schemas["DeleteKeysRequest"].Value
	for _, keys := range [][]any{{1.0}, {"a"}, {1.0, "1"}} {
		assert.NoError(t, schema.VisitJSON(map[string]any{"keys": keys}), "%v", keys)
	}
	for _, keys := range [][]any{{}, {true}, {nil}, {1.5}, make([]any, 1001)} {
		assert.Error(t, schema.VisitJSON(map[string]any{"keys": keys}), "%v", keys)
	}
}

// The document writes the detailed key out, so that each schema stands alone;
// the two must not drift apart.
func TestJunkieDetailedKeyIsAKeyAndItsRedemption(t *testing.T) {
	t.Parallel()
	components := load(t, "junkie.yaml").Components.Schemas
	detailed := maps.Clone(components["KeyDetailed"].Value.Properties)
	require.Contains(t, detailed, "discord_redemption")
	delete(detailed, "discord_redemption")
	key, err := json.Marshal(components["Key"].Value.Properties)
	require.NoError(t, err)
	rest, err := json.Marshal(detailed)
	require.NoError(t, err)
	assert.JSONEq(t, string(key), string(rest))
}

func TestJunkieServerAndCredential(t *testing.T) {
	t.Parallel()
	doc := load(t, "junkie.yaml")
	require.Len(t, doc.Servers, 1)
	assert.Equal(t, "https://api.jnkie.com/api/v2", doc.Servers[0].URL)
	scheme := doc.Components.SecuritySchemes["bearerAuth"].Value
	assert.Equal(t, "http", scheme.Type)
	assert.Equal(t, "bearer", scheme.Scheme)
	for _, op := range operations(doc) {
		assert.Nil(t, op.Security, "%s: one rule for all operations", op.OperationID)
	}
	require.Len(t, doc.Security, 1)
	assert.Contains(t, doc.Security[0], "bearerAuth")
}

// contentExamples returns the JSON examples of one answer.
func contentExamples(response *openapi3.ResponseRef) openapi3.Examples {
	if content := response.Value.Content["application/json"]; content != nil {
		return content.Examples
	}
	return nil
}
