package junkiemock

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// newRecord returns a key of an account that shares nothing with what it was
// made from.
func newRecord(k Key, userID int64) *record {
	r := (&record{Key: k, Named: k.Name != "", Limited: k.HWIDLimit != 0}).clone()
	r.UserID = userID
	return r
}

// addKey puts a key in any state into its account.
func (t *turn) addKey(k *record) error {
	if err := t.completeSeed(k); err != nil {
		return err
	}
	t.insert(k)
	return nil
}

// completeSeed fills in what a seeded key leaves open, or says why the key
// cannot be. It changes nothing but the key, save for a default provider.
func (t *turn) completeSeed(k *record) error {
	if err := t.state.admitsKey(k, maxID); err != nil {
		return err
	}
	if k.ProviderID == 0 {
		k.ProviderID = t.firstProvider(k.UserID).ID
	}
	if k.Value == "" {
		k.Value = t.newValue(t.state.providers.Get(k.ProviderID))
	}
	k.completeTimes(t.now)
	if k.ExpiresAt.IsZero() {
		k.ExpiresAt = k.deadline()
	}
	return nil
}

// firstProvider returns the account's oldest provider.
func (t *turn) firstProvider(userID int64) Provider {
	if owned := t.state.providers.of(userID); len(owned) > 0 {
		return owned[0]
	}
	p, err := t.addProvider(Provider{UserID: userID, Name: "default"})
	if err != nil {
		panic("junkiemock: " + err.Error()) // nothing about it can be wrong
	}
	return p
}

// completeTimes brings the times of a key to the form in which the world keeps
// them, and fills in those that every key has.
func (k *record) completeTimes(now time.Time) {
	if k.CreatedAt.IsZero() {
		k.CreatedAt = now
	}
	for _, at := range []*time.Time{&k.CreatedAt, &k.UsedAt, &k.ExpiresAt} {
		*at = moment(*at)
	}
	for i := range k.Devices {
		d := &k.Devices[i]
		d.BoundAt = momentOr(d.BoundAt, k.CreatedAt)
		d.BoundBy = cmp.Or(d.BoundBy, BoundByManual)
	}
	if r := k.Redemption; r != nil {
		r.RedeemedAt = momentOr(r.RedeemedAt, k.CreatedAt)
		r.Status = cmp.Or(r.Status, statusRedeemed)
	}
}

// admitsKey says why a new key cannot be. Its number may be at most so large.
func (s *state) admitsKey(k *record, largest int64) error {
	if err := s.checkOwner(k.UserID); err != nil {
		return err
	}
	if err := checkID("key", k.ID, largest, s.keys.byID[k.ID] != nil); err != nil {
		return err
	}
	if s.keys.byValue[k.Value] != nil {
		return core.Taken("/value", "key")
	}
	return s.checkKey(k)
}

// checkKey says what about a key cannot be, whether or not it is there already.
// It may be without a provider and a value: a new one gets them.
func (s *state) checkKey(k *record) error {
	switch {
	case k.ProviderID != 0 && !s.providers.owned(k.ProviderID, k.UserID):
		return core.Nowhere("/provider", s.providers.place(), k.ProviderID)
	case k.ServiceID != 0 && !s.services.owned(k.ServiceID, k.UserID):
		return core.Nowhere("/service", s.services.place(), k.ServiceID)
	case k.FolderID != 0 && !s.folders.owned(k.FolderID, k.UserID):
		return core.Nowhere("/folder", s.folders.place(), k.FolderID)
	case k.ValidityMinutes < 0, k.ValidityMinutes > maxValidity:
		return core.BadMember("/validityMinutes", "%d is negative or over %d", k.ValidityMinutes, maxValidity)
	case k.HWIDLimit < 0:
		return core.BadMember("/hwidLimit", "%d is negative: 0 means none", k.HWIDLimit)
	}
	return cmp.Or(checkDevices(k.Devices), core.CheckWritable(k))
}

// checkWhole refuses a key without what a new one is given.
func (k *record) checkWhole() error {
	switch {
	case k.Value == "":
		return core.BadMember("/value", "cannot be empty")
	case k.ProviderID == 0:
		return core.BadMember("/provider", "cannot be empty: every key has one")
	}
	return nil
}

func checkDevices(devices []Device) error {
	for i, d := range devices {
		at := fmt.Sprintf("/hwids/%d", i)
		if d.HWID == "" {
			return core.BadMember(at+"/hwid", "is missing")
		}
		if slices.ContainsFunc(devices[:i], func(e Device) bool { return e.HWID == d.HWID }) {
			return core.BadMember(at+"/hwid", "%q is bound twice", core.Clip(d.HWID, core.MaxName))
		}
	}
	return nil
}
