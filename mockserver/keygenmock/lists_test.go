package keygenmock

import (
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// badQuery is the refusal of a parameter.
func badQuery(parameter, detail string) problem {
	return problem{Title: "Bad request", Detail: detail, Source: &source{Parameter: parameter}}
}

// linksTo asserts the links of a page of keys by their queries, unescaped.
func (r response) linksTo(want map[string]string) response {
	r.Helper()
	for name, query := range want {
		if query != "null" {
			query = `"/v1/accounts/acme/keys?` + strings.NewReplacer("[", "%5B", "]", "%5D").Replace(query) + `"`
		}
		r.has("links."+name, query)
	}
	return r
}

var listProofs = proofs{
	ruleListOrder: func(s *stage) {
		keys := s.keys(2)
		s.Advance(time.Hour)
		old := s.AddKey(Key{Created: t0.Add(-time.Hour)})
		s.get("/keys").shows(append(keys, old))
	},
	ruleListTies: func(s *stage) {
		keys := s.keys(12) // in one moment of the clock
		s.get("/keys").shows(keys[:10])
		s.get("/keys?page[cursor]=").shows(keys[:10])
		require.Equal(s, timestamp(s.Keys()[0].Created), timestamp(s.Keys()[11].Created))
		same := t0.Add(-time.Hour)
		low := s.AddKey(Key{ID: "00000000-0000-4000-8000-00000000000a", Created: same})
		high := s.AddKey(Key{ID: "f0000000-0000-4000-8000-00000000000a", Created: same})
		lower := s.AddKey(Key{ID: "00000000-0000-4000-8000-000000000009", Created: same})
		s.get("/keys?limit=3&order=asc").shows([]Key{low, high, lower})
		s.get("/keys?page[cursor]=&page[size]=3&order=asc").shows([]Key{lower, low, high})
	},
	ruleListAscending: func(s *stage) {
		keys := s.keys(3)
		for _, order := range []string{"asc", "ASC", "Asc"} {
			s.get("/keys?order=" + order).shows([]Key{keys[2], keys[1], keys[0]})
		}
		s.get("/keys?order=DESC").shows(keys)
	},
	ruleListOrderWrong: func(s *stage) {
		for _, order := range []string{"", "up", "asc%20"} {
			s.get("/keys?order="+order).refused(400, badQuery("order", "order is invalid"))
		}
	},
	ruleListLimit: func(s *stage) {
		keys := s.keys(101)
		s.get("/keys").shows(keys[:10]).has("links", "absent")
		s.get("/keys?limit=100").shows(keys[:100]).has("links", "absent")
		s.get("/keys?limit=1").shows(keys[:1])
		s.get("/keys?limit=101").refused(400, badQuery("limit", "limit must be a number between 1 and 100 (got 101)"))
		s.get("/keys?limit=0").refused(400, badQuery("limit", "limit must be a number between 1 and 100 (got 0)"))
	},
	ruleListNoLinks: func(s *stage) {
		s.keys(2)
		s.get("/keys?limit=1").is(200).has("links", "absent")
		s.get("/keys?limit=1&page[number]=1").has("links.meta", `{"pages":2,"count":2}`)
	},
	ruleListNumber: func(s *stage) {
		keys := s.keys(12)
		s.get("/keys?page[number]=1&page[size]=5").shows(keys[:5]).linksTo(map[string]string{
			"self": "page[number]=1&page[size]=5", "prev": "null", "next": "page[number]=2&page[size]=5",
			"first": "page[number]=1&page[size]=5", "last": "page[number]=3&page[size]=5",
		}).has("links.meta", `{"pages":3,"count":12}`)
		s.get("/keys?page[number]=3&page[size]=5").shows(keys[10:]).linksTo(map[string]string{
			"prev": "page[number]=2&page[size]=5", "next": "null",
		})
		s.get("/keys?page[number]=101").refused(400, badQuery("page[number]",
			"page number must be a number between 1 and 100 (got 101, please use cursor-based pagination instead)"))
		s.get("/keys?page[number]=-1").refused(400, badQuery("page[number]", "page number must be a number between 1 and 100 (got -1)"))
	},
	ruleListSize: func(s *stage) {
		keys := s.keys(12)
		s.get("/keys?page[number]=2&page[size]=11").shows(keys[11:])
		s.get("/keys?page[cursor]=&page[size]=100").shows(keys)
		s.get("/keys?page[number]=1&page[size]=0").refused(400, badQuery("page[size]", "page size must be a number between 1 and 100 (got 0)"))
		s.get("/keys?page[number]=1&page[size]=101").refused(400, badQuery("page[size]", "page size must be a number between 1 and 100 (got 101)"))
	},
	ruleListSizeDefault: func(s *stage) {
		keys := s.keys(12)
		s.get("/keys?page[number]=1").shows(keys[:10])
		s.get("/keys?page[number]=1&limit=3").shows(keys[:3]).linksTo(map[string]string{"self": "limit=3&page[number]=1&page[size]=3"})
		s.get("/keys?page[number]=1&limit=3&page[size]=2").shows(keys[:2])
		s.get("/keys?page[number]=1&limit=101").refused(400, badQuery("page[size]", "page size must be a number between 1 and 100 (got 101)"))
	},
	ruleListPastEnd: func(s *stage) {
		s.keys(3)
		s.get("/keys?page[number]=3&page[size]=2").shows(nil).linksTo(map[string]string{
			"self": "page[number]=3&page[size]=2", "prev": "null", "next": "null", "last": "page[number]=2&page[size]=2",
		}).has("links.meta", `{"pages":2,"count":3}`)
	},
	ruleListNothing: func(s *stage) {
		s.get("/keys?page[number]=1").shows(nil).linksTo(map[string]string{"last": "page[number]=0&page[size]=10", "prev": "null", "next": "null"}).
			has("links.meta", `{"pages":0,"count":0}`)
	},
	ruleListCursor: func(s *stage) {
		keys := s.keys(7)
		s.get("/keys?page[cursor]=&page[number]=2&page[size]=3&limit=5").shows(keys[:3]).linksTo(map[string]string{
			"self": "limit=5&page[cursor]=&page[size]=3", "next": "limit=5&page[cursor]=" + keys[2].ID + "&page[size]=3",
		}).has("links.prev", "absent").has("links.meta", "absent")
		s.get("/keys?limit=5&page[cursor]=" + keys[2].ID).shows(keys[3:]).linksTo(map[string]string{
			"self": "limit=5&page[cursor]=" + keys[2].ID + "&page[size]=5", "next": "null",
		})
		s.get("/keys?order=asc&page[size]=2&page[cursor]=" + keys[5].ID).shows([]Key{keys[4], keys[3]})
	},
	ruleListCursorNext: func(s *stage) {
		keys := s.keys(4)
		s.get("/keys?page[cursor]=&page[size]=4").shows(keys).has("links.next", "null")
		s.get("/keys?page[cursor]=&page[size]=2").linksTo(map[string]string{"next": "page[cursor]=" + keys[1].ID + "&page[size]=2"})
		s.get("/keys?policy=none&page[cursor]=").shows(nil).has("links.next", "null")
	},
	ruleListCursorGone: func(s *stage) {
		keys := s.keys(3)
		s.get("/keys?page[cursor]="+defaultAdminID).shows(nil).has("links.next", "null")
		s.get("/keys?policy=" + keys[0].PolicyID + "&page[cursor]=" + keys[1].ID).shows(nil)
		s.delete("/keys/" + keys[0].ID)
		s.get("/keys?page[cursor]=" + keys[0].ID).shows(nil)
	},
	ruleListCursorWrong: func(s *stage) {
		s.get("/keys?page[cursor]=foo").refused(400, badQuery("page[cursor]", `page cursor must be a valid UUID (got "foo")`))
	},
	ruleListShape: func(s *stage) {
		for _, query := range []string{"page[size]=5", "page=2", "page[x]=1", "page[]=1", "page"} {
			s.get("/keys?"+query).refused(400, badQuery("page", "page must be an object containing a cursor or number and optional size"))
		}
	},
	ruleListChecks: func(s *stage) {
		for query, parameter := range map[string]string{
			"page[size]=0&order=x&limit=0":           "page",
			"page[number]=0&page[size]=0&order=x":    "order",
			"page[number]=0&page[size]=0&order=asc":  "page[number]",
			"page[number]=1&page[size]=0&order=asc":  "page[size]",
			"limit=0&order=x":                        "order",
			"page[cursor]=foo&page[size]=0&order=x":  "page[cursor]",
			"page[cursor]=&page[size]=0&order=x":     "page[size]",
			"page[cursor]=&page[size]=1&order=x":     "order",
			"page[cursor]=&page[number]=0&order=asc": "",
		} {
			r := s.get("/keys?" + query)
			if parameter == "" {
				r.is(200)
				continue
			}
			require.Equal(s, &source{Parameter: parameter}, r.is(400).errors()[0].Source, query)
		}
	},
	ruleListToInteger: func(s *stage) {
		for _, value := range []string{"", "abc", "x5"} {
			s.get("/keys?limit="+value).refused(400, badQuery("limit", "limit must be a number between 1 and 100 (got 0)"))
		}
	},
	ruleListDigits: func(s *stage) { s.get("/keys?limit=25abc").is(200) },
	ruleListStructure: func(s *stage) {
		s.get("/keys?limit[]=5").refused(400, badQuery("limit", "limit must be a number between 1 and 100 (got 0)"))
	},
	ruleListLinks: func(s *stage) {
		keys := s.keys(1)
		p := keys[0].PolicyID
		r := s.get("/v1/accounts/" + strings.ToUpper(defaultAccountID) + "/keys?policy=" + p + "&page[number]=1&limit=5&auth=x&token=y&order=desc")
		require.Equal(s, "/v1/accounts/"+strings.ToUpper(defaultAccountID)+"/keys?limit=5&order=desc&page%5Bnumber%5D=1&page%5Bsize%5D=5&policy="+p,
			r.shows(keys).Text("links.self"))
	},
}
