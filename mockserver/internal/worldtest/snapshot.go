package worldtest

import (
	"encoding/json"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// snapshot is a stage as a document, as the server's is of all vendors.
type snapshot struct {
	Now    time.Time
	Frozen bool
	Random []byte
	State  json.RawMessage
}

// Snapshot takes down the world, the clock and what will be drawn. What the turns
// have left behind is not in it.
func (s *Stage) Snapshot() []byte {
	s.Helper()
	state, err := json.Marshal(s.Vendor.(core.Kept).Snapshot())
	require.NoError(s, err)
	text, err := json.Marshal(snapshot{s.Now, s.Frozen, s.rand.State(), state})
	require.NoError(s, err)
	return text
}

// Restore makes the stage what it was at a Snapshot, which may be another's.
func (s *Stage) Restore(document []byte) {
	s.Helper()
	var kept snapshot
	require.NoError(s, json.Unmarshal(document, &kept))
	put, err := s.Vendor.(core.Kept).Restore(kept.State)
	require.NoError(s, err)
	put()
	s.Now, s.Frozen = kept.Now, kept.Frozen
	s.rand, err = core.RandAt(kept.Random)
	require.NoError(s, err)
}

// RestoreRefused asserts that a state cannot be, for this reason, and that nothing
// has changed.
func (s *Stage) RestoreRefused(state, complaint string) {
	s.Helper()
	before := s.Snapshot()
	_, err := s.Vendor.(core.Kept).Restore(json.RawMessage(state))
	require.ErrorContains(s, err, complaint, state)
	require.JSONEq(s, string(before), string(s.Snapshot()))
}
