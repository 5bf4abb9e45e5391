package luaprotmock

import (
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
)

var oneKeyProofs = proofs{
	ruleNotFoundInfo:   func(s *stage) { s.info("key=none").refused(400, "Key could not be found.") },
	ruleNotFoundDelete: func(s *stage) { s.delete("discordId="+alice).refused(400, "Key could not be found.") },
	ruleNotFoundUpdate: func(s *stage) { s.update("key=none", `{}`).refused(404, "Key has not been found.") },
	ruleNotFoundReset:  func(s *stage) { s.reset("discordId="+alice).refused(400, "No key(s) found.") },

	ruleInfoAnswer: func(s *stage) {
		k := s.fullKey()
		for _, query := range []string{by(k), "discordId=" + alice} {
			r := s.info(query).ok("Successfully fetched key info.")
			want := strings.Replace(s.fullJSON(), `"hubName": "Main Hub", `, "", 1)
			assert.JSONEq(s, want, r.Raw("key"))
		}
	},
	ruleReadOnly: func(s *stage) {
		k := s.create(`"expire": 3600`)
		s.Effects = nil
		s.Advance(2 * time.Hour)
		s.info(by(k)).is(200)
		s.fetch(by(k)).is(200)
		assert.Equal(s, k, s.now(k))
		assert.Empty(s, s.Effects)
	},

	ruleDeleteAnswer: func(s *stage) {
		k := s.create("")
		r := s.delete(by(k)).is(200)
		assert.JSONEq(s, `{"success": true, "message": "Key has been deleted."}`, string(r.Body))
		assert.Contains(s, s.Kinds(), "key.deleted "+k.Value)
	},
	ruleDeleteGone: func(s *stage) {
		k, kept := s.create(`"discordId": "`+alice+`"`), s.create("")
		s.delete("discordId=" + alice).is(200)
		for op, send := range s.lookups() {
			notFound[op](send(by(k)))
			notFound[op](send("discordId=" + alice))
		}
		s.fetch("").found(kept)
		s.check(k, "pc", CheckInvalid)
		s.create(`"discordId": "` + alice + `"`)
	},

	ruleResetAnswer: func(s *stage) {
		k := s.world.AddKey(Key{HWID: "pc"})
		r := s.reset(by(k)).is(200)
		assert.JSONEq(s, `{"succcess": true, "message": "HWID(s) have been reset successfully.", "resets": ["`+k.Value+`"]}`, string(r.Body))
		assert.Empty(s, s.now(k).HWID)
		assert.Contains(s, s.Kinds(), "key.hwid-reset "+k.Value)
	},
	ruleResetSpelling: func(s *stage) {
		s.reset(by(s.create(""))).is(200).has("succcess", "true").has("success", "absent")
	},
	ruleResetList: func(s *stage) {
		k := s.create(`"discordId": "` + alice + `"`)
		s.create("")
		s.reset("discordId="+alice).has("resets", `["`+k.Value+`"]`)
	},
	ruleResetCounts: func(s *stage) {
		k := s.create(`"expire": 3600, "note": "n"`)
		s.check(k, "pc", CheckValid)
		want := s.now(k)
		for n := range 2 { // the second finds no device
			s.Advance(time.Minute)
			s.reset(by(k)).is(200)
			want.HWID, want.HWIDResets, want.LastHWIDResetAt = "", int64(n+1), s.Now
			assert.Equal(s, want, s.now(k))
		}
		s.info(by(k)).has("key.hwidResetCount", "2").has("key.lastHwidReset", unix(s.Now)).has("key.activated", "true")
		s.check(k, "phone", CheckValid)
	},
	ruleResetGap: func(s *stage) {
		s.hub = s.world.AddHub("Slow Hub", ResetGap(time.Hour))
		k := s.world.AddKey(Key{HubID: s.hub.ID, HWID: "pc", LastHWIDResetAt: t0})
		s.reset(by(k)).is(200)
		s.reset(by(k)).is(200)
		assert.Equal(s, int64(2), s.now(k).HWIDResets)
	},
}

var bulkProofs = proofs{
	ruleBulkAnswer: func(s *stage) {
		k := s.create("")
		r := s.bulkDelete(`["` + k.Value + `"]`).is(200)
		assert.JSONEq(s, `{"success": true, "message": "Key(s) have been deleted."}`, string(r.Body))
		assert.Contains(s, s.Kinds(), "key.deleted "+k.Value)
	},
	ruleBulkNoHubs: func(s *stage) {
		nobody := as(s.world.AddAccount().APIKey())
		s.bulkDelete(`["a"]`, nobody).refused(404, "No hub(s) linked to your account.")
		s.bulkDelete(`not JSON`, nobody).refused(404, "No hub(s) linked to your account.")
		s.bulkDelete(`["a"]`).is(200)
	},
	ruleBulkHubs: func(s *stage) {
		other := s.world.AddHub("Other Hub")
		a, b, kept := s.create(""), s.world.AddKey(Key{HubID: other.ID}), s.create("")
		s.bulkDelete(fmt.Sprintf("[%q, %q]", a.Value, b.Value)).is(200)
		s.fetch("").found(kept)
	},
	ruleBulkSkips: func(s *stage) {
		k, theirs := s.create(`"discordId": "`+alice+`"`), s.world.AddAccount().AddKey(Key{})
		body := fmt.Sprintf(`[%q, "none", "", %q, %q]`, k.Value, theirs.Value, k.Value)
		for range 2 {
			s.bulkDelete(body).ok("Key(s) have been deleted.")
		}
		assert.Empty(s, s.world.Keys())
		assert.Equal(s, theirs, s.now(theirs))
		assert.Equal(s, 1, strings.Count(strings.Join(s.Kinds(), " "), EffectKeyDeleted))
		s.create(`"discordId": "` + alice + `"`) // who is free again
	},
	ruleBulkForm: func(s *stage) {
		k := s.create("")
		s.bulkDelete(`[]`).refused(400, "body must have at least 1 item.")
		for _, wrong := range []string{`null`, `"a"`, `5`, `{"a": "b"}`} {
			s.bulkDelete(wrong).refused(400, "body must be an array of strings.")
		}
		for _, wrong := range []string{"null", "1", "true", `["a"]`, "{}"} {
			s.bulkDelete(`["`+k.Value+`", `+wrong+`]`).refused(400, "body[1] must be a string.")
		}
		s.fetch("").found(k)
	},
	ruleBulkMost: func(s *stage) {
		many := func(n int) string { return "[" + strings.Repeat(`"a",`, n-1) + `"a"]` }
		s.bulkDelete(many(1000)).is(200)
		s.bulkDelete(many(1001)).refused(400, "body must have at most 1000 items, has 1001.")
	},
}
