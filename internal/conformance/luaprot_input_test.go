package conformance

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// luaprotInput is about what a request may look like, and how it names a key.
var luaprotInput = []scenario[*club]{
	{
		name:   "body: objects, and one list",
		proves: "body.kinds",
		play: func(s *club) {
			value := s.add(luaprot.AddKeyParams{}).Value
			for _, body := range []string{"[]", "5", "null", `"x"`, "true"} {
				for _, a := range []answer{s.rawAdd(body), s.rawGenerate(body), s.rawUpdate("key="+value, body)} {
					s.assertError(a, 400, "body must be a JSON object.")
				}
			}
			s.assertError(s.rawBulk(`{"keys": ["`+value+`"]}`), 400, "body must be an array of strings.")
			require.NoError(s, s.client.Keys.BulkDelete(s.Context(), []string{value}))
			s.assertExchange(`["`+value+`"]`, `{"success": true, "message": "Key(s) have been deleted."}`)
		},
	},
	{
		name:   "body: not JSON",
		proves: "body.malformed",
		play: func(s *club) {
			for _, body := range []string{"", " ", "{", `{"a":}`, "{}{}", "{} x", "note=n", `{"a": 01}`, `{"a": NaN}`, "\uFEFF{}", "{'a': 1}", `{"note": "` + "\xff" + `"}`, `{"a": 1,}`} {
				for _, a := range []answer{s.rawAdd(body), s.rawGenerate(body), s.rawUpdate("key=a", body), s.rawBulk(body)} {
					s.assertError(a, 400, "body must be a JSON document.")
				}
			}
		},
	},
	{
		name:   "body: unknown fields",
		proves: "body.unknown-field",
		finds: []string{
			`unknown field "discord_id" was ignored: the vendor's name is discordId`,
			`unknown field "Note" was ignored: the vendor's name is note`,
			`unknown field "expires" was ignored: the vendor's name is expire`,
			`unknown field "scripts" was ignored: the vendor's name is limitedScripts`,
			`unknown field "hwid" was ignored`,
			`unknown field "color" was ignored`,
			`unknown field "discordId" was ignored`,
			`unknown field "count" was ignored: the vendor's name is amount`,
		},
		play: func(s *club) {
			s.assertFields(s.rawAdd(`{"discord_id": "`+alice+`", "Note": 5, "expires": 1, "scripts": 1, "hwid": "pc", "color": {"red": [1]}}`),
				map[string]any{"discordId": nil, "note": nil, "expire": nil, "limitedScripts": nil})
			assert.Equal(s, 200, s.rawGenerate(`{"amount": 5, "discordId": "x"}`).Status)
			s.assertInvalid(s.rawGenerate(`{"count": 5}`), "amount")
		},
	},
	{
		name:   "body: types",
		proves: "body.type",
		play: func(s *club) {
			for field, wrong := range map[string][]string{
				"discordId":      {`123456789012345678`, `true`, `[]`, `{}`},
				"expire":         {`"86400"`, `true`, `[]`, `{}`, `1e400`, `99999999999999999999`},
				"note":           {`5`, `true`, `[]`, `{}`},
				"limitedScripts": {`"` + s.script.ID + `"`, `5`, `true`, `{}`},
			} {
				for op, send := range s.bodies() {
					for _, value := range wrong {
						if field == "discordId" && op == "generateKeys" {
							continue // does not know it
						}
						s.assertInvalid(send(fmt.Sprintf("%q: %s", field, value)), field)
					}
				}
			}
			for _, send := range s.bodies() {
				s.assertInvalid(send(`"limitedScripts": [`+s.script.ID+`]`), "limitedScripts[0]")
				s.assertInvalid(send(`"limitedScripts": ["`+s.script.ID+`", null]`), "limitedScripts[1]")
			}
			for _, value := range []string{"1", `"true"`, "[]"} {
				s.assertInvalid(s.rawUpdate("key=a", `{"blacklisted": `+value+`}`), "blacklisted")
			}
			s.assertInvalid(s.rawUpdate("key=a", `{"blacklistReason": 5}`), "blacklistReason")
			s.assertInvalid(s.rawGenerate(`{"amount": "5"}`), "amount")
		},
	},
	{
		name:   "body: whole numbers in any spelling",
		proves: "body.whole-number",
		play: func(s *club) {
			for _, day := range []string{"86400", "86400.0", "864e2", "8.64e4"} {
				s.assertFields(s.rawAdd(`{"expire": `+day+`}`), map[string]any{"expire": 1764835962.0})
			}
			for _, sent := range []string{"3600.5", "36005e-1", "86400.000001"} {
				s.assertInvalid(s.rawAdd(`{"expire": `+sent+`}`), "expire")
			}
			assert.Len(s, s.rawGenerate(`{"amount": 5.0}`).at(s, "keys"), 5)
		},
	},
	{
		name:   "body: a field that is sent twice",
		proves: "body.duplicate-field",
		play: func(s *club) {
			s.assertError(s.rawAdd(`{"note": "a", "note": "b"}`), 400, "note is sent more than once.")
			s.assertInvalid(s.rawGenerate(`{"amount": 5, "amount": 5}`), "amount")
			s.assertInvalid(s.rawUpdate("key=a", `{"blacklisted": true, "blacklisted": true}`), "blacklisted")
			s.assertFields(s.rawAdd(`{"note": "\"note\": 1"}`), map[string]any{"note": `"note": 1`})
		},
	},
	{
		name:   "body: sent where none is read",
		proves: "body.ignored",
		finds:  []string{"a body was sent and ignored: this operation takes none"},
		play: func(s *club) {
			value := s.seed(luaprotmock.Key{HWID: "pc"})
			assert.Equal(s, 200, s.raw("GET", "/api/v1/keys/fetch", `{"page": 7}`).Status)
			assert.Equal(s, 200, s.raw("GET", s.v1("/keys/info?key="+value), "[]").Status)
			assert.Equal(s, 200, s.raw("PATCH", s.v1("/hwid/reset?key="+value), `{"hwid": "phone"}`).Status)
			assert.Empty(s, s.stored(value).HWID)
			assert.Equal(s, 200, s.raw("DELETE", s.v1("/keys/delete?key="+value), "{").Status)
			assert.Empty(s, s.LuaProt.Keys())
		},
	},
	{
		name:   "query: unknown parameters",
		proves: "query.unknown",
		finds: []string{
			`unknown query parameter "hubId" was ignored: the vendor's name is hub`,
			`unknown query parameter "discord_id" was ignored: the vendor's name is discordId`,
			`unknown query parameter "Key" was ignored: the vendor's name is key`,
			`unknown query parameter "limit" was ignored`,
			`unknown query parameter "enforceCooldown" was ignored`,
		},
		play: func(s *club) {
			value := s.seed(luaprotmock.Key{})
			for range 2 {
				s.seed(luaprotmock.Key{})
			}
			assert.Equal(s, 3.0, s.rawFetch("hubId=1&limit=1&discord_id=x&Key=none").at(s, "totalKeys"))
			assert.Equal(s, 200, s.rawReset("key="+value+"&enforceCooldown=true").Status)
		},
	},
	{
		name:   "query: empty parameters",
		proves: "query.empty",
		play: func(s *club) {
			value := s.seed(luaprotmock.Key{})
			a := s.rawFetch("hub=&discordId=&key=&hwid=&blacklisted=&expired=&unassigned=&active&page=")
			assert.Equal(s, 1.0, a.at(s, "totalKeys"))
			assert.Equal(s, 200, s.rawInfo("discordId=&key="+value).Status)
			s.assertError(s.rawInfo("key=&discordId="), 400, noLookup)
			s.list(luaprot.ListKeysParams{})
			assert.Empty(s, s.seen.query(), "the client sends none")
		},
	},
	{
		name:   "query: repeated parameters",
		proves: "query.repeated",
		finds:  []string{"query parameter key was sent 2 times: only the first counts"},
		play: func(s *club) {
			one, two := s.seed(luaprotmock.Key{}), s.seed(luaprotmock.Key{})
			assert.Equal(s, one, s.rawFetch("key="+one+"&key="+two).at(s, "keys.0.key"))
			s.assertFields(s.rawInfo("key="+two+"&key="+one), map[string]any{"key": two})
		},
	},
	{
		name:   "query: flags",
		proves: "query.flag filter.false filter.blacklisted",
		play: func(s *club) {
			barred, free := s.seed(luaprotmock.Key{Blacklisted: true}), s.seed(luaprotmock.Key{})
			for value, found := range map[string]string{"true": barred, "1": barred, "false": free, "0": free} {
				a := s.rawFetch("blacklisted=" + value)
				assert.Equal(s, 1.0, a.at(s, "totalKeys"), value)
				assert.Equal(s, found, a.at(s, "keys.0.key"), value)
			}
			for _, name := range []string{"blacklisted", "expired", "unassigned", "active"} {
				for _, value := range []string{"yes", "True", "TRUE", "2", "null", " true"} {
					s.assertError(s.rawFetch(name+"="+url.QueryEscape(value)), 400, name+" must be true or false.")
				}
			}
			s.assertLocal("Blacklisted", func() error {
				_, err := s.client.Keys.List(s.Context(), luaprot.ListKeysParams{Blacklisted: luaprot.Null[bool]()})
				return err
			})
		},
	},
	{
		name:   "bounds: Discord ids",
		proves: "bound.discord-id",
		play: func(s *club) {
			value := s.seed(luaprotmock.Key{})
			for _, id := range []string{"", strings.Repeat("1", 16), strings.Repeat("1", 21), "12345678901234567x", " 12345678901234567", strings.Repeat("٣", 17)} {
				field := fmt.Sprintf(`{"discordId": %q}`, id)
				s.assertInvalid(s.rawAdd(field), "discordId")
				s.assertInvalid(s.rawUpdate("key="+value, field), "discordId")
				s.assertLocal("DiscordID", func() error {
					_, err := s.hub.Update(s.Context(), luaprot.ByKey(value), luaprot.UpdateKeyParams{DiscordID: luaprot.Set(id)})
					return err
				})
				s.assertLocal("ref", func() error { return s.hub.Delete(s.Context(), luaprot.ByDiscordID(id)) })
			}
			for digits := 17; digits <= 20; digits++ {
				assert.Equal(s, strings.Repeat("1", digits), s.add(luaprot.AddKeyParams{DiscordID: strings.Repeat("1", digits)}).DiscordID)
				s.update(value, luaprot.UpdateKeyParams{DiscordID: luaprot.Set(strings.Repeat("2", digits))})
			}
		},
	},
	{
		name:   "bounds: the year 9999",
		proves: "expire.maximum",
		play: func(s *club) {
			const most = 251637551237 // seconds
			for _, send := range s.bodies() {
				s.assertInvalid(send(fmt.Sprintf(`"expire": %d`, most+1)), "expire")
				s.assertInvalid(send(`"expire": 9223372036854775807`), "expire")
				assert.Equal(s, 200, send(fmt.Sprintf(`"expire": %d`, most)).Status)
			}
			for _, key := range s.list(luaprot.ListKeysParams{}).Keys {
				assert.Equal(s, time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), key.ExpiresAt)
			}
			// The longest that a Duration holds is no problem.
			longest := time.Duration(1<<63 - 1).Truncate(time.Second)
			assert.Equal(s, opening.Add(longest), s.add(luaprot.AddKeyParams{ExpiresIn: longest}).ExpiresAt)
		},
	},
	{
		name:   "lookup: by key or by Discord user",
		proves: "lookup.by read-only",
		play: func(s *club) {
			for _, ref := range []func(*luaprot.Key) luaprot.KeyRef{
				func(*luaprot.Key) luaprot.KeyRef { return luaprot.ByDiscordID(alice) }, (*luaprot.Key).Ref,
			} {
				key := s.add(luaprot.AddKeyParams{DiscordID: alice, ExpiresIn: time.Hour})
				s.seed(luaprotmock.Key{DiscordID: bob})
				s.unchanged(func() {
					got, err := s.hub.Get(s.Context(), ref(key))
					require.NoError(s, err)
					assert.Equal(s, key.Value, got.Value)
					s.list(luaprot.ListKeysParams{Value: key.Value})
				})
				_, err := s.hub.Update(s.Context(), ref(key), luaprot.UpdateKeyParams{Note: luaprot.Set("n")})
				require.NoError(s, err)
				assert.Equal(s, "n", s.stored(key.Value).Note)
				resets, err := s.hub.ResetHWID(s.Context(), ref(key))
				require.NoError(s, err)
				assert.Equal(s, []string{key.Value}, resets)
				require.NoError(s, s.hub.Delete(s.Context(), ref(key)))
				_, found := s.LuaProt.Key(key.Value)
				assert.False(s, found)
				require.NoError(s, s.hub.Delete(s.Context(), luaprot.ByDiscordID(bob)))
			}
		},
	},
	{
		name:   "lookup: by both",
		proves: "lookup.both",
		play: func(s *club) {
			one, two := s.seed(luaprotmock.Key{DiscordID: alice}), s.seed(luaprotmock.Key{DiscordID: bob})
			s.assertNowhere("key=" + one + "&discordId=" + bob)
			s.assertNowhere("key=" + two + "&discordId=" + alice)
			s.assertNowhere("key=" + two + "&discordId=99999999999999999")
			s.assertNowhere("key=none&discordId=" + alice)
			s.assertFields(s.rawInfo("key="+one+"&discordId="+alice), map[string]any{"key": one})
			assert.Equal(s, 200, s.rawDelete("key="+two+"&discordId="+bob).Status)
		},
	},
	{
		name:   "lookup: to the letter",
		proves: "lookup.exact",
		play: func(s *club) {
			for _, value := range []string{"Ab/c d?#%é", "ab", "AB", "a+b&c=d", "%2F", "..", "ключ"} {
				s.seed(luaprotmock.Key{Value: value})
				assert.Equal(s, value, s.get(value).Value)
				s.update(value, luaprot.UpdateKeyParams{Note: luaprot.Set("of " + value)})
				assert.Equal(s, "of "+value, s.stored(value).Note)
				assert.Equal(s, []string{value}, s.reset(value))
			}
			s.seed(luaprotmock.Key{DiscordID: alice})
			for _, query := range []string{"key=aB", "key=a", "key=abc", "key=%20ab", "discordId=" + alice[:17], "discordId=0" + alice} {
				s.assertNowhere(query)
			}
		},
	},
	{
		name:   "lookup: in its own hub",
		proves: "lookup.hub",
		play: func(s *club) {
			value := s.seed(luaprotmock.Key{DiscordID: alice})
			other := s.in(s.LuaProt.AddHub("Other Hub"))
			s.unchanged(func() {
				other.assertNowhere("key=" + value)
				other.assertNowhere("discordId=" + alice)
				_, err := other.hub.Get(s.Context(), luaprot.ByKey(value))
				s.assertRefused(err, 400, notFound, luaprot.ErrNotFound)
			})
			s.get(value)
		},
	},
}
