package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Answer is one answer as the vendor's dialect sees it.
type Answer struct {
	Op         Op
	Attempt    int // which attempt of the call it answers, 1 for the first
	StatusCode int
	Header     http.Header
	Body       []byte // of a success only until it is decoded: who keeps a part of it takes a copy
	Truncated  bool   // Body is only the beginning of an error answer

	tooLong bool // truncated by our own limit
	call    *call
}

// Host returns the request's host, as sent.
func (a *Answer) Host() string { return a.call.sent.URL.Host }

// Target returns the request's path and query, as sent.
func (a *Answer) Target() string { return a.call.sent.URL.RequestURI() }

// Redact removes the credential and the request's path values from text that
// the dialect puts into Failure.Detail, and bounds it as an error's Message.
// The texts of Failure itself are redacted by the transport.
func (a *Answer) Redact(text string) string {
	if a.call == nil {
		return oneLine(text, maxMessage)
	}
	return a.call.hide().text(text, maxMessage)
}

// Failure is what the vendor's dialect read from an answer.
type Failure struct {
	StatusCode int           // what the answer means, where its HTTP status says otherwise; 0: as received
	Code       string        // the vendor's own code
	Message    string        // the vendor's own words
	RequestID  string        // the vendor's name for the request
	Understood bool          // the vendor itself said so: the body is its own, and not the page of a proxy
	Fields     Faults        // the arguments that the vendor refuses
	Kinds      []error       // kinds of the error besides the status's own
	Advice     string        // what to do, where the kinds do not tell
	RetryAfter time.Duration // the wait to keep; 0: the Retry-After header decides
	Detail     any           // handed on in Error.Detail
}

// Denies reports whether the answer is an object in which one of the members
// is false, or the text "false", such as "success".
func (a *Answer) Denies(members ...string) bool {
	object := a.object(members...)
	return slices.ContainsFunc(members, func(m string) bool {
		return string(object[m]) == "false" || string(object[m]) == `"false"`
	})
}

// Complains reports whether the answer is an object with something to say in
// the given member, such as "error", and without any of the members that an
// answer of success is about.
func (a *Answer) Complains(member string, unless ...string) bool {
	object := a.object(member)
	switch string(object[member]) {
	case "", "null", "false", `""`, "{}", "[]":
		return false
	}
	return !slices.ContainsFunc(unless, func(m string) bool { return len(object[m]) > 0 && string(object[m]) != "null" })
}

// object decodes a body that is an object and seems to have one of the members.
func (a *Answer) object(members ...string) map[string]json.RawMessage {
	if !slices.ContainsFunc(members, func(m string) bool { return bytes.Contains(a.Body, []byte(`"`+m+`"`)) }) {
		return nil // spares many answers a second decoding
	}
	var object map[string]json.RawMessage
	if Unmarshal(a.Body, &object) != nil {
		return nil
	}
	return object
}

// Words makes a message of a body that is not the vendor's error object.
func (a *Answer) Words() string {
	if a.isPage() {
		return "an HTML page instead of an API answer, perhaps from a proxy"
	}
	return string(a.Body)
}

// isPage reports whether the answer is a page for people, whatever its label.
func (a *Answer) isPage() bool {
	return mediaType(a.Header) == "text/html" || strings.HasPrefix(http.DetectContentType(a.Body), "text/html")
}

// readBody reads a body up to limit bytes into a buffer, which it makes large
// enough at once where the answer says how long it is.
func readBody(resp *http.Response, limit int64, buffer []byte) (body []byte, tooLong bool, err error) {
	const sane = 64 << 10 // what a Content-Length alone makes us set aside
	size := int64(bytes.MinRead)
	if resp.ContentLength >= 0 {
		size = min(resp.ContentLength, limit, sane) + 1 // room to see the end
	}
	body = slices.Grow(buffer[:0], int(size))
	for err == nil && int64(len(body)) <= limit {
		if len(body) == cap(body) {
			body = slices.Grow(body, len(body)+bytes.MinRead)
		}
		var n int
		n, err = resp.Body.Read(body[len(body):min(int64(cap(body)), limit+1)])
		body = body[:len(body)+n]
	}
	if int64(len(body)) > limit {
		return body[:limit], true, nil
	}
	if err == io.EOF {
		err = nil
	}
	return body, false, err
}

