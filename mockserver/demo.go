package mockserver

import (
	_ "embed" // demo.seed.json
	"slices"
)

//go:embed demo.seed.json
var demoSeed []byte

// DemoSeed returns a seed for trying things out: at every vendor a small shop with
// keys and licenses that are fresh, in use, expired and barred, and a pool that keys
// can be drawn from. It is a document for [WithSeedJSON], and an example of one.
func DemoSeed() []byte { return slices.Clone(demoSeed) }
