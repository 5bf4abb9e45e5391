package keycratemock

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// The worked exchanges: short stories across several rules, in raw JSON.

// exchange asserts one whole answer. In want, @app, @sub and @id stand for the
// ids of the stage's app and subscription and of license K.
func (s *stage) exchange(path, body string, status int, want string) {
	s.Helper()
	id := s.license("K").ID
	r := s.post(path, body, as(map[bool]string{false: s.world.APIKey()}[path == "auth" || path == "register"]))
	assert.Equal(s, status, r.Status)
	want = strings.NewReplacer("@app", defaultAppID, "@sub", s.sub.ID, "@id", id, "\n", "", "\t", "").Replace(want)
	assert.Equal(s, want, string(r.Body), "%s %s", path, body)
}

func TestVectorLifeOfALicense(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	r := s.post("license/create", `{"app_id": "@app", "subscription_id": "@sub", "duration_unit": "days", "duration_value": 7,
		"hwid_lock": true, "tags": ["trial", "batch-001"], "key_format": "K"}`)
	fresh := `{"success":true,"data":{"key":"K","id":"@id","app_id":"@app","subscription_id":"@sub","status":"active","username":null,
		"hwid_lock":true,"hwid":null,"hwid_reset_allowed":false,"hwid_reset_cooldown":0,"last_hwid_reset_at":null,
		"duration_unit":"days","duration_value":7,"duration_seconds":604800,"activated_at":null,"expires_at":null,"metadata":{},
		"tags":["trial","batch-001"],"created_at":"2025-11-02T10:00:00.000Z","updated_at":"2025-11-02T10:00:00.000Z"}}`
	s.exchange("license/get", `{"license_key": "K"}`, 200, fresh)
	r.has("data.key", `"K"`)

	s.Advance(time.Hour)
	s.exchange("auth", `{"app_id": "@app", "license": "K", "hwid": "pc"}`, 200,
		`{"success":true,"message":"LICENSE_VERIFIED_UNUSED_AND_LOCKED_KEY","data":{"key":"K","status":"active","username":null,
		"expires_at":"2025-11-09T11:00:00.000Z","activated_at":"2025-11-02T11:00:00.000Z","hwid":"pc","hwid_lock":true,
		"hwid_reset_allowed":false,"hwid_reset_cooldown":0,"last_hwid_reset_at":null,"subscription":{"id":"@sub","name":"basic","level":1}}}`)
	s.exchange("auth", `{"app_id": "@app", "license": "K", "hwid": "phone"}`, 403,
		`{"success":false,"message":"HWID_MISMATCH","data":{"hwid_reset_allowed":false,"last_hwid_reset_at":null,"hwid_reset_cooldown":0}}`)
	s.exchange("license/extend", `{"license_key": "K", "extend_seconds": 3600}`, 200,
		`{"success":true,"data":{"key":"K","id":"@id","app_id":"@app","subscription_id":"@sub","status":"active","username":null,
		"hwid_lock":true,"hwid":"pc","hwid_reset_allowed":false,"hwid_reset_cooldown":0,"last_hwid_reset_at":null,
		"duration_unit":"days","duration_value":7,"duration_seconds":608400,"activated_at":"2025-11-02T11:00:00.000Z",
		"expires_at":"2025-11-09T12:00:00.000Z","metadata":{},"tags":["trial","batch-001"],
		"created_at":"2025-11-02T10:00:00.000Z","updated_at":"2025-11-02T11:00:00.000Z"}}`)
	s.Advance(8 * day)
	s.exchange("auth", `{"app_id": "@app", "license": "K", "hwid": "pc"}`, 403,
		`{"success":false,"message":"LICENSE_EXPIRED","data":{"expires_at":"2025-11-09T12:00:00.000Z"}}`)
	s.post("license/delete", `{"license_key": "K"}`).ok()
	assert.Equal(t, `{"error":"There is no such license","error_code":"LICENSE_NOT_FOUND"}`, string(s.post("license/delete", `{"license_key": "K"}`).Body))
}

func TestVectorRefusals(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.seed("K", License{SubscriptionID: s.sub.ID})
	s.exchange("license/extend", `{"license_key": "K", "extend_seconds": 60}`, 400,
		`{"error":"a lifetime license cannot be extended","error_code":"INVALID_INPUT"}`)
	s.exchange("license/extend", `{"license_key": "K"}`, 400, `{"error":"extend_seconds is required","error_code":"INVALID_INPUT"}`)
	s.exchange("license/update-status", `{"license_key": "K", "status": "banned"}`, 400,
		`{"error":"status must be one of active, paused","error_code":"INVALID_INPUT"}`)
	s.exchange("license/get-bulk", `{"app_id": "`+noUUID+`"}`, 404, `{"error":"There is no such app","error_code":"APP_NOT_FOUND"}`)
	s.exchange("register", `{"app_id": "@app"}`, 400, `{"success":false,"message":"INVALID_INPUT"}`)
	s.exchange("register", `{"app_id": "@app", "license": "K", "username": "alice", "password": "pw"}`, 200,
		`{"success":true,"message":"REGISTRATION_SUCCESSFUL"}`)
	s.exchange("auth", `{"app_id": "@app", "username": "alice", "password": "no"}`, 401,
		`{"success":false,"message":"INVALID_USERNAME_OR_PASSWORD"}`)
}

// Retried as the vendor's page advises, an extension whose answer was lost adds
// its time twice.
func TestVectorRepeatedExtension(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.seed("K", week(License{ActivatedAt: t0}))
	s.extend("K", "2592000")
	s.extend("K", "2592000")
	assert.Equal(t, t0.Add(67*day), s.license("K").ExpiresAt)
}

// Twice the same toggle is once.
func TestVectorRepeatedToggle(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.seed("K", License{})
	s.Effects = nil
	for range 2 {
		s.post("hwid/toggle-lock", `{"license_key": "K", "hwid_lock": true}`).ok().has("data.hwid_lock", "true")
	}
	assert.Equal(t, []string{"license.updated K"}, s.Kinds())
}
