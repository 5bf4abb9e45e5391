package luaprotmock

// Operations of the vendor's API, as the journal, the faults and the ledger of
// the server name them.
const (
	OpFetchKeys    = "luaprot.fetchKeys"    // GET /api/v1/keys/fetch
	OpDeleteKeys   = "luaprot.deleteKeys"   // POST /api/v1/keys/bulk-delete
	OpAddKey       = "luaprot.addKey"       // POST /api/v2/hubs/{hubId}/keys/add
	OpGenerateKeys = "luaprot.generateKeys" // POST /api/v2/hubs/{hubId}/keys/generate
	OpGetKeyInfo   = "luaprot.getKeyInfo"   // GET /api/v1/hubs/{hubId}/keys/info
	OpUpdateKey    = "luaprot.updateKey"    // PATCH /api/v2/hubs/{hubId}/keys/update
	OpDeleteKey    = "luaprot.deleteKey"    // DELETE /api/v1/hubs/{hubId}/keys/delete
	OpResetHWID    = "luaprot.resetHWID"    // PATCH /api/v1/hubs/{hubId}/hwid/reset
)

// Actions are what a test does through the methods of [World] and [Account], or
// as a deed through the control plane, instead of the vendor's API. Journal and
// ledger name them like operations.
// Methods that only look at the state leave no trace there.
const (
	ActAddAccount          = "luaprot.addAccount"
	ActAddAPIKey           = "luaprot.addAPIKey"
	ActRevokeAPIKey        = "luaprot.revokeAPIKey"
	ActSetIPWhitelisted    = "luaprot.setIPWhitelisted"
	ActAddHub              = "luaprot.addHub"
	ActAddScript           = "luaprot.addScript"
	ActSeedKey             = "luaprot.seedKey" // AddKey; the vendor's own operation is OpAddKey
	ActRemoveKey           = "luaprot.removeKey"
	ActSetDiscordData      = "luaprot.setDiscordData"
	ActBlacklistGlobally   = "luaprot.blacklistGlobally"
	ActLiftGlobalBlacklist = "luaprot.liftGlobalBlacklist"
	ActCheck               = "luaprot.check"
	ActSetRateLimit        = "luaprot.setRateLimit"
	ActSetRetryAfter       = "luaprot.setRetryAfter"
)

// Kinds of effects in the server's ledger. An effect is a lasting change: what
// changes nothing (a refused call, an update that sets what is set already)
// leaves none. The vendor knows a key by nothing but its text, so that is the id
// of its effects.
const (
	EffectAccountAdded       = "account.added"
	EffectAccountRemoved     = "account.removed" // after all that was in it
	EffectAPIKeyAdded        = "api-key.added"
	EffectAPIKeyRevoked      = "api-key.revoked"
	EffectAPIKeyRestored     = "api-key.restored"
	EffectAPIKeyRemoved      = "api-key.removed"
	EffectIPWhitelisted      = "ip.whitelisted"
	EffectIPRemoved          = "ip.removed"
	EffectHubAdded           = "hub.added"
	EffectHubUpdated         = "hub.updated" // the detail lists the changed fields
	EffectHubRemoved         = "hub.removed" // after all that was in it
	EffectScriptAdded        = "script.added"
	EffectScriptUpdated      = "script.updated" // the detail lists the changed fields
	EffectScriptRemoved      = "script.removed"
	EffectDiscordDataSaved   = "discord-data.saved"
	EffectDiscordDataRemoved = "discord-data.removed"

	EffectKeyCreated             = "key.created"              // one for each key, also when several are generated
	EffectKeyUpdated             = "key.updated"              // the detail lists the changed fields
	EffectKeyDeleted             = "key.deleted"              // one for each key, also of a bulk delete
	EffectKeyHWIDReset           = "key.hwid-reset"           // also if no device was bound: the vendor counts it
	EffectKeyActivated           = "key.activated"            // by the first successful check
	EffectKeyHWIDBound           = "key.hwid-bound"           // by a check
	EffectKeyExecuted            = "key.executed"             // by each successful check
	EffectKeyBlacklistedGlobally = "key.blacklisted-globally" // by the vendor's staff
	EffectGlobalBlacklistLifted  = "key.global-blacklist-lifted"
)

// effectKinds are all of the kinds above; the server refuses an effect of another.
var effectKinds = []string{
	EffectAccountAdded,
	EffectAccountRemoved,
	EffectAPIKeyAdded,
	EffectAPIKeyRevoked,
	EffectAPIKeyRestored,
	EffectAPIKeyRemoved,
	EffectIPWhitelisted,
	EffectIPRemoved,
	EffectHubAdded,
	EffectHubUpdated,
	EffectHubRemoved,
	EffectScriptAdded,
	EffectScriptUpdated,
	EffectScriptRemoved,
	EffectDiscordDataSaved,
	EffectDiscordDataRemoved,
	EffectKeyCreated,
	EffectKeyUpdated,
	EffectKeyDeleted,
	EffectKeyHWIDReset,
	EffectKeyActivated,
	EffectKeyHWIDBound,
	EffectKeyExecuted,
	EffectKeyBlacklistedGlobally,
	EffectGlobalBlacklistLifted,
}
