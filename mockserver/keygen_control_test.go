package mockserver

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// What an outside suite does is done here as it would do it: with nothing but
// HTTP and JSON, on the control plane and on the vendor's own routes.

// sheet is an object as JSON has it.
type sheet = map[string]any

func (s console) send(method, path, body string, status int) sheet {
	s.t.Helper()
	resp, read := s.ask(method, path, body)
	require.Equal(s.t, status, resp.StatusCode, "%s %s %s: %s", method, path, body, read)
	if status == http.StatusNoContent {
		return nil
	}
	var object sheet
	require.NoError(s.t, json.Unmarshal([]byte(read), &object), read)
	return object
}

// make creates an object below /__admin/keygen.
func (s console) make(collection, body string) sheet {
	s.t.Helper()
	return s.send("POST", "/keygen/"+collection, body, http.StatusCreated)
}

// list lists objects below /__admin/keygen.
func (s console) list(collection string, filters ...string) []any {
	s.t.Helper()
	query := url.Values{}
	for i := 0; i < len(filters); i += 2 {
		query.Set(filters[i], filters[i+1])
	}
	return s.send("GET", "/keygen/"+collection+"?"+query.Encode(), "", http.StatusOK)["items"].([]any)
}

// call sends a request to the vendor's own routes.
func (s console) call(method, path, token, body string) (status int, document sheet) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+"/v1/accounts/test1"+path, strings.NewReader(body))
	require.NoError(s.t, err)
	req.Header.Set("Accept", "application/vnd.api+json")
	req.Header.Set("Content-Type", "application/vnd.api+json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := s.client.Do(req)
	require.NoError(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusNoContent {
		require.NoError(s.t, json.NewDecoder(resp.Body).Decode(&document))
	}
	return resp.StatusCode, document
}

// background is the common one of the vendor's scenarios: two accounts with an
// admin each. It returns the token of the admin of test1.
func (s console) background() string {
	s.t.Helper()
	s.make("accounts", `{"slug":"test2"}`)
	return s.make("accounts", `{"slug":"test1"}`)["admin"].(sheet)["token"].(string)
}

func newKey(text string, policy any) string {
	return fmt.Sprintf(`{"data":{"type":"keys","attributes":{"key":%q},"relationships":{"policy":{"data":{"type":"policies","id":%q}}}}}`, text, policy)
}

// counts are the background jobs of test1.
func (s console) counts(event string) string {
	s.t.Helper()
	query := "?account=test1"
	if event != "" {
		query += "&event=" + event
	}
	counts := s.send("GET", "/keygen/events"+query, "", http.StatusOK)["counts"].(sheet)
	return fmt.Sprintf("%v/%v/%v", counts["webhooks"], counts["eventLogs"], counts["requestLogs"])
}

// at follows names and numbers into a document.
func at(document any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			document = document.(sheet)[step]
		case int:
			document = document.([]any)[step]
		}
	}
	return document
}

// C2 and C5: a key is created, and then it is in the pool already.
func TestKeygenScenarioC5(t *testing.T) {
	t.Parallel()
	c := consoleOf(t, RunT(t))
	admin := c.background()
	c.make("webhook-endpoints", `{"account":"test1"}`)
	pool := c.make("policies", `{"account":"test1","usePool":true}`)
	text := "C1B6DE-39A6E3-DE1529-8559A0"
	status, document := c.call("POST", "/keys", admin, newKey(text, pool["id"]))
	assert.Equal(t, 201, status)
	assert.Equal(t, text, at(document, "data", "attributes", "key"))
	assert.Equal(t, "1/1/1", c.counts(""))
	assert.Equal(t, "1/1/1", c.counts("key.created"))
	assert.Equal(t, "0/0/1", c.counts("key.deleted"), "requests have no event")

	c.send("DELETE", "/keygen/events?account=test1", "", 204)
	status, document = c.call("POST", "/keys", admin, newKey(text, pool["id"]))
	assert.Equal(t, 422, status)
	assert.Equal(t, "KEY_TAKEN", at(document, "errors", 0, "code"))
	assert.Equal(t, "0/0/1", c.counts(""))

	c.make("keys", `{"account":"test2","key":"FFFFFF-FFFFFF"}`)
	status, _ = c.call("POST", "/keys", admin, newKey("FFFFFF-FFFFFF", pool["id"]))
	assert.Equal(t, 201, status, "C10: a key of another account does not matter")
	assert.Len(t, c.list("keys", "account", "test1"), 2)
	assert.Len(t, c.list("keys"), 3)
}

// L7 to L9: 19 keys, each in a pool of its own, by cursor.
func TestKeygenScenariosL7ToL9(t *testing.T) {
	t.Parallel()
	c := consoleOf(t, RunT(t))
	admin := c.background()
	for range 19 {
		c.make("keys", `{"account":"test1"}`)
	}
	keys := c.list("keys", "account", "test1")
	require.Len(t, keys, 19)
	assert.Len(t, c.list("policies", "account", "test1"), 19, "each has its own")
	assert.Len(t, c.list("products", "account", "test1"), 19)
	newest := func(n int) string { return keys[19-n].(sheet)["id"].(string) }

	for _, page := range []struct {
		name, cursor string
		rows         int
		next         string
	}{
		{"L7", "", 5, newest(5)},
		{"L8", newest(5), 5, newest(10)},
		{"L9", newest(15), 4, ""},
	} {
		status, document := c.call("GET", "/keys?page[size]=5&page[cursor]="+page.cursor, admin, "")
		require.Equal(t, 200, status, page.name)
		assert.Len(t, document["data"], page.rows, page.name)
		self, err := url.QueryUnescape(at(document, "links", "self").(string))
		require.NoError(t, err)
		assert.Equal(t, "/v1/accounts/test1/keys?page[cursor]="+page.cursor+"&page[size]=5", self, page.name)
		if page.next == "" {
			assert.Nil(t, at(document, "links", "next"), page.name)
			continue
		}
		next, err := url.QueryUnescape(at(document, "links", "next").(string))
		require.NoError(t, err)
		assert.Equal(t, "/v1/accounts/test1/keys?page[cursor]="+page.next+"&page[size]=5", next, page.name)
	}
}

