package core

import (
	"errors"
	"fmt"
	"time"
)

// Check says what is wrong with a limit; one without calls is none.
func (l RateLimit) Check() error {
	if l.Calls < 0 || l.Calls > 0 && l.Per <= 0 {
		return fmt.Errorf("%d calls per %v is no limit: pass a positive number and a positive length, or 0 for none", l.Calls, l.Per)
	}
	return nil
}

// OneLimit is the limit of a vendor that has one at most.
func OneLimit(limits []RateLimit) (RateLimit, error) {
	switch len(limits) {
	case 0:
		return RateLimit{}, nil
	case 1:
		return limits[0], limits[0].Check()
	default:
		return RateLimit{}, fmt.Errorf("the vendor has one limit, not %d", len(limits))
	}
}

// CheckClock says why no limit can be switched on in this turn.
func (t *Turn) CheckClock() error {
	if t.Frozen {
		return errors.New("the clock is frozen and no window would ever move: resume it first, or use Advance on the running clock")
	}
	return nil
}

// Window counts the calls of one caller. It begins with the first call after the
// last one has ended.
type Window struct {
	Start time.Time
	Calls int
}

// Admit counts a call, or says how long it is until the window has a place for one.
func (w *Window) Admit(limit RateLimit, now time.Time) (wait time.Duration) {
	if age := now.Sub(w.Start); w.Calls == 0 || age < 0 || age >= limit.Per {
		*w = Window{Start: now}
	}
	if w.Calls >= limit.Calls {
		return w.Start.Add(limit.Per).Sub(now)
	}
	w.Calls++
	return 0
}
