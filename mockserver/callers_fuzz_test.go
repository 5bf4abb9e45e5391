package mockserver

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

// callersSeed gives callers something to begin with.
const callersSeed = `{
  "junkie": {
    "providers": [{"id": 7, "name": "shop"}], "services": [{"id": 3, "name": "hub"}, {"id": 4, "premium": true, "keyless": true}], "folders": [{"id": 9, "name": "vip"}],
    "keys": [{"provider": "shop", "service": "hub", "folder": "vip", "value": "first", "validity": "1h", "hwids": [{"hwid": "pc"}]}, {"value": "second", "expiryOnFirstUse": true, "validity": "1d"}]
  },
  "luaprot": {
    "hubs": [{"id": "90000000000000000001", "name": "hub", "hwidResetGap": "1h"}, {"id": "90000000000000000002", "name": "other"}], "scripts": [{"id": "90000000000000000101", "hub": "hub", "name": "loader"}],
    "keys": [{"hub": "hub", "key": "first", "discordId": "100000000000000001", "hwid": "pc"}, {"hub": "hub", "key": "second", "expire": "+1h", "limitedScripts": ["loader"]}]
  },
  "keycrate": {
    "subscriptions": [{"id": "00000000-0000-4000-8000-00000000b001", "name": "basic"}, {"id": "00000000-0000-4000-8000-00000000b002", "name": "one", "singleKeyPerHwid": true}],
    "licenses": [{"key": "first", "subscription": "basic", "durationUnit": "days", "durationValue": 7, "hwidLock": true}, {"key": "second", "subscription": "one", "username": "alice", "password": "secret"}]
  },
  "keygen": {
    "products": [{"id": "22222222-2222-4222-8222-222222222222", "name": "product"}],
    "policies": [{"id": "33333333-3333-4333-8333-333333333333", "product": "product", "usePool": true}, {"id": "33333333-3333-4333-8333-333333333334", "product": "product", "duration": 3600}],
    "keys": [{"id": "44444444-4444-4444-8444-444444444444", "policy": "33333333-3333-4333-8333-333333333333"}, {"policy": "33333333-3333-4333-8333-333333333333"}],
    "licenses": [{"id": "55555555-5555-4555-8555-555555555555", "policy": "33333333-3333-4333-8333-333333333334"}], "webhook-endpoints": [{}]
  }
}`

// callersKnow are values by the names of parameters and members, as far as answers
// do not show them.
var callersKnow = map[string][]string{
	"keyId":          {`"1"`, `"2"`, `"first"`, `"44444444-4444-4444-8444-444444444444"`},
	"provider_id":    {`7`},
	"service_id":     {`3`, `4`},
	"folder_id":      {`9`},
	"hubId":          {`"90000000000000000001"`, `"90000000000000000002"`},
	"hub":            {`"90000000000000000001"`},
	"limitedScripts": {`"90000000000000000101"`},
	"discordId":      {`"100000000000000001"`, `"100000000000000002"`},
	"discord_id":     {`"100000000000000001"`},
	"key":            {`"first"`, `"second"`, `"THIRTY-CHARACTERS-AT-LEAST-1234"`, `"THIRTY-CHARACTERS-AT-LEAST-1235"`},
	"keys":           {`"first"`, `2`, `"second"`},
	"license_key":    {`"first"`, `"second"`}, "license_keys": {`"first"`, `"second"`}, "license": {`"first"`, `"second"`},
	"app_id":          {`"00000000-0000-4000-8000-00000000a991"`},
	"subscription_id": {`"00000000-0000-4000-8000-00000000b001"`, `"00000000-0000-4000-8000-00000000b002"`},
	"username":        {`"alice"`, `"bob"`}, "password": {`"secret"`}, "hwid": {`"pc"`, `"phone"`, `"evil"`}, "hwids": {`"pc"`, `"phone"`},
	"account": {`"acme"`}, "policyId": {`"33333333-3333-4333-8333-333333333333"`, `"33333333-3333-4333-8333-333333333334"`},
	"productId": {`"22222222-2222-4222-8222-222222222222"`}, "licenseId": {`"55555555-5555-4555-8555-555555555555"`},
	"id": {`"22222222-2222-4222-8222-222222222222"`, `"33333333-3333-4333-8333-333333333333"`, `"33333333-3333-4333-8333-333333333334"`, `"44444444-4444-4444-8444-444444444444"`},
}

