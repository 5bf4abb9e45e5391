package worldtest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// CheckReplay lets anything happen on a stage, keeps it, lets more happen, and puts
// it back: then the same happens again, to the byte, here and on another stage. play
// does so many things as it likes that follow from the seed and the state alone, and
// returns all that came of them. It is done for so many seeds.
func CheckReplay[S interface{ self() *Stage }](t *testing.T, seeds uint64, open func(testing.TB) S, play func(s S, seed uint64) []string) {
	t.Helper()
	for seed := range seeds {
		s := open(t)
		play(s, seed)
		kept, taken := s.self().Keep(), s.self().Vendor.Snapshot()
		first := play(s, seed+seeds)
		left := s.self().Keep()
		require.NotEqual(t, kept, left, "seed %d: nothing happened", seed)
		require.Equal(t, string(kept.State), string(s.self().encode(taken())), "seed %d: what was taken down changes with the world", seed)

		s.self().PutBack(kept)
		require.Equal(t, kept, s.self().Keep(), "seed %d", seed)
		for _, again := range []S{s, open(t)} {
			again.self().PutBack(kept)
			require.Equal(t, first, play(again, seed+seeds), "seed %d", seed)
			require.Equal(t, left, again.self().Keep(), "seed %d", seed)
		}
	}
}

func (s *Stage) self() *Stage { return s }
