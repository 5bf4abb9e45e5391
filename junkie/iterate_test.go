package junkie

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
)

// shelf is a vendor's list of keys, newest first, paged by position.
type shelf struct {
	ids    []int
	before func(s *shelf, page int) // what happens before a page is read
	mute   bool                     // no pagination in the answers
	pages  []int                    // pages that were asked for
	limits []string
}

func (s *shelf) answer(call sent) (*http.Response, error) {
	address, err := url.Parse(call.URL)
	if err != nil {
		return nil, err
	}
	query := address.Query()
	page, _ := strconv.Atoi(query.Get("page"))
	limit, _ := strconv.Atoi(query.Get("limit"))
	s.pages, s.limits = append(s.pages, page), append(s.limits, query.Get("limit"))
	if s.before != nil {
		s.before(s, page)
	}
	from := min((page-1)*limit, len(s.ids))
	var keys []string
	for _, id := range s.ids[from:min(from+limit, len(s.ids))] {
		keys = append(keys, fmt.Sprintf(`{"id": %d}`, id))
	}
	pagination := fmt.Sprintf(`, "pagination": {"page": %d, "limit": %d, "total": %d, "totalPages": %d}`,
		page, limit, len(s.ids), (len(s.ids)+limit-1)/limit)
	if s.mute {
		pagination = ""
	}
	return says(200, `{"keys": [`+strings.Join(keys, ",")+`]`+pagination+`}`)(call)
}

// down returns n ids from high to low.
func down(high, n int) []int {
	ids := make([]int, n)
	for i := range ids {
		ids[i] = high - i
	}
	return ids
}

func idsOf(t *testing.T, s *KeysService, params ListKeysParams) []int {
	t.Helper()
	var ids []int
	for key, err := range s.All(t.Context(), params) {
		require.NoError(t, err)
		ids = append(ids, int(key.ID))
	}
	return ids
}

func TestAllWalksOverPages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		shelf  shelf
		params ListKeysParams
		want   []int
		pages  []int
	}{
		"nothing":                   {shelf{}, ListKeysParams{}, nil, []int{1}},
		"one page":                  {shelf{ids: down(3, 3)}, ListKeysParams{}, down(3, 3), []int{1}},
		"a full page":               {shelf{ids: down(100, 100)}, ListKeysParams{}, down(100, 100), []int{1}},
		"a page and one key":        {shelf{ids: down(101, 101)}, ListKeysParams{}, down(101, 101), []int{1, 2}},
		"small pages":               {shelf{ids: down(5, 5)}, ListKeysParams{Limit: 2}, down(5, 5), []int{1, 2, 3}},
		"from page 2 on":            {shelf{ids: down(5, 5)}, ListKeysParams{Limit: 2, Page: 2}, down(3, 3), []int{2, 3}},
		"from beyond the end":       {shelf{ids: down(5, 5)}, ListKeysParams{Limit: 2, Page: 9}, nil, []int{9}},
		"uncounted: nothing":        {shelf{mute: true}, ListKeysParams{}, nil, []int{1}},
		"uncounted: full pages":     {shelf{ids: down(4, 4), mute: true}, ListKeysParams{Limit: 2}, down(4, 4), []int{1, 2, 3}},
		"uncounted: last page half": {shelf{ids: down(5, 5), mute: true}, ListKeysParams{Limit: 2}, down(5, 5), []int{1, 2, 3, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := newClient(t, test.shelf.answer)
			assert.Equal(t, test.want, idsOf(t, client.Keys, test.params))
			assert.Equal(t, test.pages, test.shelf.pages)
		})
	}
}

func TestAllAsksForTheLargestPages(t *testing.T) {
	t.Parallel()
	s := &shelf{ids: down(150, 150)}
	client, _ := newClient(t, s.answer)
	idsOf(t, client.Keys, ListKeysParams{})
	assert.Equal(t, []string{"100", "100"}, s.limits)
}

// However long the list is, the walk holds one page of it: what the loop lets go
// of is collected.
func TestAllHoldsOnePageInMemory(t *testing.T) {
	t.Parallel()
	const all = 100_000
	client, _ := newClient(t, (&shelf{ids: down(all, all)}).answer)
	var seen []weak.Pointer[Key]
	for key, err := range client.Keys.All(t.Context(), ListKeysParams{}) {
		require.NoError(t, err)
		if seen = append(seen, weak.Make(key)); len(seen)%(20*maxLimit) != maxLimit/2 {
			continue
		}
		runtime.GC()
		held := 0
		for _, pointer := range seen {
			if pointer.Value() != nil {
				held++
			}
		}
		require.LessOrEqual(t, held, maxLimit, "after %d keys", len(seen))
	}
	assert.Len(t, seen, all)
}

