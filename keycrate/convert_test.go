package keycrate

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/clienttest"
	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/internal/wire"
)

func TestLicenseFromRaw(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		raw  string
		want License
	}{
		"complete":            {rawLicense, *wantLicense()},
		"empty":               {`{}`, License{}},
		"a mere key":          {`" A-B "`, License{Key: "A-B"}},
		"null":                {`null`, License{}},
		"a number":            {`7`, License{}},
		"other name of key":   {`{"license_key": "k"}`, License{Key: "k"}},
		"name in calls":       {`{"license": "k", "status": "active"}`, License{Key: "k", Status: StatusActive}},
		"all three names":     {`{"license": "third", "license_key": "other", "key": "k"}`, License{Key: "k"}},
		"both names":          {`{"license_key": "other", "key": "k"}`, License{Key: "k"}},
		"new status":          {`{"status": "banned"}`, License{Status: "banned"}},
		"unused":              {`{"duration_unit": "days", "duration_value": 7, "expires_at": null, "activated_at": null}`, License{Duration: Days(7)}},
		"empty times":         {`{"expires_at": "", "activated_at": "", "last_hwid_reset_at": "", "created_at": ""}`, License{}},
		"other forms of time": {`{"created_at": "2026-01-01T01:00:00+01:00", "updated_at": "2026-01-01 00:00:00.123456789"}`, License{CreatedAt: t0, UpdatedAt: t0.Add(123456789)}},
		"lifetime":            {`{"duration_unit": "lifetime", "duration_value": null, "duration_seconds": null}`, License{Duration: Lifetime}},
		"lifetime of 0":       {`{"duration_unit": "lifetime", "duration_value": 0}`, License{Duration: Lifetime}},
		"lifetime of 1":       {`{"duration_unit": "lifetime", "duration_value": 1}`, License{Duration: Lifetime}},
		"new unit":            {`{"duration_unit": "weeks", "duration_value": "2"}`, License{Duration: Duration{"weeks", 2}}},
		"cooldown as a text":  {`{"hwid_reset_cooldown": "86400"}`, License{HWIDResetCooldown: 24 * time.Hour}},
		"cooldown as 1e3":     {`{"hwid_reset_cooldown": 1e3}`, License{HWIDResetCooldown: 1000 * time.Second}},
		"cooldown is null":    {`{"hwid_reset_cooldown": null}`, License{}},
		"a thousand years":    {`{"duration_seconds": 31536000000}`, License{Granted: math.MaxInt64 / time.Second * time.Second}},
		"no metadata":         {`{"metadata": {}, "tags": []}`, License{}},
		"null metadata":       {`{"metadata": null, "tags": null}`, License{}},
		"metadata as a list":  {`{"metadata": []}`, License{}},
		"metadata as a text":  {`{"metadata": "{\"a\": 1}"}`, License{Metadata: Metadata{"a": json.Number("1")}}},
		"empty text":          {`{"metadata": ""}`, License{}},
		"unknown members":     {`{"key": "k", "x": {"y": [1]}}`, License{Key: "k"}},
		"everything odd": {
			`{"key": "k", "id": 7, "app_id": {}, "subscription_id": [], "status": true, "username": 1, "hwid_lock": "yes", "hwid": {}, "hwid_reset_allowed": 1,
				"hwid_reset_cooldown": "a day", "last_hwid_reset_at": 1, "duration_unit": 1, "duration_value": "many", "duration_seconds": 0.5,
				"activated_at": "yesterday", "expires_at": 1767225600, "metadata": "note", "tags": "trial", "created_at": {}, "updated_at": false}`,
			License{Key: "k", Unread: []string{"id", "app_id", "subscription_id", "status", "username", "hwid_lock", "hwid", "hwid_reset_allowed",
				"hwid_reset_cooldown", "last_hwid_reset_at", "duration_unit", "duration_value", "duration_seconds", "activated_at", "expires_at", "metadata",
				"tags", "created_at", "updated_at"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.want.Raw = json.RawMessage(test.raw)
			assert.Equal(t, &test.want, new(licenseRoom).read(json.RawMessage(test.raw)))
		})
	}
}

