package conformance

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

const (
	asNobody = "x-api-key:"
	noID     = "99999999-9999-4999-8999-999999999999" // of nothing
)

// Where a body names a license or a subscription.
var (
	keyPattern = regexp.MustCompile(`("license_keys?": \[?")[^"]*`)
	subPattern = regexp.MustCompile(`("subscription_id": ")[^"]*`)
)

// keycrateAccess is about who may do what, under which path, and how the vendor
// says yes and no.
var keycrateAccess = []scenario[*crate]{
	{
		name:   "access: the API key in a header of its own",
		proves: "key.header key.prefix",
		play: func(s *crate) {
			for _, key := range []string{s.Keycrate.APIKey(), s.Keycrate.AddAPIKey(s.app)} {
				assert.True(s, strings.HasPrefix(key, "kc_"), key)
				for _, call := range s.everyCall() {
					s.do(call.path, call.body, "x-api-key: "+key)
				}
				_, err := s.as(key).Subscriptions.List(s.Context(), s.app)
				require.NoError(s, err)
				assert.Equal(s, key, s.seen.read().req.Header.Get("x-api-key"))
				assert.Empty(s, s.seen.read().req.Header.Get("Authorization"))
			}
			config := s.keycrateConfig()
			config.APIKey = "mock_" + config.APIKey
			_, err := keycrate.New(config)
			assert.ErrorContains(s, err, "kc_")
		},
	},
	{
		name:   "access: no API key",
		proves: "key.missing",
		finds:  []string{"Authorization was sent and ignored"},
		play: func(s *crate) {
			for _, call := range s.everyCall() {
				s.assertError(s.post(call.path, call.body, asNobody), 401, keycrate.CodeMissingAuth)
				s.assertError(s.post(call.path, call.body, asNobody, "Authorization: Bearer "+s.Keycrate.APIKey()), 401, keycrate.CodeMissingAuth)
			}
		},
	},
	{
		name:   "access: an API key that is unknown or not active",
		proves: "key.invalid",
		play: func(s *crate) {
			other := s.Keycrate.AddAPIKey(s.app)
			require.NoError(s, errorOf(s.as(other).Subscriptions.List(s.Context(), s.app)))
			s.Keycrate.RevokeAPIKey(other)
			for _, key := range []string{other, "kc_nobody", strings.ToUpper(s.Keycrate.APIKey()), s.Keycrate.APIKey() + "x"} {
				for _, call := range s.everyCall() {
					s.assertError(s.post(call.path, call.body, "x-api-key: "+key), 401, keycrate.CodeInvalidAPIKey)
				}
			}
			err := errorOf(s.as(other).Licenses.Create(s.Context(), s.week()))
			s.assertRefused(err, keycrate.CodeInvalidAPIKey, keycrate.ErrInvalidAPIKey)
		},
	},
	{
		name:   "access: an app of somebody else",
		proves: "access.app access.indirect",
		play:   playForeignApp,
	},
	{
		name:   "access: while app and team are switched off",
		proves: "access.switched-off",
		play: func(s *crate) {
			s.Keycrate.SetAppEnabled(s.app, false)
			s.Keycrate.SetTeamEnabled(false)
			for _, call := range s.everyCall() {
				s.do(call.path, call.body)
			}
			s.create(s.week())
		},
	},
	{
		name:   "access: end users have no API key",
		proves: "key.end-users",
		finds:  []string{"x-api-key was sent and ignored"},
		play: func(s *crate) {
			key, other := s.seed(days(7)), s.Keycrate.AddApp("other")
			s.enter(verified, key, "")
			assert.Empty(s, s.seen.read().req.Header.Get("x-api-key"))
			assert.JSONEq(s, `{"app_id": "`+s.app+`", "license": "`+key+`"}`, s.seen.request())
			require.NoError(s, s.tryRegister(key, "alice", "pw"))
			assert.Empty(s, s.seen.read().req.Header.Get("x-api-key"))
			for _, sent := range []string{s.Keycrate.APIKey(), "kc_nobody"} {
				for _, call := range s.everyEndUserCall() {
					s.do(call.path, call.body, "x-api-key: "+sent)
				}
			}
			// The body says which app is meant.
			_, err := s.inApp(other.ID).Authenticate(s.Context(), keycrate.AuthParams{License: key})
			s.assertDenied(err, keycrate.CodeLicenseNotFound, keycrate.ErrLicenseNotFound)
		},
	},
	{
		name:   "route: every operation is a POST",
		proves: "route.post route.method",
		finds:  []string{"is no method of"},
		play: func(s *crate) {
			for _, call := range append(s.everyCall(), s.everyEndUserCall()...) {
				for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
					for _, header := range []string{asNobody, "Accept: application/json"} {
						a := s.call(method, call.path, call.body, header)
						s.assertError(a, 405, "METHOD_NOT_ALLOWED")
						assert.Contains(s, a.Header.Get("Allow"), "POST")
					}
				}
				s.do(call.path, call.body)
			}
			s.get(s.seed(days(7)))
			assert.Equal(s, http.MethodPost, s.seen.read().req.Method)
		},
	},
	{
		name:   "route: a path that nothing has",
		proves: "route.unknown",
		finds:  []string{"no route"},
		play: func(s *crate) {
			for _, path := range []string{"/license", "/license/nowhere", "/license/get/", "/hwid", "/subscription/get", "/auth/", "/register/me"} {
				for _, header := range []string{asNobody, "x-api-key: kc_nobody", "Accept: application/json"} {
					s.assertError(s.post(path, `{}`, header), 404, "NOT_FOUND")
				}
			}
		},
	},
	{
		name:   "route: pages of any origin",
		proves: "route.preflight route.preflight-answer route.any-origin",
		play: func(s *crate) {
			anyone := func(a answer) string { return a.Header.Get("Access-Control-Allow-Origin") }
			for _, path := range ofEndUsers {
				a := s.call("OPTIONS", path, "", "Content-Type:", "Origin: https://shop.test",
					"Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type")
				assert.Equal(s, 204, a.Status)
				assert.Equal(s, "*", anyone(a))
				assert.Equal(s, "POST", a.Header.Get("Access-Control-Allow-Methods"))
				assert.Equal(s, "Content-Type", a.Header.Get("Access-Control-Allow-Headers"))
				s.assertTold(s.post(path, `{}`), 400, keycrate.CodeInvalidInput)
				assert.Equal(s, "*", anyone(s.post(path, `{}`)), "a refusal")
			}
			for _, call := range s.everyEndUserCall() {
				assert.Equal(s, "*", anyone(s.do(call.path, call.body)), call.path)
			}
			for _, call := range s.everyCall() {
				assert.Empty(s, anyone(s.do(call.path, call.body)), call.path)
			}
		},
	},
	{
		name:   "access: requests that do not say what they are",
		proves: "content-type.demanded content-type.lenient",
		finds:  []string{"the request was sent without Content-Type", `the request was sent as "text/plain"`},
		play: func(s *crate) {
			for _, header := range []string{"Content-Type:", "Content-Type: text/plain"} {
				for _, call := range append(s.everyCall(), s.everyEndUserCall()...) {
					s.do(call.path, call.body, header)
				}
			}
			before := s.Server.Findings()
			s.do("/license/get-bulk", `{"app_id": "@app"}`, "Content-Type: Application/JSON; charset=utf-8")
			key := s.create(s.week()).Key
			for _, call := range []func(){
				func() { s.get(key) }, func() { s.list(keycrate.ListLicensesParams{}) }, func() { s.enter(verified, key, "") },
				func() { require.NoError(s, s.client.Licenses.Delete(s.Context(), key)) },
			} {
				call()
				assert.Equal(s, "application/json", s.seen.read().req.Header.Get("Content-Type"))
			}
			assert.Equal(s, before, s.Server.Findings())
		},
	},
	{
		name:   "access: a query that nobody reads",
		proves: "query.ignored",
		finds:  []string{`unknown query parameter "license_key" was ignored`},
		play: func(s *crate) {
			key := s.seed(days(7))
			a := s.do("/license/get?license_key=none", about(key))
			assert.Equal(s, key, a.at(s, "data.key"))
			s.do("/auth?license_key=none", s.authBody(key, ""))
		},
	},
	{
		name:   "answer: 200 and the data",
		proves: "answer.status answer.envelope",
		play: func(s *crate) {
			for _, call := range s.everyCall() {
				a, members := s.do(call.path, call.body), "success data"
				if call.path == "/license/get-bulk" {
					members += " total page per_page total_pages"
				}
				s.assertMembers(a.whole(s), members)
				assert.NotNil(s, a.at(s, "data"))
			}
		},
	},
	{
		name:   "error: two forms that never mix",
		proves: "error.envelope error.families end-user.envelope error.validation end-user.validation",
		play: func(s *crate) {
			for _, call := range s.everyCall() { // assertError checks the form
				s.assertError(s.post(call.path, `{`), 400, keycrate.CodeInvalidInput)
			}
			for _, path := range ofEndUsers {
				s.assertTold(s.post(path, `{`), 400, keycrate.CodeInvalidInput)
			}
			key := s.seed(locked(7))
			s.assertMembers(s.do("/auth", s.authBody(key, "pc")).whole(s), "success message data")
			s.assertMembers(s.do("/register", s.registerBody(key, "alice", "pw")).whole(s), "success message")
			s.assertTold(s.post("/auth", s.authBody(key, "tv")), 403, keycrate.CodeHWIDMismatch,
				"hwid_reset_allowed last_hwid_reset_at hwid_reset_cooldown")
		},
	},
	{
		name:   "error: what does not exist",
		proves: "error.app error.license error.subscription error.statuses",
		play: func(s *crate) {
			s.seed(days(7))
			for _, call := range s.everyCall() {
				body, want := call.body, keycrate.CodeSubscriptionNotFound
				switch {
				case strings.Contains(body, `"app_id"`):
					body, want = strings.Replace(body, "@app", noID, 1), keycrate.CodeAppNotFound
				case strings.Contains(body, `"license_key`):
					body, want = keyPattern.ReplaceAllString(body, "${1}none"), keycrate.CodeLicenseNotFound
				default:
					body = subPattern.ReplaceAllString(body, "${1}"+noID)
				}
				require.NotEqual(s, call.body, body)
				s.assertError(s.post(call.path, body), 404, want)
			}
			s.assertError(s.post("/license/create", `{"app_id": "@app", "subscription_id": "`+noID+`", "duration_unit": "lifetime"}`),
				404, keycrate.CodeSubscriptionNotFound)
			s.assertError(s.post("/license/update-subscription", about(s.seed(days(7)), `"subscription_id": "`+noID+`"`)),
				404, keycrate.CodeSubscriptionNotFound)
		},
	},
	{
		name:   "error: one check after the other",
		proves: "error.order error.statuses",
		finds:  []string{"no route"},
		play:   playKeycrateOrder,
	},
}

