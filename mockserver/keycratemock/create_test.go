package keycratemock

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

const created = `"created_at":"2025-11-02T10:00:00.000Z","updated_at":"2025-11-02T10:00:00.000Z"`

var shapeProofs = proofs{
	ruleLicenseShape: func(s *stage) {
		l := s.seed("K", License{
			Username: "alice", HWIDLock: true, HWID: "pc", HWIDResetAllowed: true, HWIDResetCooldown: time.Hour, LastHWIDResetAt: t0.Add(-time.Hour),
			DurationUnit: UnitDays, DurationValue: 7, DurationSeconds: 604860, ActivatedAt: t0.Add(-time.Minute),
			Metadata: map[string]any{"discord": "1", "b": 2}, Tags: []string{"trial", "batch"}, CreatedAt: t0, UpdatedAt: t0,
		})
		r := s.post("license/get", `{"license_key": "K"}`).ok()
		assert.Equal(s, `{"success":true,"data":{"key":"K","id":"`+l.ID+`","app_id":"`+defaultAppID+`","subscription_id":"`+s.sub.ID+`",`+
			`"status":"active","username":"alice","hwid_lock":true,"hwid":"pc","hwid_reset_allowed":true,"hwid_reset_cooldown":3600,`+
			`"last_hwid_reset_at":"2025-11-02T09:00:00.000Z","duration_unit":"days","duration_value":7,"duration_seconds":604860,`+
			`"activated_at":"2025-11-02T09:59:00.000Z","expires_at":"2025-11-09T10:00:00.000Z","metadata":{"b":2,"discord":"1"},`+
			`"tags":["trial","batch"],`+created+`}}`, string(r.Body))
		assert.Regexp(s, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, l.ID)
	},
	ruleLicenseKeyName: func(s *stage) {
		s.seed("K", License{})
		s.post("license/get", `{"license_key": "K"}`).has("data.key", `"K"`).has("data.license_key", "absent").has("data.license", "absent")
	},
	ruleLicenseNulls: func(s *stage) {
		s.seed("K", License{})
		r := s.post("license/get", `{"license_key": "K"}`).ok()
		for _, field := range []string{"username", "hwid", "duration_value", "duration_seconds", "last_hwid_reset_at", "activated_at", "expires_at"} {
			r.has("data."+field, "null")
		}
		s.create(`, "key_format": "F"`)
		s.post("license/get", `{"license_key": "F"}`).has("data.expires_at", "null").has("data.activated_at", "null").
			has("data.duration_value", "7").has("data.duration_seconds", "604800")
	},
	ruleLicenseUnset: func(s *stage) {
		s.seed("K", License{})
		s.post("license/get", `{"license_key": "K"}`).has("data.metadata", "{}").has("data.tags", "[]")
		s.post("license/create", `{"app_id": "@app", "subscription_id": "@sub", "duration_unit": "lifetime"}`).
			has("data.metadata", "{}").has("data.tags", "[]")
	},
	ruleLicenseNoPassword: func(s *stage) {
		s.seed("K", License{})
		r := s.post("license/update-user-credentials", `{"license_key": "K", "username": "alice", "password": "s3cr3t"}`).ok()
		assert.NotContains(s, string(r.Body), "s3cr3t")
		r.has("data.password", "absent").has("data.password_hash", "absent")
	},
	ruleTimes: func(s *stage) {
		l := s.create("")
		r := s.post("license/get", `{"license_key": "`+l.Key+`"}`)
		at, err := time.Parse(time.RFC3339, r.Text("data.created_at"))
		assert.NoError(s, err)
		assert.Equal(s, t0, at)
		assert.True(s, strings.HasSuffix(r.Text("data.created_at"), "Z"))
	},
	ruleTimesMillis: func(s *stage) {
		s.Advance(1234567 * time.Microsecond)
		l := s.create("")
		s.post("license/get", `{"license_key": "`+l.Key+`"}`).has("data.created_at", `"2025-11-02T10:00:01.234Z"`)
	},
	ruleUpdatedAt: func(s *stage) {
		l := s.create(`, "hwid_lock": true, "hwid_reset_allowed": true`)
		key := `"license_key": "` + l.Key + `"`
		last := t0
		for _, c := range []struct {
			path, fields string
			moves        bool
		}{
			{"license/extend", `"extend_seconds": 1`, true},
			{"license/update-status", `"status": "active"`, false}, // as it was
			{"license/update-status", `"status": "paused"`, true},
			{"license/update-status", `"status": "active"`, true},
			{"license/update-metadata", `"metadata": {"a": 1}`, true},
			{"license/update-metadata", `"metadata": {"a":1 }`, false},
			{"license/update-user-credentials", `"username": "alice"`, true},
			{"license/update-user-credentials", `"username": "alice"`, false},
			{"license/update-user-credentials", `"username": "alice", "password": "x"`, true},
			{"hwid/edit", `"hwid": "pc"`, true},
			{"hwid/toggle-lock", `"hwid_lock": true`, false},
			{"hwid/toggle-reset-allowed", `"hwid_reset_allowed": false`, true},
			{"hwid/update-reset-interval", `"hwid_reset_cooldown": 0`, false},
			{"hwid/toggle-reset-allowed", `"hwid_reset_allowed": true`, true},
			{"license/get", `"zzz": 1`, false},
		} {
			s.Advance(time.Minute)
			effects := len(s.Effects)
			r := s.post(c.path, `{`+key+`, `+c.fields+`}`).ok()
			if c.moves {
				last = s.Now
			}
			r.has("data.updated_at", `"`+timestamp(last)+`"`).has("data.created_at", `"`+timestamp(t0)+`"`)
			assert.Equal(s, c.moves, len(s.Effects) > effects, c.path)
		}
		s.Advance(time.Minute)
		s.login(l.Key, "pc").told(200, CodeVerifiedUnused)
		assert.True(s, s.world.PortalReset(l.Key).Done)
		assert.Equal(s, last, s.license(l.Key).UpdatedAt)
	},
	ruleCooldownSeconds: func(s *stage) {
		s.create(`, "hwid_reset_cooldown": 86400, "key_format": "K"`)
		assert.Equal(s, 24*time.Hour, s.license("K").HWIDResetCooldown)
		s.post("hwid/update-reset-interval", `{"license_key": "K", "hwid_reset_cooldown": 90}`).has("data.hwid_reset_cooldown", "90")
		s.login("K", "pc").has("data.hwid_reset_cooldown", "90")
	},
	ruleMetadataLimit: func(s *stage) {
		paths := append([]string{"license/update-metadata"}, creations...)
		// {"m":"..."} has 8 characters around the text.
		s.boundary("metadata", []string{`{"m":` + quoted("x", 1992) + `}`}, []string{`{"m":` + quoted("x", 1993) + `}`}, paths...)
	},
	ruleMetadataMeasure: func(s *stage) {
		right := []string{
			"{ \"m\" :\n" + quoted("x", 1992) + strings.Repeat(" ", 500) + "}",
			`{"m":` + quoted(`\u0078`, 1992) + `}`,
			`{"m":` + quoted("é", 1992) + `}`,
			`{"m":` + quoted("<", 1992) + `}`,
		}
		s.boundary("metadata", right, []string{`{"m":` + quoted(`\u0078`, 1993) + `}`, `{"m":` + quoted("é", 1993) + `}`}, "license/update-metadata")
	},
	ruleSubscriptionShape: func(s *stage) {
		r := s.post("subscription/get-bulk", `{"app_id": "@app"}`).ok()
		assert.Equal(s, `{"success":true,"data":[{"id":"`+s.sub.ID+`","app_id":"`+defaultAppID+`","name":"basic","level":1,`+
			`"single_key_per_hwid":false,"status":"active",`+created+`}]}`, string(r.Body))
	},
}

