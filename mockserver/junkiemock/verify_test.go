package junkiemock

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

var endUserProofs = proofs{
	ruleVerifyOrder: func(s *stage) {
		// The key fails every check; taking away one cause after another shows
		// the next.
		hub, other := s.world.AddService("hub", Premium()), s.world.AddService("other", Premium())
		s.world.BanDevice(Ban{HWID: "pc1"})
		s.world.AddKey(Key{ServiceID: hub.ID, Invalidated: true, ExpiresAt: t0, OneTimeUse: true, UsedAt: t0, HWIDLimit: 1, Devices: []Device{{HWID: "old"}}})
		r := s.world.state.keys.byID[1]
		told := func(want, value string, service int64) {
			before := s.key(1)
			got := s.world.Verify(value, "pc1", ForService(service))
			assert.Equal(s, Verification{Code: want}, got)
			assert.Equal(s, before, s.key(1), "a refused verification changes nothing")
		}
		told(CodeServiceNotFound, "nothing", 1)
		told(CodeKeyInvalid, "nothing", other.ID)
		told(CodeServiceMismatch, r.Value, other.ID)
		told(CodeHWIDBanned, r.Value, hub.ID)
		s.world.UnbanDevice("pc1")
		told(CodeKeyInvalidated, r.Value, hub.ID)
		r.Invalidated = false
		told(CodeKeyExpired, r.Value, hub.ID)
		r.ExpiresAt = time.Time{}
		told(CodeAlreadyUsed, r.Value, hub.ID)
		r.OneTimeUse = false
		told(CodePremiumRequired, r.Value, hub.ID)
		r.Premium = true
		told(CodeHWIDMismatch, r.Value, hub.ID)
		r.Devices = nil
		s.verify(s.key(1), "pc1", CodeKeyValid, ForService(hub.ID))
	},
	ruleVerifyNoService: func(s *stage) {
		s.world.AddService("hub", Premium())
		s.verify(s.create(`"service_id": 3001`), "pc", CodeKeyValid)
	},
	ruleVerifyService: func(s *stage) {
		s.verify(s.create(""), "pc", CodeServiceNotFound, ForService(5))
	},
	ruleVerifyKeyless: func(s *stage) {
		free := s.world.AddService("free", Keyless())
		k := s.create(`"validity_minutes": 5`)
		s.verify(k, "pc", CodeKeyless, ForService(free.ID))
		s.verify(Key{Value: "nothing"}, "pc", CodeKeyless, ForService(free.ID))
		assert.Equal(s, k, s.key(k.ID))
	},
	ruleVerifyUnknown: func(s *stage) {
		k := s.create("")
		s.verify(Key{Value: "nothing"}, "pc", CodeKeyInvalid)
		s.verify(Key{Value: strings.ToUpper(k.Value)}, "pc", CodeKeyInvalid)
	},
	ruleVerifyForeign: func(s *stage) {
		theirs := s.world.AddAccount().AddService("theirs")
		s.verify(s.create(""), "pc", CodeKeyInvalid, ForService(theirs.ID))
	},
	ruleVerifyMismatch: func(s *stage) {
		hub, other := s.world.AddService("hub"), s.world.AddService("other")
		k := s.create(`"service_id": 3001`)
		s.verify(k, "pc", CodeServiceMismatch, ForService(other.ID))
		s.verify(k, "pc", CodeKeyValid, ForService(hub.ID))
	},
	ruleVerifyAnyService: func(s *stage) {
		hub, other := s.world.AddService("hub"), s.world.AddService("other")
		k := s.create("")
		s.verify(k, "pc", CodeKeyValid, ForService(hub.ID))
		s.verify(k, "pc", CodeKeyValid, ForService(other.ID))
	},
	ruleVerifyBanned: func(s *stage) {
		k := s.create(`"hwid": "pc1", "no_hwid": true`)
		s.world.BanDevice(Ban{HWID: "pc1"})
		s.verify(k, "pc1", CodeHWIDBanned)
		s.verify(k, "PC1", CodeKeyValid)
		theirs := s.world.AddAccount().AddKey(Key{})
		s.verify(theirs, "pc1", CodeKeyValid) // bans hold for the account that made them
		assert.True(s, s.world.UnbanDevice("pc1"))
		assert.False(s, s.world.UnbanDevice("pc1"))
		s.verify(k, "pc1", CodeKeyValid)
	},
	ruleVerifyInvalid: func(s *stage) {
		k := s.create("")
		s.put(path(k), `{"is_invalidated": true}`).is(200)
		s.verify(k, "pc", CodeKeyInvalidated)
	},
	ruleVerifyExpired: func(s *stage) {
		k := s.create(`"validity_minutes": 1`)
		s.Advance(time.Minute)
		s.verify(k, "pc", CodeKeyExpired)
	},
	ruleVerifyUsed: func(s *stage) {
		k := s.create(`"one_time_use": true`)
		s.verify(k, "pc", CodeKeyValid)
		s.verify(k, "phone", CodeAlreadyUsed)
		assert.Equal(s, []string{"pc"}, devices(s.key(k.ID)))
	},
	ruleVerifyOnce: func(s *stage) {
		k := s.create(`"one_time_use": true`)
		s.verify(k, "pc", CodeKeyValid)
		s.verify(k, "pc", CodeAlreadyUsed)
	},
	ruleVerifyPremium: func(s *stage) {
		vip := s.world.AddService("vip", Premium())
		s.verify(s.create(""), "pc", CodePremiumRequired, ForService(vip.ID))
		s.verify(s.create(`"is_premium": true`), "pc", CodeKeyValid, ForService(vip.ID))
	},
	ruleVerifyHWID: func(s *stage) {
		k := s.create(`"hwid_limit": 1`)
		s.verify(k, "pc", CodeKeyValid)
		s.verify(k, "phone", CodeHWIDMismatch)
		s.verify(k, "PC", CodeHWIDMismatch) // compared exactly
		s.verify(k, "pc", CodeKeyValid)
	},
	ruleVerifyNoDevice: func(s *stage) {
		k := s.create("")
		s.verify(k, "", CodeHWIDMismatch)
		s.verify(k, strings.Repeat("x", 256), CodeHWIDMismatch)
		s.verify(k, strings.Repeat("é", 255), CodeKeyValid)
		s.verify(s.create(`"no_hwid": true`), "", CodeKeyValid)
	},
	ruleVerifyValid: func(s *stage) { s.verify(s.create(""), "pc", CodeKeyValid) },
	ruleVerifyUsedAt: func(s *stage) {
		k := s.create("")
		s.Advance(time.Minute)
		s.verify(k, "pc", CodeKeyValid)
		s.get(path(k)).has("key.used_at", `"2026-01-01T00:01:00.000Z"`)
		s.Advance(time.Minute)
		s.verify(k, "phone", CodeKeyValid)
		s.get(path(k)).has("key.used_at", `"2026-01-01T00:01:00.000Z"`)
		assert.Equal(s, []string{"provider.added 2001", "key.created 1", "key.used 1", "key.device-bound 1", "key.device-bound 1"}, s.Kinds())
	},

	ruleHWIDBound: func(s *stage) {
		k := s.create(`"hwid_limit": 2`)
		s.verify(k, "a", CodeKeyValid)
		s.verify(k, "b", CodeKeyValid)
		s.put(path(k), `{"hwid_limit": 1}`).is(200)
		s.verify(k, "b", CodeKeyValid)
		s.verify(k, "c", CodeHWIDMismatch)
		assert.Len(s, s.key(k.ID).Devices, 2)
	},
	ruleHWIDUnlimited: func(s *stage) {
		for _, k := range []Key{s.create(""), s.create(`"hwid_limit": 0`), s.create(`"hwid_limit": null`)} {
			for _, device := range []string{"a", "b", "c"} {
				s.verify(k, device, CodeKeyValid)
			}
			assert.Equal(s, []string{"a", "b", "c"}, devices(s.key(k.ID)))
		}
	},
	ruleHWIDUnderLimit: func(s *stage) {
		k := s.create(`"hwid_limit": 2, "hwid": "a"`)
		s.verify(k, "b", CodeKeyValid)
		s.verify(k, "c", CodeHWIDMismatch)
	},
	ruleHWIDBoundBy: func(s *stage) {
		k := s.create("")
		s.Advance(time.Second)
		s.verify(k, "a", CodeKeyValid, ByExecutorUser("4711"))
		s.verify(k, "b", CodeKeyValid)
		s.verify(k, "b", CodeKeyValid, ByExecutorUser("late"))
		s.get(path(k)).has("key.hwids", `[{"hwid":"a","executor_user_id":"4711","bound_at":"2026-01-01T00:00:01.000Z","bound_by":"verify"},`+
			`{"hwid":"b","executor_user_id":null,"bound_at":"2026-01-01T00:00:01.000Z","bound_by":"verify"}]`)
	},
	ruleHWIDOff: func(s *stage) {
		k := s.create(`"no_hwid": true, "hwid_limit": 1, "hwid": "old"`)
		s.verify(k, "a", CodeKeyValid)
		s.verify(k, "b", CodeKeyValid)
		assert.Equal(s, []string{"old"}, devices(s.key(k.ID)))
	},
	ruleBanInvalidates: func(s *stage) {
		a, b, c := s.create(`"hwids": ["x", "bad"]`), s.create(`"hwid": "bad"`), s.create(`"hwid": "good"`)
		s.world.BanDevice(Ban{HWID: "bad", InvalidateKeys: true})
		s.status(a, StatusInvalidated)
		s.status(b, StatusInvalidated)
		s.status(c, StatusActive)
		s.world.UnbanDevice("bad")
		s.status(a, StatusInvalidated)
		assert.Contains(s, s.Kinds(), "key.invalidated 1")
		assert.NotContains(s, s.Kinds(), "key.invalidated 3")
		s.Refuses("3 to 128", func() { s.world.BanDevice(Ban{HWID: "ab"}) })
		s.Refuses("3 to 128", func() { s.world.BanDevice(Ban{HWID: strings.Repeat("a", 129)}) })
	},
	ruleBanEnds: func(s *stage) {
		k := s.create(`"hwid": "bad"`)
		s.world.BanDevice(Ban{HWID: "bad", Until: t0.Add(time.Hour)})
		s.Advance(time.Hour - time.Millisecond)
		s.verify(k, "bad", CodeHWIDBanned)
		s.Advance(time.Millisecond)
		s.verify(k, "bad", CodeKeyValid)
	},
	ruleRedeem: func(s *stage) {
		k := s.create(`"discord_id": "98765432109876543"`)
		s.Advance(time.Second)
		assert.True(s, s.world.Redeem(k.Value, "12345678901234567"))
		k.Redemption = &Redemption{DiscordUserID: "12345678901234567", Status: "redeemed", RedeemedAt: s.Now}
		assert.Equal(s, k, s.key(k.ID))
		assert.Contains(s, s.Kinds(), "key.redeemed 1")
	},
	ruleRedeemRefused: func(s *stage) {
		const user = "12345678901234567"
		k := s.create("")
		assert.False(s, s.world.Redeem("nothing", user))
		assert.True(s, s.world.Redeem(k.Value, user))
		assert.False(s, s.world.Redeem(k.Value, "98765432109876543"))
		assert.Equal(s, user, s.key(k.ID).Redemption.DiscordUserID)
		assert.False(s, s.world.Redeem(s.world.AddKey(Key{Invalidated: true}).Value, user))
		assert.False(s, s.world.Redeem(s.world.AddKey(Key{ExpiresAt: t0}).Value, user))
		s.Refuses("no Discord id", func() { s.world.Redeem(k.Value, "bob") })
	},
}

func TestVerifyRecordsItsEffects(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create(`"validity_minutes": 60, "expiry_on_first_use": true`)
	s.Effects = nil
	s.verify(k, "a", CodeKeyValid)
	s.verify(k, "a", CodeKeyValid)
	assert.Equal(t, []string{"key.used 1", "key.expiry-started 1", "key.device-bound 1"}, s.Kinds())
	for _, e := range s.Effects {
		assert.Equal(t, ActVerify, e.Op)
	}
}

// What is no text in Go is what a program would make of it in JSON.
func TestADeviceThatIsNoText(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create("")
	s.verify(k, "a\xff", CodeKeyValid, ByExecutorUser("\xff"))
	s.verify(k, "a\xfe", CodeKeyValid)
	assert.Equal(t, []Device{{HWID: "a\uFFFD", ExecutorUserID: "\uFFFD", BoundAt: t0, BoundBy: BoundByVerify}}, s.key(k.ID).Devices)
}
