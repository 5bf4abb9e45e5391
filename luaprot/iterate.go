package luaprot

import (
	"cmp"
	"context"
	"iter"

	"github.com/keysmith-go/keysmith/internal/luaprotwire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// All walks over the keys that params selects, page after page, starting at
// params.Page. It fetches a page only when the loop needs it, and ends after
// the first error, which comes with a nil key. Each range over the result
// starts anew.
//
//	GET /api/v1/keys/fetch · Read, once per page
//
// How many keys are on a page is the vendor's choice (25 as a rule), so that
// the documented rate limits allow for some 1,500 keys a minute. With
// [Config].Pacing the walk waits instead of failing: give its context the time.
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
//     list, list first and delete afterwards.
//
// Errors are those of [KeysService.List].
func (s *KeysService) All(ctx context.Context, params ListKeysParams) iter.Seq2[*Key, error] {
	return transport.Pages[*Key, KeyRef]{
		First: cmp.Or(params.Page, 1),
		Fetch: func(n int) ([]*Key, int, error) {
			params := params
			params.Page = n
			page, err := s.List(ctx, params)
			if err != nil {
				return nil, 0, err
			}
			return page.Keys, page.pages(), nil
		},
		Identity: (*Key).Ref,
		Endless:  func(n int) error { return publicError(s.transport.Endless(luaprotwire.FetchKeysOp, n)) },
	}.All()
}
