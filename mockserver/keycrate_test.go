package mockserver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// post sends a JSON body and returns the answer, read.
func post(t *testing.T, client *http.Client, url, apiKey, body string) (status int, text string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	if apiKey != "" {
		req.Header.Set("x-api-key", apiKey)
	}
	resp, err := client.Do(req)
	require.NoError(t, err)
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(answer)
}

// overTCP returns the base URL of Keycrate on a real socket, and a client for it.
func overTCP(t *testing.T, s *mockserver.Server) (string, *http.Client) {
	e, err := s.Listen("")
	require.NoError(t, err)
	assert.Equal(t, e.URL, e.Keycrate())
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return e.Keycrate(), &http.Client{Transport: transport}
}

func TestKeycrateIsInEveryServer(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	world := s.Keycrate()
	assert.NotEmpty(t, s.Behaviours("keycrate"))
	assert.Same(t, world, s.Keycrate())
	assert.NotSame(t, world, mockserver.New().Keycrate())

	base, client := overTCP(t, s)
	for base, client := range map[string]*http.Client{"https://api.keycrate.dev": s.Client(), base: client} {
		status, body := post(t, client, base+"/license/get-bulk", world.APIKey(), `{"app_id": "`+world.AppID()+`"}`)
		assert.Equal(t, 200, status)
		assert.Equal(t, `{"success":true,"data":[],"total":0,"page":1,"per_page":50,"total_pages":0}`, body)
	}
	s.AssertCalls(t, 2, keycratemock.OpListLicenses)
	s.AssertEffects(t, 0)
}

// keycrateOps are all operations of the vendor.
var keycrateOps = []string{
	keycratemock.OpCreateLicense, keycratemock.OpCreateLicensesBulk, keycratemock.OpExtendLicense, keycratemock.OpExtendLicensesBulk,
	keycratemock.OpDeleteLicense, keycratemock.OpDeleteLicensesBulk, keycratemock.OpGetLicense, keycratemock.OpListLicenses,
	keycratemock.OpUpdateLicenseStatus, keycratemock.OpUpdateLicenseStatusBulk, keycratemock.OpUpdateLicenseSubscription,
	keycratemock.OpUpdateLicenseCredentials, keycratemock.OpUpdateLicenseMetadata, keycratemock.OpEditHWID, keycratemock.OpSetHWIDLock,
	keycratemock.OpSetHWIDLockBulk, keycratemock.OpSetHWIDResetAllowed, keycratemock.OpSetHWIDResetInterval,
	keycratemock.OpCreateSubscription, keycratemock.OpEditSubscription, keycratemock.OpDeleteSubscription, keycratemock.OpListSubscriptions,
	keycratemock.OpAuthenticate, keycratemock.OpRegister, keycratemock.OpPreflight,
}

// Every operation that the world names is one that faults and journal know.
func TestEveryOperationOfKeycrateCanFail(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	for _, op := range keycrateOps {
		s.Inject(mockserver.Fault{Op: op, Do: mockserver.Status(503)}).Remove()
		s.AssertCalls(t, 0, op)
	}
}

// A failure that a test injects is worded for whoever made the call.
func TestFailuresOfKeycrateInTwoDialects(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	world := s.Keycrate()
	license := world.AddLicense(keycratemock.License{})
	management := `{"license_key": "` + license.Key + `"}`
	endUser := `{"app_id": "` + world.AppID() + `", "license": "` + license.Key + `"}`
	base, client := overTCP(t, s)
	for base, client := range map[string]*http.Client{"https://api.keycrate.dev": s.Client(), base: client} {
		for _, c := range []struct {
			phase            mockserver.Phase
			do               mockserver.Action
			status           int
			toShop, toEndUse string
		}{
			{mockserver.BeforeCommit, mockserver.Status(500), 500,
				`{"error":"Something went wrong here","error_code":"SERVER_ERROR"}`, `{"success":false,"message":"SERVER_ERROR"}`},
			{mockserver.AfterCommit, mockserver.Status(500), 500,
				`{"error":"Something went wrong here","error_code":"SERVER_ERROR"}`, `{"success":false,"message":"SERVER_ERROR"}`},
			{mockserver.BeforeCommit, mockserver.RateLimited(time.Second), 429,
				`{"error":"Too many requests","error_code":"RATE_LIMITED"}`, `{"success":false,"message":"RATE_LIMITED"}`},
			{mockserver.BeforeCommit, mockserver.Status(503), 503,
				`{"error":"Service Unavailable"}`, `{"success":false,"message":"SERVICE_UNAVAILABLE"}`},
		} {
			s.Inject(mockserver.Fault{Op: keycratemock.OpGetLicense, Phase: c.phase, Do: c.do, Times: 1})
			s.Inject(mockserver.Fault{Op: keycratemock.OpAuthenticate, Phase: c.phase, Do: c.do, Times: 1})
			status, body := post(t, client, base+"/license/get", world.APIKey(), management)
			assert.Equal(t, c.status, status)
			assert.Equal(t, c.toShop, body)
			status, body = post(t, client, base+"/auth", "", endUser)
			assert.Equal(t, c.status, status)
			assert.Equal(t, c.toEndUse, body)
		}
	}
}

