package conformance

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// crateRefusal is one code of the vendor: how to get it, the status that it comes
// with here, and what the client makes of it.
type crateRefusal struct {
	code   keycrate.Code
	call   func(s *crate) error // in a crate where alice has the license "hers", unlocked, and nobody else one
	status int
	kind   error
}

const hersKey = "hers"

var managementRefusals = []crateRefusal{
	{keycrate.CodeMissingAuth, func(s *crate) error {
		s.client = s.clientWith(func(c *keycrate.Config) { c.HTTPClient = &http.Client{Transport: keyless{s.raw.Transport}} })
		return s.tryGet(hersKey)
	}, 401, keycrate.ErrMissingAuth},
	{keycrate.CodeInvalidAPIKey, func(s *crate) error {
		s.Keycrate.RevokeAPIKey(s.Keycrate.APIKey())
		return s.tryGet(hersKey)
	}, 401, keycrate.ErrInvalidAPIKey},
	{keycrate.CodeAccessDenied, func(s *crate) error {
		return errorOf(s.as(s.Keycrate.AddAPIKey()).Licenses.Get(s.Context(), hersKey))
	}, 403, keycrate.ErrAccessDenied},
	{keycrate.CodeAppNotFound, func(s *crate) error { return errorOf(s.client.Subscriptions.List(s.Context(), noID)) }, 404, keycrate.ErrAppNotFound},
	{keycrate.CodeLicenseNotFound, func(s *crate) error { return s.tryGet("none") }, 404, keycrate.ErrLicenseNotFound},
	{keycrate.CodeSubscriptionNotFound, func(s *crate) error {
		return errorOf(s.client.Subscriptions.Delete(s.Context(), noID))
	}, 404, keycrate.ErrSubscriptionNotFound},
	{keycrate.CodeInvalidInput, func(s *crate) error {
		return errorOf(s.client.Licenses.Extend(s.Context(), s.seed(keycratemock.License{}), day))
	}, 400, keycrate.ErrInvalid},
	{keycrate.CodeUsernameTaken, func(s *crate) error {
		return errorOf(s.client.Licenses.SetCredentials(s.Context(), s.seed(days(7)), keycrate.Credentials{Username: "alice"}))
	}, 409, keycrate.ErrUsernameTaken},
	{keycrate.CodeHWIDInUse, func(s *crate) error {
		single := s.tier("single").ID
		s.seed(keycratemock.License{SubscriptionID: single, HWID: "pc"})
		return errorOf(s.client.HWIDs.Set(s.Context(), s.seed(keycratemock.License{SubscriptionID: single}), "pc"))
	}, 409, keycrate.ErrHWIDInUse},
	{keycrate.CodeRateLimited, func(s *crate) error {
		s.Keycrate.SetRateLimit(1, time.Hour)
		s.get(hersKey)
		return s.tryGet(hersKey)
	}, 429, keycrate.ErrRateLimited},
	{keycrate.CodeServerError, func(s *crate) error {
		s.Server.Inject(mockserver.Fault{Op: keycratemock.OpGetLicense, Do: mockserver.Status(500), Times: 1})
		return s.tryGet(hersKey)
	}, 500, keycrate.ErrServer},
}

