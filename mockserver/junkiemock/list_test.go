package junkiemock

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fill adds n keys, one second apart.
func (s *stage) fill(n int) {
	for range n {
		s.world.AddKey(Key{})
		s.Advance(time.Second)
	}
}

var listProofs = proofs{
	ruleListAnswer: func(s *stage) {
		s.fill(3)
		r := s.get("/keys?page=2&limit=2").found(1)
		assert.JSONEq(s, `{"page": 2, "limit": 2, "total": 3, "totalPages": 2}`, r.Raw("pagination"))
	},
	ruleListDefaults: func(s *stage) {
		s.fill(51)
		r := s.get("/keys").is(200).has("pagination.page", "1").has("pagination.limit", "50")
		assert.Len(s, r.ids(), 50)
	},
	ruleListOrder: func(s *stage) {
		s.world.AddKey(Key{CreatedAt: t0})
		s.world.AddKey(Key{CreatedAt: t0.Add(time.Hour)})
		s.world.AddKey(Key{CreatedAt: t0})
		s.world.AddKey(Key{CreatedAt: t0.Add(-time.Hour)})
		s.world.AddKey(Key{CreatedAt: t0.Add(time.Hour)})
		assert.Equal(s, []int64{5, 2, 3, 1, 4}, s.get("/keys").ids())
		assert.Equal(s, []int64{5, 2, 3, 1, 4}, s.get("/keys?provider_id=2001").ids(), "also with a filter")
		s.delete("/keys/3")
		assert.Equal(s, []int64{1, 4}, s.get("/keys?page=2&limit=2").ids())
	},
	ruleListTotals: func(s *stage) {
		s.get("/keys").found().has("pagination.total", "0").has("pagination.totalPages", "0")
		s.fill(10)
		for limit, pages := range map[int]string{1: "10", 3: "4", 5: "2", 9: "2", 10: "1", 11: "1"} {
			s.get(fmt.Sprintf("/keys?limit=%d", limit)).has("pagination.total", "10").has("pagination.totalPages", pages)
			s.get(fmt.Sprintf("/keys?status=active&limit=%d", limit)).has("pagination.total", "10").has("pagination.totalPages", pages)
		}
	},
	ruleListPastEnd: func(s *stage) {
		s.fill(3)
		for _, query := range []string{"", "&status=active"} {
			for _, page := range []string{"3", "1000000", "9223372036854775807"} {
				s.get("/keys?limit=2&page="+page+query).found().has("keys", "[]").
					has("pagination.page", page).has("pagination.total", "3").has("pagination.totalPages", "2")
			}
		}
	},

	ruleFilterAnd: func(s *stage) {
		s.create(`"discord_id": "12345678901234567", "hwid": "a"`)
		s.create(`"discord_id": "12345678901234567", "hwid": "b"`)
		s.create(`"discord_id": "98765432109876543", "hwid": "a"`)
		s.get("/keys?discord_id=12345678901234567&hwid=a").found(1)
		s.get("/keys?discord_id=12345678901234567&hwid=a&status=used").found()
	},
	ruleFilterKey: func(s *stage) {
		s.world.AddKey(Key{Value: "SHOP-abc"})
		s.world.AddKey(Key{Value: "SHOP-abcdef"})
		s.world.AddKey(Key{Value: "OTHER", Name: "abc", Devices: []Device{{HWID: "abc"}}})
		s.get("/keys?key=abc").found(1, 2)
		s.get("/keys?key=P-abcd").found(2)
		s.get("/keys?key=SHOP-abc").found(1, 2) // not a way to check a key
	},
	ruleFilterHWID: func(s *stage) {
		s.world.AddKey(Key{Devices: []Device{{HWID: "desktop-77"}}})
		s.world.AddKey(Key{Value: "desktop-77"})
		s.get("/keys?hwid=top-7").found(1)
		s.get("/keys?hwid=none").found()
	},
	ruleFilterAnyHWID: func(s *stage) {
		s.world.AddKey(Key{Devices: []Device{{HWID: "pc"}, {HWID: "phone"}, {HWID: "tablet"}}})
		s.get("/keys?hwid=pho").found(1)
	},
	ruleFilterLiteral: func(s *stage) {
		s.world.AddKey(Key{Value: "AbC_%*", Devices: []Device{{HWID: "XyZ_%*"}}})
		s.world.AddKey(Key{Value: "AbCxxx", Devices: []Device{{HWID: "XyZxxx"}}})
		s.get("/keys?key=aBc").found(1, 2)
		s.get("/keys?hwid=xYz").found(1, 2)
		for _, part := range []string{"_", "%25", "*"} {
			s.get("/keys?key=" + part).found(1)
			s.get("/keys?hwid=" + part).found(1)
		}
	},
	ruleFilterDiscord: func(s *stage) {
		k := s.create(`"discord_id": "12345678901234567"`)
		s.create("")
		s.get("/keys?discord_id=12345678901234567").found(k.ID)
		s.get("/keys?discord_id=1234567890123456").found()
		s.get("/keys?discord_id=x").found()
	},
	ruleFilterIDs: func(s *stage) {
		s.world.AddProvider("shop")
		s.world.AddProvider("other")
		s.world.AddService("hub")
		s.world.AddFolder("vip")
		s.world.AddKey(Key{ProviderID: 2001, ServiceID: 3001})
		s.world.AddKey(Key{ProviderID: 2002, FolderID: 4001})
		s.get("/keys?provider_id=2001").found(1)
		s.get("/keys?service_id=3001").found(1)
		s.get("/keys?folder_id=4001").found(2)
	},
	ruleFilterUnknownID: func(s *stage) {
		s.create("")
		for _, id := range []string{"0", "-1", "5"} {
			s.get("/keys?service_id=" + id).found()
			s.get("/keys?provider_id=" + id).found()
			s.get("/keys?folder_id=" + id).found()
		}
	},
	ruleFilterExpires: func(s *stage) {
		s.world.AddKey(Key{ExpiresAt: t0.Add(1 * time.Hour)})
		s.world.AddKey(Key{ExpiresAt: t0.Add(3 * time.Hour)})
		s.get("/keys?expires_before=2026-01-01T02:00:00Z").found(1)
		s.get("/keys?expires_after=2026-01-01T02:00:00Z").found(2)
		s.get("/keys?expires_after=2026-01-01T00:00:00Z&expires_before=2026-01-01T04:00:00Z").found(1, 2)
	},
	ruleFilterStrictly: func(s *stage) {
		s.world.AddKey(Key{ExpiresAt: t0})
		s.world.AddKey(Key{})
		s.get("/keys?expires_before=2026-01-01T00:00:00Z").found()
		s.get("/keys?expires_after=2026-01-01T00:00:00Z").found()
		s.get("/keys?expires_before=2026-01-01T00:00:00.001Z").found(1)
		s.get("/keys?expires_after=2025-12-31T23:59:59.999Z").found(1)
	},
}

