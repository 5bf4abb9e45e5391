package mockserver

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const adminToken = "token-of-the-test"

// at is the console of another endpoint.
func (c console) at(url string) console {
	c.url = url
	return c
}

func TestTheTokenOfTheControlPlane(t *testing.T) {
	t.Parallel()
	s, shop := open(t, WithAdminToken(adminToken))
	c := consoleOf(t, s)
	const authorization = "Authorization"
	for name, header := range map[string][]string{
		"nothing":       nil,
		"no scheme":     {authorization, adminToken},
		"another one":   {authorization, "Basic " + adminToken},
		"no token":      {authorization, "Bearer "},
		"scheme alone":  {authorization, "Bearer"},
		"run together":  {authorization, "Bearer" + adminToken},
		"in the query":  {"Cookie", "token=" + adminToken},
		"an odd blank":  {authorization, "Bearer\t" + adminToken},
		"empty headers": {authorization, ""},
	} {
		resp, _ := c.ask("POST", "/shop/items", `{"name":"book"}`, header...)
		assert.Equal(t, `Bearer realm="mockserver"`, resp.Header.Get("WWW-Authenticate"), name)
		p := c.refused("POST", "/shop/items", `{"name":"book"}`, header...)
		assert.Equal(t, 401, p.Status, name)
		assert.Contains(t, p.Detail, `"Authorization: Bearer TOKEN"`, name)
	}
	for _, wrong := range []string{adminToken[1:], adminToken + "x", strings.ToUpper(adminToken), adminToken + "," + adminToken} {
		resp, _ := c.ask("GET", "/shop/items", "", authorization, "Bearer "+wrong)
		assert.Equal(t, `Bearer realm="mockserver", error="invalid_token"`, resp.Header.Get("WWW-Authenticate"), wrong)
		p := c.refused("GET", "/shop/items", "", authorization, "Bearer "+wrong)
		assert.Equal(t, 401, p.Status, wrong)
		assert.NotContains(t, p.Detail, adminToken)
	}
	twice := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/__admin/clock", nil)
	twice.Header[authorization] = []string{"Bearer " + adminToken, "Bearer " + adminToken}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, twice)
	assert.Equal(t, 401, w.Code, "two headers")
	for _, path := range []string{"/nowhere", "/reset", "%2Fhealth", "/health/", "/Health"} { // not even what there is
		p := c.refused("GET", path, "")
		assert.Equal(t, 401, p.Status, path)
		assert.Empty(t, p.Routes, path)
	}
	assert.Equal(t, 401, c.refused("POST", "/health", "").Status, "of health, reading only")
	assert.Equal(t, 403, c.refused("GET", "/health", "", "Host", "evil.example").Status)
	assert.Equal(t, 403, c.refused("GET", "/shop/items", "", authorization, "Bearer "+adminToken, "Host", "evil.example").Status, "whoever has the token")
	assert.Equal(t, 403, c.refused("GET", "/shop/items", "", authorization, "Bearer "+adminToken, "Origin", "http://evil.example").Status)
	assert.Zero(t, shop.Len())

	for _, method := range []string{"GET", "HEAD"} {
		resp, _ := c.ask(method, "/health", "")
		assert.Equal(t, 200, resp.StatusCode, method)
	}
	for _, scheme := range []string{"Bearer ", "bearer ", "Bearer  "} {
		resp, _ := c.ask("POST", "/shop/items", `{"name":"book"}`, authorization, scheme+adminToken)
		assert.Equal(t, 201, resp.StatusCode, scheme)
	}
	assert.Contains(t, outcome(t.Context(), tcpLink(t, s), "/items"), "201", "the vendors are as open as ever")
	s.Reset()
	assert.Equal(t, 401, c.refused("GET", "/clock", "").Status, "a reset takes nothing away")
}

func TestBadTokensAreRefused(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]string{
		"":                          "0 characters",
		"fifteen-letters":           "the token has 15 characters, and is too easily guessed with less than 16",
		"with blanks in the middle": "no header can carry",
		"with-a-line-break\n":       "no header can carry",
		"with-höhere-buchstaben":    "no header can carry",
	} {
		err := WithAdminToken(token).Check()
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "WithAdminToken: ")
		if len(token) > 0 {
			assert.NotContains(t, err.Error(), token)
		}
		assert.PanicsWithValue(t, "mockserver: New: "+err.Error(), func() { New(WithAdminToken(token)) })
	}
	require.NoError(t, WithAdminToken("sixteen-letters!").Check())
}

