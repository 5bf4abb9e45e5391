package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// junkieVectors are worked examples: one rule after the other on one key, with
// the outcome at each moment.
var junkieVectors = []scenario[*shop]{
	{
		name:   "vector 1: a validity of an hour",
		proves: "expiry.from-creation expiry.reached status.active status.expired status.order",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{Validity: time.Hour})
			assert.Equal(s, epoch.Add(time.Hour), key.ExpiresAt)
			s.assertStatus(key.ID, junkie.StatusActive)
			s.at(time.Hour - time.Millisecond)
			s.assertStatus(key.ID, junkie.StatusActive)
			s.at(time.Hour)
			s.assertStatus(key.ID, junkie.StatusExpired)
			s.assertVerified(junkiemock.CodeKeyExpired, key.Value, "pc")
			assert.Equal(s, key.ExpiresAt, s.get(key.ID).ExpiresAt, "nothing is deleted")
		},
	},
	{
		name:   "vector 2: an hour from the first use",
		proves: "expiry.pending expiry.first-use verify.used-at",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{Validity: time.Hour, ExpiryOnFirstUse: true})
			assert.Zero(s, key.ExpiresAt)
			s.at(30 * time.Minute)
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "pc")
			first := s.get(key.ID)
			assert.Equal(s, epoch.Add(30*time.Minute), first.UsedAt)
			assert.Equal(s, epoch.Add(90*time.Minute), first.ExpiresAt)
			s.at(40 * time.Minute)
			assert.Empty(s, s.effects(func() { s.assertVerified(junkiemock.CodeKeyValid, key.Value, "pc") }))
			assert.Equal(s, first, s.get(key.ID))
			s.at(90 * time.Minute)
			s.assertVerified(junkiemock.CodeKeyExpired, key.Value, "pc")
		},
	},
	{
		name:   "vector 3: a validity of 0",
		proves: "validity.forever validity.echo",
		play: func(s *shop) {
			for _, minutes := range []string{"0", "null"} {
				a := s.post("/keys", s.creation(`"validity_minutes": `+minutes))
				assert.Nil(s, a.at(s, "key.validity_minutes"))
				assert.Nil(s, a.at(s, "key.expires_at"))
			}
			key := s.create(junkie.CreateKeyParams{})
			assert.Zero(s, key.Validity)
			assert.Zero(s, key.ExpiresAt)
			s.at(100 * 365 * 24 * time.Hour)
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "pc")
		},
	},
	{
		name:   "vector 4: a one-time key",
		proves: "verify.already-used verify.once reset.keeps",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{OneTimeUse: true})
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "A")
			used := s.stored(key.ID)
			s.unchanged(func() { s.assertVerified(junkiemock.CodeAlreadyUsed, key.Value, "A") })
			s.reset(key.ID)
			s.unchanged(func() { s.assertVerified(junkiemock.CodeAlreadyUsed, key.Value, "B") })
			used.Devices = nil
			assert.Equal(s, used, s.stored(key.ID), "a reset leaves all else")
			assert.False(s, s.get(key.ID).Usable(s.Server.Now()))
		},
	},
	{
		name:   "vector 5: one device at a time",
		proves: "verify.key-valid verify.hwid-mismatch hwid.under-limit hwid.bound reset.answer verify.used-at",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{HWIDLimit: 1})
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "A")
			s.Server.Advance(time.Minute)
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "A")
			s.unchanged(func() { s.assertVerified(junkiemock.CodeHWIDMismatch, key.Value, "B") })
			assert.Equal(s, []string{"key.hwids-reset 1"}, s.effects(func() { s.reset(key.ID) }))
			assert.JSONEq(s, `{"success": true, "message": "HWIDs reset successfully"}`, s.seen.answer())
			assert.Empty(s, s.get(key.ID).HWIDs)
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "B")
			s.assertVerified(junkiemock.CodeHWIDMismatch, key.Value, "A")
			assert.Equal(s, epoch, s.get(key.ID).UsedAt, "the first use")
		},
	},
	{
		name:   "vector 6: any number of devices, and none",
		proves: "hwid.unlimited hwid.off hwid-limit.echo",
		play: func(s *shop) {
			for limit, shown := range map[string]any{`"hwid_limit": null`: nil, `"hwid_limit": 0`: 0.0, ``: nil} {
				a := s.post("/keys", s.creation(limit))
				assert.Equal(s, shown, a.at(s, "key.hwid_limit"), limit)
				id := int64(a.at(s, "key.id").(float64))
				for _, device := range []string{"A", "B", "C"} {
					s.assertVerified(junkiemock.CodeKeyValid, s.stored(id).Value, device)
				}
				assert.Equal(s, []string{"A", "B", "C"}, hwids(s.get(id)))
			}
			key := s.create(junkie.CreateKeyParams{NoHWID: true, HWIDLimit: 1})
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "A")
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "B")
			s.raw("GET", keyPath(key.ID), "")
			assert.Contains(s, s.seen.answer(), `"hwids":[]`)
		},
	},
	{
		name:   "vector 7: devices at creation",
		proves: "create.hwid create.hwids-win create.bound-by hwids.distinct key.hwids",
		play: func(s *shop) {
			a := s.post("/keys", s.creation(`"hwid": "X", "hwids": ["Y", "Y", "Z"]`))
			assert.Equal(s, []any{"Y", "Z"}, a.at(s, "key.keys_hwid"))
			assert.Len(s, a.at(s, "key.hwids"), 2)
			for i, hwid := range []string{"Y", "Z"} {
				assert.Equal(s, map[string]any{
					"hwid": hwid, "executor_user_id": nil, "bound_at": "2026-03-01T12:00:00.000Z", "bound_by": "api",
				}, a.at(s, fmt.Sprintf("key.hwids.%d", i)))
			}
			assert.Nil(s, a.at(s, "key.used_at"))
			assert.Equal(s, []any{"X"}, s.post("/keys", s.creation(`"hwid": "X"`)).at(s, "key.keys_hwid"))
			key := s.create(junkie.CreateKeyParams{HWIDs: []string{"Y", "Y", "Z"}})
			bound := junkie.HWID{BoundAt: epoch, BoundBy: junkie.BoundByAPI}
			y, z := bound, bound
			y.Value, z.Value = "Y", "Z"
			assert.Equal(s, []junkie.HWID{y, z}, key.HWIDs)
		},
	},
	{
		name:   "vector 8: an update tells the devices only if it was sent some",
		proves: "update.answer update.keys-hwid update.keys-hwid-empty update.hwids",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{HWIDs: []string{"A"}})
			result := s.update(key.ID, junkie.UpdateKeyParams{Name: junkie.Set("n")})
			assert.Equal(s, &junkie.UpdateKeyResult{Message: "Key updated successfully"}, result)
			assert.JSONEq(s, `{"success": true, "message": "Key updated successfully"}`, s.seen.answer())
			result = s.update(key.ID, junkie.UpdateKeyParams{HWIDs: junkie.Set([]string{"B", "C"})})
			assert.Equal(s, []string{"B", "C"}, result.HWIDs)
			assert.Equal(s, []string{"B", "C"}, hwids(s.get(key.ID)))
			result = s.update(key.ID, junkie.UpdateKeyParams{HWIDs: junkie.Set([]string{})})
			assert.Equal(s, []string{}, result.HWIDs)
			assert.JSONEq(s, `{"success": true, "message": "Key updated successfully", "keys_hwid": []}`, s.seen.answer())
			assert.Empty(s, s.get(key.ID).HWIDs)
		},
	},
	{
		name:   "vector 9: off and on again",
		proves: "update.revive verify.key-invalidated status.invalidated status.expired status.order",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{Validity: time.Hour})
			was := s.stored(key.ID)
			off := junkie.UpdateKeyParams{Invalidated: junkie.Set(true)}
			assert.Equal(s, []string{"key.updated 1"}, s.effects(func() { s.update(key.ID, off) }))
			s.assertVerified(junkiemock.CodeKeyInvalidated, key.Value, "pc")
			s.assertStatus(key.ID, junkie.StatusInvalidated)
			s.at(time.Hour)
			s.assertVerified(junkiemock.CodeKeyInvalidated, key.Value, "pc")
			s.assertStatus(key.ID, junkie.StatusInvalidated)
			on := junkie.UpdateKeyParams{Invalidated: junkie.Set(false)}
			s.update(key.ID, on)
			s.assertStatus(key.ID, junkie.StatusExpired)
			s.at(0)
			s.assertStatus(key.ID, junkie.StatusActive)
			assert.Equal(s, was, s.stored(key.ID), "nothing else changes")
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "pc")
			s.update(key.ID, off)
			s.update(key.ID, on)
			s.assertStatus(key.ID, junkie.StatusUsed)
		},
	},
	{
		name:   "vector 10: a deadline that moves",
		proves: "expiry.anchored expiry.explicit update.null status.recomputed",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{Validity: time.Hour})
			s.at(70 * time.Minute)
			s.assertStatus(key.ID, junkie.StatusExpired)
			longer := junkie.UpdateKeyParams{Validity: junkie.Set(2 * time.Hour)}
			s.update(key.ID, longer)
			assert.Equal(s, epoch.Add(2*time.Hour), s.get(key.ID).ExpiresAt, "from the creation, not from now")
			s.assertStatus(key.ID, junkie.StatusActive)
			s.unchanged(func() { s.update(key.ID, longer) })

			t1 := epoch.Add(1000 * time.Hour)
			s.update(key.ID, junkie.UpdateKeyParams{Validity: junkie.Set(5 * time.Minute), ExpiresAt: junkie.Set(t1)})
			now := s.get(key.ID)
			assert.Equal(s, t1, now.ExpiresAt)
			assert.Equal(s, 5*time.Minute, now.Validity)

			s.update(key.ID, junkie.UpdateKeyParams{Validity: junkie.Set(7 * time.Minute), ExpiresAt: junkie.Null[time.Time]()})
			assert.Zero(s, s.get(key.ID).ExpiresAt)
			s.at(100 * 365 * 24 * time.Hour)
			s.assertStatus(key.ID, junkie.StatusActive)
		},
	},
	{
		name:   "vector 11: a batch of a hundred",
		proves: "batch.answer batch.values bound.amount batch.all-or-none",
		play: func(s *shop) {
			var batch *junkie.KeyBatch
			effects := s.effects(func() {
				var err error
				batch, err = s.client.Keys.CreateBatch(s.Context(), junkie.CreateBatchParams{ProviderID: s.provider.ID, Amount: 100})
				require.NoError(s, err)
			})
			assert.Len(s, effects, 100)
			assert.Equal(s, 100, batch.Count)
			var values []string
			for _, key := range s.Junkie.Keys() {
				values = append(values, key.Value)
			}
			assert.Equal(s, values, batch.Values)
			assert.Len(s, slices.Compact(slices.Sorted(slices.Values(values))), 100)
			for _, amount := range []int{-1, 0, 101} {
				s.assertInvalid("POST", "/keys/batch", s.creation(fmt.Sprintf(`"amount": %d`, amount)), "amount")
				s.assertLocal("Amount", func() error {
					_, err := s.client.Keys.CreateBatch(s.Context(), junkie.CreateBatchParams{ProviderID: s.provider.ID, Amount: amount})
					return err
				})
			}
		},
	},
	{
		name:   "vector 12: a bulk delete twice",
		proves: "bulk.answer bulk.mixed bulk.counts bound.bulk-delete",
		play: func(s *shop) {
			one, two, stays := s.create(junkie.CreateKeyParams{}), s.create(junkie.CreateKeyParams{}), s.create(junkie.CreateKeyParams{})
			refs := []junkie.KeyRef{junkie.ID(one.ID), junkie.Value(two.Value), junkie.ID(999999), junkie.ID(one.ID)}
			for _, deleted := range []int{2, 0} {
				result, err := s.client.Keys.BulkDelete(s.Context(), refs)
				require.NoError(s, err)
				assert.Equal(s, &junkie.BulkDeleteResult{Requested: 4, Deleted: deleted}, result)
				assert.JSONEq(s, fmt.Sprintf(`{"requested": 4, "deleted": %d}`, deleted), s.seen.answer())
			}
			assert.Equal(s, []int64{stays.ID}, s.found(junkie.ListKeysParams{}))
			for _, n := range []int{0, 1001} {
				s.assertInvalid("POST", "/keys/bulk-delete", `{"keys": [`+strings.TrimSuffix(strings.Repeat("7,", n), ",")+`]}`, "keys")
				s.assertLocal("refs", func() error {
					_, err := s.client.Keys.BulkDelete(s.Context(), slices.Repeat([]junkie.KeyRef{junkie.ID(7)}, n))
					return err
				})
			}
			result, err := s.client.Keys.BulkDelete(s.Context(), slices.Repeat([]junkie.KeyRef{junkie.ID(stays.ID)}, 1000))
			require.NoError(s, err)
			assert.Equal(s, &junkie.BulkDeleteResult{Requested: 1000, Deleted: 1}, result)
		},
	},
	{
		name:   "vector 13: fifty-one keys on pages of fifty",
		proves: "list.answer list.defaults list.totals list.past-end bound.limit bound.limit-refused",
		play: func(s *shop) {
			assert.Equal(s, &junkie.KeyPage{Keys: []*junkie.Key{}, Page: 1, Limit: 50}, s.list(junkie.ListKeysParams{}))
			for range 51 {
				s.Junkie.AddKey(junkiemock.Key{})
			}
			for page, keys := range map[int]int{0: 50, 1: 50, 2: 1, 3: 0, 1 << 40: 0} {
				got := s.list(junkie.ListKeysParams{Page: page})
				assert.Len(s, got.Keys, keys)
				got.Keys = nil
				assert.Equal(s, &junkie.KeyPage{Page: max(page, 1), Limit: 50, Total: 51, TotalPages: 2}, got)
			}
			assert.Len(s, s.list(junkie.ListKeysParams{Limit: 100}).Keys, 51)
			for _, limit := range []int{0, 101} {
				s.assertInvalid("GET", fmt.Sprintf("/keys?limit=%d", limit), "", "limit")
			}
			for _, limit := range []int{-1, 101} {
				s.assertLocal("Limit", func() error {
					_, err := s.client.Keys.List(s.Context(), junkie.ListKeysParams{Limit: limit})
					return err
				})
			}
		},
	},
	{
		name:   "vector 14: Discord ids",
		proves: "bound.discord-id update.discord-null",
		play: func(s *shop) {
			for _, id := range []string{strings.Repeat("1", 16), strings.Repeat("1", 20), "1234567890abcdefgh", strings.Repeat(`\\d`, 17), ""} {
				field := fmt.Sprintf(`"discord_id": "%s"`, id)
				s.assertInvalid("POST", "/keys", s.creation(field), "discord_id")
				s.assertInvalid("POST", "/keys/batch", s.creation(`"amount": 1, `+field), "discord_id")
				s.assertInvalid("PUT", "/keys/1", `{`+field+`}`, "discord_id")
				s.assertLocal("DiscordID", func() error {
					_, err := s.client.Keys.Update(s.Context(), junkie.ID(1), junkie.UpdateKeyParams{DiscordID: junkie.Set(id)})
					return err
				})
			}
			var key *junkie.Key
			for _, digits := range []int{17, 18, 19} {
				id := strings.Repeat("9", digits)
				key = s.create(junkie.CreateKeyParams{DiscordID: id})
				assert.Equal(s, id, key.DiscordID)
			}
			s.update(key.ID, junkie.UpdateKeyParams{DiscordID: junkie.Null[string]()})
			assert.Empty(s, s.get(key.ID).DiscordID)
			assert.Contains(s, s.seen.answer(), `"discord_id":null`)
		},
	},
	{
		name:   "vector 15: the statuses share out all keys",
		proves: "status.order status.active status.used status.expired status.invalidated list.totals",
		play: func(s *shop) {
			for minutes := range int64(60) {
				key := junkiemock.Key{ValidityMinutes: minutes % 20, Invalidated: minutes%7 == 0, OneTimeUse: minutes%5 == 0}
				if minutes%3 == 0 {
					key.UsedAt = epoch
				}
				s.Junkie.AddKey(key)
			}
			for _, minute := range []time.Duration{0, 1, 10, 19, 1000} {
				s.at(minute * time.Minute)
				sum, seen := 0, map[int64]bool{}
				for _, status := range statuses {
					page := s.list(junkie.ListKeysParams{Status: status, Limit: 100})
					sum += page.Total
					for _, key := range page.Keys {
						assert.False(s, seen[key.ID], "key %d has two statuses", key.ID)
						seen[key.ID] = true
						assert.Equal(s, status, key.Status(s.Server.Now()))
						assert.Equal(s, string(status), s.stored(key.ID).Status(s.Server.Now()))
					}
				}
				assert.Equal(s, 60, sum, "after %d minutes", minute)
				assert.Equal(s, 60, s.list(junkie.ListKeysParams{}).Total)
			}
		},
	},
	{
		name:   "vector 16: out of the folder",
		proves: "update.folder-null bound.folder-id folder-unknown",
		play: func(s *shop) {
			folder := s.Junkie.AddFolder("orders")
			key := s.create(junkie.CreateKeyParams{FolderID: folder.ID})
			assert.Equal(s, "orders", key.FolderName)
			s.unchanged(func() {
				s.assertError(s.raw("PUT", keyPath(key.ID), `{"folder_id": 4999, "key_name": "n"}`), 404, "Folder not found")
				_, err := s.client.Keys.Update(s.Context(), junkie.ID(key.ID), junkie.UpdateKeyParams{FolderID: junkie.Set[int64](4999)})
				e := s.assertIs(err, junkie.ErrNotFound)
				assert.Equal(s, "Folder not found", e.Message)
			})
			s.assertInvalid("PUT", keyPath(key.ID), `{"folder_id": 0}`, "folder_id")
			s.assertLocal("FolderID", func() error {
				_, err := s.client.Keys.Update(s.Context(), junkie.ID(key.ID), junkie.UpdateKeyParams{FolderID: junkie.Set[int64](0)})
				return err
			})
			s.update(key.ID, junkie.UpdateKeyParams{FolderID: junkie.Null[int64]()})
			now := s.get(key.ID)
			assert.Zero(s, now.FolderID)
			assert.Zero(s, now.FolderName)
		},
	},
}
