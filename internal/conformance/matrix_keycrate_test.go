package conformance

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

func keycrateMatrix() vendorMatrix {
	return vendorMatrix{
		name:       "keycrate",
		operations: keycratewire.Operations(),
		kinds: []error{
			keycrate.ErrUnauthorized, keycrate.ErrForbidden, keycrate.ErrNotFound, keycrate.ErrConflict, keycrate.ErrInvalid,
			keycrate.ErrRateLimited, keycrate.ErrServer, keycrate.ErrBadResponse, keycrate.ErrUnknownOutcome,
		},
		settles:  []int{404},
		advised:  []time.Duration{time.Second, 4 * time.Second, 10 * time.Second},
		stage:    keycrateScene,
		exhibits: keycrateExhibits,
		explain: func(err error) (account, bool) {
			var e *keycrate.Error
			if !errors.As(err, &e) {
				return account{}, false
			}
			return account{e.Op, e.StatusCode, e.Attempts, e.RetryAfter, e.Outcome.String()}, true
		},
	}
}

// keycrateClientsWith returns a client for each side of the wire: the seller's
// and the end user's.
func keycrateClientsWith(t *testing.T, r *rig, s settings) (*keycrate.Client, *keycrate.App) {
	ours, theirs := r.keycrateConfig(), r.keycrateAppConfig()
	ours.MaxResponseBytes, theirs.MaxResponseBytes = s.maxResponseBytes, s.maxResponseBytes
	if s.noWaits {
		none := keycrate.RetryPolicy{BaseDelay: 1, MaxDelay: 1}
		ours.Retry, theirs.Retry = none, none
	}
	ours.Logger, theirs.Logger = s.logger, s.logger
	ours.OnAttempt = func(_ context.Context, a keycrate.Attempt) {
		if s.onAttempt != nil {
			s.onAttempt(step{a.Op, a.Number, a.StatusCode, a.Wait, a.Duration, a.Err})
		}
		if s.witness != nil {
			s.witness(a)
		}
	}
	theirs.OnAttempt = ours.OnAttempt
	client, err := keycrate.New(ours)
	require.NoError(t, err)
	app, err := keycrate.NewApp(theirs)
	require.NoError(t, err)
	return client, app
}

// keycrateGoods is what the operations of the matrix are tried on.
type keycrateGoods struct {
	t      *testing.T
	world  *keycratemock.World
	client *keycrate.Client
	app    *keycrate.App

	tier, retired keycratemock.Subscription // the latter with a license
	secrets       []string
}

// What end users and their sellers send, and nobody else is to see.
const (
	newDevice    = "the-new-device-6f2c"
	firstDevice  = "the-first-device-91ab"
	newUser      = "new.user@shop.example"
	endUser      = "end.user@shop.example"
	newPassword  = "new horse battery staple"
	userPassword = "correct horse battery"
)

func keycrateScene(t *testing.T, r *rig, s settings) stage {
	w := r.Keycrate
	client, app := keycrateClientsWith(t, r, s)
	g := &keycrateGoods{t: t, world: w, client: client, app: app, secrets: []string{
		w.APIKey(), newDevice, firstDevice, newUser, endUser, newPassword, userPassword,
	}}
	g.tier = w.AddSubscription(keycratemock.Subscription{Name: "premium"})
	g.retired = w.AddSubscription(keycratemock.Subscription{Name: "retired"})
	w.AddLicense(keycratemock.License{SubscriptionID: g.retired.ID})
	drives := map[string]drive{}
	for _, some := range []map[string]drive{
		g.saleDrives(), g.deletionDrives(), g.lookDrives(), g.changeDrives(), g.deviceDrives(), g.tierDrives(), g.userDrives(),
	} {
		for op, d := range some {
			drives[op] = d
		}
	}
	return stage{drives: drives, secrets: g.hidden}
}

// license is a new one of seven days.
func (g *keycrateGoods) license() string {
	license := g.world.AddLicense(keycratemock.License{
		SubscriptionID: g.tier.ID, DurationUnit: keycratemock.UnitDays, DurationValue: 7,
	})
	g.secrets = append(g.secrets, license.Key) // it may be deleted
	return license.Key
}

