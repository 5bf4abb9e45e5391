package mockserver

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Server emulates every vendor. It is safe for concurrent use: requests and
// actions take effect one at a time, in the order in which they get their turn;
// requests that only read are answered side by side.
// [New] and [RunT] make one; it holds no resource until [Server.Listen] or
// [Server.Serve] opens an [Endpoint].
type Server struct {
	t       TB // nil unless made by RunT
	made    *config
	clock   clock
	vendors []*vendor // by name

	controlOnce sync.Once
	control     *control

	// mu guards every world and all that follows. Calls that only read share it, and
	// hold books while they touch what they leave behind: see exchange.share. Where the
	// lock is said to be held, it is held alone, or shared with books besides.
	mu        sync.RWMutex
	books     sync.Mutex
	faults    []*Injection
	spent     []*Injection // the latest faults that have hit all they were to hit
	lastFault int          // id
	journal   *journal
	settled   chan struct{} // closed when the next call settles; nil: nobody waits
	ledger    []Effect
	findings  findings
	endpoints []*Endpoint

	ended atomic.Bool // the test of RunT is over
}

// vendor is one vendor's world and what the server knows about it.
type vendor struct {
	name    string
	tables  *core.Tables
	world   core.World
	public  any // what users of the mock hold, such as *junkiemock.World
	rand    *core.Rand
	decided []int                // answers by the behaviour that decided them, but for the latest decisions; nil: there are none
	latest  map[string]*decision // the latest of each operation

	controlOnce  sync.Once
	controlled   core.Control
	discreetOnce sync.Once
	discreet     *discretion
}

// Option changes how [New] and [RunT] make a server.
type Option func(*config)

type config struct {
	seed     uint64
	start    time.Time
	frozen   bool
	journal  int
	candid   bool // the journal shows secrets
	logger   *slog.Logger
	allowed  []string
	token    string   // of the control plane; empty: none is asked for
	hosts    []string // further ones that it answers, in lower case
	patience patience
	vendors  []core.Vendor
	limited  bool                  // by the documented rate limits
	seeds    []func(*Server) error // with the lock held
	errs     []error
}

// Check returns why [New] would refuse the option by itself, nil if it would
// not: for programs that take it from their users. It begins with the option's
// name and a colon. Seeds are not looked at; see [WithSeedJSON].
func (o Option) Check() error {
	return errors.Join(newConfig([]Option{o}).errs...)
}

// WithRandomSeed sets the seed from which ids, keys and tokens are drawn; the
// default is 1. Servers with one seed that are asked the same things in the
// same order give the same answers.
func WithRandomSeed(seed uint64) Option {
	return func(c *config) { c.seed = seed }
}

// WithStart starts the clock at t; the default is the time of [New].
func WithStart(t time.Time) Option {
	return func(c *config) {
		if err := checkTime(t); err != nil {
			c.errs = append(c.errs, fmt.Errorf("WithStart: %w", err))
		}
		c.start = t
	}
}

// WithFrozenClock makes the clock stand still, as [Server.Freeze] does.
func WithFrozenClock() Option {
	return func(c *config) { c.frozen = true }
}

// WithJournal sets how many entries the journal keeps; the default is 10,000.
// Older entries are dropped, and [Server.AssertCalls] says so. The requests and
// answers of all entries together take 16 MiB at most: the oldest are dropped
// first, their entries stay and say so by [Call.Dropped].
func WithJournal(entries int) Option {
	return func(c *config) {
		if entries < 1 {
			c.errs = append(c.errs, fmt.Errorf("WithJournal: %d entries asked for, at least 1 is needed", entries))
		}
		c.journal = entries
	}
}

// AllowFindings keeps findings from failing the test of [RunT]: those that
// contain one of the texts, or all of them when there is no text. They are
// logged instead.
func AllowFindings(texts ...string) Option {
	return func(c *config) {
		if len(texts) == 0 {
			texts = []string{""}
		}
		c.allowed = append(c.allowed, texts...)
	}
}

// New returns a server with every vendor in it, each of them empty. Outside a
// test there is nobody to tell about misuse, such as a fault on an operation
// that does not exist: it panics.
func New(opts ...Option) *Server {
	return newServer(nil, newConfig(opts))
}

func newConfig(opts []Option) *config {
	c := &config{seed: 1, journal: 10_000, patience: patient, vendors: core.Vendors()}
	for _, opt := range opts {
		opt(c)
	}
	return c
}

