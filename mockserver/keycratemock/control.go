package keycratemock

import (
	"strconv"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Control is what the control plane offers of this vendor. Like the methods of
// World it skips the validation of the API, and refuses only what can never be.
func (v *vendor) Control() core.Control {
	return core.Control{
		Settings: core.SettingsOf(v.state.showSettings, v.changeSettings),
		Collections: []core.Collection{
			v.controlledApps().Collection(),
			v.controlledAPIKeys().Collection(),
			v.controlledSubscriptions().Collection(),
			v.controlledLicenses().Collection(),
			v.controlledBlacklist().Collection(),
		},
		Deeds: []core.Deed{
			core.DeedOf("auth", ActAuth, v.doAuth),
			core.DeedOf("register", ActRegister, v.doRegister),
			core.DeedOf("portal-reset", ActPortalReset, v.doPortalReset),
			core.DeedOf("orphan-licenses", ActOrphanLicenses, v.doOrphanLicenses),
		},
	}
}

func (v *vendor) turn(t *core.Turn) *turn {
	own := newTurn(t, v.state)
	return &own
}

// app finds the app that a member refers to by its id or by its name.
func (s *state) app(member, wanted string) (*App, error) {
	return core.Refer(member, appPlace, wanted, s.appsCalled(wanted))
}

func (s *state) appsCalled(wanted string) (called []*App) {
	if a := s.apps.Get(strings.ToLower(wanted)); a != nil {
		return []*App{a}
	}
	for a := range s.apps.All() {
		if a.Name == wanted && wanted != "" {
			called = append(called, a)
		}
	}
	return called
}

// subscription finds the subscription that a member refers to by its id or by its
// name, in one app or, without one, in any.
func (s *state) subscription(member, wanted, appID string) (*Subscription, error) {
	return core.Refer(member, subscriptionPlace, wanted, s.subscriptionsCalled(wanted, appID))
}

func (s *state) subscriptionsCalled(wanted, appID string) (called []*Subscription) {
	if sub := s.subscriptions.Get(strings.ToLower(wanted)); sub != nil {
		return []*Subscription{sub}
	}
	for sub := range s.subscriptions.All() {
		if sub.Name == wanted && (appID == "" || sub.AppID == appID) {
			called = append(called, sub)
		}
	}
	return called
}

// isOf reports whether a filter asks for what belongs to an object, by the id or
// the name of that.
func isOf(want, id, name string) bool { return strings.ToLower(want) == id || want == name }

func isBool(want string, is bool) bool { return want == strconv.FormatBool(is) }

func (s *state) isOfApp(want, id string) bool { return isOf(want, id, s.apps.Get(id).Name) }

func (s *state) isOfSubscription(want, id string) bool {
	sub := s.subscriptions.Get(id)
	return sub != nil && isOf(want, id, sub.Name)
}
