package junkiemock

import (
	"slices"
	"strings"
	"time"
)

// filter is what a list asks of a key: all of it must hold.
type filter []func(*record) bool

func (f filter) accepts(k *record) bool {
	for _, holds := range f {
		if !holds(k) {
			return false
		}
	}
	return true
}

// readFilter makes the filter of a list from its parameters.
func (c *call) readFilter(q *query) filter {
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
		c.decided(ruleFilterAnd)
	}
	return f
}

func (f filter) byValue(q *query) filter {
	part, ok := q.text("key")
	if !ok {
		return f
	}
	q.turn.decided(ruleFilterKey, ruleFilterLiteral)
	part = strings.ToLower(part)
	return append(f, func(k *record) bool { return containsFold(k.Value, part) })
}

func (f filter) byHWID(q *query) filter {
	part, ok := q.text("hwid")
	if !ok {
		return f
	}
	q.turn.decided(ruleFilterHWID, ruleFilterAnyHWID, ruleFilterLiteral)
	part = strings.ToLower(part)
	return append(f, func(k *record) bool {
		return slices.ContainsFunc(k.Devices, func(d Device) bool { return containsFold(d.HWID, part) })
	})
}

// containsFold looks for a part that is in lower case already.
func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), part)
}

func (f filter) byDiscordID(q *query) filter {
	id, ok := q.text("discord_id")
	if !ok {
		return f
	}
	q.turn.decided(ruleFilterDiscord)
	return append(f, func(k *record) bool { return k.DiscordID == id })
}

func (f filter) byID(q *query, name string, of func(*record) int64) filter {
	id, ok := q.integer(name, anyInteger)
	if !ok {
		return f
	}
	q.turn.decided(ruleFilterIDs, ruleFilterUnknownID)
	// 0 is how a record says null, which no filter finds.
	return append(f, func(k *record) bool { return id != 0 && of(k) == id })
}

var statusRules = map[string]string{
	StatusActive:      ruleStatusActive,
	StatusUsed:        ruleStatusUsed,
	StatusExpired:     ruleStatusExpired,
	StatusInvalidated: ruleStatusInvalid,
}

func (f filter) byStatus(q *query, now time.Time) filter {
	status, ok := q.text("status")
	if !ok {
		return f
	}
	if statusRules[status] == "" {
		q.problem("status", ruleStatusValues, "must be active, used, expired or invalidated")
		return f
	}
	q.turn.decided(statusRules[status], ruleStatusOrder, ruleExpiryReached)
	return append(f, func(k *record) bool { return k.status(now) == status })
}

func (f filter) byExpiry(q *query, name string, is func(time.Time, time.Time) bool) filter {
	at, ok := q.time(name)
	if !ok {
		return f
	}
	q.turn.decided(ruleFilterExpires, ruleFilterStrictly)
	return append(f, func(k *record) bool { return !k.ExpiresAt.IsZero() && is(k.ExpiresAt, at) })
}
