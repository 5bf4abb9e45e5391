package mockserver

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// keygenAlone leaves the other vendors out.
func keygenAlone() Option {
	v, _ := core.Lookup("keygen")
	return with(v)
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
		`"keys":[{"key":"A"},` + "\n" + `{"policy":"Giveawy"}]`:           {"/keygen/keys/1/policy", 2, `keygen/keys/1/policy names no policy of the account: "Giveawy"; make it first`},
		`"policies":[{"name":"Giveaway"}],"keys":[{"policy":"Giveaway"}]`: {"/keygen/keys/0/policy", 1, `keygen/keys/0/policy names more than one policy of the account: "Giveaway"; give the id of the one that is meant`},
		`"keys":[{"key":"A"},{"key":"POOL-0001"}]`:                        {"/keygen/keys/1/key", 1, "keygen/keys/1/key is taken by another key of the account: choose another"},
		`"keys":[{"account":"none"}]`:                                     {"/keygen/keys/0/account", 1, `keygen/keys/0/account names no account that there is: "none"; make it first`},
		`"keys":[{"id":"x"}]`:                                             {"/keygen/keys/0/id", 1, "keygen/keys/0/id must be a UUID, or absent for a new one"},
		`"keys":[{"product":"tool"}]`:                                     {"/keygen/keys/0/product", 1, "keygen/keys/0/product cannot be given: it follows from the rest"},
		`"accounts":[{"slug":"a"},{"slug":"shop"}]`:                       {"/keygen/accounts/1/slug", 1, "keygen/accounts/1/slug is taken by another account: choose another"},
		`"accounts":[{"slug":"a","admin":{"id":"x"}}]`:                    {"/keygen/accounts/0/admin/id", 1, "keygen/accounts/0/admin/id must be a UUID, or absent for a new one"},
		`"accounts":[{"slug":"a","admin":{"mail":"x"}}]`:                  {"/keygen/accounts/0/admin/mail", 1, `keygen/accounts/0/admin/mail is not known here; did you mean "email"?`},
		`"users":[{"role":"boss"}]`:                                       {"/keygen/users/0/role", 1, "keygen/users/0/role must be one of admin, developer, sales-agent, support-agent, read-only, user"},
		`"products":[{"platforms":"linux"}]`:                              {"/keygen/products/0/platforms", 1, "keygen/products/0/platforms must be a list of strings"},
		`"policies":[{"maxMachine":1}]`:                                   {"/keygen/policies/0/maxMachine", 1, `keygen/policies/0/maxMachine is not known here; did you mean "maxMachines"?`},
		`"licenses":[{"lastCheckIn":"yesterday"}]`:                        {"/keygen/licenses/0/lastCheckIn", 1, `keygen/licenses/0/lastCheckIn must be a time of the years 1 to 9999 such as "2026-03-01T12:00:00Z", or a distance from now such as "-2h" or "+30d"`},
		`"tokens":[{"bearer":{"type":"user","id":"nobody@x.example"}}]`:   {"/keygen/tokens/0/bearer/id", 1, `keygen/tokens/0/bearer/id names no user of the account: "nobody@x.example"; make it first`},
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
