package luaprotmock

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
// with success, in any order: each has a key of its own.
func everyCall(s *stage) map[string]func(...worldtest.Change) response {
	send := func(method, path, body string) func(...worldtest.Change) response {
		return func(c ...worldtest.Change) response { return s.call(method, path, body, c...) }
	}
	key := func() Key { return s.world.AddKey(Key{HWID: "pc"}) }
	return map[string]func(...worldtest.Change) response{
		OpFetchKeys:    send("GET", "/api/v1/keys/fetch", ""),
		OpDeleteKeys:   send("POST", "/api/v1/keys/bulk-delete", `["`+key().Value+`"]`),
		OpAddKey:       send("POST", "v2/keys/add", `{}`),
		OpGenerateKeys: send("POST", "v2/keys/generate", `{"amount": 5}`),
		OpGetKeyInfo:   send("GET", "v1/keys/info?"+by(key()), ""),
		OpUpdateKey:    send("PATCH", "v2/keys/update?"+by(key()), `{"note": "n"}`),
		OpDeleteKey:    send("DELETE", "v1/keys/delete?"+by(key()), ""),
		OpResetHWID:    send("PATCH", "v1/hwid/reset?"+by(key()), ""),
	}
}

const (
	noAPIKey = "Invalid API key."
	noHub    = "Hub not found or linked to your account."
	noRoute  = "Route not found."
	noIP     = "IP address is not whitelisted."
	tooMany  = "Too many requests."
)

var accessProofs = proofs{
	ruleAuthBare: func(s *stage) {
		s.fetch("").is(200)
		for _, scheme := range []string{"Bearer", "bearer"} {
			s.fetch("", as(scheme+" "+s.world.APIKey())).refused(401, noAPIKey).finds("Authorization was sent with " + scheme + " in front")
		}
		s.fetch("", as("Basic "+s.world.APIKey())).refused(401, noAPIKey).finds()
	},
	ruleAuthInvalid: func(s *stage) {
		for _, header := range []string{"", "nobody", strings.ToUpper(s.world.APIKey()), s.world.APIKey() + "x"} {
			s.fetch("", as(header)).refused(401, noAPIKey).finds()
		}
		k := s.world.AddAPIKey()
		s.fetch("", as(k)).is(200)
		s.world.RevokeAPIKey(k)
		s.fetch("", as(k)).refused(401, noAPIKey)
		s.fetch("").is(200)
	},
	ruleAuthAccount: func(s *stage) {
		mine := s.create(`"discordId": "` + alice + `"`)
		other := s.world.AddAccount()
		stranger := as(other.APIKey())
		s.info(by(mine), stranger).refused(404, noHub)
		s.add(`{}`, stranger).refused(404, noHub)
		s.fetch("", stranger).found()
		s.fetch("hub="+s.hub.ID, stranger).found()
		theirHub := other.AddHub("theirs")
		s.bulkDelete(`["`+mine.Value+`"]`, stranger).is(200)
		s.fetch("", as(s.world.AddAPIKey())).found(mine) // of the same account: sees the same
		s.call("GET", "/api/v1/hubs/"+theirHub.ID+"/keys/info?"+by(mine), "", stranger).is(400)

		theirs := other.AddKey(Key{})
		assert.Equal(s, theirHub.ID, theirs.HubID)
		s.fetch("", stranger).found(theirs)
		s.fetch("").found(mine)
	},
	ruleIPWhitelist: func(s *stage) {
		s.world.SetIPWhitelisted(false)
		s.fetch("").is(403)
		s.add(`{}`).is(403)
		s.fetch("", as(s.world.AddAPIKey())).is(403)
		s.fetch("", as(s.world.AddAccount().APIKey())).is(200) // an account has a whitelist of its own
		assert.Empty(s, s.world.Keys())
		s.world.SetIPWhitelisted(true)
		s.fetch("").is(200)
	},
	ruleIPRefusal: func(s *stage) {
		s.world.SetIPWhitelisted(false)
		s.fetch("").refused(403, noIP)
	},
	ruleContentType: func(s *stage) {
		for op, call := range everyCall(s) {
			r := call(with("Content-Type", ""))
			r.finds("every request has to say application/json")
			assert.Equal(s, op, r.Turn.Op)
		}
	},
	ruleContentTypeLenient: func(s *stage) {
		s.add(`{}`, with("Content-Type", "")).is(200).finds("without Content-Type")
		s.add(`{}`, with("Content-Type", "text/plain")).is(200).finds(`sent as "text/plain"`)
		s.fetch("", with("Content-Type", "application/json; charset=utf-8")).is(200).finds()
	},

	ruleRouteVersions: func(s *stage) {
		k := s.world.AddKey(Key{})
		s.call("GET", "/api/v2/keys/fetch", "").refused(404, noRoute)
		s.call("POST", "/api/v2/keys/bulk-delete", `["a"]`).refused(404, noRoute)
		s.call("POST", "v1/keys/add", `{}`).refused(404, noRoute)
		s.call("POST", "v1/keys/generate", `{"amount": 5}`).refused(404, noRoute)
		s.call("GET", "v2/keys/info?"+by(k), "").refused(404, noRoute)
		s.call("PATCH", "v1/keys/update?"+by(k), `{}`).refused(404, noRoute)
		s.call("DELETE", "v2/keys/delete?"+by(k), "").refused(404, noRoute)
		s.call("PATCH", "v2/hwid/reset?"+by(k), "").refused(404, noRoute)
		s.fetch("").found(k)
	},
	ruleRouteUnknown: func(s *stage) {
		for _, path := range []string{"/", "", "/api/v1/keys", "/api/v1/keys/fetch/", "/api/v1/hubs//keys/info", "/api/v1/hubs/get", "v2/keys/hwid/reset"} {
			s.call("GET", path, "", as("")).refused(404, noRoute)
		}
	},
	ruleRouteMethod: func(s *stage) {
		s.call("POST", "/api/v1/keys/fetch", "", as("")).refused(404, noRoute)
		r := s.call("PUT", "v2/keys/update", `{}`).refused(404, noRoute)
		assert.Empty(s, r.Header.Get("Allow"))
	},
	ruleHubNotFound: func(s *stage) {
		s.hub.ID = "40511091490620200512"
		for _, call := range []response{
			s.add(`{}`), s.generate(`{"amount": 5}`), s.info("key=a"), s.update("key=a", `{}`), s.delete("key=a"), s.reset("key=a"),
			s.add(`not JSON`), s.info(""), // before any look at the content
		} {
			call.refused(404, noHub)
		}
	},

	ruleAnswerStatus: func(s *stage) {
		for _, call := range everyCall(s) {
			call().is(200)
		}
	},
	ruleAnswerEnvelope: func(s *stage) {
		k := s.world.AddKey(Key{})
		r := s.delete(by(k)).is(200)
		assert.Equal(s, `{"success":true,"message":"Key has been deleted."}`, string(r.Body))
		assert.Equal(s, "application/json", r.Header.Get("Content-Type"))
	},
	ruleErrorEnvelope: func(s *stage) {
		r := s.delete("key=none").is(400)
		assert.Equal(s, `{"success":false,"message":"Key could not be found."}`, string(r.Body))
		assert.Equal(s, "application/json", r.Header.Get("Content-Type"))
	},
	ruleErrorOrder: func(s *stage) {
		// Each call fails in all ways from a certain check on; the first answers.
		hub := s.hub.ID
		taken := s.create(`"discordId": "` + alice + `"`)
		k := s.world.AddKey(Key{GloballyBlacklisted: true})
		s.world.SetIPWhitelisted(false)
		s.world.SetRateLimit(RateWindow{Calls: 1, Per: time.Hour})
		s.hub.ID = "1"
		const bad, anonymous, unknown = `{"expire": 1}`, "", "key=none"
		s.call("PATCH", "v2/keys/updates?"+unknown, bad, as(anonymous)).refused(404, noRoute)
		s.update(unknown, bad, as(anonymous)).refused(401, noAPIKey)
		s.update(unknown, bad).refused(403, noIP)
		s.world.SetIPWhitelisted(true)
		s.update(unknown, bad).refused(404, noHub) // and fills the window
		s.update(unknown, bad).refused(429, tooMany)
		s.world.SetRateLimit()
		s.hub.ID = hub
		s.update("", bad).refused(400, "discordId or key must be given.")
		s.update(unknown, bad).invalid("expire")
		s.update(unknown, `{}`).refused(404, "Key has not been found.")
		s.update(by(k), `{"blacklisted": false, "note": "n", "discordId": "`+alice+`"}`).is(403)
		s.update(by(k), `{"note": "n", "discordId": "`+alice+`"}`).is(400)
		assert.Equal(s, k, s.now(k))
		assert.Equal(s, taken, s.now(taken))
	},
	ruleErrorValidation: func(s *stage) {
		s.add(`{"expire": 1, "note": 5, "discordId": 7}`).refused(400, "expire must be at least 3600.")
		s.add(`{"note": 5, "discordId": 7}`).refused(400, "note must be a string.")
		s.generate(`{"amount": 4, "expire": 1}`).refused(400, "amount must be at least 5.")
		s.fetch("page=0&active=x").refused(400, "active must be true or false.")
		assert.Empty(s, s.world.Keys())
	},
}

