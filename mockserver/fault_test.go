package mockserver

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// statuses makes n calls and returns their statuses.
func statuses(t testing.TB, s *Server, n int) []int {
	t.Helper()
	var list []int
	for range n {
		status, _ := post(t, s, "book")
		list = append(list, status)
	}
	return list
}

func TestInjectRefusesWhatCouldNeverStrikeAsMeant(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault Fault
		want  string
	}{
		"unknown operation":       {Fault{Op: "shop.createItm", Do: Status(503)}, `no operation "shop.createItm"; did you mean "shop.createItem"?`},
		"no operation":            {Fault{Do: Status(503)}, `no operation ""`},
		"unknown vendor":          {Fault{Op: "shoop.*", Do: Status(503)}, `no operation "shoop.*"`},
		"no action":               {Fault{Op: opCreate}, "Do is empty"},
		"status of a success":     {Fault{Op: opCreate, Do: Status(201)}, "let it strike AfterCommit"},
		"damage before":           {Fault{Op: opCreate, Do: CutBody()}, "CutBody() makes something of a successful answer, and before the commit there is none; let it strike AfterCommit"},
		"garbage before":          {Fault{Op: opCreate, Do: GarbageBody()}, "AfterCommit"},
		"emptiness before":        {Fault{Op: opCreate, Do: EmptyBody()}, "AfterCommit"},
		"label before":            {Fault{Op: opCreate, Do: ContentType("text/html")}, "AfterCommit"},
		"size before":             {Fault{Op: opCreate, Do: Oversized(9)}, "AfterCommit"},
		"page of a success":       {Fault{Op: opCreate, Do: HTMLPage(200)}, "AfterCommit"},
		"status out of range":     {Fault{Op: opCreate, Do: Status(42)}, "Status(42): 42 is no status of an answer; it must be from 200 to 599"},
		"unknown phase":           {Fault{Op: opCreate, Phase: 2, Do: Status(503)}, "Phase(2) is neither"},
		"negative skip":           {Fault{Op: opCreate, Do: Status(503), Skip: -1}, "Skip -1"},
		"negative times":          {Fault{Op: opCreate, Do: Status(503), Times: -1}, "Times -1"},
		"no delay":                {Fault{Op: opCreate, Do: Latency(0)}, "Latency(0s): 0s is no delay"},
		"negative wait":           {Fault{Op: opCreate, Do: RateLimited(-time.Second)}, "-1s is negative"},
		"no size":                 {Fault{Op: opCreate, Phase: AfterCommit, Do: Oversized(0)}, "0 is no size"},
		"no media type":           {Fault{Op: opCreate, Phase: AfterCommit, Do: ContentType("a/b/c")}, "ContentType"},
		"no URL":                  {Fault{Op: opCreate, Do: Redirect("http://[::")}, "is no URL"},
		"nowhere":                 {Fault{Op: opCreate, Do: Redirect("")}, "is no URL"},
		"header without answer":   {Fault{Op: opCreate, Do: ConnReset().WithHeader("A", "b")}, "WithHeader needs an action that gives an answer of its own"},
		"body without answer":     {Fault{Op: opCreate, Do: Latency(1).WithBody("a/b", "c")}, "WithBody needs"},
		"everything wrong at all": {Fault{Op: "x", Skip: -1, Do: Status(1)}, "Skip -1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{}
			s, _ := open(r)
			text := fatality(t, r, func() { s.Inject(c.fault) })
			assert.Contains(t, text, "mockserver: Inject: ")
			assert.Contains(t, text, c.want)
			assert.Panics(t, func() { New(with(shopVendor())).Inject(c.fault) }, "without a test")
			r.end()
			assert.Empty(t, r.errors, "nothing was injected")
		})
	}
}

func TestSkipAndTimes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		skip, times int
		want        []int
	}{
		"every call":           {0, 0, []int{503, 503, 503, 503}},
		"the first":            {0, 1, []int{503, 201, 201, 201}},
		"two after the first":  {1, 2, []int{201, 503, 503, 201}},
		"all but the first":    {1, 0, []int{201, 503, 503, 503}},
		"later than all calls": {9, 1, []int{201, 201, 201, 201}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := open(t, AllowFindings("never fired"))
			f := s.Inject(Fault{Op: opCreate, Do: Status(503), Skip: c.skip, Times: c.times})
			assert.Equal(t, c.want, statuses(t, s, 4))
			hits := 0
			for _, status := range c.want {
				if status == 503 {
					hits++
				}
			}
			assert.Equal(t, hits, f.Hits())
		})
	}
}

