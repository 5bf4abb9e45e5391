package luaprotmock

import (
	"net/http"
	"slices"
	"strings"
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
	before := k.clone()
	c.change(k, u)
	c.noteChanges(before, k)
	c.Decided(ruleUpdateAnswer)
	return core.JSON(http.StatusOK, struct {
		envelope
		Key keyJSON `json:"key"`
	}{c.done("Key has been updated successfully."), c.encodeShort(k)}), nil
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
		c.state.keys.assign(k, u.discordID.Value)
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
	changed := differing(
		member{"hub", was.HubID != is.HubID},
		member{"advertiseId", was.AdvertiseID != is.AdvertiseID},
		member{"discordId", was.DiscordID != is.DiscordID},
		member{"created", !was.CreatedAt.Equal(is.CreatedAt)},
		member{"expire", !was.ExpiresAt.Equal(is.ExpiresAt)},
		member{"note", was.Note != is.Note || was.Noted != is.Noted},
		member{"activated", was.Activated != is.Activated},
		member{"hwid", was.HWID != is.HWID},
		member{"hwidResetCount", was.HWIDResets != is.HWIDResets},
		member{"lastHwidReset", !was.LastHWIDResetAt.Equal(is.LastHWIDResetAt)},
		member{"executionCount", was.Executions != is.Executions},
		member{"lastExecution", !was.LastExecutionAt.Equal(is.LastExecutionAt)},
		member{"blacklisted", was.Blacklisted != is.Blacklisted},
		member{"blacklistReason", was.BlacklistReason != is.BlacklistReason || was.Reasoned != is.Reasoned},
		member{"globallyBlacklisted", was.GloballyBlacklisted != is.GloballyBlacklisted},
		member{"limitedScripts", !slices.Equal(was.LimitedScripts, is.LimitedScripts)},
	)
	if changed != "" {
		t.Effect(EffectKeyUpdated, is.Value, changed)
	}
}

// member is one of an object's, and whether it is no longer what it was.
type member struct {
	name    string
	changed bool
}

// differing names the members that have changed.
func differing(members ...member) string {
	var names []string
	for _, m := range members {
		if m.changed {
			names = append(names, m.name)
		}
	}
	return strings.Join(names, " ")
}
