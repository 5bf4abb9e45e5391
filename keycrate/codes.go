package keycrate

import "net/http"

// Code is what the vendor calls a result or a failure. The set is open: a code
// that this package does not know is handed on as it came. Errors have it in
// Error.Code, as a string; to ask for a code, errors.Is with the sentinel of the
// same name reads better.
type Code string

// Codes of the management API. The last four are not documented, but
// understood.
const (
	CodeMissingAuth          Code = "MISSING_AUTH"           // ErrMissingAuth
	CodeInvalidAPIKey        Code = "INVALID_API_KEY"        // ErrInvalidAPIKey
	CodeAccessDenied         Code = "ACCESS_DENIED"          // ErrAccessDenied
	CodeAppNotFound          Code = "APP_NOT_FOUND"          // ErrAppNotFound
	CodeLicenseNotFound      Code = "LICENSE_NOT_FOUND"      // ErrLicenseNotFound; also for end users
	CodeInvalidInput         Code = "INVALID_INPUT"          // ErrInvalid; also for end users
	CodeServerError          Code = "SERVER_ERROR"           // ErrServer; also for end users
	CodeSubscriptionNotFound Code = "SUBSCRIPTION_NOT_FOUND" // ErrSubscriptionNotFound
	CodeUsernameTaken        Code = "USERNAME_TAKEN"         // ErrUsernameTaken; also for end users
	CodeHWIDInUse            Code = "HWID_IN_USE"            // ErrHWIDInUse
	CodeRateLimited          Code = "RATE_LIMITED"           // ErrRateLimited; also for end users
)

// Codes with which the vendor accepts an end user.
const (
	// CodeLicenseVerified: the license is good. Further codes of success may
	// exist; that there is no error is what counts.
	CodeLicenseVerified Code = "LICENSE_VERIFIED"
	// CodeLicenseVerifiedUnusedAndLocked: the license is good and was unused
	// until now; its clock has started, and it is bound to the device that was
	// sent.
	CodeLicenseVerifiedUnusedAndLocked Code = "LICENSE_VERIFIED_UNUSED_AND_LOCKED_KEY"
	// CodeRegistrationSuccessful: the license has its credentials. The vendor
	// documents no code for this; expect any.
	CodeRegistrationSuccessful Code = "REGISTRATION_SUCCESSFUL"
)

// Codes with which the vendor refuses an end user.
const (
	CodeCountryBlacklisted       Code = "COUNTRY_BLACKLISTED"                          // ErrCountryBlacklisted
	CodeASNBlacklisted           Code = "ASN_BLACKLISTED"                              // ErrASNBlacklisted
	CodeIPBlacklisted            Code = "IP_BLACKLISTED"                               // ErrIPBlacklisted
	CodeHWIDBlacklisted          Code = "HWID_BLACKLISTED"                             // ErrHWIDBlacklisted
	CodeApplicationNotFound      Code = "APPLICATION_NOT_FOUND"                        // ErrAppNotFound
	CodeApplicationNotActive     Code = "APPLICATION_NOT_ACTIVE"                       // ErrAppNotActive
	CodeTeamError                Code = "TEAM_ERROR"                                   // ErrTeam
	CodeInvalidCredentials       Code = "INVALID_USERNAME_OR_PASSWORD"                 // ErrInvalidCredentials
	CodeSubscriptionError        Code = "SUBSCRIPTION_ERROR"                           // ErrSubscription
	CodeSubscriptionNotActive    Code = "SUBSCRIPTION_NOT_ACTIVE"                      // ErrSubscriptionNotActive
	CodeHWIDNotProvided          Code = "HWID_NOT_PROVIDED"                            // ErrHWIDNotProvided
	CodeHWIDMismatch             Code = "HWID_MISMATCH"                                // ErrHWIDMismatch; also for the vendor's other spelling, HWID_MISSMATCH
	CodeDeviceAlreadyRegistered  Code = "DEVICE_ALREADY_REGISTERED_WITH_OTHER_LICENSE" // ErrDeviceAlreadyRegistered
	CodeLicenseNotActive         Code = "LICENSE_NOT_ACTIVE"                           // ErrLicenseNotActive
	CodeLicenseExpired           Code = "LICENSE_EXPIRED"                              // ErrLicenseExpired
	CodeLicenseAlreadyRegistered Code = "LICENSE_ALREADY_REGISTERED"                   // ErrLicenseAlreadyRegistered
)

