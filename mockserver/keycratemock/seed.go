package keycratemock

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// AddLicense puts a license into the world as it is, in any state, and returns
// it as it then is. What is zero is filled in: Key and ID with new ones, AppID
// with that of the subscription or the first app, SubscriptionID with the app's
// first subscription (one named "default" is added if there is none), Status
// with [StatusActive], times with now. Without a duration it is a lifetime, or
// 30 days if it has an ExpiresAt; a used one that can expire gets the ExpiresAt
// that its duration gives, and one with an ExpiresAt has been used in time for
// it, and extended if it has longer to go than its duration. With
// [World.SetDurationStart] at AtCreation, an unused one gets the ExpiresAt that
// its duration gives from CreatedAt on. A Username has no password until the API
// sets one (update-user-credentials): Register refuses a license that has a
// user.
//
//	w.AddLicense(keycratemock.License{})                                              // a lifetime, unused
//	w.AddLicense(keycratemock.License{DurationUnit: keycratemock.UnitDays, DurationValue: 7, HWIDLock: true})
//	w.AddLicense(keycratemock.License{ExpiresAt: s.Now().Add(-time.Hour)})            // used and expired
func (w *World) AddLicense(l License) License {
	w.act(ActAddLicense, func(t *turn) error {
		r := (&record{License: l}).clone()
		if err := t.completeLicense(r); err != nil {
			return err
		}
		t.insert(r)
		l = r.public()
		return nil
	})
	return l
}

// RemoveLicense deletes a license, as its owner could do in the dashboard while
// a client is at work. It reports whether the license existed.
func (w *World) RemoveLicense(key string) bool {
	var found bool
	w.act(ActRemoveLicense, func(t *turn) error {
		var r *record
		if r, found = t.state.licenses.byKey[key]; found {
			t.deleteAll([]*record{r})
		}
		return nil
	})
	return found
}

// completeLicense fills in what a seeded license leaves open, or says why it
// cannot be. It changes nothing but the license, save for a default
// subscription.
func (t *turn) completeLicense(r *record) error {
	fill(&r.Status, StatusActive)
	for _, complete := range []func(*record) error{t.completeData, t.completeDuration, t.completePlace} {
		if err := complete(r); err != nil {
			return err
		}
	}
	if r.Key == "" {
		r.Key = t.newKey(defaultKeys)
	}
	fill(&r.ID, t.Rand.UUID())
	return nil
}

func (t *turn) completeData(r *record) error {
	text, err := json.Marshal(r.Metadata)
	if r.Metadata == nil {
		text = []byte("{}")
	}
	switch {
	case t.state.licenses.byKey[r.Key] != nil:
		return fmt.Errorf("the key is taken: leave it empty for a new one")
	case r.Status != StatusActive && r.Status != StatusPaused:
		return fmt.Errorf("%q is no status: it is %s or %s; an expired license has an ExpiresAt", r.Status, StatusActive, StatusPaused)
	case utf8.RuneCountInString(r.HWID) > maxHWID:
		return fmt.Errorf("an HWID has at most %d characters", maxHWID)
	case r.HWIDResetCooldown < 0 || r.HWIDResetCooldown%time.Second != 0 || r.HWIDResetCooldown > maxCooldown*time.Second:
		return fmt.Errorf("a cooldown of %v is not one: it has whole seconds, from 0 to 100 years", r.HWIDResetCooldown)
	case err != nil:
		return fmt.Errorf("the metadata is no JSON: %w", err)
	case slices.Contains(r.Tags, ""):
		return fmt.Errorf("a tag is empty")
	}
	if r.Tags == nil {
		r.Tags = []string{}
	}
	r.Metadata, r.metadata = nil, compactObject(text)
	if n := utf8.RuneCount(r.metadata); n > maxMetadata {
		return fmt.Errorf("the metadata has %d characters: the vendor takes %d", n, maxMetadata)
	}
	return nil
}

