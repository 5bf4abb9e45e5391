package mockserver

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// crate is a suite in some language that has a server with Keycrate for itself.
type crate struct {
	console
	s     *Server
	world *keycratemock.World
	known *int // effects that a test has looked at
}

func openCrate(t *testing.T) crate {
	t.Helper()
	keycrate, found := core.Lookup("keycrate")
	require.True(t, found)
	s := RunT(t, with(keycrate), WithStart(t0), WithFrozenClock())
	return crate{consoleOf(t, s), s, s.Keycrate(), new(int)}
}

const (
	crateApp  = "00000000-0000-4000-8000-00000000a991" // the first
	crateKey  = "kc_mock_keycrate_api_key_1"
	crateT0   = "2026-03-01T12:00:00Z"
	crateUUID = "cccccccc-0000-4000-8000-00000000000"
)

func (c crate) make(collection, body string) sheet {
	c.t.Helper()
	return c.send("POST", "/keycrate/"+collection, body, http.StatusCreated)
}

func (c crate) get(collection, id string) sheet {
	c.t.Helper()
	return c.send("GET", "/keycrate/"+collection+"/"+url.PathEscape(id), "", http.StatusOK)
}

func (c crate) change(collection, id, body string) sheet {
	c.t.Helper()
	return c.send("PATCH", "/keycrate/"+collection+"/"+url.PathEscape(id), body, http.StatusOK)
}

func (c crate) remove(collection, id string) {
	c.t.Helper()
	c.send("DELETE", "/keycrate/"+collection+"/"+url.PathEscape(id), "", http.StatusNoContent)
}

func (c crate) set(settings string) sheet {
	c.t.Helper()
	return c.send("PATCH", "/keycrate/settings", settings, http.StatusOK)
}

func (c crate) do(deed, order string) sheet {
	c.t.Helper()
	return c.send("POST", "/keycrate/"+deed, order, http.StatusOK)
}

// all are the values of a member of what a list has, in its order.
func (c crate) all(collection, member string, filters ...string) []any {
	c.t.Helper()
	query := url.Values{}
	for i := 0; i < len(filters); i += 2 {
		query.Set(filters[i], filters[i+1])
	}
	values := []any{}
	for _, item := range c.send("GET", "/keycrate/"+collection+"?"+query.Encode(), "", http.StatusOK)["items"].([]any) {
		values = append(values, at(item, member))
	}
	return values
}

// shop is a management call on the vendor's own routes.
func (c crate) shop(path, body string, apiKey ...any) (status int, document sheet) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), "POST", c.url+path, strings.NewReader(body))
	require.NoError(c.t, err)
	req.Header.Set("Content-Type", "application/json")
	if !strings.HasPrefix(path, "/auth") {
		req.Header.Set("x-api-key", fmt.Sprint(append(apiKey, crateKey)[0]))
	}
	resp, err := c.client.Do(req)
	require.NoError(c.t, err)
	defer func() { _ = resp.Body.Close() }()
	require.NoError(c.t, json.NewDecoder(resp.Body).Decode(&document))
	return resp.StatusCode, document
}

// auth is the code for a program of the first app, on the vendor's own route.
func (c crate) auth(license, hwid string) any {
	c.t.Helper()
	_, document := c.shop("/auth", fmt.Sprintf(`{"app_id":%q,"license":%q,"hwid":%q}`, crateApp, license, hwid))
	return document["message"]
}

// kinds are the effects since the last time, as "kind id detail".
func (c crate) kinds() (kinds []string) {
	c.t.Helper()
	effects := c.s.Effects()
	for _, e := range effects[*c.known:] {
		kinds = append(kinds, strings.TrimSpace(e.Kind+" "+e.ID+" "+e.Detail))
	}
	*c.known = len(effects)
	return kinds
}

// whole is all that the server would take down.
func (c crate) whole() string { return string(c.s.Snapshot()) }

func TestKeycrateApps(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	c.want("GET", "/keycrate/apps", "", 200, `{"items":[{"id":"`+crateApp+`","name":"default","enabled":true}]}`)
	id := crateUUID + "a"
	const shop = `"name":"shop","enabled":false`
	c.want("POST", "/keycrate/apps", `{"id":"`+strings.ToUpper(id)+`",`+shop+`}`, 201, `{"id":"`+id+`",`+shop+`}`)
	c.want("GET", "/keycrate/apps/"+strings.ToUpper(id), "", 200, `{"id":"`+id+`",`+shop+`}`)
	c.want("PATCH", "/keycrate/apps/"+id, `{"id":"`+id+`",`+shop+`}`, 200, `{"id":"`+id+`",`+shop+`}`)
	nameless := c.make("apps", ``)
	assert.Equal(t, []any{"", true}, []any{nameless["name"], nameless["enabled"]})
	assert.Equal(t, []any{crateApp, id, nameless["id"]}, c.all("apps", "id"))
	c.remove("apps", nameless["id"].(string))
	assert.Equal(t, []string{"app.added " + id + " shop", "app.added " + nameless["id"].(string), "app.removed " + nameless["id"].(string)}, c.kinds())

	c.make("licenses", `{"app":"shop","key":"K"}`)
	c.kinds()
	login := `{"app_id":"` + id + `","license":"K"}`
	_, told := c.shop("/auth", login)
	assert.Equal(t, "APPLICATION_NOT_ACTIVE", told["message"])
	assert.Equal(t, "store", c.change("apps", id, `{"name":"store","enabled":true}`)["name"])
	_, told = c.shop("/auth", login)
	assert.Equal(t, "LICENSE_VERIFIED", told["message"])
	c.change("apps", id, `{"enabled":false}`)
	assert.Equal(t, []string{"app.updated " + id + " name", "app.enabled " + id, "license.activated K", "app.disabled " + id}, c.kinds())
}

// An app takes along all that belongs to it; the first one stays.
func TestKeycrateAppIsRemoved(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	id := c.make("apps", `{"name":"shop"}`)["id"].(string)
	pro := c.make("subscriptions", `{"app":"shop","name":"pro"}`)["id"].(string)
	c.make("licenses", `{"app":"shop","key":"K"}`)
	c.make("licenses", `{"app":"shop","key":"ORPHAN","subscription":null}`)
	c.make("licenses", `{"key":"STAYS"}`)
	c.make("api-keys", `{"apps":["default","shop"]}`)
	c.kinds()
	c.remove("apps", id)
	assert.Equal(t, []string{
		"license.deleted K", "subscription.deleted " + pro + " pro", "license.deleted ORPHAN", "api-key.updated 2 apps", "app.removed " + id + " shop",
	}, c.kinds())
	assert.Equal(t, []any{"STAYS"}, c.all("licenses", "key"))
	assert.Equal(t, []any{"default"}, c.all("subscriptions", "name"))
	assert.Equal(t, []any{nil, []any{crateApp}}, c.all("api-keys", "apps"))
	assert.Equal(t, 404, c.refused("GET", "/keycrate/apps/"+id, "").Status)
	for _, first := range []string{"apps/" + crateApp, "api-keys/1"} {
		assert.Equal(t, 409, c.refused("DELETE", "/keycrate/"+first, "").Status)
	}
	status, _ := c.shop("/license/get", `{"license_key":"STAYS"}`)
	assert.Equal(t, 200, status)
}

