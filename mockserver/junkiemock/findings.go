package junkiemock

import (
	"maps"
	"slices"
	"strings"
)

// Findings name what a client sent in vain. They never change an answer, hold
// no values, and are few however much is sent.
const maxNotes = 10

// aliases are wrong names that public programs use, without case and
// underscores, and the vendor's names for the same thing.
var aliases = map[string]string{
	"note": "key_name", "name": "key_name",
	"maxhwids":      "hwid_limit",
	"validityhours": "validity_minutes", "validity": "validity_minutes",
	"count": "amount", "keyvalue": "key", "hwids": "hwid", "hwid": "hwids",
}

// noteInVain looks for query parameters and bodies that nobody reads.
func (c *call) noteInVain() {
	if c.op.fields == nil && len(c.req.Body) > 0 {
		c.decided(ruleBodyIgnored)
		c.Finding("a body was sent and ignored: this operation takes none")
	}
	unknown := c.unknown(maps.Keys(c.req.Query), c.op.query)
	if len(unknown) > 0 {
		c.decided(ruleQueryUnknown)
	}
	c.note("query parameter", unknown, c.op.query)
}

// noteContentType looks at what the client says of its body.
func (c *call) noteContentType() {
	sent := c.req.Header.Get("Content-Type")
	if isJSON(sent) {
		return
	}
	c.decided(ruleBodyContentType)
	if sent == "" {
		c.Finding("the body was sent without Content-Type: send application/json")
	} else {
		c.Finding("the body was sent as %q: send application/json", shorten(sent))
	}
}

// noteUnknownFields looks for fields that the operation does not know.
func (c *call) noteUnknownFields(b *body) {
	unknown := c.unknown(maps.Keys(b.fields), c.op.fields)
	if len(unknown) > 0 {
		c.decided(ruleBodyUnknown)
	}
	if c.op.ID == OpUpdateKey && slices.ContainsFunc(unknown, isFixed) {
		c.decided(ruleUpdateFixed)
	}
	if c.op.ID == OpCreateKeys && slices.Contains(unknown, "hwids") {
		c.decided(ruleBatchNoHWIDs)
	}
	c.note("field", unknown, c.op.fields)
}

func isFixed(field string) bool {
	return slices.Contains([]string{"provider_id", "service_id", "key_value", "hwid"}, field)
}

func (c *call) unknown(sent func(func(string) bool), known []string) []string {
	var unknown []string
	for name := range sent {
		if !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

func (c *call) note(what string, unknown, known []string) {
	for i, name := range unknown {
		if i == maxNotes {
			c.Finding("%d more unknown %ss were ignored", len(unknown)-i, what)
			return
		}
		near := nearest(name, known)
		switch {
		case near != "":
			c.Finding("unknown %s %q was ignored: the vendor's name is %s", what, shorten(name), near)
		case c.op.ID == OpUpdateKey && isFixed(name):
			c.Finding("%s %q was ignored: it cannot be updated", what, name)
		default:
			c.Finding("unknown %s %q was ignored", what, shorten(name))
		}
	}
}

// nearest returns the known name that an unknown one probably means, or "".
func nearest(name string, known []string) string {
	plain := plainName(name)
	for _, k := range known {
		if plainName(k) == plain {
			return k
		}
	}
	if alias := aliases[plain]; slices.Contains(known, alias) {
		return alias
	}
	return ""
}

func plainName(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

func shorten(text string) string {
	if len(text) <= 64 {
		return text
	}
	return strings.ToValidUTF8(text[:64], "") + "..."
}
