package worldtest

import (
	"encoding/json"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Kept is a stage at one moment: the world on it, its clock, and what will be
// drawn at random. Effects and decided behaviours are not in it.
type Kept struct {
	State  json.RawMessage
	now    time.Time
	frozen bool
	random []byte
}

// Keep takes the stage down.
func (s *Stage) Keep() Kept {
	s.Helper()
	state, err := json.Marshal(s.Vendor.(core.Kept).Snapshot())
	require.NoError(s, err)
	return Kept{state, s.Now, s.Frozen, s.rand.State()}
}

// PutBack makes the stage what it was.
func (s *Stage) PutBack(k Kept) {
	s.Helper()
	put, err := s.Vendor.(core.Kept).Restore(k.State)
	require.NoError(s, err)
	put()
	s.Now, s.Frozen = k.now, k.frozen
	s.rand, err = core.RandAt(k.random)
	require.NoError(s, err)
}
