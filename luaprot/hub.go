package luaprot

import (
	"context"
	"errors"

	"github.com/keysmith-go/keysmith/internal/luaprotwire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// Hub has the vendor's operations on the keys of one hub. Get it from
// [Client.Hub], as often as you like; it is safe for concurrent use.
//
// Each method names its endpoint and the class of its operation, which
// decides how often it may be sent; the package documentation explains the
// three classes. Every error is an [*Error]. Besides its own errors, every
// method may return [ErrNotFound] with [ErrNoHub] if there is no such hub, and
// those that any call may: [ErrUnauthorized], [ErrForbidden] with
// [ErrIPNotWhitelisted], [ErrInvalid], [ErrRateLimited], [ErrServer],
// [ErrBadResponse].
type Hub struct {
	id        string
	transport *transport.Client
}

// ID returns the id of the hub, as it was given to [Client.Hub].
func (h *Hub) ID() string { return h.id }

// Add creates one key and returns it, without the fields that depend on the
// method (see [Key]).
//
//	POST /api/v2/hubs/{hubId}/keys/add · Once
//
// After [ErrUnknownOutcome] there is one new key or none; never just call Add
// again. If the key is for a Discord user, get it with [ByDiscordID]: a hub has
// at most one key for each user, so [ErrNotFound] means that nothing was
// created, and then Add may be called again. A key with an earlier CreatedAt
// was there before and has kept Add from creating one. Without a Discord user,
// list the hub's keys with Unassigned set ([ListKeysParams]) and look for one
// with the Note of this call that was created since; the vendor has no filter
// for notes, so give each key a Note that occurs once, such as your order
// number. An error whose Outcome is [OutcomeApplied] means that the key exists
// but could not be read; find it in the same way.
//
// Errors: [ErrConflict] with [ErrAlreadyWhitelisted] if the Discord user has a
// key of the hub, or with [ErrUnassignedLimit]; [ErrInvalid] for parameters
// out of bounds or scripts of other hubs; [ErrUnknownOutcome].
func (h *Hub) Add(ctx context.Context, params AddKeyParams) (*Key, error) {
	req, err := addKeyRequest(h.id, &params)
	answer, err := call[addAnswer](ctx, h.transport, luaprotwire.AddKeyOp, req, err)
	if err != nil {
		return nil, err
	}
	return keyFromWire(answer.Key), nil
}

// Generate creates 5 to 300 unassigned keys that differ in nothing but their
// values, and returns the values.
//
//	POST /api/v2/hubs/{hubId}/keys/generate · Once
//
// A call creates all of its keys or none. After [ErrUnknownOutcome], list the
// hub's keys with Unassigned set ([ListKeysParams]) and count those with the
// Note of this call that were created since; a Note of its own for each call
// makes that sure. Never just call Generate again. After an error whose
// Outcome is [OutcomeApplied], find the keys in the same way.
//
// Errors: [ErrConflict] with [ErrUnassignedLimit] if the hub would have more
// than 300 unassigned keys; [ErrInvalid] for parameters out of bounds or
// scripts of other hubs; [ErrUnknownOutcome].
func (h *Hub) Generate(ctx context.Context, params GenerateKeysParams) ([]string, error) {
	req, err := generateKeysRequest(h.id, &params)
	answer, err := call[generateAnswer](ctx, h.transport, luaprotwire.GenerateKeysOp, req, err)
	if err != nil {
		return nil, err
	}
	return answer.Keys, nil
}

// Get returns one key with everything but the name of its hub. Looking a key
// up neither counts as a use nor binds a device.
//
//	GET /api/v1/hubs/{hubId}/keys/info · Read
//
// Errors: [ErrNotFound], which the vendor answers with status 400;
// [ErrInvalid] for a reference that can lead to no key.
func (h *Hub) Get(ctx context.Context, ref KeyRef) (*Key, error) {
	req, err := lookupRequest(h.id, ref, luaprotwire.NewGetKeyInfoRequest)
	answer, err := call[getAnswer](ctx, h.transport, luaprotwire.GetKeyInfoOp, req, err)
	if err != nil {
		return nil, err
	}
	return keyFromWire(answer.Key), nil
}

// Update changes the fields of a key that params sets, leaves the others
// alone, and returns the changed key, without the fields that depend on the
// method (see [Key]).
//
//	PATCH /api/v2/hubs/{hubId}/keys/update · Idempotent, with exceptions
//
// Two kinds of update are Once, since a second delivery would do something
// else than the first: one that sets ExpiresIn, which counts from the moment
// of delivery, and one that changes the DiscordID by which it looks the key
// up. To have the latter repeated, look the key up with [ByKey].
//
// After [ErrUnknownOutcome] get the key (by the new Discord user, if that is
// how it was looked up and changed) and compare it with params. Calling Update
// again does no harm as long as nobody else changes the key, but counts
// ExpiresIn anew.
//
// Errors: [ErrNotFound]; [ErrConflict] with [ErrAlreadyWhitelisted] if the new
// Discord user has a key of the hub; [ErrForbidden] with
// [ErrGloballyBlacklisted] if Blacklisted is set to false on such a key;
// [ErrInvalid] for parameters out of bounds, scripts of other hubs, or a
// reference that can lead to no key; [ErrUnknownOutcome].
func (h *Hub) Update(ctx context.Context, ref KeyRef, params UpdateKeyParams) (*Key, error) {
	req, err := updateKeyRequest(h.id, ref, &params)
	answer, err := call[updateAnswer](ctx, h.transport, luaprotwire.UpdateKeyOp, req, err)
	if err != nil {
		return nil, err
	}
	return keyFromWire(answer.Key), nil
}

// Blacklist bars a key until [Hub.Unblacklist]. The reason is kept with the
// key; with "", the one that is there stays. It is an Update of Blacklisted and
// BlacklistReason, Idempotent and with its errors.
func (h *Hub) Blacklist(ctx context.Context, ref KeyRef, reason string) (*Key, error) {
	params := UpdateKeyParams{Blacklisted: Set(true)}
	if reason != "" {
		params.BlacklistReason = Set(reason)
	}
	return h.Update(ctx, ref, params)
}

// Unblacklist lets a blacklisted key work again and drops the reason. It is an
// Update of Blacklisted, Idempotent and with its errors; in particular
// [ErrGloballyBlacklisted], if it was the vendor who barred the key.
func (h *Hub) Unblacklist(ctx context.Context, ref KeyRef) (*Key, error) {
	return h.Update(ctx, ref, UpdateKeyParams{Blacklisted: Set(false)})
}

// Delete deletes one key for good; its Discord user can get another one. To
// switch a key off so that it can be switched on again, call [Hub.Blacklist].
//
//	DELETE /api/v1/hubs/{hubId}/keys/delete · Idempotent
//
// If the vendor does not find the key after an attempt whose outcome is
// unknown, the key is gone, most likely by that attempt, and Delete succeeds.
// After [ErrUnknownOutcome] call Delete again; then [ErrNotFound] means that it
// is done. A repeat [ByDiscordID] deletes the key that the user has then, so use
// [ByKey] where somebody may add a new one meanwhile.
//
// Errors: [ErrNotFound], which the vendor answers with status 400;
// [ErrInvalid] for a reference that can lead to no key; [ErrUnknownOutcome].
func (h *Hub) Delete(ctx context.Context, ref KeyRef) error {
	req, err := lookupRequest(h.id, ref, luaprotwire.NewDeleteKeyRequest)
	_, err = call[luaprotwire.DeleteKeyResponse](ctx, h.transport, luaprotwire.DeleteKeyOp, req, err)
	if transport.Gone(err) && !errors.Is(err, ErrNoHub) {
		return nil
	}
	return err
}

// ResetHWID unbinds the device of a key, so that the next one that runs it is
// bound, and returns the values of the keys that were reset: one, as far as is
// known. It does not wait for the time that the hub may demand between two
// resets, and it counts in [Key].HWIDResetCount even if no device was bound.
// It leaves everything else alone; a key that was used stays Activated.
//
//	PATCH /api/v1/hubs/{hubId}/hwid/reset · Once
//
// It is not repeated after a lost answer, because that would also unbind a
// device that was bound meanwhile. After [ErrUnknownOutcome] get the key: a
// LastHWIDResetAt since the call, or a HWIDResetCount above the one before it,
// means that the reset took place. Call it again only if neither has changed.
//
// Errors: [ErrNotFound], which the vendor answers with status 400;
// [ErrInvalid] for a reference that can lead to no key; [ErrUnknownOutcome].
func (h *Hub) ResetHWID(ctx context.Context, ref KeyRef) ([]string, error) {
	req, err := lookupRequest(h.id, ref, luaprotwire.NewResetHWIDRequest)
	answer, err := call[luaprotwire.ResetHWIDResponse](ctx, h.transport, luaprotwire.ResetHWIDOp, req, err)
	if err != nil {
		return nil, err
	}
	return answer.Resets, nil
}
