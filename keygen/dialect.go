package keygen

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/internal/wire"
)

// refusal is what an error answer says besides what every vendor's does; it
// travels in the Detail of the transport's error.
type refusal struct {
	errors []ErrorObject
	fields transport.Faults // those of the errors that are about our parameters
	date   time.Time        // the vendor's clock when it answered; zero = it does not tell
}

// meaning is what one code or text of the vendor stands for.
type meaning struct {
	kind   error
	advice string
	status int // where it tells more than the vendor's own; 0 = it does not
}

var (
	emptyPool  = meaning{ErrPoolEmpty, "the pool has no key left: create some", http.StatusConflict}
	noPool     = meaning{ErrPoolNotSupported, "take a policy that was created with UsePool", 0}
	inactive   = meaning{ErrAccountInactive, "settle the account's subscription with the vendor", 0}
	dailyLimit = meaning{ErrDailyLimit, "wait for the next day, or take a paid plan", 0}
	noAccount  = meaning{ErrAccountNotFound, "check Config.Account", 0}
	noRoute    = meaning{nil, "check BaseURL, which ends in /v1", 0}
	byPolicy   = "the policy's AuthenticationStrategy decides this"
	bySeller   = "only who sold the license can change this"
)

// codes are the known codes. The vendor's status for the conflicts is 422, as
// if something were wrong with the call in itself.
var codes = map[string]meaning{
	"KEY_TAKEN":            {ErrKeyTaken, "the string is in use: take another one", http.StatusConflict},
	"KEY_CONFLICT":         {ErrKeyConflict, "a license has the string for its key or id: take another one", http.StatusConflict},
	"POLICY_POOL_EMPTY":    emptyPool,
	"POLICY_NOT_SUPPORTED": noPool,
	"TOKEN_MISSING":        {ErrTokenMissing, "check whether a proxy removes the header Authorization", 0},
	"TOKEN_INVALID":        {ErrTokenInvalid, "check the token, and the Account it belongs to", 0},
	"TOKEN_FORMAT_INVALID": {ErrTokenFormat, "pass the token itself, not its id", 0},
	"TOKEN_EXPIRED":        {ErrTokenExpired, "make a new token", 0},
	"TOKEN_NOT_ALLOWED":    {ErrTokenNotAllowed, byPolicy, 0},
	"LICENSE_INVALID":      {ErrLicenseInvalid, "check the license key, and the Account it belongs to", 0},
	"LICENSE_NOT_ALLOWED":  {ErrLicenseNotAllowed, byPolicy, 0},
	"LICENSE_SUSPENDED":    {ErrLicenseSuspended, bySeller, 0},
	"LICENSE_EXPIRED":      {ErrLicenseExpired, bySeller, 0},
	"LICENSE_BANNED":       {ErrBanned, bySeller, 0},
	"USER_BANNED":          {ErrBanned, bySeller, 0},
	"INVALID_API_VERSION":  {nil, "check Config.Version", 0},
}

// missing recognizes what is not found. Of an account or a route that is not
// found nothing follows for what it was to lead to.
var missing = regexp.MustCompile(`^The requested (key|policy|product|license) '`)

// failure reads the vendor's way of saying no.
func failure(answer *transport.Answer) *transport.Failure {
	if answer.StatusCode/100 == 2 {
		return nil
	}
	var envelope struct {
		Meta struct {
			ID json.RawMessage `json:"id"`
		} `json:"meta"`
		Errors []json.RawMessage `json:"errors"`
	}
	_ = json.Unmarshal(answer.Body, &envelope) // anything may come from a proxy
	said := refusal{errors: errorObjects(envelope.Errors), date: vendorTime(answer.Header)}
	f := &transport.Failure{
		Understood: len(said.errors) > 0,
		Message:    messageOf(said.errors),
		RequestID:  wire.Text(envelope.Meta.ID),
	}
	if !f.Understood {
		f.Message = answer.Words()
	}
	if f.RequestID == "" {
		f.RequestID = answer.Header.Get("X-Request-Id")
	}
	if answer.StatusCode == http.StatusTooManyRequests && answer.Header.Get("Retry-After") == "" {
		f.RetryAfter = untilReset(answer.Header)
	}
	interpret(f, answer.StatusCode, said.errors)
	for i := range said.errors {
		object := &said.errors[i]
		field, ours := parameters[object.Pointer+object.Parameter]
		object.redact(answer)
		if ours {
			said.fields.Add(field, "%s", object.Detail)
		}
	}
	f.Detail = said
	return f
}

// interpret finds out what the error objects mean. Where the vendor itself
// failed, limited or redirected, they decide nothing.
func interpret(f *transport.Failure, status int, objects []ErrorObject) {
	for i, object := range objects {
		if f.Code == "" {
			f.Code = object.Code
		}
		known, ok := object.meaning(status)
		if !ok {
			known.status = status
		}
		if f.Advice == "" {
			f.Advice = known.advice
		}
		if known.kind != nil {
			f.Kinds = append(f.Kinds, known.kind)
		}
		// Several errors are a conflict only if each of them is.
		if i == 0 || f.StatusCode == known.status {
			f.StatusCode = known.status
		} else {
			f.StatusCode = status
		}
	}
	if status == http.StatusNotFound && !(len(objects) == 1 && missing.MatchString(objects[0].Detail)) {
		f.Understood = false
	}
}

