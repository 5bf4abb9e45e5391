package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// onceCall is one call of an operation that must never be delivered twice.
type onceCall struct {
	op    string // without the vendor's name
	do    func(context.Context) error
	tries []keygen.Attempt // of the operation itself
	looks []keygen.Attempt // of reads that followed
	err   error
}

// made is what the world holds of the things that a crowd has asked for.
type made struct{ policies, products, tokens, licenses map[string]int }

// keygenOnces returns n calls of each operation of Keygen that is Once, every
// one about a thing with a name of its own; and a way to count these things. The
// key that a pop takes has no name beforehand.
func keygenOnces(r *rig, client *keygen.Client, n int) (calls []*onceCall, named map[*onceCall]func(made) int, popped, drawn keygenmock.Policy) {
	w := r.Keygen
	product := w.AddProduct(keygenmock.Product{})
	popped, drawn = w.AddPolicy(keygenmock.Policy{Pooled: true}), w.AddPolicy(keygenmock.Policy{Pooled: true})
	named = map[*onceCall]func(made) int{}
	add := func(op string, count func(made) int, do func(context.Context) error) {
		call := &onceCall{op: op, do: do}
		calls = append(calls, call)
		if count != nil {
			named[call] = count
		}
	}
	for i := range n {
		name := fmt.Sprintf("number-%d", i)
		w.AddKey(keygenmock.Key{PolicyID: popped.ID})
		w.AddKey(keygenmock.Key{PolicyID: drawn.ID})
		owner := w.AddProduct(keygenmock.Product{}).ID
		add("createPolicy", func(m made) int { return m.policies[name] }, func(ctx context.Context) error {
			_, err := client.Policies.Create(ctx, keygen.CreatePolicyParams{Name: name, ProductID: product.ID})
			return err
		})
		add("createProduct", func(m made) int { return m.products[name] }, func(ctx context.Context) error {
			_, err := client.Products.Create(ctx, keygen.CreateProductParams{Name: name, Code: name})
			return err
		})
		add("createProductToken", func(m made) int { return m.tokens[owner] }, func(ctx context.Context) error {
			_, err := client.Products.CreateToken(ctx, owner)
			return err
		})
		add("createLicense", func(m made) int { return m.licenses[name] }, func(ctx context.Context) error {
			_, err := client.Licenses.Create(ctx, keygen.CreateLicenseParams{PolicyID: drawn.ID, Name: name})
			return err
		})
		add("popPool", nil, func(ctx context.Context) error {
			_, err := client.Pool(popped.ID).Pop(ctx)
			return err
		})
	}
	return calls, named, popped, drawn
}

var keygenOnceOps = []string{
	keygenmock.OpCreatePolicy, keygenmock.OpCreateProduct, keygenmock.OpCreateProductToken, keygenmock.OpCreateLicense, keygenmock.OpPopPool,
}

// countMade counts what there is, by what the crowd has called it.
func countMade(w *keygenmock.World) made {
	m := made{map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}}
	for _, p := range w.Default().Policies() {
		m.policies[p.Name]++
	}
	for _, p := range w.Default().Products() {
		m.products[p.Name]++
	}
	for _, t := range w.Default().Tokens() {
		m.tokens[t.BearerID]++
	}
	for _, l := range w.Licenses() {
		m.licenses[l.Name]++
	}
	return m
}

// crowdClient is a client that writes down the attempts of each call with it.
func crowdClient(t *testing.T, r *rig) *keygen.Client {
	t.Helper()
	cfg := r.keygenConfig()
	cfg.MaxResponseBytes = maxAnswer
	cfg.OnAttempt = func(ctx context.Context, a keygen.Attempt) {
		call := ctx.Value(callOfCrowd{}).(*onceCall)
		if a.Op == call.op {
			call.tries = append(call.tries, a)
		} else {
			call.looks = append(call.looks, a)
		}
	}
	client, err := keygen.New(cfg)
	require.NoError(t, err)
	return client
}

