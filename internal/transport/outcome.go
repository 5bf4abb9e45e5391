package transport

import "fmt"

// Outcome says what a failed call did to the vendor's state. It belongs to
// the call, not to its last attempt.
type Outcome uint8

const (
	// NotApplied means that the call changed nothing. Calls of class Read always
	// end so.
	NotApplied Outcome = iota
	// Applied means that the vendor confirmed the change, but its answer could
	// not be read in full.
	Applied
	// Unknown means that an attempt may have changed the vendor's state, and that
	// no later one settled it.
	Unknown
)

// String returns the outcome in words.
func (o Outcome) String() string {
	switch o {
	case NotApplied:
		return "not applied"
	case Applied:
		return "applied"
	case Unknown:
		return "unknown"
	default:
		return fmt.Sprintf("Outcome(%d)", uint8(o))
	}
}
