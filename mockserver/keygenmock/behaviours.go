package keygenmock

import "github.com/keysmith-go/keysmith/mockserver/internal/core"

// behaviours is the table of every rule this world keeps. Each file enters the
// rules of its own subject.
var (
	behaviours = core.NewTable("keygen")
	rule       = behaviours.Rule
)

const (
	doc = core.Documented
	obs = core.Observed
	asm = core.Assumed
)
