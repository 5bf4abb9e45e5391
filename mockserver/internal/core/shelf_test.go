package core_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func TestShelfKeepsItsOrder(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	shelf, want := core.NewShelf(cmp.Compare[int]), []int{}
	for range 500 {
		if n := rnd.IntN(1000); !slices.Contains(want, n) {
			want = append(want, n)
			shelf.Add(n)
		}
		if rnd.IntN(3) == 0 {
			gone := slices.Clone(want[:rnd.IntN(min(3, len(want))+1)])
			want = want[len(gone):]
			shelf.Remove(gone...)
		}
		assert.Equal(t, slices.Sorted(slices.Values(want)), slices.Clone(shelf.All()))
	}
}

func TestShelfPages(t *testing.T) {
	t.Parallel()
	shelf := core.NewShelf(cmp.Compare[int])
	for n := range 10 {
		shelf.Add(n)
	}
	even := core.Filter[int]{func(n int) bool { return n%2 == 0 }}
	for _, c := range []struct {
		match       core.Filter[int]
		page, limit int64
		rows        []int
		total       int64
	}{
		{page: 1, limit: 4, rows: []int{9, 8, 7, 6}, total: 10},
		{page: 3, limit: 4, rows: []int{1, 0}, total: 10},
		{page: 4, limit: 4, total: 10},
		{page: math.MaxInt64, limit: 100, total: 10},
		{match: even, page: 1, limit: 2, rows: []int{8, 6}, total: 5},
		{match: even, page: 3, limit: 2, rows: []int{0}, total: 5},
		{match: even, page: math.MaxInt64, limit: 2, total: 5},
		{match: append(even, func(n int) bool { return n > 5 }), page: 1, limit: 9, rows: []int{8, 6}, total: 2},
	} {
		rows, total := shelf.Page(c.match, c.page, c.limit)
		assert.Equal(t, c.rows, rows)
		assert.Equal(t, c.total, total)
	}
	var none *core.Shelf[int]
	rows, total := none.Page(even, 1, 10)
	assert.Empty(t, rows)
	assert.Zero(t, total)
	none.Remove()
}

func TestPages(t *testing.T) {
	t.Parallel()
	for total, want := range map[int64]int64{0: 0, 1: 1, 24: 1, 25: 1, 26: 2} {
		assert.Equal(t, want, core.Pages(total, 25))
	}
}
