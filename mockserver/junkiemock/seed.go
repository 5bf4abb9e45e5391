package junkiemock

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// completeSeed fills in what a seeded key leaves open, or says why the key
// cannot be. It changes nothing but the key, save for a default provider.
func (t *turn) completeSeed(k *record) error {
	if err := t.checkSeed(k); err != nil {
		return err
	}
	if k.ProviderID == 0 {
		k.ProviderID = t.firstProvider(k.UserID).ID
	}
	if k.Value == "" {
		k.Value = t.newValue(t.state.providers[k.ProviderID])
	}
	completeTimes(k, t.now)
	return nil
}

func (t *turn) checkSeed(k *record) error {
	s := t.state
	switch {
	case k.ID < 0, s.keys.byID[k.ID] != nil:
		return fmt.Errorf("id %d is taken or negative: leave it 0 for a new one", k.ID)
	case s.keys.byValue[k.Value] != nil:
		return fmt.Errorf("the value is taken: leave it empty for a new one")
	case k.ProviderID != 0 && s.providers[k.ProviderID].UserID != k.UserID:
		return fmt.Errorf("the account has no provider %d: add it with AddProvider", k.ProviderID)
	case k.ServiceID != 0 && s.services[k.ServiceID].UserID != k.UserID:
		return fmt.Errorf("the account has no service %d: add it with AddService", k.ServiceID)
	case k.FolderID != 0 && s.folders[k.FolderID].UserID != k.UserID:
		return fmt.Errorf("the account has no folder %d: add it with AddFolder", k.FolderID)
	case k.ValidityMinutes < 0, k.ValidityMinutes > maxValidity:
		return fmt.Errorf("a validity of %d minutes is negative or over %d", k.ValidityMinutes, maxValidity)
	case k.HWIDLimit < 0:
		return fmt.Errorf("hwid limit %d is negative: 0 means none", k.HWIDLimit)
	}
	for i, d := range k.Devices {
		if slices.ContainsFunc(k.Devices[:i], func(e Device) bool { return e.HWID == d.HWID }) {
			return fmt.Errorf("device %q is bound twice", d.HWID)
		}
	}
	return nil
}

// firstProvider returns the account's provider with the lowest id.
func (t *turn) firstProvider(userID int64) Provider {
	for _, id := range slices.Sorted(maps.Keys(t.state.providers)) {
		if p := t.state.providers[id]; p.UserID == userID {
			return p
		}
	}
	return t.addProvider(Provider{UserID: userID, Name: "default"})
}

func completeTimes(k *record, now time.Time) {
	if k.CreatedAt.IsZero() {
		k.CreatedAt = now
	}
	for _, at := range []*time.Time{&k.CreatedAt, &k.UsedAt, &k.ExpiresAt} {
		*at = moment(*at)
	}
	if k.ExpiresAt.IsZero() {
		k.ExpiresAt = k.deadline()
	}
	for i := range k.Devices {
		d := &k.Devices[i]
		if d.BoundAt.IsZero() {
			d.BoundAt = k.CreatedAt
		}
		if d.BoundBy == "" {
			d.BoundBy = BoundByManual
		}
		d.BoundAt = moment(d.BoundAt)
	}
	if k.Redemption != nil {
		k.Redemption.RedeemedAt = moment(k.Redemption.RedeemedAt)
	}
}
