package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// Command carries out a command of a Discord user, known by an id of digits, and
// returns the reply. Show it to that user only: it may have a key in it.
type Command func(ctx context.Context, user string, options map[string]string) string

// License is what a vendor knows of a key.
type License struct {
	Key       string
	Owner     string // the Discord user whose it is; "" = nobody's yet
	Barred    bool   // switched off by the seller
	ExpiresAt time.Time
	Runs      time.Duration // from its first use on, where it is not in use yet; 0 = see ExpiresAt
	Devices   []Device      // that are bound to it
	Resets    int           // how often they were reset; 0 also if the vendor does not say
	LastReset time.Time     // zero also if the vendor does not say
}

// Device is one that is bound to a key.
type Device struct {
	ID      string
	BoundAt time.Time // zero = the vendor does not say
}

// Works reports whether the key can be used.
func (l License) Works(now time.Time) bool { return !l.Barred && !l.expired(now) }

func (l License) expired(now time.Time) bool {
	return !l.ExpiresAt.IsZero() && !now.Before(l.ExpiresAt)
}

// resetSince reports whether the devices that were bound before have been unbound.
// The same one may be bound again by now.
func (l License) resetSince(before License) bool {
	return l.Resets > before.Resets || !slices.ContainsFunc(l.Devices, func(d Device) bool {
		return slices.ContainsFunc(before.Devices, func(old Device) bool { return d.ID == old.ID && d.BoundAt.Equal(old.BoundAt) })
	})
}

// ErrNoKey is what a Vendor says if there is no such key.
var ErrNoKey = errors.New("no such key")

// Vendor is what the commands need of one.
type Vendor interface {
	Lookup(ctx context.Context, key string) (License, error) // a key that somebody has typed
	Of(ctx context.Context, user string) (License, error)    // the key that a user has
	Give(ctx context.Context, key, user string) error        // to a user, or to nobody again
	Reset(ctx context.Context, key string) error             // unbinds all devices
	// Unknown reports whether a call that failed may have taken effect.
	Unknown(err error) bool
}

// Bot has the commands.
type Bot struct {
	Vendor   Vendor
	Cooldown time.Duration // between two resets of one key
	Now      func() time.Time
	Log      *slog.Logger // for the staff

	busy   sync.Map // the users and keys that a command is at work on
	resets sync.Map // when this bot reset which key, for vendors that do not say
}

// Commands returns the commands by their names. Of one user, they carry out one at
// a time.
func (b *Bot) Commands() map[string]Command {
	alone := func(command Command) Command {
		return func(ctx context.Context, user string, options map[string]string) string {
			if user == "" {
				return b.sorry(user, errors.New("the user has no id"))
			}
			if !b.begin("user " + user) {
				return stillBusy
			}
			defer b.end("user " + user)
			return command(ctx, user, options)
		}
	}
	return map[string]Command{"redeem": alone(b.redeem), "reset": alone(b.reset), "mykey": alone(b.myKey)}
}

// redeem makes a key that the user has bought elsewhere the user's own.
func (b *Bot) redeem(ctx context.Context, user string, options map[string]string) string {
	typed := strings.TrimSpace(options["key"])
	if typed == "" {
		return "Which key? Type /redeem and your key."
	}
	if !b.begin("key " + typed) { // of another user
		return stillBusy
	}
	defer b.end("key " + typed)

	license, err := b.Vendor.Lookup(ctx, typed)
	switch {
	case errors.Is(err, ErrNoKey):
		return "There is no such key. Is it typed correctly?"
	case err != nil:
		return b.sorry(user, err)
	case license.Owner == user:
		return "That key is yours already. " + b.describe(license)
	case license.Owner != "":
		return "That key belongs to somebody else."
	case !license.Works(b.Now()):
		return "That key does not work any more."
	}
	old, err := b.Vendor.Of(ctx, user)
	switch {
	case errors.Is(err, ErrNoKey):
	case err != nil:
		return b.sorry(user, err)
	case old.Barred:
		return "Your key was switched off. Please write to the staff."
	case old.Works(b.Now()):
		return "You have a key already. " + b.describe(old)
	default: // it is over, and makes room for the new one
		if err := b.Vendor.Give(ctx, old.Key, ""); err != nil {
			return b.sorry(user, err)
		}
	}

	err = b.Vendor.Give(ctx, typed, user)
	if err != nil && b.Vendor.Unknown(err) {
		if now, failed := b.Vendor.Lookup(ctx, typed); failed == nil && now.Owner == user {
			err = nil // it has worked, only the answer was lost
		}
	}
	if err != nil {
		return b.sorry(user, err)
	}
	return "The key is yours. " + b.describe(license)
}

