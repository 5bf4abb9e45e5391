package mockserver

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// exchanged makes one request in process and returns the newest entry of the
// journal.
func exchanged(t *testing.T, s *Server, method, path, body string, header ...string) Call {
	t.Helper()
	req, err := http.NewRequest(method, shopHost+path, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	resp, err := s.Client().Do(req)
	if err == nil {
		require.NoError(t, resp.Body.Close())
	}
	calls := s.Calls()
	return calls[len(calls)-1]
}

func TestTheJournalHasWhatWasSaid(t *testing.T) {
	t.Parallel()
	s, _ := open(t, WithStart(t0), WithFrozenClock(), AllowFindings())
	c := exchanged(t, s, "POST", "/api/v1/items?name=a+b&secret=hidden-1&page[size]=5", `{"name":"pen","secret":"hidden-2"}`,
		"Authorization", "Bearer hidden-3", "Accept", "*/*", "Cookie", "hidden-4", "Cookie", "hidden-5", "X-Shop", "north")
	assert.Equal(t, Message{
		Header: http.Header{"Authorization": {"***"}, "Accept": {"*/*"}, "Cookie": {"***", "***"}, "X-Shop": {"north"}},
		Query:  "name=a+b&secret=***&page[size]=5",
		Body:   `{"name":"pen","secret":"***"}`,
		Size:   34,
	}, c.Request)
	assert.Equal(t, Message{
		Header: http.Header{"Content-Length": {"84"}, "Content-Type": {"application/json"}, "Date": {"Sun, 01 Mar 2026 12:00:00 GMT"}},
		Body:   `{"at":"2026-03-01T12:00:00Z","id":1,"secret":"***"}`,
		Size:   84,
	}, c.Answer)
	c.Effects = nil // whose detail is the shop's own affair
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v", c, c, c), "hidden")

	c = exchanged(t, s, "GET", "/api/v1/items/1", "")
	assert.Equal(t, map[string]string{"id": "1"}, c.Request.Params)
	c = exchanged(t, s, "GET", "/api/v1/items/hidden%206", "")
	assert.Equal(t, map[string]string{"id": "***"}, c.Request.Params)
	assert.Equal(t, `{"shop_error":404}`, c.Answer.Body)
	c = exchanged(t, s, "GET", "/api/v1/goods/hidden-7?page=hidden-7", "")
	assert.Equal(t, Message{Header: http.Header{}, Query: "page=***", Params: map[string]string{"id": "***"}}, c.Request, "by another path")
	c = exchanged(t, s, "GET", "/api/v1/item/hidden-8", "", "X-Shop", "north", "X-Shop", "", "X-Shop", "south")
	assert.Equal(t, Message{Header: http.Header{"X-Shop": {"north", "", "south"}}}, c.Request, "nothing stands for a name there")
	c = exchanged(t, s, "DELETE", "/api/v1/items/1", "")
	assert.Empty(t, c.Answer.Body)
	assert.Zero(t, c.Answer.Size)
}

// A key that the vendor repeats where nobody expects it is masked there, too, and
// so is one that a program sends as the name of something.
func TestSecretsAreMaskedWhereverTheyTurnUp(t *testing.T) {
	t.Parallel()
	s, shop := open(t, AllowFindings())
	shop.Stock("the secret is hidden-1, or hidden%201 or hidden+1 or hidden 1 or just hid")
	for request, want := range map[string]string{
		"Authorization: Bearer hidden-1":        `{"name":"the secret is ***, or hidden%201 or hidden+1 or hidden 1 or just hid"}`,
		"Authorization: hidden-1":               `{"name":"the secret is ***, or hidden%201 or hidden+1 or hidden 1 or just hid"}`,
		"?secret=hidden%201":                    `{"name":"the secret is hidden-1, or *** or *** or *** or just hid"}`,
		"?unheardOf=hidden-1":                   `{"name":"the secret is ***, or hidden%201 or hidden+1 or hidden 1 or just hid"}`,
		"?hidden-1":                             `{"name":"the secret is ***, or hidden%201 or hidden+1 or hidden 1 or just hid"}`,
		"?secret=hid":                           `{"name":"the secret is hidden-1, or hidden%201 or hidden+1 or hidden 1 or just hid"}`,
		`{"secrets":["hidden-1",["hidden 1"]]}`: `{"name":"the secret is ***, or *** or *** or *** or just hid"}`,
		`{"unheardOf":"hidden-1"}`:              `{"name":"the secret is hidden-1, or hidden%201 or hidden+1 or hidden 1 or just hid"}`,
		`{"secret":"hidden-1, or hidden","secrets":"hidden-1"}`: `{"name":"the secret is ***%201 or hidden+1 or hidden 1 or just hid"}`,
	} {
		path, body, header := "/api/v1/items/1", "", []string(nil)
		switch {
		case request[0] == '?':
			path += request
		case request[0] == '{':
			body = request
		default:
			name, value, _ := strings.Cut(request, ": ")
			header = []string{name, value}
		}
		assert.Equal(t, want, exchanged(t, s, "GET", path, body, header...).Answer.Body, request)
	}
}

// A finding is masked by what was said, also when the journal has dropped that before
// the vendor had a look at it.
func TestFindingsAreMaskedWhateverIsDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := RunT(t, AllowFindings())
		key := s.Junkie().APIKey()
		s.Inject(Fault{Op: junkiemock.OpListKeys, Do: Latency(time.Second)})
		var late sync.WaitGroup
		late.Go(func() {
			bodyOf(t, s, warmQuestion{"GET", "https://api.jnkie.com/api/v2/keys?" + key, "", "Authorization: Bearer " + key})
		})
		synctest.Wait()
		for range 5 {
			resp, err := s.Client().Post("https://api.jnkie.com/api/v2/keys", "text/plain", strings.NewReader(strings.Repeat("x", core.MaxBody)))
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
		}
		late.Wait()
		call := s.Calls(junkiemock.OpListKeys)[0]
		require.True(t, call.Dropped)
		require.Len(t, call.Findings, 1)
		assert.Contains(t, call.Findings[0], `"***"`)
		assert.Equal(t, call.Findings[0], s.Findings()[0].Text)
	})
}

