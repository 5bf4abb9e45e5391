package junkiemock

import (
	"slices"
	"strings"
)

// authenticate finds the API key of the call.
func (c *call) authenticate() *failure {
	scheme, secret, _ := strings.Cut(c.req.Header.Get("Authorization"), " ")
	secret = strings.TrimSpace(secret)
	if !strings.EqualFold(scheme, "Bearer") || secret == "" {
		c.Decided(ruleAuthBearer)
		return errUnauthorized
	}
	if scheme != "Bearer" {
		c.Decided(ruleAuthScheme)
	}
	k := c.state.apiKeys.byMark[secret]
	if k == nil || k.Revoked {
		c.Decided(ruleAuthAPIKey)
		return errUnauthorized
	}
	c.apiKey = k
	return nil
}

// authorize checks the scope of the API key.
func (c *call) authorize() *failure {
	if !slices.Contains(c.apiKey.Scopes, ScopeREST) {
		c.Decided(ruleAuthScope, ruleAuthForbidden)
		return errForbidden
	}
	return nil
}
