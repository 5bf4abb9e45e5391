package core

import (
	"fmt"
	"net/http"
	"net/url"
)

// Controlled is implemented by a world whose objects the control plane shows and
// changes.
type Controlled interface {
	// Collections lists the kinds of objects. The server asks once.
	Collections() []Collection
}

// Collection is one kind of object as the control plane offers it. A function
// that is nil is a method that the control plane refuses.
//
// Each call of a function is a turn, and one that returns an error has changed
// nothing. What a function returns is written as encoding/json has it. Its
// errors are of type *ControlError.
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
