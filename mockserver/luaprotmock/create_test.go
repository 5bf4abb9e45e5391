package luaprotmock

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/assert"
)

const (
	taken      = "Discord ID is already whitelisted to the hub."
	noRoomLeft = "You can only have a maximum of 300 unassigned keys per hub."
)

// fillUp leaves room for so many unassigned keys.
func (s *stage) fillUp(room int) {
	for range maxUnassigned - room {
		s.world.AddKey(Key{HubID: s.hub.ID})
	}
}

var createProofs = proofs{
	ruleAddAnswer: func(s *stage) {
		r := s.add(`{"discordId": "` + alice + `", "expire": 86400, "note": "Customer note", "limitedScripts": ["` + s.script.ID + `"]}`).
			ok("Key has been created successfully.")
		value := r.Text("key.key")
		assert.JSONEq(s, fmt.Sprintf(`{"hubId": %q, "discordId": %q, "key": %q, "expire": 1764835962, "note": "Customer note", "created": 1764749562,
			"hwidResetCount": 0, "lastHwidReset": 0, "executionCount": 0, "lastExecution": 0, "blacklisted": false, "blacklistReason": null,
			"limitedScripts": [%q], "discordData": null}`, s.hub.ID, alice, value, s.script.ID), r.Raw("key"))
		assert.Equal(s, []string{"key.created " + value}, s.Kinds())
		s.info("discordId="+alice).is(200).has("key.key", `"`+value+`"`)
	},
	ruleAddFresh: func(s *stage) {
		k := s.create("")
		assert.Equal(s, Key{Value: k.Value, HubID: s.hub.ID, CreatedAt: t0}, k)
		s.info(by(k)).has("key.hwidResetCount", "0").has("key.executionCount", "0").has("key.blacklisted", "false").has("key.activated", "false")
	},
	ruleAddNobody: func(s *stage) {
		k := s.create("")
		assert.Equal(s, StatusUnassigned, k.Status(s.Now.AddDate(1000, 0, 0)))
		s.fetch("unassigned=true").found(k)
	},
	ruleExpireFromCreation: func(s *stage) {
		s.Advance(90 * time.Second)
		k := s.create(`"expire": 3600`)
		s.generate(`{"amount": 5, "expire": 7200}`).is(200)
		s.Advance(time.Hour)
		assert.Equal(s, t0.Add(90*time.Second+time.Hour), k.ExpiresAt)
		s.check(k, "pc", CheckExpired)
		s.delete(by(k)).is(200)
		for _, generated := range s.world.Keys() {
			want := t0.Add(90*time.Second + 2*time.Hour)
			assert.Equal(s, want, generated.ExpiresAt)
			s.check(generated, "pc", CheckValid)
			assert.Equal(s, want, s.now(generated).ExpiresAt)
		}
	},
	ruleExpireLifetime: func(s *stage) {
		k := s.create("")
		s.Advance(100 * 365 * 24 * time.Hour)
		s.check(k, "pc", CheckValid)
	},
	ruleCreateNull: func(s *stage) {
		k := s.create(`"discordId": null, "expire": null, "note": null, "limitedScripts": null`)
		assert.Equal(s, Key{Value: k.Value, HubID: s.hub.ID, CreatedAt: t0}, k)
		s.info(by(k)).has("key.note", "null").has("key.limitedScripts", "null")
		s.generate(`{"amount": 5, "expire": null, "note": null, "limitedScripts": null}`).is(200)
	},
	ruleScriptsEmpty: func(s *stage) {
		for _, send := range s.bodies() {
			send(`"limitedScripts": []`).is(200)
		}
		s.add(`{"limitedScripts": []}`).has("key.limitedScripts", "null")
		for _, k := range s.world.Keys() {
			s.check(k, "pc", CheckValid)
		}
	},
	ruleScriptsForeign: func(s *stage) {
		other := s.world.AddHub("Other Hub")
		foreign := s.world.AddScript(other.ID, "other")
		for _, send := range s.bodies() {
			send(`"limitedScripts": ["`+foreign.ID+`"]`).refused(400, "limitedScripts[0] is no script of the hub.")
			send(`"limitedScripts": ["`+s.script.ID+`", "nothing"]`).refused(400, "limitedScripts[1] is no script of the hub.")
		}
		assert.Len(s, s.world.Keys(), 1)
	},
	ruleDiscordTaken: func(s *stage) {
		k := s.create(`"discordId": "` + alice + `"`)
		s.add(`{"discordId": "`+alice+`", "expire": 3600}`).refused(400, taken)
		assert.Equal(s, []Key{k}, s.world.Keys())
		s.delete(by(k)).is(200)
		s.create(`"discordId": "` + alice + `"`)
	},
	ruleDiscordPerHub: func(s *stage) {
		s.create(`"discordId": "` + alice + `"`)
		s.hub = s.world.AddHub("Other Hub")
		s.create(`"discordId": "` + alice + `"`)
		s.add(`{"discordId": "`+alice+`"}`).refused(400, taken)
	},
	ruleUnassignedAdd: func(s *stage) {
		s.fillUp(1)
		s.add(`{}`).is(200)
		s.add(`{}`).refused(400, noRoomLeft)
		assert.Len(s, s.world.Keys(), 300)
	},
	ruleAssignedUnlimited: func(s *stage) {
		s.fillUp(0)
		for i := range 10 {
			s.add(fmt.Sprintf(`{"discordId": "%d"}`, 10000000000000000+i)).is(200)
		}
		s.add(`{}`).refused(400, noRoomLeft)
	},

	ruleGenerateAnswer: func(s *stage) {
		r := s.generate(`{"amount": 5}`).ok("Keys have been generated successfully.")
		want := []string{}
		for i := range 5 {
			want = append(want, "key.created "+r.Text(fmt.Sprintf("keys.%d", i)))
		}
		assert.Equal(s, want, s.Kinds())
		assert.Len(s, s.world.Keys(), 5)
	},
	ruleGenerateAmount: func(s *stage) {
		for _, wrong := range []string{"-5", "0", "1", "4"} {
			s.generate(`{"amount": `+wrong+`}`).refused(400, "amount must be at least 5.")
		}
		s.generate(`{"amount": 301}`).refused(400, "amount must be at most 300.")
		s.generate(`{"amount": 5}`).is(200)
		s.hub = s.world.AddHub("Other Hub")
		s.generate(`{"amount": 300}`).is(200)
	},
	ruleGenerateRequired: func(s *stage) {
		s.generate(`{}`).refused(400, "amount is required.")
		s.generate(`{"amount": null}`).refused(400, "amount is required.")
	},
	ruleGenerateSame: func(s *stage) {
		s.generate(`{"amount": 5, "expire": 3600, "note": "Batch", "limitedScripts": ["` + s.script.ID + `"]}`).is(200)
		for _, k := range s.world.Keys() {
			assert.Equal(s, Key{
				Value: k.Value, HubID: s.hub.ID, Note: "Batch", CreatedAt: t0, ExpiresAt: t0.Add(time.Hour), LimitedScripts: []string{s.script.ID},
			}, k)
		}
	},
	ruleGenerateAllOrNone: func(s *stage) {
		s.fillUp(4)
		s.generate(`{"amount": 5}`).refused(400, noRoomLeft)
		s.generate(`{"amount": 5, "expire": 1}`).invalid("expire")
		assert.Len(s, s.world.Keys(), 296)
	},
	ruleUnassignedGenerate: func(s *stage) {
		s.fillUp(5)
		s.world.AddKey(Key{DiscordID: alice})
		s.world.AddKey(Key{HWID: "pc"})
		s.generate(`{"amount": 6}`).refused(400, noRoomLeft)
		s.generate(`{"amount": 5}`).is(200)
		s.generate(`{"amount": 5}`).refused(400, noRoomLeft)
		s.hub = s.world.AddHub("Other Hub") // has a limit of its own
		s.generate(`{"amount": 300}`).is(200)
	},
	ruleUnassignedLater: func(s *stage) {
		k, device := s.world.AddKey(Key{DiscordID: alice}), s.world.AddKey(Key{HWID: "pc"})
		s.fillUp(0)
		s.update(by(k), `{"discordId": null}`).is(200)
		s.reset(by(device)).is(200)
		s.fetch("unassigned=true").has("totalKeys", "302")
		s.add(`{}`).refused(400, noRoomLeft)
	},
}
