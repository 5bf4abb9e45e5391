package conformance

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
)

var errShopClosed = errors.New("the shop closes")

// place is where in its life a creation is when its caller cancels it.
type place struct {
	name    string
	network *network // fresh with every call of places
	faults  []mockserver.Fault
	pacing  []junkie.Window
	stalled bool // answers stop half-way through their bodies
	done    bool // cancelled before the call

	attempts int
	outcome  junkie.Outcome
	effects  int
	status   int
	said     string // the vendor's words, which must not get lost
	kinds    []error
}

func places() []place {
	const op = junkiemock.OpCreateKey
	limited := mockserver.Fault{Op: op, Do: mockserver.RateLimited(time.Second), Times: 1}
	hang := mockserver.Fault{Op: op, Do: mockserver.Hang()}
	hangLate := mockserver.Fault{Op: op, Phase: mockserver.AfterCommit, Do: mockserver.Hang()}
	oneAMinute := []junkie.Window{{Calls: 1, Per: time.Minute}}

	after429 := func(p place) place {
		p.status, p.said, p.kinds = http.StatusTooManyRequests, "Rate limit exceeded", []error{junkie.ErrRateLimited}
		return p
	}
	return []place{
		{name: "before the call", done: true},
		{name: "connecting", network: &network{outage: dialHangs}, attempts: 1},
		{name: "waiting for the answer", faults: []mockserver.Fault{hang},
			attempts: 1, outcome: junkie.OutcomeUnknown, kinds: []error{junkie.ErrUnknownOutcome}},
		{name: "waiting for the answer after the commit", faults: []mockserver.Fault{hangLate},
			attempts: 1, outcome: junkie.OutcomeUnknown, effects: 1, kinds: []error{junkie.ErrUnknownOutcome}},
		{name: "reading the answer", stalled: true,
			attempts: 1, outcome: junkie.OutcomeApplied, effects: 1, status: http.StatusCreated, kinds: []error{junkie.ErrBadResponse}},

		after429(place{name: "between two attempts",
			faults:   []mockserver.Fault{{Op: op, Do: mockserver.RateLimited(20 * time.Second), Times: 1}},
			attempts: 1}),
		after429(place{name: "in the queue of the pacer", faults: []mockserver.Fault{limited}, pacing: oneAMinute,
			attempts: 1}),
		after429(place{name: "connecting again", faults: []mockserver.Fault{limited}, network: &network{outage: dialHangs, skip: 1},
			attempts: 2}),
		after429(place{name: "waiting for the second answer", faults: []mockserver.Fault{limited, hang},
			attempts: 2, outcome: junkie.OutcomeUnknown}),
	}
}

// Wherever a call is, it ends in the instant in which its caller cancels, says
// what is known about its effect, and keeps what the vendor said last.
func TestCancelledCallsEndAtOnce(t *testing.T) {
	t.Parallel()
	for i := range places() {
		for w := range new(network).ways() {
			p := places()[i]
			if p.network == nil {
				p.network = new(network)
			}
			way := p.network.ways()[w]
			if p.stalled && way.name == "over the wire" {
				way.make = stallingServer
			}
			t.Run(p.name+"/"+way.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { p.test(t, way) })
			})
		}
	}
}

func (p place) test(t *testing.T, w way) {
	s := mockserver.RunT(t)
	r := w.make(t, s)
	r.serve(s)
	if wire, ok := r.http.Transport.(*http.Transport); ok {
		wire.DisableKeepAlives = true // the second attempt connects again
	} else if p.stalled {
		r.http.Transport = stalling{r.http.Transport}
	}
	for _, fault := range p.faults {
		s.Inject(fault)
	}
	cfg := r.junkieConfig()
	cfg.Pacing = p.pacing
	client, err := junkie.New(cfg)
	require.NoError(t, err)
	shop := r.Junkie.AddProvider("shop")

	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	wanted := patience
	if p.done {
		wanted = 0
		cancel(errShopClosed)
	} else {
		defer time.AfterFunc(patience, func() { cancel(errShopClosed) }).Stop()
	}
	started := time.Now()
	_, err = client.Keys.Create(ctx, junkie.CreateKeyParams{ProviderID: shop.ID})
	assert.Equal(t, wanted, time.Since(started), "the call ends when it is cancelled")

	require.ErrorIs(t, err, context.Canceled)
	assert.ErrorIs(t, err, errShopClosed, "the reason that the caller gave")
	assert.NotErrorIs(t, err, context.DeadlineExceeded)
	e := failed(t, err)
	assert.Equal(t, p.attempts, e.Attempts)
	assert.Equal(t, p.outcome, e.Outcome)
	assert.Equal(t, p.outcome == junkie.OutcomeUnknown, errors.Is(err, junkie.ErrUnknownOutcome))
	assert.Equal(t, p.status, e.StatusCode)
	assert.Equal(t, p.said, e.Message)
	for _, kind := range p.kinds {
		assert.ErrorIs(t, err, kind)
	}
	assert.Contains(t, err.Error(), errShopClosed.Error())
	synctest.Wait()
	assert.Len(t, effectsOf(s, junkiemock.OpCreateKey), p.effects)
}

