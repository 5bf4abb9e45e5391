package mockserver

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logbook is a log that can be read.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logbook) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: level}))
}

// lines returns what was logged since it was asked last, without what no two
// lines have in common.
func (l *logbook) lines(t *testing.T) (lines []string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.text.String()) {
		var members map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &members))
		if members["msg"] != "finding" {
			assert.Contains(t, members, "duration")
		}
		delete(members, "time")
		delete(members, "duration")
		text, err := json.Marshal(members)
		require.NoError(t, err)
		lines = append(lines, string(text))
	}
	l.text.Reset()
	return lines
}

func TestALineForEachCall(t *testing.T) {
	t.Parallel()
	var log logbook
	s := RunT(t, with(shopVendor(), depotVendor()), WithLogger(log.logger(slog.LevelDebug)), AllowFindings())
	exchanged(t, s, "POST", "/api/v1/items?secret=hidden", `"hidden"`, "Authorization", "hidden")
	assert.Equal(t, []string{
		`{"delivery":"delivered","faults":[],"level":"INFO","method":"POST","msg":"call","number":1,"op":"shop.createItem","path":"/api/v1/items","status":201,"vendor":"shop"}`,
	}, log.lines(t))

	s.Inject(Fault{Op: opDelete, Do: Latency(time.Nanosecond), Times: 1})
	s.Inject(Fault{Op: opDelete, Phase: AfterCommit, Do: ConnReset(), Times: 1})
	exchanged(t, s, "DELETE", "/api/v1/items/hidden", "")
	assert.Equal(t, []string{
		`{"delivery":"lost","faults":["before commit Latency(1ns)","after commit ConnReset()"],"level":"INFO","method":"DELETE","msg":"call","number":2,"op":"shop.deleteItem","path":"/api/v1/items/{id}","status":0,"vendor":"shop"}`,
	}, log.lines(t))

	exchanged(t, s, "POST", "/api/v1/items", "")
	assert.Equal(t, []string{
		`{"finding":"an item without a name was sent","level":"WARN","msg":"finding","op":"shop.createItem","vendor":"shop"}`,
		`{"delivery":"delivered","faults":[],"level":"INFO","method":"POST","msg":"call","number":3,"op":"shop.createItem","path":"/api/v1/items","status":400,"vendor":"shop"}`,
	}, log.lines(t))

	exchanged(t, s, "GET", "/api/v1/hidden-key", "")
	assert.Equal(t, []string{
		`{"finding":"no route GET \"/api/v1/***\"; the nearest is GET /api/v1/items","level":"WARN","msg":"finding","op":"","vendor":"shop"}`,
		`{"delivery":"delivered","faults":[],"level":"INFO","method":"GET","msg":"call","number":4,"op":"","path":"/api/v1/***","status":404,"vendor":"shop"}`,
	}, log.lines(t))

	s.vendor("shop").public.(*shop).Stock("pen")
	assert.Empty(t, log.lines(t), "no call")
	s.Now()
	s.Calls()
	assert.Empty(t, log.lines(t))
}

// What goes past the vendors is a finding, too, and told at once.
func TestALineForEachFinding(t *testing.T) {
	t.Parallel()
	var log logbook
	s := RunT(t, with(shopVendor(), depotVendor()), WithLogger(log.logger(slog.LevelWarn)), AllowFindings())
	resp, err := s.Client().Get("https://elsewhere.test/hidden")
	if err == nil {
		_ = resp.Body.Close()
	}
	require.Error(t, err)
	assert.Equal(t, []string{`{"finding":"a request was sent to \"elsewhere.test\", which is no vendor's host","level":"WARN","msg":"finding","op":"","vendor":""}`}, log.lines(t))
	get(s.Handler(), "GET", "http://127.0.0.1/hidden-key")
	assert.Equal(t, []string{`{"finding":"no vendor has GET \"/***\"; nearest: GET /api/v1/items (shop), GET /ping (depot)","level":"WARN","msg":"finding","op":"","vendor":""}`}, log.lines(t))
	post(t, s, "")
	post(t, s, "")
	assert.Len(t, log.lines(t), 2, "each time")

	l := tcpLink(t, s)
	resp, err = l.client.Post(l.base+"/crash/down", "", nil)
	if err == nil {
		_ = resp.Body.Close()
	}
	require.Error(t, err)
	require.NoError(t, s.Close())
	lines := log.lines(t)
	require.Len(t, lines, 1)
	assert.Contains(t, lines[0], "the shop is on fire")
}

func TestALineForEachCallOfTheControlPlane(t *testing.T) {
	t.Parallel()
	var log logbook
	s, _ := open(t, WithLogger(log.logger(slog.LevelDebug)))
	c := consoleOf(t, s)
	c.send("POST", "/shop/items", `{"name":"hidden"}`, 201)
	c.refused("PATCH", "/shop/items/hidden?x=hidden", "")
	c.refused("GET", "/hidden", "")
	c.refused("GET", "/health", "", "Host", "elsewhere.test")
	assert.Equal(t, []string{
		`{"level":"DEBUG","method":"POST","msg":"control","path":"/__admin/shop/items","status":201}`,
		`{"level":"DEBUG","method":"PATCH","msg":"control","path":"/__admin/shop/items/{id}","status":422}`,
		`{"level":"DEBUG","method":"GET","msg":"control","path":"/__admin","status":404}`,
		`{"level":"DEBUG","method":"GET","msg":"control","path":"/__admin/health","status":403}`,
	}, log.lines(t))
}

// A handler may be slow, or ask the server something: it is not told under the
// lock.
func TestALoggerMayUseTheServer(t *testing.T) {
	t.Parallel()
	curious := &curious{Handler: slog.NewTextHandler(io.Discard, nil)}
	s, shop := open(t, WithLogger(slog.New(curious)), AllowFindings())
	curious.ask = func() int { return len(s.Calls()) + len(s.Findings()) + shop.Len() }
	post(t, s, "book")
	post(t, s, "")
	exchanged(t, s, "GET", "/nowhere", "")
	assert.NotZero(t, curious.sum)
	s.Reset()
}

type curious struct {
	slog.Handler
	ask func() int
	sum int
}

func (c *curious) Handle(ctx context.Context, r slog.Record) error {
	c.sum += c.ask()
	return c.Handler.Handle(ctx, r)
}

// Without a logger nothing is kept for it.
func TestNothingIsKeptForALoggerThatIsNotThere(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]Option{nil, {WithLogger(nil)}} {
		s, _ := open(t, append(opts, AllowFindings())...)
		post(t, s, "")
		assert.Empty(t, s.findings.untold)
		assert.Equal(t, http.StatusOK, get(s.Handler(), "GET", "http://127.0.0.1/__admin/health").Code)
	}
}

func TestComplaints(t *testing.T) {
	t.Parallel()
	s := New(with(shopVendor()), AllowFindings("elsewhere"))
	assert.Empty(t, s.Complaints())
	post(t, s, "")
	post(t, s, "")
	resp, err := s.Client().Get("https://elsewhere.test/")
	if err == nil {
		_ = resp.Body.Close()
	}
	require.Error(t, err)
	fault := s.Inject(Fault{Op: opGet, Do: Hang()})
	assert.Equal(t, []string{
		"shop.createItem: an item without a name was sent (2 times)",
		"fault never fired: Hang() before commit on shop.getItem (it saw 0 calls)",
	}, s.Complaints())
	fault.Remove()
	s.Reset()
	assert.Empty(t, s.Complaints())
}
