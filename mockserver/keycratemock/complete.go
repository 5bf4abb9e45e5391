package keycratemock

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// addLicense puts a license into the world that has a place there: its app, and
// its subscription if it names one. What it leaves open is filled in; with openUse
// that may be whether it was used.
func (t *turn) addLicense(r *record, openUse bool) error {
	fill(&r.Status, StatusActive)
	r.completeUnit()
	r.completeEnd()
	if openUse {
		t.guessUse(r)
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
	if sub := t.state.subscriptions.get(r.SubscriptionID); sub != nil {
		fill(&r.AppID, sub.AppID)
	} else if r.SubscriptionID != "" {
		return noSuchSubscription(r.SubscriptionID)
	}
	fill(&r.AppID, defaultAppID)
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
func (t *turn) guessUse(r *record) {
	if r.Lifetime() || !r.unused() || r.ExpiresAt.IsZero() {
		return
	}
	// A license that has longer to go than its duration was extended.
	if left := (r.ExpiresAt.UnixMilli() - t.now.UnixMilli() + 999) / 1000; left > r.DurationSeconds {
		r.DurationSeconds = min(left, maxGranted)
	}
	r.ActivatedAt = addSeconds(r.ExpiresAt, -r.DurationSeconds)
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
		return unfit("metadata", "the metadata is no JSON: %v", err)
	case r.Metadata == nil:
		text = []byte("{}")
	}
	r.Metadata, r.metadata = nil, compactObject(text)
	r.keepForm()
	if err := checkYears(r.times()...); err != nil {
		return err
	}
	return t.state.checkLicense(r, was)
}

// keepForm brings lists and times to the form in which the world keeps them.
func (r *record) keepForm() {
	if r.Tags == nil {
		r.Tags = []string{}
	}
	for _, at := range r.times() {
		*at.value = moment(*at.value)
	}
}

func (r *record) times() []named[*time.Time] {
	return []named[*time.Time]{
		{"expiresAt", &r.ExpiresAt},
		{"activatedAt", &r.ActivatedAt},
		{"lastHwidResetAt", &r.LastHWIDResetAt},
		{"createdAt", &r.CreatedAt},
		{"updatedAt", &r.UpdatedAt},
	}
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
		return taken("key", "the key is taken: leave it empty for a new one")
	case other(s.licenses.byID[r.ID]):
		return taken("id", "license %s exists: leave the id empty for a new one", r.ID)
	case utf8.RuneCountInString(r.Username) > maxUsername:
		return unfit("username", "a username has at most %d characters", maxUsername)
	case other(s.licenses.byUser[login{r.AppID, r.Username}]):
		return taken("username", "user %q has a license of the app: an app has one for each", r.Username)
	case r.Username == "" && r.password != nil:
		return unfit("password", "a license without a username has no password")
	}
	return nil
}

func (s *state) checkPlace(r, _ *record) error {
	if s.apps.get(r.AppID) == nil {
		return noSuchApp(r.AppID)
	}
	if sub := s.subscriptions.get(r.SubscriptionID); sub != nil && sub.AppID != r.AppID {
		return unfit("subscription", "the subscription is of another app: leave the app open, or name its own")
	}
	return nil
}

func checkData(r, _ *record) error {
	if err := checkStatus(r.Status, "; an expired license has an end that is past"); err != nil {
		return err
	}
	switch n := utf8.RuneCount(r.metadata); {
	case utf8.RuneCountInString(r.HWID) > maxHWID:
		return unfit("hwid", "an HWID has at most %d characters", maxHWID)
	case r.HWIDResetCooldown < 0 || r.HWIDResetCooldown%time.Second != 0 || r.HWIDResetCooldown > maxCooldown*time.Second:
		return unfit("hwidResetCooldown", "a cooldown of %v is not one: it has whole seconds, from 0 to 100 years", r.HWIDResetCooldown)
	case n > maxMetadata:
		return unfit("metadata", "the metadata has %d characters: the vendor takes %d", n, maxMetadata)
	case slices.Contains(r.Tags, ""):
		return unfit("tags", "a tag is empty")
	}
	return checkTexts(named[string]{"key", r.Key}, named[string]{"username", r.Username}, named[string]{"hwid", r.HWID},
		named[string]{"tags", strings.Join(r.Tags, " ")})
}

func checkDuration(r, _ *record) error {
	length, known := unitSeconds[r.DurationUnit]
	switch {
	case !known:
		return unfit("durationUnit", "%q is no unit of a duration: it is one of %v", r.DurationUnit, units)
	case r.Lifetime() && (r.DurationValue != 0 || r.DurationSeconds != 0 || !r.ExpiresAt.IsZero()):
		return unfit("durationUnit", "a lifetime has no value, no seconds and no end")
	case !r.Lifetime() && (r.DurationValue < 1 || r.DurationValue > maxGranted/length):
		return unfit("durationValue", "%d %s is no duration: it is at least 1 and at most 1000 years", r.DurationValue, r.DurationUnit)
	case !r.Lifetime() && (r.DurationSeconds < 1 || r.DurationSeconds > maxGranted):
		return unfit("durationSeconds", "%d seconds are no duration: leave them open for what value and unit give", r.DurationSeconds)
	}
	return nil
}

// fits reports whether a text has 1 to so many characters.
func fits(text string, most int) bool {
	n := utf8.RuneCountInString(text)
	return n >= 1 && n <= most
}
