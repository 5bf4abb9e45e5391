package keycratemock

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var (
	authFields     = []string{"app_id", "license", "username", "password", "hwid"}
	registerFields = []string{"app_id", "license", "username", "password"}
)

// Login is what an end user's program sends to be let in: a license key, or a
// username and a password. With both the key counts. What is empty is not sent.
type Login struct {
	AppID    string // empty in [World.AuthWith]: the first app
	License  string
	Username string
	Password string
	HWID     string // of the device; a locked license needs it
}

// isNoText reports whether the login cannot be sent as it is.
func (l Login) isNoText() bool {
	return slices.ContainsFunc([]string{l.License, l.Username, l.Password, l.HWID}, func(text string) bool { return !utf8.ValidString(text) })
}

// serveAuth answers POST /auth.
func (c *call) serveAuth() (core.Answer, *failure) {
	b, fail := c.readBody()
	if fail != nil {
		return core.Answer{}, fail
	}
	login := Login{
		AppID: b.Text("app_id").Value, License: b.Text("license").Value,
		Username: b.Text("username").Value, Password: b.Text("password").Value, HWID: b.Text("hwid").Value,
	}
	if fail := b.failure(); fail != nil {
		return core.Answer{}, fail
	}
	code, r, fail := c.auth(login)
	if fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleAuthStatus, ruleUserEnvelope)
	return told(http.StatusOK, true, code, c.encodeAuth(r)), nil
}

// auth lets an end user in and says how, or refuses. A refusal changes nothing.
func (t *turn) auth(l Login) (code string, r *record, fail *failure) {
	t.Decided(ruleAuthOrder, ruleAuthOrderDetail)
	l.AppID = strings.ToLower(l.AppID)
	for _, check := range []func(Login) *failure{t.checkLogin, t.checkBlacklist, t.checkApp} {
		if fail := check(l); fail != nil {
			return "", nil, fail
		}
	}
	r, fail = t.identify(l)
	for _, check := range []func(*record, string) *failure{t.checkSubscription, t.checkDevice, t.checkOtherLicenses, t.checkState} {
		if fail == nil {
			fail = check(r, l.HWID)
		}
	}
	if fail != nil {
		return "", nil, fail
	}
	code, r = t.admit(r, l.HWID)
	return code, r, nil
}

// checkLogin asks for all that has to be there.
func (t *turn) checkLogin(l Login) *failure {
	checks := core.Checks{Turn: t.Turn}
	switch {
	case l.AppID == "":
		checks.Wrong("app_id", ruleAuthInput, "is required")
	case !isUUID(l.AppID):
		checks.Wrong("app_id", ruleBoundUUID, "must be a UUID")
	case l.License == "" && (l.Username == "" || l.Password == ""):
		checks.Wrong("license", ruleAuthInput, "is required, or username and password")
	case l.isNoText():
		checks.Wrong("body", ruleBodyMalformed, "must be in UTF-8")
	case utf8.RuneCountInString(l.HWID) > maxHWID:
		checks.Wrong("hwid", ruleBoundHWID, "must have at most %d characters", maxHWID)
	}
	return invalid(t.Turn, checks.Problems...)
}

// checkBlacklist asks where the end user comes from, and on which device.
func (t *turn) checkBlacklist(l Login) *failure {
	for _, line := range append(t.state.Origin.lines(), BlacklistLine{ByHWID, l.HWID}) {
		if t.state.blacklist.Has(line) {
			t.Decided(ruleBlacklist, ruleBlacklistAll)
			return banned[line.By]
		}
	}
	return nil
}

// banned are the refusals of those who are on the blacklist.
var banned = map[BlacklistKind]*failure{
	ByCountry: errCountryBanned, ByASN: errASNBanned, ByIP: errIPBanned, ByHWID: errHWIDBanned,
}

func (t *turn) checkApp(l Login) *failure {
	app := t.state.apps.Get(l.AppID)
	switch {
	case app == nil:
		t.Decided(ruleAppUnknown)
		return errNoApp
	case app.Disabled:
		t.Decided(ruleAppOff)
		return errAppOff
	case t.state.TeamOff:
		t.Decided(ruleTeamOff)
		return errTeam
	}
	return nil
}

// identify finds the license of an end user.
func (t *turn) identify(l Login) (*record, *failure) {
	if l.License != "" {
		if l.Username != "" {
			t.Decided(ruleLoginBoth)
		}
		return t.licenseIn(l.AppID, l.License)
	}
	t.Decided(ruleUsernameExact)
	r := t.state.licenses.byUser[login{l.AppID, l.Username}]
	if r == nil || !r.password.is(l.Password) {
		t.Decided(ruleLoginWrong)
		return nil, errBadCredentials
	}
	t.Decided(ruleLoginPassword)
	return r, nil
}

// licenseIn finds a license of this app by its key.
func (t *turn) licenseIn(appID, key string) (*record, *failure) {
	r := t.state.licenses.byKey[key]
	if r == nil {
		t.Decided(ruleLoginUnknown)
		return nil, errNoLicense
	}
	if r.AppID != appID {
		t.Decided(ruleLoginForeign)
		return nil, errNoLicense
	}
	return r, nil
}

