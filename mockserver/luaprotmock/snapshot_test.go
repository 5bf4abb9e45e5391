package luaprotmock

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

// newCrowdedStage has something of everything that a world can hold.
func newCrowdedStage(t testing.TB) *stage {
	s := newStage(t)
	other := s.world.AddAccount()
	other.SetIPWhitelisted(false)
	s.world.RevokeAPIKey(s.world.AddAPIKey())
	s.world.AddHub("Gap", ResetGap(time.Hour))
	other.AddKey(Key{DiscordID: bob})
	k := s.fullKey()
	s.world.AddKey(Key{Value: "noted", Note: "n"})
	s.world.AddKey(Key{Value: "global", GloballyBlacklisted: true, BlacklistReason: "r"})
	s.world.AddKey(Key{Value: "active", DiscordID: bob})
	s.world.SetDiscordData(alice, DiscordData{Username: "w", Avatar: "a", GlobalName: "W"})
	s.check(s.key("active"), "pc", CheckValid)
	s.update(by(k), `{"note": "", "blacklistReason": ""}`).is(200)
	s.world.SetRateLimit(DocumentedLimits()...)
	s.world.SetRetryAfter(false)
	s.Advance(1500 * time.Millisecond)
	s.pass(2)
	return s
}

// TestASnapshotHasTheWholeState fails for any field of the state that is not in
// a snapshot, and for any that newCrowdedStage leaves zero, so that a new one
// cannot be forgotten.
func TestASnapshotHasTheWholeState(t *testing.T) {
	t.Parallel()
	s, other := newCrowdedStage(t), newEmptyStage(t)
	other.PutBack(s.Keep())
	worldtest.Alike{}.Check(t, s.world.state, other.world.state)
	assert.Equal(t, s.Keep(), other.Keep())
}

// TestRestoringBringsEveryAnswerBack does a random script twice from the same
// moment, and once in another world: all answers, outcomes and effects are the
// same to the byte.
func TestRestoringBringsEveryAnswerBack(t *testing.T) {
	t.Parallel()
	worldtest.CheckReplay(t, 25, newStage, func(s *stage, seed uint64) (log []string) {
		draw := rand.New(rand.NewPCG(seed, 1))
		for range 60 {
			log = append(log, s.randomStep(draw))
		}
		return log
	})
}

