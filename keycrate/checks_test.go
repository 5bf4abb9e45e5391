package keycrate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	noUUID = "not a UUID such as 01234567-89ab-cdef-0123-456789abcdef, which the vendor's ids are"
	noID   = "an id is required: the vendor's dashboard shows it"
)

// checkCases has one case for every bound, and both sides of each.
// TestRefusedArgumentsAreNotSent calls the methods with refused ones too.
var checkCases = []struct {
	name  string
	found faults
	want  []FieldError
}{
	// Ids.
	{"a UUID", uuid(testApp), nil},
	{"a UUID in upper case", uuid(strings.ToUpper(testApp)), nil},
	{"no id", uuid(""), refused("id", noID)},
	{"a short id", uuid(testApp[1:]), refused("id", noUUID)},
	{"a long id", uuid(testApp + "0"), refused("id", noUUID)},
	{"no dashes", uuid(strings.ReplaceAll(testApp, "-", "0")), refused("id", noUUID)},
	{"a dash elsewhere", uuid("0000000-00000-4000-8000-00000000a001"), refused("id", noUUID)},
	{"other digits", uuid("g0000000-0000-4000-8000-00000000a001"), refused("id", noUUID)},
	{"blanks around", uuid(" " + testApp[:34] + " "), refused("id", noUUID)},
	{"braces", uuid("{" + testApp + "}"), refused("id", noUUID)},

	// New licenses.
	{"license", create(func(*CreateLicenseParams) {}), nil},
	{"license for 1 minute", create(func(p *CreateLicenseParams) { p.Duration = Minutes(1) }), nil},
	{"license for many years", create(func(p *CreateLicenseParams) { p.Duration = Years(math.MaxInt32) }), nil},
	{"license without a duration", create(func(p *CreateLicenseParams) { p.Duration = Duration{} }),
		refused("Duration", "a duration is required, such as Days(30) or Lifetime")},
	{"license for 0 days", create(func(p *CreateLicenseParams) { p.Duration = Days(0) }),
		refused("Duration", "0 days is no duration: at least 1 is required, or Lifetime")},
	{"license for less", create(func(p *CreateLicenseParams) { p.Duration = Months(-1) }),
		refused("Duration", "-1 months is no duration: at least 1 is required, or Lifetime")},
	{"license for weeks", create(func(p *CreateLicenseParams) { p.Duration = Duration{"weeks", 2} }),
		refused("Duration", `the vendor knows no unit "weeks": use one such as Days`)},
	{"license with 2000 characters", create(func(p *CreateLicenseParams) { p.Metadata = metadataOf(2000) }), nil},
	{"license with 2001 characters", create(func(p *CreateLicenseParams) { p.Metadata = metadataOf(2001) }),
		refused("Metadata", "2001 characters of JSON are more than the 2000 that the vendor stores")},
	{"license with no characters for its key", create(func(p *CreateLicenseParams) {
		p.KeyUppercase, p.KeyLowercase, p.KeyNumbers = Set(false), Set(false), Set(false)
	}), refused("KeyUppercase", "no characters are left for the key: let at least one of upper case, lower case and digits in")},
	{"license with few characters for its key", create(func(p *CreateLicenseParams) { p.KeyUppercase, p.KeyNumbers = Set(false), Set(false) }), nil},
	{"license with a cooldown of a second", create(func(p *CreateLicenseParams) { p.HWIDResetCooldown = time.Second }), nil},
	{"license with every fault", create(func(p *CreateLicenseParams) {
		*p = CreateLicenseParams{SubscriptionID: "x", HWIDResetCooldown: -1, Metadata: Metadata{"f": func() {}}, Tags: []string{"a", "", "\xff"}, KeyFormat: "\xff"}
	}), []FieldError{
		{"AppID", noID},
		{"SubscriptionID", noUUID},
		{"Duration", "a duration is required, such as Days(30) or Lifetime"},
		{"HWIDResetCooldown", "-1ns is negative"},
		{"Metadata", "not encodable as JSON: JSON has nothing for a func()"},
		{"Tags[1]", "a text is required"},
		{"Tags[2]", "not valid UTF-8"},
		{"KeyFormat", "not valid UTF-8"},
	}},

	// Lists.
	{"list", list(ListLicensesParams{AppID: testApp}), nil},
	{"list with every condition", list(ListLicensesParams{AppID: testApp, Status: StatusPaused, SubscriptionID: testTier, Tags: []string{"a"}, Search: "x",
		Page: 1, PerPage: 1000, SortField: "new_field", SortOrder: SortAscending}), nil},
	{"list with every fault", list(ListLicensesParams{Status: "expired", SubscriptionID: "x", Tags: []string{""}, Search: "\xff", Page: -1, PerPage: -1,
		SortField: "\xff", SortOrder: "up"}), []FieldError{
		{"AppID", noID},
		{"Status", `"expired" is neither active nor paused`},
		{"SubscriptionID", noUUID},
		{"Tags[0]", "a text is required"},
		{"Search", "not valid UTF-8"},
		{"Page", "-1 is no page: pages start at 1, and 0 means the first"},
		{"PerPage", "-1 is no number of licenses: 0 means the vendor's choice"},
		{"SortField", "not valid UTF-8"},
		{"SortOrder", `"up" is neither asc nor desc`},
	}},

	// Keys and spans.
	{"a key", checkKey("any thing"), nil},
	{"no key", checkKey(""), refused("key", "an empty key names no license")},
	{"a key of bytes", checkKey("\xff"), refused("key", "not valid UTF-8")},
	{"many keys", checkKeys(manyKeys(5000)), nil},
	{"keys of other case", checkKeys([]string{"a", "A"}), nil},
	{"no keys", checkKeys(nil), refused("keys", "no keys: at least one is required")},
	{"bad keys", checkKeys([]string{"a", "", "b", "a", "\xff", "a"}), []FieldError{
		{"keys[1]", "an empty key names no license"},
		{"keys[3]", "the same as keys[0]: name each license once"},
		{"keys[4]", "not valid UTF-8"},
		{"keys[5]", "the same as keys[0]: name each license once"},
	}},
	{"a second more", extension(time.Second), nil},
	{"as much as can be", extension(math.MaxInt64 / time.Second * time.Second), nil},
	{"nothing more", extension(0), refused("extension", "0s is no time to add: at least 1s is required")},
	{"less", extension(-time.Hour), refused("extension", "-1h0m0s is no time to add: at least 1s is required")},
	{"half a second more", extension(time.Second / 2),
		refused("extension", "500ms is not a whole number of seconds, which the vendor counts in: round it")},
	{"no cooldown", cooldown(0), nil},
	{"a cooldown of a second and a half", cooldown(1500 * time.Millisecond),
		refused("interval", "1.5s is not a whole number of seconds, which the vendor counts in: round it")},

	// Credentials.
	{"username", credentials(Credentials{Username: "u"}), nil},
	{"no username", credentials(Credentials{Password: "p"}), refused("Username", "a text is required")},
	{"bytes", credentials(Credentials{"\xff", "\xff"}), []FieldError{{"Username", "not valid UTF-8"}, {"Password", "not valid UTF-8"}}},

	// Subscriptions.
	{"subscription", tier(CreateSubscriptionParams{AppID: testApp, Name: strings.Repeat("ü", 64), Level: -1}), nil},
	{"subscription with every fault", tier(CreateSubscriptionParams{AppID: "x"}), []FieldError{{"AppID", noUUID}, {"Name", "a text is required"}}},
	{"edit", edit(EditSubscriptionParams{Name: Set("n"), Level: Set(0), SingleKeyPerHWID: Set(false), Status: Set(StatusActive)}), nil},
	{"edit to zero", edit(EditSubscriptionParams{Level: Set(0)}), nil},
	{"edit of nothing", edit(EditSubscriptionParams{}), refused("params", "nothing to change: set at least one field")},
	{"edit with every fault", edit(EditSubscriptionParams{Name: Set(""), Status: Set(Status(""))}), []FieldError{
		{"Name", "a text is required"}, {"Status", `"" is neither active nor paused`},
	}},

	// End users.
	{"license key", auth(AuthParams{License: "k"}), nil},
	{"license key and device", auth(AuthParams{License: "k", HWID: "d"}), nil},
	{"username and password", auth(AuthParams{Credentials: Credentials{"u", "p"}}), nil},
	{"nothing", auth(AuthParams{HWID: "d"}), refused("License", "a license key is required, or Credentials")},
	{"both", auth(AuthParams{License: "k", Credentials: Credentials{"u", "p"}}),
		refused("License", "the vendor takes either a license key or Credentials: leave one out")},
	{"no password", auth(AuthParams{Credentials: Credentials{Username: "u"}}), refused("Credentials.Password", "a text is required")},
	{"no name", auth(AuthParams{Credentials: Credentials{Password: "p"}}), refused("Credentials.Username", "a text is required")},
	{"only bytes", auth(AuthParams{License: "\xff", HWID: "\xff"}), []FieldError{{"License", "not valid UTF-8"}, {"HWID", "not valid UTF-8"}}},
}

