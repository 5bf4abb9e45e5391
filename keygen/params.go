package keygen

import "time"

// Order is the order of a list, by the moment of creation.
type Order string

// The orders of a list.
const (
	NewestFirst Order = "desc" // the vendor's default
	OldestFirst Order = "asc"
)

// ListKeysParams selects keys and the way to page them. The zero value asks for
// the 10 newest keys.
//
// There are three ways to page, of which one call uses one: Limit alone; Page,
// with or without PageSize; Cursor, with or without PageSize. All walks by
// cursor and takes neither Limit nor Page.
type ListKeysParams struct {
	Limit int // most keys of the list, 1 to 100; 0 = 10

	// Page is the number of a page, 1 to 100. What lies beyond page 100 is
	// found by Cursor or with All.
	Page int
	// PageSize is the most keys on a page, 1 to 100; 0 = 10, and 100 for All.
	PageSize int
	// Cursor asks for what follows a key that was listed before, given by its
	// id, or for the first page with Set(""). [Page].Next has the one to go on
	// with. The list is empty if that key is gone meanwhile.
	Cursor Opt[string] `json:",omitzero"`

	Order Order // "" = NewestFirst

	// Conditions add up. An id of nothing selects nothing.
	PolicyID  string // "" = of all policies
	ProductID string // "" = of all products
}

// ListPoolParams says how to page a pool. Its fields are those of
// [ListKeysParams] without the conditions, which the vendor knows not here.
type ListPoolParams struct {
	Limit    int
	Page     int
	PageSize int
	Cursor   Opt[string] `json:",omitzero"`
	Order    Order
}

// ListPoliciesParams selects policies and the way to page them. Its fields are
// those of [ListKeysParams].
type ListPoliciesParams struct {
	Limit     int
	Page      int
	PageSize  int
	Cursor    Opt[string] `json:",omitzero"`
	Order     Order
	ProductID string // "" = of all products
}

// ListLicensesParams selects licenses and the way to page them. Its fields are
// those of [ListKeysParams].
type ListLicensesParams struct {
	Limit     int
	Page      int
	PageSize  int
	Cursor    Opt[string] `json:",omitzero"`
	Order     Order
	PolicyID  string // "" = of all policies
	ProductID string // "" = of all products
}

// CreateKeyParams describes a new key of a pool. Both fields are required.
type CreateKeyParams struct {
	// Key is the string, 8 to 1024 characters. The vendor keeps it as it is,
	// blanks and case included. No other key of the account may have it,
	// whatever its policy, and no license for its key or its id.
	Key string

	PolicyID string // a policy with UsePool
}

// UpdateKeyParams describes a change of a key.
type UpdateKeyParams struct {
	Key string // the new string, as in [CreateKeyParams]; required
}

// CreatePolicyParams describes a new policy. Name and ProductID are required;
// of the other fields, the zero value leaves the choice to the vendor.
// [Policy] says what they mean.
type CreatePolicyParams struct {
	Name      string // at most 255 characters
	ProductID string

	// UsePool gives the policy a pool. It cannot be changed afterwards, and
	// goes together neither with Encrypted nor with a Scheme.
	UsePool bool

	Duration  time.Duration // in whole seconds; 0 = forever
	Strict    bool
	Floating  bool
	Protected Opt[bool] `json:",omitzero"` // none = as the account is set
	Encrypted bool
	Scheme    Scheme

	MaxMachines  int // 0 = no limit if Floating, else 1
	MaxProcesses int // of this and the following, 0 = no limit
	MaxUsers     int
	MaxCores     int
	MaxMemory    int // bytes
	MaxDisk      int // bytes
	MaxUses      int

	AuthenticationStrategy        AuthenticationStrategy // "" = AuthenticateByToken
	ExpirationStrategy            ExpirationStrategy     // "" = ExpirationRestrictsAccess
	ExpirationBasis               string
	RenewalBasis                  string
	TransferStrategy              string
	OverageStrategy               string
	MachineUniquenessStrategy     string
	MachineMatchingStrategy       string
	ComponentUniquenessStrategy   string
	ComponentMatchingStrategy     string
	MachineLeasingStrategy        string
	ProcessLeasingStrategy        string
	HeartbeatCullStrategy         string
	HeartbeatResurrectionStrategy string
	HeartbeatBasis                string

	RequireHeartbeat  bool
	HeartbeatDuration time.Duration // in whole seconds

	RequireCheckIn       bool
	CheckInInterval      string
	CheckInIntervalCount int

	RequireProductScope     bool
	RequirePolicyScope      bool
	RequireMachineScope     bool
	RequireFingerprintScope bool
	RequireComponentsScope  bool
	RequireUserScope        bool
	RequireChecksumScope    bool
	RequireVersionScope     bool

	Metadata map[string]any // values of your own; nil = none
}

// CreateProductParams describes a new product. Name is required.
type CreateProductParams struct {
	Name string // at most 255 characters

	// Code is a short name that finds the product like its id. It makes a
	// creation whose answer was lost easy to find out about.
	Code                 string
	URL                  string               // home page
	DistributionStrategy DistributionStrategy // "" = DistributionLicensed
	Platforms            []string             // what it runs on, in your own words
	Metadata             map[string]any       // values of your own; nil = none
}

// CreateLicenseParams describes a new license. PolicyID is required. A user's
// token may set no more than ID, PolicyID, OwnerID, Key, Name and Metadata.
type CreateLicenseParams struct {
	PolicyID string

	// ID is the id of the new license, a UUID. One that a license has already
	// ends in a plain [ErrConflict]. "" lets this package make one, or the
	// vendor for some credentials: see [LicensesService.Create].
	ID string

	// Key is what the end user enters, 6 to 16384 characters, which no other
	// license of the account has. "" draws a key from the pool if the policy
	// has one, else lets the vendor make one. A Key given here leaves the pool
	// alone, even if the pool has the same one: see [ErrKeyConflict].
	Key string

	Name        string
	OwnerID     string    // the user whose license it is; "" = nobody's
	GroupID     string    // "" = in none
	ExpiresAt   time.Time // zero = as the policy says
	Suspended   bool
	Protected   Opt[bool]      `json:",omitzero"` // none = as the policy says
	MaxMachines int            // 0 = as the policy says
	Metadata    map[string]any // values of your own; nil = none
}
