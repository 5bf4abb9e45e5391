package luaprotmock

import (
	"math"
	"net/http"
	"time"

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
	c.Decided(ruleAnswerStatus, ruleAnswerEnvelope, ruleShapeFetch)
	texts := c.shown.Texts(len(rows), func(i int) look { return c.lookOf(rows[i], fetched) }, look.write)
	return core.List(http.StatusOK, `{"success":true,"message":"Successfully fetched keys.","keys":[`, texts, core.Encode(struct {
		LimitPerPage int   `json:"limitPerPage"`
		TotalPages   int64 `json:"totalPages"`
		TotalKeys    int64 `json:"totalKeys"`
	}{pageSize, pages, total})), nil
}

// filter is what a fetch asks of a key.
type filter core.Filter[*record]

// What fetches ask for, and indexes know.
var (
	ofHub              = core.FieldOf(func(k *record) string { return k.HubID })
	freeInHub          = core.FieldOf((*record).freeInHub)
	ofDiscord          = core.FieldOf(func(k *record) string { return k.DiscordID })
	onDevice           = core.FieldOf(func(k *record) string { return k.HWID })
	whetherBlacklisted = core.FieldOf(func(k *record) answer { return answerOf(k.Blacklisted) })
	whetherUnassigned  = core.FieldOf(func(k *record) answer { return answerOf(k.unassigned()) })
	whetherExpired     = core.PhaseOf(func(k *record, at time.Time) answer { return answerOf(k.expired(at)) }, (*record).deadline)
	whetherActive      = core.PhaseOf(func(k *record, at time.Time) answer { return answerOf(k.status(at) == StatusActive) }, (*record).deadline)
)

// answer is yes or no, neither of which is nothing.
type answer int8

const (
	yes answer = iota + 1
	no
)

func answerOf(holds bool) answer {
	if holds {
		return yes
	}
	return no
}

func (k *record) deadline() time.Time { return k.ExpiresAt }

// freeInHub is the hub in which a key is nobody's yet; empty: it is somebody's.
func (k *record) freeInHub() string {
	if k.unassigned() {
		return k.HubID
	}
	return ""
}

// readFilter makes the filter of a fetch from its parameters.
func (c *call) readFilter(q *core.Query) core.Filter[*record] {
	var f filter
	f = f.byText(q, "hub", ruleFilterHub, ofHub.Is)
	f = f.byText(q, "discordId", ruleFilterDiscord, ofDiscord.Is)
	f = f.byText(q, "key", ruleFilterKey, func(want string) core.Condition[*record] { return core.Only(c.state.keys.byValue[want]) })
	f = f.byText(q, "hwid", ruleFilterHWID, onDevice.Is)
	f = f.byState(q, "blacklisted", whetherBlacklisted.Is, ruleFilterBlacklisted)
	f = f.byState(q, "expired", c.at(whetherExpired), ruleFilterExpired, ruleStateExpired)
	f = f.byState(q, "unassigned", whetherUnassigned.Is, ruleFilterUnassigned, ruleStateUnassigned)
	f = f.byState(q, "active", c.at(whetherActive), ruleFilterActive, ruleStateActive)
	if len(f) > 1 {
		c.Decided(ruleFilterAnd)
	}
	return core.Filter[*record](f)
}

// at asks for a state at the time of the call.
func (c *call) at(state *core.Phase[*record, answer]) func(answer) core.Condition[*record] {
	return func(want answer) core.Condition[*record] { return state.Is(want, c.now) }
}

func (f filter) byText(q *core.Query, name, rule string, is func(string) core.Condition[*record]) filter {
	want, ok := q.Text(name)
	if !ok {
		return f
	}
	q.Turn.Decided(rule, ruleFilterExact)
	return append(f, is(want))
}

// flags are the ways to write a boolean in a query.
var flags = map[string]answer{"true": yes, "1": yes, "false": no, "0": no}

func (f filter) byState(q *core.Query, name string, is func(answer) core.Condition[*record], rules ...string) filter {
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
	if want == no {
		q.Turn.Decided(ruleFilterFalse)
	}
	return append(f, is(want))
}
