package mockserver

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// readers are a vendor with so many objects that lists use indexes, the questions of
// those who read, and what somebody else does meanwhile.
type readers struct {
	fill  func(*Server)
	ask   func(*Server) []warmQuestion
	write func(*Server) warmQuestion
}

const manyObjects = 2100

var readersOf = map[string]readers{
	"junkie":   {fillJunkie, readJunkie, writeJunkie},
	"luaprot":  {fillLuaProt, readLuaProt, writeLuaProt},
	"keycrate": {fillKeycrate, readKeycrate, writeKeycrate},
	"keygen":   {fillKeygen, readKeygen, writeKeygen},
}

// TestReadersGetWhatOneAloneGets: those who read side by side get the same answers,
// although they make the indexes while they do so.
func TestReadersGetWhatOneAloneGets(t *testing.T) {
	t.Parallel()
	for name, of := range readersOf {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := New(WithFrozenClock(), WithStart(t0))
			of.fill(s)
			crowded := New()
			require.NoError(t, crowded.Restore(s.Snapshot()))
			questions := of.ask(s)
			alone := make([]string, len(questions))
			for i, q := range questions {
				alone[i] = bodyOf(t, s, q)
			}
			var all sync.WaitGroup
			for reader := range 4 {
				all.Go(func() {
					for _, i := range rand.New(rand.NewPCG(uint64(reader), 1)).Perm(len(questions)) {
						assert.Equal(t, alone[i], bodyOf(t, crowded, questions[i]), "%v", questions[i])
					}
				})
			}
			all.Wait()
			assert.Empty(t, crowded.Findings())
		})
	}
}

// TestReadersAndWriters lets the clock run while some read and one writes. The race
// detector sees whether reads really only read.
func TestReadersAndWriters(t *testing.T) {
	t.Parallel()
	for name, of := range readersOf {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := New(WithStart(t0))
			of.fill(s)
			questions := of.ask(s)
			var all sync.WaitGroup
			for reader := range 3 {
				all.Go(func() {
					for _, i := range rand.New(rand.NewPCG(uint64(reader), 2)).Perm(len(questions)) {
						bodyOf(t, s, questions[i])
						s.Advance(time.Minute)
					}
				})
			}
			all.Go(func() {
				for range 10 {
					bodyOf(t, s, of.write(s))
				}
			})
			all.Wait()
			assert.Empty(t, s.Findings())
			checkCounts(t, s, name)
		})
	}
}

// checkCounts compares how often behaviours have decided with what the journal says.
func checkCounts(t *testing.T, s *Server, vendor string) {
	times := map[string]int{}
	for _, e := range s.pick(func(*entry) bool { return true }) {
		for _, row := range s.outline(e).Rows {
			times[row]++
		}
	}
	assert.Greater(t, len(times), 5)
	for _, b := range s.Behaviours(vendor) {
		assert.Equal(t, times[b.ID], s.Decided(b.ID), b.ID)
	}
}

// oddities are what readers do wrong, or do otherwise than the most.
var oddities = []func(*http.Request){
	func(r *http.Request) { r.Header = http.Header{} },
	func(r *http.Request) { r.Header.Set("Authorization", "Bearer nobody") },
	func(r *http.Request) { r.URL.RawQuery += "&unheardOf=1&page=0&page=x&status=&limit=%zz" },
	func(r *http.Request) { r.URL.RawQuery = "limit=100&order=asc&page[cursor]=x" },
	func(r *http.Request) { r.URL.Path += "x" },
	func(r *http.Request) { r.Body = http.NoBody },
	func(r *http.Request) { r.Method = "HEAD" },
	func(r *http.Request) { r.Header.Set("Accept", "text/html") },
	func(r *http.Request) {
		r.Header.Set("Origin", "https://shop.example")
		r.Header.Set("Keygen-Version", "1.0")
		r.Header.Set("Keygen-Accept-Signature", `algorithm="rsa-pss-sha256"`)
	},
	func(r *http.Request) { r.Header.Set("Keygen-Accept-Signature", `algorithm="ecdsa-p256"`) },
}

