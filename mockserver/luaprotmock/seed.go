package luaprotmock

import (
	"fmt"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// noKey is what loaders send when there is no key, so that no key can be it.
const noKey = "x"

// completeSeed fills in what a seeded key leaves open, or says why the key
// cannot be. It changes nothing but the key, save for a default hub.
func (t *turn) completeSeed(owner int64, k *record) error {
	if err := t.checkSeed(owner, k); err != nil {
		return err
	}
	if k.HubID = t.hubOf(owner, k); k.HubID == "" {
		k.HubID = t.addHub(owner, Hub{Name: "default"}).ID
	}
	if k.Value == "" {
		k.Value = t.newValue()
	}
	if k.CreatedAt.IsZero() {
		k.CreatedAt = t.now
	}
	for _, at := range []*time.Time{&k.CreatedAt, &k.ExpiresAt, &k.LastHWIDResetAt, &k.LastExecutionAt} {
		*at = moment(*at)
	}
	k.Blacklisted = k.Blacklisted || k.GloballyBlacklisted
	return nil
}

func (t *turn) checkSeed(owner int64, k *record) error {
	s := t.state
	switch {
	case k.Value == noKey:
		return fmt.Errorf("the value %q is what loaders send for no key: leave it empty for a new one", noKey)
	case s.keys.byValue[k.Value] != nil:
		return fmt.Errorf("the value is taken: leave it empty for a new one")
	case k.HubID != "" && t.ownsHub(owner, k.HubID) != nil:
		return t.ownsHub(owner, k.HubID)
	case k.DiscordID != "" && !isDiscordID(k.DiscordID):
		return fmt.Errorf("%q is no Discord id: it has 17 to 20 digits", k.DiscordID)
	case k.DiscordID != "" && s.keys.byDiscord[assignment{t.hubOf(owner, k), k.DiscordID}] != nil:
		return fmt.Errorf("Discord user %s has a key in the hub: a hub has one for each", k.DiscordID)
	case k.AdvertiseID != "" && !core.IsDigits(k.AdvertiseID):
		return fmt.Errorf("%q is no id of an advertisement: it has digits only", k.AdvertiseID)
	case k.HWIDResets < 0, k.Executions < 0:
		return fmt.Errorf("%d resets and %d executions: neither can be negative", k.HWIDResets, k.Executions)
	case k.BlacklistReason != "" && !k.Blacklisted && !k.GloballyBlacklisted:
		return fmt.Errorf("a key that is not blacklisted has no reason for it")
	}
	for _, id := range k.LimitedScripts {
		if script := s.scripts[id]; script == nil || script.HubID != t.hubOf(owner, k) {
			return fmt.Errorf("the hub has no script %q: add it with AddScript", id)
		}
	}
	return nil
}

// hubOf is the hub that a seeded key will have: the one it names, else the
// account's oldest; empty if that is yet to be made.
func (t *turn) hubOf(owner int64, k *record) string {
	if hubs := t.state.customer(owner).hubs; k.HubID == "" && len(hubs) > 0 {
		return hubs[0]
	}
	return k.HubID
}
