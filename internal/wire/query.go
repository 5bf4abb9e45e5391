package wire

import (
	"fmt"
	"strings"

	"github.com/oapi-codegen/runtime"
)

// Query collects the query parameters of one request in the order they are
// added. The first parameter that cannot be written spoils the whole query.
type Query struct {
	fragments []string
	err       error
}

// Add appends one parameter in an OpenAPI style, escaped.
func (q *Query) Add(style string, explode bool, name string, value any) {
	fragment, err := runtime.StyleParamWithOptions(style, explode, name, value,
		runtime.StyleParamOptions{ParamLocation: runtime.ParamLocationQuery})
	switch {
	case err != nil && q.err == nil:
		q.err = fmt.Errorf("query parameter %s: %w", name, err)
	case err == nil && fragment != "":
		q.fragments = append(q.fragments, fragment)
	}
}

// Encode returns the query without its "?"; it is empty when nothing was added.
func (q *Query) Encode() (string, error) {
	if q.err != nil {
		return "", q.err
	}
	return strings.Join(q.fragments, "&"), nil
}

// Segment writes a value as one escaped segment of a path.
func Segment(name string, value any) (string, error) {
	segment, err := runtime.StyleParamWithOptions("simple", false, name, value,
		runtime.StyleParamOptions{ParamLocation: runtime.ParamLocationPath})
	if err != nil {
		return "", fmt.Errorf("path parameter %s: %w", name, err)
	}
	return segment, nil
}
