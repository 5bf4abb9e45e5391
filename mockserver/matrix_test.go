package mockserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pipes is a network in memory: a listener and the dialer that reaches it.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes {
	return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe.test" }

func (p *pipes) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-p.closed:
		return nil, syscall.ECONNREFUSED
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// link is one way to reach a server.
type link struct {
	client *http.Client
	base   string
}

func noRedirects(c *http.Client) *http.Client {
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c
}

func inProcessLink(s *Server) link { return link{noRedirects(s.Client()), shopHost + "/api/v1"} }

func pipeLink(t *testing.T, s *Server) link {
	p := newPipes()
	e := s.Serve(p)
	transport := &http.Transport{DialContext: p.DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	return link{noRedirects(&http.Client{Transport: transport}), e.base("shop")}
}

func tcpLink(t *testing.T, s *Server) link {
	e, err := s.Listen("")
	require.NoError(t, err)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return link{noRedirects(&http.Client{Transport: transport}), e.base("shop")}
}

// outcome is what a caller gets, in words that do not depend on the transport.
func outcome(ctx context.Context, l link, path string) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "POST", l.base+path, strings.NewReader("book"))
	if err != nil {
		return err.Error()
	}
	resp, err := l.client.Do(req)
	if err != nil {
		return "no answer: " + class(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	text := fmt.Sprintf("%d %q, %d promised, ", resp.StatusCode, resp.Header.Get("Content-Type"), resp.ContentLength)
	if err != nil {
		return text + "body: " + class(err)
	}
	switch {
	case len(body) > 100:
		return text + fmt.Sprintf("%d bytes", len(body))
	case strings.Contains(string(body), "secret"):
		return text + "the vendor's own"
	default:
		return text + fmt.Sprintf("%q", body)
	}
}

// class names an error as a client can tell it from others.
func class(err error) string {
	var op *net.OpError
	switch {
	case errors.Is(err, syscall.ECONNRESET) && errors.As(err, &op) && op.Op == "read":
		return "reset"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "unexpected EOF"
	case errors.Is(err, io.EOF):
		return "EOF"
	case errors.Is(err, context.DeadlineExceeded):
		return "deadline exceeded"
	default:
		return fmt.Sprintf("%T %v", err, err)
	}
}

// TestOneFaultIsOneOutcome injects every action in every phase in which it may
// be, and expects the same of every transport: that a client sees what it
// should, that the effect is there or not, and that the journal knows.
func TestOneFaultIsOneOutcome(t *testing.T) {
	t.Parallel()
	const own = `201 "application/json", 84 promised, the vendor's own`
	page := HTMLPage(502)
	for _, c := range []struct {
		name     string
		phase    Phase
		do       Action
		want     string
		onPipes  string // where a pipe cannot do the same
		delivery Delivery
		slow     bool // needs virtual time
	}{
		{"latency", BeforeCommit, Latency(time.Second), own, "", Delivered, true},
		{"latency", AfterCommit, Latency(time.Second), own, "", Delivered, true},
		{"too much latency", BeforeCommit, Latency(time.Minute), "no answer: deadline exceeded", "", Lost, true},
		{"too much latency", AfterCommit, Latency(time.Minute), "no answer: deadline exceeded", "", Lost, true},
		{"hang", BeforeCommit, Hang(), "no answer: deadline exceeded", "", Lost, true},
		{"hang", AfterCommit, Hang(), "no answer: deadline exceeded", "", Lost, true},
		{"reset", BeforeCommit, ConnReset(), "no answer: reset", "no answer: EOF", Lost, false},
		{"reset", AfterCommit, ConnReset(), "no answer: reset", "no answer: EOF", Lost, false},
		{"close", BeforeCommit, ConnClose(), "no answer: EOF", "", Lost, false},
		{"close", AfterCommit, ConnClose(), "no answer: EOF", "", Lost, false},
		{"status", BeforeCommit, Status(503), `503 "application/json", 18 promised, "{\"shop_error\":503}"`, "", Damaged, false},
		{"status", AfterCommit, Status(503), `503 "application/json", 18 promised, "{\"shop_error\":503}"`, "", Damaged, false},
		{"success", AfterCommit, Status(202), `202 "application/json", 18 promised, "{\"shop_error\":202}"`, "", Damaged, false},
		{"no content", AfterCommit, Status(204), `204 "application/json", 0 promised, ""`, "", Damaged, false},
		{"own body", BeforeCommit, Status(500).WithBody("text/plain", "x"), `500 "text/plain", 1 promised, "x"`, "", Damaged, false},
		{"redirect", BeforeCommit, Redirect("https://other.test/"), `307 "application/json", 18 promised, "{\"shop_error\":307}"`, "", Damaged, false},
		{"rate limit", BeforeCommit, RateLimited(time.Second), `429 "application/json", 18 promised, "{\"shop_error\":429}"`, "", Damaged, false},
		{"page", BeforeCommit, page, `502 "text/html; charset=utf-8", 122 promised, 122 bytes`, "", Damaged, false},
		{"page", AfterCommit, page, `502 "text/html; charset=utf-8", 122 promised, 122 bytes`, "", Damaged, false},
		{"cut", AfterCommit, CutBody(), `201 "application/json", 84 promised, body: unexpected EOF`, "", Damaged, false},
		{"garbage", AfterCommit, GarbageBody(), `201 "application/json", 21 promised, "{\"data\": [\xff\x00<<garbage"`, "", Damaged, false},
		{"empty", AfterCommit, EmptyBody(), `201 "application/json", 0 promised, ""`, "", Damaged, false},
		{"label", AfterCommit, ContentType("text/html"), `201 "text/html", 84 promised, the vendor's own`, "", Damaged, false},
		{"no label", AfterCommit, ContentType(""), `201 "", 84 promised, the vendor's own`, "", Damaged, false},
		{"size", AfterCommit, Oversized(3 << 20), `201 "application/json", 3145728 promised, 3145728 bytes`, "", Damaged, false},
		{"less than its size", AfterCommit, Oversized(3), own, "", Damaged, false},
	} {
		check := func(t *testing.T, s *Server, shop *shop, l link, want string) {
			s.Inject(Fault{Op: opCreate, Phase: c.phase, Do: c.do, Times: 1})
			assert.Equal(t, want, outcome(t.Context(), l, "/items"))
			if c.slow {
				synctest.Wait() // until the other side knows, too
			}
			committed := c.phase == AfterCommit || c.delivery == Delivered
			effects := 0
			if committed {
				effects = 1
			}
			assert.Equal(t, effects, shop.Len())
			s.AssertEffects(t, effects, "item.created")
			require.True(t, s.AssertCalls(t, 1, opCreate))
			call := s.Calls(opCreate)[0]
			assert.Equal(t, committed, call.Committed)
			assert.Equal(t, c.delivery, call.Delivery)
			assert.Equal(t, []FaultHit{{c.phase, c.do.String()}}, call.Faults)
			assert.Equal(t, own, outcome(t.Context(), l, "/items"), "the next call is unharmed")
		}
		onPipes := c.onPipes
		if onPipes == "" {
			onPipes = c.want
		}
		name := c.name + " " + c.phase.String()
		t.Run(name+"/in process", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, shop := open(t, WithStart(t0), WithFrozenClock())
				check(t, s, shop, inProcessLink(s), c.want)
			})
		})
		t.Run(name+"/on pipes", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, shop := open(t, WithStart(t0), WithFrozenClock())
				check(t, s, shop, pipeLink(t, s), onPipes)
			})
		})
		if !c.slow {
			t.Run(name+"/on TCP", func(t *testing.T) {
				t.Parallel()
				s, shop := open(t, WithStart(t0), WithFrozenClock())
				check(t, s, shop, tcpLink(t, s), c.want)
			})
		}
	}
}
