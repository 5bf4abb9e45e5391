package mockserver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

func shopSeed(now time.Time) mockserver.Seed {
	return mockserver.Seed{
		Junkie: junkiemock.Seed{
			Providers: []junkiemock.Provider{{ID: 7, Name: "shop"}},
			Keys:      []junkiemock.Key{{Value: "SHOP-1", ProviderID: 7, ExpiresAt: now.Add(time.Hour)}},
		},
		Keycrate: keycratemock.Seed{Licenses: []keycratemock.License{{Key: "CRATE-1", DurationUnit: keycratemock.UnitHours, DurationValue: 1}}},
		Keygen:   keygenmock.Seed{Keys: []keygenmock.Key{{Key: "POOL-1"}}},
		LuaProt: luaprotmock.Seed{
			Hubs: []luaprotmock.Hub{{ID: "78078400606734922815", Name: "main"}},
			Keys: []luaprotmock.Key{{Value: "lua-1", ExpiresAt: now.Add(-time.Hour)}},
		},
	}
}

// The same seed in Go and after a reset, at every vendor.
func TestATypedSeed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := mockserver.RunT(t, mockserver.WithStart(now), mockserver.WithFrozenClock(), mockserver.WithSeed(shopSeed(now)))
	check := func() {
		t.Helper()
		key, found := s.Junkie().KeyByValue("SHOP-1")
		require.True(t, found)
		assert.EqualValues(t, 7, key.ProviderID)
		assert.True(t, s.Keycrate().Auth("CRATE-1", "device").Success)
		require.Len(t, s.Keygen().Keys(), 1)
		assert.Equal(t, "POOL-1", s.Keygen().Keys()[0].Key)
		lua, found := s.LuaProt().Key("lua-1")
		require.True(t, found)
		assert.Equal(t, luaprotmock.StatusExpired, lua.Status(now))
		assert.Equal(t, "78078400606734922815", lua.HubID)
		for _, effect := range s.Effects("junkie.key.created", "luaprot.key.created") {
			assert.Equal(t, "seed", effect.Op)
		}
	}
	check()
	s.Junkie().AddKey(junkiemock.Key{Value: "SHOP-2"})
	s.Reset()
	_, found := s.Junkie().KeyByValue("SHOP-2")
	assert.False(t, found)
	check()
}

func TestATypedSeedThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, seed := range []mockserver.Seed{
		{Junkie: junkiemock.Seed{Keys: []junkiemock.Key{{ProviderID: 7}}}},
		{Keycrate: keycratemock.Seed{Licenses: []keycratemock.License{{SubscriptionID: "none"}}}},
		{Keygen: keygenmock.Seed{Keys: []keygenmock.Key{{PolicyID: "none"}}}},
		{LuaProt: luaprotmock.Seed{Keys: []luaprotmock.Key{{HubID: "7"}}}},
	} {
		assert.Panics(t, func() { mockserver.New(mockserver.WithSeed(seed)) })
	}
}
