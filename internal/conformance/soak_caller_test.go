package conformance

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/luaprot"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// soakDeed is one call and what has to come of it, known beforehand.
type soakDeed struct {
	op      string          // such as "junkie.createKey"
	once    bool            // a second delivery would do something else than the first; by hand, not from the document
	effects map[string]int  // what the ledger has of it, by kind; nil: nothing, whatever happens
	about   func() []string // what these effects are about, once it is known; nil: nobody knows
	aside   map[string]bool // kinds of effects that finding out may have, besides
	moves   string          // detail of an effect that a second delivery has as well, though it ends in the same state
	do      soakCall        // makes the call
	done    func()          // writes down that it took effect; nil: there is nothing to write
	refused bool            // the vendor must not do it
	absent  bool            // it deletes what is not there

	// How the manual finds out what became of it: by looking, or by making the same
	// call again. Operations with neither are in soakInTheDark.
	find  func(context.Context) (bool, error)
	again bool
	gone  bool // that it is not found then is what was wanted
}

type soakCall func(context.Context) error

// soakInTheDark are the operations of which nobody can find out through the API
// what became of them, and why. The soak makes such calls single-handed, on things
// of which nobody else has any.
var soakInTheDark = map[string]string{
	"keygen.createProductToken": "tokens are seen in the dashboard only",
}

// soakVerdict is what a caller was told.
type soakVerdict uint8

const (
	soakSucceeded soakVerdict = iota
	soakNotApplied
	soakApplied // and unreadable
	soakUnknown
)

// soakFate is what a caller found out.
type soakFate uint8

const (
	soakTold       soakFate = iota // there was nothing to find out
	soakFound                      // it took effect
	soakFoundNot                   // it did not
	soakMadeSure                   // it has taken effect by now, by the same call again
	soakUnsolvable                 // there is no way to find out
	soakGivenUp                    // the way did not lead to anything
)

// soakNote is what a caller writes down about one call.
type soakNote struct {
	deed    *soakDeed
	caller  *soakCaller
	begun   int64 // its number among the calls of all
	number  int   // its number among the calls of its caller
	err     error
	verdict soakVerdict
	fate    soakFate
	looks   int      // calls that found out
	unsent  int      // attempts that never reached the vendor
	met     []string // failures that the server knows nothing of
	open    []string // why what was told or found out is not believed
}

// done is what the caller believes: that it took effect, that it did not, or
// either.
func (n *soakNote) done() (done, sure bool) {
	switch n.fate {
	case soakFound, soakMadeSure:
		return true, true
	case soakFoundNot:
		return false, true
	}
	return n.verdict == soakSucceeded || n.verdict == soakApplied, n.verdict != soakUnknown
}

// soakCaller is one of the callers, with clients and things of its own.
type soakCaller struct {
	soak   *soak
	id     int
	rig    *rig
	dice   *rand.Rand
	number int // of its last call
	named  int // of the last thing it gave a name
	notes  []*soakNote
	acts   []func() *soakDeed // that it can choose from; nil: not now
	stocks []soakStock
	client soakClients
	app    string // of Keycrate, in this round

	keepsDiary bool
	diary      strings.Builder
}

// soakStock is what a caller has at one vendor.
type soakStock interface {
	// settleIn empties the stock and gets what only a dashboard can give.
	settleIn()
	// acts are what can be done, likelier things more often.
	acts() []func() *soakDeed
	// owned lists what the caller believes to have, as soak.there lists what
	// there is.
	owned() []string
}

func newSoakCaller(s *soak, id int) *soakCaller {
	c := &soakCaller{soak: s, id: id, rig: s.rigs[id%len(s.rigs)], dice: soakDice(s.size.seed, "caller", id)}
	c.client = newSoakClients(c)
	c.stocks = []soakStock{newSoakJunkie(c), newSoakLuaProt(c), newSoakKeygen(c), newSoakKeycrate(c)}
	return c
}

// settleIn begins a round with nothing.
func (c *soakCaller) settleIn() {
	c.notes, c.acts = nil, nil
	for _, stock := range c.stocks {
		stock.settleIn()
		c.acts = append(c.acts, stock.acts()...)
	}
}

