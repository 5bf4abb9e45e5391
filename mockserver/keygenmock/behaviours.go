package keygenmock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// behaviours is the table of every rule this world keeps. Each file enters the
// rules of its own subject; those of access and routes are here.
var (
	behaviours = core.NewTable("keygen")
	rule       = behaviours.Rule
)

const (
	doc = core.Documented
	obs = core.Observed
	asm = core.Assumed
)

// Access.
var (
	ruleAuthMissing        = rule(obs, "auth.missing", "Without a credential, with an empty token or with an unknown scheme the answer is 401 TOKEN_MISSING.")
	ruleAuthBearer         = rule(obs, "auth.bearer", "Authorization: Bearer and Authorization: Token carry a token.")
	ruleAuthSchemeCase     = rule(asm, "auth.scheme-case", "Bearer and Token are read with regard to case; bearer is an unknown scheme.")
	ruleAuthBasic          = rule(obs, "auth.basic", "Authorization: Basic carries token:<token>, license:<key> or <token>: in base64.")
	ruleAuthLicense        = rule(obs, "auth.license", "Authorization: License carries the key of a license.")
	ruleAuthQuery          = rule(obs, "auth.query", "token or auth in the query carries a token, token:<token> or license:<key>, if the header has no scheme that the vendor knows.")
	ruleAuthInvalid        = rule(obs, "auth.invalid", "An unknown token and an empty Basic are answered 401 TOKEN_INVALID.")
	ruleAuthAccount        = rule(obs, "auth.account", "Tokens are looked up in the account of the path: those of another account are unknown.")
	ruleAuthUUID           = rule(obs, "auth.uuid", "A token that looks like a UUID is answered 401 TOKEN_FORMAT_INVALID.")
	ruleAuthExpired        = rule(obs, "auth.expired", "An expired token is answered 401 TOKEN_EXPIRED, without links.")
	ruleAuthLicenseUnknown = rule(obs, "auth.license-unknown", "An unknown license key is answered 401 LICENSE_INVALID; a key of a pool is one.")
	ruleAuthStrategy       = rule(obs, "auth.strategy", "A license authenticates in the ways that its policy allows, by default with a token only; otherwise the answer is 403 TOKEN_NOT_ALLOWED or LICENSE_NOT_ALLOWED.")
	ruleAuthBanned         = rule(obs, "auth.banned", "A token of a banned user is answered 403 USER_BANNED.")
	ruleAuthBarred         = rule(obs, "auth.barred", "The key of a license whose owner is banned, that is suspended, or that has expired under REVOKE_ACCESS is answered 403 LICENSE_BANNED, LICENSE_SUSPENDED or LICENSE_EXPIRED.")
	ruleAuthChallenge      = rule(obs, "auth.challenge", "A 401 says WWW-Authenticate with the scheme of the request, capitalised, or Bearer, and the realm keygen.")
	ruleRolePermission     = rule(obs, "role.permission", "A role that lacks the permission for an action is answered 403, and its name is in the detail.")
	ruleRoleForbidden      = rule(obs, "role.forbidden", "Who has the permission but may not take the action is answered 403 with one general detail.")
	ruleScopeHidden        = rule(obs, "scope.hidden", "What lies outside the scope of the bearer is not there: 404 before any 403.")
	ruleNotFound           = rule(obs, "error.not-found", "What is not there is answered 404 NOT_FOUND, with its kind and its name as it was sent.")
)

// Routes and requests.
var (
	ruleRouteVerb     = rule(obs, "route.verb", "A method that nobody has heard of is answered 400 HTTP_METHOD_INVALID.")
	ruleRouteUnknown  = rule(obs, "route.unknown", "A path that no operation has is answered 404 NOT_FOUND.")
	ruleRouteMethod   = rule(obs, "route.method", "A known path with another method is answered 404 as well, never 405.")
	ruleRouteFormat   = rule(asm, "route.format", "A dot in the last segment begins a format, unless that is a license: json is one, any other is answered 400 MIME_TYPE_INVALID.")
	ruleRouteHTML     = rule(asm, "route.html", "A request without Accept for a path that no operation has is answered 404 with a page.")
	ruleRouteAlias    = rule(obs, "route.alias", "HEAD is taken for GET, and PUT for PATCH.")
	ruleRouteSlash    = rule(asm, "route.slash", "A slash at the end of a path counts for nothing.")
	ruleCORSPreflight = rule(obs, "cors.preflight", "Browsers of any origin may send any method and header, and may keep that for a day.")
)

// Accounts and what every request can say.
var (
	ruleAccountName     = rule(doc, "account.name", "A path names its account by slug, or by id in any spelling of a UUID; any other name is answered 404.")
	ruleAccountSingle   = rule(obs, "account.single", "A server with one account serves every path without the account as well, and no other account; on others a path without one is answered 404.")
	ruleAccountInactive = rule(obs, "account.inactive", "An account that is canceled or paused is answered 403, before any look at the credential or the body.")
	ruleEnvironment     = rule(obs, "environment.unsupported", "Keygen-Environment, or environment in the query, is answered 400 ENVIRONMENT_NOT_SUPPORTED.")
	ruleQueryUnreadable = rule(obs, "query.unreadable", "A query that cannot be decoded is answered 400 PARAMETERS_INVALID.")
)

// Answers.
var (
	ruleErrorForm      = rule(doc, "error.form", "An error has the member errors, with title and detail each and code, source and links where there are any, and the id of the request in meta.")
	ruleErrorOutside   = rule(obs, "error.outside", "What is refused before the API proper has no meta, no Keygen headers and no signature.")
	ruleHeaderServer   = rule(obs, "header.server", "Answers tell version, edition, mode and revision of the server and the id of the request, and forbid storing. That the mock is CE and multiplayer at once, to have several accounts, is its own choice.")
	ruleHeaderIdentity = rule(obs, "header.identity", "Answers tell the ids of account, bearer and token, as far as they are known.")
	ruleHeaderLocation = rule(obs, "header.location", "Location of a 201 is an absolute address with the id of the account, whatever the request called it.")
	ruleHeaderLegacy   = rule(obs, "header.legacy-signature", "Accounts from before 2021-06-11 get X-Signature besides, which signs the body alone with RSA.")
	ruleHeaderCORS     = rule(obs, "cors.headers", "A browser of any origin may read an answer with all its headers.")
	ruleLinksAccount   = rule(obs, "links.account-id", "Links of objects have the id of the account and no host.")
)
