package junkiemock

import (
	"encoding/json"
	"math"
	"net/http"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var batchFields = []string{
	"amount", "provider_id", "service_id", "folder_id", "key_name", "validity_minutes", "hwid", "discord_id",
	"is_premium", "one_time_use", "expiry_on_first_use", "no_hwid", "hwid_limit",
}

var (
	amounts         = core.Range{Min: 1, Max: 100, Rule: ruleBoundAmount}
	batchServiceIDs = core.Range{Min: 1, Max: math.MaxInt64, Rule: ruleBoundService}
)

// configJSON repeats the settings of a batch.
type configJSON struct {
	ProviderID       int64   `json:"provider_id"`
	ServiceID        *int64  `json:"service_id"`
	FolderID         *int64  `json:"folder_id"`
	Name             *string `json:"key_name"`
	ValidityMinutes  *int64  `json:"validity_minutes"`
	HWID             *string `json:"hwid"`
	DiscordID        *string `json:"discord_id"`
	Premium          bool    `json:"is_premium"`
	OneTimeUse       bool    `json:"one_time_use"`
	ExpiryOnFirstUse bool    `json:"expiry_on_first_use"`
	NoHWID           bool    `json:"no_hwid"`
	HWIDLimit        *int64  `json:"hwid_limit"`
}

func (c *call) createKeys() (core.Answer, *failure) {
	b, fail := c.readBody()
	if fail != nil {
		return core.Answer{}, fail
	}
	amount, hwid := b.required("amount", amounts), b.text("hwid")
	wanted := c.readCreation(b, batchServiceIDs)
	var devices []string
	if hwid.Given {
		devices = b.single(hwid.Value)
	}
	if fail = b.failure(); fail == nil {
		fail = c.resolve(&wanted)
	}
	if fail != nil {
		c.Decided(ruleBatchAllOrNone)
		return core.Answer{}, fail
	}
	values := []string{}
	for range amount.Value {
		values = append(values, c.create(wanted.settings, devices).Value)
	}
	return c.answerBatch(values, wanted.settings, devices), nil
}

func (c *call) answerBatch(values []string, k record, devices []string) core.Answer {
	c.Decided(ruleBatchAnswer, ruleBatchValues, ruleBatchConfig, ruleBatchSame)
	config := configJSON{
		ProviderID:       k.ProviderID,
		ServiceID:        core.Nullable(k.ServiceID, k.ServiceID != 0),
		FolderID:         core.Nullable(k.FolderID, k.FolderID != 0),
		Name:             core.Nullable(k.Name, k.Named),
		ValidityMinutes:  core.Nullable(k.ValidityMinutes, k.ValidityMinutes != 0),
		DiscordID:        core.Nullable(k.DiscordID, k.DiscordID != ""),
		Premium:          k.Premium,
		OneTimeUse:       k.OneTimeUse,
		ExpiryOnFirstUse: k.ExpiryOnFirstUse,
		NoHWID:           k.NoHWID,
		HWIDLimit:        core.Nullable(k.HWIDLimit, k.Limited),
	}
	if len(devices) > 0 {
		c.Decided(ruleBatchHWID)
		config.HWID = &devices[0]
	}
	return core.JSON(http.StatusCreated, struct {
		Keys   []string   `json:"keys"`
		Count  int        `json:"count"`
		Config configJSON `json:"config"`
	}{values, len(values), config})
}

var bulkFields = []string{"keys"}

const maxBulkDelete = 1000

func (c *call) deleteKeysInBulk() (core.Answer, *failure) {
	b, fail := c.readBody()
	if fail != nil {
		return core.Answer{}, fail
	}
	items := b.readBulk()
	found := map[int64]*record{}
	var gone []*record
	for i, raw := range items {
		k := c.findListed(b, core.Item("keys", i), raw)
		if k != nil && found[k.ID] == nil {
			found[k.ID] = k
			gone = append(gone, k)
		}
	}
	if fail := b.failure(); fail != nil {
		return core.Answer{}, fail
	}
	c.deleteKeys(c.apiKey.UserID, gone...)
	c.Decided(ruleBulkAnswer, ruleBulkMixed, ruleBulkStrict, ruleBulkCounts)
	return core.JSON(http.StatusOK, struct {
		Deleted   int `json:"deleted"`
		Requested int `json:"requested"`
	}{len(gone), len(items)}), nil
}

// readBulk reads the list of a bulk delete, which must be there.
func (b *body) readBulk() []json.RawMessage {
	if raw, _ := b.Raw("keys"); raw == nil {
		b.Wrong("keys", ruleBodyRequired, "is required")
		return nil
	}
	items := b.List("keys")
	if n := len(items.Value); items.Given && (n == 0 || n > maxBulkDelete) {
		b.Wrong("keys", ruleBoundBulk, "must have 1 to %d items, has %d", maxBulkDelete, n)
		return nil
	}
	return items.Value
}

// findListed finds what an item of a bulk delete means: a string is a value, a
// number an id.
func (c *call) findListed(b *body, field string, raw json.RawMessage) *record {
	if raw[0] == '"' {
		value, _ := b.String(field, raw)
		return c.owned(c.state.keys.byValue[value])
	}
	id, problem := b.WholeNumber(raw)
	if problem != "" {
		b.Wrong(field, ruleBodyType, "must be an integer (an id) or a string (a value)")
		return nil
	}
	return c.owned(c.state.keys.byID[id])
}
