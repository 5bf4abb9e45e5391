package keycratemock

// Operations of the vendor's API, as the journal, the faults and the ledger of
// the server name them. All but the preflight are POST.
const (
	OpCreateLicense             = "keycrate.createLicense"             // /license/create
	OpCreateLicensesBulk        = "keycrate.createLicensesBulk"        // /license/create-bulk
	OpExtendLicense             = "keycrate.extendLicense"             // /license/extend
	OpExtendLicensesBulk        = "keycrate.extendLicensesBulk"        // /license/extend-bulk
	OpDeleteLicense             = "keycrate.deleteLicense"             // /license/delete
	OpDeleteLicensesBulk        = "keycrate.deleteLicensesBulk"        // /license/delete-bulk
	OpGetLicense                = "keycrate.getLicense"                // /license/get
	OpListLicenses              = "keycrate.listLicenses"              // /license/get-bulk
	OpUpdateLicenseStatus       = "keycrate.updateLicenseStatus"       // /license/update-status
	OpUpdateLicenseStatusBulk   = "keycrate.updateLicenseStatusBulk"   // /license/update-status-bulk
	OpUpdateLicenseSubscription = "keycrate.updateLicenseSubscription" // /license/update-subscription
	OpUpdateLicenseCredentials  = "keycrate.updateLicenseCredentials"  // /license/update-user-credentials
	OpUpdateLicenseMetadata     = "keycrate.updateLicenseMetadata"     // /license/update-metadata

	OpEditHWID             = "keycrate.editHWID"             // /hwid/edit
	OpSetHWIDLock          = "keycrate.setHWIDLock"          // /hwid/toggle-lock
	OpSetHWIDLockBulk      = "keycrate.setHWIDLockBulk"      // /hwid/toggle-lock-bulk
	OpSetHWIDResetAllowed  = "keycrate.setHWIDResetAllowed"  // /hwid/toggle-reset-allowed
	OpSetHWIDResetInterval = "keycrate.setHWIDResetInterval" // /hwid/update-reset-interval

	OpCreateSubscription = "keycrate.createSubscription" // /subscription/create
	OpEditSubscription   = "keycrate.editSubscription"   // /subscription/edit
	OpDeleteSubscription = "keycrate.deleteSubscription" // /subscription/delete
	OpListSubscriptions  = "keycrate.listSubscriptions"  // /subscription/get-bulk

	OpAuthenticate = "keycrate.authenticate" // /auth
	OpRegister     = "keycrate.register"     // /register
	OpPreflight    = "keycrate.preflight"    // OPTIONS of the two above, which a browser sends by itself
)

// Actions are what a test does through the methods of [World] instead of the
// vendor's API. Journal and ledger name them like operations. Methods that only
// look at the state leave no trace there.
const (
	ActAddApp              = "keycrate.addApp"
	ActSetAppEnabled       = "keycrate.setAppEnabled"
	ActSetTeamEnabled      = "keycrate.setTeamEnabled"
	ActAddAPIKey           = "keycrate.addAPIKey"
	ActRevokeAPIKey        = "keycrate.revokeAPIKey"
	ActAddSubscription     = "keycrate.addSubscription"
	ActOrphanLicenses      = "keycrate.orphanLicenses"
	ActAddLicense          = "keycrate.addLicense"
	ActRemoveLicense       = "keycrate.removeLicense"
	ActBlacklist           = "keycrate.blacklist"
	ActUnblacklist         = "keycrate.unblacklist"
	ActSetOrigin           = "keycrate.setOrigin"
	ActAuth                = "keycrate.auth"         // Auth and AuthWith; the vendor's own operation is OpAuthenticate
	ActRegister            = "keycrate.registerUser" // Register; the vendor's own operation is OpRegister
	ActPortalReset         = "keycrate.portalReset"
	ActSetDurationStart    = "keycrate.setDurationStart"
	ActSetMismatchSpelling = "keycrate.setMismatchSpelling"
	ActSetRateLimit        = "keycrate.setRateLimit"
	ActSetRetryAfter       = "keycrate.setRetryAfter"
)

// Kinds of effects in the server's ledger. An effect is a lasting change: what
// changes nothing (a refused call, a status that is set already) leaves none.
// The vendor's API knows a license by nothing but its key, so that is the id of
// its effects; apps and subscriptions are known by theirs, API keys by a number
// that is no part of them.
const (
	EffectAppAdded         = "app.added"
	EffectAppUpdated       = "app.updated" // the detail lists the changed fields
	EffectAppRemoved       = "app.removed"
	EffectAppEnabled       = "app.enabled"
	EffectAppDisabled      = "app.disabled"
	EffectTeamEnabled      = "team.enabled"
	EffectTeamDisabled     = "team.disabled"
	EffectAPIKeyAdded      = "api-key.added"
	EffectAPIKeyUpdated    = "api-key.updated" // the detail lists the changed fields
	EffectAPIKeyRevoked    = "api-key.revoked"
	EffectAPIKeyRestored   = "api-key.restored" // no longer revoked
	EffectAPIKeyRemoved    = "api-key.removed"
	EffectBlacklisted      = "blacklist.added"
	EffectUnblacklisted    = "blacklist.removed"
	EffectLicensesOrphaned = "subscription.lost" // its licenses stay behind: a fault of the vendor, staged by a test

	EffectSubscriptionCreated = "subscription.created"
	EffectSubscriptionUpdated = "subscription.updated" // the detail lists the changed fields
	EffectSubscriptionDeleted = "subscription.deleted"

	EffectLicenseCreated    = "license.created"    // one for each license, also of a bulk call
	EffectLicenseExtended   = "license.extended"   // one for each license; the detail has the seconds
	EffectLicenseUpdated    = "license.updated"    // by its owner; the detail lists the changed fields
	EffectLicenseDeleted    = "license.deleted"    // one for each license, also of a bulk call or a subscription
	EffectLicenseActivated  = "license.activated"  // by the first successful authentication
	EffectLicenseHWIDBound  = "license.hwid-bound" // by an authentication
	EffectLicenseRegistered = "license.registered" // by an end user
	EffectLicenseHWIDReset  = "license.hwid-reset" // by an end user in the portal, also if no device was bound
)

// effectKinds are all of the kinds above; the server refuses an effect of another.
var effectKinds = []string{
	EffectAppAdded,
	EffectAppUpdated,
	EffectAppRemoved,
	EffectAppEnabled,
	EffectAppDisabled,
	EffectTeamEnabled,
	EffectTeamDisabled,
	EffectAPIKeyAdded,
	EffectAPIKeyUpdated,
	EffectAPIKeyRevoked,
	EffectAPIKeyRestored,
	EffectAPIKeyRemoved,
	EffectBlacklisted,
	EffectUnblacklisted,
	EffectLicensesOrphaned,
	EffectSubscriptionCreated,
	EffectSubscriptionUpdated,
	EffectSubscriptionDeleted,
	EffectLicenseCreated,
	EffectLicenseExtended,
	EffectLicenseUpdated,
	EffectLicenseDeleted,
	EffectLicenseActivated,
	EffectLicenseHWIDBound,
	EffectLicenseRegistered,
	EffectLicenseHWIDReset,
}