func TestFirstFaultDecidesAndOthersHaveNotSeenTheCall(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	s.Inject(Fault{Op: opCreate, Do: Status(500), Times: 2})
	second := s.Inject(Fault{Op: AnyOp, Do: Status(502), Skip: 1, Times: 1})
	assert.Equal(t, []int{500, 500, 201, 502, 201}, statuses(t, s, 5))
	assert.Equal(t, 1, second.Hits())
}

func TestLatencyAddsUpAndExcludesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := open(t)
		s.Inject(Fault{Op: opCreate, Do: Latency(time.Second)})
		s.Inject(Fault{Op: opCreate, Do: Status(503), Times: 1})
		s.Inject(Fault{Op: AnyOp, Do: Latency(2 * time.Second)})
		s.Inject(Fault{Op: opCreate, Phase: AfterCommit, Do: Latency(4 * time.Second)})
		began := time.Now()
		assert.Equal(t, []int{503}, statuses(t, s, 1))
		assert.Equal(t, 3*time.Second, time.Since(began))
		began = time.Now()
		assert.Equal(t, []int{201}, statuses(t, s, 1))
		assert.Equal(t, 7*time.Second, time.Since(began))
		assert.Equal(t, []FaultHit{
			{BeforeCommit, "Latency(1s)"},
			{BeforeCommit, "Status(503)"},
			{BeforeCommit, "Latency(2s)"},
		}, s.Calls()[0].Faults)
	})
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	get := func(s *Server, url string) int {
		resp, err := s.Client().Get(url)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	s := RunT(t, with(shopVendor(), depotVendor()), AllowFindings("no route"))
	f := s.Inject(Fault{Op: "shop.*", Do: Status(503)})
	assert.Equal(t, 503, get(s, shopHost+"/api/v1/items"))
	assert.Equal(t, 503, get(s, shopHost+"/nowhere"), "also without an operation")
	assert.Equal(t, 200, get(s, "http://depot.test/ping"))
	f.Remove()
	assert.Equal(t, 200, get(s, shopHost+"/api/v1/items"))
	s.Inject(Fault{Op: AnyOp, Do: Status(503)})
	assert.Equal(t, 503, get(s, "http://depot.test/ping"))
	assert.Len(t, s.Calls("depot.*"), 2)
	assert.Len(t, s.Calls(AnyOp), 5)
	assert.Len(t, s.Calls(opList, opDepot), 4)
	s.RemoveFaults()
	assert.Equal(t, 200, get(s, "http://depot.test/ping"))
}

func TestAfterCommitPassesOverWhatTheVendorRefuses(t *testing.T) {
	t.Parallel()
	s, shop := open(t, AllowFindings("without a name"))
	f := s.Inject(Fault{Op: opCreate, Phase: AfterCommit, Do: Status(500), Skip: 1, Times: 1})
	for i, want := range []struct {
		name   string
		status int
	}{{"", 400}, {"a", 201}, {"", 400}, {"b", 500}, {"c", 201}} {
		status, _ := post(t, s, want.name)
		assert.Equal(t, want.status, status, i)
	}
	assert.Equal(t, 1, f.Hits())
	assert.Equal(t, 3, shop.Len())
	lost := s.Calls(opCreate)[3]
	assert.True(t, lost.Committed)
	assert.Equal(t, Damaged, lost.Delivery)
	assert.Equal(t, 500, lost.Status)
}

func TestFailuresSpeakTheDialectOfTheVendor(t *testing.T) {
	t.Parallel()
	s := RunT(t, with(shopVendor(), depotVendor()))
	s.Inject(Fault{Op: AnyOp, Do: RateLimited(1500 * time.Millisecond)})
	for url, want := range map[string]string{
		shopHost + "/api/v1/items": `{"shop_error":429}`,
		"http://depot.test/ping":   `{"error": "Too Many Requests"}`,
	} {
		resp, err := s.Client().Get(url)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		assert.Equal(t, want, string(body))
		assert.Equal(t, "2", resp.Header.Get("Retry-After"), "whole seconds, rounded up")
		assert.Equal(t, "application/json", resp.Header.Get("Content-Type"))
	}
}

