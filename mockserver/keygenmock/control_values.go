package keygenmock

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// instant is a time in a sheet.
type instant struct{ time.Time }

// MarshalJSON writes the time as the vendor does.
func (i instant) MarshalJSON() ([]byte, error) { return json.Marshal(timestamp(i.Time)) }

// UnmarshalJSON reads a time. One that is shown as the present one is no other:
// what is shown is less than what is kept.
func (i *instant) UnmarshalJSON(raw []byte) error {
	var at time.Time
	if err := json.Unmarshal(raw, &at); err != nil {
		return err
	}
	if timestamp(at) != timestamp(i.Time) {
		i.Time = at.UTC()
	}
	return nil
}

// Wants says what is to be sent.
func (*instant) Wants() string { return `a time such as "2026-03-01T12:00:00Z"` }

// sheetTimes is what most sheets end with.
type sheetTimes struct {
	Created instant `json:"created"`
	Updated instant `json:"updated"`
}

func timesOf(created, updated time.Time) sheetTimes {
	return sheetTimes{instant{created}, instant{updated}}
}

// orNil is a time that may be none at all.
func orNil(at time.Time) *instant {
	if at.IsZero() {
		return nil
	}
	return &instant{at}
}

func orZero(at *instant) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.Time
}

// textOrNil is a text that may be none at all.
func textOrNil(s string) *string { return core.Nullable(s, s != "") }

func textOrEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// sheetFurther holds attributes that a sheet has no members for, by their names
// on the wire.
type sheetFurther struct {
	Further map[string]any `json:"-"`
}

func (f *sheetFurther) attributes() *map[string]any { return &f.Further }

// beside writes further attributes beside the members of a sheet.
func beside(sheet any, further map[string]any) ([]byte, error) {
	text, err := json.Marshal(sheet)
	if err != nil || len(further) == 0 {
		return text, err
	}
	more, err := json.Marshal(further)
	return append(append(text[:len(text)-1], ','), more[1:]...), err
}

// fits reports whether a value of encoding/json has the type of a shape. Null
// always has.
func (s shape) fits(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case string:
		_, isTime := parseTime(value)
		return s == aString || s == aTime && isTime
	case bool:
		return s == aBoolean
	case json.Number:
		_, err := value.Int64()
		return s == anInteger && err == nil
	case []any:
		return s == someTexts && !slices.ContainsFunc(value, func(item any) bool { return !aString.fits(item) || item == nil })
	default:
		return false
	}
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