func TestKeycrateAPIKeys(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	c.want("GET", "/keycrate/api-keys", "", 200, `{"items":[{"id":"1","key":"`+crateKey+`","apps":null,"revoked":false}]}`)
	shop := c.make("apps", `{"name":"shop"}`)["id"].(string)
	key := `{"id":"2","key":"kc_ci","apps":["` + shop + `","` + crateApp + `"],"revoked":false}`
	c.want("POST", "/keycrate/api-keys", `{"key":"kc_ci","apps":["shop","`+crateApp+`"]}`, 201, key)
	c.want("GET", "/keycrate/api-keys/2", "", 200, key)
	c.want("PATCH", "/keycrate/api-keys/2", key, 200, key)
	drawn := c.make("api-keys", ``)
	assert.Regexp(t, `^kc_mock_[0-9a-f]{24}$`, drawn["key"])
	assert.Equal(t, []any{}, drawn["apps"], "none, as in Go")
	c.kinds()

	c.make("licenses", `{"key":"K"}`)
	get := func(key any) any {
		_, document := c.shop("/license/get", `{"license_key":"K"}`, key)
		return document["error_code"]
	}
	assert.Nil(t, get("kc_ci"))
	assert.Equal(t, "ACCESS_DENIED", get(drawn["key"]))
	c.change("api-keys", "3", `{"apps":null}`)
	assert.Nil(t, get(drawn["key"]), "null are all")
	c.change("api-keys", "2", `{"apps":["shop"]}`)
	assert.Equal(t, "ACCESS_DENIED", get("kc_ci"))
	c.change("api-keys", "1", `{"revoked":true}`)
	assert.Equal(t, "INVALID_API_KEY", get(crateKey))
	c.change("api-keys", "1", `{"revoked":false}`)
	assert.Nil(t, get(crateKey))
	c.remove("api-keys", "2")
	assert.Equal(t, "INVALID_API_KEY", get("kc_ci"))
	effects := c.kinds()
	assert.Equal(t, []string{
		"api-key.updated 3 apps", "api-key.updated 2 apps", "api-key.revoked 1", "api-key.restored 1", "api-key.removed 2",
	}, slices.DeleteFunc(effects, func(e string) bool { return !strings.HasPrefix(e, "api-key") }))
	assert.Equal(t, "4", c.make("api-keys", `{"revoked":true}`)["id"], "no number comes twice")
}

func TestKeycrateSubscriptions(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	id := crateUUID + "b"
	shop := c.make("apps", `{"name":"shop"}`)["id"].(string)
	const rest = `"name":"pro","level":3,"singleKeyPerHwid":true,"status":"paused","createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-02-01T00:00:00Z"`
	shown := `{"id":"` + id + `","app":"` + shop + `",` + rest + `}`
	c.want("POST", "/keycrate/subscriptions", `{"id":"`+strings.ToUpper(id)+`","app":"shop",`+rest+`}`, 201, shown)
	c.want("GET", "/keycrate/subscriptions/"+strings.ToUpper(id), "", 200, shown)
	c.want("PATCH", "/keycrate/subscriptions/"+id, shown, 200, shown)
	_, document := c.shop("/subscription/get-bulk", `{"app_id":"`+shop+`"}`)
	assert.Equal(t, "paused", at(document, "data", 0, "status"))

	plain := c.make("subscriptions", `{"name":"","createdAt":"-1h"}`)
	want := sheet{
		"id": plain["id"], "app": crateApp, "name": "default", "level": 1.0, "singleKeyPerHwid": false, "status": "active",
		"createdAt": "2026-03-01T11:00:00Z", "updatedAt": "2026-03-01T11:00:00Z",
	}
	assert.Equal(t, want, plain)
	assert.EqualValues(t, 0, c.make("subscriptions", `{"level":0}`)["level"], "the API's default is for nothing at all")
	c.kinds()
	for member, value := range map[string]any{
		"name": "team", "level": 7.0, "singleKeyPerHwid": false, "status": "active", "createdAt": "2026-01-02T00:00:00Z", "updatedAt": "2026-02-02T00:00:00Z",
	} {
		changed := c.change("subscriptions", id, string(encode(t, sheet{member: value})))
		assert.Equal(t, value, changed[member])
		if member != "updatedAt" {
			assert.Equal(t, crateT0, changed["updatedAt"], "%s", member)
		}
	}
	effects := c.kinds()
	slices.Sort(effects)
	changes := []string{"created_at", "level", "name", "single_key_per_hwid", "status", "updated_at"}
	for i, change := range changes {
		changes[i] = "subscription.updated " + id + " " + change
	}
	assert.Equal(t, changes, effects)

	c.change("subscriptions", id, `{"createdAt":"now"}`)
	assert.Equal(t, id, c.all("subscriptions", "id")[2], "the oldest first")
	c.make("licenses", `{"key":"K","app":"shop"}`)
	c.kinds()
	c.remove("subscriptions", id)
	assert.Equal(t, []string{"license.deleted K", "subscription.deleted " + id + " team"}, c.kinds())
}

// A license with every member of its own.
func TestKeycrateLicenseIsAsItIsTold(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	c.make("subscriptions", `{"id":"`+crateUUID+`b","name":"pro"}`)
	id := crateUUID + "c"
	const rest = `"key":"K 1/2","status":"paused","username":"alice","hwidLock":true,"hwid":"pc","hwidResetAllowed":true,"hwidResetCooldown":"24h0m0s",
		"lastHwidResetAt":"2026-02-03T00:00:00Z","durationUnit":"months","durationValue":2,"durationSeconds":99,"activatedAt":"2026-02-02T00:00:00.001Z",
		"expiresAt":"2026-02-28T00:00:00Z","metadata":{"order":12345678901234567890,"list":[null,"<&>"]},"tags":["a","b"],
		"createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-05T00:00:00Z"`
	shown := `{"id":"` + id + `","app":"` + crateApp + `","subscription":"` + crateUUID + `b","hasPassword":true,"expired":true,` + rest + `}`
	c.want("POST", "/keycrate/licenses", `{"id":"`+strings.ToUpper(id)+`","app":"default","subscription":"pro","password":"secret",`+rest+`}`, 201, shown)
	c.want("GET", "/keycrate/licenses/K%201%2F2", "", 200, shown)
	c.want("GET", "/keycrate/licenses/"+strings.ToUpper(id), "", 200, shown)
	c.want("PATCH", "/keycrate/licenses/"+id, shown, 200, shown)
	c.want("GET", "/keycrate/licenses", "", 200, `{"items":[`+shown+`]}`)

	_, document := c.shop("/license/get", `{"license_key":"K 1/2"}`)
	assert.Equal(t, id, at(document, "data", "id"))
	assert.Equal(t, "2026-02-02T00:00:00.001Z", at(document, "data", "activated_at"))
	license, _ := c.world.License("K 1/2")
	assert.Equal(t, 24*time.Hour, license.HWIDResetCooldown)
	require.Empty(t, c.s.Journal()[1:], "looking leaves no trace")
}

