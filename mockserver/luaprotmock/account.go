package luaprotmock

import (
	"errors"
	"time"
)

// Account is one customer of the vendor: the owner of hubs, scripts, keys and
// API keys. [World] has a default one and forwards to it; a second account is
// good for proving that a shop cannot reach the keys of another.
type Account struct {
	world  *World
	id     string
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
	k := &apiKey{Owner: a.id}
	a.act(ActAddAPIKey, func(t *turn, _ *customer) error { return t.addAPIKey(k) })
	return k.Secret
}

// SetIPWhitelisted says whether the address that the account's calls come from
// is on its whitelist, as at first it is. While it is not, every call is
// answered 403.
func (a *Account) SetIPWhitelisted(whitelisted bool) {
	a.act(ActSetIPWhitelisted, func(t *turn, c *customer) error {
		t.setIPWhitelisted(c, whitelisted)
		return nil
	})
}

// setIPWhitelisted puts the callers' address on an account's whitelist, or takes
// it off.
func (t *turn) setIPWhitelisted(c *customer, whitelisted bool) {
	if c.Refused != whitelisted {
		return
	}
	c.Refused = !whitelisted
	kind := EffectIPRemoved
	if whitelisted {
		kind = EffectIPWhitelisted
	}
	t.Effect(kind, c.ID, "")
}

// AddHub adds a hub.
func (a *Account) AddHub(name string, opts ...HubOption) Hub {
	h := &hub{Hub: Hub{Name: name}, Owner: a.id}
	for _, opt := range opts {
		opt(&h.Hub)
	}
	a.act(ActAddHub, func(t *turn, _ *customer) error { return t.addHub(h) })
	return h.Hub
}

// AddScript adds a script to one of the account's hubs; an empty id stands for
// the first of them, as in [Account.AddKey].
func (a *Account) AddScript(hubID, name string) Script {
	s := &script{Script: Script{HubID: hubID, Name: name}}
	a.act(ActAddScript, func(t *turn, _ *customer) error { return t.addScript(a.id, s) })
	return s.Script
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
	r := seeded(k)
	a.act(ActSeedKey, func(t *turn, _ *customer) error {
		if err := t.seedKey(a.id, r); err != nil {
			return err
		}
		k = r.clone().Key // while it is this caller's turn
		return nil
	})
	return k
}

// Keys returns all keys of the account, oldest first. Those of one second, which
// the vendor tells apart by their texts, run against the alphabet: the whole is
// its list turned round.
func (a *Account) Keys() []Key {
	var keys []Key
	a.world.look(func(s *state) {
		for k := range s.keys.owned[a.id].All() {
			keys = append(keys, k.clone().Key)
		}
	})
	return keys
}

// act runs an action on the account, if there still is one.
func (a *Account) act(action string, do func(*turn, *customer) error) {
	a.world.act(action, func(t *turn) error {
		c := t.state.customers.Get(a.id)
		if c == nil {
			return errors.New("the account is gone: it was deleted, or made before a reset or after a snapshot that was restored")
		}
		return do(t, c)
	})
}
