package junkiemock

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

// everyCall lists a request of each operation that the default account can make
// with success; the key is number 1.
func everyCall(s *stage) map[string]func(...worldtest.Change) response {
	p := s.provider()
	s.world.AddKey(Key{Devices: []Device{{HWID: "pc"}}})
	send := func(method, path, body string) func(...worldtest.Change) response {
		return func(c ...worldtest.Change) response { return s.call(method, path, body, c...) }
	}
	return map[string]func(...worldtest.Change) response{
		OpListKeys:      send("GET", "/keys", ""),
		OpCreateKey:     send("POST", "/keys", `{"provider_id": `+p+`}`),
		OpCreateKeys:    send("POST", "/keys/batch", `{"provider_id": `+p+`, "amount": 2}`),
		OpDeleteKeys:    send("POST", "/keys/bulk-delete", `{"keys": [1]}`),
		OpListFolders:   send("GET", "/keys/folders", ""),
		OpGetKey:        send("GET", "/keys/1", ""),
		OpUpdateKey:     send("PUT", "/keys/1", `{"key_name": "new"}`),
		OpDeleteKey:     send("DELETE", "/keys/1", ""),
		OpResetKeyHWIDs: send("POST", "/keys/1/reset-hwid", ""),
	}
}

var accessProofs = proofs{
	ruleAuthBearer: func(s *stage) {
		for _, header := range []string{"", s.world.APIKey(), "Basic " + s.world.APIKey(), "Bearer", "Bearer "} {
			s.get("/keys", with("Authorization", header)).refused(401, "Unauthorized")
		}
		s.get("/keys").is(200)
	},
	ruleAuthAPIKey: func(s *stage) {
		s.get("/keys", as("11111111-1111-4111-8111-111111111111")).refused(401, "Unauthorized")
		k := s.world.AddAPIKey(ScopeREST)
		s.get("/keys", as(k)).is(200)
		s.world.RevokeAPIKey(k)
		s.get("/keys", as(k)).refused(401, "Unauthorized")
	},
	ruleAuthScheme: func(s *stage) {
		s.get("/keys", with("Authorization", "bearer  "+s.world.APIKey())).is(200)
	},
	ruleAuthScope: func(s *stage) {
		none, other, wanted := s.world.AddAPIKey(), s.world.AddAPIKey("other:read"), s.world.AddAPIKey("other:read", "rest-api:*")
		s.get("/keys", as(none)).is(403)
		s.get("/keys", as(other)).is(403)
		s.get("/keys", as(wanted)).is(200)
	},
	ruleAuthForbidden: func(s *stage) {
		s.get("/keys", as(s.world.AddAPIKey())).refused(403, "Insufficient scope: rest-api:* required")
	},
	ruleAuthAccount: func(s *stage) {
		s.world.AddFolder("mine")
		mine := s.create(`"validity_minutes": 5`)
		other := s.world.AddAccount()
		stranger := as(other.APIKey())
		s.get(path(mine), stranger).refused(404, "Key not found")
		s.get("/keys/"+mine.Value, stranger).refused(404, "Key not found")
		s.put(path(mine), `{}`, stranger).refused(404, "Key not found")
		s.delete(path(mine), stranger).refused(404, "Key not found")
		s.get("/keys", stranger).found()
		s.get("/keys/folders", stranger).has("folders", "[]")
		s.post("/keys", `{"provider_id": 2001}`, stranger).refused(404, "Provider not found")
		s.post("/keys/bulk-delete", `{"keys": [1]}`, stranger).is(200).has("deleted", "0")
		s.get("/keys").found(mine.ID)

		second := s.world.AddAPIKey(ScopeREST) // of the same account: sees the same
		s.get("/keys", as(second)).found(mine.ID)
		theirs := other.AddKey(Key{})
		assert.Equal(s, other.UserID(), theirs.UserID)
		s.get(path(theirs), stranger).is(200).has("key.user_id", "1002")
	},

	ruleRouteUnknown: func(s *stage) {
		for _, path := range []string{"/", "", "/services", "/keys/", "/keys/1/hwids", "/keys/1/hwids/pc", "/keys//reset-hwid"} {
			s.get(path, with("Authorization", "")).refused(404, "Not found")
		}
	},
	ruleRouteMethod: func(s *stage) {
		s.call("PATCH", "/keys/1", `{}`, with("Authorization", "")).refused(405, "Method not allowed")
		r := s.call("DELETE", "/keys", "").refused(405, "Method not allowed")
		assert.Equal(s, "GET, POST", r.Header.Get("Allow"))
	},
	ruleRouteLiteral: func(s *stage) {
		for _, value := range []string{"folders", "batch", "bulk-delete"} {
			s.world.AddKey(Key{Value: value})
		}
		assert.Equal(s, "GET", s.delete("/keys/folders").is(405).Header.Get("Allow"))
		assert.Equal(s, "POST", s.get("/keys/batch").is(405).Header.Get("Allow"))
		s.put("/keys/bulk-delete", `{}`).is(405)
		assert.Len(s, s.world.Keys(), 3)
	},
	ruleRouteFoldersWin: func(s *stage) {
		s.world.AddKey(Key{Value: "folders"})
		s.get("/keys/folders").is(200).has("folders", "[]").has("key", "absent")
	},
	ruleRefEither: func(s *stage) {
		k := s.create("")
		s.get(path(k)).is(200).has("key.id", "1")
		s.get("/keys/"+k.Value).is(200).has("key.id", "1")
	},
	ruleRefDigits: func(s *stage) {
		s.world.AddKey(Key{Value: "77"})
		s.get("/keys/77").refused(404, "Key not found")
		s.get("/keys/1").is(200).has("key.key_value", `"77"`)
		s.get("/keys/0001").is(200)
		s.get("/keys/99999999999999999999").refused(404, "Key not found")
	},
	ruleRefValue: func(s *stage) {
		s.world.AddKey(Key{Value: "Ab/c d?#%é"})
		s.get("/keys/Ab%2Fc%20d%3F%23%25%C3%A9").is(200)
		s.get("/keys/ab%2Fc%20d%3F%23%25%C3%A9").refused(404, "Key not found")
		s.get("/keys/Ab").refused(404, "Key not found")
	},
	ruleRefNotFound: func(s *stage) {
		s.get("/keys/nosuchkey").refused(404, "Key not found")
		s.put("/keys/5", `{}`).refused(404, "Key not found")
		s.delete("/keys/5").refused(404, "Key not found")
		s.post("/keys/5/reset-hwid", "").refused(404, "Key not found")
	},

	ruleErrorEnvelope: func(s *stage) {
		r := s.get("/keys/5").is(404)
		assert.JSONEq(s, `{"error": "Key not found"}`, string(r.Body))
		assert.Equal(s, "application/json", r.Header.Get("Content-Type"))
	},
	ruleErrorOrder: func(s *stage) {
		// Each call fails in all ways from a certain check on; the first answers.
		k := s.create("")
		s.world.SetRateLimit(1, time.Hour)
		s.get("/keys").is(200)
		bad, unscoped := `{"folder_id": 0}`, as(s.world.AddAPIKey())
		s.put("/keys/77/nothing", bad, with("Authorization", "")).is(404)
		s.put("/keys/77", bad, with("Authorization", "")).is(401)
		s.put("/keys/77", bad, unscoped).is(403)
		s.put("/keys/77", bad).is(429)
		s.world.SetRateLimit(0, 0)
		s.put("/keys/77", bad).is(400)
		s.put("/keys/77", `{"folder_id": 5}`).refused(404, "Key not found")
		s.put(path(k), `{"folder_id": 5, "key_name": "x"}`).refused(404, "Folder not found")
		assert.Empty(s, s.key(k.ID).Name)
	},
	ruleErrorValidation: func(s *stage) {
		s.post("/keys", `{"folder_id": 0, "hwid_limit": 101, "is_premium": 1, "discord_id": "x"}`).
			invalid("provider_id", "folder_id", "hwid_limit", "is_premium", "discord_id")
		s.get("/keys?page=x&limit=0&status=dead").invalid("page", "limit", "status")
	},
	ruleErrorMalformed: func(s *stage) {
		for _, body := range []string{"", " ", "{", `{"a":}`, `{} {}`, `{"a": 01}`, `{"a": NaN}`, "\ufeff{}", "{'a': 1}", "{\"a\": \"\xff\"}", strings.Repeat("[", 100_000)} {
			s.post("/keys", body, with("Content-Type", "application/json")).refused(400, "Invalid JSON body").has("details", "absent")
		}
	},
	ruleErrorDuplicate: func(s *stage) {
		p := s.provider()
		s.post("/keys", `{"provider_id": `+p+`, "key_name": "a", "key_name": "b", "key_\u006eame": "c"}`).invalid("key_name")
		assert.Empty(s, s.world.Keys())
	},

	ruleRateLimited: func(s *stage) {
		s.world.SetRateLimit(1, time.Minute)
		s.get("/keys").is(200)
		s.post("/keys", `{"provider_id": `+s.provider()+`}`).refused(429, "Rate limit exceeded")
		assert.Empty(s, s.world.Keys())
	},
	ruleRateWindow: func(s *stage) {
		s.world.SetRateLimit(2, 10*time.Second)
		second := as(s.world.AddAPIKey(ScopeREST))
		s.get("/keys").is(200)
		s.Advance(9 * time.Second)
		s.get("/keys/5").is(404) // a call that fails later counts
		s.get("/keys").is(429)
		s.get("/keys", second).is(200) // each API key has a window of its own
		s.Advance(999 * time.Millisecond)
		s.get("/keys").is(429)
		s.Advance(time.Millisecond)
		s.get("/keys").is(200)
		s.get("/keys").is(200)
		s.get("/keys").is(429)
		s.get("/keys", second).is(200) // its window began later
		s.world.SetRateLimit(0, 0)
		s.get("/keys").is(200)
		s.world.SetRateLimit(1, time.Minute)
		s.get("/keys").is(200) // a new limit begins new windows
		s.Now = t0.Add(-time.Hour)
		s.get("/keys").is(200) // a clock that was set back does not lock anyone out
	},
	ruleRateRetryAfter: func(s *stage) {
		s.world.SetRateLimit(1, time.Minute)
		s.get("/keys").is(200)
		assert.Equal(s, "60", s.get("/keys").is(429).Header.Get("Retry-After"))
		s.Advance(30*time.Second + time.Millisecond)
		assert.Equal(s, "30", s.get("/keys").is(429).Header.Get("Retry-After"))
		s.Advance(29*time.Second + 998*time.Millisecond)
		assert.Equal(s, "1", s.get("/keys").is(429).Header.Get("Retry-After"))
	},
}