var endUserRefusals = []crateRefusal{
	banned(keycratemock.ByCountry, "NL", keycrate.CodeCountryBlacklisted, keycrate.ErrCountryBlacklisted),
	banned(keycratemock.ByASN, "64496", keycrate.CodeASNBlacklisted, keycrate.ErrASNBlacklisted),
	banned(keycratemock.ByIP, "192.0.2.1", keycrate.CodeIPBlacklisted, keycrate.ErrIPBlacklisted),
	banned(keycratemock.ByHWID, "pc", keycrate.CodeHWIDBlacklisted, keycrate.ErrHWIDBlacklisted),
	{keycrate.CodeApplicationNotFound, func(s *crate) error {
		s.end = s.inApp(noID)
		return errorOf(s.tryEnter(hersKey, ""))
	}, 404, keycrate.ErrAppNotFound},
	{keycrate.CodeApplicationNotActive, func(s *crate) error {
		s.Keycrate.SetAppEnabled(s.app, false)
		return errorOf(s.tryEnter(hersKey, ""))
	}, 403, keycrate.ErrAppNotActive},
	{keycrate.CodeTeamError, func(s *crate) error {
		s.Keycrate.SetTeamEnabled(false)
		return errorOf(s.tryEnter(hersKey, ""))
	}, 403, keycrate.ErrTeam},
	{keycrate.CodeLicenseNotFound, func(s *crate) error { return errorOf(s.tryEnter("none", "")) }, 404, keycrate.ErrLicenseNotFound},
	{keycrate.CodeInvalidCredentials, func(s *crate) error { return errorOf(s.login("alice", "wrong")) }, 401, keycrate.ErrInvalidCredentials},
	{keycrate.CodeSubscriptionError, func(s *crate) error {
		s.Keycrate.OrphanLicenses(s.sub.ID)
		return errorOf(s.tryEnter(hersKey, ""))
	}, 403, keycrate.ErrSubscription},
	{keycrate.CodeSubscriptionNotActive, func(s *crate) error {
		paused := s.Keycrate.AddSubscription(keycratemock.Subscription{Status: keycratemock.StatusPaused})
		return errorOf(s.tryEnter(s.seed(keycratemock.License{SubscriptionID: paused.ID}), ""))
	}, 403, keycrate.ErrSubscriptionNotActive},
	{keycrate.CodeHWIDNotProvided, func(s *crate) error { return errorOf(s.tryEnter(s.seed(locked(7)), "")) }, 400, keycrate.ErrHWIDNotProvided},
	{keycrate.CodeHWIDMismatch, func(s *crate) error {
		return errorOf(s.tryEnter(s.seed(keycratemock.License{HWIDLock: true, HWID: "tv"}), "pc"))
	}, 403, keycrate.ErrHWIDMismatch},
	{keycrate.CodeDeviceAlreadyRegistered, func(s *crate) error {
		single := s.tier("single").ID
		s.seed(keycratemock.License{SubscriptionID: single, HWID: "pc"})
		return errorOf(s.tryEnter(s.seed(keycratemock.License{SubscriptionID: single}), "pc"))
	}, 403, keycrate.ErrDeviceAlreadyRegistered},
	{keycrate.CodeLicenseNotActive, func(s *crate) error {
		return errorOf(s.tryEnter(s.seed(keycratemock.License{Status: keycratemock.StatusPaused}), ""))
	}, 403, keycrate.ErrLicenseNotActive},
	{keycrate.CodeLicenseExpired, func(s *crate) error {
		return errorOf(s.tryEnter(s.seed(keycratemock.License{ExpiresAt: epoch}), ""))
	}, 403, keycrate.ErrLicenseExpired},
	{keycrate.CodeLicenseAlreadyRegistered, func(s *crate) error { return s.tryRegister(hersKey, "bob", "pw") }, 409, keycrate.ErrLicenseAlreadyRegistered},
	{keycrate.CodeUsernameTaken, func(s *crate) error { return s.tryRegister(s.seed(days(7)), "alice", "pw") }, 409, keycrate.ErrUsernameTaken},
	{keycrate.CodeInvalidInput, func(s *crate) error {
		return s.tryRegister(s.seed(days(7)), strings.Repeat("x", 65), "pw")
	}, 400, keycrate.ErrInvalid},
	{keycrate.CodeRateLimited, func(s *crate) error {
		s.Keycrate.SetRateLimit(1, time.Hour)
		s.enter(verified, hersKey, "")
		return errorOf(s.tryEnter(hersKey, ""))
	}, 429, keycrate.ErrRateLimited},
	{keycrate.CodeServerError, func(s *crate) error {
		s.Server.Inject(mockserver.Fault{Op: keycratemock.OpAuthenticate, Do: mockserver.Status(500), Times: 1})
		return errorOf(s.tryEnter(hersKey, ""))
	}, 500, keycrate.ErrServer},
}

// undecided are codes with which nobody has looked at what was asked for.
var undecided = []keycrate.Code{keycrate.CodeRateLimited, keycrate.CodeServerError}

func banned(by keycratemock.BlacklistKind, value string, code keycrate.Code, kind error) crateRefusal {
	return crateRefusal{code, func(s *crate) error {
		s.Keycrate.SetOrigin(keycratemock.Origin{Country: "NL", ASN: 64496, IP: "192.0.2.1"})
		s.Keycrate.Blacklist(by, value)
		return errorOf(s.tryEnter(hersKey, "pc"))
	}, 403, kind}
}

func (s *crate) tryGet(key string) error { return errorOf(s.client.Licenses.Get(s.Context(), key)) }

// keyless is a proxy that loses the API key.
type keyless struct{ next http.RoundTripper }