func TestWhatFaultsMakeOfAnAnswerIsWhatTheJournalHas(t *testing.T) {
	t.Parallel()
	const answer = `{"name":"pen"}`
	size := func(c Call) int64 {
		size, err := strconv.ParseInt(c.Answer.Header["Content-Length"][0], 10, 64)
		require.NoError(t, err)
		return size
	}
	for _, c := range []struct {
		do   Action
		body string
		size int64 // -1: what the head promises
	}{
		{Latency(1), answer, 14},
		{Status(503), `{"shop_error":503}`, 18},
		{Status(503).WithBody("application/json", `{"secret":"hidden"}`), `{"secret":"***"}`, 19},
		{HTMLPage(502), "", -1},
		{CutBody(), "", 7},
		{GarbageBody(), "", -1},
		{EmptyBody(), "", 0},
		{ContentType("a/b"), answer, 14},
		{Oversized(1 << 20), answer, 1 << 20},
	} {
		s, shop := open(t)
		shop.Stock("pen")
		s.Inject(Fault{Op: "shop.*", Phase: AfterCommit, Do: c.do})
		got := exchanged(t, s, "GET", "/api/v1/items/1", "")
		if c.size < 0 {
			c.size = size(got)
			assert.Positive(t, c.size)
		}
		assert.Equal(t, c.body, got.Answer.Body, "%v", c.do)
		assert.Equal(t, c.size, got.Answer.Size, "%v", c.do)
		if strings.Contains(c.do.name, "a/b") {
			assert.Equal(t, []string{"a/b"}, got.Answer.Header["Content-Type"])
		}
	}
	for _, do := range []Action{ConnReset(), ConnClose()} {
		s, _ := open(t)
		s.Inject(Fault{Op: "shop.*", Phase: AfterCommit, Do: do})
		c := exchanged(t, s, "GET", "/api/v1/items", "")
		assert.Empty(t, c.Answer, "nothing was sent")
		assert.NotNil(t, c.Request.Header)
	}
}

func TestHEADIsAnsweredWithoutABody(t *testing.T) {
	t.Parallel()
	s, _ := open(t, AllowFindings())
	c := exchanged(t, s, "HEAD", "/api/v1/item", "")
	assert.Equal(t, 404, c.Status)
	assert.Empty(t, c.Answer.Body)
	assert.Zero(t, c.Answer.Size)
	assert.Equal(t, []string{"18"}, c.Answer.Header["Content-Length"])
}

// What is no JSON is shown as its size and media type: who knows what is in it.
func TestBodiesThatAreNoJSON(t *testing.T) {
	t.Parallel()
	s, _ := open(t, AllowFindings())
	for _, body := range []string{
		"hidden", "secret=hidden", `{"name":"pen"}x`, `{"name":"pen"`, `{"name":'pen'}`, "{\"name\":\"\xff\"}", "\ufeff{}", `[1,]`, `{"name":"pen"}{"name":"pen"}`,
		strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000), // deeper than readers go
	} {
		c := exchanged(t, s, "POST", "/api/v1/items", body, "Content-Type", "a/b")
		assert.Empty(t, c.Request.Body, "%.40q", body)
		assert.Equal(t, int64(len(body)), c.Request.Size)
		assert.Equal(t, []string{"a/b"}, c.Request.Header["Content-Type"])
	}
	for body, want := range map[string]string{
		`"hidden"`:   `"***"`,
		`["hidden"]`: `["***"]`,
		`12`:         `12`,
		"null":       "null",
		" \t{}\r\n":  " \t{}\r\n",
		strings.Repeat("[", 9_000) + `"hidden"` + strings.Repeat("]", 9_000): strings.Repeat("[", 9_000) + `"***"` + strings.Repeat("]", 9_000),
	} {
		assert.Equal(t, want, exchanged(t, s, "POST", "/api/v1/items", body).Request.Body, "%.40q", body)
	}
	c := exchanged(t, s, "POST", "/api/v1/items", strings.Repeat(" ", core.MaxBody+5))
	assert.Equal(t, 413, c.Status)
	assert.Equal(t, int64(core.MaxBody+1), c.Request.Size, "as far as it was read")
	assert.Equal(t, `{"shop_error":413}`, c.Answer.Body)
}

