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
	amounts         = integers{min: 1, max: 100, rule: ruleBoundAmount}
	batchServiceIDs = integers{min: 1, max: math.MaxInt64, rule: ruleBoundService}
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
	if hwid.given {
		devices = b.single(hwid.value)
	}
	if fail = b.failure(); fail == nil {
		fail = c.resolve(&wanted)
	}
	if fail != nil {
		c.decided(ruleBatchAllOrNone)
		return core.Answer{}, fail
	}
	values := []string{}
	for range amount.value {
		values = append(values, c.create(wanted.settings, devices).Value)
	}
	return c.answerBatch(values, wanted.settings, devices), nil
}

func (c *call) answerBatch(values []string, k record, devices []string) core.Answer {
	c.decided(ruleBatchAnswer, ruleBatchValues, ruleBatchConfig, ruleBatchSame)
	config := configJSON{
		ProviderID:       k.ProviderID,
		ServiceID:        nullable(k.ServiceID, k.ServiceID != 0),
		FolderID:         nullable(k.FolderID, k.FolderID != 0),
		Name:             nullable(k.Name, k.Named),
		ValidityMinutes:  nullable(k.ValidityMinutes, k.ValidityMinutes != 0),
		DiscordID:        nullable(k.DiscordID, k.DiscordID != ""),
		Premium:          k.Premium,
		OneTimeUse:       k.OneTimeUse,
		ExpiryOnFirstUse: k.ExpiryOnFirstUse,
		NoHWID:           k.NoHWID,
		HWIDLimit:        nullable(k.HWIDLimit, k.Limited),
	}
	if len(devices) > 0 {
		c.decided(ruleBatchHWID)
		config.HWID = &devices[0]
	}
	return answerJSON(http.StatusCreated, struct {
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
		k := c.owned(b.lookUp(item("keys", i), raw))
		if k != nil && found[k.ID] == nil {
			found[k.ID] = k
			gone = append(gone, k)
		}
	}
	if fail := b.failure(); fail != nil {
		return core.Answer{}, fail
	}
	c.deleteKeys(c.apiKey.userID, gone...)
	c.decided(ruleBulkAnswer, ruleBulkMixed, ruleBulkStrict, ruleBulkCounts)
	return answerJSON(http.StatusOK, struct {
		Deleted   int `json:"deleted"`
		Requested int `json:"requested"`
	}{len(gone), len(items)}), nil
}

// readBulk reads the list of a bulk delete, which must be there.
func (b *body) readBulk() []json.RawMessage {
	raw, _ := b.raw("keys")
	if raw == nil {
		b.problem("keys", ruleBodyRequired, "is required")
		return nil
	}
	items, _ := b.list("keys")
	if items != nil && (len(items) == 0 || len(items) > maxBulkDelete) {
		b.problem("keys", ruleBoundBulk, "must have 1 to %d items, has %d", maxBulkDelete, len(items))
		return nil
	}
	return items
}

// lookUp finds what an item of a bulk delete means: a string is a value, a
// number an id.
func (b *body) lookUp(field string, raw json.RawMessage) *record {
	keys := b.turn.state.keys
	if raw[0] == '"' {
		value, _ := b.str(field, raw)
		return keys.byValue[value]
	}
	id, problem := b.wholeNumber(raw)
	if problem != "" {
		b.problem(field, ruleBodyType, "must be an integer (an id) or a string (a value)")
		return nil
	}
	return keys.byID[id]
}
