package keycratemock

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// appSheet describes an app.
type appSheet struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Enabled bool   `json:"enabled"`
}

func (v *vendor) controlledApps() core.Kind[*App, appSheet] {
	return core.Kind[*App, appSheet]{
		Name: "apps", Noun: "app",
		All:   v.state.apps.All,
		Find:  func(id string) (*App, bool) { return v.state.apps.Find(strings.ToLower(id)) },
		Show:  func(_ *core.Turn, a *App) appSheet { return appSheet{a.ID, a.Name, !a.Disabled} },
		Blank: func() appSheet { return appSheet{Enabled: true} },
		Create: func(t *core.Turn, d appSheet) (*App, error) {
			return v.turn(t).addApp(d.app())
		},
		Change: func(t *core.Turn, a *App, d appSheet) (*App, error) {
			return a, v.turn(t).changeApp(a, d.app())
		},
		Remove: func(t *core.Turn, a *App) error { return v.turn(t).removeApp(a) },
		Fixed:  []string{"id"},
		Filters: map[string]core.Test[*App]{
			"name":    func(_ *core.Turn, a *App, want string) bool { return a.Name == want },
			"enabled": func(_ *core.Turn, a *App, want string) bool { return isBool(want, !a.Disabled) },
		},
	}
}

// found is an object with whether there is one.
func found[T any](object *T) (*T, bool) { return object, object != nil }

func (d appSheet) app() App { return App{strings.ToLower(d.ID), d.Name, !d.Enabled} }

func (t *turn) changeApp(a *App, by App) error {
	if err := t.state.checkApp(by, a); err != nil {
		return err
	}
	if a.Name != by.Name {
		a.Name = by.Name
		t.Effect(EffectAppUpdated, a.ID, "name")
	}
	t.switchOn(&a.Disabled, !by.Disabled, EffectAppEnabled, EffectAppDisabled, a.ID)
	return nil
}

// removeApp deletes an app with its subscriptions and licenses, and takes it from
// the API keys that may use it. What the vendor does is not known; that it is so
// is assumed.
func (t *turn) removeApp(a *App) error {
	if a.ID == defaultAppID {
		return stays("app", a.ID)
	}
	for _, sub := range t.state.oldestOf(a.ID) {
		t.removeSubscription(sub)
	}
	t.deleteAll(t.state.licenses.ofApp[a.ID].Select()) // those whose subscription is lost
	for k := range t.state.apiKeys.All() {
		t.setApps(k, k.AllApps, slices.DeleteFunc(slices.Clone(k.AppIDs), func(id string) bool { return id == a.ID }))
	}
	t.state.apps.Drop(a.ID)
	t.Effect(EffectAppRemoved, a.ID, a.Name)
	return nil
}

// stays refuses to delete what every world begins with.
func stays(noun, id string) error {
	return &core.ControlError{Status: http.StatusConflict, Detail: "the first " + noun + " " + id + " cannot be deleted; reset makes it as new"}
}

// apiKeySheet describes an API key.
type apiKeySheet struct {
	ID      string    `json:"id"`
	Key     string    `json:"key"`
	Apps    *[]string `json:"apps"` // null: all
	Revoked bool      `json:"revoked"`
}

func (v *vendor) controlledAPIKeys() core.Kind[*apiKey, apiKeySheet] {
	return core.Kind[*apiKey, apiKeySheet]{
		Name: "api-keys", Noun: "API key", Keyed: true,
		All:   v.state.apiKeys.All,
		Find:  func(id string) (*apiKey, bool) { return found(v.state.apiKey(id)) },
		Show:  func(_ *core.Turn, k *apiKey) apiKeySheet { return k.sheet() },
		Blank: func() apiKeySheet { return apiKeySheet{Apps: &[]string{}} },
		Create: func(t *core.Turn, d apiKeySheet) (*apiKey, error) {
			key, err := v.state.apiKeyOf(d)
			if err != nil {
				return nil, err
			}
			return v.turn(t).addAPIKey(key)
		},
		Change:  func(t *core.Turn, k *apiKey, d apiKeySheet) (*apiKey, error) { return k, v.turn(t).changeAPIKey(k, d) },
		Remove:  func(t *core.Turn, k *apiKey) error { return v.turn(t).removeAPIKey(k) },
		Derived: []string{"id"},
		Fixed:   []string{"key"},
		Filters: map[string]core.Test[*apiKey]{
			"key":     func(_ *core.Turn, k *apiKey, want string) bool { return k.Key == want },
			"revoked": func(_ *core.Turn, k *apiKey, want string) bool { return isBool(want, k.Revoked) },
		},
	}
}

