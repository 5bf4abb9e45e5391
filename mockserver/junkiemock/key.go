package junkiemock

import (
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// The words of the vendor's status filter. Every key has exactly one of them at
// any time; see [Key.Status].
const (
	StatusActive      = "active"      // never verified, still valid
	StatusUsed        = "used"        // verified at least once, still valid
	StatusExpired     = "expired"     // its deadline has been reached
	StatusInvalidated = "invalidated" // switched off, whatever else holds
)

// How a device came to a key, as the vendor writes it in bound_by.
const (
	BoundByAPI    = "api"    // sent when the key was created or updated
	BoundByVerify = "verify" // by the end user's verification
	BoundByManual = "manual" // by hand in the dashboard; what AddKey assumes
	BoundByAdmin  = "admin"  // by the vendor's staff
)

// Key is a license key as the world holds it. In what [World.Key] and the like
// return it is a copy: changing it changes nothing in the world. Zero values
// stand for the vendor's null: no service, no folder, no name, no deadline, no
// limit.
type Key struct {
	ID         int64
	Value      string // the secret text that an end user enters
	UserID     int64  // the account that owns the key
	ProviderID int64
	ServiceID  int64 // 0: not tied to one service
	FolderID   int64 // 0: in no folder
	Name       string

	CreatedAt       time.Time
	ValidityMinutes int64     // 0: for ever
	ExpiresAt       time.Time // zero: never, or not started yet
	UsedAt          time.Time // first successful verification; zero: never used

	Premium          bool
	Invalidated      bool
	OneTimeUse       bool // a second verification is refused
	ExpiryOnFirstUse bool // the validity starts with the first verification
	NoHWID           bool // verifications neither check nor bind devices

	HWIDLimit  int64 // 0: any number of devices
	DiscordID  string
	Devices    []Device    // in the order they were bound
	Redemption *Redemption // nil: not redeemed through Discord
}

// Device is one device bound to a key.
type Device struct {
	HWID           string
	ExecutorUserID string // the end user's account in the executing game; empty if unknown
	BoundAt        time.Time
	BoundBy        string // [BoundByAPI], [BoundByVerify], ...
}

// Redemption tells who redeemed a key through Discord.
type Redemption struct {
	DiscordUserID string
	Status        string // "redeemed" unless a test says otherwise
	RedeemedAt    time.Time
}

// statusRedeemed is the status of every redemption by [World.Redeem].
const statusRedeemed = "redeemed"

// Status returns the status of the key at a time, as the vendor's status filter
// would find it: [StatusInvalidated] before [StatusExpired] before [StatusUsed]
// before [StatusActive].
func (k Key) Status(at time.Time) string { return k.status(at) }

func (k *Key) status(at time.Time) string {
	switch {
	case k.Invalidated:
		return StatusInvalidated
	case k.expired(at):
		return StatusExpired
	case !k.UsedAt.IsZero():
		return StatusUsed
	default:
		return StatusActive
	}
}

func (k *Key) expired(at time.Time) bool {
	return !k.ExpiresAt.IsZero() && !at.Before(k.ExpiresAt)
}

// deadline works out expires_at from the other fields: counted from the first
// use for keys that wait for it, from the creation for all others.
func (k *Key) deadline() time.Time {
	anchor := k.CreatedAt
	if k.ExpiryOnFirstUse {
		anchor = k.UsedAt
	}
	if k.ValidityMinutes == 0 || anchor.IsZero() {
		return time.Time{}
	}
	return addMinutes(anchor, k.ValidityMinutes)
}

func (k *Key) bound(hwid string) bool {
	return slices.ContainsFunc(k.Devices, func(d Device) bool { return d.HWID == hwid })
}

// record is a key with the two differences that Key leaves out, since they
// matter on the wire only: a name or limit that is null, and one that is empty.
//
// A stored record never changes: turn.change puts another in its place.
type record struct {
	Key
	Named   bool // key_name is not null
	Limited bool // hwid_limit is not null; 0 means no limit all the same
	core.Place
}

func (k *record) top() (id, userID int64) { return k.ID, k.UserID }

// clone returns a copy that shares nothing with the record.
func (k *record) clone() *record {
	c := *k
	c.Devices = slices.Clone(k.Devices)
	if k.Redemption != nil {
		r := *k.Redemption
		c.Redemption = &r
	}
	return &c
}

// rebind replaces all devices by those that the API was sent, all different.
func (k *record) rebind(hwids []string, at time.Time) {
	k.Devices = nil
	for _, hwid := range hwids {
		k.Devices = append(k.Devices, Device{HWID: hwid, BoundBy: BoundByAPI, BoundAt: at})
	}
}
