package luaprotmock

import (
	"net/http"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var (
	addFields      = []string{"discordId", "expire", "note", "limitedScripts"}
	generateFields = []string{"amount", "expire", "note", "limitedScripts"}
)

// maxUnassigned is how many keys of a hub may be nobody's when one more is made.
const maxUnassigned = 300

func (c *call) addKey() (core.Answer, *failure) {
	o, fail := c.readObject()
	if fail != nil {
		return core.Answer{}, fail
	}
	settings := c.readSettings(o)
	settings.DiscordID = readDiscordID(o).Value
	if fail := c.checkAddition(o, settings); fail != nil {
		return core.Answer{}, fail
	}
	k := c.create(settings)
	c.Decided(ruleAddAnswer, ruleAddFresh)
	if k.DiscordID == "" {
		c.Decided(ruleAddNobody)
	}
	return core.JSON(http.StatusOK, struct {
		envelope
		Key keyJSON `json:"key"`
	}{c.done("Key has been created successfully."), c.encodeShort(k)}), nil
}

func (c *call) checkAddition(o *core.Object, k record) *failure {
	if fail := invalid(c.Turn, o.Problems...); fail != nil {
		return fail
	}
	if k.DiscordID == "" {
		return c.checkRoom(1, ruleUnassignedAdd)
	}
	if c.state.keys.byDiscord[assignment{c.hub.ID, k.DiscordID}] != nil {
		c.Decided(ruleDiscordTaken)
		return errDiscordTaken
	}
	c.Decided(ruleDiscordPerHub, ruleAssignedUnlimited)
	return nil
}

// checkRoom refuses more keys without an owner than a hub may have.
func (c *call) checkRoom(wanted int64, rule string) *failure {
	c.Decided(rule, ruleStateUnassigned)
	if c.state.keys.unassigned(c.hub)+wanted > maxUnassigned {
		return errTooManyUnused
	}
	return nil
}

func (c *call) generateKeys() (core.Answer, *failure) {
	o, fail := c.readObject()
	if fail != nil {
		return core.Answer{}, fail
	}
	amount := o.Required("amount", ruleGenerateRequired, core.Range{Min: 5, Max: 300, Rule: ruleGenerateAmount})
	settings := c.readSettings(o)
	if fail = invalid(c.Turn, o.Problems...); fail == nil {
		fail = c.checkRoom(amount.Value, ruleUnassignedGenerate)
	}
	if fail != nil {
		c.Decided(ruleGenerateAllOrNone)
		return core.Answer{}, fail
	}
	values := []string{}
	for range amount.Value {
		values = append(values, c.create(settings).Value)
	}
	c.Decided(ruleGenerateAnswer, ruleGenerateSame)
	return core.JSON(http.StatusOK, struct {
		envelope
		Keys []string `json:"keys"`
	}{c.done("Keys have been generated successfully."), values}), nil
}

// readSettings reads what one key and many have in common. Null is the same as
// absent.
func (c *call) readSettings(o *core.Object) record {
	expire, note, scripts := c.readExpire(o, ruleExpireMin), o.Text("note"), c.readScripts(o)
	if expire.Null() || note.Null() || scripts.Null() || isNull(o, "discordId") {
		c.Decided(ruleCreateNull)
	}
	k := record{Noted: note.Given, Key: Key{HubID: c.hub.ID, Note: note.Value, LimitedScripts: scripts.Value, CreatedAt: c.now}}
	c.noteEmptyNote(note)
	if expire.Given {
		c.Decided(ruleExpireSeconds, ruleExpireFromCreation)
		k.ExpiresAt = addSeconds(c.now, expire.Value)
	} else {
		c.Decided(ruleExpireLifetime)
	}
	return k
}

// noteEmptyNote tells an empty note from none.
func (c *call) noteEmptyNote(note core.Input[string]) {
	if note.Given && note.Value == "" {
		c.Decided(ruleNoteEmpty)
	}
}

func isNull(o *core.Object, field string) bool {
	raw, sent := o.Raw(field)
	return sent && raw == nil
}

// create makes one key with these settings.
func (c *call) create(settings record) *record {
	k := settings.clone()
	k.Value = c.newValue()
	c.Decided(ruleKeyValue, ruleKeyUnique)
	c.insert(c.hub.Owner, k)
	return k
}

// insert stores a complete key.
func (t *turn) insert(owner string, k *record) {
	t.state.keys.add(owner, k)
	t.Effect(EffectKeyCreated, k.Value, "")
}
