package luaprot

import (
	"context"

	"github.com/keysmith-go/keysmith/internal/luaprotwire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// KeysService has the vendor's operations on the keys of all hubs of the
// account. Get it from [Client.Keys].
//
// Each method names its endpoint and the class of its operation, which
// decides how often it may be sent; the package documentation explains the
// three classes. Every error is an [*Error]. Besides its own errors, every
// method may return those that any call may: [ErrUnauthorized], [ErrForbidden]
// with [ErrIPNotWhitelisted], [ErrInvalid], [ErrRateLimited], [ErrServer],
// [ErrBadResponse].
type KeysService struct {
	transport *transport.Client
}

// List returns one page of keys. How many keys are on a page is the vendor's
// choice.
//
//	GET /api/v1/keys/fetch · Read
//
// A page past the last one is empty and no error, and so is a list of keys of
// a hub that does not exist. To walk over all pages, use [KeysService.All].
//
// Errors: [ErrInvalid] for parameters out of bounds.
func (s *KeysService) List(ctx context.Context, params ListKeysParams) (*KeyPage, error) {
	req, err := listKeysRequest(&params)
	answer, err := call[listAnswer](ctx, s.transport, luaprotwire.FetchKeysOp, req, err)
	if err != nil {
		return nil, err
	}
	return pageFromWire(&answer.FetchKeysResponse), nil
}

// BulkDelete deletes keys of any hub of the account for good, given by their
// values. Values that no key has are skipped, and the vendor does not say how
// many it deleted. It documents no limit for their number either: split what
// goes into the thousands.
//
//	POST /api/v1/keys/bulk-delete · Idempotent
//
// After [ErrUnknownOutcome] call it again with the same values, which deletes
// what is left.
//
// Errors: [ErrInvalid] for an empty list or a value that no key can have;
// [ErrNotFound] with [ErrNoHub] if the account has no hub; [ErrUnknownOutcome].
func (s *KeysService) BulkDelete(ctx context.Context, keys []string) error {
	req, err := bulkDeleteRequest(keys)
	_, err = call[luaprotwire.DeleteKeysResponse](ctx, s.transport, luaprotwire.DeleteKeysOp, req, err)
	return err
}
