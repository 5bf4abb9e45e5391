package luaprotmock

import (
	"fmt"
	"maps"
	"slices"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Seed is what the default account has in a world from the beginning. Its parts
// are made in the order of the fields, each as the Add method of [World] makes
// it; what is zero is filled in as there. Objects refer to each other by ids, so
// that a hub with keys or scripts of its own needs one:
//
//	luaprotmock.Seed{
//		Hubs:    []luaprotmock.Hub{{ID: "40511091490620200512", Name: "Main Hub"}},
//		Scripts: []luaprotmock.Script{{HubID: "40511091490620200512", Name: "loader"}},
//		Keys:    []luaprotmock.Key{{Value: "sold", DiscordID: "123456789012345678"}},
//	}
type Seed struct {
	APIKeys     []string // besides the one that every world has; empty: a new one
	Hubs        []Hub    // the first is that of scripts and keys without a HubID
	Scripts     []Script
	DiscordData map[string]DiscordData // by Discord id
	Keys        []Key
}

// Seed makes what a seed describes.
func (v *vendor) Seed(ct *core.Turn, seed any) error {
	told, err := core.SeedOf[Seed](seed)
	if err != nil {
		return err
	}
	t := v.turn(ct)
	return core.InOrder(
		core.Each("APIKeys", told.APIKeys, func(secret string) error { return t.addAPIKey(&apiKey{Secret: secret, Owner: defaultAccount}) }),
		core.Each("Hubs", told.Hubs, func(h Hub) error { return t.addHub(&hub{Hub: h, Owner: defaultAccount}) }),
		core.Each("Scripts", told.Scripts, func(of Script) error { return t.addScript(defaultAccount, &script{Script: of}) }),
		func() error { return told.sowDiscordData(t) },
		core.Each("Keys", told.Keys, func(k Key) error { return t.seedKey(defaultAccount, seeded(k)) }),
	)
}

func (s Seed) sowDiscordData(t *turn) error {
	for _, id := range slices.Sorted(maps.Keys(s.DiscordData)) {
		if err := t.saveDiscordData(&discordRecord{id, s.DiscordData[id]}); err != nil {
			return fmt.Errorf("DiscordData[%q]: %w", id, err)
		}
	}
	return nil
}
