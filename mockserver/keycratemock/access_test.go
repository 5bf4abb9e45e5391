package keycratemock

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// goodBodies is a request of each management operation that can be made with
// success, in any order: each has a license or a subscription of its own.
func goodBodies(s *stage) map[string]string {
	key := func() string {
		return `"license_key": "` + s.world.AddLicense(License{DurationUnit: UnitDays, DurationValue: 1}).Key + `"`
	}
	keys := func() string {
		return `"license_keys": ["` + s.world.AddLicense(License{DurationUnit: UnitDays, DurationValue: 1}).Key + `"]`
	}
	sub := func() string { return `"subscription_id": "` + s.world.AddSubscription(Subscription{}).ID + `"` }
	user := fmt.Sprintf("user-%d", len(s.world.Licenses()))
	const creation = `"app_id": "@app", "subscription_id": "@sub", "duration_unit": "days", "duration_value": 7`
	return map[string]string{
		"license/create":                  `{` + creation + `}`,
		"license/create-bulk":             `{` + creation + `, "key_amount": 2}`,
		"license/extend":                  `{` + key() + `, "extend_seconds": 60}`,
		"license/extend-bulk":             `{` + keys() + `, "extend_seconds": 60}`,
		"license/delete":                  `{` + key() + `}`,
		"license/delete-bulk":             `{` + keys() + `}`,
		"license/get":                     `{` + key() + `}`,
		"license/get-bulk":                `{"app_id": "@app"}`,
		"license/update-status":           `{` + key() + `, "status": "paused"}`,
		"license/update-status-bulk":      `{` + keys() + `, "status": "paused"}`,
		"license/update-subscription":     `{` + key() + `, "subscription_id": "@sub"}`,
		"license/update-user-credentials": `{` + key() + `, "username": "` + user + `"}`,
		"license/update-metadata":         `{` + key() + `, "metadata": {"a": 1}}`,
		"hwid/edit":                       `{` + key() + `, "hwid": "pc"}`,
		"hwid/toggle-lock":                `{` + key() + `, "hwid_lock": true}`,
		"hwid/toggle-lock-bulk":           `{` + keys() + `, "hwid_lock": true}`,
		"hwid/toggle-reset-allowed":       `{` + key() + `, "hwid_reset_allowed": true}`,
		"hwid/update-reset-interval":      `{` + key() + `, "hwid_reset_cooldown": 60}`,
		"subscription/create":             `{"app_id": "@app", "name": "pro"}`,
		"subscription/edit":               `{` + sub() + `, "level": 3}`,
		"subscription/delete":             `{` + sub() + `}`,
		"subscription/get-bulk":           `{"app_id": "@app"}`,
	}
}

// hasKey reports whether the body names a license, and hasApp whether it names
// an app.
func hasKey(body string) bool { return strings.Contains(body, "license_key") }
func hasApp(body string) bool { return strings.Contains(body, "app_id") }

func TestEveryManagementOperationIsInTheTable(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bodies := goodBodies(s)
	require.Len(t, bodies, 22)
	ids := map[string]bool{}
	for path, body := range bodies {
		ids[s.post(path, body).ok().finds().Turn.Op] = true
	}
	assert.Len(t, ids, 22)
	for _, op := range operations {
		if op.side == management {
			assert.True(t, ids[op.ID], op.ID)
			assert.Contains(t, bodies, op.Path[1:])
		}
	}
}