// Q14: one key, two webhook endpoints, and a pop.
func TestKeygenScenarioQ14(t *testing.T) {
	t.Parallel()
	c := consoleOf(t, RunT(t))
	admin := c.background()
	c.make("webhook-endpoints", `{"account":"test1"}`)
	c.make("webhook-endpoints", `{"account":"test1","url":"https://hooks.example/2","subscriptions":["*"]}`)
	c.make("webhook-endpoints", `{"account":"test1","subscriptions":["key.created"]}`)
	c.make("webhook-endpoints", `{"account":"test2"}`)
	key := c.make("keys", `{"account":"test1"}`)
	status, document := c.call("DELETE", "/policies/"+key["policy"].(string)+"/pool", admin, "")
	assert.Equal(t, 200, status)
	assert.Equal(t, key["id"], at(document, "data", "id"))
	assert.Equal(t, key["key"], at(document, "data", "attributes", "key"))
	assert.Equal(t, "2/1/1", c.counts(""))
	events := c.list("events", "account", "test1")
	require.Len(t, events, 1)
	assert.Equal(t, "policy.pool.popped", at(events, 0, "event"))
	assert.EqualValues(t, 2, at(events, 0, "webhooks"))
	assert.Empty(t, c.list("keys", "account", "test1"))
}

// Q16: an unpooled policy that holds keys, which the API would never allow.
func TestKeygenScenarioQ16(t *testing.T) {
	t.Parallel()
	c := consoleOf(t, RunT(t))
	admin := c.background()
	policy := c.make("policies", `{"account":"test1"}`)
	for range 5 {
		c.make("keys", fmt.Sprintf(`{"account":"test1","policy":%q}`, policy["id"]))
	}
	status, document := c.call("DELETE", "/policies/"+policy["id"].(string)+"/pool", admin, "")
	assert.Equal(t, 422, status)
	assert.Equal(t, "pool is not supported", at(document, "errors", 0, "detail"))
	assert.Len(t, c.list("keys", "policy", policy["id"].(string)), 5)
}

// Q24: a user that owns a license of the policy pops; and all other roles.
func TestKeygenScenarioQ24(t *testing.T) {
	t.Parallel()
	c := consoleOf(t, RunT(t))
	c.background()
	key := c.make("keys", `{"account":"test1"}`)
	user := c.make("users", `{"account":"test1"}`)
	license := c.make("licenses", fmt.Sprintf(`{"account":"test1","policy":%q,"owner":%q}`, key["policy"], user["id"]))
	assert.Equal(t, user["id"], license["owner"])
	token := c.make("tokens", fmt.Sprintf(`{"account":"test1","bearer":{"type":"user","id":%q}}`, user["id"]))
	pool := "/policies/" + key["policy"].(string) + "/pool"
	status, _ := c.call("DELETE", pool, token["token"].(string), "")
	assert.Equal(t, 403, status)

	for role, want := range map[string]int{"license": 403, "sales-agent": 403, "support-agent": 403, "read-only": 403, "product": 200} {
		token := c.make("tokens", fmt.Sprintf(`{"account":"test1","role":%q}`, role))
		status, _ = c.call("DELETE", pool, token["token"].(string), "")
		assert.Equal(t, want, status, role)
	}
	status, _ = c.call("DELETE", pool, c.make("tokens", `{"account":"test2","role":"admin"}`)["token"].(string), "")
	assert.Equal(t, 401, status)
	status, _ = c.call("DELETE", pool, c.make("tokens", `{"account":"test1","role":"developer"}`)["token"].(string), "")
	assert.Equal(t, 422, status, "the pool is empty by now")
}

// A license is drawn from a pool with four keys, and then from an empty one.
func TestKeygenScenariosOfPooledLicenses(t *testing.T) {
	t.Parallel()
	c := consoleOf(t, RunT(t))
	admin := c.background()
	pool := c.make("policies", `{"account":"test1","usePool":true}`)["id"].(string)
	for range 4 {
		c.make("keys", fmt.Sprintf(`{"account":"test1","policy":%q}`, pool))
	}
	draw := fmt.Sprintf(`{"data":{"type":"licenses","relationships":{"policy":{"data":{"type":"policies","id":%q}}}}}`, pool)
	newest := at(c.list("keys", "policy", pool), 3, "key")
	status, document := c.call("POST", "/licenses", admin, draw)
	require.Equal(t, 201, status)
	assert.Equal(t, newest, at(document, "data", "attributes", "key"))
	assert.Len(t, c.list("keys", "account", "test1"), 3)
	assert.Equal(t, "0/1/1", c.counts("license.created"))

	for _, key := range c.list("keys", "policy", pool) {
		c.send("DELETE", "/keygen/keys/"+key.(sheet)["id"].(string), "", 204)
	}
	status, document = c.call("POST", "/licenses", admin, draw)
	assert.Equal(t, 422, status)
	assert.Equal(t, "POLICY_POOL_EMPTY", at(document, "errors", 0, "code"))
	assert.Len(t, c.list("licenses", "account", "test1"), 1)
	assert.Equal(t, "0/1/2", c.counts(""))
}

