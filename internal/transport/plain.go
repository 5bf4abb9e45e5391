package transport

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// Decoding is most of what a page costs, and most of that is encoding/json's
// way of stepping through every byte twice. This file reads the plain forms, of
// which nearly all answers consist, in a third of the time; on anything else it
// gives up and leaves the whole document to encoding/json. So what an answer
// means, and every error, is encoding/json's alone: a plain reading either comes
// to the same or is thrown away. A fuzz test holds the two against each other.
// Once encoding/json is quick itself, delete this file; nothing depends on it.

// Unmarshal is json.Unmarshal into a value that is zero.
func Unmarshal[T any](data []byte, v *T) error {
	if read := planOf(reflect.TypeFor[T]()); read != nil {
		p := plain{data: data}
		if p.document(read, reflect.ValueOf(v).Elem()) {
			return nil
		}
		*v = *new(T)
	}
	return json.Unmarshal(data, v)
}

// plain is a document that is being read. Its methods report false to give up.
type plain struct {
	data  []byte
	at    int
	lists int // that are around what is read
}

// plan reads the value that comes next into v, which is zero.
type plan func(p *plain, v reflect.Value) bool

// plans has the plan of each type that was asked for, nil for one that has none.
var plans sync.Map

func planOf(t reflect.Type) plan {
	if known, ok := plans.Load(t); ok {
		return known.(plan)
	}
	read := newPlan(t, 0)
	plans.Store(t, read)
	return read
}

// deepest is how deep types, and values that nobody wants, may be nested.
const deepest = 32

var (
	rawType  = reflect.TypeFor[json.RawMessage]()
	rawsType = reflect.TypeFor[map[string]json.RawMessage]()
	ownType  = reflect.TypeFor[json.Unmarshaler]()
	textType = reflect.TypeFor[interface{ UnmarshalText([]byte) error }]()
)

func newPlan(t reflect.Type, depth int) plan {
	pointer := reflect.PointerTo(t)
	switch {
	case depth > deepest: // it may hold itself
		return nil
	case t == rawType:
		return readRaw
	case t == rawsType:
		return readRaws
	case t.Kind() == reflect.Pointer:
		return pointerPlan(t, depth)
	case pointer.Implements(ownType) && t.Name() != "":
		return readOwn
	case pointer.Implements(ownType), pointer.Implements(textType):
		return nil
	}
	switch t.Kind() {
	case reflect.Struct:
		return structPlan(t, depth)
	case reflect.Slice:
		return slicePlan(t, depth)
	case reflect.String:
		return readString
	case reflect.Bool:
		return readBool
	case reflect.Int64:
		return readInt
	default:
		return nil
	}
}

func pointerPlan(t reflect.Type, depth int) plan {
	read := newPlan(t.Elem(), depth+1)
	if read == nil {
		return nil
	}
	return func(p *plain, v reflect.Value) bool {
		if p.null() {
			return true
		}
		v.Set(reflect.New(t.Elem()))
		return read(p, v.Elem())
	}
}

func slicePlan(t reflect.Type, depth int) plan {
	read := newPlan(t.Elem(), depth+1)
	if read == nil || t.Elem().Kind() == reflect.Uint8 {
		return nil
	}
	return func(p *plain, v reflect.Value) bool {
		if p.null() {
			return true
		}
		start, n := p.at, 0
		if !p.take('[') {
			return false
		}
		p.lists++
		ok := p.parts(']', func() bool {
			if n == v.Cap() {
				v.Grow(p.room(start, n))
			}
			n++
			v.SetLen(n)
			return read(p, v.Index(n-1))
		})
		p.lists--
		if n == 0 {
			v.Set(reflect.MakeSlice(t, 0, 0))
		}
		return ok
	}
}