// meaning finds what one error object stands for under the answer's status.
func (o *ErrorObject) meaning(status int) (meaning, bool) {
	if status/100 != 4 || status == http.StatusRequestTimeout || status == http.StatusTooManyRequests {
		return meaning{}, false
	}
	if known, ok := codes[o.Code]; ok {
		return known, true
	}
	switch {
	case o.Pointer == "/data/relationships/pool" && o.Detail == "pool is empty":
		return emptyPool, true
	case o.Pointer == "/data/relationships/pool" && o.Detail == "pool is not supported":
		return noPool, true
	case status == http.StatusPaymentRequired:
		return dailyLimit, true
	case status == http.StatusForbidden && strings.HasPrefix(o.Detail, "must have an active subscription"):
		return inactive, true
	case status != http.StatusNotFound:
		return meaning{}, false
	case strings.HasPrefix(o.Detail, "The requested account '"), strings.HasPrefix(o.Detail, "account is "):
		return noAccount, true
	case !missing.MatchString(o.Detail):
		return noRoute, true
	}
	return meaning{}, false
}

// errorObjects decodes what has something to say.
func errorObjects(items []json.RawMessage) []ErrorObject {
	var objects []ErrorObject
	for _, item := range items {
		var w struct {
			Title  json.RawMessage `json:"title"`
			Detail json.RawMessage `json:"detail"`
			Code   json.RawMessage `json:"code"`
			Source json.RawMessage `json:"source"`
			Links  json.RawMessage `json:"links"`
		}
		_ = json.Unmarshal(item, &w)
		var source struct {
			Pointer   json.RawMessage `json:"pointer"`
			Parameter json.RawMessage `json:"parameter"`
			Header    json.RawMessage `json:"header"`
		}
		_ = json.Unmarshal(w.Source, &source)
		var links struct {
			About json.RawMessage `json:"about"`
		}
		_ = json.Unmarshal(w.Links, &links)
		object := ErrorObject{
			Title: wire.Text(w.Title), Detail: wire.Text(w.Detail), Code: wire.Text(w.Code),
			Pointer: wire.Text(source.Pointer), Parameter: wire.Text(source.Parameter), Header: wire.Text(source.Header),
			About: wire.Text(links.About),
		}
		if object.words() != "" {
			objects = append(objects, object)
		}
	}
	return objects
}

// words says what is wrong, and with what if the text does not say it itself.
func (o *ErrorObject) words() string {
	text := o.Detail
	if text == "" {
		text = o.Title
	}
	if text == "" {
		text = o.Code
	}
	if text != "" && o.Pointer != "" {
		text += " (" + o.Pointer + ")"
	}
	return text
}

func messageOf(objects []ErrorObject) string {
	var texts []string
	for i := range objects {
		texts = append(texts, objects[i].words())
	}
	return strings.Join(texts, "; ")
}

// redact keeps secrets out, as in the rest of the error.
func (o *ErrorObject) redact(answer *transport.Answer) {
	for _, text := range []*string{&o.Title, &o.Detail, &o.Code, &o.Pointer, &o.Parameter, &o.Header, &o.About} {
		*text = answer.Redact(*text)
	}
}

// parameters are the places in a call that are parameters of ours.
var parameters = map[string]string{
	"/data/id":                            "ID",
	"/data/attributes/key":                "Key",
	"/data/attributes/name":               "Name",
	"/data/attributes/metadata":           "Metadata",
	"/data/attributes/code":               "Code",
	"/data/attributes/duration":           "Duration",
	"/data/attributes/encrypted":          "Encrypted",
	"/data/attributes/scheme":             "Scheme",
	"/data/attributes/expiry":             "ExpiresAt",
	"/data/relationships/policy":          "PolicyID",
	"/data/relationships/policy/data":     "PolicyID",
	"/data/relationships/policy/data/id":  "PolicyID",
	"/data/relationships/product":         "ProductID",
	"/data/relationships/product/data":    "ProductID",
	"/data/relationships/product/data/id": "ProductID",
	"/data/relationships/owner":           "OwnerID",
	"/data/relationships/owner/data/id":   "OwnerID",
	"/data/relationships/group":           "GroupID",
	"/data/relationships/group/data/id":   "GroupID",
	"limit":                               "Limit",
	"page[number]":                        "Page",
	"page[size]":                          "PageSize",
	"page[cursor]":                        "Cursor",
	"order":                               "Order",
}

// vendorTime reads the vendor's clock from an answer; zero if it does not tell.
// Its own header is not rewritten by proxies.
func vendorTime(header http.Header) time.Time {
	for _, name := range []string{"Keygen-Date", "Date"} {
		if at, err := http.ParseTime(header.Get(name)); err == nil {
			return at
		}
	}
	return time.Time{}
}
