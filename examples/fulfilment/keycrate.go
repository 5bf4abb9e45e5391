package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/keysmith-go/keysmith/keycrate"
)

// KeycrateSeller sells at Keycrate. Its licenses have tags, of which the order is
// one, and lists can be filtered by them; two licenses can have the same tag, so
// that only a look prevents a second.
type KeycrateSeller struct {
	Licenses       *keycrate.LicensesService
	AppID          string
	SubscriptionID string
	Duration       keycrate.Duration
}

// Issue creates a license that bears the order as its tag.
func (s *KeycrateSeller) Issue(ctx context.Context, order Order) (string, error) {
	license, err := s.Licenses.Create(ctx, keycrate.CreateLicenseParams{
		AppID:          s.AppID,
		SubscriptionID: s.SubscriptionID,
		Duration:       s.Duration,
		Tags:           []string{order.Label()},
	})
	if err == nil {
		return license.Key, nil
	}
	var e *keycrate.Error
	if errors.As(err, &e) && e.Outcome != keycrate.OutcomeUnknown {
		err = &Failure{Err: err, Issued: e.Outcome == keycrate.OutcomeApplied, RetryAfter: e.RetryAfter}
	}
	return "", err
}

// Find lists the licenses with the order's tag. The vendor does not document that
// it filters by tags, nor that it shows them: what has another tag is not meant,
// and what shows none may be.
func (s *KeycrateSeller) Find(ctx context.Context, order Order) (keys []string, err error) {
	untold := false
	for license, err := range s.Licenses.All(ctx, keycrate.ListLicensesParams{AppID: s.AppID, Tags: []string{order.Label()}}) {
		switch {
		case err != nil:
			return nil, err
		case slices.Contains(license.Tags, order.Label()) && !slices.Contains(keys, license.Key):
			keys = append(keys, license.Key)
		case len(license.Tags) == 0:
			untold = true
		}
	}
	if len(keys) == 0 && untold {
		return nil, fmt.Errorf("%w: the vendor lists licenses without their tags: look for %q in its dashboard", ErrReview, order.Label())
	}
	return keys, nil
}
