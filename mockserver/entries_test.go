package mockserver

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// big posts a document of 4 MB.
func big(t *testing.T, s *Server) {
	t.Helper()
	status, _ := post(t, s, `"`+strings.Repeat("x", core.MaxBody-2)+`"`)
	require.Equal(t, 201, status)
}

// dropped are the numbers of the entries whose contents are no longer kept.
func dropped(s *Server) (numbers []int) {
	for _, e := range s.pick((*entry).dropped) {
		numbers = append(numbers, e.number)
	}
	return numbers
}

func TestContentsAreBounded(t *testing.T) {
	t.Parallel()
	s, shop := open(t)
	post(t, s, "book") // 1
	shop.Stock("pen")  // 2
	for range 3 {      // 3 to 5
		big(t, s)
	}
	assert.Empty(t, dropped(s))
	big(t, s) // 6
	assert.Equal(t, []int{1, 3}, dropped(s), "the oldest first; an action has none")
	calls := s.Calls()
	assert.Empty(t, calls[0].Request)
	assert.Empty(t, calls[0].Answer)
	assert.Equal(t, "#1 POST /api/v1/items shop.createItem: 201 committed delivered", calls[0].String(), "the entry stays")
	assert.Len(t, calls[0].Effects, 1)
	assert.Equal(t, `"***"`, calls[4].Request.Body)
	s.AssertCalls(t, 5, opCreate)

	s.ResetJournal()
	for range 4 {
		big(t, s)
	}
	assert.Equal(t, []int{7}, dropped(s), "room was made")
	assert.LessOrEqual(t, s.journal.size, maxSaid)
}

// An answer counts, too, and one to a call whose request was dropped meanwhile
// is not kept alone.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	body := `"` + strings.Repeat("x", 5<<20) + `"`
	s.Inject(Fault{Op: opList, Do: Status(503).WithBody("application/json", body)})
	for range 3 {
		request(t, s, "GET", "/api/v1/items")
	}
	assert.Empty(t, dropped(s))
	request(t, s, "GET", "/api/v1/items")
	assert.Equal(t, []int{1}, dropped(s))

	late := &entry{method: "GET", v: s.vendor("shop"), op: &core.Op{}, asked: keep(&core.Request{Body: make([]byte, 10)})}
	s.journal.add(late)
	for range 4 {
		big(t, s)
	}
	require.True(t, late.dropped())
	before := s.journal.size
	s.journal.answer(late, &reply{Answer: core.Answer{Status: 200, Body: []byte("late")}})
	assert.Equal(t, before, s.journal.size)
	assert.Nil(t, late.answered.body)
}

// What somebody has picked stays as it was, whatever becomes of the call.
func TestPickedEntriesDoNotChange(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	request(t, s, "GET", "/api/v1/items")
	e := s.journal.slot(1).entry
	for range 3 {
		e.find("found")
		e.hit([]FaultHit{{BeforeCommit, "Status(503)"}})
		picked := s.pick(func(*entry) bool { return true })
		want := s.outline(picked[0])
		e.find("found later")
		e.hit([]FaultHit{{AfterCommit, "ConnReset()"}})
		assert.Equal(t, want, s.outline(picked[0]))
		assert.NotEqual(t, want, s.outline(e.now()))
	}
}

// A request is kept byte for byte, in whatever order its header comes out of a map.
func TestRequestsAreKeptAsTheyWere(t *testing.T) {
	t.Parallel()
	header := http.Header{"A": {"first", "", "second", "\x80\xff\t"}, "B": {""}, "Long": {strings.Repeat("x", 127), strings.Repeat("y", 128), strings.Repeat("z", 1<<15)}}
	for _, req := range []core.Request{
		{},
		{Path: "/"},
		{RawQuery: "a=1&\xff\x00"},
		{Path: "/" + strings.Repeat("p", 300), RawQuery: strings.Repeat("q", 20_000), Header: header, Body: []byte("body")},
		{Header: http.Header{"None": {}, "Nil": nil, "A": {"b"}}},
	} {
		kept := keep(&req)
		assert.True(t, kept.kept())
		assert.Equal(t, req.Path, kept.path())
		assert.Equal(t, req.RawQuery, kept.query())
		assert.Equal(t, req.Body, kept.body)
		want := http.Header{}
		for name, values := range req.Header {
			if len(values) > 0 { // else nothing was sent
				want[name] = values
			}
		}
		assert.Equal(t, want, kept.header())
	}
}

