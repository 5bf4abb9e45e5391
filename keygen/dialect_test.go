package keygen

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// kinds are all kinds of errors, so that a test can tell which an error is not.
var kinds = map[string]error{
	"unauthorized": ErrUnauthorized, "forbidden": ErrForbidden, "not found": ErrNotFound, "conflict": ErrConflict, "invalid": ErrInvalid,
	"rate limited": ErrRateLimited, "server": ErrServer, "bad response": ErrBadResponse, "unknown outcome": ErrUnknownOutcome,
	"key taken": ErrKeyTaken, "key conflict": ErrKeyConflict, "pool empty": ErrPoolEmpty, "no pool": ErrPoolNotSupported,
	"no account": ErrAccountNotFound, "inactive": ErrAccountInactive, "daily limit": ErrDailyLimit, "token missing": ErrTokenMissing,
	"token invalid": ErrTokenInvalid, "token format": ErrTokenFormat, "token expired": ErrTokenExpired, "token not allowed": ErrTokenNotAllowed,
	"license invalid": ErrLicenseInvalid, "license not allowed": ErrLicenseNotAllowed, "license suspended": ErrLicenseSuspended,
	"license expired": ErrLicenseExpired, "banned": ErrBanned, "signature": ErrSignature, "list broken": ErrListBroken,
}

func kindsOf(err error) (names []string) {
	for name, kind := range kinds {
		if errors.Is(err, kind) {
			names = append(names, name)
		}
	}
	return names
}

func TestSentinelsAreOfTheirKind(t *testing.T) {
	t.Parallel()
	for sentinel, kind := range map[error]error{
		ErrKeyTaken: ErrConflict, ErrKeyConflict: ErrConflict, ErrPoolEmpty: ErrConflict, ErrListBroken: ErrConflict, ErrPoolNotSupported: ErrInvalid,
		ErrAccountNotFound: ErrNotFound, ErrAccountInactive: ErrForbidden, ErrDailyLimit: ErrRateLimited, ErrTokenMissing: ErrUnauthorized,
		ErrTokenInvalid: ErrUnauthorized, ErrTokenFormat: ErrUnauthorized, ErrTokenExpired: ErrUnauthorized, ErrTokenNotAllowed: ErrForbidden,
		ErrLicenseInvalid: ErrUnauthorized, ErrLicenseNotAllowed: ErrForbidden, ErrLicenseSuspended: ErrForbidden, ErrLicenseExpired: ErrForbidden,
		ErrBanned: ErrForbidden, ErrSignature: ErrBadResponse,
	} {
		assert.ErrorIs(t, sentinel, kind)
		assert.NotErrorIs(t, kind, sentinel)
	}
}

