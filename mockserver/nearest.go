package mockserver

import (
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// nearestRoute names the route that a request most likely meant.
func nearestRoute(method, path string, ops []core.Op) string {
	path = core.Clip(path, maxPath)
	best, least := "", -1
	for _, op := range ops {
		d := core.Distance(path, fill(op.Path, path))
		if op.Method != method {
			d++
		}
		if least < 0 || d < least {
			best, least = op.Method+" "+op.Path, d
		}
	}
	return best
}

// fill puts the segments of a path into the template's {names} at their places,
// so that these cost nothing in a comparison.
func fill(template, path string) string {
	want, have := strings.Split(template, "/"), strings.Split(path, "/")
	for i := range want {
		if strings.HasPrefix(want[i], "{") && i < len(have) {
			want[i] = have[i]
		}
	}
	return strings.Join(want, "/")
}

// strayPath is what the journal shows of a path that leads to none of these
// operations.
func (s *Server) strayPath(path string, ops []core.Op) string {
	if path = core.Clip(path, maxPath); s.made.candid {
		return path
	}
	return familiarPath(path, ops)
}

// familiarPath is what of a path is no secret in any case: the words that are in the
// paths of these operations, or nearly so, and what is too short. The rest may be a
// key.
func familiarPath(path string, ops []core.Op) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if len(segment) >= minSecret && !hasWord(ops, segment) {
			segments[i] = masked
		}
	}
	return strings.Join(segments, "/")
}

// hasWord reports whether a segment is one of the operations' paths, but perhaps
// for a slip of the pen.
func hasWord(ops []core.Op, segment string) bool {
	segment = strings.ToLower(segment)
	for _, op := range ops {
		for word := range strings.SplitSeq(strings.ToLower(op.Path), "/") {
			slips := len(word) / 4
			if !strings.HasPrefix(word, "{") && len(segment) <= len(word)+slips && core.Distance(segment, word) <= slips {
				return true
			}
		}
	}
	return false
}
