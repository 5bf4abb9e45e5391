package conformance

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// keycrateDevices is about the devices of licenses, as their owner manages them.
var keycrateDevices = []scenario[*crate]{
	{
		name:   "hwid: set and cleared",
		proves: "hwid-edit.sets hwid-edit.clears hwid-edit.unlocked auth.binds-again hwid-edit.present",
		play: func(s *crate) {
			key := s.seed(locked(7))
			assert.Equal(s, "pc", s.license(s.client.HWIDs.Set(s.Context(), key, "pc")).HWID)
			s.assertBody(about(key, `"hwid": "pc"`), s.seen.request())
			s.barred(keycrate.ErrHWIDMismatch, keycrate.CodeHWIDMismatch, key, "tv")
			s.enter(firstUse, key, "pc")
			license := s.license(s.client.HWIDs.Clear(s.Context(), key))
			s.assertBody(about(key, `"hwid": null`), s.seen.request())
			assert.Contains(s, s.seen.answer(), `"hwid":null`)
			assert.Equal(s, []any{"", true}, []any{license.HWID, license.HWIDLock})
			s.unchanged(func() { s.license(s.client.HWIDs.Clear(s.Context(), key)) })
			assert.Equal(s, "tv", s.enter(verified, key, "tv").HWID) // binds again
			s.assertData(s.do("/hwid/edit", about(key, `"hwid": ""`)), map[string]any{"hwid": nil})
			s.assertInvalid(s.post("/hwid/edit", about(key)), "hwid")
			s.assertLocal("hwid", func() error { return errorOf(s.client.HWIDs.Set(s.Context(), key, "")) })

			open := s.seed(days(7))
			s.license(s.client.HWIDs.Set(s.Context(), open, "pc"))
			s.enter(verified, open, "tv") // is not asked for
			s.license(s.client.HWIDs.SetLock(s.Context(), open, true))
			s.barred(keycrate.ErrHWIDMismatch, keycrate.CodeHWIDMismatch, open, "tv")
		},
	},
	{
		name:   "hwid: an edit is no reset",
		proves: "hwid-edit.cooldown portal.cooldown",
		play: func(s *crate) {
			license := locked(7)
			license.HWIDResetAllowed, license.HWIDResetCooldown = true, time.Hour
			key := s.seed(license)
			s.enter(firstUse, key, "pc")
			assert.True(s, s.Keycrate.PortalReset(key).Done)
			s.at(time.Minute)
			for _, device := range []string{"a", "b"} { // within the cooldown
				changed := s.license(s.client.HWIDs.Set(s.Context(), key, device))
				assert.Equal(s, []any{device, epoch}, []any{changed.HWID, changed.LastHWIDResetAt})
			}
			assert.Equal(s, epoch, s.license(s.client.HWIDs.Clear(s.Context(), key)).LastHWIDResetAt)
			assert.Equal(s, keycratemock.PortalResult{Blocked: keycratemock.BlockedByCooldown, Wait: 59 * time.Minute}, s.Keycrate.PortalReset(key))
		},
	},
	{
		name:   "hwid: one license for a device",
		proves: "hwid-edit.in-use auth.single-key",
		play: func(s *crate) {
			single := s.tier("single")
			seed := func() string { l := locked(7); l.SubscriptionID = single.ID; return s.seed(l) }
			first, second, outside := seed(), seed(), s.seed(locked(7))
			s.license(s.client.HWIDs.Set(s.Context(), first, "pc"))
			s.unchanged(func() {
				s.assertRefused(errorOf(s.client.HWIDs.Set(s.Context(), second, "pc")), keycrate.CodeHWIDInUse, keycrate.ErrHWIDInUse)
			})
			s.barred(keycrate.ErrDeviceAlreadyRegistered, keycrate.CodeDeviceAlreadyRegistered, second, "pc")
			s.license(s.client.HWIDs.Set(s.Context(), first, "pc"))   // its own
			s.license(s.client.HWIDs.Set(s.Context(), outside, "pc")) // of another subscription
			s.license(s.client.HWIDs.Set(s.Context(), second, "PC"))  // another device
			s.license(s.client.HWIDs.Clear(s.Context(), first))
			s.license(s.client.HWIDs.Set(s.Context(), second, "pc"))
			s.license(s.client.HWIDs.Clear(s.Context(), first)) // nobody's device is in nobody's way
		},
	},
	{
		name:   "toggle: sets what it is sent",
		proves: "toggle.sets toggle.explicit reset-allowed.field update.answer bulk.answer",
		play: func(s *crate) {
			key, other := s.seed(days(7)), s.seed(locked(7))
			for _, value := range []bool{true, true, false, false, true} {
				changed := s.license(s.client.HWIDs.SetLock(s.Context(), key, value))
				s.assertBody(about(key, fmt.Sprintf(`"hwid_lock": %v`, value)), s.seen.request())
				assert.Equal(s, value, changed.HWIDLock)
				changed = s.license(s.client.HWIDs.SetResetAllowed(s.Context(), key, value))
				s.assertBody(about(key, fmt.Sprintf(`"hwid_reset_allowed": %v`, value)), s.seen.request())
				assert.Contains(s, s.seen.answer(), fmt.Sprintf(`"hwid_reset_allowed":%v`, value))
				assert.Equal(s, value, changed.HWIDResetAllowed)
				for _, l := range s.licenses(s.client.HWIDs.SetLockBulk(s.Context(), []string{other, key}, value)) {
					assert.Equal(s, value, l.HWIDLock)
				}
				s.assertBody(fmt.Sprintf(`{"license_keys": [%q, %q], "hwid_lock": %v}`, other, key, value), s.seen.request())
				assert.Equal(s, []bool{value, value}, []bool{s.stored(key).HWIDLock, s.stored(other).HWIDLock})
			}
			s.assertInvalid(s.post("/hwid/toggle-lock", about(key)), "hwid_lock")
			s.assertInvalid(s.post("/hwid/toggle-reset-allowed", about(key)), "hwid_reset_allowed")
		},
	},
	{
		name:   "lock: off and on",
		proves: "lock.keeps-hwid auth.hwid-unlocked",
		play: func(s *crate) {
			key := s.seed(locked(7))
			s.enter(firstUse, key, "pc")
			assert.Equal(s, "pc", s.license(s.client.HWIDs.SetLock(s.Context(), key, false)).HWID)
			s.enter(verified, key, "tv")
			s.enter(verified, key, "")
			assert.Equal(s, "pc", s.stored(key).HWID)
			s.license(s.client.HWIDs.SetLock(s.Context(), key, true))
			s.barred(keycrate.ErrHWIDMismatch, keycrate.CodeHWIDMismatch, key, "tv")
			s.enter(verified, key, "pc")

			open := s.seed(days(7))
			s.enter(verified, open, "pc")
			assert.Empty(s, s.stored(open).HWID)
			s.license(s.client.HWIDs.SetLock(s.Context(), open, true))
			s.enter(verified, open, "tv") // is bound now
			s.barred(keycrate.ErrHWIDMismatch, keycrate.CodeHWIDMismatch, open, "pc")
		},
	},
	{
		name:   "reset interval: seconds, and no reset",
		proves: "reset-interval.sets license.cooldown-seconds",
		play: func(s *crate) {
			license := locked(7)
			license.HWIDResetAllowed, license.HWID, license.LastHWIDResetAt = true, "pc", epoch.Add(-time.Hour)
			license.ActivatedAt = epoch.Add(-day)
			key := s.seed(license)
			changed := s.license(s.client.HWIDs.SetResetInterval(s.Context(), key, 2*time.Hour))
			s.assertBody(about(key, `"hwid_reset_cooldown": 7200`), s.seen.request())
			assert.Contains(s, s.seen.answer(), `"hwid_reset_cooldown":7200`)
			assert.Equal(s, []any{2 * time.Hour, "pc", epoch.Add(-time.Hour)}, []any{changed.HWIDResetCooldown, changed.HWID, changed.LastHWIDResetAt})
			assert.Equal(s, time.Hour, s.Keycrate.PortalReset(key).Wait)
			assert.Zero(s, s.license(s.client.HWIDs.SetResetInterval(s.Context(), key, 0)).HWIDResetCooldown)
			s.assertBody(about(key, `"hwid_reset_cooldown": 0`), s.seen.request())
			assert.True(s, s.Keycrate.PortalReset(key).Done)
			for _, bad := range []time.Duration{-time.Second, 1500 * time.Millisecond} {
				s.assertLocal("interval", func() error { return errorOf(s.client.HWIDs.SetResetInterval(s.Context(), key, bad)) })
			}
		},
	},
}
