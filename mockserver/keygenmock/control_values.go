package keygenmock

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// instant is a time in a sheet, written as the vendor does.
type instant struct{ core.Instant }

// MarshalJSON writes the time.
func (i instant) MarshalJSON() ([]byte, error) { return json.Marshal(timestamp(i.Time)) }

// exact returns the time that was told, or the one that is kept if it is shown
// alike: what is shown is less than what is kept.
func exact(kept, told time.Time) time.Time {
	if timestamp(kept) == timestamp(told) {
		return kept
	}
	return told
}

// sheetTimes is what most sheets end with.
type sheetTimes struct {
	Created instant `json:"created"`
	Updated instant `json:"updated"`
}

func timesOf(created, updated time.Time) sheetTimes {
	return sheetTimes{instantAt(created), instantAt(updated)}
}

func instantAt(t time.Time) instant { return instant{core.Instant{Time: t}} }

// orNil is a time that may be none at all.
func orNil(t time.Time) *instant { return core.Nullable(instantAt(t), !t.IsZero()) }

func orZero(at *instant) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.Time
}

// sheetFurther holds attributes that a sheet has no members for, by their names
// on the wire.
type sheetFurther struct {
	Further map[string]any `json:"-"`
}

func (f *sheetFurther) attributes() *map[string]any { return &f.Further }

// readFurther reads a document into a sheet, and attributes that it has no members
// for beside them.
func readFurther(doc core.Document, sheet any, further []schema) error {
	rest := doc
	for _, attribute := range further {
		rest = rest.Without(attribute.name)
	}
	if err := rest.Into(sheet); err != nil || len(further) == 0 {
		return err
	}
	to := sheet.(interface{ attributes() *map[string]any }).attributes()
	read := map[string]any{}
	maps.Copy(read, *to)
	for _, attribute := range further {
		if !doc.Has(attribute.name) {
			continue
		}
		value, err := attribute.shape.read(doc, attribute.name)
		if err != nil {
			return err
		}
		read[attribute.name] = value
	}
	*to = read
	return nil
}

// read reads a member of a shape; null is nil.
func (s shape) read(doc core.Document, name string) (any, error) {
	switch s {
	case aString:
		return attribute[string](doc, name)
	case aBoolean:
		return attribute[bool](doc, name)
	case anInteger:
		return attribute[int64](doc, name)
	case someTexts:
		return attribute[[]string](doc, name)
	case aTime:
		value, err := attribute[instant](doc, name)
		if at, given := value.(instant); given {
			value = timestamp(at.Time)
		}
		return value, err
	default:
		panic("keygenmock: no attribute is of the shape " + s)
	}
}

func attribute[T any](doc core.Document, name string) (any, error) {
	var value *T
	if err := doc.Read(name, &value); err != nil || value == nil {
		return nil, err
	}
	return *value, nil
}

// beside writes further attributes beside the members of a sheet.
func beside(sheet any, further map[string]any) ([]byte, error) {
	text, err := json.Marshal(sheet)
	if err != nil || len(further) == 0 {
		return text, err
	}
	more, err := json.Marshal(further)
	return append(append(text[:len(text)-1], ','), more[1:]...), err
}

// attributesBut returns the attributes that an operation's schema allows, save
// for those that a sheet has members for.
func attributesBut(operation schema, known ...string) []schema {
	var further []schema
	for _, part := range operation.members[0].members {
		if part.name != "attributes" {
			continue
		}
		for _, attribute := range part.members {
			if !slices.Contains(known, attribute.name) {
				further = append(further, attribute)
			}
		}
	}
	return further
}
