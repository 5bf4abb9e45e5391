package openapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/internal/wire"
)

var keycrate = vendor{
	file:       "keycrate.yaml",
	server:     "https://api.keycrate.dev",
	mediaType:  "application/json",
	credential: openapi3.SecurityScheme{Type: "apiKey", In: "header", Name: "x-api-key"},
	page: map[string]string{
		"POST /license/create":                  "createLicense Once",
		"POST /license/create-bulk":             "createLicensesBulk Once",
		"POST /license/extend":                  "extendLicense Once",
		"POST /license/extend-bulk":             "extendLicensesBulk Once",
		"POST /license/delete":                  "deleteLicense Idempotent",
		"POST /license/delete-bulk":             "deleteLicensesBulk Idempotent",
		"POST /license/get":                     "getLicense Read",
		"POST /license/get-bulk":                "listLicenses Read",
		"POST /license/update-status":           "updateLicenseStatus Idempotent",
		"POST /license/update-status-bulk":      "updateLicenseStatusBulk Idempotent",
		"POST /license/update-subscription":     "updateLicenseSubscription Idempotent",
		"POST /license/update-user-credentials": "updateLicenseCredentials Idempotent",
		"POST /license/update-metadata":         "updateLicenseMetadata Idempotent",
		"POST /hwid/edit":                       "editHWID Idempotent",
		"POST /hwid/toggle-lock":                "setHWIDLock Once",
		"POST /hwid/toggle-lock-bulk":           "setHWIDLockBulk Once",
		"POST /hwid/toggle-reset-allowed":       "setHWIDResetAllowed Once",
		"POST /hwid/update-reset-interval":      "setHWIDResetInterval Idempotent",
		"POST /subscription/create":             "createSubscription Once",
		"POST /subscription/edit":               "editSubscription Idempotent",
		"POST /subscription/delete":             "deleteSubscription Idempotent",
		"POST /subscription/get-bulk":           "listSubscriptions Read",
		"POST /auth":                            "authenticate Idempotent",
		"POST /register":                        "register Once",
	},
	refusals:   map[string]string{}, // the page has their form and codes, and none in full
	nulls:      true,
	posts:      true,
	open:       []string{"authenticate", "register"},
	operations: keycratewire.Operations(),
	requests:   keycrateRequests,
	bodies: map[string]func([]byte) (transport.Request, error){
		"createLicense":             rebuild(keycratewire.NewCreateLicenseRequest),
		"createLicensesBulk":        rebuild(keycratewire.NewCreateLicensesBulkRequest),
		"extendLicense":             rebuild(keycratewire.NewExtendLicenseRequest),
		"extendLicensesBulk":        rebuild(keycratewire.NewExtendLicensesBulkRequest),
		"deleteLicense":             rebuild(keycratewire.NewDeleteLicenseRequest),
		"deleteLicensesBulk":        rebuild(keycratewire.NewDeleteLicensesBulkRequest),
		"getLicense":                rebuild(keycratewire.NewGetLicenseRequest),
		"listLicenses":              rebuild(keycratewire.NewListLicensesRequest),
		"updateLicenseStatus":       rebuild(keycratewire.NewUpdateLicenseStatusRequest),
		"updateLicenseStatusBulk":   rebuild(keycratewire.NewUpdateLicenseStatusBulkRequest),
		"updateLicenseSubscription": rebuild(keycratewire.NewUpdateLicenseSubscriptionRequest),
		"updateLicenseCredentials":  rebuild(keycratewire.NewUpdateLicenseCredentialsRequest),
		"updateLicenseMetadata":     rebuild(keycratewire.NewUpdateLicenseMetadataRequest),
		"editHWID":                  rebuild(keycratewire.NewEditHWIDRequest),
		"setHWIDLock":               rebuild(keycratewire.NewSetHWIDLockRequest),
		"setHWIDLockBulk":           rebuild(keycratewire.NewSetHWIDLockBulkRequest),
		"setHWIDResetAllowed":       rebuild(keycratewire.NewSetHWIDResetAllowedRequest),
		"setHWIDResetInterval":      rebuild(keycratewire.NewSetHWIDResetIntervalRequest),
		"createSubscription":        rebuild(keycratewire.NewCreateSubscriptionRequest),
		"editSubscription":          rebuild(keycratewire.NewEditSubscriptionRequest),
		"deleteSubscription":        rebuild(keycratewire.NewDeleteSubscriptionRequest),
		"listSubscriptions":         rebuild(keycratewire.NewListSubscriptionsRequest),
		"authenticate":              rebuild(keycratewire.NewAuthenticateRequest),
		"register":                  rebuild(keycratewire.NewRegisterRequest),
	},
	answers: map[string]func([]byte) error{
		"createLicense":             holding[keycratewire.LicenseResponse, keycratewire.License],
		"createLicensesBulk":        holding[keycratewire.LicenseListResponse, []keycratewire.License],
		"extendLicense":             holding[keycratewire.LicenseResponse, keycratewire.License],
		"extendLicensesBulk":        holding[keycratewire.LicenseListResponse, []keycratewire.License],
		"deleteLicense":             holding[keycratewire.DeletionResponse, keycratewire.Deletion],
		"deleteLicensesBulk":        holding[keycratewire.DeletionResponse, keycratewire.Deletion],
		"getLicense":                holding[keycratewire.LicenseResponse, keycratewire.License],
		"listLicenses":              holding[keycratewire.LicensePageResponse, []keycratewire.License],
		"updateLicenseStatus":       holding[keycratewire.LicenseResponse, keycratewire.License],
		"updateLicenseStatusBulk":   holding[keycratewire.LicenseListResponse, []keycratewire.License],
		"updateLicenseSubscription": holding[keycratewire.LicenseResponse, keycratewire.License],
		"updateLicenseCredentials":  holding[keycratewire.LicenseResponse, keycratewire.License],
		"updateLicenseMetadata":     holding[keycratewire.LicenseResponse, keycratewire.License],
		"editHWID":                  holding[keycratewire.LicenseResponse, keycratewire.License],
		"setHWIDLock":               holding[keycratewire.LicenseResponse, keycratewire.License],
		"setHWIDLockBulk":           holding[keycratewire.LicenseListResponse, []keycratewire.License],
		"setHWIDResetAllowed":       holding[keycratewire.LicenseResponse, keycratewire.License],
		"setHWIDResetInterval":      holding[keycratewire.LicenseResponse, keycratewire.License],
		"createSubscription":        holding[keycratewire.SubscriptionResponse, keycratewire.Subscription],
		"editSubscription":          holding[keycratewire.SubscriptionResponse, keycratewire.Subscription],
		"deleteSubscription":        holding[keycratewire.SubscriptionDeletionResponse, keycratewire.SubscriptionDeletion],
		"listSubscriptions":         holding[keycratewire.SubscriptionListResponse, []keycratewire.Subscription],
		"authenticate":              holding[keycratewire.AuthenticateResponse, keycratewire.VerifiedLicense],
		"register":                  strictly[keycratewire.RegisterResponse],
	},
	refusal: keycrateRefusal,
}

