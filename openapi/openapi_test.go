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

	"github.com/keysmith-go/keysmith/internal/transport"
)

// vendor is one document, what is known of the vendor apart from it, and what
// was generated from it.
type vendor struct {
	file       string
	server     string
	mediaType  string                  // of every body and answer
	credential openapi3.SecurityScheme // but for its description
	page       map[string]string       // "METHOD path" of every operation on the vendor's page: "operationId class"
	refusals   map[string]string       // "operationId status": the message, for each refusal on that page
	discordIDs map[string]int          // the most digits of one, by request field
	nulls      bool                    // whether null says something in a request
	posts      bool                    // every operation is a POST, reads included
	open       []string                // operations that take no credential

	operations []transport.Op
	requests   map[string]request
	addressed  map[string]func(pathValues ...string) (transport.Request, error) // by operation
	bodies     map[string]func(raw []byte) (transport.Request, error)           // by operation
	answers    map[string]func(raw []byte) error                                // by operation
	refusal    func(raw []byte) error
}

var vendors = map[string]vendor{"junkie": junkie, "luaprot": luaprot, "keycrate": keycrate, "keygen": keygen}

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

// component returns the named schema that a place belongs to.
func component(place string) string {
	if end := strings.IndexAny(place, ".[("); end >= 0 {
		return place[:end]
	}
	return place
}

