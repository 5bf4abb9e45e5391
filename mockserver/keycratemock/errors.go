package keycratemock

import (
	"net/http"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// failure is a refusal, in the words of both error dialects: a management call
// shows the text and the code, an end user's call the code and the data.
type failure struct {
	status int
	code   string
	text   string
	header http.Header
	data   any // what an end user's program learns beside the code; nil: nothing
}

func refusal(status int, code, text string) *failure {
	return &failure{status: status, code: code, text: text}
}

// The refusals of the management API.
var (
	errUnknownRoute   = refusal(http.StatusNotFound, "NOT_FOUND", "There is no such endpoint")
	errWrongMethod    = refusal(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "Method not allowed")
	errMissingAuth    = refusal(http.StatusUnauthorized, "MISSING_AUTH", "The x-api-key header is missing")
	errInvalidAPIKey  = refusal(http.StatusUnauthorized, "INVALID_API_KEY", "This API key is not in use")
	errAccessDenied   = refusal(http.StatusForbidden, "ACCESS_DENIED", "This API key may not use the app")
	errAppNotFound    = refusal(http.StatusNotFound, "APP_NOT_FOUND", "There is no such app")
	errNoLicense      = refusal(http.StatusNotFound, CodeLicenseNotFound, "There is no such license")
	errNoSubscription = refusal(http.StatusNotFound, "SUBSCRIPTION_NOT_FOUND", "There is no such subscription")
	errUsernameTaken  = refusal(http.StatusConflict, CodeUsernameTaken, "Username is already taken")
	errHWIDInUse      = refusal(http.StatusConflict, "HWID_IN_USE", "Another license of the subscription holds this HWID")
	errMalformed      = refusal(http.StatusBadRequest, CodeInvalidInput, "body must be a JSON document")
	errRateLimited    = refusal(http.StatusTooManyRequests, "RATE_LIMITED", "Too many requests")
	errServer         = refusal(http.StatusInternalServerError, "SERVER_ERROR", "Something went wrong here")
)

// invalid returns the refusal of the first thing that is wrong, if anything is.
func invalid(t *core.Turn, problems ...core.Problem) *failure {
	if len(problems) == 0 {
		return nil
	}
	first := problems[0]
	t.Decided(first.Rule)
	return refusal(http.StatusBadRequest, CodeInvalidInput, first.Field+" "+first.Message)
}

// unacceptable is a refusal of content that only the state can judge.
func (c *call) unacceptable(rule, text string) *failure {
	c.Decided(rule)
	return refusal(http.StatusBadRequest, CodeInvalidInput, text)
}

// with returns the refusal with what an end user's program is told beside it.
func (f failure) with(data any) *failure {
	f.data = data
	return &f
}

// after returns the refusal with a header.
func (f failure) after(header http.Header) *failure {
	f.header = header
	return &f
}

// done answers a management call that worked.
func (c *call) done(data any) core.Answer {
	c.Decided(ruleAnswerStatus, ruleAnswerEnvelope)
	return core.JSON(http.StatusOK, envelope{true, data})
}

// envelope is what a management call that worked answers.
type envelope struct {
	Success bool `json:"success"`
	Data    any  `json:"data"`
}

// told answers an end user's call.
func told(status int, success bool, code string, data any) core.Answer {
	return core.JSON(status, struct {
		Success bool   `json:"success"`
		Message string `json:"message"`
		Data    any    `json:"data,omitempty"`
	}{success, code, data})
}

// refuse writes a failure as the answer of a call.
func (c *call) refuse(f *failure) core.Answer {
	c.Decided(ruleErrorStatuses)
	envelope, validation := []string{ruleErrorEnvelope, ruleErrorOrder, ruleErrorFamilies}, ruleErrorValidation
	if c.endUser() {
		envelope, validation = []string{ruleUserEnvelope, ruleErrorFamilies}, ruleUserValidation
	}
	c.Decided(envelope...)
	if f.code == CodeInvalidInput {
		c.Decided(validation)
	}
	return f.answer(c.endUser())
}

func (f *failure) answer(endUser bool) (answer core.Answer) {
	if endUser {
		answer = told(f.status, false, f.code, f.data)
	} else {
		answer = core.JSON(f.status, struct {
			Text string `json:"error"`
			Code string `json:"error_code,omitempty"`
		}{f.text, f.code})
	}
	for name, values := range f.header {
		answer = answer.With(name, values...)
	}
	return answer
}

// Failure words a failure that a test injects, or that comes before the world,
// as a management call gets it.
func (v *vendor) Failure(status int) core.Answer { return injected(status).answer(false) }

// FailureOf does the same in the dialect of an operation.
func (v *vendor) FailureOf(op string, status int) core.Answer {
	endUser := op == OpAuthenticate || op == OpRegister
	f := injected(status)
	if endUser && f.code == "" { // this dialect has no room for anything but a code
		f = refusal(status, strings.ToUpper(strings.ReplaceAll(f.text, " ", "_")), "")
	}
	answer := f.answer(endUser)
	if endUser {
		answer = allowAnyOrigin(answer)
	}
	return answer
}

// injected is the vendor's refusal with this status. Where there is none, it has
// no code either: a client then goes by the status.
func injected(status int) *failure {
	for _, f := range []*failure{
		errMalformed, errInvalidAPIKey, errAccessDenied, errUnknownRoute, errWrongMethod, errRateLimited, errServer,
	} {
		if f.status == status {
			return f
		}
	}
	return refusal(status, "", http.StatusText(status))
}
