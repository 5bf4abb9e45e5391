package keygenmock

import (
	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func init() {
	core.Register(core.Vendor{Name: "keygen", New: func(env core.Env) (core.World, any) {
		w := &World{env: env, state: newState(nil)}
		w.account = Account{world: w, id: defaultAccountID}
		return &vendor{state: w.state}, w
	}})
}

// World is the Keygen vendor of one mock server, seen from behind the curtain:
// what an owner does in the vendor's dashboard, and what the state is. Get it
// from the server's Keygen method.
//
// A new World has one account, [World.Account], with an admin and a token of
// that admin, [World.Token], and nothing else. The methods that add something
// use that account; [World.AddAccount] makes others.
//
// What is added this way skips the validation of the API: a test may put keys
// into a policy that is not pooled, or give a key any text. What can never be (a
// parent that does not exist, an id that is taken) is refused all the same: it
// changes nothing and ends the test at once, with a text that says what to do;
// on a server without a test it panics.
//
// Methods are safe for concurrent use.
type World struct {
	env     core.Env
	state   *state
	account Account // the default one
}

// Account returns the slug of the default account, for use in paths. It is the
// same in every server.
func (w *World) Account() string { return w.account.Slug() }

// AccountID returns the id of the default account.
func (w *World) AccountID() string { return w.account.ID() }

// Token returns a token of the default account's admin. It is the same in every
// server, and looks like no real one.
func (w *World) Token() string { return w.account.Token() }

// Default returns the default account.
func (w *World) Default() *Account { return &w.account }

// AddAccount adds another customer of the vendor, with an admin and a token of
// that admin. Neither account sees anything of the other.
func (w *World) AddAccount(slug string) *Account {
	a := &Account{world: w}
	w.act(ActAddAccount, func(t *turn) error {
		made, err := t.makeAccount(accountSeed{slug: slug, admin: &User{}})
		if err != nil {
			return err
		}
		a.id = made.id
		return nil
	})
	return a
}

// Accounts returns all accounts, the default one first.
func (w *World) Accounts() []*Account {
	var list []*Account
	w.look(func(s *state) {
		for _, a := range s.accounts {
			list = append(list, &Account{world: w, id: a.id})
		}
	})
	return list
}

// AddUser adds a user to the default account; see [Account.AddUser].
func (w *World) AddUser(u User) User { return w.account.AddUser(u) }

// AddProduct adds a product to the default account; see [Account.AddProduct].
func (w *World) AddProduct(p Product) Product { return w.account.AddProduct(p) }

// AddPolicy adds a policy to the default account; see [Account.AddPolicy].
func (w *World) AddPolicy(p Policy) Policy { return w.account.AddPolicy(p) }

// AddKey adds a key to the default account; see [Account.AddKey].
func (w *World) AddKey(k Key) Key { return w.account.AddKey(k) }

// AddLicense adds a license to the default account; see [Account.AddLicense].
func (w *World) AddLicense(l License) License { return w.account.AddLicense(l) }

// AddToken adds a token to the default account; see [Account.AddToken].
func (w *World) AddToken(t Token) Token { return w.account.AddToken(t) }

// AddWebhookEndpoint adds a webhook endpoint to the default account; see
// [Account.AddWebhookEndpoint].
func (w *World) AddWebhookEndpoint(e WebhookEndpoint) WebhookEndpoint {
	return w.account.AddWebhookEndpoint(e)
}

// PublicKey returns a key that verifies answers to the default account; see
// [Account.PublicKey].
func (w *World) PublicKey(algorithm string) string { return w.account.PublicKey(algorithm) }

// Key returns a key of the default account; see [Account.Key].
func (w *World) Key(id string) (Key, bool) { return w.account.Key(id) }

// Keys returns all keys of the default account, oldest first.
func (w *World) Keys() []Key { return w.account.Keys() }

// Pool returns the keys of a policy of the default account; see [Account.Pool].
func (w *World) Pool(policyID string) []Key { return w.account.Pool(policyID) }

// License returns a license of the default account; see [Account.License].
func (w *World) License(id string) (License, bool) { return w.account.License(id) }

// Licenses returns all licenses of the default account, oldest first.
func (w *World) Licenses() []License { return w.account.Licenses() }

// RemoveKey removes a key of the default account; see [Account.RemoveKey].
func (w *World) RemoveKey(id string) bool { return w.account.RemoveKey(id) }

// SetStatus changes the status of the default account; see [Account.SetStatus].
func (w *World) SetStatus(status string) { w.account.SetStatus(status) }

// Events returns the events of the default account; see [Account.Events].
func (w *World) Events() []Event { return w.account.Events() }

// SetPoolOrder says whether pools give their oldest key first. At first they
// give the newest, as the vendor's production does.
func (w *World) SetPoolOrder(oldestFirst bool) {
	w.act(ActSetPoolOrder, func(t *turn) error {
		t.state.fifo = oldestFirst
		return nil
	})
}

// SetSingleplayer makes the server one of the kind that people host themselves
// for a single account, the default one: every path works without
// /accounts/{account} as well, and no other account can be reached.
func (w *World) SetSingleplayer(on bool) {
	w.act(ActSetSingleplayer, func(t *turn) error {
		t.state.singleplayer = on
		return nil
	})
}

// SetRateLimit throttles the requests of each token; all windows hold at once.
// They begin at whole multiples of their length, as the vendor's do, and count
// every request. One that exceeds any is answered 429, and while there are
// windows every answer tells of the one nearest its limit in X-RateLimit
// headers. There are none until set, as on servers that people host themselves;
// no windows switch throttling off again. Setting it forgets the requests so
// far. While the clock is frozen it is refused, since no window would ever move.
//
//	world.SetRateLimit(keygenmock.RateWindow{Limit: 60, Per: time.Minute})
func (w *World) SetRateLimit(windows ...RateWindow) {
	w.act(ActSetRateLimit, func(t *turn) error { return t.setRateLimit(windows) })
}

// act runs an action, which either is done or changes nothing and says why not.
func (w *World) act(action string, do func(*turn) error) {
	w.env.Act(action, func(ct *core.Turn) {
		t := turn{ct, w.state}
		if err := do(&t); err != nil {
			t.Effects = nil
			t.Refuse("%v", err)
		}
	})
}

// look reads the state when it is this caller's turn, and leaves no trace.
func (w *World) look(do func(*state)) {
	w.env.Act("", func(*core.Turn) { do(w.state) })
}
