package transport

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Fault is what is wrong with one argument of a call.
type Fault struct {
	Field   string // which argument
	Message string // what is wrong with it, and what would be right
}

// String returns field and message on one line.
func (f Fault) String() string {
	switch {
	case f.Field == "":
		return f.Message
	case f.Message == "":
		return f.Field
	default:
		return f.Field + ": " + f.Message
	}
}

// Faults collects everything that is wrong with the arguments of one call, so
// that all of it is reported together. The texts name the field, the value and
// the bound, but never a value that may be a secret.
type Faults []Fault

// Add notes one fault.
func (f *Faults) Add(field, format string, args ...any) {
	*f = append(*f, Fault{field, fmt.Sprintf(format, args...)})
}

// Between wants a number within bounds.
func (f *Faults) Between(field string, n, low, high int) {
	if n < low || n > high {
		f.Add(field, "%d is outside %d to %d", n, low, high)
	}
}

// UTF8 wants a text that JSON and queries can carry: of any other text a vendor
// would get, and store, replacement characters.
func (f *Faults) UTF8(field, s string) (ok bool) {
	if ok = utf8.ValidString(s); !ok {
		f.Add(field, "not valid UTF-8")
	}
	return ok
}

// NotNull refuses an explicit null where the vendor knows none.
func (f *Faults) NotNull(field string, o interface{ IsNull() bool }) {
	if o.IsNull() {
		f.Add(field, "Null cannot be sent here: use Set, or leave the field out")
	}
}

// Err is nil if nothing is wrong.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Error lists the faults in one line, which it keeps to a readable length.
func (f Faults) Error() string {
	const most = 10
	var texts []string
	for _, fault := range f[:min(len(f), most)] {
		texts = append(texts, fault.String())
	}
	if more := len(f) - most; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, "; ")
}

// Quote quotes a value of any length for the text of a fault.
func Quote(s string) string {
	const most = 32
	n := utf8.RuneCountInString(s)
	if n <= most {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q… (%d characters)", string([]rune(s)[:most]), n)
}

// faults returns the faults without secrets, each text bounded.
func (r redactor) faults(found Faults) Faults {
	var shown Faults
	for _, f := range found {
		shown = append(shown, Fault{r.text(f.Field, maxMessage), r.text(f.Message, maxMessage)})
	}
	return shown
}