func TestStatusWithHeaderAndBody(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	base := Status(418)
	s.Inject(Fault{Op: opList, Do: base.WithHeader("X-Pot", "tea").WithBody("text/plain", "short"), Times: 1})
	s.Inject(Fault{Op: opList, Do: base})
	for _, want := range []struct{ pot, body string }{{"tea", "short"}, {"", `{"shop_error":418}`}} {
		resp, err := s.Client().Get(shopHost + "/api/v1/items")
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		assert.Equal(t, 418, resp.StatusCode)
		assert.Equal(t, want.body, string(body))
		assert.Equal(t, want.pot, resp.Header.Get("X-Pot"), "actions are values")
	}
}

func TestGivingUpBeforeAndAfterTheCommit(t *testing.T) {
	t.Parallel()
	for _, act := range []Action{Latency(time.Minute), Hang()} {
		for phase, committed := range map[Phase]int{BeforeCommit: 0, AfterCommit: 1} {
			t.Run(act.String()+" "+phase.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s, shop := open(t)
					s.Inject(Fault{Op: opCreate, Phase: phase, Do: act})
					ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
					defer cancel()
					req, err := http.NewRequestWithContext(ctx, "POST", shopHost+"/api/v1/items", strings.NewReader("book"))
					require.NoError(t, err)
					began := time.Now()
					_, err = s.Client().Do(req)
					require.ErrorIs(t, err, context.DeadlineExceeded)
					assert.Equal(t, 2*time.Second, time.Since(began))
					time.Sleep(time.Hour)
					assert.Equal(t, committed, shop.Len())
					call := s.Calls()[0]
					assert.Equal(t, committed == 1, call.Committed)
					assert.Equal(t, Lost, call.Delivery)
					assert.Zero(t, call.Status)
				})
			})
		}
	}
}

func TestClientTimeoutAndCauseReachTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := open(t)
		s.Inject(Fault{Op: opList, Do: Hang()})
		client := s.Client()
		client.Timeout = time.Second
		_, err := client.Get(shopHost + "/api/v1/items")
		var timeout interface{ Timeout() bool }
		require.ErrorAs(t, err, &timeout)
		assert.True(t, timeout.Timeout())

		cause := errors.New("the shop closes")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		req, err := http.NewRequestWithContext(ctx, "GET", shopHost+"/api/v1/items", nil)
		require.NoError(t, err)
		_, err = s.Client().Do(req)
		require.ErrorIs(t, err, cause)
	})
}

func TestHangNeedsAnEnd(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	s.Inject(Fault{Op: opList, Do: Hang()})
	_, err := s.Client().Get(shopHost + "/api/v1/items")
	require.ErrorContains(t, err, "give its context a deadline")
	assert.Equal(t, Lost, s.Calls()[0].Delivery)
}

func TestFaultsDescribeThemselves(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]Fault{
		"Status(503) before commit on a.b":                 {Op: "a.b", Do: Status(503)},
		"ConnReset() after commit on *, skip 1, times 2":   {Op: AnyOp, Phase: AfterCommit, Do: ConnReset(), Skip: 1, Times: 2},
		"RateLimited(2s) before commit on a.*":             {Op: "a.*", Do: RateLimited(2 * time.Second)},
		`Redirect("https://x.test/") before commit on a.b`: {Op: "a.b", Do: Redirect("https://x.test/")},
		`ContentType("text/html") after commit on a.b`:     {Op: "a.b", Phase: AfterCommit, Do: ContentType("text/html")},
		"HTMLPage(502) before commit on a.b":               {Op: "a.b", Do: HTMLPage(502)},
		"no action Phase(9) on a.b":                        {Op: "a.b", Phase: 9},
		"Oversized(9) after commit on a.b":                 {Op: "a.b", Phase: AfterCommit, Do: Oversized(9)},
		"Latency(1ms) before commit on a.b, skip 3":        {Op: "a.b", Do: Latency(time.Millisecond), Skip: 3},
		"Status(503) before commit on a.b, times 1":        {Op: "a.b", Do: Status(503).WithHeader("A", "b"), Times: 1},
	} {
		assert.Equal(t, want, f.String())
	}
}
