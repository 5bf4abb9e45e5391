package keycratemock

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// addLicense puts a license into the world that has a place there: its app, and
// its subscription if it names one. What it leaves open is filled in; with openUse
// that may be whether it was used.
func (t *turn) addLicense(r *record, openUse bool) error {
	r.Status = cmp.Or(r.Status, StatusActive)
	r.completeUnit()
	r.completeEnd()
	if openUse {
		if err := t.guessUse(r); err != nil {
			return err
		}
	}
	t.completeTimes(r)
	if err := t.settle(r, nil); err != nil {
		return err
	}
	if r.SubscriptionID == "" {
		r.SubscriptionID = t.firstSubscription(r.AppID).ID
	}
	if r.Key == "" {
		r.Key = t.newKey(defaultKeys)
	}
	if r.ID == "" {
		r.ID = t.Rand.UUID()
	}
	t.insert(r)
	return nil
}

// place finds app and subscription of a license that names them by their ids.
func (t *turn) place(r *record) error {
	if sub := t.state.subscriptions.Get(r.SubscriptionID); sub != nil {
		r.AppID = cmp.Or(r.AppID, sub.AppID)
	} else if r.SubscriptionID != "" {
		return core.Nowhere("/subscription", subscriptionPlace, r.SubscriptionID)
	}
	r.AppID = cmp.Or(r.AppID, defaultAppID)
	return nil
}

// firstSubscription is an app's oldest subscription, or a new one.
func (t *turn) firstSubscription(appID string) *Subscription {
	if list := t.state.oldestOf(appID); len(list) > 0 {
		return list[0]
	}
	return t.addSubscription(Subscription{AppID: appID, Name: "default", Level: defaultLevel, Status: StatusActive})
}

// completeUnit chooses a duration for a license that has none.
func (r *record) completeUnit() {
	if r.DurationUnit != "" || r.DurationValue != 0 || r.DurationSeconds != 0 {
		return
	}
	r.DurationUnit = UnitLifetime
	if !r.ExpiresAt.IsZero() {
		r.DurationUnit, r.DurationValue = UnitDays, 30
	}
}

// completeEnd fills in what follows from a duration.
func (r *record) completeEnd() {
	if r.DurationSeconds == 0 {
		r.DurationSeconds = r.DurationValue * unitSeconds[r.DurationUnit]
	}
	if !r.Lifetime() && r.ExpiresAt.IsZero() && !r.unused() {
		r.ExpiresAt = addSeconds(r.ActivatedAt, r.DurationSeconds)
	}
}

// guessUse takes a license with an end for one that was used in time for it.
func (t *turn) guessUse(r *record) error {
	if r.Lifetime() || !r.unused() || r.ExpiresAt.IsZero() {
		return nil
	}
	// A license that has longer to go than its duration was extended.
	if left := (r.ExpiresAt.UnixMilli() - t.now.UnixMilli() + 999) / 1000; left > r.DurationSeconds {
		r.DurationSeconds = min(left, maxGranted)
	}
	r.ActivatedAt = addSeconds(r.ExpiresAt, -r.DurationSeconds)
	if year := r.ActivatedAt.Year(); year < 1 {
		return core.BadMember("/expiresAt", "is too early: a use in time for it would be of the year %d", year)
	}
	return nil
}

// completeTimes says when a new license was made, and when it ends if that
// follows from it.
func (t *turn) completeTimes(r *record) {
	if r.CreatedAt.IsZero() {
		r.CreatedAt = t.now
		if !r.unused() && r.ActivatedAt.Before(t.now) {
			r.CreatedAt = r.ActivatedAt
		}
	}
	if r.UpdatedAt.IsZero() {
		r.UpdatedAt = r.CreatedAt
	}
	if t.state.FromCreation && !r.Lifetime() && r.ExpiresAt.IsZero() {
		t.Decided(ruleDurationFromCreation)
		r.ExpiresAt = addSeconds(r.CreatedAt, r.DurationSeconds)
	}
}

// settle brings a license to the form in which the world keeps it, or says why it
// cannot be. was is the license that it is to replace; nil: it is another one.
// Nothing changes but the license.
func (t *turn) settle(r, was *record) error {
	text, err := json.Marshal(r.Metadata)
	switch {
	case err != nil:
		return core.BadMember("/metadata", "is no JSON: %v", err)
	case r.Metadata == nil:
		text = []byte("{}")
	}
	r.Metadata, r.metadata = nil, compactObject(text)
	r.keepForm()
	return cmp.Or(core.CheckWritable(r), t.state.checkLicense(r, was))
}

