package junkiemock

import (
	"fmt"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func init() {
	core.Register(core.Vendor{Name: "junkie", New: func(env core.Env) (core.World, any) {
		w := newWorld(env)
		return &vendor{state: w.state}, w
	}})
}

// World is the Junkie vendor of one mock server, seen from behind the curtain:
// what an owner does in the vendor's dashboard, what end users do with their
// keys, and what the state is. Get it from the server's Junkie method.
//
// A new World has one account with one working API key and nothing else. The
// methods that add something use that account; AddAccount makes others.
//
// Methods are safe for concurrent use. When one is asked for what cannot be (a
// key of a provider that does not exist, a value that is taken), it changes
// nothing and ends the test at once, with a text that says what to do; on a
// server without a test it panics.
type World struct {
	env     core.Env
	state   *state
	account Account // the default one
}

func newWorld(env core.Env) *World {
	w := &World{env: env, state: newState()}
	w.account = Account{world: w, userID: defaultUserID, apiKey: defaultAPIKey}
	return w
}

// APIKey returns the API key of the default account. It has [ScopeREST], is the
// same in every server, and looks like no real one.
func (w *World) APIKey() string { return w.account.APIKey() }

// UserID returns the number of the default account, the user_id of its keys.
func (w *World) UserID() int64 { return w.account.UserID() }

// AddAccount adds another customer of the vendor, with a working API key of its
// own. Neither account sees anything of the other.
func (w *World) AddAccount() *Account {
	a := &Account{world: w}
	w.act(ActAddAccount, func(t *turn) error {
		added, err := t.addAccount(0, new(string))
		if err != nil {
			return err
		}
		a.userID, a.apiKey = added.ID, t.state.apiKeys.of(added.ID)[0].Value
		return nil
	})
	return a
}

// AddAPIKey adds an API key of the default account; see [Account.AddAPIKey].
func (w *World) AddAPIKey(scopes ...string) string { return w.account.AddAPIKey(scopes...) }

// RevokeAPIKey revokes an API key of any account: from now on the vendor
// answers it with 401.
func (w *World) RevokeAPIKey(apiKey string) {
	w.act(ActRevokeAPIKey, func(t *turn) error {
		k := t.state.apiKeys.byMark[apiKey]
		if k == nil {
			return fmt.Errorf("there is no such API key: pass one that APIKey or AddAPIKey returned")
		}
		t.revoke(k)
		return nil
	})
}

// AddProvider adds a provider to the default account; see [Account.AddProvider].
func (w *World) AddProvider(name string, opts ...ProviderOption) Provider {
	return w.account.AddProvider(name, opts...)
}

// AddService adds a service to the default account; see [Account.AddService].
func (w *World) AddService(name string, opts ...ServiceOption) Service {
	return w.account.AddService(name, opts...)
}

// AddFolder adds a folder to the default account; see [Account.AddFolder].
func (w *World) AddFolder(name string) Folder { return w.account.AddFolder(name) }

// AddKey puts a key in any state into the default account; see
// [Account.AddKey].
func (w *World) AddKey(k Key) Key { return w.account.AddKey(k) }

// RemoveKey deletes a key of any account, as its owner could do in the
// dashboard while a client is at work. It reports whether the key existed.
func (w *World) RemoveKey(id int64) bool {
	var found bool
	w.act(ActRemoveKey, func(t *turn) error {
		var k *record
		if k, found = t.state.keys.byID[id]; found {
			t.deleteKeys(k.UserID, k)
		}
		return nil
	})
	return found
}

// BanDevice bans a device from the default account; see [Account.BanDevice].
func (w *World) BanDevice(b Ban) { w.account.BanDevice(b) }

// UnbanDevice lifts a ban of the default account; see [Account.UnbanDevice].
func (w *World) UnbanDevice(hwid string) bool { return w.account.UnbanDevice(hwid) }

// Key returns a key of any account by its id, and whether it exists. Looking
// does not use it.
func (w *World) Key(id int64) (Key, bool) {
	return w.find(func(s *state) *record { return s.keys.byID[id] })
}

// KeyByValue returns a key of any account by its exact value, and whether it
// exists. Looking does not use it.
func (w *World) KeyByValue(value string) (Key, bool) {
	return w.find(func(s *state) *record { return s.keys.byValue[value] })
}

// Keys returns all keys of the default account, oldest first.
func (w *World) Keys() []Key { return w.account.Keys() }

// SetRateLimit lets each API key make n calls in a window of the given length;
// further ones are answered 429 with Retry-After and change nothing. A window
// begins with the first call after the last one ended. The vendor publishes no
// figures, so the limit is off until set; n = 0 switches it off again. Setting
// it begins new windows. While the clock is frozen it is refused, since a window
// would never end.
func (w *World) SetRateLimit(n int, per time.Duration) {
	w.act(ActSetRateLimit, func(t *turn) error { return t.setRateLimit(core.RateLimit{Calls: n, Per: per}) })
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

// look reads the state when it is this caller's turn.
func (w *World) look(do func(*state)) {
	w.env.Act(ActLook, func(*core.Turn) { do(w.state) })
}
