package keycratemock

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

func TestAddLicenseFillsInWhatIsZero(t *testing.T) {
	t.Parallel()
	s := newEmptyStage(t)
	l := s.world.AddLicense(License{})
	assert.Regexp(t, `^[A-Z0-9]{4}(-[A-Z0-9]{4}){3}$`, l.Key)
	assert.Equal(t, License{
		Key: l.Key, ID: l.ID, AppID: defaultAppID, SubscriptionID: l.SubscriptionID, Status: StatusActive, DurationUnit: UnitLifetime,
		Metadata: map[string]any{}, Tags: []string{}, CreatedAt: t0, UpdatedAt: t0,
	}, l)
	assert.True(t, l.Lifetime())
	sub, _ := s.world.Subscription(l.SubscriptionID)
	assert.Equal(t, Subscription{ID: sub.ID, AppID: defaultAppID, Name: "default", Level: 1, Status: StatusActive, CreatedAt: t0, UpdatedAt: t0}, sub)
	assert.Equal(t, l.SubscriptionID, s.world.AddLicense(License{}).SubscriptionID, "the default subscription is made once")

	older := s.world.AddSubscription(Subscription{AppID: s.world.AddApp("other").ID, Name: "z", Level: 9})
	s.world.AddSubscription(Subscription{AppID: older.AppID, Name: "a"})
	assert.Equal(t, older.ID, s.world.AddLicense(License{AppID: older.AppID}).SubscriptionID, "an app's first is its oldest")
	assert.Equal(t, older.AppID, s.world.AddLicense(License{SubscriptionID: older.ID}).AppID)
}

func TestAddLicenseMakesTimesFit(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	expired := s.world.AddLicense(License{ExpiresAt: t0.Add(-time.Hour)})
	assert.Equal(t, []any{UnitDays, int64(30), int64(2592000)}, []any{expired.DurationUnit, expired.DurationValue, expired.DurationSeconds})
	assert.Equal(t, t0.Add(-time.Hour-30*day), expired.ActivatedAt)
	assert.Equal(t, expired.ActivatedAt, expired.CreatedAt)
	assert.True(t, expired.Expired(t0))

	used := s.world.AddLicense(week(License{ActivatedAt: t0.Add(-day)}))
	assert.Equal(t, t0.Add(6*day), used.ExpiresAt)
	extended := s.world.AddLicense(week(License{ActivatedAt: t0, DurationSeconds: 60}))
	assert.Equal(t, t0.Add(time.Minute), extended.ExpiresAt)
	lifetime := s.world.AddLicense(License{ActivatedAt: t0})
	assert.Zero(t, lifetime.ExpiresAt)
	year := s.world.AddLicense(License{ExpiresAt: t0.Add(365 * day)})
	assert.Equal(t, []any{t0, t0, t0.Add(365 * day)}, []any{year.ActivatedAt, year.CreatedAt, year.ExpiresAt}, "nobody has used it in the future")
	assert.Equal(t, []any{int64(30), int64(365 * 86400)}, []any{year.DurationValue, year.DurationSeconds}, "it was extended")
	odd := s.world.AddLicense(License{ActivatedAt: t0.Add(1500 * time.Microsecond).In(time.FixedZone("", 3600))})
	assert.Equal(t, t0.Add(time.Millisecond), odd.ActivatedAt)
}

func TestAddLicenseWhereDurationsStartAtTheCreation(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.world.SetDurationStart(AtCreation)
	l := s.world.AddLicense(week(License{}))
	assert.Equal(t, []any{t0.Add(7 * day), true}, []any{l.ExpiresAt, l.ActivatedAt.IsZero()})
	assert.Equal(t, t0.Add(6*day), s.world.AddLicense(week(License{CreatedAt: t0.Add(-day)})).ExpiresAt)
	assert.Zero(t, s.world.AddLicense(License{}).ExpiresAt, "a lifetime")
	s.Advance(7 * day)
	assert.Equal(t, CodeLicenseExpired, s.world.Auth(l.Key, "pc").Code, "though it was never used")
}

