package mockserver_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

func TestJunkieIsInEveryServer(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	assert.NotEmpty(t, s.Behaviours("junkie"))
	assert.Same(t, s.Junkie(), s.Junkie())
	assert.NotSame(t, s.Junkie(), mockserver.New().Junkie())

	e, err := s.Listen("")
	require.NoError(t, err)
	assert.Equal(t, e.URL+"/api/v2", e.Junkie())
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for base, client := range map[string]*http.Client{
		"https://api.jnkie.com/api/v2": s.Client(),
		e.Junkie():                     {Transport: transport},
	} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", base+"/keys/folders", nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+s.Junkie().APIKey())
		resp, err := client.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		assert.JSONEq(t, `{"folders":[]}`, string(body))
	}
	s.AssertCalls(t, 2, junkiemock.OpListFolders)
	s.AssertEffects(t, 0)
}

// Every operation that the world names is one that faults and journal know.
func TestEveryOperationOfJunkieCanFail(t *testing.T) {
	t.Parallel()
	for _, op := range []string{
		junkiemock.OpListKeys, junkiemock.OpCreateKey, junkiemock.OpCreateKeys, junkiemock.OpDeleteKeys, junkiemock.OpListFolders,
		junkiemock.OpGetKey, junkiemock.OpUpdateKey, junkiemock.OpDeleteKey, junkiemock.OpResetKeyHWIDs,
	} {
		s := mockserver.RunT(t)
		s.Inject(mockserver.Fault{Op: op, Do: mockserver.Status(503)}).Remove()
		s.AssertCalls(t, 0, op)
	}
}
