package luaprotmock

import (
	"net/http"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// failure is a refusal in the vendor's error dialect.
type failure struct {
	status  int
	message string
	header  http.Header
}

func refusal(status int, message string) *failure { return &failure{status: status, message: message} }

// The vendor's refusals. What is not found is told in four ways, by two
// statuses.
var (
	errUnknownRoute  = refusal(http.StatusNotFound, "Route not found.")
	errUnauthorized  = refusal(http.StatusUnauthorized, "Invalid API key.")
	errIPRefused     = refusal(http.StatusForbidden, "IP address is not whitelisted.")
	errRateLimited   = refusal(http.StatusTooManyRequests, "Too many requests.")
	errHubNotFound   = refusal(http.StatusNotFound, "Hub not found or linked to your account.")
	errNoHubs        = refusal(http.StatusNotFound, "No hub(s) linked to your account.")
	errNoLookup      = refusal(http.StatusBadRequest, "discordId or key must be given.")
	errMalformed     = refusal(http.StatusBadRequest, "body must be a JSON document.")
	errNotFound      = refusal(http.StatusBadRequest, "Key could not be found.") // info, delete
	errNotUpdated    = refusal(http.StatusNotFound, "Key has not been found.")   // update
	errNotReset      = refusal(http.StatusBadRequest, "No key(s) found.")        // HWID reset
	errDiscordTaken  = refusal(http.StatusBadRequest, "Discord ID is already whitelisted to the hub.")
	errTooManyUnused = refusal(http.StatusBadRequest, "You can only have a maximum of 300 unassigned keys per hub.")
	errGlobal        = refusal(http.StatusForbidden, "This key is globally blacklisted and can only be unblacklisted by LuaProt.")
	errInternal      = refusal(http.StatusInternalServerError, "Internal server error.")
)

// envelope is what every answer begins with, but for that of a reset.
type envelope struct {
	Success bool   `json:"success"`
	Message string `json:"message"`
}

// done begins the answer of a call that worked.
func (t *turn) done(message string) envelope {
	t.Decided(ruleAnswerStatus, ruleAnswerEnvelope)
	return envelope{Success: true, Message: message}
}

// refuse writes a failure as the answer of a call.
func (c *call) refuse(f *failure) core.Answer {
	c.Decided(ruleErrorEnvelope, ruleErrorOrder)
	return f.answer()
}

func (f *failure) answer() core.Answer {
	answer := core.JSON(f.status, envelope{Message: f.message})
	for name, values := range f.header {
		answer = answer.With(name, values...)
	}
	return answer
}

// invalid returns the refusal of the first thing that is wrong, if anything is.
func invalid(t *core.Turn, problems ...core.Problem) *failure {
	if len(problems) == 0 {
		return nil
	}
	first := problems[0]
	t.Decided(ruleErrorValidation, first.Rule)
	return refusal(http.StatusBadRequest, first.Field+" "+first.Message+".")
}

// Failure words a failure that a test injects, or that comes before the world,
// as the vendor would.
func (v *vendor) Failure(status int) core.Answer {
	message := http.StatusText(status) + "."
	for _, f := range []*failure{errUnauthorized, errIPRefused, errUnknownRoute, errRateLimited, errInternal} {
		if f.status == status {
			message = f.message
		}
	}
	return refusal(status, message).answer()
}
