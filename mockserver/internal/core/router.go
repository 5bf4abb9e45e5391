package core

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Router finds the operation of a method and path. It is built once per
// vendor and never changes.
type Router struct{ root node }

// node is one segment of the known paths. There are few of anything: to look through
// them takes less time than to look them up.
type node struct {
	literals []literal
	template *node    // whatever matches no literal
	routes   []*route // of different methods, where a path may end
}

// literal is where a segment leads that is to be met as it is.
type literal struct {
	segment string
	node    *node
}

// literal is where a segment leads, or nil.
func (n *node) literal(segment string) *node {
	for i := range n.literals {
		if n.literals[i].segment == segment {
			return n.literals[i].node
		}
	}
	return nil
}

// route is that of a method, if a path may end here with it.
func (n *node) route(method string) *route {
	for _, r := range n.routes {
		if r.Method == method {
			return r
		}
	}
	return nil
}

// route is one operation, and the {names} of its path with the segments in which
// they stand.
type route struct {
	*Op
	names  []string
	places []int
}

// NewRouter builds the router of a vendor's operations. Two operations with
// one method and one shape of path are a mistake in the table, and panic.
func NewRouter(ops []Op) *Router {
	r := &Router{}
	for i := range ops {
		op := &route{Op: &ops[i]}
		at := &r.root
		for i, segment := range segments(op.Path) {
			at = at.child(segment)
			if isTemplate(segment) {
				op.names, op.places = append(op.names, segment[1:len(segment)-1]), append(op.places, i)
			}
		}
		if twin := at.route(op.Method); twin != nil {
			panic(fmt.Sprintf("core: %s and %s are the same route %s %s", twin.ID, op.ID, op.Method, op.Path))
		}
		at.routes = append(at.routes, op)
	}
	return r
}

func (n *node) child(segment string) *node {
	if isTemplate(segment) {
		if n.template == nil {
			n.template = &node{}
		}
		return n.template
	}
	next := n.literal(segment)
	if next == nil {
		next = &node{}
		n.literals = append(n.literals, literal{segment, next})
	}
	return next
}

// Match is what a router knows about a method and path.
type Match struct {
	Op     *Op      // nil: no operation
	Params Params   // unescaped values of the {names} of the path
	Allow  []string // without an operation: the methods that the path knows, sorted
}

// Params are the values of the {names} of a path.
type Params struct{ names, values []string }

// Get returns the value of a name, which is empty if the path does not have it.
func (p Params) Get(name string) string {
	if place := slices.Index(p.names, name); place >= 0 {
		return p.values[place]
	}
	return ""
}

// Has reports whether the path has a name.
func (p Params) Has(name string) bool { return slices.Contains(p.names, name) }

// Map returns the values by their names; without any it is nil.
func (p Params) Map() map[string]string {
	if len(p.names) == 0 {
		return nil
	}
	values := make(map[string]string, len(p.names))
	for i, name := range p.names {
		values[name] = p.values[i]
	}
	return values
}

// Match finds the operation of an escaped path. A literal segment wins over a
// template as long as it leads to the method: with GET /keys/folders and
// DELETE /keys/{keyId}, DELETE /keys/folders is about a key named "folders". An
// empty segment, "." and ".." never fill a template, since proxies and servers
// resolve them to another path.
func (r *Router) Match(method, escapedPath string) Match {
	var raw [16]string
	path, ok := unescape(raw[:0], escapedPath)
	if !ok {
		return Match{}
	}
	if op := r.root.find(method, path); op != nil {
		return Match{Op: op.Op, Params: op.params(path)}
	}
	known := r.root.methods(path, nil)
	slices.Sort(known)
	return Match{Allow: slices.Compact(known)}
}

// Follow returns how many segments of an escaped path, from its beginning, lead
// along known paths. A path that matches is followed to its end.
func (r *Router) Follow(escapedPath string) int {
	var raw [16]string
	path, _ := unescape(raw[:0], escapedPath)
	return r.root.follow(path)
}

// unescape appends the segments of an escaped path, up to one that cannot be
// unescaped.
func unescape(path []string, escapedPath string) (segments []string, ok bool) {
	escaped := strings.Contains(escapedPath, "%")
	rest, more := strings.TrimPrefix(escapedPath, "/"), true
	for more {
		var segment string
		if segment, rest, more = strings.Cut(rest, "/"); escaped {
			value, err := url.PathUnescape(segment)
			if err != nil {
				return path, false
			}
			segment = value
		}
		path = append(path, segment)
	}
	return path, true
}

func (n *node) follow(path []string) (far int) {
	if len(path) == 0 {
		return 0
	}
	if next := n.literal(path[0]); next != nil {
		far = 1 + next.follow(path[1:])
	}
	if n.template != nil && fills(path[0]) {
		far = max(far, 1+n.template.follow(path[1:]))
	}
	return far
}

func (n *node) find(method string, path []string) *route {
	if len(path) == 0 {
		return n.route(method)
	}
	if next := n.literal(path[0]); next != nil {
		if op := next.find(method, path[1:]); op != nil {
			return op
		}
	}
	if n.template != nil && fills(path[0]) {
		return n.template.find(method, path[1:])
	}
	return nil
}

// methods adds those that a path knows, some of them perhaps twice.
func (n *node) methods(path, known []string) []string {
	if len(path) == 0 {
		for _, r := range n.routes {
			known = append(known, r.Method)
		}
		return known
	}
	if next := n.literal(path[0]); next != nil {
		known = next.methods(path[1:], known)
	}
	if n.template != nil && fills(path[0]) {
		known = n.template.methods(path[1:], known)
	}
	return known
}

func fills(segment string) bool { return segment != "" && segment != "." && segment != ".." }

// params reads the values of the names off a path that matched.
func (r *route) params(path []string) Params {
	if len(r.names) == 0 {
		return Params{}
	}
	values := make([]string, len(r.names))
	for i, place := range r.places {
		values[i] = path[place]
	}
	return Params{r.names, values}
}

func segments(path string) []string { return strings.Split(strings.TrimPrefix(path, "/"), "/") }

func isTemplate(segment string) bool {
	return len(segment) > 2 && segment[0] == '{' && segment[len(segment)-1] == '}'
}
