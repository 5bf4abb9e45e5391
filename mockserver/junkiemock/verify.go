package junkiemock

import (
	"strings"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// What the vendor tells an end user's program about a key: [Verification.Code].
const (
	CodeKeyValid        = "KEY_VALID"         // let the user in
	CodeKeyless         = "KEYLESS"           // the service asks for no key: let the user in
	CodeServiceNotFound = "SERVICE_NOT_FOUND" // no such service
	CodeKeyInvalid      = "KEY_INVALID"       // no such key
	CodeServiceMismatch = "SERVICE_MISMATCH"  // the key is for another service
	CodeHWIDBanned      = "HWID_BANNED"       // the device is banned
	CodeKeyInvalidated  = "KEY_INVALIDATED"   // the key was switched off
	CodeKeyExpired      = "KEY_EXPIRED"       // the key's time is over
	CodeAlreadyUsed     = "ALREADY_USED"      // a one-time key, used before
	CodePremiumRequired = "PREMIUM_REQUIRED"  // the service wants a premium key
	CodeHWIDMismatch    = "HWID_MISMATCH"     // the key is bound to other devices
)

// Verification is what an end user's program is told about a key.
type Verification struct {
	Valid bool
	Code  string // [CodeKeyValid], [CodeKeyExpired], ...
}

// VerifyOption says more about an end user's verification; see [ForService] and
// [ByExecutorUser].
type VerifyOption func(*visit)

// visit is one end user at the door.
type visit struct {
	value, device, executorUser string
	service                     *int64
}

// ForService names the service that the end user's program belongs to. Without
// it nothing is checked that has to do with services.
func ForService(id int64) VerifyOption { return func(v *visit) { v.service = &id } }

// ByExecutorUser names the end user's account in the executing game, which is
// kept with a device that the verification binds.
func ByExecutorUser(id string) VerifyOption { return func(v *visit) { v.executorUser = id } }

// Verify is what happens when an end user starts a program with a key: the
// vendor checks the key for this device and tells the program a code. Checks
// come in this order, and the first that fails is told:
//
//	SERVICE_NOT_FOUND  the service does not exist
//	KEYLESS            the service asks for no key: valid, and nothing changes
//	KEY_INVALID        the value does not exist
//	SERVICE_MISMATCH   the key is tied to another service
//	HWID_BANNED        the device is banned by the key's account
//	KEY_INVALIDATED    the key is invalidated
//	KEY_EXPIRED        the key has expired
//	ALREADY_USED       a one-time key was used before, on whatever device
//	PREMIUM_REQUIRED   the service wants a premium key and this is none
//	HWID_MISMATCH      the device is new and the key's limit is reached
//
// Else it is KEY_VALID: the first time it sets UsedAt and starts a validity
// that waits for the first use, and it binds a new device, unless the key has
// NoHWID. A refused verification changes nothing. The device is compared
// exactly; an empty one cannot be bound.
func (w *World) Verify(value, device string, opts ...VerifyOption) Verification {
	v := visit{value: value, device: device}
	for _, opt := range opts {
		opt(&v)
	}
	var told Verification
	w.act(ActVerify, func(t *turn) error {
		told = t.verify(v)
		return nil
	})
	return told
}

// verify tells an end user's program what it is to know. The program sends JSON,
// which turns what is no UTF-8 into replacement characters.
func (t *turn) verify(v visit) Verification {
	v.device = strings.ToValidUTF8(v.device, "\uFFFD")
	v.executorUser = strings.ToValidUTF8(v.executorUser, "\uFFFD")
	code := t.answerVisit(v)
	return Verification{Valid: code == CodeKeyValid || code == CodeKeyless, Code: code}
}

func (t *turn) answerVisit(v visit) (code string) {
	service, code := t.enterService(v)
	if code != "" {
		return code
	}
	k := t.state.keys.byValue[v.value]
	if code := t.checkKey(k, service, v); code != "" {
		t.Decided(ruleVerifyOrder)
		return code
	}
	t.admit(k, v)
	return CodeKeyValid
}

// enterService finds the service, if one was named. A code ends the visit.
func (t *turn) enterService(v visit) (*Service, string) {
	if v.service == nil {
		t.Decided(ruleVerifyNoService)
		return nil, ""
	}
	s := t.state.services.Get(*v.service)
	switch {
	case s.ID == 0:
		t.Decided(ruleVerifyService, ruleVerifyOrder)
		return nil, CodeServiceNotFound
	case s.Keyless:
		t.Decided(ruleVerifyKeyless)
		return nil, CodeKeyless
	}
	return &s, ""
}

// checkKey returns the code of the first check that fails, or "".
func (t *turn) checkKey(k *record, s *Service, v visit) string {
	for _, check := range []struct {
		fails func() bool
		code  string
		rules []string
	}{
		{func() bool { return k == nil }, CodeKeyInvalid, []string{ruleVerifyUnknown}},
		{func() bool { return s != nil && k.UserID != s.UserID }, CodeKeyInvalid, []string{ruleVerifyForeign}},
		{func() bool { return t.wrongService(k, s) }, CodeServiceMismatch, []string{ruleVerifyMismatch}},
		{func() bool { return t.isBanned(k.UserID, v.device) }, CodeHWIDBanned, []string{ruleVerifyBanned}},
		{func() bool { return k.Invalidated }, CodeKeyInvalidated, []string{ruleVerifyInvalid}},
		{func() bool { return k.expired(t.now) }, CodeKeyExpired, []string{ruleVerifyExpired, ruleExpiryReached}},
		{func() bool { return k.OneTimeUse && !k.UsedAt.IsZero() }, CodeAlreadyUsed, []string{ruleVerifyUsed, ruleVerifyOnce}},
		{func() bool { return s != nil && s.Premium && !k.Premium }, CodePremiumRequired, []string{ruleVerifyPremium}},
		{func() bool { return !t.mayUse(k, v.device) }, CodeHWIDMismatch, nil},
	} {
		if check.fails() {
			t.Decided(check.rules...)
			return check.code
		}
	}
	return ""
}

func (t *turn) wrongService(k *record, s *Service) bool {
	if s != nil && k.ServiceID == 0 {
		t.Decided(ruleVerifyAnyService)
	}
	return s != nil && k.ServiceID != 0 && k.ServiceID != s.ID
}

func (t *turn) isBanned(userID int64, device string) bool {
	b, found := t.state.bans.byMark[banOf(userID, device)]
	if found && !b.Until.IsZero() {
		t.Decided(ruleBanEnds)
		return t.now.Before(b.Until)
	}
	return found
}

// mayUse applies the rules of devices.
func (t *turn) mayUse(k *record, device string) bool {
	limit := k.HWIDLimit
	switch {
	case k.NoHWID:
		t.Decided(ruleHWIDOff)
	case k.bound(device):
		t.Decided(ruleHWIDBound)
	case device == "" || utf8.RuneCountInString(device) > maxText:
		t.Decided(ruleVerifyNoDevice)
		return false
	case limit == 0:
		t.Decided(ruleHWIDUnlimited)
	case int64(len(k.Devices)) < limit:
		t.Decided(ruleHWIDUnderLimit)
	default:
		t.Decided(ruleVerifyHWID)
		return false
	}
	return true
}

// admit keeps what a successful verification leaves behind.
func (t *turn) admit(k *record, v visit) {
	t.Decided(ruleVerifyValid, ruleVerifyUsedAt)
	if k.ExpiryOnFirstUse {
		t.Decided(ruleExpiryFirstUse)
	}
	uses, binds := k.UsedAt.IsZero(), !k.NoHWID && !k.bound(v.device)
	if !uses && !binds {
		return
	}
	t.state.keys.change(k, func(k *record) {
		if uses {
			k.UsedAt = t.now
			t.Effect(EffectKeyUsed, decimal(k.ID), "")
			t.startExpiry(k)
		}
		if binds {
			t.Decided(ruleHWIDBoundBy)
			k.Devices = append(k.Devices, Device{HWID: v.device, ExecutorUserID: v.executorUser, BoundAt: t.now, BoundBy: BoundByVerify})
			t.Effect(EffectKeyDeviceBound, decimal(k.ID), v.device)
		}
	})
}

// startExpiry starts a validity that waited for the first use. A deadline that
// an update has set meanwhile stays.
func (t *turn) startExpiry(k *record) {
	switch {
	case !k.ExpiryOnFirstUse:
	case !k.ExpiresAt.IsZero():
		t.Decided(ruleExpiryKept)
	case k.ValidityMinutes != 0:
		k.ExpiresAt = k.deadline()
		t.Effect(EffectKeyExpiryStarted, decimal(k.ID), timestamp(k.ExpiresAt))
	}
}

// Redeem is what happens when a Discord user redeems a key with the vendor's
// bot: the key then shows who redeemed it and when. Nothing else changes; the
// key's own DiscordID stays. It reports false, and changes nothing, for a key
// that does not exist, is invalidated, has expired or was redeemed before. A
// Discord id without 17 to 19 digits is a mistake of the test and ends it.
func (w *World) Redeem(value, discordUserID string) (redeemed bool) {
	w.act(ActRedeem, func(t *turn) (err error) {
		redeemed, err = t.redeem(value, discordUserID)
		return err
	})
	return redeemed
}

func (t *turn) redeem(value, discordUserID string) (redeemed bool, err error) {
	if !isDiscordID(discordUserID) {
		return false, core.BadMember("/discordUserId", "%q is no Discord id: it has 17 to 19 digits", core.Clip(discordUserID, core.MaxName))
	}
	k := t.state.keys.byValue[value]
	if k == nil || k.Invalidated || k.expired(t.now) || k.Redemption != nil {
		t.Decided(ruleRedeemRefused)
		return false, nil
	}
	t.Decided(ruleRedeem)
	t.state.keys.change(k, func(k *record) {
		k.Redemption = &Redemption{DiscordUserID: discordUserID, Status: statusRedeemed, RedeemedAt: t.now}
	})
	t.Effect(EffectKeyRedeemed, decimal(k.ID), "")
	return true, nil
}
