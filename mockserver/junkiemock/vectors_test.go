package junkiemock

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The worked vectors: short stories across several rules, each from time t0.

func TestVector01ValidityRunsFromCreation(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create(`"validity_minutes": 60`)
	s.expires(k, "2026-01-01T01:00:00.000Z")
	s.status(k, StatusActive)
	s.Advance(time.Hour)
	s.status(k, StatusExpired)
}

func TestVector02ValidityRunsFromFirstUse(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create(`"validity_minutes": 60, "expiry_on_first_use": true`)
	s.expires(k, "null")
	s.Advance(30 * time.Minute)
	for range 2 {
		s.verify(k, "A", CodeKeyValid)
		s.get(path(k)).has("key.used_at", `"2026-01-01T00:30:00.000Z"`).has("key.expires_at", `"2026-01-01T01:30:00.000Z"`)
		s.Advance(10 * time.Minute)
	}
}

func TestVector03ZeroValidityIsForEver(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create(`"validity_minutes": 0`)
	s.get(path(k)).has("key.validity_minutes", "null").has("key.expires_at", "null")
}

func TestVector04OneTimeKeyIsUsedUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create(`"one_time_use": true`)
	s.verify(k, "A", CodeKeyValid)
	s.verify(k, "A", CodeAlreadyUsed)
	s.post(path(k)+"/reset-hwid", "").is(200)
	s.verify(k, "B", CodeAlreadyUsed)
}

func TestVector05OneDevice(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create(`"hwid_limit": 1`)
	s.verify(k, "A", CodeKeyValid)
	s.Advance(time.Minute)
	s.verify(k, "B", CodeHWIDMismatch)
	s.post(path(k)+"/reset-hwid", "").is(200)
	s.verify(k, "B", CodeKeyValid)
	s.verify(k, "A", CodeHWIDMismatch)
	s.get(path(k)).has("key.used_at", `"2026-01-01T00:00:00.000Z"`)
}

func TestVector06AnyNumberOfDevices(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, limit := range []string{"null", "0"} {
		k := s.create(`"hwid_limit": ` + limit)
		for _, device := range []string{"A", "B", "C"} {
			s.verify(k, device, CodeKeyValid)
		}
		s.get(path(k)).has("key.keys_hwid", `["A","B","C"]`)
	}
	k := s.create(`"no_hwid": true`)
	s.verify(k, "A", CodeKeyValid)
	s.verify(k, "B", CodeKeyValid)
	s.get(path(k)).has("key.hwids", "[]")
}

func TestVector07PreBoundDevices(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create(`"hwid": "X", "hwids": ["Y", "Y", "Z"]`)
	s.get(path(k)).has("key.keys_hwid", `["Y","Z"]`).has("key.used_at", "null").
		has("key.hwids.0.bound_by", `"api"`).has("key.hwids.1.bound_by", `"api"`)
}

func TestVector08KeysHWIDOfAnUpdate(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create(`"hwid": "X"`)
	s.put(path(k), `{"key_name": "new"}`).is(200).has("keys_hwid", "absent")
	s.put(path(k), `{"hwids": []}`).is(200).has("keys_hwid", "[]")
}

func TestVector09InvalidateAndRevive(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create(`"validity_minutes": 60`)
	s.put(path(k), `{"is_invalidated": true}`).is(200)
	s.verify(k, "A", CodeKeyInvalidated)
	s.status(k, StatusInvalidated)
	s.Advance(2 * time.Hour)
	s.verify(k, "A", CodeKeyInvalidated)
	s.status(k, StatusInvalidated)
	s.put(path(k), `{"is_invalidated": false}`).is(200)
	s.status(k, StatusExpired)
}

func TestVector10ChangedExpiry(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create(`"validity_minutes": 60`)
	s.Advance(time.Minute)
	s.put(path(k), `{"validity_minutes": 120}`).is(200)
	s.expires(k, "2026-01-01T02:00:00.000Z")
	s.put(path(k), `{"validity_minutes": 5, "expires_at": "2026-07-01T12:00:00Z"}`).is(200)
	s.expires(k, "2026-07-01T12:00:00.000Z")
	s.put(path(k), `{"expires_at": null}`).is(200)
	s.expires(k, "null")
}