// hidden is what opens something, or tells who somebody is, now.
func (g *keycrateGoods) hidden() []string {
	all := slices.Clone(g.secrets)
	for _, license := range g.world.Licenses() {
		all = append(all, license.Key)
	}
	return all
}

// params describe a license that is to be found by its tag.
func (g *keycrateGoods) params(tag string) keycrate.CreateLicenseParams {
	return keycrate.CreateLicenseParams{
		AppID: g.world.AppID(), SubscriptionID: g.tier.ID, Duration: keycrate.Days(30), HWIDLock: true, Tags: []string{tag},
	}
}

// alters is the drive of a change of one license.
func (g *keycrateGoods) alters(class transport.Class, effect, way string, change func(context.Context, string) (*keycrate.License, error), changed func(*keycrate.License) bool) drive {
	key := g.license()
	return drive{class: class, status: 200, effect: effect, effects: 1, answer: partNeeded, recover: way, call: func(ctx context.Context) error {
		license, err := change(ctx, key)
		if err != nil {
			assert.Nil(g.t, license)
			return err
		}
		assert.Equal(g.t, key, license.Key)
		assert.True(g.t, changed(license), "as it was asked for: %s", license.Raw)
		return nil
	}}
}

// altersAll is the drive of a change of several licenses.
func (g *keycrateGoods) altersAll(class transport.Class, effect, way string, change func(context.Context, []string) ([]*keycrate.License, error), changed func(*keycrate.License) bool) drive {
	keys := []string{g.license(), g.license(), g.license()}
	return drive{class: class, status: 200, effect: effect, effects: len(keys), answer: partNeeded, recover: way, call: func(ctx context.Context) error {
		licenses, err := change(ctx, keys)
		if err != nil {
			assert.Nil(g.t, licenses)
			return err
		}
		assert.Len(g.t, licenses, len(keys))
		for i, license := range licenses {
			assert.Equal(g.t, keys[i], license.Key)
			assert.True(g.t, changed(license), "as it was asked for: %s", license.Raw)
		}
		return nil
	}}
}

// saleDrives are those of what is sold: licenses and their time.
func (g *keycrateGoods) saleDrives() map[string]drive {
	const month = 30 * 24 * time.Hour
	licenses := g.client.Licenses
	extended := func(l *keycrate.License) bool { return l.Granted == month+7*24*time.Hour }
	return map[string]drive{
		"createLicense": {class: transport.Once, status: 200, effect: keycratemock.EffectLicenseCreated, effects: 1, answer: partNeeded,
			recover: "by a tag that only this call had",
			call: func(ctx context.Context) error {
				license, err := licenses.Create(ctx, g.params("order-66"))
				if err != nil {
					assert.Nil(g.t, license)
					return err
				}
				created, exists := g.world.License(license.Key)
				assert.True(g.t, exists)
				assert.Equal(g.t, []string{"order-66"}, created.Tags)
				return nil
			}},
		"createLicensesBulk": {class: transport.Once, status: 200, effect: keycratemock.EffectLicenseCreated, effects: 5, answer: partNeeded,
			recover: "by a tag that only this call had and count them",
			call: func(ctx context.Context) error {
				batch, err := licenses.CreateBulk(ctx, 5, g.params("batch-66"))
				if err != nil {
					assert.Nil(g.t, batch)
					return err
				}
				assert.Len(g.t, batch, 5)
				for _, license := range batch {
					_, exists := g.world.License(license.Key)
					assert.True(g.t, exists)
				}
				return nil
			}},
		"extendLicense": g.alters(transport.Once, keycratemock.EffectLicenseExtended, "with the value noted before the call",
			func(ctx context.Context, key string) (*keycrate.License, error) {
				return licenses.Extend(ctx, key, month)
			}, extended),
		"extendLicensesBulk": g.altersAll(transport.Once, keycratemock.EffectLicenseExtended, "with the values noted before the call",
			func(ctx context.Context, keys []string) ([]*keycrate.License, error) {
				return licenses.ExtendBulk(ctx, keys, month)
			}, extended),
	}
}

