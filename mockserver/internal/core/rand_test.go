package core_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func TestRandIsOneStreamPerSeedAndVendor(t *testing.T) {
	t.Parallel()
	first := func(seed uint64, vendor string) string { return core.NewRand(seed, vendor).UUID() }
	assert.Equal(t, first(1, "a"), first(1, "a"))
	assert.NotEqual(t, first(1, "a"), first(2, "a"))
	assert.NotEqual(t, first(1, "a"), first(1, "b"))
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, first(1, "a"))
}

func TestRandText(t *testing.T) {
	t.Parallel()
	rnd := core.NewRand(1, "a")
	assert.Regexp(t, `^[0-9a-f]{24}$`, rnd.Hex(12))
	assert.Regexp(t, `^[0-9]{20}$`, rnd.Digits(20))
	assert.NotEqual(t, rnd.Hex(12), rnd.Hex(12))
}

func TestASeedGivesTheSameForGood(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "7b5f268f-0347-4a3f-a748-595cf15ece44", core.NewRand(1, "junkie").UUID())
}

func TestRandomnessGoesOnFromItsState(t *testing.T) {
	t.Parallel()
	r := core.NewRand(7, "shop")
	r.UUID()
	state := r.State()
	next := r.Hex(16)
	again, err := core.RandAt(state)
	require.NoError(t, err)
	assert.Equal(t, next, again.Hex(16))
	assert.Equal(t, r.UUID(), again.UUID())
	for _, bad := range [][]byte{nil, []byte("pcg:"), state[1:]} {
		_, err := core.RandAt(bad)
		require.Error(t, err)
	}
}