// room returns for how many more elements to make room when n of a list took
// all that is between start and here. An outermost list is likely to fill the
// rest of the document; but elements may also become larger.
func (p *plain) room(start, n int) int {
	if n == 0 || p.lists > 1 {
		return 1
	}
	return 1 + min((len(p.data)-p.at)*n/(p.at-start), 64+n)
}

// member is one that a struct knows, by the path of indexes to its field.
type member struct {
	index []int
	read  plan
	bit   uint64
}

// structPlan is for structs whose members cannot be mistaken for one another.
func structPlan(t reflect.Type, depth int) plan {
	members := map[string]member{}
	if !addMembers(members, t, nil, depth) || len(members) > 64 {
		return nil
	}
	folded := make(map[string]bool, len(members))
	for name := range members {
		lower := strings.ToLower(name)
		if folded[lower] || !isASCII(name) {
			return nil
		}
		folded[lower] = true
	}
	return func(p *plain, v reflect.Value) bool {
		if p.null() {
			return true
		}
		var seen uint64
		return p.take('{') && p.parts('}', func() bool {
			name, ok := p.word()
			if !ok || !p.take(':') {
				return false
			}
			m, known := members[string(name)]
			switch {
			case known && seen&m.bit != 0: // the two would have to be merged
				return false
			case known:
				seen |= m.bit
				return m.read(p, fieldOf(v, m.index))
			default: // encoding/json might take it for a known one, written otherwise
				return isASCII(string(name)) && !folded[strings.ToLower(string(name))] && p.skip(0)
			}
		})
	}
}

// fieldOf is v.FieldByIndex for structs without pointers on the way.
func fieldOf(v reflect.Value, index []int) reflect.Value {
	for _, i := range index {
		v = v.Field(i)
	}
	return v
}

// addMembers collects the members of a struct and of those that it embeds. It
// reports false where the rules on which of them counts are needed.
func addMembers(members map[string]member, t reflect.Type, above []int, depth int) bool {
	for i := range t.NumField() {
		field := t.Field(i)
		index := append(above[:len(above):len(above)], i)
		tag, tagged := field.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case field.Anonymous && !tagged && field.Type.Kind() == reflect.Struct:
			if !addMembers(members, field.Type, index, depth+1) {
				return false
			}
			continue
		case field.Anonymous, strings.Contains(options, "string"):
			return false
		case !field.IsExported(), tag == "-":
			continue
		}
		name = or(name, field.Name)
		read := newPlan(field.Type, depth+1)
		if _, twice := members[name]; twice || read == nil {
			return false
		}
		members[name] = member{index, read, 1 << (len(members) % 64)}
	}
	return true
}

// document reads the one value that a document is.
func (p *plain) document(read plan, v reflect.Value) bool {
	if !read(p, v) {
		return false
	}
	p.blanks()
	return p.at == len(p.data)
}

// blanks moves on to what is no blank.
func (p *plain) blanks() {
	for p.at < len(p.data) {
		switch p.data[p.at] {
		case ' ', '\t', '\r', '\n':
			p.at++
		default:
			return
		}
	}
}

// take moves over a character if it comes next.
func (p *plain) take(want byte) bool {
	p.blanks()
	if p.at < len(p.data) && p.data[p.at] == want {
		p.at++
		return true
	}
	return false
}

// literal moves over null, true or false if it comes next.
func (p *plain) literal(want string) bool {
	p.blanks()
	if !bytes.HasPrefix(p.data[p.at:], []byte(want)) {
		return false
	}
	p.at += len(want)
	return true
}

func (p *plain) null() bool { return p.literal("null") }

// word reads a string without escapes.
func (p *plain) word() (text []byte, ok bool) {
	if !p.take('"') {
		return nil, false
	}
	for i, b := range p.data[p.at:] {
		switch {
		case b == '"':
			text = p.data[p.at : p.at+i]
			p.at += i + 1
			return text, true
		case b < ' ' || b == '\\':
			return nil, false
		}
	}
	return nil, false
}

