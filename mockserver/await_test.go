package mockserver

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAwaitCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, shop := open(t)
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		require.NoError(t, s.AwaitCalls(ctx, 0))
		require.NoError(t, s.AwaitCalls(ctx, -1, opGet))
		assert.Nil(t, s.settled, "nobody waits")
		go func() {
			for range 3 {
				time.Sleep(time.Second)
				post(t, s, "book")
				shop.Stock("pen") // no request
			}
		}()
		require.NoError(t, s.AwaitCalls(ctx, 2))
		assert.Equal(t, 2*time.Second, time.Since(began), "as soon as they are there")
		require.NoError(t, s.AwaitCalls(ctx, 2, opCreate))
		require.NoError(t, s.AwaitCalls(ctx, 3, opGet, "shop.*"))
		assert.Equal(t, 3*time.Second, time.Since(began))
		assert.Nil(t, s.settled)

		err := s.AwaitCalls(ctx, 4, opCreate)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.EqualError(t, err, "mockserver: calls of shop.createItem: 4 wanted, 3 over: context deadline exceeded")
		assert.Equal(t, time.Hour, time.Since(began))
		gaveUp := errors.New("gave up")
		done, cancelCause := context.WithCancelCause(t.Context())
		cancelCause(gaveUp)
		require.ErrorIs(t, s.AwaitCalls(done, 1, opGet, opList), gaveUp)
		require.NoError(t, s.AwaitCalls(done, 3), "they are there")
	})
}

// A call counts once it is over, whatever became of it.
func TestAwaitCallsThatAreLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := open(t)
		s.Inject(Fault{Op: opCreate, Do: Latency(5 * time.Second), Times: 1})
		s.Inject(Fault{Op: opCreate, Do: ConnReset(), Times: 1})
		began := time.Now()
		go func() {
			_, err := s.Client().Post(shopHost+"/api/v1/items", "text/plain", strings.NewReader("book"))
			assert.Error(t, err)
		}()
		require.NoError(t, s.AwaitCalls(t.Context(), 1, opCreate))
		assert.Equal(t, 5*time.Second, time.Since(began))
		assert.Equal(t, Lost, s.Calls()[0].Delivery)
	})
}

func TestManyAwaitOneCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := open(t)
		var waiting sync.WaitGroup
		for n := range 10 {
			waiting.Go(func() { assert.NoError(t, s.AwaitCalls(t.Context(), n/2, opCreate)) })
		}
		for range 4 {
			synctest.Wait()
			post(t, s, "book")
		}
		waiting.Wait()
	})
}

func TestWhatCannotBeAwaited(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	s, _ := open(r, WithJournal(2))
	assert.Contains(t, fatality(t, r, func() { _ = s.AwaitCalls(t.Context(), 1, "shop.creatItem") }), `AwaitCalls: no operation "shop.creatItem"; did you mean "shop.createItem"?`)
	assert.EqualError(t, s.AwaitCalls(t.Context(), 3), "mockserver: calls of any operation: 3 wanted, but the journal keeps 2; make room with WithJournal")
}

