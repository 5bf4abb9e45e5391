package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// fullKey is a key that has a value of everything, for the club's hub.
func (s *club) fullKey() luaprotmock.Key {
	s.LuaProt.SetDiscordData(alice, luaprotmock.DiscordData{
		ID: "12345678909876543", Username: "wompus", Avatar: "a1b2", GlobalName: "Wompus <&> ключ",
		ModifiedAt: time.Unix(1759761781, 0), CreatedAt: time.Unix(1759761780, 0),
	})
	return luaprotmock.Key{
		Value: "73978994376e1f3e307914c4", AdvertiseID: "78078400606734922815", DiscordID: alice, Note: "order <0001> & \"more\" ключ",
		ExpiresAt: opening.Add(24 * time.Hour), Activated: true, HWID: "589401805431295092384985734", HWIDResets: 2,
		LastHWIDResetAt: opening.Add(-time.Hour), Executions: 3, LastExecutionAt: opening.Add(-time.Minute),
		Blacklisted: true, BlacklistReason: "why not?", LimitedScripts: []string{s.script.ID},
	}
}

// shortJSON is the same key as adding and updating show it, save for the braces.
func (s *club) shortJSON() string {
	return fmt.Sprintf(`"hubId": %q, "discordId": "123456789012345678", "key": "73978994376e1f3e307914c4", "expire": 1764835962,
		"note": "order <0001> & \"more\" ключ", "created": 1764749562, "hwidResetCount": 2, "lastHwidReset": 1764745962,
		"executionCount": 3, "lastExecution": 1764749502, "blacklisted": true, "blacklistReason": "why not?", "limitedScripts": [%q],
		"discordData": {"id": "12345678909876543", "username": "wompus", "avatar": "a1b2", "global_name": "Wompus <&> ключ",
			"modified": 1759761781, "created": 1759761780}`, s.home.ID, s.script.ID)
}

// What reading adds to it.
const readJSON = `, "advertiseId": "78078400606734922815", "activated": true, "hwid": "589401805431295092384985734"`

// shownKey is the same key as the client shows it after an update.
func (s *club) shownKey() *luaprot.Key {
	return &luaprot.Key{
		Value: "73978994376e1f3e307914c4", HubID: s.home.ID, DiscordID: alice, Note: "order <0001> & \"more\" ключ",
		DiscordData: &luaprot.DiscordData{
			ID: "12345678909876543", Username: "wompus", GlobalName: "Wompus <&> ключ", Avatar: "a1b2",
			CreatedAt: time.Unix(1759761780, 0).UTC(), ModifiedAt: time.Unix(1759761781, 0).UTC(),
		},
		CreatedAt: opening, ExpiresAt: opening.Add(24 * time.Hour), HWIDResetCount: 2, LastHWIDResetAt: opening.Add(-time.Hour),
		ExecutionCount: 3, LastExecutionAt: opening.Add(-time.Minute), Blacklisted: true, BlacklistReason: "why not?",
		LimitedScripts: []string{s.script.ID},
	}
}

