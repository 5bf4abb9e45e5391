package junkiemock

import (
	"bytes"
	"encoding/json"
	"math"
	"mime"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// input is one field of a request with its three states: absent, null, given.
type input[T any] struct {
	sent  bool // in the document, null or not
	given bool // with a value
	value T
}

// body is the JSON object of a request. Its methods read one field each and
// note what is wrong with it. Field names are compared exactly.
type body struct {
	checks
	fields map[string]json.RawMessage
}

// readBody takes the body apart. A failure means that there are no fields to
// look at.
func (c *call) readBody() (*body, *failure) {
	c.noteContentType()
	b := &body{checks: checks{turn: &c.turn}, fields: map[string]json.RawMessage{}}
	if !utf8.Valid(c.req.Body) || !json.Valid(c.req.Body) {
		c.decided(ruleErrorMalformed)
		return nil, errMalformed
	}
	dec := json.NewDecoder(bytes.NewReader(c.req.Body))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		b.problem("body", ruleBodyType, "must be a JSON object")
		return nil, b.failure()
	}
	b.readFields(dec)
	c.noteUnknownFields(b)
	return b, nil
}

func (b *body) readFields(dec *json.Decoder) {
	twice := map[string]bool{}
	for dec.More() {
		token, _ := dec.Token() // the document is known to be valid
		name, _ := token.(string)
		var value json.RawMessage
		_ = dec.Decode(&value)
		if _, found := b.fields[name]; found && !twice[name] && len(b.details) < maxNotes {
			twice[name] = true
			b.problem(shorten(name), ruleErrorDuplicate, "is sent more than once")
		}
		b.fields[name] = value
	}
}

// raw returns the text of a field that is neither absent nor null.
func (b *body) raw(field string) (raw json.RawMessage, sent bool) {
	raw, sent = b.fields[field]
	if string(raw) == "null" {
		return nil, sent
	}
	return raw, sent
}

func (b *body) integer(field string, allowed integers) (in input[int64]) {
	raw, sent := b.raw(field)
	in.sent = sent
	if raw == nil {
		return in
	}
	n, problem := b.wholeNumber(raw)
	if problem != "" {
		b.problem(field, ruleBodyType, "%s", problem)
		return in
	}
	in.value, in.given = n, b.inRange(field, n, allowed)
	return in
}

// required reads an integer that must be there.
func (b *body) required(field string, allowed integers) input[int64] {
	in := b.integer(field, allowed)
	if raw, _ := b.raw(field); raw == nil {
		b.problem(field, ruleBodyRequired, "is required")
	}
	return in
}

// wholeNumber reads a JSON number. Its value counts, not its spelling, as in
// every server that keeps numbers as 64-bit floats; beyond the integers that
// these hold exactly, only plain digits are taken.
func (b *body) wholeNumber(raw json.RawMessage) (n int64, problem string) {
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
	b.turn.decided(ruleBodyWhole)
	if f != math.Trunc(f) {
		return 0, text
	}
	return int64(f), ""
}

func (b *body) flag(field string) (in input[bool]) {
	raw, sent := b.raw(field)
	in.sent = sent
	switch {
	case string(raw) == "true", string(raw) == "false":
		in.given, in.value = true, raw[0] == 't'
	case sent && raw == nil:
		b.problem(field, ruleBodyNull, "must not be null")
	case sent:
		b.problem(field, ruleBodyType, "must be true or false")
	}
	return in
}

const maxText = 255

// text reads a string of up to 255 characters.
func (b *body) text(field string) (in input[string]) {
	raw, sent := b.raw(field)
	in.sent = sent
	if raw != nil {
		in.value, in.given = b.textOf(field, raw)
	}
	return in
}

func (b *body) textOf(field string, raw json.RawMessage) (string, bool) {
	s, ok := b.str(field, raw)
	if !ok {
		return "", false
	}
	n := utf8.RuneCountInString(s)
	if n > maxText {
		b.problem(field, ruleBoundText, "must have at most %d characters, has %d", maxText, n)
		return "", false
	}
	if len(s) > maxText {
		b.turn.decided(ruleTextUnit)
	}
	return s, true
}

func (b *body) str(field string, raw json.RawMessage) (s string, ok bool) {
	if raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		b.problem(field, ruleBodyType, "must be a string")
		return "", false
	}
	return s, true
}

// hwids reads a list of HWIDs, without empty and repeated ones. It stops at the
// first that is wrong.
func (b *body) hwids(field string) (in input[[]string]) {
	items, sent := b.list(field)
	in.sent = sent
	if items == nil {
		return in
	}
	seen := map[string]bool{}
	for i, raw := range items {
		hwid, ok := b.textOf(item(field, i), raw)
		switch {
		case !ok:
			return in
		case hwid == "":
			b.turn.decided(ruleHWIDsEmpty)
		case seen[hwid]:
			b.turn.decided(ruleHWIDsDistinct)
		default:
			seen[hwid] = true
			in.value = append(in.value, hwid)
		}
	}
	in.given = true
	return in
}

// list reads a JSON list, which may be absent but not null.
func (b *body) list(field string) (items []json.RawMessage, sent bool) {
	raw, sent := b.raw(field)
	switch {
	case sent && raw == nil:
		b.problem(field, ruleBodyNull, "must not be null")
	case sent && raw[0] != '[':
		b.problem(field, ruleBodyType, "must be a list")
	case sent:
		items = []json.RawMessage{}
		_ = json.Unmarshal(raw, &items) // the document is known to be valid
	}
	return items, sent
}

func (b *body) time(field string) (in input[time.Time]) {
	raw, sent := b.raw(field)
	in.sent = sent
	if raw == nil {
		return in
	}
	if s, ok := b.str(field, raw); ok {
		in.value, in.given = b.dateTime(field, s)
	}
	return in
}

// discordID reads an id of 17 to 19 digits.
func (b *body) discordID(field string) (in input[string]) {
	raw, sent := b.raw(field)
	in.sent = sent
	if raw == nil {
		return in
	}
	s, ok := b.str(field, raw)
	if ok && !isDiscordID(s) {
		b.problem(field, ruleBoundDiscordID, "must be a Discord id of 17 to 19 digits")
		ok = false
	}
	in.value, in.given = s, ok
	return in
}

func isDiscordID(s string) bool { return len(s) >= 17 && len(s) <= 19 && digits(s) }

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func item(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// isJSON tells whether a Content-Type says JSON.
func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json"
}
