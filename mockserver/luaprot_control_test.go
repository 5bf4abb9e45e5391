package mockserver

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// luaprotConsole is a program in whatever language that steers LuaProt over HTTP,
// and calls its API.
type luaprotConsole struct{ console }

const (
	luaprotHub  = "40511091490620200512"
	luaprotUser = "123456789012345678"
)

func luaprotConsoleOf(t *testing.T, opts ...Option) (luaprotConsole, *Server) {
	t.Helper()
	s := RunT(t, append(opts, WithStart(t0), WithFrozenClock())...)
	return luaprotConsole{consoleOf(t, s)}, s
}

// luaprotAlone leaves the other vendors out.
func luaprotAlone(t *testing.T) Option {
	t.Helper()
	v, found := core.Lookup("luaprot")
	require.True(t, found)
	return with(v)
}

// make creates an object below /__admin/luaprot.
func (c luaprotConsole) make(collection, body string) sheet {
	c.t.Helper()
	return c.send("POST", "/luaprot/"+collection, body, http.StatusCreated)
}

// luaprotObject is the path of one object.
func luaprotObject(collection, id string) string {
	return "/luaprot/" + collection + "/" + url.PathEscape(id)
}

func (c luaprotConsole) read(collection, id string) sheet {
	c.t.Helper()
	return c.send("GET", luaprotObject(collection, id), "", http.StatusOK)
}

func (c luaprotConsole) change(collection, id, body string) sheet {
	c.t.Helper()
	return c.send("PATCH", luaprotObject(collection, id), body, http.StatusOK)
}

func (c luaprotConsole) remove(collection, id string) {
	c.t.Helper()
	c.send("DELETE", luaprotObject(collection, id), "", http.StatusNoContent)
}

func (c luaprotConsole) list(collection string, filters ...string) []any {
	c.t.Helper()
	query := url.Values{}
	for i := 0; i < len(filters); i += 2 {
		query.Set(filters[i], filters[i+1])
	}
	return c.send("GET", "/luaprot/"+collection+"?"+query.Encode(), "", http.StatusOK)["items"].([]any)
}

// do has an end user or the vendor's staff do something.
func (c luaprotConsole) do(deed, body string) sheet {
	c.t.Helper()
	return c.send("POST", "/luaprot/"+deed, body, http.StatusOK)
}

// api sends a request to the vendor's own routes and returns status and body.
func (c luaprotConsole) api(method, path, apiKey, body string) (status int, answer string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	require.NoError(c.t, err)
	req.Header.Set("Authorization", apiKey)
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.client.Do(req)
	require.NoError(c.t, err)
	defer func() { _ = resp.Body.Close() }()
	read, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	return resp.StatusCode, string(read)
}

const luaprotAPIKey = "mock-luaprot-api-key-1"

// wire is a key as the vendor's info shows it.
func (c luaprotConsole) wire(hub, key string) sheet {
	c.t.Helper()
	status, body := c.api("GET", "/api/v1/hubs/"+hub+"/keys/info?key="+url.QueryEscape(key), luaprotAPIKey, "")
	require.Equal(c.t, 200, status, body)
	var document sheet
	require.NoError(c.t, json.Unmarshal([]byte(body), &document))
	return document["key"].(sheet)
}

// luaprotMembers is one object of each kind with every member that it has.
func luaprotMembers() []struct{ collection, schema, id, body, derived string } {
	return []struct{ collection, schema, id, body, derived string }{
		{"accounts", "LuaProtAccount", "rival", `"id":"rival","ipWhitelisted":false,"apiKey":"rival-key"`, ``},
		{"api-keys", "LuaProtAPIKey", "shop key", `"key":"shop key","account":"rival","revoked":true`, ``},
		{"hubs", "LuaProtHub", luaprotHub, `"id":"` + luaprotHub + `","account":"rival","name":"Main","hwidResetGap":"1h0m0s"`, ``},
		{"scripts", "LuaProtScript", "5", `"id":"5","account":"rival","hub":"` + luaprotHub + `","name":"loader","executions":7`, ``},
		{"discord-data", "LuaProtDiscordData", luaprotUser, `"discordId":"` + luaprotUser + `","id":"other","username":"w","avatar":"a1","globalName":"W",
			"modified":"2026-02-01T00:00:00Z","created":"2026-01-01T00:00:00Z"`, ``},
		{"keys", "LuaProtKey", "one", `"key":"one","account":"rival","hub":"` + luaprotHub + `","advertiseId":"780","discordId":"` + luaprotUser + `","note":"n",
			"created":"2026-01-01T00:00:00Z","expire":"2027-01-01T00:00:00Z","activated":true,"hwid":"pc","hwidResetCount":2,
			"lastHwidReset":"2026-01-02T00:00:00Z","executionCount":3,"lastExecution":"2026-01-03T00:00:00Z","blacklisted":true,
			"blacklistReason":"r","globallyBlacklisted":true,"limitedScripts":["5"]`, `"status":"blacklisted"`},
	}
}

// Objects of every kind with every member of their own.
func TestLuaProtObjectsAreAsTheyAreTold(t *testing.T) {
	t.Parallel()
	c, s := luaprotConsoleOf(t)
	doc, err := adminDocument()
	require.NoError(t, err)
	for _, object := range luaprotMembers() {
		shown := "{" + object.body + "}"
		if object.derived != "" {
			shown = "{" + object.body + "," + object.derived + "}"
		}
		c.want("POST", "/luaprot/"+object.collection, "{"+object.body+"}", 201, shown)
		made := c.read(object.collection, object.id)
		known := doc.Components.Schemas[object.schema].Value.Properties
		assert.ElementsMatch(t, slices.Collect(maps.Keys(known)), slices.Collect(maps.Keys(made)), object.collection)
		for name, value := range made {
			assert.NotContains(t, []any{nil, "", 0.0, "0s"}, value, "%s of %s is to be tested here", name, object.collection)
		}
		before := len(s.Effects())
		c.want("PATCH", "/luaprot/"+object.collection+"/"+url.PathEscape(object.id), shown, 200, shown)
		assert.Len(t, s.Effects(), before, "what was read and is sent back changes nothing")
		assert.Contains(t, c.list(object.collection), any(made))
	}
	assert.Len(t, c.list("api-keys", "account", "rival"), 2)
	assert.Equal(t, []string{
		"account.added rival", "api-key.added rival", "api-key.added rival", "hub.added " + luaprotHub, "script.added 5",
		"discord-data.saved " + luaprotUser, "key.created one",
	}, luaprotKinds(s.Effects()))
}

func luaprotKinds(effects []Effect) (kinds []string) {
	for _, e := range effects {
		kinds = append(kinds, e.Kind+" "+e.ID)
	}
	return kinds
}