// requestSchemas returns the names of the schemas that request bodies are made of.
func requestSchemas(doc *openapi3.T) map[string]bool {
	found := map[string]bool{}
	var add func(ref *openapi3.SchemaRef)
	add = func(ref *openapi3.SchemaRef) {
		name := strings.TrimPrefix(ref.Ref, "#/components/schemas/")
		if ref.Ref != "" {
			if found[name] {
				return
			}
			found[name] = true
		}
		for _, property := range ref.Value.Properties {
			add(property)
		}
		if ref.Value.Items != nil {
			add(ref.Value.Items)
		}
	}
	for _, op := range operations(doc) {
		if op.RequestBody != nil {
			add(only(op.RequestBody.Value.Content).Schema)
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

func TestBodiesAndAnswersHaveOneMediaType(t *testing.T) {
	eachVendor(t, func(t *testing.T, v vendor, doc *openapi3.T) {
		for _, op := range operations(doc) {
			contents := map[string]openapi3.Content{}
			if op.RequestBody != nil {
				contents["request"] = op.RequestBody.Value.Content
			}
			for status, response := range op.Responses.Map() {
				if len(response.Value.Content) > 0 {
					contents[status] = response.Value.Content
				}
			}
			for place, content := range contents {
				assert.Equal(t, []string{v.mediaType}, slices.Collect(maps.Keys(content)), "%s %s", op.OperationID, place)
			}
		}
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

// A reader of the document takes its examples for whole answers.
func TestAnswersInExamplesAreWhole(t *testing.T) {
	eachVendor(t, func(t *testing.T, _ vendor, doc *openapi3.T) {
		for _, op := range operations(doc) {
			for status, response := range op.Responses.Map() {
				for name, example := range contentExamples(response) {
					schema := only(response.Value.Content).Schema.Value
					assertWhole(t, op.OperationID+" "+status+" "+name, schema, example.Value.Value)
				}
			}
		}
	})
}

// assertWhole checks that the objects of an answer have every property that is
// not optional, and no other.
func assertWhole(t *testing.T, place string, schema *openapi3.Schema, answer any) {
	t.Helper()
	switch node := answer.(type) {
	case []any:
		for _, item := range node {
			assertWhole(t, place+"[]", schema.Items.Value, item)
		}
	case map[string]any:
		if len(schema.Properties) == 0 {
			return // free-form
		}
		for name, property := range schema.Properties {
			value, there := node[name]
			optional, _ := property.Value.Extensions["x-optional"].(bool)
			assert.True(t, there || optional, "%s lacks %s", place, name)
			assertWhole(t, place+"."+name, property.Value, value)
		}
		for name := range node {
			assert.Contains(t, schema.Properties, name, place)
		}
	}
}

func TestEveryOperationOfThePageIsThere(t *testing.T) {
	eachVendor(t, func(t *testing.T, v vendor, doc *openapi3.T) {
		there, ids := map[string]string{}, map[string]bool{}
		for _, op := range operations(doc) {
			class, _ := op.Extensions["x-retry"].(string)
			there[op.method+" "+op.path] = op.OperationID + " " + class
			ids[op.OperationID] = true
		}
		assert.Equal(t, v.page, there)
		assert.Len(t, ids, len(there), "operation ids are unique")
	})
}

func TestEveryOperationSaysWhetherItMayBeRepeated(t *testing.T) {
	eachVendor(t, func(t *testing.T, v vendor, doc *openapi3.T) {
		for _, op := range operations(doc) {
			class, recovery := op.Extensions["x-retry"], op.Extensions["x-recovery"]
			assert.Contains(t, []any{"Read", "Idempotent", "Once"}, class, op.OperationID)
			if class == "Read" {
				if !v.posts {
					assert.Equal(t, http.MethodGet, op.method, "%s: nothing but a GET is known to have no effect", op.OperationID)
				}
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
	"x-go-type", "x-go-type-skip-optional-pointer", "x-omitempty", "x-omitzero", "x-go-embed", "x-go-values", "x-go-unread",
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

func TestEveryOperationSaysHowItIsRefused(t *testing.T) {
	eachVendor(t, func(t *testing.T, v vendor, doc *openapi3.T) {
		for _, op := range operations(doc) {
			for _, status := range []string{"403", "429", "500"} {
				assert.NotNil(t, op.Responses.Value(status), "%s lacks %s", op.OperationID, status)
			}
			if !slices.Contains(v.open, op.OperationID) {
				assert.NotNil(t, op.Responses.Value("401"), "%s lacks 401", op.OperationID)
			}
			if op.RequestBody != nil || len(op.Parameters) > 0 {
				assert.NotNil(t, op.Responses.Value("400"), "%s takes what can be malformed", op.OperationID)
			}
			if strings.Contains(op.path, "{") {
				assert.NotNil(t, op.Responses.Value("404"), "%s names what may not exist", op.OperationID)
			}
		}
	})
}

// The refusals on the vendor's page are in the document, and all others marked.
func TestRefusalsOfThePageAreThere(t *testing.T) {
	eachVendor(t, func(t *testing.T, v vendor, doc *openapi3.T) {
		unmarked := map[string]string{}
		for _, op := range operations(doc) {
			for status, response := range op.Responses.Map() {
				if status < "400" || response.Value.Extensions["x-provenance"] != nil {
					continue
				}
				for _, example := range contentExamples(response) {
					if example.Value.Extensions["x-provenance"] == nil {
						body, _ := example.Value.Value.(map[string]any)
						place := op.OperationID + " " + status
						assert.NotContains(t, unmarked, place, "two refusals of the page in one place")
						unmarked[place], _ = body["message"].(string)
					}
				}
			}
		}
		assert.Equal(t, v.refusals, unmarked)
	})
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
		requests := requestSchemas(doc)
		for place, schema := range schemas(doc) {
			if !requests[component(place)] {
				assert.Empty(t, schema.Required, place)
			}
		}
	})
}

// Absent and null are different things to say, so a request field that may be
// null is never a pointer.
func TestNullableRequestFieldsHaveThreeStates(t *testing.T) {
	eachVendor(t, func(t *testing.T, v vendor, doc *openapi3.T) {
		checked := 0
		requests := requestSchemas(doc)
		for place, schema := range schemas(doc) {
			if !schema.Nullable || !requests[component(place)] {
				continue
			}
			checked++
			assert.Regexp(t, `^wire\.Opt\[`, schema.Extensions["x-go-type"], place)
			assert.Equal(t, true, schema.Extensions["x-go-type-skip-optional-pointer"], place)
			assert.Equal(t, true, schema.Extensions["x-omitzero"], place)
		}
		assert.Equal(t, v.nulls, checked > 0)
	})
}

// A Discord id has at least 17 digits.
func TestDiscordIDPatterns(t *testing.T) {
	eachVendor(t, func(t *testing.T, v vendor, doc *openapi3.T) {
		var patterned []string
		for place, schema := range schemas(doc) {
			if schema.Pattern == "" {
				continue
			}
			patterned = append(patterned, place)
			most := v.discordIDs[place]
			for value, ok := range map[string]bool{
				strings.Repeat("1", 16):        false,
				strings.Repeat("1", 17):        true,
				strings.Repeat("9", 18):        true,
				strings.Repeat("1", most):      true,
				strings.Repeat("1", most+1):    false,
				strings.Repeat("d", 18):        false,
				`\` + strings.Repeat("d", 18):  false, // what Junkie's published pattern asks for
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
			assert.Equal(t, schema.Nullable, schema.VisitJSON(nil) == nil, "%s and null", place)
			assert.Error(t, schema.VisitJSON(100000000000000001.0), "%s is no number", place)
		}
		assert.ElementsMatch(t, slices.Collect(maps.Keys(v.discordIDs)), patterned, "no other text has a pattern")
	})
}

func TestServerAndCredential(t *testing.T) {
	eachVendor(t, func(t *testing.T, v vendor, doc *openapi3.T) {
		require.Len(t, doc.Servers, 1)
		assert.Equal(t, v.server, doc.Servers[0].URL)
		require.Len(t, doc.Components.SecuritySchemes, 1)
		for name, ref := range doc.Components.SecuritySchemes {
			scheme := *ref.Value
			scheme.Description, scheme.Extensions = "", nil
			assert.Equal(t, v.credential, scheme)
			require.Len(t, doc.Security, 1)
			assert.Contains(t, doc.Security[0], name)
		}
		for _, op := range operations(doc) {
			if slices.Contains(v.open, op.OperationID) {
				require.NotNil(t, op.Security, op.OperationID)
				assert.Empty(t, *op.Security, "%s takes no credential", op.OperationID)
			} else {
				assert.Nil(t, op.Security, "%s: one rule for all operations", op.OperationID)
			}
		}
	})
}

// contentExamples returns the examples of one answer.
func contentExamples(response *openapi3.ResponseRef) openapi3.Examples {
	if content := only(response.Value.Content); content != nil {
		return content.Examples
	}
	return nil
}

// only returns the one content that a body or an answer has, if it has any.
func only(content openapi3.Content) *openapi3.MediaType {
	for _, mediaType := range content {
		return mediaType
	}
	return nil
}
