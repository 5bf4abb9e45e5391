package junkiemock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// behaviours is the table of every rule this world keeps.
var (
	behaviours = core.NewTable("junkie")
	rule       = behaviours.Rule
)

const (
	doc = core.Documented
	obs = core.Observed
	asm = core.Assumed
)

// Access.
var (
	ruleAuthBearer    = rule(doc, "auth.bearer", "Every operation wants the header Authorization: Bearer <API key>; anything else is answered 401 Unauthorized.")
	ruleAuthAPIKey    = rule(doc, "auth.api-key", "An API key that does not exist, or was revoked, is answered 401 Unauthorized.")
	ruleAuthScheme    = rule(asm, "auth.scheme-case", "The word Bearer is read without regard to case.")
	ruleAuthScope     = rule(doc, "auth.scope", "An API key needs the scope rest-api:* for every operation.")
	ruleAuthForbidden = rule(obs, "auth.forbidden", "A valid API key without the scope is answered 403.")
	ruleAuthAccount   = rule(asm, "auth.account", "Keys, providers, services and folders belong to an account; to the API keys of another account they do not exist.")
)

// Routes and references to a key.
var (
	ruleRouteUnknown = rule(asm, "route.unknown", "A path that no operation has is answered 404 Not found, before any look at the API key.")
	ruleRouteMethod  = rule(asm, "route.method", "A known path with another method is answered 405 Method not allowed and names the methods in Allow.")
	ruleRouteLiteral = rule(asm, "route.literal", "The words folders, batch and bulk-delete in place of a key are those paths, never key values.")
	ruleRefEither    = rule(doc, "ref.either", "A key in a path is its numeric id or its value.")
	ruleRefDigits    = rule(asm, "ref.digits", "A path segment of digits only is an id, whatever values exist.")
	ruleRefValue     = rule(asm, "ref.value", "Any other path segment is a key value, compared exactly and with regard to case.")
	ruleRefNotFound  = rule(obs, "ref.not-found", "A key that does not exist is answered 404 with a JSON object that has a text in error.")
)

// Errors and rate limit.
var (
	ruleErrorEnvelope   = rule(asm, "error.envelope", "An error is a JSON object with a text in error.")
	ruleErrorOrder      = rule(asm, "error.order", "Checks come in the order route, API key, scope, rate limit, content, existence; the first that fails answers and nothing changes.")
	ruleErrorValidation = rule(asm, "error.validation", "Wrong content is answered 400 Validation failed, with all wrong fields and their messages in details.")
	ruleErrorMalformed  = rule(asm, "error.malformed", "A body that is not one JSON document in UTF-8 is answered 400 Invalid JSON body.")
	ruleErrorDuplicate  = rule(asm, "error.duplicate-field", "A field that is sent twice is answered 400.")
	ruleRateLimited     = rule(doc, "rate.limited", "Too many calls are answered 429 Rate limit exceeded.")
	ruleRateWindow      = rule(asm, "rate.window", "Calls are counted for each API key in windows that begin with their first call; refused calls are not counted.")
	ruleRateRetryAfter  = rule(asm, "rate.retry-after", "A 429 carries the time to the next window in Retry-After, in whole seconds rounded up.")
)

// What a request may hold.
var (
	ruleBodyUnknown     = rule(asm, "body.unknown-field", "Unknown fields are ignored.")
	ruleBodyType        = rule(asm, "body.type", "A field of another JSON type is refused; numbers in strings are not converted.")
	ruleBodyWhole       = rule(asm, "body.whole-number", "A number is an integer if its value is whole: 1.0 and 1e2 are accepted, 1.5 is not.")
	ruleBodyNull        = rule(doc, "body.not-null", "Flags and lists of HWIDs may be absent but not null.")
	ruleBodyRequired    = rule(doc, "body.required", "provider_id is required to create keys, amount for a batch, keys for a bulk delete; null is not enough.")
	ruleBodyIgnored     = rule(asm, "body.ignored", "A body sent with an operation that takes none is ignored.")
	ruleBodyContentType = rule(asm, "body.content-type", "A body is read as JSON whatever the Content-Type says.")
	ruleQueryUnknown    = rule(asm, "query.unknown", "Unknown query parameters are ignored, so that a mistyped filter returns everything.")
	ruleQueryEmpty      = rule(asm, "query.empty", "A query parameter with an empty value counts as not sent.")
	ruleQueryRepeated   = rule(asm, "query.repeated", "Of a repeated query parameter the first value counts.")
	ruleQueryInteger    = rule(doc, "query.integer", "page, limit and the ids of the filters are decimal integers.")
	ruleDateTime        = rule(doc, "date-time.form", "Times are sent in the form of RFC 3339, with a zone.")
	ruleDateTimeRange   = rule(asm, "date-time.range", "Times before 1970 or after 9999 are refused.")
)

