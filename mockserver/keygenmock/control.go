package keygenmock

// Reset begins again with a new state, behind the World that users hold.
func (v *vendor) Reset() { *v.state = *newState() }
