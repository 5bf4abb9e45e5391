package keycrate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// kinds are all kinds of errors, so that a test can tell which an error is not.
var kinds = map[string]error{
	"unauthorized": ErrUnauthorized, "forbidden": ErrForbidden, "not found": ErrNotFound, "conflict": ErrConflict, "invalid": ErrInvalid,
	"rate limited": ErrRateLimited, "server": ErrServer, "bad response": ErrBadResponse, "unknown outcome": ErrUnknownOutcome,

	"MissingAuth": ErrMissingAuth, "InvalidAPIKey": ErrInvalidAPIKey, "AccessDenied": ErrAccessDenied, "AppNotFound": ErrAppNotFound,
	"LicenseNotFound": ErrLicenseNotFound, "SubscriptionNotFound": ErrSubscriptionNotFound, "UsernameTaken": ErrUsernameTaken, "HWIDInUse": ErrHWIDInUse,

	"Blacklisted": ErrBlacklisted, "CountryBlacklisted": ErrCountryBlacklisted, "ASNBlacklisted": ErrASNBlacklisted, "IPBlacklisted": ErrIPBlacklisted,
	"HWIDBlacklisted": ErrHWIDBlacklisted, "AppNotActive": ErrAppNotActive, "Team": ErrTeam, "InvalidCredentials": ErrInvalidCredentials,
	"Subscription": ErrSubscription, "SubscriptionNotActive": ErrSubscriptionNotActive, "HWIDNotProvided": ErrHWIDNotProvided,
	"HWIDMismatch": ErrHWIDMismatch, "DeviceAlreadyRegistered": ErrDeviceAlreadyRegistered, "LicenseNotActive": ErrLicenseNotActive,
	"LicenseExpired": ErrLicenseExpired, "LicenseAlreadyRegistered": ErrLicenseAlreadyRegistered,
}

func kindsOf(err error) (names []string) {
	for name, kind := range kinds {
		if errors.Is(err, kind) {
			names = append(names, name)
		}
	}
	return names
}

// management and endUser are the codes of the two APIs, what they mean, and
// the status that they are expected with.
var management = []struct {
	code   string
	status int
	kinds  string
}{
	{"MISSING_AUTH", 401, "unauthorized MissingAuth"},
	{"INVALID_API_KEY", 401, "unauthorized InvalidAPIKey"},
	{"ACCESS_DENIED", 403, "forbidden AccessDenied"},
	{"APP_NOT_FOUND", 404, "not found,AppNotFound"},
	{"LICENSE_NOT_FOUND", 404, "not found,LicenseNotFound"},
	{"INVALID_INPUT", 400, "invalid"},
	{"SERVER_ERROR", 500, "server"},
	{"SUBSCRIPTION_NOT_FOUND", 404, "not found,SubscriptionNotFound"},
	{"USERNAME_TAKEN", 409, "conflict UsernameTaken"},
	{"HWID_IN_USE", 409, "conflict HWIDInUse"},
	{"RATE_LIMITED", 429, "rate limited"},
}

var endUser = []struct {
	code   string
	status int
	kinds  string
}{
	{"INVALID_INPUT", 400, "invalid"},
	{"COUNTRY_BLACKLISTED", 403, "forbidden Blacklisted CountryBlacklisted"},
	{"ASN_BLACKLISTED", 403, "forbidden Blacklisted ASNBlacklisted"},
	{"IP_BLACKLISTED", 403, "forbidden Blacklisted IPBlacklisted"},
	{"HWID_BLACKLISTED", 403, "forbidden Blacklisted HWIDBlacklisted"},
	{"APPLICATION_NOT_FOUND", 404, "not found,AppNotFound"},
	{"APPLICATION_NOT_ACTIVE", 403, "forbidden AppNotActive"},
	{"TEAM_ERROR", 403, "forbidden Team"},
	{"LICENSE_NOT_FOUND", 404, "not found,LicenseNotFound"},
	{"INVALID_USERNAME_OR_PASSWORD", 401, "unauthorized InvalidCredentials"},
	{"SUBSCRIPTION_ERROR", 403, "forbidden Subscription"},
	{"SUBSCRIPTION_NOT_ACTIVE", 403, "forbidden SubscriptionNotActive"},
	{"HWID_NOT_PROVIDED", 400, "invalid HWIDNotProvided"},
	{"HWID_MISMATCH", 403, "forbidden HWIDMismatch"},
	{"HWID_MISSMATCH", 403, "forbidden HWIDMismatch"},
	{"DEVICE_ALREADY_REGISTERED_WITH_OTHER_LICENSE", 403, "forbidden DeviceAlreadyRegistered"},
	{"LICENSE_NOT_ACTIVE", 403, "forbidden LicenseNotActive"},
	{"LICENSE_EXPIRED", 403, "forbidden LicenseExpired"},
	{"LICENSE_ALREADY_REGISTERED", 409, "conflict LicenseAlreadyRegistered"},
	{"USERNAME_TAKEN", 409, "conflict UsernameTaken"},
	{"SERVER_ERROR", 500, "server"},
}

