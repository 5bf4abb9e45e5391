package core

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// ControlError is why the control plane does not do what it was asked, in words
// for the author of the caller.
type ControlError struct {
	Status    int
	Detail    string
	Pointer   string // JSON pointer to the member that is at fault, if it is one
	Parameter string // query parameter that is at fault, if it is one
}

func (e *ControlError) Error() string { return e.Detail }

// BadMember refuses a document for one of its members. The detail goes on from
// the member's name.
func BadMember(pointer, format string, args ...any) *ControlError {
	name := pointer
	if len(pointer) > 0 {
		name = pointer[1:]
	}
	return &ControlError{
		Status:  http.StatusUnprocessableEntity,
		Pointer: pointer,
		Detail:  Clip(name, MaxName) + " " + fmt.Sprintf(format, args...),
	}
}

// BadParameter refuses a query for one of its parameters. The detail goes on
// from the parameter's name.
func BadParameter(name, format string, args ...any) *ControlError {
	return &ControlError{
		Status:    http.StatusUnprocessableEntity,
		Parameter: Clip(name, MaxName),
		Detail:    Clip(name, MaxName) + " " + fmt.Sprintf(format, args...),
	}
}

// Missing says that there is nothing of this id.
func Missing(what, id string) *ControlError {
	return &ControlError{Status: http.StatusNotFound, Detail: fmt.Sprintf("there is no %s %q", what, Clip(id, MaxName))}
}

// Taken refuses what another object has, of which no two may have the same.
func Taken(pointer, noun string) *ControlError {
	return Clash(pointer, "is taken by another %s: choose another", noun)
}

// Clash refuses a document for one of its members that does not go with what there
// is. The detail goes on from the member's name.
func Clash(pointer, format string, args ...any) *ControlError {
	e := BadMember(pointer, format, args...)
	e.Status = http.StatusConflict
	return e
}

// Nowhere refuses a reference that leads to nothing. The place is what it should
// be, such as "hub of the account".
func Nowhere(pointer, place string, reference any) *ControlError {
	if text, ok := reference.(string); ok {
		reference = strconv.Quote(Clip(text, MaxName))
	}
	return BadMember(pointer, "names no %s: %v; make it first", place, reference)
}

// Refer chooses what a text refers to among what it may mean, which must be one.
func Refer[T any](pointer, place, text string, meant []T) (object T, err error) {
	switch len(meant) {
	case 0:
		return object, Nowhere(pointer, place, text)
	case 1:
		return meant[0], nil
	default:
		return object, BadMember(pointer, "names more than one %s: %q; give the id of the one that is meant", place, Clip(text, MaxName))
	}
}

// anAccount is the place of references to accounts.
const anAccount = "account that there is"

// NoAccount refuses a reference to an account that there is not, or no more.
func NoAccount(reference any) *ControlError { return Nowhere("/account", anAccount, reference) }

// VetAccount refuses a list of the objects of an account that there is not.
func VetAccount(found func(text string) bool) func(filters url.Values) error {
	return func(filters url.Values) error {
		if text := filters.Get("account"); filters.Has("account") && !found(text) {
			return BadParameter("account", "names no %s: %q", anAccount, Clip(text, MaxName))
		}
		return nil
	}
}

// Stays refuses to delete what every new world has.
func Stays(noun, id string) *ControlError {
	return &ControlError{
		Status: http.StatusConflict,
		Detail: fmt.Sprintf("the default %s %s cannot be deleted: every server has it", noun, Clip(id, MaxName)),
	}
}

// blame makes the refusal of a sheet that of the document that it was read from,
// which may be part of another.
func (d Document) blame(err error) error {
	var refusal *ControlError
	if d.at == "" || !errors.As(err, &refusal) {
		return err
	}
	part := *refusal
	if part.Pointer == "" {
		part.Detail = d.at[1:] + ": " + part.Detail
	} else {
		part.Detail = d.at[1:] + "/" + part.Detail
	}
	part.Pointer = d.at + part.Pointer
	return &part
}
