package mockserver

import (
	"context"
	"fmt"
)

// AwaitCalls waits until n requests of the operations named, or of all, are in
// the journal and over: answered, or lost for good. It is for programs that call
// the server in their own time, such as one under test that works in the
// background. The error is that of the context and says how many there were.
// More than the journal keeps never come; see [WithJournal]. An operation that
// does not exist is misuse.
func (s *Server) AwaitCalls(ctx context.Context, n int, ops ...string) error {
	s.helper()
	s.checkOps("AwaitCalls", ops)
	if n > s.made.journal {
		return fmt.Errorf("mockserver: calls of %s: %d wanted, but the journal keeps %d; make room with WithJournal", oneOf(ops), n, s.made.journal)
	}
	over, _, err := s.await(ctx, nil, n, wanted{ops: ops})
	if err != nil {
		return fmt.Errorf("mockserver: calls of %s: %d wanted, %d over: %w", oneOf(ops), n, over, err)
	}
	return nil
}

// await waits until n requests that are wanted are over, and returns how many
// are, and how many the journal no longer has. It gives up when the context is
// done, or quit is closed.
func (s *Server) await(ctx context.Context, quit <-chan struct{}, n int, w wanted) (over, evicted int, err error) {
	for {
		var settled <-chan struct{}
		if over, evicted, settled = s.countOver(n, w); over >= n {
			return over, evicted, nil
		}
		select {
		case <-settled:
		case <-ctx.Done():
			return over, evicted, context.Cause(ctx)
		case <-quit:
			return over, evicted, errClosing
		}
	}
}

// countOver counts the requests that are wanted and over. If these are less than
// n, settled is closed when there may be more.
func (s *Server) countOver(n int, w wanted) (over, evicted int, settled <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for e := range s.journal.all() {
		if e.fate != pending && w.fits(e) {
			over++
		}
	}
	if over < n && s.settled == nil {
		s.settled = make(chan struct{})
	}
	return over, s.journal.evictedOf(w), s.settled
}

// wake wakes whoever waits for calls to settle. The lock is held.
func (s *Server) wake() {
	if s.settled != nil {
		close(s.settled)
		s.settled = nil
	}
}
