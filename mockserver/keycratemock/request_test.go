package keycratemock

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// required are the fields that each operation needs.
var required = map[string][]string{
	"license/create":                  {"app_id", "subscription_id", "duration_unit", "duration_value"},
	"license/create-bulk":             {"app_id", "subscription_id", "duration_unit", "duration_value", "key_amount"},
	"license/extend":                  {"license_key", "extend_seconds"},
	"license/extend-bulk":             {"license_keys", "extend_seconds"},
	"license/delete":                  {"license_key"},
	"license/delete-bulk":             {"license_keys"},
	"license/get":                     {"license_key"},
	"license/get-bulk":                {"app_id"},
	"license/update-status":           {"license_key", "status"},
	"license/update-status-bulk":      {"license_keys", "status"},
	"license/update-subscription":     {"license_key", "subscription_id"},
	"license/update-user-credentials": {"license_key", "username"},
	"license/update-metadata":         {"license_key", "metadata"},
	"hwid/edit":                       {"license_key"},
	"hwid/toggle-lock":                {"license_key", "hwid_lock"},
	"hwid/toggle-lock-bulk":           {"license_keys", "hwid_lock"},
	"hwid/toggle-reset-allowed":       {"license_key", "hwid_reset_allowed"},
	"hwid/update-reset-interval":      {"license_key", "hwid_reset_cooldown"},
	"subscription/create":             {"app_id", "name"},
	"subscription/edit":               {"subscription_id"},
	"subscription/delete":             {"subscription_id"},
	"subscription/get-bulk":           {"app_id"},
}

// without returns a body in which a field is called otherwise.
func without(body, field string) string {
	return strings.Replace(body, `"`+field+`":`, `"x_`+field+`":`, 1)
}

// field sends a value of one field with every operation whose good body has it
// or may have it.
func (s *stage) field(field, value string, paths ...string) (list []response) {
	s.Helper()
	bodies := goodBodies(s)
	for _, path := range paths {
		body, found := bodies[path]
		require.True(s, found, path)
		body = without(body, field)
		list = append(list, s.post(path, body[:len(body)-1]+`, "`+field+`": `+value+`}`))
	}
	require.NotEmpty(s, list)
	return list
}

// boundary sends right and wrong values of a field.
func (s *stage) boundary(field string, right, wrong []string, paths ...string) {
	s.Helper()
	for _, value := range right {
		for _, r := range s.field(field, value, paths...) {
			r.ok()
		}
	}
	for _, value := range wrong {
		for _, r := range s.field(field, value, paths...) {
			r.invalid(field)
		}
	}
}

var creations = []string{"license/create", "license/create-bulk"}

