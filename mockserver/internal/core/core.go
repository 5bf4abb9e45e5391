// Package core holds what every vendor's world in the mock shares: operations
// and routes, requests and answers, effects, behaviour rows, and the turn
// through which a world sees time and randomness.
//
// A world is passive. It has no clock and no goroutine: the server calls it with one
// turn at a time, but for those that only read, and keeps the record of what it did.
package core

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Op is one operation of a vendor: the single table entry that feeds routing,
// journal, faults and behaviour rows.
type Op struct {
	ID     string // with the vendor's name: "junkie.createKey"
	Method string
	Path   string // template from the host's root: "/api/v2/keys/{keyId}"
	// Reads says that no call of it changes anything of the world, rate limits apart.
	// Such calls are served side by side.
	Reads bool
}

// Request is one HTTP request as a world sees it: routed, read and bounded.
type Request struct {
	Op       string   // id of the operation; empty when no route matched
	Allow    []string // where no route matched: the methods that the path knows, sorted; none = unknown path (404, not 405)
	Method   string
	Host     string     // as the caller addressed it
	Path     string     // as sent, escaped, without query
	Params   Params     // unescaped values of the {names} of the path
	Query    url.Values // what of RawQuery can be read
	RawQuery string
	Header   http.Header
	Body     []byte
}

// Answer is what a world replies.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	List   *Listing // that is the body; nil: Body is
	// Finish completes the answer by what takes time and nothing of the world, so
	// that others may have their turn meanwhile; nil: it is complete.
	Finish func(Answer) Answer
}

// Text returns the body.
func (a *Answer) Text() []byte {
	if a.List != nil {
		return a.List.AppendTo(nil)
	}
	return a.Body
}

// Len is the length of the body.
func (a *Answer) Len() int {
	if a.List != nil {
		return a.List.Len()
	}
	return len(a.Body)
}

// Finished returns the complete answer.
func (a Answer) Finished() Answer {
	if a.Finish != nil {
		a, a.Finish = a.Finish(a), nil
	}
	return a
}

// Source says how well a behaviour is known.
type Source string

// How a behaviour is known.
const (
	Documented Source = "documented" // stated by a public page of the vendor
	Observed   Source = "observed"   // seen in what others send or expect
	Assumed    Source = "assumed"    // our decision where nothing is known
)

// Behaviour is one rule of a vendor that the mock keeps.
type Behaviour struct {
	ID        string // such as "junkie.expiry.first-use"
	Statement string
	Source    Source
}

// Effect is one lasting change of a vendor's state.
type Effect struct {
	Op     string    // operation or action that caused it
	Kind   string    // such as "key.created"
	ID     string    // the object, as the vendor identifies it
	Detail string    // what changed, where the kind alone does not say it
	At     time.Time // virtual time
}

// Turn is one call of a world: what it may see, and what it leaves behind.
type Turn struct {
	Op       string    // operation or action under way
	Now      time.Time // virtual time, the same throughout the turn
	Frozen   bool      // the clock stands still: a rate limit could never recover
	Rand     *Rand
	Effects  []Effect
	Rows     []string // ids of the behaviours that decided the answer
	Usual    []string // those of the latest answer of the operation, which mostly decide again
	Findings []string // what the caller sent in vain
	Refusal  string   // why an action of the Go API cannot be done as asked

	next    int  // place in Rows where the next one probably is, if it is there already
	unusual bool // Rows does not begin as Usual does
}

// AsUsual reports whether the same behaviours as the latest time have decided.
func (t *Turn) AsUsual() bool { return !t.unusual && len(t.Rows) == len(t.Usual) }

// Effect records a lasting change.
func (t *Turn) Effect(kind, id, detail string) {
	t.Effects = append(t.Effects, Effect{Op: t.Op, Kind: kind, ID: id, Detail: detail, At: t.Now})
}

// Decided records that the behaviours with these ids decided the answer, each
// at most once.
func (t *Turn) Decided(rows ...string) {
	for _, row := range rows {
		switch n := len(t.Rows); {
		case t.next < n && t.Rows[t.next] == row: // as with each object of a list
			t.next++
		case !t.unusual && n < len(t.Usual) && t.Usual[n] == row: // and so not among the first n
			t.Rows, t.next = append(t.Rows, row), n+1
		default:
			t.decided(row)
		}
	}
}

// decided records a behaviour that may be among the rows already.
func (t *Turn) decided(row string) {
	place := slices.Index(t.Rows, row)
	if place < 0 {
		place = len(t.Rows)
		t.Rows, t.unusual = append(t.Rows, row), true
	}
	t.next = place + 1
}

// Finding records something the caller sent in vain or plainly wrong. It never
// changes the answer.
func (t *Turn) Finding(format string, args ...any) {
	t.Findings = append(t.Findings, fmt.Sprintf(format, args...))
}

// Refuse says why an action of the Go API cannot be done as asked, in words for
// the author of the test. The world leaves its state as it was; the server
// fails the test at once (or panics where there is none), so that the action
// does not return. It has no meaning while a request is served.
func (t *Turn) Refuse(format string, args ...any) { t.Refusal = fmt.Sprintf(format, args...) }

