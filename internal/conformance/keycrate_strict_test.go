package conformance

import "testing"

// What only Keycrate's document has to say no to, and what every document does.
func TestTheContractForgivesNothingOfKeycrate(t *testing.T) {
	t.Parallel()
	assertForgivesNothing(t, "keycrate", []spoiling{
		{"a field is missing", "getLicense 200", inAnswer(`"duration_unit":"days",`, ``), `property "duration_unit" is missing`},
		{"a field of a list is missing", "listLicenses 200", inAnswer(`"total":0,`, ``), `property "total" is missing`},
		{"a field of many is missing", "updateLicenseStatusBulk 200", inAnswer(`"hwid_lock":true,`, ``), `property "hwid_lock" is missing`},
		{"a field too many", "getLicense 200", inAnswer(`"status":"active"`, `"status":"active","password":"x"`), `property "password" is unsupported`},
		{"a field of the end user's too many", "authenticate 200", inAnswer(`"status":"active"`, `"status":"active","metadata":{}`), `property "metadata" is unsupported`},
		{"a field of the tier is missing", "authenticate 200", inAnswer(`"level":2,`, ``), `property "level" is missing`},
		{"another type", "getLicense 200", inAnswer(`"hwid_reset_cooldown":86400`, `"hwid_reset_cooldown":"86400"`), "value must be an integer"},
		{"null where there is none", "getLicense 200", inAnswer(`"tags":["trial","batch-001"]`, `"tags":null`), "not nullable"},
		{"no time", "getLicense 200", inAnswer(`"2026-01-01T00:00:00.000Z"`, `1767225600`), "value must be a string"},
		{"an id in another form", "getLicense 200", inAnswer(`"10000000-0000-4000-8000-000000000001"`, `"1"`), "uuid"},
		{"an answer cut off", "deleteLicense 200", inAnswer(`}`, ``), "failed to decode"},
		{"another media type", "getLicense 200", func(x *exchange) { x.resp.Header.Set("Content-Type", "text/html") }, "text/html"},
		{"a creation that is told apart", "createLicense 200", func(x *exchange) { x.resp.StatusCode = 201 }, "status is not supported"},
		{"an undocumented refusal", "getLicense 401", func(x *exchange) { x.resp.StatusCode = 409 }, "status is not supported"},
		{"a refusal without a code", "getLicense 404", inAnswer(`,"error_code":"LICENSE_NOT_FOUND"`, ``), `property "error_code" is missing`},
		{"a refusal in the end user's form", "getLicense 404", inAnswer(`{`, `{"success":false,`), `property "success" is unsupported`},
		{"an end user's refusal in the other form", "authenticate 404", inAnswer(`{`, `{"error_code":"X",`), `property "error_code" is unsupported`},
		{"a wait that is no number", "getLicense 429", func(x *exchange) { x.resp.Header.Set("Retry-After", "soon") }, "Retry-After"},

		{"an unknown field", "createLicense 200", inRequest(`"hwid_lock":true`, `"lock":true`), `property "lock" is unsupported`},
		{"a required field left out", "setHWIDLock 200", inRequest(`"hwid_lock":false,`, ``), `property "hwid_lock" is missing`},
		{"a bound broken", "extendLicense 200", inRequest(`"extend_seconds":2592000`, `"extend_seconds":0`), "at least 1"},
		{"an unknown word", "updateLicenseStatus 200", inRequest(`"paused"`, `"expired"`), "status"},
		{"an unknown unit", "createLicense 200", inRequest(`"months"`, `"month"`), "duration_unit"},
		{"no UUID", "listSubscriptions 200", inRequest(`10000000-`, `1-`), "uuid"},
		{"an empty list", "deleteLicensesBulk 200", func(x *exchange) { x.sent = []byte(`{"license_keys":[]}`) }, "minimum number of items"},
		{"null for a flag", "setHWIDLock 200", inRequest(`"hwid_lock":false`, `"hwid_lock":null`), "not nullable"},
		{"an edit of nothing", "editSubscription 200", func(x *exchange) {
			x.sent = []byte(`{"subscription_id":"20000000-0000-4000-8000-000000000001"}`)
		}, "properties"},
		{"a body left out", "getLicense 200", func(x *exchange) { x.sent = nil }, "value is required"},
		{"a body of another type", "getLicense 200", func(x *exchange) { x.req.Header.Set("Content-Type", "text/plain") }, "text/plain"},
		{"a parameter", "getLicense 200", query("license_key=a"), "no query parameter license_key"},
		{"no credentials", "getLicense 200", func(x *exchange) { x.req.Header.Del("x-api-key") }, "bare API key"},
		{"credentials of another kind", "getLicense 200", func(x *exchange) {
			x.req.Header.Del("x-api-key")
			x.req.Header.Set("Authorization", "Bearer key")
		}, "bare API key"},
		{"another method", "getLicense 200", func(x *exchange) { x.req.Method = "GET" }, "no such operation"},
	})
}
