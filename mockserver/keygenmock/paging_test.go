package keygenmock

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

type paged struct {
	id      string
	created time.Time
}

func place(r *paged) (string, time.Time) { return r.id, r.created }

// rowID is the id of a row: the greater, the newer.
func rowID(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// pagedRows are rows n to 1, newest first.
func pagedRows(n int) []*paged {
	var rows []*paged
	for i := n; i >= 1; i-- {
		rows = append(rows, &paged{rowID(i), time.Unix(int64(i), 0)})
	}
	return rows
}

const keysPath = "/v1/accounts/test1/keys"

// list shows what a list of rows answers to a query: the numbers of its rows,
// and its links with the query decoded.
func list(t *testing.T, rows []*paged, rawQuery string) (numbers []int, links map[string]any, turn *core.Turn) {
	t.Helper()
	q, err := parseQuery(rawQuery)
	require.NoError(t, err)
	turn = &core.Turn{}
	p, bad := readPaging(turn, q)
	require.Nil(t, bad, "%+v", bad)
	table := newTable(traits[paged]{place, textless[paged], nameless[paged]})
	for _, row := range slices.Backward(rows) {
		table.add(row)
	}
	shown := take(turn, p, table, ordersOf(place), nil)
	numbers = []int{}
	for _, row := range shown.rows {
		n, err := strconv.Atoi(row.id[24:])
		require.NoError(t, err)
		numbers = append(numbers, n)
	}
	made := p.links(turn, keysPath, q, shown.total, shown.next)
	if made == nil {
		return numbers, nil, turn
	}
	text, err := json.Marshal(made)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &links))
	for name, link := range links {
		if encoded, ok := link.(string); ok {
			assert.NotContains(t, encoded, "[")
			decoded, err := url.QueryUnescape(encoded)
			require.NoError(t, err)
			links[name] = decoded
		}
	}
	return numbers, links, turn
}

func TestListByLimit(t *testing.T) {
	t.Parallel()
	for query, want := range map[string][]int{
		"":                   {20, 19, 18, 17, 16, 15, 14, 13, 12, 11},
		"limit=3":            {20, 19, 18},
		"limit=2&order=asc":  {1, 2},
		"limit=2&order=ASC":  {1, 2},
		"limit=2&order=Desc": {20, 19},
		"limit=2abc":         {20, 19},
		"limit=%202":         {20, 19},
		"limit=%2B2":         {20, 19},
		"limit=1&fields=x":   {20},
	} {
		got, links, _ := list(t, pagedRows(20), query)
		assert.Equal(t, want, got, query)
		assert.Nil(t, links, "there are no links without page")
	}
	all, _, _ := list(t, pagedRows(100), "limit=100")
	assert.Len(t, all, 100)
	none, links, _ := list(t, nil, "")
	assert.Empty(t, none)
	assert.Nil(t, links)
}

func TestListByNumber(t *testing.T) {
	t.Parallel()
	link := func(number, size int) string {
		return fmt.Sprintf("%s?page[number]=%d&page[size]=%d", keysPath, number, size)
	}
	meta := func(pages, count float64) map[string]any { return map[string]any{"pages": pages, "count": count} }
	for _, c := range []struct {
		query string
		rows  int
		want  []int
		links map[string]any
	}{
		{"page[number]=2&page[size]=5", 20, []int{15, 14, 13, 12, 11}, map[string]any{
			"self": link(2, 5), "prev": link(1, 5), "next": link(3, 5), "first": link(1, 5), "last": link(4, 5), "meta": meta(4, 20)}},
		{"page[number]=1&page[size]=5", 20, []int{20, 19, 18, 17, 16}, map[string]any{
			"self": link(1, 5), "prev": nil, "next": link(2, 5), "first": link(1, 5), "last": link(4, 5), "meta": meta(4, 20)}},
		{"page[number]=4&page[size]=5", 19, []int{4, 3, 2, 1}, map[string]any{
			"self": link(4, 5), "prev": link(3, 5), "next": nil, "first": link(1, 5), "last": link(4, 5), "meta": meta(4, 19)}},
		{"page[number]=5&page[size]=5", 20, []int{}, map[string]any{
			"self": link(5, 5), "prev": nil, "next": nil, "first": link(1, 5), "last": link(4, 5), "meta": meta(4, 20)}},
		{"page[number]=1", 0, []int{}, map[string]any{
			"self": link(1, 10), "prev": nil, "next": nil, "first": link(1, 10), "last": link(0, 10), "meta": meta(0, 0)}},
		{"page[number]=100&page[size]=1", 100, []int{1}, map[string]any{
			"self": link(100, 1), "prev": link(99, 1), "next": nil, "first": link(1, 1), "last": link(100, 1), "meta": meta(100, 100)}},
		{"page[number]=2abc&page[size]=3x", 4, []int{1}, map[string]any{
			"self": link(2, 3), "prev": link(1, 3), "next": nil, "first": link(1, 3), "last": link(2, 3), "meta": meta(2, 4)}},
	} {
		got, links, _ := list(t, pagedRows(c.rows), c.query)
		assert.Equal(t, c.want, got, c.query)
		assert.Equal(t, c.links, links, c.query)
	}

	got, links, _ := list(t, pagedRows(9), "limit=4&page[number]=2&order=asc&policy=p+q&token=secret&auth=secret")
	assert.Equal(t, []int{5, 6, 7, 8}, got, "limit is the size of a page that has none")
	assert.Equal(t, keysPath+"?limit=4&order=asc&page[number]=2&page[size]=4&policy=p q", links["self"])
	got, _, _ = list(t, pagedRows(9), "limit=4&page[number]=2&page[size]=2")
	assert.Equal(t, []int{7, 6}, got)
	got, _, _ = list(t, pagedRows(30), "page[number]=1")
	assert.Len(t, got, 10)
}

