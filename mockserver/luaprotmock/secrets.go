package luaprotmock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// Secrets says what may be shown of requests and answers. The vendor knows a key
// by its value alone; a bulk delete has a bare list of them.
func (v *vendor) Secrets() core.Secrets {
	return core.Secrets{
		Secret: []string{"", "Authorization", "key", "keys", "resets"},
		Plain: []string{
			"activated", "active", "advertiseId", "amount", "avatar", "blacklistReason", "blacklisted", "created", "discordId",
			"executionCount", "expire", "expired", "global_name", "hub", "hubId", "hubName", "hwid", "hwidResetCount", "id",
			"lastExecution", "lastHwidReset", "limitPerPage", "limitedScripts", "message", "modified", "note", "page", "succcess",
			"success", "totalKeys", "totalPages", "unassigned", "username",
		},
		KeyedEffects: []string{
			EffectKeyCreated, EffectKeyUpdated, EffectKeyDeleted, EffectKeyHWIDReset, EffectKeyActivated, EffectKeyHWIDBound,
			EffectKeyExecuted, EffectKeyBlacklistedGlobally, EffectGlobalBlacklistLifted,
		},
	}
}
