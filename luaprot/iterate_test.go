package luaprot

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
)

// shelf is a vendor's list of keys, newest first, paged by position. Its pages
// are as large as it likes.
type shelf struct {
	keys   []string
	size   int
	counts string                   // what the answers say about pages besides; "%d" stand for size, pages and keys
	before func(s *shelf, page int) // what happens before a page is read
	pages  []int                    // pages that were asked for
}

const counted = `, "limitPerPage": %d, "totalPages": %d, "totalKeys": %d`

func (s *shelf) answer(call sent) (*http.Response, error) {
	page := pageOf(call)
	s.pages = append(s.pages, page)
	if s.before != nil {
		s.before(s, page)
	}
	from := min((page-1)*s.size, len(s.keys))
	var keys []string
	for _, value := range s.keys[from:min(from+s.size, len(s.keys))] {
		keys = append(keys, fmt.Sprintf(`{"key": %q}`, value))
	}
	counts := s.counts
	if strings.Contains(counts, "%d") {
		counts = fmt.Sprintf(counts, s.size, (len(s.keys)+s.size-1)/s.size, len(s.keys))
	}
	return says(200, `{"success": true, "keys": [`+strings.Join(keys, ",")+`]`+counts+`}`)(call)
}

func pageOf(call sent) int {
	address, err := url.Parse(call.URL)
	if err != nil {
		return 0
	}
	page, _ := strconv.Atoi(address.Query().Get("page"))
	return page
}

// down returns n key values from high to low.
func down(high, n int) []string {
	values := make([]string, n)
	for i := range values {
		values[i] = fmt.Sprintf("k%d", high-i)
	}
	return values
}

func valuesOf(t *testing.T, c *Client, params ListKeysParams) []string {
	t.Helper()
	var values []string
	for key, err := range c.Keys.All(t.Context(), params) {
		require.NoError(t, err)
		values = append(values, key.Value)
	}
	return values
}

func TestAllWalksOverPages(t *testing.T) {
	t.Parallel()
	const sizeAndKeys = `, "limitPerPage": %d, "pages": %d, "totalKeys": %d` // no totalPages
	for name, test := range map[string]struct {
		shelf  shelf
		params ListKeysParams
		want   []string
		pages  []int
	}{
		"nothing":                     {shelf{size: 25, counts: counted}, ListKeysParams{}, nil, []int{1}},
		"nothing, but one page":       {shelf{size: 25, counts: `, "totalPages": 1, "totalKeys": 0`}, ListKeysParams{}, nil, []int{1}},
		"a full page":                 {shelf{keys: down(25, 25), size: 25, counts: counted}, ListKeysParams{}, down(25, 25), []int{1}},
		"a page and one key":          {shelf{keys: down(26, 26), size: 25, counts: counted}, ListKeysParams{}, down(26, 26), []int{1, 2}},
		"pages of another size":       {shelf{keys: down(120, 120), size: 50, counts: counted}, ListKeysParams{}, down(120, 120), []int{1, 2, 3}},
		"from page 2 on":              {shelf{keys: down(5, 5), size: 2, counts: counted}, ListKeysParams{Page: 2}, down(3, 3), []int{2, 3}},
		"from beyond the end":         {shelf{keys: down(5, 5), size: 2, counts: counted}, ListKeysParams{Page: 9}, nil, []int{9}},
		"no number of pages":          {shelf{keys: down(50, 50), size: 25, counts: sizeAndKeys}, ListKeysParams{}, down(50, 50), []int{1, 2}},
		"no number of pages, a rest":  {shelf{keys: down(7, 7), size: 3, counts: sizeAndKeys}, ListKeysParams{}, down(7, 7), []int{1, 2, 3}},
		"no counts":                   {shelf{keys: down(4, 4), size: 2}, ListKeysParams{}, down(4, 4), []int{1, 2, 3}},
		"counts that contradict keys": {shelf{keys: down(4, 4), size: 2, counts: `, "totalPages": 0, "totalKeys": 0`}, ListKeysParams{}, down(4, 4), []int{1, 2, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := newClient(t, test.shelf.answer)
			assert.Equal(t, test.want, valuesOf(t, client, test.params))
			assert.Equal(t, test.pages, test.shelf.pages)
		})
	}
}

func TestAllKeepsItsConditions(t *testing.T) {
	t.Parallel()
	s := &shelf{keys: down(5, 5), size: 2, counts: counted}
	client, v := newClient(t, s.answer)
	params := ListKeysParams{HubID: testHub, Blacklisted: Set(false)}
	all := client.Keys.All(t.Context(), params)
	params.HubID, params.Page = "other", 3
	for _, err := range all {
		require.NoError(t, err)
	}
	v.AssertCalls(t, 3)
	for i, call := range v.Calls {
		assert.Equal(t, fmt.Sprintf("%s/api/v1/keys/fetch?hub=%s&blacklisted=false&page=%d", DefaultBaseURL, testHub, i+1), call.URL)
	}
}