// refusalCases are the vendor's refusals, one object each.
var refusalCases = []struct {
	status              int
	title, detail, code string
	source              string // JSON
	kinds               []string
	field               string // the parameter that it is about, if it is one of ours
	advice              string // in the error's text
}{
	// 400
	{400, "Bad request", "is missing", "", `{"pointer": "/data/attributes/key"}`, []string{"invalid"}, "Key", ""},
	{400, "Bad request", "unpermitted parameter", "", `{"pointer": "/data/relationships"}`, []string{"invalid"}, "", ""},
	{400, "Bad request", "type mismatch (received string expected UUID string)", "", `{"pointer": "/data/relationships/policy/data/id"}`, []string{"invalid"}, "PolicyID", ""},
	{400, "Bad request", "The request could not be completed because it contains invalid JSON (check formatting/encoding)", "JSON_INVALID", "", []string{"invalid"}, "", ""},
	{400, "Bad request", "The request could not be completed because it contains an unexpected null byte (check encoding)", "ENCODING_INVALID", "", []string{"invalid"}, "", ""},
	{400, "Bad request", "The mime type of the request is not acceptable (check content-type and accept headers)", "MIME_TYPE_INVALID", "", []string{"invalid"}, "", ""},
	{400, "Bad request", "The request could not be completed because it contains invalid query parameters (check encoding)", "PARAMETERS_INVALID", "", []string{"invalid"}, "", ""},
	{400, "Bad request", "The HTTP method for the request is not valid", "HTTP_METHOD_INVALID", "", []string{"invalid"}, "", ""},
	{400, "Bad request", "unsupported API version requested", "INVALID_API_VERSION", "", []string{"invalid"}, "", "check Config.Version"},
	{400, "Bad request", "invalid accept-signature header (malformed)", "", "", []string{"invalid"}, "", ""},
	{400, "Bad request", "is unsupported", "ENVIRONMENT_NOT_SUPPORTED", `{"header": "Keygen-Environment"}`, []string{"invalid"}, "", ""},
	{400, "Bad request", "limit must be a number between 1 and 100 (got 900)", "", `{"parameter": "limit"}`, []string{"invalid"}, "Limit", ""},
	{400, "Bad request", "page number must be a number between 1 and 100 (got 101, please use cursor-based pagination instead)", "", `{"parameter": "page[number]"}`, []string{"invalid"}, "Page", ""},
	{400, "Bad request", "page size must be a number between 1 and 100 (got 0)", "", `{"parameter": "page[size]"}`, []string{"invalid"}, "PageSize", ""},
	{400, "Bad request", "page cursor must be a valid UUID (got \\\"foo\\\")", "", `{"parameter": "page[cursor]"}`, []string{"invalid"}, "Cursor", ""},
	{400, "Bad request", "page must be an object containing a cursor or number and optional size", "", `{"parameter": "page"}`, []string{"invalid"}, "", ""},
	{400, "Bad request", "order is invalid", "", `{"parameter": "order"}`, []string{"invalid"}, "Order", ""},
	// 401
	{401, "Unauthorized", "You must be authenticated to complete the request", "TOKEN_MISSING", "", []string{"unauthorized", "token missing"}, "", "removes the header Authorization"},
	{401, "Unauthorized", "You must be authenticated to complete the request", "TOKEN_INVALID", "", []string{"unauthorized", "token invalid"}, "", "the Account it belongs to"},
	{401, "Unauthorized", "Token format is invalid (make sure that you're providing a token value, not a token's UUID identifier)", "TOKEN_FORMAT_INVALID", "", []string{"unauthorized", "token format"}, "", "not its id"},
	{401, "Unauthorized", "Token is expired", "TOKEN_EXPIRED", "", []string{"unauthorized", "token expired"}, "", "make a new token"},
	{401, "Unauthorized", "You must be authenticated to complete the request", "LICENSE_INVALID", "", []string{"unauthorized", "license invalid"}, "", "check the license key"},
	{401, "Unauthorized", "something new", "BRAND_NEW", "", []string{"unauthorized"}, "", "check the credentials"},
	// 402
	{402, "Daily API request limit reached", "Daily API request limit of 100 has been reached for your account.", "", "", []string{"rate limited", "daily limit"}, "", "next day"},
	// 403
	{403, "Access denied", "Token authentication is not allowed by policy", "TOKEN_NOT_ALLOWED", "", []string{"forbidden", "token not allowed"}, "", "AuthenticationStrategy"},
	{403, "Access denied", "License key authentication is not allowed by policy", "LICENSE_NOT_ALLOWED", "", []string{"forbidden", "license not allowed"}, "", "AuthenticationStrategy"},
	{403, "Access denied", "User is banned", "USER_BANNED", "", []string{"forbidden", "banned"}, "", ""},
	{403, "Access denied", "License is banned", "LICENSE_BANNED", "", []string{"forbidden", "banned"}, "", ""},
	{403, "Access denied", "License is suspended", "LICENSE_SUSPENDED", "", []string{"forbidden", "license suspended"}, "", ""},
	{403, "Access denied", "License is expired", "LICENSE_EXPIRED", "", []string{"forbidden", "license expired"}, "", ""},
	{403, "Account does not have an active subscription", "must have an active subscription to access this resource", "", "", []string{"forbidden", "inactive"}, "", "settle the account's subscription"},
	{403, "Access denied", "You do not have permission to complete the request (user lacks permission to perform action)", "", "", []string{"forbidden"}, "", "lack the permission"},
	{403, "Access denied", "You do not have permission to complete the request (ensure the token or license is allowed to access all resources)", "", "", []string{"forbidden"}, "", ""},
	{403, "Forbidden", "Your IP address has been temporarily blacklisted due to abusive behavior.", "", "", []string{"forbidden"}, "", ""},
	// 404
	{404, "Not found", "The requested key 'b18e3f3a' was not found", "NOT_FOUND", "", []string{"not found"}, "", ""},
	{404, "Not found", "The requested policy 'b18e3f3a' was not found", "NOT_FOUND", "", []string{"not found"}, "", ""},
	{404, "Not found", "The requested account 'x' was not found", "NOT_FOUND", "", []string{"not found", "no account"}, "", "check Config.Account"},
	{404, "Not found", "account is required", "NOT_FOUND", "", []string{"not found", "no account"}, "", "check Config.Account"},
	{404, "Not found", "account is invalid (expected UUID)", "NOT_FOUND", "", []string{"not found", "no account"}, "", "check Config.Account"},
	{404, "Not found", "The requested endpoint was not found (check your HTTP method, Accept header, and URL path)", "NOT_FOUND", "", []string{"not found"}, "", "check BaseURL"},
	// 409
	{409, "Conflict", "The request could not be completed because of a conflict", "", "", []string{"conflict"}, "", ""},
	// 422
	{422, "Unprocessable resource", "must exist", "POLICY_NOT_FOUND", `{"pointer": "/data/relationships/policy"}`, []string{"invalid"}, "PolicyID", ""},
	{422, "Unprocessable resource", "cannot be added to an unpooled policy", "POLICY_NOT_SUPPORTED", `{"pointer": "/data/relationships/policy"}`, []string{"invalid", "no pool"}, "PolicyID", "created with UsePool"},
	{422, "Unprocessable resource", "has already been taken", "KEY_TAKEN", `{"pointer": "/data/attributes/key"}`, []string{"conflict", "key taken"}, "Key", "take another one"},
	{422, "Unprocessable resource", "is reserved", "KEY_NOT_ALLOWED", `{"pointer": "/data/attributes/key"}`, []string{"invalid"}, "Key", ""},
	{422, "Unprocessable resource", "is too short (minimum is 8 characters)", "KEY_TOO_SHORT", `{"pointer": "/data/attributes/key"}`, []string{"invalid"}, "Key", ""},
	{422, "Unprocessable resource", "is too long (maximum is 1024 characters)", "KEY_TOO_LONG", `{"pointer": "/data/attributes/key"}`, []string{"invalid"}, "Key", ""},
	{422, "Unprocessable resource", "must not conflict with another license's identifier (UUID)", "KEY_CONFLICT", `{"pointer": "/data/attributes/key"}`, []string{"conflict", "key conflict"}, "Key", "take another one"},
	{422, "Unprocessable resource", "is already being used as a license's key", "KEY_CONFLICT", `{"pointer": "/data/attributes/key"}`, []string{"conflict", "key conflict"}, "Key", "take another one"},
	{422, "Unprocessable entity", "pool is not supported", "", `{"pointer": "/data/relationships/pool"}`, []string{"invalid", "no pool"}, "", "created with UsePool"},
	{422, "Unprocessable entity", "pool is empty", "", `{"pointer": "/data/relationships/pool"}`, []string{"conflict", "pool empty"}, "", "create some"},
	{422, "Unprocessable resource", "pool is empty", "POLICY_POOL_EMPTY", `{"pointer": "/data/relationships/policy"}`, []string{"conflict", "pool empty"}, "PolicyID", "create some"},
	{422, "Unprocessable resource", "can't be blank", "NAME_MISSING", `{"pointer": "/data/attributes/name"}`, []string{"invalid"}, "Name", ""},
	{422, "Unprocessable resource", "must exist", "PRODUCT_NOT_FOUND", `{"pointer": "/data/relationships/product"}`, []string{"invalid"}, "ProductID", ""},
	{422, "Unprocessable resource", "pool is empty", "", `{"pointer": "/data/relationships/other"}`, []string{"invalid"}, "", ""},
	// 429, 5xx
	{429, "Too many requests", "Throttle limit has been reached for your IP address. Please slow down.", "TOO_MANY_REQUESTS", "", []string{"rate limited"}, "", ""},
	{500, "Internal server error", "Looks like something went wrong!", "", "", []string{"server"}, "", ""},
	{503, "Request timeout", "The request timed out because the server took too long to respond", "", "", []string{"server"}, "", ""},
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, test := range refusalCases {
		body := `{"title": "` + test.title + `", "detail": "` + test.detail + `"`
		if test.code != "" {
			body += `, "code": "` + test.code + `"`
		}
		if test.source != "" {
			body += `, "source": ` + test.source
		}
		body = `{"meta": {"id": "req-1"}, "errors": [` + body + `, "links": {"about": "https://vendor.example/manual"}}]}`
		for _, c := range oneOfEachOperation() {
			t.Run(strconv.Itoa(test.status)+" "+test.detail+" "+test.code+": "+c.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					client, _ := newClient(t, says(test.status, body))
					e := errorOf(t, c.dry(t.Context(), client))
					assert.Equal(t, c.op, e.Op)
					assert.Equal(t, test.status, e.StatusCode, "as it came")
					assert.Equal(t, test.code, e.Code)
					assert.Equal(t, "req-1", e.RequestID)
					require.Len(t, e.Errors, 1)
					object := e.Errors[0]
					detail := strings.ReplaceAll(test.detail, `\"`, `"`)
					assert.Equal(t, test.title, object.Title)
					assert.Equal(t, detail, object.Detail)
					assert.Equal(t, test.code, object.Code)
					assert.Equal(t, "https://vendor.example/manual", object.About)
					assert.True(t, strings.HasPrefix(e.Message, detail), e.Message)
					assert.Equal(t, object.Pointer != "", strings.HasSuffix(e.Message, "("+object.Pointer+")"), e.Message)
					if test.source != "" {
						assert.Contains(t, test.source, object.Pointer+object.Parameter+object.Header)
						assert.NotEmpty(t, object.Pointer+object.Parameter+object.Header)
					}
					if test.field == "" {
						assert.Empty(t, e.Fields)
					} else {
						assert.Equal(t, []FieldError{{test.field, detail}}, e.Fields)
					}
					want := test.kinds
					if test.status >= 500 && c.class != transport.Read {
						want = append(want, "unknown outcome")
					} else {
						assert.Equal(t, OutcomeNotApplied, e.Outcome)
						assert.Contains(t, e.Error(), test.advice)
					}
					assert.ElementsMatch(t, want, kindsOf(e))
				})
			})
		}
	}
}

