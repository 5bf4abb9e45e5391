package mockserver

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// junkieAPIKey is that of the default account, as every program knows it.
const junkieAPIKey = "00000000-0000-4000-8000-000000001001"

// junkieOf returns a server with this vendor alone, whose clock stands still, and a
// program that uses its control plane.
func junkieOf(t *testing.T, opts ...Option) (*Server, console) {
	t.Helper()
	v, found := core.Lookup("junkie")
	require.True(t, found)
	s := RunT(t, append([]Option{with(v), WithStart(t0), WithFrozenClock()}, opts...)...)
	return s, consoleOf(t, s)
}

// junkieCall sends a request to the vendor's own routes.
func (c console) junkieCall(method, path, apiKey, body string) (status int, answer string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+"/api/v2"+path, strings.NewReader(body))
	require.NoError(c.t, err)
	req.Header.Set("Authorization", "Bearer "+apiKey)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.client.Do(req)
	require.NoError(c.t, err)
	defer func() { _ = resp.Body.Close() }()
	read, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	return resp.StatusCode, string(read)
}

// junkieGet reads a document of the vendor with the default account's API key.
func (c console) junkieGet(path string) (document sheet) {
	c.t.Helper()
	status, answer := c.junkieCall("GET", path, junkieAPIKey, "")
	require.Equal(c.t, 200, status, answer)
	require.NoError(c.t, json.Unmarshal([]byte(answer), &document))
	return document
}

// junkie makes an object below /__admin/junkie.
func (c console) junkie(collection, body string) sheet {
	c.t.Helper()
	return c.send("POST", "/junkie/"+collection, body, http.StatusCreated)
}

// junkieList lists the ids of objects below /__admin/junkie.
func (c console) junkieList(collection string, filters ...string) []any {
	c.t.Helper()
	query := url.Values{}
	for i := 0; i < len(filters); i += 2 {
		query.Set(filters[i], filters[i+1])
	}
	ids := []any{}
	for _, item := range c.send("GET", "/junkie/"+collection+"?"+query.Encode(), "", 200)["items"].([]any) {
		ids = append(ids, at(item, "id"))
	}
	return ids
}

// kinds are the effects since a number of them, as "kind id (detail)".
func kinds(s *Server, since int) []string {
	list := []string{}
	for _, e := range s.Effects()[since:] {
		text := e.Kind + " " + e.ID
		if e.Detail != "" {
			text += " (" + e.Detail + ")"
		}
		list = append(list, text)
	}
	return list
}

// Objects of every kind with every member of their own: as they are told they are
// shown, found and listed, and an object that was read can be sent back.
func TestJunkieObjectsAreAsTheyAreTold(t *testing.T) {
	t.Parallel()
	s, c := junkieOf(t)
	for _, object := range []struct{ collection, id, told, patch, effect string }{
		{"accounts", "7", `{"id":7,"apiKey":"shop-key"}`, "", "account.added 7"},
		{"api-keys", "8", `{"id":8,"account":7,"value":"other-key","scopes":["a","rest-api:*"],"revoked":true}`, `{"scopes":[],"revoked":false}`, "api-key.changed 7 (revoked scopes)"},
		{"providers", "9", `{"id":9,"account":7,"name":"shop","keyPrefix":"SHOP"}`, `{"name":"store","keyPrefix":""}`, "provider.changed 9 (keyPrefix name)"},
		{"services", "10", `{"id":10,"account":7,"name":"hub","premium":true,"keyless":true}`, `{"name":"Hub","premium":false,"keyless":false}`, "service.changed 10 (keyless name premium)"},
		{"folders", "11", `{"id":11,"account":7,"name":"vip","createdAt":"2026-01-01T00:00:00.001Z"}`, `{"name":"VIP","createdAt":"2026-02-01T00:00:00Z"}`, "folder.changed 11 (createdAt name)"},
		{"keys", "12", `{"id":12,"account":7,"value":"K 1/2","provider":9,"service":10,"folder":11,"name":"","status":"invalidated","createdAt":"2026-01-01T00:00:00Z",
			"validityMinutes":60,"expiresAt":"2027-01-01T00:00:00.5Z","usedAt":"2026-01-02T00:00:00Z","premium":true,"invalidated":true,"oneTimeUse":true,
			"expiryOnFirstUse":true,"noHwid":true,"hwidLimit":500,"discordId":"5","hwids":[{"hwid":"pc","executorUserId":"1","boundAt":"2026-01-03T00:00:00Z","boundBy":"admin"},
			{"hwid":"phone","executorUserId":null,"boundAt":"2026-01-04T00:00:00Z","boundBy":"api"}],
			"redemption":{"discordUserId":"2","status":"pending","redeemedAt":"2026-01-05T00:00:00Z"}}`,
			`{"service":null,"folder":null,"name":null,"validityMinutes":null,"expiresAt":null,"usedAt":null,"premium":false,"invalidated":false,"oneTimeUse":false,
			"expiryOnFirstUse":false,"noHwid":false,"hwidLimit":null,"discordId":null,"hwids":[],"redemption":null,"value":"K 2","createdAt":"2026-02-01T00:00:00Z"}`,
			"key.updated 12 (key_name folder_id validity_minutes expires_at is_premium one_time_use expiry_on_first_use no_hwid is_invalidated hwid_limit discord_id hwids " +
				"key_value service_id created_at used_at discord_redemption)"},
		{"bans", "13", `{"id":13,"account":7,"hwid":"evil","until":"2027-01-01T00:00:00Z","invalidateKeys":true}`, `{"until":null,"invalidateKeys":false}`, "device.ban-changed evil (invalidateKeys until)"},
	} {
		told := strings.Replace(object.told, `"status":"invalidated",`, "", 1) // which follows from the rest
		one := "/junkie/" + object.collection + "/" + object.id
		c.want("POST", "/junkie/"+object.collection, told, 201, object.told)
		c.want("GET", one, "", 200, object.told)
		assert.Contains(t, c.junkieList(object.collection), c.send("GET", one, "", 200)["id"])
		if object.patch == "" {
			assert.Equal(t, 405, c.refused("PATCH", one, "{}").Status)
			continue
		}
		since := len(s.Effects())
		c.want("PATCH", one, object.told, 200, object.told)
		assert.Len(t, s.Effects(), since, "nothing was changed")
		changed := c.send("PATCH", one, object.patch, 200)
		var want sheet
		require.NoError(t, json.Unmarshal([]byte(object.patch), &want))
		for name, value := range want {
			assert.Equal(t, value, changed[name], "%s of %s", name, object.collection)
		}
		assert.Equal(t, changed, c.send("GET", one, "", 200))
		assert.Equal(t, []string{object.effect}, kinds(s, since))
	}
	assert.Empty(t, s.Journal())
	assert.Equal(t, []any{12.0}, c.junkieList("keys"), "nothing was made besides")
	assert.Equal(t, []any{7.0}, []any{c.send("GET", "/junkie/api-keys/shop-key", "", 200)["account"]}, "an API key is found by its value, too")
	assert.Equal(t, 12.0, c.send("GET", "/junkie/keys/K%202", "", 200)["id"], "and so is a key")
	assert.Equal(t, 404, c.refused("GET", "/junkie/keys/K%201%2F2", "").Status, "which it has no more")
}

