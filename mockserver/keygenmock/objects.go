package keygenmock

import (
	"maps"
	"slices"
	"time"
)

// Statuses of an account.
const (
	StatusActive   = "active"
	StatusCanceled = "canceled" // every call is answered 403
	StatusPaused   = "paused"   // every call is answered 403
)

// Roles of users.
const (
	RoleAdmin        = "admin"
	RoleDeveloper    = "developer"
	RoleSalesAgent   = "sales-agent"
	RoleSupportAgent = "support-agent"
	RoleReadOnly     = "read-only"
	RoleUser         = "user" // a customer
)

// Authentication strategies of policies: how licenses of the policy may
// authenticate.
const (
	AuthToken   = "TOKEN"   // by a license token only; the default
	AuthLicense = "LICENSE" // by the license key only
	AuthMixed   = "MIXED"   // by both
	AuthNone    = "NONE"    // not at all
)

// RevokeAccess is the expiration strategy of a policy whose expired licenses
// cannot authenticate. The default is RESTRICT_ACCESS.
const RevokeAccess = "REVOKE_ACCESS"

// User is a person of an account: staff or customer.
type User struct {
	ID      string // UUID; empty: a new one
	Email   string // empty: one made of the id
	Role    string // such as [RoleAdmin]; empty: [RoleUser]
	Banned  bool   // tokens of the user are answered 403, and so are the keys of licenses that the user owns
	Created time.Time
	Updated time.Time
}

// Product is what policies belong to.
type Product struct {
	ID       string // UUID; empty: a new one
	Name     string
	Code     string         // another name for it in paths; empty: none
	URL      string         // empty: null
	Metadata map[string]any // nil: empty
	// Attributes are further attributes by their names on the wire, such as
	// "distributionStrategy", in place of the vendor's defaults.
	Attributes map[string]any
	Created    time.Time
	Updated    time.Time
}

// Policy is what licenses and keys belong to. Keys make the pool of a pooled
// policy.
type Policy struct {
	ID                     string // UUID; empty: a new one
	ProductID              string // where it is added also the code or the name; empty: a new product
	Name                   string
	Pooled                 bool          // usePool
	Duration               time.Duration // of its licenses, in whole seconds; 0: they do not expire
	Protected              bool          // customers cannot make licenses of it
	AuthenticationStrategy string        // such as [AuthLicense]; empty: [AuthToken]
	ExpirationStrategy     string        // such as [RevokeAccess]; empty: RESTRICT_ACCESS
	Metadata               map[string]any
	// Attributes are further attributes by their names on the wire, such as
	// "maxMachines", in place of the vendor's defaults.
	Attributes map[string]any
	Created    time.Time
	Updated    time.Time
}

// Key is an unused key in the pool of a policy. It is no license.
type Key struct {
	ID       string // UUID; empty: a new one
	Key      string // the text; empty: a new one
	PolicyID string // where it is added also the name; empty: a new pooled policy
	Created  time.Time
	Updated  time.Time
}

// License is a license of a policy.
type License struct {
	ID        string    // UUID; empty: a new one
	Key       string    // the text; empty: a new one, never one of the pool
	Name      string    // empty: null
	PolicyID  string    // where it is added also the name; empty: a new policy, not pooled
	OwnerID   string    // the user, where it is added also by email; empty: nobody
	Expiry    time.Time // zero: never
	Suspended bool
	Protected bool
	Metadata  map[string]any
	// Attributes are further attributes by their names on the wire, such as
	// "maxMachines", in place of those of the policy.
	Attributes map[string]any
	Created    time.Time
	Updated    time.Time
}

// Token is a credential of a user, a product or a license.
type Token struct {
	ID       string    // UUID; empty: a new one
	Value    string    // the secret; empty: a new one
	Name     string    // empty: null
	BearerID string    // id of the user, product or license, where it is added also what these are called
	Expiry   time.Time // zero: never
	Created  time.Time
	Updated  time.Time
}

// WebhookEndpoint is an address that the vendor tells about events. The mock
// counts what it would send there, and sends nothing.
type WebhookEndpoint struct {
	ID            string   // UUID; empty: a new one
	URL           string   // never called
	Subscriptions []string // names of events such as "key.created"; "*" is all, and so is none
	Created       time.Time
}

// Methods of this form tell tables where an object is and as what it is known.

func (u *User) place() (id string, created time.Time)            { return u.ID, u.Created }
func (p *Product) place() (id string, created time.Time)         { return p.ID, p.Created }
func (p *Policy) place() (id string, created time.Time)          { return p.ID, p.Created }
func (k *Key) place() (id string, created time.Time)             { return k.ID, k.Created }
func (l *License) place() (id string, created time.Time)         { return l.ID, l.Created }
func (t *Token) place() (id string, created time.Time)           { return t.ID, t.Created }
func (w *WebhookEndpoint) place() (id string, created time.Time) { return w.ID, w.Created }

func (p *Product) text() string { return p.Code }
func (k *Key) text() string     { return k.Key }
func (l *License) text() string { return l.Key }
func (t *Token) text() string   { return t.Value }

func (u *User) called(name string) bool    { return u.Email == name }
func (p *Product) called(name string) bool { return p.Code == name || p.Name == name }
func (p *Policy) called(name string) bool  { return p.Name == name }
func (l *License) called(name string) bool { return l.Key == name || l.Name == name }

func (p Product) clone() Product {
	p.Metadata, p.Attributes = maps.Clone(p.Metadata), maps.Clone(p.Attributes)
	return p
}

func (p Policy) clone() Policy {
	p.Metadata, p.Attributes = maps.Clone(p.Metadata), maps.Clone(p.Attributes)
	return p
}

func (l License) clone() License {
	l.Metadata, l.Attributes = maps.Clone(l.Metadata), maps.Clone(l.Attributes)
	return l
}

func (w WebhookEndpoint) clone() WebhookEndpoint {
	w.Subscriptions = slices.Clone(w.Subscriptions)
	return w
}
