package conformance

import (
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// eachLuaProt runs a test with a client and a hub of LuaProt in every way.
func eachLuaProt(t *testing.T, run func(t *testing.T, r *rig, client *luaprot.Client, hub *luaprot.Hub)) {
	t.Helper()
	each(t, func(t *testing.T, r *rig) {
		client := r.luaprotClient(t)
		run(t, r, client, client.Hub(r.LuaProt.AddHub("shop").ID))
	})
}

// loseAnswer breaks the connection once, when the vendor has done the work.
func (r *rig) loseAnswer(op string) {
	r.Server.Inject(mockserver.Fault{Op: op, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})
}

func luaprotFailed(t *testing.T, err error) *luaprot.Error {
	t.Helper()
	var e *luaprot.Error
	require.ErrorAs(t, err, &e)
	return e
}

// statusesOf returns those of all answers to an operation, as the mock gave them.
func statusesOf(s *mockserver.Server, op string) []int {
	var all []int
	for _, call := range s.Calls(op) {
		all = append(all, call.Status)
	}
	return all
}

// A batch whose answer is lost exists once, and can be found by its note.
func TestLuaProtLostGenerationIsToldAndCanBeFound(t *testing.T) {
	t.Parallel()
	eachLuaProt(t, func(t *testing.T, r *rig, client *luaprot.Client, hub *luaprot.Hub) {
		const amount = 7
		_, err := hub.Generate(t.Context(), luaprot.GenerateKeysParams{Amount: 5, Note: "batch 1"})
		require.NoError(t, err)
		r.Server.ResetJournal()
		r.loseAnswer(luaprotmock.OpGenerateKeys)
		_, err = hub.Generate(t.Context(), luaprot.GenerateKeysParams{Amount: amount, Note: "batch 2"})

		require.ErrorIs(t, err, luaprot.ErrUnknownOutcome)
		e := luaprotFailed(t, err)
		assert.Equal(t, luaprot.OutcomeUnknown, e.Outcome)
		assert.Equal(t, 1, e.Attempts)
		assert.Contains(t, err.Error(), "Fetch the hub's unassigned keys")
		r.Server.AssertCalls(t, 1, luaprotmock.OpGenerateKeys)
		created := map[string]bool{}
		for _, effect := range effectsOf(r.Server, luaprotmock.OpGenerateKeys)[5:] {
			assert.Equal(t, luaprotmock.EffectKeyCreated, effect.Kind)
			created[effect.ID] = true
		}
		assert.Len(t, created, amount, "keys created")

		// What the error and the manual tell to do.
		found := map[string]bool{}
		for key, err := range client.Keys.All(t.Context(), luaprot.ListKeysParams{HubID: hub.ID(), Unassigned: luaprot.Set(true)}) {
			require.NoError(t, err)
			if key.Note == "batch 2" {
				found[key.Value] = true
			}
		}
		assert.Equal(t, created, found)
	})
}

// The Discord user tells whether a key was added, and keeps a second one away.
func TestLuaProtLostAdditionIsSettledByTheDiscordID(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		phase mockserver.Phase
		keys  int
	}{{"lost before the commit", mockserver.BeforeCommit, 0}, {"lost after the commit", mockserver.AfterCommit, 1}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			eachLuaProt(t, func(t *testing.T, r *rig, _ *luaprot.Client, hub *luaprot.Hub) {
				r.Server.Inject(mockserver.Fault{Op: luaprotmock.OpAddKey, Phase: c.phase, Do: mockserver.ConnReset(), Times: 1})
				params := luaprot.AddKeyParams{DiscordID: buyer, ExpiresIn: 24 * time.Hour}
				_, err := hub.Add(t.Context(), params)
				require.ErrorIs(t, err, luaprot.ErrUnknownOutcome)
				assert.Equal(t, 1, luaprotFailed(t, err).Attempts)
				assert.Contains(t, err.Error(), "by the Discord id of this call")
				r.Server.AssertCalls(t, 1, luaprotmock.OpAddKey)
				require.Len(t, r.LuaProt.Keys(), c.keys)

				key, err := hub.Get(t.Context(), luaprot.ByDiscordID(buyer))
				if c.keys == 0 {
					require.ErrorIs(t, err, luaprot.ErrNotFound)
					_, err = hub.Add(t.Context(), params)
					require.NoError(t, err)
				} else {
					require.NoError(t, err)
					assert.Equal(t, r.LuaProt.Keys()[0].Value, key.Value)
					_, err = hub.Add(t.Context(), params)
					require.ErrorIs(t, err, luaprot.ErrAlreadyWhitelisted)
				}
				assert.Len(t, r.LuaProt.Keys(), 1)
			})
		})
	}
}

