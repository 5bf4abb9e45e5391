package junkiemock

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// kept is the whole state as a document.
type kept struct {
	Accounts  keptTable[account]
	APIKeys   keptTable[apiKey]
	Providers keptTable[Provider]
	Services  keptTable[Service]
	Folders   keptTable[Folder]
	Keys      keptTable[*record]
	Bans      keptTable[Ban]
	Limit     core.RateLimit
}

// keptTable are the objects of one kind in their order, and the number that they
// have reached.
type keptTable[T any] struct {
	Last  int64
	Items []T
}

// Snapshot copies the state, but for the keys, which never change.
func (v *vendor) Snapshot() (document func() any) {
	s := v.state
	k := kept{
		Accounts:  keep(&s.accounts),
		APIKeys:   keptTable[apiKey]{Last: int64(s.apiKeys.ids)},
		Providers: keep(&s.providers),
		Services:  keep(&s.services),
		Folders:   keep(&s.folders),
		Keys:      keptTable[*record]{Last: int64(s.keys.ids)},
		Bans:      keep(&s.bans),
		Limit:     s.limit,
	}
	for key := range s.apiKeys.All() {
		k.APIKeys.Items = append(k.APIKeys.Items, *key.clone())
	}
	keys := s.viewKeys()
	return func() any {
		k.Keys.Items = core.ListAll(keys)
		return k
	}
}

// keep copies a table of plain values.
func keep[T object[T]](t *table[T]) keptTable[T] {
	return keptTable[T]{int64(t.ids), slices.Collect(t.All())}
}

// Restore reads what Snapshot wrote. Whatever the Go API would refuse is refused
// here, too.
func (v *vendor) Restore(document json.RawMessage) (put func(), err error) {
	var k kept
	if err := core.ReadKept(document, &k); err != nil {
		return nil, err
	}
	s, err := k.state()
	if err != nil {
		return nil, err
	}
	return func() { *v.state = *s }, nil
}

// state makes the state of the document, parents before those that refer to them.
func (k *kept) state() (*state, error) {
	s := emptyState()
	s.limit = k.Limit
	return s, core.InOrder(
		k.Limit.Check,
		func() error { return k.fillAccounts(s) },
		func() error { return k.fillAPIKeys(s) },
		func() error { return fill(s, &s.providers, "Providers", k.Providers) },
		func() error { return fill(s, &s.services, "Services", k.Services) },
		func() error { return fill(s, &s.folders, "Folders", k.Folders) },
		func() error { return k.fillKeys(s) },
		func() error { return fill(s, &s.bans, "Bans", k.Bans) },
	)
}

// fill puts the objects of one kind into their table.
func fill[T object[T]](s *state, t *table[T], list string, from keptTable[T]) error {
	return core.InOrder(
		core.Each(list, from.Items, func(o T) error { return admitKept(s, t, o, from.Last) }),
		reach(&t.ids, list, from.Last),
	)
}

func admitKept[T object[T]](s *state, t *table[T], o T, last int64) error {
	id, _ := o.top()
	if err := cmp.Or(checkKeptID(id), t.admits(s, o, last)); err != nil {
		return err
	}
	if member, text := o.mark(); member != "" && text == "" {
		return core.BadMember("/"+member, "is missing")
	}
	t.put(o.numbered(id))
	return nil
}

// checkKeptID refuses the number of an object that was never put in.
func checkKeptID(id int64) error {
	if id == 0 {
		return core.BadMember("/id", "is missing")
	}
	return nil
}

// reach is a step that sets a counter to the number that the objects of a kind have
// reached. It can be more than what is given at most, but not by much.
func reach(ids *counter, list string, last int64) func() error {
	return func() error {
		if last < 0 || last > 2*maxID {
			return fmt.Errorf("%s: the last one cannot have been %d", list, last)
		}
		*ids = counter(last)
		return nil
	}
}

func (k *kept) fillAccounts(s *state) error {
	return core.InOrder(
		core.Each("Accounts", k.Accounts.Items, func(a account) error {
			if err := cmp.Or(checkKeptID(a.ID), checkID(s.accounts.noun(), a.ID, k.Accounts.Last, s.accounts.Has(a.ID))); err != nil {
				return err
			}
			s.accounts.put(a)
			return nil
		}),
		func() error {
			if !s.accounts.Has(defaultUserID) {
				return fmt.Errorf("the default account %d is missing", defaultUserID)
			}
			return nil
		},
		reach(&s.accounts.ids, "Accounts", k.Accounts.Last),
	)
}

func (k *kept) fillAPIKeys(s *state) error {
	keys := keptTable[*apiKey]{Last: k.APIKeys.Last}
	for i := range k.APIKeys.Items {
		key := &k.APIKeys.Items[i]
		if calls := key.Window.Calls; calls < 0 || calls > k.Limit.Calls {
			return fmt.Errorf("APIKeys[%d]: %d calls are not within the limit", i, calls)
		}
		keys.Items = append(keys.Items, key)
	}
	return fill(s, &s.apiKeys, "APIKeys", keys)
}

func (k *kept) fillKeys(s *state) error {
	return core.InOrder(
		core.Each("Keys", k.Keys.Items, func(key *record) error {
			if key == nil {
				key = &record{}
			}
			if err := cmp.Or(checkKeptID(key.ID), key.checkWhole(), s.admitsKey(key, k.Keys.Last)); err != nil {
				return err
			}
			key.completeTimes(key.CreatedAt)
			s.keys.add(key)
			return nil
		}),
		reach(&s.keys.ids, "Keys", k.Keys.Last),
	)
}
