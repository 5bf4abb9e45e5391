package conformance

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
)

// outage is a failure on the way, before anything is sent.
type outage uint8

const (
	noOutage outage = iota
	connRefused
	hostUnknown
	handshakeBroken
	certificateRefused
	dialHangs
)

// network makes connections fail.
type network struct {
	outage outage
	skip   int // how many succeed first
	times  int // how many fail then; 0: all
	tries  atomic.Int32

	transport *http.Transport // over the wire
	conns     gauge           // that the client has had
}

// strikes counts an attempt to connect and reports whether it fails.
func (n *network) strikes() bool {
	tries := int(n.tries.Add(1)) - n.skip
	return n.outage != noOutage && tries > 0 && (n.times == 0 || tries <= n.times)
}

// failure is the error that net/http gets when it dials in vain; nil if the
// failure comes later.
func (o outage) failure(ctx context.Context) error {
	switch o {
	case dialHangs:
		<-ctx.Done()
		return ctx.Err()
	case connRefused:
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case hostUnknown:
		return &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "api.example", IsNotFound: true}}
	default:
		return nil
	}
}

// handshake is the error of a handshake that breaks; nil for other failures.
func (o outage) handshake() error {
	switch o {
	case handshakeBroken:
		return tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}
	case certificateRefused:
		return &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	default:
		return nil
	}
}

// ways are those of the rig, with this network in between.
func (n *network) ways() []way {
	return []way{
		{"in process", n.inProcess},
		{"over the wire", n.overTheWire},
	}
}

func (n *network) inProcess(_ *testing.T, s *mockserver.Server) *rig {
	client := s.Client()
	client.Transport = unreliable{client.Transport, n}
	return &rig{
		http:        client,
		junkieURL:   junkie.DefaultBaseURL,
		luaprotURL:  luaprot.DefaultBaseURL,
		keygenURL:   keygen.DefaultBaseURL,
		keycrateURL: keycrate.DefaultBaseURL,
	}
}

// unreliable fails as net/http does before it has a connection: it has told the
// client's trace that it asks for one, and never that it got one.
type unreliable struct {
	base    http.RoundTripper
	network *network
}

func (u unreliable) RoundTrip(req *http.Request) (*http.Response, error) {
	if !u.network.strikes() {
		return u.base.RoundTrip(req)
	}
	if req.Body != nil {
		defer req.Body.Close()
	}
	trace := httptrace.ContextClientTrace(req.Context())
	if trace != nil && trace.GetConn != nil {
		trace.GetConn(req.URL.Host)
	}
	if err := u.network.outage.failure(req.Context()); err != nil {
		return nil, err
	}
	err := u.network.outage.handshake()
	if trace != nil && trace.TLSHandshakeDone != nil {
		trace.TLSHandshakeDone(tls.ConnectionState{}, err)
	}
	return nil, err
}

// overTheWire speaks TLS where the outage is one of TLS, else plain HTTP.
func (n *network) overTheWire(t *testing.T, s *mockserver.Server) *rig {
	pipe := newPipeListener()
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if !n.strikes() {
			return n.conns.hold(pipe.dial(ctx, network, address))
		}
		if err := n.outage.failure(ctx); err != nil {
			return nil, err
		}
		return n.conns.hold(n.outage.answer(), nil)
	}
	transport := &http.Transport{DialContext: dial, IdleConnTimeout: 15 * time.Second}
	n.transport = transport
	t.Cleanup(transport.CloseIdleConnections)
	if n.outage.handshake() == nil {
		return reach(transport, s.Serve(pipe), "http")
	}
	transport.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()}
	transport.TLSClientConfig.RootCAs.AddCert(genuine().Leaf)
	endpoint := s.Serve(tls.NewListener(pipe, &tls.Config{Certificates: []tls.Certificate{genuine()}}))
	return reach(transport, endpoint, "https")
}

// reach is a rig for every vendor at an endpoint.
func reach(transport http.RoundTripper, endpoint *mockserver.Endpoint, scheme string) *rig {
	base := func(address string) string { return scheme + strings.TrimPrefix(address, "http") }
	return &rig{
		http:        &http.Client{Transport: transport},
		plain:       &http.Client{Transport: transport},
		junkieURL:   base(endpoint.Junkie()),
		luaprotURL:  base(endpoint.LuaProt()),
		keygenURL:   base(endpoint.Keygen()),
		keycrateURL: base(endpoint.Keycrate()),
	}
}

// answer is a connection whose other end breaks the handshake.
func (o outage) answer() net.Conn {
	near, far := net.Pipe()
	go func() {
		defer far.Close()
		if o == certificateRefused {
			_ = tls.Server(far, &tls.Config{Certificates: []tls.Certificate{impostor()}}).Handshake()
			return
		}
		hello := make([]byte, 1)
		_, _ = far.Read(hello)
		go func() { _, _ = io.WriteString(far, "SSH-2.0-OpenSSH\r\n") }()
		_, _ = io.Copy(io.Discard, far)
	}()
	return near
}

// refusing is an address where nothing listens: no system hands its port out to
// a listener that asks for any, as the servers of other tests do.
const refusing = "127.0.0.1:1"

// loopback reaches the mock over real TCP. Connections that fail are refused by
// the operating system.
func (n *network) loopback(t *testing.T, s *mockserver.Server) *rig {
	endpoint, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	var dialer net.Dialer
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if n.strikes() {
			address = refusing
		}
		return n.conns.hold(dialer.DialContext(ctx, network, address))
	}
	transport := &http.Transport{DialContext: dial, IdleConnTimeout: 15 * time.Second}
	n.transport = transport
	t.Cleanup(transport.CloseIdleConnections)
	return reach(transport, endpoint, "http")
}

// The certificates of the server and of somebody who pretends to be it.
var (
	genuine  = sync.OnceValue(newCertificate)
	impostor = sync.OnceValue(newCertificate)
)

func newCertificate() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:    time.Date(1999, time.January, 1, 0, 0, 0, 0, time.UTC), // a bubble's clock starts in 2000
		NotAfter:     time.Date(2199, time.January, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
