package transport

// An answer type can have a method Check, which is called on the decoded
// answer. Its error says what is missing that the caller cannot do without,
// quotes nothing of the answer, and makes it one that is not understood.
type checked interface{ Check() error }

// incomplete is what Check found.
type incomplete struct{ missing error }

func (e *incomplete) Error() string { return e.missing.Error() }
func (e *incomplete) Unwrap() error { return e.missing }

// checkComplete asks the answer at ptr, if it can tell.
func checkComplete(ptr any) error {
	if c, ok := ptr.(checked); ok {
		if err := c.Check(); err != nil {
			return &incomplete{err}
		}
	}
	return nil
}