func TestListByCursor(t *testing.T) {
	t.Parallel()
	rows := pagedRows(19)
	got, links, _ := list(t, rows, "page[size]=5&page[cursor]=")
	assert.Equal(t, []int{19, 18, 17, 16, 15}, got)
	assert.Equal(t, map[string]any{
		"self": "/v1/accounts/test1/keys?page[cursor]=&page[size]=5",
		"next": "/v1/accounts/test1/keys?page[cursor]=" + rowID(15) + "&page[size]=5",
	}, links)

	got, links, _ = list(t, rows, "limit=5&page[cursor]="+rowID(15)+"&page[size]=5")
	assert.Equal(t, []int{14, 13, 12, 11, 10}, got)
	assert.Equal(t, map[string]any{
		"self": "/v1/accounts/test1/keys?limit=5&page[cursor]=" + rowID(15) + "&page[size]=5",
		"next": "/v1/accounts/test1/keys?limit=5&page[cursor]=" + rowID(10) + "&page[size]=5",
	}, links)

	for query, want := range map[string]struct {
		rows []int
		next any
	}{
		"page[cursor]=" + rowID(5) + "&page[size]=5":            {[]int{4, 3, 2, 1}, nil},
		"page[cursor]=" + rowID(5) + "&page[size]=4":            {[]int{4, 3, 2, 1}, nil},
		"page[cursor]=" + rowID(5) + "&page[size]=3":            {[]int{4, 3, 2}, rowID(2)},
		"page[cursor]=" + rowID(1) + "&page[size]=5":            {[]int{}, nil},
		"page[cursor]=" + rowID(77) + "&page[size]=5":           {[]int{}, nil},
		"page[cursor]=&page[number]=3&page[size]=2":             {[]int{19, 18}, rowID(18)},
		"page[cursor]=&page[number]=999&page[size]=2":           {[]int{19, 18}, rowID(18)},
		"page[cursor]=00000000000040008000000000000018&limit=2": {[]int{17, 16}, rowID(16)},
		"page[cursor]=" + rowID(2) + "&order=asc&page[size]=2":  {[]int{3, 4}, rowID(4)},
		"page[cursor]=&order=asc&page[size]=2":                  {[]int{1, 2}, rowID(2)},
		"page[cursor]&page[size]=2":                             {[]int{19, 18}, rowID(18)},
	} {
		got, links, _ := list(t, rows, query)
		assert.Equal(t, want.rows, got, query)
		if want.next == nil {
			assert.Nil(t, links["next"], query)
		} else {
			assert.Contains(t, links["next"], "page[cursor]="+want.next.(string)+"&", query)
		}
		assert.Len(t, links, 2)
	}
	none, links, _ := list(t, nil, "page[cursor]=")
	assert.Empty(t, none)
	assert.Nil(t, links["next"])
}

// TestListTies: rows of one moment are told apart by insertion, but with a
// cursor by their ids, so that no page skips or repeats any.
func TestListTies(t *testing.T) {
	t.Parallel()
	at := time.Unix(7, 0)
	rows := []*paged{{rowID(2), at}, {rowID(9), at}, {rowID(5), at}, {rowID(1), at.Add(-1)}}
	got, _, _ := list(t, rows, "")
	assert.Equal(t, []int{2, 9, 5, 1}, got)
	got, _, _ = list(t, rows, "order=asc")
	assert.Equal(t, []int{1, 5, 9, 2}, got)
	got, _, _ = list(t, rows, "page[cursor]=")
	assert.Equal(t, []int{9, 5, 2, 1}, got)
	got, _, _ = list(t, rows, "page[cursor]="+rowID(5))
	assert.Equal(t, []int{2, 1}, got)
	got, _, _ = list(t, rows, "page[cursor]="+rowID(5)+"&order=asc")
	assert.Equal(t, []int{9}, got)
	assert.Equal(t, rowID(2), rows[0].id, "the caller's list stays as it is")
}

