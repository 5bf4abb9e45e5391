package keygenmock

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Rules of documents.
var (
	ruleDocumentUnknown   = rule(obs, "document.unpermitted", "A member that the operation does not know is refused as an unpermitted parameter, wherever it stands; meta, included, jsonapi and links are no exception.")
	ruleDocumentFirst     = rule(obs, "document.unpermitted-first", "Unknown members are reported first, in the order of the document, before anything that is missing or wrong.")
	ruleDocumentOne       = rule(obs, "document.one-error", "A wrong document is answered 400 with exactly one error, which points to the member.")
	ruleDocumentOrder     = rule(obs, "document.order", "Members are checked in the order of the schema (type, id, attributes, relationships), what they contain before themselves, and data last.")
	ruleDocumentPointer   = rule(obs, "document.pointer", "Pointers name members in lowerCamel, however they were sent.")
	ruleDocumentMissing   = rule(obs, "document.missing", "A required member that is absent is missing.")
	ruleDocumentNull      = rule(obs, "document.null", "A required member cannot be null.")
	ruleDocumentDropped   = rule(obs, "document.null-optional", "An optional member that is null counts as not sent.")
	ruleDocumentType      = rule(obs, "document.type", "A member of another JSON type is refused with both types named.")
	ruleDocumentUUID      = rule(obs, "document.uuid", "An id of a relationship is a UUID, with or without dashes and in any case.")
	ruleDocumentBlank     = rule(obs, "document.blank", "A text that is empty or of white space only cannot be blank.")
	ruleDocumentInvalid   = rule(obs, "document.invalid", "A type outside of the allowed ones is invalid; singular and plural are the same.")
	ruleDocumentEmptyOK   = rule(obs, "document.empty-object", "An empty object is allowed wherever an object is.")
	ruleDocumentVerbatim  = rule(obs, "document.verbatim", "Texts are kept as they are: nothing is trimmed, and case counts.")
	ruleDocumentFreeNames = rule(asm, "document.metadata-names", "Names in metadata are normalised like all others, and shown in lowerCamel.")
	ruleDocumentItems     = rule(asm, "document.items", "What is in a list is checked like members; its pointer ends in the place, counted from 0.")
	ruleDocumentTime      = rule(asm, "document.time", "A time is a text in ISO 8601 with time zone; a text that is none is of the wrong type.")
)

// shape is what a schema allows for one member.
type shape string

const (
	aString   shape = "string"
	aUUID     shape = "UUID string"
	aTime     shape = "time"
	anInteger shape = "integer"
	aBoolean  shape = "boolean"
	anObject  shape = "object" // with the schema's members
	anyObject shape = "any object"
	someTexts shape = "array" // of strings
)

// schema is what an operation allows at one place of a document. Where it names
// no members, nothing but the shape is asked.
type schema struct {
	name     string // in lowerCamel
	alias    string // another name for it
	shape    shape
	optional bool
	oneOf    []string
	members  []schema // of an object, in the order of the checks
}

// readDocument checks a body against a schema and returns what there is in it:
// members that were null are gone, and aliases have their proper names.
func readDocument(t *core.Turn, body value, root schema) (value, *badRequest) {
	c := checker{t}
	body = c.rename(body, root)
	bad := c.unknown(body, root, "")
	if bad == nil {
		body, bad = c.check(body, root, "")
	}
	return body, bad
}

// checker looks for the one error of a document.
type checker struct{ *core.Turn }

func (c checker) wrong(pointer, rule, detail string) *badRequest {
	c.Decided(rule, ruleDocumentOne)
	return &badRequest{detail: detail, pointer: pointer}
}

// rename gives aliased members their proper names.
func (c checker) rename(v value, s schema) value {
	for i, m := range v.members() {
		for _, child := range s.members {
			if child.alias != "" && m.name == underscore(child.alias) {
				m.name = underscore(child.name)
			}
			if m.name == underscore(child.name) {
				m.value = c.rename(m.value, child)
			}
		}
		v.objectMembers[i] = m
	}
	return v
}

