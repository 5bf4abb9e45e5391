package mockserver

import (
	"context"
	"log/slog"
	"net/http"
)

// WithLogger writes down what happens: a line for each request to a vendor at the
// level Info, once it is over, for each finding at Warn, and for each call of the
// control plane at Debug. The lines have no header, query or body, and of paths
// the templates; there is no secret in them. The server's lock is not held
// meanwhile.
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) { c.logger = logger }
}

// tellCall logs a call that is over, and what was found until then.
func (x *exchange) tellCall(ctx context.Context) {
	log := x.s.made.logger
	if log == nil {
		return
	}
	if x.untold {
		x.s.tellFindings()
	}
	if !log.Enabled(ctx, slog.LevelInfo) {
		return
	}
	var c Call
	x.s.amend(func() { c = x.s.outline(*x.call) })
	faults := make([]string, 0, len(c.Faults))
	for _, f := range c.Faults {
		faults = append(faults, f.Phase.String()+" "+f.Action)
	}
	log.LogAttrs(ctx, slog.LevelInfo, "call",
		slog.Int("number", c.Number),
		slog.String("vendor", c.Vendor),
		slog.String("op", c.Op),
		slog.String("method", c.Method),
		slog.String("path", c.Path),
		slog.Int("status", c.Status),
		slog.String("delivery", string(c.Delivery)),
		slog.Any("faults", faults),
		slog.Duration("duration", c.Duration),
	)
}

// tellFindings logs the findings that nobody was told of yet. They may be of
// other calls than the one that has come to its end.
func (s *Server) tellFindings() {
	log := s.made.logger
	if log == nil {
		return
	}
	s.mu.Lock()
	untold := s.findings.untold
	s.findings.untold = nil
	s.mu.Unlock()
	for _, f := range untold {
		log.Warn("finding", slog.String("vendor", f.Vendor), slog.String("op", f.Op), slog.String("finding", f.Text))
	}
}

// tellControl logs a call of the control plane.
func (s *Server) tellControl(r *http.Request, status int, watch stopwatch) {
	log := s.made.logger
	if log == nil {
		return
	}
	path := adminRoot
	if match := s.control.match(r); match.Op != nil {
		path = match.Op.Path
	}
	log.LogAttrs(r.Context(), slog.LevelDebug, "control",
		slog.String("method", r.Method),
		slog.String("path", path),
		slog.Int("status", status),
		slog.Duration("duration", watch.elapsed()),
	)
}