// http is a client of this caller's to one vendor.
func (c *soakCaller) http(vendor string) *http.Client {
	road := soakRoad{caller: c, gate: c.soak.gates[vendor], base: c.rig.http.Transport}
	if pool, wire := road.base.(*http.Transport); wire {
		own, fresh := pool.Clone(), pool.Clone()
		fresh.DisableKeepAlives = true
		c.soak.t.Cleanup(own.CloseIdleConnections)
		road.base, road.fresh = own, fresh
	}
	return &http.Client{Transport: road}
}

// name is a text that nothing else is called.
func (c *soakCaller) name(what string) string {
	c.named++
	return fmt.Sprintf("%s-%03d-%06d", what, c.id, c.named)
}

// user is a Discord user whom nobody knows yet.
func (c *soakCaller) user() string {
	c.named++
	return fmt.Sprintf("1%06d%010d", c.id, c.named)
}

// work makes so many calls, one a beat, with a night in between now and then.
func (c *soakCaller) work(calls int) {
	for range calls {
		c.make(c.choose())
		pause := time.Until(time.Now().Truncate(soakBeat).Add(soakBeat))
		if c.dice.IntN(40) == 0 {
			pause += time.Duration(1+c.dice.IntN(40)) * time.Hour
		}
		time.Sleep(pause)
	}
}

// choose takes one of the acts that are possible.
func (c *soakCaller) choose() *soakDeed {
	for {
		if deed := c.acts[c.dice.IntN(len(c.acts))](); deed != nil {
			return deed
		}
	}
}

// make makes a call, writes down what was told, and finds out what was not.
func (c *soakCaller) make(d *soakDeed) {
	n := &soakNote{deed: d, caller: c, begun: c.soak.begun.Add(1), number: c.number + 1}
	c.notes = append(c.notes, n)
	if _, dark := soakInTheDark[d.op]; (d.effects != nil || d.absent) && dark != (d.find == nil && !d.again) {
		c.doubt(n, "it has no recipe and is not in soakInTheDark, or the other way round")
	}
	n.err = c.call(n, d.do, false)
	n.verdict = c.verdict(n)
	if n.verdict == soakApplied || n.verdict == soakUnknown {
		c.findOut(n)
	}
	if done, _ := n.done(); done && d.done != nil {
		d.done()
	}
	if c.keepsDiary {
		fmt.Fprintf(&c.diary, "%d %s %d %d\n", n.number, d.op, n.verdict, n.fate)
	}
}

// call makes one call for a note, be it the call itself or one that finds out.
func (c *soakCaller) call(n *soakNote, do soakCall, looking bool) error {
	c.number++
	ctx, cancel := context.WithCancel(c.soak.t.Context())
	defer cancel()
	trip := &soakTrip{note: n, number: c.number, looking: looking, cancel: cancel}
	err := do(context.WithValue(ctx, soakTripKey{}, trip))
	if c.keepsDiary {
		fmt.Fprintf(&c.diary, "%s: %d attempts\n", trip, trip.attempts)
	}
	return err
}

// deleteNothing deletes something that is not there. That it is not found is good
// news only after an attempt that may have deleted it.
func (c *soakCaller) deleteNothing(op string, remove, get soakCall) *soakDeed {
	return &soakDeed{op: op, absent: true, do: remove, find: func(ctx context.Context) (bool, error) {
		err := get(ctx)
		if errors.Is(err, transport.ErrNotFound) {
			return false, nil
		}
		return true, err
	}}
}

// verdict reads what the caller was told.
func (c *soakCaller) verdict(n *soakNote) soakVerdict {
	if n.err == nil {
		return soakSucceeded
	}
	vendor, _, _ := strings.Cut(n.deed.op, ".")
	told, own := c.soak.gates[vendor].vendor.explain(n.err)
	if !own {
		c.doubt(n, "%T is not the vendor package's error", n.err)
	}
	switch told.Outcome {
	case transport.NotApplied.String():
		return soakNotApplied
	case transport.Applied.String():
		return soakApplied
	default:
		return soakUnknown
	}
}

