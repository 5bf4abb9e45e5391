package keycrate

import (
	"context"
	"time"

	"github.com/keysmith-go/keysmith/internal/keycratewire"
	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/internal/wire"
)

// HWIDsService has the vendor's operations on the devices that licenses are
// bound to. Get it from [Client.HWIDs]. A device is known by its HWID, a text
// of your program's making; the vendor compares it exactly.
//
// Each method names its endpoint and the class of its operation, which decides
// how often it may be sent; the package documentation explains the three
// classes. Every error is an [*Error]. Besides its own errors, every method may
// return [ErrLicenseNotFound], and those that any call may: [ErrInvalidAPIKey],
// [ErrAccessDenied], [ErrInvalid], [ErrRateLimited], [ErrServer],
// [ErrBadResponse].
//
// The vendor calls three of these operations toggles and does not say whether
// they set a value or flip it. This package always sends the value and never
// repeats such a call after a lost answer. Before you send one again, make sure
// that Raw of the license has the field that you go by: one that is missing
// reads as false.
//
// All methods return the changed license. If the vendor's answer says success
// and shows none, the License returned has only its Key.
type HWIDsService struct {
	transport *transport.Client
}

// Set binds a license to a device, whichever it was bound to before. It counts
// as no reset by the end user, and does not wait for the time between two of
// them.
//
//	POST /hwid/edit · Idempotent
//
// After [ErrUnknownOutcome] get the license and look at its HWID, or call Set
// again.
//
// Errors: [ErrHWIDInUse] if the subscription allows one license for each
// device, and another has this one; [ErrUnknownOutcome].
func (s *HWIDsService) Set(ctx context.Context, key, hwid string) (*License, error) {
	found := checkKey(key)
	if hwid == "" {
		found.Add("hwid", "an empty HWID names no device: use Clear to unbind the license")
	}
	found.UTF8("hwid", hwid)
	return s.edit(ctx, key, found, wire.Set(hwid), hwid)
}

// Clear unbinds the device of a license, so that the next one that uses it is
// bound if the license has its HWIDLock. It counts as no reset by the end user,
// and does not wait for the time between two of them. That there is no device
// is no error.
//
//	POST /hwid/edit · Idempotent
//
// It is repeated after a lost answer, and then also unbinds a device that was
// bound meanwhile; that device is bound again when it next uses the license.
// After [ErrUnknownOutcome] get the license and look at its HWID, or call Clear
// again.
//
// Errors: [ErrUnknownOutcome].
func (s *HWIDsService) Clear(ctx context.Context, key string) (*License, error) {
	return s.edit(ctx, key, checkKey(key), wire.Null[string]())
}

func (s *HWIDsService) edit(ctx context.Context, key string, found faults, hwid wire.Opt[string], secrets ...string) (*License, error) {
	req, err := request(found, keycratewire.NewEditHWIDRequest,
		keycratewire.EditHWIDRequest{LicenseKey: key, HWID: hwid}, append(secrets, key)...)
	return update(ctx, s.transport, keycratewire.EditHWIDOp, key, req, err)
}

// SetLock says whether a license is locked to one device. Off, the bound device
// is kept but not asked for; on, and with no device bound, the next one that
// uses the license is bound.
//
//	POST /hwid/toggle-lock · Once
//
// After [ErrUnknownOutcome] get the license and compare its HWIDLock with what
// was asked for; call SetLock again only if they differ. Look after a success,
// too, when you use this for the first time: a vendor that flips the lock has
// switched it back if it was as asked for.
//
// Errors: [ErrUnknownOutcome].
func (s *HWIDsService) SetLock(ctx context.Context, key string, locked bool) (*License, error) {
	req, err := request(checkKey(key), keycratewire.NewSetHWIDLockRequest,
		keycratewire.SetHWIDLockRequest{LicenseKey: key, HWIDLock: locked}, key)
	return update(ctx, s.transport, keycratewire.SetHWIDLockOp, key, req, err)
}

// SetLockBulk is [HWIDsService.SetLock] for several licenses, all or none. It
// returns them; the list is empty if the vendor's answer says success and shows
// none.
//
//	POST /hwid/toggle-lock-bulk · Once
//
// After [ErrUnknownOutcome] get each license and compare its HWIDLock with what
// was asked for; call it again only for those that differ.
//
// Errors: [ErrInvalid] for a key that occurs twice; [ErrUnknownOutcome].
func (s *HWIDsService) SetLockBulk(ctx context.Context, keys []string, locked bool) ([]*License, error) {
	req, err := request(checkKeys(keys), keycratewire.NewSetHWIDLockBulkRequest,
		keycratewire.SetHWIDLockBulkRequest{LicenseKeys: keys, HWIDLock: locked}, keys...)
	return updateBulk(ctx, s.transport, keycratewire.SetHWIDLockBulkOp, req, err)
}

// SetResetAllowed says whether the end user may unbind the device of a license
// in the vendor's portal.
//
//	POST /hwid/toggle-reset-allowed · Once
//
// After [ErrUnknownOutcome] get the license and compare its HWIDResetAllowed
// with what was asked for; call SetResetAllowed again only if they differ.
//
// Errors: [ErrUnknownOutcome].
func (s *HWIDsService) SetResetAllowed(ctx context.Context, key string, allowed bool) (*License, error) {
	req, err := request(checkKey(key), keycratewire.NewSetHWIDResetAllowedRequest,
		keycratewire.SetHWIDResetAllowedRequest{LicenseKey: key, HWIDResetAllowed: allowed}, key)
	return update(ctx, s.transport, keycratewire.SetHWIDResetAllowedOp, key, req, err)
}

// SetResetInterval sets the time that must pass between two resets by the end
// user, in whole seconds; 0 means none. It resets nothing.
//
//	POST /hwid/update-reset-interval · Idempotent
//
// The dashboard shows this time in days, while answers have it in seconds. That
// the call takes seconds too is understood; the vendor does not say so. Compare
// HWIDResetCooldown of the license returned, or the dashboard, when you use this
// for the first time. After [ErrUnknownOutcome] get the license and look, or
// call SetResetInterval again.
//
// Errors: [ErrInvalid] for a time that is negative or no whole number of
// seconds; [ErrUnknownOutcome].
func (s *HWIDsService) SetResetInterval(ctx context.Context, key string, interval time.Duration) (*License, error) {
	found := checkKey(key)
	found.cooldown("interval", interval)
	req, err := request(found, keycratewire.NewSetHWIDResetIntervalRequest,
		keycratewire.SetHWIDResetIntervalRequest{LicenseKey: key, HWIDResetCooldown: seconds(interval)}, key)
	return update(ctx, s.transport, keycratewire.SetHWIDResetIntervalOp, key, req, err)
}