func (g *keycrateGoods) deletionDrives() map[string]drive {
	one, first, second := g.license(), g.license(), g.license()
	return map[string]drive{
		"deleteLicense": {class: transport.Idempotent, status: 200, effect: keycratemock.EffectLicenseDeleted, effects: 1, gone: true,
			recover: "Get the license: not found means that it is deleted",
			call:    func(ctx context.Context) error { return g.client.Licenses.Delete(ctx, one) }},
		"deleteLicensesBulk": {class: transport.Idempotent, status: 200, effect: keycratemock.EffectLicenseDeleted, effects: 2, doubt: true,
			recover: "Get each license: not found means that it is deleted",
			call: func(ctx context.Context) error {
				deletion, err := g.client.Licenses.DeleteBulk(ctx, []string{first, second})
				assert.Equal(g.t, err == nil, deletion != nil)
				return err
			}},
		"deleteSubscription": {class: transport.Idempotent, status: 200, effects: 2, gone: true,
			effect:  keycratemock.EffectSubscriptionDeleted + " " + keycratemock.EffectLicenseDeleted, // of the one that it had
			recover: "one that is missing is deleted",
			call: func(ctx context.Context) error {
				deletion, err := g.client.Subscriptions.Delete(ctx, g.retired.ID)
				assert.Equal(g.t, err == nil, deletion != nil)
				return err
			}},
	}
}

// lookDrives are those of reads.
func (g *keycrateGoods) lookDrives() map[string]drive {
	read := g.license()
	return map[string]drive{
		"getLicense": {class: transport.Read, status: 200, answer: partNeeded, call: func(ctx context.Context) error {
			license, err := g.client.Licenses.Get(ctx, read)
			if err != nil {
				assert.Nil(g.t, license)
				return err
			}
			assert.Equal(g.t, read, license.Key)
			return nil
		}},
		"listLicenses": {class: transport.Read, status: 200, answer: partNeeded, call: func(ctx context.Context) error {
			page, err := g.client.Licenses.List(ctx, keycrate.ListLicensesParams{AppID: g.world.AppID(), Search: read})
			if err != nil {
				assert.Nil(g.t, page)
				return err
			}
			if assert.Len(g.t, page.Licenses, 1) {
				assert.Equal(g.t, read, page.Licenses[0].Key)
			}
			return nil
		}},
		"listSubscriptions": {class: transport.Read, status: 200, answer: partNeeded, call: func(ctx context.Context) error {
			list, err := g.client.Subscriptions.List(ctx, g.world.AppID())
			if err != nil {
				assert.Nil(g.t, list)
				return err
			}
			assert.True(g.t, slices.ContainsFunc(list, func(s *keycrate.Subscription) bool { return s.ID == g.tier.ID }))
			return nil
		}},
	}
}

func (g *keycrateGoods) changeDrives() map[string]drive {
	const updated = keycratemock.EffectLicenseUpdated
	licenses := g.client.Licenses
	other := g.world.AddSubscription(keycratemock.Subscription{Name: "gold"})
	paused := func(l *keycrate.License) bool { return l.Status == keycrate.StatusPaused }
	return map[string]drive{
		"updateLicenseStatus": g.alters(transport.Idempotent, updated, "compare its status", licenses.Pause, paused),
		"updateLicenseStatusBulk": g.altersAll(transport.Idempotent, updated, "Get each license and compare its status",
			func(ctx context.Context, keys []string) ([]*keycrate.License, error) {
				return licenses.SetStatusBulk(ctx, keys, keycrate.StatusPaused)
			}, paused),
		"updateLicenseSubscription": g.alters(transport.Idempotent, updated, "compare its subscription",
			func(ctx context.Context, key string) (*keycrate.License, error) {
				return licenses.SetSubscription(ctx, key, other.ID)
			}, func(l *keycrate.License) bool { return l.SubscriptionID == other.ID }),
		"updateLicenseCredentials": g.alters(transport.Idempotent, updated, "compare its username",
			func(ctx context.Context, key string) (*keycrate.License, error) {
				return licenses.SetCredentials(ctx, key, keycrate.Credentials{Username: newUser, Password: newPassword})
			}, func(l *keycrate.License) bool { return l.Username == newUser }),
		"updateLicenseMetadata": g.alters(transport.Idempotent, updated, "compare its metadata",
			func(ctx context.Context, key string) (*keycrate.License, error) {
				return licenses.SetMetadata(ctx, key, keycrate.Metadata{"order": "66"})
			}, func(l *keycrate.License) bool { return l.Metadata["order"] == "66" }),
	}
}

