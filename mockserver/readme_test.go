package mockserver_test

import (
	"cmp"
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

// The two READMEs show how a program in any language uses the control plane:
// their commands are carried out here, on a server of the test's own.
func TestReadmeCommands(t *testing.T) {
	for _, c := range []struct {
		file     string
		commands int
		holds    map[int]string // what some of the answers have
	}{
		{"../README.md", 8, map[int]string{0: `"SHOP-0001"`, 4: `"junkie.createKey"`, 5: `"SHOP-0001"`, 6: `{"count":1,"dropped":0}`}},
		{"README.md", 19, map[int]string{3: `"CRATE-1"`, 16: `{"count":1,"dropped":0}`, 17: `"items":[]`}},
	} {
		t.Run(c.file, func(t *testing.T) {
			s := mockserver.RunT(t)
			endpoint, err := s.Listen("127.0.0.1:0")
			require.NoError(t, err)
			names := []string{"http://127.0.0.1:5397", endpoint.URL}
			for _, variable := range endpoint.Environ() {
				name, value, _ := strings.Cut(variable, "=")
				names = append(names, "$"+name, value)
			}
			var answers []string
			for _, line := range commands(t, c.file) {
				status, body := curl(t, strings.NewReplacer(names...).Replace(line))
				require.Equal(t, 2, status/100, "%s: %s", line, body)
				answers = append(answers, body)
				if _, comment, found := strings.Cut(line, " # "); found {
					require.Contains(t, body, `"`+strings.TrimSpace(comment)+`"`, line)
				}
			}
			require.Len(t, answers, c.commands)
			for n, part := range c.holds {
				require.Contains(t, answers[n], part)
			}
		})
	}
}

// commands are the calls of curl that a document shows.
func commands(t *testing.T, file string) (found []string) {
	t.Helper()
	document, err := os.ReadFile(file)
	require.NoError(t, err)
	for line := range strings.Lines(string(document)) {
		if command, isCall := strings.CutPrefix(strings.TrimSpace(line), "curl "); isCall {
			found = append(found, command)
		}
	}
	return found
}

// words are those of a command, of which some are quoted.
var words = regexp.MustCompile(`'([^']*)'|"([^"]*)"|(\S+)`)

// curl does what the program would with these arguments.
func curl(t *testing.T, arguments string) (status int, answer string) {
	t.Helper()
	arguments, _, _ = strings.Cut(arguments, " # ")
	method, url, body, header := "", "", "", http.Header{"Accept": {"*/*"}}
	var option string
	for _, word := range words.FindAllStringSubmatch(arguments, -1) {
		text := word[1] + word[2] + word[3]
		switch {
		case option == "-X":
			method = text
		case option == "-d":
			method, body = cmp.Or(method, http.MethodPost), text
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
	req, err := http.NewRequestWithContext(t.Context(), cmp.Or(method, http.MethodGet), url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(data)
}
