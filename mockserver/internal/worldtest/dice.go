package worldtest

import (
	"math/rand/v2"
	"testing"
)

// Direct lets a fuzzer direct a play: what happens next is for its dice to say, as
// long as it has something to say. At first they fall by chance.
func Direct(f *testing.F, play func(*testing.T, Dice)) {
	f.Helper()
	for seed := range uint64(8) {
		chance := rand.New(rand.NewPCG(seed, 2))
		moves := make([]byte, 20+40*seed)
		for i := range moves {
			moves[i] = byte(chance.Uint32())
		}
		f.Add(moves)
	}
	f.Fuzz(func(t *testing.T, moves []byte) { play(t, NewDice(moves)) })
}

// Dice is randomness that a fuzzer decides: each of its bytes is one number, in
// which it weighs most. So a play that draws what happens next is as well one that
// a fuzzer directs.
type Dice struct {
	*rand.Rand
	source *bytesSource
}

// NewDice returns dice that fall as these bytes say. When they are used up, dice
// fall on by themselves, the same way each time.
func NewDice(bytes []byte) Dice {
	source := &bytesSource{rest: bytes, mixed: rand.NewPCG(uint64(len(bytes)), 1)}
	return Dice{rand.New(source), source}
}

// Left reports whether the fuzzer has more to say. It is cut short where it would
// go on and on.
func (d Dice) Left() bool { return len(d.source.rest) > 0 && d.source.used < 1000 }

type bytesSource struct {
	rest  []byte
	used  int
	mixed *rand.PCG
}

func (s *bytesSource) Uint64() uint64 {
	low := s.mixed.Uint64()
	if len(s.rest) == 0 {
		return low
	}
	first := s.rest[0]
	s.rest, s.used = s.rest[1:], s.used+1
	return uint64(first)<<56 | low>>8
}
