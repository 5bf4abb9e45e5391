package junkiemock

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestASeedIsMadeInItsOrder(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	require.NoError(t, s.Seed(Seed{
		Bans:      []Ban{{HWID: "evil", InvalidateKeys: true}, {ID: 1, UserID: 5, HWID: "worse", Until: t0}},
		Keys:      []Key{{Value: "shop", ProviderID: 7, ServiceID: 8, FolderID: 9, UserID: 5}, {Devices: []Device{{HWID: "evil"}}}},
		Folders:   []Folder{{ID: 9, Name: "vip", CreatedAt: t0.Add(-time.Hour)}, {}},
		Services:  []Service{{ID: 8, Name: "hub", Premium: true}},
		Providers: []Provider{{ID: 7, Name: "shop", KeyPrefix: "SHOP", UserID: 5}},
	}))
	assert.Equal(t, []string{
		"provider.added 7", "service.added 8", "folder.added 9", "folder.added 4001", "key.created 1", "key.created 2",
		"device.banned evil", "key.invalidated 2", "device.banned worse",
	}, s.Kinds())
	for _, e := range s.Effects {
		assert.Equal(t, "seed", e.Op)
	}
	keys := s.world.Keys()
	assert.Equal(t, Key{ID: 1, Value: "shop", UserID: s.world.UserID(), ProviderID: 7, ServiceID: 8, FolderID: 9, CreatedAt: t0}, keys[0])
	assert.Regexp(t, "^SHOP-", keys[1].Value)
	s.get("/keys/folders").has("folders", `[{"id":4001,"name":"","created_at":"2026-01-01T00:00:00.000Z"},{"id":9,"name":"vip","created_at":"2025-12-31T23:00:00.000Z"}]`)
	assert.Equal(t, int64(2001), s.world.AddProvider("next").ID)
}

func TestASeedThatCannotBe(t *testing.T) {
	t.Parallel()
	for text, wrong := range map[string]Seed{
		"Providers[1]: id is taken by another provider":                             {Providers: []Provider{{ID: 7}, {ID: 7}}},
		`Providers[0]: keyPrefix "shop" has lower-case letters`:                     {Providers: []Provider{{KeyPrefix: "shop"}}},
		"Services[0]: Name is not UTF-8":                                            {Services: []Service{{Name: "\xff"}}},
		"Folders[0]: CreatedAt is of the year 0, and must be of 1 to 9999":          {Folders: []Folder{{CreatedAt: time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)}}},
		"Keys[0]: provider names no provider of the account: 7; make it first":      {Keys: []Key{{ProviderID: 7}}},
		"Bans[0]: hwid must have 3 to 128 characters for a ban, not 2":              {Bans: []Ban{{HWID: "pc"}}},
		"Bans[1]: id is taken by another ban":                                       {Bans: []Ban{{ID: 1, HWID: "evil"}, {ID: 1, HWID: "worse"}}},
		"Providers[0]: id 9007199254740993 is negative or over 9007199254740992":    {Providers: []Provider{{ID: maxID + 1}}},
		"Providers[0]: id -1 is negative or over 9007199254740992: leave it open f": {Providers: []Provider{{ID: -1}}},
	} {
		s := newStage(t)
		require.ErrorContains(t, s.Seed(wrong), text)
	}
	s := newStage(t)
	assert.EqualError(t, s.Seed(Key{}), "a seed of this vendor is a junkiemock.Seed, not a junkiemock.Key")
	assert.Empty(t, s.Effects)
}

// An account that is no more has nothing to add to.
func TestAnAccountOfAnotherTime(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	a := s.world.AddAccount()
	s.Vendor.Reset()
	for _, add := range []func(){
		func() { a.AddAPIKey() }, func() { a.AddProvider("p") }, func() { a.AddService("s") }, func() { a.AddFolder("f") },
		func() { a.AddKey(Key{}) }, func() { a.BanDevice(Ban{HWID: "evil"}) },
	} {
		s.Refuses("account names no account that there is: 1002", add)
	}
	assert.False(t, a.UnbanDevice("evil"))
	assert.Empty(t, a.Keys())
}

func TestASecondBanTakesThePlaceOfTheFirst(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	k := s.create(`"hwid": "evil"`)
	s.world.BanDevice(Ban{HWID: "evil", Until: t0})
	s.verify(k, "evil", CodeKeyValid)
	s.world.BanDevice(Ban{HWID: "evil"})
	s.verify(k, "evil", CodeHWIDBanned)
	s.Refuses("Until is of the year 10000", func() { s.world.BanDevice(Ban{HWID: "evil", Until: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}) })
	s.verify(k, "evil", CodeHWIDBanned)
	assert.Equal(t, 1, s.world.state.bans.Len())
}