// What a new object leaves open is as the Go API makes it.
func TestJunkieFillsInWhatIsLeftOpen(t *testing.T) {
	t.Parallel()
	s, c := junkieOf(t)
	const uuid = `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`
	account := c.junkie("accounts", `{}`)
	assert.EqualValues(t, 1002, account["id"])
	assert.Regexp(t, uuid, account["apiKey"])
	assert.Nil(t, c.junkie("accounts", `{"apiKey":null}`)["apiKey"])
	assert.Empty(t, c.junkieList("api-keys", "account", "1003"))
	secret := c.junkie("api-keys", `{"value":""}`)
	assert.Regexp(t, uuid, secret["value"])
	assert.Equal(t, []any{"rest-api:*"}, secret["scopes"])
	key := c.junkie("keys", `{"validity":"1h","hwids":[{"hwid":"pc"}],"redemption":{"discordUserId":"1"},"createdAt":"-10m"}`)
	assert.Regexp(t, uuid, key["value"])
	delete(key, "value")
	var want sheet
	require.NoError(t, json.Unmarshal([]byte(`{"id":1,"account":1001,"provider":2001,"service":null,"folder":null,"name":null,"status":"active",
		"createdAt":"2026-03-01T11:50:00Z","validityMinutes":60,"expiresAt":"2026-03-01T12:50:00Z","usedAt":null,"premium":false,"invalidated":false,
		"oneTimeUse":false,"expiryOnFirstUse":false,"noHwid":false,"hwidLimit":null,"discordId":null,
		"hwids":[{"hwid":"pc","executorUserId":null,"boundAt":"2026-03-01T11:50:00Z","boundBy":"manual"}],
		"redemption":{"discordUserId":"1","status":"redeemed","redeemedAt":"2026-03-01T11:50:00Z"}}`), &want))
	assert.Equal(t, want, key)
	assert.Equal(t, sheet{"id": 2001.0, "account": 1001.0, "name": "default", "keyPrefix": ""}, c.send("GET", "/junkie/providers/2001", "", 200))
	assert.Equal(t, "2026-03-01T12:00:00Z", c.junkie("folders", `{}`)["createdAt"])
	c.junkie("providers", `{"id":7,"keyPrefix":"SHOP"}`)
	assert.EqualValues(t, 2001, c.junkie("keys", `{"provider":""}`)["provider"], "the oldest, not the lowest")
	assert.Regexp(t, "^SHOP-", c.junkie("keys", `{"provider":7}`)["value"])
	assert.EqualValues(t, 2002, c.junkie("providers", `{}`)["id"])
	assert.Equal(t, []any{2001.0, 7.0, 2002.0}, c.junkieList("providers"), "oldest first")

	assert.Nil(t, c.junkie("keys", `{"validity":"1h","expiresAt":null}`)["expiresAt"], "null is never")
	assert.Nil(t, c.junkie("keys", `{"validity":"1h","expiryOnFirstUse":true}`)["expiresAt"], "not started")
	assert.Equal(t, "2026-03-01T11:00:00Z", c.junkie("keys", `{"validity":"30d","expiryOnFirstUse":true,"usedAt":"-721h"}`)["expiresAt"])
	for told, minutes := range map[string]any{
		`"validity":"30d"`: 43200.0, `"validity":"1d12h"`: 2160.0, `"validity":"0s"`: nil, `"validityMinutes":0`: nil,
		`"validityMinutes":2147483647`: 2147483647.0, `"validityMinutes":5,"validity":"1m"`: 1.0,
	} {
		assert.Equal(t, minutes, c.junkie("keys", `{`+told+`}`)["validityMinutes"], told)
	}
	assert.Equal(t, 0.0, c.junkie("keys", `{"hwidLimit":0}`)["hwidLimit"])
	assert.Empty(t, s.Findings())
}

// An application finds what the control plane made, in whatever state it is.
func TestJunkieStatesReachTheAPI(t *testing.T) {
	t.Parallel()
	_, c := junkieOf(t)
	c.junkie("providers", `{"id":7,"name":"shop"}`)
	c.junkie("services", `{"name":"hub"}`)
	c.junkie("folders", `{"name":"vip"}`)
	for _, state := range []struct{ status, told string }{
		{"active", `{}`},
		{"used", `{"usedAt":"-1h","hwidLimit":1,"hwids":[{"hwid":"pc"}],"service":"hub","folder":"vip","name":"n"}`},
		{"expired", `{"createdAt":"-2h","validity":"1h"}`},
		{"invalidated", `{"invalidated":true}`},
	} {
		key := c.junkie("keys", state.told)
		assert.Equal(t, state.status, key["status"])
		found := c.junkieGet("/keys?status=" + state.status)["keys"].([]any)
		require.Len(t, found, 1, state.status)
		assert.Equal(t, key["value"], at(found, 0, "key_value"))
		assert.EqualValues(t, 7, at(found, 0, "provider_id"))
		assert.Equal(t, []any{key["id"]}, c.junkieList("keys", "status", state.status))
	}
	used := c.junkieGet("/keys/2")["key"].(sheet)
	assert.Equal(t, "hub", used["service_name"])
	assert.Equal(t, "vip", used["folder_name"])
	assert.Equal(t, []any{"pc"}, used["keys_hwid"])
	assert.Equal(t, "2026-03-01T11:00:00.000Z", used["used_at"])

	c.send("PATCH", "/junkie/keys/1", `{"name":"","hwidLimit":0,"createdAt":"+1h","value":"renamed"}`, 200)
	assert.Equal(t, "", at(c.junkieGet("/keys/1"), "key", "key_name"), "which is not null")
	assert.EqualValues(t, 0, at(c.junkieGet("/keys/renamed"), "key", "hwid_limit"))
	assert.EqualValues(t, 1, at(c.junkieGet("/keys"), "keys", 0, "id"), "the newest first")
	c.send("PATCH", "/junkie/keys/3", `{"validity":"30d"}`, 200)
	assert.Equal(t, "2026-03-01T11:00:00.000Z", at(c.junkieGet("/keys/3"), "key", "expires_at"), "nothing follows from a change")
	c.send("PATCH", "/junkie/keys/3", `{"expiresAt":"+30d"}`, 200)
	assert.Equal(t, "2026-03-31T12:00:00.000Z", at(c.junkieGet("/keys/3"), "key", "expires_at"))

	theirs := c.junkie("accounts", `{"apiKey":"theirs"}`)
	foreign := c.junkie("keys", fmt.Sprintf(`{"account":%v,"value":"foreign"}`, theirs["id"]))
	status, _ := c.junkieCall("GET", "/keys/foreign", junkieAPIKey, "")
	assert.Equal(t, 404, status)
	status, answer := c.junkieCall("GET", "/keys/foreign", "theirs", "")
	assert.Equal(t, 200, status)
	assert.Contains(t, answer, fmt.Sprintf(`"provider_id":%v`, foreign["provider"]))
}