// What is left open, or given as an empty text, is what the Go API fills in.
func TestLuaProtFillsInWhatIsOpen(t *testing.T) {
	t.Parallel()
	c, _ := luaprotConsoleOf(t)
	first, second := c.make("keys", ``), c.make("keys", `{"key":"","account":"","hub":"","advertiseId":"","discordId":"","hwid":"","limitedScripts":[]}`)
	hub := first["hub"].(string)
	for _, key := range []sheet{first, second} {
		assert.Regexp(t, `^[0-9a-f]{24}$`, key["key"])
		delete(key, "key")
		assert.Equal(t, sheet{
			"account": "1", "hub": hub, "advertiseId": nil, "discordId": nil, "note": nil, "status": "unassigned", "created": "2026-03-01T12:00:00Z",
			"expire": nil, "activated": false, "hwid": nil, "hwidResetCount": 0.0, "lastHwidReset": nil, "executionCount": 0.0, "lastExecution": nil,
			"blacklisted": false, "blacklistReason": nil, "globallyBlacklisted": false, "limitedScripts": nil,
		}, key)
	}
	hubs := c.list("hubs")
	assert.Equal(t, []any{sheet{"id": hub, "account": "1", "name": "default", "hwidResetGap": "0s"}}, hubs, "it is made once")
	assert.Regexp(t, `^[0-9]{20}$`, hub)
	script := c.make("scripts", `{"name":"s"}`)
	assert.Regexp(t, `^[0-9]{20}$`, script["id"])
	assert.Equal(t, hub, script["hub"])

	account := c.make("accounts", ``)
	assert.Equal(t, "2", account["id"])
	assert.Equal(t, true, account["ipWhitelisted"])
	assert.Regexp(t, `^mock-luaprot-[0-9a-f]{24}$`, account["apiKey"])
	assert.Nil(t, c.make("accounts", `{"apiKey":null}`)["apiKey"])
	assert.Equal(t, "5", c.make("accounts", `{"id":"5"}`)["id"])
	c.remove("accounts", "3")
	assert.Equal(t, "4", c.make("accounts", ``)["id"], "a number is not given twice")
	assert.Equal(t, "6", c.make("accounts", ``)["id"], "and none that is taken")
	assert.Regexp(t, `^mock-luaprot-[0-9a-f]{24}$`, c.make("api-keys", ``)["key"])

	data := c.make("discord-data", `{"discordId":"`+luaprotUser+`"}`)
	assert.Equal(t, sheet{"discordId": luaprotUser, "id": luaprotUser, "username": "", "avatar": nil, "globalName": nil,
		"modified": "2026-03-01T12:00:00Z", "created": "2026-03-01T12:00:00Z"}, data)
	assert.Equal(t, "2026-02-28T12:00:00Z", c.change("discord-data", luaprotUser, `{"created":"2026-02-28T12:00:00.9Z"}`)["created"], "whole seconds")
	assert.Equal(t, true, c.make("keys", `{"globallyBlacklisted":true}`)["blacklisted"])
	assert.Equal(t, "2026-02-28T12:00:00Z", c.make("keys", `{"created":"2026-02-28T12:00:00.9Z"}`)["created"], "whole seconds")
}

// What is made here is what callers of the vendor's API see, and the other way
// round.
func TestLuaProtObjectsReachTheAPI(t *testing.T) {
	t.Parallel()
	c, s := luaprotConsoleOf(t)
	c.make("hubs", `{"id":"`+luaprotHub+`","name":"Main"}`)
	c.make("scripts", `{"id":"5","name":"loader"}`)
	c.make("discord-data", `{"discordId":"`+luaprotUser+`","id":"other","username":"w"}`)
	c.make("keys", `{"key":"one","discordId":"`+luaprotUser+`","expire":"+1h","note":"","limitedScripts":["loader"],"lastExecution":"-1m"}`)
	assert.Equal(t, sheet{
		"hubId": luaprotHub, "advertiseId": nil, "discordId": luaprotUser, "key": "one", "expire": float64(t0.Add(time.Hour).Unix()), "note": "",
		"created": float64(t0.Unix()), "activated": false, "hwid": nil, "hwidResetCount": 0.0, "lastHwidReset": 0.0, "executionCount": 0.0,
		"lastExecution": float64(t0.Add(-time.Minute).Unix()), "blacklisted": false, "blacklistReason": nil, "limitedScripts": []any{"5"},
		"discordData": sheet{"id": "other", "username": "w", "avatar": nil, "global_name": nil, "modified": float64(t0.Unix()), "created": float64(t0.Unix())},
	}, c.wire(luaprotHub, "one"))
	key, found := s.LuaProt().Key("one")
	require.True(t, found)
	assert.Equal(t, []string{"5"}, key.LimitedScripts)

	status, body := c.api("PATCH", "/api/v2/hubs/"+luaprotHub+"/keys/update?key=one", luaprotAPIKey, `{"note":null,"blacklisted":true,"blacklistReason":""}`)
	require.Equal(t, 200, status, body)
	read := c.read("keys", "one")
	assert.Nil(t, read["note"])
	assert.Equal(t, "", read["blacklistReason"])
	assert.Equal(t, "blacklisted", read["status"])

	c.make("accounts", `{"id":"rival","apiKey":"rival-key"}`)
	for apiKey, want := range map[string]int{luaprotAPIKey: 200, "rival-key": 404, "nobody": 401} {
		status, _ = c.api("GET", "/api/v1/hubs/"+luaprotHub+"/keys/info?key=one", apiKey, "")
		assert.Equal(t, want, status, apiKey)
	}
	c.change("accounts", "1", `{"ipWhitelisted":false}`)
	status, _ = c.api("GET", "/api/v1/keys/fetch", luaprotAPIKey, "")
	assert.Equal(t, 403, status)
	c.change("accounts", "1", `{"ipWhitelisted":true}`)
	c.change("api-keys", luaprotAPIKey, `{"revoked":true}`)
	status, _ = c.api("GET", "/api/v1/keys/fetch", luaprotAPIKey, "")
	assert.Equal(t, 401, status)
	c.change("api-keys", luaprotAPIKey, `{"revoked":false}`)
	c.change("hubs", luaprotHub, `{"name":"Renamed"}`)
	_, body = c.api("GET", "/api/v1/keys/fetch", luaprotAPIKey, "")
	assert.Contains(t, body, `"hubName":"Renamed"`)
	c.remove("api-keys", "rival-key")
	status, _ = c.api("GET", "/api/v1/keys/fetch", "rival-key", "")
	assert.Equal(t, 401, status)
}

