package mockserver

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An object is referred to by its id in any spelling, or by what it is called.
func TestKeygenReferencesByName(t *testing.T) {
	t.Parallel()
	s := RunT(t)
	c := consoleOf(t, s)
	c.background()
	product := c.make("products", `{"account":"test1","name":"Tool","code":"tool"}`)
	policy := c.make("policies", `{"account":"test1","name":"Yearly","product":"tool"}`)
	assert.Equal(t, product["id"], policy["product"])
	assert.Equal(t, product["id"], c.make("policies", `{"account":"test1","name":"Pool","product":"Tool","usePool":true}`)["product"])
	user := c.make("users", `{"account":"test1","email":"buyer@x.example"}`)
	license := c.make("licenses", `{"account":"test1","policy":"Yearly","owner":"buyer@x.example","key":"THE-KEY","name":"The license"}`)
	assert.Equal(t, []any{policy["id"], user["id"]}, []any{license["policy"], license["owner"]})
	key := c.make("keys", `{"account":"test1","policy":"Pool"}`)
	for kind, called := range map[string][]string{"user": {"buyer@x.example"}, "product": {"Tool", "tool"}, "license": {"THE-KEY", "The license"}} {
		for _, name := range called {
			token := c.make("tokens", fmt.Sprintf(`{"account":"test1","bearer":{"type":%q,"id":%q}}`, kind, name))
			want := map[string]any{"user": user["id"], "product": product["id"], "license": license["id"]}[kind]
			assert.Equal(t, sheet{"type": kind, "id": want}, token["bearer"])
			assert.NotEmpty(t, c.list("tokens", "bearer", name))
		}
	}
	for _, filter := range []struct {
		collection, name, value string
		found                   int
	}{
		{"policies", "product", "Tool", 2}, {"policies", "product", "tool", 2}, {"keys", "policy", "Pool", 1}, {"keys", "product", "tool", 1},
		{"licenses", "policy", "Yearly", 1}, {"licenses", "owner", "buyer@x.example", 1}, {"licenses", "owner", "", 0}, {"licenses", "product", "Tool", 1},
	} {
		assert.Len(t, c.list(filter.collection, filter.name, filter.value), filter.found, "%s by %s", filter.collection, filter.name)
	}

	before := len(s.Effects())
	keyPath, licensePath := "/keygen/keys/"+key["id"].(string), "/keygen/licenses/"+license["id"].(string)
	token := c.list("tokens", "bearer", "Tool")[0].(sheet)
	c.want("PATCH", keyPath, `{"policy":"Pool"}`, 200, string(encode(t, key)))
	c.want("PATCH", licensePath, `{"policy":"Yearly","owner":"buyer@x.example","account":"test1"}`, 200, string(encode(t, license)))
	c.want("PATCH", "/keygen/tokens/"+token["id"].(string), `{"bearer":{"type":"product","id":"tool"}}`, 200, string(encode(t, token)))
	assert.Len(t, s.Effects(), before, "another name is no change")
	assert.Equal(t, policy["id"], c.send("PATCH", keyPath, `{"policy":"Yearly"}`, 200)["policy"])

	c.make("policies", `{"account":"test1","name":"Yearly"}`)
	c.make("users", `{"account":"test1","email":"buyer@x.example"}`)
	c.make("products", `{"account":"test1","name":"tool"}`)
	for _, refused := range [][4]string{
		{"POST", "keys", `{"account":"test1","policy":"Yearly"}`, `/policy policy names more than one policy of the account: "Yearly"; give the id of the one that is meant`},
		{"POST", "policies", `{"account":"test1","product":"tool"}`, `/product product names more than one product of the account: "tool"; give the id of the one that is meant`},
		{"PATCH", "licenses/" + license["id"].(string), `{"owner":"buyer@x.example"}`, `/owner owner names more than one user of the account: "buyer@x.example"; give the id of the one that is meant`},
		{"PATCH", "licenses/" + license["id"].(string), `{"policy":"Yearl"}`, `/policy policy names no policy of the account: "Yearl"; make it first`},
		{"POST", "keys", `{"account":"test2","policy":"Pool"}`, `/policy policy names no policy of the account: "Pool"; make it first`},
		{"POST", "tokens", `{"account":"test1","bearer":{"type":"user"}}`, `/bearer/id bearer/id is missing`},
		{"POST", "tokens", `{"account":"test1","bearer":{"type":"user","id":"Tool"}}`, `/bearer/id bearer/id names no user of the account: "Tool"; make it first`},
	} {
		p := c.refused(refused[0], "/keygen/"+refused[1], refused[2])
		assert.Equal(t, refused[3], p.Pointer+" "+p.Detail)
	}
}