// names splits a list of kinds; commas where names have blanks.
func names(list string) []string {
	if strings.Contains(list, ",") || kinds[list] != nil {
		return strings.Split(list, ",")
	}
	return strings.Fields(list)
}

// statuses are what a code may come with: the code decides.
var statuses = []int{200, 201, 302, 400, 401, 403, 404, 405, 408, 409, 418, 422, 429, 500, 501, 503}

func TestCodesOfTheManagementAPI(t *testing.T) {
	t.Parallel()
	for _, test := range management {
		for _, status := range statuses {
			t.Run(fmt.Sprint(test.code, " under ", status), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					client, v := newClient(t, says(status, `{"error": "In words.", "error_code": "`+test.code+`", "data": {"a":1}}`))
					_, err := client.Licenses.Extend(t.Context(), testKey, time.Hour)
					e := errorOf(t, err)
					assert.Equal(t, status, e.StatusCode, "as it came")
					assert.Equal(t, test.code, e.Code)
					assert.Equal(t, "In words.", e.Message)
					assert.JSONEq(t, `{"a": 1}`, string(FailureData(err)))
					assert.Contains(t, e.Error(), test.code)
					var denial *Denial
					assert.False(t, errors.As(err, &denial), "that is for end users")
					want, calls, outcome := names(test.kinds), 1, OutcomeNotApplied
					switch test.status {
					case 429:
						calls = 4
					case 500:
						want, outcome = append(want, "unknown outcome"), OutcomeUnknown
					}
					assert.ElementsMatch(t, want, kindsOf(e))
					assert.Equal(t, outcome, e.Outcome)
					v.AssertCalls(t, calls)
				})
			})
		}
	}
}

func TestCodesForEndUsers(t *testing.T) {
	t.Parallel()
	for _, test := range endUser {
		for _, status := range statuses {
			t.Run(fmt.Sprint(test.code, " under ", status), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					app, v := newApp(t, says(status, `{"success": false, "message": "`+test.code+`", "data": {"a":1}}`))
					for name, call := range map[string]func() error{
						"authenticate": func() error {
							_, err := app.Authenticate(t.Context(), AuthParams{License: testKey})
							return err
						},
						"register": func() error {
							_, err := app.Register(t.Context(), testKey, Credentials{Username: "u", Password: "p"})
							return err
						},
					} {
						v.Calls = nil
						e := errorOf(t, call())
						code := strings.Replace(test.code, "MISSMATCH", "MISMATCH", 1)
						assert.Equal(t, status, e.StatusCode, "as it came")
						assert.Equal(t, code, e.Code)
						assert.Empty(t, e.Message)
						assert.JSONEq(t, `{"a": 1}`, string(FailureData(e)))
						want := names(test.kinds)
						var denial *Denial
						if test.status == 500 {
							want = append(want, "unknown outcome")
							assert.False(t, errors.As(e, &denial), "nobody was refused")
							v.AssertCalls(t, map[string]int{"authenticate": 4, "register": 1}[name])
						} else {
							require.ErrorAs(t, e, &denial)
							assert.Equal(t, &Denial{Code: Code(code), Raw: json.RawMessage(`{"a":1}`)}, denial)
							assert.Equal(t, OutcomeNotApplied, e.Outcome)
							v.AssertCalls(t, 1)
						}
						assert.ElementsMatch(t, want, kindsOf(e))
					}
				})
			})
		}
	}
}

