package luaprotmock

import "strings"

// authenticate finds the API key of the call.
func (c *call) authenticate() *failure {
	sent := c.req.Header.Get("Authorization")
	k := c.state.apiKeys.Get(sent)
	if k != nil && !k.Revoked {
		c.apiKey = k
		return nil
	}
	c.Decided(ruleAuthInvalid)
	if scheme, _, _ := strings.Cut(sent, " "); strings.EqualFold(scheme, "Bearer") {
		c.Decided(ruleAuthBare)
		c.Finding("Authorization was sent with %s in front: the vendor wants the bare API key", scheme)
	}
	return errUnauthorized
}

// checkAddress asks whether the account lets its callers' address in.
func (c *call) checkAddress() *failure {
	if c.state.customers.Get(c.apiKey.Owner).Refused {
		c.Decided(ruleIPWhitelist, ruleIPRefusal)
		return errIPRefused
	}
	return nil
}
