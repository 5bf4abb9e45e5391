package keygenmock

func (c *call) throttle() *failure            { return nil }
func (c *call) negotiate() *failure           { return c.checkFormat() }
func (c *call) readQuery() *failure           { return nil }
func (c *call) readBody() *failure            { return nil }
func (c *call) checkVersion() *failure        { return nil }
func (c *call) checkEnvironment() *failure    { return nil }
func (c *call) readAcceptSignature() *failure { return nil }
func (c *call) checkSubscription() *failure   { return nil }
func (c *call) findAccount() *failure {
	c.account = c.state.account(c.req.Params["account"])
	if c.account == nil {
		return notFound("account", c.req.Params["account"])
	}
	return nil
}
