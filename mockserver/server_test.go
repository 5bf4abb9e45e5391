package mockserver

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// post creates an item in process.
func post(t testing.TB, s *Server, name string) (status int, body string) {
	t.Helper()
	resp, err := s.Client().Post(shopHost+"/api/v1/items", "text/plain", strings.NewReader(name))
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	read, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(read)
}

func TestServersWithOneSeedAnswerAlike(t *testing.T) {
	t.Parallel()
	first := func(opts ...Option) string {
		s, _ := open(t, append(opts, WithStart(t0), WithFrozenClock())...)
		_, body := post(t, s, "book")
		return body
	}
	assert.Equal(t, first(), first())
	assert.Equal(t, first(WithRandomSeed(7)), first(WithRandomSeed(7)))
	assert.NotEqual(t, first(WithRandomSeed(7)), first(WithRandomSeed(8)))
}

func TestBadOptionsAreRefusedTogether(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	text := fatality(t, r, func() { RunT(r, WithJournal(0), WithStart(time.Time{})) })
	assert.Contains(t, text, "0 entries")
	assert.Contains(t, text, "time is zero")
	assert.Panics(t, func() { New(WithJournal(-1)) })
}

func TestBehaviours(t *testing.T) {
	t.Parallel()
	s := New(with(depotVendor(), shopVendor()))
	rows := s.Behaviours()
	require.Len(t, rows, 2)
	assert.Equal(t, Behaviour{Vendor: "shop", ID: "shop.create", Statement: "An item is created.", Source: "documented"}, rows[0])
	assert.Empty(t, s.Behaviours("depot"))
	assert.PanicsWithValue(t, `mockserver: no vendor "shoop"; there is depot, shop`, func() { s.Behaviours("shoop") })
}

func TestDecidedCountsAnswersAndActions(t *testing.T) {
	t.Parallel()
	s, shop := open(t, WithJournal(1))
	assert.Zero(t, s.Decided("shop.create"))
	post(t, s, "book")
	shop.Stock("pen")
	assert.Equal(t, 2, s.Decided("shop.create"))
	assert.Zero(t, s.Decided("shop.empty"))
	r := &recorder{}
	s2, _ := open(r)
	assert.Contains(t, fatality(t, r, func() { s2.Decided("shop.creat") }), `no behaviour "shop.creat"; did you mean "shop.create"?`)
}

func TestActionsOfAWorld(t *testing.T) {
	t.Parallel()
	s, shop := open(t, WithStart(t0), WithFrozenClock())
	shop.Stock("pen")
	assert.Equal(t, 1, shop.Len(), "a look")
	journal := s.Journal()
	require.Len(t, journal, 1, "a look is not recorded")
	call := journal[0]
	call.Duration, call.Arrived = 0, time.Time{}
	effect := Effect{Vendor: "shop", Op: "shop.stock", Kind: "item.created", ID: "1", Detail: "pen", At: t0}
	assert.Equal(t, Call{
		Number: 1, Vendor: "shop", Op: "shop.stock", At: t0, Committed: true, Delivery: Delivered,
		Rows: []string{"shop.create"}, Effects: []Effect{effect},
	}, call)
	assert.Equal(t, []Effect{effect}, s.Effects())
	assert.Empty(t, s.Calls(), "an action is no request")
}

func TestARefusedActionEndsTheTestAndLeavesNoTrace(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	s, world := open(r)
	assert.Equal(t, "mockserver: shop.stock: an item needs a name", fatality(t, r, func() { world.Stock("") }))
	assert.Empty(t, s.Journal())
	assert.Zero(t, world.Len(), "the server goes on")

	bare := New(with(shopVendor()))
	assert.PanicsWithValue(t, "mockserver: shop.stock: an item needs a name", func() {
		bare.vendor("shop").public.(*shop).Stock("")
	})
}

