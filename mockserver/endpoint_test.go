package mockserver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func TestListenIsForLoopbackOnly(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	for _, addr := range []string{"0.0.0.0:0", "[::]:0", "192.0.2.1:80", "example.com:80", "localhost.example:0", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999"} {
		_, err := s.Listen(addr)
		require.ErrorContains(t, err, fmt.Sprintf("mockserver: Listen(%q): ", addr))
	}
	for _, addr := range []string{"", ":0", "127.0.0.1:0", "localhost:0", "LOCALHOST:0", "127.0.0.2:0", "[::ffff:127.0.0.1]:0"} {
		e, err := s.Listen(addr)
		require.NoError(t, err, addr)
		assert.Regexp(t, `^http://127\.0\.0\.[12]:[1-9][0-9]*$`, e.URL)
		require.NoError(t, e.Close())
	}
	taken, err := s.Listen("")
	require.NoError(t, err)
	_, err = s.Listen(strings.TrimPrefix(taken.URL, "http://"))
	require.ErrorContains(t, err, "address already in use")
}

// get asks a handler directly.
func get(h http.Handler, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

func TestHandlerTellsVendorsApart(t *testing.T) {
	t.Parallel()
	s := RunT(t, with(shopVendor(), depotVendor()), AllowFindings("no route", "no method", "no vendor"))
	h := s.Handler()
	for target, want := range map[string]string{
		"http://api.shop.test/api/v1/items":      "{}",                 // by host
		"http://api.shop.test:8080/api/v1/items": "{}",                 //
		"http://api.shop.test/ping":              `{"shop_error":404}`, // even if the path is another's
		"http://127.0.0.1/api/v1/items":          "{}",                 // by route
		"http://127.0.0.1/ping":                  "pong",               //
		"http://127.0.0.1/api/v1/nowhere":        `{"shop_error":404}`, // by the path that it follows furthest
		"http://127.0.0.1/ping/nowhere":          "",                   // which is the depot's, with an empty 404
		"http://127.0.0.1/api/v10/items":         "mockserver: no vendor has ",
		"http://127.0.0.1/nowhere":               "mockserver: no vendor has ",
	} {
		body := get(h, "GET", target).Body.String()
		if strings.HasPrefix(want, "mockserver") {
			body = body[:len(want)]
		}
		assert.Equal(t, want, body, target)
	}
	assert.JSONEq(t, `{"shop_error":405}`, get(h, "PATCH", "http://127.0.0.1/api/v1/items").Body.String())
}

// No two vendors have an operation in one place: that is what lets them share a
// port.
func TestVendorsShareNoPath(t *testing.T) {
	t.Parallel()
	vendors := New().vendors
	require.NotEmpty(t, vendors)
	names := regexp.MustCompile(`\{[^}]*\}`)
	for _, v := range vendors {
		for _, op := range v.tables.Ops {
			path := names.ReplaceAllString(op.Path, "x")
			for _, other := range vendors {
				match := other.match(op.Method, path)
				assert.Equal(t, other == v, match.Op != nil || len(match.Allow) > 0, "%s is at %s, where %s has something", op.ID, path, other.name)
			}
		}
	}
}

// An operation that answers in a second place is the same one there: for
// routing, for faults and in the journal.
func TestAliasesAreTheOperationThatTheyMean(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	s.Inject(Fault{Op: opCreate, Phase: BeforeCommit, Do: Status(http.StatusBadGateway), Times: 1})
	assert.Equal(t, http.StatusBadGateway, get(s.Handler(), "PUT", "http://127.0.0.1/api/v1/goods").Code)
	assert.Equal(t, http.StatusNotFound, get(s.Handler(), "GET", "http://api.shop.test/api/v1/goods/7").Code)
	calls := s.Journal()
	require.Len(t, calls, 2)
	assert.Equal(t, []string{opCreate, opGet}, []string{calls[0].Op, calls[1].Op})
	assert.Equal(t, "/api/v1/items/{id}", calls[1].Path)
}

func TestARequestForNoVendorIsToldWhereTheyAre(t *testing.T) {
	t.Parallel()
	s, _ := open(t, AllowFindings("no vendor has"))
	w := get(s.Handler(), "GET", "http://127.0.0.1/api/v2/items?secret=1")
	assert.Equal(t, http.StatusNotFound, w.Code)
	want := `no vendor has GET "/api/v2/items"; nearest: GET /api/v1/items (shop)`
	assert.Equal(t, "mockserver: "+want+"\n", w.Body.String())
	assert.Equal(t, want, s.Findings()[0].Text)
	assert.Empty(t, s.Journal())
}

func TestHandlerInAServerOfOnesOwn(t *testing.T) {
	t.Parallel()
	for name, serve := range map[string]func(http.Handler) *httptest.Server{
		"plain": httptest.NewServer,
		"TLS":   httptest.NewTLSServer,
		"HTTP/2": func(h http.Handler) *httptest.Server {
			server := httptest.NewUnstartedServer(h)
			server.EnableHTTP2 = true
			server.StartTLS()
			return server
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := open(t)
			server := serve(s.Handler())
			defer server.Close()
			l := link{server.Client(), server.URL + "/api/v1"}
			assert.Contains(t, outcome(t.Context(), l, "/items"), "the vendor's own")
			s.Inject(Fault{Op: opCreate, Do: ConnReset(), Times: 1})
			lost := outcome(t.Context(), l, "/items")
			if name == "HTTP/2" {
				assert.Contains(t, lost, "INTERNAL_ERROR", "the stream is reset")
			} else {
				assert.Equal(t, "no answer: reset", lost)
			}
			s.Inject(Fault{Op: opCreate, Phase: AfterCommit, Do: CutBody(), Times: 1})
			assert.Contains(t, outcome(t.Context(), l, "/items"), "body: ")
			s.AssertEffects(t, 2)
		})
	}
}

func TestCloseWaitsForAnswersInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, shop := open(t)
		s.Inject(Fault{Op: opCreate, Do: Latency(time.Hour), Times: 1})
		s.Inject(Fault{Op: opCreate, Phase: AfterCommit, Do: Hang(), Times: 1})
		p := newPipes()
		e := s.Serve(p)
		transport := &http.Transport{DialContext: p.DialContext}
		defer transport.CloseIdleConnections()
		l := link{&http.Client{Transport: transport}, e.base("shop")}

		slow, hung := make(chan string), make(chan string)
		go func() { slow <- outcome(context.Background(), l, "/items") }()
		synctest.Wait()
		go func() { hung <- outcome(context.Background(), l, "/items") }()
		synctest.Wait()
		assert.Equal(t, []Delivery{Pending, Pending}, []Delivery{s.Calls()[0].Delivery, s.Calls()[1].Delivery})

		began := time.Now()
		closed := make(chan error)
		go func() { closed <- e.Close() }()
		answers := []string{<-slow, <-hung}
		require.NoError(t, <-closed)
		require.NoError(t, e.Close(), "once more")
		assert.Less(t, time.Since(began), time.Second, "latency is cut short")
		assert.Contains(t, answers[0], "201")
		assert.Equal(t, "no answer: EOF", answers[1])
		assert.Equal(t, 2, shop.Len())
		assert.Contains(t, outcome(t.Context(), l, "/items"), "refused")
	})
}

func TestEndpointsCloseWithTheTest(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	s, _ := open(r)
	e, err := s.Listen("")
	require.NoError(t, err)
	_, err = s.Listen("")
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	assert.Contains(t, outcome(t.Context(), link{client, e.base("shop")}, "/items"), "201")
	r.end()
	assert.Empty(t, r.errors)
	assert.Empty(t, s.endpoints)
	_, err = net.Dial("tcp", strings.TrimPrefix(e.URL, "http://"))
	require.Error(t, err)
}

// brokenListener fails at once.
type brokenListener struct{ *pipes }

func (brokenListener) Accept() (net.Conn, error) { return nil, errors.New("the wire is cut") }

func TestABrokenListenerIsReported(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		s, _ := open(r)
		s.Serve(brokenListener{newPipes()})
		synctest.Wait()
		r.end()
		require.Len(t, r.errors, 1)
		assert.Contains(t, r.errors[0], "the wire is cut")
	})
}

func TestACrashOfAWorldIsAFinding(t *testing.T) {
	t.Parallel()
	s, _ := open(t, AllowFindings("on fire"))
	l := tcpLink(t, s)
	assert.Equal(t, "no answer: EOF", outcome(t.Context(), l, "/crash/down"))
	require.Eventually(t, func() bool { return len(s.Findings()) == 1 }, 10*time.Second, time.Millisecond)
	assert.Contains(t, s.Findings()[0].Text, "panic serving")
	assert.Contains(t, outcome(t.Context(), l, "/items"), "201", "the server goes on")
}

// talk writes to an endpoint what no client would, and returns the answer.
func talk(t *testing.T, e *Endpoint, text io.Reader) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(e.URL, "http://"))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	written := make(chan bool)
	go func() {
		defer close(written)
		_, _ = io.Copy(conn, text) // the other side may have enough before the end
	}()
	answer, _ := bufio.NewReader(conn).ReadString('\n')
	_ = conn.Close()
	<-written
	return strings.TrimSpace(answer)
}

