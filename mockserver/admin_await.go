package mockserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// How long a caller of the control plane waits for requests.
const (
	awaitTimeout    = 5 * time.Second
	maxAwaitTimeout = time.Minute
)

var errWaited = errors.New("mockserver: the time to wait is over")

// awaitRequests is Server.AwaitCalls over HTTP.
func (s *Server) awaitRequests(r controlRequest) (any, error) {
	wanted, err := s.readWanted(r.query)
	if err != nil {
		return nil, err
	}
	n, sent, err := number(r.query, "count", 1)
	switch {
	case err != nil:
		return nil, err
	case !sent:
		n = 1
	case n > s.made.journal:
		return nil, core.BadParameter("count", "must be at most %d: more the journal does not keep", s.made.journal)
	}
	timeout := awaitTimeout
	if r.query.Has("timeout") {
		timeout, err = core.ParseDuration(r.query.Get("timeout"))
		if err != nil || timeout < 0 || timeout > maxAwaitTimeout {
			return nil, core.BadParameter("timeout", "must be a duration of at most %v, such as \"5s\"", maxAwaitTimeout)
		}
	}
	ctx, cancel := context.WithTimeoutCause(r.ctx, timeout, errWaited)
	defer cancel()
	over, dropped, err := s.await(ctx, r.quit, n, wanted)
	switch {
	case errors.Is(err, errWaited):
		return nil, &core.ControlError{Status: http.StatusGatewayTimeout, Detail: fmt.Sprintf("%d of %d requests were over after %v", over, n, timeout)}
	case err != nil:
		return nil, &core.ControlError{Status: http.StatusServiceUnavailable, Detail: "the endpoint closes"}
	}
	return map[string]any{"count": over, "dropped": dropped}, nil
}
