package conformance

import (
	"encoding/json"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// keycrateChanges is about what becomes of licenses that exist.
var keycrateChanges = []scenario[*crate]{
	{
		name:   "extend: in every state",
		proves: "extend.seconds extend.adds extend.unused extend.running extend.expired extend.status duration.granted update.answer license.updated-at",
		play: func(s *crate) {
			key := s.seed(days(7))
			s.at(time.Hour)
			license := s.extend(key, time.Hour)
			s.assertBody(`{"license_key": "`+key+`", "extend_seconds": 3600}`, s.seen.request())
			assert.Equal(s, []any{7*day + time.Hour, time.Time{}, epoch.Add(time.Hour)}, []any{license.Granted, license.ExpiresAt, license.UpdatedAt})
			assert.Equal(s, keycrate.Days(7), license.Duration, "as it was created")
			s.extend(key, time.Hour) // adds once more
			s.at(day)
			assert.Equal(s, epoch.Add(8*day+2*time.Hour), s.enter(verified, key, "").ExpiresAt)
			assert.Equal(s, epoch.Add(9*day+2*time.Hour), s.extend(key, day).ExpiresAt)
			assert.Equal(s, epoch.Add(10*day+2*time.Hour), s.extend(key, day).ExpiresAt)
			s.license(s.client.Licenses.Pause(s.Context(), key))
			license = s.extend(key, time.Second)
			assert.Equal(s, keycrate.StatusPaused, license.Status)
			assert.Equal(s, epoch.Add(10*day+2*time.Hour+time.Second), license.ExpiresAt)
			s.at(40 * day)
			license = s.extend(key, time.Hour)
			assert.Equal(s, epoch.Add(40*day+time.Hour), license.ExpiresAt, "from now on")
			assert.Equal(s, keycrate.StatusPaused, license.Status)
			assert.Equal(s, epoch.Add(day), license.ActivatedAt)
			assert.Equal(s, 9*day+3*time.Hour+time.Second, license.Granted, "all that was granted")
			s.at(40*day + time.Hour) // the moment of its end
			assert.Equal(s, epoch.Add(40*day+2*time.Hour), s.extend(key, time.Hour).ExpiresAt)
			s.Server.AssertEffects(s, 7, keycratemock.EffectLicenseExtended)
		},
	},
	{
		name:   "extend: what cannot be",
		proves: "extend.minimum extend.lifetime duration.most",
		play: func(s *crate) {
			key, forever := s.seed(days(7)), s.seed(keycratemock.License{})
			s.assertInvalid(s.post("/license/extend", about(key, `"extend_seconds": 0`)), "extend_seconds")
			s.assertInvalid(s.post("/license/extend-bulk", `{"license_keys": ["`+key+`"], "extend_seconds": -1}`), "extend_seconds")
			for _, bad := range []time.Duration{0, -time.Hour, 1500 * time.Millisecond} {
				s.assertLocal("extension", func() error { return errorOf(s.client.Licenses.Extend(s.Context(), key, bad)) })
			}
			err := errorOf(s.client.Licenses.Extend(s.Context(), forever, day))
			s.assertRefused(err, keycrate.CodeInvalidInput, keycrate.ErrInvalid)
			s.unchanged(func() {
				s.assertError(s.post("/license/extend", about(key, `"extend_seconds": 31535395201`)), 400, keycrate.CodeInvalidInput)
				for _, keys := range [][]string{{key, forever}, {forever, key}} {
					err := errorOf(s.client.Licenses.ExtendBulk(s.Context(), keys, day))
					s.assertRefused(err, keycrate.CodeInvalidInput, keycrate.ErrInvalid)
				}
				err := errorOf(s.client.Licenses.ExtendBulk(s.Context(), []string{key, "none"}, day))
				s.assertRefused(err, keycrate.CodeLicenseNotFound, keycrate.ErrLicenseNotFound)
			})
			s.do("/license/extend", about(key, `"extend_seconds": 31535395200`)) // a thousand years in all
		},
	},
	{
		name:   "bulk: all or none, in order",
		proves: "bulk.answer bulk.all-or-none",
		play: func(s *crate) {
			keys := []string{s.seed(keycratemock.License{Key: "c", DurationUnit: "days", DurationValue: 1}), s.seed(days(2)), s.seed(keycratemock.License{Key: "a", DurationUnit: "days", DurationValue: 3})}
			broken, client := []string{keys[0], "none", keys[2]}, s.client
			for name, call := range map[string]func(keys []string) ([]*keycrate.License, error){
				"extend": func(keys []string) ([]*keycrate.License, error) {
					return client.Licenses.ExtendBulk(s.Context(), keys, time.Hour)
				},
				"status": func(keys []string) ([]*keycrate.License, error) {
					return client.Licenses.SetStatusBulk(s.Context(), keys, keycrate.StatusPaused)
				},
				"lock": func(keys []string) ([]*keycrate.License, error) {
					return client.HWIDs.SetLockBulk(s.Context(), keys, true)
				},
			} {
				s.unchanged(func() {
					s.assertRefused(errorOf(call(broken)), keycrate.CodeLicenseNotFound, keycrate.ErrLicenseNotFound)
				})
				assert.Equal(s, keys, keysOf(s.licenses(call(keys))), name)
			}
			for i, key := range keys {
				license := s.stored(key)
				assert.Equal(s, []any{keycratemock.StatusPaused, true, int64(86400*(i+1) + 3600)}, []any{license.Status, license.HWIDLock, license.DurationSeconds})
			}
			s.unchanged(func() {
				err := errorOf(client.Licenses.DeleteBulk(s.Context(), broken))
				s.assertRefused(err, keycrate.CodeLicenseNotFound, keycrate.ErrLicenseNotFound)
			})
			assert.Equal(s, keycrate.Set(3), s.deletion(client.Licenses.DeleteBulk(s.Context(), keys)).Licenses)
			assert.Empty(s, s.Keycrate.Licenses())
			for _, call := range []func() error{
				func() error { return errorOf(client.Licenses.ExtendBulk(s.Context(), nil, day)) },
				func() error { return errorOf(client.Licenses.DeleteBulk(s.Context(), nil)) },
				func() error { return errorOf(client.HWIDs.SetLockBulk(s.Context(), []string{}, true)) },
			} {
				s.assertLocal("keys", call)
			}
		},
	},
	{
		name:   "delete: for good",
		proves: "delete.answer delete.gone",
		play: func(s *crate) {
			key, other := s.seed(locked(7)), s.seed(days(7))
			require.NoError(s, s.tryRegister(key, "alice", "pw"))
			require.NoError(s, s.client.Licenses.Delete(s.Context(), key))
			s.assertExchange(`{"license_key": "`+key+`"}`, `{"success": true, "data": {"deleted": 1}}`)
			s.assertRefused(s.client.Licenses.Delete(s.Context(), key), keycrate.CodeLicenseNotFound, keycrate.ErrLicenseNotFound)
			s.assertRefused(errorOf(s.client.Licenses.Get(s.Context(), key)), keycrate.CodeLicenseNotFound, keycrate.ErrLicenseNotFound)
			s.barred(keycrate.ErrLicenseNotFound, keycrate.CodeLicenseNotFound, key, "pc")
			s.assertDenied(errorOf(s.login("alice", "pw")), keycrate.CodeInvalidCredentials, keycrate.ErrInvalidCredentials)
			assert.Equal(s, []string{other}, s.found(keycrate.ListLicensesParams{}))
			require.NoError(s, s.tryRegister(other, "alice", "new")) // the name is free
			s.Server.AssertEffects(s, 1, keycratemock.EffectLicenseDeleted)
		},
	},
	{
		name:   "status: pause and activate",
		proves: "status.set status.same status.clock auth.paused update.answer",
		play: func(s *crate) {
			key := s.seed(days(7))
			end := s.enter(verified, key, "").ExpiresAt
			s.at(time.Hour)
			license := s.license(s.client.Licenses.Pause(s.Context(), key))
			s.assertBody(`{"license_key": "`+key+`", "status": "paused"}`, s.seen.request())
			assert.Equal(s, []any{keycrate.StatusPaused, end, epoch.Add(time.Hour)}, []any{license.Status, license.ExpiresAt, license.UpdatedAt})
			s.barred(keycrate.ErrLicenseNotActive, keycrate.CodeLicenseNotActive, key, "")
			s.at(day)
			s.unchanged(func() {
				again := s.license(s.client.Licenses.Pause(s.Context(), key))
				assert.Equal(s, epoch.Add(time.Hour), again.UpdatedAt, "nothing changed")
			})
			s.at(6 * day)
			license = s.license(s.client.Licenses.Activate(s.Context(), key))
			assert.Equal(s, end, license.ExpiresAt, "the time ran on")
			s.enter(verified, key, "")
			s.at(7 * day)
			s.barred(keycrate.ErrLicenseExpired, keycrate.CodeLicenseExpired, key, "")
			assert.Equal(s, keycrate.StatusActive, s.get(key).Status, "expiry is no status")
			s.assertLocal("status", func() error { return errorOf(s.client.Licenses.SetStatus(s.Context(), key, "expired")) })
		},
	},
	{
		name:   "move: to another subscription",
		proves: "move.keeps move.foreign move.hwid-in-use error.subscription",
		play: func(s *crate) {
			single := s.tier("single")
			key := s.seed(locked(7))
			auth := s.enter(firstUse, key, "pc")
			license := s.license(s.client.Licenses.SetSubscription(s.Context(), key, single.ID))
			s.assertBody(`{"license_key": "`+key+`", "subscription_id": "`+single.ID+`"}`, s.seen.request())
			assert.Equal(s, single.ID, license.SubscriptionID)
			assert.Equal(s, []any{"pc", auth.ExpiresAt, auth.ActivatedAt, keycrate.StatusActive},
				[]any{license.HWID, license.ExpiresAt, license.ActivatedAt, license.Status})

			second, free := s.seed(locked(7)), s.seed(locked(7))
			s.enter(firstUse, second, "pc")
			s.license(s.client.Licenses.Pause(s.Context(), key))
			s.unchanged(func() {
				err := errorOf(s.client.Licenses.SetSubscription(s.Context(), second, single.ID))
				s.assertRefused(err, keycrate.CodeHWIDInUse, keycrate.ErrHWIDInUse)
			})
			s.license(s.client.Licenses.SetSubscription(s.Context(), free, single.ID)) // has no device
			s.license(s.client.Licenses.SetSubscription(s.Context(), key, single.ID))  // has it itself
			foreign := s.Keycrate.AddSubscription(keycratemock.Subscription{AppID: s.Keycrate.AddApp("other").ID})
			s.unchanged(func() {
				err := errorOf(s.client.Licenses.SetSubscription(s.Context(), key, foreign.ID))
				s.assertRefused(err, keycrate.CodeInvalidInput, keycrate.ErrInvalid)
				err = errorOf(s.client.Licenses.SetSubscription(s.Context(), key, noID))
				s.assertRefused(err, keycrate.CodeSubscriptionNotFound, keycrate.ErrSubscriptionNotFound)
			})
		},
	},
	{
		name:   "credentials: username and password",
		proves: "credentials.username credentials.password credentials.taken credentials.exact auth.by-password auth.credentials",
		play:   playCredentials,
	},
	{
		name:   "metadata: replaced as a whole",
		proves: "metadata.replaces license.unset",
		play: func(s *crate) {
			key := s.seed(keycratemock.License{Metadata: map[string]any{"old": "1", "order": "1"}})
			s.at(time.Hour)
			license := s.license(s.client.Licenses.SetMetadata(s.Context(), key, keycrate.Metadata{"order": "2", "id": json.Number("12345678901234567890")}))
			s.assertBody(`{"license_key": "`+key+`", "metadata": {"order": "2", "id": 12345678901234567890}}`, s.seen.request())
			assert.Equal(s, keycrate.Metadata{"order": "2", "id": json.Number("12345678901234567890")}, license.Metadata)
			assert.Equal(s, epoch.Add(time.Hour), license.UpdatedAt)
			for _, none := range []keycrate.Metadata{{}, nil} {
				license = s.license(s.client.Licenses.SetMetadata(s.Context(), key, none))
				s.assertBody(`{"license_key": "`+key+`", "metadata": {}}`, s.seen.request())
				assert.Nil(s, license.Metadata)
				assert.Contains(s, s.seen.answer(), `"metadata":{}`)
			}
		},
	},
	{
		name:   "updated at: what moves it",
		proves: "license.updated-at",
		play: func(s *crate) {
			license := locked(7)
			license.HWIDResetAllowed = true
			key, other := s.seed(license), s.tier("other").ID
			ctx, passed := s.Context(), time.Duration(0)
			for _, change := range []func() (*keycrate.License, error){
				func() (*keycrate.License, error) { return s.client.Licenses.Pause(ctx, key) },
				func() (*keycrate.License, error) { return s.client.Licenses.Activate(ctx, key) },
				func() (*keycrate.License, error) { return s.client.Licenses.Extend(ctx, key, day) },
				func() (*keycrate.License, error) { return s.client.Licenses.SetSubscription(ctx, key, other) },
				func() (*keycrate.License, error) {
					return s.client.Licenses.SetCredentials(ctx, key, keycrate.Credentials{Username: "alice"})
				},
				func() (*keycrate.License, error) {
					return s.client.Licenses.SetMetadata(ctx, key, keycrate.Metadata{"a": "b"})
				},
				func() (*keycrate.License, error) { return s.client.HWIDs.Set(ctx, key, "pc") },
				func() (*keycrate.License, error) { return s.client.HWIDs.Clear(ctx, key) },
				func() (*keycrate.License, error) { return s.client.HWIDs.SetLock(ctx, key, false) },
				func() (*keycrate.License, error) { return s.client.HWIDs.SetLock(ctx, key, true) },
				func() (*keycrate.License, error) { return s.client.HWIDs.SetResetAllowed(ctx, key, false) },
				func() (*keycrate.License, error) { return s.client.HWIDs.SetResetAllowed(ctx, key, true) },
				func() (*keycrate.License, error) { return s.client.HWIDs.SetResetInterval(ctx, key, time.Minute) },
			} {
				passed += time.Minute
				s.at(passed)
				changed := s.license(change())
				assert.Equal(s, epoch.Add(passed), changed.UpdatedAt)
				assert.Equal(s, epoch, changed.CreatedAt)
			}
			last := epoch.Add(passed)
			s.at(day)
			s.enter(firstUse, key, "pc")
			assert.True(s, s.Keycrate.PortalReset(key).Done)
			s.enter(verified, key, "tv")
			require.NoError(s, s.tryRegister(s.seed(days(7)), "bob", "pw"))
			assert.Equal(s, last, s.get(key).UpdatedAt, "end users do not move it")
		},
	},
}

func playCredentials(s *crate) {
	key, other := s.seed(days(7)), s.seed(days(7))
	set := func(key, username, password string) (*keycrate.License, error) {
		return s.client.Licenses.SetCredentials(s.Context(), key, keycrate.Credentials{Username: username, Password: password})
	}
	wrong := func(username, password string) {
		s.Helper()
		s.unchanged(func() {
			s.assertDenied(errorOf(s.login(username, password)), keycrate.CodeInvalidCredentials, keycrate.ErrInvalidCredentials)
		})
	}
	right := func(username, password string) {
		s.Helper()
		auth, err := s.login(username, password)
		require.NoError(s, err)
		assert.Equal(s, []string{key, username}, []string{auth.Key, auth.Username})
	}
	assert.Equal(s, "alice", s.license(set(key, "alice", "")).Username)
	s.assertBody(about(key, `"username": "alice"`), s.seen.request())
	wrong("alice", "anything") // there is no password yet
	s.license(set(key, "alice", "first"))
	s.assertBody(about(key, `"username": "alice", "password": "first"`), s.seen.request())
	right("alice", "first")
	s.license(set(key, "Alice", "")) // the password stays
	right("Alice", "first")
	for _, bad := range [][2]string{{"alice", "first"}, {"Alice", "First"}, {"Alice", "firs"}, {"nobody", "first"}, {"Alice ", "first"}} {
		wrong(bad[0], bad[1])
	}
	s.license(set(key, "Alice", "second")) // its own name is not taken
	wrong("Alice", "first")
	right("Alice", "second")
	s.unchanged(func() {
		s.assertRefused(errorOf(set(other, "Alice", "x")), keycrate.CodeUsernameTaken, keycrate.ErrUsernameTaken)
	})
	s.license(set(other, "alice", "x")) // is another name
	theirs := s.Keycrate.AddLicense(keycratemock.License{AppID: s.Keycrate.AddApp("other").ID})
	s.license(set(theirs.Key, "Alice", "x")) // as is one of another app
	right("Alice", "second")
	s.license(set(key, "carol", "")) // the old name is free
	s.license(set(other, "Alice", ""))
	s.assertLocal("Username", func() error { return errorOf(set(key, "", "x")) })
}
