package keygen

import (
	"errors"
	"fmt"

	"github.com/keysmith-go/keysmith/internal/keygenwire"
)

// An answer without its main part must not pass for an empty one: a list that
// looks empty makes callers create what exists already, and a key without its
// string cannot be sold. These answers have a Check that says what is missing;
// the transport reports it as ErrBadResponse.

type keyAnswer struct{ keygenwire.KeyDocument }

func (a *keyAnswer) Check() error { return complete(a.Data) }

type policyAnswer struct{ keygenwire.PolicyDocument }

func (a *policyAnswer) Check() error { return complete(a.Data) }

type productAnswer struct{ keygenwire.ProductDocument }

func (a *productAnswer) Check() error { return complete(a.Data) }

type licenseAnswer struct{ keygenwire.LicenseDocument }

func (a *licenseAnswer) Check() error { return complete(a.Data) }

// newLicenseAnswer is about a license that was just created, so that its key is
// to be handed out. Later the vendor may keep an encrypted one to itself.
type newLicenseAnswer struct{ licenseAnswer }

func (a *newLicenseAnswer) Check() error {
	if err := a.licenseAnswer.Check(); err != nil {
		return err
	}
	return hasSecret(a.Data.Attributes.Key)
}

type tokenAnswer struct{ keygenwire.TokenDocument }

func (a *tokenAnswer) Check() error { return complete(a.Data) }

// listAnswer is a list document of any type.
type listAnswer[W any] struct {
	Data  []W                   `json:"data"`
	Links *keygenwire.PageLinks `json:"links"`
}

func (a *listAnswer[W]) Check() error {
	if a.Data == nil {
		return errors.New("the answer has no data")
	}
	for i := range a.Data {
		if err := complete(&a.Data[i]); err != nil {
			return fmt.Errorf("of the list, item %d: %w", i+1, err)
		}
	}
	return nil
}

// cursorAnswer is one that was asked for by cursor. Without its links it would
// look like the last one.
type cursorAnswer[W any] struct{ listAnswer[W] }

func (a *cursorAnswer[W]) Check() error {
	if a.Links == nil {
		return errors.New("the answer does not say whether more follows")
	}
	if _, ok := cursorIn(a.Links.Next); !ok {
		return errors.New("the answer says that more follows, but not after what")
	}
	return a.listAnswer.Check()
}

// complete wants a resource with all that callers cannot do without.
func complete[W any](resource *W) error {
	if resource == nil {
		return errors.New("the answer has no data")
	}
	switch w := any(resource).(type) {
	case *keygenwire.Key:
		return errors.Join(hasID(w.ID), hasSecret(w.Attributes.Key))
	case *keygenwire.Token:
		return errors.Join(hasID(w.ID), hasSecret(w.Attributes.Token))
	case *keygenwire.License:
		return hasID(w.ID)
	case *keygenwire.Policy:
		return hasID(w.ID)
	case *keygenwire.Product:
		return hasID(w.ID)
	default:
		return fmt.Errorf("%T is no resource", resource)
	}
}

func hasID(id string) error {
	if id == "" {
		return errors.New("there is no id in the answer")
	}
	return nil
}

func hasSecret(secret string) error {
	if secret == "" {
		return errors.New("there is no key or token in the answer")
	}
	return nil
}
