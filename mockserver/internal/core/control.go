package core

import "net/url"

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

// SettingsOf are the settings that a sheet D is about. change takes over what they
// are to be; its errors name members of the sheet.
func SettingsOf[D any](show func() D, change func(t *Turn, sheet D) error) Settings {
	return Settings{
		Show: func(*Turn) any { return show() },
		Change: func(t *Turn, changes Document) error {
			sheet := show()
			if err := changes.Into(&sheet); err != nil {
				return err
			}
			return changes.blame(change(t, sheet))
		},
	}
}

// DeedOf is a deed that is ordered by a sheet D.
func DeedOf[D any](name, action string, do func(t *Turn, order D) (outcome any, err error)) Deed {
	return Deed{Name: name, Action: action, Do: func(t *Turn, doc Document) (any, error) {
		var order D
		if err := doc.Into(&order); err != nil {
			return nil, err
		}
		return do(t, order)
	}}
}
