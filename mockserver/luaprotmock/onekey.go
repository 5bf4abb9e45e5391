package luaprotmock

import (
	"net/http"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

func (c *call) getKeyInfo() (core.Answer, *failure) {
	k, fail := c.theKey(ruleNotFoundInfo, errNotFound)
	if fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleInfoAnswer, ruleReadOnly)
	c.Decided(ruleAnswerStatus, ruleAnswerEnvelope, ruleShapeInfo)
	return core.Encoded(http.StatusOK, c.shown.Text(c.lookOf(k, long), look.write).JSON), nil
}

// theKey finds the key that the query names. Each operation has its own words
// for one that is not there.
func (c *call) theKey(rule string, notFound *failure) (*record, *failure) {
	l, fail := c.readLookup()
	if fail != nil {
		return nil, fail
	}
	k := c.findKey(l)
	if k == nil {
		c.Decided(rule)
		return nil, notFound
	}
	return k, nil
}

func (c *call) deleteKey() (core.Answer, *failure) {
	k, fail := c.theKey(ruleNotFoundDelete, errNotFound)
	if fail != nil {
		return core.Answer{}, fail
	}
	c.deleteKeys(c.hub.Owner, k)
	c.Decided(ruleDeleteAnswer, ruleDeleteGone)
	return core.JSON(http.StatusOK, c.done("Key has been deleted.")), nil
}

func (t *turn) deleteKeys(owner string, gone ...*record) {
	t.state.keys.remove(owner, gone...)
	for _, k := range gone {
		t.Effect(EffectKeyDeleted, k.Value, "")
	}
}

func (c *call) resetHWID() (core.Answer, *failure) {
	k, fail := c.theKey(ruleNotFoundReset, errNotReset)
	if fail != nil {
		return core.Answer{}, fail
	}
	c.Decided(ruleAnswerStatus, ruleResetAnswer, ruleResetSpelling, ruleResetList, ruleResetCounts)
	if c.hub.ResetGap > 0 {
		c.Decided(ruleResetGap)
	}
	c.state.change(k, func(k *record) {
		k.HWID = ""
		c.noteUnassigned(k)
		k.HWIDResets++
		k.LastHWIDResetAt = c.now
	})
	c.Effect(EffectKeyHWIDReset, k.Value, "")
	return core.JSON(http.StatusOK, struct {
		Success bool     `json:"succcess"` // sic: three times c
		Message string   `json:"message"`
		Resets  []string `json:"resets"`
	}{true, "HWID(s) have been reset successfully.", []string{k.Value}}), nil
}

// maxBulkDelete is how many keys one call may name.
const maxBulkDelete = 1000

func (c *call) deleteKeysInBulk() (core.Answer, *failure) {
	owner := c.apiKey.Owner
	if c.state.oldestHub(owner) == nil {
		c.Decided(ruleBulkNoHubs)
		return core.Answer{}, errNoHubs
	}
	values, fail := c.readTexts(maxBulkDelete)
	if fail != nil {
		return core.Answer{}, fail
	}
	seen := map[string]bool{}
	var gone []*record
	for _, value := range values {
		k := c.state.keys.byValue[value]
		if k == nil || seen[value] || c.state.hubs.Get(k.HubID).Owner != owner {
			c.Decided(ruleBulkSkips)
			continue
		}
		seen[value] = true
		gone = append(gone, k)
	}
	c.deleteKeys(owner, gone...)
	c.Decided(ruleBulkAnswer, ruleBulkHubs)
	return core.JSON(http.StatusOK, c.done("Key(s) have been deleted.")), nil
}