func (k *apiKey) sheet() apiKeySheet {
	d := apiKeySheet{ID: k.id(), Key: k.Key, Revoked: k.Revoked}
	if !k.AllApps {
		apps := append([]string{}, k.AppIDs...)
		d.Apps = &apps
	}
	return d
}

// apiKeyOf is the API key that a sheet describes.
func (s *state) apiKeyOf(d apiKeySheet) (APIKey, error) {
	k := APIKey{Key: d.Key, AllApps: d.Apps == nil, Revoked: d.Revoked}
	if d.Apps == nil {
		return k, nil
	}
	for i, wanted := range *d.Apps {
		a, err := s.app(fmt.Sprintf("/apps/%d", i), wanted)
		if err != nil {
			return k, err
		}
		k.AppIDs = append(k.AppIDs, a.ID)
	}
	return k, nil
}

func (t *turn) changeAPIKey(k *apiKey, d apiKeySheet) error {
	by, err := t.state.apiKeyOf(d)
	if err != nil {
		return err
	}
	t.setApps(k, by.AllApps, by.AppIDs)
	t.setRevoked(k, by.Revoked)
	return nil
}

// setApps says which apps an API key may use.
func (t *turn) setApps(k *apiKey, all bool, ids []string) {
	if k.AllApps != all || !slices.Equal(k.AppIDs, ids) {
		k.AllApps, k.AppIDs = all, ids
		t.Effect(EffectAPIKeyUpdated, k.id(), "apps")
	}
}

func (t *turn) removeAPIKey(k *apiKey) error {
	if k.Key == defaultAPIKey {
		return stays("API key", k.id())
	}
	t.state.apiKeys.Drop(k.Key)
	t.Effect(EffectAPIKeyRemoved, k.id(), "")
	return nil
}

// lineSheet describes a line of the blacklist.
type lineSheet struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// controlledBlacklist offers the blacklist. A line is what it is: nothing of it
// can be changed.
func (v *vendor) controlledBlacklist() core.Kind[BlacklistLine, lineSheet] {
	return core.Kind[BlacklistLine, lineSheet]{
		Name: "blacklist", Noun: "line of the blacklist",
		All: v.state.blacklist.All,
		Find: func(id string) (BlacklistLine, bool) {
			kind, value, _ := strings.Cut(id, ":")
			line := BlacklistLine{BlacklistKind(kind), value}
			return line, v.state.blacklist.Has(line)
		},
		Show: func(_ *core.Turn, l BlacklistLine) lineSheet {
			return lineSheet{string(l.By) + ":" + l.Value, string(l.By), l.Value}
		},
		Create: func(t *core.Turn, d lineSheet) (BlacklistLine, error) {
			line := BlacklistLine{BlacklistKind(d.Kind), d.Value}
			if v.state.blacklist.Has(line) {
				return line, core.Taken("/value", "line")
			}
			return line, v.turn(t).blacklist(line)
		},
		Remove: func(t *core.Turn, l BlacklistLine) error {
			v.turn(t).unblacklist(l)
			return nil
		},
		Derived: []string{"id"},
		Filters: map[string]core.Test[BlacklistLine]{
			"kind":  func(_ *core.Turn, l BlacklistLine, want string) bool { return string(l.By) == want },
			"value": func(_ *core.Turn, l BlacklistLine, want string) bool { return l.Value == want },
		},
	}
}