// C1 and the like: the account is canceled, banned, or of another version.
func TestKeygenStatesOfPeople(t *testing.T) {
	t.Parallel()
	s := RunT(t)
	c := consoleOf(t, s)
	admin := c.background()
	for _, state := range []struct{ status, want string }{{"canceled", "403"}, {"paused", "403"}, {"active", "200"}} {
		changed := c.send("PATCH", "/keygen/accounts/test1", fmt.Sprintf(`{"status":%q}`, state.status), 200)
		assert.Equal(t, state.status, changed["status"])
		status, _ := c.call("GET", "/keys", admin, "")
		assert.Equal(t, state.want, fmt.Sprint(status))
	}
	account := c.send("GET", "/keygen/accounts/test1", "", 200)
	c.send("PATCH", "/keygen/users/"+at(account, "admin", "id").(string), `{"banned":true}`, 200)
	status, document := c.call("GET", "/keys", admin, "")
	assert.Equal(t, 403, status)
	assert.Equal(t, "USER_BANNED", at(document, "errors", 0, "code"))

	expired := c.make("tokens", `{"account":"test1","role":"developer","expiry":"2020-01-01T00:00:00Z"}`)
	assert.Equal(t, "2020-01-01T00:00:00.000Z", expired["expiry"])
	status, document = c.call("GET", "/keys", expired["token"].(string), "")
	assert.Equal(t, 401, status)
	assert.Equal(t, "TOKEN_EXPIRED", at(document, "errors", 0, "code"))
	c.send("PATCH", "/keygen/tokens/"+expired["id"].(string), `{"expiry":null,"token":"dev-0000v3"}`, 200)
	status, _ = c.call("GET", "/keys", "dev-0000v3", "")
	assert.Equal(t, 200, status)
	c.send("DELETE", "/keygen/tokens/"+expired["id"].(string), "", 204)
	status, _ = c.call("GET", "/keys", "dev-0000v3", "")
	assert.Equal(t, 401, status)
}

// Objects of every kind with every member of their own.
func TestKeygenObjectsAreAsTheyAreTold(t *testing.T) {
	t.Parallel()
	s := RunT(t)
	c := consoleOf(t, s)
	account := c.make("accounts", `{"id":"AAAAAAAA000040008000000000000001","slug":"old","status":"paused","version":"v1.3","legacy":true,
		"admin":{"id":"bbbbbbbb-0000-4000-8000-000000000001","email":"boss@old.example","token":"admin-0v3"}}`)
	assert.Equal(t, sheet{"id": "aaaaaaaa-0000-4000-8000-000000000001", "slug": "old", "status": "paused", "version": "1.3",
		"legacy": true, "publicKey": account["publicKey"],
		"admin": sheet{"id": "bbbbbbbb-0000-4000-8000-000000000001", "email": "boss@old.example", "token": "admin-0v3"}}, account)
	assert.Regexp(t, `^[0-9a-f]{64}$`, account["publicKey"])
	assert.Nil(t, c.make("accounts", `{"slug":"bare","admin":null}`)["admin"])
	assert.Empty(t, c.list("users", "account", "bare"))
	assert.Len(t, c.list("users", "account", "old"), 1)
	assert.Len(t, c.list("tokens", "account", "old"), 1)

	id := func(n int) string { return fmt.Sprintf("cccccccc-0000-4000-8000-%012d", n) }
	const born, used = "2021-01-01T00:00:00.000Z", "2021-02-01T00:00:00.000Z"
	given := func(n int, members string) (string, string) {
		return id(n), fmt.Sprintf(`{"id":%q,"account":"aaaaaaaa-0000-4000-8000-000000000001",%s,"created":%q,"updated":%q}`, id(n), members, born, used)
	}
	for i, object := range []struct{ collection, members, derived, patch string }{
		{"users", `"email":"a@old.example","role":"read-only","banned":true`, ``, `"role":"user"`},
		{"products", `"name":"Tool","code":"tool","url":"https://old.example","metadata":{"a":1.50},"platforms":["linux"]`, ``, `"code":null`},
		{"policies", `"product":"` + id(1) + `","name":"Pool","usePool":true,"duration":1209600,"protected":true,"authenticationStrategy":"MIXED",
			"expirationStrategy":"REVOKE_ACCESS","metadata":{},"encrypted":true,"scheme":"RSA_2048_PKCS1_SIGN","maxMachines":3,"strict":null`, ``, `"duration":null`},
		{"keys", `"policy":"` + id(2) + `","key":"actions"`, `"product":"` + id(1) + `"`, `"key":"action"`},
		{"licenses", `"policy":"` + id(2) + `","owner":"` + id(0) + `","key":"x","name":"One","expiry":"2022-01-01T00:00:00.000Z","suspended":true,"protected":true,
			"metadata":{"b":[null]},"maxUses":7`, `"product":"` + id(1) + `"`, `"owner":null`},
		{"tokens", `"bearer":{"type":"license","id":"` + id(4) + `"},"name":"CI","token":"activ-0v3","expiry":null`, `"role":"license","kind":"activation-token"`, `"name":null`},
	} {
		_, body := given(i, object.members)
		shown := body
		if object.derived != "" {
			shown = strings.Replace(body, "{", "{"+object.derived+",", 1)
		}
		c.want("POST", "/keygen/"+object.collection, body, 201, shown)
		c.want("GET", "/keygen/"+object.collection+"/"+strings.ToUpper(id(i)), "", 200, shown)
		c.want("PATCH", "/keygen/"+object.collection+"/"+id(i), shown, 200, shown)
		assert.Contains(t, c.list(object.collection, "account", "old"), c.send("GET", "/keygen/"+object.collection+"/"+id(i), "", 200))

		changed := c.send("PATCH", "/keygen/"+object.collection+"/"+id(i), "{"+object.patch+"}", 200)
		var want sheet
		require.NoError(t, json.Unmarshal([]byte("{"+object.patch+"}"), &want))
		for name, value := range want {
			assert.Equal(t, value, changed[name])
		}
		assert.NotEqual(t, used, changed["updated"])
		assert.Equal(t, born, changed["created"])
	}
	hook := fmt.Sprintf(`{"id":%q,"account":"aaaaaaaa-0000-4000-8000-000000000001","url":"https://old.example","subscriptions":["key.created"],"created":%q}`, id(9), born)
	c.want("POST", "/keygen/webhook-endpoints", hook, 201, hook)
	assert.Equal(t, []any{}, c.send("PATCH", "/keygen/webhook-endpoints/"+id(9), `{"subscriptions":[]}`, 200)["subscriptions"])

	c.send("DELETE", "/keygen/products/"+id(1), "", 204)
	for _, collection := range []string{"products", "policies", "keys", "licenses"} {
		assert.Empty(t, c.list(collection, "account", "old"), "%s go with the product", collection)
	}
	assert.Len(t, c.list("tokens", "account", "old"), 1, "and so do their tokens")
	c.send("DELETE", "/keygen/users/"+id(0), "", 204)
	c.send("DELETE", "/keygen/webhook-endpoints/"+id(9), "", 204)
	c.send("DELETE", "/keygen/accounts/old", "", 204)
	assert.Empty(t, c.list("users", "role", "read-only"))
	s.AssertEffects(t, 1, "account.deleted")
}

