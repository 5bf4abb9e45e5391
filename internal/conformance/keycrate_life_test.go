package conformance

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// keycrateLives follows licenses from beginning to end.
var keycrateLives = []scenario[*crate]{
	{
		name:   "life: from the first use",
		proves: "auth.first-use-expiry extend.unused extend.running extend.expired status.clock auth.expiry create.active",
		play:   playLife,
	},
	{
		name:   "life: from the creation",
		proves: "duration.from-creation extend.running extend.expired auth.expired",
		play: func(s *crate) {
			s.Keycrate.SetDurationStart(keycratemock.AtCreation)
			license := s.create(s.week())
			assert.Equal(s, epoch.Add(7*day), license.ExpiresAt)
			assert.False(s, license.Unused(), "its clock is running")
			assert.Equal(s, epoch.Add(8*day), s.extend(license.Key, day).ExpiresAt)
			s.at(8 * day)
			s.barred(keycrate.ErrLicenseExpired, keycrate.CodeLicenseExpired, license.Key, "")
			assert.Equal(s, epoch.Add(9*day), s.extend(license.Key, day).ExpiresAt)
			auth := s.enter(verified, license.Key, "")
			assert.Equal(s, []time.Time{epoch.Add(8 * day), epoch.Add(9 * day)}, []time.Time{auth.ActivatedAt, auth.ExpiresAt})
			s.at(9 * day)
			s.barred(keycrate.ErrLicenseExpired, keycrate.CodeLicenseExpired, license.Key, "")
		},
	},
	{
		name:   "life: a tier of a shop",
		proves: "subscription.cascade create-bulk.answer status.set delete.answer",
		play: func(s *crate) {
			tier := s.subscription(s.client.Subscriptions.Create(s.Context(), keycrate.CreateSubscriptionParams{AppID: s.app, Name: "trial", SingleKeyPerHWID: true}))
			params := keycrate.CreateLicenseParams{AppID: s.app, SubscriptionID: tier.ID, Duration: keycrate.Days(7), HWIDLock: true, Tags: []string{"trial"}}
			keys := keysOf(s.licenses(s.client.Licenses.CreateBulk(s.Context(), 10, params)))
			kept := s.create(s.week()).Key
			s.enter(firstUse, keys[0], "pc")
			s.barred(keycrate.ErrDeviceAlreadyRegistered, keycrate.CodeDeviceAlreadyRegistered, keys[1], "pc")
			s.licenses(s.client.Licenses.SetStatusBulk(s.Context(), keys[5:], keycrate.StatusPaused))
			assert.ElementsMatch(s, keys[5:], s.found(keycrate.ListLicensesParams{Status: keycrate.StatusPaused, Tags: []string{"trial"}}))
			s.unchanged(func() {
				err := errorOf(s.client.Licenses.DeleteBulk(s.Context(), []string{keys[8], "none", keys[9]}))
				s.assertRefused(err, keycrate.CodeLicenseNotFound, keycrate.ErrLicenseNotFound)
			})
			s.deletion(s.client.Licenses.DeleteBulk(s.Context(), keys[8:]))
			assert.Len(s, s.found(keycrate.ListLicensesParams{SubscriptionID: tier.ID}), 8)
			assert.Equal(s, keycrate.Set(8), s.deletion(s.client.Subscriptions.Delete(s.Context(), tier.ID)).Licenses)
			assert.Equal(s, []string{kept}, s.found(keycrate.ListLicensesParams{}))
			s.barred(keycrate.ErrLicenseNotFound, keycrate.CodeLicenseNotFound, keys[0], "pc")
			s.Server.AssertEffects(s, 10, keycratemock.EffectLicenseDeleted)
		},
	},
	{name: "shape: the document's requests", play: playKeycrateDocumentRequests},
}

