package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reader makes the call of an operation, and returns what a caller gets to see.
type reader func(t *testing.T, op string, http *http.Client) (any, error)

// assertReadsEveryField reads a document's examples with the client, and changes
// them one value at a time: whatever the vendor says otherwise must look
// otherwise to the caller, save for the fields that are unread for a reason.
func assertReadsEveryField(t *testing.T, vendor string, unread map[string]string, read reader) {
	t.Helper()
	contract := loadContract(t, vendor)
	for name, x := range samples(t, contract.doc) {
		op, status, _ := strings.Cut(name, " ")
		if status >= "300" || len(x.got) == 0 {
			continue
		}
		t.Run(op, func(t *testing.T) {
			shown := func(body []byte) string {
				result, err := read(t, op, &http.Client{Transport: canned{x.resp.StatusCode, contract.media, body}})
				text, marshalErr := json.Marshal(result)
				require.NoError(t, marshalErr)
				return fmt.Sprintf("%s %v", text, err)
			}
			plain, checked := shown(x.got), 0
			for _, v := range variants(t, answerSchema(contract.doc, x), x.got) {
				checked++
				unseen := shown(v.body) == plain
				assert.Equal(t, unread[op+" "+v.path] != "", unseen, "%s in %s", v.path, v.body)
			}
			assert.Positive(t, checked)
		})
	}
}

// canned answers every request in one way.
type canned struct {
	status int
	media  string
	body   []byte
}

func (c canned) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: c.status,
		Header:     http.Header{"Content-Type": {c.media}},
		Body:       io.NopCloser(bytes.NewReader(c.body)),
		Request:    req,
	}, nil
}

func answerSchema(doc *openapi3.T, x exchange) *openapi3.Schema {
	path := unfill(strings.TrimPrefix(x.req.URL.Path, doc.Servers[0].URL))
	return doc.Paths.Value(path).GetOperation(x.req.Method).Responses.Status(x.resp.StatusCode).
		Value.Content[mediaOf(doc)].Schema.Value
}

// variant is an answer in which one value is another, still as its schema
// wants it.
type variant struct {
	path string
	body []byte
}

func variants(t *testing.T, schema *openapi3.Schema, body []byte) []variant {
	t.Helper()
	var root any
	require.NoError(t, json.Unmarshal(body, &root))
	var found []variant
	var visit func(path string, schema *openapi3.Schema, node any, set func(any))
	visit = func(path string, schema *openapi3.Schema, node any, set func(any)) {
		switch node := node.(type) {
		case map[string]any:
			for name, value := range node {
				var property *openapi3.Schema
				if ref := schema.Properties[name]; ref != nil {
					property = ref.Value
				}
				visit(strings.TrimPrefix(path+"."+name, "."), property, value, func(v any) { node[name] = v })
			}
			return
		case []any:
			for i, item := range node {
				visit(path+"[]", schema.Items.Value, item, func(v any) { node[i] = v })
			}
			if len(node) > 0 {
				return
			}
		}
		set(other(schema, node))
		changed, err := json.Marshal(root)
		require.NoError(t, err)
		set(node)
		found = append(found, variant{path, changed})
	}
	visit("", schema, root, func(any) {})
	slices.SortFunc(found, func(a, b variant) int { return strings.Compare(a.path, b.path) })
	return found
}

// other is a value of the same kind; what a free-form value is, tells itself.
func other(schema *openapi3.Schema, value any) any {
	switch value := value.(type) {
	case bool:
		return !value
	case float64:
		return value + 1
	case string:
		if schema != nil && schema.Format == "date-time" {
			return "2031-02-03T04:05:06.789Z"
		}
		return value + "x"
	case []any: // empty
		return []any{other(schema.Items.Value, nil)}
	}
	switch {
	case schema == nil:
		return "x"
	case schema.Format == "date-time":
		return "2031-02-03T04:05:06.789Z"
	case schema.Type.Is("integer"):
		return 4242
	default:
		return "x"
	}
}
