package transport

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tests of this file use sockets of the loopback interface and assert no
// time.

// tcpServer starts a server that counts the connections made to it.
func tcpServer(t *testing.T, handler http.HandlerFunc) (server *httptest.Server, conns *atomic.Int32) {
	conns = new(atomic.Int32)
	server = httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	t.Cleanup(server.Close)
	return server, conns
}

// tcpClient returns a client without waits, and without connections left after
// the test.
func tcpClient(t *testing.T, base string, transport *http.Transport) *Client {
	if transport == nil {
		transport = &http.Transport{}
	}
	t.Cleanup(transport.CloseIdleConnections)
	cfg := testConfig(transport)
	cfg.BaseURL = base
	cfg.Retry = Retry{BaseDelay: time.Nanosecond, MaxDelay: time.Nanosecond}
	return newClient(t, cfg)
}

func keyHandler(w http.ResponseWriter, req *http.Request) {
	_, _ = io.Copy(io.Discard, req.Body)
	writeKey(w)
}

func TestTCPRefused(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := "http://" + listener.Addr().String()
	require.NoError(t, listener.Close())

	_, err = callKeyOp(t.Context(), tcpClient(t, address, nil), Once)
	e := failed(t, err)
	assert.Equal(t, 3, e.Attempts)
	assert.Equal(t, NotApplied, e.Outcome)
	assert.ErrorIs(t, err, syscall.ECONNREFUSED)
	var dial *net.OpError
	require.ErrorAs(t, err, &dial)
	assert.Equal(t, "dial", dial.Op)
	var bad *url.Error
	assert.NotErrorAs(t, err, &bad)
}

// watchedConn tells when the client's side has closed it.
type watchedConn struct {
	net.Conn
	closed chan struct{}
}

func (c watchedConn) Close() error {
	err := c.Conn.Close()
	select {
	case <-c.closed:
	default:
		close(c.closed)
	}
	return err
}

func TestTCPServerClosedKeptAliveConnection(t *testing.T) {
	t.Parallel()
	server, conns := tcpServer(t, keyHandler)
	server.Start()
	watched := make(chan watchedConn, 10)
	client := tcpClient(t, server.URL, &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			w := watchedConn{conn, make(chan struct{})}
			watched <- w
			return w, nil
		},
	})
	for range 5 {
		_, err := callKeyOp(t.Context(), client, Once)
		require.NoError(t, err)
		server.CloseClientConnections()
		<-(<-watched).closed
	}
	assert.EqualValues(t, 5, conns.Load())
}

// Failed calls leave the idle connections of a shared transport alone.
func TestTCPSharedTransportKeepsItsConnections(t *testing.T) {
	t.Parallel()
	friend, friendConns := tcpServer(t, keyHandler)
	friend.Start()
	server, _ := tcpServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	server.Start()
	shared := &http.Transport{}
	visitFriend := func() {
		resp, err := (&http.Client{Transport: shared}).Get(friend.URL)
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	visitFriend()
	for _, class := range []Class{Read, Once} {
		_, err := callKeyOp(t.Context(), tcpClient(t, server.URL, shared), class)
		require.ErrorIs(t, err, ErrServer)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = callKeyOp(ctx, tcpClient(t, server.URL, shared), class)
		require.ErrorIs(t, err, context.Canceled)
	}
	visitFriend()
	assert.EqualValues(t, 1, friendConns.Load())
}

func TestTCPCertificate(t *testing.T) {
	t.Parallel()
	server, conns := tcpServer(t, func(http.ResponseWriter, *http.Request) { t.Error("a request got through") })
	server.StartTLS()
	for _, class := range []Class{Read, Idempotent, Once} {
		_, err := callKeyOp(t.Context(), tcpClient(t, server.URL, nil), class)
		e := failed(t, err)
		assert.Equal(t, 1, e.Attempts)
		assert.Equal(t, NotApplied, e.Outcome)
		var refused *tls.CertificateVerificationError
		assert.ErrorAs(t, err, &refused)
		assert.Contains(t, err.Error(), "the certificates it trusts")
	}
	assert.EqualValues(t, 3, conns.Load())
}

func TestTCPHandshakeBroken(t *testing.T) {
	t.Parallel()
	server, conns := tcpServer(t, func(http.ResponseWriter, *http.Request) { t.Error("a request got through") })
	server.Start() // plain HTTP, addressed as https
	_, err := callKeyOp(t.Context(), tcpClient(t, "https://"+server.Listener.Addr().String(), nil), Once)
	e := failed(t, err)
	assert.Equal(t, 3, e.Attempts)
	assert.Equal(t, NotApplied, e.Outcome)
	assert.EqualValues(t, 3, conns.Load())
}

func TestTCPHTTP2(t *testing.T) {
	t.Parallel()
	var fail atomic.Bool
	server, _ := tcpServer(t, func(w http.ResponseWriter, req *http.Request) {
		assert.Equal(t, 2, req.ProtoMajor)
		_, _ = io.Copy(io.Discard, req.Body)
		if fail.Load() {
			panic(http.ErrAbortHandler)
		}
		writeKey(w)
	})
	server.EnableHTTP2 = true
	server.StartTLS()
	client := tcpClient(t, server.URL, server.Client().Transport.(*http.Transport))
	_, err := callKeyOp(t.Context(), client, Once)
	require.NoError(t, err)
	fail.Store(true)
	_, err = callKeyOp(t.Context(), client, Once)
	e := failed(t, err)
	assert.Equal(t, 1, e.Attempts)
	assert.Equal(t, Unknown, e.Outcome, "a stream that was aborted had been sent")
}

// Whoever a redirect points to learns nothing: no header, no body, no visit.
func TestTCPRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	other, otherConns := tcpServer(t, func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") })
	other.Start()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, class := range []Class{Read, Idempotent, Once} {
			server, _ := tcpServer(t, func(w http.ResponseWriter, req *http.Request) {
				assert.Equal(t, "Bearer "+testKey, req.Header.Get("Authorization"))
				http.Redirect(w, req, other.URL+"/keys", status)
			})
			server.Start()
			client := tcpClient(t, server.URL, nil)
			_, err := callKeyOp(t.Context(), client, class)
			e := failed(t, err)
			assert.Equal(t, 1, e.Attempts)
			assert.Equal(t, status, e.StatusCode)
			assert.Contains(t, err.Error(), "redirects are not followed")
			assert.NotContains(t, err.Error(), other.URL)
		}
	}
	assert.Zero(t, otherConns.Load())
}

