package junkiemock

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

func TestAddKeyFillsInWhatIsZero(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.world.AddKey(Key{ValidityMinutes: 60, Devices: []Device{{HWID: "pc"}}})
	assert.Regexp(t, uuid4, k.Value)
	k.Value = ""
	assert.Equal(t, Key{
		ID: 1, UserID: s.world.UserID(), ProviderID: 2001, CreatedAt: t0, ValidityMinutes: 60, ExpiresAt: t0.Add(time.Hour),
		Devices: []Device{{HWID: "pc", BoundAt: t0, BoundBy: BoundByManual}},
	}, k)
	assert.Equal(t, int64(2001), s.world.AddKey(Key{}).ProviderID, "the default provider is made once")
	s.get("/keys/1").has("key.provider_name", `"default"`)

	old := s.world.AddKey(Key{CreatedAt: t0.Add(-2 * time.Hour), ValidityMinutes: 60})
	assert.Equal(t, StatusExpired, old.Status(s.Now))
	waiting := s.world.AddKey(Key{ValidityMinutes: 60, ExpiryOnFirstUse: true})
	assert.True(t, waiting.ExpiresAt.IsZero())
	started := s.world.AddKey(Key{ValidityMinutes: 60, ExpiryOnFirstUse: true, UsedAt: t0.Add(-time.Minute)})
	assert.Equal(t, t0.Add(59*time.Minute), started.ExpiresAt)
}

func TestAddKeyKeepsWhatIsGiven(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.world.AddProvider("first")
	p, v, f := s.world.AddProvider("shop"), s.world.AddService("hub"), s.world.AddFolder("vip")
	want := Key{
		ID: 77, Value: "my key", UserID: s.world.UserID(), ProviderID: p.ID, ServiceID: v.ID, FolderID: f.ID, Name: "n",
		CreatedAt: t0.Add(-time.Hour), ValidityMinutes: 5, ExpiresAt: t0.Add(time.Hour), UsedAt: t0.Add(-time.Minute),
		Premium: true, Invalidated: true, OneTimeUse: true, ExpiryOnFirstUse: true, NoHWID: true,
		HWIDLimit: 500, DiscordID: "12345678901234567",
		Devices:    []Device{{HWID: "pc", ExecutorUserID: "1", BoundAt: t0.Add(-time.Second), BoundBy: BoundByAdmin}},
		Redemption: &Redemption{DiscordUserID: "1", Status: "pending", RedeemedAt: t0},
	}
	for field := range reflect.ValueOf(want).NumField() {
		assert.False(t, reflect.ValueOf(want).Field(field).IsZero(), "a new field of Key is to be tested here")
	}
	assert.Equal(t, want, s.world.AddKey(want))
	byID, _ := s.world.Key(77)
	byValue, _ := s.world.KeyByValue("my key")
	assert.Equal(t, want, byID)
	assert.Equal(t, want, byValue)
	assert.Equal(t, []Key{want}, s.world.Keys())
	s.get("/keys/my%20key").is(200).has("key.hwid_limit", "500").has("key.hwids.0.bound_by", `"admin"`).
		has("key.discord_redemption.redemption_status", `"pending"`)
	_, found := s.world.Key(1)
	assert.False(t, found)
}

func TestStageThatCannotBe(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.world.AddKey(Key{})
	theirs := s.world.AddAccount()
	p, v, f := theirs.AddProvider("p"), theirs.AddService("s"), theirs.AddFolder("f")
	never := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for text, wrong := range map[string]Key{
		"id is taken by another key": {ID: k.ID},
		"id -1 is negative":          {ID: -1},
		"id 9007199254740993 is negative or over 9007199254740992":  {ID: 1<<53 + 1},
		"value is taken by another key":                             {Value: k.Value},
		"provider names no provider of the account: 1;":             {ProviderID: 1},
		"provider names no provider of the account: 2002":           {ProviderID: p.ID},
		"service names no service of the account: 3001":             {ServiceID: v.ID},
		"folder names no folder of the account: 4001":               {FolderID: f.ID},
		"validityMinutes -1 is negative":                            {ValidityMinutes: -1},
		"validityMinutes 2147483648 is negative or over 2147483647": {ValidityMinutes: 1 << 31},
		"hwidLimit -1 is negative":                                  {HWIDLimit: -1},
		`hwids/1/hwid "pc" is bound twice`:                          {Devices: []Device{{HWID: "pc"}, {HWID: "pc"}}},
		"hwids/0/hwid is missing":                                   {Devices: []Device{{BoundBy: BoundByAPI}}},
		"Devices[0].BoundBy is not UTF-8":                           {Devices: []Device{{HWID: "pc", BoundBy: "\xff"}}},
		"Devices[0].BoundAt is of the year 10000":                   {Devices: []Device{{HWID: "pc", BoundAt: never}}},
		"ExpiresAt is of the year 10000, and must be of 1 to 9999":  {ExpiresAt: never},
		"Redemption.RedeemedAt is of the year 10000":                {Redemption: &Redemption{RedeemedAt: never}},
		"Name is not UTF-8":                                         {Name: "\xff"},
		"Redemption.Status is not UTF-8":                            {Redemption: &Redemption{Status: "\xff"}},
	} {
		s.Refuses(text, func() { s.world.AddKey(wrong) })
	}
	assert.Equal(t, []Key{k}, s.world.Keys())
	s.Refuses("no such API key", func() { s.world.RevokeAPIKey("nothing") })
}

func TestRemoveKey(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.world.AddKey(Key{})
	assert.True(t, s.world.RemoveKey(k.ID))
	assert.False(t, s.world.RemoveKey(k.ID))
	s.get(path(k)).is(404)
	assert.Contains(t, s.Kinds(), "key.deleted 1")
}

// TestKindsOfIDsDoNotMeet: a client that mixes up two ids must not be right by
// chance.
func TestKindsOfIDsDoNotMeet(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ids := []int64{s.world.UserID(), s.world.AddProvider("p").ID, s.world.AddService("s").ID, s.world.AddFolder("f").ID, s.world.AddKey(Key{}).ID}
	assert.Equal(t, []int64{1001, 2001, 3001, 4001, 1}, ids)
}

// TestNoCoreTypesInThePublicAPI keeps the mock's inner seam out of its manual.
func TestNoCoreTypesInThePublicAPI(t *testing.T) {
	t.Parallel()
	worldtest.CheckPublic(t,
		reflect.TypeFor[*World](), reflect.TypeFor[*Account](), reflect.TypeFor[Key](), reflect.TypeFor[Ban](),
		reflect.TypeFor[Provider](), reflect.TypeFor[Service](), reflect.TypeFor[Folder](), reflect.TypeFor[Verification](), reflect.TypeFor[Seed]())
}
