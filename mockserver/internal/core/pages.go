package core

import (
	"cmp"
	"slices"
)

// rowPages are objects by the numbers of their rows. They lie on pages, so that all of
// them can be looked at as they are at a moment at the price of a list of pages: a
// page that changes afterwards is copied first.
type rowPages[T any] struct {
	pages []rowPage[T]
	n     int
	views int
}

type rowPage[T any] struct {
	objects []T
	views   int // there were when the page was copied
}

const pageSize = 1024

func (r *rowPages[T]) at(row uint32) T { return r.pages[row/pageSize].objects[row%pageSize] }

// add puts an object on the next row.
func (r *rowPages[T]) add(object T) {
	last := r.n / pageSize
	if r.n++; last == len(r.pages) {
		r.pages = append(r.pages, rowPage[T]{views: r.views})
	}
	page := &r.pages[last]
	if last > 0 && page.objects == nil {
		page.objects = make([]T, 0, pageSize)
	}
	page.objects = append(page.objects, object) // a view does not look so far
}

// set puts another object on a row.
func (r *rowPages[T]) set(row uint32, object T) {
	page := &r.pages[row/pageSize]
	if page.views != r.views {
		*page = rowPage[T]{slices.Clone(page.objects), r.views}
	}
	page.objects[row%pageSize] = object
}

// view returns all pages as they are now, and will be for ever.
func (r *rowPages[T]) view() []rowPage[T] {
	r.views++
	return slices.Clone(r.pages)
}

// View is a shelf as it was at a moment, whatever has become of it.
type View[T Shelved] struct {
	pages   []rowPage[T]
	ordered bool
	compare func(a, b numbered[T]) int
}

// numbered is an object on the row where it was.
type numbered[T any] struct {
	object T
	row    int
}

// View returns the shelf as it is now. That takes no time to speak of, however much
// lies there; whoever reads the view need not keep others from the shelf.
func (s *Shelf[T]) View() View[T] {
	if s == nil {
		return View[T]{}
	}
	older := s.older
	return View[T]{s.rows.view(), !s.jumbled, func(a, b numbered[T]) int {
		return cmp.Or(older(a.object, b.object), cmp.Compare(a.row, b.row))
	}}
}

// List returns the objects, oldest first.
func (v View[T]) List() []T {
	all := make([]numbered[T], 0, len(v.pages)*pageSize)
	for i, page := range v.pages {
		for j, object := range page.objects {
			if object != *new(T) {
				all = append(all, numbered[T]{object, i*pageSize + j})
			}
		}
	}
	if !v.ordered {
		slices.SortFunc(all, v.compare)
	}
	objects := make([]T, len(all))
	for i, n := range all {
		objects[i] = n.object
	}
	return objects
}

// ListAll lists the objects of some views, one view after the other.
func ListAll[T Shelved](views []View[T]) []T {
	objects := []T{}
	for _, v := range views {
		objects = append(objects, v.List()...)
	}
	return objects
}
