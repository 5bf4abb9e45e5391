package conformance

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// No test of this package leaves a goroutine behind. Within a synctest bubble a
// goroutine that is blocked for ever fails its test at once, so every cell of
// the matrix is checked by itself.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// counted is the mock on a real listener that counts connections, and a
// client's transport to it.
type counted struct {
	*rig
	transport *http.Transport
	conns     atomic.Int32
}

// newCounted must be closed before leaks are looked for.
func newCounted(t *testing.T, s *mockserver.Server) *counted {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c := &counted{transport: &http.Transport{}}
	endpoint := s.Serve(countingListener{listener, &c.conns})
	c.rig = reach(c.transport, endpoint, "http")
	c.serve(s)
	return c
}

func (c *counted) close(t *testing.T) {
	c.transport.CloseIdleConnections()
	require.NoError(t, c.Server.Close())
}

type countingListener struct {
	net.Listener
	conns *atomic.Int32
}

func (l countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.conns.Add(1)
	}
	return conn, err
}

// The tests below run alone, since they look at all goroutines.

func TestNoGoroutineOutlivesAFailedCall(t *testing.T) {
	here := goleak.IgnoreCurrent()
	for _, v := range matrices() {
		for _, op := range v.operations {
			for _, h := range hazards() {
				if !(cell{vendor: v, op: op, hazard: h}).anywhere() {
					continue
				}
				s := mockserver.RunT(t)
				network := &network{outage: h.outage}
				r := network.loopback(t, s)
				r.serve(s)
				if h.outage == noOutage {
					s.Inject(mockserver.Fault{Op: v.name + "." + op.ID, Phase: h.phase, Do: h.do})
				}
				_ = v.stage(t, r, settings{noWaits: true}).drives[op.ID].call(t.Context())
				r.http.CloseIdleConnections()
				require.NoError(t, s.Close())
			}
		}
	}
	goleak.VerifyNone(t, here)
}

func TestNoGoroutineOutlivesACancelledCall(t *testing.T) {
	here := goleak.IgnoreCurrent()
	c := newCounted(t, mockserver.RunT(t))
	client := c.junkieClient(t)
	for _, f := range []mockserver.Fault{
		{Do: mockserver.Hang()},
		{Do: mockserver.Hang(), Phase: mockserver.AfterCommit},
		{Do: mockserver.RateLimited(time.Minute)},
	} {
		f.Op = junkiemock.OpListFolders
		trouble := c.Server.Inject(f)
		for range 10 {
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error)
			hits := trouble.Hits()
			go func() {
				_, err := client.Keys.Folders(ctx)
				ended <- err
			}()
			require.Eventually(t, func() bool { return trouble.Hits() > hits }, 10*time.Second, time.Millisecond)
			cancel()
			require.ErrorIs(t, <-ended, context.Canceled)
		}
		trouble.Remove()
	}
	c.close(t)
	goleak.VerifyNone(t, here)
}

// Whoever breaks off a loop over all keys leaves nothing running, and the
// connection to whoever comes next.
func TestNothingIsLeftOfALoopThatBreaks(t *testing.T) {
	here := goleak.IgnoreCurrent()
	c := newCounted(t, mockserver.RunT(t))
	client := c.junkieClient(t)
	for range 5 {
		c.Junkie.AddKey(junkiemock.Key{})
	}
	for range 10 {
		for key, err := range client.Keys.All(t.Context(), junkie.ListKeysParams{Limit: 2}) {
			require.NoError(t, err)
			require.NotNil(t, key)
			break
		}
	}
	assert.EqualValues(t, 1, c.conns.Load(), "connections")
	c.Server.AssertCalls(t, 10, junkiemock.OpListKeys)
	c.close(t)
	goleak.VerifyNone(t, here)
}

// An endpoint that closes takes everything with it, also the calls that hang.
func TestNoGoroutineOutlivesAnEndpoint(t *testing.T) {
	here := goleak.IgnoreCurrent()
	c := newCounted(t, mockserver.RunT(t))
	cfg := c.junkieConfig()
	cfg.Retry.MaxAttempts = 1
	client, err := junkie.New(cfg)
	require.NoError(t, err)
	hang := c.Server.Inject(mockserver.Fault{Op: junkiemock.OpCreateKey, Do: mockserver.Hang()})
	shop := c.Junkie.AddProvider("shop")
	const calls = 5
	ended := make(chan error, calls)
	for range calls {
		go func() {
			_, err := client.Keys.Create(t.Context(), junkie.CreateKeyParams{ProviderID: shop.ID})
			ended <- err
		}()
	}
	require.Eventually(t, func() bool { return hang.Hits() == calls }, 10*time.Second, time.Millisecond)
	c.close(t)
	for range calls {
		assert.ErrorIs(t, <-ended, junkie.ErrUnknownOutcome)
	}
	c.transport.CloseIdleConnections()
	goleak.VerifyNone(t, here)
	assert.Empty(t, effectsOf(c.Server, junkiemock.OpCreateKey))
}

// An error answer does not cost the connection, whatever its status and however
// long the page is that a proxy sends along.
func TestConnectionsAreReusedAfterErrorAnswers(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	c := newCounted(t, s)
	defer c.close(t)
	cfg := c.junkieConfig()
	cfg.Retry = junkie.RetryPolicy{BaseDelay: 1, MaxDelay: 1}
	client, err := junkie.New(cfg)
	require.NoError(t, err)
	page := "<html>" + strings.Repeat("<p>Bad Gateway</p>", 20_000) + "</html>"
	answers := 0
	for _, status := range []int{307, 400, 401, 403, 404, 408, 409, 422, 429, 500, 501, 502, 503, 504} {
		for _, action := range []mockserver.Action{mockserver.Status(status), mockserver.Status(status).WithBody("text/html", page)} {
			trouble := s.Inject(mockserver.Fault{Op: junkiemock.OpListFolders, Do: action})
			_, err := client.Keys.Folders(t.Context())
			require.Error(t, err)
			answers += failed(t, err).Attempts
			trouble.Remove()
			_, err = client.Keys.Folders(t.Context())
			require.NoError(t, err)
			answers++
		}
	}
	s.AssertCalls(t, answers, junkiemock.OpListFolders)
	assert.EqualValues(t, 1, c.conns.Load(), "connections for %d answers", answers)
}