// Each member is changed by itself, and what the vendor's API shows follows.
func TestKeycrateLicenseIsChanged(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	c.make("subscriptions", `{"name":"basic","createdAt":"-1h"}`)
	pro := c.make("subscriptions", `{"name":"pro"}`)["id"]
	c.make("licenses", `{"key":"K","durationUnit":"days","durationValue":7}`)
	for _, change := range []struct{ patch, field, value, name string }{
		{`"subscription":"pro"`, "subscription_id", `"` + pro.(string) + `"`, "subscription_id"},
		{`"status":"paused"`, "status", `"paused"`, "status"},
		{`"username":"alice"`, "username", `"alice"`, "username"},
		{`"username":null`, "username", `null`, "username"},
		{`"hwidLock":true`, "hwid_lock", `true`, "hwid_lock"},
		{`"hwid":"pc"`, "hwid", `"pc"`, "hwid"},
		{`"hwid":""`, "hwid", `null`, "hwid"},
		{`"hwidResetAllowed":true`, "hwid_reset_allowed", `true`, "hwid_reset_allowed"},
		{`"hwidResetCooldown":"1d12h"`, "hwid_reset_cooldown", `129600`, "hwid_reset_cooldown"},
		{`"lastHwidResetAt":"-1h"`, "last_hwid_reset_at", `"2026-03-01T11:00:00.000Z"`, "last_hwid_reset_at"},
		{`"lastHwidResetAt":null`, "last_hwid_reset_at", `null`, "last_hwid_reset_at"},
		{`"durationUnit":"hours"`, "duration_unit", `"hours"`, "duration_unit"},
		{`"durationValue":3`, "duration_value", `3`, "duration_value"},
		{`"durationSeconds":60`, "duration_seconds", `60`, "duration_seconds"},
		{`"durationSeconds":null`, "duration_seconds", `10800`, "duration_seconds"},
		{`"expiresAt":"+2h"`, "expires_at", `"2026-03-01T14:00:00.000Z"`, "expires_at"},
		{`"activatedAt":"-1h"`, "activated_at", `"2026-03-01T11:00:00.000Z"`, "activated_at"},
		{`"expiresAt":null`, "expires_at", `"2026-03-01T14:00:00.000Z"`, ""}, // what the duration gives
		{`"activatedAt":null,"expiresAt":null`, "expires_at", `null`, "activated_at expires_at"},
		{`"activatedAt":"now"`, "expires_at", `"2026-03-01T15:00:00.000Z"`, "activated_at expires_at"},
		{`"metadata":{"a":1.50}`, "metadata", `{"a":1.50}`, "metadata"},
		{`"metadata":null`, "metadata", `{}`, "metadata"},
		{`"tags":["x"]`, "tags", `["x"]`, "tags"},
		{`"createdAt":"-2d"`, "created_at", `"2026-02-27T12:00:00.000Z"`, "created_at"},
		{`"updatedAt":"-1d"`, "updated_at", `"2026-02-28T12:00:00.000Z"`, "updated_at"},
		{`"durationUnit":"lifetime","durationValue":null,"durationSeconds":null,"expiresAt":null`, "duration_value", `null`,
			"duration_seconds duration_unit duration_value expires_at"},
	} {
		c.kinds()
		shown := c.change("licenses", "K", "{"+change.patch+"}")
		if change.name == "" {
			assert.Empty(t, c.kinds())
		} else {
			assert.Equal(t, []string{"license.updated K " + change.name}, c.kinds(), change.patch)
		}
		_, document := c.shop("/license/get", `{"license_key":"K"}`)
		assert.JSONEq(t, change.value, string(encode(t, at(document, "data", change.field))), change.patch)
		if change.field != "updated_at" && change.name != "" {
			assert.Equal(t, crateT0, shown["updatedAt"], change.patch)
			c.change("licenses", "K", `{"updatedAt":"-1h"}`)
		}
	}
	assert.Equal(t, []any{"K"}, c.all("licenses", "key"))
	c.make("licenses", `{"key":"NEWER"}`)
	c.change("licenses", "K", `{"createdAt":"+1h"}`)
	assert.Equal(t, []any{"NEWER", "K"}, c.all("licenses", "key"), "the oldest first")
	c.kinds()
	c.remove("licenses", "K")
	assert.Equal(t, []string{"license.deleted K"}, c.kinds())
	assert.Equal(t, "LICENSE_NOT_FOUND", c.auth("K", "pc"))
}

// Whatever state an end user can meet can be made.
func TestKeycrateLicenseStates(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	c.make("subscriptions", `{"name":"basic"}`)
	c.make("subscriptions", `{"name":"single","singleKeyPerHwid":true}`)
	c.make("subscriptions", `{"name":"off","status":"paused"}`)
	c.make("licenses", `{"key":"HOLDER","subscription":"single","hwid":"pc"}`)
	for members, want := range map[string]string{
		``: "LICENSE_VERIFIED", `"hwidLock":true`: "LICENSE_VERIFIED_UNUSED_AND_LOCKED_KEY",
		`"hwidLock":true,"activatedAt":"-1h"`:  "LICENSE_VERIFIED",
		`"status":"paused"`:                    "LICENSE_NOT_ACTIVE",
		`"expiresAt":"-1s"`:                    "LICENSE_EXPIRED",
		`"expiresAt":"now"`:                    "LICENSE_EXPIRED",
		`"expiresAt":"-1s","activatedAt":null`: "LICENSE_EXPIRED",
		`"expiresAt":"+1s"`:                    "LICENSE_VERIFIED",
		`"activatedAt":"-8d","durationUnit":"days","durationValue":7`: "LICENSE_EXPIRED",
		`"hwidLock":true,"hwid":"mac"`:                                "HWID_MISMATCH",
		`"hwid":"mac"`:                                                "LICENSE_VERIFIED",
		`"subscription":"single"`:                                     "DEVICE_ALREADY_REGISTERED_WITH_OTHER_LICENSE",
		`"subscription":"off"`:                                        "SUBSCRIPTION_NOT_ACTIVE",
		`"subscription":null`:                                         "SUBSCRIPTION_ERROR",
	} {
		key := c.make("licenses", "{"+members+"}")["key"].(string)
		assert.Regexp(t, `^[A-Z0-9]{4}(-[A-Z0-9]{4}){3}$`, key)
		assert.Equal(t, want, c.auth(key, "pc"), members)
	}
	guessed := c.make("licenses", `{"expiresAt":"+1h"}`)
	assert.Equal(t, []any{"days", 30.0, "2026-01-30T13:00:00Z"}, []any{guessed["durationUnit"], guessed["durationValue"], guessed["activatedAt"]})
	unused := c.make("licenses", `{"expiresAt":"+1h","activatedAt":null}`)
	assert.Nil(t, unused["activatedAt"])
	c.s.Advance(time.Hour)
	assert.Equal(t, true, c.get("licenses", guessed["id"].(string))["expired"])
}