// TestOddReadersAndObservers has some read what they should not, and in odd ways, while
// others look at what the server keeps of that, and change what decides how it is read.
func TestOddReadersAndObservers(t *testing.T) {
	t.Parallel()
	for name, of := range readersOf {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log logbook
			s := New(WithStart(t0), WithJournal(50), WithLogger(log.logger(slog.LevelInfo)))
			of.fill(s)
			questions := of.ask(s)
			limited := s.vendor(name).world.(core.Limited)
			const readers, times = 3, 60
			var reading, looking sync.WaitGroup
			for reader := range readers {
				reading.Go(func() {
					random := rand.New(rand.NewPCG(uint64(reader), 3))
					for range times {
						askOddly(t, s, questions[random.IntN(len(questions))], oddities[random.IntN(len(oddities))])
					}
				})
			}
			var over atomic.Bool
			for _, look := range []func(){
				func() { s.Journal() },
				func() { s.Findings() },
				func() { s.Snapshot() },
				func() { s.Inject(Fault{Op: AnyOp, Phase: AfterCommit, Do: GarbageBody(), Times: 1}).Hits() },
				s.RemoveFaults,
				func() {
					s.mu.Lock()
					defer s.mu.Unlock()
					limits := []core.RateLimit{{Calls: 1, Per: time.Second}}
					if limited.Counts() {
						limits = nil
					}
					assert.NoError(t, limited.SetRateLimits(s.turn(s.vendor(name), ""), limits))
				},
			} {
				looking.Go(func() {
					for !over.Load() {
						look()
						runtime.Gosched()
					}
				})
			}
			reading.Wait()
			over.Store(true)
			looking.Wait()
			journal := s.Journal()
			require.Len(t, journal, 50)
			for i, call := range journal {
				assert.Equal(t, journal[0].Number+i, call.Number)
				assert.NotEqual(t, Pending, call.Delivery)
			}
			assert.Equal(t, readers*times, strings.Count(log.text.String(), `"msg":"call"`))
		})
	}
}

// askOddly sends a question that something is done to, and reads whatever comes.
func askOddly(t *testing.T, s *Server, q warmQuestion, odd func(*http.Request)) {
	req := q.request(t.Context())
	odd(req)
	resp, err := s.Transport().RoundTrip(req)
	if !assert.NoError(t, err) {
		return
	}
	_, err = io.Copy(io.Discard, resp.Body)
	assert.NoError(t, err)
	assert.NoError(t, resp.Body.Close())
}

// bodyOf is the body of a successful answer.
func bodyOf(t *testing.T, s *Server, q warmQuestion) string {
	resp, err := s.Client().Do(q.request(t.Context()))
	if !assert.NoError(t, err) {
		return ""
	}
	body, err := io.ReadAll(resp.Body)
	assert.NoError(t, err)
	assert.NoError(t, resp.Body.Close())
	assert.Less(t, resp.StatusCode, 300, "%v: %s", q, body)
	return string(body)
}

func fillJunkie(s *Server) {
	w := s.Junkie()
	provider, folder := w.AddProvider("shop"), w.AddFolder("vip")
	for i := range manyObjects {
		k := junkiemock.Key{Value: fmt.Sprintf("KEY-%d", i), ProviderID: provider.ID, ExpiresAt: t0.Add(time.Duration(i) * time.Minute)}
		if i%7 == 0 {
			k.FolderID, k.DiscordID = folder.ID, "123456789012345678"
		}
		w.AddKey(k)
	}
}

func readJunkie(s *Server) (list []warmQuestion) {
	by := "Authorization: Bearer " + s.Junkie().APIKey()
	for _, more := range []string{
		"", "/folders", "/KEY-12", "/KEY-2000", "?page=3", "?status=active", "?status=expired", "?key=EY-19", "?key=1", "?discord_id=123456789012345678",
		"?status=active&discord_id=123456789012345678", "?expires_before=2026-03-01T20:00:00Z", "?expires_after=2026-03-01T20:00:00Z&key=77", "?folder_id=4001",
	} {
		list = append(list, warmQuestion{"GET", "https://api.jnkie.com/api/v2/keys" + more, "", by})
	}
	return list
}

func writeJunkie(s *Server) warmQuestion {
	return warmQuestion{"PUT", "https://api.jnkie.com/api/v2/keys/KEY-12", `{"validity_minutes":9000}`, "Authorization: Bearer " + s.Junkie().APIKey()}
}

func fillLuaProt(s *Server) {
	w := s.LuaProt()
	hub := w.AddHub("shop")
	for i := range manyObjects {
		w.AddKey(luaprotmock.Key{Value: fmt.Sprintf("KEY-%d", i), HubID: hub.ID, HWID: fmt.Sprint("device-", i%5), ExpiresAt: t0.Add(time.Duration(i) * time.Minute)})
	}
}