// Every member that can be changed, alone, with the effect that says so.
func TestLuaProtChanges(t *testing.T) {
	t.Parallel()
	for _, change := range []struct{ collection, id, member, value, shown, effect string }{
		{"accounts", "1", "ipWhitelisted", `false`, ``, "ip.removed 1 "},
		{"api-keys", luaprotAPIKey, "revoked", `true`, ``, "api-key.revoked 1 "},
		{"hubs", luaprotHub, "name", `"Other"`, ``, "hub.updated " + luaprotHub + " name"},
		{"hubs", luaprotHub, "hwidResetGap", `"1d"`, `"24h0m0s"`, "hub.updated " + luaprotHub + " hwidResetGap"},
		{"scripts", "5", "name", `"other"`, ``, "script.updated 5 name"},
		{"scripts", "5", "executions", `9`, ``, "script.updated 5 executions"},
		{"discord-data", luaprotUser, "id", `"9"`, ``, "discord-data.saved " + luaprotUser + " w"},
		{"discord-data", luaprotUser, "id", `""`, `"` + luaprotUser + `"`, "discord-data.saved " + luaprotUser + " w"},
		{"discord-data", luaprotUser, "username", `""`, ``, "discord-data.saved " + luaprotUser + " "},
		{"discord-data", luaprotUser, "avatar", `null`, ``, "discord-data.saved " + luaprotUser + " w"},
		{"discord-data", luaprotUser, "globalName", `null`, ``, "discord-data.saved " + luaprotUser + " w"},
		{"discord-data", luaprotUser, "modified", `"now"`, `"2026-03-01T12:00:00Z"`, "discord-data.saved " + luaprotUser + " w"},
		{"discord-data", luaprotUser, "created", `"now"`, `"2026-03-01T12:00:00Z"`, "discord-data.saved " + luaprotUser + " w"},
		{"keys", "one", "hub", `"7"`, ``, "hub"},
		{"keys", "one", "hub", `"Second"`, `"7"`, "hub"},
		{"keys", "one", "advertiseId", `"12"`, ``, "advertiseId"},
		{"keys", "one", "discordId", `null`, ``, "discordId"},
		{"keys", "one", "discordId", `""`, `null`, "discordId"},
		{"keys", "one", "note", `""`, ``, "note"},
		{"keys", "one", "note", `null`, ``, "note"},
		{"keys", "one", "created", `"-2h"`, `"2026-03-01T10:00:00Z"`, "created"},
		{"keys", "one", "expire", `"+30d"`, `"2026-03-31T12:00:00Z"`, "expire"},
		{"keys", "one", "expire", `null`, ``, "expire"},
		{"keys", "one", "activated", `false`, ``, "activated"},
		{"keys", "one", "hwid", `null`, ``, "hwid"},
		{"keys", "one", "hwid", `"phone"`, ``, "hwid"},
		{"keys", "one", "hwidResetCount", `0`, ``, "hwidResetCount"},
		{"keys", "one", "lastHwidReset", `null`, ``, "lastHwidReset"},
		{"keys", "one", "executionCount", `1000`, ``, "executionCount"},
		{"keys", "one", "lastExecution", `"now"`, `"2026-03-01T12:00:00Z"`, "lastExecution"},
		{"keys", "one", "blacklisted", `false`, ``, "blacklisted blacklistReason"},
		{"keys", "one", "blacklistReason", `null`, ``, "blacklistReason"},
		{"keys", "one", "globallyBlacklisted", `true`, ``, "globallyBlacklisted"},
		{"keys", "one", "limitedScripts", `["other"]`, `["6"]`, "limitedScripts"},
		{"keys", "one", "limitedScripts", `null`, ``, "limitedScripts"},
		{"keys", "one", "limitedScripts", `[]`, `null`, "limitedScripts"},
	} {
		t.Run(change.collection+"/"+change.member+"/"+change.value, func(t *testing.T) {
			t.Parallel()
			c, s := luaprotConsoleOf(t)
			c.make("hubs", `{"id":"`+luaprotHub+`","name":"Main"}`)
			c.make("hubs", `{"id":"7","name":"Second"}`)
			c.make("scripts", `{"id":"5","name":"loader","executions":7}`)
			c.make("scripts", `{"id":"6","name":"other"}`)
			c.make("discord-data", `{"discordId":"`+luaprotUser+`","id":"other","username":"w","avatar":"a","globalName":"W","modified":"-1h","created":"-1h"}`)
			limit := `"limitedScripts":["loader"],`
			if change.member == "hub" {
				limit = ""
			}
			c.make("keys", `{"key":"one","advertiseId":"780","discordId":"`+luaprotUser+`","note":"n","created":"-1h","expire":"+1h",`+limit+`
				"activated":true,"hwid":"pc","hwidResetCount":2,"lastHwidReset":"-1h","executionCount":3,"lastExecution":"-1h","blacklisted":true,"blacklistReason":"r"}`)
			before := c.read(change.collection, change.id)
			effects := len(s.Effects())
			got := c.change(change.collection, change.id, fmt.Sprintf(`{%q:%s}`, change.member, change.value))
			var want any
			require.NoError(t, json.Unmarshal([]byte(cmp.Or(change.shown, change.value)), &want))
			assert.NotEqual(t, before[change.member], got[change.member])
			assert.Equal(t, want, got[change.member])
			assert.Equal(t, got, c.read(change.collection, change.id))
			wanted := change.effect
			if change.collection == "keys" {
				wanted = "key.updated one " + change.effect
			}
			require.Len(t, s.Effects(), effects+1)
			last := s.Effects()[effects]
			assert.Equal(t, wanted, last.Kind+" "+last.ID+" "+last.Detail)
			assert.Equal(t, "PATCH /__admin/luaprot/"+change.collection+"/{id}", last.Op)
			assert.Equal(t, t0, last.At)
			delete(before, change.member)
			delete(got, change.member)
			for name := range before {
				if !strings.Contains(last.Detail, name) && name != "status" {
					assert.Equal(t, before[name], got[name], name)
				}
			}
		})
	}
}

// A key that is changed is another one for whoever looks for it.
func TestLuaProtKeysAreFoundAsTheyAre(t *testing.T) {
	t.Parallel()
	c, s := luaprotConsoleOf(t)
	c.make("hubs", `{"id":"`+luaprotHub+`","name":"Main"}`)
	c.make("hubs", `{"id":"7","name":"Second"}`)
	c.make("keys", `{"key":"old","created":"-2h"}`)
	c.make("keys", `{"key":"one","discordId":"`+luaprotUser+`"}`)
	c.change("keys", "one", `{"created":"-3h"}`)
	assert.Equal(t, []any{"one", "old"}, []any{at(c.list("keys"), 0, "key"), at(c.list("keys"), 1, "key")}, "oldest first")
	_, body := c.api("GET", "/api/v1/keys/fetch", luaprotAPIKey, "")
	assert.Less(t, strings.Index(body, `"key":"old"`), strings.Index(body, `"key":"one"`), "newest first")

	c.change("keys", "one", `{"hub":"Second"}`)
	_, found := s.LuaProt().KeyOfDiscord("7", luaprotUser)
	assert.True(t, found)
	c.make("keys", `{"key":"two","discordId":"`+luaprotUser+`"}`)
	assert.Equal(t, 409, c.refused("PATCH", "/luaprot/keys/one", `{"hub":"Main"}`).Status, "the user has a key there by now")
	assert.Equal(t, "7", c.wire("7", "one")["hubId"])
	c.change("keys", "two", `{"discordId":null}`)
	c.change("keys", "one", `{"hub":"Main"}`)
	assert.Equal(t, luaprotUser, c.wire(luaprotHub, "one")["discordId"])
	c.remove("keys", "one")
	_, found = s.LuaProt().KeyOfDiscord(luaprotHub, luaprotUser)
	assert.False(t, found)
	c.make("keys", `{"key":"one","discordId":"`+luaprotUser+`"}`)
}

