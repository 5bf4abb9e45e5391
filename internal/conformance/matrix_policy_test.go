package conformance

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"syscall"
	"time"

	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/mockserver"
)

// promise is what the module promises after one kind of failure: which classes
// of operation are sent again, and what the failure did to the vendor's state.
//
// It is written down here from the architecture, once more and by hand. Do not
// derive it from the transport: then the matrix would prove nothing.
type promise struct {
	again   []transport.Class
	outcome transport.Outcome // except for reads, which change nothing whatever happens
}

var (
	all    = []transport.Class{transport.Read, transport.Idempotent, transport.Once}
	some   = []transport.Class{transport.Read, transport.Idempotent}
	reads  = []transport.Class{transport.Read}
	nobody []transport.Class
)

var (
	neverConnected = promise{all, transport.NotApplied}
	refusedForGood = promise{nobody, transport.NotApplied}
	rateLimited    = promise{all, transport.NotApplied}
	noAnswer       = promise{some, transport.Unknown}
	abandoned      = promise{nobody, transport.Unknown}
	redirected     = promise{nobody, transport.Unknown}
	unreadable     = promise{reads, transport.Applied} // status and media type are as documented
	mislabelled    = promise{reads, transport.Unknown}
	saysNothing    = promise{reads, transport.Unknown}
	oversized      = promise{nobody, transport.Applied}
	undocumented   = promise{reads, transport.Unknown} // a success, but none that the document knows
	rejected       = promise{nobody, transport.NotApplied}
)

// Limits of the matrix's clients and calls.
const (
	maxAttempts    = 3                // the default, unless the vendor advises its own waits
	attemptTimeout = 30 * time.Second // the default
	patience       = 5 * time.Second  // of the caller who cancels
	maxAnswer      = 64 << 10         // Config.MaxResponseBytes
)

// success stands for the status that an operation is documented to succeed with.
const success = -1

// hazard is something that goes wrong with an attempt.
type hazard struct {
	name    string
	promise promise

	// How it comes about: on the way to the server, or there.
	outage outage
	phase  mockserver.Phase
	do     mockserver.Action
	answer string // in place of the vendor's, under the documented status
	cancel bool   // the caller gives up after patience

	status     int           // of the answer that arrives; 0: none
	retryAfter time.Duration // that the answer asks for
	lasts      time.Duration // one attempt
	kinds      []error       // that the error matches, ErrUnknownOutcome apart
	ends       error         // the context's error that it matches
	cause      func(error) bool
	remedy     string // what the error advises unless it says how to recover or how long to wait

	harmless func(drive) bool // for operations that do not need what is spoilt
	bodyless *hazard          // what becomes of it where success has no body; nil: the same
	anywhere bool             // also on a real network, where no time is asserted
}

const (
	before = mockserver.BeforeCommit
	after  = mockserver.AfterCommit
)

const (
	checkNetwork = "check BaseURL, the network and the proxy settings"
	checkBase    = "check BaseURL and any proxy on the way"
	later        = "try again later"
)

// Where a success has no body, a cut answer is none at all, and one that is given
// a body has another status.
var (
	headCut = &hazard{promise: noAnswer, phase: after, do: mockserver.CutBody(), remedy: later}
	another = func(do mockserver.Action) *hazard {
		return &hazard{promise: undocumented, phase: after, do: do, status: http.StatusOK, kinds: []error{transport.ErrBadResponse}, remedy: checkBase}
	}
)

