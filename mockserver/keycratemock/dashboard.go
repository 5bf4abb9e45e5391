package keycratemock

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// App is one application of the team. Subscriptions and licenses belong to one.
type App struct {
	ID       string // a UUID
	Name     string
	Disabled bool // end users are answered [CodeAppNotActive]
}

// AddApp adds an app to the team. The first API key may use it at once; others
// may not.
func (w *World) AddApp(name string) App {
	a := App{Name: name}
	w.act(ActAddApp, func(t *turn) error {
		added, err := t.addApp(a)
		if err == nil {
			a = *added
		}
		return err
	})
	return a
}

// addApp adds an app, with a new id unless it has one.
func (t *turn) addApp(a App) (*App, error) {
	if err := t.state.checkApp(a, nil); err != nil {
		return nil, err
	}
	if a.ID == "" {
		a.ID = t.Rand.UUID()
	}
	t.state.apps.Put(a.ID, &a)
	t.Effect(EffectAppAdded, a.ID, a.Name)
	return &a, nil
}

// checkApp says why an app cannot be, if it cannot. was is the one that it
// replaces; nil: it is another one.
func (s *state) checkApp(a App, was *App) error {
	if err := checkID(a.ID); err != nil {
		return err
	}
	if other := s.apps.Get(a.ID); other != nil && other != was {
		return core.Taken("/id", "app")
	}
	return core.CheckWritable(a)
}

// SetAppEnabled switches an app on, as it is at first, or off: end users are
// then answered [CodeAppNotActive]. Management calls go on.
func (w *World) SetAppEnabled(appID string, enabled bool) {
	w.act(ActSetAppEnabled, func(t *turn) error {
		a := t.state.apps.Get(appID)
		if a == nil {
			return core.Nowhere("/app", appPlace, appID)
		}
		t.switchOn(&a.Disabled, enabled, EffectAppEnabled, EffectAppDisabled, appID)
		return nil
	})
}

// SetTeamEnabled switches the team on, as it is at first, or off, as if its paid
// plan had lapsed: end users of all its apps are then answered [CodeTeamError].
// Management calls go on.
func (w *World) SetTeamEnabled(enabled bool) {
	w.act(ActSetTeamEnabled, func(t *turn) error {
		t.setTeam(enabled)
		return nil
	})
}

func (t *turn) setTeam(enabled bool) {
	t.switchOn(&t.state.TeamOff, enabled, EffectTeamEnabled, EffectTeamDisabled, "")
}

func (t *turn) switchOn(off *bool, enabled bool, whenOn, whenOff, id string) {
	if *off != enabled {
		return
	}
	*off = !enabled
	kind := whenOff
	if enabled {
		kind = whenOn
	}
	t.Effect(kind, id, "")
}

// APIKey is one API key of the team.
type APIKey struct {
	Key     string   // begins with kc_
	AppIDs  []string // that it may use
	AllApps bool     // it may use every app, whatever AppIDs has
	Revoked bool     // the vendor answers it with INVALID_API_KEY
}

func (k *APIKey) mayUse(appID string) bool { return k.AllApps || slices.Contains(k.AppIDs, appID) }

// AddAPIKey adds an API key that may use exactly these apps: without any, none,
// so that every call about an app is answered ACCESS_DENIED. It has a rate
// window of its own.
func (w *World) AddAPIKey(appIDs ...string) string {
	var secret string
	w.act(ActAddAPIKey, func(t *turn) error {
		k, err := t.addAPIKey(APIKey{AppIDs: appIDs})
		if err == nil {
			secret = k.Key
		}
		return err
	})
	return secret
}

// addAPIKey adds an API key, with a new text unless it has one.
func (t *turn) addAPIKey(key APIKey) (*apiKey, error) {
	if err := t.state.checkAPIKey(key); err != nil {
		return nil, err
	}
	t.Decided(ruleAuthPrefix)
	if key.Key == "" {
		key.Key = keyPrefix + "mock_" + t.Rand.Hex(12)
	}
	t.state.lastAPIKey++
	k := (&apiKey{APIKey: key, Number: t.state.lastAPIKey}).clone()
	t.state.apiKeys.Put(k.Key, &k)
	t.Effect(EffectAPIKeyAdded, k.id(), strings.Join(k.AppIDs, " "))
	return &k, nil
}

// clone returns a copy that shares nothing with the key.
func (k *apiKey) clone() apiKey {
	c := *k
	c.AppIDs = slices.Clone(k.AppIDs)
	return c
}

// keyPrefix is what every API key begins with.
const keyPrefix = "kc_"

// checkAPIKey says why an API key cannot be added, if it cannot.
func (s *state) checkAPIKey(k APIKey) error {
	visible := !strings.ContainsFunc(k.Key, func(char rune) bool { return char <= ' ' || char > '~' })
	switch {
	case k.Key != "" && (!strings.HasPrefix(k.Key, keyPrefix) || !visible):
		return core.BadMember("/key", "is no API key: it begins with %s and has visible ASCII characters only; leave it empty for a new one", keyPrefix)
	case s.apiKeys.Has(k.Key):
		return core.Taken("/key", "API key")
	}
	for _, id := range k.AppIDs {
		if !s.apps.Has(id) {
			return core.Nowhere("/app", appPlace, id)
		}
	}
	return nil
}

