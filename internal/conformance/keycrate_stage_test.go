package conformance

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// crate is the stage of Keycrate's scenarios: an app with one subscription, a
// client with an API key that may do everything, and the program of an end user.
type crate struct {
	ground
	client *keycrate.Client
	end    *keycrate.App
	app    string
	sub    keycratemock.Subscription // "basic", of level 1
}

func openCrate(t *testing.T, r *rig) *crate {
	s := &crate{ground: ground{t, r}, app: r.Keycrate.AppID()}
	s.sub = r.Keycrate.AddSubscription(keycratemock.Subscription{Name: "basic", Level: 1})
	s.client, s.end = r.keycrateClient(t), r.keycrateApp(t)
	return s
}

// as returns a client with an API key.
func (s *crate) as(apiKey string) *keycrate.Client {
	s.Helper()
	return s.clientWith(func(c *keycrate.Config) { c.APIKey = apiKey })
}

func (s *crate) clientWith(change func(*keycrate.Config)) *keycrate.Client {
	s.Helper()
	config := s.keycrateConfig()
	change(&config)
	client, err := keycrate.New(config)
	require.NoError(s, err)
	return client
}

// inApp is an end user's program of an app.
func (s *crate) inApp(appID string) *keycrate.App {
	s.Helper()
	config := s.keycrateAppConfig()
	config.AppID = appID
	app, err := keycrate.NewApp(config)
	require.NoError(s, err)
	return app
}

// once makes neither client nor program repeat a call.
func (s *crate) once() {
	s.Helper()
	s.client = s.clientWith(func(c *keycrate.Config) { c.Retry.MaxAttempts = 1 })
	config := s.keycrateAppConfig()
	config.Retry.MaxAttempts = 1
	app, err := keycrate.NewApp(config)
	require.NoError(s, err)
	s.end = app
}

// What client and program do. These take the results of a call that should
// succeed, or may not.

func (s *crate) license(license *keycrate.License, err error) *keycrate.License {
	s.Helper()
	require.NoError(s, err)
	return license
}

func (s *crate) licenses(list []*keycrate.License, err error) []*keycrate.License {
	s.Helper()
	require.NoError(s, err)
	return list
}

func (s *crate) subscription(sub *keycrate.Subscription, err error) *keycrate.Subscription {
	s.Helper()
	require.NoError(s, err)
	return sub
}

func (s *crate) deletion(deletion *keycrate.Deletion, err error) *keycrate.Deletion {
	s.Helper()
	require.NoError(s, err)
	return deletion
}

// errorOf is the error of a call, whatever else it returns.
func errorOf[T any](_ T, err error) error { return err }

func (s *crate) get(key string) *keycrate.License {
	s.Helper()
	return s.license(s.client.Licenses.Get(s.Context(), key))
}

func (s *crate) extend(key string, by time.Duration) *keycrate.License {
	s.Helper()
	return s.license(s.client.Licenses.Extend(s.Context(), key, by))
}

const day = 24 * time.Hour

// week is what creating a license for seven days takes.
func (s *crate) week() keycrate.CreateLicenseParams {
	return keycrate.CreateLicenseParams{AppID: s.app, SubscriptionID: s.sub.ID, Duration: keycrate.Days(7)}
}

func (s *crate) create(params keycrate.CreateLicenseParams) *keycrate.License {
	s.Helper()
	return s.license(s.client.Licenses.Create(s.Context(), params))
}

func (s *crate) list(params keycrate.ListLicensesParams) *keycrate.LicensePage {
	s.Helper()
	if params.AppID == "" {
		params.AppID = s.app
	}
	page, err := s.client.Licenses.List(s.Context(), params)
	require.NoError(s, err)
	return page
}

// found has the keys that a list finds, in its order.
func (s *crate) found(params keycrate.ListLicensesParams) []string {
	s.Helper()
	return keysOf(s.list(params).Licenses)
}

func keysOf(list []*keycrate.License) []string {
	keys := []string{}
	for _, license := range list {
		keys = append(keys, license.Key)
	}
	return keys
}

// tryEnter asks with a license, on a device unless that is empty.
func (s *crate) tryEnter(key, hwid string) (*keycrate.Authentication, error) {
	return s.end.Authenticate(s.Context(), keycrate.AuthParams{License: key, HWID: hwid})
}

// enter is let in with a certain code.
func (s *crate) enter(code keycrate.Code, key, hwid string) *keycrate.Authentication {
	s.Helper()
	auth, err := s.tryEnter(key, hwid)
	require.NoError(s, err)
	assert.Equal(s, code, auth.Code)
	return auth
}