// The text of a key is what its path has, whatever is in it.
func TestLuaProtKeysWithAnyText(t *testing.T) {
	t.Parallel()
	c, _ := luaprotConsoleOf(t)
	for _, text := range []string{"my key", "a/b", "../c", "50%", "%2F", "a?b=c#d", "\u00e4\u20ac\U0001F511", "{id}", "a+b", "keys", ";", "\"q\""} {
		quoted, err := json.Marshal(text)
		require.NoError(t, err)
		made := c.make("keys", `{"key":`+string(quoted)+`}`)
		assert.Equal(t, text, made["key"])
		assert.Equal(t, made, c.read("keys", text))
		assert.Equal(t, []any{made}, c.list("keys", "key", text))
		assert.Equal(t, "n", c.change("keys", text, `{"note":"n"}`)["note"])
		assert.Equal(t, text, c.wire(made["hub"].(string), text)["key"])
		c.remove("keys", text)
		assert.Equal(t, 404, c.refused("GET", luaprotObject("keys", text), "").Status)
	}
	for _, text := range []string{".", ".."} { // which no path can name
		made := c.make("keys", `{"key":"`+text+`"}`)
		assert.Equal(t, []any{made}, c.list("keys", "key", text))
	}
	made := c.make("api-keys", `{"key":"a/b c"}`)
	assert.Equal(t, made, c.read("api-keys", "a/b c"))
}

func TestLuaProtFilters(t *testing.T) {
	t.Parallel()
	c, s := luaprotConsoleOf(t)
	c.make("accounts", `{"id":"rival"}`)
	c.make("hubs", `{"id":"7","name":"Main"}`)
	c.make("hubs", `{"id":"8","name":"Main","account":"rival"}`)
	c.make("scripts", `{"id":"5","name":"loader"}`)
	c.make("scripts", `{"id":"6","name":"other","account":"rival"}`)
	c.make("discord-data", `{"discordId":"`+luaprotUser+`","username":"w & w"}`)
	c.make("keys", `{"key":"sold","discordId":"`+luaprotUser+`","expire":"+1h"}`)
	c.make("keys", `{"key":"bound","hwid":"pc"}`)
	c.make("keys", `{"key":"fresh"}`)
	c.make("keys", `{"key":"barred","blacklisted":true,"expire":"-1h","account":"rival"}`)
	for _, filter := range []struct {
		collection, name, value string
		found                   int
	}{
		{"api-keys", "account", "rival", 1}, {"api-keys", "account", "nobody", 0}, {"api-keys", "revoked", "false", 2}, {"api-keys", "revoked", "true", 0},
		{"hubs", "account", "1", 1}, {"hubs", "name", "Main", 2}, {"hubs", "name", "main", 0},
		{"scripts", "account", "rival", 1}, {"scripts", "hub", "7", 1}, {"scripts", "hub", "Main", 2}, {"scripts", "name", "loader", 1}, {"scripts", "name", "", 0},
		{"discord-data", "username", "w & w", 1}, {"discord-data", "username", "w", 0},
		{"keys", "account", "1", 3}, {"keys", "account", "rival", 1}, {"keys", "hub", "8", 1}, {"keys", "hub", "Main", 4}, {"keys", "hub", "x", 0},
		{"keys", "key", "sold", 1}, {"keys", "key", "", 0}, {"keys", "discordId", luaprotUser, 1}, {"keys", "discordId", "", 3},
		{"keys", "hwid", "pc", 1}, {"keys", "hwid", "", 3},
		{"keys", "status", "active", 2}, {"keys", "status", "unassigned", 1}, {"keys", "status", "expired", 0}, {"keys", "status", "blacklisted", 1},
	} {
		assert.Len(t, c.list(filter.collection, filter.name, filter.value), filter.found, "%s by %s %q", filter.collection, filter.name, filter.value)
	}
	assert.Len(t, c.list("keys", "status", "active", "hwid", "pc"), 1, "all that are given")
	s.Advance(time.Hour)
	assert.Len(t, c.list("keys", "status", "expired"), 1, "the status is that of the moment")
	assert.Equal(t, "expired", c.read("keys", "sold")["status"])
	assert.Equal(t, "hubs", c.refused("GET", "/luaprot/keys?hubs=7", "").Parameter)
	assert.Equal(t, "name", c.refused("GET", "/luaprot/accounts?name=x", "").Parameter)
}