// playForeignApp reaches for everything of an app with API keys that may not use
// it.
func playForeignApp(s *crate) {
	other := s.Keycrate.AddApp("other")
	theirs := s.Keycrate.AddSubscription(keycratemock.Subscription{AppID: other.ID})
	calls := s.everyCall()
	for _, stranger := range []string{s.Keycrate.AddAPIKey(), s.Keycrate.AddAPIKey(other.ID)} {
		s.unchanged(func() {
			for _, call := range calls {
				s.assertError(s.post(call.path, call.body, "x-api-key: "+stranger), 403, keycrate.CodeAccessDenied)
			}
		})
	}
	client := s.as(s.Keycrate.AddAPIKey(other.ID))
	err := errorOf(client.Licenses.Create(s.Context(), s.week()))
	s.assertRefused(err, keycrate.CodeAccessDenied, keycrate.ErrAccessDenied)
	mine := s.license(client.Licenses.Create(s.Context(), keycrate.CreateLicenseParams{
		AppID: other.ID, SubscriptionID: theirs.ID, Duration: keycrate.Lifetime,
	}))
	// Neither one's own license nor one's own app opens the way to another's.
	err = errorOf(client.Licenses.SetSubscription(s.Context(), mine.Key, s.sub.ID))
	s.assertRefused(err, keycrate.CodeAccessDenied, keycrate.ErrAccessDenied)
	err = errorOf(client.Licenses.SetStatusBulk(s.Context(), []string{mine.Key, s.seed(days(7))}, keycrate.StatusPaused))
	s.assertRefused(err, keycrate.CodeAccessDenied, keycrate.ErrAccessDenied)
	params := s.week()
	params.AppID = other.ID
	err = errorOf(client.Licenses.Create(s.Context(), params))
	s.assertRefused(err, keycrate.CodeAccessDenied, keycrate.ErrAccessDenied)
	assert.Equal(s, keycratemock.StatusActive, s.stored(mine.Key).Status)
}

