package conformance

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// What the vendor says, to the letter.
const (
	taken      = "Discord ID is already whitelisted to the hub."
	noRoom     = "You can only have a maximum of 300 unassigned keys per hub."
	globally   = "This key is globally blacklisted and can only be unblacklisted by LuaProt."
	noHub      = "Hub not found or linked to your account."
	noHubs     = "No hub(s) linked to your account."
	noLookup   = "discordId or key must be given."
	noAPIKey   = "Invalid API key."
	noAddress  = "IP address is not whitelisted."
	noRoute    = "Route not found."
	tooMany    = "Too many requests."
	hasFailed  = "Internal server error."
	notFound   = "Key could not be found."
	notUpdated = "Key has not been found."
	notReset   = "No key(s) found."
)

// luaprotVectors are worked examples: one rule after the other on one key, with
// the outcome at each moment.
var luaprotVectors = []scenario[*club]{
	{
		name:   "vector 1: the shape of an added key",
		proves: "expire.seconds shape.short key.times add.answer expire.from-creation",
		play: func(s *club) {
			key := s.add(luaprot.AddKeyParams{DiscordID: alice, ExpiresIn: 24 * time.Hour})
			s.assertExchange(`{"discordId": "`+alice+`", "expire": 86400}`, fmt.Sprintf(`{
				"success": true, "message": "Key has been created successfully.", "key": {
				"hubId": %q, "discordId": %q, "key": %q, "expire": 1764835962, "note": null, "created": 1764749562,
				"hwidResetCount": 0, "lastHwidReset": 0, "executionCount": 0, "lastExecution": 0,
				"blacklisted": false, "blacklistReason": null, "limitedScripts": null, "discordData": null}}`,
				s.home.ID, alice, key.Value))
			assert.Equal(s, &luaprot.Key{
				Value: key.Value, HubID: s.home.ID, DiscordID: alice, CreatedAt: opening, ExpiresAt: time.Unix(1764835962, 0).UTC(),
			}, key)
			for _, absent := range []bool{key.HWID.IsZero(), key.Activated.IsZero(), key.HubName.IsZero(), key.AdvertiseID.IsZero()} {
				assert.True(s, absent)
			}
		},
	},
	{
		name:   "vector 2: one key for a Discord user",
		proves: "discord.taken discord.per-hub",
		play: func(s *club) {
			key := s.add(luaprot.AddKeyParams{DiscordID: alice})
			s.unchanged(func() {
				_, err := s.hub.Add(s.Context(), luaprot.AddKeyParams{DiscordID: alice, ExpiresIn: time.Hour})
				s.assertRefused(err, 400, taken, luaprot.ErrConflict, luaprot.ErrAlreadyWhitelisted)
			})
			other := s.in(s.LuaProt.AddHub("Other Hub"))
			elsewhere := other.add(luaprot.AddKeyParams{DiscordID: alice})
			assert.NotEqual(s, key.Value, elsewhere.Value)
			assert.Equal(s, other.home.ID, elsewhere.HubID)
			s.remove(key.Value)
			s.add(luaprot.AddKeyParams{DiscordID: alice})
		},
	},
	{
		name:   "vector 3: an hour at least",
		proves: "expire.minimum expire.lifetime key.lifetime",
		play: func(s *club) {
			s.assertError(s.rawAdd(`{"expire": 3599}`), 400, "expire must be at least 3600.")
			s.assertError(s.rawGenerate(`{"amount": 5, "expire": 3599}`), 400, "expire must be at least 3600.")
			for _, short := range []time.Duration{time.Hour - time.Second, time.Second, -time.Hour, time.Hour + time.Millisecond} {
				s.assertLocal("ExpiresIn", func() error {
					_, err := s.hub.Add(s.Context(), luaprot.AddKeyParams{ExpiresIn: short})
					return err
				})
			}
			assert.Equal(s, opening.Add(time.Hour), s.add(luaprot.AddKeyParams{ExpiresIn: time.Hour}).ExpiresAt)
			key := s.add(luaprot.AddKeyParams{})
			assert.Contains(s, s.seen.answer(), `"expire":null`)
			assert.Zero(s, key.ExpiresAt)
			s.at(100 * 365 * 24 * time.Hour)
			s.assertChecked(luaprotmock.CheckValid, key.Value, "pc")
		},
	},
	{
		name:   "vector 4: five to three hundred",
		proves: "generate.amount generate.answer unassigned.generate generate.all-or-none",
		play: func(s *club) {
			for amount, words := range map[int]string{4: "at least 5", 301: "at most 300", 0: "at least 5", -5: "at least 5"} {
				s.assertError(s.rawGenerate(fmt.Sprintf(`{"amount": %d}`, amount)), 400, "amount must be "+words+".")
				s.assertLocal("Amount", func() error {
					_, err := s.hub.Generate(s.Context(), luaprot.GenerateKeysParams{Amount: amount})
					return err
				})
			}
			values := s.generate(luaprot.GenerateKeysParams{Amount: 5})
			assert.Len(s, values, 5)
			s.assertExchange(`{"amount": 5}`, fmt.Sprintf(
				`{"success": true, "message": "Keys have been generated successfully.", "keys": [%q, %q, %q, %q, %q]}`,
				values[0], values[1], values[2], values[3], values[4]))
			s.assertFinds(luaprot.ListKeysParams{}, values...)

			full := s.in(s.LuaProt.AddHub("Full Hub"))
			full.fill(4)
			unassigned := luaprot.ListKeysParams{HubID: full.home.ID, Unassigned: luaprot.Set(true)}
			s.unchanged(func() {
				_, err := full.hub.Generate(s.Context(), luaprot.GenerateKeysParams{Amount: 5})
				s.assertRefused(err, 400, noRoom, luaprot.ErrConflict, luaprot.ErrUnassignedLimit)
			})
			assert.Equal(s, 296, s.list(unassigned).Total)
			last := s.LuaProt.Keys()[305-5]
			full.remove(last.Value)
			assert.Equal(s, 295, s.list(unassigned).Total)
			full.generate(luaprot.GenerateKeysParams{Amount: 5})
			assert.Equal(s, 300, s.list(unassigned).Total)
		},
	},
	{
		name:   "vector 5: the life of a generated key",
		proves: "check.valid check.binds check.counts state.unassigned state.active filter.unassigned filter.active",
		play: func(s *club) {
			value := s.generate(luaprot.GenerateKeysParams{Amount: 5})[0]
			unassigned, active := luaprot.ListKeysParams{Unassigned: luaprot.Set(true)}, luaprot.ListKeysParams{Active: luaprot.Set(true)}
			assert.Contains(s, s.found(unassigned), value)
			assert.Empty(s, s.found(active))
			s.assertChecked(luaprotmock.CheckValid, value, "H1")
			key := s.get(value)
			assert.Equal(s, luaprot.Set(true), key.Activated)
			assert.Equal(s, luaprot.Set("H1"), key.HWID)
			assert.Equal(s, 1, key.ExecutionCount)
			assert.Equal(s, opening, key.LastExecutionAt)
			assert.NotContains(s, s.found(unassigned), value)
			assert.Equal(s, []string{value}, s.found(active))
		},
	},
	{
		name:   "vector 6: one device at a time",
		proves: "check.hwid-mismatch check.refused reset.answer reset.spelling reset.list reset.counts",
		play: func(s *club) {
			value := s.add(luaprot.AddKeyParams{}).Value
			s.assertChecked(luaprotmock.CheckValid, value, "H1")
			before := s.stored(value)
			s.assertChecked(luaprotmock.CheckHWIDMismatch, value, "H2")
			assert.Equal(s, before, s.stored(value))
			assert.Equal(s, 1, s.get(value).ExecutionCount)
			s.at(time.Minute)
			assert.Equal(s, []string{value}, s.reset(value))
			s.assertExchange("", `{"succcess": true, "message": "HWID(s) have been reset successfully.", "resets": ["`+value+`"]}`)
			key := s.get(value)
			assert.True(s, key.HWID.IsNull())
			assert.Equal(s, 1, key.HWIDResetCount)
			assert.Equal(s, opening.Add(time.Minute), key.LastHWIDResetAt)
			assert.Equal(s, luaprot.Set(true), key.Activated, "a reset keeps that")
			s.assertChecked(luaprotmock.CheckValid, value, "H2")
		},
	},
	{
		name:   "vector 7: a deadline that moves",
		proves: "update.expire-from-now update.expire-kept update.null",
		play: func(s *club) {
			value := s.add(luaprot.AddKeyParams{ExpiresIn: 24 * time.Hour}).Value
			for _, at := range []time.Duration{5 * time.Minute, 10 * time.Minute} {
				s.at(at)
				key := s.update(value, luaprot.UpdateKeyParams{ExpiresIn: luaprot.Set(2 * time.Hour)})
				assert.Equal(s, opening.Add(at+2*time.Hour), key.ExpiresAt)
				assert.JSONEq(s, `{"expire": 7200}`, s.seen.request())
			}
			s.at(time.Hour)
			key := s.update(value, luaprot.UpdateKeyParams{Note: luaprot.Set("n")})
			assert.Equal(s, opening.Add(10*time.Minute+2*time.Hour), key.ExpiresAt)
			key = s.update(value, luaprot.UpdateKeyParams{ExpiresIn: luaprot.Null[time.Duration]()})
			assert.JSONEq(s, `{"expire": null}`, s.seen.request())
			assert.Zero(s, key.ExpiresAt)
			assert.Contains(s, s.seen.answer(), `"expire":null`)
		},
	},
	{
		name:   "vector 8: a key that is not there",
		proves: "not-found.info not-found.delete not-found.update not-found.reset bulk.skips",
		play: func(s *club) {
			s.seed(luaprotmock.Key{})
			s.unchanged(func() {
				for _, ref := range []luaprot.KeyRef{luaprot.ByKey("none"), luaprot.ByDiscordID(alice)} {
					_, err := s.hub.Get(s.Context(), ref)
					s.assertRefused(err, 400, notFound, luaprot.ErrNotFound)
					err = s.hub.Delete(s.Context(), ref)
					s.assertRefused(err, 400, notFound, luaprot.ErrNotFound)
					_, err = s.hub.Update(s.Context(), ref, luaprot.UpdateKeyParams{})
					s.assertRefused(err, 404, notUpdated, luaprot.ErrNotFound)
					_, err = s.hub.ResetHWID(s.Context(), ref)
					s.assertRefused(err, 400, notReset, luaprot.ErrNotFound)
				}
				require.NoError(s, s.client.Keys.BulkDelete(s.Context(), []string{"none"}))
				s.assertExchange(`["none"]`, `{"success": true, "message": "Key(s) have been deleted."}`)
			})
		},
	},
	{
		name:   "vector 9: a lookup by nothing",
		proves: "lookup.required lookup.missing",
		play: func(s *club) {
			s.seed(luaprotmock.Key{})
			s.unchanged(func() {
				for _, l := range s.lookups() {
					s.assertError(l.send(""), 400, noLookup)
					s.assertError(l.send("key=&discordId="), 400, noLookup)
				}
			})
			for _, ref := range []luaprot.KeyRef{{}, luaprot.ByKey(""), luaprot.ByDiscordID("")} {
				for _, call := range []func() error{
					func() error { _, err := s.hub.Get(s.Context(), ref); return err },
					func() error { _, err := s.hub.Update(s.Context(), ref, luaprot.UpdateKeyParams{}); return err },
					func() error { _, err := s.hub.ResetHWID(s.Context(), ref); return err },
					func() error { return s.hub.Delete(s.Context(), ref) },
				} {
					s.assertLocal("ref", call)
				}
			}
		},
	},
	{
		name:   "vector 10: blacklisted by the vendor",
		proves: "global-blacklist.refused global-blacklist.else",
		play: func(s *club) {
			value := s.add(luaprot.AddKeyParams{}).Value
			s.LuaProt.BlacklistGlobally(value, "abuse")
			s.unchanged(func() {
				_, err := s.hub.Unblacklist(s.Context(), luaprot.ByKey(value))
				s.assertRefused(err, 403, globally, luaprot.ErrForbidden, luaprot.ErrGloballyBlacklisted)
				s.assertError(s.rawUpdate("key="+value, `{"blacklisted": false, "note": "n"}`), 403, globally)
			})
			key := s.get(value)
			assert.True(s, key.Blacklisted)
			assert.Equal(s, "abuse", key.BlacklistReason)
			key = s.update(value, luaprot.UpdateKeyParams{
				Note: luaprot.Set("n"), ExpiresIn: luaprot.Set(time.Hour), DiscordID: luaprot.Set(alice),
				Blacklisted: luaprot.Set(true), BlacklistReason: luaprot.Set("mine"),
			})
			assert.Equal(s, "n", key.Note)
			assert.Equal(s, "mine", key.BlacklistReason)
			assert.True(s, s.stored(value).GloballyBlacklisted)
			s.LuaProt.LiftGlobalBlacklist(value)
			assert.False(s, s.get(value).Blacklisted)
			s.reset(value)
			s.remove(value)
		},
	},
	{
		name:   "vector 11: blacklisted for a while",
		proves: "update.blacklist update.reason-cleared check.blacklisted",
		play: func(s *club) {
			value := s.add(luaprot.AddKeyParams{}).Value
			key, err := s.hub.Blacklist(s.Context(), luaprot.ByKey(value), "r")
			require.NoError(s, err)
			assert.JSONEq(s, `{"blacklisted": true, "blacklistReason": "r"}`, s.seen.request())
			assert.True(s, key.Blacklisted)
			assert.Equal(s, "r", key.BlacklistReason)
			assert.Equal(s, "r", s.assertChecked(luaprotmock.CheckBlacklisted, value, "pc").Message)
			key, err = s.hub.Unblacklist(s.Context(), luaprot.ByKey(value))
			require.NoError(s, err)
			assert.JSONEq(s, `{"blacklisted": false}`, s.seen.request())
			assert.False(s, key.Blacklisted)
			assert.Contains(s, s.seen.answer(), `"blacklistReason":null`)
			s.assertChecked(luaprotmock.CheckValid, value, "pc")
		},
	},
	{
		name:   "vector 12: twenty-six keys",
		proves: "fetch.page-size fetch.totals fetch.past-end fetch.answer",
		play: func(s *club) {
			for range 26 {
				s.seed(luaprotmock.Key{})
			}
			for page, keys := range map[int]int{0: 25, 1: 25, 2: 1, 3: 0, 1 << 40: 0} {
				got := s.list(luaprot.ListKeysParams{Page: page})
				assert.Len(s, got.Keys, keys)
				got.Keys = nil
				assert.Equal(s, &luaprot.KeyPage{Limit: 25, Total: 26, TotalPages: 2}, got)
			}
			assert.Equal(s, []any{}, s.rawFetch("page=3").at(s, "keys"))
			a := s.assertOK(s.rawFetch("page=2"), "Successfully fetched keys.")
			assert.Equal(s, []any{25.0, 2.0, 26.0}, []any{a.at(s, "limitPerPage"), a.at(s, "totalPages"), a.at(s, "totalKeys")})
			seen := map[string]bool{}
			for key, err := range s.client.Keys.All(s.Context(), luaprot.ListKeysParams{}) {
				require.NoError(s, err)
				seen[key.Value] = true
			}
			assert.Len(s, seen, 26)
		},
	},
	{
		name:   "vector 13: the states share out all keys",
		proves: "filter.and filter.false state.expired state.unassigned state.active filter.blacklisted filter.expired",
		play:   playStates,
	},
	{
		name:   "vector 14: limited to scripts",
		proves: "check.script-not-allowed update.scripts scripts.empty scripts.foreign",
		play: func(s *club) {
			second := s.LuaProt.AddScript(s.home.ID, "second")
			value := s.add(luaprot.AddKeyParams{LimitedScripts: []string{s.script.ID}}).Value
			s.assertCheckedBy(second.ID, luaprotmock.CheckScriptNotAllowed, value, "pc")
			s.assertCheckedBy(s.script.ID, luaprotmock.CheckValid, value, "pc")
			key := s.update(value, luaprot.UpdateKeyParams{LimitedScripts: luaprot.Set([]string{})})
			s.assertBody(`{"limitedScripts": []}`, s.seen.request())
			assert.Contains(s, s.seen.answer(), `"limitedScripts":null`)
			assert.Empty(s, key.LimitedScripts)
			s.assertCheckedBy(second.ID, luaprotmock.CheckValid, value, "pc")

			foreign := s.LuaProt.AddScript(s.LuaProt.AddHub("Other Hub").ID, "foreign")
			const words = "limitedScripts[0] is no script of the hub."
			s.unchanged(func() {
				for _, id := range []string{foreign.ID, "nothing"} {
					_, err := s.hub.Update(s.Context(), luaprot.ByKey(value), luaprot.UpdateKeyParams{LimitedScripts: luaprot.Set([]string{id})})
					s.assertRefused(err, 400, words, luaprot.ErrInvalid)
					_, err = s.hub.Add(s.Context(), luaprot.AddKeyParams{LimitedScripts: []string{id}})
					s.assertRefused(err, 400, words, luaprot.ErrInvalid)
					_, err = s.hub.Generate(s.Context(), luaprot.GenerateKeysParams{Amount: 5, LimitedScripts: []string{id}})
					s.assertRefused(err, 400, words, luaprot.ErrInvalid)
				}
			})
		},
	},
	{
		name:   "vector 15: twenty in ten seconds, sixty in a minute",
		proves: "rate.limited rate.window",
		play: func(s *club) {
			s.LuaProt.SetRateLimit(luaprotmock.DocumentedLimits()...)
			client := s.clientWith(func(c *luaprot.Config) { c.Pacing, c.Retry.MaxAttempts = luaprot.NoPacing(), 1 })
			pass := func(calls int) {
				s.Helper()
				for range calls {
					_, err := client.Keys.List(s.Context(), luaprot.ListKeysParams{})
					require.NoError(s, err)
				}
			}
			full := func(wait time.Duration) {
				s.Helper()
				_, err := client.Keys.List(s.Context(), luaprot.ListKeysParams{})
				assert.Equal(s, wait, s.assertRefused(err, 429, tooMany, luaprot.ErrRateLimited).RetryAfter)
			}
			for range 20 {
				pass(1)
				time.Sleep(499 * time.Millisecond)
			}
			full(time.Second) // 20 in 9.98 s: the first leaves after 10
			time.Sleep(20 * time.Millisecond)
			pass(1)
			time.Sleep(10 * time.Second)
			pass(20)
			time.Sleep(10 * time.Second)
			pass(19)
			full(30 * time.Second) // it would be the 61st within 60 s
			time.Sleep(29*time.Second + 999*time.Millisecond)
			full(time.Second)
			time.Sleep(time.Second)
			pass(1)
		},
	},
	{
		name:   "vector 16: each route its own shape",
		proves: "shape.fetch shape.info shape.short",
		play: func(s *club) {
			const common = "hubId discordId key expire note created hwidResetCount lastHwidReset executionCount lastExecution " +
				"blacklisted blacklistReason limitedScripts discordData"
			full, bare := s.seed(s.fullKey()), s.seed(luaprotmock.Key{})
			for _, value := range []string{full, bare} { // members do not depend on values
				fetched := s.rawFetch("key="+value).at(s, "keys.0")
				s.assertMembers(fetched, common+" advertiseId activated hwid hubName")
				assert.Equal(s, "Main Hub", fetched.(map[string]any)["hubName"])
				s.assertMembers(s.rawInfo("key="+value).at(s, "key"), common+" advertiseId activated hwid")
				s.assertMembers(s.rawUpdate("key="+value, `{}`).at(s, "key"), common)
			}
			s.assertMembers(s.rawAdd(`{}`).at(s, "key"), common)

			listed, got := s.list(luaprot.ListKeysParams{Value: bare}).Keys[0], s.get(bare)
			assert.Equal(s, luaprot.Set("Main Hub"), listed.HubName)
			assert.True(s, got.HubName.IsZero())
			listed.HubName = got.HubName
			assert.Equal(s, listed, got)
			assert.True(s, got.HWID.IsNull())
			assert.Equal(s, luaprot.Set(false), got.Activated)
			for _, unknown := range []bool{got.HWID.IsZero(), got.Activated.IsZero(), got.AdvertiseID.IsZero()} {
				assert.False(s, unknown)
			}
			short := s.update(bare, luaprot.UpdateKeyParams{})
			assert.True(s, short.HWID.IsZero() && short.Activated.IsZero() && short.AdvertiseID.IsZero() && short.HubName.IsZero())
		},
	},
	{
		name:   "vector 17: no such hub",
		proves: "hub.not-found bulk.no-hubs",
		play: func(s *club) {
			hub, ref := s.client.Hub("40511091490620200512"), luaprot.ByKey("none")
			for _, call := range []func() error{
				func() error { _, err := hub.Add(s.Context(), luaprot.AddKeyParams{}); return err },
				func() error { _, err := hub.Generate(s.Context(), luaprot.GenerateKeysParams{Amount: 5}); return err },
				func() error { _, err := hub.Get(s.Context(), ref); return err },
				func() error { _, err := hub.Update(s.Context(), ref, luaprot.UpdateKeyParams{}); return err },
				func() error { return hub.Delete(s.Context(), ref) },
				func() error { _, err := hub.ResetHWID(s.Context(), ref); return err },
			} {
				s.unchanged(func() { s.assertRefused(call(), 404, noHub, luaprot.ErrNotFound, luaprot.ErrNoHub) })
			}
			nobody := s.as(s.LuaProt.AddAccount().APIKey())
			err := nobody.Keys.BulkDelete(s.Context(), []string{"none"})
			s.assertRefused(err, 404, noHubs, luaprot.ErrNotFound, luaprot.ErrNoHub)
			for _, id := range []string{"", ".", ".."} {
				s.assertLocal("hub", func() error { _, err := s.client.Hub(id).Get(s.Context(), ref); return err })
			}
		},
	},
}

