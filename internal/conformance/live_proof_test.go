package conformance

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
)

func TestLiveAgainstTheMock(t *testing.T) {
	t.Parallel()
	for _, v := range liveVendors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			s := mockserver.New()
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			endpoint, err := s.Listen("")
			require.NoError(t, err)
			environ, err := throughMockserver(t.Context(), append(endpoint.Environ(), liveSwitch+"="+liveMock))
			require.NoError(t, err)
			plan, err := livePlan(environ)
			require.NoError(t, err)
			transport := &http.Transport{}
			t.Cleanup(transport.CloseIdleConnections)
			real := v.visit(plan[v.name], newMark(), transport)
			real.contract = loadContract(t, v.name)
			real.wait = func(_ context.Context, d time.Duration) error { s.Advance(d); return nil }
			r := newLiveRun(v, real)
			r.ask(t.Context())
			t.Log(r.end().String())
		})
	}
}
