package conformance

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// What a call uses, it gives back: connections, memory and the caller's time. The
// matrix asserts that no cell of it leaves a connection open.

// gauge counts connections, and the bytes that came over them.
type gauge struct {
	opened, open atomic.Int32
	read         atomic.Int64
}

// hold counts a connection until it is closed.
func (g *gauge) hold(conn net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	g.opened.Add(1)
	g.open.Add(1)
	return &held{Conn: conn, gauge: g}, nil
}

type held struct {
	net.Conn
	gauge  *gauge
	closed sync.Once
}

func (h *held) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	h.gauge.read.Add(int64(n))
	return n, err
}

func (h *held) Close() error {
	h.closed.Do(func() { h.gauge.open.Add(-1) })
	return h.Conn.Close()
}

// assertNoneLeft asserts that no connection is open but those that wait for the next
// call, where time is real.
func (n *network) assertNoneLeft(t *testing.T) {
	t.Helper()
	n.closeIdle()
	none := func() bool { return n.conns.open.Load() == 0 }
	require.Eventually(t, none, 10*time.Second, time.Millisecond, "connections left of %d", n.conns.opened.Load())
}

// closeIdle closes the connections that wait for the next call.
func (n *network) closeIdle() {
	if n.transport != nil { // there are none in process
		n.transport.CloseIdleConnections()
	}
}

// Neither an answer that nobody can read nor one that is missing costs the
// connection. One that is longer than MaxResponseBytes does, whatever its status,
// since its rest is not read; and one that is cut has lost it already.
func TestConnectionsAreReusedAfterBadAnswers(t *testing.T) {
	t.Parallel()
	const limit = 64 << 10
	page := strings.Repeat("x", limit+1)
	for name, test := range map[string]struct {
		phase mockserver.Phase
		do    mockserver.Action
		costs bool
	}{
		"garbage":              {after, mockserver.GarbageBody(), false},
		"empty 200":            {after, mockserver.EmptyBody(), false},
		"labelled text/html":   {after, mockserver.ContentType("text/html"), false},
		"not what was asked":   {after, mockserver.Status(200).WithBody("application/json", "[7]"), false},
		"502 with a page":      {before, mockserver.HTMLPage(502), false},
		"429":                  {before, mockserver.RateLimited(0), false},
		"400 within the limit": {before, mockserver.Status(400).WithBody("text/html", page[:limit]), false},
		"500 within the limit": {before, mockserver.Status(500).WithBody("text/html", page[:limit]), false},

		"oversized":          {after, mockserver.Oversized(100 * limit), true},
		"oversized failure":  {before, mockserver.Status(500).WithBody("text/html", strings.Repeat(page, 20)), true},
		"cut":                {after, mockserver.CutBody(), true},
		"reset":              {before, mockserver.ConnReset(), true},
		"closed by the mock": {before, mockserver.ConnClose(), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mockserver.RunT(t)
			n := new(network)
			r := n.loopback(t, s)
			r.serve(s)
			cfg := r.junkieConfig()
			cfg.MaxResponseBytes = limit
			cfg.Retry = junkie.RetryPolicy{BaseDelay: 1, MaxDelay: 1}
			client, err := junkie.New(cfg)
			require.NoError(t, err)
			const calls = 5
			attempts := 0
			for range calls {
				_, err := client.Keys.Folders(t.Context())
				require.NoError(t, err)
				trouble := s.Inject(mockserver.Fault{Op: junkiemock.OpListFolders, Phase: test.phase, Do: test.do})
				_, err = client.Keys.Folders(t.Context())
				attempts += failed(t, err).Attempts
				trouble.Remove()
			}
			require.GreaterOrEqual(t, attempts, calls)
			most := 1
			if test.costs { // net/http itself tries a read once more if the connection that it had kept is gone
				most = attempts + calls
			}
			opened := int(n.conns.opened.Load())
			assert.LessOrEqual(t, opened, most, "connections for %d bad answers", attempts)
			assert.Equal(t, test.costs, opened > 1, "the table says whether it costs one: %d", opened)
			n.assertNoneLeft(t)
		})
	}
}

