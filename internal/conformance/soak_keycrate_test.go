package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// soakKeycrate is what a caller has at Keycrate: licenses and subscriptions of an
// app of its own.
type soakKeycrate struct {
	*soakCaller
	client *keycrate.Client
	world  *keycratemock.World
	ends   *http.Client  // of end users
	user   *keycrate.App // an end user's program
	tiers  [2]string     // two subscriptions that stay
	names  [2]string

	licenses soakShelf[soakLicense]
	others   soakShelf[soakTier] // subscriptions that come and go
}

// soakLicense is a license as its owner knows it.
type soakLicense struct {
	key      string
	tag      string
	tier     string
	status   keycrate.Status
	username string
	order    string // in its metadata
	hwid     string
	lock     bool
	allowed  bool
	interval time.Duration
	used     bool
	granted  time.Duration
	expires  time.Time
}

func (l *soakLicense) ledgerID() string { return l.key }

func (l *soakLicense) fits(told *keycrate.License) bool {
	order, _ := told.Metadata["order"].(string)
	return told.Key == l.key && slices.Equal(told.Tags, []string{l.tag}) && told.SubscriptionID == l.tier && told.Status == l.status &&
		told.Username == l.username && order == l.order && told.HWID == l.hwid && told.HWIDLock == l.lock &&
		told.HWIDResetAllowed == l.allowed && told.HWIDResetCooldown == l.interval && told.Unused() != l.used &&
		told.Granted == l.granted && told.ExpiresAt.Equal(l.expires)
}

// soakTier is a subscription as its owner knows it.
type soakTier struct {
	id, name string
	level    int
	inside   []string // keys of its licenses
}

func newSoakKeycrate(c *soakCaller) *soakKeycrate {
	return &soakKeycrate{soakCaller: c, client: c.client.keycrate, world: c.rig.Keycrate, ends: c.http("keycrate")}
}

func (k *soakKeycrate) settleIn() {
	k.licenses, k.others = soakShelf[soakLicense]{}, soakShelf[soakTier]{}
	k.app = k.world.AddApp(k.name("app")).ID
	for i := range k.tiers {
		k.names[i] = k.name("tier")
		k.tiers[i] = k.world.AddSubscription(keycratemock.Subscription{AppID: k.app, Name: k.names[i]}).ID
	}
	cfg := k.rig.keycrateAppConfig()
	cfg.AppID, cfg.HTTPClient, cfg.MaxResponseBytes = k.app, k.ends, maxAnswer
	var err error
	k.user, err = keycrate.NewApp(cfg)
	require.NoError(k.soak.t, err)
}

func (k *soakKeycrate) acts() []func() *soakDeed {
	return []func() *soakDeed{
		k.create, k.create, k.create, k.createMany, k.createMany, k.extend, k.extend, k.extendMany, k.extendMany, k.delete, k.deleteAbsent, k.deleteMany,
		k.pause, k.pauseMany, k.move, k.sign, k.signTwice, k.label, k.bind, k.lock, k.lock, k.lockMany, k.lockMany, k.allow, k.wait,
		k.createTier, k.editTier, k.deleteTier, k.authenticate, k.authenticate, k.register, k.register,
		k.get, k.list, k.walk, k.listTiers,
	}
}

func (k *soakKeycrate) owned() []string {
	license := func(l soakLicense) string {
		return fmt.Sprint("license of Keycrate ", l.key, l.tier, l.username, l.hwid, l.lock, int64(l.granted/time.Second))
	}
	list := soakEach(k.licenses.items, func(l *soakLicense) string { return license(*l) })
	for i, tier := range k.tiers {
		list = append(list, fmt.Sprint("subscription of Keycrate ", tier, k.names[i], 0))
	}
	for _, tier := range k.others.items {
		list = append(list, fmt.Sprint("subscription of Keycrate ", tier.id, tier.name, tier.level))
		for _, key := range tier.inside {
			list = append(list, license(soakLicense{key: key, tier: tier.id}))
		}
	}
	return list
}

