package conformance

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/luaprot"
)

// surface is what the client packages have in common: each declares these
// types for itself, with its own documentation. Programs move from one vendor
// to another by changing the package's name, so names, types and order agree.
type surface struct {
	config, retry, attempt, failure, field, window reflect.Type
	outcomes                                       []fmt.Stringer
}

var surfaces = map[string]surface{
	"junkie": {
		reflect.TypeFor[junkie.Config](), reflect.TypeFor[junkie.RetryPolicy](), reflect.TypeFor[junkie.Attempt](), reflect.TypeFor[junkie.Error](),
		reflect.TypeFor[junkie.FieldError](), reflect.TypeFor[junkie.Window](),
		[]fmt.Stringer{junkie.OutcomeNotApplied, junkie.OutcomeApplied, junkie.OutcomeUnknown},
	},
	"luaprot": {
		reflect.TypeFor[luaprot.Config](), reflect.TypeFor[luaprot.RetryPolicy](), reflect.TypeFor[luaprot.Attempt](), reflect.TypeFor[luaprot.Error](),
		reflect.TypeFor[luaprot.FieldError](), reflect.TypeFor[luaprot.Window](),
		[]fmt.Stringer{luaprot.OutcomeNotApplied, luaprot.OutcomeApplied, luaprot.OutcomeUnknown},
	},
}

// sharedSettings begin every Config; what follows is the vendor's own.
var sharedSettings = []string{
	"APIKey string", "BaseURL string", "HTTPClient *http.Client", "UserAgent string", "Logger *slog.Logger", "Retry RetryPolicy",
	"AttemptTimeout time.Duration", "MaxResponseBytes int64", "AllowPlainHTTP bool", "OnAttempt func(context.Context, Attempt)",
}

func TestClientsShareTheirSettings(t *testing.T) {
	t.Parallel()
	model := surfaces["junkie"]
	for vendor, s := range surfaces {
		settings := fieldsOf(s.config)
		if assert.Greater(t, len(settings), len(sharedSettings), vendor) {
			assert.Equal(t, sharedSettings, settings[:len(sharedSettings)], vendor)
		}
		for _, pair := range [][2]reflect.Type{
			{model.retry, s.retry}, {model.attempt, s.attempt}, {model.failure, s.failure}, {model.field, s.field}, {model.window, s.window},
		} {
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
		{junkie.ErrUnauthorized, luaprot.ErrUnauthorized},
		{junkie.ErrForbidden, luaprot.ErrForbidden, luaprot.ErrIPNotWhitelisted, luaprot.ErrGloballyBlacklisted},
		{junkie.ErrNotFound, luaprot.ErrNotFound, luaprot.ErrNoHub},
		{junkie.ErrConflict, luaprot.ErrConflict, luaprot.ErrAlreadyWhitelisted, luaprot.ErrUnassignedLimit},
		{junkie.ErrInvalid, luaprot.ErrInvalid},
		{junkie.ErrRateLimited, luaprot.ErrRateLimited},
		{junkie.ErrServer, luaprot.ErrServer},
		{junkie.ErrBadResponse, luaprot.ErrBadResponse},
		{junkie.ErrUnknownOutcome, luaprot.ErrUnknownOutcome},
	} {
		for _, kind := range kinds {
			assert.ErrorIs(t, kind, kinds[0])
		}
	}
}
