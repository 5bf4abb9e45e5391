package junkiemock

import (
	"fmt"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var bulkProofs = proofs{
	ruleBatchAnswer: func(s *stage) {
		r := s.post("/keys/batch", `{"provider_id": `+s.provider()+`, "amount": 2}`).is(201)
		r.has("count", "2").has("config.provider_id", "2001")
		assert.Equal(s, byte('"'), r.Raw("keys.0")[0])
		assert.Equal(s, []string{"provider.added 2001", "key.created 1", "key.created 2"}, s.Kinds())
	},
	ruleBatchValues: func(s *stage) {
		r := s.post("/keys/batch", `{"provider_id": `+s.provider()+`, "amount": 100}`).is(201).has("count", "100")
		different := map[string]bool{}
		for i := range 100 {
			value := r.Text(fmt.Sprintf("keys.%d", i))
			different[value] = true
			s.get("/keys/"+value).is(200).has("key.id", decimal(int64(i+1)))
		}
		assert.Len(s, different, 100)
	},
	ruleBatchConfig: func(s *stage) {
		s.world.AddProvider("shop")
		s.world.AddService("hub")
		s.world.AddFolder("vip")
		r := s.post("/keys/batch", `{"provider_id": 2001, "amount": 1}`).is(201)
		assert.JSONEq(s, `{"provider_id": 2001, "service_id": null, "folder_id": null, "key_name": null, "validity_minutes": null, "hwid": null,
			"discord_id": null, "is_premium": false, "one_time_use": false, "expiry_on_first_use": false, "no_hwid": false, "hwid_limit": null}`, r.Raw("config"))
		r = s.post("/keys/batch", `{"provider_id": 2001, "amount": 1, "service_id": 3001, "folder_id": 4001, "key_name": "n", "validity_minutes": 0, "hwid": "pc",
			"discord_id": "12345678901234567", "is_premium": true, "one_time_use": true, "expiry_on_first_use": true, "no_hwid": true, "hwid_limit": 0}`).is(201)
		assert.JSONEq(s, `{"provider_id": 2001, "service_id": 3001, "folder_id": 4001, "key_name": "n", "validity_minutes": null, "hwid": "pc",
			"discord_id": "12345678901234567", "is_premium": true, "one_time_use": true, "expiry_on_first_use": true, "no_hwid": true, "hwid_limit": 0}`, r.Raw("config"))
	},
	ruleBatchSame: func(s *stage) {
		s.post("/keys/batch", `{"provider_id": `+s.provider()+`, "amount": 3, "key_name": "order 7", "validity_minutes": 60, "one_time_use": true}`).is(201)
		for _, k := range s.world.Keys() {
			assert.Equal(s, "order 7", k.Name)
			assert.Equal(s, int64(60), k.ValidityMinutes)
			assert.True(s, k.OneTimeUse)
		}
	},
	ruleBatchHWID: func(s *stage) {
		s.post("/keys/batch", `{"provider_id": `+s.provider()+`, "amount": 3, "hwid": "pc"}`).is(201)
		for _, k := range s.world.Keys() {
			assert.Equal(s, []string{"pc"}, devices(k))
		}
	},
	ruleBatchNoHWIDs: func(s *stage) {
		s.post("/keys/batch", `{"provider_id": `+s.provider()+`, "amount": 1, "hwid": "pc", "hwids": ["a", 5]}`).is(201).
			finds(`unknown field "hwids" was ignored: the vendor's name is hwid`)
		assert.Equal(s, []string{"pc"}, devices(s.key(1)))
		s.post("/keys/batch", `{"provider_id": 2001, "count": 5}`).invalid("amount").finds(`unknown field "count" was ignored: the vendor's name is amount`)
	},
	ruleBatchAllOrNone: func(s *stage) {
		p := s.provider()
		s.post("/keys/batch", `{"provider_id": `+p+`, "amount": 101}`).is(400)
		s.post("/keys/batch", `{"provider_id": `+p+`, "amount": 5, "folder_id": 1}`).is(404)
		assert.Empty(s, s.world.Keys())
	},

	ruleBulkAnswer: func(s *stage) {
		k := s.create("")
		r := s.post("/keys/bulk-delete", fmt.Sprintf(`{"keys": [%d]}`, k.ID)).is(200)
		assert.JSONEq(s, `{"deleted": 1, "requested": 1}`, string(r.Body))
		assert.Contains(s, s.Kinds(), "key.deleted 1")
	},
	ruleBulkMixed: func(s *stage) {
		s.create("")
		s.create("")
		kept := s.create("")
		s.post("/keys/bulk-delete", `{"keys": [1, "`+s.key(2).Value+`"]}`).is(200).has("deleted", "2")
		s.get("/keys").found(kept.ID)
	},
	ruleBulkStrict: func(s *stage) {
		s.create("")
		s.world.AddKey(Key{Value: "1"})
		s.post("/keys/bulk-delete", `{"keys": ["1"]}`).is(200).has("deleted", "1").finds()
		s.get("/keys").found(1)
		for _, wrong := range []string{"null", "true", "[1]", "{}", "1.5", "1e99"} {
			s.post("/keys/bulk-delete", `{"keys": [1, `+wrong+`]}`).invalid("keys[1]")
		}
		s.post("/keys/bulk-delete", `{"keys": "1"}`).invalid("keys")
		s.get("/keys").found(1)
	},
	ruleBulkCounts: func(s *stage) {
		s.create("")
		other := s.world.AddAccount().AddKey(Key{})
		body := fmt.Sprintf(`{"keys": [1, "%s", 1, 0, -5, 999, "", "none", %d]}`, s.key(1).Value, other.ID)
		s.post("/keys/bulk-delete", body).is(200).has("requested", "9").has("deleted", "1")
		s.post("/keys/bulk-delete", body).is(200).has("requested", "9").has("deleted", "0")
		_, found := s.world.Key(other.ID)
		require.True(s, found)
		assert.Equal(s, 1, strings.Count(strings.Join(s.Kinds(), " "), EffectKeyDeleted))
	},
	ruleFoldersAnswer: func(s *stage) {
		s.get("/keys/folders").is(200).has("folders", "[]")
		s.world.AddFolder("vip")
		r := s.get("/keys/folders").is(200)
		assert.JSONEq(s, `{"folders": [{"id": 4001, "name": "vip", "created_at": "2026-01-01T00:00:00.000Z"}]}`, string(r.Body))
	},
	ruleFoldersOrder: func(s *stage) {
		for _, name := range []string{"b", "a", "b", "c"} {
			s.world.AddFolder(name)
		}
		r := s.get("/keys/folders")
		for i, id := range []string{"4002", "4001", "4003", "4004"} {
			r.has(fmt.Sprintf("folders.%d.id", i), id)
		}
	},
}
