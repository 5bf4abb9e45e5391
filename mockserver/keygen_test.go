package mockserver_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

func TestKeygenIsInEveryServer(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	assert.NotEmpty(t, s.Behaviours("keygen"))
	assert.Same(t, s.Keygen(), s.Keygen())
	assert.NotSame(t, s.Keygen(), mockserver.New().Keygen())

	e, err := s.Listen("")
	require.NoError(t, err)
	assert.Equal(t, e.URL+"/v1", e.Keygen())
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for base, client := range map[string]*http.Client{
		"https://api.keygen.sh/v1": s.Client(),
		e.Keygen():                 {Transport: transport},
	} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", base+"/accounts/"+s.Keygen().Account()+"/keys", nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+s.Keygen().Token())
		resp, err := client.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		assert.JSONEq(t, `{"data":[]}`, string(body))
		assert.Equal(t, s.Keygen().AccountID(), resp.Header.Get("Keygen-Account"))
		assert.Equal(t, resp.Header.Get("Date"), resp.Header.Get("Keygen-Date"))
	}
	s.AssertCalls(t, 2, keygenmock.OpListKeys)
	s.AssertEffects(t, 0)
}

// Every operation that the world names is one that faults and journal know.
func TestEveryOperationOfKeygenCanFail(t *testing.T) {
	t.Parallel()
	for _, op := range []string{
		keygenmock.OpListKeys, keygenmock.OpCreateKey, keygenmock.OpGetKey, keygenmock.OpUpdateKey, keygenmock.OpDeleteKey,
		keygenmock.OpGetKeyPolicy, keygenmock.OpGetKeyProduct, keygenmock.OpListPool, keygenmock.OpGetPoolKey, keygenmock.OpPopPool,
		keygenmock.OpListPolicies, keygenmock.OpCreatePolicy, keygenmock.OpGetPolicy, keygenmock.OpDeletePolicy,
		keygenmock.OpCreateProduct, keygenmock.OpGetProduct, keygenmock.OpCreateProductToken,
		keygenmock.OpListLicenses, keygenmock.OpCreateLicense, keygenmock.OpGetLicense, keygenmock.OpDeleteLicense,
	} {
		s := mockserver.RunT(t)
		s.Inject(mockserver.Fault{Op: op, Do: mockserver.Status(503)}).Remove()
		s.AssertCalls(t, 0, op)
	}
}

// A failure that a test injects has the vendor's words.
func TestInjectedFailuresOfKeygen(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		429: `"title":"Too many requests"`, 500: `"title":"Internal server error"`, 503: `"title":"Request timeout"`,
		401: `"code":"TOKEN_MISSING"`, 403: `"title":"Access denied"`, 409: `"title":"Conflict"`, 418: `"title":"I'm a teapot"`,
		599: `"title":"Status 599"`,
	} {
		s := mockserver.RunT(t)
		s.Inject(mockserver.Fault{Op: keygenmock.OpListKeys, Do: mockserver.Status(status)})
		resp, err := s.Client().Get("https://api.keygen.sh/v1/accounts/acme/keys")
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		assert.Equal(t, status, resp.StatusCode)
		assert.Contains(t, string(body), want)
		assert.Equal(t, "application/vnd.api+json; charset=utf-8", resp.Header.Get("Content-Type"))
	}
}

// The forms in which the vendor takes a request are its own operations, for
// faults and journal alike.
func TestAliasesOfKeygen(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	s.Keygen().SetSingleplayer(true)
	key := s.Keygen().AddKey(keygenmock.Key{})
	for request, op := range map[string]string{
		"HEAD /v1/accounts/acme/keys":                               keygenmock.OpListKeys,
		"GET /v1/accounts/acme/keys/":                               keygenmock.OpListKeys,
		"GET /v1/keys.json":                                         keygenmock.OpListKeys,
		"GET /v1/keys/" + key.ID + ".json":                          keygenmock.OpGetKey,
		"PUT /v1/accounts/acme/keys/" + key.ID:                      keygenmock.OpUpdateKey,
		"HEAD /v1/accounts/acme/policies/" + key.PolicyID + "/pool": keygenmock.OpListPool,
	} {
		before := len(s.Calls(op))
		method, path, _ := strings.Cut(request, " ")
		req := httptest.NewRequest(method, "http://127.0.0.1"+path, bytes.NewBufferString(`{"data":{"type":"keys","attributes":{}}}`))
		req.Header.Set("Authorization", "Bearer "+s.Keygen().Token())
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, req)
		assert.Equal(t, 200, w.Code, "%s: %s", request, w.Body)
		assert.Equal(t, method == "HEAD", w.Body.Len() == 0, request)
		assert.Len(t, s.Calls(op), before+1, request)
	}
}

// What is below the vendor's root is the vendor's, with its own 404.
func TestKeygenOnOnePort(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t, mockserver.AllowFindings())
	for _, request := range []string{
		"GET /v1", "GET /v1/nothing", "GET /v1/accounts", "POST /v1/accounts/acme/keys/x", "PATCH /v1/accounts/acme/keys",
		"DELETE /v1/accounts/acme/policies/x/pool/y", "OPTIONS /v1/accounts/acme/keys",
	} {
		method, path, _ := strings.Cut(request, " ")
		req := httptest.NewRequest(method, "http://127.0.0.1"+path, nil)
		req.Header.Set("Accept", "application/json")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, req)
		assert.Equal(t, http.StatusNotFound, w.Code, request)
		assert.Contains(t, w.Body.String(), "The requested endpoint was not found", request)
	}
}

// What is right fails no test: a browser that asks first, and the vendor's other
// names for methods.
func TestKeygenFindsNothingWhereAllIsRight(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t, mockserver.AllowFindings())
	k := s.Keygen().AddKey(keygenmock.Key{})
	send := func(method, path, body string, header ...string) int {
		req := httptest.NewRequest(method, "http://127.0.0.1/v1/accounts/acme"+path, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+s.Keygen().Token())
		for _, line := range header {
			name, value, _ := strings.Cut(line, ": ")
			req.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, req)
		return w.Code
	}
	preflight := []string{"Origin: https://shop.example", "Access-Control-Request-Method: POST", "Authorization: "}
	assert.Equal(t, 200, send("OPTIONS", "/keys", "", preflight...))
	assert.Equal(t, 200, send("OPTIONS", "/policies/"+k.PolicyID+"/pool", "", preflight...))
	assert.Equal(t, 200, send("HEAD", "/keys/"+k.ID, ""))
	assert.Equal(t, 200, send("PUT", "/keys/"+k.ID, `{"data":{"type":"keys","attributes":{"key":"another text"}}}`))
	assert.Equal(t, 200, send("GET", "/keys/?limit=25&page[size]=15&page[number]=1&product=x&policy=y&order=asc", ""))
	assert.Empty(t, s.Findings())

	assert.Equal(t, 200, send("OPTIONS", "/nothing", "", preflight...))
	assert.Equal(t, 404, send("OPTIONS", "/keys", ""))
	assert.Len(t, s.Findings(), 2, "what is in vain still is")
}
