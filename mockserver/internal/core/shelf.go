package core

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"sync"
)

// Shelf keeps objects in the order of a list that shows the newest first, so that
// no list has to sort, and finds those that lists ask for. It stays quick when it
// holds a million: nothing that is done with one object, and no page of a list whose
// conditions have an index, looks at all the others. A nil pointer is an empty one.
//
// Objects are pointers to what never changes while it lies there: whoever changes
// one makes a copy and calls Replace. What has been read from a shelf thus stays as
// it was.
type Shelf[T Shelved] struct {
	older   func(a, b T) int
	rows    rowPages[T] // in which they came; the zero value: no longer there
	order   ranks
	jumbled bool // the order of the rows is not that of their numbers

	mu      sync.Mutex // guards the indexes, which lists make and turn to their time
	indexes map[any]index[T]
}

// Shelved is an object that can lie on a shelf: a pointer to a struct that a
// [Place] is embedded in. It lies on one shelf at a time.
type Shelved interface {
	comparable
	shelved() *Place
}

// Place is where an object lies on its shelf. The shelf alone looks at it, and moves
// objects to other places when too many are free: whoever reads an object that a
// [View] has, when the lock is free again, must not copy it whole.
type Place struct{ row uint32 }

func (p *Place) shelved() *Place { return p }

// NewShelf returns an empty shelf. older orders two objects, the one that a list
// shows last first; of two that are as old as each other the one that came later is
// the newer. It must not change its mind about them.
func NewShelf[T Shelved](older func(a, b T) int) *Shelf[T] { return &Shelf[T]{older: older} }

// compare compares rows by what lies there.
func (s *Shelf[T]) compare(a, b uint32) int {
	return cmp.Or(s.older(s.rows.at(a), s.rows.at(b)), cmp.Compare(a, b))
}

// Len is the number of objects.
func (s *Shelf[T]) Len() int {
	if s == nil {
		return 0
	}
	return s.order.n
}

// has reports whether an object lies here.
func (s *Shelf[T]) has(object T) bool {
	row := object.shelved().row
	return int(row) < s.rows.n && s.rows.at(row) == object
}

// Add takes an object. It usually is the newest; seeds and a clock that was set
// back may bring an older one.
func (s *Shelf[T]) Add(object T) {
	row := uint32(s.rows.n)
	object.shelved().row = row
	s.rows.add(object)
	s.order.add(row, s.compare)
	s.jumbled = s.jumbled || s.order.end(len(s.order.pieces)-1) != row
	for _, x := range s.indexes {
		x.put(s, object)
	}
}

// Remove drops objects that are there.
func (s *Shelf[T]) Remove(gone ...T) {
	if len(gone) > 1 && len(gone) > s.Len()/8 {
		s.renumber(gone)
		return
	}
	for _, object := range gone {
		for _, x := range s.indexes {
			x.drop(s, object)
		}
		row := object.shelved().row
		s.order.remove(row, s.compare)
		s.rows.set(row, *new(T))
	}
	if len(gone) > 0 && s.rows.n > 2*s.Len()+indexFrom {
		s.renumber(nil)
	}
}

// renumber gives objects new rows, since there are too many that are free, and drops
// others. Indexes are made anew when they are asked for.
func (s *Shelf[T]) renumber(gone []T) {
	for _, object := range gone {
		s.rows.set(object.shelved().row, *new(T))
	}
	renumbered := NewShelf(s.older)
	for object := range s.All() {
		if object != *new(T) {
			renumbered.Add(object)
		}
	}
	s.rows, s.order, s.jumbled, s.indexes = renumbered.rows, renumbered.order, renumbered.jumbled, nil
}

// Replace puts an object in the place of what it was.
func (s *Shelf[T]) Replace(was, is T) {
	if s.older(was, is) != 0 {
		s.Remove(was)
		s.Add(is)
		return
	}
	is.shelved().row = was.shelved().row
	var changed []index[T]
	for _, x := range s.indexes {
		if !x.same(was, is) {
			x.drop(s, was)
			changed = append(changed, x)
		}
	}
	s.rows.set(is.shelved().row, is)
	for _, x := range changed {
		x.put(s, is)
	}
}