// An error keeps all that the vendor found wrong, and is of all those kinds.
func TestSeveralErrors(t *testing.T) {
	t.Parallel()
	taken := `{"title": "Unprocessable resource", "detail": "has already been taken", "code": "KEY_TAKEN", "source": {"pointer": "/data/attributes/key"}}`
	conflict := `{"detail": "is already being used as a license's key", "code": "KEY_CONFLICT", "source": {"pointer": "/data/attributes/key"}}`
	short := `{"detail": "is too short (minimum is 8 characters)", "code": "KEY_TOO_SHORT", "source": {"pointer": "/data/attributes/key"}}`
	unpooled := `{"detail": "cannot be added to an unpooled policy", "code": "POLICY_NOT_SUPPORTED", "source": {"pointer": "/data/relationships/policy"}}`
	for name, test := range map[string]struct {
		objects []string
		kinds   []string
		code    string
		fields  []string
	}{
		"conflicts alone":              {[]string{taken, conflict}, []string{"conflict", "key taken", "key conflict"}, "KEY_TAKEN", []string{"Key", "Key"}},
		"a conflict and a fault":       {[]string{taken, short}, []string{"conflict", "key taken", "invalid"}, "KEY_TAKEN", []string{"Key", "Key"}},
		"a fault and a conflict":       {[]string{unpooled, taken}, []string{"conflict", "key taken", "invalid", "no pool"}, "POLICY_NOT_SUPPORTED", []string{"PolicyID", "Key"}},
		"three":                        {[]string{unpooled, taken, conflict}, []string{"conflict", "key taken", "key conflict", "invalid", "no pool"}, "POLICY_NOT_SUPPORTED", []string{"PolicyID", "Key", "Key"}},
		"a conflict in between":        {[]string{short, conflict, short}, []string{"conflict", "key conflict", "invalid"}, "KEY_TOO_SHORT", []string{"Key", "Key", "Key"}},
		"a plain fault and a conflict": {[]string{short, conflict}, []string{"conflict", "key conflict", "invalid"}, "KEY_TOO_SHORT", []string{"Key", "Key"}},
		"one without a code":           {[]string{`{"detail": "no"}`, short}, []string{"invalid"}, "KEY_TOO_SHORT", []string{"Key"}},
		"and some that say nothing": {[]string{`{}`, `null`, `7`, `"x"`, `[]`, `{"title": 7, "source": "x", "links": []}`, taken}, []string{"conflict", "key taken"}, "KEY_TAKEN",
			[]string{"Key"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := newClient(t, says(422, `{"errors": [`+strings.Join(test.objects, ",")+`]}`))
			_, err := client.Keys.Create(t.Context(), CreateKeyParams{Key: testKey, PolicyID: policyID})
			e := errorOf(t, err)
			assert.ElementsMatch(t, test.kinds, kindsOf(e))
			assert.Equal(t, test.code, e.Code)
			var fields, messages []string
			for _, field := range e.Fields {
				fields = append(fields, field.Field)
			}
			for _, object := range e.Errors {
				messages = append(messages, object.words())
			}
			assert.Equal(t, test.fields, fields)
			assert.Equal(t, strings.Join(messages, "; "), e.Message)
			assert.ErrorContains(t, e, e.Message)
		})
	}
}

