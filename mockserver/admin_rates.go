package mockserver

import (
	"net/http"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// rateLimitShown is one limit as the control plane writes and reads it.
type rateLimitShown struct {
	Calls int           `json:"calls"`
	Per   core.Duration `json:"per"`
}

// rateLimitsShown are the limits of one vendor.
type rateLimitsShown struct {
	Vendor     string           `json:"vendor"`
	On         []rateLimitShown `json:"on"`
	Documented []rateLimitShown `json:"documented"`
}

func addRateLimits(add addRoute, s *Server) {
	add(http.MethodGet, "/rate-limits", controlRoute{status: http.StatusOK, do: func(controlRequest) (any, error) {
		items := []rateLimitsShown{}
		for _, v := range s.vendors {
			if limits := s.rateLimits(v); limits != nil {
				items = append(items, *limits)
			}
		}
		return map[string]any{"items": items}, nil
	}})
	add(http.MethodGet, "/rate-limits/{id}", controlRoute{status: http.StatusOK, do: func(r controlRequest) (any, error) {
		_, limits, err := s.limitedVendor(r.id)
		return limits, err
	}})
	add(http.MethodPut, "/rate-limits/{id}", controlRoute{status: http.StatusOK, do: s.putRateLimits})
}

// limitedVendor finds a vendor with rate limits by its name.
func (s *Server) limitedVendor(name string) (*vendor, *rateLimitsShown, error) {
	for _, v := range s.vendors {
		if limits := s.rateLimits(v); v.name == name && limits != nil {
			return v, limits, nil
		}
	}
	return nil, nil, core.Missing("vendor with rate limits", name)
}

// rateLimits shows the limits of a vendor; nil: it cannot have any.
func (s *Server) rateLimits(v *vendor) *rateLimitsShown {
	world, ok := v.world.(core.Limited)
	if !ok {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	on, documented := world.RateLimits()
	return &rateLimitsShown{v.name, showRateLimits(on), showRateLimits(documented)}
}

func showRateLimits(limits []core.RateLimit) []rateLimitShown {
	shown := []rateLimitShown{}
	for _, l := range limits {
		shown = append(shown, rateLimitShown{l.Calls, core.Duration(l.Per)})
	}
	return shown
}

func (s *Server) putRateLimits(r controlRequest) (any, error) {
	v, _, err := s.limitedVendor(r.id)
	if err != nil {
		return nil, err
	}
	var told struct {
		On []rateLimitShown `json:"on"`
	}
	if err := r.document.Into(&told); err != nil {
		return nil, err
	}
	if told.On == nil {
		return nil, core.BadMember("/on", "is missing; send a list of limits, or an empty one for none")
	}
	limits := make([]core.RateLimit, 0, len(told.On))
	for _, l := range told.On {
		limits = append(limits, core.RateLimit{Calls: l.Calls, Per: time.Duration(l.Per)})
	}
	s.mu.Lock()
	err = v.world.(core.Limited).SetRateLimits(s.turn(v, r.op), limits)
	s.mu.Unlock()
	if err != nil {
		return nil, core.BadMember("/on", "cannot be: %v", err)
	}
	return s.rateLimits(v), nil
}

// WithDocumentedRateLimits switches on the rate limits that vendors document, as
// LuaProt does; those that publish no figures stay without. Otherwise no vendor
// limits anybody until it is told to.
func WithDocumentedRateLimits() Option {
	return func(c *config) { c.limited = true }
}

// limitAll switches on the rate limits that vendors document. The lock is held.
func (s *Server) limitAll() error {
	for _, v := range s.vendors {
		world, ok := v.world.(core.Limited)
		if !ok {
			continue
		}
		_, documented := world.RateLimits()
		if err := world.SetRateLimits(s.turn(v, ""), documented); err != nil {
			return err
		}
	}
	return nil
}

// limited reports whether a rate limit of the vendor is on. The lock is held, or shared.
func (v *vendor) limited() bool {
	world, ok := v.world.(core.Limited)
	return ok && world.Counts()
}
