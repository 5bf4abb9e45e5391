package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/keysmith-go/keysmith/keygen"
)

// result is what became of one order.
type result struct {
	order   Order
	license *keygen.License // nil: see err
	note    string
	err     error
	lost    bool // there may be a license
}

const noteFound = "found"

// row is what is written of a license.
func (r result) row() Issued {
	return Issued{OrderID: r.order.ID, LicenseID: r.license.ID, Key: r.license.Key, Expires: r.license.ExpiresAt, Note: r.note}
}

// vendorsFault reports whether it was the vendor, or the way there, that failed, and
// not the order.
func (r result) vendorsFault() bool {
	for _, kind := range []error{errForeign, keygen.ErrConflict, keygen.ErrInvalid} {
		if errors.Is(r.err, kind) {
			return false
		}
	}
	return true
}

// each does something for each order, some at a time, and takes down what became of
// it: what comes in together goes to the disk together.
func (r *Run) each(ctx, stop context.Context, orders []Order, do func(ctx, stop context.Context, order Order) result) error {
	stop, halt := context.WithCancel(stop)
	defer halt()
	work, results := make(chan Order), make(chan result)
	go func() {
		defer close(work)
		for _, order := range orders {
			select {
			case work <- order:
			case <-stop.Done():
				return
			}
		}
	}()
	var workers sync.WaitGroup
	for range r.Workers {
		workers.Go(func() {
			for order := range work {
				results <- do(ctx, stop, order)
			}
		})
	}
	go func() {
		workers.Wait()
		close(results)
	}()
	var failed error
	for first := range results { // also after a failure: what was under way is taken down if that is possible
		if err := r.keep(append([]result{first}, r.waiting(results)...)); err != nil {
			failed = cmp.Or(failed, err)
			halt()
		}
	}
	return failed
}

// waiting returns the results that are there already, up to one of each worker.
func (r *Run) waiting(results <-chan result) (more []result) {
	for range r.Workers {
		select {
		case result, open := <-results:
			if !open {
				return more
			}
			more = append(more, result)
		default:
			return more
		}
	}
	return more
}

// tries bounds how often a license is drawn from a pool while other draws meet it.
const tries = 5

// issue creates the license of an order. The id that it gives the license makes a
// second one impossible: the vendor refuses it, and shows the first.
func (r *Run) issue(ctx, stop context.Context, order Order) result {
	var err error
	for range tries {
		if r.Pacer.Wait(stop) != nil {
			return result{order: order, err: errStopped}
		}
		var license *keygen.License
		license, err = r.Licenses.Create(ctx, r.params(order))
		if err == nil {
			return r.check(order, license, "")
		}
		if ctx.Err() != nil {
			return result{order: order, err: errStopped} // what became of it, the next run finds out
		}
		var e *keygen.Error
		switch {
		case errors.As(err, &e) && e.Outcome != keygen.OutcomeNotApplied:
			return result{order: order, err: err, lost: true} // the client has looked already
		case stopsAll(err), !errors.Is(err, keygen.ErrConflict) && !errors.Is(err, keygen.ErrInvalid):
			return result{order: order, err: err}
		}
		// Refused, maybe because the order has its license: from a run that died a
		// moment ago, say, when the vendor was still at work.
		found := r.look(ctx, stop, order)
		if !errors.Is(found.err, keygen.ErrNotFound) {
			return found
		}
		if errors.Is(err, keygen.ErrKeyTaken) || errors.Is(err, keygen.ErrKeyConflict) || errors.Is(err, keygen.ErrInvalid) {
			break
		}
		// Two calls have drawn the same key at the same moment: once more.
	}
	return result{order: order, err: err}
}

// issueUnlessThere looks for the license of an order before it creates one.
func (r *Run) issueUnlessThere(ctx, stop context.Context, order Order) result {
	if found := r.look(ctx, stop, order); !errors.Is(found.err, keygen.ErrNotFound) {
		return found
	}
	return r.issue(ctx, stop, order)
}

// look asks for the license of an order. keygen.ErrNotFound means that there is
// none; after any other error nobody knows.
func (r *Run) look(ctx, stop context.Context, order Order) result {
	if r.Pacer.Wait(stop) != nil {
		return result{order: order, err: errStopped}
	}
	license, err := r.Licenses.Get(ctx, order.LicenseID(r.AccountID))
	switch {
	case err == nil:
		return r.check(order, license, noteFound)
	case ctx.Err() != nil:
		return result{order: order, err: errStopped}
	case errors.Is(err, keygen.ErrNotFound) && !errors.Is(err, keygen.ErrAccountNotFound):
		return result{order: order, err: err}
	default:
		return result{order: order, err: err, lost: true}
	}
}

// check makes sure that a license is what the order asks for: whoever gives an old
// order another policy or another key does not get it.
func (r *Run) check(order Order, license *keygen.License, note string) result {
	wrong := ""
	switch {
	case license.Name != order.Name():
		wrong = fmt.Sprintf("its name is %q", license.Name)
	case license.PolicyID != order.PolicyID:
		wrong = "it follows another policy, " + license.PolicyID
	case order.Key != "" && license.Key != order.Key:
		wrong = "it has another key"
	default:
		return result{order: order, license: license, note: note}
	}
	return result{order: order, err: fmt.Errorf("%w, %s: %s", errForeign, license.ID, wrong)}
}

func (r *Run) params(order Order) keygen.CreateLicenseParams {
	params := keygen.CreateLicenseParams{
		ID:       order.LicenseID(r.AccountID),
		PolicyID: order.PolicyID,
		Key:      order.Key,
		Name:     order.Name(),
	}
	if order.Validity > 0 {
		params.ExpiresAt = time.Now().Add(order.Validity).Truncate(time.Second)
	}
	return params
}
