package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Report writes what becomes of each key, and how many keys lose what. It shows no
// key.
func Report(w io.Writer, plans []Plan, now time.Time) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, plan := range plans {
		fmt.Fprintf(table, "  %s\t%q\t%s\n", plan.Key.ID, plan.Key.Name, sentence(plan, now))
	}
	_ = table.Flush() // as with every Fprint here: if nobody reads, nothing is lost
	count := map[Verdict]int{}
	for _, plan := range plans {
		count[plan.Verdict]++
	}
	var verdicts []string
	for _, verdict := range []Verdict{Moves, Moved, There, Differs, Stays, Refused} {
		if count[verdict] > 0 {
			verdicts = append(verdicts, fmt.Sprintf("%d %s", count[verdict], plural[verdict]))
		}
	}
	fmt.Fprintf(w, "%d keys: %s\n", len(plans), cmp.Or(strings.Join(verdicts, ", "), "nothing to do"))
	for _, line := range losses(plans) {
		fmt.Fprintln(w, line)
	}
}

var plural = map[Verdict]string{
	Moves: "move", Moved: "moved", There: "there already", Differs: "there and different", Stays: "stay", Refused: "refused",
}

// sentence is what becomes of a key.
func sentence(plan Plan, now time.Time) string {
	said := string(plan.Verdict)
	if moves := plan.Verdict == Moves || plan.Verdict == Moved; moves && plan.Key.Off {
		said += ", switched off as before"
	} else if moves && !plan.Key.Expires.IsZero() && !now.Before(plan.Key.Expires) {
		said += ", expired since " + date(plan.Key.Expires) + " as before"
	}
	if plan.Why != "" {
		said += ": " + plan.Why
	}
	if len(plan.Lost) > 0 {
		said += ", without " + listOf(plan.Lost)
	}
	return said
}

// listOf puts losses into a line.
func listOf(lost []Loss) string {
	var parts []string
	for _, loss := range lost {
		if loss.Detail == "" {
			parts = append(parts, loss.What)
		} else {
			parts = append(parts, fmt.Sprintf("%s (%s)", loss.What, loss.Detail))
		}
	}
	return strings.Join(parts, ", ")
}

// losses counts the keys that lose the same, the most frequent loss first.
func losses(plans []Plan) (lines []string) {
	count := map[string]int{}
	var what []string
	for _, plan := range plans {
		for _, loss := range plan.Lost {
			if count[loss.What]++; count[loss.What] == 1 {
				what = append(what, loss.What)
			}
		}
	}
	slices.SortFunc(what, func(a, b string) int { return cmp.Or(count[b]-count[a], strings.Compare(a, b)) })
	for _, w := range what {
		lines = append(lines, fmt.Sprintf("%d without %s", count[w], w))
	}
	return lines
}
