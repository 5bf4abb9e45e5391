package junkiemock

import (
	"fmt"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

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
	told, ok := seed.(Seed)
	if !ok {
		return fmt.Errorf("a seed of Junkie is a junkiemock.Seed, not a %T", seed)
	}
	t := v.turn(ct)
	for _, sow := range []func() error{
		func() error { return sowAll("Providers", told.Providers, t.sowProvider) },
		func() error { return sowAll("Services", told.Services, t.sowService) },
		func() error { return sowAll("Folders", told.Folders, t.sowFolder) },
		func() error { return sowAll("Keys", told.Keys, t.sowKey) },
		func() error { return sowAll("Bans", told.Bans, t.sowBan) },
	} {
		if err := sow(); err != nil {
			return err
		}
	}
	return nil
}

func sowAll[T any](field string, objects []T, sow func(T) error) error {
	for i, o := range objects {
		if err := sow(o); err != nil {
			return fmt.Errorf("%s[%d]: %w", field, i, err)
		}
	}
	return nil
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