func (k *soakKeycrate) room() bool { return len(k.licenses.items) < soakCrowded }

func (k *soakKeycrate) params(tag string) keycrate.CreateLicenseParams {
	return keycrate.CreateLicenseParams{AppID: k.app, SubscriptionID: k.tiers[0], Duration: keycrate.Days(2), Tags: []string{tag}}
}

func (k *soakKeycrate) fresh(tag string) *soakLicense {
	return &soakLicense{tag: tag, tier: k.tiers[0], status: keycrate.StatusActive, granted: 48 * time.Hour}
}

func (k *soakKeycrate) create() *soakDeed {
	if !k.room() {
		return k.deleteMany()
	}
	license := k.fresh(k.name("order"))
	return &soakDeed{
		op: keycratemock.OpCreateLicense, once: true, effects: map[string]int{keycratemock.EffectLicenseCreated: 1},
		about: func() []string { return []string{license.key} },
		do: func(ctx context.Context) error {
			made, err := k.client.Licenses.Create(ctx, k.params(license.tag))
			if err == nil {
				k.learn(ctx, license, made)
			}
			return err
		},
		find: func(ctx context.Context) (bool, error) { return k.tagged(ctx, []*soakLicense{license}) },
		done: func() { k.licenses.put(license) },
	}
}

func (k *soakKeycrate) createMany() *soakDeed {
	if !k.room() {
		return k.deleteMany()
	}
	tag := k.name("batch")
	licenses := make([]*soakLicense, 2+k.dice.IntN(4))
	for i := range licenses {
		licenses[i] = k.fresh(tag)
	}
	return &soakDeed{
		op: keycratemock.OpCreateLicensesBulk, once: true, effects: map[string]int{keycratemock.EffectLicenseCreated: len(licenses)},
		about: func() []string { return soakEach(licenses, (*soakLicense).ledgerID) },
		do: func(ctx context.Context) error {
			made, err := k.client.Licenses.CreateBulk(ctx, len(licenses), k.params(tag))
			if err != nil {
				return err
			}
			k.expect(ctx, len(made) == len(licenses), "%d licenses instead of %d", len(made), len(licenses))
			for i, told := range made[:min(len(made), len(licenses))] {
				k.learn(ctx, licenses[i], told)
			}
			return nil
		},
		find: func(ctx context.Context) (bool, error) { return k.tagged(ctx, licenses) },
		done: func() { k.licenses.put(licenses...) },
	}
}

// learn writes down the key of a new license.
func (k *soakKeycrate) learn(ctx context.Context, license *soakLicense, told *keycrate.License) {
	license.key = told.Key
	k.expect(ctx, license.fits(told), "another license: %s instead of %+v", told.Raw, *license)
}

// tagged looks for licenses that were created with one tag.
func (k *soakKeycrate) tagged(ctx context.Context, licenses []*soakLicense) (bool, error) {
	found := 0
	_, err := soakWalk(k.client.Licenses.All(ctx, keycrate.ListLicensesParams{AppID: k.app, Tags: []string{licenses[0].tag}}), func(told *keycrate.License) bool {
		k.learn(ctx, licenses[min(found, len(licenses)-1)], told)
		found++
		return true
	})
	return err == nil && k.count(ctx, found, len(licenses)), err
}

