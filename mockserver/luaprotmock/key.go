package luaprotmock

import (
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// What a key is at a time; see [Key.Status]. The vendor's filters of these names
// ask for one property each, whatever else holds.
const (
	StatusBlacklisted = "blacklisted" // by its owner or by the vendor
	StatusExpired     = "expired"     // its deadline has been reached
	StatusUnassigned  = "unassigned"  // nobody's yet: no Discord user, no device
	StatusActive      = "active"      // none of the others
)

// Key is a license key as the world holds it. In what [World.Key] and the like
// return it is a copy: changing it changes nothing in the world. Zero values
// stand for the vendor's null: no Discord user, no deadline, no device.
type Key struct {
	Value       string // the secret text that an end user enters; the only name a key has
	HubID       string
	AdvertiseID string // the advertisement that the key came from; empty: from none
	DiscordID   string // the Discord user that the key belongs to; one key for each in a hub
	Note        string

	CreatedAt time.Time
	ExpiresAt time.Time // zero: never

	Activated       bool      // a check has let someone in
	HWID            string    // the one device; empty: none bound
	HWIDResets      int64     // how often the device was reset
	LastHWIDResetAt time.Time // zero: never
	Executions      int64     // successful checks
	LastExecutionAt time.Time // zero: never

	Blacklisted         bool
	BlacklistReason     string
	GloballyBlacklisted bool     // by the vendor, whose API then refuses to lift it; it is Blacklisted as well
	LimitedScripts      []string // ids of the only scripts that the key opens; empty: all of its hub
}

// Status returns the status of the key at a time: [StatusBlacklisted] before
// [StatusExpired] before [StatusUnassigned] before [StatusActive].
func (k Key) Status(at time.Time) string { return k.status(at) }

func (k *Key) status(at time.Time) string {
	switch {
	case k.Blacklisted:
		return StatusBlacklisted
	case k.expired(at):
		return StatusExpired
	case k.unassigned():
		return StatusUnassigned
	default:
		return StatusActive
	}
}

func (k *Key) expired(at time.Time) bool {
	return !k.ExpiresAt.IsZero() && !at.Before(k.ExpiresAt)
}

func (k *Key) unassigned() bool { return k.DiscordID == "" && k.HWID == "" }

// record is a key with the two differences that Key leaves out, since they
// matter on the wire only: a text that is null, and one that is empty.
//
// A stored record never changes: state.change puts another in its place.
type record struct {
	Key
	Noted    bool // note is not null
	Reasoned bool // blacklistReason is not null
	core.Place
}

// clone returns a copy that shares nothing with the record.
func (k *record) clone() *record {
	c := *k
	c.LimitedScripts = slices.Clone(k.LimitedScripts)
	return &c
}