var accessProofs = proofs{
	ruleAuthHeader: func(s *stage) {
		for path, body := range goodBodies(s) {
			s.post(path, body).ok()
		}
	},
	ruleAuthPrefix: func(s *stage) {
		for _, key := range []string{s.world.APIKey(), s.world.AddAPIKey(), s.world.AddAPIKey(defaultAppID)} {
			assert.Regexp(s, `^kc_mock_[a-z0-9_]+$`, key)
		}
	},
	ruleAuthMissing: func(s *stage) {
		for path, body := range goodBodies(s) {
			s.send(path, body).refused(401, "MISSING_AUTH").finds()
			s.send(path, "no JSON").refused(401, "MISSING_AUTH") // before anything else is looked at
		}
		s.send("license/get", `{}`, with("Authorization", "Bearer "+s.world.APIKey())).refused(401, "MISSING_AUTH").
			finds("Authorization was sent and ignored: the vendor wants the API key in x-api-key")
		s.post("license/get", `{}`, as("")).refused(401, "MISSING_AUTH")
	},
	ruleAuthInvalid: func(s *stage) {
		second := s.world.AddAPIKey(defaultAppID)
		s.post("subscription/get-bulk", `{"app_id": "@app"}`, as(second)).ok()
		s.world.RevokeAPIKey(second)
		for _, key := range []string{second, "kc_unknown", "unknown", strings.ToUpper(s.world.APIKey()), "Bearer " + s.world.APIKey()} {
			for path, body := range goodBodies(s) {
				s.post(path, body, as(key)).refused(401, "INVALID_API_KEY")
			}
		}
		s.post("license/get", "no JSON", as("kc_unknown")).refused(401, "INVALID_API_KEY")
		s.post("subscription/get-bulk", `{"app_id": "@app"}`).ok()
	},
	ruleAccessDenied: func(s *stage) {
		none, other := s.world.AddAPIKey(), s.world.AddAPIKey(s.world.AddApp("other").ID)
		for path, body := range goodBodies(s) {
			if hasApp(body) {
				s.post(path, body, as(none)).refused(403, "ACCESS_DENIED")
				s.post(path, body, as(other)).refused(403, "ACCESS_DENIED")
			}
		}
		// What does not exist is told before.
		s.post("license/get-bulk", `{"app_id": "`+noUUID+`"}`, as(none)).refused(404, "APP_NOT_FOUND")
		s.post("license/create", `{"app_id": "@app", "subscription_id": "`+noUUID+`", "duration_unit": "lifetime"}`, as(none)).
			refused(404, "SUBSCRIPTION_NOT_FOUND")
	},
	ruleAccessIndirect: func(s *stage) {
		foreign := s.world.AddApp("other")
		there := s.world.AddSubscription(Subscription{AppID: foreign.ID})
		other := as(s.world.AddAPIKey(foreign.ID))
		for path, body := range goodBodies(s) {
			if !hasApp(body) {
				s.post(path, body, other).refused(403, "ACCESS_DENIED")
			}
		}
		own := as(s.world.AddAPIKey(defaultAppID))
		here, away := s.seed("here", License{}), s.seed("away", License{SubscriptionID: there.ID})
		s.post("license/extend-bulk", `{"license_keys": ["here", "away"], "extend_seconds": 1}`, own).refused(403, "ACCESS_DENIED")
		s.post("license/extend-bulk", `{"license_keys": ["away", "none"], "extend_seconds": 1}`, own).refused(404, "LICENSE_NOT_FOUND")
		s.post("license/update-subscription", `{"license_key": "here", "subscription_id": "`+there.ID+`"}`, own).refused(403, "ACCESS_DENIED")
		s.post("license/create", `{"app_id": "@app", "subscription_id": "`+there.ID+`", "duration_unit": "lifetime"}`, own).
			refused(403, "ACCESS_DENIED")
		assert.Equal(s, here, s.license("here"))
		assert.Equal(s, away, s.license("away"))
		s.post("license/get", `{"license_key": "away"}`).ok() // the first key may use every app
	},
	ruleAccessSwitchedOff: func(s *stage) {
		s.world.SetTeamEnabled(false)
		for path, body := range goodBodies(s) {
			s.post(path, body).ok()
		}
		s.world.SetTeamEnabled(true)
		s.world.SetAppEnabled(defaultAppID, false)
		for path, body := range goodBodies(s) {
			s.post(path, body).ok()
		}
	},
	ruleUserNoAPIKey: func(s *stage) {
		s.seed("K", License{})
		s.login("K", "pc").told(200, CodeVerified).finds()
		s.auth(`{"app_id": "@app", "license": "K"}`, as(s.world.APIKey())).told(200, CodeVerified).
			finds("x-api-key was sent and ignored: /auth takes none")
		s.auth(`{"app_id": "@app", "license": "K"}`, as("kc_unknown")).told(200, CodeVerified).finds("x-api-key")
		s.send("register", `{"app_id": "@app", "license": "K", "username": "a", "password": "b"}`).told(200, CodeRegistered)
	},
	ruleRoutePost: func(s *stage) {
		for _, op := range operations {
			if op.side != browser {
				assert.Equal(s, "POST", op.Method, op.ID)
			}
		}
		for path, body := range goodBodies(s) {
			s.post(path, body).ok()
		}
	},
	ruleRouteUnknown: func(s *stage) {
		for _, path := range []string{"", "license", "license/create/", "license/nowhere", "License/create", "v1/license/create", "auth/x"} {
			s.send(path, "no JSON").refused(404, "NOT_FOUND")
		}
	},
	ruleRouteMethod: func(s *stage) {
		for path, body := range goodBodies(s) {
			for _, method := range []string{"GET", "PUT", "DELETE", "PATCH", "OPTIONS"} {
				r := response{s.Call(method, "/"+path, body)}.refused(405, "METHOD_NOT_ALLOWED")
				assert.Equal(s, "POST", r.Header.Get("Allow"))
			}
		}
		r := response{s.Call("GET", "/auth", "")}.refused(405, "METHOD_NOT_ALLOWED")
		assert.Equal(s, "OPTIONS, POST", r.Header.Get("Allow"))
	},
	ruleRoutePreflight: func(s *stage) { s.preflight("/auth") },
	ruleRoutePreflightAnswer: func(s *stage) {
		s.world.SetRateLimit(1, time.Minute) // does not count: the browser asks by itself
		for range 3 {
			s.preflight("/auth")
			s.preflight("/register")
		}
	},
	ruleRouteOrigin: func(s *stage) {
		origin := with("Origin", "https://shop.test")
		s.seed("K", License{})
		for _, r := range []response{
			s.auth(`{"app_id": "@app", "license": "K"}`, origin).told(200, CodeVerified),
			s.auth(`{`, origin).told(400, CodeInvalidInput),
			s.send("register", `{}`, origin).told(400, CodeInvalidInput),
		} {
			assert.Equal(s, "*", r.Header.Get("Access-Control-Allow-Origin"))
		}
		assert.Empty(s, s.post("license/get", `{"license_key": "K"}`, origin).ok().Header.Get("Access-Control-Allow-Origin"))
	},
	ruleContentType: func(s *stage) {
		for path, body := range goodBodies(s) {
			s.post(path, body, with("Content-Type", "")).ok().finds("every request has to say application/json")
		}
	},
	ruleContentTypeLenient: func(s *stage) {
		s.seed("K", License{})
		s.post("license/get", `{"license_key": "K"}`, with("Content-Type", "text/plain")).ok().finds(`sent as "text/plain"`)
		s.post("license/get", `{"license_key": "K"}`, with("Content-Type", "application/json; charset=utf-8")).ok().finds()
		s.auth(`{"app_id": "@app", "license": "K"}`, with("Content-Type", "")).told(200, CodeVerified).finds("without Content-Type")
	},
	ruleQueryIgnored: func(s *stage) {
		s.seed("K", License{})
		s.post("license/get-bulk?app_id=1&page=2", `{"app_id": "@app"}`).lists("K").
			finds(`unknown query parameter "app_id"`, `unknown query parameter "page"`)
	},
}

