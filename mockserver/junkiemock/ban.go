package junkiemock

import (
	"time"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Ban keeps a device out of an account's services.
type Ban struct {
	ID             int64     // 0: a new one
	UserID         int64     // the account that bans the device from its own services
	HWID           string    // 3 to 128 characters, compared exactly
	Until          time.Time // zero: for ever
	InvalidateKeys bool      // also invalidate every key the device is bound to
}

func (Ban) noun() string                  { return "ban" }
func (b Ban) top() (id, userID int64)     { return b.ID, b.UserID }
func (b Ban) mark() (member, text string) { return "hwid", banOf(b.UserID, b.HWID) }

func (b Ban) numbered(id int64) Ban {
	b.ID, b.Until = id, moment(b.Until)
	return b
}

// banOf is what no two bans have in common.
func banOf(userID int64, hwid string) string { return decimal(userID) + " " + hwid }

func (b Ban) check() error {
	if n := utf8.RuneCountInString(b.HWID); n < 3 || n > 128 {
		return core.BadMember("/hwid", "must have 3 to 128 characters for a ban, not %d", n)
	}
	return nil
}

// banDevice bans a device. A second ban of it takes the place of the first.
func (t *turn) banDevice(b Ban) error {
	old, found := t.state.bans.byMark[banOf(b.UserID, b.HWID)]
	if !found {
		_, err := t.addBan(b)
		return err
	}
	b = b.numbered(old.ID)
	if err := t.state.bans.permits(b); err != nil {
		return err
	}
	t.state.bans.put(b)
	t.enforce(b)
	return nil
}

// addBan bans a device that is not banned.
func (t *turn) addBan(b Ban) (Ban, error) {
	b, err := t.state.bans.add(t.state, b)
	if err == nil {
		t.enforce(b)
	}
	return b, err
}

// enforce records a ban, and does to the device's keys what it asks for.
func (t *turn) enforce(b Ban) {
	t.Effect(EffectDeviceBanned, b.HWID, "")
	if b.InvalidateKeys {
		t.invalidateKeys(b)
	}
}

func (t *turn) invalidateKeys(b Ban) {
	for _, k := range t.state.keys.owned[b.UserID].Select(onDevice.Contains(b.HWID)) {
		if !k.Invalidated && k.bound(b.HWID) {
			t.Decided(ruleBanInvalidates)
			t.state.keys.change(k, func(k *record) { k.Invalidated = true })
			t.Effect(EffectKeyInvalidated, decimal(k.ID), "")
		}
	}
}

func (t *turn) liftBan(b Ban) {
	t.state.bans.remove(b)
	t.Effect(EffectBanLifted, b.HWID, "")
}
