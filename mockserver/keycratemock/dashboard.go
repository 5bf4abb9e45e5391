package keycratemock

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// App is one application of the team. Subscriptions and licenses belong to one.
type App struct {
	ID   string // a UUID
	Name string
}

// AddApp adds an app to the team. The first API key may use it at once; others
// may not.
func (w *World) AddApp(name string) App {
	a := App{Name: name}
	w.act(ActAddApp, func(t *turn) error {
		a.ID = t.Rand.UUID()
		t.state.apps[a.ID] = &app{App: a}
		t.Effect(EffectAppAdded, a.ID, name)
		return nil
	})
	return a
}

// SetAppEnabled switches an app on, as it is at first, or off: end users are
// then answered [CodeAppNotActive]. Management calls go on.
func (w *World) SetAppEnabled(appID string, enabled bool) {
	w.act(ActSetAppEnabled, func(t *turn) error {
		a := t.state.apps[appID]
		if a == nil {
			return noSuchApp(appID)
		}
		t.switchOn(&a.off, enabled, EffectAppEnabled, EffectAppDisabled, appID)
		return nil
	})
}

// SetTeamEnabled switches the team on, as it is at first, or off, as if its paid
// plan had lapsed: end users of all its apps are then answered [CodeTeamError].
// Management calls go on.
func (w *World) SetTeamEnabled(enabled bool) {
	w.act(ActSetTeamEnabled, func(t *turn) error {
		t.switchOn(&t.state.teamOff, enabled, EffectTeamEnabled, EffectTeamDisabled, "")
		return nil
	})
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
	return fmt.Errorf("there is no app %q: pass AppID, or add one with AddApp", id)
}

// AddAPIKey adds an API key that may use exactly these apps: without any, none,
// so that every call about an app is answered ACCESS_DENIED. It has a rate
// window of its own.
func (w *World) AddAPIKey(appIDs ...string) string {
	var secret string
	w.act(ActAddAPIKey, func(t *turn) error {
		apps := map[string]bool{}
		for _, id := range appIDs {
			if t.state.apps[id] == nil {
				return noSuchApp(id)
			}
			apps[id] = true
		}
		t.Decided(ruleAuthPrefix)
		secret = "kc_mock_" + t.Rand.Hex(12)
		number := len(t.state.apiKeys) + 1
		t.state.apiKeys[secret] = &apiKey{number: number, apps: apps}
		t.Effect(EffectAPIKeyAdded, strconv.Itoa(number), strings.Join(appIDs, " "))
		return nil
	})
	return secret
}

// RevokeAPIKey makes an API key inactive: from now on the vendor answers it with
// INVALID_API_KEY.
func (w *World) RevokeAPIKey(apiKey string) {
	w.act(ActRevokeAPIKey, func(t *turn) error {
		k := t.state.apiKeys[apiKey]
		if k == nil {
			return fmt.Errorf("there is no such API key: pass one that APIKey or AddAPIKey returned")
		}
		if !k.revoked {
			k.revoked = true
			t.Effect(EffectAPIKeyRevoked, strconv.Itoa(k.number), "")
		}
		return nil
	})
}

// AddSubscription adds a subscription and returns it as it then is. What is zero
// is filled in: ID with a new one, AppID with the first app, Name with
// "default", Status with [StatusActive]; times are always now. The API's own
// default of Level is 1, here it is as given.
//
//	w.AddSubscription(keycratemock.Subscription{Name: "pro", Level: 2, SingleKeyPerHWID: true})
func (w *World) AddSubscription(s Subscription) Subscription {
	w.act(ActAddSubscription, func(t *turn) error {
		if err := t.completeSubscription(&s); err != nil {
			return err
		}
		s = *t.addSubscription(s)
		return nil
	})
	return s
}