func newServer(t TB, c *config) *Server {
	s := &Server{t: t, made: c, journal: newJournal(c.journal, 0)}
	if err := errors.Join(c.errs...); err != nil {
		s.misuse("New: %v", err)
	}
	s.clock.start(c.start, c.frozen)
	for _, v := range c.vendors {
		s.vendors = append(s.vendors, newVendor(s, v, c.seed))
	}
	s.mu.Lock()
	err := s.furnish()
	s.mu.Unlock()
	if err != nil {
		s.misuse("New: %v", err)
	}
	return s
}

// furnish puts into new worlds what the options ask for. The lock is held.
func (s *Server) furnish() error {
	if s.made.limited {
		if err := s.limitAll(); err != nil {
			return fmt.Errorf("WithDocumentedRateLimits: %w", err)
		}
	}
	for _, seed := range s.made.seeds {
		if err := seed(s); err != nil {
			return err
		}
	}
	return nil
}

func newVendor(s *Server, maker core.Vendor, seed uint64) *vendor {
	v := &vendor{name: maker.Name}
	v.world, v.public = maker.New(env{s, v})
	v.tables = maker.Tables(v.world)
	v.begin(seed)
	return v
}

// control is what the vendor offers to the control plane.
func (v *vendor) control() core.Control {
	v.controlOnce.Do(func() {
		if world, ok := v.world.(core.Controlled); ok {
			v.controlled = world.Control()
		}
	})
	return v.controlled
}

// discretion is what the vendor says of its secrets.
func (v *vendor) discretion() *discretion {
	v.discreetOnce.Do(func() { v.discreet = newDiscretion(v.world) })
	return v.discreet
}

// begin makes what the server keeps of a vendor as new.
func (v *vendor) begin(seed uint64) {
	v.rand = core.NewRand(seed, v.name)
	v.decided, v.latest = nil, nil
}

// decision is which behaviours decided an answer, and their places in the table.
// Most answers of an operation have the same one, which is then kept once.
type decision struct {
	rows     []string
	places   []int
	times    int  // it was made; counted in vendor.decided once it is replaced
	replaced bool // it is no longer the latest of its operation
}

// decision returns that of a turn, which may be the usual one. The lock is held.
func (v *vendor) decision(turn *core.Turn, usual *decision) *decision {
	if usual != nil && !usual.replaced && turn.AsUsual() {
		return usual
	}
	latest := v.latest[turn.Op]
	if latest != nil && slices.Equal(latest.rows, turn.Rows) {
		return latest
	}
	made := &decision{rows: append([]string(nil), turn.Rows...), places: v.places(turn)}
	v.count(latest)
	if v.latest == nil {
		v.latest = map[string]*decision{}
	}
	v.latest[turn.Op] = made
	return made
}

// places are those of the behaviours that decided a turn.
func (v *vendor) places(turn *core.Turn) []int {
	places := make([]int, 0, len(turn.Rows))
	for _, row := range turn.Rows {
		place, known := v.tables.Row(row)
		if !known {
			panic(fmt.Sprintf("mockserver: %s was decided by the behaviour %q, which the table of %s lacks", turn.Op, row, v.name))
		}
		places = append(places, place)
	}
	return places
}

// count counts how often a decision was made that is replaced now; nil: none is.
func (v *vendor) count(was *decision) {
	if was == nil {
		return
	}
	if v.decided == nil {
		v.decided = make([]int, len(v.tables.Behaviours))
	}
	for _, place := range was.places {
		v.decided[place] += was.times
	}
	was.replaced = true
}

// times is how many answers the behaviour at a place has decided. The lock is held.
func (v *vendor) times(place int) (n int) {
	if v.decided != nil {
		n = v.decided[place]
	}
	for _, latest := range v.latest {
		if slices.Contains(latest.places, place) {
			n += latest.times
		}
	}
	return n
}

// match finds the operation of a method and an escaped path.
func (v *vendor) match(method, path string) core.Match {
	return v.tables.Router.Match(v.canonical(method, path))
}

// follow returns how far the vendor's paths lead along an escaped path.
func (v *vendor) follow(method, path string) int {
	_, path = v.canonical(method, path)
	return v.tables.Router.Follow(path)
}

func (v *vendor) canonical(method, path string) (string, string) {
	if aliased, ok := v.world.(core.Aliased); ok {
		return aliased.Canonical(method, path)
	}
	return method, path
}

// Close closes every open endpoint and waits for their answers in flight. The
// server stays usable in process.
func (s *Server) Close() error {
	defer s.tellFindings() // an endpoint may have complained
	s.mu.Lock()
	open := slices.Clone(s.endpoints)
	s.mu.Unlock()
	var errs []error
	for _, e := range open {
		errs = append(errs, e.Close())
	}
	return errors.Join(errs...)
}

