package luaprotmock

import (
	"net/http"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var updateFields = []string{"discordId", "expire", "note", "blacklisted", "blacklistReason", "limitedScripts"}

// update is what a body asks to change.
type update struct {
	discordID, note, reason core.Input[string]
	expire                  core.Input[int64]
	blacklisted             core.Input[bool]
	scripts                 core.Input[[]string]
}

func (c *call) updateKey() (core.Answer, *failure) {
	l, fail := c.readLookup()
	if fail != nil {
		return core.Answer{}, fail
	}
	u, fail := c.readUpdate()
	if fail != nil {
		return core.Answer{}, fail
	}
	k := c.findKey(l)
	if k == nil {
		c.Decided(ruleNotFoundUpdate)
		return core.Answer{}, errNotUpdated
	}
	if fail := c.checkUpdate(k, u); fail != nil {
		return core.Answer{}, fail
	}
	is := c.state.change(k, func(k *record) { c.change(k, u) })
	c.noteChanges(k, is)
	c.Decided(ruleUpdateAnswer)
	return core.JSON(http.StatusOK, struct {
		envelope
		Key keyJSON `json:"key"`
	}{c.done("Key has been updated successfully."), c.encodeShort(is)}), nil
}

func (c *call) readUpdate() (u update, fail *failure) {
	o, fail := c.readObject()
	if fail != nil {
		return u, fail
	}
	u = update{
		discordID:   readDiscordID(o),
		expire:      c.readExpire(o, ruleUpdateExpireMin),
		note:        o.Text("note"),
		blacklisted: o.Flag("blacklisted"),
		reason:      o.Text("blacklistReason"),
		scripts:     c.readScripts(o),
	}
	if isNull(o, "blacklisted") {
		o.Wrong("blacklisted", ruleBlacklistedNull, "must not be null")
	}
	return u, invalid(c.Turn, o.Problems...)
}

// checkUpdate asks what other keys and the vendor have to say to an update.
func (c *call) checkUpdate(k *record, u update) *failure {
	if k.GloballyBlacklisted {
		c.Decided(ruleGlobalOnly)
		if u.blacklisted.Given && !u.blacklisted.Value {
			c.Decided(ruleGlobalBlacklist)
			return errGlobal
		}
	}
	taken := c.state.keys.byDiscord[assignment{c.hub.ID, u.discordID.Value}]
	if u.discordID.Given && taken != nil && taken != k {
		c.Decided(ruleUpdateTaken)
		return errDiscordTaken
	}
	return nil
}

// change applies an update.
func (c *call) change(k *record, u update) {
	c.Decided(ruleUpdatePartial)
	if u.discordID.Sent {
		c.Decided(ruleUpdateDiscord, ruleUpdateDiscordTwo)
		k.DiscordID = u.discordID.Value
		c.noteUnassigned(k)
	}
	c.noteEmptyNote(u.note)
	if u.note.Sent {
		k.Note, k.Noted = u.note.Value, u.note.Given
	}
	c.changeExpiry(k, u.expire)
	c.changeBlacklisting(k, u)
	if u.scripts.Sent {
		c.Decided(ruleUpdateScripts)
		k.LimitedScripts = u.scripts.Value
	}
	if u.discordID.Null() || u.note.Null() || u.expire.Null() || u.reason.Null() || u.scripts.Null() {
		c.Decided(ruleUpdateNull)
	}
}

func (c *call) changeExpiry(k *record, expire core.Input[int64]) {
	switch {
	case !expire.Sent:
		c.Decided(ruleUpdateExpireKept)
	case expire.Given:
		c.Decided(ruleExpireSeconds, ruleUpdateExpireNow)
		if k.expired(c.now) {
			c.Decided(ruleUpdateRevive)
		}
		k.ExpiresAt = addSeconds(c.now, expire.Value)
	default:
		k.ExpiresAt = time.Time{}
	}
}

// changeBlacklisting keeps a reason for no longer than there is something to
// explain.
func (c *call) changeBlacklisting(k *record, u update) {
	if u.blacklisted.Sent {
		c.Decided(ruleUpdateBlacklist, ruleUpdateHWIDKept)
		k.Blacklisted = u.blacklisted.Value
	}
	if u.reason.Sent {
		c.Decided(ruleReasonOnly)
		k.BlacklistReason, k.Reasoned = u.reason.Value, u.reason.Given
	}
	switch {
	case !k.Blacklisted:
		c.Decided(ruleReasonCleared)
		k.BlacklistReason, k.Reasoned = "", false
	case !k.Reasoned:
		c.Decided(ruleReasonOptional)
	}
}

// noteUnassigned looks at a key that may be nobody's again.
func (t *turn) noteUnassigned(k *record) {
	if k.unassigned() {
		t.Decided(ruleUnassignedLater)
	}
}

// noteChanges records in which members a key differs from what it was, if in any.
func (t *turn) noteChanges(was, is *record) {
	changed := core.Changes{}.
		If("hub", was.HubID != is.HubID).
		If("advertiseId", was.AdvertiseID != is.AdvertiseID).
		If("discordId", was.DiscordID != is.DiscordID).
		If("created", !was.CreatedAt.Equal(is.CreatedAt)).
		If("expire", !was.ExpiresAt.Equal(is.ExpiresAt)).
		If("note", was.Note != is.Note || was.Noted != is.Noted).
		If("activated", was.Activated != is.Activated).
		If("hwid", was.HWID != is.HWID).
		If("hwidResetCount", was.HWIDResets != is.HWIDResets).
		If("lastHwidReset", !was.LastHWIDResetAt.Equal(is.LastHWIDResetAt)).
		If("executionCount", was.Executions != is.Executions).
		If("lastExecution", !was.LastExecutionAt.Equal(is.LastExecutionAt)).
		If("blacklisted", was.Blacklisted != is.Blacklisted).
		If("blacklistReason", was.BlacklistReason != is.BlacklistReason || was.Reasoned != is.Reasoned).
		If("globallyBlacklisted", was.GloballyBlacklisted != is.GloballyBlacklisted).
		If("limitedScripts", !slices.Equal(was.LimitedScripts, is.LimitedScripts))
	if len(changed) > 0 {
		t.Effect(EffectKeyUpdated, is.Value, changed.String())
	}
}
