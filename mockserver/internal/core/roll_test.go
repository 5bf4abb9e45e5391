package core_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func TestRoll(t *testing.T) {
	t.Parallel()
	var r core.Roll[string, int]
	all := func() []int { return slices.Collect(r.All()) }
	assert.Zero(t, r.Get("a"))
	r.Drop("a")
	r.Put("a", 5)
	r.Put("b", 3)
	r.Put("c", 4)
	r.Put("a", 1)
	assert.Equal(t, []int{1, 3, 4}, all(), "what takes the place of another keeps it")
	assert.Equal(t, []int{3, 4}, slices.Collect(r.Only(func(n int) bool { return n > 1 })))
	for first := range r.All() {
		assert.Equal(t, 1, first)
		break
	}
	r.Insert("d", 3, cmp.Compare[int])
	r.Insert("e", 0, cmp.Compare[int])
	r.Insert("f", 9, cmp.Compare[int])
	assert.Equal(t, []int{0, 1, 3, 3, 4, 9}, all())
	r.Drop("b")
	assert.Equal(t, []int{0, 1, 3, 4, 9}, all())
	assert.Equal(t, 5, r.Len())
	assert.True(t, r.Has("d"))
	assert.False(t, r.Has("b"))
	n, found := r.Find("d")
	assert.Equal(t, []any{3, true}, []any{n, found})
	_, found = r.Find("b")
	assert.False(t, found)
}
