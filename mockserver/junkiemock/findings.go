package junkiemock

import (
	"maps"
	"slices"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// aliases are wrong names that public programs use, without case and
// underscores, and the vendor's names for the same thing.
var aliases = map[string]string{
	"note": "key_name", "name": "key_name",
	"maxhwids":      "hwid_limit",
	"validityhours": "validity_minutes", "validity": "validity_minutes",
	"count": "amount", "keyvalue": "key", "hwids": "hwid", "hwid": "hwids",
}

// fixedFields are fields of a key that no update changes.
var fixedFields = []string{"provider_id", "service_id", "key_value", "hwid"}

// noteInVain looks for query parameters and bodies that nobody reads.
func (c *call) noteInVain() {
	if c.op.fields == nil && len(c.req.Body) > 0 {
		c.Decided(ruleBodyIgnored)
		c.Finding("a body was sent and ignored: this operation takes none")
	}
	if len(c.req.Query) == 0 {
		return
	}
	known := core.Vocabulary{What: "query parameter", Known: c.op.query, Aliases: aliases}
	if len(known.NoteUnknown(c.Turn, maps.Keys(c.req.Query))) > 0 {
		c.Decided(ruleQueryUnknown)
	}
}

// noteContentType looks at what the client says of its body.
func (c *call) noteContentType() {
	sent := c.req.Header.Get("Content-Type")
	if core.IsJSON(sent) {
		return
	}
	c.Decided(ruleBodyContentType)
	if sent == "" {
		c.Finding("the body was sent without Content-Type: send application/json")
	} else {
		c.Finding("the body was sent as %q: send application/json", core.Clip(sent, core.MaxName))
	}
}

// noteUnknownFields looks for fields that the operation does not know.
func (c *call) noteUnknownFields(b *body) {
	known := core.Vocabulary{What: "field", Known: c.op.fields, Aliases: aliases}
	if c.op.ID == OpUpdateKey {
		known.Fixed = fixedFields
	}
	unknown := known.NoteUnknown(c.Turn, b.Names())
	if len(unknown) > 0 {
		c.Decided(ruleBodyUnknown)
	}
	if slices.ContainsFunc(unknown, func(name string) bool { return slices.Contains(known.Fixed, name) }) {
		c.Decided(ruleUpdateFixed)
	}
	if c.op.ID == OpCreateKeys && slices.Contains(unknown, "hwids") {
		c.Decided(ruleBatchNoHWIDs)
	}
}