// Bounds.
var (
	ruleBoundProvider  = rule(doc, "bound.provider-id", "provider_id is at least 1.")
	ruleBoundFolder    = rule(doc, "bound.folder-id", "folder_id in a body is at least 1.")
	ruleBoundService   = rule(doc, "bound.batch-service-id", "service_id of a batch is at least 1.")
	ruleBoundAmount    = rule(doc, "bound.amount", "A batch makes 1 to 100 keys.")
	ruleBoundValidity  = rule(doc, "bound.validity", "validity_minutes is not negative.")
	ruleValidityMax    = rule(asm, "bound.validity-max", "validity_minutes is at most 2147483647.")
	ruleBoundHWIDLimit = rule(doc, "bound.hwid-limit", "hwid_limit is 0 to 100.")
	ruleBoundText      = rule(doc, "bound.text", "key_name and HWIDs have at most 255 characters.")
	ruleTextUnit       = rule(asm, "bound.text-unit", "Characters are counted as Unicode code points, not bytes.")
	ruleBoundDiscordID = rule(obs, "bound.discord-id", "discord_id has 17 to 19 digits (the published pattern is over-escaped and matches no real id).")
	ruleBoundBulk      = rule(doc, "bound.bulk-delete", "A bulk delete names 1 to 1000 keys.")
	ruleBoundPage      = rule(doc, "bound.page", "page is at least 1.")
	ruleBoundLimit     = rule(doc, "bound.limit", "limit is 1 to 100.")
	ruleLimitRefused   = rule(asm, "bound.limit-refused", "A limit over 100 is refused, not lowered to 100.")
)

// What a key looks like.
var (
	ruleKeyFields = rule(doc, "key.fields", "A key shows its value in full, its settings, its devices as objects in hwids and as plain texts in keys_hwid.")
	ruleKeyHWIDs  = rule(asm, "key.hwids", "hwids and keys_hwid have the same order and are empty lists when no device is bound.")
	ruleKeyNames  = rule(asm, "key.names", "service_name, provider_name and folder_name are the names of the ids, null where the id is null.")
	ruleKeyTimes  = rule(asm, "key.times", "Times are kept to the millisecond and written in UTC as 2026-01-01T00:00:00.000Z.")
	ruleKeyID     = rule(asm, "key.id", "Ids of keys are unique numbers that count up from 1.")
	ruleKeyValue  = rule(obs, "key.value", "A key value is a lower-case UUID of version 4.")
	ruleKeyPrefix = rule(obs, "key.prefix", "A provider may put an upper-case prefix and a dash before the values of its keys.")
)

// Creating one key.
var (
	ruleCreateAnswer    = rule(doc, "create.answer", "A created key is answered 201 with the whole key, which is not a one-time view of the value.")
	ruleCreateDefaults  = rule(asm, "create.defaults", "What is not sent is off: no service, folder, name or Discord id, no limit of time or devices, all flags false.")
	ruleProviderUnknown = rule(asm, "create.provider-unknown", "An unknown provider is answered 404 Provider not found.")
	ruleServiceUnknown  = rule(asm, "create.service-unknown", "An unknown service, also number 0 or below, is answered 404 Service not found.")
	ruleFolderUnknown   = rule(asm, "folder-unknown", "An unknown folder is answered 404 Folder not found, when creating and when updating.")
	ruleCreateHWID      = rule(doc, "create.hwid", "hwid and hwids bind devices to a key before its first use.")
	ruleCreateHWIDsWin  = rule(doc, "create.hwids-win", "Of hwid and hwids in one body only hwids counts.")
	ruleCreateHWIDsNone = rule(asm, "create.hwids-empty", "An empty hwids wins over hwid as well and binds none.")
	ruleCreateBoundBy   = rule(asm, "create.bound-by", "Devices bound by the API are marked api, have no executor user, and do not make the key used.")
	ruleCreateOverLimit = rule(asm, "create.over-limit", "More devices than hwid_limit may be bound by the API; further ones are then refused.")
	ruleHWIDsDistinct   = rule(asm, "hwids.distinct", "Of equal HWIDs in a request only the first counts.")
	ruleHWIDsEmpty      = rule(asm, "hwids.empty-text", "An empty text is no HWID and is left out.")
	ruleValidityForever = rule(doc, "validity.forever", "validity_minutes 0 or null means for ever.")
	ruleValidityEcho    = rule(asm, "validity.echo", "validity_minutes 0 is shown as null, and expires_at is null with it.")
	ruleLimitEcho       = rule(asm, "hwid-limit.echo", "hwid_limit 0 is shown as 0, null and absent as null.")
)

