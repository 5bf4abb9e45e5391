package conformance

import (
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// junkieErrors is about how the vendor says no, and when.
var junkieErrors = []scenario[*shop]{
	{
		name:   "error: one check after the other",
		proves: "error.order",
		finds:  []string{"no route"},
		play: func(s *shop) {
			key := s.Junkie.AddKey(junkiemock.Key{})
			noScope := "Authorization: Bearer " + s.Junkie.AddAPIKey()
			const broken, wrong, unknown = `{`, `{"hwid_limit": 101, "folder_id": 4999}`, `{"folder_id": 4999}`
			s.Junkie.SetRateLimit(1, time.Minute)
			assert.Equal(s, 200, s.raw("GET", "/keys/folders", "").Status, "the one call that is allowed")
			s.unchanged(func() {
				s.assertError(s.raw("PUT", "/nowhere/999", broken, "Authorization:"), 404, "Not found")
				s.assertError(s.raw("PUT", "/keys/999", broken, "Authorization:"), 401, "Unauthorized")
				for range 3 { // does not count as a call
					s.assertError(s.raw("PUT", "/keys/999", broken, noScope), 403, "Insufficient scope: rest-api:* required")
				}
				s.assertError(s.raw("PUT", "/keys/999", broken), 429, "Rate limit exceeded")
				s.Junkie.SetRateLimit(0, 0)
				s.assertError(s.raw("PUT", "/keys/999", broken), 400, "Invalid JSON body")
				s.assertError(s.raw("PUT", "/keys/999", wrong), 400, "Validation failed", "hwid_limit")
				s.assertError(s.raw("PUT", "/keys/999", unknown), 404, "Key not found")
				s.assertError(s.raw("PUT", keyPath(key.ID), unknown), 404, "Folder not found")
			})
		},
	},
	{
		name:   "error: all wrong fields at once",
		proves: "error.validation",
		play: func(s *shop) {
			s.assertInvalid("POST", "/keys", `{"provider_id": 0, "folder_id": 0, "hwid_limit": -1, "is_premium": null, "discord_id": "x", "hwids": [7], "validity_minutes": "5"}`,
				"provider_id", "folder_id", "hwid_limit", "is_premium", "discord_id", "hwids[0]", "validity_minutes")
			s.assertInvalid("GET", "/keys?page=0&limit=101&status=gone&expires_after=soon&folder_id=x", "",
				"page", "limit", "status", "expires_after", "folder_id")
			// The client refuses all that the mock does. What else the vendor may
			// find wrong, its answer names.
			key := s.create(junkie.CreateKeyParams{})
			s.Server.Inject(mockserver.Fault{Op: junkiemock.OpUpdateKey, Times: 1, Do: mockserver.Status(400).WithBody("application/json",
				`{"error": "Validation failed", "details": [{"field": "expires_at", "message": "is too far away"}]}`)})
			_, err := s.client.Keys.Update(s.Context(), junkie.ID(key.ID), junkie.UpdateKeyParams{ExpiresAt: junkie.Set(epoch)})
			e := s.assertIs(err, junkie.ErrInvalid)
			assert.Equal(s, 400, e.StatusCode)
			assert.Equal(s, 1, e.Attempts)
			assert.Equal(s, "Validation failed", e.Message)
			require.Len(s, e.Fields, 1)
			assert.Equal(s, "expires_at", e.Fields[0].Field)
		},
	},
	{
		name:   "error: not JSON",
		proves: "error.malformed",
		play: func(s *shop) {
			s.Junkie.AddKey(junkiemock.Key{})
			for _, call := range []struct{ method, path string }{{"POST", "/keys"}, {"POST", "/keys/batch"}, {"POST", "/keys/bulk-delete"}, {"PUT", "/keys/1"}} {
				for _, body := range []string{"", "{", "{}{}", "{} x", "provider_id=7", `{"key_name": "` + "\xff" + `"}`, `{'key_name': 'n'}`, `{"hwid_limit": 1,}`, `{"hwid_limit": NaN}`, "\uFEFF{}"} {
					s.unchanged(func() {
						s.assertError(s.raw(call.method, call.path, body, "Content-Type: application/json"), 400, "Invalid JSON body")
					})
				}
			}
		},
	},
	{
		name:   "error: a field that is sent twice",
		proves: "error.duplicate-field",
		play: func(s *shop) {
			key := s.Junkie.AddKey(junkiemock.Key{})
			s.assertInvalid("PUT", keyPath(key.ID), `{"is_invalidated": true, "key_name": "n", "is_invalidated": false}`, "is_invalidated")
			s.assertInvalid("PUT", keyPath(key.ID), `{"key_name": "n", "key_name": "n", "key_name": "n"}`, "key_name")
			s.put(key.ID, `{"key_name": "\"key_name\": 1"}`)
		},
	},
	{
		name: "error: in a test's hands",
		play: func(s *shop) {
			s.Junkie.AddKey(junkiemock.Key{})
			for status, text := range map[int]string{
				400: "Validation failed", 401: "Unauthorized", 403: "Insufficient scope: rest-api:* required",
				404: "Not found", 429: "Rate limit exceeded", 500: "Internal server error",
			} {
				s.Server.Inject(mockserver.Fault{Op: junkiemock.OpUpdateKey, Do: mockserver.Status(status), Times: 1})
				s.unchanged(func() { s.assertError(s.raw("PUT", "/keys/1", "{}"), status, text) })
			}
			s.Server.Inject(mockserver.Fault{Op: junkiemock.OpUpdateKey, Do: mockserver.Status(500), Times: 3})
			_, err := s.client.Keys.Update(s.Context(), junkie.ID(1), junkie.UpdateKeyParams{})
			assert.Equal(s, "Internal server error", s.assertIs(err, junkie.ErrServer).Message)
		},
	},
	{
		name:   "rate: a window from its first call",
		proves: "rate.limited rate.window rate.retry-after",
		play: func(s *shop) {
			other := "Authorization: Bearer " + s.Junkie.AddAPIKey(junkiemock.ScopeREST)
			allowed := func(headers ...string) {
				assert.Equal(s, 200, s.raw("GET", "/keys", "", headers...).Status)
			}
			refused := func(after string) {
				a := s.raw("GET", "/keys", "")
				s.assertError(a, 429, "Rate limit exceeded")
				assert.Equal(s, after, a.Header.Get("Retry-After"))
			}
			s.Junkie.SetRateLimit(2, time.Minute)
			s.at(10 * time.Second) // the window does not begin before the first call
			allowed()
			s.at(30 * time.Second)
			allowed()
			refused("40")
			s.at(30*time.Second + 500*time.Millisecond)
			refused("40")
			allowed(other)
			s.at(70*time.Second - time.Nanosecond)
			refused("1")
			s.at(70 * time.Second)
			allowed() // a new window, in which the refused calls do not count
			allowed()
			refused("60")
			s.Junkie.SetRateLimit(0, 0)
			for range 5 {
				allowed()
			}
		},
	},
	{
		name:   "rate: a client that waits its turn",
		proves: "rate.limited rate.retry-after",
		play: func(s *shop) {
			s.Junkie.SetRateLimit(1, 10*time.Second)
			first := s.create(junkie.CreateKeyParams{})
			time.Sleep(2500 * time.Millisecond)
			start := time.Now()
			second := s.create(junkie.CreateKeyParams{})
			assert.Equal(s, 8*time.Second, time.Since(start), "7.5 s, in whole seconds")
			s.Server.AssertCalls(s, 3, junkiemock.OpCreateKey)
			s.Server.AssertEffects(s, 2, junkiemock.EffectKeyCreated)
			assert.Equal(s, first.ID+1, second.ID)
		},
	},
	{
		name:   "rate: a wait that is too long",
		proves: "rate.limited rate.retry-after",
		play: func(s *shop) {
			s.Junkie.SetRateLimit(1, time.Hour)
			key := s.create(junkie.CreateKeyParams{})
			start := time.Now()
			s.unchanged(func() {
				err := s.client.Keys.Delete(s.Context(), junkie.ID(key.ID))
				e := s.assertIs(err, junkie.ErrRateLimited)
				assert.Equal(s, 429, e.StatusCode)
				assert.Equal(s, "Rate limit exceeded", e.Message)
				assert.Equal(s, time.Hour, e.RetryAfter)
				assert.Equal(s, 1, e.Attempts)
				assert.Equal(s, junkie.OutcomeNotApplied, e.Outcome)
			})
			assert.Zero(s, time.Since(start))
		},
	},
}