// Reset makes the server what [New] or [RunT] made it: every world is empty but
// for its default account, with the same credentials as before; journal, ledger,
// findings and faults are gone; rate limits are off, unless an option switched them
// on; the clock stands where it would in a new server, and ids and keys are drawn
// from the beginning; what seeds of the options describe is there again. Endpoints
// stay open, and so do the handles that [Server.Junkie] and its like returned;
// accounts and objects made before are no more.
//
// What was wrong before is forgotten, too: the findings and the unfired faults
// for which RunT would have failed the test.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.vendors {
		v.world.Reset()
		v.begin(s.made.seed)
	}
	s.faults, s.spent, s.lastFault = nil, nil, 0
	s.ledger, s.findings = nil, findings{}
	s.journal = newJournal(s.made.journal, 0)
	s.clock.start(s.made.start, s.made.frozen)
	if err := s.furnish(); err != nil {
		panic("mockserver: Reset: " + err.Error()) // New has done the same: cannot be
	}
}

// Behaviour is one rule of a vendor that the emulator keeps.
type Behaviour struct {
	Vendor    string // such as "junkie"
	ID        string // such as "junkie.expiry.first-use"; stable, so that tests can name it
	Statement string // the rule, in a sentence
	Source    string // how well it is known: "documented", "observed" or "assumed"
}

// Behaviours lists the rules that the emulator keeps, of the vendors named or
// of all, in each vendor's own order.
func (s *Server) Behaviours(vendors ...string) []Behaviour {
	for _, name := range vendors {
		s.vendor(name)
	}
	var list []Behaviour
	for _, v := range s.vendors {
		if len(vendors) > 0 && !slices.Contains(vendors, v.name) {
			continue
		}
		for _, b := range v.tables.Behaviours {
			list = append(list, Behaviour{Vendor: v.name, ID: b.ID, Statement: b.Statement, Source: string(b.Source)})
		}
	}
	return list
}

// Decided returns how many answers and actions the behaviour with this id has
// decided so far.
func (s *Server) Decided(behaviour string) int {
	var known []string
	for _, v := range s.vendors {
		if row, ok := v.tables.Row(behaviour); ok {
			s.mu.Lock()
			defer s.mu.Unlock()
			return v.times(row)
		}
		for _, b := range v.tables.Behaviours {
			known = append(known, b.ID)
		}
	}
	s.misuse("Decided: no behaviour %q%s", behaviour, core.DidYouMean(behaviour, known))
	return 0
}

func (s *Server) vendorNames() []string {
	names := make([]string, 0, len(s.vendors))
	for _, v := range s.vendors {
		names = append(names, v.name)
	}
	return names
}

// vendor returns the vendor of a name that the program or the test wrote.
func (s *Server) vendor(name string) *vendor {
	for _, v := range s.vendors {
		if v.name == name {
			return v
		}
	}
	s.misuse("no vendor %q; there is %s", name, strings.Join(s.vendorNames(), ", "))
	return nil
}

// knows reports whether a pattern fits any operation at all, and otherwise the
// operations that there are.
func (s *Server) knows(pattern string) (known []string, ok bool) {
	for _, v := range s.vendors {
		if pattern == AnyOp || pattern == v.name+allOps {
			return nil, true
		}
		for _, op := range v.tables.Ops {
			if op.ID == pattern {
				return nil, true
			}
			known = append(known, op.ID)
		}
	}
	return known, false
}

// misuse tells the author of the test or program about a mistake in it, at
// once and without a chance to overlook it. The lock must not be held.
func (s *Server) misuse(format string, args ...any) {
	text := fmt.Sprintf("mockserver: "+format, args...)
	if s.t != nil {
		s.t.Helper()
		s.t.Fatalf("%s", text)
	}
	panic(text)
}

// env is the server as a world's own Go API sees it.
type env struct {
	s *Server
	v *vendor
}

// Act runs one action of a world's Go API as a turn.
func (e env) Act(action string, do func(*core.Turn)) {
	if refusal := e.s.act(e.v, action, do); refusal != "" {
		e.s.misuse("%s: %s", action, refusal)
	}
}

// failure words a failure of an operation as the vendor would; one that has no
// dialect of its own gets the server's.
func (v *vendor) failure(op string, status int) core.Answer {
	if dialect, ok := v.world.(core.OpDialect); ok {
		return dialect.FailureOf(op, status)
	}
	if dialect, ok := v.world.(core.Dialect); ok {
		return dialect.Failure(status)
	}
	text := http.StatusText(status)
	if text == "" {
		text = fmt.Sprintf("status %d", status)
	}
	return core.Answer{
		Status: status,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   fmt.Appendf(nil, "{\"error\": %q}", text),
	}
}
