package conformance

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// luaprotChanges is about keys that are changed or deleted.
var luaprotChanges = []scenario[*club]{
	{
		name:   "update: nothing but what is sent",
		proves: "update.partial update.reason-cleared",
		play: func(s *club) {
			value := s.seed(s.fullKey())
			want := s.stored(value)
			s.at(time.Minute)
			same := luaprot.UpdateKeyParams{
				DiscordID: luaprot.Set(alice), Note: luaprot.Set(want.Note), Blacklisted: luaprot.Set(true),
				BlacklistReason: luaprot.Set(want.BlacklistReason), LimitedScripts: luaprot.Set(want.LimitedScripts),
			}
			s.unchanged(func() {
				s.update(value, luaprot.UpdateKeyParams{})
				assert.JSONEq(s, `{}`, s.seen.request())
				s.update(value, same)
			})
			for _, step := range []struct {
				params luaprot.UpdateKeyParams
				change func(*luaprotmock.Key)
			}{
				{luaprot.UpdateKeyParams{Note: luaprot.Set("n")}, func(k *luaprotmock.Key) { k.Note = "n" }},
				{luaprot.UpdateKeyParams{DiscordID: luaprot.Set(bob)}, func(k *luaprotmock.Key) { k.DiscordID = bob }},
				{luaprot.UpdateKeyParams{ExpiresIn: luaprot.Set(time.Hour)}, func(k *luaprotmock.Key) { k.ExpiresAt = opening.Add(time.Hour + time.Minute) }},
				{luaprot.UpdateKeyParams{BlacklistReason: luaprot.Set("s")}, func(k *luaprotmock.Key) { k.BlacklistReason = "s" }},
				{luaprot.UpdateKeyParams{LimitedScripts: luaprot.Set([]string{})}, func(k *luaprotmock.Key) { k.LimitedScripts = nil }},
				{luaprot.UpdateKeyParams{Blacklisted: luaprot.Set(false)}, func(k *luaprotmock.Key) { k.Blacklisted, k.BlacklistReason = false, "" }},
			} {
				step.change(&want)
				assert.Equal(s, []string{luaprotmock.EffectKeyUpdated + " " + value}, s.effects(func() { s.update(value, step.params) }))
				assert.Equal(s, want, s.stored(value))
			}
		},
	},
	{
		name:   "update: everything cleared",
		proves: "update.null key.nulls",
		play: func(s *club) {
			value := s.seed(s.fullKey())
			want := s.stored(value)
			s.update(value, luaprot.UpdateKeyParams{
				DiscordID: luaprot.Null[string](), ExpiresIn: luaprot.Null[time.Duration](), Note: luaprot.Null[string](),
				BlacklistReason: luaprot.Null[string](), LimitedScripts: luaprot.Set[[]string](nil),
			})
			assert.JSONEq(s, `{"discordId": null, "expire": null, "note": null, "blacklistReason": null, "limitedScripts": []}`, s.seen.request())
			want.DiscordID, want.ExpiresAt, want.Note, want.BlacklistReason, want.LimitedScripts = "", time.Time{}, "", "", nil
			assert.Equal(s, want, s.stored(value))
			_, found := s.LuaProt.KeyOfDiscord(s.home.ID, alice)
			assert.False(s, found)

			limited := s.seed(luaprotmock.Key{LimitedScripts: []string{s.script.ID}})
			s.assertFields(s.rawUpdate("key="+limited, `{"limitedScripts": null}`), map[string]any{"limitedScripts": nil})
			assert.Empty(s, s.stored(limited).LimitedScripts)
			s.assertLocal("LimitedScripts", func() error {
				_, err := s.hub.Update(s.Context(), luaprot.ByKey(limited), luaprot.UpdateKeyParams{LimitedScripts: luaprot.Null[[]string]()})
				return err
			})
		},
	},
	{
		name:   "update: what stays as it is",
		proves: "update.fixed",
		finds: []string{
			`field "activated" was ignored: it cannot be updated`,
			`field "executionCount" was ignored: it cannot be updated`,
			`field "hubId" was ignored: it cannot be updated`,
			`field "hwid" was ignored: it cannot be updated`,
			`field "key" was ignored: it cannot be updated`,
		},
		play: func(s *club) {
			value := s.seed(luaprotmock.Key{})
			s.unchanged(func() {
				a := s.rawUpdate("key="+value, `{"key": "mine", "hwid": "pc", "activated": true, "executionCount": 9, "hubId": "1"}`)
				s.assertFields(a, map[string]any{"key": value, "hubId": s.home.ID, "executionCount": 0.0})
			})
		},
	},
	{
		name:   "update: from one Discord user to the next",
		proves: "update.discord-twice update.discord filter.unassigned",
		play: func(s *club) {
			value := s.add(luaprot.AddKeyParams{}).Value
			unassigned := luaprot.ListKeysParams{Unassigned: luaprot.Set(true)}
			s.assertFinds(unassigned, value)
			s.update(value, luaprot.UpdateKeyParams{DiscordID: luaprot.Set(alice)})
			s.assertFinds(unassigned)

			next := luaprot.UpdateKeyParams{DiscordID: luaprot.Set(bob)}
			key, err := s.hub.Update(s.Context(), luaprot.ByDiscordID(alice), next)
			require.NoError(s, err)
			assert.Equal(s, alice, s.seen.query().Get("discordId"))
			assert.JSONEq(s, `{"discordId": "`+bob+`"}`, s.seen.request())
			assert.Equal(s, bob, key.DiscordID)
			_, err = s.hub.Update(s.Context(), luaprot.ByDiscordID(alice), next)
			s.assertRefused(err, 404, notUpdated, luaprot.ErrNotFound)
			got, err := s.hub.Get(s.Context(), luaprot.ByDiscordID(bob))
			require.NoError(s, err)
			assert.Equal(s, value, got.Value)

			s.add(luaprot.AddKeyParams{DiscordID: alice}) // who is free again
			s.update(value, luaprot.UpdateKeyParams{DiscordID: luaprot.Null[string]()})
			s.assertFinds(unassigned, value)
			s.add(luaprot.AddKeyParams{DiscordID: bob})
		},
	},
	{
		name:   "update: a Discord user who has a key",
		proves: "update.taken",
		play: func(s *club) {
			mine, other := s.seed(luaprotmock.Key{DiscordID: alice}), s.seed(luaprotmock.Key{})
			params := luaprot.UpdateKeyParams{DiscordID: luaprot.Set(alice), Note: luaprot.Set("n")}
			s.unchanged(func() {
				_, err := s.hub.Update(s.Context(), luaprot.ByKey(other), params)
				s.assertRefused(err, 400, taken, luaprot.ErrConflict, luaprot.ErrAlreadyWhitelisted)
			})
			assert.Equal(s, "n", s.update(mine, params).Note, "its own")
			elsewhere := s.in(s.LuaProt.AddHub("Other Hub"))
			assert.Equal(s, alice, elsewhere.update(elsewhere.seed(luaprotmock.Key{}), params).DiscordID)
		},
	},
	{
		name:   "update: an hour at least, as for new keys",
		proves: "update.expire-minimum",
		play: func(s *club) {
			value := s.seed(luaprotmock.Key{})
			for _, seconds := range []string{"-1", "0", "3599"} {
				s.assertError(s.rawUpdate("key="+value, `{"expire": `+seconds+`}`), 400, "expire must be at least 3600.")
			}
			for _, short := range []time.Duration{-time.Hour, 0, time.Hour - time.Second} {
				s.assertLocal("ExpiresIn", func() error {
					_, err := s.hub.Update(s.Context(), luaprot.ByKey(value), luaprot.UpdateKeyParams{ExpiresIn: luaprot.Set(short)})
					return err
				})
			}
			assert.Equal(s, opening.Add(time.Hour), s.update(value, luaprot.UpdateKeyParams{ExpiresIn: luaprot.Set(time.Hour)}).ExpiresAt)
		},
	},
	{
		name:   "update: a key that comes back",
		proves: "update.revive check.expired",
		play: func(s *club) {
			longer := s.add(luaprot.AddKeyParams{ExpiresIn: time.Hour}).Value
			forever := s.add(luaprot.AddKeyParams{ExpiresIn: time.Hour}).Value
			s.at(time.Hour)
			for _, value := range []string{longer, forever} {
				s.assertChecked(luaprotmock.CheckExpired, value, "pc")
			}
			s.update(longer, luaprot.UpdateKeyParams{ExpiresIn: luaprot.Set(time.Hour)})
			s.update(forever, luaprot.UpdateKeyParams{ExpiresIn: luaprot.Null[time.Duration]()})
			for _, value := range []string{longer, forever} {
				s.assertChecked(luaprotmock.CheckValid, value, "pc")
			}
		},
	},
	{
		name:   "blacklist: neither device nor counters",
		proves: "update.blacklist-device update.reason-optional check.blacklisted",
		play: func(s *club) {
			value := s.add(luaprot.AddKeyParams{}).Value
			s.assertChecked(luaprotmock.CheckValid, value, "pc")
			want := s.stored(value)
			key, err := s.hub.Blacklist(s.Context(), luaprot.ByKey(value), "")
			require.NoError(s, err)
			assert.JSONEq(s, `{"blacklisted": true}`, s.seen.request())
			assert.True(s, key.Blacklisted)
			assert.Contains(s, s.seen.answer(), `"blacklistReason":null`)
			assert.Equal(s, "Key is blacklisted.", s.assertChecked(luaprotmock.CheckBlacklisted, value, "pc").Message)
			_, err = s.hub.Unblacklist(s.Context(), luaprot.ByKey(value))
			require.NoError(s, err)
			assert.Equal(s, want, s.stored(value))
		},
	},
	{
		name:   "blacklist: a reason for nothing",
		proves: "update.reason-only update.blacklisted-null update.reason-cleared",
		play: func(s *club) {
			value := s.seed(luaprotmock.Key{})
			for _, c := range []struct {
				body        string
				blacklisted bool
				reason      any
			}{
				{`{"blacklistReason": "r"}`, false, nil},
				{`{"blacklisted": false, "blacklistReason": "r"}`, false, nil},
				{`{"blacklisted": true, "blacklistReason": "r"}`, true, "r"},
				{`{"blacklistReason": "s"}`, true, "s"},
				{`{"blacklisted": true}`, true, "s"},
				{`{"blacklistReason": ""}`, true, ""},
				{`{"blacklisted": false}`, false, nil},
				{`{"blacklisted": true}`, true, nil},
			} {
				s.assertFields(s.rawUpdate("key="+value, c.body), map[string]any{"blacklisted": c.blacklisted, "blacklistReason": c.reason})
			}
			s.assertError(s.rawUpdate("key="+value, `{"blacklisted": null}`), 400, "blacklisted must not be null.")
			s.assertLocal("Blacklisted", func() error {
				_, err := s.hub.Update(s.Context(), luaprot.ByKey(value), luaprot.UpdateKeyParams{Blacklisted: luaprot.Null[bool]()})
				return err
			})
		},
	},
	{
		name:   "delete: gone for good",
		proves: "delete.gone delete.answer",
		play: func(s *club) {
			value := s.add(luaprot.AddKeyParams{DiscordID: alice}).Value
			kept := s.add(luaprot.AddKeyParams{}).Value
			assert.Equal(s, []string{luaprotmock.EffectKeyDeleted + " " + value}, s.effects(func() { s.remove(value) }))
			s.assertExchange("", `{"success": true, "message": "Key has been deleted."}`)
			s.assertNowhere("key=" + value)
			s.assertNowhere("discordId=" + alice)
			s.assertFinds(luaprot.ListKeysParams{}, kept)
			s.assertChecked(luaprotmock.CheckInvalid, value, "pc")
			assert.NotEqual(s, value, s.add(luaprot.AddKeyParams{DiscordID: alice}).Value)
		},
	},
	{
		name:   "reset: again and again",
		proves: "reset.gap reset.counts reset.list",
		play: func(s *club) {
			slow := s.in(s.LuaProt.AddHub("Slow Hub", luaprotmock.ResetGap(time.Hour)))
			value := slow.seed(luaprotmock.Key{HWID: "pc", Activated: true, Executions: 3, ExpiresAt: opening.Add(time.Hour), Note: "n"})
			want := s.stored(value)
			for n := range 3 { // from the second on there is no device
				s.at(time.Duration(n) * time.Minute)
				assert.Equal(s, []string{value}, slow.reset(value))
				want.HWID, want.HWIDResets, want.LastHWIDResetAt = "", int64(n+1), opening.Add(time.Duration(n)*time.Minute)
				assert.Equal(s, want, s.stored(value))
			}
			key := slow.get(value)
			assert.Equal(s, 3, key.HWIDResetCount)
			assert.Equal(s, 3, key.ExecutionCount)
		},
	},
	{
		name:   "bulk delete: from all hubs",
		proves: "bulk.hubs bulk.skips bulk.answer",
		play: func(s *club) {
			other := s.in(s.LuaProt.AddHub("Other Hub"))
			one, two, kept := s.seed(luaprotmock.Key{DiscordID: alice}), other.seed(luaprotmock.Key{}), s.seed(luaprotmock.Key{})
			theirs := s.LuaProt.AddAccount().AddKey(luaprotmock.Key{}).Value
			keys := []string{one, "none", two, theirs, one}
			effects := s.effects(func() { require.NoError(s, s.client.Keys.BulkDelete(s.Context(), keys)) })
			assert.Equal(s, []string{luaprotmock.EffectKeyDeleted + " " + one, luaprotmock.EffectKeyDeleted + " " + two}, effects)
			sent, err := json.Marshal(keys)
			require.NoError(s, err)
			const done = `{"success": true, "message": "Key(s) have been deleted."}`
			s.assertExchange(string(sent), done)
			s.unchanged(func() { require.NoError(s, s.client.Keys.BulkDelete(s.Context(), keys)) })
			s.assertExchange(string(sent), done)
			s.assertFinds(luaprot.ListKeysParams{}, kept)
			s.stored(theirs)
			s.add(luaprot.AddKeyParams{DiscordID: alice})
		},
	},
	{
		name:   "bulk delete: texts, one to a thousand",
		proves: "bulk.form bulk.most",
		play: func(s *club) {
			value := s.seed(luaprotmock.Key{})
			s.assertError(s.rawBulk(`[]`), 400, "body must have at least 1 item.")
			for _, body := range []string{`null`, `"a"`, `5`, `{"a": "b"}`} {
				s.assertError(s.rawBulk(body), 400, "body must be an array of strings.")
			}
			for _, item := range []string{"null", "1", "true", `["a"]`, "{}"} {
				s.assertError(s.rawBulk(`["`+value+`", `+item+`]`), 400, "body[1] must be a string.")
			}
			s.assertLocal("keys", func() error { return s.client.Keys.BulkDelete(s.Context(), nil) })
			s.assertLocal("keys[1]", func() error { return s.client.Keys.BulkDelete(s.Context(), []string{"a", ""}) })
			many := strings.Split(strings.Repeat("a ", 1000)+value, " ")
			err := s.client.Keys.BulkDelete(s.Context(), many)
			s.assertRefused(err, 400, "body must have at most 1000 items, has 1001.", luaprot.ErrInvalid)
			s.stored(value)
			require.NoError(s, s.client.Keys.BulkDelete(s.Context(), many[1:]))
			s.assertFinds(luaprot.ListKeysParams{})
		},
	},
}
