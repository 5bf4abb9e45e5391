package luaprotmock

import (
	"fmt"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// The rules below hold however an object comes: by the Go API, the control plane, a
// seed or a snapshot. A refusal names the member as the control plane calls it.

func (s *state) checkAccountID(id string) error {
	switch {
	case s.customers.Get(id) != nil:
		return core.Taken("/id", "account")
	case !core.IsSlug(id):
		return core.BadMember("/id", "%q is no id of an account: it has lower-case letters, digits and dashes", id)
	}
	return nil
}

// checkSecret looks at a given API key.
func (s *state) checkSecret(member, secret string) error {
	if s.apiKeys.Get(secret) != nil {
		return core.Taken("/"+member, "API key")
	}
	return core.CheckWritable(apiKey{Secret: secret})
}

// checkHub looks at a hub, the id of which may be left open.
func (s *state) checkHub(h Hub) error {
	switch {
	case h.ID != "" && !core.IsDigits(h.ID):
		return core.BadMember("/id", "%q is no id of a hub: it has digits only", h.ID)
	case s.hubs.Get(h.ID) != nil:
		return core.Taken("/id", "hub")
	case h.ResetGap < 0:
		return core.BadMember("/hwidResetGap", "%v is negative: 0 means none", h.ResetGap)
	}
	return core.CheckWritable(h)
}

// checkScript looks at a script, of which id and hub may be left open.
func (s *state) checkScript(owner string, of *script) error {
	switch {
	case of.ID != "" && !core.IsDigits(of.ID):
		return core.BadMember("/id", "%q is no id of a script: it has digits only", of.ID)
	case s.scripts.Get(of.ID) != nil:
		return core.Taken("/id", "script")
	case of.Executions < 0:
		return core.BadMember("/executions", "%d is negative", of.Executions)
	case of.HubID != "":
		if err := s.ownsHub(owner, of.HubID); err != nil {
			return err
		}
	}
	return core.CheckWritable(of)
}

// What references to hubs and scripts must lead to.
const (
	hubPlace    = "hub of the account"
	scriptPlace = "script of the hub"
)

func (s *state) ownsHub(owner, hubID string) error {
	if h := s.hubs.Get(hubID); h == nil || h.Owner != owner {
		return core.Nowhere("/hub", hubPlace, hubID)
	}
	return nil
}

func checkDiscordID(id string) error {
	if !isDiscordID(id) {
		return core.BadMember("/discordId", "%q is no Discord id: it has 17 to 20 digits", id)
	}
	return nil
}

func checkDiscord(d *discordRecord) error {
	if err := checkDiscordID(d.DiscordID); err != nil {
		return err
	}
	return core.CheckWritable(d)
}

// noKey is what loaders send when there is no key, so that no key can be it.
const noKey = "x"

// checkKey looks at a key, of which text and hub may be left open.
func (s *state) checkKey(owner string, k *record) error {
	if err := s.checkKeyNames(owner, k); err != nil {
		return err
	}
	switch {
	case k.AdvertiseID != "" && !core.IsDigits(k.AdvertiseID):
		return core.BadMember("/advertiseId", "%q is no id of an advertisement: it has digits only", k.AdvertiseID)
	case k.HWIDResets < 0:
		return core.BadMember("/hwidResetCount", "%d is negative", k.HWIDResets)
	case k.Executions < 0:
		return core.BadMember("/executionCount", "%d is negative", k.Executions)
	case k.Reasoned && !k.Blacklisted && !k.GloballyBlacklisted:
		return core.BadMember("/blacklistReason", "cannot be: a key that is not blacklisted has none")
	}
	return core.CheckWritable(k)
}

// checkKeyNames looks at what a key is called, and at what it refers to.
func (s *state) checkKeyNames(owner string, k *record) error {
	hubID := s.hubOf(owner, k.HubID)
	switch {
	case k.Value == noKey:
		return core.BadMember("/key", "cannot be %q, which is what loaders send for no key: leave it empty for a new one", noKey)
	case s.keys.byValue[k.Value] != nil:
		return core.Taken("/key", "key")
	case k.HubID != "" && s.ownsHub(owner, k.HubID) != nil:
		return s.ownsHub(owner, k.HubID)
	case k.DiscordID != "" && checkDiscordID(k.DiscordID) != nil:
		return checkDiscordID(k.DiscordID)
	case k.DiscordID != "" && s.keys.byDiscord[assignment{hubID, k.DiscordID}] != nil:
		return core.Clash("/discordId", "%s has a key in the hub: a hub has one for each Discord user", k.DiscordID)
	}
	for _, id := range k.LimitedScripts {
		if of := s.scripts.Get(id); of == nil || of.HubID != hubID {
			return core.Nowhere("/limitedScripts", scriptPlace, id)
		}
	}
	return nil
}

// hubOf is the hub of what is to come into an account: the one that it names,
// else the account's oldest; empty if that is yet to be made.
func (s *state) hubOf(owner, hubID string) string {
	if hubID == "" {
		if oldest := s.oldestHub(owner); oldest != nil {
			return oldest.ID
		}
	}
	return hubID
}

// checkLimits looks at rate limits, of which there may be none.
func checkLimits(windows []RateWindow) error {
	for _, window := range windows {
		if window.Calls <= 0 || window.Per <= 0 {
			return fmt.Errorf("%d calls per %v is no limit: pass positive numbers, or no window for no limit", window.Calls, window.Per)
		}
	}
	return nil
}
