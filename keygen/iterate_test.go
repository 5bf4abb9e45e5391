package keygen

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
)

// rowID is the id of the key with the given number.
func rowID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// row is the key with the given number, as JSON.
func row(n int) string {
	return fmt.Sprintf(`{"id": %q, "attributes": {"key": "key-%05d", "created": "2026-01-01T00:00:00.000Z"}}`, rowID(n), n)
}

// shelf is a vendor's list of keys in the order of the list, paged by cursor.
type shelf struct {
	rows   []int
	before func(s *shelf, call int) // what happens before a page is read; the first call is 1
	calls  []string                 // the cursors that were asked for, by number
	sizes  []int
}

func (s *shelf) answer(call sent) (*http.Response, error) {
	address, err := url.Parse(call.URL)
	if err != nil {
		return nil, err
	}
	query := address.Query()
	cursor := query.Get("page[cursor]")
	size, _ := strconv.Atoi(query.Get("page[size]"))
	number := strings.TrimLeft(cursor[max(0, len(cursor)-12):], "0")
	s.calls, s.sizes = append(s.calls, number), append(s.sizes, size)
	if s.before != nil {
		s.before(s, len(s.calls))
	}
	from := 0
	if cursor != "" {
		n, _ := strconv.Atoi(number)
		if from = slices.Index(s.rows, n) + 1; from == 0 {
			from = len(s.rows) // an unknown cursor finds nothing
		}
	}
	page := s.rows[from:min(from+size, len(s.rows))]
	next := "null"
	if from+len(page) < len(s.rows) {
		query.Set("page[cursor]", rowID(page[len(page)-1]))
		next = strconv.Quote(address.Path + "?" + query.Encode())
	}
	return says(200, pageJSON(page, next))(call)
}

func pageJSON(rows []int, next string) string {
	var items []string
	for _, n := range rows {
		items = append(items, row(n))
	}
	return `{"data": [` + strings.Join(items, ", ") + `], "links": {"self": "/x", "next": ` + next + `}}`
}

// down returns n numbers from high to low.
func down(high, n int) []int {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = high - i
	}
	return numbers
}

// walked returns what All hands out, and its error.
func walked(ctx context.Context, c *Client, params ListKeysParams) (numbers []int, err error) {
	for key, err := range c.Keys.All(ctx, params) {
		if err != nil {
			if key != nil {
				return nil, fmt.Errorf("a key comes with the error %w", err)
			}
			return numbers, err
		}
		n, _ := strconv.Atoi(strings.TrimPrefix(key.Key, "key-"))
		numbers = append(numbers, n)
	}
	return numbers, nil
}

func remove(rows ...int) func(*shelf) {
	return func(s *shelf) {
		s.rows = slices.DeleteFunc(s.rows, func(n int) bool { return slices.Contains(rows, n) })
	}
}

// on does something before the given call.
func on(call int, do func(*shelf)) func(*shelf, int) {
	return func(s *shelf, n int) {
		if n == call {
			do(s)
		}
	}
}

func TestAllWalksOverPages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rows   []int
		params ListKeysParams
		want   []int
		calls  []string
	}{
		"nothing":                {nil, ListKeysParams{}, nil, []string{""}},
		"one":                    {down(1, 1), ListKeysParams{}, down(1, 1), []string{""}},
		"a full page":            {down(100, 100), ListKeysParams{}, down(100, 100), []string{""}},
		"a page and one":         {down(101, 101), ListKeysParams{}, down(101, 101), []string{"", "2"}},
		"more than 100 pages":    {down(250, 250), ListKeysParams{PageSize: 2}, down(250, 250), nil},
		"pages of one":           {down(4, 4), ListKeysParams{PageSize: 1}, down(4, 4), []string{"", "4", "3", "2"}},
		"after one":              {down(9, 9), ListKeysParams{PageSize: 3, Cursor: Set(rowID(7))}, down(6, 6), []string{"7", "4"}},
		"after the last":         {down(9, 9), ListKeysParams{Cursor: Set(rowID(1))}, nil, []string{"1"}},
		"after one that is gone": {down(9, 9), ListKeysParams{Cursor: Set(rowID(77))}, nil, []string{"77"}},
		"from the start":         {down(2, 2), ListKeysParams{Cursor: Set("")}, down(2, 2), []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &shelf{rows: test.rows}
			client, _ := newClient(t, s.answer)
			got, err := walked(t.Context(), client, test.params)
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
			if test.calls != nil {
				assert.Equal(t, test.calls, s.calls)
			}
			for _, size := range s.sizes {
				assert.Equal(t, cmp.Or(test.params.PageSize, 100), size)
			}
		})
	}
}

