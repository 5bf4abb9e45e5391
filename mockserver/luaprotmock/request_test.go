package luaprotmock

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

const noLookup = "discordId or key must be given."

// lookups are the four operations that find a key by the query.
func (s *stage) lookups() map[string]func(query string) response {
	return map[string]func(query string) response{
		OpGetKeyInfo: func(query string) response { return s.info(query) },
		OpUpdateKey:  func(query string) response { return s.update(query, `{}`) },
		OpResetHWID:  func(query string) response { return s.reset(query) },
		OpDeleteKey:  func(query string) response { return s.delete(query) },
	}
}

// notFound is what each of them says of a key that is not there.
var notFound = map[string]func(response){
	OpGetKeyInfo: func(r response) { r.refused(400, "Key could not be found.") },
	OpUpdateKey:  func(r response) { r.refused(404, "Key has not been found.") },
	OpResetHWID:  func(r response) { r.refused(400, "No key(s) found.") },
	OpDeleteKey:  func(r response) { r.refused(400, "Key could not be found.") },
}

// bodies are the three operations with an object for a body.
func (s *stage) bodies() map[string]func(fields string) response {
	k := s.world.AddKey(Key{})
	return map[string]func(fields string) response{
		OpAddKey:       func(fields string) response { return s.add("{" + fields + "}") },
		OpGenerateKeys: func(fields string) response { return s.generate(`{"amount": 5, ` + fields + "}") },
		OpUpdateKey:    func(fields string) response { return s.update(by(k), "{"+fields+"}") },
	}
}

// boundary sends right and wrong values of a field with every operation that has
// it.
func (s *stage) boundary(field string, right, wrong []string) {
	s.Helper()
	for op, send := range s.bodies() {
		if field == "discordId" && op == OpGenerateKeys {
			continue
		}
		for _, value := range right {
			send(fmt.Sprintf("%q: %s", field, value)).is(200)
		}
		for _, value := range wrong {
			send(fmt.Sprintf("%q: %s", field, value)).invalid(field)
		}
	}
}