// playKeycrateOrder sends requests that are wrong in every way from a certain
// check on: the first that fails answers.
func playKeycrateOrder(s *crate) {
	other := s.Keycrate.AddApp("other")
	theirs := s.Keycrate.AddSubscription(keycratemock.Subscription{AppID: other.ID}).ID
	key, guest := s.seed(days(7)), "x-api-key: "+s.Keycrate.AddAPIKey(s.app)
	move := func(key, sub string, headers ...string) answer {
		return s.post("/license/update-subscription", about(key, `"subscription_id": "`+sub+`"`), headers...)
	}
	s.assertError(s.post("/license/updates", `{`, asNobody), 404, "NOT_FOUND")
	s.Keycrate.SetRateLimit(1, time.Hour)
	move(key, s.sub.ID, guest) // fills the window
	s.assertError(move("none", "none", asNobody), 401, keycrate.CodeMissingAuth)
	s.assertError(move("none", "none", guest), 429, keycrate.CodeRateLimited)
	s.Keycrate.SetRateLimit(0, 0)
	s.assertError(move("none", "none", guest), 400, keycrate.CodeInvalidInput)
	s.assertError(move("none", noID, guest), 404, keycrate.CodeLicenseNotFound)
	s.assertError(move(key, noID, guest), 404, keycrate.CodeSubscriptionNotFound)
	s.assertError(move(key, theirs, guest), 403, keycrate.CodeAccessDenied)
	s.assertError(move(key, theirs), 400, keycrate.CodeInvalidInput) // not of the license's app
	stranger := "x-api-key: " + s.Keycrate.AddAPIKey()
	s.assertError(move(key, noID, stranger), 404, keycrate.CodeSubscriptionNotFound)
	s.assertError(s.post("/license/extend-bulk", `{"license_keys": ["`+key+`", "none"], "extend_seconds": 60}`, stranger), 404, keycrate.CodeLicenseNotFound)
	s.assertError(s.post("/license/extend", about(s.seed(keycratemock.License{}), `"extend_seconds": 60`), stranger), 403, keycrate.CodeAccessDenied)
}

