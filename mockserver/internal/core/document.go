package core

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Document is the JSON object that a request brings to the control plane. Names
// of members are compared exactly.
type Document struct {
	at      string    // JSON pointer to the object
	now     time.Time // from which distances in time are counted; zero: there are none
	names   []string
	members map[string]json.RawMessage
	apart   []string // names that Without knew
}

// ReadDocument takes a request's body apart; no body at all is an empty object.
func ReadDocument(body []byte) (Document, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return Document{}, nil
	}
	if !WellFormed(body) {
		return Document{}, &ControlError{Status: http.StatusBadRequest, Detail: "the body is not one JSON document in UTF-8" + reason(body)}
	}
	return readObject("", time.Time{}, body)
}

func reason(body []byte) string {
	var raw json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return ": " + err.Error()
	}
	return ""
}

// At returns the document as it is read at a time: members that are an Instant
// may then say how far from it they are.
func (d Document) At(now time.Time) Document {
	d.now = now
	return d
}

// readObject takes a well-formed document apart.
func readObject(at string, now time.Time, raw []byte) (Document, error) {
	d := Document{at: at, now: now, members: map[string]json.RawMessage{}}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		if at == "" {
			return d, &ControlError{Status: http.StatusUnprocessableEntity, Detail: "the body must be a JSON object"}
		}
		return d, BadMember(at, "must be an object")
	}
	for dec.More() {
		token, _ := dec.Token() // the document is known to be well-formed
		name, _ := token.(string)
		var value json.RawMessage
		_ = dec.Decode(&value)
		if _, twice := d.members[name]; twice {
			return d, BadMember(d.pointer(name), "is sent more than once")
		}
		d.names = append(d.names, name)
		d.members[name] = value
	}
	return d, nil
}

// Has reports whether a member was sent, null or not.
func (d Document) Has(name string) bool {
	_, sent := d.members[name]
	return sent
}

// Object takes a member apart that must be an object.
func (d Document) Object(name string) (Document, error) {
	return readObject(d.pointer(name), d.now, d.members[name])
}

// Objects takes a member apart that must be a list of objects.
func (d Document) Objects(name string) ([]Document, error) {
	var raw []json.RawMessage
	at := d.pointer(name)
	if decode(d.members[name], &raw) != nil || raw == nil {
		return nil, BadMember(at, "must be a list of objects")
	}
	list := make([]Document, 0, len(raw))
	for i, item := range raw {
		object, err := readObject(fmt.Sprintf("%s/%d", at, i), d.now, item)
		if err != nil {
			return nil, err
		}
		list = append(list, object)
	}
	return list, nil
}

// Knows refuses the first member of which the name is not among these.
func (d Document) Knows(names []string) error {
	for _, name := range d.names {
		if !slices.Contains(names, name) {
			return d.Refuse(name, "is not known here%s", DidYouMean(name, names))
		}
	}
	return nil
}

// Refuse refuses the document for one of its members; see [BadMember].
func (d Document) Refuse(name, format string, args ...any) *ControlError {
	return BadMember(d.pointer(name), format, args...)
}

// Without returns the document without members of these names. They still count
// among those that a wrong name could mean.
func (d Document) Without(names ...string) Document {
	rest := Document{at: d.at, now: d.now, members: maps.Clone(d.members), apart: append(slices.Clone(d.apart), names...)}
	for _, name := range names {
		delete(rest.members, name)
	}
	rest.names = slices.DeleteFunc(slices.Clone(d.names), func(name string) bool { return slices.Contains(names, name) })
	return rest
}

// Read reads one member that was sent, as Into does, into what target points to.
func (d Document) Read(name string, target any) error {
	return d.read(d.pointer(name), d.members[name], reflect.ValueOf(target).Elem())
}

// Into reads the document into a struct by the json tags of its fields, and of
// those of structs embedded in it: a member that was not sent leaves its field as it is, so that the struct may
// hold defaults, or the object that is to be changed. A member that no field is
// for is refused, as are values of another type, and null where the field is
// neither a pointer nor a map nor an interface.
func (d Document) Into(target any) error {
	return d.into(reflect.ValueOf(target).Elem())
}

