package junkiemock

import (
	"net/http"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// failure is a refusal in the vendor's error dialect.
type failure struct {
	status  int
	text    string
	details []detail
	header  http.Header
}

// detail tells what is wrong with one field.
type detail struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func refusal(status int, text string) *failure { return &failure{status: status, text: text} }

// The vendor's refusals that are the same every time.
var (
	errUnauthorized     = refusal(http.StatusUnauthorized, "Unauthorized")
	errForbidden        = refusal(http.StatusForbidden, "Insufficient scope: "+ScopeREST+" required")
	errUnknownRoute     = refusal(http.StatusNotFound, "Not found")
	errKeyNotFound      = refusal(http.StatusNotFound, "Key not found")
	errProviderNotFound = refusal(http.StatusNotFound, "Provider not found")
	errServiceNotFound  = refusal(http.StatusNotFound, "Service not found")
	errFolderNotFound   = refusal(http.StatusNotFound, "Folder not found")
	errRateLimited      = refusal(http.StatusTooManyRequests, "Rate limit exceeded")
	errInternal         = refusal(http.StatusInternalServerError, "Internal server error")
	errInvalid          = refusal(http.StatusBadRequest, "Validation failed")
	errMalformed        = refusal(http.StatusBadRequest, "Invalid JSON body")
)

// refuse writes a failure as the answer of a call.
func (c *call) refuse(f *failure) core.Answer {
	c.Decided(ruleErrorEnvelope, ruleErrorOrder)
	return f.answer()
}

func (f *failure) answer() core.Answer {
	answer := core.JSON(f.status, struct {
		Error   string   `json:"error"`
		Details []detail `json:"details,omitempty"`
	}{f.text, f.details})
	for name, values := range f.header {
		answer = answer.With(name, values...)
	}
	return answer
}

// Failure words a failure that a test injects, or that comes before the world,
// as the vendor would.
func (v *vendor) Failure(status int) core.Answer {
	text := http.StatusText(status)
	for _, f := range []*failure{errInvalid, errUnauthorized, errForbidden, errUnknownRoute, errRateLimited, errInternal} {
		if f.status == status {
			text = f.text
		}
	}
	return refusal(status, text).answer()
}
