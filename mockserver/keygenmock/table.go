package keygenmock

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// table holds the objects of one type in one account, by id and in the order of
// lists: by creation, and of objects made in the same moment the one that came
// later is the newer.
type table[T any] struct {
	byID map[string]*row[T]
	rows *core.Shelf[*row[T]]
	last int64
}

type row[T any] struct {
	object  *T
	created time.Time
	number  int64
}

func newTable[T any]() *table[T] {
	return &table[T]{byID: map[string]*row[T]{}, rows: core.NewShelf(older[T])}
}

func older[T any](a, b *row[T]) int {
	return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.number, b.number))
}

func (t *table[T]) add(id string, created time.Time, object *T) {
	t.last++
	r := &row[T]{object: object, created: created, number: t.last}
	t.byID[id] = r
	t.rows.Add(r)
}

// get returns the object of a canonical id, or nil.
func (t *table[T]) get(id string) *T {
	if r := t.byID[id]; r != nil {
		return r.object
	}
	return nil
}

func (t *table[T]) remove(id string) {
	if r := t.byID[id]; r != nil {
		delete(t.byID, id)
		t.rows.Remove(r)
	}
}

// oldestFirst returns the objects in the order of their creation. The table
// must not change meanwhile.
func (t *table[T]) oldestFirst() iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for _, r := range t.rows.All() {
			if !yield(r.object) {
				return
			}
		}
	}
}

// newestFirst returns the objects in the order of lists. The table must not
// change meanwhile.
func (t *table[T]) newestFirst() iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for _, r := range slices.Backward(t.rows.All()) {
			if !yield(r.object) {
				return
			}
		}
	}
}

// find returns the oldest object of which this holds, or nil.
func (t *table[T]) find(holds func(*T) bool) *T {
	for object := range t.oldestFirst() {
		if holds(object) {
			return object
		}
	}
	return nil
}