// keepForm brings lists and times to the form in which the world keeps them.
func (r *record) keepForm() {
	if r.Tags == nil {
		r.Tags = []string{}
	}
	for _, at := range r.times() {
		*at = moment(*at)
	}
}

func (r *record) times() []*time.Time {
	return []*time.Time{&r.ExpiresAt, &r.ActivatedAt, &r.LastHWIDResetAt, &r.CreatedAt, &r.UpdatedAt}
}

// checkLicense says why a license cannot be, if it cannot; see settle.
func (s *state) checkLicense(r, was *record) error {
	for _, check := range []func(r, was *record) error{s.checkNames, s.checkPlace, checkData, checkDuration} {
		if err := check(r, was); err != nil {
			return err
		}
	}
	return nil
}

// checkNames looks at what no other license may have.
func (s *state) checkNames(r, was *record) error {
	other := func(holder *record) bool { return holder != nil && holder != was }
	if err := checkID(r.ID); err != nil {
		return err
	}
	switch {
	case other(s.licenses.byKey[r.Key]):
		return core.Taken("/key", "license")
	case other(s.licenses.byID[r.ID]):
		return core.Taken("/id", "license")
	case utf8.RuneCountInString(r.Username) > maxUsername:
		return core.BadMember("/username", "has at most %d characters", maxUsername)
	case other(s.licenses.byUser[login{r.AppID, r.Username}]):
		return core.Clash("/username", "%q has a license of the app: an app has one for each user", r.Username)
	case r.Username == "" && r.password != nil:
		return core.BadMember("/password", "cannot be: a license without a username has none")
	}
	return nil
}

func (s *state) checkPlace(r, _ *record) error {
	if s.apps.Get(r.AppID) == nil {
		return core.Nowhere("/app", appPlace, r.AppID)
	}
	if sub := s.subscriptions.Get(r.SubscriptionID); sub != nil && sub.AppID != r.AppID {
		return core.BadMember("/subscription", "is of another app: leave the app open, or name its own")
	}
	return nil
}

func checkData(r, _ *record) error {
	if err := checkStatus(r.Status, "; an expired license has an end that is past"); err != nil {
		return err
	}
	switch n := utf8.RuneCount(r.metadata); {
	case utf8.RuneCountInString(r.HWID) > maxHWID:
		return core.BadMember("/hwid", "has at most %d characters", maxHWID)
	case r.HWIDResetCooldown < 0 || r.HWIDResetCooldown%time.Second != 0 || r.HWIDResetCooldown > maxCooldown*time.Second:
		return core.BadMember("/hwidResetCooldown", "of %v is not one: it has whole seconds, from 0 to 100 years", r.HWIDResetCooldown)
	case n > maxMetadata:
		return core.BadMember("/metadata", "has %d characters: the vendor takes %d", n, maxMetadata)
	case slices.Contains(r.Tags, ""):
		return core.BadMember("/tags", "cannot be: a tag is empty")
	}
	return nil
}

func checkDuration(r, _ *record) error {
	length, known := unitSeconds[r.DurationUnit]
	switch {
	case !known:
		return core.BadMember("/durationUnit", "%q is no unit of a duration: it is one of %v", r.DurationUnit, units)
	case r.Lifetime() && (r.DurationValue != 0 || r.DurationSeconds != 0 || !r.ExpiresAt.IsZero()):
		return core.BadMember("/durationUnit", "cannot be: a lifetime has no value, no seconds and no end")
	case !r.Lifetime() && (r.DurationValue < 1 || r.DurationValue > maxGranted/length):
		return core.BadMember("/durationValue", "cannot be: %d %s is no duration: it is at least 1 and at most 1000 years", r.DurationValue, r.DurationUnit)
	case !r.Lifetime() && (r.DurationSeconds < 1 || r.DurationSeconds > maxGranted):
		return core.BadMember("/durationSeconds", "cannot be: %d seconds are no duration: leave them open for what value and unit give", r.DurationSeconds)
	}
	return nil
}

// fits reports whether a text has 1 to so many characters.
func fits(text string, most int) bool {
	n := utf8.RuneCountInString(text)
	return n >= 1 && n <= most
}