// A code means something only under a status that refuses.
func TestCodesUnderOtherStatuses(t *testing.T) {
	t.Parallel()
	for status, want := range map[int][]string{
		307: {"bad response"}, 400: {"conflict", "pool empty"}, 408: nil, 429: {"rate limited"}, 500: {"server"}, 501: {"server"}, 503: {"server"},
	} {
		synctest.Test(t, func(t *testing.T) {
			client, _ := newClient(t, refuses(status, "x", "pool is empty", "POLICY_POOL_EMPTY", "/data/relationships/pool"))
			_, err := client.Keys.Get(t.Context(), keyID)
			assert.ElementsMatch(t, want, kindsOf(err), status)
		})
	}
}

// Bodies of all kinds; only the vendor's own objects count as its word.
func TestErrorBodies(t *testing.T) {
	t.Parallel()
	const page = "an HTML page instead of an API answer, perhaps from a proxy"
	for name, test := range map[string]struct {
		body, message string
		understood    bool
	}{
		"documented":      {`{"errors": [{"title": "T", "detail": "D"}]}`, "D", true},
		"a title alone":   {`{"errors": [{"title": "T", "source": {"pointer": "/p"}}]}`, "T (/p)", true},
		"a code alone":    {`{"errors": [{"code": "C"}]}`, "C", true},
		"no words":        {`{"errors": [{"source": {"pointer": "/p"}}]}`, `{"errors": [{"source": {"pointer": "/p"}}]}`, false},
		"no errors":       {`{"errors": []}`, `{"errors": []}`, false},
		"null":            {`null`, `null`, false},
		"another object":  {`{"error": "no"}`, `{"error": "no"}`, false},
		"errors of texts": {`{"errors": ["no"]}`, `{"errors": ["no"]}`, false},
		"empty":           {``, ``, false},
		"plain text":      {`upstream connect error`, `upstream connect error`, false},
		"cut":             {`{"errors": [{"title": "T`, `{"errors": [{"title": "T`, false},
		"page":            {"<!DOCTYPE html><html>Attention required</html>", page, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := failure(&transport.Answer{StatusCode: 400, Attempt: 1, Body: []byte(test.body)})
			require.NotNil(t, f)
			assert.Equal(t, test.message, f.Message)
			assert.Equal(t, test.understood, f.Understood)
		})
	}
	assert.Nil(t, failure(&transport.Answer{StatusCode: 200, Body: []byte(`{"errors": [{"title": "T"}]}`)}), "a success is none")
}

