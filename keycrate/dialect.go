package keycrate

import (
	"cmp"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/internal/wire"
)

// envelope is what the vendor's two ways of saying no have in common: the
// management API has error and error_code, what end users call has success and
// message, the latter being a code. Either is understood everywhere.
type envelope struct {
	remarks
	Data json.RawMessage `json:"data"`
}

// remarks are the words of an answer.
type remarks struct {
	Error     json.RawMessage `json:"error"`
	ErrorCode json.RawMessage `json:"error_code"`
	Message   json.RawMessage `json:"message"`
}

// failure reads the vendor's way of saying no.
func failure(answer *transport.Answer) *transport.Failure {
	if answer.StatusCode/100 == 2 && !refuses(answer) {
		return nil
	}
	var said envelope
	_ = json.Unmarshal(answer.Body, &said) // anything may come from a proxy
	code, message := said.words()
	f := &transport.Failure{
		Code:      string(code),
		Message:   message,
		RequestID: answer.Header.Get("X-Request-Id"),
	}
	if f.Understood = code != "" || message != ""; !f.Understood {
		f.Message = answer.Words()
	}
	known, ok := meanings[code]
	switch {
	case ok:
		f.StatusCode, f.Advice = known.status, known.advice
		if known.kind != nil {
			f.Kinds = []error{known.kind}
		}
	case code == "NOT_FOUND" || code == "METHOD_NOT_ALLOWED":
		f.Understood, f.Advice = false, "the vendor does not know this route: check BaseURL"
	case code == "" && answer.StatusCode == http.StatusNotFound:
		// It may be the route that is not found; of a license that says nothing.
		f.Understood = false
	}
	told := detail{
		data: present(said.Data),
		denied: f.Understood && isForEndUsers(answer.Op) && decides(cmp.Or(f.StatusCode, answer.StatusCode)) &&
			(code != "" || answer.Denies("success")), // other texts may be those of something on the way
	}
	if ok {
		told.code = code
	}
	f.Detail = told
	return f
}

// detail is what a failure of this vendor has besides its words.
type detail struct {
	// code is the one that was sent if it is known: that is no secret, and stays
	// whole even where an end user's name or password is a part of it.
	code   Code
	data   json.RawMessage
	denied bool // the vendor has looked at what an end user wants, and says no
}

func isForEndUsers(op transport.Op) bool {
	return op.ID == keycratewire.AuthenticateOp.ID || op.ID == keycratewire.RegisterOp.ID
}

// decides reports whether a status of failure is an answer to what was asked,
// and no trouble on the way to one.
func decides(status int) bool {
	return status < 500 && status/100 != 3 && status != http.StatusRequestTimeout && status != http.StatusTooManyRequests
}

// refuses reports whether an answer with a status of success is a failure.
// Whoever has just created something wants to have it: a plain success is
// believed rather than a remark beside it. But a code of failure is no word of
// success, wherever it stands.
func refuses(answer *transport.Answer) bool {
	var said struct {
		remarks
		Success json.RawMessage           `json:"success"`
		Data    wire.Lenient[wire.Unread] `json:"data"`
	}
	if transport.Unmarshal(answer.Body, &said) != nil {
		return false
	}
	switch strings.ToLower(strings.Trim(string(said.Success), `"`)) {
	case "true", "1":
		return false
	case "false", "0", "no":
		return true
	}
	code, _ := said.words()
	_, known := meanings[code]
	return complains(said.ErrorCode) || !said.Data.Has() && (known || complains(said.Error))
}

// complains reports whether a member for errors has something to say.
func complains(member json.RawMessage) bool {
	switch string(member) {
	case "", "null", "false", "0", `""`, "{}", "[]":
		return false
	}
	return true
}

// words returns the code and the text for people of a failure. Where a code is
// expected there may be a text, and the other way round.
func (r *remarks) words() (Code, string) {
	code, message := wire.Text(r.ErrorCode), cmp.Or(wire.Text(r.Error), wire.Text(r.Message))
	if code == "" && isCode.MatchString(message) {
		code, message = message, ""
	}
	if Code(code) == misspelled {
		return CodeHWIDMismatch, message
	}
	return Code(code), message
}

// isCode tells a code from a text for people.
var isCode = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$`)

// present is nil for a member that is missing or null.
func present(data json.RawMessage) json.RawMessage {
	if len(data) == 0 || string(data) == "null" {
		return nil
	}
	return data
}