func (k keyless) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Del("x-api-key")
	return k.next.RoundTrip(req)
}

// keycrateErrors has a scenario for each code of either side.
func keycrateErrors() (list []scenario[*crate]) {
	for side, refusals := range map[string][]crateRefusal{"management": managementRefusals, "end user": endUserRefusals} {
		for _, r := range refusals {
			list = append(list, scenario[*crate]{name: "refusal: " + side + " " + string(r.code), play: func(s *crate) { r.play(s, side == "end user") }})
		}
	}
	slices.SortFunc(list, func(a, b scenario[*crate]) int { return strings.Compare(a.name, b.name) })
	return list
}

func (r crateRefusal) play(s *crate, endUser bool) {
	require.Equal(s, keycratemock.CodeRegistered, s.Keycrate.Register(s.seed(keycratemock.License{Key: hersKey}), "alice", "pw").Code)
	s.once()
	err := r.call(s)
	kinds := []error{r.kind}
	a := answer{Body: s.seen.answer()}
	if endUser {
		assert.Equal(s, string(r.code), a.at(s, "message"))
		if r.code == keycrate.CodeServerError {
			kinds = append(kinds, keycrate.ErrUnknownOutcome) // it may have been the first use
		}
	} else {
		assert.Equal(s, string(r.code), a.at(s, "error_code"))
	}
	e := assertKeycrateError(s, err, kinds...)
	assert.Equal(s, []any{string(r.code), r.status, 1}, []any{e.Code, e.StatusCode, e.Attempts})
	assert.Contains(s, e.Error(), string(r.code))
	assert.NotContains(s, e.Error(), hersKey, "a key in an error's text")
	var denial *keycrate.Denial
	assert.Equal(s, endUser && !slices.Contains(undecided, r.code), errors.As(err, &denial))
}

// The document has an example of every code that is known, and the tables above
// have no other.
func TestKeycrateRefusalsAreAllThereAre(t *testing.T) {
	t.Parallel()
	documented, played := map[string]bool{}, map[string]bool{}
	for _, refusals := range [][]crateRefusal{managementRefusals, endUserRefusals} {
		for _, r := range refusals {
			played[string(r.code)] = true
		}
	}
	for _, item := range loadContract(t, "keycrate").doc.Paths.Map() {
		for status, response := range item.Post.Responses.Map() {
			if status >= "300" {
				for _, x := range response.Value.Content["application/json"].Examples {
					documented[codeOf(x)] = true
				}
			}
		}
	}
	delete(documented, keycratemock.CodeHWIDMismatchDoubleS) // is the same as one with a single S
	assert.Equal(t, documented, played)
	assert.Len(t, played, 27)
}

func codeOf(x *openapi3.ExampleRef) string {
	body := x.Value.Value.(map[string]any)
	if code, ok := body["error_code"].(string); ok {
		return code
	}
	return body["message"].(string)
}

// said is a fault that answers an operation once, in words of the test's. The
// contract has no such answers, as little is known of the vendor's statuses.
func (r *rig) said(op string, status int, body string) {
	phase := mockserver.BeforeCommit
	if status < 300 {
		phase = mockserver.AfterCommit
	}
	r.Server.Inject(mockserver.Fault{Op: op, Phase: phase, Do: mockserver.Status(status).WithBody("application/json", body), Times: 1})
}

// A code is what it is, whatever status it comes with.
func TestKeycrateCodesDecideBeforeStatuses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		s := openCrate(t, r)
		s.once()
		key := s.seed(days(7))
		for _, status := range []int{200, 400, 401, 403, 404, 409, 418, 422, 429, 500, 502} {
			for _, c := range managementRefusals {
				r.said(keycratemock.OpGetLicense, status, fmt.Sprintf(`{"error": "In other words.", "error_code": %q}`, c.code))
				e := assertKeycrateError(t, s.tryGet(key), c.kind)
				assert.Equal(t, []any{string(c.code), status, "In other words."}, []any{e.Code, e.StatusCode, e.Message})
			}
			for _, c := range endUserRefusals {
				r.said(keycratemock.OpAuthenticate, status, fmt.Sprintf(`{"success": false, "message": %q}`, c.code))
				kinds := []error{c.kind}
				if c.code == keycrate.CodeServerError {
					kinds = append(kinds, keycrate.ErrUnknownOutcome)
				}
				e := assertKeycrateError(t, errorOf(s.tryEnter(key, "")), kinds...)
				assert.Equal(t, []any{string(c.code), status}, []any{e.Code, e.StatusCode})
			}
		}
	})
}

