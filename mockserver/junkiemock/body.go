package junkiemock

import (
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var objectRules = core.ObjectRules{Type: ruleBodyType, Whole: ruleBodyWhole, Duplicate: ruleErrorDuplicate}

// body is the JSON object of a request, with the field types of the vendor.
type body struct{ *core.Object }

// readBody takes the body apart. A failure means that there are no fields to
// look at.
func (c *call) readBody() (*body, *failure) {
	c.noteContentType()
	if !core.WellFormed(c.req.Body) {
		c.Decided(ruleErrorMalformed)
		return nil, errMalformed
	}
	object, ok := core.ReadObject(c.Turn, objectRules, c.req.Body)
	b := &body{object}
	if !ok {
		return nil, b.failure()
	}
	c.noteUnknownFields(b)
	return b, nil
}

// failure returns the refusal if anything is wrong.
func (b *body) failure() *failure { return invalid(&b.Checks) }

// required reads an integer that must be there.
func (b *body) required(field string, allowed core.Range) core.Input[int64] {
	return b.Required(field, ruleBodyRequired, allowed)
}

// flag reads a boolean, which may be absent but not null.
func (b *body) flag(field string) core.Input[bool] {
	b.notNull(field)
	return b.Flag(field)
}

func (b *body) notNull(field string) {
	if raw, sent := b.Raw(field); sent && raw == nil {
		b.Wrong(field, ruleBodyNull, "must not be null")
	}
}

const maxText = 255

// text reads a string of up to 255 characters.
func (b *body) text(field string) (in core.Input[string]) {
	raw, sent := b.Raw(field)
	in.Sent = sent
	if raw != nil {
		in.Value, in.Given = b.textOf(field, raw)
	}
	return in
}

func (b *body) textOf(field string, raw json.RawMessage) (string, bool) {
	s, ok := b.String(field, raw)
	if !ok {
		return "", false
	}
	n := utf8.RuneCountInString(s)
	if n > maxText {
		b.Wrong(field, ruleBoundText, "must have at most %d characters, has %d", maxText, n)
		return "", false
	}
	if len(s) > maxText {
		b.Turn.Decided(ruleTextUnit)
	}
	return s, true
}

// hwids reads a list of HWIDs, which may be absent but not null, without empty
// and repeated ones. It stops at the first that is wrong.
func (b *body) hwids(field string) (in core.Input[[]string]) {
	b.notNull(field)
	list := b.List(field)
	in.Sent = list.Sent
	seen := map[string]bool{}
	for i, raw := range list.Value {
		hwid, ok := b.textOf(core.Item(field, i), raw)
		switch {
		case !ok:
			return in
		case hwid == "":
			b.Turn.Decided(ruleHWIDsEmpty)
		case seen[hwid]:
			b.Turn.Decided(ruleHWIDsDistinct)
		default:
			seen[hwid] = true
			in.Value = append(in.Value, hwid)
		}
	}
	in.Given = list.Given
	return in
}

func (b *body) time(field string) (in core.Input[time.Time]) {
	text := b.Text(field)
	in.Sent = text.Sent
	if text.Given {
		in.Value, in.Given = dateTime(&b.Checks, field, text.Value)
	}
	return in
}

// discordID reads an id of 17 to 19 digits.
func (b *body) discordID(field string) core.Input[string] {
	in := b.Text(field)
	if in.Given && !isDiscordID(in.Value) {
		b.Wrong(field, ruleBoundDiscordID, "must be a Discord id of 17 to 19 digits")
		in.Given = false
	}
	return in
}

func isDiscordID(s string) bool { return len(s) >= 17 && len(s) <= 19 && core.IsDigits(s) }
