package keycratemock

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const day = 24 * time.Hour

// week is a license of seven days.
func week(l License) License {
	l.DurationUnit, l.DurationValue = UnitDays, 7
	return l
}

// extend adds time to a license and returns it as it then is.
func (s *stage) extend(key, n string) License {
	s.Helper()
	s.post("license/extend", `{"license_key": "`+key+`", "extend_seconds": `+n+`}`).ok().has("data.key", `"`+key+`"`)
	return s.license(key)
}

var changeProofs = proofs{
	ruleGetAnswer: func(s *stage) {
		l := s.create("")
		s.post("license/get", `{"license_key": "`+l.Key+`"}`).ok().has("data.key", `"`+l.Key+`"`).has("data.id", `"`+l.ID+`"`)
	},
	ruleReadOnly: func(s *stage) {
		l := s.create(`, "hwid_lock": true`)
		s.Effects = nil
		s.Advance(time.Hour)
		s.post("license/get", `{"license_key": "`+l.Key+`"}`).ok()
		s.post("license/get-bulk", `{"app_id": "@app"}`).lists(l.Key)
		s.post("subscription/get-bulk", `{"app_id": "@app"}`).ok()
		assert.Equal(s, l, s.license(l.Key))
		assert.Equal(s, []Subscription{s.sub}, s.world.Subscriptions())
		assert.Empty(s, s.Effects)
	},
	ruleUpdateAnswer: func(s *stage) {
		for path, body := range goodBodies(s) {
			if !strings.Contains(body, `"license_key":`) || path == "license/get" || path == "license/delete" {
				continue
			}
			r := s.post(path, body).ok()
			assert.Equal(s, string(r.Body), string(s.post("license/get", `{"license_key": "`+r.Text("data.key")+`"}`).Body), path)
		}
	},
	ruleExtendSeconds: func(s *stage) {
		s.seed("K", week(License{ActivatedAt: t0}))
		assert.Equal(s, t0.Add(37*day), s.extend("K", "2592000").ExpiresAt)
	},
	ruleExtendMin: func(s *stage) {
		s.boundary("extend_seconds", []string{"1"}, []string{"0", "-1", "-2592000"}, "license/extend", "license/extend-bulk")
	},
	ruleExtendAdds: func(s *stage) {
		s.seed("K", week(License{ActivatedAt: t0}))
		for n := range 3 {
			assert.Equal(s, t0.Add(time.Duration(7+n+1)*day), s.extend("K", "86400").ExpiresAt)
		}
		assert.Equal(s, []string{"86400", "86400", "86400"}, []string{s.Effects[1].Detail, s.Effects[2].Detail, s.Effects[3].Detail})
	},
	ruleExtendUnused: func(s *stage) {
		s.seed("K", week(License{}))
		l := s.extend("K", "86400")
		assert.Zero(s, l.ExpiresAt)
		assert.Equal(s, int64(8*86400), l.DurationSeconds)
		s.Advance(30 * day)
		s.login("K", "pc").told(200, CodeVerified).has("data.expires_at", `"`+timestamp(s.Now.Add(8*day))+`"`)
	},
	ruleExtendRunning: func(s *stage) {
		s.seed("K", week(License{ActivatedAt: t0}))
		s.Advance(7*day - time.Millisecond) // the last moment of its life
		assert.Equal(s, t0.Add(8*day), s.extend("K", "86400").ExpiresAt)
		s.login("K", "pc").told(200, CodeVerified)
	},
	ruleExtendExpired: func(s *stage) {
		s.seed("K", week(License{ActivatedAt: t0}))
		s.Advance(7 * day) // the first moment after it
		s.login("K", "pc").told(403, CodeLicenseExpired)
		assert.Equal(s, t0.Add(7*day+time.Minute), s.extend("K", "60").ExpiresAt)
		s.login("K", "pc").told(200, CodeVerified)
		s.Advance(30 * day)
		l := s.extend("K", "60")
		assert.Equal(s, s.Now.Add(time.Minute), l.ExpiresAt)
		assert.Equal(s, int64(7*86400+120), l.DurationSeconds)
	},
	ruleExtendLifetime: func(s *stage) {
		want := s.seed("K", License{})
		s.post("license/extend", `{"license_key": "K", "extend_seconds": 60}`).invalid("a lifetime license")
		assert.Equal(s, want, s.license("K"))
	},
	ruleExtendStatus: func(s *stage) {
		s.seed("K", week(License{ActivatedAt: t0, Status: StatusPaused}))
		assert.Equal(s, StatusPaused, s.extend("K", "60").Status)
		s.Advance(30 * day)
		assert.Equal(s, StatusPaused, s.extend("K", "60").Status)
	},
	ruleDeleteAnswer: func(s *stage) {
		for _, key := range []string{"A", "B", "C"} {
			s.seed(key, License{})
		}
		s.post("license/delete", `{"license_key": "A"}`).ok().has("data", `{"deleted":1}`)
		s.post("license/delete-bulk", `{"license_keys": ["C", "B"]}`).ok().has("data", `{"deleted":2}`)
		assert.Equal(s, []string{"license.deleted A", "license.deleted C", "license.deleted B"}, s.Kinds()[3:])
	},
	ruleDeleteGone: func(s *stage) {
		s.seed("A", License{Username: "alice"})
		s.post("license/delete", `{"license_key": "A"}`).ok()
		s.post("license/delete", `{"license_key": "A"}`).refused(404, "LICENSE_NOT_FOUND")
		s.post("license/get", `{"license_key": "A"}`).refused(404, "LICENSE_NOT_FOUND")
		s.post("license/get-bulk", `{"app_id": "@app"}`).lists()
		s.login("A", "pc").told(404, CodeLicenseNotFound)
		s.seed("B", License{})
		s.post("license/update-user-credentials", `{"license_key": "B", "username": "alice"}`).ok()
	},
	ruleStatusSet: func(s *stage) {
		s.seed("K", License{})
		s.post("license/update-status", `{"license_key": "K", "status": "paused"}`).ok().has("data.status", `"paused"`)
		s.login("K", "pc").told(403, CodeLicenseNotActive)
		s.post("license/update-status", `{"license_key": "K", "status": "active"}`).ok().has("data.status", `"active"`)
		s.login("K", "pc").told(200, CodeVerified)
	},
	ruleStatusValues: func(s *stage) {
		s.boundary("status", []string{`"active"`, `"paused"`}, []string{`"Active"`, `"expired"`, `"banned"`, `""`},
			"license/update-status", "license/update-status-bulk")
	},
	ruleStatusSame: func(s *stage) {
		want := s.seed("K", License{Status: StatusPaused})
		s.Effects = nil
		for range 2 {
			s.post("license/update-status", `{"license_key": "K", "status": "paused"}`).ok()
		}
		assert.Equal(s, want, s.license("K"))
		assert.Empty(s, s.Effects)
	},
	ruleStatusClock: func(s *stage) {
		s.seed("K", week(License{ActivatedAt: t0}))
		s.post("license/update-status", `{"license_key": "K", "status": "paused"}`).ok()
		s.Advance(6 * day)
		s.post("license/update-status", `{"license_key": "K", "status": "active"}`).has("data.expires_at", `"2025-11-09T10:00:00.000Z"`)
		s.Advance(day)
		s.login("K", "pc").told(403, CodeLicenseExpired)
	},
	ruleMoveForeign: func(s *stage) {
		want := s.seed("K", License{})
		there := s.world.AddSubscription(Subscription{AppID: s.world.AddApp("other").ID})
		s.post("license/update-subscription", `{"license_key": "K", "subscription_id": "`+there.ID+`"}`).invalid("subscription_id")
		assert.Equal(s, want, s.license("K"))
	},
	ruleMoveHWIDInUse: func(s *stage) {
		single := s.world.AddSubscription(Subscription{SingleKeyPerHWID: true})
		s.seed("there", License{SubscriptionID: single.ID, HWID: "pc", Status: StatusPaused})
		want := s.seed("K", License{SubscriptionID: s.sub.ID, HWID: "pc"})
		body := `{"license_key": "K", "subscription_id": "` + single.ID + `"}`
		s.post("license/update-subscription", body).refused(409, "HWID_IN_USE")
		assert.Equal(s, want, s.license("K"))
		s.post("hwid/edit", `{"license_key": "K", "hwid": "phone"}`).ok()
		s.post("license/update-subscription", body).ok().has("data.subscription_id", `"`+single.ID+`"`)
		s.post("license/update-subscription", body).ok() // it is there already
		s.seed("free", License{SubscriptionID: s.sub.ID})
		s.post("license/update-subscription", strings.Replace(body, "K", "free", 1)).ok() // nothing to hold
		s.post("license/update-subscription", `{"license_key": "there", "subscription_id": "@sub"}`).ok()
	},
	ruleMoveKeeps: func(s *stage) {
		want := s.seed("K", week(License{ActivatedAt: t0.Add(-day), Status: StatusPaused, HWID: "pc", HWIDLock: true, LastHWIDResetAt: t0}))
		pro := s.world.AddSubscription(Subscription{Name: "pro", Level: 2})
		s.Advance(time.Hour)
		s.post("license/update-subscription", `{"license_key": "K", "subscription_id": "`+pro.ID+`"}`).ok()
		want.SubscriptionID, want.UpdatedAt = pro.ID, s.Now
		assert.Equal(s, want, s.license("K"))
		s.post("license/update-status", `{"license_key": "K", "status": "active"}`).ok()
		s.login("K", "pc").has("data.subscription", `{"id":"`+pro.ID+`","name":"pro","level":2}`)
	},
	ruleCredentialsUsername: func(s *stage) {
		s.seed("K", License{})
		s.post("license/update-user-credentials", `{"license_key": "K", "username": "alice"}`).ok().has("data.username", `"alice"`)
		s.post("license/update-user-credentials", `{"license_key": "K", "username": "Alice"}`).ok().has("data.username", `"Alice"`)
	},
	ruleCredentialsPassword: func(s *stage) {
		s.seed("K", License{})
		s.userLogin("alice", "one").told(401, CodeBadCredentials)
		s.post("license/update-user-credentials", `{"license_key": "K", "username": "alice"}`).ok()
		s.userLogin("alice", "one").told(401, CodeBadCredentials) // none yet
		s.post("license/update-user-credentials", `{"license_key": "K", "username": "alice", "password": "one"}`).ok()
		s.userLogin("alice", "one").told(200, CodeVerified)
		s.post("license/update-user-credentials", `{"license_key": "K", "username": "bob"}`).ok()
		s.userLogin("bob", "one").told(200, CodeVerified)
		s.userLogin("alice", "one").told(401, CodeBadCredentials)
		s.post("license/update-user-credentials", `{"license_key": "K", "username": "bob", "password": "two"}`).ok()
		s.userLogin("bob", "one").told(401, CodeBadCredentials)
		s.userLogin("bob", "two").told(200, CodeVerified)
		assert.Equal(s, "password", s.Effects[len(s.Effects)-1].Detail)
		effects := len(s.Effects)
		s.post("license/update-user-credentials", `{"license_key": "K", "username": "bob", "password": "two"}`).ok()
		assert.Len(s, s.Effects, effects, "the same again")
	},
	ruleUsernameTaken: func(s *stage) {
		s.seed("A", License{Username: "alice"})
		want := s.seed("B", License{})
		s.post("license/update-user-credentials", `{"license_key": "B", "username": "alice", "password": "x"}`).refused(409, "USERNAME_TAKEN")
		assert.Equal(s, want, s.license("B"))
		s.post("license/update-user-credentials", `{"license_key": "A", "username": "alice"}`).ok()
		s.post("license/update-user-credentials", `{"license_key": "B", "username": "Alice"}`).ok()
		s.seed("C", License{SubscriptionID: s.world.AddSubscription(Subscription{AppID: s.world.AddApp("other").ID}).ID})
		s.post("license/update-user-credentials", `{"license_key": "C", "username": "alice"}`).ok() // another app
		s.post("license/update-user-credentials", `{"license_key": "A", "username": "carol"}`).ok()
		s.post("license/update-user-credentials", `{"license_key": "B", "username": "alice"}`).ok() // free again
	},
	ruleUsernameExact: func(s *stage) {
		for key, name := range map[string]string{"A": "alice", "B": "Alice", "C": "alice "} {
			s.seed(key, License{})
			s.post("license/update-user-credentials", `{"license_key": "`+key+`", "username": "`+name+`", "password": "pw"}`).ok()
		}
		s.userLogin("Alice", "pw").told(200, CodeVerified).has("data.key", `"B"`)
		s.userLogin("ALICE", "pw").told(401, CodeBadCredentials)
	},
	ruleMetadataReplaces: func(s *stage) {
		s.seed("K", License{Metadata: map[string]any{"a": 1, "b": 2}})
		s.post("license/update-metadata", `{"license_key": "K", "metadata": {"b": {"c": [1, "x", null, 1e3, 9007199254740993]}}}`).ok().
			has("data.metadata", `{"b":{"c":[1,"x",null,1e3,9007199254740993]}}`)
		s.post("license/update-metadata", `{"license_key": "K", "metadata": {}}`).ok().has("data.metadata", `{}`)
	},
}

