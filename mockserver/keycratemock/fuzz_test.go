package keycratemock

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

// FuzzBodies sends any body to every operation: there is always an answer in
// the words of its side, and a refused call changes nothing.
func FuzzBodies(f *testing.F) {
	for i, body := range []string{
		`{"app_id": "` + defaultAppID + `", "subscription_id": "` + noUUID + `", "duration_unit": "days", "duration_value": 7, "key_format": "**"}`,
		`{"app_id": "` + defaultAppID + `", "subscription_id": "` + noUUID + `", "duration_unit": "lifetime", "key_amount": 5, "metadata": {"a": [1e400]}}`,
		`{"license_key": "one", "extend_seconds": 31536000000}`, `{"license_keys": ["one", "two", "one"], "extend_seconds": 1.0}`,
		`{"license_key": "two"}`, `{"license_keys": ["one"]}`, `{"license_key": "one", "hwid": null}`,
		`{"app_id": "` + defaultAppID + `", "per_page": 1, "page": 9223372036854775807, "sort_field": "expires_at", "tags": [], "search": ""}`,
		`{"license_key": "two", "status": "paused"}`, `{"license_keys": ["two"], "status": "active"}`,
		`{"license_key": "one", "subscription_id": "` + noUUID + `"}`, `{"license_key": "one", "username": "a", "password": "\ud800\u0000"}`,
		`{"license_key": "one", "metadata": {"a": {"b": [[[]]]}, "a": 1}}`, `{"license_key": "one", "hwid": "pc"}`,
		`{"license_key": "one", "hwid_lock": true}`, `{"license_keys": ["one"], "hwid_lock": false}`,
		`{"license_key": "one", "hwid_reset_allowed": true}`, `{"license_key": "one", "hwid_reset_cooldown": 99999999999999999999}`,
		`{"app_id": "` + defaultAppID + `", "name": "n", "level": 9007199254740993}`, `{"subscription_id": "` + noUUID + `", "level": null}`,
		`{"subscription_id": "` + noUUID + `"}`, `{"app_id": "` + defaultAppID + `"}`,
		`{"app_id": "` + defaultAppID + `", "license": "one", "hwid": "pc"}`,
		`{"app_id": "` + defaultAppID + `", "license": "two", "username": "u", "password": "p"}`,
		`[]`, `null`, "", "{\"a\": \"\xff\"}",
	} {
		f.Add(uint8(i), []byte(body))
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		s := fuzzStage(t)
		op := operations[int(which)%len(operations)]
		before, subs := s.world.Licenses(), s.world.Subscriptions()
		r := response{s.Call(op.Method, op.Path, string(body), as(defaultAPIKey), with("Content-Type", "application/json"))}
		r.sane(op.side)
		if r.Status > 299 {
			require.Equal(t, before, s.world.Licenses(), "a refused call changes nothing")
			require.Equal(t, subs, s.world.Subscriptions())
		}
		s.post("license/get-bulk", `{"app_id": "@app"}`).ok() // whatever it left can be shown
		s.world.Licenses()
	})
}

// FuzzRequests sends any method, path and credential.
func FuzzRequests(f *testing.F) {
	f.Add("POST", "/license/get-bulk", defaultAPIKey)
	f.Add("OPTIONS", "/auth", "")
	f.Add("GET", "/register", "kc_")
	f.Add("DELETE", "/%2e%2E/license", "Bearer "+defaultAPIKey)
	f.Add("", "", "\xff")
	f.Fuzz(func(t *testing.T, method, path, apiKey string) {
		s := fuzzStage(t)
		r := response{s.Call(method, "", `{}`, func(req *core.Request) {
			req.Path = path
			req.Header["X-Api-Key"] = []string{apiKey}
		})}
		side := management
		for _, op := range operations {
			if op.ID == r.Turn.Op {
				side = op.side
			}
		}
		r.sane(side)
	})
}

// fuzzStage is a world with something to hit: the licenses "one" and "two".
func fuzzStage(t testing.TB) *stage {
	s := newEmptyStage(t)
	s.world.AddSubscription(Subscription{ID: noUUID, SingleKeyPerHWID: true})
	s.seed("one", week(License{HWIDLock: true}))
	s.seed("two", License{ExpiresAt: t0, HWID: "pc", Username: "u"})
	return s
}

// sane asserts what holds for every answer of a side.
func (r response) sane(side side) {
	r.Helper()
	r.Sane(200, 204, 400, 401, 403, 404, 405, 409)
	switch {
	case r.Status == 204:
		require.Equal(r, browser, side)
	case side == endUser:
		require.NotEmpty(r, r.Text("message"))
		require.Equal(r, r.Status == 200, r.Raw("success") == "true")
		r.has("error_code", "absent")
	case r.Status == 200:
		r.has("success", "true")
	default:
		require.NotEmpty(r, r.Text("error_code"))
		r.has("success", "absent")
	}
}

// FuzzPlay directs what callers, tests, end users and the control plane do: in the
// end everything is found where it is listed, as in a state that is made anew from
// the lists.
func FuzzPlay(f *testing.F) {
	worldtest.Direct(f, func(t *testing.T, dice worldtest.Dice) {
		s, twin := newStage(t), newEmptyStage(t)
		for play := (player{s, dice.Rand}); dice.Left(); {
			play.act()
		}
		kept := s.Keep()
		twin.PutBack(kept)
		require.Equal(t, kept, twin.Keep())
		require.Equal(t, worldtest.Leaves(twin.state()), worldtest.Leaves(s.state()))
	})
}
