package keycratemock

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var authProofs = proofs{
	ruleUserEnvelope: func(s *stage) {
		s.seed("K", License{})
		assert.Equal(s, `{"success":false,"message":"LICENSE_NOT_FOUND"}`, string(s.login("none", "pc").Body))
		r := s.login("K", "pc").told(200, CodeVerified)
		assert.True(s, strings.HasPrefix(string(r.Body), `{"success":true,"message":"LICENSE_VERIFIED","data":{"key":"K",`), "%s", r.Body)
	},
	ruleUserValidation: func(s *stage) {
		s.auth(`{`).told(400, "INVALID_INPUT")
		s.auth(`{"app_id": 5}`).told(400, "INVALID_INPUT")
		s.send("register", `{}`).told(400, "INVALID_INPUT")
	},
	ruleAuthStatus: func(s *stage) {
		s.seed("K", License{HWIDLock: true})
		s.login("K", "pc").Is(200)
		s.login("K", "pc").Is(200)
	},
	ruleAuthInput: func(s *stage) {
		s.seed("K", License{})
		s.world.Register("K", "alice", "pw")
		for _, body := range []string{
			`{}`, `{"license": "K"}`, `{"app_id": "", "license": "K"}`, `{"app_id": "@app"}`, `{"app_id": "@app", "license": ""}`,
			`{"app_id": "@app", "username": "alice"}`, `{"app_id": "@app", "password": "pw"}`,
			`{"app_id": "@app", "username": "alice", "password": ""}`, `{"app_id": "@app", "username": "", "password": "pw", "hwid": "pc"}`,
		} {
			s.auth(body).told(400, CodeInvalidInput).has("data", "absent")
		}
		s.auth(`{"app_id": "@app", "license": "", "username": "alice", "password": "pw"}`).told(200, CodeVerified)
		assert.Equal(s, AuthResult{Code: CodeInvalidInput}, s.world.AuthWith(Login{Username: "alice"}))
	},
	ruleAuthOrder: func(s *stage) {
		for n := range s.obstacles() {
			s.orderOfChecks(n)
		}
	},
	ruleAuthOrderDetail: func(s *stage) {
		s.orderOfChecks(0)
		s.world.SetTeamEnabled(false)
		s.login("none", "pc").told(403, CodeTeamError) // before the license is looked up
		s.world.SetTeamEnabled(true)
		s.post("subscription/edit", `{"subscription_id": "@sub", "status": "paused"}`).ok()
		s.userLogin("nobody", "pw").told(401, CodeBadCredentials) // and that before its subscription
		s.seed("old", License{ExpiresAt: t0, HWIDLock: true})
		s.post("subscription/edit", `{"subscription_id": "@sub", "status": "active"}`).ok()
		s.login("old", "").told(400, CodeHWIDNotProvided) // the device before the expiry
	},
	ruleBlacklist: func(s *stage) {
		s.seed("K", License{})
		s.world.SetOrigin(Origin{Country: "NL", ASN: 64496, IP: "192.0.2.1"})
		s.login("K", "pc").told(200, CodeVerified)
		for _, c := range []struct {
			by                 BlacklistKind
			value, other, code string
		}{
			{ByCountry, "NL", "BE", CodeCountryBlacklisted},
			{ByASN, "64496", "64497", CodeASNBlacklisted},
			{ByIP, "192.0.2.1", "192.0.2.2", CodeIPBlacklisted},
			{ByHWID, "pc", "PC", CodeHWIDBlacklisted},
		} {
			s.world.Blacklist(c.by, c.other)
			s.login("K", "pc").told(200, CodeVerified)
			s.world.Blacklist(c.by, c.value)
			s.login("K", "pc").told(403, c.code).has("data", "absent")
			assert.Equal(s, AuthResult{Code: c.code}, s.world.Auth("K", "pc"))
			assert.True(s, s.world.Unblacklist(c.by, c.value))
			assert.False(s, s.world.Unblacklist(c.by, c.value))
			s.login("K", "pc").told(200, CodeVerified)
		}
		s.world.SetOrigin(Origin{})
		s.world.Blacklist(ByCountry, "NL")
		s.login("K", "pc").told(200, CodeVerified)
	},
	ruleBlacklistAll: func(s *stage) {
		s.world.SetOrigin(Origin{Country: "NL", ASN: 64496, IP: "192.0.2.1"})
		s.world.Blacklist(ByHWID, "pc")
		s.auth(`{"app_id": "`+noUUID+`", "license": "none", "hwid": "pc"}`).told(403, CodeHWIDBlacklisted)
		s.world.Blacklist(ByIP, "192.0.2.1")
		s.login("none", "pc").told(403, CodeIPBlacklisted)
		s.world.Blacklist(ByASN, "64496")
		s.login("none", "pc").told(403, CodeASNBlacklisted)
		s.world.Blacklist(ByCountry, "NL")
		s.login("none", "pc").told(403, CodeCountryBlacklisted)
		s.auth(`{"app_id": "`+s.world.AddApp("other").ID+`", "license": "none"}`).told(403, CodeCountryBlacklisted)
	},
	ruleAppUnknown: func(s *stage) {
		s.seed("K", License{})
		s.auth(`{"app_id": "`+noUUID+`", "license": "K"}`).told(404, CodeAppNotFound)
		s.send("register", `{"app_id": "`+noUUID+`", "license": "K", "username": "a", "password": "b"}`).told(404, CodeAppNotFound)
	},
	ruleAppOff: func(s *stage) {
		s.seed("K", License{})
		s.world.SetAppEnabled(defaultAppID, false)
		s.login("K", "pc").told(403, CodeAppNotActive)
		s.post("license/get", `{"license_key": "K"}`).ok() // management goes on
		s.world.SetAppEnabled(defaultAppID, true)
		s.login("K", "pc").told(200, CodeVerified)
	},
	ruleTeamOff: func(s *stage) {
		s.seed("K", License{})
		s.world.SetTeamEnabled(false)
		s.login("K", "pc").told(403, CodeTeamError)
		s.auth(`{"app_id": "`+s.world.AddApp("other").ID+`", "license": "K"}`).told(403, CodeTeamError)
		s.post("license/get", `{"license_key": "K"}`).ok()
		s.world.SetTeamEnabled(true)
		s.login("K", "pc").told(200, CodeVerified)
	},
	ruleLoginUnknown: func(s *stage) {
		s.seed("K", License{})
		for _, key := range []string{"none", "k", "K "} {
			s.login(key, "pc").told(404, CodeLicenseNotFound)
		}
		assert.Equal(s, AuthResult{Code: CodeLicenseNotFound}, s.world.Auth("none", "pc"))
	},
	ruleLoginForeign: func(s *stage) {
		there := s.world.AddSubscription(Subscription{AppID: s.world.AddApp("other").ID})
		s.seed("K", License{SubscriptionID: there.ID})
		s.login("K", "pc").told(404, CodeLicenseNotFound)
		assert.Equal(s, AuthResult{Code: CodeLicenseNotFound}, s.world.AuthWith(Login{License: "K"}))
		s.auth(`{"app_id": "`+there.AppID+`", "license": "K"}`).told(200, CodeVerified)
		assert.Equal(s, AuthResult{Success: true, Code: CodeVerified}, s.world.Auth("K", "")) // in its own app
	},
	ruleLoginWrong: func(s *stage) {
		s.seed("K", License{})
		s.seed("named", License{Username: "bob"})
		s.world.Register("K", "alice", "pw")
		for _, c := range [][2]string{{"alice", "PW"}, {"alice", "pw "}, {"Alice", "pw"}, {"nobody", "pw"}, {"bob", "pw"}} {
			s.userLogin(c[0], c[1]).told(401, CodeBadCredentials).has("data", "absent")
		}
		s.auth(`{"app_id": "`+s.world.AddApp("other").ID+`", "username": "alice", "password": "pw"}`).told(401, CodeBadCredentials)
	},
	ruleLoginPassword: func(s *stage) {
		s.seed("K", License{HWIDLock: true})
		s.world.Register("K", "alice", "pw")
		s.auth(`{"app_id": "@app", "username": "alice", "password": "pw", "hwid": "pc"}`).told(200, CodeVerifiedUnused).
			has("data.key", `"K"`).has("data.username", `"alice"`)
		assert.Equal(s, AuthResult{Code: CodeHWIDMismatch}, s.world.AuthWith(Login{Username: "alice", Password: "pw", HWID: "phone"}))
	},
	ruleLoginBoth: func(s *stage) {
		s.seed("A", License{})
		s.seed("B", License{})
		s.world.Register("B", "bob", "pw")
		s.auth(`{"app_id": "@app", "license": "A", "username": "bob", "password": "wrong"}`).told(200, CodeVerified).has("data.key", `"A"`)
		s.auth(`{"app_id": "@app", "license": "none", "username": "bob", "password": "pw"}`).told(404, CodeLicenseNotFound)
	},
	ruleSubscriptionGone: func(s *stage) {
		s.seed("K", License{})
		s.world.OrphanLicenses(s.sub.ID)
		s.login("K", "pc").told(403, CodeSubscriptionError)
		assert.Equal(s, s.sub.ID, s.license("K").SubscriptionID)
		s.post("hwid/edit", `{"license_key": "K", "hwid": "pc"}`).ok()
		again := s.world.AddSubscription(Subscription{})
		s.post("license/update-subscription", `{"license_key": "K", "subscription_id": "`+again.ID+`"}`).ok()
		s.login("K", "pc").told(200, CodeVerified)
	},
	ruleSubscriptionOff: func(s *stage) {
		s.seed("K", License{})
		s.post("subscription/edit", `{"subscription_id": "@sub", "status": "paused"}`).ok()
		s.login("K", "pc").told(403, CodeSubscriptionNotActive)
		s.post("subscription/edit", `{"subscription_id": "@sub", "status": "active"}`).ok()
		s.login("K", "pc").told(200, CodeVerified)
	},
	ruleDeviceNone: func(s *stage) {
		s.seed("new", License{HWIDLock: true})
		s.seed("bound", License{HWIDLock: true, HWID: "pc"})
		for _, key := range []string{"new", "bound"} {
			s.auth(`{"app_id": "@app", "license": "`+key+`"}`).told(400, CodeHWIDNotProvided)
			s.login(key, "").told(400, CodeHWIDNotProvided)
			assert.Equal(s, AuthResult{Code: CodeHWIDNotProvided}, s.world.Auth(key, ""))
		}
	},
	ruleDeviceOther: func(s *stage) {
		s.seed("K", License{HWIDLock: true})
		s.login("K", "pc").told(200, CodeVerifiedUnused)
		for _, hwid := range []string{"phone", "PC", "pc "} {
			want := s.license("K")
			s.login("K", hwid).told(403, CodeHWIDMismatch)
			assert.Equal(s, want, s.license("K"))
		}
		s.login("K", "pc").told(200, CodeVerified)
	},
	ruleDeviceExact: func(s *stage) {
		s.seed("K", License{HWIDLock: true, HWID: "Pc é"})
		for _, other := range []string{"pc é", "PC É", "Pc é", " Pc é", "Pc"} {
			s.login("K", other).told(403, CodeHWIDMismatch)
		}
		s.login("K", `Pc é`).told(200, CodeVerifiedUnused)
	},
	ruleDeviceOtherData: func(s *stage) {
		s.seed("K", License{HWIDLock: true, HWID: "pc", HWIDResetAllowed: true, HWIDResetCooldown: time.Hour, LastHWIDResetAt: t0.Add(-time.Minute)})
		s.seed("L", License{HWIDLock: true, HWID: "pc"})
		s.login("K", "phone").told(403, CodeHWIDMismatch).
			has("data", `{"hwid_reset_allowed":true,"last_hwid_reset_at":"2025-11-02T09:59:00.000Z","hwid_reset_cooldown":3600}`)
		s.login("L", "phone").told(403, CodeHWIDMismatch).
			has("data", `{"hwid_reset_allowed":false,"last_hwid_reset_at":null,"hwid_reset_cooldown":0}`)
	},
	ruleMismatchSpelling: func(s *stage) {
		s.seed("K", License{HWIDLock: true, HWID: "pc"})
		s.login("K", "phone").told(403, "HWID_MISMATCH")
	},
	ruleMismatchDoubleS: func(s *stage) {
		s.seed("K", License{HWIDLock: true, HWID: "pc"})
		s.world.SetMismatchSpelling(CodeHWIDMismatchDoubleS)
		s.login("K", "phone").told(403, "HWID_MISSMATCH").has("data.hwid_reset_cooldown", "0")
		s.world.SetMismatchSpelling(CodeHWIDMismatch)
		s.login("K", "phone").told(403, "HWID_MISMATCH")
	},
	ruleDeviceUnlocked: func(s *stage) {
		s.seed("K", License{})
		for _, hwid := range []string{"pc", "phone", ""} {
			s.login("K", hwid).told(200, CodeVerified).has("data.hwid", "null").has("data.hwid_lock", "false")
		}
		assert.Empty(s, s.license("K").HWID)
	},
	ruleSingleKey: func(s *stage) {
		single := s.world.AddSubscription(Subscription{SingleKeyPerHWID: true})
		s.seed("A", License{SubscriptionID: single.ID, HWIDLock: true})
		s.seed("B", License{SubscriptionID: single.ID, HWIDLock: true})
		s.login("A", "pc").told(200, CodeVerifiedUnused)
		want := s.license("B")
		s.login("B", "pc").told(403, CodeDeviceRegistered).has("data", "absent")
		assert.Equal(s, want, s.license("B"))
		s.login("B", "phone").told(200, CodeVerifiedUnused)
		s.login("A", "pc").told(200, CodeVerified)
		s.seed("other", License{SubscriptionID: s.sub.ID, HWIDLock: true})
		s.login("other", "pc").told(200, CodeVerifiedUnused) // of another subscription
		s.login("A", "phone").told(403, CodeHWIDMismatch)    // its own device first
	},
	ruleSingleKeyAny: func(s *stage) {
		single := s.world.AddSubscription(Subscription{SingleKeyPerHWID: true})
		for key, l := range map[string]License{
			"paused": {Status: StatusPaused}, "expired": {ExpiresAt: t0}, "unlocked": {},
		} {
			l.SubscriptionID, l.HWID = single.ID, key
			s.seed(key, l)
			s.seed("locked-"+key, License{SubscriptionID: single.ID, HWIDLock: true})
			s.login("locked-"+key, key).told(403, CodeDeviceRegistered)
			s.seed("free-"+key, License{SubscriptionID: single.ID})
			s.login("free-"+key, key).told(403, CodeDeviceRegistered)
			s.login("free-"+key, "").told(200, CodeVerified) // nothing to ask for
		}
		s.login("unlocked", "unlocked").told(200, CodeVerified)
		s.seed("both", License{SubscriptionID: single.ID, HWID: "paused", HWIDLock: true})
		s.login("both", "paused").told(200, CodeVerifiedUnused) // bound itself
	},
	ruleStatePaused: func(s *stage) {
		s.seed("K", License{Status: StatusPaused, ExpiresAt: t0})
		s.login("K", "pc").told(403, CodeLicenseNotActive).has("data", "absent") // before the expiry
	},
	ruleStateExpired: func(s *stage) {
		s.seed("K", License{ExpiresAt: t0.Add(-time.Hour)})
		s.login("K", "pc").told(403, CodeLicenseExpired)
	},
	ruleStateExpiry: func(s *stage) {
		s.seed("K", week(License{}))
		s.login("K", "pc").told(200, CodeVerified)
		s.Advance(7*day - time.Millisecond)
		s.login("K", "pc").told(200, CodeVerified)
		assert.False(s, s.license("K").Expired(s.Now))
		s.Advance(time.Millisecond)
		s.login("K", "pc").told(403, CodeLicenseExpired)
		assert.True(s, s.license("K").Expired(s.Now))
		assert.Equal(s, StatusActive, s.license("K").Status)
	},
	ruleStateExpiredData: func(s *stage) {
		s.seed("K", License{ExpiresAt: t0.Add(-time.Hour)})
		s.login("K", "pc").has("data", `{"expires_at":"2025-11-02T09:00:00.000Z"}`)
	},
	ruleFirstUse: func(s *stage) {
		s.seed("K", week(License{HWIDLock: true}))
		s.auth(`{"app_id": "@app", "license": "K"}`).told(400, CodeHWIDNotProvided) // a refusal is no use
		assert.Zero(s, s.license("K").ActivatedAt)
		s.Advance(time.Hour)
		first := s.Now
		s.login("K", "pc").told(200, CodeVerifiedUnused).has("data.activated_at", `"2025-11-02T11:00:00.000Z"`)
		s.Advance(time.Hour)
		s.login("K", "pc").told(200, CodeVerified).has("data.activated_at", `"2025-11-02T11:00:00.000Z"`)
		assert.Equal(s, first, s.license("K").ActivatedAt)
		assert.Equal(s, []string{"license.activated K", "license.hwid-bound K"}, s.Kinds()[1:])
	},
	ruleFirstUseExpiry: func(s *stage) {
		l := s.create(``)
		s.Advance(100 * day) // waits as long as it must
		s.login(l.Key, "pc").told(200, CodeVerified).has("data.expires_at", `"`+timestamp(s.Now.Add(7*day))+`"`)
		s.Advance(day)
		s.login(l.Key, "pc").has("data.expires_at", `"`+timestamp(s.Now.Add(6*day))+`"`)
		s.seed("started", week(License{}))
		s.post("license/extend", `{"license_key": "started", "extend_seconds": 86400}`).ok()
		s.login("started", "pc").has("data.expires_at", `"`+timestamp(s.Now.Add(8*day))+`"`)
	},
	ruleDeviceBinds: func(s *stage) {
		s.seed("K", License{HWIDLock: true})
		s.login("K", "pc").told(200, CodeVerifiedUnused).has("data.hwid", `"pc"`)
		s.login("K", "phone").told(403, CodeHWIDMismatch)
		assert.Equal(s, "pc", s.license("K").HWID)
	},
	ruleDeviceBindsAgain: func(s *stage) {
		s.seed("K", License{HWIDLock: true, HWIDResetAllowed: true})
		s.login("K", "pc").told(200, CodeVerifiedUnused)
		assert.True(s, s.world.PortalReset("K").Done)
		s.login("K", "phone").told(200, CodeVerified).has("data.hwid", `"phone"`)
		s.login("K", "pc").told(403, CodeHWIDMismatch)
	},
	ruleVerifiedUnused: func(s *stage) {
		s.seed("locked", License{HWIDLock: true})
		s.seed("edited", License{HWIDLock: true, HWID: "pc"}) // bound, but never used
		for _, key := range []string{"locked", "edited"} {
			s.login(key, "pc").told(200, "LICENSE_VERIFIED_UNUSED_AND_LOCKED_KEY")
			s.login(key, "pc").told(200, "LICENSE_VERIFIED")
		}
	},
	ruleVerified: func(s *stage) {
		s.seed("unlocked", License{})
		s.login("unlocked", "pc").told(200, "LICENSE_VERIFIED")
		s.seed("used", License{HWIDLock: true, ActivatedAt: t0})
		s.login("used", "pc").told(200, "LICENSE_VERIFIED").has("data.hwid", `"pc"`)
	},
}

