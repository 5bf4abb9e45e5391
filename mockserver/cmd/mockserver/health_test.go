package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t, mockserver.WithAdminToken("token-of-the-test"))
	e, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	wide, err := s.Listen("0.0.0.0:0")
	require.NoError(t, err)
	address := strings.TrimPrefix(e.URL, "http://")
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(wide.URL, "http://"))
	for name, c := range map[string]struct{ environ, args []string }{
		"by URL":                     {nil, []string{"--url", e.URL}},
		"by URL with a slash":        {nil, []string{"--url", e.URL + "/"}},
		"by address":                 {nil, []string{"--listen", address}},
		"by port":                    {nil, []string{"--listen", ":" + port}},
		"on all addresses":           {nil, []string{"--listen", "0.0.0.0:" + port}},
		"with a token":               {nil, []string{"--url", e.URL, "--admin-token", "token-of-the-test"}},
		"as the server was told":     {[]string{"MOCKSERVER_LISTEN=" + address, "MOCKSERVER_ADMIN_TOKEN=token-of-the-test"}, nil},
		"as exec tells":              {e.Environ(), nil},
		"the URL before the address": {[]string{"MOCKSERVER_LISTEN=127.0.0.1:1", "MOCKSERVER_URL=" + e.URL}, nil},
	} {
		r := play(c.environ, append([]string{"health"}, c.args...))
		assert.Equal(t, result{}, r, name)
	}
}

func TestNoHealth(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	nobody := l.Addr().String()
	require.NoError(t, l.Close())
	answer := func(status int, body string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				_, _ = io.WriteString(w, `{"status":"ok"}`)
				return
			}
			if status == http.StatusFound {
				w.Header().Set("Location", "/elsewhere")
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"nobody there":    {[]string{"--listen", nobody}, exitFailed, "mockserver: no healthy server at http://" + nobody + ": dial tcp " + nobody + ": connect: connection refused"},
		"not well":        {[]string{"--url", answer(503, `{"status":"ok","detail":"not now"}`)}, exitFailed, "it answers 503 Service Unavailable: not now\n"},
		"no JSON":         {[]string{"--url", answer(404, `lost`)}, exitFailed, "it answers 404 Not Found\n"},
		"somewhere else":  {[]string{"--url", answer(302, `{"status":"ok"}`)}, exitFailed, "it answers 302 Found\n"},
		"another server":  {[]string{"--url", answer(200, `hello`)}, exitFailed, "what answers there is no mock server"},
		"another status":  {[]string{"--url", answer(200, `{"status":"starting"}`)}, exitFailed, "what answers there is no mock server"},
		"any port":        {[]string{"--listen", "127.0.0.1:0"}, exitUsage, `mockserver: --listen: "127.0.0.1:0" does not say which port was free: give the server's URL by --url`},
		"no address":      {[]string{"--listen", "nonsense"}, exitUsage, "mockserver: --listen: "},
		"no URL":          {[]string{"--url", "nonsense"}, exitFailed, "unsupported protocol scheme"},
		"too many words":  {[]string{"now"}, exitUsage, "unexpected argument now"},
		"flags of others": {[]string{"--frozen"}, exitUsage, "unknown flag --frozen"},
	} {
		r := play(nil, append([]string{"health"}, c.args...))
		assert.Equal(t, c.code, r.code, name)
		assert.Empty(t, r.stdout, name)
		assert.Contains(t, r.stderr, c.want, name)
	}
}

func TestAddressesOfThisMachine(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"127.0.0.1:5397":   "http://127.0.0.1:5397",
		":5397":            "http://127.0.0.1:5397",
		"0.0.0.0:5397":     "http://127.0.0.1:5397",
		"[::]:5397":        "http://[::1]:5397",
		"localhost:5397":   "http://localhost:5397",
		"192.0.2.1:80":     "http://192.0.2.1:80",
		"[2001:db8::1]:80": "http://[2001:db8::1]:80",
	} {
		url, err := urlOf(address)
		require.NoError(t, err)
		assert.Equal(t, want, url)
	}
}
