package core

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"
)

// CheckWritable refuses an object that no document could hold: one with a text that
// is not UTF-8, a time of a year without four digits, or a value that JSON does not
// know. What a document brings is never so; what comes from the Go API or is worked
// out may be. The refusal names the field as Go does.
func CheckWritable(object any) error {
	s := scan{within: map[uintptr]bool{}}
	err := s.look("", reflect.ValueOf(object))
	if err == nil && s.doubtful {
		if _, wrong := json.Marshal(object); wrong != nil {
			err = fmt.Errorf("it cannot be written as JSON: %w", wrong)
		}
	}
	if err != nil {
		return &ControlError{Status: http.StatusUnprocessableEntity, Detail: err.Error()}
	}
	return nil
}

// checkYear refuses a time of which RFC 3339 cannot write the year. None at all, the
// zero time, is of the year 1.
func checkYear(at time.Time) error {
	if year := at.UTC().Year(); year < 1 || year > 9999 {
		return fmt.Errorf("is of the year %d, and must be of 1 to 9999", year)
	}
	return nil
}

// scan looks through the exported parts of a value. It knows where it is within, so
// that it does not go round in circles; json.Marshal refuses these.
type scan struct {
	within   map[uintptr]bool
	doubtful bool // there is something of which only json.Marshal knows whether it can be written
}

// isPlain reports whether nothing can be wrong with a value.
func isPlain(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	case reflect.String:
		return utf8.ValidString(v.String())
	default:
		return false
	}
}

func (s *scan) look(at string, v reflect.Value) error {
	if isPlain(v) {
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		return fmt.Errorf("%s is not UTF-8: %q", at, Clip(strings.ToValidUTF8(v.String(), "?"), MaxName))
	case reflect.Struct:
		return s.lookStruct(at, v)
	case reflect.Interface:
		s.doubtful = true
		if !v.IsNil() {
			return s.look(at, v.Elem())
		}
	case reflect.Pointer, reflect.Map, reflect.Slice:
		s.doubtful = s.doubtful || v.Kind() == reflect.Map || s.within[v.Pointer()] || v.Type().Implements(reflect.TypeFor[json.Marshaler]())
		if v.IsNil() || s.within[v.Pointer()] {
			return nil
		}
		s.within[v.Pointer()] = true
		defer delete(s.within, v.Pointer())
		return s.lookInto(at, v)
	default:
		s.doubtful = true
	}
	return nil
}

func (s *scan) lookStruct(at string, v reflect.Value) error {
	if v.Type() == reflect.TypeFor[time.Time]() {
		moment := v.Interface().(time.Time)
		if err := checkYear(moment); err != nil {
			return fmt.Errorf("%s %w", at, err)
		}
		_, offset := moment.Zone()
		s.doubtful = s.doubtful || offset != 0 // which may be too large
		return nil
	}
	s.doubtful = s.doubtful || reflect.PointerTo(v.Type()).Implements(reflect.TypeFor[json.Marshaler]())
	for i := range v.NumField() {
		if isPlain(v.Field(i)) {
			continue
		}
		field := v.Type().Field(i)
		part := strings.TrimPrefix(at+"."+field.Name, ".")
		if field.Anonymous {
			part = at // as Go lets its fields be named
		}
		if !field.IsExported() && !field.Anonymous {
			continue
		}
		if err := s.look(part, v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func (s *scan) lookInto(at string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		return s.look(at, v.Elem())
	case reflect.Map:
		for key, item := range v.Seq2() {
			if err := cmp.Or(s.look(at, key), s.look(fmt.Sprintf("%s[%q]", at, fmt.Sprint(key)), item)); err != nil {
				return err
			}
		}
	default:
		for i := range v.Len() {
			if err := s.look(fmt.Sprintf("%s[%d]", at, i), v.Index(i)); err != nil {
				return err
			}
		}
	}
	return nil
}
