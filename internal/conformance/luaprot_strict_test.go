package conformance

import (
	"strings"
	"testing"
)

// What only LuaProt's document has to say no to, and what every document does.
func TestTheContractForgivesNothingOfLuaProt(t *testing.T) {
	t.Parallel()
	assertForgivesNothing(t, "luaprot", []spoiling{
		{"a field is missing", "getKeyInfo 200", inAnswer(`"created":1767225600,"discordData"`, `"discordData"`), `property "created" is missing`},
		{"a field of a list is missing", "fetchKeys 200", inAnswer(`"blacklistReason":null,`, ``), `property "blacklistReason" is missing`},
		{"a field too many", "getKeyInfo 200", inAnswer(`"activated":true`, `"activated":true,"id":1`), `property "id" is unsupported`},
		{"an id as a number", "getKeyInfo 200", inAnswer(`"hubId":"90000000000000000001"`, `"hubId":90000000000000000001`), "value must be a string"},
		{"a time as a text", "addKey 200", inAnswer(`"created":1767225600`, `"created":"2026-01-01T00:00:00Z"`), "value must be an integer"},
		{"null where there is none", "addKey 200", inAnswer(`"blacklisted":false`, `"blacklisted":null`), "not nullable"},
		{"keys in place of texts", "generateKeys 200", inAnswer(`"0123456789abcdef00000011"`, `{"key":"a"}`), "value must be a string"},
		{"another spelling", "resetHWID 200", inAnswer(`"succcess"`, `"succes"`), `property "succes" is unsupported`},
		{"an answer without its flag", "deleteKey 200", inAnswer(`,"success":true`, ``), `property "success" is missing`},
		{"an answer cut off", "deleteKeys 200", inAnswer(`}`, ``), "failed to decode"},
		{"another media type", "fetchKeys 200", func(x *exchange) { x.resp.Header.Set("Content-Type", "text/html") }, "text/html"},
		{"a creation that is told apart", "addKey 200", func(x *exchange) { x.resp.StatusCode = 201 }, "status is not supported"},
		{"an undocumented refusal", "fetchKeys 401", func(x *exchange) { x.resp.StatusCode = 404 }, "status is not supported"},
		{"a refusal without a text", "updateKey 404", inAnswer(`"message"`, `"error"`), `property "message" is missing`},
		{"a refusal with a code", "updateKey 404", inAnswer(`{"`, `{"code":1,"`), `property "code" is unsupported`},

		{"an unknown field", "addKey 200", inRequest(`{`, `{"hwid":"pc"`), `property "hwid" is unsupported`},
		{"a required field left out", "generateKeys 200", inRequest(`"amount":5,`, ``), `property "amount" is missing`},
		{"a bound broken", "generateKeys 200", inRequest(`"amount":5`, `"amount":301`), "300"},
		{"less than an hour", "addKey 200", inRequest(`{`, `{"expire":3599`), "3600"},
		{"an object around the list", "deleteKeys 200", func(x *exchange) { x.sent = []byte(`{"keys":["a"]}`) }, "value must be an array"},
		{"an empty list", "deleteKeys 200", func(x *exchange) { x.sent = []byte(`[]`) }, "minimum number of items"},
		{"a number in the list", "deleteKeys 200", func(x *exchange) { x.sent = []byte(`["a",1]`) }, "value must be a string"},
		{"null for a flag", "updateKey 200", inRequest(`"blacklisted":true`, `"blacklisted":null`), "not nullable"},
		{"a body where none is read", "resetHWID 200", func(x *exchange) { x.sent = []byte("{}"); x.req.ContentLength = 2 }, "body"},
		{"a body left out", "updateKey 200", func(x *exchange) { x.sent = nil }, "value is required"},
		{"an unknown parameter", "fetchKeys 200", query("hubId=1"), "no query parameter hubId"},
		{"a parameter sent twice", "getKeyInfo 200", query("key=a&key=b"), "sent 2 times"},
		{"a flag that is none", "fetchKeys 200", query("active=yes"), "active"},
		{"an empty lookup", "getKeyInfo 200", query("key="), "key"},
		{"a page before the first", "fetchKeys 200", query("page=0"), "page"},
		{"no credentials", "fetchKeys 200", func(x *exchange) { x.req.Header.Del("Authorization") }, "bare API key"},
		{"a word before the API key", "fetchKeys 200", func(x *exchange) { x.req.Header.Set("Authorization", "Bearer key") }, "bare API key"},
		{"the other version", "addKey 200", func(x *exchange) { x.req.URL.Path = strings.Replace(x.req.URL.Path, "v2", "v1", 1) }, "no such operation"},
		{"another method", "updateKey 200", func(x *exchange) { x.req.Method = "PUT" }, "no such operation"},
	})
}
