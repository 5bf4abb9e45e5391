package keycratemock

import (
	"fmt"
	"time"
	"unicode/utf8"
)

// misfit is why an object cannot be in the world, in words for callers of the Go
// API and of the control plane alike.
type misfit struct {
	member string // that is at fault, as the control plane calls it
	taken  bool   // another object has the same
	text   string
}

func (m *misfit) Error() string { return m.text }

func unfit(member, format string, args ...any) error {
	return &misfit{member: member, text: fmt.Sprintf(format, args...)}
}

func taken(member, format string, args ...any) error {
	return &misfit{member: member, taken: true, text: fmt.Sprintf(format, args...)}
}

// named is a part of an object that is to be looked at.
type named[T any] struct {
	member string
	value  T
}

// checkTexts finds what JSON could not write: it would come back as another text.
func checkTexts(texts ...named[string]) error {
	for _, text := range texts {
		if !utf8.ValidString(text.value) {
			return unfit(text.member, "%q is no text in UTF-8", text.value)
		}
	}
	return nil
}

// checkYears finds times that the vendor could not write.
func checkYears(times ...named[*time.Time]) error {
	for _, at := range times {
		if year := at.value.Year(); year < 1 || year > 9999 {
			return unfit(at.member, "a time of the year %d cannot be written: a year has four digits", year)
		}
	}
	return nil
}

// checkID asks whether an id that is given is one.
func checkID(id string) error {
	if id != "" && !isUUID(id) {
		return unfit("id", "%q is no id: it is a UUID in lower case; leave it empty for a new one", id)
	}
	return nil
}

// checkStatus asks whether a license or a subscription can have a status.
func checkStatus(status, further string) error {
	if status != StatusActive && status != StatusPaused {
		return unfit("status", "%q is no status: it is %s or %s%s", status, StatusActive, StatusPaused, further)
	}
	return nil
}
