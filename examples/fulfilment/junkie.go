package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/junkie"
)

// JunkieSeller sells at Junkie. Its keys have a name, which is the order's, and
// lists show it; two keys can have the same one, so that only a look prevents a
// second.
type JunkieSeller struct {
	Keys       *junkie.KeysService
	ProviderID int64
	Validity   time.Duration // whole minutes; 0 = forever
}

// Issue creates a key that bears the order's name.
func (s *JunkieSeller) Issue(ctx context.Context, order Order) (string, error) {
	key, err := s.Keys.Create(ctx, junkie.CreateKeyParams{
		ProviderID: s.ProviderID,
		Name:       order.Label(),
		DiscordID:  order.DiscordID,
		Validity:   s.Validity,
	})
	if err == nil {
		return key.Value, nil
	}
	var e *junkie.Error
	if errors.As(err, &e) && e.Outcome != junkie.OutcomeUnknown {
		err = &Failure{Err: err, Issued: e.Outcome == junkie.OutcomeApplied, RetryAfter: e.RetryAfter}
	}
	return "", err
}

// Find walks over all keys of the provider, since nobody promises that the newest
// come first. It does so twice before it says that there is none: keys that
// others delete meanwhile shift the pages.
func (s *JunkieSeller) Find(ctx context.Context, order Order) (keys []string, err error) {
	for pass := 0; pass < 2 && len(keys) == 0; pass++ {
		for key, err := range s.Keys.All(ctx, junkie.ListKeysParams{ProviderID: s.ProviderID}) {
			if err != nil {
				return nil, err
			}
			if key.Name == order.Label() && !slices.Contains(keys, key.Value) {
				keys = append(keys, key.Value)
			}
		}
	}
	return keys, nil
}