// randomStep does one thing that callers, tests, end users, the vendor's staff,
// the control plane or the clock can do, and returns all that came of it.
func (s *stage) randomStep(draw *rand.Rand) string {
	s.Helper()
	before := len(s.Effects)
	pick := func(texts ...string) string { return texts[draw.IntN(len(texts))] }
	world := s.world.state
	values, hubs, scripts, apiKeys := []string{"none"}, []string{"1"}, []string{"1"}, []string{"nobody"}
	for k := range world.allKeys() {
		values = append(values, k.Value)
	}
	for h := range world.hubs.All() {
		hubs = append(hubs, h.ID)
	}
	for of := range world.scripts.All() {
		scripts = append(scripts, of.ID)
	}
	for k := range world.apiKeys.Only(func(k *apiKey) bool { return k.Secret != defaultAPIKey }) {
		apiKeys = append(apiKeys, k.Secret)
	}
	value, script, user := pick(values...), pick(scripts...), pick(alice, bob, "")
	hub := pick(hubs...)
	if k := world.keys.byValue[value]; k != nil && draw.IntN(4) > 0 {
		hub = k.HubID
	}
	call := func(method, path, body string) string {
		r := s.call(method, path, body, as(pick(defaultAPIKey, pick(apiKeys...))))
		return fmt.Sprint(r.Status, r.Header, string(r.Body))
	}
	inHub := "/api/v%d/hubs/" + hub + "%s?key=" + url.QueryEscape(value)
	body := fmt.Sprintf(`{"discordId": %q, "expire": %d, "note": %q, "limitedScripts": [%q]}`, pick(alice, bob), 3600+draw.IntN(7200), pick("", "n"), script)
	steps := []func() string{
		func() string {
			return call("GET", "/api/v1/keys/fetch?hub="+pick(hub, "")+"&expired="+pick("", "true"), "")
		},
		func() string { return call("POST", fmt.Sprintf(inHub, 2, "/keys/add"), pick(`{}`, body)) },
		func() string { return call("POST", fmt.Sprintf(inHub, 2, "/keys/generate"), `{"amount": 5}`) },
		func() string {
			return call("PATCH", fmt.Sprintf(inHub, 2, "/keys/update"), pick(`{"blacklisted": true}`, `{"note": ""}`, body))
		},
		func() string { return call("DELETE", fmt.Sprintf(inHub, 1, "/keys/delete"), "") },
		func() string { return call("PATCH", fmt.Sprintf(inHub, 1, "/hwid/reset"), "") },
		func() string { return call("POST", "/api/v1/keys/bulk-delete", fmt.Sprintf("[%q]", value)) },
		func() string { return s.encoded(s.world.Check(script, value, pick("pc", "phone"))) },
		func() string { return s.attempt(func() { s.world.BlacklistGlobally(value, pick("", "r")) }) },
		func() string { return s.attempt(func() { s.world.LiftGlobalBlacklist(value) }) },
		func() string { return s.world.AddAPIKey() },
		func() string { return s.attempt(func() { s.world.RevokeAPIKey(pick(apiKeys...)) }) },
		func() string { return s.world.AddHub(pick("a", "b")).ID },
		func() string { return s.attempt(func() { s.world.AddScript(pick(hub, ""), pick("a", "b")) }) },
		func() string { return s.attempt(func() { s.world.AddKey(Key{DiscordID: user, HWID: pick("", "pc")}) }) },
		func() string { return s.world.AddAccount().APIKey() },
		func() string { return s.attempt(func() { s.world.SetIPWhitelisted(draw.IntN(8) > 0) }) },
		func() string {
			return s.attempt(func() { s.world.SetDiscordData(user, DiscordData{Username: pick("", "u")}) })
		},
		func() string {
			return s.attempt(func() { s.world.SetRateLimit(RateWindow{1 + draw.IntN(3), time.Minute}) })
		},
		func() string { return s.attempt(func() { s.world.SetRateLimit() }) },
		func() string { return s.attempt(func() { s.world.SetRetryAfter(draw.IntN(2) > 0) }) },
		func() string {
			return s.steer("keys", "POST", "", pick(`{"expire": "+1h"}`, `{"note": "", "created": "-1h"}`))
		},
		func() string {
			return s.steer("keys", "PATCH", value, pick(`{"hwid": "pc"}`, `{"hub": "`+hub+`"}`, `{"created": "-2h"}`))
		},
		func() string { return s.steer("keys", "DELETE", value, "") },
		func() string { return s.steer("hubs", "DELETE", pick("1", "2", hub), "") },
		func() string { return s.steer("scripts", "DELETE", script, "") },
		func() string { return s.steer("accounts", "DELETE", pick("2", "3"), "") },
		func() string { return s.steer("api-keys", "DELETE", pick(apiKeys...), "") },
		func() string {
			s.Advance([]time.Duration{-5 * time.Second, 1500 * time.Millisecond, 20 * time.Second, time.Hour}[draw.IntN(4)])
			return ""
		},
	}
	outcome := steps[draw.IntN(len(steps))]()
	return fmt.Sprint(outcome, s.Effects[before:])
}

// attempt returns why an action is refused, if it is.
func (s *stage) attempt(do func()) (refusal string) {
	defer func() { refusal, _ = recover().(string) }()
	do()
	return ""
}

// steer does what the control plane would, and returns its answer.
func (s *stage) steer(collection, method, id, body string) string {
	s.Helper()
	answer, err := s.Steer(method, collection, id, body)
	return fmt.Sprint(answer, err)
}

func (s *stage) encoded(v any) string {
	s.Helper()
	text, err := json.Marshal(v)
	require.NoError(s, err)
	return string(text)
}