func TestMistakesOfAWorldAreLoud(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	crash := func(how string) func() {
		return func() {
			resp, err := s.Client().Post(shopHost+"/api/v1/crash/"+how, "", nil)
			if err == nil {
				_ = resp.Body.Close()
			}
		}
	}
	assert.PanicsWithValue(t, `mockserver: shop.crash was decided by the behaviour "shop.no-such-row", which the table of shop lacks`, crash("row"))
	assert.PanicsWithValue(t, "mockserver: the world of shop answered shop.crash with status 0", crash("status"))
	assert.PanicsWithValue(t, "the shop is on fire", crash("down"))
	post(t, s, "the server goes on")
}

func TestManyServersAtOnce(t *testing.T) {
	t.Parallel()
	for i := range 200 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			s, shop := open(t, WithStart(t0))
			f := s.Inject(Fault{Op: opCreate, Do: Status(503), Times: 1})
			status, _ := post(t, s, "book")
			assert.Equal(t, http.StatusServiceUnavailable, status)
			status, _ = post(t, s, "book")
			assert.Equal(t, http.StatusCreated, status)
			s.Advance(time.Hour)
			assert.Equal(t, 1, f.Hits())
			assert.Equal(t, 1, shop.Len())
			s.AssertCalls(t, 2, opCreate)
			s.AssertEffects(t, 1, "item.created")
		})
	}
}

func TestManyGoroutinesAtOneServer(t *testing.T) {
	t.Parallel()
	s, shop := open(t)
	const workers, each = 16, 20
	done := make(chan bool)
	for range workers {
		go func() {
			defer func() { done <- true }()
			for range each {
				post(t, s, "book")
				s.Advance(time.Second)
				s.Calls(opCreate)
				s.Effects()
				s.Findings()
				s.Decided("shop.create")
			}
		}()
	}
	for range workers {
		<-done
	}
	assert.Equal(t, workers*each, shop.Len())
	s.AssertEffects(t, workers*each)
	calls := s.Calls(opCreate)
	require.Len(t, calls, workers*each)
	for i, c := range calls {
		assert.Equal(t, i+1, c.Number)
	}
}

func TestRunTReportsAtTheEnd(t *testing.T) {
	t.Parallel()
	misbehave := func(s *Server) {
		s.Inject(Fault{Op: opGet, Do: Status(500)})
		removed := s.Inject(Fault{Op: opGet, Do: Status(501)})
		removed.Remove()
		resp, err := s.Client().Get(shopHost + "/api/v1/item/7")
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, http.StatusNotFound, resp.StatusCode, "the answer is the vendor's own")
	}
	route := `mockserver: shop: no route GET "/api/v1/item/7"; the nearest is GET /api/v1/items/{id}`
	fault := "mockserver: fault never fired: Status(500) before commit on shop.getItem (it saw 0 calls)"

	strict := &recorder{}
	s, _ := open(strict)
	misbehave(s)
	assert.Empty(t, strict.errors, "not before the end")
	strict.end()
	assert.Equal(t, []string{route, fault}, strict.errors)

	picky := &recorder{}
	s, _ = open(picky, AllowFindings("no route"))
	misbehave(s)
	picky.end()
	assert.Equal(t, []string{fault}, picky.errors)
	assert.Equal(t, []string{strings.Replace(route, "shop", "allowed: shop", 1)}, picky.logs)

	lenient := &recorder{}
	s, _ = open(lenient, AllowFindings())
	misbehave(s)
	lenient.end()
	assert.Empty(t, lenient.errors)
	assert.Len(t, lenient.logs, 2)
}

// Whatever still calls the server after its test would go unseen.
func TestAfterTheTest(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	s, _ := open(r)
	client := s.Client()
	r.end()
	resp, err := client.Get("https://api.shop.test/api/v1/items")
	if err == nil {
		resp.Body.Close()
	}
	require.ErrorContains(t, err, "the test that made this server with RunT is over")
	_, err = s.Listen("")
	require.ErrorContains(t, err, "is over")
	require.Empty(t, r.errors)
}
