package junkiemock

import (
	"net/http"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

const (
	host = "api.jnkie.com"
	root = "/api/v2"

	keysPath = root + "/keys"
	keyPath  = root + "/keys/{keyId}"
)

// operation is one operation with the names it knows: query parameters, and
// fields of its JSON body (nil if it takes none).
type operation struct {
	core.Op
	handle func(*call) (core.Answer, *failure)
	query  []string
	fields []string
}

var operations = []operation{
	{core.Op{ID: OpListKeys, Method: "GET", Path: keysPath, Reads: true}, (*call).listKeys, listParameters, nil},
	{core.Op{ID: OpCreateKey, Method: "POST", Path: keysPath}, (*call).createKey, nil, createFields},
	{core.Op{ID: OpCreateKeys, Method: "POST", Path: keysPath + "/batch"}, (*call).createKeys, nil, batchFields},
	{core.Op{ID: OpDeleteKeys, Method: "POST", Path: keysPath + "/bulk-delete"}, (*call).deleteKeysInBulk, nil, bulkFields},
	{core.Op{ID: OpListFolders, Method: "GET", Path: keysPath + "/folders", Reads: true}, (*call).listFolders, nil, nil},
	{core.Op{ID: OpGetKey, Method: "GET", Path: keyPath, Reads: true}, (*call).getKey, nil, nil},
	{core.Op{ID: OpUpdateKey, Method: "PUT", Path: keyPath}, (*call).updateKey, nil, updateFields},
	{core.Op{ID: OpDeleteKey, Method: "DELETE", Path: keyPath}, (*call).deleteKey, nil, nil},
	{core.Op{ID: OpResetKeyHWIDs, Method: "POST", Path: keyPath + "/reset-hwid"}, (*call).resetKeyHWIDs, nil, nil},
}

// operationOf are the operations by their ids.
var operationOf = core.ByID(operations, func(op *operation) string { return op.ID })

// vendor is the world as the server drives it.
type vendor struct {
	state *state
	shown core.Shown[look]
}

// call is one request on its way through the checks.
type call struct {
	turn
	req    *core.Request
	op     *operation
	apiKey *apiKey
	shown  *core.Shown[look]
}

func (v *vendor) Ops() []core.Op {
	ops := make([]core.Op, len(operations))
	for i, op := range operations {
		ops[i] = op.Op
	}
	return ops
}

func (v *vendor) Hosts() []string { return []string{host} }

func (v *vendor) Root() string { return root }

// Reset begins again with a new state, behind the World that users hold.
func (v *vendor) Reset() {
	*v.state = *newState()
	v.shown.Forget()
}

func (v *vendor) Behaviours() []core.Behaviour { return behaviours.Behaviours() }

func (v *vendor) EffectKinds() []string { return effectKinds }

// Serve answers one request: the checks in their order, then the operation,
// which checks content before existence and both before it changes anything.
func (v *vendor) Serve(t *core.Turn, req *core.Request) core.Answer {
	c := &call{turn: newTurn(t, v.state), req: req, shown: &v.shown}
	fail := c.route()
	for _, check := range []func() *failure{c.authenticate, c.authorize, c.throttle} {
		if fail == nil {
			fail = check()
		}
	}
	if fail != nil {
		return c.refuse(fail)
	}
	c.noteInVain()
	answer, fail := c.op.handle(c)
	if fail != nil {
		return c.refuse(fail)
	}
	return answer
}

// route finds the operation. The server matches paths; what is left here are
// the words that cannot stand for a key, because they are paths of their own.
func (c *call) route() *failure {
	c.op = operationOf[c.req.Op]
	switch {
	case c.op == nil && len(c.req.Allow) == 0:
		c.Decided(ruleRouteUnknown)
		return errUnknownRoute
	case c.op == nil:
		return c.wrongMethod(c.req.Allow)
	}
	if c.op.Path != keyPath {
		return nil
	}
	if literal := literals[c.req.Params.Get("keyId")]; literal != nil {
		c.Decided(ruleRouteLiteral)
		return c.wrongMethod(literal)
	}
	return nil
}

// literals are the methods of the paths that lie where a key would, by their last
// segments.
var literals = func() map[string][]string {
	methods := map[string][]string{}
	for _, op := range operations {
		if last, below := strings.CutPrefix(op.Path, keysPath+"/"); below && !strings.ContainsAny(last, "/{") {
			methods[last] = append(methods[last], op.Method)
		}
	}
	return methods
}()

func (c *call) wrongMethod(allowed []string) *failure {
	c.Decided(ruleRouteMethod)
	f := refusal(http.StatusMethodNotAllowed, "Method not allowed")
	f.header = http.Header{"Allow": {strings.Join(allowed, ", ")}}
	return f
}