// isEmpty reports whether a body says nothing.
func isEmpty(body []byte) bool {
	body = bytes.TrimSpace(body)
	return len(body) == 0 || string(body) == "null"
}

// mediaType returns the media type of an answer without its parameters, in
// lower case; "" when there is none that can be read.
func mediaType(header http.Header) string {
	label := header.Get("Content-Type")
	if main, sub, _ := strings.Cut(label, "/"); isPlain(main) && isPlain(sub) { // nothing is left to parse
		return label
	}
	media, _, err := mime.ParseMediaType(label)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return ""
	}
	return media
}

// isPlain reports whether a half of a media type is a word in lower case.
func isPlain(half string) bool {
	return half != "" && strings.Trim(half, "abcdefghijklmnopqrstuvwxyz.+-") == ""
}

// match says how well an answer fits a documented success.
type match uint8

const (
	not match = iota
	// loosely: the status fits, and the media type is none or one that servers
	// use for JSON by mistake. Whoever has just created something wants to have
	// it rather than an error, if the body turns out to be what was documented.
	// If not, a label that was wrong proves nothing about the outcome.
	loosely
	exactly
)

// success finds the documented success that an answer is.
func (op Op) success(status int, media string, body []byte) (Success, match) {
	var found Success
	best := not
	for _, doc := range op.Success {
		if doc.Status != status {
			continue
		}
		if m := doc.match(media, body); m > best {
			found, best = doc, m
		}
	}
	return found, best
}

// otherwise finds what a 2xx with an undocumented status may be after all: if
// it holds all that the documented answer is about, it is that answer. Whoever
// has just created something wants to have it.
func (op Op) otherwise(media string) (Success, match) {
	for _, doc := range op.Success {
		if doc.MediaType != "" && doc.MediaType == media {
			return doc, loosely
		}
	}
	return Success{}, not
}

func (s Success) match(media string, body []byte) match {
	switch {
	case s.MediaType == "":
		// Whatever comes is ignored, but the page of a proxy is not the vendor's.
		if media == "text/html" && !isEmpty(body) {
			return not
		}
		return exactly
	case media == s.MediaType:
		return exactly
	case s.EmptyOK && isEmpty(body):
		return exactly
	case media == "", media == "text/plain", media == "application/json", strings.HasSuffix(media, "+json"):
		return loosely
	default:
		return not
	}
}

// accept returns the media type to ask for.
func (op Op) accept() string {
	for _, doc := range op.Success {
		if doc.MediaType != "" {
			return doc.MediaType
		}
	}
	return "application/json"
}

// undocumented says in which way a successful answer is not one of those that
// the operation is documented to give.
func (op Op) undocumented(status int, media string) string {
	var statuses, medias []string
	for _, doc := range op.Success {
		statuses = append(statuses, fmt.Sprint(doc.Status))
		if doc.Status == status {
			medias = append(medias, or(doc.MediaType, "no content"))
		}
	}
	if len(medias) == 0 {
		return "the operation is documented to succeed with " + strings.Join(statuses, " or ")
	}
	return fmt.Sprintf("the answer is %s, documented is %s", or(media, "without a content type"), strings.Join(medias, " or "))
}

// damage says why a body could not be decoded, without quoting it.
func damage(err error) string {
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	var part *incomplete
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("the answer is no valid JSON after %d bytes", syntax.Offset)
	case errors.As(err, &mismatch):
		got, _, _ := strings.Cut(mismatch.Value, " ") // a number is quoted
		return fmt.Sprintf("the answer has a JSON %s where %s should be %s", got, or(memberOf(mismatch), "the whole"), jsonKind(mismatch.Type.Kind()))
	case errors.As(err, &part):
		return part.Error()
	default:
		return "a value in the answer has a form that is not documented"
	}
}

// memberOf returns the path of a member as the vendor spells it. The decoder
// also tells the Go types that are embedded on the way.
func memberOf(mismatch *json.UnmarshalTypeError) string {
	names := strings.Split(mismatch.Field, ".")
	names = slices.DeleteFunc(names, func(name string) bool { return name != "" && name[0] >= 'A' && name[0] <= 'Z' })
	return strings.Join(names, ".")
}

// jsonKind says in the words of JSON what a Go value is read from.
func jsonKind(kind reflect.Kind) string {
	switch kind {
	case reflect.Bool:
		return "a boolean"
	case reflect.String:
		return "a string"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	default:
		return "a number in range"
	}
}
