package keygen

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"time"

	"github.com/keysmith-go/keysmith/internal/keygenwire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// KeysService has the vendor's operations on the unused keys of all pools. Get
// it from [Client.Keys]. What concerns the pool of one policy is in [Pool].
//
// Each method names its endpoint and the class of its operation, which decides
// how often it may be sent; the package documentation explains the three
// classes. Every error is an [*Error]. Besides its own errors, every method may
// return those that any call may: [ErrUnauthorized], [ErrForbidden],
// [ErrAccountNotFound], [ErrRateLimited], [ErrServer], [ErrBadResponse], each
// with the errors that its text names.
type KeysService struct{ service service }

// Create puts a key into the pool of a policy.
//
//	POST /accounts/{account}/keys · Idempotent
//
// No other key of the account can have the same string, so a repeat after a
// lost answer cannot make a second one: the vendor answers that the string is
// taken or, while the first attempt is still under way, with a plain conflict.
// In that case, Create looks for the key among the policy's newest. If
// it is there and was created since Create was called, by the vendor's clock
// and with 2 s to spare, it is taken for this call's own and returned. A key
// that somebody else put into the same pool in that very time and with the
// same string cannot be told apart. One that is older proves that this call
// created none, which is a plain [ErrKeyTaken]; of the keys from before the
// call, the newest 1,000 are looked at.
//
// After [ErrUnknownOutcome] list the policy's keys: if the string is there, the
// key exists. If not, nothing was created, or the key has left the pool again:
// a license that was drawn with it is found by its key, of a key that was popped
// the vendor keeps no trace. Where nobody pops, call Create again: success means
// that the key is there, [ErrKeyTaken] that it was there already, in this pool
// or another, and [ErrKeyConflict] that a license has it. Where somebody pops
// while keys are being created, even a repeat that Create makes by itself may
// put a string back that was popped a moment before; set Retry.MaxAttempts to 1
// to rule that out.
//
// Errors: [ErrKeyTaken]; [ErrKeyConflict]; [ErrPoolNotSupported] if the policy
// has no pool; [ErrInvalid] for other parameters out of bounds or a policy that
// does not exist, of which a product's token gets [ErrForbidden];
// [ErrUnknownOutcome].
func (s *KeysService) Create(ctx context.Context, params CreateKeyParams) (*Key, error) {
	began := time.Now()
	req, err := s.service.createKey(params)
	answer, err := call[keyAnswer](ctx, s.service, keygenwire.CreateKeyOp, req, err)
	if err != nil {
		return s.ownKey(ctx, params, began, err)
	}
	return keyFromWire(answer.Data), nil
}

// Get returns one key by its id. By its string, the vendor finds none.
//
//	GET /accounts/{account}/keys/{keyId} · Read
//
// Errors: [ErrNotFound], also once the key was popped or drawn for a license;
// [ErrInvalid] for what is no id.
func (s *KeysService) Get(ctx context.Context, keyID string) (*Key, error) {
	req, err := s.service.one("keyID", keyID, keygenwire.NewGetKeyRequest)
	answer, err := call[keyAnswer](ctx, s.service, keygenwire.GetKeyOp, req, err)
	if err != nil {
		return nil, err
	}
	return keyFromWire(answer.Data), nil
}

// List returns some keys, or one page of them. To walk over all, use
// [KeysService.All].
//
//	GET /accounts/{account}/keys · Read
//
// A product's token sees the keys of its own policies only. What selects
// nothing gives an empty list and no error.
//
// Errors: [ErrInvalid] for parameters out of bounds or that do not go together.
func (s *KeysService) List(ctx context.Context, params ListKeysParams) (*Page[Key], error) {
	req, err := s.service.listKeys(params)
	return list(ctx, s.service, keygenwire.ListKeysOp, params.Cursor, keyFromWire, req, err)
}