// On one port with the other vendors Keycrate is told apart by its paths, which
// have no prefix.
func TestKeycrateOnOnePort(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t, mockserver.AllowFindings())
	for request, want := range map[string]string{
		"POST /license/create":        `{"error":"The x-api-key header is missing","error_code":"MISSING_AUTH"}`,
		"POST /subscription/get-bulk": `{"error":"The x-api-key header is missing","error_code":"MISSING_AUTH"}`,
		"GET /license/create":         `{"error":"Method not allowed","error_code":"METHOD_NOT_ALLOWED"}`,
		"POST /license/nowhere":       `{"error":"There is no such endpoint","error_code":"NOT_FOUND"}`,
		"POST /hwid":                  `{"error":"There is no such endpoint","error_code":"NOT_FOUND"}`,
		"POST /auth":                  `{"success":false,"message":"INVALID_INPUT"}`,
		"POST /register":              `{"success":false,"message":"INVALID_INPUT"}`,
		"OPTIONS /auth":               ``,
	} {
		method, path, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(method, "http://127.0.0.1"+path, nil))
		assert.Equal(t, want, w.Body.String(), request)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest("POST", "http://api.keycrate.dev/nowhere", nil))
	assert.Equal(t, `{"error":"There is no such endpoint","error_code":"NOT_FOUND"}`, w.Body.String())
}

// printed are the calls that the vendor's page prints for curl and for Python,
// but for the one that it leaves incomplete.
var printed = []struct{ path, body string }{
	{"/license/create-bulk", `{
    "key_amount": 100,
    "app_id": "your-app-id",
    "subscription_id": "trial-subscription-id",
    "duration_unit": "days",
    "duration_value": 7,
    "hwid_lock": true,
    "tags": ["trial", "batch-001"]
  }`},
	{"/license/extend-bulk", `{
    "license_keys": ["key1", "key2", "key3"],
    "extend_seconds": 2592000
  }`},
	{"/license/update-status", `{
    "license_key": "key1",
    "status": "paused"
  }`},
	{"/license/get-bulk", `{
    "app_id": "your-app-id",
    "status": "active",
    "per_page": 100,
    "sort_field": "created_at",
    "sort_order": "desc"
  }`},
	{"/subscription/create", `{
    "app_id": "your-app-id",
    "name": "premium",
    "level": 2,
    "single_key_per_hwid": true
  }`},
}

// asPython is what Python's requests sends for the same object: json.dumps puts
// it on one line, with a blank after each comma and colon.
func asPython(body string) string {
	one := strings.Join(strings.Fields(body), " ")
	return strings.NewReplacer("{ ", "{", " }", "}").Replace(one)
}

// TestPrintedCallsWork replays them over HTTP, one after the other, with
// nothing but host and ids replaced.
func TestPrintedCallsWork(t *testing.T) {
	t.Parallel()
	for name, as := range map[string]func(string) string{"curl": func(body string) string { return body }, "Python": asPython} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mockserver.RunT(t)
			world := s.Keycrate()
			trial := world.AddSubscription(keycratemock.Subscription{Name: "trial"})
			keys := []string{"key1", "key2", "key3"}
			for _, key := range keys {
				world.AddLicense(keycratemock.License{Key: key, DurationUnit: keycratemock.UnitDays, DurationValue: 7, ActivatedAt: s.Now()})
			}
			before, _ := world.License("key1")
			base, client := overTCP(t, s)
			replaced := strings.NewReplacer("your-app-id", world.AppID(), "trial-subscription-id", trial.ID)
			for _, c := range printed {
				status, body := post(t, client, base+c.path, world.APIKey(), replaced.Replace(as(c.body)))
				require.Equal(t, 200, status, "%s: %s", c.path, body)
				assert.Contains(t, body, `{"success":true,"data":`, c.path)
				if c.path == "/license/get-bulk" { // what the page's Python goes on with
					assert.Equal(t, 100, strings.Count(body, `"key":`))
					assert.Contains(t, body, `"total":102,`)
				}
			}
			s.AssertEffects(t, 103, keycratemock.EffectLicenseCreated)
			s.AssertEffects(t, 3, keycratemock.EffectLicenseExtended)
			paused, _ := world.License("key1")
			assert.Equal(t, keycratemock.StatusPaused, paused.Status)
			assert.Equal(t, before.ExpiresAt.AddDate(0, 0, 30), paused.ExpiresAt)
			trials := 0
			for _, l := range world.Licenses() {
				if strings.Join(l.Tags, " ") == "trial batch-001" && l.HWIDLock && l.DurationSeconds == 604800 {
					trials++
				}
			}
			assert.Equal(t, 100, trials)
			premium := world.Subscriptions()[1]
			assert.Equal(t, []any{"premium", int64(2), true}, []any{premium.Name, premium.Level, premium.SingleKeyPerHWID})
		})
	}
}
