package junkiemock

import (
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// keyJSON is a key as lists and creations show it.
type keyJSON struct {
	ID               int64      `json:"id"`
	Value            string     `json:"key_value"`
	UserID           int64      `json:"user_id"`
	ServiceID        *int64     `json:"service_id"`
	ProviderID       int64      `json:"provider_id"`
	FolderID         *int64     `json:"folder_id"`
	ExpiresAt        *string    `json:"expires_at"`
	UsedAt           *string    `json:"used_at"`
	Premium          bool       `json:"is_premium"`
	Invalidated      bool       `json:"is_invalidated"`
	OneTimeUse       bool       `json:"one_time_use"`
	ExpiryOnFirstUse bool       `json:"expiry_on_first_use"`
	NoHWID           bool       `json:"no_hwid"`
	ValidityMinutes  *int64     `json:"validity_minutes"`
	Name             *string    `json:"key_name"`
	HWIDLimit        *int64     `json:"hwid_limit"`
	DiscordID        *string    `json:"discord_id"`
	CreatedAt        string     `json:"created_at"`
	ServiceName      *string    `json:"service_name"`
	ProviderName     *string    `json:"provider_name"`
	FolderName       *string    `json:"folder_name"`
	HWIDs            []hwidJSON `json:"hwids"`
	KeysHWID         []string   `json:"keys_hwid"`
}

type hwidJSON struct {
	HWID           string  `json:"hwid"`
	ExecutorUserID *string `json:"executor_user_id"`
	BoundAt        string  `json:"bound_at"`
	BoundBy        string  `json:"bound_by"`
}

// detailedKeyJSON is a key as its own path shows it.
type detailedKeyJSON struct {
	keyJSON
	Redemption *redemptionJSON `json:"discord_redemption"`
}

type redemptionJSON struct {
	DiscordUserID string `json:"discord_user_id"`
	Status        string `json:"redemption_status"`
	RedeemedAt    string `json:"redeemed_at"`
}

// look is everything that a key on the wire is made of.
type look struct {
	key                       *record
	service, provider, folder string // names
	detailed                  bool   // as its own path shows it
}

// noteKey notes what decides how a key looks.
func (t *turn) noteKey() { t.Decided(ruleKeyFields, ruleKeyHWIDs, ruleKeyNames, ruleKeyTimes) }

func (t *turn) lookOf(k *record) look {
	s := t.state
	return look{
		key: k, service: s.services.Get(k.ServiceID).Name, provider: s.providers.Get(k.ProviderID).Name, folder: s.folders.Get(k.FolderID).Name,
	}
}

func (l look) encode() keyJSON {
	k := l.key
	return keyJSON{
		ID:               k.ID,
		Value:            k.Value,
		UserID:           k.UserID,
		ServiceID:        core.Nullable(k.ServiceID, k.ServiceID != 0),
		ProviderID:       k.ProviderID,
		FolderID:         core.Nullable(k.FolderID, k.FolderID != 0),
		ExpiresAt:        core.Nullable(timestamp(k.ExpiresAt), !k.ExpiresAt.IsZero()),
		UsedAt:           core.Nullable(timestamp(k.UsedAt), !k.UsedAt.IsZero()),
		Premium:          k.Premium,
		Invalidated:      k.Invalidated,
		OneTimeUse:       k.OneTimeUse,
		ExpiryOnFirstUse: k.ExpiryOnFirstUse,
		NoHWID:           k.NoHWID,
		ValidityMinutes:  core.Nullable(k.ValidityMinutes, k.ValidityMinutes != 0),
		Name:             core.Nullable(k.Name, k.Named),
		HWIDLimit:        core.Nullable(k.HWIDLimit, k.Limited),
		DiscordID:        core.Nullable(k.DiscordID, k.DiscordID != ""),
		CreatedAt:        timestamp(k.CreatedAt),
		ServiceName:      core.Nullable(l.service, k.ServiceID != 0),
		ProviderName:     core.Nullable(l.provider, true),
		FolderName:       core.Nullable(l.folder, k.FolderID != 0),
		HWIDs:            encodeHWIDs(k.Devices),
		KeysHWID:         plainHWIDs(k.Devices),
	}
}

// write writes a key in a list, or all that its own path answers.
func (l look) write() []byte {
	if !l.detailed {
		return core.Encode(l.encode())
	}
	return core.Encode(struct {
		Key detailedKeyJSON `json:"key"`
	}{detailedKeyJSON{l.encode(), encodeRedemption(l.key.Redemption)}})
}

func encodeHWIDs(devices []Device) []hwidJSON {
	list := make([]hwidJSON, len(devices))
	for i, d := range devices {
		list[i] = hwidJSON{
			HWID:           d.HWID,
			ExecutorUserID: core.Nullable(d.ExecutorUserID, d.ExecutorUserID != ""),
			BoundAt:        timestamp(d.BoundAt),
			BoundBy:        d.BoundBy,
		}
	}
	return list
}

func plainHWIDs(devices []Device) []string {
	list := make([]string, len(devices))
	for i, d := range devices {
		list[i] = d.HWID
	}
	return list
}

func encodeRedemption(r *Redemption) *redemptionJSON {
	if r == nil {
		return nil
	}
	return &redemptionJSON{DiscordUserID: r.DiscordUserID, Status: r.Status, RedeemedAt: timestamp(r.RedeemedAt)}
}

func timestamp(t time.Time) string { return t.Format(timeLayout) }