// All walks over the keys that params selects, page after page, however many
// there are. It fetches a page only when the loop needs it, and ends after the
// first error, which comes with a nil key. Each range over the result starts
// anew.
//
//	GET /accounts/{account}/keys · Read, once per page
//
// Keys may be created and removed while the loop runs, the latter also by
// drawing licenses. No key that was there all the time is missed, and none
// comes twice. Those that are created meanwhile come along with OldestFirst,
// and do not with NewestFirst. If the very key after which All goes on is
// removed, it goes on after the one before; only if none of the last 100 is
// left, the walk ends with [ErrListBroken], as it does when the loop itself
// deletes every key that it gets: collect them first. With Cursor set, All
// starts after that key, and finds nothing if it is gone.
//
// Errors are those of [KeysService.List], and [ErrListBroken].
func (s *KeysService) All(ctx context.Context, params ListKeysParams) iter.Seq2[*Key, error] {
	params.PageSize = cmp.Or(params.PageSize, maxRows)
	return walkOver(s.service, keygenwire.ListKeysOp, params.Cursor, (*Key).id, func(cursor string) (*Page[Key], error) {
		params := params
		params.Cursor = Set(cursor)
		return s.List(ctx, params)
	})
}

// Update replaces the string of a key and returns the changed key. A key cannot
// be moved to another policy.
//
//	PATCH /accounts/{account}/keys/{keyId} · Idempotent
//
// [ErrKeyTaken] always means that nothing was changed: a key that has the
// string already, say by an attempt before, is not in its own way. After
// [ErrUnknownOutcome] get the key and look at its string. Calling Update again
// does no harm as long as nobody else changes the key. If it is not found, it
// was popped or drawn for a license, and its old or its new string is in use.
//
// Errors: [ErrNotFound]; [ErrKeyTaken]; [ErrKeyConflict], also if the string
// stays the same and a license was given it meanwhile; [ErrInvalid] for
// parameters out of bounds; [ErrUnknownOutcome].
func (s *KeysService) Update(ctx context.Context, keyID string, params UpdateKeyParams) (*Key, error) {
	req, err := s.service.updateKey(keyID, params)
	answer, err := call[keyAnswer](ctx, s.service, keygenwire.UpdateKeyOp, req, err)
	var e *Error
	switch {
	case err == nil:
		return keyFromWire(answer.Data), nil
	case errors.As(err, &e) && errors.Is(e, ErrKeyTaken):
		return nil, settled(e, transport.NotApplied) // if an attempt before had succeeded, no other key could have the string
	default:
		return nil, err
	}
}

// Delete takes a key out of its pool for good. The string can be used again.
//
//	DELETE /accounts/{account}/keys/{keyId} · Idempotent
//
// If the vendor does not find the key after an attempt whose outcome is
// unknown, it is gone, most likely by that attempt, and Delete succeeds; but it
// may have been popped or drawn for a license just then. After
// [ErrUnknownOutcome] call Delete again; then [ErrNotFound] means that the key
// is gone.
//
// Errors: [ErrNotFound]; [ErrInvalid] for what is no id; [ErrUnknownOutcome].
func (s *KeysService) Delete(ctx context.Context, keyID string) error {
	req, err := s.service.one("keyID", keyID, keygenwire.NewDeleteKeyRequest)
	return deletion(ctx, s.service, keygenwire.DeleteKeyOp, req, err)
}

// Policy returns the policy in whose pool a key is.
//
//	GET /accounts/{account}/keys/{keyId}/policy · Read
//
// Errors: [ErrNotFound] if there is no such key; [ErrInvalid] for what is no
// id.
func (s *KeysService) Policy(ctx context.Context, keyID string) (*Policy, error) {
	req, err := s.service.one("keyID", keyID, keygenwire.NewGetKeyPolicyRequest)
	answer, err := call[policyAnswer](ctx, s.service, keygenwire.GetKeyPolicyOp, req, err)
	if err != nil {
		return nil, err
	}
	return policyFromWire(answer.Data), nil
}

// Product returns the product of the policy in whose pool a key is.
//
//	GET /accounts/{account}/keys/{keyId}/product · Read
//
// Errors: [ErrNotFound] if there is no such key; [ErrInvalid] for what is no
// id.
func (s *KeysService) Product(ctx context.Context, keyID string) (*Product, error) {
	req, err := s.service.one("keyID", keyID, keygenwire.NewGetKeyProductRequest)
	answer, err := call[productAnswer](ctx, s.service, keygenwire.GetKeyProductOp, req, err)
	if err != nil {
		return nil, err
	}
	return productFromWire(answer.Data), nil
}

func (k *Key) id() string { return k.ID }

// deletion is call for what deletes one thing: not to find it after an attempt
// that may have deleted it is what was wanted.
func deletion(ctx context.Context, s service, op transport.Op, req transport.Request, err error) error {
	_, err = call[transport.None](ctx, s, op, req, err)
	if transport.Gone(err) {
		return nil
	}
	return err
}
