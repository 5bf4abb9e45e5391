package keycrate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
)

// shelf is a vendor's list of licenses, newest first, paged by position.
type shelf struct {
	keys   []string
	size   int                      // most licenses on a page, whatever is asked for; 0: what is asked for
	counts string                   // what the answers say besides; "%d" stand for size, pages and licenses
	deaf   bool                     // the number of the page is ignored
	before func(s *shelf, page int) // what happens before a page is read
	pages  []int                    // pages that were asked for; 0: none was named
}

const counted = `, "per_page": %d, "total_pages": %d, "total": %d`

func (s *shelf) answer(call sent) (*http.Response, error) {
	var asked struct {
		Page    int `json:"page"`
		PerPage int `json:"per_page"`
	}
	if err := json.Unmarshal([]byte(call.Body), &asked); err != nil {
		return nil, err
	}
	s.pages = append(s.pages, asked.Page)
	if s.before != nil {
		s.before(s, asked.Page)
	}
	size := asked.PerPage
	if s.size > 0 {
		size = min(size, s.size)
	}
	if s.deaf {
		asked.Page = 1
	}
	from := min((max(asked.Page, 1)-1)*size, len(s.keys))
	var licenses []string
	for _, key := range s.keys[from:min(from+size, len(s.keys))] {
		licenses = append(licenses, fmt.Sprintf(`{"key": %q}`, key))
	}
	counts := s.counts
	if strings.Contains(counts, "%d") {
		counts = fmt.Sprintf(counts, size, (len(s.keys)+size-1)/size, len(s.keys))
	}
	return says(200, `{"success": true, "data": [`+strings.Join(licenses, ",")+`]`+counts+`}`)(call)
}

// down returns n keys from high to low.
func down(high, n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf("k%d", high-i)
	}
	return keys
}

// keysOf walks over all licenses and returns their keys, and the error at the
// end.
func keysOf(t *testing.T, c *Client, params ListLicensesParams) (keys []string, last error) {
	t.Helper()
	params.AppID = testApp
	for license, err := range c.Licenses.All(t.Context(), params) {
		require.NoError(t, last, "nothing follows an error")
		if last = err; err != nil {
			assert.Nil(t, license)
			continue
		}
		keys = append(keys, license.Key)
	}
	return keys, last
}

func TestAllWalksOverPages(t *testing.T) {
	t.Parallel()
	two, three := ListLicensesParams{PerPage: 2}, ListLicensesParams{PerPage: 3}
	for name, test := range map[string]struct {
		shelf  shelf
		params ListLicensesParams
		want   []string
		pages  []int
	}{
		"nothing":                      {shelf{counts: counted}, ListLicensesParams{}, nil, []int{0}},
		"nothing, not counted":         {shelf{}, ListLicensesParams{}, nil, []int{0}},
		"a full page":                  {shelf{keys: down(100, 100), counts: counted}, ListLicensesParams{}, down(100, 100), []int{0}},
		"a page and one":               {shelf{keys: down(101, 101), counts: counted}, ListLicensesParams{}, down(101, 101), []int{0, 2}},
		"pages of another size":        {shelf{keys: down(5, 5), counts: counted}, two, down(5, 5), []int{0, 2, 3}},
		"pages smaller than asked for": {shelf{keys: down(120, 120), size: 50, counts: counted}, ListLicensesParams{}, down(120, 120), []int{0, 2, 3}},
		"from page 1 on":               {shelf{keys: down(3, 3), counts: counted}, ListLicensesParams{Page: 1, PerPage: 2}, down(3, 3), []int{1, 2}},
		"from page 2 on":               {shelf{keys: down(5, 5), counts: counted}, ListLicensesParams{Page: 2, PerPage: 2}, down(3, 3), []int{2, 3}},
		"from beyond the end":          {shelf{keys: down(5, 5), counts: counted}, ListLicensesParams{Page: 9, PerPage: 2}, nil, []int{9}},

		"size and total":                   {shelf{keys: down(5, 5), counts: `, "per_page": %d, "pages": %d, "total": %d`}, two, down(5, 5), []int{0, 2, 3}},
		"not counted":                      {shelf{keys: down(4, 4)}, two, down(4, 4), []int{0, 2, 3}},
		"not counted, a rest":              {shelf{keys: down(7, 7)}, three, down(7, 7), []int{0, 2, 3, 4}},
		"not counted, small pages":         {shelf{keys: down(120, 120), size: 50}, ListLicensesParams{}, down(120, 120), []int{0, 2, 3, 4}},
		"not counted, one page":            {shelf{keys: down(3, 3)}, ListLicensesParams{}, down(3, 3), []int{0, 2}},
		"counts that contradict":           {shelf{keys: down(4, 4), counts: `, "total_pages": 0, "total": 0`}, two, down(4, 4), []int{0, 2, 3}},
		"counts of another kind":           {shelf{keys: down(3, 3), counts: `, "total_pages": "2", "total": {}`}, two, down(3, 3), []int{0, 2}},
		"the one page over and over":       {shelf{keys: down(3, 3), deaf: true}, ListLicensesParams{}, down(3, 3), []int{0, 2}},
		"the one page, of its own size":    {shelf{keys: down(3, 3), deaf: true, counts: `, "per_page": 50`}, three, down(3, 3), []int{0, 2}},
		"the one page, counted":            {shelf{keys: down(3, 3), deaf: true, counts: counted}, ListLicensesParams{}, down(3, 3), []int{0}},
		"the last page beyond the end too": {shelf{keys: down(3, 3), before: lastPageForEver}, two, down(3, 3), []int{0, 2, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := newClient(t, test.shelf.answer)
			keys, err := keysOf(t, client, test.params)
			require.NoError(t, err)
			assert.Equal(t, test.want, keys)
			assert.Equal(t, test.pages, test.shelf.pages)
		})
	}
}

