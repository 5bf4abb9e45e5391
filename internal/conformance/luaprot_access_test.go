package conformance

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// luaprotAccess is about who may do what, under which path, and how the vendor
// says yes and no.
var luaprotAccess = []scenario[*club]{
	{
		name:   "access: a word before the API key",
		proves: "auth.bare-key",
		finds:  []string{"Authorization was sent with Bearer in front", "Authorization was sent with bearer in front"},
		play: func(s *club) {
			for _, call := range s.everyCall() {
				for _, scheme := range []string{"Bearer", "bearer"} {
					a := s.raw(call.method, call.path, call.body, "Authorization: "+scheme+" "+s.LuaProt.APIKey())
					s.assertError(a, 401, noAPIKey)
				}
			}
			s.list(luaprot.ListKeysParams{})
			assert.Equal(s, s.LuaProt.APIKey(), s.seen.read().req.Header.Get("Authorization"))
		},
	},
	{
		name:   "access: no API key, or one that is unknown or revoked",
		proves: "auth.invalid",
		play: func(s *club) {
			mine := s.LuaProt.APIKey()
			for _, call := range s.everyCall() {
				for _, sent := range []string{"", "nobody", strings.ToUpper(mine), mine + "x", "Basic " + mine} {
					s.assertError(s.raw(call.method, call.path, call.body, "Authorization: "+sent), 401, noAPIKey)
				}
			}
			other := s.LuaProt.AddAPIKey()
			revoked := s.as(other)
			_, err := revoked.Keys.List(s.Context(), luaprot.ListKeysParams{})
			require.NoError(s, err, "a second API key works as the first")
			s.LuaProt.RevokeAPIKey(other)
			_, err = revoked.Keys.List(s.Context(), luaprot.ListKeysParams{})
			s.assertRefused(err, 401, noAPIKey, luaprot.ErrUnauthorized)
			_, err = s.as("nobody").Hub(s.home.ID).Add(s.Context(), luaprot.AddKeyParams{})
			s.assertRefused(err, 401, noAPIKey, luaprot.ErrUnauthorized)
			s.list(luaprot.ListKeysParams{})
		},
	},
	{
		name:   "access: another account",
		proves: "auth.account",
		play:   playOtherLuaProtAccount,
	},
	{
		name:   "access: an address that is not on the list",
		proves: "ip.whitelist ip.refusal",
		play: func(s *club) {
			calls, second, stranger := s.everyCall(), s.as(s.LuaProt.AddAPIKey()), s.as(s.LuaProt.AddAccount().APIKey())
			s.LuaProt.SetIPWhitelisted(false)
			for _, call := range calls {
				s.assertError(s.raw(call.method, call.path, call.body), 403, noAddress)
			}
			for _, client := range []*luaprot.Client{s.client, second} {
				s.unchanged(func() {
					_, err := client.Hub(s.home.ID).Add(s.Context(), luaprot.AddKeyParams{})
					s.assertRefused(err, 403, noAddress, luaprot.ErrForbidden, luaprot.ErrIPNotWhitelisted)
				})
			}
			_, err := stranger.Keys.List(s.Context(), luaprot.ListKeysParams{})
			require.NoError(s, err, "an account has a whitelist of its own")
			s.LuaProt.SetIPWhitelisted(true)
			s.add(luaprot.AddKeyParams{})
		},
	},
	{
		name:   "access: requests that do not say what they are",
		proves: "content-type.demanded content-type.lenient",
		finds:  []string{"the request was sent without Content-Type", `the request was sent as "text/plain"`},
		play: func(s *club) {
			for _, header := range []string{"Content-Type:", "Content-Type: text/plain"} {
				for _, call := range s.everyCall() {
					assert.Equal(s, 200, s.raw(call.method, call.path, call.body, header).Status, call.id)
				}
			}
			before := s.Server.Findings()
			assert.Equal(s, 200, s.rawFetch("", "Content-Type: Application/JSON; charset=utf-8").Status)
			key := s.add(luaprot.AddKeyParams{})
			for _, call := range []func(){
				func() { s.get(key.Value) }, func() { s.list(luaprot.ListKeysParams{}) }, func() { s.reset(key.Value) }, func() { s.remove(key.Value) },
			} { // without a body, too
				call()
				assert.Equal(s, "application/json", s.seen.read().req.Header.Get("Content-Type"))
			}
			assert.Equal(s, before, s.Server.Findings())
		},
	},
	{
		name:   "route: under the other version",
		proves: "route.versions",
		finds:  []string{"no route"},
		play: func(s *club) {
			other := strings.NewReplacer("/api/v1/", "/api/v2/", "/api/v2/", "/api/v1/")
			for _, call := range s.everyCall() {
				if s.luaprotURL != luaprot.DefaultBaseURL && !strings.Contains(call.path, "/hubs/") {
					continue // where all vendors share one host, these paths are Junkie's
				}
				s.assertError(s.raw(call.method, other.Replace(call.path), call.body), 404, noRoute)
			}
			for _, call := range s.everyCall() {
				assert.Equal(s, 200, s.raw(call.method, call.path, call.body).Status, call.id)
			}
		},
	},
	{
		name:   "route: a path that nothing has",
		proves: "route.unknown",
		finds:  []string{"no route"},
		play: func(s *club) {
			for _, path := range []string{"/api/v1/keys", "/api/v1/keys/fetch/", "/api/v1/hubs//keys/info", "/api/v1/hubs/get", s.v1("/keys/hwid/reset")} {
				for _, header := range []string{"Accept: application/json", "Authorization:"} {
					s.assertError(s.raw("GET", path, "", header), 404, noRoute)
				}
			}
		},
	},
	{
		name:   "route: a path with another method",
		proves: "route.method",
		finds:  []string{"is no method of"},
		play: func(s *club) {
			for method, path := range map[string]string{"POST": "/api/v1/keys/fetch", "PUT": s.v2("/keys/update"), "GET": s.v1("/hwid/reset")} {
				for _, header := range []string{"Accept: application/json", "Authorization:"} {
					a := s.raw(method, path, "", header)
					s.assertError(a, 404, noRoute)
					assert.Empty(s, a.Header.Get("Allow"))
				}
			}
		},
	},
	{
		name:   "answer: 200 and a message",
		proves: "answer.status answer.envelope info.answer delete.answer update.answer bulk.answer",
		play: func(s *club) {
			messages := map[string]string{
				"fetchKeys": "Successfully fetched keys.", "deleteKeys": "Key(s) have been deleted.", "addKey": "Key has been created successfully.",
				"generateKeys": "Keys have been generated successfully.", "getKeyInfo": "Successfully fetched key info.",
				"updateKey": "Key has been updated successfully.", "deleteKey": "Key has been deleted.",
			}
			members := map[string]string{
				"fetchKeys": "keys limitPerPage totalPages totalKeys", "addKey": "key", "generateKeys": "keys", "getKeyInfo": "key", "updateKey": "key",
			}
			for _, call := range s.everyCall() {
				a := s.raw(call.method, call.path, call.body)
				if call.id == "resetHWID" { // has an envelope of its own
					assert.Equal(s, 200, a.Status)
					continue
				}
				s.assertOK(a, messages[call.id])
				var body any
				require.NoError(s, json.Unmarshal([]byte(a.Body), &body))
				s.assertMembers(body, "success message "+members[call.id])
			}
		},
	},
	{
		name:   "error: one check after the other",
		proves: "error.order",
		finds:  []string{"no route"},
		play:   playLuaProtOrder,
	},
	{
		name:   "error: the first that is wrong",
		proves: "error.validation error.envelope",
		play: func(s *club) {
			s.assertError(s.rawAdd(`{"expire": 1, "note": 5, "discordId": 7}`), 400, "expire must be at least 3600.")
			s.assertError(s.rawAdd(`{"note": 5, "discordId": 7}`), 400, "note must be a string.")
			s.assertError(s.rawGenerate(`{"amount": 4, "expire": 1}`), 400, "amount must be at least 5.")
			s.assertError(s.rawFetch("page=0&active=x"), 400, "active must be true or false.")
			// The client refuses all that and tells everything at once.
			_, err := s.hub.Generate(s.Context(), luaprot.GenerateKeysParams{Amount: 4, ExpiresIn: time.Second})
			assert.Len(s, s.assertIs(err, luaprot.ErrInvalid).Fields, 2)
			// What else the vendor finds wrong is invalid as well.
			s.Server.Inject(mockserver.Fault{Op: luaprotmock.OpAddKey, Times: 1, Do: mockserver.Status(400).WithBody("application/json", refusalJSON("note is too long."))})
			_, err = s.hub.Add(s.Context(), luaprot.AddKeyParams{})
			s.assertRefused(err, 400, "note is too long.", luaprot.ErrInvalid)
		},
	},
	{
		name: "error: in a test's hands",
		play: func(s *club) {
			for status, want := range map[int]struct {
				message string
				kinds   []error
			}{
				401: {noAPIKey, []error{luaprot.ErrUnauthorized}},
				403: {noAddress, []error{luaprot.ErrForbidden, luaprot.ErrIPNotWhitelisted}},
				404: {noRoute, []error{luaprot.ErrNotFound}},
				429: {tooMany, []error{luaprot.ErrRateLimited}},
				500: {hasFailed, []error{luaprot.ErrServer}},
			} {
				client := s.clientWith(func(c *luaprot.Config) { c.Pacing, c.Retry.MaxAttempts = luaprot.NoPacing(), 1 })
				s.Server.Inject(mockserver.Fault{Op: luaprotmock.OpGetKeyInfo, Do: mockserver.Status(status), Times: 2})
				s.assertError(s.rawInfo("key=none"), status, want.message)
				_, err := client.Hub(s.home.ID).Get(s.Context(), luaprot.ByKey("none"))
				s.assertRefused(err, status, want.message, want.kinds...)
			}
		},
	},
}

