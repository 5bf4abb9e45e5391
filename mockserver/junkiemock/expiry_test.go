package junkiemock

import (
	"time"

	"github.com/stretchr/testify/assert"
)

// statuses is what the four filters find.
func (s *stage) status(k Key, want string) {
	s.Helper()
	for _, status := range []string{StatusActive, StatusUsed, StatusExpired, StatusInvalidated} {
		ids := s.get("/keys?status=" + status + "&key=" + k.Value).is(200).ids()
		if status == want {
			assert.Equal(s, []int64{k.ID}, ids, status)
		} else {
			assert.Empty(s, ids, status)
		}
	}
	assert.Equal(s, want, s.key(k.ID).Status(s.Now))
}

func (s *stage) expires(k Key, want string) {
	s.Helper()
	if want != "null" {
		want = `"` + want + `"`
	}
	s.get(path(k)).has("key.expires_at", want)
}

var expiryProofs = proofs{
	ruleExpiryCreated: func(s *stage) {
		r := s.post("/keys", `{"provider_id": `+s.provider()+`, "validity_minutes": 90}`).is(201)
		r.has("key.expires_at", `"2026-01-01T01:30:00.000Z"`)
	},
	ruleExpiryPending: func(s *stage) {
		k := s.create(`"validity_minutes": 60, "expiry_on_first_use": true`)
		s.expires(k, "null")
		s.Advance(1000 * time.Hour)
		s.status(k, StatusActive)
	},
	ruleExpiryFirstUse: func(s *stage) {
		k := s.create(`"validity_minutes": 60, "expiry_on_first_use": true, "hwid_limit": 1`)
		s.Advance(30 * time.Minute)
		s.verify(k, "a", CodeKeyValid)
		s.expires(k, "2026-01-01T01:30:00.000Z")
		s.Advance(10 * time.Minute)
		s.verify(k, "b", CodeHWIDMismatch)
		s.verify(k, "a", CodeKeyValid)
		s.expires(k, "2026-01-01T01:30:00.000Z")
		s.put(path(k), `{"expires_at": null}`).is(200)
		s.verify(k, "a", CodeKeyValid) // not the first use
		s.expires(k, "null")
	},
	ruleExpiryKept: func(s *stage) {
		k := s.create(`"validity_minutes": 60, "expiry_on_first_use": true`)
		s.put(path(k), `{"expires_at": "2026-02-01T00:00:00Z"}`).is(200)
		s.verify(k, "a", CodeKeyValid)
		s.expires(k, "2026-02-01T00:00:00.000Z")
	},
	ruleExpiryExplicit: func(s *stage) {
		k := s.create(`"validity_minutes": 60`)
		s.put(path(k), `{"expires_at": "2026-03-01T00:00:00Z", "validity_minutes": 5, "expiry_on_first_use": true}`).is(200)
		s.expires(k, "2026-03-01T00:00:00.000Z")
		s.get(path(k)).has("key.validity_minutes", "5").has("key.expiry_on_first_use", "true")
		s.put(path(k), `{"expires_at": null, "validity_minutes": 7}`).is(200)
		s.expires(k, "null")
	},
	ruleExpiryAnchored: func(s *stage) {
		k := s.create("")
		s.Advance(30 * time.Minute)
		for range 2 { // a repeated update gives the same
			s.put(path(k), `{"validity_minutes": 120}`).is(200)
			s.expires(k, "2026-01-01T02:00:00.000Z")
			s.Advance(time.Minute)
		}
		s.put(path(k), `{"expiry_on_first_use": true}`).is(200)
		s.expires(k, "null") // not used yet
		s.verify(k, "a", CodeKeyValid)
		s.expires(k, "2026-01-01T02:32:00.000Z")
		s.Advance(time.Minute)
		s.put(path(k), `{"validity_minutes": 60}`).is(200)
		s.expires(k, "2026-01-01T01:32:00.000Z")
		s.put(path(k), `{"expiry_on_first_use": false}`).is(200)
		s.expires(k, "2026-01-01T01:00:00.000Z")
		s.put(path(k), `{"key_name": "x", "is_premium": true}`).is(200)
		s.expires(k, "2026-01-01T01:00:00.000Z")
		s.put(path(k), `{"validity_minutes": null}`).is(200)
		s.expires(k, "null")
	},
	ruleExpiryReached: func(s *stage) {
		k := s.create(`"validity_minutes": 60`)
		s.Advance(time.Hour - time.Millisecond)
		s.status(k, StatusActive)
		s.Advance(time.Millisecond)
		s.status(k, StatusExpired)
		s.verify(k, "a", CodeKeyExpired)
		s.Advance(1000 * time.Hour)
		s.get(path(k)).is(200) // nothing is deleted
	},

	ruleStatusOrder: func(s *stage) {
		hour := t0.Add(-time.Hour)
		for i := range 16 {
			k := Key{Invalidated: i&1 != 0}
			if i&2 != 0 {
				k.ExpiresAt = hour
			}
			if i&4 != 0 {
				k.UsedAt = hour
			}
			if i&8 != 0 {
				k.ExpiresAt = k.ExpiresAt.Add(0)
				k.OneTimeUse = true
			}
			want := StatusActive
			switch {
			case i&1 != 0:
				want = StatusInvalidated
			case i&2 != 0:
				want = StatusExpired
			case i&4 != 0:
				want = StatusUsed
			}
			s.status(s.world.AddKey(k), want)
		}
	},
	ruleStatusInvalid: func(s *stage) {
		k := s.world.AddKey(Key{Invalidated: true, ExpiresAt: t0.Add(-time.Hour), UsedAt: t0.Add(-2 * time.Hour)})
		s.world.AddKey(Key{})
		s.get("/keys?status=invalidated").found(k.ID)
	},
	ruleStatusExpired: func(s *stage) {
		k := s.world.AddKey(Key{ExpiresAt: t0, UsedAt: t0.Add(-time.Hour)})
		s.world.AddKey(Key{ExpiresAt: t0.Add(time.Millisecond)})
		s.get("/keys?status=expired").found(k.ID)
	},
	ruleStatusUsed: func(s *stage) {
		k := s.create("")
		s.create("")
		s.verify(k, "a", CodeKeyValid)
		s.get("/keys?status=used").found(k.ID)
		s.verify(k, "a", CodeKeyValid) // used does not mean dead
	},
	ruleStatusActive: func(s *stage) {
		k := s.create(`"validity_minutes": 60, "hwid": "a"`)
		used := s.create("")
		s.verify(used, "a", CodeKeyValid)
		s.get("/keys?status=active").found(k.ID)
	},
	ruleStatusValues: func(s *stage) {
		for _, wrong := range []string{"Active", "revoked", "active,used", "all"} {
			s.get("/keys?status=" + wrong).invalid("status")
		}
		s.get("/keys?status=active").is(200)
	},
	ruleStatusUnchanged: func(s *stage) {
		k, used := s.create(`"validity_minutes": 60`), s.create(`"validity_minutes": 60`)
		s.verify(used, "a", CodeKeyValid)
		s.Advance(time.Hour)
		s.status(k, StatusExpired)
		s.status(used, StatusExpired)
		s.put(path(k), `{"validity_minutes": 120}`).is(200)
		s.put(path(used), `{"expires_at": null}`).is(200)
		s.status(k, StatusActive)
		s.status(used, StatusUsed)
		s.put(path(k), `{"is_invalidated": true}`).is(200)
		s.status(k, StatusInvalidated)
	},
}