var requestProofs = proofs{
	ruleBodyMalformed: func(s *stage) {
		for path := range goodBodies(s) {
			for _, body := range []string{"", " ", "{", `{"a":}`, `{} {}`, "\ufeff{}", "{\"a\": \"\xff\"}", `[]`, `null`, `5`, `"{}"`, strings.Repeat("[", 20_000)} {
				s.post(path, body).invalid("body")
			}
		}
		s.auth(`[]`).told(400, "INVALID_INPUT")
		s.send("register", `{`).told(400, "INVALID_INPUT")
	},
	ruleBodyUnknown: func(s *stage) {
		s.seed("K", License{})
		s.post("license/get", `{"license_key": "K", "app": 1, "LicenseKey": "x", "zzz": {"deep": [1]}}`).ok().finds(
			`unknown field "LicenseKey" was ignored: the vendor's name is license_key`,
			`unknown field "app" was ignored`,
			`unknown field "zzz" was ignored`,
		)
		s.post("license/get", `{"license": "K"}`).invalid("license_key").
			finds(`unknown field "license" was ignored: the vendor's name is license_key`)
		s.post("hwid/update-reset-interval", `{"license_key": "K", "reset_interval": 1}`).invalid("hwid_reset_cooldown").
			finds(`the vendor's name is hwid_reset_cooldown`)
		s.auth(`{"app_id": "@app", "license_key": "K"}`).told(400, "INVALID_INPUT").finds(`the vendor's name is license`)
	},
	ruleBodyType: func(s *stage) {
		for field, c := range map[string]struct{ paths, values []string }{
			"license_key":     {[]string{"license/get", "hwid/edit"}, []string{`5`, `true`, `["K"]`, `{}`}},
			"license_keys":    {[]string{"license/delete-bulk"}, []string{`"K"`, `{}`, `5`}},
			"app_id":          {[]string{"license/get-bulk", "subscription/create"}, []string{`5`, `[]`}},
			"subscription_id": {[]string{"license/create", "subscription/delete"}, []string{`5`}},
			"duration_unit":   {creations, []string{`5`, `["days"]`}},
			"duration_value":  {creations, []string{`"7"`, `true`, `1e400`}},
			"hwid_lock":       {append([]string{"hwid/toggle-lock", "hwid/toggle-lock-bulk"}, creations...), []string{`1`, `"true"`, `[]`}},
			"metadata":        {append([]string{"license/update-metadata"}, creations...), []string{`[]`, `"{}"`, `5`, `true`}},
			"tags":            {append([]string{"license/get-bulk"}, creations...), []string{`"trial"`, `{}`, `5`}},
			"key_format":      {creations, []string{`5`, `[]`}},
			"key_numbers":     {creations, []string{`1`, `"yes"`}},
			"key_amount":      {[]string{"license/create-bulk"}, []string{`"2"`, `[2]`}},
			"extend_seconds":  {[]string{"license/extend", "license/extend-bulk"}, []string{`"60"`, `"30d"`, `[]`}},
			"status":          {[]string{"license/update-status", "license/get-bulk", "subscription/edit"}, []string{`1`, `true`}},
			"username":        {[]string{"license/update-user-credentials"}, []string{`5`}},
			"password":        {[]string{"license/update-user-credentials"}, []string{`5`, `{}`}},
			"hwid":            {[]string{"hwid/edit"}, []string{`5`, `false`, `[]`}},
			"name":            {[]string{"subscription/create", "subscription/edit"}, []string{`5`}},
			"level":           {[]string{"subscription/create", "subscription/edit"}, []string{`"2"`, `2.5`}},
			"per_page":        {[]string{"license/get-bulk"}, []string{`"50"`}},
			"search":          {[]string{"license/get-bulk"}, []string{`5`}},
		} {
			s.boundary(field, nil, c.values, c.paths...)
		}
		s.post("license/delete-bulk", `{"license_keys": ["K", 5]}`).invalid("license_keys[1]")
		s.post("license/delete-bulk", `{"license_keys": [null]}`).invalid("license_keys[0]")
		for _, field := range authFields {
			s.auth(`{"`+field+`": 5}`).told(400, "INVALID_INPUT")
		}
	},
	ruleBodyWhole: func(s *stage) {
		s.boundary("extend_seconds", []string{`60.0`, `6e1`}, []string{`60.5`}, "license/extend", "license/extend-bulk")
		s.boundary("key_amount", []string{`2.0`}, []string{`1.5`}, "license/create-bulk")
	},
	ruleBodyDuplicate: func(s *stage) {
		s.seed("K", License{DurationUnit: UnitDays, DurationValue: 1})
		s.post("license/extend", `{"license_key": "K", "extend_seconds": 1, "extend_seconds": 1}`).invalid("extend_seconds")
		s.post("license/get", `{"license_key": "K", "other": 1, "oth\u0065r": 1}`).invalid("other")
		s.auth(`{"app_id": "@app", "license": "K", "license": "K"}`).told(400, "INVALID_INPUT")
	},
	ruleBodyNull: func(s *stage) {
		l := s.create(`, "hwid_lock": null, "hwid_reset_allowed": null, "hwid_reset_cooldown": null, "metadata": null, "tags": null,
			"key_format": null, "key_uppercase": null, "key_lowercase": null, "key_numbers": null`)
		assert.Regexp(s, `^[A-Z0-9]{4}(-[A-Z0-9]{4}){3}$`, l.Key)
		s.post("license/get-bulk", `{"app_id": "@app", "status": null, "per_page": null, "page": null, "sort_field": null, "sort_order": null,
			"subscription_id": null, "tags": null, "search": null}`).lists(l.Key)
		s.post("license/update-user-credentials", `{"license_key": "`+l.Key+`", "username": "alice", "password": null}`).ok()
		s.auth(`{"app_id": "@app", "license": "`+l.Key+`", "username": null, "password": null, "hwid": null}`).told(200, CodeVerified)
		for path := range goodBodies(s) {
			for _, field := range required[path] {
				s.boundary(field, nil, []string{"null"}, path)
			}
		}
	},
	ruleBodyRequired: func(s *stage) {
		for path, body := range goodBodies(s) {
			require.NotEmpty(s, required[path], path)
			for _, field := range required[path] {
				s.post(path, without(body, field)).invalid(field)
			}
		}
	},
	ruleBoundUUID: func(s *stage) {
		for _, wrong := range []string{`"5"`, `""`, `"my app"`, `"00000000-0000-4000-8000-00000000a99"`, `"00000000-0000-4000-8000-00000000a99g"`,
			`"00000000x0000-4000-8000-00000000a991"`, `"{00000000-0000-4000-8000-0000000a991}"`} {
			s.boundary("app_id", nil, []string{wrong}, "license/create", "license/get-bulk", "subscription/create", "subscription/get-bulk")
			s.boundary("subscription_id", nil, []string{wrong}, "license/create", "license/update-subscription", "subscription/edit",
				"subscription/delete", "license/get-bulk")
			s.auth(`{"license": "K", "app_id": `+wrong+`}`).told(400, "INVALID_INPUT")
			s.send("register", `{"license": "K", "username": "a", "password": "b", "app_id": `+wrong+`}`).told(400, "INVALID_INPUT")
		}
		s.seed("K", License{Tags: []string{"this"}})
		upper := strings.ToUpper(defaultAppID)
		s.post("license/get-bulk", `{"app_id": "`+upper+`", "subscription_id": "`+strings.ToUpper(s.sub.ID)+`", "tags": ["this"]}`).lists("K")
		s.auth(`{"app_id": "`+upper+`", "license": "K"}`).told(200, CodeVerified)
		s.send("register", `{"app_id": "`+upper+`", "license": "K", "username": "a", "password": "b"}`).told(200, CodeRegistered)
	},
	ruleBoundKey: func(s *stage) {
		for path, body := range goodBodies(s) {
			if strings.Contains(body, `"license_key":`) {
				s.boundary("license_key", nil, []string{`""`}, path)
			}
		}
	},
	ruleBoundKeys: func(s *stage) {
		keys := make([]string, maxBulk+1)
		for i := range keys {
			keys[i] = fmt.Sprintf(`"K%d"`, i)
			s.seed(keys[i][1:len(keys[i])-1], License{})
		}
		most, more := "["+strings.Join(keys[1:], ",")+"]", "["+strings.Join(keys, ",")+"]"
		for path, body := range goodBodies(s) {
			if strings.Contains(body, `"license_keys":`) {
				s.boundary("license_keys", nil, []string{`[]`, more}, path)
			}
		}
		s.boundary("license_keys", []string{most}, nil, "hwid/toggle-lock-bulk", "license/update-status-bulk", "license/delete-bulk")
		s.license("K0")
	},
	ruleBoundItems: func(s *stage) {
		s.seed("K", License{})
		s.post("license/delete-bulk", `{"license_keys": ["K", ""]}`).invalid("license_keys[1]")
		s.post("license/get-bulk", `{"app_id": "@app", "tags": [""]}`).invalid("tags[0]")
		for _, r := range s.field("tags", `["a", ""]`, creations...) {
			r.invalid("tags[1]")
		}
		s.license("K")
	},
	ruleBoundHWID: func(s *stage) {
		s.boundary("hwid", []string{quoted("é", 256), `"x"`}, []string{quoted("é", 257)}, "hwid/edit")
		s.seed("K", License{HWIDLock: true})
		s.auth(`{"app_id": "@app", "license": "K", "hwid": `+quoted("é", 257)+`}`).told(400, "INVALID_INPUT")
		s.auth(`{"app_id": "@app", "license": "K", "hwid": `+quoted("é", 256)+`}`).told(200, CodeVerifiedUnused)
	},
	ruleBoundUsername: func(s *stage) {
		s.boundary("username", []string{quoted("é", 64), `"x"`}, []string{`""`, quoted("é", 65)}, "license/update-user-credentials")
		s.seed("K", License{})
		s.send("register", `{"app_id": "@app", "license": "K", "password": "b", "username": `+quoted("a", 65)+`}`).told(400, "INVALID_INPUT")
		assert.Equal(s, AuthResult{Code: CodeInvalidInput}, s.world.Register("K", strings.Repeat("a", 65), "b"))
	},
	ruleBoundPassword: func(s *stage) {
		s.boundary("password", []string{quoted("é", 1024), `"x"`}, []string{`""`, quoted("é", 1025)}, "license/update-user-credentials")
		s.seed("K", License{})
		s.send("register", `{"app_id": "@app", "license": "K", "username": "a", "password": `+quoted("b", 1025)+`}`).told(400, "INVALID_INPUT")
	},
	ruleBoundName: func(s *stage) {
		s.boundary("name", []string{quoted("é", 64), `"x"`}, []string{`""`, quoted("é", 65)}, "subscription/create", "subscription/edit")
	},
	ruleBoundLevel: func(s *stage) {
		s.boundary("level", []string{`0`, `99`}, []string{`-1`}, "subscription/create", "subscription/edit")
	},
	ruleBoundFormat: func(s *stage) {
		s.boundary("key_format", []string{quoted("*", 128)}, []string{`""`, quoted("*", 129)}, creations...)
	},
	ruleBoundCooldown: func(s *stage) {
		s.boundary("hwid_reset_cooldown", []string{`0`}, []string{`-1`}, append([]string{"hwid/update-reset-interval"}, creations...)...)
	},
	ruleCooldownMax: func(s *stage) {
		s.boundary("hwid_reset_cooldown", []string{`3153600000`}, []string{`3153600001`, `9223372036854775807`},
			append([]string{"hwid/update-reset-interval"}, creations...)...)
	},
	ruleKeyExact: func(s *stage) {
		s.seed("Ab/c d?é", License{})
		s.post("license/get", `{"license_key": "Ab/c d?\u00e9"}`).ok()
		for _, other := range []string{"ab/c d?é", "Ab", " Ab/c d?é", "Ab/c d?e\u0301"} {
			s.post("license/get", `{"license_key": "`+other+`"}`).refused(404, "LICENSE_NOT_FOUND")
			s.login(other, "pc").told(404, CodeLicenseNotFound)
		}
	},
	ruleKeysOnce: func(s *stage) {
		for _, key := range []string{"A", "B"} {
			s.seed(key, License{DurationUnit: UnitDays, DurationValue: 1})
		}
		s.post("license/extend-bulk", `{"license_keys": ["B", "A", "B"], "extend_seconds": 60}`).lists("B", "A")
		assert.Equal(s, int64(86460), s.license("B").DurationSeconds)
		s.post("license/delete-bulk", `{"license_keys": ["A", "A", "B", "A"]}`).ok().has("data", `{"deleted":2}`)
	},
	ruleKeyUnique: func(s *stage) {
		s.create(`, "key_format": "ONE"`)
		other := s.world.AddSubscription(Subscription{AppID: s.world.AddApp("other").ID})
		s.post("license/create", `{"app_id": "`+other.AppID+`", "subscription_id": "`+other.ID+`", "duration_unit": "lifetime", "key_format": "ONE"}`).
			refused(400, "INVALID_INPUT")
		seen := map[string]bool{}
		for _, key := range s.post("license/create-bulk", `{"app_id": "@app", "subscription_id": "@sub", "duration_unit": "lifetime",
			"key_format": "**", "key_uppercase": false, "key_amount": 100}`).ok().keys() {
			assert.Regexp(s, `^[0-9][0-9]$`, key)
			seen[key] = true
		}
		assert.Len(s, seen, 100)
	},
}

