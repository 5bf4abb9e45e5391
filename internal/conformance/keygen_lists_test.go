package conformance

import (
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

func (s *keygenStage) listKeys(params keygen.ListKeysParams) *keygen.Page[keygen.Key] {
	s.Helper()
	page, err := s.client().Keys.List(s.Context(), params)
	require.NoError(s, err)
	return page
}

func badPage(parameter, detail string) string {
	return `{"title": "Bad request", "detail": ` + quoted(detail) + `, "source": {"parameter": "` + parameter + `"}}`
}

const (
	badShape = "page must be an object containing a cursor or number and optional size"
	advice   = ", please use cursor-based pagination instead"
)

var keygenLists = []scenario[*keygenStage]{
	{
		name:   "list: all ways to page with the client",
		proves: "list.order list.order-parameter list.limit list.page-number list.page-size list.page-cursor list.page-cursor-next list.past-end list.no-links list.page-size-default",
		play: func(s *keygenStage) {
			_, keys := s.pool(25)
			ids := keyIDs(keys...)
			reversed := slices.Clone(ids)
			slices.Reverse(reversed)
			for _, c := range []struct {
				params keygen.ListKeysParams
				want   []string
				next   string
				pages  int
			}{
				{keygen.ListKeysParams{}, ids[:10], "", 0},
				{keygen.ListKeysParams{Limit: 3}, ids[:3], "", 0},
				{keygen.ListKeysParams{Limit: 100, Order: keygen.NewestFirst}, ids, "", 0},
				{keygen.ListKeysParams{Limit: 3, Order: keygen.OldestFirst}, reversed[:3], "", 0},
				{keygen.ListKeysParams{Page: 2}, ids[10:20], "", 3},
				{keygen.ListKeysParams{Page: 5, PageSize: 6}, ids[24:], "", 5},
				{keygen.ListKeysParams{Page: 6, PageSize: 6}, nil, "", 5},
				{keygen.ListKeysParams{Page: 100, PageSize: 100}, nil, "", 1},
				{keygen.ListKeysParams{Cursor: keygen.Set("")}, ids[:10], ids[9], 0},
				{keygen.ListKeysParams{Cursor: keygen.Set(ids[9]), PageSize: 15}, ids[10:], "", 0},
				{keygen.ListKeysParams{Cursor: keygen.Set(strings.ToUpper(ids[9])), PageSize: 14}, ids[10:24], ids[23], 0},
				{keygen.ListKeysParams{Cursor: keygen.Set(reversed[2]), PageSize: 2, Order: keygen.OldestFirst}, reversed[3:5], reversed[4], 0},
				{keygen.ListKeysParams{Cursor: keygen.Set(sampleID)}, nil, "", 0},
			} {
				page := s.listKeys(c.params)
				assert.Equal(s, c.want, keygenIDs(page.Items), "%+v", c.params)
				assert.Equal(s, c.next, page.Next, "%+v", c.params)
				assert.Equal(s, c.pages, page.Pages, "%+v", c.params)
				assert.Equal(s, c.pages > 0, page.Count == 25, "%+v", c.params)
				_, byCursor := c.params.Cursor.Get()
				assert.Equal(s, c.pages > 0 || byCursor, strings.Contains(s.seen.answer(), `],"links":`), "%+v", c.params)
			}
			s.assertIDs(s.get("/keys?limit=7&page[cursor]="), ids[:7]...)
			s.assertIDs(s.get("/keys?page[number]=1"), ids[:10]...)
			assert.NotContains(s, s.get("/keys?limit=25").Body, `],"links":`)
		},
	},
	{
		name:   "list: numbers that are none",
		proves: "list.not-a-number list.leading-digits list.structure list.page-size list.limit list.page-number",
		play: func(s *keygenStage) {
			_, keys := s.pool(30)
			ids := keyIDs(keys...)
			for query, got := range map[string]string{"": "0", "x": "0", "0": "0", "-3": "-3", "101": "101", "99999999999999999999": "99999999999999999999"} {
				s.assertErrors(s.get("/keys?limit="+query), 400, badPage("limit", "limit must be a number between 1 and 100 (got "+got+")"))
				s.assertErrors(s.get("/keys?page[number]=1&page[size]="+query), 400, badPage("page[size]", "page size must be a number between 1 and 100 (got "+got+")"))
				beyond := ""
				if len(got) > 2 {
					beyond = advice
				}
				s.assertErrors(s.get("/keys?page[number]="+query), 400, badPage("page[number]", "page number must be a number between 1 and 100 (got "+got+beyond+")"))
			}
			s.assertIDs(s.get("/keys?limit=25abc"), ids[:25]...)
			s.assertIDs(s.get("/keys?limit=+%203"), ids[:3]...)
			s.assertIDs(s.get("/keys?page[number]=3.9&limit=7"), ids[14:21]...)
			for _, query := range []string{"limit[]=5", "limit[x]=5"} {
				s.assertErrors(s.get("/keys?"+query), 400, badPage("limit", "limit must be a number between 1 and 100 (got 0)"))
			}
			s.assertErrors(s.get("/keys?order[]=asc"), 400, badPage("order", "order is invalid"))
			s.assertErrors(s.get("/keys?page[cursor][]="+ids[0]), 400, badPage("page", badShape))
		},
	},
	{
		name:   "list: pages and orders that cannot be",
		proves: "list.page-shape list.order-invalid list.page-cursor-invalid list.checks",
		play: func(s *keygenStage) {
			s.pool(3)
			for _, query := range []string{"page=2", "page[size]=5", "page[x]=1", "page[]=1", "page=&order=x&limit=0"} {
				s.assertErrors(s.get("/keys?"+query), 400, badPage("page", badShape))
			}
			for _, query := range []string{"order=up", "order=", "order", "limit=0&order=up", "page[number]=0&order=up"} {
				s.assertErrors(s.get("/keys?"+query), 400, badPage("order", "order is invalid"))
			}
			s.assertErrors(s.get("/keys?page[cursor]=foo&page[size]=0&order=up"), 400, badPage("page[cursor]", `page cursor must be a valid UUID (got "foo")`))
			s.assertErrors(s.get("/keys?page[cursor]=&page[size]=0&order=up"), 400, badPage("page[size]", "page size must be a number between 1 and 100 (got 0)"))
			s.assertErrors(s.get("/keys?page[cursor]=&order=up"), 400, badPage("order", "order is invalid"))
			s.assertErrors(s.get("/keys?page[number]=0&page[size]=0"), 400, badPage("page[number]", "page number must be a number between 1 and 100 (got 0)"))
			s.assertErrors(s.get("/keys?limit=0", bearer(s.tokens()["license"])), 400, badPage("limit", "limit must be a number between 1 and 100 (got 0)"))
			for _, query := range []string{"order=ASC", "order=Desc", "page[cursor]=" + sampleID} {
				s.assertStatus(s.get("/keys?"+query), 200)
			}
			for field, params := range map[string]keygen.ListKeysParams{
				"Limit": {Limit: 101}, "Page": {Page: 101}, "PageSize": {PageSize: 5}, "Cursor": {Cursor: keygen.Set("foo")}, "Order": {Order: "up"},
			} {
				s.assertLocal(field, func() error { _, err := s.client().Keys.List(s.Context(), params); return err })
			}
		},
	},
	{
		name:   "list: links",
		proves: "list.links list.past-end list.nothing list.page-cursor-unknown list.page-cursor",
		play: func(s *keygenStage) {
			policy, keys := s.pool(4)
			pool, at := "/policies/"+policy.ID+"/pool", "/v1/accounts/"+s.Keygen.Account()
			links := func(a answer) any { s.assertStatus(a, 200); return a.at(s, "links") }
			assert.Equal(s, map[string]any{
				"self": at + "/keys?limit=2&order=asc&page%5Bnumber%5D=2&page%5Bsize%5D=2&policy=" + policy.ID,
				"prev": at + "/keys?limit=2&order=asc&page%5Bnumber%5D=1&page%5Bsize%5D=2&policy=" + policy.ID, "next": nil,
				"first": at + "/keys?limit=2&order=asc&page%5Bnumber%5D=1&page%5Bsize%5D=2&policy=" + policy.ID,
				"last":  at + "/keys?limit=2&order=asc&page%5Bnumber%5D=2&page%5Bsize%5D=2&policy=" + policy.ID,
				"meta":  map[string]any{"pages": 2.0, "count": 4.0},
			}, links(s.get("/keys?policy="+policy.ID+"&page[number]=2&order=asc&limit=2&token=x&auth=y")))
			past := links(s.get(pool + "?page[number]=9")).(map[string]any)
			assert.Equal(s, []any{nil, nil, at + pool + "?page%5Bnumber%5D=1&page%5Bsize%5D=10"}, []any{past["prev"], past["next"], past["last"]})
			assert.Equal(s, map[string]any{
				"self": at + "/keys?page%5Bcursor%5D=" + sampleID + "&page%5Bsize%5D=10", "next": nil,
			}, links(s.assertIDs(s.get("/keys?page[cursor]="+sampleID+"&page[number]=1"))))
			assert.Equal(s, map[string]any{
				"self": at + pool + "?page%5Bcursor%5D=&page%5Bsize%5D=3", "next": at + pool + "?page%5Bcursor%5D=" + keys[2].ID + "&page%5Bsize%5D=3",
			}, links(s.get(pool+"?page[cursor]=&page[size]=3")))
			byID := "/v1/accounts/" + s.Keygen.AccountID() + "/keys?page%5Bnumber%5D=1&page%5Bsize%5D=10"
			assert.Equal(s, byID, s.get("//accounts/"+s.Keygen.AccountID()+"/keys?page[number]=1").at(s, "links.self"), "the path as it was requested")

			nothing := links(s.get("/keys?policy=" + sampleID + "&page[number]=1")).(map[string]any)
			assert.Equal(s, map[string]any{"pages": 0.0, "count": 0.0}, nothing["meta"])
			assert.Contains(s, nothing["last"], "page%5Bnumber%5D=0")
			page := s.listKeys(keygen.ListKeysParams{PolicyID: sampleID, Page: 1})
			assert.Empty(s, page.Items)
			assert.Zero(s, page.Pages+page.Count)
		},
	},
	{
		name:   "list: what was created in the same moment",
		proves: "list.ties",
		play: func(s *keygenStage) {
			policy, _ := s.pool(0)
			moment := epoch.Add(-time.Hour)
			var ids []string
			for _, id := range []string{"b", "c", "a"} {
				id = strings.ReplaceAll("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx", "x", id)
				ids = append(ids, id)
				s.Keygen.AddKey(keygenmock.Key{ID: id, PolicyID: policy.ID, Created: moment})
			}
			b, c, a := ids[0], ids[1], ids[2]
			s.assertIDs(s.get("/keys"), a, c, b)
			s.assertIDs(s.get("/keys?page[cursor]="), c, b, a)
			s.assertIDs(s.get("/keys?page[cursor]=&order=asc"), a, b, c)
		},
	},
}
