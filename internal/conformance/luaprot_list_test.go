package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// luaprotLists is about pages, order and filters.
var luaprotLists = []scenario[*club]{
	{
		name:   "list: nothing to show",
		proves: "fetch.nothing fetch.totals",
		play: func(s *club) {
			empty := `{"success": true, "message": "Successfully fetched keys.", "keys": [], "limitPerPage": 25, "totalPages": 0, "totalKeys": 0}`
			assert.Equal(s, &luaprot.KeyPage{Keys: []*luaprot.Key{}, Limit: 25}, s.list(luaprot.ListKeysParams{}))
			s.assertExchange("", empty)
			s.seed(luaprotmock.Key{})
			s.assertFinds(luaprot.ListKeysParams{HubID: "40511091490620200512"})
			s.assertExchange("", empty)
			page, err := s.as(s.LuaProt.AddAccount().APIKey()).Keys.List(s.Context(), luaprot.ListKeysParams{})
			require.NoError(s, err)
			assert.Zero(s, page.Total)
			s.assertExchange("", empty)
		},
	},
	{
		name:   "list: the first page, and what is one",
		proves: "fetch.first-page fetch.page fetch.account",
		play: func(s *club) {
			other := s.LuaProt.AddHub("Other Hub")
			for i := range 30 {
				s.seed(luaprotmock.Key{HubID: []string{s.home.ID, other.ID}[i%2]})
			}
			page := s.list(luaprot.ListKeysParams{})
			assert.Empty(s, s.seen.query())
			assert.Len(s, page.Keys, 25)
			assert.Equal(s, 30, page.Total, "of both hubs")
			assert.Equal(s, page, s.list(luaprot.ListKeysParams{Page: 1}))
			for _, wrong := range []string{"0", "-1", "x", "1.0", "1e1", "%2B1", "99999999999999999999"} {
				s.assertInvalid(s.rawFetch("page="+wrong), "page")
			}
			assert.Equal(s, []any{}, s.rawFetch("page=9223372036854775807").at(s, "keys"))
			s.assertLocal("Page", func() error {
				_, err := s.client.Keys.List(s.Context(), luaprot.ListKeysParams{Page: -1})
				return err
			})
		},
	},
	{
		name:   "list: newest first",
		proves: "fetch.order",
		play: func(s *club) {
			for value, minute := range map[string]time.Duration{"b": 0, "d": 60, "c": 0, "e": -60, "a": 0, "f": 60} {
				s.seed(luaprotmock.Key{Value: value, CreatedAt: opening.Add(minute * time.Minute)})
			}
			order := []string{"d", "f", "a", "b", "c", "e"}
			assert.Equal(s, order, s.found(luaprot.ListKeysParams{}))
			assert.Equal(s, order, s.found(luaprot.ListKeysParams{Unassigned: luaprot.Set(true)}), "also with a filter")
			s.update("c", luaprot.UpdateKeyParams{Note: luaprot.Set("changed")})
			assert.Equal(s, order, s.found(luaprot.ListKeysParams{}), "a change moves nothing")
			s.remove("b")
			require.NoError(s, s.client.Keys.BulkDelete(s.Context(), []string{"d", "e"}))
			assert.Equal(s, []string{"f", "a", "c"}, s.found(luaprot.ListKeysParams{}))
		},
	},
	{
		name:   "list: every number of keys",
		proves: "fetch.totals fetch.page-size fetch.past-end",
		play: func(s *club) {
			total := 0
			for _, more := range []int{1, 23, 1, 1, 24, 1} {
				for range more {
					s.seed(luaprotmock.Key{})
				}
				total += more
				pages := (total + 24) / 25
				var walked []string
				for page := 1; page <= pages+1; page++ {
					got := s.list(luaprot.ListKeysParams{Page: page})
					assert.Equal(s, []int{25, total, pages}, []int{got.Limit, got.Total, got.TotalPages})
					for _, key := range got.Keys {
						walked = append(walked, key.Value)
					}
				}
				var iterated []string
				for key, err := range s.client.Keys.All(s.Context(), luaprot.ListKeysParams{}) {
					require.NoError(s, err)
					iterated = append(iterated, key.Value)
				}
				assert.Equal(s, walked, iterated)
				assert.Len(s, slices.Compact(slices.Sorted(slices.Values(walked))), total)
			}
		},
	},
	{
		name:   "filter: texts",
		proves: "filter.hub filter.discord-id filter.key filter.hwid filter.and fetch.account",
		play: func(s *club) {
			other := s.in(s.LuaProt.AddHub("Other Hub"))
			here, there := s.seed(luaprotmock.Key{DiscordID: alice, HWID: "pc"}), other.seed(luaprotmock.Key{DiscordID: alice, HWID: "pc"})
			third := s.seed(luaprotmock.Key{DiscordID: bob, HWID: "phone"})
			fourth := other.seed(luaprotmock.Key{})
			s.assertFinds(luaprot.ListKeysParams{}, here, there, third, fourth)
			s.assertFinds(luaprot.ListKeysParams{HubID: s.home.ID}, here, third)
			s.assertFinds(luaprot.ListKeysParams{HubID: other.home.ID}, there, fourth)
			s.assertFinds(luaprot.ListKeysParams{DiscordID: alice}, here, there)
			s.assertFinds(luaprot.ListKeysParams{Value: third}, third)
			s.assertFinds(luaprot.ListKeysParams{HWID: "pc"}, here, there)
			s.assertFinds(luaprot.ListKeysParams{HubID: other.home.ID, DiscordID: alice}, there)
			s.assertFinds(luaprot.ListKeysParams{HubID: other.home.ID, DiscordID: alice, HWID: "phone"})
			key := s.list(luaprot.ListKeysParams{Value: there}).Keys[0]
			assert.Equal(s, luaprot.Set("Other Hub"), key.HubName)
		},
	},
	{
		name:   "filter: texts as a whole",
		proves: "filter.exact",
		play: func(s *club) {
			value := s.seed(luaprotmock.Key{Value: "AbCd", HWID: "Pc-1 é&", DiscordID: alice})
			for _, query := range []string{"key=AbC", "key=abcd", "key=%25", "hwid=Pc", "hwid=pc-1%20%C3%A9%26", "hwid=Pc_1", "discordId=" + alice[1:], "hub=" + s.home.ID[1:]} {
				assert.Equal(s, 0.0, s.rawFetch(query).at(s, "totalKeys"), query)
			}
			s.assertFinds(luaprot.ListKeysParams{Value: "AbCd", HWID: "Pc-1 é&", DiscordID: alice, HubID: s.home.ID}, value)
		},
	},
	{
		name:   "filter: states",
		proves: "filter.blacklisted filter.expired filter.unassigned filter.active filter.false state.expired state.active",
		play:   playStateFilters,
	},
}

