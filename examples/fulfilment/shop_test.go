package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

var order = Order{ID: "1042", DiscordID: "100000000000000001"}

// stage is a shop at one vendor, with all that happens to it.
type stage struct {
	*testing.T
	vendor
	server *mockserver.Server
	path   string
	store  Store
	hook   *Webhook
}

// atEachVendor runs a test at each of the four, in virtual time.
func atEachVendor(t *testing.T, test func(s *stage)) {
	t.Helper()
	for n, name := range []string{"Junkie", "LuaProt", "Keygen", "Keycrate"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { test(newStage(t, n)) })
		})
	}
}

func newStage(t *testing.T, n int) *stage {
	t.Helper()
	server := mockserver.RunT(t)
	all, err := vendors(server)
	require.NoError(t, err)
	s := &stage{T: t, vendor: all[n], server: server, path: filepath.Join(folder(t), "orders.jsonl")}
	s.restart(nil)
	return s
}

// restart begins a new program: nothing is left of the old one but its journal.
func (s *stage) restart(wrap func(Store) Store) {
	s.Helper()
	journal, err := OpenJournal(s.path)
	require.NoError(s, err)
	s.Cleanup(func() { journal.Close() })
	s.store = journal
	if wrap != nil {
		s.store = wrap(journal)
	}
	s.hook = &Webhook{
		Shop:   &Shop{Seller: s.seller, Store: s.store, Now: time.Now},
		Secret: secret,
		Log:    slog.New(slog.DiscardHandler),
	}
}

// send is the payment provider, who says that an order was paid.
func (s *stage) send(o Order) *httptest.ResponseRecorder {
	s.Helper()
	return deliver(s.T, s.hook, s.Context(), o)
}

func deliver(t *testing.T, hook *Webhook, ctx context.Context, o Order) *httptest.ResponseRecorder { //nolint:revive // the test comes first
	t.Helper()
	body, err := json.Marshal(event{Type: "order.paid", Data: o})
	require.NoError(t, err)
	req := httptest.NewRequestWithContext(ctx, http.MethodPost, "/webhook", bytes.NewReader(body))
	sent := strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set("webhook-id", "paid-"+o.ID)
	req.Header.Set("webhook-timestamp", sent)
	req.Header.Set("webhook-signature", sign(secret, "paid-"+o.ID, sent, body))
	answer := httptest.NewRecorder()
	hook.ServeHTTP(answer, req)
	return answer
}

// settle sends the webhook every minute until it is answered with 200, as the
// payment provider does, and returns how often that was.
func (s *stage) settle(o Order) (times int) {
	s.Helper()
	for times = 1; ; times++ {
		require.Less(s, times, 20, "the provider gives up")
		answer := s.send(o)
		if answer.Code == http.StatusOK {
			return times
		}
		require.Equal(s, http.StatusServiceUnavailable, answer.Code)
		require.NotEmpty(s, answer.Header().Get("Retry-After"))
		time.Sleep(time.Minute)
	}
}

func (s *stage) record() Record {
	s.Helper()
	record, err := s.store.Get(s.Context(), order.ID)
	require.NoError(s, err)
	return record
}

// soldOnce asserts that the order has one key, which is the one that is noted.
func (s *stage) soldOnce() {
	s.Helper()
	s.server.AssertEffects(s, 1, s.effect)
	keys, err := s.seller.Find(s.Context(), order)
	require.NoError(s, err)
	assert.Equal(s, Sold, s.record().State, s.record().Note)
	assert.Equal(s, []string{s.record().Key}, keys)
	assert.Equal(s, order, s.record().Order)
}

func (s *stage) inject(op string, phase mockserver.Phase, do mockserver.Action) {
	s.Helper()
	s.server.Inject(mockserver.Fault{Op: op, Phase: phase, Do: do, Times: 1})
}

// down is a vendor that answers nothing but 503.
func (s *stage) down() *mockserver.Injection {
	s.Helper()
	return s.server.Inject(mockserver.Fault{Op: mockserver.AnyOp, Do: mockserver.Status(http.StatusServiceUnavailable)})
}

func TestAnOrderIsSoldOnce(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		assert.Equal(s, "sold\n", s.send(order).Body.String())
		for range 3 {
			assert.Equal(s, http.StatusOK, s.send(order).Code)
		}
		s.restart(nil)
		assert.Equal(s, http.StatusOK, s.send(order).Code)
		s.soldOnce()
		s.server.AssertCalls(s, 1, s.issue)
	})
}

