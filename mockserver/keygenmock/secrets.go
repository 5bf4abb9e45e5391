package keygenmock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// Secrets says what may be shown of requests and answers. A license is named by
// its id or its key, which may have the form of an id, so that neither is shown.
// A key is named by its id; a text of another form is the key itself, sent by
// mistake. What metadata holds is the account's own business.
func (v *vendor) Secrets() core.Secrets {
	return core.Secrets{
		Secret: []string{"Authorization", "auth", "key", "keyId", "licenseId", "token"},
		Plain: []string{
			"Access-Control-Allow-Methods", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Access-Control-Max-Age",
			"Access-Control-Request-Headers", "Access-Control-Request-Method", "Keygen-Accept-Signature", "Keygen-Account",
			"Keygen-Account-Id", "Keygen-Bearer", "Keygen-Bearer-Id", "Keygen-Date", "Keygen-Edition", "Keygen-Environment",
			"Keygen-Mode", "Keygen-Revision", "Keygen-Token", "Keygen-Token-Id", "Keygen-Version", "Origin", "X-Ratelimit-Count",
			"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", "X-Ratelimit-Window", "X-Request-Id",

			"about", "account", "authenticationStrategy", "checkInInterval", "checkInIntervalCount", "code",
			"componentMatchingStrategy", "componentUniquenessStrategy", "cores", "count", "created", "detail", "disk",
			"distributionStrategy", "duration", "encrypted", "environment", "expirationBasis", "expirationStrategy", "expiry",
			"first", "floating", "header", "heartbeatBasis", "heartbeatCullStrategy", "heartbeatDuration",
			"heartbeatResurrectionStrategy", "id", "kind", "last", "lastCheckIn", "lastCheckOut", "lastValidated", "limit",
			"machineLeasingStrategy", "machineMatchingStrategy", "machineUniquenessStrategy", "maxCores", "maxDisk", "maxMachines",
			"maxMemory", "maxProcesses", "maxUsers", "maxUses", "memory", "name", "next", "nextCheckIn", "order", "overageStrategy",
			"owner", "page", "pages", "parameter", "permissions", "platforms", "pointer", "policy", "policyId", "prev",
			"processLeasingStrategy", "product", "productId", "protected", "related", "renewalBasis", "requireCheckIn",
			"requireChecksumScope", "requireComponentsScope", "requireFingerprintScope", "requireHeartbeat", "requireMachineScope",
			"requirePolicyScope", "requireProductScope", "requireUserScope", "requireVersionScope", "scheme", "self", "status",
			"strict", "suspended", "title", "transferStrategy", "type", "updated", "url", "usePool", "user", "uses", "version",
		},
		IsID: func(name, text string) bool {
			_, isUUID := canonicalUUID(text)
			return isUUID && name == "keyId"
		},
	}
}
