package core

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Router finds the operation of a method and path. It is built once per
// vendor and never changes.
type Router struct{ root node }

// node is one segment of the known paths.
type node struct {
	literals map[string]*node
	template *node          // whatever matches no literal
	routes   map[string]*Op // by method, where a path may end
}

// NewRouter builds the router of a vendor's operations. Two operations with
// one method and one shape of path are a mistake in the table, and panic.
func NewRouter(ops []Op) *Router {
	r := &Router{}
	for i := range ops {
		op := &ops[i]
		at := &r.root
		for _, segment := range segments(op.Path) {
			at = at.child(segment)
		}
		if twin := at.routes[op.Method]; twin != nil {
			panic(fmt.Sprintf("core: %s and %s are the same route %s %s", twin.ID, op.ID, op.Method, op.Path))
		}
		if at.routes == nil {
			at.routes = map[string]*Op{}
		}
		at.routes[op.Method] = op
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
	if n.literals[segment] == nil {
		if n.literals == nil {
			n.literals = map[string]*node{}
		}
		n.literals[segment] = &node{}
	}
	return n.literals[segment]
}

// Match is what a router knows about a method and path.
type Match struct {
	Op     *Op               // nil: no operation
	Params map[string]string // unescaped values of the {names} of the path
	Allow  []string          // without an operation: the methods that the path knows, sorted
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
		return Match{Op: op, Params: params(op.Path, path)}
	}
	known := map[string]bool{}
	r.root.methods(path, known)
	return Match{Allow: slices.Sorted(maps.Keys(known))}
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
	for segment := range strings.SplitSeq(strings.TrimPrefix(escapedPath, "/"), "/") {
		value, err := url.PathUnescape(segment)
		if err != nil {
			return path, false
		}
		path = append(path, value)
	}
	return path, true
}

func (n *node) follow(path []string) (far int) {
	if len(path) == 0 {
		return 0
	}
	if next := n.literals[path[0]]; next != nil {
		far = 1 + next.follow(path[1:])
	}
	if n.template != nil && fills(path[0]) {
		far = max(far, 1+n.template.follow(path[1:]))
	}
	return far
}

func (n *node) find(method string, path []string) *Op {
	if len(path) == 0 {
		return n.routes[method]
	}
	if next := n.literals[path[0]]; next != nil {
		if op := next.find(method, path[1:]); op != nil {
			return op
		}
	}
	if n.template != nil && fills(path[0]) {
		return n.template.find(method, path[1:])
	}
	return nil
}

func (n *node) methods(path []string, known map[string]bool) {
	if len(path) == 0 {
		for method := range n.routes {
			known[method] = true
		}
		return
	}
	if next := n.literals[path[0]]; next != nil {
		next.methods(path[1:], known)
	}
	if n.template != nil && fills(path[0]) {
		n.template.methods(path[1:], known)
	}
}

func fills(segment string) bool { return segment != "" && segment != "." && segment != ".." }

// params reads the values of a template's names off a path that matched it.
func params(template string, path []string) map[string]string {
	var values map[string]string
	for i, segment := range segments(template) {
		if isTemplate(segment) {
			if values == nil {
				values = map[string]string{}
			}
			values[segment[1:len(segment)-1]] = path[i]
		}
	}
	return values
}

func segments(path string) []string { return strings.Split(strings.TrimPrefix(path, "/"), "/") }

func isTemplate(segment string) bool {
	return len(segment) > 2 && segment[0] == '{' && segment[len(segment)-1] == '}'
}