// Creating and deleting many keys, folders.
var (
	ruleBatchAnswer     = rule(doc, "batch.answer", "A batch is answered 201 with keys (texts), count and config.")
	ruleBatchValues     = rule(asm, "batch.values", "The texts are the values of the new keys, all different, and count is their number.")
	ruleBatchConfig     = rule(asm, "batch.config", "config repeats the effective settings.")
	ruleBatchSame       = rule(asm, "batch.same", "All keys of a batch share every setting, the name included.")
	ruleBatchHWID       = rule(doc, "batch.hwid", "hwid of a batch is bound to every key.")
	ruleBatchNoHWIDs    = rule(asm, "batch.no-hwids", "A batch knows no hwids: the field is ignored like an unknown one.")
	ruleBatchAllOrNone  = rule(asm, "batch.all-or-none", "A refused batch makes no key.")
	ruleBulkAnswer      = rule(doc, "bulk.answer", "A bulk delete is answered 200 with deleted and requested.")
	ruleBulkMixed       = rule(doc, "bulk.mixed", "A bulk delete takes ids and values side by side.")
	ruleBulkStrict      = rule(asm, "bulk.strict", "A JSON number is always an id and a JSON string always a value, even of digits only.")
	ruleBulkCounts      = rule(asm, "bulk.counts", "requested is the length of the list, deleted the number of different keys that existed; others are passed over.")
	ruleFoldersAnswer   = rule(doc, "folders.answer", "The folders come in one answer, without pages.")
	ruleFoldersOrder    = rule(asm, "folders.order", "Folders are ordered by name, then by id.")
	ruleRouteFoldersWin = rule(asm, "folders.path", "The path of the folders wins over a key reference.")
)

// One key: get, update, delete, reset.
var (
	ruleGetAnswer        = rule(doc, "get.answer", "One key is answered with the key and its discord_redemption, which lists do not show.")
	ruleGetRedemption    = rule(asm, "get.not-redeemed", "discord_redemption is null for a key that was not redeemed.")
	ruleGetReadOnly      = rule(asm, "get.read-only", "Looking at a key does not use it and binds nothing.")
	ruleUpdateAnswer     = rule(doc, "update.answer", "An update is answered 200 with success and message, not with the key.")
	ruleUpdatePartial    = rule(asm, "update.partial", "Fields that are not sent stay as they are; an empty object changes nothing.")
	ruleUpdateNull       = rule(asm, "update.null", "null clears the name, the validity and the expiry.")
	ruleUpdateFolderNull = rule(doc, "update.folder-null", "folder_id null takes a key out of its folder.")
	ruleUpdateDiscord    = rule(doc, "update.discord-null", "discord_id null removes it.")
	ruleUpdateLimitNull  = rule(doc, "update.limit-null", "hwid_limit null lifts the limit.")
	ruleUpdateHWIDs      = rule(doc, "update.hwids", "hwids replaces all devices of a key; an empty list unbinds all.")
	ruleUpdateBoundBy    = rule(asm, "update.bound-by", "Every device of a sent list is bound anew: marked api, at the time of the update.")
	ruleUpdateKeysHWID   = rule(doc, "update.keys-hwid", "keys_hwid is in the answer only if hwids was sent.")
	ruleUpdateCleared    = rule(asm, "update.keys-hwid-empty", "keys_hwid is an empty list after hwids was cleared.")
	ruleUpdateFixed      = rule(doc, "update.fixed", "provider_id, service_id, hwid and key_value cannot be updated.")
	ruleUpdateRevive     = rule(asm, "update.revive", "is_invalidated may be set and taken back; nothing else changes with it.")
	ruleUpdatePast       = rule(asm, "update.past", "expires_at may be set to a time that has passed.")
	ruleDeleteAnswer     = rule(doc, "delete.answer", "A deleted key is answered 200 without content.")
	ruleDeleteEmpty      = rule(asm, "delete.empty", "The answer of a delete has a body of length zero and no media type.")
	ruleDeleteGone       = rule(asm, "delete.gone", "A deleted key is gone for good; a second delete is answered 404.")
	ruleResetAnswer      = rule(doc, "reset.answer", "A reset unbinds all devices and is answered 200 with success and message.")
	ruleResetKeeps       = rule(asm, "reset.keeps", "A reset touches nothing but the devices: first use, expiry, limit and invalidation stay.")
	ruleResetNone        = rule(asm, "reset.none-bound", "A reset of a key without devices succeeds.")
)