// change is a change of licenses that looking at them shows, in which each becomes
// what change makes of it.
func (k *soakKeycrate) change(op string, once bool, effect string, licenses []*soakLicense, change func(*soakLicense), do func(context.Context, []string) ([]*keycrate.License, error)) *soakDeed {
	if licenses == nil {
		return nil
	}
	keys := soakEach(licenses, (*soakLicense).ledgerID)
	changed := soakEach(licenses, func(l *soakLicense) *soakLicense {
		after := *l
		change(&after)
		return &after
	})
	return &soakDeed{
		op: op, once: once, effects: map[string]int{effect: len(keys)},
		about: func() []string { return keys },
		do: func(ctx context.Context) error {
			told, err := do(ctx, keys)
			if err != nil {
				return err
			}
			k.expect(ctx, len(told) == len(keys), "%d licenses instead of %d", len(told), len(keys))
			for i, license := range told[:min(len(told), len(keys))] {
				k.expect(ctx, changed[i].fits(license), "not changed: %s instead of %+v", license.Raw, *changed[i])
			}
			return nil
		},
		find: func(ctx context.Context) (bool, error) {
			found := 0
			for i, key := range keys {
				told, err := k.client.Licenses.Get(ctx, key)
				if err != nil {
					return false, err
				}
				found += one(changed[i].fits(told))
				k.expect(ctx, changed[i].fits(told) || licenses[i].fits(told), "neither changed nor as before: %s", told.Raw)
			}
			return k.count(ctx, found, len(keys)), nil
		},
		again: !once,
		done: func() {
			for i, license := range licenses {
				*license = *changed[i]
			}
		},
	}
}

// single is a change of one license by a method for one.
func single(do func(context.Context, string) (*keycrate.License, error)) func(context.Context, []string) ([]*keycrate.License, error) {
	return func(ctx context.Context, keys []string) ([]*keycrate.License, error) {
		license, err := do(ctx, keys[0])
		return []*keycrate.License{license}, err
	}
}

// some chooses so many licenses that fit.
func (k *soakKeycrate) some(n int, fits func(*soakLicense) bool) []*soakLicense {
	return k.licenses.some(k.dice, n, fits)
}

func (k *soakKeycrate) extend() *soakDeed { return k.extendBy(keycratemock.OpExtendLicense, 1) }
func (k *soakKeycrate) extendMany() *soakDeed {
	return k.extendBy(keycratemock.OpExtendLicensesBulk, 2)
}

// extendBy adds time to licenses. What is granted tells whether it was added, and
// how often, whether the license is unused, runs or has expired.
func (k *soakKeycrate) extendBy(op string, n int) *soakDeed {
	licenses := k.some(n, nil)
	if licenses == nil {
		return nil
	}
	more := time.Duration(1+k.dice.IntN(100)) * time.Hour
	now := make([]soakLicense, n)
	look := func(ctx context.Context, i int, told *keycrate.License) bool {
		now[i] = *licenses[i]
		now[i].granted, now[i].expires = told.Granted, told.ExpiresAt
		k.expect(ctx, now[i].fits(told), "another license: %s instead of %+v", told.Raw, now[i])
		added := told.Granted - licenses[i].granted
		k.expect(ctx, added == 0 || added == more, "extended by %v instead of %v", added, more)
		return !told.ExpiresAt.Equal(licenses[i].expires) || added != 0
	}
	keys := soakEach(licenses, (*soakLicense).ledgerID)
	return &soakDeed{
		op: op, once: true, effects: map[string]int{keycratemock.EffectLicenseExtended: n},
		about: func() []string { return keys },
		do: func(ctx context.Context) error {
			var told []*keycrate.License
			var err error
			if n == 1 {
				told, err = single(func(ctx context.Context, key string) (*keycrate.License, error) {
					return k.client.Licenses.Extend(ctx, key, more)
				})(ctx, keys)
			} else {
				told, err = k.client.Licenses.ExtendBulk(ctx, keys, more)
			}
			if err != nil {
				return err
			}
			for i, license := range told {
				k.expect(ctx, look(ctx, i, license), "not extended: %s", license.Raw)
			}
			return nil
		},
		find: func(ctx context.Context) (bool, error) {
			moved := 0
			for i, key := range keys {
				told, err := k.client.Licenses.Get(ctx, key)
				if err != nil {
					return false, err
				}
				moved += one(look(ctx, i, told))
			}
			return k.count(ctx, moved, n), nil
		},
		done: func() {
			for i, license := range licenses {
				*license = now[i]
			}
		},
	}
}

func (k *soakKeycrate) delete() *soakDeed {
	licenses := k.some(1, nil)
	if licenses == nil {
		return nil
	}
	deed := k.removal(keycratemock.OpDeleteLicense, licenses, func(ctx context.Context, keys []string) error {
		return k.client.Licenses.Delete(ctx, keys[0])
	})
	deed.again, deed.gone = true, true
	return deed
}

