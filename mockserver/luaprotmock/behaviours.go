package luaprotmock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// behaviours is the table of every rule this world keeps.
var (
	behaviours = core.NewTable("luaprot")
	rule       = behaviours.Rule
)

const (
	doc = core.Documented
	obs = core.Observed
	asm = core.Assumed
)

// Access.
var (
	ruleAuthBare           = rule(doc, "auth.bare-key", "Authorization carries the API key alone; with Bearer before it, it is none.")
	ruleAuthInvalid        = rule(asm, "auth.invalid", "A missing, unknown or revoked API key is answered 401 Invalid API key.")
	ruleAuthAccount        = rule(asm, "auth.account", "Hubs, scripts and keys belong to an account; to the API keys of another account they do not exist.")
	ruleIPWhitelist        = rule(doc, "ip.whitelist", "Calls from an address that is not on the account's whitelist are rejected.")
	ruleIPRefusal          = rule(asm, "ip.refusal", "The rejection is 403 IP address is not whitelisted.")
	ruleContentType        = rule(doc, "content-type.demanded", "Every request has to say Content-Type: application/json, also one without a body.")
	ruleContentTypeLenient = rule(asm, "content-type.lenient", "A request that does not say so is served all the same.")
)

// Routes.
var (
	ruleRouteVersions = rule(doc, "route.versions", "Fetching, bulk delete, info, delete and HWID reset lie below /api/v1; adding, generating and updating below /api/v2; not the other way round.")
	ruleRouteUnknown  = rule(asm, "route.unknown", "A path that no operation has is answered 404 Route not found, before any look at the API key.")
	ruleRouteMethod   = rule(asm, "route.method", "A known path with another method is answered like an unknown one.")
	ruleHubNotFound   = rule(asm, "hub.not-found", "A hub that does not exist is answered 404 Hub not found or linked to your account (words that other pages of the vendor have).")
)

// Answers, errors and rate limit.
var (
	ruleAnswerStatus    = rule(doc, "answer.status", "Every success is answered 200, also a creation.")
	ruleAnswerEnvelope  = rule(doc, "answer.envelope", "A success is a JSON object with success true, a message, and what was asked for.")
	ruleErrorEnvelope   = rule(doc, "error.envelope", "An error is a JSON object with success false and a message; there is no code.")
	ruleErrorOrder      = rule(asm, "error.order", "Checks come in the order route, API key, address, rate limit, hub, content, existence, other keys; the first that fails answers and nothing changes.")
	ruleErrorValidation = rule(asm, "error.validation", "Wrong content is answered 400 with a message about the first thing that is wrong.")
	ruleRateDocumented  = rule(doc, "rate.limited", "More than 20 calls in 10 seconds, or 60 in a minute, are answered 429 (in this mock once the limit is switched on).")
	ruleRateText        = rule(asm, "rate.text", "The message of a 429 is Too many requests.")
	ruleRateWindow      = rule(asm, "rate.window", "The windows slide: a call leaves each when its length has passed. They are counted for each API key.")
	ruleRateUncounted   = rule(asm, "rate.uncounted", "A refused call counts in no window.")
	ruleRateRoutes      = rule(asm, "rate.routes", "All key routes are limited, and a call that fails later counts.")
	ruleRateRetryAfter  = rule(asm, "rate.retry-after", "A 429 carries the time until a call has a place in every window in Retry-After, in whole seconds rounded up.")
)

