package core

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Controlled is implemented by a world that the control plane shows and changes.
type Controlled interface {
	// Control is asked once for each server, and its functions stay valid when the
	// world is reset.
	Control() Control
}

// Control is what the control plane offers of a world. Its functions are called
// in a turn each, and one that returns an error has changed nothing. What a
// function returns is written as encoding/json has it; its errors are of type
// *ControlError.
type Control struct {
	// Collections are the kinds of objects, those that others refer to before
	// these: in this order a seed makes them.
	Collections []Collection
	// Settings is how the vendor behaves, where a test may choose.
	Settings Settings
	// Deeds are what end users and the vendor's own staff do.
	Deeds []Deed
}

// Settings is the one document about how a vendor behaves.
type Settings struct {
	Show   func(t *Turn) any
	Change func(t *Turn, changes Document) error
}

// Deed is something that is done through the control plane and leaves the trace
// of the action of the Go API that it is: in the journal and in the ledger.
type Deed struct {
	Name   string // its segment of the path, such as "verify"
	Action string // as journal and ledger name it, such as "junkie.verify"
	Do     func(t *Turn, order Document) (outcome any, err error)
}

// Collection is one kind of object as the control plane offers it. A function
// that is nil is a method that the control plane refuses.
type Collection struct {
	Name    string   // its segment of the path, such as "licenses"
	Filters []string // query parameters that List and Clear know
	List    func(t *Turn, filters url.Values) (document any, err error)
	Create  func(t *Turn, object Document) (created any, err error)
	Get     func(t *Turn, id string) (object any, err error)
	Change  func(t *Turn, id string, changes Document) (changed any, err error)
	Delete  func(t *Turn, id string) error
	Clear   func(t *Turn, filters url.Values) error // deletes what List shows
}

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
