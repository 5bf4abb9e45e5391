package mockserver

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// maxPath bounds the path that journal and findings keep of a request that
// matches no operation.
const maxPath = 200

// exchange is the way of one request through the server, the same for both
// transports: arrive, faults before, turn, faults after, reply.
type exchange struct {
	s        *Server
	v        *vendor
	req      core.Request
	tooLarge bool
	call     *entry
	journal  *journal // that has the call
	watch    stopwatch
	scene    core.Turn
	usual    *decision   // the latest of the operation; nil: none is known
	conn     *connection // nil: in process
	over     bool        // it has come to its end, with this
	reply    reply
	untold   bool // there are findings that the logger has yet to be told of
}

// arrival is a request as it came in, over whichever transport.
type arrival struct {
	method, host string
	url          *url.URL
	path         string // escaped
	header       http.Header
	match        core.Match
}

// exchange begins one. err is nil or core.ErrBodyTooLarge.
func (s *Server) exchange(v *vendor, a arrival, body []byte, err error) *exchange {
	x := exchanges.Get().(*exchange)
	x.s, x.v, x.tooLarge, x.watch = s, v, err != nil, startWatch()
	req := &x.req
	req.Method, req.Host, req.Path, req.RawQuery = a.method, a.host, a.path, a.url.RawQuery
	req.Header, req.Body, req.Params, req.Allow = a.header, body, a.match.Params, a.match.Allow
	x.call = &entry{v: v, op: a.match.Op, method: core.Clip(a.method, maxPath), arrived: x.watch.started(), asked: keep(&x.req), unread: x.tooLarge}
	if a.match.Op != nil {
		x.req.Op = a.match.Op.ID
	} else {
		x.call.op = &core.Op{Path: s.strayPath(a.path, v.tables.Ops)}
	}
	return x
}

// exchanges are those that are over. They are half a kilobyte each.
var exchanges = sync.Pool{New: func() any { return new(exchange) }}

// release ends the use of an exchange of which nobody knows any longer. What it has
// room for is for the next one.
func (x *exchange) release() {
	*x = exchange{scene: core.Turn{Rows: x.scene.Rows[:0]}}
	exchanges.Put(x)
}

// arrive enters the exchange into the journal. The lock is held.
func (x *exchange) arrive(malformed error) {
	x.enter()
	x.call.at = x.scene.Now
	x.journal = x.s.journal
	x.journal.add(x.call)
	if x.req.Op == "" && !x.isPreflight() {
		x.find(x.noRoute())
	}
	if malformed != nil {
		x.find(fmt.Sprintf("the query is malformed and was read in part: %v", malformed))
	}
	if x.tooLarge {
		x.find(fmt.Sprintf("the body of the request is longer than %d bytes", core.MaxBody))
	}
}

// isPreflight reports whether a browser asks what it may send along a known path.
func (x *exchange) isPreflight() bool {
	world, ok := x.v.world.(core.Preflighted)
	return ok && len(x.req.Allow) > 0 && world.Preflights(&x.req)
}

func (x *exchange) noRoute() string {
	method, path := x.call.method, x.call.op.Path
	if len(x.req.Allow) > 0 {
		return fmt.Sprintf("%q is no method of %s, which knows %s", method, path, strings.Join(x.req.Allow, ", "))
	}
	return fmt.Sprintf("no route %s %q; the nearest is %s", method, path, nearestRoute(method, x.req.Path, x.v.tables.Ops))
}

// find records a finding about the exchange. The lock is held.
func (x *exchange) find(text string) {
	x.call.find(text)
	x.s.find(x.v.name, x.req.Op, text)
}

// run takes the exchange to its end, and returns the reply as long as it is not
// released. An error says why nobody waits for that any longer.
func (x *exchange) run(ctx context.Context, quit <-chan struct{}) (*reply, error) {
	answer, act, err := x.pass(ctx, quit)
	if x.over {
		return &x.reply, nil
	}
	x.s.amend(func() { x.end(answer, act, err) })
	return &x.reply, err
}

// end does to the answer what a fault wants, and writes down what became of it. The
// lock is held.
func (x *exchange) end(answer core.Answer, act Action, err error) {
	x.reply = reply{Answer: answer, op: x.req.Op}
	if act.apply != nil && err == nil {
		act.apply(&x.reply, x.v)
	}
	x.call.duration, x.reply.at = x.s.clock.lap(x.watch)
	x.settle(act, err)
}

// pass gets the vendor's answer, and what a fault wants to be done to it.
func (x *exchange) pass(ctx context.Context, quit <-chan struct{}) (core.Answer, Action, error) {
	query, malformed := parseQuery(x.req.RawQuery)
	x.req.Query = query
	if answer, shared := x.share(ctx, malformed); shared {
		return answer.Finished(), Action{}, wait(ctx, 0, quit)
	}
	if x.tooLarge {
		x.begin(ctx, malformed)
		return core.Answer{}, Status(http.StatusRequestEntityTooLarge), nil
	}
	answer, before, after := x.begin(ctx, malformed)
	if x.over {
		return answer, Action{}, nil
	}
	if answer.Status == 0 { // a fault comes first, or the caller is gone
		if err := x.wait(ctx, quit, before); err != nil || before.act.apply != nil {
			return core.Answer{}, before.act, err
		}
		answer, after = x.commit()
	}
	return answer.Finished(), after.act, x.wait(ctx, quit, after)
}