// Whatever is refused has changed nothing, and says which member is at fault.
func TestLuaProtRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	c, s := luaprotConsoleOf(t, luaprotAlone(t))
	c.make("accounts", `{"id":"rival","apiKey":"rival-key"}`)
	c.make("hubs", `{"id":"7","name":"Main"}`)
	c.make("hubs", `{"id":"8","name":"Twin"}`)
	c.make("hubs", `{"id":"9","name":"Twin"}`)
	c.make("hubs", `{"id":"10","name":"theirs","account":"rival"}`)
	for i, hub := range []string{"7", "7", "8", "10"} {
		c.make("scripts", fmt.Sprintf(`{"id":"%d","name":%q,"hub":%q,"account":%q}`, 50+i, []string{"a", "a", "b", "c"}[i], hub, []string{"1", "1", "1", "rival"}[i]))
	}
	c.make("discord-data", `{"discordId":"`+luaprotUser+`"}`)
	c.make("keys", `{"key":"one","discordId":"`+luaprotUser+`","limitedScripts":["50"]}`)
	c.make("keys", `{"key":"two"}`)
	c.make("keys", `{"key":"global","globallyBlacklisted":true,"blacklistReason":"r"}`)
	before, effects := s.Snapshot(), s.Effects()

	for _, refused := range []struct {
		method, path, body string
		status             int
		pointer, detail    string
	}{
		{"POST", "accounts", `{"id":"rival"}`, 409, "/id", "is taken by another account"},
		{"POST", "accounts", `{"id":"No/Path"}`, 422, "/id", "lower-case letters"},
		{"POST", "accounts", `{"apiKey":"rival-key"}`, 409, "/apiKey", "taken"},
		{"POST", "accounts", `{"name":"x"}`, 422, "/name", "not known"},
		{"PATCH", "accounts/rival", `{"id":"x"}`, 422, "/id", "cannot be changed"},
		{"PATCH", "accounts/rival", `{"apiKey":"x"}`, 422, "/apiKey", "cannot be changed"},
		{"PATCH", "accounts/rival", `{"ipWhitelisted":null}`, 422, "/ipWhitelisted", "cannot be null"},
		{"PATCH", "accounts/none", `{}`, 404, "", `there is no account "none"`},
		{"DELETE", "accounts/1", ``, 409, "", "the default account cannot be deleted"},
		{"POST", "api-keys", `{"key":"rival-key"}`, 409, "/key", "taken"},
		{"POST", "api-keys", `{"account":"none"}`, 422, "/account", `names no account that there is: "none"`},
		{"PATCH", "api-keys/rival-key", `{"account":"1"}`, 422, "/account", "cannot be changed"},
		{"PATCH", "api-keys/rival-key", `{"key":"x"}`, 422, "/key", "cannot be changed"},
		{"DELETE", "api-keys/none", ``, 404, "", `there is no such API key`},
		{"POST", "hubs", `{"id":"7"}`, 409, "/id", "is taken by another hub"},
		{"POST", "hubs", `{"id":"main"}`, 422, "/id", "digits only"},
		{"POST", "hubs", `{"account":"none"}`, 422, "/account", "names no account"},
		{"POST", "hubs", `{"hwidResetGap":"-1s"}`, 422, "/hwidResetGap", "is negative"},
		{"POST", "hubs", `{"hwidResetGap":60}`, 422, "/hwidResetGap", "a duration such as"},
		{"PATCH", "hubs/7", `{"hwidResetGap":"-1s"}`, 422, "/hwidResetGap", "is negative"},
		{"PATCH", "hubs/7", `{"id":"11"}`, 422, "/id", "cannot be changed"},
		{"PATCH", "hubs/7", `{"account":"rival"}`, 422, "/account", "cannot be changed"},
		{"GET", "hubs/Main", ``, 404, "", `there is no hub "Main"`},
		{"POST", "scripts", `{"id":"50"}`, 409, "/id", "is taken by another script"},
		{"POST", "scripts", `{"id":"loader"}`, 422, "/id", "digits only"},
		{"POST", "scripts", `{"hub":"none"}`, 422, "/hub", `names no hub of the account: "none"`},
		{"POST", "scripts", `{"hub":"10"}`, 422, "/hub", "names no hub of the account"},
		{"POST", "scripts", `{"hub":"Twin"}`, 422, "/hub", `names more than one hub of the account: "Twin"; give the id of the one that is meant`},
		{"POST", "scripts", `{"executions":-1}`, 422, "/executions", "-1 is negative"},
		{"PATCH", "scripts/50", `{"executions":-1}`, 422, "/executions", "-1 is negative"},
		{"PATCH", "scripts/50", `{"hub":"8"}`, 422, "/hub", "cannot be changed"},
		{"DELETE", "scripts/50", ``, 409, "", "such as one: change their limitedScripts first"},
		{"POST", "discord-data", `{}`, 422, "/discordId", "17 to 20 digits"},
		{"POST", "discord-data", `{"discordId":"` + luaprotUser + `"}`, 409, "/discordId", "is taken by another record"},
		{"PATCH", "discord-data/" + luaprotUser, `{"discordId":"98765432109876543"}`, 422, "/discordId", "cannot be changed"},
		{"PATCH", "discord-data/" + luaprotUser, `{"modified":"yesterday"}`, 422, "/modified", "a time of the years 1 to 9999 such as"},
		{"PATCH", "discord-data/" + luaprotUser, `{"created":null}`, 422, "/created", "cannot be null"},
		{"DELETE", "discord-data/1", ``, 404, "", `there is no record of the Discord user "1"`},
		{"POST", "keys", `{"key":"one"}`, 409, "/key", "taken"},
		{"POST", "keys", `{"key":"x"}`, 422, "/key", "what loaders send for no key"},
		{"POST", "keys", `{"status":"active"}`, 422, "/status", "follows from the rest"},
		{"POST", "keys", `{"account":"none"}`, 422, "/account", "names no account"},
		{"POST", "keys", `{"hub":"Twin"}`, 422, "/hub", "more than one"},
		{"POST", "keys", `{"hub":"7","account":"rival"}`, 422, "/hub", "names no hub of the account"},
		{"POST", "keys", `{"hub":"theirs"}`, 422, "/hub", "names no hub of the account"},
		{"POST", "keys", `{"advertiseId":"ad"}`, 422, "/advertiseId", "digits only"},
		{"POST", "keys", `{"discordId":"alice"}`, 422, "/discordId", "17 to 20 digits"},
		{"POST", "keys", `{"discordId":` + luaprotUser + `}`, 422, "/discordId", "must be a string"},
		{"POST", "keys", `{"discordId":"` + luaprotUser + `"}`, 409, "/discordId", "has a key in the hub"},
		{"POST", "keys", `{"hwidResetCount":-1}`, 422, "/hwidResetCount", "-1 is negative"},
		{"POST", "keys", `{"executionCount":-1}`, 422, "/executionCount", "-1 is negative"},
		{"POST", "keys", `{"blacklistReason":"r"}`, 422, "/blacklistReason", "a key that is not blacklisted has none"},
		{"POST", "keys", `{"expire":86400}`, 422, "/expire", "a time of the years 1 to 9999 such as"},
		{"POST", "keys", `{"created":"0000-01-01T00:00:00Z"}`, 422, "/created", "a time of the years 1 to 9999 such as"},
		{"POST", "keys", `{"limitedScripts":"a"}`, 422, "/limitedScripts", "a list of strings"},
		{"POST", "keys", `{"limitedScripts":["51","a"]}`, 422, "/limitedScripts/1", "names more than one script of the hub"},
		{"POST", "keys", `{"limitedScripts":["b"]}`, 422, "/limitedScripts/0", `names no script of the hub: "b"`},
		{"POST", "keys", `{"limitedScripts":[null]}`, 422, "/limitedScripts/0", "names no script"},
		{"POST", "keys", `{"hwids":["pc"]}`, 422, "/hwids", `did you mean "hwid"?`},
		{"PATCH", "keys/one", `{"key":"three"}`, 422, "/key", "cannot be changed"},
		{"PATCH", "keys/one", `{"account":"rival"}`, 422, "/account", "cannot be changed"},
		{"PATCH", "keys/one", `{"status":"expired"}`, 422, "/status", "cannot be changed"},
		{"PATCH", "keys/one", `{"hub":""}`, 422, "/hub", "cannot be empty"},
		{"PATCH", "keys/one", `{"hub":"8"}`, 422, "/limitedScripts/0", "names no script of the hub"},
		{"PATCH", "keys/one", `{"hub":"10"}`, 422, "/hub", "names no hub of the account"},
		{"PATCH", "keys/two", `{"discordId":"` + luaprotUser + `"}`, 409, "/discordId", "has a key in the hub"},
		{"PATCH", "keys/two", `{"note":"n","blacklistReason":"r"}`, 422, "/blacklistReason", "a key that is not blacklisted has none"},
		{"PATCH", "keys/global", `{"blacklisted":false}`, 422, "/blacklisted", "while globallyBlacklisted is true"},
		{"PATCH", "keys/global", `{"blacklisted":false,"globallyBlacklisted":false,"blacklistReason":"s"}`, 422, "/blacklistReason", "a key that is not blacklisted has none"},
		{"PATCH", "keys/none", `{}`, 404, "", `there is no such key`},
		{"PATCH", "settings", `{"retryAfter":1}`, 422, "/retryAfter", "true or false"},
		{"PATCH", "settings", `{"retry":true}`, 422, "/retry", "did you mean"},
		{"DELETE", "settings", ``, 405, "", ""},
		{"DELETE", "keys", ``, 405, "", ""},
		{"GET", "check", ``, 405, "", ""},
		{"POST", "check", `{"key":"one","hwid":"pc"}`, 422, "/script", "is missing"},
		{"POST", "check", `{"script":"50","hwid":"pc"}`, 422, "/key", "is missing"},
		{"POST", "check", `{"script":"50","key":"one"}`, 422, "/hwid", "is empty: every device has one"},
		{"POST", "check", `{"script":"a","key":"one","hwid":"pc"}`, 422, "/script", "more than one"},
		{"POST", "check", `{"script":"50","key":"one","hwid":"pc","device":"pc"}`, 422, "/device", "not known"},
		{"POST", "blacklist-globally", `{"key":"none"}`, 422, "/key", "names no key that there is"},
		{"POST", "lift-global-blacklist", `{}`, 422, "/key", "names no key that there is"},
	} {
		p := c.refused(refused.method, "/luaprot/"+refused.path, refused.body)
		name := refused.method + " " + refused.path + " " + refused.body
		assert.Equal(t, refused.status, p.Status, "%s: %s", name, p.Detail)
		assert.Equal(t, refused.pointer, p.Pointer, "%s: %s", name, p.Detail)
		assert.Contains(t, p.Detail, refused.detail, name)
	}
	assert.Equal(t, string(before), string(s.Snapshot()))
	assert.Equal(t, effects, s.Effects())
	assert.Empty(t, s.Journal(), "what is refused is no action")
}