// What an end user types in may be a part of a code. The code stays whole all the
// same, while the rest of the answer shows nothing of it.
func TestWhatIsSentDoesNotHideAKnownCode(t *testing.T) {
	t.Parallel()
	const name = "LICENSE"
	app, _ := newApp(t, says(403, `{"success": false, "message": "LICENSE_NOT_ACTIVE"}`))
	_, err := app.Register(t.Context(), testKey, Credentials{Username: name, Password: name})
	e := errorOf(t, err)
	assert.Equal(t, string(CodeLicenseNotActive), e.Code)
	var denial *Denial
	require.ErrorAs(t, err, &denial)
	assert.Equal(t, CodeLicenseNotActive, denial.Code)

	app, _ = newApp(t, says(403, `{"success": false, "message": "No LICENSE for you", "error_code": "LICENSE_UNHEARD_OF"}`))
	_, err = app.Authenticate(t.Context(), AuthParams{Credentials: Credentials{Username: name, Password: "correct horse"}})
	e = errorOf(t, err)
	assert.NotContains(t, e.Code, name, "it may be anything")
	assert.NotContains(t, e.Message, name)
	assert.NotContains(t, err.Error(), name)
}

// Every code that is known has a name, and stands in one of the tables above.
func TestEveryCodeIsTested(t *testing.T) {
	t.Parallel()
	tested := map[Code]bool{}
	for _, test := range management {
		tested[Code(test.code)] = true
	}
	for _, test := range endUser {
		tested[Code(test.code)] = true
	}
	for code := range meanings {
		assert.True(t, tested[code], code)
	}
	assert.Len(t, tested, len(meanings)+1, "and the misspelled one")
}

func TestSentinelsAreOfTheirKind(t *testing.T) {
	t.Parallel()
	for code, known := range meanings {
		if known.kind == nil {
			continue
		}
		parent := map[int]error{400: ErrInvalid, 401: ErrUnauthorized, 403: ErrForbidden, 404: ErrNotFound, 409: ErrConflict}[known.status]
		require.NotNil(t, parent, code)
		assert.ErrorIs(t, known.kind, parent, code)
		assert.NotErrorIs(t, parent, known.kind, code)
	}
}

// Codes that are not known stay readable, and the status says what they are.
func TestUnknownCodes(t *testing.T) {
	t.Parallel()
	for status, want := range map[int][]string{
		200: nil, 400: {"invalid"}, 401: {"unauthorized"}, 402: nil, 403: {"forbidden"}, 404: {"not found"}, 409: {"conflict"},
		503: {"server", "unknown outcome"},
	} {
		client, _ := newClient(t, says(status, `{"error": "It is Sunday.", "error_code": "CLOSED_TODAY"}`))
		_, err := client.Licenses.Extend(t.Context(), testKey, time.Hour)
		e := errorOf(t, err)
		assert.Equal(t, "CLOSED_TODAY", e.Code)
		assert.Equal(t, "It is Sunday.", e.Message)
		assert.ElementsMatch(t, want, kindsOf(e), status)
	}
	app, _ := newApp(t, says(403, `{"success": false, "message": "VPN_DETECTED"}`))
	_, err := app.Authenticate(t.Context(), AuthParams{License: testKey})
	var denial *Denial
	require.ErrorAs(t, err, &denial)
	assert.Equal(t, &Denial{Code: "VPN_DETECTED"}, denial)
	assert.ErrorIs(t, err, ErrForbidden)
	assert.EqualError(t, denial, "keycrate: refused: VPN_DETECTED")
}

