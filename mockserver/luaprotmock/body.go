package luaprotmock

import (
	"encoding/json"
	"math"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var objectRules = core.ObjectRules{Type: ruleBodyType, Whole: ruleBodyWhole, Duplicate: ruleBodyDuplicate}

// readObject takes the body apart. A failure means that there are no fields to
// look at.
func (c *call) readObject() (*core.Object, *failure) {
	c.Decided(ruleBodyKinds)
	if !core.WellFormed(c.req.Body) {
		c.Decided(ruleBodyMalformed)
		return nil, errMalformed
	}
	o, ok := core.ReadObject(c.Turn, objectRules, c.req.Body)
	if !ok {
		return nil, invalid(c.Turn, o.Problems...)
	}
	c.noteUnknownFields(o)
	return o, nil
}

// readTexts reads a body that is a list of texts.
func (c *call) readTexts(most int) ([]string, *failure) {
	c.Decided(ruleBodyKinds)
	if !core.WellFormed(c.req.Body) {
		c.Decided(ruleBodyMalformed)
		return nil, errMalformed
	}
	checks := core.Checks{Turn: c.Turn}
	var items []json.RawMessage
	switch err := json.Unmarshal(c.req.Body, &items); {
	case err != nil || items == nil:
		checks.Wrong("body", ruleBulkForm, "must be an array of strings")
	case len(items) == 0:
		checks.Wrong("body", ruleBulkForm, "must have at least 1 item")
	case len(items) > most:
		checks.Wrong("body", ruleBulkMost, "must have at most %d items, has %d", most, len(items))
	}
	texts := make([]string, len(items))
	for i, raw := range items {
		if raw[0] != '"' || json.Unmarshal(raw, &texts[i]) != nil {
			checks.Wrong(core.Item("body", i), ruleBulkForm, "must be a string")
			break
		}
	}
	return texts, invalid(c.Turn, checks.Problems...)
}

// minExpire is an hour.
const minExpire = 3600

// readExpire reads a number of seconds from now.
func (c *call) readExpire(o *core.Object, minRule string) core.Input[int64] {
	in := o.Integer("expire", core.Range{Min: minExpire, Max: math.MaxInt64, Rule: minRule})
	if in.Given {
		o.InRange("expire", in.Value, core.Range{Max: latest.Unix() - c.now.Unix(), Rule: ruleExpireMax})
	}
	return in
}

func readDiscordID(o *core.Object) core.Input[string] {
	in := o.Text("discordId")
	if in.Given && !isDiscordID(in.Value) {
		o.Wrong("discordId", ruleDiscordForm, "must be a Discord id of 17 to 20 digits")
	}
	return in
}

func isDiscordID(s string) bool { return len(s) >= 17 && len(s) <= 20 && core.IsDigits(s) }

// readScripts reads the ids of scripts of the hub.
func (c *call) readScripts(o *core.Object) (in core.Input[[]string]) {
	list := o.List("limitedScripts")
	in.Sent, in.Given = list.Sent, list.Given
	for i, raw := range list.Value {
		id, ok := o.String(core.Item("limitedScripts", i), raw)
		if !ok {
			return in
		}
		if s := c.state.scripts.Get(id); s == nil || s.HubID != c.hub.ID {
			o.Wrong(core.Item("limitedScripts", i), ruleScriptsForeign, "is no script of the hub")
			return in
		}
		in.Value = append(in.Value, id)
	}
	if in.Given && len(in.Value) == 0 {
		c.Decided(ruleScriptsEmpty)
	}
	return in
}
