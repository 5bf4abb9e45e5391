package conformance

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// keycrateSubscriptions is about the tiers of an app.
var keycrateSubscriptions = []scenario[*crate]{
	{
		name:   "subscription: created",
		proves: "subscription.fields subscription.defaults subscription.shape subscription.twice license.times-millis",
		play: func(s *crate) {
			params := keycrate.CreateSubscriptionParams{AppID: s.app, Name: "prémium <&>", Level: 2, SingleKeyPerHWID: true}
			sub := s.subscription(s.client.Subscriptions.Create(s.Context(), params))
			s.assertExchange(`{"app_id": "`+s.app+`", "name": "prémium <&>", "level": 2, "single_key_per_hwid": true}`,
				fmt.Sprintf(`{"success": true, "data": {"id": %q, "app_id": %q, "name": "prémium <&>", "level": 2, "single_key_per_hwid": true,
				"status": "active", "created_at": "2026-03-01T12:00:00.000Z", "updated_at": "2026-03-01T12:00:00.000Z"}}`, sub.ID, s.app))
			sub.Raw = nil
			want := &keycrate.Subscription{
				ID: sub.ID, AppID: s.app, Name: "prémium <&>", Level: 2, SingleKeyPerHWID: true,
				Status: keycrate.StatusActive, CreatedAt: epoch, UpdatedAt: epoch,
			}
			assert.Equal(s, want, sub)
			again := s.subscription(s.client.Subscriptions.Create(s.Context(), params))
			assert.NotEqual(s, sub.ID, again.ID)
			assert.Equal(s, sub.Name, again.Name)
			s.assertData(s.do("/subscription/create", `{"app_id": "@app", "name": "n"}`), map[string]any{"level": 1.0, "single_key_per_hwid": false, "status": "active"})
			s.Server.AssertEffects(s, 3+1, keycratemock.EffectSubscriptionCreated) // one was there before
			s.assertLocal("Name", func() error {
				return errorOf(s.client.Subscriptions.Create(s.Context(), keycrate.CreateSubscriptionParams{AppID: s.app}))
			})
		},
	},
	{
		name:   "subscription: edited",
		proves: "subscription.edit subscription.edit-nothing license.updated-at",
		play: func(s *crate) {
			edit := func(params keycrate.EditSubscriptionParams) (*keycrate.Subscription, error) {
				return s.client.Subscriptions.Edit(s.Context(), s.sub.ID, params)
			}
			want := s.sub
			for i, c := range []struct {
				params keycrate.EditSubscriptionParams
				sent   string
				change func()
			}{
				{keycrate.EditSubscriptionParams{Name: keycrate.Set("n")}, `"name": "n"`, func() { want.Name = "n" }},
				{keycrate.EditSubscriptionParams{Level: keycrate.Set(0)}, `"level": 0`, func() { want.Level = 0 }},
				{keycrate.EditSubscriptionParams{SingleKeyPerHWID: keycrate.Set(true)}, `"single_key_per_hwid": true`, func() { want.SingleKeyPerHWID = true }},
				{keycrate.EditSubscriptionParams{Status: keycrate.Set(keycrate.StatusPaused)}, `"status": "paused"`, func() { want.Status = "paused" }},
				{
					keycrate.EditSubscriptionParams{Name: keycrate.Set("m"), SingleKeyPerHWID: keycrate.Set(false)}, `"name": "m", "single_key_per_hwid": false`,
					func() { want.Name, want.SingleKeyPerHWID = "m", false },
				},
			} {
				s.at(time.Duration(i+1) * time.Minute)
				sub := s.subscription(edit(c.params))
				s.assertBody(`{"subscription_id": "`+s.sub.ID+`", `+c.sent+`}`, s.seen.request())
				c.change()
				want.UpdatedAt = epoch.Add(time.Duration(i+1) * time.Minute)
				stored, _ := s.Keycrate.Subscription(s.sub.ID)
				assert.Equal(s, want, stored)
				assert.Equal(s, []any{want.Name, int(want.Level), want.SingleKeyPerHWID, keycrate.Status(want.Status), want.UpdatedAt, want.CreatedAt},
					[]any{sub.Name, sub.Level, sub.SingleKeyPerHWID, sub.Status, sub.UpdatedAt, sub.CreatedAt})
			}
			s.at(time.Hour)
			s.unchanged(func() {
				assert.Equal(s, want.UpdatedAt, s.subscription(edit(keycrate.EditSubscriptionParams{Name: keycrate.Set("m")})).UpdatedAt)
				for _, nothing := range []string{``, `, "name": null, "level": null`} {
					s.assertInvalid(s.post("/subscription/edit", `{"subscription_id": "@sub"`+nothing+`}`), "body")
				}
			})
			s.assertLocal("params", func() error { return errorOf(edit(keycrate.EditSubscriptionParams{})) })
			s.assertLocal("Status", func() error {
				return errorOf(edit(keycrate.EditSubscriptionParams{Status: keycrate.Set(keycrate.Status("off"))}))
			})
			err := errorOf(s.client.Subscriptions.Edit(s.Context(), noID, keycrate.EditSubscriptionParams{Level: keycrate.Set(1)}))
			s.assertRefused(err, keycrate.CodeSubscriptionNotFound, keycrate.ErrSubscriptionNotFound)
		},
	},
	{
		name:   "subscription: paused and active",
		proves: "subscription.status auth.subscription-off",
		play: func(s *crate) {
			key := s.seed(days(7))
			set := func(status keycrate.Status) {
				s.subscription(s.client.Subscriptions.Edit(s.Context(), s.sub.ID, keycrate.EditSubscriptionParams{Status: keycrate.Set(status)}))
			}
			set(keycrate.StatusPaused)
			s.barred(keycrate.ErrSubscriptionNotActive, keycrate.CodeSubscriptionNotActive, key, "")
			assert.Equal(s, keycrate.StatusActive, s.get(key).Status)
			set(keycrate.StatusActive)
			s.enter(verified, key, "")
			s.assertInvalid(s.post("/subscription/edit", `{"subscription_id": "@sub", "status": "expired"}`), "status")
		},
	},
	{
		name:   "subscription: one license for a device, from now on",
		proves: "subscription.edit-single auth.single-key",
		play: func(s *crate) {
			first, second, third := s.seed(locked(7)), s.seed(locked(7)), s.seed(locked(7))
			s.enter(firstUse, first, "pc")
			s.enter(firstUse, second, "pc")
			s.subscription(s.client.Subscriptions.Edit(s.Context(), s.sub.ID, keycrate.EditSubscriptionParams{SingleKeyPerHWID: keycrate.Set(true)}))
			for _, key := range []string{first, second} {
				assert.Equal(s, "pc", s.stored(key).HWID)
				s.enter(verified, key, "pc")
			}
			s.barred(keycrate.ErrDeviceAlreadyRegistered, keycrate.CodeDeviceAlreadyRegistered, third, "pc")
			s.subscription(s.client.Subscriptions.Edit(s.Context(), s.sub.ID, keycrate.EditSubscriptionParams{SingleKeyPerHWID: keycrate.Set(false)}))
			s.enter(firstUse, third, "pc")
		},
	},
	{
		name:   "subscription: deleted with its licenses",
		proves: "subscription.cascade subscription.deleted error.subscription",
		play: func(s *crate) {
			doomed := s.subscription(s.client.Subscriptions.Create(s.Context(), keycrate.CreateSubscriptionParams{AppID: s.app, Name: "doomed"}))
			params := s.week()
			params.SubscriptionID = doomed.ID
			gone := keysOf(s.licenses(s.client.Licenses.CreateBulk(s.Context(), 3, params)))
			moved, kept := s.create(params).Key, s.create(s.week()).Key
			s.license(s.client.Licenses.SetSubscription(s.Context(), moved, s.sub.ID))
			s.enter(verified, gone[0], "")
			require.NoError(s, s.tryRegister(gone[0], "alice", "pw"))
			deletion := s.deletion(s.client.Subscriptions.Delete(s.Context(), doomed.ID))
			s.assertExchange(`{"subscription_id": "`+doomed.ID+`"}`, `{"success": true, "data": {"deleted": 1, "licenses_deleted": 3}}`)
			assert.Equal(s, keycrate.Set(3), deletion.Licenses)
			s.Server.AssertEffects(s, 3, keycratemock.EffectLicenseDeleted)
			for _, key := range gone {
				s.assertRefused(errorOf(s.client.Licenses.Get(s.Context(), key)), keycrate.CodeLicenseNotFound, keycrate.ErrLicenseNotFound)
			}
			s.barred(keycrate.ErrLicenseNotFound, keycrate.CodeLicenseNotFound, gone[0], "")
			assert.ElementsMatch(s, []string{moved, kept}, s.found(keycrate.ListLicensesParams{}))
			require.NoError(s, s.tryRegister(kept, "alice", "pw"))
			err := errorOf(s.client.Subscriptions.Delete(s.Context(), doomed.ID))
			s.assertRefused(err, keycrate.CodeSubscriptionNotFound, keycrate.ErrSubscriptionNotFound)
			err = errorOf(s.client.Licenses.Create(s.Context(), params))
			s.assertRefused(err, keycrate.CodeSubscriptionNotFound, keycrate.ErrSubscriptionNotFound)
			s.subscription(s.client.Subscriptions.Create(s.Context(), keycrate.CreateSubscriptionParams{AppID: s.app, Name: "doomed"}))
		},
	},
	{
		name:   "subscriptions: all of an app, in order",
		proves: "subscriptions.all subscriptions.order read-only",
		play: func(s *crate) {
			other := s.Keycrate.AddApp("other")
			for _, sub := range []keycratemock.Subscription{
				{Name: "c", Level: 2}, {Name: "b", Level: 0}, {Name: "a", Level: 2, Status: keycratemock.StatusPaused}, {Name: "C", Level: 2},
				{AppID: other.ID, Name: "theirs"},
			} {
				s.Keycrate.AddSubscription(sub)
			}
			for i := range 120 { // no pages
				s.Keycrate.AddSubscription(keycratemock.Subscription{Name: fmt.Sprintf("n%03d", i), Level: 3})
			}
			var names []string
			s.unchanged(func() {
				for sub, err := range s.client.Subscriptions.All(s.Context(), s.app) {
					require.NoError(s, err)
					names = append(names, sub.Name)
				}
			})
			s.assertBody(`{"app_id": "`+s.app+`"}`, s.seen.request())
			require.Len(s, names, 125)
			assert.Equal(s, []string{"b", "basic", "C", "a", "c", "n000", "n001"}, names[:7])
			assert.Equal(s, "n119", names[124])
			theirs, err := s.client.Subscriptions.List(s.Context(), other.ID)
			require.NoError(s, err)
			require.Len(s, theirs, 1)
			assert.Equal(s, "theirs", theirs[0].Name)
			empty, err := s.client.Subscriptions.List(s.Context(), s.Keycrate.AddApp("empty").ID)
			require.NoError(s, err)
			assert.Empty(s, empty)
			s.assertBody(`{"success": true, "data": []}`, s.seen.answer())
			s.assertRefused(errorOf(s.client.Subscriptions.List(s.Context(), noID)), keycrate.CodeAppNotFound, keycrate.ErrAppNotFound)
		},
	},
}