// The row that the cursor names may go while the loop runs: popped, drawn for a
// license or deleted. Nothing that stays is missed, and nothing comes twice.
func TestAllGoesOnWhenItsPlaceIsGone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before func(*shelf, int)
		want   []int
		calls  []string
	}{
		"the last seen":                      {on(2, remove(8)), down(12, 12), []string{"", "8", "9", "3"}},
		"the last two":                       {on(2, remove(8, 9)), down(12, 12), []string{"", "8", "9", "10", "3"}},
		"and one to come":                    {on(2, remove(8, 7)), append(down(12, 5), down(6, 6)...), []string{"", "8", "9"}},
		"all but the first":                  {on(2, remove(8, 9, 10, 11)), down(12, 12), []string{"", "8", "9", "10", "11", "12"}},
		"one that is not last":               {on(2, remove(9, 10)), down(12, 12), []string{"", "8", "3"}},
		"on a later page":                    {on(3, remove(3)), down(12, 12), []string{"", "8", "3", "4"}},
		"past the page before":               {on(3, remove(down(7, 5)...)), down(12, 12), []string{"", "8", "3", "4", "5", "6", "7", "8"}},
		"all that was to come":               {on(2, remove(down(7, 7)...)), down(12, 5), []string{"", "8", "9"}},
		"all that was to come, and the last": {on(2, remove(down(8, 8)...)), down(12, 5), []string{"", "8", "9", "10"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &shelf{rows: down(12, 12), before: test.before}
			client, _ := newClient(t, s.answer)
			got, err := walked(t.Context(), client, ListKeysParams{PageSize: 5})
			assert.Equal(t, test.want, got)
			require.NoError(t, err)
			if test.calls != nil {
				assert.Equal(t, test.calls, s.calls[:min(len(s.calls), len(test.calls))])
			}
		})
	}
}

// Where nothing is left to go on from, the list is not known to be complete.
func TestAllSaysWhenItsPlaceIsLost(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rows   int
		params ListKeysParams
		before func(*shelf, int)
		want   []int
		calls  int
	}{
		"all of the page":            {12, ListKeysParams{PageSize: 5}, on(2, remove(down(12, 5)...)), down(12, 5), 6},
		"the whole list":             {12, ListKeysParams{PageSize: 5}, on(2, func(s *shelf) { s.rows = nil }), down(12, 5), 6},
		"a page of one":              {3, ListKeysParams{PageSize: 1}, on(2, remove(3)), down(3, 1), 2},
		"a page of one, on page two": {3, ListKeysParams{PageSize: 1}, on(3, remove(3, 2)), down(3, 2), 4},
		"the last hundred":           {350, ListKeysParams{}, on(3, remove(down(250, 100)...)), down(350, 200), 102},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &shelf{rows: down(test.rows, test.rows), before: test.before}
			client, v := newClient(t, s.answer)
			got, err := walked(t.Context(), client, test.params)
			assert.Equal(t, test.want, got)
			assert.ElementsMatch(t, []string{"conflict", "list broken"}, kindsOf(err))
			e := errorOf(t, err)
			assert.Equal(t, "listKeys", e.Op)
			assert.Equal(t, OutcomeNotApplied, e.Outcome)
			assert.ErrorContains(t, e, "start again")
			v.AssertCalls(t, test.calls)
		})
	}
}

// Keys that are created meanwhile do no harm in either order.
func TestAllWhileKeysAreCreated(t *testing.T) {
	t.Parallel()
	next := 100
	front := &shelf{rows: down(20, 20), before: func(s *shelf, _ int) { next++; s.rows = append([]int{next}, s.rows...) }}
	client, _ := newClient(t, front.answer)
	got, err := walked(t.Context(), client, ListKeysParams{PageSize: 3})
	require.NoError(t, err)
	assert.Equal(t, append([]int{101}, down(20, 20)...), got)

	last := 0
	back := &shelf{before: func(s *shelf, _ int) {
		for range 2 {
			if last < 30 {
				last++
				s.rows = append(s.rows, last)
			}
		}
	}, rows: []int{}}
	client, _ = newClient(t, back.answer)
	got, err = walked(t.Context(), client, ListKeysParams{PageSize: 1, Order: OldestFirst})
	require.NoError(t, err)
	want := down(30, 30)
	slices.Reverse(want)
	assert.Equal(t, want, got)
}

// With a page of one, going back can bring nothing but the last key; new ones
// behind it must not make that look like a list without an end.
func TestAllGoesOnAfterAPageThatBringsNothingNew(t *testing.T) {
	t.Parallel()
	s := &shelf{rows: []int{1, 2, 3}, before: func(s *shelf, call int) {
		switch call {
		case 3: // what was to follow 2 is gone
			remove(3)(s)
		case 4: // but more comes
			s.rows = append(s.rows, 4, 5)
		}
	}}
	client, _ := newClient(t, s.answer)
	got, err := walked(t.Context(), client, ListKeysParams{PageSize: 1, Order: OldestFirst})
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2, 4, 5}, got)
	assert.Equal(t, []string{"", "1", "2", "1", "2", "4"}, s.calls)
}

