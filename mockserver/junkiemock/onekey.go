package junkiemock

import (
	"net/http"
	"strconv"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// findKey finds the key that the path names.
func (c *call) findKey() (*record, *failure) {
	ref := c.req.Params.Get("keyId")
	c.Decided(ruleRefEither)
	if core.IsDigits(ref) {
		c.Decided(ruleRefDigits)
	} else {
		c.Decided(ruleRefValue)
	}
	k, _ := c.state.findKey(ref)
	if k = c.owned(k); k == nil {
		c.Decided(ruleRefNotFound)
		return nil, errKeyNotFound
	}
	return k, nil
}

// findKey finds a key by its id, or by a value that is not of digits only.
func (s *state) findKey(ref string) (k *record, found bool) {
	if core.IsDigits(ref) {
		k, found = s.keys.byID[numberOf(ref)]
	} else {
		k, found = s.keys.byValue[ref]
	}
	return k, found
}

// owned hides the keys of other accounts.
func (c *call) owned(k *record) *record {
	if k != nil && k.UserID != c.apiKey.UserID {
		c.Decided(ruleAuthAccount)
		return nil
	}
	return k
}

func (c *call) getKey() (core.Answer, *failure) {
	k, fail := c.findKey()
	if fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleGetAnswer, ruleGetReadOnly)
	if k.Redemption == nil {
		c.Decided(ruleGetRedemption)
	}
	c.noteKey()
	detailed := c.lookOf(k)
	detailed.detailed = true
	return core.Encoded(http.StatusOK, c.shown.Text(detailed, look.write).JSON), nil
}

func (c *call) deleteKey() (core.Answer, *failure) {
	k, fail := c.findKey()
	if fail != nil {
		return core.Answer{}, fail
	}
	c.deleteKeys(k.UserID, k)
	c.Decided(ruleDeleteAnswer, ruleDeleteEmpty, ruleDeleteGone)
	return core.Answer{Status: http.StatusOK, Header: http.Header{}}, nil
}

func (t *turn) deleteKeys(userID int64, gone ...*record) {
	t.state.keys.remove(userID, gone...)
	for _, k := range gone {
		t.Effect(EffectKeyDeleted, decimal(k.ID), "")
	}
}

func (c *call) resetKeyHWIDs() (core.Answer, *failure) {
	k, fail := c.findKey()
	if fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleResetAnswer, ruleResetKeeps)
	if len(k.Devices) == 0 {
		c.Decided(ruleResetNone)
	} else {
		c.Effect(EffectKeyHWIDsReset, decimal(k.ID), strconv.Itoa(len(k.Devices))+" unbound")
		c.state.keys.change(k, func(k *record) { k.Devices = nil })
	}
	return core.JSON(http.StatusOK, done{Success: true, Message: "HWIDs reset successfully"}), nil
}

// done is the answer of calls that tell no more than that they worked.
type done struct {
	Success  bool     `json:"success"`
	Message  string   `json:"message"`
	KeysHWID []string `json:"keys_hwid,omitzero"` // nil is left out, empty is not
}