// Members have meaning for the vendor's own routes, too.
func TestKeygenAttributesReachTheAPI(t *testing.T) {
	t.Parallel()
	c := consoleOf(t, RunT(t))
	admin := c.background()
	policy := c.make("policies", `{"account":"test1","name":"P","floating":true,"duration":1209600,"maxMachines":null,"metadata":{"n":12345678901234567890}}`)
	status, document := c.call("GET", "/policies/"+policy["id"].(string), admin, "")
	require.Equal(t, 200, status)
	attributes := at(document, "data", "attributes").(sheet)
	assert.Equal(t, true, attributes["floating"])
	assert.EqualValues(t, 1209600, attributes["duration"])
	assert.Nil(t, attributes["maxMachines"])

	key := c.make("keys", `{"account":"test1"}`)
	c.send("PATCH", "/keygen/keys/"+key["id"].(string), `{"key":"RENAMED-KEY","created":"2020-01-01T00:00:00Z"}`, 200)
	other := c.make("keys", fmt.Sprintf(`{"account":"test1","policy":%q}`, key["policy"]))
	status, document = c.call("GET", "/keys?policy="+key["policy"].(string), admin, "")
	require.Equal(t, 200, status)
	assert.Equal(t, other["id"], at(document, "data", 0, "id"), "the newest first")
	assert.Equal(t, "RENAMED-KEY", at(document, "data", 1, "attributes", "key"))
	assert.Equal(t, []any{"RENAMED-KEY"}, []any{at(c.list("keys", "account", "test1"), 0, "key")}, "the oldest first")
	status, document = c.call("POST", "/keys", admin, newKey("RENAMED-KEY", key["policy"]))
	assert.Equal(t, 422, status)
	assert.Equal(t, "KEY_TAKEN", at(document, "errors", 0, "code"))
	status, _ = c.call("POST", "/keys", admin, newKey(key["key"].(string), key["policy"]))
	assert.Equal(t, 201, status, "the old text is free")
}

func TestKeygenAccountsReachTheAPI(t *testing.T) {
	t.Parallel()
	c := consoleOf(t, RunT(t))
	admin := c.background()
	headers := func() http.Header {
		req, err := http.NewRequestWithContext(t.Context(), "GET", c.url+"/v1/accounts/test1/keys", nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+admin)
		req.Header.Set("Accept", "application/json")
		resp, err := c.client.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, 200, resp.StatusCode)
		return resp.Header
	}
	id := c.send("GET", "/keygen/accounts/test1", "", 200)["id"]
	assert.Equal(t, "1.8", headers().Get("Keygen-Version"))
	assert.Equal(t, id, headers().Get("Keygen-Account"))
	assert.Empty(t, headers().Get("X-Signature"))
	c.send("PATCH", "/keygen/accounts/test1", `{"version":"1.3","legacy":true}`, 200)
	assert.Equal(t, "1.3", headers().Get("Keygen-Version"))
	assert.Equal(t, id, headers().Get("Keygen-Account-Id"))
	assert.NotEmpty(t, headers().Get("X-Signature"))
	renamed := c.send("PATCH", "/keygen/accounts/"+id.(string), `{"slug":"test3"}`, 200)
	assert.Equal(t, "test3", renamed["slug"])
	status, _ := c.call("GET", "/keys", admin, "")
	assert.Equal(t, 404, status, "there is no test1 any more")
}

func TestKeygenFilters(t *testing.T) {
	t.Parallel()
	c := consoleOf(t, RunT(t))
	c.background()
	user := c.make("users", `{"account":"test1","email":"a@b.example"}`)
	license := c.make("licenses", fmt.Sprintf(`{"account":"test1","owner":%q,"key":"AAAAAAAA-0000-4000-8000-000000000001"}`, user["id"]))
	key := c.make("keys", `{"account":"test1","key":"a key & more"}`)
	c.make("products", `{"account":"test1","code":"tool"}`)
	c.make("tokens", fmt.Sprintf(`{"account":"test1","bearer":{"type":"license","id":%q}}`, license["id"]))
	for _, filter := range []struct {
		collection, name string
		value            any
		found            int
	}{
		{"accounts", "slug", "test1", 1}, {"accounts", "slug", "tes", 0}, {"accounts", "status", "active", 3}, {"accounts", "status", "paused", 0},
		{"users", "email", "a@b.example", 1}, {"users", "role", "admin", 3}, {"users", "account", "TEST1", -1},
		{"products", "code", "tool", 1}, {"policies", "product", key["product"], 1}, {"policies", "product", "x", 0},
		{"keys", "key", "a key & more", 1}, {"keys", "policy", strings.ToUpper(key["policy"].(string)), 1}, {"keys", "product", license["product"], 0},
		{"keys", "key", "", 0}, {"licenses", "key", license["key"], 1}, {"licenses", "owner", user["id"], 1}, {"licenses", "policy", license["policy"], 1},
		{"licenses", "product", license["product"], 1}, {"tokens", "bearer", license["id"], 1}, {"tokens", "role", "license", 1},
	} {
		if filter.found < 0 {
			assert.Equal(t, filter.name, c.refused("GET", "/keygen/"+filter.collection+"?"+filter.name+"="+filter.value.(string), "").Parameter)
			continue
		}
		assert.Len(t, c.list(filter.collection, filter.name, filter.value.(string)), filter.found, "%s by %s", filter.collection, filter.name)
	}
}

