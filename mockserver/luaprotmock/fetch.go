package luaprotmock

import (
	"math"
	"net/http"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var fetchParameters = []string{"hub", "discordId", "key", "hwid", "blacklisted", "expired", "unassigned", "active", "page"}

// pageSize is the vendor's; nobody can set it.
const pageSize = 25

func (c *call) fetchKeys() (core.Answer, *failure) {
	q := core.ReadQuery(c.Turn, queryRules, c.req.Query)
	match := c.readFilter(q)
	page, given := q.Integer("page", core.Range{Min: 1, Max: math.MaxInt64, Rule: ruleFetchPageForm})
	if !given {
		page = 1
		c.Decided(ruleFetchFirstPage)
	}
	if fail := invalid(c.Turn, q.Problems...); fail != nil {
		return core.Answer{}, fail
	}
	rows, total := c.state.keys.owned[c.apiKey.Owner].Page(match, page, pageSize)
	pages := core.Pages(total, pageSize)
	c.Decided(ruleFetchAnswer, ruleFetchPageSize, ruleFetchTotals, ruleFetchOrder, ruleFetchAccount, ruleAuthAccount, ruleReadOnly)
	switch {
	case total == 0:
		c.Decided(ruleFetchNothing)
	case page > pages:
		c.Decided(ruleFetchPastEnd)
	}
	return core.JSON(http.StatusOK, struct {
		envelope
		Keys         []keyJSON `json:"keys"`
		LimitPerPage int       `json:"limitPerPage"`
		TotalPages   int64     `json:"totalPages"`
		TotalKeys    int64     `json:"totalKeys"`
	}{c.done("Successfully fetched keys."), c.encodeFetched(rows), pageSize, pages, total}), nil
}

// filter is what a fetch asks of a key.
type filter core.Filter[*record]

// readFilter makes the filter of a fetch from its parameters.
func (c *call) readFilter(q *core.Query) core.Filter[*record] {
	var f filter
	f = f.byText(q, "hub", ruleFilterHub, func(k *record) string { return k.HubID })
	f = f.byText(q, "discordId", ruleFilterDiscord, func(k *record) string { return k.DiscordID })
	f = f.byText(q, "key", ruleFilterKey, func(k *record) string { return k.Value })
	f = f.byText(q, "hwid", ruleFilterHWID, func(k *record) string { return k.HWID })
	f = f.byState(q, "blacklisted", func(k *record) bool { return k.Blacklisted }, ruleFilterBlacklisted)
	f = f.byState(q, "expired", func(k *record) bool { return k.expired(c.now) }, ruleFilterExpired, ruleStateExpired)
	f = f.byState(q, "unassigned", func(k *record) bool { return k.unassigned() }, ruleFilterUnassigned, ruleStateUnassigned)
	f = f.byState(q, "active", func(k *record) bool { return k.status(c.now) == StatusActive }, ruleFilterActive, ruleStateActive)
	if len(f) > 1 {
		c.Decided(ruleFilterAnd)
	}
	return core.Filter[*record](f)
}

func (f filter) byText(q *core.Query, name, rule string, of func(*record) string) filter {
	want, ok := q.Text(name)
	if !ok {
		return f
	}
	q.Turn.Decided(rule, ruleFilterExact)
	return append(f, func(k *record) bool { return of(k) == want })
}

// flags are the ways to write a boolean in a query.
var flags = map[string]bool{"true": true, "1": true, "false": false, "0": false}

func (f filter) byState(q *core.Query, name string, holds func(*record) bool, rules ...string) filter {
	text, ok := q.Text(name)
	if !ok {
		return f
	}
	want, known := flags[text]
	if !known {
		q.Wrong(name, ruleQueryFlag, "must be true or false")
		return f
	}
	q.Turn.Decided(append(rules, ruleQueryFlag)...)
	if !want {
		q.Turn.Decided(ruleFilterFalse)
	}
	return append(f, func(k *record) bool { return holds(k) == want })
}
