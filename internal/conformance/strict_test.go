package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// samples returns an exchange for every answer that a document has an example
// of, by operation and status, with the operation's first example as request.
func samples(t *testing.T, doc *openapi3.T) map[string]exchange {
	t.Helper()
	found := map[string]exchange{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			for status, response := range op.Responses.Map() {
				x := newExchange(doc, method, fill(path), status)
				if op.Security != nil && len(*op.Security) == 0 {
					name, _ := credential(doc)
					x.req.Header.Del(name)
				}
				if op.RequestBody != nil {
					x.sent = example(t, op.RequestBody.Value.Content[mediaOf(doc)])
					x.req.Header.Set("Content-Type", mediaOf(doc))
				}
				if len(response.Value.Content) > 0 {
					x.got = example(t, response.Value.Content[mediaOf(doc)])
					x.resp.Header.Set("Content-Type", mediaOf(doc))
				}
				found[op.OperationID+" "+status] = x
			}
		}
	}
	return found
}

// parameters are the values that stand in the paths of the samples.
var parameters = [][2]string{
	{"{account}/keys/{keyId}", "example/keys/" + sampleID},
	{"pool/{keyId}", "pool/" + sampleID},
	{"{account}", "example"},
	{"{policyId}", "33333333-3333-4333-8333-333333333333"},
	{"{productId}", "22222222-2222-4222-8222-222222222222"},
	{"{licenseId}", "55555555-5555-4555-8555-555555555555"},
	{"{keyId}", "1001"},
	{"{hubId}", "90000000000000000001"},
}

const sampleID = "44444444-4444-4444-8444-444444444444"

func fill(path string) string {
	for _, p := range parameters {
		path = strings.ReplaceAll(path, p[0], p[1])
	}
	return path
}

// unfill returns the path of the document that a sample's path comes from.
func unfill(path string) string {
	for _, p := range parameters {
		path = strings.ReplaceAll(path, p[1], p[0])
	}
	return path
}

func newExchange(doc *openapi3.T, method, path, status string) exchange {
	req, _ := http.NewRequest(method, "https://vendor.test"+doc.Servers[0].URL+path, nil)
	req.Header.Set(credential(doc))
	code, _ := strconv.Atoi(status)
	return exchange{req: req, resp: &http.Response{StatusCode: code, Header: http.Header{}}}
}

func credential(doc *openapi3.T) (header, value string) {
	for _, scheme := range doc.Components.SecuritySchemes {
		if scheme.Value.Scheme == "bearer" {
			return "Authorization", "Bearer key"
		}
		header = scheme.Value.Name
	}
	return header, "key"
}

func example(t *testing.T, content *openapi3.MediaType) []byte {
	t.Helper()
	examples := content.Examples
	require.NotEmpty(t, examples)
	text, err := json.Marshal(examples[slices.Min(slices.Collect(maps.Keys(examples)))].Value.Value)
	require.NoError(t, err)
	return text
}

func TestTheDocumentsOwnExamplesKeepTheContract(t *testing.T) {
	t.Parallel()
	for _, vendor := range []string{"junkie", "luaprot", "keygen", "keycrate"} {
		contract := loadContract(t, vendor)
		all := samples(t, contract.doc)
		assert.Greater(t, len(all), 50, "a success and four refusals of each operation, and more")
		for name, x := range all {
			assert.NoError(t, contract.check(x, true), "%s %s", vendor, name)
		}
	}
}

// spoiling is one way to spoil an exchange, and what the contract must say.
type spoiling struct {
	what, sample string
	spoil        func(*exchange)
	complaint    string
}

