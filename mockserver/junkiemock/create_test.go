package junkiemock

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var uuid4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

var keyProofs = proofs{
	ruleKeyFields: func(s *stage) {
		s.world.AddProvider("shop")
		service, folder := s.world.AddService("hub"), s.world.AddFolder("vip")
		r := s.post("/keys", `{"provider_id": 2001, "service_id": 3001, "folder_id": 4001, "key_name": "Alice <&>", "validity_minutes": 60,
			"hwids": ["pc", "phone"], "discord_id": "12345678901234567", "is_premium": true, "one_time_use": true,
			"expiry_on_first_use": false, "no_hwid": true, "hwid_limit": 3}`).is(201)
		assert.Equal(s, [2]int64{3001, 4001}, [2]int64{service.ID, folder.ID})
		assert.JSONEq(s, `{"key": {
			"id": 1, "key_value": "`+s.key(1).Value+`", "user_id": 1001, "service_id": 3001, "provider_id": 2001, "folder_id": 4001,
			"expires_at": "2026-01-01T01:00:00.000Z", "used_at": null, "is_premium": true, "is_invalidated": false, "one_time_use": true,
			"expiry_on_first_use": false, "no_hwid": true, "validity_minutes": 60, "key_name": "Alice <&>", "hwid_limit": 3,
			"discord_id": "12345678901234567", "created_at": "2026-01-01T00:00:00.000Z",
			"service_name": "hub", "provider_name": "shop", "folder_name": "vip",
			"hwids": [
				{"hwid": "pc", "executor_user_id": null, "bound_at": "2026-01-01T00:00:00.000Z", "bound_by": "api"},
				{"hwid": "phone", "executor_user_id": null, "bound_at": "2026-01-01T00:00:00.000Z", "bound_by": "api"}],
			"keys_hwid": ["pc", "phone"]}}`, string(r.Body))
		assert.Contains(s, string(r.Body), `"Alice <&>"`, "no escapes for HTML")
		assert.JSONEq(s, r.Raw("key"), s.get("/keys").Raw("keys.0"), "a list shows the same")
	},
	ruleKeyHWIDs: func(s *stage) {
		k := s.create("")
		s.get(path(k)).has("key.hwids", "[]").has("key.keys_hwid", "[]")
		for _, device := range []string{"zeta", "alpha", "mid"} {
			s.verify(k, device, CodeKeyValid)
		}
		s.get(path(k)).has("key.keys_hwid", `["zeta","alpha","mid"]`).has("key.hwids.0.hwid", `"zeta"`).has("key.hwids.2.hwid", `"mid"`)
	},
	ruleKeyNames: func(s *stage) {
		s.create("")
		s.get("/keys/1").has("key.provider_name", `"shop"`).has("key.service_name", "null").has("key.folder_name", "null")
		s.world.AddService("hub")
		s.world.AddFolder("vip")
		s.create(`"service_id": 3001, "folder_id": 4001`)
		s.get("/keys/2").has("key.service_name", `"hub"`).has("key.folder_name", `"vip"`)
	},
	ruleKeyTimes: func(s *stage) {
		s.Now = time.Date(2026, 1, 1, 1, 0, 0, 123_999_999, time.FixedZone("", 3600))
		k := s.create(`"validity_minutes": 1`)
		s.get(path(k)).has("key.created_at", `"2026-01-01T00:00:00.123Z"`).has("key.expires_at", `"2026-01-01T00:01:00.123Z"`)
		assert.Equal(s, t0.Add(123*time.Millisecond), k.CreatedAt)
		s.put(path(k), `{"expires_at": "2026-06-01T02:00:00.9999+02:00"}`).is(200)
		s.get(path(k)).has("key.expires_at", `"2026-06-01T00:00:00.999Z"`)
	},
	ruleKeyID: func(s *stage) {
		assert.Equal(s, int64(1), s.create("").ID)
		assert.Equal(s, int64(2), s.create("").ID)
		s.delete("/keys/2").is(200)
		assert.Equal(s, int64(3), s.create("").ID, "ids are not used again")
		s.world.AddKey(Key{ID: 500})
		assert.Equal(s, int64(501), s.create("").ID)
	},
	ruleKeyValue: func(s *stage) {
		assert.Regexp(s, uuid4, s.create("").Value)
		assert.NotEqual(s, s.key(1).Value, s.create("").Value)
	},
	ruleKeyPrefix: func(s *stage) {
		s.world.AddProvider("shop", KeyPrefix("SHOP"))
		prefix, rest, _ := strings.Cut(s.create("").Value, "-")
		assert.Equal(s, "SHOP", prefix)
		assert.Regexp(s, uuid4, rest)
		s.Refuses("lower-case", func() { s.world.AddProvider("x", KeyPrefix("shop")) })
	},
}

