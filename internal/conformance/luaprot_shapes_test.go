package conformance

import (
	"time"

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