// The vendor says 400 of what an earlier attempt has deleted.
func TestLuaProtLostDeletionSucceedsAfterOneRepeat(t *testing.T) {
	t.Parallel()
	for name, ref := range map[string]func(luaprotmock.Key) luaprot.KeyRef{
		"by key":        func(k luaprotmock.Key) luaprot.KeyRef { return luaprot.ByKey(k.Value) },
		"by Discord id": func(k luaprotmock.Key) luaprot.KeyRef { return luaprot.ByDiscordID(k.DiscordID) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachLuaProt(t, func(t *testing.T, r *rig, _ *luaprot.Client, hub *luaprot.Hub) {
				key := r.LuaProt.AddKey(luaprotmock.Key{DiscordID: buyer})
				r.LuaProt.AddKey(luaprotmock.Key{DiscordID: friend})
				r.loseAnswer(luaprotmock.OpDeleteKey)
				require.NoError(t, hub.Delete(t.Context(), ref(key)))

				calls := r.Server.Calls(luaprotmock.OpDeleteKey)
				require.Len(t, calls, 2)
				assert.True(t, calls[0].Committed)
				assert.Equal(t, 400, calls[1].Status)
				assert.Len(t, effectsOf(r.Server, luaprotmock.OpDeleteKey), 1)
				_, exists := r.LuaProt.Key(key.Value)
				assert.False(t, exists)
				assert.Len(t, r.LuaProt.Keys(), 1)
			})
		})
	}
}

// That a key is not found is good news only after an attempt that may have
// deleted it; a refused attempt has not.
func TestLuaProtDeletionOfWhatWasNeverThereIsAnError(t *testing.T) {
	t.Parallel()
	for name, limited := range map[string]bool{"at once": false, "after a rate limit": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachLuaProt(t, func(t *testing.T, r *rig, _ *luaprot.Client, hub *luaprot.Hub) {
				attempts := 1
				if limited {
					attempts = 2
					r.Server.Inject(mockserver.Fault{Op: luaprotmock.OpDeleteKey, Do: mockserver.RateLimited(time.Second), Times: 1})
				}
				err := hub.Delete(t.Context(), luaprot.ByDiscordID(buyer))
				require.ErrorIs(t, err, luaprot.ErrNotFound)
				assert.NotErrorIs(t, err, luaprot.ErrUnknownOutcome)
				assert.NotErrorIs(t, err, luaprot.ErrNoHub)
				e := luaprotFailed(t, err)
				assert.Equal(t, attempts, e.Attempts)
				assert.Equal(t, 400, e.StatusCode, "as the vendor sent it")
				assert.Equal(t, "Key could not be found.", e.Message)
				r.Server.AssertCalls(t, attempts, luaprotmock.OpDeleteKey)
			})
		})
	}
}

