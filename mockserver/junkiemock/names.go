package junkiemock

// Operations of the vendor's API, as the journal, the faults and the ledger of
// the server name them.
const (
	OpListKeys      = "junkie.listKeys"      // GET /keys
	OpCreateKey     = "junkie.createKey"     // POST /keys
	OpCreateKeys    = "junkie.createKeys"    // POST /keys/batch
	OpDeleteKeys    = "junkie.deleteKeys"    // POST /keys/bulk-delete
	OpListFolders   = "junkie.listFolders"   // GET /keys/folders
	OpGetKey        = "junkie.getKey"        // GET /keys/{keyId}
	OpUpdateKey     = "junkie.updateKey"     // PUT /keys/{keyId}
	OpDeleteKey     = "junkie.deleteKey"     // DELETE /keys/{keyId}
	OpResetKeyHWIDs = "junkie.resetKeyHWIDs" // POST /keys/{keyId}/reset-hwid
)

// Actions are what a test does through the methods of [World] and [Account]
// instead of the vendor's API. Journal and ledger name them like operations.
const (
	ActAddAccount   = "junkie.addAccount"
	ActAddAPIKey    = "junkie.addAPIKey"
	ActRevokeAPIKey = "junkie.revokeAPIKey"
	ActAddProvider  = "junkie.addProvider"
	ActAddService   = "junkie.addService"
	ActAddFolder    = "junkie.addFolder"
	ActAddKey       = "junkie.addKey"
	ActRemoveKey    = "junkie.removeKey"
	ActBanDevice    = "junkie.banDevice"
	ActUnbanDevice  = "junkie.unbanDevice"
	ActVerify       = "junkie.verify"
	ActRedeem       = "junkie.redeem"
	ActSetRateLimit = "junkie.setRateLimit"
	ActLook         = "junkie.look" // Key, KeyByValue, Keys
)

// Kinds of effects in the server's ledger. An effect is a lasting change: what
// changes nothing (a refused call, an update that sets what is set already, a
// reset of a key without devices) leaves none. The id of an effect is the numeric
// id in decimal; that of an API key's is the account's, that of a ban's the HWID.
const (
	EffectAccountAdded    = "account.added"
	EffectAccountRemoved  = "account.removed" // with effects for all that was its own
	EffectAPIKeyAdded     = "api-key.added"   // the detail lists the scopes
	EffectAPIKeyChanged   = "api-key.changed" // here and below the detail lists the changed members
	EffectAPIKeyRevoked   = "api-key.revoked"
	EffectAPIKeyRemoved   = "api-key.removed"
	EffectProviderAdded   = "provider.added"
	EffectProviderChanged = "provider.changed"
	EffectProviderRemoved = "provider.removed"
	EffectServiceAdded    = "service.added"
	EffectServiceChanged  = "service.changed"
	EffectServiceRemoved  = "service.removed"
	EffectFolderAdded     = "folder.added"
	EffectFolderChanged   = "folder.changed"
	EffectFolderRemoved   = "folder.removed"
	EffectDeviceBanned    = "device.banned"
	EffectBanChanged      = "device.ban-changed"
	EffectBanLifted       = "device.ban-lifted"

	EffectKeyCreated       = "key.created"        // one for each key, also of a batch
	EffectKeyUpdated       = "key.updated"        // the detail lists the changed fields
	EffectKeyDeleted       = "key.deleted"        // one for each key, also of a bulk delete
	EffectKeyHWIDsReset    = "key.hwids-reset"    // at least one device was unbound
	EffectKeyUsed          = "key.used"           // first successful verification
	EffectKeyExpiryStarted = "key.expiry-started" // the first use started the clock
	EffectKeyDeviceBound   = "key.device-bound"   // by a verification
	EffectKeyInvalidated   = "key.invalidated"    // by a ban that invalidates keys
	EffectKeyRedeemed      = "key.redeemed"       // through Discord
)

// ScopeREST is the scope that an API key needs for every operation.
const ScopeREST = "rest-api:*"

// effectKinds are all of the kinds above; the server refuses an effect of another.
var effectKinds = []string{
	EffectAccountAdded,
	EffectAccountRemoved,
	EffectAPIKeyAdded,
	EffectAPIKeyChanged,
	EffectAPIKeyRevoked,
	EffectAPIKeyRemoved,
	EffectProviderAdded,
	EffectProviderChanged,
	EffectProviderRemoved,
	EffectServiceAdded,
	EffectServiceChanged,
	EffectServiceRemoved,
	EffectFolderAdded,
	EffectFolderChanged,
	EffectFolderRemoved,
	EffectDeviceBanned,
	EffectBanChanged,
	EffectBanLifted,
	EffectKeyCreated,
	EffectKeyUpdated,
	EffectKeyDeleted,
	EffectKeyHWIDsReset,
	EffectKeyUsed,
	EffectKeyExpiryStarted,
	EffectKeyDeviceBound,
	EffectKeyInvalidated,
	EffectKeyRedeemed,
}
