package conformance

import (
	"fmt"
	"math/big"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// luaprotCreation is about new keys, and about what every key looks like.
var luaprotCreation = []scenario[*club]{
	{
		name:   "key: ids beyond 64 bits",
		proves: "key.ids",
		play: func(s *club) {
			most := new(big.Int).SetUint64(1<<64 - 1)
			for range 20 {
				hub := s.in(s.LuaProt.AddHub("hub"))
				script := s.LuaProt.AddScript(hub.home.ID, "script")
				key := hub.add(luaprot.AddKeyParams{LimitedScripts: []string{script.ID}})
				assert.Equal(s, hub.home.ID, key.HubID)
				assert.Equal(s, []string{script.ID}, key.LimitedScripts)
				for _, id := range []string{key.HubID, key.LimitedScripts[0]} {
					assert.Regexp(s, `^[0-9]{20}$`, id)
					n, _ := new(big.Int).SetString(id, 10)
					assert.Positive(s, n.Cmp(most), id)
					assert.Contains(s, s.seen.answer(), `"`+id+`"`)
				}
			}
		},
	},
	{
		name:   "key: values",
		proves: "key.value key.unique key.reserved check.invalid",
		play: func(s *club) {
			seen := map[string]bool{}
			for range 3 {
				hub := s.in(s.LuaProt.AddHub("hub"))
				for _, value := range hub.generate(luaprot.GenerateKeysParams{Amount: 299}) {
					assert.Regexp(s, `^[0-9a-f]{24}$`, value)
					seen[value] = true
				}
				seen[hub.add(luaprot.AddKeyParams{}).Value] = true
			}
			assert.Len(s, seen, 900)
			assert.False(s, seen["x"])
			s.assertChecked(luaprotmock.CheckInvalid, "x", "pc")
			s.assertLocal("ref", func() error { _, err := s.hub.Get(s.Context(), luaprot.ByKey("x")); return err })
		},
	},
	{
		name:   "key: times to the second",
		proves: "key.whole-seconds key.times",
		play: func(s *club) {
			s.at(1999 * time.Millisecond)
			s.assertFields(s.rawAdd(`{"expire": 3600}`), map[string]any{"created": since(time.Second), "expire": since(time.Hour + time.Second)})
			value := s.seed(luaprotmock.Key{ExpiresAt: opening.Add(2*time.Hour + 999*time.Millisecond)})
			s.assertChecked(luaprotmock.CheckValid, value, "pc")
			s.reset(value)
			s.assertFields(s.rawInfo("key="+value), map[string]any{
				"expire": since(2 * time.Hour), "lastExecution": since(time.Second), "lastHwidReset": since(time.Second),
			})
			key := s.get(value)
			assert.Equal(s, opening.Add(2*time.Hour), key.ExpiresAt)
			assert.Equal(s, opening.Add(time.Second), key.LastExecutionAt)
			assert.Equal(s, opening.Add(time.Second), key.LastHWIDResetAt)
			assert.Equal(s, opening.Add(time.Second), key.CreatedAt)
		},
	},
	{
		name: "key: nothing but what it must have",
		proves: "key.never key.nulls key.reason key.limited-scripts key.advertise-id key.lifetime add.fresh add.nobody discord-data.none " +
			"create.null expire.lifetime",
		play: func(s *club) {
			for _, body := range []string{`{}`, `{"discordId": null, "expire": null, "note": null, "limitedScripts": null}`} {
				value, _ := s.rawAdd(body).at(s, "key.key").(string)
				assert.JSONEq(s, fmt.Sprintf(`{"success": true, "message": "Successfully fetched key info.", "key": {
					"hubId": %q, "advertiseId": null, "discordId": null, "key": %q, "expire": null, "note": null, "created": 1764749562,
					"activated": false, "hwid": null, "hwidResetCount": 0, "lastHwidReset": 0, "executionCount": 0, "lastExecution": 0,
					"blacklisted": false, "blacklistReason": null, "limitedScripts": null, "discordData": null}}`,
					s.home.ID, value), s.rawInfo("key="+value).Body)
				assert.Equal(s, luaprotmock.Key{Value: value, HubID: s.home.ID, CreatedAt: opening}, s.stored(value))
			}
			assert.Equal(s, 200, s.rawGenerate(`{"amount": 5, "expire": null, "note": null, "limitedScripts": null}`).Status)

			key := s.add(luaprot.AddKeyParams{})
			assert.JSONEq(s, `{}`, s.seen.request())
			got := s.get(key.Value)
			assert.Equal(s, &luaprot.Key{
				Value: key.Value, HubID: s.home.ID, CreatedAt: opening,
				AdvertiseID: luaprot.Null[string](), Activated: luaprot.Set(false), HWID: luaprot.Null[string](),
			}, got)
			assert.Contains(s, s.found(luaprot.ListKeysParams{Unassigned: luaprot.Set(true)}), key.Value)
			assert.True(s, got.Usable(opening.AddDate(1000, 0, 0)))
			ad := s.seed(luaprotmock.Key{AdvertiseID: "78078400606734922815"})
			assert.Equal(s, luaprot.Set("78078400606734922815"), s.get(ad).AdvertiseID)
		},
	},
	{
		name:   "key: an empty note",
		proves: "note.empty",
		play: func(s *club) {
			value, _ := s.rawAdd(`{"note": ""}`).at(s, "key.key").(string)
			s.assertFields(s.rawInfo("key="+value), map[string]any{"note": ""})
			s.update(value, luaprot.UpdateKeyParams{Note: luaprot.Null[string]()})
			s.assertFields(s.rawInfo("key="+value), map[string]any{"note": nil})
			s.update(value, luaprot.UpdateKeyParams{Note: luaprot.Set("")})
			assert.JSONEq(s, `{"note": ""}`, s.seen.request())
			s.assertFields(s.rawInfo("key="+value), map[string]any{"note": ""})
		},
	},
	{
		name:   "Discord: what is known of a user",
		proves: "discord-data.fields discord-data.id discord-data.times discord-data.none",
		play: func(s *club) {
			s.LuaProt.SetDiscordData(alice, luaprotmock.DiscordData{
				ID: "12345678909876543", Username: "wompus", Avatar: "a1b2", GlobalName: "Wompus",
				ModifiedAt: opening.Add(-time.Hour), CreatedAt: opening.Add(-2 * time.Hour),
			})
			s.at(time.Hour)
			key := s.add(luaprot.AddKeyParams{DiscordID: alice})
			want := map[string]any{
				"id": "12345678909876543", "username": "wompus", "avatar": "a1b2", "global_name": "Wompus",
				"modified": since(-time.Hour), "created": since(-2 * time.Hour),
			}
			for _, a := range []answer{s.rawInfo("discordId=" + alice), s.rawUpdate("discordId="+alice, `{}`)} {
				s.assertFields(a, map[string]any{"discordId": alice, "discordData": want})
			}
			assert.Equal(s, want, s.rawFetch("").at(s, "keys.0.discordData"))
			assert.Equal(s, alice, key.DiscordID)
			assert.Equal(s, &luaprot.DiscordData{
				ID: "12345678909876543", Username: "wompus", GlobalName: "Wompus", Avatar: "a1b2",
				ModifiedAt: opening.Add(-time.Hour), CreatedAt: opening.Add(-2 * time.Hour),
			}, key.DiscordData)
			assert.Nil(s, s.add(luaprot.AddKeyParams{DiscordID: bob}).DiscordData)
			assert.Contains(s, s.seen.answer(), `"discordData":null`)
		},
	},
	{
		name:   "Discord: a user without names",
		proves: "discord-data.nulls discord-data.times",
		play: func(s *club) {
			s.LuaProt.SetDiscordData(alice, luaprotmock.DiscordData{})
			s.at(time.Hour)
			key := s.add(luaprot.AddKeyParams{DiscordID: alice})
			s.assertFields(s.rawInfo("discordId="+alice), map[string]any{"discordData": map[string]any{
				"id": alice, "username": "", "avatar": nil, "global_name": nil, "modified": since(0), "created": since(0),
			}})
			assert.Equal(s, opening.Add(time.Hour), key.CreatedAt, "that of the key is another")
			assert.Equal(s, &luaprot.DiscordData{ID: alice, CreatedAt: opening, ModifiedAt: opening}, key.DiscordData)
		},
	},
	{
		name:   "create: no room for one more",
		proves: "unassigned.add unassigned.assigned-free unassigned.later state.unassigned",
		play: func(s *club) {
			assigned, bound := s.seed(luaprotmock.Key{DiscordID: alice}), s.seed(luaprotmock.Key{HWID: "pc"})
			s.fill(1)
			s.add(luaprot.AddKeyParams{})
			refused := func() {
				s.unchanged(func() {
					_, err := s.hub.Add(s.Context(), luaprot.AddKeyParams{})
					s.assertRefused(err, 400, noRoom, luaprot.ErrConflict, luaprot.ErrUnassignedLimit)
				})
			}
			refused()
			for i := range 5 {
				s.add(luaprot.AddKeyParams{DiscordID: fmt.Sprint(10000000000000000 + i)})
			}
			s.update(assigned, luaprot.UpdateKeyParams{DiscordID: luaprot.Null[string]()})
			s.reset(bound)
			assert.Equal(s, 302, s.list(luaprot.ListKeysParams{Unassigned: luaprot.Set(true)}).Total)
			refused()
			s.in(s.LuaProt.AddHub("Other Hub")).add(luaprot.AddKeyParams{})
		},
	},
	{
		name:   "generate: an amount is needed",
		proves: "generate.required",
		play: func(s *club) {
			for _, body := range []string{`{}`, `{"amount": null}`, `{"note": "n"}`} {
				s.assertError(s.rawGenerate(body), 400, "amount is required.")
			}
		},
	},
	{
		name:   "generate: keys that share everything",
		proves: "generate.same expire.from-creation",
		play: func(s *club) {
			s.at(time.Minute)
			values := s.generate(luaprot.GenerateKeysParams{Amount: 7, ExpiresIn: time.Hour, Note: "Batch", LimitedScripts: []string{s.script.ID}})
			assert.JSONEq(s, `{"amount": 7, "expire": 3600, "note": "Batch", "limitedScripts": ["`+s.script.ID+`"]}`, s.seen.request())
			require.Len(s, values, 7)
			for _, value := range values {
				assert.Equal(s, luaprotmock.Key{
					Value: value, HubID: s.home.ID, Note: "Batch", CreatedAt: opening.Add(time.Minute),
					ExpiresAt: opening.Add(time.Hour + time.Minute), LimitedScripts: []string{s.script.ID},
				}, s.stored(value))
			}
			s.at(30 * time.Minute)
			s.assertChecked(luaprotmock.CheckValid, values[0], "pc")
			assert.Equal(s, opening.Add(time.Hour+time.Minute), s.get(values[0]).ExpiresAt, "the first use moves nothing")
			s.at(time.Hour + time.Minute)
			s.assertChecked(luaprotmock.CheckExpired, values[1], "pc")
		},
	},
}
