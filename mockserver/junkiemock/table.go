package junkiemock

import (
	"iter"
	"slices"
	"strconv"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// object is one of an account's objects, as a table holds it.
type object[T any] interface {
	noun() string // what people call its kind; the zero value knows it, too
	top() (id, userID int64)
	numbered(id int64) T         // the object as the world keeps it, with this number
	mark() (member, text string) // what no other of its kind has either; empty: nothing
	check() error                // says what about it can never be
}

// table holds the objects of one kind by their numbers, by what marks them, and
// in the order in which they came.
type table[T object[T]] struct {
	ids    counter
	byID   map[int64]T
	byMark map[string]T
	order  []int64
}

// newTable returns an empty table, whose objects are numbered from the one after
// last.
func newTable[T object[T]](last counter) table[T] {
	return table[T]{ids: last, byID: map[int64]T{}, byMark: map[string]T{}}
}

func (t *table[T]) noun() string {
	var none T
	return none.noun()
}

// add puts a new object in, with a number if it has none, or says why it cannot
// be.
func (t *table[T]) add(s *state, o T) (T, error) {
	if err := t.admits(s, o, maxID); err != nil {
		return o, err
	}
	return t.insert(o), nil
}

// insert is add for an object that can be.
func (t *table[T]) insert(o T) T {
	id, _ := o.top()
	o = o.numbered(t.ids.claim(id))
	t.put(o)
	return o
}

// admits says why an object cannot be put in. Its number may be at most so large.
func (t *table[T]) admits(s *state, o T, largest int64) error {
	id, userID := o.top()
	if err := s.checkOwner(userID); err != nil {
		return err
	}
	if err := checkID(t.noun(), id, largest, t.has(id)); err != nil {
		return err
	}
	if member, text := o.mark(); text != "" {
		if _, found := t.byMark[text]; found {
			return taken("/"+member, t.noun())
		}
	}
	return o.check()
}

// put stores an object; one of the same number gives way to it.
func (t *table[T]) put(o T) {
	id, _ := o.top()
	if !t.has(id) {
		t.order = append(t.order, id)
	}
	t.byID[id] = o
	if _, text := o.mark(); text != "" {
		t.byMark[text] = o
	}
}

// remove drops an object that is there.
func (t *table[T]) remove(o T) {
	id, _ := o.top()
	delete(t.byID, id)
	_, text := o.mark()
	delete(t.byMark, text)
	at := slices.Index(t.order, id)
	t.order = slices.Delete(t.order, at, at+1)
}

// get returns the object of a number, or the zero value.
func (t *table[T]) get(id int64) T { return t.byID[id] }

func (t *table[T]) has(id int64) bool {
	_, found := t.byID[id]
	return found
}

// owned reports whether an account has an object of this number.
func (t *table[T]) owned(id, userID int64) bool {
	o, found := t.byID[id]
	if !found {
		return false
	}
	_, owner := o.top()
	return owner == userID
}

// find returns the object of a number that is told as a text.
func (t *table[T]) find(id string) (o T, found bool) {
	o, found = t.byID[numberOf(id)]
	return o, found
}

// all returns the objects, oldest first. The table must not change meanwhile.
func (t *table[T]) all() iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, id := range t.order {
			if !yield(t.byID[id]) {
				return
			}
		}
	}
}

// of returns the objects of an account, oldest first.
func (t *table[T]) of(userID int64) (list []T) {
	for o := range t.all() {
		if _, owner := o.top(); owner == userID {
			list = append(list, o)
		}
	}
	return list
}

// numberOf reads a number in decimal digits; what is none comes back as 0, which no
// object has.
func numberOf(text string) int64 {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !core.IsDigits(text) {
		return 0
	}
	return number
}

// maxID is the largest number that can be given to an object: every reader of
// JSON keeps it exactly.
const maxID = 1 << 53

// counter is the number that the objects of a kind have reached.
type counter int64

// claim returns a number that is free, or the next one for 0.
func (c *counter) claim(id int64) int64 {
	if id == 0 {
		id = int64(*c) + 1
	}
	*c = max(*c, counter(id))
	return id
}