func TestTheSameWebhookAtTheSameTime(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		s.inject(s.issue, mockserver.BeforeCommit, mockserver.Latency(time.Second))
		codes := make(chan int, 10)
		var together sync.WaitGroup
		for range cap(codes) {
			together.Go(func() { codes <- s.send(order).Code })
		}
		together.Wait()
		close(codes)
		count := map[int]int{}
		for code := range codes {
			count[code]++
		}
		assert.Equal(s, map[int]int{http.StatusOK: 1, http.StatusServiceUnavailable: 9}, count)
		assert.Equal(s, 1, s.settle(order))
		s.soldOnce()
	})
}

func TestEachOrderHasItsOwnKey(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		keys := map[string]bool{}
		for _, o := range []Order{order, {ID: "1043", DiscordID: "100000000000000002"}} {
			s.settle(o)
			record, err := s.store.Get(s.Context(), o.ID)
			require.NoError(s, err)
			keys[record.Key] = true
		}
		assert.Len(s, keys, 2)
		s.server.AssertEffects(s, 2, s.effect)
	})
}

// Whatever becomes of the answer, there is one key in the end, and the provider
// has to come no more often than it must.
func TestALostAnswerCostsNoSecondKey(t *testing.T) {
	t.Parallel()
	const before, after = mockserver.BeforeCommit, mockserver.AfterCommit
	const found, soldLater = 1, 3 // webhooks: two minutes must have passed before it is sold again
	for name, c := range map[string]struct {
		phase mockserver.Phase
		do    mockserver.Action
		times int
	}{
		"reset before the commit":      {before, mockserver.ConnReset(), soldLater},
		"reset after it":               {after, mockserver.ConnReset(), found},
		"closed before the commit":     {before, mockserver.ConnClose(), soldLater},
		"closed after it":              {after, mockserver.ConnClose(), found},
		"never answered":               {before, mockserver.Hang(), soldLater},
		"never answered, but done":     {after, mockserver.Hang(), found},
		"failed":                       {before, mockserver.Status(http.StatusInternalServerError), soldLater},
		"failed, but done":             {after, mockserver.Status(http.StatusBadGateway), found},
		"cut off":                      {after, mockserver.CutBody(), found},
		"empty":                        {after, mockserver.EmptyBody(), found},
		"no JSON":                      {after, mockserver.GarbageBody(), found},
		"a page of a proxy, in vain":   {before, mockserver.HTMLPage(http.StatusGatewayTimeout), soldLater},
		"a page of a proxy, though ok": {after, mockserver.HTMLPage(http.StatusOK), found},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			atEachVendor(t, func(s *stage) {
				s.inject(s.issue, c.phase, c.do)
				times := s.settle(order)
				assert.Equal(s, c.times, times)
				s.soldOnce()
			})
		})
	}
}

// An order whose answer was lost waits until the vendor can be asked, and does not
// need a webhook for that.
func TestAVendorThatGoesDownMidway(t *testing.T) {
	t.Parallel()
	for name, phase := range map[string]mockserver.Phase{"before the commit": mockserver.BeforeCommit, "after it": mockserver.AfterCommit} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			atEachVendor(t, func(s *stage) {
				s.inject(s.issue, phase, mockserver.ConnReset())
				down := s.server.Inject(mockserver.Fault{Op: s.look, Do: mockserver.Status(http.StatusServiceUnavailable)})
				for range 5 {
					assert.Equal(s, http.StatusServiceUnavailable, s.send(order).Code)
					assert.Equal(s, Selling, s.record().State)
					require.Error(s, s.hook.Shop.Resume(s.Context()))
					time.Sleep(time.Minute)
				}
				s.server.AssertCalls(s, 1, s.issue)
				down.Remove()
				s.restart(nil)
				require.NoError(s, s.hook.Shop.Resume(s.Context()))
				s.soldOnce()
				require.NoError(s, s.hook.Shop.Resume(s.Context()))
				s.soldOnce()
			})
		})
	}
}

func TestAVendorThatIsDown(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		down := s.down()
		for range 5 {
			assert.Equal(s, http.StatusServiceUnavailable, s.send(order).Code)
			time.Sleep(time.Minute)
		}
		s.server.AssertEffects(s, 0, s.effect)
		down.Remove()
		assert.Equal(s, 1, s.settle(order))
		s.soldOnce()
	})
}

