package keygenmock

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Reset begins again with a new state, behind the World that users hold.
func (v *vendor) Reset() {
	signing := map[string]*accountKeys{}
	for _, a := range v.state.accounts {
		signing[a.id] = a.signing
	}
	*v.state = *newState(signing)
}

// Control is what the control plane offers of this vendor. Like the methods of
// World it skips the validation of the API, and refuses only what can never be.
func (v *vendor) Control() core.Control {
	return core.Control{Collections: []core.Collection{
		v.controlledAccounts(),
		v.controlledPublicKeys(),
		controlledUsers.of(v),
		controlledProducts.of(v),
		controlledPolicies.of(v),
		controlledKeys.of(v),
		controlledLicenses.of(v),
		controlledTokens.of(v),
		controlledEndpoints.of(v),
		v.controlledEvents(),
	}}
}

// sheet is a document of the control plane about one object of an account.
type sheet[T any] interface {
	top() *sheetTop
	// show fills in the sheet.
	show(a *account, object *T)
	// read returns the object that the sheet describes, or says which member
	// cannot be. self is the object that is changed; nil: it is a new one.
	read(a *account, self *T) (T, error)
}

// sheetTop is what every sheet begins with.
type sheetTop struct {
	ID      string `json:"id"`
	Account string `json:"account"` // id; in requests also the slug
}

func (s *sheetTop) top() *sheetTop { return s }

// controlled is how the control plane offers one kind of an account's objects:
// D is the sheet of an object T.
type controlled[T, D any, S interface {
	*D
	sheet[T]
}] struct {
	name    string // of the collection
	noun    string
	changed string // the effect of a change
	table   func(*account) *table[T]
	// add puts a new object in; the sheet is there for what the object cannot say.
	add func(*turn, *account, S, T) (T, error)
	// index is where an object is found besides the table, and as what; nil: nowhere.
	index func(*account, *T) (map[string]*T, string)
	// remove takes an object out with all that cannot be without it, and says so
	// in effects.
	remove  func(*turn, *account, *T)
	times   func(*T) (created, updated *time.Time)
	derived []string                                  // members that follow from others
	fixed   []string                                  // members that stay as they were created
	further []schema                                  // attributes that the sheet has no members for
	filters map[string]func(*account, *T) (is string) // besides account
}

// of returns the kind as the control plane drives it.
func (k controlled[T, D, S]) of(v *vendor) core.Collection {
	return core.Collection{
		Name:    k.name,
		Filters: append([]string{"account"}, slices.Sorted(maps.Keys(k.filters))...),
		List:    func(_ *core.Turn, filters url.Values) (any, error) { return k.list(v.state, filters) },
		Create:  func(t *core.Turn, doc core.Document) (any, error) { return k.create(&turn{t, v.state}, doc) },
		Get:     func(_ *core.Turn, id string) (any, error) { return k.get(v.state, id) },
		Change: func(t *core.Turn, id string, doc core.Document) (any, error) {
			return k.change(&turn{t, v.state}, id, doc)
		},
		Delete: func(t *core.Turn, id string) error { return k.delete(&turn{t, v.state}, id) },
	}
}

func (k controlled[T, D, S]) list(s *state, filters url.Values) (any, error) {
	accounts, err := s.filteredAccounts(filters)
	if err != nil {
		return nil, err
	}
	shown := []any{}
	for _, a := range accounts {
		for object := range k.table(a).oldestFirst() {
			if k.passes(a, object, filters) {
				shown = append(shown, k.sheet(a, object))
			}
		}
	}
	return map[string]any{"items": shown}, nil
}

func (k controlled[T, D, S]) passes(a *account, object *T, filters url.Values) bool {
	for name, is := range k.filters {
		want := filters.Get(name)
		id, _ := canonicalUUID(want)
		if has := is(a, object); filters.Has(name) && has != want && (has != id || id == "") {
			return false
		}
	}
	return true
}

func (k controlled[T, D, S]) get(s *state, id string) (any, error) {
	a, object := k.find(s, id)
	if object == nil {
		return nil, core.Missing(k.noun, id)
	}
	return k.sheet(a, object), nil
}

// find looks in all accounts: an id is given once.
func (k controlled[T, D, S]) find(s *state, id string) (*account, *T) {
	id, _ = canonicalUUID(id)
	for _, a := range s.accounts {
		if object := k.table(a).get(id); object != nil {
			return a, object
		}
	}
	return nil, nil
}

func (k controlled[T, D, S]) create(t *turn, doc core.Document) (any, error) {
	d := S(new(D))
	if err := k.fill(d, doc); err != nil {
		return nil, err
	}
	for _, name := range k.derived {
		if doc.Has(name) {
			return nil, core.BadMember("/"+name, "cannot be given: it follows from the rest")
		}
	}
	a, err := t.state.accountOf(d.top())
	if err != nil {
		return nil, err
	}
	if err := k.checkID(t.state, d.top().ID); err != nil {
		return nil, err
	}
	object, err := d.read(a, nil)
	if err == nil {
		object, err = k.add(t, a, d, object)
	}
	if err != nil {
		return nil, impossible(err)
	}
	return k.sheet(a, &object), nil
}

