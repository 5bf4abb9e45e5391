package core

import "slices"

// indexFrom is how many objects a shelf has before it has indexes: fewer are looked
// at sooner than indexes are made.
const indexFrom = 2048

// index finds the rows of a shelf by something about their objects. A shelf makes
// one when it is first asked for what the index knows, and keeps it up from then on.
type index[T Shelved] interface {
	put(s *Shelf[T], object T)
	drop(s *Shelf[T], object T)
	same(was, is T) bool // they are found in the same places
}

// indexBy returns a shelf's index of a property, which is made if there is none yet.
func indexBy[T Shelved, I index[T]](s *Shelf[T], property any, fresh func() I) I {
	if known, found := s.indexes[property]; found {
		return known.(I)
	}
	made := fresh()
	for object := range s.All() {
		made.put(s, object)
	}
	if s.indexes == nil {
		s.indexes = map[any]index[T]{}
	}
	s.indexes[property] = made
	return made
}

// Field is a property of which lists ask for one value. The zero value stands for
// none at all, and is never found.
type Field[T Shelved, V comparable] struct {
	of func(T) []V
	is func(object T, want V) bool
}

// FieldOf is the field of which every object has one value or none.
func FieldOf[T Shelved, V comparable](of func(T) V) *Field[T, V] {
	return &Field[T, V]{
		of: func(object T) []V { return []V{of(object)} },
		is: func(object T, want V) bool { return of(object) == want },
	}
}

// FieldOfMany is the field of which objects have any number of values.
func FieldOfMany[T Shelved, V comparable](of func(T) []V) *Field[T, V] {
	return &Field[T, V]{of: of, is: func(object T, want V) bool { return slices.Contains(of(object), want) }}
}

// Is is the condition that an object has a value.
func (f *Field[T, V]) Is(want V) Condition[T] {
	var none V
	return Condition[T]{
		holds: func(object T) bool { return want != none && f.is(object, want) },
		find: func(s *Shelf[T]) found {
			rows := indexBy(s, f, func() *fieldIndex[T, V] { return &fieldIndex[T, V]{f, buckets[V]{}} }).rows[want]
			return found{most: rows.len(), ranked: rows}
		},
	}
}

// buckets are rows by what they have in common, each in the order of the shelf: so
// there are totals without a count, and pages without a look at those before.
type buckets[V comparable] map[V]*ranks

func (b buckets[V]) put(value V, row uint32, compare compareRows) {
	if b[value] == nil {
		b[value] = &ranks{}
	}
	b[value].add(row, compare)
}

func (b buckets[V]) drop(value V, row uint32, compare compareRows) {
	if b[value].remove(row, compare); b[value].n == 0 {
		delete(b, value)
	}
}

type fieldIndex[T Shelved, V comparable] struct {
	of   *Field[T, V]
	rows buckets[V]
}

func (x *fieldIndex[T, V]) put(s *Shelf[T], object T) {
	for value := range x.values(object) {
		x.rows.put(value, object.shelved().row, s.compare)
	}
}

func (x *fieldIndex[T, V]) drop(s *Shelf[T], object T) {
	for value := range x.values(object) {
		x.rows.drop(value, object.shelved().row, s.compare)
	}
}

func (x *fieldIndex[T, V]) same(was, is T) bool { return slices.Equal(x.of.of(was), x.of.of(is)) }

// values goes through the values of an object, each once.
func (x *fieldIndex[T, V]) values(object T) func(yield func(V) bool) {
	return func(yield func(V) bool) {
		var none V
		all := x.of.of(object)
		for i, value := range all {
			if value != none && !slices.Contains(all[:i], value) && !yield(value) {
				return
			}
		}
	}
}