func TestTCPConnectionReusedAfterErrorAnswers(t *testing.T) {
	t.Parallel()
	big := make([]byte, 200_000)
	server, conns := tcpServer(t, func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write(big)
	})
	server.Start()
	client := tcpClient(t, server.URL, nil)
	for range 5 {
		_, err := callKeyOp(t.Context(), client, Idempotent)
		require.ErrorIs(t, err, ErrServer)
	}
	assert.EqualValues(t, 1, conns.Load())
}

// A client without an HTTP client of the caller's works out of the box and has
// nothing to close: its connections end with the server's.
func TestTCPOwnConnections(t *testing.T) {
	t.Parallel()
	server, conns := tcpServer(t, keyHandler)
	server.Start()
	client := tcpClient(t, server.URL, nil)
	cfg := testConfig(nil)
	cfg.HTTPClient, cfg.BaseURL = nil, server.URL
	own, err := New(cfg)
	require.NoError(t, err)
	for range 3 {
		_, err = callKeyOp(t.Context(), own, Once)
		require.NoError(t, err)
	}
	assert.EqualValues(t, 1, conns.Load())

	reused := false
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { reused = i.Reused }})
	_, err = callKeyOp(ctx, own, Once)
	require.NoError(t, err)
	assert.True(t, reused)
	_, err = callKeyOp(t.Context(), client, Once)
	require.NoError(t, err)
	assert.EqualValues(t, 2, conns.Load(), "each client has its own")
}

// A proxy setting that cannot be read is no unknown outcome with the client's
// own connections: nothing was even dialled.
func TestBadProxyWithOwnConnections(t *testing.T) {
	t.Parallel()
	cfg := testConfig(nil)
	cfg.HTTPClient = nil
	client := newClient(t, cfg)
	client.http.Transport.(sender).base.(*http.Transport).Proxy = func(*http.Request) (*url.URL, error) {
		return nil, &url.Error{Op: "parse", URL: "http://user:" + testKey + "@proxy", Err: io.ErrUnexpectedEOF}
	}
	_, err := callKeyOp(t.Context(), client, Once)
	e := failed(t, err)
	assert.Equal(t, NotApplied, e.Outcome)
	assert.Equal(t, 1, e.Attempts)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Contains(t, err.Error(), "check the proxy settings")
	assert.NotContains(t, err.Error(), testKey)
}

// A switch of protocols hands the connection itself out as the body: reading it
// would last for as long as the other side likes, whatever the context says.
func TestTCPSwitchOfProtocolsIsNoBody(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	server, _ := tcpServer(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		assert.NoError(t, err)
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: talk\r\n\r\n")
		_, _ = io.Copy(io.Discard, conn) // until the client hangs up
		conn.Close()
		close(gone)
	})
	server.Start()
	_, err := callKeyOp(t.Context(), tcpClient(t, server.URL, nil), Once)
	e := failed(t, err)
	assert.Equal(t, http.StatusSwitchingProtocols, e.StatusCode)
	assert.Equal(t, Unknown, e.Outcome)
	assert.ErrorIs(t, err, ErrBadResponse)
	<-gone
}

// loud is a connection that tells what is written to it.
type loud struct {
	net.Conn
	written chan<- string
}

func (c loud) Write(p []byte) (int, error) {
	c.written <- string(p)
	return c.Conn.Write(p)
}

// A body that net/http does not know to be at hand would go out on its own, in
// a packet behind its header.
func TestBodyIsSentTogetherWithItsHeader(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server, _ := tcpServer(t, func(w http.ResponseWriter, req *http.Request) {
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		keyHandler(w, req)
	})
	server.Start()
	written := make(chan string, 10)
	client := tcpClient(t, server.URL, &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return loud{conn, written}, err
	}})
	_, err := callKeyOp(t.Context(), client, Once)
	require.NoError(t, err)
	close(written)
	var requests int
	for text := range written {
		requests++
		assert.Contains(t, text, "POST /keys")
		assert.Contains(t, text, string(request(Once).Body))
	}
	assert.Equal(t, 2, requests, "the first one and its repetition")
}
