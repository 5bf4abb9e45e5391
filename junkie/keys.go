package junkie

import (
	"context"

	"github.com/keysmith-go/keysmith/internal/junkiewire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// KeysService has the vendor's operations on license keys. Get it from
// [Client.Keys].
//
// Each method names its endpoint and the class of its operation, which
// decides how often it may be sent; the package documentation explains the
// three classes. Every error is an [*Error]. Besides its own errors, every
// method may return those that any call may: [ErrUnauthorized],
// [ErrForbidden], [ErrInvalid], [ErrRateLimited], [ErrServer],
// [ErrBadResponse].
type KeysService struct {
	transport *transport.Client
}

// Create creates one key and returns it.
//
//	POST /keys · Once
//
// After [ErrUnknownOutcome] there is one new key or none; never just call
// Create again. List the keys of the provider ([ListKeysParams].ProviderID),
// which come newest first, and look for one with the Name and settings of this
// call that was created since. The vendor has no filter for names, so give
// each key a Name that occurs once, such as your order number. An error whose
// Outcome is [OutcomeApplied] means that the key exists but could not be read;
// find it in the same way.
//
// Errors: [ErrInvalid] for parameters out of bounds; [ErrNotFound] if the
// provider, service or folder does not exist; [ErrUnknownOutcome].
func (s *KeysService) Create(ctx context.Context, params CreateKeyParams) (*Key, error) {
	req, err := createKeyRequest(&params)
	answer, err := call[createAnswer](ctx, s.transport, junkiewire.CreateKeyOp, req, err)
	if err != nil {
		return nil, err
	}
	return keyFromWire(answer.Key), nil
}

// CreateBatch creates up to 100 keys that differ in nothing but their values,
// and returns the values.
//
//	POST /keys/batch · Once
//
// A batch creates all of its keys or none. After [ErrUnknownOutcome], list the
// keys of the provider, which come newest first, and count those with the Name
// and settings of this call that were created since; a Name of its own for
// each batch makes that sure. Never just call CreateBatch again. After an
// error whose Outcome is [OutcomeApplied], find the keys in the same way.
//
// Errors: [ErrInvalid] for parameters out of bounds; [ErrNotFound] if the
// provider, service or folder does not exist; [ErrUnknownOutcome].
func (s *KeysService) CreateBatch(ctx context.Context, params CreateBatchParams) (*KeyBatch, error) {
	req, err := createBatchRequest(&params)
	answer, err := call[batchAnswer](ctx, s.transport, junkiewire.CreateKeysOp, req, err)
	if err != nil {
		return nil, err
	}
	return batchFromWire(&answer.CreateKeysResponse), nil
}

// Get returns one key, including its [Key.DiscordRedemption]. Looking a key up
// neither counts as a use nor binds a device.
//
//	GET /keys/{keyId} · Read
//
// To check a key that a user entered, get it with [Value] and then ask
// [Key.Usable].
//
// Errors: [ErrNotFound]; [ErrInvalid] for a reference that cannot be looked up
// (see [Value]).
func (s *KeysService) Get(ctx context.Context, ref KeyRef) (*Key, error) {
	req, err := refRequest(ref, junkiewire.NewGetKeyRequest)
	answer, err := call[getAnswer](ctx, s.transport, junkiewire.GetKeyOp, req, err)
	if err != nil {
		return nil, err
	}
	return detailedKeyFromWire(answer.Key), nil
}

// List returns one page of keys.
//
//	GET /keys · Read
//
// A page past the last one is empty and no error. To walk over all pages, use
// [KeysService.All].
//
// Errors: [ErrInvalid] for parameters out of bounds.
func (s *KeysService) List(ctx context.Context, params ListKeysParams) (*KeyPage, error) {
	req, err := listKeysRequest(&params)
	answer, err := call[listAnswer](ctx, s.transport, junkiewire.ListKeysOp, req, err)
	if err != nil {
		return nil, err
	}
	return pageFromWire(&answer.ListKeysResponse), nil
}

// Update changes the fields of a key that params sets, and leaves the others
// alone.
//
//	PUT /keys/{keyId} · Idempotent
//
// After [ErrUnknownOutcome] get the key and compare it with params, or call
// Update again. The same values twice do no harm as long as nobody else
// changes the key; if somebody does, a repeat undoes that. With HWIDs, every
// delivery binds the devices anew: a repeat moves their BoundAt to its own time,
// and nothing else.
//
// Errors: [ErrNotFound] if the key or the new folder does not exist;
// [ErrInvalid] for parameters out of bounds; [ErrUnknownOutcome].
func (s *KeysService) Update(ctx context.Context, ref KeyRef, params UpdateKeyParams) (*UpdateKeyResult, error) {
	req, err := updateKeyRequest(ref, &params)
	answer, err := call[junkiewire.UpdateKeyResponse](ctx, s.transport, junkiewire.UpdateKeyOp, req, err)
	if err != nil {
		return nil, err
	}
	return updateResultFromWire(&answer), nil
}

// Delete deletes one key for good. To switch a key off so that it can be
// switched on again, update its Invalidated.
//
//	DELETE /keys/{keyId} · Idempotent
//
// If the vendor does not find the key after an attempt whose outcome is
// unknown, the key is gone, most likely by that attempt, and Delete succeeds.
// After [ErrUnknownOutcome] call Delete again; then [ErrNotFound] means that it
// is done.
//
// Errors: [ErrNotFound]; [ErrInvalid] for a reference that cannot be looked up
// (see [Value]); [ErrUnknownOutcome].
func (s *KeysService) Delete(ctx context.Context, ref KeyRef) error {
	req, err := refRequest(ref, junkiewire.NewDeleteKeyRequest)
	_, err = call[transport.None](ctx, s.transport, junkiewire.DeleteKeyOp, req, err)
	if transport.Gone(err) {
		return nil
	}
	return err
}

// BulkDelete deletes 1 to 1000 keys for good; longer lists are the caller's
// to split. References that lead to no key are skipped: compare the two
// numbers of the result to notice.
//
//	POST /keys/bulk-delete · Idempotent
//
// If an attempt was repeated, the numbers are those of the last one: keys
// that an earlier attempt deleted are missing from Deleted. After
// [ErrUnknownOutcome] call it again with the same references, which deletes
// what is left.
//
// Errors: [ErrInvalid] for an empty or too long list, or a reference that
// names nothing; [ErrUnknownOutcome].
func (s *KeysService) BulkDelete(ctx context.Context, refs []KeyRef) (*BulkDeleteResult, error) {
	req, err := bulkDeleteRequest(refs)
	answer, err := call[bulkDeleteAnswer](ctx, s.transport, junkiewire.DeleteKeysOp, req, err)
	if err != nil {
		return nil, err
	}
	result := bulkResultFromWire(&answer.DeleteKeysResponse)
	if answer.Requested == nil {
		result.Requested = len(refs)
	}
	return result, nil
}

// ResetHWIDs unbinds all devices of a key, so that others can take their
// places. It leaves everything else alone: a one-time key that was used stays
// used, and the expiry stays where it is.
//
//	POST /keys/{keyId}/reset-hwid · Once
//
// It is not repeated after a lost answer, because that would also unbind a
// device that was bound meanwhile. After [ErrUnknownOutcome] get the key and
// look at its HWIDs: none, or only some with a later BoundAt, mean that the
// reset took place. Call it again only if the old ones are still there.
//
// Errors: [ErrNotFound]; [ErrInvalid] for a reference that cannot be looked up
// (see [Value]); [ErrUnknownOutcome].
func (s *KeysService) ResetHWIDs(ctx context.Context, ref KeyRef) error {
	req, err := refRequest(ref, junkiewire.NewResetKeyHWIDsRequest)
	_, err = call[junkiewire.ResetKeyHWIDsResponse](ctx, s.transport, junkiewire.ResetKeyHWIDsOp, req, err)
	return err
}

// Folders returns all folders of the account.
//
//	GET /keys/folders · Read
//
// Errors are those that any call may return.
func (s *KeysService) Folders(ctx context.Context) ([]KeyFolder, error) {
	req, err := junkiewire.NewListFoldersRequest()
	answer, err := call[foldersAnswer](ctx, s.transport, junkiewire.ListFoldersOp, req, err)
	if err != nil {
		return nil, err
	}
	return foldersFromWire(answer.response()), nil
}