// The two ways of saying no are understood in each other's place, and so are
// codes and texts.
func TestFailuresInOtherForms(t *testing.T) {
	t.Parallel()
	const html = "an HTML page instead of an API answer, perhaps from a proxy"
	for name, test := range map[string]struct {
		status        int
		body          string
		code, message string
		understood    bool
		denied        bool // of an end user
	}{
		"documented":               {404, `{"error": "No such license.", "error_code": "LICENSE_NOT_FOUND"}`, "LICENSE_NOT_FOUND", "No such license.", true, true},
		"for end users":            {404, `{"success": false, "message": "LICENSE_NOT_FOUND"}`, "LICENSE_NOT_FOUND", "", true, true},
		"code alone":               {404, `{"error_code": "LICENSE_NOT_FOUND"}`, "LICENSE_NOT_FOUND", "", true, true},
		"code as the text":         {404, `{"error": "LICENSE_NOT_FOUND"}`, "LICENSE_NOT_FOUND", "", true, true},
		"code with blanks":         {404, `{"error_code": " LICENSE_NOT_FOUND\n"}`, "LICENSE_NOT_FOUND", "", true, true},
		"text as the message":      {400, `{"success": false, "message": "No such license."}`, "", "No such license.", true, true},
		"code and message":         {400, `{"error_code": "LICENSE_NOT_FOUND", "message": "No such license."}`, "LICENSE_NOT_FOUND", "No such license.", true, true},
		"other spelling, coded":    {403, `{"error": "Other device.", "error_code": "HWID_MISSMATCH"}`, "HWID_MISMATCH", "Other device.", true, true},
		"code is a number":         {400, `{"error": "No.", "error_code": 7}`, "", "No.", true, false},
		"error is an object":       {400, `{"error": {"a": 1}}`, "", `{"error": {"a": 1}}`, false, false},
		"a shout is no code":       {400, `{"error": "NO"}`, "", "NO", true, false},
		"a gateway's":              {403, `{"message": "Forbidden"}`, "", "Forbidden", true, false},
		"no code and not found":    {404, `{"error": "Not found."}`, "", "Not found.", false, false},
		"route":                    {404, `{"error": "Not found.", "error_code": "NOT_FOUND"}`, "NOT_FOUND", "Not found.", false, false},
		"method":                   {405, `{"success": false, "message": "METHOD_NOT_ALLOWED"}`, "METHOD_NOT_ALLOWED", "", false, false},
		"a limit in words":         {429, `{"success": false, "message": "Slow down."}`, "", "Slow down.", true, false},
		"the vendor's own failure": {502, `{"success": false, "message": "Sorry."}`, "", "Sorry.", true, false},
		"a redirect":               {302, `{"success": false, "message": "Over there."}`, "", "Over there.", true, false},
		"other object":             {400, `{"status": "fail"}`, "", `{"status": "fail"}`, false, false},
		"list":                     {400, `["no"]`, "", `["no"]`, false, false},
		"null":                     {400, `null`, "", `null`, false, false},
		"empty":                    {400, ``, "", ``, false, false},
		"plain text":               {403, `LICENSE_EXPIRED`, "", `LICENSE_EXPIRED`, false, false},
		"cut":                      {403, `{"success": false, "message": "LICENSE_EX`, "", `{"success": false, "message": "LICENSE_EX`, false, false},
		"page":                     {403, "<!DOCTYPE html><html>Attention required</html>", "", html, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, op := range []transport.Op{keycratewire.GetLicenseOp, keycratewire.AuthenticateOp} {
				f := failure(&transport.Answer{Op: op, StatusCode: test.status, Attempt: 1, Body: []byte(test.body)})
				require.NotNil(t, f)
				assert.Equal(t, test.code, f.Code)
				assert.Equal(t, test.message, f.Message)
				assert.Equal(t, test.understood, f.Understood)
				assert.Equal(t, test.denied && op.ID == "authenticate", f.Detail.(detail).denied)
			}
		})
	}
}

// A plain success is believed, whatever stands beside it.
func TestFailuresUnderASuccess(t *testing.T) {
	t.Parallel()
	for body, fails := range map[string]bool{
		`{"success": true, "data": {"key": "k"}}`:                          false,
		`{"data": {"key": "k"}}`:                                           false,
		`{"success": true, "error_code": "SERVER_ERROR"}`:                  false,
		`{"success": true, "error": "Webhook failed."}`:                    false,
		`{"data": {"key": "k"}, "error": "Webhook failed."}`:               false,
		`{"success": true, "error": null, "error_code": ""}`:               false,
		`{"error": "", "error_code": null}`:                                false,
		`{"data": {"metadata": {"success": false, "error_code": "X_Y"}}}`:  false,
		`{"data": {"metadata": {"a": "\"success\":false"}}}`:               false,
		`{"success": false}`:                                               true,
		`{"success": "false"}`:                                             true,
		`{"success": false, "data": {"key": "k"}}`:                         true,
		`{"error_code": "INVALID_INPUT"}`:                                  true,
		`{"error_code": "INVALID_INPUT", "data": {"key": "k"}}`:            true,
		`{"error": "No."}`:                                                 true,
		`{"success": false, "message": "LICENSE_VERIFIED"}`:                true,
		`{"success": null, "error": "No.", "error_code": "INVALID_INPUT"}`: true,

		`{"success": 1, "error": "Webhook failed."}`:            false,
		`{"success": "true", "error_code": "SERVER_ERROR"}`:     false,
		`{"success": "License created.", "data": {"key": "k"}}`: false,
		`{"error_code": 0, "data": {"key": "k"}}`:               false,
		`{"message": "LICENSE_CREATED", "data": {"key": "k"}}`:  false,
		`{"message": "LICENSE_CREATED"}`:                        false,
		`{"success": true, "message": "LICENSE_EXPIRED"}`:       false,
		`{"message": "RATE_LIMITED", "data": {"key": "k"}}`:     false,
		`{"success": 0, "message": "No such license."}`:         true,
		`{"success": "no", "error": "No such license."}`:        true,
		`{"success": "False"}`:                                  true,
		`{"success": {}, "error_code": "LICENSE_NOT_FOUND"}`:    true,
		`{"message": "RATE_LIMITED"}`:                           true,
		`{"message": "LICENSE_NOT_FOUND", "data": null}`:        true,
		`{"error_code": 7, "message": "No."}`:                   true,
	} {
		f := failure(&transport.Answer{Op: keycratewire.CreateLicenseOp, StatusCode: 200, Attempt: 1, Body: []byte(body)})
		assert.Equal(t, fails, f != nil, body)
	}
}

