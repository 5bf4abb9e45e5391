package keycrate

import (
	"context"
	"errors"
	"time"

	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/internal/transport"
)

// LicensesService has the vendor's operations on licenses. Get it from
// [Client.Licenses].
//
// Each method names its endpoint and the class of its operation, which decides
// how often it may be sent; the package documentation explains the three
// classes. Every error is an [*Error]. Besides its own errors, every method may
// return those that any call may: [ErrInvalidAPIKey], [ErrAccessDenied] if the
// API key may not use the app, [ErrInvalid], [ErrRateLimited], [ErrServer],
// [ErrBadResponse].
//
// A license is named by its key, exactly as the vendor returned it. Bulk calls
// take effect for all of their licenses or for none (so it is understood; the
// vendor does not say so), and refuse keys that occur twice. How many keys a
// call can take is not known; split what goes into the thousands.
type LicensesService struct {
	transport *transport.Client
}

// Create creates one license and returns it.
//
//	POST /license/create · Once
//
// After [ErrUnknownOutcome] there is one new license or none; never just call
// Create again. Give each license a tag of its own, such as your order number:
// then list the licenses of the app with that tag ([ListLicensesParams]). One
// that is there is the license of this call; if there is none, nothing was
// created, and Create may be called again. An error whose Outcome is
// [OutcomeApplied] means that the license exists but could not be read; find it
// in the same way. That lists can be filtered by tags is not documented for
// the API, so check that the licenses found do carry the tag.
//
// Errors: [ErrAppNotFound]; [ErrSubscriptionNotFound]; [ErrInvalid] for
// parameters out of bounds, a subscription of another app, or a KeyFormat with
// no free key left; [ErrUnknownOutcome].
func (s *LicensesService) Create(ctx context.Context, params CreateLicenseParams) (*License, error) {
	req, err := request(params.check(), keycratewire.NewCreateLicenseRequest, params.toWire())
	answer, err := call[createAnswer](ctx, s.transport, keycratewire.CreateLicenseOp, req, err)
	if err != nil {
		return nil, err
	}
	return answer.list[0], nil
}

// CreateBulk creates licenses that differ in nothing but their keys, and
// returns them. The vendor recommends it over as many calls of Create.
//
//	POST /license/create-bulk · Once
//
// The vendor documents an example with 100 licenses and no limit. After
// [ErrUnknownOutcome], list the licenses of the app with a tag that only this
// call had, and count them: there are all or none. Never just call CreateBulk
// again. After an error whose Outcome is [OutcomeApplied], find the licenses in
// the same way. If the vendor returns bare keys, that is all that the licenses
// have; if it returns fewer licenses than asked for, so does CreateBulk.
//
// Errors are those of [LicensesService.Create].
func (s *LicensesService) CreateBulk(ctx context.Context, amount int, params CreateLicenseParams) ([]*License, error) {
	found := params.check()
	if amount < 1 {
		found.Add("amount", "%d is no number of licenses: at least 1 is required", amount)
	}
	req, err := request(found, keycratewire.NewCreateLicensesBulkRequest, params.toBulkWire(amount))
	answer, err := call[createAnswer](ctx, s.transport, keycratewire.CreateLicensesBulkOp, req, err)
	if err != nil {
		return nil, err
	}
	return answer.list, nil
}

// Get returns one license.
//
//	POST /license/get · Read
//
// The vendor advises to cache answers. This package does not: a license that is
// paused, extended or deleted must not look otherwise. Keep what you read as
// long as you can do with it being old.
//
// Errors: [ErrLicenseNotFound].
func (s *LicensesService) Get(ctx context.Context, key string) (*License, error) {
	req, err := request(checkKey(key), keycratewire.NewGetLicenseRequest, keycratewire.GetLicenseRequest{LicenseKey: key}, key)
	answer, err := call[getAnswer](ctx, s.transport, keycratewire.GetLicenseOp, req, err)
	if err != nil {
		return nil, err
	}
	return answer.one(key), nil
}

