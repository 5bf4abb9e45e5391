package keycratemock

import (
	"iter"
	"slices"
)

// roll keeps objects under their names, and in an order: that in which they came,
// unless they are inserted. The zero value is an empty one.
type roll[K comparable, V any] struct {
	by    map[K]V
	order []K
}

// get returns what has a name, or a zero value.
func (r *roll[K, V]) get(name K) V { return r.by[name] }

func (r *roll[K, V]) has(name K) bool {
	_, found := r.by[name]
	return found
}

// add takes in what has a name that nothing else has.
func (r *roll[K, V]) add(name K, object V) {
	if r.by == nil {
		r.by = map[K]V{}
	}
	r.by[name] = object
	r.order = append(r.order, name)
}

func (r *roll[K, V]) drop(name K) {
	delete(r.by, name)
	r.order = slices.DeleteFunc(r.order, func(other K) bool { return other == name })
}

// all goes through the objects in their order.
func (r *roll[K, V]) all() iter.Seq[V] {
	return func(yield func(V) bool) {
		for _, name := range r.order {
			if !yield(r.by[name]) {
				return
			}
		}
	}
}

// insert takes in what has its place before all that compares as greater.
func (r *roll[K, V]) insert(name K, object V, compare func(a, b V) int) {
	r.add(name, object)
	for i := len(r.order) - 1; i > 0 && compare(r.by[r.order[i-1]], object) > 0; i-- {
		r.order[i-1], r.order[i] = r.order[i], r.order[i-1]
	}
}