// TestOrderUnderChange checks the kept order against sorting, while keys come
// with all kinds of creation times and go in all ways.
func TestOrderUnderChange(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	draw := rand.New(rand.NewPCG(1, 2))
	for step := range 400 {
		switch keys := s.world.Keys(); {
		case draw.IntN(3) > 0 || len(keys) < 5:
			s.world.AddKey(Key{CreatedAt: t0.Add(time.Duration(draw.IntN(20)) * time.Minute)})
		case draw.IntN(2) == 0:
			s.delete(path(keys[draw.IntN(len(keys))])).is(200)
		default:
			a, b := keys[draw.IntN(len(keys))], keys[draw.IntN(len(keys))]
			s.post("/keys/bulk-delete", fmt.Sprintf(`{"keys": [%d, %d, 0]}`, a.ID, b.ID)).is(200)
		}
		if step%10 != 0 {
			continue
		}
		var want []*record
		for _, k := range s.world.state.keys.byID {
			want = append(want, k)
		}
		slices.SortFunc(want, older)
		require.Equal(t, want, slices.Collect(s.world.state.keys.owned[s.world.UserID()].All()))
		require.Len(t, s.world.state.keys.byValue, len(want))
	}
}

// TestManyKeys pages through ten thousand keys, plain and filtered.
func TestManyKeys(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const n = 10_000
	for i := range n {
		s.world.AddKey(Key{Premium: i%2 == 0, DiscordID: fmt.Sprintf("%017d", i%10)})
	}
	for page, newest := range map[int64]int64{1: n, 50: n - 4900, 100: 100} {
		ids := s.get(fmt.Sprintf("/keys?limit=100&page=%d", page)).has("pagination.total", "10000").ids()
		require.Len(t, ids, 100)
		for i, id := range ids {
			require.Equal(t, newest-int64(i), id)
		}
	}
	for page := range int64(10) {
		ids := s.get(fmt.Sprintf("/keys?limit=100&page=%d&discord_id=00000000000000003", page+1)).has("pagination.total", "1000").ids()
		require.Len(t, ids, 100)
		for i, id := range ids {
			require.Equal(t, 10*(999-100*page-int64(i))+4, id)
		}
	}
}

func BenchmarkPageOfManyKeys(b *testing.B) {
	s := newStage(b)
	for range 10_000 {
		s.world.AddKey(Key{})
	}
	for name, query := range map[string]string{"first": "/keys", "deep": "/keys?page=150", "filtered": "/keys?status=active&key=a"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.get(query)
			}
		})
	}
}