// TestEveryOperationChecksAccess sends each operation without a right to it.
func TestEveryOperationChecksAccess(t *testing.T) {
	t.Parallel()
	ops := newStage(t).Vendor.Ops()
	require.Len(t, ops, 8)
	for _, op := range ops {
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			call := everyCall(s)[op.ID]
			require.NotNil(t, call)
			call(as("")).refused(401, noAPIKey)
			call(as("Bearer "+s.world.APIKey())).refused(401, noAPIKey)
			s.world.SetIPWhitelisted(false)
			call().refused(403, noIP)
			s.world.SetIPWhitelisted(true)
			s.world.SetRateLimit(RateWindow{Calls: 1, Per: time.Second})
			s.fetch("").is(200)
			call().refused(429, tooMany)
			s.Advance(time.Second)
			r := call()
			require.Less(t, r.Status, 300)
			require.Equal(t, op.ID, r.Turn.Op)
			require.Empty(t, r.Turn.Findings)
			s.world.SetRateLimit()
			if strings.Contains(op.Path, "{hubId}") {
				stranger := as(s.world.AddAccount().APIKey())
				call(stranger).refused(404, noHub)
			}
		})
	}
}

func TestInjectedFailuresSpeakTheDialect(t *testing.T) {
	t.Parallel()
	v := newStage(t).Vendor.(core.Dialect)
	for status, message := range map[int]string{
		400: "Bad Request.", 401: noAPIKey, 403: noIP, 404: noRoute, 429: tooMany,
		500: "Internal server error.", 503: "Service Unavailable.", 413: "Request Entity Too Large.",
	} {
		a := v.Failure(status)
		assert.Equal(t, status, a.Status)
		assert.JSONEq(t, fmt.Sprintf(`{"success": false, "message": %q}`, message), string(a.Body))
	}
}