func (s *stage) preflight(path string) {
	s.Helper()
	r := s.Call("OPTIONS", path, "", with("Origin", "https://shop.test"),
		with("Access-Control-Request-Method", "POST"), with("Access-Control-Request-Headers", "content-type")).Is(204).Finds()
	assert.Equal(s, http.Header{
		"Access-Control-Allow-Origin":  {"*"},
		"Access-Control-Allow-Methods": {"POST"},
		"Access-Control-Allow-Headers": {"Content-Type"},
	}, r.Header)
	assert.Empty(s, r.Body)
}

var errorProofs = proofs{
	ruleAnswerStatus: func(s *stage) {
		for path, body := range goodBodies(s) {
			s.post(path, body).Is(200)
		}
	},
	ruleAnswerEnvelope: func(s *stage) {
		for path, body := range goodBodies(s) {
			r := s.post(path, body).has("success", "true").has("message", "absent").has("error_code", "absent")
			assert.NotEqual(s, "absent", r.Raw("data"), path)
		}
	},
	ruleErrorEnvelope: func(s *stage) {
		r := s.post("license/get", `{"license_key": "none"}`)
		assert.Equal(s, `{"error":"There is no such license","error_code":"LICENSE_NOT_FOUND"}`, string(r.Body))
	},
	ruleErrorStatuses: func(s *stage) {
		s.seed("taken", License{Username: "alice"})
		s.seed("K", License{})
		s.post("license/get", `{}`).refused(400, "INVALID_INPUT")
		s.post("license/get", `{}`, as("")).refused(401, "MISSING_AUTH")
		s.post("license/get", `{"license_key": "K"}`, as(s.world.AddAPIKey())).refused(403, "ACCESS_DENIED")
		s.post("license/get", `{"license_key": "none"}`).refused(404, "LICENSE_NOT_FOUND")
		s.post("license/update-user-credentials", `{"license_key": "K", "username": "alice"}`).refused(409, "USERNAME_TAKEN")
	},
	ruleErrorOrder: func(s *stage) {
		s.seed("K", License{})
		none := as(s.world.AddAPIKey())
		s.world.SetRateLimit(1, time.Minute)
		s.send("license/extend", `no JSON`).refused(401, "MISSING_AUTH")
		s.post("license/extend", `no JSON`).invalid("body")
		s.post("license/extend", `no JSON`).refused(429, "RATE_LIMITED") // before the content
		s.world.SetRateLimit(0, 0)
		s.post("license/extend", `{"license_key": "none", "extend_seconds": 0}`, none).invalid("extend_seconds")
		s.post("license/extend", `{"license_key": "none", "extend_seconds": 1}`, none).refused(404, "LICENSE_NOT_FOUND")
		s.post("license/extend", `{"license_key": "K", "extend_seconds": 1}`, none).refused(403, "ACCESS_DENIED")
		s.post("license/extend", `{"license_key": "K", "extend_seconds": 1}`).invalid("a lifetime license")
	},
	ruleErrorFamilies: func(s *stage) {
		s.post("license/get", `{}`).refused(400, "INVALID_INPUT")
		s.auth(`{}`).told(400, "INVALID_INPUT")
		s.post("license/get", `{"license_key": "none"}`).refused(404, "LICENSE_NOT_FOUND")
		s.auth(`{"app_id": "@app", "license": "none"}`).told(404, "LICENSE_NOT_FOUND")
	},
	ruleErrorValidation: func(s *stage) {
		for path := range goodBodies(s) {
			s.post(path, `{}`).refused(400, "INVALID_INPUT")
			s.post(path, `no JSON`).refused(400, "INVALID_INPUT")
		}
	},
	ruleAppNotFound: func(s *stage) {
		for path, body := range goodBodies(s) {
			if hasApp(body) {
				s.post(path, strings.ReplaceAll(body, "@app", noUUID)).refused(404, "APP_NOT_FOUND")
			}
		}
	},
	ruleLicenseNotFound: func(s *stage) {
		for path, body := range goodBodies(s) {
			if hasKey(body) {
				for _, l := range s.world.Licenses() {
					body = strings.ReplaceAll(body, l.Key, "none")
				}
				s.post(path, body).refused(404, "LICENSE_NOT_FOUND")
			}
		}
	},
	ruleSubscriptionNotFound: func(s *stage) {
		for path, body := range goodBodies(s) {
			if !strings.Contains(body, "subscription_id") {
				continue
			}
			for _, sub := range s.world.Subscriptions() {
				body = strings.ReplaceAll(strings.ReplaceAll(body, sub.ID, noUUID), "@sub", noUUID)
			}
			s.post(path, body).refused(404, "SUBSCRIPTION_NOT_FOUND")
		}
	},
}