func TestSubscriptionFromRaw(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]Subscription{
		rawSubscription:                          *wantSubscription(),
		`{}`:                                     {},
		`"` + testTier + `"`:                     {ID: testTier},
		`{"subscription_id": "s", "level": "3"}`: {ID: "s", Level: 3},
		`{"subscription_id": "other", "id": "s", "status": "closed"}`: {ID: "s", Status: "closed"},
		`{"id": 7, "level": "high", "created_at": 1, "status": null}`: {Unread: []string{"id", "level", "created_at"}},
	} {
		want.Raw = json.RawMessage(raw)
		assert.Equal(t, &want, subscriptionFromRaw(json.RawMessage(raw)), raw)
	}
}

func TestAuthenticationFromWire(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]Authentication{
		``:             {Unread: []string{"expires_at"}},
		`null`:         {Unread: []string{"expires_at"}},
		`"k"`:          {Unread: []string{"expires_at"}, Raw: json.RawMessage(`"k"`)},
		`[{}]`:         {Unread: []string{"expires_at"}, Raw: json.RawMessage(`[{}]`)},
		`{}`:           {Raw: json.RawMessage(`{}`)},
		`{"key": "k"}`: {Key: "k", Raw: json.RawMessage(`{"key": "k"}`)},
		`{"expires_at": "soon", "subscription": {"id": 1, "name": "gold", "level": "x"}}`: {
			Subscription: Tier{Name: "gold"}, Unread: []string{"expires_at", "subscription.id", "subscription.level"},
			Raw: json.RawMessage(`{"expires_at": "soon", "subscription": {"id": 1, "name": "gold", "level": "x"}}`)},
		`{"subscription": "gold"}`: {Unread: []string{"subscription"}, Raw: json.RawMessage(`{"subscription": "gold"}`)},
	} {
		want.Code = "OK_CODE"
		code := "OK_CODE"
		assert.Equal(t, &want, authenticationFromWire(&keycratewire.AuthenticateResponse{Message: &code, Data: json.RawMessage(data)}), data)
	}
}

func TestDenialFromRaw(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]Denial{
		``:                                       {},
		`null`:                                   {Raw: json.RawMessage(`null`)},
		`{"expires_at": "2026-01-01T00:00:00Z"}`: {ExpiresAt: t0},
		`{"hwid_reset_allowed": true, "last_hwid_reset_at": "2026-01-01T00:00:00.000Z", "hwid_reset_cooldown": "3600"}`: {
			HWIDResetAllowed: true, LastHWIDResetAt: t0, HWIDResetCooldown: time.Hour},
		`{"hwid_reset_allowed": "no", "hwid_reset_cooldown": []}`: {Unread: []string{"hwid_reset_allowed", "hwid_reset_cooldown"}},
		`["x"]`: {},
	} {
		want.Code = CodeHWIDMismatch
		if want.Raw == nil && data != "" {
			want.Raw = json.RawMessage(data)
		}
		var raw json.RawMessage
		if data != "" {
			raw = json.RawMessage(data)
		}
		assert.Equal(t, &want, denialFromRaw(CodeHWIDMismatch, raw), data)
	}
}

// What was read must not be writable where it means something else: a moment
// would be taken for a span of some 56 years.
func TestAnExpiryCannotBeWrittenBack(t *testing.T) {
	t.Parallel()
	read, found := reflect.TypeFor[License]().FieldByName("ExpiresAt")
	require.True(t, found)
	for _, param := range reflect.VisibleFields(reflect.TypeFor[CreateLicenseParams]()) {
		assert.False(t, read.Type.ConvertibleTo(param.Type), param.Name)
	}
	assert.False(t, reflect.TypeFor[Duration]().ConvertibleTo(reflect.TypeFor[time.Duration]()))
	assert.False(t, reflect.TypeFor[time.Duration]().ConvertibleTo(reflect.TypeFor[Duration]()))
}

