package bench
import ("testing";"github.com/keysmith-go/keysmith/mockserver")
func BenchmarkZGet(b *testing.B) {
	s := mockserver.New()
	a := shops(s)["junkie"].get
	c := s.Client()
	a.do(b, c, "", 20000)
	b.ReportAllocs()
	b.ResetTimer()
	a.do(b, c, "", b.N)
}