func TestRequestIDOfAFailure(t *testing.T) {
	t.Parallel()
	for want, answer := range map[string]answer{
		"req-1": refuses(400, "T", "D", "", "", "X-Request-Id", "req-2"),
		"req-2": says(400, `{"errors": [{"title": "T"}]}`, "X-Request-Id", "req-2"),
		"":      says(400, ``),
	} {
		client, _ := newClient(t, answer)
		_, err := client.Keys.Get(t.Context(), keyID)
		assert.Equal(t, want, errorOf(t, err).RequestID)
	}
}

// What the vendor quotes of the call is not shown.
func TestErrorObjectsAreRedacted(t *testing.T) {
	t.Parallel()
	client, _ := newClient(t, says(404, `{"errors": [{"title": "`+testToken+`", "detail": "The requested key '`+keyID+`' was not found", "code": "`+testToken+`",
		"source": {"pointer": "/`+keyID+`", "parameter": "`+testToken+`", "header": "`+testToken+`"}, "links": {"about": "`+testToken+`"}}]}`))
	_, err := client.Keys.Get(t.Context(), keyID)
	e := errorOf(t, err)
	assert.ErrorIs(t, e, ErrNotFound)
	text := fmt.Sprintf("%+v %v", *e, e)
	assert.NotContains(t, text, keyID)
	assert.NotContains(t, text, testToken)
	assert.Contains(t, text, "[redacted]")
}

