package junkiemock

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var updateFields = []string{
	"key_name", "folder_id", "validity_minutes", "expires_at", "is_premium", "one_time_use",
	"expiry_on_first_use", "no_hwid", "is_invalidated", "hwid_limit", "discord_id", "hwids",
}

// update is what a body asks to change.
type update struct {
	name, discordID             input[string]
	folder, validity, hwidLimit input[int64]
	expires                     input[time.Time]
	premium, oneTime, firstUse  input[bool]
	noHWID, invalidated         input[bool]
	hwids                       input[[]string]
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
	before := k.clone()
	c.change(k, u)
	if changed := differences(before, k); len(changed) > 0 {
		c.Effect(EffectKeyUpdated, decimal(k.ID), strings.Join(changed, " "))
	}
	return c.answerUpdate(k, u), nil
}

func (b *body) readUpdate() update {
	return update{
		name:        b.text("key_name"),
		discordID:   b.discordID("discord_id"),
		folder:      b.integer("folder_id", folderIDs),
		validity:    b.validity(),
		hwidLimit:   b.integer("hwid_limit", hwidLimits),
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
	if u.name.sent {
		k.Name, k.Named = u.name.value, u.name.given
	}
	if u.hwidLimit.sent {
		k.HWIDLimit, k.Limited = u.hwidLimit.value, u.hwidLimit.given
	}
	assign(&k.DiscordID, u.discordID)
	assign(&k.FolderID, u.folder)
	assign(&k.Premium, u.premium)
	assign(&k.OneTimeUse, u.oneTime)
	assign(&k.NoHWID, u.noHWID)
	assign(&k.Invalidated, u.invalidated)
	c.changeExpiry(k, u)
	if u.hwids.sent {
		k.rebind(u.hwids.value, c.now)
	}
}

func assign[T any](to *T, in input[T]) {
	if in.sent {
		*to = in.value
	}
}

// changeExpiry takes expires_at as sent, or works it out again when what it
// depends on was sent.
func (c *call) changeExpiry(k *record, u update) {
	assign(&k.ValidityMinutes, u.validity)
	assign(&k.ExpiryOnFirstUse, u.firstUse)
	switch {
	case u.expires.sent:
		c.decided(ruleExpiryExplicit)
		k.ExpiresAt = u.expires.value
	case u.validity.sent || u.firstUse.sent:
		c.decided(ruleExpiryAnchored)
		k.ExpiresAt = k.deadline()
	default:
		return
	}
	c.decided(ruleStatusUnchanged)
	if k.expired(c.now) {
		c.decided(ruleUpdatePast)
	}
}

func (c *call) noteUpdate(u update) {
	c.decided(ruleUpdatePartial)
	for _, r := range []struct {
		holds bool
		rule  string
	}{
		{u.name.null() || u.validity.null() || u.expires.null(), ruleUpdateNull},
		{u.folder.null(), ruleUpdateFolderNull},
		{u.discordID.null(), ruleUpdateDiscord},
		{u.hwidLimit.null(), ruleUpdateLimitNull},
		{u.invalidated.sent, ruleUpdateRevive},
		{len(u.hwids.value) > 0, ruleUpdateBoundBy},
	} {
		if r.holds {
			c.decided(r.rule)
		}
	}
}

func (in input[T]) null() bool { return in.sent && !in.given }

func (c *call) answerUpdate(k *record, u update) core.Answer {
	c.decided(ruleUpdateAnswer, ruleUpdateKeysHWID)
	answer := done{Success: true, Message: "Key updated successfully"}
	if u.hwids.sent {
		c.decided(ruleUpdateHWIDs)
		answer.KeysHWID = plainHWIDs(k.Devices)
	}
	if u.hwids.sent && len(k.Devices) == 0 {
		c.decided(ruleUpdateCleared)
	}
	return answerJSON(http.StatusOK, answer)
}

// differences lists the fields in which a key differs from what it was.
func differences(was, is *record) []string {
	var names []string
	for _, f := range []struct {
		name    string
		changed bool
	}{
		{"key_name", was.Name != is.Name || was.Named != is.Named},
		{"folder_id", was.FolderID != is.FolderID},
		{"validity_minutes", was.ValidityMinutes != is.ValidityMinutes},
		{"expires_at", !was.ExpiresAt.Equal(is.ExpiresAt)},
		{"is_premium", was.Premium != is.Premium},
		{"one_time_use", was.OneTimeUse != is.OneTimeUse},
		{"expiry_on_first_use", was.ExpiryOnFirstUse != is.ExpiryOnFirstUse},
		{"no_hwid", was.NoHWID != is.NoHWID},
		{"is_invalidated", was.Invalidated != is.Invalidated},
		{"hwid_limit", was.HWIDLimit != is.HWIDLimit || was.Limited != is.Limited},
		{"discord_id", was.DiscordID != is.DiscordID},
		{"hwids", !slices.Equal(was.Devices, is.Devices)},
	} {
		if f.changed {
			names = append(names, f.name)
		}
	}
	return names
}