// playLuaProtOrder sends requests that are wrong in every way from a certain
// check on: the first that fails answers.
func playLuaProtOrder(s *club) {
	s.seed(luaprotmock.Key{DiscordID: alice})
	barred := s.seed(luaprotmock.Key{GloballyBlacklisted: true})
	nowhere := s.in(luaprotmock.Hub{ID: "1"})
	const bad, anonymous, unknown = `{"expire": 1}`, "Authorization:", "key=none"
	s.LuaProt.SetIPWhitelisted(false)
	s.LuaProt.SetRateLimit(luaprotmock.RateWindow{Calls: 1, Per: time.Hour})
	s.assertError(s.raw("PATCH", nowhere.v2("/keys/updates?"+unknown), bad, anonymous), 404, noRoute)
	s.assertError(nowhere.rawUpdate(unknown, bad, anonymous), 401, noAPIKey)
	s.assertError(nowhere.rawUpdate(unknown, bad), 403, noAddress)
	s.LuaProt.SetIPWhitelisted(true)
	s.assertError(nowhere.rawUpdate(unknown, bad), 404, noHub) // and fills the window
	s.assertError(nowhere.rawUpdate(unknown, bad), 429, tooMany)
	s.LuaProt.SetRateLimit()
	s.assertError(nowhere.rawUpdate("", bad), 404, noHub)
	s.assertError(s.rawUpdate("", bad), 400, noLookup)
	s.assertError(s.rawUpdate(unknown, bad), 400, "expire must be at least 3600.")
	s.assertError(s.rawUpdate(unknown, `{}`), 404, notUpdated)
	s.assertError(s.rawUpdate("key="+barred, `{"blacklisted": false, "discordId": "`+alice+`"}`), 403, globally)
	s.assertError(s.rawUpdate("key="+barred, `{"note": "n", "discordId": "`+alice+`"}`), 400, taken)
}