// A subscription that is lost is null, and comes back by being named.
func TestKeycrateOrphans(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	pro := c.make("subscriptions", `{"name":"pro"}`)["id"].(string)
	c.make("licenses", `{"key":"A"}`)
	c.make("licenses", `{"key":"B"}`)
	c.kinds()
	c.want("POST", "/keycrate/orphan-licenses", `{"subscription":"pro"}`, 200, `{"licenses":["A","B"]}`)
	assert.Equal(t, []string{"subscription.lost " + pro}, c.kinds())
	orphan := c.get("licenses", "A")
	assert.Nil(t, orphan["subscription"])
	_, document := c.shop("/license/get", `{"license_key":"A"}`)
	assert.Equal(t, pro, at(document, "data", "subscription_id"), "which the vendor still shows")
	c.want("PATCH", "/keycrate/licenses/A", string(encode(t, orphan)), 200, string(encode(t, orphan)))
	c.change("licenses", "A", `{"tags":["x"]}`)
	_, document = c.shop("/license/get", `{"license_key":"A"}`)
	assert.Equal(t, pro, at(document, "data", "subscription_id"))
	c.make("subscriptions", `{"name":"team"}`)
	c.change("licenses", "A", `{"subscription":"team"}`)
	assert.Equal(t, "LICENSE_VERIFIED", c.auth("A", ""))
	c.change("licenses", "A", `{"subscription":null}`)
	assert.Equal(t, "SUBSCRIPTION_ERROR", c.auth("A", ""))
	assert.Equal(t, "/subscription", c.refused("POST", "/keycrate/orphan-licenses", `{"subscription":"pro"}`).Pointer)
	c.make("subscriptions", `{"name":"empty"}`)
	c.want("POST", "/keycrate/orphan-licenses", `{"subscription":"empty"}`, 200, `{"licenses":[]}`)
}

// A password is told and never shown, and goes with its user.
func TestKeycratePasswords(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	logIn := func(password string) any {
		return c.do("auth", fmt.Sprintf(`{"username":"alice","password":%q}`, password))["code"]
	}
	made := c.make("licenses", `{"key":"K","username":"alice","password":"one"}`)
	assert.Equal(t, true, made["hasPassword"])
	assert.NotContains(t, made, "password")
	assert.Equal(t, "LICENSE_VERIFIED", logIn("one"))
	c.kinds()
	c.change("licenses", "K", `{"password":"one"}`)
	assert.Empty(t, c.kinds(), "the same one")
	c.change("licenses", "K", `{"password":"two"}`)
	assert.Equal(t, []string{"license.updated K password"}, c.kinds())
	assert.Equal(t, "INVALID_USERNAME_OR_PASSWORD", logIn("one"))
	c.change("licenses", "K", `{"tags":["x"]}`)
	assert.Equal(t, "LICENSE_VERIFIED", logIn("two"), "other changes leave it")
	assert.Equal(t, false, c.change("licenses", "K", `{"password":""}`)["hasPassword"])
	assert.Equal(t, "INVALID_USERNAME_OR_PASSWORD", logIn("two"))
	c.change("licenses", "K", `{"password":"three"}`)
	assert.Equal(t, false, c.change("licenses", "K", `{"username":null}`)["hasPassword"], "it was that user's")
	assert.Equal(t, "/password", c.refused("PATCH", "/keycrate/licenses/K", `{"password":"four"}`).Pointer)
	assert.Equal(t, "REGISTRATION_SUCCESSFUL", c.do("register", `{"license":"K","username":"bob","password":"four"}`)["code"])
	assert.Equal(t, true, c.get("licenses", "K")["hasPassword"])
	assert.NotContains(t, c.whole(), "four")
}

func TestKeycrateBlacklist(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	c.make("licenses", `{"key":"K"}`)
	c.set(`{"origin":{"country":"NL","asn":64496,"ip":"2001:db8::1"}}`)
	c.kinds()
	for _, line := range []struct{ kind, value, code string }{
		{"country", "NL", "COUNTRY_BLACKLISTED"},
		{"ASN", "64496", "ASN_BLACKLISTED"},
		{"IP", "2001:db8::1", "IP_BLACKLISTED"},
		{"HWID", "a/b: c", "HWID_BLACKLISTED"},
	} {
		id := line.kind + ":" + line.value
		body := fmt.Sprintf(`{"kind":%q,"value":%q}`, line.kind, line.value)
		shown := fmt.Sprintf(`{"id":%q,"kind":%q,"value":%q}`, id, line.kind, line.value)
		c.want("POST", "/keycrate/blacklist", body, 201, shown)
		assert.Equal(t, line.code, c.auth("K", "a/b: c"))
		c.want("GET", "/keycrate/blacklist/"+url.PathEscape(id), "", 200, shown)
		c.want("GET", "/keycrate/blacklist", "", 200, `{"items":[`+shown+`]}`)
		assert.Equal(t, 409, c.refused("POST", "/keycrate/blacklist", body).Status)
		assert.Equal(t, 405, c.refused("PATCH", "/keycrate/blacklist/"+url.PathEscape(id), `{}`).Status)
		c.remove("blacklist", id)
		assert.Equal(t, 404, c.refused("DELETE", "/keycrate/blacklist/"+url.PathEscape(id), "").Status)
		assert.Equal(t, []string{"blacklist.added " + line.kind + " " + line.value, "blacklist.removed " + line.kind + " " + line.value}, c.kinds())
	}
	assert.Equal(t, "LICENSE_VERIFIED", c.auth("K", "a/b: c"))
}

func TestKeycrateSettings(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	const asNew = `{"teamEnabled":true,"origin":{"country":null,"asn":null,"ip":null},"durationStart":"first-use",
		"mismatchSpelling":"HWID_MISMATCH","retryAfter":true}`
	c.want("GET", "/keycrate/settings", "", 200, asNew)
	c.make("licenses", `{"key":"K","hwidLock":true,"hwid":"pc"}`)
	c.kinds()

	c.set(`{"teamEnabled":false}`)
	assert.Equal(t, "TEAM_ERROR", c.auth("K", "pc"))
	c.set(`{"teamEnabled":true}`)
	c.set(`{"teamEnabled":true}`)
	assert.Equal(t, []string{"team.disabled", "team.enabled"}, c.kinds())
	c.set(`{"mismatchSpelling":"HWID_MISSMATCH"}`)
	assert.Equal(t, "HWID_MISSMATCH", c.auth("K", "mac"))
	c.set(`{"durationStart":"creation"}`)
	assert.Equal(t, "2026-03-08T12:00:00Z", c.make("licenses", `{"durationUnit":"days","durationValue":7}`)["expiresAt"])
	c.set(`{"origin":{"country":"NL","ip":"192.0.2.1"}}`)
	shown := c.set(`{"origin":{"asn":64496,"country":null}}`)["origin"]
	assert.Equal(t, sheet{"country": nil, "asn": 64496.0, "ip": "192.0.2.1"}, shown, "what is not sent stays")
	c.set(`{"retryAfter":false}`)
	c.want("GET", "/keycrate/settings", "", 200, `{"teamEnabled":true,"origin":{"country":null,"asn":64496,"ip":"192.0.2.1"},"durationStart":"creation",
		"mismatchSpelling":"HWID_MISSMATCH","retryAfter":false}`)
	c.want("PATCH", "/keycrate/settings", asNew, 200, asNew)
	c.want("PATCH", "/keycrate/settings", ``, 200, asNew)

	before := c.whole()
	for body, pointer := range map[string]string{
		`{"teamEnabled":false,"durationStart":"never"}`:         "/durationStart",
		`{"teamEnabled":false,"mismatchSpelling":"HWID"}`:       "/mismatchSpelling",
		`{"teamEnabled":false,"origin":{"country":"nl"}}`:       "/origin/country",
		`{"teamEnabled":false,"origin":{"asn":-1}}`:             "/origin/asn",
		`{"teamEnabled":false,"origin":{"ip":"localhost"}}`:     "/origin/ip",
		`{"teamEnabled":false,"origin":null}`:                   "/origin",
		`{"teamEnabled":false,"origin":{"city":"Den Haag"}}`:    "/origin/city",
		`{"teamEnabled":false,"retryAfter":"no"}`:               "/retryAfter",
		`{"teamEnabled":false,"rateLimit":{"calls":1,"per":1}}`: "/rateLimit",
	} {
		assert.Equal(t, pointer, c.refused("PATCH", "/keycrate/settings", body).Pointer, body)
	}
	assert.Equal(t, before, c.whole())
}

