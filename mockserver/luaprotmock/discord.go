package luaprotmock

import "time"

// DiscordData is what the vendor has found out about a Discord user. It shows
// with every key of that user.
type DiscordData struct {
	ID         string // empty: the id it was found under; the vendor's own example has another
	Username   string
	Avatar     string // empty: none
	GlobalName string // empty: none
	ModifiedAt time.Time
	CreatedAt  time.Time // of the vendor's record, as ModifiedAt; zero: now
}

// SetDiscordData says what the vendor finds when it looks up a Discord user; a
// second call replaces the first. Without it a key shows null.
func (w *World) SetDiscordData(discordID string, d DiscordData) {
	w.act(ActSetDiscordData, func(t *turn) error {
		return t.saveDiscordData(&discordRecord{discordID, d})
	})
}
