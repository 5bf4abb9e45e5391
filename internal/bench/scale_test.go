package bench

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// The benchmarks of this file ask one thing of Junkie in three sizes: what a call
// costs among a thousand keys of one account, among a hundred thousand, and among
// a million. Calls are made in process.

// crowd is a server with so many keys in its first account.
type crowd struct {
	name   string
	keys   int
	server func() *mockserver.Server // made once for the process
}

var crowds = []crowd{newCrowd("1k", 1_000), newCrowd("100k", 100_000), newCrowd("1M", 1_000_000)}

func newCrowd(name string, keys int) crowd {
	return crowd{name, keys, sync.OnceValue(func() *mockserver.Server { return restored(keys) })}
}

// million is the largest crowd.
func million() *mockserver.Server { return crowds[2].server() }

var t0 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// kept is a key as a snapshot has it.
type kept struct {
	junkiemock.Key
	Named, Limited bool
}

const firstID = 10_000

// value is that of the key with a number: drawn, but the same each time.
func value(n int) string {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	b := make([]byte, 0, 16)
	for range 4 {
		x := r.Uint32()
		b = append(b, byte(x), byte(x>>8), byte(x>>16), byte(x>>24))
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	s := hex.EncodeToString(b)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// plain is a key of the crowd. Most are as simple as a key can be; of every
// thousand one is of a Discord user with a device, ten are in a folder, and a
// fourth ends some day.
func plain(n int) kept {
	k := kept{Key: junkiemock.Key{
		ID: int64(firstID + n), Value: value(n), UserID: 1001, ProviderID: int64(2001 + n%2), CreatedAt: t0.Add(time.Duration(n) * time.Millisecond),
	}}
	switch {
	case n%1000 == 3:
		k.DiscordID = fmt.Sprintf("%018d", n)
		k.Devices = []junkiemock.Device{{HWID: "machine-" + value(n), BoundAt: t0, BoundBy: "api"}}
	case n%100 == 5:
		k.FolderID = 4001
	case n%4 == 0:
		k.ExpiresAt = t0.Add(time.Duration(n) * time.Minute)
	case n%8 == 1:
		k.UsedAt = t0
	}
	return k
}

// restored makes a server from a snapshot, so that no ledger tells of the keys.
func restored(keys int) *mockserver.Server {
	s := mockserver.New(mockserver.WithStart(t0.Add(24*time.Hour)), mockserver.WithJournal(100))
	s.Junkie().AddProvider("shop")
	s.Junkie().AddProvider("depot")
	s.Junkie().AddFolder("vip")
	var document map[string]any
	must(json.Unmarshal(s.Snapshot(), &document))
	state := document["vendors"].(map[string]any)["junkie"].(map[string]any)["state"].(map[string]any)
	items := make([]kept, keys)
	for n := range items {
		items[n] = plain(n)
	}
	state["Keys"] = map[string]any{"Last": firstID + keys, "Items": items}
	text, err := json.Marshal(document)
	must(err)
	must(s.Restore(text))
	return s
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// ask makes a call, which must succeed, and drops the answer.
func ask(s *mockserver.Server, method, path, body string) {
	resp := call(s, method, path, body)
	_, err := io.Copy(io.Discard, resp.Body)
	must(err)
	must(resp.Body.Close())
}

func call(s *mockserver.Server, method, path, body string) *http.Response {
	request, err := http.NewRequest(method, "https://api.jnkie.com/api/v2/keys"+path, strings.NewReader(body))
	must(err)
	request.Header.Set("Authorization", "Bearer "+s.Junkie().APIKey())
	resp, err := s.Client().Do(request)
	must(err)
	if resp.StatusCode > 299 {
		panic(method + " " + path + ": " + resp.Status)
	}
	return resp
}

// asking asks for the same thing again and again.
func asking(s *mockserver.Server, query string) func(int) {
	return func(n int) {
		for range n {
			ask(s, "GET", query, "")
		}
	}
}

// BenchmarkOneKey is what is done with one key, whichever it is.
func BenchmarkOneKey(b *testing.B) {
	for name, do := range map[string]func(s *mockserver.Server, n int){
		"get":       func(s *mockserver.Server, n int) { ask(s, "GET", "/"+value(n), "") },
		"get-by-id": func(s *mockserver.Server, n int) { ask(s, "GET", fmt.Sprintf("/%d", firstID+n), "") },
		"update": func(s *mockserver.Server, n int) {
			ask(s, "PUT", "/"+value(n), fmt.Sprintf(`{"key_name":"%d"}`, time.Now().UnixNano()))
		},
		"verify":     func(s *mockserver.Server, n int) { s.Junkie().Verify(value(n), "device") },
		"create-one": createAndDelete,
	} {
		b.Run(name, func(b *testing.B) {
			Compare(b, inCrowds(do)...)
		})
	}
}

// createAndDelete makes a key and takes it away again, so that the crowd stays as
// large as it is.
func createAndDelete(s *mockserver.Server, _ int) {
	resp := call(s, "POST", "", `{"provider_id":2001,"key_name":"new"}`)
	var made struct {
		Key struct {
			Value string `json:"key_value"`
		} `json:"key"`
	}
	must(json.NewDecoder(resp.Body).Decode(&made))
	must(resp.Body.Close())
	ask(s, "DELETE", "/"+made.Key.Value, "")
}

// inCrowds are contestants that do the same thing, each in its crowd. They take
// one key after the other, far apart.
func inCrowds(do func(s *mockserver.Server, n int)) (contestants []Contestant) {
	for _, c := range crowds {
		at := 0
		contestants = append(contestants, Contestant{c.name, func(n int) {
			for range n {
				at = (at + 7919) % c.keys
				do(c.server(), at)
			}
		}})
	}
	return contestants
}

// BenchmarkPages compares pages of a list with its first: 20,000 is the last one of
// a million keys.
func BenchmarkPages(b *testing.B) {
	s := million()
	for name, filter := range map[string]struct {
		query string
		last  int
	}{
		"all":      {"", 20_000},
		"provider": {"&provider_id=2001", 10_000},
		"folder":   {"&folder_id=4001", 200},
		"status":   {"&status=active", 13_000},
		"key":      {"&key=a1b", 80},
	} {
		b.Run(name, func(b *testing.B) {
			Compare(b,
				Contestant{"first", asking(s, "?page=1"+filter.query)},
				Contestant{"middle", asking(s, fmt.Sprintf("?page=%d%s", filter.last/2, filter.query))},
				Contestant{"last", asking(s, fmt.Sprintf("?page=%d%s", filter.last, filter.query))},
			)
		})
	}
}

// several is how often each does its work in a row, so that not every list finds the
// caches of the processor full of what the search has left there.
const several = 8

// BenchmarkFilters compares lists of a million keys with a plain search through
// their values: the least that a server without an index has to do.
func BenchmarkFilters(b *testing.B) {
	s := million()
	lower := make([]string, crowds[2].keys)
	for n := range lower {
		lower[n] = strings.ToLower(value(n))
	}
	var found int
	search := Contestant{"search", func(n int) {
		for range several * n {
			for _, text := range lower {
				if strings.Contains(text, "a1b2") {
					found++
				}
			}
		}
	}}
	for _, filter := range []struct{ name, query string }{
		{"none", ""},
		{"key3", "&key=a1b"},
		{"key4", "&key=A1b2"},
		{"key8", "&key=" + value(4711)[:8]},
		{"key2", "&key=a1"},
		{"key1", "&key=a"},
		{"hwid", "&hwid=" + value(5003)[:8]},
		{"discord", "&discord_id=000000000000005003"},
		{"service", "&service_id=3001"},
		{"provider", "&provider_id=2001"},
		{"folder", "&folder_id=4001"},
		{"active", "&status=active"},
		{"expired", "&status=expired"},
		{"expires-before", "&expires_before=2026-03-02T12:00:00Z"},
		{"expires-before-and-active", "&expires_before=2026-03-02T12:00:00Z&status=active"},
		{"provider-and-key", "&provider_id=2001&key=a1b"},
		{"provider-and-active", "&provider_id=2001&status=active"},
	} {
		b.Run(filter.name, func(b *testing.B) {
			list := asking(s, "?limit=10"+filter.query)
			Compare(b, search, Contestant{"list", func(n int) { list(several * n) }})
		})
	}
}

// BenchmarkSnapshotStop is how long a snapshot keeps others waiting: the longest
// look at a key while one is taken. What else the machine does makes it longer, so
// that the shortest of all rounds counts, and no garbage is collected meanwhile.
func BenchmarkSnapshotStop(b *testing.B) {
	s := million()
	shortest := time.Hour
	for b.Loop() {
		runtime.GC()
		collect := debug.SetGCPercent(-1)
		done, quit := make(chan time.Duration), make(chan struct{})
		go func() { done <- longestLook(s, quit) }()
		s.Snapshot()
		close(quit)
		shortest = min(shortest, <-done)
		debug.SetGCPercent(collect)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(shortest)/float64(time.Millisecond), "stop-ms")
}

// longestLook looks at keys until it is told to quit.
func longestLook(s *mockserver.Server, quit <-chan struct{}) (longest time.Duration) {
	for n := int64(0); ; n++ {
		select {
		case <-quit:
			return longest
		default:
			began := time.Now()
			s.Junkie().Key(firstID + n%1000)
			longest = max(longest, time.Since(began))
		}
	}
}

// BenchmarkMemory is what a key takes: of a million keys, and again when every filter
// that has an index has been asked for. The first lists to ask for them take longer.
func BenchmarkMemory(b *testing.B) {
	empty := heap()
	s := restored(crowds[2].keys)
	bare := heap() - empty
	began := processorTime()
	for _, query := range []string{"key=a1b", "hwid=mach", "discord_id=1", "service_id=1", "provider_id=2001", "folder_id=4001", "status=active"} {
		ask(s, "GET", "?limit=1&"+query, "")
	}
	took := processorTime() - began
	indexed := heap() - empty
	for b.Loop() {
		runtime.KeepAlive(s)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(bare)/float64(crowds[2].keys), "B/key")
	b.ReportMetric(float64(indexed)/float64(crowds[2].keys), "B/indexed-key")
	b.ReportMetric(took.Seconds(), "cpu-s/first-lists")
}

func heap() uint64 {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestTheCrowdIsWhatItSeems guards the benchmarks: their filters find what they are
// to find.
func TestTheCrowdIsWhatItSeems(t *testing.T) {
	s := crowds[0].server()
	for query, want := range map[string]int{"": 1000, "provider_id=2002": 500, "folder_id=4001": 10, "discord_id=000000000000000003": 1, "hwid=machine": 1, "status=expired": 250, "key=" + value(9): 1} {
		var told struct {
			Pagination struct{ Total int }
		}
		resp := call(s, "GET", "?"+query, "")
		var text bytes.Buffer
		_, err := text.ReadFrom(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.NoError(t, json.Unmarshal(text.Bytes(), &told))
		require.Equal(t, want, told.Pagination.Total, query)
	}
}
