package keygen

import (
	"iter"
	"net/http"
	"slices"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// rewind is how many items back a walk looks for its place.
const rewind = maxRows

// walk goes over a list by cursor. A cursor is the id of the last item seen. If
// that item is deleted between two pages, the vendor finds nothing after it,
// which looks like the end of the list; then the walk goes on from the item
// before it, and so on. Items that come along once more are dropped.
type walk[T any] struct {
	fetch func(cursor string) (*Page[T], error)
	id    func(*T) string

	// The errors of a list that has no end, and of one that lost our place.
	endless func(page int) error
	broken  func() error

	cursor string          // of the page to fetch; "" = the first
	page   int             // its number
	trail  []string        // ids of the last items seen, the latest last
	used   map[string]bool // cursors that were followed
	stale  int             // pages in a row that brought nothing new
	done   bool
}

// all hands out the items page after page, each page fetched when the loop
// needs it. It ends after the first error, which comes with nil.
func (w *walk[T]) all(yield func(*T, error) bool) {
	w.used = map[string]bool{w.cursor: true}
	for !w.done {
		items, err := w.next()
		if err != nil {
			yield(nil, err)
			return
		}
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// next fetches one page and returns its new items. After the first page it is
// called only if the vendor said that more follows.
func (w *walk[T]) next() ([]*T, error) {
	w.page++
	page, err := w.fetch(w.cursor)
	if err == nil && len(page.Items) == 0 && len(w.trail) > 0 {
		page, err = w.resume()
	}
	if err != nil {
		return nil, err
	}
	return w.take(page)
}

// resume looks for the place in the list after a page that came empty. Either
// what was to follow is gone, and then an earlier item leads to the last one
// seen; or that one is gone, and an earlier one leads past it.
func (w *walk[T]) resume() (*Page[T], error) {
	delete(w.used, w.cursor) // it led nowhere
	for _, id := range slices.Backward(w.trail) {
		if id == w.cursor {
			continue
		}
		page, err := w.fetch(id)
		if err != nil || len(page.Items) > 0 {
			return page, err
		}
	}
	return nil, w.broken()
}

// take notes where a page leads, and returns its new items.
func (w *walk[T]) take(page *Page[T]) ([]*T, error) {
	fresh := slices.DeleteFunc(page.Items, func(item *T) bool { return slices.Contains(w.trail, w.id(item)) })
	for _, item := range fresh {
		w.trail = append(w.trail, w.id(item))
	}
	w.trail = w.trail[max(0, len(w.trail)-rewind):]
	if w.stale++; len(fresh) > 0 {
		w.stale = 0
	}
	if w.done = page.Next == ""; w.done {
		return fresh, nil
	}
	if w.used[page.Next] || w.stale > 1 {
		return nil, w.endless(w.page)
	}
	w.used[page.Next] = true
	w.cursor = page.Next
	return fresh, nil
}

// walkOver is the All of a list operation.
func walkOver[T any](s service, op transport.Op, start Opt[string], id func(*T) string, fetch func(cursor string) (*Page[T], error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		cursor, _ := start.Get()
		w := walk[T]{
			fetch: fetch, id: id, cursor: cursor,
			endless: func(page int) error { return publicError(s.transport.Endless(op, page)) },
			broken:  func() error { return brokenList(op) },
		}
		w.all(yield)
	}
}

// brokenList is the error of a walk that lost its place.
func brokenList(op transport.Op) error {
	return &Error{Op: op.ID, StatusCode: http.StatusOK, Attempts: 1, err: listError(op.ID)}
}

// listError says which list lost its place.
type listError string

func (e listError) Error() string {
	return "keygen: " + string(e) + ": everything from which the list could go on was deleted meanwhile, so that the rest is not known; start again"
}

func (listError) Unwrap() error { return ErrListBroken }