func TestARateLimit(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		s.inject(s.issue, mockserver.BeforeCommit, mockserver.RateLimited(10*time.Second))
		assert.Equal(s, http.StatusOK, s.send(order).Code, "so long the client waits by itself")
		s.soldOnce()

		next := Order{ID: "1043", DiscordID: "100000000000000002"}
		s.inject(s.issue, mockserver.BeforeCommit, mockserver.RateLimited(10*time.Minute))
		answer := s.send(next)
		assert.Equal(s, http.StatusServiceUnavailable, answer.Code)
		assert.Equal(s, "600", answer.Header().Get("Retry-After"))
		record, err := s.store.Get(s.Context(), next.ID)
		require.NoError(s, err)
		assert.Equal(s, Unsold, record.State, "nothing was issued, for certain")
		assert.Equal(s, http.StatusOK, s.send(next).Code)
		s.server.AssertEffects(s, 2, s.effect)
		s.server.AssertCalls(s, 4, s.issue)
	})
}

// A provider that hangs up does not stop the sale.
func TestTheProviderHangsUp(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		s.inject(s.issue, mockserver.AfterCommit, mockserver.Latency(5*time.Second))
		ctx, cancel := context.WithTimeout(s.Context(), time.Second)
		defer cancel()
		deliver(s.T, s.hook, ctx, order)
		s.soldOnce()
		s.server.AssertCalls(s, 1, s.issue)
	})
}

// crash is what a Store does at the end of the program.
var errCrash = errors.New("crash")

// mortal is a Store in whose n-th Put the program dies.
type mortal struct {
	Store
	left int  // Puts until then
	late bool // the record is on the disk by then
	died bool
}

func (m *mortal) Put(ctx context.Context, record Record) error {
	m.left--
	if m.left == 0 {
		if m.late {
			if err := m.Store.Put(ctx, record); err != nil {
				return err
			}
		}
		m.died = true
		panic(errCrash)
	}
	return m.Store.Put(ctx, record)
}

// The program dies at every moment at which it matters: before and after each of
// its notes, which means also between the vendor's answer and the note of it.
func TestACrashCostsNoSecondKey(t *testing.T) {
	t.Parallel()
	lost := func(phase mockserver.Phase) func(*stage) {
		return func(s *stage) { s.inject(s.issue, phase, mockserver.ConnReset()) }
	}
	for name, c := range map[string]struct {
		fate func(*stage)
		puts int // of the whole sale, if nothing crashes
	}{
		"answered":               {func(*stage) {}, 2},
		"lost after the commit":  {lost(mockserver.AfterCommit), 2},
		"lost before the commit": {lost(mockserver.BeforeCommit), 3},
		"refused": {func(s *stage) {
			s.inject(s.issue, mockserver.BeforeCommit, mockserver.RateLimited(10*time.Minute))
		}, 4},
	} {
		for n := 1; n <= c.puts; n++ {
			for _, late := range []bool{false, true} {
				t.Run(name+", put "+strconv.Itoa(n)+", late "+strconv.FormatBool(late), func(t *testing.T) {
					t.Parallel()
					atEachVendor(t, func(s *stage) {
						c.fate(s)
						var m *mortal
						s.restart(func(store Store) Store {
							m = &mortal{Store: store, left: n, late: late}
							return m
						})
						assert.PanicsWithValue(s, errCrash, func() {
							s.settle(order)
						})
						require.True(s, m.died)
						s.restart(nil)
						s.settle(order)
						s.soldOnce()
					})
				})
			}
		}
	}
}

// The same, when no webhook comes any more.
func TestARestartIsEnoughAfterACrash(t *testing.T) {
	t.Parallel()
	atEachVendor(t, func(s *stage) {
		s.restart(func(store Store) Store { return &mortal{Store: store, left: 2} })
		assert.PanicsWithValue(s, errCrash, func() { s.send(order) })
		assert.Equal(s, Selling, s.record().State)
		s.server.AssertEffects(s, 1, s.effect)
		s.restart(nil)
		require.NoError(s, s.hook.Shop.Resume(s.Context()))
		s.soldOnce()
	})
}

// A journal that cannot be written: nothing is sold without a note, and what was
// sold is found again.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left")
	atEachVendor(t, func(s *stage) {
		s.restart(func(Store) Store { return fullDisk{&Memory{}, full} })
		assert.Equal(s, http.StatusServiceUnavailable, s.send(order).Code)
		s.server.AssertCalls(s, 0, s.issue)

		s.restart(func(store Store) Store { return powerCut{store} })
		for range 3 {
			assert.Equal(s, http.StatusServiceUnavailable, s.send(order).Code)
			time.Sleep(settled)
		}
		s.restart(nil)
		assert.Equal(s, 1, s.settle(order))
		s.soldOnce()
	})
}

