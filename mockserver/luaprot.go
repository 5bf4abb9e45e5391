package mockserver

import "github.com/keysmith-go/keysmith/mockserver/luaprotmock"

// LuaProt returns the world of LuaProt: its dashboard, its end users and its
// state. Its API answers luaprot.net below /api/v1 and /api/v2.
func (s *Server) LuaProt() *luaprotmock.World {
	return s.vendor("luaprot").public.(*luaprotmock.World)
}

// LuaProt returns the base URL of LuaProt's API at this endpoint. The paths
// below it begin with their versions, as they do at the vendor's.
func (e *Endpoint) LuaProt() string { return e.base("luaprot") }
