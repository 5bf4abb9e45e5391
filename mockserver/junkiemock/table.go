package junkiemock

import (
	"cmp"
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

// table holds the objects of one kind by their numbers, in the order in which they
// came, and by what marks them.
type table[T object[T]] struct {
	core.Roll[int64, T]
	ids    counter
	byMark map[string]T
}

// newTable returns an empty table, whose objects are numbered from the one after
// last.
func newTable[T object[T]](last counter) table[T] {
	return table[T]{ids: last, byMark: map[string]T{}}
}

func (t *table[T]) noun() string {
	var none T
	return none.noun()
}

// place is what a reference to one must lead to.
func (t *table[T]) place() string { return t.noun() + " of the account" }

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
	if err := checkID(t.noun(), id, largest, t.Has(id)); err != nil {
		return err
	}
	if member, text := o.mark(); text != "" {
		if _, found := t.byMark[text]; found {
			return core.Taken("/"+member, t.noun())
		}
	}
	return t.permits(o)
}

// permits says what about an object can never be, whether or not it is there.
func (t *table[T]) permits(o T) error { return cmp.Or(o.check(), core.CheckWritable(o)) }

// put stores an object; one of the same number gives way to it.
func (t *table[T]) put(o T) {
	id, _ := o.top()
	t.Put(id, o)
	if _, text := o.mark(); text != "" {
		t.byMark[text] = o
	}
}

// remove drops an object that is there.
func (t *table[T]) remove(o T) {
	id, _ := o.top()
	t.Drop(id)
	_, text := o.mark()
	delete(t.byMark, text)
}

// owned reports whether an account has an object of this number.
func (t *table[T]) owned(id, userID int64) bool {
	o, found := t.Find(id)
	if !found {
		return false
	}
	_, owner := o.top()
	return owner == userID
}

// find returns the object of a number that is told as a text.
func (t *table[T]) find(id string) (o T, found bool) { return t.Find(numberOf(id)) }

// of returns the objects of an account, oldest first.
func (t *table[T]) of(userID int64) []T {
	return slices.Collect(t.Only(func(o T) bool {
		_, owner := o.top()
		return owner == userID
	}))
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