const (
	verified = keycrate.CodeLicenseVerified
	firstUse = keycrate.CodeLicenseVerifiedUnusedAndLocked
)

// barred is refused with a license, which must have no effect.
func (s *crate) barred(kind error, code keycrate.Code, key, hwid string) (denial *keycrate.Denial) {
	s.Helper()
	s.unchanged(func() {
		_, err := s.tryEnter(key, hwid)
		denial = s.assertDenied(err, code, kind)
	})
	return denial
}

// login asks with a username and a password.
func (s *crate) login(username, password string) (*keycrate.Authentication, error) {
	return s.end.Authenticate(s.Context(), keycrate.AuthParams{Credentials: keycrate.Credentials{Username: username, Password: password}})
}

func (s *crate) tryRegister(key, username, password string) error {
	return errorOf(s.end.Register(s.Context(), key, keycrate.Credentials{Username: username, Password: password}))
}

// Behind the curtain.

// seed puts a license into the app, and returns its key.
func (s *crate) seed(license keycratemock.License) string {
	if license.AppID == "" && license.SubscriptionID == "" {
		license.SubscriptionID = s.sub.ID
	}
	return s.Keycrate.AddLicense(license).Key
}

// days is a license of so many days.
func days(n int64) keycratemock.License {
	return keycratemock.License{DurationUnit: keycratemock.UnitDays, DurationValue: n}
}

// locked is the same for one device.
func locked(n int64) keycratemock.License {
	license := days(n)
	license.HWIDLock = true
	return license
}

// tier adds a subscription that lets a device use one license only.
func (s *crate) tier(name string) keycratemock.Subscription {
	return s.Keycrate.AddSubscription(keycratemock.Subscription{Name: name, SingleKeyPerHWID: true})
}

// stored is a license as the vendor keeps it.
func (s *crate) stored(key string) keycratemock.License {
	s.Helper()
	license, found := s.Keycrate.License(key)
	require.True(s, found, "the license is not there")
	return license
}

// unchanged checks that what is done has no effect.
func (s *crate) unchanged(do func()) {
	s.Helper()
	licenses, subs := s.Keycrate.Licenses(), s.Keycrate.Subscriptions()
	assert.Empty(s, s.effects(do))
	assert.Equal(s, licenses, s.Keycrate.Licenses())
	assert.Equal(s, subs, s.Keycrate.Subscriptions())
}

// What goes over the wire as it is.

// post sends a management call, or one of an end user, which has no API key. In
// its body @app and @sub are the ids of the crate's app and subscription. If it
// is refused, it must have had no effect.
func (s *crate) post(path, body string, headers ...string) answer {
	s.Helper()
	return s.call("POST", path, body, headers...)
}

func (s *crate) call(method, path, body string, headers ...string) (a answer) {
	s.Helper()
	usual := []string{"Content-Type: application/json"}
	if route, _, _ := strings.Cut(path, "?"); !slices.Contains(ofEndUsers, route) {
		usual = append(usual, "x-api-key: "+s.Keycrate.APIKey())
	}
	body = strings.NewReplacer("@app", s.app, "@sub", s.sub.ID).Replace(body)
	effects := s.effects(func() { a = s.send(s.T, method, s.keycrateURL+path, body, append(usual, headers...)) })
	if a.Status != 200 {
		assert.Empty(s, effects, a.Body)
	}
	return a
}

var ofEndUsers = []string{"/auth", "/register"}

// do sends a call that should succeed.
func (s *crate) do(path, body string, headers ...string) answer {
	s.Helper()
	a := s.post(path, body, headers...)
	require.Equal(s, 200, a.Status, "%s %s", path, a.Body)
	assert.Equal(s, true, a.at(s, "success"))
	return a
}

// about is the body of a call about a license, with further fields.
func about(key string, fields ...string) string {
	return `{` + strings.Join(append([]string{`"license_key": "` + key + `"`}, fields...), ", ") + `}`
}

// crateCall is one operation as a raw request that works.
type crateCall struct{ id, path, body string }

