package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/keysmith-go/keysmith/luaprot"
)

// LuaProtSeller sells at LuaProt. A Discord user has at most one key of a hub,
// which the vendor itself sees to: that is how the key is found again.
type LuaProtSeller struct {
	Hub       *luaprot.Hub
	ExpiresIn time.Duration // at least an hour; 0 = forever
}

// Issue adds a key for the buyer, with the order as its note.
func (s *LuaProtSeller) Issue(ctx context.Context, order Order) (string, error) {
	if order.DiscordID == "" {
		return "", fmt.Errorf("%w: the order does not say which Discord user has bought", ErrReview)
	}
	key, err := s.Hub.Add(ctx, luaprot.AddKeyParams{DiscordID: order.DiscordID, Note: order.Label(), ExpiresIn: s.ExpiresIn})
	if err == nil {
		return key.Value, nil
	}
	var e *luaprot.Error
	switch {
	case errors.Is(err, luaprot.ErrAlreadyWhitelisted):
		// The buyer has a key: this order's or an older one. Find tells.
	case errors.As(err, &e) && e.Outcome != luaprot.OutcomeUnknown:
		err = &Failure{Err: err, Issued: e.Outcome == luaprot.OutcomeApplied, RetryAfter: e.RetryAfter}
	}
	return "", err
}

// Find gets the key that the buyer has in the hub.
func (s *LuaProtSeller) Find(ctx context.Context, order Order) ([]string, error) {
	key, err := s.Hub.Get(ctx, luaprot.ByDiscordID(order.DiscordID))
	switch {
	case errors.Is(err, luaprot.ErrNotFound) && !errors.Is(err, luaprot.ErrNoHub):
		return nil, nil
	case err != nil:
		return nil, err
	case key.Note != order.Label():
		return nil, fmt.Errorf("%w: the buyer has another key already, %q: prolong that one, or give the money back", ErrReview, key.Note)
	default:
		return []string{key.Value}, nil
	}
}
