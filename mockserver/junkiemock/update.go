package junkiemock

import (
	"net/http"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var updateFields = []string{
	"key_name", "folder_id", "validity_minutes", "expires_at", "is_premium", "one_time_use",
	"expiry_on_first_use", "no_hwid", "is_invalidated", "hwid_limit", "discord_id", "hwids",
}

// update is what a body asks to change.
type update struct {
	name, discordID             core.Input[string]
	folder, validity, hwidLimit core.Input[int64]
	expires                     core.Input[time.Time]
	premium, oneTime, firstUse  core.Input[bool]
	noHWID, invalidated         core.Input[bool]
	hwids                       core.Input[[]string]
}

func (c *call) updateKey() (core.Answer, *failure) {
	b, fail := c.readBody()
	if fail != nil {
		return core.Answer{}, fail
	}
	u := b.readUpdate()
	if fail := b.failure(); fail != nil {
		return core.Answer{}, fail
	}
	k, fail := c.findKey()
	if fail == nil {
		fail = c.checkFolder(u.folder)
	}
	if fail != nil {
		return core.Answer{}, fail
	}
	is := c.state.keys.change(k, func(k *record) { c.change(k, u) })
	c.noteChanges(k, is)
	return c.answerUpdate(is, u), nil
}

func (b *body) readUpdate() update {
	return update{
		name:        b.text("key_name"),
		discordID:   b.discordID("discord_id"),
		folder:      b.Integer("folder_id", folderIDs),
		validity:    b.validity(),
		hwidLimit:   b.Integer("hwid_limit", hwidLimits),
		expires:     b.time("expires_at"),
		premium:     b.flag("is_premium"),
		oneTime:     b.flag("one_time_use"),
		firstUse:    b.flag("expiry_on_first_use"),
		noHWID:      b.flag("no_hwid"),
		invalidated: b.flag("is_invalidated"),
		hwids:       b.hwids("hwids"),
	}
}

// change applies an update. Null is the zero value of its field.
func (c *call) change(k *record, u update) {
	c.noteUpdate(u)
	if u.name.Sent {
		k.Name, k.Named = u.name.Value, u.name.Given
	}
	if u.hwidLimit.Sent {
		k.HWIDLimit, k.Limited = u.hwidLimit.Value, u.hwidLimit.Given
	}
	core.Assign(&k.DiscordID, u.discordID)
	core.Assign(&k.FolderID, u.folder)
	core.Assign(&k.Premium, u.premium)
	core.Assign(&k.OneTimeUse, u.oneTime)
	core.Assign(&k.NoHWID, u.noHWID)
	core.Assign(&k.Invalidated, u.invalidated)
	c.changeExpiry(k, u)
	if u.hwids.Sent {
		k.rebind(u.hwids.Value, c.now)
	}
}

// changeExpiry takes expires_at as sent, or works it out again when what it
// depends on was sent.
func (c *call) changeExpiry(k *record, u update) {
	core.Assign(&k.ValidityMinutes, u.validity)
	core.Assign(&k.ExpiryOnFirstUse, u.firstUse)
	switch {
	case u.expires.Sent:
		c.Decided(ruleExpiryExplicit)
		k.ExpiresAt = u.expires.Value
	case u.validity.Sent || u.firstUse.Sent:
		c.Decided(ruleExpiryAnchored)
		k.ExpiresAt = k.deadline()
	default:
		return
	}
	c.Decided(ruleStatusUnchanged)
	if k.expired(c.now) {
		c.Decided(ruleUpdatePast)
	}
}

func (c *call) noteUpdate(u update) {
	c.Decided(ruleUpdatePartial)
	for _, r := range []struct {
		holds bool
		rule  string
	}{
		{u.name.Null() || u.validity.Null() || u.expires.Null(), ruleUpdateNull},
		{u.folder.Null(), ruleUpdateFolderNull},
		{u.discordID.Null(), ruleUpdateDiscord},
		{u.hwidLimit.Null(), ruleUpdateLimitNull},
		{u.invalidated.Sent, ruleUpdateRevive},
		{len(u.hwids.Value) > 0, ruleUpdateBoundBy},
	} {
		if r.holds {
			c.Decided(r.rule)
		}
	}
}

func (c *call) answerUpdate(k *record, u update) core.Answer {
	c.Decided(ruleUpdateAnswer, ruleUpdateKeysHWID)
	answer := done{Success: true, Message: "Key updated successfully"}
	if u.hwids.Sent {
		c.Decided(ruleUpdateHWIDs)
		answer.KeysHWID = plainHWIDs(k.Devices)
	}
	if u.hwids.Sent && len(k.Devices) == 0 {
		c.Decided(ruleUpdateCleared)
	}
	return core.JSON(http.StatusOK, answer)
}

// noteChanges records that a key was changed, if it was. From key_value on it is
// what the API never changes.
func (t *turn) noteChanges(was, is *record) {
	if changed := differences(was, is); len(changed) > 0 {
		t.Effect(EffectKeyUpdated, decimal(is.ID), changed.String())
	}
}

// differences lists the fields in which a key differs from what it was.
func differences(was, is *record) core.Changes {
	return core.Changes{}.
		If("key_name", was.Name != is.Name || was.Named != is.Named).
		If("folder_id", was.FolderID != is.FolderID).
		If("validity_minutes", was.ValidityMinutes != is.ValidityMinutes).
		If("expires_at", !was.ExpiresAt.Equal(is.ExpiresAt)).
		If("is_premium", was.Premium != is.Premium).
		If("one_time_use", was.OneTimeUse != is.OneTimeUse).
		If("expiry_on_first_use", was.ExpiryOnFirstUse != is.ExpiryOnFirstUse).
		If("no_hwid", was.NoHWID != is.NoHWID).
		If("is_invalidated", was.Invalidated != is.Invalidated).
		If("hwid_limit", was.HWIDLimit != is.HWIDLimit || was.Limited != is.Limited).
		If("discord_id", was.DiscordID != is.DiscordID).
		If("hwids", !slices.Equal(was.Devices, is.Devices)).
		If("key_value", was.Value != is.Value).
		If("provider_id", was.ProviderID != is.ProviderID).
		If("service_id", was.ServiceID != is.ServiceID).
		If("created_at", !was.CreatedAt.Equal(is.CreatedAt)).
		If("used_at", !was.UsedAt.Equal(is.UsedAt)).
		If("discord_redemption", core.OrZero(was.Redemption) != core.OrZero(is.Redemption))
}