func readLuaProt(s *Server) (list []warmQuestion) {
	by, hub := "Authorization: "+s.LuaProt().APIKey(), s.LuaProt().Keys()[0].HubID
	for _, more := range []string{"", "?page=2", "?expired=true", "?active=1", "?hwid=device-3", "?hwid=device-3&expired=false", "?key=KEY-7", "?unassigned=false", "?hub=" + hub} {
		list = append(list, warmQuestion{"GET", "https://luaprot.net/api/v1/keys/fetch" + more, "", by})
	}
	return append(list, warmQuestion{"GET", "https://luaprot.net/api/v1/hubs/" + hub + "/keys/info?key=KEY-9", "", by})
}

func writeLuaProt(s *Server) warmQuestion {
	hub := s.LuaProt().Keys()[0].HubID
	return warmQuestion{"PATCH", "https://luaprot.net/api/v2/hubs/" + hub + "/keys/update?key=KEY-9", `{"expire":90000}`, "Authorization: " + s.LuaProt().APIKey()}
}

func fillKeycrate(s *Server) {
	w := s.Keycrate()
	sub := w.AddSubscription(keycratemock.Subscription{AppID: w.AppID(), Name: "gold", Level: 1})
	for i := range manyObjects {
		l := keycratemock.License{Key: fmt.Sprintf("KEY-%d", i), AppID: w.AppID(), SubscriptionID: sub.ID}
		if i%3 == 0 {
			l.Tags, l.Username = []string{"vip"}, fmt.Sprint("user-", i)
		}
		w.AddLicense(l)
	}
}

func readKeycrate(s *Server) (list []warmQuestion) {
	at, by, app := "https://api.keycrate.dev", "X-Api-Key: "+s.Keycrate().APIKey(), `{"app_id":"`+s.Keycrate().AppID()+`"`
	for _, more := range []string{
		`}`, `,"page":3}`, `,"sort_field":"expires_at"}`, `,"sort_field":"key","sort_order":"asc"}`, `,"status":"active"}`, `,"tags":["vip"],"sort_field":"key"}`,
		`,"search":"ser-12"}`, `,"search":"Y-1","tags":["vip"]}`,
	} {
		list = append(list, warmQuestion{"POST", at + "/license/get-bulk", app + more, by})
	}
	return append(list, warmQuestion{"POST", at + "/license/get", `{"license_key":"KEY-9"}`, by}, warmQuestion{"POST", at + "/subscription/get-bulk", app + `}`, by})
}

func writeKeycrate(s *Server) warmQuestion {
	return warmQuestion{"POST", "https://api.keycrate.dev/license/update-status", `{"license_key":"KEY-9","status":"paused"}`, "X-Api-Key: " + s.Keycrate().APIKey()}
}

func fillKeygen(s *Server) {
	w := s.Keygen()
	pool, policy := w.AddPolicy(keygenmock.Policy{Pooled: true}), w.AddPolicy(keygenmock.Policy{})
	for i := range manyObjects {
		w.AddKey(keygenmock.Key{Key: fmt.Sprintf("POOL-%d", i), PolicyID: pool.ID})
		w.AddLicense(keygenmock.License{Key: fmt.Sprintf("KEY-%d", i), PolicyID: policy.ID})
	}
}

func readKeygen(s *Server) (list []warmQuestion) {
	at, by := "https://api.keygen.sh/v1/accounts/"+s.Keygen().AccountID(), "Authorization: Bearer "+s.Keygen().Token()
	pool := s.Keygen().Keys()[0]
	for _, more := range []string{
		"/licenses", "/licenses?limit=3&order=asc", "/licenses?page[cursor]=", "/licenses?page[cursor]=&order=asc",
		"/keys?page[cursor]=", "/keys?page[cursor]=&order=asc", "/licenses?policy=" + s.Keygen().Licenses()[0].PolicyID, "/licenses/KEY-9",
		"/keys?page[number]=7", "/keys?policy=" + pool.PolicyID, "/keys/" + pool.ID, "/keys/" + pool.ID + "/policy", "/policies", "/policies/" + pool.PolicyID + "/pool",
	} {
		list = append(list, warmQuestion{"GET", at + more, "", by})
	}
	return list
}

func writeKeygen(s *Server) warmQuestion {
	return warmQuestion{"DELETE", "https://api.keygen.sh/v1/accounts/" + s.Keygen().AccountID() + "/policies/" + s.Keygen().Keys()[0].PolicyID + "/pool", "", "Authorization: Bearer " + s.Keygen().Token()}
}