func (k *soakKeycrate) deleteAbsent() *soakDeed {
	const nothing = "no such license"
	return k.deleteNothing(keycratemock.OpDeleteLicense, func(ctx context.Context) error { return k.client.Licenses.Delete(ctx, nothing) }, func(ctx context.Context) error {
		_, err := k.client.Licenses.Get(ctx, nothing)
		return err
	})
}

func (k *soakKeycrate) deleteMany() *soakDeed {
	licenses := k.some(2+k.dice.IntN(4), nil)
	if licenses == nil {
		return nil
	}
	return k.removal(keycratemock.OpDeleteLicensesBulk, licenses, func(ctx context.Context, keys []string) error {
		_, err := k.client.Licenses.DeleteBulk(ctx, keys)
		return err
	})
}

func (k *soakKeycrate) removal(op string, licenses []*soakLicense, do func(context.Context, []string) error) *soakDeed {
	keys := soakEach(licenses, (*soakLicense).ledgerID)
	return &soakDeed{
		op: op, effects: map[string]int{keycratemock.EffectLicenseDeleted: len(keys)},
		about: func() []string { return keys },
		do:    func(ctx context.Context) error { return do(ctx, keys) },
		find: func(ctx context.Context) (bool, error) {
			missing := 0
			for _, key := range keys {
				_, err := k.client.Licenses.Get(ctx, key)
				if err != nil && !errors.Is(err, keycrate.ErrLicenseNotFound) {
					return false, err
				}
				missing += one(err != nil)
			}
			return k.count(ctx, missing, len(keys)), nil
		},
		done: func() { k.licenses.take(licenses...) },
	}
}

const soakUpdated = keycratemock.EffectLicenseUpdated

// pause pauses a license, or lets it work again.
func (k *soakKeycrate) pause() *soakDeed {
	licenses := k.some(1, nil)
	if licenses == nil {
		return nil
	}
	status := keycrate.StatusPaused
	if licenses[0].status == status {
		status = keycrate.StatusActive
	}
	return k.change(keycratemock.OpUpdateLicenseStatus, false, soakUpdated, licenses, func(l *soakLicense) { l.status = status },
		single(func(ctx context.Context, key string) (*keycrate.License, error) {
			return k.client.Licenses.SetStatus(ctx, key, status)
		}))
}

func (k *soakKeycrate) pauseMany() *soakDeed {
	status := []keycrate.Status{keycrate.StatusPaused, keycrate.StatusActive}[k.dice.IntN(2)]
	return k.change(keycratemock.OpUpdateLicenseStatusBulk, false, soakUpdated, k.some(2, func(l *soakLicense) bool { return l.status != status }),
		func(l *soakLicense) { l.status = status },
		func(ctx context.Context, keys []string) ([]*keycrate.License, error) {
			return k.client.Licenses.SetStatusBulk(ctx, keys, status)
		})
}

func (k *soakKeycrate) move() *soakDeed {
	tier := k.tiers[k.dice.IntN(len(k.tiers))]
	return k.change(keycratemock.OpUpdateLicenseSubscription, false, soakUpdated, k.some(1, func(l *soakLicense) bool { return l.tier != tier }),
		func(l *soakLicense) { l.tier = tier },
		single(func(ctx context.Context, key string) (*keycrate.License, error) {
			return k.client.Licenses.SetSubscription(ctx, key, tier)
		}))
}

func (k *soakKeycrate) sign() *soakDeed {
	user := k.name("user")
	return k.change(keycratemock.OpUpdateLicenseCredentials, false, soakUpdated, k.some(1, nil), func(l *soakLicense) { l.username = user },
		single(func(ctx context.Context, key string) (*keycrate.License, error) {
			return k.client.Licenses.SetCredentials(ctx, key, keycrate.Credentials{Username: user, Password: userPassword})
		}))
}

