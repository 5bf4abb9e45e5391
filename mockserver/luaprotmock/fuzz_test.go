package luaprotmock

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

// FuzzBodies sends any body to the operations that read one: there is always an
// answer in the vendor's words, and a refused call changes nothing.
func FuzzBodies(f *testing.F) {
	for i, body := range []string{
		`["one", "two", "none", "", "one"]`,
		`{"discordId": "11111111111111111", "expire": 86400, "note": "n", "limitedScripts": []}`,
		`{"amount": 5, "expire": 3600.0, "note": null, "limitedScripts": ["1"]}`,
		`{"discordId": null, "expire": null, "note": "", "blacklisted": true, "blacklistReason": "r", "limitedScripts": null}`,
		`{"expire": 1e400, "amount": 99999999999999999999, "limitedScripts": [null], "discordId": 123456789012345678}`,
		`{"expire": 9007199254740991, "amount": 300}`, `{"note": "a", "note": "b", "": 1}`, `{"a": {"b": [[[]]]}}`,
		`[]`, `[null]`, `null`, `{"note": "\ud800\u0000"}`, "", "{\"note\": \"\xff\"}", `{"blacklisted": false}`,
	} {
		f.Add(uint8(i), []byte(body))
	}
	var bodies []core.Op
	for _, op := range operations {
		if op.body != noBody {
			bodies = append(bodies, op.Op)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		s := fuzzStage(t)
		before := s.world.Keys()
		op := bodies[int(which)%len(bodies)]
		path := strings.Replace(op.Path, "{hubId}", s.hub.ID, 1)
		if op.ID == OpUpdateKey {
			path += "?key=one"
		}
		r := s.call(op.Method, path, string(body))
		r.sane(200, 400, 403)
		if r.Status > 299 {
			require.Equal(t, before, s.world.Keys(), "a refused call changes nothing")
		}
		s.fetch("").sane(200) // whatever it left can be shown
	})
}

// FuzzRequests sends any path, query and credential.
func FuzzRequests(f *testing.F) {
	f.Add("GET", "/api/v1/keys/fetch", "page=1&hub=1&discordId=1&key=one&hwid=pc&blacklisted=true&expired=0&unassigned=1&active=false", "")
	f.Add("GET", "/api/v1/keys/fetch", "page=9223372036854775807&active=x&page=2", defaultAPIKey)
	f.Add("PATCH", "/api/v1/hubs/1/hwid/reset", "key=one&discordId=%00", defaultAPIKey)
	f.Add("DELETE", "/api/v1/hubs/%2e%2E/keys/delete", "a=%ff", "Bearer "+defaultAPIKey)
	f.Add("PUT", "/api/v2/hubs/99999999999999999999/keys/update", "key=one", defaultAPIKey)
	f.Fuzz(func(t *testing.T, method, path, rawQuery, authorization string) {
		s := fuzzStage(t)
		query, _ := url.ParseQuery(rawQuery)
		s.call(method, "", "", func(req *core.Request) {
			req.Path, req.Query = path, query
			req.Header["Authorization"] = []string{authorization}
		}).sane(200, 400, 401, 404)
	})
}

// fuzzStage is a world with something to hit: hub 1 with the keys "one" and
// "two".
func fuzzStage(t testing.TB) *stage {
	s := newEmptyStage(t)
	s.hub = s.world.AddHub("hub", HubID("1"))
	s.world.AddKey(Key{Value: "one", HWID: "pc", GloballyBlacklisted: true})
	s.world.AddKey(Key{Value: "two", DiscordID: alice, ExpiresAt: t0})
	return s
}

// sane asserts what holds for every answer.
func (r response) sane(statuses ...int) {
	r.Helper()
	r.Sane(statuses...)
	require.NotEmpty(r, r.Text("message"))
	if r.Status > 299 {
		r.has("success", "false")
	}
}

// FuzzPlay directs what callers, tests, end users and the control plane do: in the
// end everything is found where it is listed, as in a state that is made anew from
// the lists.
func FuzzPlay(f *testing.F) {
	worldtest.Direct(f, func(t *testing.T, dice worldtest.Dice) {
		s := newStage(t)
		for dice.Left() {
			s.randomStep(dice.Rand)
		}
		kept, twin := s.Keep(), newStage(t)
		twin.PutBack(kept)
		require.Equal(t, kept, twin.Keep())
		require.Equal(t, worldtest.Leaves(twin.world.state), worldtest.Leaves(s.world.state))
	})
}