// reset unbinds the devices of the user's key, so that it works on a new one.
func (b *Bot) reset(ctx context.Context, user string, _ map[string]string) string {
	license, err := b.Vendor.Of(ctx, user)
	switch {
	case err != nil:
		return b.sorry(user, err)
	case len(license.Devices) == 0:
		return "Your key is bound to no device. Just start the program on the one that you want."
	}
	last := license.LastReset
	if noted, ok := b.resets.Load(license.Key); ok && noted.(time.Time).After(last) {
		last = noted.(time.Time)
	}
	if wait := last.Add(b.Cooldown).Sub(b.Now()); !last.IsZero() && wait > 0 {
		return "You can reset your device again in " + span(wait) + "."
	}

	err = b.Vendor.Reset(ctx, license.Key)
	if err != nil && b.Vendor.Unknown(err) {
		if now, failed := b.Vendor.Lookup(ctx, license.Key); failed == nil && now.resetSince(license) {
			err = nil
		}
	}
	if err != nil {
		return b.sorry(user, err) // and no cooldown: if it has not worked, the user may try again
	}
	b.resets.Store(license.Key, b.Now())
	return "Done. Start the program on your new device."
}

// myKey shows the user's key.
func (b *Bot) myKey(ctx context.Context, user string, _ map[string]string) string {
	license, err := b.Vendor.Of(ctx, user)
	if err != nil {
		return b.sorry(user, err)
	}
	return fmt.Sprintf("Your key is %s. %s", license.Key, b.describe(license))
}

// describe says in a sentence how a key is.
func (b *Bot) describe(license License) string {
	bound := fmt.Sprintf(", and is bound to %d devices", len(license.Devices))
	switch len(license.Devices) {
	case 0:
		bound = ""
	case 1:
		bound = ", and is bound to a device"
	}
	switch {
	case license.Barred:
		return "It was switched off. Please write to the staff."
	case license.expired(b.Now()):
		return "It ended on " + license.ExpiresAt.Format(time.DateOnly) + "."
	case license.Runs != 0:
		return "It works for " + span(license.Runs) + " from its first use on" + bound + "."
	case license.ExpiresAt.IsZero():
		return "It works for ever" + bound + "."
	default:
		return "It works until " + license.ExpiresAt.Format(time.DateOnly) + bound + "."
	}
}

const stillBusy = "One moment, I am still at work on that."

// sorry tells the user that it has not worked, and the staff why. What the vendor
// says is for the staff only.
func (b *Bot) sorry(user string, err error) string {
	var passing interface{ Temporary() bool }
	switch {
	case errors.Is(err, ErrNoKey):
		return "You have no key. Type /redeem and the one that you have bought."
	case b.Vendor.Unknown(err):
		b.Log.Warn("not known whether it has worked", "user", user, "reason", err)
		return "I could not find out whether that has worked. Please try again in a minute."
	case errors.As(err, &passing) && passing.Temporary():
		b.Log.Warn("vendor busy", "user", user, "reason", err)
		return "There is too much to do at the moment. Please try again in a minute."
	default:
		b.Log.Error("command failed", "user", user, "reason", err)
		return "Something is wrong on our side. The staff knows."
	}
}

// begin keeps all others away from a user or a key, until end; false if somebody is
// at work on it.
func (b *Bot) begin(name string) bool {
	_, busy := b.busy.LoadOrStore(name, true)
	return !busy
}

func (b *Bot) end(name string) { b.busy.Delete(name) }

// span is a time in words: "3 days", "2 hours", "1 minute".
func span(d time.Duration) string {
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}} {
		if n := (d + unit.size/2) / unit.size; n > 1 {
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	if n := max(1, (d+time.Minute-1)/time.Minute); n > 1 {
		return fmt.Sprintf("%d minutes", n)
	}
	return "1 minute"
}
