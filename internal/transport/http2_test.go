package transport

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What HTTP/2 frames need of RFC 9113.
const (
	frameData, frameHeaders, frameReset, frameSettings, frameGoAway = 0, 1, 3, 4, 7

	endStream = 1

	noError, protocolError, refusedStream = 0, 1, 7
)

func frame(kind byte, stream uint32, words ...uint32) []byte {
	f := []byte{0, 0, byte(4 * len(words)), kind, 0}
	for _, word := range append([]uint32{stream}, words...) {
		f = binary.BigEndian.AppendUint32(f, word)
	}
	return f
}

// rawHTTP2 is a server that takes each request in full, counts it as carried
// out, and then sends the frame that drop makes for its stream.
func rawHTTP2(t *testing.T, drop func(stream uint32) []byte) (client *Client, carriedOut *atomic.Int32) {
	identity := httptest.NewUnstartedServer(nil)
	identity.StartTLS()
	transport := identity.Client().Transport.(*http.Transport).Clone()
	transport.ForceAttemptHTTP2 = true
	certificates := identity.TLS.Certificates
	identity.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certificates, NextProtos: []string{"h2"}})
	require.NoError(t, err)
	carriedOut = new(atomic.Int32)
	var conns sync.Map
	t.Cleanup(func() {
		listener.Close()
		conns.Range(func(conn, _ any) bool { return conn.(net.Conn).Close() == nil || true })
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns.Store(conn, nil)
			go serveHTTP2(conn, carriedOut, drop)
		}
	}()
	return tcpClient(t, "https://"+listener.Addr().String(), transport), carriedOut
}

func serveHTTP2(conn net.Conn, carriedOut *atomic.Int32, drop func(stream uint32) []byte) {
	defer conn.Close()
	_, _ = io.CopyN(io.Discard, conn, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")))
	_, _ = conn.Write(frame(frameSettings, 0))
	var head [9]byte
	for {
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return
		}
		_, _ = io.CopyN(io.Discard, conn, int64(head[0])<<16|int64(head[1])<<8|int64(head[2]))
		kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])
		if (kind == frameHeaders || kind == frameData) && flags&endStream != 0 {
			carriedOut.Add(1)
			_, _ = conn.Write(drop(stream))
		}
	}
}

// Over HTTP/2, net/http would send a dropped request again on its own. Here one
// attempt is one request.
func TestHTTP2DroppedRequestIsNotSentAgainByNetHTTP(t *testing.T) {
	t.Parallel()
	for name, drop := range map[string]func(stream uint32) []byte{
		"PROTOCOL_ERROR": func(s uint32) []byte { return frame(frameReset, s, protocolError) },
		"REFUSED_STREAM": func(s uint32) []byte { return frame(frameReset, s, refusedStream) },
		"GOAWAY":         func(uint32) []byte { return frame(frameGoAway, 0, 0, noError) },
	} {
		withoutBody := request(Once)
		withoutBody.Body, withoutBody.ContentType = nil, ""
		for _, call := range []struct {
			name     string
			req      Request
			attempts int
			outcome  Outcome
		}{
			{"Once", request(Once), 1, Unknown},
			{"Once without a body", withoutBody, 1, Unknown},
			{"Idempotent", request(Idempotent), 3, Unknown},
			{"Read", request(Read), 3, NotApplied},
		} {
			t.Run(name+"/"+call.name, func(t *testing.T) {
				t.Parallel()
				client, carriedOut := rawHTTP2(t, drop)
				_, err := Call[key](t.Context(), client, call.req)
				e := failed(t, err)
				assert.EqualValues(t, call.attempts, carriedOut.Load())
				assert.Equal(t, call.attempts, e.Attempts)
				assert.Equal(t, call.outcome, e.Outcome)
				assert.NotErrorIs(t, err, context.Canceled, "the caller did not cancel")
				assert.ErrorContains(t, err, "dropped the request")
			})
		}
	}
}