// callOfCrowd is the context's key for the call that is made in it.
type callOfCrowd struct{}

// makeAtOnce makes all calls at once and waits for them.
func makeAtOnce(ctx context.Context, calls []*onceCall) {
	var all sync.WaitGroup
	for _, call := range calls {
		all.Go(func() { call.err = call.do(context.WithValue(ctx, callOfCrowd{}, call)) })
	}
	all.Wait()
}

func (c *onceCall) verdict() string {
	var e *keygen.Error
	if errors.As(c.err, &e) {
		return e.Outcome.String()
	}
	if c.err != nil {
		return c.err.Error()
	}
	return "success"
}

// Hundreds at once, on a vendor that fails in every way: nothing that may have
// been done is asked for again, and afterwards there is exactly what the callers
// were told there is. Of licenses nobody is left in doubt who need not be.
func TestKeygenLedgerEqualsTheCallersNotes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		const each = 120
		calls, named, popped, drawn := keygenOnces(r, crowdClient(t, r), each)
		r.Server.ResetJournal()
		before := len(r.Server.Effects())
		troubles := injectTroubles(r.Server, keygenOnceOps...)
		makeAtOnce(t.Context(), calls)

		there, told, tries := countMade(r.Keygen), map[string]map[string]int{}, map[string]int{}
		for _, call := range calls {
			if told[call.op] == nil {
				told[call.op] = map[string]int{}
			}
			told[call.op][call.verdict()]++
			tries[call.op] += len(call.tries)
			call.assertSentOnce(t)
			count, isNamed := named[call]
			if !isNamed {
				continue
			}
			switch n := count(there); call.verdict() {
			case "success", keygen.OutcomeApplied.String():
				assert.Equal(t, 1, n, "%s: %v", call.op, call.err)
			case keygen.OutcomeNotApplied.String():
				assert.Zero(t, n, "%s: %v", call.op, call.err)
			default:
				assert.LessOrEqual(t, n, 1, "%s: %v", call.op, call.err)
				if call.op == "createLicense" {
					assert.Zero(t, n, "the client has looked: %v", call.err)
				}
			}
		}
		for _, op := range keygenOnceOps {
			r.Server.AssertCalls(t, tries[op[len("keygen."):]], op)
		}
		for op, verdicts := range told {
			ways := 4 // in which a call can end
			if op == "createLicense" {
				ways = 3 // what was applied is found
			}
			assert.Len(t, verdicts, ways, "%s: %v", op, verdicts)
		}
		pops := told["popPool"]
		sure := pops["success"] + pops[keygen.OutcomeApplied.String()]
		gone := each - len(r.Keygen.Pool(popped.ID))
		assert.GreaterOrEqual(t, gone, sure)
		assert.LessOrEqual(t, gone, sure+pops[keygen.OutcomeUnknown.String()])
		assert.Equal(t, told["createLicense"]["success"], each-len(r.Keygen.Pool(drawn.ID)), "a key for every license, and none besides")
		assert.Equal(t, told["createLicense"]["success"], len(r.Keygen.Licenses()))
		assertNoEffectTwice(t, r.Server.Effects()[before:])
		for _, trouble := range troubles {
			assert.NotZero(t, trouble.Hits())
		}
	})
}

// assertSentOnce checks that a call went out again only after an answer which
// proves that nothing had been done.
func (c *onceCall) assertSentOnce(t *testing.T) {
	t.Helper()
	require.NotEmpty(t, c.tries)
	for _, a := range c.tries[:len(c.tries)-1] {
		assert.Equal(t, http.StatusTooManyRequests, a.StatusCode, "%s was sent again after: %v", c.op, a.Err)
	}
	for _, a := range c.looks {
		assert.Equal(t, "getLicense", a.Op, "nothing but that is looked for")
	}
}

func assertNoEffectTwice(t *testing.T, effects []mockserver.Effect) {
	t.Helper()
	seen := map[string]bool{}
	for _, e := range effects {
		assert.False(t, seen[e.Kind+e.ID], "%s twice on %s", e.Kind, e.ID)
		seen[e.Kind+e.ID] = true
	}
}

