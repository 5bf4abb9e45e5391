package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
)

// keycrateLists is about lists of licenses.
var keycrateLists = []scenario[*crate]{
	{
		name:   "list: a page",
		proves: "list.data list.counters list.app read-only",
		play: func(s *crate) {
			assert.Equal(s, &keycrate.LicensePage{Licenses: []*keycrate.License{}, Page: 1, PerPage: 50}, s.list(keycrate.ListLicensesParams{}))
			s.assertExchange(`{"app_id": "`+s.app+`"}`, `{"success": true, "data": [], "total": 0, "page": 1, "per_page": 50, "total_pages": 0}`)
			key := s.seed(days(7))
			other := s.Keycrate.AddLicense(keycratemock.License{AppID: s.Keycrate.AddApp("other").ID})
			var page *keycrate.LicensePage
			s.unchanged(func() { page = s.list(keycrate.ListLicensesParams{}) })
			assert.Equal(s, []int{1, 50, 1, 1}, []int{page.Page, page.PerPage, page.Total, page.TotalPages})
			assert.Equal(s, []string{key}, keysOf(page.Licenses))
			assert.Equal(s, s.get(key), page.Licenses[0], "as alone")
			assert.Equal(s, []string{other.Key}, s.found(keycrate.ListLicensesParams{AppID: other.AppID}))
		},
	},
	{
		name:   "list: every field",
		proves: "list.data",
		play: func(s *crate) {
			s.list(keycrate.ListLicensesParams{
				Status: keycrate.StatusPaused, SubscriptionID: s.sub.ID, Tags: []string{"a", "b c"}, Search: "é&", Page: 2, PerPage: 3,
				SortField: keycrate.SortByExpiresAt, SortOrder: keycrate.SortAscending,
			})
			s.assertBody(`{"app_id": "`+s.app+`", "status": "paused", "subscription_id": "`+s.sub.ID+`", "tags": ["a", "b c"], "search": "é&",
				"page": 2, "per_page": 3, "sort_field": "expires_at", "sort_order": "asc"}`, s.seen.request())
		},
	},
	{
		name:   "list: pages",
		proves: "list.per-page list.page list.past-end list.counters",
		play: func(s *crate) {
			var keys []string
			for i := range 101 {
				keys = append(keys, s.seed(keycratemock.License{Key: fmt.Sprintf("K%03d", i)}))
			}
			of := func(page, perPage int) keycrate.ListLicensesParams {
				return keycrate.ListLicensesParams{Page: page, PerPage: perPage, SortField: keycrate.SortByKey, SortOrder: keycrate.SortAscending}
			}
			for _, c := range []struct {
				page, perPage   int
				first, to, last int // the first license, the one after the last, the last page
			}{
				{1, 50, 0, 50, 3}, {2, 50, 50, 100, 3}, {3, 50, 100, 101, 3}, {4, 50, 101, 101, 3},
				{1, 100, 0, 100, 2}, {2, 100, 100, 101, 2}, {1, 1, 0, 1, 101}, {101, 1, 100, 101, 101}, {34, 3, 99, 101, 34}, {1 << 40, 100, 101, 101, 2},
			} {
				page := s.list(of(c.page, c.perPage))
				assert.Equal(s, keys[c.first:c.to], keysOf(page.Licenses), "%+v", c)
				assert.Equal(s, []int{c.page, c.perPage, 101, c.last}, []int{page.Page, page.PerPage, page.Total, page.TotalPages})
			}
			unasked := s.list(of(0, 0))
			assert.NotContains(s, s.seen.request(), "page")
			assert.Equal(s, s.list(of(1, 50)), unasked)
			for _, bad := range []string{`"per_page": 0`, `"per_page": 101`, `"page": 0`} {
				s.assertError(s.post("/license/get-bulk", `{"app_id": "@app", `+bad+`}`), 400, keycrate.CodeInvalidInput)
			}
			s.assertLocal("Page", func() error {
				return errorOf(s.client.Licenses.List(s.Context(), keycrate.ListLicensesParams{AppID: s.app, Page: -1}))
			})
			s.assertLocal("PerPage", func() error {
				return errorOf(s.client.Licenses.List(s.Context(), keycrate.ListLicensesParams{AppID: s.app, PerPage: -1}))
			})
		},
	},
	{
		name:   "list: filters",
		proves: "list.status list.status-stored list.subscription list.tags list.search",
		play:   playFilters,
	},
	{
		name:   "list: orders",
		proves: "list.sort-created list.sort-fields list.sort-order list.ties",
		play: func(s *crate) {
			at := func(d time.Duration) time.Time { return epoch.Add(d) }
			paused, active := keycratemock.StatusPaused, keycratemock.StatusActive
			for _, l := range []keycratemock.License{
				{Key: "b", CreatedAt: at(-3 * day), Status: active, DurationUnit: "days", DurationValue: 9, ActivatedAt: at(-1 * day)}, // ends after 8 days
				{Key: "a", CreatedAt: at(-2 * day), Status: paused, DurationUnit: "days", DurationValue: 3, ActivatedAt: at(-2 * day)}, // after 1
				{Key: "D", CreatedAt: at(-2 * day), Status: active, DurationUnit: "days", DurationValue: 1},                            // unused
				{Key: "c", CreatedAt: at(-1 * day), Status: paused, ActivatedAt: at(-1 * day)},                                         // without an end
			} {
				s.seed(l)
			}
			for _, c := range []struct {
				field     keycrate.SortField
				asc, desc string
			}{
				{keycrate.SortByCreatedAt, "b D a c", "c D a b"},
				{keycrate.SortByExpiresAt, "a b D c", "b a D c"},
				{keycrate.SortByActivatedAt, "a b c D", "b c a D"},
				{keycrate.SortByKey, "D a b c", "c b a D"},
				{keycrate.SortByStatus, "D b a c", "a c D b"},
			} {
				for order, want := range map[keycrate.SortOrder]string{keycrate.SortAscending: c.asc, keycrate.SortDescending: c.desc, "": c.desc} {
					assert.Equal(s, strings.Fields(want), s.found(keycrate.ListLicensesParams{SortField: c.field, SortOrder: order}), "%s %s", c.field, order)
				}
			}
			assert.Equal(s, []string{"c", "D", "a", "b"}, s.found(keycrate.ListLicensesParams{}))
			assert.Equal(s, []string{"b", "D", "a", "c"}, s.found(keycrate.ListLicensesParams{SortOrder: keycrate.SortAscending}))
			err := errorOf(s.client.Licenses.List(s.Context(), keycrate.ListLicensesParams{AppID: s.app, SortField: "updated_at"}))
			s.assertRefused(err, keycrate.CodeInvalidInput, keycrate.ErrInvalid)
			s.assertLocal("SortOrder", func() error {
				return errorOf(s.client.Licenses.List(s.Context(), keycrate.ListLicensesParams{AppID: s.app, SortOrder: "up"}))
			})
		},
	},
	{
		name:   "list: all of many",
		proves: "list.page list.counters list.past-end",
		play: func(s *crate) {
			params := s.week()
			var want []string
			for i, n := range []int{100, 100, 50} { // of three moments
				s.at(time.Duration(i) * time.Minute)
				want = append(want, keysOf(s.licenses(s.client.Licenses.CreateBulk(s.Context(), n, params)))...)
			}
			walk := func(params keycrate.ListLicensesParams) (keys []string) {
				s.Helper()
				for license, err := range s.client.Licenses.All(s.Context(), params) {
					require.NoError(s, err)
					keys = append(keys, license.Key)
				}
				return keys
			}
			for perPage, pages := range map[int]int{0: 3, 100: 3, 50: 5, 83: 4} {
				s.Server.ResetJournal()
				keys := walk(keycrate.ListLicensesParams{AppID: s.app, PerPage: perPage})
				assert.Len(s, keys, 250)
				assert.ElementsMatch(s, want, keys)
				s.Server.AssertCalls(s, pages, keycratemock.OpListLicenses)
			}
			byKey := walk(keycrate.ListLicensesParams{AppID: s.app, SortField: keycrate.SortByKey, SortOrder: keycrate.SortAscending})
			assert.Equal(s, slices.Sorted(slices.Values(want)), byKey)
			// A reader that stops asks for no more.
			s.Server.ResetJournal()
			for range s.client.Licenses.All(s.Context(), keycrate.ListLicensesParams{AppID: s.app}) {
				break
			}
			s.Server.AssertCalls(s, 1, keycratemock.OpListLicenses)
			assert.Len(s, s.list(keycrate.ListLicensesParams{Page: 4, PerPage: 100}).Licenses, 0)
			assert.Equal(s, 250, s.list(keycrate.ListLicensesParams{Page: 4, PerPage: 100}).Total)
		},
	},
}