// wait lets pass what time a strike takes, which is not the caller's fault.
func (x *exchange) wait(ctx context.Context, quit <-chan struct{}, h strike) error {
	if x.conn == nil || h.delay == 0 && !h.act.hang {
		return h.wait(ctx, quit)
	}
	x.conn.putOff()
	defer x.conn.putOff()
	return h.wait(ctx, quit)
}

// begin enters the exchange into the journal and, unless something stands against
// that, has it carried out in the same breath, and mostly brought to its end.
func (x *exchange) begin(ctx context.Context, malformed error) (answer core.Answer, before, after strike) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.arrive(malformed)
	if x.tooLarge {
		return answer, before, after
	}
	if before = x.struck(BeforeCommit); len(before.hits) > 0 || ctx.Err() != nil {
		return answer, before, after
	}
	answer = x.serve()
	after = x.leave(ctx, answer)
	return answer, before, after
}

// parseQuery reads what can be read of a query.
func parseQuery(raw string) (url.Values, error) {
	if raw == "" {
		return nil, nil
	}
	return url.ParseQuery(raw)
}

// commit has the exchange carried out when it has waited for its time.
func (x *exchange) commit() (core.Answer, strike) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.enter()
	answer := x.serve()
	return answer, x.record(answer)
}

// struck lets the faults of a phase see the call. The lock is held.
func (x *exchange) struck(phase Phase) strike {
	hit := x.s.strike(x.v, x.req.Op, phase)
	x.call.hit(hit.hits)
	return hit
}

// enter sets the scene for the vendor's turn. The lock is held.
func (x *exchange) enter() {
	rows := x.scene.Rows
	x.scene = x.s.scene(x.v, x.req.Op)
	x.scene.Rows = rows[:0]
	if x.usual = x.v.latest[x.req.Op]; x.usual != nil {
		x.scene.Usual = x.usual.rows
	}
}

// serve has the vendor answer the request. The lock is held, or shared.
func (x *exchange) serve() core.Answer {
	answer := x.v.world.Serve(&x.scene, &x.req)
	if answer.Status < 200 || answer.Status > 599 {
		panic(fmt.Sprintf("mockserver: the world of %s answered %s with status %d", x.v.name, x.req.Op, answer.Status))
	}
	return answer
}

// record keeps what the turn left behind, and lets the faults after the commit see a
// successful answer. The lock is held.
func (x *exchange) record(answer core.Answer) strike {
	x.scene.Findings = x.discreet(x.scene.Findings)
	x.s.record(x.v, &x.scene, x.usual, x.call)
	if answer.Status > 299 {
		return strike{}
	}
	x.call.committed = true
	return x.struck(AfterCommit)
}

// leave records the turn, and brings the exchange to its end if nothing is yet to be
// done. The lock is held.
func (x *exchange) leave(ctx context.Context, answer core.Answer) strike {
	after := x.record(answer)
	if x.over = len(after.hits) == 0 && answer.Finish == nil && ctx.Err() == nil; x.over {
		x.end(answer, Action{}, nil)
	}
	return after
}

// settle writes down what became of the answer. The lock is held.
func (x *exchange) settle(act Action, err error) {
	x.call.status = x.reply.Status
	switch {
	case err != nil, x.reply.end == connClosed, x.reply.end == connReset:
		x.call.fate, x.call.status = lost, 0
	case act.apply != nil && !x.tooLarge:
		x.call.fate = damaged
	default:
		x.call.fate = delivered
	}
	if x.call.status != 0 {
		x.journal.answer(x.call, &x.reply)
	}
	x.untold = len(x.s.findings.untold) > 0
	x.s.wake()
}

// lost corrects the journal: the answer could not be handed over after all.
func (x *exchange) lost() {
	x.s.amend(func() { x.call.fate = lost })
}

// act runs one action of a vendor's Go API, and returns why it was refused. One
// without a name only looks, and leaves no trace.
func (s *Server) act(v *vendor, action string, do func(*core.Turn)) (refusal string) {
	watch := startWatch()
	defer s.tellFindings()
	s.mu.Lock()
	defer s.mu.Unlock()
	turn := s.turn(v, action)
	do(turn)
	if turn.Refusal != "" || action == "" {
		return turn.Refusal
	}
	call := &entry{v: v, op: &core.Op{ID: action}, at: turn.Now, arrived: watch.started(), committed: true, fate: delivered}
	s.journal.add(call)
	s.record(v, turn, nil, call)
	call.duration = watch.elapsed()
	return ""
}

// turn starts a turn of a vendor. The lock is held.
func (s *Server) turn(v *vendor, op string) *core.Turn {
	turn := s.scene(v, op)
	return &turn
}

func (s *Server) scene(v *vendor, op string) core.Turn {
	clock := s.clock.reading()
	return core.Turn{Op: op, Now: clock.now, Frozen: clock.frozen, Rand: v.rand}
}

// record keeps what a turn left behind. The lock is held.
func (s *Server) record(v *vendor, turn *core.Turn, usual *decision, call *entry) {
	call.decided = v.decision(turn, usual)
	call.decided.times++
	call.effects = s.enter(v, turn.Effects)
	for _, text := range turn.Findings {
		call.find(text)
		s.find(v.name, turn.Op, text)
	}
}
