package keycratemock

import "net/http"

// What the vendor tells an end user's program: [AuthResult.Code]. Only the first
// two and [CodeRegistered] are good news.
const (
	CodeVerified       = "LICENSE_VERIFIED"                       // let the user in
	CodeVerifiedUnused = "LICENSE_VERIFIED_UNUSED_AND_LOCKED_KEY" // let the user in: the first use of a locked license
	CodeRegistered     = "REGISTRATION_SUCCESSFUL"                // the license has a user now

	CodeInvalidInput          = "INVALID_INPUT"
	CodeCountryBlacklisted    = "COUNTRY_BLACKLISTED"
	CodeASNBlacklisted        = "ASN_BLACKLISTED"
	CodeIPBlacklisted         = "IP_BLACKLISTED"
	CodeHWIDBlacklisted       = "HWID_BLACKLISTED"
	CodeAppNotFound           = "APPLICATION_NOT_FOUND" // not the APP_NOT_FOUND of management calls
	CodeAppNotActive          = "APPLICATION_NOT_ACTIVE"
	CodeTeamError             = "TEAM_ERROR"
	CodeLicenseNotFound       = "LICENSE_NOT_FOUND"
	CodeBadCredentials        = "INVALID_USERNAME_OR_PASSWORD"
	CodeSubscriptionError     = "SUBSCRIPTION_ERROR" // the license's subscription is gone
	CodeSubscriptionNotActive = "SUBSCRIPTION_NOT_ACTIVE"
	CodeHWIDNotProvided       = "HWID_NOT_PROVIDED"
	CodeHWIDMismatch          = "HWID_MISMATCH"
	CodeHWIDMismatchDoubleS   = "HWID_MISSMATCH" // the same, see [World.SetMismatchSpelling]
	CodeDeviceRegistered      = "DEVICE_ALREADY_REGISTERED_WITH_OTHER_LICENSE"
	CodeLicenseNotActive      = "LICENSE_NOT_ACTIVE"
	CodeLicenseExpired        = "LICENSE_EXPIRED"
	CodeAlreadyRegistered     = "LICENSE_ALREADY_REGISTERED"
	CodeUsernameTaken         = "USERNAME_TAKEN"
)

// The refusals of end users' calls. Their text is for nobody: the answer has
// room for the code only.
var (
	errCountryBanned     = refusal(http.StatusForbidden, CodeCountryBlacklisted, "")
	errASNBanned         = refusal(http.StatusForbidden, CodeASNBlacklisted, "")
	errIPBanned          = refusal(http.StatusForbidden, CodeIPBlacklisted, "")
	errHWIDBanned        = refusal(http.StatusForbidden, CodeHWIDBlacklisted, "")
	errNoApp             = refusal(http.StatusNotFound, CodeAppNotFound, "")
	errAppOff            = refusal(http.StatusForbidden, CodeAppNotActive, "")
	errTeam              = refusal(http.StatusForbidden, CodeTeamError, "")
	errBadCredentials    = refusal(http.StatusUnauthorized, CodeBadCredentials, "")
	errSubscriptionGone  = refusal(http.StatusForbidden, CodeSubscriptionError, "")
	errSubscriptionOff   = refusal(http.StatusForbidden, CodeSubscriptionNotActive, "")
	errNoHWID            = refusal(http.StatusBadRequest, CodeHWIDNotProvided, "")
	errMismatch          = refusal(http.StatusForbidden, CodeHWIDMismatch, "")
	errMismatchDoubleS   = refusal(http.StatusForbidden, CodeHWIDMismatchDoubleS, "")
	errDeviceElsewhere   = refusal(http.StatusForbidden, CodeDeviceRegistered, "")
	errLicenseOff        = refusal(http.StatusForbidden, CodeLicenseNotActive, "")
	errExpired           = refusal(http.StatusForbidden, CodeLicenseExpired, "")
	errAlreadyRegistered = refusal(http.StatusConflict, CodeAlreadyRegistered, "")
)
