package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// What go run ./examples/migrate prints, and README.md shows.
func TestStory(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, settings{}))
	readme := contentOf(t, "README.md")
	_, shown, found := strings.Cut(readme, "```text\n")
	require.True(t, found)
	shown, _, _ = strings.Cut(shown, "```")
	assert.Equal(t, shown, out.String())
	for _, secret := range []string{"JNK-", "LUA-"} {
		assert.NotContains(t, out.String(), secret)
	}
}

// The README's Go is that of the program.
func TestReadme(t *testing.T) {
	t.Parallel()
	blocks := strings.Split(contentOf(t, "README.md"), "```go\n")[1:]
	require.NotEmpty(t, blocks)
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		assert.Contains(t, contentOf(t, "migrate.go"), strings.TrimSpace(block))
	}
}

func contentOf(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(content)
}

// atNetwork starts the shops on a real network, and tells the program where.
func atNetwork(t *testing.T) *mockserver.Server {
	t.Helper()
	s := mockserver.RunT(t, mockserver.WithStart(opening), mockserver.WithSeed(shops()))
	vendors, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	for _, setting := range vendors.Environ() {
		name, value, _ := strings.Cut(setting, "=")
		t.Setenv(name, value)
	}
	return s
}

func TestInEarnest(t *testing.T) {
	s := atNetwork(t)
	for _, c := range []struct {
		settings settings
		want     string
		effects  int
	}{
		{settings{from: "junkie", provider: providerID, policy: policyID}, "8 keys: 5 move, 3 stay", 0},
		{settings{from: "junkie", provider: providerID, policy: policyID, apply: true}, "8 keys: 5 moved, 3 stay", 5},
		{settings{from: "junkie", provider: providerID, policy: policyID, apply: true}, "8 keys: 5 there already, 3 stay", 5},
		{settings{from: "luaprot", hub: hubID, policy: policyID, apply: true}, "2 keys: 2 moved", 7},
		{settings{from: "junkie", provider: 8, policy: policyID, apply: true}, "0 keys: nothing to do", 7},
	} {
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), &out, c.settings))
		assert.Contains(t, out.String(), c.want)
		assert.Equal(t, !c.settings.apply, strings.Contains(out.String(), "nothing was changed"))
		s.AssertEffects(t, c.effects, created)
	}
}

// A key that is refused is told, and makes the program end with an error.
func TestARefusal(t *testing.T) {
	s := atNetwork(t)
	s.Inject(mockserver.Fault{Op: keygenmock.OpCreateLicense, Skip: 2, Times: 1, Do: mockserver.Status(422)})
	var out bytes.Buffer
	err := run(t.Context(), &out, settings{from: "junkie", provider: providerID, policy: policyID, apply: true})
	require.ErrorContains(t, err, "some keys were refused")
	assert.Contains(t, out.String(), "8 keys: 4 moved, 3 stay, 1 refused")
	require.NoError(t, run(t.Context(), &out, settings{from: "junkie", provider: providerID, policy: policyID, apply: true}))
	s.AssertEffects(t, 5, created)
}

func TestSettings(t *testing.T) {
	s := atNetwork(t)
	good := settings{from: "junkie", provider: providerID, policy: policyID, apply: true}
	for name, c := range map[string]struct {
		change    func(*settings)
		variable  string
		complaint string
	}{
		"another vendor":    {change: func(s *settings) { s.from = "keycrate" }, complaint: "-from keycrate is none of the vendors"},
		"no provider":       {change: func(s *settings) { s.provider = 0 }, complaint: "-provider has to be"},
		"no hub":            {change: func(s *settings) { s.from = "luaprot" }, complaint: "the hub whose keys move is not named"},
		"no policy":         {change: func(s *settings) { s.policy = "" }, complaint: "the policy that keys are to move to"},
		"no key of Junkie":  {variable: "JUNKIE_API_KEY", complaint: "APIKey is empty"},
		"no key of LuaProt": {change: func(s *settings) { s.from = "luaprot" }, variable: "LUAPROT_API_KEY", complaint: "APIKey is empty"},
		"no token":          {variable: "KEYGEN_TOKEN", complaint: "Credential"},
	} {
		t.Run(name, func(t *testing.T) {
			given := good
			if c.change != nil {
				c.change(&given)
			}
			if c.variable != "" {
				t.Setenv(c.variable, "")
			}
			require.ErrorContains(t, run(t.Context(), &bytes.Buffer{}, given), c.complaint)
		})
	}
	s.AssertEffects(t, 0, created)
}

// What is lost is told of each key and counted for all of them.
func TestReport(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	Report(&out, []Plan{
		{Key: Key{ID: "a/1", Name: "order 1041", Value: "SECRET-1"}, Verdict: Moves, Lost: []Loss{{"premium", ""}}},
		{Key: Key{ID: "a/20", Expires: opening}, Verdict: Moved, Lost: []Loss{{"bound devices", "2"}, {"premium", ""}}},
		{Key: Key{ID: "a/21", Off: true}, Verdict: Moves},
		{Key: Key{ID: "a/22", Off: true}, Verdict: There},
		{Key: Key{ID: "a/23"}, Verdict: Differs, Why: "another key"},
		{Key: Key{ID: "a/24"}, Verdict: Refused, Why: "too long"},
	}, opening)
	assert.Equal(t, `  a/1   "order 1041"  moves, without premium
  a/20  ""            moved, expired since 2026-01-01 as before, without bound devices (2), premium
  a/21  ""            moves, switched off as before
  a/22  ""            is there
  a/23  ""            is there, and differs: another key
  a/24  ""            is refused: too long
6 keys: 2 move, 1 moved, 1 there already, 1 there and different, 1 refused
2 without premium
1 without bound devices
`, out.String())
}
