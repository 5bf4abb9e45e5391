package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/keysmith-go/keysmith/keycrate"
)

const month = 30 * 24 * time.Hour

// Payment is another month that a customer has paid for. Keep it in your database.
type Payment struct {
	License string
	Before  *Mark // of the license, from before it was first extended; nil = not tried yet
	Done    bool
}

// Mark is what shows that a license was extended.
type Mark struct {
	ExpiresAt time.Time
	Granted   time.Duration
}

// Renewals is the job that gives customers what they have paid for. Let it run
// every hour, one at a time.
type Renewals struct {
	Licenses *keycrate.LicensesService
	Save     func(*Payment) error // into the database, before it returns
}

// Run extends the license of each payment that is not done, once. After an error
// that payment is as safe as before, and the next run goes on with it. Until then
// others for the same license wait, whose time could not be told from its.
func (r *Renewals) Run(ctx context.Context, payments []*Payment) error {
	var failed []error
	waiting := map[string]bool{}
	for n, payment := range payments {
		if payment.Done || waiting[payment.License] {
			continue
		}
		if err := r.renew(ctx, payment); err != nil {
			waiting[payment.License] = true
			failed = append(failed, fmt.Errorf("payment %d: %w", n+1, err))
		}
	}
	return errors.Join(failed...)
}

// renew extends a license, unless an earlier run did. That run may not know it: an
// extension whose answer got lost is not sent again, since it would give a second
// month.
func (r *Renewals) renew(ctx context.Context, payment *Payment) error {
	license, err := r.Licenses.Get(ctx, payment.License)
	if err != nil {
		return err
	}
	now := Mark{ExpiresAt: license.ExpiresAt, Granted: license.Granted}
	switch {
	case payment.Before == nil:
		payment.Before = &now
		if err := r.Save(payment); err != nil {
			payment.Before = nil
			return err
		}
	case now.Granted == 0 && now.ExpiresAt.IsZero():
		return errors.New("the vendor does not show whether the license was extended")
	case payment.Before.extended(now):
		return r.done(payment)
	}
	if _, err := r.Licenses.Extend(ctx, payment.License, month); err != nil {
		return err // done or not: the next run looks
	}
	return r.done(payment)
}

// extended reports whether time was added since the mark was made. The end of a
// license also moves when the customer first uses it, so that the time granted is
// the better witness.
func (m *Mark) extended(now Mark) bool {
	if m.Granted != 0 {
		return now.Granted != m.Granted
	}
	return !now.ExpiresAt.Equal(m.ExpiresAt)
}

func (r *Renewals) done(payment *Payment) error {
	payment.Done = true
	if err := r.Save(payment); err != nil {
		payment.Done = false
		return err
	}
	return nil
}