// obstacle is one thing that keeps an end user out, and how to take it away.
type obstacle struct {
	code       string
	put, clear func()
}

// obstacles stand in the way of license K on the device "pc", in the order of
// the checks.
func (s *stage) obstacles() []obstacle {
	set := func(path, fields string) func() {
		return func() { s.post(path, `{"license_key": "K", `+fields+`}`).ok() }
	}
	sub := func(status string) func() {
		return func() { s.post("subscription/edit", `{"subscription_id": "@sub", "status": "`+status+`"}`).ok() }
	}
	return []obstacle{
		{CodeCountryBlacklisted, func() { s.world.Blacklist(ByCountry, "NL") }, func() { s.world.Unblacklist(ByCountry, "NL") }},
		{CodeASNBlacklisted, func() { s.world.Blacklist(ByASN, "64496") }, func() { s.world.Unblacklist(ByASN, "64496") }},
		{CodeIPBlacklisted, func() { s.world.Blacklist(ByIP, "192.0.2.1") }, func() { s.world.Unblacklist(ByIP, "192.0.2.1") }},
		{CodeHWIDBlacklisted, func() { s.world.Blacklist(ByHWID, "pc") }, func() { s.world.Unblacklist(ByHWID, "pc") }},
		{CodeAppNotActive, func() { s.world.SetAppEnabled(defaultAppID, false) }, func() { s.world.SetAppEnabled(defaultAppID, true) }},
		{CodeTeamError, func() { s.world.SetTeamEnabled(false) }, func() { s.world.SetTeamEnabled(true) }},
		{CodeSubscriptionNotActive, sub("paused"), sub("active")},
		{CodeHWIDMismatch, set("hwid/edit", `"hwid": "other"`), set("hwid/edit", `"hwid": null`)},
		{CodeDeviceRegistered, func() { s.seed("holder", License{HWID: "pc"}) }, func() { s.world.RemoveLicense("holder") }},
		{CodeLicenseNotActive, set("license/update-status", `"status": "paused"`), set("license/update-status", `"status": "active"`)},
		{CodeLicenseExpired, func() { s.Advance(365 * day) }, set("license/extend", `"extend_seconds": 60`)},
	}
}