// A contract that lets everything pass would prove nothing.
func TestTheContractForgivesNothing(t *testing.T) {
	t.Parallel()
	assertForgivesNothing(t, "junkie", []spoiling{
		{"a field is missing", "getKey 200", inAnswer(`"used_at":null,`, ``), `property "used_at" is missing`},
		{"a field of a list is missing", "listKeys 200", inAnswer(`"bound_by":"api",`, ``), `property "bound_by" is missing`},
		{"a field too many", "getKey 200", inAnswer(`"used_at":null`, `"used_at":null,"note":null`), `property "note" is unsupported`},
		{"a field of a list too many", "createKey 201", inAnswer(`"bound_by":"api"`, `"bound_by":"api","x":1`), `property "x" is unsupported`},
		{"another type", "getKey 200", inAnswer(`"id":1001`, `"id":"1001"`), "value must be an integer"},
		{"null where there is none", "getKey 200", inAnswer(`"keys_hwid":["EXAMPLE-DEVICE-1"]`, `"keys_hwid":null`), "not nullable"},
		{"no time", "getKey 200", inAnswer(`"2026-01-31T00:00:00.000Z"`, `"31.1.2026"`), "date-time"},
		{"a fraction", "deleteKeys 200", inAnswer(`"deleted":2`, `"deleted":2.5`), "integer"},
		{"out of range", "listKeys 200", inAnswer(`"limit":50`, `"limit":101`), "100"},
		{"an answer cut off", "listFolders 200", inAnswer(`}`, ``), "failed to decode"},
		{"another media type", "listFolders 200", func(x *exchange) { x.resp.Header.Set("Content-Type", "text/html") }, "text/html"},
		{"content where there is none", "deleteKey 200", func(x *exchange) { x.got = []byte("{}") }, "no content"},
		{"a media type without content", "deleteKey 200", func(x *exchange) { x.resp.Header.Set("Content-Type", "text/plain") }, "no content"},
		{"another status", "createKey 201", func(x *exchange) { x.resp.StatusCode = 200 }, "status is not supported"},
		{"an undocumented refusal", "listFolders 401", func(x *exchange) { x.resp.StatusCode = 409 }, "status is not supported"},
		{"a refusal without a text", "getKey 404", inAnswer(`"error":"Key not found"`, ``), `property "error" is missing`},
		{"a refusal in another form", "getKey 404", inAnswer(`{"error":`, `{"code":1,"error":`), `property "code" is unsupported`},
		{"a wait that is no number", "getKey 429", func(x *exchange) { x.resp.Header.Set("Retry-After", "soon") }, "Retry-After"},

		{"an unknown field", "createKey 201", inRequest(`"folder_id":5`, `"folder_id":5,"note":"n"`), `property "note" is unsupported`},
		{"a required field left out", "createKeys 201", inRequest(`"amount":3,`, ``), `property "amount" is missing`},
		{"a bound broken", "createKeys 201", inRequest(`"amount":3`, `"amount":101`), "100"},
		{"a pattern broken", "createKey 201", inRequest(`"100000000000000001"`, `"1"`), "regular expression"},
		{"null for a flag", "createKey 201", inRequest(`"folder_id":5`, `"is_premium":null`), "not nullable"},
		{"too many items", "deleteKeys 200", inRequest(`1002,`, strings.Repeat(`1002,`, 1000)), "maximum number of items"},
		{"a body where none is read", "deleteKey 200", func(x *exchange) { x.sent = []byte("{}"); x.req.ContentLength = 2 }, "body"},
		{"a body left out", "updateKey 200", func(x *exchange) { x.sent = nil }, "value is required"},
		{"a body of another type", "updateKey 200", func(x *exchange) { x.req.Header.Set("Content-Type", "text/plain") }, "text/plain"},
		{"an unknown parameter", "listKeys 200", query("serviceId=1"), "no query parameter serviceId"},
		{"a parameter sent twice", "listKeys 200", query("page=1&page=2"), "sent 2 times"},
		{"a parameter of another type", "listKeys 200", query("page=x"), "page"},
		{"a parameter out of range", "listKeys 200", query("limit=101"), "limit"},
		{"an unknown word", "listKeys 200", query("status=gone"), "status"},
		{"no credentials", "getKey 200", func(x *exchange) { x.req.Header.Del("Authorization") }, "bearer"},
		{"an unknown operation", "getKey 200", func(x *exchange) { x.req.Method = "PATCH" }, "no such operation"},
		{"a word that is no key", "getKey 200", func(x *exchange) { x.req.URL.Path = "/api/v2/keys/batch" }, "no such operation"},
	})
}

func assertForgivesNothing(t *testing.T, vendor string, spoilings []spoiling) {
	t.Helper()
	contract := loadContract(t, vendor)
	for _, c := range spoilings {
		x, found := samples(t, contract.doc)[c.sample]
		require.True(t, found, c.sample)
		before := fmt.Sprint(x.sent, x.got, x.resp, x.req.Method, x.req.URL, x.req.Header)
		c.spoil(&x)
		require.NotEqual(t, before, fmt.Sprint(x.sent, x.got, x.resp, x.req.Method, x.req.URL, x.req.Header), "%s: nothing was spoiled", c.what)
		assert.ErrorContains(t, contract.check(x, true), c.complaint, c.what)
	}
}

// What no client sends is answered like any refusal.
func TestTheContractBeyondTheDocument(t *testing.T) {
	t.Parallel()
	contract := loadContract(t, "junkie")
	answered := func(status, media, body string) error {
		x := newExchange(contract.doc, "PATCH", "/keys/1", status)
		x.resp.Header.Set("Content-Type", media)
		x.got = []byte(body)
		return contract.check(x, false)
	}
	require.NoError(t, answered("405", "application/json", `{"error": "no"}`))
	assert.ErrorContains(t, answered("200", "application/json", `{"error": "no"}`), "status 200")
	assert.ErrorContains(t, answered("405", "text/plain", `{"error": "no"}`), "text/plain")
	assert.ErrorContains(t, answered("405", "application/json", `{}`), "error")
	assert.Error(t, answered("405", "application/json", `no`))
}

func inAnswer(old, replacement string) func(*exchange) {
	return func(x *exchange) { x.got = bytes.Replace(x.got, []byte(old), []byte(replacement), 1) }
}

func inRequest(old, replacement string) func(*exchange) {
	return func(x *exchange) { x.sent = bytes.Replace(x.sent, []byte(old), []byte(replacement), 1) }
}

func query(text string) func(*exchange) {
	return func(x *exchange) { x.req.URL.RawQuery = text }
}
