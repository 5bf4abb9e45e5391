package luaprotmock_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// TestOneOfManyWins: end users and API calls from many goroutines take effect
// one at a time. Of many devices one is bound, of many calls for a Discord user
// one makes the key, and of many batches as many as there is room for.
func TestOneOfManyWins(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	world := s.LuaProt()
	hub := world.AddHub("Main Hub")
	script, key := world.AddScript(hub.ID, "loader"), world.AddKey(luaprotmock.Key{})
	s.AssertEffects(t, 1, luaprotmock.EffectKeyCreated)

	post := func(path, body string) int {
		req, _ := http.NewRequest("POST", "https://luaprot.net/api/v2/hubs/"+hub.ID+path, strings.NewReader(body))
		req.Header.Set("Authorization", world.APIKey())
		req.Header.Set("Content-Type", "application/json")
		resp, err := s.Client().Do(req)
		if err != nil {
			return 0
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	const users = 50
	var admitted, added, generated atomic.Int32
	var all sync.WaitGroup
	for i := range users {
		all.Go(func() {
			if world.Check(script.ID, key.Value, fmt.Sprintf("device-%d", i)).Status == luaprotmock.CheckValid {
				admitted.Add(1)
			}
		})
		all.Go(func() {
			if post("/keys/add", `{"discordId": "123456789012345678"}`) == http.StatusOK {
				added.Add(1)
			}
		})
		all.Go(func() {
			if post("/keys/generate", `{"amount": 50}`) == http.StatusOK {
				generated.Add(1)
			}
		})
	}
	all.Wait()
	assert.Equal(t, int32(1), admitted.Load())
	assert.Equal(t, int32(1), added.Load())
	// 6 batches are 300 keys, for which there is room only once the key of the
	// checks has its device.
	assert.Contains(t, []int32{5, 6}, generated.Load())

	state, found := world.Key(key.Value)
	require.True(t, found)
	assert.Equal(t, int64(1), state.Executions)
	assert.Len(t, world.Keys(), 2+50*int(generated.Load()))
	s.AssertEffects(t, 1, luaprotmock.EffectKeyHWIDBound)
	s.AssertCalls(t, users, luaprotmock.OpAddKey)
}