func TestChecks(t *testing.T) {
	t.Parallel()
	for _, test := range checkCases {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, fieldErrors(test.found.Faults))
		})
	}
}

func TestCheckTextsHideSecrets(t *testing.T) {
	t.Parallel()
	const secret = "hidden-"
	for _, found := range []faults{
		uuid(secret),
		checkKey(secret + "\xff"),
		checkKeys([]string{secret, secret}),
		credentials(Credentials{Password: secret + "\xff"}),
		auth(AuthParams{License: secret, Credentials: Credentials{secret, secret}}),
		auth(AuthParams{License: secret + "\xff", HWID: secret + "\xff"}),
		create(func(p *CreateLicenseParams) { p.AppID, p.Metadata = secret, Metadata{secret: secret + "\xff"} }),
	} {
		assert.NotEmpty(t, found.Faults)
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", found, found, found), secret)
	}
}

func uuid(id string) (found faults) {
	found.uuid("id", id)
	return found
}

func create(change func(*CreateLicenseParams)) faults {
	params := CreateLicenseParams{AppID: testApp, SubscriptionID: testTier, Duration: Lifetime}
	change(&params)
	return params.check()
}

func extension(d time.Duration) (found faults) {
	found.extension(d)
	return found
}

func cooldown(d time.Duration) (found faults) {
	found.cooldown("interval", d)
	return found
}

