package keycratemock

import (
	"encoding/json"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// licenseJSON is a license on the wire.
type licenseJSON struct {
	Key               string          `json:"key"`
	ID                string          `json:"id"`
	AppID             string          `json:"app_id"`
	SubscriptionID    string          `json:"subscription_id"`
	Status            string          `json:"status"`
	Username          *string         `json:"username"`
	HWIDLock          bool            `json:"hwid_lock"`
	HWID              *string         `json:"hwid"`
	HWIDResetAllowed  bool            `json:"hwid_reset_allowed"`
	HWIDResetCooldown int64           `json:"hwid_reset_cooldown"`
	LastHWIDResetAt   *string         `json:"last_hwid_reset_at"`
	DurationUnit      string          `json:"duration_unit"`
	DurationValue     *int64          `json:"duration_value"`
	DurationSeconds   *int64          `json:"duration_seconds"`
	ActivatedAt       *string         `json:"activated_at"`
	ExpiresAt         *string         `json:"expires_at"`
	Metadata          json.RawMessage `json:"metadata"`
	Tags              []string        `json:"tags"`
	CreatedAt         string          `json:"created_at"`
	UpdatedAt         string          `json:"updated_at"`
}

// encodeLicense shows a license as management calls do.
func (t *turn) encodeLicense(r *record) licenseJSON {
	t.noteLicense()
	return r.encode()
}

// noteLicense notes what decides how management calls show a license.
func (t *turn) noteLicense() {
	t.Decided(ruleLicenseShape, ruleLicenseUnset, ruleDurationGranted)
	t.noteEncoding()
}

func (t *turn) noteEncoding() {
	t.Decided(ruleLicenseKeyName, ruleLicenseNulls, ruleLicenseNoPassword, ruleTimes, ruleTimesMillis, ruleCooldownSeconds)
}

// look is everything that a license on the wire is made of.
type look struct {
	license *record
	alone   bool // in all that is answered to who asks for it
}

// write writes a license in a list, or all that is answered to who asks for it.
func (l look) write() []byte {
	if l.alone {
		return core.Encode(envelope{true, l.license.encode()})
	}
	return core.Encode(l.license.encode())
}

// encode brings all of a license to the form of the wire.
func (r *record) encode() licenseJSON {
	return licenseJSON{
		Key:               r.Key,
		ID:                r.ID,
		AppID:             r.AppID,
		SubscriptionID:    r.SubscriptionID,
		Status:            r.Status,
		Username:          core.Nullable(r.Username, r.Username != ""),
		HWIDLock:          r.HWIDLock,
		HWID:              core.Nullable(r.HWID, r.HWID != ""),
		HWIDResetAllowed:  r.HWIDResetAllowed,
		HWIDResetCooldown: wholeSeconds(r.HWIDResetCooldown),
		LastHWIDResetAt:   timeOrNull(r.LastHWIDResetAt),
		DurationUnit:      r.DurationUnit,
		DurationValue:     core.Nullable(r.DurationValue, !r.Lifetime()),
		DurationSeconds:   core.Nullable(r.DurationSeconds, !r.Lifetime()),
		ActivatedAt:       timeOrNull(r.ActivatedAt),
		ExpiresAt:         timeOrNull(r.ExpiresAt),
		Metadata:          r.metadata,
		Tags:              r.Tags,
		CreatedAt:         timestamp(r.CreatedAt),
		UpdatedAt:         timestamp(r.UpdatedAt),
	}
}

func (t *turn) encodeLicenses(list []*record) []licenseJSON {
	shown := make([]licenseJSON, len(list))
	for i, r := range list {
		shown[i] = t.encodeLicense(r)
	}
	return shown
}

// subscriptionJSON is a subscription as management calls show it.
type subscriptionJSON struct {
	ID               string `json:"id"`
	AppID            string `json:"app_id"`
	Name             string `json:"name"`
	Level            int64  `json:"level"`
	SingleKeyPerHWID bool   `json:"single_key_per_hwid"`
	Status           string `json:"status"`
	CreatedAt        string `json:"created_at"`
	UpdatedAt        string `json:"updated_at"`
}

func (t *turn) encodeSubscription(s *Subscription) subscriptionJSON {
	t.Decided(ruleSubscriptionShape, ruleTimes, ruleTimesMillis)
	return subscriptionJSON{
		ID:               s.ID,
		AppID:            s.AppID,
		Name:             s.Name,
		Level:            s.Level,
		SingleKeyPerHWID: s.SingleKeyPerHWID,
		Status:           s.Status,
		CreatedAt:        timestamp(s.CreatedAt),
		UpdatedAt:        timestamp(s.UpdatedAt),
	}
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }

func wholeSeconds(d time.Duration) int64 { return int64(d / time.Second) }
