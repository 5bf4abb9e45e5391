package luaprotmock

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
		"key is taken by another key":                              {Value: k.Value},
		`key cannot be "x", which is what lo`:                      {Value: "x"},
		`hub names no hub of the account: "` + hub.ID:              {HubID: hub.ID},
		`"bob" is no Discord id`:                                   {DiscordID: "bob"},
		"has a key in the hub":                                     {DiscordID: alice},
		`"ad" is no id of an advertisement`:                        {AdvertiseID: "ad"},
		"hwidResetCount -1 is negative":                            {HWIDResets: -1},
		"executionCount -1 is negative":                            {Executions: -1},
		"blacklistReason cannot be: a key that is not":             {BlacklistReason: "r"},
		`limitedScripts names no script of the hub: "` + script.ID: {LimitedScripts: []string{script.ID}},
		`HWID is not UTF-8: "?"`:                                   {HWID: "\xff"},
		"ExpiresAt is of the year 10000, and":                      {ExpiresAt: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		"CreatedAt is of the year 0, and mus":                      {CreatedAt: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		s.Refuses(text, func() { s.world.AddKey(wrong) })
	}
	assert.Equal(t, []Key{k}, s.world.Keys())
	s.Refuses("no such API key", func() { s.world.RevokeAPIKey("nothing") })
	s.Refuses("key names no key that there is", func() { s.world.BlacklistGlobally("nothing", "") })
	s.Refuses("key names no key that there is", func() { s.world.LiftGlobalBlacklist("nothing") })
	s.Refuses("no id of a hub", func() { s.world.AddHub("h", HubID("main")) })
	s.Refuses("id is taken by another hub", func() { s.world.AddHub("h", HubID(hub.ID)) })
	s.Refuses("is negative", func() { s.world.AddHub("h", ResetGap(-1)) })
	s.Refuses("hub names no hub of the account", func() { s.world.AddScript(hub.ID, "s") })
	s.Refuses("no Discord id", func() { s.world.SetDiscordData("wompus", DiscordData{}) })
	s.Refuses("not UTF-8", func() { s.world.SetDiscordData(alice, DiscordData{Avatar: "\xff"}) })
	s.Refuses("not UTF-8", func() { s.world.AddHub("\xff") })
	s.Refuses("not UTF-8", func() { s.world.AddScript(s.hub.ID, "\xff") })
	s.Refuses("not UTF-8", func() { s.world.BlacklistGlobally(k.Value, "\xff") })
	s.Refuses("not UTF-8", func() { s.world.Check(s.script.ID, k.Value, "\xff") })
	assert.Equal(t, k, s.now(k))
}

// TestAnAccountThatIsGone: what holds on to it is told so.
func TestAnAccountThatIsGone(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	before := s.Keep()
	gone := s.world.AddAccount()
	gone.AddKey(Key{})
	s.PutBack(before)
	s.Effects = nil
	for _, do := range []func(){
		func() { gone.AddAPIKey() },
		func() { gone.SetIPWhitelisted(false) },
		func() { gone.AddHub("h") },
		func() { gone.AddScript("", "s") },
		func() { gone.AddKey(Key{}) },
	} {
		s.Refuses("the account is gone", do)
	}
	assert.Empty(t, gone.Keys())
	assert.Empty(t, s.Effects)
}

// TestAddScriptTakesTheFirstHub, and makes one where there is none, as AddKey.
func TestAddScriptTakesTheFirstHub(t *testing.T) {
	t.Parallel()
	s := newEmptyStage(t)
	script := s.world.AddScript("", "loader")
	assert.Equal(t, script.HubID, s.world.AddKey(Key{}).HubID)
	s.world.AddHub("second")
	assert.Equal(t, script.HubID, s.world.AddScript("", "other").HubID)
	s.fetch("").has("keys.0.hubName", `"default"`)
}

