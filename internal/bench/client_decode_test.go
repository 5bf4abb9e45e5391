package bench

import (
	"encoding/json"
	"testing"

	goccy "github.com/goccy/go-json"
	segmentio "github.com/segmentio/encoding/json"

	"github.com/keysmith-go/keysmith/internal/junkiewire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// BenchmarkClientDecode decodes a page into the types of the client, in the ways
// that were to choose from. Run it with GOEXPERIMENT=jsonv2 to see what Go's own
// next engine makes of it.
func BenchmarkClientDecode(b *testing.B) {
	page := []byte(pageJSON(50))
	decoder := func(name string, decode func([]byte, *junkiewire.ListKeysResponse) error) Contestant {
		return Contestant{Name: name, Run: func(n int) {
			for range n {
				var got junkiewire.ListKeysResponse
				if err := decode(page, &got); err != nil || len(got.Keys) != 50 || got.Keys[49].UsedAt.IsZero() {
					b.Fatal(name, " did not read the page: ", err)
				}
			}
		}}
	}
	Compare(b,
		decoder("std", func(data []byte, v *junkiewire.ListKeysResponse) error { return json.Unmarshal(data, v) }),
		decoder("keysmith", transport.Unmarshal[junkiewire.ListKeysResponse]),
		decoder("segmentio", func(data []byte, v *junkiewire.ListKeysResponse) error { return segmentio.Unmarshal(data, v) }),
		decoder("goccy", func(data []byte, v *junkiewire.ListKeysResponse) error { return goccy.Unmarshal(data, v) }),
	)
}