// Whatever an end user can be told comes about by deeds alone.
func TestKeycrateDeeds(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	other := c.make("apps", `{"name":"other"}`)["id"].(string)
	c.make("apps", `{"name":"twice"}`)
	c.make("apps", `{"name":"twice"}`)
	c.make("licenses", `{"key":"K","hwidLock":true}`)
	c.make("licenses", `{"key":"USED","username":"alice","password":"one"}`)
	c.make("licenses", `{"key":"PAUSED","status":"paused"}`)
	c.make("licenses", `{"key":"EXPIRED","expiresAt":"-1s"}`)
	c.make("licenses", `{"key":"OTHER","app":"other"}`)
	for _, deed := range []struct{ name, order, code string }{
		{"auth", `{}`, "INVALID_INPUT"},
		{"auth", `{"license":"K"}`, "HWID_NOT_PROVIDED"},
		{"auth", `{"license":"K","hwid":"pc"}`, "LICENSE_VERIFIED_UNUSED_AND_LOCKED_KEY"},
		{"auth", `{"license":"K","hwid":"pc"}`, "LICENSE_VERIFIED"},
		{"auth", `{"license":"K","hwid":"mac"}`, "HWID_MISMATCH"},
		{"auth", `{"license":"NONE"}`, "LICENSE_NOT_FOUND"},
		{"auth", `{"license":"PAUSED"}`, "LICENSE_NOT_ACTIVE"},
		{"auth", `{"license":"EXPIRED"}`, "LICENSE_EXPIRED"},
		{"auth", `{"license":"OTHER"}`, "LICENSE_VERIFIED"},
		{"auth", `{"license":"OTHER","app":"other"}`, "LICENSE_VERIFIED"},
		{"auth", `{"license":"OTHER","app":"` + strings.ToUpper(other) + `"}`, "LICENSE_VERIFIED"},
		{"auth", `{"license":"OTHER","app":"default"}`, "LICENSE_NOT_FOUND"},
		{"auth", `{"license":"K","app":"nowhere"}`, "INVALID_INPUT"},
		{"auth", `{"license":"K","app":"` + crateUUID + `0"}`, "APPLICATION_NOT_FOUND"},
		{"auth", `{"username":"alice","password":"one"}`, "LICENSE_VERIFIED"},
		{"auth", `{"username":"alice","password":"two"}`, "INVALID_USERNAME_OR_PASSWORD"},
		{"auth", `{"license":"NONE","username":"alice","password":"one"}`, "LICENSE_NOT_FOUND"},
		{"register", `{"license":"K","username":"bob"}`, "INVALID_INPUT"},
		{"register", `{"license":"NONE","username":"bob","password":"x"}`, "LICENSE_NOT_FOUND"},
		{"register", `{"license":"PAUSED","username":"bob","password":"x"}`, "LICENSE_NOT_ACTIVE"},
		{"register", `{"license":"EXPIRED","username":"bob","password":"x"}`, "LICENSE_EXPIRED"},
		{"register", `{"license":"K","username":"alice","password":"x"}`, "USERNAME_TAKEN"},
		{"register", `{"license":"K","app":"other","username":"bob","password":"x"}`, "LICENSE_NOT_FOUND"},
		{"register", `{"license":"K","username":"bob","password":"x"}`, "REGISTRATION_SUCCESSFUL"},
		{"register", `{"license":"K","username":"bob","password":"x"}`, "LICENSE_ALREADY_REGISTERED"},
		{"register", `{"license":"OTHER","username":"bob","password":"x"}`, "REGISTRATION_SUCCESSFUL"},
	} {
		good := strings.HasPrefix(deed.code, "LICENSE_VERIFIED") || deed.code == "REGISTRATION_SUCCESSFUL"
		assert.Equal(t, sheet{"success": good, "code": deed.code}, c.do(deed.name, deed.order), "%s %s", deed.name, deed.order)
	}
	c.set(`{"teamEnabled":false}`)
	assert.Equal(t, "TEAM_ERROR", c.do("auth", `{"license":"K"}`)["code"])

	before, journal := c.whole(), len(c.s.Journal())
	for order, pointer := range map[string]string{
		`{"license":"K","app":"twice"}`: "/app", `{"key":"K"}`: "/key", `{"license":7}`: "/license", `{"license":null}`: "/license",
	} {
		for _, deed := range []string{"auth", "register"} {
			assert.Equal(t, pointer, c.refused("POST", "/keycrate/"+deed, order).Pointer, order)
		}
	}
	assert.Equal(t, "/hwid", c.refused("POST", "/keycrate/register", `{"hwid":"pc"}`).Pointer)
	assert.Equal(t, before, c.whole())
	assert.Len(t, c.s.Journal(), journal, "what was refused is in no journal")
}

// A deed is in the journal as the action that it is, with what it did and why.
func TestKeycrateDeedsAreActions(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	c.make("licenses", `{"key":"K","hwidLock":true,"hwidResetAllowed":true}`)
	c.do("auth", `{"license":"K","hwid":"pc"}`)
	c.do("register", `{"license":"K","username":"alice","password":"x"}`)
	c.do("portal-reset", `{"license":"K"}`)
	c.do("orphan-licenses", `{"subscription":"default"}`)
	var ops []string
	var rows []string
	for _, call := range c.s.Journal() {
		ops = append(ops, call.Op)
		rows = append(rows, call.Rows...)
		for _, e := range call.Effects {
			assert.Equal(t, call.Op, e.Op)
		}
		assert.NotEmpty(t, call.Effects, call.Op)
	}
	assert.Equal(t, []string{keycratemock.ActAuth, keycratemock.ActRegister, keycratemock.ActPortalReset, keycratemock.ActOrphanLicenses}, ops)
	for _, row := range []string{"keycrate.auth.binds", "keycrate.register.attaches", "keycrate.portal.reset"} {
		assert.Contains(t, rows, row)
		assert.Positive(t, c.s.Decided(row))
	}
	twin := openCrate(t)
	twin.make("licenses", `{"key":"K","hwidLock":true,"hwidResetAllowed":true}`)
	twin.world.Auth("K", "pc")
	assert.Equal(t, twin.s.Journal()[0].Rows, c.s.Journal()[0].Rows, "as in Go")
}

