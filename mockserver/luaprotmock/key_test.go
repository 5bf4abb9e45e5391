package luaprotmock

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// members returns the names of a JSON object, in the order of the document; no
// path means the whole answer.
func (r response) members(path string) (names []string) {
	r.Helper()
	object := string(r.Body)
	if path != "" {
		object = r.Raw(path)
	}
	dec := json.NewDecoder(strings.NewReader(object))
	_, err := dec.Token()
	require.NoError(r, err)
	for dec.More() {
		name, err := dec.Token()
		require.NoError(r, err)
		var value json.RawMessage
		require.NoError(r, dec.Decode(&value))
		names = append(names, name.(string))
	}
	return names
}

const (
	fetchedMembers = "hubId hubName advertiseId discordId key expire note created activated hwid hwidResetCount lastHwidReset executionCount lastExecution blacklisted blacklistReason limitedScripts discordData"
	infoMembers    = "hubId advertiseId discordId key expire note created activated hwid hwidResetCount lastHwidReset executionCount lastExecution blacklisted blacklistReason limitedScripts discordData"
	shortMembers   = "hubId discordId key expire note created hwidResetCount lastHwidReset executionCount lastExecution blacklisted blacklistReason limitedScripts discordData"
)

// full is a key with a value everywhere.
func (s *stage) fullKey() Key {
	s.world.SetDiscordData(alice, DiscordData{
		Username: "wompus", Avatar: "a1b2", GlobalName: "Wompus <&>",
		ModifiedAt: time.Unix(1759761781, 0), CreatedAt: time.Unix(1759761780, 0),
	})
	return s.world.AddKey(Key{
		Value: "73978994376e1f3e307914c4", AdvertiseID: "78078400606734922815", DiscordID: alice, Note: "Customer <&> note",
		ExpiresAt: t0.Add(24 * time.Hour), Activated: true, HWID: "589401805431295092384985734", HWIDResets: 2,
		LastHWIDResetAt: t0.Add(-time.Hour), Executions: 3, LastExecutionAt: t0.Add(-time.Minute),
		Blacklisted: true, BlacklistReason: "why not?", LimitedScripts: []string{s.script.ID},
	})
}

func (s *stage) fullJSON() string {
	return fmt.Sprintf(`{"hubId": %q, "hubName": "Main Hub", "advertiseId": "78078400606734922815", "discordId": %q,
		"key": "73978994376e1f3e307914c4", "expire": 1764835962, "note": "Customer <&> note", "created": 1764749562, "activated": true,
		"hwid": "589401805431295092384985734", "hwidResetCount": 2, "lastHwidReset": 1764745962, "executionCount": 3,
		"lastExecution": 1764749502, "blacklisted": true, "blacklistReason": "why not?", "limitedScripts": [%q],
		"discordData": {"id": %q, "username": "wompus", "avatar": "a1b2", "global_name": "Wompus <&>", "modified": 1759761781, "created": 1759761780}}`,
		s.hub.ID, alice, s.script.ID, alice)
}