func TestKeygenPublicKeys(t *testing.T) {
	t.Parallel()
	s := RunT(t)
	c := consoleOf(t, s)
	keys := c.list("public-keys", "account", "acme")
	require.Len(t, keys, 4)
	for i, algorithm := range []string{"ed25519", "rsa-pss-sha256", "rsa-sha256", "ecdsa-p256"} {
		assert.Equal(t, algorithm, at(keys, i, "algorithm"))
		assert.Equal(t, s.Keygen().PublicKey(algorithm), at(keys, i, "key"))
		assert.Equal(t, keys[i:i+1], c.list("public-keys", "account", s.Keygen().AccountID(), "algorithm", algorithm))
	}
	assert.Equal(t, at(keys, 0, "key"), c.send("GET", "/keygen/accounts/acme", "", 200)["publicKey"])
	assert.Equal(t, "algorithm", c.refused("GET", "/keygen/public-keys?algorithm=md5", "").Parameter)
}

// Whatever is refused has changed nothing, and says which member is at fault.
func TestKeygenRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	s := RunT(t)
	c := consoleOf(t, s)
	c.background()
	key := c.make("keys", `{"account":"test1","key":"first"}`)
	c.make("keys", `{"account":"test1","key":"second"}`)
	product := c.make("products", `{"account":"test1","code":"taken"}`)
	license := c.make("licenses", `{"account":"test1","key":"first"}`)
	token := c.make("tokens", `{"account":"test1","role":"product"}`)
	assert.Equal(t, key["product"], at(token, "bearer", "id"), "the oldest")
	before := s.Effects()

	for _, refused := range []struct {
		method, path, body string
		status             int
		pointer            string
	}{
		{"POST", "accounts", `{}`, 422, "/slug"},
		{"POST", "accounts", `{"slug":"No Slug"}`, 422, "/slug"},
		{"POST", "accounts", `{"slug":"cccccccc-0000-4000-8000-000000000001"}`, 422, "/slug"},
		{"POST", "accounts", `{"slug":"test1"}`, 409, "/slug"},
		{"POST", "accounts", `{"slug":"a","status":"cancelled"}`, 422, "/status"},
		{"POST", "accounts", `{"slug":"a","version":"2.0"}`, 422, "/version"},
		{"POST", "accounts", `{"slug":"a","id":"a"}`, 422, "/id"},
		{"POST", "accounts", `{"slug":"a","id":"00000000-0000-4000-8000-000000000001"}`, 409, "/id"},
		{"POST", "accounts", `{"slug":"a","publicKey":"00"}`, 422, "/publicKey"},
		{"POST", "accounts", `{"slug":"a","admin":{"id":"x"}}`, 422, "/admin/id"},
		{"POST", "accounts", `{"slug":"a","admin":{"mail":"x"}}`, 422, "/admin/mail"},
		{"PATCH", "accounts/test1", `{"slug":"test2"}`, 409, "/slug"},
		{"PATCH", "accounts/test1", `{"id":"cccccccc-0000-4000-8000-000000000001"}`, 422, "/id"},
		{"PATCH", "accounts/test1", `{"admin":null}`, 422, "/admin"},
		{"POST", "users", `{"account":"test3"}`, 422, "/account"},
		{"POST", "users", `{"account":"test1","role":"boss"}`, 422, "/role"},
		{"POST", "users", `{"account":"test1","created":"yesterday"}`, 422, "/created"},
		{"POST", "products", `{"account":"test1","code":"taken"}`, 409, "/code"},
		{"POST", "products", `{"account":"test1","platforms":"linux"}`, 422, "/platforms"},
		{"POST", "products", `{"account":"test1","platforms":[1]}`, 422, "/platforms"},
		{"POST", "products", `{"account":"test1","metadata":[]}`, 422, "/metadata"},
		{"POST", "policies", `{"account":"test1","product":"` + key["id"].(string) + `"}`, 422, "/product"},
		{"POST", "policies", `{"account":"test2","product":"` + product["id"].(string) + `"}`, 422, "/product"},
		{"POST", "policies", `{"account":"test1","duration":0}`, 422, "/duration"},
		{"POST", "policies", `{"account":"test1","duration":9223372037}`, 422, "/duration"},
		{"POST", "policies", `{"account":"test1","maxMachines":1.5}`, 422, "/maxMachines"},
		{"POST", "policies", `{"account":"test1","use_pool":true}`, 422, "/use_pool"},
		{"POST", "keys", `{"account":"test1","key":"first"}`, 409, "/key"},
		{"POST", "keys", `{"account":"test1","policy":"nope"}`, 422, "/policy"},
		{"POST", "keys", `{"account":"test1","product":"` + product["id"].(string) + `"}`, 422, "/product"},
		{"POST", "keys", `{"account":"test2","id":"` + key["id"].(string) + `"}`, 409, "/id"},
		{"PATCH", "keys/" + key["id"].(string), `{"key":"second"}`, 409, "/key"},
		{"PATCH", "keys/" + key["id"].(string), `{"key":""}`, 422, "/key"},
		{"PATCH", "keys/" + key["id"].(string), `{"policy":""}`, 422, "/policy"},
		{"PATCH", "keys/" + key["id"].(string), `{"account":"test2"}`, 422, "/account"},
		{"PATCH", "keys/" + key["id"].(string), `{"product":"` + product["id"].(string) + `"}`, 422, "/product"},
		{"POST", "licenses", `{"account":"test1","key":"first"}`, 409, "/key"},
		{"POST", "licenses", `{"account":"test1","owner":"` + key["id"].(string) + `"}`, 422, "/owner"},
		{"PATCH", "licenses/" + license["id"].(string), `{"expiry":7}`, 422, "/expiry"},
		{"PATCH", "licenses/" + license["id"].(string), `{"lastValidated":"yesterday"}`, 422, "/lastValidated"},
		{"PATCH", "licenses/" + license["id"].(string), `{"uses":"7"}`, 422, "/uses"},
		{"POST", "tokens", `{"account":"test1"}`, 422, "/bearer"},
		{"POST", "tokens", `{"account":"test1","role":"boss"}`, 422, "/role"},
		{"POST", "tokens", `{"account":"test1","role":"admin","bearer":{"type":"user","id":"x"}}`, 422, "/role"},
		{"POST", "tokens", `{"account":"test1","bearer":{"type":"users","id":"x"}}`, 422, "/bearer/type"},
		{"POST", "tokens", `{"account":"test1","bearer":{"type":"user","id":"` + license["id"].(string) + `"}}`, 422, "/bearer/id"},
		{"POST", "tokens", `{"account":"test1","role":"developer","token":"` + token["token"].(string) + `"}`, 409, "/token"},
		{"POST", "tokens", `{"account":"test1","role":"admin","kind":"admin-token"}`, 422, "/kind"},
		{"PATCH", "tokens/" + token["id"].(string), `{"role":"admin"}`, 422, "/role"},
		{"PATCH", "tokens/" + token["id"].(string), `{"bearer":{"id":"x"}}`, 422, "/bearer"},
		{"POST", "webhook-endpoints", `{"account":"test1","subscriptions":[""]}`, 422, "/subscriptions"},
		{"POST", "webhook-endpoints", `{"account":"test1","subscriptions":"*"}`, 422, "/subscriptions"},
		{"GET", "keys/first", ``, 404, ""},
		{"PATCH", "keys/" + license["id"].(string), `{}`, 404, ""},
		{"DELETE", "users/" + key["id"].(string), ``, 404, ""},
		{"GET", "accounts/test3", ``, 404, ""},
		{"DELETE", "accounts/acme", ``, 409, ""},
		{"PATCH", "events", `{}`, 405, ""},
	} {
		p := c.refused(refused.method, "/keygen/"+refused.path, refused.body)
		assert.Equal(t, refused.status, p.Status, "%s %s %s: %s", refused.method, refused.path, refused.body, p.Detail)
		assert.Equal(t, refused.pointer, p.Pointer, "%s %s %s: %s", refused.method, refused.path, refused.body, p.Detail)
	}
	for query, parameter := range map[string]string{"keys?account=test3": "account", "events?account=test3": "account", "keys?polcy=x": "polcy"} {
		assert.Equal(t, parameter, c.refused("GET", "/keygen/"+query, "").Parameter)
	}
	assert.Equal(t, "event", c.refused("DELETE", "/keygen/events?event=key.created", "").Parameter)
	assert.Equal(t, before, s.Effects(), "nothing has changed")
	assert.Contains(t, c.refused("POST", "/keygen/policies", `{"use_pool":true}`).Detail, `did you mean "usePool"?`)
	assert.Contains(t, c.refused("POST", "/keygen/policies", `{"maxMachine":1}`).Detail, `did you mean "maxMachines"?`)
}

