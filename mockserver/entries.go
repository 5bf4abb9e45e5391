package mockserver

import (
	"iter"
	"net/http"
	"slices"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// entry is what the journal keeps of a call. What was said in it is kept as it
// was, and masked when it is shown: most of it never is.
type entry struct {
	Call
	v        *vendor
	asked    asked // nothing: an action, or dropped
	unread   bool  // the request's body was too large
	answered reply // without a status: none yet, or dropped
	size     int   // bytes that what was said takes
	gone     bool  // from the journal, or at least what was said
}

// asked is what is kept of a request. Without a header there is nothing.
type asked struct {
	path, query string
	params      core.Params
	lines       []string // of the header: a name, a value, a name, a value
	body        []byte
	size        int // bytes that all of it takes
}

// keep notes a request, whose header may become another one's. It is made a map
// again when somebody looks.
func keep(req *core.Request) asked {
	a := asked{path: req.Path, query: req.RawQuery, params: req.Params, body: req.Body}
	a.size = len(req.Path) + len(req.RawQuery) + cap(req.Body)
	a.lines = make([]string, 0, 2*len(req.Header))
	for name, values := range req.Header {
		a.size += len(name)
		for _, value := range values {
			a.size += len(value)
			a.lines = append(a.lines, name, value)
		}
	}
	return a
}

// kept reports whether there is a request.
func (a *asked) kept() bool { return a.lines != nil }

// header is that of the request.
func (a *asked) header() http.Header {
	header := http.Header{}
	for line := range slices.Chunk(a.lines, 2) {
		header[line[0]] = append(header[line[0]], line[1])
	}
	return header
}

// journal keeps the latest calls.
type journal struct {
	capacity int
	entries  []*entry
	oldest   int // index, once the journal is full
	last     int // number of the last call
	evicted  map[[2]string]int
	size     int // of all entries
	bare     int // so many of the oldest entries have dropped what was said
}

// maxSaid bounds what the journal keeps of requests and answers, in bytes.
const maxSaid = 16 << 20

func newJournal(capacity int) *journal { return &journal{capacity: capacity} }

// add enters a call.
func (j *journal) add(e *entry) {
	j.last++
	e.Number = j.last
	if len(j.entries) < j.capacity {
		j.entries = append(j.entries, e)
	} else {
		j.evict()
		j.entries[j.oldest] = e
		j.oldest = (j.oldest + 1) % j.capacity
	}
	if e.asked.kept() {
		j.charge(e, e.asked.size)
	}
}

// answer adds what a call was answered.
func (j *journal) answer(e *entry, r reply) {
	if !e.gone {
		e.answered = r
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
	if e.Method != "" {
		if j.evicted == nil {
			j.evicted = map[[2]string]int{}
		}
		j.evicted[[2]string{e.Vendor, e.Op}]++
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
		e.asked, e.answered, e.size, e.gone = asked{}, reply{}, 0, true
		e.Dropped = e.Method != ""
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
func (s *Server) pick(fits func(*Call) bool) []entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journal.pick(fits)
}

func (j *journal) pick(fits func(*Call) bool) []entry {
	var picked []entry
	for e := range j.all() {
		if fits(&e.Call) {
			picked = append(picked, *e)
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

func (w wanted) fits(c *Call) bool {
	return c.Method != "" && w.fitsOp(c.Vendor, c.Op) && (!w.byStatus || c.Status == w.status)
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
	for who, times := range j.evicted {
		if w.fitsOp(who[0], who[1]) {
			n += times
		}
	}
	return n
}
