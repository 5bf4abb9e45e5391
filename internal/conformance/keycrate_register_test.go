package conformance

import (
	"fmt"
	"reflect"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// keycrateRegistration is about end users who give their license a name, and
// reset its device.
var keycrateRegistration = []scenario[*crate]{
	{
		name:   "register: a username and a password",
		proves: "register.attaches register.answer register.code register.only end-user.envelope",
		play: func(s *crate) {
			key := s.seed(locked(7))
			before := s.stored(key)
			s.at(time.Hour)
			registration, err := s.end.Register(s.Context(), key, keycrate.Credentials{Username: "alice", Password: "pw"})
			require.NoError(s, err)
			s.assertExchange(`{"app_id": "`+s.app+`", "license": "`+key+`", "username": "alice", "password": "pw"}`,
				`{"success": true, "message": "REGISTRATION_SUCCESSFUL"}`)
			assert.Equal(s, &keycrate.Registration{Code: keycrate.CodeRegistrationSuccessful}, registration)
			before.Username = "alice" // and nothing else
			assert.Equal(s, before, s.stored(key))
			auth, err := s.end.Authenticate(s.Context(), keycrate.AuthParams{Credentials: keycrate.Credentials{Username: "alice", Password: "pw"}, HWID: "pc"})
			require.NoError(s, err)
			assert.Equal(s, []any{firstUse, key, "alice"}, []any{auth.Code, auth.Key, auth.Username})
			s.Server.AssertEffects(s, 1, keycratemock.EffectLicenseRegistered)
			twin := s.seed(days(7))
			assert.Equal(s, keycratemock.AuthResult{Success: true, Code: keycratemock.CodeRegistered}, s.Keycrate.Register(twin, "bob", "pw"))
			require.NoError(s, errorOf(s.login("bob", "pw")))
		},
	},
	{
		name:   "register: what must be there",
		proves: "register.input end-user.validation bound.username bound.password",
		play: func(s *crate) {
			key := s.seed(days(7))
			whole := s.registerBody(key, "alice", "pw")
			for _, name := range []string{"app_id", "license", "username", "password"} {
				for _, bad := range []string{absent, `null`, `""`, `1`} {
					s.assertTold(s.post("/register", with(whole, name, bad)), 400, keycrate.CodeInvalidInput)
				}
			}
			s.assertTold(s.post("/register", with(whole, "app_id", `"1"`)), 400, keycrate.CodeInvalidInput)
			s.assertTold(s.post("/register", with(whole, "username", text(65))), 400, keycrate.CodeInvalidInput)
			s.assertTold(s.post("/register", with(whole, "password", text(1025))), 400, keycrate.CodeInvalidInput)
			s.assertLocal("key", func() error { return s.tryRegister("", "alice", "pw") })
			s.assertLocal("Username", func() error { return s.tryRegister(key, "", "pw") })
			s.assertLocal("Password", func() error { return s.tryRegister(key, "alice", "") })
		},
	},
	{
		name:   "register: one check after the other",
		proves: "register.order register.state register.once register.taken auth.app-unknown auth.unknown credentials.exact",
		play: func(s *crate) {
			w := s.Keycrate
			license := days(7)
			license.Status, license.ExpiresAt, license.Username = keycratemock.StatusPaused, epoch.Add(-day), "carol"
			key, other := s.seed(license), s.seed(days(7))
			require.NoError(s, s.tryRegister(other, "alice", "pw"))
			// Nobody looks at these.
			w.SetOrigin(keycratemock.Origin{Country: "NL"})
			w.Blacklist(keycratemock.ByCountry, "NL")
			w.SetTeamEnabled(false)
			w.SetAppEnabled(s.app, false)
			s.subscription(s.client.Subscriptions.Edit(s.Context(), s.sub.ID, keycrate.EditSubscriptionParams{Status: keycrate.Set(keycrate.StatusPaused)}))
			refused := func(key string, code keycrate.Code, kind error) {
				s.Helper()
				s.unchanged(func() {
					denial := s.assertDenied(s.tryRegister(key, "alice", "pw"), code, kind)
					assert.Nil(s, denial.Raw)
				})
			}
			_, err := s.inApp(noID).Register(s.Context(), key, keycrate.Credentials{Username: "alice", Password: "pw"})
			s.assertDenied(err, keycrate.CodeApplicationNotFound, keycrate.ErrAppNotFound)
			_, err = s.inApp(w.AddApp("other").ID).Register(s.Context(), key, keycrate.Credentials{Username: "alice", Password: "pw"})
			s.assertDenied(err, keycrate.CodeLicenseNotFound, keycrate.ErrLicenseNotFound)
			refused("none", keycrate.CodeLicenseNotFound, keycrate.ErrLicenseNotFound)
			refused(key, keycrate.CodeLicenseNotActive, keycrate.ErrLicenseNotActive)
			s.license(s.client.Licenses.Activate(s.Context(), key))
			refused(key, keycrate.CodeLicenseExpired, keycrate.ErrLicenseExpired)
			s.extend(key, day)
			refused(key, keycrate.CodeLicenseAlreadyRegistered, keycrate.ErrLicenseAlreadyRegistered)
			refused(other, keycrate.CodeLicenseAlreadyRegistered, keycrate.ErrLicenseAlreadyRegistered) // though the name is its own
			fresh := s.seed(days(7))
			refused(fresh, keycrate.CodeUsernameTaken, keycrate.ErrUsernameTaken)
			require.NoError(s, s.tryRegister(fresh, "Alice", "pw")) // is another name
			theirs := w.AddLicense(keycratemock.License{AppID: w.AddApp("third").ID})
			_, err = s.inApp(theirs.AppID).Register(s.Context(), theirs.Key, keycrate.Credentials{Username: "alice", Password: "pw"})
			require.NoError(s, err, "another app")
		},
	},
	{
		name:   "register: passwords are not kept",
		proves: "register.hashed",
		play: func(s *crate) {
			const secret = "sesame-of-two"
			first, second := s.seed(days(7)), s.seed(days(7))
			require.NoError(s, s.tryRegister(first, "alice-the-first", secret))
			require.NoError(s, s.tryRegister(second, "bob-the-second", secret))
			for _, name := range []string{"alice-the-first", "bob-the-second"} {
				require.NoError(s, errorOf(s.login(name, secret)))
			}
			kept := everythingIn(reflect.ValueOf(s.Keycrate).Elem().FieldByName("state"))
			var hashes []string
			for _, text := range kept {
				assert.NotContains(s, text, secret)
				if len(text) == 32 && !utf8.ValidString(text) {
					hashes = append(hashes, text)
				}
			}
			assert.Contains(s, kept, "alice-the-first", "the search sees what is kept")
			slices.Sort(hashes)
			assert.Len(s, slices.Compact(hashes), 2, "a hash each, of one password")
		},
	},
	{
		name:   "portal: what blocks a reset",
		proves: "portal.conditions portal.order portal.cooldown portal.reset",
		play: func(s *crate) {
			license := days(7)
			license.HWIDResetCooldown, license.LastHWIDResetAt, license.Status = time.Hour, epoch, keycratemock.StatusPaused
			key := s.seed(license)
			blocked := func(by string, wait time.Duration) {
				s.Helper()
				s.unchanged(func() {
					assert.Equal(s, keycratemock.PortalResult{Blocked: by, Wait: wait}, s.Keycrate.PortalReset(key))
				})
			}
			s.at(time.Minute)
			blocked(keycratemock.BlockedByLock, 0)
			s.license(s.client.HWIDs.SetLock(s.Context(), key, true))
			blocked(keycratemock.BlockedByRights, 0)
			s.license(s.client.HWIDs.SetResetAllowed(s.Context(), key, true))
			blocked(keycratemock.BlockedByState, 0)
			s.license(s.client.Licenses.Activate(s.Context(), key))
			blocked(keycratemock.BlockedByState, 0) // was never used
			s.enter(firstUse, key, "pc")
			s.license(s.client.Licenses.Pause(s.Context(), key))
			blocked(keycratemock.BlockedByState, 0)
			s.license(s.client.Licenses.Activate(s.Context(), key))
			blocked(keycratemock.BlockedByCooldown, 59*time.Minute)
			s.Server.SetTime(epoch.Add(time.Hour - time.Millisecond))
			blocked(keycratemock.BlockedByCooldown, time.Millisecond)
			s.at(time.Hour)
			before := s.stored(key)
			assert.Equal(s, keycratemock.PortalResult{Done: true}, s.Keycrate.PortalReset(key))
			before.HWID, before.LastHWIDResetAt = "", epoch.Add(time.Hour)
			assert.Equal(s, before, s.stored(key), "nothing else changes")
			shown := s.get(key)
			assert.Equal(s, []any{"", epoch.Add(time.Hour)}, []any{shown.HWID, shown.LastHWIDResetAt})
			blocked(keycratemock.BlockedByCooldown, time.Hour)
			s.at(2 * time.Hour)
			assert.True(s, s.Keycrate.PortalReset(key).Done, "though none is bound")
			s.enter(verified, key, "tv")
			s.Server.AssertEffects(s, 2, keycratemock.EffectLicenseHWIDReset)
		},
	},
}

// everythingIn has all texts and bytes that can be reached from a value.
func everythingIn(v reflect.Value) (texts []string) {
	seen := map[string]bool{}
	var visit func(reflect.Value)
	visit = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			texts = append(texts, v.String())
		case reflect.Pointer:
			if at := fmt.Sprint(v.Type(), v.Pointer()); !v.IsNil() && !seen[at] {
				seen[at] = true
				visit(v.Elem())
			}
		case reflect.Interface:
			visit(v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				visit(v.Field(i))
			}
		case reflect.Map:
			for entries := v.MapRange(); entries.Next(); {
				visit(entries.Key())
				visit(entries.Value())
			}
		case reflect.Slice, reflect.Array:
			if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
				texts = append(texts, string(v.Bytes()))
				return
			}
			for i := range v.Len() {
				visit(v.Index(i))
			}
		}
	}
	visit(v)
	return texts
}
