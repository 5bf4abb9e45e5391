package keycratemock

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// register is an end user's program that registers a license.
func (s *stage) register(key, username, password string) response {
	return s.send("register", `{"app_id": "@app", "license": "`+key+`", "username": "`+username+`", "password": "`+password+`"}`)
}

var registerProofs = proofs{
	ruleRegister: func(s *stage) {
		s.seed("K", License{})
		s.register("K", "alice", "pw").told(200, CodeRegistered)
		s.post("license/get", `{"license_key": "K"}`).has("data.username", `"alice"`)
		s.userLogin("alice", "pw").told(200, CodeVerified).has("data.key", `"K"`)
		s.login("K", "pc").told(200, CodeVerified) // the key still does
		assert.Equal(s, "license.registered K", s.Kinds()[1])
	},
	ruleRegisterEnvelope: func(s *stage) {
		s.seed("K", License{})
		s.register("K", "alice", "pw").ok()
	},
	ruleRegisterCode: func(s *stage) {
		s.seed("K", License{})
		assert.Equal(s, `{"success":true,"message":"REGISTRATION_SUCCESSFUL"}`, string(s.register("K", "alice", "pw").Body))
		s.seed("L", License{})
		assert.Equal(s, AuthResult{Success: true, Code: "REGISTRATION_SUCCESSFUL"}, s.world.Register("L", "bob", "pw"))
	},
	ruleRegisterInput: func(s *stage) {
		s.seed("K", License{})
		whole := `{"app_id": "@app", "license": "K", "username": "alice", "password": "pw"}`
		for _, field := range registerFields {
			s.send("register", without(whole, field)).told(400, CodeInvalidInput)
			s.send("register", without(whole, field)[:len(without(whole, field))-1]+`, "`+field+`": ""}`).told(400, CodeInvalidInput)
			s.send("register", without(whole, field)[:len(without(whole, field))-1]+`, "`+field+`": 5}`).told(400, CodeInvalidInput)
		}
		assert.Empty(s, s.license("K").Username)
	},
	ruleRegisterOrder: func(s *stage) {
		s.seed("other", License{Username: "alice"})
		s.seed("K", week(License{Status: StatusPaused, ExpiresAt: t0, Username: "bob"}))
		s.world.SetOrigin(Origin{Country: "NL"})
		s.world.Blacklist(ByCountry, "NL")
		s.world.SetAppEnabled(defaultAppID, false)
		s.world.SetTeamEnabled(false)
		s.post("subscription/edit", `{"subscription_id": "@sub", "status": "paused"}`).ok()
		s.send("register", `{"app_id": "`+noUUID+`", "license": "none", "username": "alice", "password": "pw"}`).told(404, CodeAppNotFound)
		s.register("none", "alice", "pw").told(404, CodeLicenseNotFound)
		s.register("K", "alice", "pw").told(403, CodeLicenseNotActive)
		s.post("license/update-status", `{"license_key": "K", "status": "active"}`).ok()
		s.register("K", "alice", "pw").told(403, CodeLicenseExpired)
		s.post("license/extend", `{"license_key": "K", "extend_seconds": 60}`).ok()
		s.register("K", "alice", "pw").told(409, CodeAlreadyRegistered)
		s.seed("L", License{})
		s.register("L", "alice", "pw").told(409, CodeUsernameTaken)
		s.register("L", "carol", "pw").told(200, CodeRegistered)
	},
	ruleRegisterState: func(s *stage) {
		s.seed("paused", License{Status: StatusPaused})
		s.seed("expired", License{ExpiresAt: t0})
		s.register("paused", "a", "pw").told(403, CodeLicenseNotActive).has("data", "absent")
		s.register("expired", "a", "pw").told(403, CodeLicenseExpired).has("data", "absent")
	},
	ruleRegisterOnce: func(s *stage) {
		s.seed("K", License{})
		s.seed("named", License{Username: "bob"})
		s.register("K", "alice", "pw").told(200, CodeRegistered)
		want := s.license("K")
		for _, name := range []string{"alice", "carol"} {
			s.register("K", name, "other").told(409, CodeAlreadyRegistered)
			s.register("named", name, "other").told(409, CodeAlreadyRegistered)
		}
		assert.Equal(s, want, s.license("K"))
		s.userLogin("alice", "pw").told(200, CodeVerified)
	},
	ruleRegisterTaken: func(s *stage) {
		s.seed("A", License{Username: "alice"})
		s.seed("B", License{})
		s.register("B", "alice", "pw").told(409, CodeUsernameTaken)
		assert.Empty(s, s.license("B").Username)
		s.register("B", "Alice", "pw").told(200, CodeRegistered)
		there := s.world.AddSubscription(Subscription{AppID: s.world.AddApp("other").ID})
		s.seed("C", License{SubscriptionID: there.ID})
		assert.Equal(s, AuthResult{Success: true, Code: CodeRegistered}, s.world.Register("C", "alice", "pw")) // another app
	},
	ruleRegisterHashed: func(s *stage) {
		for _, key := range []string{"A", "B"} {
			s.seed(key, License{})
			s.register(key, "user-"+key, "s3cr3t").told(200, CodeRegistered)
		}
		a, b := s.world.state.licenses.byKey["A"].password, s.world.state.licenses.byKey["B"].password
		assert.NotEqual(s, a.Salt, b.Salt)
		assert.NotEqual(s, a.Hash, b.Hash) // one password, two hashes
		for _, p := range []*password{a, b} {
			assert.Len(s, p.Hash, 32)
			assert.NotContains(s, string(p.Salt)+string(p.Hash)+hex.EncodeToString(p.Hash), "s3cr3t")
			assert.True(s, p.is("s3cr3t"))
			assert.False(s, p.is("S3cr3t"))
		}
		long := strings.Repeat("x", 80)
		s.seed("long", License{})
		s.register("long", "long", long+"a").told(200, CodeRegistered)
		s.userLogin("long", long+"b").told(401, CodeBadCredentials) // every character counts
	},
	ruleRegisterOnly: func(s *stage) {
		want := s.seed("K", week(License{HWIDLock: true}))
		s.Advance(time.Minute)
		s.register("K", "alice", "pw").told(200, CodeRegistered)
		want.Username = "alice"
		assert.Equal(s, want, s.license("K"))
		s.login("K", "pc").told(200, CodeVerifiedUnused)
	},
}

