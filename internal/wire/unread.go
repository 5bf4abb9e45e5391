package wire

// Unread is a member of an answer that the document knows and nobody needs:
// whatever it holds is skipped.
type Unread struct{}

// UnmarshalJSON takes anything.
func (*Unread) UnmarshalJSON([]byte) error { return nil }