// What is blacklisted, and by whom.
func TestLuaProtBlacklisting(t *testing.T) {
	t.Parallel()
	c, s := luaprotConsoleOf(t)
	c.make("keys", `{"key":"one"}`)
	s.ResetJournal()
	states := func(key sheet) string {
		return fmt.Sprintf("%v %v %v", key["blacklisted"], key["globallyBlacklisted"], key["blacklistReason"])
	}
	assert.Equal(t, "true true <nil>", states(c.do("blacklist-globally", `{"key":"one"}`)))
	assert.Equal(t, "true true r", states(c.do("blacklist-globally", `{"key":"one","reason":"r"}`)))
	assert.Equal(t, "true false r", states(c.change("keys", "one", `{"globallyBlacklisted":false}`)), "its owner has blacklisted it as well")
	assert.Equal(t, "true true r", states(c.change("keys", "one", `{"globallyBlacklisted":true}`)))
	assert.Equal(t, "false false <nil>", states(c.change("keys", "one", `{"globallyBlacklisted":false,"blacklisted":false}`)))
	assert.Equal(t, "true true <nil>", states(c.change("keys", "one", `{"globallyBlacklisted":true}`)))
	assert.Equal(t, "false false <nil>", states(c.do("lift-global-blacklist", `{"key":"one"}`)))
	assert.Equal(t, "false false <nil>", states(c.do("lift-global-blacklist", `{"key":"one"}`)))
	assert.Equal(t, "true false s", states(c.change("keys", "one", `{"blacklisted":true,"blacklistReason":"s"}`)))
	assert.Equal(t, "false false <nil>", states(c.change("keys", "one", `{"blacklisted":false}`)), "the reason goes with it")

	var ops []string
	for _, call := range s.Journal() {
		ops = append(ops, call.Op)
	}
	assert.Equal(t, []string{
		luaprotmock.ActBlacklistGlobally, luaprotmock.ActBlacklistGlobally, luaprotmock.ActLiftGlobalBlacklist, luaprotmock.ActLiftGlobalBlacklist,
	}, ops, "what the control plane itself does is in no journal")
	s.AssertEffects(t, 2, luaprotmock.EffectKeyBlacklistedGlobally)
	s.AssertEffects(t, 1, luaprotmock.EffectGlobalBlacklistLifted)
}

// Every outcome of a check is a normal answer, and an action like that of the Go
// API.
func TestLuaProtChecks(t *testing.T) {
	t.Parallel()
	c, s := luaprotConsoleOf(t)
	c.make("hubs", `{"id":"7","name":"Main"}`)
	c.make("scripts", `{"id":"5","name":"loader","executions":41}`)
	c.make("scripts", `{"id":"6","name":"other"}`)
	c.make("discord-data", `{"discordId":"`+luaprotUser+`","username":"w"}`)
	c.make("keys", `{"key":"one","discordId":"`+luaprotUser+`","note":"n","expire":"+1h","executionCount":6,"limitedScripts":["loader"]}`)
	c.make("keys", `{"key":"ad","advertiseId":"780"}`)
	c.make("keys", `{"key":"expired","expire":"now"}`)
	c.make("keys", `{"key":"barred","blacklisted":true,"blacklistReason":"Annoying"}`)
	effects := len(s.Effects())
	for _, check := range []struct{ order, outcome string }{
		{`{"script":"loader","key":"one","hwid":"pc"}`, `{"status":"VALID","message":"Key is valid.","data":{"keyExecutions":7,"scriptExecutions":42,
			"note":"n","expire":3600,"premium":true,"discordId":"` + luaprotUser + `","discordUsername":"w"}}`},
		{`{"script":"5","key":"ad","hwid":"pc"}`, `{"status":"VALID","message":"Key is valid.","data":{"keyExecutions":1,"scriptExecutions":43,
			"note":"","expire":-1,"premium":false,"discordId":"","discordUsername":""}}`},
		{`{"script":"loader","key":"one","hwid":"phone"}`, `{"status":"HWID_MISMATCH","message":"Key is bound to another device.","data":null}`},
		{`{"script":"other","key":"one","hwid":"pc"}`, `{"status":"SCRIPT_NOT_ALLOWED","message":"Key is not for this script.","data":null}`},
		{`{"script":"loader","key":"expired","hwid":"pc"}`, `{"status":"EXPIRED","message":"Key has expired.","data":null}`},
		{`{"script":"loader","key":"barred","hwid":"pc"}`, `{"status":"BLACKLISTED","message":"Annoying","data":null}`},
		{`{"script":"loader","key":"none","hwid":"pc"}`, `{"status":"INVALID","message":"Key is invalid.","data":null}`},
		{`{"script":"loader","key":"","hwid":"pc"}`, `{"status":"INVALID","message":"Key is invalid.","data":null}`},
		{`{"script":"none","key":"one","hwid":"pc"}`, `{"status":"SCRIPT_NOT_FOUND","message":"Script could not be found.","data":null}`},
	} {
		decided := s.Decided("luaprot.check.order")
		c.want("POST", "/luaprot/check", check.order, 200, check.outcome)
		assert.Equal(t, decided+1, s.Decided("luaprot.check.order"), "it proves the rules as any check does")
		journal := s.Journal()
		assert.Equal(t, luaprotmock.ActCheck, journal[len(journal)-1].Op)
	}
	assert.Equal(t, []string{
		"key.hwid-bound one", "key.activated one", "key.executed one", "key.hwid-bound ad", "key.activated ad", "key.executed ad",
	}, luaprotKinds(s.Effects()[effects:]))
	key := c.read("keys", "one")
	assert.Equal(t, "pc", key["hwid"])
	assert.Equal(t, true, key["activated"])
	assert.Equal(t, "2026-03-01T12:00:00Z", key["lastExecution"])
	assert.EqualValues(t, 43, c.read("scripts", "5")["executions"])
}

