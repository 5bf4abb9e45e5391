package luaprotmock

import (
	"maps"
	"slices"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// aliases are wrong names that one might expect here, without case and
// underscores, and the vendor's names for the same thing.
var aliases = map[string]string{
	"hubid": "hub", "discord": "discordId", "userid": "discordId", "keyvalue": "key", "hwids": "hwid",
	"expires": "expire", "expiry": "expire", "expiresin": "expire", "expiresat": "expire", "expireat": "expire", "duration": "expire",
	"notes": "note", "comment": "note", "reason": "blacklistReason", "blacklist": "blacklisted",
	"scripts": "limitedScripts", "scriptids": "limitedScripts", "count": "amount", "quantity": "amount",
}

// fixedFields are fields of a key that no update changes.
var fixedFields = []string{
	"key", "hubId", "hubName", "advertiseId", "created", "activated", "hwid", "hwidResetCount", "lastHwidReset",
	"executionCount", "lastExecution", "discordData",
}

// noteInVain looks for what a request has or lacks without being told. It never
// fails.
func (c *call) noteInVain() *failure {
	c.noteContentType()
	if c.op.body == noBody && len(c.req.Body) > 0 {
		c.Decided(ruleBodyIgnored)
		c.Finding("a body was sent and ignored: this operation takes none")
	}
	if len(c.req.Query) == 0 {
		return nil
	}
	known := core.Vocabulary{What: "query parameter", Known: c.op.query, Aliases: aliases}
	if len(known.NoteUnknown(c.Turn, maps.Keys(c.req.Query))) > 0 {
		c.Decided(ruleQueryUnknown)
	}
	return nil
}

// noteContentType looks at a header that the vendor wants even where there is
// no body.
func (c *call) noteContentType() {
	sent := c.req.Header.Get("Content-Type")
	if core.IsJSON(sent) {
		return
	}
	c.Decided(ruleContentType, ruleContentTypeLenient)
	if sent == "" {
		c.Finding("the request was sent without Content-Type: every request has to say application/json, also one without a body")
	} else {
		c.Finding("the request was sent as %q: every request has to say application/json", core.Clip(sent, core.MaxName))
	}
}

// noteUnknownFields looks for fields that the operation does not know.
func (c *call) noteUnknownFields(o *core.Object) {
	known := core.Vocabulary{What: "field", Known: c.op.fields, Aliases: aliases}
	if c.op.ID == OpUpdateKey {
		known.Fixed = fixedFields
	}
	unknown := known.NoteUnknown(c.Turn, o.Names())
	if len(unknown) > 0 {
		c.Decided(ruleBodyUnknown)
	}
	if slices.ContainsFunc(unknown, func(name string) bool { return slices.Contains(known.Fixed, name) }) {
		c.Decided(ruleUpdateFixed)
	}
}
