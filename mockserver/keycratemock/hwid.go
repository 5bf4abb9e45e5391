package keycratemock

import (
	"time"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// maxHWID is how many characters an HWID may have.
const maxHWID = 256

func (c *call) editHWID() (core.Answer, *failure) {
	var hwid string
	list, fail := c.about(one, func(b *body) { hwid = b.readHWID() })
	if fail != nil {
		return core.Answer{}, fail
	}
	r := list[0]
	sub := c.state.subscriptions.Get(r.SubscriptionID)
	if sub != nil && sub.SingleKeyPerHWID && hwid != "" && c.state.licenses.holder(sub, hwid, r) != nil {
		c.Decided(ruleEditInUse)
		return core.Answer{}, errHWIDInUse
	}
	c.Decided(ruleEditSets, ruleEditCooldown, ruleEditUnlocked)
	if hwid == "" {
		c.Decided(ruleEditClears)
	}
	c.change(list, func(r *record) { r.HWID = hwid })
	return c.show(list, false), nil
}

// readHWID reads a device to set, or "" to clear: null says so as well, but
// nothing at all does not.
func (b *body) readHWID() string {
	in := b.Text("hwid")
	switch {
	case !in.Sent:
		b.Wrong("hwid", ruleEditPresent, "is required; null clears it")
	case utf8.RuneCountInString(in.Value) > maxHWID:
		b.Wrong("hwid", ruleBoundHWID, "must have at most %d characters", maxHWID)
	}
	return in.Value
}

func (c *call) setLock() (core.Answer, *failure)  { return c.lock(one, false) }
func (c *call) setLocks() (core.Answer, *failure) { return c.lock(many, true) }

func (c *call) lock(keys which, bulk bool) (core.Answer, *failure) {
	var locked bool
	list, fail := c.about(keys, func(b *body) { locked = b.toggle("hwid_lock") })
	if fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleToggleSets, ruleLockKeeps)
	c.change(list, func(r *record) { r.HWIDLock = locked })
	return c.show(list, bulk), nil
}

// toggle reads a boolean that must be there, since nothing flips by itself.
func (b *body) toggle(field string) bool {
	in := b.Flag(field)
	if raw, _ := b.Raw(field); raw == nil {
		b.Wrong(field, ruleToggleExplicit, "is required")
	}
	return in.Value
}

func (c *call) setResetAllowed() (core.Answer, *failure) {
	var allowed bool
	list, fail := c.about(one, func(b *body) { allowed = b.toggle("hwid_reset_allowed") })
	if fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleToggleSets, ruleResetAllowed)
	c.change(list, func(r *record) { r.HWIDResetAllowed = allowed })
	return c.show(list, false), nil
}

func (c *call) setResetInterval() (core.Answer, *failure) {
	var cooldown time.Duration
	list, fail := c.about(one, func(b *body) {
		b.needs("hwid_reset_cooldown")
		cooldown = seconds(b.cooldown().Value)
	})
	if fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleIntervalSets)
	c.change(list, func(r *record) { r.HWIDResetCooldown = cooldown })
	return c.show(list, false), nil
}