func TestPagingRefused(t *testing.T) {
	t.Parallel()
	const (
		limit  = "limit must be a number between 1 and 100 (got %s)"
		size   = "page size must be a number between 1 and 100 (got %s)"
		number = "page number must be a number between 1 and 100 (got %s)"
		shape  = "page must be an object containing a cursor or number and optional size"
	)
	for query, want := range map[string]badRequest{
		"limit=900":                      {detail: fmt.Sprintf(limit, "900"), parameter: "limit"},
		"limit=-900":                     {detail: fmt.Sprintf(limit, "-900"), parameter: "limit"},
		"limit=101":                      {detail: fmt.Sprintf(limit, "101"), parameter: "limit"},
		"limit=0":                        {detail: fmt.Sprintf(limit, "0"), parameter: "limit"},
		"limit=":                         {detail: fmt.Sprintf(limit, "0"), parameter: "limit"},
		"limit":                          {detail: fmt.Sprintf(limit, "0"), parameter: "limit"},
		"limit=ten":                      {detail: fmt.Sprintf(limit, "0"), parameter: "limit"},
		"limit=-":                        {detail: fmt.Sprintf(limit, "0"), parameter: "limit"},
		"limit[]=5":                      {detail: fmt.Sprintf(limit, "0"), parameter: "limit"},
		"limit[a]=5":                     {detail: fmt.Sprintf(limit, "0"), parameter: "limit"},
		"limit=99999999999999999999999":  {detail: fmt.Sprintf(limit, "99999999999999999999999"), parameter: "limit"},
		"limit=-00007x":                  {detail: fmt.Sprintf(limit, "-7"), parameter: "limit"},
		"page[number]=1&page[size]=250":  {detail: fmt.Sprintf(size, "250"), parameter: "page[size]"},
		"page[number]=1&page[size]=-250": {detail: fmt.Sprintf(size, "-250"), parameter: "page[size]"},
		"page[number]=1&page[size]=":     {detail: fmt.Sprintf(size, "0"), parameter: "page[size]"},
		"page[number]=1&limit=900":       {detail: fmt.Sprintf(size, "900"), parameter: "page[size]"},
		"page[number]=-1&page[size]=10":  {detail: fmt.Sprintf(number, "-1"), parameter: "page[number]"},
		"page[number]=0":                 {detail: fmt.Sprintf(number, "0"), parameter: "page[number]"},
		"page[number]=":                  {detail: fmt.Sprintf(number, "0"), parameter: "page[number]"},
		"page[number]=x":                 {detail: fmt.Sprintf(number, "0"), parameter: "page[number]"},
		"page[number]=101":               {detail: fmt.Sprintf(number, "101, please use cursor-based pagination instead"), parameter: "page[number]"},
		"page[size]=5":                   {detail: shape, parameter: "page"},
		"page=2":                         {detail: shape, parameter: "page"},
		"page=":                          {detail: shape, parameter: "page"},
		"page":                           {detail: shape, parameter: "page"},
		"page[]=2":                       {detail: shape, parameter: "page"},
		"page[x]=1":                      {detail: shape, parameter: "page"},
		"page[cursor][x]=1":              {detail: shape, parameter: "page"},
		"page[cursor]=foo":               {detail: `page cursor must be a valid UUID (got "foo")`, parameter: "page[cursor]"},
		"order=up":                       {detail: "order is invalid", parameter: "order"},
		"order=":                         {detail: "order is invalid", parameter: "order"},
		"order[]=asc":                    {detail: "order is invalid", parameter: "order"},

		// Of several mistakes the first in the vendor's order is told.
		"page[size]=900&order=up&limit=900":      {detail: shape, parameter: "page"},
		"order=up&limit=900":                     {detail: "order is invalid", parameter: "order"},
		"order=up&page[number]=0&page[size]=0":   {detail: "order is invalid", parameter: "order"},
		"page[number]=0&page[size]=0":            {detail: fmt.Sprintf(number, "0"), parameter: "page[number]"},
		"page[cursor]=foo&page[size]=0&order=up": {detail: `page cursor must be a valid UUID (got "foo")`, parameter: "page[cursor]"},
		"page[cursor]=&page[size]=0&order=up":    {detail: fmt.Sprintf(size, "0"), parameter: "page[size]"},
		"page[cursor]=&page[number]=0&order=up":  {detail: "order is invalid", parameter: "order"},
		"page[cursor]=&limit=900":                {detail: fmt.Sprintf(size, "900"), parameter: "page[size]"},
	} {
		q, err := parseQuery(query)
		require.NoError(t, err)
		turn := &core.Turn{}
		_, bad := readPaging(turn, q)
		if assert.NotNil(t, bad, query) {
			assert.Equal(t, want, *bad, query)
			assert.Contains(t, turn.Rows, ruleListChecks)
		}
	}
}
