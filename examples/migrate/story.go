package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

const (
	day   = 24 * time.Hour
	month = 30 * day

	policyID   = "95981290-518b-4109-a611-c0001214b3c5"
	firstUseID = "6e936a61-94ad-44d1-88ac-88da9f10eca7"
	providerID = 7
	hubID      = "90000000000000000001"
)

// opening is when the shops move.
var opening = time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC)

// shops is what two small shops have sold, and the policies that keys move to.
func shops() mockserver.Seed {
	product := "70af414f-1152-4ddd-8f7f-1a2b3c4d5e6f"
	floating := map[string]any{"floating": true}
	fromFirst := map[string]any{"floating": true, "expirationBasis": firstValidation}
	sold := opening.Add(-10 * day)
	return mockserver.Seed{
		Junkie: junkiemock.Seed{
			Providers: []junkiemock.Provider{{ID: providerID, Name: "shop"}},
			Services:  []junkiemock.Service{{ID: 1, Name: "editor"}},
			Keys: []junkiemock.Key{
				{ID: 11, Name: "order 1041", Value: "JNK-FOREVER", CreatedAt: sold},
				{ID: 12, Name: "order 1042", Value: "JNK-IN-USE", CreatedAt: sold, ValidityMinutes: int64(month / time.Minute), HWIDLimit: 2, UsedAt: sold, DiscordID: "100000000000000001", Devices: []junkiemock.Device{{HWID: "laptop"}, {HWID: "phone"}}},
				{ID: 13, Name: "order 1043", Value: "JNK-EXPIRED", CreatedAt: sold, ValidityMinutes: int64(7 * day / time.Minute), ServiceID: 1},
				{ID: 14, Name: "order 1044", Value: "JNK-BARRED", CreatedAt: sold, Invalidated: true},
				{ID: 15, Name: "order 1045", Value: "JNK-NOT-YET-USED", CreatedAt: sold, ValidityMinutes: int64(month / time.Minute), ExpiryOnFirstUse: true},
				{ID: 16, Name: "order 1046", Value: "JNK-A-WEEK-TO-COME", CreatedAt: sold, ValidityMinutes: int64(7 * day / time.Minute), ExpiryOnFirstUse: true},
				{ID: 17, Name: "order 1047", Value: "JNK-ONCE", CreatedAt: sold, OneTimeUse: true},
				{ID: 18, Name: "order 1048", Value: "SHORT", CreatedAt: sold},
			},
		},
		LuaProt: luaprotmock.Seed{
			Hubs: []luaprotmock.Hub{{ID: hubID, Name: "shop"}},
			Keys: []luaprotmock.Key{
				{HubID: hubID, Value: "LUA-IN-USE", Note: "order 2041", DiscordID: "100000000000000001", CreatedAt: sold, ExpiresAt: opening.Add(month), HWID: "laptop", Activated: true, Executions: 12, HWIDResets: 1},
				{HubID: hubID, Value: "LUA-GIVEAWAY", CreatedAt: sold},
			},
		},
		Keygen: keygenmock.Seed{
			Products: []keygenmock.Product{{ID: product, Name: "Editor"}},
			Policies: []keygenmock.Policy{
				{ID: policyID, ProductID: product, Name: "moved", Attributes: floating},
				{ID: firstUseID, ProductID: product, Name: "moved, 30 days from the first use on", Duration: month, Attributes: fromFirst},
			},
		},
	}
}

// clients are those of the three vendors, as they are on a mock server.
func clients(s *mockserver.Server) (j *junkie.Client, l *luaprot.Client, k *keygen.Client, err error) {
	if j, err = junkie.New(junkie.Config{
		APIKey:     s.Junkie().APIKey(),
		HTTPClient: s.Client(), // leave this out, here and below, and the same code works in earnest
	}); err != nil {
		return nil, nil, nil, err
	}
	if l, err = luaprot.New(luaprot.Config{APIKey: s.LuaProt().APIKey(), HTTPClient: s.Client()}); err != nil {
		return nil, nil, nil, err
	}
	k, err = keygen.New(keygen.Config{Account: s.Keygen().Account(), Credential: keygen.Token(s.Keygen().Token()), HTTPClient: s.Client()})
	return j, l, k, err
}

// story moves two shops to Keygen: first it tells what would become of the keys,
// then it moves them, is broken off on the way, and goes on.
func story(ctx context.Context, out io.Writer) error {
	server := mockserver.New(mockserver.WithStart(opening), mockserver.WithSeed(shops()))
	j, l, k, err := clients(server)
	if err != nil {
		return err
	}
	target := &ToKeygen{Client: k, PolicyID: policyID}
	for _, shop := range []struct {
		name   string
		source Source
	}{{"Junkie", FromJunkie(j.Keys, providerID)}, {"LuaProt", FromLuaProt(l, hubID)}} {
		fmt.Fprintf(out, "From %s to Keygen: a dry run, which changes nothing\n", shop.name)
		plans, err := Migrate(ctx, shop.source, target, false)
		if err != nil {
			return err
		}
		Report(out, plans, server.Now())

		fmt.Fprintln(out, "In earnest, and the vendor breaks down at the second key")
		down := server.Inject(mockserver.Fault{Op: keygenmock.OpCreateLicense, Skip: 1, Do: mockserver.Status(503)})
		_, err = Migrate(ctx, shop.source, target, true)
		if err == nil {
			return errors.New("the vendor was down, and nobody noticed")
		}
		down.Remove()

		fmt.Fprintln(out, "Once more, and now it works")
		plans, err = Migrate(ctx, shop.source, target, true)
		Report(out, plans, server.Now())
		if err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "By Keygen's ledger, %d licenses were created.\n", len(server.Effects("keygen."+keygenmock.EffectLicenseCreated)))
	return nil
}