// playOtherLuaProtAccount lets one account reach for everything of another.
func playOtherLuaProtAccount(s *club) {
	mine := s.add(luaprot.AddKeyParams{DiscordID: alice})
	account := s.LuaProt.AddAccount()
	hub := account.AddHub("their hub")
	stranger := s.as(account.APIKey())
	s.unchanged(func() {
		theirView := *s
		theirView.client, theirView.hub = stranger, stranger.Hub(s.home.ID)
		for _, ref := range []luaprot.KeyRef{mine.Ref(), luaprot.ByDiscordID(alice)} {
			_, err := theirView.hub.Get(s.Context(), ref)
			s.assertRefused(err, 404, noHub, luaprot.ErrNotFound, luaprot.ErrNoHub)
			_, err = stranger.Hub(hub.ID).Get(s.Context(), ref)
			s.assertRefused(err, 400, notFound, luaprot.ErrNotFound)
			s.assertIs(stranger.Hub(hub.ID).Delete(s.Context(), ref), luaprot.ErrNotFound)
		}
		_, err := theirView.hub.Add(s.Context(), luaprot.AddKeyParams{})
		s.assertRefused(err, http.StatusNotFound, noHub, luaprot.ErrNotFound, luaprot.ErrNoHub)
		_, err = stranger.Hub(hub.ID).Generate(s.Context(), luaprot.GenerateKeysParams{Amount: 5, LimitedScripts: []string{s.script.ID}})
		s.assertIs(err, luaprot.ErrInvalid)
		require.NoError(s, stranger.Keys.BulkDelete(s.Context(), []string{mine.Value}))
		for _, params := range []luaprot.ListKeysParams{{}, {HubID: s.home.ID}, {DiscordID: alice}, {Value: mine.Value}} {
			theirView.assertFinds(params)
		}
	})
	theirs := account.AddKey(luaprotmock.Key{DiscordID: alice})
	assert.Equal(s, hub.ID, theirs.HubID)
	page, err := stranger.Keys.List(s.Context(), luaprot.ListKeysParams{})
	require.NoError(s, err)
	require.Len(s, page.Keys, 1)
	assert.Equal(s, theirs.Value, page.Keys[0].Value)
	s.assertFinds(luaprot.ListKeysParams{}, mine.Value)
	second := *s
	second.client = s.as(s.LuaProt.AddAPIKey()) // of the same account: sees the same
	second.assertFinds(luaprot.ListKeysParams{}, mine.Value)
}