// What a request may hold.
var (
	ruleBodyKinds     = rule(doc, "body.kinds", "Bodies are JSON objects; that of a bulk delete alone is a bare JSON array.")
	ruleBodyMalformed = rule(asm, "body.malformed", "A body that is not one JSON document in UTF-8, or none where one is wanted, is answered 400.")
	ruleBodyUnknown   = rule(asm, "body.unknown-field", "Unknown fields are ignored.")
	ruleBodyType      = rule(asm, "body.type", "A field of another JSON type is refused; so is a Discord id as a number, which would lose digits.")
	ruleBodyWhole     = rule(asm, "body.whole-number", "A number is an integer if its value is whole: 86400.0 and 1e4 are accepted, 3600.5 is not.")
	ruleBodyDuplicate = rule(asm, "body.duplicate-field", "A field that is sent twice is answered 400.")
	ruleBodyIgnored   = rule(asm, "body.ignored", "A body sent with an operation that takes none is ignored.")
	ruleQueryUnknown  = rule(asm, "query.unknown", "Unknown query parameters are ignored, so that a mistyped filter returns everything.")
	ruleQueryEmpty    = rule(asm, "query.empty", "A query parameter with an empty value counts as not sent.")
	ruleQueryRepeated = rule(asm, "query.repeated", "Of a repeated query parameter the first value counts.")
	ruleQueryFlag     = rule(asm, "query.flag", "A boolean in a query is true, false, 1 or 0; anything else is answered 400.")
	ruleDiscordForm   = rule(asm, "bound.discord-id", "A Discord id in a body has 17 to 20 digits.")
	ruleExpireSeconds = rule(doc, "expire.seconds", "expire in a body is a number of seconds, in answers a moment in Unix seconds.")
	ruleExpireMin     = rule(doc, "expire.minimum", "expire is at least 3600 when keys are made.")
	ruleExpireMax     = rule(asm, "expire.maximum", "expire leads to no time after the year 9999.")
)

// How a query names a key.
var (
	ruleLookup         = rule(doc, "lookup.by", "Info, update, delete and HWID reset find their key by discordId or key in the query.")
	ruleLookupRequired = rule(doc, "lookup.required", "One of discordId and key must be given.")
	ruleLookupMissing  = rule(asm, "lookup.missing", "With neither of them the answer is 400.")
	ruleLookupBoth     = rule(asm, "lookup.both", "With both of them, both must be those of one key.")
	ruleLookupExact    = rule(asm, "lookup.exact", "They are compared exactly and with regard to case.")
	ruleLookupHub      = rule(asm, "lookup.hub", "A key is found in its own hub only.")
)

// What a key looks like.
var (
	ruleShapeFetch   = rule(doc, "shape.fetch", "A fetched key shows every field, hubName included.")
	ruleShapeInfo    = rule(doc, "shape.info", "The key of an info shows every field but hubName.")
	ruleShapeShort   = rule(doc, "shape.short", "The key that adding and updating answer has no hubName, advertiseId, activated and hwid.")
	ruleKeyIDs       = rule(doc, "key.ids", "Ids of hubs and scripts are texts of 20 digits, more than 64 bits hold.")
	ruleKeyValue     = rule(asm, "key.value", "A key is 24 random hexadecimal digits in lower case.")
	ruleKeyUnique    = rule(asm, "key.unique", "No two keys have the same text, in whatever hubs.")
	ruleKeyReserved  = rule(obs, "key.reserved", "The key x is never made: scripts send it when there is no key.")
	ruleKeyTimes     = rule(doc, "key.times", "Times are numbers of Unix seconds.")
	ruleKeySeconds   = rule(asm, "key.whole-seconds", "Times are kept to the second, rounded down.")
	ruleKeyNever     = rule(doc, "key.never", "lastHwidReset and lastExecution are 0 for never.")
	ruleKeyLifetime  = rule(asm, "key.lifetime", "expire is null for a key that never expires.")
	ruleKeyNulls     = rule(asm, "key.nulls", "discordId, note and hwid are null when there is none.")
	ruleKeyReason    = rule(doc, "key.reason", "blacklistReason is null for a key that is not blacklisted.")
	ruleKeyScripts   = rule(asm, "key.limited-scripts", "limitedScripts is null for a key that opens all scripts of its hub.")
	ruleKeyAdvertise = rule(asm, "key.advertise-id", "advertiseId is null unless the key came from an advertisement.")
	ruleNoteEmpty    = rule(asm, "note.empty", "A note that is sent as an empty text stays one and does not become null.")
	ruleDiscordData  = rule(doc, "discord-data.fields", "discordData has id, username, avatar, global_name, modified and created of the Discord user.")
	ruleDiscordOwn   = rule(doc, "discord-data.id", "The id in discordData is the record's own and need not be the key's discordId.")
	ruleDiscordNone  = rule(asm, "discord-data.none", "discordData is null without a discordId, and when nothing is known of the user.")
	ruleDiscordNulls = rule(asm, "discord-data.nulls", "username may be empty, avatar and global_name may be null.")
	ruleDiscordTimes = rule(asm, "discord-data.times", "modified and created are those of the vendor's record of the user, not of the key.")
)