// All goes through the objects, oldest first. The shelf must not change meanwhile,
// but that objects may be replaced by others as old as they are.
func (s *Shelf[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		if s == nil {
			return
		}
		for row := range s.order.forward(0) {
			if !yield(s.rows.at(row)) {
				return
			}
		}
	}
}

// Select returns the objects that a filter accepts, oldest first.
func (s *Shelf[T]) Select(match ...Condition[T]) []T {
	objects, _ := s.Page(match, 1, math.MaxInt64)
	slices.Reverse(objects)
	return objects
}

// Count returns how many objects a filter accepts.
func (s *Shelf[T]) Count(match ...Condition[T]) int64 {
	_, total := s.Page(match, math.MaxInt64, 1)
	return total
}

// Page returns one page, counted from 1, of the objects that a filter accepts,
// newest first, and how many it accepts in all.
func (s *Shelf[T]) Page(match Filter[T], page, limit int64) (rows []T, total int64) {
	if s == nil {
		return nil, 0
	}
	if len(match) > 0 && s.Len() >= indexFrom {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	from, rest := s.narrow(match)
	return s.pick(from, rest, page, limit)
}

// sequence is a number of rows in the order of a list.
type sequence interface {
	len() int
	skip(n int) iter.Seq[uint32] // all but the first n
}

type (
	descending struct{ *ranks }
	ascending  struct{ *ranks }
	reversed   []uint32
)

func (d descending) skip(n int) iter.Seq[uint32] { return d.backward(n) }
func (a ascending) skip(n int) iter.Seq[uint32]  { return a.forward(n) }
func (r reversed) len() int                      { return len(r) }

func (r reversed) skip(n int) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for _, row := range slices.Backward(r[:max(0, len(r)-n)]) {
			if !yield(row) {
				return
			}
		}
	}
}

// narrow returns the fewest rows among which indexes say that those are that a filter
// accepts, newest first, and what is yet to be asked of their objects.
func (s *Shelf[T]) narrow(match Filter[T]) (from sequence, rest Filter[T]) {
	if s.Len() < indexFrom {
		return descending{&s.order}, match
	}
	finds, best := s.find(match)
	var further []*found
	for i, f := range finds {
		switch {
		case f == best && !f.loose:
		case f != nil && !f.loose && !s.jumbled && f.most <= mergeUpTo*best.most:
			further = append(further, f)
		default:
			rest = append(rest, match[i])
		}
	}
	if best.rows == nil && len(further) == 0 {
		return descending{best.ranked}, rest
	}
	rows := best.list()
	for _, f := range further {
		rows = f.common(rows)
	}
	if s.jumbled {
		slices.SortFunc(rows, s.compare)
	}
	return reversed(rows), rest
}

// mergeUpTo is how many times as many rows an index may have to be gone through beside
// those of another, rather than to look at each object of the other.
const mergeUpTo = 16

// find returns what indexes have for the conditions of a filter, nil where they have
// nothing, and the fewest rows among that.
func (s *Shelf[T]) find(match Filter[T]) (finds []*found, best *found) {
	best = &found{most: s.Len(), ranked: &s.order, loose: true}
	for _, c := range match {
		finds = append(finds, nil)
		if c.find == nil {
			continue
		}
		f := c.find(s)
		if f.rows != nil && s.jumbled && f.most > s.Len()/8 {
			continue // to sort so many takes longer than to look at all
		}
		finds[len(finds)-1] = &f
		if f.most <= best.most {
			best = &f
		}
	}
	return finds, best
}

// pick returns a page of the rows that a filter accepts, and how many it accepts.
func (s *Shelf[T]) pick(from sequence, match Filter[T], page, limit int64) (rows []T, total int64) {
	offset := offset(page, limit)
	if len(match) == 0 { // nothing to ask: the page lies where its number says
		total = int64(from.len())
		rows = make([]T, 0, max(0, min(limit, total-offset)))
		for row := range from.skip(int(min(offset, total))) {
			if int64(len(rows)) == limit {
				break
			}
			rows = append(rows, s.rows.at(row))
		}
		return rows, total
	}
	for row := range from.skip(0) {
		object := s.rows.at(row)
		if !match.Accepts(object) {
			continue
		}
		if total >= offset && total-offset < limit {
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