func TestTemporary(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer    answer
		temporary bool
	}{
		"rate limit":        {says(429, ``, "Retry-After", "3600"), true},
		"daily limit":       {refuses(402, "Daily API request limit reached", "x", "", ""), false},
		"not found":         {refuses(404, "Not found", "The requested policy 'x' was not found", "NOT_FOUND", ""), false},
		"pool empty":        {refuses(422, "x", "pool is empty", "", "/data/relationships/pool"), false},
		"lost answer":       {lost, false},
		"failing vendor":    {says(503, ``), false},
		"unreadable answer": {says(200, `OK`), false},
	} {
		client, _ := newClient(t, test.answer)
		_, err := client.Pool(policyID).Pop(t.Context())
		assert.Equal(t, test.temporary, errorOf(t, err).Temporary(), name)
	}
	assert.False(t, (&Error{}).Temporary(), "made by a literal")
	assert.Equal(t, "keygen: getKey: no", (&Error{Op: "getKey", Message: "no"}).Error())
}

func TestOutcomesHaveNames(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "not applied, applied, unknown", fmt.Sprintf("%v, %v, %v", OutcomeNotApplied, OutcomeApplied, OutcomeUnknown))
	assert.Equal(t, "Key: is short", FieldError{"Key", "is short"}.String())
}

const rateHeaders = "X-Ratelimit-"

func TestRateLimitOf(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		headers map[string]string
		want    RateLimit
		ok      bool
	}{
		"documented": {map[string]string{"Window": "1m", "Count": "58", "Limit": "60", "Remaining": "2", "Reset": "1767225600"},
			RateLimit{Window: time.Minute, Count: 58, Limit: 60, Remaining: 2, ResetAt: time.Unix(1767225600, 0).UTC()}, true},
		"a second":      {map[string]string{"Window": "1s", "Limit": "60", "Remaining": "0"}, RateLimit{Window: time.Second, Limit: 60}, true},
		"odd rest":      {map[string]string{"Window": "day", "Count": "x", "Limit": "60", "Remaining": "1", "Reset": "soon"}, RateLimit{Limit: 60, Remaining: 1}, true},
		"out of range":  {map[string]string{"Window": "-1m", "Limit": "60", "Remaining": "1", "Reset": "253402300800"}, RateLimit{Limit: 60, Remaining: 1}, true},
		"no limit":      {map[string]string{"Window": "1m", "Remaining": "1"}, RateLimit{}, false},
		"no remaining":  {map[string]string{"Window": "1m", "Limit": "1"}, RateLimit{}, false},
		"negative":      {map[string]string{"Limit": "60", "Remaining": "-1"}, RateLimit{}, false},
		"nothing":       {nil, RateLimit{}, false},
		"no number":     {map[string]string{"Limit": "many", "Remaining": "1"}, RateLimit{}, false},
		"with blanks":   {map[string]string{"Limit": " 60 ", "Remaining": " 1"}, RateLimit{Limit: 60, Remaining: 1}, true},
		"before 1970":   {map[string]string{"Limit": "60", "Remaining": "1", "Reset": "-5"}, RateLimit{Limit: 60, Remaining: 1}, true},
		"not a decimal": {map[string]string{"Limit": "0x3c", "Remaining": "1"}, RateLimit{}, false},
	} {
		header := http.Header{}
		for name, value := range test.headers {
			header.Set(rateHeaders+name, value)
		}
		got, ok := RateLimitOf(Attempt{Header: header})
		assert.Equal(t, test.want, got, name)
		assert.Equal(t, test.ok, ok, name)
	}
	_, ok := RateLimitOf(Attempt{})
	assert.False(t, ok, "no answer")
}