var requestProofs = proofs{
	ruleBodyKinds: func(s *stage) {
		s.add(`[]`).refused(400, "body must be a JSON object.")
		s.generate(`5`).refused(400, "body must be a JSON object.")
		s.update("key=a", `null`).refused(400, "body must be a JSON object.")
		s.bulkDelete(`{"keys": ["a"]}`).refused(400, "body must be an array of strings.")
		s.bulkDelete(`["a"]`).is(200)
	},
	ruleBodyMalformed: func(s *stage) {
		for _, body := range []string{"", " ", "{", `{"a":}`, `{} {}`, `{"a": 01}`, `{"a": NaN}`, "\ufeff{}", "{'a': 1}", "{\"note\": \"\xff\"}", strings.Repeat("[", 100_000)} {
			for _, r := range []response{s.add(body), s.generate(body), s.update("key=a", body), s.bulkDelete(body)} {
				r.refused(400, "body must be a JSON document.")
			}
		}
		assert.Empty(s, s.world.Keys())
	},
	ruleBodyUnknown: func(s *stage) {
		s.add(`{"discord_id": "`+alice+`", "Expire": 1, "expires": 1, "Note": 5, "scripts": 1, "hwid": "pc", "zzz": {"deep": [1]}}`).
			is(200).has("key.discordId", "null").has("key.expire", "null").finds(
			`unknown field "Expire" was ignored: the vendor's name is expire`,
			`unknown field "Note" was ignored: the vendor's name is note`,
			`unknown field "discord_id" was ignored: the vendor's name is discordId`,
			`unknown field "expires" was ignored: the vendor's name is expire`,
			`unknown field "hwid" was ignored`,
			`unknown field "scripts" was ignored: the vendor's name is limitedScripts`,
			`unknown field "zzz" was ignored`,
		)
		s.generate(`{"amount": 5, "discordId": "x"}`).is(200).finds(`unknown field "discordId" was ignored`)
		s.generate(`{"count": 5}`).invalid("amount").finds(`unknown field "count" was ignored: the vendor's name is amount`)
	},
	ruleBodyType: func(s *stage) {
		for field, values := range map[string][]string{
			"discordId": {`123456789012345678`, `true`, `[]`, `{}`},
			"expire":    {`"86400"`, `true`, `[]`, `3600.5`, `1e400`, `99999999999999999999`},
			"note":      {`5`, `true`, `{}`, `[]`},
		} {
			s.boundary(field, nil, values)
		}
		for _, send := range s.bodies() {
			send(`"limitedScripts": "`+s.script.ID+`"`).refused(400, "limitedScripts must be a list.")
			send(`"limitedScripts": [`+s.script.ID+`]`).refused(400, "limitedScripts[0] must be a string.")
			send(`"limitedScripts": ["`+s.script.ID+`", null]`).refused(400, "limitedScripts[1] must be a string.")
		}
		s.update("key=a", `{"blacklisted": 1}`).refused(400, "blacklisted must be true or false.")
		s.update("key=a", `{"blacklisted": "true"}`).invalid("blacklisted")
		s.update("key=a", `{"blacklistReason": 5}`).invalid("blacklistReason")
		s.generate(`{"amount": "5"}`).invalid("amount")
	},
	ruleBodyWhole: func(s *stage) {
		s.add(`{"expire": 86400.0}`).has("key.expire", unix(t0.AddDate(0, 0, 1)))
		s.add(`{"expire": 864e2}`).has("key.expire", unix(t0.AddDate(0, 0, 1)))
		s.add(`{"expire": 3600.5}`).invalid("expire")
		s.generate(`{"amount": 5.0}`).is(200)
	},
	ruleBodyDuplicate: func(s *stage) {
		s.add(`{"note": "a", "note": "b"}`).refused(400, "note is sent more than once.")
		s.generate(`{"amount": 5, "amount": 5}`).invalid("amount")
		s.add(`{"other": 1, "oth\u0065r": 1}`).invalid("other")
		assert.Empty(s, s.world.Keys())
	},
	ruleBodyIgnored: func(s *stage) {
		k := s.world.AddKey(Key{})
		s.call("GET", "/api/v1/keys/fetch", "{").is(200).finds("a body was sent and ignored")
		s.call("GET", "v1/keys/info?"+by(k), "[]").is(200).finds("a body was sent and ignored")
		s.call("PATCH", "v1/hwid/reset?"+by(k), `{}`).is(200).finds("a body was sent and ignored")
		s.call("DELETE", "v1/keys/delete?"+by(k), "not JSON").is(200).finds("a body was sent and ignored")
	},
	ruleQueryUnknown: func(s *stage) {
		k := s.world.AddKey(Key{})
		s.fetch("hubId=1&limit=100&discord_id=x&Key=zzz").found(k).finds(
			`unknown query parameter "Key" was ignored: the vendor's name is key`,
			`unknown query parameter "discord_id" was ignored: the vendor's name is discordId`,
			`unknown query parameter "hubId" was ignored: the vendor's name is hub`,
			`unknown query parameter "limit" was ignored`,
		)
		s.info(by(k) + "&hwid=x").is(200).finds(`unknown query parameter "hwid"`)
		s.reset(by(k) + "&enforceCooldown=true").is(200).finds(`unknown query parameter "enforceCooldown"`)
		s.call("POST", "v2/keys/add?note=a", `{}`).is(200).finds(`unknown query parameter "note"`)
	},
	ruleQueryEmpty: func(s *stage) {
		k := s.world.AddKey(Key{})
		s.fetch("hub=&discordId=&key=&hwid=&blacklisted=&expired=&unassigned=&active=&page=").found(k).finds()
		s.info(by(k) + "&discordId=").is(200)
		s.info("key=&discordId=").refused(400, noLookup)
	},
	ruleQueryRepeated: func(s *stage) {
		k, other := s.world.AddKey(Key{}), s.world.AddKey(Key{})
		s.fetch(by(k) + "&" + by(other)).found(k).finds("key was sent 2 times")
		s.info(by(k)+"&"+by(other)).has("key.key", `"`+k.Value+`"`).finds("key was sent 2 times")
	},
	ruleQueryFlag: func(s *stage) {
		k := s.world.AddKey(Key{Blacklisted: true, ExpiresAt: t0})
		other := s.world.AddKey(Key{HWID: "pc"})
		for _, yes := range []string{"true", "1"} {
			s.fetch("blacklisted=" + yes).found(k)
		}
		for _, no := range []string{"false", "0"} {
			s.fetch("blacklisted=" + no).found(other)
		}
		for _, wrong := range []string{"yes", "True", "TRUE", "2", "null", "%20true"} {
			for _, name := range []string{"blacklisted", "expired", "unassigned", "active"} {
				s.fetch(name + "=" + wrong).invalid(name)
			}
		}
	},
	ruleDiscordForm: func(s *stage) {
		wrong := []string{`""`, quoted("1", 16), quoted("1", 21), `"12345678901234567x"`, `" 12345678901234567"`, quoted("٣", 17)}
		s.boundary("discordId", nil, wrong)
		k := s.world.AddKey(Key{})
		for n := 17; n <= 20; n++ {
			s.add(`{"discordId": ` + quoted("1", n) + `}`).is(200)
			s.update(by(k), `{"discordId": `+quoted("2", n)+`}`).is(200)
		}
	},
	ruleExpireSeconds: func(s *stage) {
		s.add(`{"expire": 86400}`).has("key.expire", "1764835962").has("key.created", "1764749562")
	},
	ruleExpireMin: func(s *stage) {
		for _, send := range []func(string) response{
			func(value string) response { return s.add(`{"expire": ` + value + `}`) },
			func(value string) response { return s.generate(`{"amount": 5, "expire": ` + value + `}`) },
		} {
			for _, wrong := range []string{"-1", "0", "1", "3599"} {
				send(wrong).refused(400, "expire must be at least 3600.")
			}
			send("3600").is(200)
		}
	},
	ruleExpireMax: func(s *stage) {
		s.boundary("expire", []string{"251637551237"}, []string{"251637551238", "9223372036854775807"})
		s.fetch("expired=false").is(200).has("keys.0.expire", "253402300799")
		s.Advance(time.Hour)
		s.boundary("expire", []string{"251637547637"}, []string{"251637547638"})
	},

	ruleLookup: func(s *stage) {
		for op, send := range s.lookups() {
			byKey, byUser := s.world.AddKey(Key{DiscordID: alice}), s.world.AddKey(Key{DiscordID: bob})
			assert.Equal(s, byKey.HubID, s.hub.ID)
			send(by(byKey)).is(200)
			send("discordId=" + bob).is(200)
			if op == OpDeleteKey {
				assert.Empty(s, s.world.Keys())
			} else {
				s.world.RemoveKey(byKey.Value)
				s.world.RemoveKey(byUser.Value)
			}
		}
	},
	ruleLookupRequired: func(s *stage) {
		s.world.AddKey(Key{})
		for _, send := range s.lookups() {
			send("").is(400)
		}
		assert.Len(s, s.world.Keys(), 1)
	},
	ruleLookupMissing: func(s *stage) {
		for _, send := range s.lookups() {
			send("").refused(400, noLookup)
			send("hwid=pc").refused(400, noLookup)
		}
	},
	ruleLookupBoth: func(s *stage) {
		k, other := s.world.AddKey(Key{DiscordID: alice}), s.world.AddKey(Key{DiscordID: bob})
		for op, send := range s.lookups() {
			notFound[op](send(by(k) + "&discordId=" + bob))
			notFound[op](send(by(other) + "&discordId=" + alice))
			notFound[op](send(by(k) + "&discordId=99999999999999999"))
			notFound[op](send("key=none&discordId=" + alice))
		}
		s.info(by(k) + "&discordId=" + alice).is(200)
		s.delete(by(other) + "&discordId=" + bob).is(200)
	},
	ruleLookupExact: func(s *stage) {
		k := s.world.AddKey(Key{Value: "Ab/c d?#%é"})
		s.world.AddKey(Key{DiscordID: alice})
		s.info("key=Ab%2Fc%20d%3F%23%25%C3%A9").has("key.created", unix(k.CreatedAt))
		for op, send := range s.lookups() {
			for _, query := range []string{"key=ab%2Fc%20d%3F%23%25%C3%A9", "key=Ab", "discordId=" + alice[:17], "discordId=0" + alice} {
				notFound[op](send(query))
			}
		}
	},
	ruleLookupHub: func(s *stage) {
		k := s.world.AddKey(Key{DiscordID: alice})
		s.hub = s.world.AddHub("Other Hub")
		for op, send := range s.lookups() {
			notFound[op](send(by(k)))
			notFound[op](send("discordId=" + alice))
		}
		assert.Equal(s, k, s.now(k))
	},
}

// TestFindingsStayFew sends more nonsense than anyone wants to read.
func TestFindingsStayFew(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var body strings.Builder
	for i := range 500 {
		fmt.Fprintf(&body, `"unknown%d": %d, "%s%d": 1, `, i, i, strings.Repeat("y", 200), i)
	}
	r := s.add("{" + body.String() + `"note": "n"}`).is(200)
	require.Len(t, r.Turn.Findings, core.MaxNotes+1)
	assert.Contains(t, r.Turn.Findings[core.MaxNotes], "990 more")
}

// TestFindingsHoldNoValues: what a client sends may be a secret.
func TestFindingsHoldNoValues(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const secret = "s3cr3t"
	for _, r := range []response{
		s.add(`{"keyValue": "` + secret + `"}`),
		s.update("key=a", `{"key": "`+secret+`"}`),
		s.fetch("keyvalue=" + secret + "&key=a&key=" + secret),
		s.call("GET", "/api/v1/keys/fetch", secret),
		s.fetch("", as("Bearer "+secret)),
	} {
		require.NotEmpty(t, r.Turn.Findings)
		for _, f := range append(r.Turn.Findings, fmt.Sprint(r.Turn.Effects)) {
			assert.NotContains(t, f, secret)
		}
	}
}