// A crowd that gives up all at once, some before the vendor has done anything,
// some after it, some in the wait that it asked for: everybody returns in that
// instant, nothing is sent any more, and nobody believes what is not so.
func TestKeygenCancelledCrowdIsSentOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		const third = 10
		calls, named, popped, drawn := keygenOnces(r, crowdClient(t, r), 3*third)
		r.Server.ResetJournal()
		for _, op := range keygenOnceOps {
			r.Server.Inject(mockserver.Fault{Op: op, Do: mockserver.Hang(), Times: third})
			r.Server.Inject(mockserver.Fault{Op: op, Do: mockserver.RateLimited(20 * time.Second), Times: third})
			r.Server.Inject(mockserver.Fault{Op: op, Phase: mockserver.AfterCommit, Do: mockserver.Hang(), Times: third})
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		defer time.AfterFunc(patience, func() { cancel(errShopClosed) }).Stop()
		began := time.Now()
		makeAtOnce(ctx, calls)
		assert.Equal(t, patience, time.Since(began))
		synctest.Wait()
		time.Sleep(time.Hour) // nothing goes on behind the callers' backs

		there, told := countMade(r.Keygen), map[string]map[string]int{}
		for _, call := range calls {
			if told[call.op] == nil {
				told[call.op] = map[string]int{}
			}
			told[call.op][call.verdict()]++
			require.ErrorIs(t, call.err, context.Canceled)
			require.ErrorIs(t, call.err, errShopClosed)
			assert.Len(t, call.tries, 1)
			assert.Empty(t, call.looks)
			limited := call.tries[0].StatusCode == http.StatusTooManyRequests
			assert.Equal(t, !limited, errors.Is(call.err, keygen.ErrUnknownOutcome), "%v", call.err)
			if count, isNamed := named[call]; isNamed && limited {
				assert.Zero(t, count(there))
			}
			var e *keygen.Error
			require.ErrorAs(t, call.err, &e)
			assert.Equal(t, call.op == "createLicense" && !limited, e.LicenseID != "", "what to look for later: %v", call.err)
		}
		for _, op := range keygenOnceOps {
			r.Server.AssertCalls(t, 3*third, op)
			assert.Equal(t, map[string]int{"unknown": 2 * third, "not applied": third}, told[op[len("keygen."):]])
		}
		r.Server.AssertCalls(t, 3*third*len(keygenOnceOps)) // and nothing else
		for _, pool := range []keygenmock.Policy{popped, drawn} {
			assert.Len(t, r.Keygen.Pool(pool.ID), 2*third, "of the third whose answers were late, each has taken one key")
		}
		for call, count := range named {
			assert.LessOrEqual(t, count(there), 1, call.op)
		}
	})
}

