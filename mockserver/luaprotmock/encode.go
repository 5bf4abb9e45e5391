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

// look is everything that a key on the wire is made of.
type look struct {
	key     *record
	form    form
	hub     string        // name; where keys are fetched
	discord discordRecord // of the key's user, if the vendor knows any
}

// form is how much of a key is shown.
type form int

const (
	short   form = iota // as add and update do
	long                // all that info answers
	fetched             // as fetch does
)

// encodeShort shows a key as add and update do.
func (t *turn) encodeShort(k *record) keyJSON {
	t.Decided(ruleShapeShort)
	return t.lookOf(k, short).encode()
}

// lookOf also notes what decides how a key looks.
func (t *turn) lookOf(k *record, as form) look {
	if as != short {
		t.Decided(ruleKeyAdvertise)
	}
	t.Decided(ruleKeyTimes, ruleKeySeconds, ruleKeyNulls, ruleKeyNever, ruleKeyReason, ruleKeyScripts, ruleKeyIDs)
	l := look{key: k, form: as}
	if as == fetched {
		l.hub = t.state.hubs.Get(k.HubID).Name
	}
	if d := t.state.discord.Get(k.DiscordID); d != nil {
		t.Decided(ruleDiscordData, ruleDiscordOwn, ruleDiscordNulls, ruleDiscordTimes)
		l.discord = *d
	} else {
		t.Decided(ruleDiscordNone)
	}
	if k.ExpiresAt.IsZero() {
		t.Decided(ruleKeyLifetime)
	}
	return l
}

// write writes a key in a list, or all that info answers.
func (l look) write() []byte {
	if l.form == fetched {
		return core.Encode(l.encode())
	}
	return core.Encode(struct {
		envelope
		Key keyJSON `json:"key"`
	}{envelope{true, "Successfully fetched key info."}, l.encode()})
}

func (l look) encode() keyJSON {
	k := l.key
	shown := keyJSON{
		HubID:           k.HubID,
		DiscordID:       core.Nullable(k.DiscordID, k.DiscordID != ""),
		Value:           k.Value,
		Expire:          core.Nullable(k.ExpiresAt.Unix(), !k.ExpiresAt.IsZero()),
		Note:            core.Nullable(k.Note, k.Noted),
		Created:         k.CreatedAt.Unix(),
		HWIDResetCount:  k.HWIDResets,
		LastHWIDReset:   unixOrZero(k.LastHWIDResetAt),
		ExecutionCount:  k.Executions,
		LastExecution:   unixOrZero(k.LastExecutionAt),
		Blacklisted:     k.Blacklisted,
		BlacklistReason: core.Nullable(k.BlacklistReason, k.Reasoned),
		LimitedScripts:  k.LimitedScripts,
		DiscordData:     l.encodeDiscord(),
	}
	if l.form == fetched {
		shown.HubName = &l.hub
	}
	if l.form != short {
		advertisement, device := core.Nullable(k.AdvertiseID, k.AdvertiseID != ""), core.Nullable(k.HWID, k.HWID != "")
		shown.AdvertiseID, shown.Activated, shown.HWID = &advertisement, &k.Activated, &device
	}
	return shown
}

func (l look) encodeDiscord() *discordJSON {
	d := l.discord
	if d == (discordRecord{}) {
		return nil
	}
	return &discordJSON{
		ID:         d.ID,
		Username:   d.Username,
		Avatar:     core.Nullable(d.Avatar, d.Avatar != ""),
		GlobalName: core.Nullable(d.GlobalName, d.GlobalName != ""),
		Modified:   d.ModifiedAt.Unix(),
		Created:    d.CreatedAt.Unix(),
	}
}
