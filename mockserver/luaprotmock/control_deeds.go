package luaprotmock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// settingsSheet is how the vendor behaves where a test may choose.
type settingsSheet struct {
	RetryAfter bool `json:"retryAfter"` // a 429 tells when to come again
}

func (v *vendor) controlledSettings() core.Settings {
	show := func() settingsSheet { return settingsSheet{RetryAfter: !v.state.noRetryAfter} }
	return core.Settings{
		Show: func(*core.Turn) any { return show() },
		Change: func(_ *core.Turn, changes core.Document) error {
			set := show()
			if err := changes.Into(&set); err != nil {
				return err
			}
			v.state.noRetryAfter = !set.RetryAfter
			return nil
		},
	}
}

// controlledDeeds are those of an end user and of the vendor's staff.
func (v *vendor) controlledDeeds() []core.Deed {
	return []core.Deed{
		deed(v, "check", ActCheck, (*turn).checkAsTold),
		deed(v, "blacklist-globally", ActBlacklistGlobally, func(t *turn, order globalBlacklistOrder) (any, error) {
			err := t.blacklistGlobally(order.Key, order.Reason)
			return t.outcomeFor(order.Key, err)
		}),
		deed(v, "lift-global-blacklist", ActLiftGlobalBlacklist, func(t *turn, order liftOrder) (any, error) {
			err := t.liftGlobalBlacklist(order.Key)
			return t.outcomeFor(order.Key, err)
		}),
	}
}

// deed is something that is done by an order, which is a sheet of its own.
func deed[D any](v *vendor, name, action string, do func(*turn, D) (any, error)) core.Deed {
	return core.Deed{Name: name, Action: action, Do: func(t *core.Turn, doc core.Document) (any, error) {
		var order D
		if err := doc.Into(&order); err != nil {
			return nil, err
		}
		outcome, err := do(v.turn(t), order)
		return outcome, impossible(err)
	}}
}

// checkOrder is an end user starting a script with a key on a device.
type checkOrder struct {
	Script string  `json:"script"` // id or name
	Key    *string `json:"key"`    // nil: missing; an end user may well enter nothing
	HWID   string  `json:"hwid"`
}

func (t *turn) checkAsTold(order checkOrder) (any, error) {
	switch {
	case order.Script == "":
		return nil, core.BadMember("/script", "is missing: give its id or its name")
	case order.Key == nil:
		return nil, core.BadMember("/key", "is missing: an empty text stands for none")
	}
	of, several := lookUp(t.state.scripts.all(), order.Script)
	switch {
	case several:
		return nil, ambiguous("/script", "script", order.Script)
	case of != nil: // else the vendor says so: to start what does not exist is no mistake
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
