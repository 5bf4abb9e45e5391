package openapi_test

import (
	"encoding/json"

	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/internal/wire"
)

const (
	keycrateApp          = "10000000-0000-4000-8000-000000000001"
	keycrateSubscription = "20000000-0000-4000-8000-000000000001"
)

// keycrated is a request whose body its builder must write to the byte.
func keycrated[T any](build func(T) (transport.Request, error), body T, op transport.Op, text string) request {
	return request{build: func() (transport.Request, error) { return build(body) }, op: op, path: op.Path, body: text}
}

var keycrateRequests = map[string]request{
	"create with the least": keycrated(keycratewire.NewCreateLicenseRequest, keycratewire.CreateLicenseRequest{
		AppID: keycrateApp, SubscriptionID: keycrateSubscription, DurationUnit: keycratewire.DurationUnitLifetime,
	}, keycratewire.CreateLicenseOp,
		`{"app_id":"`+keycrateApp+`","duration_unit":"lifetime","subscription_id":"`+keycrateSubscription+`"}`),
	"create with everything": keycrated(keycratewire.NewCreateLicenseRequest, keycratewire.CreateLicenseRequest{
		AppID: keycrateApp, SubscriptionID: keycrateSubscription, DurationUnit: keycratewire.DurationUnitDays, DurationValue: ptr[int64](7),
		HWIDLock: ptr(true), HWIDResetAllowed: ptr(true), HWIDResetCooldown: ptr[int64](86400),
		Metadata: json.RawMessage(`{"b":"<&>","a":12345678901234567890}`), Tags: []string{"<trial & co>"},
		KeyFormat: ptr("**-**"), KeyUppercase: ptr(true), KeyLowercase: ptr(true), KeyNumbers: ptr(true),
	}, keycratewire.CreateLicenseOp,
		`{"app_id":"`+keycrateApp+`","duration_unit":"days","duration_value":7,"hwid_lock":true,"hwid_reset_allowed":true,`+
			`"hwid_reset_cooldown":86400,"key_format":"**-**","key_lowercase":true,"key_numbers":true,"key_uppercase":true,`+
			`"metadata":{"b":"<&>","a":12345678901234567890},"subscription_id":"`+keycrateSubscription+`","tags":["<trial & co>"]}`),
	"create with zero values": keycrated(keycratewire.NewCreateLicenseRequest, keycratewire.CreateLicenseRequest{
		AppID: keycrateApp, SubscriptionID: keycrateSubscription, DurationUnit: keycratewire.DurationUnitMinutes, DurationValue: ptr[int64](1),
		HWIDLock: ptr(false), HWIDResetAllowed: ptr(false), HWIDResetCooldown: ptr[int64](0), Metadata: json.RawMessage(`{}`), Tags: []string{},
		KeyUppercase: ptr(false), KeyLowercase: ptr(false), KeyNumbers: ptr(false),
	}, keycratewire.CreateLicenseOp,
		`{"app_id":"`+keycrateApp+`","duration_unit":"minutes","duration_value":1,"hwid_lock":false,"hwid_reset_allowed":false,`+
			`"hwid_reset_cooldown":0,"key_lowercase":false,"key_numbers":false,"key_uppercase":false,`+
			`"metadata":{},"subscription_id":"`+keycrateSubscription+`","tags":[]}`),
	"create many": keycrated(keycratewire.NewCreateLicensesBulkRequest, keycratewire.CreateLicensesBulkRequest{
		KeyAmount: 100, AppID: keycrateApp, SubscriptionID: keycrateSubscription, DurationUnit: keycratewire.DurationUnitDays,
		DurationValue: ptr[int64](7), HWIDLock: ptr(true), Tags: []string{"trial", "batch-001"},
	}, keycratewire.CreateLicensesBulkOp,
		`{"app_id":"`+keycrateApp+`","duration_unit":"days","duration_value":7,"hwid_lock":true,"key_amount":100,`+
			`"subscription_id":"`+keycrateSubscription+`","tags":["trial","batch-001"]}`),
	"extend": keycrated(keycratewire.NewExtendLicenseRequest,
		keycratewire.ExtendLicenseRequest{LicenseKey: "<k & l>", ExtendSeconds: 2592000},
		keycratewire.ExtendLicenseOp, `{"extend_seconds":2592000,"license_key":"<k & l>"}`),
	"extend many": keycrated(keycratewire.NewExtendLicensesBulkRequest,
		keycratewire.ExtendLicensesBulkRequest{LicenseKeys: []string{"b", "a"}, ExtendSeconds: 1},
		keycratewire.ExtendLicensesBulkOp, `{"extend_seconds":1,"license_keys":["b","a"]}`),
	"delete": keycrated(keycratewire.NewDeleteLicenseRequest, keycratewire.DeleteLicenseRequest{LicenseKey: "k"},
		keycratewire.DeleteLicenseOp, `{"license_key":"k"}`),
	"delete many": keycrated(keycratewire.NewDeleteLicensesBulkRequest, keycratewire.DeleteLicensesBulkRequest{LicenseKeys: []string{"k"}},
		keycratewire.DeleteLicensesBulkOp, `{"license_keys":["k"]}`),
	"get": keycrated(keycratewire.NewGetLicenseRequest, keycratewire.GetLicenseRequest{LicenseKey: "k"},
		keycratewire.GetLicenseOp, `{"license_key":"k"}`),
	"list with the least": keycrated(keycratewire.NewListLicensesRequest, keycratewire.ListLicensesRequest{AppID: keycrateApp},
		keycratewire.ListLicensesOp, `{"app_id":"`+keycrateApp+`"}`),
	"list with everything": keycrated(keycratewire.NewListLicensesRequest, keycratewire.ListLicensesRequest{
		AppID: keycrateApp, Status: ptr(keycratewire.StatusActive), PerPage: ptr[int64](100), Page: ptr[int64](2),
		SortField: ptr("created_at"), SortOrder: ptr(keycratewire.SortOrderDesc), SubscriptionID: ptr(keycrateSubscription),
		Tags: []string{"a", "b"}, Search: ptr("x y"),
	}, keycratewire.ListLicensesOp,
		`{"app_id":"`+keycrateApp+`","page":2,"per_page":100,"search":"x y","sort_field":"created_at","sort_order":"desc",`+
			`"status":"active","subscription_id":"`+keycrateSubscription+`","tags":["a","b"]}`),
	"pause": keycrated(keycratewire.NewUpdateLicenseStatusRequest,
		keycratewire.UpdateLicenseStatusRequest{LicenseKey: "k", Status: keycratewire.StatusPaused},
		keycratewire.UpdateLicenseStatusOp, `{"license_key":"k","status":"paused"}`),
	"activate many": keycrated(keycratewire.NewUpdateLicenseStatusBulkRequest,
		keycratewire.UpdateLicenseStatusBulkRequest{LicenseKeys: []string{"k", "l"}, Status: keycratewire.StatusActive},
		keycratewire.UpdateLicenseStatusBulkOp, `{"license_keys":["k","l"],"status":"active"}`),
	"move": keycrated(keycratewire.NewUpdateLicenseSubscriptionRequest,
		keycratewire.UpdateLicenseSubscriptionRequest{LicenseKey: "k", SubscriptionID: keycrateSubscription},
		keycratewire.UpdateLicenseSubscriptionOp, `{"license_key":"k","subscription_id":"`+keycrateSubscription+`"}`),
	"rename": keycrated(keycratewire.NewUpdateLicenseCredentialsRequest,
		keycratewire.UpdateLicenseCredentialsRequest{LicenseKey: "k", Username: "u"},
		keycratewire.UpdateLicenseCredentialsOp, `{"license_key":"k","username":"u"}`),
	"rename with a password": keycrated(keycratewire.NewUpdateLicenseCredentialsRequest,
		keycratewire.UpdateLicenseCredentialsRequest{LicenseKey: "k", Username: "u", Password: ptr("<p&>")},
		keycratewire.UpdateLicenseCredentialsOp, `{"license_key":"k","password":"<p&>","username":"u"}`),
	"replace metadata": keycrated(keycratewire.NewUpdateLicenseMetadataRequest,
		keycratewire.UpdateLicenseMetadataRequest{LicenseKey: "k", Metadata: json.RawMessage(`{"order":{"id":1}}`)},
		keycratewire.UpdateLicenseMetadataOp, `{"license_key":"k","metadata":{"order":{"id":1}}}`),
	"bind": keycrated(keycratewire.NewEditHWIDRequest, keycratewire.EditHWIDRequest{LicenseKey: "k", HWID: wire.Set("h")},
		keycratewire.EditHWIDOp, `{"hwid":"h","license_key":"k"}`),
	"unbind": keycrated(keycratewire.NewEditHWIDRequest, keycratewire.EditHWIDRequest{LicenseKey: "k", HWID: wire.Null[string]()},
		keycratewire.EditHWIDOp, `{"hwid":null,"license_key":"k"}`),
	"unlock": keycrated(keycratewire.NewSetHWIDLockRequest, keycratewire.SetHWIDLockRequest{LicenseKey: "k"},
		keycratewire.SetHWIDLockOp, `{"hwid_lock":false,"license_key":"k"}`),
	"lock many": keycrated(keycratewire.NewSetHWIDLockBulkRequest,
		keycratewire.SetHWIDLockBulkRequest{LicenseKeys: []string{"k", "l"}, HWIDLock: true},
		keycratewire.SetHWIDLockBulkOp, `{"hwid_lock":true,"license_keys":["k","l"]}`),
	"forbid resets": keycrated(keycratewire.NewSetHWIDResetAllowedRequest, keycratewire.SetHWIDResetAllowedRequest{LicenseKey: "k"},
		keycratewire.SetHWIDResetAllowedOp, `{"hwid_reset_allowed":false,"license_key":"k"}`),
	"allow resets at once": keycrated(keycratewire.NewSetHWIDResetIntervalRequest, keycratewire.SetHWIDResetIntervalRequest{LicenseKey: "k"},
		keycratewire.SetHWIDResetIntervalOp, `{"hwid_reset_cooldown":0,"license_key":"k"}`),
	"create a subscription with the least": keycrated(keycratewire.NewCreateSubscriptionRequest,
		keycratewire.CreateSubscriptionRequest{AppID: keycrateApp, Name: "basic"},
		keycratewire.CreateSubscriptionOp, `{"app_id":"`+keycrateApp+`","name":"basic"}`),
	"create a subscription with everything": keycrated(keycratewire.NewCreateSubscriptionRequest,
		keycratewire.CreateSubscriptionRequest{AppID: keycrateApp, Name: "premium", Level: ptr[int64](0), SingleKeyPerHWID: ptr(false)},
		keycratewire.CreateSubscriptionOp, `{"app_id":"`+keycrateApp+`","level":0,"name":"premium","single_key_per_hwid":false}`),
	"edit nothing": keycrated(keycratewire.NewEditSubscriptionRequest,
		keycratewire.EditSubscriptionRequest{SubscriptionID: keycrateSubscription},
		keycratewire.EditSubscriptionOp, `{"subscription_id":"`+keycrateSubscription+`"}`),
	"edit everything": keycrated(keycratewire.NewEditSubscriptionRequest, keycratewire.EditSubscriptionRequest{
		SubscriptionID: keycrateSubscription, Name: ptr("x"), Level: ptr[int64](0), SingleKeyPerHWID: ptr(false), Status: ptr(keycratewire.StatusActive),
	}, keycratewire.EditSubscriptionOp,
		`{"level":0,"name":"x","single_key_per_hwid":false,"status":"active","subscription_id":"`+keycrateSubscription+`"}`),
	"delete a subscription": keycrated(keycratewire.NewDeleteSubscriptionRequest,
		keycratewire.DeleteSubscriptionRequest{SubscriptionID: keycrateSubscription},
		keycratewire.DeleteSubscriptionOp, `{"subscription_id":"`+keycrateSubscription+`"}`),
	"list subscriptions": keycrated(keycratewire.NewListSubscriptionsRequest, keycratewire.ListSubscriptionsRequest{AppID: keycrateApp},
		keycratewire.ListSubscriptionsOp, `{"app_id":"`+keycrateApp+`"}`),
	"authenticate by key": keycrated(keycratewire.NewAuthenticateRequest,
		keycratewire.AuthenticateRequest{AppID: keycrateApp, License: ptr("k"), HWID: ptr("h")},
		keycratewire.AuthenticateOp, `{"app_id":"`+keycrateApp+`","hwid":"h","license":"k"}`),
	"authenticate by name": keycrated(keycratewire.NewAuthenticateRequest,
		keycratewire.AuthenticateRequest{AppID: keycrateApp, Username: ptr("u"), Password: ptr("p")},
		keycratewire.AuthenticateOp, `{"app_id":"`+keycrateApp+`","password":"p","username":"u"}`),
	"register": keycrated(keycratewire.NewRegisterRequest,
		keycratewire.RegisterRequest{AppID: keycrateApp, License: "k", Username: "u", Password: "p"},
		keycratewire.RegisterOp, `{"app_id":"`+keycrateApp+`","license":"k","password":"p","username":"u"}`),
}
