package junkiemock

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
		`{"provider_id": 2001, "service_id": 3001, "folder_id": 4001, "key_name": "n", "validity_minutes": 60, "hwids": ["a", "b"], "discord_id": "12345678901234567", "is_premium": true, "hwid_limit": 2}`,
		`{"provider_id": 2001, "amount": 3, "hwid": "pc", "validity_minutes": 0, "one_time_use": true}`,
		`{"keys": [1, "one", 999, 1.0, -1, ""]}`,
		`{"key_name": null, "folder_id": null, "expires_at": "2026-06-01T00:00:00+02:00", "hwids": [], "is_invalidated": true}`,
		`{"provider_id": 1e400, "amount": 99999999999999999999, "keys": [1e99], "hwids": [null]}`,
		`{"provider_id": 2001, "provider_id": 2001, "": 1}`, `{"a": {"b": [[[]]]}}`, `[]`, `null`, `{"key_name": "\ud800\u0000"}`, "", "{\"key_name\": \"\xff\"}",
	} {
		f.Add(uint8(i), []byte(body))
	}
	bodies := []core.Op{}
	for _, op := range operations {
		if op.fields != nil {
			bodies = append(bodies, op.Op)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		s := fuzzStage(t)
		op := bodies[int(which)%len(bodies)]
		r := s.call(op.Method, strings.TrimPrefix(strings.Replace(op.Path, "{keyId}", "1", 1), root), string(body), with("Content-Type", "application/json"))
		r.sane(200, 201, 400, 404)
		if r.Status > 299 {
			require.Equal(t, fuzzStage(t).world.Keys(), s.world.Keys(), "a refused call changes nothing")
		}
		s.get("/keys?limit=100").sane(200) // whatever it left can be shown
	})
}

// FuzzRequests sends any path and query.
func FuzzRequests(f *testing.F) {
	f.Add("GET", "/keys", "page=1&limit=50&key=a&hwid=b&discord_id=1&service_id=1&provider_id=1&folder_id=1&status=used&expires_before=2026-01-01T00:00:00Z&expires_after=x")
	f.Add("PUT", "/keys/one", "page=9223372036854775807&limit=99999999999999999999")
	f.Add("POST", "/keys/%2e%2E/reset-hwid", "a=%ff&status=%00")
	f.Add("DELETE", "/keys/99999999999999999999", "")
	f.Add("PATCH", "/keys/folders", "limit=1&limit=2")
	f.Fuzz(func(t *testing.T, method, path, rawQuery string) {
		s := fuzzStage(t)
		query, _ := url.ParseQuery(rawQuery)
		r := s.call(method, "", "", func(req *core.Request) { req.Path, req.Query = root+path, query })
		r.sane(200, 400, 404, 405)
	})
}

// fuzzStage is a world with something to hit: keys 1 and "one", and an object of
// each other kind.
func fuzzStage(t testing.TB) *stage {
	s := newStage(t)
	p, v, f := s.world.AddProvider("shop"), s.world.AddService("hub"), s.world.AddFolder("vip")
	s.world.AddKey(Key{Value: "first", ProviderID: p.ID, ServiceID: v.ID, FolderID: f.ID, Devices: []Device{{HWID: "pc"}}})
	s.world.AddKey(Key{Value: "one", UsedAt: t0, ExpiresAt: t0})
	return s
}

// sane asserts what holds for every answer.
func (r response) sane(statuses ...int) {
	r.Helper()
	r.Sane(statuses...)
	if r.Status > 299 {
		require.NotEmpty(r, r.Text("error"))
	}
}

// FuzzPlay directs what callers, tests, end users and the control plane do: in the
// end everything is found where it is listed, as in a state that is made anew from
// the lists.
func FuzzPlay(f *testing.F) {
	worldtest.Direct(f, func(t *testing.T, dice worldtest.Dice) {
		s, twin := newStage(t), newStage(t)
		for play := scriptBy(s, dice.Rand); dice.Left(); {
			play.play(1)
		}
		kept := s.Keep()
		twin.PutBack(kept)
		require.Equal(t, kept, twin.Keep())
		require.Equal(t, worldtest.Leaves(twin.world.state), worldtest.Leaves(s.world.state))
	})
}
