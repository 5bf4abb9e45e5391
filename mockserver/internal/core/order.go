package core

import (
	"cmp"
	"slices"
	"sort"
)

// Order is another order than that of a shelf, in which lists can be asked for. A
// shelf of more than a few objects keeps it from when it is first asked for.
type Order[T Shelved] struct{ compare func(a, b T) int }

// orderFrom is how many objects are no longer sorted for each list.
const orderFrom = 64

// OrderOf is an order that begins with what compares as less than all others. What
// compares as equal is in the order in which it came.
func OrderOf[T Shelved](compare func(a, b T) int) *Order[T] { return &Order[T]{compare} }

// PageIn is Page in an order.
func (s *Shelf[T]) PageIn(order *Order[T], match Filter[T], page, limit int64) (objects []T, total int64) {
	if s == nil {
		return nil, 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	objects, few := s.sorted(order, match)
	if !few {
		return s.pick(ascending{s.ordered(order)}, match, page, limit)
	}
	total = int64(len(objects))
	first := min(offset(page, limit), total)
	return objects[first:min(first+limit, total)], total
}

// After returns so many objects at most that a filter accepts and that come in an
// order after one that lies here and is accepted; of the zero value, the first.
func (s *Shelf[T]) After(order *Order[T], match Filter[T], object T, limit int) (objects []T) {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	beyond := func(other T) bool { return object == *new(T) || order.before(object, other) }
	objects, few := s.sorted(order, match)
	if few {
		at := sort.Search(len(objects), func(i int) bool { return beyond(objects[i]) })
		return objects[at:min(at+limit, len(objects))]
	}
	rows := s.ordered(order)
	for row := range rows.forward(rows.before(func(row uint32) bool { return !beyond(s.rows.at(row)) })) {
		if len(objects) == limit {
			break
		}
		if match.Accepts(s.rows.at(row)) {
			objects = append(objects, s.rows.at(row))
		}
	}
	return objects
}

// sorted sorts the objects that a filter accepts, if they are few.
func (s *Shelf[T]) sorted(order *Order[T], match Filter[T]) (objects []T, few bool) {
	from, rest := s.narrow(match)
	if from.len() >= orderFrom && from.len() > s.Len()/8 {
		return nil, false
	}
	for row := range from.skip(0) {
		if object := s.rows.at(row); rest.Accepts(object) {
			objects = append(objects, object)
		}
	}
	slices.SortFunc(objects, order.between)
	return objects, true
}

// ordered are all rows in an order.
func (s *Shelf[T]) ordered(order *Order[T]) *ranks {
	return &indexBy(s, order, func() *orderIndex[T] { return &orderIndex[T]{of: order} }).rows
}

// between compares two objects; of those that compare as equal the one that came
// later is the greater.
func (o *Order[T]) between(a, b T) int {
	return cmp.Or(o.compare(a, b), cmp.Compare(a.shelved().row, b.shelved().row))
}

func (o *Order[T]) before(a, b T) bool { return o.between(a, b) < 0 }

type orderIndex[T Shelved] struct {
	of   *Order[T]
	rows ranks
}

func (x *orderIndex[T]) put(s *Shelf[T], object T) {
	x.rows.add(object.shelved().row, x.compare(s))
}

func (x *orderIndex[T]) drop(s *Shelf[T], object T) {
	x.rows.remove(object.shelved().row, x.compare(s))
}

func (x *orderIndex[T]) same(was, is T) bool { return x.of.compare(was, is) == 0 }

func (x *orderIndex[T]) compare(s *Shelf[T]) compareRows {
	return func(a, b uint32) int { return x.of.between(s.rows.at(a), s.rows.at(b)) }
}
