package keygen

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Key is one unused key in the pool of a policy. It is no license: it cannot be
// validated and opens nothing until a license is drawn with it, or until it is
// popped and handed out by other means. Either takes it out of the pool for
// good, and with it out of the vendor's sight.
//
// A Key is plain data, and can be stored as JSON and read back. Printing or
// encoding it shows Key, which is what you sell.
type Key struct {
	ID        string // a UUID, by which the vendor finds it
	Key       string // the string that you put in
	PolicyID  string // whose pool it is in
	ProductID string // of the policy; "" while a deleted policy's keys await their removal
	AccountID string
	CreatedAt time.Time
	UpdatedAt time.Time // when Key was last changed; CreatedAt if it never was
}

// Policy is a set of rules that licenses follow. Fields with a comment say
// what they mean where their names may not; for the others, see the vendor's
// manual. Limits are an [Opt], in which none means that there is no limit.
//
// A Policy is plain data, and can be stored as JSON and read back.
type Policy struct {
	ID        string
	ProductID string
	AccountID string
	Name      string

	// UsePool says that licenses take their keys from the policy's pool, see
	// [Pool]. It is settled when the policy is created.
	UsePool bool

	Duration  time.Duration // how long licenses are valid; 0 = forever
	Strict    bool          // licenses that break a limit are invalid
	Floating  bool          // licenses may be used on several machines
	Protected bool          // users cannot make and change licenses themselves
	Encrypted bool          // keys are encrypted in an old way
	Scheme    Scheme        // how license keys are signed; "" = they are not

	MaxMachines  Opt[int] `json:",omitzero"`
	MaxProcesses Opt[int] `json:",omitzero"`
	MaxUsers     Opt[int] `json:",omitzero"`
	MaxCores     Opt[int] `json:",omitzero"` // of all machines of a license together
	MaxMemory    Opt[int] `json:",omitzero"` // likewise, in bytes
	MaxDisk      Opt[int] `json:",omitzero"` // likewise, in bytes
	MaxUses      Opt[int] `json:",omitzero"`

	AuthenticationStrategy        AuthenticationStrategy // how licenses may authenticate
	ExpirationStrategy            ExpirationStrategy     // what an expired license may still do
	ExpirationBasis               string                 // what starts Duration, such as "FROM_CREATION"
	RenewalBasis                  string                 // what a renewal counts from, such as "FROM_EXPIRY"
	TransferStrategy              string                 // what becomes of the expiry of licenses that are moved here, such as "KEEP_EXPIRY"
	OverageStrategy               string                 // how far limits may be passed, such as "NO_OVERAGE"
	MachineUniquenessStrategy     string                 // such as "UNIQUE_PER_LICENSE"
	MachineMatchingStrategy       string                 // such as "MATCH_ANY"
	ComponentUniquenessStrategy   string                 // such as "UNIQUE_PER_MACHINE"
	ComponentMatchingStrategy     string                 // such as "MATCH_ANY"
	MachineLeasingStrategy        string                 // such as "PER_LICENSE"
	ProcessLeasingStrategy        string                 // such as "PER_MACHINE"
	HeartbeatCullStrategy         string                 // such as "DEACTIVATE_DEAD"
	HeartbeatResurrectionStrategy string                 // such as "NO_REVIVE"
	HeartbeatBasis                string                 // such as "FROM_FIRST_PING"

	RequireHeartbeat  bool
	HeartbeatDuration time.Duration // longest pause between two heartbeats; 0 = the vendor's own

	RequireCheckIn       bool
	CheckInInterval      string // unit of the time between two check-ins, such as "week"; "" = there are none
	CheckInIntervalCount int    // how many of them

	// What a validation must name.
	RequireProductScope     bool
	RequirePolicyScope      bool
	RequireMachineScope     bool
	RequireFingerprintScope bool
	RequireComponentsScope  bool
	RequireUserScope        bool
	RequireChecksumScope    bool
	RequireVersionScope     bool

	// Metadata are values of your own. Numbers are a json.Number, so that no
	// digit is lost.
	Metadata  map[string]any
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Scheme is the way in which license keys are signed or encrypted. Others than
// the ones below may occur.
type Scheme string

// The schemes that the vendor recommends, and the old one that
// [Policy].Encrypted stands for.
const (
	SchemeEd25519       Scheme = "ED25519_SIGN"
	SchemeRSAPSS        Scheme = "RSA_2048_PKCS1_PSS_SIGN_V2"
	SchemeLegacyEncrypt Scheme = "LEGACY_ENCRYPT"
)

// AuthenticationStrategy says how licenses of a policy may authenticate. Others
// than the ones below may occur.
type AuthenticationStrategy string

// How licenses may authenticate.
const (
	AuthenticateByToken   AuthenticationStrategy = "TOKEN"   // with tokens made for them; the vendor's default
	AuthenticateByLicense AuthenticationStrategy = "LICENSE" // with their keys, see [LicenseKey]
	AuthenticateByAny     AuthenticationStrategy = "MIXED"   // with either
)

// ExpirationStrategy says what an expired license may still do. Others than the
// ones below may occur.
type ExpirationStrategy string

// What an expired license may still do.
const (
	ExpirationRestrictsAccess ExpirationStrategy = "RESTRICT_ACCESS" // the vendor's default
	ExpirationRevokesAccess   ExpirationStrategy = "REVOKE_ACCESS"   // not even authenticate, see [ErrLicenseExpired]
)

// Product is what is licensed. It is plain data, and can be stored as JSON and
// read back.
type Product struct {
	ID                   string
	AccountID            string
	Name                 string
	Code                 string // short name that finds it like its id; "" = none
	URL                  string // home page; "" = none
	DistributionStrategy DistributionStrategy
	Platforms            []string // what it runs on, in your own words
	Permissions          []string // of its tokens; nil where the vendor's edition cannot restrict them

	// Metadata are values of your own. Numbers are a json.Number, so that no
	// digit is lost.
	Metadata  map[string]any
	CreatedAt time.Time
	UpdatedAt time.Time
}

// DistributionStrategy says who may download a product's releases. Others than
// the ones below may occur.
type DistributionStrategy string

// Who may download releases.
const (
	DistributionLicensed DistributionStrategy = "LICENSED" // who has a license; the vendor's default
	DistributionOpen     DistributionStrategy = "OPEN"     // everybody
	DistributionClosed   DistributionStrategy = "CLOSED"   // nobody but the account and the product
)

// License is what an end user gets. Limits are an [Opt], in which none means
// that there is no limit; they are the license's own or else the policy's.
//
// A License is plain data, and can be stored as JSON and read back. Printing or
// encoding it shows Key, which belongs to your customer.
type License struct {
	ID        string
	Key       string // what the end user enters; of a pooled policy, a key that was in the pool
	PolicyID  string
	ProductID string
	AccountID string
	OwnerID   string // the user whose license it is; "" = nobody's
	GroupID   string // "" = in none
	Name      string // "" = none

	Status    LicenseStatus
	ExpiresAt time.Time // zero = never
	Suspended bool
	Protected bool          // users cannot change it themselves
	Version   string        // of the product, when last validated; "" = not known
	Uses      int           // counted so far
	Users     int           // users who share it
	Machines  MachineTotals // what its machines have together

	MaxMachines  Opt[int] `json:",omitzero"`
	MaxProcesses Opt[int] `json:",omitzero"`
	MaxUsers     Opt[int] `json:",omitzero"`
	MaxCores     Opt[int] `json:",omitzero"`
	MaxMemory    Opt[int] `json:",omitzero"` // in bytes
	MaxDisk      Opt[int] `json:",omitzero"` // in bytes
	MaxUses      Opt[int] `json:",omitzero"`

	// What its policy says.
	Scheme           Scheme // "" = its key is not signed
	Encrypted        bool
	Strict           bool
	Floating         bool
	RequireHeartbeat bool
	RequireCheckIn   bool

	// When it last did something, and when it must check in; zero = never.
	LastValidatedAt time.Time
	LastCheckInAt   time.Time
	LastCheckOutAt  time.Time
	NextCheckInAt   time.Time

	// Metadata are values of your own. Numbers are a json.Number, so that no
	// digit is lost.
	Metadata  map[string]any
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Expired reports whether the license's time is over at the given moment.
func (l *License) Expired(at time.Time) bool {
	return !l.ExpiresAt.IsZero() && !at.Before(l.ExpiresAt)
}

// MachineTotals is what the machines of a license have together.
type MachineTotals struct {
	Count  int
	Cores  int
	Memory int // bytes
	Disk   int // bytes
}

// LicenseStatus is the state of a license at a glance. It takes no validation's
// place, and others than the ones below may occur.
type LicenseStatus string

// The states of a license.
const (
	StatusActive    LicenseStatus = "ACTIVE"
	StatusInactive  LicenseStatus = "INACTIVE" // not validated for months
	StatusExpiring  LicenseStatus = "EXPIRING" // within days
	StatusExpired   LicenseStatus = "EXPIRED"
	StatusSuspended LicenseStatus = "SUSPENDED"
	StatusBanned    LicenseStatus = "BANNED" // its owner is
)

// ProductToken is a token that authenticates as a product, see [Token]. fmt and
// slog do not show its secret; encoding it as JSON does, so that it can be
// stored.
type ProductToken struct {
	ID        string
	Token     string // the secret; the vendor shows it only now
	Kind      string // "product-token"
	Name      string // "" = none
	ProductID string
	AccountID string
	ExpiresAt time.Time // zero = never
	CreatedAt time.Time
	UpdatedAt time.Time
}

// String returns the id of the token, without the secret.
func (t ProductToken) String() string { return "ProductToken(" + t.ID + ")" }

// Format prints [ProductToken.String] for every verb but %p.
func (t ProductToken) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, t.String()) }

// LogValue makes slog print [ProductToken.String].
func (t ProductToken) LogValue() slog.Value { return slog.StringValue(t.String()) }

// Page is one page of a list.
type Page[T any] struct {
	Items []*T // in the order that was asked for; empty past the end

	// Next is the cursor of the page that follows, for the Cursor of the next
	// call; "" = this is the last one, or the list was not asked for by cursor.
	Next string

	// Pages and Count are how many pages and items there are in all, as far as
	// the credential may see them. The vendor tells it only of numbered pages;
	// otherwise they are 0.
	Pages int
	Count int
}
