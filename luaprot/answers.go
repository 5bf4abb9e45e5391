package luaprot

import (
	"errors"
	"slices"

	"github.com/keysmith-go/keysmith/internal/luaprotwire"
)

// The vendor promises no field of any answer, and most are not missed. But an
// answer without its main part must not pass for an empty one: a list that
// looks empty makes callers create what exists already. These answers have a
// Check that says what is missing; the transport reports it as ErrBadResponse.

type listAnswer struct{ luaprotwire.FetchKeysResponse }

// Check accepts null for an empty list only next to a count.
func (a *listAnswer) Check() error {
	if a.Keys == nil && a.TotalKeys == nil && a.TotalPages == nil {
		return errors.New("the answer has neither keys nor a count of them")
	}
	return nil
}

type addAnswer struct{ luaprotwire.AddKeyResponse }

func (a *addAnswer) Check() error { return hasValue(a.Key) }

type getAnswer struct{ luaprotwire.GetKeyInfoResponse }

func (a *getAnswer) Check() error { return hasValue(a.Key) }

type updateAnswer struct{ luaprotwire.UpdateKeyResponse }

func (a *updateAnswer) Check() error { return hasValue(a.Key) }

// hasValue wants the key with its value: it is what the caller is about to sell.
func hasValue(key *luaprotwire.Key) error {
	switch {
	case key == nil:
		return errors.New("the answer has no key")
	case key.Key == "":
		return errors.New("the answer has a key without its value")
	default:
		return nil
	}
}

type generateAnswer struct {
	luaprotwire.GenerateKeysResponse
}

func (a *generateAnswer) Check() error {
	switch {
	case len(a.Keys) == 0:
		return errors.New("the answer has no keys")
	case slices.Contains(a.Keys, ""):
		return errors.New("the answer has keys without a value")
	}
	return nil
}