// An answer that never ends is read up to MaxResponseBytes and no further, whatever
// its status. All that is allocated for an attempt is a dozen times that at most,
// under the race detector, too.
//
// It runs alone, since it measures the memory of the whole process.
func TestEndlessAnswersAreBounded(t *testing.T) {
	const limit, buffers = 1 << 20, 64 << 10
	for _, v := range matrices() {
		for _, status := range []int{http.StatusOK, http.StatusCreated, http.StatusBadRequest, http.StatusInternalServerError} {
			s := mockserver.RunT(t)
			n := new(network)
			r := n.endless(t, s, status)
			r.serve(s)
			attempts := 0
			scene := v.stage(t, r, settings{maxResponseBytes: limit, noWaits: true, onAttempt: func(step) { attempts++ }})
			for _, op := range v.operations {
				if op.Class != transport.Read && op.ID != v.operations[0].ID { // a read and another one are enough
					continue
				}
				attempts = 0
				n.conns.read.Store(0)
				var earlier, later runtime.MemStats
				runtime.ReadMemStats(&earlier)
				err := scene.drives[op.ID].call(t.Context())
				runtime.ReadMemStats(&later)
				name := fmt.Sprintf("%s.%s, %d: %d attempts", v.name, op.ID, status, attempts)
				require.Error(t, err, name)
				require.Positive(t, attempts, name)
				assert.Greater(t, n.conns.read.Load(), int64(limit), name)
				assert.LessOrEqual(t, n.conns.read.Load(), int64(attempts*(limit+buffers)), name)
				assert.Less(t, later.TotalAlloc-earlier.TotalAlloc, uint64(attempts*12*limit), "%s: bytes allocated", name)
			}
		}
	}
}

// endless reaches a server that answers with a body that never ends.
func (n *network) endless(t *testing.T, s *mockserver.Server, status int) *rig {
	chunk := []byte(strings.Repeat(" ", 16<<10)) // which JSON may begin with
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	var dialer net.Dialer
	n.transport = &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return n.conns.hold(dialer.DialContext(ctx, network, server.Listener.Addr().String()))
	}}
	t.Cleanup(n.transport.CloseIdleConnections)
	endpoint, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	return reach(n.transport, endpoint, "http")
}

// standstill is a place on the way of a call at which nothing moves any more.
type standstill struct {
	name   string
	scheme string
	far    func(conn net.Conn) // the other end of the connection; nil: nobody takes the call
}

// standstills are those that the network can bring about. That the vendor does not
// answer is a hazard of the matrix.
var standstills = []standstill{
	{"connecting", "http", nil},
	{"in the handshake", "https", func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }},
	{"sending the head", "http", func(net.Conn) {}},
	{"sending the body", "http", readHead},
	{"waiting for the answer", "http", func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }},
	{"reading the head", "http", saying("HTTP/1.1 200 OK\r\nContent-")},
	{"reading the answer", "http", saying("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")},
}

// readHead reads a request up to its body, byte by byte so that none of that is
// taken. A pipe blocks whoever writes the rest.
func readHead(conn net.Conn) {
	head, one := "", make([]byte, 1)
	for !strings.HasSuffix(head, "\r\n\r\n") {
		if _, err := conn.Read(one); err != nil {
			return
		}
		head += string(one)
	}
}

// saying answers with the beginning of an answer.
func saying(text string) func(net.Conn) {
	return func(conn net.Conn) {
		readHead(conn)
		go func() { _, _ = io.WriteString(conn, text) }()
		_, _ = io.Copy(io.Discard, conn)
	}
}