// TestEveryOperationChecksAccess sends each operation without a right to it.
func TestEveryOperationChecksAccess(t *testing.T) {
	t.Parallel()
	ops := newStage(t).Vendor.Ops()
	require.Len(t, ops, 9)
	for _, op := range ops {
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			call := everyCall(s)[op.ID]
			require.NotNil(t, call)
			call(with("Authorization", "")).refused(401, "Unauthorized")
			call(as("nobody")).refused(401, "Unauthorized")
			call(as(s.world.AddAPIKey("other"))).refused(403, "Insufficient scope: rest-api:* required")
			s.world.SetRateLimit(1, time.Second)
			s.get("/keys").is(200)
			call().refused(429, "Rate limit exceeded")
			s.Advance(time.Second)
			r := call()
			require.Less(t, r.Status, 300)
			require.Equal(t, op.ID, r.Turn.Op)
			require.Empty(t, r.Turn.Findings)
		})
	}
}

func TestRateLimitAndFrozenClockExcludeEachOther(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	limited := s.Vendor.(core.Limited)
	s.Frozen = true
	s.Refuses("the clock is frozen", func() { s.world.SetRateLimit(1, time.Second) })
	on, documented := limited.RateLimits()
	assert.Empty(t, on)
	assert.Empty(t, documented, "the vendor publishes no figures")
	s.world.SetRateLimit(0, 0) // off is always possible
	s.Frozen = false
	s.world.SetRateLimit(1, time.Second)
	on, _ = limited.RateLimits()
	assert.Equal(t, []core.RateLimit{{Calls: 1, Per: time.Second}}, on)
	s.Refuses("no limit", func() { s.world.SetRateLimit(-1, time.Second) })
	s.Refuses("no limit", func() { s.world.SetRateLimit(1, 0) })
}

