package luaprotmock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// keyJSON is a key on the wire. Some fields are there on some routes only, and
// there null means something else than absent: hence the pointers to pointers.
type keyJSON struct {
	HubID           string       `json:"hubId"`
	HubName         *string      `json:"hubName,omitempty"`
	AdvertiseID     **string     `json:"advertiseId,omitempty"`
	DiscordID       *string      `json:"discordId"`
	Value           string       `json:"key"`
	Expire          *int64       `json:"expire"`
	Note            *string      `json:"note"`
	Created         int64        `json:"created"`
	Activated       *bool        `json:"activated,omitempty"`
	HWID            **string     `json:"hwid,omitempty"`
	HWIDResetCount  int64        `json:"hwidResetCount"`
	LastHWIDReset   int64        `json:"lastHwidReset"`
	ExecutionCount  int64        `json:"executionCount"`
	LastExecution   int64        `json:"lastExecution"`
	Blacklisted     bool         `json:"blacklisted"`
	BlacklistReason *string      `json:"blacklistReason"`
	LimitedScripts  []string     `json:"limitedScripts"`
	DiscordData     *discordJSON `json:"discordData"`
}

type discordJSON struct {
	ID         string  `json:"id"`
	Username   string  `json:"username"`
	Avatar     *string `json:"avatar"`
	GlobalName *string `json:"global_name"`
	Modified   int64   `json:"modified"`
	Created    int64   `json:"created"`
}

// encodeShort shows a key as add and update do.
func (t *turn) encodeShort(k *record) keyJSON {
	t.Decided(ruleShapeShort)
	return t.encode(k)
}

// encodeInfo shows a key as info does.
func (t *turn) encodeInfo(k *record) keyJSON {
	t.Decided(ruleShapeInfo)
	return t.encodeLong(k)
}

// encodeFetched shows keys as fetch does.
func (t *turn) encodeFetched(keys []*record) []keyJSON {
	t.Decided(ruleShapeFetch)
	list := make([]keyJSON, len(keys))
	for i, k := range keys {
		list[i] = t.encodeLong(k)
		list[i].HubName = &t.state.hubs.Get(k.HubID).Name
	}
	return list
}

func (t *turn) encodeLong(k *record) keyJSON {
	t.Decided(ruleKeyAdvertise)
	shown := t.encode(k)
	advertisement, device := core.Nullable(k.AdvertiseID, k.AdvertiseID != ""), core.Nullable(k.HWID, k.HWID != "")
	shown.AdvertiseID, shown.Activated, shown.HWID = &advertisement, &k.Activated, &device
	return shown
}

// encode shows what every route shows.
func (t *turn) encode(k *record) keyJSON {
	t.Decided(ruleKeyTimes, ruleKeySeconds, ruleKeyNulls, ruleKeyNever, ruleKeyReason, ruleKeyScripts, ruleKeyIDs)
	shown := keyJSON{
		HubID:           k.HubID,
		DiscordID:       core.Nullable(k.DiscordID, k.DiscordID != ""),
		Value:           k.Value,
		Note:            core.Nullable(k.Note, k.Noted),
		Created:         k.CreatedAt.Unix(),
		HWIDResetCount:  k.HWIDResets,
		LastHWIDReset:   unixOrZero(k.LastHWIDResetAt),
		ExecutionCount:  k.Executions,
		LastExecution:   unixOrZero(k.LastExecutionAt),
		Blacklisted:     k.Blacklisted,
		BlacklistReason: core.Nullable(k.BlacklistReason, k.Reasoned),
		LimitedScripts:  k.LimitedScripts,
		DiscordData:     t.encodeDiscord(k.DiscordID),
	}
	if k.ExpiresAt.IsZero() {
		t.Decided(ruleKeyLifetime)
	} else {
		shown.Expire = core.Nullable(k.ExpiresAt.Unix(), true)
	}
	return shown
}

func (t *turn) encodeDiscord(discordID string) *discordJSON {
	d := t.state.discord.Get(discordID)
	if d == nil {
		t.Decided(ruleDiscordNone)
		return nil
	}
	t.Decided(ruleDiscordData, ruleDiscordOwn, ruleDiscordNulls, ruleDiscordTimes)
	return &discordJSON{
		ID:         d.ID,
		Username:   d.Username,
		Avatar:     core.Nullable(d.Avatar, d.Avatar != ""),
		GlobalName: core.Nullable(d.GlobalName, d.GlobalName != ""),
		Modified:   d.ModifiedAt.Unix(),
		Created:    d.CreatedAt.Unix(),
	}
}
