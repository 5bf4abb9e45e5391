package mockserver

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of an endpoint towards its callers.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second // of a whole request
	writeTimeout      = 60 * time.Second // of an answer, injected latency apart
	idleTimeout       = 2 * time.Minute
	closeTimeout      = 5 * time.Second
	maxHeaderBytes    = 64 << 10
)

// patience is how long an endpoint waits for its callers.
type patience struct{ header, read, write, idle, close time.Duration }

var patient = patience{readHeaderTimeout, readTimeout, writeTimeout, idleTimeout, closeTimeout}

// Endpoint is a server reachable over a network. All vendors share it, each on
// its real paths and, for callers that send it, its real host name.
type Endpoint struct {
	URL string // as which this machine reaches it, such as "http://127.0.0.1:49152"

	s       *Server
	wide    bool // other machines reach it, and the control plane asks for a token
	http    *http.Server
	closing chan struct{}
	done    chan error
	close   func() error
}

// Listen opens an endpoint on a loopback address; "127.0.0.1:0", ":0" and ""
// take a free port. Any other address, such as "0.0.0.0:5397", is refused unless
// the server has a token by [WithAdminToken]: whoever reaches an emulator may do
// everything with it. The endpoint is open until [Endpoint.Close] or
// [Server.Close], or the end of the test of [RunT].
func (s *Server) Listen(addr string) (*Endpoint, error) {
	at, err := s.listenable(addr)
	if err != nil {
		return nil, fmt.Errorf("mockserver: Listen(%q): %w", addr, err)
	}
	if err := s.over(); err != nil {
		return nil, err
	}
	network := "tcp"
	if at.Addr().Is4() {
		network = "tcp4" // or 0.0.0.0 would stand for the addresses of IPv6, too
	}
	l, err := net.ListenTCP(network, net.TCPAddrFromAddrPort(at))
	if err != nil {
		return nil, fmt.Errorf("mockserver: Listen(%q): %w", addr, err)
	}
	return s.Serve(l), nil
}

// listenable reads an address without asking a resolver.
func (s *Server) listenable(addr string) (netip.AddrPort, error) {
	if addr == "" {
		addr = ":0"
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if host == "" || strings.EqualFold(host, "localhost") {
		host = "127.0.0.1"
	}
	at, err := netip.ParseAddrPort(net.JoinHostPort(host, port))
	if err != nil {
		return netip.AddrPort{}, err
	}
	if !at.Addr().Unmap().IsLoopback() && s.made.token == "" {
		return netip.AddrPort{}, fmt.Errorf("%s is not a loopback address such as 127.0.0.1, and whoever reaches an emulator may do everything with it: protect its control plane with an admin token first", host)
	}
	return at, nil
}

// Serve opens an endpoint on a listener of the caller's, which from then on
// belongs to the endpoint: one of in-memory connections, for a test under
// testing/synctest, or one that is shielded in a way of its own. Who can connect
// to it is the caller's business.
func (s *Server) Serve(l net.Listener) *Endpoint {
	e := &Endpoint{s: s, closing: make(chan struct{}), done: make(chan error, 1)}
	e.URL, e.wide = s.reach(l.Addr())
	e.close = sync.OnceValue(e.shutdown)
	limits := s.made.patience
	e.http = &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: limits.header,
		ReadTimeout:       limits.read,
		WriteTimeout:      limits.write,
		IdleTimeout:       limits.idle,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          log.New(complaints{s}, "", 0),
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.Background(), endpointKey{}, e)
		},
	}
	s.mu.Lock()
	s.endpoints = append(s.endpoints, e)
	s.mu.Unlock()
	go func() { e.done <- e.http.Serve(l) }()
	return e
}

// reach is the URL of a listener for this machine, and whether others reach it,
// too. A listener on all addresses is asked at the loopback one of its family.
func (s *Server) reach(addr net.Addr) (url string, wide bool) {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return "http://" + addr.String(), false
	}
	at := tcp.AddrPort()
	host := at.Addr()
	if host.IsUnspecified() {
		host = netip.IPv6Loopback()
		if at.Addr().Is4() {
			host = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
	}
	wide = s.made.token != "" && !at.Addr().Unmap().IsLoopback()
	return "http://" + netip.AddrPortFrom(host, at.Port()).String(), wide
}

// Close closes the endpoint: it takes no more requests, lets answers in flight
// go out (injected latency is cut short, and calls that hang end without an
// answer) and waits for them. Closing once more does nothing.
func (e *Endpoint) Close() error { return e.close() }

func (e *Endpoint) shutdown() error {
	close(e.closing)
	ctx, cancel := context.WithTimeout(context.Background(), e.s.made.patience.close)
	defer cancel()
	err := e.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) { // a caller that is too slow to wait for
		err = e.http.Close()
	}
	if served := <-e.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	e.s.mu.Lock()
	defer e.s.mu.Unlock()
	e.s.endpoints = slices.DeleteFunc(e.s.endpoints, func(other *Endpoint) bool { return other == e })
	return err
}

// base is the base URL of a vendor at the endpoint.
func (e *Endpoint) base(vendor string) string {
	return e.URL + strings.TrimSuffix(e.s.vendor(vendor).tables.Root, "/")
}

// quit is closed when nobody should wait any longer.
func (e *Endpoint) quit() <-chan struct{} {
	if e == nil {
		return nil
	}
	return e.closing
}

type endpointKey struct{}

// endpointOf returns the endpoint that a request came through, if any.
func endpointOf(ctx context.Context) *Endpoint {
	e, _ := ctx.Value(endpointKey{}).(*Endpoint)
	return e
}

// complaints makes findings of what net/http would log: a crash of a world,
// first of all, which a caller only sees as a lost connection.
type complaints struct{ s *Server }

func (c complaints) Write(line []byte) (int, error) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.find("", "", strings.TrimSpace(string(line)))
	return len(line), nil
}