// playStates follows many keys through an hour or two.
func playStates(s *club) {
	for i := range 40 {
		key := s.add(luaprot.AddKeyParams{ExpiresIn: time.Hour + time.Duration(i%5)*10*time.Minute})
		if i%3 == 0 {
			s.assertChecked(luaprotmock.CheckValid, key.Value, fmt.Sprint("device", i))
		}
		if i%7 == 0 {
			_, err := s.hub.Blacklist(s.Context(), key.Ref(), "")
			require.NoError(s, err)
		}
	}
	yes, no := luaprot.Set(true), luaprot.Set(false)
	total := func(params luaprot.ListKeysParams) int { return s.list(params).Total }
	for at := time.Duration(0); at <= 2*time.Hour; at += 20 * time.Minute {
		s.at(at)
		states := map[string]int{}
		for _, key := range s.LuaProt.Keys() {
			states[key.Status(s.Server.Now())]++
		}
		assert.Equal(s, states, without0(map[string]int{
			luaprotmock.StatusBlacklisted: total(luaprot.ListKeysParams{Blacklisted: yes}),
			luaprotmock.StatusExpired:     total(luaprot.ListKeysParams{Expired: yes, Blacklisted: no}),
			luaprotmock.StatusUnassigned:  total(luaprot.ListKeysParams{Unassigned: yes, Expired: no, Blacklisted: no}),
			luaprotmock.StatusActive:      total(luaprot.ListKeysParams{Active: yes}),
		}), "at %v", at)
		assert.Equal(s, 40, total(luaprot.ListKeysParams{}))
		assert.Equal(s, 40-states[luaprotmock.StatusBlacklisted], total(luaprot.ListKeysParams{Blacklisted: no}))
		for _, never := range []luaprot.ListKeysParams{{Expired: yes, Active: yes}, {Blacklisted: yes, Active: yes}, {Unassigned: yes, Active: yes}} {
			assert.Zero(s, total(never))
		}
	}
}

func without0(counts map[string]int) map[string]int {
	for name, n := range counts {
		if n == 0 {
			delete(counts, name)
		}
	}
	return counts
}
