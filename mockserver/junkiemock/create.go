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
	providerIDs = core.Range{Min: 1, Max: math.MaxInt64, Rule: ruleBoundProvider}
	folderIDs   = core.Range{Min: 1, Max: math.MaxInt64, Rule: ruleBoundFolder}
	hwidLimits  = core.Range{Min: 0, Max: maxHWIDLimit, Rule: ruleBoundHWIDLimit}
)

// creation is what a body asks of new keys: their settings, and the references
// that are yet to be looked up.
type creation struct {
	settings                  record
	provider, service, folder core.Input[int64]
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
	c.Decided(ruleCreateAnswer)
	c.noteKey()
	return core.JSON(http.StatusCreated, struct {
		Key keyJSON `json:"key"`
	}{c.lookOf(k).encode()}), nil
}

// readCreation reads the settings that one key and a batch have in common.
func (c *call) readCreation(b *body, services core.Range) creation {
	name, discord := b.text("key_name"), b.discordID("discord_id")
	limit := b.Integer("hwid_limit", hwidLimits)
	m := creation{
		provider: b.required("provider_id", providerIDs),
		service:  b.Integer("service_id", services),
		folder:   b.Integer("folder_id", folderIDs),
	}
	m.settings = record{Named: name.Given, Limited: limit.Given, Key: Key{
		Name:             name.Value,
		HWIDLimit:        limit.Value,
		DiscordID:        discord.Value,
		ValidityMinutes:  b.validity().Value,
		Premium:          b.flag("is_premium").Value,
		OneTimeUse:       b.flag("one_time_use").Value,
		ExpiryOnFirstUse: b.flag("expiry_on_first_use").Value,
		NoHWID:           b.flag("no_hwid").Value,
	}}
	if b.Len() < len(c.op.fields) {
		c.Decided(ruleCreateDefaults)
	}
	if limit.Value == 0 {
		c.Decided(ruleLimitEcho)
	}
	return m
}

// validity reads validity_minutes; 0, null and absent are one.
func (b *body) validity() core.Input[int64] {
	in := b.Integer("validity_minutes", core.Range{Min: 0, Max: math.MaxInt64, Rule: ruleBoundValidity})
	if in.Given {
		b.InRange("validity_minutes", in.Value, core.Range{Max: maxValidity, Rule: ruleValidityMax})
	}
	if in.Sent && in.Value == 0 {
		b.Turn.Decided(ruleValidityForever, ruleValidityEcho)
	}
	return in
}

// readDevices reads the HWIDs to bind: those of hwids if it is sent, else hwid.
func (b *body) readDevices() []string {
	one, many := b.text("hwid"), b.hwids("hwids")
	switch {
	case many.Sent:
		if one.Given {
			b.Turn.Decided(ruleCreateHWIDsWin)
		}
		if one.Given && len(many.Value) == 0 {
			b.Turn.Decided(ruleCreateHWIDsNone)
		}
		return many.Value
	case one.Given:
		return b.single(one.Value)
	}
	return nil
}

// single makes a list of one HWID, or of none if it is empty.
func (b *body) single(hwid string) []string {
	if hwid == "" {
		b.Turn.Decided(ruleHWIDsEmpty)
		return nil
	}
	return []string{hwid}
}

// resolve looks up what the settings refer to, in the account of the caller.
func (c *call) resolve(m *creation) *failure {
	s, owner := c.state, c.apiKey.UserID
	m.settings.UserID = owner
	if !s.providers.owned(m.provider.Value, owner) {
		c.Decided(ruleProviderUnknown, ruleAuthAccount)
		return errProviderNotFound
	}
	m.settings.ProviderID = m.provider.Value
	if m.service.Given && !s.services.owned(m.service.Value, owner) {
		c.Decided(ruleServiceUnknown, ruleAuthAccount)
		return errServiceNotFound
	}
	m.settings.ServiceID = m.service.Value
	if fail := c.checkFolder(m.folder); fail != nil {
		return fail
	}
	m.settings.FolderID = m.folder.Value
	return nil
}

func (c *call) checkFolder(folder core.Input[int64]) *failure {
	if folder.Given && !c.state.folders.owned(folder.Value, c.apiKey.UserID) {
		c.Decided(ruleFolderUnknown, ruleAuthAccount)
		return errFolderNotFound
	}
	return nil
}

// create makes one key with these settings.
func (t *turn) create(settings record, devices []string) *record {
	k := &settings // a copy, since it is passed by value
	provider := t.state.providers.Get(k.ProviderID)
	k.Value, k.CreatedAt = t.newValue(provider), t.now
	k.ExpiresAt = k.deadline()
	k.rebind(devices, t.now)
	t.noteCreation(k, provider)
	t.insert(k)
	return k
}

func (t *turn) noteCreation(k *record, p Provider) {
	t.Decided(ruleKeyID, ruleKeyValue)
	if p.KeyPrefix != "" {
		t.Decided(ruleKeyPrefix)
	}
	switch {
	case k.ValidityMinutes != 0 && k.ExpiryOnFirstUse:
		t.Decided(ruleExpiryPending)
	case k.ValidityMinutes != 0:
		t.Decided(ruleExpiryCreated)
	}
	if len(k.Devices) > 0 {
		t.Decided(ruleCreateHWID, ruleCreateBoundBy)
	}
	if k.HWIDLimit > 0 && int64(len(k.Devices)) > k.HWIDLimit {
		t.Decided(ruleCreateOverLimit)
	}
}

// insert gives a complete key its id, if it has none, and stores it.
func (t *turn) insert(k *record) {
	k.ID = t.state.keys.ids.claim(k.ID)
	t.state.keys.add(k)
	t.Effect(EffectKeyCreated, decimal(k.ID), "")
}