func TestKeygenResetOverHTTP(t *testing.T) {
	t.Parallel()
	s := RunT(t)
	c := consoleOf(t, s)
	world, token := s.Keygen(), s.Keygen().Token()
	first := c.make("keys", `{}`)
	c.background()
	c.send("PATCH", "/keygen/accounts/acme", `{"status":"canceled"}`, 200)
	c.send("POST", "/reset", "", 204)
	assert.Equal(t, token, world.Token())
	assert.Len(t, c.list("accounts"), 1)
	assert.Equal(t, "active", at(c.list("accounts"), 0, "status"))
	assert.Empty(t, world.Keys())
	again := c.make("keys", `{}`)
	assert.Equal(t, first["id"], again["id"], "everything is drawn as at first")
	assert.Len(t, world.Keys(), 1)
}

// Staging and calls may run side by side.
func TestKeygenControlAndCallersAtOnce(t *testing.T) {
	t.Parallel()
	s := RunT(t)
	c := consoleOf(t, s)
	admin := c.background()
	pool := c.make("policies", `{"account":"test1","usePool":true}`)["id"].(string)
	const workers, each = 6, 15
	popped := make(chan string, workers*each)
	done := make(chan bool)
	for range workers {
		go func() {
			defer func() { done <- true }()
			for range each {
				c.ask("POST", "/keygen/keys", fmt.Sprintf(`{"account":"test1","policy":%q}`, pool))
				status, document := c.call("DELETE", "/policies/"+pool+"/pool", admin, "")
				if assert.Equal(t, 200, status) { // everyone puts one in before
					popped <- at(document, "data", "id").(string)
				}
				c.ask("GET", "/keygen/keys?account=test1", "")
				c.ask("GET", "/keygen/events?account=test1", "")
			}
		}()
	}
	for range workers {
		<-done
	}
	close(popped)
	seen := map[string]bool{}
	for id := range popped {
		assert.False(t, seen[id], "no key twice")
		seen[id] = true
	}
	assert.Len(t, seen, workers*each)
	assert.Empty(t, c.list("keys", "account", "test1"))
	assert.Equal(t, fmt.Sprintf("0/%d/%d", workers*each, workers*each), c.counts(""))
}

// A clock that stands still must not make a muddle of the order.
func TestKeygenOrderOnAFrozenClock(t *testing.T) {
	t.Parallel()
	c := consoleOf(t, RunT(t, WithStart(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), WithFrozenClock()))
	admin := c.background()
	var made []any
	for range 5 {
		made = append(made, c.make("keys", `{"account":"test1"}`)["id"])
	}
	for i, key := range c.list("keys", "account", "test1") {
		assert.Equal(t, made[i], at(key, "id"))
	}
	_, document := c.call("GET", "/keys", admin, "")
	for i := range made {
		assert.Equal(t, made[4-i], at(document, "data", i, "id"))
	}
}

