package core

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// Document is the JSON object that a request brings to the control plane. Names
// of members are compared exactly.
type Document struct {
	at      string // JSON pointer to the object
	names   []string
	members map[string]json.RawMessage
	taken   []string // names that Take knew
}

// ReadDocument takes a request's body apart; no body at all is an empty object.
func ReadDocument(body []byte) (Document, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return Document{}, nil
	}
	if !WellFormed(body) {
		return Document{}, &ControlError{Status: http.StatusBadRequest, Detail: "the body is not one JSON document in UTF-8" + reason(body)}
	}
	return readObject("", body)
}

func reason(body []byte) string {
	var raw json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return ": " + err.Error()
	}
	return ""
}

// readObject takes a well-formed document apart.
func readObject(at string, raw []byte) (Document, error) {
	d := Document{at: at, members: map[string]json.RawMessage{}}
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

// Take reads the members of these names as they are, and returns them with a
// document of the others.
func (d Document) Take(names ...string) (map[string]any, Document) {
	taken := map[string]any{}
	rest := Document{at: d.at, members: map[string]json.RawMessage{}, taken: append(slices.Clone(d.taken), names...)}
	for _, name := range d.names {
		raw := d.members[name]
		if !slices.Contains(names, name) {
			rest.names = append(rest.names, name)
			rest.members[name] = raw
			continue
		}
		var value any
		_ = decode(raw, &value) // the document is known to be well-formed
		taken[name] = value
	}
	return taken, rest
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
	candidates := slices.Clone(d.taken)
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
			return BadMember(d.pointer(name), "is not known here%s", DidYouMean(name, candidates))
		}
		if err := read(d.pointer(name), d.members[name], field); err != nil {
			return err
		}
	}
	return nil
}

func (d Document) pointer(name string) string {
	return d.at + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(Clip(name, MaxName))
}

func read(at string, raw json.RawMessage, into reflect.Value) error {
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
		into.Set(reflect.New(into.Type().Elem()))
		return read(at, raw, into.Elem())
	}
	if _, own := into.Addr().Interface().(json.Unmarshaler); into.Kind() == reflect.Struct && !own {
		object, err := readObject(at, raw)
		if err != nil {
			return err
		}
		return object.into(into)
	}
	if into.Kind() == reflect.Map || into.Kind() == reflect.Slice {
		into.SetZero() // replaced, not merged
	}
	if err := decode(raw, into.Addr().Interface()); err != nil {
		return BadMember(at, "must be %s", wanted(into))
	}
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
		return "a list of strings"
	case reflect.Map:
		return "an object"
	default:
		panic(fmt.Sprintf("core: a document has no field of type %v", field.Type()))
	}
}