// Adding one key.
var (
	ruleAddAnswer          = rule(doc, "add.answer", "Adding answers with the whole key, which is not a one-time view of its text.")
	ruleAddFresh           = rule(doc, "add.fresh", "A new key has no resets, no executions and is not blacklisted.")
	ruleAddNobody          = rule(asm, "add.nobody", "Without discordId the new key is nobody's: an empty object makes an unassigned key for ever.")
	ruleExpireFromCreation = rule(asm, "expire.from-creation", "The seconds run from the creation, also those of generated keys, and not from the first use.")
	ruleExpireLifetime     = rule(asm, "expire.lifetime", "Without expire a new key never expires.")
	ruleCreateNull         = rule(asm, "create.null", "null in a body is the same as absent when keys are made.")
	ruleScriptsEmpty       = rule(asm, "scripts.empty", "An empty limitedScripts is no limit.")
	ruleScriptsForeign     = rule(asm, "scripts.foreign", "A script that does not exist or belongs to another hub is answered 400.")
	ruleDiscordTaken       = rule(doc, "discord.taken", "A hub has one key for each Discord user; adding another is answered 400 Discord ID is already whitelisted to the hub.")
	ruleDiscordPerHub      = rule(asm, "discord.per-hub", "In another hub the same Discord user can have another key.")
	ruleUnassignedAdd      = rule(asm, "unassigned.add", "The limit of 300 unassigned keys holds for adding one without discordId as well.")
	ruleAssignedUnlimited  = rule(asm, "unassigned.assigned-free", "Keys with a discordId are unlimited, and can be added when the limit is reached.")
)

// Generating many keys.
var (
	ruleGenerateAnswer     = rule(doc, "generate.answer", "Generating answers with the texts of the new keys.")
	ruleGenerateAmount     = rule(doc, "generate.amount", "amount is 5 to 300.")
	ruleGenerateRequired   = rule(doc, "generate.required", "amount is required.")
	ruleGenerateSame       = rule(asm, "generate.same", "All keys that are generated at once share expire, note and limitedScripts.")
	ruleGenerateAllOrNone  = rule(asm, "generate.all-or-none", "A refused call generates no key.")
	ruleUnassignedGenerate = rule(doc, "unassigned.generate", "A hub has at most 300 unassigned keys; generating beyond that is answered 400.")
	ruleUnassignedLater    = rule(asm, "unassigned.later", "Only making keys asks for the limit: a reset or an update may leave more keys unassigned.")
)