func TestJunkieAPIKeysReachTheAPI(t *testing.T) {
	t.Parallel()
	s, c := junkieOf(t)
	call := func() int {
		status, _ := c.junkieCall("GET", "/keys", "ci", "")
		return status
	}
	assert.Equal(t, 401, call())
	id := fmt.Sprint(c.junkie("api-keys", `{"value":"ci","scopes":[]}`)["id"])
	assert.Equal(t, 403, call())
	since := len(s.Effects())
	c.send("PATCH", "/junkie/api-keys/"+id, `{"scopes":["rest-api:*"]}`, 200)
	assert.Equal(t, 200, call())
	c.send("PATCH", "/junkie/api-keys/"+id, `{"revoked":true}`, 200)
	assert.Equal(t, 401, call())
	c.send("PATCH", "/junkie/api-keys/"+id, `{"revoked":false}`, 200)
	assert.Equal(t, 200, call())
	c.send("DELETE", "/junkie/api-keys/ci", "", 204)
	assert.Equal(t, 401, call())
	assert.Equal(t, []string{"api-key.changed 1001 (scopes)", "api-key.revoked 1001 (revoked)", "api-key.changed 1001 (revoked)", "api-key.removed 1001"}, kinds(s, since))
	assert.Equal(t, []any{5001.0}, c.junkieList("api-keys"))
	status, _ := c.junkieCall("GET", "/keys", s.Junkie().APIKey(), "")
	assert.Equal(t, 200, status, "the default one works on")

	s.Resume()
	c.junkie("api-keys", `{"value":"ci"}`)
	c.send("PUT", "/rate-limits/junkie", `{"on":[{"calls":1,"per":"1h"}]}`, 200)
	assert.Equal(t, 200, call())
	c.send("PATCH", "/junkie/api-keys/ci", `{"scopes":["rest-api:*","more"]}`, 200)
	assert.Equal(t, 429, call(), "what was called stays counted")
}

// Names lead to what they mean in the account, and to nothing else.
func TestJunkieReferences(t *testing.T) {
	t.Parallel()
	_, c := junkieOf(t)
	c.junkie("accounts", `{"id":7}`)
	for _, account := range []string{"1001", "7"} {
		c.junkie("providers", `{"account":`+account+`,"name":"shop"}`)
		c.junkie("services", `{"account":`+account+`,"name":"hub"}`)
		c.junkie("folders", `{"account":`+account+`,"name":"vip"}`)
	}
	c.junkie("providers", `{"name":"2002"}`)
	c.junkie("folders", `{"name":"twin"}`)
	c.junkie("folders", `{"name":"twin"}`)
	ours, theirs := c.junkie("keys", `{"provider":"shop","service":"hub","folder":"vip"}`), c.junkie("keys", `{"account":7,"provider":"shop","service":"hub","folder":"vip"}`)
	assert.Equal(t, []any{2001.0, 3001.0, 4001.0}, []any{ours["provider"], ours["service"], ours["folder"]})
	assert.Equal(t, []any{2002.0, 3002.0, 4002.0}, []any{theirs["provider"], theirs["service"], theirs["folder"]})
	assert.EqualValues(t, 2003, c.junkie("keys", `{"provider":"2002"}`)["provider"], "a string is a name")
	for told, want := range map[string]problem{
		`{"provider":2002}`:     {Pointer: "/provider", Detail: "provider names no provider of the account: 2002; make it first"},
		`{"provider":"shops"}`:  {Pointer: "/provider", Detail: `provider names no provider of the account: "shops"; make it first`},
		`{"provider":2.5}`:      {Pointer: "/provider", Detail: "provider must be an id, or a name as a string"},
		`{"provider":0}`:        {Pointer: "/provider", Detail: "provider must be an id, or a name as a string"},
		`{"provider":["shop"]}`: {Pointer: "/provider", Detail: "provider must be an id, or a name as a string"},
		`{"provider":null}`:     {Pointer: "/provider", Detail: "provider cannot be null"},
		`{"service":3002}`:      {Pointer: "/service", Detail: "service names no service of the account: 3002; make it first"},
		`{"service":"Hub"}`:     {Pointer: "/service", Detail: `service names no service of the account: "Hub"; make it first`},
		`{"folder":"twin"}`:     {Pointer: "/folder", Detail: `folder names more than one folder of the account: "twin"; give the id of the one that is meant`},
		`{"folder":1}`:          {Pointer: "/folder", Detail: "folder names no folder of the account: 1; make it first"},
	} {
		for method, path := range map[string]string{"POST": "/junkie/keys", "PATCH": "/junkie/keys/1"} {
			got := c.refused(method, path, told)
			assert.Equal(t, 422, got.Status)
			assert.Equal(t, want.Pointer, got.Pointer, "%s %s", method, told)
			assert.Equal(t, want.Detail, got.Detail, "%s %s", method, told)
		}
	}
	changed := c.send("PATCH", "/junkie/keys/1", `{"provider":"2002","folder":4003}`, 200)
	assert.Equal(t, []any{2003.0, 3001.0, 4003.0}, []any{changed["provider"], changed["service"], changed["folder"]})
}

