package mockserver

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// numbers are those of the requests that the control plane lists.
func (c console) numbers(query string) []int {
	c.t.Helper()
	numbers := []int{}
	for _, item := range c.send("GET", "/requests"+query, "", 200)["items"].([]any) {
		numbers = append(numbers, int(at(item, "number").(float64)))
	}
	return numbers
}

func TestRequestsOverHTTP(t *testing.T) {
	t.Parallel()
	s := RunT(t, with(shopVendor(), depotVendor()), WithStart(t0), WithFrozenClock(), AllowFindings())
	c := consoleOf(t, s)
	c.want("GET", "/requests", "", 200, `{"items":[],"dropped":0}`)
	post(t, s, "book") // 1
	post(t, s, "")     // 2
	s.vendor("shop").public.(*shop).Stock("pen")
	for _, url := range []string{"http://depot.test/ping", shopHost + "/api/v1/items/7?secret=x", shopHost + "/nowhere"} { // 4, 5, 6
		resp, err := s.Client().Get(url)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
	}
	for query, want := range map[string][]int{
		"":                                    {1, 2, 4, 5, 6}, // 3 is an action of the Go API
		"?vendor=shop":                        {1, 2, 5, 6},
		"?vendor=depot":                       {4},
		"?op=shop.createItem":                 {1, 2},
		"?op=shop.*":                          {1, 2, 5, 6},
		"?op=*":                               {1, 2, 4, 5, 6},
		"?op=shop.createItem&vendor=depot":    {},
		"?status=404":                         {5, 6},
		"?status=201":                         {1},
		"?status=0":                           {},
		"?limit=1":                            {6},
		"?limit=2":                            {5, 6},
		"?limit=99":                           {1, 2, 4, 5, 6},
		"?op=shop.createItem&limit=1":         {2},
		"?vendor=shop&status=404&op=shop.*":   {5, 6},
		"?op=shop.createItem&status=400":      {2},
		"?limit=9223372036854775807":          {1, 2, 4, 5, 6},
		"?status=9223372036854775807&limit=1": {},
	} {
		assert.Equal(t, want, c.numbers(query), query)
		if !strings.Contains(query, "limit") {
			assert.InDelta(t, len(want), c.send("GET", "/requests/count"+query, "", 200)["count"], 0, query)
		}
	}

	items := c.send("GET", "/requests", "", 200)["items"]
	first := at(items, 0).(sheet)
	assert.Equal(t, []any{"shop.create"}, first["behaviours"])
	assert.Equal(t, []any{sheet{"kind": "item.created", "id": "1", "detail": "book", "at": "2026-03-01T12:00:00Z"}}, first["effects"])
	assert.Equal(t, []any{"an item without a name was sent"}, at(items, 1, "findings"))
	assert.Equal(t, "/api/v1/items/{id}", at(items, 3, "path"), "no query")
	assert.Nil(t, at(items, 4, "op"))
	assert.Equal(t, "/***", at(items, 4, "path"), "it may be a key")
	assert.Len(t, at(items, 4, "findings"), 1)

	c.want("DELETE", "/requests", "", 204, "")
	c.want("GET", "/requests", "", 200, `{"items":[],"dropped":0}`)
	assert.NotEmpty(t, s.Findings(), "they stay")
	post(t, s, "book")
	assert.Equal(t, []int{7}, c.numbers(""))
}

func TestFaultsInTheRequestsOverHTTP(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	c := consoleOf(t, s)
	s.Inject(Fault{Op: opCreate, Do: ConnClose(), Times: 1})
	_, err := s.Client().Post(shopHost+"/api/v1/items", "text/plain", strings.NewReader("book"))
	require.Error(t, err)
	post(t, s, "book")
	assert.Equal(t, []int{1}, c.numbers("?status=0"), "nothing was sent")
	lost := at(c.send("GET", "/requests", "", 200), "items", 0).(sheet)
	assert.Nil(t, lost["status"])
	assert.Equal(t, false, lost["committed"])
	assert.Equal(t, "lost", lost["delivery"])
	assert.Equal(t, []any{sheet{"phase": "beforeCommit", "action": "ConnClose()"}}, lost["faults"])
}

// A count of what is no longer there would be a lie.
func TestDroppedRequestsOverHTTP(t *testing.T) {
	t.Parallel()
	s := RunT(t, with(shopVendor(), depotVendor()), WithJournal(2))
	c := consoleOf(t, s)
	for range 3 {
		post(t, s, "book")
	}
	c.want("GET", "/requests/count", "", 200, `{"count":2,"dropped":1}`)
	c.want("GET", "/requests/count?op=shop.createItem", "", 200, `{"count":2,"dropped":1}`)
	c.want("GET", "/requests/count?op=shop.createItem&status=500", "", 200, `{"count":0,"dropped":1}`)
	c.want("GET", "/requests/count?op=shop.getItem", "", 200, `{"count":0,"dropped":0}`)
	c.want("GET", "/requests/count?vendor=depot", "", 200, `{"count":0,"dropped":0}`)
	assert.InDelta(t, 1, c.send("GET", "/requests?limit=1", "", 200)["dropped"], 0)
	c.want("DELETE", "/requests", "", 204, "")
	c.want("GET", "/requests/count", "", 200, `{"count":0,"dropped":0}`)
}