// TestFindingsStayFew sends more nonsense than anyone wants to read.
func TestFindingsStayFew(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.seed("K", License{})
	var body strings.Builder
	for i := range 500 {
		fmt.Fprintf(&body, `"unknown%d": %d, "%s%d": 1, `, i, i, strings.Repeat("y", 200), i)
	}
	r := s.post("license/get", "{"+body.String()+`"license_key": "K"}`).ok()
	require.Len(t, r.Turn.Findings, core.MaxNotes+1)
	assert.Contains(t, r.Turn.Findings[core.MaxNotes], "990 more")
}

// TestNothingTellsSecrets: what a client sends may be one, and neither findings
// nor effects nor answers show a password or an API key.
func TestNothingTellsSecrets(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const secret = "s3cr3t"
	s.seed("K", License{})
	for _, r := range []response{
		s.post("license/get", `{"license_key": "K", "password": "`+secret+`", "api_key": "`+secret+`"}`),
		s.post("license/update-user-credentials", `{"license_key": "K", "username": "alice", "password": "`+secret+`"}`),
		s.post("license/get?key="+secret, `{"license_key": "K"}`),
		s.auth(`{"app_id": "@app", "username": "alice", "password": "`+secret+`"}`, as(secret)),
		s.send("license/get", `{}`, with("Authorization", secret)),
	} {
		assert.NotContains(t, string(r.Body)+strings.Join(r.Turn.Findings, "\n"), secret)
	}
	key := s.world.AddAPIKey()
	assert.NotContains(t, fmt.Sprint(s.Effects), secret)
	assert.NotContains(t, fmt.Sprint(s.Effects), key)
}