// An update whose answer is lost is sent again, unless its second delivery
// would move the deadline or no longer find the key.
func TestLuaProtUpdatesAreRepeatedOnlyWhereThatIsTheSame(t *testing.T) {
	t.Parallel()
	byKey := func(k luaprotmock.Key) luaprot.KeyRef { return luaprot.ByKey(k.Value) }
	byUser := func(k luaprotmock.Key) luaprot.KeyRef { return luaprot.ByDiscordID(k.DiscordID) }
	for _, c := range []struct {
		name     string
		ref      func(luaprotmock.Key) luaprot.KeyRef
		params   luaprot.UpdateKeyParams
		attempts int
		change   func(k *luaprotmock.Key, at time.Time) // one execution's
	}{
		{
			"a note", byUser, luaprot.UpdateKeyParams{Note: luaprot.Set("new")}, 2,
			func(k *luaprotmock.Key, _ time.Time) { k.Note = "new" },
		},
		{
			"no expiry any more", byKey, luaprot.UpdateKeyParams{ExpiresIn: luaprot.Null[time.Duration]()}, 2,
			func(k *luaprotmock.Key, _ time.Time) { k.ExpiresAt = time.Time{} },
		},
		{
			"another Discord user, by key", byKey, luaprot.UpdateKeyParams{DiscordID: luaprot.Set(friend)}, 2,
			func(k *luaprotmock.Key, _ time.Time) { k.DiscordID = friend },
		},
		{
			"the same Discord user and a note, by Discord id", byUser,
			luaprot.UpdateKeyParams{DiscordID: luaprot.Set(buyer), Note: luaprot.Set("new")}, 2,
			func(k *luaprotmock.Key, _ time.Time) { k.Note = "new" },
		},
		{
			"a relative expiry", byKey, luaprot.UpdateKeyParams{ExpiresIn: luaprot.Set(2 * time.Hour)}, 1,
			func(k *luaprotmock.Key, at time.Time) { k.ExpiresAt = at.Add(2 * time.Hour) },
		},
		{
			"a relative expiry and a note", byKey,
			luaprot.UpdateKeyParams{ExpiresIn: luaprot.Set(2 * time.Hour), Note: luaprot.Set("new")}, 1,
			func(k *luaprotmock.Key, at time.Time) { k.ExpiresAt, k.Note = at.Add(2*time.Hour), "new" },
		},
		{
			"another Discord user, by Discord id", byUser, luaprot.UpdateKeyParams{DiscordID: luaprot.Set(friend)}, 1,
			func(k *luaprotmock.Key, _ time.Time) { k.DiscordID = friend },
		},
		{
			"nobody, by Discord id", byUser, luaprot.UpdateKeyParams{DiscordID: luaprot.Null[string]()}, 1,
			func(k *luaprotmock.Key, _ time.Time) { k.DiscordID = "" },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			eachLuaProt(t, func(t *testing.T, r *rig, _ *luaprot.Client, hub *luaprot.Hub) {
				key := r.LuaProt.AddKey(luaprotmock.Key{DiscordID: buyer, Note: "old", ExpiresAt: epoch.Add(time.Hour)})
				want := key
				c.change(&want, r.Server.Now())
				r.loseAnswer(luaprotmock.OpUpdateKey)
				changed, err := hub.Update(t.Context(), c.ref(key), c.params)

				if c.attempts == 1 {
					require.ErrorIs(t, err, luaprot.ErrUnknownOutcome)
					assert.Nil(t, changed)
					assert.Equal(t, 1, luaprotFailed(t, err).Attempts)
				} else if assert.NoError(t, err) {
					assert.Equal(t, key.Value, changed.Value)
				}
				r.Server.AssertCalls(t, c.attempts, luaprotmock.OpUpdateKey)
				assert.Len(t, effectsOf(r.Server, luaprotmock.OpUpdateKey), 1)
				stored, exists := r.LuaProt.Key(key.Value)
				require.True(t, exists)
				assert.Equal(t, want, stored)
			})
		})
	}
}

// addOneByOne lets n callers add a key each, all at one moment but one after the
// other, so that their order of arrival at the pacer is known. Their notes are
// their numbers.
func addOneByOne(t *testing.T, n int, hub func(i int) *luaprot.Hub) {
	t.Helper()
	var callers sync.WaitGroup
	for i := range n {
		callers.Go(func() {
			_, err := hub(i).Add(t.Context(), luaprot.AddKeyParams{Note: strconv.Itoa(i)})
			assert.NoError(t, err)
		})
		synctest.Wait() // it is answered, or in the queue
	}
	callers.Wait()
}

// additionsAt returns how many keys were added at each time, and fails the test
// if callers were served out of order.
func additionsAt(t *testing.T, r *rig, began time.Time) map[time.Duration]int {
	t.Helper()
	at, served := map[time.Duration]int{}, map[int]time.Duration{}
	for _, key := range r.LuaProt.Keys() {
		caller, err := strconv.Atoi(key.Note)
		require.NoError(t, err)
		served[caller] = key.CreatedAt.Sub(began)
		at[served[caller]]++
	}
	for caller := 1; caller < len(served); caller++ {
		assert.GreaterOrEqual(t, served[caller], served[caller-1], "caller %d was served before the one ahead of it", caller)
	}
	return at
}

// The vendor's two limits for 121 calls at once, of which none takes any time:
//
//	0 s, 10 s, 20 s: 20 each, which makes 60 in the minute
//	60 s, 70 s, 80 s: 20 each, when those of 0 s, 10 s and 20 s are a minute old
//	120 s: the last one
var hundredAndTwentyOne = map[time.Duration]int{
	0: 20, 10 * time.Second: 20, 20 * time.Second: 20,
	60 * time.Second: 20, 70 * time.Second: 20, 80 * time.Second: 20,
	120 * time.Second: 1,
}

