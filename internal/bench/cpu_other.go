//go:build !unix

package bench

import "time"

// processorTime is 0 where nobody has asked for it yet.
func processorTime() time.Duration { return 0 }
