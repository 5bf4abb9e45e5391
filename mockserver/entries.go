package mockserver

import (
	"encoding/binary"
	"iter"
	"net/http"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// entry is what the journal keeps of a call. There are thousands of them, in which the
// collector of garbage should find little to look at. What was said is kept as it was,
// and masked when it is shown: most of it never is.
type entry struct {
	v         *vendor
	op        *core.Op // an action, and a request that matched none, has one of its own
	number    int
	method    string    // empty: an action
	at        time.Time // virtual
	arrived   int64     // process time in nanoseconds
	duration  time.Duration
	decided   *decision // nil: nothing is yet
	effects   []Effect
	remarks   *remarks // nil: there is nothing to remark
	asked     asked    // nothing: an action, or dropped
	answered  answered // nothing: none yet, or dropped
	status    int
	fate      fate
	committed bool
	unread    bool // the request's body was too large
	gone      bool // what was said has been dropped, if anything was
}

// fate is a [Delivery] in one byte.
type fate uint8

const (
	pending fate = iota
	delivered
	damaged
	lost
)

var deliveries = [...]Delivery{pending: Pending, delivered: Delivered, damaged: Damaged, lost: Lost}

// remarks are what few calls have.
type remarks struct {
	faults   []FaultHit
	findings []string
}

// hit notes faults that hit the call.
func (e *entry) hit(faults []FaultHit) {
	if len(faults) > 0 {
		e.remark().faults = append(e.remark().faults, faults...)
	}
}

// find notes a finding about the call.
func (e *entry) find(text string) { e.remark().findings = append(e.remark().findings, text) }

// remark is where there is room for remarks.
func (e *entry) remark() *remarks {
	if e.remarks == nil {
		e.remarks = &remarks{}
	}
	return e.remarks
}

// now is the entry as it is, whatever becomes of it.
func (e *entry) now() entry {
	is := *e
	if e.remarks != nil {
		is.remarks = &remarks{e.remarks.faults, e.remarks.findings}
	}
	return is
}

// dropped reports whether what was said is no longer kept.
func (e *entry) dropped() bool { return e.gone && e.method != "" }

// params are what stands for the {names} of the path.
func (e *entry) params() map[string]string {
	return e.v.match(e.method, e.asked.path()).Params.Map()
}

// asked is what is kept of a request.
type asked struct {
	texts texts // path, query, and the lines of the header: a name, a value, a name, a value
	body  []byte
}

// keep notes a request, whose header may become another one's. It is made a map
// again when somebody looks.
func keep(req *core.Request) asked {
	var room [512]byte
	t := texts(room[:0]).add(req.Path).add(req.RawQuery)
	for name, values := range req.Header {
		for _, value := range values {
			t = t.add(name).add(value)
		}
	}
	return asked{slices.Clone(t), req.Body}
}

// kept reports whether there is a request.
func (a *asked) kept() bool { return a.texts != nil }

// size is the room that it takes, in bytes.
func (a *asked) size() int { return cap(a.texts) + cap(a.body) }

// path is the escaped path of the request.
func (a *asked) path() string {
	path, _ := a.texts.next()
	return path
}

// query is that of the request, as it was sent.
func (a *asked) query() string {
	_, rest := a.texts.next()
	query, _ := rest.next()
	return query
}

// header is that of the request.
func (a *asked) header() http.Header {
	_, rest := a.texts.next()
	_, rest = rest.next()
	header := http.Header{}
	for len(rest) > 0 {
		var name, value string
		name, rest = rest.next()
		value, rest = rest.next()
		header[name] = append(header[name], value)
	}
	return header
}

// texts are several texts in one piece, each of them behind its length.
type texts []byte

// add returns the texts with one more.
func (t texts) add(text string) texts {
	return append(binary.AppendUvarint(t, uint64(len(text))), text...)
}

// next returns the first text, and the others.
func (t texts) next() (text string, rest texts) {
	length, n := binary.Uvarint(t)
	end := n + int(length)
	return string(t[n:end]), t[end:]
}

// answered is what is kept of an answer, but for its status.
type answered struct {
	header http.Header
	body   []byte
	list   *core.Listing
	pad    int64
	second int64 // of the virtual time at which it went out
	end    ending
	kept   bool
}

// answer is what went out.
func (e *entry) answer() reply {
	a := e.answered
	return reply{Answer: core.Answer{Status: e.status, Header: a.header, Body: a.body, List: a.list}, pad: a.pad, at: time.Unix(a.second, 0), end: a.end}
}

// journal keeps the latest calls.
type journal struct {
	capacity int
	slots    []slot // the place of a call follows from its number
	before   int    // number of the last call that was never here
	last     int    // number of the last call
	evicted  map[target]int
	size     int // of all slots
	bare     int // so many of the oldest entries have dropped what was said
}

// slot is the place of an entry, with what has to be known when it makes room for
// another one: the entry itself was touched thousands of calls ago.
type slot struct {
	*entry
	target target
	size   int // bytes that what was said takes
}

// target is whom a request asked, and for what: by this those that are gone are counted.
// An action has a zero one.
type target struct {
	v  *vendor
	op string
}

// maxSaid bounds what the journal keeps of requests and answers, in bytes.
const maxSaid = 16 << 20

// newJournal returns an empty journal, which counts on from the last number.
func newJournal(capacity, last int) *journal {
	return &journal{capacity: capacity, before: last, last: last}
}

// slot is the place of the call with a number.
func (j *journal) slot(number int) *slot { return &j.slots[(number-j.before-1)%j.capacity] }

// oldest is the number of the oldest call that is here.
func (j *journal) oldest() int { return j.last - len(j.slots) + 1 }

// add enters a call.
func (j *journal) add(e *entry) {
	if len(j.slots) < j.capacity {
		j.slots = append(j.slots, slot{})
	} else {
		j.evict()
	}
	j.last++
	e.number = j.last
	at := j.slot(e.number)
	if *at = (slot{entry: e}); e.method != "" {
		at.target = target{e.v, e.op.ID}
	}
	if e.asked.kept() {
		j.charge(e, e.asked.size())
	}
}

// answer adds what a call was answered.
func (j *journal) answer(e *entry, r *reply) {
	if e.gone || e.number < j.oldest() {
		return
	}
	e.answered = answered{r.Header, r.Body, r.List, r.pad, r.at.Unix(), r.end, true}
	size := cap(r.Body)
	if r.List != nil {
		size = r.Len()
	}
	j.charge(e, sizeOf(r.Header)+size)
}

// evict takes the oldest entry out.
func (j *journal) evict() {
	out := j.slot(j.oldest())
	if out.target.v != nil {
		if j.evicted == nil {
			j.evicted = map[target]int{}
		}
		j.evicted[out.target]++
	}
	j.size -= out.size
	j.bare = max(0, j.bare-1)
}

// charge counts bytes that an entry takes, and makes room for them.
func (j *journal) charge(e *entry, bytes int) {
	j.slot(e.number).size += bytes
	j.size += bytes
	for ; j.size > maxSaid; j.bare++ {
		at := j.slot(j.oldest() + j.bare)
		j.size -= at.size
		at.size = 0
		at.asked, at.answered, at.gone = asked{}, answered{}, true
	}
}

func sizeOf(h http.Header) (bytes int) {
	if kind := onlyType(h); len(kind) == 1 {
		return len("Content-Type") + len(kind[0])
	}
	for name, values := range h {
		bytes += len(name)
		for _, value := range values {
			bytes += len(value)
		}
	}
	return bytes
}

// pick returns the entries that fit as they are now, oldest first.
func (s *Server) pick(fits func(*entry) bool) []entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journal.pick(fits)
}

