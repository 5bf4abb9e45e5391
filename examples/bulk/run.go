package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/keygen"
)

// Run issues one license for each order, however often it is stopped and started
// again.
type Run struct {
	Licenses  *keygen.LicensesService
	AccountID string // which the ids of licenses are made of
	Workers   int    // calls at the same time
	Pacer     *Pacer

	// Save puts licenses on the disk before it returns. After an error the run
	// stops.
	Save func(...Issued) error
	// Fail keeps why an order has no license.
	Fail func(Order, error) error
	// Progress is told how many more orders are done with.
	Progress func(done int)
	// Say tells people what the run is doing.
	Say func(format string, args ...any)

	tally    Tally
	lost     []Order // of which nobody knows whether they have a license
	failures int     // of the vendor's, one after the other
}

// Tally is what became of the orders.
type Tally struct {
	Issued int // by this run
	Found  int // seen at the vendor: from a run before, or from a call whose answer was lost
	Failed int // and why is in the file of failures
	Left   int // not tried, or stopped midway: the next run goes on with them
}

const (
	settled     = time.Minute // after a lost answer, no vendor is still at work
	mostFailing = 10          // calls that fail one after the other: the vendor is down
)

// errStopped is why an order was not tried any more.
var errStopped = errors.New("stopped")

// Do issues licenses for orders, of which none is in the output. It looks for them
// first: a run before may have died between a call and its note. When stop ends, no
// more calls are begun, and those under way are brought to their end; when ctx ends,
// they are broken off. The error is why the run stopped early; whatever it says,
// the same orders may be given to another run.
func (r *Run) Do(ctx, stop context.Context, orders []Order) (Tally, error) {
	r.tally, r.lost, r.failures = Tally{}, nil, 0
	wanted, err := r.find(stop, orders)
	if err == nil {
		err = r.each(ctx, stop, wanted, r.issue)
	}
	if err == nil {
		err = r.settle(ctx, stop)
	}
	r.tally.Left = len(orders) - r.tally.Issued - r.tally.Found - r.tally.Failed
	if stop.Err() != nil && r.tally.Left > 0 {
		err = errStopped
	}
	return r.tally, err
}

// find walks over the licenses of all policies, takes down those that are there
// already, and returns the orders that have none.
func (r *Run) find(stop context.Context, orders []Order) (wanted []Order, err error) {
	byID := map[string]Order{}
	for _, order := range orders {
		byID[order.LicenseID(r.AccountID)] = order
	}
	for _, policy := range policiesOf(orders) {
		var found []result
		for license, err := range r.Licenses.All(stop, keygen.ListLicensesParams{PolicyID: policy}) {
			if err != nil {
				return nil, fmt.Errorf("no license was issued, since those that are there could not be listed: %w", err)
			}
			if order, ours := byID[license.ID]; ours {
				delete(byID, license.ID)
				found = append(found, r.check(order, license, noteFound))
			}
		}
		if err := r.keep(found); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(orders), func(order Order) bool {
		_, open := byID[order.LicenseID(r.AccountID)]
		return !open
	}), nil
}

// policiesOf returns the policies of orders, each once.
func policiesOf(orders []Order) []string {
	var policies []string
	for _, order := range orders {
		if !slices.Contains(policies, order.PolicyID) {
			policies = append(policies, order.PolicyID)
		}
	}
	return policies
}

// settle looks again for licenses whose answers were lost, when the vendor has had
// time enough, and issues those that are not there.
func (r *Run) settle(ctx, stop context.Context) error {
	if len(r.lost) == 0 {
		return nil
	}
	lost := r.lost
	r.lost, r.failures = nil, 0
	r.Say("%d answers were lost: in a minute it can be told whether the licenses are there", len(lost))
	if err := sleep(stop, settled); err != nil {
		return err
	}
	if err := r.each(ctx, stop, lost, r.issueUnlessThere); err != nil {
		return err
	}
	for _, order := range r.lost {
		if err := r.fail(order, errMidway); err != nil {
			return err
		}
	}
	return nil
}

// keep takes down what became of some orders, licenses first. An error means that
// the run must not go on.
func (r *Run) keep(results []result) error {
	if err := r.save(results); err != nil {
		return err
	}
	var stopping error
	for _, result := range results {
		switch {
		case result.license != nil:
			r.failures = 0
		case errors.Is(result.err, errStopped):
		case stopsAll(result.err):
			stopping = result.err
		case result.lost:
			r.failures++
			r.lost = append(r.lost, result.order)
		default:
			if result.vendorsFault() {
				r.failures++
			}
			if err := r.fail(result.order, result.err); err != nil {
				return err
			}
		}
		if r.failures >= mostFailing {
			stopping = fmt.Errorf("%d calls have failed one after the other, the last one so: %w", r.failures, result.err)
		}
	}
	return stopping
}

// save puts the licenses among some results on the disk.
func (r *Run) save(results []result) error {
	var rows []Issued
	found := 0
	for _, result := range results {
		if result.license != nil {
			rows = append(rows, result.row())
		}
		if result.license != nil && result.note == noteFound {
			found++
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := r.Save(rows...); err != nil {
		return err
	}
	r.tally.Found += found
	r.tally.Issued += len(rows) - found
	r.Progress(len(rows))
	return nil
}

func (r *Run) fail(order Order, reason error) error {
	if err := r.Fail(order, reason); err != nil {
		return err
	}
	r.tally.Failed++
	r.Progress(1)
	return nil
}
