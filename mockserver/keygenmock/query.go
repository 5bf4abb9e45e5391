package keygenmock

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// query is what the query of a request means to the vendor, which reads
// brackets in names as structure: page[size]=5 is a member of page.
type query map[string]any // string, query, []any, or nil for a name without "="

var errQuery = errors.New("the query cannot be read")

// maxQueryDepth is how deep names may be nested.
const maxQueryDepth = 32

// parseQuery reads a raw query. It fails where a name is used both for a text
// and for a structure, and where bytes cannot be decoded.
func parseQuery(raw string) (query, error) {
	q := query{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, text, hasValue := strings.Cut(pair, "=")
		name, err1 := decodeQuery(strings.TrimLeft(name, " "))
		text, err2 := decodeQuery(text)
		if err1 != nil || err2 != nil {
			return nil, errQuery
		}
		var value any
		if hasValue {
			value = text
		}
		if err := q.set(name, value, 0); err != nil {
			return nil, err
		}
	}
	return q, nil
}

func decodeQuery(s string) (string, error) {
	text, err := url.QueryUnescape(s)
	if err != nil || !utf8.ValidString(text) {
		return "", errQuery
	}
	return text, nil
}

// set stores a value under a name whose brackets are yet to be taken apart.
func (q query) set(name string, value any, depth int) error {
	if depth >= maxQueryDepth {
		return errQuery
	}
	key, rest := cutQueryName(name, depth)
	switch {
	case key == "":
		return nil
	case rest == "":
		q[key] = value
		return nil
	case rest == "[":
		q[name] = value
		return nil
	case strings.HasPrefix(rest, "[]"):
		return q.appendTo(key, rest[2:], value, depth)
	}
	if q[key] == nil {
		q[key] = query{}
	}
	inner, ok := q[key].(query)
	if !ok {
		return errQuery
	}
	return inner.set(rest, value, depth+1)
}

// cutQueryName cuts the first part off a name. Brackets that are not closed
// belong to it.
func cutQueryName(name string, depth int) (key, rest string) {
	if depth == 0 {
		if len(name) < 2 {
			return name, ""
		}
		if i := strings.IndexByte(name[1:], '['); i >= 0 {
			return name[:1+i], name[1+i:]
		}
		return name, ""
	}
	if strings.HasPrefix(name, "[") {
		if i := strings.IndexByte(name[1:], ']'); i >= 0 {
			return name[1 : 1+i], name[2+i:]
		}
	}
	return name, ""
}

// appendTo adds to a list. Of a structure in a list only the first member is
// kept apart: nothing here reads any.
func (q query) appendTo(key, rest string, value any, depth int) error {
	list, ok := q[key].([]any)
	if !ok && q[key] != nil {
		return errQuery
	}
	if rest != "" {
		inner := query{}
		if err := inner.set(rest, value, depth+1); err != nil {
			return err
		}
		value = inner
	}
	q[key] = append(list, value)
	return nil
}

// text returns the text of a parameter; a structure has none.
func (q query) text(name string) (string, bool) {
	s, ok := q[name].(string)
	return s, ok
}

// encode writes the query as the vendor does in links: sorted by name.
func (q query) encode() string { return encodeQuery(q, "") }

func encodeQuery(value any, name string) string {
	var parts []string
	switch v := value.(type) {
	case query:
		for key, inner := range v {
			if name != "" {
				key = name + "[" + key + "]"
			}
			if s := encodeQuery(inner, key); s != "" {
				parts = append(parts, s)
			}
		}
		slices.Sort(parts)
	case []any:
		for _, item := range v {
			parts = append(parts, encodeQuery(item, name+"[]"))
		}
	case string:
		return url.QueryEscape(name) + "=" + url.QueryEscape(v)
	default:
		return url.QueryEscape(name) + "="
	}
	return strings.Join(parts, "&")
}
