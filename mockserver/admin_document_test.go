package mockserver

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// adminDocument is the document of the control plane.
var adminDocument = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("admin.openapi.yaml")
	if err != nil {
		return nil, err
	}
	doc.Servers = nil // wherever the server is
	return doc, doc.Validate(context.Background())
})

var adminRouter = sync.OnceValues(func() (routers.Router, error) {
	doc, err := adminDocument()
	if err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(doc)
})

// keepsToDocument checks an answer of the control plane against its document.
// What has no route there can only be refused. HEAD goes without saying.
func keepsToDocument(t *testing.T, req *http.Request, resp *http.Response, body string) {
	t.Helper()
	if req.Method == http.MethodHead {
		return
	}
	router, err := adminRouter()
	require.NoError(t, err)
	route, params, err := router.FindRoute(req)
	if err != nil {
		assert.GreaterOrEqual(t, resp.StatusCode, 400, "%s %s", req.Method, req.URL)
		return
	}
	if resp.StatusCode == http.StatusNoContent {
		assert.Empty(t, resp.Header.Get("Content-Type"))
	}
	err = openapi3filter.ValidateResponse(req.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 resp.StatusCode,
		Header:                 resp.Header,
		Body:                   io.NopCloser(strings.NewReader(body)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true},
	})
	assert.NoError(t, err, "%s %s", req.Method, req.URL)
}

// documented is one operation of the document.
type documented struct {
	*openapi3.Operation
	method, path string
	item         *openapi3.PathItem
}

func documentedOperations(t testing.TB) map[string]documented {
	t.Helper()
	doc, err := adminDocument()
	require.NoError(t, err)
	found := map[string]documented{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			require.NotContains(t, found, op.OperationID)
			found[op.OperationID] = documented{op, method, path, item}
		}
	}
	return found
}

func TestTheDocumentHasEveryRoute(t *testing.T) {
	t.Parallel()
	var routes []string
	for _, op := range documentedOperations(t) {
		routes = append(routes, op.method+" "+op.path)
	}
	assert.ElementsMatch(t, newControl(New()).routes, routes)
}

// What a list can be filtered by is what the document says.
func TestTheDocumentHasEveryParameter(t *testing.T) {
	t.Parallel()
	control := newControl(New())
	for id, op := range documentedOperations(t) {
		var names []string
		for _, parameter := range op.Parameters {
			names = append(names, parameter.Value.Name)
		}
		if id == "clearKeygenEvents" { // which refuses the other one
			names = append(names, "event")
		}
		assert.ElementsMatch(t, control.does[op.method+" "+op.path].parameters, names, id)
	}
}