// Calls that are under way when the journal is emptied, or has no room for them, leave
// those alone that have their place or their number.
func TestLateAnswersAreNobodyElses(t *testing.T) {
	t.Parallel()
	for name, interfere := range map[string]func(*Server){
		"reset":         (*Server).Reset,
		"journal reset": (*Server).ResetJournal,
		"no room":       func(*Server) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, _ := open(t, WithJournal(1), AllowFindings())
				s.Inject(Fault{Op: opList, Phase: AfterCommit, Do: Latency(time.Minute)})
				var late sync.WaitGroup
				late.Go(func() { assert.Equal(t, 200, statusOf(s.Client(), shopHost+"/api/v1/items")) })
				synctest.Wait()
				interfere(s)
				want := exchanged(t, s, "GET", "/api/v1/item", "")
				size := s.journal.size
				late.Wait()
				assert.Equal(t, []Call{want}, s.Journal())
				assert.Equal(t, 404, want.Status)
				assert.Equal(t, `{"shop_error":404}`, want.Answer.Body)
				assert.Equal(t, size, s.journal.size)
			})
		})
	}
}

// Whatever is added, answered, evicted and dropped in whatever order, the journal
// counts what it has.
func TestTheJournalCountsWhatItHas(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	bytes := func(most int) []byte {
		room := 1 + random.IntN(most)>>random.IntN(12)
		return make([]byte, random.IntN(room), room)
	}
	full := false
	for _, capacity := range []int{1, 2, 7, 50} {
		j, shop := newJournal(capacity, 0), &vendor{}
		var open []*entry
		for range 1_000 {
			switch random.IntN(4) {
			case 0:
				j.add(&entry{v: shop, op: &core.Op{ID: "shop.stock"}})
			case 1, 2:
				e := &entry{v: shop, op: &core.Op{}, method: "GET", asked: keep(&core.Request{
					Path: "/" + string(bytes(500)), Header: http.Header{"A": {"b"}}, Body: bytes(4 << 20),
				})}
				j.add(e)
				open = append(open, e)
			case 3:
				if len(open) > 0 {
					i := random.IntN(len(open))
					j.answer(open[i], &reply{Answer: someAnswer(random, bytes)})
					open = append(open[:i], open[i+1:]...)
				}
			}
			size, bare := 0, 0
			for e := range j.all() {
				at := j.slot(e.number)
				require.Same(t, e, at.entry)
				require.Equal(t, said(e), at.size)
				if size += at.size; size == 0 && e.gone {
					bare++
				}
			}
			require.Equal(t, size, j.size)
			require.Equal(t, bare, j.bare)
			full = full || bare > 0
			require.LessOrEqual(t, j.size, maxSaid)
			require.LessOrEqual(t, len(j.slots), capacity)
		}
		assert.Positive(t, j.evicted[target{shop, ""}])
	}
	assert.True(t, full, "something was dropped")
}

// someAnswer is one of those that worlds and faults give.
func someAnswer(random *rand.Rand, bytes func(most int) []byte) core.Answer {
	switch random.IntN(4) {
	case 0:
		return core.Answer{Status: http.StatusNoContent}
	case 1:
		return core.List(http.StatusOK, `{"items":[`, []*core.Written{{JSON: []byte("1")}, {JSON: []byte("22")}}, nil)
	case 2:
		return core.Answer{Status: http.StatusOK, Header: http.Header{"Content-Type": {"a/b"}}, Body: bytes(6 << 20)}
	default:
		return core.Answer{Status: http.StatusOK, Header: http.Header{"Content-Type": {"a/b", "c/d"}, "X": {"y"}}}
	}
}

// said is what is kept of what was said in a call, in bytes.
func said(e *entry) int {
	size := cap(e.asked.texts) + cap(e.asked.body) + cap(e.answered.body)
	if e.answered.list != nil {
		size += len(e.answered.list.AppendTo(nil))
	}
	for name, values := range e.answered.header {
		size += len(name + strings.Join(values, ""))
	}
	return size
}
