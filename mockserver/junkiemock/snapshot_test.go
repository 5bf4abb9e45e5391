package junkiemock

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/worldtest"
)

// fullStage is a world in which everything that can be kept is.
func fullStage(t testing.TB) *stage {
	s := newStage(t)
	require.NoError(t, s.Seed(Seed{
		Providers: []Provider{{ID: 7, Name: "shop", KeyPrefix: "SHOP"}},
		Services:  []Service{{ID: 8, Name: "hub", Premium: true, Keyless: true}},
		Folders:   []Folder{{ID: 9, Name: "vip"}},
		Keys: []Key{
			{
				Value: "full", ProviderID: 7, ServiceID: 8, FolderID: 9, Name: "n", ValidityMinutes: 5, ExpiresAt: t0, UsedAt: t0,
				Premium: true, Invalidated: true, OneTimeUse: true, ExpiryOnFirstUse: true, NoHWID: true, HWIDLimit: 1, DiscordID: "1",
				Devices:    []Device{{HWID: "pc", ExecutorUserID: "2"}, {HWID: "phone"}},
				Redemption: &Redemption{DiscordUserID: "3"},
			},
			{Value: "older", CreatedAt: t0.Add(-time.Hour)},
		},
		Bans: []Ban{{HWID: "evil", Until: t0.Add(time.Hour), InvalidateKeys: true}},
	}))
	s.world.AddAccount().AddKey(Key{Value: "theirs"})
	s.world.AddAPIKey("a", "b")
	s.world.RevokeAPIKey(s.world.AddAPIKey())
	s.world.SetRateLimit(9, time.Hour)
	s.get("/keys").is(200)
	return s
}

// A field that a snapshot forgets is told from what it was, and one that this test
// forgets from never having held anything.
func TestASnapshotHoldsTheWholeState(t *testing.T) {
	t.Parallel()
	s, other := fullStage(t), newStage(t)
	kept := s.Keep()
	other.PutBack(kept)
	worldtest.Alike{}.Check(t, s.world.state, other.world.state)
	assert.Equal(t, kept, other.Keep())
	assert.Equal(t, s.world.Keys(), other.world.Keys())

	s.Vendor.Reset()
	require.NotEqual(t, kept, s.Keep())
	s.PutBack(kept)
	worldtest.Alike{}.Check(t, other.world.state, s.world.state)
	assert.Equal(t, kept, s.Keep())
}

func TestASnapshotSharesNothingWithTheState(t *testing.T) {
	t.Parallel()
	s := fullStage(t)
	taken := s.Vendor.Snapshot()
	before, err := json.Marshal(taken())
	require.NoError(t, err)
	put, err := s.Vendor.Restore(before)
	require.NoError(t, err)
	s.upset()
	after, err := json.Marshal(taken())
	require.NoError(t, err)
	assert.JSONEq(t, string(before), string(after))
	put()
	full := s.world.state.keys.byValue["full"]
	full.Devices[0].HWID, full.Redemption.Status = "in place", "in place"
	s.world.state.apiKeys.byMark[s.world.APIKey()].Scopes[0] = ScopeREST + " in place"
	after, err = json.Marshal(s.Vendor.Snapshot()())
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(string(after), "in place"))
	s.world.state.apiKeys.byMark[s.world.APIKey()].Scopes[0] = ScopeREST
	s.upset()
	after, err = json.Marshal(taken())
	require.NoError(t, err)
	assert.JSONEq(t, string(before), string(after))
}

// upset changes whatever a full stage has.
func (s *stage) upset() {
	s.Helper()
	s.put("/keys/full", `{"hwids": ["a"], "key_name": null, "folder_id": null, "is_invalidated": false, "expires_at": null}`).is(200)
	s.post("/keys/full/reset-hwid", "").is(200)
	s.delete("/keys/older").is(200)
	s.world.RevokeAPIKey(s.world.APIKey())
	s.world.UnbanDevice("evil")
	s.world.AddProvider("p")
	s.world.AddService("s")
	s.world.AddFolder("f")
	s.world.AddKey(Key{})
	s.world.SetRateLimit(0, 0)
}

// What is taken down comes back as it was taken, whatever the time zone of the
// test.
func TestTimesOfASeedAreKeptInUTC(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	zone := time.FixedZone("there", 2*60*60)
	at := t0.Add(1500 * time.Microsecond).In(zone)
	s.world.AddKey(Key{CreatedAt: at, ExpiresAt: at, UsedAt: at, Devices: []Device{{HWID: "pc", BoundAt: at}}, Redemption: &Redemption{RedeemedAt: at}})
	s.world.BanDevice(Ban{HWID: "evil", Until: at})
	require.NoError(t, s.Seed(Seed{Folders: []Folder{{CreatedAt: at}}}))
	kept := s.Keep()
	assert.Equal(t, 7, strings.Count(string(kept.State), `"2026-01-01T00:00:00.001Z"`), string(kept.State))
	s.PutBack(kept)
	assert.Equal(t, kept, s.Keep())
}