// findOut does what the manual says, some minutes later and as often as it takes.
// Where the manual leaves the choice, every other call is simply made again.
func (c *soakCaller) findOut(n *soakNote) {
	d := n.deed
	if d.find == nil && !d.again {
		n.fate = soakUnsolvable
		return
	}
	again := d.again && (d.find == nil || n.number%2 == 0)
	for range soakTries {
		time.Sleep(time.Minute)
		n.looks++
		if again {
			err := c.call(n, d.do, true)
			if err == nil || d.gone && errors.Is(err, transport.ErrNotFound) {
				n.fate = soakMadeSure
				return
			}
			continue
		}
		var found bool
		err := c.call(n, func(ctx context.Context) (err error) {
			found, err = d.find(ctx)
			return err
		}, true)
		if err == nil {
			n.fate = soakFoundNot
			if found {
				n.fate = soakFound
			}
			if n.verdict == soakApplied && !found {
				c.doubt(n, "it was applied, and the recipe does not find it")
			}
			return
		}
	}
	n.fate = soakGivenUp
	c.doubt(n, "the recipe led to nothing in %d tries", soakTries)
}

// doubt writes down why a call or what was found out is wrong.
func (c *soakCaller) doubt(n *soakNote, format string, args ...any) {
	n.open = append(n.open, fmt.Sprintf(format, args...))
}

// expect is for calls that get a wrong answer without knowing: the context tells
// which it is.
func (c *soakCaller) expect(ctx context.Context, holds bool, format string, args ...any) {
	if !holds {
		c.doubt(soakTripOf(ctx).note, "wrong answer: "+format, args...)
	}
}

// count is what a recipe has found of something that consists of so many parts,
// and is believed to be there as a whole or not at all.
func (c *soakCaller) count(ctx context.Context, found, parts int) bool {
	c.expect(ctx, found == 0 || found == parts, "%d of %d are there", found, parts)
	return found > 0
}

// soakShelf is where a caller keeps what it knows of things of one kind, the
// oldest first.
type soakShelf[T any] struct{ items []*T }

func (s *soakShelf[T]) put(items ...*T) { s.items = append(s.items, items...) }

func (s *soakShelf[T]) take(items ...*T) {
	s.items = slices.DeleteFunc(s.items, func(item *T) bool { return slices.Contains(items, item) })
}

// some chooses as many things that fit; nil if there are not as many.
func (s *soakShelf[T]) some(dice *rand.Rand, n int, fits func(*T) bool) []*T {
	var fitting []*T
	for _, item := range s.items {
		if fits == nil || fits(item) {
			fitting = append(fitting, item)
		}
	}
	if len(fitting) < n {
		return nil
	}
	dice.Shuffle(len(fitting), func(i, k int) { fitting[i], fitting[k] = fitting[k], fitting[i] })
	return fitting[:n]
}

// one chooses a thing that fits; nil if there is none.
func (s *soakShelf[T]) one(dice *rand.Rand, fits func(*T) bool) *T {
	if some := s.some(dice, 1, fits); some != nil {
		return some[0]
	}
	return nil
}

// soakEach returns something of each thing.
func soakEach[T, V any](items []*T, of func(*T) V) []V {
	list := make([]V, len(items))
	for i, item := range items {
		list[i] = of(item)
	}
	return list
}

// soakCrowded is how many things of a kind a caller has before it rather gets rid
// of some: what is there stays on one page or two.
const soakCrowded = 24

// soakClients are one caller's clients of all vendors. Every other pair of callers
// believes only what Keygen has signed.
type soakClients struct {
	junkie   *junkie.Client
	luaprot  *luaprot.Client
	keygen   *keygen.Client
	keycrate *keycrate.Client
}

func newSoakClients(c *soakCaller) (made soakClients) {
	t := c.soak.t
	j, l, g, k := c.rig.junkieConfig(), c.rig.luaprotConfig(), c.rig.keygenConfig(), c.rig.keycrateConfig()
	j.HTTPClient, l.HTTPClient, g.HTTPClient, k.HTTPClient = c.http("junkie"), c.http("luaprot"), c.http("keygen"), c.http("keycrate")
	if c.id/len(c.soak.rigs)%2 == 1 {
		g.PublicKey = c.rig.Keygen.PublicKey(keygenmock.Ed25519)
	}
	j.MaxResponseBytes, l.MaxResponseBytes, g.MaxResponseBytes, k.MaxResponseBytes = maxAnswer, maxAnswer, maxAnswer, maxAnswer
	var err error
	made.junkie, err = junkie.New(j)
	require.NoError(t, err)
	made.luaprot, err = luaprot.New(l)
	require.NoError(t, err)
	made.keygen, err = keygen.New(g)
	require.NoError(t, err)
	made.keycrate, err = keycrate.New(k)
	require.NoError(t, err)
	return made
}
