package luaprotmock

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

func TestAddKeyFillsInWhatIsZero(t *testing.T) {
	t.Parallel()
	s := newEmptyStage(t)
	k := s.world.AddKey(Key{})
	assert.Regexp(t, `^[0-9a-f]{24}$`, k.Value)
	assert.Equal(t, Key{Value: k.Value, HubID: k.HubID, CreatedAt: t0}, k)
	s.fetch("").found(k).has("keys.0.hubName", `"default"`)
	assert.Equal(t, k.HubID, s.world.AddKey(Key{}).HubID, "the default hub is made once")
	assert.Equal(t, StatusBlacklisted, s.world.AddKey(Key{GloballyBlacklisted: true}).Status(t0))
}

func TestAddKeyKeepsWhatIsGiven(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	hub := s.world.AddHub("Other Hub", HubID("40511091490620200512"))
	assert.Equal(t, Hub{ID: "40511091490620200512", Name: "Other Hub"}, hub)
	script := s.world.AddScript(hub.ID, "other")
	want := Key{
		Value: "my key", HubID: hub.ID, AdvertiseID: "78078400606734922815", DiscordID: alice, Note: "n",
		CreatedAt: t0.Add(-time.Hour), ExpiresAt: t0.Add(time.Hour), Activated: true, HWID: "pc", HWIDResets: 7,
		LastHWIDResetAt: t0.Add(-time.Minute), Executions: 9, LastExecutionAt: t0.Add(-time.Second),
		Blacklisted: true, BlacklistReason: "r", GloballyBlacklisted: true, LimitedScripts: []string{script.ID},
	}
	for field := range reflect.ValueOf(want).NumField() {
		assert.False(t, reflect.ValueOf(want).Field(field).IsZero(), "a new field of Key is to be tested here")
	}
	assert.Equal(t, want, s.world.AddKey(want))
	byValue, _ := s.world.Key("my key")
	byUser, _ := s.world.KeyOfDiscord(hub.ID, alice)
	assert.Equal(t, want, byValue)
	assert.Equal(t, want, byUser)
	assert.Equal(t, []Key{want}, s.world.Keys())
	byValue.LimitedScripts[0] = "changed"
	assert.Equal(t, []Key{want}, s.world.Keys(), "what is handed out is a copy")
	_, found := s.world.Key("none")
	assert.False(t, found)
	_, found = s.world.KeyOfDiscord(s.hub.ID, alice)
	assert.False(t, found)
}

func TestStageThatCannotBe(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.world.AddKey(Key{DiscordID: alice})
	theirs := s.world.AddAccount()
	hub := theirs.AddHub("theirs")
	script := theirs.AddScript(hub.ID, "s")
	for text, wrong := range map[string]Key{
		"the value is taken":                  {Value: k.Value},
		`the value "x" is what loaders send`:  {Value: "x"},
		`the account has no hub "` + hub.ID:   {HubID: hub.ID},
		`"bob" is no Discord id`:              {DiscordID: "bob"},
		"has a key in the hub":                {DiscordID: alice},
		`"ad" is no id of an advertisement`:   {AdvertiseID: "ad"},
		"-1 resets and 0 executions":          {HWIDResets: -1},
		"0 resets and -1 executions":          {Executions: -1},
		"has no reason for it":                {BlacklistReason: "r"},
		`the hub has no script "` + script.ID: {LimitedScripts: []string{script.ID}},
	} {
		s.Refuses(text, func() { s.world.AddKey(wrong) })
	}
	assert.Equal(t, []Key{k}, s.world.Keys())
	s.Refuses("no such API key", func() { s.world.RevokeAPIKey("nothing") })
	s.Refuses("no such key", func() { s.world.BlacklistGlobally("nothing", "") })
	s.Refuses("no such key", func() { s.world.LiftGlobalBlacklist("nothing") })
	s.Refuses("no id of a hub", func() { s.world.AddHub("h", HubID("main")) })
	s.Refuses("exists", func() { s.world.AddHub("h", HubID(hub.ID)) })
	s.Refuses("is negative", func() { s.world.AddHub("h", ResetGap(-1)) })
	s.Refuses("the account has no hub", func() { s.world.AddScript(hub.ID, "s") })
	s.Refuses("no Discord id", func() { s.world.SetDiscordData("wompus", DiscordData{}) })
}

// TestARefusedFirstKeyMakesNoHub: the default hub comes with a key, or not at
// all.
func TestARefusedFirstKeyMakesNoHub(t *testing.T) {
	t.Parallel()
	s := newEmptyStage(t)
	s.Refuses("has no script", func() { s.world.AddKey(Key{LimitedScripts: []string{"1"}}) })
	s.bulkDelete(`["a"]`).refused(404, "No hub(s) linked to your account.")
}

func TestRemoveKey(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k, theirs := s.world.AddKey(Key{}), s.world.AddAccount().AddKey(Key{})
	assert.True(t, s.world.RemoveKey(k.Value))
	assert.False(t, s.world.RemoveKey(k.Value))
	assert.True(t, s.world.RemoveKey(theirs.Value))
	s.info(by(k)).is(400)
	assert.Contains(t, s.Kinds(), "key.deleted "+k.Value)
}

func TestWhatTheDashboardDoesIsInTheLedger(t *testing.T) {
	t.Parallel()
	s := newEmptyStage(t)
	hub := s.world.AddHub("hub")
	script := s.world.AddScript(hub.ID, "script")
	other := s.world.AddAccount()
	s.world.RevokeAPIKey(other.APIKey())
	s.world.RevokeAPIKey(other.APIKey())
	for range 2 {
		other.SetIPWhitelisted(false)
	}
	for range 2 {
		other.SetIPWhitelisted(true)
	}
	s.world.SetDiscordData(alice, DiscordData{})
	assert.Equal(t, []string{
		"hub.added " + hub.ID, "script.added " + script.ID, "account.added 2", "api-key.added 2", "api-key.revoked 2",
		"ip.removed 2", "ip.whitelisted 2", "discord-data.saved " + alice,
	}, s.Kinds())
}

// TestOneSeedGivesOneWorld: ids and keys are the same every time.
func TestOneSeedGivesOneWorld(t *testing.T) {
	t.Parallel()
	tell := func() string {
		s := newStage(t)
		other := s.world.AddAccount()
		return s.hub.ID + s.script.ID + other.APIKey() + string(s.add(`{}`).Body) + string(s.generate(`{"amount": 7}`).Body) + string(s.fetch("").Body)
	}
	assert.Equal(t, tell(), tell())
}

// TestNoCoreTypesInThePublicAPI keeps the mock's inner seam out of its manual.
func TestNoCoreTypesInThePublicAPI(t *testing.T) {
	t.Parallel()
	worldtest.CheckPublic(t,
		reflect.TypeFor[*World](), reflect.TypeFor[*Account](), reflect.TypeFor[Key](), reflect.TypeFor[Hub](), reflect.TypeFor[Script](),
		reflect.TypeFor[DiscordData](), reflect.TypeFor[CheckResult](), reflect.TypeFor[CheckData](), reflect.TypeFor[RateWindow]())
}