// Expiry and status.
var (
	ruleExpiryCreated   = rule(obs, "expiry.from-creation", "The validity runs from the creation, and expires_at is set at once.")
	ruleExpiryPending   = rule(asm, "expiry.pending", "With expiry_on_first_use, expires_at stays null until the first successful verification.")
	ruleExpiryFirstUse  = rule(asm, "expiry.first-use", "The first successful verification starts the validity of such a key; later ones change nothing.")
	ruleExpiryKept      = rule(asm, "expiry.kept", "A deadline that was set before the first use stays.")
	ruleExpiryExplicit  = rule(asm, "expiry.explicit", "expires_at in an update is taken as it is and wins over everything else in it; null means never.")
	ruleExpiryAnchored  = rule(asm, "expiry.anchored", "A changed validity or expiry_on_first_use moves expires_at, counted from the creation or the first use, not from now.")
	ruleExpiryReached   = rule(asm, "expiry.reached", "A key has expired when the time is expires_at or later; nothing is deleted.")
	ruleStatusOrder     = rule(asm, "status.order", "A key has one status: invalidated, else expired, else used, else active; so the four filters share out all keys.")
	ruleStatusInvalid   = rule(asm, "status.invalidated", "invalidated: is_invalidated is true.")
	ruleStatusExpired   = rule(asm, "status.expired", "expired: expires_at has been reached.")
	ruleStatusUsed      = rule(asm, "status.used", "used: verified at least once and still valid.")
	ruleStatusActive    = rule(asm, "status.active", "active: never verified and still valid.")
	ruleStatusValues    = rule(doc, "status.values", "The status filter knows active, used, expired and invalidated; another word is refused.")
	ruleStatusUnchanged = rule(asm, "status.recomputed", "After an update the status follows from the fields again: a longer validity revives an expired key.")
)

// Lists.
var (
	ruleListAnswer      = rule(doc, "list.answer", "A list is answered with keys and pagination (page, limit, total, totalPages).")
	ruleListDefaults    = rule(doc, "list.defaults", "Without parameters a list shows page 1 with up to 50 keys.")
	ruleListOrder       = rule(asm, "list.order", "Lists are ordered by creation, newest first, then by id, highest first.")
	ruleListTotals      = rule(asm, "list.totals", "total counts all matches; totalPages is total / limit rounded up, 0 without matches.")
	ruleListPastEnd     = rule(asm, "list.past-end", "A page past the end is answered 200 with no keys and the true totals.")
	ruleFilterAnd       = rule(asm, "filter.and", "A key must pass every filter that is sent.")
	ruleFilterKey       = rule(doc, "filter.key", "key matches a part of the key value.")
	ruleFilterHWID      = rule(doc, "filter.hwid", "hwid matches a part of a bound HWID.")
	ruleFilterAnyHWID   = rule(asm, "filter.any-hwid", "One matching device of several is enough.")
	ruleFilterLiteral   = rule(asm, "filter.literal", "Parts are compared without regard to case, anywhere in the text, with no wildcards.")
	ruleFilterDiscord   = rule(asm, "filter.discord-id", "discord_id matches the whole id.")
	ruleFilterIDs       = rule(doc, "filter.ids", "service_id, provider_id and folder_id match equal ids.")
	ruleFilterUnknownID = rule(asm, "filter.unknown-id", "A filter by an id that does not exist finds nothing; it is no error.")
	ruleFilterExpires   = rule(doc, "filter.expires", "expires_before and expires_after match keys by their expiry.")
	ruleFilterStrictly  = rule(asm, "filter.strictly", "expires_before means strictly earlier, expires_after strictly later; a key without expiry matches neither.")
)

