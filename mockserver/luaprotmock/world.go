package luaprotmock

import (
	"fmt"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func init() {
	core.Register(core.Vendor{Name: "luaprot", New: func(env core.Env) (core.World, any) {
		w := newWorld(env)
		return &vendor{state: w.state}, w
	}})
}

// World is the LuaProt vendor of one mock server, seen from behind the curtain:
// what an owner does in the vendor's dashboard, what end users and the vendor's
// staff do with the keys, and what the state is. Get it from the server's
// LuaProt method.
//
// A new World has one account with one working API key and nothing else, not
// even a hub. The methods that add something use that account; AddAccount makes
// others.
//
// Methods are safe for concurrent use. When one is asked for what cannot be (a
// key of a hub that does not exist, a value that is taken), it changes nothing
// and ends the test at once, with a text that says what to do; on a server
// without a test it panics.
type World struct {
	env     core.Env
	state   *state
	account Account // the default one
}

func newWorld(env core.Env) *World {
	w := &World{env: env, state: newState()}
	w.account = Account{world: w, id: defaultAccount, apiKey: defaultAPIKey}
	return w
}

// APIKey returns the API key of the default account. It is the same in every
// server, and looks like no real one.
func (w *World) APIKey() string { return w.account.APIKey() }

// AddAccount adds another customer of the vendor, with a working API key of its
// own. Neither account sees anything of the other.
func (w *World) AddAccount() *Account {
	c, k := &customer{}, &apiKey{}
	w.act(ActAddAccount, func(t *turn) error { return t.addAccount(c, k) })
	return &Account{world: w, id: c.ID, apiKey: k.Secret}
}

// AddAPIKey adds an API key of the default account; see [Account.AddAPIKey].
func (w *World) AddAPIKey() string { return w.account.AddAPIKey() }

// RevokeAPIKey revokes an API key of any account: from now on the vendor
// answers it with 401.
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

// setRevoked revokes an API key, or takes that back, which the vendor's dashboard
// may not know.
func (t *turn) setRevoked(k *apiKey, revoked bool) {
	if k.Revoked == revoked {
		return
	}
	k.Revoked = revoked
	kind := EffectAPIKeyRestored
	if revoked {
		kind = EffectAPIKeyRevoked
	}
	t.Effect(kind, k.Owner, "")
}

// SetIPWhitelisted says whether the default account lets its callers' address
// in; see [Account.SetIPWhitelisted].
func (w *World) SetIPWhitelisted(whitelisted bool) { w.account.SetIPWhitelisted(whitelisted) }

// AddHub adds a hub to the default account; see [Account.AddHub].
func (w *World) AddHub(name string, opts ...HubOption) Hub { return w.account.AddHub(name, opts...) }

// AddScript adds a script to a hub of the default account; see
// [Account.AddScript].
func (w *World) AddScript(hubID, name string) Script { return w.account.AddScript(hubID, name) }

// AddKey puts a key in any state into the default account; see
// [Account.AddKey].
func (w *World) AddKey(k Key) Key { return w.account.AddKey(k) }

// RemoveKey deletes a key of any account, as its owner could do in the
// dashboard while a client is at work. It reports whether the key existed.
func (w *World) RemoveKey(value string) bool {
	var found bool
	w.act(ActRemoveKey, func(t *turn) error {
		var k *record
		if k, found = t.state.keys.byValue[value]; found {
			t.deleteKeys(t.state.hubs.Get(k.HubID).Owner, k)
		}
		return nil
	})
	return found
}

// BlacklistGlobally is the vendor's staff blacklisting a key of any account. Its
// owner sees it blacklisted, and cannot lift that through the API.
func (w *World) BlacklistGlobally(value, reason string) {
	w.act(ActBlacklistGlobally, func(t *turn) error { return t.blacklistGlobally(value, reason) })
}

func (t *turn) blacklistGlobally(value, reason string) error {
	k := t.state.keys.byValue[value]
	if k == nil {
		return errNoSuchKey
	}
	if err := core.CheckWritable(Key{BlacklistReason: reason}); err != nil {
		return err
	}
	t.state.change(k, func(k *record) {
		k.GloballyBlacklisted, k.Blacklisted = true, true
		k.BlacklistReason, k.Reasoned = reason, reason != ""
	})
	t.Effect(EffectKeyBlacklistedGlobally, value, reason)
	return nil
}

// LiftGlobalBlacklist is the vendor's staff lifting a global blacklist: the key
// is no longer blacklisted at all. Without one nothing happens.
func (w *World) LiftGlobalBlacklist(value string) {
	w.act(ActLiftGlobalBlacklist, func(t *turn) error { return t.liftGlobalBlacklist(value) })
}

func (t *turn) liftGlobalBlacklist(value string) error {
	k := t.state.keys.byValue[value]
	if k == nil {
		return errNoSuchKey
	}
	if k.GloballyBlacklisted {
		t.state.change(k, func(k *record) {
			k.GloballyBlacklisted, k.Blacklisted = false, false
			k.BlacklistReason, k.Reasoned = "", false
		})
		t.Effect(EffectGlobalBlacklistLifted, value, "")
	}
	return nil
}

var errNoSuchKey = core.BadMember("/key", "names no key that there is")

// Key returns a key of any account by its exact value, and whether it exists.
// Looking does not use it.
func (w *World) Key(value string) (Key, bool) {
	return w.find(func(s *state) *record { return s.keys.byValue[value] })
}

// KeyOfDiscord returns the key of a Discord user in a hub, and whether there is
// one. Looking does not use it.
func (w *World) KeyOfDiscord(hubID, discordID string) (Key, bool) {
	return w.find(func(s *state) *record { return s.keys.byDiscord[assignment{hubID, discordID}] })
}

// Keys returns all keys of the default account, oldest first; see [Account.Keys].
func (w *World) Keys() []Key { return w.account.Keys() }

// SetRateLimit limits the calls of each API key; all windows hold at once, and
// slide. A call that finds any of them full is answered 429, changes nothing and
// counts in none. [DocumentedLimits] are the vendor's; the limit is off until
// set, and no windows switch it off again. Setting it forgets the calls so far.
// While the clock is frozen it is refused, since no window would ever move.
//
//	world.SetRateLimit(luaprotmock.DocumentedLimits()...)
func (w *World) SetRateLimit(windows ...RateWindow) {
	w.act(ActSetRateLimit, func(t *turn) error { return t.setRateLimit(windows) })
}

// SetRetryAfter says whether a 429 tells in Retry-After when to come again, as
// at first it does. The vendor does not document the header.
func (w *World) SetRetryAfter(sent bool) {
	w.act(ActSetRetryAfter, func(t *turn) error {
		t.state.noRetryAfter = !sent
		return nil
	})
}

// act runs an action, which either is done or changes nothing and says why not.
func (w *World) act(action string, do func(*turn) error) {
	w.env.Act(action, func(ct *core.Turn) {
		t := newTurn(ct, w.state)
		if err := do(&t); err != nil {
			t.Refuse("%v", err)
		}
	})
}

func (w *World) find(get func(*state) *record) (k Key, found bool) {
	w.look(func(s *state) {
		if r := get(s); r != nil {
			k, found = r.clone().Key, true
		}
	})
	return k, found
}

// look reads the state when it is this caller's turn, and leaves no trace.
func (w *World) look(do func(*state)) {
	w.env.Act("", func(*core.Turn) { do(w.state) })
}
