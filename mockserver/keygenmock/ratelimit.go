package keygenmock

import (
	"fmt"
	"slices"
	"time"
)

// RateWindow is one throttle: at most so many requests in each second, minute
// or other whole number of seconds.
type RateWindow struct {
	Limit int
	Per   time.Duration
}

func (w RateWindow) check() error {
	if w.Limit <= 0 || w.Per <= 0 || w.Per%time.Second != 0 {
		return fmt.Errorf("%d requests per %v is no throttle: pass a positive number and whole seconds, or no window for no throttle", w.Limit, w.Per)
	}
	return nil
}

// limits are the throttles that are on, and what they counted.
type limits struct {
	windows []RateWindow
	counts  map[bucket]int
}

// bucket is one span of one window for one caller.
type bucket struct {
	caller string
	window int
	start  int64 // Unix seconds
}

func newLimits(windows []RateWindow) limits {
	return limits{windows: slices.Clone(windows), counts: map[bucket]int{}}
}
