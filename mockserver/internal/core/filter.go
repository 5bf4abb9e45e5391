package core

import "slices"

// Filter is what a list asks of an object: all of it must hold.
type Filter[T Shelved] []Condition[T]

// Condition is one thing that a list asks of an object. [If] makes one that has to
// look at every object; those of a [Field], a [Text] and a [Phase] find theirs in an
// index, once a shelf is large.
type Condition[T Shelved] struct {
	holds func(T) bool
	find  func(*Shelf[T]) found // nil: there is no index of it
}

// found is what an index has for a condition.
type found struct {
	most   int             // rows
	ranked *ranks          // they are these, in the order of the shelf; or else:
	rows   func() []uint32 // they are these, by their numbers
	loose  bool            // and they are yet to be looked at
}

// If is the condition that something holds.
func If[T Shelved](holds func(T) bool) Condition[T] { return Condition[T]{holds: holds} }

// Only is the condition that an object is this one, which may be none.
func Only[T Shelved](object T) Condition[T] {
	return Condition[T]{
		holds: func(other T) bool { return other == object },
		find: func(s *Shelf[T]) found {
			if object == *new(T) || !s.has(object) {
				return found{}
			}
			return found{most: 1, rows: func() []uint32 { return []uint32{object.shelved().row} }}
		},
	}
}

// Either is the condition that at least one of some holds.
func Either[T Shelved](conditions ...Condition[T]) Condition[T] {
	holds := func(object T) bool {
		return slices.ContainsFunc(conditions, func(c Condition[T]) bool { return c.holds(object) })
	}
	if slices.ContainsFunc(conditions, func(c Condition[T]) bool { return c.find == nil }) {
		return If(holds)
	}
	return Condition[T]{holds: holds, find: func(s *Shelf[T]) found {
		var finds []found
		for _, c := range conditions {
			if f := c.find(s); f.most > 0 {
				finds = append(finds, f)
			}
		}
		return s.together(finds)
	}}
}

// together is what several indexes have.
func (s *Shelf[T]) together(finds []found) (all found) {
	if len(finds) == 1 {
		return finds[0]
	}
	for _, f := range finds {
		all.most += f.most
		all.loose = all.loose || f.loose
	}
	all.rows = func() []uint32 {
		return s.ascending(all.most, func(add func(row uint32)) {
			for _, f := range finds {
				for _, row := range f.list() {
					add(row)
				}
			}
		})
	}
	return all
}

// list are the rows.
func (f *found) list() []uint32 {
	if f.rows != nil {
		return f.rows()
	}
	return f.ranked.list()
}

// common keeps those of some rows that are among the found ones, too. Both must be
// ascending.
func (f *found) common(rows []uint32) []uint32 {
	if f.rows != nil {
		return (&ranks{pieces: [][]uint32{f.rows()}}).common(rows)
	}
	return f.ranked.common(rows)
}

// Accepts reports whether an object passes.
func (f Filter[T]) Accepts(object T) bool {
	for _, c := range f {
		if !c.holds(object) {
			return false
		}
	}
	return true
}