// signTwice asks for a username that another license has.
func (k *soakKeycrate) signTwice() *soakDeed {
	taken := k.licenses.one(k.dice, func(l *soakLicense) bool { return l.username != "" })
	if taken == nil {
		return nil
	}
	user := taken.username
	deed := k.change(keycratemock.OpUpdateLicenseCredentials, false, soakUpdated, k.some(1, func(l *soakLicense) bool { return l != taken }),
		func(l *soakLicense) { l.username = user },
		single(func(ctx context.Context, key string) (*keycrate.License, error) {
			return k.client.Licenses.SetCredentials(ctx, key, keycrate.Credentials{Username: user})
		}))
	if deed != nil {
		deed.refused, deed.again = true, false
	}
	return deed
}

func (k *soakKeycrate) label() *soakDeed {
	order := k.name("order")
	return k.change(keycratemock.OpUpdateLicenseMetadata, false, soakUpdated, k.some(1, nil), func(l *soakLicense) { l.order = order },
		single(func(ctx context.Context, key string) (*keycrate.License, error) {
			return k.client.Licenses.SetMetadata(ctx, key, keycrate.Metadata{"order": order})
		}))
}

// bind binds a license to a device, or unbinds it.
func (k *soakKeycrate) bind() *soakDeed {
	licenses := k.some(1, nil)
	if licenses == nil {
		return nil
	}
	device := ""
	if licenses[0].hwid == "" || k.dice.IntN(2) == 0 {
		device = k.name("device")
	}
	return k.change(keycratemock.OpEditHWID, false, soakUpdated, licenses, func(l *soakLicense) { l.hwid = device },
		single(func(ctx context.Context, key string) (*keycrate.License, error) {
			if device == "" {
				return k.client.HWIDs.Clear(ctx, key)
			}
			return k.client.HWIDs.Set(ctx, key, device)
		}))
}

func (k *soakKeycrate) lock() *soakDeed {
	on := k.dice.IntN(3) > 0
	return k.change(keycratemock.OpSetHWIDLock, true, soakUpdated, k.some(1, func(l *soakLicense) bool { return l.lock != on }), func(l *soakLicense) { l.lock = on },
		single(func(ctx context.Context, key string) (*keycrate.License, error) {
			return k.client.HWIDs.SetLock(ctx, key, on)
		}))
}

func (k *soakKeycrate) lockMany() *soakDeed {
	on := k.dice.IntN(3) > 0
	return k.change(keycratemock.OpSetHWIDLockBulk, true, soakUpdated, k.some(2, func(l *soakLicense) bool { return l.lock != on }), func(l *soakLicense) { l.lock = on },
		func(ctx context.Context, keys []string) ([]*keycrate.License, error) {
			return k.client.HWIDs.SetLockBulk(ctx, keys, on)
		})
}

func (k *soakKeycrate) allow() *soakDeed {
	on := k.dice.IntN(2) == 0
	return k.change(keycratemock.OpSetHWIDResetAllowed, true, soakUpdated, k.some(1, func(l *soakLicense) bool { return l.allowed != on }), func(l *soakLicense) { l.allowed = on },
		single(func(ctx context.Context, key string) (*keycrate.License, error) {
			return k.client.HWIDs.SetResetAllowed(ctx, key, on)
		}))
}

func (k *soakKeycrate) wait() *soakDeed {
	k.named++
	interval := time.Duration(k.named) * time.Second
	return k.change(keycratemock.OpSetHWIDResetInterval, false, soakUpdated, k.some(1, nil), func(l *soakLicense) { l.interval = interval },
		single(func(ctx context.Context, key string) (*keycrate.License, error) {
			return k.client.HWIDs.SetResetInterval(ctx, key, interval)
		}))
}

