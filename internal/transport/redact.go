package transport

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const redacted = "[redacted]"

// redactor removes from texts what must not be shown.
type redactor struct{ replacer *strings.Replacer }

// newRedactor hides the secrets of the client and those of the request's body,
// and what the request names in its path and its query.
func newRedactor(secrets []string, req Request) redactor {
	hidden := slices.Clone(secrets)
	for _, value := range req.Secrets {
		if len(value) >= shortestInPath {
			hidden = append(hidden, value)
		}
	}
	for _, value := range pathValues(req) {
		if telling(value, shortestInPath) {
			hidden = append(hidden, value)
		}
	}
	query, _ := url.ParseQuery(req.Query) // what can be read of it
	for _, values := range query {
		for _, value := range values {
			if telling(value, shortestInQuery) {
				hidden = append(hidden, value)
			}
		}
	}
	return redactor{replacerOf(hidden)}
}

// Shorter values are not hidden: messages need their small words to make
// sense. A query has longer ones than a path, such as the names of a filter.
const (
	shortestInPath  = 6
	shortestInQuery = 16
)

// telling reports whether a value may be a key: neither a number nor short.
func telling(value string, shortest int) bool {
	return len(value) >= shortest && strings.Trim(value, "0123456789") != ""
}

// pathValues returns what fills the {places} of the operation's path.
func pathValues(req Request) []string {
	templates, segments := strings.Split(req.Op.Path, "/"), strings.Split(req.Path, "/")
	if len(templates) != len(segments) {
		return nil
	}
	var values []string
	for i, template := range templates {
		if !strings.Contains(template, "{") {
			continue
		}
		if value, err := url.PathUnescape(segments[i]); err == nil {
			values = append(values, value)
		}
	}
	return values
}

// replacerOf hides values in every form in which they may be echoed, the
// longest first, since one may contain another.
func replacerOf(values []string) *strings.Replacer {
	var forms []string
	for _, value := range values {
		forms = append(forms, formsOf(value)...)
	}
	slices.SortFunc(forms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var pairs []string
	for _, form := range forms {
		if form != "" {
			pairs = append(pairs, form, redacted)
		}
	}
	return strings.NewReplacer(pairs...)
}

// formsOf returns a value as addresses, JSON and pages write it. A body that is
// no error object is shown as it came.
func formsOf(value string) []string {
	forms := []string{value, url.PathEscape(value), url.QueryEscape(value), html.EscapeString(value)}
	for _, escape := range []bool{true, false} {
		var text bytes.Buffer
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(escape)
		_ = enc.Encode(value) // a string cannot fail
		form := text.String()[1 : text.Len()-len("\"\n")]
		forms = append(forms, form, onlyASCII(form, `\u%04x`), onlyASCII(form, `\u%04X`))
	}
	slices.Sort(forms)
	forms = slices.Compact(forms)
	for _, form := range forms {
		forms = append(forms, lowerHex(form), strings.ReplaceAll(form, "/", `\/`))
	}
	return forms
}

// onlyASCII writes the rest of a text as escapes, as many encoders of JSON do.
func onlyASCII(text, escape string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		if unit < utf8.RuneSelf {
			b.WriteByte(byte(unit))
		} else {
			fmt.Fprintf(&b, escape, unit)
		}
	}
	return b.String()
}

// lowerHex writes the escapes of an address as many servers do.
func lowerHex(s string) string { return escapes.ReplaceAllStringFunc(s, strings.ToLower) }

var escapes = regexp.MustCompile(`%[0-9A-F]{2}`)

// text returns s without secrets, as one line of at most limit bytes.
func (r redactor) text(s string, limit int) string {
	if r.replacer != nil {
		s = r.replacer.Replace(s)
	}
	return oneLine(s, limit)
}

// header returns a copy of the headers of an answer without secrets: there are
// servers that repeat there what they were sent.
func (r redactor) header(h http.Header) http.Header {
	shown := h.Clone()
	for _, values := range shown {
		for i, value := range values {
			if r.replacer != nil {
				values[i] = r.replacer.Replace(value)
			}
		}
	}
	return shown
}

// cause returns the text of an error that is not the vendor's. Such texts may
// quote addresses with keys in them.
func (r redactor) cause(err error) string {
	return r.text(anyURL.ReplaceAllString(err.Error(), "[address]"), maxMessage)
}

// anyURL also finds the address of a proxy without a scheme, by its password.
var anyURL = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[^\s"'<>]+|[^\s"'<>]+:[^\s"'<>]*@[^\s"'<>]+`)

// oneLine returns s as valid UTF-8 without control characters, cut at a
// character's end so that it has at most limit bytes.
func oneLine(s string, limit int) string {
	s = strings.ToValidUTF8(s[:min(len(s), 4*limit)], "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if len(s) <= limit {
		return s
	}
	const ellipsis = "…"
	end := limit - len(ellipsis)
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.TrimSpace(s[:end]) + ellipsis
}

// bare returns the innermost error below every *url.Error, since that type
// prints the URL and hands it out.
func bare(err error) error {
	for {
		wrapped, ok := asURLError(err)
		if !ok {
			return err
		}
		if err = wrapped.Err; err == nil {
			return errors.New("an error without a cause")
		}
	}
}
