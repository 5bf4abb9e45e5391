package junkie

import (
	"errors"
	"slices"

	"github.com/keysmith-go/keysmith/internal/junkiewire"
	"github.com/keysmith-go/keysmith/internal/wire"
)

// The vendor promises no field of any answer, and most are not missed. But an
// answer without its main part must not pass for an empty one: a list that
// looks empty makes callers create what exists already. These answers have a
// Check that says what is missing; the transport reports it as ErrBadResponse.

type listAnswer struct{ junkiewire.ListKeysResponse }

// Check accepts null for an empty list only next to page numbers.
func (a *listAnswer) Check() error {
	if a.Keys == nil && a.Pagination == nil {
		return errors.New("the answer has neither keys nor pagination")
	}
	return nil
}

type createAnswer struct{ junkiewire.CreateKeyResponse }

// Check wants the key's value too: it is what the caller is about to sell.
func (a *createAnswer) Check() error {
	switch {
	case a.Key == nil:
		return errors.New("the answer has no key")
	case a.Key.KeyValue == "":
		return errors.New("the answer has a key without its value")
	}
	return nil
}

type getAnswer struct{ junkiewire.GetKeyResponse }

func (a *getAnswer) Check() error {
	if a.Key == nil {
		return errors.New("the answer has no key")
	}
	return nil
}

type batchAnswer struct{ junkiewire.CreateKeysResponse }

func (a *batchAnswer) Check() error {
	switch {
	case len(a.Keys) == 0:
		return errors.New("the answer has no keys")
	case slices.Contains(a.Keys, ""):
		return errors.New("the answer has keys without a value")
	}
	return nil
}

// foldersAnswer tells a list that is missing from one that is null.
type foldersAnswer struct {
	Folders wire.Opt[[]junkiewire.KeyFolder] `json:"folders,omitzero"`
}

func (a *foldersAnswer) Check() error {
	if a.Folders.IsZero() {
		return errors.New("the answer has no folders, not even an empty list")
	}
	return nil
}

func (a *foldersAnswer) response() *junkiewire.ListFoldersResponse {
	folders, _ := a.Folders.Get()
	return &junkiewire.ListFoldersResponse{Folders: folders}
}

type bulkDeleteAnswer struct{ junkiewire.DeleteKeysResponse }

func (a *bulkDeleteAnswer) Check() error {
	if a.Deleted == nil {
		return errors.New("the answer does not say how many keys were deleted")
	}
	return nil
}
