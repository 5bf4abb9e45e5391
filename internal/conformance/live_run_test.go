package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver"
)

// liveRun puts a vendor's probes to the mock and to the vendor, and compares
// what they saw.
type liveRun struct {
	vendor   *liveVendor
	real     *visit
	findings []*finding // by rule, in the order of the table
}

// finding is what a run has found out about one rule.
type finding struct {
	rule     mockserver.Behaviour
	agreed   []comparison
	differed []comparison
	why      string // it was not asked
	partly   string // it was not asked in full
}

// comparison is one note of a probe, as the mock and as the vendor let it see.
type comparison struct {
	probe, about string
	mock, vendor string
}

// The verdicts on a rule.
const (
	confirmed = "confirmed"
	inPart    = "confirmed in part" // as far as it was asked
	refuted   = "refuted"
	notAsked  = "not asked"
)

var verdicts = []string{confirmed, inPart, refuted, notAsked}

// verdict is what the vendor's answers say of the rule.
func (f *finding) verdict() string {
	switch {
	case len(f.differed) > 0:
		return refuted
	case len(f.agreed) > 0 && (f.why != "" || f.partly != ""):
		return inPart
	case len(f.agreed) > 0:
		return confirmed
	default:
		return notAsked
	}
}

func newLiveRun(v *liveVendor, real *visit) *liveRun {
	r := &liveRun{vendor: v, real: real}
	for _, rule := range mockserver.New().Behaviours(v.name) {
		r.findings = append(r.findings, &finding{rule: rule})
	}
	for _, group := range v.unasked {
		for _, id := range strings.Fields(group.rules) {
			r.finding(v.name + "." + id).why = group.why
		}
	}
	for _, group := range v.partly {
		for _, id := range strings.Fields(group.rules) {
			r.finding(v.name + "." + id).partly = group.why
		}
	}
	return r
}

func (r *liveRun) finding(rule string) *finding {
	for _, f := range r.findings {
		if f.rule.ID == rule {
			return f
		}
	}
	r.real.mishaps = append(r.real.mishaps, "there is no rule "+rule)
	return &finding{}
}

// ask puts all probes, until the context ends. Each is cleared away before the
// next, so that an interrupted run leaves little to clear.
func (r *liveRun) ask(ctx context.Context) {
	turnedAway := r.greet(ctx)
	for _, p := range r.vendor.probes {
		rehearsed := r.vendor.rehearse(p)
		r.real.mishaps = append(r.real.mishaps, rehearsed.mishaps...)
		stopped := r.vendor.lacks(p, r.real.set)
		var seen []sighting
		switch {
		case stopped != "":
		case turnedAway != "":
			stopped = turnedAway
		case ctx.Err() != nil:
			stopped = "the run was ended before"
		default:
			r.real.ctx = ctx
			if seen, stopped = r.real.put(p); stopped != "" {
				stopped = fmt.Sprintf("%q ended: %s", p.name, stopped)
			}
			r.clear(ctx)
		}
		r.compare(p, rehearsed.notes, seen, stopped)
	}
}

// greet tells why the vendor will answer nothing, so that a wrong credential is
// not sent over and over.
func (r *liveRun) greet(ctx context.Context) (why string) {
	method, path, body := r.vendor.greeting(r.real.set)
	got, err := r.real.send(ctx, method, path, body)
	switch {
	case ctx.Err() != nil:
		return "" // whoever asks next finds out
	case err != nil:
		why = err.Error()
	case !got.succeeded():
		why = fmt.Sprintf("%s was answered %d: %s", r.real.latest, got.Status, clip(got.Body))
	}
	if why != "" {
		r.real.mishaps = append(r.real.mishaps, "nothing was asked: "+why)
	}
	return why
}

// lacks tells which settings a probe needs that there are not.
func (v *liveVendor) lacks(p probe, set liveSettings) string {
	var missing []string
	for _, name := range p.needs {
		if set[name] == "" {
			missing = append(missing, v.variable(name))
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return "only with " + strings.Join(missing, " and ")
}

// compare holds what a probe saw of the vendor against what it saw of the mock.
func (r *liveRun) compare(p probe, expected, seen []sighting, stopped string) {
	for _, want := range expected {
		i := slices.IndexFunc(seen, func(n sighting) bool { return n.about == want.about })
		for _, rule := range want.rules {
			f := r.finding(rule)
			switch {
			case i < 0:
				f.why = stopped
			case seen[i].seen == want.seen:
				f.agreed = append(f.agreed, comparison{p.name, want.about, want.seen, seen[i].seen})
			default:
				f.differed = append(f.differed, comparison{p.name, want.about, want.seen, seen[i].seen})
			}
		}
	}
}

// patience is how long clearing up may take, whatever has ended the run.
const clearingTime = 2 * time.Minute

func (r *liveRun) clear(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), clearingTime)
	defer cancel()
	r.real.clear(ctx)
}

// end clears up for the last time, and tells what was found out.
func (r *liveRun) end() liveReport {
	r.clear(context.Background())
	return liveReport{
		vendor: r.vendor, set: r.real.set, run: r.real.run, calls: r.real.calls, findings: r.findings,
		left: r.real.estate.standing(), doubts: r.real.estate.doubtful(),
		departures: r.real.departures, mishaps: r.real.mishaps,
	}
}