// holding reads an answer whose data is kept raw, and its data, into models.
func holding[Response, Data any](raw []byte) error {
	var response Response
	var data Data
	var kept struct{ Data json.RawMessage }
	return errors.Join(
		decodeStrictly(raw, &response), readable(reflect.ValueOf(response)),
		json.Unmarshal(raw, &kept), decodeStrictly(kept.Data, &data), readable(reflect.ValueOf(data)),
	)
}

// readable asks every lenient field for its value, since reading it told nothing.
func readable(v reflect.Value) error {
	var errs []error
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			errs = append(errs, readable(v.Index(i)))
		}
	case reflect.Struct:
		if get := v.MethodByName("Get"); get.IsValid() {
			result := get.Call(nil)
			err, _ := result[1].Interface().(error)
			errs = append(errs, err, readable(result[0]))
			break
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				errs = append(errs, readable(v.Field(i)))
			}
		}
	}
	return errors.Join(errs...)
}

// keycrateRefusal reads a refusal in the one of two forms that it has.
func keycrateRefusal(raw []byte) error {
	if strings.Contains(string(raw), `"error_code"`) {
		return strictly[keycratewire.Error](raw)
	}
	var refusal keycratewire.EndUserError
	err := decodeStrictly(raw, &refusal)
	if refusal.Data == nil {
		return err
	}
	var data keycratewire.RefusedLicense
	return errors.Join(err, decodeStrictly(refusal.Data, &data), readable(reflect.ValueOf(data)))
}

