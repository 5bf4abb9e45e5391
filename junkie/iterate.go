package junkie

import (
	"context"
	"fmt"
	"iter"
	"net/http"

	"github.com/keysmith-go/keysmith/internal/junkiewire"
)

// All walks over the keys that params selects, page after page, starting at
// params.Page. It fetches a page only when the loop needs it, and ends after
// the first error, which comes with a nil key. Pages are of the largest size,
// 100, unless params.Limit says otherwise. Each range over the result starts
// anew.
//
//	GET /keys · Read, once per page
//
// The vendor pages by position, so keys that are created or deleted while the
// loop runs shift the others:
//
//   - Creation repeats keys. All drops a key that was among those of the last
//     two pages, so none is repeated unless more than a page of keys is
//     created between two fetches.
//   - Deletion makes keys slip through: if others delete while the loop runs,
//     some keys that existed all the time may be missed. When that matters,
//     walk twice and trust the result if both passes agree. To delete what you
//     list, list first and delete afterwards, or read page 1 again and again.
//
// Errors are those of [KeysService.List].
func (s *KeysService) All(ctx context.Context, params ListKeysParams) iter.Seq2[*Key, error] {
	if params.Page == 0 {
		params.Page = 1
	}
	if params.Limit == 0 {
		params.Limit = maxLimit
	}
	return func(yield func(*Key, error) bool) {
		w := walk{service: s, params: params}
		for !w.done {
			keys, err := w.next(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, key := range keys {
				if !yield(key, nil) {
					return
				}
			}
		}
	}
}

// walk is one range over the result of All.
type walk struct {
	service *KeysService
	params  ListKeysParams // of the page to fetch next
	done    bool
	stale   int // how many pages in a row had no new key

	// What was on the last two pages, as far as it can be told apart.
	last, beforeLast map[KeyRef]bool
}

// next fetches one page and returns its new keys.
func (w *walk) next(ctx context.Context) ([]*Key, error) {
	page, err := w.service.List(ctx, w.params)
	if err != nil {
		return nil, err
	}
	keys, progress := w.fresh(page.Keys)
	if w.stale++; progress {
		w.stale = 0
	}
	switch counted := page.TotalPages > 0; {
	case len(page.Keys) == 0, counted && w.params.Page >= page.TotalPages:
		w.done = true
	case !counted && w.stale > 1:
		return nil, repeatedPages(w.params.Page)
	}
	w.params.Page++
	return keys, nil
}

// fresh returns the keys that were not on the last two pages. There is
// progress if at least one is known to be new: a key without id and value is
// like no other, and proves nothing.
func (w *walk) fresh(keys []*Key) (fresh []*Key, progress bool) {
	seen := make(map[KeyRef]bool, len(keys))
	for _, key := range keys {
		ref := key.Ref()
		if ref == (KeyRef{}) {
			fresh = append(fresh, key)
			continue
		}
		if !seen[ref] && !w.last[ref] && !w.beforeLast[ref] {
			fresh, progress = append(fresh, key), true
		}
		seen[ref] = true
	}
	w.last, w.beforeLast = seen, w.last
	return fresh, progress
}

// repeatedPages is the error for a vendor that sends one page for ever: it
// does not say how many there are, and no page differs from the one before.
func repeatedPages(page int) error {
	return &Error{
		Op:         junkiewire.ListKeysOp.ID,
		StatusCode: http.StatusOK,
		Attempts:   1,
		err: fmt.Errorf("junkie: %s: the vendor does not say how many pages there are, "+
			"and up to page %d sends the same keys over and over: %w", junkiewire.ListKeysOp.ID, page, ErrBadResponse),
	}
}
