package junkiemock

import (
	"math"
	"net/http"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var createFields = []string{
	"provider_id", "service_id", "folder_id", "key_name", "validity_minutes", "hwid", "hwids", "discord_id",
	"is_premium", "one_time_use", "expiry_on_first_use", "no_hwid", "hwid_limit",
}

// maxValidity is the largest 32-bit number: some 4,000 years.
const maxValidity = math.MaxInt32

const maxHWIDLimit = 100

var (
	providerIDs = integers{min: 1, max: math.MaxInt64, rule: ruleBoundProvider}
	folderIDs   = integers{min: 1, max: math.MaxInt64, rule: ruleBoundFolder}
	hwidLimits  = integers{min: 0, max: maxHWIDLimit, rule: ruleBoundHWIDLimit}
)

// creation is what a body asks of new keys: their settings, and the references
// that are yet to be looked up.
type creation struct {
	settings                  record
	provider, service, folder input[int64]
}

func (c *call) createKey() (core.Answer, *failure) {
	b, fail := c.readBody()
	if fail != nil {
		return core.Answer{}, fail
	}
	wanted := c.readCreation(b, anyInteger)
	devices := b.readDevices()
	if fail := b.failure(); fail != nil {
		return core.Answer{}, fail
	}
	if fail := c.resolve(&wanted); fail != nil {
		return core.Answer{}, fail
	}
	k := c.create(wanted.settings, devices)
	c.decided(ruleCreateAnswer)
	return answerJSON(http.StatusCreated, struct {
		Key keyJSON `json:"key"`
	}{c.encodeKey(k)}), nil
}

// readCreation reads the settings that one key and a batch have in common.
func (c *call) readCreation(b *body, services integers) creation {
	name, discord := b.text("key_name"), b.discordID("discord_id")
	limit := b.integer("hwid_limit", hwidLimits)
	m := creation{
		provider: b.required("provider_id", providerIDs),
		service:  b.integer("service_id", services),
		folder:   b.integer("folder_id", folderIDs),
	}
	m.settings = record{Named: name.given, Limited: limit.given, Key: Key{
		Name:             name.value,
		HWIDLimit:        limit.value,
		DiscordID:        discord.value,
		ValidityMinutes:  b.validity().value,
		Premium:          b.flag("is_premium").value,
		OneTimeUse:       b.flag("one_time_use").value,
		ExpiryOnFirstUse: b.flag("expiry_on_first_use").value,
		NoHWID:           b.flag("no_hwid").value,
	}}
	if len(b.fields) < len(c.op.fields) {
		c.decided(ruleCreateDefaults)
	}
	if limit.value == 0 {
		c.decided(ruleLimitEcho)
	}
	return m
}

// validity reads validity_minutes; 0, null and absent are one.
func (b *body) validity() input[int64] {
	in := b.integer("validity_minutes", integers{min: 0, max: math.MaxInt64, rule: ruleBoundValidity})
	if in.given {
		b.inRange("validity_minutes", in.value, integers{max: maxValidity, rule: ruleValidityMax})
	}
	if in.sent && in.value == 0 {
		b.turn.decided(ruleValidityForever, ruleValidityEcho)
	}
	return in
}

// readDevices reads the HWIDs to bind: those of hwids if it is sent, else hwid.
func (b *body) readDevices() []string {
	one, many := b.text("hwid"), b.hwids("hwids")
	switch {
	case many.sent:
		if one.given {
			b.turn.decided(ruleCreateHWIDsWin)
		}
		if one.given && len(many.value) == 0 {
			b.turn.decided(ruleCreateHWIDsNone)
		}
		return many.value
	case one.given:
		return b.single(one.value)
	}
	return nil
}

// single makes a list of one HWID, or of none if it is empty.
func (b *body) single(hwid string) []string {
	if hwid == "" {
		b.turn.decided(ruleHWIDsEmpty)
		return nil
	}
	return []string{hwid}
}

// resolve looks up what the settings refer to, in the account of the caller.
func (c *call) resolve(m *creation) *failure {
	s, owner := c.state, c.apiKey.userID
	m.settings.UserID = owner
	if s.providers[m.provider.value].UserID != owner {
		c.decided(ruleProviderUnknown, ruleAuthAccount)
		return errProviderNotFound
	}
	m.settings.ProviderID = m.provider.value
	if m.service.given && s.services[m.service.value].UserID != owner {
		c.decided(ruleServiceUnknown, ruleAuthAccount)
		return errServiceNotFound
	}
	m.settings.ServiceID = m.service.value
	if fail := c.checkFolder(m.folder); fail != nil {
		return fail
	}
	m.settings.FolderID = m.folder.value
	return nil
}

func (c *call) checkFolder(folder input[int64]) *failure {
	if folder.given && c.state.folders[folder.value].UserID != c.apiKey.userID {
		c.decided(ruleFolderUnknown, ruleAuthAccount)
		return errFolderNotFound
	}
	return nil
}

// create makes one key with these settings.
func (t *turn) create(settings record, devices []string) *record {
	k := &settings // a copy, since it is passed by value
	provider := t.state.providers[k.ProviderID]
	k.Value, k.CreatedAt = t.newValue(provider), t.now
	k.ExpiresAt = k.deadline()
	k.rebind(devices, t.now)
	t.noteCreation(k, provider)
	t.insert(k)
	return k
}

func (t *turn) noteCreation(k *record, p Provider) {
	t.decided(ruleKeyID, ruleKeyValue)
	if p.KeyPrefix != "" {
		t.decided(ruleKeyPrefix)
	}
	switch {
	case k.ValidityMinutes != 0 && k.ExpiryOnFirstUse:
		t.decided(ruleExpiryPending)
	case k.ValidityMinutes != 0:
		t.decided(ruleExpiryCreated)
	}
	if len(k.Devices) > 0 {
		t.decided(ruleCreateHWID, ruleCreateBoundBy)
	}
	if k.HWIDLimit > 0 && int64(len(k.Devices)) > k.HWIDLimit {
		t.decided(ruleCreateOverLimit)
	}
}

// insert gives a complete key its id, if it has none, and stores it.
func (t *turn) insert(k *record) {
	if k.ID == 0 {
		k.ID = next(&t.state.last.key)
	}
	t.state.last.key = max(t.state.last.key, k.ID)
	t.state.keys.add(k)
	t.Effect(EffectKeyCreated, decimal(k.ID), "")
}