func (d Document) into(target reflect.Value) error {
	known := map[string]reflect.Value{}
	candidates := slices.Clone(d.apart)
	for _, field := range reflect.VisibleFields(target.Type()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "" && name != "-" { // embedded structs have none
			known[name] = target.FieldByIndex(field.Index)
			candidates = append(candidates, name)
		}
	}
	for _, name := range d.names {
		field, ok := known[name]
		if !ok {
			return d.Refuse(name, "is not known here%s", DidYouMean(name, candidates))
		}
		if err := d.read(d.pointer(name), d.members[name], field); err != nil {
			return err
		}
	}
	return nil
}

func (d Document) pointer(name string) string {
	return d.at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(Clip(name, MaxName))
}

func (d Document) read(at string, raw json.RawMessage, into reflect.Value) error {
	if string(raw) == "null" {
		switch into.Kind() {
		case reflect.Pointer, reflect.Map, reflect.Interface:
			into.SetZero()
			return nil
		default:
			return BadMember(at, "cannot be null")
		}
	}
	if into.Kind() == reflect.Pointer {
		return d.readPointer(at, raw, into)
	}
	var err error
	switch own := into.Addr().Interface().(type) {
	case distant:
		err = d.readDistant(raw, own)
	case json.Unmarshaler:
		err = decode(raw, own)
	default:
		return d.readPlain(at, raw, into)
	}
	if err != nil {
		return BadMember(at, "must be %s", wanted(into))
	}
	return nil
}

// distant is implemented by what can be told as a distance from a time.
type distant interface {
	json.Unmarshaler
	ReadAt(now time.Time, raw json.RawMessage) error
}

func (d Document) readDistant(raw json.RawMessage, into distant) error {
	if d.now.IsZero() {
		return decode(raw, into)
	}
	return into.ReadAt(d.now, raw)
}

// readPlain reads a value of a type that does not read JSON by itself.
func (d Document) readPlain(at string, raw json.RawMessage, into reflect.Value) error {
	switch {
	case into.Kind() == reflect.Struct:
		object, err := readObject(at, d.now, raw)
		if err != nil {
			return err
		}
		return object.into(into)
	case into.Kind() == reflect.Slice && into.Type().Elem().Kind() == reflect.Struct:
		return d.readList(at, raw, into)
	case into.Kind() == reflect.Map, into.Kind() == reflect.Slice:
		into.SetZero() // replaced, not merged
	}
	if err := decode(raw, into.Addr().Interface()); err != nil {
		return BadMember(at, "must be %s", wanted(into))
	}
	return nil
}

// readPointer gives the field a value of its own: what it points to may be shared.
func (d Document) readPointer(at string, raw json.RawMessage, into reflect.Value) error {
	fresh := reflect.New(into.Type().Elem())
	into.Set(fresh)
	return d.read(at, raw, fresh.Elem())
}

// readList reads a list of objects; the list that was there is replaced.
func (d Document) readList(at string, raw json.RawMessage, into reflect.Value) error {
	var items []json.RawMessage
	if err := decode(raw, &items); err != nil {
		return BadMember(at, "must be a list of objects")
	}
	list := reflect.MakeSlice(into.Type(), len(items), len(items))
	for i, item := range items {
		if err := d.read(fmt.Sprintf("%s/%d", at, i), item, list.Index(i)); err != nil {
			return err
		}
	}
	into.Set(list)
	return nil
}

// decode reads a value, and where any is allowed keeps numbers as they are
// written.
func decode(raw json.RawMessage, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	return dec.Decode(into)
}

// Wanter is implemented by types of fields that read JSON by themselves: it says
// what they take.
type Wanter interface{ Wants() string }

func wanted(field reflect.Value) string {
	if own, ok := field.Addr().Interface().(Wanter); ok {
		return own.Wants()
	}
	switch field.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "an integer"
	case reflect.Slice:
		if field.Type().Elem().Kind() == reflect.String {
			return "a list of strings"
		}
		return "a list"
	case reflect.Map:
		return "an object"
	default:
		panic(fmt.Sprintf("core: a document has no field of type %v", field.Type()))
	}
}
