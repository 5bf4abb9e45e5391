package luaprotmock

import (
	"iter"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Control is what the control plane offers of this vendor. Like the methods of
// World it skips the validation of the API, and refuses only what can never be.
func (v *vendor) Control() core.Control {
	return core.Control{
		Collections: []core.Collection{
			v.controlledAccounts().Collection(),
			v.controlledAPIKeys().Collection(),
			v.controlledHubs().Collection(),
			v.controlledScripts().Collection(),
			v.controlledDiscordData().Collection(),
			v.controlledKeys().Collection(),
		},
		Settings: v.controlledSettings(),
		Deeds:    v.controlledDeeds(),
	}
}

func (v *vendor) turn(t *core.Turn) *turn {
	started := newTurn(t, v.state)
	return &started
}

// accountOf finds the account that a sheet names, or else the default one.
func (s *state) accountOf(id string) (*customer, error) {
	if id == "" {
		id = defaultAccount
	}
	if c := s.customers.Get(id); c != nil {
		return c, nil
	}
	return nil, core.NoAccount(id)
}

// named is what can be referred to by id or by name.
type named interface{ names() (id, name string) }

func (h *hub) names() (id, name string)    { return h.ID, h.Name }
func (s *script) names() (id, name string) { return s.ID, s.Name }

// answersTo reports whether a text is the id or the name of an object.
func answersTo(object named, text string) bool {
	id, name := object.names()
	return text == id || text == name
}

// meant are the objects that a text may refer to: the one with that id, or else
// those with that name.
func meant[T named](among iter.Seq[T], text string) (list []T) {
	for object := range among {
		if id, _ := object.names(); id == text {
			return []T{object}
		}
		if answersTo(object, text) {
			list = append(list, object)
		}
	}
	return list
}

// referToHub finds the hub of an account that a sheet names; "" if it leaves that
// open.
func (s *state) referToHub(owner, text string) (id string, err error) {
	if text == "" {
		return "", nil
	}
	h, err := core.Refer("/hub", hubPlace, text, meant(s.hubsOf(owner), text))
	if err != nil {
		return "", err
	}
	return h.ID, nil
}
