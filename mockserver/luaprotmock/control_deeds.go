package luaprotmock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// settingsSheet is how the vendor behaves where a test may choose.
type settingsSheet struct {
	RetryAfter bool `json:"retryAfter"` // a 429 tells when to come again
}

func (v *vendor) controlledSettings() core.Settings {
	show := func() settingsSheet { return settingsSheet{RetryAfter: !v.state.noRetryAfter} }
	return core.SettingsOf(show, func(_ *core.Turn, set settingsSheet) error {
		v.state.noRetryAfter = !set.RetryAfter
		return nil
	})
}

// controlledDeeds are those of an end user and of the vendor's staff.
func (v *vendor) controlledDeeds() []core.Deed {
	return []core.Deed{
		core.DeedOf("check", ActCheck, v.doCheck),
		core.DeedOf("blacklist-globally", ActBlacklistGlobally, func(ct *core.Turn, order globalBlacklistOrder) (any, error) {
			t := v.turn(ct)
			return t.outcomeFor(order.Key, t.blacklistGlobally(order.Key, order.Reason))
		}),
		core.DeedOf("lift-global-blacklist", ActLiftGlobalBlacklist, func(ct *core.Turn, order liftOrder) (any, error) {
			t := v.turn(ct)
			return t.outcomeFor(order.Key, t.liftGlobalBlacklist(order.Key))
		}),
	}
}

// checkOrder is an end user starting a script with a key on a device.
type checkOrder struct {
	Script string  `json:"script"` // id or name
	Key    *string `json:"key"`    // nil: missing; an end user may well enter nothing
	HWID   string  `json:"hwid"`
}

// doCheck is Check of the World.
func (v *vendor) doCheck(ct *core.Turn, order checkOrder) (any, error) {
	switch {
	case order.Script == "":
		return nil, core.BadMember("/script", "is missing: give its id or its name")
	case order.Key == nil:
		return nil, core.BadMember("/key", "is missing: an empty text stands for none")
	}
	t := v.turn(ct)
	if scripts := meant(t.state.scripts.All(), order.Script); len(scripts) > 0 { // else the vendor says so: to start what does not exist is no mistake
		of, err := core.Refer("/script", "script", order.Script, scripts)
		if err != nil {
			return nil, err
		}
		order.Script = of.ID
	}
	return t.start(order.Script, *order.Key, order.HWID)
}

// globalBlacklistOrder is the vendor's staff blacklisting a key.
type globalBlacklistOrder struct {
	Key    string `json:"key"`
	Reason string `json:"reason"`
}

// liftOrder is the vendor's staff lifting a global blacklist.
type liftOrder struct {
	Key string `json:"key"`
}

// outcomeFor shows the key that something was done with.
func (t *turn) outcomeFor(value string, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return t.showKey(t.state.keys.byValue[value]), nil
}
