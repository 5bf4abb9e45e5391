package mockserver

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkCall is one get of one object, client and all.
func BenchmarkCall(b *testing.B) {
	for name, reach := range map[string]func(*testing.B, *Server) link{
		"in process": func(_ *testing.B, s *Server) link { return inProcessLink(s) },
		"loopback": func(b *testing.B, s *Server) link {
			e, err := s.Listen("")
			require.NoError(b, err)
			transport := &http.Transport{}
			b.Cleanup(transport.CloseIdleConnections)
			return link{&http.Client{Transport: transport}, e.base("shop")}
		},
	} {
		b.Run(name, func(b *testing.B) {
			s, shop := open(b)
			shop.Stock("pen")
			l := reach(b, s)
			b.ReportAllocs()
			for b.Loop() {
				resp, err := l.client.Get(l.base + "/items/1")
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, resp.Body); err != nil {
					b.Fatal(err)
				}
				_ = resp.Body.Close()
			}
		})
	}
}

// BenchmarkNew is what a test pays for a server of its own.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		New()
	}
}

// BenchmarkJournal is what it takes to show one call with all that was said.
func BenchmarkJournal(b *testing.B) {
	s, shop := open(b)
	shop.Stock("pen")
	request(b, s, "GET", "/api/v1/items/1?page=1&secret=hidden")
	b.ReportAllocs()
	for b.Loop() {
		s.Calls()
	}
}
