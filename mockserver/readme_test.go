package mockserver_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

func TestAKeyExpires(t *testing.T) {
	s := mockserver.RunT(t) // no port, no goroutine; a server for each test
	shop := s.Junkie().AddProvider("shop")
	client, err := junkie.New(junkie.Config{APIKey: s.Junkie().APIKey(), HTTPClient: s.Client()})
	require.NoError(t, err)

	key, err := client.Keys.Create(t.Context(), junkie.CreateKeyParams{ProviderID: shop.ID, Validity: 24 * time.Hour})
	require.NoError(t, err)
	require.True(t, s.Junkie().Verify(key.Value, "device-1").Valid) // the end user's side

	s.Advance(25 * time.Hour)
	require.Equal(t, junkiemock.CodeKeyExpired, s.Junkie().Verify(key.Value, "device-1").Code)
}

// The README shows TestAKeyExpires as it is here, and a fault in the form that
// the test below gives it.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	source, err := os.ReadFile("readme_test.go")
	require.NoError(t, err)
	for _, start := range []string{"func TestAKeyExpires(", "s.Inject("} {
		_, snippet, found := strings.Cut(string(readme), "```go\n"+start)
		require.True(t, found, start)
		snippet, _, _ = strings.Cut(snippet, "```")
		for line := range strings.Lines(start + snippet) {
			if !strings.HasPrefix(line, "// ...") {
				require.Contains(t, string(source), strings.TrimSpace(line))
			}
		}
	}
}

func TestALostAnswerLeavesOneKey(t *testing.T) {
	s := mockserver.RunT(t)
	shop := s.Junkie().AddProvider("shop")
	client, err := junkie.New(junkie.Config{APIKey: s.Junkie().APIKey(), HTTPClient: s.Client()})
	require.NoError(t, err)

	s.Inject(mockserver.Fault{Op: junkiemock.OpCreateKey, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Times: 1})
	_, err = client.Keys.Create(t.Context(), junkie.CreateKeyParams{ProviderID: shop.ID})
	require.ErrorIs(t, err, junkie.ErrUnknownOutcome)
	s.AssertEffects(t, 1, junkiemock.EffectKeyCreated) // exactly one, whatever the caller was told
}
