package core

import (
	"fmt"
	"strings"
)

// DidYouMean names the candidate nearest to a text, as the end of a sentence;
// without candidates it is empty.
func DidYouMean(text string, candidates []string) string {
	text = strings.ToLower(Clip(text, MaxName))
	best, least := "", -1
	for _, candidate := range candidates {
		if d := Distance(text, strings.ToLower(candidate)); least < 0 || d < least {
			best, least = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// Distance is the number of bytes to insert, delete or replace to get from one
// text to the other.
func Distance(a, b string) int {
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
