package mockserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// adminRoot is where the control plane lies. No vendor has a path below it.
const adminRoot = "/__admin"

// control is the control plane of a server: what programs in any language can
// do with it over HTTP. The document admin.openapi.yaml describes it. Its calls
// are no vendor's: the journal and the findings do not see them, and no fault or
// rate limit strikes them.
type control struct {
	router *core.Router
	routes []string // as lists of what there is show them
	does   map[string]controlRoute
}

// controlRoute is what one method and path of the control plane do.
type controlRoute struct {
	status     int // of success
	parameters []string
	do         func(controlRequest) (document any, err error)
}

// controlRequest is a request to the control plane that has found its route.
type controlRequest struct {
	op       string // the route: "POST /__admin/reset"
	base     string // URL as which the caller knows the server
	id       string // of the object that the path names
	query    url.Values
	document core.Document
	ctx      context.Context // of the caller, who may go away
	quit     <-chan struct{} // closed when nobody should wait any longer
}

// addRoute adds a route below /__admin.
type addRoute func(method, path string, route controlRoute)

func newControl(s *Server) *control {
	c := &control{does: map[string]controlRoute{}}
	var ops []core.Op
	var add addRoute = func(method, path string, route controlRoute) {
		op := method + " " + adminRoot + path
		ops = append(ops, core.Op{ID: op, Method: method, Path: adminRoot + path})
		c.routes = append(c.routes, op)
		c.does[op] = route
	}
	add(http.MethodGet, "/health", controlRoute{status: http.StatusOK, do: s.health})
	add(http.MethodPost, "/reset", controlRoute{status: http.StatusNoContent, do: s.resetAll})
	addClock(add, s)
	addFaults(add, s)
	addRequests(add, s)
	addFindings(add, s)
	for _, v := range s.vendors {
		if world, ok := v.world.(core.Controlled); ok {
			for _, collection := range world.Collections() {
				addCollection(add, s, v, collection)
			}
		}
	}
	c.router = core.NewRouter(ops)
	return c
}

// addCollection adds the routes of one kind of a vendor's objects.
func addCollection(add addRoute, s *Server, v *vendor, c core.Collection) {
	all := "/" + v.name + "/" + c.Name
	one := all + "/{id}"
	on := func(offered bool, method, path string, status int, do func(*core.Turn, controlRequest) (any, error)) {
		if offered {
			route := controlRoute{status: status, do: func(r controlRequest) (any, error) { return s.steer(v, r, do) }}
			if path == all && method != http.MethodPost {
				route.parameters = c.Filters
			}
			add(method, path, route)
		}
	}
	on(c.List != nil, http.MethodGet, all, http.StatusOK, func(t *core.Turn, r controlRequest) (any, error) {
		return c.List(t, r.query)
	})
	on(c.Create != nil, http.MethodPost, all, http.StatusCreated, func(t *core.Turn, r controlRequest) (any, error) {
		return c.Create(t, r.document)
	})
	on(c.Clear != nil, http.MethodDelete, all, http.StatusNoContent, func(t *core.Turn, r controlRequest) (any, error) {
		return nil, c.Clear(t, r.query)
	})
	on(c.Get != nil, http.MethodGet, one, http.StatusOK, func(t *core.Turn, r controlRequest) (any, error) {
		return c.Get(t, r.id)
	})
	on(c.Change != nil, http.MethodPatch, one, http.StatusOK, func(t *core.Turn, r controlRequest) (any, error) {
		return c.Change(t, r.id, r.document)
	})
	on(c.Delete != nil, http.MethodDelete, one, http.StatusNoContent, func(t *core.Turn, r controlRequest) (any, error) {
		return nil, c.Delete(t, r.id)
	})
}

// steer runs one call of the control plane as a turn of a vendor. What it
// changes is in the ledger, since it happened; it proves no behaviour, since no
// caller of the vendor saw it.
func (s *Server) steer(v *vendor, r controlRequest, do func(*core.Turn, controlRequest) (any, error)) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	turn := s.turn(v, r.op)
	answer, err := do(turn, r)
	if err != nil {
		return nil, err
	}
	s.enter(v, turn.Effects)
	return answer, nil
}

// isControl reports whether a request is for the control plane.
func isControl(r *http.Request) bool { return isBelow(r.URL.Path, adminRoot) }

// serveControl answers a request to the control plane.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	watch := startWatch()
	body, err := core.ReadBody(r.Body)
	if err != nil && !errors.Is(err, core.ErrBodyTooLarge) {
		panic(http.ErrAbortHandler) // the caller is gone, or too slow
	}
	s.controlOnce.Do(func() { s.control = newControl(s) })
	status, document, failure := s.control.answer(r, body, err)
	if endpointOf(r.Context()) != nil { // the time that a caller waited is none that an answer takes
		_ = http.NewResponseController(w).SetWriteDeadline(fromNow(writeTimeout))
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if failure != nil {
		status = failure.Status
	}
	s.tellControl(r, status, watch)
	if failure != nil {
		failure.write(w)
		return
	}
	if document == nil {
		w.WriteHeader(status)
		return
	}
	answer := core.JSON(status, document)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(answer.Body)
}