func TestJunkieFilters(t *testing.T) {
	t.Parallel()
	_, c := junkieOf(t)
	c.junkie("accounts", `{"id":7,"apiKey":"seven"}`)
	c.junkie("providers", `{"id":9,"name":"shop"}`)
	c.junkie("providers", `{"account":7,"name":"shop"}`)
	c.junkie("services", `{"name":"hub"}`)
	c.junkie("folders", `{"name":"vip"}`)
	c.junkie("keys", `{"value":"a & b","provider":9,"service":"hub","folder":"vip","name":"n","discordId":"5","hwids":[{"hwid":"pc"}]}`)
	c.junkie("keys", `{"account":7,"invalidated":true}`)
	c.junkie("bans", `{"hwid":"evil"}`)
	c.junkie("bans", `{"account":7,"hwid":"evil"}`)
	c.send("PATCH", "/junkie/api-keys/seven", `{"revoked":true}`, 200)
	for _, filter := range []struct {
		collection, filters string
		found               []any
	}{
		{"api-keys", "account=7", []any{5002.0}}, {"api-keys", "value=seven", []any{5002.0}}, {"api-keys", "revoked=false", []any{5001.0}}, {"api-keys", "revoked=no", []any{}},
		{"providers", "name=shop", []any{9.0, 2001.0}}, {"providers", "name=shop&account=7", []any{2001.0}}, {"providers", "account=seven", []any{}},
		{"services", "name=hub", []any{3001.0}}, {"services", "account=7", []any{}}, {"folders", "name=vip&account=1001", []any{4001.0}},
		{"bans", "hwid=evil", []any{6001.0, 6002.0}}, {"bans", "hwid=evil&account=7", []any{6002.0}},
		{"keys", "account=1001", []any{1.0}}, {"keys", "provider=shop", []any{1.0, 2.0}}, {"keys", "provider=9", []any{1.0}}, {"keys", "provider=hub", []any{}},
		{"keys", "service=hub", []any{1.0}}, {"keys", "service=3001", []any{1.0}}, {"keys", "service=", []any{2.0}}, {"keys", "service=0", []any{}},
		{"keys", "folder=vip", []any{1.0}}, {"keys", "folder=4001", []any{1.0}}, {"keys", "name=n", []any{1.0}}, {"keys", "value=a+%26+b", []any{1.0}}, {"keys", "value=a", []any{}},
		{"keys", "hwid=pc", []any{1.0}}, {"keys", "hwid=PC", []any{}}, {"keys", "discordId=5", []any{1.0}},
		{"keys", "status=invalidated", []any{2.0}}, {"keys", "status=active", []any{1.0}}, {"keys", "status=Active", []any{}},
	} {
		query, err := url.ParseQuery(filter.filters)
		require.NoError(t, err)
		var pairs []string
		for name := range query {
			pairs = append(pairs, name, query.Get(name))
		}
		assert.Equal(t, filter.found, c.junkieList(filter.collection, pairs...), "%s by %s", filter.collection, filter.filters)
	}
	assert.Equal(t, "provder", c.refused("GET", "/junkie/keys?provder=9", "").Parameter)
}

