package junkiemock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// Seed is what the default account has from the beginning. It is made in the order
// of the fields, each object as the method of [World] makes it that adds one: what
// is zero is filled in, UserID is always the account's. Objects refer to each other
// by numbers, so those that are referred to are given one.
//
//	junkiemock.Seed{
//		Providers: []junkiemock.Provider{{ID: 7, Name: "shop", KeyPrefix: "SHOP"}},
//		Keys: []junkiemock.Key{
//			{ProviderID: 7, Value: "SHOP-FRESH", ValidityMinutes: 60},
//			{ProviderID: 7, Value: "SHOP-USED", UsedAt: start, Devices: []junkiemock.Device{{HWID: "pc"}}},
//		},
//	}
type Seed struct {
	Providers []Provider
	Services  []Service
	Folders   []Folder
	Keys      []Key
	Bans      []Ban // after the keys, which a ban may invalidate
}

// Seed makes what a [Seed] describes, up to the first object that cannot be.
func (v *vendor) Seed(ct *core.Turn, seed any) error {
	told, err := core.SeedOf[Seed](seed)
	if err != nil {
		return err
	}
	t := v.turn(ct)
	return core.InOrder(
		core.Each("Providers", told.Providers, t.sowProvider),
		core.Each("Services", told.Services, t.sowService),
		core.Each("Folders", told.Folders, t.sowFolder),
		core.Each("Keys", told.Keys, t.sowKey),
		core.Each("Bans", told.Bans, t.sowBan),
	)
}

func (t *turn) sowProvider(p Provider) error {
	p.UserID = defaultUserID
	_, err := t.addProvider(p)
	return err
}

func (t *turn) sowService(s Service) error {
	s.UserID = defaultUserID
	_, err := t.addService(s)
	return err
}

func (t *turn) sowFolder(f Folder) error {
	f.UserID = defaultUserID
	_, err := t.addFolder(f)
	return err
}

func (t *turn) sowKey(k Key) error { return t.addKey(newRecord(k, defaultUserID)) }

func (t *turn) sowBan(b Ban) error {
	b.UserID = defaultUserID
	return t.banDevice(b)
}
