package luaprotmock

import (
	"errors"
	"iter"
	"net/http"

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
	if c := s.customers.get(id); c != nil {
		return c, nil
	}
	return nil, core.BadMember("/account", "names no account that there is: %q", core.Clip(id, core.MaxName))
}

// called is what can be referred to by id or by name.
type called interface {
	identified
	name() string
}

func (h *hub) name() string    { return h.Name }
func (s *script) name() string { return s.Name }

// answersTo reports whether a text is the id or the name of an object.
func answersTo[T called](object T, text string) bool {
	return object.id() == text || object.name() == text
}

// lookUp finds an object by its id or by its name: nil if there is none, and
// several if the name fits more than one.
func lookUp[T called](among iter.Seq[T], text string) (match T, several bool) {
	var none T
	for object := range among {
		switch {
		case object.id() == text:
			return object, false
		case object.name() == text:
			several = several || match != none
			match = object
		}
	}
	return match, several
}

// refer finds the object that a member refers to. The place is what it must be,
// such as "hub of the account".
func refer[T called](among iter.Seq[T], pointer, place, text string) (T, error) {
	var none T
	match, several := lookUp(among, text)
	switch {
	case several:
		return none, ambiguous(pointer, place, text)
	case match == none:
		return none, core.BadMember(pointer, "names no %s: %q", place, core.Clip(text, core.MaxName))
	}
	return match, nil
}

func ambiguous(pointer, place, text string) error {
	return core.BadMember(pointer, "names more than one %s: %q; give the id instead", place, core.Clip(text, core.MaxName))
}

// referToHub finds the hub of an account that a sheet names; "" if it leaves that
// open.
func (s *state) referToHub(owner, text string) (id string, err error) {
	if text == "" {
		return "", nil
	}
	h, err := refer(s.hubs.only(func(h *hub) bool { return h.Owner == owner }), "/hub", "hub of the account", text)
	if err != nil {
		return "", err
	}
	return h.ID, nil
}

// impossible words for the control plane what the world refuses.
func impossible(err error) error {
	var wrong *misfit
	if !errors.As(err, &wrong) {
		return err
	}
	status := http.StatusUnprocessableEntity
	if wrong.taken {
		status = http.StatusConflict
	}
	return &core.ControlError{Status: status, Pointer: "/" + wrong.member, Detail: wrong.member + ": " + wrong.text}
}

// textOrNil is a text that may be none at all.
func textOrNil(s string) *string { return core.Nullable(s, s != "") }

func orZero[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
