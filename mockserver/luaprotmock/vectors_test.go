package luaprotmock

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The worked vectors: short stories across several rules, each from time t0,
// which is 1764749562.

func TestVector01ShapeOfAnAddedKey(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.add(`{"discordId": "`+alice+`", "expire": 86400}`).is(200).has("key.expire", "1764835962").has("key.created", "1764749562").
		has("key.hwid", "absent").has("key.activated", "absent").has("key.hubName", "absent").has("key.advertiseId", "absent")
}

func TestVector02OneKeyForADiscordUser(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.add(`{"discordId": "` + alice + `"}`).is(200)
	s.add(`{"discordId": "`+alice+`"}`).refused(400, taken)
	s.hub = s.world.AddHub("Other Hub")
	s.add(`{"discordId": "` + alice + `"}`).is(200)
}

func TestVector03Expire(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.add(`{"expire": 3599}`).invalid("expire")
	s.add(`{"expire": 3600}`).is(200).has("key.expire", "1764753162")
	s.add(`{}`).is(200).has("key.expire", "null")
}

func TestVector04Generate(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.generate(`{"amount": 4}`).invalid("amount")
	s.generate(`{"amount": 301}`).invalid("amount")
	r := s.generate(`{"amount": 5}`).is(200)
	for i := range 5 {
		assert.Regexp(t, `^"[0-9a-f]{24}"$`, r.Raw(fmt.Sprintf("keys.%d", i)))
	}

	s = newStage(t)
	s.fillUp(4)
	s.generate(`{"amount": 5}`).refused(400, noRoomLeft)
	s.fetch("unassigned=true").has("totalKeys", "296")

	s = newStage(t)
	s.fillUp(5)
	s.generate(`{"amount": 5}`).is(200)
}

func TestVector05LifeOfAGeneratedKey(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.generate(`{"amount": 5}`).is(200)
	k := s.world.Keys()[0]
	assert.Contains(t, s.fetch("unassigned=true").keys(), k.Value)
	s.check(k, "H1", CheckValid)
	s.info(by(k)).has("key.activated", "true").has("key.hwid", `"H1"`).has("key.executionCount", "1").has("key.lastExecution", "1764749562")
	assert.NotContains(t, s.fetch("unassigned=true").keys(), k.Value)
	s.fetch("active=true").found(k)
}

func TestVector06OneDevice(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create("")
	s.check(k, "H1", CheckValid)
	s.check(k, "H2", CheckHWIDMismatch)
	s.info(by(k)).has("key.executionCount", "1").has("key.hwid", `"H1"`)
	s.Advance(time.Minute)
	s.reset(by(k)).is(200).has("succcess", "true").has("resets", `["`+k.Value+`"]`)
	s.info(by(k)).has("key.hwid", "null").has("key.hwidResetCount", "1").has("key.lastHwidReset", unix(s.Now))
	s.check(k, "H2", CheckValid)
}

func TestVector07UpdatedExpiry(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create(`"expire": 86400`)
	s.Advance(5 * time.Minute)
	s.update(by(k), `{"expire": 7200}`).has("key.expire", "1764757062")
	s.Advance(5 * time.Minute)
	s.update(by(k), `{"note": "n"}`).has("key.expire", "1764757062")
	s.update(by(k), `{"expire": null}`).has("key.expire", "null")
}

func TestVector08NotFound(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.info("key=none").refused(400, "Key could not be found.")
	s.delete("key=none").refused(400, "Key could not be found.")
	s.update("key=none", `{}`).refused(404, "Key has not been found.")
	s.reset("key=none").refused(400, "No key(s) found.")
	s.bulkDelete(`["none"]`).ok("Key(s) have been deleted.")
}

func TestVector09NoLookup(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, send := range s.lookups() {
		send("").refused(400, noLookup)
	}
}

func TestVector10GlobalBlacklist(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.world.AddKey(Key{GloballyBlacklisted: true})
	s.update(by(k), `{"blacklisted": false}`).refused(403, global)
	s.info(by(k)).has("key.blacklisted", "true")
	s.update(by(k), `{"note": "n"}`).is(200)
}