// callersTry are values that are right nowhere, or at an end of what is right.
var callersTry = []string{
	`0`, `-1`, `1`, `5`, `100`, `1000`, `2147483648`, `9007199254740993`, `9223372036854775807`, `1e400`, `1.5`, `1e3`, `null`, `true`, `false`, `""`, `" "`, `"\u0000"`, `"\ud800"`, `"ü\u2028"`, `"12345678901234567"`,
	`"2026-03-01T12:00:00Z"`, `"9999-12-31T23:59:59-12:00"`, `"0001-01-01T00:00:00Z"`, `"2026-03-01 12:00"`, `[]`, `{}`, `[null]`, `{"a":1,"a":2}`, `"` + strings.Repeat("x", 300) + `"`, `["a","b","a"]`, `{"a":{"b":[[]]}}`,
}

// staff are what no operation of the vendor does, by vendor: what end users do, and
// changes behind the curtain. "@name" stands for a value of that name.
var staff = map[string][][3]string{
	"junkie": {
		{"POST", "/junkie/verify", `{"key": @key, "hwid": @hwid}`}, {"POST", "/junkie/verify", `{"key": @key, "hwid": @hwid, "service": @service_id}`}, {"POST", "/junkie/redeem", `{"key": @key, "discordUserId": @discord_id}`},
		{"POST", "/junkie/bans", `{"hwid": @hwid, "invalidateKeys": true}`}, {"DELETE", "/junkie/keys/1", ``}, {"PATCH", "/junkie/keys/2", `{"createdAt": "-2h", "hwidLimit": 1}`},
	},
	"luaprot": {
		{"POST", "/luaprot/check", `{"script": "loader", "key": @key, "hwid": @hwid}`}, {"POST", "/luaprot/blacklist-globally", `{"key": @key, "reason": "r"}`}, {"POST", "/luaprot/lift-global-blacklist", `{"key": @key}`},
		{"POST", "/luaprot/discord-data", `{"discordId": @discordId}`}, {"DELETE", "/luaprot/scripts/90000000000000000101", ``}, {"PATCH", "/luaprot/keys/first", `{"created": "-2h"}`},
	},
	"keycrate": {
		{"POST", "/keycrate/auth", `{"license": @license_key, "hwid": @hwid}`}, {"POST", "/keycrate/register", `{"license": @license_key, "username": @username, "password": "secret"}`}, {"POST", "/keycrate/portal-reset", `{"license": @license_key}`},
		{"POST", "/keycrate/orphan-licenses", `{"subscription": @subscription_id}`}, {"POST", "/keycrate/blacklist", `{"kind": "HWID", "value": "evil"}`}, {"PATCH", "/keycrate/settings", `{"durationStart": "creation"}`},
	},
	"keygen": {
		{"PATCH", "/keygen/settings", `{"poolOldestFirst": true}`}, {"DELETE", "/keygen/policies/33333333-3333-4333-8333-333333333333", ``}, {"PATCH", "/keygen/licenses/55555555-5555-4555-8555-555555555555", `{"expiry": "-1h"}`},
		{"PATCH", "/keygen/keys/44444444-4444-4444-8444-444444444444", `{"created": "+1h"}`},
	},
}

// caller is somebody with the right credentials who sends whatever a fuzzer says to
// the operations of a vendor.
type caller struct {
	*testing.T
	*troupe
	dice worldtest.Dice
	know map[string][]string
	sent []order
	came []string
}

// troupe is what callers of a vendor have in common.
type troupe struct {
	vendor  string
	routes  []routers.Route
	header  []string
	s, twin *Server
	begin   []byte
}

func newTroupe(f testing.TB, vendor string) *troupe {
	doc, err := openapi3.NewLoader().LoadFromFile("../openapi/" + vendor + ".yaml")
	require.NoError(f, err)
	base, err := url.Parse(doc.Servers[0].URL)
	require.NoError(f, err)
	s := New(WithStart(t0), WithFrozenClock())
	c := &troupe{vendor: vendor, s: s, twin: New(), header: s.credential(vendor)}
	require.NoError(f, s.SeedJSON([]byte(callersSeed)))
	c.begin = s.Snapshot()
	for _, path := range doc.Paths.InMatchingOrder() {
		item := doc.Paths.Value(path)
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			op := item.Operations()[method]
			op.Parameters = slices.Concat(item.Parameters, op.Parameters)
			c.routes = append(c.routes, routers.Route{Spec: doc, Path: base.Path + path, PathItem: item, Method: method, Operation: op})
		}
	}
	return c
}

// caller begins anew.
func (c *troupe) caller(t *testing.T, dice worldtest.Dice) *caller {
	t.Helper()
	c.s.Reset()
	require.NoError(t, c.s.Restore(c.begin))
	return &caller{T: t, troupe: c, dice: dice, know: maps.Clone(callersKnow)}
}