// luaprotRates is about too many calls.
var luaprotRates = []scenario[*club]{
	{
		name:   "rate: windows that slide",
		proves: "rate.window rate.text rate.uncounted rate.retry-after",
		play: func(s *club) {
			other := "Authorization: " + s.LuaProt.AddAPIKey()
			pass := func(headers ...string) { assert.Equal(s, 200, s.rawFetch("", headers...).Status) }
			full := func(after string) {
				a := s.rawAdd(`{}`)
				s.assertError(a, 429, tooMany)
				assert.Equal(s, after, a.Header.Get("Retry-After"))
			}
			s.LuaProt.SetRateLimit(luaprotmock.RateWindow{Calls: 2, Per: 10 * time.Second}, luaprotmock.RateWindow{Calls: 3, Per: time.Minute})
			pass()
			s.at(4 * time.Second)
			pass()
			s.at(10*time.Second - 1)
			for range 10 { // of which none counts
				full("1")
			}
			pass(other) // each API key has windows of its own
			s.at(10 * time.Second)
			pass()     // in the place of the first
			full("50") // 3 in the last minute
			s.at(59*time.Second + 999*time.Millisecond)
			full("1")
			s.LuaProt.SetRetryAfter(false)
			full("")
			s.LuaProt.SetRetryAfter(true)
			s.at(time.Minute)
			pass()
			full("4")
			s.LuaProt.SetRateLimit()
			for range 5 {
				pass()
			}
		},
	},
	{
		name:   "rate: every route",
		proves: "rate.routes",
		finds:  []string{"no route"},
		play: func(s *club) {
			calls := s.everyCall()
			s.LuaProt.SetRateLimit(luaprotmock.RateWindow{Calls: len(calls), Per: time.Minute})
			for _, call := range calls {
				assert.Equal(s, 200, s.raw(call.method, call.path, call.body).Status)
			}
			for _, call := range calls {
				s.assertError(s.raw(call.method, call.path, call.body), 429, tooMany)
			}
			s.LuaProt.SetRateLimit(luaprotmock.RateWindow{Calls: 2, Per: time.Minute})
			s.assertError(s.raw("GET", "/api/v1/nowhere", ""), 404, noRoute) // no key route
			s.assertError(s.rawFetch("", "Authorization: nobody"), 401, noAPIKey)
			s.assertError(s.rawInfo("key=none"), 400, notFound)
			s.assertError(s.in(luaprotmock.Hub{ID: "1"}).rawInfo("key=none"), 404, noHub)
			s.assertError(s.rawInfo("key=none"), 429, tooMany)
		},
	},
	{
		name:   "rate: a client that waits its turn",
		proves: "rate.limited rate.retry-after",
		play: func(s *club) {
			s.LuaProt.SetRateLimit(luaprotmock.DocumentedLimits()...)
			for range 20 {
				s.add(luaprot.AddKeyParams{})
			}
			time.Sleep(2500 * time.Millisecond)
			start := time.Now()
			s.add(luaprot.AddKeyParams{})
			assert.Equal(s, 8*time.Second, time.Since(start), "7.5 s, in whole seconds")
			s.Server.AssertCalls(s, 22, luaprotmock.OpAddKey)
			s.Server.AssertEffects(s, 21, luaprotmock.EffectKeyCreated)
		},
	},
	{
		name:   "rate: a vendor that does not say how long",
		proves: "rate.limited",
		play: func(s *club) {
			s.LuaProt.SetRateLimit(luaprotmock.DocumentedLimits()...)
			s.LuaProt.SetRetryAfter(false)
			for range 20 {
				s.add(luaprot.AddKeyParams{})
			}
			start := time.Now()
			s.add(luaprot.AddKeyParams{})
			assert.Equal(s, 10*time.Second, time.Since(start), "the shorter window")
		},
	},
	{
		name: "rate: a client that paces itself",
		play: func(s *club) {
			s.LuaProt.SetRateLimit(luaprotmock.DocumentedLimits()...)
			paced, start := s.luaprotClient(s.T), time.Now()
			for range 61 {
				_, err := paced.Keys.List(s.Context(), luaprot.ListKeysParams{})
				require.NoError(s, err)
			}
			assert.Equal(s, time.Minute, time.Since(start))
			s.Server.AssertCalls(s, 61, luaprotmock.OpFetchKeys)
		},
	},
}
