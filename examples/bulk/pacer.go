package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/keysmith-go/keysmith/keygen"
)

// longestPause is how long the workers pause at most before they ask again.
const longestPause = 5 * time.Minute

// Pacer keeps all workers together under the vendor's rate limit: each answer tells
// how many calls are left, and when the count begins anew.
type Pacer struct {
	Reserve int // calls that may be under way already: one for each worker

	mu    sync.Mutex
	until time.Time
}

// Seen looks at an answer. It is a client's OnAttempt.
func (p *Pacer) Seen(_ context.Context, a keygen.Attempt) {
	pause := time.Duration(0)
	if limit, told := keygen.RateLimitOf(a); told && limit.Remaining < min(p.Reserve, limit.Limit) && !limit.ResetAt.IsZero() {
		pause = time.Until(limit.ResetAt)
		if limit.Window > 0 {
			pause = min(pause, limit.Window) // whatever this machine's clock says
		}
	}
	var e *keygen.Error
	if errors.As(a.Err, &e) && errors.Is(e, keygen.ErrRateLimited) {
		pause = max(pause, e.RetryAfter) // one is refused: the others need not try
	}
	if pause <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(min(pause, longestPause)); until.After(p.until) {
		p.until = until
	}
}

// Wait returns when it is time for the next call, or with the context's error.
func (p *Pacer) Wait(ctx context.Context) error {
	for {
		p.mu.Lock()
		pause := time.Until(p.until)
		p.mu.Unlock()
		if pause <= 0 || ctx.Err() != nil {
			return ctx.Err()
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// sleep waits as long as the context lets it.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