// One key: info, update, delete, reset; and deleting many.
var (
	ruleNotFoundInfo     = rule(doc, "not-found.info", "A key that info does not find is answered 400 Key could not be found.")
	ruleNotFoundDelete   = rule(doc, "not-found.delete", "A key to delete that is not there is answered 400 Key could not be found.")
	ruleNotFoundUpdate   = rule(doc, "not-found.update", "A key to update that is not there is answered 404 Key has not been found.")
	ruleNotFoundReset    = rule(doc, "not-found.reset", "A key to reset that is not there is answered 400 No key(s) found.")
	ruleInfoAnswer       = rule(doc, "info.answer", "Info answers with the key.")
	ruleReadOnly         = rule(asm, "read-only", "Looking at keys does not use them and binds nothing.")
	ruleUpdateAnswer     = rule(doc, "update.answer", "An update answers with the key as it then is.")
	ruleUpdatePartial    = rule(asm, "update.partial", "Fields that are not sent stay as they are; an empty object changes nothing.")
	ruleUpdateNull       = rule(asm, "update.null", "null unlinks discordId, clears note and blacklistReason, lifts the limit of scripts and makes a key for ever of one that expires.")
	ruleUpdateFixed      = rule(doc, "update.fixed", "The text of a key, its device and its counters cannot be updated.")
	ruleUpdateDiscordTwo = rule(doc, "update.discord-twice", "discordId in the query finds the key, in the body it is the new one.")
	ruleUpdateDiscord    = rule(asm, "update.discord", "A key that gets a discordId is no longer unassigned, and its former user is free for another.")
	ruleUpdateTaken      = rule(asm, "update.taken", "A discordId that another key of the hub has is refused as when adding; the key's own is not.")
	ruleUpdateExpireKept = rule(doc, "update.expire-kept", "Without expire a key keeps its deadline.")
	ruleUpdateExpireNow  = rule(asm, "update.expire-from-now", "expire counts from the update, so that a repeated one moves the deadline.")
	ruleUpdateExpireMin  = rule(asm, "update.expire-minimum", "expire is at least 3600 in an update as well.")
	ruleUpdateRevive     = rule(asm, "update.revive", "A new deadline revives an expired key.")
	ruleUpdateScripts    = rule(doc, "update.scripts", "limitedScripts replaces the limit a key had; without it that stays.")
	ruleUpdateBlacklist  = rule(doc, "update.blacklist", "An update with blacklisted and blacklistReason blacklists a key; there is no other way.")
	ruleUpdateHWIDKept   = rule(asm, "update.blacklist-device", "Blacklisting touches neither the device nor the counters of a key.")
	ruleBlacklistedNull  = rule(asm, "update.blacklisted-null", "blacklisted may be absent but not null.")
	ruleReasonCleared    = rule(asm, "update.reason-cleared", "blacklisted false clears the reason.")
	ruleReasonOnly       = rule(asm, "update.reason-only", "A reason is kept only for a key that is blacklisted after the update.")
	ruleReasonOptional   = rule(asm, "update.reason-optional", "A key can be blacklisted without a reason.")
	ruleGlobalBlacklist  = rule(doc, "global-blacklist.refused", "A key that the vendor blacklisted cannot be unblacklisted: 403, in the vendor's own words.")
	ruleGlobalOnly       = rule(asm, "global-blacklist.else", "Every other update of such a key is carried out.")
	ruleDeleteAnswer     = rule(doc, "delete.answer", "Deleting a key answers with a message only.")
	ruleDeleteGone       = rule(asm, "delete.gone", "A deleted key is gone for good, and its Discord user is free for another.")
	ruleResetAnswer      = rule(doc, "reset.answer", "A reset answers with a message and the list of keys in resets.")
	ruleResetSpelling    = rule(doc, "reset.spelling", "The flag of a reset's answer is spelt succcess; there is no success.")
	ruleResetList        = rule(asm, "reset.list", "resets has the one key that was found.")
	ruleResetCounts      = rule(asm, "reset.counts", "A reset unbinds the device, counts one more and keeps the time, also if no device was bound; nothing else changes.")
	ruleResetGap         = rule(doc, "reset.gap", "A reset does not wait for the reset gap of the hub.")
	ruleBulkAnswer       = rule(doc, "bulk.answer", "A bulk delete answers with a message, without counts and keys.")
	ruleBulkNoHubs       = rule(doc, "bulk.no-hubs", "A bulk delete for an account without hubs is answered 404 No hub(s) linked to your account.")
	ruleBulkHubs         = rule(asm, "bulk.hubs", "A bulk delete takes keys of all hubs of the account.")
	ruleBulkSkips        = rule(asm, "bulk.skips", "Unknown and repeated keys are passed over; none at all is no error.")
	ruleBulkForm         = rule(asm, "bulk.form", "The body of a bulk delete has at least one item, and texts only.")
	ruleBulkMost         = rule(asm, "bulk.most", "A bulk delete names at most 1000 keys.")
)