// accountOf finds the account that a sheet names, or else the default one.
func (s *state) accountOf(top *sheetTop) (*account, error) {
	if top.Account == "" {
		return s.accounts[0], nil
	}
	if a := s.account(top.Account); a != nil {
		return a, nil
	}
	return nil, core.BadMember("/account", "names no account that there is: %q", core.Clip(top.Account, core.MaxName))
}

func (k controlled[T, D, S]) checkID(s *state, id string) error {
	if _, ok := canonicalUUID(id); !ok && id != "" {
		return core.BadMember("/id", "must be a UUID, or absent for a new one")
	}
	if _, taken := k.find(s, id); taken != nil {
		return &core.ControlError{Status: http.StatusConflict, Pointer: "/id", Detail: "id is taken by another " + k.noun}
	}
	return nil
}

// impossible words what the world refuses though the sheet was fine.
func impossible(err error) error {
	if refusal := (*core.ControlError)(nil); errors.As(err, &refusal) {
		return err
	}
	return &core.ControlError{Status: http.StatusUnprocessableEntity, Detail: err.Error()}
}

// fill reads a document into a sheet.
func (k controlled[T, D, S]) fill(d S, doc core.Document) error {
	var names []string
	for _, attribute := range k.further {
		names = append(names, attribute.name)
	}
	taken, rest := doc.Take(names...)
	if err := rest.Into(d); err != nil || len(taken) == 0 {
		return err
	}
	to := any(d).(interface{ attributes() *map[string]any }).attributes()
	kept := maps.Clone(*to)
	if kept == nil {
		kept = map[string]any{}
	}
	for _, attribute := range k.further {
		value, sent := taken[attribute.name]
		if !sent {
			continue
		}
		if !attribute.shape.fits(value) {
			return core.BadMember("/"+attribute.name, "must be of the type %s, or null", attribute.shape)
		}
		kept[attribute.name] = value
	}
	*to = kept
	return nil
}

func (k controlled[T, D, S]) change(t *turn, id string, doc core.Document) (any, error) {
	a, object := k.find(t.state, id)
	if object == nil {
		return nil, core.Missing(k.noun, id)
	}
	d := k.sheet(a, object)
	before := members(d)
	if err := k.fill(d, doc); err != nil {
		return nil, err
	}
	d.top().settle(t.state)
	after := members(d)
	for _, name := range slices.Concat([]string{"id", "account"}, k.derived, k.fixed) {
		if before[name] != after[name] {
			return nil, core.BadMember("/"+name, "cannot be changed")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if after[name] == `""` && before[name] != after[name] {
			return nil, core.BadMember("/"+name, "cannot be empty")
		}
	}
	by, err := d.read(a, object)
	if err != nil || maps.Equal(before, after) {
		return d, err
	}
	if _, updated := k.times(&by); !doc.Has("updated") {
		*updated = t.now()
	}
	k.put(a, d.top().ID, object, by)
	t.Effect(k.changed, d.top().ID, "")
	return k.sheet(a, object), nil
}

// settle puts id and account in the spelling in which they are shown.
func (s *sheetTop) settle(state *state) {
	if id, ok := canonicalUUID(s.ID); ok {
		s.ID = id
	}
	if a := state.account(s.Account); a != nil {
		s.Account = a.id
	}
}

// put replaces an object wherever it is found.
func (k controlled[T, D, S]) put(a *account, id string, object *T, by T) {
	was, _ := k.times(object)
	is, _ := k.times(&by)
	moved := !was.Equal(*is)
	if k.index != nil {
		places, name := k.index(a, object)
		delete(places, name)
	}
	*object = by
	if k.index != nil {
		places, name := k.index(a, object)
		places[name] = object
	}
	if moved {
		k.table(a).remove(id)
		k.table(a).add(id, *is, object)
	}
}

func (k controlled[T, D, S]) delete(t *turn, id string) error {
	a, object := k.find(t.state, id)
	if object == nil {
		return core.Missing(k.noun, id)
	}
	k.remove(t, a, object)
	return nil
}

func (k controlled[T, D, S]) sheet(a *account, object *T) S {
	d := S(new(D))
	d.show(a, object)
	d.top().Account = a.id
	return d
}

// members are the members of a sheet as they are written.
func members(sheet any) map[string]string {
	text, _ := json.Marshal(sheet) // of plain values
	var raw map[string]json.RawMessage
	_ = json.Unmarshal(text, &raw)
	texts := map[string]string{}
	for name, value := range raw {
		texts[name] = string(value)
	}
	return texts
}
