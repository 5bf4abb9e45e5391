package conformance

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

// A client that is paced to the vendor's limits never meets them, and loses no
// time beyond what they cost. The times are worked out by hand.
func TestPacingKeepsTheVendorsLimits(t *testing.T) {
	t.Parallel()
	tens := junkie.Window{Calls: 20, Per: 10 * time.Second}
	minutes := junkie.Window{Calls: 60, Per: time.Minute}
	for name, test := range map[string]struct {
		windows []junkie.Window
		limit   junkie.Window // of the vendor
		latency time.Duration // of every call, before the vendor looks at it
		calls   int
		takes   time.Duration
	}{
		// 20 at 0, 10 and 20 s.
		"one window": {windows: []junkie.Window{tens}, limit: tens, calls: 60, takes: 20 * time.Second},
		// The same, but a slot is free only 10 s after its answer, which takes
		// 300 ms: 20 at 0, 10.3 and 20.6 s, and the last answers at 20.9 s.
		"slow answers": {windows: []junkie.Window{tens}, limit: tens, latency: 300 * time.Millisecond, calls: 60, takes: 20900 * time.Millisecond},
		// 20 at 0, 10 and 20 s fill the minute; 20 each at 60 and 70 s.
		"two windows, the shorter enforced": {windows: []junkie.Window{tens, minutes}, limit: tens, calls: 100, takes: 70 * time.Second},
		"two windows, the longer enforced":  {windows: []junkie.Window{tens, minutes}, limit: minutes, calls: 100, takes: 70 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, r *rig) {
				r.Junkie.SetRateLimit(test.limit.Calls, test.limit.Per)
				if test.latency > 0 {
					r.Server.Inject(mockserver.Fault{Op: junkiemock.OpListFolders, Do: mockserver.Latency(test.latency)})
				}
				cfg := r.junkieConfig()
				cfg.Pacing = test.windows
				client, err := junkie.New(cfg)
				require.NoError(t, err)
				started := time.Now()
				errs := make(chan error, test.calls)
				for range test.calls {
					go func() {
						_, err := client.Keys.Folders(t.Context())
						errs <- err
					}()
				}
				for range test.calls {
					require.NoError(t, <-errs)
				}
				assert.Equal(t, test.takes, time.Since(started))
				calls := r.Server.Calls(junkiemock.OpListFolders)
				assert.Len(t, calls, test.calls)
				for _, call := range calls {
					assert.Equal(t, 200, call.Status, "%v", call)
				}
			})
		})
	}
}

// The control: without pacing the same calls are refused.
func TestWithoutPacingTheLimitIsMet(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.Junkie.SetRateLimit(20, 10*time.Second)
		keys := r.junkieClient(t).Keys
		for range 21 {
			_, err := keys.Folders(t.Context())
			require.NoError(t, err) // it waits as the vendor asks
		}
		refused := 0
		for _, call := range r.Server.Calls() {
			if call.Status == 429 {
				refused++
			}
		}
		assert.Equal(t, 1, refused)
	})
}