// playStateFilters has a key for every combination of what a state depends on.
func playStateFilters(s *club) {
	keys := map[string]luaprotmock.Key{}
	for i := range 16 {
		key := luaprotmock.Key{Blacklisted: i&1 != 0, Activated: i%3 == 0}
		if i&2 != 0 {
			key.ExpiresAt = opening
		}
		if i&4 != 0 {
			key.DiscordID = fmt.Sprint(10000000000000000 + i)
		}
		if i&8 != 0 {
			key.HWID = fmt.Sprint("device", i)
		}
		value := s.seed(key)
		keys[value] = s.stored(value)
	}
	blacklisted := func(k luaprotmock.Key) bool { return k.Blacklisted }
	expired := func(k luaprotmock.Key) bool { return !k.ExpiresAt.IsZero() }
	unassigned := func(k luaprotmock.Key) bool { return k.DiscordID == "" && k.HWID == "" }
	active := func(k luaprotmock.Key) bool { return !blacklisted(k) && !expired(k) && !unassigned(k) }
	for name, filter := range map[string]struct {
		holds func(luaprotmock.Key) bool
		set   func(*luaprot.ListKeysParams, luaprot.Opt[bool])
	}{
		"blacklisted": {blacklisted, func(p *luaprot.ListKeysParams, flag luaprot.Opt[bool]) { p.Blacklisted = flag }},
		"expired":     {expired, func(p *luaprot.ListKeysParams, flag luaprot.Opt[bool]) { p.Expired = flag }},
		"unassigned":  {unassigned, func(p *luaprot.ListKeysParams, flag luaprot.Opt[bool]) { p.Unassigned = flag }},
		"active":      {active, func(p *luaprot.ListKeysParams, flag luaprot.Opt[bool]) { p.Active = flag }},
	} {
		for _, want := range []bool{true, false} {
			var params luaprot.ListKeysParams
			filter.set(&params, luaprot.Set(want))
			var holds []string
			for value, key := range keys {
				if filter.holds(key) == want {
					holds = append(holds, value)
				}
			}
			s.assertFinds(params, holds...)
			assert.Equal(s, fmt.Sprint(want), s.seen.query().Get(name))
			assert.Len(s, s.seen.query(), 1, strings.Join(holds, " "))
		}
	}
}