// The server sets the limit as the Go API does.
func TestRateLimitsAsTheServerSetsThem(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	limited := s.Vendor.(core.Limited)
	set := func(limits ...core.RateLimit) (err error) {
		s.Act("server", func(t *core.Turn) { err = limited.SetRateLimits(t, limits) })
		return err
	}
	one := core.RateLimit{Calls: 1, Per: time.Minute}
	require.NoError(t, set(one))
	on, _ := limited.RateLimits()
	assert.Equal(t, []core.RateLimit{one}, on)
	s.get("/keys").is(200)
	s.get("/keys").is(429)
	require.NoError(t, set(one))
	s.get("/keys").is(200) // what was called is forgotten
	assert.EqualError(t, set(one, one), "the vendor has one limit, not 2")
	assert.ErrorContains(t, set(core.RateLimit{Calls: 1}), "1 calls per 0s is no limit")
	s.Frozen = true
	assert.ErrorContains(t, set(one), "the clock is frozen")
	s.get("/keys").is(429) // what was refused has changed nothing
	require.NoError(t, set())
	on, _ = limited.RateLimits()
	assert.Empty(t, on)
	s.get("/keys").is(200)
}

func TestInjectedFailuresSpeakTheDialect(t *testing.T) {
	t.Parallel()
	v := newStage(t).Vendor.(core.Dialect)
	for status, text := range map[int]string{
		400: "Validation failed", 401: "Unauthorized", 403: "Insufficient scope: rest-api:* required", 404: "Not found",
		429: "Rate limit exceeded", 500: "Internal server error", 503: "Service Unavailable", 413: "Request Entity Too Large",
	} {
		a := v.Failure(status)
		assert.Equal(t, status, a.Status)
		assert.JSONEq(t, fmt.Sprintf(`{"error": %q}`, text), string(a.Body))
	}
}