func TestKeycratePortalReset(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	id := c.make("licenses", `{"key":"K","hwid":"pc"}`)["id"].(string)
	reset := func(outcome string) {
		t.Helper()
		c.want("POST", "/keycrate/portal-reset", `{"license":"K"}`, 200, outcome)
	}
	reset(`{"done":false,"blocked":"not locked","wait":"0s"}`)
	c.change("licenses", "K", `{"hwidLock":true}`)
	reset(`{"done":false,"blocked":"not allowed","wait":"0s"}`)
	c.change("licenses", "K", `{"hwidResetAllowed":true,"hwidResetCooldown":"1d"}`)
	reset(`{"done":false,"blocked":"not activated","wait":"0s"}`)
	c.change("licenses", "K", `{"activatedAt":"-1d","lastHwidResetAt":"-20h"}`)
	reset(`{"done":false,"blocked":"cooling down","wait":"4h0m0s"}`)
	c.s.Advance(4 * time.Hour)
	reset(`{"done":true,"blocked":null,"wait":"0s"}`)
	assert.Nil(t, c.get("licenses", "K")["hwid"])
	assert.Equal(t, "cooling down", c.do("portal-reset", `{"license":"`+id+`"}`)["blocked"])
	assert.Equal(t, "/license", c.refused("POST", "/keycrate/portal-reset", `{"license":"NONE"}`).Pointer)
	assert.Equal(t, "/license", c.refused("POST", "/keycrate/portal-reset", ``).Pointer)
}

func TestKeycrateFilters(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	shop := c.make("apps", `{"name":"shop","enabled":false}`)["id"].(string)
	pro := c.make("subscriptions", `{"app":"shop","name":"pro","status":"paused"}`)["id"].(string)
	c.make("licenses", `{"key":"A","app":"shop","username":"alice","hwid":"pc","tags":["x","y"],"status":"paused"}`)
	c.make("licenses", `{"key":"B","expiresAt":"now"}`)
	c.make("licenses", `{"key":"C","subscription":null}`)
	c.make("api-keys", `{"key":"kc_ci","revoked":true}`)
	c.make("blacklist", `{"kind":"HWID","value":"NL"}`)
	c.make("blacklist", `{"kind":"country","value":"NL"}`)
	for _, filter := range []struct {
		collection, name, value string
		found                   int
	}{
		{"apps", "name", "shop", 1}, {"apps", "name", "sho", 0}, {"apps", "enabled", "false", 1}, {"apps", "enabled", "true", 1},
		{"api-keys", "key", "kc_ci", 1}, {"api-keys", "key", "kc_", 0}, {"api-keys", "revoked", "true", 1}, {"api-keys", "revoked", "false", 1},
		{"subscriptions", "app", "shop", 1}, {"subscriptions", "app", strings.ToUpper(shop), 1}, {"subscriptions", "app", "none", 0},
		{"subscriptions", "name", "pro", 1}, {"subscriptions", "status", "paused", 1}, {"subscriptions", "status", "active", 1},
		{"licenses", "app", "shop", 1}, {"licenses", "app", crateApp, 2}, {"licenses", "subscription", "pro", 1}, {"licenses", "subscription", pro, 1},
		{"licenses", "subscription", "", 0}, {"licenses", "key", "A", 1}, {"licenses", "key", "a", 0}, {"licenses", "status", "paused", 1},
		{"licenses", "username", "alice", 1}, {"licenses", "username", "", 2}, {"licenses", "hwid", "pc", 1}, {"licenses", "tag", "y", 1},
		{"licenses", "tag", "x y", 0}, {"licenses", "expired", "true", 1}, {"licenses", "expired", "false", 2},
		{"blacklist", "kind", "HWID", 1}, {"blacklist", "value", "NL", 2}, {"blacklist", "value", "DE", 0},
	} {
		assert.Len(t, c.all(filter.collection, "id", filter.name, filter.value), filter.found, "%s by %s %q", filter.collection, filter.name, filter.value)
	}
	assert.Equal(t, []any{"A"}, c.all("licenses", "key", "app", "shop", "status", "paused"))
	assert.Empty(t, c.all("licenses", "key", "app", "shop", "status", "active"))
	assert.Equal(t, "state", c.refused("GET", "/keycrate/licenses?state=active", "").Parameter)
}