// A document that was written by hand must not break the world later.
func TestRestoreRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	s := fullStage(t)
	s.RefusesDamaged([][3]string{
		{`{"Accounts"`, `{"Extra":1,"Accounts"`, `unknown field "Extra"`},
		{`"Named":true`, `"named_":true`, `unknown field "named_"`},
		{`"HWID":"pc"`, `"HWID":7`, "cannot unmarshal number"},
		{`{"ID":1001}`, `{"ID":1003}`, "Accounts[0]: id 1003 is negative or over 1002"},
		{`{"ID":1001},`, ``, "the default account 1001 is missing"},
		{`{"ID":1001}`, `{"ID":1002}`, "Accounts[1]: id is taken by another account"},
		{`{"ID":1001}`, `null`, "Accounts[0]: id is missing"},
		{`{"Last":1002`, `{"Last":-1`, "id 1001 is negative or over -1"},
		{`"Folders":{"Last":4000`, `"Folders":{"Last":18014398509481985`, "Folders: the last one cannot have been 18014398509481985"},
		{`{"ID":5001,`, `{"ID":5002,`, "APIKeys[1]: id is taken by another API key"},
		{`{"ID":5001,`, `{"ID":0,`, "APIKeys[0]: id is missing"},
		{`{"ID":5001,"UserID":1001`, `{"ID":5001,"UserID":5`, "APIKeys[0]: account names no account that there is: 5; make it first"},
		{`"Value":"` + defaultAPIKey, `"Value":"`, "APIKeys[0]: value is missing"},
		{`"Calls":1}`, `"Calls":10}`, "APIKeys[0]: 10 calls are not within the limit"},
		{`"Calls":1}`, `"Calls":-1}`, "APIKeys[0]: -1 calls are not within the limit"},
		{`"Limit":{"Calls":9`, `"Limit":{"Calls":-9`, "-9 calls per 1h0m0s is no limit"},
		{`"KeyPrefix":"SHOP"`, `"KeyPrefix":"shop"`, `Providers[0]: keyPrefix "shop" has lower-case letters`},
		{`{"ID":7,"UserID":1001`, `{"ID":7,"UserID":1002`, "Keys[0]: provider names no provider of the account: 7"},
		{`{"ID":8,`, `{"ID":6,`, "Keys[1]: service names no service of the account: 8"},
		{`{"ID":9,`, `{"ID":6,`, "Keys[1]: folder names no folder of the account: 9"},
		{`"ProviderID":7,"ServiceID":8`, `"ProviderID":0,"ServiceID":8`, "Keys[1]: provider cannot be empty"},
		{`"Value":"full"`, `"Value":""`, "Keys[1]: value cannot be empty"},
		{`"Value":"full"`, `"Value":"older"`, "Keys[1]: value is taken by another key"},
		{`{"ID":1,"Value":"full"`, `{"ID":2,"Value":"full"`, "Keys[1]: id is taken by another key"},
		{`{"ID":1,"Value":"full"`, `{"Value":"full"`, "Keys[1]: id is missing"},
		{`{"ID":1,"Value":"full"`, `{"ID":4,"Value":"full"`, "Keys[1]: id 4 is negative or over 3"},
		{`"UserID":1001,"ProviderID":7,"ServiceID":8`, `"UserID":4,"ProviderID":7,"ServiceID":8`, "Keys[1]: account names no account"},
		{`"HWID":"phone"`, `"HWID":"pc"`, `hwids/1/hwid "pc" is bound twice`},
		{`"HWID":"phone"`, `"HWID":""`, `hwids/1/hwid is missing`},
		{`"ValidityMinutes":5`, `"ValidityMinutes":-5`, "validityMinutes -5 is negative"},
		{`"HWIDLimit":1`, `"HWIDLimit":-1`, "hwidLimit -1 is negative"},
		{`{"ID":6001,`, `{"ID":0,`, "Bans[0]: id is missing"},
		{`"HWID":"evil"`, `"HWID":"ev"`, "Bans[0]: hwid must have 3 to 128 characters"},
	}...)
	kept := s.Keep()
	ban := `{"ID":6001,"UserID":1001,"HWID":"evil","Until":"2026-01-01T01:00:00Z","InvalidateKeys":true}`
	s.RefusesDamaged([3]string{ban, ban + `,` + strings.Replace(ban, "6001", "6000", 1), "Bans[1]: hwid is taken by another ban"})
	assert.Equal(t, kept, s.Keep())
}

// Numbers that were given stay below what counts on from them.
func TestTheLargestNumberLeavesRoom(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.world.AddKey(Key{ID: maxID})
	assert.Equal(t, int64(maxID+1), s.world.AddKey(Key{}).ID)
	require.NoError(t, s.Seed(Seed{Providers: []Provider{{ID: maxID}, {}}}))
	kept := s.Keep()
	s.PutBack(kept)
	assert.Equal(t, kept, s.Keep())
}