// everyCall has one request for each management operation of the document, about
// licenses of their own.
func (s *crate) everyCall() []crateCall {
	one := func(fields ...string) string { return about(s.seed(days(7)), fields...) }
	many := func(fields string) string { return `{"license_keys": ["` + s.seed(days(7)) + `"]` + fields + `}` }
	sub := func() string { return s.Keycrate.AddSubscription(keycratemock.Subscription{Name: "spare"}).ID }
	const week = `"app_id": "@app", "subscription_id": "@sub", "duration_unit": "days", "duration_value": 7}`
	bodies := map[string]string{
		keycratewire.CreateLicenseOp.ID:             `{` + week,
		keycratewire.CreateLicensesBulkOp.ID:        `{"key_amount": 2, ` + week,
		keycratewire.ExtendLicenseOp.ID:             one(`"extend_seconds": 60`),
		keycratewire.ExtendLicensesBulkOp.ID:        many(`, "extend_seconds": 60`),
		keycratewire.DeleteLicenseOp.ID:             one(),
		keycratewire.DeleteLicensesBulkOp.ID:        many(``),
		keycratewire.GetLicenseOp.ID:                one(),
		keycratewire.ListLicensesOp.ID:              `{"app_id": "@app"}`,
		keycratewire.UpdateLicenseStatusOp.ID:       one(`"status": "paused"`),
		keycratewire.UpdateLicenseStatusBulkOp.ID:   many(`, "status": "paused"`),
		keycratewire.UpdateLicenseSubscriptionOp.ID: one(`"subscription_id": "@sub"`),
		keycratewire.UpdateLicenseCredentialsOp.ID:  one(`"username": "` + s.Keycrate.AddApp("").ID + `"`),
		keycratewire.UpdateLicenseMetadataOp.ID:     one(`"metadata": {"a": 1}`),
		keycratewire.EditHWIDOp.ID:                  one(`"hwid": "pc"`),
		keycratewire.SetHWIDLockOp.ID:               one(`"hwid_lock": true`),
		keycratewire.SetHWIDLockBulkOp.ID:           many(`, "hwid_lock": true`),
		keycratewire.SetHWIDResetAllowedOp.ID:       one(`"hwid_reset_allowed": true`),
		keycratewire.SetHWIDResetIntervalOp.ID:      one(`"hwid_reset_cooldown": 60`),
		keycratewire.CreateSubscriptionOp.ID:        `{"app_id": "@app", "name": "another"}`,
		keycratewire.EditSubscriptionOp.ID:          `{"subscription_id": "` + sub() + `", "level": 3}`,
		keycratewire.DeleteSubscriptionOp.ID:        `{"subscription_id": "` + sub() + `"}`,
		keycratewire.ListSubscriptionsOp.ID:         `{"app_id": "@app"}`,
	}
	var calls []crateCall
	for _, op := range keycratewire.Operations() {
		if !slices.Contains(ofEndUsers, op.Path) {
			require.NotEmpty(s, bodies[op.ID], op.ID)
			calls = append(calls, crateCall{op.ID, op.Path, bodies[op.ID]})
		}
	}
	require.Len(s, calls, 22)
	return calls
}

// everyEndUserCall is the same for the two of end users.
func (s *crate) everyEndUserCall() []crateCall {
	return []crateCall{
		{keycratewire.AuthenticateOp.ID, "/auth", s.authBody(s.seed(locked(7)), "pc")},
		{keycratewire.RegisterOp.ID, "/register", s.registerBody(s.seed(days(7)), s.Keycrate.AddApp("").ID, "pw")},
	}
}

func (s *crate) authBody(key, hwid string) string {
	return `{"app_id": "@app", "license": "` + key + `", "hwid": "` + hwid + `"}`
}

func (s *crate) registerBody(key, username, password string) string {
	return `{"app_id": "@app", "license": "` + key + `", "username": "` + username + `", "password": "` + password + `"}`
}

// assertError checks the refusal of a management call, but for its words.
func (s *crate) assertError(a answer, status int, code keycrate.Code) {
	s.Helper()
	require.Equal(s, status, a.Status, a.Body)
	assert.Equal(s, "application/json", a.Header.Get("Content-Type"))
	s.assertMembers(a.whole(s), "error error_code")
	assert.Equal(s, string(code), a.at(s, "error_code"))
	assert.NotEmpty(s, a.at(s, "error"))
}

// assertTold checks the refusal of an end user's call, with the members of its
// data.
func (s *crate) assertTold(a answer, status int, code keycrate.Code, data ...string) {
	s.Helper()
	require.Equal(s, status, a.Status, a.Body)
	assert.Equal(s, "application/json", a.Header.Get("Content-Type"))
	assert.Equal(s, false, a.at(s, "success"))
	assert.Equal(s, string(code), a.at(s, "message"))
	members := "success message"
	if len(data) > 0 {
		members += " data"
		s.assertMembers(a.at(s, "data"), strings.Join(data, " "))
	}
	s.assertMembers(a.whole(s), members)
}