// A test that reads leniently could not tell a wrong example from a right one.
func TestKeycrateExamplesAreReadStrictly(t *testing.T) {
	t.Parallel()
	answer := func(data string) []byte { return []byte(`{"success":true,"data":` + data + `}`) }
	read := keycrate.answers["getLicense"]
	require.NoError(t, read(answer(`{"key":"k","hwid_reset_cooldown":7,"tags":["t"]}`)))
	for _, data := range []string{`{"hwid_reset_cooldown":"soon"}`, `{"key":7}`, `{"expires_at":"soon"}`, `{"tags":"t"}`, `{"note":"n"}`, `[]`, `"k"`} {
		assert.Error(t, read(answer(data)), data)
	}
	assert.Error(t, keycrate.answers["listLicenses"](answer(`[{"key":"k"},{"key":7}]`)))
	assert.Error(t, keycrate.answers["authenticate"](answer(`{"subscription":{"level":"x"}}`)))
	assert.Error(t, read([]byte(`{"success":"yes","data":{}}`)))
	assert.Error(t, keycrateRefusal([]byte(`{"error_code":"X","message":"m"}`)))
	assert.Error(t, keycrateRefusal([]byte(`{"message":"m","error":"e"}`)))
	assert.Error(t, keycrateRefusal([]byte(`{"message":"m","data":{"hwid_reset_allowed":"x"}}`)))
}

// Everything says how well it is known, since hardly anything is published.
func TestKeycrateMarksEverything(t *testing.T) {
	t.Parallel()
	doc := load(t, keycrate.file)
	marked := func(extensions map[string]any, place string) {
		mark, _ := extensions["x-provenance"].(string)
		assert.Regexp(t, provenance, mark, place)
	}
	for _, op := range operations(doc) {
		marked(op.Extensions, op.OperationID)
		for name, example := range op.RequestBody.Value.Content["application/json"].Examples {
			marked(example.Value.Extensions, op.OperationID+" request "+name)
		}
		for status, response := range op.Responses.Map() {
			if status >= "300" {
				marked(response.Value.Extensions, op.OperationID+" "+status)
			}
			for name, example := range contentExamples(response) {
				marked(example.Value.Extensions, op.OperationID+" "+status+" "+name)
			}
		}
	}
	for name, schema := range doc.Components.Schemas {
		marked(schema.Value.Extensions, name)
	}
	for place, mark := range keycrateMarks(doc) {
		marked(map[string]any{"x-provenance": mark}, place)
	}
}

// keycrateMarks returns the mark of every field, which stands beside a
// reference where the field is one.
func keycrateMarks(doc *openapi3.T) map[string]string {
	found := map[string]string{}
	for name, schema := range doc.Components.Schemas {
		for property, ref := range schema.Value.Properties {
			extensions := ref.Value.Extensions
			if ref.Ref != "" {
				extensions = ref.Extensions
			}
			found[name+"."+property], _ = extensions["x-provenance"].(string)
		}
	}
	return found
}

