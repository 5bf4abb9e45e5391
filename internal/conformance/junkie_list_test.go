package conformance

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// junkieLists is about filters, pages and order.
var junkieLists = []scenario[*shop]{
	{
		name:   "list: newest first",
		proves: "list.order",
		play: func(s *shop) {
			for _, minute := range []time.Duration{3, 1, 2, 1, 3} { // ids 1 to 5
				s.Junkie.AddKey(junkiemock.Key{CreatedAt: epoch.Add(minute * time.Minute)})
			}
			s.at(2 * time.Minute)
			s.create(junkie.CreateKeyParams{})
			assert.Equal(s, []int64{5, 1, 6, 3, 4, 2}, s.found(junkie.ListKeysParams{}))
			assert.Equal(s, []int64{6, 3}, s.found(junkie.ListKeysParams{Page: 2, Limit: 2}))
			s.update(2, junkie.UpdateKeyParams{Name: junkie.Set("changed")})
			assert.Equal(s, []int64{5, 1, 6, 3, 4, 2}, s.found(junkie.ListKeysParams{}), "a change moves nothing")
		},
	},
	{
		name:   "list: every page size",
		proves: "list.totals list.past-end list.answer",
		play: func(s *shop) {
			const total = 12
			var all []int64
			for id := range int64(total) {
				s.Junkie.AddKey(junkiemock.Key{})
				all = append(all, total-id)
			}
			for limit := 1; limit <= total+1; limit++ {
				pages := (total + limit - 1) / limit
				var walked []int64
				for page := 1; page <= pages+1; page++ {
					got := s.list(junkie.ListKeysParams{Page: page, Limit: limit})
					walked = append(walked, ids(got.Keys)...)
					got.Keys = nil
					assert.Equal(s, &junkie.KeyPage{Page: page, Limit: limit, Total: total, TotalPages: pages}, got)
				}
				assert.Equal(s, all, walked)
				var iterated []int64
				for key, err := range s.client.Keys.All(s.Context(), junkie.ListKeysParams{Limit: limit}) {
					require.NoError(s, err)
					iterated = append(iterated, key.ID)
				}
				assert.Equal(s, all, iterated)
			}
		},
	},
	{
		name:   "list: a page of new keys between two pages",
		proves: "list.order list.totals",
		play: func(s *shop) {
			for range 100 {
				s.Junkie.AddKey(junkiemock.Key{})
			}
			seen, n := map[int64]int{}, 0
			for key, err := range s.client.Keys.All(s.Context(), junkie.ListKeysParams{Limit: 10}) {
				require.NoError(s, err)
				seen[key.ID]++
				if n++; n <= 50 && n%10 == 0 {
					for range 10 {
						s.Junkie.AddKey(junkiemock.Key{})
					}
				}
			}
			for id := int64(1); id <= 100; id++ {
				assert.Equal(s, 1, seen[id], "key %d was there throughout", id)
			}
			assert.Len(s, seen, 100, "what is new is on pages that were read before")
			s.Server.AssertCalls(s, 15, junkiemock.OpListKeys)
		},
	},
	{
		name:   "list: without parameters",
		proves: "list.defaults",
		play: func(s *shop) {
			for range 60 {
				s.Junkie.AddKey(junkiemock.Key{})
			}
			a := s.raw("GET", "/keys", "")
			assert.Len(s, a.at(s, "keys"), 50)
			assert.Equal(s, map[string]any{"page": 1.0, "limit": 50.0, "total": 60.0, "totalPages": 2.0}, a.at(s, "pagination"))
		},
	},
	{
		name:   "filter: a part of the value",
		proves: "filter.key filter.literal",
		play: func(s *shop) {
			for _, value := range []string{"SHOP-abc-1", "shop-abd-2", "a%c_3*"} {
				s.Junkie.AddKey(junkiemock.Key{Value: value})
			}
			for part, want := range map[string][]int64{
				"abc": {1}, "ABC": {1}, "shop-AB": {2, 1}, "-2": {2}, "SHOP-abc-1": {1}, "a": {3, 2, 1},
				"%": {3}, "_": {3}, "*": {3}, "a%1": {}, "SHOP*": {}, "a_c": {}, ".": {}, "abc ": {},
			} {
				assert.Equal(s, want, s.found(junkie.ListKeysParams{ValueContains: part}), part)
			}
		},
	},
	{
		name:   "filter: a part of a device",
		proves: "filter.hwid filter.any-hwid filter.literal",
		play: func(s *shop) {
			s.Junkie.AddKey(junkiemock.Key{})
			s.create(junkie.CreateKeyParams{HWIDs: []string{"Desk-Top_1", "LAPTOP"}})
			s.create(junkie.CreateKeyParams{HWIDs: []string{"phone", "tablet", "desk-top"}})
			for part, want := range map[string][]int64{
				"top": {3, 2}, "TOP_1": {2}, "laptop": {2}, "let": {3}, "desk%": {}, "k_t": {}, "_": {2}, "Desk-Top_1LAPTOP": {}, "phone,tablet": {},
			} {
				assert.Equal(s, want, s.found(junkie.ListKeysParams{HWIDContains: part}), part)
			}
			s.reset(2)
			assert.Equal(s, []int64{3}, s.found(junkie.ListKeysParams{HWIDContains: "top"}))
		},
	},
	{
		name:   "filter: a Discord user",
		proves: "filter.discord-id",
		play: func(s *shop) {
			for _, id := range []string{"100000000000000001", "1000000000000000012", ""} {
				s.create(junkie.CreateKeyParams{DiscordID: id})
			}
			for id, want := range map[string][]int64{
				"100000000000000001": {1}, "1000000000000000012": {2}, "10000000000000000": {}, "1": {}, "null": {},
			} {
				assert.Equal(s, want, s.found(junkie.ListKeysParams{DiscordID: id}), id)
			}
		},
	},
	{
		name:   "filter: ids",
		proves: "filter.ids filter.unknown-id",
		play: func(s *shop) {
			other, service, folder := s.Junkie.AddProvider("other"), s.Junkie.AddService("game"), s.Junkie.AddFolder("orders")
			s.create(junkie.CreateKeyParams{ServiceID: service.ID})
			s.create(junkie.CreateKeyParams{ProviderID: other.ID, FolderID: folder.ID})
			for _, c := range []struct {
				params junkie.ListKeysParams
				want   []int64
			}{
				{junkie.ListKeysParams{ProviderID: s.provider.ID}, []int64{1}},
				{junkie.ListKeysParams{ProviderID: other.ID}, []int64{2}},
				{junkie.ListKeysParams{ServiceID: service.ID}, []int64{1}},
				{junkie.ListKeysParams{FolderID: folder.ID}, []int64{2}},
				{junkie.ListKeysParams{ProviderID: 2999}, []int64{}},
				{junkie.ListKeysParams{ServiceID: 3999}, []int64{}},
				{junkie.ListKeysParams{FolderID: 4999}, []int64{}},
				{junkie.ListKeysParams{ServiceID: folder.ID}, []int64{}},
			} {
				assert.Equal(s, c.want, s.found(c.params), "%+v", c.params)
			}
			for _, id := range []string{"0", "-1", "9223372036854775807"} {
				for _, name := range []string{"service_id", "provider_id", "folder_id"} {
					assert.Equal(s, 0.0, s.raw("GET", "/keys?"+name+"="+id, "").at(s, "pagination.total"), "not the keys without one")
				}
			}
		},
	},
	{
		name:   "filter: the status",
		proves: "status.values status.active status.used status.expired status.invalidated",
		play: func(s *shop) {
			for _, key := range []junkiemock.Key{
				{},
				{UsedAt: epoch},
				{ExpiresAt: epoch},
				{UsedAt: epoch, ExpiresAt: epoch},
				{Invalidated: true},
				{Invalidated: true, UsedAt: epoch, ExpiresAt: epoch},
				{UsedAt: epoch, OneTimeUse: true},
				{ExpiresAt: epoch.Add(time.Millisecond)},
			} {
				s.Junkie.AddKey(key)
			}
			for status, want := range map[junkie.Status][]int64{
				junkie.StatusActive: {8, 1}, junkie.StatusUsed: {7, 2}, junkie.StatusExpired: {4, 3}, junkie.StatusInvalidated: {6, 5},
			} {
				assert.Equal(s, want, s.found(junkie.ListKeysParams{Status: status}), status)
			}
			for _, status := range []string{"ACTIVE", "inactive", "all", "active,used", "0"} {
				s.assertInvalid("GET", "/keys?status="+status, "", "status")
				s.assertLocal("Status", func() error {
					_, err := s.client.Keys.List(s.Context(), junkie.ListKeysParams{Status: junkie.Status(status)})
					return err
				})
			}
		},
	},
	{
		name:   "filter: the expiry",
		proves: "filter.expires filter.strictly",
		play: func(s *shop) {
			deadline := epoch.Add(time.Hour)
			for _, at := range []time.Time{{}, deadline.Add(-time.Millisecond), deadline, deadline.Add(time.Millisecond)} {
				s.Junkie.AddKey(junkiemock.Key{ExpiresAt: at})
			}
			s.create(junkie.CreateKeyParams{Validity: time.Minute, ExpiryOnFirstUse: true})
			assert.Equal(s, []int64{2}, s.found(junkie.ListKeysParams{ExpiresBefore: deadline}))
			assert.Equal(s, []int64{4}, s.found(junkie.ListKeysParams{ExpiresAfter: deadline}))
			assert.Equal(s, []int64{4, 3}, s.found(junkie.ListKeysParams{ExpiresAfter: deadline.Add(-time.Millisecond)}))
			assert.Equal(s, []int64{3}, s.found(junkie.ListKeysParams{
				ExpiresAfter: deadline.Add(-time.Millisecond), ExpiresBefore: deadline.Add(time.Millisecond),
			}))
			assert.Empty(s, s.found(junkie.ListKeysParams{ExpiresAfter: deadline, ExpiresBefore: deadline}))
		},
	},
	{
		name:   "filter: all at once",
		proves: "filter.and",
		play: func(s *shop) {
			service, folder := s.Junkie.AddService("game"), s.Junkie.AddFolder("orders")
			all := junkie.ListKeysParams{
				ValueContains: "abc", HWIDContains: "desk", DiscordID: "100000000000000001", ServiceID: service.ID,
				ProviderID: s.provider.ID, FolderID: folder.ID, Status: junkie.StatusActive,
				ExpiresAfter: epoch, ExpiresBefore: epoch.Add(2 * time.Hour),
			}
			fits := junkiemock.Key{
				DiscordID: "100000000000000001", ServiceID: service.ID, ProviderID: s.provider.ID, FolderID: folder.ID,
				ExpiresAt: epoch.Add(time.Hour), Devices: []junkiemock.Device{{HWID: "desktop"}},
			}
			// Each of the others fails one condition, so that each is needed.
			for i, spoil := range []func(*junkiemock.Key){
				func(*junkiemock.Key) {},
				func(k *junkiemock.Key) { k.Value = "xyz" },
				func(k *junkiemock.Key) { k.Devices = nil },
				func(k *junkiemock.Key) { k.DiscordID = "" },
				func(k *junkiemock.Key) { k.ServiceID = 0 },
				func(k *junkiemock.Key) { k.ProviderID = s.Junkie.AddProvider("other").ID },
				func(k *junkiemock.Key) { k.FolderID = 0 },
				func(k *junkiemock.Key) { k.UsedAt = epoch },
				func(k *junkiemock.Key) { k.ExpiresAt = epoch.Add(-time.Second); k.Invalidated = false },
				func(k *junkiemock.Key) { k.ExpiresAt = epoch.Add(3 * time.Hour) },
			} {
				key := fits
				key.Value = fmt.Sprintf("abc-%d", i)
				spoil(&key)
				s.Junkie.AddKey(key)
			}
			page := s.list(all)
			assert.Equal(s, []int64{1}, ids(page.Keys))
			assert.Equal(s, 1, page.Total)
			assert.Len(s, s.seen.query(), 9, "what else was sent than the nine")
		},
	},
}
