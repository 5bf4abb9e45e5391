package keycrate

import (
	"encoding/json"
	"slices"
	"time"
)

// Status is whether a license or a subscription works. Expired is no status:
// see [License.Expired]. The vendor may know further ones.
type Status string

// The statuses that are known.
const (
	StatusActive Status = "active"
	StatusPaused Status = "paused"
)

// License is one license of an app. Zero fields mean what their comments say; a
// field that the vendor leaves out of an answer is zero too.
//
// The vendor documents that licenses have a key, a subscription, a status and
// so on, but not how its answers show them. So every field but Key may be
// missing: Unread names those that came in a form that this package cannot
// read, and Raw has the license as it came.
//
// A License is plain data, and can be stored as JSON and read back. Printing or
// encoding it shows Key, HWID and Metadata, which belong to your customer.
type License struct {
	// Key is what the end user enters. It is compared exactly, and every other
	// call names the license by it.
	Key string

	ID             string // the vendor's own; no call takes it
	AppID          string
	SubscriptionID string // every license belongs to one
	Status         Status // StatusActive or StatusPaused, or one that is new
	Username       string // "" = none; see App.Register and SetCredentials

	HWIDLock          bool          // whether only the device HWID may use the license
	HWID              string        // the bound device; "" = none
	HWIDResetAllowed  bool          // whether the end user may unbind the device in the vendor's portal
	HWIDResetCooldown time.Duration // between two such resets
	LastHWIDResetAt   time.Time     // by the end user; zero = never

	Duration    Duration      // as it was created; extensions leave it alone
	Granted     time.Duration // all time granted so far, extensions included; 0 = Lifetime, or not known
	ActivatedAt time.Time     // first use, which starts the clock; zero = unused
	// ExpiresAt is the moment from which the license no longer works. Zero
	// means that it never will if Duration is [Lifetime], and else that the
	// clock has not started, since the license is unused.
	ExpiresAt time.Time

	Metadata  Metadata // nil = none
	Tags      []string // your labels; nil = none
	CreatedAt time.Time
	UpdatedAt time.Time

	// Unread names the members of Raw, as the vendor spells them, that have a
	// form this package does not know. Their fields are zero and say nothing.
	Unread []string `json:",omitempty"`
	// Raw is the license as the vendor sent it, as a rule an object; nil if
	// the answer had none.
	Raw json.RawMessage `json:",omitempty"`
}

// Unused reports whether the license was never used, so that its clock has not
// started. It is false if Unread has the times that tell. An answer that leaves
// both times out, such as one that shows no license, looks unused; so does a
// used license of Lifetime if the vendor does not send activated_at. Look for
// these members in Raw before you rest a refund on it.
func (l *License) Unused() bool {
	return l.ActivatedAt.IsZero() && l.ExpiresAt.IsZero() && !l.isUnread("activated_at") && !l.isUnread("expires_at")
}

// Expired reports whether the license's time is over at the given moment. It is
// false if Unread has expires_at.
func (l *License) Expired(at time.Time) bool {
	return !l.ExpiresAt.IsZero() && !at.Before(l.ExpiresAt)
}

// Usable reports whether the license itself would be accepted at the given
// moment: it is active and not expired, and Unread has nothing of that. The
// vendor may still refuse an end user for what the license does not show: a
// blacklist, a subscription or an app that is not active, another device than
// HWID.
func (l *License) Usable(at time.Time) bool {
	return l.Status == StatusActive && !l.Expired(at) && !l.isUnread("expires_at")
}

func (l *License) isUnread(member string) bool { return slices.Contains(l.Unread, member) }

// Subscription is one tier of an app, to which licenses belong. As with a
// [License], every field but ID may be missing from an answer.
type Subscription struct {
	ID    string // a UUID
	AppID string
	Name  string // need not be the only one of its name
	Level int    // for your own use: the vendor does nothing with it
	// SingleKeyPerHWID lets one device use only one license of the
	// subscription.
	SingleKeyPerHWID bool
	Status           Status // only licenses of a StatusActive subscription work
	CreatedAt        time.Time
	UpdatedAt        time.Time

	Unread []string        `json:",omitempty"` // as License.Unread
	Raw    json.RawMessage `json:",omitempty"` // as the vendor sent it
}

// LicensePage is one page of a list of licenses.
type LicensePage struct {
	Licenses []*License // in the order asked for; empty past the last page

	// The vendor's account of the list. It documents none of these; each is
	// zero if it is left out.
	Page       int // this page; 1 is the first
	PerPage    int // largest number of licenses on a page
	Total      int // licenses on all pages
	TotalPages int // pages
}

// pages returns how many pages there are, or 0 if the answer does not tell.
func (p *LicensePage) pages() int {
	if p.TotalPages > 0 || p.PerPage < 1 || p.Total < 1 {
		return p.TotalPages
	}
	return (p.Total-1)/p.PerPage + 1
}

// Deletion is the vendor's account of a deletion that took place.
type Deletion struct {
	// Licenses is how many licenses were deleted; zero if the answer does not
	// say.
	Licenses Opt[int]        `json:",omitzero"`
	Raw      json.RawMessage `json:",omitempty"` // what the answer has under data; nil = nothing
}
