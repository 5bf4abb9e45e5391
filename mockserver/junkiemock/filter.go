package junkiemock

import (
	"slices"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// filter is what a list asks of a key.
type filter core.Filter[*record]

// readFilter makes the filter of a list from its parameters.
func (c *call) readFilter(q query) core.Filter[*record] {
	var f filter
	f = f.byValue(q)
	f = f.byHWID(q)
	f = f.byDiscordID(q)
	f = f.byID(q, "service_id", func(k *record) int64 { return k.ServiceID })
	f = f.byID(q, "provider_id", func(k *record) int64 { return k.ProviderID })
	f = f.byID(q, "folder_id", func(k *record) int64 { return k.FolderID })
	f = f.byStatus(q, c.now)
	f = f.byExpiry(q, "expires_before", time.Time.Before)
	f = f.byExpiry(q, "expires_after", time.Time.After)
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
	part = strings.ToLower(part)
	return append(f, func(k *record) bool { return containsFold(k.Value, part) })
}

func (f filter) byHWID(q query) filter {
	part, ok := q.Text("hwid")
	if !ok {
		return f
	}
	q.Turn.Decided(ruleFilterHWID, ruleFilterAnyHWID, ruleFilterLiteral)
	part = strings.ToLower(part)
	return append(f, func(k *record) bool {
		return slices.ContainsFunc(k.Devices, func(d Device) bool { return containsFold(d.HWID, part) })
	})
}

// containsFold looks for a part that is in lower case already.
func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), part)
}

func (f filter) byDiscordID(q query) filter {
	id, ok := q.Text("discord_id")
	if !ok {
		return f
	}
	q.Turn.Decided(ruleFilterDiscord)
	return append(f, func(k *record) bool { return k.DiscordID == id })
}

func (f filter) byID(q query, name string, of func(*record) int64) filter {
	id, ok := q.Integer(name, anyInteger)
	if !ok {
		return f
	}
	q.Turn.Decided(ruleFilterIDs, ruleFilterUnknownID)
	// 0 is how a record says null, which no filter finds.
	return append(f, func(k *record) bool { return id != 0 && of(k) == id })
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
	return append(f, func(k *record) bool { return k.status(now) == status })
}

func (f filter) byExpiry(q query, name string, is func(time.Time, time.Time) bool) filter {
	at, ok := q.time(name)
	if !ok {
		return f
	}
	q.Turn.Decided(ruleFilterExpires, ruleFilterStrictly)
	return append(f, func(k *record) bool { return !k.ExpiresAt.IsZero() && is(k.ExpiresAt, at) })
}
