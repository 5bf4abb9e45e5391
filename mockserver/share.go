package mockserver

import (
	"context"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// share has a call that only reads carried out beside others of its kind. It is not
// shared if there is more to it: a fault that may strike, a rate limit that counts it,
// a caller who has given up while others had their turn.
func (x *exchange) share(ctx context.Context, malformed error) (answer core.Answer, shared bool) {
	if !x.call.op.Reads || x.tooLarge {
		return answer, false
	}
	x.s.mu.RLock()
	defer x.s.mu.RUnlock()
	if len(x.s.faults) > 0 || x.v.limited() || ctx.Err() != nil {
		return answer, false
	}
	x.s.note(func() { x.arrive(malformed) })
	answer = x.serve()
	x.s.note(func() { x.leave(ctx, answer) })
	return answer, true
}

// note lets somebody who shares the lock touch what all of them leave behind.
func (s *Server) note(do func()) {
	s.books.Lock()
	defer s.books.Unlock()
	do()
}

// amend lets somebody do so who comes back to a call, while others read.
func (s *Server) amend(do func()) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.note(do)
}