func TestAddLicenseKeepsWhatIsGiven(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	want := License{
		Key: "my key", ID: noUUID, AppID: defaultAppID, SubscriptionID: s.sub.ID, Status: StatusPaused, Username: "alice", HWIDLock: true,
		HWID: "pc", HWIDResetAllowed: true, HWIDResetCooldown: time.Hour, LastHWIDResetAt: t0.Add(-time.Minute), DurationUnit: UnitMonths,
		DurationValue: 2, DurationSeconds: 99, ActivatedAt: t0.Add(-time.Hour), ExpiresAt: t0.Add(time.Hour),
		Metadata: map[string]any{"a": "b"}, Tags: []string{"t"}, CreatedAt: t0.Add(-2 * time.Hour), UpdatedAt: t0.Add(-time.Second),
	}
	for field := range reflect.ValueOf(want).NumField() {
		assert.False(t, reflect.ValueOf(want).Field(field).IsZero(), "a new field of License is to be tested here")
	}
	assert.Equal(t, want, s.world.AddLicense(want))
	assert.Equal(t, want, s.license("my key"))
	assert.Equal(t, []License{want}, s.world.Licenses())
	got := s.license("my key")
	got.Tags[0], got.Metadata["a"] = "changed", "changed"
	assert.Equal(t, want, s.license("my key"), "what is handed out is a copy")
	_, found := s.world.License("none")
	assert.False(t, found)
	_, found = s.world.Subscription(noUUID)
	assert.False(t, found)
	assert.Empty(t, s.world.Licenses(noUUID))

	sub := Subscription{ID: noUUID, AppID: defaultAppID, Name: "n", Level: 3, SingleKeyPerHWID: true, Status: StatusPaused}
	added := s.world.AddSubscription(sub)
	sub.CreatedAt, sub.UpdatedAt = t0, t0
	assert.Equal(t, sub, added)
	old := s.world.AddSubscription(Subscription{Level: 3, Name: "n", CreatedAt: t0.Add(-time.Hour), UpdatedAt: t0.Add(-time.Minute)})
	assert.Equal(t, []time.Time{t0.Add(-time.Hour), t0.Add(-time.Minute)}, []time.Time{old.CreatedAt, old.UpdatedAt})
	assert.Equal(t, []string{s.sub.ID, old.ID, added.ID}, []string{s.world.Subscriptions()[0].ID, s.world.Subscriptions()[1].ID, s.world.Subscriptions()[2].ID},
		"of one level and one name the oldest first")
	assert.Equal(t, old.ID, s.world.AddLicense(License{}).SubscriptionID)
}

