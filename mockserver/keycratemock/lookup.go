package keycratemock

// theApp finds an app that the caller may use.
func (c *call) theApp(id string) *failure {
	if c.state.apps.Get(id) == nil {
		c.Decided(ruleAppNotFound)
		return errAppNotFound
	}
	return c.mayUse(ruleAccessDenied, id)
}

// mayUse asks whether the caller may use apps.
func (c *call) mayUse(rule string, appIDs ...string) *failure {
	for _, id := range appIDs {
		if !c.apiKey.mayUse(id) {
			c.Decided(rule)
			return errAccessDenied
		}
		if c.state.TeamOff || c.state.apps.Get(id).Disabled {
			c.Decided(ruleAccessSwitchedOff)
		}
	}
	return nil
}

// theLicense finds a license of an app that the caller may use.
func (c *call) theLicense(key string) (*record, *failure) {
	list, fail := c.theLicenses([]string{key})
	if fail != nil {
		return nil, fail
	}
	return list[0], nil
}

// theLicenses finds licenses: all of them exist, and then all may be used, or
// nothing is done.
func (c *call) theLicenses(keys []string) ([]*record, *failure) {
	c.Decided(ruleKeyExact)
	list, apps := make([]*record, len(keys)), make([]string, len(keys))
	for i, key := range keys {
		r := c.state.licenses.byKey[key]
		if r == nil {
			c.Decided(ruleLicenseNotFound)
			return nil, errNoLicense
		}
		list[i], apps[i] = r, r.AppID
	}
	return list, c.mayUse(ruleAccessIndirect, apps...)
}

// theSubscription finds a subscription of an app that the caller may use.
func (c *call) theSubscription(id string) (*Subscription, *failure) {
	sub, fail := c.existing(id)
	if fail != nil {
		return nil, fail
	}
	return sub, c.mayUse(ruleAccessIndirect, sub.AppID)
}

// existing finds a subscription of whatever app.
func (c *call) existing(id string) (*Subscription, *failure) {
	sub := c.state.subscriptions.Get(id)
	if sub == nil {
		c.Decided(ruleSubscriptionNotFound)
		return nil, errNoSubscription
	}
	return sub, nil
}
