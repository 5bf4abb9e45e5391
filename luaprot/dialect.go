package luaprot

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/internal/wire"
)

// refusal is what one of the vendor's texts means, whatever its status.
type refusal struct {
	status int
	kind   error // a sentinel of its own; nil = the status says it all
	advice string
}

// refusals are the known texts, in lower case and without the final dot. The
// vendor has no codes, and gives 400 to what others give 404 or 409.
var refusals = map[string]refusal{
	"key could not be found":                  {status: http.StatusNotFound},
	"key has not been found":                  {status: http.StatusNotFound},
	"no key(s) found":                         {status: http.StatusNotFound},
	"no hub(s) linked to your account":        {http.StatusNotFound, ErrNoHub, "link a hub to the account in the vendor's dashboard"},
	"hub not found or linked to your account": {http.StatusNotFound, ErrNoHub, "check the hub's id against the vendor's dashboard"},
	"discord id is already whitelisted to the hub": {http.StatusConflict, ErrAlreadyWhitelisted,
		"this Discord user has a key of the hub: get it by the Discord id"},
	"you can only have a maximum of 300 unassigned keys per hub": {http.StatusConflict, ErrUnassignedLimit,
		"give unassigned keys of the hub away or delete some, then try again"},
	"this key is globally blacklisted and can only be unblacklisted by luaprot": {http.StatusForbidden, ErrGloballyBlacklisted,
		"only the vendor's support can lift this"},
	"ip address is not whitelisted": unknownAddress,
}

var unknownAddress = refusal{http.StatusForbidden, ErrIPNotWhitelisted, "enter the IP address of this machine in the vendor's dashboard"}

// aboutAddress recognizes other words for unknownAddress, since the vendor
// publishes none.
var aboutAddress = regexp.MustCompile(`(?i)\bip\b.*\bwhitelist`)

// failure reads the vendor's way of saying no.
func failure(answer *transport.Answer) *transport.Failure {
	// A reset of a device spells its success with three c.
	if answer.StatusCode/100 == 2 && !answer.Denies("success", "succcess") {
		return nil
	}
	var envelope struct {
		Message json.RawMessage `json:"message"`
	}
	_ = json.Unmarshal(answer.Body, &envelope) // anything may come from a proxy
	f := &transport.Failure{Message: wire.Text(envelope.Message), RequestID: answer.Header.Get("X-Request-Id")}
	if f.Understood = f.Message != ""; !f.Understood {
		f.Message = answer.Words()
	}
	if answer.StatusCode == http.StatusTooManyRequests && answer.Header.Get("Retry-After") == "" {
		f.RetryAfter = documented[min(answer.Attempt, len(documented))-1].Per
	}
	switch known, ok := meaning(answer.StatusCode, f.Message); {
	case ok && f.Understood:
		f.StatusCode, f.Advice = known.status, known.advice
		if known.kind != nil {
			f.Kinds = []error{known.kind}
		}
	case answer.StatusCode == http.StatusNotFound:
		// It may be the route that is not found; of the key that says nothing.
		f.Understood = false
	}
	return f
}

// meaning finds what a text means. Where the vendor itself failed, timed out or
// redirects, it decides nothing: the call may have taken effect.
func meaning(status int, message string) (refusal, bool) {
	switch {
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
		return refusal{}, false
	case status/100 != 2 && status/100 != 4:
		return refusal{}, false
	}
	known, ok := refusals[strings.ToLower(strings.TrimSuffix(message, "."))]
	if !ok && (status == http.StatusForbidden || status == http.StatusUnauthorized) && aboutAddress.MatchString(message) {
		return unknownAddress, true
	}
	return known, ok
}
