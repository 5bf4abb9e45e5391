package mockserver_test

import (
	"io"
	"net/http"
	"os"
	"regexp"
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

// The README shows how a program in any language uses the control plane: its
// commands are carried out here, on a server of the test's own.
func TestReadmeCommands(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	_, block, found := strings.Cut(string(readme), "go run ./mockserver/cmd/mockserver")
	require.True(t, found)
	block, _, _ = strings.Cut(block, "```")
	s := mockserver.RunT(t)
	endpoint, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)

	var answers []string
	for line := range strings.Lines(block) {
		command, found := strings.CutPrefix(strings.TrimSpace(line), "curl ")
		if !found {
			continue
		}
		command = strings.NewReplacer("$JUNKIE_API_KEY", s.Junkie().APIKey(), "http://127.0.0.1:5397", endpoint.URL).Replace(command)
		status, body := curl(t, command)
		require.Equal(t, 2, status/100, "%s: %s", line, body)
		answers = append(answers, body)
		if _, comment, found := strings.Cut(line, " # "); found {
			require.Contains(t, body, `"`+strings.TrimSpace(comment)+`"`, line)
		}
	}
	require.Len(t, answers, 8)
	require.Contains(t, answers[0], `"SHOP-0001"`)
	require.Contains(t, answers[4], `"junkie.createKey"`)
	require.Contains(t, answers[5], `"SHOP-0001"`)
	require.JSONEq(t, `{"count":1,"dropped":0}`, answers[6])
	require.Empty(t, s.Junkie().Keys(), "the last command resets")
}

// words are those of a command, of which some are quoted.
var words = regexp.MustCompile(`'([^']*)'|"([^"]*)"|(\S+)`)

// curl does what the program would with these arguments.
func curl(t *testing.T, arguments string) (status int, answer string) {
	t.Helper()
	arguments, _, _ = strings.Cut(arguments, " # ")
	method, url, body, header := http.MethodGet, "", "", http.Header{"Accept": {"*/*"}}
	var option string
	for _, word := range words.FindAllStringSubmatch(arguments, -1) {
		text := word[1] + word[2] + word[3]
		switch {
		case option == "-X":
			method = text
		case option == "-d":
			method, body = http.MethodPost, text
			header.Set("Content-Type", "application/x-www-form-urlencoded")
		case option == "-H":
			name, value, _ := strings.Cut(text, ": ")
			header.Set(name, value)
		case strings.HasPrefix(text, "-"):
			option = text
			continue
		default:
			url = text
		}
		option = ""
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(data)
}
