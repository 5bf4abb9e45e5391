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
	size      int      // bytes that what was said takes
	status    int
	fate      fate
	committed bool
	unread    bool // the request's body was too large
	gone      bool // from the journal, or at least what was said
}

// fate is a [Delivery].
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

func (e *entry) hit(faults []FaultHit) {
	if len(faults) > 0 {
		e.remark().faults = append(e.remark().faults, faults...)
	}
}

func (e *entry) find(text string) { e.remark().findings = append(e.remark().findings, text) }

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

func (a *asked) size() int { return len(a.texts) + cap(a.body) }

func (a *asked) path() string {
	path, _ := a.texts.next()
	return path
}

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
	entries  []*entry
	oldest   int // index, once the journal is full
	last     int // number of the last call
	evicted  map[source]int
	size     int // of all entries
	bare     int // so many of the oldest entries have dropped what was said
}

// source is where calls come from, as far as somebody asks.
type source struct {
	v  *vendor
	op string
}

// maxSaid bounds what the journal keeps of requests and answers, in bytes.
const maxSaid = 16 << 20

func newJournal(capacity int) *journal { return &journal{capacity: capacity} }

// add enters a call.
func (j *journal) add(e *entry) {
	j.last++
	e.number = j.last
	if len(j.entries) < j.capacity {
		j.entries = append(j.entries, e)
	} else {
		j.evict()
		j.entries[j.oldest] = e
		j.oldest = (j.oldest + 1) % j.capacity
	}
	if e.asked.kept() {
		j.charge(e, e.asked.size())
	}
}

// answer adds what a call was answered.
func (j *journal) answer(e *entry, r *reply) {
	if !e.gone {
		e.answered = answered{r.Header, r.Body, r.List, r.pad, r.at.Unix(), r.end, true}
		size := cap(r.Body)
		if r.List != nil {
			size = r.Len()
		}
		j.charge(e, sizeOf(r.Header)+size)
	}
}

// evict takes the oldest entry out.
func (j *journal) evict() {
	e := j.entries[j.oldest]
	if e.method != "" {
		if j.evicted == nil {
			j.evicted = map[source]int{}
		}
		j.evicted[source{e.v, e.op.ID}]++
	}
	j.size -= e.size
	j.bare = max(0, j.bare-1)
	e.size, e.gone = 0, true
}

// charge counts bytes that an entry takes, and makes room for them.
func (j *journal) charge(e *entry, bytes int) {
	e.size += bytes
	j.size += bytes
	for ; j.size > maxSaid; j.bare++ {
		e := j.entries[(j.oldest+j.bare)%len(j.entries)]
		j.size -= e.size
		e.asked, e.answered, e.size, e.gone = asked{}, answered{}, 0, true
	}
}

func sizeOf(h http.Header) (bytes int) {
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
		for i := range j.entries {
			if !yield(j.entries[(j.oldest+i)%len(j.entries)]) {
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
	for from, times := range j.evicted {
		if w.fitsOp(from.v.name, from.op) {
			n += times
		}
	}
	return n
}
