package luaprot

import (
	"fmt"
	"time"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// documented are the rate limits that the vendor states, the shortest first.
var documented = []Window{{Calls: 20, Per: 10 * time.Second}, {Calls: 60, Per: time.Minute}}

// Pacing keeps calls under rate limits. All windows hold at once for all calls
// of the clients that have the Pacing in their Config, repeats included; calls
// wait for their turn in the order in which they came, and a call whose
// context ends before its turn comes fails without being sent. A window counts
// a call from when it is sent until its whole length after the answer, since
// only the vendor knows when in between the call arrived.
//
// The vendor counts by API key (so it is understood; it does not say so).
// Clients of one process that use the same key should share one Pacing. It
// does not know of other processes: give each of them its part of the limits.
//
//	pacing := luaprot.NewPacing()
//	shop, err := luaprot.New(luaprot.Config{APIKey: key, Pacing: pacing, UserAgent: "shop"})
//	bot, err := luaprot.New(luaprot.Config{APIKey: key, Pacing: pacing, UserAgent: "bot"})
type Pacing struct {
	pacer *transport.Pacer // nil: every call goes at once
	err   error            // what is wrong with the windows; New reports it
}

// Window is one limit on the rate of calls: at most Calls in any span of
// length Per, such as Window{Calls: 60, Per: time.Minute}.
type Window struct {
	Calls int           // at least 1
	Per   time.Duration // at least 1 ms
}

// NewPacing returns a Pacing with the given windows or, without any, with the
// two that the vendor documents: 20 calls in 10 seconds and 60 in a minute.
// What is wrong with the windows is reported by [New], together with all other
// faults of a Config.
func NewPacing(windows ...Window) *Pacing {
	if len(windows) == 0 {
		windows = documented
	}
	converted := make([]transport.Window, len(windows))
	for i, w := range windows {
		converted[i] = transport.Window(w)
	}
	pacer, err := transport.NewPacer(converted...)
	if err != nil {
		return &Pacing{err: fmt.Errorf("luaprot: Pacing: %w", err)}
	}
	return &Pacing{pacer: pacer}
}

// NoPacing returns a Pacing that lets every call go at once. To too many calls
// the vendor then answers with its rate limit, which is waited out as
// [RetryPolicy] says.
func NoPacing() *Pacing { return &Pacing{} }
