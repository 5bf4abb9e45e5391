package junkiemock

import (
	"bytes"
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
	Keys      keptTable[record]
	Bans      keptTable[Ban]
	Limit     rateLimit
}

// keptTable are the objects of one kind in their order, and the number that they
// have reached.
type keptTable[T any] struct {
	Last  int64
	Items []T
}

// Snapshot copies the state.
func (v *vendor) Snapshot() any {
	s := v.state
	k := kept{
		Accounts:  keep(&s.accounts),
		APIKeys:   keptTable[apiKey]{Last: int64(s.apiKeys.ids)},
		Providers: keep(&s.providers),
		Services:  keep(&s.services),
		Folders:   keep(&s.folders),
		Keys:      keptTable[record]{Last: int64(s.keys.ids)},
		Bans:      keep(&s.bans),
		Limit:     s.limit,
	}
	for key := range s.apiKeys.all() {
		k.APIKeys.Items = append(k.APIKeys.Items, *key.clone())
	}
	for key := range s.allKeys() {
		k.Keys.Items = append(k.Keys.Items, *key.clone())
	}
	return k
}

// keep copies a table of plain values.
func keep[T object[T]](t *table[T]) keptTable[T] {
	return keptTable[T]{int64(t.ids), slices.Collect(t.all())}
}

// Restore reads what Snapshot wrote. Whatever the Go API would refuse is refused
// here, too.
func (v *vendor) Restore(document json.RawMessage) (put func(), err error) {
	var k kept
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&k); err != nil {
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
	return s, cmp.Or(
		k.Limit.check(),
		k.fillAccounts(s),
		k.fillAPIKeys(s),
		fill(s, &s.providers, k.Providers),
		fill(s, &s.services, k.Services),
		fill(s, &s.folders, k.Folders),
		k.fillKeys(s),
		fill(s, &s.bans, k.Bans),
	)
}

// fill puts the objects of one kind into their table.
func fill[T object[T]](s *state, t *table[T], from keptTable[T]) error {
	for _, o := range from.Items {
		if err := admitKept(s, t, o, from.Last); err != nil {
			id, _ := o.top()
			return fmt.Errorf("%s %d: %w", t.noun(), id, err)
		}
	}
	return reach(&t.ids, t.noun(), from.Last)
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

// reach sets a counter to the number that the objects of a kind have reached. It
// can be more than what is given at most, but not by much.
func reach(ids *counter, noun string, last int64) error {
	if last < 0 || last > 2*maxID {
		return fmt.Errorf("the last %s cannot have been %d", noun, last)
	}
	*ids = counter(last)
	return nil
}

func (k *kept) fillAccounts(s *state) error {
	for _, a := range k.Accounts.Items {
		err := cmp.Or(checkKeptID(a.ID), checkID(s.accounts.noun(), a.ID, k.Accounts.Last, s.accounts.has(a.ID)))
		if err != nil {
			return fmt.Errorf("account %d: %w", a.ID, err)
		}
		s.accounts.put(a)
	}
	if !s.accounts.has(defaultUserID) {
		return fmt.Errorf("the default account %d is missing", defaultUserID)
	}
	return reach(&s.accounts.ids, s.accounts.noun(), k.Accounts.Last)
}

func (k *kept) fillAPIKeys(s *state) error {
	keys := keptTable[*apiKey]{Last: k.APIKeys.Last}
	for i := range k.APIKeys.Items {
		key := &k.APIKeys.Items[i]
		if calls := key.Window.Calls; calls < 0 || calls > k.Limit.Calls {
			return fmt.Errorf("API key %d: %d calls are not within the limit", key.ID, calls)
		}
		keys.Items = append(keys.Items, key)
	}
	return fill(s, &s.apiKeys, keys)
}

func (k *kept) fillKeys(s *state) error {
	for i := range k.Keys.Items {
		key := &k.Keys.Items[i]
		err := cmp.Or(checkKeptID(key.ID), key.checkWhole(), s.admitsKey(key, k.Keys.Last))
		if err != nil {
			return fmt.Errorf("key %d: %w", key.ID, err)
		}
		key.completeTimes(key.CreatedAt)
		s.keys.add(key)
	}
	return reach(&s.keys.ids, "key", k.Keys.Last)
}