var keyProofs = proofs{
	ruleShapeFetch: func(s *stage) {
		s.fullKey()
		r := s.fetch("").is(200)
		assert.Equal(s, fetchedMembers, strings.Join(r.members("keys.0"), " "))
		assert.JSONEq(s, s.fullJSON(), r.Raw("keys.0"))
		assert.Contains(s, string(r.Body), "<&>")
		s.world.AddKey(Key{}) // members do not depend on values
		for i := range 2 {
			assert.Equal(s, fetchedMembers, strings.Join(s.fetch("").members(fmt.Sprintf("keys.%d", i)), " "))
		}
	},
	ruleShapeInfo: func(s *stage) {
		for _, k := range []Key{s.fullKey(), s.world.AddKey(Key{})} {
			assert.Equal(s, infoMembers, strings.Join(s.info(by(k)).is(200).members("key"), " "))
		}
	},
	ruleShapeShort: func(s *stage) {
		assert.Equal(s, shortMembers, strings.Join(s.add(`{}`).is(200).members("key"), " "))
		for _, k := range []Key{s.fullKey(), s.world.AddKey(Key{})} {
			assert.Equal(s, shortMembers, strings.Join(s.update(by(k), `{}`).is(200).members("key"), " "))
		}
	},
	ruleKeyIDs: func(s *stage) {
		most := new(big.Int).SetUint64(1<<64 - 1)
		for range 50 {
			hub := s.world.AddHub("hub")
			for _, id := range []string{hub.ID, s.world.AddScript(hub.ID, "script").ID} {
				assert.Regexp(s, `^[0-9]{20}$`, id)
				n, _ := new(big.Int).SetString(id, 10)
				assert.Positive(s, n.Cmp(most), id)
			}
		}
		s.add(`{"limitedScripts": ["`+s.script.ID+`"]}`).has("key.hubId", `"`+s.hub.ID+`"`).has("key.limitedScripts", `["`+s.script.ID+`"]`)
	},
	ruleKeyValue: func(s *stage) {
		assert.Regexp(s, `^[0-9a-f]{24}$`, s.create("").Value)
		assert.Regexp(s, `^[0-9a-f]{24}$`, s.generate(`{"amount": 5}`).Text("keys.4"))
	},
	ruleKeyUnique: func(s *stage) {
		different := map[string]bool{}
		for range 3 {
			s.hub = s.world.AddHub("hub")
			s.generate(`{"amount": 300}`).is(200)
		}
		for _, k := range s.world.Keys() {
			different[k.Value] = true
		}
		assert.Len(s, different, 900)
		s.Refuses("key is taken by another key", func() { s.world.AddKey(Key{Value: s.world.Keys()[0].Value}) })
	},
	ruleKeyReserved: func(s *stage) {
		s.Refuses(`key cannot be "x", which is what loaders send for no key`, func() { s.world.AddKey(Key{Value: "x"}) })
		s.check(Key{Value: "x"}, "pc", CheckInvalid)
	},
	ruleKeyTimes: func(s *stage) {
		k := s.fullKey()
		s.info(by(k)).has("key.expire", "1764835962").has("key.created", "1764749562").
			has("key.lastHwidReset", "1764745962").has("key.lastExecution", "1764749502")
	},
	ruleKeySeconds: func(s *stage) {
		s.Advance(999 * time.Millisecond)
		k := s.create(`"expire": 3600`)
		s.info(by(k)).has("key.created", "1764749562").has("key.expire", "1764753162")
		assert.Equal(s, t0, k.CreatedAt)
		seeded := s.world.AddKey(Key{ExpiresAt: t0.Add(time.Hour + 999*time.Millisecond)})
		s.info(by(seeded)).has("key.expire", "1764753162")
	},
	ruleKeyNever: func(s *stage) {
		s.info(by(s.create(""))).has("key.lastHwidReset", "0").has("key.lastExecution", "0")
	},
	ruleKeyLifetime: func(s *stage) { s.info(by(s.create(""))).has("key.expire", "null") },
	ruleKeyNulls: func(s *stage) {
		s.info(by(s.create(""))).has("key.discordId", "null").has("key.note", "null").has("key.hwid", "null")
	},
	ruleKeyReason: func(s *stage) {
		s.info(by(s.create(""))).has("key.blacklisted", "false").has("key.blacklistReason", "null")
	},
	ruleKeyScripts: func(s *stage) { s.info(by(s.create(""))).has("key.limitedScripts", "null") },
	ruleKeyAdvertise: func(s *stage) {
		s.info(by(s.create(""))).has("key.advertiseId", "null")
		s.info(by(s.world.AddKey(Key{AdvertiseID: "78078400606734922815"}))).has("key.advertiseId", `"78078400606734922815"`)
	},
	ruleNoteEmpty: func(s *stage) {
		k := s.create(`"note": ""`)
		s.info(by(k)).has("key.note", `""`)
		s.update(by(k), `{"note": null}`).has("key.note", "null")
		s.update(by(k), `{"note": ""}`).has("key.note", `""`)
	},
	ruleDiscordData: func(s *stage) {
		s.world.SetDiscordData(alice, DiscordData{Username: "wompus"})
		r := s.add(`{"discordId": "` + alice + `"}`).is(200)
		assert.Equal(s, "id username avatar global_name modified created", strings.Join(r.members("key.discordData"), " "))
		for _, r := range []response{s.info("discordId=" + alice), s.update("discordId="+alice, `{}`)} {
			r.has("key.discordData.username", `"wompus"`)
		}
		s.fetch("").has("keys.0.discordData.username", `"wompus"`)
	},
	ruleDiscordOwn: func(s *stage) {
		s.world.SetDiscordData(alice, DiscordData{ID: "12345678909876543"})
		s.world.AddKey(Key{DiscordID: alice})
		s.info("discordId="+alice).has("key.discordData.id", `"12345678909876543"`).has("key.discordId", `"`+alice+`"`)
	},
	ruleDiscordNone: func(s *stage) {
		s.world.SetDiscordData(alice, DiscordData{})
		s.add(`{}`).has("key.discordData", "null")
		s.add(`{"discordId": "`+bob+`"}`).has("key.discordData", "null")
	},
	ruleDiscordNulls: func(s *stage) {
		s.world.SetDiscordData(alice, DiscordData{})
		s.add(`{"discordId": "`+alice+`"}`).has("key.discordData.username", `""`).
			has("key.discordData.avatar", "null").has("key.discordData.global_name", "null")
	},
	ruleDiscordTimes: func(s *stage) {
		s.world.SetDiscordData(alice, DiscordData{ModifiedAt: t0.Add(-time.Hour), CreatedAt: t0.Add(-2 * time.Hour)})
		s.world.SetDiscordData(bob, DiscordData{})
		s.Advance(time.Hour)
		s.add(`{"discordId": "`+alice+`"}`).has("key.discordData.modified", "1764745962").has("key.discordData.created", "1764742362")
		s.add(`{"discordId": "`+bob+`"}`).has("key.discordData.created", "1764749562").has("key.created", "1764753162")
	},
}

func TestStatusOfAKey(t *testing.T) {
	t.Parallel()
	for i := range 16 {
		k := Key{Blacklisted: i&1 != 0}
		if i&2 != 0 {
			k.ExpiresAt = t0
		}
		if i&4 != 0 {
			k.DiscordID = alice
		}
		if i&8 != 0 {
			k.HWID = "pc"
		}
		want := StatusActive
		switch {
		case i&1 != 0:
			want = StatusBlacklisted
		case i&2 != 0:
			want = StatusExpired
		case i&12 == 0:
			want = StatusUnassigned
		}
		assert.Equal(t, want, k.Status(t0), "%+v", k)
	}
}