// Whatever is refused has changed nothing, and says which member is at fault.
func TestJunkieRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	s, c := junkieOf(t)
	c.junkie("accounts", `{"id":7,"apiKey":"seven"}`)
	c.junkie("providers", `{"id":9,"name":"shop"}`)
	c.junkie("services", `{"id":10}`)
	c.junkie("folders", `{"id":11}`)
	c.junkie("keys", `{"value":"first","service":10}`)
	c.junkie("keys", `{"value":"second"}`)
	c.junkie("bans", `{"hwid":"evil"}`)
	before := s.Snapshot()
	effects := s.Effects()
	for _, refused := range []struct {
		method, path, body string
		status             int
		pointer            string
	}{
		{"POST", "accounts", `{"id":7}`, 409, "/id"},
		{"POST", "accounts", `{"id":-1}`, 422, "/id"},
		{"POST", "accounts", `{"id":9007199254740993}`, 422, "/id"},
		{"POST", "accounts", `{"id":"8"}`, 422, "/id"},
		{"POST", "accounts", `{"apiKey":"seven"}`, 409, "/apiKey"},
		{"POST", "accounts", `{"name":"acme"}`, 422, "/name"},
		{"DELETE", "accounts/1001", ``, 409, ""},
		{"DELETE", "accounts/8", ``, 404, ""},
		{"POST", "api-keys", `{"account":8}`, 422, "/account"},
		{"POST", "api-keys", `{"account":0}`, 422, "/account"},
		{"POST", "api-keys", `{"value":"seven"}`, 409, "/value"},
		{"POST", "api-keys", `{"id":5001}`, 409, "/id"},
		{"POST", "api-keys", `{"scopes":"rest-api:*"}`, 422, "/scopes"},
		{"POST", "api-keys", `{"scopes":null}`, 422, "/scopes"},
		{"PATCH", "api-keys/seven", `{"value":"eight"}`, 422, "/value"},
		{"PATCH", "api-keys/seven", `{"account":1001}`, 422, "/account"},
		{"PATCH", "api-keys/nobody", `{}`, 404, ""},
		{"POST", "providers", `{"id":9}`, 409, "/id"},
		{"POST", "providers", `{"account":8}`, 422, "/account"},
		{"POST", "providers", `{"keyPrefix":"Shop"}`, 422, "/keyPrefix"},
		{"POST", "providers", `{"prefix":"SHOP"}`, 422, "/prefix"},
		{"PATCH", "providers/9", `{"keyPrefix":"shop"}`, 422, "/keyPrefix"},
		{"PATCH", "providers/9", `{"id":8}`, 422, "/id"},
		{"PATCH", "providers/9", `{"account":7}`, 422, "/account"},
		{"DELETE", "providers/9", ``, 409, ""},
		{"GET", "providers/shop", ``, 404, ""},
		{"POST", "services", `{"premium":"yes"}`, 422, "/premium"},
		{"POST", "services", `{"id":10}`, 409, "/id"},
		{"DELETE", "services/10", ``, 409, ""},
		{"POST", "folders", `{"createdAt":null}`, 422, "/createdAt"},
		{"POST", "folders", `{"createdAt":"9999-12-31T23:59:59-01:00"}`, 422, "/createdAt"},
		{"PATCH", "folders/11", `{"createdAt":"0000-01-01T00:00:00Z"}`, 422, "/createdAt"},
		{"POST", "folders", `{"createdAt":"yesterday"}`, 422, "/createdAt"},
		{"POST", "keys", `{"id":1}`, 409, "/id"},
		{"POST", "keys", `{"account":8}`, 422, "/account"},
		{"POST", "keys", `{"value":"first"}`, 409, "/value"},
		{"POST", "keys", `{"account":7,"value":"first"}`, 409, "/value"},
		{"POST", "keys", `{"status":"active"}`, 422, "/status"},
		{"POST", "keys", `{"validityMinutes":-1}`, 422, "/validityMinutes"},
		{"POST", "keys", `{"validityMinutes":2147483648}`, 422, "/validityMinutes"},
		{"POST", "keys", `{"validity":"90s"}`, 422, "/validity"},
		{"POST", "keys", `{"validity":"-1h"}`, 422, "/validity"},
		{"POST", "keys", `{"validity":60}`, 422, "/validity"},
		{"POST", "keys", `{"validity":null}`, 422, "/validity"},
		{"POST", "keys", `{"hwidLimit":-1}`, 422, "/hwidLimit"},
		{"POST", "keys", `{"hwids":["pc"]}`, 422, "/hwids/0"},
		{"POST", "keys", `{"hwids":[{"hwid":"pc"},{"hwid":"pc"}]}`, 422, "/hwids/1/hwid"},
		{"POST", "keys", `{"hwids":[{"boundBy":"api"}]}`, 422, "/hwids/0/hwid"},
		{"POST", "keys", `{"hwids":[{"hwid":"pc","boundAt":"9999-12-31T23:59:59-01:00"}]}`, 422, "/hwids/0/boundAt"},
		{"POST", "keys", `{"hwids":null}`, 422, "/hwids"},
		{"POST", "keys", `{"redemption":{"user":"1"}}`, 422, "/redemption/user"},
		{"POST", "keys", `{"redemption":{"redeemedAt":"9999-12-31T23:59:59-01:00"}}`, 422, "/redemption/redeemedAt"},
		{"POST", "keys", `{"expiresAt":"9999-12-31T23:59:59-01:00"}`, 422, "/expiresAt"},
		{"POST", "keys", `{"serviceId":10}`, 422, "/serviceId"},
		{"PATCH", "keys/1", `{"value":"second"}`, 409, "/value"},
		{"PATCH", "keys/1", `{"value":""}`, 422, "/value"},
		{"PATCH", "keys/1", `{"provider":""}`, 422, "/provider"},
		{"PATCH", "keys/1", `{"status":"used"}`, 422, "/status"},
		{"PATCH", "keys/1", `{"account":7}`, 422, "/account"},
		{"PATCH", "keys/1", `{"id":5}`, 422, "/id"},
		{"PATCH", "keys/1", `{"hwidLimit":-1,"name":"x"}`, 422, "/hwidLimit"},
		{"PATCH", "keys/third", `{}`, 404, ""},
		{"GET", "keys/99999999999999999999", ``, 404, ""},
		{"GET", "providers/+9", ``, 404, ""},
		{"GET", "providers/0", ``, 404, ""},
		{"DELETE", "keys/3", ``, 404, ""},
		{"POST", "bans", `{}`, 422, "/hwid"},
		{"POST", "bans", `{"hwid":"ab"}`, 422, "/hwid"},
		{"POST", "bans", `{"hwid":"evil"}`, 409, "/hwid"},
		{"POST", "bans", `{"hwid":"bad","until":"9999-12-31T23:59:59-01:00"}`, 422, "/until"},
		{"PATCH", "bans/6001", `{"hwid":"good"}`, 422, "/hwid"},
		{"PATCH", "bans/6001", `{"until":7}`, 422, "/until"},
		{"DELETE", "bans/evil", ``, 404, ""},
		{"POST", "verify", `{}`, 422, "/key"},
		{"POST", "verify", `{"key":7}`, 422, "/key"},
		{"POST", "verify", `{"key":"first","device":"pc"}`, 422, "/device"},
		{"POST", "verify", `{"key":"first","service":true}`, 422, "/service"},
		{"POST", "redeem", `{"discordUserId":"12345678901234567"}`, 422, "/key"},
		{"POST", "redeem", `{"key":"first"}`, 422, "/discordUserId"},
		{"POST", "redeem", `{"key":"first","discordUserId":"bob"}`, 422, "/discordUserId"},
		{"GET", "settings", ``, 404, ""},
	} {
		p := c.refused(refused.method, "/junkie/"+refused.path, refused.body)
		assert.Equal(t, refused.status, p.Status, "%s %s %s: %s", refused.method, refused.path, refused.body, p.Detail)
		assert.Equal(t, refused.pointer, p.Pointer, "%s %s %s: %s", refused.method, refused.path, refused.body, p.Detail)
		assert.True(t, strings.HasPrefix(p.Detail, strings.TrimPrefix(p.Pointer, "/")), p.Detail)
	}
	assert.JSONEq(t, string(before), string(s.Snapshot()), "nothing has changed")
	assert.Equal(t, effects, s.Effects())
	assert.Empty(t, s.Journal())
	assert.Equal(t, "provider 9 has keys, 2 of them: delete them first", c.refused("DELETE", "/junkie/providers/9", "").Detail)
	assert.Equal(t, `value is taken by another key: choose another`, c.refused("POST", "/junkie/keys", `{"value":"first"}`).Detail)
	assert.Contains(t, c.refused("POST", "/junkie/keys", `{"serviceId":10}`).Detail, `did you mean "service"?`)
	assert.Contains(t, c.refused("POST", "/junkie/keys", `{"validity":"90s"}`).Detail, `validity must be a duration in whole minutes such as "90m"`)
}