func (k *soakKeycrate) createTier() *soakDeed {
	tier := &soakTier{name: k.name("tier"), level: 1 + k.dice.IntN(9)}
	return &soakDeed{
		op: keycratemock.OpCreateSubscription, once: true, effects: map[string]int{keycratemock.EffectSubscriptionCreated: 1},
		about: func() []string { return []string{tier.id} },
		do: func(ctx context.Context) error {
			made, err := k.client.Subscriptions.Create(ctx, keycrate.CreateSubscriptionParams{AppID: k.app, Name: tier.name, Level: tier.level})
			if err == nil {
				k.expect(ctx, made.Name == tier.name && made.Level == tier.level, "another subscription: %s", made.Raw)
				tier.id = made.ID
			}
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			found := 0
			_, err := soakWalk(k.client.Subscriptions.All(ctx, k.app), func(told *keycrate.Subscription) bool {
				if told.Name == tier.name {
					found, tier.id = found+1, told.ID
				}
				return true
			})
			return err == nil && k.count(ctx, found, 1), err
		},
		done: func() { k.others.put(tier) },
	}
}

func (k *soakKeycrate) editTier() *soakDeed {
	tier := k.others.one(k.dice, nil)
	if tier == nil {
		return nil
	}
	k.named++
	level := 10 + k.named
	return &soakDeed{
		op: keycratemock.OpEditSubscription, effects: map[string]int{keycratemock.EffectSubscriptionUpdated: 1},
		about: func() []string { return []string{tier.id} },
		do: func(ctx context.Context) error {
			told, err := k.client.Subscriptions.Edit(ctx, tier.id, keycrate.EditSubscriptionParams{Level: keycrate.Set(level)})
			if err == nil {
				k.expect(ctx, told.ID == tier.id && told.Level == level, "another subscription: %s", told.Raw)
			}
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			return soakWalk(k.client.Subscriptions.All(ctx, k.app), func(told *keycrate.Subscription) bool {
				return told.ID == tier.id && told.Level == level
			})
		},
		again: true,
		done:  func() { tier.level = level },
	}
}

// deleteTier deletes a subscription with the licenses that are in it.
func (k *soakKeycrate) deleteTier() *soakDeed {
	tier := k.others.one(k.dice, nil)
	if tier == nil {
		return nil
	}
	tier.inside = append(tier.inside, k.world.AddLicense(keycratemock.License{AppID: k.app, SubscriptionID: tier.id}).Key)
	return &soakDeed{
		op: keycratemock.OpDeleteSubscription, effects: map[string]int{keycratemock.EffectSubscriptionDeleted: 1, keycratemock.EffectLicenseDeleted: len(tier.inside)},
		about: func() []string { return append([]string{tier.id}, tier.inside...) },
		do: func(ctx context.Context) error {
			_, err := k.client.Subscriptions.Delete(ctx, tier.id)
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			there, err := soakWalk(k.client.Subscriptions.All(ctx, k.app), func(told *keycrate.Subscription) bool { return told.ID == tier.id })
			return !there, err
		},
		again: true, gone: true,
		done: func() { k.others.take(tier) },
	}
}

// authenticate uses a license for the first time.
func (k *soakKeycrate) authenticate() *soakDeed {
	license := k.licenses.one(k.dice, usable)
	if license == nil {
		return nil
	}
	device, effects := license.hwid, map[string]int{keycratemock.EffectLicenseActivated: 1}
	if device == "" {
		device = k.name("device")
		if license.lock {
			effects[keycratemock.EffectLicenseHWIDBound] = 1
		}
	}
	used := *license
	return &soakDeed{
		op: keycratemock.OpAuthenticate, effects: effects,
		about: func() []string { return []string{license.key} },
		do: func(ctx context.Context) error {
			return k.enter(ctx, keycrate.AuthParams{License: license.key, HWID: device}, &used)
		},
		again: true,
		done:  func() { *license = used },
	}
}

// usable reports whether a license works and nobody has used it yet.
func usable(l *soakLicense) bool { return !l.used && l.status == keycrate.StatusActive }