// Every field of an answer must show up in what the user gets, or be listed
// here with the reason why not.
func TestEveryFieldOfAnAnswerIsMapped(t *testing.T) {
	t.Parallel()
	const found = "what answers are about is looked for in the whole body: see callCases"
	ignored := map[string]string{
		"LicensePageResponse.Data":     found,
		"LicensePageResponse.Success":  "false is an error, true goes without saying",
		"LicensePageResponse.Message":  "for people, and says nothing that the success does not",
		"DeletionResponse.Success":     "false is an error, true goes without saying",
		"DeletionResponse.Message":     "for people, and says nothing that the success does not",
		"AuthenticateResponse.Success": "must be true",
		"RegisterResponse.Success":     "must be true",
		"EndUserError.Success":         "false, or it would be no error",

		"SubscriptionDeletionResponse.Success": "false is an error, true goes without saying",
		"SubscriptionDeletionResponse.Message": "for people, and says nothing that the success does not",
	}
	fields := clienttest.Fields{Ignored: ignored, Samples: []any{
		lenient[string](t, `"x"`), lenient[bool](t, `true`), lenient[wire.Integer](t, `7`), lenient[[]string](t, `["x"]`),
		lenient[wire.Time](t, `"2026-01-01T00:00:00Z"`), lenient[keycratewire.Tier](t, `{"id": "x"}`),
	}}
	fields.Answers(t, func(any) {},
		licenseFromWire,
		subscriptionFromWire,
		verifiedFromWire,
		denialFromWire,
		func(w *keycratewire.Tier) any { return tierFromWire(&reader{}, w) },
		func(w *keycratewire.LicensePageResponse) any {
			return (&listAnswer{licenses{LicensePageResponse: *w}}).page()
		},
		bulkDeletionFromWire,
		deletionFromWire,
		authenticationFromWire,
		registrationFromWire,
		func(w *keycratewire.Error) any { return failureOf(t, w) },
		func(w *keycratewire.EndUserError) any { return failureOf(t, w) },
	)
	// The other answers have fewer members than the one they are read as.
	for _, pair := range [][2]reflect.Type{
		{reflect.TypeFor[keycratewire.LicenseResponse](), reflect.TypeFor[keycratewire.LicensePageResponse]()},
		{reflect.TypeFor[keycratewire.LicenseListResponse](), reflect.TypeFor[keycratewire.LicensePageResponse]()},
		{reflect.TypeFor[keycratewire.SubscriptionResponse](), reflect.TypeFor[keycratewire.SubscriptionListResponse]()},
	} {
		for _, field := range reflect.VisibleFields(pair[0]) {
			_, has := pair[1].FieldByName(field.Name)
			assert.True(t, has, "%v.%s", pair[0], field.Name)
		}
	}
	deletions := deletionFromWire(&keycratewire.SubscriptionDeletionResponse{Data: json.RawMessage(`{"deleted": 1, "licenses_deleted": 7}`)})
	assert.Equal(t, Set(7), deletions.Licenses, "deleted is the one subscription")
	assert.Equal(t, 2, reflect.TypeFor[keycratewire.SubscriptionDeletion]().NumField())
	assert.Equal(t, 1, reflect.TypeFor[keycratewire.Deletion]().NumField())
}

// failureOf is what the dialect makes of a body.
func failureOf(t *testing.T, body any) *transport.Failure {
	t.Helper()
	encoded, err := json.Marshal(body)
	require.NoError(t, err)
	f := failure(&transport.Answer{Op: keycratewire.AuthenticateOp, StatusCode: 400, Attempt: 1, Body: encoded})
	require.NotNil(t, f)
	if !f.Understood {
		f.Message = "" // it is the whole body then
	}
	return f
}

