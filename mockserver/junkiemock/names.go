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
// reset of a key without devices) leaves none. The id of a key's effect is its
// numeric id in decimal.
const (
	EffectAccountAdded  = "account.added"
	EffectAPIKeyAdded   = "api-key.added"
	EffectAPIKeyRevoked = "api-key.revoked"
	EffectProviderAdded = "provider.added"
	EffectServiceAdded  = "service.added"
	EffectFolderAdded   = "folder.added"
	EffectDeviceBanned  = "device.banned"
	EffectBanLifted     = "device.ban-lifted"

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
	EffectAPIKeyAdded,
	EffectAPIKeyRevoked,
	EffectProviderAdded,
	EffectServiceAdded,
	EffectFolderAdded,
	EffectDeviceBanned,
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
