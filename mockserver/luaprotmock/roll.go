package luaprotmock

import (
	"iter"
	"slices"
)

// roll keeps the objects of one kind by their ids, in the order in which they
// came.
type roll[T identified] struct {
	objects []T // oldest first
	byID    map[string]T
}

type identified interface {
	comparable
	id() string
}

func newRoll[T identified]() roll[T] { return roll[T]{byID: map[string]T{}} }

// get returns the object of an id, or nil.
func (r *roll[T]) get(id string) T { return r.byID[id] }

func (r *roll[T]) find(id string) (object T, found bool) {
	object, found = r.byID[id]
	return object, found
}

func (r *roll[T]) add(object T) {
	r.objects = append(r.objects, object)
	r.byID[object.id()] = object
}

func (r *roll[T]) remove(object T) {
	at := slices.Index(r.objects, object)
	r.objects = slices.Delete(r.objects, at, at+1)
	delete(r.byID, object.id())
}

func (r *roll[T]) all() iter.Seq[T] { return slices.Values(r.objects) }

// only iterates over the objects of which something holds, oldest first.
func (r *roll[T]) only(holds func(T) bool) iter.Seq[T] { return only(r.objects, holds) }

func only[T any](objects []T, holds func(T) bool) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, object := range objects {
			if holds(object) && !yield(object) {
				return
			}
		}
	}
}
