package luaprotmock

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

const global = "This key is globally blacklisted and can only be unblacklisted by LuaProt."

// changed is the detail of the last effect: the fields of an update.
func (s *stage) changed() string {
	last := s.Effects[len(s.Effects)-1]
	if last.Kind != EffectKeyUpdated {
		return ""
	}
	return last.Detail
}

var updateProofs = proofs{
	ruleUpdateAnswer: func(s *stage) {
		k := s.create("")
		s.update(by(k), `{"note": "new"}`).ok("Key has been updated successfully.").has("key.key", `"`+k.Value+`"`).has("key.note", `"new"`)
		assert.Equal(s, "new", s.now(k).Note)
		assert.Equal(s, "note", s.changed())
	},
	ruleUpdatePartial: func(s *stage) {
		k := s.fullKey()
		s.Effects = nil
		s.Advance(time.Minute)
		s.update(by(k), `{}`).is(200)
		assert.Equal(s, k, s.now(k))
		s.update(by(k), `{"note": "Customer <&> note", "blacklisted": true, "discordId": "`+alice+`"}`).is(200)
		assert.Equal(s, k, s.now(k))
		assert.Empty(s, s.Effects, "what is set already leaves no effect")

		s.update(by(k), `{"note": "n"}`).is(200)
		k.Note = "n"
		assert.Equal(s, k, s.now(k))
		s.update(by(k), `{"discordId": "`+bob+`", "expire": 3600, "note": "m", "blacklistReason": "r", "limitedScripts": []}`).is(200)
		assert.Equal(s, "discordId expire note blacklistReason limitedScripts", s.changed())
		s.update(by(k), `{"blacklisted": false}`).is(200)
		assert.Equal(s, "blacklisted blacklistReason", s.changed())
	},
	ruleUpdateNull: func(s *stage) {
		k := s.fullKey()
		s.update(by(k), `{"discordId": null, "expire": null, "note": null, "blacklistReason": null, "limitedScripts": null}`).is(200).
			has("key.discordId", "null").has("key.expire", "null").has("key.note", "null").has("key.blacklistReason", "null").
			has("key.limitedScripts", "null").has("key.blacklisted", "true")
		assert.Equal(s, Key{
			Value: k.Value, HubID: k.HubID, AdvertiseID: k.AdvertiseID, CreatedAt: k.CreatedAt, Activated: true, HWID: k.HWID,
			HWIDResets: 2, LastHWIDResetAt: k.LastHWIDResetAt, Executions: 3, LastExecutionAt: k.LastExecutionAt, Blacklisted: true,
		}, s.now(k))
		_, found := s.world.KeyOfDiscord(s.hub.ID, alice)
		assert.False(s, found)
	},
	ruleUpdateFixed: func(s *stage) {
		k := s.create("")
		s.update(by(k), `{"key": "mine", "hwid": "pc", "activated": true, "executionCount": 9, "hubId": "1"}`).is(200).finds(
			`field "activated" was ignored: it cannot be updated`,
			`field "executionCount" was ignored: it cannot be updated`,
			`field "hubId" was ignored: it cannot be updated`,
			`field "hwid" was ignored: it cannot be updated`,
			`field "key" was ignored: it cannot be updated`,
		)
		assert.Equal(s, k, s.now(k))
	},
	ruleUpdateDiscordTwo: func(s *stage) {
		k := s.create(`"discordId": "` + alice + `"`)
		s.update("discordId="+alice, `{"discordId": "`+bob+`"}`).is(200).has("key.discordId", `"`+bob+`"`)
		s.update("discordId="+alice, `{"discordId": "`+bob+`"}`).refused(404, "Key has not been found.") // a repeat
		s.info("discordId="+bob).is(200).has("key.key", `"`+k.Value+`"`)
	},
	ruleUpdateDiscord: func(s *stage) {
		k := s.create("")
		s.fetch("unassigned=true").found(k)
		s.update(by(k), `{"discordId": "`+alice+`"}`).is(200)
		s.fetch("unassigned=true").found()
		s.update(by(k), `{"discordId": "`+bob+`"}`).is(200)
		s.create(`"discordId": "` + alice + `"`)
		s.update(by(k), `{"discordId": null}`).is(200)
		s.create(`"discordId": "` + bob + `"`)
		s.fetch("unassigned=true").found(k)
	},
	ruleUpdateTaken: func(s *stage) {
		k, other := s.create(`"discordId": "`+alice+`"`), s.create("")
		s.update(by(other), `{"discordId": "`+alice+`", "note": "n"}`).refused(400, taken)
		assert.Equal(s, other, s.now(other))
		s.update(by(k), `{"discordId": "`+alice+`", "note": "n"}`).is(200)
		elsewhere := s.world.AddKey(Key{HubID: s.world.AddHub("Other Hub").ID})
		s.hub.ID = elsewhere.HubID
		s.update(by(elsewhere), `{"discordId": "`+alice+`"}`).is(200)
	},
	ruleUpdateExpireKept: func(s *stage) {
		k := s.create(`"expire": 3600`)
		s.Advance(time.Minute)
		s.update(by(k), `{"note": "n"}`).has("key.expire", unix(t0.Add(time.Hour)))
	},
	ruleUpdateExpireNow: func(s *stage) {
		k := s.create(`"expire": 86400`)
		for range 2 {
			s.Advance(time.Minute)
			s.update(by(k), `{"expire": 7200}`).has("key.expire", unix(s.Now.Add(2*time.Hour)))
		}
	},
	ruleUpdateExpireMin: func(s *stage) {
		k := s.create("")
		for _, wrong := range []string{"-1", "0", "3599"} {
			s.update(by(k), `{"expire": `+wrong+`}`).refused(400, "expire must be at least 3600.")
		}
		s.update(by(k), `{"expire": 3600}`).is(200)
	},
	ruleUpdateRevive: func(s *stage) {
		a, b := s.create(`"expire": 3600`), s.create(`"expire": 3600`)
		s.Advance(time.Hour)
		s.check(a, "pc", CheckExpired)
		s.update(by(a), `{"expire": 3600}`).is(200)
		s.update(by(b), `{"expire": null}`).is(200)
		s.check(a, "pc", CheckValid)
		s.check(b, "pc", CheckValid)
	},
	ruleUpdateScripts: func(s *stage) {
		other := s.world.AddScript(s.hub.ID, "other")
		k := s.create(`"limitedScripts": ["` + s.script.ID + `"]`)
		s.update(by(k), `{"note": "n"}`).has("key.limitedScripts", `["`+s.script.ID+`"]`)
		s.update(by(k), `{"limitedScripts": ["`+other.ID+`"]}`).has("key.limitedScripts", `["`+other.ID+`"]`)
		s.update(by(k), `{"limitedScripts": []}`).has("key.limitedScripts", "null")
	},
	ruleUpdateBlacklist: func(s *stage) {
		k := s.create("")
		s.update(by(k), `{"blacklisted": true, "blacklistReason": "Annoying"}`).is(200).has("key.blacklisted", "true").has("key.blacklistReason", `"Annoying"`)
		s.check(k, "pc", CheckBlacklisted)
		s.update(by(k), `{"blacklisted": false}`).is(200).has("key.blacklisted", "false")
		s.check(k, "pc", CheckValid)
	},
	ruleUpdateHWIDKept: func(s *stage) {
		k := s.create("")
		s.check(k, "pc", CheckValid)
		want := s.now(k)
		s.update(by(k), `{"blacklisted": true}`).is(200)
		s.update(by(k), `{"blacklisted": false}`).is(200)
		assert.Equal(s, want, s.now(k))
	},
	ruleBlacklistedNull: func(s *stage) {
		s.update("key=a", `{"blacklisted": null}`).refused(400, "blacklisted must not be null.")
	},
	ruleReasonCleared: func(s *stage) {
		k := s.world.AddKey(Key{Blacklisted: true, BlacklistReason: "r"})
		s.update(by(k), `{"blacklisted": false}`).has("key.blacklistReason", "null")
		s.update(by(k), `{"blacklisted": true}`).has("key.blacklistReason", "null")
	},
	ruleReasonOnly: func(s *stage) {
		k := s.create("")
		s.update(by(k), `{"blacklistReason": "r"}`).is(200).has("key.blacklistReason", "null").has("key.blacklisted", "false")
		s.update(by(k), `{"blacklisted": false, "blacklistReason": "r"}`).has("key.blacklistReason", "null")
		s.update(by(k), `{"blacklisted": true, "blacklistReason": "r"}`).has("key.blacklistReason", `"r"`)
		s.update(by(k), `{"blacklistReason": "s"}`).has("key.blacklistReason", `"s"`)
		s.update(by(k), `{"blacklistReason": ""}`).has("key.blacklistReason", `""`)
	},
	ruleReasonOptional: func(s *stage) {
		k := s.create("")
		s.update(by(k), `{"blacklisted": true}`).is(200).has("key.blacklisted", "true").has("key.blacklistReason", "null")
	},
	ruleGlobalBlacklist: func(s *stage) {
		k := s.create("")
		s.world.BlacklistGlobally(k.Value, "abuse")
		s.info(by(k)).has("key.blacklisted", "true").has("key.blacklistReason", `"abuse"`)
		s.update(by(k), `{"blacklisted": false, "note": "n"}`).refused(403, global)
		assert.True(s, s.now(k).Blacklisted)
		assert.Empty(s, s.now(k).Note)
		s.world.LiftGlobalBlacklist(k.Value)
		assert.Equal(s, k, s.now(k))
		s.world.LiftGlobalBlacklist(k.Value)
		s.update(by(k), `{"blacklisted": false}`).is(200)
		assert.Equal(s, []string{"key.created " + k.Value, "key.blacklisted-globally " + k.Value, "key.global-blacklist-lifted " + k.Value}, s.Kinds())
	},
	ruleGlobalOnly: func(s *stage) {
		k := s.world.AddKey(Key{GloballyBlacklisted: true})
		assert.True(s, k.Blacklisted)
		s.update(by(k), `{"note": "n", "expire": 3600, "blacklisted": true, "blacklistReason": "mine", "discordId": "`+alice+`"}`).is(200).
			has("key.note", `"n"`).has("key.blacklistReason", `"mine"`)
		s.reset(by(k)).is(200)
		s.delete(by(k)).is(200)
	},
}

// TestUpdateRefusedAsAWhole: one wrong field and nothing is changed.
func TestUpdateRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create(`"discordId": "` + alice + `"`)
	s.update(by(k), `{"note": "new", "discordId": "`+bob+`", "limitedScripts": ["none"]}`).refused(400, "limitedScripts[0] is no script of the hub.")
	assert.Equal(t, k, s.now(k))
	s.info("discordId=" + alice).is(200)
}
