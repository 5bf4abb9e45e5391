package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// newProgress returns what shows how far a run is, and how to end it: a bar on a
// terminal, and elsewhere, say in a log, a line for each tenth.
func newProgress(w io.Writer, terminal bool, all, done int) (progress func(more int), end func()) {
	if terminal {
		bar := progressbar.NewOptions(all,
			progressbar.OptionSetWriter(w),
			progressbar.OptionSetDescription("licenses"),
			progressbar.OptionShowCount(),
			progressbar.OptionShowIts(),
			progressbar.OptionSetItsString("licenses"),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionFullWidth(),
			progressbar.OptionSetPredictTime(true),
		)
		_ = bar.Add(done) // if it cannot be shown, the run matters more
		return func(more int) { _ = bar.Add(more) }, func() { fmt.Fprintln(w) }
	}
	return func(more int) {
		before := done * 10 / all
		if done += more; done*10/all > before {
			fmt.Fprintf(w, "%d of %d\n", done, all)
		}
	}, func() {}
}
