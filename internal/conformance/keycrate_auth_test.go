package conformance

import (
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// keycrateAuth is about end users who want to be let in.
var keycrateAuth = []scenario[*crate]{
	{
		name: "auth: the first use of a locked license",
		proves: "auth.status end-user.envelope auth.verified-unused auth.binds auth.first-use auth.first-use-expiry auth.data auth.data-names " +
			"auth.data-rest license.key license.times license.nulls",
		play: func(s *crate) {
			key := s.seed(keycratemock.License{
				HWIDLock: true, HWIDResetAllowed: true, HWIDResetCooldown: time.Hour, DurationUnit: "days", DurationValue: 7,
				Metadata: map[string]any{"secret": "x"}, Tags: []string{"t"},
			})
			s.at(time.Hour)
			auth := s.enter(firstUse, key, "pc")
			s.assertExchange(`{"app_id": "`+s.app+`", "license": "`+key+`", "hwid": "pc"}`, fmt.Sprintf(`{"success": true,
				"message": "LICENSE_VERIFIED_UNUSED_AND_LOCKED_KEY", "data": {"key": %q, "status": "active", "username": null,
				"expires_at": "2026-03-08T13:00:00.000Z", "activated_at": "2026-03-01T13:00:00.000Z", "hwid": "pc", "hwid_lock": true,
				"hwid_reset_allowed": true, "hwid_reset_cooldown": 3600, "last_hwid_reset_at": null,
				"subscription": {"id": %q, "name": "basic", "level": 1}}}`, key, s.sub.ID))
			auth.Raw = nil
			assert.Equal(s, &keycrate.Authentication{
				Code: firstUse, Key: key, Status: keycrate.StatusActive, HWIDLock: true, HWID: "pc", HWIDResetAllowed: true,
				HWIDResetCooldown: time.Hour, ActivatedAt: epoch.Add(time.Hour), ExpiresAt: epoch.Add(7*day + time.Hour),
				Subscription: keycrate.Tier{ID: s.sub.ID, Name: "basic", Level: 1},
			}, auth)
			s.at(2 * time.Hour)
			var again *keycrate.Authentication
			s.unchanged(func() { again = s.enter(verified, key, "pc") })
			assert.Equal(s, []time.Time{auth.ActivatedAt, auth.ExpiresAt}, []time.Time{again.ActivatedAt, again.ExpiresAt})
			assert.True(s, s.Keycrate.PortalReset(key).Done)
			require.NoError(s, s.tryRegister(key, "alice", "pw"))
			again = s.enter(verified, key, "tv")
			s.assertPopulated()
			assert.Equal(s, []any{"alice", "tv", epoch.Add(2 * time.Hour)}, []any{again.Username, again.HWID, again.LastHWIDResetAt})
		},
	},
	{
		name:   "auth: an unlocked license",
		proves: "auth.verified auth.hwid-unlocked auth.first-use auth.first-use-expiry",
		play: func(s *crate) {
			key, forever := s.seed(days(7)), s.seed(keycratemock.License{})
			auth := s.enter(verified, key, "pc") // the first use, too
			assert.Equal(s, []any{"", epoch.Add(7 * day)}, []any{auth.HWID, auth.ExpiresAt})
			assert.Contains(s, s.seen.answer(), `"hwid":null`)
			s.at(time.Hour)
			assert.Equal(s, epoch, s.enter(verified, key, "tv").ActivatedAt)
			s.enter(verified, key, "")
			assert.Empty(s, s.stored(key).HWID)
			auth = s.enter(verified, forever, "")
			assert.Equal(s, []time.Time{epoch.Add(time.Hour), {}}, []time.Time{auth.ActivatedAt, auth.ExpiresAt})
			s.Server.AssertEffects(s, 2, keycratemock.EffectLicenseActivated)
			s.Server.AssertEffects(s, 0, keycratemock.EffectLicenseHWIDBound)
		},
	},
	{
		name:   "auth: what must be there",
		proves: "auth.input end-user.validation bound.hwid bound.uuid",
		play: func(s *crate) {
			key := s.seed(days(7))
			require.NoError(s, s.tryRegister(key, "alice", "pw"))
			for _, body := range []string{
				`{}`, `{"license": "K"}`, `{"app_id": "", "license": "K"}`, `{"app_id": "@app"}`, `{"app_id": "@app", "license": ""}`,
				`{"app_id": "@app", "username": "alice"}`, `{"app_id": "@app", "password": "pw"}`,
				`{"app_id": "@app", "username": "alice", "password": ""}`, `{"app_id": "@app", "username": "", "password": "pw"}`,
				`{"app_id": "@app", "hwid": "pc"}`, `{"app_id": "app", "license": "K"}`,
				`{"app_id": "@app", "license": "K", "hwid": "` + strings.Repeat("x", 257) + `"}`,
			} {
				s.assertTold(s.post("/auth", strings.ReplaceAll(body, `"K"`, `"`+key+`"`)), 400, keycrate.CodeInvalidInput)
			}
			s.do("/auth", `{"app_id": "@app", "license": "", "username": "alice", "password": "pw", "hwid": ""}`)
			for field, params := range map[string]keycrate.AuthParams{
				"License":              {},
				"Credentials.Password": {Credentials: keycrate.Credentials{Username: "alice"}},
				"Credentials.Username": {Credentials: keycrate.Credentials{Password: "pw"}},
			} {
				s.assertLocal(field, func() error { return errorOf(s.end.Authenticate(s.Context(), params)) })
			}
		},
	},
	{
		name:   "auth: license and credentials",
		proves: "auth.both auth.by-password auth.credentials",
		play: func(s *crate) {
			key, other := s.seed(days(7)), s.seed(locked(7))
			require.NoError(s, s.tryRegister(key, "alice", "pw"))
			auth, err := s.login("alice", "pw")
			require.NoError(s, err)
			s.assertBody(`{"app_id": "`+s.app+`", "username": "alice", "password": "pw"}`, s.seen.request())
			assert.Equal(s, []string{key, "alice"}, []string{auth.Key, auth.Username})
			a := s.do("/auth", `{"app_id": "@app", "license": "`+other+`", "username": "alice", "password": "wrong", "hwid": "pc"}`)
			assert.Equal(s, other, a.at(s, "data.key"))
			s.assertTold(s.post("/auth", `{"app_id": "@app", "license": "none", "username": "alice", "password": "pw"}`), 404, keycrate.CodeLicenseNotFound)
			s.assertLocal("License", func() error {
				return errorOf(s.end.Authenticate(s.Context(), keycrate.AuthParams{License: key, Credentials: keycrate.Credentials{Username: "alice", Password: "pw"}}))
			})
			s.assertDenied(errorOf(s.login("alice", "PW")), keycrate.CodeInvalidCredentials, keycrate.ErrInvalidCredentials)
			_, err = s.inApp(s.Keycrate.AddApp("other").ID).Authenticate(s.Context(), keycrate.AuthParams{Credentials: keycrate.Credentials{Username: "alice", Password: "pw"}})
			s.assertDenied(err, keycrate.CodeInvalidCredentials, keycrate.ErrInvalidCredentials)
		},
	},
	{
		name:   "auth: one check after the other",
		proves: "auth.order auth.order-detail auth.subscription-off auth.hwid-mismatch auth.single-key auth.paused auth.expired auth.app-off auth.team",
		play:   playAuthOrder,
	},
	{
		name:   "auth: blacklists",
		proves: "auth.blacklist auth.blacklist-all",
		play: func(s *crate) {
			key, w := s.seed(days(7)), s.Keycrate
			bans := []struct {
				by    keycratemock.BlacklistKind
				value string
				code  keycrate.Code
				kind  error
			}{
				{keycratemock.ByCountry, "NL", keycrate.CodeCountryBlacklisted, keycrate.ErrCountryBlacklisted},
				{keycratemock.ByASN, "64496", keycrate.CodeASNBlacklisted, keycrate.ErrASNBlacklisted},
				{keycratemock.ByIP, "192.0.2.1", keycrate.CodeIPBlacklisted, keycrate.ErrIPBlacklisted},
				{keycratemock.ByHWID, "pc", keycrate.CodeHWIDBlacklisted, keycrate.ErrHWIDBlacklisted},
			}
			other := w.AddLicense(keycratemock.License{AppID: w.AddApp("other").ID})
			w.SetOrigin(keycratemock.Origin{Country: "NL", ASN: 64496, IP: "192.0.2.1"})
			for _, ban := range bans {
				w.Blacklist(ban.by, ban.value)
			}
			for _, ban := range bans { // in this order
				s.barred(ban.kind, ban.code, key, "pc")
				_, err := s.inApp(other.AppID).Authenticate(s.Context(), keycrate.AuthParams{License: other.Key, HWID: "pc"})
				s.assertDenied(err, ban.code, ban.kind) // in all apps
				_, err = s.inApp(noID).Authenticate(s.Context(), keycrate.AuthParams{License: key, HWID: "pc"})
				s.assertDenied(err, ban.code, ban.kind) // and before them
				assert.True(s, w.Unblacklist(ban.by, ban.value))
			}
			for _, line := range [][2]string{{"country", "DE"}, {"ASN", "6449"}, {"IP", "192.0.2.10"}, {"HWID", "PC"}} {
				w.Blacklist(keycratemock.BlacklistKind(line[0]), line[1])
			}
			s.enter(verified, key, "pc")
		},
	},
	{
		name:   "auth: who does not exist",
		proves: "auth.app-unknown auth.unknown auth.foreign auth.subscription-gone",
		play: func(s *crate) {
			key, doomed := s.seed(days(7)), s.tier("doomed")
			_, err := s.inApp(noID).Authenticate(s.Context(), keycrate.AuthParams{License: key})
			s.assertDenied(err, keycrate.CodeApplicationNotFound, keycrate.ErrAppNotFound)
			s.barred(keycrate.ErrLicenseNotFound, keycrate.CodeLicenseNotFound, "none", "")
			_, err = s.inApp(s.Keycrate.AddApp("other").ID).Authenticate(s.Context(), keycrate.AuthParams{License: key})
			s.assertDenied(err, keycrate.CodeLicenseNotFound, keycrate.ErrLicenseNotFound)
			orphan := s.seed(keycratemock.License{SubscriptionID: doomed.ID})
			s.enter(verified, orphan, "")
			s.Keycrate.OrphanLicenses(doomed.ID)
			s.barred(keycrate.ErrSubscription, keycrate.CodeSubscriptionError, orphan, "")
		},
	},
	{
		name:   "auth: on another device",
		proves: "auth.hwid-none auth.hwid-mismatch auth.hwid-exact auth.hwid-mismatch-data auth.hwid-mismatch-spelling auth.hwid-mismatch-double-s",
		play: func(s *crate) {
			key := s.seed(keycratemock.License{HWIDLock: true, HWIDResetAllowed: true, HWIDResetCooldown: time.Hour})
			s.barred(keycrate.ErrHWIDNotProvided, keycrate.CodeHWIDNotProvided, key, "")
			s.enter(firstUse, key, "Pc-1")
			s.barred(keycrate.ErrHWIDNotProvided, keycrate.CodeHWIDNotProvided, key, "")
			for _, device := range []string{"pc-1", "Pc-1 ", "Pc", "tv"} {
				denial := s.barred(keycrate.ErrHWIDMismatch, keycrate.CodeHWIDMismatch, key, device)
				s.assertBody(`{"success": false, "message": "HWID_MISMATCH", "data": {"hwid_reset_allowed": true, "last_hwid_reset_at": null,
					"hwid_reset_cooldown": 3600}}`, s.seen.answer())
				at, can := denial.HWIDResetAt()
				assert.Equal(s, []any{time.Time{}, true}, []any{at, can})
			}
			assert.True(s, s.Keycrate.PortalReset(key).Done)
			s.enter(verified, key, "tv")
			denial := s.barred(keycrate.ErrHWIDMismatch, keycrate.CodeHWIDMismatch, key, "Pc-1")
			at, can := denial.HWIDResetAt()
			assert.Equal(s, []any{epoch.Add(time.Hour), true, epoch}, []any{at, can, denial.LastHWIDResetAt})
			s.Keycrate.SetMismatchSpelling(keycratemock.CodeHWIDMismatchDoubleS)
			_, err := s.tryEnter(key, "Pc-1")
			s.assertBody(`{"success": false, "message": "HWID_MISSMATCH", "data": {"hwid_reset_allowed": true,
				"last_hwid_reset_at": "2026-03-01T12:00:00.000Z", "hwid_reset_cooldown": 3600}}`, s.seen.answer())
			e := assertKeycrateError(s, err, keycrate.ErrHWIDMismatch)
			assert.Equal(s, string(keycrate.CodeHWIDMismatch), e.Code, "both spellings are one")
			assert.JSONEq(s, `{"hwid_reset_allowed": true, "last_hwid_reset_at": "2026-03-01T12:00:00.000Z", "hwid_reset_cooldown": 3600}`,
				string(keycrate.FailureData(err)))
			s.Keycrate.SetMismatchSpelling(keycratemock.CodeHWIDMismatch)
			s.barred(keycrate.ErrHWIDMismatch, keycrate.CodeHWIDMismatch, key, "Pc-1")
		},
	},
	{
		name:   "auth: one license for a device",
		proves: "auth.single-key auth.single-key-any",
		play: func(s *crate) {
			single := s.tier("single").ID
			seed := func(l keycratemock.License) string { l.SubscriptionID = single; return s.seed(l) }
			first, second, open := seed(locked(7)), seed(locked(7)), seed(days(7))
			kind, code := keycrate.ErrDeviceAlreadyRegistered, keycrate.CodeDeviceAlreadyRegistered
			s.enter(firstUse, first, "pc")
			s.barred(kind, code, second, "pc")
			s.barred(kind, code, open, "pc")           // asked for unlocked ones, too
			s.enter(verified, open, "")                // unless no device is named
			s.enter(firstUse, s.seed(locked(7)), "pc") // of another subscription
			s.license(s.client.Licenses.Pause(s.Context(), first))
			s.barred(kind, code, second, "pc") // whatever state the other is in
			s.license(s.client.Licenses.Activate(s.Context(), first))
			s.license(s.client.HWIDs.SetLock(s.Context(), first, false))
			s.barred(kind, code, second, "pc")
			s.at(7 * day)
			s.barred(kind, code, second, "pc")
			// What is bound already is let in, though another is bound as well.
			s.subscription(s.client.Subscriptions.Edit(s.Context(), single, keycrate.EditSubscriptionParams{SingleKeyPerHWID: keycrate.Set(false)}))
			s.enter(firstUse, second, "pc")
			s.subscription(s.client.Subscriptions.Edit(s.Context(), single, keycrate.EditSubscriptionParams{SingleKeyPerHWID: keycrate.Set(true)}))
			s.enter(verified, second, "pc")
		},
	},
	{
		name:   "auth: at the end",
		proves: "auth.expired auth.expiry auth.expired-data auth.paused",
		play: func(s *crate) {
			key := s.seed(days(7))
			s.enter(verified, key, "")
			s.Server.SetTime(epoch.Add(7*day - time.Millisecond))
			s.enter(verified, key, "")
			for _, at := range []time.Duration{7 * day, 400 * day} {
				s.at(at)
				denial := s.barred(keycrate.ErrLicenseExpired, keycrate.CodeLicenseExpired, key, "")
				s.assertBody(`{"success": false, "message": "LICENSE_EXPIRED", "data": {"expires_at": "2026-03-08T12:00:00.000Z"}}`, s.seen.answer())
				assert.Equal(s, epoch.Add(7*day), denial.ExpiresAt)
				assert.Equal(s, keycrate.StatusActive, s.get(key).Status)
			}
			s.license(s.client.Licenses.Pause(s.Context(), key))
			s.barred(keycrate.ErrLicenseNotActive, keycrate.CodeLicenseNotActive, key, "")
			s.assertBody(`{"success": false, "message": "LICENSE_NOT_ACTIVE"}`, s.seen.answer())
		},
	},
	{
		name:   "auth: what a test does without a program",
		proves: "auth.binds auth.verified-unused",
		play: func(s *crate) {
			key, twin := s.seed(locked(7)), s.seed(locked(7))
			auth := s.Keycrate.Auth(key, "pc")
			s.enter(firstUse, twin, "pc")
			assert.Equal(s, keycratemock.AuthResult{Success: true, Code: keycratemock.CodeVerifiedUnused}, auth)
			mine, theirs := s.stored(key), s.stored(twin)
			theirs.Key, theirs.ID = mine.Key, mine.ID
			assert.Equal(s, theirs, mine)
			assert.Equal(s, keycratemock.AuthResult{Code: keycratemock.CodeHWIDMismatch}, s.Keycrate.Auth(key, "tv"))
		},
	},
}

// playAuthOrder asks with everything wrong, and puts it right from the first
// check on.
func playAuthOrder(s *crate) {
	w, single := s.Keycrate, s.tier("single").ID
	holder, license := locked(7), locked(7)
	holder.SubscriptionID, holder.HWID = single, "pc"
	license.SubscriptionID, license.HWID, license.Status, license.ExpiresAt = single, "tv", keycratemock.StatusPaused, epoch.Add(-day)
	s.seed(holder)
	key := s.seed(license)
	w.SetOrigin(keycratemock.Origin{Country: "NL"})
	w.Blacklist(keycratemock.ByCountry, "NL")
	w.SetAppEnabled(s.app, false)
	w.SetTeamEnabled(false)
	pause := func(status keycrate.Status) {
		s.subscription(s.client.Subscriptions.Edit(s.Context(), single, keycrate.EditSubscriptionParams{Status: keycrate.Set(status)}))
	}
	pause(keycrate.StatusPaused)
	s.unchanged(func() {
		s.assertTold(s.post("/auth", s.authBody(key, strings.Repeat("x", 257))), 400, keycrate.CodeInvalidInput)
	})
	for _, step := range []struct {
		code  keycrate.Code
		kind  error
		right func()
	}{
		{keycrate.CodeCountryBlacklisted, keycrate.ErrCountryBlacklisted, func() { w.Unblacklist(keycratemock.ByCountry, "NL") }},
		{keycrate.CodeApplicationNotActive, keycrate.ErrAppNotActive, func() { w.SetAppEnabled(s.app, true) }},
		{keycrate.CodeTeamError, keycrate.ErrTeam, func() { w.SetTeamEnabled(true) }},
		{keycrate.CodeSubscriptionNotActive, keycrate.ErrSubscriptionNotActive, func() {
			s.barred(keycrate.ErrLicenseNotFound, keycrate.CodeLicenseNotFound, "none", "pc") // comes before it
			s.barred(keycrate.ErrSubscriptionNotActive, keycrate.CodeSubscriptionNotActive, key, "")
			pause(keycrate.StatusActive)
		}},
		{keycrate.CodeHWIDMismatch, keycrate.ErrHWIDMismatch, func() {
			s.barred(keycrate.ErrHWIDNotProvided, keycrate.CodeHWIDNotProvided, key, "")
			s.license(s.client.HWIDs.Clear(s.Context(), key))
		}},
		{keycrate.CodeDeviceAlreadyRegistered, keycrate.ErrDeviceAlreadyRegistered, func() {
			s.subscription(s.client.Subscriptions.Edit(s.Context(), single, keycrate.EditSubscriptionParams{SingleKeyPerHWID: keycrate.Set(false)}))
		}},
		{keycrate.CodeLicenseNotActive, keycrate.ErrLicenseNotActive, func() { s.license(s.client.Licenses.Activate(s.Context(), key)) }},
		{keycrate.CodeLicenseExpired, keycrate.ErrLicenseExpired, func() { s.extend(key, day) }},
	} {
		s.barred(step.kind, step.code, key, "pc")
		step.right()
	}
	s.enter(verified, key, "pc")
}