// List returns one page of the licenses that params selects.
//
//	POST /license/get-bulk · Read
//
// A page past the last one is empty and no error. To walk over all pages, use
// [LicensesService.All].
//
// Errors: [ErrAppNotFound]; [ErrInvalid] for parameters out of bounds.
func (s *LicensesService) List(ctx context.Context, params ListLicensesParams) (*LicensePage, error) {
	req, err := request(params.check(), keycratewire.NewListLicensesRequest, params.toWire(), params.Search)
	answer, err := call[listAnswer](ctx, s.transport, keycratewire.ListLicensesOp, req, err)
	if err != nil {
		return nil, err
	}
	return answer.page(), nil
}

// Extend adds time to a license and returns the license. The extension is in
// whole seconds and more than none.
//
//	POST /license/extend · Once
//
// Every delivery adds the time again, which is why this package does not follow
// the vendor's advice to retry such a call. After [ErrUnknownOutcome], get the
// license and compare its ExpiresAt, or its Granted if it is unused, with the
// values noted before the call: either has moved, or the call had no effect and
// Extend may be called again. So get the license first, or keep its ExpiresAt in
// your records, and let no other program extend it at the same time. Neither
// field is documented: if both are zero before and after, they tell nothing;
// compare Raw then.
//
// How the vendor counts is understood, not documented: an unused license gets
// more time from its first use on, a running one expires later, and one that
// has expired works again from now on for the length of the extension. The
// status stays: a paused license does not become active.
//
// If the vendor's answer says success and shows no license, the License
// returned has only its Key.
//
// Errors: [ErrLicenseNotFound]; [ErrInvalid] for no time or for a license that
// never expires; [ErrUnknownOutcome].
func (s *LicensesService) Extend(ctx context.Context, key string, extension time.Duration) (*License, error) {
	found := checkKey(key)
	found.extension(extension)
	req, err := request(found, keycratewire.NewExtendLicenseRequest,
		keycratewire.ExtendLicenseRequest{LicenseKey: key, ExtendSeconds: seconds(extension)}, key)
	return update(ctx, s.transport, keycratewire.ExtendLicenseOp, key, req, err)
}

// ExtendBulk adds the same time to several licenses and returns them; the list
// is empty if the vendor's answer says success and shows none.
//
//	POST /license/extend-bulk · Once
//
// After [ErrUnknownOutcome], do for each license what [LicensesService.Extend]
// says, and extend only those again that have not moved.
//
// Errors: [ErrLicenseNotFound] if there is no license for one of the keys;
// [ErrInvalid] for no time, a key that occurs twice, or a license that never
// expires; [ErrUnknownOutcome].
func (s *LicensesService) ExtendBulk(ctx context.Context, keys []string, extension time.Duration) ([]*License, error) {
	found := checkKeys(keys)
	found.extension(extension)
	req, err := request(found, keycratewire.NewExtendLicensesBulkRequest,
		keycratewire.ExtendLicensesBulkRequest{LicenseKeys: keys, ExtendSeconds: seconds(extension)}, keys...)
	return updateBulk(ctx, s.transport, keycratewire.ExtendLicensesBulkOp, req, err)
}

// SetStatus pauses a license or lets it work again, and returns it.
// [LicensesService.Pause] and [LicensesService.Activate] are shorter.
//
//	POST /license/update-status · Idempotent
//
// Setting the status that the license has is no error. Its clock goes on while
// it is paused (so it is understood; the vendor does not say so). After
// [ErrUnknownOutcome] get the license and look at its Status. Calling SetStatus
// again does no harm as long as nobody else changes the license.
//
// If the vendor's answer says success and shows no license, the License
// returned has only its Key.
//
// Errors: [ErrLicenseNotFound]; [ErrInvalid] for another status than
// StatusActive and StatusPaused; [ErrUnknownOutcome].
func (s *LicensesService) SetStatus(ctx context.Context, key string, status Status) (*License, error) {
	found := checkKey(key)
	found.status("status", status)
	req, err := request(found, keycratewire.NewUpdateLicenseStatusRequest,
		keycratewire.UpdateLicenseStatusRequest{LicenseKey: key, Status: keycratewire.Status(status)}, key)
	return update(ctx, s.transport, keycratewire.UpdateLicenseStatusOp, key, req, err)
}