// Whatever is refused has changed nothing, and says which member is at fault.
func TestKeycrateRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	shop := c.make("apps", `{"name":"shop"}`)["id"].(string)
	c.make("apps", `{"name":"twice"}`)
	c.make("apps", `{"name":"twice"}`)
	pro := c.make("subscriptions", `{"name":"pro","app":"shop"}`)["id"].(string)
	c.make("subscriptions", `{"name":"pro"}`)
	c.make("subscriptions", `{"name":"here","createdAt":"-1h"}`)
	k := c.make("licenses", `{"key":"K","username":"alice","durationUnit":"days","durationValue":7}`)
	c.make("licenses", `{"key":"L","username":"bob"}`)
	c.make("api-keys", `{"key":"kc_ci"}`)
	before, effects := c.whole(), c.s.Effects()
	long := func(n int) string { return `"` + strings.Repeat("x", n) + `"` }
	for _, refused := range []struct {
		method, path, body string
		status             int
		pointer            string
	}{
		{"POST", "apps", `{"id":"x"}`, 422, "/id"},
		{"POST", "apps", `{"id":"` + shop + `"}`, 409, "/id"},
		{"POST", "apps", `{"name":null}`, 422, "/name"},
		{"POST", "apps", `{"title":"x"}`, 422, "/title"},
		{"PATCH", "apps/" + shop, `{"id":"` + crateUUID + `a"}`, 422, "/id"},
		{"PATCH", "apps/none", `{}`, 404, ""},
		{"DELETE", "apps/" + crateApp, ``, 409, ""},

		{"POST", "api-keys", `{"key":"ci"}`, 422, "/key"},
		{"POST", "api-keys", `{"key":"kc_ c"}`, 422, "/key"},
		{"POST", "api-keys", `{"key":"kc_ci"}`, 409, "/key"},
		{"POST", "api-keys", `{"id":"9"}`, 422, "/id"},
		{"POST", "api-keys", `{"apps":["shop","none"]}`, 422, "/apps/1"},
		{"POST", "api-keys", `{"apps":["twice"]}`, 422, "/apps/0"},
		{"POST", "api-keys", `{"apps":[""]}`, 422, "/apps/0"},
		{"POST", "api-keys", `{"apps":"shop"}`, 422, "/apps"},
		{"PATCH", "api-keys/2", `{"key":"kc_x"}`, 422, "/key"},
		{"PATCH", "api-keys/2", `{"apps":["none"],"revoked":true}`, 422, "/apps/0"},
		{"GET", "api-keys/kc_ci", ``, 404, ""},

		{"POST", "subscriptions", `{"id":"x"}`, 422, "/id"},
		{"POST", "subscriptions", `{"id":"` + pro + `"}`, 409, "/id"},
		{"POST", "subscriptions", `{"id":"00000000-0000-4000-8000-00000000dead"}`, 409, "/id"},
		{"POST", "subscriptions", `{"app":"none"}`, 422, "/app"},
		{"POST", "subscriptions", `{"app":"twice"}`, 422, "/app"},
		{"POST", "subscriptions", `{"name":` + long(65) + `}`, 422, "/name"},
		{"POST", "subscriptions", `{"level":-1}`, 422, "/level"},
		{"POST", "subscriptions", `{"level":1.5}`, 422, "/level"},
		{"POST", "subscriptions", `{"status":"off"}`, 422, "/status"},
		{"POST", "subscriptions", `{"createdAt":"yesterday"}`, 422, "/createdAt"},
		{"PATCH", "subscriptions/" + pro, `{"id":"` + crateUUID + `b"}`, 422, "/id"},
		{"PATCH", "subscriptions/" + pro, `{"app":"default"}`, 422, "/app"},
		{"PATCH", "subscriptions/" + pro, `{"name":""}`, 422, "/name"},
		{"PATCH", "subscriptions/" + pro, `{"createdAt":null}`, 422, "/createdAt"},
		{"GET", "subscriptions/pro", ``, 404, ""},

		{"POST", "licenses", `{"id":"x"}`, 422, "/id"},
		{"POST", "licenses", `{"id":"` + k["id"].(string) + `"}`, 409, "/id"},
		{"POST", "licenses", `{"key":"K"}`, 409, "/key"},
		{"POST", "licenses", `{"app":"none"}`, 422, "/app"},
		{"POST", "licenses", `{"subscription":"none"}`, 422, "/subscription"},
		{"POST", "licenses", `{"subscription":"pro"}`, 422, "/subscription"}, // of which there are two
		{"POST", "licenses", `{"app":"twice","subscription":"pro"}`, 422, "/app"},
		{"POST", "licenses", `{"app":"default","subscription":"` + pro + `"}`, 422, "/subscription"},
		{"POST", "licenses", `{"status":"expired"}`, 422, "/status"},
		{"POST", "licenses", `{"username":"alice"}`, 409, "/username"},
		{"POST", "licenses", `{"username":` + long(65) + `}`, 422, "/username"},
		{"POST", "licenses", `{"password":"x"}`, 422, "/password"},
		{"POST", "licenses", `{"username":"u","password":` + long(1025) + `}`, 422, "/password"},
		{"POST", "licenses", `{"username":"u","password":null}`, 422, "/password"},
		{"POST", "licenses", `{"username":"u","password":7}`, 422, "/password"},
		{"POST", "licenses", `{"hasPassword":true}`, 422, "/hasPassword"},
		{"POST", "licenses", `{"expired":true}`, 422, "/expired"},
		{"POST", "licenses", `{"hwid":` + long(257) + `}`, 422, "/hwid"},
		{"POST", "licenses", `{"hwidResetCooldown":"1.5s"}`, 422, "/hwidResetCooldown"},
		{"POST", "licenses", `{"hwidResetCooldown":60}`, 422, "/hwidResetCooldown"},
		{"POST", "licenses", `{"durationUnit":"weeks","durationValue":1}`, 422, "/durationUnit"},
		{"POST", "licenses", `{"durationUnit":"lifetime","durationValue":1}`, 422, "/durationUnit"},
		{"POST", "licenses", `{"durationUnit":"days"}`, 422, "/durationValue"},
		{"POST", "licenses", `{"durationUnit":"days","durationValue":9223372036854775807}`, 422, "/durationValue"},
		{"POST", "licenses", `{"durationUnit":"days","durationValue":1,"durationSeconds":-1}`, 422, "/durationSeconds"},
		{"POST", "licenses", `{"expiresAt":"0001-01-01T00:00:01Z"}`, 422, "/expiresAt"},
		{"POST", "licenses", `{"expiresAt":1}`, 422, "/expiresAt"},
		{"POST", "licenses", `{"metadata":{"m":` + long(1993) + `}}`, 422, "/metadata"},
		{"POST", "licenses", `{"metadata":[]}`, 422, "/metadata"},
		{"POST", "licenses", `{"tags":["a",""]}`, 422, "/tags"},
		{"POST", "licenses", `{"tags":null}`, 422, "/tags"},
		{"PATCH", "licenses/K", `{"id":"` + crateUUID + `c"}`, 422, "/id"},
		{"PATCH", "licenses/K", `{"key":"M"}`, 422, "/key"},
		{"PATCH", "licenses/K", `{"expired":true}`, 422, "/expired"},
		{"PATCH", "licenses/K", `{"app":"shop","subscription":null}`, 422, "/app"},
		{"PATCH", "licenses/K", `{"app":""}`, 422, "/app"},
		{"PATCH", "licenses/K", `{"subscription":""}`, 422, "/subscription"},
		{"PATCH", "licenses/K", `{"subscription":"` + pro + `"}`, 422, "/subscription"},
		{"PATCH", "licenses/K", `{"username":"bob"}`, 409, "/username"},
		{"PATCH", "licenses/K", `{"password":` + long(1025) + `}`, 422, "/password"},
		{"PATCH", "licenses/K", `{"status":""}`, 422, "/status"},
		{"PATCH", "licenses/K", `{"durationUnit":"lifetime"}`, 422, "/durationUnit"},
		{"PATCH", "licenses/K", `{"durationValue":null}`, 422, "/durationValue"},
		{"PATCH", "licenses/none", `{}`, 404, ""},
		{"DELETE", "licenses/none", ``, 404, ""},

		{"POST", "blacklist", `{}`, 422, "/kind"},
		{"POST", "blacklist", `{"kind":"hwid","value":"x"}`, 422, "/kind"},
		{"POST", "blacklist", `{"kind":"country","value":"nl"}`, 422, "/value"},
		{"POST", "blacklist", `{"id":"HWID:x","kind":"HWID","value":"x"}`, 422, "/id"},
		{"GET", "blacklist/HWID", ``, 404, ""},
	} {
		p := c.refused(refused.method, "/keycrate/"+refused.path, refused.body)
		assert.Equal(t, refused.status, p.Status, "%s %s %s: %s", refused.method, refused.path, refused.body, p.Detail)
		assert.Equal(t, refused.pointer, p.Pointer, "%s %s %s: %s", refused.method, refused.path, refused.body, p.Detail)
		assert.True(t, strings.HasPrefix(p.Detail, strings.TrimPrefix(p.Pointer, "/")), p.Detail)
	}
	assert.Equal(t, before, c.whole())
	assert.Equal(t, effects, c.s.Effects())
	p := c.refused("POST", "/keycrate/licenses", `{"subscription":"pro"}`)
	assert.Equal(t, `subscription names more than one subscription that there is: "pro"; give the id of the one that is meant`, p.Detail)
	p = c.refused("POST", "/keycrate/licenses", `{"key":"K"}`)
	assert.Equal(t, "key is taken by another license: choose another", p.Detail)
	assert.Equal(t, pro, c.make("licenses", `{"app":"shop","subscription":"pro"}`)["subscription"], "the app says which")
}