func TestJunkieObjectsAreDeleted(t *testing.T) {
	t.Parallel()
	s, c := junkieOf(t)
	c.junkie("accounts", `{"id":7,"apiKey":"seven"}`)
	for _, account := range []string{"7", "1001"} {
		c.junkie("providers", `{"account":`+account+`,"name":"shop"}`)
		c.junkie("services", `{"account":`+account+`,"name":"hub"}`)
		c.junkie("folders", `{"account":`+account+`,"name":"vip"}`)
		c.junkie("keys", `{"account":`+account+`,"service":"hub","folder":"vip"}`)
		c.junkie("bans", `{"account":`+account+`,"hwid":"evil"}`)
	}
	since := len(s.Effects())
	c.send("DELETE", "/junkie/accounts/7", "", 204)
	assert.Equal(t, []string{
		"key.deleted 1", "device.ban-lifted evil", "folder.removed 4001", "service.removed 3001", "provider.removed 2001", "api-key.removed 7", "account.removed 7",
	}, kinds(s, since))
	for collection, left := range map[string][]any{
		"accounts": {1001.0}, "api-keys": {5001.0}, "providers": {2002.0}, "services": {3002.0}, "folders": {4002.0}, "keys": {2.0}, "bans": {6002.0},
	} {
		assert.Equal(t, left, c.junkieList(collection), collection)
	}
	status, _ := c.junkieCall("GET", "/keys", "seven", "")
	assert.Equal(t, 401, status)

	since = len(s.Effects())
	c.send("DELETE", "/junkie/folders/4002", "", 204)
	assert.Nil(t, c.send("GET", "/junkie/keys/2", "", 200)["folder"], "the key stays")
	c.send("DELETE", "/junkie/keys/2", "", 204)
	c.send("DELETE", "/junkie/services/3002", "", 204)
	c.send("DELETE", "/junkie/providers/2002", "", 204)
	c.send("DELETE", "/junkie/bans/6002", "", 204)
	c.send("DELETE", "/junkie/api-keys/5001", "", 204)
	assert.Equal(t, []string{
		"key.updated 2 (folder_id)", "folder.removed 4002", "key.deleted 2", "service.removed 3002", "provider.removed 2002", "device.ban-lifted evil", "api-key.removed 1001",
	}, kinds(s, since))
	assert.Nil(t, at(c.send("GET", "/junkie/accounts/1001", "", 200), "apiKey"))
	assert.EqualValues(t, 3, c.junkie("keys", `{}`)["id"], "no number is given twice")
	c.send("POST", "/reset", "", 204)
	status, _ = c.junkieCall("GET", "/keys", junkieAPIKey, "")
	assert.Equal(t, 200, status, "everything is as new")
	assert.Equal(t, s.Junkie().APIKey(), c.send("GET", "/junkie/accounts/1001", "", 200)["apiKey"])
}

// The codes that an end user's program can be told, each as the Go API has it.
func TestJunkieVerifications(t *testing.T) {
	t.Parallel()
	s, c := junkieOf(t)
	c.junkie("accounts", `{"id":7}`)
	c.junkie("services", `{"name":"hub"}`)
	c.junkie("services", `{"name":"other"}`)
	c.junkie("services", `{"name":"vip","premium":true}`)
	c.junkie("services", `{"name":"free","keyless":true}`)
	c.junkie("services", `{"account":7,"name":"twin"}`)
	c.junkie("services", `{"name":"twin"}`)
	for _, key := range []string{
		`{"value":"good","service":"hub","validity":"1h","expiryOnFirstUse":true}`, `{"value":"off","invalidated":true}`, `{"value":"old","createdAt":"-2h","validity":"1h"}`,
		`{"value":"once","oneTimeUse":true,"usedAt":"-1h"}`, `{"value":"full","hwidLimit":1,"hwids":[{"hwid":"old"}]}`, `{"value":"plain"}`,
	} {
		c.junkie("keys", key)
	}
	c.junkie("bans", `{"hwid":"evil","until":"+1h"}`)
	for _, visit := range []struct{ order, code, row string }{
		{`{"key":"good","hwid":"pc","service":"nowhere"}`, "SERVICE_NOT_FOUND", "junkie.verify.service-not-found"},
		{`{"key":"good","hwid":"pc","service":1}`, "SERVICE_NOT_FOUND", "junkie.verify.service-not-found"},
		{`{"key":"nothing","hwid":"pc","service":"free"}`, "KEYLESS", "junkie.verify.keyless"},
		{`{"key":"nothing","hwid":"pc"}`, "KEY_INVALID", "junkie.verify.key-invalid"},
		{`{"key":"","hwid":"pc"}`, "KEY_INVALID", "junkie.verify.key-invalid"},
		{`{"key":"good","hwid":"pc","service":"other"}`, "SERVICE_MISMATCH", "junkie.verify.service-mismatch"},
		{`{"key":"plain","hwid":"evil"}`, "HWID_BANNED", "junkie.verify.hwid-banned"},
		{`{"key":"off","hwid":"pc"}`, "KEY_INVALIDATED", "junkie.verify.key-invalidated"},
		{`{"key":"old","hwid":"pc"}`, "KEY_EXPIRED", "junkie.verify.key-expired"},
		{`{"key":"once","hwid":"pc"}`, "ALREADY_USED", "junkie.verify.already-used"},
		{`{"key":"plain","hwid":"pc","service":"vip"}`, "PREMIUM_REQUIRED", "junkie.verify.premium-required"},
		{`{"key":"full","hwid":"pc"}`, "HWID_MISMATCH", "junkie.verify.hwid-mismatch"},
		{`{"key":"plain"}`, "HWID_MISMATCH", "junkie.verify.no-device"},
		{`{"key":"good","hwid":"pc","service":"hub","executorUserId":"4711"}`, "KEY_VALID", "junkie.verify.key-valid"},
		{`{"key":"good","hwid":"pc","service":3001,"executorUserId":null}`, "KEY_VALID", "junkie.hwid.bound"},
		{`{"key":"plain","hwid":"pc","service":null}`, "KEY_VALID", "junkie.verify.no-service"},
	} {
		s.ResetJournal()
		decided := s.Decided(visit.row)
		valid := visit.code == "KEY_VALID" || visit.code == "KEYLESS"
		c.want("POST", "/junkie/verify", visit.order, 200, fmt.Sprintf(`{"valid":%t,"code":%q}`, valid, visit.code))
		journal := s.Journal()
		require.Len(t, journal, 1)
		assert.Equal(t, "junkie.verify", journal[0].Op)
		assert.Contains(t, journal[0].Rows, visit.row)
		assert.Equal(t, decided+1, s.Decided(visit.row))
	}
	var used []string
	for _, e := range s.Effects() {
		if e.Op == "junkie.verify" {
			used = append(used, e.Kind+" "+e.ID)
		}
	}
	assert.Equal(t, []string{"key.used 1", "key.expiry-started 1", "key.device-bound 1", "key.used 6", "key.device-bound 6"}, used)
	good := c.send("GET", "/junkie/keys/good", "", 200)
	assert.Equal(t, "2026-03-01T13:00:00Z", good["expiresAt"])
	assert.Equal(t, []any{sheet{"hwid": "pc", "executorUserId": "4711", "boundAt": "2026-03-01T12:00:00Z", "boundBy": "verify"}}, good["hwids"])

	before := s.Snapshot()
	p := c.refused("POST", "/junkie/verify", `{"key":"plain","hwid":"pc","service":"twin"}`)
	assert.Equal(t, `service names more than one service: "twin"; give the id of the one that is meant`, p.Detail)
	assert.JSONEq(t, string(before), string(s.Snapshot()))
	s.Advance(time.Hour)
	c.want("POST", "/junkie/verify", `{"key":"plain","hwid":"evil"}`, 200, `{"valid":true,"code":"KEY_VALID"}`)
	c.want("POST", "/junkie/verify", `{"key":"good","hwid":"pc"}`, 200, `{"valid":false,"code":"KEY_EXPIRED"}`)
}