// Times may be told as a distance from the virtual time, wherever there is one.
func TestKeygenTimesAsDistances(t *testing.T) {
	t.Parallel()
	s := RunT(t, WithStart(t0), WithFrozenClock())
	c := consoleOf(t, s)
	admin := c.background()
	license := c.make("licenses", `{"account":"test1","created":"-100d","updated":"-1d","expiry":"+30d","lastCheckIn":"-2h","nextCheckIn":null}`)
	assert.Equal(t, []any{"2025-11-21T12:00:00.000Z", "2026-02-28T12:00:00.000Z", "2026-03-31T12:00:00.000Z", "2026-03-01T10:00:00.000Z", nil},
		[]any{license["created"], license["updated"], license["expiry"], license["lastCheckIn"], license["nextCheckIn"]})
	path := "/licenses/" + license["id"].(string)
	_, document := c.call("GET", path, admin, "")
	assert.Equal(t, "INACTIVE", at(document, "data", "attributes", "status"))
	assert.Equal(t, "2026-03-01T10:00:00.000Z", at(document, "data", "attributes", "lastCheckIn"))
	assert.Equal(t, "2026-03-01T12:00:00.000Z", c.send("PATCH", "/keygen"+path, `{"expiry":"now"}`, 200)["expiry"])
	_, document = c.call("GET", path, admin, "")
	assert.Equal(t, "EXPIRED", at(document, "data", "attributes", "status"))
	token := c.make("tokens", `{"account":"test1","role":"developer","expiry":"+1h"}`)
	status, _ := c.call("GET", "/keys", token["token"].(string), "")
	assert.Equal(t, 200, status)
	s.Advance(time.Hour)
	status, _ = c.call("GET", "/keys", token["token"].(string), "")
	assert.Equal(t, 401, status)
	for _, wrong := range []string{`"30d"`, `"soon"`, `7`, `"9999-12-31T23:59:59-12:00"`} {
		p := c.refused("PATCH", "/keygen"+path, `{"expiry":`+wrong+`}`)
		assert.Equal(t, `/expiry expiry must be a time of the years 1 to 9999 such as "2026-03-01T12:00:00Z", or a distance from now such as "-2h" or "+30d"`, p.Pointer+" "+p.Detail)
	}
}

// What is shown in milliseconds is kept to the microsecond: an object that is sent
// back as it was read keeps its place.
func TestKeygenObjectsSentBack(t *testing.T) {
	t.Parallel()
	s := RunT(t, WithStart(t0), WithFrozenClock())
	c := consoleOf(t, s)
	for range 3 {
		c.make("keys", `{"account":"acme"}`)
	}
	first := c.list("keys")[0].(sheet)
	first["key"] = "SENT-BACK"
	before := len(s.Effects())
	s.Advance(time.Hour)
	changed := c.send("PATCH", "/keygen/keys/"+first["id"].(string), string(encode(t, first)), 200)
	assert.Equal(t, "2026-03-01T13:00:00.000Z", changed["updated"])
	assert.Equal(t, "SENT-BACK", at(c.list("keys"), 0, "key"))
	effects := s.Effects()[before:]
	require.Len(t, effects, 1)
	assert.Equal(t, []string{"key.updated", first["id"].(string), "key"}, []string{effects[0].Kind, effects[0].ID, effects[0].Detail})
	policy := c.list("policies")[0].(sheet)["id"].(string)
	c.send("PATCH", "/keygen/policies/"+policy, `{"protected":true,"maxMachines":3,"updated":"-1d"}`, 200)
	effects = s.Effects()[before+1:]
	require.Len(t, effects, 1)
	assert.Equal(t, []string{"policy.changed", "maxMachines protected updated"}, []string{effects[0].Kind, effects[0].Detail})
	assert.Equal(t, "2026-02-28T13:00:00.000Z", c.send("GET", "/keygen/policies/"+policy, "", 200)["updated"])
}

// An empty text of a new object is as good as none.
func TestKeygenEmptyTextsAreFilledIn(t *testing.T) {
	t.Parallel()
	c := consoleOf(t, RunT(t))
	account := c.make("accounts", `{"id":"","slug":"test1","status":"","version":"","admin":{"id":"","email":"","token":""}}`)
	assert.Equal(t, []any{"active", "1.8", "admin@test1.example"}, []any{account["status"], account["version"], at(account, "admin", "email")})
	assert.Regexp(t, `^admin-[0-9a-f]{64}v3$`, at(account, "admin", "token"))
	for collection, texts := range map[string]string{
		"users": `"email":"","role":""`, "products": `"name":"","code":"","url":""`, "policies": `"product":"","name":"","authenticationStrategy":"","expirationStrategy":""`,
		"keys": `"policy":"","key":""`, "licenses": `"policy":"","owner":"","key":"","name":""`, "tokens": `"bearer":{"type":"","id":""},"role":"user","name":"","token":""`,
		"webhook-endpoints": `"url":""`,
	} {
		made := c.make(collection, `{"id":"","account":"",`+texts+`}`)
		assert.NotContains(t, slices.Collect(maps.Values(made)), "", collection)
		path := "/keygen/" + collection + "/" + made["id"].(string)
		for name, value := range made {
			if _, isText := value.(string); isText && !slices.Contains([]string{"id", "account", "product", "kind", "created", "updated"}, name) {
				p := c.refused("PATCH", path, `{"`+name+`":""}`)
				assert.Equal(t, "/"+name, p.Pointer, collection)
			}
		}
	}
}