var createProofs = proofs{
	ruleCreateAnswer: func(s *stage) {
		r := s.post("/keys", `{"provider_id": `+s.provider()+`}`).is(201)
		assert.Equal(s, "application/json", r.Header.Get("Content-Type"))
		value := r.Text("key.key_value")
		assert.Equal(s, value, s.get("/keys/1").Text("key.key_value"))
		assert.Equal(s, value, s.get("/keys").Text("keys.0.key_value"))
		assert.Equal(s, []string{"provider.added 2001", "key.created 1"}, s.Kinds())
	},
	ruleCreateDefaults: func(s *stage) {
		nothing := `"service_id": null, "folder_id": null, "key_name": null, "validity_minutes": null, "hwid": null, "discord_id": null, "hwid_limit": null`
		s.create("")
		s.create(nothing)
		s.create(nothing + `, "hwids": [], "is_premium": false, "one_time_use": false, "expiry_on_first_use": false, "no_hwid": false`)
		want := s.get("/keys/1")
		for _, field := range []string{"service_id", "folder_id", "key_name", "validity_minutes", "discord_id", "hwid_limit", "expires_at", "used_at"} {
			want.has("key."+field, "null")
		}
		for _, flag := range []string{"is_premium", "is_invalidated", "one_time_use", "expiry_on_first_use", "no_hwid"} {
			want.has("key."+flag, "false")
		}
		same := func(r response) string {
			var k map[string]any
			require.NoError(s, json.Unmarshal([]byte(r.Raw("key")), &k))
			delete(k, "id")
			delete(k, "key_value")
			text, _ := json.Marshal(k)
			return string(text)
		}
		assert.JSONEq(s, same(want), same(s.get("/keys/2")))
		assert.JSONEq(s, same(want), same(s.get("/keys/3")))
	},
	ruleProviderUnknown: func(s *stage) {
		s.provider()
		s.post("/keys", `{"provider_id": 1, "service_id": 1, "folder_id": 1}`).refused(404, "Provider not found")
		s.post("/keys/batch", `{"provider_id": 3001, "amount": 1}`).refused(404, "Provider not found")
	},
	ruleServiceUnknown: func(s *stage) {
		for _, id := range []string{"0", "-1", "1", "2001"} {
			s.post("/keys", `{"provider_id": `+s.provider()+`, "service_id": `+id+`, "folder_id": 1}`).refused(404, "Service not found")
		}
		s.post("/keys/batch", `{"provider_id": 2001, "amount": 1, "service_id": 1}`).refused(404, "Service not found")
	},
	ruleFolderUnknown: func(s *stage) {
		k := s.create("")
		s.post("/keys", `{"provider_id": 2001, "folder_id": 1}`).refused(404, "Folder not found")
		s.post("/keys/batch", `{"provider_id": 2001, "amount": 1, "folder_id": 1}`).refused(404, "Folder not found")
		s.put(path(k), `{"key_name": "x", "folder_id": 1}`).refused(404, "Folder not found")
		assert.Equal(s, []Key{k}, s.world.Keys())
	},
	ruleCreateHWID: func(s *stage) {
		assert.Equal(s, []string{"pc"}, devices(s.create(`"hwid": "pc"`)))
		assert.Equal(s, []string{"a", "b"}, devices(s.create(`"hwids": ["a", "b"]`)))
	},
	ruleCreateHWIDsWin: func(s *stage) {
		assert.Equal(s, []string{"a", "b"}, devices(s.create(`"hwid": "pc", "hwids": ["a", "b"]`)))
	},
	ruleCreateHWIDsNone: func(s *stage) {
		assert.Empty(s, devices(s.create(`"hwid": "pc", "hwids": []`)))
	},
	ruleCreateBoundBy: func(s *stage) {
		s.create(`"hwid": "pc"`)
		s.get("/keys/1").has("key.used_at", "null").
			has("key.hwids", `[{"hwid":"pc","executor_user_id":null,"bound_at":"2026-01-01T00:00:00.000Z","bound_by":"api"}]`)
	},
	ruleCreateOverLimit: func(s *stage) {
		k := s.create(`"hwids": ["a", "b", "c"], "hwid_limit": 2`)
		assert.Len(s, k.Devices, 3)
		s.verify(k, "d", CodeHWIDMismatch)
		s.verify(k, "c", CodeKeyValid)
	},
	ruleHWIDsDistinct: func(s *stage) {
		assert.Equal(s, []string{"b", "a", "A"}, devices(s.create(`"hwids": ["b", "a", "b", "A", "a"]`)))
	},
	ruleHWIDsEmpty: func(s *stage) {
		assert.Equal(s, []string{"a"}, devices(s.create(`"hwids": ["", "a", ""]`)))
		assert.Empty(s, devices(s.create(`"hwid": ""`)))
		s.put("/keys/1", `{"hwids": [""]}`).is(200).has("keys_hwid", "[]")
	},
	ruleValidityForever: func(s *stage) {
		for _, validity := range []string{"0", "null"} {
			k := s.create(`"validity_minutes": ` + validity)
			s.Advance(100 * 365 * 24 * time.Hour)
			s.verify(k, "pc", CodeKeyValid)
		}
	},
	ruleValidityEcho: func(s *stage) {
		k := s.create(`"validity_minutes": 0, "expiry_on_first_use": true`)
		s.get(path(k)).has("key.validity_minutes", "null").has("key.expires_at", "null")
		s.verify(k, "pc", CodeKeyValid)
		s.get(path(k)).has("key.expires_at", "null")
		s.put(path(k), `{"validity_minutes": 5}`).is(200)
		s.put(path(k), `{"validity_minutes": 0}`).is(200)
		s.get(path(k)).has("key.validity_minutes", "null").has("key.expires_at", "null")
	},
	ruleLimitEcho: func(s *stage) {
		s.get(path(s.create(`"hwid_limit": 0`))).has("key.hwid_limit", "0")
		s.get(path(s.create(`"hwid_limit": null`))).has("key.hwid_limit", "null")
		s.get(path(s.create(""))).has("key.hwid_limit", "null")
		s.put("/keys/3", `{"hwid_limit": 0}`).is(200)
		s.get("/keys/3").has("key.hwid_limit", "0")
		s.put("/keys/3", `{"hwid_limit": null}`).is(200)
		s.get("/keys/3").has("key.hwid_limit", "null")
	},
}

