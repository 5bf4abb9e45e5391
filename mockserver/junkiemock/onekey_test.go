package junkiemock

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const updated = `"Key updated successfully"`

var oneKeyProofs = proofs{
	ruleGetAnswer: func(s *stage) {
		k := s.create("")
		require.True(s, s.world.Redeem(k.Value, "12345678901234567"))
		r := s.get(path(k)).is(200)
		assert.JSONEq(s, `{"discord_user_id": "12345678901234567", "redemption_status": "redeemed", "redeemed_at": "2026-01-01T00:00:00.000Z"}`, r.Raw("key.discord_redemption"))
		s.get("/keys").has("keys.0.discord_redemption", "absent")
		s.post("/keys", `{"provider_id": 2001}`).has("key.discord_redemption", "absent")
	},
	ruleGetRedemption: func(s *stage) { s.get(path(s.create(""))).has("key.discord_redemption", "null") },
	ruleGetReadOnly: func(s *stage) {
		k := s.create(`"validity_minutes": 5, "expiry_on_first_use": true`)
		s.Advance(time.Hour)
		s.get(path(k)).is(200)
		s.get("/keys/" + k.Value).is(200)
		assert.Equal(s, k, s.key(k.ID))
	},

	ruleUpdateAnswer: func(s *stage) {
		r := s.put(path(s.create("")), `{"key_name": "new"}`).is(200)
		assert.JSONEq(s, `{"success": true, "message": `+updated+`}`, string(r.Body))
		assert.Equal(s, "new", s.key(1).Name)
	},
	ruleUpdatePartial: func(s *stage) {
		s.world.AddFolder("vip")
		k := s.create(`"folder_id": 4001, "key_name": "n", "validity_minutes": 60, "hwids": ["a"], "discord_id": "12345678901234567",
			"is_premium": true, "one_time_use": true, "no_hwid": true, "hwid_limit": 3`)
		s.Advance(time.Minute)
		before := len(s.Effects)
		s.put(path(k), `{}`).is(200).has("message", updated)
		assert.Equal(s, k, s.key(k.ID))
		s.put(path(k), `{"key_name": "n", "is_premium": true, "validity_minutes": 60}`).is(200)
		assert.Len(s, s.Effects, before, "what is set already leaves no effect")

		want := k
		want.Premium = false
		s.put(path(k), `{"is_premium": false}`).is(200)
		assert.Equal(s, want, s.key(k.ID))
		assert.Equal(s, "is_premium", s.Effects[len(s.Effects)-1].Detail)
		s.put("/keys/"+k.Value, `{"one_time_use": false, "no_hwid": false, "hwid_limit": 4, "key_name": "m", "discord_id": "98765432109876543", "expiry_on_first_use": true}`).is(200)
		assert.Equal(s, "key_name expires_at one_time_use expiry_on_first_use no_hwid hwid_limit discord_id", s.Effects[len(s.Effects)-1].Detail)
	},
	ruleUpdateNull: func(s *stage) {
		k := s.create(`"key_name": "n", "validity_minutes": 60`)
		s.put(path(k), `{"expires_at": null}`).is(200)
		s.get(path(k)).has("key.expires_at", "null").has("key.validity_minutes", "60")
		s.put(path(k), `{"key_name": null, "validity_minutes": null}`).is(200)
		s.get(path(k)).has("key.key_name", "null").has("key.validity_minutes", "null")
	},
	ruleUpdateFolderNull: func(s *stage) {
		s.world.AddFolder("vip")
		k := s.create(`"folder_id": 4001`)
		s.put(path(k), `{"folder_id": null}`).is(200)
		s.get(path(k)).has("key.folder_id", "null").has("key.folder_name", "null")
	},
	ruleUpdateDiscord: func(s *stage) {
		k := s.create(`"discord_id": "12345678901234567"`)
		s.put(path(k), `{"discord_id": null}`).is(200)
		s.get(path(k)).has("key.discord_id", "null")
	},
	ruleUpdateLimitNull: func(s *stage) {
		k := s.create(`"hwid_limit": 1, "hwid": "a"`)
		s.verify(k, "b", CodeHWIDMismatch)
		s.put(path(k), `{"hwid_limit": null}`).is(200)
		s.verify(k, "b", CodeKeyValid)
	},
	ruleUpdateHWIDs: func(s *stage) {
		k := s.create(`"hwids": ["a", "b"]`)
		s.put(path(k), `{"hwids": ["c", "b", "c"]}`).is(200).has("keys_hwid", `["c","b"]`)
		assert.Equal(s, []string{"c", "b"}, devices(s.key(k.ID)))
		s.put(path(k), `{"hwids": []}`).is(200)
		assert.Empty(s, s.key(k.ID).Devices)
	},
	ruleUpdateBoundBy: func(s *stage) {
		k := s.create("")
		s.verify(k, "a", CodeKeyValid, ByExecutorUser("77"))
		s.Advance(time.Hour)
		s.put(path(k), `{"hwids": ["a"]}`).is(200)
		s.get(path(k)).has("key.hwids", `[{"hwid":"a","executor_user_id":null,"bound_at":"2026-01-01T01:00:00.000Z","bound_by":"api"}]`)
		assert.Equal(s, "hwids", s.Effects[len(s.Effects)-1].Detail)
	},
	ruleUpdateKeysHWID: func(s *stage) {
		k := s.create(`"hwid": "a"`)
		s.put(path(k), `{"key_name": "x"}`).is(200).has("keys_hwid", "absent")
		s.put(path(k), `{"hwids": ["b"]}`).is(200).has("keys_hwid", `["b"]`)
	},
	ruleUpdateCleared: func(s *stage) {
		s.put(path(s.create(`"hwid": "a"`)), `{"hwids": []}`).is(200).has("keys_hwid", "[]")
	},
	ruleUpdateFixed: func(s *stage) {
		k := s.create("")
		s.world.AddProvider("other")
		s.world.AddService("hub")
		s.put(path(k), `{"provider_id": 2002, "service_id": 3001, "key_value": "mine", "hwid": "pc"}`).is(200).finds(
			`unknown field "hwid" was ignored: the vendor's name is hwids`,
			`field "key_value" was ignored: it cannot be updated`,
			`field "provider_id" was ignored: it cannot be updated`,
			`field "service_id" was ignored: it cannot be updated`,
		)
		assert.Equal(s, k, s.key(k.ID))
	},
	ruleUpdateRevive: func(s *stage) {
		k := s.create(`"validity_minutes": 60, "hwid": "a"`)
		s.put(path(k), `{"is_invalidated": true}`).is(200)
		s.verify(k, "a", CodeKeyInvalidated)
		s.put(path(k), `{"is_invalidated": false}`).is(200)
		assert.Equal(s, k, s.key(k.ID))
		s.verify(k, "a", CodeKeyValid)
	},
	ruleUpdatePast: func(s *stage) {
		k := s.create("")
		s.put(path(k), `{"expires_at": "2025-12-31T00:00:00Z"}`).is(200)
		s.verify(k, "a", CodeKeyExpired)
	},

	ruleDeleteAnswer: func(s *stage) {
		r := s.delete(path(s.create(""))).is(200)
		assert.Empty(s, r.Body)
		assert.Contains(s, s.Kinds(), "key.deleted 1")
	},
	ruleDeleteEmpty: func(s *stage) {
		r := s.delete("/keys/" + s.create("").Value).is(200)
		assert.Empty(s, r.Body)
		assert.Empty(s, r.Header)
	},
	ruleDeleteGone: func(s *stage) {
		k, kept := s.create(""), s.create("")
		s.delete(path(k)).is(200)
		s.delete(path(k)).refused(404, "Key not found")
		s.get("/keys/"+k.Value).refused(404, "Key not found")
		s.get("/keys").found(kept.ID)
		s.verify(k, "pc", CodeKeyInvalid)
	},

	ruleResetAnswer: func(s *stage) {
		k := s.create(`"hwids": ["a", "b"]`)
		r := s.post(path(k)+"/reset-hwid", "").is(200)
		assert.JSONEq(s, `{"success": true, "message": "HWIDs reset successfully"}`, string(r.Body))
		assert.Empty(s, s.key(k.ID).Devices)
		assert.Contains(s, s.Kinds(), "key.hwids-reset 1")
	},
	ruleResetKeeps: func(s *stage) {
		k := s.create(`"hwid_limit": 2, "validity_minutes": 60, "expiry_on_first_use": true, "one_time_use": true`)
		s.verify(k, "a", CodeKeyValid)
		s.put(path(k), `{"is_invalidated": true}`).is(200)
		want := s.key(k.ID)
		s.Advance(time.Minute)
		s.post(path(k)+"/reset-hwid", "").is(200)
		want.Devices = nil
		assert.Equal(s, want, s.key(k.ID))
	},
	ruleResetNone: func(s *stage) {
		k := s.create("")
		s.post(path(k)+"/reset-hwid", "").is(200).has("success", "true")
		assert.NotContains(s, s.Kinds(), "key.hwids-reset 1")
	},
}