func TestLuaProtSettings(t *testing.T) {
	t.Parallel()
	c, s := luaprotConsoleOf(t)
	s.Resume()
	s.LuaProt().SetRateLimit(luaprotmock.RateWindow{Calls: 1, Per: time.Hour})
	header := func() string {
		var resp *http.Response
		for range 2 {
			req, err := http.NewRequestWithContext(t.Context(), "GET", c.url+"/api/v1/keys/fetch", nil)
			require.NoError(t, err)
			req.Header = http.Header{"Authorization": {luaprotAPIKey}, "Content-Type": {"application/json"}}
			resp, err = c.client.Do(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
		}
		require.Equal(t, 429, resp.StatusCode)
		return resp.Header.Get("Retry-After")
	}
	c.want("GET", "/luaprot/settings", "", 200, `{"retryAfter":true}`)
	assert.NotEmpty(t, header())
	c.want("PATCH", "/luaprot/settings", `{"retryAfter":false}`, 200, `{"retryAfter":false}`)
	c.want("GET", "/luaprot/settings", "", 200, `{"retryAfter":false}`)
	assert.Empty(t, header())
	c.want("PATCH", "/luaprot/settings", ``, 200, `{"retryAfter":false}`)
	s.LuaProt().SetRetryAfter(true)
	c.want("GET", "/luaprot/settings", "", 200, `{"retryAfter":true}`)
}

// What goes takes along what cannot be without it.
func TestLuaProtDeletes(t *testing.T) {
	t.Parallel()
	c, s := luaprotConsoleOf(t)
	c.make("accounts", `{"id":"rival","apiKey":"rival-key"}`)
	for _, hub := range []string{"7", "8"} {
		c.make("hubs", `{"id":"`+hub+`","account":"rival","name":"hub `+hub+`"}`)
		c.make("scripts", `{"id":"5`+hub+`","account":"rival","hub":"`+hub+`"}`)
		c.make("keys", `{"key":"key `+hub+`","account":"rival","hub":"`+hub+`","limitedScripts":["5`+hub+`"],"discordId":"`+luaprotUser+`"}`)
	}
	c.make("keys", `{"key":"mine"}`)
	c.make("discord-data", `{"discordId":"`+luaprotUser+`","username":"w"}`)
	seen := len(s.Effects())
	gone := func() []string {
		kinds := luaprotKinds(s.Effects())[seen:]
		seen += len(kinds)
		return kinds
	}

	c.remove("hubs", "7")
	assert.Equal(t, []string{"key.deleted key 7", "script.removed 57", "hub.removed 7"}, gone())
	assert.Equal(t, 404, c.refused("GET", luaprotObject("keys", "key 7"), "").Status)
	c.remove("accounts", "rival")
	assert.Equal(t, []string{"key.deleted key 8", "script.removed 58", "hub.removed 8", "api-key.removed rival", "account.removed rival"}, gone())
	for _, collection := range []string{"accounts", "api-keys", "hubs", "keys"} {
		assert.Len(t, c.list(collection), 1, collection)
	}
	assert.Empty(t, c.list("scripts"))
	status, _ := c.api("GET", "/api/v1/keys/fetch", "rival-key", "")
	assert.Equal(t, 401, status)

	c.remove("discord-data", luaprotUser)
	c.remove("keys", "mine")
	hub := at(c.list("hubs"), 0, "id").(string)
	c.make("scripts", `{"id":"9"}`)
	c.remove("scripts", "9")
	c.remove("hubs", hub)
	assert.Equal(t, []string{"discord-data.removed " + luaprotUser, "key.deleted mine", "script.added 9", "script.removed 9", "hub.removed " + hub}, gone())
	_, body := c.api("POST", "/api/v1/keys/bulk-delete", luaprotAPIKey, `["mine"]`)
	assert.Contains(t, body, "No hub(s) linked to your account.")
	c.make("accounts", `{"id":"rival","apiKey":"rival-key"}`)
	assert.Empty(t, c.list("keys", "account", "rival"), "it is as new")
}

const luaprotSeed = `{"luaprot": {
  "settings": {"retryAfter": false},
  "accounts": [{"id": "rival"}],
  "api-keys": [{"key": "shop-key"}],
  "hubs": [{"name": "Main", "hwidResetGap": "1d"}, {"name": "Main", "account": "rival"}],
  "scripts": [{"hub": "Main", "name": "loader"}, {"hub": "Main", "name": "loader", "account": "rival"}],
  "discord-data": [{"discordId": "123456789012345678", "username": "wompus", "created": "-30d"}],
  "keys": [
    {"key": "sold", "hub": "Main", "discordId": "123456789012345678", "expire": "+30d", "limitedScripts": ["loader"]},
    {"key": "expired", "created": "-2d", "expire": "-1d"},
    {"key": "theirs", "account": "rival"}
  ]
}}`

// A seed is what an outside suite begins with: objects call each other by name,
// and times are told from now.
func TestLuaProtSeed(t *testing.T) {
	t.Parallel()
	c, s := luaprotConsoleOf(t, luaprotAlone(t), WithSeedJSON([]byte(luaprotSeed)))
	check := func() {
		t.Helper()
		c.want("GET", "/luaprot/settings", "", 200, `{"retryAfter":false}`)
		hubs, scripts := c.list("hubs"), c.list("scripts")
		assert.Equal(t, "24h0m0s", at(hubs, 0, "hwidResetGap"))
		sold := c.read("keys", "sold")
		assert.Equal(t, at(hubs, 0, "id"), sold["hub"])
		assert.Equal(t, []any{at(scripts, 0, "id")}, sold["limitedScripts"])
		assert.Equal(t, "2026-03-31T12:00:00Z", sold["expire"])
		expired := c.read("keys", "expired")
		assert.Equal(t, "2026-02-27T12:00:00Z", expired["created"])
		assert.Equal(t, "expired", expired["status"])
		assert.Equal(t, at(hubs, 1, "id"), c.read("keys", "theirs")["hub"])
		assert.Equal(t, "2026-01-30T12:00:00Z", at(c.list("discord-data"), 0, "created"))
		status, body := c.api("GET", "/api/v1/keys/fetch", "shop-key", "")
		assert.Equal(t, 200, status)
		assert.Contains(t, body, `"totalKeys":2`)
		kinds := luaprotKinds(s.Effects())
		assert.Len(t, kinds, 11)
		assert.Equal(t, "key.created theirs", kinds[10])
		assert.Equal(t, "seed", s.Effects()[10].Op)
	}
	check()
	c.remove("keys", "sold")
	s.Reset()
	check()
}

func TestLuaProtSeedsThatCannotBe(t *testing.T) {
	t.Parallel()
	s := RunT(t, luaprotAlone(t))
	s.Freeze()
	before := s.Snapshot()
	for text, want := range map[string]SeedError{
		"{\"luaprot\":{\"keys\":[{\"key\":\"a\"},\n{\"key\":\"a\"}]}}":          {"/luaprot/keys/1/key", 2, "luaprot/keys/1/key is taken by another key: choose another"},
		"{\"luaprot\":{\"keys\":[\n\n{\"hub\":\"Main\"}]}}":                     {"/luaprot/keys/0/hub", 3, `luaprot/keys/0/hub names no hub of the account: "Main"`},
		`{"luaprot":{"scripts":[{"executions":-1}]}}`:                           {"/luaprot/scripts/0/executions", 1, "luaprot/scripts/0/executions -1 is negative"},
		`{"luaprot":{"licenses":[]}}`:                                           {"/luaprot/licenses", 1, `luaprot/licenses is not known here`},
		`{"luaprot":{"hubs":[{"name":"a"}],"keys":[{"limitedScripts":["s"]}]}}`: {"/luaprot/keys/0/limitedScripts/0", 1, `luaprot/keys/0/limitedScripts/0 names no script of the hub: "s"`},
	} {
		var got *SeedError
		require.ErrorAs(t, s.SeedJSON([]byte(text)), &got, text)
		assert.Equal(t, want.Pointer, got.Pointer)
		assert.Equal(t, want.Line, got.Line, text)
		assert.Contains(t, got.Detail, want.Detail)
		assert.Equal(t, string(before), string(s.Snapshot()))
	}
	assert.Empty(t, s.Effects())
}

// A random script of calls gives the same answers, once the world has been put
// back: over HTTP, in this server and in another.
func TestLuaProtSnapshotsOverHTTP(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		c, s := luaprotConsoleOf(t, luaprotAlone(t), WithSeedJSON([]byte(luaprotSeed)))
		draw := rand.New(rand.NewPCG(seed, 1))
		for range 25 {
			c.randomCall(draw)
		}
		_, taken := c.ask("GET", "/snapshot", "")
		script := func(c luaprotConsole) (answers []string) {
			draw := rand.New(rand.NewPCG(seed, 2))
			for range 40 {
				answers = append(answers, c.randomCall(draw))
			}
			return answers
		}
		want := script(c)
		last := s.Snapshot()
		c.want("PUT", "/snapshot", taken, 204, "")
		other, twin := luaprotConsoleOf(t, luaprotAlone(t))
		other.want("PUT", "/snapshot", taken, 204, "")
		for at, again := range map[luaprotConsole]*Server{c: s, other: twin} {
			assert.Equal(t, taken, string(again.Snapshot()))
			for i, answer := range script(at) {
				require.Equal(t, want[i], answer, "seed %d, call %d", seed, i)
			}
			assert.Equal(t, string(last), string(again.Snapshot()))
		}
	}
}