var createProofs = proofs{
	ruleCreateAnswer: func(s *stage) {
		r := s.post("license/create", `{"app_id": "@app", "subscription_id": "@sub", "duration_unit": "days", "duration_value": 7, "hwid_lock": true,
			"hwid_reset_allowed": true, "hwid_reset_cooldown": 60, "metadata": {"order": 17}, "tags": ["b", "a"], "key_format": "SHOP-**"}`).ok()
		key := r.Text("data.key")
		assert.Regexp(s, `^SHOP-[A-Z0-9]{2}$`, key)
		assert.Equal(s, string(r.Body), string(s.post("license/get", `{"license_key": "`+key+`"}`).Body))
		r.has("data.hwid_lock", "true").has("data.hwid_reset_allowed", "true").has("data.hwid_reset_cooldown", "60").
			has("data.metadata", `{"order":17}`).has("data.tags", `["b","a"]`).has("data.duration_seconds", "604800")
		assert.Equal(s, []string{"license.created " + key}, s.Kinds())
	},
	ruleCreateNew: func(s *stage) {
		a, b := s.create(`, "tags": ["order-1"]`), s.create(`, "tags": ["order-1"]`)
		assert.NotEqual(s, a.Key, b.Key)
		assert.NotEqual(s, a.ID, b.ID)
		assert.Len(s, s.world.Licenses(), 2)
	},
	ruleCreateDefaults: func(s *stage) {
		l := s.create("")
		assert.Equal(s, License{
			Key: l.Key, ID: l.ID, AppID: defaultAppID, SubscriptionID: s.sub.ID, Status: StatusActive, DurationUnit: UnitDays, DurationValue: 7,
			DurationSeconds: 604800, Metadata: map[string]any{}, Tags: []string{}, CreatedAt: t0, UpdatedAt: t0,
		}, l)
	},
	ruleStatusNew: func(s *stage) {
		r := s.post("license/create-bulk", `{"app_id": "@app", "subscription_id": "@sub", "duration_unit": "days", "duration_value": 7, "key_amount": 2}`)
		for i := range 2 {
			r.has(fmt.Sprintf("data.%d.status", i), `"active"`).has(fmt.Sprintf("data.%d.activated_at", i), "null")
		}
	},
	ruleSubscriptionForeign: func(s *stage) {
		there := s.world.AddSubscription(Subscription{AppID: s.world.AddApp("other").ID})
		s.boundary("subscription_id", nil, []string{`"` + there.ID + `"`}, creations...)
		assert.Empty(s, s.world.Licenses(there.AppID))
	},
	ruleBulkAmount: func(s *stage) {
		for _, n := range []int{1, 2, 100} {
			for _, r := range s.field("key_amount", fmt.Sprint(n), "license/create-bulk") {
				assert.Len(s, r.ok().keys(), n)
			}
		}
	},
	ruleBulkAmountBounds: func(s *stage) {
		s.boundary("key_amount", []string{"1", "1000"}, []string{"0", "-1", "1001", "9223372036854775807"}, "license/create-bulk")
	},
	ruleBulkCreateAnswer: func(s *stage) {
		const fields = `"app_id": "@app", "subscription_id": "@sub", "duration_unit": "days", "duration_value": 7, "key_format": "K*", "key_uppercase": false`
		s.seed("K5", License{})
		s.post("license/create-bulk", `{`+fields+`, "key_amount": 10}`).invalid("key_format") // nine are free
		assert.Len(s, s.world.Licenses(), 1)
		s.Effects = nil
		r := s.post("license/create-bulk", `{`+fields+`, "key_amount": 9, "tags": ["t"], "metadata": {"a": 1}}`).ok()
		assert.ElementsMatch(s, []string{"K0", "K1", "K2", "K3", "K4", "K6", "K7", "K8", "K9"}, r.keys())
		for i := range 9 {
			r.has(fmt.Sprintf("data.%d.tags", i), `["t"]`).has(fmt.Sprintf("data.%d.metadata", i), `{"a":1}`)
		}
		assert.Len(s, s.Effects, 9)
		s.post("license/create-bulk", `{`+fields+`, "key_amount": 1}`).invalid("key_format")
	},
	ruleDurationUnits: func(s *stage) {
		for _, unit := range units {
			for _, r := range s.field("duration_unit", `"`+unit+`"`, creations...) {
				r.ok()
			}
		}
	},
	ruleDurationSpellings: func(s *stage) {
		s.boundary("duration_unit", []string{`"minutes"`, `"hours"`, `"days"`, `"months"`, `"years"`, `"lifetime"`},
			[]string{`"day"`, `"Days"`, `"weeks"`, `"seconds"`, `""`}, creations...)
	},
	ruleDurationValue: func(s *stage) {
		s.boundary("duration_value", []string{"1"}, []string{"0", "-1"}, creations...)
		for _, unit := range units[:5] {
			r := s.post("license/create", `{"app_id": "@app", "subscription_id": "@sub", "duration_unit": "`+unit+`"}`)
			r.invalid("duration_value")
		}
	},
	ruleDurationLifetime: func(s *stage) {
		for fields, found := range map[string][]string{
			``: {}, `, "duration_value": null`: {}, `, "duration_value": 7`: {"duration_value was ignored"}, `, "duration_value": 0`: {"duration_value was ignored"},
		} {
			r := s.post("license/create", `{"app_id": "@app", "subscription_id": "@sub", "duration_unit": "lifetime"`+fields+`}`).ok()
			r.has("data.duration_value", "null").has("data.duration_seconds", "null").finds(found...)
			key := r.Text("data.key")
			s.login(key, "pc").told(200, CodeVerified).has("data.expires_at", "null")
			s.Advance(100 * 365 * 24 * time.Hour)
			s.login(key, "pc").told(200, CodeVerified)
		}
	},
	ruleDurationSeconds: func(s *stage) {
		for unit, want := range map[string]string{
			UnitMinutes: "180", UnitHours: "10800", UnitDays: "259200", UnitMonths: "7776000", UnitYears: "94608000",
		} {
			r := s.post("license/create", `{"app_id": "@app", "subscription_id": "@sub", "duration_unit": "`+unit+`", "duration_value": 3}`).ok()
			r.has("data.duration_seconds", want).has("data.duration_value", "3").has("data.duration_unit", `"`+unit+`"`)
		}
	},
	ruleDurationMax: func(s *stage) {
		for unit, most := range map[string]string{UnitMinutes: "525600000", UnitHours: "8760000", UnitDays: "365000", UnitMonths: "12166", UnitYears: "1000"} {
			const start = `{"app_id": "@app", "subscription_id": "@sub", "duration_unit": "`
			s.post("license/create", start+unit+`", "duration_value": `+most+`}`).ok()
			s.post("license/create", start+unit+`", "duration_value": `+most+`1}`).invalid("duration_value")
			s.post("license/create", start+unit+`", "duration_value": 9223372036854775807}`).invalid("duration_value")
		}
		s.seed("K", License{DurationUnit: UnitYears, DurationValue: 999})
		s.post("license/extend", `{"license_key": "K", "extend_seconds": 31536001}`).invalid("extend_seconds")
		s.post("license/extend", `{"license_key": "K", "extend_seconds": 9223372036854775807}`).invalid("extend_seconds")
		s.post("license/extend", `{"license_key": "K", "extend_seconds": 31536000}`).ok()
		s.login("K", "pc").has("data.expires_at", `"3025-03-05T10:00:00.000Z"`)
	},
	ruleDurationGranted: func(s *stage) {
		l := s.create("")
		s.post("license/extend", `{"license_key": "`+l.Key+`", "extend_seconds": 60}`).has("data.duration_seconds", "604860").
			has("data.duration_value", "7").has("data.duration_unit", `"days"`)
		s.Advance(30 * 24 * time.Hour)
		s.login(l.Key, "pc").ok()
		s.post("license/extend", `{"license_key": "`+l.Key+`", "extend_seconds": 40}`).has("data.duration_seconds", "604900")
	},
	ruleDurationFromCreation: func(s *stage) {
		before := s.create("")
		s.world.SetDurationStart(AtCreation)
		l, lifetime := s.create(""), s.create(`, "duration_unit": "lifetime"`)
		assert.Equal(s, t0.Add(7*24*time.Hour), l.ExpiresAt)
		assert.Zero(s, l.ActivatedAt)
		assert.Zero(s, before.ExpiresAt)
		assert.Zero(s, lifetime.ExpiresAt)
		s.post("license/extend", `{"license_key": "`+l.Key+`", "extend_seconds": 3600}`).has("data.expires_at", `"2025-11-09T11:00:00.000Z"`)
		s.Advance(24 * time.Hour)
		s.login(l.Key, "pc").told(200, CodeVerified).has("data.expires_at", `"2025-11-09T11:00:00.000Z"`).
			has("data.activated_at", `"2025-11-03T10:00:00.000Z"`)
		s.world.SetDurationStart(AtFirstUse)
		assert.Zero(s, s.create("").ExpiresAt)
	},
}

