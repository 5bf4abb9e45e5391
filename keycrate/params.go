package keycrate

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// CreateLicenseParams describes a new license, or many that differ in nothing
// but their keys. AppID, SubscriptionID and Duration are required.
type CreateLicenseParams struct {
	AppID          string   // a UUID
	SubscriptionID string   // a UUID, of a subscription of that app
	Duration       Duration // such as Days(30) or Lifetime; the clock starts with the first use

	// HWIDLock binds the license to the first device that uses it. It is
	// always sent, also when it is false.
	HWIDLock bool
	// HWIDResetAllowed lets the end user unbind the device in the vendor's
	// portal, HWIDResetCooldown being the time between two such resets, in
	// whole seconds. Neither is sent if it is zero, which means no resets.
	HWIDResetAllowed  bool
	HWIDResetCooldown time.Duration

	Metadata Metadata // what you want to keep with the license; nil = nothing
	// Tags are your labels, which change nothing at the vendor. A tag that
	// occurs once, such as your order number, is how to find a license whose
	// creation had no answer. nil = none.
	Tags []string

	// KeyFormat is the pattern of the key, in which each * stands for a random
	// character, such as "SHOP-****-****". "" = the vendor's choice.
	KeyFormat string
	// The characters that may stand for a *. A field that is not set is left
	// to the vendor, which takes upper case and digits. Not all can be false.
	KeyUppercase Opt[bool] `json:",omitzero"`
	KeyLowercase Opt[bool] `json:",omitzero"`
	KeyNumbers   Opt[bool] `json:",omitzero"`
}

// ListLicensesParams selects licenses of an app. AppID is required; conditions
// with their zero value are not set, and those that are set add up.
type ListLicensesParams struct {
	AppID string // a UUID

	Status         Status   // StatusActive or StatusPaused, whether expired or not; "" = both
	SubscriptionID string   // a UUID; "" = all subscriptions
	Tags           []string // licenses that carry all of these; empty = any
	Search         string   // part of the key or of the username; "" = any

	Page      int       // 1 is the first; 0 = 1
	PerPage   int       // licenses on a page, up to 100; 0 = the vendor's choice, and for All 100
	SortField SortField // "" = the vendor's choice, which is SortByCreatedAt
	SortOrder SortOrder // "" = the vendor's choice, which is SortDescending
}

// SortField is what a list is sorted by. The vendor documents SortByCreatedAt
// only.
type SortField string

// The fields that a list can be sorted by.
const (
	SortByCreatedAt   SortField = "created_at"
	SortByExpiresAt   SortField = "expires_at"
	SortByActivatedAt SortField = "activated_at"
	SortByKey         SortField = "key"
	SortByStatus      SortField = "status"
)

// SortOrder is the direction of a list.
type SortOrder string

// The directions of a list.
const (
	SortAscending  SortOrder = "asc"
	SortDescending SortOrder = "desc"
)

// Credentials are what an end user signs in with in place of the license key.
// They do not show the password when they are printed, logged with slog or
// encoded as JSON, and are not for storing.
type Credentials struct {
	Username string // no two licenses of an app have the same
	Password string
}

// String returns the username alone.
func (c Credentials) String() string { return transport.Describe(c, "Username") }

// Format prints [Credentials.String] for every verb but %p, which fmt keeps for
// itself and vet refuses.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue makes slog print [Credentials.String].
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText encodes [Credentials.String].
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// CreateSubscriptionParams describes a new subscription. AppID and Name are
// required; Level and SingleKeyPerHWID are always sent, also when they are zero.
type CreateSubscriptionParams struct {
	AppID            string // a UUID
	Name             string // such as "premium"
	Level            int    // a number of your own, such as 2 for the second tier
	SingleKeyPerHWID bool   // lets one device use only one license of the subscription
}

// EditSubscriptionParams describes a change of a subscription. Fields that are
// not set stay as they are; at least one must be set.
type EditSubscriptionParams struct {
	Name  Opt[string] `json:",omitzero"`
	Level Opt[int]    `json:",omitzero"`
	// SingleKeyPerHWID lets one device use only one license of the
	// subscription. Setting it leaves the devices alone that are bound by then.
	SingleKeyPerHWID Opt[bool] `json:",omitzero"`
	// Status can be set to StatusPaused, so that no license of the
	// subscription works, and back to StatusActive. That there is such a field
	// is understood; the vendor does not document it.
	Status Opt[Status] `json:",omitzero"`
}