// randomCall sends one request to the vendor or the control plane, or has an end
// user do something, and returns the answer.
func (c luaprotConsole) randomCall(draw *rand.Rand) string {
	c.t.Helper()
	pick := func(texts ...string) string { return texts[draw.IntN(len(texts))] }
	values := []string{"none"}
	for _, key := range c.list("keys") {
		values = append(values, key.(sheet)["key"].(string))
	}
	value := pick(values...)
	hub := pick("1", at(c.list("hubs"), 0, "id").(string))
	api := func(method, path, body string) string {
		status, answer := c.api(method, path, pick(luaprotAPIKey, "shop-key"), body)
		return fmt.Sprint(status, answer)
	}
	control := func(method, path, body string) string {
		resp, answer := c.ask(method, path, body)
		return fmt.Sprint(resp.StatusCode, answer)
	}
	steps := []func() string{
		func() string { return api("POST", "/api/v2/hubs/"+hub+"/keys/add", pick(`{}`, `{"note":""}`)) },
		func() string { return api("POST", "/api/v2/hubs/"+hub+"/keys/generate", `{"amount":5}`) },
		func() string { return api("PATCH", "/api/v1/hubs/"+hub+"/hwid/reset?key="+url.QueryEscape(value), "") },
		func() string {
			return api("DELETE", "/api/v1/hubs/"+hub+"/keys/delete?key="+url.QueryEscape(value), "")
		},
		func() string { return api("GET", "/api/v1/keys/fetch?unassigned="+pick("true", "false"), "") },
		func() string {
			return control("POST", "/luaprot/check", fmt.Sprintf(`{"script":%q,"key":%q,"hwid":%q}`, at(c.list("scripts"), 0, "id"), value, pick("pc", "tv")))
		},
		func() string { return control("POST", "/luaprot/keys", `{"expire":"+1h"}`) },
		func() string {
			return control("PATCH", luaprotObject("keys", value), pick(`{"hwid":"tv"}`, `{"note":null}`))
		},
		func() string { return control("POST", "/luaprot/blacklist-globally", fmt.Sprintf(`{"key":%q}`, value)) },
		func() string { return control("POST", "/luaprot/api-keys", ``) },
		func() string { return control("POST", "/luaprot/accounts", ``) },
		func() string { return control("POST", "/clock/advance", `{"by":"`+pick("1500ms", "1h")+`"}`) },
	}
	return steps[draw.IntN(len(steps))]()
}