func TestLuaProt121ConcurrentCallsMeetNoLimit(t *testing.T) {
	t.Parallel()
	eachLuaProt(t, func(t *testing.T, r *rig, _ *luaprot.Client, hub *luaprot.Hub) {
		r.LuaProt.SetRateLimit(luaprotmock.DocumentedLimits()...)
		began := r.Server.Now()
		addOneByOne(t, 121, func(int) *luaprot.Hub { return hub })

		assert.Equal(t, 120*time.Second, r.Server.Now().Sub(began))
		assert.Equal(t, hundredAndTwentyOne, additionsAt(t, r, began))
		r.Server.AssertCalls(t, 121)
		for _, status := range statusesOf(r.Server, luaprotmock.OpAddKey) {
			assert.Equal(t, 200, status)
		}
	})
}

// Two clients with one pacing are one to the vendor.
func TestLuaProtClientsShareAPacing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.LuaProt.SetRateLimit(luaprotmock.DocumentedLimits()...)
		hubs := twoHubHandles(t, r, luaprot.NewPacing())
		began := r.Server.Now()
		addOneByOne(t, 121, func(i int) *luaprot.Hub { return hubs[i%2] })

		assert.Equal(t, 120*time.Second, r.Server.Now().Sub(began))
		assert.Equal(t, hundredAndTwentyOne, additionsAt(t, r, began))
		assert.NotContains(t, statusesOf(r.Server, luaprotmock.OpAddKey), 429)
	})
}

// The control: with a pacing each, two clients are too much for the vendor. The
// refused calls are waited out, and nothing is added twice.
func TestLuaProtClientsWithAPacingEachMeetTheLimit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.LuaProt.SetRateLimit(luaprotmock.DocumentedLimits()...)
		hubs := twoHubHandles(t, r, nil)
		began := r.Server.Now()
		addOneByOne(t, 22, func(i int) *luaprot.Hub { return hubs[i%2] })

		refused := 0
		for _, status := range statusesOf(r.Server, luaprotmock.OpAddKey) {
			if status == 429 {
				refused++
			}
		}
		assert.Equal(t, 2, refused)
		assert.Equal(t, map[time.Duration]int{0: 20, 10 * time.Second: 2}, additionsAt(t, r, began))
	})
}

// twoHubHandles returns handles of two clients on the same hub.
func twoHubHandles(t *testing.T, r *rig, pacing *luaprot.Pacing) []*luaprot.Hub {
	t.Helper()
	id := r.LuaProt.AddHub("shop").ID
	var hubs []*luaprot.Hub
	for range 2 {
		cfg := r.luaprotConfig()
		cfg.Pacing = pacing
		client, err := luaprot.New(cfg)
		require.NoError(t, err)
		hubs = append(hubs, client.Hub(id))
	}
	return hubs
}

// 3,000 keys are 120 pages of 25. By the account above the 120th call goes at
// 80 s, and no client can be faster: there is room for 60 calls in the first
// minute, and of the other 60 only 20 in each ten seconds from then on.
func TestLuaProtExportTakesTheShortestTimeThereIs(t *testing.T) {
	t.Parallel()
	eachLuaProt(t, func(t *testing.T, r *rig, client *luaprot.Client, hub *luaprot.Hub) {
		const keys, pages = 3000, 120
		for i := range keys {
			r.LuaProt.AddKey(luaprotmock.Key{Note: strconv.Itoa(i)})
		}
		r.Server.ResetJournal()
		r.LuaProt.SetRateLimit(luaprotmock.DocumentedLimits()...)
		began := r.Server.Now()
		seen := map[string]bool{}
		for key, err := range client.Keys.All(t.Context(), luaprot.ListKeysParams{HubID: hub.ID()}) {
			require.NoError(t, err)
			seen[key.Note] = true
		}
		assert.Len(t, seen, keys)
		assert.Equal(t, 80*time.Second, r.Server.Now().Sub(began))
		r.Server.AssertCalls(t, pages)
		assert.NotContains(t, statusesOf(r.Server, luaprotmock.OpFetchKeys), 429)
	})
}
