package keygenmock

import (
	"bytes"
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

// jsonType is the type of a JSON value, in the vendor's words.
type jsonType string

const (
	jsonNull    jsonType = "null"
	jsonString  jsonType = "string"
	jsonInteger jsonType = "integer"
	jsonFloat   jsonType = "float"
	jsonBoolean jsonType = "boolean"
	jsonObject  jsonType = "object"
	jsonArray   jsonType = "array"
)

// value is a JSON value with its members in the order of the document.
type value struct {
	kind    jsonType
	text    string // of a string; of a number as it was written
	flag    bool
	members []member
	items   []value
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
	root := value{kind: jsonObject}
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
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	r := reader{Turn: t, dec: dec}
	v, ok := r.read(0)
	if !ok {
		t.Decided(ruleJSONDepth)
		return root, invalidJSON(t)
	}
	if v.kind != jsonObject {
		t.Decided(ruleJSONWrapped)
		v = value{kind: jsonObject, members: []member{{"data", v}}}
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

// reader builds values of the tokens of a document that is known to be well
// formed.
type reader struct {
	*core.Turn
	dec *json.Decoder
}

// read reads one value. It is not ok if the document is too deep.
func (r *reader) read(depth int) (value, bool) {
	token, _ := r.dec.Token()
	switch token := token.(type) {
	case json.Delim:
		if depth == maxDepth {
			return value{}, false
		}
		if token == '{' {
			return r.readObject(depth + 1)
		}
		return r.readArray(depth + 1)
	case string:
		return value{kind: jsonString, text: token}, true
	case json.Number:
		return value{kind: numberType(token.String()), text: token.String()}, true
	case bool:
		return value{kind: jsonBoolean, flag: token}, true
	}
	return value{kind: jsonNull}, true
}

func (r *reader) readArray(depth int) (value, bool) {
	v := value{kind: jsonArray, items: []value{}}
	for r.dec.More() {
		item, ok := r.read(depth)
		if !ok {
			return v, false
		}
		v.items = append(v.items, item)
	}
	_, _ = r.dec.Token()
	return v, true
}

func (r *reader) readObject(depth int) (value, bool) {
	v, place := value{kind: jsonObject}, map[string]int{}
	for r.dec.More() {
		token, _ := r.dec.Token()
		written, _ := token.(string)
		name := underscore(written)
		if name != written {
			r.Decided(ruleJSONNames)
		}
		inner, ok := r.read(depth)
		if !ok {
			return v, false
		}
		if i, twice := place[name]; twice {
			r.Decided(ruleJSONDuplicate)
			v.members[i].value = inner
			continue
		}
		place[name] = len(v.members)
		v.members = append(v.members, member{name, inner})
	}
	_, _ = r.dec.Token()
	return v, true
}

// numberType tells whole numbers from others by how they are written.
func numberType(text string) jsonType {
	if strings.ContainsAny(text, ".eE") {
		return jsonFloat
	}
	return jsonInteger
}

func (v value) hasNullByte() bool {
	return v.kind == jsonString && strings.ContainsRune(v.text, 0) ||
		slices.ContainsFunc(v.items, value.hasNullByte) ||
		slices.ContainsFunc(v.members, func(m member) bool { return strings.ContainsRune(m.name, 0) || m.value.hasNullByte() })
}

// get returns a member of an object by its name in lowerCamel.
func (v value) get(name string) (value, bool) {
	name = underscore(name)
	for _, m := range v.members {
		if m.name == name {
			return m.value, true
		}
	}
	return value{}, false
}

// set replaces a member.
func (v *value) set(name string, by value) {
	name = underscore(name)
	for i, m := range v.members {
		if m.name == name {
			v.members[i].value = by
		}
	}
}

// remove drops a member.
func (v *value) remove(name string) {
	name = underscore(name)
	v.members = slices.DeleteFunc(v.members, func(m member) bool { return m.name == name })
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
		list := make([]any, len(v.items))
		for i, item := range v.items {
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
	object := make(map[string]any, len(v.members))
	for _, m := range v.members {
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

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