func TestWaitsAfterARateLimit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		headers []string
		want    time.Duration // 0: ours
	}{
		"as asked for":       {[]string{"Retry-After", "7", "X-RateLimit-Reset", "946684830", "Date", "Sat, 01 Jan 2000 00:00:00 GMT"}, 7 * time.Second},
		"until the reset":    {[]string{"X-RateLimit-Reset", "946684830", "Date", "Sat, 01 Jan 2000 00:00:00 GMT"}, 30 * time.Second},
		"by the vendor's":    {[]string{"X-RateLimit-Reset", "946684830", "Date", "Sat, 01 Jan 2000 00:00:20 GMT"}, 10 * time.Second},
		"by its own header":  {[]string{"X-RateLimit-Reset", "946684830", "Keygen-Date", "Sat, 01 Jan 2000 00:00:25 GMT", "Date", "Sat, 01 Jan 2000 00:00:20 GMT"}, 5 * time.Second},
		"by our clock":       {[]string{"X-RateLimit-Reset", "946684840"}, 40 * time.Second}, // bubbles start in 2000
		"a reset long ago":   {[]string{"X-RateLimit-Reset", "946684700"}, 0},
		"no word about it":   {nil, 0},
		"an unreadable word": {[]string{"X-RateLimit-Reset", "soon"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, v := newClient(t, says(429, ``, test.headers...), says(200, `{"data": []}`))
				began := time.Now()
				_, err := client.Keys.List(t.Context(), ListKeysParams{})
				require.NoError(t, err)
				if test.want == 0 {
					assert.LessOrEqual(t, time.Since(began), 250*time.Millisecond)
				} else {
					assert.Equal(t, test.want, time.Since(began))
				}
				v.AssertCalls(t, 2)
			})
		})
	}
}

func FuzzErrorDialect(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `{}`, `[]`, `"x"`, `{"errors":[{"title":"T","detail":"pool is empty","source":{"pointer":"/data/relationships/pool"}}]}`,
		`{"errors":[{"code":"KEY_TAKEN"}]}`, `{"errors":[{"detail":"The requested key 'x' was not found"}],"meta":{"id":"r"}}`, `{"meta":7,"errors":{}}`,
		"<!DOCTYPE html><p>", "\xff\xfe{", `{"errors":[{"detail":"\ud800\u0000\u2028"}]}`, `{"errors":` + strings.Repeat("[", 20000),
	} {
		for _, status := range []int{200, 302, 400, 403, 404, 422, 429, 503} {
			f.Add(status, []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		said := failure(&transport.Answer{StatusCode: status, Attempt: 1, Body: body})
		if status/100 == 2 {
			require.Nil(t, said)
			return
		}
		require.NotNil(t, said, "a bad status is a failure, whatever the body")
		require.False(t, said.Understood && said.Message == "")
		if said.StatusCode != 0 && said.StatusCode != status {
			require.Equal(t, 4, status/100)
			require.Equal(t, http.StatusConflict, said.StatusCode)
		}
	})
}
