package core

import (
	"math"
	"slices"
)

// Filter is what a list asks of an object: all of it must hold.
type Filter[T any] []func(T) bool

// Accepts reports whether an object passes.
func (f Filter[T]) Accepts(object T) bool {
	for _, holds := range f {
		if !holds(object) {
			return false
		}
	}
	return true
}

// Shelf keeps objects in the order of a list that shows the newest first, so
// that no list has to sort.
type Shelf[T comparable] struct {
	older func(a, b T) int
	items []T // oldest first
}

// NewShelf returns an empty shelf. older orders any two different objects, the
// one that a list shows last first; it must not change its mind about them.
func NewShelf[T comparable](older func(a, b T) int) *Shelf[T] { return &Shelf[T]{older: older} }

// Add takes an object. It usually is the newest; seeds and a clock that was set
// back may bring an older one.
func (s *Shelf[T]) Add(object T) {
	if n := len(s.items); n == 0 || s.older(s.items[n-1], object) < 0 {
		s.items = append(s.items, object)
		return
	}
	at, _ := slices.BinarySearchFunc(s.items, object, s.older)
	s.items = slices.Insert(s.items, at, object)
}

// Remove drops objects that are there.
func (s *Shelf[T]) Remove(gone ...T) {
	switch len(gone) {
	case 0:
		return
	case 1:
		at, _ := slices.BinarySearchFunc(s.items, gone[0], s.older)
		s.items = slices.Delete(s.items, at, at+1)
		return
	}
	drop := make(map[T]bool, len(gone))
	for _, object := range gone {
		drop[object] = true
	}
	s.items = slices.DeleteFunc(s.items, func(object T) bool { return drop[object] })
}

// All returns the objects, oldest first. The list is the shelf's own.
func (s *Shelf[T]) All() []T {
	if s == nil {
		return nil
	}
	return s.items
}

// Page returns one page, counted from 1, of the objects that a filter accepts,
// newest first, and how many it accepts in all.
func (s *Shelf[T]) Page(match Filter[T], page, limit int64) (rows []T, total int64) {
	items, offset := s.All(), offset(page, limit)
	if len(match) == 0 { // nothing to ask: the page lies where its number says
		total = int64(len(items))
		for at := offset; at < min(total, offset+limit); at++ {
			rows = append(rows, items[total-1-at])
		}
		return rows, total
	}
	for _, object := range slices.Backward(items) {
		if !match.Accepts(object) {
			continue
		}
		if total >= offset && total < offset+limit {
			rows = append(rows, object)
		}
		total++
	}
	return rows, total
}

// offset is the number of the first object on a page, as far as numbers go.
func offset(page, limit int64) int64 {
	return min(page-1, (math.MaxInt64-limit)/limit) * limit
}

// Pages is the number of pages that so many objects fill.
func Pages(total, limit int64) int64 { return (total + limit - 1) / limit }
