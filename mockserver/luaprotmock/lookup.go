package luaprotmock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

var (
	queryRules       = core.QueryRules{Empty: ruleQueryEmpty, Repeated: ruleQueryRepeated, Integer: ruleFetchPageForm}
	lookupParameters = []string{"discordId", "key"}
)

// lookup is how a query names one key of a hub: by its text, by its Discord
// user, or by both.
type lookup struct{ discordID, key string }

// readLookup reads a lookup, which must name something.
func (c *call) readLookup() (l lookup, fail *failure) {
	q := core.ReadQuery(c.Turn, queryRules, c.req.Query)
	var byDiscord, byKey bool
	l.discordID, byDiscord = q.Text("discordId")
	l.key, byKey = q.Text("key")
	if !byDiscord && !byKey {
		c.Decided(ruleLookupRequired, ruleLookupMissing)
		return l, errNoLookup
	}
	return l, nil
}

// findKey finds the key that a lookup names, or nil.
func (c *call) findKey(l lookup) *record {
	c.Decided(ruleLookup, ruleLookupExact)
	if l.key == "" {
		return c.state.keys.byDiscord[assignment{c.hub.ID, l.discordID}]
	}
	k := c.state.keys.byValue[l.key]
	if k != nil && k.HubID != c.hub.ID {
		c.Decided(ruleLookupHub)
		return nil
	}
	if k != nil && l.discordID != "" {
		c.Decided(ruleLookupBoth)
		if k.DiscordID != l.discordID {
			return nil
		}
	}
	return k
}
