package keycratemock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// Secrets says what may be shown of requests and answers. The vendor knows a
// license by its key alone, and searches for parts of it. What metadata holds is
// the shop's own business.
func (v *vendor) Secrets() core.Secrets {
	return core.Secrets{
		Secret: []string{
			"Authorization", "X-Api-Key", "key", "license", "license_key", "license_keys", "password", "search",
		},
		Plain: []string{
			"Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Allow-Origin",
			"Access-Control-Request-Headers", "Access-Control-Request-Method", "Origin",

			"activated_at", "app_id", "created_at", "deleted", "duration_seconds", "duration_unit", "duration_value", "error",
			"error_code", "expires_at", "extend_seconds", "hwid", "hwid_lock", "hwid_reset_allowed", "hwid_reset_cooldown", "id",
			"key_amount", "key_format", "key_lowercase", "key_numbers", "key_uppercase", "last_hwid_reset_at", "level",
			"licenses_deleted", "message", "name", "page", "per_page", "single_key_per_hwid", "sort_field", "sort_order", "status",
			"subscription_id", "success", "tags", "total", "total_pages", "updated_at", "username",
		},
		KeyedEffects: []string{
			EffectLicenseCreated, EffectLicenseExtended, EffectLicenseUpdated, EffectLicenseDeleted, EffectLicenseActivated,
			EffectLicenseHWIDBound, EffectLicenseRegistered, EffectLicenseHWIDReset,
		},
	}
}
