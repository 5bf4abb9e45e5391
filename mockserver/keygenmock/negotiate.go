package keygenmock

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Rules of media types.
var (
	ruleTypeRead      = rule(obs, "content-type.json", "A body is read as JSON if it is sent as application/vnd.api+json, application/vnd.keygen+json or application/json, with any parameters.")
	ruleTypeDefault   = rule(obs, "content-type.default", "With POST, PUT, PATCH and DELETE, a body without Content-Type or with that of a text or a form is read as JSON.")
	ruleTypeMalformed = rule(obs, "content-type.malformed", "A Content-Type that is no media type is answered 400 MIME_TYPE_INVALID.")
	ruleTypeIgnored   = rule(asm, "content-type.other", "A body of another media type is not read, as if none had been sent.")
	ruleTypeAsAccept  = rule(asm, "content-type.as-accept", "Without Accept such a Content-Type counts as one, and is answered 400 MIME_TYPE_INVALID.")
	ruleAccept        = rule(obs, "accept.taken", "Accept may be absent, *, */*, application/*, or a list with one of the JSON types.")
	ruleAcceptAny     = rule(asm, "accept.wildcard", "A list with */* or application/* is taken as well, whatever else is in it.")
	ruleAcceptNone    = rule(obs, "accept.refused", "Any other Accept is answered 400 MIME_TYPE_INVALID; there is no 406 and no 415.")
	ruleAnswerType    = rule(obs, "answer.type", "Answers are application/vnd.api+json; charset=utf-8, unless Accept ranks application/json first or has nothing else.")
	ruleAnswerSub     = rule(asm, "answer.type-any-application", "application/* is answered as application/json.")
	ruleAnswerEarly   = rule(obs, "error.early", "Errors about media types and unreadable bodies come before the API proper: without meta, Keygen headers and signature, and always as JSON:API.")
)

const (
	typeJSONAPI = "application/vnd.api+json"
	typeKeygen  = "application/vnd.keygen+json"
	typeJSON    = "application/json"

	charset = "; charset=utf-8"
)

// negotiated is what the headers of a request say of two bodies.
type negotiated struct {
	answerType string // Content-Type of the answer
	readsBody  bool   // the request's body is JSON; if not, it counts as empty
}

// negotiate reads Content-Type and Accept.
func negotiate(t *core.Turn, method string, header http.Header) (negotiated, *badRequest) {
	sent, accept := header.Get("Content-Type"), strings.Join(header.Values("Accept"), ",")
	n := negotiated{answerType: typeJSONAPI + charset}
	media, ok := mediaType(sent)
	switch {
	case !ok:
		t.Decided(ruleTypeMalformed)
		return n, mimeRefused(t)
	case isJSONType(media):
		t.Decided(ruleTypeRead)
		n.readsBody = true
	case isDefaultType(media) && writes(method):
		t.Decided(ruleTypeDefault)
		n.readsBody = true
	case media != "":
		t.Decided(ruleTypeIgnored)
		if accept == "" {
			t.Decided(ruleTypeAsAccept)
			return n, mimeRefused(t)
		}
	}
	ranked := ranked(accept)
	if len(ranked) > 0 && !slices.ContainsFunc(ranked, isAcceptable) {
		t.Decided(ruleAcceptNone)
		return n, mimeRefused(t)
	}
	t.Decided(ruleAccept, ruleAnswerType)
	n.answerType = answerType(t, ranked) + charset
	return n, nil
}

// answerType is the first of our types that the ranked list of Accept asks for.
func answerType(t *core.Turn, ranked []string) string {
	if len(ranked) > 1 && !slices.ContainsFunc(ranked, isJSONType) {
		t.Decided(ruleAcceptAny)
	}
	for _, media := range ranked {
		switch media {
		case typeJSON:
			return typeJSON
		case "application/*":
			t.Decided(ruleAnswerSub)
			return typeJSON
		case typeJSONAPI, typeKeygen, "*/*", "*":
			return typeJSONAPI
		}
	}
	return typeJSONAPI
}

func mimeRefused(t *core.Turn) *badRequest {
	t.Decided(ruleAnswerEarly)
	return &badRequest{
		detail: "The mime type of the request is not acceptable (check content-type and accept headers)",
		code:   "MIME_TYPE_INVALID",
		early:  true,
	}
}

func isJSONType(media string) bool {
	return media == typeJSONAPI || media == typeKeygen || media == typeJSON
}

// isDefaultType tells what clients send that say nothing about their body.
func isDefaultType(media string) bool {
	return media == "" || media == "text/plain" || media == "application/x-www-form-urlencoded" || media == "multipart/form-data"
}

func isAcceptable(media string) bool {
	return isJSONType(media) || media == "*/*" || media == "*" || media == "application/*"
}

func writes(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch || method == http.MethodDelete
}

// mediaType returns the media type of a Content-Type in lower case, without
// parameters. None at all is well formed.
func mediaType(contentType string) (string, bool) {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	kind, sub, _ := strings.Cut(media, "/")
	return media, contentType == "" || isMediaName(kind) && isMediaName(sub)
}

// isMediaName reports whether a text in lower case can be a type or a subtype.
func isMediaName(s string) bool {
	return s != "" && len(s) <= 127 && (isLower(s[0]) || isDigit(s[0])) && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789!#$&^_.+-") == ""
}

// ranked lists the media types of an Accept, the most wanted first.
func ranked(accept string) []string {
	type wish struct {
		media   string
		quality float64
	}
	var wishes []wish
	for item := range strings.SplitSeq(accept, ",") {
		media, parameters, _ := strings.Cut(item, ";")
		if media = strings.ToLower(strings.TrimSpace(media)); media != "" {
			wishes = append(wishes, wish{media, quality(parameters)})
		}
	}
	slices.SortStableFunc(wishes, func(a, b wish) int { return cmp.Compare(b.quality, a.quality) })
	var list []string
	for _, w := range wishes {
		list = append(list, w.media)
	}
	return list
}

func quality(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
		if q, err := strconv.ParseFloat(value, 64); name == "q" && err == nil {
			return q
		}
	}
	return 1
}
