package junkiemock_test

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
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// TestOneDeviceOfManyWins: end users and API calls from many goroutines take
// effect one at a time.
func TestOneDeviceOfManyWins(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	world := s.Junkie()
	key, provider := world.AddKey(junkiemock.Key{HWIDLimit: 1}), world.AddProvider("shop")
	body := fmt.Sprintf(`{"provider_id": %d}`, provider.ID)

	const users = 50
	var admitted, created atomic.Int32
	var all sync.WaitGroup
	for i := range users {
		all.Go(func() {
			if world.Verify(key.Value, fmt.Sprintf("device-%d", i)).Valid {
				admitted.Add(1)
			}
		})
		all.Go(func() {
			req, _ := http.NewRequest("POST", "https://api.jnkie.com/api/v2/keys", strings.NewReader(body))
			req.Header.Set("Authorization", "Bearer "+world.APIKey())
			req.Header.Set("Content-Type", "application/json")
			resp, err := s.Client().Do(req)
			if err != nil {
				return
			}
			defer resp.Body.Close()
			if resp.StatusCode == http.StatusCreated {
				created.Add(1)
			}
		})
	}
	all.Wait()
	assert.Equal(t, int32(1), admitted.Load())
	assert.Equal(t, int32(users), created.Load())

	state, found := world.Key(key.ID)
	require.True(t, found)
	assert.Len(t, state.Devices, 1)
	assert.Len(t, world.Keys(), 1+users)
	s.AssertEffects(t, 1, junkiemock.EffectKeyDeviceBound)
	s.AssertCalls(t, users, junkiemock.OpCreateKey)
}
