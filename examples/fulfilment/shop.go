package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Order is what a customer has paid for.
type Order struct {
	// ID is the payment provider's number, the same in every webhook about this
	// order. No other order that is sold with the same seller may have it.
	ID        string `json:"id"`
	DiscordID string `json:"discord_id,omitempty"` // who gets the key; LuaProt cannot do without
}

// Label is what the vendor keeps with the key, so that it is found again.
func (o Order) Label() string { return "order-" + o.ID }

// State is what became of an order.
type State string

// The states of an order. One that was never seen has none of them.
const (
	Unsold  State = "unsold"  // no key was issued, for certain: it may be sold
	Selling State = "selling" // the vendor was called, and nobody knows yet how that ended
	Sold    State = "sold"    // Record.Key is the order's one key
	Review  State = "review"  // a person has to look: it is never sold by this program again
)

// Record is what is kept of an order.
type Record struct {
	Order Order     `json:"order"`
	State State     `json:"state"`
	At    time.Time `json:"at"` // since when
	Key   string    `json:"key,omitempty"`
	Note  string    `json:"note,omitempty"` // why, for the person who looks
}

// Store keeps the records. What Put has taken must survive a crash.
type Store interface {
	Get(ctx context.Context, orderID string) (Record, error) // the zero Record: never seen
	Put(ctx context.Context, record Record) error
	List(ctx context.Context, states ...State) ([]Record, error)
}

// Seller issues keys at one vendor.
type Seller interface {
	// Issue issues a key for an order. An error that is neither a *Failure nor
	// an ErrReview says nothing: there may be a key.
	Issue(ctx context.Context, order Order) (key string, err error)
	// Find returns the keys that were issued for an order, all of them. An error
	// means that it could not be found out.
	Find(ctx context.Context, order Order) (keys []string, err error)
}

// Failure is an error of Seller.Issue that is certain about the key.
type Failure struct {
	Err        error
	Issued     bool          // there is a key, and the vendor's answer did not say which; else there is none
	RetryAfter time.Duration // how long the vendor asks to be left alone; 0 = it does not say
}

func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap lets errors.Is and errors.As find the client's own error.
func (f *Failure) Unwrap() error { return f.Err }

// ErrReview is an error of a Seller that only a person can do something about.
var ErrReview = errors.New("held for review")

const (
	patience = time.Minute     // for one call of a Seller, with all of its waits
	settled  = 2 * time.Minute // after a sale began: patience, and a minute for a vendor that is still at work
)

var errBusy = errors.New("the order is being sold this very moment")

// Shop issues exactly one key for each order.
type Shop struct {
	Seller Seller
	Store  Store
	Now    func() time.Time

	busy sync.Map // the ids of the orders that are being sold
}

// Fulfil sells an order, once, however often it is called. After an error the
// order is as safe as before: call it again later.
func (s *Shop) Fulfil(ctx context.Context, order Order) (Record, error) {
	if _, busy := s.busy.LoadOrStore(order.ID, true); busy {
		return Record{}, errBusy // the same webhook, twice at the same time
	}
	defer s.busy.Delete(order.ID)
	// A sale that has begun is brought to its end, even if whoever sent the
	// webhook hangs up.
	ctx = context.WithoutCancel(ctx)

	record, err := s.Store.Get(ctx, order.ID)
	if err != nil {
		return record, err
	}
	switch record.State {
	case Sold, Review:
		return record, nil
	case Selling: // the answer was lost, or this program ended before it came
		if record, err = s.look(ctx, record); err != nil || record.State != Selling {
			return record, err
		}
		if wait := record.At.Add(settled).Sub(s.Now()); wait > 0 {
			return record, fmt.Errorf("no key is found so far, but the vendor may be at work: look again in %v", wait)
		}
		order = record.Order // nothing was issued, so that it can be sold
	case Unsold:
		order = record.Order
	}
	return s.sell(ctx, order)
}

// sell calls the vendor, for an order that has no key for certain. What it is
// about to do is noted before, and what came of it afterwards.
func (s *Shop) sell(ctx context.Context, order Order) (Record, error) {
	record := Record{Order: order, State: Selling, At: s.Now()}
	if err := s.Store.Put(ctx, record); err != nil {
		return record, err // what is not noted is not sold
	}
	call, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	key, err := s.Seller.Issue(call, order)
	var failure *Failure
	certain := errors.As(err, &failure)
	switch {
	case err == nil:
		record.Key = key
		return s.note(ctx, record, Sold, "")
	case errors.Is(err, ErrReview):
		return s.note(ctx, record, Review, err.Error())
	case certain && !failure.Issued:
		if record, failed := s.note(ctx, record, Unsold, err.Error()); failed != nil {
			return record, failed
		}
		return record, err
	}

	// There may be a key, and looking is the only way to tell.
	found, lookErr := s.look(ctx, record)
	switch {
	case found.State != Selling:
		return found, lookErr
	case certain: // and a key that is not found will not be missed by selling another
		return s.note(ctx, record, Review, "the vendor says that it has issued a key, which is not found: "+err.Error())
	default:
		return record, errors.Join(err, lookErr)
	}
}

// look asks the vendor what became of a sale, and notes it if that is known.
func (s *Shop) look(ctx context.Context, record Record) (Record, error) {
	call, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	keys, err := s.Seller.Find(call, record.Order)
	switch {
	case errors.Is(err, ErrReview):
		return s.note(ctx, record, Review, err.Error())
	case err != nil:
		return record, err
	case len(keys) == 1:
		record.Key = keys[0]
		return s.note(ctx, record, Sold, "found again")
	case len(keys) > 1:
		return s.note(ctx, record, Review, fmt.Sprintf("the vendor has %d keys for this order", len(keys)))
	default:
		return record, nil
	}
}

// note keeps the new state of an order. If that fails the old one stays, so that
// the next call looks for the key again.
func (s *Shop) note(ctx context.Context, record Record, state State, why string) (Record, error) {
	noted := record
	noted.State, noted.At, noted.Note = state, s.Now(), why
	if err := s.Store.Put(ctx, noted); err != nil {
		return record, err
	}
	return noted, nil
}

// Resume goes on with every order that is neither sold nor held for review. Call
// it when the program starts, and every minute: it does not take a webhook to
// bring an order to its end.
func (s *Shop) Resume(ctx context.Context) error {
	open, err := s.Store.List(ctx, Unsold, Selling)
	if err != nil {
		return err
	}
	var failed []error
	for _, record := range open {
		if ctx.Err() != nil {
			return errors.Join(append(failed, ctx.Err())...)
		}
		if _, err := s.Fulfil(ctx, record.Order); err != nil {
			failed = append(failed, fmt.Errorf("order %s: %w", record.Order.ID, err))
		}
	}
	return errors.Join(failed...)
}
