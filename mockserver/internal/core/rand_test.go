package core_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

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
