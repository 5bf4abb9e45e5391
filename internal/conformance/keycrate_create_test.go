package conformance

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// keycrateCreation is about making licenses.
var keycrateCreation = []scenario[*crate]{
	{
		name:   "create: one license",
		proves: "create.answer create.defaults create.active create.new license.unset license.nulls duration.granted",
		play: func(s *crate) {
			license := s.create(s.week())
			assert.JSONEq(s, fmt.Sprintf(`{"app_id": %q, "subscription_id": %q, "duration_unit": "days", "duration_value": 7, "hwid_lock": false}`,
				s.app, s.sub.ID), s.seen.request())
			assert.JSONEq(s, fmt.Sprintf(`{"success": true, "data": {"key": %q, "id": %q, "app_id": %q, "subscription_id": %q, "status": "active",
				"username": null, "hwid_lock": false, "hwid": null, "hwid_reset_allowed": false, "hwid_reset_cooldown": 0,
				"last_hwid_reset_at": null, "duration_unit": "days", "duration_value": 7, "duration_seconds": 604800, "activated_at": null,
				"expires_at": null, "metadata": {}, "tags": [], "created_at": "2026-03-01T12:00:00.000Z", "updated_at": "2026-03-01T12:00:00.000Z"}}`,
				license.Key, license.ID, s.app, s.sub.ID), s.seen.answer())
			license.Raw = nil
			assert.Equal(s, &keycrate.License{
				Key: license.Key, ID: license.ID, AppID: s.app, SubscriptionID: s.sub.ID, Status: keycrate.StatusActive,
				Duration: keycrate.Days(7), Granted: 7 * day, CreatedAt: epoch, UpdatedAt: epoch,
			}, license)
			assert.True(s, license.Unused())
			again := s.create(s.week())
			assert.NotEqual(s, license.Key, again.Key)
			assert.NotEqual(s, license.ID, again.ID)
			s.Server.AssertEffects(s, 2, keycratemock.EffectLicenseCreated)
			a := s.do("/license/create", newLicense(lifetime))
			s.assertData(a, map[string]any{"hwid_lock": false, "hwid_reset_allowed": false, "hwid_reset_cooldown": 0.0, "tags": []any{}})
		},
	},
	{
		name:   "create: a license with everything",
		proves: "create.answer license.shape license.cooldown-seconds",
		play: func(s *crate) {
			license := s.create(keycrate.CreateLicenseParams{
				AppID: s.app, SubscriptionID: s.sub.ID, Duration: keycrate.Months(1), HWIDLock: true, HWIDResetAllowed: true,
				HWIDResetCooldown: 36 * time.Hour, Metadata: keycrate.Metadata{"order": "0001", "by": "<é>"}, Tags: []string{"a", "b a"},
				KeyFormat: "SHOP-****", KeyUppercase: keycrate.Set(false), KeyLowercase: keycrate.Set(true), KeyNumbers: keycrate.Set(false),
			})
			assert.JSONEq(s, `{"app_id": "`+s.app+`", "subscription_id": "`+s.sub.ID+`", "duration_unit": "months", "duration_value": 1,
				"hwid_lock": true, "hwid_reset_allowed": true, "hwid_reset_cooldown": 129600, "metadata": {"order": "0001", "by": "<é>"},
				"tags": ["a", "b a"], "key_format": "SHOP-****", "key_uppercase": false, "key_lowercase": true, "key_numbers": false}`, s.seen.request())
			assert.Regexp(s, `^SHOP-[a-z]{4}$`, license.Key)
			assert.Contains(s, s.seen.answer(), `"hwid_reset_cooldown":129600`)
			license.Raw, license.ID = nil, ""
			assert.Equal(s, &keycrate.License{
				Key: license.Key, AppID: s.app, SubscriptionID: s.sub.ID, Status: keycrate.StatusActive, HWIDLock: true, HWIDResetAllowed: true,
				HWIDResetCooldown: 36 * time.Hour, Duration: keycrate.Months(1), Granted: 30 * day, Tags: []string{"a", "b a"},
				Metadata: keycrate.Metadata{"order": "0001", "by": "<é>"}, CreatedAt: epoch, UpdatedAt: epoch,
			}, license)
		},
	},
	{
		name:   "create: a subscription of another app",
		proves: "create.foreign",
		play: func(s *crate) {
			params := s.week()
			params.AppID = s.Keycrate.AddApp("other").ID
			for _, call := range []func() error{
				func() error { return errorOf(s.client.Licenses.Create(s.Context(), params)) },
				func() error { return errorOf(s.client.Licenses.CreateBulk(s.Context(), 3, params)) },
			} {
				s.unchanged(func() { s.assertRefused(call(), keycrate.CodeInvalidInput, keycrate.ErrInvalid) })
			}
			assert.Empty(s, s.Keycrate.Licenses(params.AppID))
		},
	},
	{
		name:   "create: many licenses, all or none",
		proves: "create-bulk.amount create-bulk.answer create.new license-key.unique format.exhausted format.stars",
		play: func(s *crate) {
			params := s.week()
			params.KeyFormat, params.KeyUppercase, params.Tags = "N*", keycrate.Set(false), []string{"batch"}
			list := s.licenses(s.client.Licenses.CreateBulk(s.Context(), 7, params))
			require.Len(s, list, 7)
			assert.JSONEq(s, `7`, fmt.Sprint(answer{Body: s.seen.request()}.at(s, "key_amount")))
			for _, license := range list {
				assert.Regexp(s, `^N[0-9]$`, license.Key)
				assert.Equal(s, []string{"batch"}, license.Tags)
			}
			// There are ten such keys for all apps together.
			other := s.Keycrate.AddSubscription(keycratemock.Subscription{AppID: s.Keycrate.AddApp("other").ID})
			params.AppID, params.SubscriptionID = other.AppID, other.ID
			s.unchanged(func() {
				err := errorOf(s.client.Licenses.CreateBulk(s.Context(), 4, params))
				s.assertRefused(err, keycrate.CodeInvalidInput, keycrate.ErrInvalid)
			})
			assert.Empty(s, s.Keycrate.Licenses(other.AppID))
			list = append(list, s.licenses(s.client.Licenses.CreateBulk(s.Context(), 2, params))...)
			list = append(list, s.create(params))
			assert.Len(s, slices.Compact(slices.Sorted(slices.Values(keysOf(list)))), 10)
			err := errorOf(s.client.Licenses.Create(s.Context(), params))
			s.assertRefused(err, keycrate.CodeInvalidInput, keycrate.ErrInvalid)
			require.NoError(s, s.client.Licenses.Delete(s.Context(), list[0].Key))
			assert.Equal(s, list[0].Key, s.create(params).Key, "the one that is free")
			params.KeyFormat = "NONE" // of which there is but one
			s.create(params)
			err = errorOf(s.client.Licenses.Create(s.Context(), params))
			s.assertRefused(err, keycrate.CodeInvalidInput, keycrate.ErrInvalid)
		},
	},
	{
		name:   "create: forms of keys",
		proves: "format.stars format.default format.alphabet format.no-alphabet",
		play: func(s *crate) {
			for flags, class := range map[string]string{
				``:                        `[A-Z0-9]`,
				`, "key_lowercase": true`: `[A-Za-z0-9]`,
				`, "key_uppercase": false, "key_lowercase": true`: `[a-z0-9]`,
				`, "key_numbers": false`:                          `[A-Z]`,
				`, "key_uppercase": false`:                        `[0-9]`,
			} {
				for format, form := range map[string]string{
					``:                               `^(` + class + `{4}-){3}` + class + `{4}$`,
					`, "key_format": "é.*-ABC-** *"`: `^é\.` + class + `-ABC-` + class + `{2} ` + class + `$`,
				} {
					for _, key := range s.made(`"key_amount": 20` + format + flags) {
						assert.Regexp(s, form, key)
					}
				}
			}
			seen := map[rune]bool{}
			for _, char := range strings.Join(s.made(`"key_amount": 200, "key_format": "*****"`), "") {
				seen[char] = true
			}
			assert.Len(s, seen, 36, "characters in use")
			s.assertInvalid(s.post("/license/create", newLicense(lifetime, `"key_uppercase": false, "key_numbers": false`)), "key_uppercase")
			params, no := s.week(), keycrate.Set(false)
			params.KeyUppercase, params.KeyLowercase, params.KeyNumbers = no, no, no
			s.assertLocal("KeyUppercase", func() error { return errorOf(s.client.Licenses.Create(s.Context(), params)) })
		},
	},
	{
		name:   "create: durations",
		proves: "duration.units duration.spellings duration.value duration.seconds duration.lifetime duration.most",
		finds:  []string{"duration_value was ignored: a lifetime has none"},
		play: func(s *crate) {
			for _, c := range []struct {
				duration keycrate.Duration
				sent     string
				seconds  int64
			}{
				{keycrate.Minutes(90), `"duration_unit":"minutes","duration_value":90`, 5400},
				{keycrate.Hours(2), `"duration_unit":"hours","duration_value":2`, 7200},
				{keycrate.Days(7), `"duration_unit":"days","duration_value":7`, 604800},
				{keycrate.Months(1), `"duration_unit":"months","duration_value":1`, 2592000},
				{keycrate.Years(1), `"duration_unit":"years","duration_value":1`, 31536000},
			} {
				license := s.create(keycrate.CreateLicenseParams{AppID: s.app, SubscriptionID: s.sub.ID, Duration: c.duration})
				assert.Contains(s, s.seen.request(), c.sent)
				assert.Equal(s, c.duration, license.Duration)
				assert.Equal(s, time.Duration(c.seconds)*time.Second, license.Granted)
				s.enter(verified, license.Key, "")
				assert.Equal(s, epoch.Add(license.Granted), s.stored(license.Key).ExpiresAt)
			}
			forever := s.create(keycrate.CreateLicenseParams{AppID: s.app, SubscriptionID: s.sub.ID, Duration: keycrate.Lifetime})
			assert.NotContains(s, s.seen.request(), "duration_value")
			assert.Contains(s, s.seen.answer(), `"duration_unit":"lifetime","duration_value":null,"duration_seconds":null`)
			assert.Equal(s, keycrate.Lifetime, forever.Duration)
			s.enter(verified, forever.Key, "")
			s.assertData(s.do("/license/create", newLicense(lifetime, `"duration_value": 7`)), map[string]any{"duration_value": nil})

			for _, bad := range []string{`"duration_unit": "days", "duration_value": 0`, `"duration_unit": "minutes", "duration_value": 525600001`} {
				s.assertInvalid(s.post("/license/create", newLicense(bad)), "duration_value")
			}
			s.assertInvalid(s.post("/license/create", newLicense(`"duration_unit": "Lifetime"`)), "duration_unit")
			for _, bad := range []keycrate.Duration{{}, keycrate.Days(0), keycrate.Years(-1)} {
				params := s.week()
				params.Duration = bad
				s.assertLocal("Duration", func() error { return errorOf(s.client.Licenses.Create(s.Context(), params)) })
			}
			s.at(200 * 365 * day)
			assert.False(s, s.get(forever.Key).Expired(s.Server.Now()))
			s.enter(verified, forever.Key, "")
		},
	},
	{
		name:   "create: durations that start at once",
		proves: "duration.from-creation auth.first-use",
		play: func(s *crate) {
			before := s.create(s.week())
			s.Keycrate.SetDurationStart(keycratemock.AtCreation)
			license := s.create(s.week())
			assert.Equal(s, epoch.Add(7*day), license.ExpiresAt)
			assert.Zero(s, license.ActivatedAt)
			assert.Zero(s, s.get(before.Key).ExpiresAt, "a license from before")
			s.at(day)
			auth := s.enter(verified, license.Key, "")
			assert.Equal(s, epoch.Add(7*day), auth.ExpiresAt, "the first use does not start it again")
			assert.Equal(s, epoch.Add(day), auth.ActivatedAt)
			untouched := s.create(s.week())
			assert.Equal(s, epoch.Add(9*day), s.extend(untouched.Key, day).ExpiresAt)
			s.at(9 * day)
			s.barred(keycrate.ErrLicenseExpired, keycrate.CodeLicenseExpired, untouched.Key, "") // though never used
			forever := s.do("/license/create", newLicense(lifetime))
			s.assertData(forever, map[string]any{"expires_at": nil})
		},
	},
	{
		name:   "license: what it looks like",
		proves: "license.shape license.key license.nulls license.times license.times-millis license.no-password license.cooldown-seconds get.answer read-only",
		play: func(s *crate) {
			s.Server.SetTime(epoch.Add(123456789 * time.Nanosecond))
			secret := "sesame-0001"
			key := s.seed(keycratemock.License{
				Key: "FULL-0001", ID: "30000000-0000-4000-8000-000000000001", Status: keycratemock.StatusPaused, HWIDLock: true, HWID: "pc",
				HWIDResetAllowed: true, HWIDResetCooldown: 36 * time.Hour, LastHWIDResetAt: epoch.Add(-time.Hour),
				DurationUnit: keycratemock.UnitDays, DurationValue: 7, DurationSeconds: 7*86400 + 60, ActivatedAt: epoch.Add(-day),
				Metadata: map[string]any{"n": 1.5, "s": "<é>", "list": []any{true, nil}}, Tags: []string{"trial", "b"},
			})
			s.license(s.client.Licenses.SetCredentials(s.Context(), key, keycrate.Credentials{Username: "alice", Password: secret}))
			assert.NotContains(s, s.seen.answer(), secret)
			var license *keycrate.License
			s.unchanged(func() { license = s.get(key) })
			s.assertExchange(`{"license_key": "FULL-0001"}`, `{"success": true, "data": {"key": "FULL-0001",
				"id": "30000000-0000-4000-8000-000000000001", "app_id": "`+s.app+`", "subscription_id": "`+s.sub.ID+`", "status": "paused",
				"username": "alice", "hwid_lock": true, "hwid": "pc", "hwid_reset_allowed": true, "hwid_reset_cooldown": 129600,
				"last_hwid_reset_at": "2026-03-01T11:00:00.000Z", "duration_unit": "days", "duration_value": 7, "duration_seconds": 604860,
				"activated_at": "2026-02-28T12:00:00.000Z", "expires_at": "2026-03-07T12:01:00.000Z",
				"metadata": {"n": 1.5, "s": "<é>", "list": [true, null]}, "tags": ["trial", "b"],
				"created_at": "2026-02-28T12:00:00.000Z", "updated_at": "2026-03-01T12:00:00.123Z"}}`)
			for _, secretName := range []string{secret, "password", "hash"} {
				assert.NotContains(s, s.seen.answer(), secretName)
			}
			license.Raw = nil
			assert.Equal(s, &keycrate.License{
				Key: "FULL-0001", ID: "30000000-0000-4000-8000-000000000001", AppID: s.app, SubscriptionID: s.sub.ID, Status: keycrate.StatusPaused,
				Username: "alice", HWIDLock: true, HWID: "pc", HWIDResetAllowed: true, HWIDResetCooldown: 36 * time.Hour,
				LastHWIDResetAt: epoch.Add(-time.Hour), Duration: keycrate.Days(7), Granted: 7*day + time.Minute,
				ActivatedAt: epoch.Add(-day), ExpiresAt: epoch.Add(6*day + time.Minute),
				Metadata: keycrate.Metadata{"n": json.Number("1.5"), "s": "<é>", "list": []any{true, nil}}, Tags: []string{"trial", "b"},
				CreatedAt: epoch.Add(-day), UpdatedAt: epoch.Add(123 * time.Millisecond),
			}, license)
			members := s.do("/license/get", about(s.seed(days(7)))).at(s, "data")
			assert.Len(s, members, 20, "whatever is null")
			s.assertMembers(members, strings.Join(licenseMembers, " "))
		},
	},
}

// made are the keys of new licenses.
func (s *crate) made(fields string) (keys []string) {
	s.Helper()
	a := s.do("/license/create-bulk", newLicense(lifetime, fields))
	for _, license := range a.at(s, "data").([]any) {
		keys = append(keys, license.(map[string]any)["key"].(string))
	}
	return keys
}

var licenseMembers = strings.Fields(`key id app_id subscription_id status username hwid_lock hwid hwid_reset_allowed hwid_reset_cooldown
	last_hwid_reset_at duration_unit duration_value duration_seconds activated_at expires_at metadata tags created_at updated_at`)