// fuzzCallers lets callers play with a vendor: each answer is one that its document
// knows, one that refuses or only shows changes nothing, and in the end the world can
// be taken down. From a snapshot half-way on, another server answers to the letter
// the same.
func fuzzCallers(f *testing.F, vendor string) {
	troupe := newTroupe(f, vendor)
	worldtest.Direct(f, func(t *testing.T, dice worldtest.Dice) {
		c := troupe.caller(t, dice)
		half, since := troupe.begin, 0
		for n := range 16 {
			if n == 8 {
				half, since = c.s.Snapshot(), len(c.sent)
			}
			if dice.Left() {
				c.step()
			}
		}
		require.NoError(t, troupe.twin.Restore(half))
		for i, o := range c.sent[since:] {
			require.Equal(t, c.came[since+i], c.ask(troupe.twin, o), "%v", o)
		}
		require.Equal(t, c.s.states(t), troupe.twin.states(t))
	})
}

func FuzzJunkieCallers(f *testing.F)   { fuzzCallers(f, "junkie") }
func FuzzLuaProtCallers(f *testing.F)  { fuzzCallers(f, "luaprot") }
func FuzzKeycrateCallers(f *testing.F) { fuzzCallers(f, "keycrate") }
func FuzzKeygenCallers(f *testing.F)   { fuzzCallers(f, "keygen") }

func (c *caller) step() {
	c.Helper()
	switch c.dice.IntN(8) {
	case 0:
		by := []string{"1ns", "1s", "59m", "25h", "800d"}[c.dice.IntN(5)]
		c.note(order{"POST", adminRoot + "/clock/advance", `{"by": "` + by + `"}`})
	case 1:
		does := staff[c.vendor][c.dice.IntN(len(staff[c.vendor]))]
		body := regexp.MustCompile(`@\w+`).ReplaceAllStringFunc(does[2], func(name string) string { return c.known(name[1:]) })
		c.note(order{does[0], adminRoot + does[1], body})
	default:
		c.call(&c.routes[c.dice.IntN(len(c.routes))])
	}
}

// note sends a request and keeps what came of it.
func (c *caller) note(o order) {
	c.Helper()
	c.sent, c.came = append(c.sent, o), append(c.came, c.ask(c.s, o))
}

func (c *caller) ask(s *Server, o order) string {
	c.Helper()
	resp := ask(c, s, o, c.header...)
	text, err := io.ReadAll(resp.Body)
	require.NoError(c, err)
	return fmt.Sprintf("%d %s", resp.StatusCode, text)
}

// call sends a request of an operation and holds the answer against the document.
func (c *caller) call(route *routers.Route) {
	c.Helper()
	o := c.request(route)
	before := c.state()
	resp := ask(c, c.s, o, c.header...)
	if resp == nil {
		return
	}
	text, err := io.ReadAll(resp.Body)
	require.NoError(c, err)
	c.sent, c.came = append(c.sent, o), append(c.came, fmt.Sprintf("%d %s", resp.StatusCode, text))
	about := fmt.Sprintf("%s %s %s\nwas answered %d\n%s", o.method, o.target, o.body, resp.StatusCode, text)
	require.Less(c, resp.StatusCode, 500, about)
	response := route.Operation.Responses.Status(resp.StatusCode)
	calls := c.s.Calls()
	meant := calls[len(calls)-1].Op == c.vendor+"."+route.Operation.OperationID                                       // a value may make it another path
	lost := resp.StatusCode == http.StatusNotFound && strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") // before it comes to the operation
	if response != nil && len(response.Value.Content) > 0 && meant && !lost {
		require.NoError(c, openapi3filter.ValidateResponse(c.Context(), &openapi3filter.ResponseValidationInput{
			RequestValidationInput: &openapi3filter.RequestValidationInput{Request: resp.Request, Route: route},
			Status:                 resp.StatusCode, Header: resp.Header, Body: io.NopCloser(strings.NewReader(string(text))),
			Options: &openapi3filter.Options{IncludeResponseStatus: true},
		}), about)
	}
	if resp.StatusCode > 299 || o.method == http.MethodGet {
		require.Equal(c, before, c.state(), about)
	} else {
		c.learn(text)
	}
}

// state is the state of the vendor, but for how many requests it noted.
func (c *caller) state() string {
	state, err := json.Marshal(c.s.vendor(c.vendor).world.Snapshot()())
	require.NoError(c, err)
	return regexp.MustCompile(`"RequestLogs":\d+`).ReplaceAllString(string(state), "")
}

