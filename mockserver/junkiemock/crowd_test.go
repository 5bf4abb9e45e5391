package junkiemock

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestListsOfACrowd asks for all kinds of lists among so many keys that lists use
// indexes, while keys change, and compares them with a look at every key.
func TestListsOfACrowd(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	draw := rand.New(rand.NewPCG(5, 6))
	providers := []int64{s.world.AddProvider("shop").ID, s.world.AddProvider("depot", KeyPrefix("DEPOT")).ID}
	service, folder := s.world.AddService("app").ID, s.world.AddFolder("vip").ID
	discord := func() string { return fmt.Sprintf("%018d", draw.IntN(3)) }
	add := func() {
		k := Key{ProviderID: providers[draw.IntN(2)], ServiceID: service * int64(draw.IntN(2)), FolderID: folder * int64(draw.IntN(2)), Invalidated: draw.IntN(9) == 0}
		switch draw.IntN(4) {
		case 0:
			k.ExpiresAt = s.Now.Add(time.Duration(draw.IntN(100)-50) * time.Hour)
		case 1:
			k.Devices = []Device{{HWID: "PC-\u00dc" + fmt.Sprint(draw.IntN(40))}}
		case 2:
			k.DiscordID = discord()
		case 3:
			k.CreatedAt = s.Now.Add(-time.Duration(draw.IntN(100)) * time.Hour)
		}
		s.world.AddKey(k)
	}
	for range 2100 {
		add()
	}
	filters := map[string]struct {
		draw func() string
		is   func(k Key, want string) bool
	}{
		"key": {func() string { return []string{"DEPOT", "epo", "a1", "-4", "b2c", "DEPOT-7"}[draw.IntN(6)] }, func(k Key, want string) bool {
			return strings.Contains(strings.ToLower(k.Value), strings.ToLower(want))
		}},
		"hwid":        {func() string { return []string{"pc-%C3%BC1", "C-", "%C3%9C3", "PC-%C3%9C39", "x"}[draw.IntN(5)] }, nil},
		"discord_id":  {discord, func(k Key, want string) bool { return k.DiscordID == want }},
		"service_id":  {func() string { return decimal(service + int64(draw.IntN(2))) }, func(k Key, want string) bool { return decimal(k.ServiceID) == want }},
		"provider_id": {func() string { return decimal(providers[draw.IntN(2)]) }, func(k Key, want string) bool { return decimal(k.ProviderID) == want }},
		"folder_id":   {func() string { return decimal(folder * int64(draw.IntN(2))) }, func(k Key, want string) bool { return k.FolderID != 0 && decimal(k.FolderID) == want }},
		"status": {func() string {
			return []string{StatusActive, StatusUsed, StatusExpired, StatusInvalidated}[draw.IntN(4)]
		}, func(k Key, want string) bool { return k.Status(s.Now) == want }},
	}
	hwids := map[string]string{"pc-%C3%BC1": "pc-ü1", "C-": "c-", "%C3%9C3": "ü3", "PC-%C3%9C39": "pc-ü39", "x": "x"}
	for range 120 {
		keys := s.world.Keys()
		switch k := keys[draw.IntN(len(keys))]; draw.IntN(5) {
		case 0:
			add()
		case 1:
			s.delete(path(k)).is(200)
		case 2:
			s.world.Verify(k.Value, fmt.Sprint("pc-\u00fc", draw.IntN(40)))
		case 3:
			s.put(path(k), fmt.Sprintf(`{"folder_id": %s, "validity_minutes": %d, "hwids": ["pC-%d"]}`, []string{"null", decimal(folder)}[draw.IntN(2)], draw.IntN(9000), draw.IntN(50))).is(200)
		case 4:
			s.Advance(time.Duration(draw.IntN(20)-5) * time.Hour)
		}
		query, want := "", s.world.Keys()
		for name, f := range filters {
			if draw.IntN(4) > 0 {
				continue
			}
			asked := f.draw()
			query += "&" + name + "=" + asked
			want = slices.DeleteFunc(want, func(k Key) bool {
				if name == "hwid" {
					return !slices.ContainsFunc(k.Devices, func(d Device) bool { return strings.Contains(strings.ToLower(d.HWID), hwids[asked]) })
				}
				return !f.is(k, asked)
			})
		}
		slices.Reverse(want)
		page := draw.IntN(3)
		first := min(len(want), page*7)
		ids := []int64{}
		for _, k := range want[first:min(first+7, len(want))] {
			ids = append(ids, k.ID)
		}
		r := s.get(fmt.Sprintf("/keys?limit=7&page=%d%s", page+1, query)).has("pagination.total", fmt.Sprint(len(want)))
		require.Equal(t, ids, append([]int64{}, r.ids()...), query)
	}
}
