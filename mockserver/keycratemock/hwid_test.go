package keycratemock

import (
	"time"

	"github.com/stretchr/testify/assert"
)

var hwidProofs = proofs{
	ruleEditSets: func(s *stage) {
		s.seed("K", License{HWIDLock: true})
		s.post("hwid/edit", `{"license_key": "K", "hwid": "pc"}`).ok().has("data.hwid", `"pc"`)
		s.login("K", "phone").told(403, CodeHWIDMismatch)
		s.post("hwid/edit", `{"license_key": "K", "hwid": "phone"}`).ok().has("data.hwid", `"phone"`)
		s.login("K", "phone").told(200, CodeVerifiedUnused)
		s.post("hwid/edit", `{"license_key": "K", "hwid": null}`).ok()
		s.login("K", "tv").told(200, CodeVerified).has("data.hwid", `"tv"`)
	},
	ruleEditClears: func(s *stage) {
		for _, nothing := range []string{`null`, `""`} {
			k := s.world.AddLicense(License{HWID: "pc"}).Key
			for range 2 {
				s.post("hwid/edit", `{"license_key": "`+k+`", "hwid": `+nothing+`}`).ok().has("data.hwid", "null")
			}
		}
	},
	ruleEditPresent: func(s *stage) {
		want := s.seed("K", License{HWID: "pc"})
		s.post("hwid/edit", `{"license_key": "K"}`).invalid("hwid")
		assert.Equal(s, want, s.license("K"))
	},
	ruleEditCooldown: func(s *stage) {
		want := s.seed("K", License{HWID: "pc", HWIDLock: true, HWIDResetCooldown: 24 * time.Hour, LastHWIDResetAt: t0.Add(-time.Minute)})
		s.Advance(time.Minute)
		s.post("hwid/edit", `{"license_key": "K", "hwid": null}`).ok().has("data.last_hwid_reset_at", `"2025-11-02T09:59:00.000Z"`)
		want.HWID, want.UpdatedAt = "", s.Now
		assert.Equal(s, want, s.license("K"))
	},
	ruleEditUnlocked: func(s *stage) {
		s.seed("K", License{})
		s.post("hwid/edit", `{"license_key": "K", "hwid": "pc"}`).ok().has("data.hwid", `"pc"`).has("data.hwid_lock", "false")
		s.login("K", "phone").told(200, CodeVerified).has("data.hwid", `"pc"`) // not asked for, not replaced
	},
	ruleEditInUse: func(s *stage) {
		single := s.world.AddSubscription(Subscription{SingleKeyPerHWID: true})
		s.seed("A", License{SubscriptionID: single.ID, HWID: "pc", Status: StatusPaused, ExpiresAt: t0})
		want := s.seed("B", License{SubscriptionID: single.ID})
		s.post("hwid/edit", `{"license_key": "B", "hwid": "pc"}`).refused(409, "HWID_IN_USE")
		assert.Equal(s, want, s.license("B"))
		s.post("hwid/edit", `{"license_key": "A", "hwid": "pc"}`).ok() // its own
		s.post("hwid/edit", `{"license_key": "B", "hwid": "PC"}`).ok()
		s.post("hwid/edit", `{"license_key": "B", "hwid": null}`).ok()
		s.seed("C", License{SubscriptionID: s.sub.ID})
		s.post("hwid/edit", `{"license_key": "C", "hwid": "pc"}`).ok() // of another subscription
	},
	ruleToggleSets: func(s *stage) {
		s.seed("K", License{})
		for _, value := range []string{"true", "true", "false", "false", "true"} {
			s.post("hwid/toggle-lock", `{"license_key": "K", "hwid_lock": `+value+`}`).ok().has("data.hwid_lock", value)
			s.post("hwid/toggle-lock-bulk", `{"license_keys": ["K"], "hwid_lock": `+value+`}`).ok().has("data.0.hwid_lock", value)
			s.post("hwid/toggle-reset-allowed", `{"license_key": "K", "hwid_reset_allowed": `+value+`}`).ok().
				has("data.hwid_reset_allowed", value)
		}
	},
	ruleToggleExplicit: func(s *stage) {
		want := s.seed("K", License{HWIDLock: true})
		s.post("hwid/toggle-lock", `{"license_key": "K"}`).invalid("hwid_lock")
		s.post("hwid/toggle-lock", `{"license_key": "K", "hwid_lock": null}`).invalid("hwid_lock")
		s.post("hwid/toggle-lock-bulk", `{"license_keys": ["K"]}`).invalid("hwid_lock")
		s.post("hwid/toggle-reset-allowed", `{"license_key": "K"}`).invalid("hwid_reset_allowed")
		assert.Equal(s, want, s.license("K"))
	},
	ruleLockKeeps: func(s *stage) {
		s.seed("K", License{HWIDLock: true, HWID: "pc"})
		s.seed("free", License{})
		s.login("K", "phone").told(403, CodeHWIDMismatch)
		s.post("hwid/toggle-lock", `{"license_key": "K", "hwid_lock": false}`).ok().has("data.hwid", `"pc"`)
		s.login("K", "phone").told(200, CodeVerified)
		s.post("hwid/toggle-lock", `{"license_key": "K", "hwid_lock": true}`).ok().has("data.hwid", `"pc"`)
		s.login("K", "phone").told(403, CodeHWIDMismatch)
		s.login("free", "phone").told(200, CodeVerified).has("data.hwid", "null")
		s.post("hwid/toggle-lock", `{"license_key": "free", "hwid_lock": true}`).ok().has("data.hwid", "null")
		s.login("free", "tv").told(200, CodeVerified).has("data.hwid", `"tv"`)
	},
	ruleResetAllowed: func(s *stage) {
		s.seed("K", License{HWIDLock: true, ActivatedAt: t0, HWID: "pc"})
		assert.False(s, s.world.PortalReset("K").Done)
		s.post("hwid/toggle-reset-allowed", `{"license_key": "K", "hwid_reset_allowed": true}`).ok()
		assert.True(s, s.world.PortalReset("K").Done)
	},
	ruleIntervalSets: func(s *stage) {
		want := s.seed("K", License{HWIDLock: true, HWID: "pc", HWIDResetCooldown: time.Hour, LastHWIDResetAt: t0.Add(-time.Minute)})
		s.Advance(time.Minute)
		s.post("hwid/update-reset-interval", `{"license_key": "K", "hwid_reset_cooldown": 86400}`).ok().has("data.hwid_reset_cooldown", "86400")
		want.HWIDResetCooldown, want.UpdatedAt = 24*time.Hour, s.Now
		assert.Equal(s, want, s.license("K"))
		s.post("hwid/update-reset-interval", `{"license_key": "K", "hwid_reset_cooldown": 0}`).ok().has("data.hwid_reset_cooldown", "0")
	},
}