// End users.
var (
	ruleVerifyOrder      = rule(asm, "verify.order", "A verification checks service, key, service of the key, ban, invalidation, expiry, one-time use, premium, devices in this order; the first failure is told and nothing changes.")
	ruleVerifyNoService  = rule(asm, "verify.no-service", "A verification that names no service skips the checks of the service.")
	ruleVerifyService    = rule(obs, "verify.service-not-found", "An unknown service is told SERVICE_NOT_FOUND.")
	ruleVerifyKeyless    = rule(obs, "verify.keyless", "A keyless service lets everyone in with KEYLESS, whatever the key.")
	ruleVerifyUnknown    = rule(obs, "verify.key-invalid", "An unknown key value is told KEY_INVALID.")
	ruleVerifyForeign    = rule(asm, "verify.foreign", "A key of another account than the service's is told KEY_INVALID.")
	ruleVerifyMismatch   = rule(obs, "verify.service-mismatch", "A key of another service is told SERVICE_MISMATCH.")
	ruleVerifyAnyService = rule(asm, "verify.any-service", "A key without a service opens every service of its account.")
	ruleVerifyBanned     = rule(obs, "verify.hwid-banned", "A banned device is told HWID_BANNED.")
	ruleVerifyInvalid    = rule(obs, "verify.key-invalidated", "An invalidated key is told KEY_INVALIDATED.")
	ruleVerifyExpired    = rule(obs, "verify.key-expired", "An expired key is told KEY_EXPIRED.")
	ruleVerifyUsed       = rule(obs, "verify.already-used", "A one-time key that was used is told ALREADY_USED.")
	ruleVerifyOnce       = rule(asm, "verify.once", "A one-time key is refused also on the device that used it.")
	ruleVerifyPremium    = rule(obs, "verify.premium-required", "A premium service tells a plain key PREMIUM_REQUIRED.")
	ruleVerifyHWID       = rule(obs, "verify.hwid-mismatch", "A further device on a key whose limit is reached is told HWID_MISMATCH.")
	ruleVerifyNoDevice   = rule(asm, "verify.no-device", "A device whose HWID is empty or over 255 characters cannot be bound and is told HWID_MISMATCH.")
	ruleVerifyValid      = rule(obs, "verify.key-valid", "A successful verification is told KEY_VALID.")
	ruleVerifyUsedAt     = rule(asm, "verify.used-at", "The first successful verification sets used_at; later ones leave it.")
	ruleHWIDBound        = rule(asm, "hwid.bound", "A device that is bound already passes, also when the limit is reached or was lowered.")
	ruleHWIDUnlimited    = rule(doc, "hwid.unlimited", "hwid_limit 0 or null binds every new device.")
	ruleHWIDUnderLimit   = rule(asm, "hwid.under-limit", "A new device is bound while fewer than hwid_limit are.")
	ruleHWIDBoundBy      = rule(asm, "hwid.bound-by-verify", "A device bound by a verification is marked verify, with the time and the executor user if known.")
	ruleHWIDOff          = rule(asm, "hwid.off", "With no_hwid a verification neither checks nor binds devices; bound ones stay listed.")
	ruleBanInvalidates   = rule(doc, "ban.invalidates", "A ban may invalidate every key that the device is bound to.")
	ruleBanEnds          = rule(asm, "ban.ends", "A ban with an end holds until that time, exclusively; keys that it invalidated stay so.")
	ruleRedeem           = rule(asm, "redeem", "A redemption through Discord fills discord_redemption with status redeemed and touches nothing else.")
	ruleRedeemRefused    = rule(asm, "redeem.refused", "An unknown, invalidated, expired or redeemed key cannot be redeemed.")
)