func list(p ListLicensesParams) faults       { return p.check() }
func credentials(c Credentials) faults       { return c.check() }
func tier(p CreateSubscriptionParams) faults { return p.check() }
func edit(p EditSubscriptionParams) faults   { return p.check() }
func auth(p AuthParams) faults               { return p.check() }

func refused(field, message string) []FieldError { return []FieldError{{field, message}} }

func manyKeys(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprint(i)
	}
	return keys
}

// metadataOf returns metadata with n characters of JSON.
func metadataOf(n int) Metadata { return Metadata{"a": strings.Repeat("ü", n-len(`{"a":""}`))} }

// Whatever is wrong with the arguments, nothing is sent.
func TestRefusedArgumentsAreNotSent(t *testing.T) {
	t.Parallel()
	const secret = "hidden-value"
	for name, test := range map[string]struct {
		op     string
		call   func(context.Context, both) (any, error)
		fields []string
	}{
		"create": {"createLicense", func(ctx context.Context, b both) (any, error) {
			return b.Licenses.Create(ctx, CreateLicenseParams{SubscriptionID: secret})
		}, []string{"AppID", "SubscriptionID", "Duration"}},
		"create bulk": {"createLicensesBulk", func(ctx context.Context, b both) (any, error) {
			return b.Licenses.CreateBulk(ctx, 0, CreateLicenseParams{AppID: testApp, SubscriptionID: testTier, Duration: Days(-1)})
		}, []string{"Duration", "amount"}},
		"extend": {"extendLicense", func(ctx context.Context, b both) (any, error) { return b.Licenses.Extend(ctx, "", 0) }, []string{"key", "extension"}},
		"extend bulk": {"extendLicensesBulk", func(ctx context.Context, b both) (any, error) {
			return b.Licenses.ExtendBulk(ctx, []string{secret, secret}, 1)
		}, []string{"keys[1]", "extension"}},
		"delete": {"deleteLicense", func(ctx context.Context, b both) (any, error) { return nil, b.Licenses.Delete(ctx, "") }, []string{"key"}},
		"delete bulk": {"deleteLicensesBulk", func(ctx context.Context, b both) (any, error) { return b.Licenses.DeleteBulk(ctx, nil) },
			[]string{"keys"}},
		"get":        {"getLicense", func(ctx context.Context, b both) (any, error) { return b.Licenses.Get(ctx, "") }, []string{"key"}},
		"list":       {"listLicenses", func(ctx context.Context, b both) (any, error) { return b.Licenses.List(ctx, ListLicensesParams{}) }, []string{"AppID"}},
		"set status": {"updateLicenseStatus", func(ctx context.Context, b both) (any, error) { return b.Licenses.SetStatus(ctx, "", "banned") }, []string{"key", "status"}},
		"pause":      {"updateLicenseStatus", func(ctx context.Context, b both) (any, error) { return b.Licenses.Pause(ctx, "") }, []string{"key"}},
		"activate":   {"updateLicenseStatus", func(ctx context.Context, b both) (any, error) { return b.Licenses.Activate(ctx, "") }, []string{"key"}},
		"set status bulk": {"updateLicenseStatusBulk", func(ctx context.Context, b both) (any, error) {
			return b.Licenses.SetStatusBulk(ctx, []string{""}, "")
		}, []string{"keys[0]", "status"}},
		"set subscription": {"updateLicenseSubscription", func(ctx context.Context, b both) (any, error) {
			return b.Licenses.SetSubscription(ctx, "", secret)
		}, []string{"key", "subscriptionID"}},
		"set credentials": {"updateLicenseCredentials", func(ctx context.Context, b both) (any, error) {
			return b.Licenses.SetCredentials(ctx, "", Credentials{Password: secret})
		}, []string{"Username", "key"}},
		"set metadata": {"updateLicenseMetadata", func(ctx context.Context, b both) (any, error) {
			return b.Licenses.SetMetadata(ctx, "", Metadata{secret: math.NaN()})
		}, []string{"key", "metadata"}},
		"set HWID":        {"editHWID", func(ctx context.Context, b both) (any, error) { return b.HWIDs.Set(ctx, "", "") }, []string{"key", "hwid"}},
		"set HWID, bytes": {"editHWID", func(ctx context.Context, b both) (any, error) { return b.HWIDs.Set(ctx, "k", secret+"\xff") }, []string{"hwid"}},
		"clear HWID":      {"editHWID", func(ctx context.Context, b both) (any, error) { return b.HWIDs.Clear(ctx, "") }, []string{"key"}},
		"lock":            {"setHWIDLock", func(ctx context.Context, b both) (any, error) { return b.HWIDs.SetLock(ctx, "", true) }, []string{"key"}},
		"lock bulk":       {"setHWIDLockBulk", func(ctx context.Context, b both) (any, error) { return b.HWIDs.SetLockBulk(ctx, nil, true) }, []string{"keys"}},
		"allow resets":    {"setHWIDResetAllowed", func(ctx context.Context, b both) (any, error) { return b.HWIDs.SetResetAllowed(ctx, "", true) }, []string{"key"}},
		"set interval": {"setHWIDResetInterval", func(ctx context.Context, b both) (any, error) {
			return b.HWIDs.SetResetInterval(ctx, "", -1)
		}, []string{"key", "interval"}},
		"create subscription": {"createSubscription", func(ctx context.Context, b both) (any, error) {
			return b.Subscriptions.Create(ctx, CreateSubscriptionParams{})
		}, []string{"AppID", "Name"}},
		"edit subscription": {"editSubscription", func(ctx context.Context, b both) (any, error) {
			return b.Subscriptions.Edit(ctx, secret, EditSubscriptionParams{})
		}, []string{"params", "id"}},
		"delete subscription": {"deleteSubscription", func(ctx context.Context, b both) (any, error) { return b.Subscriptions.Delete(ctx, "") }, []string{"id"}},
		"list subscriptions":  {"listSubscriptions", func(ctx context.Context, b both) (any, error) { return b.Subscriptions.List(ctx, "") }, []string{"appID"}},
		"all subscriptions": {"listSubscriptions", func(ctx context.Context, b both) (any, error) {
			for none, err := range b.Subscriptions.All(ctx, "") {
				return none, err
			}
			return nil, errors.New("no error")
		}, []string{"appID"}},
		"all licenses": {"listLicenses", func(ctx context.Context, b both) (any, error) {
			for none, err := range b.Licenses.All(ctx, ListLicensesParams{AppID: testApp, Page: -1, Status: "used"}) {
				return none, err
			}
			return nil, errors.New("no error")
		}, []string{"Status", "Page"}},
		"authenticate": {"authenticate", func(ctx context.Context, b both) (any, error) {
			return b.app.Authenticate(ctx, AuthParams{Credentials: Credentials{Password: secret}})
		}, []string{"Credentials.Username"}},
		"register": {"register", func(ctx context.Context, b both) (any, error) { return b.app.Register(ctx, "", Credentials{}) },
			[]string{"key", "Username", "Password"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, v := newBoth(t, says(200, `{}`))
			got, err := test.call(t.Context(), client)
			assert.True(t, got == nil || fmt.Sprint(got) == "<nil>" || fmt.Sprint(got) == "[]", "nothing besides the error")
			e := errorOf(t, err)
			v.AssertCalls(t, 0)
			assert.ErrorIs(t, e, ErrInvalid)
			assert.Equal(t, test.op, e.Op)
			assert.Zero(t, e.Attempts)
			assert.Equal(t, OutcomeNotApplied, e.Outcome)
			var denial *Denial
			assert.False(t, errors.As(e, &denial), "the vendor was not asked")
			var fields []string
			for _, f := range e.Fields {
				fields = append(fields, f.Field)
				assert.ErrorContains(t, e, f.String())
			}
			assert.Equal(t, test.fields, fields)
			assert.NotContains(t, e.Error(), secret)
			assert.ErrorContains(t, e, "nothing was sent")
		})
	}
}

// A request must not change with its parameters after the call has begun.
func TestParametersAreCopied(t *testing.T) {
	t.Parallel()
	tags := []string{"a"}
	client, v := newClient(t, says(200, `{"data": [{"key": "k"}]}`), says(200, `{"data": []}`))
	all := client.Licenses.All(t.Context(), ListLicensesParams{AppID: testApp, Tags: tags})
	tags[0] = "b"
	for _, err := range all {
		require.NoError(t, err)
	}
	for _, call := range v.Calls {
		assert.Contains(t, call.Body, `"tags":["a"]`)
	}
	v.AssertCalls(t, 2)
}