func (t *turn) checkSubscription(r *record, _ string) *failure {
	sub := t.state.subscriptions.Get(r.SubscriptionID)
	switch {
	case sub == nil:
		t.Decided(ruleSubscriptionGone)
		return errSubscriptionGone
	case sub.Status != StatusActive:
		t.Decided(ruleSubscriptionOff)
		return errSubscriptionOff
	}
	return nil
}

// checkDevice asks whether a locked license may be used on a device.
func (t *turn) checkDevice(r *record, hwid string) *failure {
	switch {
	case !r.HWIDLock:
		t.Decided(ruleDeviceUnlocked)
	case hwid == "":
		t.Decided(ruleDeviceNone)
		return errNoHWID
	case r.HWID != "" && r.HWID != hwid:
		t.Decided(ruleDeviceOther, ruleDeviceExact, ruleDeviceOtherData, ruleMismatchSpelling)
		fail := errMismatch
		if t.state.DoubleS {
			t.Decided(ruleMismatchDoubleS)
			fail = errMismatchDoubleS
		}
		return fail.with(mismatchJSON{r.HWIDResetAllowed, timeOrNull(r.LastHWIDResetAt), wholeSeconds(r.HWIDResetCooldown)})
	}
	return nil
}

// checkOtherLicenses asks whether the device is another license's, where it can
// have one only.
func (t *turn) checkOtherLicenses(r *record, hwid string) *failure {
	sub := t.state.subscriptions.Get(r.SubscriptionID)
	if !sub.SingleKeyPerHWID || hwid == "" || hwid == r.HWID || t.state.licenses.holder(sub, hwid, r) == nil {
		return nil
	}
	t.Decided(ruleSingleKey, ruleSingleKeyAny)
	return errDeviceElsewhere
}

func (t *turn) checkState(r *record, _ string) *failure {
	switch {
	case r.Status != StatusActive:
		t.Decided(ruleStatePaused)
		return errLicenseOff
	case r.expired(t.now):
		t.Decided(ruleStateExpired, ruleStateExpiry, ruleStateExpiredData)
		return errExpired.with(expiredJSON{timestamp(r.ExpiresAt)})
	}
	return nil
}

// admit keeps what a successful authentication leaves behind, and returns the license
// as it then is.
func (t *turn) admit(r *record, hwid string) (code string, is *record) {
	code = CodeVerified
	if r.unused() {
		if t.Decided(ruleFirstUse); r.HWIDLock {
			code = CodeVerifiedUnused
		}
		r = t.state.licenses.change(r, t.activate)
	}
	if r.HWIDLock && r.HWID == "" {
		if code == CodeVerifiedUnused {
			t.Decided(ruleDeviceBinds)
		} else {
			t.Decided(ruleDeviceBindsAgain)
		}
		r = t.state.licenses.change(r, func(r *record) { r.HWID = hwid })
		t.Effect(EffectLicenseHWIDBound, r.Key, hwid)
	}
	if code == CodeVerifiedUnused {
		t.Decided(ruleVerifiedUnused)
	} else {
		t.Decided(ruleVerified)
	}
	return code, r
}

func (t *turn) activate(r *record) {
	r.ActivatedAt = t.now
	t.startClock(r)
	t.Effect(EffectLicenseActivated, r.Key, "")
}

// startClock starts a duration that waited for the first use.
func (t *turn) startClock(r *record) {
	if r.Lifetime() || !r.ExpiresAt.IsZero() {
		return
	}
	t.Decided(ruleFirstUseExpiry)
	r.ExpiresAt = addSeconds(t.now, r.DurationSeconds)
}

// authJSON is a license as end users' programs see it.
type authJSON struct {
	Key               string   `json:"key"`
	Status            string   `json:"status"`
	Username          *string  `json:"username"`
	ExpiresAt         *string  `json:"expires_at"`
	ActivatedAt       *string  `json:"activated_at"`
	HWID              *string  `json:"hwid"`
	HWIDLock          bool     `json:"hwid_lock"`
	HWIDResetAllowed  bool     `json:"hwid_reset_allowed"`
	HWIDResetCooldown int64    `json:"hwid_reset_cooldown"`
	LastHWIDResetAt   *string  `json:"last_hwid_reset_at"`
	Subscription      tierJSON `json:"subscription"`
}

type tierJSON struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Level int64  `json:"level"`
}

type mismatchJSON struct {
	Allowed  bool    `json:"hwid_reset_allowed"`
	Last     *string `json:"last_hwid_reset_at"`
	Cooldown int64   `json:"hwid_reset_cooldown"`
}

type expiredJSON struct {
	ExpiresAt string `json:"expires_at"`
}

func (t *turn) encodeAuth(r *record) authJSON {
	t.Decided(ruleAuthData, ruleAuthDataNames, ruleAuthDataRest)
	t.noteEncoding()
	sub, shown := t.state.subscriptions.Get(r.SubscriptionID), r.encode()
	return authJSON{
		Key:               shown.Key,
		Status:            shown.Status,
		Username:          shown.Username,
		ExpiresAt:         shown.ExpiresAt,
		ActivatedAt:       shown.ActivatedAt,
		HWID:              shown.HWID,
		HWIDLock:          shown.HWIDLock,
		HWIDResetAllowed:  shown.HWIDResetAllowed,
		HWIDResetCooldown: shown.HWIDResetCooldown,
		LastHWIDResetAt:   shown.LastHWIDResetAt,
		Subscription:      tierJSON{sub.ID, sub.Name, sub.Level},
	}
}
