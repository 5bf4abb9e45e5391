package luaprotmock

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

var checkProofs = proofs{
	ruleCheckOrder: func(s *stage) {
		// The key fails every check; taking away one cause after another shows
		// the next.
		other := s.world.AddScript(s.hub.ID, "other")
		elsewhere := s.world.AddHub("Other Hub")
		foreign := s.world.AddScript(elsewhere.ID, "foreign")
		k := s.world.AddKey(Key{HubID: s.hub.ID, Blacklisted: true, BlacklistReason: "r", ExpiresAt: t0, LimitedScripts: []string{other.ID}, HWID: "old"})
		change := func(do func(*record)) { s.world.state.change(s.world.state.keys.byValue[k.Value], do) }
		s.checkWith(Script{ID: "1"}, Key{Value: "none"}, "pc", CheckScriptNotFound)
		s.checkWith(foreign, k, "pc", CheckInvalid)
		s.check(k, "pc", CheckBlacklisted)
		change(func(k *record) { k.Blacklisted = false })
		s.check(k, "pc", CheckExpired)
		change(func(k *record) { k.ExpiresAt = time.Time{} })
		s.check(k, "pc", CheckScriptNotAllowed)
		change(func(k *record) { k.LimitedScripts = nil })
		s.check(k, "pc", CheckHWIDMismatch)
		change(func(k *record) { k.HWID = "" })
		s.check(k, "pc", CheckValid)
	},
	ruleCheckRefused: func(s *stage) {
		k := s.create("")
		s.check(k, "pc", CheckValid)
		want := s.now(k)
		s.Effects = nil
		s.Advance(time.Minute)
		s.check(k, "phone", CheckHWIDMismatch)
		assert.Equal(s, want, s.now(k))
		assert.Empty(s, s.Effects)
		assert.Equal(s, int64(2), s.check(k, "pc", CheckValid).Data.ScriptExecutions)
	},
	ruleCheckScript: func(s *stage) { s.checkWith(Script{ID: "1"}, s.create(""), "pc", CheckScriptNotFound) },
	ruleCheckInvalid: func(s *stage) {
		k := s.create("")
		elsewhere := s.world.AddHub("Other Hub")
		s.check(Key{Value: "none"}, "pc", CheckInvalid)
		s.check(s.world.AddKey(Key{HubID: elsewhere.ID}), "pc", CheckInvalid)
		s.checkWith(s.world.AddScript(elsewhere.ID, "foreign"), k, "pc", CheckInvalid)
		s.check(s.world.AddAccount().AddKey(Key{}), "pc", CheckInvalid)
	},
	ruleCheckBlacklisted: func(s *stage) {
		got := s.check(s.world.AddKey(Key{Blacklisted: true, BlacklistReason: "Annoying"}), "pc", CheckBlacklisted)
		assert.Equal(s, "Annoying", got.Message)
		got = s.check(s.world.AddKey(Key{GloballyBlacklisted: true}), "pc", CheckBlacklisted)
		assert.Equal(s, "Key is blacklisted.", got.Message)
	},
	ruleCheckExpired: func(s *stage) {
		k := s.create(`"expire": 3600`)
		s.Advance(time.Hour)
		s.check(k, "pc", CheckExpired)
	},
	ruleCheckScripts: func(s *stage) {
		other := s.world.AddScript(s.hub.ID, "other")
		k := s.create(`"limitedScripts": ["` + other.ID + `"]`)
		s.check(k, "pc", CheckScriptNotAllowed)
		s.checkWith(other, k, "pc", CheckValid)
	},
	ruleCheckMismatch: func(s *stage) {
		k := s.create("")
		s.check(k, "pc", CheckValid)
		s.check(k, "phone", CheckHWIDMismatch)
		s.check(k, "PC", CheckHWIDMismatch) // compared exactly
		s.check(k, "pc", CheckValid)
	},
	ruleCheckValid: func(s *stage) {
		got := s.check(s.create(""), "pc", CheckValid)
		assert.Equal(s, "VALID", got.Status)
		assert.NotEmpty(s, got.Message)
	},
	ruleCheckBinds: func(s *stage) {
		k := s.create(`"discordId": "` + alice + `"`)
		s.check(k, "pc", CheckValid)
		s.info(by(k)).has("key.hwid", `"pc"`)
		assert.Equal(s, []string{
			"key.created " + k.Value, "key.hwid-bound " + k.Value, "key.activated " + k.Value, "key.executed " + k.Value,
		}, s.Kinds())
	},
	ruleCheckCounts: func(s *stage) {
		k := s.create(`"expire": 86400`)
		for n := range 3 {
			s.Advance(time.Minute)
			s.check(k, "pc", CheckValid)
			k.Activated, k.HWID, k.Executions, k.LastExecutionAt = true, "pc", int64(n+1), s.Now
			assert.Equal(s, k, s.now(k))
		}
		s.info(by(k)).has("key.activated", "true").has("key.executionCount", "3").has("key.lastExecution", unix(s.Now))
		bound := s.world.AddKey(Key{HWID: "tv"}) // a device that was bound by others does not activate
		s.info(by(bound)).has("key.activated", "false")
		s.check(bound, "tv", CheckValid)
		s.info(by(bound)).has("key.activated", "true")
	},
	ruleCheckKeyOnly: func(s *stage) {
		s.world.AddKey(Key{HWID: "pc", Blacklisted: true})
		s.world.AddKey(Key{HWID: "pc", GloballyBlacklisted: true})
		s.check(s.create(""), "pc", CheckValid)
	},
	ruleCheckData: func(s *stage) {
		s.world.SetDiscordData(alice, DiscordData{Username: "wompus"})
		k := s.create(`"discordId": "` + alice + `", "expire": 86400, "note": "n"`)
		s.check(s.create(""), "phone", CheckValid)
		s.checkWith(s.world.AddScript(s.hub.ID, "other"), k, "pc", CheckValid)
		s.Advance(time.Hour)
		got := s.check(k, "pc", CheckValid)
		assert.Equal(s, &CheckData{
			KeyExecutions: 2, ScriptExecutions: 2, Note: "n", Expire: 82800, Premium: true, DiscordID: alice, DiscordUsername: "wompus",
		}, got.Data)
		ad := s.world.AddKey(Key{AdvertiseID: "78078400606734922815"})
		assert.False(s, s.check(ad, "pc", CheckValid).Data.Premium)
	},
	ruleCheckLifetime: func(s *stage) {
		assert.Equal(s, int64(-1), s.check(s.create(""), "pc", CheckValid).Data.Expire)
	},
}

func TestCheckNeedsADevice(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Refuses("hwid is empty", func() { s.world.Check(s.script.ID, "x", "") })
}

func TestCheckRecordsItsEffects(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.world.AddKey(Key{})
	s.Effects = nil
	s.check(k, "pc", CheckValid)
	s.check(k, "pc", CheckValid)
	assert.Equal(t, []string{
		"key.hwid-bound " + k.Value, "key.activated " + k.Value, "key.executed " + k.Value, "key.executed " + k.Value,
	}, s.Kinds())
	for _, e := range s.Effects {
		assert.Equal(t, ActCheck, e.Op)
	}
}