// id names the key in the ledger.
func (k *apiKey) id() string { return strconv.Itoa(k.Number) }

// apiKey finds an API key by what names it in the ledger.
func (s *state) apiKey(id string) *apiKey {
	for k := range s.apiKeys.All() {
		if k.id() == id {
			return k
		}
	}
	return nil
}

// RevokeAPIKey makes an API key inactive: from now on the vendor answers it with
// INVALID_API_KEY.
func (w *World) RevokeAPIKey(apiKey string) {
	w.act(ActRevokeAPIKey, func(t *turn) error {
		k := t.state.apiKeys.Get(apiKey)
		if k == nil {
			return fmt.Errorf("there is no such API key: pass one that APIKey or AddAPIKey returned")
		}
		t.setRevoked(k, true)
		return nil
	})
}

func (t *turn) setRevoked(k *apiKey, revoked bool) {
	t.switchOn(&k.Revoked, !revoked, EffectAPIKeyRestored, EffectAPIKeyRevoked, k.id())
}

// AddSubscription adds a subscription and returns it as it then is. What is zero
// is filled in: ID with a new one, AppID with the first app, Name with
// "default", Status with [StatusActive], times with now. The API's own default of
// Level is 1, here it is as given.
//
//	w.AddSubscription(keycratemock.Subscription{Name: "pro", Level: 2, SingleKeyPerHWID: true})
func (w *World) AddSubscription(s Subscription) Subscription {
	w.act(ActAddSubscription, func(t *turn) error {
		added, err := t.seedSubscription(s)
		if err == nil {
			s = *added
		}
		return err
	})
	return s
}

func (t *turn) seedSubscription(s Subscription) (*Subscription, error) {
	s.AppID = cmp.Or(s.AppID, defaultAppID)
	s.Name = cmp.Or(s.Name, "default")
	s.Status = cmp.Or(s.Status, StatusActive)
	if err := t.state.checkSubscription(s, nil); err != nil {
		return nil, err
	}
	return t.addSubscription(s), nil
}

// checkSubscription says why a subscription cannot be, if it cannot. was is the
// one that it replaces; nil: it is another one.
func (s *state) checkSubscription(sub Subscription, was *Subscription) error {
	if err := cmp.Or(checkID(sub.ID), checkStatus(sub.Status, ""), core.CheckWritable(sub)); err != nil {
		return err
	}
	other := s.subscriptions.Get(sub.ID)
	switch {
	case sub.ID == lostSubscriptionID:
		return core.Taken("/id", "subscription, which is lost")
	case other != nil && other != was:
		return core.Taken("/id", "subscription")
	case !s.apps.Has(sub.AppID):
		return core.Nowhere("/app", appPlace, sub.AppID)
	case !fits(sub.Name, maxName):
		return core.BadMember("/name", "has 1 to %d characters", maxName)
	case sub.Level < 0:
		return core.BadMember("/level", "%d is negative", sub.Level)
	}
	return nil
}

// addSubscription adds a subscription that can be, with id and times if it has
// none.
func (t *turn) addSubscription(sub Subscription) *Subscription {
	if sub.ID == "" {
		sub.ID = t.Rand.UUID()
	}
	if sub.CreatedAt.IsZero() {
		sub.CreatedAt = t.now
	}
	if sub.UpdatedAt.IsZero() {
		sub.UpdatedAt = sub.CreatedAt
	}
	t.state.putSubscription(&sub)
	t.Effect(EffectSubscriptionCreated, sub.ID, sub.Name)
	return &sub
}

// putSubscription puts a subscription where its age has it.
func (s *state) putSubscription(sub *Subscription) {
	sub.CreatedAt, sub.UpdatedAt = moment(sub.CreatedAt), moment(sub.UpdatedAt)
	s.subscriptions.Insert(sub.ID, sub, func(a, b *Subscription) int { return a.CreatedAt.Compare(b.CreatedAt) })
}

// OrphanLicenses loses a subscription and leaves its licenses behind, which no
// call can do: end users are then answered [CodeSubscriptionError]. Deleting a
// subscription through the API deletes its licenses.
func (w *World) OrphanLicenses(subscriptionID string) {
	w.act(ActOrphanLicenses, func(t *turn) error {
		sub := t.state.subscriptions.Get(subscriptionID)
		if sub == nil {
			return core.Nowhere("/subscription", subscriptionPlace, subscriptionID)
		}
		t.orphanLicenses(sub)
		return nil
	})
}

// orphanLicenses loses a subscription and returns the licenses that it had.
func (t *turn) orphanLicenses(sub *Subscription) []*record {
	orphans := t.state.licenses.ofSubscription(sub)
	t.state.subscriptions.Drop(sub.ID)
	t.Effect(EffectLicensesOrphaned, sub.ID, "")
	return orphans
}