// request makes a request out of the document.
func (c *caller) request(route *routers.Route) order {
	o := order{method: route.Method, target: route.Path}
	query := url.Values{}
	for _, parameter := range route.Operation.Parameters {
		p := parameter.Value
		switch {
		case p.In == openapi3.ParameterInPath:
			o.target = strings.Replace(o.target, "{"+p.Name+"}", url.PathEscape(plainText(c.known(p.Name))), 1)
		case p.In == openapi3.ParameterInQuery && (p.Required || c.dice.IntN(3) == 0):
			query.Set(p.Name, plainText(c.value(p.Name, p.Schema.Value, 0)))
		}
	}
	if len(query) > 0 {
		o.target += "?" + query.Encode()
	}
	if body := route.Operation.RequestBody; body != nil {
		for _, content := range body.Value.Content {
			o.body = c.value("", content.Schema.Value, 0)
		}
	}
	return o
}

// plainText is a value as a path or a query has it.
func plainText(value string) string {
	var text string
	if json.Unmarshal([]byte(value), &text) == nil {
		return text
	}
	return value
}

// known is a value that goes by a name, or something else.
func (c *caller) known(name string) string {
	if values := c.know[name]; len(values) > 0 && c.dice.IntN(16) > 0 {
		return values[c.dice.IntN(len(values))]
	}
	return callersTry[c.dice.IntN(len(callersTry))]
}

// value makes a value of a schema, mostly a good one.
func (c *caller) value(name string, schema *openapi3.Schema, depth int) string {
	if c.dice.IntN(24) == 0 {
		return callersTry[c.dice.IntN(len(callersTry))]
	}
	switch {
	case len(schema.Enum) > 0:
		return string(encode(c, schema.Enum[c.dice.IntN(len(schema.Enum))]))
	case len(schema.OneOf) > 0:
		return c.value(name, schema.OneOf[c.dice.IntN(len(schema.OneOf))].Value, depth)
	case schema.Type.Is("object"):
		return c.object(schema, depth)
	case schema.Type.Is("array"):
		items := make([]string, c.dice.IntN(4))
		for i := range items {
			items[i] = c.value(name, schema.Items.Value, depth+1)
		}
		return "[" + strings.Join(items, ",") + "]"
	case schema.Type.Is("boolean"):
		return []string{"true", "false"}[c.dice.IntN(2)]
	case schema.Type.Is("integer") && len(c.know[name]) == 0:
		return fmt.Sprint([]int64{1, 2, 3, 7, 60, 100, 86400, 31536000, 1 << 40}[c.dice.IntN(9)])
	default:
		return c.known(name)
	}
}

func (c *caller) object(schema *openapi3.Schema, depth int) string {
	var members []string
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		if schema.Properties[name].Value.ReadOnly {
			continue
		}
		if slices.Contains(schema.Required, name) || c.dice.IntN(2+min(depth, 2)) == 0 {
			members = append(members, string(encode(c, name))+":"+c.value(name, schema.Properties[name].Value, depth+1))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// learn remembers what an answer shows, by its name.
func (c *caller) learn(text []byte) {
	var document any
	if json.Unmarshal(text, &document) == nil {
		c.see("", document)
	}
}

func (c *caller) see(name string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for _, member := range slices.Sorted(maps.Keys(value)) {
			c.see(member, value[member])
		}
	case []any:
		for _, item := range value[:min(3, len(value))] {
			c.see(name, item)
		}
	case string, float64:
		text := string(encode(c, value))
		if known := c.know[name]; !slices.Contains(known, text) && len(known) < 12 {
			c.know[name] = append(slices.Clip(known), text)
		}
		if name == "key" {
			c.see("license_key", value)
		}
		if name == "id" {
			c.see("keyId", value)
		}
	}
}

// A play in which nothing is ever done would prove nothing: by chance alone, callers
// get through with every operation.
func TestCallersGetThrough(t *testing.T) {
	t.Parallel()
	for _, vendor := range []string{"junkie", "keycrate", "keygen", "luaprot"} {
		troupe := newTroupe(t, vendor)
		open := map[string]bool{}
		for _, route := range troupe.routes {
			open[vendor+"."+route.Operation.OperationID] = true
		}
		for seed := uint64(0); seed < 500 && len(open) > 0; seed++ {
			c := troupe.caller(t, worldtest.Dice{Rand: rand.New(rand.NewPCG(seed, 1))})
			for range 16 {
				c.step()
			}
			for _, call := range c.s.Calls() {
				if call.Committed {
					delete(open, call.Op)
				}
			}
		}
		assert.Empty(t, open)
	}
}
