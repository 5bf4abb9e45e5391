package keycratemock

import (
	"maps"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// aliases are wrong names that one might expect here, without case and
// underscores, and the vendor's names for the same thing.
var aliases = map[side]map[string]string{
	management: {
		"key": "license_key", "license": "license_key", "keys": "license_keys", "licenses": "license_keys",
		"app": "app_id", "applicationid": "app_id", "subscription": "subscription_id", "id": "subscription_id",
		"unit": "duration_unit", "duration": "duration_value", "amount": "key_amount", "count": "key_amount",
		"seconds": "extend_seconds", "extend": "extend_seconds", "format": "key_format", "pattern": "key_format",
		"lock": "hwid_lock", "locked": "hwid_lock", "enabled": "hwid_lock", "resetallowed": "hwid_reset_allowed",
		"allowed": "hwid_reset_allowed", "resetinterval": "hwid_reset_cooldown", "hwidresetinterval": "hwid_reset_cooldown",
		"cooldown": "hwid_reset_cooldown", "interval": "hwid_reset_cooldown", "user": "username",
		"limit": "per_page", "pagesize": "per_page", "sort": "sort_field", "sortby": "sort_field", "order": "sort_order",
		"query": "search", "tag": "tags",
	},
	endUser: {
		"licensekey": "license", "key": "license", "app": "app_id", "applicationid": "app_id",
		"user": "username", "name": "username", "pass": "password", "deviceid": "hwid", "device": "hwid",
	},
}

// noteQuery looks at a query, which nobody reads.
func (c *call) noteQuery() {
	if len(c.req.Query) == 0 {
		return
	}
	known := core.Vocabulary{What: "query parameter"}
	if len(known.NoteUnknown(c.Turn, maps.Keys(c.req.Query))) > 0 {
		c.Decided(ruleQueryIgnored)
	}
}

// noteInVain looks for what a request has or lacks without being told. It never
// fails.
func (c *call) noteInVain() *failure {
	if c.op.side == browser {
		return nil
	}
	c.noteContentType()
	c.noteQuery()
	if c.op.side == endUser {
		c.Decided(ruleUserNoAPIKey)
		if c.req.Header.Get("x-api-key") != "" {
			c.Finding("x-api-key was sent and ignored: %s takes none, and no end user's program should hold one", c.op.Path)
		}
	}
	return nil
}

func (c *call) noteContentType() {
	sent := c.req.Header.Get("Content-Type")
	if core.IsJSON(sent) {
		return
	}
	c.Decided(ruleContentTypeLenient)
	if c.op.side == management {
		c.Decided(ruleContentType)
	}
	if sent == "" {
		c.Finding("the request was sent without Content-Type: every request has to say application/json")
	} else {
		c.Finding("the request was sent as %q: every request has to say application/json", core.Clip(sent, core.MaxName))
	}
}

// noteFields looks for fields that the operation does not know, and for those
// that are sent without a value.
func (c *call) noteFields(o *core.Object) {
	known := core.Vocabulary{What: "field", Known: c.op.fields, Aliases: aliases[c.op.side]}
	if len(known.NoteUnknown(c.Turn, o.Names())) > 0 {
		c.Decided(ruleBodyUnknown)
	}
	for _, field := range c.op.fields {
		if raw, sent := o.Raw(field); sent && raw == nil {
			c.Decided(ruleBodyNull)
		}
	}
}
