package keycratemock

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Control is what the control plane offers of this vendor. Like the methods of
// World it skips the validation of the API, and refuses only what can never be.
func (v *vendor) Control() core.Control {
	return core.Control{
		Settings: core.Settings{
			Show:   func(*core.Turn) any { return v.state.showSettings() },
			Change: v.changeSettings,
		},
		Collections: []core.Collection{
			v.controlledApps().Collection(),
			v.controlledAPIKeys().Collection(),
			v.controlledSubscriptions().Collection(),
			v.controlledLicenses().Collection(),
			v.controlledBlacklist().Collection(),
		},
		Deeds: []core.Deed{
			{Name: "auth", Action: ActAuth, Do: v.doAuth},
			{Name: "register", Action: ActRegister, Do: v.doRegister},
			{Name: "portal-reset", Action: ActPortalReset, Do: v.doPortalReset},
			{Name: "orphan-licenses", Action: ActOrphanLicenses, Do: v.doOrphanLicenses},
		},
	}
}

func (v *vendor) turn(t *core.Turn) *turn {
	own := newTurn(t, v.state)
	return &own
}

// worded returns an object with why the world refuses it, in words for the control
// plane.
func worded[T any](object T, err error) (T, error) {
	var why *misfit
	switch {
	case err == nil:
		return object, nil
	case !errors.As(err, &why):
		return object, err
	}
	refusal := core.BadMember("/"+why.member, "cannot be: %s", why.text)
	if why.taken {
		refusal.Status = http.StatusConflict
	}
	return object, refusal
}

// refer chooses what a member refers to among what is called so, which must be one.
func refer[T any](member, noun, wanted string, called []*T) (*T, error) {
	switch len(called) {
	case 0:
		return nil, core.BadMember(member, "names no %s that there is: %q", noun, core.Clip(wanted, core.MaxName))
	case 1:
		return called[0], nil
	default:
		return nil, core.BadMember(member, "is the name of %d %ss: give the id of the one that is meant", len(called), noun)
	}
}

// app finds the app that a member refers to by its id or by its name.
func (s *state) app(member, wanted string) (*App, error) {
	return refer(member, "app", wanted, s.appsCalled(wanted))
}

func (s *state) appsCalled(wanted string) (called []*App) {
	if a := s.apps.get(strings.ToLower(wanted)); a != nil {
		return []*App{a}
	}
	for a := range s.apps.all() {
		if a.Name == wanted && wanted != "" {
			called = append(called, a)
		}
	}
	return called
}

// subscription finds the subscription that a member refers to by its id or by its
// name, in one app or, without one, in any.
func (s *state) subscription(member, wanted, appID string) (*Subscription, error) {
	return refer(member, "subscription", wanted, s.subscriptionsCalled(wanted, appID))
}

func (s *state) subscriptionsCalled(wanted, appID string) (called []*Subscription) {
	if sub := s.subscriptions.get(strings.ToLower(wanted)); sub != nil {
		return []*Subscription{sub}
	}
	for sub := range s.subscriptions.all() {
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

func (s *state) isOfApp(want, id string) bool { return isOf(want, id, s.apps.get(id).Name) }

func (s *state) isOfSubscription(want, id string) bool {
	sub := s.subscriptions.get(id)
	return sub != nil && isOf(want, id, sub.Name)
}

func textOrNil(s string) *string { return core.Nullable(s, s != "") }

func orZero[T any](value *T) (zero T) {
	if value == nil {
		return zero
	}
	return *value
}
