package luaprotmock

import (
	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// discordSheet describes what the vendor knows of a Discord user.
type discordSheet struct {
	DiscordID  string       `json:"discordId"` // that is looked up
	ID         string       `json:"id"`        // in the vendor's record
	Username   string       `json:"username"`
	Avatar     *string      `json:"avatar"`
	GlobalName *string      `json:"globalName"`
	Modified   core.Instant `json:"modified"`
	Created    core.Instant `json:"created"`
}

func (v *vendor) controlledDiscordData() core.Kind[*discordRecord, discordSheet] {
	save := func(t *core.Turn, d discordSheet) (*discordRecord, error) {
		r := d.record()
		err := v.turn(t).saveDiscordData(r)
		return r, err
	}
	return core.Kind[*discordRecord, discordSheet]{
		Name: "discord-data",
		Noun: "record of the Discord user",
		All:  v.state.discord.All,
		Find: v.state.discord.Find,
		Show: func(_ *core.Turn, r *discordRecord) discordSheet { return r.sheet() },
		Create: func(t *core.Turn, d discordSheet) (*discordRecord, error) {
			if v.state.discord.Get(d.DiscordID) != nil {
				return nil, core.Taken("/discordId", "record")
			}
			return save(t, d)
		},
		Change: func(t *core.Turn, _ *discordRecord, d discordSheet) (*discordRecord, error) { return save(t, d) },
		Remove: func(t *core.Turn, r *discordRecord) error {
			v.turn(t).removeDiscordData(r)
			return nil
		},
		Filters: map[string]core.Test[*discordRecord]{
			"username": func(_ *core.Turn, r *discordRecord, want string) bool { return r.Username == want },
		},
		Fixed: []string{"discordId"},
	}
}

func (r *discordRecord) sheet() discordSheet {
	return discordSheet{
		r.DiscordID, r.ID, r.Username, core.OrNil(r.Avatar), core.OrNil(r.GlobalName), core.Instant{Time: r.ModifiedAt}, core.Instant{Time: r.CreatedAt},
	}
}

func (d discordSheet) record() *discordRecord {
	return &discordRecord{d.DiscordID, DiscordData{
		ID:         d.ID,
		Username:   d.Username,
		Avatar:     core.OrZero(d.Avatar),
		GlobalName: core.OrZero(d.GlobalName),
		ModifiedAt: d.Modified.Time,
		CreatedAt:  d.Created.Time,
	}}
}
