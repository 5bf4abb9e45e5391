package conformance

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/luaprot"
)

// surface is what the client packages have in common: each declares these
// types for itself, with its own documentation. Programs move from one vendor
// to another by changing the package's name, so names, types and order agree.
type surface struct {
	config, retry, attempt, failure, field reflect.Type
	window                                 reflect.Type // nil: the vendor documents no limits to keep
	outcomes                               []fmt.Stringer
}

var surfaces = map[string]surface{
	"junkie": {
		reflect.TypeFor[junkie.Config](), reflect.TypeFor[junkie.RetryPolicy](), reflect.TypeFor[junkie.Attempt](), reflect.TypeFor[junkie.Error](),
		reflect.TypeFor[junkie.FieldError](), reflect.TypeFor[junkie.Window](),
		[]fmt.Stringer{junkie.OutcomeNotApplied, junkie.OutcomeApplied, junkie.OutcomeUnknown},
	},
	"keycrate": {
		reflect.TypeFor[keycrate.Config](), reflect.TypeFor[keycrate.RetryPolicy](), reflect.TypeFor[keycrate.Attempt](), reflect.TypeFor[keycrate.Error](),
		reflect.TypeFor[keycrate.FieldError](), reflect.TypeFor[keycrate.Window](),
		[]fmt.Stringer{keycrate.OutcomeNotApplied, keycrate.OutcomeApplied, keycrate.OutcomeUnknown},
	},
	"luaprot": {
		reflect.TypeFor[luaprot.Config](), reflect.TypeFor[luaprot.RetryPolicy](), reflect.TypeFor[luaprot.Attempt](), reflect.TypeFor[luaprot.Error](),
		reflect.TypeFor[luaprot.FieldError](), reflect.TypeFor[luaprot.Window](),
		[]fmt.Stringer{luaprot.OutcomeNotApplied, luaprot.OutcomeApplied, luaprot.OutcomeUnknown},
	},
	"keygen": {
		reflect.TypeFor[keygen.Config](), reflect.TypeFor[keygen.RetryPolicy](), reflect.TypeFor[keygen.Attempt](), reflect.TypeFor[keygen.Error](),
		reflect.TypeFor[keygen.FieldError](), nil,
		[]fmt.Stringer{keygen.OutcomeNotApplied, keygen.OutcomeApplied, keygen.OutcomeUnknown},
	},
}

// sharedSettings stand in every Config, after what says who is calling and
// before what is the vendor's own.
var sharedSettings = []string{
	"BaseURL string", "HTTPClient *http.Client", "UserAgent string", "Logger *slog.Logger", "Retry RetryPolicy",
	"AttemptTimeout time.Duration", "MaxResponseBytes int64", "AllowPlainHTTP bool", "OnAttempt func(context.Context, Attempt)",
}

func TestClientsShareTheirSettings(t *testing.T) {
	t.Parallel()
	model := surfaces["junkie"]
	for vendor, s := range surfaces {
		settings := fieldsOf(s.config)
		from := slices.Index(settings, sharedSettings[0])
		if assert.Positive(t, from, "%s: its settings begin with who is calling", vendor) && assert.Greater(t, len(settings), from+len(sharedSettings), vendor) {
			assert.Equal(t, sharedSettings, settings[from:from+len(sharedSettings)], vendor)
		}
		failure := fieldsOf(s.failure) // a vendor that tells more has more fields at the end
		common := fieldsOf(model.failure)
		if assert.GreaterOrEqual(t, len(failure), len(common), vendor) {
			assert.Equal(t, common, failure[:len(common)], vendor)
		}
		assert.Equal(t, methodsOf(model.failure), methodsOf(s.failure), vendor)
		for _, pair := range [][2]reflect.Type{
			{model.retry, s.retry}, {model.attempt, s.attempt}, {model.field, s.field}, {model.window, s.window},
		} {
			if pair[1] == nil {
				continue
			}
			assert.Equal(t, pair[0].Name(), pair[1].Name(), vendor)
			assert.Equal(t, fieldsOf(pair[0]), fieldsOf(pair[1]), "%s.%s", vendor, pair[1].Name())
			assert.Equal(t, methodsOf(pair[0]), methodsOf(pair[1]), "%s.%s", vendor, pair[1].Name())
		}
		assert.Equal(t, methodsOf(model.config), methodsOf(s.config), vendor)
		for i, text := range []string{"not applied", "applied", "unknown"} {
			assert.Equal(t, text, s.outcomes[i].String(), vendor)
		}
	}
}