// keycrateRates is about too many calls.
var keycrateRates = []scenario[*crate]{
	{
		name:   "rate: windows of a fixed length",
		proves: "rate.limited rate.window rate.retry-after",
		play: func(s *crate) {
			other, key := "x-api-key: "+s.Keycrate.AddAPIKey(s.app), s.seed(days(7))
			pass := func(headers ...string) { s.do("/license/get", about(key), headers...) }
			full := func(after string) {
				a := s.post("/license/extend", about(key, `"extend_seconds": 60`))
				s.assertError(a, 429, keycrate.CodeRateLimited)
				assert.Equal(s, after, a.Header.Get("Retry-After"))
			}
			s.at(3 * time.Second)
			s.Keycrate.SetRateLimit(2, 10*time.Second)
			s.at(5 * time.Second)
			pass() // begins the window
			s.at(7500 * time.Millisecond)
			pass()
			for range 5 { // of which none counts
				full("8")
			}
			pass(other) // each API key has a window of its own
			s.at(15*time.Second - 1)
			full("1")
			s.at(15 * time.Second)
			pass()
			s.at(40 * time.Second)
			pass() // begins one more
			s.at(50*time.Second - 1)
			pass()
			full("1")
			s.Keycrate.SetRetryAfter(false)
			full("")
			s.Keycrate.SetRetryAfter(true)
			s.Keycrate.SetRateLimit(0, 0)
			for range 5 {
				pass()
			}
			assert.Equal(s, int64(604800), s.stored(key).DurationSeconds, "a refused extension")
		},
	},
	{
		name:   "rate: all end users together",
		proves: "rate.window rate.limited rate.retry-after",
		play: func(s *crate) {
			key, calls := s.seed(days(7)), s.everyEndUserCall()
			s.Keycrate.SetRateLimit(2, time.Minute)
			for _, call := range calls {
				s.do(call.path, call.body)
			}
			for _, call := range calls {
				a := s.post(call.path, call.body)
				s.assertTold(a, 429, keycrate.CodeRateLimited)
				assert.Equal(s, "60", a.Header.Get("Retry-After"))
			}
			s.do("/license/get", about(key)) // is not theirs
			s.once()
			_, err := s.tryEnter(key, "")
			e := s.assertRefused(err, keycrate.CodeRateLimited, keycrate.ErrRateLimited)
			assert.Equal(s, time.Minute, e.RetryAfter)
			var denial *keycrate.Denial
			assert.NotErrorAs(s, err, &denial, "nobody has looked at the license")
		},
	},
	{
		name:   "rate: a client that comes back",
		proves: "rate.limited rate.retry-after",
		play: func(s *crate) {
			key := s.seed(days(7))
			s.Keycrate.SetRateLimit(1, 12*time.Second)
			s.extend(key, day)
			start := time.Now()
			s.extend(key, day) // Once, but refused before it was carried out
			assert.Equal(s, 12*time.Second, time.Since(start))
			s.Server.AssertCalls(s, 3, keycratemock.OpExtendLicense)
			s.Server.AssertEffects(s, 2, keycratemock.EffectLicenseExtended)

			s.Keycrate.SetRetryAfter(false)
			start = time.Now()
			s.extend(key, day) // by the vendor's advice: 1, 4 and 10 s, and somewhat more
			assert.InDelta(s, (15 + 15.0/8), time.Since(start).Seconds(), 15.0/8)
			assert.Equal(s, int64(10*86400), s.stored(key).DurationSeconds)
		},
	},
}