// TestUpdateRefusedAsAWhole: one wrong field and nothing is changed.
func TestUpdateRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create(`"hwid": "a"`)
	s.put(path(k), `{"key_name": "new", "hwids": ["b"], "hwid_limit": 101}`).invalid("hwid_limit")
	assert.Equal(t, k, s.key(k.ID))
}

// A change of any field is told; a new field is to be told, too.
func TestEveryFieldOfAKeyHasAName(t *testing.T) {
	t.Parallel()
	all := reflect.ValueOf(&record{
		Named: true, Limited: true,
		Key: Key{
			Value: "v", ProviderID: 1, ServiceID: 1, FolderID: 1, Name: "n", CreatedAt: t0, ValidityMinutes: 1, ExpiresAt: t0, UsedAt: t0,
			Premium: true, Invalidated: true, OneTimeUse: true, ExpiryOnFirstUse: true, NoHWID: true, HWIDLimit: 1, DiscordID: "1",
			Devices: []Device{{HWID: "pc"}}, Redemption: &Redemption{Status: "s"},
		},
	}).Elem()
	for _, field := range reflect.VisibleFields(all.Type()) {
		if field.Anonymous || !field.IsExported() || field.Name == "ID" || field.Name == "UserID" { // which never change, or are its place
			continue
		}
		one := reflect.ValueOf(new(record)).Elem()
		value := all.FieldByIndex(field.Index)
		require.False(t, value.IsZero(), "a new field of a key is to be set here")
		one.FieldByIndex(field.Index).Set(value)
		assert.Len(t, differences(new(record), one.Addr().Interface().(*record)), 1, field.Name)
	}
	assert.Empty(t, differences(new(record), new(record)))
}
