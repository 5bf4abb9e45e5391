package junkiemock

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Control is what the control plane offers of this vendor. There are no settings:
// the Go API switches nothing but the rate limit, which the server offers itself.
func (v *vendor) Control() core.Control {
	return core.Control{
		Collections: []core.Collection{
			v.controlledAccounts(),
			v.controlledAPIKeys(),
			v.controlledProviders(),
			v.controlledServices(),
			v.controlledFolders(),
			v.controlledKeys(),
			v.controlledBans(), // after the keys, which a ban may invalidate
		},
		Deeds: []core.Deed{
			{Name: "verify", Action: ActVerify, Do: v.doVerify},
			{Name: "redeem", Action: ActRedeem, Do: v.doRedeem},
		},
	}
}

func (v *vendor) turn(ct *core.Turn) *turn {
	t := newTurn(ct, v.state)
	return &t
}

// sheetTop is what the sheet of every object of an account begins with.
type sheetTop struct {
	ID      int64 `json:"id"`
	Account int64 `json:"account"`
}

// newTop is that of a new object: of the default account, unless it says another.
var newTop = sheetTop{Account: defaultUserID}

var fixedMembers = []string{"id", "account"}

// tabled is how the control plane offers the objects of a table: D is the sheet of
// an object T.
type tabled[T object[T], D any] struct {
	name    string // of the collection
	table   *table[T]
	blank   D
	show    func(T) D
	read    func(D) T
	add     func(*turn, T) (T, error)
	changed func(t *turn, was, is T, members string) // records a change of these members
	remove  func(*turn, T) error
	fixed   []string // besides id and account
	filters map[string]func(T) (is string)
}

func (k tabled[T, D]) of(v *vendor) core.Kind[T, D] {
	return core.Kind[T, D]{
		Name: k.name, Noun: k.table.noun(),
		All: k.table.All, Find: k.table.find,
		Blank:   func() D { return k.blank },
		Show:    func(_ *core.Turn, o T) D { return k.show(o) },
		Create:  func(t *core.Turn, sheet D) (T, error) { return k.add(v.turn(t), k.read(sheet)) },
		Change:  func(t *core.Turn, was T, sheet D) (T, error) { return k.change(v.turn(t), was, k.read(sheet)) },
		Remove:  func(t *core.Turn, o T) error { return k.remove(v.turn(t), o) },
		Filters: filtersOf(k.filters),
		Fixed:   append(k.fixed, fixedMembers...),
	}
}

func (k tabled[T, D]) change(t *turn, was, is T) (T, error) {
	if err := k.table.permits(is); err != nil {
		return was, err
	}
	id, _ := is.top()
	is = is.numbered(id)
	members := core.Differences(k.show(was), k.show(is))
	if len(members) == 0 {
		return was, nil
	}
	k.table.put(is)
	k.changed(t, was, is, strings.Join(members, " "))
	return is, nil
}

// filtersOf makes filters of what they compare.
func filtersOf[T interface{ top() (id, userID int64) }](compared map[string]func(T) string) map[string]core.Test[T] {
	filters := map[string]core.Test[T]{
		"account": func(_ *core.Turn, o T, want string) bool {
			_, userID := o.top()
			return decimal(userID) == want
		},
	}
	for name, is := range compared {
		filters[name] = func(_ *core.Turn, o T, want string) bool { return is(o) == want }
	}
	return filters
}

// drop takes an object out of its table.
func drop[T object[T]](t *turn, from *table[T], o T, effect, id string) {
	from.remove(o)
	t.Effect(effect, id, "")
}

// needed refuses to remove what keys of an account cannot be without.
func (t *turn) needed(noun string, id, userID int64, of *core.Field[*record, int64]) error {
	keys := t.state.keys.owned[userID].Count(of.Is(id))
	if keys == 0 {
		return nil
	}
	return &core.ControlError{Status: http.StatusConflict, Detail: fmt.Sprintf("%s %d has keys, %d of them: delete them first", noun, id, keys)}
}
