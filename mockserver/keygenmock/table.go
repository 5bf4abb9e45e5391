package keygenmock

import (
	"iter"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// table holds the objects of one type in one account, by id and in the order of
// lists: by creation, and of objects made in the same moment the one that came
// later is the newer.
type table[T any] struct {
	traits[T]
	// The following are nil until there is an object.
	byID   map[string]*row[T]
	byText map[string]*T // by the text that is an object's own
	rows   *core.Shelf[*row[T]]
}

// traits are what a table has to know of its objects.
type traits[T any] struct {
	place func(*T) (id string, created time.Time)
	// text is what no two objects of a table share, besides the id; empty: this one
	// has none.
	text func(*T) string
	// called reports whether others may refer to an object by a name.
	called func(o *T, name string) bool
}

// row is an object on its shelf. Neither of them changes while it lies there.
type row[T any] struct {
	core.Place
	object  *T
	created time.Time
}

func newTable[T any](of traits[T]) *table[T] {
	return &table[T]{traits: of}
}

func older[T any](a, b *row[T]) int { return a.created.Compare(b.created) }

func (t *table[T]) add(object *T) {
	if t.rows == nil { // most tables stay empty
		t.byID, t.byText, t.rows = map[string]*row[T]{}, map[string]*T{}, core.NewShelf(older[T])
	}
	t.rows.Add(t.name(object))
}

// name makes a row of an object, which is then found by its names.
func (t *table[T]) name(object *T) *row[T] {
	id, created := t.place(object)
	r := &row[T]{object: object, created: created}
	t.byID[id] = r
	if text := t.text(object); text != "" {
		t.byText[text] = object
	}
	return r
}

// get returns the object of a canonical id, or nil.
func (t *table[T]) get(id string) *T {
	if r := t.byID[id]; r != nil {
		return r.object
	}
	return nil
}

// keyed reports whether what others call an object may be the key of a license.
func (t *table[T]) keyed() bool {
	_, keyed := any(new(T)).(*License)
	return keyed
}

// has reports whether there is an object of a canonical id.
func (t *table[T]) has(id string) bool { return t.byID[id] != nil }

// remove drops an object that is there.
func (t *table[T]) remove(object *T) {
	id, _ := t.place(object)
	t.rows.Remove(t.byID[id])
	delete(t.byID, id)
	delete(t.byText, t.text(object))
}

// change puts another object of the same id in the place of one that is there, and
// returns it. It stays where that is in lists unless its creation changes.
func (t *table[T]) change(object *T, by T) *T {
	id, _ := t.place(object)
	was := t.byID[id]
	delete(t.byText, t.text(object))
	t.rows.Replace(was, t.name(&by))
	return &by
}

// meant returns the ids of the objects that a text may refer to: that id, in any
// spelling, or else those of the objects that it is a name of.
func (t *table[T]) meant(text string) (ids []string) {
	if id, _ := canonicalUUID(text); t.has(id) {
		return []string{id}
	}
	for object := range t.oldestFirst() {
		if t.called(object, text) {
			id, _ := t.place(object)
			ids = append(ids, id)
		}
	}
	return ids
}

// means reports whether a text refers to the object of a canonical id. Like no
// text, no id refers to nothing.
func (t *table[T]) means(text, id string) bool {
	typed, _ := canonicalUUID(text)
	object := t.get(id)
	return typed == id && (id != "" || text == "") || object != nil && t.called(object, text)
}

// own says whether an object may have a text that is its own; it has had another.
func (t *table[T]) own(pointer, noun, text, before string) error {
	if text != before && t.byText[text] != nil {
		return core.Taken(pointer, noun)
	}
	return nil
}

// oldestFirst returns the objects in the order of their creation. The table
// must not change meanwhile.
func (t *table[T]) oldestFirst() iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for r := range t.rows.All() {
			if !yield(r.object) {
				return
			}
		}
	}
}

// all returns the objects of which this holds, oldest first. The table may change
// meanwhile.
func (t *table[T]) all(of core.Condition[*row[T]]) []*T { return objectsOf(t.rows.Select(of)) }

func objectsOf[T any](rows []*row[T]) []*T {
	objects := make([]*T, len(rows))
	for i, r := range rows {
		objects[i] = r.object
	}
	return objects
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