// walk is the order in which the examples of the document follow from each
// other. Between them, a caller of the vendor deletes a key, and makes a slip.
var walk = []string{
	"reset", "getHealth",
	// Keygen.
	"changeKeygenSettings", "getKeygenSettings",
	"createKeygenAccount", "getKeygenAccount", "changeKeygenAccount", "listKeygenAccounts", "listKeygenPublicKeys",
	"createKeygenUser", "getKeygenUser", "listKeygenUsers", "changeKeygenUser",
	"createKeygenProduct", "getKeygenProduct", "listKeygenProducts", "changeKeygenProduct",
	"createKeygenPolicy", "getKeygenPolicy", "listKeygenPolicies", "changeKeygenPolicy",
	"createKeygenKey", "getKeygenKey", "listKeygenKeys", "changeKeygenKey",
	"createKeygenLicense", "getKeygenLicense", "listKeygenLicenses", "changeKeygenLicense",
	"createKeygenToken", "getKeygenToken", "listKeygenTokens", "changeKeygenToken",
	"createKeygenWebhookEndpoint", "getKeygenWebhookEndpoint", "listKeygenWebhookEndpoints", "changeKeygenWebhookEndpoint",
	"a caller", "listKeygenEvents", "clearKeygenEvents", "listRequests", "countRequests", "awaitRequests", "getRequest", "clearRequests",
	"listBehaviours", "a slip", "listFindings", "clearFindings",
	"deleteKeygenWebhookEndpoint", "deleteKeygenToken", "deleteKeygenLicense", "deleteKeygenKey", "deleteKeygenPolicy", "deleteKeygenProduct", "deleteKeygenUser", "deleteKeygenAccount",
	"createFault", "getFault", "listFaults", "replaceFault", "deleteFault", "clearFaults",
	// Junkie.
	"createJunkieAccount", "getJunkieAccount", "listJunkieAccounts",
	"createJunkieAPIKey", "getJunkieAPIKey", "listJunkieAPIKeys", "changeJunkieAPIKey",
	"createJunkieProvider", "getJunkieProvider", "listJunkieProviders", "changeJunkieProvider",
	"createJunkieService", "getJunkieService", "listJunkieServices", "changeJunkieService",
	"createJunkieFolder", "getJunkieFolder", "listJunkieFolders", "changeJunkieFolder",
	"createJunkieKey", "getJunkieKey", "listJunkieKeys", "changeJunkieKey", "verifyJunkieKey", "redeemJunkieKey",
	"createJunkieBan", "getJunkieBan", "listJunkieBans", "changeJunkieBan",
	"deleteJunkieBan", "deleteJunkieKey", "deleteJunkieFolder", "deleteJunkieService", "deleteJunkieProvider",
	"deleteJunkieAPIKey", "deleteJunkieAccount",
	// LuaProt.
	"createLuaProtAccount", "getLuaProtAccount", "listLuaProtAccounts", "changeLuaProtAccount",
	"createLuaProtAPIKey", "getLuaProtAPIKey", "listLuaProtAPIKeys", "changeLuaProtAPIKey",
	"createLuaProtHub", "getLuaProtHub", "listLuaProtHubs", "changeLuaProtHub",
	"createLuaProtScript", "getLuaProtScript", "listLuaProtScripts", "changeLuaProtScript",
	"createLuaProtDiscordData", "getLuaProtDiscordData", "listLuaProtDiscordData", "changeLuaProtDiscordData",
	"createLuaProtKey", "getLuaProtKey", "listLuaProtKeys", "changeLuaProtKey",
	"checkLuaProtKey", "blacklistLuaProtKeyGlobally", "liftLuaProtGlobalBlacklist",
	"getLuaProtSettings", "changeLuaProtSettings",
	"deleteLuaProtKey", "deleteLuaProtDiscordData", "deleteLuaProtScript", "deleteLuaProtHub",
	"deleteLuaProtAPIKey", "deleteLuaProtAccount",
	// Keycrate.
	"getKeycrateSettings", "changeKeycrateSettings",
	"createKeycrateApp", "getKeycrateApp", "listKeycrateApps", "changeKeycrateApp",
	"createKeycrateAPIKey", "getKeycrateAPIKey", "listKeycrateAPIKeys", "changeKeycrateAPIKey",
	"createKeycrateSubscription", "getKeycrateSubscription", "listKeycrateSubscriptions", "changeKeycrateSubscription",
	"createKeycrateLicense", "getKeycrateLicense", "listKeycrateLicenses", "changeKeycrateLicense",
	"createKeycrateBlacklistLine", "getKeycrateBlacklistLine", "listKeycrateBlacklist",
	"registerKeycrateUser", "authenticateKeycrateUser", "resetKeycrateDevice", "orphanKeycrateLicenses",
	"deleteKeycrateBlacklistLine", "deleteKeycrateLicense", "deleteKeycrateSubscription", "deleteKeycrateAPIKey", "deleteKeycrateApp",
	"listRateLimits", "getRateLimits", "setRateLimits", "plantSeed", "a snapshot",
	"freezeClock", "setClock", "advanceClock", "getClock", "resumeClock",
}

// The examples of the document are what a server really answers: they are sent
// in their order, and the answers are the same to the letter.
func TestTheDocumentsExamplesAreReal(t *testing.T) {
	t.Parallel()
	s := RunT(t, WithStart(t0), WithFrozenClock())
	c := consoleOf(t, s)
	operations := documentedOperations(t)
	unplayed := maps.Clone(operations)
	for _, id := range walk {
		if id == "a caller" {
			c.deletesAKey()
			continue
		}
		if id == "a snapshot" { // of which the document shows the beginning only
			delete(unplayed, "getSnapshot")
			delete(unplayed, "putSnapshot")
			resp, taken := c.ask("GET", "/snapshot", "")
			require.Equal(t, 200, resp.StatusCode)
			c.want("PUT", "/snapshot", taken, 204, "")
			continue
		}
		if id == "a slip" {
			status, _ := c.call("GET", "/keyz", "admin-example-v3", "")
			require.Equal(t, 404, status)
			continue
		}
		op, found := operations[id]
		require.True(t, found, id)
		delete(unplayed, id)
		status, want := op.success(t)
		resp, got := c.ask(op.method, op.target(), string(op.body(t)))
		require.Equal(t, status, resp.StatusCode, "%s: %s", id, got)
		if want == "" {
			assert.Empty(t, got, id)
			continue
		}
		got = strings.ReplaceAll(got, c.url, "http://127.0.0.1:5397")
		got = realTime.ReplaceAllString(got, `"arrived":"2026-03-01T12:00:00Z","duration":"1ms"`)
		assert.JSONEq(t, want, got, id)
	}
	assert.Empty(t, slices.Collect(maps.Keys(unplayed)))
}

// realTime is what no two answers have in common.
var realTime = regexp.MustCompile(`"arrived":"[^"]+","duration":"[^"]+"`)

func (s console) deletesAKey() {
	s.t.Helper()
	const id = "e0000000-0000-4000-8000-000000000002"
	s.make("keys", `{"id":"`+id+`","account":"test1"}`)
	status, _ := s.call("DELETE", "/keys/"+id, "admin-example-v3", "")
	require.Equal(s.t, 204, status)
}