// luaprotShapes compares whole exchanges with raw JSON, and what the client
// makes of them.
var luaprotShapes = []scenario[*club]{
	{
		name:   "shape: a key with everything",
		proves: "shape.fetch shape.info shape.short discord-data.fields update.answer info.answer fetch.answer",
		play: func(s *club) {
			value, want := s.seed(s.fullKey()), s.shownKey()
			assert.Equal(s, want, s.update(value, luaprot.UpdateKeyParams{}))
			s.assertExchange(`{}`, `{"success": true, "message": "Key has been updated successfully.", "key": {`+s.shortJSON()+`}}`)
			s.assertPopulated()

			want.AdvertiseID, want.Activated, want.HWID = luaprot.Set("78078400606734922815"), luaprot.Set(true), luaprot.Set("589401805431295092384985734")
			assert.Equal(s, want, s.get(value))
			s.assertExchange("", `{"success": true, "message": "Successfully fetched key info.", "key": {`+s.shortJSON()+readJSON+`}}`)
			s.assertPopulated()

			want.HubName = luaprot.Set("Main Hub")
			assert.Equal(s, &luaprot.KeyPage{Keys: []*luaprot.Key{want}, Limit: 25, Total: 1, TotalPages: 1}, s.list(luaprot.ListKeysParams{}))
			s.assertExchange("", `{"success": true, "message": "Successfully fetched keys.", "limitPerPage": 25, "totalPages": 1, "totalKeys": 1,
				"keys": [{`+s.shortJSON()+readJSON+`, "hubName": "Main Hub"}]}`)
			s.assertPopulated()
		},
	},
	{
		name:   "shape: a key that is created and changed",
		proves: "add.answer update.answer",
		play: func(s *club) {
			value := s.add(luaprot.AddKeyParams{DiscordID: alice, ExpiresIn: time.Hour, Note: "n <&>", LimitedScripts: []string{s.script.ID}}).Value
			assert.JSONEq(s, `{"discordId": "`+alice+`", "expire": 3600, "note": "n <&>", "limitedScripts": ["`+s.script.ID+`"]}`, s.seen.request())
			s.update(value, luaprot.UpdateKeyParams{
				DiscordID: luaprot.Set(bob), ExpiresIn: luaprot.Set(2 * time.Hour), Note: luaprot.Set("m"), Blacklisted: luaprot.Set(true),
				BlacklistReason: luaprot.Set("r"), LimitedScripts: luaprot.Set([]string{s.script.ID}),
			})
			s.assertExchange(`{"discordId": "`+bob+`", "expire": 7200, "note": "m", "blacklisted": true, "blacklistReason": "r",
				"limitedScripts": ["`+s.script.ID+`"]}`, fmt.Sprintf(`{"success": true, "message": "Key has been updated successfully.", "key": {
				"hubId": %q, "discordId": %q, "key": %q, "expire": 1764756762, "note": "m", "created": 1764749562,
				"hwidResetCount": 0, "lastHwidReset": 0, "executionCount": 0, "lastExecution": 0, "blacklisted": true,
				"blacklistReason": "r", "limitedScripts": [%q], "discordData": null}}`, s.home.ID, bob, value, s.script.ID))
		},
	},
	{
		name:   "shape: every filter",
		proves: "filter.and",
		play: func(s *club) {
			yes, no := luaprot.Set(true), luaprot.Set(false)
			s.list(luaprot.ListKeysParams{
				Page: 2, HubID: "1", DiscordID: alice, Value: "a b&c", HWID: "d=é", Blacklisted: yes, Expired: no, Unassigned: yes, Active: no,
			})
			assert.Equal(s, map[string][]string{
				"page": {"2"}, "hub": {"1"}, "discordId": {alice}, "key": {"a b&c"}, "hwid": {"d=é"},
				"blacklisted": {"true"}, "expired": {"false"}, "unassigned": {"true"}, "active": {"false"},
			}, map[string][]string(s.seen.query()))
		},
	},
	{
		name: "shape: the document's requests",
		play: playLuaProtDocumentRequests,
	},
}

// playLuaProtDocumentRequests sends the document's examples of requests to the
// mock, with ids that exist there.
func playLuaProtDocumentRequests(s *club) {
	contract := loadContract(s.T, "luaprot")
	value := s.seed(luaprotmock.Key{})
	left := map[string]bool{"addKey": true, "generateKeys": true, "updateKey": true, "deleteKeys": true}
	all := samples(s.T, contract.doc)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		x := all[name]
		op, status, _ := strings.Cut(name, " ")
		if status >= "300" || len(x.sent) == 0 {
			continue
		}
		path := strings.NewReplacer("90000000000000000001", s.home.ID).Replace(x.req.URL.Path)
		if op == "updateKey" {
			path += "?key=" + value
		}
		sent := strings.ReplaceAll(string(x.sent), "90000000000000000101", s.script.ID)
		require.True(s, json.Valid([]byte(sent)))
		a := s.raw(x.req.Method, path, sent)
		assert.Equal(s, 200, a.Status, "%s %s", op, a.Body)
		delete(left, op)
	}
	assert.Empty(s, left, "operations without an example")
}
