package core

import (
	"cmp"
	"time"
)

// Moment is a time that an object has, of which lists ask whether it lies before or
// after another. The zero value stands for none at all, and is never found.
type Moment[T Shelved] struct{ of func(T) time.Time }

// MomentOf is the moment that of tells.
func MomentOf[T Shelved](of func(T) time.Time) *Moment[T] { return &Moment[T]{of} }

// Before is the condition that the moment of an object lies before a time.
func (m *Moment[T]) Before(at time.Time) Condition[T] {
	before := func(moment time.Time) bool { return moment.Before(at) }
	return m.condition(before, func(s *Shelf[T], x *timeline[T]) (first, end int) { return 0, x.count(s, before) })
}

// After is the condition that the moment of an object lies after a time.
func (m *Moment[T]) After(at time.Time) Condition[T] {
	until := func(moment time.Time) bool { return !moment.After(at) }
	return m.condition(func(moment time.Time) bool { return !until(moment) }, func(s *Shelf[T], x *timeline[T]) (first, end int) {
		return x.count(s, until), x.rows.len()
	})
}

// condition is that something holds for the moment of an object, which it does for
// those between two ranks.
func (m *Moment[T]) condition(holds func(time.Time) bool, span func(*Shelf[T], *timeline[T]) (first, end int)) Condition[T] {
	return Condition[T]{
		holds: func(object T) bool {
			moment := m.of(object)
			return !moment.IsZero() && holds(moment)
		},
		find: func(s *Shelf[T]) found {
			x := indexBy(s, m, func() *timeline[T] { return &timeline[T]{of: m.of} })
			first, end := span(s, x)
			return found{most: end - first, rows: func() []uint32 {
				return s.ascending(end-first, func(add func(row uint32)) {
					for row := range x.rows.span(first, end) {
						add(row)
					}
				})
			}}
		},
	}
}

// timeline has the rows of objects that have a moment, the earliest first.
type timeline[T Shelved] struct {
	of   func(T) time.Time
	rows ranks
}

func (x *timeline[T]) put(s *Shelf[T], object T) {
	if !x.of(object).IsZero() {
		x.rows.add(object.shelved().row, x.sooner(s))
	}
}

func (x *timeline[T]) drop(s *Shelf[T], object T) {
	if !x.of(object).IsZero() {
		x.rows.remove(object.shelved().row, x.sooner(s))
	}
}

func (x *timeline[T]) same(was, is T) bool { return x.of(was).Equal(x.of(is)) }

// sooner compares rows by their moments.
func (x *timeline[T]) sooner(s *Shelf[T]) compareRows {
	return func(a, b uint32) int {
		return cmp.Or(x.of(s.rows.at(a)).Compare(x.of(s.rows.at(b))), cmp.Compare(a, b))
	}
}

// count counts the moments for which something holds, which are the first.
func (x *timeline[T]) count(s *Shelf[T], holds func(time.Time) bool) int {
	return x.rows.before(func(row uint32) bool { return holds(x.of(s.rows.at(row))) })
}
