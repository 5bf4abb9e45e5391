package mockserver

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// adminRoot is where the control plane lies. No vendor has a path below it.
const adminRoot = "/__admin"

// healthPath is below it, and open to whoever asks.
const healthPath = "/health"

// control is the control plane of a server: what programs in any language can
// do with it over HTTP. The document admin.openapi.yaml describes it. Its calls
// are no vendor's: the journal and the findings do not see them, and no fault or
// rate limit strikes them.
type control struct {
	server *Server
	router *core.Router
	ops    []core.Op
	routes []string // as lists of what there is show them
	does   map[string]controlRoute
}

// controlRoute is what one method and path of the control plane do.
type controlRoute struct {
	status     int   // of success
	most       int64 // bytes of the body; 0: core.MaxBody
	parameters []string
	do         func(controlRequest) (document any, err error)
}

// controlRequest is a request to the control plane that has found its route.
type controlRequest struct {
	op       string // the route: "POST /__admin/reset"
	base     string // URL as which the caller knows the server
	id       string // of the object that the path names
	query    url.Values
	body     []byte
	document core.Document   // that the body is
	ctx      context.Context // of the caller, who may go away
	quit     <-chan struct{} // closed when nobody should wait any longer
}

// addRoute adds a route below /__admin.
type addRoute func(method, path string, route controlRoute)

func newControl(s *Server) *control {
	c := &control{server: s, does: map[string]controlRoute{}}
	var add addRoute = func(method, path string, route controlRoute) {
		op := method + " " + adminRoot + path
		c.ops = append(c.ops, core.Op{ID: op, Method: method, Path: adminRoot + path})
		c.routes = append(c.routes, op)
		c.does[op] = route
	}
	add(http.MethodGet, healthPath, controlRoute{status: http.StatusOK, do: s.health})
	add(http.MethodPost, "/reset", controlRoute{status: http.StatusNoContent, do: s.resetAll})
	addClock(add, s)
	addFaults(add, s)
	addRequests(add, s)
	addFindings(add, s)
	addRateLimits(add, s)
	addSeed(add, s)
	addSnapshot(add, s)
	for _, v := range s.vendors {
		addWorld(add, s, v)
	}
	c.router = core.NewRouter(c.ops)
	return c
}

// isControl reports whether a request is for the control plane.
func isControl(r *http.Request) bool { return isBelow(r.URL.Path, adminRoot) }

// serveControl answers a request to the control plane.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	watch := startWatch()
	s.controlOnce.Do(func() { s.control = newControl(s) })
	status, document, err := s.control.answer(r)
	if endpointOf(r.Context()) != nil { // the time that a caller waited is none that an answer takes
		_ = http.NewResponseController(w).SetWriteDeadline(fromNow(s.made.patience.write))
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	var failure *problem
	if err != nil {
		failure = problemOf(err)
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

// answer does what a request asks for, unless the caller is one to distrust.
func (c *control) answer(r *http.Request) (status int, document any, err error) {
	match := c.match(r)
	if refusal := c.server.distrust(r, match.Op); refusal != nil {
		return 0, nil, refusal
	}
	if match.Op == nil {
		return 0, nil, c.lost(r, match.Allow)
	}
	route := c.does[match.Op.ID]
	request, err := readControl(r, match, route)
	if err != nil {
		return 0, nil, err
	}
	document, err = route.do(request)
	return route.status, document, err
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
	path := c.strayPath(r.URL.EscapedPath())
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

// strayPath is what may be shown of a path that leads nowhere. What lies directly
// below /__admin is never called by a key; what lies deeper may be one.
func (c *control) strayPath(path string) string {
	path = core.Clip(path, maxPath)
	kind, rest, deep := strings.Cut(strings.TrimPrefix(path, adminRoot+"/"), "/")
	if !deep {
		return path
	}
	return adminRoot + "/" + kind + "/" + familiarPath(rest, c.ops)
}

// readControl reads what a request brings, and refuses what would go unread.
func readControl(r *http.Request, match core.Match, route controlRoute) (controlRequest, error) {
	request := controlRequest{
		op: match.Op.ID, base: "http://" + r.Host, id: cmp.Or(match.Params.Get("id"), match.Params.Get("number")),
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
	if r.Method != http.MethodPost && r.Method != http.MethodPut && r.Method != http.MethodPatch {
		return request, nil
	}
	request.body, err = core.ReadBodyUpTo(r.Body, cmp.Or(route.most, core.MaxBody))
	switch {
	case errors.Is(err, core.ErrBodyTooLarge):
		return request, newProblem(http.StatusRequestEntityTooLarge, "the body is longer than %d bytes", cmp.Or(route.most, core.MaxBody))
	case err != nil:
		panic(http.ErrAbortHandler) // the caller is gone, or too slow
	}
	request.document, err = core.ReadDocument(request.body)
	return request, err
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
		vendors = append(vendors, vendorHealth{v.name, r.base + strings.TrimSuffix(v.tables.Root, "/"), v.tables.Hosts})
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