func (g *keycrateGoods) deviceDrives() map[string]drive {
	const updated = keycratemock.EffectLicenseUpdated
	hwids := g.client.HWIDs
	locked := func(l *keycrate.License) bool { return l.HWIDLock }
	return map[string]drive{
		"editHWID": g.alters(transport.Idempotent, updated, "compare its device",
			func(ctx context.Context, key string) (*keycrate.License, error) {
				return hwids.Set(ctx, key, newDevice)
			},
			func(l *keycrate.License) bool { return l.HWID == newDevice }),
		"setHWIDLock": g.alters(transport.Once, updated, "compare its lock",
			func(ctx context.Context, key string) (*keycrate.License, error) { return hwids.SetLock(ctx, key, true) }, locked),
		"setHWIDLockBulk": g.altersAll(transport.Once, updated, "Get each license and compare its lock",
			func(ctx context.Context, keys []string) ([]*keycrate.License, error) {
				return hwids.SetLockBulk(ctx, keys, true)
			}, locked),
		"setHWIDResetAllowed": g.alters(transport.Once, updated, "compare whether it allows resets",
			func(ctx context.Context, key string) (*keycrate.License, error) {
				return hwids.SetResetAllowed(ctx, key, true)
			}, func(l *keycrate.License) bool { return l.HWIDResetAllowed }),
		"setHWIDResetInterval": g.alters(transport.Idempotent, updated, "compare the time between its resets",
			func(ctx context.Context, key string) (*keycrate.License, error) {
				return hwids.SetResetInterval(ctx, key, 72*time.Hour)
			}, func(l *keycrate.License) bool { return l.HWIDResetCooldown == 72*time.Hour }),
	}
}

func (g *keycrateGoods) tierDrives() map[string]drive {
	subscriptions := g.client.Subscriptions
	edited := g.world.AddSubscription(keycratemock.Subscription{Name: "silver"})
	return map[string]drive{
		"createSubscription": {class: transport.Once, status: 200, effect: keycratemock.EffectSubscriptionCreated, effects: 1, answer: partNeeded,
			recover: "look for the name of this call",
			call: func(ctx context.Context) error {
				made, err := subscriptions.Create(ctx, keycrate.CreateSubscriptionParams{AppID: g.world.AppID(), Name: "platinum", Level: 9})
				if err != nil {
					assert.Nil(g.t, made)
					return err
				}
				created, exists := g.world.Subscription(made.ID)
				assert.True(g.t, exists)
				assert.Equal(g.t, "platinum", created.Name)
				return nil
			}},
		"editSubscription": {class: transport.Idempotent, status: 200, effect: keycratemock.EffectSubscriptionUpdated, effects: 1, answer: partNeeded,
			recover: "compare this one with what was sent",
			call: func(ctx context.Context) error {
				changed, err := subscriptions.Edit(ctx, edited.ID, keycrate.EditSubscriptionParams{Level: keycrate.Set(7)})
				if err != nil {
					assert.Nil(g.t, changed)
					return err
				}
				assert.Equal(g.t, edited.ID, changed.ID)
				assert.Equal(g.t, 7, changed.Level)
				return nil
			}},
	}
}