// A call that was refused must not look done because its answer has words.
func TestRefusalsUnderASuccessAreNoSuccess(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"message": "LICENSE_NOT_FOUND"}`, `{"success": 0, "message": "LICENSE_NOT_FOUND"}`, `{"success": "no", "error_code": "LICENSE_NOT_FOUND"}`,
	} {
		client, v := newClient(t, says(200, body))
		_, err := client.Licenses.Extend(t.Context(), testKey, time.Hour)
		for _, err := range []error{err, client.Licenses.Delete(t.Context(), testKey)} {
			assert.ErrorIs(t, err, ErrLicenseNotFound, body)
			assert.Equal(t, OutcomeNotApplied, errorOf(t, err).Outcome)
		}
		v.AssertCalls(t, 2)
	}
	synctest.Test(t, func(t *testing.T) {
		client, v := newClient(t, says(200, `{"message": "RATE_LIMITED"}`), says(200, `{"success": true}`))
		_, err := client.Licenses.Extend(t.Context(), testKey, time.Hour)
		require.NoError(t, err)
		v.AssertCalls(t, 2)
	})
}

func TestRequestIDOfAFailure(t *testing.T) {
	t.Parallel()
	client, _ := newClient(t, saysAs(400, `{"error": "No."}`, "X-Request-Id", "r-1"))
	assert.Equal(t, "r-1", errorOf(t, client.Licenses.Delete(t.Context(), testKey)).RequestID)
}

func TestFailureData(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"error_code": "INVALID_INPUT", "data": {"fields": ["a"]}}`: `{"fields": ["a"]}`,
		`{"error_code": "INVALID_INPUT", "data": null}`:              ``,
		`{"error_code": "INVALID_INPUT"}`:                            ``,
		`no`:                                                         ``,
	} {
		client, _ := newClient(t, says(400, body))
		assert.Equal(t, want, string(FailureData(client.Licenses.Delete(t.Context(), testKey))), body)
	}
	assert.Nil(t, FailureData(nil))
	assert.Nil(t, FailureData(context.Canceled))
	client, _ := newClient(t, says(http.StatusTeapot, ``))
	assert.Nil(t, FailureData(client.Licenses.Delete(t.Context(), "")), "nothing was sent")
}

func FuzzErrorDialect(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `{}`, `[]`, `"x"`, `{"error": "No.", "error_code": "LICENSE_NOT_FOUND"}`, `{"success": false, "message": "HWID_MISSMATCH", "data": {}}`,
		"<!DOCTYPE html><p>", "\xff\xfe{", `{"message":"\ud800\u0000\u2028"}`, `{"error":` + strings.Repeat("[", 20000),
		`{"success": true, "error_code": "SERVER_ERROR"}`, `{"error_code": {"a": 1}, "error": ["x"]}`,
	} {
		for _, status := range []int{200, 302, 404, 429, 500} {
			f.Add(status, []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		said := failure(&transport.Answer{Op: keycratewire.AuthenticateOp, StatusCode: status, Attempt: 1, Body: body})
		if status/100 != 2 {
			require.NotNil(t, said, "a bad status is a failure, whatever the body")
		}
		if said == nil {
			return
		}
		require.False(t, said.Understood && said.Message == "" && said.Code == "")
		require.False(t, said.StatusCode != 0 && !said.Understood, "only the vendor's own words change what a status means")
		require.False(t, said.Detail.(detail).denied && !said.Understood, "only the vendor itself refuses")
	})
}
