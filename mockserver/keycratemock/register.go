package keycratemock

import (
	"net/http"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// serveRegister answers POST /register.
func (c *call) serveRegister() (core.Answer, *failure) {
	b, fail := c.readBody()
	if fail != nil {
		return core.Answer{}, fail
	}
	l := Login{
		AppID: b.Text("app_id").Value, License: b.Text("license").Value,
		Username: b.Text("username").Value, Password: b.Text("password").Value,
	}
	if fail := b.failure(); fail != nil {
		return core.Answer{}, fail
	}
	if fail := c.register(l); fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleRegisterEnvelope)
	return told(http.StatusOK, true, CodeRegistered, nil), nil
}

// register gives a license to a user, or refuses.
func (t *turn) register(l Login) *failure {
	l.AppID = strings.ToLower(l.AppID)
	t.Decided(ruleRegisterOrder)
	if fail := t.checkRegistration(l); fail != nil {
		return fail
	}
	if t.state.apps.Get(l.AppID) == nil {
		t.Decided(ruleAppUnknown)
		return errNoApp
	}
	r, fail := t.licenseIn(l.AppID, l.License)
	if fail != nil {
		return fail
	}
	switch {
	case r.Status != StatusActive:
		t.Decided(ruleRegisterState)
		return errLicenseOff
	case r.expired(t.now):
		t.Decided(ruleRegisterState, ruleStateExpiry)
		return errExpired
	case r.Username != "":
		t.Decided(ruleRegisterOnce)
		return errAlreadyRegistered
	case t.isTaken(l.Username, r):
		t.Decided(ruleRegisterTaken)
		return errUsernameTaken
	}
	t.Decided(ruleRegister, ruleRegisterCode, ruleRegisterHashed, ruleRegisterOnly)
	t.state.licenses.change(r, func(r *record) { r.Username, r.password = l.Username, newPassword(t.Rand, l.Password) })
	t.Effect(EffectLicenseRegistered, r.Key, l.Username)
	return nil
}

// checkRegistration asks for all that has to be there.
func (t *turn) checkRegistration(l Login) *failure {
	checks := core.Checks{Turn: t.Turn}
	for _, field := range []struct{ name, value string }{
		{"app_id", l.AppID}, {"license", l.License}, {"username", l.Username}, {"password", l.Password},
	} {
		if field.value == "" {
			checks.Wrong(field.name, ruleRegisterInput, "is required")
		}
	}
	switch {
	case l.isNoText():
		checks.Wrong("body", ruleBodyMalformed, "must be in UTF-8")
	case !isUUID(l.AppID):
		checks.Wrong("app_id", ruleBoundUUID, "must be a UUID")
	case !fits(l.Username, maxUsername):
		checks.Wrong("username", ruleBoundUsername, "must have 1 to %d characters", maxUsername)
	case !fits(l.Password, maxPassword):
		checks.Wrong("password", ruleBoundPassword, "must have 1 to %d characters", maxPassword)
	}
	return invalid(t.Turn, checks.Problems...)
}
