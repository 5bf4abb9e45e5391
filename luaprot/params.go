package luaprot

import "time"

// ListKeysParams selects keys. The zero value selects all keys of all hubs.
// Conditions add up: a key must meet all that are set. Texts must match as a
// whole.
//
// A condition with its zero value is not set. Before listing the keys of a hub
// or a customer whose id may be empty, say to delete them, check that it is
// not: the list would be of all keys.
type ListKeysParams struct {
	Page int // 1 is the first; 0 = 1. How many keys it has is the vendor's choice.

	HubID     string // "" = all hubs of the account
	DiscordID string // Discord user the key belongs to, 17 to 20 digits
	Value     string // the key's own value
	HWID      string // the device it is bound to

	// Each of these selects the keys that are in a state with Set(true), and
	// all others with Set(false). Null is refused.
	Blacklisted Opt[bool] `json:",omitzero"`
	Expired     Opt[bool] `json:",omitzero"`
	Unassigned  Opt[bool] `json:",omitzero"` // neither a Discord user nor a device
	Active      Opt[bool] `json:",omitzero"` // none of the three above; not [Key].Activated
}

// AddKeyParams describes a new key. Nothing is required: the zero value makes
// a key that belongs to nobody and never expires.
type AddKeyParams struct {
	// DiscordID is the Discord user the key is for, 17 to 20 digits. A hub has
	// at most one key for each user. "" = nobody: the key is unassigned, of
	// which a hub can have at most 300.
	DiscordID string

	// ExpiresIn is how long the key works from now on, in whole seconds and at
	// least an hour. 0 = forever.
	ExpiresIn time.Duration

	Note string // your label

	// LimitedScripts are the ids of the only scripts the key works for, all of
	// the same hub; empty = every script of the hub.
	LimitedScripts []string
}

// GenerateKeysParams describes new unassigned keys that differ in nothing but
// their values. Amount is required; the other fields are those of
// [AddKeyParams].
type GenerateKeysParams struct {
	Amount int // how many keys, 5 to 300; for fewer call Add

	ExpiresIn      time.Duration // from now on, not from the first use
	Note           string        // of every key
	LimitedScripts []string
}

// UpdateKeyParams describes a change of a key. Zero fields stay as they are.
// Value, hub and device of a key cannot be changed; to unbind the device, call
// ResetHWID.
type UpdateKeyParams struct {
	// DiscordID gives the key to a Discord user, 17 to 20 digits, who must not
	// have a key of the hub yet; Null = to nobody. Whose key it is now is said
	// by the [KeyRef], not here.
	DiscordID Opt[string] `json:",omitzero"`

	// ExpiresIn replaces how long the key works, counted from this call on: in
	// whole seconds and at least an hour. Null = forever.
	ExpiresIn Opt[time.Duration] `json:",omitzero"`

	Note Opt[string] `json:",omitzero"` // Null = no label

	// Blacklisted bars the key or lets it work again; Null is refused.
	// BlacklistReason is kept only while the key is barred; Null = no reason.
	// The methods Blacklist and Unblacklist are shorter.
	Blacklisted     Opt[bool]   `json:",omitzero"`
	BlacklistReason Opt[string] `json:",omitzero"`

	// LimitedScripts replaces the ids of the only scripts the key works for.
	// Set of an empty or nil slice lets the key work for every script of the
	// hub. Null is refused.
	LimitedScripts Opt[[]string] `json:",omitzero"`
}
