package core

import (
	"slices"
	"time"
)

// Phase is a property that depends on the time: it changes by itself, once at most,
// at the deadline of an object. The zero value stands for none at all, and is never
// found.
type Phase[T Shelved, V comparable] struct {
	of       func(object T, at time.Time) V
	deadline func(T) time.Time
}

// PhaseOf is the phase that of tells. It changes when the deadline is reached; one
// that is zero never is.
func PhaseOf[T Shelved, V comparable](of func(object T, at time.Time) V, deadline func(T) time.Time) *Phase[T, V] {
	return &Phase[T, V]{of, deadline}
}

// Is is the condition that an object is in a phase at a time.
func (p *Phase[T, V]) Is(want V, at time.Time) Condition[T] {
	var none V
	return Condition[T]{
		holds: func(object T) bool { return want != none && p.of(object, at) == want },
		find: func(s *Shelf[T]) found {
			x := indexBy(s, p, func() *phaseIndex[T, V] {
				return &phaseIndex[T, V]{of: p, rows: buckets[V]{}, deadlines: timeline[T]{of: p.deadline}, at: at}
			})
			x.turn(s, at)
			return found{most: x.rows[want].len(), ranked: x.rows[want]}
		},
	}
}

// phaseIndex has the rows of every phase at one time, and all that have a deadline
// by it. When it is asked about another time, it turns to that and moves those whose
// deadline lies between the two.
type phaseIndex[T Shelved, V comparable] struct {
	of        *Phase[T, V]
	rows      buckets[V]
	deadlines timeline[T]
	at        time.Time
}

func (x *phaseIndex[T, V]) put(s *Shelf[T], object T) {
	x.place(s, object)
	x.deadlines.put(s, object)
}

func (x *phaseIndex[T, V]) drop(s *Shelf[T], object T) {
	x.displace(s, object)
	x.deadlines.drop(s, object)
}

func (x *phaseIndex[T, V]) same(was, is T) bool {
	return x.of.of(was, x.at) == x.of.of(is, x.at) && x.deadlines.same(was, is)
}

func (x *phaseIndex[T, V]) place(s *Shelf[T], object T) {
	if value, none := x.of.of(object, x.at), *new(V); value != none {
		x.rows.put(value, object.shelved().row, s.compare)
	}
}

func (x *phaseIndex[T, V]) displace(s *Shelf[T], object T) {
	if value, none := x.of.of(object, x.at), *new(V); value != none {
		x.rows.drop(value, object.shelved().row, s.compare)
	}
}

// turn makes the index one of another time.
func (x *phaseIndex[T, V]) turn(s *Shelf[T], at time.Time) {
	first, last := x.reached(s, x.at), x.reached(s, at)
	if first > last {
		first, last = last, first
	}
	if last-first > s.Len()/8 { // many: begin anew
		x.at, x.rows = at, buckets[V]{}
		for object := range s.All() {
			x.place(s, object)
		}
		return
	}
	moved := slices.Collect(x.deadlines.rows.span(first, last))
	for _, row := range moved {
		x.displace(s, s.rows.at(row))
	}
	x.at = at
	for _, row := range moved {
		x.place(s, s.rows.at(row))
	}
}

// reached counts the deadlines that have been reached at a time.
func (x *phaseIndex[T, V]) reached(s *Shelf[T], at time.Time) int {
	return x.deadlines.count(s, func(deadline time.Time) bool { return !deadline.After(at) })
}