func TestQueriesOfRequestsAreReadStrictly(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	c := consoleOf(t, s)
	for query, want := range map[string]problem{
		"?vendor=shp":                       {Parameter: "vendor", Detail: `vendor cannot be "shp"; did you mean "shop"?`},
		"?vendor=":                          {Parameter: "vendor", Detail: `vendor cannot be ""`},
		"?op=shop.createItm":                {Parameter: "op", Detail: `op cannot be "shop.createItm"; did you mean "shop.createItem"?`},
		"?op=":                              {Parameter: "op", Detail: `op cannot be ""`},
		"?op=%00":                           {Parameter: "op", Detail: `op cannot be "\x00"`},
		"?status=4xx":                       {Parameter: "status", Detail: "status must be a whole number from 0"},
		"?status=-1":                        {Parameter: "status", Detail: "status must be a whole number from 0"},
		"?status=":                          {Parameter: "status", Detail: "status must be a whole number from 0"},
		"?limit=0":                          {Parameter: "limit", Detail: "limit must be a whole number from 1"},
		"?limit=99999999999999999999":       {Parameter: "limit", Detail: "limit must be a whole number from 1"},
		"?limit=1&limit=2":                  {Parameter: "limit", Detail: "limit is sent more than once"},
		"?ops=x":                            {Parameter: "ops", Detail: `ops is not known here; did you mean "op"?`},
		"?op=" + strings.Repeat("x", 1<<15): {Parameter: "op", Detail: `op cannot be "xxx`},
	} {
		got := c.refused("GET", "/requests"+query, "")
		assert.Equal(t, http.StatusUnprocessableEntity, got.Status, "%.100s", query)
		assert.Equal(t, want.Parameter, got.Parameter, "%.100s", query)
		assert.Contains(t, got.Detail, want.Detail, "%.100s", query)
		assert.Less(t, len(got.Detail), 500)
	}
	assert.Equal(t, "limit", c.refused("GET", "/requests/count?limit=1", "").Parameter)
	assert.Equal(t, "op", c.refused("DELETE", "/requests?op=shop.createItem", "").Parameter)
	assert.Equal(t, 404, c.refused("GET", "/requests/1", "").Status)
}

func TestOneRequestOverHTTP(t *testing.T) {
	t.Parallel()
	s, shop := open(t, AllowFindings())
	c := consoleOf(t, s)
	shop.Stock("pen") // 1
	exchanged(t, s, "GET", "/api/v1/items/1?page=1&secret=hidden", "", "Accept", "a/b")
	exchanged(t, s, "POST", "/api/v1/items?", `{"secret":"hidden","name":"pen"}`) // 3
	exchanged(t, s, "POST", "/api/v1/items", "hidden")                            // 4
	s.Inject(Fault{Op: opList, Do: ConnReset()})
	exchanged(t, s, "GET", "/api/v1/items", "") // 5

	got := c.send("GET", "/requests/2", "", 200)
	assert.Equal(t, sheet{
		"header": sheet{"Accept": []any{"a/b"}}, "query": "page=1&secret=***", "params": sheet{"id": "1"}, "body": "", "size": 0.0,
	}, got["request"])
	assert.Equal(t, `{"name":"pen"}`, at(got, "answer", "body"))
	assert.InDelta(t, 14, at(got, "answer", "size"), 0)
	assert.Equal(t, []any{"application/json"}, at(got, "answer", "header", "Content-Type"))
	listed := c.send("GET", "/requests", "", 200)["items"]
	for _, name := range []string{"request", "answer"} {
		assert.NotContains(t, at(listed, 0), name, "only by its number")
		delete(got, name)
	}
	assert.Equal(t, at(listed, 0), got, "and all else is the same")

	got = c.send("GET", "/requests/3", "", 200)
	assert.Equal(t, `{"secret":"***","name":"pen"}`, at(got, "request", "body"))
	assert.Equal(t, sheet{}, at(got, "request", "params"))
	got = c.send("GET", "/requests/4", "", 200)
	assert.Nil(t, at(got, "request", "body"))
	assert.InDelta(t, 6, at(got, "request", "size"), 0)
	got = c.send("GET", "/requests/5", "", 200)
	assert.Contains(t, got, "request")
	assert.NotContains(t, got, "answer", "nothing was sent")

	for number, want := range map[string]string{"1": "an action", "6": "", "0": "", "-1": "", "02": "", "2.0": "", "x": "", "99999999999999999999": "", "%00": ""} {
		assert.Equal(t, 404, c.refused("GET", "/requests/"+number, "").Status, "%s %s", number, want)
	}
	assert.Equal(t, `there is no request "6"`, c.refused("GET", "/requests/6", "").Detail)
	assert.Equal(t, 405, c.refused("DELETE", "/requests/2", "").Status)
	assert.Equal(t, "vendor", c.refused("GET", "/requests/2?vendor=shop", "").Parameter)
	for range 4 {
		big(t, s)
	}
	got = c.send("GET", "/requests/3", "", 200)
	assert.Equal(t, true, got["contentsDropped"])
	assert.NotContains(t, got, "request")
	assert.NotContains(t, got, "answer")
	c.want("DELETE", "/requests", "", 204, "")
	assert.Equal(t, 404, c.refused("GET", "/requests/2", "").Status)
}

func TestOneRequestOverHTTPWithItsSecrets(t *testing.T) {
	t.Parallel()
	s, _ := open(t, WithJournalSecrets())
	c := consoleOf(t, s)
	exchanged(t, s, "POST", "/api/v1/items?secret=hidden-1", "hidden-2\xff", "Authorization", "hidden-3")
	asked := c.send("GET", "/requests/1", "", 200)["request"]
	assert.Equal(t, "secret=hidden-1", at(asked, "query"))
	assert.Equal(t, "hidden-2\ufffd", at(asked, "body"))
	assert.Equal(t, []any{"hidden-3"}, at(asked, "header", "Authorization"))
}