// Whether a call is sent again is decided by the code as well.
func TestKeycrateRepeatsByTheCode(t *testing.T) {
	t.Parallel()
	const limited, broken = `{"error": "Slow down.", "error_code": "RATE_LIMITED"}`, `{"error": "Oh no.", "error_code": "SERVER_ERROR"}`
	for _, status := range []int{400, 403, 404, 409, 503} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, r *rig) {
				s := openCrate(t, r)
				key := s.seed(days(7))
				r.said(keycratemock.OpExtendLicense, status, limited)
				s.extend(key, day)
				r.Server.AssertCalls(t, 2, keycratemock.OpExtendLicense)
				r.Server.AssertEffects(t, 1, keycratemock.EffectLicenseExtended)

				r.said(keycratemock.OpExtendLicense, status, broken)
				e := assertKeycrateError(t, errorOf(s.client.Licenses.Extend(t.Context(), key, day)), keycrate.ErrServer, keycrate.ErrUnknownOutcome)
				assert.Equal(t, []any{1, keycrate.OutcomeUnknown}, []any{e.Attempts, e.Outcome})
				r.Server.AssertCalls(t, 3, keycratemock.OpExtendLicense)

				start := time.Now()
				for range 3 {
					r.said(keycratemock.OpGetLicense, status, broken)
				}
				s.get(key) // by the vendor's advice: 1, 4 and 10 s, and up to a quarter more
				assert.InDelta(t, 15+15.0/8, time.Since(start).Seconds(), 15.0/8)
				r.Server.AssertCalls(t, 4, keycratemock.OpGetLicense)
			})
		})
	}
}

// What this package does not know stays readable.
func TestKeycrateUnknownCodesStayReadable(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		s := openCrate(t, r)
		s.once()
		key := s.seed(days(7))
		for status, kind := range map[int]error{
			400: keycrate.ErrInvalid, 401: keycrate.ErrUnauthorized, 403: keycrate.ErrForbidden, 404: keycrate.ErrNotFound,
			409: keycrate.ErrConflict, 429: keycrate.ErrRateLimited, 500: keycrate.ErrServer,
		} {
			r.said(keycratemock.OpGetLicense, status, `{"error": "The moon is full.", "error_code": "MOON_FULL"}`)
			e := assertKeycrateError(t, s.tryGet(key), kind)
			assert.Equal(t, []string{"MOON_FULL", "The moon is full."}, []string{e.Code, e.Message})
			assert.Contains(t, e.Error(), "MOON_FULL")
		}
		r.said(keycratemock.OpAuthenticate, 403, `{"success": false, "message": "VPN_DETECTED", "data": {"until": "dawn"}}`)
		err := errorOf(s.tryEnter(key, ""))
		assertKeycrateError(t, err, keycrate.ErrForbidden)
		var denial *keycrate.Denial
		require.ErrorAs(t, err, &denial)
		assert.Equal(t, keycrate.Code("VPN_DETECTED"), denial.Code)
		assert.JSONEq(t, `{"until": "dawn"}`, string(denial.Raw))
		r.said(keycratemock.OpAuthenticate, 200, `{"success": true, "message": "LICENSE_VERIFIED_FOR_NOW", "data": {"key": "k"}}`)
		auth, err := s.tryEnter(key, "")
		require.NoError(t, err)
		assert.Equal(t, keycrate.Code("LICENSE_VERIFIED_FOR_NOW"), auth.Code)
	})
}

// A vendor that does not know a route says nothing about the license, though it
// says NOT_FOUND.
func TestKeycrateUnknownRouteIsNoMissingLicense(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		s := openCrate(t, r)
		s.once()
		key := s.seed(days(7))
		for status, code := range map[int]string{404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"} {
			r.Server.Inject(mockserver.Fault{Op: keycratemock.OpDeleteLicense, Do: mockserver.Status(status), Times: 1})
			err := s.client.Licenses.Delete(t.Context(), key)
			var e *keycrate.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, []any{code, status, keycrate.OutcomeNotApplied}, []any{e.Code, e.StatusCode, e.Outcome})
			assert.NotErrorIs(t, err, keycrate.ErrLicenseNotFound)
			assert.ErrorContains(t, err, "check BaseURL")
			s.stored(key)
		}
	})
}