// A vendor that says nothing has everything masked but what is harmless anywhere.
func TestAVendorThatSaysNothing(t *testing.T) {
	t.Parallel()
	s := RunT(t, with(depotVendor()), AllowFindings())
	req, err := http.NewRequest("GET", "http://depot.test/ping?page=hidden", strings.NewReader(`{"name":"hidden","n":1}`))
	require.NoError(t, err)
	req.Header.Set("X-Key", "hidden")
	resp, err := s.Client().Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	got := s.Calls()[0]
	assert.Equal(t, "page=***", got.Request.Query)
	assert.Equal(t, `{"name":"***","n":1}`, got.Request.Body)
	assert.Equal(t, http.Header{"X-Key": {"***"}}, got.Request.Header)
	assert.Empty(t, got.Answer.Body, "pong")
	assert.Equal(t, int64(4), got.Answer.Size)
}

func TestTheJournalShowsSecretsWhenItIsToldTo(t *testing.T) {
	t.Parallel()
	s, _ := open(t, WithJournalSecrets(), AllowFindings())
	c := exchanged(t, s, "POST", "/api/v1/items?secret=hidden-1", "hidden-2", "Authorization", "Bearer hidden-3")
	assert.Equal(t, "secret=hidden-1", c.Request.Query)
	assert.Equal(t, "hidden-2", c.Request.Body)
	assert.Equal(t, http.Header{"Authorization": {"Bearer hidden-3"}}, c.Request.Header)
	assert.NotContains(t, c.Answer.Body, "***")
	c = exchanged(t, s, "GET", "/hidden-4", "")
	assert.Equal(t, "/hidden-4", c.Path)
	assert.Contains(t, s.Findings()[0].Text, "hidden-4")
	assert.Equal(t, "hidden-5", exchanged(t, s, "GET", "/api/v1/items/hidden-5", "").Request.Params["id"])
}

// What the journal gives away is the caller's own.
func TestTheJournalIsNotChangedThroughWhatItShows(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]Option{nil, {WithJournalSecrets()}} {
		s, shop := open(t, append(opts, AllowFindings())...)
		shop.Stock("pen")
		s.Inject(Fault{Op: opGet, Phase: AfterCommit, Do: EmptyBody()})
		got := exchanged(t, s, "GET", "/api/v1/items/1", "", "Accept", "*/*")
		got.Request.Header["Accept"][0], got.Request.Params["id"] = "spoilt", "spoilt"
		got.Answer.Header["Content-Type"][0], got.Faults[0].Action = "spoilt", "spoilt"
		got = exchanged(t, s, "POST", "/api/v1/items?%zz", "book")
		got.Rows[0], got.Effects[0].Detail, got.Findings[0] = "spoilt", "spoilt", "spoilt"
		assert.NotContains(t, fmt.Sprintf("%#v", s.Calls()), "spoilt")
		assert.Equal(t, []string{"shop.create"}, exchanged(t, s, "POST", "/api/v1/items", "book").Rows)
	}
}

// A program that changes a request after it was answered does not change the
// journal, whichever way it came.
func TestTheJournalHasItsOwnHeader(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	req := httptest.NewRequest("GET", "http://127.0.0.1/api/v1/items", bytes.NewReader(nil))
	req.Header.Set("X-Shop", "north")
	s.Handler().ServeHTTP(httptest.NewRecorder(), req)
	sent, err := http.NewRequest("GET", shopHost+"/api/v1/items", nil)
	require.NoError(t, err)
	sent.Header["x-shop"] = []string{"north"}
	resp, err := s.Client().Do(sent)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	resp.Header.Set("Content-Type", "changed")
	for _, r := range []*http.Request{req, sent} {
		for _, values := range r.Header {
			values[0] = "south"
		}
	}
	for _, c := range s.Calls() {
		assert.Equal(t, []string{"north"}, c.Request.Header["X-Shop"])
		assert.Equal(t, []string{"application/json"}, c.Answer.Header["Content-Type"])
	}
}