// answer does what a request asks for. tooLarge says that the body was cut off.
func (c *control) answer(r *http.Request, body []byte, tooLarge error) (status int, document any, failure *problem) {
	if detail := distrust(r); detail != "" {
		return 0, nil, newProblem(http.StatusForbidden, "%s", detail)
	}
	if tooLarge != nil {
		return 0, nil, newProblem(http.StatusRequestEntityTooLarge, "the body is longer than %d bytes", core.MaxBody)
	}
	match := c.match(r)
	if match.Op == nil {
		return 0, nil, c.lost(r, match.Allow)
	}
	route := c.does[match.Op.ID]
	request, err := readControl(r, match, route, body)
	if err == nil {
		document, err = route.do(request)
	}
	if err != nil {
		return 0, nil, problemOf(err)
	}
	return route.status, document, nil
}

func (c *control) match(r *http.Request) core.Match {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	return c.router.Match(method, r.URL.EscapedPath())
}

// lost says where to go instead.
func (c *control) lost(r *http.Request, allow []string) *problem {
	path := core.Clip(r.URL.EscapedPath(), maxPath)
	if len(allow) == 0 {
		p := newProblem(http.StatusNotFound, "the control plane has no %q; see routes for what it has", path)
		p.Routes = c.routes
		return p
	}
	if slices.Contains(allow, http.MethodGet) {
		allow = slices.Sorted(slices.Values(append(allow, http.MethodHead)))
	}
	p := newProblem(http.StatusMethodNotAllowed, "%q is no method of %s, which knows %s", core.Clip(r.Method, maxPath), path, strings.Join(allow, ", "))
	p.allow = allow
	return p
}

// readControl reads what a request brings, and refuses what would go unread.
func readControl(r *http.Request, match core.Match, route controlRoute, body []byte) (controlRequest, error) {
	request := controlRequest{
		op: match.Op.ID, base: "http://" + r.Host, id: cmp.Or(match.Params["id"], match.Params["number"]),
		ctx: r.Context(), quit: endpointOf(r.Context()).quit(),
	}
	if r.TLS != nil {
		request.base = "https://" + r.Host
	}
	var err error
	if request.query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		return request, &core.ControlError{Status: http.StatusBadRequest, Detail: "the query is malformed: " + err.Error()}
	}
	for _, name := range slices.Sorted(maps.Keys(request.query)) {
		switch {
		case !slices.Contains(route.parameters, name):
			return request, core.BadParameter(name, "is not known here%s", core.DidYouMean(name, route.parameters))
		case len(request.query[name]) > 1:
			return request, core.BadParameter(name, "is sent more than once")
		}
	}
	if r.Method == http.MethodPost || r.Method == http.MethodPut || r.Method == http.MethodPatch {
		request.document, err = core.ReadDocument(body)
	}
	return request, err
}

// distrust says why a request may come from a web page that has no business
// here: one that has its own name resolve to this machine is betrayed by the
// Host, any other by the Origin.
func distrust(r *http.Request) string {
	host := (&url.URL{Host: r.Host}).Hostname()
	if addr, err := netip.ParseAddr(host); !strings.EqualFold(host, "localhost") && (err != nil || !addr.Unmap().IsLoopback()) {
		return fmt.Sprintf("the control plane answers loopback addresses and localhost only, not the Host %q", core.Clip(r.Host, maxPath))
	}
	for _, origin := range r.Header["Origin"] {
		if from, err := url.Parse(origin); err != nil || !strings.EqualFold(from.Host, r.Host) {
			return fmt.Sprintf("the control plane answers no page of another origin, such as %q", core.Clip(origin, maxPath))
		}
	}
	return ""
}

// health says that the server is there, and where its vendors are.
func (s *Server) health(r controlRequest) (any, error) {
	type vendorHealth struct {
		Name  string   `json:"name"`
		Base  string   `json:"baseUrl"` // what a client takes in place of the vendor's own
		Hosts []string `json:"hosts"`   // as which the vendor answers, too
	}
	vendors := []vendorHealth{}
	for _, v := range s.vendors {
		vendors = append(vendors, vendorHealth{v.name, r.base + strings.TrimSuffix(v.root, "/"), v.hosts})
	}
	return map[string]any{"status": "ok", "vendors": vendors}, nil
}

// resetAll is Server.Reset over HTTP.
func (s *Server) resetAll(r controlRequest) (any, error) {
	if err := r.document.Into(&struct{}{}); err != nil {
		return nil, err
	}
	s.Reset()
	return nil, nil
}
