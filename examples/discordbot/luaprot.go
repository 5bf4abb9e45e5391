package main

import (
	"context"
	"errors"

	"github.com/keysmith-go/keysmith/luaprot"
)

// LuaProt is a Vendor at which keys belong to Discord users: one in each hub.
type LuaProt struct{ Hub *luaprot.Hub }

// Lookup gets a key by its text.
func (v LuaProt) Lookup(ctx context.Context, key string) (License, error) {
	license, err := v.get(ctx, luaprot.ByKey(key))
	if errors.Is(err, luaprot.ErrInvalid) { // a text that no key can have
		return License{}, ErrNoKey
	}
	return license, err
}

// Of gets the user's key.
func (v LuaProt) Of(ctx context.Context, user string) (License, error) {
	return v.get(ctx, luaprot.ByDiscordID(user))
}

func (v LuaProt) get(ctx context.Context, ref luaprot.KeyRef) (License, error) {
	key, err := v.Hub.Get(ctx, ref)
	switch {
	case errors.Is(err, luaprot.ErrNotFound) && !errors.Is(err, luaprot.ErrNoHub):
		return License{}, ErrNoKey
	case err != nil:
		return License{}, err
	}
	license := License{
		Key:       key.Value,
		Owner:     key.DiscordID,
		Barred:    key.Blacklisted,
		ExpiresAt: key.ExpiresAt,
		Resets:    key.HWIDResetCount,
		LastReset: key.LastHWIDResetAt,
	}
	if hwid, bound := key.HWID.Get(); bound {
		license.Devices = []Device{{ID: hwid}}
	}
	return license, nil
}

// Give changes whose the key is. By its text, so that the client may repeat it.
func (v LuaProt) Give(ctx context.Context, key, user string) error {
	to := luaprot.Set(user)
	if user == "" {
		to = luaprot.Null[string]()
	}
	_, err := v.Hub.Update(ctx, luaprot.ByKey(key), luaprot.UpdateKeyParams{DiscordID: to})
	return err
}

// Reset unbinds the key's device.
func (v LuaProt) Reset(ctx context.Context, key string) error {
	_, err := v.Hub.ResetHWID(ctx, luaprot.ByKey(key))
	return err
}

// Unknown reports whether a call that failed may have taken effect.
func (v LuaProt) Unknown(err error) bool {
	var e *luaprot.Error
	return errors.As(err, &e) && e.Outcome != luaprot.OutcomeNotApplied
}
