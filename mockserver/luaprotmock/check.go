package luaprotmock

import (
	"slices"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// What the vendor tells an end user's script about a key: [CheckResult.Status].
// The vendor documents the first only; the others are this mock's.
const (
	CheckValid            = "VALID"              // let the user in
	CheckScriptNotFound   = "SCRIPT_NOT_FOUND"   // no such script
	CheckInvalid          = "INVALID"            // no such key in the script's hub
	CheckBlacklisted      = "BLACKLISTED"        // the key was switched off; the message is the reason
	CheckExpired          = "EXPIRED"            // the key's time is over
	CheckScriptNotAllowed = "SCRIPT_NOT_ALLOWED" // the key is for other scripts of the hub
	CheckHWIDMismatch     = "HWID_MISMATCH"      // the key is bound to another device
)

// CheckResult is what an end user's script is told about a key. The control plane
// answers with its JSON.
type CheckResult struct {
	Status  string     `json:"status"` // [CheckValid], [CheckExpired], ...
	Message string     `json:"message"`
	Data    *CheckData `json:"data"` // nil unless valid
}

// CheckData is what a script learns of a valid key.
type CheckData struct {
	KeyExecutions    int64  `json:"keyExecutions"`    // this one included
	ScriptExecutions int64  `json:"scriptExecutions"` // by all keys, this one included
	Note             string `json:"note"`
	Expire           int64  `json:"expire"`  // seconds left; -1: never expires
	Premium          bool   `json:"premium"` // false for a key that came from an advertisement
	DiscordID        string `json:"discordId"`
	DiscordUsername  string `json:"discordUsername"`
}

// Check is what happens when an end user starts a script with a key: the vendor
// checks the key for this script and device and tells the script a status.
// Checks come in this order, and the first that fails is told:
//
//	SCRIPT_NOT_FOUND    the script does not exist
//	INVALID             the key does not exist, or belongs to another hub
//	BLACKLISTED         the key is blacklisted
//	EXPIRED             the key has expired
//	SCRIPT_NOT_ALLOWED  the key is limited to other scripts
//	HWID_MISMATCH       the key is bound to another device
//
// Else it is VALID: the device is bound if none is, the key is activated and
// its execution counted. A refused check changes nothing. Devices are compared
// exactly; every device has an HWID, so that an empty one is a mistake of the
// test and ends it.
func (w *World) Check(scriptID, key, hwid string) CheckResult {
	var result CheckResult
	w.act(ActCheck, func(t *turn) error {
		var err error
		result, err = t.start(scriptID, key, hwid)
		return err
	})
	return result
}

// start is a check on a device that there can be.
func (t *turn) start(scriptID, key, hwid string) (CheckResult, error) {
	if hwid == "" {
		return CheckResult{}, core.BadMember("/hwid", "is empty: every device has one")
	}
	if err := core.CheckWritable(Key{HWID: hwid}); err != nil {
		return CheckResult{}, err
	}
	return t.check(scriptID, key, hwid), nil
}

func (t *turn) check(scriptID, value, hwid string) CheckResult {
	t.Decided(ruleCheckOrder)
	s, k := t.state.scripts.Get(scriptID), t.state.keys.byValue[value]
	if s == nil {
		t.Decided(ruleCheckScript)
		return CheckResult{Status: CheckScriptNotFound, Message: "Script could not be found."}
	}
	if value == noKey {
		t.Decided(ruleKeyReserved)
	}
	for _, check := range []struct {
		fails           func() bool
		status, message string
		rules           []string
	}{
		{func() bool { return k == nil || k.HubID != s.HubID }, CheckInvalid, "Key is invalid.", []string{ruleCheckInvalid}},
		{func() bool { return k.Blacklisted }, CheckBlacklisted, "Key is blacklisted.", []string{ruleCheckBlacklisted}},
		{func() bool { return k.expired(t.now) }, CheckExpired, "Key has expired.", []string{ruleCheckExpired, ruleStateExpired}},
		{func() bool { return !k.opens(scriptID) }, CheckScriptNotAllowed, "Key is not for this script.", []string{ruleCheckScripts}},
		{func() bool { return k.HWID != "" && k.HWID != hwid }, CheckHWIDMismatch, "Key is bound to another device.", []string{ruleCheckMismatch}},
	} {
		if !check.fails() {
			continue
		}
		t.Decided(append(check.rules, ruleCheckRefused)...)
		if check.status == CheckBlacklisted && k.Reasoned {
			check.message = k.BlacklistReason
		}
		return CheckResult{Status: check.status, Message: check.message}
	}
	k = t.admit(k, s, hwid)
	return CheckResult{Status: CheckValid, Message: "Key is valid.", Data: t.checkData(k, s)}
}

// opens reports whether a key is for a script of its hub.
func (k *record) opens(scriptID string) bool {
	return len(k.LimitedScripts) == 0 || slices.Contains(k.LimitedScripts, scriptID)
}

// admit keeps what a successful check leaves behind, and returns the key as it then
// is.
func (t *turn) admit(was *record, s *script, hwid string) *record {
	t.Decided(ruleCheckValid, ruleCheckCounts, ruleCheckKeyOnly)
	if was.HWID == "" {
		t.Decided(ruleCheckBinds)
		t.Effect(EffectKeyHWIDBound, was.Value, hwid)
	}
	if !was.Activated {
		t.Effect(EffectKeyActivated, was.Value, "")
	}
	s.Executions++
	t.Effect(EffectKeyExecuted, was.Value, s.ID)
	return t.state.change(was, func(k *record) {
		k.HWID, k.Activated = hwid, true
		k.Executions++
		k.LastExecutionAt = t.now
	})
}

func (t *turn) checkData(k *record, s *script) *CheckData {
	t.Decided(ruleCheckData)
	d := &CheckData{
		KeyExecutions:    k.Executions,
		ScriptExecutions: s.Executions,
		Note:             k.Note,
		Expire:           -1,
		Premium:          k.AdvertiseID == "",
		DiscordID:        k.DiscordID,
	}
	if known := t.state.discord.Get(k.DiscordID); known != nil {
		d.DiscordUsername = known.Username
	}
	if k.ExpiresAt.IsZero() {
		t.Decided(ruleCheckLifetime)
	} else {
		d.Expire = k.ExpiresAt.Unix() - t.now.Unix()
	}
	return d
}