// A short page is not the last one: only the vendor's count, or an empty page,
// ends the walk.
func TestAllDoesNotTrustShortPages(t *testing.T) {
	t.Parallel()
	page := func(n int, ids string) answer {
		return says(200, fmt.Sprintf(`{"keys": [%s], "pagination": {"page": %d, "limit": 100, "total": 3, "totalPages": 3}}`, ids, n))
	}
	client, v := newClient(t, page(1, `{"id": 3}`), page(2, `{"id": 2}`), page(3, `{"id": 1}`))
	assert.Equal(t, []int{3, 2, 1}, idsOf(t, client.Keys, ListKeysParams{}))
	v.AssertCalls(t, 3)
}

func TestAllStopsAtAnEmptyPage(t *testing.T) {
	t.Parallel()
	client, v := newClient(t,
		says(200, `{"keys": [{"id": 1}], "pagination": {"totalPages": 9}}`),
		says(200, `{"keys": [], "pagination": {"totalPages": 9}}`))
	assert.Equal(t, []int{1}, idsOf(t, client.Keys, ListKeysParams{}))
	v.AssertCalls(t, 2)
}

func TestAllRepeatsNothingWhenKeysAreCreated(t *testing.T) {
	t.Parallel()
	for _, created := range []int{1, 3, 9, 10} {
		s := &shelf{ids: down(1000, 95), before: func(s *shelf, page int) {
			if page > 1 && page < 20 {
				s.ids = append(down(s.ids[0]+created, created), s.ids...)
			}
		}}
		client, _ := newClient(t, s.answer)
		got := idsOf(t, client.Keys, ListKeysParams{Limit: 10})
		assert.Equal(t, down(1000, 95), got, "%d created before each page: each key that was there, once and in order", created)
	}
}

func TestAllRemembersTwoPages(t *testing.T) {
	t.Parallel()
	s := &shelf{ids: down(50, 50), before: func(s *shelf, page int) {
		if page == 3 {
			s.ids = append(down(s.ids[0]+20, 20), s.ids...)
		}
	}}
	client, _ := newClient(t, s.answer)
	assert.Equal(t, down(50, 50), idsOf(t, client.Keys, ListKeysParams{Limit: 10}), "two pages of keys were created at once")
}

func TestAllRepeatsNothingWhenKeysAreDeleted(t *testing.T) {
	t.Parallel()
	s := &shelf{ids: down(100, 100), before: func(s *shelf, page int) {
		if page > 1 {
			s.ids = s.ids[3:]
		}
	}}
	client, _ := newClient(t, s.answer)
	got := idsOf(t, client.Keys, ListKeysParams{Limit: 10})
	assert.Len(t, slices.Compact(slices.Sorted(slices.Values(got))), len(got))
	assert.Less(t, len(got), 100, "some are missed, as documented")
}

// Keys that the vendor sends without an id are told apart by value, and keys
// without both not at all.
func TestAllTellsKeysApart(t *testing.T) {
	t.Parallel()
	client, _ := newClient(t,
		says(200, `{"keys": [{"key_value": "a"}, {"key_value": "b"}, {}, {}], "pagination": {"totalPages": 2}}`),
		says(200, `{"keys": [{"key_value": "b"}, {"key_value": "c"}, {"key_value": "c"}, {}], "pagination": {"totalPages": 2}}`))
	var values []string
	for key, err := range client.Keys.All(t.Context(), ListKeysParams{}) {
		require.NoError(t, err)
		values = append(values, key.Value)
	}
	assert.Equal(t, []string{"a", "b", "", "", "c", ""}, values)
}

func TestAllFetchesOnlyWhatTheLoopNeeds(t *testing.T) {
	t.Parallel()
	s := &shelf{ids: down(100, 100)}
	client, v := newClient(t, s.answer)
	all := client.Keys.All(t.Context(), ListKeysParams{Limit: 10})
	v.AssertCalls(t, 0)
	n := 0
	for _, err := range all {
		require.NoError(t, err)
		if n++; n == 10 {
			break
		}
	}
	v.AssertCalls(t, 1)
	assert.Len(t, idsOf(t, client.Keys, ListKeysParams{Limit: 50}), 100)
	s.pages = nil
	for range all {
		break
	}
	assert.Equal(t, []int{1}, s.pages, "a second range starts anew")
}