// misspelled is how the vendor's pages write what its programs call
// CodeHWIDMismatch.
const misspelled Code = "HWID_MISSMATCH"

// meaning is what a code stands for, whatever the HTTP status it came with.
type meaning struct {
	status int
	kind   error // a sentinel of its own; nil = the status says it all
	advice string
}

// meanings are the known codes of failure. Which status the vendor gives to
// which is not documented, so that the code has to decide.
var meanings = map[Code]meaning{
	CodeMissingAuth: {http.StatusUnauthorized, ErrMissingAuth,
		"the API key did not reach the vendor: check what is between you and it"},
	CodeInvalidAPIKey: {http.StatusUnauthorized, ErrInvalidAPIKey,
		"check the API key against the vendor's dashboard: it is unknown or not active"},
	CodeAccessDenied: {http.StatusForbidden, ErrAccessDenied,
		"the API key may not use this app: check whose app, license or subscription it is"},
	CodeAppNotFound:          {http.StatusNotFound, ErrAppNotFound, "check the app's id against the vendor's dashboard"},
	CodeLicenseNotFound:      {http.StatusNotFound, ErrLicenseNotFound, "check the license key: there is none like it"},
	CodeInvalidInput:         {status: http.StatusBadRequest},
	CodeServerError:          {status: http.StatusInternalServerError},
	CodeSubscriptionNotFound: {http.StatusNotFound, ErrSubscriptionNotFound, "check the subscription's id: list the subscriptions of the app"},
	CodeUsernameTaken:        {http.StatusConflict, ErrUsernameTaken, "choose another username: one of the app's licenses has this one"},
	CodeHWIDInUse: {http.StatusConflict, ErrHWIDInUse,
		"another license of the subscription has this device: clear it there first"},
	CodeRateLimited: {status: http.StatusTooManyRequests},

	CodeCountryBlacklisted:    {http.StatusForbidden, ErrCountryBlacklisted, "the app does not admit this country: only its seller can lift that"},
	CodeASNBlacklisted:        {http.StatusForbidden, ErrASNBlacklisted, "the app does not admit this network: only its seller can lift that"},
	CodeIPBlacklisted:         {http.StatusForbidden, ErrIPBlacklisted, "the app does not admit this IP address: only its seller can lift that"},
	CodeHWIDBlacklisted:       {http.StatusForbidden, ErrHWIDBlacklisted, "the app does not admit this device: only its seller can lift that"},
	CodeApplicationNotFound:   {http.StatusNotFound, ErrAppNotFound, "check the app's id against the vendor's dashboard"},
	CodeApplicationNotActive:  {http.StatusForbidden, ErrAppNotActive, "the app is switched off in the vendor's dashboard"},
	CodeTeamError:             {http.StatusForbidden, ErrTeam, "the owner's team or its plan at the vendor needs attention"},
	CodeInvalidCredentials:    {http.StatusUnauthorized, ErrInvalidCredentials, "check username and password"},
	CodeSubscriptionError:     {http.StatusForbidden, ErrSubscription, "the license has no subscription any more"},
	CodeSubscriptionNotActive: {http.StatusForbidden, ErrSubscriptionNotActive, "the subscription of the license is paused"},
	CodeHWIDNotProvided:       {http.StatusBadRequest, ErrHWIDNotProvided, "the license is locked to a device: send the HWID of this one"},
	CodeHWIDMismatch:          {http.StatusForbidden, ErrHWIDMismatch, "the license is bound to another device: have it reset"},
	CodeDeviceAlreadyRegistered: {http.StatusForbidden, ErrDeviceAlreadyRegistered,
		"this device uses another license of the same subscription: use that one"},
	CodeLicenseNotActive:         {http.StatusForbidden, ErrLicenseNotActive, "the license is paused: only its seller can activate it"},
	CodeLicenseExpired:           {http.StatusForbidden, ErrLicenseExpired, "the license has expired: have it extended"},
	CodeLicenseAlreadyRegistered: {http.StatusConflict, ErrLicenseAlreadyRegistered, "the license has a username: sign in with it"},
}
