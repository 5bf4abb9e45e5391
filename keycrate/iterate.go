package keycrate

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// pageSize is how many licenses All asks for at once, as the vendor's example
// does.
const pageSize = 100

// All walks over the licenses that params selects, page after page, starting at
// params.Page. It fetches a page only when the loop needs it, and ends after
// the first error, which comes with a nil license. Each range over the result
// starts anew.
//
//	POST /license/get-bulk · Read, once per page
//
// How the vendor pages is not documented. All uses the vendor's counters where
// it sends them, and goes on to the first empty page where it does not. A
// vendor that ignores the number of the page, and so sends one page over and
// over, ends the walk with [ErrBadResponse] after the third, whatever it counts.
// If the one page that it sends is not full and not counted, All takes it for
// the whole list.
//
// Licenses that are created or deleted while the loop runs shift the others:
//
//   - Creation repeats licenses, unless the list is sorted with SortAscending
//     by SortByCreatedAt. All drops a license that was among those of the last
//     two pages, so none is repeated unless more than a page of licenses is
//     created between two fetches.
//   - Deletion makes licenses slip through: if others delete while the loop
//     runs, some licenses that existed all the time may be missed. When that
//     matters, walk twice and trust the result if both passes agree. To delete
//     what you list, list first and delete afterwards. The same goes for every
//     change of what the list is filtered or sorted by.
//
// Errors are those of [LicensesService.List].
func (s *LicensesService) All(ctx context.Context, params ListLicensesParams) iter.Seq2[*License, error] {
	params.Tags = slices.Clone(params.Tags)
	return func(yield func(*License, error) bool) {
		w := licenseWalk{ctx: ctx, service: s, params: params}
		w.params.PerPage = cmp.Or(params.PerPage, pageSize)
		transport.Pages[*License, string]{
			First:    cmp.Or(params.Page, 1),
			Fetch:    w.fetch,
			Identity: func(l *License) string { return l.Key },
			Endless:  func(n int) error { return publicError(s.transport.Endless(keycratewire.ListLicensesOp, n)) },
		}.All()(yield)
	}
}

// licenseWalk is one range over the result of All.
type licenseWalk struct {
	ctx     context.Context
	service *LicensesService
	params  ListLicensesParams
	last    []string // keys of the page before
	total   int      // how many licenses there were then, as far as the vendor said
}

// fetch returns one page. The number of the first is not sent unless the caller
// has set it: the name of the parameter is a guess, and a list of one page need
// not depend on it.
func (w *licenseWalk) fetch(n int) (items []*License, count int, err error) {
	params := w.params
	if n > 1 {
		params.Page = n
	}
	page, err := w.service.List(w.ctx, params)
	if err != nil {
		return nil, 0, err
	}
	keys := make([]string, len(page.Licenses))
	for i, license := range page.Licenses {
		keys[i] = license.Key
	}
	again := slices.Equal(keys, w.last) && page.Total == w.total // nothing was created in between
	w.last, w.total = keys, page.Total
	short := len(keys) < cmp.Or(page.PerPage, params.PerPage)
	switch count = page.pages(); {
	case again && count == 0 && short:
		return nil, 0, nil // there is but this page, whatever its number
	case again && page.Page != n:
		return page.Licenses, 0, nil // a count of pages that do not come proves no end
	default:
		return page.Licenses, count, nil
	}
}
