package luaprotmock

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestFetchesOfACrowd fetches all kinds of pages among so many keys that fetches use
// indexes, while keys change, and compares them with a look at every key.
func TestFetchesOfACrowd(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	draw := rand.New(rand.NewPCG(5, 6))
	hubs := []string{s.hub.ID, s.world.AddHub("other").ID}
	script := s.world.AddScript(hubs[0], "script")
	user := 0
	add := func() {
		k := Key{HubID: hubs[draw.IntN(2)], Blacklisted: draw.IntN(9) == 0}
		switch user++; draw.IntN(4) {
		case 0:
			k.ExpiresAt = s.Now.Add(time.Duration(draw.IntN(100)-50) * time.Hour)
		case 1:
			k.HWID = fmt.Sprint("pc", draw.IntN(9))
		case 2:
			k.DiscordID = fmt.Sprintf("%018d", user)
		case 3:
			k.CreatedAt = s.Now.Add(-time.Duration(draw.IntN(100)) * time.Hour)
		}
		s.world.AddKey(k)
	}
	for range 2100 {
		add()
	}
	for range 120 {
		keys := s.world.Keys()
		k := keys[draw.IntN(len(keys))]
		switch draw.IntN(5) {
		case 0:
			add()
		case 1:
			s.world.RemoveKey(k.Value)
		case 2:
			s.world.Check(script.ID, k.Value, fmt.Sprint("pc", draw.IntN(9)))
		case 3:
			s.world.BlacklistGlobally(k.Value, "r")
		case 4:
			s.Advance(time.Duration(draw.IntN(20)-5) * time.Hour)
		}
		query, want := "", s.world.Keys()
		flags := map[string]func(Key) bool{
			"blacklisted": func(k Key) bool { return k.Blacklisted },
			"expired":     func(k Key) bool { return k.expired(s.Now) },
			"unassigned":  func(k Key) bool { return k.DiscordID == "" && k.HWID == "" },
			"active":      func(k Key) bool { return k.Status(s.Now) == StatusActive },
		}
		for name, holds := range flags {
			if yes := draw.IntN(8); yes < 2 {
				query += fmt.Sprintf("&%s=%d", name, yes)
				want = slices.DeleteFunc(want, func(k Key) bool { return holds(k) != (yes == 1) })
			}
		}
		for name, of := range map[string]func(Key) string{
			"hub":       func(k Key) string { return k.HubID },
			"hwid":      func(k Key) string { return k.HWID },
			"discordId": func(k Key) string { return k.DiscordID },
			"key":       func(k Key) string { return k.Value },
		} {
			if asked := of(k); asked != "" && draw.IntN(4) == 0 {
				query += "&" + name + "=" + asked
				want = slices.DeleteFunc(want, func(k Key) bool { return of(k) != asked })
			}
		}
		slices.Reverse(want)
		page := draw.IntN(3)
		first := min(len(want), page*pageSize)
		values := []string{}
		for _, k := range want[first:min(first+pageSize, len(want))] {
			values = append(values, k.Value)
		}
		r := s.fetch(fmt.Sprintf("page=%d%s", page+1, query)).has("totalKeys", fmt.Sprint(len(want)))
		require.Equal(t, values, append([]string{}, r.keys()...), query)
	}
}