// keycrateKnown are the fields that somebody has published or uses where they
// stand. All others are a guess, and must say so.
var keycrateKnown = map[string][]string{
	"documented": {
		"AuthenticateRequest.app_id", "AuthenticateRequest.license", "AuthenticateRequest.username",
		"AuthenticateRequest.password", "AuthenticateRequest.hwid",
		"AuthenticateResponse.success", "AuthenticateResponse.message", "AuthenticateResponse.data",
		"CreateLicenseRequest.app_id", "CreateLicenseRequest.subscription_id", "CreateLicenseRequest.duration_unit",
		"CreateLicenseRequest.duration_value", "CreateLicenseRequest.hwid_lock", "CreateLicenseRequest.tags",
		"CreateLicensesBulkRequest.key_amount", "CreateLicensesBulkRequest.app_id", "CreateLicensesBulkRequest.subscription_id",
		"CreateLicensesBulkRequest.duration_unit", "CreateLicensesBulkRequest.duration_value",
		"CreateLicensesBulkRequest.hwid_lock", "CreateLicensesBulkRequest.tags",
		"ExtendLicensesBulkRequest.license_keys", "ExtendLicensesBulkRequest.extend_seconds",
		"ListLicensesRequest.app_id", "ListLicensesRequest.status", "ListLicensesRequest.per_page",
		"ListLicensesRequest.sort_field", "ListLicensesRequest.sort_order",
		"UpdateLicenseStatusRequest.license_key", "UpdateLicenseStatusRequest.status",
		"CreateSubscriptionRequest.app_id", "CreateSubscriptionRequest.name", "CreateSubscriptionRequest.level",
		"CreateSubscriptionRequest.single_key_per_hwid",
		"LicensePageResponse.data",
		"License.subscription_id", "License.status", "License.username", "License.metadata", "License.tags", "License.created_at",
		"Subscription.name", "Subscription.level", "Subscription.single_key_per_hwid",
		"Error.error", "Error.error_code",
		"EndUserError.success", "EndUserError.message",
	},
	"observed": {
		"RegisterRequest.app_id", "RegisterRequest.license", "RegisterRequest.username", "RegisterRequest.password",
		"RegisterResponse.success", "RegisterResponse.message", "RegisterResponse.data",
		"License.key", "License.hwid_reset_allowed", "License.hwid_reset_cooldown", "License.last_hwid_reset_at", "License.expires_at",
		"VerifiedLicense.key", "VerifiedLicense.hwid_reset_allowed", "VerifiedLicense.hwid_reset_cooldown",
		"VerifiedLicense.last_hwid_reset_at", "VerifiedLicense.expires_at",
		"RefusedLicense.expires_at", "RefusedLicense.hwid_reset_allowed", "RefusedLicense.hwid_reset_cooldown", "RefusedLicense.last_hwid_reset_at",
		"EndUserError.data",
	},
}

func TestKeycrateClaimsNoMoreThanIsKnown(t *testing.T) {
	t.Parallel()
	claimed := map[string][]string{}
	for place, mark := range keycrateMarks(load(t, keycrate.file)) {
		word, _, _ := strings.Cut(mark, ":")
		claimed[word] = append(claimed[word], place)
	}
	assert.ElementsMatch(t, keycrateKnown["documented"], claimed["documented"])
	assert.ElementsMatch(t, keycrateKnown["observed"], claimed["observed"])
	assert.Len(t, claimed, 3)
}

// The requests that are published or used in full have their fields.
func TestKeycratePublishedRequestsHaveTheirFields(t *testing.T) {
	t.Parallel()
	doc := load(t, keycrate.file)
	for place, fields := range map[string][]string{
		"/license/create-bulk trial":   {"app_id", "duration_unit", "duration_value", "hwid_lock", "key_amount", "subscription_id", "tags"},
		"/license/extend-bulk month":   {"extend_seconds", "license_keys"},
		"/license/update-status pause": {"license_key", "status"},
		"/license/get-bulk active":     {"app_id", "per_page", "sort_field", "sort_order", "status"},
		"/subscription/create premium": {"app_id", "level", "name", "single_key_per_hwid"},
		"/auth license":                {"app_id", "hwid", "license"},
		"/auth credentials":            {"app_id", "password", "username"},
		"/register both":               {"app_id", "license", "password", "username"},
	} {
		path, name, _ := strings.Cut(place, " ")
		example := doc.Paths.Value(path).Post.RequestBody.Value.Content["application/json"].Examples[name]
		require.NotNil(t, example, place)
		body, _ := example.Value.Value.(map[string]any)
		assert.Equal(t, fields, slices.Sorted(maps.Keys(body)), place)
		mark, _ := example.Value.Extensions["x-provenance"].(string)
		assert.NotContains(t, mark, "assumed", place)
	}
}

