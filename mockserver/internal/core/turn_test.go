package core_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// TestDecidedNotesEachRowOnce, in the order in which they came, whatever decided the
// latest time.
func TestDecidedNotesEachRowOnce(t *testing.T) {
	t.Parallel()
	draw := rand.New(rand.NewPCG(3, 4))
	names := []string{"a", "b", "c", "d", "e", "f"}
	asUsual := 0
	var usual []string
	for range 3_000 {
		turn := core.Turn{Usual: usual}
		var want []string
		for range draw.IntN(4) {
			some := names[:draw.IntN(len(names))]
			if draw.IntN(3) == 0 {
				some = names[draw.IntN(len(names)):]
			}
			turn.Decided(some...)
			for _, name := range some {
				if !slices.Contains(want, name) {
					want = append(want, name)
				}
			}
		}
		require.Equal(t, want, turn.Rows, "after %v", usual)
		require.Equal(t, slices.Equal(want, usual), turn.AsUsual(), "%v after %v", want, usual)
		if turn.AsUsual() {
			asUsual++
		}
		if draw.IntN(2) == 0 {
			usual = turn.Rows
		}
	}
	require.Greater(t, asUsual, 100)
}
