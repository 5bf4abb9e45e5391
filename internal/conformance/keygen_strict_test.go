package conformance

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What only Keygen's document has to say no to, and what every document does.
func TestTheContractForgivesNothingOfKeygen(t *testing.T) {
	t.Parallel()
	media := func(text string) func(*exchange) {
		return func(x *exchange) { x.resp.Header.Set("Content-Type", text) }
	}
	assertForgivesNothing(t, "keygen", []spoiling{
		{"an attribute is missing", "getKey 200", inAnswer(`"created":"2026-01-01T00:00:00.000Z",`, ``), `property "created" is missing`},
		{"an attribute too many", "getKey 200", inAnswer(`"attributes":{`, `"attributes":{"name":null,`), `property "name" is unsupported`},
		{"an attribute of a list is missing", "listKeys 200", inAnswer(`,"updated":"2026-01-01T00:00:00.000Z"`, ``), `property "updated" is missing`},
		{"a relationship is missing", "createLicense 201", inAnswer(`"relationships":{"account":`, `"relationships":{"acount":`), `property "acount" is unsupported`},
		{"a relationship without its link", "getPolicy 200", inAnswer(`"pool":{"links":`, `"pool":{"link":`), `property "link" is unsupported`},
		{"a member of the document too many", "getProduct 200", inAnswer(`{"data"`, `{"included":[],"data"`), `property "included" is unsupported`},
		{"a resource without a link to itself", "popPool 200", inAnswer(`"links":{"self":"/v1/accounts/11111111-1111-4111-8111-111111111111/keys/44444444-4444-4444-8444-444444444444"},`, ``),
			`property "links" is missing`},
		{"an id that is none", "getKey 200", inAnswer(`"id":"44444444-4444-4444-8444-444444444444"`, `"id":"AAAAAA-BBBBBB"`), "uuid"},
		{"an id in capitals", "getKey 200", inAnswer(`"id":"44444444-`, `"id":"4444444A-`), "uuid"},
		{"another type", "getKey 200", inAnswer(`"type":"keys"`, `"type":"key"`), "keys"},
		{"a time without zone", "getKey 200", inAnswer(`"2026-01-01T00:00:00.000Z"`, `"2026-01-01T00:00:00.000"`), "date-time"},
		{"null where there is none", "getPolicy 200", inAnswer(`"strict":false`, `"strict":null`), "not nullable"},
		{"a number as a text", "getPolicy 200", inAnswer(`"duration":1209600`, `"duration":"1209600"`), "integer"},
		{"an answer cut off", "listPool 200", inAnswer(`}`, ``), "failed to decode"},
		{"another media type", "listKeys 200", media("text/html"), "text/html"},
		{"JSON for who wanted JSON:API", "listKeys 200", media("application/json; charset=utf-8"), "application/json"},
		{"content where there is none", "deleteKey 204", func(x *exchange) { x.got = []byte("{}") }, "no content"},
		{"a creation that is not told apart", "createKey 201", func(x *exchange) { x.resp.StatusCode = 200 }, "status is not supported"},
		{"a token that is created", "createProductToken 200", func(x *exchange) { x.resp.StatusCode = 201 }, "status is not supported"},
		{"an undocumented refusal", "listKeys 401", func(x *exchange) { x.resp.StatusCode = 405 }, "status is not supported"},
		{"a refusal without a title", "getKey 404", inAnswer(`"title":`, `"heading":`), `property "heading" is unsupported`},
		{"a refusal with data", "getKey 404", inAnswer(`{"errors"`, `{"data":null,"errors"`), `property "data" is unsupported`},
		{"a request without an id", "getKey 404", inAnswer(`"meta":{"id":`, `"meta":{"request":`), `property "request" is unsupported`},

		{"an id on a key", "createKey 201", inRequest(`"type":"keys"`, `"type":"keys","id":"`+sampleID+`"`), `property "id" is unsupported`},
		{"meta", "createKey 201", inRequest(`{"data"`, `{"meta":{},"data"`), `property "meta" is unsupported`},
		{"links of a relationship", "createKey 201", inRequest(`"policy":{`, `"policy":{"links":{},`), `property "links" is unsupported`},
		{"the policy of a key that is changed", "updateKey 200", inRequest(`"type":"keys"`, `"type":"keys","relationships":{}`), `property "relationships" is unsupported`},
		{"no attributes", "updateKey 200", inRequest(`"attributes":{},`, ``), `property "attributes" is missing`},
		{"a policy that is no id", "createKey 201", inRequest(`"id":"33333333-3333-4333-8333-333333333333"`, `"id":"Pool"`), "uuid"},
		{"a body where none is read", "popPool 200", func(x *exchange) { x.sent = []byte("{}"); x.req.ContentLength = 2 }, "body"},
		{"a body left out", "createKey 201", func(x *exchange) { x.sent = nil }, "value is required"},
		{"a body of another type", "createKey 201", func(x *exchange) { x.req.Header.Set("Content-Type", "application/json") }, "application/json"},
		{"an unknown parameter", "listKeys 200", query("list=15"), "no query parameter list"},
		{"a filter of a pool", "listPool 200", query("policy=" + sampleID), "no query parameter policy"},
		{"a parameter sent twice", "listKeys 200", query("limit=1&limit=2"), "sent 2 times"},
		{"a limit out of bounds", "listKeys 200", query("limit=101"), "limit"},
		{"a page past the last", "listPolicies 200", query("page%5Bnumber%5D=101"), "page[number]"},
		{"an unknown order", "listLicenses 200", query("order=up"), "order"},
		{"no credentials", "getKey 200", func(x *exchange) { x.req.Header.Del("Authorization") }, "bearer"},
		{"an unknown scheme", "getKey 200", func(x *exchange) { x.req.Header.Set("Authorization", "bearer x") }, "bearer"},
		{"another method", "updateKey 200", func(x *exchange) { x.req.Method = "PUT" }, "no such operation"},
		{"a slash too many", "listKeys 200", func(x *exchange) { x.req.URL.Path += "/" }, "no such operation"},
		{"no account", "listKeys 200", func(x *exchange) { x.req.URL.Path = "/v1/keys" }, "no such operation"},
	})
}

// A request that no client sends may take other forms; the answers are held to
// the document all the same.
func TestTheContractOfKeygensOtherForms(t *testing.T) {
	t.Parallel()
	contract := loadContract(t, "keygen")
	for _, form := range []func(*exchange){
		func(x *exchange) { x.req.URL.Path += "/" },
		func(x *exchange) { x.req.URL.Path += ".json" },
		func(x *exchange) { x.req.URL.Path = "/v1/keys/" + sampleID },
		func(x *exchange) { x.resp.Header.Set("Content-Type", "application/json; charset=utf-8") },
	} {
		x := samples(t, contract.doc)["getKey 200"]
		form(&x)
		require.NoError(t, contract.check(x, false))
		inAnswer(`"type":"keys"`, `"type":"key"`)(&x)
		assert.ErrorContains(t, contract.check(x, false), "keys")
	}
	x := samples(t, contract.doc)["getKey 200"]
	x.req.Method = http.MethodHead
	assert.ErrorContains(t, contract.check(x, false), "HEAD")
	x.got = nil
	assert.NoError(t, contract.check(x, false))
}