// target is the path with the examples of its parameters, below /__admin.
func (o documented) target() string {
	path, query := strings.TrimPrefix(o.path, adminRoot), url.Values{}
	for _, parameter := range slices.Concat(o.item.Parameters, o.Parameters) {
		example, given := parameter.Value.Example.(string)
		switch {
		case parameter.Value.In == "path":
			path = strings.Replace(path, "{"+parameter.Value.Name+"}", example, 1)
		case given:
			query.Set(parameter.Value.Name, example)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

func (o documented) body(t testing.TB) []byte {
	t.Helper()
	if o.RequestBody == nil {
		return nil
	}
	return encode(t, o.RequestBody.Value.Content["application/json"].Example)
}

// success is the status and the example of the one answer that is no problem.
func (o documented) success(t *testing.T) (status int, example string) {
	t.Helper()
	require.NotNil(t, o.Responses.Default(), "%s: it may be refused", o.OperationID)
	require.Equal(t, 2, o.Responses.Len(), o.OperationID)
	for _, status := range []int{200, 201, 204} {
		if response := o.Responses.Status(status); response != nil {
			content := response.Value.Content["application/json"]
			if content == nil {
				return status, ""
			}
			require.NotNil(t, content.Example, "%s has no example", o.OperationID)
			return status, string(encode(t, content.Example))
		}
	}
	require.Fail(t, "no success", o.OperationID)
	return 0, ""
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	require.NoError(t, enc.Encode(v))
	return bytes.TrimSpace(text.Bytes())
}

// The example of a problem is a real one, too.
func TestTheDocumentsProblemIsReal(t *testing.T) {
	t.Parallel()
	doc, err := adminDocument()
	require.NoError(t, err)
	c := consoleOf(t, RunT(t))
	_, got := c.ask("POST", "/keygen/policies", `{"use_pool":true}`)
	content := doc.Components.Responses["Problem"].Value.Content["application/problem+json"]
	assert.JSONEq(t, string(encode(t, content.Example)), got)
}

// A document that lets everything pass would prove nothing.
func TestTheDocumentForgivesNothing(t *testing.T) {
	t.Parallel()
	doc, err := adminDocument()
	require.NoError(t, err)
	for name, complaint := range map[string]string{
		`{"id":"x"}`:                     `property "account" is missing`,
		`{"account":1}`:                  "string",
		`{"text":"x"}`:                   `property "text" is unsupported`,
		`{"created":"2026-03-01 12:00"}`: "date-time",
		`{"key":null}`:                   "not nullable",
	} {
		var value any
		require.NoError(t, json.Unmarshal([]byte(name), &value))
		err := doc.Components.Schemas["KeygenKeyShown"].Value.VisitJSON(value, openapi3.MultiErrors(), openapi3.EnableFormatValidation())
		assert.ErrorContains(t, err, complaint)
	}
}

// Whatever attribute the vendor shows can be given, and is in the document.
func TestTheDocumentHasEveryAttribute(t *testing.T) {
	t.Parallel()
	doc, err := adminDocument()
	require.NoError(t, err)
	c := consoleOf(t, RunT(t))
	admin := c.background()
	for collection, schema := range map[string]string{"policies": "KeygenPolicy", "products": "KeygenProduct", "licenses": "KeygenLicense", "keys": "KeygenKey"} {
		known := doc.Components.Schemas[schema].Value.Properties
		made := c.make(collection, `{"account":"test1"}`)
		status, document := c.call("GET", "/"+collection+"/"+made["id"].(string), admin, "")
		require.Equal(t, 200, status, collection)
		shown := at(document, "data", "attributes").(sheet)
		require.NotEmpty(t, shown)
		for name := range shown {
			require.Contains(t, known, name, "%s of %s", name, collection)
		}
		for name, property := range known {
			if _, member := made[name]; member || property.Value.ReadOnly {
				continue
			}
			require.True(t, property.Value.Nullable, "%s of %s", name, collection)
			require.Contains(t, shown, name, "%s of %s", name, collection)
			value := map[string]any{"string": "2026-03-01T12:00:00.000Z", "boolean": true, "integer": 7.0, "array": []any{"x"}}[property.Value.Type.Slice()[0]]
			changed := c.send("PATCH", "/keygen/"+collection+"/"+made["id"].(string), string(encode(t, sheet{name: value})), 200)
			assert.Equal(t, value, changed[name])
		}
		if collection == "keys" {
			continue
		}
		_, document = c.call("GET", "/"+collection+"/"+made["id"].(string), admin, "")
		for name, value := range c.send("GET", "/keygen/"+collection+"/"+made["id"].(string), "", 200) {
			if old, attribute := shown[name]; attribute {
				assert.Equal(t, value, at(document, "data", "attributes", name), "%s of %s, once %v", name, collection, old)
			}
		}
	}
}
