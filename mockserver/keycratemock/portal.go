package keycratemock

import "time"

// What keeps an end user from resetting the device of a license:
// [PortalResult.Blocked]. These are the mock's words; the vendor's portal has
// some of its own.
const (
	BlockedByLock     = "not locked"    // the license works on every device as it is
	BlockedByRights   = "not allowed"   // its owner does not allow resets
	BlockedByState    = "not activated" // it was never used, or it is paused
	BlockedByCooldown = "cooling down"  // the last reset was too short a time ago
)

// PortalResult is what an end user's attempt at a reset comes to.
type PortalResult struct {
	Done    bool
	Blocked string        // which condition failed, such as [BlockedByCooldown]; empty when done
	Wait    time.Duration // until the cooldown is over; 0 where something else blocks
}

// PortalReset is an end user who has logged in to the vendor's portal and resets
// the device of a license: the next device that authenticates is bound in its
// place. No operation of the API can do that. Four conditions must hold, and the
// first that does not is told: the license is locked, its owner allows resets,
// it has been used and is active, and its cooldown since the last reset is over.
// A reset that is blocked changes nothing. A key that does not exist cannot log
// in, so that it is a mistake of the test and ends it.
func (w *World) PortalReset(key string) PortalResult {
	var result PortalResult
	w.act(ActPortalReset, func(t *turn) error {
		r := t.state.licenses.byKey[key]
		if r == nil {
			return errNoSuchLicense
		}
		result = t.portalReset(r)
		return nil
	})
	return result
}

func (t *turn) portalReset(r *record) PortalResult {
	t.Decided(rulePortalConditions, rulePortalOrder)
	wait := r.LastHWIDResetAt.Add(r.HWIDResetCooldown).Sub(t.now)
	switch {
	case !r.HWIDLock:
		return PortalResult{Blocked: BlockedByLock}
	case !r.HWIDResetAllowed:
		return PortalResult{Blocked: BlockedByRights}
	case r.unused() || r.Status != StatusActive:
		return PortalResult{Blocked: BlockedByState}
	case !r.LastHWIDResetAt.IsZero() && wait > 0:
		t.Decided(rulePortalCooldown)
		return PortalResult{Blocked: BlockedByCooldown, Wait: wait}
	}
	t.Decided(rulePortalReset)
	t.state.licenses.change(r, func(r *record) { r.HWID, r.LastHWIDResetAt = "", t.now })
	t.Effect(EffectLicenseHWIDReset, r.Key, "")
	return PortalResult{Done: true}
}