func TestAllRepeatsNothingWhenKeysAreCreated(t *testing.T) {
	t.Parallel()
	for _, created := range []int{1, 3, 5} {
		next := 1000
		s := &shelf{keys: down(next, 19), size: 5, counts: counted}
		s.before = func(s *shelf, page int) {
			if page > 1 && page < 9 {
				next += created
				s.keys = append(down(next, created), s.keys...)
			}
		}
		client, _ := newClient(t, s.answer)
		assert.Equal(t, down(1000, 19), valuesOf(t, client, ListKeysParams{}), "%d created before each page: each key that was there, once and in order", created)
	}
}

func TestAllFetchesOnlyWhatTheLoopNeeds(t *testing.T) {
	t.Parallel()
	s := &shelf{keys: down(100, 100), size: 25, counts: counted}
	client, v := newClient(t, s.answer)
	all := client.Keys.All(t.Context(), ListKeysParams{})
	v.AssertCalls(t, 0)
	n := 0
	for _, err := range all {
		require.NoError(t, err)
		if n++; n == 25 {
			break
		}
	}
	v.AssertCalls(t, 1)
	for range all {
		break
	}
	assert.Equal(t, []int{1, 1}, s.pages, "a second range starts anew")
}

func TestAllEndsAfterAnError(t *testing.T) {
	t.Parallel()
	s := &shelf{keys: down(20, 20), size: 10, counts: counted}
	client, v := newClient(t, s.answer, says(403, `{"success": false, "message": "IP address is not whitelisted."}`), s.answer)
	var values []string
	var errs []error
	for key, err := range client.Keys.All(t.Context(), ListKeysParams{}) {
		if err != nil {
			assert.Nil(t, key)
			errs = append(errs, err)
			continue
		}
		values = append(values, key.Value)
	}
	assert.Len(t, values, 10)
	require.Len(t, errs, 1)
	assert.ErrorIs(t, errs[0], ErrIPNotWhitelisted)
	v.AssertCalls(t, 2)
}

func TestAllEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := &shelf{keys: down(20, 20), size: 10, counts: counted}
	client, v := newClient(t, s.answer)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range client.Keys.All(ctx, ListKeysParams{}) {
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
	client, v := newClient(t, says(200, `{"keys": [{"key": "b"}, {}, {"key": "a"}]}`))
	var values []string
	var last error
	for key, err := range client.Keys.All(t.Context(), ListKeysParams{}) {
		if last = err; err == nil {
			values = append(values, key.Value)
		}
	}
	assert.Equal(t, []string{"b", "", "a", ""}, values, "what cannot be told apart may come again")
	e := errorOf(t, last)
	assert.ErrorIs(t, e, ErrBadResponse)
	assert.Equal(t, "fetchKeys", e.Op)
	v.AssertCalls(t, 3)
}

// FuzzAll: whatever a vendor says of its pages, a walk over them comes to an end,
// and first hands out what is on the first.
func FuzzAll(f *testing.F) {
	for _, counts := range []string{
		``, `"limitPerPage": 2, "totalPages": 3, "totalKeys": 5`, `"totalPages": 9223372036854775807`, `"totalPages": -1, "totalKeys": -1`, `"limitPerPage": 1, "totalKeys": 9223372036854775807`,
		`"totalPages": "2"`, `"totalPages": 1e400`, `"keys": null`,
	} {
		f.Add([]byte{5, 4, 3, 2, 1}, uint8(1), counts)
		f.Add([]byte{7, 7, 7, 7}, uint8(0), counts)
	}
	f.Fuzz(func(t *testing.T, names []byte, size uint8, counts string) {
		if counts != "" {
			counts = ", " + counts
		}
		synctest.Test(t, func(t *testing.T) { // since the client waits for its turn
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			client, _ := newClient(t, clienttest.Book(names, size, func(names []byte) answer {
				var keys []string
				for _, name := range names {
					keys = append(keys, fmt.Sprintf(`{"key": "k%d"}`, name))
				}
				return says(200, `{"success": true, "keys": [`+strings.Join(keys, ",")+`]`+counts+`}`)
			}, giveUp)...)
			var got []string
			for key, err := range client.Keys.All(ctx, ListKeysParams{}) {
				require.NoError(t, ctx.Err(), "the walk goes on and on")
				if err != nil {
					require.ErrorIs(t, err, ErrBadResponse)
					return
				}
				got = append(got, key.Value)
			}
			if len(names) > 0 && !strings.Contains(counts, "keys") {
				require.NotEmpty(t, got)
				require.Equal(t, fmt.Sprintf("k%d", names[0]), got[0])
			}
		})
	})
}