func TestStageThatCannotBe(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.seed("K", License{Username: "alice"})
	elsewhere := s.world.AddSubscription(Subscription{AppID: s.world.AddApp("other").ID})
	for text, wrong := range map[string]License{
		"key is taken by another license":     {Key: "K"},
		"is no status":                        {Status: "expired"},
		"at most 256":                         {HWID: strings.Repeat("x", 257)},
		"hwidResetCooldown of -1s is not one": {HWIDResetCooldown: -time.Second},
		"hwidResetCooldown of 1.5s":           {HWIDResetCooldown: 1500 * time.Millisecond},
		"metadata is no JSON":                 {Metadata: map[string]any{"f": func() {}}},
		"2001 characters":                     {Metadata: map[string]any{"m": strings.Repeat("x", 1993)}},
		"a tag is empty":                      {Tags: []string{""}},
		"is no unit":                          {DurationUnit: "weeks", DurationValue: 1},
		`"" is no unit`:                       {DurationValue: 1},
		"a lifetime has no value":             {DurationUnit: UnitLifetime, ExpiresAt: t0},
		"0 days is no duration":               {DurationUnit: UnitDays},
		"1001 years is no duration":           {DurationUnit: UnitYears, DurationValue: 1001},
		"-1 seconds are no duration":          {DurationUnit: UnitDays, DurationValue: 1, DurationSeconds: -1},
		"names no subscription that there":    {SubscriptionID: noUUID},
		"names no app that there is":          {AppID: noUUID},
		"subscription is of another app":      {AppID: defaultAppID, SubscriptionID: elsewhere.ID},
		"username has at most 64":             {Username: strings.Repeat("x", 65)},
		`username "alice" has a license`:      {Username: "alice"},
		`id "1" is no id`:                     {ID: "1"},
		"id is taken by another license":      {ID: s.license("K").ID},
		`Key is not UTF-8: "?"`:               {Key: "\xff"},
		`HWID is not UTF-8: "?"`:              {HWID: "\xfe"},
		`Username is not UTF-8: "?"`:          {Username: "\xfd"},
		`Tags[0] is not UTF-8: "?"`:           {Tags: []string{"\xfc"}},
		"ExpiresAt is of the year 10000":      {ExpiresAt: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		s.Refuses(text, func() { s.world.AddLicense(wrong) })
	}
	for text, wrong := range map[string]Subscription{
		"is no id":                            {ID: "1"},
		"id is taken by another subscription": {ID: s.sub.ID},
		"names no app that there is":          {AppID: noUUID},
		"name has 1 to 64":                    {Name: strings.Repeat("x", 65)},
		"is negative":                         {Level: -1},
		"is no status":                        {Status: "off"},
		`Name is not UTF-8: "?"`:              {Name: "\xff"},
		"CreatedAt is of the year -1":         {CreatedAt: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		s.Refuses(text, func() { s.world.AddSubscription(wrong) })
	}
	for text, do := range map[string]func(){
		`app names no app that there is: "x"`: func() { s.world.AddAPIKey("x") },
		"there is no such API key":            func() { s.world.RevokeAPIKey("kc_none") },
		`app names no app that there is: "y"`: func() { s.world.SetAppEnabled("y", false) },
		"names no subscription that there is": func() { s.world.OrphanLicenses(noUUID) },
		`"nl" is no country`:                  func() { s.world.Blacklist(ByCountry, "nl") },
		`"AS1" is no ASN`:                     func() { s.world.Blacklist(ByASN, "AS1") },
		`"localhost" is no IP`:                func() { s.world.Blacklist(ByIP, "localhost") },
		`"" is no HWID`:                       func() { s.world.Blacklist(ByHWID, "") },
		`"\xff" is no HWID`:                   func() { s.world.Blacklist(ByHWID, "\xff") },
		`"::1%\xff" is no IP`:                 func() { s.world.Blacklist(ByIP, "::1%\xff") },
		`Name is not UTF-8: "?"`:              func() { s.world.AddApp("\xff") },
		"is no kind of blacklist":             func() { s.world.Blacklist("planet", "Mars") },
		`"Holland" is no country`:             func() { s.world.SetOrigin(Origin{Country: "Holland"}) },
		`"-5" is no ASN`:                      func() { s.world.SetOrigin(Origin{ASN: -5}) },
		"is neither HWID_MISMATCH":            func() { s.world.SetMismatchSpelling("HWID") },
		"7 is no start of a duration":         func() { s.world.SetDurationStart(7) },
	} {
		s.Refuses(text, do)
	}
	assert.Len(t, s.world.Licenses(), 1)
}

func TestASeed(t *testing.T) {
	t.Parallel()
	s := newEmptyStage(t)
	require.NoError(t, s.Seed(Seed{
		Apps:          []App{{ID: noUUID, Name: "shop"}, {Name: "desk", Disabled: true}},
		APIKeys:       []APIKey{{Key: "kc_shop", AppIDs: []string{noUUID}}, {Key: "kc_old", AllApps: true, Revoked: true}},
		Subscriptions: []Subscription{{ID: noUUID, AppID: noUUID, Name: "pro"}},
		Licenses:      []License{{Key: "A", SubscriptionID: noUUID}, {Key: "B", AppID: noUUID, ExpiresAt: t0.Add(-time.Hour)}},
		Blacklist:     []BlacklistLine{{ByHWID, "stolen"}, {ByHWID, "stolen"}},
	}))
	assert.Equal(t, []string{
		"app.added " + noUUID, s.Kinds()[1], "api-key.added 2", "api-key.added 3", "subscription.created " + noUUID, "license.created A", "license.created B",
		"blacklist.added HWID",
	}, s.Kinds())
	assert.Equal(t, noUUID, s.license("B").SubscriptionID)
	assert.Equal(t, CodeVerified, s.world.Auth("A", "").Code)
	assert.Equal(t, CodeLicenseExpired, s.world.Auth("B", "").Code)
	assert.Equal(t, CodeHWIDBlacklisted, s.world.Auth("A", "stolen").Code)
	s.post("license/get", `{"license_key": "A"}`, as("kc_shop")).ok()
	s.post("license/get", `{"license_key": "A"}`, as("kc_old")).refused(401, "INVALID_API_KEY")
	s.post("license/get", `{"license_key": "A"}`).ok()
	desk := strings.TrimPrefix(s.Kinds()[1], "app.added ")
	s.auth(`{"app_id": "`+desk+`", "license": "A"}`).told(403, CodeAppNotActive)

	for complaint, seed := range map[string]any{
		"Apps[1]: id is taken by another app":                     Seed{Apps: []App{{ID: defaultAppID[:35] + "2"}, {ID: defaultAppID}}},
		"APIKeys[0]: key is taken by another API key":             Seed{APIKeys: []APIKey{{Key: defaultAPIKey}}},
		`APIKeys[0]: app names no app that there is: "x"`:         Seed{APIKeys: []APIKey{{AppIDs: []string{"x"}}}},
		"Subscriptions[0]: name has 1 to 64":                      Seed{Subscriptions: []Subscription{{Name: strings.Repeat("x", 65)}}},
		"Licenses[0]: key is taken by another license":            Seed{Licenses: []License{{Key: "A"}}},
		`Blacklist[0]: value "nl" is no country`:                  Seed{Blacklist: []BlacklistLine{{ByCountry, "nl"}}},
		"a seed of this vendor is a keycratemock.Seed, not a int": 7,
	} {
		require.ErrorContains(t, s.Seed(seed), complaint)
	}
}

// What no program can send is answered as if it came.
func TestLoginsThatAreNoText(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.seed("K", License{HWIDLock: true})
	for _, l := range []Login{{License: "\xff"}, {License: "K", HWID: "\xff"}, {Username: "\xff", Password: "p"}, {Username: "u", Password: "\xff"}} {
		assert.Equal(t, AuthResult{Code: CodeInvalidInput}, s.world.AuthWith(l))
	}
	assert.Equal(t, CodeInvalidInput, s.world.Register("K", "\xff", "p").Code)
	assert.Equal(t, CodeInvalidInput, s.world.Register("K", "u", "\xff").Code)
	assert.Equal(t, CodeVerifiedUnused, s.world.Auth("K", "pc").Code)
}

// What is refused leaves no default subscription behind either.
func TestARefusedLicenseLeavesNothing(t *testing.T) {
	t.Parallel()
	s := newEmptyStage(t)
	s.Refuses("is no status", func() { s.world.AddLicense(License{Status: "x"}) })
	s.Refuses("at most 64", func() { s.world.AddLicense(License{Username: strings.Repeat("x", 65)}) })
	assert.Empty(t, s.world.Subscriptions())
	assert.Empty(t, s.Effects)
}

func TestMetadataOfHugeNumbers(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	l := s.create(`, "metadata": {"big": 1e400, "small": 1}`)
	assert.Equal(t, map[string]any{"big": json.Number("1e400"), "small": json.Number("1")}, l.Metadata)
	s.post("license/get", `{"license_key": "`+l.Key+`"}`).has("data.metadata", `{"big":1e400,"small":1}`)
}

func TestDashboardRecordsItsEffects(t *testing.T) {
	t.Parallel()
	s := newEmptyStage(t)
	app := s.world.AddApp("other")
	key := s.world.AddAPIKey(app.ID)
	sub := s.world.AddSubscription(Subscription{})
	s.seed("K", License{})
	for range 2 { // what changes nothing is no effect
		s.world.SetAppEnabled(app.ID, false)
		s.world.SetTeamEnabled(false)
		s.world.RevokeAPIKey(key)
		s.world.Blacklist(ByHWID, "pc")
	}
	s.world.SetAppEnabled(app.ID, true)
	s.world.SetTeamEnabled(true)
	s.world.Unblacklist(ByHWID, "pc")
	s.world.Unblacklist(ByHWID, "pc")
	s.world.OrphanLicenses(sub.ID)
	assert.True(t, s.world.RemoveLicense("K"))
	assert.False(t, s.world.RemoveLicense("K"))
	assert.Equal(t, []string{
		"app.added " + app.ID, "api-key.added 2", "subscription.created " + sub.ID, "license.created K", "app.disabled " + app.ID,
		"team.disabled ", "api-key.revoked 2", "blacklist.added HWID", "app.enabled " + app.ID, "team.enabled ", "blacklist.removed HWID",
		"subscription.lost " + sub.ID, "license.deleted K",
	}, s.Kinds())
	again := s.world.AddSubscription(Subscription{ID: sub.ID}) // the id is free again
	assert.Len(t, s.world.Subscriptions(), 1)
	assert.Equal(t, sub.ID, again.ID)
}

func TestOneSeedGivesOneWorld(t *testing.T) {
	t.Parallel()
	a, b := newStage(t), newStage(t)
	for _, s := range []*stage{a, b} {
		s.create("")
		s.world.AddAPIKey()
	}
	assert.Equal(t, a.world.Licenses(), b.world.Licenses())
	assert.Equal(t, a.Effects, b.Effects)
}

func TestPublicTypes(t *testing.T) {
	t.Parallel()
	worldtest.CheckPublic(t, reflect.TypeFor[*World](), reflect.TypeFor[License](), reflect.TypeFor[Subscription](), reflect.TypeFor[App](),
		reflect.TypeFor[APIKey](), reflect.TypeFor[BlacklistLine](), reflect.TypeFor[Seed](), reflect.TypeFor[Origin](),
		reflect.TypeFor[Login](), reflect.TypeFor[AuthResult](), reflect.TypeFor[PortalResult]())
	var _ core.World = (*vendor)(nil)
}
