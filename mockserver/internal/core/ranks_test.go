package core

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRanks keeps rows in many pieces and compares them with a plain list.
func TestRanks(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	var r ranks
	var want []uint32
	compare := cmp.Compare[uint32]
	check := func() {
		require.Equal(t, want, slices.AppendSeq([]uint32(nil), r.forward(0)))
		skip := rnd.IntN(len(want) + 1)
		require.Equal(t, want[skip:], slices.AppendSeq([]uint32{}, r.forward(skip)))
		backward := slices.AppendSeq([]uint32{}, r.backward(skip))
		slices.Reverse(backward)
		require.Equal(t, want[:len(want)-skip], backward)
		require.Equal(t, len(want), r.len())
		bound := rnd.Uint32N(10_000)
		at, _ := slices.BinarySearch(want, bound)
		require.Equal(t, at, r.before(func(row uint32) bool { return row < bound }))
		for _, piece := range r.pieces {
			require.NotEmpty(t, piece)
			require.LessOrEqual(t, len(piece), pieceSize)
		}
		require.LessOrEqual(t, len(r.pieces), 2+4*len(want)/pieceSize, "small pieces are put together")
	}
	for n := range 20_000 {
		row := rnd.Uint32N(10_000)
		at, found := slices.BinarySearch(want, row)
		switch grows := n/5000%2 == 0; {
		case found && (!grows || rnd.IntN(3) == 0):
			want = slices.Delete(want, at, at+1)
			r.remove(row, compare)
		case !found && (grows || rnd.IntN(3) == 0):
			want = slices.Insert(want, at, row)
			r.add(row, compare)
		}
		if n%500 == 0 {
			check()
		}
	}
	for len(want) > 0 {
		r.remove(want[0], compare)
		want = want[1:]
	}
	assert.Empty(t, r.pieces)
	var none *ranks
	assert.Zero(t, none.len())
	assert.Empty(t, slices.Collect(none.backward(0)))
}

// TestRowSet keeps numbers of several parts and compares them with a plain list.
func TestRowSet(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	draw := func() uint32 { return rnd.Uint32N(4)<<16 | rnd.Uint32N(200) }
	var s rowSet
	want := []uint32{}
	for range 5000 {
		row := draw()
		at, found := slices.BinarySearch(want, row)
		if rnd.IntN(2) == 0 {
			s.remove(row)
			if found {
				want = slices.Delete(want, at, at+1)
			}
		} else {
			s.add(row)
			if !found {
				want = slices.Insert(want, at, row)
			}
		}
		require.Equal(t, want, s.list())
		require.Equal(t, len(want), s.n)
	}
	for range 200 {
		some, both := []uint32{}, []uint32{}
		for range rnd.IntN(300) {
			some = append(some, draw())
		}
		slices.Sort(some)
		some = slices.Compact(some)
		for _, row := range some {
			if slices.Contains(want, row) {
				both = append(both, row)
			}
		}
		require.Equal(t, both, s.common(some))
	}
}