var formatProofs = proofs{
	ruleFormatStars: func(s *stage) {
		for format, form := range map[string]string{
			`**-**-**`: `^[A-Z0-9]{2}-[A-Z0-9]{2}-[A-Z0-9]{2}$`, `ABC-**-DEF`: `^ABC-[A-Z0-9]{2}-DEF$`, `é*.?`: `^é[A-Z0-9]\.\?$`, `FIXED`: `^FIXED$`,
		} {
			assert.Regexp(s, form, s.create(`, "key_format": "`+format+`"`).Key)
		}
	},
	ruleFormatDefault: func(s *stage) { assert.Regexp(s, `^[A-Z0-9]{4}(-[A-Z0-9]{4}){3}$`, s.create("").Key) },
	ruleFormatAlphabet: func(s *stage) {
		for flags, form := range map[string]string{
			``:                         `^[A-Z0-9]{60}$`,
			`, "key_lowercase": true`:  `^[A-Za-z0-9]{60}$`,
			`, "key_uppercase": false`: `^[0-9]{60}$`,
			`, "key_numbers": false`:   `^[A-Z]{60}$`,
			`, "key_numbers": false, "key_lowercase": true`:                         `^[A-Za-z]{60}$`,
			`, "key_uppercase": false, "key_lowercase": true, "key_numbers": false`: `^[a-z]{60}$`,
		} {
			key := s.create(`, "key_format": ` + quoted("*", 60) + flags).Key
			assert.Regexp(s, form, key)
			assert.Equal(s, strings.Contains(form, "A-Z"), strings.ContainsAny(key, upperCase), key)
			assert.Equal(s, strings.Contains(form, "a-z"), strings.ContainsAny(key, lowerCase), key)
			assert.Equal(s, strings.Contains(form, "0-9"), strings.ContainsAny(key, numbers), key)
		}
	},
	ruleFormatNoAlphabet: func(s *stage) {
		for _, format := range []string{"", `, "key_format": "FIXED"`} {
			s.post("license/create", `{"app_id": "@app", "subscription_id": "@sub", "duration_unit": "lifetime", "key_uppercase": false,
				"key_numbers": false`+format+`}`).invalid("key_uppercase")
		}
	},
	ruleFormatExhausted: func(s *stage) {
		s.seed("OTHER", License{})
		s.create(`, "key_format": "FIXED"`)
		const start = `{"app_id": "@app", "subscription_id": "@sub", "duration_unit": "lifetime", "key_format": `
		s.post("license/create", start+`"FIXED"}`).invalid("key_format")
		for range 10 {
			s.post("license/create", start+`"*", "key_uppercase": false}`).ok()
		}
		s.post("license/create", start+`"*", "key_uppercase": false}`).invalid("key_format")
		s.world.RemoveLicense("7")
		assert.Equal(s, "7", s.post("license/create", start+`"*", "key_uppercase": false}`).ok().Text("data.key"))
	},
}

func TestKeysAreRandom(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	seen := map[rune]bool{}
	for range 20 {
		for _, char := range s.create("").Key {
			seen[char] = true
		}
	}
	assert.Greater(t, len(seen), 30, "nearly all of the 36 characters and the dash come up")
}