func TestJunkieRedemptions(t *testing.T) {
	t.Parallel()
	s, c := junkieOf(t)
	c.junkie("keys", `{"value":"good"}`)
	c.junkie("keys", `{"value":"off","invalidated":true}`)
	redeem := func(value string, redeemed bool) {
		c.want("POST", "/junkie/redeem", fmt.Sprintf(`{"key":%q,"discordUserId":"12345678901234567"}`, value), 200, fmt.Sprintf(`{"redeemed":%t}`, redeemed))
	}
	redeem("nothing", false)
	redeem("off", false)
	redeem("good", true)
	redeem("good", false)
	for _, call := range s.Journal() {
		assert.Equal(t, "junkie.redeem", call.Op)
	}
	assert.Len(t, s.Journal(), 4)
	s.AssertEffects(t, 1, "key.redeemed")
	assert.Equal(t, 3, s.Decided("junkie.redeem.refused"))
	assert.Equal(t, sheet{"discordUserId": "12345678901234567", "status": "redeemed", "redeemedAt": "2026-03-01T12:00:00Z"},
		c.send("GET", "/junkie/keys/good", "", 200)["redemption"])
}

// A ban reaches the keys when it is told to, and not again.
func TestJunkieBansReachTheKeys(t *testing.T) {
	t.Parallel()
	s, c := junkieOf(t)
	c.junkie("keys", `{"value":"a","hwids":[{"hwid":"evil"}]}`)
	c.junkie("keys", `{"value":"b","hwids":[{"hwid":"good"}]}`)
	since := len(s.Effects())
	id := fmt.Sprint(c.junkie("bans", `{"hwid":"evil","invalidateKeys":true}`)["id"])
	c.send("PATCH", "/junkie/keys/a", `{"invalidated":false}`, 200)
	c.send("PATCH", "/junkie/bans/"+id, `{"until":"+1h"}`, 200)
	assert.Equal(t, false, c.send("GET", "/junkie/keys/a", "", 200)["invalidated"])
	c.send("PATCH", "/junkie/bans/"+id, `{"invalidateKeys":false}`, 200)
	c.send("PATCH", "/junkie/bans/"+id, `{"invalidateKeys":true}`, 200)
	assert.Equal(t, true, c.send("GET", "/junkie/keys/a", "", 200)["invalidated"])
	assert.Equal(t, []string{
		"device.banned evil", "key.invalidated 1", "key.updated 1 (is_invalidated)", "device.ban-changed evil (until)",
		"device.ban-changed evil (invalidateKeys)", "device.ban-changed evil (invalidateKeys)", "key.invalidated 1",
	}, kinds(s, since))
}

// Looking leaves no trace.
func TestJunkieIsReadWithoutATrace(t *testing.T) {
	t.Parallel()
	s, c := junkieOf(t)
	c.junkie("keys", `{}`)
	before, effects := s.Snapshot(), len(s.Effects())
	for _, path := range []string{"accounts", "accounts/1001", "api-keys", "api-keys/5001", "providers", "providers/2001", "services", "folders", "bans", "keys", "keys/1"} {
		c.send("GET", "/junkie/"+path, "", 200)
	}
	assert.JSONEq(t, string(before), string(s.Snapshot()))
	assert.Len(t, s.Effects(), effects)
	assert.Empty(t, s.Journal())
}

const junkieSeed = `{"junkie": {
  "accounts": [{"id": 7, "apiKey": "seven"}],
  "api-keys": [{"value": "ci", "scopes": []}],
  "providers": [{"id": 9, "name": "shop", "keyPrefix": "SHOP"}, {"account": 7, "name": "shop"}],
  "services": [{"name": "hub"}],
  "folders": [{"name": "vip", "createdAt": "-30d"}],
  "bans": [{"hwid": "evil", "until": "+1d", "invalidateKeys": true}],
  "keys": [
    {"provider": "shop", "service": "hub", "value": "SHOP-FRESH", "validity": "30d"},
    {"provider": "shop", "folder": "vip", "value": "SHOP-EXPIRED", "validity": "1h", "createdAt": "-2h"},
    {"provider": 9, "value": "SHOP-USED", "usedAt": "now", "hwids": [{"hwid": "pc", "boundAt": "-1m"}]},
    {"account": 7, "provider": "shop", "value": "BANNED", "hwids": [{"hwid": "evil"}]},
    {"value": "OURS", "hwids": [{"hwid": "evil"}]}
  ]
}}`

