package core

import (
	"encoding/json"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
)

// Kind is a kind of objects that the control plane shows, makes and changes. T
// is an object as the world keeps it; the sheet D is the document about one, a
// struct that is read and written by the json tags of its fields.
//
// The functions get objects that exist, and sheets in which nothing is of a wrong
// type. A function that returns an error has changed nothing.
type Kind[T, D any] struct {
	Name string // of the collection, such as "api-keys"
	Noun string // of one object, such as "API key"
	// Keyed says that the ids of objects are license keys or credentials, or easily
	// taken for these: no refusal repeats one.
	Keyed bool

	All   func() iter.Seq[T] // oldest first
	Find  func(id string) (object T, found bool)
	Show  func(t *Turn, object T) D
	Blank func() D // the sheet of a new object before it is filled in; nil: all zero
	// Read reads a document into a sheet; nil: Document.Into, as it is.
	Read   func(doc Document, sheet *D) error
	Create func(t *Turn, sheet D) (T, error)
	// Change takes over a sheet that differs from what Show says of the object, and
	// returns the object as it then is; nil: nothing can be changed.
	Change func(t *Turn, object T, sheet D) (T, error)
	Remove func(t *Turn, object T) error

	Filters map[string]Test[T] // by their query parameters
	// Vet refuses filters that can ask for nothing; nil: it takes all.
	Vet     func(filters url.Values) error
	Derived []string // members that follow from others, or from what happens: never given
	Fixed   []string // members that stay as they were created
	Filled  []string // members that no change makes an empty text
}

// Test reports whether an object is one that a filter of a list asks for.
type Test[T any] func(t *Turn, object T, want string) bool

// Collection is the kind as the control plane drives it.
func (k Kind[T, D]) Collection() Collection {
	c := Collection{
		Name:    k.Name,
		Filters: slices.Sorted(maps.Keys(k.Filters)),
		List:    k.list,
		Create:  k.create,
		Get:     k.get,
		Change:  k.change,
		Delete:  k.remove,
	}
	if k.Change == nil {
		c.Change = nil
	}
	return c
}

func (k Kind[T, D]) list(t *Turn, filters url.Values) (any, error) {
	if k.Vet != nil {
		if err := k.Vet(filters); err != nil {
			return nil, err
		}
	}
	shown := []D{}
	for object := range k.All() {
		if k.passes(t, object, filters) {
			shown = append(shown, k.Show(t, object))
		}
	}
	return map[string]any{"items": shown}, nil
}

func (k Kind[T, D]) passes(t *Turn, object T, filters url.Values) bool {
	for name, accepts := range k.Filters {
		if filters.Has(name) && !accepts(t, object, filters.Get(name)) {
			return false
		}
	}
	return true
}

func (k Kind[T, D]) get(t *Turn, id string) (any, error) {
	object, found := k.Find(id)
	if !found {
		return nil, k.missing(id)
	}
	return k.Show(t, object), nil
}

func (k Kind[T, D]) missing(id string) error {
	if k.Keyed {
		return &ControlError{Status: http.StatusNotFound, Detail: "there is no such " + k.Noun}
	}
	return Missing(k.Noun, id)
}

func (k Kind[T, D]) create(t *Turn, doc Document) (any, error) {
	var sheet D
	if k.Blank != nil {
		sheet = k.Blank()
	}
	if err := k.read(doc, &sheet); err != nil {
		return nil, err
	}
	for _, name := range k.Derived {
		if doc.Has(name) {
			return nil, doc.Refuse(name, "cannot be given: it follows from the rest")
		}
	}
	object, err := k.Create(t, sheet)
	if err != nil {
		return nil, doc.blame(err)
	}
	return k.Show(t, object), nil
}

func (k Kind[T, D]) change(t *Turn, id string, doc Document) (any, error) {
	object, found := k.Find(id)
	if !found {
		return nil, k.missing(id)
	}
	sheet := k.Show(t, object)
	before := members(sheet)
	if err := k.read(doc, &sheet); err != nil {
		return nil, err
	}
	after := members(sheet)
	if maps.Equal(before, after) {
		return sheet, nil
	}
	if err := k.permit(doc, before, after); err != nil {
		return nil, err
	}
	object, err := k.Change(t, object, sheet)
	if err != nil {
		return nil, err
	}
	return k.Show(t, object), nil
}

func (k Kind[T, D]) read(doc Document, sheet *D) error {
	if k.Read != nil {
		return k.Read(doc, sheet)
	}
	return doc.Into(sheet)
}

// permit refuses changes of what stays as it is.
func (k Kind[T, D]) permit(doc Document, before, after map[string]string) error {
	for _, name := range differences(before, after) {
		switch {
		case slices.Contains(k.Derived, name), slices.Contains(k.Fixed, name):
			return doc.Refuse(name, "cannot be changed")
		case slices.Contains(k.Filled, name) && after[name] == `""`:
			return doc.Refuse(name, "cannot be empty")
		}
	}
	return nil
}

func (k Kind[T, D]) remove(t *Turn, id string) error {
	object, found := k.Find(id)
	if !found {
		return k.missing(id)
	}
	return k.Remove(t, object)
}

// Differences are the names of the members in which two sheets differ, sorted.
func Differences(a, b any) []string { return differences(members(a), members(b)) }

func differences(a, b map[string]string) []string {
	names := maps.Clone(a)
	maps.Copy(names, b)
	maps.DeleteFunc(names, func(name, _ string) bool {
		one, inA := a[name]
		other, inB := b[name]
		return inA == inB && one == other
	})
	return slices.Sorted(maps.Keys(names))
}

// members are the members of a sheet as they are written.
func members(sheet any) map[string]string {
	text, _ := json.Marshal(sheet) // of plain values
	var raw map[string]json.RawMessage
	_ = json.Unmarshal(text, &raw)
	texts := make(map[string]string, len(raw))
	for name, value := range raw {
		texts[name] = string(value)
	}
	return texts
}