// completeDuration makes duration, use and expiry fit each other.
func (t *turn) completeDuration(r *record) error {
	if r.DurationUnit == "" && r.DurationValue == 0 && r.DurationSeconds == 0 {
		r.DurationUnit = UnitLifetime
		if !r.ExpiresAt.IsZero() {
			r.DurationUnit, r.DurationValue = UnitDays, 30
		}
	}
	length, known := unitSeconds[r.DurationUnit]
	switch {
	case !known:
		return fmt.Errorf("%q is no unit of a duration: it is one of %v", r.DurationUnit, units)
	case r.Lifetime() && (r.DurationValue != 0 || r.DurationSeconds != 0 || !r.ExpiresAt.IsZero()):
		return fmt.Errorf("a lifetime has no value, no seconds and no ExpiresAt")
	case !r.Lifetime() && (r.DurationValue < 1 || r.DurationValue > maxGranted/length):
		return fmt.Errorf("%d %s is no duration: it is at least 1 and at most 1000 years", r.DurationValue, r.DurationUnit)
	case r.DurationSeconds < 0 || r.DurationSeconds > maxGranted:
		return fmt.Errorf("%d seconds are no duration: leave it 0 for what value and unit give", r.DurationSeconds)
	}
	if r.DurationSeconds == 0 {
		r.DurationSeconds = r.DurationValue * length
	}
	t.completeTimes(r)
	return nil
}

func (t *turn) completeTimes(r *record) {
	switch {
	case r.Lifetime():
	case r.ExpiresAt.IsZero() && !r.ActivatedAt.IsZero():
		r.ExpiresAt = addSeconds(r.ActivatedAt, r.DurationSeconds)
	case r.ActivatedAt.IsZero() && !r.ExpiresAt.IsZero():
		// A license that has longer to go than its duration was extended.
		if left := (r.ExpiresAt.UnixMilli() - t.now.UnixMilli() + 999) / 1000; left > r.DurationSeconds {
			r.DurationSeconds = min(left, maxGranted)
		}
		r.ActivatedAt = addSeconds(r.ExpiresAt, -r.DurationSeconds)
	}
	if r.CreatedAt.IsZero() {
		r.CreatedAt = t.now
		if !r.ActivatedAt.IsZero() && r.ActivatedAt.Before(t.now) {
			r.CreatedAt = r.ActivatedAt
		}
	}
	if t.state.fromCreation && !r.Lifetime() && r.ExpiresAt.IsZero() {
		t.Decided(ruleDurationFromCreation)
		r.ExpiresAt = addSeconds(r.CreatedAt, r.DurationSeconds)
	}
	if r.UpdatedAt.IsZero() {
		r.UpdatedAt = r.CreatedAt
	}
	for _, at := range []*time.Time{&r.CreatedAt, &r.UpdatedAt, &r.ActivatedAt, &r.ExpiresAt, &r.LastHWIDResetAt} {
		if !at.IsZero() {
			*at = moment(*at)
		}
	}
}

// completePlace finds app and subscription of a seeded license. It comes last:
// a default subscription is made only for a license that can be.
func (t *turn) completePlace(r *record) error {
	sub := t.state.subscriptions[r.SubscriptionID]
	switch {
	case r.SubscriptionID != "" && sub == nil:
		return noSuchSubscription(r.SubscriptionID)
	case sub != nil:
		fill(&r.AppID, sub.AppID)
	default:
		fill(&r.AppID, defaultAppID)
	}
	switch {
	case t.state.apps[r.AppID] == nil:
		return noSuchApp(r.AppID)
	case sub != nil && sub.AppID != r.AppID:
		return fmt.Errorf("the subscription is of another app: leave the AppID empty")
	case utf8.RuneCountInString(r.Username) > maxUsername:
		return fmt.Errorf("a username has at most %d characters", maxUsername)
	case t.state.licenses.byUser[login{r.AppID, r.Username}] != nil:
		return fmt.Errorf("user %q has a license of the app: an app has one for each", r.Username)
	}
	if sub == nil {
		sub = t.firstSubscription(r.AppID)
	}
	r.SubscriptionID = sub.ID
	return nil
}

// firstSubscription is an app's oldest subscription, or a new one.
func (t *turn) firstSubscription(appID string) *Subscription {
	if list := t.state.oldestOf(appID); len(list) > 0 {
		return list[0]
	}
	return t.addSubscription(Subscription{AppID: appID, Name: "default", Level: defaultLevel, Status: StatusActive})
}

// fits reports whether a text has 1 to so many characters.
func fits(text string, most int) bool {
	n := utf8.RuneCountInString(text)
	return n >= 1 && n <= most
}