func TestHostileInput(t *testing.T) { // alone, since it looks at the memory
	s, _ := open(t, AllowFindings())
	e, err := s.Listen("")
	require.NoError(t, err)
	const host = "Host: x\r\n"
	long := strings.Repeat("x", 1<<20)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for name, c := range map[string]struct {
		sent string
		want string
	}{
		"1 MB header":            {"GET /api/v1/items HTTP/1.1\r\n" + host + "X: " + long + "\r\n\r\n", "431"},
		"1 MB of headers":        {"GET /api/v1/items HTTP/1.1\r\n" + host + strings.Repeat("X: y\r\n", 1<<18) + "\r\n", "431"},
		"1 MB path":              {"GET /" + long + " HTTP/1.1\r\n" + host + "\r\n", "431"},
		"bad escape":             {"GET /api/v1/items/%zz HTTP/1.1\r\n" + host + "\r\n", "400"},
		"escaped nothing":        {"GET /api/v1/items/%00 HTTP/1.1\r\n" + host + "\r\n", "404"},
		"bytes that are no text": {"GET /api/v1/items/\xff\xfe HTTP/1.1\r\n" + host + "\r\n", "404"},
		"dots":                   {"DELETE /api/v1/items/.. HTTP/1.1\r\n" + host + "\r\n", "404"},
		"escaped dots":           {"DELETE /api/v1/items/%2e%2e HTTP/1.1\r\n" + host + "\r\n", "404"},
		"empty segment":          {"DELETE /api/v1/items/ HTTP/1.1\r\n" + host + "\r\n", "404"},
		"two slashes":            {"GET //api/v1/items HTTP/1.1\r\n" + host + "\r\n", "404"},
		"many segments":          {"GET " + strings.Repeat("/a", 30000) + " HTTP/1.1\r\n" + host + "\r\n", "404"},
		"no path":                {"OPTIONS * HTTP/1.1\r\n" + host + "\r\n", "200"},
		"a proxy's request":      {"GET http://api.shop.test/api/v1/items HTTP/1.1\r\n" + host + "\r\n", "200"},
		"two lengths":            {"POST /api/v1/items HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400"},
		"odd method":             {"BREW /api/v1/items HTTP/1.1\r\n" + host + "\r\n", "405"},
		"no HTTP":                {"\x16\x03\x01\x02\x00\r\n\r\n", "400"},
		"negative length":        {"POST /api/v1/items HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n", "400"},
		"broken chunks":          {"POST /api/v1/items HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", ""},
		"announced huge body":    {"POST /api/v1/items HTTP/1.1\r\n" + host + "Content-Length: 9999999999\r\n\r\n", ""},
	} {
		var sent io.Reader = strings.NewReader(c.sent)
		if strings.HasPrefix(name, "announced") {
			sent, c.want = io.MultiReader(sent, io.LimitReader(endless{}, 64<<20)), "413"
		}
		answer := talk(t, e, sent)
		assert.Contains(t, answer, c.want, name)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	assert.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(16<<20), "bounded memory")
	assert.Contains(t, outcome(t.Context(), tcpLink(t, s), "/items"), "201", "the server goes on")
}

func TestSlowSendersAreCutOff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sent  string
		after time.Duration
	}{
		"in the header": {"GET /api/v1/items HTTP/1.1\r\nHost: ", readHeaderTimeout},
		"in the body":   {"POST /api/v1/items HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", readTimeout},
		"before it":     {"", readHeaderTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, shop := open(t)
				p := newPipes()
				s.Serve(p)
				conn, err := p.DialContext(t.Context(), "", "")
				require.NoError(t, err)
				began := time.Now()
				if c.sent != "" {
					_, err = conn.Write([]byte(c.sent))
					require.NoError(t, err)
				}
				_, err = io.ReadAll(conn)
				require.NoError(t, err)
				assert.Equal(t, c.after, time.Since(began))
				assert.Zero(t, shop.Len())
				require.NoError(t, conn.Close())
			})
		})
	}
}

func TestAClientThatReadsNothingDoesNotKeepTheServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := open(t)
		s.Inject(Fault{Op: opList, Phase: AfterCommit, Do: Oversized(1 << 30)})
		p := newPipes()
		e := s.Serve(p)
		conn, err := p.DialContext(t.Context(), "", "")
		require.NoError(t, err)
		_, err = conn.Write([]byte("GET /api/v1/items HTTP/1.1\r\nHost: x\r\n\r\n"))
		require.NoError(t, err)
		time.Sleep(writeTimeout + time.Second)
		require.Len(t, s.Calls(), 1)
		assert.Equal(t, Lost, s.Calls()[0].Delivery)
		require.NoError(t, e.Close())
		require.NoError(t, conn.Close())
	})
}

func TestLatencyOutlastsTheTimeoutsOfAnEndpoint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, _ := open(t)
		s.Inject(Fault{Op: opCreate, Do: Latency(time.Hour), Times: 1})
		l := pipeLink(t, s)
		for range 2 {
			resp, err := l.client.Post(l.base+"/items", "text/plain", strings.NewReader("book"))
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, resp.Body)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, 201, resp.StatusCode)
			time.Sleep(idleTimeout / 2)
		}
	})
}

func TestTooLargeABodyOverTheWire(t *testing.T) {
	t.Parallel()
	s, shop := open(t, AllowFindings("longer than"))
	l := tcpLink(t, s)
	resp, err := l.client.Post(l.base+"/items", "text/plain", io.LimitReader(endless{}, core.MaxBody+1))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
	assert.Zero(t, shop.Len())
}
