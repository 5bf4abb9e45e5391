package mockserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
