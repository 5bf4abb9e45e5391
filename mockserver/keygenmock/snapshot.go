package keygenmock

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// stateKept is a state as a snapshot has it. Objects are as their types of the
// public API have them, and the keys that sign answers follow from the accounts.
type stateKept struct {
	Accounts     []accountKept `json:"accounts"` // oldest first
	OldestFirst  bool          `json:"oldestFirst"`
	Singleplayer bool          `json:"singleplayer"`
	Windows      []RateWindow  `json:"windows"`
	Tallies      []tallyKept   `json:"tallies"` // by caller and window
	Latest       time.Time     `json:"latest"`
}

// accountKept is an account with all that belongs to it, the oldest first.
type accountKept struct {
	ID        string             `json:"id"`
	Slug      string             `json:"slug"`
	Status    string             `json:"status"`
	Version   string             `json:"version"`
	Legacy    bool               `json:"legacy"`
	Salts     []byte             `json:"salts"` // what signatures will draw next
	Users     []*User            `json:"users"`
	Products  []*Product         `json:"products"`
	Policies  []*Policy          `json:"policies"`
	Keys      []*Key             `json:"keys"`
	Licenses  []*License         `json:"licenses"`
	Tokens    []*Token           `json:"tokens"`
	Endpoints []*WebhookEndpoint `json:"endpoints"`
	Events    []Event            `json:"events"`
	Counts    Counts             `json:"counts"`
}

// tallyKept is what a rate window has counted of a caller. Callers are in bytes:
// what they send need not be a text.
type tallyKept struct {
	Caller []byte    `json:"caller"`
	Window int       `json:"window"` // its number among the windows
	Start  time.Time `json:"start"`
	Count  int       `json:"count"`
}

// Snapshot takes down the state.
func (v *vendor) Snapshot() (document func() any) {
	s := v.state
	kept := stateKept{
		OldestFirst:  s.fifo,
		Singleplayer: s.singleplayer,
		Windows:      slices.Clone(s.limits.windows),
		Tallies:      s.limits.kept(),
		Latest:       s.latest,
	}
	var accounts []func() accountKept
	for _, a := range s.accounts {
		accounts = append(accounts, a.kept())
	}
	return func() any {
		kept.Accounts = []accountKept{}
		for _, account := range accounts {
			kept.Accounts = append(kept.Accounts, account())
		}
		return kept
	}
}

func (l limits) kept() []tallyKept {
	kept := []tallyKept{}
	for of, t := range l.counts {
		kept = append(kept, tallyKept{[]byte(of.caller), of.window, t.start, t.count})
	}
	slices.SortFunc(kept, func(a, b tallyKept) int {
		return cmp.Or(bytes.Compare(a.Caller, b.Caller), cmp.Compare(a.Window, b.Window))
	})
	return kept
}

func (a *account) kept() func() accountKept {
	salts, err := a.signing.drawn().MarshalBinary()
	if err != nil {
		panic("keygenmock: " + err.Error()) // randomness has a state at any time
	}
	kept := accountKept{
		ID:      a.id,
		Slug:    a.slug,
		Status:  a.status,
		Version: a.version.String(),
		Legacy:  a.legacy,
		Salts:   salts,
		Events:  slices.Clip(a.events), // to which more can only be added
		Counts:  a.counts.get(),
	}
	lists := []func(){
		viewing(a.users, &kept.Users), viewing(a.products, &kept.Products), viewing(a.policies, &kept.Policies), viewing(a.keys, &kept.Keys),
		viewing(a.licenses, &kept.Licenses), viewing(a.tokens, &kept.Tokens), viewing(a.endpoints, &kept.Endpoints),
	}
	return func() accountKept {
		for _, list := range lists {
			list()
		}
		return kept
	}
}

// viewing returns what lists the objects that a table has now.
func viewing[T any](of *table[T], list *[]*T) func() {
	rows := of.rows.View()
	return func() { *list = objectsOf(rows.List()) }
}

