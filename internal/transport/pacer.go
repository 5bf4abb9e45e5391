package transport

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Window is one limit of a vendor: Calls within any span of length Per.
type Window struct {
	Calls int           // at least 1
	Per   time.Duration // at least 1 ms
}

// Pacer keeps attempts within several windows at once and lets them go in
// order of arrival. A vendor counts a call when it arrives there, some time
// between sending and answer; hence an attempt holds its slot until a window
// has passed since its answer. That is why a token bucket would not do.
//
// A Pacer may be shared by several clients and is safe for concurrent use. It
// has no goroutine of its own, and there is nothing to close.
type Pacer struct {
	windows []Window
	most    int           // the largest Calls and
	longest time.Duration // the largest Per: how much of the past matters

	mu       sync.Mutex
	ended    []time.Time // when the last attempts ended, oldest first
	inFlight int
	queue    []*waiter // in order of arrival
}

// waiter is one attempt in the queue.
type waiter struct {
	first chan struct{} // has room for the one signal that it is first now
}

// NewPacer returns a pacer that keeps all windows. It refuses an empty list
// and windows that let nothing through.
func NewPacer(windows ...Window) (*Pacer, error) {
	var problems []error
	if len(windows) == 0 {
		problems = append(problems, errors.New("a pacer needs at least one window"))
	}
	p := &Pacer{windows: slices.Clone(windows)}
	for i, w := range windows {
		if w.Calls < 1 {
			problems = append(problems, fmt.Errorf("window %d allows %d calls: it must allow at least 1", i+1, w.Calls))
		}
		if w.Per < time.Millisecond {
			problems = append(problems, fmt.Errorf("window %d is %v long: it must be at least 1ms", i+1, w.Per))
		}
		p.most, p.longest = max(p.most, w.Calls), max(p.longest, w.Per)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return p, nil
}

// acquire takes a slot, which must be given back with release. It waits for
// its turn until ctx is done, and not at all once it is certain that the
// deadline of ctx comes before the slot.
func (p *Pacer) acquire(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := &waiter{first: make(chan struct{}, 1)}
	p.queue = append(p.queue, w)
	defer p.leave(w)
	for {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		ahead, now := slices.Index(p.queue, w), time.Now()
		at := p.earliest(now, ahead)
		if ahead == 0 && !at.After(now) {
			p.inFlight++
			return nil
		}
		if deadline, ok := ctx.Deadline(); ok && !at.Before(deadline) {
			return context.DeadlineExceeded
		}
		p.mu.Unlock()
		w.sleep(ctx, ahead == 0, at.Sub(now))
		p.mu.Lock()
	}
}

// sleep returns when ctx is done or it is time to look again: for the first in
// the queue after the given time, for all others when they become the first.
func (w *waiter) sleep(ctx context.Context, first bool, until time.Duration) {
	var slot <-chan time.Time
	if first {
		timer := time.NewTimer(until)
		defer timer.Stop()
		slot = timer.C
	}
	select {
	case <-ctx.Done():
	case <-w.first:
	case <-slot:
	}
}

// leave takes w out of the queue and tells whoever is first then.
func (p *Pacer) leave(w *waiter) {
	i := slices.Index(p.queue, w)
	p.queue = slices.Delete(p.queue, i, i+1)
	if i == 0 && len(p.queue) > 0 {
		p.queue[0].first <- struct{}{}
	}
}

// release ends an attempt: its slot frees when the windows have passed from
// now. Sleepers need no signal, since they never sleep longer than until the
// earliest time that was possible when they fell asleep, and look again.
func (p *Pacer) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.inFlight--
	p.ended = append(p.ended, now)
	for len(p.ended) > p.most || now.Sub(p.ended[0]) >= p.longest {
		p.ended = p.ended[1:]
	}
}

// earliest returns the earliest time at which an attempt can start that has
// ahead others before it, should all answers arrive at once. It can only turn
// out later than that.
func (p *Pacer) earliest(now time.Time, ahead int) time.Time {
	starts := make([]time.Time, 0, ahead+1)
	known := len(p.ended) + p.inFlight
	end := func(i int) time.Time { // of the i-th attempt, oldest first
		switch {
		case i < len(p.ended):
			return p.ended[i]
		case i < known:
			return now
		default:
			return starts[i-known]
		}
	}
	for len(starts) <= ahead {
		start := now
		for _, w := range p.windows {
			// The attempt that is w.Calls before this one must be over for w.Per.
			if i := known + len(starts) - w.Calls; i >= 0 {
				if free := end(i).Add(w.Per); free.After(start) {
					start = free
				}
			}
		}
		starts = append(starts, start)
	}
	return starts[ahead]
}
