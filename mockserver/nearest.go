package mockserver

import (
	"slices"
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

// strayPath is what may be shown of a path that leads to no operation of these
// vendors: the words that are in their paths, or nearly so, and what is too short
// to be a secret. The rest may be a key.
func (s *Server) strayPath(path string, vendors ...*vendor) string {
	path = core.Clip(path, maxPath)
	if s.made.candid {
		return path
	}
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		familiar := func(v *vendor) bool { return v.hasWord(segment) }
		if len(segment) >= minSecret && !slices.ContainsFunc(vendors, familiar) {
			segments[i] = masked
		}
	}
	return strings.Join(segments, "/")
}

// hasWord reports whether a segment is one of the vendor's paths, but perhaps
// for a slip of the pen.
func (v *vendor) hasWord(segment string) bool {
	segment = strings.ToLower(segment)
	for _, op := range v.tables.Ops {
		for word := range strings.SplitSeq(strings.ToLower(op.Path), "/") {
			slips := len(word) / 4
			if !strings.HasPrefix(word, "{") && len(segment) <= len(word)+slips && core.Distance(segment, word) <= slips {
				return true
			}
		}
	}
	return false
}
