package mockserver

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Handler returns the vendors as one HTTP handler, for servers of one's own. A
// request belongs to the vendor whose real host name its Host header names, or
// else to the one whose operation it asks for: no two vendors have the same
// path. One that asks for no operation at all belongs to the vendor whose paths
// it follows furthest, and gets that vendor's own 404. Paths below /__admin are
// no vendor's: there lies the control plane, which serves callers that name the
// server by a loopback address, localhost or a host of [WithAllowedHosts] only,
// and asks for the token of [WithAdminToken].
//
// Faults that break a connection do so by http.ErrAbortHandler, or by resetting
// the TCP connection where it can be had.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if isControl(r) {
		s.serveControl(w, r)
		return
	}
	path := r.URL.EscapedPath()
	v, match := s.addressed(r, path)
	if v == nil {
		s.nobody(w, r)
		return
	}
	e := endpointOf(r.Context())
	body, err := core.ReadBody(r.Body)
	if err != nil && !errors.Is(err, core.ErrBodyTooLarge) {
		panic(http.ErrAbortHandler) // the caller is gone, or too slow
	}
	x := s.exchange(v, arrival{r.Method, r.Host, r.URL, path, r.Header, match}, body, err)
	x.conn = &connection{w, e}
	if len(body) > 0 { // which may have taken its time
		x.conn.putOff()
	}
	defer x.release()
	defer x.tellCall(r.Context())
	answer, err := x.run(r.Context(), e.quit())
	switch {
	case err != nil || answer.end == connClosed:
		panic(http.ErrAbortHandler)
	case answer.end == connReset:
		reset(http.NewResponseController(w))
		panic(http.ErrAbortHandler)
	}
	if err := write(w, r, answer); err != nil {
		x.lost()
	}
	if answer.end == bodyCut {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// connection is what an answer goes out over.
type connection struct {
	w http.ResponseWriter
	e *Endpoint // nil: of a server that is not ours
}

// putOff lets the deadlines of the connection count from now.
func (c *connection) putOff() {
	conn := http.NewResponseController(c.w)
	// The deadline for reading would end the request's context while the answer waits for its time.
	_ = conn.SetReadDeadline(time.Time{})
	if c.e != nil {
		_ = conn.SetWriteDeadline(fromNow(c.e.s.made.patience.write))
	}
}

// addressed returns the vendor that a request is meant for, and what that knows of
// its path.
func (s *Server) addressed(r *http.Request, path string) (*vendor, core.Match) {
	if v := s.byHost(r.Host); v != nil {
		return v, v.match(r.Method, path)
	}
	var nearest *vendor
	furthest := 0
	for _, v := range s.vendors {
		match := v.match(r.Method, path)
		if match.Op != nil || len(match.Allow) > 0 {
			return v, match
		}
		if !isBelow(path, v.tables.Root) {
			continue
		}
		far := v.follow(r.Method, path)
		if far > furthest || nearest != nil && far == furthest && len(v.tables.Root) > len(nearest.tables.Root) {
			nearest, furthest = v, far
		}
	}
	return nearest, core.Match{}
}

func isBelow(path, root string) bool {
	root = strings.TrimSuffix(root, "/")
	return path == root || strings.HasPrefix(path, root+"/")
}

// nobody answers a request that is meant for no vendor.
func (s *Server) nobody(w http.ResponseWriter, r *http.Request) {
	method, path := core.Clip(r.Method, maxPath), r.URL.EscapedPath()
	var places []string
	var ops []core.Op
	for _, v := range s.vendors {
		ops = append(ops, v.tables.Ops...)
		places = append(places, fmt.Sprintf("%s (%s)", nearestRoute(method, path, v.tables.Ops), v.name))
	}
	text := fmt.Sprintf("no vendor has %s %q; nearest: %s", method, s.strayPath(path, ops), strings.Join(places, ", "))
	s.mu.Lock()
	s.find("", "", text)
	s.mu.Unlock()
	s.tellFindings()
	http.Error(w, "mockserver: "+text, http.StatusNotFound)
}

// write sends an answer. A cut one keeps the head's promise only in part.
func write(w http.ResponseWriter, r *http.Request, answer *reply) error {
	header := w.Header()
	header["Content-Type"] = nil // no guess in place of what the vendor leaves out
	answer.writeHead(header)
	w.WriteHeader(answer.Status)
	room := rooms.Get().(*[]byte)
	defer rooms.Put(room)
	body, pad := answer.sent(r.Method, (*room)[:0])
	if answer.List != nil && cap(body) <= maxRoom {
		*room = body
	}
	var err error
	if len(body) > 0 { // some answers must not even have an empty one
		_, err = w.Write(body)
	}
	for pad > 0 && err == nil {
		var n int
		n, err = io.WriteString(w, blanks[:min(pad, int64(len(blanks)))])
		pad -= int64(n)
	}
	return err
}

// rooms are where lists are put together to be sent.
var rooms = sync.Pool{New: func() any { return new([]byte) }}

// maxRoom bounds what is kept of one.
const maxRoom = 1 << 20

var blanks = strings.Repeat(" ", 32<<10)

// reset ends a TCP connection with RST instead of FIN.
func reset(conn *http.ResponseController) {
	c, _, err := conn.Hijack()
	if err != nil {
		return
	}
	under := c
	if wrapped, ok := c.(interface{ NetConn() net.Conn }); ok {
		under = wrapped.NetConn()
	}
	if tcp, ok := under.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
		_ = tcp.Close()
	}
	_ = c.Close()
}