// stalling hands on half of every body and then nothing until the request ends.
type stalling struct{ base http.RoundTripper }

func (s stalling) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := s.base.RoundTrip(req)
	if err == nil {
		half := io.LimitReader(resp.Body, resp.ContentLength/2)
		resp.Body = stalledBody{io.MultiReader(half, untilDone{req.Context()}), resp.Body}
	}
	return resp, err
}

type stalledBody struct {
	io.Reader
	io.Closer
}

type untilDone struct{ ctx context.Context }

func (u untilDone) Read([]byte) (int, error) {
	<-u.ctx.Done()
	return 0, u.ctx.Err()
}

// stallingServer is the mock behind a server that stalls like this.
func stallingServer(t *testing.T, s *mockserver.Server) *rig {
	handler := s.Handler()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		whole := httptest.NewRecorder()
		handler.ServeHTTP(whole, r)
		for name, values := range whole.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(whole.Code)
		_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})}
	pipe := newPipeListener()
	served := make(chan error, 1)
	go func() { served <- server.Serve(pipe) }()
	transport := &http.Transport{DialContext: pipe.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		assert.NoError(t, server.Close())
		assert.ErrorIs(t, <-served, http.ErrServerClosed)
	})
	return &rig{http: &http.Client{Transport: transport}, junkieURL: "http://" + pipe.Addr().String() + "/api/v2"}
}

// A wait that the deadline would cut short is not begun: the call returns the
// vendor's error while there is still time to do something else.
func TestDeadlineBeforeTheEndOfAWait(t *testing.T) {
	t.Parallel()
	t.Run("Retry-After", func(t *testing.T) {
		t.Parallel()
		each(t, func(t *testing.T, r *rig) {
			keys, shop := r.junkieClient(t).Keys, r.Junkie.AddProvider("shop")
			r.Server.Inject(mockserver.Fault{Op: junkiemock.OpCreateKey, Do: mockserver.RateLimited(30 * time.Second)})
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			started := time.Now()
			_, err := keys.Create(ctx, junkie.CreateKeyParams{ProviderID: shop.ID})

			assert.Zero(t, time.Since(started))
			require.ErrorIs(t, err, junkie.ErrRateLimited)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			e := failed(t, err)
			assert.Equal(t, 30*time.Second, e.RetryAfter)
			assert.Equal(t, "Rate limit exceeded", e.Message)
			assert.Equal(t, 1, e.Attempts)
			assert.Contains(t, err.Error(), "try again in 30s")
			r.Server.AssertCalls(t, 1)
		})
	})
	t.Run("pacer", func(t *testing.T) {
		t.Parallel()
		each(t, func(t *testing.T, r *rig) {
			cfg := r.junkieConfig()
			cfg.Pacing = []junkie.Window{{Calls: 1, Per: time.Minute}}
			client, err := junkie.New(cfg)
			require.NoError(t, err)
			_, err = client.Keys.Folders(t.Context())
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), 59*time.Second)
			defer cancel()
			started := time.Now()
			_, err = client.Keys.Folders(ctx)

			assert.Zero(t, time.Since(started))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Zero(t, failed(t, err).Attempts)
			assert.Contains(t, err.Error(), "nothing was sent")
			r.Server.AssertCalls(t, 1)
		})
	})
}

// The iterator ends with the context too, and tells so once.
func TestCancelledIteration(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		for range 3 {
			r.Junkie.AddKey(junkiemock.Key{})
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		seen, errs := 0, 0
		for key, err := range r.junkieClient(t).Keys.All(ctx, junkie.ListKeysParams{Limit: 1}) {
			if err != nil {
				assert.ErrorIs(t, err, context.Canceled)
				assert.Nil(t, key)
				errs++
				continue
			}
			seen++
			cancel()
		}
		assert.Equal(t, 1, seen)
		assert.Equal(t, 1, errs)
		r.Server.AssertCalls(t, 1)
	})
}