func hazards() []hazard {
	server, bad := []error{transport.ErrServer}, []error{transport.ErrBadResponse}
	limited := []error{transport.ErrRateLimited}
	return []hazard{
		{name: "connection refused", promise: neverConnected, outage: connRefused, anywhere: true,
			cause: is(syscall.ECONNREFUSED), remedy: checkNetwork},
		{name: "unknown host", promise: neverConnected, outage: hostUnknown,
			cause: as[*net.DNSError], remedy: checkNetwork},
		{name: "TLS handshake broken", promise: neverConnected, outage: handshakeBroken, remedy: checkNetwork},
		{name: "certificate refused", promise: refusedForGood, outage: certificateRefused,
			remedy: "the certificates it trusts"},

		{name: "408", promise: noAnswer, do: mockserver.Status(408), status: 408, remedy: later, anywhere: true},
		{name: "429", promise: rateLimited, do: mockserver.Status(429), status: 429, kinds: limited, remedy: later, anywhere: true},
		{name: "429, Retry-After: 2", promise: rateLimited, do: mockserver.RateLimited(2 * time.Second), status: 429,
			retryAfter: 2 * time.Second, kinds: limited},
		{name: "500", promise: noAnswer, do: mockserver.Status(500), status: 500, kinds: server, remedy: later, anywhere: true},
		{name: "500 after the commit", promise: noAnswer, phase: after, do: mockserver.Status(500), status: 500, kinds: server, remedy: later, anywhere: true},
		{name: "501", promise: rejected, do: mockserver.Status(501), status: 501, kinds: server, remedy: later, anywhere: true},
		{name: "502 with an HTML page", promise: noAnswer, do: mockserver.HTMLPage(502), status: 502, kinds: server, remedy: later, anywhere: true},
		{name: "503", promise: noAnswer, do: mockserver.Status(503), status: 503, kinds: server, remedy: later, anywhere: true},

		{name: "reset before the commit", promise: noAnswer, do: mockserver.ConnReset(), remedy: later, anywhere: true},
		{name: "reset after the commit", promise: noAnswer, phase: after, do: mockserver.ConnReset(), remedy: later, anywhere: true},
		{name: "closed before the commit", promise: noAnswer, do: mockserver.ConnClose(), remedy: later, anywhere: true},
		{name: "closed after the commit", promise: noAnswer, phase: after, do: mockserver.ConnClose(), remedy: later, anywhere: true},

		{name: "timeout before the commit", promise: noAnswer, do: mockserver.Hang(), lasts: attemptTimeout,
			ends: context.DeadlineExceeded, remedy: "AttemptTimeout"},
		{name: "timeout after the commit", promise: noAnswer, phase: after, do: mockserver.Hang(), lasts: attemptTimeout,
			ends: context.DeadlineExceeded, remedy: "AttemptTimeout"},
		{name: "cancelled before the commit", promise: abandoned, do: mockserver.Hang(), cancel: true, lasts: patience,
			ends: context.Canceled, remedy: "the caller's context ended"},
		{name: "cancelled after the commit", promise: abandoned, phase: after, do: mockserver.Hang(), cancel: true, lasts: patience,
			ends: context.Canceled, remedy: "the caller's context ended"},

		{name: "body cut", promise: unreadable, phase: after, do: mockserver.CutBody(), status: success, kinds: bad, remedy: checkBase, anywhere: true,
			bodyless: headCut},
		{name: "body garbage", promise: unreadable, phase: after, do: mockserver.GarbageBody(), status: success, kinds: bad,
			remedy: "look for a newer version", harmless: drive.ignoresBody, bodyless: another(mockserver.GarbageBody())},
		{name: "body missing", promise: unreadable, phase: after, do: mockserver.EmptyBody(), status: success, kinds: bad,
			remedy: checkBase, harmless: drive.mayBeEmpty},
		{name: "main part missing", promise: saysNothing, phase: after, answer: "{}", status: success, kinds: bad,
			remedy: "look for a newer version", harmless: drive.needsNoPart},
		{name: "labelled text/html", promise: mislabelled, phase: after, do: mockserver.ContentType("text/html"), status: success, kinds: bad,
			remedy: checkBase, harmless: drive.ignoresBody, bodyless: another(mockserver.ContentType("text/html"))},
		{name: "body oversized", promise: oversized, phase: after, do: mockserver.Oversized(maxAnswer + 1), status: success, kinds: bad,
			remedy: "raise MaxResponseBytes", bodyless: another(mockserver.Oversized(maxAnswer + 1))},
		{name: "redirect to another host", promise: redirected, do: mockserver.Redirect("https://elsewhere.example/keys"),
			status: http.StatusTemporaryRedirect, kinds: bad, remedy: checkBase, anywhere: true},
	}
}

// against is the hazard as it strikes an operation.
func (h hazard) against(d drive) hazard {
	if d.answer != bodyless || h.bodyless == nil {
		return h
	}
	struck := *h.bodyless
	struck.name, struck.anywhere = h.name, h.anywhere
	return struck
}

// action is what the fault does to a call.
func (h hazard) action(d drive) mockserver.Action {
	if h.answer != "" {
		return mockserver.Status(d.status).WithBody("application/json", h.answer)
	}
	return h.do
}

func is(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }

func as[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

// expectation is what one cell of the matrix must come to.
type expectation struct {
	attempts int
	lookups  int // calls that the client makes by itself, to find out
	succeeds bool
	missing  bool // the last attempt does not find what an earlier one has taken away
	outcome  transport.Outcome
	effects  int
}

// expect works out what becomes of an operation whose first attempts meet the
// hazard: the first alone, or all of the so many that are made at most.
func (h hazard) expect(d drive, once bool, attempts int) expectation {
	commits := h.outage == noOutage && h.phase == after
	again := slices.Contains(h.promise.again, d.class)
	settled := again && commits && (d.gone || d.taken) // the second attempt is refused for the first one's success
	e := expectation{attempts: 1, outcome: h.promise.outcome}
	if commits {
		e.effects = d.effects
	}
	switch {
	case h.harmless != nil && h.harmless(d):
		e.succeeds, e.effects = true, d.effects
	case again && commits && d.doubt:
		e.attempts, e.missing = 2, true
	case again && once || settled:
		e.attempts, e.succeeds, e.effects = 2, true, d.effects
		if settled && d.taken {
			e.lookups = 1
		}
	case again:
		e.attempts = attempts
	case d.looks != "" && !d.taken && e.outcome != transport.NotApplied && !h.cancel:
		e.lookups, e.succeeds = 1, commits
	}
	if d.class == transport.Read {
		e.outcome = transport.NotApplied
	}
	return e
}