func (t *turn) completeSubscription(s *Subscription) error {
	fill(&s.AppID, defaultAppID)
	fill(&s.Name, "default")
	fill(&s.Status, StatusActive)
	switch {
	case s.ID != "" && !isUUID(s.ID):
		return fmt.Errorf("%q is no id of a subscription: it is a UUID in lower case; leave it empty for a new one", s.ID)
	case t.state.subscriptions[s.ID] != nil:
		return fmt.Errorf("subscription %s exists: leave the id empty for a new one", s.ID)
	case t.state.apps[s.AppID] == nil:
		return noSuchApp(s.AppID)
	case !fits(s.Name, maxName):
		return fmt.Errorf("a name has 1 to %d characters", maxName)
	case s.Level < 0:
		return fmt.Errorf("level %d is negative", s.Level)
	case s.Status != StatusActive && s.Status != StatusPaused:
		return fmt.Errorf("%q is no status: it is %s or %s", s.Status, StatusActive, StatusPaused)
	}
	return nil
}

// OrphanLicenses loses a subscription and leaves its licenses behind, which no
// call can do: end users are then answered [CodeSubscriptionError]. Deleting a
// subscription through the API deletes its licenses.
func (w *World) OrphanLicenses(subscriptionID string) {
	w.act(ActOrphanLicenses, func(t *turn) error {
		if t.state.subscriptions[subscriptionID] == nil {
			return noSuchSubscription(subscriptionID)
		}
		t.state.dropSubscription(subscriptionID)
		t.Effect(EffectLicensesOrphaned, subscriptionID, "")
		return nil
	})
}

func noSuchSubscription(id string) error {
	return fmt.Errorf("there is no subscription %q: add it with AddSubscription", id)
}

// BlacklistKind says what a line of the blacklist is about.
type BlacklistKind string

// What can be on the blacklist. The first three are about the [Origin] of a
// call.
const (
	ByCountry BlacklistKind = "country" // two capitals: "NL"
	ByASN     BlacklistKind = "ASN"     // digits: "64496"
	ByIP      BlacklistKind = "IP"      // one address: "192.0.2.1"
	ByHWID    BlacklistKind = "HWID"    // compared exactly
)

// check says what is wrong with a value of this kind, if anything is.
func (k BlacklistKind) check(value string) error {
	ok := false
	switch k {
	case ByCountry:
		ok = len(value) == 2 && strings.Trim(value, upperCase) == ""
	case ByASN:
		ok = core.IsDigits(value)
	case ByIP:
		_, err := netip.ParseAddr(value)
		ok = err == nil
	case ByHWID:
		ok = value != ""
	default:
		return fmt.Errorf("%q is no kind of blacklist: pass ByCountry, ByASN, ByIP or ByHWID", k)
	}
	if !ok {
		return fmt.Errorf("%q is no %s: pass one like NL, 64496, 192.0.2.1 or any HWID", value, k)
	}
	return nil
}

// asn is the network as the blacklist has it; empty: not known.
func (o Origin) asn() string {
	if o.ASN == 0 {
		return ""
	}
	return strconv.Itoa(o.ASN)
}

// Blacklist keeps end users out, in all apps of the team.
//
//	w.SetOrigin(keycratemock.Origin{Country: "NL"})
//	w.Blacklist(keycratemock.ByCountry, "NL")
//	w.Blacklist(keycratemock.ByHWID, "laptop")
func (w *World) Blacklist(by BlacklistKind, value string) {
	w.act(ActBlacklist, func(t *turn) error {
		if err := by.check(value); err != nil {
			return err
		}
		if line := (entry{by, value}); !t.state.blacklist[line] {
			t.state.blacklist[line] = true
			t.Effect(EffectBlacklisted, string(by), value)
		}
		return nil
	})
}

// Unblacklist lets end users in again, and reports whether they were kept out.
func (w *World) Unblacklist(by BlacklistKind, value string) (lifted bool) {
	w.act(ActUnblacklist, func(t *turn) error {
		line := entry{by, value}
		if lifted = t.state.blacklist[line]; lifted {
			delete(t.state.blacklist, line)
			t.Effect(EffectUnblacklisted, string(by), value)
		}
		return nil
	})
	return lifted
}

func fill(text *string, otherwise string) {
	if *text == "" {
		*text = otherwise
	}
}
