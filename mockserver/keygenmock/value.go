package keygenmock

import (
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Rules of bodies as JSON.
var (
	ruleJSONInvalid   = rule(obs, "json.invalid", "A body that is not one JSON document is answered 400 JSON_INVALID.")
	ruleJSONDepth     = rule(asm, "json.depth", "A document nested more than 100 levels deep is no JSON document.")
	ruleJSONEncoding  = rule(obs, "json.encoding", "A body that is not UTF-8 is answered 400 ENCODING_INVALID.")
	ruleJSONNull      = rule(obs, "json.null-byte", "A null byte in a text or a name is answered 400 ENCODING_INVALID, by the API proper.")
	ruleJSONNames     = rule(obs, "json.names", "Names of members are the same in camelCase, snake_case, dashed and capitalised.")
	ruleJSONDuplicate = rule(asm, "json.duplicate", "Of members of the same name the last one counts, in the place of the first.")
	ruleJSONWrapped   = rule(obs, "json.wrapped", "A document that is no object is taken as the member data of one.")
	ruleJSONEmpty     = rule(obs, "json.empty", "An empty body is an empty object.")
)

// jsonType is the type of a JSON value.
type jsonType uint8

const (
	jsonNull jsonType = iota
	jsonString
	jsonInteger
	jsonFloat
	jsonBoolean
	jsonObject
	jsonArray
)

// String names the type in the vendor's words.
func (t jsonType) String() string {
	return [...]string{
		jsonNull: "null", jsonString: "string", jsonInteger: "integer", jsonFloat: "float",
		jsonBoolean: "boolean", jsonObject: "object", jsonArray: "array",
	}[t]
}

// value is a JSON value with its members in the order of the document. It is small,
// since a body may have a million of them.
type value struct {
	kind jsonType
	flag bool
	text string // of a string; of a number as it was written
	*parts
}

// parts are what is in an object or a list; nil: it is neither.
type parts struct {
	objectMembers []member
	listItems     []value
}

func (p *parts) members() []member {
	if p == nil {
		return nil
	}
	return p.objectMembers
}

func (p *parts) items() []value {
	if p == nil {
		return nil
	}
	return p.listItems
}

// object is an object with these members.
func object(members ...member) value {
	return value{kind: jsonObject, parts: &parts{objectMembers: members}}
}

type member struct {
	name  string // in snake_case, as the vendor compares names
	value value
}

// maxDepth is how deep a document may be nested.
const maxDepth = 100

// parseBody reads a body. Without one the value is an empty object; any other
// document than an object becomes the member data of one.
func parseBody(t *core.Turn, body []byte) (value, *badRequest) {
	root := object()
	if len(body) == 0 {
		t.Decided(ruleJSONEmpty)
		return root, nil
	}
	if !utf8.Valid(body) {
		t.Decided(ruleJSONEncoding, ruleAnswerEarly)
		return root, &badRequest{
			detail: "The request could not be completed because it contains an invalid byte sequence (check encoding)",
			code:   "ENCODING_INVALID",
			early:  true,
		}
	}
	if !json.Valid(body) {
		return root, invalidJSON(t)
	}
	r := reader{Turn: t, text: body}
	v, ok := r.read(0)
	if !ok {
		t.Decided(ruleJSONDepth)
		return root, invalidJSON(t)
	}
	if v.kind != jsonObject {
		t.Decided(ruleJSONWrapped)
		v = object(member{"data", v})
	}
	return v, nil
}

func invalidJSON(t *core.Turn) *badRequest {
	t.Decided(ruleJSONInvalid, ruleAnswerEarly)
	return &badRequest{
		detail: "The request could not be completed because it contains invalid JSON (check formatting/encoding)",
		code:   "JSON_INVALID",
		early:  true,
	}
}

// nullByte refuses a text that no database takes, wherever it was sent.
func nullByte(t *core.Turn) *badRequest {
	t.Decided(ruleJSONNull)
	return &badRequest{
		detail: "The request could not be completed because it contains an unexpected null byte (check encoding)",
		code:   "ENCODING_INVALID",
	}
}

// reader builds values of a document that is known to be well formed. It goes
// through the bytes by itself: a decoder's tokens take ten times as long, and a body
// may have a million of them.
type reader struct {
	*core.Turn
	text []byte
	at   int
}

// next returns the first byte that is no blank, and stays before it.
func (r *reader) next() byte {
	for isBlank(r.text[r.at]) {
		r.at++
	}
	return r.text[r.at]
}

// read reads one value. It is not ok if the document is too deep.
func (r *reader) read(depth int) (value, bool) {
	switch c := r.next(); c {
	case '{', '[':
		if depth == maxDepth {
			return value{}, false
		}
		r.at++
		if c == '{' {
			return r.readObject(depth + 1)
		}
		return r.readArray(depth + 1)
	case '"':
		return value{kind: jsonString, text: r.readText()}, true
	case 't', 'f', 'n':
		return map[string]value{"true": {kind: jsonBoolean, flag: true}, "false": {kind: jsonBoolean}, "null": {kind: jsonNull}}[r.readWord()], true
	default:
		number := r.readWord()
		return value{kind: numberType(number), text: number}, true
	}
}

// readWord reads a number, or a word without quotes.
func (r *reader) readWord() string {
	begin := r.at
	for ; r.at < len(r.text); r.at++ {
		if c := r.text[r.at]; c == ',' || c == ']' || c == '}' || isBlank(c) {
			break
		}
	}
	return string(r.text[begin:r.at])
}

// readText reads a text in quotes.
func (r *reader) readText() (text string) {
	begin, escaped := r.at, false
	for r.at++; r.text[r.at] != '"'; r.at++ {
		if r.text[r.at] == '\\' {
			escaped = true
			r.at++
		}
	}
	r.at++
	if !escaped {
		return string(r.text[begin+1 : r.at-1])
	}
	_ = json.Unmarshal(r.text[begin:r.at], &text)
	return text
}

// more reports whether a list or an object goes on, and otherwise leaves it.
func (r *reader) more() bool {
	switch r.next() {
	case ',':
		r.at++
		return true
	case ']', '}':
		r.at++
		return false
	default: // the first one
		return true
	}
}

func (r *reader) readArray(depth int) (value, bool) {
	v := value{kind: jsonArray, parts: &parts{}}
	for r.more() {
		item, ok := r.read(depth)
		if !ok {
			return v, false
		}
		if len(v.listItems) == cap(v.listItems) {
			v.listItems = slices.Grow(v.listItems, len(v.listItems)+1) // twice as much: long lists are copied less often
		}
		v.listItems = append(v.listItems, item)
	}
	return v, true
}

func (r *reader) readObject(depth int) (value, bool) {
	v, place := object(), map[string]int{}
	for r.more() {
		r.next()
		written := r.readText()
		name := underscore(written)
		if name != written {
			r.Decided(ruleJSONNames)
		}
		r.next() // a colon
		r.at++
		inner, ok := r.read(depth)
		if !ok {
			return v, false
		}
		if i, twice := place[name]; twice {
			r.Decided(ruleJSONDuplicate)
			v.objectMembers[i].value = inner
			continue
		}
		place[name] = len(v.objectMembers)
		v.objectMembers = append(v.objectMembers, member{name, inner})
	}
	return v, true
}

// numberType tells whole numbers from others by how they are written.
func numberType(text string) jsonType {
	for i := range len(text) {
		if c := text[i]; c == '.' || c == 'e' || c == 'E' {
			return jsonFloat
		}
	}
	return jsonInteger
}

func (v value) hasNullByte() bool {
	return v.kind == jsonString && strings.ContainsRune(v.text, 0) ||
		slices.ContainsFunc(v.items(), value.hasNullByte) ||
		slices.ContainsFunc(v.members(), func(m member) bool { return strings.ContainsRune(m.name, 0) || m.value.hasNullByte() })
}

// get returns a member of an object by its name in lowerCamel.
func (v value) get(name string) (value, bool) {
	name = underscore(name)
	for _, m := range v.members() {
		if m.name == name {
			return m.value, true
		}
	}
	return value{}, false
}

// set replaces a member.
func (v *value) set(name string, by value) {
	name = underscore(name)
	for i, m := range v.members() {
		if m.name == name {
			v.objectMembers[i].value = by
		}
	}
}

// remove drops a member of an object.
func (v *value) remove(name string) {
	name = underscore(name)
	v.objectMembers = slices.DeleteFunc(v.objectMembers, func(m member) bool { return m.name == name })
}

// integer returns a whole number, as far as 64 bits go.
func (v value) integer() int64 {
	n, ok := new(big.Int).SetString(v.text, 10)
	switch {
	case !ok:
		return 0
	case n.IsInt64():
		return n.Int64()
	case n.Sign() < 0:
		return math.MinInt64
	}
	return math.MaxInt64
}

// plain returns the value in the types of encoding/json, with members named in
// lowerCamel as the vendor shows them, and numbers as they were written.
func (v value) plain() any {
	switch v.kind {
	case jsonString:
		return v.text
	case jsonInteger, jsonFloat:
		return json.Number(v.text)
	case jsonBoolean:
		return v.flag
	case jsonArray:
		list := make([]any, len(v.items()))
		for i, item := range v.items() {
			list[i] = item.plain()
		}
		return list
	case jsonObject:
		return v.object()
	}
	return nil
}

// object returns the members of an object as plain does.
func (v value) object() map[string]any {
	object := make(map[string]any, len(v.members()))
	for _, m := range v.members() {
		object[lowerCamel(m.name)] = m.value.plain()
	}
	return object
}

// underscore writes a name in snake_case: an underscore where a capital begins
// a word, and for each dash.
func underscore(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return r == '-' || r >= 'A' && r <= 'Z' || r >= utf8.RuneSelf }) {
		return name
	}
	var words strings.Builder
	for i := range len(name) {
		if i > 0 && isUpper(name[i]) {
			before := name[i-1]
			if isLower(before) || isDigit(before) || isUpper(before) && i+1 < len(name) && isLower(name[i+1]) {
				words.WriteByte('_')
			}
		}
		words.WriteByte(name[i])
	}
	return strings.ToLower(strings.ReplaceAll(words.String(), "-", "_"))
}

// lowerCamel writes a name in snake_case as the vendor shows it: without
// underscores, and with a capital after each.
func lowerCamel(name string) string {
	if !strings.Contains(name, "_") {
		return name
	}
	parts := strings.Split(name, "_")
	for i, part := range parts[1:] {
		if part != "" && isLower(part[0]) {
			parts[i+1] = string(part[0]-'a'+'A') + part[1:]
		}
	}
	return strings.Join(parts, "")
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
