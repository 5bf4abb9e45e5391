package keycratemock

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var objectRules = core.ObjectRules{Type: ruleBodyType, Whole: ruleBodyWhole, Duplicate: ruleBodyDuplicate}

// body is the JSON object of a request, with the field types of the vendor. Its
// methods read one field each and note what is wrong with it; a field that is
// null counts as one that is not there.
type body struct{ *core.Object }

// readBody takes the body apart. A failure means that there are no fields to
// look at.
func (c *call) readBody() (*body, *failure) {
	if !core.WellFormed(c.req.Body) {
		c.Decided(ruleBodyMalformed)
		return nil, errMalformed
	}
	o, ok := core.ReadObject(c.Turn, objectRules, c.req.Body)
	b := &body{o}
	if !ok {
		c.Decided(ruleBodyMalformed)
		return nil, b.failure()
	}
	c.noteFields(o)
	return b, nil
}

// failure returns the refusal if anything is wrong.
func (b *body) failure() *failure { return invalid(b.Turn, b.Problems...) }

// needs notes a field that must be there and is not.
func (b *body) needs(field string) {
	if raw, _ := b.Raw(field); raw == nil {
		b.Wrong(field, ruleBodyRequired, "is required")
	}
}

// text reads a string of a bounded number of characters, from 1.
func (b *body) text(field string, most int, rule string) core.Input[string] {
	in := b.Text(field)
	if n := utf8.RuneCountInString(in.Value); in.Given && (n < 1 || n > most) {
		b.Wrong(field, rule, "must have 1 to %d characters", most)
	}
	return in
}

// flag reads a boolean that has a default.
func (b *body) flag(field string, otherwise bool) bool {
	if in := b.Flag(field); in.Given {
		return in.Value
	}
	return otherwise
}

// choice reads one of several words.
func (b *body) choice(field, rule string, words ...string) core.Input[string] {
	in := b.Text(field)
	if in.Given && !slices.Contains(words, in.Value) {
		b.Wrong(field, rule, "must be one of %s", strings.Join(words, ", "))
	}
	return in
}

// uuid reads an id.
func (b *body) uuid(field string) string {
	in := b.Text(field)
	id := strings.ToLower(in.Value)
	if in.Given && !isUUID(id) {
		b.Wrong(field, ruleBoundUUID, "must be a UUID")
	}
	return id
}

func (b *body) requiredUUID(field string) string {
	b.needs(field)
	return b.uuid(field)
}

// isUUID reports whether a text in lower case has the form of a UUID.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (s[i] == '-') || !dash && !strings.Contains("0123456789abcdef", s[i:i+1]) {
			return false
		}
	}
	return true
}

// key reads license_key.
func (b *body) key() string {
	b.needs("license_key")
	in := b.Text("license_key")
	if in.Given && in.Value == "" {
		b.Wrong("license_key", ruleBoundKey, "must not be empty")
	}
	return in.Value
}

// maxBulk is how many licenses one call may be about.
const maxBulk = 1000

// keys reads license_keys. A key that is named twice counts once.
func (b *body) keys() []string {
	b.needs("license_keys")
	list := b.List("license_keys")
	if n := len(list.Value); list.Given && (n < 1 || n > maxBulk) {
		b.Wrong("license_keys", ruleBoundKeys, "must have 1 to %d entries", maxBulk)
		return nil
	}
	keys := b.texts("license_keys", list)
	seen := make(map[string]bool, len(keys))
	return slices.DeleteFunc(keys, func(key string) bool {
		twice := seen[key]
		seen[key] = true
		if twice {
			b.Turn.Decided(ruleKeysOnce)
		}
		return twice
	})
}

// texts reads the items of a list, which are strings and not empty.
func (b *body) texts(field string, list core.Input[[]json.RawMessage]) []string {
	texts := []string{}
	for i, raw := range list.Value {
		text, ok := b.String(core.Item(field, i), raw)
		if ok && text == "" {
			b.Wrong(core.Item(field, i), ruleBoundItems, "must not be empty")
			ok = false
		}
		if !ok {
			break
		}
		texts = append(texts, text)
	}
	return texts
}

// tags reads a list of labels.
func (b *body) tags() []string { return b.texts("tags", b.List("tags")) }

// maxMetadata is how many characters metadata may have.
const maxMetadata = 2000

// metadata reads an object, and returns it in compact form.
func (b *body) metadata() json.RawMessage {
	raw, _ := b.Raw("metadata")
	if raw == nil {
		return json.RawMessage("{}")
	}
	if raw[0] != '{' {
		b.Wrong("metadata", ruleBodyType, "must be an object")
		return nil
	}
	compact := compactObject(raw)
	if n := utf8.RuneCount(compact); n > maxMetadata {
		b.Turn.Decided(ruleMetadataMeasure)
		b.Wrong("metadata", ruleMetadataLimit, "must have at most %d characters, has %d", maxMetadata, n)
	}
	return compact
}

// compactObject writes a well-formed object without blanks and needless
// escapes, its fields sorted and its numbers as they came.
func compactObject(raw []byte) json.RawMessage {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(readFields(raw)); err != nil {
		panic("keycratemock: an object that was read cannot be written: " + err.Error())
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}

// readFields takes a well-formed object apart and leaves its numbers as they
// came.
func readFields(raw []byte) (fields map[string]any) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&fields); err != nil {
		panic("keycratemock: a document that was well-formed cannot be read: " + err.Error())
	}
	return fields
}