// userDrives are those of end users.
func (g *keycrateGoods) userDrives() map[string]drive {
	registered := g.license()
	used := g.world.AddLicense(keycratemock.License{SubscriptionID: g.tier.ID, HWIDLock: true}).Key
	return map[string]drive{
		"authenticate": {class: transport.Idempotent, status: 200, effects: 2, answer: partNeeded,
			effect:  keycratemock.EffectLicenseActivated + " " + keycratemock.EffectLicenseHWIDBound, // by the first use
			recover: "Authenticate again with the same license and the same device",
			call: func(ctx context.Context) error {
				auth, err := g.app.Authenticate(ctx, keycrate.AuthParams{License: used, HWID: firstDevice})
				if err != nil {
					assert.Nil(g.t, auth)
					return err
				}
				assert.Equal(g.t, used, auth.Key)
				assert.Equal(g.t, firstDevice, auth.HWID)
				return nil
			}},
		"register": {class: transport.Once, status: 200, effect: keycratemock.EffectLicenseRegistered, effects: 1, answer: partNeeded,
			recover: "authenticate with the username and password of this call",
			call: func(ctx context.Context) error {
				registration, err := g.app.Register(ctx, registered, keycrate.Credentials{Username: endUser, Password: userPassword})
				if err != nil {
					assert.Nil(g.t, registration)
					return err
				}
				license, _ := g.world.License(registered)
				assert.Equal(g.t, endUser, license.Username)
				return nil
			}},
	}
}

func keycrateExhibits(t *testing.T, r *rig) (shown []any, secrets []string) {
	cfg, ends := r.keycrateConfig(), r.keycrateAppConfig()
	client, app := keycrateClientsWith(t, r, settings{})
	key := r.Keycrate.AddLicense(keycratemock.License{}).Key
	credentials := keycrate.Credentials{Username: "end-user", Password: userPassword}
	// A key where an id belongs is a mistake that must not show.
	_, misplaced := client.Licenses.SetSubscription(t.Context(), key, key)
	_, mistaken := client.Subscriptions.Delete(t.Context(), cfg.APIKey)
	_, unsendable := client.Licenses.ExtendBulk(t.Context(), []string{key, "", key, key + "\xff"}, -time.Second)
	_, undeletable := client.Licenses.DeleteBulk(t.Context(), []string{key, key})
	_, nameless := client.Licenses.SetCredentials(t.Context(), key, keycrate.Credentials{Password: userPassword + "\xff"})
	_, unclear := app.Authenticate(t.Context(), keycrate.AuthParams{License: key, Credentials: credentials, HWID: newDevice})
	_, unregistered := app.Register(t.Context(), key, keycrate.Credentials{Password: userPassword})
	bad := cfg
	bad.APIKey = "\n" + cfg.APIKey
	bad.BaseURL = "https://user:" + cfg.APIKey + "@shop.example/?key=" + cfg.APIKey
	bad.UserAgent = "shop\n" + cfg.APIKey
	_, misconfigured := keycrate.New(bad)
	_, noApp := keycrate.NewApp(keycrate.AppConfig{AppID: cfg.APIKey, BaseURL: bad.BaseURL, UserAgent: bad.UserAgent})
	r.Server.AssertCalls(t, 0, "keycrate.*")
	return []any{
		cfg, &cfg, struct{ Config keycrate.Config }{cfg}, struct{ Config *keycrate.Config }{&cfg}, []keycrate.Config{cfg}, map[string]keycrate.Config{"shop": cfg},
		client, *client, client.Licenses, client.HWIDs, client.Subscriptions,
		struct{ Client *keycrate.Client }{client}, struct{ client *keycrate.Client }{client}, struct{ client keycrate.Client }{*client},
		ends, &ends, struct{ ends keycrate.AppConfig }{ends}, app, *app, struct{ app *keycrate.App }{app},
		credentials, &credentials, []keycrate.Credentials{credentials}, struct{ Credentials keycrate.Credentials }{credentials},
		misplaced, mistaken, unsendable, undeletable, nameless, unclear, unregistered, misconfigured, noApp,
		struct{ err error }{unsendable}, struct{ err error }{misconfigured},
	}, []string{cfg.APIKey, key, userPassword, newDevice}
}