// Keycrate has a second client, for end users: what its settings have in common
// with those of the first, they have alike.
func TestBothClientsOfKeycrateShareTheirSettings(t *testing.T) {
	t.Parallel()
	ours, theirs := reflect.TypeFor[keycrate.Config](), reflect.TypeFor[keycrate.AppConfig]()
	assert.Equal(t, fieldsOf(ours)[1:], fieldsOf(theirs)[1:], "all but who is calling")
	assert.Equal(t, methodsOf(ours), methodsOf(theirs))
}

// fieldsOf lists the exported fields of a struct with their types. Types of
// the struct's own package go by their local names.
func fieldsOf(typ reflect.Type) []string {
	var fields []string
	for i := range typ.NumField() {
		if field := typ.Field(i); field.IsExported() {
			fields = append(fields, field.Name+" "+localName(field.Type, typ))
		}
	}
	return fields
}

func methodsOf(typ reflect.Type) []string {
	var methods []string
	pointer := reflect.PointerTo(typ)
	for i := range pointer.NumMethod() {
		method := pointer.Method(i)
		methods = append(methods, method.Name+" "+strings.ReplaceAll(localName(method.Type, typ), typ.Name(), "T"))
	}
	return methods
}

func localName(typ, home reflect.Type) string {
	own, _, _ := strings.Cut(home.String(), ".")
	return strings.ReplaceAll(typ.String(), own+".", "")
}

// An error of any vendor can be asked for its kind with any vendor's name.
func TestClientsShareTheKindsOfErrors(t *testing.T) {
	t.Parallel()
	for _, kinds := range [][]error{
		{junkie.ErrUnauthorized, keycrate.ErrUnauthorized, luaprot.ErrUnauthorized, keygen.ErrUnauthorized, keygen.ErrTokenMissing, keygen.ErrTokenInvalid, keygen.ErrTokenExpired, keygen.ErrLicenseInvalid, keycrate.ErrMissingAuth, keycrate.ErrInvalidAPIKey, keycrate.ErrInvalidCredentials},
		{junkie.ErrForbidden, keycrate.ErrForbidden, luaprot.ErrForbidden, luaprot.ErrIPNotWhitelisted, luaprot.ErrGloballyBlacklisted, keygen.ErrForbidden, keygen.ErrAccountInactive, keycrate.ErrAccessDenied,
			keycrate.ErrBlacklisted, keycrate.ErrCountryBlacklisted, keycrate.ErrASNBlacklisted, keycrate.ErrIPBlacklisted, keycrate.ErrHWIDBlacklisted,
			keycrate.ErrAppNotActive, keycrate.ErrTeam, keycrate.ErrSubscription, keycrate.ErrSubscriptionNotActive, keycrate.ErrHWIDMismatch,
			keycrate.ErrDeviceAlreadyRegistered, keycrate.ErrLicenseNotActive, keycrate.ErrLicenseExpired},
		{junkie.ErrNotFound, keycrate.ErrNotFound, luaprot.ErrNotFound, luaprot.ErrNoHub, keygen.ErrNotFound, keygen.ErrAccountNotFound, keycrate.ErrAppNotFound, keycrate.ErrLicenseNotFound, keycrate.ErrSubscriptionNotFound},
		{junkie.ErrConflict, keycrate.ErrConflict, luaprot.ErrConflict, luaprot.ErrAlreadyWhitelisted, luaprot.ErrUnassignedLimit, keygen.ErrConflict, keygen.ErrKeyTaken, keygen.ErrKeyConflict, keygen.ErrPoolEmpty, keycrate.ErrUsernameTaken, keycrate.ErrHWIDInUse, keycrate.ErrLicenseAlreadyRegistered},
		{junkie.ErrInvalid, keycrate.ErrInvalid, luaprot.ErrInvalid, keygen.ErrInvalid, keygen.ErrPoolNotSupported, keycrate.ErrHWIDNotProvided},
		{junkie.ErrRateLimited, keycrate.ErrRateLimited, luaprot.ErrRateLimited, keygen.ErrRateLimited, keygen.ErrDailyLimit},
		{junkie.ErrServer, keycrate.ErrServer, luaprot.ErrServer, keygen.ErrServer},
		{junkie.ErrBadResponse, keycrate.ErrBadResponse, luaprot.ErrBadResponse, keygen.ErrBadResponse, keygen.ErrSignature},
		{junkie.ErrUnknownOutcome, keycrate.ErrUnknownOutcome, luaprot.ErrUnknownOutcome, keygen.ErrUnknownOutcome},
	} {
		for _, kind := range kinds {
			assert.ErrorIs(t, kind, kinds[0])
		}
	}
}
