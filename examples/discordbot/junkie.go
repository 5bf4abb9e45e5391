package main

import (
	"context"
	"errors"
	"time"

	"github.com/keysmith-go/keysmith/junkie"
)

// Junkie is a Vendor at which a key can be meant for a Discord user. A user may
// have several; the bot works on one of them.
type Junkie struct {
	Keys       *junkie.KeysService
	ProviderID int64 // whose keys are this bot's business
	Now        func() time.Time
}

// Lookup gets a key by its text.
func (v Junkie) Lookup(ctx context.Context, key string) (License, error) {
	got, err := v.Keys.Get(ctx, junkie.Value(key))
	switch {
	case errors.Is(err, junkie.ErrNotFound), errors.Is(err, junkie.ErrInvalid): // or a text that no key can have
		return License{}, ErrNoKey
	case err != nil:
		return License{}, err
	case got.ProviderID != v.ProviderID: // a key for another product of yours
		return License{}, ErrNoKey
	}
	return v.license(got), nil
}

// Of picks one of the user's keys: one that works, else one that was switched off,
// else the newest.
func (v Junkie) Of(ctx context.Context, user string) (License, error) {
	if user == "" {
		return License{}, errors.New("no user: the list would be of everybody's keys")
	}
	var licenses []License
	for key, err := range v.Keys.All(ctx, junkie.ListKeysParams{ProviderID: v.ProviderID, DiscordID: user}) {
		if err != nil {
			return License{}, err
		}
		if key.DiscordID != user {
			continue // never show a key to anybody else
		}
		licenses = append(licenses, v.license(key))
	}
	for _, fits := range []func(License) bool{
		func(l License) bool { return l.Works(v.Now()) },
		func(l License) bool { return l.Barred },
		func(License) bool { return true },
	} {
		for _, license := range licenses {
			if fits(license) {
				return license, nil
			}
		}
	}
	return License{}, ErrNoKey
}

func (v Junkie) license(key *junkie.Key) License {
	license := License{
		Key:       key.Value,
		Owner:     key.DiscordID,
		Barred:    key.Invalidated,
		ExpiresAt: key.ExpiresAt,
	}
	if key.ExpiresAt.IsZero() && key.ExpiryOnFirstUse {
		license.Runs = key.Validity
	}
	for _, hwid := range key.HWIDs {
		license.Devices = append(license.Devices, Device{ID: hwid.Value, BoundAt: hwid.BoundAt})
	}
	return license
}

// Give changes whose the key is.
func (v Junkie) Give(ctx context.Context, key, user string) error {
	to := junkie.Set(user)
	if user == "" {
		to = junkie.Null[string]()
	}
	_, err := v.Keys.Update(ctx, junkie.Value(key), junkie.UpdateKeyParams{DiscordID: to})
	return err
}

// Reset unbinds all devices of the key.
func (v Junkie) Reset(ctx context.Context, key string) error {
	return v.Keys.ResetHWIDs(ctx, junkie.Value(key))
}

// Unknown reports whether a call that failed may have taken effect.
func (v Junkie) Unknown(err error) bool {
	var e *junkie.Error
	return errors.As(err, &e) && e.Outcome != junkie.OutcomeNotApplied
}
