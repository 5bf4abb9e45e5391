package bench

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"
)

// Contestant is one way to do a thing.
type Contestant struct {
	Name string      // without spaces, since it becomes part of a unit
	Run  func(n int) // does the thing n times
}

// turn is how long the first contestant's turn is to take. It is short, so that
// what disturbs the machine meets all contestants of a round.
const turn = 10 * time.Millisecond

// Compare lets contestants take turns and reports, of all but the first, the
// medians of their ratios to the first: "NAME-time" of the time that passes,
// "NAME-cpu" of the processor time of this process, "NAME-bytes" and
// "NAME-allocs" of what it allocates. Of each contestant it reports the medians
// of one run: ns, cpu-ns, B and allocs. One iteration of the benchmark is one
// round, so call it with -benchtime=100x.
func Compare(b *testing.B, contestants ...Contestant) {
	b.Helper()
	compareTurns(b, turn, contestants...)
}

// compareTurns does so with turns of another length.
func compareTurns(b *testing.B, turn time.Duration, contestants ...Contestant) {
	b.Helper()
	n := warmUp(turn, contestants)
	var rounds [][]cost
	for b.Loop() {
		round := make([]cost, len(contestants))
		for i := range contestants {
			at := (len(rounds) + i) % len(contestants) // nobody always comes first
			round[at] = measure(contestants[at].Run, n)
		}
		rounds = append(rounds, round)
	}
	b.ReportMetric(0, "ns/op") // of a whole round, which says nothing
	for i, c := range contestants {
		for _, of := range measures {
			b.ReportMetric(median(rounds, func(round []cost) float64 { return of.value(round[i]) / float64(n) }), c.Name+"-"+of.unit)
			if i > 0 {
				b.ReportMetric(median(rounds, func(round []cost) float64 { return ratio(of.value(round[i]), of.value(round[0])) }),
					fmt.Sprintf("%s-%s/%s", c.Name, of.name, contestants[0].Name))
			}
		}
	}
}

// warmUp gives everybody a try and returns how many runs make a turn.
func warmUp(turn time.Duration, contestants []Contestant) (n int) {
	for _, c := range contestants {
		c.Run(1)
	}
	for n = 1; n < 1_000_000; n *= 2 {
		started := time.Now()
		contestants[0].Run(n)
		if took := time.Since(started); took >= turn/2 {
			return max(1, int(float64(n)*float64(turn)/float64(took)))
		}
	}
	return n
}

// cost is what one turn took.
type cost struct {
	time, cpu     time.Duration
	bytes, allocs uint64
}

// measures are the parts of a cost, by what a ratio of them is called and by
// their unit.
var measures = []struct {
	name, unit string
	value      func(cost) float64
}{
	{"time", "ns", func(c cost) float64 { return float64(c.time) }},
	{"cpu", "cpu-ns", func(c cost) float64 { return float64(c.cpu) }},
	{"bytes", "B", func(c cost) float64 { return float64(c.bytes) }},
	{"allocs", "allocs", func(c cost) float64 { return float64(c.allocs) }},
}

func measure(run func(n int), n int) cost {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, started := processorTime(), time.Now()
	run(n)
	c := cost{time: time.Since(started), cpu: processorTime() - cpu}
	runtime.ReadMemStats(&after)
	c.bytes, c.allocs = after.TotalAlloc-before.TotalAlloc, after.Mallocs-before.Mallocs
	return c
}

func median(rounds [][]cost, of func([]cost) float64) float64 {
	var values []float64
	for _, round := range rounds {
		values = append(values, of(round))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// ratio is 1 where there is nothing on either side.
func ratio(a, b float64) float64 {
	if a == b {
		return 1
	}
	return a / b
}
