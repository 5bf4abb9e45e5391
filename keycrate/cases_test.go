package keycrate

import (
	"context"
	"encoding/json"
	"time"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// callCase is one call of a method: what it puts on the wire, what it makes of
// the expected answer, and what becomes of odd ones.
type callCase struct {
	name  string
	op    string
	class transport.Class
	call  func(context.Context, both) (any, error)

	path string
	body string // JSON

	answer string
	want   any

	// Answers that must be read as want too, ones that cannot be read, and ones
	// that can but lack what they are about.
	alike, unreadable, lacking []string
}

// rawLicense has every field, in the shape that is expected of the vendor.
const rawLicense = `{"key":"TEST-AAAA-0000-0001","id":"00000000-0000-4000-8000-00000000c001","app_id":"00000000-0000-4000-8000-00000000a001",` +
	`"subscription_id":"00000000-0000-4000-8000-00000000b001","status":"active","username":"example","hwid_lock":true,"hwid":"device-1",` +
	`"hwid_reset_allowed":true,"hwid_reset_cooldown":86400,"last_hwid_reset_at":"2026-01-03T00:00:00.000Z","duration_unit":"days","duration_value":7,` +
	`"duration_seconds":604800,"activated_at":"2026-01-02T00:00:00.000Z","expires_at":"2026-01-09T00:00:00.000Z",` +
	`"metadata":{"discord_id":100000000000000001,"vip":true},"tags":["trial","batch-001"],"created_at":"2026-01-01T00:00:00.000Z",` +
	`"updated_at":"2026-01-03T00:00:00.000Z"}`

const rawSubscription = `{"id":"00000000-0000-4000-8000-00000000b001","app_id":"00000000-0000-4000-8000-00000000a001","name":"premium","level":2,` +
	`"single_key_per_hwid":true,"status":"active","created_at":"2026-01-01T00:00:00.000Z","updated_at":"2026-01-02T00:00:00.000Z"}`

const rawVerified = `{"key":"TEST-AAAA-0000-0001","status":"active","username":"example","expires_at":"2026-01-09T00:00:00.000Z",` +
	`"activated_at":"2026-01-02T00:00:00.000Z","hwid":"device-1","hwid_lock":true,"hwid_reset_allowed":true,"hwid_reset_cooldown":86400,` +
	`"last_hwid_reset_at":"2026-01-03T00:00:00.000Z","subscription":{"id":"00000000-0000-4000-8000-00000000b001","name":"premium","level":2}}`

func wantLicense() *License {
	return &License{
		Key: testKey, ID: testID, AppID: testApp, SubscriptionID: testTier, Status: StatusActive, Username: "example",
		HWIDLock: true, HWID: "device-1", HWIDResetAllowed: true, HWIDResetCooldown: 24 * time.Hour, LastHWIDResetAt: t0.AddDate(0, 0, 2),
		Duration: Days(7), Granted: 7 * 24 * time.Hour, ActivatedAt: t0.AddDate(0, 0, 1), ExpiresAt: t0.AddDate(0, 0, 8),
		Metadata: Metadata{"discord_id": json.Number("100000000000000001"), "vip": true}, Tags: []string{"trial", "batch-001"},
		CreatedAt: t0, UpdatedAt: t0.AddDate(0, 0, 2), Raw: json.RawMessage(rawLicense),
	}
}

func wantSubscription() *Subscription {
	return &Subscription{
		ID: testTier, AppID: testApp, Name: "premium", Level: 2, SingleKeyPerHWID: true, Status: StatusActive,
		CreatedAt: t0, UpdatedAt: t0.AddDate(0, 0, 1), Raw: json.RawMessage(rawSubscription),
	}
}

func wantAuthentication() *Authentication {
	return &Authentication{
		Code: CodeLicenseVerified, Key: testKey, Status: StatusActive, Username: "example", HWIDLock: true, HWID: "device-1", HWIDResetAllowed: true,
		HWIDResetCooldown: 24 * time.Hour, LastHWIDResetAt: t0.AddDate(0, 0, 2), ActivatedAt: t0.AddDate(0, 0, 1), ExpiresAt: t0.AddDate(0, 0, 8),
		Subscription: Tier{ID: testTier, Name: "premium", Level: 2}, Raw: json.RawMessage(rawVerified),
	}
}

// bare is a license of which the vendor shows nothing.
func bare() *License { return &License{Key: testKey} }

const ok = `{"success": true, "message": "Done."}`

var (
	broken = []string{``, `[]`, `OK`, `"OK"`, `{"data": {}`, `7`, `null`}
	empty  = []string{`{}`, `{"data": null}`, `{"data": {}}`, `{"data": []}`, `{"x": 1}`, `{"success": "yes"}`, `{"message": {}}`}
)

// wrapped are the ways in which one thing may come in an answer.
func wrapped(raw, one, many string) []string {
	return []string{
		`{"success": true, "data": ` + raw + `, "x": {}}`,
		`{"data": ` + raw + `}`,
		`{"data": [` + raw + `]}`,
		`{"data": {"` + one + `": ` + raw + `}}`,
		`{"data": {"status": "done", "` + one + `": ` + raw + `}}`,
		`{"success": true, "` + one + `": ` + raw + `}`,
		`{"data": {"` + many + `": [` + raw + `]}}`,
		raw,
	}
}

func callCases() []callCase {
	return append(append(licenseCases(), bulkCases()...), otherCases()...)
}

// changes are the cases of all calls that change one license: they differ in
// what they send.
func change(name, op string, class transport.Class, path, body string, call func(context.Context, both) (*License, error)) callCase {
	return callCase{
		name: name, op: op, class: class, path: path, body: body,
		call:   func(ctx context.Context, b both) (any, error) { return call(ctx, b) },
		answer: `{"success": true, "data": ` + rawLicense + `}`, want: wantLicense(),
		alike:      wrapped(rawLicense, "license", "licenses"),
		unreadable: broken, lacking: append([]string{`{"data": {"deleted": 1}}`, `{"data": [null]}`, `{"data": [{}, 7]}`}, empty...),
	}
}

func changeBulk(name, op string, class transport.Class, path, body string, call func(context.Context, both) ([]*License, error)) callCase {
	return callCase{
		name: name, op: op, class: class, path: path, body: body,
		call:       func(ctx context.Context, b both) (any, error) { return call(ctx, b) },
		answer:     `{"success": true, "data": [` + rawLicense + `, {"key": "b"}]}`,
		want:       []*License{wantLicense(), {Key: "b", Raw: json.RawMessage(`{"key": "b"}`)}},
		alike:      []string{`{"licenses": [` + rawLicense + `, {"key": "b"}]}`, `{"data": {"licenses": [` + rawLicense + `, {"key": "b"}]}}`},
		unreadable: broken, lacking: append([]string{`{"data": [null]}`, `{"data": [{}, 7]}`}, empty...),
	}
}

func licenseCases() []callCase {
	const create = `{"app_id": "` + testApp + `", "subscription_id": "` + testTier + `", "duration_unit": "lifetime", "hwid_lock": false}`
	params := CreateLicenseParams{AppID: testApp, SubscriptionID: testTier, Duration: Lifetime}
	full := CreateLicenseParams{
		AppID: testApp, SubscriptionID: testTier, Duration: Days(7), HWIDLock: true, HWIDResetAllowed: true, HWIDResetCooldown: 24 * time.Hour,
		Metadata: Metadata{"note": "<a & b>", "id": json.Number("100000000000000001")}, Tags: []string{"trial", "batch-001"}, KeyFormat: "SHOP-****",
		KeyUppercase: Set(true), KeyLowercase: Set(false), KeyNumbers: Set(true),
	}
	return []callCase{
		{
			name: "create", op: "createLicense", class: transport.Once,
			call: func(ctx context.Context, b both) (any, error) { return b.Licenses.Create(ctx, params) },
			path: "/license/create", body: create,
			answer: `{"success": true, "data": ` + rawLicense + `}`, want: wantLicense(),
			alike:      wrapped(rawLicense, "license", "licenses"),
			unreadable: broken,
			lacking: append([]string{`{"data": {"status": "active"}}`, `{"data": {"key": ""}}`, `{"data": {"key": 7}}`, `{"data": ""}`,
				`{"data": "License created."}`, `{"data": [null]}`, ok, `{"success": true, "key": null}`}, empty...),
		},
		{
			name: "create, answered by a mere key", op: "createLicense", class: transport.Once,
			call: func(ctx context.Context, b both) (any, error) {
				license, err := b.Licenses.Create(ctx, params)
				if license != nil {
					license.Raw = nil // how it came differs
				}
				return license, err
			},
			path: "/license/create", body: create,
			answer: `{"success": true, "data": "TEST-AAAA-0000-0001"}`, want: bare(),
			alike: []string{`{"data": ["TEST-AAAA-0000-0001"]}`, `{"license": "TEST-AAAA-0000-0001"}`, `{"key": "TEST-AAAA-0000-0001"}`,
				`{"success": true, "license_key": "TEST-AAAA-0000-0001"}`, `{"data": {"license_key": "TEST-AAAA-0000-0001"}}`,
				`{"data": {"keys": ["TEST-AAAA-0000-0001"]}}`, `{"data": {"license": "TEST-AAAA-0000-0001"}}`,
				`{"data": {"status": 1, "license": {"key": "TEST-AAAA-0000-0001"}}}`,
				`{"data": "created", "license": {"key": "TEST-AAAA-0000-0001"}}`, `{"data": "CREATED", "key": "TEST-AAAA-0000-0001"}`,
				`{"data": "ok", "keys": ["TEST-AAAA-0000-0001"]}`},
		},
		{
			name: "create with everything", op: "createLicense", class: transport.Once,
			call: func(ctx context.Context, b both) (any, error) { return b.Licenses.Create(ctx, full) },
			path: "/license/create",
			body: `{"app_id": "` + testApp + `", "subscription_id": "` + testTier + `", "duration_unit": "days", "duration_value": 7, "hwid_lock": true,
				"hwid_reset_allowed": true, "hwid_reset_cooldown": 86400, "metadata": {"note": "<a & b>", "id": 100000000000000001},
				"tags": ["trial", "batch-001"], "key_format": "SHOP-****", "key_uppercase": true, "key_lowercase": false, "key_numbers": true}`,
			answer: `{"success": true, "data": ` + rawLicense + `}`, want: wantLicense(),
		},
		{
			name: "create with empty lists", op: "createLicense", class: transport.Once,
			call: func(ctx context.Context, b both) (any, error) {
				p := params
				p.Tags, p.Metadata = []string{}, Metadata{}
				return b.Licenses.Create(ctx, p)
			},
			path: "/license/create", body: create,
			answer: `{"success": true, "data": ` + rawLicense + `}`, want: wantLicense(),
		},
		{
			name: "get", op: "getLicense", class: transport.Read,
			call: func(ctx context.Context, b both) (any, error) { return b.Licenses.Get(ctx, `a<"&>b`) },
			path: "/license/get", body: `{"license_key": "a<\"&>b"}`,
			answer: `{"success": true, "data": ` + rawLicense + `}`, want: wantLicense(),
			alike:      wrapped(rawLicense, "license", "licenses"),
			unreadable: broken, lacking: append([]string{ok, `{"data": "TEST-AAAA-0000-0001"}`, `{"data": [{}]}`, `{"status": "active"}`,
				`{"data": {"id": "x"}}`}, empty...),
		},
		change("extend", "extendLicense", transport.Once, "/license/extend", `{"license_key": "`+testKey+`", "extend_seconds": 2592000}`,
			func(ctx context.Context, b both) (*License, error) {
				return b.Licenses.Extend(ctx, testKey, 30*24*time.Hour)
			}),
		change("pause", "updateLicenseStatus", transport.Idempotent, "/license/update-status", `{"license_key": "`+testKey+`", "status": "paused"}`,
			func(ctx context.Context, b both) (*License, error) { return b.Licenses.Pause(ctx, testKey) }),
		change("activate", "updateLicenseStatus", transport.Idempotent, "/license/update-status", `{"license_key": "`+testKey+`", "status": "active"}`,
			func(ctx context.Context, b both) (*License, error) { return b.Licenses.Activate(ctx, testKey) }),
		change("set subscription", "updateLicenseSubscription", transport.Idempotent, "/license/update-subscription",
			`{"license_key": "`+testKey+`", "subscription_id": "`+testTier+`"}`,
			func(ctx context.Context, b both) (*License, error) {
				return b.Licenses.SetSubscription(ctx, testKey, testTier)
			}),
		change("set username", "updateLicenseCredentials", transport.Idempotent, "/license/update-user-credentials",
			`{"license_key": "`+testKey+`", "username": "example"}`,
			func(ctx context.Context, b both) (*License, error) {
				return b.Licenses.SetCredentials(ctx, testKey, Credentials{Username: "example"})
			}),
		change("set credentials", "updateLicenseCredentials", transport.Idempotent, "/license/update-user-credentials",
			`{"license_key": "`+testKey+`", "username": "example", "password": "example-password"}`,
			func(ctx context.Context, b both) (*License, error) {
				return b.Licenses.SetCredentials(ctx, testKey, Credentials{Username: "example", Password: "example-password"})
			}),
		change("set metadata", "updateLicenseMetadata", transport.Idempotent, "/license/update-metadata",
			`{"license_key": "`+testKey+`", "metadata": {"a": {"b": [1, null]}}}`,
			func(ctx context.Context, b both) (*License, error) {
				return b.Licenses.SetMetadata(ctx, testKey, Metadata{"a": map[string]any{"b": []any{1, nil}}})
			}),
		change("clear metadata", "updateLicenseMetadata", transport.Idempotent, "/license/update-metadata", `{"license_key": "`+testKey+`", "metadata": {}}`,
			func(ctx context.Context, b both) (*License, error) {
				return b.Licenses.SetMetadata(ctx, testKey, nil)
			}),
		change("set HWID", "editHWID", transport.Idempotent, "/hwid/edit", `{"license_key": "`+testKey+`", "hwid": "device-1"}`,
			func(ctx context.Context, b both) (*License, error) { return b.HWIDs.Set(ctx, testKey, "device-1") }),
		change("clear HWID", "editHWID", transport.Idempotent, "/hwid/edit", `{"license_key": "`+testKey+`", "hwid": null}`,
			func(ctx context.Context, b both) (*License, error) { return b.HWIDs.Clear(ctx, testKey) }),
		change("lock", "setHWIDLock", transport.Once, "/hwid/toggle-lock", `{"license_key": "`+testKey+`", "hwid_lock": true}`,
			func(ctx context.Context, b both) (*License, error) { return b.HWIDs.SetLock(ctx, testKey, true) }),
		change("unlock", "setHWIDLock", transport.Once, "/hwid/toggle-lock", `{"license_key": "`+testKey+`", "hwid_lock": false}`,
			func(ctx context.Context, b both) (*License, error) { return b.HWIDs.SetLock(ctx, testKey, false) }),
		change("disallow resets", "setHWIDResetAllowed", transport.Once, "/hwid/toggle-reset-allowed",
			`{"license_key": "`+testKey+`", "hwid_reset_allowed": false}`,
			func(ctx context.Context, b both) (*License, error) {
				return b.HWIDs.SetResetAllowed(ctx, testKey, false)
			}),
		change("set reset interval", "setHWIDResetInterval", transport.Idempotent, "/hwid/update-reset-interval",
			`{"license_key": "`+testKey+`", "hwid_reset_cooldown": 86400}`,
			func(ctx context.Context, b both) (*License, error) {
				return b.HWIDs.SetResetInterval(ctx, testKey, 24*time.Hour)
			}),
		change("set no reset interval", "setHWIDResetInterval", transport.Idempotent, "/hwid/update-reset-interval",
			`{"license_key": "`+testKey+`", "hwid_reset_cooldown": 0}`,
			func(ctx context.Context, b both) (*License, error) { return b.HWIDs.SetResetInterval(ctx, testKey, 0) }),
	}
}

func bulkCases() []callCase {
	keys := []string{"key1", "key2", `k<"&>3`}
	const sentKeys = `["key1", "key2", "k<\"&>3"]`
	return []callCase{
		{
			name: "create bulk", op: "createLicensesBulk", class: transport.Once,
			call: func(ctx context.Context, b both) (any, error) {
				return b.Licenses.CreateBulk(ctx, 100, CreateLicenseParams{AppID: testApp, SubscriptionID: testTier, Duration: Days(7), HWIDLock: true,
					Tags: []string{"trial", "batch-001"}})
			},
			path: "/license/create-bulk",
			body: `{"key_amount": 100, "app_id": "` + testApp + `", "subscription_id": "` + testTier + `", "duration_unit": "days", "duration_value": 7,
				"hwid_lock": true, "tags": ["trial", "batch-001"]}`,
			answer: `{"success": true, "data": [` + rawLicense + `, "b"]}`,
			want:   []*License{wantLicense(), {Key: "b", Raw: json.RawMessage(`"b"`)}},
			alike: []string{`{"data": [` + rawLicense + `, "b"]}`, `{"data": {"licenses": [` + rawLicense + `, "b"]}}`,
				`{"keys": [` + rawLicense + `, "b"]}`},
			unreadable: broken,
			lacking:    append([]string{ok, `{"data": ["a", ""]}`, `{"data": [{"status": "active"}]}`, `{"data": ["a", null]}`, `{"data": [[]]}`}, empty...),
		},
		changeBulk("extend bulk", "extendLicensesBulk", transport.Once, "/license/extend-bulk", `{"license_keys": `+sentKeys+`, "extend_seconds": 1}`,
			func(ctx context.Context, b both) ([]*License, error) {
				return b.Licenses.ExtendBulk(ctx, keys, time.Second)
			}),
		changeBulk("set status bulk", "updateLicenseStatusBulk", transport.Idempotent, "/license/update-status-bulk",
			`{"license_keys": `+sentKeys+`, "status": "paused"}`,
			func(ctx context.Context, b both) ([]*License, error) {
				return b.Licenses.SetStatusBulk(ctx, keys, StatusPaused)
			}),
		changeBulk("lock bulk", "setHWIDLockBulk", transport.Once, "/hwid/toggle-lock-bulk", `{"license_keys": `+sentKeys+`, "hwid_lock": true}`,
			func(ctx context.Context, b both) ([]*License, error) { return b.HWIDs.SetLockBulk(ctx, keys, true) }),
		{
			name: "delete", op: "deleteLicense", class: transport.Idempotent,
			call: func(ctx context.Context, b both) (any, error) { return nil, b.Licenses.Delete(ctx, testKey) },
			path: "/license/delete", body: `{"license_key": "` + testKey + `"}`,
			answer: `{"success": true, "data": {"deleted": 1}}`,
			alike:  []string{`{}`, ok, `{"data": "gone", "message": 7, "success": null}`}, unreadable: broken,
		},
		{
			name: "delete bulk", op: "deleteLicensesBulk", class: transport.Idempotent,
			call: func(ctx context.Context, b both) (any, error) { return b.Licenses.DeleteBulk(ctx, keys) },
			path: "/license/delete-bulk", body: `{"license_keys": ` + sentKeys + `}`,
			answer: `{"success": true, "data": {"deleted":3}}`, want: &Deletion{Licenses: Set(3), Raw: json.RawMessage(`{"deleted":3}`)},
			alike: []string{`{"data": {"deleted":3}, "x": 1}`}, unreadable: broken,
		},
		{
			name: "delete bulk, not counted", op: "deleteLicensesBulk", class: transport.Idempotent,
			call: func(ctx context.Context, b both) (any, error) {
				deletion, err := b.Licenses.DeleteBulk(ctx, keys)
				if deletion != nil {
					deletion.Raw = nil
				}
				return deletion, err
			},
			path: "/license/delete-bulk", body: `{"license_keys": ` + sentKeys + `}`,
			answer: ok, want: &Deletion{},
			alike: []string{`{}`, `{"data": null}`, `{"data": []}`, `{"data": {"deleted": null}}`, `{"data": {"deleted": ["a"]}}`, `{"data": {"deleted": true}}`},
		},
		{
			name: "list", op: "listLicenses", class: transport.Read,
			call: func(ctx context.Context, b both) (any, error) {
				return b.Licenses.List(ctx, ListLicensesParams{AppID: testApp})
			},
			path: "/license/get-bulk", body: `{"app_id": "` + testApp + `"}`,
			answer: `{"success": true, "data": [` + rawLicense + `], "total": 101, "page": 1, "per_page": 50, "total_pages": 3}`,
			want:   &LicensePage{Licenses: []*License{wantLicense()}, Page: 1, PerPage: 50, Total: 101, TotalPages: 3},
			alike: []string{`{"data": [` + rawLicense + `], "total": "101", "page": 1.0, "per_page": "50", "total_pages": 3}`,
				`{"data": {"licenses": [` + rawLicense + `]}, "total": 101, "page": 1, "per_page": 50, "total_pages": 3}`},
			unreadable: broken,
			lacking:    []string{`{}`, ok, `{"data": null}`, `{"data": {}}`, `{"data": 7}`, `{"page": 1}`, `{"data": "No licenses found."}`},
		},
		{
			name: "list of nothing", op: "listLicenses", class: transport.Read,
			call: func(ctx context.Context, b both) (any, error) {
				return b.Licenses.List(ctx, ListLicensesParams{AppID: testApp})
			},
			path: "/license/get-bulk", body: `{"app_id": "` + testApp + `"}`,
			answer: `{"success": true, "data": []}`, want: &LicensePage{Licenses: []*License{}},
			alike: []string{`{"data": null, "total": 0}`, `{"total_pages": 0}`, `{"data": [], "total": {}, "page": "one", "per_page": [], "total_pages": false}`},
		},
		{
			name: "list with every condition", op: "listLicenses", class: transport.Read,
			call: func(ctx context.Context, b both) (any, error) {
				return b.Licenses.List(ctx, ListLicensesParams{AppID: testApp, Status: StatusActive, SubscriptionID: testTier, Tags: []string{"trial"}, Search: "<a>",
					Page: 2, PerPage: 100, SortField: SortByCreatedAt, SortOrder: SortDescending})
			},
			path: "/license/get-bulk",
			body: `{"app_id": "` + testApp + `", "status": "active", "subscription_id": "` + testTier + `", "tags": ["trial"], "search": "<a>",
				"page": 2, "per_page": 100, "sort_field": "created_at", "sort_order": "desc"}`,
			answer: `{"data": [{}]}`, want: &LicensePage{Licenses: []*License{{Raw: json.RawMessage(`{}`)}}},
		},
	}
}

func otherCases() []callCase {
	const credentials = `{"app_id": "` + testApp + `", "license": "` + testKey + `", "username": "example", "password": "example-password"}`
	subscription := callCase{
		class:  transport.Idempotent,
		answer: `{"success": true, "data": ` + rawSubscription + `}`, want: wantSubscription(),
		alike: wrapped(rawSubscription, "subscription", "subscriptions"), unreadable: broken, lacking: append([]string{`{"data": [null]}`}, empty...),
	}
	with := func(c callCase, name, op, path, body string, call func(context.Context, both) (any, error)) callCase {
		c.name, c.op, c.path, c.body, c.call = name, op, path, body, call
		return c
	}
	created := subscription
	created.class = transport.Once
	created.lacking = append([]string{ok, `{"data": {"name": "premium"}}`, `{"data": "Subscription created."}`}, empty...)
	return []callCase{
		with(created, "create subscription", "createSubscription", "/subscription/create",
			`{"app_id": "`+testApp+`", "name": "premium", "level": 2, "single_key_per_hwid": true}`,
			func(ctx context.Context, b both) (any, error) {
				return b.Subscriptions.Create(ctx, CreateSubscriptionParams{AppID: testApp, Name: "premium", Level: 2, SingleKeyPerHWID: true})
			}),
		with(created, "create plain subscription", "createSubscription", "/subscription/create",
			`{"app_id": "`+testApp+`", "name": "premium", "level": 0, "single_key_per_hwid": false}`,
			func(ctx context.Context, b both) (any, error) {
				return b.Subscriptions.Create(ctx, CreateSubscriptionParams{AppID: testApp, Name: "premium"})
			}),
		with(subscription, "edit subscription", "editSubscription", "/subscription/edit",
			`{"subscription_id": "`+testTier+`", "name": "gold", "level": 0, "single_key_per_hwid": false, "status": "paused"}`,
			func(ctx context.Context, b both) (any, error) {
				return b.Subscriptions.Edit(ctx, testTier, EditSubscriptionParams{Name: Set("gold"), Level: Set(0), SingleKeyPerHWID: Set(false), Status: Set(StatusPaused)})
			}),
		with(subscription, "edit one field of a subscription", "editSubscription", "/subscription/edit",
			`{"subscription_id": "`+testTier+`", "level": 3}`,
			func(ctx context.Context, b both) (any, error) {
				return b.Subscriptions.Edit(ctx, testTier, EditSubscriptionParams{Level: Set(3)})
			}),
		{
			name: "edit subscription, answered by a word", op: "editSubscription", class: transport.Idempotent,
			call: func(ctx context.Context, b both) (any, error) {
				return b.Subscriptions.Edit(ctx, testTier, EditSubscriptionParams{Level: Set(3)})
			},
			path: "/subscription/edit", body: `{"subscription_id": "` + testTier + `", "level": 3}`,
			answer: ok, want: &Subscription{ID: testTier}, alike: []string{`{"success": true}`, `{"message": "Done."}`},
		},
		{
			name: "delete subscription", op: "deleteSubscription", class: transport.Idempotent,
			call: func(ctx context.Context, b both) (any, error) { return b.Subscriptions.Delete(ctx, testTier) },
			path: "/subscription/delete", body: `{"subscription_id": "` + testTier + `"}`,
			answer: `{"success": true, "data": {"deleted":1,"licenses_deleted":12}}`,
			want:   &Deletion{Licenses: Set(12), Raw: json.RawMessage(`{"deleted":1,"licenses_deleted":12}`)}, unreadable: broken,
		},
		{
			name: "delete subscription, not counted", op: "deleteSubscription", class: transport.Idempotent,
			call: func(ctx context.Context, b both) (any, error) { return b.Subscriptions.Delete(ctx, testTier) },
			path: "/subscription/delete", body: `{"subscription_id": "` + testTier + `"}`,
			answer: ok, want: &Deletion{}, alike: []string{`{}`, `{"data": null}`},
		},
		{
			name: "list subscriptions", op: "listSubscriptions", class: transport.Read,
			call: func(ctx context.Context, b both) (any, error) { return b.Subscriptions.List(ctx, testApp) },
			path: "/subscription/get-bulk", body: `{"app_id": "` + testApp + `"}`,
			answer: `{"success": true, "data": [` + rawSubscription + `]}`, want: []*Subscription{wantSubscription()},
			alike:      []string{`{"data": {"subscriptions": [` + rawSubscription + `]}}`, `{"subscriptions": [` + rawSubscription + `]}`},
			unreadable: broken, lacking: []string{`{}`, ok, `{"data": null}`, `{"data": {}}`, `{"data": 7}`},
		},
		{
			name: "authenticate", op: "authenticate", class: transport.Idempotent,
			call: func(ctx context.Context, b both) (any, error) {
				return b.app.Authenticate(ctx, AuthParams{License: testKey, HWID: "device-1"})
			},
			path: "/auth", body: `{"app_id": "` + testApp + `", "license": "` + testKey + `", "hwid": "device-1"}`,
			answer: `{"success": true, "message": "LICENSE_VERIFIED", "data": ` + rawVerified + `}`, want: wantAuthentication(),
			unreadable: append([]string{`{"success": "true"}`, `{"success": 1}`}, broken...),
			lacking:    []string{`{}`, `{"message": "LICENSE_VERIFIED"}`, `{"data": ` + rawVerified + `}`, `{"success": null, "data": {}}`},
		},
		{
			name: "authenticate by credentials", op: "authenticate", class: transport.Idempotent,
			call: func(ctx context.Context, b both) (any, error) {
				return b.app.Authenticate(ctx, AuthParams{Credentials: Credentials{Username: "example", Password: "example-password"}})
			},
			path: "/auth", body: `{"app_id": "` + testApp + `", "username": "example", "password": "example-password"}`,
			answer: `{"success": true, "message": "SOMETHING_NEW"}`, want: &Authentication{Code: "SOMETHING_NEW", Unread: []string{"expires_at"}},
			alike: []string{`{"success": true, "message": " SOMETHING_NEW\n", "data": null}`},
		},
		{
			name: "register", op: "register", class: transport.Once,
			call: func(ctx context.Context, b both) (any, error) {
				return b.app.Register(ctx, testKey, Credentials{Username: "example", Password: "example-password"})
			},
			path: "/register", body: credentials,
			answer:     `{"success": true, "message": "REGISTRATION_SUCCESSFUL", "data": {"a":1}}`,
			want:       &Registration{Code: CodeRegistrationSuccessful, Raw: json.RawMessage(`{"a":1}`)},
			unreadable: broken, lacking: []string{`{}`, `{"message": "REGISTRATION_SUCCESSFUL"}`},
		},
	}
}

// dry calls the method and drops its result, as most tests do.
func (c callCase) dry(ctx context.Context, b both) error {
	_, err := c.call(ctx, b)
	return err
}

// attempts is how often the call is sent when the answer is lost each time.
func (c callCase) attempts() int {
	if c.class == transport.Once {
		return 1
	}
	return 4
}