// TestASnapshotIsBroughtIntoForm: a document that was written by hand need not
// have times in whole seconds, nor say everything twice.
func TestASnapshotIsBroughtIntoForm(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.world.SetDiscordData(alice, DiscordData{})
	k := s.world.AddKey(Key{GloballyBlacklisted: true})
	document := s.Keep()
	text := strings.NewReplacer(`"Blacklisted":true`, `"Blacklisted":false`, `"LimitedScripts":null`, `"LimitedScripts":[]`,
		`"CreatedAt":"2025-12-03T08:12:42Z"`, `"CreatedAt":"2025-12-03T09:12:42.5+01:00"`).Replace(string(document.State))
	require.NotEqual(t, string(document.State), text)
	document.State = json.RawMessage(text)
	s.PutBack(document)
	assert.Equal(t, k, s.now(k))
	assert.Equal(t, t0, s.world.state.discord.Get(alice).CreatedAt)
}

// TestASnapshotThatCannotBeIsRefused: a document that was written by hand, or
// damaged, never breaks the world later.
func TestASnapshotThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	s := newCrowdedStage(t)
	hub, other := s.hub.ID, slices.Collect(s.world.state.hubs.All())[1].ID
	s.RefusesDamaged([][3]string{
		{`"limits":`, `"limit":`, `unknown field "limit"`},
		{`"Revoked":true`, `"Revoked":1`, "cannot unmarshal"},
		{`"Revoked":true`, `"Revoked":true,"Role":"x"`, `unknown field "Role"`},
		{`{"ID":"2"`, `{"ID":"1"`, "accounts[1]: id is taken by another account"},
		{`{"ID":"2"`, `{"ID":"../2"`, "accounts[1]: "},
		{`{"ID":"2"`, `{"ID":"3"`, `apiKeys[1]: account names no account that there is: "2"`},
		{`"lastAccount":2`, `"lastAccount":-1`, "lastAccount: -1"},
		{`"lastAccount":2`, `"lastAccount":9223372036854775807`, "lastAccount: "},
		{`"Secret":"` + defaultAPIKey, `"Secret":"`, "apiKeys[0]: key is missing"},
		{`.5Z","2025-12-03T08:12:43.5Z"]`, `.5Z","2025-12-03T08:12:42.5Z"]`, "apiKeys[0]: its calls are not in the order"},
		{`[{"ID":"` + hub, `[{"ID":"`, "hubs[0]: id is missing"},
		{`{"ID":"` + other, `{"ID":"` + hub, "hubs[1]: id is taken by another hub"},
		{`"ResetGap":3600000000000`, `"ResetGap":-1`, "hubs[1]: hwidResetGap -1ns is negative"},
		{`"HubID":"` + hub + `","Name":"loader"`, `"HubID":"5","Name":"loader"`, `scripts[0]: hub names no hub: "5"`},
		{`"Executions":1}`, `"Executions":-1}`, "scripts[0]: executions -1 is negative"},
		{`"DiscordID":"` + alice + `","ID"`, `"DiscordID":"alice","ID"`, `discordData[0]: discordId "alice" is no Discord id`},
		{`"Value":"global"`, `"Value":""`, ": key is missing"},
		{`"Value":"global"`, `"Value":"active"`, "key is taken by another key"},
		{`"Value":"global"`, `"Value":"x"`, "what loaders send for no key"},
		{`"Value":"global","HubID":"` + hub, `"Value":"global","HubID":"5`, `hub names no hub: "5"`},
		{`"Value":"global","HubID":"` + hub + `","AdvertiseID":"","DiscordID":"`, `"Value":"global","HubID":"` + hub + `","AdvertiseID":"","DiscordID":"` + bob, "has a key in the hub"},
		{`"LimitedScripts":["` + s.script.ID, `"LimitedScripts":["5`, `limitedScripts names no script of the hub: "5"`},
		{`"Calls":20`, `"Calls":0`, "limits: 0 calls per 10s is no limit"},
		{string(s.Keep().State), `null`, `there is no "1"`},
	}...)
}
