package keycratemock

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
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
	t.state.apps.add(a.ID, &a)
	t.Effect(EffectAppAdded, a.ID, a.Name)
	return &a, nil
}

// checkApp says why an app cannot be, if it cannot. was is the one that it
// replaces; nil: it is another one.
func (s *state) checkApp(a App, was *App) error {
	if err := checkID(a.ID); err != nil {
		return err
	}
	if other := s.apps.get(a.ID); other != nil && other != was {
		return taken("id", "app %s exists: leave the id empty for a new one", a.ID)
	}
	return checkTexts(named[string]{"name", a.Name})
}

// SetAppEnabled switches an app on, as it is at first, or off: end users are
// then answered [CodeAppNotActive]. Management calls go on.
func (w *World) SetAppEnabled(appID string, enabled bool) {
	w.act(ActSetAppEnabled, func(t *turn) error {
		a := t.state.apps.get(appID)
		if a == nil {
			return noSuchApp(appID)
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

func noSuchApp(id string) error {
	return unfit("app", "there is no app %q: pass AppID, or add one with AddApp", id)
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
	t.state.apiKeys.add(k.Key, &k)
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
		return unfit("key", "this is no API key: it begins with %s and has visible ASCII characters only; leave it empty for a new one", keyPrefix)
	case s.apiKeys.has(k.Key):
		return taken("key", "this API key exists: leave it empty for a new one")
	}
	for _, id := range k.AppIDs {
		if !s.apps.has(id) {
			return noSuchApp(id)
		}
	}
	return nil
}

// id names the key in the ledger.
func (k *apiKey) id() string { return strconv.Itoa(k.Number) }

// apiKey finds an API key by what names it in the ledger.
func (s *state) apiKey(id string) *apiKey {
	for k := range s.apiKeys.all() {
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
		k := t.state.apiKeys.get(apiKey)
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
	fill(&s.AppID, defaultAppID)
	fill(&s.Name, "default")
	fill(&s.Status, StatusActive)
	if err := t.state.checkSubscription(s, nil); err != nil {
		return nil, err
	}
	return t.addSubscription(s), nil
}

// checkSubscription says why a subscription cannot be, if it cannot. was is the
// one that it replaces; nil: it is another one.
func (s *state) checkSubscription(sub Subscription, was *Subscription) error {
	for _, err := range []error{
		checkID(sub.ID), checkStatus(sub.Status, ""), checkTexts(named[string]{"name", sub.Name}),
		checkYears(named[*time.Time]{"createdAt", &sub.CreatedAt}, named[*time.Time]{"updatedAt", &sub.UpdatedAt}),
	} {
		if err != nil {
			return err
		}
	}
	other := s.subscriptions.get(sub.ID)
	switch {
	case sub.ID == lostSubscriptionID:
		return taken("id", "subscription %s is lost: leave the id empty for a new one", sub.ID)
	case other != nil && other != was:
		return taken("id", "subscription %s exists: leave the id empty for a new one", sub.ID)
	case !s.apps.has(sub.AppID):
		return noSuchApp(sub.AppID)
	case !fits(sub.Name, maxName):
		return unfit("name", "a name has 1 to %d characters", maxName)
	case sub.Level < 0:
		return unfit("level", "level %d is negative", sub.Level)
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
	s.subscriptions.insert(sub.ID, sub, func(a, b *Subscription) int { return a.CreatedAt.Compare(b.CreatedAt) })
}

// OrphanLicenses loses a subscription and leaves its licenses behind, which no
// call can do: end users are then answered [CodeSubscriptionError]. Deleting a
// subscription through the API deletes its licenses.
func (w *World) OrphanLicenses(subscriptionID string) {
	w.act(ActOrphanLicenses, func(t *turn) error {
		sub := t.state.subscriptions.get(subscriptionID)
		if sub == nil {
			return noSuchSubscription(subscriptionID)
		}
		t.orphanLicenses(sub)
		return nil
	})
}

// orphanLicenses loses a subscription and returns the licenses that it had.
func (t *turn) orphanLicenses(sub *Subscription) []*record {
	orphans := t.state.licenses.ofSubscription(sub)
	t.state.subscriptions.drop(sub.ID)
	t.Effect(EffectLicensesOrphaned, sub.ID, "")
	return orphans
}

func noSuchSubscription(id string) error {
	return unfit("subscription", "there is no subscription %q: add it with AddSubscription", id)
}

func fill(text *string, otherwise string) { *text = cmp.Or(*text, otherwise) }
