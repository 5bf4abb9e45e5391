package conformance

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// note is what a caller believes about one order.
type note struct {
	order string
	keys  int // that the call was to create
	err   error
}

// A hundred buyers at once, on a vendor that fails in every way: afterwards
// there is exactly what the callers were told there is.
func TestLedgerEqualsTheCallersNotes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		const buyers, orders, batch = 100, 4, 3
		troubles := injectTroubles(r.Server, junkiemock.OpCreateKey, junkiemock.OpCreateKeys)
		cfg := r.junkieConfig()
		cfg.MaxResponseBytes = maxAnswer
		client, err := junkie.New(cfg)
		require.NoError(t, err)
		shop := r.Junkie.AddProvider("shop")

		notes := make(chan note, buyers*orders)
		var crowd sync.WaitGroup
		for buyer := range buyers {
			crowd.Add(1)
			go func() {
				defer crowd.Done()
				for order := range orders {
					n := note{order: fmt.Sprintf("buyer %d, order %d", buyer, order), keys: 1}
					if order%2 == 0 {
						_, n.err = client.Keys.Create(t.Context(), junkie.CreateKeyParams{ProviderID: shop.ID, Name: n.order})
					} else {
						n.keys = batch
						_, n.err = client.Keys.CreateBatch(t.Context(), junkie.CreateBatchParams{ProviderID: shop.ID, Name: n.order, Amount: batch})
					}
					notes <- n
				}
			}()
		}
		crowd.Wait()
		close(notes)

		created := map[string]int{}
		for _, key := range r.Junkie.Keys() {
			created[key.Name]++
		}
		told := map[string]int{}
		for n := range notes {
			told[n.verdict()]++
			switch n.verdict() {
			case "success", junkie.OutcomeApplied.String():
				assert.Equal(t, n.keys, created[n.order], "%s: %v", n.order, n.err)
			case junkie.OutcomeNotApplied.String():
				assert.Zero(t, created[n.order], "%s: %v", n.order, n.err)
			case junkie.OutcomeUnknown.String():
				assert.Contains(t, []int{0, n.keys}, created[n.order], "%s: %v", n.order, n.err)
			}
		}
		assert.Len(t, told, 4, "every way in which a call can end: %v", told)
		inLedger := r.Server.Effects(junkiemock.EffectKeyCreated)
		assert.Len(t, inLedger, len(r.Junkie.Keys()), "the ledger equals the state")
		for _, trouble := range troubles {
			assert.NotZero(t, trouble.Hits())
		}
	})
}

func (n note) verdict() string {
	var e *junkie.Error
	if errors.As(n.err, &e) {
		return e.Outcome.String()
	}
	if n.err != nil {
		return n.err.Error()
	}
	return "success"
}

// injectTroubles lets many calls of some operations fail, each kind of failure at
// other calls.
func injectTroubles(s *mockserver.Server, ops ...string) []*mockserver.Injection {
	var troubles []*mockserver.Injection
	for round := range 4 {
		for _, f := range []mockserver.Fault{
			{Do: mockserver.ConnReset()},
			{Do: mockserver.RateLimited(time.Second)},
			{Do: mockserver.ConnReset(), Phase: mockserver.AfterCommit},
			{Do: mockserver.Status(503)},
			{Do: mockserver.CutBody(), Phase: mockserver.AfterCommit},
			{Do: mockserver.Status(501)},
			{Do: mockserver.ConnClose(), Phase: mockserver.AfterCommit},
			{Do: mockserver.Oversized(maxAnswer + 1), Phase: mockserver.AfterCommit},
			{Do: mockserver.Hang()},
			{Do: mockserver.RateLimited(time.Hour)},
			{Do: mockserver.Hang(), Phase: mockserver.AfterCommit},
			{Do: mockserver.GarbageBody(), Phase: mockserver.AfterCommit},
		} {
			for _, op := range ops {
				f.Op, f.Skip, f.Times = op, 2, 1+round%2
				troubles = append(troubles, s.Inject(f))
			}
		}
	}
	return troubles
}