// lastPageForEver makes a vendor answer pages beyond the end with the last one.
func lastPageForEver(s *shelf, page int) {
	if page > 2 {
		s.deaf, s.keys = true, s.keys[2:]
	}
}

// A vendor that neither counts pages nor looks at the page number would keep
// the loop going for ever.
func TestAllNoticesAVendorThatDoesNotPage(t *testing.T) {
	t.Parallel()
	s := &shelf{keys: down(5, 5), deaf: true}
	client, v := newClient(t, s.answer)
	keys, err := keysOf(t, client, ListLicensesParams{PerPage: 2})
	assert.Equal(t, down(5, 2), keys)
	e := errorOf(t, err)
	assert.ErrorIs(t, e, ErrBadResponse)
	assert.Equal(t, "listLicenses", e.Op)
	assert.ErrorContains(t, e, "sends the same items over and over")
	v.AssertCalls(t, 3)

	// The list of such a vendor is not at its end because the pages are counted:
	// whoever looks for a license in it would take it for missing.
	for _, counts := range []string{counted, `, "total_pages": 2`, `, "page": 1, "total_pages": 2`} {
		s = &shelf{keys: down(5, 5), deaf: true, counts: counts}
		client, v = newClient(t, s.answer)
		keys, err = keysOf(t, client, ListLicensesParams{PerPage: 2})
		assert.Equal(t, down(5, 2), keys, counts)
		assert.ErrorIs(t, err, ErrBadResponse, counts)
		v.AssertCalls(t, 3)
	}

	client, v = newClient(t, says(200, `{"data": [{}, {}]}`))
	keys, err = keysOf(t, client, ListLicensesParams{PerPage: 2})
	assert.ErrorIs(t, err, ErrBadResponse, "what cannot be told apart may be anything, but not without an end")
	assert.LessOrEqual(t, len(keys), 6)
	assert.LessOrEqual(t, len(v.Calls), 3)
}

func TestAllKeepsItsConditions(t *testing.T) {
	t.Parallel()
	s := &shelf{keys: down(5, 5), counts: counted}
	client, v := newClient(t, s.answer)
	params := ListLicensesParams{AppID: testApp, Status: StatusActive, SortOrder: SortAscending, PerPage: 2}
	all := client.Licenses.All(t.Context(), params)
	params.Status, params.Page = StatusPaused, 3
	for _, err := range all {
		require.NoError(t, err)
	}
	v.AssertCalls(t, 3)
	for i, call := range v.Calls {
		page := ""
		if i > 0 {
			page = fmt.Sprintf(`, "page": %d`, i+1)
		}
		assert.JSONEq(t, `{"app_id": "`+testApp+`", "status": "active", "sort_order": "asc", "per_page": 2`+page+`}`, call.Body)
	}
}

func TestAllRepeatsNothingWhenLicensesAreCreated(t *testing.T) {
	t.Parallel()
	for _, created := range []int{1, 3, 5} {
		next := 1000
		s := &shelf{keys: down(next, 19), counts: counted}
		s.before = func(s *shelf, page int) {
			if page > 1 && page < 9 {
				next += created
				s.keys = append(down(next, created), s.keys...)
			}
		}
		client, _ := newClient(t, s.answer)
		keys, err := keysOf(t, client, ListLicensesParams{PerPage: 5})
		require.NoError(t, err)
		assert.Equal(t, down(1000, 19), keys, "%d created before each page: each license that was there, once and in order", created)
	}
}

