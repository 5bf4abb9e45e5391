package mockserver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

func TestLuaProtIsInEveryServer(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	assert.NotEmpty(t, s.Behaviours("luaprot"))
	assert.Same(t, s.LuaProt(), s.LuaProt())
	assert.NotSame(t, s.LuaProt(), mockserver.New().LuaProt())

	e, err := s.Listen("")
	require.NoError(t, err)
	assert.Equal(t, e.URL, e.LuaProt())
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for base, client := range map[string]*http.Client{
		"https://luaprot.net": s.Client(),
		e.LuaProt():           {Transport: transport},
	} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", base+"/api/v1/keys/fetch", nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", s.LuaProt().APIKey())
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		assert.JSONEq(t, `{"success":true,"message":"Successfully fetched keys.","keys":[],"limitPerPage":25,"totalPages":0,"totalKeys":0}`, string(body))
	}
	s.AssertCalls(t, 2, luaprotmock.OpFetchKeys)
	s.AssertEffects(t, 0)
}

// Every operation that the world names is one that faults and journal know.
func TestEveryOperationOfLuaProtCanFail(t *testing.T) {
	t.Parallel()
	for _, op := range []string{
		luaprotmock.OpFetchKeys, luaprotmock.OpDeleteKeys, luaprotmock.OpAddKey, luaprotmock.OpGenerateKeys,
		luaprotmock.OpGetKeyInfo, luaprotmock.OpUpdateKey, luaprotmock.OpDeleteKey, luaprotmock.OpResetHWID,
	} {
		s := mockserver.RunT(t)
		s.Inject(mockserver.Fault{Op: op, Do: mockserver.Status(503)}).Remove()
		s.AssertCalls(t, 0, op)
	}
}

// On one port the vendors are told apart by their paths, though two of them
// share a part of these.
func TestVendorsOnOnePort(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t, mockserver.AllowFindings())
	h := s.Handler()
	who := map[string]string{ // what each says to somebody without an API key, and of an unknown path
		`{"error":"Unauthorized"}`:                       "junkie",
		`{"error":"Not found"}`:                          "junkie 404",
		`{"error":"Method not allowed"}`:                 "junkie 405",
		`{"success":false,"message":"Invalid API key."}`: "luaprot",
		`{"success":false,"message":"Route not found."}`: "luaprot 404",
	}
	for request, want := range map[string]string{
		"GET /api/v2/keys":                  "junkie",
		"POST /api/v2/keys/batch":           "junkie",
		"GET /api/v2/keys/folders":          "junkie",
		"GET /api/v2/keys/hubs":             "junkie",
		"POST /api/v2/keys/1/reset-hwid":    "junkie",
		"GET /api/v1/keys/fetch":            "luaprot",
		"POST /api/v1/keys/bulk-delete":     "luaprot",
		"POST /api/v2/hubs/1/keys/add":      "luaprot",
		"POST /api/v2/hubs/1/keys/generate": "luaprot",
		"GET /api/v1/hubs/1/keys/info":      "luaprot",
		"PATCH /api/v2/hubs/1/keys/update":  "luaprot",
		"DELETE /api/v1/hubs/1/keys/delete": "luaprot",
		"PATCH /api/v1/hubs/1/hwid/reset":   "luaprot",
		"PATCH /api/v2/hubs/1/hwid/reset":   "luaprot 404", // a wrong version
		"PUT /api/v1/keys/fetch":            "luaprot 404",
		"GET /api/v1/keys":                  "luaprot 404",
		"GET /api/v1":                       "luaprot 404",
		"GET /api/v1/nowhere":               "luaprot 404",
		"GET /api/v2/hubs":                  "luaprot 404",
		"GET /api/v2/hubs/1/nowhere":        "luaprot 404",
		"GET /api/v2/keys/1/nowhere":        "junkie 404",
		"PATCH /api/v2/keys/1":              "junkie 405",
		"GET /api/v2/nowhere":               "junkie 404", // both have that root, and it is all of Junkie's
		"GET /api/v2":                       "junkie 404",
		"GET /api":                          "luaprot 404",
		"GET /api/v3/keys":                  "luaprot 404",
		"GET /apiv2/keys":                   "nobody",
		"GET /nowhere":                      "nobody",
		"GET /":                             "nobody",
	} {
		method, path, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "http://127.0.0.1"+path, nil))
		got, known := who[w.Body.String()]
		if !known {
			got = "nobody"
			assert.Equal(t, http.StatusNotFound, w.Code, request)
			assert.Contains(t, w.Body.String(), "nearest: GET /api/v2/keys (junkie), ", request)
			assert.Contains(t, w.Body.String(), ", GET /api/v1/keys/fetch (luaprot)", request)
		}
		assert.Equal(t, want, got, request)
	}
}

// A caller that sends a real host name gets that vendor, whatever the path.
func TestVendorsByHostOnOnePort(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t, mockserver.AllowFindings())
	for host, want := range map[string]string{
		"luaprot.net":      `{"success":false,"message":"Route not found."}`,
		"luaprot.net:8080": `{"success":false,"message":"Route not found."}`,
		"api.jnkie.com":    `{"error":"Unauthorized"}`,
		"eu-1.luaprot.net": `{"error":"Unauthorized"}`, // no host of the API: by the path
	} {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest("GET", "http://"+host+"/api/v2/keys", nil))
		assert.Equal(t, want, w.Body.String(), host)
	}
}
