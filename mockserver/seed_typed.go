package mockserver

import (
	"fmt"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// Seed is what a server begins with, in the types of the vendors' worlds: their
// methods AddKey and the like take the same values one by one, into the default
// account of each vendor. Objects refer to each other by ids, which may be given.
type Seed struct {
	Junkie   junkiemock.Seed
	Keycrate keycratemock.Seed
	Keygen   keygenmock.Seed
	LuaProt  luaprotmock.Seed
}

// WithSeed lets the server begin with what a seed describes. [Server.Reset] comes
// back to it. An object that cannot be is misuse.
func WithSeed(seed Seed) Option {
	return func(c *config) {
		c.seeds = append(c.seeds, func(s *Server) error { return s.plant(seed) })
	}
}

// plant makes what a seed describes. The lock is held.
func (s *Server) plant(seed Seed) error {
	parts := map[string]any{"junkie": seed.Junkie, "keycrate": seed.Keycrate, "keygen": seed.Keygen, "luaprot": seed.LuaProt}
	for _, v := range s.vendors {
		world, ok := v.world.(core.Seeded)
		if !ok {
			continue
		}
		turn := s.turn(v, seedOp)
		if err := world.Seed(turn, parts[v.name]); err != nil {
			return fmt.Errorf("WithSeed: %s: %w", v.name, err)
		}
		s.enter(v, turn.Effects)
	}
	return nil
}