// keygenAlone leaves the other vendors out.
func keygenAlone() Option {
	v, _ := core.Lookup("keygen")
	return with(v)
}

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
		{"POST", "keys", `{"account":"test1","policy":"Yearly"}`, `/policy policy names 2 objects that are called "Yearly": give the id of one`},
		{"POST", "policies", `{"account":"test1","product":"tool"}`, `/product product names 2 objects that are called "tool": give the id of one`},
		{"PATCH", "licenses/" + license["id"].(string), `{"owner":"buyer@x.example"}`, `/owner owner names 2 objects that are called "buyer@x.example": give the id of one`},
		{"PATCH", "licenses/" + license["id"].(string), `{"policy":"Yearl"}`, `/policy policy names no policy "Yearl" of the account: it has to be made first`},
		{"POST", "keys", `{"account":"test2","policy":"Pool"}`, `/policy policy names no policy "Pool" of the account: it has to be made first`},
		{"POST", "tokens", `{"account":"test1","bearer":{"type":"user"}}`, `/bearer/id bearer/id is missing`},
		{"POST", "tokens", `{"account":"test1","bearer":{"type":"user","id":"Tool"}}`, `/bearer/id bearer/id names no user "Tool" of the account: it has to be made first`},
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
		assert.Equal(t, `/expiry expiry must be a time such as "2026-03-01T12:00:00Z", or a distance from now such as "-2h" or "+30d"`, p.Pointer+" "+p.Detail)
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

// keygenSeed has every kind of object, in an order of its own, with names for
// references and times as distances.
const keygenSeed = `{"keygen": {
  "webhook-endpoints": [{"account": "shop"}, {"subscriptions": ["key.created"]}],
  "tokens": [
    {"bearer": {"type": "user", "id": "buyer@x.example"}, "token": "user-0v3"},
    {"bearer": {"type": "license", "id": "THE-LICENSE"}, "token": "activ-0v3", "expiry": "-1h"},
    {"account": "shop", "role": "product", "token": "prod-0v3"}
  ],
  "licenses": [
    {"policy": "Yearly", "owner": "buyer@x.example", "key": "THE-LICENSE", "created": "-400d", "expiry": "-35d", "uses": 3},
    {"account": "shop", "policy": "Yearly"}
  ],
  "keys": [{"policy": "Giveaway", "key": "POOL-0001"}, {"policy": "Giveaway", "key": "POOL-0002", "created": "-1d"}],
  "policies": [
    {"name": "Giveaway", "product": "tool", "usePool": true},
    {"name": "Yearly", "product": "Tool", "duration": 31536000},
    {"account": "shop", "name": "Yearly"}
  ],
  "products": [{"name": "Tool", "code": "tool"}],
  "users": [{"email": "buyer@x.example"}],
  "accounts": [{"slug": "shop", "admin": null}],
  "settings": {"poolOldestFirst": true}
}}`

func TestKeygenSeed(t *testing.T) {
	t.Parallel()
	s := RunT(t, keygenAlone(), WithStart(t0), WithFrozenClock(), WithSeedJSON([]byte(keygenSeed)))
	c := consoleOf(t, s)
	for range 2 {
		assert.Len(t, c.list("accounts"), 2)
		for collection, want := range map[string][2]int{
			"users": {2, 0}, "products": {1, 1}, "policies": {2, 1}, "keys": {2, 0}, "licenses": {1, 1}, "tokens": {3, 1}, "webhook-endpoints": {1, 1},
		} {
			assert.Len(t, c.list(collection, "account", "acme"), want[0], collection)
			assert.Len(t, c.list(collection, "account", "shop"), want[1], collection)
		}
		license := c.list("licenses", "owner", "buyer@x.example")[0].(sheet)
		assert.Equal(t, []any{"2026-01-25T12:00:00.000Z", 3.0}, []any{license["expiry"], license["uses"]})
		assert.Equal(t, []any{"2025-01-25T12:00:00.000Z", license["created"]}, []any{license["created"], license["updated"]})
		assert.Equal(t, at(c.list("policies", "account", "shop"), 0, "id"), at(c.list("licenses", "account", "shop"), 0, "policy"))
		assert.Equal(t, []any{"POOL-0002", "POOL-0001"}, []any{at(c.list("keys"), 0, "key"), at(c.list("keys"), 1, "key")}, "by their creation")
		c.want("GET", "/keygen/settings", "", 200, `{"poolOldestFirst":true,"singleplayer":false}`)
		assert.Equal(t, seedOp, s.Effects()[0].Op)
		c.make("keys", `{}`)
		s.Reset()
	}
	made := c.send("POST", "/seed", `{"keygen":{"keys":[{"policy":"Giveaway","key":"MORE"}]}}`, 201)
	assert.Equal(t, "MORE", at(made, "keygen", "keys", 0, "key"))
	assert.Equal(t, at(c.list("policies"), 0, "id"), at(made, "keygen", "keys", 0, "policy"))
}