func TestJunkieSeed(t *testing.T) {
	t.Parallel()
	s, c := junkieOf(t, WithSeedJSON([]byte(junkieSeed)))
	keys := func() (list []string) {
		for _, k := range c.send("GET", "/junkie/keys", "", 200)["items"].([]any) {
			list = append(list, fmt.Sprint(at(k, "value"), " ", at(k, "status"), " ", at(k, "provider"), " ", at(k, "service"), " ", at(k, "folder"), " ", at(k, "expiresAt")))
		}
		return list
	}
	want := []string{
		"SHOP-EXPIRED expired 9 <nil> 4001 2026-03-01T11:00:00Z",
		"SHOP-FRESH active 9 3001 <nil> 2026-03-31T12:00:00Z",
		"SHOP-USED used 9 <nil> <nil> <nil>",
		"OURS invalidated 9 <nil> <nil> <nil>",
		"BANNED active 2001 <nil> <nil> <nil>",
	}
	assert.Equal(t, want, keys())
	assert.Equal(t, "2026-03-01T11:59:00Z", at(c.send("GET", "/junkie/keys/SHOP-USED", "", 200), "hwids", 0, "boundAt"))
	assert.Equal(t, "2026-01-30T12:00:00Z", c.send("GET", "/junkie/folders/4001", "", 200)["createdAt"])
	status, _ := c.junkieCall("GET", "/keys/BANNED", "seven", "")
	assert.Equal(t, 200, status)
	status, _ = c.junkieCall("GET", "/keys", "ci", "")
	assert.Equal(t, 403, status)
	assert.Equal(t, "seed", s.Effects()[0].Op)
	before := s.Snapshot()
	s.Junkie().RemoveKey(1)
	c.send("POST", "/reset", "", 204)
	assert.JSONEq(t, string(before), string(s.Snapshot()), "it is there again")

	for text, want := range map[string]SeedError{
		"{\"junkie\": {\"providers\": [{\"name\": \"two\"}],\n\"keys\": [{},\n{\"provider\": \"tow\"}]}}": {"/junkie/keys/1/provider", 3, `junkie/keys/1/provider names no provider of the account: "tow"; make it first`},
		"{\"junkie\": {\"keys\": [{\"value\": \"NEW\"},\n{\"value\": \"NEW\"}]}}":                         {"/junkie/keys/1/value", 2, "junkie/keys/1/value is taken by another key: choose another"},
		`{"junkie": {"bans": [{"hwid": "no"}]}}`:                                                          {"/junkie/bans/0/hwid", 1, "junkie/bans/0/hwid must have 3 to 128 characters for a ban, not 2"},
		`{"junkie": {"settings": {}}}`:                                                                    {"/junkie/settings", 1, "junkie/settings cannot be made: this vendor has none"},
		`{"junkie": {"accounts": [{}, {"id": 7}]}}`:                                                       {"/junkie/accounts/1/id", 1, "junkie/accounts/1/id is taken by another account: choose another"},
	} {
		var got *SeedError
		require.ErrorAs(t, s.SeedJSON([]byte(text)), &got, text)
		assert.Equal(t, want, *got)
		assert.JSONEq(t, string(before), string(s.Snapshot()), text)
	}
}

// The same requests get the same answers after a snapshot was put back, to the
// byte.
func TestJunkieSnapshotOverHTTP(t *testing.T) {
	t.Parallel()
	s, c := junkieOf(t, WithSeedJSON([]byte(junkieSeed)))
	script := func() (told []string) {
		since := len(s.Effects())
		for _, request := range [][4]string{
			{"POST", "/keys/batch", junkieAPIKey, `{"provider_id":9,"amount":3,"hwid":"pc"}`},
			{"PUT", "/keys/SHOP-FRESH", junkieAPIKey, `{"hwids":["x"],"hwid_limit":0}`},
			{"DELETE", "/keys/SHOP-EXPIRED", junkieAPIKey, ""},
			{"GET", "/keys", junkieAPIKey, ""},
			{"GET", "/keys/folders", junkieAPIKey, ""},
			{"GET", "/keys/BANNED", "seven", ""},
		} {
			status, answer := c.junkieCall(request[0], request[1], request[2], request[3])
			require.Equal(t, 2, status/100, answer)
			told = append(told, answer)
		}
		for _, order := range [][2]string{{"verify", `{"key":"SHOP-USED","hwid":"new"}`}, {"api-keys", `{}`}, {"bans", `{"hwid":"another"}`}} {
			_, answer := c.ask("POST", "/junkie/"+order[0], order[1])
			told = append(told, answer)
		}
		return append(told, kinds(s, since)...)
	}
	resp, taken := c.ask("GET", "/snapshot", "")
	require.Equal(t, 200, resp.StatusCode)
	first := script()
	left := s.Snapshot()
	s.Advance(time.Hour)
	c.want("PUT", "/snapshot", taken, 204, "")
	assert.JSONEq(t, taken, string(s.Snapshot()))
	assert.Equal(t, first, script())
	assert.JSONEq(t, string(left), string(s.Snapshot()))

	other, _ := junkieOf(t)
	require.NoError(t, other.Restore([]byte(taken)))
	assert.JSONEq(t, taken, string(other.Snapshot()))
	k, found := other.Junkie().KeyByValue("SHOP-USED")
	require.True(t, found)
	assert.Equal(t, t0, k.UsedAt)
}

// Staging, snapshots and calls may run side by side.
func TestJunkieControlAndCallersAtOnce(t *testing.T) {
	t.Parallel()
	s, c := junkieOf(t)
	taken := string(s.Snapshot())
	const workers, each = 4, 10
	var all sync.WaitGroup
	for i := range workers {
		all.Go(func() {
			for n := range each {
				c.ask("POST", "/junkie/keys", fmt.Sprintf(`{"value":"%d-%d","hwids":[{"hwid":"pc"}]}`, i, n))
				c.ask("POST", "/junkie/verify", fmt.Sprintf(`{"key":"%d-%d","hwid":"pc"}`, i, n))
				c.ask("PATCH", "/junkie/providers/2001", fmt.Sprintf(`{"name":"%d"}`, n))
				c.ask("GET", "/junkie/keys", "")
				c.ask("POST", "/seed", `{"junkie":{"folders":[{"name":"vip"}]}}`)
			}
		})
		all.Go(func() {
			for range each {
				c.junkieCall("POST", "/keys/batch", junkieAPIKey, `{"provider_id":2001,"amount":2}`)
				s.Junkie().Keys()
				s.Snapshot()
			}
		})
	}
	all.Wait()
	assert.Len(t, c.junkieList("folders"), workers*each)
	assert.GreaterOrEqual(t, len(c.junkieList("keys")), workers*each)
	assert.Len(t, c.junkieList("keys", "status", "used"), workers*each)
	c.want("PUT", "/snapshot", taken, 204, "")
	assert.Empty(t, c.junkieList("keys"))
}

// Calls stay counted in a snapshot, and so does what the vendor limits.
func TestJunkieSnapshotOfRateLimits(t *testing.T) {
	t.Parallel()
	s, c := junkieOf(t)
	s.Resume()
	call := func() int {
		status, _ := c.junkieCall("GET", "/keys", junkieAPIKey, "")
		return status
	}
	c.send("PUT", "/rate-limits/junkie", `{"on":[{"calls":2,"per":"1h"}]}`, 200)
	require.Equal(t, 200, call())
	taken := s.Snapshot()
	require.Equal(t, 200, call())
	require.Equal(t, 429, call())
	c.send("PUT", "/rate-limits/junkie", `{"on":[]}`, 200)
	require.NoError(t, s.Restore(taken))
	assert.Equal(t, 200, call())
	assert.Equal(t, 429, call())
}
