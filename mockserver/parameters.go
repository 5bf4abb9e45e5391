package mockserver

import (
	"net/url"
	"strings"
)

// pair is one parameter of a query.
type pair struct {
	raw, name, value string
	assigned, read   bool // has a value; could be read at all
}

func pairs(raw string) []pair {
	if raw == "" {
		return nil
	}
	var list []pair
	for text := range strings.SplitSeq(raw, "&") {
		before, after, assigned := strings.Cut(text, "=")
		name, err := url.QueryUnescape(before)
		value, err2 := url.QueryUnescape(after)
		if !assigned {
			value = name // a word by itself may be anything
		}
		list = append(list, pair{text, name, value, assigned, err == nil && err2 == nil})
	}
	return list
}

// judgePair decides about a parameter.
func (d *discretion) judgePair(p pair) verdict {
	name := p.name
	if at := strings.IndexByte(name, '['); at > 0 {
		name = name[:at]
	}
	isSecret, known := d.secret[name]
	if !p.assigned && p.value != "" && (isSecret || !known) {
		return unknownText
	}
	return d.judge(name, p.value)
}

// query returns what may be seen of a query: parameters that cannot be read are
// masked as a whole.
func (v *veil) query(raw string) string {
	if v == nil {
		return raw
	}
	list := pairs(raw)
	shown := make([]string, len(list))
	for i, p := range list {
		name, _, _ := strings.Cut(p.raw, "=")
		switch {
		case p.read && v.judgePair(p) == fineText:
			shown[i] = v.clear(p.raw)
		case p.read && p.assigned:
			shown[i] = v.clear(name) + "=" + masked
		default:
			shown[i] = masked
		}
	}
	return strings.Join(shown, "&")
}
