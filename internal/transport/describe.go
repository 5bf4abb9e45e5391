package transport

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

// Describe returns what is set in a configuration, for printing. Numbers,
// durations and switches are shown; of texts only BaseURL, UserAgent, Vendor
// and the fields called shown, since any other may be a key. Vendor packages
// use it in the Format, MarshalText and LogValue of their configurations.
func Describe(config any, shown ...string) string {
	shown = append([]string{"BaseURL", "UserAgent", "Vendor"}, shown...)
	return describe(reflect.Indirect(reflect.ValueOf(config)), shown)
}

func describe(v reflect.Value, shown []string) string {
	if v.Kind() != reflect.Struct {
		return redacted
	}
	var fields []string
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		if !field.IsExported() || value.IsZero() {
			continue
		}
		text := redacted
		if value.Kind() != reflect.String {
			text = describeValue(value, shown)
		} else if slices.Contains(shown, field.Name) {
			text = fmt.Sprintf("%q", withoutUser(value.String()))
		}
		fields = append(fields, field.Name+": "+text)
	}
	return v.Type().String() + "{" + strings.Join(fields, ", ") + "}"
}

func describeValue(v reflect.Value, shown []string) string {
	switch v := v.Interface().(type) {
	case Credential:
		return v.String()
	case bool, int, int64, float64:
		return fmt.Sprint(v)
	case fmt.Stringer: // durations, a vendor's credentials; pointers are no business of ours
		if kind := reflect.TypeOf(v).Kind(); kind == reflect.Int64 || kind == reflect.Struct {
			return v.String()
		}
	}
	switch {
	case v.Kind() == reflect.Struct:
		return describe(v, shown)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Int64:
		return fmt.Sprint(v.Interface())
	default:
		return "set"
	}
}

// withoutUser removes user and password from an address.
func withoutUser(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	address, err := url.Parse(s)
	if err != nil || address.Host == "" {
		return redacted
	}
	address.User = nil
	return address.String()
}
