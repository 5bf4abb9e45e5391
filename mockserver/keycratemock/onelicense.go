package keycratemock

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// which reads which licenses a call is about: the one of license_key or those of
// license_keys, as the operation has it.
type which func(*body) []string

func one(b *body) []string  { return []string{b.key()} }
func many(b *body) []string { return b.keys() }

// about reads a body about licenses that exist and that the caller may use. read
// reads the fields beside their keys.
func (c *call) about(keys which, read func(*body)) ([]*record, *failure) {
	b, fail := c.readBody()
	if fail != nil {
		return nil, fail
	}
	named := keys(b)
	read(b)
	if fail := b.failure(); fail != nil {
		return nil, fail
	}
	return c.theLicenses(named)
}

func nothing(*body) {}

// change does the same to each license, and puts it as it then is in the list. Nothing
// can go wrong any more.
func (c *call) change(list []*record, do func(*record)) {
	for i, was := range list {
		list[i] = c.state.licenses.change(was, func(r *record) {
			do(r)
			c.noteUpdate(r, was)
		})
	}
}

// show answers with the license, or with all of them in the order of the
// request.
func (c *call) show(list []*record, bulk bool) core.Answer {
	if bulk {
		c.Decided(ruleBulkAnswer, ruleBulkAllOrNone)
		return c.done(c.encodeLicenses(list))
	}
	c.Decided(ruleUpdateAnswer)
	return c.done(c.encodeLicense(list[0]))
}

func (c *call) getLicense() (core.Answer, *failure) {
	list, fail := c.about(one, nothing)
	if fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleGetAnswer, ruleReadOnly)
	c.noteLicense()
	c.Decided(ruleAnswerStatus, ruleAnswerEnvelope)
	return core.Encoded(http.StatusOK, c.shown.Text(look{list[0], true}, look.write).JSON), nil
}

func (c *call) deleteLicense() (core.Answer, *failure)  { return c.delete(one) }
func (c *call) deleteLicenses() (core.Answer, *failure) { return c.delete(many) }

func (c *call) delete(keys which) (core.Answer, *failure) {
	list, fail := c.about(keys, nothing)
	if fail != nil {
		return core.Answer{}, fail
	}
	c.deleteAll(list)
	c.Decided(ruleDeleteAnswer, ruleDeleteGone)
	return c.done(struct {
		Deleted int `json:"deleted"`
	}{len(list)}), nil
}

func (t *turn) deleteAll(list []*record) {
	t.state.licenses.remove(list...)
	for _, r := range list {
		t.Effect(EffectLicenseDeleted, r.Key, "")
	}
}

func (c *call) extendLicense() (core.Answer, *failure)  { return c.extend(one, false) }
func (c *call) extendLicenses() (core.Answer, *failure) { return c.extend(many, true) }

func (c *call) extend(keys which, bulk bool) (core.Answer, *failure) {
	var n int64
	list, fail := c.about(keys, func(b *body) {
		in := b.Required("extend_seconds", ruleBodyRequired, core.Range{Min: 1, Max: math.MaxInt64, Rule: ruleExtendMin})
		n = in.Value
	})
	if fail != nil {
		return core.Answer{}, fail
	}
	for _, r := range list {
		switch {
		case r.Lifetime():
			return core.Answer{}, c.unacceptable(ruleExtendLifetime, "a lifetime license cannot be extended")
		case n > maxGranted-r.DurationSeconds:
			return core.Answer{}, c.unacceptable(ruleDurationMax, "extend_seconds would make the license too long")
		}
	}
	c.Decided(ruleExtendAdds, ruleExtendSeconds)
	for i, r := range list {
		list[i] = c.state.licenses.change(r, func(r *record) { c.extendBy(r, n) })
	}
	return c.show(list, bulk), nil
}

func (c *call) extendBy(r *record, n int64) {
	r.DurationSeconds += n
	r.UpdatedAt = c.now
	switch {
	case r.ExpiresAt.IsZero():
		c.Decided(ruleExtendUnused)
	case r.expired(c.now):
		c.Decided(ruleExtendExpired)
		r.ExpiresAt = addSeconds(c.now, n)
	default:
		c.Decided(ruleExtendRunning)
		r.ExpiresAt = addSeconds(r.ExpiresAt, n)
	}
	c.Decided(ruleExtendStatus, ruleUpdatedAt)
	c.Effect(EffectLicenseExtended, r.Key, strconv.FormatInt(n, 10))
}

