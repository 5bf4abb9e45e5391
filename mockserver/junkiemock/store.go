package junkiemock

import (
	"cmp"
	"iter"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// keyStore holds the keys by id, by value, and for each account in the order of
// lists.
type keyStore struct {
	ids     counter
	byID    map[int64]*record
	byValue map[string]*record
	owned   map[int64]*core.Shelf[*record]
}

func newKeyStore() keyStore {
	return keyStore{byID: map[int64]*record{}, byValue: map[string]*record{}, owned: map[int64]*core.Shelf[*record]{}}
}

// older orders keys by creation, then by id.
func older(a, b *record) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
}

func (s *keyStore) add(k *record) {
	s.name(k)
	if s.owned[k.UserID] == nil {
		s.owned[k.UserID] = core.NewShelf(older)
	}
	s.owned[k.UserID].Add(k)
}

// remove drops keys of one account.
func (s *keyStore) remove(userID int64, gone ...*record) {
	for _, k := range gone {
		delete(s.byID, k.ID)
		delete(s.byValue, k.Value)
	}
	s.owned[userID].Remove(gone...)
}

func (s *keyStore) name(k *record) { s.byID[k.ID], s.byValue[k.Value] = k, k }

// replace puts a key in the place of what it was. Neither its id nor its account
// changes.
func (s *keyStore) replace(was, is *record) {
	delete(s.byValue, was.Value)
	s.name(is)
	s.owned[is.UserID].Replace(was, is)
}

// change replaces a key by a copy with which something is done, and returns that.
func (s *keyStore) change(was *record, do func(*record)) *record {
	is := was.clone()
	do(is)
	s.replace(was, is)
	return is
}

// viewKeys are the keys of one account after the other, as they are now.
func (s *state) viewKeys() (views []core.View[*record]) {
	for a := range s.accounts.All() {
		views = append(views, s.keys.owned[a.ID].View())
	}
	return views
}

// allKeys returns the keys of one account after the other, oldest first. The
// state must not change meanwhile.
func (s *state) allKeys() iter.Seq[*record] {
	return func(yield func(*record) bool) {
		for a := range s.accounts.All() {
			for k := range s.keys.owned[a.ID].All() {
				if !yield(k) {
					return
				}
			}
		}
	}
}