// TestEmptyNameIsNotNull: an empty name is a name.
func TestEmptyNameIsNotNull(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.get(path(s.create(`"key_name": ""`))).has("key.key_name", `""`)
	s.put("/keys/1", `{"key_name": null}`).is(200)
	s.get("/keys/1").has("key.key_name", "null")
	s.put("/keys/1", `{"key_name": ""}`).is(200)
	s.get("/keys/1").has("key.key_name", `""`)
}

// TestSameSeedSameWorld: everything drawn comes from the seed.
func TestSameSeedSameWorld(t *testing.T) {
	t.Parallel()
	story := func(s *stage) string {
		var told strings.Builder
		told.WriteString(s.world.AddAPIKey(ScopeREST) + s.world.AddAccount().APIKey())
		for _, k := range []Key{s.create(`"hwid": "pc"`), s.create(""), s.world.AddKey(Key{})} {
			s.world.Verify(k.Value, "pc")
		}
		told.Write(s.post("/keys/batch", `{"provider_id": 2001, "amount": 5}`).is(201).Body)
		told.Write(s.get("/keys?status=used").is(200).Body)
		return told.String()
	}
	assert.Equal(t, story(newStage(t)), story(newStage(t)))
}

// TestDrawnValueMayBeTaken: a seed may have used what comes next.
func TestDrawnValueMayBeTaken(t *testing.T) {
	t.Parallel()
	next := newStage(t).create("").Value
	s := newStage(t)
	s.world.AddKey(Key{Value: next})
	assert.NotEqual(t, next, s.create("").Value)
	assert.Len(t, s.world.Keys(), 2)
}

// TestCopiesAreCopies: what is read or seeded shares nothing with the world.
func TestCopiesAreCopies(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	seed := Key{Devices: []Device{{HWID: "pc"}}, Redemption: &Redemption{DiscordUserID: "1"}}
	added := s.world.AddKey(seed)
	seed.Devices[0].HWID, seed.Redemption.DiscordUserID = "changed", "changed"
	for _, k := range append(s.world.Keys(), added, s.key(1)) {
		assert.Equal(t, "pc", k.Devices[0].HWID)
		assert.Equal(t, "1", k.Redemption.DiscordUserID)
		k.Devices[0].HWID, k.Redemption.DiscordUserID = "changed", "changed"
	}
	assert.Equal(t, "pc", s.key(1).Devices[0].HWID)
	assert.Equal(t, "1", s.key(1).Redemption.DiscordUserID)

	batch := s.post("/keys/batch", `{"provider_id": `+decimal(added.ProviderID)+`, "amount": 2, "hwid": "shared"}`).is(201)
	first := s.world.state.keys.byValue[batch.Text("keys.0")]
	first.Devices[0].HWID = "changed"
	assert.Equal(t, "shared", s.world.state.keys.byValue[batch.Text("keys.1")].Devices[0].HWID, "keys of a batch share no devices")
}