// assertInvalid checks that a call is refused for a field.
func (s *crate) assertInvalid(a answer, field string) {
	s.Helper()
	s.assertError(a, 400, keycrate.CodeInvalidInput)
	assert.Regexp(s, "^"+regexp.QuoteMeta(field)+" ", a.at(s, "error"))
}

func (s *crate) assertMembers(object any, names string) {
	s.Helper()
	members, ok := object.(map[string]any)
	require.True(s, ok, "%v is no object", object)
	assert.ElementsMatch(s, strings.Fields(names), slices.Collect(maps.Keys(members)))
}

// assertData checks members of what a call answers with.
func (s *crate) assertData(a answer, want map[string]any) {
	s.Helper()
	for path, value := range want {
		assert.Equal(s, value, a.at(s, "data."+path), path)
	}
}

// Errors of the client.

// keycrateKinds are all kinds of errors but the unknown outcome.
var keycrateKinds = []error{
	keycrate.ErrUnauthorized, keycrate.ErrForbidden, keycrate.ErrNotFound, keycrate.ErrConflict, keycrate.ErrInvalid,
	keycrate.ErrRateLimited, keycrate.ErrServer, keycrate.ErrBadResponse, keycrate.ErrUnknownOutcome,
	keycrate.ErrMissingAuth, keycrate.ErrInvalidAPIKey, keycrate.ErrAccessDenied, keycrate.ErrAppNotFound,
	keycrate.ErrLicenseNotFound, keycrate.ErrSubscriptionNotFound, keycrate.ErrUsernameTaken, keycrate.ErrHWIDInUse,
	keycrate.ErrBlacklisted, keycrate.ErrCountryBlacklisted, keycrate.ErrASNBlacklisted, keycrate.ErrIPBlacklisted,
	keycrate.ErrHWIDBlacklisted, keycrate.ErrAppNotActive, keycrate.ErrTeam, keycrate.ErrInvalidCredentials,
	keycrate.ErrSubscription, keycrate.ErrSubscriptionNotActive, keycrate.ErrHWIDNotProvided, keycrate.ErrHWIDMismatch,
	keycrate.ErrDeviceAlreadyRegistered, keycrate.ErrLicenseNotActive, keycrate.ErrLicenseExpired,
	keycrate.ErrLicenseAlreadyRegistered,
}

// assertKeycrateError checks that an error is of this kind, of what the kind is
// one of, and of no other.
func assertKeycrateError(t testing.TB, err error, kinds ...error) *keycrate.Error {
	t.Helper()
	for _, kind := range keycrateKinds {
		want := slices.ContainsFunc(kinds, func(k error) bool { return errors.Is(k, kind) })
		assert.Equal(t, want, errors.Is(err, kind), "%v is %v", err, kind)
	}
	var e *keycrate.Error
	require.True(t, errors.As(err, &e), "%T is no *keycrate.Error", err)
	return e
}

// assertRefused checks that the vendor refused a call with a code, and that it
// is known for what it is.
func (s *crate) assertRefused(err error, code keycrate.Code, kind error) *keycrate.Error {
	s.Helper()
	e := assertKeycrateError(s, err, kind)
	assert.Equal(s, string(code), e.Code)
	assert.Equal(s, 1, e.Attempts)
	assert.Equal(s, keycrate.OutcomeNotApplied, e.Outcome)
	assert.Contains(s, s.seen.answer(), `"`+string(code)+`"`)
	return e
}

// assertDenied is assertRefused for an end user.
func (s *crate) assertDenied(err error, code keycrate.Code, kind error) *keycrate.Denial {
	s.Helper()
	s.assertRefused(err, code, kind)
	var denial *keycrate.Denial
	require.ErrorAs(s, err, &denial)
	assert.Equal(s, code, denial.Code)
	return denial
}

// assertLocal checks that the client refuses to send a call, and names the
// argument.
func (s *crate) assertLocal(field string, call func() error) {
	s.Helper()
	before := len(s.Server.Calls())
	err := call()
	s.Server.AssertCalls(s, before)
	e := assertKeycrateError(s, err, keycrate.ErrInvalid)
	assert.Zero(s, e.Attempts)
	require.Len(s, e.Fields, 1, "%v", err)
	assert.Equal(s, field, e.Fields[0].Field)
}