// keycrateCodes are the codes of every refusal; all operations with an API key
// have those of keycrateCommon too.
var keycrateCodes = map[string]string{
	"createLicense 404":             "APP_NOT_FOUND SUBSCRIPTION_NOT_FOUND",
	"createLicensesBulk 404":        "APP_NOT_FOUND SUBSCRIPTION_NOT_FOUND",
	"extendLicense 404":             "LICENSE_NOT_FOUND",
	"extendLicensesBulk 404":        "LICENSE_NOT_FOUND",
	"deleteLicense 404":             "LICENSE_NOT_FOUND",
	"deleteLicensesBulk 404":        "LICENSE_NOT_FOUND",
	"getLicense 404":                "LICENSE_NOT_FOUND",
	"listLicenses 404":              "APP_NOT_FOUND",
	"updateLicenseStatus 404":       "LICENSE_NOT_FOUND",
	"updateLicenseStatusBulk 404":   "LICENSE_NOT_FOUND",
	"updateLicenseSubscription 404": "LICENSE_NOT_FOUND SUBSCRIPTION_NOT_FOUND",
	"updateLicenseSubscription 409": "HWID_IN_USE",
	"updateLicenseCredentials 404":  "LICENSE_NOT_FOUND",
	"updateLicenseCredentials 409":  "USERNAME_TAKEN",
	"updateLicenseMetadata 404":     "LICENSE_NOT_FOUND",
	"editHWID 404":                  "LICENSE_NOT_FOUND",
	"editHWID 409":                  "HWID_IN_USE",
	"setHWIDLock 404":               "LICENSE_NOT_FOUND",
	"setHWIDLockBulk 404":           "LICENSE_NOT_FOUND",
	"setHWIDResetAllowed 404":       "LICENSE_NOT_FOUND",
	"setHWIDResetInterval 404":      "LICENSE_NOT_FOUND",
	"createSubscription 404":        "APP_NOT_FOUND",
	"editSubscription 404":          "SUBSCRIPTION_NOT_FOUND",
	"deleteSubscription 404":        "SUBSCRIPTION_NOT_FOUND",
	"listSubscriptions 404":         "APP_NOT_FOUND",

	"authenticate 400": "HWID_NOT_PROVIDED INVALID_INPUT",
	"authenticate 401": "INVALID_USERNAME_OR_PASSWORD",
	"authenticate 403": "APPLICATION_NOT_ACTIVE ASN_BLACKLISTED COUNTRY_BLACKLISTED DEVICE_ALREADY_REGISTERED_WITH_OTHER_LICENSE " +
		"HWID_BLACKLISTED HWID_MISMATCH HWID_MISSMATCH IP_BLACKLISTED LICENSE_EXPIRED LICENSE_NOT_ACTIVE " +
		"SUBSCRIPTION_ERROR SUBSCRIPTION_NOT_ACTIVE TEAM_ERROR",
	"authenticate 404": "APPLICATION_NOT_FOUND LICENSE_NOT_FOUND",
	"authenticate 429": "RATE_LIMITED",
	"authenticate 500": "SERVER_ERROR",
	"register 400":     "INVALID_INPUT",
	"register 403":     "LICENSE_EXPIRED LICENSE_NOT_ACTIVE",
	"register 404":     "APPLICATION_NOT_FOUND LICENSE_NOT_FOUND",
	"register 409":     "LICENSE_ALREADY_REGISTERED USERNAME_TAKEN",
	"register 429":     "RATE_LIMITED",
	"register 500":     "SERVER_ERROR",
}

var keycrateCommon = map[string]string{
	"400": "INVALID_INPUT", "401": "INVALID_API_KEY MISSING_AUTH", "403": "ACCESS_DENIED", "429": "RATE_LIMITED", "500": "SERVER_ERROR",
}

// There are two forms of refusals, and each operation keeps to one of them.
func TestKeycrateRefusals(t *testing.T) {
	t.Parallel()
	doc := load(t, keycrate.file)
	want, got := maps.Clone(keycrateCodes), map[string]string{}
	for _, op := range operations(doc) {
		form, code := "#/components/schemas/Error", "error_code"
		if slices.Contains(keycrate.open, op.OperationID) {
			form, code = "#/components/schemas/EndUserError", "message"
		} else {
			for status, codes := range keycrateCommon {
				want[op.OperationID+" "+status] = codes
			}
		}
		for status, response := range op.Responses.Map() {
			if status < "300" {
				continue
			}
			place := op.OperationID + " " + status
			assert.Equal(t, form, response.Value.Content["application/json"].Schema.Ref, place)
			var codes []string
			for _, example := range contentExamples(response) {
				body, _ := example.Value.Value.(map[string]any)
				codes = append(codes, fmt.Sprint(body[code]))
			}
			slices.Sort(codes)
			got[place] = strings.Join(codes, " ")
		}
	}
	assert.Equal(t, want, got)
}