// Pause keeps a license from working until [LicensesService.Activate]. It is
// SetStatus with StatusPaused, with its class and errors.
func (s *LicensesService) Pause(ctx context.Context, key string) (*License, error) {
	return s.SetStatus(ctx, key, StatusPaused)
}

// Activate lets a paused license work again. It is SetStatus with StatusActive,
// with its class and errors. It neither starts the clock of a license nor
// revives one that has expired.
func (s *LicensesService) Activate(ctx context.Context, key string) (*License, error) {
	return s.SetStatus(ctx, key, StatusActive)
}

// SetStatusBulk pauses several licenses or lets them work again, and returns
// them; the list is empty if the vendor's answer says success and shows none.
//
//	POST /license/update-status-bulk · Idempotent
//
// After [ErrUnknownOutcome] call it again, or get each license and look at its
// Status.
//
// Errors: [ErrLicenseNotFound] if there is no license for one of the keys;
// [ErrInvalid] for another status, or a key that occurs twice;
// [ErrUnknownOutcome].
func (s *LicensesService) SetStatusBulk(ctx context.Context, keys []string, status Status) ([]*License, error) {
	found := checkKeys(keys)
	found.status("status", status)
	req, err := request(found, keycratewire.NewUpdateLicenseStatusBulkRequest,
		keycratewire.UpdateLicenseStatusBulkRequest{LicenseKeys: keys, Status: keycratewire.Status(status)}, keys...)
	return updateBulk(ctx, s.transport, keycratewire.UpdateLicenseStatusBulkOp, req, err)
}

// SetSubscription moves a license to another subscription of its app and
// returns it. Its times, its status and its device stay.
//
//	POST /license/update-subscription · Idempotent
//
// After [ErrUnknownOutcome] get the license and look at its SubscriptionID, or
// call SetSubscription again.
//
// Errors: [ErrLicenseNotFound]; [ErrSubscriptionNotFound]; [ErrHWIDInUse] if
// the subscription allows one license for each device, and another has that of
// this one; [ErrInvalid] for a subscription of another app;
// [ErrUnknownOutcome].
func (s *LicensesService) SetSubscription(ctx context.Context, key, subscriptionID string) (*License, error) {
	found := checkKey(key)
	found.uuid("subscriptionID", subscriptionID)
	req, err := request(found, keycratewire.NewUpdateLicenseSubscriptionRequest,
		keycratewire.UpdateLicenseSubscriptionRequest{LicenseKey: key, SubscriptionID: subscriptionID}, key)
	return update(ctx, s.transport, keycratewire.UpdateLicenseSubscriptionOp, key, req, err)
}

// SetCredentials sets the username of a license, and its password unless that
// is empty, and returns the license.
//
//	POST /license/update-user-credentials · Idempotent
//
// The vendor documents this call for the username only. Make sure that a new
// password works before you rely on it: no answer shows any password. After
// [ErrUnknownOutcome] get the license and look at its Username, or call
// SetCredentials again.
//
// Errors: [ErrLicenseNotFound]; [ErrUsernameTaken]; [ErrInvalid] for an empty
// username; [ErrUnknownOutcome].
func (s *LicensesService) SetCredentials(ctx context.Context, key string, credentials Credentials) (*License, error) {
	found := credentials.check()
	found.key("key", key)
	req, err := request(found, keycratewire.NewUpdateLicenseCredentialsRequest, credentials.toWire(key), key, credentials.Username, credentials.Password)
	return update(ctx, s.transport, keycratewire.UpdateLicenseCredentialsOp, key, req, err)
}

