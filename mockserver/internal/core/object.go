package core

import (
	"bytes"
	"encoding/json"
	"iter"
	"maps"
	"math"
	"mime"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ObjectRules are the behaviours of a vendor that reading an object comes to.
type ObjectRules struct {
	Type      string // a field of another JSON type is refused
	Whole     string // a number counts by its value, not by its spelling
	Duplicate string // a field that is sent twice is refused
}

// Object is the JSON object that a request brings. Its methods read one field
// each and note what is wrong with it. Names of fields are compared exactly.
type Object struct {
	Checks
	rules  ObjectRules
	fields map[string]json.RawMessage
}

// IsJSON reports whether a Content-Type says JSON.
func IsJSON(contentType string) bool {
	if contentType == "application/json" { // as nearly all say
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json"
}

// WellFormed reports whether a body is one JSON document in UTF-8.
func WellFormed(body []byte) bool { return utf8.Valid(body) && json.Valid(body) }

// ReadObject takes a well-formed document apart. It is not ok if the document
// is no object, which is noted as the problem of the body.
func ReadObject(t *Turn, rules ObjectRules, document []byte) (o *Object, ok bool) {
	o = &Object{Checks: Checks{Turn: t}, rules: rules, fields: map[string]json.RawMessage{}}
	rest := bytes.TrimLeft(document, blank)
	if len(rest) == 0 || rest[0] != '{' {
		o.Wrong("body", rules.Type, "must be a JSON object")
		return o, false
	}
	var twice map[string]bool
	for name, value := range membersOf(rest) {
		if _, found := o.fields[name]; found && !twice[name] && len(o.Problems) < MaxNotes {
			if twice == nil {
				twice = map[string]bool{}
			}
			twice[name] = true
			o.Wrong(Clip(name, MaxName), rules.Duplicate, "is sent more than once")
		}
		o.fields[name] = value
	}
	return o, true
}

// blank is what may stand between the parts of a document.
const blank = " \t\r\n"

// membersOf goes through the members of an object that is known to be well-formed. It
// looks for no more than where they end, which encoding/json takes ten times as long
// to tell.
func membersOf(object []byte) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		for rest := bytes.TrimLeft(object[1:], blank); rest[0] == '"'; rest = bytes.TrimLeft(rest[1:], blank) {
			end := endOf(rest)
			name := string(rest[1 : end-1])
			if strings.Contains(name, `\`) {
				_ = json.Unmarshal(rest[:end], &name)
			}
			rest = bytes.TrimLeft(rest[end:], blank)      // before the colon
			rest = bytes.TrimLeft(rest[len(":"):], blank) // before the value
			end = endOf(rest)
			if !yield(name, json.RawMessage(rest[:end:end])) {
				return
			}
			rest = bytes.TrimLeft(rest[end:], blank)
			if rest[0] == '}' {
				return
			}
		}
	}
}

// endOf is where the value ends that a well-formed text begins with.
func endOf(text []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			continue
		case depth == 0 && (c == ',' || c == '}' || c == ']' || strings.IndexByte(blank, c) >= 0):
			return i // of a number or a word
		case c == '}' || c == ']':
			depth--
		default:
			continue
		}
		if depth == 0 && !quoted {
			return i + 1
		}
	}
	return len(text)
}

// Names are the names of the fields that were sent, in any order.
func (o *Object) Names() iter.Seq[string] { return maps.Keys(o.fields) }

// Len is the number of fields that were sent.
func (o *Object) Len() int { return len(o.fields) }

// Raw returns the text of a field that is neither absent nor null.
func (o *Object) Raw(field string) (raw json.RawMessage, sent bool) {
	raw, sent = o.fields[field]
	if string(raw) == "null" {
		return nil, sent
	}
	return raw, sent
}

// Integer reads an integer.
func (o *Object) Integer(field string, allowed Range) (in Input[int64]) {
	raw, sent := o.Raw(field)
	in.Sent = sent
	if raw == nil {
		return in
	}
	n, problem := o.WholeNumber(raw)
	if problem != "" {
		o.Wrong(field, o.rules.Type, "%s", problem)
		return in
	}
	in.Value, in.Given = n, o.InRange(field, n, allowed)
	return in
}

// Required reads an integer that must be there.
func (o *Object) Required(field, rule string, allowed Range) Input[int64] {
	in := o.Integer(field, allowed)
	if raw, _ := o.Raw(field); raw == nil {
		o.Wrong(field, rule, "is required")
	}
	return in
}

// WholeNumber reads a JSON number. Its value counts, not its spelling, as in
// every server that keeps numbers as 64-bit floats; beyond the integers that
// these hold exactly, only plain digits are taken.
func (o *Object) WholeNumber(raw json.RawMessage) (n int64, problem string) {
	const text = "must be an integer"
	if raw[0] != '-' && (raw[0] < '0' || raw[0] > '9') {
		return 0, text
	}
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return n, ""
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.Abs(f) >= 1<<53 {
		return 0, "is too large"
	}
	o.Turn.Decided(o.rules.Whole)
	if f != math.Trunc(f) {
		return 0, text
	}
	return int64(f), ""
}

// Flag reads a boolean.
func (o *Object) Flag(field string) (in Input[bool]) {
	raw, sent := o.Raw(field)
	in.Sent = sent
	switch {
	case raw == nil:
	case string(raw) == "true", string(raw) == "false":
		in.Given, in.Value = true, raw[0] == 't'
	default:
		o.Wrong(field, o.rules.Type, "must be true or false")
	}
	return in
}

// Text reads a string.
func (o *Object) Text(field string) (in Input[string]) {
	raw, sent := o.Raw(field)
	in.Sent = sent
	if raw != nil {
		in.Value, in.Given = o.String(field, raw)
	}
	return in
}

// String reads a JSON value that must be a string.
func (o *Object) String(field string, raw json.RawMessage) (s string, ok bool) {
	if raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		o.Wrong(field, o.rules.Type, "must be a string")
		return "", false
	}
	return s, true
}

// List reads a list; one that is empty is given all the same.
func (o *Object) List(field string) (in Input[[]json.RawMessage]) {
	raw, sent := o.Raw(field)
	in.Sent = sent
	switch {
	case raw == nil:
	case raw[0] != '[':
		o.Wrong(field, o.rules.Type, "must be a list")
	default:
		in.Given, in.Value = true, []json.RawMessage{}
		_ = json.Unmarshal(raw, &in.Value) // the document is known to be well-formed
	}
	return in
}
