package keycratemock

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var listFields = []string{
	"app_id", "status", "per_page", "page", "sort_field", "sort_order", "subscription_id", "tags", "search",
}

const (
	defaultPerPage = 50
	maxPerPage     = 100
)

// query is what a list asks for.
type query struct {
	appID         string
	match         core.Filter[*record]
	page, perPage int64
	field         string
	descending    bool
}

func (c *call) listLicenses() (core.Answer, *failure) {
	b, fail := c.readBody()
	if fail != nil {
		return core.Answer{}, fail
	}
	q := b.readQuery()
	if fail := b.failure(); fail != nil {
		return core.Answer{}, fail
	}
	if fail := c.theApp(q.appID); fail != nil {
		return core.Answer{}, fail
	}
	rows, total := q.rows(c.state.licenses.ofApp[q.appID].All())
	c.Decided(ruleAnswerStatus, ruleListAnswer, ruleListCounters, ruleListTies, ruleListApp, ruleReadOnly)
	if total > 0 && len(rows) == 0 {
		c.Decided(ruleListPastEnd)
	}
	return core.JSON(http.StatusOK, struct {
		Success    bool          `json:"success"`
		Data       []licenseJSON `json:"data"`
		Total      int64         `json:"total"`
		Page       int64         `json:"page"`
		PerPage    int64         `json:"per_page"`
		TotalPages int64         `json:"total_pages"`
	}{true, c.encodeLicenses(rows), total, q.page, q.perPage, core.Pages(total, q.perPage)}), nil
}

func (b *body) readQuery() query {
	q := query{appID: b.requiredUUID("app_id"), page: 1, perPage: defaultPerPage, field: sortCreated, descending: true}
	q.match = b.readFilter()
	if in := b.Integer("per_page", core.Range{Min: 1, Max: maxPerPage, Rule: ruleListPerPage}); in.Given {
		q.perPage = in.Value
	} else {
		b.Turn.Decided(ruleListPerPage)
	}
	if in := b.Integer("page", core.Range{Min: 1, Max: math.MaxInt64, Rule: ruleListPage}); in.Given {
		q.page = in.Value
	} else {
		b.Turn.Decided(ruleListPage)
	}
	field, order := b.choice("sort_field", ruleSortFields, sortFields...), b.choice("sort_order", ruleSortOrder, "asc", "desc")
	if field.Given {
		q.field = field.Value
	}
	q.descending = !order.Given || order.Value == "desc"
	b.Turn.Decided(ruleSortOrder)
	if q.field == sortCreated {
		b.Turn.Decided(ruleSortCreated)
	} else {
		b.Turn.Decided(ruleSortFields)
	}
	return q
}

// readFilter makes the filter of a list from its fields.
func (b *body) readFilter() (match core.Filter[*record]) {
	if status := b.choice("status", ruleListStatusValues, StatusActive, StatusPaused); status.Given {
		b.Turn.Decided(ruleListStatus, ruleListStored)
		match = append(match, func(r *record) bool { return r.Status == status.Value })
	}
	if id := b.uuid("subscription_id"); id != "" {
		b.Turn.Decided(ruleListSubscription)
		match = append(match, func(r *record) bool { return r.SubscriptionID == id })
	}
	for _, tag := range b.tags() {
		b.Turn.Decided(ruleListTags)
		match = append(match, func(r *record) bool { return slices.Contains(r.Tags, tag) })
	}
	if search := b.Text("search"); search.Given {
		b.Turn.Decided(ruleListSearch)
		match = append(match, func(r *record) bool {
			return strings.Contains(r.Key, search.Value) || strings.Contains(r.Username, search.Value)
		})
	}
	return match
}

// The fields by which a list can be sorted.
const (
	sortCreated   = "created_at"
	sortExpires   = "expires_at"
	sortActivated = "activated_at"
	sortKey       = "key"
	sortStatus    = "status"
)

var sortFields = []string{sortCreated, sortExpires, sortActivated, sortKey, sortStatus}

// rows returns the page that is asked for, counted from 1, and how many
// licenses match in all.
func (q query) rows(all []*record) (rows []*record, total int64) {
	for _, r := range all {
		if q.match.Accepts(r) {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, q.compare)
	total = int64(len(rows))
	if q.page > core.Pages(total, q.perPage) {
		return nil, total
	}
	start := (q.page - 1) * q.perPage
	return rows[start:min(start+q.perPage, total)], total
}

// compare orders by the field, with nulls last in either direction, and then by
// key.
func (q query) compare(a, b *record) int {
	x, y := sortText(a, q.field), sortText(b, q.field)
	order := cmp.Compare(x, y)
	switch {
	case x == "" || y == "":
		order = -order
	case q.descending:
		order = -order
	}
	return cmp.Or(order, cmp.Compare(a.Key, b.Key))
}

// sortText is a field in a form that sorts as it should; empty is null. Times
// do, since they are all of one length.
func sortText(r *record, field string) string {
	switch field {
	case sortKey:
		return r.Key
	case sortStatus:
		return r.Status
	}
	at := map[string]*string{
		sortCreated:   timeOrNull(r.CreatedAt),
		sortExpires:   timeOrNull(r.ExpiresAt),
		sortActivated: timeOrNull(r.ActivatedAt),
	}[field]
	if at == nil {
		return ""
	}
	return *at
}