// playLife is a license of seven days on one device.
func playLife(s *crate) {
	params := s.week()
	params.HWIDLock, params.HWIDResetAllowed, params.HWIDResetCooldown = true, true, day
	license := s.create(params)
	key := license.Key
	s.at(100 * day) // waits for its first use
	assert.True(s, s.get(key).Unused())
	license = s.extend(key, day)
	assert.Equal(s, []any{8 * day, time.Time{}, true}, []any{license.Granted, license.ExpiresAt, license.Usable(s.Server.Now())})

	auth := s.enter(firstUse, key, "pc")
	assert.Equal(s, []time.Time{epoch.Add(100 * day), epoch.Add(108 * day)}, []time.Time{auth.ActivatedAt, auth.ExpiresAt})
	assert.False(s, s.get(key).Unused())
	s.at(101 * day)
	assert.Equal(s, epoch.Add(109*day), s.extend(key, day).ExpiresAt)
	s.license(s.client.Licenses.Pause(s.Context(), key))
	s.barred(keycrate.ErrLicenseNotActive, keycrate.CodeLicenseNotActive, key, "pc")
	assert.Equal(s, keycratemock.BlockedByState, s.Keycrate.PortalReset(key).Blocked)
	s.at(105 * day)
	assert.Equal(s, epoch.Add(109*day), s.license(s.client.Licenses.Activate(s.Context(), key)).ExpiresAt)
	s.enter(verified, key, "pc")
	assert.True(s, s.Keycrate.PortalReset(key).Done)
	s.enter(verified, key, "tv")
	s.barred(keycrate.ErrHWIDMismatch, keycrate.CodeHWIDMismatch, key, "pc")

	s.Server.SetTime(epoch.Add(109*day - time.Millisecond))
	s.enter(verified, key, "tv")
	assert.False(s, s.get(key).Expired(s.Server.Now()))
	s.at(109 * day)
	denial := s.barred(keycrate.ErrLicenseExpired, keycrate.CodeLicenseExpired, key, "tv")
	assert.Equal(s, epoch.Add(109*day), denial.ExpiresAt)
	license = s.get(key)
	assert.Equal(s, []any{keycrate.StatusActive, true, false}, []any{license.Status, license.Expired(s.Server.Now()), license.Usable(s.Server.Now())})

	s.at(200 * day)
	license = s.extend(key, day)
	assert.Equal(s, []any{epoch.Add(201 * day), 10 * day, epoch.Add(100 * day)}, []any{license.ExpiresAt, license.Granted, license.ActivatedAt})
	s.enter(verified, key, "tv")
	s.at(201 * day)
	s.barred(keycrate.ErrLicenseExpired, keycrate.CodeLicenseExpired, key, "tv")
	require.NoError(s, s.client.Licenses.Delete(s.Context(), key))
	s.barred(keycrate.ErrLicenseNotFound, keycrate.CodeLicenseNotFound, key, "tv")
}

// playKeycrateDocumentRequests sends every example of a request in the document
// to the mock, with what it names in place.
func playKeycrateDocumentRequests(s *crate) {
	doc := loadContract(s.T, "keycrate").doc
	sent := map[string]bool{}
	s.Keycrate.AddSubscription(keycratemock.Subscription{ID: otherSub, Name: "other"})
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		op := doc.Paths.Value(path).Post
		examples := op.RequestBody.Value.Content["application/json"].Examples
		for _, name := range slices.Sorted(maps.Keys(examples)) {
			for _, key := range []string{exampleKey, otherKey} {
				s.Keycrate.RemoveLicense(key)
				s.Keycrate.AddLicense(keycratemock.License{Key: key, SubscriptionID: s.sub.ID, DurationUnit: "days", DurationValue: 7})
			}
			if op.OperationID == "authenticate" {
				require.Equal(s, keycratemock.CodeRegistered, s.Keycrate.Register(exampleKey, "example_user", "example-password").Code)
			}
			text, err := json.Marshal(examples[name].Value.Value)
			require.NoError(s, err)
			body := strings.NewReplacer(exampleApp, s.app, exampleSub, s.sub.ID).Replace(string(text))
			a := s.post(path, body)
			assert.Equal(s, 200, a.Status, "%s of %s: %s", name, op.OperationID, a.Body)
			if path == "/subscription/delete" {
				s.sub = s.Keycrate.AddSubscription(keycratemock.Subscription{Name: "basic"})
			}
			sent[op.OperationID] = true
		}
	}
	assert.Len(s, sent, 24)
}