func TestVector11Batch(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.provider()
	r := s.post("/keys/batch", `{"provider_id": `+p+`, "amount": 100}`).is(201).has("count", "100")
	different := map[string]bool{}
	for i := range 100 {
		different[r.Text(fmt.Sprintf("keys.%d", i))] = true
	}
	assert.Len(t, different, 100)
	for _, amount := range []string{"0", "101"} {
		s.post("/keys/batch", `{"provider_id": `+p+`, "amount": `+amount+`}`).invalid("amount")
	}
	assert.Len(t, s.world.Keys(), 100)
}

func TestVector12BulkDelete(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a, b := s.create(""), s.create("")
	body := fmt.Sprintf(`{"keys": [%d, %q, 999999, %d]}`, a.ID, b.Value, a.ID)
	s.post("/keys/bulk-delete", body).is(200).has("requested", "4").has("deleted", "2")
	s.post("/keys/bulk-delete", body).is(200).has("requested", "4").has("deleted", "0")
	s.post("/keys/bulk-delete", `{"keys": []}`).invalid("keys")
	s.post("/keys/bulk-delete", `{"keys": [1`+strings.Repeat(",1", 1000)+`]}`).invalid("keys")
}

func TestVector13Pages(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.get("/keys?limit=50").found().has("pagination.totalPages", "0")
	for range 51 {
		s.create("")
	}
	for page, n := range map[int]int{1: 50, 2: 1, 3: 0} {
		r := s.get(fmt.Sprintf("/keys?limit=50&page=%d", page)).is(200).has("pagination.totalPages", "2")
		assert.Len(t, r.ids(), n)
	}
	s.get("/keys?limit=0").invalid("limit")
	s.get("/keys?limit=101").invalid("limit")
}

func TestVector14DiscordID(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.provider()
	send := func(id string) response {
		return s.post("/keys", fmt.Sprintf(`{"provider_id": %s, "discord_id": %q}`, p, id))
	}
	for _, wrong := range []string{strings.Repeat("1", 16), strings.Repeat("1", 20), strings.Repeat("1", 17) + "x"} {
		send(wrong).invalid("discord_id")
	}
	for _, right := range []string{strings.Repeat("1", 17), strings.Repeat("1", 19)} {
		send(right).is(201).has("key.discord_id", `"`+right+`"`)
	}
	s.put("/keys/1", `{"discord_id": null}`).is(200)
	s.get("/keys/1").has("key.discord_id", "null")
}

func TestVector15StatusesShareOutAllKeys(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for i := range 40 {
		k := s.create(fmt.Sprintf(`"validity_minutes": %d, "expiry_on_first_use": %t`, i%5*30, i%2 == 0))
		if i%3 == 0 {
			s.verify(k, "A", CodeKeyValid)
		}
		if i%7 == 0 {
			s.put(path(k), `{"is_invalidated": true}`).is(200)
		}
	}
	for range 6 {
		total := 0
		for _, status := range []string{StatusActive, StatusUsed, StatusExpired, StatusInvalidated} {
			total += len(s.get("/keys?limit=100&status=" + status).is(200).ids())
		}
		require.Equal(t, 40, total, "at %v", s.Now)
		s.Advance(30 * time.Minute)
	}
}

func TestVector16Folder(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.world.AddFolder("vip")
	k := s.create(`"folder_id": 4001`)
	s.get(path(k)).has("key.folder_id", "4001").has("key.folder_name", `"vip"`)
	s.put(path(k), `{"folder_id": 0}`).invalid("folder_id")
	s.put(path(k), `{"folder_id": 77}`).refused(404, "Folder not found")
	s.get(path(k)).has("key.folder_id", "4001")
	s.put(path(k), `{"folder_id": null}`).is(200)
	s.get(path(k)).has("key.folder_id", "null").has("key.folder_name", "null")
}
