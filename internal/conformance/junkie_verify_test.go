package conformance

import (
	"strings"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// junkieEndUsers is about what happens to keys without the owner's client: end
// users verify and redeem them, devices are banned.
var junkieEndUsers = []scenario[*shop]{
	{
		name:   "verify: one check after the other",
		proves: "verify.order verify.service-not-found verify.key-invalid verify.service-mismatch verify.hwid-banned verify.key-invalidated verify.key-expired verify.already-used verify.premium-required verify.hwid-mismatch verify.key-valid",
		play: func(s *shop) {
			premium := s.Junkie.AddService("premium", junkiemock.Premium())
			other := s.Junkie.AddService("other")
			s.Junkie.BanDevice(junkiemock.Ban{HWID: "device"})
			// A key with everything wrong at once; each step mends what the one
			// before has told.
			key := s.Junkie.AddKey(junkiemock.Key{
				ServiceID: premium.ID, Invalidated: true, ExpiresAt: epoch, OneTimeUse: true, UsedAt: epoch,
				HWIDLimit: 1, Devices: []junkiemock.Device{{HWID: "another"}},
			})
			here := junkiemock.ForService(premium.ID)
			refused := func(code, value string, service junkiemock.VerifyOption) {
				s.Helper()
				s.unchanged(func() { s.assertVerified(code, value, "device", service) })
			}
			refused("SERVICE_NOT_FOUND", "unknown", junkiemock.ForService(3999))
			refused("SERVICE_NOT_FOUND", "unknown", junkiemock.ForService(0))
			refused("KEY_INVALID", "unknown", here)
			refused("KEY_INVALID", strings.ToUpper(key.Value), here)
			refused("SERVICE_MISMATCH", key.Value, junkiemock.ForService(other.ID))
			refused("HWID_BANNED", key.Value, here)
			s.Junkie.UnbanDevice("device")
			refused("KEY_INVALIDATED", key.Value, here)
			s.update(key.ID, junkie.UpdateKeyParams{Invalidated: junkie.Set(false)})
			refused("KEY_EXPIRED", key.Value, here)
			s.update(key.ID, junkie.UpdateKeyParams{ExpiresAt: junkie.Null[time.Time]()})
			refused("ALREADY_USED", key.Value, here)
			s.update(key.ID, junkie.UpdateKeyParams{OneTimeUse: junkie.Set(false)})
			refused("PREMIUM_REQUIRED", key.Value, here)
			s.update(key.ID, junkie.UpdateKeyParams{Premium: junkie.Set(true)})
			refused("HWID_MISMATCH", key.Value, here)
			s.update(key.ID, junkie.UpdateKeyParams{HWIDLimit: junkie.Set(2)})
			s.assertVerified("KEY_VALID", key.Value, "device", here)
		},
	},
	{
		name:   "verify: without a service",
		proves: "verify.no-service",
		play: func(s *shop) {
			premium := s.Junkie.AddService("premium", junkiemock.Premium())
			key := s.create(junkie.CreateKeyParams{ServiceID: premium.ID})
			s.assertVerified(junkiemock.CodePremiumRequired, key.Value, "pc", junkiemock.ForService(premium.ID))
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "pc")
		},
	},
	{
		name:   "verify: a service without keys",
		proves: "verify.keyless",
		play: func(s *shop) {
			keyless := s.Junkie.AddService("open", junkiemock.Keyless(), junkiemock.Premium())
			key := s.create(junkie.CreateKeyParams{Validity: time.Hour, ExpiryOnFirstUse: true})
			s.Junkie.BanDevice(junkiemock.Ban{HWID: "banned"})
			s.unchanged(func() {
				for _, value := range []string{key.Value, "no such key", ""} {
					s.assertVerified(junkiemock.CodeKeyless, value, "banned", junkiemock.ForService(keyless.ID))
				}
			})
		},
	},
	{
		name:   "verify: a key for every service",
		proves: "verify.any-service verify.foreign",
		play: func(s *shop) {
			one, two := s.Junkie.AddService("one"), s.Junkie.AddService("two")
			key := s.create(junkie.CreateKeyParams{})
			for _, service := range []junkiemock.Service{one, two} {
				s.assertVerified(junkiemock.CodeKeyValid, key.Value, "pc", junkiemock.ForService(service.ID))
			}
			foreign := s.Junkie.AddAccount().AddService("theirs")
			s.unchanged(func() {
				s.assertVerified(junkiemock.CodeKeyInvalid, key.Value, "pc", junkiemock.ForService(foreign.ID))
			})
		},
	},
	{
		name:   "verify: what a device leaves behind",
		proves: "hwid.bound-by-verify hwid.under-limit verify.used-at",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{HWIDLimit: 2})
			s.at(time.Minute)
			assert.Equal(s, []string{"key.used 1", "key.device-bound 1"}, s.effects(func() {
				s.assertVerified(junkiemock.CodeKeyValid, key.Value, "A", junkiemock.ByExecutorUser("user-1"))
			}))
			s.at(2 * time.Minute)
			assert.Equal(s, []string{"key.device-bound 1"}, s.effects(func() {
				s.assertVerified(junkiemock.CodeKeyValid, key.Value, "B")
			}))
			s.unchanged(func() { s.assertVerified(junkiemock.CodeKeyValid, key.Value, "A", junkiemock.ByExecutorUser("user-2")) })
			got := s.get(key.ID)
			assert.Equal(s, []junkie.HWID{
				{Value: "A", ExecutorUserID: "user-1", BoundAt: epoch.Add(time.Minute), BoundBy: junkie.BoundByVerify},
				{Value: "B", BoundAt: epoch.Add(2 * time.Minute), BoundBy: junkie.BoundByVerify},
			}, got.HWIDs)
			assert.Contains(s, s.seen.answer(), `"keys_hwid":["A","B"]`)
			assert.Equal(s, epoch.Add(time.Minute), got.UsedAt)
			s.unchanged(func() { s.assertVerified(junkiemock.CodeHWIDMismatch, key.Value, "a") })
		},
	},
	{
		name:   "verify: a limit lowered",
		proves: "hwid.bound",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{HWIDLimit: 2})
			for _, device := range []string{"A", "B"} {
				s.assertVerified(junkiemock.CodeKeyValid, key.Value, device)
			}
			s.update(key.ID, junkie.UpdateKeyParams{HWIDLimit: junkie.Set(1)})
			assert.Equal(s, []string{"A", "B"}, hwids(s.get(key.ID)), "nothing is unbound")
			s.unchanged(func() {
				for _, device := range []string{"A", "B"} {
					s.assertVerified(junkiemock.CodeKeyValid, key.Value, device)
				}
				s.assertVerified(junkiemock.CodeHWIDMismatch, key.Value, "C")
			})
		},
	},
	{
		name:   "verify: devices switched off",
		proves: "hwid.off",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{HWIDLimit: 1, HWIDs: []string{"A"}})
			s.unchanged(func() { s.assertVerified(junkiemock.CodeHWIDMismatch, key.Value, "B") })
			s.update(key.ID, junkie.UpdateKeyParams{NoHWID: junkie.Set(true)})
			for _, device := range []string{"B", "", strings.Repeat("x", 256)} {
				s.assertVerified(junkiemock.CodeKeyValid, key.Value, device)
			}
			assert.Equal(s, []string{"A"}, hwids(s.get(key.ID)))
		},
	},
	{
		name:   "verify: no device to speak of",
		proves: "verify.no-device",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{})
			s.unchanged(func() {
				for _, device := range []string{"", strings.Repeat("x", 256)} {
					s.assertVerified(junkiemock.CodeHWIDMismatch, key.Value, device)
				}
			})
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, strings.Repeat("🔑", 255))
		},
	},
	{
		name:   "ban: a device and its keys",
		proves: "ban.invalidates verify.hwid-banned",
		play: func(s *shop) {
			bound := s.create(junkie.CreateKeyParams{HWIDs: []string{"evil", "good"}})
			free := s.create(junkie.CreateKeyParams{HWIDs: []string{"good", "EVIL"}})
			account := s.Junkie.AddAccount()
			account.AddProvider("theirs")
			theirs := account.AddKey(junkiemock.Key{Devices: []junkiemock.Device{{HWID: "evil"}}})
			assert.Equal(s, []string{"device.banned evil", "key.invalidated 1"}, s.effects(func() {
				s.Junkie.BanDevice(junkiemock.Ban{HWID: "evil", InvalidateKeys: true})
			}))
			s.assertStatus(bound.ID, junkie.StatusInvalidated)
			s.assertStatus(free.ID, junkie.StatusActive)
			s.assertVerified(junkiemock.CodeKeyInvalidated, bound.Value, "good")
			s.assertVerified(junkiemock.CodeHWIDBanned, free.Value, "evil")
			s.assertVerified(junkiemock.CodeKeyValid, free.Value, "EVIL")
			s.assertVerified(junkiemock.CodeKeyValid, theirs.Value, "evil")
			assert.True(s, s.Junkie.UnbanDevice("evil"))
			s.assertVerified(junkiemock.CodeKeyValid, free.Value, "evil")
			s.assertStatus(bound.ID, junkie.StatusInvalidated)
		},
	},
	{
		name:   "ban: until a time",
		proves: "ban.ends",
		play: func(s *shop) {
			key, bound := s.create(junkie.CreateKeyParams{}), s.create(junkie.CreateKeyParams{HWIDs: []string{"evil"}})
			s.Junkie.BanDevice(junkiemock.Ban{HWID: "evil", Until: epoch.Add(time.Hour), InvalidateKeys: true})
			s.at(time.Hour - time.Millisecond)
			s.unchanged(func() { s.assertVerified(junkiemock.CodeHWIDBanned, key.Value, "evil") })
			s.at(time.Hour)
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "evil")
			s.assertVerified(junkiemock.CodeKeyInvalidated, bound.Value, "evil")
		},
	},
	{
		name:   "redeem: what cannot be redeemed",
		proves: "redeem redeem.refused",
		play: func(s *shop) {
			const user = "100000000000000001"
			invalid := s.Junkie.AddKey(junkiemock.Key{Invalidated: true})
			expired := s.Junkie.AddKey(junkiemock.Key{ExpiresAt: epoch})
			good := s.Junkie.AddKey(junkiemock.Key{UsedAt: epoch})
			assert.True(s, s.Junkie.Redeem(good.Value, user))
			s.unchanged(func() {
				for _, value := range []string{invalid.Value, expired.Value, good.Value, "unknown"} {
					assert.False(s, s.Junkie.Redeem(value, user))
				}
			})
			assert.Equal(s, &junkie.DiscordRedemption{DiscordUserID: user, Status: "redeemed", RedeemedAt: epoch}, s.get(good.ID).DiscordRedemption)
		},
	},
}
