package conformance

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// A server closes kept-alive connections after some time, and a POST that is
// written at that moment has an unknown outcome although nothing ever reached
// the vendor. The tests of this file show that the default client keeps away
// from it. They are not parallel: the default client dials as
// http.DefaultTransport does, and that is what they replace.

// defaultClient is a client without an HTTPClient of the caller's that dials
// with the given function.
func defaultClient(t *testing.T, s *mockserver.Server, url string, dial func(context.Context, string, string) (net.Conn, error)) *junkie.Client {
	t.Helper()
	standard := http.DefaultTransport
	defer func() { http.DefaultTransport = standard }()
	dialing := standard.(*http.Transport).Clone()
	dialing.DialContext = dial
	http.DefaultTransport = dialing
	client, err := junkie.New(junkie.Config{APIKey: s.Junkie().APIKey(), BaseURL: url})
	require.NoError(t, err)
	return client
}

// Pauses of every length, on servers that close idle connections after usual
// times: the client is always the first to close, also where a pause is as long
// as the server's patience to the nanosecond.
func TestDefaultClientClosesIdleConnectionsFirst(t *testing.T) {
	for _, patience := range []time.Duration{20 * time.Second, 30 * time.Second, 60 * time.Second, 75 * time.Second} {
		t.Run(patience.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := mockserver.RunT(t)
				server := &http.Server{Handler: s.Handler(), IdleTimeout: patience}
				pipe := newPipeListener()
				served := make(chan error, 1)
				go func() { served <- server.Serve(pipe) }()
				dials := 0
				client := defaultClient(t, s, "http://"+pipe.Addr().String()+"/api/v2", func(ctx context.Context, network, address string) (net.Conn, error) {
					dials++
					return pipe.dial(ctx, network, address)
				})
				shop, pauses := s.Junkie().AddProvider("shop"), 0
				for pause := time.Second; pause <= 80*time.Second; pause += time.Second {
					before := dials
					_, err := client.Keys.Create(t.Context(), junkie.CreateKeyParams{ProviderID: shop.ID})
					require.NoError(t, err)
					time.Sleep(pause)
					_, err = client.Keys.Create(t.Context(), junkie.CreateKeyParams{ProviderID: shop.ID})
					require.NoError(t, err, "after %v", pause)
					if pause < 15*time.Second {
						assert.LessOrEqual(t, dials-before, 1, "a pause of %v", pause)
					}
					pauses++
					time.Sleep(time.Minute) // the next round begins without a connection
				}
				s.AssertCalls(t, 2*pauses, junkiemock.OpCreateKey)
				assert.Greater(t, dials, pauses, "connections are not kept for ever")
				assert.Less(t, dials, 2*pauses, "and not closed at once")
				require.NoError(t, server.Close())
				assert.ErrorIs(t, <-served, http.ErrServerClosed)
			})
		})
	}
}

// On real TCP: the server closes the connection while the client is idle, over
// and over, and every creation is made exactly once.
func TestClosedKeptAliveConnectionIsNoLostAnswer(t *testing.T) {
	const rounds = 300
	s := mockserver.RunT(t)
	kept := &keptAlive{conns: map[net.Conn]http.ConnState{}}
	server := &http.Server{Handler: s.Handler(), ConnState: kept.note}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	var dialer net.Dialer
	noticed := make(chan struct{}, rounds)
	client := defaultClient(t, s, "http://"+listener.Addr().String()+"/api/v2", func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		return &watchedConn{Conn: conn, closed: noticed}, err
	})
	shop := s.Junkie().AddProvider("shop")
	for range rounds {
		_, err := client.Keys.Create(t.Context(), junkie.CreateKeyParams{ProviderID: shop.ID})
		require.NoError(t, err)
		kept.closeIdle()
		<-noticed // what a pause between two calls is good for
	}
	s.AssertCalls(t, rounds, junkiemock.OpCreateKey)
	s.AssertEffects(t, rounds, junkiemock.EffectKeyCreated)
	require.NoError(t, server.Close())
	assert.ErrorIs(t, <-served, http.ErrServerClosed)
}

// keptAlive knows the connections of a server.
type keptAlive struct {
	mu    sync.Mutex
	idle  sync.Cond
	conns map[net.Conn]http.ConnState
}

func (k *keptAlive) note(conn net.Conn, state http.ConnState) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.idle.L = &k.mu
	k.conns[conn] = state
	if state == http.StateClosed {
		delete(k.conns, conn)
	}
	k.idle.Broadcast()
}

// closeIdle closes the one connection there is as soon as it is idle, which a
// server notices a little later than its client has the answer.
func (k *keptAlive) closeIdle() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for {
		for conn, state := range k.conns {
			if state == http.StateIdle {
				delete(k.conns, conn)
				_ = conn.Close()
				return
			}
		}
		k.idle.Wait()
	}
}

// watchedConn tells when its owner closes it.
type watchedConn struct {
	net.Conn
	once   atomic.Bool
	closed chan<- struct{}
}

func (c *watchedConn) Close() error {
	if c.once.CompareAndSwap(false, true) {
		defer func() { c.closed <- struct{}{} }()
	}
	return c.Conn.Close()
}

// On a connection that is in use already, net/http resends some requests on its
// own when it dies. It must not resend any that has an effect.
func TestLostAnswersOnUsedConnections(t *testing.T) {
	t.Parallel()
	for _, v := range matrices() {
		for _, op := range v.operations {
			for _, h := range hazards() {
				lost := h.outage == noOutage && h.status == 0 && h.anywhere
				if !lost || op.Class == transport.Read { // reads may be resent as often as anybody likes
					continue
				}
				c := cell{v, op, h, false}
				t.Run(c.String(), func(t *testing.T) {
					t.Parallel()
					c.runOnUsedConnection(t)
				})
			}
		}
	}
}

func (c cell) runOnUsedConnection(t *testing.T) {
	s := mockserver.RunT(t)
	network := &network{}
	r := network.loopback(t, s)
	r.serve(s)
	drives := c.vendor.stage(t, r, settings{noWaits: true}).drives
	d := drives[c.op.ID]
	for _, other := range c.vendor.operations { // any read will do
		if drives[other.ID].effect == "" {
			require.NoError(t, drives[other.ID].call(t.Context()))
			break
		}
	}
	require.EqualValues(t, 1, network.tries.Load(), "a connection is kept")
	s.ResetJournal()
	name := c.vendor.name + "." + c.op.ID
	s.Inject(mockserver.Fault{Op: name, Phase: c.hazard.phase, Do: c.hazard.do})
	err := d.call(t.Context())

	want := c.hazard.expect(d, false, c.vendor.attempts())
	s.AssertCalls(t, want.attempts, name)
	assert.Equal(t, want.succeeds, err == nil, "%v", err)
	assert.Len(t, effectsOf(s, name), want.effects)
	connections := want.attempts
	if want.lookups > 0 && !d.taken { // the client looks after an attempt that cost the connection
		connections++
	}
	assert.EqualValues(t, connections, network.tries.Load(), "the first attempt was on the connection that was kept")
}
