package mockserver

import "github.com/keysmith-go/keysmith/mockserver/keygenmock"

// Keygen returns the world of Keygen: its dashboard and its state. Its API
// answers api.keygen.sh below /v1.
func (s *Server) Keygen() *keygenmock.World {
	return s.vendor("keygen").public.(*keygenmock.World)
}

// Keygen returns the base URL of Keygen's API at this endpoint, which ends in
// /v1.
func (e *Endpoint) Keygen() string { return e.base("keygen") }
