package luaprotmock

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fill adds n keys, one second apart, and returns them newest first.
func (s *stage) fill(n int) (keys []string) {
	for range n {
		keys = append(keys, s.world.AddKey(Key{}).Value)
		s.Advance(time.Second)
	}
	slices.Reverse(keys)
	return keys
}

// population is a key of each kind, by name.
func (s *stage) population() map[string]Key {
	return map[string]Key{
		"unassigned":           s.world.AddKey(Key{}),
		"active by user":       s.world.AddKey(Key{DiscordID: alice}),
		"active by device":     s.world.AddKey(Key{HWID: "pc"}),
		"expired":              s.world.AddKey(Key{DiscordID: bob, ExpiresAt: t0}),
		"expired, unassigned":  s.world.AddKey(Key{ExpiresAt: t0}),
		"blacklisted":          s.world.AddKey(Key{HWID: "phone", Blacklisted: true}),
		"blacklisted and more": s.world.AddKey(Key{Blacklisted: true, ExpiresAt: t0}),
	}
}

// pick returns those of a population that a predicate accepts.
func pick(keys map[string]Key, holds func(Key) bool) (picked []Key) {
	for _, k := range keys {
		if holds(k) {
			picked = append(picked, k)
		}
	}
	return picked
}

// twoWays asserts that a filter finds those of which something holds, and its
// opposite all others.
func (s *stage) twoWays(filter string, holds func(Key) bool) {
	s.Helper()
	keys := s.population()
	s.fetch(filter + "=true").found(pick(keys, holds)...)
	s.fetch(filter + "=false").found(pick(keys, func(k Key) bool { return !holds(k) })...)
}

func isBlacklisted(k Key) bool { return k.Blacklisted }
func isExpired(k Key) bool     { return k.ExpiresAt.Equal(t0) }
func isUnassigned(k Key) bool  { return k.DiscordID == "" && k.HWID == "" }
func isActive(k Key) bool      { return !isBlacklisted(k) && !isExpired(k) && !isUnassigned(k) }

