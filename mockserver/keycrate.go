package mockserver

import "github.com/keysmith-go/keysmith/mockserver/keycratemock"

// Keycrate returns the world of Keycrate: its dashboard, its end users and its
// state. Its API answers api.keycrate.dev.
func (s *Server) Keycrate() *keycratemock.World {
	return s.vendor("keycrate").public.(*keycratemock.World)
}

// Keycrate returns the base URL of Keycrate's API at this endpoint. Paths below
// it have no prefix, as at the vendor's.
func (e *Endpoint) Keycrate() string { return e.base("keycrate") }
