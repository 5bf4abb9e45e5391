package conformance

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLive asks real vendors whether they keep the rules of the mock: those that
// the environment names, none by default. CONTRIBUTING.md says how, and what it
// does there. It fails for every rule that a vendor does not keep, and for
// whatever it leaves behind.
func TestLive(t *testing.T) {
	t.Parallel()
	environ, err := throughMockserver(t.Context(), os.Environ())
	require.NoError(t, err)
	plan, err := livePlan(environ)
	require.NoError(t, err)
	if len(plan) == 0 {
		t.Log("no vendor is asked: the environment names none; see CONTRIBUTING.md")
		return
	}
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	t.Cleanup(stop)
	context.AfterFunc(ctx, stop) // a second signal ends the process
	for _, v := range liveVendors() {
		if set := plan[v.name]; set != nil {
			t.Run(v.name, func(t *testing.T) {
				t.Parallel()
				askLive(ctx, t, v, set)
			})
		}
	}
}

// askLive asks one vendor everything, clears up whatever happens, and reports.
func askLive(ctx context.Context, t *testing.T, v *liveVendor, set liveSettings) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	run := newMark()
	t.Logf("whatever this run makes bears the mark %s", run)
	r := newLiveRun(v, v.visit(set, run, transport))
	r.real.contract = loadContract(t, v.name)
	t.Cleanup(func() {
		report := r.end()
		t.Log("\n" + report.String())
		fmt.Print("\n" + report.patch()) // as it can be applied, which a log is indented for
		assert.Empty(t, report.rules(refuted), "rules that the vendor does not keep")
		assert.Empty(t, describe(report.left), "things left behind")
		assert.Empty(t, report.mishaps)
	})
	asking, cancel := beforeDeadline(ctx, t)
	defer cancel()
	r.ask(asking)
	assert.NoError(t, context.Cause(asking), "the run was ended before its end")
}

// beforeDeadline ends a context while there is still time to clear up before the
// test binary is ended by its -timeout.
func beforeDeadline(ctx context.Context, t *testing.T) (context.Context, context.CancelFunc) {
	deadline, limited := t.Deadline()
	if !limited {
		return context.WithCancel(ctx)
	}
	left := time.Until(deadline)
	return context.WithTimeout(ctx, max(left-2*clearingTime, left/2))
}

// newMark is what a run's objects bear, and no others.
func newMark() string {
	random := make([]byte, 4)
	_, _ = rand.Read(random)
	return "ks-" + hex.EncodeToString(random)
}
