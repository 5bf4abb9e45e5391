package junkie

import (
	"context"
	"iter"

	"github.com/keysmith-go/keysmith/internal/junkiewire"
	"github.com/keysmith-go/keysmith/internal/transport"
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
	return transport.Pages[*Key, KeyRef]{
		First: params.Page,
		Fetch: func(n int) ([]*Key, int, error) {
			params := params
			params.Page = n
			page, err := s.List(ctx, params)
			if err != nil {
				return nil, 0, err
			}
			return page.Keys, page.TotalPages, nil
		},
		Identity: (*Key).Ref,
		Endless:  func(n int) error { return publicError(s.transport.Endless(junkiewire.ListKeysOp, n)) },
	}.All()
}