var fetchProofs = proofs{
	ruleFetchAnswer: func(s *stage) {
		s.fill(3)
		s.fetch("").ok("Successfully fetched keys.").has("limitPerPage", "25").has("totalPages", "1").has("totalKeys", "3")
		assert.Equal(s, "success message keys limitPerPage totalPages totalKeys", strings.Join(s.fetch("").members(""), " "))
	},
	ruleFetchAccount: func(s *stage) {
		other := s.world.AddHub("Other Hub")
		a, b := s.world.AddKey(Key{}), s.world.AddKey(Key{HubID: other.ID})
		s.fetch("").found(a, b)
	},
	ruleFetchPageSize: func(s *stage) {
		s.fill(26)
		assert.Len(s, s.fetch("limit=100&limitPerPage=100").has("limitPerPage", "25").keys(), 25)
		assert.Len(s, s.fetch("page=2").has("limitPerPage", "25").keys(), 1)
	},
	ruleFetchFirstPage: func(s *stage) {
		keys := s.fill(30)
		assert.Equal(s, keys[:25], s.fetch("").keys())
		assert.Equal(s, keys[:25], s.fetch("page=1").keys())
	},
	ruleFetchPageForm: func(s *stage) {
		for _, wrong := range []string{"0", "-1", "x", "1.0", "1e1", "%2B1", "99999999999999999999"} {
			s.fetch("page=" + wrong).invalid("page")
		}
		s.fetch("page=9223372036854775807").is(200)
	},
	ruleFetchTotals: func(s *stage) {
		s.fetch("").has("totalKeys", "0").has("totalPages", "0")
		total := 0
		for _, step := range []struct {
			more  int
			pages string
		}{{1, "1"}, {24, "1"}, {1, "2"}, {24, "2"}, {1, "3"}} {
			s.fill(step.more)
			total += step.more
			for _, query := range []string{"", "expired=false", "page=2"} {
				s.fetch(query).has("totalKeys", strconv.Itoa(total)).has("totalPages", step.pages)
			}
		}
	},
	ruleFetchNothing: func(s *stage) {
		s.fetch("").found().has("keys", "[]")
		s.world.AddKey(Key{})
		s.fetch("hub=40511091490620200512").found().has("keys", "[]")
		s.fetch("", as(s.world.AddAccount().APIKey())).found()
	},
	ruleFetchPastEnd: func(s *stage) {
		s.fill(26)
		for _, page := range []string{"3", "1000000", "9223372036854775807"} {
			s.fetch("page="+page).is(200).has("keys", "[]").has("totalKeys", "26").has("totalPages", "2")
		}
	},
	ruleFetchOrder: func(s *stage) {
		for _, k := range []Key{
			{Value: "b", CreatedAt: t0}, {Value: "d", CreatedAt: t0.Add(time.Hour)}, {Value: "c", CreatedAt: t0},
			{Value: "e", CreatedAt: t0.Add(-time.Hour)}, {Value: "a", CreatedAt: t0}, {Value: "f", CreatedAt: t0.Add(time.Hour)},
		} {
			s.world.AddKey(k)
		}
		assert.Equal(s, []string{"d", "f", "a", "b", "c", "e"}, s.fetch("").keys())
		assert.Equal(s, []string{"d", "f", "a", "b", "c", "e"}, s.fetch("unassigned=true").keys(), "also with a filter")
		s.delete("key=b").is(200)
		s.bulkDelete(`["d", "e"]`).is(200)
		assert.Equal(s, []string{"f", "a", "c"}, s.fetch("").keys())
	},

	ruleFilterHub: func(s *stage) {
		other := s.world.AddHub("Other Hub")
		a, b := s.world.AddKey(Key{DiscordID: alice}), s.world.AddKey(Key{HubID: other.ID, DiscordID: alice})
		s.fetch("hub=" + s.hub.ID).found(a)
		s.fetch("hub="+other.ID).found(b).has("keys.0.hubName", `"Other Hub"`)
		s.fetch("hub=" + other.ID + "&discordId=" + alice).found(b)
	},
	ruleFilterDiscord: func(s *stage) {
		other := s.world.AddHub("Other Hub")
		a, b := s.world.AddKey(Key{DiscordID: alice}), s.world.AddKey(Key{HubID: other.ID, DiscordID: alice})
		s.world.AddKey(Key{DiscordID: bob})
		s.fetch("discordId="+alice).found(a, b)
	},
	ruleFilterKey: func(s *stage) {
		s.fill(3)
		k := s.world.AddKey(Key{})
		s.fetch(by(k)).found(k)
	},
	ruleFilterHWID: func(s *stage) {
		a, b := s.world.AddKey(Key{HWID: "pc"}), s.world.AddKey(Key{HWID: "pc"})
		s.world.AddKey(Key{HWID: "phone"})
		s.world.AddKey(Key{})
		s.fetch("hwid=pc").found(a, b)
	},
	ruleFilterExact: func(s *stage) {
		k := s.world.AddKey(Key{Value: "AbCd", HWID: "Pc-1", DiscordID: alice})
		for _, query := range []string{"key=AbC", "key=abcd", "hwid=Pc", "hwid=pc-1", "hwid=Pc_1", "discordId=" + alice[1:], "hub=" + s.hub.ID[1:], "key=%25"} {
			s.fetch(query).found()
		}
		s.fetch("key=AbCd&hwid=Pc-1").found(k)
	},
	ruleFilterBlacklisted: func(s *stage) { s.twoWays("blacklisted", isBlacklisted) },
	ruleFilterExpired:     func(s *stage) { s.twoWays("expired", isExpired) },
	ruleFilterUnassigned:  func(s *stage) { s.twoWays("unassigned", isUnassigned) },
	ruleFilterActive:      func(s *stage) { s.twoWays("active", isActive) },
	ruleFilterFalse: func(s *stage) {
		keys := s.population()
		s.fetch("active=false").found(pick(keys, func(k Key) bool { return isBlacklisted(k) || isExpired(k) || isUnassigned(k) })...)
		s.fetch("blacklisted=false&expired=false&unassigned=false").found(pick(keys, isActive)...)
	},
	ruleFilterAnd: func(s *stage) {
		keys := s.population()
		s.fetch("expired=true&unassigned=true&blacklisted=false").found(keys["expired, unassigned"])
		s.fetch("hwid=phone&blacklisted=true").found(keys["blacklisted"])
		s.fetch("hwid=phone&blacklisted=false").found()
		for _, other := range []string{"blacklisted", "expired", "unassigned"} {
			s.fetch("active=true&" + other + "=true").found()
		}
	},
	ruleStateExpired: func(s *stage) {
		k := s.create(`"expire": 3600`)
		s.Advance(time.Hour - time.Second)
		s.fetch("expired=true").found()
		s.check(k, "pc", CheckValid)
		s.Advance(time.Second)
		s.fetch("expired=true").found(k)
		s.check(k, "pc", CheckExpired)
		s.Advance(1000 * time.Hour)
		s.info(by(k)).is(200) // nothing is deleted
	},
	ruleStateUnassigned: func(s *stage) {
		k := s.create("")
		s.fetch("unassigned=true").found(k)
		s.check(k, "pc", CheckValid)
		s.fetch("unassigned=true").found()
		s.reset(by(k)).is(200)
		s.fetch("unassigned=true").found(k)
		s.update(by(k), `{"discordId": "`+alice+`"}`).is(200)
		s.fetch("unassigned=true").found()
	},
	ruleStateActive: func(s *stage) {
		assigned, used := s.create(`"discordId": "`+alice+`"`), s.create("")
		s.fetch("active=true").found(assigned)
		s.check(used, "pc", CheckValid)
		s.reset(by(used)).is(200)
		s.info(by(assigned)).has("key.activated", "false")
		s.info(by(used)).has("key.activated", "true")
		s.fetch("active=true").found(assigned)
	},
}

