package junkiemock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// Secrets says what may be shown of requests and answers. A key is named by its
// value or by its number, which is no secret.
func (v *vendor) Secrets() core.Secrets {
	return core.Secrets{
		Secret: []string{"Authorization", "key", "keyId", "key_value", "keys"},
		Plain: []string{
			"amount", "bound_at", "bound_by", "count", "created_at", "deleted", "discord_id", "discord_user_id", "error",
			"executor_user_id", "expires_after", "expires_at", "expires_before", "expiry_on_first_use", "field", "folder_id",
			"folder_name", "hwid", "hwid_limit", "hwids", "id", "is_invalidated", "is_premium", "key_name", "keys_hwid", "limit",
			"message", "name", "no_hwid", "one_time_use", "page", "provider_id", "provider_name", "redeemed_at",
			"redemption_status", "requested", "service_id", "service_name", "status", "success", "total", "totalPages", "used_at",
			"user_id", "validity_minutes",
		},
		IsID: func(name, text string) bool { return (name == "keyId" || name == "keys") && core.IsDigits(text) },
	}
}
