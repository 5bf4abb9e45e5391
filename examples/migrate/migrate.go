package main

import (
	"context"
	"fmt"
	"time"
)

// Key is a key of the old vendor, in words that fit every vendor.
type Key struct {
	ID    string // the old vendor's name for it, such as "junkie/17": it never changes, and is no secret
	Value string // what the customer enters
	Name  string // your label; "" = none

	Off     bool          // switched off, and can be switched on again
	Expires time.Time     // zero = never, or see Starts
	Starts  time.Duration // how long it works from its first use on, which is still to come; 0 = its clock runs, or it has none
	Devices int           // how many may use it; 0 = any number

	Notes map[string]string // what the new vendor keeps with it and does nothing with
	Lost  []Loss            // what no vendor takes in
	Stays string            // why it must not move; "" = it may
}

// Loss is something of a key that is not carried over.
type Loss struct {
	What   string // the same words for all keys, so that they can be counted
	Detail string // of this key, and what follows from it; "" = nothing more
}

// Source reads all keys of the old vendor, the oldest first.
type Source func(ctx context.Context) ([]Key, error)

// Target is the new vendor.
type Target interface {
	// Load reads what is there already. An error means that no key can be moved.
	Load(ctx context.Context) error
	// Plan says what would become of a key. It calls nobody.
	Plan(key Key) Plan
	// Create makes the key that Plan has said there would be, and says what is
	// there now. It may be called again, whatever became of the call before, and
	// makes no second one. An error means that nobody knows, or that other keys
	// would meet the same.
	Create(ctx context.Context, key Key) (Plan, error)
}

// Verdict is what becomes of a key.
type Verdict string

// The verdicts. A key that stays is not touched anywhere.
const (
	Moves   Verdict = "moves"
	Moved   Verdict = "moved"
	There   Verdict = "is there"              // from a run before
	Differs Verdict = "is there, and differs" // one of the two was changed since
	Stays   Verdict = "stays"
	Refused Verdict = "is refused" // nothing was created
)

// Plan is what becomes of one key.
type Plan struct {
	Key     Key
	Verdict Verdict
	Why     string // it stays, differs or is refused
	Lost    []Loss // of a key that moves
}

// Migrate says what becomes of each key, and moves those that can be moved if it is
// to apply that. After an error, the plans that are returned are right as far as
// they say that keys were moved; call it again, and it goes on.
func Migrate(ctx context.Context, source Source, target Target, apply bool) ([]Plan, error) {
	keys, err := source(ctx)
	if err != nil {
		return nil, fmt.Errorf("the old keys could not be read: %w", err)
	}
	if err := target.Load(ctx); err != nil {
		return nil, err
	}
	var plans []Plan
	for _, key := range keys {
		plans = append(plans, planOf(key, target))
	}
	if !apply {
		return plans, nil
	}
	for n, plan := range plans {
		if plan.Verdict != Moves {
			continue
		}
		made, err := target.Create(ctx, plan.Key)
		if err != nil {
			return plans, fmt.Errorf("stopped at %s; run this again, which makes no second key: %w", plan.Key.ID, err)
		}
		if made.Verdict == Moved {
			made.Lost = plan.Lost
		}
		plans[n] = made
	}
	return plans, nil
}

// planOf asks the target, unless the old vendor knows already that a key stays.
func planOf(key Key, target Target) Plan {
	if key.Stays != "" {
		return Plan{Key: key, Verdict: Stays, Why: key.Stays}
	}
	plan := target.Plan(key)
	if plan.Verdict == Moves {
		plan.Lost = append(plan.Lost, key.Lost...)
	}
	return plan
}
