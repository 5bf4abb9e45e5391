package mockserver_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
)

// environ is what a program finds in its environment.
func environ(t *testing.T, e *mockserver.Endpoint) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, entry := range e.Environ() {
		name, value, ok := strings.Cut(entry, "=")
		require.True(t, ok, entry)
		require.NotEmpty(t, value, name)
		require.NotContains(t, found, name)
		found[name] = value
	}
	return found
}

// Every client works with what is in the environment, and nothing else.
func TestClientsOfTheEnvironment(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	e, err := s.Listen("")
	require.NoError(t, err)
	env := environ(t, e)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

	j, err := junkie.New(junkie.Config{BaseURL: env["JUNKIE_BASE_URL"], APIKey: env["JUNKIE_API_KEY"], HTTPClient: client})
	require.NoError(t, err)
	_, err = j.Keys.List(t.Context(), junkie.ListKeysParams{})
	require.NoError(t, err)

	l, err := luaprot.New(luaprot.Config{BaseURL: env["LUAPROT_BASE_URL"], APIKey: env["LUAPROT_API_KEY"], HTTPClient: client})
	require.NoError(t, err)
	_, err = l.Hub(s.LuaProt().AddHub("shop").ID).Generate(t.Context(), luaprot.GenerateKeysParams{Amount: 5})
	require.NoError(t, err)

	g, err := keygen.New(keygen.Config{
		BaseURL: env["KEYGEN_BASE_URL"], Account: env["KEYGEN_ACCOUNT"],
		Credential: keygen.Token(env["KEYGEN_TOKEN"]), PublicKey: env["KEYGEN_PUBLIC_KEY"], HTTPClient: client,
	})
	require.NoError(t, err)
	_, err = g.Keys.List(t.Context(), keygen.ListKeysParams{})
	require.NoError(t, err)

	k, err := keycrate.New(keycrate.Config{BaseURL: env["KEYCRATE_BASE_URL"], APIKey: env["KEYCRATE_API_KEY"], HTTPClient: client})
	require.NoError(t, err)
	_, err = k.Licenses.List(t.Context(), keycrate.ListLicensesParams{AppID: env["KEYCRATE_APP_ID"]})
	require.NoError(t, err)

	resp, err := client.Get(env["MOCKSERVER_ADMIN_URL"] + "/requests/count")
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	count, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.JSONEq(t, `{"count":4,"dropped":0}`, string(count))
	assert.Equal(t, e.URL, env["MOCKSERVER_URL"])
	assert.NotContains(t, env, "MOCKSERVER_ADMIN_TOKEN")
	assert.Len(t, env, 13)
}

func TestTheTokenInTheEnvironment(t *testing.T) {
	t.Parallel()
	const token = "token-of-the-test"
	s := mockserver.RunT(t, mockserver.WithAdminToken(token))
	e, err := s.Listen("0.0.0.0:0")
	require.NoError(t, err)
	env := environ(t, e)
	assert.Equal(t, token, env["MOCKSERVER_ADMIN_TOKEN"])
	assert.Regexp(t, `^http://127\.0\.0\.1:`, env["MOCKSERVER_URL"], "as which this machine reaches it")
}