// TestSeed makes one of everything that a seed has.
func TestSeed(t *testing.T) {
	t.Parallel()
	s := newEmptyStage(t)
	const hub, script = "40511091490620200512", "50511091490620200512"
	seed := Seed{
		APIKeys:     []string{"from the configuration", ""},
		Hubs:        []Hub{{Name: "first"}, {ID: hub, Name: "second", ResetGap: time.Hour}},
		Scripts:     []Script{{Name: "a"}, {ID: script, HubID: hub, Name: "b"}},
		DiscordData: map[string]DiscordData{bob: {Username: "b"}, alice: {Username: "a"}},
		Keys:        []Key{{Value: "one", Note: "n"}, {HubID: hub, DiscordID: alice, LimitedScripts: []string{script}}},
	}
	for field := range reflect.ValueOf(seed).NumField() {
		assert.False(t, reflect.ValueOf(seed).Field(field).IsZero(), "a new field of Seed is to be tested here")
	}
	require.NoError(t, s.Seed(seed))
	first := slices.Collect(s.world.state.hubs.All())[0].ID
	keys := s.world.Keys()
	require.Len(t, keys, 2)
	two := keys[slices.IndexFunc(keys, func(k Key) bool { return k.Value != "one" })]
	assert.Equal(t, Key{Value: "one", HubID: first, Note: "n", CreatedAt: t0}, s.key("one"))
	assert.Equal(t, Key{Value: two.Value, HubID: hub, DiscordID: alice, CreatedAt: t0, LimitedScripts: []string{script}}, two)
	assert.Equal(t, []string{
		"api-key.added 1", "api-key.added 1", "hub.added " + first, "hub.added " + hub,
		"script.added " + slices.Collect(s.world.state.scripts.All())[0].ID, "script.added " + script,
		"discord-data.saved " + alice, "discord-data.saved " + bob, "key.created one", "key.created " + two.Value,
	}, s.Kinds())
	s.fetch("discordId="+alice, as("from the configuration")).found(two).has("keys.0.hubName", `"second"`).has("keys.0.discordData.username", `"a"`)
	assert.Equal(t, CheckValid, s.world.Check(script, two.Value, "pc").Status)
}

func TestASeedThatCannotBe(t *testing.T) {
	t.Parallel()
	for text, seed := range map[string]any{
		"APIKeys[0]: key is taken by another API key":                        Seed{APIKeys: []string{defaultAPIKey}},
		"Hubs[1]: id is taken by another hub":                                Seed{Hubs: []Hub{{ID: "1"}, {ID: "1"}}},
		`Scripts[0]: hub names no hub of the account: "1"`:                   Seed{Scripts: []Script{{HubID: "1"}}},
		`Scripts[0]: id "loader" is no id of a script`:                       Seed{Scripts: []Script{{ID: "loader"}}},
		"Scripts[1]: id is taken by another script":                          Seed{Scripts: []Script{{ID: "5"}, {ID: "5"}}},
		`DiscordData["wompus"]: discordId "wompus" is no Discord id`:         Seed{DiscordData: map[string]DiscordData{"wompus": {}}},
		`Keys[0]: key cannot be "x", which is what loaders send`:             Seed{Keys: []Key{{Value: "x"}}},
		"a seed of this vendor is a luaprotmock.Seed, not a luaprotmock.Key": Key{},
	} {
		require.ErrorContains(t, newEmptyStage(t).Seed(seed), text)
	}
}

// TestARefusedFirstKeyMakesNoHub: the default hub comes with a key, or not at
// all.
func TestARefusedFirstKeyMakesNoHub(t *testing.T) {
	t.Parallel()
	s := newEmptyStage(t)
	s.Refuses(`names no script of the hub: "1"`, func() { s.world.AddKey(Key{LimitedScripts: []string{"1"}}) })
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
		reflect.TypeFor[Seed](), reflect.TypeFor[DiscordData](), reflect.TypeFor[CheckResult](), reflect.TypeFor[CheckData](), reflect.TypeFor[RateWindow]())
}
