package conformance

import (
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// junkieChanges is about looking at one key, changing and deleting it.
var junkieChanges = []scenario[*shop]{
	{
		name:   "get: a key with its redemption",
		proves: "get.answer get.not-redeemed get.read-only redeem",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{Validity: time.Hour, ExpiryOnFirstUse: true, HWIDLimit: 1, DiscordID: "100000000000000001"})
			s.unchanged(func() { assert.Nil(s, s.get(key.ID).DiscordRedemption) })
			assert.Nil(s, s.raw("GET", keyPath(key.ID), "").at(s, "key.discord_redemption"))
			s.at(time.Minute)
			was := s.stored(key.ID)
			assert.Equal(s, []string{"key.redeemed 1"}, s.effects(func() {
				assert.True(s, s.Junkie.Redeem(key.Value, "100000000000000002"))
			}))
			got := s.get(key.ID)
			assert.Equal(s, &junkie.DiscordRedemption{DiscordUserID: "100000000000000002", Status: "redeemed", RedeemedAt: epoch.Add(time.Minute)}, got.DiscordRedemption)
			got.DiscordRedemption = nil
			assert.Equal(s, key, got, "a redemption touches nothing else")
			was.Redemption = &junkiemock.Redemption{DiscordUserID: "100000000000000002", Status: "redeemed", RedeemedAt: epoch.Add(time.Minute)}
			assert.Equal(s, was, s.stored(key.ID))
			assert.Equal(s, []*junkie.Key{key}, s.list(junkie.ListKeysParams{}).Keys, "lists do not show it")
		},
	},
	{
		name:   "update: what is not sent stays",
		proves: "update.partial",
		play: func(s *shop) {
			service, folder := s.Junkie.AddService("game"), s.Junkie.AddFolder("orders")
			key := s.create(junkie.CreateKeyParams{
				ServiceID: service.ID, FolderID: folder.ID, Name: "n", DiscordID: "100000000000000001", Validity: time.Hour,
				Premium: true, OneTimeUse: true, HWIDLimit: 2, NoHWID: true, HWIDs: []string{"A"},
			})
			s.unchanged(func() {
				s.update(key.ID, junkie.UpdateKeyParams{})
				s.put(key.ID, `{}`)
			})
			for _, change := range []struct {
				params junkie.UpdateKeyParams
				apply  func(*junkie.Key)
			}{
				{junkie.UpdateKeyParams{Name: junkie.Set("m")}, func(k *junkie.Key) { k.Name = "m" }},
				{junkie.UpdateKeyParams{Name: junkie.Set("")}, func(k *junkie.Key) { k.Name = "" }},
				{junkie.UpdateKeyParams{DiscordID: junkie.Set("100000000000000002")}, func(k *junkie.Key) { k.DiscordID = "100000000000000002" }},
				{junkie.UpdateKeyParams{Premium: junkie.Set(false)}, func(k *junkie.Key) { k.Premium = false }},
				{junkie.UpdateKeyParams{OneTimeUse: junkie.Set(false)}, func(k *junkie.Key) { k.OneTimeUse = false }},
				{junkie.UpdateKeyParams{NoHWID: junkie.Set(false)}, func(k *junkie.Key) { k.NoHWID = false }},
				{junkie.UpdateKeyParams{Invalidated: junkie.Set(true)}, func(k *junkie.Key) { k.Invalidated = true }},
				{junkie.UpdateKeyParams{HWIDLimit: junkie.Set(7)}, func(k *junkie.Key) { k.HWIDLimit = 7 }},
				{junkie.UpdateKeyParams{ExpiresAt: junkie.Set(epoch.AddDate(1, 0, 0))}, func(k *junkie.Key) { k.ExpiresAt = epoch.AddDate(1, 0, 0) }},
				{junkie.UpdateKeyParams{HWIDs: junkie.Set([]string{"B"})}, func(k *junkie.Key) { k.HWIDs[0].Value = "B" }},
				{junkie.UpdateKeyParams{FolderID: junkie.Null[int64]()}, func(k *junkie.Key) { k.FolderID, k.FolderName = 0, "" }},
			} {
				want := s.get(key.ID)
				change.apply(want)
				assert.Equal(s, []string{"key.updated 1"}, s.effects(func() { s.update(key.ID, change.params) }))
				assert.Equal(s, want, s.get(key.ID))
				s.unchanged(func() { s.update(key.ID, change.params) }) // the same again
			}
		},
	},
	{
		name:   "update: null",
		proves: "update.null update.folder-null update.discord-null update.limit-null",
		play: func(s *shop) {
			folder := s.Junkie.AddFolder("orders")
			key := s.create(junkie.CreateKeyParams{FolderID: folder.ID, Name: "n", DiscordID: "100000000000000001", Validity: time.Hour, HWIDLimit: 1, HWIDs: []string{"A"}})
			s.assertVerified(junkiemock.CodeHWIDMismatch, key.Value, "B")
			s.update(key.ID, junkie.UpdateKeyParams{
				FolderID: junkie.Null[int64](), Name: junkie.Null[string](), DiscordID: junkie.Null[string](),
				Validity: junkie.Null[time.Duration](), HWIDLimit: junkie.Null[int](),
			})
			a := s.raw("GET", keyPath(key.ID), "")
			for _, field := range []string{"folder_id", "folder_name", "key_name", "discord_id", "validity_minutes", "expires_at", "hwid_limit"} {
				assert.Nil(s, a.at(s, "key."+field), field)
			}
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "B")
			s.put(key.ID, `{"key_name": ""}`)
			assert.Equal(s, "", s.raw("GET", keyPath(key.ID), "").at(s, "key.key_name"), "empty is not null")
		},
	},
	{
		name:   "update: devices",
		proves: "update.hwids update.bound-by hwids.distinct",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{HWIDLimit: 1})
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "A", junkiemock.ByExecutorUser("user-1"))
			s.at(time.Hour)
			result := s.update(key.ID, junkie.UpdateKeyParams{HWIDs: junkie.Set([]string{"B", "A", "B"})})
			assert.Equal(s, []string{"B", "A"}, result.HWIDs)
			got := s.get(key.ID)
			assert.Equal(s, []junkie.HWID{
				{Value: "B", BoundAt: epoch.Add(time.Hour), BoundBy: junkie.BoundByAPI},
				{Value: "A", BoundAt: epoch.Add(time.Hour), BoundBy: junkie.BoundByAPI},
			}, got.HWIDs, "bound anew, even the one that was there; beyond the limit")
			assert.Equal(s, epoch, got.UsedAt)
			s.unchanged(func() { s.assertVerified(junkiemock.CodeHWIDMismatch, key.Value, "C") })
		},
	},
	{
		name:   "update: what cannot be changed",
		proves: "update.fixed",
		finds: []string{
			`field "provider_id" was ignored: it cannot be updated`, `field "service_id" was ignored: it cannot be updated`,
			`field "key_value" was ignored: it cannot be updated`, `"hwid" was ignored`,
		},
		play: func(s *shop) {
			other, service := s.Junkie.AddProvider("other"), s.Junkie.AddService("game")
			s.create(junkie.CreateKeyParams{})
			s.unchanged(func() {
				s.put(1, `{"provider_id": `+decimal(other.ID)+`, "service_id": `+decimal(service.ID)+`, "hwid": "A", "key_value": "mine"}`)
			})
		},
	},
	{
		name:   "update: a deadline in the past",
		proves: "update.past expiry.explicit",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{})
			s.update(key.ID, junkie.UpdateKeyParams{ExpiresAt: junkie.Set(epoch.Add(-time.Hour))})
			assert.Equal(s, epoch.Add(-time.Hour), s.get(key.ID).ExpiresAt)
			s.assertStatus(key.ID, junkie.StatusExpired)
			s.assertVerified(junkiemock.CodeKeyExpired, key.Value, "pc")
		},
	},
	{
		name:   "delete: gone for good",
		proves: "delete.answer delete.empty delete.gone",
		play: func(s *shop) {
			key, other := s.create(junkie.CreateKeyParams{}), s.create(junkie.CreateKeyParams{})
			assert.Equal(s, []string{"key.deleted 1"}, s.effects(func() {
				require.NoError(s, s.client.Keys.Delete(s.Context(), junkie.ID(key.ID)))
			}))
			s.unchanged(func() {
				err := s.client.Keys.Delete(s.Context(), junkie.ID(key.ID))
				assert.Equal(s, 404, s.assertIs(err, junkie.ErrNotFound).StatusCode, "a first attempt that finds nothing is told")
				_, err = s.client.Keys.Get(s.Context(), junkie.Value(key.Value))
				s.assertIs(err, junkie.ErrNotFound)
				s.assertVerified(junkiemock.CodeKeyInvalid, key.Value, "pc")
			})
			assert.Equal(s, []int64{other.ID}, s.found(junkie.ListKeysParams{}))
			a := s.raw("DELETE", keyPath(other.ID), "")
			assert.Equal(s, 200, a.Status)
			assert.Empty(s, a.Body)
			assert.NotContains(s, a.Header, "Content-Type")
		},
	},
	{
		name:   "reset: devices and nothing else",
		proves: "reset.answer reset.keeps reset.none-bound",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{HWIDLimit: 2, Validity: time.Hour, ExpiryOnFirstUse: true, HWIDs: []string{"A"}})
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "B")
			s.update(key.ID, junkie.UpdateKeyParams{Invalidated: junkie.Set(true)})
			want := s.get(key.ID)
			assert.Len(s, want.HWIDs, 2)
			want.HWIDs = nil
			s.at(30 * time.Minute)
			assert.Equal(s, []string{"key.hwids-reset 1"}, s.effects(func() { s.reset(key.ID) }))
			assert.Equal(s, want, s.get(key.ID))
			s.unchanged(func() { s.reset(key.ID) })
			assert.Equal(s, want, s.get(key.ID))
		},
	},
}

