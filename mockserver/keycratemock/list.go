package keycratemock

import (
	"cmp"
	"math"
	"net/http"
	"time"

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
	sorting
}

// sorting is by which field a list is sorted, and in which direction.
type sorting struct {
	field      string
	descending bool
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
	rows, total := c.state.licenses.ofApp[q.appID].PageIn(orders[q.sorting], q.match, q.page, q.perPage)
	c.Decided(ruleAnswerStatus, ruleListAnswer, ruleListCounters, ruleListTies, ruleListApp, ruleReadOnly)
	if total > 0 && len(rows) == 0 {
		c.Decided(ruleListPastEnd)
	}
	if len(rows) > 0 {
		c.noteLicense()
	}
	texts := c.shown.Texts(len(rows), func(i int) look { return look{license: rows[i]} }, look.write)
	return core.List(http.StatusOK, `{"success":true,"data":[`, texts, core.Encode(struct {
		Total      int64 `json:"total"`
		Page       int64 `json:"page"`
		PerPage    int64 `json:"per_page"`
		TotalPages int64 `json:"total_pages"`
	}{total, q.page, q.perPage, core.Pages(total, q.perPage)})), nil
}

func (b *body) readQuery() query {
	q := query{appID: b.requiredUUID("app_id"), page: 1, perPage: defaultPerPage, sorting: sorting{sortCreated, true}}
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

// What lists ask for, and indexes know.
var (
	inStatus       = core.FieldOf(func(r *record) string { return r.Status })
	inSubscription = core.FieldOf(func(r *record) string { return r.SubscriptionID })
	tagged         = core.FieldOfMany(func(r *record) []string { return r.Tags })
	inNames        = core.TextOf(func(r *record, holds func(string) bool) bool { return holds(r.Key) || holds(r.Username) }, nil)
	onDevice       = core.FieldOf((*record).seat)
)

// seat is a device in a subscription, which may have to have one license only.
type seat struct{ subscriptionID, hwid string }

func (r *record) seat() (s seat) {
	if r.HWID != "" {
		s = seat{r.SubscriptionID, r.HWID}
	}
	return s
}

// readFilter makes the filter of a list from its fields.
func (b *body) readFilter() (match core.Filter[*record]) {
	if status := b.choice("status", ruleListStatusValues, StatusActive, StatusPaused); status.Given {
		b.Turn.Decided(ruleListStatus, ruleListStored)
		match = append(match, inStatus.Is(status.Value))
	}
	if id := b.uuid("subscription_id"); id != "" {
		b.Turn.Decided(ruleListSubscription)
		match = append(match, inSubscription.Is(id))
	}
	for _, tag := range b.tags() {
		b.Turn.Decided(ruleListTags)
		match = append(match, tagged.Is(tag))
	}
	if search := b.Text("search"); search.Given {
		b.Turn.Decided(ruleListSearch)
		match = append(match, inNames.Contains(search.Value))
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

// orders are those of all sortings.
var orders = makeOrders()

func makeOrders() map[sorting]*core.Order[*record] {
	made := map[sorting]*core.Order[*record]{}
	for _, field := range sortFields {
		for _, descending := range []bool{false, true} {
			by := sorting{field, descending}
			made[by] = core.OrderOf(by.compare)
		}
	}
	return made
}

// compare orders by the field, with nulls last in either direction, and then by
// key.
func (by sorting) compare(a, b *record) int {
	order, null := by.compareField(a, b)
	if by.descending && !null {
		order = -order
	}
	return cmp.Or(order, cmp.Compare(a.Key, b.Key))
}

// compareField compares upwards, and says whether there is a null, which is last.
func (by sorting) compareField(a, b *record) (order int, null bool) {
	switch by.field {
	case sortKey:
		return cmp.Compare(a.Key, b.Key), false
	case sortStatus:
		return cmp.Compare(a.Status, b.Status), false
	case sortExpires:
		return compareTimes(a.ExpiresAt, b.ExpiresAt)
	case sortActivated:
		return compareTimes(a.ActivatedAt, b.ActivatedAt)
	default:
		return a.CreatedAt.Compare(b.CreatedAt), false
	}
}

func compareTimes(a, b time.Time) (order int, null bool) {
	if a.IsZero() || b.IsZero() {
		return b.Compare(a), true
	}
	return a.Compare(b), false
}
