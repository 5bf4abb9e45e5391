package mockserver

import (
	"fmt"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// didYouMean names the candidate nearest to a text, as the end of a sentence.
func didYouMean(text string, candidates []string) string {
	best, least := "", -1
	for _, candidate := range candidates {
		if d := distance(strings.ToLower(text), strings.ToLower(candidate)); least < 0 || d < least {
			best, least = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// nearestRoute names the route that a request most likely meant.
func nearestRoute(method, path string, ops []core.Op) string {
	path = core.Clip(path, maxPath)
	best, least := "", -1
	for _, op := range ops {
		d := distance(path, fill(op.Path, path))
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

// distance is the number of bytes to insert, delete or replace to get from one
// text to the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