// Wherever a call of whatever vendor stands still, it ends in the instant in which its
// caller cancels it, and leaves no connection.
func TestEveryCallEndsWhenItIsCancelled(t *testing.T) {
	t.Parallel()
	for _, v := range matrices() {
		for _, op := range v.operations {
			for _, still := range standstills {
				t.Run(fmt.Sprintf("%s.%s/%s", v.name, op.ID, still.name), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						s := mockserver.RunT(t)
						n := new(network)
						cancelled(t, v, op, n, n.standing(t, s, still), s)
					})
				})
			}
			t.Run(fmt.Sprintf("%s.%s/between two attempts", v.name, op.ID), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := mockserver.RunT(t)
					s.Inject(mockserver.Fault{Op: v.name + "." + op.ID, Do: mockserver.RateLimited(20 * time.Second)})
					n := new(network)
					cancelled(t, v, op, n, n.overTheWire(t, s), s)
				})
			})
		}
	}
}

// cancelled makes a call that does not end by itself, and cancels it.
func cancelled(t *testing.T, v vendorMatrix, op transport.Op, n *network, r *rig, s *mockserver.Server) {
	r.serve(s)
	drives := v.stage(t, r, settings{}).drives
	ctx, cancel := context.WithCancel(t.Context())
	defer time.AfterFunc(patience, cancel).Stop()
	started := time.Now()
	err := drives[op.ID].call(ctx)
	assert.Equal(t, patience, time.Since(started))
	require.ErrorIs(t, err, context.Canceled)
	n.closeIdle()
	synctest.Wait()
	assert.Zero(t, n.conns.open.Load(), "connections left of %d", n.conns.opened.Load())
}

// standing reaches nobody: calls stand still.
func (n *network) standing(t *testing.T, s *mockserver.Server, still standstill) *rig {
	n.transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		if still.far == nil {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		near, far := net.Pipe()
		t.Cleanup(func() { _ = far.Close() })
		go still.far(far)
		return n.conns.hold(near, nil)
	}}
	return reach(n.transport, s.Serve(newPipeListener()), still.scheme)
}

// A call that waits for its turn ends at once, too. Keygen has no pacing.
func TestEveryQueueEndsWhenItIsCancelled(t *testing.T) {
	t.Parallel()
	for vendor, call := range map[string]func(t *testing.T, r *rig) func(context.Context) error{
		"junkie": func(t *testing.T, r *rig) func(context.Context) error {
			cfg := r.junkieConfig()
			cfg.Pacing = []junkie.Window{{Calls: 1, Per: time.Minute}}
			client, err := junkie.New(cfg)
			require.NoError(t, err)
			return func(ctx context.Context) error { _, err := client.Keys.Folders(ctx); return err }
		},
		"luaprot": func(t *testing.T, r *rig) func(context.Context) error {
			cfg := r.luaprotConfig()
			cfg.Pacing = luaprot.NewPacing(luaprot.Window{Calls: 1, Per: time.Minute})
			client, err := luaprot.New(cfg)
			require.NoError(t, err)
			return func(ctx context.Context) error { _, err := client.Keys.List(ctx, luaprot.ListKeysParams{}); return err }
		},
		"keycrate": func(t *testing.T, r *rig) func(context.Context) error {
			cfg := r.keycrateConfig()
			cfg.Pacing = []keycrate.Window{{Calls: 1, Per: time.Minute}}
			client, err := keycrate.New(cfg)
			require.NoError(t, err)
			return func(ctx context.Context) error {
				_, err := client.Subscriptions.List(ctx, r.Keycrate.AppID())
				return err
			}
		},
	} {
		t.Run(vendor, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, r *rig) {
				call := call(t, r)
				require.NoError(t, call(t.Context()))
				ctx, cancel := context.WithCancel(t.Context())
				defer time.AfterFunc(patience, cancel).Stop()
				started := time.Now()
				require.ErrorIs(t, call(ctx), context.Canceled)
				assert.Equal(t, patience, time.Since(started))
				r.Server.AssertCalls(t, 1)
			})
		})
	}
}