func TestAllFetchesOnlyWhatTheLoopNeeds(t *testing.T) {
	t.Parallel()
	s := &shelf{keys: down(400, 400), counts: counted}
	client, v := newClient(t, s.answer)
	all := client.Licenses.All(t.Context(), ListLicensesParams{AppID: testApp})
	v.AssertCalls(t, 0)
	n := 0
	for _, err := range all {
		require.NoError(t, err)
		if n++; n == 100 {
			break
		}
	}
	v.AssertCalls(t, 1)
	for range all {
		break
	}
	assert.Equal(t, []int{0, 0}, s.pages, "a second range starts anew")
}

// Ranges over one sequence know nothing of each other.
func TestAllCanBeRangedOverAtTheSameTime(t *testing.T) {
	t.Parallel()
	s := &shelf{keys: down(5, 5)}
	var mu sync.Mutex
	client, _ := newClient(t, func(call sent) (*http.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		return s.answer(call)
	})
	all := client.Licenses.All(t.Context(), ListLicensesParams{AppID: testApp, PerPage: 2})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			n := 0
			for _, err := range all {
				assert.NoError(t, err)
				n++
			}
			assert.Equal(t, 5, n)
		})
	}
	wg.Wait()
}

func TestAllEndsAfterAnError(t *testing.T) {
	t.Parallel()
	s := &shelf{keys: down(20, 20), counts: counted}
	client, v := newClient(t, s.answer, says(403, `{"error": "No.", "error_code": "ACCESS_DENIED"}`), s.answer)
	keys, err := keysOf(t, client, ListLicensesParams{PerPage: 10})
	assert.Len(t, keys, 10)
	assert.ErrorIs(t, err, ErrAccessDenied)
	v.AssertCalls(t, 2)
}

func TestAllEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := &shelf{keys: down(20, 20), counts: counted}
	client, v := newClient(t, s.answer)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range client.Licenses.All(ctx, ListLicensesParams{AppID: testApp, PerPage: 10}) {
		cancel()
		last = err
	}
	assert.ErrorIs(t, last, context.Canceled)
	v.AssertCalls(t, 1)
}

func TestAllSubscriptions(t *testing.T) {
	t.Parallel()
	client, v := newClient(t, says(200, `{"data": [{"id": "a"}, {"id": "b"}]}`), says(404, `{"error": "No.", "error_code": "APP_NOT_FOUND"}`))
	all := client.Subscriptions.All(t.Context(), testApp)
	v.AssertCalls(t, 0)
	for subscription, err := range all {
		require.NoError(t, err)
		assert.Equal(t, "a", subscription.ID)
		break
	}
	for subscription, err := range all {
		assert.Nil(t, subscription)
		assert.ErrorIs(t, err, ErrAppNotFound)
	}
	v.AssertCalls(t, 2)
}

// FuzzAll: whatever a vendor says of its pages, a walk over them comes to an end,
// and first hands out what is on the first.
func FuzzAll(f *testing.F) {
	for _, counts := range []string{
		``, `"per_page": 2, "total_pages": 3, "total": 5`, `"total_pages": 9223372036854775807`, `"page": 2, "total_pages": 9223372036854775807`, `"total_pages": -1, "total": -1`,
		`"per_page": 1, "total": 9223372036854775807`, `"total_pages": "2"`, `"total_pages": 1e400`, `"data": null`,
	} {
		f.Add([]byte{5, 4, 3, 2, 1}, uint8(1), counts)
		f.Add([]byte{7, 7, 7, 7}, uint8(0), counts)
	}
	f.Fuzz(func(t *testing.T, names []byte, size uint8, counts string) {
		if counts != "" {
			counts = ", " + counts
		}
		synctest.Test(t, func(t *testing.T) { // since the client waits before it asks again
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			client, _ := newClient(t, clienttest.Book(names, size, func(names []byte) answer {
				var licenses []string
				for _, name := range names {
					licenses = append(licenses, fmt.Sprintf(`{"key": "k%d"}`, name))
				}
				return says(200, `{"success": true, "data": [`+strings.Join(licenses, ",")+`]`+counts+`}`)
			}, giveUp)...)
			var got []string
			for license, err := range client.Licenses.All(ctx, ListLicensesParams{AppID: testApp}) {
				require.NoError(t, ctx.Err(), "the walk goes on and on")
				if err != nil {
					require.False(t, errors.Is(err, ErrInvalid), "%v", err)
					return
				}
				got = append(got, license.Key)
			}
			if len(names) > 0 && !strings.Contains(counts, ":{") && !strings.Contains(counts, `"data"`) {
				require.NotEmpty(t, got)
				require.Equal(t, fmt.Sprintf("k%d", names[0]), got[0])
			}
		})
	})
}
