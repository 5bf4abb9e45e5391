package junkie

import "time"

// ListKeysParams selects keys. The zero value selects all of them, 50 to the
// page. Conditions add up: a key must meet all that are set.
//
// A condition with its zero value is not set. Before listing the keys of a
// customer whose Discord id may be empty, or keys to delete that expired before
// a time that may be zero, check that it is not: the list would be of all keys.
type ListKeysParams struct {
	Page  int // 1 is the first; 0 = 1
	Limit int // keys on a page, 1 to 100; 0 = the vendor's 50

	// ValueContains and HWIDContains match any part of the key's value and of
	// any one bound device. To look up the key that a user entered, call Get
	// with [Value] instead: a part of somebody else's key matches too.
	ValueContains string
	HWIDContains  string

	DiscordID  string // exact
	ServiceID  int64
	ProviderID int64
	FolderID   int64  // there is no condition for keys in no folder
	Status     Status // one of the four; others are refused

	// ExpiresBefore and ExpiresAfter match keys that expire strictly before
	// or after. Keys that never expire, or whose clock has not started, match
	// neither.
	ExpiresBefore time.Time
	ExpiresAfter  time.Time
}

// CreateKeyParams describes a new key. Only ProviderID is required.
type CreateKeyParams struct {
	ProviderID int64  // at least 1
	ServiceID  int64  // the only service the key opens; 0 = not tied to one
	FolderID   int64  // 0 = in no folder
	Name       string // your label, up to 255 characters
	DiscordID  string // Discord user the key is for, 17 to 19 digits; "" = nobody in particular

	// Validity is how long the key works, in whole minutes: from now, or from
	// the first use with ExpiryOnFirstUse. 0 = forever.
	Validity         time.Duration
	ExpiryOnFirstUse bool

	Premium    bool // the key opens services that ask for premium keys
	OneTimeUse bool // the key works once

	HWIDLimit int  // how many devices may be bound, 0 to 100; 0 = any number
	NoHWID    bool // devices are neither checked nor bound
	// HWIDs are devices to bind from the start, up to 255 characters each.
	// Binding them does not count as a use. The vendor does not hold them
	// against HWIDLimit.
	HWIDs []string
}

// CreateBatchParams describes new keys that differ in nothing but their
// values. Amount and ProviderID are required; the fields without a comment
// are those of [CreateKeyParams].
type CreateBatchParams struct {
	Amount int // how many keys, 1 to 100

	ProviderID int64
	ServiceID  int64
	FolderID   int64
	Name       string // of every key; the vendor does not number them
	DiscordID  string

	Validity         time.Duration
	ExpiryOnFirstUse bool

	Premium    bool
	OneTimeUse bool

	HWIDLimit int
	NoHWID    bool
	HWID      string // one device to bind to every key; "" = none
}

// UpdateKeyParams describes a change of a key. Zero fields stay as they are.
// Provider, service and value of a key cannot be changed.
type UpdateKeyParams struct {
	Name      Opt[string] `json:",omitzero"` // up to 255 characters; Null = no label
	FolderID  Opt[int64]  `json:",omitzero"` // Null = in no folder
	DiscordID Opt[string] `json:",omitzero"` // 17 to 19 digits; Null = nobody in particular

	// Validity replaces how long the key works, in whole minutes; 0 and Null
	// = forever. The vendor counts it from the same start as before, the
	// key's creation or first use, and not from now.
	Validity Opt[time.Duration] `json:",omitzero"`
	// ExpiryOnFirstUse replaces what starts the clock. Null is refused.
	ExpiryOnFirstUse Opt[bool] `json:",omitzero"`
	// ExpiresAt replaces the expiry itself; Null = never. It wins over
	// Validity and ExpiryOnFirstUse in the same call. A time in the past ends
	// the key at once, and one before 1970 is refused as a slip. To extend a
	// key, add to its ExpiresAt unless that is zero (it never expires, or its
	// clock has not started) or past (then add to the present).
	ExpiresAt Opt[time.Time] `json:",omitzero"`

	Premium     Opt[bool] `json:",omitzero"` // Null is refused
	OneTimeUse  Opt[bool] `json:",omitzero"` // Null is refused
	Invalidated Opt[bool] `json:",omitzero"` // true switches the key off, false on again; Null is refused

	HWIDLimit Opt[int]  `json:",omitzero"` // 0 to 100; 0 and Null = any number. A lower limit unbinds nothing.
	NoHWID    Opt[bool] `json:",omitzero"` // Null is refused
	// HWIDs replaces all bound devices, up to 255 characters each. Set of an
	// empty or nil slice unbinds all. Null is refused.
	HWIDs Opt[[]string] `json:",omitzero"`
}