func TestKeycrateNullableFields(t *testing.T) {
	t.Parallel()
	nullable := []string{
		"EditHWIDRequest.hwid",
		"License.username", "License.hwid", "License.last_hwid_reset_at", "License.duration_value", "License.duration_seconds",
		"License.activated_at", "License.expires_at",
		"VerifiedLicense.username", "VerifiedLicense.hwid", "VerifiedLicense.last_hwid_reset_at",
		"VerifiedLicense.activated_at", "VerifiedLicense.expires_at",
		"RefusedLicense.last_hwid_reset_at", "RefusedLicense.expires_at",
	}
	var found []string
	for place, schema := range schemas(load(t, keycrate.file)) {
		if schema.Nullable {
			found = append(found, place)
		}
	}
	assert.ElementsMatch(t, nullable, found)
}

// What is sent is from a closed set, what comes may be anything.
func TestKeycrateSetsAreClosedInRequestsOnly(t *testing.T) {
	t.Parallel()
	doc := load(t, keycrate.file)
	closed := map[string][]any{
		"DurationUnit": {"minutes", "hours", "days", "months", "years", "lifetime"},
		"Status":       {"active", "paused"},
		"SortOrder":    {"asc", "desc"},
	}
	found := map[string][]any{}
	for place, schema := range schemas(doc) {
		if schema.Enum != nil {
			found[place] = schema.Enum
		}
	}
	assert.Equal(t, closed, found)
	for name, schema := range doc.Components.Schemas {
		for property, ref := range schema.Value.Properties {
			if !strings.HasSuffix(name, "Request") {
				assert.NotContains(t, closed, strings.TrimPrefix(ref.Ref, "#/components/schemas/"), "%s.%s", name, property)
				assert.Empty(t, ref.Value.AllOf, "%s.%s", name, property)
			}
		}
	}
}

func TestKeycrateBounds(t *testing.T) {
	t.Parallel()
	all := schemas(load(t, keycrate.file))
	for place, bounds := range map[string]struct{ lowest, highest float64 }{
		"CreateLicenseRequest.duration_value":             {1, math.MaxInt64},
		"CreateLicenseRequest.hwid_reset_cooldown":        {0, math.MaxInt64},
		"CreateLicensesBulkRequest.key_amount":            {1, 1000},
		"CreateLicensesBulkRequest.duration_value":        {1, math.MaxInt64},
		"ExtendLicenseRequest.extend_seconds":             {1, math.MaxInt64},
		"ExtendLicensesBulkRequest.extend_seconds":        {1, math.MaxInt64},
		"ListLicensesRequest.per_page":                    {1, 100},
		"ListLicensesRequest.page":                        {1, math.MaxInt64},
		"SetHWIDResetIntervalRequest.hwid_reset_cooldown": {0, math.MaxInt64},
		"CreateSubscriptionRequest.level":                 {0, math.MaxInt64},
		"EditSubscriptionRequest.level":                   {0, math.MaxInt64},
	} {
		schema := all[place]
		require.NotNil(t, schema, place)
		assert.NoError(t, schema.VisitJSON(bounds.lowest), place)
		assert.Error(t, schema.VisitJSON(bounds.lowest-1), place)
		if bounds.highest < math.MaxInt64 {
			assert.NoError(t, schema.VisitJSON(bounds.highest), place)
			assert.Error(t, schema.VisitJSON(bounds.highest+1), place)
		}
		assert.Error(t, schema.VisitJSON(bounds.lowest+0.5), place)
		assert.Error(t, schema.VisitJSON(nil), place)
	}
	for place, longest := range map[string]int{
		"CreateSubscriptionRequest.name": 64, "EditSubscriptionRequest.name": 64, "UpdateLicenseCredentialsRequest.username": 64,
		"EditHWIDRequest.hwid": 256,
	} {
		assert.NoError(t, all[place].VisitJSON(strings.Repeat("ü", longest)), place)
		assert.Error(t, all[place].VisitJSON(strings.Repeat("x", longest+1)), place)
		assert.Equal(t, place == "EditHWIDRequest.hwid", all[place].VisitJSON("") == nil, "%s and an empty text", place)
	}
	for _, place := range []string{
		"ExtendLicensesBulkRequest", "DeleteLicensesBulkRequest", "UpdateLicenseStatusBulkRequest", "SetHWIDLockBulkRequest",
	} {
		keys := all[place+".license_keys"]
		require.NotNil(t, keys, place)
		assert.NoError(t, keys.VisitJSON([]any{"k"}), place)
		assert.NoError(t, keys.VisitJSON(slices.Repeat([]any{"k"}, 1000)), place)
		assert.Error(t, keys.VisitJSON(slices.Repeat([]any{"k"}, 1001)), place)
		for _, body := range []any{[]any{}, []any{""}, []any{1.0}, "k", nil} {
			assert.Error(t, keys.VisitJSON(body), "%s %v", place, body)
		}
	}
	assert.Error(t, all["EditSubscriptionRequest"].VisitJSON(map[string]any{"subscription_id": "s"}), "nothing to change")
}