// A seed refers to what it makes by names, and tells times as distances.
func TestKeycrateSeed(t *testing.T) {
	t.Parallel()
	c := openCrate(t)
	require.NoError(t, c.s.SeedJSON([]byte(`{"keycrate": {
		"settings": {"origin": {"country": "NL"}, "durationStart": "creation"},
		"apps": [{"id": "`+crateUUID+`a", "name": "shop"}],
		"api-keys": [{"key": "kc_shop", "apps": ["shop"]}],
		"subscriptions": [
			{"app": "shop", "name": "basic", "createdAt": "-60d"},
			{"app": "shop", "name": "pro", "level": 2, "singleKeyPerHwid": true}
		],
		"licenses": [
			{"key": "FRESH", "subscription": "pro", "durationUnit": "days", "durationValue": 7, "hwidLock": true},
			{"key": "EXPIRED", "app": "shop", "expiresAt": "-2h", "createdAt": "-31d"},
			{"key": "ALICE", "subscription": "basic", "username": "alice", "password": "one", "metadata": {"order": 7}},
			{"key": "LOST", "app": "shop", "subscription": null}
		],
		"blacklist": [{"kind": "HWID", "value": "stolen"}]
	}}`)))
	assert.Equal(t, []any{"EXPIRED", "ALICE", "FRESH", "LOST"}, c.all("licenses", "key"))
	assert.Equal(t, []any{"basic", "pro"}, c.all("subscriptions", "name"))
	for login, want := range map[string]string{
		`"license":"FRESH","hwid":"pc"`:       "LICENSE_VERIFIED_UNUSED_AND_LOCKED_KEY",
		`"license":"FRESH","hwid":"stolen"`:   "HWID_BLACKLISTED",
		`"license":"EXPIRED"`:                 "LICENSE_EXPIRED",
		`"username":"alice","password":"one"`: "LICENSE_VERIFIED",
		`"license":"LOST"`:                    "SUBSCRIPTION_ERROR",
	} {
		assert.Equal(t, want, c.do("auth", "{"+login+`,"app":"shop"}`)["code"], login)
	}
	fresh := c.get("licenses", "FRESH")
	assert.Equal(t, "2026-03-08T12:00:00Z", fresh["expiresAt"], "settings come first")
	status, _ := c.shop("/license/get", `{"license_key":"FRESH"}`, "kc_shop")
	assert.Equal(t, 200, status)
	for _, e := range c.s.Effects()[:8] {
		assert.Equal(t, "seed", e.Op)
	}

	before := c.whole()
	var wrong *SeedError
	require.ErrorAs(t, c.s.SeedJSON([]byte("{\"keycrate\":{\"licenses\":[{},\n{\"subscription\":\"prp\"}]}}")), &wrong)
	assert.Equal(t, SeedError{"/keycrate/licenses/1/subscription", 2, `keycrate/licenses/1/subscription names no subscription that there is: "prp"; make it first`}, *wrong)
	require.ErrorAs(t, c.s.SeedJSON([]byte("{\"keycrate\":{\"settings\":{\"origin\":{\n\"asn\":-1}}}}")), &wrong)
	assert.Equal(t, []any{"/keycrate/settings/origin/asn", 2}, []any{wrong.Pointer, wrong.Line})
	require.ErrorAs(t, c.s.SeedJSON([]byte("{\"keycrate\":{\"licenses\":[{\"key\":\"FRESH\"}]}}")), &wrong)
	assert.Equal(t, `keycrate/licenses/0/key is taken by another license: choose another`, wrong.Detail)
	assert.Equal(t, before, c.whole())
}

// A snapshot over HTTP brings everything back, on another server as well.
func TestKeycrateSnapshotOverHTTP(t *testing.T) {
	t.Parallel()
	c, other := openCrate(t), openCrate(t)
	c.make("licenses", `{"key":"K","hwidLock":true,"durationUnit":"days","durationValue":7}`)
	c.do("register", `{"license":"K","username":"alice","password":"one"}`)
	c.set(`{"mismatchSpelling":"HWID_MISSMATCH"}`)
	resp, taken := c.ask("GET", "/snapshot", "")
	require.Equal(t, 200, resp.StatusCode)
	script := func(c crate) (answers []string) {
		for _, step := range [][2]string{
			{"/auth", `{"app_id":"` + crateApp + `","username":"alice","password":"one","hwid":"pc"}`},
			{"/auth", `{"app_id":"` + crateApp + `","license":"K","hwid":"mac"}`},
			{"/license/create", `{"app_id":"` + crateApp + `","subscription_id":"` + c.all("subscriptions", "id")[0].(string) + `","duration_unit":"lifetime"}`},
			{"/license/get-bulk", `{"app_id":"` + crateApp + `"}`},
		} {
			status, document := c.shop(step[0], step[1])
			answers = append(answers, fmt.Sprint(status, string(encode(t, document))))
		}
		return append(answers, c.make("api-keys", ``)["key"].(string))
	}
	first := script(c)
	assert.Contains(t, first[0], "LICENSE_VERIFIED_UNUSED_AND_LOCKED_KEY")
	for _, c := range []crate{c, other} {
		c.want("PUT", "/snapshot", taken, 204, "")
		assert.JSONEq(t, taken, c.whole())
		assert.Equal(t, first, script(c))
	}
	c.want("POST", "/reset", "", 204, "")
	assert.Empty(t, c.all("licenses", "key"))
	status, _ := c.shop("/license/get-bulk", `{"app_id":"`+crateApp+`"}`)
	assert.Equal(t, 200, status, "the credentials stay")
}

// The document knows every member, and the server shows each that it has no reason
// to hide.
func TestTheDocumentHasEveryMemberOfKeycrate(t *testing.T) {
	t.Parallel()
	doc, err := adminDocument()
	require.NoError(t, err)
	c := openCrate(t)
	c.make("licenses", `{}`)
	c.make("subscriptions", `{}`)
	c.make("blacklist", `{"kind":"HWID","value":"x"}`)
	for schema, shown := range map[string]sheet{
		"KeycrateApp":           c.get("apps", crateApp),
		"KeycrateAPIKey":        c.get("api-keys", "1"),
		"KeycrateSubscription":  c.get("subscriptions", c.all("subscriptions", "id")[0].(string)),
		"KeycrateLicense":       c.get("licenses", c.all("licenses", "id")[0].(string)),
		"KeycrateBlacklistLine": c.get("blacklist", "HWID:x"),
		"KeycrateSettings":      c.send("GET", "/keycrate/settings", "", 200),
	} {
		var known []string
		for name, property := range doc.Components.Schemas[schema].Value.Properties {
			if !property.Value.WriteOnly {
				known = append(known, name)
			}
		}
		assert.ElementsMatch(t, known, slices.Collect(maps.Keys(shown)), schema)
		assert.ElementsMatch(t, known, doc.Components.Schemas[schema+"Shown"].Value.AllOf[1].Value.Required, schema)
	}
}