// unknown looks for a member that no schema names, in the document's order.
func (c checker) unknown(v value, s schema, pointer string) *badRequest {
	if s.shape != anObject {
		return nil
	}
	for _, m := range v.members() {
		shown := lowerCamel(m.name)
		at := pointer + "/" + shown
		i := slices.IndexFunc(s.members, func(child schema) bool { return underscore(child.name) == m.name })
		if i < 0 {
			c.Decided(ruleDocumentFirst, ruleDocumentPointer)
			return c.wrong(at, ruleDocumentUnknown, "unpermitted parameter")
		}
		if bad := c.unknown(m.value, s.members[i], at); bad != nil {
			return bad
		}
	}
	return nil
}

// check looks for what is missing or wrong, in the schema's order.
func (c checker) check(v value, s schema, pointer string) (value, *badRequest) {
	if !s.accepts(v) {
		c.Decided(ruleDocumentPointer)
		return v, c.mismatch(v, s, pointer)
	}
	for _, child := range s.members {
		inner, sent := v.get(child.name)
		at := pointer + "/" + child.name
		switch {
		case !sent && child.optional:
		case !sent:
			c.Decided(ruleDocumentOrder, ruleDocumentPointer)
			return v, c.wrong(at, ruleDocumentMissing, "is missing")
		case inner.kind == jsonNull && child.optional:
			c.Decided(ruleDocumentDropped)
			v.remove(child.name)
		default:
			checked, bad := c.check(inner, child, at)
			if bad != nil {
				c.Decided(ruleDocumentOrder)
				return v, bad
			}
			v.set(child.name, checked)
		}
	}
	for i, item := range v.items() {
		c.Decided(ruleDocumentItems)
		if _, bad := c.check(item, schema{shape: aString}, pointer+"/"+strconv.Itoa(i)); bad != nil {
			return v, bad
		}
	}
	return v, c.content(v, s, pointer)
}

// content checks a member of the right type by its content.
func (c checker) content(v value, s schema, pointer string) *badRequest {
	switch {
	case v.kind == jsonString && strings.TrimSpace(v.text) == "":
		return c.wrong(pointer, ruleDocumentBlank, "cannot be blank")
	case s.oneOf != nil && !slices.Contains(s.oneOf, v.text):
		return c.wrong(pointer, ruleDocumentInvalid, "is invalid")
	case s.oneOf != nil:
		c.Decided(ruleDocumentInvalid)
	case v.kind == jsonString:
		c.Decided(ruleDocumentVerbatim)
	case v.kind == jsonObject && len(v.members()) == 0:
		c.Decided(ruleDocumentEmptyOK)
	case s.shape == anyObject:
		c.Decided(ruleDocumentFreeNames)
	}
	return nil
}

func (c checker) mismatch(v value, s schema, pointer string) *badRequest {
	if v.kind == jsonNull {
		return c.wrong(pointer, ruleDocumentNull, "cannot be null")
	}
	switch s.shape {
	case aUUID:
		c.Decided(ruleDocumentUUID)
	case aTime:
		c.Decided(ruleDocumentTime)
	}
	wanted := s.shape
	if wanted == anyObject {
		wanted = anObject
	}
	return c.wrong(pointer, ruleDocumentType, "type mismatch (received "+v.kind.String()+" expected "+string(wanted)+")")
}

// accepts reports whether a value is of the schema's shape.
func (s schema) accepts(v value) bool {
	switch s.shape {
	case aUUID:
		_, ok := canonicalUUID(v.text)
		return v.kind == jsonString && ok
	case aTime:
		_, ok := parseTime(v.text)
		return v.kind == jsonString && ok
	case anyObject:
		return v.kind == jsonObject
	}
	return v.kind.String() == string(s.shape)
}

// parseTime reads a time in ISO 8601, to the millisecond.
func parseTime(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	t = t.UTC().Truncate(time.Millisecond)
	return t, err == nil && fourDigits(t)
}

// fourDigits reports whether a time can be written in UTC: its year has four digits.
func fourDigits(t time.Time) bool { return t.UTC().Year() >= 1 && t.UTC().Year() <= 9999 }

// at returns the member at a path of names in lowerCamel.
func (v value) at(path ...string) (inner value, sent bool) {
	for _, name := range path {
		if v, sent = v.get(name); !sent {
			return value{}, false
		}
	}
	return v, true
}