// bulkChanges are the calls that change several licenses, but for deletion.
var bulkChanges = map[string]string{
	"license/extend-bulk":        `"extend_seconds": 60`,
	"license/update-status-bulk": `"status": "paused"`,
	"hwid/toggle-lock-bulk":      `"hwid_lock": true`,
}

var bulkProofs = proofs{
	ruleBulkAnswer: func(s *stage) {
		for _, key := range []string{"A", "B", "C"} {
			s.seed(key, week(License{}))
		}
		for path, field := range bulkChanges {
			r := s.post(path, `{"license_keys": ["C", "A", "B"], `+field+`}`).lists("C", "A", "B")
			r.has("total", "absent")
		}
		for _, key := range []string{"A", "B", "C"} {
			l := s.license(key)
			assert.Equal(s, []any{int64(604860), StatusPaused, true}, []any{l.DurationSeconds, l.Status, l.HWIDLock})
		}
	},
	ruleBulkAllOrNone: func(s *stage) {
		foreign := s.world.AddSubscription(Subscription{AppID: s.world.AddApp("other").ID})
		for _, key := range []string{"A", "B"} {
			s.seed(key, week(License{}))
		}
		s.seed("foreign", week(License{SubscriptionID: foreign.ID}))
		s.seed("lifetime", License{SubscriptionID: s.sub.ID})
		s.seed("long", License{DurationUnit: UnitYears, DurationValue: 1000, SubscriptionID: s.sub.ID})
		own := as(s.world.AddAPIKey(defaultAppID))
		before, effects := append(s.world.Licenses(), s.world.Licenses(foreign.AppID)...), len(s.Effects)
		calls := map[string]string{"license/delete-bulk": `"zzz": 0`}
		for path, field := range bulkChanges {
			calls[path] = field
		}
		for path, field := range calls {
			for bad, want := range map[string]string{"none": "LICENSE_NOT_FOUND", "foreign": "ACCESS_DENIED"} {
				for _, keys := range []string{`["` + bad + `", "A", "B"]`, `["A", "B", "` + bad + `"]`} {
					r := s.post(path, `{"license_keys": `+keys+`, `+field+`}`, own)
					r.has("error_code", `"`+want+`"`)
				}
			}
		}
		for _, bad := range []string{"lifetime", "long"} {
			s.post("license/extend-bulk", `{"license_keys": ["A", "`+bad+`", "B"], "extend_seconds": 60}`).refused(400, "INVALID_INPUT")
		}
		assert.Equal(s, before, append(s.world.Licenses(), s.world.Licenses(foreign.AppID)...))
		require.Len(s, s.Effects, effects)
		s.post("license/update-status-bulk", `{"license_keys": ["A", "B"], "status": "paused"}`, own).lists("A", "B")
	},
}