// Of a seed that cannot be, nothing is made, and the error says where it is wrong.
func TestKeygenSeedsThatCannotBe(t *testing.T) {
	t.Parallel()
	s := RunT(t, keygenAlone(), WithStart(t0), WithFrozenClock(), WithSeedJSON([]byte(keygenSeed)))
	before, effects := s.Snapshot(), len(s.Effects())
	for part, want := range map[string]SeedError{
		`"keys":[{"key":"A"},` + "\n" + `{"policy":"Giveawy"}]`:           {"/keygen/keys/1/policy", 2, `keygen/keys/1/policy names no policy "Giveawy" of the account: it has to be made first`},
		`"policies":[{"name":"Giveaway"}],"keys":[{"policy":"Giveaway"}]`: {"/keygen/keys/0/policy", 1, `keygen/keys/0/policy names 2 objects that are called "Giveaway": give the id of one`},
		`"keys":[{"key":"A"},{"key":"POOL-0001"}]`:                        {"/keygen/keys/1/key", 1, "keygen/keys/1/key is taken by another key of the account"},
		`"keys":[{"account":"none"}]`:                                     {"/keygen/keys/0/account", 1, `keygen/keys/0/account names no account that there is: "none"`},
		`"keys":[{"id":"x"}]`:                                             {"/keygen/keys/0/id", 1, "keygen/keys/0/id must be a UUID, or absent for a new one"},
		`"keys":[{"product":"tool"}]`:                                     {"/keygen/keys/0/product", 1, "keygen/keys/0/product cannot be given: it follows from the rest"},
		`"accounts":[{"slug":"a"},{"slug":"shop"}]`:                       {"/keygen/accounts/1/slug", 1, "keygen/accounts/1/slug is taken by another account"},
		`"accounts":[{"slug":"a","admin":{"id":"x"}}]`:                    {"/keygen/accounts/0/admin/id", 1, "keygen/accounts/0/admin/id must be a UUID, or absent for a new one"},
		`"accounts":[{"slug":"a","admin":{"mail":"x"}}]`:                  {"/keygen/accounts/0/admin/mail", 1, `keygen/accounts/0/admin/mail is not known here; did you mean "email"?`},
		`"users":[{"role":"boss"}]`:                                       {"/keygen/users/0/role", 1, "keygen/users/0/role must be one of admin, developer, sales-agent, support-agent, read-only, user"},
		`"products":[{"platforms":"linux"}]`:                              {"/keygen/products/0/platforms", 1, "keygen/products/0/platforms must be a list of strings"},
		`"policies":[{"maxMachine":1}]`:                                   {"/keygen/policies/0/maxMachine", 1, `keygen/policies/0/maxMachine is not known here; did you mean "maxMachines"?`},
		`"licenses":[{"lastCheckIn":"yesterday"}]`:                        {"/keygen/licenses/0/lastCheckIn", 1, `keygen/licenses/0/lastCheckIn must be a time such as "2026-03-01T12:00:00Z", or a distance from now such as "-2h" or "+30d"`},
		`"tokens":[{"bearer":{"type":"user","id":"nobody@x.example"}}]`:   {"/keygen/tokens/0/bearer/id", 1, `keygen/tokens/0/bearer/id names no user "nobody@x.example" of the account: it has to be made first`},
		`"webhook-endpoints":[{"subscriptions":[""]}]`:                    {"/keygen/webhook-endpoints/0/subscriptions", 1, "keygen/webhook-endpoints/0/subscriptions must not contain an empty name: give names of events, or none for all"},
		`"settings":{"poolNewestFirst":true}`:                             {"/keygen/settings/poolNewestFirst", 1, `keygen/settings/poolNewestFirst is not known here; did you mean "poolOldestFirst"?`},
		`"events":[]`:                                                     {"/keygen/events", 1, "keygen/events cannot be made: they come about by themselves"},
		`"public-keys":[]`:                                                {"/keygen/public-keys", 1, "keygen/public-keys cannot be made: they come about by themselves"},
		`"webhook-endpoint":[]`:                                           {"/keygen/webhook-endpoint", 1, `keygen/webhook-endpoint is not known here; did you mean "webhook-endpoints"?`},
	} {
		text := `{"keygen":{"settings":{"singleplayer":true},` + part + `}}`
		if strings.HasPrefix(part, `"settings"`) {
			text = `{"keygen":{` + part + `}}`
		}
		var got *SeedError
		require.ErrorAs(t, s.SeedJSON([]byte(text)), &got, part)
		assert.Equal(t, want, *got, part)
		assert.Len(t, s.Effects(), effects)
		require.Equal(t, string(before), string(s.Snapshot()), part)
	}
}

// A world that is put back answers as it would have, here and on another server.
func TestKeygenSnapshotOverHTTP(t *testing.T) {
	t.Parallel()
	s := RunT(t, keygenAlone(), WithStart(t0), WithFrozenClock(), WithSeedJSON([]byte(keygenSeed)), AllowFindings())
	c := consoleOf(t, s)
	admin := c.make("tokens", `{"account":"shop","role":"admin"}`)["token"].(string)
	pool := c.make("policies", `{"account":"shop","usePool":true}`)["id"].(string)
	script := func(c console) (said []string) {
		for i := range 4 {
			for _, call := range [][3]string{
				{"POST", "/keys", newKey(fmt.Sprintf("SCRIPTED-%d", i), pool)}, {"GET", "/keys?limit=1", ""}, {"DELETE", "/policies/" + pool + "/pool", ""}, {"GET", "/licenses", ""},
			} {
				req, err := http.NewRequestWithContext(t.Context(), call[0], c.url+"/v1/accounts/shop"+call[1], strings.NewReader(call[2]))
				require.NoError(t, err)
				req.Host = "api.keygen.sh"
				req.Header.Set("Authorization", "Bearer "+admin)
				req.Header.Set("Content-Type", "application/json")
				resp, err := c.client.Do(req)
				require.NoError(t, err)
				body, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				said = append(said, fmt.Sprintf("%d %s %s %s", resp.StatusCode, body, resp.Header.Get("X-Request-Id"), resp.Header.Get("Keygen-Signature")))
			}
			c.make("users", `{"account":"shop"}`)
		}
		return said
	}
	taken := s.Snapshot()
	_, shown := c.ask("GET", "/snapshot", "")
	assert.JSONEq(t, string(taken), shown)
	first := script(c)
	assert.Contains(t, first[0], "201 ")
	ended := s.Snapshot()
	c.want("PUT", "/snapshot", shown, 204, "")
	assert.Equal(t, string(taken), string(s.Snapshot()))
	assert.Equal(t, first, script(c))
	assert.Equal(t, string(ended), string(s.Snapshot()))

	other := RunT(t, keygenAlone(), WithRandomSeed(7), AllowFindings())
	require.NoError(t, other.Restore(taken))
	assert.Equal(t, string(taken), string(other.Snapshot()))
	assert.Equal(t, first, script(consoleOf(t, other)))
	assert.Equal(t, "acme", other.Keygen().Account())
	assert.Len(t, other.Keygen().Accounts(), 2)
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