func TestAllEndsAfterAnError(t *testing.T) {
	t.Parallel()
	s := &shelf{ids: down(20, 20)}
	client, v := newClient(t, s.answer, says(403, `{"error": "Insufficient scope"}`), s.answer)
	var ids []int64
	var errs []error
	for key, err := range client.Keys.All(t.Context(), ListKeysParams{Limit: 10}) {
		if err != nil {
			assert.Nil(t, key)
			errs = append(errs, err)
			continue
		}
		ids = append(ids, key.ID)
	}
	assert.Len(t, ids, 10)
	require.Len(t, errs, 1)
	assert.ErrorIs(t, errs[0], ErrForbidden)
	v.AssertCalls(t, 2)
}

func TestAllEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := &shelf{ids: down(20, 20)}
	client, v := newClient(t, s.answer)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range client.Keys.All(ctx, ListKeysParams{Limit: 10}) {
		cancel()
		last = err
	}
	assert.ErrorIs(t, last, context.Canceled)
	v.AssertCalls(t, 1)
}

// A vendor that neither counts pages nor looks at the page number would keep
// the loop going for ever.
func TestAllNoticesAVendorThatDoesNotPage(t *testing.T) {
	t.Parallel()
	client, v := newClient(t, says(200, `{"keys": [{"id": 2}, {}, {"id": 1}]}`))
	var ids []int64
	var last error
	for key, err := range client.Keys.All(t.Context(), ListKeysParams{}) {
		if last = err; err == nil {
			ids = append(ids, key.ID)
		}
	}
	assert.Equal(t, []int64{2, 0, 1, 0}, ids, "what cannot be told apart may come again")
	e := errorOf(t, last)
	assert.ErrorIs(t, e, ErrBadResponse)
	assert.Equal(t, "listKeys", e.Op)
	v.AssertCalls(t, 3)
}

func TestAllLeavesTheCallersParamsAlone(t *testing.T) {
	t.Parallel()
	s := &shelf{ids: down(5, 5)}
	client, _ := newClient(t, s.answer)
	params := ListKeysParams{Limit: 2}
	all := client.Keys.All(t.Context(), params)
	params.Limit, params.Page = 1, 5
	var n int
	for _, err := range all {
		require.NoError(t, err)
		n++
	}
	assert.Equal(t, 5, n)
	assert.Equal(t, []string{"2", "2", "2"}, s.limits)
}

// FuzzAll: whatever a vendor says of its pages, a walk over them comes to an end,
// and first hands out what is on the first.
func FuzzAll(f *testing.F) {
	for _, pagination := range []string{
		``, `{"page":1,"limit":2,"total":5,"totalPages":3}`, `{"totalPages":9223372036854775807}`, `{"totalPages":-1,"total":-1}`, `{"totalPages":1e400}`, `{"totalPages":"2","limit":null}`, `[]`,
	} {
		f.Add([]byte{5, 4, 3, 2, 1}, uint8(1), pagination)
		f.Add([]byte{0, 0, 7, 7}, uint8(0), pagination)
	}
	f.Fuzz(func(t *testing.T, ids []byte, size uint8, pagination string) {
		synctest.Test(t, func(t *testing.T) { // since the client waits before it asks again
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			client, _ := newClient(t, clienttest.Book(ids, size, func(ids []byte) answer {
				var keys []string
				for _, id := range ids {
					keys = append(keys, fmt.Sprintf(`{"id": %d}`, id))
				}
				body := `{"keys": [` + strings.Join(keys, ",") + `]`
				if pagination != "" {
					body += `, "pagination": ` + pagination
				}
				return says(200, body+`}`)
			}, giveUp)...)
			var got []byte
			for key, err := range client.Keys.All(ctx, ListKeysParams{}) {
				require.NoError(t, ctx.Err(), "the walk goes on and on")
				if err != nil {
					require.ErrorIs(t, err, ErrBadResponse)
					return
				}
				got = append(got, byte(key.ID))
			}
			if len(ids) > 0 {
				require.NotEmpty(t, got)
				require.Equal(t, ids[0], got[0])
			}
		})
	})
}