func TestAllKeepsItsConditions(t *testing.T) {
	t.Parallel()
	s := &shelf{rows: down(5, 5)}
	client, v := newClient(t, s.answer)
	params := ListKeysParams{PolicyID: policyID, ProductID: productID, Order: NewestFirst, PageSize: 2}
	all := client.Keys.All(t.Context(), params)
	params.PolicyID, params.PageSize = keyID, 3
	for _, err := range all {
		require.NoError(t, err)
	}
	v.AssertCalls(t, 3)
	for i, cursor := range []string{"", rowID(4), rowID(2)} {
		assert.Equal(t, DefaultBaseURL+"/accounts/acme/keys?page%5Bsize%5D=2&page%5Bcursor%5D="+cursor+"&order=desc&product="+productID+"&policy="+policyID, v.Calls[i].URL)
	}
}

// The other lists are walked in the same way.
func TestOtherListsAreWalkedToo(t *testing.T) {
	t.Parallel()
	first := func(items string) answer {
		return says(200, `{"data": [`+items+`], "links": {"next": "/v1/accounts/acme/x?page%5Bcursor%5D=`+rowID(1)+`"}}`)
	}
	last := says(200, `{"data": [], "links": {"next": null}}`)
	for name, test := range map[string]struct {
		url, items string
		walk       func(context.Context, *Client) (int, error)
	}{
		"pool": {poolURL + "?", row(2) + ", " + row(1), func(ctx context.Context, c *Client) (n int, err error) {
			for _, err := range c.Pool(policyID).All(ctx, ListPoolParams{PageSize: 2, Order: OldestFirst}) {
				if err != nil {
					return n, err
				}
				n++
			}
			return n, nil
		}},
		"policies": {"/policies?", `{"id": "` + rowID(2) + `"}, {"id": "` + rowID(1) + `"}`, func(ctx context.Context, c *Client) (n int, err error) {
			for _, err := range c.Policies.All(ctx, ListPoliciesParams{PageSize: 2, Order: OldestFirst}) {
				if err != nil {
					return n, err
				}
				n++
			}
			return n, nil
		}},
		"licenses": {"/licenses?", `{"id": "` + rowID(2) + `"}, {"id": "` + rowID(1) + `"}`, func(ctx context.Context, c *Client) (n int, err error) {
			for _, err := range c.Licenses.All(ctx, ListLicensesParams{PageSize: 2, Order: OldestFirst}) {
				if err != nil {
					return n, err
				}
				n++
			}
			return n, nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, seen, _ := strings.Cut(test.items, "}, {")
			client, v := newClient(t, first(test.items), last, says(200, `{"data": [{`+seen+`], "links": {"next": null}}`))
			n, err := test.walk(t.Context(), client)
			require.NoError(t, err)
			assert.Equal(t, 2, n)
			v.AssertCalls(t, 3)
			for i, cursor := range []string{"", rowID(1), rowID(2)} {
				assert.Equal(t, DefaultBaseURL+"/accounts/acme"+test.url+"page%5Bsize%5D=2&page%5Bcursor%5D="+cursor+"&order=asc", v.Calls[i].URL)
			}

			client, _ = newClient(t, first(test.items), last)
			n, err = test.walk(t.Context(), client)
			assert.Equal(t, 2, n)
			assert.ErrorIs(t, err, ErrListBroken)
		})
	}
}

func TestAllFetchesOnlyWhatTheLoopNeeds(t *testing.T) {
	t.Parallel()
	s := &shelf{rows: down(100, 100)}
	client, v := newClient(t, s.answer)
	all := client.Keys.All(t.Context(), ListKeysParams{PageSize: 25})
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
	assert.Equal(t, []string{"", ""}, s.calls, "a second range starts anew")
}

func TestAllEndsAfterAnError(t *testing.T) {
	t.Parallel()
	forbidden := refuses(403, "Access denied", "You do not have permission", "", "")
	s := &shelf{rows: down(20, 20)}
	client, v := newClient(t, s.answer, forbidden, s.answer)
	got, err := walked(t.Context(), client, ListKeysParams{PageSize: 10})
	assert.Equal(t, down(20, 10), got)
	assert.ErrorIs(t, err, ErrForbidden)
	v.AssertCalls(t, 2)

	s = &shelf{rows: down(20, 20), before: on(2, remove(11))}
	client, v = newClient(t, s.answer, s.answer, forbidden)
	got, err = walked(t.Context(), client, ListKeysParams{PageSize: 10})
	assert.Equal(t, down(20, 10), got)
	assert.ErrorIs(t, err, ErrForbidden, "also while it looks for its place")
	v.AssertCalls(t, 3)
}

func TestAllEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := &shelf{rows: down(20, 20)}
	client, v := newClient(t, s.answer)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range client.Keys.All(ctx, ListKeysParams{PageSize: 10}) {
		cancel()
		last = err
	}
	assert.ErrorIs(t, last, context.Canceled)
	v.AssertCalls(t, 1)
}

// A vendor that leads in a circle would keep the loop going for ever.
func TestAllNoticesACircle(t *testing.T) {
	t.Parallel()
	page := func(next int, rows ...int) answer {
		return says(200, pageJSON(rows, strconv.Quote("/v1/accounts/acme/keys?page%5Bcursor%5D="+rowID(next))))
	}
	for name, test := range map[string]struct {
		params  ListKeysParams
		answers []answer
		want    []int
	}{
		"the same page":               {ListKeysParams{}, []answer{page(1, 3, 2, 1)}, []int{3, 2, 1}},
		"two pages":                   {ListKeysParams{}, []answer{page(3, 4, 3), page(1, 2, 1), page(3, 4, 3)}, []int{4, 3, 2, 1}},
		"a page that leads to itself": {ListKeysParams{}, []answer{page(3, 4, 3), page(3, 2, 1)}, []int{4, 3}},
		"back to where it began":      {ListKeysParams{Cursor: Set(rowID(9))}, []answer{page(9, 8, 7)}, nil},
		"an empty page with more":     {ListKeysParams{}, []answer{page(1), page(2), page(3)}, nil},
		"old keys, new cursors":       {ListKeysParams{}, []answer{page(3, 4, 3), page(1, 4, 3), page(2, 4, 3), page(5, 4, 3)}, []int{4, 3}},
		"gone and back again": {ListKeysParams{PageSize: 1}, []answer{page(2, 2), page(1, 1), says(200, pageJSON(nil, "null")), page(1, 1), says(200, pageJSON(nil, "null")), page(1, 1),
			says(200, pageJSON(nil, "null")), page(1, 1)}, []int{2, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, v := newClient(t, test.answers...)
			got, err := walked(t.Context(), client, test.params)
			assert.Equal(t, test.want, got)
			assert.ElementsMatch(t, []string{"bad response"}, kindsOf(err))
			assert.Equal(t, "listKeys", errorOf(t, err).Op)
			assert.LessOrEqual(t, len(v.Calls), 8)
		})
	}
}

func TestListByCursorHandsOutTheNext(t *testing.T) {
	t.Parallel()
	s := &shelf{rows: down(5, 5)}
	client, _ := newClient(t, s.answer)
	var got []string
	cursor := ""
	for range 3 {
		page, err := client.Keys.List(t.Context(), ListKeysParams{Cursor: Set(cursor), PageSize: 2})
		require.NoError(t, err)
		for _, key := range page.Items {
			got = append(got, key.Key)
		}
		cursor = page.Next
	}
	assert.Equal(t, []string{"key-00005", "key-00004", "key-00003", "key-00002", "key-00001"}, got)
	assert.Empty(t, cursor)
}

// FuzzAll: wherever the links of a vendor's pages lead, a walk along them comes to
// an end, and first hands out what is on the first.
func FuzzAll(f *testing.F) {
	next := func(n int) string { return "/v1/accounts/acme/keys?page[cursor]=" + rowID(n) }
	for _, links := range []string{
		"", next(3), next(4) + "\n" + next(2), next(4) + "\n" + next(4), next(2) + "\n" + next(4) + "\n" + next(2), "/x", "\x00", "%", "//[", next(1) + "&page[cursor]=" + rowID(9), "?page[cursor]=",
	} {
		f.Add([]byte{5, 4, 3, 2, 1}, uint8(1), links)
		f.Add([]byte{7, 7, 7, 7}, uint8(0), links)
	}
	f.Fuzz(func(t *testing.T, numbers []byte, size uint8, links string) {
		synctest.Test(t, func(t *testing.T) { // since the client waits before it asks again
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			nexts := strings.Split(links, "\n")
			client, _ := newClient(t, clienttest.Book(numbers, size, func(numbers []byte) answer {
				var rows []int
				for _, n := range numbers {
					rows = append(rows, int(n))
				}
				link, _ := json.Marshal(nexts[0])
				nexts = nexts[min(1, len(nexts)-1):]
				return says(200, pageJSON(rows, string(link)))
			}, giveUp)...)
			got, err := walked(ctx, client, ListKeysParams{})
			require.NoError(t, ctx.Err(), "the walk goes on and on")
			if err != nil {
				require.ErrorIs(t, err, ErrBadResponse)
				return
			}
			if _, read := cursorIn(&strings.Split(links, "\n")[0]); read && len(numbers) > 0 { // else the second attempt gets the second page
				require.NotEmpty(t, got)
				require.Equal(t, int(numbers[0]), got[0])
			}
		})
	})
}
