package junkie

import (
	"encoding/json"
	"time"
)

// Key is one license key. Zero fields mean what their comments say; a field
// that the vendor leaves out of an answer is zero too.
//
// A Key is plain data: printing or encoding it shows Value and HWIDs, which
// belong to your customer. For logs, take ID or [Key.Ref].
type Key struct {
	ID     int64  // the vendor's number for the key, at least 1
	Value  string // what the end user enters; returned in full by every method
	UserID int64  // the vendor account that owns the key, not the end user

	Name         string // your label; "" = none
	ProviderID   int64  // the provider the key was issued under; it never changes
	ProviderName string
	ServiceID    int64 // the only service the key opens; 0 = not tied to one
	ServiceName  string
	FolderID     int64 // 0 = in no folder
	FolderName   string
	DiscordID    string // Discord user the key is meant for; "" = nobody in particular

	CreatedAt time.Time
	UsedAt    time.Time // first successful use; zero = never used
	// ExpiresAt is the moment from which the key no longer works. Zero means
	// that it never expires, or that its clock has not started yet: then
	// ExpiryOnFirstUse is true and Validity is not zero.
	ExpiresAt time.Time
	// Validity is how long the key works from its creation, or from its first
	// use with ExpiryOnFirstUse. It is a whole number of minutes; 0 = forever.
	// What a Duration cannot hold (more than 292 years) is cut to the longest
	// whole number of minutes that it can.
	Validity         time.Duration
	ExpiryOnFirstUse bool // the clock starts with the first use

	Premium     bool // opens services that ask for premium keys
	Invalidated bool // switched off; can be switched on again with Update
	OneTimeUse  bool // works once; a reset of its devices does not revive it

	HWIDLimit int    // how many devices may be bound; 0 = any number, not none
	NoHWID    bool   // devices are neither checked nor bound
	HWIDs     []HWID // devices bound so far; empty = none

	// DiscordRedemption tells who redeemed the key through Discord. Only Get
	// asks the vendor for it: keys from other methods have nil here, and so
	// have keys that were not redeemed.
	DiscordRedemption *DiscordRedemption
}

// Ref returns a reference to the key: by id, or by value if the vendor sent
// no id.
func (k *Key) Ref() KeyRef {
	if k.ID == 0 && k.Value != "" {
		return Value(k.Value)
	}
	return ID(k.ID)
}

// Expired reports whether the key's time is over at the given moment.
func (k *Key) Expired(at time.Time) bool {
	return !k.ExpiresAt.IsZero() && !at.Before(k.ExpiresAt)
}

// Status returns the state of the key at the given moment, by the first rule that
// fits: invalidated, expired, used, active. The vendor filters lists by these
// states but does not define them and does not send them; the rules are an
// interpretation that makes the four states exclude each other.
//
// A key that is [StatusUsed] may well work: see [Key.Usable]. Only the expiry
// depends on at; whether the key was used or invalidated is known as of the
// moment when the key was read.
func (k *Key) Status(at time.Time) Status {
	switch {
	case k.Invalidated:
		return StatusInvalidated
	case k.Expired(at):
		return StatusExpired
	case !k.UsedAt.IsZero():
		return StatusUsed
	default:
		return StatusActive
	}
}

// Usable reports whether the key itself would be accepted at the given moment:
// it is neither invalidated nor expired, and not a one-time key that was used.
//
// It answers for the key alone. A verification may still fail on what only
// the vendor knows: a banned device, the limit of devices, the wrong service,
// a service that asks for premium keys.
func (k *Key) Usable(at time.Time) bool {
	switch k.Status(at) {
	case StatusActive:
		return true
	case StatusUsed:
		return !k.OneTimeUse
	default:
		return false
	}
}

// Status is the state of a key, as a filter of lists and as the answer of
// [Key.Status].
type Status string

// The states of a key; each key is in exactly one of them.
const (
	StatusActive      Status = "active"      // never used, and still valid
	StatusUsed        Status = "used"        // used at least once, and still valid
	StatusExpired     Status = "expired"     // past its ExpiresAt
	StatusInvalidated Status = "invalidated" // switched off, expired or not
)

// HWID is a device that is bound to a key.
type HWID struct {
	Value          string    // the hardware id
	ExecutorUserID string    // account of the end user on that device; "" = unknown
	BoundAt        time.Time // zero = the vendor did not say
	BoundBy        BoundBy
}

// BoundBy tells how a device came to be bound. The set is open: take values
// other than the constants as they are. "" means that the vendor did not say.
type BoundBy string

// How a device can come to be bound, as documented.
const (
	BoundByAPI    BoundBy = "api"    // by a call of this API, such as Create or Update
	BoundByVerify BoundBy = "verify" // by the end user's first use on the device
	BoundByManual BoundBy = "manual"
	BoundByAdmin  BoundBy = "admin"
)

// DiscordRedemption tells that a Discord user redeemed a key.
type DiscordRedemption struct {
	DiscordUserID string
	Status        string // the vendor's word, such as "redeemed"; the set is not documented
	RedeemedAt    time.Time
}

// KeyPage is one page of a list of keys.
type KeyPage struct {
	Keys []*Key // in the vendor's order; empty past the last page

	// The vendor's account of the page. All four are zero if it sent none,
	// and each is zero if it left that one out.
	Page       int // number of this page, from 1
	Limit      int // largest number of keys on a page
	Total      int // keys on all pages
	TotalPages int // pages; 0 also when no key matches
}

// KeyBatch is the answer to CreateBatch.
type KeyBatch struct {
	// Values of the new keys. The vendor does not tell their ids; Get with
	// [Value] does.
	Values []string
	// Count is the number of new keys as the vendor states it, normally
	// len(Values).
	Count int
	// Config is the vendor's echo of the settings that the keys share. Its
	// shape is not documented, so it is left as it came; nil = not sent.
	Config json.RawMessage
}

// BulkDeleteResult is the answer to BulkDelete.
type BulkDeleteResult struct {
	Requested int // references in the call, repetitions included
	Deleted   int // keys that this call removed
}

// UpdateKeyResult is the answer to Update. The vendor does not send the
// changed key: read it with Get.
type UpdateKeyResult struct {
	Message string // the vendor's words; "" if it sent none
	// HWIDs are the devices bound after the call, in case the call replaced
	// them: empty if it cleared them. Nil if it left them alone, or if the
	// vendor did not say.
	HWIDs []string
}

// KeyFolder groups keys. Folders are made in the vendor's dashboard.
type KeyFolder struct {
	ID        int64
	Name      string
	CreatedAt time.Time
}