// Whatever comes, the rest of an answer can be read.
func TestKeycrateAnswersAreReadLeniently(t *testing.T) {
	t.Parallel()
	var license keycratewire.License
	require.NoError(t, json.Unmarshal([]byte(`{"license_key":"k","hwid_reset_cooldown":"86400","expires_at":"","tags":"trial",
		"activated_at":1767312000,"duration_value":null,"username":7,"metadata":[1],"hwid_lock":"yes","more":{}}`), &license))
	assertHolds(t, "k", license.LicenseKey)
	assertHolds(t, wire.Integer(86400), license.HWIDResetCooldown)
	assertHolds(t, wire.Time{}, license.ExpiresAt)
	assertHolds(t, 0, license.DurationValue)
	assert.False(t, license.Key.Has())
	assert.False(t, license.DurationValue.Has())
	assert.JSONEq(t, `[1]`, string(license.Metadata))
	_, err := license.ActivatedAt.Get()
	require.Error(t, err, "a number is no moment")
	_, err = license.HWIDLock.Get()
	require.Error(t, err)

	var page keycratewire.LicensePageResponse
	require.NoError(t, json.Unmarshal([]byte(`{"data":[],"total":"12"}`), &page))
	assertHolds(t, wire.Integer(12), page.Total)
	assert.False(t, page.TotalPages.Has(), "counters may be missing")

	for _, data := range []string{`{"key":"k"}`, `[{"key":"k"}]`, `["k"]`, `"k"`, `null`, `true`} {
		var one keycratewire.LicenseResponse
		var many keycratewire.LicenseListResponse
		raw := []byte(`{"success":1,"message":{},"data":` + data + `}`)
		require.NoError(t, json.Unmarshal(raw, &one))
		require.NoError(t, json.Unmarshal(raw, &many))
		assert.Equal(t, data, string(one.Data), "kept as it came")
		assert.Equal(t, data, string(many.Data), "kept as it came")
	}
}

// No field of an answer but the two that decide about an end user may spoil it.
func TestKeycrateModelsOfAnswersCannotFail(t *testing.T) {
	t.Parallel()
	raw := json.RawMessage(nil)
	for name, model := range map[string]any{
		"License": keycratewire.License{}, "Subscription": keycratewire.Subscription{}, "Tier": keycratewire.Tier{},
		"Deletion": keycratewire.Deletion{}, "SubscriptionDeletion": keycratewire.SubscriptionDeletion{},
		"VerifiedLicense": keycratewire.VerifiedLicense{}, "RefusedLicense": keycratewire.RefusedLicense{},
		"LicenseResponse": keycratewire.LicenseResponse{}, "LicenseListResponse": keycratewire.LicenseListResponse{},
		"LicensePageResponse": keycratewire.LicensePageResponse{}, "DeletionResponse": keycratewire.DeletionResponse{},
		"SubscriptionResponse": keycratewire.SubscriptionResponse{}, "SubscriptionListResponse": keycratewire.SubscriptionListResponse{},
		"SubscriptionDeletionResponse": keycratewire.SubscriptionDeletionResponse{},
	} {
		fields := reflect.TypeOf(model)
		for i := range fields.NumField() {
			field := fields.Field(i)
			lenient := strings.HasPrefix(field.Type.Name(), "Lenient[") || field.Type == reflect.TypeOf(raw)
			assert.True(t, lenient, "%s.%s is a %s", name, field.Name, field.Type)
		}
	}
}

func assertHolds[T any](t *testing.T, want T, field wire.Lenient[T]) {
	t.Helper()
	value, err := field.Get()
	require.NoError(t, err)
	assert.Equal(t, want, value)
}
