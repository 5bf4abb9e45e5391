package bench

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// vendorNames are in the order of the table.
var vendorNames = []string{"junkie", "luaprot", "keycrate", "keygen"}

// BenchmarkMockGet is one get in process, with all that the mock does, against
// the same bytes over loopback.
func BenchmarkMockGet(b *testing.B) { againstLoopback(b, func(s shop) question { return s.get }) }

// BenchmarkMockList is a list of 50.
func BenchmarkMockList(b *testing.B) { againstLoopback(b, func(s shop) question { return s.list }) }

// BenchmarkMockCreate is one create.
func BenchmarkMockCreate(b *testing.B) { againstLoopback(b, func(s shop) question { return s.create }) }

func againstLoopback(b *testing.B, of func(shop) question) {
	for _, name := range vendorNames {
		b.Run(name, func(b *testing.B) {
			s := mockserver.New()
			a := of(shops(s)[name])
			if a.host == "" {
				b.Skip("no two of these requests are alike")
			}
			size := a.do(b, s.Client(), "", 1)
			server := httptest.NewServer(fixed(a.status, size))
			defer server.Close()
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			inProcess, plain := s.Client(), &http.Client{Transport: transport}
			Compare(b,
				Contestant{"tcp", func(n int) { a.do(b, plain, server.URL, n) }},
				Contestant{"mock", func(n int) { a.do(b, inProcess, "", n) }},
			)
		})
	}
}

// BenchmarkMockNew is what a test pays for a server of its own, one key in it and
// the first call, against a server with a fixed answer.
func BenchmarkMockNew(b *testing.B) {
	get := question{method: http.MethodGet, host: "api.jnkie.com", path: "/api/v2/keys/BENCH-KEY-1", status: http.StatusOK}
	Compare(b,
		Contestant{"httptest", func(n int) {
			for range n {
				server := httptest.NewServer(fixed(http.StatusOK, 600))
				transport := &http.Transport{}
				get.do(b, &http.Client{Transport: transport}, server.URL, 1)
				transport.CloseIdleConnections()
				server.Close()
			}
		}},
		Contestant{"mock", func(n int) {
			for range n {
				s := mockserver.New()
				w := s.Junkie()
				w.AddKey(junkiemock.Key{Value: number(1), ProviderID: w.AddProvider("shop").ID})
				get := get
				get.header = http.Header{"Authorization": {"Bearer " + w.APIKey()}}
				get.do(b, s.Client(), "", 1)
				_ = s.Close()
			}
		}},
		Contestant{"miniredis", func(n int) {
			for range n {
				callRedis(b)
			}
		}},
	)
}

// callRedis is the same with an emulator of another kind, known as a quick one.
func callRedis(b *testing.B) {
	s, err := miniredis.Run()
	require.NoError(b, err)
	defer s.Close()
	require.NoError(b, s.Set("key", "value"))
	conn, err := net.Dial("tcp", s.Addr())
	require.NoError(b, err)
	defer func() { _ = conn.Close() }()
	_, err = conn.Write([]byte("*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n"))
	require.NoError(b, err)
	_, err = io.ReadFull(conn, make([]byte, len("$5\r\nvalue\r\n")))
	require.NoError(b, err)
}

// BenchmarkMockCores is how much two cores get done of what one does, of reads,
// and how much two servers would get done that have nothing in common: as much as
// the machine has to give at the time.
func BenchmarkMockCores(b *testing.B) {
	for _, name := range vendorNames {
		b.Run(name+"/get", func(b *testing.B) { onCores(b, name, func(s shop) question { return s.get }) })
		b.Run(name+"/list", func(b *testing.B) { onCores(b, name, func(s shop) question { return s.list }) })
	}
}

func onCores(b *testing.B, name string, of func(shop) question) {
	one, other := mockserver.New(), mockserver.New()
	a := of(shops(one)[name])
	of(shops(other)[name])
	by := func(cores int, clients ...*http.Client) func(n int) {
		return func(n int) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
			var all sync.WaitGroup
			for _, client := range clients {
				all.Go(func() { a.do(b, client, "", (n+1)/len(clients)) })
			}
			all.Wait()
		}
	}
	compareTurns(b, 5*turn, // since the world stops when the number of cores is changed
		Contestant{"one", by(1, one.Client(), one.Client())},
		Contestant{"two", by(2, one.Client(), one.Client())},
		Contestant{"apart", by(2, one.Client(), other.Client())},
	)
}
