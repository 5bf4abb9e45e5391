// Package conformance holds one suite of scenarios that runs against the mock
// in process and over the wire.
package conformance

import (
	"context"
	"flag"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// update makes the tests that compare a file with a table write the file.
var update = flag.Bool("update", false, "rewrite the files that show tables")

// epoch is where the virtual clock of every scenario starts.
var epoch = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// rig is a server and the means to reach it in one way.
type rig struct {
	Way      string // "in process", ...
	Server   *mockserver.Server
	Junkie   *junkiemock.World
	LuaProt  *luaprotmock.World
	Keygen   *keygenmock.World
	Keycrate *keycratemock.World

	http        *http.Client // of the clients
	raw         *http.Client // of requests that no client sends; nil: http
	plain       *http.Client // of the control plane, which no contract is about; nil: it is out of reach
	seen        *tape        // of scenarios: what went over the wire
	junkieURL   string
	luaprotURL  string
	keygenURL   string
	keycrateURL string
}

// serve notes which server the rig reaches, and the vendors' worlds in it.
func (r *rig) serve(s *mockserver.Server) {
	r.Server, r.Junkie, r.LuaProt, r.Keygen, r.Keycrate = s, s.Junkie(), s.LuaProt(), s.Keygen(), s.Keycrate()
}

// way is how a client reaches the mock. Both ways run in a synctest bubble, so
// that waits take no time and can be measured to the nanosecond.
type way struct {
	name string
	make func(t *testing.T, s *mockserver.Server) *rig
}

var ways = []way{
	{"in process", inProcess},
	{"over the wire", overTheWire},
}

// inProcess reaches the mock by its round tripper, under the vendors' real
// host names.
func inProcess(_ *testing.T, s *mockserver.Server) *rig {
	return &rig{
		http:        s.Client(),
		junkieURL:   junkie.DefaultBaseURL,
		luaprotURL:  luaprot.DefaultBaseURL,
		keygenURL:   keygen.DefaultBaseURL,
		keycrateURL: keycrate.DefaultBaseURL,
	}
}

// overTheWire reaches the mock by net/http on both sides of in-memory pipes: a
// real socket would hang in a bubble.
func overTheWire(t *testing.T, s *mockserver.Server) *rig {
	pipe := newPipeListener()
	endpoint := s.Serve(pipe)
	transport := &http.Transport{DialContext: pipe.dial, IdleConnTimeout: 15 * time.Second}
	t.Cleanup(transport.CloseIdleConnections)
	return reach(transport, endpoint, "http")
}

// each runs a test in every way, each with a server of its own.
func each(t *testing.T, run func(t *testing.T, r *rig), opts ...mockserver.Option) {
	t.Helper()
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				opts := append([]mockserver.Option{mockserver.WithStart(epoch)}, opts...)
				s := mockserver.RunT(t, opts...)
				r := w.make(t, s)
				r.Way = w.name
				r.serve(s)
				run(t, r)
			})
		})
	}
}

// junkieConfig is a configuration that reaches the mock; a test may change it
// before it makes its client.
func (r *rig) junkieConfig() junkie.Config {
	return junkie.Config{
		APIKey:     r.Junkie.APIKey(),
		BaseURL:    r.junkieURL,
		HTTPClient: r.http,
	}
}

// junkieClient returns a client with the defaults.
func (r *rig) junkieClient(t *testing.T) *junkie.Client {
	t.Helper()
	client, err := junkie.New(r.junkieConfig())
	require.NoError(t, err)
	return client
}

// luaprotConfig is a configuration that reaches the mock; a test may change it
// before it makes its client.
func (r *rig) luaprotConfig() luaprot.Config {
	return luaprot.Config{
		APIKey:     r.LuaProt.APIKey(),
		BaseURL:    r.luaprotURL,
		HTTPClient: r.http,
	}
}

// luaprotClient returns a client with the defaults, pacing included.
func (r *rig) luaprotClient(t *testing.T) *luaprot.Client {
	t.Helper()
	client, err := luaprot.New(r.luaprotConfig())
	require.NoError(t, err)
	return client
}

// keycrateConfig is a configuration that reaches the mock; a test may change it
// before it makes its client.
func (r *rig) keycrateConfig() keycrate.Config {
	return keycrate.Config{
		APIKey:     r.Keycrate.APIKey(),
		BaseURL:    r.keycrateURL,
		HTTPClient: r.http,
	}
}

// keycrateClient returns a client with the defaults.
func (r *rig) keycrateClient(t *testing.T) *keycrate.Client {
	t.Helper()
	client, err := keycrate.New(r.keycrateConfig())
	require.NoError(t, err)
	return client
}

// keycrateAppConfig is keycrateConfig for the program of an end user.
func (r *rig) keycrateAppConfig() keycrate.AppConfig {
	return keycrate.AppConfig{
		AppID:      r.Keycrate.AppID(),
		BaseURL:    r.keycrateURL,
		HTTPClient: r.http,
	}
}

// keycrateApp returns the program of an end user with the defaults.
func (r *rig) keycrateApp(t *testing.T) *keycrate.App {
	t.Helper()
	app, err := keycrate.NewApp(r.keycrateAppConfig())
	require.NoError(t, err)
	return app
}

// answer is what the mock replied to a raw request.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

// junkieRaw sends a request that the client would refuse to send, with the
// headers that it would have, unless others are given.
func (r *rig) junkieRaw(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	usual := []string{"Authorization: Bearer " + r.Junkie.APIKey()}
	if body != "" {
		usual = append(usual, "Content-Type: application/json")
	}
	return r.send(t, method, r.junkieURL+path, body, append(usual, headers...))
}

// luaprotRaw is junkieRaw for LuaProt.
func (r *rig) luaprotRaw(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	usual := []string{"Authorization: " + r.LuaProt.APIKey(), "Content-Type: application/json"}
	return r.send(t, method, r.luaprotURL+path, body, append(usual, headers...))
}

// send sends a raw request. Headers are "Name: value"; of several with one name
// the last counts, and an empty value removes it.
func (r *rig) send(t *testing.T, method, url, body string, headers []string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	setHeaders(req.Header, headers)
	client := r.raw
	if client == nil {
		client = r.http
	}
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{resp.StatusCode, resp.Header, string(text)}
}

// setHeaders puts "Name: value" into a header. Without a value it takes the name
// out of it; "Name;" stands for one whose value is empty.
func setHeaders(header http.Header, headers []string) {
	for _, text := range headers {
		name, value, valued := strings.Cut(text, ": ")
		if empty, found := strings.CutSuffix(name, ";"); found && !valued {
			header[http.CanonicalHeaderKey(empty)] = []string{""}
		} else if value == "" {
			header.Del(strings.TrimSuffix(name, ":"))
		} else {
			header.Set(name, value)
		}
	}
}

// pipeListener hands out in-memory connections.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

// pipeAddr looks like a loopback address, which clients trust with plain http.
type pipeAddr struct{}

func (pipeAddr) Network() string { return "tcp" }
func (pipeAddr) String() string  { return "127.0.0.1:80" }
