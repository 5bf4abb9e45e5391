package keycratemock

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// What a license's or a subscription's Status can be. The vendor knows no other:
// whether a license has expired is asked of the clock, see [License.Expired].
const (
	StatusActive = "active"
	StatusPaused = "paused"
)

// Units of a license's duration. A month has 30 days and a year 365.
const (
	UnitMinutes  = "minutes"
	UnitHours    = "hours"
	UnitDays     = "days"
	UnitMonths   = "months"
	UnitYears    = "years"
	UnitLifetime = "lifetime" // never ends
)

// unitSeconds are the lengths of the units; a lifetime has none.
var unitSeconds = map[string]int64{
	UnitMinutes: 60, UnitHours: 3600, UnitDays: 86400, UnitMonths: 30 * 86400, UnitYears: 365 * 86400, UnitLifetime: 0,
}

// License is a license as the world holds it. In what [World.License] and the
// like return it is a copy: changing it changes nothing in the world. Zero
// values stand for the vendor's null: no user, no device, never.
type License struct {
	Key            string // the secret text that an end user enters; the API's only name for a license
	ID             string // a UUID that no operation takes
	AppID          string
	SubscriptionID string
	Status         string // [StatusActive] or [StatusPaused]
	Username       string // of the end user who registered; empty: nobody

	HWIDLock          bool   // works on one device only
	HWID              string // that device; empty: none bound yet
	HWIDResetAllowed  bool   // the end user may reset it in the portal
	HWIDResetCooldown time.Duration
	LastHWIDResetAt   time.Time // by the end user; zero: never

	DurationUnit    string // as created, such as [UnitDays]
	DurationValue   int64  // as created; 0 for a lifetime
	DurationSeconds int64  // granted in all, with extensions; 0 for a lifetime

	ActivatedAt time.Time // of the first authentication; zero: never used
	ExpiresAt   time.Time // zero: not known before the first use, and never for a lifetime

	Metadata  map[string]any // as encoding/json reads it; with json.Number if a number is too large for float64
	Tags      []string
	CreatedAt time.Time
	UpdatedAt time.Time // of the last change by its owner
}

// Lifetime reports whether the license never ends.
func (l License) Lifetime() bool { return l.DurationUnit == UnitLifetime }

// Expired reports whether the license has reached its end at a time. Its Status
// does not show that.
func (l License) Expired(at time.Time) bool { return l.expired(at) }

func (l *License) expired(at time.Time) bool {
	return !l.ExpiresAt.IsZero() && !at.Before(l.ExpiresAt)
}

func (l *License) unused() bool { return l.ActivatedAt.IsZero() }

// record is a license with what nobody outside sees.
//
// A stored record never changes: store.change puts another in its place.
type record struct {
	core.Place
	License                  // its Metadata is unused: see metadata
	metadata json.RawMessage // compact, an object
	password *password       // nil: none
}

// clone returns a copy that shares nothing with the record.
func (r *record) clone() *record {
	c := *r
	c.Tags, c.metadata = slices.Clone(r.Tags), slices.Clone(r.metadata)
	return &c
}

// public returns the license as a test sees it.
func (r *record) public() License {
	l := r.clone().License
	if json.Unmarshal(r.metadata, &l.Metadata) != nil { // a number that float64 cannot hold
		l.Metadata = readFields(r.metadata)
	}
	return l
}

// noteUpdate records in what a license differs from what it was.
func (t *turn) noteUpdate(r, was *record) {
	t.noteChange(EffectLicenseUpdated, r.Key, was.UpdatedAt, &r.UpdatedAt, core.Changes{}.
		If("activated_at", !r.ActivatedAt.Equal(was.ActivatedAt)).
		If("created_at", !r.CreatedAt.Equal(was.CreatedAt)).
		If("duration_seconds", r.DurationSeconds != was.DurationSeconds).
		If("duration_unit", r.DurationUnit != was.DurationUnit).
		If("duration_value", r.DurationValue != was.DurationValue).
		If("expires_at", !r.ExpiresAt.Equal(was.ExpiresAt)).
		If("hwid", r.HWID != was.HWID).
		If("hwid_lock", r.HWIDLock != was.HWIDLock).
		If("hwid_reset_allowed", r.HWIDResetAllowed != was.HWIDResetAllowed).
		If("hwid_reset_cooldown", r.HWIDResetCooldown != was.HWIDResetCooldown).
		If("last_hwid_reset_at", !r.LastHWIDResetAt.Equal(was.LastHWIDResetAt)).
		If("metadata", string(r.metadata) != string(was.metadata)).
		If("password", r.password != was.password).
		If("status", r.Status != was.Status).
		If("subscription_id", r.SubscriptionID != was.SubscriptionID).
		If("tags", !slices.Equal(r.Tags, was.Tags)).
		If("updated_at", !r.UpdatedAt.Equal(was.UpdatedAt)).
		If("username", r.Username != was.Username))
}
