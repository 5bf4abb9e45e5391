package keygenmock

import (
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// state is all that the world remembers, as plain data.
type state struct {
	accounts     []*account // oldest first; the first is the default one
	fifo         bool       // pools give their oldest key first
	singleplayer bool
	limits       limits
	latest       time.Time // when the last object was created

	signing map[string]*accountKeys // of the accounts before a reset, by id
}

// account is one customer of the vendor with all that belongs to it. Nothing in
// one account can see another.
type account struct {
	id      string
	slug    string
	status  string
	version version // of the API, for requests that ask for none
	legacy  bool    // from the time when answers had another signature besides
	signing *accountKeys

	users     *table[User]
	products  *table[Product]
	policies  *table[Policy]
	keys      *table[Key]
	licenses  *table[License]
	tokens    *table[Token]
	endpoints *table[WebhookEndpoint]

	events []Event
	counts counted
}

// What the default account is, in every server. None of it looks real.
const (
	defaultSlug      = "acme"
	defaultAccountID = "00000000-0000-4000-8000-000000000001"
	defaultAdminID   = "00000000-0000-4000-8000-000000000002"
	defaultTokenID   = "00000000-0000-4000-8000-000000000003"
)

var (
	defaultToken = "admin-" + strings.Repeat("0123456789abcdef", 4) + "v3"
	epoch        = time.Unix(0, 0).UTC() // older than what any test adds
)

// newState begins anew. It takes over the keys that accounts had before: a suite
// that resets between its tests would else wait for slow ones each time.
func newState(signing map[string]*accountKeys) *state {
	s := &state{signing: signing}
	a := s.newAccount(defaultAccountID, defaultSlug)
	a.users.add(&User{ID: defaultAdminID, Email: "admin@" + defaultSlug + ".example", Role: RoleAdmin, Created: epoch, Updated: epoch})
	a.tokens.add(&Token{ID: defaultTokenID, Value: defaultToken, BearerID: defaultAdminID, Created: epoch, Updated: epoch})
	s.accounts = []*account{a}
	return s
}

// newAccount makes an account with nobody in it. The keys that sign its answers
// follow from its id.
func (s *state) newAccount(id, slug string) *account {
	signing := newAccountKeys(core.NewRand(1, id))
	if known := s.signing[id]; known != nil {
		signing = known.fresh()
	}
	return &account{
		id:        id,
		slug:      slug,
		status:    StatusActive,
		version:   newest,
		signing:   signing,
		users:     newTable(traits[User]{(*User).place, textless[User], (*User).called}),
		products:  newTable(traits[Product]{(*Product).place, (*Product).text, (*Product).called}),
		policies:  newTable(traits[Policy]{(*Policy).place, textless[Policy], (*Policy).called}),
		keys:      newTable(traits[Key]{(*Key).place, (*Key).text, nameless[Key]}),
		licenses:  newTable(traits[License]{(*License).place, (*License).text, (*License).called}),
		tokens:    newTable(traits[Token]{(*Token).place, (*Token).text, nameless[Token]}),
		endpoints: newTable(traits[WebhookEndpoint]{(*WebhookEndpoint).place, textless[WebhookEndpoint], nameless[WebhookEndpoint]}),
	}
}

func textless[T any](*T) string { return "" }

func nameless[T any](*T, string) bool { return false }

// account finds an account by its id in any spelling, or by its exact slug.
func (s *state) account(name string) *account {
	id, isID := canonicalUUID(name)
	for _, a := range s.accounts {
		if a.slug == name || isID && a.id == id {
			return a
		}
	}
	return nil
}

// keyring are the keys of all accounts, by id.
func (s *state) keyring() map[string]*accountKeys {
	keys := map[string]*accountKeys{}
	for _, a := range s.accounts {
		keys[a.id] = a.signing
	}
	return keys
}

// Reset begins again with a new state, behind the World that users hold.
func (v *vendor) Reset() {
	*v.state = *newState(v.state.keyring())
	v.shown.Forget()
}

// turn is one call of the world, a request or an action of the Go API: what the
// server lets it see, and the state.
type turn struct {
	*core.Turn
	state *state
}

// now is the time as the world keeps it. It is shown in milliseconds.
func (t *turn) now() time.Time { return t.Now.UTC().Truncate(time.Microsecond) }

// moment is when an object is created. No two objects are created in the same
// microsecond, as on a server whose clock moves: the order of lists depends on
// it. Only a clock that was set back goes back.
func (t *turn) moment() time.Time {
	at, last := t.now(), t.state.latest
	if !at.After(last) && last.Sub(at) < time.Second {
		at = last.Add(time.Microsecond)
	}
	t.state.latest = at
	return at
}
