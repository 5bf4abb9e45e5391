package keygenmock

import (
	"iter"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Control is what the control plane offers of this vendor. Like the methods of
// World it skips the validation of the API, and refuses only what can never be.
func (v *vendor) Control() core.Control {
	return core.Control{
		Settings: core.SettingsOf(v.settings, v.changeSettings),
		Collections: []core.Collection{
			v.accounts(),
			v.publicKeys(),
			v.users(),
			v.products(),
			v.policies(),
			v.keys(),
			v.licenses(),
			v.tokens(),
			v.webhookEndpoints(),
			v.events(),
		},
	}
}

// owned is an object with the account that it belongs to.
type owned[T any] struct {
	account *account
	object  *T
}

// sheetTop is what the sheet of every object of an account begins with.
type sheetTop struct {
	ID      string `json:"id"`
	Account string `json:"account"` // id; in requests also the slug
}

func (s *sheetTop) top() *sheetTop { return s }

// settle puts id and account in the spelling in which they are shown.
func (s *sheetTop) settle(state *state) {
	if id, ok := canonicalUUID(s.ID); ok {
		s.ID = id
	}
	if a := state.account(s.Account); a != nil {
		s.Account = a.id
	}
}

// topped is a sheet D with such a beginning.
type topped[D any] interface {
	*D
	top() *sheetTop
}

// belongings are a kind of objects that accounts have: what is special about it, of
// which [belongings.of] makes what the control plane drives.
type belongings[T, D any, S topped[D]] struct {
	core.Kind[owned[T], D]
	changed string // the effect of a change
	table   func(*account) *table[T]
	times   func(*T) (created, updated *time.Time)
	further []schema // attributes that the sheet has no members for
	// read returns the object that a sheet describes; what it refers to may be told
	// by name. was is the object that is changed; all zero: it is a new one.
	read   func(t *turn, a *account, s D, was T) (T, error)
	admit  func(a *account, object *T, was T) error
	add    func(t *turn, a *account, object T) (T, error)
	remove func(t *turn, a *account, object *T)
}

func (b belongings[T, D, S]) of(v *vendor) core.Collection {
	b.All = func() iter.Seq[owned[T]] { return b.all(v.state) }
	b.Find = func(id string) (owned[T], bool) { return b.find(v.state, id) }
	b.Read = func(doc core.Document, s *D) error {
		defer func() { S(s).top().settle(v.state) }()
		return readFurther(doc, s, b.further)
	}
	b.Create = func(t *core.Turn, s D) (owned[T], error) { return b.create(&turn{t, v.state}, s) }
	b.Change = func(t *core.Turn, o owned[T], s D) (owned[T], error) { return b.change(&turn{t, v.state}, o, s) }
	b.Remove = func(t *core.Turn, o owned[T]) error {
		b.remove(&turn{t, v.state}, o.account, o.object)
		return nil
	}
	b.Fixed = append(b.Fixed, "id", "account")
	if b.Filters == nil {
		b.Filters = map[string]core.Test[owned[T]]{}
	}
	b.Filters["account"] = func(_ *core.Turn, o owned[T], want string) bool { return v.state.account(want) == o.account }
	b.Vet = v.vetAccount
	return b.Collection()
}

// all are the objects of all accounts, account by account.
func (b belongings[T, D, S]) all(s *state) iter.Seq[owned[T]] {
	return func(yield func(owned[T]) bool) {
		for _, a := range s.accounts {
			for object := range b.table(a).oldestFirst() {
				if !yield(owned[T]{a, object}) {
					return
				}
			}
		}
	}
}

// find looks in all accounts: an id is given once.
func (b belongings[T, D, S]) find(s *state, id string) (owned[T], bool) {
	id, _ = canonicalUUID(id)
	for _, a := range s.accounts {
		if object := b.table(a).get(id); object != nil {
			return owned[T]{a, object}, true
		}
	}
	return owned[T]{}, false
}

func (b belongings[T, D, S]) create(t *turn, s D) (made owned[T], err error) {
	top := S(&s).top()
	a := t.state.accounts[0]
	if top.Account != "" {
		a = t.state.account(top.Account)
	}
	if a == nil {
		return made, core.NoAccount(top.Account)
	}
	object, err := b.read(t, a, s, *new(T))
	if err == nil {
		object, err = b.add(t, a, object)
	}
	if err != nil {
		return made, err
	}
	id, _ := b.table(a).place(&object)
	return owned[T]{a, b.table(a).get(id)}, nil
}

// change makes an object what its sheet has become. A reference that was told by
// another name is no change.
func (b belongings[T, D, S]) change(t *turn, o owned[T], s D) (owned[T], error) {
	by, err := b.read(t, o.account, s, *o.object)
	if err == nil {
		err = b.admit(o.account, &by, *o.object)
	}
	if err != nil {
		return o, err
	}
	wasCreated, wasUpdated := b.times(o.object)
	created, updated := b.times(&by)
	*created, *updated = exact(*wasCreated, *created), exact(*wasUpdated, *updated)
	fields := core.Differences(b.Show(t.Turn, o), b.Show(t.Turn, owned[T]{o.account, &by}))
	if len(fields) == 0 {
		return o, nil
	}
	if updated.Equal(*wasUpdated) {
		*updated = t.now()
	}
	o.object = b.table(o.account).change(o.object, by)
	t.Effect(b.changed, S(&s).top().ID, strings.Join(fields, " "))
	return o, nil
}