// What the client does by itself to find out is a read of its own: it is
// repeated as reads are, its failures do not pass for those of the call, and what
// it cannot find out stays unknown.
func TestKeygenFindsOutWhereItCan(t *testing.T) {
	t.Parallel()
	var (
		limited   = mockserver.Fault{Do: mockserver.RateLimited(time.Second), Times: 1}
		reset     = mockserver.Fault{Do: mockserver.ConnReset(), Times: 1}
		lost      = mockserver.Fault{Do: mockserver.ConnReset(), Phase: mockserver.AfterCommit, Times: 1}
		forbidden = mockserver.Fault{Do: mockserver.Status(403), Times: 1}
		down      = mockserver.Fault{Do: mockserver.Status(503)}
		garbage   = mockserver.Fault{Do: mockserver.GarbageBody(), Phase: mockserver.AfterCommit}
	)
	for name, test := range map[string]struct {
		op       string
		faults   []mockserver.Fault // of one attempt after the other
		looking  []mockserver.Fault // of the reads that follow
		attempts int
		looks    int // attempts of the read
		succeeds bool
		outcome  keygen.Outcome
		kinds    []error
		effects  int
		says     string
	}{
		"license: limited, then lost": {
			op: "createLicense", faults: []mockserver.Fault{limited, lost}, attempts: 2, looks: 1, succeeds: true, effects: 2,
		},
		"license: never made": {
			op: "createLicense", faults: []mockserver.Fault{reset}, attempts: 1, looks: 1,
			outcome: keygen.OutcomeUnknown, says: "look again in a minute",
		},
		"license: limited while looking": {
			op: "createLicense", faults: []mockserver.Fault{lost}, looking: []mockserver.Fault{limited},
			attempts: 1, looks: 2, succeeds: true, effects: 2,
		},
		"license: down while looking": {
			op: "createLicense", faults: []mockserver.Fault{lost}, looking: []mockserver.Fault{down},
			attempts: 1, looks: 3, outcome: keygen.OutcomeUnknown, effects: 2, says: "failed as well",
		},
		"license: garbage, and forbidden to look": {
			op: "createLicense", faults: []mockserver.Fault{garbage}, looking: []mockserver.Fault{forbidden},
			attempts: 1, looks: 1, outcome: keygen.OutcomeApplied, kinds: []error{keygen.ErrBadResponse}, effects: 2, says: "failed as well",
		},
		"key: lost, limited, taken by itself": {
			op: "createKey", faults: []mockserver.Fault{lost, limited}, attempts: 3, looks: 1, succeeds: true, effects: 1,
		},
		"key: lost, taken, down while looking": {
			op: "createKey", faults: []mockserver.Fault{lost}, looking: []mockserver.Fault{down},
			attempts: 2, looks: 3, outcome: keygen.OutcomeUnknown, kinds: []error{keygen.ErrConflict}, effects: 1, says: "could not be looked through",
		},
		"key: lost, then forbidden": {
			op: "createKey", faults: []mockserver.Fault{lost, forbidden}, attempts: 2,
			outcome: keygen.OutcomeUnknown, kinds: []error{keygen.ErrForbidden}, effects: 1, says: "List the policy's keys",
		},
		"pop: limited, then lost": {
			op: "popPool", faults: []mockserver.Fault{limited, lost}, attempts: 2, outcome: keygen.OutcomeUnknown, effects: 1,
			says: "compare the pool's list",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, r *rig) {
				v := keygenMatrix()
				scene := v.stage(t, r, settings{maxResponseBytes: maxAnswer})
				d := scene.drives[test.op]
				committed := 0 // attempts that faults before the commit must let pass
				for _, fault := range test.faults {
					fault.Op = "keygen." + test.op
					if fault.Phase == mockserver.AfterCommit {
						committed++
					} else {
						fault.Skip = committed
					}
					r.Server.Inject(fault)
				}
				for _, fault := range test.looking {
					fault.Op = "keygen." + d.looks
					r.Server.Inject(fault)
				}
				err := d.call(t.Context())
				r.Server.AssertCalls(t, test.attempts, "keygen."+test.op)
				r.Server.AssertCalls(t, test.attempts+test.looks)
				assert.Len(t, effectsOf(r.Server, "keygen."+test.op), test.effects)
				if test.succeeds {
					require.NoError(t, err)
					return
				}
				var e *keygen.Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, test.op, e.Op)
				assert.Equal(t, test.attempts, e.Attempts)
				assert.Equal(t, test.outcome, e.Outcome)
				assert.Equal(t, test.op == "createLicense", e.LicenseID != "")
				assert.Contains(t, err.Error(), test.says)
				assertHides(t, scene.secrets(), err.Error())
				for _, kind := range v.kinds {
					wanted := slices.Contains(test.kinds, kind) || kind == keygen.ErrUnknownOutcome && test.outcome == keygen.OutcomeUnknown
					assert.Equal(t, wanted, errors.Is(err, kind), "errors.Is(err, %q)", kind)
				}
			})
		})
	}
}
