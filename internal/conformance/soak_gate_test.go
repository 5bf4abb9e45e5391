package conformance

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/keysmith-go/keysmith/mockserver"
)

// soakGate is where requests to a vendor arrive, one after the other: so a fault
// can be put in place for one of them and for no other, and the journal, which is
// in order of arrival, can be told caller by caller. Who hangs or is late has
// passed it.
type soakGate struct {
	server   *mockserver.Server
	vendor   vendorMatrix
	taken    chan struct{}
	arrivals []soakArrival // as many as the vendor has journal entries
}

// soakArrival is a request that has reached the vendor.
type soakArrival struct {
	trip    *soakTrip
	attempt int
	method  string
}

func newSoakGate(s *mockserver.Server, v vendorMatrix) *soakGate {
	return &soakGate{server: s, vendor: v, taken: make(chan struct{}, 1)}
}

// pass sends a request that meets a fault.
func (g *soakGate) pass(req *http.Request, trip *soakTrip, fault soakFault, base http.RoundTripper) (*http.Response, error) {
	g.taken <- struct{}{}
	leave := sync.OnceFunc(func() { <-g.taken })
	defer leave()
	g.arrivals = append(g.arrivals, soakArrival{trip, trip.attempts, req.Method})
	if fault.do.String() == (mockserver.Action{}).String() {
		return base.RoundTrip(req)
	}
	if fault.givesUp {
		defer time.AfterFunc(patience, trip.cancel).Stop()
	}
	injected := g.server.Inject(mockserver.Fault{Op: g.vendor.name + ".*", Phase: fault.phase, Do: fault.do, Times: 1})
	defer func() {
		if injected.Hits() == 0 { // there was no commit to strike after
			injected.Remove()
		}
	}()
	// A bubble's clock moves only when all is blocked: by the next nanosecond,
	// the request waits for what is to come after the fault has struck.
	defer time.AfterFunc(1, leave).Stop()
	return base.RoundTrip(req)
}

// soakRoad is the http.RoundTripper of one caller to one vendor.
type soakRoad struct {
	caller *soakCaller
	gate   *soakGate
	base   http.RoundTripper
	fresh  http.RoundTripper // over the wire: on a new connection
}

// RoundTrip makes one attempt in the weather that is drawn for it.
func (r soakRoad) RoundTrip(req *http.Request) (*http.Response, error) {
	trip := soakTripOf(req.Context())
	trip.attempts++
	fault := soakWeather(r.caller.soak.size, r.caller.id, trip)
	if fault.outage != noOutage {
		trip.note.unsent++
		trip.note.met = append(trip.note.met, map[outage]string{connRefused: "connection refused", hostUnknown: "unknown host"}[fault.outage])
		return r.refused(fault.outage).RoundTrip(req)
	}
	if fault.page {
		trip.note.unsent++
		trip.note.met = append(trip.note.met, "a page on the way, status 200")
		return pageOnTheWay(req), nil
	}
	base := r.base
	if r.fresh != nil && fault.cuts && req.Method == http.MethodGet {
		// On a connection that was used before, net/http would send a GET that
		// is cut off once more by itself.
		base = r.fresh
	}
	resp, err := r.gate.pass(req, trip, fault, base)
	if err == nil && fault.hollow && resp.StatusCode/100 == 2 && resp.StatusCode != http.StatusNoContent {
		trip.note.met = append(trip.note.met, "after commit: main part missing")
		resp.Body.Close()
		resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader("{}")), 2
		resp.Header.Set("Content-Length", "2")
	}
	return resp, err
}

// pageOnTheWay is what a hotel's network says to everything until one has signed in.
func pageOnTheWay(req *http.Request) *http.Response {
	if req.Body != nil {
		req.Body.Close()
	}
	answer := httptest.NewRecorder()
	answer.Header().Set("Content-Type", "text/html")
	answer.WriteString("<html><body>Welcome to our network!</body></html>")
	return answer.Result()
}

// refused is the way to a vendor that cannot be reached: with net/http by a dialer
// that fails.
func (r soakRoad) refused(o outage) http.RoundTripper {
	if r.fresh == nil {
		return unreliable{r.base, &network{outage: o}}
	}
	return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return nil, o.failure(ctx) }}
}