// World is one vendor as the server drives it: by one method at a time. Only Serve is
// called from several goroutines at once, while no rate limit is on, for operations
// that are marked as reading. What is kept to be quicker, as by [Shown] and [Shelf],
// may be changed by these all the same, with a lock of its own.
type World interface {
	// Ops lists the vendor's operations. More specific paths win over
	// templates, whatever the order.
	Ops() []Op
	// Hosts lists the vendor's real host names.
	Hosts() []string
	// Root is the path at which the vendor's base URL ends: every operation lies
	// below it. A request for the vendor that matches none goes to Serve with
	// Op "".
	Root() string
	// Behaviours lists the rules the world keeps.
	Behaviours() []Behaviour
	// EffectKinds lists every kind of effect that the world records.
	EffectKinds() []string
	// Serve answers one request.
	Serve(turn *Turn, req *Request) Answer
	// Reset makes the state what New made it. What New returned stays valid.
	Reset()
	// Snapshot takes down the whole state, rate windows included, and returns what
	// makes of it a document that encoding/json writes. That is called without the
	// server's lock: nothing that it reads is changed by a later turn.
	Snapshot() (document func() any)
	// Restore reads what Snapshot wrote, and returns what puts it in the place of
	// the state, behind what New returned; or why it cannot be. Until that is
	// called, nothing has changed. What the state cannot be is refused: a document
	// that was written by hand must not break the world later.
	Restore(document json.RawMessage) (put func(), err error)
}

// Dialect is implemented by a world that words failures it would not come to
// by itself: those that a test injects, and requests that are too large to be
// served. Without it they read {"error": "<text of the status>"}. What they read
// depends on nothing of the world: the server may ask while others are served.
type Dialect interface {
	Failure(status int) Answer
}

// OpDialect is a Dialect with operations that word their failures differently
// from the others, as those of end users' programs may.
type OpDialect interface {
	Dialect
	FailureOf(op string, status int) Answer
}

// Limited is implemented by a world with rate limits. While they are on, the
// server refuses to freeze the clock, since a window would never move.
type Limited interface {
	// Counts reports whether any limit is on.
	Counts() bool
	// RateLimits returns the limits that are on, and those that the vendor
	// documents: none if it publishes no figures.
	RateLimits() (on, documented []RateLimit)
	// SetRateLimits replaces the limits that are on, and forgets the calls so far;
	// none switches limiting off. It says which limits the vendor cannot have.
	SetRateLimits(t *Turn, limits []RateLimit) error
}

// RateLimit lets a caller make so many calls in a span of time.
type RateLimit struct {
	Calls int
	Per   time.Duration
}

// Seeded is implemented by a world that takes a seed of typed values: that of
// the package of the vendor, such as junkiemock.Seed.
type Seeded interface {
	// Seed makes what a seed describes, or says what cannot be. It may then have
	// made a part.
	Seed(t *Turn, seed any) error
}

// Aliased is implemented by a world whose operations answer under other methods
// and paths, too.
type Aliased interface {
	// Canonical returns the method and the escaped path under which Ops lists
	// the operation that is meant; whatever is no alias comes back as it is. It
	// depends on nothing else: the server asks before it holds its lock.
	Canonical(method, escapedPath string) (string, string)
}

// Preflighted is implemented by a world that lets browsers of other origins in.
type Preflighted interface {
	// Preflights reports whether a request only asks what a browser may send. On
	// a path that there is it asks for no operation, and is right all the same.
	Preflights(req *Request) bool
}

// Env is the server as a world's own Go API sees it (seeding, end users).
type Env interface {
	// Act runs one action of the Go API as a turn: locked, timed and recorded
	// in the journal and the ledger under the action's name. It must not be
	// called from within a turn. An action without a name only looks at the
	// state, and is not recorded.
	Act(action string, do func(turn *Turn))
}

// Vendor makes one vendor's world. Public is what users of the mock hold.
type Vendor struct {
	Name string // "junkie"
	New  func(env Env) (world World, public any)

	shared *shared // of a registered one
}

var (
	vendors = map[string]Vendor{}
	inOrder []Vendor // by name
)

// Register makes a vendor known to the server. Vendor packages call it once,
// from init, so that their exported API need not show types of this package.
func Register(v Vendor) {
	if _, twice := vendors[v.Name]; twice {
		panic("core: vendor registered twice: " + v.Name)
	}
	v.shared = &shared{}
	vendors[v.Name] = v
	inOrder = slices.SortedFunc(maps.Values(vendors), func(a, b Vendor) int { return strings.Compare(a.Name, b.Name) })
}

// Vendors returns the registered vendors in the order of their names.
func Vendors() []Vendor { return slices.Clone(inOrder) }

// Lookup returns a registered vendor.
func Lookup(name string) (Vendor, bool) {
	v, ok := vendors[name]
	return v, ok
}
