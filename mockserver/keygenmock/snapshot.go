package keygenmock

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
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
	ID        string            `json:"id"`
	Slug      string            `json:"slug"`
	Status    string            `json:"status"`
	Version   string            `json:"version"`
	Legacy    bool              `json:"legacy"`
	Salts     []byte            `json:"salts"` // what signatures will draw next
	Users     []User            `json:"users"`
	Products  []Product         `json:"products"`
	Policies  []Policy          `json:"policies"`
	Keys      []Key             `json:"keys"`
	Licenses  []License         `json:"licenses"`
	Tokens    []Token           `json:"tokens"`
	Endpoints []WebhookEndpoint `json:"endpoints"`
	Events    []Event           `json:"events"`
	Counts    Counts            `json:"counts"`
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
func (v *vendor) Snapshot() any {
	s := v.state
	kept := stateKept{
		Accounts:     []accountKept{},
		OldestFirst:  s.fifo,
		Singleplayer: s.singleplayer,
		Windows:      slices.Clone(s.limits.windows),
		Tallies:      s.limits.kept(),
		Latest:       s.latest,
	}
	for _, a := range s.accounts {
		kept.Accounts = append(kept.Accounts, a.kept())
	}
	return kept
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

func (a *account) kept() accountKept {
	salts, err := a.signing.salts.MarshalBinary()
	if err != nil {
		panic("keygenmock: " + err.Error()) // randomness has a state at any time
	}
	return accountKept{
		ID:        a.id,
		Slug:      a.slug,
		Status:    a.status,
		Version:   a.version.String(),
		Legacy:    a.legacy,
		Salts:     salts,
		Users:     copies(a.users, func(u User) User { return u }),
		Products:  copies(a.products, Product.clone),
		Policies:  copies(a.policies, Policy.clone),
		Keys:      copies(a.keys, func(k Key) Key { return k }),
		Licenses:  copies(a.licenses, License.clone),
		Tokens:    copies(a.tokens, func(t Token) Token { return t }),
		Endpoints: copies(a.endpoints, WebhookEndpoint.clone),
		Events:    slices.Clone(a.events),
		Counts:    a.counts,
	}
}

func copies[T any](of *table[T], clone func(T) T) []T {
	list := []T{}
	for object := range of.oldestFirst() {
		list = append(list, clone(*object))
	}
	return list
}

// Restore reads a snapshot, and returns what puts it in the place of the state.
func (v *vendor) Restore(document json.RawMessage) (put func(), err error) {
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.DisallowUnknownFields()
	dec.UseNumber()
	var kept stateKept
	if err := dec.Decode(&kept); err != nil {
		return nil, err
	}
	s := &state{fifo: kept.OldestFirst, singleplayer: kept.Singleplayer, latest: kept.Latest, signing: v.state.keyring()}
	if s.limits, err = limitsOf(kept.Windows, kept.Tallies); err != nil {
		return nil, err
	}
	for _, a := range kept.Accounts {
		if err := s.restore(a); err != nil {
			return nil, fmt.Errorf("account %q: %w", a.ID, err)
		}
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
	a := s.newAccount(kept.ID, kept.Slug)
	a.status, a.legacy, a.events, a.counts = kept.Status, kept.Legacy, kept.Events, kept.Counts
	var known bool
	a.version, known = parseVersion(kept.Version)
	id, _ := canonicalUUID(kept.ID)
	switch {
	case id == "" || id != kept.ID:
		return errors.New("the id is no UUID as the vendor writes it")
	case s.account(id) != nil || s.account(kept.Slug) != nil:
		return errors.New("the id or the slug is that of another account")
	case !slugForm.MatchString(kept.Slug):
		return fmt.Errorf("%q is no slug", kept.Slug)
	case !slices.Contains(accountStatuses, kept.Status):
		return fmt.Errorf("%q is no status", kept.Status)
	case !known:
		return fmt.Errorf("%q is no version of the API", kept.Version)
	}
	if err := a.signing.salts.UnmarshalBinary(kept.Salts); err != nil {
		return fmt.Errorf("salts: %w", err)
	}
	s.accounts = append(s.accounts, a)
	return a.restore(kept)
}

// restore adds the objects of an account, those that others refer to before these.
func (a *account) restore(kept accountKept) error {
	for _, add := range []func() error{
		restoring(a.users, "users", kept.Users, func(u User) error { return u.check() }),
		restoring(a.products, "products", kept.Products, func(Product) error { return nil }),
		restoring(a.policies, "policies", kept.Policies, func(p Policy) error {
			return cmp.Or(p.check(), leads(a.products, "product", p.ProductID))
		}),
		restoring(a.keys, "keys", kept.Keys, func(k Key) error {
			return cmp.Or(filled(k.Key), leads(a.policies, "policy", k.PolicyID))
		}),
		restoring(a.licenses, "licenses", kept.Licenses, func(l License) error {
			err := cmp.Or(filled(l.Key), leads(a.policies, "policy", l.PolicyID))
			if l.OwnerID != "" {
				err = cmp.Or(err, leads(a.users, "user", l.OwnerID))
			}
			return err
		}),
		restoring(a.tokens, "tokens", kept.Tokens, func(t Token) error {
			if a.bearerOf(&t).role == "" {
				return fmt.Errorf("there is no bearer %q", t.BearerID)
			}
			return filled(t.Value)
		}),
		restoring(a.endpoints, "endpoints", kept.Endpoints, func(e WebhookEndpoint) error { return e.check() }),
	} {
		if err := add(); err != nil {
			return err
		}
	}
	return nil
}

// restoring adds objects that were kept, and says which of them cannot be.
func restoring[T any](to *table[T], list string, objects []T, check func(T) error) func() error {
	return func() error {
		for i, object := range objects {
			if err := cmp.Or(to.admits(&object), check(object)); err != nil {
				return fmt.Errorf("%s[%d]: %w", list, i, err)
			}
			to.add(&object)
		}
		return nil
	}
}

// admits says why an object that was kept cannot come to those that are there.
func (t *table[T]) admits(object *T) error {
	id, _ := t.place(object)
	canonical, _ := canonicalUUID(id)
	switch {
	case id == "" || id != canonical:
		return fmt.Errorf("the id %q is no UUID as the vendor writes it", id)
	case t.has(id):
		return fmt.Errorf("the id %s is there twice", id)
	case t.byText[t.text(object)] != nil:
		return fmt.Errorf("another object has the text %q", t.text(object))
	}
	return nil
}

// leads says that a reference leads nowhere.
func leads[T any](in *table[T], noun, id string) error {
	if !in.has(id) {
		return fmt.Errorf("there is no %s %q", noun, id)
	}
	return nil
}

func filled(text string) error {
	if text == "" {
		return errors.New("a text is missing")
	}
	return nil
}