func TestAllowedHosts(t *testing.T) {
	t.Parallel()
	s, _ := open(t, WithAllowedHosts("mock", "Mock.Example"), WithAllowedHosts("192.0.2.7", "2001:db8::1"))
	c := consoleOf(t, s)
	for _, host := range []string{"mock", "MOCK:5397", "mock.example", "192.0.2.7:80", "[2001:db8::1]:5397", "localhost"} {
		resp, _ := c.ask("POST", "/reset", "", "Host", host)
		assert.Equal(t, 204, resp.StatusCode, host)
	}
	for _, host := range []string{"mock.evil.example", "evil.mock", "mock.", "example", "192.0.2.8"} {
		p := c.refused("POST", "/reset", "", "Host", host)
		assert.Equal(t, 403, p.Status, host)
		assert.Contains(t, p.Detail, fmt.Sprintf("not the Host %q", host))
	}
	resp, _ := c.ask("POST", "/reset", "", "Host", "mock:5397", "Origin", "http://mock:5397")
	assert.Equal(t, 204, resp.StatusCode)
	assert.Equal(t, 403, c.refused("POST", "/reset", "", "Host", "mock:5397", "Origin", "http://mock:80").Status)

	for _, name := range []string{"", "mock:5397", "http://mock", "*", "mock/x", "[::1]", "mo ck"} {
		require.ErrorContains(t, WithAllowedHosts("mock", name).Check(), fmt.Sprintf("WithAllowedHosts: %q is no name of a host", name))
	}
}

// Whoever lets other machines in needs a token, and then they call the server by
// its addresses. Names are as suspect as ever.
func TestAWideEndpoint(t *testing.T) {
	t.Parallel()
	s, _ := open(t, WithAdminToken(adminToken), WithAllowedHosts("mock"))
	c := consoleOf(t, s)
	token := []string{"Authorization", "Bearer " + adminToken}
	for addr, url := range map[string]string{
		"0.0.0.0:0":          `^http://127\.0\.0\.1:[1-9][0-9]*$`,
		"[::]:0":             `^http://\[::1\]:[1-9][0-9]*$`,
		"[::ffff:0.0.0.0]:0": `^http://(127\.0\.0\.1|\[::1\]):[1-9][0-9]*$`,
	} {
		e, err := s.Listen(addr)
		require.NoError(t, err, addr)
		assert.Regexp(t, url, e.URL, addr)
		wide := c.at(e.URL)
		for _, host := range []string{"", "192.0.2.1", "[2001:db8::1]:5397", "10.0.0.1:80", "localhost:1", "mock:5397", "0.0.0.0"} {
			header := token
			if host != "" {
				header = append([]string{"Host", host}, token...)
			}
			resp, _ := wide.ask("POST", "/reset", "", header...)
			assert.Equal(t, 204, resp.StatusCode, "%s as %s", addr, host)
		}
		for _, host := range []string{"evil.example", "10.0.0.1.evil.example", "0x7f000001", "2130706433"} {
			assert.Equal(t, 403, wide.refused("POST", "/reset", "", append([]string{"Host", host}, token...)...).Status, host)
			assert.Equal(t, 403, wide.refused("GET", "/health", "", "Host", host).Status, host)
		}
		assert.Equal(t, 401, wide.refused("POST", "/reset", "").Status, addr)
	}
	narrow := append([]string{"Host", "192.0.2.1"}, token...)
	assert.Equal(t, 403, c.refused("POST", "/reset", "", narrow...).Status, "on loopback an address is as good as a name")
	w := httptest.NewRecorder()
	direct := httptest.NewRequest(http.MethodPost, "http://192.0.2.1/__admin/reset", nil)
	direct.Header.Set(token[0], token[1])
	s.Handler().ServeHTTP(w, direct)
	assert.Equal(t, 403, w.Code, "a server of the caller's own")

	open, _ := open(t)
	for _, addr := range []string{"0.0.0.0:0", "[::]:0", "192.0.2.1:0"} {
		_, err := open.Listen(addr)
		require.ErrorContains(t, err, "protect its control plane with an admin token first")
	}
	_, err := s.Listen("example.com:0")
	require.ErrorContains(t, err, "example.com", "no name is resolved")
}

// Whatever the document says to need the token is refused without it.
func TestTheDocumentSaysWhatNeedsTheToken(t *testing.T) {
	t.Parallel()
	c := consoleOf(t, RunT(t, WithAdminToken(adminToken)))
	doc, err := adminDocument()
	require.NoError(t, err)
	require.Len(t, doc.Security, 2)
	require.Contains(t, doc.Security[0], "adminToken")
	require.Contains(t, doc.Components.SecuritySchemes, "adminToken")
	for id, op := range documentedOperations(t) {
		resp, _ := c.ask(op.method, op.target(), string(op.body(t)))
		assert.Equal(t, op.Security == nil, resp.StatusCode == 401, id)
		if op.Security != nil {
			assert.Empty(t, *op.Security, id)
			assert.Equal(t, "getHealth", id)
		}
	}
}