// pass sends calls that must all pass.
func (s *stage) pass(n int) {
	s.Helper()
	for range n {
		s.post("subscription/get-bulk", `{"app_id": "@app"}`).ok()
	}
}

// full asserts that a call is refused, and how long it is to wait.
func (s *stage) full(retryAfter string) {
	s.Helper()
	r := s.post("license/create", `{"app_id": "@app", "subscription_id": "@sub", "duration_unit": "lifetime"}`).refused(429, "RATE_LIMITED")
	assert.Equal(s, retryAfter, r.Header.Get("Retry-After"))
	assert.Empty(s, s.world.Licenses())
}

var rateProofs = proofs{
	ruleRateLimited: func(s *stage) {
		s.pass(200) // off at first
		s.world.SetRateLimit(2, time.Minute)
		s.pass(2)
		s.full("60")
		s.world.SetRateLimit(0, 0)
		s.pass(3)
	},
	ruleRateWindow: func(s *stage) {
		second := as(s.world.AddAPIKey(defaultAppID))
		s.world.SetRateLimit(2, time.Minute)
		s.pass(1)
		s.Advance(59 * time.Second)
		s.pass(1)
		s.full("1")
		s.post("subscription/get-bulk", `{"app_id": "@app"}`, second).ok()
		for range 2 {
			s.auth(`{}`).told(400, "INVALID_INPUT") // calls that fail count as well
		}
		r := s.send("register", `{}`).told(429, "RATE_LIMITED")
		assert.Equal(s, "60", r.Header.Get("Retry-After"))
		s.Advance(time.Second)
		s.pass(2)
		s.full("60")
		s.Now = t0.Add(-time.Hour) // a clock that was set back does not lock anyone out
		s.pass(2)
		s.full("60")
	},
	ruleRateRetryAfter: func(s *stage) {
		s.world.SetRateLimit(1, time.Minute)
		s.pass(1)
		s.Advance(500 * time.Millisecond)
		s.full("60")
		s.world.SetRetryAfter(false)
		s.full("")
		s.world.SetRetryAfter(true)
		s.Advance(59 * time.Second)
		s.full("1")
	},
}

