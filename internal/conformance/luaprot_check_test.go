package conformance

import (
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// luaprotEndUsers is about what scripts are told of keys.
var luaprotEndUsers = []scenario[*club]{
	{
		name: "check: one after the other",
		proves: "check.order check.script-not-found check.invalid check.blacklisted check.expired check.script-not-allowed check.hwid-mismatch " +
			"check.refused",
		play: func(s *club) {
			// The key fails every check; taking away one cause after another
			// shows the next.
			second := s.LuaProt.AddScript(s.home.ID, "second")
			foreign := s.LuaProt.AddScript(s.LuaProt.AddHub("Other Hub").ID, "foreign")
			value := s.seed(luaprotmock.Key{
				Blacklisted: true, BlacklistReason: "r", ExpiresAt: opening, LimitedScripts: []string{second.ID}, HWID: "old",
			})
			s.assertCheckedBy("1", luaprotmock.CheckScriptNotFound, "none", "pc")
			s.assertCheckedBy("1", luaprotmock.CheckScriptNotFound, value, "pc")
			s.assertCheckedBy(foreign.ID, luaprotmock.CheckInvalid, value, "pc")
			s.assertChecked(luaprotmock.CheckInvalid, "none", "pc")
			assert.Equal(s, "r", s.assertChecked(luaprotmock.CheckBlacklisted, value, "pc").Message)
			_, err := s.hub.Unblacklist(s.Context(), luaprot.ByKey(value))
			require.NoError(s, err)
			s.assertChecked(luaprotmock.CheckExpired, value, "pc")
			s.update(value, luaprot.UpdateKeyParams{ExpiresIn: luaprot.Set(time.Hour)})
			s.assertChecked(luaprotmock.CheckScriptNotAllowed, value, "pc")
			s.update(value, luaprot.UpdateKeyParams{LimitedScripts: luaprot.Set([]string{})})
			s.assertChecked(luaprotmock.CheckHWIDMismatch, value, "pc")
			s.assertChecked(luaprotmock.CheckHWIDMismatch, value, "OLD")
			s.reset(value)
			s.assertChecked(luaprotmock.CheckValid, value, "pc")
		},
	},
	{
		name:   "check: a key of nobody's and of others",
		proves: "check.invalid",
		play: func(s *club) {
			elsewhere := s.in(s.LuaProt.AddHub("Other Hub")).seed(luaprotmock.Key{})
			theirs := s.LuaProt.AddAccount().AddKey(luaprotmock.Key{}).Value
			for _, value := range []string{"none", elsewhere, theirs} {
				s.assertChecked(luaprotmock.CheckInvalid, value, "pc")
			}
		},
	},
	{
		name:   "check: the device of a barred key",
		proves: "check.key-only",
		play: func(s *club) {
			s.seed(luaprotmock.Key{HWID: "pc", Blacklisted: true})
			s.seed(luaprotmock.Key{HWID: "pc", GloballyBlacklisted: true})
			s.assertChecked(luaprotmock.CheckValid, s.add(luaprot.AddKeyParams{}).Value, "pc")
		},
	},
	{
		name:   "check: what a script learns",
		proves: "check.data check.lifetime check.counts",
		play: func(s *club) {
			s.LuaProt.SetDiscordData(alice, luaprotmock.DiscordData{Username: "wompus"})
			value := s.add(luaprot.AddKeyParams{DiscordID: alice, ExpiresIn: 24 * time.Hour, Note: "n"}).Value
			forever := s.add(luaprot.AddKeyParams{}).Value
			assert.Equal(s, &luaprotmock.CheckData{KeyExecutions: 1, ScriptExecutions: 1, Expire: -1, Premium: true},
				s.assertChecked(luaprotmock.CheckValid, forever, "phone").Data)
			s.assertCheckedBy(s.LuaProt.AddScript(s.home.ID, "second").ID, luaprotmock.CheckValid, value, "pc")
			s.at(time.Hour)
			assert.Equal(s, &luaprotmock.CheckData{
				KeyExecutions: 2, ScriptExecutions: 2, Note: "n", Expire: 82800, Premium: true, DiscordID: alice, DiscordUsername: "wompus",
			}, s.assertChecked(luaprotmock.CheckValid, value, "pc").Data)
			key := s.get(value)
			assert.Equal(s, 2, key.ExecutionCount)
			assert.Equal(s, opening.Add(time.Hour), key.LastExecutionAt)
			ad := s.seed(luaprotmock.Key{AdvertiseID: "78078400606734922815"})
			assert.False(s, s.assertChecked(luaprotmock.CheckValid, ad, "pc").Data.Premium)
		},
	},
}
