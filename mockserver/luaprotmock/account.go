package luaprotmock

import (
	"fmt"
	"strconv"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Account is one customer of the vendor: the owner of hubs, scripts, keys and
// API keys. [World] has a default one and forwards to it; a second account is
// good for proving that a shop cannot reach the keys of another.
type Account struct {
	world  *World
	number int64
	apiKey string
}

// Hub is where an account's scripts and keys belong.
type Hub struct {
	ID       string // 20 digits, more than 64 bits hold
	Name     string
	ResetGap time.Duration // between resets that end users ask for; the API ignores it
}

// Script is what a key opens.
type Script struct {
	ID    string // 20 digits, as those of hubs
	HubID string
	Name  string
}

// HubOption sets up a hub; see [HubID] and [ResetGap].
type HubOption func(*Hub)

// HubID gives a hub an id of the test's own, of digits, in place of a new one.
func HubID(id string) HubOption { return func(h *Hub) { h.ID = id } }

// ResetGap sets the time that the hub makes end users wait between resets of
// their device. Resets through the API do not wait.
func ResetGap(gap time.Duration) HubOption { return func(h *Hub) { h.ResetGap = gap } }

// APIKey returns the account's first API key.
func (a *Account) APIKey() string { return a.apiKey }

// AddAPIKey adds an API key. It can do what the first can, and has rate windows
// of its own.
func (a *Account) AddAPIKey() string {
	var secret string
	a.world.act(ActAddAPIKey, func(t *turn) error {
		secret = t.addAPIKey(a.number)
		return nil
	})
	return secret
}

func (t *turn) addAPIKey(number int64) string {
	secret := "mock-luaprot-" + t.Rand.Hex(12)
	t.state.apiKeys[secret] = &apiKey{owner: t.state.customer(number)}
	t.Effect(EffectAPIKeyAdded, accountID(number), "")
	return secret
}

// SetIPWhitelisted says whether the address that the account's calls come from
// is on its whitelist, as at first it is. While it is not, every call is
// answered 403.
func (a *Account) SetIPWhitelisted(whitelisted bool) {
	a.world.act(ActSetIPWhitelisted, func(t *turn) error {
		c := t.state.customer(a.number)
		if c.refused != whitelisted {
			return nil
		}
		c.refused = !whitelisted
		kind := EffectIPRemoved
		if whitelisted {
			kind = EffectIPWhitelisted
		}
		t.Effect(kind, accountID(a.number), "")
		return nil
	})
}

// AddHub adds a hub.
func (a *Account) AddHub(name string, opts ...HubOption) Hub {
	h := Hub{Name: name}
	for _, opt := range opts {
		opt(&h)
	}
	a.world.act(ActAddHub, func(t *turn) error {
		switch {
		case h.ID != "" && !core.IsDigits(h.ID):
			return fmt.Errorf("%q is no id of a hub: it has digits only", h.ID)
		case t.state.hubs[h.ID] != nil:
			return fmt.Errorf("hub %s exists: leave the id to the world, or take another", h.ID)
		case h.ResetGap < 0:
			return fmt.Errorf("a reset gap of %v is negative: 0 means none", h.ResetGap)
		}
		h = t.addHub(a.number, h)
		return nil
	})
	return h
}

func (t *turn) addHub(number int64, h Hub) Hub {
	if h.ID == "" {
		h.ID = t.newID()
	}
	owner := t.state.customer(number)
	owner.hubs = append(owner.hubs, h.ID)
	t.state.hubs[h.ID] = &hub{Hub: h, owner: owner}
	t.Effect(EffectHubAdded, h.ID, h.Name)
	return h
}

// AddScript adds a script to one of the account's hubs.
func (a *Account) AddScript(hubID, name string) Script {
	s := Script{HubID: hubID, Name: name}
	a.world.act(ActAddScript, func(t *turn) error {
		if err := t.ownsHub(a.number, hubID); err != nil {
			return err
		}
		s.ID = t.newID()
		t.state.scripts[s.ID] = &script{Script: s}
		t.Effect(EffectScriptAdded, s.ID, name)
		return nil
	})
	return s
}

func (t *turn) ownsHub(number int64, hubID string) error {
	if h := t.state.hubs[hubID]; h == nil || h.owner.number != number {
		return fmt.Errorf("the account has no hub %q: add it with AddHub", hubID)
	}
	return nil
}

// AddKey puts a key into the account as it is, in any state, and returns it as
// it then is. What is zero is filled in: Value with a new one, HubID with the
// account's first hub (one named "default" is added if there is none), CreatedAt
// with now. A key that is GloballyBlacklisted becomes Blacklisted. The bounds of
// the API do not apply, but what can never be is refused: a second key of a
// Discord user in a hub, a script of another hub.
//
//	w.AddKey(luaprotmock.Key{ExpiresAt: s.Now().Add(-time.Hour)})           // expired
//	w.AddKey(luaprotmock.Key{HWID: "pc", Activated: true, Executions: 7})   // in use
//	w.AddKey(luaprotmock.Key{AdvertiseID: "78078400606734922815"})          // from an advertisement
func (a *Account) AddKey(k Key) Key {
	a.world.act(ActSeedKey, func(t *turn) error {
		r := (&record{Key: k, Noted: k.Note != "", Reasoned: k.BlacklistReason != ""}).clone()
		if err := t.completeSeed(a.number, r); err != nil {
			return err
		}
		t.insert(a.number, r)
		k = r.clone().Key
		return nil
	})
	return k
}

// Keys returns all keys of the account, in the order of their creation.
func (a *Account) Keys() []Key {
	var keys []Key
	a.world.look(func(s *state) {
		for _, k := range s.keys.owned[a.number].All() {
			keys = append(keys, k.clone().Key)
		}
	})
	return keys
}

func (s *state) customer(number int64) *customer { return s.customers[number-1] }

// accountID names an account in the ledger. The vendor's API never does.
func accountID(number int64) string { return strconv.FormatInt(number, 10) }