func TestRateLimitAndFrozenClockExcludeEachOther(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	limited := s.Vendor.(core.Limited)
	s.Frozen = true
	s.Refuses("the clock is frozen", func() { s.world.SetRateLimit(1, time.Second) })
	on, documented := limited.RateLimits()
	assert.Empty(t, on)
	assert.Empty(t, documented, "the vendor publishes no figures")
	s.world.SetRateLimit(0, 0) // off is always possible
	s.Frozen = false
	s.world.SetRateLimit(1, time.Second)
	on, _ = limited.RateLimits()
	assert.Equal(t, []core.RateLimit{{Calls: 1, Per: time.Second}}, on)
	s.Refuses("no limit", func() { s.world.SetRateLimit(-1, time.Second) })
	s.Refuses("no limit", func() { s.world.SetRateLimit(1, 0) })
}

func TestRateLimitsOfTheServer(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	limited := s.Vendor.(core.Limited)
	set := func(limits ...core.RateLimit) (err error) {
		s.Act("", func(t *core.Turn) { err = limited.SetRateLimits(t, limits) })
		return err
	}
	minute := core.RateLimit{Calls: 2, Per: time.Minute}
	require.NoError(t, set(minute))
	on, _ := limited.RateLimits()
	assert.Equal(t, []core.RateLimit{minute}, on)
	s.pass(2)
	s.full("60")
	require.NoError(t, set(minute))
	s.pass(2) // the calls so far are forgotten

	require.ErrorContains(t, set(minute, minute), "the vendor has one limit, not 2")
	require.ErrorContains(t, set(core.RateLimit{Calls: 1}), "is no limit")
	s.full("60")
	require.NoError(t, set())
	on, _ = limited.RateLimits()
	assert.Empty(t, on)
	s.pass(3)
	s.Frozen = true
	require.ErrorContains(t, set(minute), "the clock is frozen")
	require.NoError(t, set())
}

// Failures that a test injects read as the vendor's own, on either side.
func TestDialects(t *testing.T) {
	t.Parallel()
	v := newStage(t).Vendor.(core.OpDialect)
	for status, want := range map[int][2]string{
		400: {`{"error":"body must be a JSON document","error_code":"INVALID_INPUT"}`, "INVALID_INPUT"},
		401: {`{"error":"This API key is not in use","error_code":"INVALID_API_KEY"}`, "INVALID_API_KEY"},
		404: {`{"error":"There is no such endpoint","error_code":"NOT_FOUND"}`, "NOT_FOUND"},
		408: {`{"error":"Request Timeout"}`, "REQUEST_TIMEOUT"},
		413: {`{"error":"Request Entity Too Large"}`, "REQUEST_ENTITY_TOO_LARGE"},
		429: {`{"error":"Too many requests","error_code":"RATE_LIMITED"}`, "RATE_LIMITED"},
		500: {`{"error":"Something went wrong here","error_code":"SERVER_ERROR"}`, "SERVER_ERROR"},
		503: {`{"error":"Service Unavailable"}`, "SERVICE_UNAVAILABLE"},
	} {
		for _, op := range []string{"", OpGetLicense} {
			a := v.FailureOf(op, status)
			assert.Equal(t, status, a.Status)
			assert.Equal(t, want[0], string(a.Body))
			assert.Equal(t, a, v.Failure(status))
		}
		for _, op := range []string{OpAuthenticate, OpRegister} {
			a := v.FailureOf(op, status)
			assert.Equal(t, status, a.Status)
			assert.Equal(t, `{"success":false,"message":"`+want[1]+`"}`, string(a.Body))
			assert.Equal(t, "*", a.Header.Get("Access-Control-Allow-Origin"))
		}
	}
}
