package keycratemock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// Seed describes a world: what a new one gets besides its first app and API key,
// in the order of the fields, and as World's Add methods make it. An object refers
// to others by their ids, which are given where they are referred to.
type Seed struct {
	Apps          []App
	APIKeys       []APIKey
	Subscriptions []Subscription
	Licenses      []License
	Blacklist     []BlacklistLine
}

// Seed makes what a Seed describes, or says which of it cannot be.
func (v *vendor) Seed(ct *core.Turn, seed any) error {
	told, err := core.SeedOf[Seed](seed)
	if err != nil {
		return err
	}
	t := v.turn(ct)
	return core.InOrder(
		core.Each("Apps", told.Apps, core.Adding(t.addApp)),
		core.Each("APIKeys", told.APIKeys, core.Adding(t.addAPIKey)),
		core.Each("Subscriptions", told.Subscriptions, core.Adding(t.seedSubscription)),
		core.Each("Licenses", told.Licenses, core.Adding(t.seedLicense)),
		core.Each("Blacklist", told.Blacklist, t.blacklist),
	)
}

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
		r, err := t.seedLicense(l)
		if err == nil {
			l = r.public()
		}
		return err
	})
	return l
}

func (t *turn) seedLicense(l License) (*record, error) {
	r := (&record{License: l}).clone()
	if err := t.place(r); err != nil {
		return nil, err
	}
	return r, t.addLicense(r, true)
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