func readString(p *plain, v reflect.Value) bool {
	if p.null() {
		return true
	}
	start := p.at
	text, ok := p.word()
	if ok && utf8.Valid(text) {
		v.SetString(string(text))
		return true
	}
	p.at = start
	return p.skip(0) && json.Unmarshal(p.data[start:p.at], v.Addr().Interface()) == nil
}

func readBool(p *plain, v reflect.Value) bool {
	if p.literal("true") {
		v.SetBool(true)
		return true
	}
	return p.literal("false") || p.null()
}

func readInt(p *plain, v reflect.Value) bool {
	if p.null() {
		return true
	}
	start := p.at
	if !p.number() {
		return false
	}
	n, err := strconv.ParseInt(string(p.data[start:p.at]), 10, 64)
	v.SetInt(n)
	return err == nil
}

func readRaw(p *plain, v reflect.Value) bool {
	raw, ok := p.raw()
	v.SetBytes(bytes.Clone(raw))
	return ok
}

// readRaws reads the members of any object.
func readRaws(p *plain, v reflect.Value) bool {
	if p.null() {
		return true
	}
	members := map[string]json.RawMessage{}
	v.Set(reflect.ValueOf(members))
	return p.take('{') && p.parts('}', func() bool {
		name, ok := p.word()
		if !ok || !utf8.Valid(name) || !p.take(':') {
			return false
		}
		raw, ok := p.raw()
		members[string(name)] = bytes.Clone(raw)
		return ok
	})
}

func readOwn(p *plain, v reflect.Value) bool {
	raw, ok := p.raw()
	return ok && v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(raw) == nil
}

// raw moves over any value and returns it.
func (p *plain) raw() (value []byte, ok bool) {
	p.blanks()
	start := p.at
	ok = p.skip(0)
	return p.data[start:p.at], ok
}

// skip moves over any value. It accepts no more than encoding/json does.
func (p *plain) skip(depth int) bool {
	p.blanks()
	if p.at == len(p.data) || depth > deepest {
		return false
	}
	switch p.data[p.at] {
	case '{':
		p.at++
		return p.parts('}', func() bool { return p.skipString() && p.take(':') && p.skip(depth+1) })
	case '[':
		p.at++
		return p.parts(']', func() bool { return p.skip(depth + 1) })
	case '"':
		return p.skipString()
	case 't', 'f', 'n':
		return p.literal("true") || p.literal("false") || p.null()
	default:
		return p.number()
	}
}

// parts reads what an object or an array consists of, up to its end.
func (p *plain) parts(end byte, part func() bool) bool {
	for first := true; !p.take(end); first = false {
		if !first && !p.take(',') || !part() {
			return false
		}
	}
	return true
}

// skipString moves over a string, whatever it holds.
func (p *plain) skipString() bool {
	if !p.take('"') {
		return false
	}
	start, escaped := p.at-1, false
	for at := p.at; at < len(p.data); at++ {
		switch b := p.data[at]; {
		case b == '"':
			p.at = at + 1
			return !escaped || json.Valid(p.data[start:p.at])
		case b < ' ':
			return false
		case b == '\\':
			escaped = true
			at++ // whatever follows is no end
		}
	}
	return false
}

// number moves over a number.
func (p *plain) number() bool {
	p.blanks()
	start := p.at
	for p.at < len(p.data) && strings.IndexByte("+-.0123456789Ee", p.data[p.at]) >= 0 {
		p.at++
	}
	return isWhole(p.data[start:p.at]) || json.Valid(p.data[start:p.at])
}

// isWhole reports whether a number is one without fraction and exponent.
func isWhole(number []byte) bool {
	digits := bytes.TrimPrefix(number, []byte("-"))
	if len(digits) == 0 || digits[0] == '0' && len(digits) > 1 {
		return false
	}
	for _, b := range digits {
		if b < '0' || b > '9' {
			return false
		}
	}
	return true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] > math.MaxInt8 {
			return false
		}
	}
	return true
}
