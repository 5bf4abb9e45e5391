package conformance

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// A walk over many keys, while others change what it walks over: how much they
// do between two pages has to stay below a page.
const (
	manyKeys = 10_000
	pageSize = 100 // of a walk that does not say otherwise
	crowd    = 4   // others at work
	perPage  = 16  // what they do for each page
	awaited  = 8   // of these, done before the next page is asked for
)

func TestJunkiePagesWhileOthersCreate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		w := newBigWalk(t, r, manyKeys)
		others := newCrowd(t, func(int) error {
			_, err := w.client.Keys.Create(t.Context(), junkie.CreateKeyParams{ProviderID: w.provider})
			return err
		})
		seen := w.walk(others)
		for _, id := range w.before {
			require.Equal(t, 1, seen[id], "key %d was there throughout", id)
		}
		w.assertNoneRepeated(seen)
		assert.Greater(t, others.stop(), manyKeys/pageSize*awaited-1)
	})
}

func TestJunkiePagesWhileOthersDelete(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		w := newBigWalk(t, r, manyKeys)
		others := newCrowd(t, w.deleteOne)
		seen := w.walk(others)
		w.assertNoneRepeated(seen)
		w.assertKnown(seen)
		deleted := others.stop()
		assert.Greater(t, deleted, manyKeys/pageSize*awaited/2)

		left := r.Junkie.Keys()
		assert.Len(t, left, manyKeys-deleted)
		assert.True(t, slices.ContainsFunc(left, func(key junkiemock.Key) bool { return seen[key.ID] == 0 }),
			"some were missed, as the documentation says")
	})
}

func TestJunkiePagesWhileOthersCreateAndDelete(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		w := newBigWalk(t, r, manyKeys/5)
		others := newCrowd(t, func(n int) error {
			if n%2 == 0 {
				return w.deleteOne(n)
			}
			_, err := w.client.Keys.Create(t.Context(), junkie.CreateKeyParams{ProviderID: w.provider})
			return err
		})
		w.assertNoneRepeated(w.walk(others))
		others.stop()
	})
}

// bigWalk is a client in front of many keys.
type bigWalk struct {
	t        *testing.T
	client   *junkie.Client
	provider int64
	before   []int64 // ids of the keys that are there at the beginning
	shuffled []int64
}

func newBigWalk(t *testing.T, r *rig, keys int) *bigWalk {
	w := &bigWalk{t: t, client: r.junkieClient(t), provider: r.Junkie.AddProvider("shop").ID}
	for range keys {
		w.before = append(w.before, r.Junkie.AddKey(junkiemock.Key{}).ID)
	}
	w.shuffled = slices.Clone(w.before)
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(keys, func(i, j int) { w.shuffled[i], w.shuffled[j] = w.shuffled[j], w.shuffled[i] })
	return w
}

// deleteOne deletes the nth key of a random order.
func (w *bigWalk) deleteOne(n int) error {
	return w.client.Keys.Delete(w.t.Context(), junkie.ID(w.shuffled[n]))
}

// walk counts how often it comes by each key while others are at work.
func (w *bigWalk) walk(others *crowdAtWork) map[int64]int {
	w.t.Helper()
	seen := map[int64]int{}
	n := 0
	for key, err := range w.client.Keys.All(w.t.Context(), junkie.ListKeysParams{}) {
		require.NoError(w.t, err)
		seen[key.ID]++
		if n++; n%pageSize == 0 {
			others.nextPage()
		}
	}
	return seen
}

func (w *bigWalk) assertNoneRepeated(seen map[int64]int) {
	w.t.Helper()
	for id, times := range seen {
		require.Equal(w.t, 1, times, "key %d", id)
	}
}

func (w *bigWalk) assertKnown(seen map[int64]int) {
	w.t.Helper()
	for id := range seen {
		_, known := slices.BinarySearch(w.before, id)
		require.True(w.t, known, "key %d", id)
	}
}

// crowdAtWork does the same thing over and over in several goroutines, so much
// for each page and no more.
type crowdAtWork struct {
	work chan int // numbers from 0
	done chan struct{}
	next int
	open int        // handed out and not yet done
	stop func() int // waits, and tells how often it was done
}

func newCrowd(t *testing.T, do func(n int) error) *crowdAtWork {
	c := &crowdAtWork{work: make(chan int, 2*perPage), done: make(chan struct{}, 2*perPage)}
	var wait sync.WaitGroup
	for range crowd {
		wait.Go(func() {
			for n := range c.work {
				if err := do(n); t.Context().Err() == nil { // else the test has failed elsewhere
					assert.NoError(t, err)
				}
				c.done <- struct{}{}
			}
		})
	}
	c.stop = sync.OnceValue(func() int {
		close(c.work)
		wait.Wait()
		return c.next
	})
	t.Cleanup(func() { c.stop() })
	return c
}

// nextPage hands out the work of a page. Part of it is done when it returns;
// the rest goes on while the next page is fetched.
func (c *crowdAtWork) nextPage() {
	for range perPage {
		c.work <- c.next
		c.next++
		c.open++
	}
	for ; c.open > perPage-awaited; c.open-- {
		<-c.done
	}
}