func (c *call) updateStatus() (core.Answer, *failure)   { return c.setStatus(one, false) }
func (c *call) updateStatuses() (core.Answer, *failure) { return c.setStatus(many, true) }

func (c *call) setStatus(keys which, bulk bool) (core.Answer, *failure) {
	var status string
	list, fail := c.about(keys, func(b *body) {
		b.needs("status")
		status = b.choice("status", ruleStatusValues, StatusActive, StatusPaused).Value
	})
	if fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleStatusSet, ruleStatusClock, ruleStatusSame)
	c.change(list, func(r *record) { r.Status = status })
	return c.show(list, bulk), nil
}

func (c *call) updateSubscription() (core.Answer, *failure) {
	b, fail := c.readBody()
	if fail != nil {
		return core.Answer{}, fail
	}
	key, id := b.key(), b.requiredUUID("subscription_id")
	if fail := b.failure(); fail != nil {
		return core.Answer{}, fail
	}
	r, sub, fail := c.moving(key, id)
	if fail != nil {
		return core.Answer{}, fail
	}
	switch {
	case sub.AppID != r.AppID:
		return core.Answer{}, c.unacceptable(ruleMoveForeign, "subscription_id is of another app")
	case sub.SingleKeyPerHWID && r.HWID != "" && c.state.licenses.holder(sub, r.HWID, r) != nil:
		c.Decided(ruleMoveHWIDInUse)
		return core.Answer{}, errHWIDInUse
	}
	c.Decided(ruleMoveKeeps)
	list := []*record{r}
	c.change(list, func(r *record) { r.SubscriptionID = sub.ID })
	return c.show(list, false), nil
}

// moving finds a license and the subscription it is to have: first whether both
// exist, then whether the caller may use them.
func (c *call) moving(key, id string) (*record, *Subscription, *failure) {
	if c.state.licenses.byKey[key] != nil {
		if _, fail := c.existing(id); fail != nil {
			return nil, nil, fail
		}
	}
	r, fail := c.theLicense(key)
	if fail != nil {
		return nil, nil, fail
	}
	sub, fail := c.theSubscription(id)
	return r, sub, fail
}

// The bounds of credentials, in characters.
const (
	maxUsername = 64
	maxPassword = 1024
)

func (c *call) updateCredentials() (core.Answer, *failure) {
	var name, secret core.Input[string]
	list, fail := c.about(one, func(b *body) {
		b.needs("username")
		name = b.text("username", maxUsername, ruleBoundUsername)
		secret = b.text("password", maxPassword, ruleBoundPassword)
	})
	if fail != nil {
		return core.Answer{}, fail
	}
	r := list[0]
	if c.isTaken(name.Value, r) {
		return core.Answer{}, errUsernameTaken
	}
	c.Decided(ruleCredentialsUsername)
	c.change(list, func(r *record) {
		r.Username = name.Value
		if secret.Given {
			c.Decided(ruleCredentialsPassword)
			c.setPassword(r, secret.Value)
		}
	})
	return c.show(list, false), nil
}

// setPassword replaces the password of a license. The same one with another salt
// would be no change that anybody sees.
func (t *turn) setPassword(r *record, text string) {
	if !r.password.is(text) {
		r.password = newPassword(t.Rand, text)
	}
}

// isTaken reports whether a username is another license's in the same app.
func (t *turn) isTaken(username string, r *record) bool {
	t.Decided(ruleUsernameExact)
	holder := t.state.licenses.byUser[login{r.AppID, username}]
	if holder == nil || holder == r {
		return false
	}
	t.Decided(ruleUsernameTaken)
	return true
}

func (c *call) updateMetadata() (core.Answer, *failure) {
	var metadata json.RawMessage
	list, fail := c.about(one, func(b *body) {
		b.needs("metadata")
		metadata = b.metadata()
	})
	if fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleMetadataReplaces)
	c.change(list, func(r *record) { r.metadata = metadata })
	return c.show(list, false), nil
}