// Fetching.
var (
	ruleFetchAnswer       = rule(doc, "fetch.answer", "A fetch answers with keys, limitPerPage, totalPages and totalKeys.")
	ruleFetchAccount      = rule(doc, "fetch.account", "A fetch covers all hubs of the account.")
	ruleFetchPageSize     = rule(doc, "fetch.page-size", "A page has 25 keys, and no parameter changes that.")
	ruleFetchFirstPage    = rule(doc, "fetch.first-page", "Without page the first page is answered.")
	ruleFetchPageForm     = rule(asm, "fetch.page", "page is a decimal integer of at least 1.")
	ruleFetchTotals       = rule(asm, "fetch.totals", "totalKeys counts all matches; totalPages is totalKeys / 25 rounded up, 0 without matches.")
	ruleFetchNothing      = rule(asm, "fetch.nothing", "No match, an unknown hub and an account without hubs are answered 200 without keys.")
	ruleFetchPastEnd      = rule(asm, "fetch.past-end", "A page past the end is answered 200 without keys and with the true totals.")
	ruleFetchOrder        = rule(asm, "fetch.order", "Keys are ordered by creation, newest first, then by their texts.")
	ruleFilterHub         = rule(doc, "filter.hub", "The filter hub matches the hubId of keys.")
	ruleFilterDiscord     = rule(doc, "filter.discord-id", "The filter discordId matches the discordId of keys.")
	ruleFilterKey         = rule(doc, "filter.key", "The filter key matches the text of keys.")
	ruleFilterHWID        = rule(doc, "filter.hwid", "The filter hwid matches the device of keys.")
	ruleFilterExact       = rule(asm, "filter.exact", "These filters match the whole text, with regard to case.")
	ruleFilterBlacklisted = rule(doc, "filter.blacklisted", "The filter blacklisted asks whether a key is blacklisted.")
	ruleFilterExpired     = rule(doc, "filter.expired", "The filter expired asks whether a key has expired.")
	ruleFilterUnassigned  = rule(doc, "filter.unassigned", "The filter unassigned asks whether a key is unassigned.")
	ruleFilterActive      = rule(doc, "filter.active", "The filter active asks whether a key is active.")
	ruleFilterFalse       = rule(asm, "filter.false", "false finds the keys of which it does not hold.")
	ruleFilterAnd         = rule(asm, "filter.and", "A key must pass every filter that is sent.")
	ruleStateExpired      = rule(asm, "state.expired", "A key has expired when the time is its deadline or later; nothing is deleted.")
	ruleStateUnassigned   = rule(asm, "state.unassigned", "A key is unassigned while it has neither a Discord user nor a device.")
	ruleStateActive       = rule(asm, "state.active", "A key is active if it is not blacklisted, not expired and not unassigned, which has nothing to do with activated.")
)

// End users.
var (
	ruleCheckOrder       = rule(asm, "check.order", "A check looks at script, key, blacklist, expiry, limit of scripts and device, in this order; the first that fails is told.")
	ruleCheckRefused     = rule(asm, "check.refused", "A refused check changes nothing.")
	ruleCheckScript      = rule(asm, "check.script-not-found", "An unknown script is told SCRIPT_NOT_FOUND.")
	ruleCheckInvalid     = rule(asm, "check.invalid", "An unknown key, and one of another hub than the script's, is told INVALID.")
	ruleCheckBlacklisted = rule(asm, "check.blacklisted", "A blacklisted key is told BLACKLISTED, with the reason as the message.")
	ruleCheckExpired     = rule(asm, "check.expired", "An expired key is told EXPIRED.")
	ruleCheckScripts     = rule(asm, "check.script-not-allowed", "A key that is limited to other scripts is told SCRIPT_NOT_ALLOWED.")
	ruleCheckMismatch    = rule(asm, "check.hwid-mismatch", "A key that is bound to another device is told HWID_MISMATCH.")
	ruleCheckValid       = rule(doc, "check.valid", "A successful check is told VALID.")
	ruleCheckBinds       = rule(doc, "check.binds", "A successful check binds the device to a key that has none.")
	ruleCheckCounts      = rule(asm, "check.counts", "A successful check activates the key, counts an execution and keeps its time.")
	ruleCheckKeyOnly     = rule(asm, "check.key-only", "A check looks at its own key only: blacklisting another key does not bar that key's device.")
	ruleCheckData        = rule(doc, "check.data", "A successful check tells executions of key and script, note, seconds left, Discord user, and premium, which is false for keys from advertisements.")
	ruleCheckLifetime    = rule(obs, "check.lifetime", "The seconds left of a key that never expires are -1.")
)