type fullDisk struct {
	Store
	err error
}

func (d fullDisk) Put(context.Context, Record) error { return d.err }

// told is a Seller that answers as told.
type told struct {
	err    error
	keys   []string
	issued int
	looks  int
}

func (s *told) Issue(context.Context, Order) (string, error) {
	s.issued++
	return "", s.err
}

func (s *told) Find(context.Context, Order) ([]string, error) {
	s.looks++
	return s.keys, nil
}

// What cannot be known is held for review, and never sold again.
func TestWhatIsHeldForReview(t *testing.T) {
	t.Parallel()
	for name, seller := range map[string]*told{
		"a key that the vendor says there is, and that is not found": {err: &Failure{Err: errors.New("cut off"), Issued: true}},
		"two keys":              {err: errors.New("lost"), keys: []string{"A", "B"}},
		"a case for the seller": {err: ErrReview},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store := &Memory{}
				shop := &Shop{Seller: seller, Store: store, Now: time.Now}
				for range 3 {
					record, err := shop.Fulfil(t.Context(), order)
					require.NoError(t, err)
					assert.Equal(t, Review, record.State)
					assert.NotEmpty(t, record.Note)
					assert.Empty(t, record.Key)
					require.NoError(t, shop.Resume(t.Context()))
					time.Sleep(time.Hour)
				}
				assert.Equal(t, 1, seller.issued)
				held, err := store.List(t.Context(), Review)
				require.NoError(t, err)
				assert.Len(t, held, 1)
			})
		})
	}
}

// review expects that the first webhook holds the order for review, and no other
// changes that.
func (s *stage) review(why string) {
	s.Helper()
	before := len(s.server.Effects(s.effect))
	for range 3 {
		assert.Equal(s, "review\n", s.send(order).Body.String())
		time.Sleep(time.Hour)
	}
	assert.Contains(s, s.record().Note, why)
	s.server.AssertEffects(s, before, s.effect)
}

func TestOrdersThatOnlyAPersonCanJudge(t *testing.T) {
	t.Parallel()
	const junkieShop, luaprotShop, keycrateShop = 0, 1, 3
	for name, c := range map[string]struct {
		at   int
		test func(s *stage)
	}{
		"a buyer at LuaProt who has a key": {luaprotShop, func(s *stage) {
			s.server.LuaProt().AddKey(luaprotmock.Key{DiscordID: order.DiscordID, Note: "order-7"})
			s.review(`the buyer has another key already, "order-7"`)
			s.server.AssertEffects(s, 1, s.effect) // that one
		}},
		"a buyer at LuaProt whom the order does not name": {luaprotShop, func(s *stage) {
			answer := s.send(Order{ID: order.ID})
			assert.Equal(s, "review\n", answer.Body.String())
			s.review("does not say which Discord user")
			s.server.AssertCalls(s, 0)
		}},
		"a key that somebody else made for the order, too": {junkieShop, func(s *stage) {
			s.server.Junkie().AddKey(junkiemock.Key{Name: order.Label()})
			s.inject(s.issue, mockserver.AfterCommit, mockserver.ConnReset())
			assert.Equal(s, "review\n", s.send(order).Body.String())
			s.review("2 keys")
		}},
		"licenses that Keycrate lists without their tags": {keycrateShop, func(s *stage) {
			s.inject(s.issue, mockserver.AfterCommit, mockserver.ConnReset())
			s.inject(s.look, mockserver.AfterCommit, mockserver.Status(http.StatusOK).
				WithBody("application/json", `{"data": [{"key": "K-1", "status": "active"}]}`))
			assert.Equal(s, "review\n", s.send(order).Body.String())
			s.review("without their tags")
		}},
		"a filter that Keycrate does not know": {keycrateShop, func(s *stage) {
			s.server.Keycrate().AddLicense(keycratemock.License{Tags: []string{"order-7"}})
			s.inject(s.issue, mockserver.AfterCommit, mockserver.ConnReset())
			s.inject(s.look, mockserver.AfterCommit, mockserver.Status(http.StatusOK).
				WithBody("application/json", `{"data": [{"key": "K-1", "tags": ["order-7"]}]}`))
			assert.Equal(s, http.StatusServiceUnavailable, s.send(order).Code, "not this order's, so that there is none so far")
			assert.Equal(s, 1, s.settle(order), "but there is")
			s.server.AssertCalls(s, 1, s.issue)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { c.test(newStage(t, c.at)) })
		})
	}
}

