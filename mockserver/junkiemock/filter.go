package junkiemock

import (
	"slices"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// What lists ask for, and indexes know.
var (
	inValue    = core.TextOf(func(k *record, holds func(string) bool) bool { return holds(k.Value) }, strings.ToLower)
	onDevice   = core.TextOf((*record).anyDevice, strings.ToLower)
	ofDiscord  = core.FieldOf(func(k *record) string { return k.DiscordID })
	ofService  = core.FieldOf(func(k *record) int64 { return k.ServiceID })
	ofProvider = core.FieldOf(func(k *record) int64 { return k.ProviderID })
	inFolder   = core.FieldOf(func(k *record) int64 { return k.FolderID })
	expiring   = core.MomentOf(func(k *record) time.Time { return k.ExpiresAt })
	inStatus   = core.PhaseOf(
		func(k *record, at time.Time) string { return k.status(at) },
		func(k *record) time.Time { return k.ExpiresAt },
	)
)

func (k *record) anyDevice(holds func(hwid string) bool) bool {
	return slices.ContainsFunc(k.Devices, func(d Device) bool { return holds(d.HWID) })
}

// filter is what a list asks of a key.
type filter core.Filter[*record]

// readFilter makes the filter of a list from its parameters.
func (c *call) readFilter(q query) core.Filter[*record] {
	var f filter
	f = f.byValue(q)
	f = f.byHWID(q)
	f = f.byDiscordID(q)
	f = f.byID(q, "service_id", ofService)
	f = f.byID(q, "provider_id", ofProvider)
	f = f.byID(q, "folder_id", inFolder)
	f = f.byStatus(q, c.now)
	f = f.byExpiry(q, "expires_before", expiring.Before)
	f = f.byExpiry(q, "expires_after", expiring.After)
	if len(f) > 1 {
		c.Decided(ruleFilterAnd)
	}
	return core.Filter[*record](f)
}

func (f filter) byValue(q query) filter {
	part, ok := q.Text("key")
	if !ok {
		return f
	}
	q.Turn.Decided(ruleFilterKey, ruleFilterLiteral)
	return append(f, inValue.Contains(part))
}

func (f filter) byHWID(q query) filter {
	part, ok := q.Text("hwid")
	if !ok {
		return f
	}
	q.Turn.Decided(ruleFilterHWID, ruleFilterAnyHWID, ruleFilterLiteral)
	return append(f, onDevice.Contains(part))
}

func (f filter) byDiscordID(q query) filter {
	id, ok := q.Text("discord_id")
	if !ok {
		return f
	}
	q.Turn.Decided(ruleFilterDiscord)
	return append(f, ofDiscord.Is(id))
}

func (f filter) byID(q query, name string, of *core.Field[*record, int64]) filter {
	id, ok := q.Integer(name, anyInteger)
	if !ok {
		return f
	}
	q.Turn.Decided(ruleFilterIDs, ruleFilterUnknownID)
	return append(f, of.Is(id)) // 0 is how a record says null, which no filter finds
}

var statusRules = map[string]string{
	StatusActive:      ruleStatusActive,
	StatusUsed:        ruleStatusUsed,
	StatusExpired:     ruleStatusExpired,
	StatusInvalidated: ruleStatusInvalid,
}

func (f filter) byStatus(q query, now time.Time) filter {
	status, ok := q.Text("status")
	if !ok {
		return f
	}
	if statusRules[status] == "" {
		q.Wrong("status", ruleStatusValues, "must be active, used, expired or invalidated")
		return f
	}
	q.Turn.Decided(statusRules[status], ruleStatusOrder, ruleExpiryReached)
	return append(f, inStatus.Is(status, now))
}

func (f filter) byExpiry(q query, name string, is func(time.Time) core.Condition[*record]) filter {
	at, ok := q.time(name)
	if !ok {
		return f
	}
	q.Turn.Decided(ruleFilterExpires, ruleFilterStrictly)
	return append(f, is(at))
}
