package worldtest

import (
	"encoding/json"
	"strings"
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
	return Kept{s.encode(s.Vendor.Snapshot()()), s.Now, s.Frozen, s.rand.State()}
}

// PutBack makes the stage what it was, or what another one was.
func (s *Stage) PutBack(k Kept) {
	s.Helper()
	put, err := s.Vendor.Restore(k.State)
	require.NoError(s, err)
	put()
	s.Now, s.Frozen = k.now, k.frozen
	s.rand, err = core.RandAt(k.random)
	require.NoError(s, err)
}

// RefusesDamaged asserts that the state is refused when its text is damaged: each of
// the ways says what is replaced, which is there once, by what, and a part of the
// complaint. A refusal changes nothing.
func (s *Stage) RefusesDamaged(ways ...[3]string) {
	s.Helper()
	kept := s.Keep()
	for _, way := range ways {
		require.Equal(s, 1, strings.Count(string(kept.State), way[0]), "%s in %s", way[0], kept.State)
		s.refuses(strings.Replace(string(kept.State), way[0], way[1], 1), way[2])
		require.Equal(s, kept, s.Keep(), "nothing has changed")
	}
	for _, document := range []string{`null`, `{}`, `[]`, `7`} {
		s.refuses(document, "")
	}
	require.Equal(s, kept, s.Keep(), "nothing has changed")
}

func (s *Stage) refuses(state, complaint string) {
	s.Helper()
	_, err := s.Vendor.Restore(json.RawMessage(state))
	require.ErrorContains(s, err, complaint, state)
}

func (s *Stage) encode(value any) []byte {
	s.Helper()
	text, err := json.Marshal(value)
	require.NoError(s, err)
	return text
}
