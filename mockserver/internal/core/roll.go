package core

import (
	"iter"
	"slices"
)

// Roll keeps objects by what names them, and in an order: that in which they came,
// unless they are inserted. The zero value is an empty one.
type Roll[K comparable, V any] struct {
	by    map[K]V
	order []K
}

// Get returns what has a name, or a zero value.
func (r *Roll[K, V]) Get(name K) V { return r.by[name] }

// Has reports whether something has a name.
func (r *Roll[K, V]) Has(name K) bool {
	_, found := r.by[name]
	return found
}

// Find returns what has a name, and whether something does.
func (r *Roll[K, V]) Find(name K) (object V, found bool) {
	object, found = r.by[name]
	return object, found
}

// Len is the number of objects.
func (r *Roll[K, V]) Len() int { return len(r.order) }

// Put takes in an object, in the place of what has its name, or else as the last.
func (r *Roll[K, V]) Put(name K, object V) {
	if r.by == nil {
		r.by = map[K]V{}
	}
	if !r.Has(name) {
		r.order = append(r.order, name)
	}
	r.by[name] = object
}

// Insert takes in an object of a new name, before all that compare as greater.
func (r *Roll[K, V]) Insert(name K, object V, compare func(a, b V) int) {
	r.Put(name, object)
	for i := len(r.order) - 1; i > 0 && compare(r.by[r.order[i-1]], object) > 0; i-- {
		r.order[i-1], r.order[i] = r.order[i], r.order[i-1]
	}
}

// Drop takes out what has a name.
func (r *Roll[K, V]) Drop(name K) {
	delete(r.by, name)
	r.order = slices.DeleteFunc(r.order, func(other K) bool { return other == name })
}

// All goes through the objects in their order. The roll must not change meanwhile.
func (r *Roll[K, V]) All() iter.Seq[V] {
	return r.Only(func(V) bool { return true })
}

// Only goes through the objects of which something holds, as All does.
func (r *Roll[K, V]) Only(holds func(V) bool) iter.Seq[V] {
	return func(yield func(V) bool) {
		for _, name := range r.order {
			if object := r.by[name]; holds(object) && !yield(object) {
				return
			}
		}
	}
}