func TestRequestsAreAwaitedOverHTTP(t *testing.T) {
	t.Parallel()
	s := RunT(t, with(shopVendor(), depotVendor()), AllowFindings())
	c := consoleOf(t, s)
	post(t, s, "book")
	post(t, s, "")
	c.want("GET", "/requests/await", "", 200, `{"count":2,"dropped":0}`)
	c.want("GET", "/requests/await?count=2&op=shop.createItem&timeout=0s", "", 200, `{"count":2,"dropped":0}`)
	c.want("GET", "/requests/await?vendor=shop&status=400&timeout=1m", "", 200, `{"count":1,"dropped":0}`)
	for query, want := range map[string]string{
		"?count=3&timeout=0s":                         "2 of 3 requests were over after 0s",
		"?op=shop.getItem&timeout=1ms":                "0 of 1 requests were over after 1ms",
		"?vendor=depot&timeout=1ms":                   "0 of 1 requests were over after 1ms",
		"?status=201&count=2&timeout=1ms&vendor=shop": "1 of 2 requests were over after 1ms",
	} {
		p := c.refused("GET", "/requests/await"+query, "")
		assert.Equal(t, http.StatusGatewayTimeout, p.Status, query)
		assert.Equal(t, want, p.Detail, query)
	}
	answered := make(chan string)
	go func() {
		_, read := c.ask("GET", "/requests/await?op=shop.createItem&count=3&timeout=1m", "")
		answered <- read
	}()
	post(t, s, "pen")
	assert.JSONEq(t, `{"count":3,"dropped":0}`, <-answered)

	for query, want := range map[string]problem{
		"?count=0":              {Parameter: "count", Detail: "count must be a whole number from 1"},
		"?count=x":              {Parameter: "count", Detail: "count must be a whole number from 1"},
		"?count=10001":          {Parameter: "count", Detail: "count must be at most 10000: more the journal does not keep"},
		"?timeout=61s":          {Parameter: "timeout", Detail: `timeout must be a duration of at most 1m0s, such as "5s"`},
		"?timeout=-1s":          {Parameter: "timeout", Detail: "timeout must be a duration"},
		"?timeout=5":            {Parameter: "timeout", Detail: "timeout must be a duration"},
		"?timeout=":             {Parameter: "timeout", Detail: "timeout must be a duration"},
		"?op=shop.creatItem":    {Parameter: "op", Detail: `did you mean "shop.createItem"?`},
		"?limit=1":              {Parameter: "limit", Detail: "limit is not known here"},
		"?status=201&vendor=sh": {Parameter: "vendor", Detail: `vendor cannot be "sh"`},
	} {
		p := c.refused("GET", "/requests/await"+query, "")
		assert.Equal(t, http.StatusUnprocessableEntity, p.Status, query)
		assert.Equal(t, want.Parameter, p.Parameter, query)
		assert.Contains(t, p.Detail, want.Detail, query)
	}
}

// awaiting is a caller of the control plane over a network in memory.
func awaiting(t *testing.T, s *Server) (e *Endpoint, ask func(ctx context.Context, query string) string) {
	p := newPipes()
	e = s.Serve(p)
	transport := &http.Transport{DialContext: p.DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	return e, func(ctx context.Context, query string) string {
		req, err := http.NewRequestWithContext(ctx, "GET", "http://localhost/__admin/requests/await"+query, nil)
		require.NoError(t, err)
		resp, err := (&http.Client{Transport: transport}).Do(req)
		if err != nil {
			return err.Error()
		}
		defer func() { _ = resp.Body.Close() }()
		read, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.Status + " " + string(read)
	}
}

// A wait lasts as long as it was to, past the limits of an endpoint, and no
// longer than the caller and the endpoint do.
func TestAWaitOverHTTPEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := open(t)
		e, ask := awaiting(t, s)
		began := time.Now()
		assert.Contains(t, ask(t.Context(), ""), "504 Gateway Timeout")
		assert.Equal(t, 5*time.Second, time.Since(began), "by default")
		began = time.Now()
		assert.Contains(t, ask(t.Context(), "?timeout=1m"), "0 of 1 requests were over after 1m0s")
		assert.Equal(t, time.Minute, time.Since(began))

		s.Inject(Fault{Op: opCreate, Do: Latency(59 * time.Second)})
		go post(t, s, "book")
		began = time.Now()
		assert.Contains(t, ask(t.Context(), "?timeout=60s"), `{"count":1,"dropped":0}`)
		assert.Equal(t, 59*time.Second, time.Since(began))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.Contains(t, ask(ctx, "?count=2&timeout=50s"), "deadline exceeded")
		synctest.Wait() // and nobody waits any longer

		waited := make(chan string)
		go func() { waited <- ask(context.Background(), "?count=2&timeout=1m") }()
		synctest.Wait()
		began = time.Now()
		require.NoError(t, e.Close())
		assert.Contains(t, <-waited, "503 Service Unavailable")
		assert.Less(t, time.Since(began), time.Second)
	})
}
