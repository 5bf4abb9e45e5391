package luaprotmock

import (
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// misfit is why an object cannot be as it was described. The rules below hold
// however an object comes: by the Go API, the control plane, a seed or a
// snapshot.
type misfit struct {
	member string // what is at fault, as the control plane calls it
	taken  bool   // another object has it
	text   string
}

func (m *misfit) Error() string { return m.text }

func unfit(member, format string, args ...any) error {
	return &misfit{member: member, text: fmt.Sprintf(format, args...)}
}

func clash(member, format string, args ...any) error {
	return &misfit{member: member, taken: true, text: fmt.Sprintf(format, args...)}
}

// value is a member of an object that its type alone does not keep from what
// no document can hold.
type value struct {
	member string
	text   string
	at     time.Time
}

func checkValues(values ...value) error {
	for _, v := range values {
		if !utf8.ValidString(v.text) {
			return unfit(v.member, "%q is not UTF-8, and JSON could not carry it", v.text)
		}
		if year := v.at.UTC().Year(); year < 1 || year > 9999 {
			return unfit(v.member, "the year %d cannot be written: take one of 1 to 9999", year)
		}
	}
	return nil
}

func checkText(member, text string) error { return checkValues(value{member: member, text: text}) }

// accountForm leaves out what would need escaping, or mean something else, in a
// path.
var accountForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

func (s *state) checkAccountID(id string) error {
	switch {
	case s.customers.get(id) != nil:
		return clash("id", "account %s exists: leave the id to the world, or take another", id)
	case !accountForm.MatchString(id):
		return unfit("id", "%q is no id of an account: it has lower-case letters, digits and dashes", id)
	}
	return nil
}

// checkSecret looks at a given API key.
func (s *state) checkSecret(member, secret string) error {
	if s.apiKeys.get(secret) != nil {
		return clash(member, "the API key is taken: leave it empty for a new one")
	}
	return checkText(member, secret)
}

// checkHub looks at a hub, the id of which may be left open.
func (s *state) checkHub(h Hub) error {
	switch {
	case h.ID != "" && !core.IsDigits(h.ID):
		return unfit("id", "%q is no id of a hub: it has digits only", h.ID)
	case s.hubs.get(h.ID) != nil:
		return clash("id", "hub %s exists: leave the id to the world, or take another", h.ID)
	case h.ResetGap < 0:
		return unfit("hwidResetGap", "a reset gap of %v is negative: 0 means none", h.ResetGap)
	}
	return checkText("name", h.Name)
}

// checkScript looks at a script, of which id and hub may be left open.
func (s *state) checkScript(owner string, of *script) error {
	switch {
	case of.ID != "" && !core.IsDigits(of.ID):
		return unfit("id", "%q is no id of a script: it has digits only", of.ID)
	case s.scripts.get(of.ID) != nil:
		return clash("id", "script %s exists: leave the id to the world, or take another", of.ID)
	case of.Executions < 0:
		return unfit("executions", "%d executions: there cannot be less than none", of.Executions)
	case of.HubID != "":
		if err := s.ownsHub(owner, of.HubID); err != nil {
			return err
		}
	}
	return checkText("name", of.Name)
}

func (s *state) ownsHub(owner, hubID string) error {
	if h := s.hubs.get(hubID); h == nil || h.Owner != owner {
		return unfit("hub", "the account has no hub %q: add it with AddHub", hubID)
	}
	return nil
}

func checkDiscordID(id string) error {
	if !isDiscordID(id) {
		return unfit("discordId", "%q is no Discord id: it has 17 to 20 digits", id)
	}
	return nil
}

func checkDiscord(d *discordRecord) error {
	if err := checkDiscordID(d.DiscordID); err != nil {
		return err
	}
	return checkValues(
		value{member: "id", text: d.ID},
		value{member: "username", text: d.Username},
		value{member: "avatar", text: d.Avatar},
		value{member: "globalName", text: d.GlobalName},
		value{member: "modified", at: d.ModifiedAt},
		value{member: "created", at: d.CreatedAt},
	)
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
		return unfit("advertiseId", "%q is no id of an advertisement: it has digits only", k.AdvertiseID)
	case k.HWIDResets < 0:
		return unfit("hwidResetCount", "%d resets and %d executions: neither can be negative", k.HWIDResets, k.Executions)
	case k.Executions < 0:
		return unfit("executionCount", "%d resets and %d executions: neither can be negative", k.HWIDResets, k.Executions)
	case k.Reasoned && !k.Blacklisted && !k.GloballyBlacklisted:
		return unfit("blacklistReason", "a key that is not blacklisted has no reason for it")
	}
	return checkValues(
		value{member: "key", text: k.Value},
		value{member: "note", text: k.Note},
		value{member: "hwid", text: k.HWID},
		value{member: "blacklistReason", text: k.BlacklistReason},
		value{member: "created", at: k.CreatedAt},
		value{member: "expire", at: k.ExpiresAt},
		value{member: "lastHwidReset", at: k.LastHWIDResetAt},
		value{member: "lastExecution", at: k.LastExecutionAt},
	)
}

// checkKeyNames looks at what a key is called, and at what it refers to.
func (s *state) checkKeyNames(owner string, k *record) error {
	hubID := s.hubOf(owner, k.HubID)
	switch {
	case k.Value == noKey:
		return unfit("key", "the value %q is what loaders send for no key: leave it empty for a new one", noKey)
	case s.keys.byValue[k.Value] != nil:
		return clash("key", "the value is taken: leave it empty for a new one")
	case k.HubID != "" && s.ownsHub(owner, k.HubID) != nil:
		return s.ownsHub(owner, k.HubID)
	case k.DiscordID != "" && checkDiscordID(k.DiscordID) != nil:
		return checkDiscordID(k.DiscordID)
	case k.DiscordID != "" && s.keys.byDiscord[assignment{hubID, k.DiscordID}] != nil:
		return clash("discordId", "Discord user %s has a key in the hub: a hub has one for each", k.DiscordID)
	}
	for _, id := range k.LimitedScripts {
		if of := s.scripts.get(id); of == nil || of.HubID != hubID {
			return unfit("limitedScripts", "the hub has no script %q: add it with AddScript", id)
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
