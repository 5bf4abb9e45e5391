package keygen

import (
	"cmp"
	"context"
	"iter"

	"github.com/keysmith-go/keysmith/internal/keygenwire"
)

// LicensesService has the vendor's operations on licenses, as far as pools need
// them. Get it from [Client.Licenses].
//
// Each method names its endpoint and the class of its operation, which decides
// how often it may be sent; the package documentation explains the three
// classes. Every error is an [*Error]. Besides its own errors, every method may
// return those that any call may: see [KeysService].
type LicensesService struct {
	service   service
	choosesID bool // the credential may give a license its id
}

// Create creates a license. On a policy with a pool it draws a key: the key
// leaves the pool and its string becomes the license's key, both or neither.
// With params.Key set, the pool is left alone.
//
//	POST /accounts/{account}/licenses · Once
//
// Create gives the license an id of its own making, unless params.ID has one.
// If the answer is lost, it asks the vendor once for the license with that id
// and returns it if it is there; so a lost answer costs no key. After
// [ErrUnknownOutcome] it was not there yet, and the vendor may still be at work:
// look for it again in a minute, with [LicensesService.Get] and the id, which
// Error.LicenseID has. Not found then means that nothing was created and no key
// was drawn, and Create may be called again, best with another ID. The same
// holds after an error whose Outcome is [OutcomeApplied]. An ID of your own is
// taken to be this call's: if an older license has it, that is what Create finds.
//
// Create also asks when it meets a plain conflict under an id of its own making,
// since a proxy that sends requests twice looks the same.
//
// For the credential of a user or a license Create makes no id, lest the vendor
// refuse it; params.ID is sent all the same. Without one, the only way to find
// out is to list the policy's licenses and look at Name, Metadata and CreatedAt.
//
// Errors: [ErrPoolEmpty]; [ErrKeyTaken] and [ErrKeyConflict] for params.Key;
// [ErrConflict] if another call drew the same key at the same moment, which may
// be tried again, or if a license has the string of the key that is next, see
// [ErrKeyConflict]; [ErrInvalid] for parameters out of bounds or a policy, owner
// or group that does not exist, of which a product's token gets
// [ErrForbidden]; [ErrUnknownOutcome].
func (s *LicensesService) Create(ctx context.Context, params CreateLicenseParams) (*License, error) {
	ours := params.ID == "" && s.choosesID
	if ours {
		params.ID = newID()
	}
	req, err := s.service.createLicense(params)
	answer, err := call[newLicenseAnswer](ctx, s.service, keygenwire.CreateLicenseOp, req, err)
	if err != nil {
		return s.created(ctx, params.ID, ours, err)
	}
	return licenseFromWire(answer.Data), nil
}

// Get returns one license, by its id or its key. Keys with a dot may not be
// found, since the vendor takes what follows for the name of a format; use the
// id for those.
//
//	GET /accounts/{account}/licenses/{licenseId} · Read
//
// Errors: [ErrNotFound]; [ErrInvalid] for what can be neither.
func (s *LicensesService) Get(ctx context.Context, idOrKey string) (*License, error) {
	req, err := s.service.oneOf("idOrKey", idOrKey, maxLicenseKey, keygenwire.NewGetLicenseRequest)
	answer, err := call[licenseAnswer](ctx, s.service, keygenwire.GetLicenseOp, req, err)
	if err != nil {
		return nil, err
	}
	return licenseFromWire(answer.Data), nil
}

// List returns some licenses, or one page of them. To walk over all, use
// [LicensesService.All].
//
//	GET /accounts/{account}/licenses · Read
//
// Errors: [ErrInvalid] for parameters out of bounds or that do not go together.
func (s *LicensesService) List(ctx context.Context, params ListLicensesParams) (*Page[License], error) {
	req, err := s.service.listLicenses(params)
	return list(ctx, s.service, keygenwire.ListLicensesOp, params.Cursor, licenseFromWire, req, err)
}

// All walks over the licenses that params selects, as [KeysService.All] does
// over keys, with the same promises and errors.
//
//	GET /accounts/{account}/licenses · Read, once per page
func (s *LicensesService) All(ctx context.Context, params ListLicensesParams) iter.Seq2[*License, error] {
	params.PageSize = cmp.Or(params.PageSize, maxRows)
	return walkOver(s.service, keygenwire.ListLicensesOp, params.Cursor, (*License).id, func(cursor string) (*Page[License], error) {
		params := params
		params.Cursor = Set(cursor)
		return s.List(ctx, params)
	})
}

// Delete deletes a license for good: what the end user has stops working. A key
// that was drawn for it does not go back into the pool.
//
//	DELETE /accounts/{account}/licenses/{licenseId} · Idempotent
//
// If the vendor does not find the license after an attempt whose outcome is
// unknown, that attempt has most likely deleted it, and Delete succeeds. After
// [ErrUnknownOutcome] call Delete again; then [ErrNotFound] means that it is
// done.
//
// Errors: [ErrNotFound]; [ErrInvalid] for what is no id; [ErrUnknownOutcome].
func (s *LicensesService) Delete(ctx context.Context, licenseID string) error {
	req, err := s.service.one("licenseID", licenseID, keygenwire.NewDeleteLicenseRequest)
	return deletion(ctx, s.service, keygenwire.DeleteLicenseOp, req, err)
}

func (l *License) id() string { return l.ID }