// TestOrderUnderChange checks the kept order against sorting, while keys come
// with all kinds of creation times and go in all ways.
func TestOrderUnderChange(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	draw := rand.New(rand.NewPCG(1, 2))
	for step := range 300 {
		switch keys := s.world.Keys(); {
		case draw.IntN(3) > 0 || len(keys) < 5:
			s.world.AddKey(Key{CreatedAt: t0.Add(time.Duration(draw.IntN(5)) * time.Minute)})
		case draw.IntN(2) == 0:
			s.delete(by(keys[draw.IntN(len(keys))])).is(200)
		default:
			a, b := keys[draw.IntN(len(keys))], keys[draw.IntN(len(keys))]
			s.bulkDelete(fmt.Sprintf(`[%q, %q, ""]`, a.Value, b.Value)).is(200)
		}
		if step%10 != 0 {
			continue
		}
		var want []*record
		for _, k := range s.world.state.keys.byValue {
			want = append(want, k)
		}
		slices.SortFunc(want, older)
		require.Equal(t, want, slices.Collect(s.world.state.keys.owned[defaultAccount].All()))
	}
}

// TestManyKeys pages through three thousand keys of one second, as an export
// would.
func TestManyKeys(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const n = 3000
	for range n {
		s.world.AddKey(Key{})
	}
	var all []string
	for page := 1; page <= n/pageSize; page++ {
		all = append(all, s.fetch("page="+strconv.Itoa(page)).has("totalPages", "120").keys()...)
	}
	assert.True(t, slices.IsSorted(all), "keys of one second come in the order of their texts")
	assert.Len(t, slices.Compact(all), n)
}

// TestKeysOfTheWorld compares the order in which the world tells its keys with the
// vendor's, which is the other way round also within a second.
func TestKeysOfTheWorld(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for range 5 {
		s.world.AddKey(Key{})
	}
	s.Advance(time.Second)
	s.world.AddKey(Key{})
	var told []string
	for _, k := range s.world.Keys() {
		told = append(told, k.Value)
	}
	slices.Reverse(told)
	assert.Equal(t, s.fetch("").keys(), told)
}
