package junkiemock

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// answerJSON writes a document as an answer, without the escapes for HTML that
// only Go's encoder adds.
func answerJSON(status int, document any) core.Answer {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(document); err != nil {
		panic("junkiemock: answer cannot be written: " + err.Error()) // plain structs only: cannot be
	}
	return core.Answer{
		Status: status,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   bytes.TrimSuffix(text.Bytes(), []byte("\n")),
	}
}

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

func (t *turn) encodeKey(k *record) keyJSON {
	t.decided(ruleKeyFields, ruleKeyHWIDs, ruleKeyNames, ruleKeyTimes)
	s := t.state
	return keyJSON{
		ID:               k.ID,
		Value:            k.Value,
		UserID:           k.UserID,
		ServiceID:        nullable(k.ServiceID, k.ServiceID != 0),
		ProviderID:       k.ProviderID,
		FolderID:         nullable(k.FolderID, k.FolderID != 0),
		ExpiresAt:        nullable(timestamp(k.ExpiresAt), !k.ExpiresAt.IsZero()),
		UsedAt:           nullable(timestamp(k.UsedAt), !k.UsedAt.IsZero()),
		Premium:          k.Premium,
		Invalidated:      k.Invalidated,
		OneTimeUse:       k.OneTimeUse,
		ExpiryOnFirstUse: k.ExpiryOnFirstUse,
		NoHWID:           k.NoHWID,
		ValidityMinutes:  nullable(k.ValidityMinutes, k.ValidityMinutes != 0),
		Name:             nullable(k.Name, k.Named),
		HWIDLimit:        nullable(k.HWIDLimit, k.Limited),
		DiscordID:        nullable(k.DiscordID, k.DiscordID != ""),
		CreatedAt:        timestamp(k.CreatedAt),
		ServiceName:      nullable(s.services[k.ServiceID].Name, k.ServiceID != 0),
		ProviderName:     nullable(s.providers[k.ProviderID].Name, true),
		FolderName:       nullable(s.folders[k.FolderID].Name, k.FolderID != 0),
		HWIDs:            encodeHWIDs(k.Devices),
		KeysHWID:         plainHWIDs(k.Devices),
	}
}

func (t *turn) encodeKeys(keys []*record) []keyJSON {
	list := make([]keyJSON, len(keys))
	for i, k := range keys {
		list[i] = t.encodeKey(k)
	}
	return list
}

func encodeHWIDs(devices []Device) []hwidJSON {
	list := make([]hwidJSON, len(devices))
	for i, d := range devices {
		list[i] = hwidJSON{
			HWID:           d.HWID,
			ExecutorUserID: nullable(d.ExecutorUserID, d.ExecutorUserID != ""),
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

// nullable returns a value for the wire, or null.
func nullable[T any](value T, given bool) *T {
	if !given {
		return nil
	}
	return &value
}