// enter authenticates, and writes down what that makes of a license.
func (k *soakKeycrate) enter(ctx context.Context, params keycrate.AuthParams, used *soakLicense) error {
	auth, err := k.user.Authenticate(ctx, params)
	if err != nil {
		return err
	}
	k.expect(ctx, auth.Key == used.key && !auth.ActivatedAt.IsZero() && auth.ExpiresAt.Equal(auth.ActivatedAt.Add(used.granted)), "another license: %s", auth.Raw)
	used.used, used.expires = true, auth.ExpiresAt
	if used.lock {
		used.hwid = params.HWID
	}
	return nil
}

// register gives a license to a user. The recipe uses it for the first time.
func (k *soakKeycrate) register() *soakDeed {
	license := k.licenses.one(k.dice, func(l *soakLicense) bool { return usable(l) && l.username == "" })
	if license == nil {
		return nil
	}
	registered := *license
	registered.username = k.name("user")
	credentials := keycrate.Credentials{Username: registered.username, Password: userPassword}
	device := license.hwid
	if device == "" {
		device = k.name("device")
	}
	return &soakDeed{
		op: keycratemock.OpRegister, once: true, effects: map[string]int{keycratemock.EffectLicenseRegistered: 1},
		about: func() []string { return []string{license.key} },
		aside: map[string]bool{keycratemock.EffectLicenseActivated: true, keycratemock.EffectLicenseHWIDBound: true},
		do: func(ctx context.Context) error {
			_, err := k.user.Register(ctx, license.key, credentials)
			return err
		},
		find: func(ctx context.Context) (bool, error) {
			err := k.enter(ctx, keycrate.AuthParams{Credentials: credentials, HWID: device}, &registered)
			if errors.Is(err, keycrate.ErrInvalidCredentials) {
				return false, nil
			}
			return err == nil, err
		},
		done: func() { *license = registered },
	}
}

func (k *soakKeycrate) get() *soakDeed {
	license := k.licenses.one(k.dice, nil)
	if license == nil {
		return nil
	}
	return &soakDeed{op: keycratemock.OpGetLicense, do: func(ctx context.Context) error {
		told, err := k.client.Licenses.Get(ctx, license.key)
		if err == nil {
			k.expect(ctx, license.fits(told), "another license: %s instead of %+v", told.Raw, *license)
		}
		return err
	}}
}

func (k *soakKeycrate) list() *soakDeed {
	return &soakDeed{op: keycratemock.OpListLicenses, do: func(ctx context.Context) error {
		page, err := k.client.Licenses.List(ctx, keycrate.ListLicensesParams{AppID: k.app, SubscriptionID: k.tiers[1]})
		if err != nil {
			return err
		}
		n := 0
		for _, license := range k.licenses.items {
			n += one(license.tier == k.tiers[1])
		}
		k.expect(ctx, page.Total == n, "%d licenses instead of %d", page.Total, n)
		return nil
	}}
}

func (k *soakKeycrate) walk() *soakDeed {
	return &soakDeed{op: keycratemock.OpListLicenses, do: func(ctx context.Context) error {
		var seen []string
		_, err := soakWalk(k.client.Licenses.All(ctx, keycrate.ListLicensesParams{AppID: k.app, PerPage: 20, SubscriptionID: k.tiers[0]}), func(told *keycrate.License) bool {
			seen = append(seen, told.Key)
			return true
		})
		if err != nil {
			return err
		}
		var known []string
		for _, license := range k.licenses.items {
			if license.tier == k.tiers[0] {
				known = append(known, license.key)
			}
		}
		k.same(ctx, seen, known)
		return nil
	}}
}

func (k *soakKeycrate) listTiers() *soakDeed {
	return &soakDeed{op: keycratemock.OpListSubscriptions, do: func(ctx context.Context) error {
		list, err := k.client.Subscriptions.List(ctx, k.app)
		if err != nil {
			return err
		}
		var seen []string
		for _, told := range list {
			if !slices.Contains(k.tiers[:], told.ID) {
				seen = append(seen, fmt.Sprint(told.ID, told.Name, told.Level))
			}
		}
		k.same(ctx, seen, soakEach(k.others.items, func(t *soakTier) string { return fmt.Sprint(t.id, t.name, t.level) }))
		return nil
	}}
}
