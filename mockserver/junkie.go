package mockserver

import "github.com/keysmith-go/keysmith/mockserver/junkiemock"

// Junkie returns the world of Junkie: its dashboard, its end users and its
// state. Its API answers api.jnkie.com below /api/v2.
func (s *Server) Junkie() *junkiemock.World {
	return s.vendor("junkie").public.(*junkiemock.World)
}

// Junkie returns the base URL of Junkie's API at this endpoint.
func (e *Endpoint) Junkie() string { return e.base("junkie") }
