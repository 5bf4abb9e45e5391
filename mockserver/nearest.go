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
