package junkiemock

import (
	"cmp"
	"slices"
)

// keyStore holds the keys by id, by value, and for each account in the order of
// lists, oldest first, so that no list has to sort.
type keyStore struct {
	byID    map[int64]*record
	byValue map[string]*record
	owned   map[int64][]*record
}

func newKeyStore() keyStore {
	return keyStore{byID: map[int64]*record{}, byValue: map[string]*record{}, owned: map[int64][]*record{}}
}

// older orders keys by creation, then by id.
func older(a, b *record) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
}

// add takes a new key. It usually is the newest; seeds and a clock that was set
// back may bring an older one.
func (s *keyStore) add(k *record) {
	s.byID[k.ID] = k
	s.byValue[k.Value] = k
	keys := s.owned[k.UserID]
	if n := len(keys); n == 0 || older(keys[n-1], k) < 0 {
		s.owned[k.UserID] = append(keys, k)
		return
	}
	at, _ := slices.BinarySearchFunc(keys, k, older)
	s.owned[k.UserID] = slices.Insert(keys, at, k)
}

// remove drops keys of one account.
func (s *keyStore) remove(userID int64, gone ...*record) {
	for _, k := range gone {
		delete(s.byID, k.ID)
		delete(s.byValue, k.Value)
	}
	keys := s.owned[userID]
	if len(gone) == 1 {
		at, _ := slices.BinarySearchFunc(keys, gone[0], older)
		s.owned[userID] = slices.Delete(keys, at, at+1)
		return
	}
	s.owned[userID] = slices.DeleteFunc(keys, func(k *record) bool { return s.byID[k.ID] != k })
}

// page returns the matching keys of an account from number offset on, newest
// first and at most limit, and how many match in all.
func (s *keyStore) page(userID int64, match filter, offset, limit int64) (rows []*record, total int64) {
	keys := s.owned[userID]
	if len(match) == 0 { // nothing to ask: the page lies where its number says
		total = int64(len(keys))
		for at := offset; at < min(total, offset+limit); at++ {
			rows = append(rows, keys[total-1-at])
		}
		return rows, total
	}
	for _, k := range slices.Backward(keys) {
		if !match.accepts(k) {
			continue
		}
		if total >= offset && total < offset+limit {
			rows = append(rows, k)
		}
		total++
	}
	return rows, total
}