// playFilters asks for parts of a list, alone and together.
func playFilters(s *crate) {
	tier := s.Keycrate.AddSubscription(keycratemock.Subscription{Name: "other"}).ID
	for _, l := range []keycratemock.License{
		{Key: "AA-1", Tags: []string{"x", "y"}, Username: "Anna"},
		{Key: "AA-2", Tags: []string{"x"}, Status: keycratemock.StatusPaused},
		{Key: "BB-1", Tags: []string{"X"}, SubscriptionID: tier, ExpiresAt: epoch.Add(-day)},
		{Key: "bb-2", Tags: []string{"xy"}, SubscriptionID: tier, ExpiresAt: epoch.Add(-day), Status: keycratemock.StatusPaused, Username: "hanna"},
	} {
		s.seed(l)
	}
	for _, c := range []struct {
		params keycrate.ListLicensesParams
		want   string
	}{
		{keycrate.ListLicensesParams{}, "AA-1 AA-2 BB-1 bb-2"},
		{keycrate.ListLicensesParams{Status: keycrate.StatusActive}, "AA-1 BB-1"}, // expired or not
		{keycrate.ListLicensesParams{Status: keycrate.StatusPaused}, "AA-2 bb-2"},
		{keycrate.ListLicensesParams{SubscriptionID: tier}, "BB-1 bb-2"},
		{keycrate.ListLicensesParams{SubscriptionID: noID}, ""},
		{keycrate.ListLicensesParams{Tags: []string{"x"}}, "AA-1 AA-2"},
		{keycrate.ListLicensesParams{Tags: []string{"y", "x"}}, "AA-1"},
		{keycrate.ListLicensesParams{Tags: []string{"x", "z"}}, ""},
		{keycrate.ListLicensesParams{Search: "-1"}, "AA-1 BB-1"},
		{keycrate.ListLicensesParams{Search: "nna"}, "AA-1 bb-2"},
		{keycrate.ListLicensesParams{Search: "Anna"}, "AA-1"},
		{keycrate.ListLicensesParams{Search: "BB"}, "BB-1"},
		{keycrate.ListLicensesParams{Search: "*"}, ""},
		{keycrate.ListLicensesParams{Search: "-", Status: keycrate.StatusPaused, SubscriptionID: tier, Tags: []string{"xy"}}, "bb-2"},
		{keycrate.ListLicensesParams{Status: keycrate.StatusActive, Tags: []string{"xy"}}, ""},
	} {
		page := s.list(c.params)
		assert.ElementsMatch(s, strings.Fields(c.want), keysOf(page.Licenses), "%+v", c.params)
		assert.Equal(s, len(strings.Fields(c.want)), page.Total)
	}
	s.assertLocal("Status", func() error {
		return errorOf(s.client.Licenses.List(s.Context(), keycrate.ListLicensesParams{AppID: s.app, Status: "expired"}))
	})
}
