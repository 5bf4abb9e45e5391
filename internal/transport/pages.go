package transport

import (
	"fmt"
	"iter"
	"net/http"
)

// Pages walks over a list that a vendor pages by position. Whatever is created
// or deleted meanwhile shifts the rest: of what was on the last two pages
// nothing is handed out twice.
type Pages[T any, K comparable] struct {
	First int // number of the page to begin with

	// Fetch returns one page, and how many there are: 0 if the vendor does not
	// say.
	Fetch func(page int) (items []T, count int, err error)

	// Identity tells items apart. An item of zero identity is like no other.
	Identity func(T) K

	// Endless makes the error for a vendor that does not say how many pages
	// there are, or not credibly, and sends the same ones over and over.
	Endless func(page int) error
}

// mostStale is how many pages in a row may bring nothing new where the vendor
// counts them. There it can be that so much is created while the walk goes on; but a
// count may also be made up, and be as large as a number can.
const mostStale = 100

// All returns the items page after page, each page fetched when the loop needs
// it. It ends after the first error, which comes with a zero item. Each range
// over the result starts anew.
func (p Pages[T, K]) All() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		w := walk[T, K]{pages: p, page: p.First}
		for !w.done {
			items, err := w.next()
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// walk is one range over the result of All.
type walk[T any, K comparable] struct {
	pages Pages[T, K]
	page  int // to fetch next
	done  bool
	stale int // how many pages in a row had no new item

	// What was on the last two pages, as far as it can be told apart.
	last, beforeLast map[K]bool
}

// next fetches one page and returns its new items.
func (w *walk[T, K]) next() ([]T, error) {
	all, count, err := w.pages.Fetch(w.page)
	if err != nil {
		return nil, err
	}
	items, progress := w.fresh(all)
	if w.stale++; progress {
		w.stale = 0
	}
	switch counted := count > 0; {
	case len(all) == 0, counted && w.page >= count:
		w.done = true
	case !counted && w.stale > 1, w.stale > mostStale:
		return nil, w.pages.Endless(w.page)
	}
	w.page++
	return items, nil
}

// fresh returns the items that were not on the last two pages. There is
// progress if at least one is known to be new: an item without identity proves
// nothing.
func (w *walk[T, K]) fresh(items []T) (fresh []T, progress bool) {
	var unknown K
	seen := make(map[K]bool, len(items))
	for _, item := range items {
		id := w.pages.Identity(item)
		if id == unknown {
			fresh = append(fresh, item)
			continue
		}
		if !seen[id] && !w.last[id] && !w.beforeLast[id] {
			fresh, progress = append(fresh, item), true
		}
		seen[id] = true
	}
	w.last, w.beforeLast = seen, w.last
	return fresh, progress
}

// Endless returns the error for a list without an end, see Pages.
func (c *Client) Endless(op Op, page int) *Error {
	return &Error{Vendor: c.vendor, Op: op, StatusCode: http.StatusOK, Attempts: 1, inner: &inner{
		kinds: []error{ErrBadResponse},
		why: fmt.Sprintf("up to page %d the vendor sends the same items over and over, "+
			"as if it did not look at the number of the page", page),
	}}
}