// userLogin is an end user's program with a username and a password.
func (s *stage) userLogin(username, password string) response {
	return s.auth(`{"app_id": "@app", "username": "` + username + `", "password": "` + password + `"}`)
}

func TestEffectsNameWhatChanged(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.seed("K", License{})
	s.Effects = nil
	s.post("license/update-user-credentials", `{"license_key": "K", "username": "alice", "password": "x"}`).ok()
	s.post("hwid/toggle-lock", `{"license_key": "K", "hwid_lock": true}`).ok()
	s.post("hwid/edit", `{"license_key": "K", "hwid": "pc"}`).ok()
	s.post("hwid/toggle-reset-allowed", `{"license_key": "K", "hwid_reset_allowed": true}`).ok()
	s.post("hwid/update-reset-interval", `{"license_key": "K", "hwid_reset_cooldown": 5}`).ok()
	s.post("license/update-metadata", `{"license_key": "K", "metadata": {"a": 1}}`).ok()
	s.post("license/update-status", `{"license_key": "K", "status": "paused"}`).ok()
	var details []string
	for _, e := range s.Effects {
		assert.Equal(t, EffectLicenseUpdated, e.Kind)
		details = append(details, e.Detail)
	}
	assert.Equal(t, []string{"password username", "hwid_lock", "hwid", "hwid_reset_allowed", "hwid_reset_cooldown", "metadata", "status"}, details)
}