func (j *journal) pick(fits func(*entry) bool) []entry {
	var picked []entry
	for e := range j.all() {
		if fits(e) {
			picked = append(picked, e.now())
		}
	}
	return picked
}

// all are the entries, oldest first.
func (j *journal) all() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for number := j.oldest(); number <= j.last; number++ {
			if !yield(j.slot(number).entry) {
				return
			}
		}
	}
}

// wanted says which requests somebody asks for.
type wanted struct {
	vendor   string   // empty: any
	ops      []string // or patterns; none: any
	byStatus bool
	status   int
}

func (w wanted) fits(e *entry) bool {
	return e.method != "" && w.fitsOp(e.v.name, e.op.ID) && (!w.byStatus || e.status == w.status)
}

func (w wanted) fitsOp(vendor, op string) bool {
	return (w.vendor == "" || w.vendor == vendor) && fitsAny(w.ops, vendor, op)
}

// look returns the requests that are wanted, oldest first, and how many of the
// vendor and the operations the journal no longer has.
func (s *Server) look(w wanted) (entries []entry, evicted int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journal.pick(w.fits), s.journal.evictedOf(w)
}

func (j *journal) evictedOf(w wanted) (n int) {
	for to, times := range j.evicted {
		if w.fitsOp(to.v.name, to.op) {
			n += times
		}
	}
	return n
}
