package luaprot

import (
	"time"

	"github.com/keysmith-go/keysmith/internal/luaprotwire"
	"github.com/keysmith-go/keysmith/internal/wire"
)

// From the wire.

func keyFromWire(w *luaprotwire.Key) *Key {
	return &Key{
		Value:           w.Key,
		HubID:           w.HubID,
		HubName:         Opt[string]{w.HubName},
		AdvertiseID:     Opt[string]{w.AdvertiseID},
		DiscordID:       w.DiscordID,
		DiscordData:     discordDataFromWire(w.DiscordData),
		Note:            w.Note,
		CreatedAt:       moment(w.Created),
		ExpiresAt:       moment(w.Expire),
		Activated:       Opt[bool]{w.Activated},
		HWID:            Opt[string]{w.HWID},
		HWIDResetCount:  wire.Whole(w.HWIDResetCount),
		LastHWIDResetAt: moment(w.LastHWIDReset),
		ExecutionCount:  wire.Whole(w.ExecutionCount),
		LastExecutionAt: moment(w.LastExecution),
		Blacklisted:     w.Blacklisted,
		BlacklistReason: w.BlacklistReason,
		LimitedScripts:  w.LimitedScripts,
	}
}

func discordDataFromWire(w *luaprotwire.DiscordData) *DiscordData {
	if w == nil {
		return nil
	}
	return &DiscordData{
		ID:         w.ID,
		Username:   w.Username,
		GlobalName: w.GlobalName,
		Avatar:     w.Avatar,
		CreatedAt:  moment(w.Created),
		ModifiedAt: moment(w.Modified),
	}
}

func pageFromWire(w *luaprotwire.FetchKeysResponse) *KeyPage {
	page := &KeyPage{
		Keys:       make([]*Key, len(w.Keys)),
		Limit:      wire.Int(w.LimitPerPage),
		Total:      wire.Int(w.TotalKeys),
		TotalPages: wire.Int(w.TotalPages),
	}
	for i := range w.Keys {
		page.Keys[i] = keyFromWire(&w.Keys[i])
	}
	return page
}

// To the wire. Arguments have been checked before.

func (p *ListKeysParams) toWire() luaprotwire.FetchKeysParams {
	return luaprotwire.FetchKeysParams{
		Hub:         wire.Present(p.HubID),
		DiscordID:   wire.Present(p.DiscordID),
		Key:         wire.Present(p.Value),
		HWID:        wire.Present(p.HWID),
		Blacklisted: p.Blacklisted.field.Pointer(),
		Expired:     p.Expired.field.Pointer(),
		Unassigned:  p.Unassigned.field.Pointer(),
		Active:      p.Active.field.Pointer(),
		Page:        wire.Present(int64(p.Page)),
	}
}

func (p *AddKeyParams) toWire() luaprotwire.AddKeyRequest {
	return luaprotwire.AddKeyRequest{
		DiscordID:      wire.Present(p.DiscordID),
		Expire:         wire.Present(seconds(p.ExpiresIn)),
		Note:           wire.Present(p.Note),
		LimitedScripts: unlessEmpty(p.LimitedScripts),
	}
}

func (p *GenerateKeysParams) toWire() luaprotwire.GenerateKeysRequest {
	return luaprotwire.GenerateKeysRequest{
		Amount:         int64(p.Amount),
		Expire:         wire.Present(seconds(p.ExpiresIn)),
		Note:           wire.Present(p.Note),
		LimitedScripts: unlessEmpty(p.LimitedScripts),
	}
}

func (p *UpdateKeyParams) toWire() luaprotwire.UpdateKeyRequest {
	w := luaprotwire.UpdateKeyRequest{
		DiscordID:       p.DiscordID.field,
		Expire:          wire.Map(p.ExpiresIn.field, seconds),
		Note:            p.Note.field,
		Blacklisted:     p.Blacklisted.field.Pointer(),
		BlacklistReason: p.BlacklistReason.field,
	}
	if scripts, ok := p.LimitedScripts.Get(); ok {
		w.LimitedScripts = append([]string{}, scripts...) // never nil, which would not be sent
	}
	return w
}

// Fields.

// moment reads seconds since 1970. The vendor writes 0 or null for what never
// happened or never will; other programs have met negative numbers. The end of
// the year 9999 is the last moment that a time can be encoded with.
func moment(seconds int64) time.Time {
	const last = 253_402_300_799
	if n := min(seconds, last); n > 0 {
		return time.Unix(n, 0).UTC()
	}
	return time.Time{}
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// unlessEmpty is nil, which is not sent, for an empty list.
func unlessEmpty(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}
