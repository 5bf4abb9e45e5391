package conformance

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver"
)

// The outcome belongs to the call, not to its last attempt: what one attempt
// left open, no refusal of a later one settles.
func TestFailuresOfSeveralKindsInOneCall(t *testing.T) {
	t.Parallel()
	var (
		limited   = mockserver.Fault{Do: mockserver.RateLimited(time.Second)}
		tooLong   = mockserver.Fault{Do: mockserver.RateLimited(time.Hour)}
		reset     = mockserver.Fault{Do: mockserver.ConnReset()}
		lost      = mockserver.Fault{Do: mockserver.ConnReset(), Phase: mockserver.AfterCommit}
		down      = mockserver.Fault{Do: mockserver.Status(503)}
		forbidden = mockserver.Fault{Do: mockserver.Status(403)}
		notFound  = mockserver.Fault{Do: mockserver.Status(404)}
		proxy404  = mockserver.Fault{Do: mockserver.HTMLPage(404)}
		garbage   = mockserver.Fault{Do: mockserver.GarbageBody(), Phase: mockserver.AfterCommit}
	)
	const (
		applied    = junkie.OutcomeApplied
		notApplied = junkie.OutcomeNotApplied
		unknown    = junkie.OutcomeUnknown
	)
	for name, test := range map[string]struct {
		op       string
		faults   []mockserver.Fault // of one attempt after the other
		attempts int
		succeeds bool
		outcome  junkie.Outcome
		kinds    []error
		effects  int
	}{
		"limited, then made":                {op: "createKey", faults: []mockserver.Fault{limited, limited}, attempts: 3, succeeds: true, effects: 1},
		"limited, then lost":                {op: "createKey", faults: []mockserver.Fault{limited, lost}, attempts: 2, outcome: unknown, effects: 1},
		"limited, then down":                {op: "createKey", faults: []mockserver.Fault{limited, down}, attempts: 2, outcome: unknown, kinds: []error{junkie.ErrServer}},
		"limited, then forbidden":           {op: "createKey", faults: []mockserver.Fault{limited, forbidden}, attempts: 2, outcome: notApplied, kinds: []error{junkie.ErrForbidden}},
		"limited, then garbage":             {op: "createKey", faults: []mockserver.Fault{limited, garbage}, attempts: 2, outcome: applied, kinds: []error{junkie.ErrBadResponse}, effects: 1},
		"reset, then limited":               {op: "updateKey", faults: []mockserver.Fault{reset, limited, limited}, attempts: 3, outcome: unknown, kinds: []error{junkie.ErrRateLimited}},
		"lost, then limited":                {op: "updateKey", faults: []mockserver.Fault{lost, limited, limited}, attempts: 3, outcome: unknown, kinds: []error{junkie.ErrRateLimited}, effects: 1},
		"lost, then limited for long":       {op: "updateKey", faults: []mockserver.Fault{lost, tooLong}, attempts: 2, outcome: unknown, kinds: []error{junkie.ErrRateLimited}, effects: 1},
		"lost, then forbidden":              {op: "updateKey", faults: []mockserver.Fault{lost, forbidden}, attempts: 2, outcome: unknown, kinds: []error{junkie.ErrForbidden}, effects: 1},
		"lost, then not found":              {op: "updateKey", faults: []mockserver.Fault{lost, notFound}, attempts: 2, outcome: unknown, kinds: []error{junkie.ErrNotFound}, effects: 1},
		"lost, then garbage":                {op: "updateKey", faults: []mockserver.Fault{lost, garbage}, attempts: 2, outcome: applied, kinds: []error{junkie.ErrBadResponse}, effects: 1},
		"lost, then limited, then made":     {op: "updateKey", faults: []mockserver.Fault{lost, limited}, attempts: 3, succeeds: true, effects: 1},
		"deleted, lost, limited, not found": {op: "deleteKey", faults: []mockserver.Fault{lost, limited}, attempts: 3, succeeds: true, effects: 1},
		"not deleted, and a proxy's 404":    {op: "deleteKey", faults: []mockserver.Fault{reset, proxy404}, attempts: 2, outcome: unknown, kinds: []error{junkie.ErrBadResponse}},
		"read: reset, limited, down":        {op: "getKey", faults: []mockserver.Fault{reset, limited, down}, attempts: 3, outcome: notApplied, kinds: []error{junkie.ErrServer}},
		"bulk: deleted, lost, forbidden":    {op: "deleteKeys", faults: []mockserver.Fault{lost, forbidden}, attempts: 2, outcome: unknown, kinds: []error{junkie.ErrForbidden}, effects: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, r *rig) {
				committed := 0 // attempts that faults before the commit must let pass
				for _, fault := range test.faults {
					fault.Op, fault.Times = "junkie."+test.op, 1
					if fault.Phase == mockserver.AfterCommit {
						committed++
					} else {
						fault.Skip = committed
					}
					r.Server.Inject(fault)
				}
				v := junkieMatrix()
				err := v.stage(t, r, settings{}).drives[test.op].call(t.Context())
				r.Server.AssertCalls(t, test.attempts)
				assert.Len(t, effectsOf(r.Server, "junkie."+test.op), test.effects)
				if test.succeeds {
					require.NoError(t, err)
					return
				}
				e := failed(t, err)
				assert.Equal(t, test.attempts, e.Attempts)
				assert.Equal(t, test.outcome, e.Outcome)
				for _, kind := range v.kinds {
					wanted := slices.Contains(test.kinds, kind) || kind == junkie.ErrUnknownOutcome && test.outcome == unknown
					assert.Equal(t, wanted, errors.Is(err, kind), "errors.Is(err, %q)", kind)
				}
			})
		})
	}
}
