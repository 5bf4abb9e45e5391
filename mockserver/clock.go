package mockserver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// clock is the virtual clock: the process's own time plus an offset, or fixed.
// No other file reads the process's time, so that testing/synctest governs the
// server as it governs the test.
type clock struct {
	mu  sync.Mutex // keeps those apart who set it
	set atomic.Pointer[setting]
}

// setting is how a clock is set. It never changes.
type setting struct {
	base   time.Time // virtual time when the process's time was since
	since  time.Time
	frozen bool
}

// at is what the clock shows so long after it was set.
func (s *setting) at(age time.Duration) time.Time {
	if s.frozen {
		return s.base
	}
	return s.base.Add(age)
}

func (s *setting) reading() reading { return reading{s.at(time.Since(s.since)), s.frozen} }

// reading is what the clock shows at one moment.
type reading struct {
	now    time.Time
	frozen bool
}

func (c *clock) now() time.Time { return c.reading().now }

func (c *clock) reading() reading { return c.set.Load().reading() }

// lap tells how long a stopwatch has been running, and what the clock shows.
func (c *clock) lap(w stopwatch) (elapsed time.Duration, now time.Time) {
	set, elapsed := c.set.Load(), w.elapsed() // in this order: a clock shows nothing before it is set
	return elapsed, set.at(w.start.Sub(set.since) + elapsed)
}

// start sets the clock anew. A zero time is the process's own.
func (c *clock) start(base time.Time, frozen bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if base.IsZero() {
		base = now
	}
	c.put(base, now, frozen)
}

// put sets the clock to a time. The lock is held.
func (c *clock) put(base, since time.Time, frozen bool) reading {
	base = base.Round(0).UTC()
	c.set.Store(&setting{base, since, frozen})
	return reading{base, frozen}
}

// change sets the clock to what the present time becomes.
func (c *clock) change(become func(now time.Time) time.Time) (reading, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	was := c.reading()
	next := become(was.now)
	if err := checkTime(next); err != nil {
		return reading{}, err
	}
	return c.put(next, time.Now(), was.frozen), nil
}

func (c *clock) freeze(frozen bool) reading {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.put(c.now(), time.Now(), frozen)
}

// lastYear of the clock leaves vendors room to write what lies ahead of it with
// the four digits that RFC 3339 has for a year.
const lastYear = 9000

// checkTime says why the clock cannot show a time.
func checkTime(t time.Time) error {
	if t.IsZero() {
		return errors.New("the time is zero")
	}
	if year := t.UTC().Year(); year < 1 || year > lastYear {
		return fmt.Errorf("the year would be %d, and the clock shows 1 to %d", year, lastYear)
	}
	return nil
}

// Now returns the virtual time in UTC. Every vendor lives by it; a client that
// has a clock of its own to compare with can be given this method.
func (s *Server) Now() time.Time { return s.clock.now() }

// Advance moves the virtual time forward: keys expire and rate limits recover
// as they would have in that time. A negative duration is refused;
// [Server.SetTime] goes back.
func (s *Server) Advance(d time.Duration) {
	if _, err := s.advance(d); err != nil {
		s.helper()
		s.misuse("Advance: %v", err)
	}
}

func (s *Server) advance(d time.Duration) (reading, error) {
	if d < 0 {
		return reading{}, fmt.Errorf("%v is negative; to go back, set the time", d)
	}
	return s.clock.change(func(now time.Time) time.Time { return now.Add(d) })
}

// SetTime sets the virtual time, from which it runs on unless it is frozen. It
// may go back; whatever was made before keeps its times, also those that then
// lie in the future. The clock shows the years 1 to 9000.
func (s *Server) SetTime(t time.Time) {
	if _, err := s.setTime(t); err != nil {
		s.helper()
		s.misuse("SetTime: %v", err)
	}
}

func (s *Server) setTime(t time.Time) (reading, error) {
	return s.clock.change(func(time.Time) time.Time { return t })
}

// Freeze makes the virtual time stand still until [Server.Resume]; [Server.Advance]
// and [Server.SetTime] still move it. It is refused while a vendor's rate limit
// is on, since the limit would never recover.
func (s *Server) Freeze() {
	if _, err := s.freeze(); err != nil {
		s.helper()
		s.misuse("Freeze: %v", err)
	}
}

func (s *Server) freeze() (reading, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.vendors {
		if v.limited() {
			return reading{}, fmt.Errorf("the rate limit of %s is on and would never recover; switch it off, or advance the running clock", v.name)
		}
	}
	return s.clock.freeze(true), nil
}

// Resume lets a frozen clock run on from where it stands.
func (s *Server) Resume() { s.clock.freeze(false) }

// stopwatch tells the process's time since it was started.
type stopwatch struct{ start time.Time }

func startWatch() stopwatch { return stopwatch{time.Now()} }

func (w stopwatch) elapsed() time.Duration { return time.Since(w.start) }

// started is the process's time at the start, in nanoseconds.
func (w stopwatch) started() int64 { return w.start.UnixNano() }

// fromNow returns a deadline in the process's time.
func fromNow(d time.Duration) time.Time { return time.Now().Add(d) }

// wait lets process time pass. It ends early without an error when quit is
// closed, and with the reason of the context when that is done.
func wait(ctx context.Context, d time.Duration, quit <-chan struct{}) error {
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-quit:
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