// What a seller does not find because it looks in the wrong place, it has not
// found out: the order must wait.
func TestAWrongPlaceIsNoProofThatThereIsNoKey(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	luaprotClient, err := luaprot.New(luaprot.Config{APIKey: s.LuaProt().APIKey(), HTTPClient: s.Client()})
	require.NoError(t, err)
	_, err = (&LuaProtSeller{Hub: luaprotClient.Hub("40511091490620200512")}).Find(t.Context(), order)
	require.ErrorIs(t, err, luaprot.ErrNoHub)

	keygenClient, err := keygen.New(keygen.Config{Account: "other", Credential: keygen.Token(s.Keygen().Token()), HTTPClient: s.Client()})
	require.NoError(t, err)
	_, err = (&KeygenSeller{Licenses: keygenClient.Licenses, PolicyID: "95981290-518b-4109-a611-c0001214b3c5"}).Find(t.Context(), order)
	require.ErrorIs(t, err, keygen.ErrAccountNotFound)
}

// What a customer has paid for does not change with the next webhook.
func TestAnOrderStaysAsItWas(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]mockserver.Action{"refused": mockserver.RateLimited(time.Hour), "lost": mockserver.ConnReset()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			atEachVendor(t, func(s *stage) {
				s.inject(s.issue, mockserver.BeforeCommit, do)
				assert.Equal(s, http.StatusServiceUnavailable, s.send(order).Code)
				s.settle(Order{ID: order.ID, DiscordID: "100000000000000009"})
				s.soldOnce()
			})
		})
	}
}

// meddler is somebody who deletes keys while the shop lists them.
type meddler struct {
	http.RoundTripper
	meddle func()
}

func (m meddler) RoundTrip(req *http.Request) (*http.Response, error) {
	m.meddle()
	return m.RoundTripper.RoundTrip(req)
}

// A key that is deleted shifts the pages: one that was on the second page is on the
// first by the time when that has been read. Keys that are created repeat others.
func TestAListThatMovesAtJunkie(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		newer  int // keys than the one that is looked for
		meddle func(world *junkiemock.World)
		lists  int
	}{
		"deleted": {100, func(world *junkiemock.World) {
			all := world.Keys()
			world.RemoveKey(all[len(all)-1].ID)
		}, 6}, // three pages, twice
		"created": {0, func(world *junkiemock.World) {
			for range 250 {
				world.AddKey(junkiemock.Key{})
			}
		}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mockserver.RunT(t)
			world := s.Junkie()
			provider := world.AddProvider("shop")
			for range 120 {
				world.AddKey(junkiemock.Key{})
			}
			sold := world.AddKey(junkiemock.Key{Name: order.Label()})
			for range c.newer {
				world.AddKey(junkiemock.Key{})
			}
			lists := 0
			client, err := junkie.New(junkie.Config{
				APIKey: world.APIKey(),
				HTTPClient: &http.Client{Transport: meddler{s.Transport(), func() {
					if lists++; lists == 2 {
						c.meddle(world)
					}
				}}},
			})
			require.NoError(t, err)
			keys, err := (&JunkieSeller{Keys: client.Keys, ProviderID: provider.ID}).Find(t.Context(), order)
			require.NoError(t, err)
			assert.Equal(t, []string{sold.Value}, keys)
			assert.Equal(t, c.lists, lists)
		})
	}
}

// Even a journal that is lost costs no second key where the vendor itself allows
// only one.
func TestAJournalThatIsLost(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			s := newStage(t, n)
			s.settle(order)
			s.path += ".new"
			s.restart(nil)
			assert.Equal(t, 1, s.settle(order))
			s.soldOnce()
		})
	}
}

func TestAPoolThatIsEmpty(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, 2)
		for _, key := range s.server.Keygen().Keys() {
			s.server.Keygen().RemoveKey(key.ID)
		}
		for range 3 {
			assert.Equal(t, http.StatusServiceUnavailable, s.send(order).Code)
			assert.Equal(t, Unsold, s.record().State)
			time.Sleep(time.Minute)
		}
		policy := s.seller.(*KeygenSeller).PolicyID
		s.server.Keygen().Default().AddKey(keyOf(policy))
		require.NoError(t, s.hook.Shop.Resume(t.Context()))
		s.soldOnce()
	})
}

func TestResumeStopsWithTheProgram(t *testing.T) {
	t.Parallel()
	store := &Memory{}
	require.NoError(t, store.Put(t.Context(), Record{Order: order, State: Unsold}))
	seller := &told{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, (&Shop{Seller: seller, Store: store, Now: time.Now}).Resume(ctx), context.Canceled)
	assert.Zero(t, seller.issued)
}