func TestVector11Blacklist(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create("")
	s.update(by(k), `{"blacklisted": true, "blacklistReason": "r"}`).has("key.blacklisted", "true").has("key.blacklistReason", `"r"`)
	assert.Equal(t, "r", s.check(k, "pc", CheckBlacklisted).Message)
	s.update(by(k), `{"blacklisted": false}`).has("key.blacklisted", "false").has("key.blacklistReason", "null")
	s.check(k, "pc", CheckValid)
}

func TestVector12Pages(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.fill(26)
	for page, n := range map[int]int{1: 25, 2: 1, 3: 0} {
		r := s.fetch(fmt.Sprintf("page=%d", page)).is(200).has("totalPages", "2").has("totalKeys", "26").has("limitPerPage", "25")
		assert.Len(t, r.keys(), n)
	}
}

func TestVector13StatesShareOutAllKeys(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for i := range 40 {
		k := s.create(fmt.Sprintf(`"expire": %d`, 3600+600*(i%5)))
		if i%3 == 0 {
			s.check(k, fmt.Sprintf("device-%d", i), CheckValid)
		}
		if i%7 == 0 {
			s.update(by(k), `{"blacklisted": true}`).is(200)
		}
	}
	s.fetch("expired=true&active=true").found()
	for range 6 {
		var blacklisted int
		states := map[string]int{}
		for _, k := range s.world.Keys() {
			states[k.Status(s.Now)]++
			if k.Blacklisted {
				blacklisted++
			}
		}
		s.fetch("blacklisted=false").has("totalKeys", fmt.Sprint(40-blacklisted))
		s.fetch("active=true").has("totalKeys", fmt.Sprint(states[StatusActive]))
		require.Equal(t, 40, states[StatusBlacklisted]+states[StatusExpired]+states[StatusUnassigned]+states[StatusActive], "at %v", s.Now)
		total := 0
		for _, query := range []string{"blacklisted=true", "expired=true&blacklisted=false", "unassigned=true&expired=false&blacklisted=false", "active=true"} {
			var n int
			_, err := fmt.Sscan(s.fetch(query).Raw("totalKeys"), &n)
			require.NoError(t, err)
			total += n
		}
		require.Equal(t, 40, total, "at %v", s.Now)
		s.Advance(20 * time.Minute)
	}
}

func TestVector14LimitedScripts(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	second := s.world.AddScript(s.hub.ID, "second")
	k := s.create(`"limitedScripts": ["` + s.script.ID + `"]`)
	s.checkWith(second, k, "pc", CheckScriptNotAllowed)
	s.update(by(k), `{"limitedScripts": []}`).is(200)
	s.checkWith(second, k, "pc", CheckValid)
	foreign := s.world.AddScript(s.world.AddHub("Other Hub").ID, "foreign")
	s.update(by(k), `{"limitedScripts": ["`+foreign.ID+`"]}`).invalid("limitedScripts[0]")
}

func TestVector15RateLimits(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.world.SetRateLimit(DocumentedLimits()...)
	for range 20 {
		s.pass(1)
		s.Advance(499 * time.Millisecond)
	}
	s.full("1") // 20 in 9.98 s: the first leaves after 10
	s.Advance(20 * time.Millisecond)
	s.pass(1)
	s.Advance(10 * time.Second)
	s.pass(20)
	s.Advance(10 * time.Second)
	s.pass(19)
	s.full("30") // the 61st within 60 s
	s.Advance(29*time.Second + 999*time.Millisecond)
	s.full("1")
	s.Advance(time.Second)
	s.pass(1)
}

func TestVector16ShapesOfReadKeys(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create("")
	s.fetch("").has("keys.0.hubName", `"Main Hub"`)
	s.info(by(k)).has("key.hubName", "absent").has("key.hwid", "null").has("key.activated", "false")
}

func TestVector17NoHub(t *testing.T) {
	t.Parallel()
	s := newEmptyStage(t)
	s.hub.ID = "40511091490620200512"
	s.add(`{}`).refused(404, noHub)
	s.bulkDelete(`["a"]`).refused(404, "No hub(s) linked to your account.")
}