// junkieExpiry is about when a key ends.
var junkieExpiry = []scenario[*shop]{
	{
		name:   "expiry: the clock of the first use",
		proves: "expiry.pending expiry.first-use expiry.anchored",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{Validity: time.Hour, ExpiryOnFirstUse: true})
			s.update(key.ID, junkie.UpdateKeyParams{Validity: junkie.Set(2 * time.Hour)})
			assert.Zero(s, s.get(key.ID).ExpiresAt, "still waiting")
			s.update(key.ID, junkie.UpdateKeyParams{ExpiryOnFirstUse: junkie.Set(false)})
			assert.Equal(s, epoch.Add(2*time.Hour), s.get(key.ID).ExpiresAt)
			s.update(key.ID, junkie.UpdateKeyParams{ExpiryOnFirstUse: junkie.Set(true)})
			assert.Zero(s, s.get(key.ID).ExpiresAt)
			s.at(10 * time.Hour)
			s.assertStatus(key.ID, junkie.StatusActive)
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "pc")
			assert.Equal(s, epoch.Add(12*time.Hour), s.get(key.ID).ExpiresAt)
			s.at(11 * time.Hour)
			s.update(key.ID, junkie.UpdateKeyParams{Validity: junkie.Set(3 * time.Hour)})
			assert.Equal(s, epoch.Add(13*time.Hour), s.get(key.ID).ExpiresAt, "from the first use")
			s.update(key.ID, junkie.UpdateKeyParams{ExpiryOnFirstUse: junkie.Set(false)})
			assert.Equal(s, epoch.Add(3*time.Hour), s.get(key.ID).ExpiresAt, "from the creation")
			s.assertStatus(key.ID, junkie.StatusExpired)
		},
	},
	{
		name:   "expiry: a deadline before the first use",
		proves: "expiry.kept",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{Validity: time.Hour, ExpiryOnFirstUse: true})
			deadline := epoch.Add(1000 * time.Hour)
			s.update(key.ID, junkie.UpdateKeyParams{ExpiresAt: junkie.Set(deadline)})
			assert.Equal(s, []string{"key.used 1", "key.device-bound 1"}, s.effects(func() {
				s.assertVerified(junkiemock.CodeKeyValid, key.Value, "pc")
			}))
			assert.Equal(s, deadline, s.get(key.ID).ExpiresAt)
		},
	},
	{
		name:   "expiry: the clock starts once",
		proves: "expiry.first-use",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{Validity: time.Hour, ExpiryOnFirstUse: true, NoHWID: true})
			s.unchanged(func() { s.assertVerified(junkiemock.CodeKeyInvalid, "no such key", "pc") })
			assert.Equal(s, []string{"key.used 1", "key.expiry-started 1"}, s.effects(func() {
				s.assertVerified(junkiemock.CodeKeyValid, key.Value, "pc")
			}))
			s.update(key.ID, junkie.UpdateKeyParams{ExpiresAt: junkie.Null[time.Time]()})
			s.at(time.Hour)
			s.unchanged(func() { s.assertVerified(junkiemock.CodeKeyValid, key.Value, "pc") })
			assert.Zero(s, s.get(key.ID).ExpiresAt, "a later use does not start it again")
		},
	},
	{
		name:   "expiry: an expired key revived",
		proves: "status.recomputed status.used verify.key-expired",
		play: func(s *shop) {
			key := s.create(junkie.CreateKeyParams{Validity: time.Hour})
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "pc")
			s.at(2 * time.Hour)
			s.assertStatus(key.ID, junkie.StatusExpired)
			s.unchanged(func() { s.assertVerified(junkiemock.CodeKeyExpired, key.Value, "pc") })
			s.update(key.ID, junkie.UpdateKeyParams{ExpiresAt: junkie.Set(epoch.Add(3 * time.Hour))})
			s.assertStatus(key.ID, junkie.StatusUsed)
			s.assertVerified(junkiemock.CodeKeyValid, key.Value, "pc")
			s.update(key.ID, junkie.UpdateKeyParams{Validity: junkie.Set(time.Hour)})
			s.assertStatus(key.ID, junkie.StatusExpired)
			s.update(key.ID, junkie.UpdateKeyParams{Validity: junkie.Set(time.Duration(0))})
			s.assertStatus(key.ID, junkie.StatusUsed)
		},
	},
}