// Restore reads a snapshot, and returns what puts it in the place of the state.
func (v *vendor) Restore(document json.RawMessage) (put func(), err error) {
	var kept stateKept
	if err := core.ReadKept(document, &kept); err != nil {
		return nil, err
	}
	s := &state{fifo: kept.OldestFirst, singleplayer: kept.Singleplayer, latest: kept.Latest, signing: v.state.keyring()}
	if s.limits, err = limitsOf(kept.Windows, kept.Tallies); err != nil {
		return nil, err
	}
	if err := core.Each("accounts", kept.Accounts, s.restore)(); err != nil {
		return nil, err
	}
	if len(s.accounts) == 0 || s.accounts[0].id != defaultAccountID {
		return nil, errors.New("the default account is not the first")
	}
	return func() { *v.state = *s }, nil
}

// limitsOf are the throttles with what they had counted.
func limitsOf(windows []RateWindow, tallies []tallyKept) (limits, error) {
	l := newLimits(windows)
	for _, w := range windows {
		if err := w.check(); err != nil {
			return l, err
		}
	}
	for i, t := range tallies {
		of := bucket{string(t.Caller), t.Window}
		if _, twice := l.counts[of]; twice || t.Window < 0 || t.Window >= len(windows) || t.Count < 1 {
			return l, fmt.Errorf("tallies[%d] is twice there, or of no window, or no count", i)
		}
		l.counts[of] = tally{t.Start, t.Count}
	}
	return l, nil
}

// restore adds an account that was kept, with all that belongs to it.
func (s *state) restore(kept accountKept) error {
	id, isID := canonicalUUID(kept.ID)
	switch seed := (accountSeed{id: kept.ID, slug: kept.Slug, status: kept.Status, version: kept.Version}); {
	case !isID || id != kept.ID:
		return errForm
	case kept.Status == "" || kept.Version == "":
		return errors.New("status and version cannot be empty")
	default:
		if err := s.admitAccount(seed, nil); err != nil {
			return err
		}
	}
	a := s.newAccount(kept.ID, kept.Slug)
	a.status, a.legacy, a.events = kept.Status, kept.Legacy, kept.Events
	a.counts.set(kept.Counts)
	a.version, _ = parseVersion(kept.Version)
	if err := a.signing.drawn().UnmarshalBinary(kept.Salts); err != nil {
		return fmt.Errorf("salts: %w", err)
	}
	s.accounts = append(s.accounts, a)
	return core.InOrder(
		restoring(s, a, "users", kept.Users, usersOf, (*account).admitUser, func(u User) bool { return u.Role != "" }),
		restoring(s, a, "products", kept.Products, productsOf, (*account).admitProduct, complete[Product]),
		restoring(s, a, "policies", kept.Policies, policiesOf, (*account).admitPolicy, func(p Policy) bool { return p.ProductID != "" }),
		restoring(s, a, "keys", kept.Keys, keysOf, (*account).admitKey, func(k Key) bool { return k.PolicyID != "" && k.Key != "" }),
		restoring(s, a, "licenses", kept.Licenses, licensesOf, (*account).admitLicense, func(l License) bool { return l.PolicyID != "" && l.Key != "" }),
		restoring(s, a, "tokens", kept.Tokens, tokensOf, (*account).admitToken, func(t Token) bool { return t.BearerID != "" && t.Value != "" }),
		restoring(s, a, "endpoints", kept.Endpoints, endpointsOf, (*account).admitWebhookEndpoint, complete[WebhookEndpoint]),
	)
}

func complete[T any](T) bool { return true }

var errForm = core.BadMember("/id", "is no UUID as the vendor writes it")

// restoring is a step that adds objects that were kept to an account. They are whole:
// they have what a new object may leave open.
func restoring[T any](s *state, a *account, list string, objects []*T, to func(*account) *table[T], admit func(*account, *T, T) error, whole func(T) bool) func() error {
	return core.Each(list, objects, func(object *T) error {
		if object == nil {
			return errForm
		}
		id, _ := to(a).place(object)
		canonical, isID := canonicalUUID(id)
		switch {
		case !isID || id != canonical:
			return errForm
		case !whole(*object):
			return errors.New("something is missing that every one of these has")
		}
		if err := cmp.Or(freeID(s, to, "/id", "object", id), admit(a, object, *new(T))); err != nil {
			return err
		}
		to(a).add(object)
		return nil
	})
}