func lenient[T any](t *testing.T, text string) wire.Lenient[T] {
	t.Helper()
	var field wire.Lenient[T]
	require.NoError(t, json.Unmarshal([]byte(text), &field))
	_, err := field.Get()
	require.NoError(t, err)
	return field
}

func TestEveryFieldOfARequestIsMapped(t *testing.T) {
	t.Parallel()
	fields := clienttest.Fields{
		Samples: []any{Set("x"), Set(true), Set(7), Set(StatusPaused), Metadata{"a": 1}, Lifetime, Credentials{Username: "x"}},
		Ignored: map[string]string{
			"CreateLicenseRequest.DurationValue":         "comes with the unit",
			"CreateLicensesBulkRequest.DurationValue":    "comes with the unit",
			"CreateLicensesBulkRequest.KeyAmount":        "an argument",
			"EditSubscriptionRequest.SubscriptionID":     "an argument",
			"UpdateLicenseCredentialsRequest.LicenseKey": "an argument",
			"AuthenticateRequest.AppID":                  "known to the App",
			"AuthenticateRequest.Password":               "comes with the username",
		},
	}
	fields.Requests(t,
		(*CreateLicenseParams).toWire,
		func(p *CreateLicenseParams) keycratewire.CreateLicensesBulkRequest { return p.toBulkWire(0) },
		(*ListLicensesParams).toWire,
		(*CreateSubscriptionParams).toWire,
		func(p *EditSubscriptionParams) keycratewire.EditSubscriptionRequest { return p.toWire("") },
		func(c *Credentials) keycratewire.UpdateLicenseCredentialsRequest { return c.toWire("") },
		func(p *AuthParams) keycratewire.AuthenticateRequest { return p.toWire("") },
	)
}

func FuzzLicenseFromRaw(f *testing.F) {
	for _, seed := range []string{
		rawLicense, `{}`, `null`, `"k"`, `[]`, `{"duration_unit":"weeks","duration_value":-9223372036854775808}`, `{"metadata":"{\"a\":1e400}"}`,
		`{"metadata":{"a":[{"b":null}]},"tags":[null]}`, `{"hwid_reset_cooldown":-9223372036854775808,"duration_seconds":9223372036854775807}`,
		`{"duration_unit":" a b ","duration_value":0}`, `{"duration_value":3}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) {
			return
		}
		license := new(licenseRoom).read(data)
		require.Equal(t, data, []byte(license.Raw))
		require.False(t, license.Usable(t0) && (license.Status != StatusActive || license.Expired(t0)))
		license.Raw = nil // encoding compacts it
		stored, err := json.Marshal(license)
		require.NoError(t, err)
		var back License
		require.NoError(t, json.Unmarshal(stored, &back))
		require.Equal(t, license, &back, "a license survives being stored")
	})
}

func FuzzAnswers(f *testing.F) {
	for _, c := range callCases() {
		f.Add([]byte(c.answer))
		for _, list := range [][]string{c.alike, c.unreadable, c.lacking} {
			for _, body := range list {
				f.Add([]byte(body))
			}
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var created createAnswer
		if json.Unmarshal(body, &created) == nil && created.Check() == nil {
			for _, license := range created.list {
				require.NotEmpty(t, license.Key)
			}
		}
		var got getAnswer
		if json.Unmarshal(body, &got) == nil && got.Check() == nil {
			require.NotEmpty(t, got.one("k").Key)
		}
		var updated updateAnswer
		if json.Unmarshal(body, &updated) == nil && updated.Check() == nil {
			require.NotEmpty(t, updated.license("k").Key)
		}
		var listed listAnswer
		if json.Unmarshal(body, &listed) == nil && listed.Check() == nil {
			require.NotNil(t, listed.page().Licenses)
		}
		var edited editSubscriptionAnswer
		if json.Unmarshal(body, &edited) == nil && edited.Check() == nil {
			require.NotEmpty(t, edited.subscription("s").ID)
		}
	})
}