// orderOfChecks puts all obstacles up, from the n-th on, and takes one away
// after the other: each time the next is told.
func (s *stage) orderOfChecks(n int) {
	s.Helper()
	s.world.RemoveLicense("K")
	s.world.SetOrigin(Origin{Country: "NL", ASN: 64496, IP: "192.0.2.1"})
	s.post("subscription/edit", `{"subscription_id": "@sub", "single_key_per_hwid": true}`).ok()
	s.seed("K", week(License{HWIDLock: true, ActivatedAt: s.Now}))
	list := s.obstacles()[n:]
	for _, o := range list {
		o.put()
	}
	for _, o := range list {
		want := s.license("K")
		s.login("K", "pc").told(403, o.code)
		require.Equal(s, want, s.license("K"), "a refusal changes nothing")
		o.clear()
	}
	s.login("K", "pc").told(200, CodeVerified)
}

var authDataProofs = proofs{
	ruleAuthData: func(s *stage) {
		s.seed("K", License{Metadata: map[string]any{"order": 17}, Tags: []string{"vip"}})
		r := s.login("K", "pc").told(200, CodeVerified)
		for _, field := range []string{"id", "metadata", "tags", "password", "app_id"} {
			r.has("data."+field, "absent")
		}
		assert.NotContains(s, string(r.Body), "vip")
	},
	ruleAuthDataNames: func(s *stage) {
		s.seed("K", week(License{HWIDResetAllowed: true, HWIDResetCooldown: time.Minute, LastHWIDResetAt: t0}))
		s.login("K", "pc").told(200, CodeVerified).has("data.key", `"K"`).has("data.expires_at", `"2025-11-09T10:00:00.000Z"`).
			has("data.hwid_reset_allowed", "true").has("data.hwid_reset_cooldown", "60").has("data.last_hwid_reset_at", `"2025-11-02T10:00:00.000Z"`)
	},
	ruleAuthDataRest: func(s *stage) {
		s.seed("K", week(License{Username: "alice", HWIDLock: true}))
		r := s.login("K", "pc").told(200, CodeVerifiedUnused)
		assert.Equal(s, `{"key":"K","status":"active","username":"alice","expires_at":"2025-11-09T10:00:00.000Z",`+
			`"activated_at":"2025-11-02T10:00:00.000Z","hwid":"pc","hwid_lock":true,"hwid_reset_allowed":false,"hwid_reset_cooldown":0,`+
			`"last_hwid_reset_at":null,"subscription":{"id":"`+s.sub.ID+`","name":"basic","level":1}}`, r.Raw("data"))
	},
}

// TestGoAndHTTPTellTheSame plays one life twice, by Auth and over the API.
func TestGoAndHTTPTellTheSame(t *testing.T) {
	t.Parallel()
	byGo, byHTTP := newStage(t), newStage(t)
	for _, s := range []*stage{byGo, byHTTP} {
		s.seed("K", week(License{HWIDLock: true}))
	}
	for _, c := range []struct {
		hwid  string
		later time.Duration
	}{{"", 0}, {"pc", 0}, {"phone", day}, {"pc", day}, {"pc", 6 * day}} {
		byGo.Advance(c.later)
		byHTTP.Advance(c.later)
		result, r := byGo.world.Auth("K", c.hwid), byHTTP.login("K", c.hwid)
		assert.Equal(t, r.Text("message"), result.Code)
		assert.Equal(t, r.Raw("success"), strconv.FormatBool(result.Success))
		a, b := byGo.license("K"), byHTTP.license("K")
		a.ID, b.ID = "", ""
		assert.Equal(t, a, b)
	}
	assert.Equal(t, byGo.Kinds(), byHTTP.Kinds())
}
