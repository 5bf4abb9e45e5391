package mockserver

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the files that are made from others")

// seedSchema is the schema of seeds out of the document of the control plane, as
// editors take it: JSON Schema knows no nullable, and has its schemas elsewhere.
func seedSchema(t *testing.T) []byte {
	t.Helper()
	doc, err := adminDocument()
	require.NoError(t, err)
	var schemas map[string]any
	require.NoError(t, json.Unmarshal(encode(t, doc.Components.Schemas), &schemas))
	needed := map[string]any{}
	var need func(value any) any
	need = func(value any) any {
		switch value := value.(type) {
		case []any:
			for i := range value {
				value[i] = need(value[i])
			}
		case map[string]any:
			if ref, ok := value["$ref"].(string); ok {
				name := strings.TrimPrefix(ref, "#/components/schemas/")
				if _, met := needed[name]; !met {
					needed[name] = nil
					needed[name] = need(schemas[name])
				}
				return map[string]any{"$ref": "#/$defs/" + name}
			}
			for name := range value {
				value[name] = need(value[name])
			}
			return nullable(value)
		}
		return value
	}
	schema := need(schemas["Seed"]).(map[string]any)
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "seed of the mock server"
	schema["$defs"] = needed
	var text bytes.Buffer
	require.NoError(t, json.Indent(&text, encode(t, schema), "", "  "))
	return append(text.Bytes(), '\n')
}

// nullable says in JSON Schema that null is allowed, where OpenAPI says so.
func nullable(schema map[string]any) map[string]any {
	allowed, _ := schema["nullable"].(bool)
	delete(schema, "nullable")
	delete(schema, "example")
	delete(schema, "readOnly")
	if !allowed {
		return schema
	}
	return map[string]any{"anyOf": []any{schema, map[string]any{"type": "null"}}}
}

func TestSeedSchema(t *testing.T) {
	t.Parallel()
	const file = "seed.schema.json"
	schema := seedSchema(t)
	if *update {
		require.NoError(t, os.WriteFile(file, schema, 0o644))
	}
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(schema), string(written), "%s is not up to date: run this test with -update", file)

	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource(file, document))
	compiled, err := compiler.Compile(file)
	require.NoError(t, err)
	accepts := func(seed string) error {
		instance, err := jsonschema.UnmarshalJSON(strings.NewReader(seed))
		require.NoError(t, err)
		return compiled.Validate(instance)
	}
	require.NoError(t, accepts(string(DemoSeed())))
	require.NoError(t, accepts(`{}`))
	for _, wrong := range []string{
		`{"junky":{}}`,
		`{"junkie":{"key":[]}}`,
		`{"junkie":{"keys":{}}}`,
		`{"junkie":{"keys":[{"valu":"x"}]}}`,
		`{"junkie":{"keys":[{"value":7}]}}`,
		`{"keycrate":{"settings":{"durationStart":"never"}}}`,
		`{"keygen":{"policies":[{"usePool":"yes"}]}}`,
		`{"luaprot":{"hubs":[{"name":null}]}}`,
	} {
		require.Error(t, accepts(wrong), wrong)
		require.Error(t, New().SeedJSON([]byte(wrong)), wrong)
	}
}

// A seed can have whatever the control plane makes.
func TestTheSeedSchemaHasEveryCollection(t *testing.T) {
	t.Parallel()
	doc, err := adminDocument()
	require.NoError(t, err)
	vendors := doc.Components.Schemas["Seed"].Value.Properties
	s := New()
	assert.Len(t, vendors, len(s.vendors))
	for _, v := range s.vendors {
		var names []string
		if v.control().Settings.Show != nil {
			names = append(names, settingsName)
		}
		for _, c := range v.control().Collections {
			if c.Create != nil {
				names = append(names, c.Name)
			}
		}
		var described []string
		for name := range vendors[v.name].Value.Properties {
			described = append(described, name)
		}
		assert.ElementsMatch(t, names, described, v.name)
	}
}
