package luaprot

import "time"

// Key is one license key. Zero fields mean what their comments say; a field
// that the vendor leaves out of an answer is zero too.
//
// Not every answer has every field. Those that are an [Opt] depend on the
// method: List and All return all four, Get all but HubName, and Add, Update,
// Blacklist and Unblacklist none of them.
//
// A Key is plain data, and can be stored as JSON and read back. Printing or
// encoding it shows Value and HWID, which belong to your customer; for logs,
// take [Key.Ref].
type Key struct {
	Value string // what the end user enters; returned in full by every method

	HubID   string      // a number of 20 digits, too long for any integer type
	HubName Opt[string] `json:",omitzero"` // only from List and All
	// AdvertiseID names the entry in the vendor's ad system that issued the
	// key; Null = another way did. Only from List, All and Get.
	AdvertiseID Opt[string] `json:",omitzero"`

	DiscordID string // Discord user the key belongs to; "" = nobody
	// DiscordData is what the vendor knows about that user; nil = nothing.
	DiscordData *DiscordData
	Note        string // your label; "" = none

	CreatedAt time.Time
	// ExpiresAt is the moment from which the key no longer works; zero means
	// never. It is a point in time, while ExpiresIn in parameters is a span
	// that starts with the call: neither can stand in the other's place.
	ExpiresAt time.Time

	// Activated tells whether the key was ever used. Only from List, All and
	// Get.
	Activated Opt[bool] `json:",omitzero"`
	// HWID is the one device that the key is bound to; Null = to none yet. Only
	// from List, All and Get.
	HWID            Opt[string] `json:",omitzero"`
	HWIDResetCount  int         // how often the device was reset
	LastHWIDResetAt time.Time   // zero = never
	ExecutionCount  int         // how often scripts were run with the key
	LastExecutionAt time.Time   // zero = never

	Blacklisted     bool     // barred, by you or by the vendor
	BlacklistReason string   // "" = not barred, or no reason given
	LimitedScripts  []string // ids of the only scripts the key works for; empty = all of its hub
}

// Ref returns a reference to the key by its value.
func (k *Key) Ref() KeyRef {
	if k.Value == "" {
		return KeyRef{}
	}
	return ByKey(k.Value)
}

// Expired reports whether the key's time is over at the given moment.
func (k *Key) Expired(at time.Time) bool {
	return !k.ExpiresAt.IsZero() && !at.Before(k.ExpiresAt)
}

// Usable reports whether the key itself would be accepted at the given moment:
// it is neither blacklisted nor expired. A check may still fail on what only
// the vendor decides: another device than HWID, or a script that is not among
// LimitedScripts.
func (k *Key) Usable(at time.Time) bool { return !k.Blacklisted && !k.Expired(at) }

// DiscordData is the vendor's own record of a Discord user.
type DiscordData struct {
	ID         string    // where it differs from Key.DiscordID, that one is right
	Username   string    // "" = not known
	GlobalName string    // the name that Discord shows; "" = none
	Avatar     string    // hash of the picture; "" = none
	CreatedAt  time.Time // of the record, not of the user or the key
	ModifiedAt time.Time // of the record, not of the user or the key
}

// KeyPage is one page of a list of keys.
type KeyPage struct {
	Keys []*Key // in the vendor's order; empty past the last page

	// The vendor's account of the list; each is zero if it left that one out.
	Limit      int // largest number of keys on a page, set by the vendor: 25 as a rule
	Total      int // keys on all pages
	TotalPages int // pages; 0 or 1 when no key matches
}

// pages returns how many pages there are, or 0 if the answer does not tell.
func (p *KeyPage) pages() int {
	if p.TotalPages > 0 || p.Limit < 1 || p.Total < 1 {
		return p.TotalPages
	}
	return (p.Total-1)/p.Limit + 1
}