var portalProofs = proofs{
	rulePortalConditions: func(s *stage) {
		good := License{HWIDLock: true, HWID: "pc", HWIDResetAllowed: true, HWIDResetCooldown: time.Hour, ActivatedAt: t0, LastHWIDResetAt: t0.Add(-time.Hour)}
		for reason, spoil := range map[string]func(*License){
			"":                func(*License) {},
			BlockedByLock:     func(l *License) { l.HWIDLock = false },
			BlockedByRights:   func(l *License) { l.HWIDResetAllowed = false },
			BlockedByState:    func(l *License) { l.ActivatedAt = time.Time{} },
			BlockedByCooldown: func(l *License) { l.LastHWIDResetAt = t0.Add(-time.Minute) },
		} {
			l := good
			spoil(&l)
			l = s.world.AddLicense(l)
			got := s.world.PortalReset(l.Key)
			assert.Equal(s, reason, got.Blocked)
			assert.Equal(s, reason == "", got.Done)
			if !got.Done {
				assert.Equal(s, l, s.license(l.Key))
			}
		}
	},
	rulePortalOrder: func(s *stage) {
		s.seed("K", License{Status: StatusPaused, HWIDResetCooldown: time.Hour, LastHWIDResetAt: t0})
		blocked := func(reason string) {
			s.Helper()
			assert.Equal(s, reason, s.world.PortalReset("K").Blocked)
		}
		blocked(BlockedByLock)
		s.post("hwid/toggle-lock", `{"license_key": "K", "hwid_lock": true}`).ok()
		blocked(BlockedByRights)
		s.post("hwid/toggle-reset-allowed", `{"license_key": "K", "hwid_reset_allowed": true}`).ok()
		blocked(BlockedByState) // paused
		s.post("license/update-status", `{"license_key": "K", "status": "active"}`).ok()
		blocked(BlockedByState) // unused
		s.login("K", "pc").told(200, CodeVerifiedUnused)
		blocked(BlockedByCooldown)
		s.post("hwid/update-reset-interval", `{"license_key": "K", "hwid_reset_cooldown": 0}`).ok()
		blocked("")
	},
	rulePortalCooldown: func(s *stage) {
		s.seed("K", License{HWIDLock: true, HWIDResetAllowed: true, HWIDResetCooldown: time.Hour, ActivatedAt: t0, HWID: "pc"})
		assert.Equal(s, PortalResult{Done: true}, s.world.PortalReset("K")) // the first waits for nothing
		s.Advance(20 * time.Minute)
		assert.Equal(s, PortalResult{Blocked: BlockedByCooldown, Wait: 40 * time.Minute}, s.world.PortalReset("K"))
		s.Advance(40*time.Minute - time.Millisecond)
		assert.Equal(s, PortalResult{Blocked: BlockedByCooldown, Wait: time.Millisecond}, s.world.PortalReset("K"))
		s.Advance(time.Millisecond)
		assert.Equal(s, PortalResult{Done: true}, s.world.PortalReset("K"))
	},
	rulePortalReset: func(s *stage) {
		want := s.seed("K", week(License{HWIDLock: true, HWIDResetAllowed: true, ActivatedAt: t0, HWID: "pc"}))
		for range 2 {
			s.Advance(time.Minute)
			assert.True(s, s.world.PortalReset("K").Done)
			want.HWID, want.LastHWIDResetAt = "", s.Now
			assert.Equal(s, want, s.license("K"))
		}
		assert.Equal(s, []string{"license.hwid-reset K", "license.hwid-reset K"}, s.Kinds()[1:])
	},
}

func TestPortalNeedsALicense(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Refuses(`license names no license that there is; make it first`, func() { s.world.PortalReset("none") })
}