func TestKeygenSettings(t *testing.T) {
	t.Parallel()
	s := RunT(t)
	c := consoleOf(t, s)
	c.want("GET", "/keygen/settings", "", 200, `{"poolOldestFirst":false,"singleplayer":false}`)
	for i := range 2 {
		c.make("keys", fmt.Sprintf(`{"policy":%q,"key":"KEY-%d"}`, c.pool("P"), i))
	}
	c.want("PATCH", "/keygen/settings", `{"poolOldestFirst":true}`, 200, `{"poolOldestFirst":true,"singleplayer":false}`)
	c.want("PATCH", "/keygen/settings", `{"singleplayer":true}`, 200, `{"poolOldestFirst":true,"singleplayer":true}`)
	req, err := http.NewRequestWithContext(t.Context(), "DELETE", c.url+"/v1/policies/"+c.pool("P")+"/pool", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+s.Keygen().Token())
	resp, err := c.client.Do(req)
	require.NoError(t, err)
	var document sheet
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&document))
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, "KEY-0", at(document, "data", "attributes", "key"), "the oldest, without an account in the path")
	assert.Equal(t, "/pools", c.refused("PATCH", "/keygen/settings", `{"pools":true}`).Pointer)
	assert.Equal(t, "/singleplayer", c.refused("PATCH", "/keygen/settings", `{"poolOldestFirst":false,"singleplayer":"yes"}`).Pointer)
	c.want("GET", "/keygen/settings", "", 200, `{"poolOldestFirst":true,"singleplayer":true}`)
}

// pool is the id of a pooled policy of the default account, which is made if there
// is none of this name.
func (s console) pool(name string) string {
	s.t.Helper()
	for _, policy := range s.list("policies", "account", "acme") {
		if at(policy, "name") == name {
			return at(policy, "id").(string)
		}
	}
	return s.make("policies", fmt.Sprintf(`{"name":%q,"usePool":true}`, name))["id"].(string)
}

func TestKeygenRateLimitsOverHTTP(t *testing.T) {
	t.Parallel()
	s := RunT(t)
	c := consoleOf(t, s)
	admin := c.background()
	c.want("GET", "/rate-limits/keygen", "", 200, `{"vendor":"keygen","on":[],"documented":[]}`)
	c.want("PUT", "/rate-limits/keygen", `{"on":[{"calls":2,"per":"1h"},{"calls":9,"per":"1d"}]}`, 200,
		`{"vendor":"keygen","on":[{"calls":2,"per":"1h0m0s"},{"calls":9,"per":"24h0m0s"}],"documented":[]}`)
	s.SetTime(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	for i, want := range []int{200, 200, 429} {
		status, _ := c.call("GET", "/keys", admin, "")
		assert.Equal(t, want, status, "call %d", i)
	}
	assert.Equal(t, "/on", c.refused("PUT", "/rate-limits/keygen", `{"on":[{"calls":1,"per":"1ms"}]}`).Pointer)
	c.want("PUT", "/rate-limits/keygen", `{"on":[]}`, 200, `{"vendor":"keygen","on":[],"documented":[]}`)
	status, _ := c.call("GET", "/keys", admin, "")
	assert.Equal(t, 200, status)
}

// What the document says of requests is what is taken: names for ids, and times as
// distances, which no answer has.
func TestTheDocumentTakesNamesAndDistances(t *testing.T) {
	t.Parallel()
	doc, err := adminDocument()
	require.NoError(t, err)
	for _, told := range []struct {
		schema, text string
		fits         bool
	}{
		{"KeygenLicense", `{"policy":"Yearly","owner":"buyer@x.example","created":"-100d","expiry":"+1h30m","lastCheckIn":"-2h"}`, true},
		{"KeygenLicense", `{"expiry":"now"}`, true},
		{"KeygenLicense", `{"expiry":null}`, true},
		{"KeygenLicense", `{"expiry":"2026-03-01T12:00:00Z"}`, true},
		{"KeygenLicense", `{"expiry":"soon"}`, false},
		{"KeygenLicense", `{"created":"100d"}`, false},
		{"KeygenToken", `{"bearer":{"type":"user","id":"buyer@x.example"},"expiry":"-1d"}`, true},
		{"KeygenPolicy", `{"product":"tool","updated":"-1d"}`, true},
		{"KeygenWebhookEndpoint", `{"created":"-1d"}`, true},
	} {
		var value any
		require.NoError(t, json.Unmarshal([]byte(told.text), &value))
		err := doc.Components.Schemas[told.schema].Value.VisitJSON(value, openapi3.EnableFormatValidation())
		assert.Equal(t, told.fits, err == nil, "%s %s: %v", told.schema, told.text, err)
		if told.fits && (strings.Contains(told.text, `"-`) || strings.Contains(told.text, `"+`)) {
			shown := doc.Components.Schemas[told.schema+"Shown"].Value
			assert.ErrorContains(t, shown.VisitJSON(value, openapi3.MultiErrors(), openapi3.EnableFormatValidation()), "date-time", told.text)
		}
	}
}
