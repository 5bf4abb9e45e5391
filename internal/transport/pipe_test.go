package transport

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pipes is a network of one server: net/http on both ends, with virtual time
// in between.
type pipes struct {
	dialled atomic.Int32
	conns   chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		p.dialled.Add(1)
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// serve starts a server on pipes and returns them with a transport like the
// one a client has of its own. It must be called inside a synctest bubble.
func serve(t *testing.T, handler http.HandlerFunc, change ...func(*http.Server)) (*pipes, *http.Transport) {
	p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	for _, f := range change {
		f(server)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(p) }()
	own, _ := ownTransport()
	transport := own.(*http.Transport)
	transport.DialContext, transport.Proxy = p.DialContext, nil
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
		<-done
		synctest.Wait()
	})
	return p, transport
}

// pipeClient returns a client of serve's server.
func pipeClient(t *testing.T, transport http.RoundTripper, change ...func(*Config)) *Client {
	cfg := testConfig(transport)
	cfg.BaseURL = "http://localhost/v2"
	for _, f := range change {
		f(&cfg)
	}
	return newClient(t, cfg)
}

func writeKey(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, keyJSON)
}

// hijack takes a connection away from the server and breaks it off after
// having written text.
func hijack(t *testing.T, w http.ResponseWriter, text string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if assert.NoError(t, err) {
		_, _ = io.WriteString(conn, text)
		conn.Close()
	}
}

func TestConnectionsOverPipes(t *testing.T) {
	t.Parallel()
	cutAnswer := "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"id\":"
	for _, tc := range []struct {
		name     string
		class    Class
		handler  func(t *testing.T, w http.ResponseWriter, req *http.Request)
		attempts int
		outcome  Outcome
		kind     error
		took     time.Duration
	}{
		{"once, no answer", Once, func(_ *testing.T, _ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }, 1, Unknown, ErrUnknownOutcome, 30 * time.Second},
		{"read, no answer", Read, func(_ *testing.T, _ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }, 3, NotApplied, context.DeadlineExceeded, 90*time.Second + 750*time.Millisecond},
		{"once, connection closed", Once, func(t *testing.T, w http.ResponseWriter, _ *http.Request) { hijack(t, w, "") }, 1, Unknown, io.EOF, 0},
		{"idempotent, connection closed", Idempotent, func(t *testing.T, w http.ResponseWriter, _ *http.Request) { hijack(t, w, "") }, 3, Unknown, io.EOF, 750 * time.Millisecond},
		{"once, no HTTP", Once, func(t *testing.T, w http.ResponseWriter, _ *http.Request) { hijack(t, w, "hello\r\n\r\n") }, 1, Unknown, ErrUnknownOutcome, 0},
		{"once, answer cut", Once, func(t *testing.T, w http.ResponseWriter, _ *http.Request) { hijack(t, w, cutAnswer) }, 1, Applied, io.ErrUnexpectedEOF, 0},
		{"read, answer cut", Read, func(t *testing.T, w http.ResponseWriter, _ *http.Request) { hijack(t, w, cutAnswer) }, 3, NotApplied, io.ErrUnexpectedEOF, 750 * time.Millisecond},
		{"once, body never ends", Once, func(_ *testing.T, w http.ResponseWriter, req *http.Request) {
			w.Header().Set("Content-Length", "100")
			writeKey(w)
			w.(http.Flusher).Flush()
			<-req.Context().Done()
		}, 1, Applied, ErrBadResponse, 30 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var arrived atomic.Int32
				_, transport := serve(t, func(w http.ResponseWriter, req *http.Request) {
					arrived.Add(1)
					_, _ = io.Copy(io.Discard, req.Body)
					tc.handler(t, w, req)
				})
				begin := time.Now()
				_, err := callKeyOp(t.Context(), pipeClient(t, transport), tc.class)
				e := failed(t, err)
				assert.Equal(t, tc.took, time.Since(begin))
				assert.Equal(t, tc.attempts, e.Attempts)
				assert.EqualValues(t, tc.attempts, arrived.Load())
				assert.Equal(t, tc.outcome, e.Outcome)
				assert.ErrorIs(t, err, tc.kind)
			})
		})
	}
}

func TestNobodyAcceptsTheConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		defer p.Close() // net/http goes on dialling for others
		begin := time.Now()
		client := pipeClient(t, &http.Transport{DialContext: p.DialContext}, func(c *Config) {
			c.AttemptTimeout = 2 * time.Second
		})
		_, err := callKeyOp(t.Context(), client, Once)
		e := failed(t, err)
		assert.Equal(t, 3, e.Attempts, "it never left the machine")
		assert.Equal(t, NotApplied, e.Outcome)
		assert.Equal(t, 6*time.Second+750*time.Millisecond, time.Since(begin))
	})
}

func TestCancelEndsRealConnectionsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		_, transport := serve(t, func(_ http.ResponseWriter, req *http.Request) {
			_, _ = io.Copy(io.Discard, req.Body)
			<-req.Context().Done()
			close(ended)
		})
		begin := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := callKeyOp(ctx, pipeClient(t, transport), Once)
		assert.Equal(t, time.Second, time.Since(begin))
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, err, ErrUnknownOutcome)
		<-ended
	})
}

// Error answers are read to their end, so that the connection can be used
// again: much longer ones than go-retryablehttp would drain.
func TestConnectionIsReusedAfterErrorAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var arrived atomic.Int32
		p, transport := serve(t, func(w http.ResponseWriter, req *http.Request) {
			_, _ = io.Copy(io.Discard, req.Body)
			switch arrived.Add(1) {
			case 1:
				w.WriteHeader(http.StatusTooManyRequests)
				_, _ = io.WriteString(w, strings.Repeat("x", 100_000))
			case 2:
				http.Redirect(w, req, "/elsewhere", http.StatusTemporaryRedirect)
			default:
				writeKey(w)
			}
		})
		client := pipeClient(t, transport)
		_, err := callKeyOp(t.Context(), client, Once)
		require.ErrorIs(t, err, ErrBadResponse)
		for range 3 {
			_, err = callKeyOp(t.Context(), client, Once)
			require.NoError(t, err)
		}
		assert.EqualValues(t, 5, arrived.Load())
		assert.EqualValues(t, 1, p.dialled.Load())
	})
}

// A server that closes idle connections does not turn the next POST into an
// unknown outcome: whoever is first to close, the request takes a new one.
func TestIdleConnections(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name         string
		serverCloses time.Duration
		pause        time.Duration
		dialled      int
	}{
		{"both keep it", time.Minute, 10 * time.Second, 1},
		{"the client closes first", time.Minute, 16 * time.Second, 2},
		{"the server closed long ago", 5 * time.Second, 10 * time.Second, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, transport := serve(t, func(w http.ResponseWriter, req *http.Request) {
					_, _ = io.Copy(io.Discard, req.Body)
					writeKey(w)
				}, func(s *http.Server) { s.IdleTimeout = tc.serverCloses })
				client := pipeClient(t, transport)
				for range 2 {
					_, err := callKeyOp(t.Context(), client, Once)
					require.NoError(t, err)
					time.Sleep(tc.pause)
				}
				assert.EqualValues(t, tc.dialled, p.dialled.Load())
			})
		})
	}
}

// Whole calls leave no goroutine and no connection behind but idle ones.
func TestRetriesOverOneConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var arrived atomic.Int32
		p, transport := serve(t, func(w http.ResponseWriter, req *http.Request) {
			body, _ := io.ReadAll(req.Body)
			assert.JSONEq(t, `{"name":"order-66"}`, string(body))
			if arrived.Add(1) < 3 {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			writeKey(w)
		})
		begin := time.Now()
		got, err := callKeyOp(t.Context(), pipeClient(t, transport), Idempotent)
		require.NoError(t, err)
		assert.Equal(t, key{7, "ABC"}, got)
		assert.Equal(t, 14*time.Second, time.Since(begin))
		assert.EqualValues(t, 1, p.dialled.Load())
	})
}