// SetMetadata replaces all metadata of a license and returns the license. Empty
// or nil metadata clear it.
//
//	POST /license/update-metadata · Idempotent
//
// That the whole is replaced, and nothing of the old is merged in, is
// understood; the vendor does not say so. To change one value, get the license,
// change its Metadata and set them; of two programs that do so at the same
// time, the later one wins. After [ErrUnknownOutcome] get the license and look,
// or call SetMetadata again.
//
// Errors: [ErrLicenseNotFound]; [ErrInvalid] for metadata that have no JSON or
// more than 2,000 characters of it; [ErrUnknownOutcome].
func (s *LicensesService) SetMetadata(ctx context.Context, key string, metadata Metadata) (*License, error) {
	found := checkKey(key)
	found.metadata("metadata", metadata)
	encoded, _ := metadata.encode() // an error has been found
	req, err := request(found, keycratewire.NewUpdateLicenseMetadataRequest,
		keycratewire.UpdateLicenseMetadataRequest{LicenseKey: key, Metadata: encoded}, key)
	return update(ctx, s.transport, keycratewire.UpdateLicenseMetadataOp, key, req, err)
}

// Delete deletes one license for good. To switch a license off so that it can
// be switched on again, call [LicensesService.Pause].
//
//	POST /license/delete · Idempotent
//
// If the vendor does not find the license after an attempt whose outcome is
// unknown, the license is gone, most likely by that attempt, and Delete
// succeeds. After [ErrUnknownOutcome] call Delete again; then
// [ErrLicenseNotFound] means that it is done.
//
// Errors: [ErrLicenseNotFound]; [ErrUnknownOutcome].
func (s *LicensesService) Delete(ctx context.Context, key string) error {
	req, err := request(checkKey(key), keycratewire.NewDeleteLicenseRequest, keycratewire.DeleteLicenseRequest{LicenseKey: key}, key)
	_, err = call[deleteAnswer](ctx, s.transport, keycratewire.DeleteLicenseOp, req, err)
	if transport.Gone(err) && errors.Is(err, ErrLicenseNotFound) {
		return nil
	}
	return err
}

// DeleteBulk deletes several licenses for good.
//
//	POST /license/delete-bulk · Idempotent
//
// It is repeated after a lost answer. If the licenses are deleted by then, the
// vendor finds none of them and answers [ErrLicenseNotFound], which is reported
// together with [ErrUnknownOutcome]: it may as well be that one of the keys
// never had a license, and that nothing was deleted. After [ErrUnknownOutcome]
// get each license; [ErrLicenseNotFound] means that it is deleted.
//
// Errors: [ErrLicenseNotFound] if there is no license for one of the keys, in
// which case nothing is deleted; [ErrInvalid] for a key that occurs twice;
// [ErrUnknownOutcome].
func (s *LicensesService) DeleteBulk(ctx context.Context, keys []string) (*Deletion, error) {
	req, err := request(checkKeys(keys), keycratewire.NewDeleteLicensesBulkRequest, keycratewire.DeleteLicensesBulkRequest{LicenseKeys: keys}, keys...)
	answer, err := call[deleteAnswer](ctx, s.transport, keycratewire.DeleteLicensesBulkOp, req, err)
	if err != nil {
		return nil, err
	}
	return bulkDeletionFromWire(&answer.DeletionResponse), nil
}

// update makes a call that changes one license.
func update(ctx context.Context, t *transport.Client, op transport.Op, key string, req transport.Request, err error) (*License, error) {
	answer, err := call[updateAnswer](ctx, t, op, req, err)
	if err != nil {
		return nil, err
	}
	return answer.license(key), nil
}

// updateBulk makes a call that changes several licenses.
func updateBulk(ctx context.Context, t *transport.Client, op transport.Op, req transport.Request, err error) ([]*License, error) {
	answer, err := call[updateAnswer](ctx, t, op, req, err)
	if err != nil {
		return nil, err
	}
	return answer.list, nil
}
