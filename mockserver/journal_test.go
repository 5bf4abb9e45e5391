package mockserver

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// send makes one request in process and returns its status.
func request(t testing.TB, s *Server, method, path string) int {
	t.Helper()
	req, err := http.NewRequest(method, shopHost+path, nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer canary-secret")
	resp, err := s.Client().Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}

func TestJournalTellsOfEveryExchange(t *testing.T) {
	t.Parallel()
	s, _ := open(t, WithStart(t0), WithFrozenClock(), AllowFindings())
	post(t, s, "book")
	post(t, s, "")
	s.Inject(Fault{Op: opGet, Do: Status(503), Times: 1})
	request(t, s, "GET", "/api/v1/items/1?secret=canary-secret")
	request(t, s, "DELETE", "/api/v1/items/canary-secret")
	request(t, s, "GET", "/api/v1/item")
	request(t, s, "PATCH", "/api/v1/items/1")

	calls := s.Calls()
	for i := range calls {
		assert.Positive(t, calls[i].Duration)
		assert.WithinDuration(t, time.Now(), calls[i].Arrived, time.Minute)
		calls[i].Duration, calls[i].Arrived = 0, time.Time{}
		calls[i].Request, calls[i].Answer = Message{}, Message{} // see message_test.go
	}
	call := func(n int, op, method, path string, status int) Call {
		return Call{Number: n, Vendor: "shop", Op: op, Method: method, Path: path, At: t0, Status: status, Delivery: Delivered}
	}
	created := call(1, opCreate, "POST", "/api/v1/items", 201)
	created.Committed, created.Rows = true, []string{"shop.create"}
	created.Effects = []Effect{{Vendor: "shop", Op: opCreate, Kind: "item.created", ID: "1", Detail: "book", At: t0}}
	refused := call(2, opCreate, "POST", "/api/v1/items", 400)
	refused.Rows, refused.Findings = []string{"shop.empty"}, []string{"an item without a name was sent"}
	failed := call(3, opGet, "GET", "/api/v1/items/{id}", 503)
	failed.Delivery, failed.Faults = Damaged, []FaultHit{{BeforeCommit, "Status(503)"}}
	deleted := call(4, opDelete, "DELETE", "/api/v1/items/{id}", 204)
	deleted.Committed = true
	deleted.Effects = []Effect{{Vendor: "shop", Op: opDelete, Kind: "item.deleted", ID: "canary-secret", At: t0}}
	lost := call(5, "", "GET", "/api/v1/item", 404)
	lost.Findings = []string{`no route GET "/api/v1/item"; the nearest is GET /api/v1/items`}
	odd := call(6, "", "PATCH", "/api/v1/items/1", 405)
	odd.Findings = []string{`"PATCH" is no method of /api/v1/items/1, which knows DELETE, GET`}
	assert.Equal(t, []Call{created, refused, failed, deleted, lost, odd}, calls)

	deleted.Effects = nil
	for _, c := range []Call{created, refused, failed, deleted} {
		assert.NotContains(t, fmt.Sprintf("%+v", c), "canary", "no header, query or path value is kept")
	}
	assert.Equal(t, "#3 GET /api/v1/items/{id} shop.getItem: 503 damaged, before commit Status(503)", failed.String())
	assert.Equal(t, "#1 POST /api/v1/items shop.createItem: 201 committed delivered", created.String())
}

func TestCallsOfUnknownOperationsAreMisuse(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	s, _ := open(r)
	assert.Contains(t, fatality(t, r, func() { s.Calls("shop.stock") }), `Calls: no operation "shop.stock"`)
	assert.Contains(t, fatality(t, r, func() { s.AssertCalls(r, 0, "shop.creatItem") }), `did you mean "shop.createItem"?`)
}

func TestAssertCalls(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	post(t, s, "book")
	post(t, s, "pen")
	request(t, s, "GET", "/api/v1/items")
	r := &recorder{}
	assert.True(t, s.AssertCalls(r, 2, opCreate))
	assert.True(t, s.AssertCalls(r, 3))
	assert.True(t, s.AssertCalls(r, 3, opCreate, opList))
	assert.True(t, s.AssertCalls(r, 0, opGet))
	assert.Empty(t, r.errors)
	assert.False(t, s.AssertCalls(r, 1, opCreate))
	assert.Equal(t, []string{"mockserver: calls of shop.createItem: 1 wanted, 2 arrived" +
		"\n  #1 POST /api/v1/items shop.createItem: 201 committed delivered" +
		"\n  #2 POST /api/v1/items shop.createItem: 201 committed delivered"}, r.errors)

	s.ResetJournal()
	s.AssertCalls(t, 0)
	post(t, s, "bag")
	assert.Equal(t, 4, s.Calls()[0].Number, "numbers go on")
	s.AssertEffects(t, 3, "item.created")
}

func TestJournalIsBounded(t *testing.T) {
	t.Parallel()
	s, shop := open(t, WithJournal(3))
	numbers := func() (list []int) {
		for _, c := range s.Journal() {
			list = append(list, c.Number)
		}
		return list
	}
	for range 3 {
		shop.Stock("pen")
	}
	assert.Equal(t, []int{1, 2, 3}, numbers())
	for range 3 {
		post(t, s, "book")
	}
	assert.Equal(t, []int{4, 5, 6}, numbers())
	s.AssertCalls(t, 3, opCreate) // only actions were dropped
	request(t, s, "GET", "/api/v1/items")
	assert.Equal(t, []int{5, 6, 7}, numbers())

	r := &recorder{}
	for _, n := range []int{2, 3} {
		assert.False(t, s.AssertCalls(r, n, opCreate))
	}
	assert.Equal(t, "mockserver: calls of shop.createItem: 3 wanted, but the journal has dropped 1 and kept 2; make room with WithJournal", r.errors[1])
	assert.False(t, s.AssertCalls(r, 3))
	s.AssertCalls(t, 1, opList) // none of these was dropped
	s.AssertEffects(t, 6, "item.created")
}

func TestJournalShowsACallUnderWay(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	s.journal.add(&entry{method: "GET", op: &core.Op{}, v: s.vendor("shop")})
	assert.Equal(t, Pending, s.Calls()[0].Delivery)
	assert.Equal(t, "#1 GET: pending", s.Calls()[0].String())
}

func TestLedger(t *testing.T) {
	t.Parallel()
	s, shop := open(t, WithStart(t0), WithFrozenClock())
	post(t, s, "book")
	shop.Stock("pen")
	request(t, s, "DELETE", "/api/v1/items/1")
	assert.Len(t, s.Effects(), 3)
	assert.Len(t, s.Effects("item.created"), 2)
	assert.Len(t, s.Effects("shop.item.created"), 2)
	assert.Equal(t, "shop.stock", s.Effects("item.created")[1].Op)

	r := &recorder{}
	assert.True(t, s.AssertEffects(r, 3, "item.created", "item.deleted"))
	assert.False(t, s.AssertEffects(r, 1, "item.created"))
	assert.False(t, s.AssertEffects(r, 1, "item.created", "shop.item.created"), "no effect counts twice")
	request(t, s, "DELETE", "/api/v1/items/2")
	none, _ := open(t, WithStart(t0))
	assert.False(t, none.AssertEffects(r, 1, "item.deleted"))
	assert.Equal(t, []string{
		"mockserver: effects of item.created: 1 wanted, 2 found" +
			"\n  item.created 1 by shop.createItem: book\n  item.created 2 by shop.stock: pen",
		"mockserver: effects of item.created, shop.item.created: 1 wanted, 2 found" +
			"\n  item.created 1 by shop.createItem: book\n  item.created 2 by shop.stock: pen",
		"mockserver: effects of item.deleted: 1 wanted, 0 found; the whole ledger:",
	}, r.errors)
}

func TestFindingsAreCountedAndBounded(t *testing.T) {
	t.Parallel()
	s, _ := open(&recorder{}, WithStart(t0), WithFrozenClock())
	post(t, s, "")
	post(t, s, "")
	first := Finding{Vendor: "shop", Op: opCreate, Text: "an item without a name was sent", At: t0, Count: 2}
	assert.Equal(t, []Finding{first}, s.Findings())
	assert.Equal(t, "shop.createItem: an item without a name was sent (2 times)", first.String())
	assert.Equal(t, "x", Finding{Text: "x"}.String())

	for i := range maxFindings + 10 {
		request(t, s, "GET", fmt.Sprintf("/%d/%d", i/100, i%100))
	}
	request(t, s, "GET", "/"+strings.Repeat("long", 1000))
	all := s.Findings()
	require.Equal(t, maxFindings, len(all), "Len would print them all")
	assert.Equal(t, Finding{Text: "further findings are not listed", At: t0, Count: 13}, all[maxFindings-1])
	post(t, s, "")
	assert.Equal(t, 3, s.Findings()[0].Count, "known ones still count")
}

func TestMalformedQueryIsAFinding(t *testing.T) {
	t.Parallel()
	s, _ := open(t, AllowFindings("query"))
	assert.Equal(t, 200, request(t, s, "GET", "/api/v1/items?a=1;b=2"))
	require.Len(t, s.Findings(), 1)
	assert.Contains(t, s.Findings()[0].Text, "query is malformed")
}

func TestNearestRoute(t *testing.T) {
	t.Parallel()
	ops := (&shop{}).Ops()
	for _, c := range []struct{ method, path, want string }{
		{"GET", "/api/v1/item", "GET /api/v1/items"},
		{"POST", "/api/v1/item", "POST /api/v1/items"},
		{"GET", "/api/v1/item/4711", "GET /api/v1/items/{id}"},
		{"DELETE", "/api/v1/items/", "DELETE /api/v1/items/{id}"},
		{"DELETE", "/items/4711", "DELETE /api/v1/items/{id}"},
		{"POST", "/api/v1/crush/x", "POST /api/v1/crash/{how}"},
	} {
		assert.Equal(t, c.want, nearestRoute(c.method, c.path, ops), "%s %s", c.method, c.path)
	}
	assert.Empty(t, nearestRoute("GET", "/", nil))
}
